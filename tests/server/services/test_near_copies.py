"""What an upload is told to look like, and what finding that out must not tell."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
