"""Getting a password without it ever standing on a command line."""

import sys
from collections.abc import Mapping

import click

from imgrepo_client.errors import InvalidInputError


def read_password(environ: Mapping[str, str], *, from_stdin: bool, confirm: bool) -> str:
    """The password: the first line of stdin, ``IMGREPO_PASSWORD``, or asked for on a terminal.

    ``confirm`` asks twice. Raises InvalidInputError where there is none of these.
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
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=confirm, err=True)
    return asked
