"""Getting a password without it ever standing on a command line."""

import sys
from collections.abc import Callable, Mapping

import click

from imgrepo_client.errors import InvalidInputError

_NEW = "{} (10 characters at least)"


def read_password(
    environ: Mapping[str, str],
    *,
    from_stdin: bool,
    confirm: bool,
    before: Callable[[], None] = lambda: None,
) -> str:
    """The password: the first line of stdin, ``IMGREPO_PASSWORD``, or asked for on a terminal.

    ``confirm`` asks twice, for a new one; ``before`` is called before anything is asked.
    Raises InvalidInputError where there is none of these.
    """
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise InvalidInputError("--password-stdin: the first line of stdin is empty.")
        return password
    if password := environ.get("IMGREPO_PASSWORD", ""):
        return password
    if not sys.stdin.isatty():
        raise InvalidInputError(
            "No terminal to ask for a password on. Use --password-stdin or IMGREPO_PASSWORD."
        )
    before()
    return _asked(_NEW.format("Password") if confirm else "Password", confirm=confirm)


def read_change(environ: Mapping[str, str], *, from_stdin: bool) -> tuple[str, str]:
    """The current and the new password.

    From the first two lines of stdin, ``IMGREPO_PASSWORD`` and ``IMGREPO_NEW_PASSWORD``, or asked
    for on a terminal. Raises InvalidInputError where there is none of these.
    """
    if from_stdin:
        current, new = (sys.stdin.readline().rstrip("\r\n") for _ in range(2))
        if not current or not new:
            raise InvalidInputError(
                "--password-stdin: stdin has to have two lines, the current password and the new."
            )
        return current, new
    given = environ.get("IMGREPO_PASSWORD", ""), environ.get("IMGREPO_NEW_PASSWORD", "")
    if all(given):
        return given
    if not sys.stdin.isatty():
        raise InvalidInputError(
            "No terminal to ask for passwords on. Use --password-stdin, or IMGREPO_PASSWORD and "
            "IMGREPO_NEW_PASSWORD."
        )
    current = given[0] or _asked("Current password", confirm=False)
    return current, given[1] or _asked(_NEW.format("New password"), confirm=True)


def _asked(question: str, *, confirm: bool) -> str:
    asked: str = click.prompt(question, hide_input=True, confirmation_prompt=confirm, err=True)
    return asked
