"""Stored logins: which accounts at which servers, and the server used when none is named."""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from imgrepo_client.errors import InvalidInputError
from imgrepo_client.settings import write_private


@dataclass(frozen=True, slots=True)
class Login:
    """One account at one server. ``token`` is a secret: never print it.

    ``account`` tells this account from another of the same name on a server that was emptied and
    set up anew: the time of registration, as the server said it.
    """

    user: str
    token: str = field(repr=False)
    expires_at: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class ServerLogins:
    """The logins at one server; ``default_user`` is the latest, until it is logged out."""

    default_user: str | None = None
    logins: dict[str, Login] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Everything in ``credentials.json``; changed copies are saved through ``changing``."""

    default_server: str | None = None
    servers: dict[str, ServerLogins] = field(default_factory=dict)

    def login(self, server: str, user: str | None) -> Login | None:
        """The login of ``user`` at ``server`` (None: the latest one there), if there is one."""
        here = self.servers.get(server, ServerLogins())
        name = user if user is not None else here.default_user
        return here.logins.get(name) if name is not None else None

    def users(self, server: str) -> tuple[str, ...]:
        """Who has a login at ``server``, by name."""
        return tuple(sorted(self.servers.get(server, ServerLogins()).logins))

    def with_login(self, server: str, login: Login) -> "Credentials":
        """With this login, its server as the default one."""
        here = self.servers.get(server, ServerLogins())
        logins = here.logins | {login.user: login}
        entry = ServerLogins(default_user=login.user, logins=logins)
        return replace(self, default_server=server, servers=self.servers | {server: entry})

    def with_fresh(self, server: str, login: Login) -> "Credentials":
        """With this in the place of that account's earlier login; what is the default stays so."""
        here = self.servers[server]
        entry = replace(here, logins=here.logins | {login.user: login})
        return replace(self, servers=self.servers | {server: entry})

    def without_login(self, server: str, user: str) -> "Credentials":
        """Without this login.

        What was the default account gets no successor, and the server stays the default: nobody
        shall upload as somebody else, or somewhere else, because a login is gone.
        """
        here = self.servers.get(server, ServerLogins())
        logins = {name: login for name, login in here.logins.items() if name != user}
        others = {url: entry for url, entry in self.servers.items() if url != server}
        if not logins:
            return replace(self, servers=others)
        default_user = here.default_user if here.default_user in logins else None
        entry = ServerLogins(default_user=default_user, logins=logins)
        return replace(self, servers=others | {server: entry})


def load(path: Path) -> Credentials:
    """The stored logins; none where there is no file.

    Raises InvalidInputError: the file cannot be read or is not ours.
    """
    try:
        return _from_json(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Credentials()
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidInputError(
            f"Cannot read the stored logins in {path}. Remove that file and log in again."
        ) from error


class Draft:
    """What ``changing`` will save: assign a changed copy to ``credentials``."""

    def __init__(self, credentials: Credentials):
        self.credentials = credentials


@contextlib.contextmanager
def changing(path: Path) -> Iterator[Draft]:
    """Load, change and save in one step, so that two commands at once both keep their login.

    Raises InvalidInputError: the folder cannot be written, or what is there is not ours.
    """
    with _locked(path.with_suffix(".lock")):
        draft = Draft(load(path))
        yield draft
        write_private(path, json.dumps(_to_json(draft.credentials), indent=2) + "\n")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    # SQLite's file lock: the same on every platform, and gone with the process that held it.
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = sqlite3.connect(path, timeout=30, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise InvalidInputError(
            f"Cannot write to {path.parent}: {error}. Set IMGREPO_CONFIG_DIR to a folder of yours."
        ) from error
    with contextlib.closing(lock):
        lock.execute("BEGIN EXCLUSIVE")
        yield


def _from_json(data: dict[str, Any]) -> Credentials:
    def entry(value: dict[str, Any]) -> ServerLogins:
        logins = {
            name: Login(
                user=name,
                token=str(login["token"]),
                expires_at=login.get("expires_at"),
                account=login.get("account"),
            )
            for name, login in value["logins"].items()
        }
        return ServerLogins(default_user=value.get("default_user"), logins=logins)

    return Credentials(
        default_server=data.get("default_server"),
        servers={url: entry(value) for url, value in data.get("servers", {}).items()},
    )


def _to_json(credentials: Credentials) -> dict[str, Any]:
    return {
        "default_server": credentials.default_server,
        "servers": {
            url: {
                "default_user": entry.default_user,
                "logins": {
                    login.user: {
                        "token": login.token,
                        "expires_at": login.expires_at,
                        "account": login.account,
                    }
                    for login in entry.logins.values()
                },
            }
            for url, entry in credentials.servers.items()
        },
    }
