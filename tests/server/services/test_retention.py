"""The audit log is kept for its time and no longer."""

from datetime import timedelta
from typing import Any

from imgrepo_server.db import audit
from imgrepo_server.db.database import Connection
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.models import Action
from imgrepo_server.services.retention import Retention

KEEP = timedelta(days=30)


async def test_entries_are_kept_for_their_time(database: SqliteDatabase, clock: Any) -> None:
    retention = Retention(database=database, now=clock, keep=KEEP)

    def many(connection: Connection) -> None:
        for number in range(5000):  # more than go in one transaction
            audit.record(connection, Action.LOGIN, now=clock(), actor="jeff", object_=str(number))

    await database.write(many)
    clock.move(timedelta(seconds=1))
    await database.write(
        lambda connection: audit.record(
            connection, Action.LOGOUT, now=clock(), actor="jeff", object_="jeff"
        )
    )
    clock.move(KEEP - timedelta(seconds=1))
    assert await retention.sweep() == 0
    clock.move(timedelta(seconds=1))
    assert await retention.sweep() == 5000
    left = await database.read(
        lambda connection: audit.entries(connection, about=None, since=None, after=0, limit=9)
    )
    assert [entry.action for entry in left] == [Action.LOGOUT]
    assert await retention.sweep() == 0
