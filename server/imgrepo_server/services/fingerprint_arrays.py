"""Every view of every blob, in arrays that grow by doubling: 56 bytes a view."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgrepo_server.db.blobs import StoredViews
from imgrepo_server.imaging.distance import PackedViews, pack, within
from imgrepo_server.models import View


@dataclass(frozen=True, slots=True)
class BlobHit:
    """A blob near a query; ``query_view`` is the index of the query's view that is nearest."""

    blob_seq: int
    distance: float
    query_view: int


class FingerprintArrays:
    """Appended to by one caller at a time, searched by any number meanwhile."""

    def __init__(self) -> None:
        self.last_seq = 0
        self._length = 0
        self._seqs = np.empty(0, np.int64)
        self._views = PackedViews(
            np.empty(0, np.uint64), np.empty(0, np.uint64), np.empty((0, 4), np.uint64)
        )

    def append(self, rows: Sequence[StoredViews]) -> None:
        """Take the views of further blobs, in the order of their numbers."""
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
        self.last_seq = rows[-1].seq

    def near(self, query: Sequence[View], limit: float) -> list[BlobHit]:
        """Blobs at most ``limit`` away from any view of the query, nearest first."""
        part = slice(0, self._length)
        views, seqs = self._views, self._seqs[part]
        known = PackedViews(views.phash64[part], views.dhash64[part], views.phash256[part])
        hits = within(pack(query), known, limit)
        nearest: dict[int, BlobHit] = {}
        # In order of distance, so that a blob's first view to come by is its nearest.
        for position in np.lexsort((seqs[hits.index], hits.distance)):
            seq = int(seqs[hits.index[position]])
            hit = BlobHit(seq, float(hits.distance[position]), int(hits.query[position]))
            nearest.setdefault(seq, hit)
        return list(nearest.values())

    def _grow(self, capacity: int) -> None:
        # New arrays, so that a search which runs meanwhile keeps the old ones.
        views = self._views
        self._seqs = _longer(self._seqs, capacity)
        self._views = PackedViews(
            _longer(views.phash64, capacity),
            _longer(views.dhash64, capacity),
            _longer(views.phash256, capacity),
        )


def _longer(array: NDArray[Any], capacity: int) -> NDArray[Any]:
    longer = np.empty((capacity, *array.shape[1:]), array.dtype)
    longer[: len(array)] = array
    return longer
