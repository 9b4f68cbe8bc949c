"""The signed part of a link: a JWT that says what may be had, until when, signed by the server."""

from dataclasses import dataclass
from uuid import UUID

import jwt

from imgrepo_server.models import Link, Resource
from imgrepo_server.services.signing_keys import KeySource

_ALGORITHM = "HS256"
_AUDIENCE = "link"  # no login token is one, nor the other way round
_METHOD = "GET"


@dataclass(frozen=True, slots=True)
class LinkClaims:
    """What a token that is genuine and not expired speaks of."""

    link_id: UUID
    image_id: UUID
    resource: Resource


class LinkTokens:
    """Writes and reads them; both may read the file of keys, so they are called on a thread."""

    def __init__(self, keys: KeySource):
        self._keys = keys

    def issue(self, link: Link) -> str:
        """The token of a link."""
        keys = self._keys.keys()
        return jwt.encode(
            {
                "aud": _AUDIENCE,
                "jti": link.id.hex,
                "sub": link.image_id.hex,
                "act": f"{_METHOD} {link.resource}",
                "exp": link.expires_at,
            },
            keys.secrets[keys.current],
            algorithm=_ALGORITHM,
            headers={"kid": keys.current},
        )

    def claims(self, token: str) -> LinkClaims | None:
        """What a token speaks of; None for a forged, expired or garbled one."""
        try:
            key_id = jwt.get_unverified_header(token).get("kid", "")
            said = jwt.decode(
                token,
                self._keys.keys(key_id).secrets[key_id],
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                options={"require": ["exp", "jti", "sub", "aud"]},
            )
            method, _, resource = said["act"].partition(" ")
            if method != _METHOD:
                return None
            return LinkClaims(UUID(said["jti"]), UUID(said["sub"]), Resource(resource))
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError, AttributeError):
            return None
