"""Login tokens: JWTs that name a login and the key that signed them; and the file of keys."""

import json
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import jwt

from imgrepo_server.errors import ErrorCode, ImgrepoError

_ALGORITHM = "HS256"


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """Secrets by key id. New tokens are signed with ``current``; the others still verify."""

    current: str
    secrets: dict[str, str]

    def secret(self, purpose: str) -> bytes:
        """A key for another purpose than tokens, such as cursors."""
        return f"{purpose}:{self.secrets[self.current]}".encode()


def load_signing_keys(path: Path) -> SigningKeys:
    """Read the keys; make them at the first start, readable by this user only.

    Raises OSError, and INTERNAL for a file that holds something else.
    """
    try:
        return _from_json(path.read_text())
    except FileNotFoundError:
        return _from_json(_create(path))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ImgrepoError(
            ErrorCode.INTERNAL,
            f"{path} is damaged. Bring it back from a backup, or remove it: then everybody has "
            "to log in again.",
        ) from error


def _from_json(text: str) -> SigningKeys:
    stored = json.loads(text)
    keys = {str(name): str(key) for name, key in stored["keys"].items()}
    if stored["current"] not in keys:
        raise KeyError(stored["current"])
    return SigningKeys(stored["current"], keys)


def _create(path: Path) -> str:
    key_id = secrets.token_hex(4)
    made = json.dumps({"current": key_id, "keys": {key_id: secrets.token_urlsafe(48)}})
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(made)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # unlike a rename, it leaves the keys of a process that was faster
    except FileExistsError:
        made = path.read_text()
    finally:
        draft.unlink()
    return made


class Tokens:
    """Writes and reads login tokens. A token says nothing but which login it belongs to."""

    def __init__(self, keys: SigningKeys):
        self._keys = keys

    def issue(self, login_id: UUID, now: datetime, expires_at: datetime) -> str:
        """A token for a login."""
        return jwt.encode(
            {"jti": str(login_id), "iat": now, "exp": expires_at},
            self._keys.secrets[self._keys.current],
            algorithm=_ALGORITHM,
            headers={"kid": self._keys.current},
        )

    def login_id(self, token: str) -> UUID | None:
        """The login that a token names; None for a forged, expired or garbled one."""
        try:
            key_id = jwt.get_unverified_header(token).get("kid", "")
            claims = jwt.decode(
                token,
                self._keys.secrets[key_id],
                algorithms=[_ALGORITHM],
                options={"require": ["exp", "jti"]},
            )
            return UUID(claims["jti"])
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError, AttributeError):
            return None
