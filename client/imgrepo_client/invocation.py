"""What every command is given: its global options, the environment, and where to print."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imgrepo_client import credentials, settings
from imgrepo_client.connect import LocalRepository, Repository, choose, open_client
from imgrepo_client.output import Output, Style

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from imgrepo_client.api import Client
    from imgrepo_client.retry import RetryPolicy


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """Options that stand before or after any command's name."""

    server: str | None = None
    user: str | None = None
    json: bool = False
    quiet: bool = False
    no_progress: bool = False
    no_color: bool = False


@dataclass(frozen=True, slots=True)
class Invocation:
    """One command line, and everything around it."""

    options: GlobalOptions
    environ: Mapping[str, str]
    places: settings.Places
    output: Output
    announced: list[Path] = field(default_factory=list)

    def preferences(self) -> settings.Preferences:
        """The person's settings. Raises InvalidInputError."""
        return settings.preferences(self.environ, self.places.config_file)

    def credentials(self) -> credentials.Credentials:
        """The stored logins. Raises InvalidInputError."""
        return credentials.load(self.places.credentials_file)

    def repository(self) -> Repository:
        """The repository to work on; says so where it is the local one by default.

        Raises InvalidInputError, NotLoggedInError.
        """
        repository = choose(
            server=self.options.server,
            user=self.options.user,
            environ=self.environ,
            credentials=self.credentials(),
            home=self.places.home,
        )
        if isinstance(repository, LocalRepository) and repository.implicit and not self.announced:
            self.announced.append(repository.home)
            self.output.note(f"Using {repository.name}")
        return repository

    def client(
        self,
        repository: Repository,
        *,
        concurrency: int = 8,
        retry: "RetryPolicy | None" = None,
    ) -> "AbstractAsyncContextManager[Client]":
        """A connection to the repository, opened by ``async with``."""
        return open_client(repository, concurrency=concurrency, retry=retry, environ=self.environ)


def invocation(given: Mapping[str, Any], environ: Mapping[str, str]) -> Invocation:
    """The invocation for these global options, printing to this process's streams."""
    options = GlobalOptions(**given)
    return Invocation(
        options=options,
        environ=environ,
        places=settings.places(environ),
        output=Output(sys.stdout, sys.stderr, _style(options, environ)),
    )


def _style(options: GlobalOptions, environ: Mapping[str, str]) -> Style:
    color = not (options.no_color or environ.get("NO_COLOR") or environ.get("TERM") == "dumb")
    on_terminal = sys.stdout.isatty()
    return Style(
        json=options.json,
        quiet=options.quiet,
        color_out=color and on_terminal,
        color_err=color and sys.stderr.isatty(),
        width=_terminal_width() if on_terminal else None,
    )


def _terminal_width() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
