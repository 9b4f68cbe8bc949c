"""Which repository a command works on, and a connection to it.

First hit wins: ``--server``, ``IMGREPO_SERVER``, the server of the last ``imgrepo login``, and
otherwise the local repository, unless there is a key or a password for a server. The word
``local`` in place of an address means the local repository.
"""

import contextlib
import hashlib
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from imgrepo_client.credentials import Credentials
from imgrepo_client.errors import InvalidInputError, NotLoggedInError
from imgrepo_client.proxies import proxy_for

if TYPE_CHECKING:
    from imgrepo_client.api import Client
    from imgrepo_client.retry import RetryPolicy

LOCAL = "local"
_MEANT_FOR_A_SERVER: Mapping[str, str] = MappingProxyType(
    {"IMGREPO_TOKEN": "a key", "IMGREPO_USER": "a user", "IMGREPO_PASSWORD": "a password"}
)


@dataclass(frozen=True, slots=True)
class RemoteRepository:
    """A server. Without a token the caller is anonymous; ``account`` files its uploads.

    ``others`` have stored logins there, of which none was chosen. ``brought``: the token is that
    of ``IMGREPO_TOKEN``.
    """

    url: str
    user: str | None = None
    token: str | None = field(default=None, repr=False)
    account: str | None = None
    others: tuple[str, ...] = ()
    brought: bool = False

    @property
    def name(self) -> str:
        """How to call it in a sentence."""
        return self.url

    @property
    def if_refused(self) -> str | None:
        """What to say where the server does not take the token, None without one."""
        if self.token is None:
            return None
        if self.brought:
            return (
                f"IMGREPO_TOKEN is no key of {self.url}, or was revoked or has expired. Make one, "
                "where you are logged in: imgrepo keys create NAME."
            )
        return (
            f"The login of {self.user} at {self.url} has ended or was revoked. "
            f"Log in again: imgrepo login {self.url} --user {self.user}."
        )

    def require_login(self) -> None:
        """Raises NotLoggedInError, with the command that helps, for an anonymous caller."""
        if self.token is None and self.others:
            one = len(self.others) == 1
            names, name = ", ".join(self.others), self.others[0] if one else "NAME"
            have = "has a login" if one else "have logins"
            raise NotLoggedInError(
                f"You are not logged in at {self.url}; {names} {have}: --user {name}."
            )
        if self.token is None:
            raise NotLoggedInError(
                f"You are not logged in at {self.url}. "
                f"Run: imgrepo login {self.url} --user NAME (or register, for a new account)."
            )


@dataclass(frozen=True, slots=True)
class LocalRepository:
    """A folder on this computer, whose owner is whoever runs the command.

    ``implicit`` where nobody asked for it by name.
    """

    home: Path
    implicit: bool = True

    @property
    def name(self) -> str:
        """How to call it in a sentence."""
        return f"the local repository in {self.home}"

    @property
    def account(self) -> str:
        """Files the uploads of its owner."""
        return f"local {self.home}"

    def require_login(self) -> None:
        """Its owner needs none."""


Repository = RemoteRepository | LocalRepository


def choose(
    *,
    server: str | None,
    user: str | None,
    environ: Mapping[str, str],
    credentials: Credentials,
    home: Path,
) -> Repository:
    """The repository that these options mean.

    Raises InvalidInputError: no possible address, or a key and no server.
    NotLoggedInError: a user without a login there.
    """
    named = server or environ.get("IMGREPO_SERVER")
    address = named or credentials.default_server
    if address is None:
        _refuse_keys_for_nowhere(environ)
    if address is None or address == LOCAL:
        if user is not None:
            raise NotLoggedInError(
                f"There is no login of {user}: no server is chosen. Name one with --server URL, "
                f"or run: imgrepo login URL --user {user}."
            )
        return LocalRepository(home, implicit=named is None)
    url = server_url(address)
    user = user or environ.get("IMGREPO_USER")
    login = credentials.login(url, user)
    if token := environ.get("IMGREPO_TOKEN"):
        # Its account is not known without asking; the token's own hash tells it from others.
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()[:32]
        return RemoteRepository(url, user, token, f"{url} token {digest}", brought=True)
    if login is not None:
        account = f"{url} user {login.user} {login.account}"
        return RemoteRepository(url, login.user, login.token, account)
    if user is not None:
        raise NotLoggedInError(
            f"{user} is not logged in at {url}. Run: imgrepo login {url} --user {user}."
        )
    return RemoteRepository(url, others=credentials.users(url))


def _refuse_keys_for_nowhere(environ: Mapping[str, str]) -> None:
    # Whoever has a key means a server: a job that lost its address shall not keep images here.
    for variable, what in _MEANT_FOR_A_SERVER.items():
        if environ.get(variable):
            raise InvalidInputError(
                f"There is {what} ({variable}) but no server: set IMGREPO_SERVER, or name the "
                "server with --server URL; the local repository is --server local."
            )


def server_url(text: str) -> str:
    """An address in the one form under which logins are stored.

    Raises InvalidInputError: not an http or https address, or one with a secret in it.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise InvalidInputError(f"{text!r} is not a server's address: {error}.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInputError(
            f"{text!r} is not a server's address. It looks like https://images.example.org, or "
            "http://127.0.0.1:8080."
        )
    if parts.username is not None or parts.query or parts.fragment:
        raise InvalidInputError(
            "Give the server's plain address, without a name, a password or a question mark in it."
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    standard = {"http": 80, "https": 443}[parts.scheme]
    place = host if port is None or port == standard else f"{host}:{port}"
    return f"{parts.scheme}://{place}{parts.path.rstrip('/')}"


def is_readable_on_the_way(url: str) -> bool:
    """Whether a password sent to this address crosses a network unencrypted."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    on_this_computer = host in ("localhost", "::1") or host.startswith("127.")
    return parts.scheme == "http" and not on_this_computer


@contextlib.asynccontextmanager
async def open_client(
    repository: Repository,
    *,
    concurrency: int = 8,
    retry: "RetryPolicy | None" = None,
    environ: Mapping[str, str] = os.environ,
) -> AsyncIterator["Client"]:
    """A client of the repository, with at most ``concurrency`` connections.

    Opening a local repository starts its server inside this event loop for as long. ``environ``
    is asked for a proxy. Raises ClientError.
    """
    # Late, because a command that asks no server shall not wait for these.
    import aiohttp  # noqa: PLC0415

    from imgrepo_client.api import Client  # noqa: PLC0415
    from imgrepo_client.faults import Faults  # noqa: PLC0415
    from imgrepo_client.transport import Transport  # noqa: PLC0415

    async with contextlib.AsyncExitStack() as stack:
        if isinstance(repository, LocalRepository):
            from imgrepo_client.local import serving  # noqa: PLC0415

            served = await stack.enter_async_context(serving(repository.home, concurrency))
            connector, url, token, proxy = served.connector, served.url, served.token, None
            log: str | None = str(served.log)
            refused = None
        else:
            log, refused = None, repository.if_refused
            connector = aiohttp.TCPConnector(limit=concurrency)
            url, token = repository.url, repository.token
            proxy = proxy_for(url, environ)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),  # the token is all that says who asks
                headers={"User-Agent": "imgrepo"},
                proxy=proxy,
            )
        )
        faults = Faults(repository.name, log, refused)
        transport = Transport(session, url, faults=faults, token=token, retry=retry)
        stack.callback(transport.close)
        yield Client(transport, local=isinstance(repository, LocalRepository))
