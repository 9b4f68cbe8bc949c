"""Every view of every blob, in chunks of fixed size: 56 bytes a view, and none is ever copied."""

import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from imgrepo_server.db.fingerprints import StoredFingerprints
from imgrepo_server.imaging.distance import PackedViews, pack
from imgrepo_server.imaging.query import Region
from imgrepo_server.imaging.scan import CHUNK, Chunk, Query, Scan, fastest_scan
from imgrepo_server.models import View

_REGIONS = (Region.WHOLE, Region.BOX)
_THREADS = 2
# Chunks made at once, when there are as many: of such pieces, 29 MB, NumPy asks for large memory
# pages. Handing out small ones can take longer than all else on reading fingerprints.
_AT_ONCE = 8
_WORTH_THREADS = 32  # chunks: four milliseconds and more of work
# Seconds after which a thread that waits for the interpreter's lock gets it, 0.005 otherwise. Where
# the machine is full of such searches, the event loop's waits for it add up to the most that it is
# late. Not everywhere: small uploads took up to 8 % more time.
_TURN = 0.001


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

    def of(self, views: range) -> "Near":
        """Those near one of these views of several queries, which then are those of the query."""
        these = (self.query_view >= views.start) & (self.query_view < views.stop)
        query_view = self.query_view[these] - views.start
        return Near(self.seq[these], self.distance[these], query_view, self.region[these])

    def within(self, limit: float) -> "Near":
        """Those at most so far away."""
        some = slice(int(np.searchsorted(self.distance, limit, "right")))
        return Near(self.seq[some], self.distance[some], self.query_view[some], self.region[some])

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


def _empty(count: int) -> list[Chunk]:
    """So many chunks from one piece of memory."""
    size = count * CHUNK
    words = np.empty(7 * size, np.uint64)
    seqs, phash64, dhash64 = words[: 3 * size].reshape(3, size)
    packed = PackedViews(phash64, dhash64, words[3 * size :].reshape(size, 4))
    whole = Chunk(seqs.view(np.int64), packed)
    return [whole.part(start, start + CHUNK) for start in range(0, size, CHUNK)]


class _Views:
    """Views of one kind, in the order in which they came."""

    def __init__(self, region: Region):
        self.region = _REGIONS.index(region)
        self._chunks: list[Chunk] = []
        self._length = 0

    def append(self, seqs: NDArray[np.int64], words: NDArray[np.uint64]) -> None:
        while len(seqs):
            number, at = divmod(self._length, CHUNK)
            if number == len(self._chunks):
                self._chunks += _empty(_AT_ONCE if number >= _AT_ONCE else 1)
            count = min(CHUNK - at, len(seqs))
            fresh = self._chunks[number].part(at, at + count)
            fresh.seqs[:] = seqs[:count]
            fresh.views.phash64[:] = words[:count, 0]
            fresh.views.dhash64[:] = words[:count, 1]
            fresh.views.phash256[:] = words[:count, 2:]
            self._length += count  # last, so that a search which runs meanwhile sees whole views
            seqs, words = seqs[count:], words[count:]

    def chunks(self) -> list[Chunk]:
        whole, rest = divmod(self._length, CHUNK)
        full = self._chunks[:whole]
        return [*full, self._chunks[whole].part(0, rest)] if rest else full


class FingerprintArrays:
    """Appended to by one caller at a time, searched by any number meanwhile.

    Whole views of flat pictures are kept apart, as most searches leave them out.
    """

    def __init__(self, scan: Scan | None = None) -> None:
        self._scan = scan or fastest_scan()
        self._whole = _Views(Region.WHOLE)
        self._box = _Views(Region.BOX)
        self._flat = _Views(Region.WHOLE)

    def append(self, stored: StoredFingerprints) -> None:
        """Take further fingerprints, at least one."""
        heads = np.fromstring(stored.heads, np.int64, sep=",")
        seqs, flat, boxed = heads >> 2, (heads & 2).astype(np.bool_), (heads & 1).astype(np.bool_)
        words = np.frombuffer(stored.views, np.uint64).reshape(-1, 6)
        views = 1 + boxed.astype(np.int64)
        whole = np.cumsum(views) - views  # where each fingerprint's first view stands
        self._whole.append(seqs[~flat], words[whole[~flat]])
        self._flat.append(seqs[flat], words[whole[flat]])
        self._box.append(seqs[boxed], words[whole[boxed] + 1])

    def near(
        self, query: Sequence[View], limit: float, *, flat: bool, threads: Executor | None = None
    ) -> Near:
        """Fingerprints at most ``limit`` away from any view of the query; ``flat`` ones if asked.

        ``threads``, if given, do a long search; the calling one waits.
        """
        return self.near_each([query], limit, flat=flat, threads=threads)[0]

    def near_each(
        self,
        queries: Sequence[Sequence[View]],
        limit: float,
        *,
        flat: bool = False,
        threads: Executor | None = None,
    ) -> list[Near]:
        """What ``near`` finds for each query; they have at most ``MOST_VIEWS`` in all."""
        kinds = (self._whole, self._box, self._flat) if flat else (self._whole, self._box)
        chunks = [(chunk, kind.region) for kind in kinds for chunk in kind.chunks()]
        ends = list(accumulate(map(len, queries)))
        query = Query(pack(list(chain.from_iterable(queries))), ends)
        if threads is None or len(chunks) <= _WORTH_THREADS:
            found = [self._search(query, chunks, limit)]
        else:
            sys.setswitchinterval(_TURN)
            parts = [
                threads.submit(self._search, query, chunks[share::_THREADS], limit)
                for share in range(_THREADS)
            ]
            found = [part.result() for part in parts]
        if len(queries) == 1:  # perhaps with millions of hits: nothing to tell apart
            return [_nearest(found)]
        each = map(range, [0, *ends[:-1]], ends)
        return [_nearest([part.of(views) for part in found]) for views in each]

    def _search(self, query: Query, chunks: Sequence[tuple[Chunk, int]], limit: float) -> Near:
        hits = self._scan(query, [chunk for chunk, _ in chunks], limit)
        regions = np.array([region for _, region in chunks], np.int8)
        return Near(hits.seq, hits.distance, hits.query, regions[hits.chunk])


def _nearest(found: Sequence[Near]) -> Near:
    """All of them, each fingerprint once, by its nearest view."""
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
