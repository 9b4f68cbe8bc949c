from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple

import numpy as np
import pytest
from imgrepo_server.db.fingerprints import StoredFingerprints
from imgrepo_server.imaging.distance import PackedViews, distances, pack
from imgrepo_server.imaging.scan import CHUNK
from imgrepo_server.models import View
from imgrepo_server.services.fingerprint_arrays import FingerprintArrays


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


def rows(*fingerprints: tuple[int, bool, bytes]) -> StoredFingerprints:
    heads = [4 * seq + 2 * flat + (len(views) > 48) for seq, flat, views in fingerprints]
    views = b"".join(views for _, _, views in fingerprints)
    return StoredFingerprints(",".join(map(str, heads)), views, newest=0)


def view(noise: bytes) -> View:
    return View(noise[:8], noise[8:16], noise[16:48])


def test_many_chunks_are_searched_whole_whatever_the_pieces(threads: ThreadPoolExecutor) -> None:
    """More chunks than one thread looks through alone, appended in pieces that fit none."""
    chance = np.random.default_rng(1)
    count = 33 * CHUNK + 77
    stored = chance.bytes(48 * count)
    arrays = FingerprintArrays()
    start = 0
    for size in [1, CHUNK - 1, 1, CHUNK, CHUNK + 1, 5, count]:
        stop = min(count, start + size)
        places = range(start, stop)
        heads = ",".join(str(4 * (1 + place)) for place in places)
        arrays.append(StoredFingerprints(heads, stored[48 * start : 48 * stop], newest=0))
        start = stop
    words = np.frombuffer(stored, np.uint64).reshape(-1, 6)
    known = PackedViews(words[:, 0].copy(), words[:, 1].copy(), words[:, 2:].copy())
    query = [view(chance.bytes(48)), view(stored[48 * CHUNK : 48 * CHUNK + 48])]
    stranger, near = arrays.near_each([[view(bytes(48))], query], 75, threads=threads)
    far = distances(pack([view(bytes(48))]), known)[0]
    assert sorted(stranger.seq.tolist()) == (1 + np.flatnonzero(far <= 75)).tolist()
    least = distances(pack(query), known).min(axis=0)
    expected = np.flatnonzero(least <= 75)
    assert len(near) == len(expected) > 10
    assert near.distance[0] == 0
    assert near.seq[0] == 1 + CHUNK
    assert dict(zip(near.seq.tolist(), near.distance.tolist(), strict=True)) == {
        1 + int(place): float(least[place]) for place in expected
    }


def test_each_of_several_queries_finds_what_it_would_find_alone(
    threads: ThreadPoolExecutor,
) -> None:
    chance = np.random.default_rng(5)
    noises = [chance.bytes(48) for _ in range(200)]
    arrays = FingerprintArrays()
    arrays.append(rows(*((1 + n, False, noise) for n, noise in enumerate(noises))))
    queries = [[view(noises[3]), view(noises[9])], [view(noises[9])], [view(chance.bytes(48))]]
    for limit in (0, 80, 192):
        together = arrays.near_each(queries, limit, threads=threads)
        for query, near in zip(queries, together, strict=True):
            alone = arrays.near(query, limit, flat=False)
            for mine, its in zip(astuple(near), astuple(alone), strict=True):
                assert mine.tolist() == its.tolist()
            assert near.within(70).seq.tolist() == alone.seq[alone.distance <= 70].tolist()


def test_flat_wholes_take_part_when_asked_and_their_boxes_always(
    threads: ThreadPoolExecutor,
) -> None:
    chance = np.random.default_rng(2)
    whole, box = chance.bytes(48), chance.bytes(48)
    arrays = FingerprintArrays()
    arrays.append(rows((7, True, whole + box)))
    for flat, noise, found in (
        (False, whole, []),
        (True, whole, [7]),
        (False, box, [7]),
        (True, box, [7]),
    ):
        near = arrays.near([view(noise)], 12, flat=flat, threads=threads)
        assert near.seq.tolist() == found


def test_no_part_of_the_hits_parts_equals(threads: ThreadPoolExecutor) -> None:
    noise = np.random.default_rng(3).bytes(48)
    changed = [bytes([noise[0] ^ bits]) + noise[1:] for bits in (0, 1, 3)]
    arrays = FingerprintArrays()
    arrays.append(rows(*((seq, False, changed[seq // 4]) for seq in range(1, 9))))
    near = arrays.near([view(noise)], 2, flat=False, threads=threads)
    assert near.distance.tolist() == [0, 0, 0, 1, 1, 1, 1, 2]
    assert [near.at(distance) for distance in (0, 1, 2, 3)] == [
        range(3),
        range(3, 7),
        range(7, 8),
        range(8, 8),
    ]
    assert [near.part(0, size) for size in (1, 2, 3, 6, 7, 8, 9)] == [
        *[range(3)] * 4,
        range(7),
        *[range(8)] * 2,
    ]
    assert near.part(3, 2) == range(3, 7)
    assert [near.are_equal(part) for part in (range(3), range(2, 4), range(0))] == [1, 0, 1]
