"""The fingerprints of all blobs in memory: a cache of the database, never a source of truth.

It is brought up to date before each search by reading blobs newer than the last one seen. What
has been removed since is dropped by whoever joins the hits with the database.
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from imgrepo_server.db import blobs
from imgrepo_server.db.blobs import StoredViews
from imgrepo_server.db.database import Database
from imgrepo_server.models import View

if TYPE_CHECKING:
    from imgrepo_server.services.fingerprint_arrays import BlobHit, FingerprintArrays

_BATCH = 20_000


class FingerprintIndex:
    """Finds the blobs near a query among all of them."""

    def __init__(self, database: Database):
        self._database = database
        self._updating = asyncio.Lock()
        self._arrays: FingerprintArrays | None = None

    async def near(self, query: Sequence[View], limit: float) -> "list[BlobHit]":
        """Blobs at most ``limit`` away from any view of the query, nearest first.

        Exact, and complete to the last upload that was acknowledged before the call.
        """
        arrays = await self._up_to_date()
        return await asyncio.to_thread(arrays.near, query, limit)

    async def _up_to_date(self) -> "FingerprintArrays":
        async with self._updating:
            if self._arrays is None:
                self._arrays = await asyncio.to_thread(_new_arrays)
            while rows := await self._newer_than(self._arrays.last_seq):
                await asyncio.to_thread(self._arrays.append, rows)
            return self._arrays

    async def _newer_than(self, seq: int) -> list[StoredViews]:
        return await self._database.read(
            lambda connection: blobs.views_after(connection, seq, _BATCH)
        )


def _new_arrays() -> "FingerprintArrays":
    # NumPy takes a tenth of a second to import, which commands without such a search do not pay.
    from imgrepo_server.services.fingerprint_arrays import FingerprintArrays  # noqa: PLC0415

    return FingerprintArrays()
