"""The SQLite database: grouped commits that fail alone, full disks, busy files, readers."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.db.tables import image_tags, tags
from imgrepo_server.errors import ErrorCode, ImgrepoError
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, OperationalError

Change = Callable[[Connection], int]


class RefusedError(Exception):
    """What a change may raise by itself."""


def adding(name: str) -> Change:
    def change(connection: Connection) -> int:
        return connection.execute(sa.insert(tags).values(name=name)).rowcount

    return change


def refusing(name: str) -> Change:
    def change(connection: Connection) -> int:
        adding(name)(connection)
        raise RefusedError(name)

    return change


def saying(sql: str) -> Change:
    def change(connection: Connection) -> int:
        connection.exec_driver_sql(sql)
        return 0

    return change


def names(connection: Connection) -> set[str]:
    return set(connection.execute(sa.select(tags.c.name)).scalars())


async def test_changes_share_commits_yet_succeed_and_fail_alone(database: SqliteDatabase) -> None:
    commits: list[Connection] = []

    def count_commits(connection: Connection) -> int:
        sa.event.listen(connection.engine, "commit", commits.append)
        return 0

    await database.write(count_commits)
    changes: list[Change] = []
    for number in range(60):
        changes += [adding(f"good {number}"), refusing(f"refused {number}")]
        changes.append(adding("good 0"))  # breaks the uniqueness of names
    results = await asyncio.gather(*map(database.write, changes), return_exceptions=True)

    good, refused, broken = results[0::3], results[1::3], results[2::3]
    assert good == [1] * 60
    assert [str(error) for error in refused] == [f"refused {number}" for number in range(60)]
    assert all(isinstance(error, RefusedError) for error in refused)
    assert all(isinstance(error, IntegrityError) for error in broken)
    assert await database.read(names) == {f"good {number}" for number in range(60)}
    assert 1 <= len(commits) <= 10


async def test_a_commit_that_fails_fails_for_every_change_in_it(database: SqliteDatabase) -> None:
    def dangling(connection: Connection) -> int:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")  # checked by the commit
        connection.execute(sa.insert(image_tags).values(image_seq=1, tag_id=1))
        return 0

    results = await asyncio.gather(
        *map(database.write, [adding("a"), dangling, refusing("b"), adding("c")]),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [
        IntegrityError,
        IntegrityError,
        RefusedError,
        IntegrityError,
    ]
    assert await database.read(names) == set()
    await database.write(adding("d"))
    assert await database.read(names) == {"d"}


async def test_a_full_disk_is_told_and_is_no_end(database: SqliteDatabase) -> None:
    await database.write(adding("before"))
    pages = await database.read(
        lambda connection: connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    )
    await database.write(saying(f"PRAGMA max_page_count = {pages + 20}"))
    long = "x" * 9000
    results = await asyncio.gather(
        *(database.write(adding(f"{number} {long}")) for number in range(40)),
        return_exceptions=True,
    )
    kept = {f"{number} {long}" for number, result in enumerate(results) if result == 1}
    errors = [result for result in results if result != 1]
    assert errors
    for error in errors:
        assert isinstance(error, ImgrepoError)
        assert error.code is ErrorCode.STORAGE_FULL
    assert await database.read(names) == {"before"} | kept

    await database.write(saying(f"PRAGMA max_page_count = {pages + 2000}"))
    await database.write(adding(f"after {long}"))
    assert await database.read(names) == {"before", f"after {long}"} | kept


async def test_another_programs_long_transaction_is_told_as_a_busy_server(
    database: SqliteDatabase, tmp_path: Path
) -> None:
    await database.write(saying("PRAGMA busy_timeout = 50"))
    with closing(sqlite3.connect(tmp_path / "imgrepo.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        results = await asyncio.gather(
            *(database.write(adding(name)) for name in "ab"), return_exceptions=True
        )
        assert await database.read(names) == set()  # reading goes on
        other.execute("ROLLBACK")
    for error in results:
        assert isinstance(error, ImgrepoError)
        assert error.code is ErrorCode.OVERLOADED
    await database.write(adding("c"))
    assert await database.read(names) == {"c"}


async def test_readers_cannot_write(database: SqliteDatabase) -> None:
    with pytest.raises(OperationalError, match="readonly"):
        await database.read(adding("a"))
    assert await database.read(names) == set()


async def test_readers_see_what_was_acknowledged_and_nothing_else(database: SqliteDatabase) -> None:
    seen_while_writing: list[set[str]] = []

    def change(connection: Connection) -> int:
        adding("a")(connection)
        reading = asyncio.run_coroutine_threadsafe(database.read(names), loop)
        seen_while_writing.append(reading.result(timeout=10))
        return 0

    loop = asyncio.get_running_loop()
    await database.write(change)
    assert seen_while_writing == [set()]
    assert await database.read(names) == {"a"}


async def test_a_caller_that_goes_away_takes_nobodys_change_with_it(
    database: SqliteDatabase,
) -> None:
    going = asyncio.create_task(database.write(adding("a")))
    staying = asyncio.create_task(database.write(adding("b")))
    await asyncio.sleep(0)
    going.cancel()
    await staying
    with pytest.raises(asyncio.CancelledError):
        await going
    assert await database.read(names) >= {"b"}
    await database.write(adding("c"))


async def test_a_commit_is_on_the_disk_and_foreign_keys_hold(database: SqliteDatabase) -> None:
    def pragmas(connection: Connection) -> dict[str, object]:
        return {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }

    full = 2
    wanted = {"journal_mode": "wal", "synchronous": full, "foreign_keys": 1}
    assert await database.write(pragmas) == wanted


async def test_closing_finishes_what_was_accepted_and_then_refuses(
    migrated: Path, tmp_path: Path
) -> None:
    path = shutil.copy(migrated, tmp_path / "closing.db")
    database = SqliteDatabase(Path(path))
    await database.open()
    writing = [asyncio.create_task(database.write(adding(str(number)))) for number in range(100)]
    await asyncio.sleep(0)
    await database.close()
    assert await asyncio.gather(*writing) == [1] * 100
    with pytest.raises(RuntimeError):
        await asyncio.wait_for(database.write(adding("late")), 5)
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute("SELECT count(*) FROM tags").fetchone() == (100,)


@pytest.mark.parametrize("obstacle", ["a folder", "another file", "no folder"])
async def test_a_file_that_cannot_be_the_database_is_told_as_such(
    tmp_path: Path, obstacle: str
) -> None:
    path = tmp_path / "some.db"
    if obstacle == "a folder":
        path.mkdir()
    elif obstacle == "another file":
        path.write_bytes(b"Dear diary, " * 1000)
    else:
        path.write_bytes(b"")
        path = path / "imgrepo.db"
    database = SqliteDatabase(path)
    with pytest.raises(OSError, match=r"some\.db"):
        await database.open()
    await database.close()


def test_clearing_leaves_no_trace_of_the_database(tmp_path: Path) -> None:
    (tmp_path / "imgrepo.db.backup").write_bytes(b"somebody's own")
    database = SqliteDatabase(tmp_path / "imgrepo.db")
    for suffix in ("", "-wal", "-shm"):
        (tmp_path / f"imgrepo.db{suffix}").write_bytes(b"x")
    asyncio.run(database.clear())
    assert [path.name for path in tmp_path.iterdir()] == ["imgrepo.db.backup"]
