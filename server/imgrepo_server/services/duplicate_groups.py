"""Groups of images that are the same picture: which copy is the best, and a page of them."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from imgrepo_server.db import fingerprints, images
from imgrepo_server.db.database import Connection
from imgrepo_server.db.fingerprints import OwnedFingerprint
from imgrepo_server.imaging.explanation import explain
from imgrepo_server.imaging.matching import VERSION, Match, match_of
from imgrepo_server.imaging.query import Orientation, QueryView, Region
from imgrepo_server.models import Image, Position, Viewer


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that is not the best; ``distance`` is S to the best one.

    It may exceed the distance that was asked for, where others in between connect the two.
    """

    image: Image
    distance: float

    @property
    def match(self) -> Match:
        """The label of the distance."""
        return match_of(self.distance)


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Images of one picture: the best copy, and the others, nearest to it first."""

    best: Image
    others: tuple[Copy, ...]

    @property
    def frees(self) -> int:
        """Bytes that deleting the others would free."""
        return sum(copy.image.size for copy in self.others)


@dataclass(frozen=True, slots=True)
class DuplicatesPage:
    """Groups that free the most first; the totals are of all groups, not only of this page."""

    groups: tuple[DuplicateGroup, ...]
    total: int
    frees: int
    next: Position | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A group before its images are read: the best copy first."""

    members: tuple[OwnedFingerprint, ...]
    frees: int

    @property
    def key(self) -> tuple[int, UUID]:
        """Groups that free the most come first."""
        return -self.frees, self.members[0].image_id


def page_of(
    connection: Connection,
    *,
    viewer: Viewer,
    ranked: Sequence[Ranked],
    limit: int,
    after: Position | None,
) -> DuplicatesPage:
    """A page of ranked groups, as their images are now."""
    start = 0
    if after is not None:
        here = (-int(after.key), after.id)
        start = bisect_right(ranked, here, key=lambda one: one.key)
    shown = ranked[start : start + limit]
    mine = _images(connection, viewer, [one.image_seq for group in shown for one in group.members])
    groups = (_group(group, mine) for group in shown)
    last = shown[-1] if len(ranked) > start + limit else None
    return DuplicatesPage(
        groups=tuple(group for group in groups if group is not None),
        total=len(ranked),
        frees=sum(one.frees for one in ranked),
        next=None if last is None else Position(last.frees, last.members[0].image_id),
    )


def ranked_group(owned: Sequence[OwnedFingerprint], group: Sequence[int]) -> Ranked:
    """A group, given by places in ``owned``, with its best copy first."""
    best = max(group, key=lambda place: (owned[place].pixels, owned[place].size, -place))
    others = [owned[place] for place in group if place != best]
    return Ranked((owned[best], *others), sum(one.size for one in others))


def _group(ranked: Ranked, found: Mapping[int, Image]) -> DuplicateGroup | None:
    """The group as its images are now; None where some were deleted meanwhile."""
    if any(one.image_seq not in found for one in ranked.members):
        return None
    best, *others = ranked.members
    copies = [Copy(found[one.image_seq], _apart(best, one)) for one in others]
    copies.sort(key=lambda copy: (copy.distance, copy.image.id))
    return DuplicateGroup(found[best.image_seq], tuple(copies))


def _apart(one: OwnedFingerprint, other: OwnedFingerprint) -> float:
    stored = fingerprints.unpack(VERSION, one.flat, one.views)
    query = fingerprints.unpack(VERSION, other.flat, other.views)
    views = [QueryView(Orientation.UPRIGHT, Region.WHOLE, query.whole)]
    if query.box is not None:
        views.append(QueryView(Orientation.UPRIGHT, Region.BOX, query.box))
    return explain(views, stored).distance


def _images(connection: Connection, viewer: Viewer, seqs: Sequence[int]) -> dict[int, Image]:
    found: dict[int, Image] = {}
    for start in range(0, len(seqs), 10_000):  # SQLite takes some 30,000 parameters
        found |= images.own_by_seq(connection, viewer, seqs[start : start + 10_000])
    return {seq: image for seq, image in found.items() if image.trashed_at is None}
