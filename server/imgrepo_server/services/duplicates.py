"""Which of somebody's images are the same picture, and which copy to keep."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from uuid import UUID

from imgrepo_server.db import different_images, fingerprints
from imgrepo_server.db.database import Connection, Database
from imgrepo_server.db.fingerprints import OwnedFingerprint
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.imaging.matching import VERSION
from imgrepo_server.imaging.tasks import groups_around
from imgrepo_server.imaging.workers import WorkerPool
from imgrepo_server.models import Action, Clock, Position, Viewer
from imgrepo_server.services.catalog import Catalog
from imgrepo_server.services.deeds import note_deed
from imgrepo_server.services.duplicate_groups import DuplicatesPage, Ranked, page_of, ranked_group

_VIEW = 48
_MOST_RECENT = 4


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose pictures are grouped, oldest first; the views to compare; pairs (by place) told apart.

    Of a flat picture, only its content box is compared.
    """

    owned: Sequence[OwnedFingerprint]
    views: Sequence[bytes]
    apart: Sequence[tuple[int, int]]


class Duplicates:
    """Groups the viewer's own images outside the trash, as they stand: neither turned nor mirrored.

    ``workers`` do the comparing, apart from the event loop.
    """

    def __init__(self, *, database: Database, workers: WorkerPool, catalog: Catalog, now: Clock):
        self._now = now
        self._database = database
        self._workers = workers
        self._catalog = catalog
        # Who asks for the next page gets that of the same groups: to find them takes seconds.
        self._recent: dict[tuple[int | None, float, bool], list[Ranked]] = {}

    async def page(
        self,
        viewer: Viewer,
        *,
        distance: float,
        flat: bool,
        limit: int,
        after: Position | None,
    ) -> DuplicatesPage:
        """Groups connected by S of at most ``distance``.

        ``flat`` pictures, if asked for, get groups of their own, each around one of them: never do
        they connect others. The best copy has the most pixels, then the most bytes, then it is the
        oldest.
        """
        asked = (viewer.user_id, distance, flat)
        ranked = None if after is None else self._recent.get(asked)
        if ranked is None:
            ranked = await self._ranked(viewer, distance, flat)
            self._remember(asked, ranked)
        return await self._database.read(
            partial(page_of, viewer=viewer, ranked=ranked, limit=limit, after=after)
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

        def told(connection: Connection) -> None:
            change(connection, first, second)
            details = {"from": str(other), "different": different}
            note_deed(connection, Action.TELL_APART, viewer, one, now=self._now(), details=details)

        await self._database.write(told)
        self._recent.clear()

    def _remember(self, asked: tuple[int | None, float, bool], ranked: list[Ranked]) -> None:
        self._recent.pop(asked, None)
        self._recent[asked] = ranked
        if len(self._recent) > _MOST_RECENT:
            del self._recent[next(iter(self._recent))]

    async def _ranked(self, viewer: Viewer, distance: float, flat: bool) -> list[Ranked]:
        asked = await self._database.read(partial(_asked, viewer=viewer))
        try:
            found = await self._workers.groups(asked.views, distance, asked.apart)
            if flat:
                found += await self._flat_groups(asked, distance, found)
        except ImgrepoError as error:
            if error.code is ErrorCode.IMAGE_TOO_EXPENSIVE:
                raise _too_many() from error
            raise
        return await asyncio.to_thread(
            lambda: sorted(
                (ranked_group(asked.owned, group) for group in found), key=lambda one: one.key
            )
        )

    async def _flat_groups(
        self, asked: _Asked, distance: float, found: Sequence[Sequence[int]]
    ) -> list[list[int]]:
        grouped = set(chain.from_iterable(found))
        flat = [place for place, one in enumerate(asked.owned) if one.flat and place not in grouped]
        number = {place: number for number, place in enumerate(flat)}
        groups = await self._workers.run(
            groups_around,
            [asked.owned[place].views[:_VIEW] for place in flat],
            distance,
            [(number[a], number[b]) for a, b in asked.apart if a in number and b in number],
        )
        return [[flat[one] for one in group] for group in groups]


def _too_many() -> ImgrepoError:
    return ImgrepoError(
        ErrorCode.IMAGE_TOO_EXPENSIVE,
        "Grouping your images takes more time or memory than the server grants; ask for a smaller"
        " distance (--distance), and without flat pictures.",
    )


def _asked(connection: Connection, viewer: Viewer) -> _Asked:
    owned = fingerprints.owned(connection, viewer, VERSION)
    apart = different_images.of(connection, viewer)
    place = {one.image_seq: number for number, one in enumerate(owned)} if apart else {}
    return _Asked(
        owned,
        [one.views[_VIEW:] if one.flat else one.views for one in owned],
        [(place[a], place[b]) for a, b in apart if a in place and b in place],
    )
