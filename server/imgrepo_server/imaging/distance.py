"""How far apart two pictures are.

The distance S of two views is d(phash64) + d(dhash64) + d(phash256) / 4, where d counts the bits
that differ: 0 for the same picture, about 96 for strangers, 192 at most. Two pictures are as far
apart as their closest pair of views.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from imgrepo_server.imaging.matching import Match, match_of, similarity
from imgrepo_server.models import View

__all__ = [
    "CHUNK",
    "Hits",
    "Match",
    "PackedViews",
    "distance",
    "distances",
    "floor_to_quarter",
    "match_of",
    "pack",
    "similarity",
    "within",
    "within_each",
]

CHUNK: Final = 1 << 13
"""Views that are compared at a time: with 16 views of a query, 1 MB, the second-level cache."""


@dataclass(frozen=True, slots=True)
class PackedViews:
    """The hashes of n views as arrays of uint64: shapes (n,), (n,) and (n, 4)."""

    phash64: NDArray[np.uint64]
    dhash64: NDArray[np.uint64]
    phash256: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.phash64)


@dataclass(frozen=True, slots=True)
class Hits:
    """Stored views near a query: parallel arrays, in the order of ``index``.

    ``index`` is the stored view's, ``distance`` its least S to any view of the query, and
    ``query`` the first view of the query that has it.
    """

    index: NDArray[np.intp]
    distance: NDArray[np.float32]
    query: NDArray[np.intp]


def pack(views: Sequence[View]) -> PackedViews:
    """Lay views out for ``distances`` and ``within``."""
    return PackedViews(
        phash64=_words(b"".join(view.phash64 for view in views)),
        dhash64=_words(b"".join(view.dhash64 for view in views)),
        phash256=_words(b"".join(view.phash256 for view in views)).reshape(-1, 4),
    )


def _words(packed: bytes) -> NDArray[np.uint64]:
    # Counting differing bits, it does not matter which byte of a word they stand in.
    return np.frombuffer(packed, dtype=np.uint64)


def distance(one: View, other: View) -> float:
    """S of two views, in quarters from 0 to 192."""
    return float(distances(pack([one]), pack([other]))[0, 0])


def distances(query: PackedViews, stored: PackedViews) -> NDArray[np.float32]:
    """S of every view of the query (rows) to every stored one (columns)."""
    result = np.empty((len(query), len(stored)), dtype=np.float32)
    for row in range(len(query)):
        result[row] = _short(query, row, stored) + _long(query, row, stored) / np.float32(4)
    return result


def floor_to_quarter(limit: float) -> float:
    """The greatest possible S that is not above a limit: exact also in single precision."""
    return math.floor(limit * 4) / 4


def within(query: PackedViews, stored: PackedViews, limit: float) -> Hits:
    """The stored views whose least S to any view of the query is at most ``limit``.

    Exact: the short hashes alone bound S from below, and leave few strangers for the long one.
    """
    starts = range(0, len(stored), CHUNK)
    found = list(within_each(query, (_slice(stored, start) for start in starts), limit))
    if not found:
        return Hits(np.empty(0, np.intp), np.empty(0, np.float32), np.empty(0, np.intp))
    return Hits(
        index=np.concatenate([hits.index + at for hits, at in zip(found, starts, strict=True)]),
        distance=np.concatenate([hits.distance for hits in found]),
        query=np.concatenate([hits.query for hits in found]),
    )


def within_each(query: PackedViews, chunks: Iterable[PackedViews], limit: float) -> Iterator[Hits]:
    """As ``within`` for each chunk of at most ``CHUNK`` views in turn."""
    # All views of the query at once: each call of NumPy gives up the interpreter's lock and has
    # to wait for it afterwards, which is what a busy event loop makes expensive.
    words = np.empty((len(query), CHUNK), np.uint64)
    short, more = np.empty((2, len(query), CHUNK), np.uint8)
    phash64, dhash64 = query.phash64[:, np.newaxis], query.dhash64[:, np.newaxis]
    limit = floor_to_quarter(limit)
    most = np.uint8(limit)
    for chunk in chunks:
        here = slice(len(chunk))
        np.bitwise_xor(phash64, chunk.phash64, out=words[:, here])
        np.bitwise_count(words[:, here], out=short[:, here])
        np.bitwise_xor(dhash64, chunk.dhash64, out=words[:, here])
        np.bitwise_count(words[:, here], out=more[:, here])
        np.add(short[:, here], more[:, here], out=short[:, here])
        # In one dimension, where NumPy looks for them many at a time.
        view, index = np.divmod(np.flatnonzero(short[:, here] <= most), len(chunk))
        if not len(index):
            yield Hits(index, np.empty(0, np.float32), view)
            continue
        long = np.bitwise_count(chunk.phash256[index] ^ query.phash256[view])
        total = short[view, index] + long.sum(axis=1, dtype=np.float32) / np.float32(4)
        yield _least(index, total, view, limit)


def _least(
    index: NDArray[np.intp], total: NDArray[np.float32], view: NDArray[np.intp], limit: float
) -> Hits:
    """Each stored view once, with the least of its distances and the first view that has it."""
    close = np.flatnonzero(total <= limit)
    order = close[np.lexsort((view[close], total[close], index[close]))]
    first = np.ones(len(order), np.bool_)
    first[1:] = index[order[1:]] != index[order[:-1]]
    kept = order[first]
    return Hits(index[kept], total[kept], view[kept])


def _slice(views: PackedViews, start: int) -> PackedViews:
    part = slice(start, start + CHUNK)
    return PackedViews(views.phash64[part], views.dhash64[part], views.phash256[part])


def _short(query: PackedViews, row: int, stored: PackedViews) -> NDArray[np.uint8]:
    short: NDArray[np.uint8] = np.bitwise_count(stored.phash64 ^ query.phash64[row])
    short += np.bitwise_count(stored.dhash64 ^ query.dhash64[row])
    return short


def _long(query: PackedViews, row: int, stored: PackedViews) -> NDArray[np.float32]:
    bits = np.bitwise_count(stored.phash256 ^ query.phash256[row])
    long: NDArray[np.float32] = bits.sum(axis=1, dtype=np.float32)
    return long
