import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.imaging.distance import distance, distances, pack, within
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


@given(
    query=st.lists(VIEWS, min_size=1, max_size=4),
    stored=st.lists(VIEWS, max_size=20),
    limit=st.integers(0, 192),
)
def test_a_search_finds_exactly_what_lies_within(
    query: list[View], stored: list[View], limit: int
) -> None:
    hits = within(pack(query), pack(stored), limit)
    wanted = {
        place: min(plainly(one, other) for one in query) for place, other in enumerate(stored)
    }
    assert dict(zip(hits.index.tolist(), hits.distance.tolist(), strict=True)) == {
        place: least for place, least in wanted.items() if least <= limit
    }
    for place, least, row in zip(hits.index, hits.distance, hits.query, strict=True):
        assert plainly(query[row], stored[place]) == least


def test_a_search_goes_through_all_chunks() -> None:
    random = np.random.default_rng(3)
    count = 70_001
    raw = random.bytes(count * 48)
    stored = [
        View(raw[at : at + 8], raw[at + 8 : at + 16], raw[at + 16 : at + 48])
        for at in range(0, len(raw), 48)
    ]
    query = [stored[0], stored[40_000], stored[-1]]
    hits = within(pack(query), pack(stored), 40)
    assert hits.index.tolist() == [0, 40_000, count - 1]
    assert hits.query.tolist() == [0, 1, 2]
    assert hits.distance.tolist() == [0, 0, 0]


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
