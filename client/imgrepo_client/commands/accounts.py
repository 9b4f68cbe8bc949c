"""``register``, ``login``, ``logout``, ``whoami``."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from imgrepo_client.connect import (
    LocalRepository,
    RemoteRepository,
    is_readable_on_the_way,
    server_url,
)
from imgrepo_client.credentials import Login, changing
from imgrepo_client.errors import ClientError, ErrorCode, ExitCode, InvalidInputError, ServerError
from imgrepo_client.options import Invocation, command
from imgrepo_client.passwords import read_password
from imgrepo_client.running import run
from imgrepo_client.tables import file_size

if TYPE_CHECKING:
    from imgrepo_client.answers import Me, Session
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
def register_command(
    invocation: Invocation,
    url: str | None,
    name: str | None,
    email: str | None,
    password_stdin: bool,
) -> ExitCode:
    """Create an account at the server URL and log in.

    The password is asked for; scripts use --password-stdin or IMGREPO_PASSWORD.
    """
    server, user = _server(invocation, url), _user(invocation, name)
    password = read_password(invocation.environ, from_stdin=password_stdin, confirm=True)

    async def register(client: "Client") -> "Session":
        return await client.register(user, password, email)

    return _keep_login(invocation, server, register, "Registered and logged in")


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
    password = read_password(invocation.environ, from_stdin=password_stdin, confirm=False)

    async def log_in(client: "Client") -> "Session":
        return await client.login(user, password)

    return _keep_login(invocation, server, log_in, "Logged in")


@command("logout", short_help="Log out.")
def logout_command(invocation: Invocation) -> ExitCode:
    """End the login at the server and forget it here."""
    repository = _remote(invocation)
    repository.require_login()

    async def log_out() -> None:
        async with invocation.client(repository) as client:
            await client.logout()

    failure: ClientError | None = None
    try:
        run(log_out())
    except ServerError as error:
        if error.error_code is not ErrorCode.UNAUTHENTICATED:  # otherwise it was over already
            failure = error
    except ClientError as error:
        failure = error
    if repository.user is not None:
        with changing(invocation.places.credentials_file) as draft:
            draft.credentials = draft.credentials.without_login(repository.url, repository.user)
    if failure is not None:
        invocation.output.warn(
            f"The login is forgotten here, but {repository.url} could not be told: {failure} "
            "There it stays valid until it expires."
        )
        return failure.exit_code
    invocation.output.note(f"Logged out at {repository.url}.")
    return ExitCode.DONE


@command("whoami", short_help="Show the account in use.")
def whoami_command(invocation: Invocation) -> ExitCode:
    """Show the account in use, what it holds, and its tier and quota."""
    repository = invocation.repository()
    repository.require_login()

    async def ask() -> "Me":
        async with invocation.client(repository) as client:
            return await client.me()

    me = run(ask())
    output = invocation.output
    if output.style.json:
        output.json_line({**me, "repository": _place(repository)})
    elif output.style.quiet:
        output.line(me["user"]["name"])
    else:
        output.pairs(_described(me, _place(repository)))
    return ExitCode.DONE


def _described(me: "Me", place: str) -> list[tuple[str, str]]:
    user, usage, quota = me["user"], me["usage"], me.get("quota")
    limits = ", ".join(f"{name} {value}" for name, value in quota.items()) if quota else "unlimited"
    return [
        ("user", user["name"]),
        ("repository", place),
        ("email", user.get("email") or "none"),
        ("role", user.get("role") or "user"),
        ("images", f"{usage['images']:,}"),
        ("size", f"{file_size(usage['bytes'])}"),
        ("tier", me.get("tier") or "none"),
        ("quota", limits),
    ]


def _place(repository: LocalRepository | RemoteRepository) -> str:
    return str(repository.home) if isinstance(repository, LocalRepository) else repository.url


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
    output = invocation.output
    if is_readable_on_the_way(server):
        output.warn(f"Warning: {server} is not encrypted; others on the network can read along.")

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
    if output.style.json:
        output.json_line({"server": server, "user": login.user, "expires_at": login.expires_at})
    output.note(f"{done} at {server} as {login.user}.")
    return ExitCode.DONE
