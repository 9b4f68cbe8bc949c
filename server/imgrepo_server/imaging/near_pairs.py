"""What pairs of pictures within a distance connect, without comparing each with each.

Multi-index hashing (Norouzi, Punjani and Fleet, 2014). S is at least the number of bits in which
the two short hashes differ. Cut their 128 bits into 8 bands of 16: two views that differ in at
most D bits differ in at most r bits of some band, if the bands' radii r are such that the sum of
all r + 1 exceeds D. So only views whose bands lie so close are compared; at D = 28 that is one pair
of strangers in fifteen. And views that are connected already are not compared: else 10,000 frames
of a film would be 50 million pairs in every band. Exact: no pair that connects anything is missed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
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
_WORTHWHILE: Final = 0.95  # what another round over neighbours has to leave at most

Indices = NDArray[np.intp]


def connected(views: PackedViews, owner: Indices, count: int, limit: float) -> Indices:
    """Which of ``count`` pictures belong together: a number for each, equal where they do.

    Two do where S of any of their views is at most ``limit``, or where a chain of such pairs
    connects them. ``owner`` says whose picture each view is.
    """
    limit = floor_to_quarter(limit)
    together = _Together(count)
    together.join(*_identical(views, owner))
    distinct = np.unique(_words(views), axis=0, return_index=True)[1]
    views, owner = _chosen(views, distinct), owner[distinct]
    keys = _band_keys(views)
    _join_neighbours(keys, views, owner, limit, together)
    for band, radius in enumerate(_radii(int(limit))):
        for weight in range(radius + 1):
            runs = _Runs.of(keys[band], together.labels()[owner])
            there, whose = _chosen(views, runs.order), owner[runs.order]
            for mask in _masks(weight):
                for one, other in runs.pairs(mask):
                    near = _near(one, other, there, limit)
                    together.join(whose[one[near]], whose[other[near]])
    return together.labels()


class _Together:
    """Pictures and what connects them, condensed now and then."""

    def __init__(self, count: int):
        self._labels: Indices = np.arange(count)
        self._edges: list[tuple[Indices, Indices]] = []
        self._remembered = 0

    def join(self, one: Indices, other: Indices) -> None:
        if len(one):
            self._edges.append((one, other))
            self._remembered += len(one)
        if self._remembered > _EDGES:
            self.labels()

    def labels(self) -> Indices:
        """A number for each picture, equal for those that are connected so far."""
        if self._edges:
            self._labels = _joined(self._labels, self._edges)
            self._edges, self._remembered = [], 0
        return self._labels


def _join_neighbours(
    keys: NDArray[np.uint16], views: PackedViews, owner: Indices, limit: float, together: _Together
) -> None:
    """Connect much of what is alike in little time, so that few pairs are left to be compared."""
    chance = np.random.default_rng(0)
    left, before = len(np.unique(together.labels()[owner])), 0
    while before == 0 or left < _WORTHWHILE * before:
        for key in keys:
            order = np.lexsort((chance.permutation(len(key)), key))
            near = _near(order[:-1], order[1:], views, limit)
            together.join(owner[order[:-1][near]], owner[order[1:][near]])
        left, before = len(np.unique(together.labels()[owner])), left


@dataclass(frozen=True, slots=True)
class _Runs:
    """Views in the order of a band's bits, and of the same bits in that of what is connected.

    A run is those of the same bits that are connected already: they need no comparing any more.
    """

    order: Indices
    keys: NDArray[np.uint16]
    labels: Indices
    starts: Indices
    sizes: Indices
    buckets: Indices  # the first run of every key

    @classmethod
    def of(cls, keys: NDArray[np.uint16], labels: Indices) -> "_Runs":
        order = np.lexsort((labels, keys))
        keys, labels = keys[order], labels[order]
        new = np.ones(len(keys), np.bool_)
        new[1:] = (keys[1:] != keys[:-1]) | (labels[1:] != labels[:-1])
        starts = np.flatnonzero(new)
        sizes = np.diff(starts, append=len(keys))
        buckets = np.searchsorted(keys[starts], np.arange((1 << _BITS) + 1))
        return cls(order, keys[starts], labels[starts], starts, sizes, buckets)

    def pairs(self, mask: int) -> Iterator[tuple[Indices, Indices]]:
        """Places in ``order``: bits differ by the mask, not connected, each pair once."""
        places = np.arange(len(self.keys))
        partner = self.keys ^ np.uint16(mask)
        # From the run with the lesser key, or in the same key from the first.
        mine = places if mask == 0 else np.flatnonzero(self.keys < partner)
        first = mine + 1 if mask == 0 else self.buckets[partner[mine]]
        sizes = self.buckets[partner[mine].astype(np.intp) + 1] - first
        for a, b in _expanded(mine, first, sizes):
            apart = self.labels[a] != self.labels[b]
            yield from self._views(a[apart], b[apart])

    def _views(self, a: Indices, b: Indices) -> Iterator[tuple[Indices, Indices]]:
        single = (self.sizes[a] == 1) & (self.sizes[b] == 1)  # nearly all, in most collections
        yield self.starts[a[single]], self.starts[b[single]]
        if single.all():
            return
        a, b = a[~single], b[~single]
        for which, one in _expanded(np.arange(len(a)), self.starts[a], self.sizes[a]):
            theirs = b[which]
            yield from _expanded(one, self.starts[theirs], self.sizes[theirs])


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


def _masks(weight: int) -> Iterator[int]:
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


def _near(one: Indices, other: Indices, views: PackedViews, limit: float) -> Indices:
    """Which of these pairs are near."""
    short = np.bitwise_count(views.phash64[one] ^ views.phash64[other])
    short += np.bitwise_count(views.dhash64[one] ^ views.dhash64[other])
    close = np.flatnonzero(short <= np.uint8(limit))
    long = np.bitwise_count(views.phash256[one[close]] ^ views.phash256[other[close]])
    total = short[close] + long.sum(axis=1, dtype=np.float32) / np.float32(4)
    near: Indices = close[total <= limit]
    return near


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
