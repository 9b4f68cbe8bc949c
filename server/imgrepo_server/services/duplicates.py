"""Which of somebody's images are the same picture, and which copy to keep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from imgrepo_server.db import different_images, fingerprints, images
from imgrepo_server.db.database import Connection, Database
from imgrepo_server.db.fingerprints import OwnedFingerprint
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.imaging.explanation import explain
from imgrepo_server.imaging.matching import VERSION, Match, match_of
from imgrepo_server.imaging.query import Orientation, QueryView, Region
from imgrepo_server.imaging.workers import WorkerPool
from imgrepo_server.models import Image, Position, Viewer
from imgrepo_server.services.catalog import Catalog

_VIEW = 48


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
class _Ranked:
    """A group before its images are read: places of its fingerprints, the best copy's first."""

    places: tuple[int, ...]
    frees: int
    best: UUID


class Duplicates:
    """Groups the viewer's own images outside the trash, as they stand: neither turned nor mirrored.

    ``workers`` do the comparing, apart from the event loop.
    """

    def __init__(self, *, database: Database, workers: WorkerPool, catalog: Catalog):
        self._database = database
        self._workers = workers
        self._catalog = catalog

    async def page(
        self,
        viewer: Viewer,
        *,
        distance: float,
        flat: bool,
        limit: int,
        after: Position | None,
    ) -> DuplicatesPage:
        """Groups connected by S of at most ``distance``; ``flat`` pictures take part if asked.

        The best copy has the most pixels, then the most bytes, then it is the oldest.
        """

        def read(
            connection: Connection,
        ) -> tuple[list[OwnedFingerprint], list[tuple[int, int]]]:
            owned = fingerprints.owned(connection, viewer, VERSION)
            return owned, different_images.of(connection, viewer)

        owned, apart = await self._database.read(read)
        ranked = await self._ranked(owned, apart, distance, flat)
        rest = [one for one in ranked if after is None or _key(one) > (-int(after.key), after.id)]
        shown = rest[:limit]
        seqs = [owned[place].image_seq for one in shown for place in one.places]
        found = await self._database.read(partial(_images, viewer=viewer, seqs=seqs))
        groups = (_group(one, owned, found) for one in shown)
        last = shown[-1] if len(rest) > limit else None
        return DuplicatesPage(
            groups=tuple(group for group in groups if group is not None),
            total=len(ranked),
            frees=sum(one.frees for one in ranked),
            next=None if last is None else Position(last.frees, last.best),
        )

    async def set_apart(self, viewer: Viewer, one: UUID, other: UUID, *, different: bool) -> None:
        """Remember, or forget, that two own images are different pictures.

        Raises IMAGE_NOT_FOUND, FORBIDDEN, and INVALID_REQUEST for one image given twice.
        """
        if one == other:
            raise ImgrepoError(
                ErrorCode.INVALID_REQUEST, "These are the same image. Name two images."
            )
        first = await self._catalog.own_image(viewer, one)
        second = await self._catalog.own_image(viewer, other)
        change = different_images.remember if different else different_images.forget
        await self._database.write(lambda connection: change(connection, first, second))

    async def _ranked(
        self,
        owned: Sequence[OwnedFingerprint],
        apart: Sequence[tuple[int, int]],
        distance: float,
        flat: bool,
    ) -> list[_Ranked]:
        place = {one.image_seq: number for number, one in enumerate(owned)}
        found = await self._workers.groups(
            [_comparable(one, flat) for one in owned],
            distance,
            [(place[a], place[b]) for a, b in apart if a in place and b in place],
        )
        return sorted((_rank(owned, group) for group in found), key=_key)


def _comparable(one: OwnedFingerprint, flat: bool) -> bytes:
    """The views to compare: of a flat picture its content box alone, unless asked."""
    return one.views[_VIEW:] if one.flat and not flat else one.views


def _rank(owned: Sequence[OwnedFingerprint], group: Sequence[int]) -> _Ranked:
    best = max(group, key=lambda place: (owned[place].pixels, owned[place].size, -place))
    others = [place for place in group if place != best]
    frees = sum(owned[place].size for place in others)
    return _Ranked((best, *others), frees, owned[best].image_id)


def _key(group: _Ranked) -> tuple[int, UUID]:
    return -group.frees, group.best


def _group(
    ranked: _Ranked, owned: Sequence[OwnedFingerprint], found: Mapping[int, Image]
) -> DuplicateGroup | None:
    """The group as its images are now; None where some were deleted meanwhile."""
    members = [owned[place] for place in ranked.places if owned[place].image_seq in found]
    if len(members) < len(ranked.places):
        return None
    best = members[0]
    copies = [Copy(found[one.image_seq], _apart(best, one)) for one in members[1:]]
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
    return found
