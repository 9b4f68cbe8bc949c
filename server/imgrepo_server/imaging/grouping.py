"""Groups of pictures that look the same, given their packed views."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from imgrepo_server.imaging.distance import PackedViews, distances
from imgrepo_server.imaging.near_pairs import connected

_VIEW: Final = 48
_LARGEST_SPLIT: Final = 4000  # views; the table of their distances takes 64 MB


def groups(
    packed: Sequence[bytes], limit: float, apart: Sequence[tuple[int, int]]
) -> list[list[int]]:
    """Groups of two and more pictures (by index, ascending) connected by S of at most ``limit``.

    ``packed`` holds each picture's views, 48 bytes each, none for a picture that takes no part.
    Pairs in ``apart`` never come into one group: the closest pictures are joined first, and no
    joining that would unite such a pair is done. (A group of more than 4,000 views is not joined
    anew, but is without the later one of each such pair.)
    """
    counts = np.array([len(one) // _VIEW for one in packed], np.intp)
    if not counts.sum():
        return []
    owner = np.repeat(np.arange(len(packed)), counts)
    views = _views(packed)
    labels = connected(views, owner, len(packed), limit)
    found = []
    for members in _members(labels):
        inside = set(members)
        forbidden = [pair for pair in apart if inside.issuperset(pair)]
        if not forbidden:
            found.append(members)
            continue
        mine = np.flatnonzero(np.isin(owner, members))
        if len(mine) > _LARGEST_SPLIT:
            found.append(sorted(inside.difference(max(pair) for pair in forbidden)))
        else:
            found += _split(members, _chosen(views, mine), owner[mine], limit, forbidden)
    return found


def groups_around(
    packed: Sequence[bytes], limit: float, apart: Sequence[tuple[int, int]]
) -> list[list[int]]:
    """Groups as above, but of one view each, and without chains: all are near the group's first.

    For flat pictures, which would all be connected by others of their kind. Each goes to the first
    group that takes it.
    """
    enemies = _enemies(apart)
    left = np.arange(len(packed))
    views = _views(packed)
    found = []
    while len(left):
        row = distances(_chosen(views, left[:1]), _chosen(views, left))[0]
        group: list[int] = []
        for place in left[row <= limit].tolist():
            if enemies.get(place, frozenset()).isdisjoint(group):
                group.append(place)
        if len(group) > 1:
            found.append(group)
        left = np.setdiff1d(left, group, assume_unique=True)
    return found


def _views(packed: Sequence[bytes]) -> PackedViews:
    words = np.frombuffer(b"".join(packed), np.uint64).reshape(-1, 6)
    return PackedViews(words[:, 0].copy(), words[:, 1].copy(), words[:, 2:].copy())


def _chosen(views: PackedViews, which: NDArray[np.intp]) -> PackedViews:
    return PackedViews(views.phash64[which], views.dhash64[which], views.phash256[which])


def _enemies(apart: Sequence[tuple[int, int]]) -> dict[int, set[int]]:
    enemies: dict[int, set[int]] = {}
    for one, other in apart:
        enemies.setdefault(one, set()).add(other)
        enemies.setdefault(other, set()).add(one)
    return enemies


def _members(labels: NDArray[np.intp]) -> list[list[int]]:
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    parts = np.split(order, starts[1:])
    return [part.tolist() for part in parts if len(part) > 1]


def _split(
    members: Sequence[int],
    views: PackedViews,
    owner: NDArray[np.intp],
    limit: float,
    forbidden: Sequence[tuple[int, int]],
) -> list[list[int]]:
    table = distances(views, views)
    one, other = np.nonzero(np.triu(table <= limit, 1))
    group = {member: {member} for member in members}
    empty: set[int] = set()
    enemies = _enemies(forbidden)
    for place in np.argsort(table[one, other], kind="stable"):
        mine, theirs = group[int(owner[one[place]])], group[int(owner[other[place]])]
        if mine is theirs or any(enemies.get(member, empty) & theirs for member in mine):
            continue
        mine |= theirs
        for member in theirs:
            group[member] = mine
    distinct = {id(found): found for found in group.values()}
    return [sorted(found) for found in distinct.values() if len(found) > 1]
