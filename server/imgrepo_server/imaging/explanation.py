"""Why two pictures match, in figures and in a few words (imports neither NumPy nor Pillow)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from imgrepo_server.imaging.matching import LIMITS, Match, match_of
from imgrepo_server.imaging.query import Orientation, QueryView, Region
from imgrepo_server.models import Fingerprint, View

_ORIENTATIONS: Final = {
    Orientation.ROTATED_90: "turned by 90°",
    Orientation.ROTATED_180: "turned by 180°",
    Orientation.ROTATED_270: "turned by 270°",
    Orientation.MIRRORED: "mirrored",
    Orientation.MIRRORED_ROTATED_90: "mirrored and turned by 90°",
    Orientation.MIRRORED_ROTATED_180: "mirrored and turned by 180°",
    Orientation.MIRRORED_ROTATED_270: "mirrored and turned by 270°",
}
_REGIONS: Final = {
    (Region.BOX, Region.WHOLE): "without its border",
    (Region.WHOLE, Region.BOX): "inside a border",
    # Not every plain edge is a border: it may be a sky, and the stored picture have none.
    (Region.BOX, Region.BOX): "both without plain edges",
    (Region.WIDER, Region.WHOLE): "a crop of it",
    (Region.WIDER, Region.BOX): "a crop of it, inside a border",
}
_LABELS: Final = {
    Match.SAME: "the same picture",
    Match.NEAR: "nearly the same picture",
    Match.SIMILAR: "much alike",
    Match.WEAK: "hardly alike",
}


@dataclass(frozen=True, slots=True)
class Views:
    """Which part of the query was compared with which part of what was found."""

    query: Region
    found: Region


def reason(distance: float, orientation: Orientation, views: Views) -> str:
    """What was done to the query before it looked most like what was found; else how alike."""
    if match_of(distance) is Match.WEAK:  # strangers look alike in one way or another
        return _LABELS[Match.WEAK]
    words = (_ORIENTATIONS.get(orientation), _REGIONS.get((views.query, views.found)))
    return ", ".join(word for word in words if word) or _LABELS[match_of(distance)]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A label beside a distance's own: where it begins, and how far that is away."""

    match: Match
    distance: float
    away: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """The closest pair of views, and the bits in which each of their three hashes differs.

    ``distance`` is phash64 + dhash64 + phash256 / 4. ``closer`` and ``farther`` are the labels
    next to its own, None at the ends.
    """

    phash64: int
    dhash64: int
    phash256: int
    orientation: Orientation
    views: Views

    @property
    def distance(self) -> float:
        """S, from 0 to 192."""
        return self.phash64 + self.dhash64 + self.phash256 / 4

    @property
    def closer(self) -> Neighbour | None:
        """The next better label, and by how much the distance would have to shrink for it."""
        better = [(limit, label) for limit, label in LIMITS if limit < self.distance]
        if not better:
            return None
        limit, label = better[-1]
        return Neighbour(label, limit, self.distance - limit)

    @property
    def farther(self) -> Neighbour | None:
        """The next worse label, and by how much the distance could grow before it."""
        labels = [*(label for _, label in LIMITS[1:]), Match.WEAK]
        for (limit, _), label in zip(LIMITS, labels, strict=True):
            if self.distance <= limit:
                return Neighbour(label, limit, limit - self.distance)
        return None


def explain(query: Sequence[QueryView], stored: Fingerprint) -> Explanation:
    """The closest pair of views of a query and a stored picture; the first of equal ones."""
    found = [(Region.WHOLE, stored.whole)]
    if stored.box is not None:
        found.append((Region.BOX, stored.box))
    pairs = [_compare(seen, region, view) for region, view in found for seen in query]
    return min(pairs, key=lambda pair: pair.distance)


def _compare(seen: QueryView, region: Region, stored: View) -> Explanation:
    return Explanation(
        phash64=_bits(seen.view.phash64, stored.phash64),
        dhash64=_bits(seen.view.dhash64, stored.dhash64),
        phash256=_bits(seen.view.phash256, stored.phash256),
        orientation=seen.orientation,
        views=Views(seen.region, region),
    )


def _bits(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()
