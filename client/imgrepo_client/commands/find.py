"""``search``, ``list``, ``show``."""

import sys
from collections.abc import Awaitable, Callable
from typing import Any

import click

from imgrepo_client import completion
from imgrepo_client.api import Client
from imgrepo_client.description import described
from imgrepo_client.errors import ExitCode
from imgrepo_client.items import image_id
from imgrepo_client.options import Invocation, command
from imgrepo_client.parameters import EVERYTHING, Filter
from imgrepo_client.results import ResultFormat, Results
from imgrepo_client.running import run
from imgrepo_client.similar import find_similar

_SORTS = ("added", "-added", "taken", "-taken", "title", "size", "relevance")
_FORMATS = ("table", "paths", "ids", "json")


def _result_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("-0", "nul", is_flag=True, help="Ids, each ended by NUL, for xargs -0."),
        click.option(
            "--format",
            "result_format",
            type=click.Choice(_FORMATS),
            help="How to print; paths are those of the files in a local repository, or URLs.",
        ),
        click.option("--all", "everything", is_flag=True, help="All of them, however many."),
        click.option(
            "--limit",
            metavar="N",
            type=click.IntRange(min=1),
            default=20,
            show_default=True,
            help="At most so many.",
        ),
        click.option(
            "--user",
            "owner",
            metavar="NAME",
            shell_complete=completion.owners,
            help="Only images of this person.",
        ),
    ):
        function = option(function)
    return function


@command(
    "search",
    short_help="Find images.",
    dash_hint="To leave a word out, write -- before the query: imgrepo search -- cat -dog",
)
@click.argument("query", nargs=-1)
@click.option(
    "--keyword", "keywords", metavar="K", multiple=True, help="Repeatable; all must match."
)
@click.option(
    "--tag",
    "tags",
    metavar="T",
    multiple=True,
    shell_complete=completion.tags,
    help="Repeatable; all match.",
)
@click.option(
    "--image",
    metavar="FILE|ID|-",
    shell_complete=completion.files_or_ids,
    help="Images that look like this one.",
)
@click.option(
    "--distance",
    metavar="N",
    type=click.FloatRange(0, 192),
    help="With --image: how unlike, from 0 to 192.  [default: 40]",
)
@click.option("--flat", is_flag=True, help="With --image: also pictures without any detail.")
@click.option("--sort", type=click.Choice(_SORTS), help="Order of the results.")
@_result_options
def search_command(invocation: Invocation, **given: Any) -> ExitCode:
    """Find images by words, by tags and people, or by another image.

    A keyword matches anywhere in the title, the description, a tag or the owner's name, in any case
    and with or without accents.
    """
    wanted = Filter(
        query=" ".join(given["query"]) if given["query"] else None,
        keywords=given["keywords"],
        tags=given["tags"],
        user=given["owner"],
    )
    image = given["image"]
    if image is None and given["distance"] is not None:
        raise click.UsageError("--distance goes with --image.")
    if image is None and wanted == EVERYTHING:
        raise click.UsageError("Say what to find, as in: imgrepo search --keyword cat")
    if image is not None and given["sort"] is not None:
        raise click.UsageError("--sort does not go with --image: the nearest come first.")

    async def search(client: Client, results: Results) -> None:
        if image is None:
            await _print_pages(client, results, wanted, given)
        else:
            await _print_matches(client, results, wanted, given)

    return _find(invocation, search, given)


@command("list", short_help="List images, newest first.")
@click.option("--sort", type=click.Choice(_SORTS[:-1]), help="Another order.")
@click.option("--gallery", is_flag=True, help="Only what administrators have published.")
@_result_options
def list_command(invocation: Invocation, **given: Any) -> ExitCode:
    """List images that you may see, newest first."""

    async def show_list(client: Client, results: Results) -> None:
        await _print_pages(
            client, results, Filter(user=given["owner"], gallery=given["gallery"]), given
        )

    return _find(invocation, show_list, given)


@command("show", short_help="Show everything known about an image.")
@click.argument("image", metavar="ID", shell_complete=completion.ids)
def show_command(invocation: Invocation, image: str) -> ExitCode:
    """Show everything known about an image."""
    output = invocation.output

    async def show(client: Client) -> None:
        found = await client.image(image_id(image))
        if output.style.json:
            output.json_line(found)
        elif output.style.quiet:
            output.ids([found["id"]])
        else:
            output.pairs(described(found))

    return _ask(invocation, show)


async def _print_pages(
    client: Client, results: Results, wanted: Filter, given: dict[str, Any]
) -> None:
    limit = None if given["everything"] else given["limit"]
    async for page in client.pages(wanted, sort=given["sort"], limit=limit):
        results.page(page)
        if results.reader_gone:
            return


async def _print_matches(
    client: Client, results: Results, wanted: Filter, given: dict[str, Any]
) -> None:
    pages = find_similar(
        client,
        given["image"],
        wanted,
        distance=40.0 if given["distance"] is None else given["distance"],
        flat=given["flat"],
        limit=None if given["everything"] else given["limit"],
        stdin=sys.stdin.buffer,
    )
    async for page in pages:
        results.matches(page)
        if results.reader_gone:
            return


def _find(
    invocation: Invocation,
    action: Callable[[Client, Results], Awaitable[None]],
    given: dict[str, Any],
) -> ExitCode:
    chosen = _chosen_format(invocation, given)
    repository = invocation.repository()
    results = Results(invocation.output, chosen, repository)

    async def find(client: Client) -> None:
        await action(client, results)

    _ask(invocation, find)
    results.end()
    return ExitCode.DONE


def _chosen_format(invocation: Invocation, given: dict[str, Any]) -> ResultFormat:
    style = invocation.output.style
    if style.json and (given["nul"] or given["result_format"] not in (None, "json")):
        raise click.UsageError("--json goes with no other format.")
    if given["nul"]:
        return ResultFormat.NUL
    if given["result_format"] is not None:
        return ResultFormat(given["result_format"])
    if style.json:
        return ResultFormat.JSON
    return ResultFormat.IDS if style.quiet else ResultFormat.TABLE


def _ask(invocation: Invocation, action: Callable[[Client], Awaitable[None]]) -> ExitCode:
    async def ask() -> None:
        async with invocation.client(invocation.repository()) as client:
            await action(client)

    run(ask())
    return ExitCode.DONE
