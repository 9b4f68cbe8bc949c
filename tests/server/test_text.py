"""Text as it is compared, and the spelling of tags."""

import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.text import MAX_TAG_LENGTH, fold, normalize_tag


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße", "STRASSE"),
        ("İstanbul", "istanbul"),
        ("\u0131ş\u0131k", "ISIK"),
        ("ﬁre", "FIRE"),
        ("\uff23\uff21\uff34", "cat"),
        ("Cafe\u0301", "CAFÉ"),
        ("Łódź", "lodz"),
        ("Ærø", "aero"),
        ("cœur", "COEUR"),
        ("Οδός", "ΟΔΟΣ"),
        ("Ёлка", "елка"),
        ("שָׁלוֹם", "שלום"),
        ("أحمد", "احمد"),
        ("ﾃﾞｰﾀ", "データ"),
        ("Phở", "pho"),
        ("①", "1"),
        ("❤\ufe0f", "❤"),
        ("co\u00adoperate", "cooperate"),
        ("  two\u00a0\t\nwords ", "two words"),
    ],
)
def test_fold_makes_spellings_of_one_word_equal(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("한", "하"),  # a syllable is not a part of another
        ("กิน", "กัน"),  # Thai vowel signs
        ("ปุ", "ปู"),  # Thai vowel signs that have a combining class
        ("कि", "कु"),  # Devanagari vowel signs, one of them a nonspacing mark
        ("が", "か"),  # kana voicing
        ("a b", "ab"),
    ],
)
def test_fold_keeps_other_words_apart(one: str, other: str) -> None:
    assert fold(one) not in fold(other)
    assert fold(other) not in fold(one)


def test_fold_of_every_assigned_character_is_stable() -> None:
    characters = map(chr, range(sys.maxunicode + 1))
    assigned = [each for each in characters if unicodedata.category(each) not in {"Cn", "Co"}]
    folded = [fold(each) for each in assigned]
    assert [fold(each) for each in folded] == folded


@given(st.text())
def test_fold_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_fold_does_not_see_how_text_is_composed(text: str) -> None:
    forms = {fold(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    assert forms == {fold(text)}


@given(st.text(alphabet=st.characters(codec="latin-1")))
def test_fold_does_not_see_case(text: str) -> None:
    assert fold(text.upper()) == fold(text.lower()) == fold(text)


@pytest.mark.parametrize(
    ("given_text", "stored"),
    [
        ("  Summer\t Holiday \n", "summer holiday"),
        ("Straße", "straße"),
        ("Cafe\u0301", "café"),
        ("ΟΔΟΣ", "οδος"),
        ("İstanbul", "istanbul"),
        ("\ufeffbeach\u200b", "beach"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("x" * MAX_TAG_LENGTH, "x" * MAX_TAG_LENGTH),
        ("C++, 50% off", "c++, 50% off"),
    ],
)
def test_a_tag_has_one_spelling(given_text: str, stored: str) -> None:
    assert normalize_tag(given_text) == stored


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        ("", "empty"),
        (" \t ", "empty"),
        ("\u200d", "empty"),
        ("a\x00b", "U+0000"),
        ("a\x1bb", "U+001B"),
        ("a\u202eb", "U+202E"),
        ("a\ud800b", "U+D800"),
        ("x" * (MAX_TAG_LENGTH + 1), "shorten"),
    ],
)
def test_a_tag_that_cannot_be_shown_is_refused(refused: str, said: str) -> None:
    with pytest.raises(ImgrepoError, match=re.escape(said)) as caught:
        normalize_tag(refused)
    assert caught.value.code == ErrorCode.INVALID_REQUEST
    caught.value.message.encode()  # a lone surrogate must not reach the reply


@given(st.text())
def test_a_normalised_tag_stays_as_it_is(text: str) -> None:
    try:
        tag = normalize_tag(text)
    except ImgrepoError as error:
        assert error.code == ErrorCode.INVALID_REQUEST  # noqa: PT017 (the only fault allowed)
    else:
        assert normalize_tag(tag) == tag
        assert 0 < len(tag) <= MAX_TAG_LENGTH
