"""Chooses the database by its URL; nothing else in the program knows which one it is."""

from pathlib import Path

from imgrepo_server.db.database import Database
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.errors import ErrorCode, ImgrepoError


def is_there(location: str) -> bool:
    """Whether there is a database to open; a file that is not there would be made."""
    scheme, separator, rest = location.partition("://")
    if not separator:
        return Path(location).exists()
    return scheme != "sqlite" or Path(rest.removeprefix("/")).exists()


def database_at(location: str) -> Database:
    """The database at ``location``: a file's path, or ``sqlite:///path``. Not yet opened."""
    scheme, separator, rest = location.partition("://")
    if not separator:
        return SqliteDatabase(Path(location))
    if scheme == "sqlite":
        return SqliteDatabase(Path(rest.removeprefix("/")))
    raise ImgrepoError(
        ErrorCode.INVALID_REQUEST,
        f"The database {scheme}://… is not supported. Give a file's path or sqlite:///path.",
    )
