"""Cursors of paged lists: opaque to clients, and of no use when altered."""

import base64
import hashlib
import hmac
import json
from uuid import UUID

from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import Position

_SIGNATURE_BYTES = 12


class Cursors:
    """Writes positions as signed text and reads them back; ``context`` binds one to its list."""

    def __init__(self, secret: bytes):
        self._secret = secret

    def write(self, position: Position, context: str) -> str:
        """The cursor of a position in the list that ``context`` describes."""
        body = json.dumps([position.key, position.id.hex]).encode()
        return base64.urlsafe_b64encode(self._sign(body, context) + body).decode().rstrip("=")

    def read(self, cursor: str, context: str) -> Position:
        """The position. Raises INVALID_REQUEST for a cursor of another list or none of ours."""
        try:
            raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        except ValueError:
            raw = b""
        signature, body = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._sign(body, context)):
            raise ImgrepoError(
                ErrorCode.INVALID_REQUEST,
                "This cursor does not belong to this list. Start again without a cursor.",
                {"field": "cursor"},
            )
        key, image_id = json.loads(body)
        return Position(key, UUID(hex=image_id))

    def _sign(self, body: bytes, context: str) -> bytes:
        message = context.encode("utf-8", "surrogatepass") + b"\0" + body
        return hmac.digest(self._secret, message, hashlib.sha256)[:_SIGNATURE_BYTES]
