"""The words of an upload: a person's own first, then those inside the file."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.models import Examination, Fingerprint, NewImage, Said, View, Visibility
from imgrepo_server.services.words import completed
from imgrepo_server.text import normalize_tag

FINGERPRINT = Fingerprint(1, View(bytes(8), bytes(8), bytes(32)), None, flat=True)


def facts(taken_at: datetime | None = None, **exif: Any) -> Examination:
    return Examination("jpeg", 1, 1, FINGERPRINT, taken_at, exif)


def said(**more: Any) -> Said:
    return Said("a.jpg", Visibility.PRIVATE, **more)


def test_a_file_that_says_nothing_has_its_name_for_a_title() -> None:
    assert completed(said(), facts()) == NewImage("a.jpg", "a.jpg", "", (), Visibility.PRIVATE)


def test_what_the_file_says_is_used_where_the_person_says_nothing() -> None:
    seen = facts(title="Die\nMöwe", description="Am Meer", keywords=["Sea", "Bird  of prey"])
    kept = completed(said(), seen)
    assert (kept.title, kept.description) == ("a.jpg", "Die Möwe\nAm Meer")
    assert kept.tags == ("sea", "bird of prey")
    kept = completed(said(title="Mine", description="", tags=("own", "sea")), seen)
    assert (kept.title, kept.description) == ("Mine", "")
    assert kept.tags == ("own", "sea", "bird of prey")


@pytest.mark.parametrize(
    ("title", "description", "kept"),
    [
        ("A gull", "", "A gull"),
        ("", "By the sea", "By the sea"),
        ("Sea", "By the Sea", "By the Sea"),
    ],
)
def test_a_caption_is_said_once(title: str, description: str, kept: str) -> None:
    assert completed(said(), facts(title=title, description=description)).description == kept


def test_a_keyword_that_cannot_be_a_tag_is_left_out() -> None:
    assert completed(said(), facts(keywords=["x" * 500, "\u0301", "ok"])).tags == ("ok",)


def test_titles_have_an_end() -> None:
    assert len(completed(said(title="x" * 2000), facts()).title) == 500
    assert len(Said("x" * 1000, Visibility.PUBLIC).filename) == 1000
    assert len(completed(Said("x" * 1000, Visibility.PUBLIC), facts()).title) == 500


@pytest.mark.parametrize(
    ("make", "model", "tag"),
    [
        ("NIKON CORPORATION", "NIKON D300", "nikon d300"),
        ("NIKON", "COOLPIX P6000", "nikon coolpix p6000"),
        ("Canon", "Canon EOS 40D", "canon eos 40d"),
        ("EASTMAN KODAK COMPANY", "KODAK CX7530", "kodak cx7530"),
        (None, "iPhone 15", "iphone 15"),
        ("Apple", None, "apple"),
    ],
)
def test_the_camera_becomes_a_tag_when_asked(make: str | None, model: str | None, tag: str) -> None:
    exif: dict[str, Any] = {name: text for name, text in (("make", make), ("model", model)) if text}
    assert completed(said(), facts(**exif)).tags == ()
    assert completed(said(exif_tags=True), facts(**exif)).tags == (tag,)


def test_the_year_is_that_of_the_cameras_own_calendar() -> None:
    eve = datetime(2021, 12, 31, 22, 30, tzinfo=UTC)
    assert completed(said(exif_tags=True), facts(eve)).tags == ("2021",)
    assert completed(said(exif_tags=True), facts(eve, taken_offset="+02:00")).tags == ("2022",)
    morning = datetime(2022, 1, 1, 3, tzinfo=UTC)
    assert completed(said(exif_tags=True), facts(morning, taken_offset="-05:30")).tags == ("2021",)


@given(st.lists(st.text(max_size=120), max_size=5), st.text(min_size=1))
def test_whatever_keywords_a_file_has_its_tags_are_normal(keywords: list[str], make: str) -> None:
    kept = completed(said(exif_tags=True), facts(keywords=keywords, make=make))
    assert all(normalize_tag(tag) == tag for tag in kept.tags)
    assert len(set(kept.tags)) == len(kept.tags)
