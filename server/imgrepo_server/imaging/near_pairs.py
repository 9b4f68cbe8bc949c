"""All pairs of pictures within a distance, without comparing each with each.

Multi-index hashing (Norouzi, Punjani and Fleet, 2014). S is at least the number of bits in which
the two short hashes differ. Cut their 128 bits into 8 bands of 16: two views that differ in at
most D bits differ in at most r bits of some band, if the bands' radii r are such that the sum of
all r + 1 exceeds D. So only views whose bands lie so close are compared; at D = 28 that is one pair
of strangers in fifteen. Exact: no pair is missed.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from imgrepo_server.imaging.distance import PackedViews, floor_to_quarter

_BANDS: Final = 8
_BITS: Final = 16
_AT_ONCE: Final = 1 << 21  # pairs that are compared at a time; some 100 MB
_EDGES: Final = 1 << 22  # pairs that are remembered before they are condensed

Indices = NDArray[np.intp]


def connected(views: PackedViews, owner: Indices, count: int, limit: float) -> Indices:
    """Which of ``count`` pictures belong together: a number for each, equal where they do.

    Two do where S of any of their views is at most ``limit``, or where a chain of such pairs
    connects them. ``owner`` says whose picture each view is.
    """
    labels = np.arange(count)
    edges: list[tuple[Indices, Indices]] = [_identical(views, owner)]
    remembered = 0
    for one, other in near_pairs(views, limit):
        edges.append((owner[one], owner[other]))
        remembered += len(one)
        if remembered > _EDGES:
            labels, edges, remembered = _joined(labels, edges), [], 0
    return _joined(labels, edges)


def near_pairs(views: PackedViews, limit: float) -> Iterator[tuple[Indices, Indices]]:
    """Pairs of different views (by index) with S at most ``limit``.

    A pair may come several times. Of views that are equal in every bit only the first is paired.
    """
    limit = floor_to_quarter(limit)
    distinct = np.unique(_words(views), axis=0, return_index=True)[1]
    views = _chosen(views, distinct)
    keys = _band_keys(views)
    for band, radius in enumerate(_radii(int(limit))):
        order = np.argsort(keys[band], kind="stable")
        found = _pairs_of_band(keys[band][order], _chosen(views, order), radius, limit)
        for one, other in found:
            yield distinct[order[one]], distinct[order[other]]


def _radii(limit: int) -> list[int]:
    share, rest = divmod(limit + 1, _BANDS)
    return [min(_BITS, share - 1 + (band < rest)) for band in range(_BANDS)]


def _band_keys(views: PackedViews) -> NDArray[np.uint16]:
    """The bands' bits: shape (8, n). Taken along diagonals, as neighbouring bits are alike."""
    short = np.stack([views.phash64, views.dhash64], axis=1).view(np.uint8)
    bits = np.unpackbits(short, axis=1).reshape(-1, 16, 8)
    turned = np.stack([np.roll(bits[:, row], row % 8, axis=1) for row in range(16)], axis=1)
    packed = np.packbits(turned.transpose(2, 0, 1), axis=2)
    keys: NDArray[np.uint16] = np.ascontiguousarray(packed).view(np.uint16)[..., 0]
    return keys


def _pairs_of_band(
    keys: NDArray[np.uint16], views: PackedViews, radius: int, limit: float
) -> Iterator[tuple[Indices, Indices]]:
    """Near pairs among views in the order of their keys, by their place in it."""
    starts = np.searchsorted(keys, np.arange((1 << _BITS) + 1))
    places = np.arange(len(keys))
    for mask in _masks(radius):
        partner = keys ^ np.uint16(mask)
        # Each pair once: from the view with the lesser key, or in the same key from the first.
        mine = places if mask == 0 else np.flatnonzero(keys < partner)
        first = mine + 1 if mask == 0 else starts[partner[mine]]
        sizes = starts[partner[mine].astype(np.intp) + 1] - first
        for one, other in _expanded(mine, first, sizes):
            yield from _near(one, other, views, limit)


def _masks(radius: int) -> Iterator[int]:
    for weight in range(radius + 1):
        for bits in combinations(range(_BITS), weight):
            yield sum(1 << bit for bit in bits)


def _expanded(mine: Indices, first: Indices, sizes: Indices) -> Iterator[tuple[Indices, Indices]]:
    """Each of ``mine`` beside the ``sizes`` places from ``first`` on, so many at a time."""
    some = np.flatnonzero(sizes > 0)
    mine, first, sizes = mine[some], first[some], sizes[some]
    ends = np.cumsum(sizes)
    begin = 0
    while begin < len(mine):
        done = int(ends[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, done + _AT_ONCE, side="right")))
        part = slice(begin, end)
        counts = sizes[part]
        one = np.repeat(mine[part], counts)
        offset = np.arange(len(one)) - np.repeat(ends[part] - counts - done, counts)
        yield one, np.repeat(first[part], counts) + offset
        begin = end


def _near(
    one: Indices, other: Indices, views: PackedViews, limit: float
) -> Iterator[tuple[Indices, Indices]]:
    short = np.bitwise_count(views.phash64[one] ^ views.phash64[other])
    short += np.bitwise_count(views.dhash64[one] ^ views.dhash64[other])
    close = np.flatnonzero(short <= np.uint8(limit))
    if not len(close):
        return
    one, other = one[close], other[close]
    long = np.bitwise_count(views.phash256[one] ^ views.phash256[other])
    total = short[close] + long.sum(axis=1, dtype=np.float32) / np.float32(4)
    near = total <= limit
    if near.any():
        yield one[near], other[near]


def _identical(views: PackedViews, owner: Indices) -> tuple[Indices, Indices]:
    """Each view's picture beside that of the first view which is equal in every bit."""
    _, first, which = np.unique(_words(views), axis=0, return_index=True, return_inverse=True)
    return owner, owner[first[which.ravel()]]


def _joined(labels: Indices, edges: list[tuple[Indices, Indices]]) -> Indices:
    one = labels[np.concatenate([a for a, _ in edges])]
    other = labels[np.concatenate([b for _, b in edges])]
    size = len(labels)
    graph = coo_array((np.ones(len(one), np.bool_), (one, other)), shape=(size, size))
    joined: Indices = connected_components(graph, directed=False)[1][labels].astype(np.intp)
    return joined


def _words(views: PackedViews) -> NDArray[np.uint64]:
    return np.column_stack([views.phash64, views.dhash64, views.phash256])


def _chosen(views: PackedViews, which: Indices) -> PackedViews:
    return PackedViews(views.phash64[which], views.dhash64[which], views.phash256[which])
