"""Invitations: codes with which one account can be created each."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from imgrepo_server.db.tables import invitations


def add(connection: Connection, code_sha256: str, *, now: datetime, expires_at: datetime) -> None:
    """Keep an invitation; forget those that have expired meanwhile."""
    connection.execute(sa.delete(invitations).where(invitations.c.expires_at <= now))
    connection.execute(
        sa.insert(invitations).values(
            code_sha256=code_sha256, created_at=now, expires_at=expires_at
        )
    )


def is_open(connection: Connection, code_sha256: str, now: datetime) -> bool:
    """Whether there is such an invitation, neither used nor expired."""
    query = sa.select(invitations.c.code_sha256).where(_open(code_sha256, now))
    return connection.execute(query).first() is not None


def use(connection: Connection, code_sha256: str, now: datetime) -> bool:
    """Use an invitation up; False where it is not open any more."""
    return connection.execute(sa.delete(invitations).where(_open(code_sha256, now))).rowcount == 1


def _open(code_sha256: str, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(invitations.c.code_sha256 == code_sha256, invitations.c.expires_at > now)
