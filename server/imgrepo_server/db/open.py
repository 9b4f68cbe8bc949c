"""Chooses the database by its URL; nothing else in the program knows which one it is."""

from pathlib import Path

from imgrepo_server.db.database import Database
from imgrepo_server.db.sqlite import open_sqlite
from imgrepo_server.errors import ErrorCode, ImgrepoError


def open_database(location: str) -> Database:
    """Open ``location``: a file's path, or ``sqlite:///path``. Blocks: call it on a thread."""
    scheme, separator, rest = location.partition("://")
    if not separator:
        return open_sqlite(Path(location))
    if scheme == "sqlite":
        return open_sqlite(Path(rest.removeprefix("/")))
    raise ImgrepoError(
        ErrorCode.INVALID_REQUEST,
        f"The database {scheme}://… is not supported. Give a file's path or sqlite:///path.",
    )
