"""Login tokens: JWTs that name a login and the key that signed them."""

from datetime import datetime
from uuid import UUID

import jwt

from imgrepo_server.services.signing_keys import KeySource

_ALGORITHM = "HS256"


class Tokens:
    """Writes and reads login tokens. A token says nothing but which login it belongs to."""

    def __init__(self, keys: KeySource):
        self._keys = keys

    def issue(self, login_id: UUID, now: datetime, expires_at: datetime) -> str:
        """A token for a login."""
        keys = self._keys.keys()
        return jwt.encode(
            {"jti": str(login_id), "iat": now, "exp": expires_at},
            keys.secrets[keys.current],
            algorithm=_ALGORITHM,
            headers={"kid": keys.current},
        )

    def login_id(self, token: str) -> UUID | None:
        """The login that a token names; None for a forged, expired or garbled one."""
        try:
            key_id = jwt.get_unverified_header(token).get("kid", "")
            claims = jwt.decode(
                token,
                self._keys.keys(key_id).secrets[key_id],
                algorithms=[_ALGORITHM],
                options={"require": ["exp", "jti"]},
            )
            return UUID(claims["jti"])
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError, AttributeError):
            return None
