"""Search by image: the nearest fingerprints, joined with what the viewer may see."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imgrepo_server.blobs.store import BlobStore, original_key
from imgrepo_server.db import images
from imgrepo_server.db.database import Database
from imgrepo_server.imaging.matching import Match, match_of, similarity
from imgrepo_server.imaging.query import Orientation
from imgrepo_server.imaging.workers import WorkerPool
from imgrepo_server.models import Image, ImageFilter, Viewer
from imgrepo_server.services.fingerprint_index import FingerprintIndex

if TYPE_CHECKING:
    from imgrepo_server.services.fingerprint_arrays import BlobHit

_JOINED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class SimilarImage:
    """An image like the query. ``distance`` is the S of ``imaging.distance``, 0 to 192.

    ``orientation`` is how the query had to be turned to look like the image.
    """

    image: Image
    distance: float
    similarity: float
    match: Match
    orientation: Orientation


class SimilarSearch:
    """Finds images like a picture; the picture itself is not kept."""

    def __init__(
        self,
        *,
        database: Database,
        store: BlobStore,
        workers: WorkerPool,
        index: FingerprintIndex,
    ):
        self._database = database
        self._store = store
        self._workers = workers
        self._index = index

    async def like_file(
        self, viewer: Viewer, source: Path, wanted: ImageFilter, *, distance: float, limit: int
    ) -> list[SimilarImage]:
        """Images like a file, nearest first. Raises what an upload of the file would."""
        query = await self._workers.fingerprint_for_search(source)
        hits = await self._index.near([seen.view for seen in query.views], distance)
        orientations = [seen.orientation for seen in query.views]
        found: list[SimilarImage] = []
        for start in range(0, len(hits), _JOINED_AT_ONCE):
            batch = hits[start : start + _JOINED_AT_ONCE]
            found += await self._join(viewer, batch, wanted, orientations)
            if len(found) >= limit:
                break
        return found[:limit]

    async def like_image(
        self, viewer: Viewer, image: Image, wanted: ImageFilter, *, distance: float, limit: int
    ) -> list[SimilarImage]:
        """Images like a stored one, itself left out."""
        async with self._store.local_file(original_key(image.sha256)) as source:
            found = await self.like_file(viewer, source, wanted, distance=distance, limit=limit + 1)
        return [other for other in found if other.image.id != image.id][:limit]

    async def _join(
        self,
        viewer: Viewer,
        hits: "list[BlobHit]",
        wanted: ImageFilter,
        orientations: list[Orientation],
    ) -> list[SimilarImage]:
        seqs = [hit.blob_seq for hit in hits]
        visible = await self._database.read(
            lambda connection: images.visible_of_blobs(connection, viewer, seqs, wanted)
        )
        return [
            SimilarImage(
                image=image,
                distance=hit.distance,
                similarity=similarity(hit.distance),
                match=match_of(hit.distance),
                orientation=orientations[hit.query_view],
            )
            for hit in hits
            for image in visible.get(hit.blob_seq, ())
        ]
