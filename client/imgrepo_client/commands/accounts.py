"""``register``, ``login``, ``logout``."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from imgrepo_client.connect import (
    LocalRepository,
    RemoteRepository,
    is_readable_on_the_way,
    server_url,
)
from imgrepo_client.credentials import Credentials, Login, changing
from imgrepo_client.errors import ClientError, ErrorCode, ExitCode, InvalidInputError, ServerError
from imgrepo_client.options import Invocation, command
from imgrepo_client.passwords import read_password
from imgrepo_client.running import run

if TYPE_CHECKING:
    from imgrepo_client.answers import Session
    from imgrepo_client.api import Client


def _account_options(function: Callable[..., Any]) -> Callable[..., Any]:
    function = click.option(
        "--password-stdin", is_flag=True, help="Read the password from stdin's first line."
    )(function)
    function = click.option("--user", "name", metavar="NAME", help="The account's name.")(function)
    return click.argument("url", required=False)(function)


@command("register", short_help="Create an account.")
@_account_options
@click.option("--email", metavar="ADDRESS", help="Where the server's administrator can reach you.")
@click.option(
    "--invite",
    "invitation",
    metavar="CODE",
    help="A code that works once; better in IMGREPO_INVITATION, or when asked for it.",
)
def register_command(
    invocation: Invocation,
    url: str | None,
    name: str | None,
    password_stdin: bool,
    **given: str | None,
) -> ExitCode:
    """Create an account at the server URL and log in.

    The password is asked for, and an invitation's code where the server takes invited people only;
    scripts use --password-stdin or IMGREPO_PASSWORD, and IMGREPO_INVITATION.
    """
    server, user = _server(invocation, url), _user(invocation, name)
    password = _password(invocation, server, from_stdin=password_stdin, confirm=True)

    email = given["email"]
    code = given["invitation"] or invocation.environ.get("IMGREPO_INVITATION") or None

    def registered(code: str | None) -> ExitCode:
        async def register(client: "Client") -> "Session":
            return await client.register(user, password, email, invitation=code)

        return _keep_login(invocation, server, register, "Registered and logged in")

    try:
        return registered(code)
    except ServerError as error:
        required = error.error_code is ErrorCode.INVITATION_REQUIRED
        if not required or code is not None or not sys.stdin.isatty():
            raise
    return registered(click.prompt("Invitation code", err=True))


@command("login", short_help="Log in.")
@_account_options
def login_command(
    invocation: Invocation,
    url: str | None,
    name: str | None,
    password_stdin: bool,
) -> ExitCode:
    """Log in at the server URL, and use that server from now on.

    The password is asked for; scripts use --password-stdin or IMGREPO_PASSWORD.
    """
    server, user = _server(invocation, url), _user(invocation, name)
    password = _password(invocation, server, from_stdin=password_stdin, confirm=False)

    async def log_in(client: "Client") -> "Session":
        return await client.login(user, password)

    code = _keep_login(invocation, server, log_in, "Logged in")
    if invocation.environ.get("IMGREPO_TOKEN"):
        invocation.output.warn("IMGREPO_TOKEN is set and comes first: unset it to use this login.")
    return code


@command("logout", short_help="Log out.")
@click.option("--everywhere", is_flag=True, help="End every login of the account, also elsewhere.")
def logout_command(invocation: Invocation, everywhere: bool) -> ExitCode:
    """End the login at the server and forget it here. API keys stay: see imgrepo keys revoke."""
    repository = _remote(invocation)
    repository.require_login()

    async def log_out() -> None:
        async with invocation.client(repository) as client:
            await client.logout(everywhere=everywhere)

    given = bool(invocation.environ.get("IMGREPO_TOKEN"))  # then nothing that is stored is meant
    failure: ClientError | None = None
    try:
        run(log_out())
    except ClientError as error:
        if everywhere or given:
            raise
        if error.code != ErrorCode.UNAUTHENTICATED:  # otherwise it was over already
            failure = error
    left = Credentials()
    if repository.user is not None and not given:
        left = _forget(invocation, repository.url, repository.user)
    if failure is not None:
        invocation.output.warn(
            f"The login is forgotten here, but {repository.url} could not be told: {failure} "
            "There it stays valid until it expires."
        )
        return failure.exit_code
    where = f"everywhere at {repository.url}" if everywhere else f"at {repository.url}"
    who = "Logged out" if given or repository.user is None else f"{repository.user} is logged out"
    stays = left.default_server == repository.url and not left.users(repository.url)
    local = " It stays the default; the local repository is --server local." if stays else ""
    invocation.output.note(f"{who} {where}.{local}")
    return ExitCode.DONE


def _forget(invocation: Invocation, url: str, user: str) -> Credentials:
    with changing(invocation.places.credentials_file) as draft:
        draft.credentials = draft.credentials.without_login(url, user)
    return draft.credentials


def _server(invocation: Invocation, url: str | None) -> str:
    given = url or invocation.options.server or invocation.environ.get("IMGREPO_SERVER")
    given = given or invocation.credentials().default_server
    if given is None:
        raise InvalidInputError(
            "Name the server: imgrepo login URL --user NAME (or register, for a new account)."
        )
    return server_url(given)


def _user(invocation: Invocation, name: str | None) -> str:
    user = name or invocation.options.user or invocation.environ.get("IMGREPO_USER")
    if user is None:
        raise InvalidInputError("Name the account with --user NAME.")
    return user


def _password(invocation: Invocation, server: str, *, from_stdin: bool, confirm: bool) -> str:
    if is_readable_on_the_way(server):
        invocation.output.warn(
            f"Warning: {server} is not encrypted; others on the network can read along."
        )

    async def ask() -> None:
        async with invocation.client(RemoteRepository(server)) as client:
            await client.answers()

    return read_password(
        invocation.environ,
        from_stdin=from_stdin,
        confirm=confirm,
        before=lambda: run(ask()),  # nobody shall type a password for a mistyped address
    )


def _remote(invocation: Invocation) -> RemoteRepository:
    repository = invocation.repository()
    if isinstance(repository, LocalRepository):
        raise InvalidInputError(
            "You are not logged in anywhere; a local repository needs no login."
        )
    return repository


def _keep_login(
    invocation: Invocation,
    server: str,
    ask: Callable[["Client"], Any],
    done: str,
) -> ExitCode:
    async def session() -> "Session":
        async with invocation.client(RemoteRepository(server)) as client:
            answer: Session = await ask(client)
            return answer

    fresh = run(session())
    login = Login(
        user=fresh["user"]["name"],
        token=fresh["token"],
        expires_at=fresh.get("expires_at"),
        account=fresh["user"].get("created_at"),
    )
    with changing(invocation.places.credentials_file) as draft:
        draft.credentials = draft.credentials.with_login(server, login)
    output = invocation.output
    if output.style.json:
        output.json_line({"server": server, "user": login.user, "expires_at": login.expires_at})
    output.note(f"{done} at {server} as {login.user}.")
    return ExitCode.DONE
