"""Search by image: the nearest fingerprints, joined with what the viewer may see."""

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from imgrepo_server.blobs.incoming import IncomingFile
from imgrepo_server.blobs.store import BlobStore, original_key
from imgrepo_server.db import fingerprints
from imgrepo_server.db.database import Database
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.imaging.explanation import Explanation, Views, explain, reason
from imgrepo_server.imaging.matching import VERSION, Match, match_of, similarity
from imgrepo_server.imaging.query import Orientation, QueryFingerprint, QueryView, Region
from imgrepo_server.imaging.workers import WorkerPool
from imgrepo_server.models import Fingerprint, Image, ImageFilter, Position, Viewer
from imgrepo_server.services.fingerprint_index import FingerprintIndex
from imgrepo_server.services.outdated import Outdated
from imgrepo_server.services.visible_hits import FIRST_JOIN, VisibleHits, position_of

if TYPE_CHECKING:
    from imgrepo_server.services.fingerprint_arrays import Near

FARTHEST_ANONYMOUS = 64.0
"""The greatest distance without a login. What lies beyond are strangers, up to all images there
are, and to look through them takes a hundred times the work: so much only for those who can be
asked to stop."""

log = logging.getLogger(__name__)

# Half of what SQLite takes as parameters.
_LARGEST_JOIN = 16_000


@dataclass(frozen=True, slots=True)
class SimilarImage:
    """An image like the query. ``distance`` is the S of ``imaging.distance``, 0 to 192.

    ``orientation`` is how the query had to be turned to look like the image, ``views`` which
    parts of both were compared.
    """

    image: Image
    distance: float
    orientation: Orientation
    views: Views

    @property
    def similarity(self) -> float:
        """1 for the same picture, 0 for strangers."""
        return similarity(self.distance)

    @property
    def match(self) -> Match:
        """The label of the distance."""
        return match_of(self.distance)

    @property
    def reason(self) -> str:
        """A few words for people."""
        return reason(self.distance, self.orientation, self.views)


@dataclass(frozen=True, slots=True)
class Nearness:
    """Which part of the answer is wanted: at most ``limit`` images within ``distance``.

    ``flat`` has pictures without detail take part; ``after`` is where the last page ended.
    """

    distance: float
    limit: int
    flat: bool = False
    after: Position | None = None


@dataclass(frozen=True, slots=True)
class SimilarPage:
    """Nearest first; ``flat`` tells whether the query itself has hardly any detail.

    ``incomplete``: there are images which cannot be found yet, see ``services.outdated``.
    """

    matches: tuple[SimilarImage, ...]
    next: Position | None
    flat: bool
    incomplete: bool


