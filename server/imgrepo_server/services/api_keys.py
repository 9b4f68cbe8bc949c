"""API keys: what scripts show instead of a login."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import uuid_utils.compat as uuid7_source

from imgrepo_server.db import api_keys, audit, users
from imgrepo_server.db.database import Connection, Database
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import Action, ApiKey, Clock, Role, Scope, User

PREFIX = "imgrepo_"
"""What every key begins with, so that programs which look for leaked secrets can know one."""

MOST_KEYS = 100
_NOTE_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was made just now: the secret is the only copy there is."""

    key: ApiKey
    secret: str


class ApiKeys:
    """Makes, shows and revokes keys, and knows whose they are."""

    def __init__(self, *, database: Database, now: Clock):
        self._database = database
        self._now = now

    async def create(
        self,
        user: User,
        name: str,
        scopes: frozenset[Scope],
        lifetime: timedelta | None,
        *,
        through: str | None = None,
    ) -> NewKey:
        """Make a key. Raises KEY_NAME_TAKEN; FORBIDDEN for the scope admin of somebody who is none.

        ``through`` is the API key that asks for it, None for a login. Raises INVALID_REQUEST where
        the account has as many as it may have.
        """
        if Scope.ADMIN in scopes and user.role is not Role.ADMIN:
            raise ImgrepoError(
                ErrorCode.FORBIDDEN, "Only an administrator's keys can have the scope admin."
            )
        secret = PREFIX + secrets.token_urlsafe(32)
        now = self._now()
        key = ApiKey(
            id=uuid7_source.uuid7(),
            name=name,
            scopes=scopes,
            created_at=now,
            expires_at=None if lifetime is None else now + lifetime,
            last_used_at=None,
        )
        await self._database.write(
            lambda connection: _add(connection, user, key, secret, now, through=through)
        )
        return NewKey(key, secret)

    async def list(self, user: User) -> tuple[ApiKey, ...]:
        """The account's keys, oldest first."""
        return await self._database.read(lambda connection: api_keys.of_user(connection, user.id))

    async def revoke(self, user: User, key_id: UUID, *, through: str | None = None) -> None:
        """Take a key back; ``through`` as above. Raises KEY_NOT_FOUND."""

        def change(connection: Connection) -> None:
            name = api_keys.remove(connection, user.id, key_id)
            if name is None:
                raise key_not_found(str(key_id))
            audit.record(
                connection,
                Action.KEY_REVOKE,
                now=self._now(),
                actor=user.name,
                object_=name,
                key=through,
            )

        await self._database.write(change)

    async def owner(self, secret: str) -> tuple[User, ApiKey]:
        """Whose key this is, and what it allows. Raises UNAUTHENTICATED for one that is not valid.

        Writes at most once an hour that it was used.
        """
        now = self._now()
        found = await self._database.read(
            lambda connection: api_keys.of_secret(connection, _hashed(secret), now)
        )
        if found is None:
            raise ImgrepoError(
                ErrorCode.UNAUTHENTICATED,
                "This API key is not valid: it has expired or was revoked, or its account was "
                "disabled. Make another: imgrepo keys create.",
            )
        key = found[1]
        if key.last_used_at is None or now - key.last_used_at >= _NOTE_EVERY:
            await self._database.write(
                lambda connection: api_keys.note_use(connection, key.id, now)
            )
        return found


def key_not_found(given: str) -> ImgrepoError:
    """The refusal of a key that is not there, or somebody else's."""
    return ImgrepoError(
        ErrorCode.KEY_NOT_FOUND,
        f"You have no API key {given}. See: imgrepo keys list.",
        {"id": given},
    )


def _add(
    connection: Connection,
    user: User,
    key: ApiKey,
    secret: str,
    now: datetime,
    *,
    through: str | None,
) -> None:
    users.require_open(connection, user.id)
    if len(api_keys.of_user(connection, user.id)) >= MOST_KEYS:
        raise ImgrepoError(
            ErrorCode.INVALID_REQUEST,
            f"An account has no more than {MOST_KEYS} API keys. Revoke one that is not in use.",
        )
    if not api_keys.add(connection, user.id, key, _hashed(secret)):
        raise ImgrepoError(
            ErrorCode.KEY_NAME_TAKEN,
            f"You have an API key named {key.name}. Choose another name, or revoke that one first.",
        )
    audit.record(
        connection,
        Action.KEY_CREATE,
        now=now,
        actor=user.name,
        object_=key.name,
        details={"scopes": sorted(key.scopes)},
        key=through,
    )


def _hashed(secret: str) -> str:
    # 256 random bits need no slow hash: there is nothing to guess from.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
