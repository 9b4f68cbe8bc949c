"""What an upload is told to look like, and what finding that out must not tell."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from typing import Any, cast

import sqlalchemy as sa
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.imaging.matching import VERSION
from imgrepo_server.models import Fingerprint, View, Visibility
from imgrepo_server.services.fingerprint_arrays import FingerprintArrays, Near
from imgrepo_server.services.fingerprint_index import FingerprintIndex
from imgrepo_server.services.near_copies import NearCopies
from sqlalchemy import Connection

NEAR, FAR = (View(*(bytes([byte]) * size for size in (8, 8, 32))) for byte in (0, 255))


@contextmanager
def statements() -> Iterator[list[str]]:
    """Whatever is asked of any database meanwhile."""
    seen: list[str] = []

    def note(*asked: Any) -> None:
        seen.append(asked[2].partition(" IN ")[0])

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(sa.Engine, "before_cursor_execute", note)


async def test_the_database_is_asked_the_same_where_something_hidden_is_near_and_nothing(
    database: SqliteDatabase, index: FingerprintIndex, records: Callable[[Connection], Any]
) -> None:
    def fill(connection: Connection) -> Any:
        table = records(connection)
        jeff = table.user("jeff")
        for number in range(60):  # a series
            view = replace(NEAR, dhash64=((1 << number % 9) - 1).to_bytes(8, "big"))
            table.image(jeff, visibility=Visibility.PRIVATE, views=(view, None))
        return table.user("rita")

    rita = await database.write(fill)
    copies = NearCopies(index)
    await index.load()
    asked = []
    for view in (NEAR, FAR):
        with statements() as seen:
            assert (
                await copies.nearest(rita, Fingerprint(VERSION, view, None, flat=False), 28) is None
            )
        asked.append(seen)
    assert asked[0] == asked[1]
    assert any("images" in one for one in asked[0])


class NotedArrays:
    """Fingerprints, and how many questions were asked of them at once, and how far away."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, float]] = []

    def near_each(
        self, queries: Sequence[Sequence[View]], limit: float, *, threads: Executor
    ) -> list[Near]:
        assert threads is not None
        self.asked.append((len(queries), limit))
        return FingerprintArrays().near_each(queries, limit)


class NotedIndex:
    """As much of an index as is asked of it; takes its time over each reading."""

    def __init__(self, database: SqliteDatabase, arrays: NotedArrays):
        self._database, self._arrays = database, arrays

    async def read(self, query: Callable[..., Any]) -> Any:
        with ThreadPoolExecutor(1) as threads:
            return await self._database.read(
                lambda connection: query(connection, self._arrays, threads)
            )


async def test_who_looks_far_away_is_answered_alone(
    database: SqliteDatabase, records: Callable[[Connection], Any]
) -> None:
    jeff = await database.write(lambda connection: records(connection).user("jeff"))
    arrays = NotedArrays()
    copies = NearCopies(cast("FingerprintIndex", NotedIndex(database, arrays)))
    near = Fingerprint(VERSION, NEAR, None, flat=False)
    distances = [28.0] * 30 + [192.0, 192.0] + [64.0] * 3
    await asyncio.gather(*(copies.nearest(jeff, near, distance) for distance in distances))
    assert sum(count for count, _ in arrays.asked) == len(distances)
    assert [asked for asked in arrays.asked if asked[1] > 64] == [(1, 192.0)] * 2
    assert 1 < max(count for count, _ in arrays.asked) <= 16


async def test_those_who_ask_together_get_what_each_would_get_alone(
    database: SqliteDatabase, index: FingerprintIndex, records: Callable[[Connection], Any]
) -> None:
    """More than are looked for in one pass, near each other, and with limits of their own."""
    views = [View(n.to_bytes(8, "big"), bytes(8), bytes(32)) for n in range(64)]

    def fill(connection: Connection) -> Any:
        table = records(connection)
        jeff = table.user("jeff")
        for view in views[::3]:
            table.image(jeff, visibility=Visibility.PUBLIC, views=(view, None))
        return jeff

    jeff = await database.write(fill)
    asked = [
        (Fingerprint(VERSION, view, box, flat=flat), distance)
        for view, box, flat, distance in product(views, (None, FAR), (False, True), (0, 1, 4))
    ]
    copies = NearCopies(index)
    alone = [await copies.nearest(jeff, *one) for one in asked]
    assert len({copy and copy.distance for copy in alone}) > 2
    assert await asyncio.gather(*(copies.nearest(jeff, *one) for one in asked)) == alone
