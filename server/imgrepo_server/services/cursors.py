"""Cursors of paged lists: opaque to clients, and of no use when altered.

A cursor is ``signature + body``: the body in JSON, made unreadable by a key stream that begins with
the signature (as in RFC 5297), since it tells how many images there are, and what others are worth.
"""

import base64
import hashlib
import hmac
import json
from typing import Any
from uuid import UUID

from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import Place, Position

_SIGNATURE_BYTES = 16


class Cursors:
    """Writes where a page ended as text, and reads it back; ``context`` binds one to its list."""

    def __init__(self, secret: bytes):
        self._sign_key = hmac.digest(secret, b"sign", hashlib.sha256)
        self._hide_key = hmac.digest(secret, b"hide", hashlib.sha256)

    def write(self, position: Position, context: str) -> str:
        """The cursor of a position in the list that ``context`` describes."""
        return self._write([position.key, position.id.hex], context)

    def read(self, cursor: str, context: str) -> Position:
        """The position. Raises INVALID_REQUEST for a cursor of another list or none of ours."""
        key, image_id = self._read(cursor, context)
        return Position(key, UUID(hex=image_id))

    def write_place(self, place: Place, context: str) -> str:
        """As ``write``, for a place."""
        return self._write([place.stretch, place.key, place.seq], context)

    def read_place(self, cursor: str, context: str) -> Place:
        """As ``read``, for a place."""
        return Place(*self._read(cursor, context))

    def _write(self, values: list[Any], context: str) -> str:
        body = json.dumps(values, separators=(",", ":"), ensure_ascii=False).encode()
        signature = self._sign(body, context)
        hidden = signature + self._mask(signature, body)
        return base64.urlsafe_b64encode(hidden).decode().rstrip("=")

    def _read(self, cursor: str, context: str) -> list[Any]:
        try:
            raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        except ValueError:
            raw = b""
        signature, hidden = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        body = self._mask(signature, hidden)
        if not hmac.compare_digest(signature, self._sign(body, context)):
            raise ImgrepoError(
                ErrorCode.INVALID_REQUEST,
                "This cursor does not belong to this list. Start again without a cursor.",
                {"field": "cursor"},
            )
        values: list[Any] = json.loads(body)
        return values

    def _sign(self, body: bytes, context: str) -> bytes:
        message = context.encode("utf-8", "surrogatepass") + b"\0" + body
        return hmac.digest(self._sign_key, message, hashlib.sha256)[:_SIGNATURE_BYTES]

    def _mask(self, signature: bytes, body: bytes) -> bytes:
        """``body`` exclusive-or the key stream of its signature; twice, it is itself again."""
        size = hashlib.sha256().digest_size
        blocks = (
            hmac.digest(self._hide_key, signature + bytes([number]), hashlib.sha256)
            for number in range(-(-len(body) // size))
        )
        return bytes(a ^ b for a, b in zip(body, b"".join(blocks), strict=False))
