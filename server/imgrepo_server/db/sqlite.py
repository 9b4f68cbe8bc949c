"""SQLite: one writer thread that groups commits, and a few readers beside it."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError

from imgrepo_server.db.migrations import upgrade
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.together import Together

T = TypeVar("T")

READERS = 4
BUSY_TIMEOUT_MS = 15_000
# Bounds how long the first of a group waits for its acknowledgement behind the others.
LARGEST_GROUP = 64


Change = Callable[[Connection], Any]


class SqliteDatabase:
    """The ``Database`` in a file."""

    def __init__(self, path: Path):
        self._path = path
        self._writer = _engine(path, begin="BEGIN IMMEDIATE", pool_size=1, read_only=False)
        self._readers = _engine(path, begin="BEGIN", pool_size=READERS, read_only=True)
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="db-write")
        self._read_threads = ThreadPoolExecutor(READERS, thread_name_prefix="db-read")
        self._held = threading.local()
        self._connections: list[Connection] = []
        self._closed = False
        self._committed: Together[Change, Any] = Together(
            self._commit, how_many=lambda waiting: min(len(waiting), LARGEST_GROUP)
        )

    async def open(self) -> None:
        """See ``Database.open``."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._write_thread, self._create)

    async def read(self, query: Callable[[Connection], T]) -> T:
        """See ``Database.read``."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._read_threads, self._run_query, query)

    async def write(self, change: Callable[[Connection], T]) -> T:
        """See ``Database.write``."""
        if self._closed:
            raise RuntimeError(f"the database {self._path} is closed")
        result: T = await self._committed(change)
        return result

    async def clear(self) -> None:
        """See ``Database.clear``."""
        for suffix in ("", "-wal", "-shm"):
            path = self._path.with_name(self._path.name + suffix)
            await asyncio.to_thread(path.unlink, missing_ok=True)

    async def close(self) -> None:
        """See ``Database.close``."""
        self._closed = True
        await self._committed.finished()
        self._write_thread.shutdown()
        self._read_threads.shutdown()
        for connection in self._connections:
            connection.close()
        self._readers.dispose()
        self._writer.dispose()

    def _create(self) -> None:
        # Password hashes: for nobody else, also in a folder that others may enter. The files that
        # SQLite makes beside it get the mode of this one.
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(FileExistsError):
            self._path.touch(mode=0o600, exist_ok=False)
        try:
            upgrade(self._writer)
        except DBAPIError as error:
            known = _translated(error)
            if known is not error:
                raise known from error
            raise OSError(f"{self._path} cannot be opened as a database: {error.orig}") from error

    async def _commit(self, changes: Sequence[Change]) -> list[Any]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._write_thread, self._commit_group, changes)

    def _connection(self, engine: Engine) -> Connection:
        """The connection of this thread: taking one from a pool costs as much as a query."""
        connection: Connection | None = getattr(self._held, "connection", None)
        if connection is None:
            connection = self._held.connection = engine.connect()
            self._connections.append(connection)
        return connection

    def _release_connection(self) -> None:
        """Give the connection back: the pool rolls it back, and replaces it if that fails.

        SQLAlchemy leaves a transaction open whose COMMIT has failed.
        """
        connection: Connection | None = getattr(self._held, "connection", None)
        if connection is not None:
            self._held.connection = None
            self._connections.remove(connection)
            connection.close()

    def _run_query(self, query: Callable[[Connection], T]) -> T:
        try:
            connection = self._connection(self._readers)
            with connection.begin():
                return query(connection)
        except (DBAPIError, sqlite3.Error) as error:
            self._release_connection()
            raise _translated(error) from error

    def _commit_group(self, changes: Sequence[Change]) -> list[Any]:
        results: list[Any] = []
        try:
            connection = self._connection(self._writer)
            with connection.begin():
                for change in changes:
                    results.append(_run_alone(connection, change))  # noqa: PERF401 - kept if one raises
        # Whatever stops a commit belongs to the callers, not to the writer thread.
        except Exception as error:
            self._release_connection()
            failure = _translated(error)
            return [result if isinstance(result, Exception) else failure for result in results] + [
                failure
            ] * (len(changes) - len(results))
        return results


def _run_alone(connection: Connection, change: Change) -> Any:
    """Run one change so that its failure, which is returned, takes back its own work only."""
    # Said to the driver itself: through SQLAlchemy a savepoint costs as much as an insert.
    driver = _driver(connection)
    driver.execute("SAVEPOINT change")
    result: Any
    try:
        result = change(connection)
    except Exception as error:
        # A full disk or an I/O error ends the whole transaction inside SQLite.
        if not driver.in_transaction:
            raise
        driver.execute("ROLLBACK TO change")
        result = _translated(error)
    driver.execute("RELEASE change")
    return result


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.dbapi_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError(f"not a SQLite connection: {driver!r}")
    return driver


def _translated(error: Exception) -> Exception:
    """What a caller can act on; anything else stays what it is."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    name = getattr(cause, "sqlite_errorname", "")
    if name.startswith("SQLITE_FULL"):
        return ImgrepoError(
            ErrorCode.STORAGE_FULL, "The server's disk is full. Free some space, then try again."
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return ImgrepoError(ErrorCode.OVERLOADED, "The database is busy. Try again in a moment.")
    return error


def _engine(path: Path, *, begin: str, pool_size: int, read_only: bool) -> Engine:
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)),
        pool_size=pool_size,
        max_overflow=0,
        # A connection is used by one thread at a time, though not always by the same one.
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",  # first: switching to WAL takes a lock
            "journal_mode=WAL",
            "synchronous=FULL",  # an acknowledged commit survives a power cut
            "foreign_keys=ON",
            f"query_only={'ON' if read_only else 'OFF'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        _driver(connection).execute(begin)

    return engine
