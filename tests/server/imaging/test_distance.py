import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.imaging.distance import distance, distances, pack
from imgrepo_server.imaging.matching import GREATEST, STRANGERS, Match, match_of, similarity
from imgrepo_server.models import View

VIEWS = st.builds(
    View,
    phash64=st.binary(min_size=8, max_size=8),
    dhash64=st.binary(min_size=8, max_size=8),
    phash256=st.binary(min_size=32, max_size=32),
)


def bits(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def plainly(one: View, other: View) -> float:
    return (
        bits(one.phash64, other.phash64)
        + bits(one.dhash64, other.dhash64)
        + bits(one.phash256, other.phash256) / 4
    )


@given(VIEWS, VIEWS)
def test_it_is_the_formula_symmetric_and_nothing_to_itself(one: View, other: View) -> None:
    assert distance(one, other) == distance(other, one) == plainly(one, other)
    assert distance(one, one) == 0
    assert 0 <= distance(one, other) <= GREATEST


def test_a_negative_is_as_far_as_can_be() -> None:
    black = View(bytes(8), bytes(8), bytes(32))
    white = View(b"\xff" * 8, b"\xff" * 8, b"\xff" * 32)
    assert distance(black, white) == GREATEST


@given(st.lists(VIEWS, max_size=5), st.lists(VIEWS, max_size=9))
def test_all_pairs_at_once(query: list[View], stored: list[View]) -> None:
    table = distances(pack(query), pack(stored))
    assert table.shape == (len(query), len(stored))
    assert table.tolist() == [[plainly(one, other) for other in stored] for one in query]


@pytest.mark.parametrize(
    ("distance", "label"),
    [
        (0, Match.SAME), (12, Match.SAME), (12.25, Match.NEAR), (28, Match.NEAR),
        (28.5, Match.SIMILAR), (40, Match.SIMILAR), (40.25, Match.WEAK), (192, Match.WEAK),
    ],
)  # fmt: skip
def test_labels(distance: float, label: Match) -> None:
    assert match_of(distance) is label


def test_similarity_is_one_for_the_same_and_zero_for_strangers() -> None:
    assert similarity(0) == 1
    assert similarity(STRANGERS / 2) == 0.5
    assert similarity(STRANGERS) == similarity(GREATEST) == 0
