"""What one run has stored, so that the same bytes are sent once."""

import sqlite3


class StoredThisRun:
    """Hashes stored in this run, with their images: on disk once they are many.

    A private temporary database of SQLite: memory stays bounded by its page cache.
    """

    def __init__(self) -> None:
        self._connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute(
            "CREATE TABLE stored (sha256 BLOB PRIMARY KEY, image TEXT) WITHOUT ROWID"
        )

    def add(self, sha256: bytes, image: str | None) -> None:
        """Note an image; None where it would be stored, were this no rehearsal."""
        self._connection.execute("INSERT OR IGNORE INTO stored VALUES (?, ?)", (sha256, image))

    def find(self, sha256: bytes) -> tuple[bool, str | None]:
        """Whether these bytes were stored in this run, and as which image."""
        row = self._connection.execute(
            "SELECT image FROM stored WHERE sha256 = ?", (sha256,)
        ).fetchone()
        return (True, row[0]) if row else (False, None)

    def close(self) -> None:
        """Forget everything."""
        self._connection.close()
