"""The few things that SQLite and PostgreSQL spell differently."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql


def insert_or_ignore(connection: Connection, table: sa.Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless it breaks a uniqueness rule; tells whether it was inserted."""
    statement = _inserting(connection.dialect.name, table)
    return connection.execute(statement, values).rowcount == 1


def insert_unless_known(
    connection: Connection, table: sa.Table, values: Mapping[str, Any]
) -> int | None:
    """Insert a row unless it breaks a uniqueness rule; its ``seq``, None where it was not."""
    statement = _inserting_with_seq(connection.dialect.name, table)
    seq: int | None = connection.execute(statement, values).scalar()
    return seq


def contains(column: sa.ColumnElement[str], text: str) -> sa.ColumnElement[bool]:
    """Whether ``column`` has ``text`` in it, both folded: no wildcard, no case rule of the SQL."""
    return column.contains(text, autoescape=True)


class unindexed(FunctionElement[bool]):  # noqa: N801 -- used like ``sa.func``'s functions
    """A condition for rows that were found by others: no way to find them by itself.

    SQLite, which knows nothing of how many rows a value has, would follow the index of any.
    """

    name = "unindexed"
    type = sa.Boolean()
    inherit_cache = True


@compiles(unindexed)
def _plain(element: unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)})"


@compiles(unindexed, "sqlite")
def _unusable(element: unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return f"+({compiler.process(element.clauses, **options)})"


@cache
def _inserting(dialect: str, table: sa.Table) -> "sqlite.Insert | postgresql.Insert":
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - see db.tables.catalog

        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


@cache
def _inserting_with_seq(dialect: str, table: sa.Table) -> sa.Executable:
    return _inserting(dialect, table).returning(table.c.seq)
