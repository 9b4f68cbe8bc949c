"""Accounts."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from imgrepo_server.db import holdings
from imgrepo_server.db.dialect import insert_or_ignore
from imgrepo_server.db.tables import blobs, images, users
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import Account, Role, Tier, Usage, User
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
    tier: Tier | None = None,
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
            "tier": tier,
            "created_at": now,
        },
    )
    made = by_name(connection, name) if inserted else None
    if made is not None and tier is not None:
        holdings.begin(connection, made.id)
    return made


def local_owner(connection: Connection, name: str, now: datetime) -> User:
    """The account of this name, made without a password where there is none."""
    made = add(
        connection, name=name, email=None, password_hash=None, role=Role.ADMIN, tier=None, now=now
    )
    found = made or by_name(connection, name)
    if found is None:
        raise LookupError(name)
    return found


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


def require_open(connection: Connection, user_id: int) -> None:
    """Raise UNAUTHENTICATED for an account that was deleted or disabled during the request."""
    query = sa.select(users.c.id).where(users.c.id == user_id, users.c.disabled_at.is_(None))
    if connection.execute(query).first() is None:
        raise shut_out()


def shut_out() -> ImgrepoError:
    """The refusal of somebody who was let in when their request began."""
    return ImgrepoError(
        ErrorCode.UNAUTHENTICATED,
        "This account was deleted or disabled meanwhile, and nothing was kept. "
        "Ask the server's administrator.",
    )


def still_has(connection: Connection, user_id: int, password_hash: str) -> bool:
    """Whether an account is there, is not disabled, and has that very hash."""
    query = sa.select(users.c.id).where(
        users.c.id == user_id,
        users.c.password_hash == password_hash,
        users.c.disabled_at.is_(None),
    )
    return connection.execute(query).first() is not None


def renew_hash(connection: Connection, user_id: int, old: str, new: str) -> None:
    """Put another hash of the same password in place of the old one, if that is still there."""
    connection.execute(
        sa.update(users)
        .where(users.c.id == user_id, users.c.password_hash == old)
        .values(password_hash=new)
    )


def set_password(connection: Connection, user_id: int, password_hash: str) -> None:
    """Replace the password's hash."""
    connection.execute(
        sa.update(users).where(users.c.id == user_id).values(password_hash=password_hash)
    )


def set_tier(connection: Connection, user_id: int, tier: Tier | None) -> None:
    """Give an account a tier, or take its limits away; what it holds already stays."""
    connection.execute(sa.update(users).where(users.c.id == user_id).values(tier=tier))
    (holdings.end if tier is None else holdings.begin)(connection, user_id)


def set_role(connection: Connection, user_id: int, role: Role) -> None:
    """Give an account a role."""
    connection.execute(sa.update(users).where(users.c.id == user_id).values(role=role))


def set_disabled(connection: Connection, user_id: int, when: datetime | None) -> None:
    """Disable an account, or enable it again."""
    connection.execute(sa.update(users).where(users.c.id == user_id).values(disabled_at=when))


def remove(connection: Connection, user_id: int) -> None:
    """Delete an account that has no images, with its logins and keys."""
    connection.execute(sa.delete(users).where(users.c.id == user_id))


def every(connection: Connection) -> tuple[Account, ...]:
    """All accounts by name, with what they hold."""
    rows = connection.execute(
        sa.select(
            *USER,
            users.c.disabled_at,
            sa.func.count(images.c.seq).label("images"),
            sa.func.coalesce(sa.func.sum(blobs.c.size), 0).label("bytes"),
        )
        .select_from(users.outerjoin(images.join(blobs), images.c.owner_id == users.c.id))
        .group_by(users.c.id)
        .order_by(users.c.name_key)
    )
    return tuple(
        Account(user_from_row(row), row.disabled_at, Usage(row.images, int(row.bytes)))
        for row in rows
    )
