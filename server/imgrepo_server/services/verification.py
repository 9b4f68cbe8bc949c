"""Reading stored bytes again and hashing them, to prove that they are what was uploaded."""

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from imgrepo_server.blobs.store import BlobStore, original_key
from imgrepo_server.db import images
from imgrepo_server.db.database import Database
from imgrepo_server.models import Image, Viewer


class VerifiedStatus(StrEnum):
    """``MISSING`` also stands for images that the viewer may not see."""

    OK = "ok"
    MISSING = "missing"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Verified:
    """What the store holds under an image's name; ``sha256`` is of the bytes just read."""

    id: UUID
    status: VerifiedStatus
    sha256: str | None


class Verification:
    """Verifies images one after another: this is the disk's work, not the processor's."""

    def __init__(self, *, database: Database, store: BlobStore):
        self._database = database
        self._store = store

    async def verify(self, viewer: Viewer, image_ids: Sequence[UUID]) -> list[Verified]:
        """Read and hash the bytes of each image."""
        return [await self._verify(viewer, image_id) for image_id in image_ids]

    async def _verify(self, viewer: Viewer, image_id: UUID) -> Verified:
        image = await self._database.read(
            lambda connection: images.visible(connection, viewer, image_id)
        )
        if image is None:
            return Verified(image_id, VerifiedStatus.MISSING, None)
        try:
            sha256 = await self._hash(image)
        except FileNotFoundError:
            return Verified(image_id, VerifiedStatus.MISSING, None)
        same = sha256 == image.sha256
        return Verified(image_id, VerifiedStatus.OK if same else VerifiedStatus.DIFFERENT, sha256)

    async def _hash(self, image: Image) -> str:
        key = original_key(image.sha256)
        digest = hashlib.sha256()
        async with aclosing(self._store.read(key, 0, await self._store.size(key))) as pieces:
            async for piece in pieces:
                await asyncio.to_thread(digest.update, piece)
        return digest.hexdigest()
