"""Removing bytes that no image names any more, without taking them from an upload under way.

An upload looks for a mark before it places its file, and postpones the removal if it finds one;
a mark that is made later is younger than the grace period until the upload's row is committed.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from imgrepo_server.blobs.store import BlobStore, image_key, original_key
from imgrepo_server.db import blobs, removed_previews
from imgrepo_server.db.database import Connection, Database
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import Clock
from imgrepo_server.together import Together

log = logging.getLogger(__name__)

GRACE = timedelta(minutes=15)
"""Longer than any upload can take from looking for a mark to committing its row."""

_BATCH = 500


class Removal:
    """Sweeps marked bytes from the store, and keeps them from being swept.

    ``patience`` is how many seconds an upload waits for a sweep that has begun with its bytes.
    """

    def __init__(self, *, database: Database, store: BlobStore, now: Clock, patience: float = 10.0):
        self._database = database
        self._store = store
        self._now = now
        self._patience = patience
        self._abandoned: set[str] = set()
        self._is_marked = Together(self._marked)

    async def keep(self, sha256: str) -> None:
        """Make sure that bytes which are about to be placed are not swept meanwhile.

        Raises OVERLOADED where a sweep has begun with them and does not come to an end; in words
        that do not tell of them, as they may have been somebody else's alone.
        """
        if not await self._is_marked(sha256):
            return
        try:
            async with asyncio.timeout(self._patience):
                await self._postpone(sha256)
        except TimeoutError:
            raise ImgrepoError(
                ErrorCode.OVERLOADED, "The server is busy with other pictures. Try again soon."
            ) from None

    async def abandon(self, sha256: str) -> None:
        """Mark bytes that were placed, perhaps, and that no row came to name after all.

        They are not unlinked: another upload of the same bytes may be about to name them. Where
        the mark cannot be written either (the disk is full), the next sweep writes it.
        """
        self._abandoned.add(sha256)
        try:
            await self._mark_abandoned()
        except Exception:
            log.exception("cannot mark the bytes of a failed upload for removal; trying later")

    async def sweep(self) -> int:
        """Remove what was marked longer ago than ``GRACE``; returns how many blobs went.

        Killed half-way it starts again where it was: marks go after the bytes.
        """
        await self._mark_abandoned()
        await self._sweep_previews()
        removed = 0
        while hashes := await self._claim():
            for sha256 in hashes:
                await self._store.remove(original_key(sha256))
            await self._forget(hashes)
            removed += len(hashes)
        return removed

    async def _marked(self, hashes: Sequence[str]) -> list[bool]:
        marked = await self._database.read(lambda connection: blobs.marked(connection, hashes))
        return [sha256 in marked for sha256 in hashes]

    async def _postpone(self, sha256: str) -> None:
        while not await self._database.write(  # noqa: ASYNC110 -- another process has no event
            lambda connection: blobs.postpone_removal(connection, sha256, self._now())
        ):
            # A sweep, perhaps another process's, is unlinking them: a matter of milliseconds.
            await asyncio.sleep(0.05)

    async def _mark_abandoned(self) -> None:
        hashes = tuple(self._abandoned)
        if not hashes:
            return

        def mark(connection: Connection) -> None:
            for sha256 in hashes:
                blobs.mark_removed(connection, sha256, self._now())

        await self._database.write(mark)
        self._abandoned.difference_update(hashes)

    async def _sweep_previews(self) -> None:
        # No need to claim them: nobody asks for previews of an image that is gone.
        before = self._now() - GRACE
        while due := await self._database.read(
            lambda connection: removed_previews.due(connection, before, _BATCH)
        ):
            for gone in due:
                await self._store.remove(image_key(gone.sha256, gone.image_id))
            await self._database.write(partial(removed_previews.forget, gone=due))

    async def _claim(self) -> Sequence[str]:
        before = self._now() - GRACE
        if not await self._database.read(
            lambda connection: blobs.any_removable(connection, before)
        ):
            return ()  # a reader's question, so that an idle server writes nothing
        return await self._database.write(
            lambda connection: blobs.claim_removable(connection, before, _BATCH)
        )

    async def _forget(self, hashes: Sequence[str]) -> None:
        await self._database.write(lambda connection: blobs.forget_removed(connection, hashes))
