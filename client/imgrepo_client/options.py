"""How commands are declared: the global options on every command, and what runs around each."""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from imgrepo_client import __version__
from imgrepo_client.invocation import Invocation, invocation

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_GIVEN = "imgrepo.global"  # the key in click's context under which global options are gathered


def global_options() -> list[click.Parameter]:
    """The options that the program and each of its commands take."""
    return [
        click.Option(
            ["--server"],
            metavar="URL",
            help="The server to use; 'local' for the local repository.",
            expose_value=False,
            callback=_gather,
        ),
        click.Option(
            ["--user"],
            metavar="NAME",
            help="Which stored login to use at that server.",
            expose_value=False,
            callback=_gather,
            shell_complete=_logins,
        ),
        _flag("--json", "Print JSON lines, one object for each result."),
        _flag("--quiet", "Print ids only, and to stderr only what failed."),
        _flag("--no-progress", "Draw no progress bar."),
        _flag("--no-color", "Use no colors (also NO_COLOR in the environment)."),
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_version,
            help="Show the version and exit.",
        ),
    ]


def _logins(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> "list[CompletionItem[str]]":
    from imgrepo_client.completion import logins  # noqa: PLC0415 - at the Tab key only

    return logins(context, parameter, incomplete)


def _flag(name: str, text: str) -> click.Option:
    return click.Option([name], is_flag=True, expose_value=False, callback=_gather, help=text)


def _gather(context: click.Context, option: click.Parameter, value: Any) -> Any:
    # Given before or after the command's name; the last one counts.
    if value and option.name is not None:
        context.meta.setdefault(_GIVEN, {})[option.name] = value
    return value


def given_globally(context: click.Context) -> Mapping[str, Any]:
    """The global options given so far, by name."""
    given: Mapping[str, Any] = context.meta.get(_GIVEN, {})
    return given


def _version(context: click.Context, _option: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        click.echo(f"imgrepo {__version__}")
        context.exit()


class Command(click.Command):
    """A command that also takes the global options, unless it has one of that name itself.

    ``dash_hint`` is said to somebody whose argument begins with a dash and is no option.
    """

    def __init__(self, *args: Any, dash_hint: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._dash_hint = dash_hint
        own = {name for parameter in self.params for name in parameter.opts}
        for option in global_options():
            if not own.intersection(option.opts):
                if isinstance(option, click.Option):
                    option.hidden = True  # explained once, in the program's own help
                self.params.append(option)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does, with the hint; and options that contradict each other are refused."""
        self._refuse_contradictions(ctx, args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if not self._dash_hint or error.option_name.startswith("--"):
                raise
            raise click.NoSuchOption(
                error.option_name, f"{error.message} {self._dash_hint}", ctx=ctx
            ) from error

    def _refuse_contradictions(self, ctx: click.Context, args: list[str]) -> None:
        # click takes the last one: somebody's --private would be undone by a --public far behind.
        given = set(args[: args.index("--")] if "--" in args else args)
        for option in self.params:
            yes, no = given.intersection(option.opts), given.intersection(option.secondary_opts)
            if yes and no:
                message = f"{yes.pop()} and {no.pop()} contradict each other."
                raise click.UsageError(message, ctx=ctx)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command with an ``Invocation`` as the context's object."""
        ctx.obj = invocation(given_globally(ctx), os.environ)
        return super().invoke(ctx)


def command(
    name: str, *, cls: type[Command] = Command, **attributes: Any
) -> Callable[[Callable[..., Any]], Command]:
    """Declare a command whose function gets an ``Invocation`` first and returns its exit code."""

    def declared(function: Callable[..., Any]) -> Command:
        return click.command(name, cls=cls, **attributes)(click.pass_obj(function))

    return declared


__all__ = ["Command", "Invocation", "command", "given_globally", "global_options"]
