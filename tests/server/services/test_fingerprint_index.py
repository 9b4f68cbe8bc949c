"""The index against the plainest scan over all views, also while pictures keep coming."""

import asyncio
import random
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.db.tables import fingerprints
from imgrepo_server.imaging.distance import distance
from imgrepo_server.models import View
from imgrepo_server.services.fingerprint_index import FingerprintIndex
from sqlalchemy import Connection

CHANCE = random.Random(7)


def altered(view: View, bits: int, chance: random.Random) -> View:
    """A view with some bits changed."""
    packed = bytearray(view.phash64 + view.dhash64 + view.phash256)
    for bit in chance.sample(range(384), bits):
        packed[bit // 8] ^= 1 << bit % 8
    return View(bytes(packed[:8]), bytes(packed[8:16]), bytes(packed[16:]))


def strange(chance: random.Random) -> View:
    noise = chance.randbytes(48)
    return View(noise[:8], noise[8:16], noise[16:])


ORIGINALS = [strange(CHANCE) for _ in range(6)]


def some_picture(chance: random.Random) -> tuple[View, View | None]:
    """Views near an original, of the whole or of the box only, or near none."""
    near = altered(chance.choice(ORIGINALS), chance.randrange(0, 90), chance)
    return chance.choice([(near, None), (near, strange(chance)), (strange(chance), near)])


class Kept:
    """What has been written, for the plain scan: the views of each fingerprint by its number."""

    def __init__(self, database: SqliteDatabase, records: Callable[[Connection], Any]):
        self.views: dict[int, tuple[View, View | None]] = {}
        self._database = database
        self._records = records
        self._table: Any = None
        self._owner: Any = None

    async def add(self, pictures: Sequence[tuple[View, View | None]]) -> None:
        def change(connection: Connection) -> list[int]:
            if self._table is None:
                self._table = self._records(connection)
                self._owner = self._table.user("jeff")
            self._table.connection = connection
            numbers = []
            for views in pictures:
                self._table.image(self._owner, views=views)
                newest = connection.execute(sa.select(sa.func.max(fingerprints.c.seq)))
                numbers.append(newest.scalar_one())
            return numbers

        self.views.update(zip(await self._database.write(change), pictures, strict=True))

    def near(self, query: Sequence[View], limit: float) -> dict[int, float]:
        least = {
            seq: min(distance(one, other) for one, other in product(query, stored) if other)
            for seq, stored in self.views.items()
        }
        return {seq: far for seq, far in least.items() if far <= limit}


@pytest.fixture
def kept(database: SqliteDatabase, records: Any) -> Kept:
    return Kept(database, records)


async def found(index: FingerprintIndex, query: Sequence[View], limit: float) -> dict[int, float]:
    answer = await index.search(query, limit, lambda _, near: len(near))
    if answer is None:
        return {}
    near, count = answer
    assert count == len(near)
    numbers, distances = near.seq.tolist(), near.distance.tolist()
    assert list(zip(distances, numbers, strict=True)) == sorted(
        zip(distances, numbers, strict=True)
    )
    assert len(set(numbers)) == len(numbers)
    return dict(zip(numbers, distances, strict=True))


async def test_nothing_is_near_where_there_is_nothing(index: FingerprintIndex) -> None:
    assert await found(index, [ORIGINALS[0]], 192) == {}


async def test_the_index_finds_what_a_plain_scan_finds(index: FingerprintIndex, kept: Kept) -> None:
    chance = random.Random(1)
    await kept.add([some_picture(chance) for _ in range(150)])
    for _ in range(30):
        query = [altered(chance.choice(ORIGINALS), chance.randrange(40), chance)]
        query += [strange(chance) for _ in range(chance.randrange(3))]
        limit = chance.choice([0, 12, 28, 39.75, 40, 60, 192])
        assert await found(index, query, limit) == kept.near(query, limit)
        await kept.add([some_picture(chance)])


@pytest.mark.parametrize("first", [0, 5])
async def test_what_comes_after_a_long_gap_in_the_numbers_is_found(
    index: FingerprintIndex, kept: Kept, database: SqliteDatabase, first: int
) -> None:
    """Numbers are read some ten thousand at a time, and those of what was purged are gone."""
    if first:
        await kept.add([(ORIGINALS[0], None)] * first)
        assert len(await found(index, [ORIGINALS[0]], 12)) == first
    await kept.add([(ORIGINALS[0], None)] * 4)
    further = sa.update(fingerprints).where(fingerprints.c.seq > first)
    moved = further.values(seq=fingerprints.c.seq + 65_000)
    await database.write(lambda connection: connection.execute(moved).rowcount)
    assert len(await found(index, [ORIGINALS[0]], 12)) == first + 4


async def test_the_index_tells_which_views_were_nearest(
    index: FingerprintIndex, kept: Kept
) -> None:
    chance = random.Random(2)
    one, other = ORIGINALS[:2]
    await kept.add([(one, None), (strange(chance), other)])
    answer = await index.search([strange(chance), other, one], 10, lambda _, near: near)
    assert answer is not None
    near = answer[0]
    assert near.distance.tolist() == [0, 0]
    assert near.query_view.tolist() == [2, 1]
    assert [near.regions[region] for region in near.region] == ["whole", "box"]


async def test_searches_stay_exact_while_pictures_come_in(
    index: FingerprintIndex, kept: Kept
) -> None:
    chance = random.Random(3)

    async def keep_adding() -> None:
        for _ in range(12):
            await kept.add([some_picture(chance) for _ in range(12)])

    async def keep_searching(seed: int) -> None:
        query = [altered(ORIGINALS[seed], 10, random.Random(seed))]
        while not adding.done():
            acknowledged = kept.near(query, 60)
            seen = await found(index, query, 60)
            assert acknowledged.items() <= seen.items()
            searches.append((query, seen))

    searches: list[tuple[list[View], dict[int, float]]] = []
    adding = asyncio.create_task(keep_adding())
    await asyncio.gather(adding, *map(keep_searching, range(4)))
    for query, seen in searches:
        assert seen.items() <= kept.near(query, 60).items()
    query = ORIGINALS[:2]
    assert await found(index, query, 60) == kept.near(query, 60)
