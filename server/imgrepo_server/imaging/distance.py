"""How far apart two pictures are.

The distance S of two views is d(phash64) + d(dhash64) + d(phash256) / 4, where d counts the bits
that differ: 0 for the same picture, about 96 for strangers, 192 at most. Two pictures are as far
apart as their closest pair of views.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from imgrepo_server.imaging.matching import Match, match_of, similarity
from imgrepo_server.models import View

__all__ = [
    "Hits",
    "Match",
    "PackedViews",
    "distance",
    "distances",
    "match_of",
    "pack",
    "similarity",
    "within",
]

_CHUNK: Final = 1 << 15  # views; their short hashes, 512 KB, stay in the second-level cache


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


def within(query: PackedViews, stored: PackedViews, limit: float) -> Hits:
    """The stored views whose least S to any view of the query is at most ``limit``.

    Exact: the short hashes alone bound S from below, and leave few strangers for the long one.
    """
    found = [
        _within_chunk(query, _slice(stored, start), limit, start)
        for start in range(0, len(stored), _CHUNK)
    ]
    if not found:
        return Hits(np.empty(0, np.intp), np.empty(0, np.float32), np.empty(0, np.intp))
    return Hits(
        index=np.concatenate([hits.index for hits in found]),
        distance=np.concatenate([hits.distance for hits in found]),
        query=np.concatenate([hits.query for hits in found]),
    )


def _slice(views: PackedViews, start: int) -> PackedViews:
    part = slice(start, start + _CHUNK)
    return PackedViews(views.phash64[part], views.dhash64[part], views.phash256[part])


def _within_chunk(query: PackedViews, chunk: PackedViews, limit: float, start: int) -> Hits:
    least = np.full(len(chunk), np.inf, dtype=np.float32)
    nearest = np.zeros(len(chunk), dtype=np.intp)
    for row in range(len(query)):
        short = _short(query, row, chunk)
        candidates = np.flatnonzero(short <= limit)
        if not candidates.size:
            continue
        long = np.bitwise_count(chunk.phash256[candidates] ^ query.phash256[row])
        total = short[candidates] + long.sum(axis=1, dtype=np.float32) / np.float32(4)
        better = total < least[candidates]
        least[candidates[better]] = total[better]
        nearest[candidates[better]] = row
    index = np.flatnonzero(least <= limit)
    return Hits(index + start, least[index], nearest[index])


def _short(query: PackedViews, row: int, stored: PackedViews) -> NDArray[np.uint8]:
    short: NDArray[np.uint8] = np.bitwise_count(stored.phash64 ^ query.phash64[row])
    short += np.bitwise_count(stored.dhash64 ^ query.dhash64[row])
    return short


def _long(query: PackedViews, row: int, stored: PackedViews) -> NDArray[np.float32]:
    bits = np.bitwise_count(stored.phash256 ^ query.phash256[row])
    long: NDArray[np.float32] = bits.sum(axis=1, dtype=np.float32)
    return long
