"""Search by image: the nearest fingerprints, joined with what the viewer may see."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from imgrepo_server.blobs.store import BlobStore, original_key
from imgrepo_server.db import fingerprints, images, lookalikes
from imgrepo_server.db.database import Connection, Database
from imgrepo_server.imaging.explanation import Explanation, Views, explain, reason
from imgrepo_server.imaging.matching import VERSION, Match, match_of, similarity
from imgrepo_server.imaging.query import Orientation, QueryFingerprint, QueryView, Region
from imgrepo_server.imaging.workers import WorkerPool
from imgrepo_server.models import Fingerprint, Image, ImageFilter, Position, Viewer
from imgrepo_server.services.fingerprint_index import FingerprintIndex
from imgrepo_server.services.outdated import Outdated

if TYPE_CHECKING:
    from imgrepo_server.services.fingerprint_arrays import Near

# Fingerprints joined with the database at a time: few at first, as most hits may be seen; then
# ever more, in case hardly any may be, up to half of what SQLite takes as parameters.
_FIRST_JOIN = 100
_LARGEST_JOIN = 16_000
_FINEST = 4  # distances are whole quarters


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

    async def like_file(
        self, viewer: Viewer, source: Path, wanted: ImageFilter, nearness: Nearness
    ) -> SimilarPage:
        """Images like a file. Raises what an upload of the file would."""
        query = await self._workers.fingerprint_for_search(source)
        return await self._page(viewer, query, wanted, nearness)

    async def like_image(
        self, viewer: Viewer, image: Image, wanted: ImageFilter, nearness: Nearness
    ) -> SimilarPage:
        """Images like a stored one, itself left out."""
        query = await self._query_of(image)
        return await self._page(viewer, query, wanted, nearness, but=image.id)

    async def why_file(self, image: Image, source: Path) -> Explanation:
        """How a file compares with a stored image. Raises what an upload of the file would."""
        query = await self._workers.fingerprint_for_search(source)
        return explain(query.views, await self._stored(image))

    async def why_image(self, image: Image, other: Image) -> Explanation:
        """How another stored image compares with a stored image."""
        query = await self._query_of(other)
        return explain(query.views, await self._stored(image))

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
        near = None
        if views:
            packed = [seen.view for seen in views]
            near = await self._index.near(packed, nearness.distance, flat=nearness.flat)
        found: list[SimilarImage] = []
        if near is not None:
            seeing = _Seeing(viewer, wanted, most=nearness.limit + (1 if but is None else 2))
            shown = self._shown(seeing, near, views, nearness.after)
            async with aclosing(shown) as nearest:
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
            _position(page[-1]) if more else None,
            flat=query.flat,
            incomplete=await self._outdated.hides_from(viewer),
        )

    async def _shown(
        self,
        seeing: "_Seeing",
        near: "Near",
        views: Sequence[QueryView],
        after: Position | None,
    ) -> AsyncGenerator[SimilarImage, None]:
        """What the viewer may see, nearest first, equals by id; at least ``most`` if there are."""
        start, size = 0, _FIRST_JOIN
        if after is not None:  # the rest of those at the distance where the last page ended
            equal = near.at(float(after.key) / _FINEST)
            for place, image in await self._read(seeing, near, equal, after.id):
                yield _match(near, place, views, image)
            start = equal.stop
        # One reading in any case: were there none where nothing is near, the time would tell of
        # images that are near and hidden.
        while size == _FIRST_JOIN or start < len(near):
            part = near.part(start, size)
            for place, image in await self._read(seeing, near, part, None):
                yield _match(near, place, views, image)
            start, size = part.stop, min(2 * size, _LARGEST_JOIN)

    async def _read(
        self, seeing: "_Seeing", near: "Near", part: range, after: UUID | None
    ) -> list[tuple[int, Image]]:
        return await self._database.read(
            lambda connection: seeing.images_of(connection, near, part, after)
        )


@dataclass(frozen=True, slots=True)
class _Seeing:
    """Who looks for what, and how many images are enough."""

    viewer: Viewer
    wanted: ImageFilter
    most: int

    def images_of(
        self, connection: Connection, near: "Near", part: range, after: UUID | None
    ) -> list[tuple[int, Image]]:
        """The first images of a part of the hits, with their places; nearest first, then by id.

        ``after`` an id, where all of the part are equals.
        """
        seqs: list[int] = near.seq[part.start : part.stop].tolist()
        if after is not None or near.are_equal(part):
            found = lookalikes.lowest_of_fingerprints(
                connection, self.viewer, self.wanted, seqs, after=after, most=self.most
            )
        else:
            found = lookalikes.of_fingerprints(connection, self.viewer, self.wanted, seqs)
        places = near.places(part, (one.fingerprint_seq for one in found))
        by_nearness = sorted(
            zip((float(near.distance[place]) for place in places), found, places, strict=True)
        )
        first = [(place, one.image_seq) for _, one, place in by_nearness[: self.most]]
        shown = images.visible_by_seq(connection, self.viewer, [seq for _, seq in first])
        return [(place, shown[seq]) for place, seq in first]


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


def _position(last: SimilarImage) -> Position:
    return Position(round(last.distance * _FINEST), last.image.id)
