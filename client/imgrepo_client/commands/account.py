"""``whoami`` and ``password``: the account in use."""

from typing import TYPE_CHECKING

import click

from imgrepo_client.connect import LocalRepository, RemoteRepository
from imgrepo_client.credentials import Login, changing
from imgrepo_client.errors import ExitCode, InvalidInputError
from imgrepo_client.options import Invocation, command
from imgrepo_client.passwords import read_change
from imgrepo_client.running import run
from imgrepo_client.tables import file_size

if TYPE_CHECKING:
    from imgrepo_client.answers import Me, Session


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


@command("password", short_help="Change your password.")
@click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the current and then the new password from stdin's first two lines.",
)
def password_command(invocation: Invocation, password_stdin: bool) -> ExitCode:
    """Change your password; every other login of the account ends, API keys stay.

    Both passwords are asked for; scripts use --password-stdin, or IMGREPO_PASSWORD and
    IMGREPO_NEW_PASSWORD.
    """
    repository = invocation.repository()
    if isinstance(repository, LocalRepository):
        raise InvalidInputError("A local repository has no password: its folder is yours.")
    repository.require_login()
    current, new = read_change(invocation.environ, from_stdin=password_stdin)

    async def change() -> "Session":
        async with invocation.client(repository) as client:
            return await client.change_password(current, new)

    _keep(invocation, repository, run(change()))
    invocation.output.note("The password is changed. Every other login of the account has ended.")
    return ExitCode.DONE


def _keep(invocation: Invocation, repository: RemoteRepository, fresh: "Session") -> None:
    with changing(invocation.places.credentials_file) as draft:
        stored = draft.credentials.login(repository.url, fresh["user"]["name"])
        if stored is None:
            return  # whoever brought the token in IMGREPO_TOKEN logs in anew
        login = Login(
            user=stored.user,
            token=fresh["token"],
            expires_at=fresh.get("expires_at"),
            account=stored.account,
        )
        draft.credentials = draft.credentials.with_fresh(repository.url, login)


def _described(me: "Me", place: str) -> list[tuple[str, str]]:
    user, usage, quota = me["user"], me["usage"], me.get("quota") or {}
    images, size, each = (quota.get(name) for name in ("images", "bytes", "bytes_per_image"))
    limits = [] if each is None else [("one image", f"{file_size(each)} at the most")]
    return [
        ("user", user["name"]),
        ("repository", place),
        ("email", user.get("email") or "none"),
        ("role", user.get("role") or "user"),
        ("images", f"{usage['images']:,}{_of(None if images is None else f'{images:,}')}"),
        ("size", f"{file_size(usage['bytes'])}{_of(None if size is None else file_size(size))}"),
        ("tier", me.get("tier") or "none"),
        *(limits or ([] if quota else [("quota", "unlimited")])),
    ]


def _of(limit: str | None) -> str:
    return "" if limit is None else f" of {limit}"


def _place(repository: LocalRepository | RemoteRepository) -> str:
    return str(repository.home) if isinstance(repository, LocalRepository) else repository.url
