"""Logins: a token is valid while its row exists and has not expired."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from imgrepo_server.db.tables import logins, users
from imgrepo_server.db.users import USER, user_from_row
from imgrepo_server.models import User


def add(
    connection: Connection, *, login_id: UUID, user_id: int, now: datetime, expires_at: datetime
) -> None:
    """Remember a login; forget those that have expired meanwhile."""
    connection.execute(sa.delete(logins).where(logins.c.expires_at <= now))
    connection.execute(
        sa.insert(logins).values(
            id=login_id, user_id=user_id, created_at=now, expires_at=expires_at
        )
    )


_USER_OF = (
    sa.select(*USER)
    .select_from(logins.join(users))
    .where(
        logins.c.id == sa.bindparam("id"),
        logins.c.expires_at > sa.bindparam("now"),
        users.c.disabled_at.is_(None),
    )
)


def user_of(connection: Connection, login_id: UUID, now: datetime) -> User | None:
    """Whose login this is; None once it expired, was revoked, or its account was disabled."""
    row = connection.execute(_USER_OF, {"id": login_id, "now": now}).first()
    return user_from_row(row) if row else None


def remove(connection: Connection, login_id: UUID) -> None:
    """Revoke one login."""
    connection.execute(sa.delete(logins).where(logins.c.id == login_id))


def remove_all(connection: Connection, user_id: int) -> None:
    """Revoke every login of an account."""
    connection.execute(sa.delete(logins).where(logins.c.user_id == user_id))
