"""The program ``imgrepo``: finds the command, runs it, and answers with its exit code."""

import atexit
import contextlib
import difflib
import importlib
import io
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from imgrepo_client.errors import ClientError, ExitCode
from imgrepo_client.names import printable
from imgrepo_client.options import global_options

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_COMPLETE = "_IMGREPO_COMPLETE"  # in the environment where a shell asks what could be typed next

# Name of the command: (module below ``commands``, one line of help). Here, and not beside each
# command, so that ``imgrepo --help`` imports none of them.
COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "register": ("accounts", "Create an account at a server and log in."),
        "login": ("accounts", "Log in at a server and use it from now on."),
        "logout": ("accounts", "Log out."),
        "whoami": ("account", "Show the account in use, and what it holds."),
        "password": ("account", "Change your password."),
        "keys": ("keys", "Make, list and revoke API keys for scripts."),
        "upload": ("upload", "Upload files and folders; what is there already is not sent."),
        "search": ("find", "Find images by words, by tags, or by another image."),
        "list": ("find", "List images, newest first."),
        "show": ("find", "Show everything known about an image."),
        "why": ("similar", "Explain what makes two images match."),
        "duplicates": ("similar", "Find images of yours that are the same picture."),
        "tags": ("tags", "List tags, with how many images have each; rename one."),
        "download": ("files", "Download originals, byte for byte."),
        "open": ("files", "Open an image in this system's viewer."),
        "edit": ("edit", "Change title, description, tags, or who may see it."),
        "share": ("share", "Make a link to an image that needs no login."),
        "delete": ("edit", "Put images into the trash, or remove them for good."),
        "restore": ("edit", "Take images out of the trash."),
        "verify": ("verify", "Have the repository read stored images again."),
    }
)


class Program(click.Group):
    """The group of all commands, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which one meets them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"imgrepo_client.commands.{COMMANDS[cmd_name][0]}")
        found: click.Command = getattr(module, f"{cmd_name}_command")
        return found

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem[str]]":
        """Names of commands, without importing any; and the options."""
        from imgrepo_client.completion import commands  # noqa: PLC0415 - at the Tab key only

        names = ((name, text) for name, (_, text) in COMMANDS.items())
        return commands(names, incomplete) + click.Command.shell_complete(self, ctx, incomplete)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a guess at what was meant."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            near = difflib.get_close_matches(args[0], COMMANDS, 1)
            hint = f" Did you mean {near[0]}?" if near else " See imgrepo --help."
            ctx.fail(f"There is no command {printable(args[0])!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


program = Program(
    "imgrepo",
    params=global_options(),
    help="Keep images in a repository, and find them again.\n\n"
    "Without a server, imgrepo works on a local repository in your own data folder. "
    "Options stand before or after the command.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    no_args_is_help=True,
)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the program and exit."""
    _fill_closed_streams()
    _tolerate_any_encoding()
    if _COMPLETE in os.environ:
        _complete()
    code = _run(arguments)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    if code == ExitCode.INTERRUPTED:
        # Some thread may be in a read that nothing ends, from a pipe or a dead network drive;
        # waiting for it is what somebody who presses Ctrl-C least wants. Temporary folders of the
        # libraries are removed all the same.
        atexit._run_exitfuncs()  # noqa: SLF001 - the only way past os._exit
        os._exit(code)
    sys.exit(code)


def _complete() -> NoReturn:
    """Say what a shell can offer at the Tab key, and nothing else: somebody is typing there."""
    from imgrepo_client.completion import prepare  # noqa: PLC0415 - at the Tab key only

    asked = os.environ[_COMPLETE].endswith("_complete")
    prepare()
    try:
        with contextlib.redirect_stderr(io.StringIO()) if asked else contextlib.nullcontext():
            program.main(prog_name="imgrepo")
    except (Exception, KeyboardInterrupt):
        sys.exit(1)
    sys.exit(0)


def _run(arguments: Sequence[str] | None) -> int:
    try:
        answer: Any = program.main(
            args=list(arguments) if arguments is not None else None,
            prog_name="imgrepo",
            standalone_mode=False,
        )
        return int(answer or ExitCode.DONE)
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except ClientError as error:
        for line in (f"imgrepo: {error}", *error.pointer):
            click.echo(printable(line), err=True)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("imgrepo: interrupted", err=True)
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        return ExitCode.DONE
    except Exception as error:
        traceback.print_exc()
        click.echo(
            f"imgrepo: unexpected failure: {printable(str(error)) or type(error).__name__}. "
            "This is a fault in imgrepo; please report it with the lines above.",
            err=True,
        )
        return ExitCode.UNEXPECTED


def _fill_closed_streams() -> None:
    """Let what nobody gave us (``>&-``) lead nowhere.

    Otherwise the next file that is opened, say a database, would become stdout.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115 - a number, for as long as the process


def _tolerate_any_encoding() -> None:
    """Print what the terminal's encoding lacks as an escape, rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
