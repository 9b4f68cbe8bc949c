"""Images as people handle them: list, look, edit, delete, and read the bytes."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from imgrepo_server.blobs.store import (
    STORED_PREVIEW,
    BlobStore,
    image_preview_key,
    original_key,
    preview_key,
)
from imgrepo_server.db import blobs, images, listing, tags
from imgrepo_server.db.access import may_have_original
from imgrepo_server.db.database import Connection, Database
from imgrepo_server.db.gram_frequencies import GramFrequencies
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.imaging.workers import WorkerPool
from imgrepo_server.models import (
    Action,
    Clock,
    Image,
    ImageChanges,
    ImageFilter,
    Page,
    Place,
    Sort,
    TagCount,
    User,
    Viewer,
)
from imgrepo_server.services import sharing
from imgrepo_server.services.deeds import note_deed, note_edit
from imgrepo_server.text import fold, normalize_tag


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Bytes in the store, ready to be read in part or whole."""

    store: BlobStore
    key: str
    size: int

    def read(self, start: int, stop: int) -> AsyncGenerator[bytes, None]:
        """The bytes from ``start`` up to ``stop``."""
        return self.store.read(self.key, start, stop)


class Catalog:
    """Answers for one viewer at a time; what they may not see does not exist for them."""

    def __init__(self, *, database: Database, store: BlobStore, workers: WorkerPool, now: Clock):
        self._database = database
        self._store = store
        self._workers = workers
        self._now = now
        self._frequencies = GramFrequencies()

    async def page(
        self,
        viewer: Viewer,
        wanted: ImageFilter,
        *,
        sort: Sort,
        limit: int,
        after: Place | None,
    ) -> Page:
        """One page of the images that match."""
        return await self._database.read(
            lambda connection: listing.page(
                connection,
                viewer,
                wanted,
                sort=sort,
                limit=limit,
                after=after,
                frequencies=self._frequencies,
            )
        )

    async def image(self, viewer: Viewer, image_id: UUID) -> Image:
        """One image. Raises IMAGE_NOT_FOUND, also for one that the viewer may not see."""
        found = await self._database.read(
            lambda connection: images.visible(connection, viewer, image_id)
        )
        if found is None:
            raise image_not_found(image_id)
        return found

    async def image_to_download(self, viewer: Viewer, image_id: UUID) -> Image:
        """An image whose original the viewer may have.

        Raises IMAGE_NOT_FOUND, and TIER_TOO_LOW for the gallery's previews.
        """
        image = await self.image(viewer, image_id)
        if not may_have_original(viewer, image):
            raise sharing.tier_too_low(image)
        return image

    async def own_image(self, viewer: Viewer, image_id: UUID) -> Image:
        """An own image. Raises IMAGE_NOT_FOUND, FORBIDDEN for somebody else's public one."""
        return await self._database.read(
            lambda connection: require_own(connection, viewer, image_id)
        )

    async def known(self, user: User, hashes: Sequence[str]) -> dict[str, UUID]:
        """Which of these SHA-256 hashes the user has an image of."""
        return await self._database.read(
            lambda connection: images.known(connection, user.id, hashes)
        )

    async def edit(self, viewer: Viewer, image_id: UUID, changes: ImageChanges) -> Image:
        """Change an own image. Raises IMAGE_NOT_FOUND, FORBIDDEN.

        Raises INVALID_REQUEST for sharing it with its owner.
        """
        sharing.refuse_oneself(viewer, changes.share_with)

        def change(connection: Connection) -> Image:
            changed = images.change(connection, require_own(connection, viewer, image_id), changes)
            note_edit(connection, viewer, image_id, changes, self._now())
            return changed

        return await self._database.write(change)

    async def trash(self, viewer: Viewer, image_id: UUID) -> None:
        """Put an own image into the trash; done already is done."""
        await self._set_trashed(viewer, image_id, trashed=True)

    async def restore(self, viewer: Viewer, image_id: UUID) -> Image:
        """Take an own image out of the trash."""
        return await self._set_trashed(viewer, image_id, trashed=False)

    async def purge(self, viewer: Viewer, image_id: UUID) -> None:
        """Delete an own image for good, and its bytes where nobody else has them."""

        def change(connection: Connection) -> None:
            image = require_own(connection, viewer, image_id)
            blobs.release(connection, image, images.purge(connection, image), self._now())
            note_deed(connection, Action.PURGE, viewer, image_id, now=self._now())

        await self._database.write(change)

    async def preview(self, image: Image, size: int) -> StoredFile:
        """A JPEG whose long side has ``size`` pixels at the most; made at the first request."""
        if size == STORED_PREVIEW:
            key = preview_key(image.sha256)
        else:
            key = image_preview_key(image.sha256, image.id, size)
        try:
            return StoredFile(self._store, key, await self._store.size(key))
        except FileNotFoundError:
            await self._render(image, key, size)
            return StoredFile(self._store, key, await self._store.size(key))

    async def tags(self, viewer: Viewer, prefix: str, limit: int) -> list[TagCount]:
        """Tags that begin with ``prefix``, most used first, of what the viewer can see."""
        if prefix.strip() and not fold(prefix):
            return []  # such as a lone accent, with which no tag begins
        start = normalize_tag(prefix) if prefix.strip() else ""
        return await self._database.read(
            lambda connection: tags.counts(connection, viewer, start, limit)
        )

    async def _render(self, image: Image, key: str, size: int) -> None:
        target = self._store.staging_path()
        try:
            async with self._original_file(image) as source:
                await self._workers.render_preview(source, target, size)
            await self._store.place({key: target})
        finally:
            target.unlink(missing_ok=True)

    def _original_file(self, image: Image) -> AbstractAsyncContextManager[Path]:
        return self._store.local_file(original_key(image.sha256))

    async def _set_trashed(self, viewer: Viewer, image_id: UUID, *, trashed: bool) -> Image:
        def change(connection: Connection) -> Image:
            image = require_own(connection, viewer, image_id)
            if (image.trashed_at is not None) == trashed:
                return image
            action = Action.TRASH if trashed else Action.RESTORE
            note_deed(connection, action, viewer, image_id, now=self._now())
            return images.set_trashed(connection, image, self._now() if trashed else None)

        return await self._database.write(change)


def image_not_found(image_id: UUID | str) -> ImgrepoError:
    """The refusal that does not tell "not there" from "not for you"."""
    return ImgrepoError(
        ErrorCode.IMAGE_NOT_FOUND,
        f"There is no image {image_id}, or it is not shared with you.",
        {"id": str(image_id)},
    )


def require_own(connection: Connection, viewer: Viewer, image_id: UUID) -> Image:
    """An own image. Raises IMAGE_NOT_FOUND, FORBIDDEN for somebody else's that the viewer sees."""
    image = images.own(connection, viewer, image_id)
    if image is not None:
        return image
    if images.visible(connection, viewer, image_id) is None:
        raise image_not_found(image_id)
    raise ImgrepoError(
        ErrorCode.FORBIDDEN,
        "This image belongs to somebody else. Only its owner can change or delete it.",
        {"id": str(image_id)},
    )
