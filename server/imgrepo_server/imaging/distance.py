"""How far apart two pictures are.

The distance S of two views is d(phash64) + d(dhash64) + d(phash256) / 4, where d counts the bits
that differ: 0 for the same picture, about 96 for strangers, 192 at most. Two pictures are as far
apart as their closest pair of views.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imgrepo_server.imaging.matching import Match, match_of, similarity
from imgrepo_server.models import View

__all__ = [
    "Match",
    "PackedViews",
    "distance",
    "distances",
    "floor_to_quarter",
    "match_of",
    "pack",
    "similarity",
]


@dataclass(frozen=True, slots=True)
class PackedViews:
    """The hashes of n views as arrays of uint64: shapes (n,), (n,) and (n, 4)."""

    phash64: NDArray[np.uint64]
    dhash64: NDArray[np.uint64]
    phash256: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.phash64)


def pack(views: Sequence[View]) -> PackedViews:
    """Lay views out for ``distances`` and for searching."""
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


def _short(query: PackedViews, row: int, stored: PackedViews) -> NDArray[np.uint8]:
    short: NDArray[np.uint8] = np.bitwise_count(stored.phash64 ^ query.phash64[row])
    short += np.bitwise_count(stored.dhash64 ^ query.dhash64[row])
    return short


def _long(query: PackedViews, row: int, stored: PackedViews) -> NDArray[np.float32]:
    bits = np.bitwise_count(stored.phash256 ^ query.phash256[row])
    long: NDArray[np.float32] = bits.sum(axis=1, dtype=np.float32)
    return long
