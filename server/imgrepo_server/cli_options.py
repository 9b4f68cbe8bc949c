"""What the commands of ``imgrepo-server`` share: options, settings, secrets, and how they fail."""

import os
import re
import shlex
import sys
import tomllib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from imgrepo_server.plurals import counted

if TYPE_CHECKING:
    from imgrepo_server.administration import Office
    from imgrepo_server.settings import Settings

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def data_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Where the data are, for commands that work on them beside the server."""
    function = click.option(
        "--config",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="TOML file of settings.",
    )(function)
    function = click.option("--database", help="File of the database, if not in there.")(function)
    return click.option(
        "--data-dir",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder of the database and the images.",
    )(function)


def read_settings(flags: dict[str, Any], config: Path | None) -> "Settings":
    """The settings; flags that were not given are None. Fails with a usage error."""
    from imgrepo_server.errors import ImgrepoError  # noqa: PLC0415 -- --help needs none of it
    from imgrepo_server.settings import load  # noqa: PLC0415 -- as above

    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return load(given, config)
    except ImgrepoError as error:
        raise click.UsageError(error.message) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{config} is not a TOML file: {error}.") from None


def open_office(given: dict[str, Any], *, new: bool = False) -> "Office":
    """The one that an administrating command works with; ``new``: it may begin a repository."""
    config: Path | None = given.pop("config")
    settings = read_settings(given, config)
    from imgrepo_server.administration import Office  # noqa: PLC0415 -- --help needs none of it

    opened = Office(settings, new=new, fail=fail, report=_progress)
    say_where(settings)
    return opened


def _progress(done: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{counted(done, 'image')}", nl=False, err=True)


def say_where(settings: "Settings") -> None:
    """Tell on which repository a command works: without --data-dir it is easily another one."""
    place = settings.database or str(settings.data_dir.absolute())
    scheme, is_url, _ = place.partition("://")
    # Of another database's URL no more than its kind: there may be a password in it.
    shown = f"{scheme}://…" if is_url and scheme != "sqlite" else place
    click.echo(f"In {shown}:", err=True)


def agreed(question: str, *, instead: str) -> bool:
    """Whether somebody at a terminal says yes; Enter and Ctrl-D are no. Says what no means.

    Without a terminal it fails, and tells ``instead``. Raises click.Abort for Ctrl-C.
    """
    if not sys.stdin.isatty():
        raise click.UsageError(instead)
    try:
        answer = click.confirm(question, err=True)
    except click.Abort as abort:
        # click makes one of the two; to say nothing more is an answer, to interrupt is none.
        if not isinstance(abort.__context__, EOFError):
            raise
        answer = False
    if not answer:
        click.echo("Nothing was changed.", err=True)
    return answer


def repeatable(words: list[str], given: dict[str, Any]) -> str:
    """A command of ``imgrepo-server`` with those of ``given`` that say where the data are."""
    places = [f"--{name.replace('_', '-')}={value}" for name, value in given.items() if value]
    return shlex.join(["imgrepo-server", *words, *places])


def read_password(*, from_stdin: bool) -> str:
    """A new password: the first line of stdin, ``IMGREPO_PASSWORD``, or asked for twice."""
    if from_stdin and not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    if password := os.environ.get("IMGREPO_PASSWORD", ""):
        return password
    if not sys.stdin.isatty():
        raise click.UsageError(
            "No terminal to ask for a password on. Use --password-stdin or IMGREPO_PASSWORD."
        )
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return asked


class Span(click.ParamType[timedelta]):
    """A span of time such as ``90s``, ``30m``, ``1h``, ``7d`` or ``2w``."""

    name = "span"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Read it, or fail with an example."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"([1-9][0-9]{0,5})([smhdw])", str(value).strip())
        if found is None:
            self.fail(f"{value!r} is no span of time. Write it like 30m, 1h or 7d.", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


def fail(message: str) -> NoReturn:
    """Say what is wrong, and end with 1."""
    click.echo(message, err=True)
    sys.exit(1)
