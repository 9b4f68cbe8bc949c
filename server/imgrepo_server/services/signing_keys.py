"""The keys that sign login tokens: a file of the data folder that several processes share."""

import json
import logging
import os
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from filelock import FileLock

from imgrepo_server.blobs.disk import fsync
from imgrepo_server.errors import ErrorCode, ImgrepoError

log = logging.getLogger(__name__)

FILE_NAME = "signing_keys.json"
"""In the data folder."""

_LOOK_EVERY = 1.0
_KEY_BYTES = 48


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """Secrets by key id. New tokens are signed with ``current``; the others still verify.

    ``replaced`` tells since when the others are no longer the current one.
    """

    current: str
    secrets: dict[str, str]
    replaced: dict[str, datetime] = field(default_factory=dict)

    def keys(self, key_id: str | None = None) -> "SigningKeys":
        """See ``KeySource``: these, for ever."""
        del key_id
        return self

    def secret(self, purpose: str, key_id: str | None = None) -> bytes:
        """A key for another purpose than tokens, such as cursors; of the current one, if not told.

        Raises KeyError for an unknown ``key_id``.
        """
        return f"{purpose}:{self.secrets[key_id or self.current]}".encode()


class KeySource(Protocol):
    """Where tokens find their keys."""

    def keys(self, key_id: str | None = None) -> SigningKeys:
        """The keys in force; looked for anew where ``key_id`` is not among those known."""


class KeyRing:
    """The keys of a file, read again when it changes: within a second, or for an unknown key.

    Reads files, so it is asked on a thread. Raises what ``load_signing_keys`` raises.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic):
        self._path = path
        self._clock = clock
        self._keys = load_signing_keys(path)
        self._stamp: tuple[int, int, int] | None = None  # unknown: it may have changed since
        self._looked = clock()

    def keys(self, key_id: str | None = None) -> SigningKeys:
        """See ``KeySource``."""
        unknown = key_id is not None and key_id not in self._keys.secrets
        if unknown or self._clock() - self._looked >= _LOOK_EVERY:
            self._look()
        return self._keys

    def _look(self) -> None:
        self._looked = self._clock()
        try:
            stamp = _stamp(self._path)
            if stamp != self._stamp:
                self._keys = _from_json(self._path.read_text())
                self._stamp = stamp
        except (OSError, *_DAMAGE):
            # Whoever is logged in stays so; the next start says what is wrong.
            log.exception("cannot read %s; going on with the keys from before", self._path)


def load_signing_keys(path: Path) -> SigningKeys:
    """Read the keys; make them at the first start, readable by this user only.

    Raises OSError, and INTERNAL for a file that holds something else.
    """
    try:
        return _from_json(path.read_text())
    except FileNotFoundError:
        return _create(path)
    except _DAMAGE as error:
        raise ImgrepoError(
            ErrorCode.INTERNAL,
            f"{path} is damaged. Bring it back from a backup, or remove it: then everybody has "
            "to log in again.",
        ) from error


def rotate(path: Path, *, now: datetime, keep: timedelta) -> SigningKeys:
    """Sign with a new key from now on. Servers that use the file notice.

    Keys that were replaced longer ago than ``keep``, the longest that a login or link lasts,
    are dropped; with ``keep`` zero all of them, which ends every login and link. Raises what
    ``load_signing_keys`` does.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = path.with_suffix(".lock")
    with FileLock(lock, mode=0o600):
        old = load_signing_keys(path)
        _give(lock, path)
        replaced = {**old.replaced, old.current: now}
        kept = {name: since for name, since in replaced.items() if now - since < keep}
        made = _fresh()
        keys = SigningKeys(
            made.current,
            {**made.secrets, **{name: old.secrets[name] for name in kept}},
            kept,
        )
        draft = _write_draft(path, keys)
        _give(draft, path)
        draft.replace(path)
        fsync(path.parent)
    return keys


_DAMAGE = (ValueError, KeyError, TypeError, AttributeError)


def _from_json(text: str) -> SigningKeys:
    stored = json.loads(text)
    keys = {str(name): str(key) for name, key in stored["keys"].items()}
    if stored["current"] not in keys:
        raise KeyError(stored["current"])
    replaced = {
        str(name): datetime.fromisoformat(since)
        for name, since in stored.get("replaced", {}).items()
        if name in keys
    }
    return SigningKeys(stored["current"], keys, replaced)


def _to_json(keys: SigningKeys) -> str:
    return json.dumps(
        {
            "current": keys.current,
            "keys": keys.secrets,
            "replaced": {name: since.isoformat() for name, since in keys.replaced.items()},
        }
    )


def _fresh() -> SigningKeys:
    key_id = secrets.token_hex(4)
    return SigningKeys(key_id, {key_id: secrets.token_urlsafe(_KEY_BYTES)})


def _create(path: Path) -> SigningKeys:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = _fresh()
    draft = _write_draft(path, made)
    try:
        os.link(draft, path)  # unlike a rename, it leaves the keys of a process that was faster
    except FileExistsError:
        made = _from_json(path.read_text())
    finally:
        draft.unlink()
    return made


def _write_draft(path: Path, keys: SigningKeys) -> Path:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(_to_json(keys))
        file.flush()
        os.fsync(file.fileno())
    return draft


def _give(path: Path, like: Path) -> None:
    """To whoever has ``like``: run by root, this must not lock the server's own user out."""
    if sys.platform != "win32" and os.geteuid() == 0:
        owner = like.stat()
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_ino, found.st_size
