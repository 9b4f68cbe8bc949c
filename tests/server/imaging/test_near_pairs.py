import time
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imgrepo_server.imaging.distance import PackedViews, distances
from imgrepo_server.imaging.grouping import groups, groups_around
from imgrepo_server.imaging.near_pairs import connected
from numpy.typing import NDArray


def packed(words: NDArray[np.uint64]) -> PackedViews:
    return PackedViews(words[:, 0].copy(), words[:, 1].copy(), words[:, 2:].copy())


def relatives(seed: int, count: int) -> NDArray[np.uint64]:
    """Views of which many are a few bits from others, some of them in the short hashes only."""
    chance = np.random.default_rng(seed)
    words = chance.integers(0, 2**64, (count, 6), dtype=np.uint64)
    for row in range(1, count):
        if chance.random() < 0.7:
            words[row] = words[chance.integers(row)]
            bits = chance.choice(chance.choice([128, 384]), chance.integers(0, 50), replace=False)
            for bit in bits:
                words[row, bit // 64] ^= np.uint64(1) << np.uint64(bit % 64)
    return words


def crowds(seed: int, count: int) -> NDArray[np.uint64]:
    """A few crowds of views of which most are near each other, and some just too far away."""
    chance = np.random.default_rng(seed)
    words = chance.integers(0, 2**64, (3, 6), dtype=np.uint64)[chance.integers(0, 3, count)]
    for row in range(count):
        for bit in chance.choice(384, chance.integers(0, 40), replace=False):
            words[row, bit // 64] ^= np.uint64(1) << np.uint64(bit % 64)
    return words


def naively_connected(
    words: NDArray[np.uint64], owner: NDArray[np.intp], limit: float
) -> list[list[int]]:
    """By comparing each with each; and the plainest union: relabel everything."""
    label = np.arange(owner.max() + 1)
    for a, b in np.argwhere(distances(packed(words), packed(words)).astype(float) <= limit):
        label[label == label[owner[b]]] = label[owner[a]]
    return [np.flatnonzero(label == one).tolist() for one in label]


LIMITS = st.one_of(st.sampled_from([0, 1, 7, 8, 12, 28, 28.25]), st.floats(0, 34))


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), limit=LIMITS, make=st.sampled_from([relatives, crowds]))
def test_what_is_connected_is_what_comparing_each_with_each_finds(
    seed: int, limit: float, make: Callable[[int, int], NDArray[np.uint64]]
) -> None:
    words = make(seed, 60)
    owner = np.arange(60)
    found = connected(packed(words), owner, 60, limit)
    wanted = naively_connected(words, owner, limit)
    assert [np.flatnonzero(found == one).tolist() for one in found] == wanted


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10**6), limit=LIMITS)
def test_no_pair_of_two_is_missed(seed: int, limit: float) -> None:
    chance = np.random.default_rng(seed)
    words = np.repeat(chance.integers(0, 2**64, (60, 6), dtype=np.uint64), 2, axis=0)
    for row in range(0, 120, 2):  # mostly in the short hashes, and about as far as the limit
        among = chance.choice([128, 384])
        for bit in chance.choice(among, min(among, int(limit) + int(row % 3)), replace=False):
            words[row, bit // 64] ^= np.uint64(1) << np.uint64(bit % 64)
    found = connected(packed(words), np.arange(120), 120, limit)
    wanted = naively_connected(words, np.arange(120), limit)
    assert [np.flatnonzero(found == one).tolist() for one in found] == wanted


def test_many_alike_are_not_compared_each_with_each() -> None:
    chance = np.random.default_rng(3)
    words = np.repeat(chance.integers(0, 2**64, (1, 6), dtype=np.uint64), 30_000, axis=0)
    words[:, 2:] ^= np.uint64(1) << chance.integers(0, 64, (30_000, 4), dtype=np.uint64)
    begun = time.process_time()
    assert len(set(connected(packed(words), np.arange(30_000), 30_000, 28).tolist())) == 1
    assert time.process_time() - begun < 20  # seconds; 450 million pairs in each band take minutes


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), limit=st.sampled_from([0, 12, 28]))
def test_pictures_are_connected_through_any_of_their_views(seed: int, limit: float) -> None:
    chance = np.random.default_rng(seed)
    words = relatives(seed, 60)
    owner = np.concatenate([[39], chance.integers(0, 40, 59)])
    found = connected(packed(words), owner, 40, limit)
    wanted = naively_connected(words, owner, limit)
    assert [np.flatnonzero(found == one).tolist() for one in found] == wanted


def as_bytes(*pictures: NDArray[np.uint64]) -> list[bytes]:
    return [picture.tobytes() for picture in pictures]


@pytest.fixture
def chain() -> list[bytes]:
    """Three pictures, each 20 bits from the one before: the ends are 40 apart."""
    first = np.random.default_rng(5).integers(0, 2**64, 6, dtype=np.uint64)
    second, third = first.copy(), first.copy()
    second[0] ^= np.uint64(0xFFFFF)
    third[0] ^= np.uint64(0xFFFFFFFFFF)
    return as_bytes(first, second, third)


def test_a_chain_is_one_group(chain: list[bytes]) -> None:
    assert groups(chain, 28, []) == [[0, 1, 2]]
    assert groups(chain, 19, []) == []


def test_two_that_were_told_apart_never_share_a_group(chain: list[bytes]) -> None:
    assert groups(chain, 28, [(0, 2)]) in ([[0, 1]], [[1, 2]])
    assert groups(chain, 28, [(0, 1)]) == [[1, 2]]
    assert groups(chain, 28, [(0, 1), (1, 2)]) == []


def test_two_that_were_told_apart_share_no_group_however_large_it_is() -> None:
    (group,) = groups([bytes(48)] * 4001, 28, [(0, 1), (5, 0)])
    assert group == [0, 2, 3, 4, *range(6, 4001)]


def test_pictures_without_views_take_no_part(chain: list[bytes]) -> None:
    assert groups([b"", chain[0], b"", chain[0]], 28, []) == [[1, 3]]
    assert groups([b"", b""], 28, []) == []
    assert groups([], 28, []) == []


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), limit=st.sampled_from([0, 12, 28]))
def test_groups_around_a_picture_do_not_chain(seed: int, limit: float) -> None:
    words = relatives(seed, 60)
    table = distances(packed(words), packed(words))
    chance = np.random.default_rng(seed)
    apart = [(int(a), int(b)) for a, b in chance.integers(0, 60, (20, 2)) if a != b]
    found = groups_around([row.tobytes() for row in words], limit, apart)
    members = [one for group in found for one in group]
    assert len(members) == len(set(members))
    for first, *others in found:
        assert others
        assert all(table[first, other] <= limit for other in others)
        assert not any({a, b} <= {first, *others} for a, b in apart)
    for lonely in set(range(60)) - set(members):  # nobody whom a group would have taken is left out
        for first, *others in found:
            told = any({lonely, one} in map(set, apart) for one in (first, *others))
            assert told or table[first, lonely] > limit


def test_nothing_to_group() -> None:
    assert groups([], 28, []) == []
    assert groups_around([], 28, []) == []
