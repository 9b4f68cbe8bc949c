"""The schema's history. ``versions/`` holds one file a step, in order of their numbers."""

import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from imgrepo_server.errors import ErrorCode, ImgrepoError

HEAD = "0008"


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest schema, in one transaction.

    Alembic takes a tenth of a second to import, so a database that is up to date, which is the
    case for nearly every command, does not pay for it.
    """
    # The write lock is taken by the last of these: two programs cannot both migrate.
    with engine.connect() as connection, _copying_tables(connection), connection.begin():
        version = current_version(connection)
        if version == HEAD:
            return
        if version is not None and not _is_known(version):
            raise ImgrepoError(
                ErrorCode.INTERNAL,
                f"This database was written by a newer imgrepo (schema {version}; this one knows "
                f"{HEAD}). Install that version or newer.",
            )
        _run_alembic(connection)


@contextmanager
def _copying_tables(connection: Connection) -> Iterator[None]:
    """A step may replace a table by a copy of it, and nothing that refers to it is deleted.

    SQLite takes dropping a table for deleting its rows, and hears of another mind only outside
    of a transaction (https://sqlite.org/lang_altertable.html, section 7).
    """
    driver = connection.connection.dbapi_connection
    if not isinstance(driver, sqlite3.Connection):
        yield
        return
    enforced = bool(driver.execute("PRAGMA foreign_keys").fetchone()[0])
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA foreign_keys={'ON' if enforced else 'OFF'}")


def current_version(connection: Connection) -> str | None:
    """The schema's version, None for a database without tables."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(
        sa.text("SELECT version_num FROM alembic_version")
    ).scalar()
    return version


def _is_known(version: str) -> bool:
    return any((Path(__file__).parent / "versions").glob(f"v{version}_*.py"))


def _run_alembic(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 -- lazy, see upgrade()
    from alembic.config import Config  # noqa: PLC0415 -- lazy, see upgrade()

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    with warnings.catch_warnings():
        command.upgrade(config, "head")
