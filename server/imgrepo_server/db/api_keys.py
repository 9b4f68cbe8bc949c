"""API keys."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from imgrepo_server.db.dialect import insert_or_ignore
from imgrepo_server.db.tables import api_keys, users
from imgrepo_server.db.users import USER, user_from_row
from imgrepo_server.models import ApiKey, Scope, User

_KEY = (
    api_keys.c.id.label("key_id"),
    api_keys.c.name.label("key_name"),
    api_keys.c.scopes,
    api_keys.c.created_at.label("key_created_at"),
    api_keys.c.expires_at,
    api_keys.c.last_used_at,
)

# Made once: it runs for every request that is made with a key.
_OF_SECRET = (
    sa.select(*USER, *_KEY)
    .select_from(api_keys.join(users))
    .where(
        api_keys.c.secret_sha256 == sa.bindparam("secret_sha256"),
        sa.or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > sa.bindparam("now")),
        users.c.disabled_at.is_(None),
    )
)


def add(connection: Connection, user_id: int, key: ApiKey, secret_sha256: str) -> bool:
    """Keep a key; False where the account has one of that name."""
    return insert_or_ignore(
        connection,
        api_keys,
        {
            "id": key.id,
            "user_id": user_id,
            "name": key.name,
            "secret_sha256": secret_sha256,
            "scopes": " ".join(sorted(key.scopes)),
            "created_at": key.created_at,
            "expires_at": key.expires_at,
        },
    )


def of_secret(
    connection: Connection, secret_sha256: str, now: datetime
) -> tuple[User, ApiKey] | None:
    """Whose key this is; None once it expired, was revoked, or its account was disabled."""
    row = connection.execute(_OF_SECRET, {"secret_sha256": secret_sha256, "now": now}).first()
    return (user_from_row(row), _key(row)) if row else None


def of_user(connection: Connection, user_id: int) -> tuple[ApiKey, ...]:
    """The account's keys, oldest first, the expired ones included."""
    rows = connection.execute(
        sa.select(*_KEY).where(api_keys.c.user_id == user_id).order_by(api_keys.c.id)
    )
    return tuple(map(_key, rows))


def note_use(connection: Connection, key_id: UUID, now: datetime) -> None:
    """Remember when a key was used."""
    connection.execute(sa.update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=now))


def remove(connection: Connection, user_id: int, key_id: UUID) -> str | None:
    """Revoke a key of the account; its name, None where there is none."""
    name: str | None = connection.execute(
        sa.delete(api_keys)
        .where(api_keys.c.id == key_id, api_keys.c.user_id == user_id)
        .returning(api_keys.c.name)
    ).scalar()
    return name


def _key(row: Row[*tuple[Any, ...]]) -> ApiKey:
    return ApiKey(
        id=row.key_id,
        name=row.key_name,
        scopes=frozenset(map(Scope, row.scopes.split())),
        created_at=row.key_created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )
