"""API keys over HTTP."""

from datetime import datetime, timedelta
from uuid import UUID

from imgrepo_server.api.context import Call
from imgrepo_server.api.replies import Reply
from imgrepo_server.api.requests.accounts import KeyCreation
from imgrepo_server.models import ApiKey, Scope


class KeyBody(Reply):
    """An API key without its secret. ``last_used_at`` is no newer than to the hour."""

    id: UUID
    name: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class KeysReply(Reply):
    """The caller's keys, oldest first, the expired ones included."""

    keys: tuple[KeyBody, ...]


class NewKeyReply(Reply):
    """A new key: the secret is shown here and nowhere else."""

    key: KeyBody
    secret: str


async def list_keys(call: Call) -> KeysReply:
    """The caller's API keys."""
    return KeysReply(keys=tuple(map(_body, await call.services.api_keys.list(call.user))))


async def create(call: Call, body: KeyCreation) -> NewKeyReply:
    """Make an API key."""
    lifetime = None if body.expires_in is None else timedelta(seconds=body.expires_in)
    made = await call.services.api_keys.create(
        call.user, body.name, body.scopes, lifetime, through=call.viewer.key
    )
    return NewKeyReply(key=_body(made.key), secret=made.secret)


async def revoke(call: Call) -> None:
    """Revoke an API key of the caller's."""
    await call.services.api_keys.revoke(call.user, call.key_id, through=call.viewer.key)


def _body(key: ApiKey) -> KeyBody:
    return KeyBody(
        id=key.id,
        name=key.name,
        scopes=tuple(sorted(key.scopes)),
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
    )
