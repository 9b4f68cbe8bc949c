"""What an upload is told to look like, and what finding that out must not tell."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

import sqlalchemy as sa
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.imaging.matching import VERSION
from imgrepo_server.models import Fingerprint, View, Visibility
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
        table.image(table.user("jeff"), visibility=Visibility.PRIVATE, views=(NEAR, None))
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
