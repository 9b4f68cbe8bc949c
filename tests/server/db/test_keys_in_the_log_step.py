"""The step that writes API keys into the audit log, on a log in use."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from imgrepo_server.db import audit, migrations
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.models import AuditEntry
from sqlalchemy import Connection

BEFORE = """
INSERT INTO audit (seq, at, actor, action, object, address, details)
 VALUES (5, '2026-03-01 09:00:00.000000', 'jeff', 'image.upload', 'an id', NULL, '{"a": 1}')
"""


def everything(connection: Connection) -> tuple[AuditEntry, ...]:
    return audit.entries(connection, about=None, since=None, after=0, limit=10)


async def test_what_was_written_stays_and_tells_of_no_key(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0007")
        connection.execute(sa.text(BEFORE))
    engine.dispose()

    database = SqliteDatabase(path)
    await database.open()
    (entry,) = await database.read(everything)
    assert (entry.seq, entry.actor, entry.object, entry.details) == (5, "jeff", "an id", {"a": 1})
    assert entry.key is None
    await database.close()
