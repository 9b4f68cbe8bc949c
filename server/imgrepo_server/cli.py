"""``imgrepo-server``: run a server, and look after one."""

import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from imgrepo_server import __version__
from imgrepo_server.cli_accounts import keys, user
from imgrepo_server.cli_audit import audit
from imgrepo_server.cli_options import agreed, fail, read_settings, say_where

INTERRUPTED = 130
"""The exit code after Ctrl-C, as for ``imgrepo``."""

if TYPE_CHECKING:
    from imgrepo_server.settings import Settings


def main() -> None:
    """The program's entry point."""
    os.umask(0o077)  # whatever it writes is for the user it runs as
    try:
        code = cli.main(prog_name="imgrepo-server", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("imgrepo-server: interrupted; what is done stays done", err=True)
        code = INTERRUPTED
    sys.exit(code)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Keep images for several people, and find them again."""


@cli.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="Port; 0 picks a free one.  [default: 8080]")
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the database and the images.",
)
@click.option("--storage-dir", "--storage_dir", help="Folder of the images, if not in there.")
@click.option("--database", help="File of the database, if not in there.")
@click.option("--workers", type=int, help="Processes that decode images.  [default: one per core]")
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML file of settings.",
)
@click.option("--reset", is_flag=True, help="Delete all images and accounts first.")
@click.option("--yes", is_flag=True, help="Do not ask before deleting.")
def serve(config: Path | None, reset: bool, yes: bool, **flags: Any) -> None:
    """Serve until interrupted."""
    settings = read_settings(flags, config)
    from imgrepo_server import serve as serving  # noqa: PLC0415 -- --help needs none of it
    from imgrepo_server.errors import ImgrepoError  # noqa: PLC0415 -- as above

    if reset and not (yes or _agreed_to_reset(settings)):
        return
    try:
        if reset:
            serving.reset(settings)
        serving.serve(settings)
    except ImgrepoError as error:
        fail(f"Cannot start. {error.message}")
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            fail(f"Cannot start: port {settings.port} is in use. Choose another one with --port.")
        place = f"{error.filename}: " if error.filename else ""
        fail(f"Cannot start: {place}{error.strerror or error}.")


@cli.command()
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the database and the images.",
)
@click.option("--storage-dir", "--storage_dir", help="Folder of the images, if not in there.")
@click.option("--database", help="File of the database, if not in there.")
@click.option("--workers", type=int, help="Processes that decode images.  [default: one per core]")
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML file of settings.",
)
def reindex(config: Path | None, **flags: Any) -> None:
    """Compute fingerprints of an older version anew; servers may go on working meanwhile.

    Needed after an update that says so. It can be interrupted at any time and goes on where it
    was; pictures that it has not come to yet are not found by search by image.
    """
    settings = read_settings(flags, config)
    say_where(settings)
    from imgrepo_server import reindex as reindexing  # noqa: PLC0415 -- --help needs none of it

    try:
        sys.exit(reindexing.reindex(settings))
    except OSError as error:
        fail(f"Cannot start: {error.strerror or error}.")


cli.add_command(user)
cli.add_command(keys)
cli.add_command(audit)


def _agreed_to_reset(settings: "Settings") -> bool:
    what = (
        f"all images in {settings.storage_location} and the database {settings.database_location}"
    )
    instead = f"--reset deletes {what}; add --yes to do that without being asked."
    return agreed(f"Delete {what}?", instead=instead)
