"""The schema: what the migrations make is what the queries expect, whoever comes first."""

import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from imgrepo_server.db import migrations, ownership, removed_previews, users
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.db.tables import metadata
from imgrepo_server.db.term_index import put_back
from imgrepo_server.errors import ImgrepoError

from tests.server.db.steps import connected, migrating

OPEN_AT = """
import asyncio, sys, time
from pathlib import Path
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.db.migrations import current_version
import alembic.command  # loaded beforehand, so that all processes start at the same moment

async def open_at(moment, path):
    time.sleep(max(0, moment - time.time()))
    database = SqliteDatabase(path)
    await database.open()
    version = await database.read(current_version)
    await database.close()
    return version

print("ready", flush=True)
start = float(sys.stdin.readline())
for number in range(int(sys.argv[2])):
    path = Path(sys.argv[1]) / f"{number}.db"
    print(asyncio.run(open_at(start + number * 0.3, path)), flush=True)
"""


def insert(connection: sa.Connection, table: str, **values: object) -> None:
    columns, places = ", ".join(values), ", ".join(f":{name}" for name in values)
    connection.execute(
        sa.text(f"INSERT INTO {table} ({columns}) VALUES ({places})"),  # noqa: S608 - our own
        values,
    )


def is_a_table(name: str | None, kind: str, _: object) -> bool:
    return kind != "table" or not str(name).startswith("image_terms")


def term_index(connection: sa.Connection) -> list[sa.Row[tuple[str, str]]]:
    """How the search index was made, which no comparison of tables sees."""
    made = "SELECT 'sql', sql FROM sqlite_master WHERE name = 'image_terms'"
    configured = "SELECT k, v FROM image_terms_config ORDER BY k"
    return [
        *connection.execute(sa.text(made)).all(),
        *connection.execute(sa.text(configured)).all(),
    ]


def test_the_migrations_make_the_tables_that_the_queries_expect(
    migrated: Path, tmp_path: Path
) -> None:
    with connected(migrated) as connection:
        found = compare_metadata(
            MigrationContext.configure(
                connection, opts={"compare_server_default": True, "include_name": is_a_table}
            ),
            metadata,
        )
        assert found == []
        made = term_index(connection)
    with connected(tmp_path / "tables.db") as connection:
        metadata.create_all(connection)
        assert term_index(connection) == made


def test_identifiers_are_never_used_again(migrated: Path) -> None:
    # The fingerprint cache asks for rows newer than the last it saw; compare_metadata is blind
    # to AUTOINCREMENT.
    with connected(migrated) as connection:
        made = connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE sql NOT NULL"))
        statements = {row.name: row.sql for row in made}
    for table in metadata.tables.values():
        wanted = bool(table.dialect_options["sqlite"]["autoincrement"])
        assert ("AUTOINCREMENT" in statements[table.name]) == wanted, table.name


def test_the_newest_step_is_the_one_that_the_program_names() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]


def test_locations_of_earlier_images_are_not_shared(tmp_path: Path) -> None:
    with migrating(tmp_path / "a.db", "0003") as connection:
        insert(
            connection,
            "users",
            name="jeff",
            name_key="jeff",
            role="user",
            created_at="2026-03-01 09:00:00",
        )
        insert(connection, "blobs", sha256="1", size=1, format="png", width=1, height=1, exif="{}")
        words = dict.fromkeys(("title", "filename", "title_key", "search_text"), "a")
        words |= {"description": "", "description_key": "", "visibility": "public"}
        insert(
            connection,
            "images",
            id="1",
            owner_id=1,
            blob_seq=1,
            created_at="2026-03-01 09:00:00",
            **words,
        )
    with connected(tmp_path / "a.db") as connection:
        shared = sa.text("SELECT title, share_location FROM images")
        assert connection.execute(shared).all() == [("a", 0)]


async def test_the_database_of_a_newer_version_is_left_alone(
    migrated: Path, tmp_path: Path
) -> None:
    newer = Path(shutil.copy(migrated, tmp_path / "newer.db"))
    with connected(newer) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    database = SqliteDatabase(newer)
    with pytest.raises(ImgrepoError, match=r"newer imgrepo .* Install that version"):
        await database.open()
    await database.close()
    with connected(newer) as connection:
        assert migrations.current_version(connection) == "9999"


def test_processes_that_open_a_fresh_database_at_once_agree(tmp_path: Path) -> None:
    rounds = 6
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN_AT, str(tmp_path), str(rounds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    start = f"{time.time() + 0.2}\n"
    for process in processes:
        output, _ = process.communicate(start, timeout=60)
        assert output.split() == [migrations.HEAD] * rounds
        assert process.returncode == 0


def test_images_from_before_previews_of_their_own_can_be_purged_as_ever(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    moment = "2026-03-01 09:00:00.000000"
    with migrating(path, "0007") as connection:
        insert(connection, "users", id=1, name="jo", name_key="jo", role="user", created_at=moment)
        facts = {"size": 1, "format": "jpeg", "width": 1, "height": 1, "exif": "{}"}
        insert(connection, "blobs", seq=1, sha256="ab", **facts)
        words = dict.fromkeys(("description", "description_key", "search_text", "filename"), "")
        titles = {"title": "kept", "title_key": "kept", "visibility": "private"}
        kept = {"id": f"{1:032x}", "owner_id": 1, "blob_seq": 1, "created_at": moment}
        insert(connection, "images", seq=1, **kept, **words, **titles)
        put_back(connection, 1)
    with connected(path) as connection:
        jo = users.by_name(connection, "jo")
        assert jo is not None
        assert ownership.purge_some(connection, jo, datetime.now(UTC), 10) == 1
        previews = removed_previews.due(connection, datetime.now(UTC), 10)
        assert [(one.image_id.int, one.sha256) for one in previews] == [(1, "ab")]
