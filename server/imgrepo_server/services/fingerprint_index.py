"""The fingerprints of all blobs in memory: a cache of the database, never a source of truth.

It is brought up to date before each search by reading blobs newer than the last one seen. What
has been removed since is dropped by whoever joins the hits with the database.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgrepo_server.db import blobs
from imgrepo_server.db.blobs import StoredViews
from imgrepo_server.db.database import Database
from imgrepo_server.imaging.distance import PackedViews, within

_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class BlobHit:
    """A blob near a query; ``query_view`` is the index of the query's view that is nearest."""

    blob_seq: int
    distance: float
    query_view: int


class FingerprintIndex:
    """Every view of every blob, in arrays that grow by doubling: 56 bytes a view."""

    def __init__(self, database: Database):
        self._database = database
        self._updating = asyncio.Lock()
        self._last_seq = 0
        self._length = 0
        self._seqs = np.empty(0, np.int64)
        self._views = PackedViews(
            np.empty(0, np.uint64), np.empty(0, np.uint64), np.empty((0, 4), np.uint64)
        )

    async def near(self, query: PackedViews, limit: float) -> list[BlobHit]:
        """Blobs at most ``limit`` away from any view of the query, nearest first.

        Exact, and complete to the last upload that was acknowledged before the call.
        """
        await self._catch_up()
        views, seqs = self._snapshot()
        return await asyncio.to_thread(_nearest, query, views, seqs, limit)

    async def _catch_up(self) -> None:
        async with self._updating:
            while True:
                last = self._last_seq
                rows = await self._database.read(
                    lambda connection: blobs.views_after(connection, last, _BATCH)  # noqa: B023 -- runs before the next turn
                )
                if not rows:
                    return
                await asyncio.to_thread(self._append, rows)

    def _append(self, rows: list[StoredViews]) -> None:
        packed = [(row.seq, row.whole) for row in rows]
        packed += [(row.seq, row.box) for row in rows if row.box is not None]
        words = np.frombuffer(b"".join(view for _, view in packed), np.uint64).reshape(-1, 6)
        stop = self._length + len(packed)
        if stop > len(self._seqs):
            self._grow(max(stop, 2 * len(self._seqs)))
        fresh = slice(self._length, stop)
        self._seqs[fresh] = [seq for seq, _ in packed]
        self._views.phash64[fresh] = words[:, 0]
        self._views.dhash64[fresh] = words[:, 1]
        self._views.phash256[fresh] = words[:, 2:]
        self._length = stop
        self._last_seq = rows[-1].seq

    def _grow(self, capacity: int) -> None:
        # New arrays, so that a search which runs meanwhile keeps the old ones.
        views = self._views
        self._seqs = _longer(self._seqs, capacity)
        self._views = PackedViews(
            _longer(views.phash64, capacity),
            _longer(views.dhash64, capacity),
            _longer(views.phash256, capacity),
        )

    def _snapshot(self) -> tuple[PackedViews, NDArray[np.int64]]:
        part = slice(0, self._length)
        views = self._views
        return (
            PackedViews(views.phash64[part], views.dhash64[part], views.phash256[part]),
            self._seqs[part],
        )


def _longer(array: NDArray[Any], capacity: int) -> NDArray[Any]:
    longer = np.empty((capacity, *array.shape[1:]), array.dtype)
    longer[: len(array)] = array
    return longer


def _nearest(
    query: PackedViews, views: PackedViews, seqs: NDArray[np.int64], limit: float
) -> list[BlobHit]:
    hits = within(query, views, limit)
    nearest: dict[int, BlobHit] = {}
    # In order of distance, so that a blob's first view to come by is its nearest.
    for position in np.lexsort((seqs[hits.index], hits.distance)):
        seq = int(seqs[hits.index[position]])
        nearest.setdefault(
            seq, BlobHit(seq, float(hits.distance[position]), int(hits.query[position]))
        )
    return list(nearest.values())
