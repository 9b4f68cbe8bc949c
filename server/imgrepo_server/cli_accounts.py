"""``imgrepo-server user`` and ``keys``: administration without SQL.

Both work on the data themselves, also while servers run on them.
"""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from imgrepo_server.cli_options import (
    Span,
    agreed,
    data_options,
    open_office,
    read_password,
    repeatable,
)
from imgrepo_server.plurals import counted

if TYPE_CHECKING:
    from imgrepo_server.models import Account

_TIERS = click.Choice(["free", "premium", "business", "unlimited"])
_ROLES = click.Choice(["user", "admin"])
_PASSWORD_STDIN = "Read the new password from stdin's first line; on a terminal, ask for it."  # noqa: S105 -- a help text


@click.group()
def user() -> None:
    """Look after accounts, also while a server runs."""


@user.command("add")
@click.argument("name")
@click.option("--email", metavar="ADDRESS", help="Where its owner can be reached.")
@click.option("--role", type=_ROLES, default="user", show_default=True)
@click.option("--tier", type=_TIERS, help="What it may hold.  [default: the setting default_tier]")
@click.option("--password-stdin", is_flag=True, help=_PASSWORD_STDIN)
@data_options
def add(name: str, email: str | None, password_stdin: bool, **given: Any) -> None:
    """Create an account, whoever may register. The password is asked for."""
    role, tier = given.pop("role"), given.pop("tier")
    office = open_office(given, new=True)
    password = read_password(from_stdin=password_stdin)
    made = office.add(name, password, email, role=role, tier=tier)
    what = f"{made.role}, tier {made.tier or 'unlimited'}"
    click.echo(f"Created the account {made.name}: {what}.", err=True)


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@data_options
def list_(as_json: bool, **given: Any) -> None:
    """List accounts with what they hold, the trash included."""
    for account in open_office(given).accounts():
        click.echo(json.dumps(_account_json(account)) if as_json else _account_line(account))


@user.command("set")
@click.argument("name")
@click.option("--tier", type=_TIERS, help="What it may hold; what it holds already stays.")
@click.option("--role", type=_ROLES)
@click.option("--password-stdin", is_flag=True, help=_PASSWORD_STDIN)
@data_options
def set_(name: str, tier: str | None, role: str | None, password_stdin: bool, **given: Any) -> None:
    """Change an account's tier, role or password; a new password ends its logins."""
    if tier is None and role is None and not password_stdin:
        raise click.UsageError("Say what to change: --tier, --role or --password-stdin.")
    office = open_office(given)
    password = read_password(from_stdin=True) if password_stdin else None
    office.set(name, tier=tier, role=role, password=password)
    click.echo(f"Changed the account {name}.", err=True)


@user.command("disable")
@click.argument("name")
@data_options
def disable(name: str, **given: Any) -> None:
    """Shut an account out at once; its images stay, and stay as visible as they are."""
    undo = repeatable(["user", "enable", name], given)
    open_office(given).disable(name)
    click.echo(f"Disabled the account {name}. Undo it with: {undo}", err=True)


@user.command("enable")
@click.argument("name")
@data_options
def enable(name: str, **given: Any) -> None:
    """Let a disabled account in again."""
    open_office(given).enable(name)
    click.echo(f"Enabled the account {name}.", err=True)


@user.command("delete")
@click.argument("name")
@click.option("--reassign-to", metavar="NAME", help="Give its images to this account.")
@click.option("--purge", is_flag=True, help="Delete its images for good.")
@click.option("--yes", is_flag=True, help="Do not ask before deleting images.")
@data_options
def delete(name: str, reassign_to: str | None, purge: bool, yes: bool, **given: Any) -> None:
    """Delete an account. Its images go to somebody else, or for good.

    Interrupted, it goes on where it was when it is run again.
    """
    if purge and reassign_to is not None:
        raise click.UsageError("Give --reassign-to or --purge, not both.")
    office = open_office(given)
    held = office.usage(name)
    if held.images and not purge and reassign_to is None:
        raise click.UsageError(
            f"{name} has {counted(held.images, 'image')}. Give them to somebody with --reassign-to "
            "NAME, or delete them for good with --purge."
        )
    if held.images and purge and not yes:
        question = f"Delete the account {name} and its {counted(held.images, 'image')} for good?"
        if not agreed(question, instead=f"{question} Add --yes to do that without being asked."):
            return
    done = office.delete(name, reassign_to=reassign_to, purge=purge)
    became = f"given to {reassign_to}" if reassign_to is not None else "deleted"
    images = f" {counted(done, 'image')} {became}." if done else ""
    click.echo(f"Deleted the account {name}.{images}", err=True)


@user.command("invite")
@click.option(
    "--expires", type=Span(), default="7d", show_default=True, help="When it ends: 30m, 1h, 7d."
)
@data_options
def invite(expires: timedelta, **given: Any) -> None:
    """Print a one-time code with which somebody can register."""
    made = open_office(given, new=True).invite(expires)
    click.echo(made.code)
    click.echo(
        f"Good once, until {made.expires_at:%Y-%m-%d %H:%M} UTC, for: "
        "imgrepo register URL --user NAME",
        err=True,
    )


@click.group()
def keys() -> None:
    """Look after the keys that sign logins."""


@keys.command("rotate")
@click.option(
    "--forget-old", is_flag=True, help="Forget earlier keys now: everybody has to log in again."
)
@data_options
def rotate(forget_old: bool, **given: Any) -> None:
    """Sign logins with a new key from now on; servers notice, and nobody is logged out.

    Earlier keys are kept for as long as a login lasts.
    """
    current = open_office(given).rotate_keys(forget_old=forget_old)
    click.echo(f"Logins are signed with the key {current} from now on.", err=True)


def _account_json(account: "Account") -> dict[str, Any]:
    user = account.user
    return {
        "name": user.name,
        "email": user.email,
        "role": user.role,
        "tier": user.tier,
        "created_at": user.created_at.isoformat(),
        "disabled_at": account.disabled_at and account.disabled_at.isoformat(),
        "images": account.usage.images,
        "bytes": account.usage.bytes,
    }


def _account_line(account: "Account") -> str:
    user = account.user
    state = "" if account.disabled_at is None else "  disabled"
    return (
        f"{user.name:<20} {user.role:<6} {user.tier or 'unlimited':<10} "
        f"{counted(account.usage.images, 'image'):>16} "
        f"{counted(account.usage.bytes, 'byte'):>23}{state}"
    )
