"""Removing bytes that no image names any more, without taking them from an upload under way.

An upload looks for a mark before it places its file, and postpones the removal if it finds one;
a mark that is made later is younger than the grace period until the upload's row is committed.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from imgrepo_server.blobs.store import BlobStore, original_key
from imgrepo_server.db import blobs
from imgrepo_server.db.database import Database
from imgrepo_server.models import Clock

GRACE = timedelta(minutes=15)
"""Longer than any upload can take from looking for a mark to committing its row."""

_BATCH = 500


class Removal:
    """Sweeps marked bytes from the store, and keeps them from being swept."""

    def __init__(self, *, database: Database, store: BlobStore, now: Clock):
        self._database = database
        self._store = store
        self._now = now

    async def keep(self, sha256: str) -> None:
        """Make sure that bytes which are about to be placed are not swept meanwhile."""
        if not await self._database.read(lambda connection: blobs.is_marked(connection, sha256)):
            return
        while not await self._database.write(  # noqa: ASYNC110 -- another process has no event
            lambda connection: blobs.postpone_removal(connection, sha256, self._now())
        ):
            # A sweep, perhaps another process's, is unlinking them: a matter of milliseconds.
            await asyncio.sleep(0.05)

    async def sweep(self) -> int:
        """Remove what was marked longer ago than ``GRACE``; returns how many blobs went.

        Killed half-way it starts again where it was: marks go after the bytes.
        """
        removed = 0
        while hashes := await self._claim():
            for sha256 in hashes:
                await self._store.remove(original_key(sha256))
            await self._forget(hashes)
            removed += len(hashes)
        return removed

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
