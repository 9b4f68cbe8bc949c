"""Which stored views are near a query: every one is looked at, so what is found is exact.

In C (``_scan.c``), or with NumPy in ten times the time, where there was no compiler when the
server was installed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from imgrepo_server.imaging.distance import PackedViews, floor_to_quarter

if TYPE_CHECKING:
    from imgrepo_server.imaging import _native

CHUNK: Final = 1 << 16
"""Views that are kept together. Each chunk costs a search a while with the interpreter's lock."""
MOST_VIEWS: Final = 255
_COMPARED: Final = 1 << 13  # with 16 views of a query 1 MB, the second-level cache


@dataclass(frozen=True, slots=True)
class Chunk:
    """At most ``CHUNK`` stored views, and a number for each."""

    seqs: NDArray[np.int64]
    views: PackedViews

    def part(self, start: int, stop: int) -> "Chunk":
        """Some of them, in the same memory."""
        these, views = slice(start, stop), self.views
        packed = PackedViews(views.phash64[these], views.dhash64[these], views.phash256[these])
        return Chunk(self.seqs[these], packed)


@dataclass(frozen=True, slots=True)
class Query:
    """Views of one or several pictures, at most ``MOST_VIEWS``, that are searched with at once.

    ``ends`` has for each picture the index behind its last view.
    """

    views: PackedViews
    ends: Sequence[int]


@dataclass(frozen=True, slots=True)
class Hits:
    """Stored views near pictures of a query as parallel arrays, in the order they are stored in.

    One near several pictures is there for each of them. ``seq`` is the stored view's number,
    ``distance`` its least S to any view of the picture, ``query`` the index of the first view that
    has it, ``chunk`` the index of the stored view's chunk.
    """

    seq: NDArray[np.int64]
    distance: NDArray[np.float32]
    query: NDArray[np.intp]
    chunk: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.seq)


Scan: TypeAlias = Callable[[Query, Sequence[Chunk], float], Hits]
"""Finds the stored views whose least S to any view of a picture is at most a limit."""


def fastest_scan() -> Scan:
    """What to use on this machine."""
    return next(iter(native_scans()), plain_scan)


def native_scans() -> list[Scan]:
    """Those in C that this processor can run, the fastest first."""
    try:
        from imgrepo_server.imaging import _native  # noqa: PLC0415 - absent without a compiler
    except ImportError:
        return []
    return [partial(_native_scan, _native.scan, path) for path in _native.PATHS]


def _native_scan(
    scan: "Callable[..., _native.Found]",
    path: str,
    query: Query,
    chunks: Sequence[Chunk],
    limit: float,
) -> Hits:
    parts = [
        (chunk.seqs, chunk.views.phash64, chunk.views.dhash64, chunk.views.phash256)
        for chunk in chunks
    ]
    views, most = query.views, round(4 * floor_to_quarter(limit))
    hashes = views.phash64, views.dhash64, views.phash256
    seq, quarters, view, chunk = scan(path, hashes, bytes(query.ends), parts, most)
    return Hits(
        seq=np.frombuffer(seq, np.int64),
        distance=np.frombuffer(quarters, np.uint16).astype(np.float32) / np.float32(4),
        query=np.frombuffer(view, np.uint8).astype(np.intp),
        chunk=np.frombuffer(chunk, np.int32).astype(np.intp),
    )


def plain_scan(query: Query, chunks: Sequence[Chunk], limit: float) -> Hits:
    """The same with NumPy. The short hashes bound S from below; few need the long one."""
    limit, mine = floor_to_quarter(limit), query.views
    picture = np.searchsorted(query.ends, np.arange(len(mine)), "right")  # of each view
    # All views of the query at once: each call of NumPy gives up the interpreter's lock and has
    # to wait for it afterwards, which is what a busy event loop makes expensive.
    words = np.empty((len(mine), _COMPARED), np.uint64)
    short, more = np.empty((2, len(mine), _COMPARED), np.uint8)
    phash64, dhash64 = mine.phash64[:, np.newaxis], mine.dhash64[:, np.newaxis]
    found = [_no_hits()]
    for number, chunk in _compared(chunks):
        views, here = chunk.views, slice(len(chunk.views))
        np.bitwise_xor(phash64, views.phash64, out=words[:, here])
        np.bitwise_count(words[:, here], out=short[:, here])
        np.bitwise_xor(dhash64, views.dhash64, out=words[:, here])
        np.bitwise_count(words[:, here], out=more[:, here])
        np.add(short[:, here], more[:, here], out=short[:, here])
        # In one dimension, where NumPy looks for them many at a time.
        row, index = np.divmod(np.flatnonzero(short[:, here] <= np.uint8(limit)), len(views))
        if len(index):
            long = np.bitwise_count(views.phash256[index] ^ mine.phash256[row])
            total = short[row, index] + long.sum(axis=1, dtype=np.float32) / np.float32(4)
            close = total <= limit
            index, total, row = _least(index[close], total[close], row[close], picture)
            found.append(Hits(chunk.seqs[index], total, row, np.full(len(row), number, np.intp)))
    return Hits(
        seq=np.concatenate([hits.seq for hits in found]),
        distance=np.concatenate([hits.distance for hits in found]),
        query=np.concatenate([hits.query for hits in found]),
        chunk=np.concatenate([hits.chunk for hits in found]),
    )


def _compared(chunks: Sequence[Chunk]) -> Iterator[tuple[int, Chunk]]:
    """Parts of chunks that are compared at once, each with the index of its chunk."""
    for number, chunk in enumerate(chunks):
        for start in range(0, len(chunk.views), _COMPARED):
            yield number, chunk.part(start, start + _COMPARED)


def _no_hits() -> Hits:
    none = np.empty(0, np.intp)
    return Hits(none.astype(np.int64), none.astype(np.float32), none, none)


def _least(
    index: NDArray[np.intp],
    total: NDArray[np.float32],
    row: NDArray[np.intp],
    picture: NDArray[np.intp],
) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.intp]]:
    """Each stored view once a picture: the least of its distances, the first view that has it."""
    order = np.lexsort((row, total, picture[row], index))
    both = np.stack((index[order], picture[row[order]]))
    first = np.ones(len(order), np.bool_)
    first[1:] = (both[:, 1:] != both[:, :-1]).any(axis=0)
    kept = order[first]
    return index[kept], total[kept], row[kept]
