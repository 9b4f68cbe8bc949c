import random
import shutil
import sysconfig
from itertools import accumulate, chain, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.imaging.distance import PackedViews, distances
from imgrepo_server.imaging.scan import (
    CHUNK,
    MOST_VIEWS,
    Chunk,
    Query,
    Scan,
    fastest_scan,
    native_scans,
    plain_scan,
)
from numpy.typing import NDArray

SCANS = [plain_scan, *native_scans()]
each_scan = pytest.mark.parametrize("scan", SCANS)

VIEW = st.binary(min_size=48, max_size=48)


def altered(view: bytes, bits: int, chance: random.Random) -> bytes:
    changed = int.from_bytes(view, "big")
    for bit in chance.sample(range(384), bits):
        changed ^= 1 << bit
    return changed.to_bytes(48, "big")


def packed(views: list[bytes]) -> PackedViews:
    words: NDArray[np.uint64] = np.frombuffer(b"".join(views), np.uint64).reshape(-1, 6)
    return PackedViews(words[:, 0].copy(), words[:, 1].copy(), words[:, 2:].copy())


def part(views: PackedViews, start: int, stop: int) -> PackedViews:
    these = slice(start, stop)
    return PackedViews(views.phash64[these], views.dhash64[these], views.phash256[these])


def cut(stored: PackedViews, places: list[int]) -> list[Chunk]:
    """Chunks that end at these places; the numbers of the views go down from 1000."""
    ends = [0, *sorted(min(place, len(stored)) for place in places), len(stored)]
    return [
        Chunk(1000 - np.arange(start, stop), part(stored, start, stop))
        for start, stop in pairwise(ends)
    ]


def one(views: PackedViews) -> Query:
    return Query(views, [len(views)])


@each_scan
@given(
    pictures=st.lists(st.lists(VIEW, max_size=3), min_size=1, max_size=4).filter(any),
    strangers=st.lists(VIEW, max_size=12),
    relatives=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 384)), max_size=24),
    limit=st.integers(0, 192 * 8).map(lambda eighths: eighths / 8),
    ends=st.lists(st.integers(0, 36), max_size=3),
    seed=st.integers(),
)
def test_what_lies_within_is_found_for_each_picture_with_its_nearest_view(
    scan: Scan,
    *,
    pictures: list[list[bytes]],
    strangers: list[bytes],
    relatives: list[tuple[int, int]],
    limit: float,
    ends: list[int],
    seed: int,
) -> None:
    chance = random.Random(seed)
    query = list(chain.from_iterable(pictures))
    near = [altered(query[which % len(query)], bits, chance) for which, bits in relatives]
    stored = packed(chance.sample(near + strangers, len(near + strangers)))
    chunks = cut(stored, ends)
    starts = [0, *accumulate(map(len, pictures))]
    hits = scan(Query(packed(query), starts[1:]), chunks, limit)
    table = distances(packed(query), stored)
    expected = [
        (1000 - place, table[start:stop, place].min(), start + table[start:stop, place].argmin())
        for place in range(len(stored))
        for start, stop in pairwise(starts)
        if start < stop and table[start:stop, place].min() <= limit
    ]
    found = zip(hits.seq.tolist(), hits.distance.tolist(), hits.query.tolist(), strict=True)
    assert list(found) == expected
    for seq, chunk in zip(hits.seq, hits.chunk, strict=True):
        assert seq in chunks[chunk].seqs


@each_scan
def test_every_place_of_full_chunks_is_looked_at(scan: Scan) -> None:
    chance = np.random.default_rng(3)
    count = 2 * CHUNK + 77
    views = packed([chance.bytes(48 * count)])
    ends = [CHUNK, 2 * CHUNK]
    compared = CHUNK // 8  # at once, by NumPy
    for place in (0, 7, 8, compared - 1, compared, CHUNK - 1, CHUNK, 2 * CHUNK - 1, count - 1):
        hits = scan(one(part(views, place, place + 1)), cut(views, ends), 40)
        assert hits.seq.tolist() == [1000 - place]
        assert hits.distance.tolist() == [0]
        assert hits.chunk.tolist() == [place // CHUNK]


@each_scan
def test_more_hits_than_were_expected_are_all_kept(scan: Scan) -> None:
    chance = np.random.default_rng(4)
    views = packed([chance.bytes(48) for _ in range(5000)])
    assert len(scan(one(part(views, 0, 20)), cut(views, []), 192)) == 5000


@pytest.mark.parametrize("scan", native_scans())
def test_views_that_lack_a_part_are_refused_rather_than_read_beyond(scan: Scan) -> None:
    whole = packed([bytes(48)] * 9)
    for broken in (
        PackedViews(whole.phash64, whole.dhash64[:8], whole.phash256),
        PackedViews(whole.phash64, whole.dhash64, whole.phash256[:8]),
        PackedViews(whole.phash64[:8], whole.dhash64, whole.phash256),
    ):
        with pytest.raises(ValueError, match="differ in number"):
            scan(one(broken), cut(whole, []), 40)
        with pytest.raises(ValueError, match="differ in number"):
            scan(one(whole), [Chunk(np.arange(len(broken)), broken)], 40)
    with pytest.raises(ValueError, match="differ in number"):
        scan(one(whole), [Chunk(np.arange(8), whole)], 40)


@pytest.mark.parametrize("scan", native_scans())
def test_views_are_not_read_across_their_strides(scan: Scan) -> None:
    whole = packed([bytes(48)] * 18)
    every_other = PackedViews(whole.phash64[::2], whole.dhash64[::2], whole.phash256[::2])
    with pytest.raises(ValueError, match="contiguous"):
        scan(one(every_other), cut(whole, []), 40)


@pytest.mark.parametrize("scan", native_scans())
@pytest.mark.parametrize("ends", [[], [8], [10], [5, 4, 9], [9, 8]])
def test_views_beyond_those_of_the_query_are_not_read(scan: Scan, ends: list[int]) -> None:
    whole = packed([bytes(48)] * 9)
    with pytest.raises(ValueError, match="ends"):
        scan(Query(whole, ends), cut(whole, []), 40)


@each_scan
def test_as_many_views_as_are_allowed_are_searched_with(scan: Scan) -> None:
    chance = np.random.default_rng(5)
    views = packed([chance.bytes(48) for _ in range(MOST_VIEWS)])
    hits = scan(Query(views, range(1, MOST_VIEWS + 1)), cut(views, []), 20)
    assert hits.query.tolist() == list(range(MOST_VIEWS))


@pytest.mark.skipif(
    not (shutil.which("cc") and Path(sysconfig.get_path("include"), "Python.h").exists()),
    reason="no C compiler, or not Python's headers",
)
def test_where_there_is_a_compiler_there_is_c() -> None:
    # A build that fails is passed over in silence at installation.
    assert native_scans()


def test_c_is_preferred_where_it_is() -> None:
    assert (fastest_scan() is plain_scan) == (not native_scans())