class SimilarSearch:
    """Finds images like a picture; the picture itself is not kept."""

    def __init__(
        self,
        *,
        database: Database,
        store: BlobStore,
        workers: WorkerPool,
        index: FingerprintIndex,
        outdated: Outdated,
    ):
        self._database = database
        self._store = store
        self._workers = workers
        self._index = index
        self._outdated = outdated
        self._shares_memory = True

    async def like_file(
        self, viewer: Viewer, file: IncomingFile, wanted: ImageFilter, nearness: Nearness
    ) -> SimilarPage:
        """Images like a received file. Raises what an upload of it would, and UNAUTHENTICATED.

        The latter, here as below, for what is too far without a login.
        """
        _check_allowed(viewer, nearness.distance)
        query = await self._query_of_file(file)
        return await self._page(viewer, query, wanted, nearness)

    async def like_image(
        self, viewer: Viewer, image: Image, wanted: ImageFilter, nearness: Nearness
    ) -> SimilarPage:
        """Images like a stored one, itself left out."""
        _check_allowed(viewer, nearness.distance)
        query = await self._query_of(image)
        return await self._page(viewer, query, wanted, nearness, but=image.id)

    async def why_file(self, image: Image, file: IncomingFile) -> Explanation:
        """How a file compares with a stored image. Raises what an upload of the file would."""
        query = await self._query_of_file(file)
        return explain(query.views, await self._stored(image))

    async def why_image(self, image: Image, other: Image) -> Explanation:
        """How another stored image compares with a stored image."""
        query = await self._query_of(other)
        return explain(query.views, await self._stored(image))

    async def _query_of_file(self, file: IncomingFile) -> QueryFingerprint:
        if self._shares_memory:
            with file.in_memory() as source:
                try:
                    if source is not None:
                        return await self._workers.fingerprint_for_search(source)
                except (PermissionError, FileNotFoundError):  # of opening it
                    log.info("Processes may not read each other's memory here; using files")
                    self._shares_memory = False
        await file.finish()
        return await self._workers.fingerprint_for_search(file.path)

    async def _query_of(self, image: Image) -> QueryFingerprint:
        async with self._store.local_file(original_key(image.sha256)) as source:
            return await self._workers.fingerprint_for_search(source)

    async def _stored(self, image: Image) -> Fingerprint:
        found = await self._database.read(
            lambda connection: fingerprints.of_image(connection, image.id)
        )
        if found is not None and found.version == VERSION:
            return found
        query = await self._query_of(image)  # not computed anew yet
        upright = {
            seen.region: seen.view
            for seen in query.views
            if seen.orientation is Orientation.UPRIGHT
        }
        return Fingerprint(VERSION, upright[Region.WHOLE], upright.get(Region.BOX), query.flat)

    async def _page(
        self,
        viewer: Viewer,
        query: QueryFingerprint,
        wanted: ImageFilter,
        nearness: Nearness,
        *,
        but: UUID | None = None,
    ) -> SimilarPage:
        views = _telling(query, nearness.flat)
        found: list[SimilarImage] = []
        if views:
            seen = VisibleHits(viewer, wanted, most=nearness.limit + (1 if but is None else 2))
            async with aclosing(self._shown(seen, views, nearness)) as nearest:
                async for match in nearest:
                    if match.image.id == but:
                        continue
                    found.append(match)
                    if len(found) > nearness.limit:  # one more tells whether there is a next page
                        break
        page = found[: nearness.limit]
        more = len(found) > nearness.limit
        return SimilarPage(
            tuple(page),
            position_of(page[-1].distance, page[-1].image.id) if more else None,
            flat=query.flat,
            incomplete=await self._outdated.hides_from(viewer),
        )

    async def _shown(
        self, seen: VisibleHits, views: Sequence[QueryView], nearness: Nearness
    ) -> AsyncGenerator[SimilarImage, None]:
        """What the viewer may see, nearest first, equals by id; at least ``most`` if there are."""
        answer = await self._index.search(
            [view.view for view in views],
            nearness.distance,
            lambda connection, near: seen.first(connection, near, nearness.after),
            flat=nearness.flat,
        )
        if answer is None:
            return
        near, (found, start) = answer
        size = FIRST_JOIN
        while True:
            for one in found:
                yield _match(near, one.place, views, one.image)
            if start >= len(near):
                return
            size = min(2 * size, _LARGEST_JOIN)  # ever more, in case hardly any may be seen
            part = near.part(start, size)
            found = await self._database.read(partial(seen.of_part, near=near, part=part))
            start = part.stop


def _check_allowed(viewer: Viewer, distance: float) -> None:
    if viewer.user is None and distance > FARTHEST_ANONYMOUS:
        raise ImgrepoError(
            ErrorCode.UNAUTHENTICATED,
            f"Without a login, distance is at most {FARTHEST_ANONYMOUS:g}; beyond are mostly "
            "strangers. Ask for less, or log in.",
            {"most": FARTHEST_ANONYMOUS},
        )


def _telling(query: QueryFingerprint, flat: bool) -> list[QueryView]:
    """The views worth comparing: those of a flat whole would match anything flat."""
    if flat or not query.flat:
        return list(query.views)
    return [seen for seen in query.views if seen.region is Region.BOX]


def _match(near: "Near", place: int, views: Sequence[QueryView], image: Image) -> SimilarImage:
    seen = views[near.query_view[place]]
    return SimilarImage(
        image=image,
        distance=float(near.distance[place]),
        orientation=seen.orientation,
        views=Views(seen.region, near.regions[near.region[place]]),
    )
