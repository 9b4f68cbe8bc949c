"""``keys``: API keys for scripts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from imgrepo_client import completion
from imgrepo_client.durations import Duration
from imgrepo_client.errors import ClientError, ErrorCode, ExitCode
from imgrepo_client.items import for_each, one_by_one
from imgrepo_client.options import Invocation, command, global_options
from imgrepo_client.running import run

if TYPE_CHECKING:
    from imgrepo_client.answers import Key, NewKey

keys_command = click.Group(
    "keys",
    params=global_options(),
    help="Make, list and revoke API keys: what scripts use in place of a login, as IMGREPO_TOKEN.",
)


@command("create", short_help="Make a key and print its secret.")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(("upload", "read", "write", "admin")),
    multiple=True,
    required=True,
    help="What it is for; repeatable. write includes upload and read, admin includes all.",
)
@click.option(
    "--expires",
    metavar="TIME",
    type=Duration("36500d"),
    help="When it ends: 1h, 90d.  [default: never]",
)
def create_command(
    invocation: Invocation, name: str, scopes: Sequence[str], expires: int | None
) -> ExitCode:
    """Make an API key and print its secret, which is shown this once.

    NAME says later what the key was for. Scripts use it as IMGREPO_TOKEN.
    """
    repository = invocation.repository()
    repository.require_login()

    async def create() -> "NewKey":
        async with invocation.client(repository) as client:
            return await client.create_key(name, scopes, expires_in=expires)

    made = run(create())
    output = invocation.output
    if output.style.json:
        output.json_line({**made["key"], "secret": made["secret"]})
    else:
        output.line(made["secret"])
        output.note("This is shown once. Scripts use it as IMGREPO_TOKEN.")
    return ExitCode.DONE


@command("list", short_help="List your keys.")
def list_command(invocation: Invocation) -> ExitCode:
    """List your API keys, oldest first, with when each was last used (to the hour)."""
    repository = invocation.repository()
    repository.require_login()

    async def ask() -> "list[Key]":
        async with invocation.client(repository) as client:
            return await client.keys()

    keys = run(ask())
    output = invocation.output
    for key in keys:
        if output.style.json:
            output.json_line(key)
        elif output.style.quiet:
            output.ids([key["id"]])
        else:
            output.line(_line(key))
    if not keys:
        output.note("No keys.")
    return ExitCode.DONE


@command("revoke", short_help="Take keys back.")
@click.argument(
    "keys", metavar="NAME|ID...", nargs=-1, required=True, shell_complete=completion.keys
)
def revoke_command(invocation: Invocation, keys: Sequence[str]) -> ExitCode:
    """Take API keys back: from now on they open nothing."""
    repository = invocation.repository()
    repository.require_login()
    output = invocation.output

    async def work() -> ExitCode:
        async with invocation.client(repository) as client:
            known = {name: key["id"] for key in await client.keys() for name in _names(key)}

            async def revoke(given: str) -> None:
                if given not in known:
                    raise NoSuchKeyError(f"You have no API key {given}. See: imgrepo keys list.")
                await client.revoke_key(known[given])
                if output.style.json:
                    output.json_line({"id": known[given], "status": "revoked"})
                elif output.style.quiet:
                    output.ids([known[given]])
                else:
                    output.line(f"revoked  {given}")

            return await for_each(one_by_one(dict.fromkeys(keys)), revoke, str, output)

    return run(work())


class NoSuchKeyError(ClientError):
    """The account has no key of that name or id."""

    exit_code = ExitCode.SOME_FAILED
    code = ErrorCode.KEY_NOT_FOUND


def _names(key: "Key") -> tuple[str, str]:
    return key["id"], key["name"]


def _line(key: "Key") -> str:
    used = key["last_used_at"]
    return (
        f"{key['name']:<20}  {','.join(key['scopes']):<12}  "
        f"made {key['created_at'][:10]}  "
        f"ends {key['expires_at'][:16] if key['expires_at'] else 'never':<16}  "
        f"{'used ' + used[:10] if used else 'never used'}"
    )


keys_command.add_command(create_command)
keys_command.add_command(list_command)
keys_command.add_command(revoke_command)
