"""The journal's file: opening it, laying its tables, setting a damaged one aside."""

import contextlib
import sqlite3
import time
from pathlib import Path

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_OPENING_TRIES = 100
_OPENING_WAIT = 0.02  # seconds
_VERSION = 1
_SCHEMA = """
CREATE TABLE folders (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE);
CREATE TABLE files (
    folder INTEGER NOT NULL, name BLOB NOT NULL,
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL, sha256 BLOB NOT NULL,
    PRIMARY KEY (folder, name)) WITHOUT ROWID;
CREATE TABLE accounts (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
CREATE TABLE uploads (
    account INTEGER NOT NULL, sha256 BLOB NOT NULL, image TEXT NOT NULL, confirmed_at REAL NOT NULL,
    PRIMARY KEY (account, sha256)) WITHOUT ROWID;
"""


def open_file(path: Path) -> tuple[sqlite3.Connection, bool]:
    """The journal at ``path``, and whether it is in memory instead, because no file can be used."""
    for _ in range(_OPENING_TRIES):
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            return _connected(str(path)), False
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _BUSY:
                break  # not writable, or a folder in its place: setting aside would not mend it
            time.sleep(_OPENING_WAIT)  # another client is switching the log on; SQLite won't wait
        except sqlite3.DatabaseError:
            set_aside(path)
        except OSError:
            break
    return open_in_memory(), True


def open_in_memory() -> sqlite3.Connection:
    """A journal that lasts as long as its connection."""
    return _connected(":memory:")


def _connected(database: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        database, timeout=30, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            _create(connection)
        elif version != _VERSION:
            raise sqlite3.DatabaseError("written by another version")
    except BaseException:
        connection.close()
        raise
    return connection


def _create(connection: sqlite3.Connection) -> None:
    # Two clients may start at once: whoever is second finds the tables there.
    connection.execute("BEGIN IMMEDIATE")
    if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
        for statement in _SCHEMA.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_VERSION}")
    connection.execute("COMMIT")


def set_aside(path: Path) -> None:
    """Rename a damaged journal, so that a new one can take its place."""
    aside = path.with_name(f"{path.name}.damaged-{int(time.time())}")
    with contextlib.suppress(OSError):
        path.replace(aside)
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(OSError):
            path.with_name(path.name + suffix).unlink()
