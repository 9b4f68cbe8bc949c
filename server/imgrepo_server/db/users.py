"""Accounts."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from imgrepo_server.db.dialect import insert_or_ignore
from imgrepo_server.db.tables import blobs, images, users
from imgrepo_server.models import Role, Tier, Usage, User
from imgrepo_server.text import fold

USER = (
    users.c.id,
    users.c.name,
    users.c.email,
    users.c.role,
    users.c.created_at,
    users.c.tier,
)
"""The columns that ``user_from_row`` needs."""


def user_from_row(row: Row[*tuple[Any, ...]]) -> User:
    """A ``User`` from a row that has the columns ``USER``."""
    return User(
        id=row.id,
        name=row.name,
        email=row.email,
        role=Role(row.role),
        created_at=row.created_at,
        tier=None if row.tier is None else Tier(row.tier),
    )


def add(
    connection: Connection,
    *,
    name: str,
    email: str | None,
    password_hash: str | None,
    role: Role,
    now: datetime,
) -> User | None:
    """Create an account; None where the name or the email is taken."""
    inserted = insert_or_ignore(
        connection,
        users,
        {
            "name": name,
            "name_key": fold(name),
            "email": email,
            "password_hash": password_hash,
            "role": role,
            "created_at": now,
        },
    )
    return by_name(connection, name) if inserted else None


def by_name(connection: Connection, name: str) -> User | None:
    """The account of that name, in any case."""
    row = connection.execute(sa.select(*USER).where(users.c.name_key == fold(name))).first()
    return user_from_row(row) if row else None


def credentials(connection: Connection, name: str) -> tuple[User, str | None] | None:
    """The account and its password hash; None for unknown and disabled accounts."""
    row = connection.execute(
        sa.select(*USER, users.c.password_hash).where(
            users.c.name_key == fold(name), users.c.disabled_at.is_(None)
        )
    ).first()
    return (user_from_row(row), row.password_hash) if row else None


def set_password(connection: Connection, user_id: int, password_hash: str) -> None:
    """Replace the password's hash."""
    connection.execute(
        sa.update(users).where(users.c.id == user_id).values(password_hash=password_hash)
    )


def usage(connection: Connection, user_id: int) -> Usage:
    """How many images the account has and how many bytes they take, the trash included."""
    row = connection.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(blobs.c.size), 0))
        .select_from(images.join(blobs))
        .where(images.c.owner_id == user_id)
    ).one()
    return Usage(images=row[0], bytes=int(row[1]))
