"""Originals as they go out: byte for byte, or without their metadata."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from imgrepo_server.blobs.store import BlobStore, original_key
from imgrepo_server.imaging.stripping.pieces import Kept, Piece, Written, between
from imgrepo_server.imaging.workers import WorkerPool
from imgrepo_server.models import Image, Viewer
from imgrepo_server.services.catalog import StoredFile

_LARGEST_BLANK = 64 * 1024


@dataclass(frozen=True, slots=True)
class SplicedOriginal:
    """An original without its metadata: parts of what is stored, and a few bytes between them."""

    store: BlobStore
    key: str
    pieces: tuple[Piece, ...]

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(piece.size for piece in self.pieces)

    async def read(self, start: int, stop: int) -> AsyncGenerator[bytes, None]:
        """The bytes from ``start`` up to ``stop``."""
        for part in between(self.pieces, start, stop):
            if isinstance(part, Kept):
                async with aclosing(self.store.read(self.key, part.start, part.stop)) as stored:
                    async for piece in stored:
                        yield piece
            elif isinstance(part, Written):
                yield part.data
            else:
                for done in range(0, part.size, _LARGEST_BLANK):
                    yield bytes(min(_LARGEST_BLANK, part.size - done))


class Originals:
    """Hands out originals.

    With ``strip_anonymous``, whoever is not logged in gets them without metadata.
    """

    def __init__(self, *, store: BlobStore, workers: WorkerPool, strip_anonymous: bool):
        self._store = store
        self._workers = workers
        self._strip_anonymous = strip_anonymous

    def goes_stripped(self, viewer: Viewer, *, asked: bool) -> bool:
        """Whether this viewer gets originals without metadata: asked for, or anonymous."""
        return asked or (self._strip_anonymous and viewer.user is None)

    async def whole(self, image: Image) -> StoredFile:
        """The bytes as they were uploaded."""
        return StoredFile(self._store, original_key(image.sha256), image.size)

    async def stripped(self, image: Image) -> SplicedOriginal:
        """The same picture, pixel for pixel, without metadata; made anew at each request.

        Raises METADATA_NOT_REMOVABLE, and what the workers raise.
        """
        key = original_key(image.sha256)
        orientation: int = image.exif.get("orientation", 1)
        async with self._store.local_file(key) as source:
            pieces = await self._workers.strip(source, image.format, orientation)
        return SplicedOriginal(self._store, key, pieces)
