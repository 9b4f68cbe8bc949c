"""Every view of every blob, in blocks of fixed size: 56 bytes a view, and none is ever copied."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import chain
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from imgrepo_server.db.fingerprints import StoredFingerprints
from imgrepo_server.imaging.distance import CHUNK, PackedViews, pack, within_each
from imgrepo_server.imaging.query import Region
from imgrepo_server.models import View

_REGIONS = (Region.WHOLE, Region.BOX)
_THREADS = 2
_WORTH_A_THREAD = 16  # blocks: a millisecond and more of work


@dataclass(frozen=True, slots=True)
class Near:
    """Fingerprints near a query as parallel arrays, nearest first.

    The order of equals means nothing, and nobody may be shown it: it is that of ``seq``.

    ``query_view`` is the index of the query's view that is nearest, ``region`` the index in
    ``regions`` of the stored view that it is nearest to.
    """

    seq: NDArray[np.int64]
    distance: NDArray[np.float32]
    query_view: NDArray[np.intp]
    region: NDArray[np.int8]

    regions: ClassVar[tuple[Region, ...]] = _REGIONS

    def __len__(self) -> int:
        return len(self.seq)

    def at(self, distance: float) -> range:
        """The places of those at that distance."""
        start = int(np.searchsorted(self.distance, distance))
        return range(start, int(np.searchsorted(self.distance, distance, "right")))

    def part(self, start: int, size: int) -> range:
        """About ``size`` places from ``start`` on, which do not part equals in distance.

        Either no more than that, or the equals of the first one alone, however many.
        """
        stop = start + size
        if stop >= len(self):
            return range(start, len(self))
        before = self.at(float(self.distance[stop])).start
        return range(start, before) if before > start else self.at(float(self.distance[start]))

    def places(self, part: range, seqs: Iterable[int]) -> list[int]:
        """Where fingerprints of a part stand."""
        if self.are_equal(part):  # which may be many, and those asked for few
            found = np.searchsorted(self.seq[part.start : part.stop], list(seqs))
            return [part.start + int(place) for place in found]
        places = dict(zip(self.seq[part.start : part.stop].tolist(), part, strict=True))
        return [places[seq] for seq in seqs]

    def are_equal(self, part: range) -> bool:
        """Whether all in a part are at one distance.

        Also where there are none, so that a search near nothing asks what one near a single hidden
        image does.
        """
        return not part or bool(self.distance[part[0]] == self.distance[part[-1]])


@dataclass(frozen=True, slots=True)
class _Block:
    region: int
    seqs: NDArray[np.int64]
    views: PackedViews

    @classmethod
    def empty(cls, region: int) -> "_Block":
        views = PackedViews(
            np.empty(CHUNK, np.uint64), np.empty(CHUNK, np.uint64), np.empty((CHUNK, 4), np.uint64)
        )
        return cls(region, np.empty(CHUNK, np.int64), views)

    def part(self, start: int, stop: int) -> "_Block":
        these, views = slice(start, stop), self.views
        packed = PackedViews(views.phash64[these], views.dhash64[these], views.phash256[these])
        return _Block(self.region, self.seqs[these], packed)


class _Blocks:
    """Views of one kind, in the order in which they came."""

    def __init__(self, region: int):
        self._region = region
        self._blocks: list[_Block] = []
        self._length = 0

    def append(self, seqs: NDArray[np.int64], words: NDArray[np.uint64]) -> None:
        while len(seqs):
            at = self._length % CHUNK
            if at == 0:
                self._blocks.append(_Block.empty(self._region))
            count = min(CHUNK - at, len(seqs))
            fresh = self._blocks[-1].part(at, at + count)
            fresh.seqs[:] = seqs[:count]
            fresh.views.phash64[:] = words[:count, 0]
            fresh.views.dhash64[:] = words[:count, 1]
            fresh.views.phash256[:] = words[:count, 2:]
            self._length += count  # last, so that a search which runs meanwhile sees whole views
            seqs, words = seqs[count:], words[count:]

    def parts(self) -> Iterator[_Block]:
        length = self._length
        for number in range(-(-length // CHUNK)):
            start = number * CHUNK
            yield self._blocks[number].part(0, min(CHUNK, length - start))


class FingerprintArrays:
    """Appended to by one caller at a time, searched by any number meanwhile.

    Whole views of flat pictures are kept apart, as most searches leave them out.
    """

    def __init__(self) -> None:
        self.last_seq = 0
        self._whole = _Blocks(_REGIONS.index(Region.WHOLE))
        self._box = _Blocks(_REGIONS.index(Region.BOX))
        self._flat = _Blocks(_REGIONS.index(Region.WHOLE))

    def append(self, stored: StoredFingerprints) -> None:
        """Take further fingerprints, at least one, in the order of their numbers."""
        seqs = np.array(stored.seqs, np.int64)
        flat = np.array(stored.flat, np.bool_)
        views = np.fromiter(map(len, stored.views), np.int64, len(stored)) // 48
        words = np.frombuffer(b"".join(stored.views), np.uint64).reshape(-1, 6)
        whole = np.cumsum(views) - views  # where each fingerprint's first view stands
        boxed = views == 2
        self._whole.append(seqs[~flat], words[whole[~flat]])
        self._flat.append(seqs[flat], words[whole[flat]])
        self._box.append(seqs[boxed], words[whole[boxed] + 1])
        self.last_seq = stored.seqs[-1]

    def near(
        self, query: Sequence[View], limit: float, *, flat: bool, threads: Executor | None = None
    ) -> Near:
        """Fingerprints at most ``limit`` away from any view of the query; ``flat`` ones if asked.

        ``threads``, if given, runs a part of a long search beside the calling thread.
        """
        kinds = (self._whole, self._box, self._flat) if flat else (self._whole, self._box)
        blocks = list(chain.from_iterable(kind.parts() for kind in kinds))
        packed = pack(query)
        if threads is None or len(blocks) <= _WORTH_A_THREAD:
            return _nearest(_search(packed, blocks, limit))
        others = [
            threads.submit(_search, packed, blocks[share::_THREADS], limit)
            for share in range(1, _THREADS)
        ]
        mine = _search(packed, blocks[::_THREADS], limit)
        return _nearest([*mine, *chain.from_iterable(other.result() for other in others)])


def _search(query: PackedViews, blocks: Sequence[_Block], limit: float) -> list[Near]:
    found = within_each(query, (block.views for block in blocks), limit)
    return [
        Near(
            seq=block.seqs[hits.index],
            distance=hits.distance,
            query_view=hits.query,
            region=np.full(len(hits.index), block.region, np.int8),
        )
        for block, hits in zip(blocks, found, strict=True)
        if len(hits.index)
    ]


def _nearest(found: Sequence[Near]) -> Near:
    """All of them, each fingerprint once, by its nearest view."""
    if not found:
        none = np.empty(0, np.int64)
        return Near(none, none.astype(np.float32), none.astype(np.intp), none.astype(np.int8))
    seq = np.concatenate([near.seq for near in found])
    distance = np.concatenate([near.distance for near in found])
    region = np.concatenate([near.region for near in found])
    by_seq = np.lexsort((region, distance, seq))
    first = np.ones(len(seq), np.bool_)
    first[1:] = seq[by_seq[1:]] != seq[by_seq[:-1]]
    kept = by_seq[first]
    order = kept[np.lexsort((seq[kept], distance[kept]))]
    query = np.concatenate([near.query_view for near in found])
    return Near(seq[order], distance[order], query[order], region[order])
