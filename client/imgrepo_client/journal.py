"""The upload journal: what this computer's files hash to, and where they are known to be stored.

One SQLite file in the cache folder. Each write is committed at once, without waiting for the disk:
that survives ``kill -9`` of the client (the data is with the operating system), and after a power
cut SQLite's log rolls back to an earlier, consistent journal, which costs a hash and a question to
the server, never a wrong answer.

A journal that is damaged is set aside and begun anew; one that cannot be written is replaced by one
in memory. Neither is a reason not to upload.
"""

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

from imgrepo_client.journal_file import open_file, open_in_memory, set_aside
from imgrepo_client.outcome import FileStat

T = TypeVar("T")

NOT_AN_IMAGE = b""  # in place of a hash: looked at, and not worth uploading


class Known(NamedTuple):
    """What the journal says about one unchanged file.

    ``sha256`` is raw, or ``NOT_AN_IMAGE``. ``image`` and ``confirmed_at`` (seconds since 1970) are
    None unless the account asked about is known to have these bytes.
    """

    stat: FileStat
    sha256: bytes
    image: str | None
    confirmed_at: float | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as it was hashed."""

    path: str
    stat: FileStat
    sha256: bytes


class Journal:
    """An open journal; its methods may be called from any thread.

    ``account`` is the name by which uploads are filed: one account at one repository.
    """

    def __init__(self, path: Path):
        self._path = path
        self._lock = threading.Lock()
        self._accounts: dict[str, int] = {}
        self._connection, self.in_memory = open_file(path)

    def known(self, account: str, folder: str, names: list[str]) -> dict[str, Known]:
        """What is known of these files of one folder, by name.

        One range scan, for names that are neighbours in the folder's order.
        """
        encoded = [os.fsencode(name) for name in names]
        span = (min(encoded), max(encoded))

        def read(connection: sqlite3.Connection) -> dict[str, Known]:
            rows = connection.execute(
                """SELECT name, size, mtime_ns, inode, files.sha256, image, confirmed_at
                   FROM folders JOIN files ON files.folder = folders.id
                   LEFT JOIN uploads ON account = ? AND uploads.sha256 = files.sha256
                   WHERE folders.path = ? AND name BETWEEN ? AND ?""",
                (self._account(connection, account), _folder_key(folder), *span),
            )
            return {
                os.fsdecode(name): Known(FileStat(size, mtime_ns, inode), sha256, image, at)
                for name, size, mtime_ns, inode, sha256, image, at in rows
            }

        return self._run(read)

    def remember(self, entries: Sequence[Entry]) -> None:
        """Note what files hash to."""

        def write(connection: sqlite3.Connection) -> None:
            for entry in entries:
                folder, name = os.path.split(entry.path)
                connection.execute(
                    "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)",
                    (_folder(connection, folder), os.fsencode(name), *entry.stat, entry.sha256),
                )

        self._write(write)

    def confirm(self, account: str, uploads: Sequence[tuple[bytes, str]]) -> None:
        """Note that the account has these bytes: (raw sha256, image id)."""
        now = time.time()

        def write(connection: sqlite3.Connection) -> None:
            number = self._account(connection, account)
            connection.executemany(
                "INSERT OR REPLACE INTO uploads VALUES (?, ?, ?, ?)",
                [(number, sha256, image, now) for sha256, image in uploads],
            )

        self._write(write)

    def forget_images(self, account: str, images: Sequence[str]) -> None:
        """Note that these images were deleted, so that the next upload asks again."""

        def write(connection: sqlite3.Connection) -> None:
            number = self._account(connection, account)
            connection.executemany(
                "DELETE FROM uploads WHERE account = ? AND image = ?",
                [(number, image) for image in images],
            )

        self._write(write)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _account(self, connection: sqlite3.Connection, key: str) -> int:
        if key not in self._accounts:
            connection.execute("INSERT OR IGNORE INTO accounts (key) VALUES (?)", (key,))
            row = connection.execute("SELECT id FROM accounts WHERE key = ?", (key,)).fetchone()
            self._accounts[key] = row[0]
        return self._accounts[key]

    def _write(self, change: Callable[[sqlite3.Connection], None]) -> None:
        def transaction(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            try:
                change(connection)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

        self._run(transaction)

    def _run(self, operation: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock:
            try:
                return operation(self._connection)
            except sqlite3.DatabaseError as error:
                self._replace(error)
                return operation(self._connection)

    def _replace(self, error: sqlite3.DatabaseError) -> None:
        self._connection.close()
        self._accounts.clear()
        if isinstance(error, sqlite3.OperationalError):  # disk full, locked, gone: not damaged
            self._connection, self.in_memory = open_in_memory(), True
        else:
            set_aside(self._path)
            self._connection, self.in_memory = open_file(self._path)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Journal]:
    """The journal at ``path``; see the module for what happens when it cannot be used."""
    with contextlib.closing(Journal(path)) as journal:
        yield journal


def _folder(connection: sqlite3.Connection, folder: str) -> int:
    key = _folder_key(folder)
    row = connection.execute("SELECT id FROM folders WHERE path = ?", (key,)).fetchone()
    if row is None:
        row = connection.execute(
            "INSERT INTO folders (path) VALUES (?) RETURNING id", (key,)
        ).fetchone()
    return int(row[0])


def _folder_key(folder: str) -> bytes:
    return os.fsencode(os.path.abspath(folder))  # noqa: PTH100 - no object per folder
