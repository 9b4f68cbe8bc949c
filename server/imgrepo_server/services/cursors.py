"""Cursors of paged lists: opaque to clients, and of no use when altered.

A cursor is ``signature + body``: the body in JSON, made unreadable by a key stream that begins with
the signature (as in RFC 5297), since it tells how many images there are, and what others are worth.
So would its length; therefore numbers of any size take the same room.
"""

import asyncio
import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import Place, Position
from imgrepo_server.services.signing_keys import KeySource, SigningKeys

_PURPOSE = "cursors"
_SIGNATURE_BYTES = 16
_ROOM = 20  # characters for each value: the longest number has 19 digits


class Cursors:
    """Writes where a page ended as text, and reads it back; ``context`` binds one to its list.

    The keys are those that sign logins: several processes know each other's cursors, and after a
    rotation those from before. They may be read from a file, hence on a thread.
    """

    def __init__(self, keys: KeySource):
        self._keys = keys

    async def write(self, position: Position, context: str) -> str:
        """The cursor of a position in the list that ``context`` describes."""
        return await self._write([position.key, position.id.hex], context)

    async def read(self, cursor: str, context: str) -> Position:
        """The position. Raises INVALID_REQUEST for a cursor of another list or none of ours."""
        key, image_id = await self._read(cursor, context)
        return Position(key, UUID(hex=image_id))

    async def write_place(self, place: Place, context: str) -> str:
        """As ``write``, for a place."""
        return await self._write([place.stretch, place.key, place.seq], context)

    async def read_place(self, cursor: str, context: str) -> Place:
        """As ``read``, for a place."""
        return Place(*await self._read(cursor, context))

    async def _write(self, values: list[Any], context: str) -> str:
        keys = await asyncio.to_thread(self._keys.keys)
        body = _json(values)
        return _Cipher.of(keys.secret(_PURPOSE)).hide(body, context)

    async def _read(self, cursor: str, context: str) -> list[Any]:
        body = await asyncio.to_thread(self._open, _decoded(cursor), context)
        if body is None:
            raise ImgrepoError(
                ErrorCode.INVALID_REQUEST,
                "This cursor does not belong to this list. Start again without a cursor.",
                {"field": "cursor"},
            )
        values: list[Any] = json.loads(body)
        return values

    def _open(self, raw: bytes, context: str) -> bytes | None:
        keys = self._keys.keys()
        body = _opened(keys, raw, context)
        if body is not None:
            return body
        # Another process may have written it with a key that is newer than the last look.
        newer = self._keys.keys("")
        return None if newer is keys else _opened(newer, raw, context)


def _opened(keys: SigningKeys, raw: bytes, context: str) -> bytes | None:
    ciphers = (_Cipher.of(keys.secret(_PURPOSE, key_id)) for key_id in keys.secrets)
    bodies = (cipher.show(raw, context) for cipher in ciphers)
    return next((body for body in bodies if body is not None), None)


def _json(values: list[Any]) -> bytes:
    parts = (json.dumps(value, ensure_ascii=False).rjust(_ROOM) for value in values)
    return f"[{','.join(parts)}]".encode()


def _decoded(cursor: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except ValueError:
        return b""


@dataclass(frozen=True, slots=True)
class _Cipher:
    """Signs and hides with one secret."""

    sign_key: bytes
    hide_key: bytes

    @classmethod
    def of(cls, secret: bytes) -> "_Cipher":
        """The cipher of a secret."""
        return cls(
            hmac.digest(secret, b"sign", hashlib.sha256),
            hmac.digest(secret, b"hide", hashlib.sha256),
        )

    def hide(self, body: bytes, context: str) -> str:
        """A body as it goes out."""
        signature = self._sign(body, context)
        hidden = signature + self._mask(signature, body)
        return base64.urlsafe_b64encode(hidden).decode().rstrip("=")

    def show(self, raw: bytes, context: str) -> bytes | None:
        """The body of what came back; None where this did not hide it for the same list."""
        signature, hidden = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        body = self._mask(signature, hidden)
        return body if hmac.compare_digest(signature, self._sign(body, context)) else None

    def _sign(self, body: bytes, context: str) -> bytes:
        message = context.encode("utf-8", "surrogatepass") + b"\0" + body
        return hmac.digest(self.sign_key, message, hashlib.sha256)[:_SIGNATURE_BYTES]

    def _mask(self, signature: bytes, body: bytes) -> bytes:
        """``body`` exclusive-or the key stream of its signature; twice, it is itself again."""
        size = hashlib.sha256().digest_size
        blocks = (
            hmac.digest(self.hide_key, signature + bytes([number]), hashlib.sha256)
            for number in range(-(-len(body) // size))
        )
        return bytes(a ^ b for a, b in zip(body, b"".join(blocks), strict=False))
