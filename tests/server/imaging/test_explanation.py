import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.imaging.explanation import Explanation, Views, explain, reason
from imgrepo_server.imaging.matching import GREATEST, Match, match_of
from imgrepo_server.imaging.query import Orientation, QueryView, Region
from imgrepo_server.models import Fingerprint, View

WHOLE, BOX, WIDER = Region.WHOLE, Region.BOX, Region.WIDER


def view(bits: int) -> View:
    return View(((1 << bits) - 1).to_bytes(8, "big"), bytes(8), bytes(32))


@pytest.mark.parametrize(
    ("distance", "orientation", "views", "words"),
    [
        (0, Orientation.UPRIGHT, (WHOLE, WHOLE), "the same picture"),
        (20, Orientation.UPRIGHT, (WHOLE, WHOLE), "nearly the same picture"),
        (35, Orientation.UPRIGHT, (WHOLE, WHOLE), "much alike"),
        (60, Orientation.UPRIGHT, (WHOLE, WHOLE), "hardly alike"),
        (2, Orientation.MIRRORED, (WHOLE, WHOLE), "mirrored"),
        (2, Orientation.ROTATED_90, (BOX, WHOLE), "turned by 90°, without its border"),
        (2, Orientation.UPRIGHT, (WHOLE, BOX), "inside a border"),
        (2, Orientation.UPRIGHT, (BOX, BOX), "both without plain edges"),
        (30, Orientation.UPRIGHT, (WIDER, WHOLE), "a crop of it"),
        (60, Orientation.MIRRORED, (WIDER, WHOLE), "hardly alike"),
    ],
)
def test_the_reason_says_what_was_done(
    distance: float, orientation: Orientation, views: tuple[Region, Region], words: str
) -> None:
    assert reason(distance, orientation, Views(*views)) == words


def test_the_closest_pair_of_views_is_explained() -> None:
    stored = Fingerprint(1, whole=view(40), box=view(10), flat=False)
    query = [
        QueryView(Orientation.UPRIGHT, WHOLE, view(0)),
        QueryView(Orientation.MIRRORED, WHOLE, view(7)),
    ]
    why = explain(query, stored)
    assert (why.phash64, why.dhash64, why.phash256) == (3, 0, 0)
    assert (why.orientation, why.views) == (Orientation.MIRRORED, Views(WHOLE, BOX))


@given(st.integers(0, 64), st.integers(0, 64), st.integers(0, 256))
def test_the_next_labels_begin_where_they_are_said_to(short: int, more: int, long: int) -> None:
    why = Explanation(short, more, long, Orientation.UPRIGHT, Views(WHOLE, WHOLE))
    own = match_of(why.distance)
    assert (why.closer is None) == (own is Match.SAME)
    assert (why.farther is None) == (own is Match.WEAK)
    if why.closer is not None:
        assert why.closer.away > 0
        assert why.distance - why.closer.away == why.closer.distance
        assert match_of(why.closer.distance) is why.closer.match is not own
    if why.farther is not None:
        assert why.farther.away >= 0
        assert match_of(why.farther.distance) is own
        assert match_of(min(why.farther.distance + 0.25, GREATEST)) is why.farther.match
