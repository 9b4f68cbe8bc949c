"""The few things that SQLite and PostgreSQL spell differently."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_ignore(connection: Connection, table: sa.Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless it breaks a uniqueness rule; tells whether it was inserted."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(**values).on_conflict_do_nothing()
    return connection.execute(statement).rowcount == 1


def contains(column: sa.ColumnElement[str], text: str) -> sa.ColumnElement[bool]:
    """Whether ``column`` has ``text`` in it, both folded: no wildcard, no case rule of the SQL."""
    return column.contains(text, autoescape=True)
