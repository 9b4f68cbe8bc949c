"""Databases as they were before a step of the schema's history."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from imgrepo_server.db import migrations


@contextmanager
def connected(path: Path) -> Iterator[sa.Connection]:
    """A connection past the server's own code; committed at the end of the block."""
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def before(path: Path, step: str) -> Iterator[sa.Connection]:
    """A new database as it was before a step."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    with connected(path) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, f"{step}-1")
        yield connection


@contextmanager
def migrating(path: Path, step: str) -> Iterator[sa.Connection]:
    """A new database as it was before a step, and after the block after all steps."""
    with before(path, step) as connection:
        yield connection
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))
    migrations.upgrade(engine)
    engine.dispose()


def execute(connection: sa.Connection, statements: str) -> None:
    """Several statements, none of which holds a semicolon."""
    for statement in statements.split(";"):
        connection.execute(sa.text(statement))
