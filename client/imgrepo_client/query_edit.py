"""Changing everything that a query finds: which images that is, and asking before it is done."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from operator import itemgetter

import click

from imgrepo_client.answers import Image
from imgrepo_client.api import Client
from imgrepo_client.errors import ExitCode
from imgrepo_client.invocation import Invocation
from imgrepo_client.items import for_each
from imgrepo_client.parameters import Filter
from imgrepo_client.questions import agreed
from imgrepo_client.running import run
from imgrepo_client.tables import counted

_SHOWN = 5
_COUNTED = 10_000  # more than that is counted by nobody
_AT_ONCE = 4

Edit = Callable[[Client, str], Awaitable[None]]


def edit_matches(invocation: Invocation, query: str, edit: Edit, *, yes: bool) -> ExitCode:
    """Change all images of the person's own that a query finds, one page in memory at a time.

    Without ``yes`` it shows some and asks, on a terminal; elsewhere that is a UsageError, as an
    empty query is with it. Each image that cannot be changed is named, and the rest go on.
    """
    if not yes and not sys.stdin.isatty():
        raise click.UsageError(
            "--query may change many images; add --yes to do it without a question."
        )
    if yes and not query.strip():  # in a script, a variable that was never set
        raise click.UsageError(
            "The --query is empty, which finds every image; that is done only with the question, "
            "so leave out --yes."
        )
    repository = invocation.repository()
    repository.require_login()

    async def preview() -> int:
        async with invocation.client(repository) as client:
            return await _preview(invocation, _noticed(invocation, own_matches(client, query)))

    async def work() -> ExitCode:
        async with invocation.client(repository, concurrency=_AT_ONCE) as client:

            async def edit_one(image: Image) -> None:
                await edit(client, image["id"])

            return await for_each(
                _noticed(invocation, own_matches(client, query)),
                edit_one,
                itemgetter("id"),
                invocation.output,
                workers=_AT_ONCE,
            )

    if not yes:
        found = run(preview())
        if found == 0:
            return ExitCode.DONE
        some = f"more than {_COUNTED:,} images" if found > _COUNTED else counted(found, "image")
        if not agreed(f"Change {some}?"):
            invocation.output.note("Nothing was changed.")
            return ExitCode.DONE
    return run(work())


async def own_matches(client: Client, query: str) -> AsyncIterator[Image]:
    """The account's own images that a query finds, newest first.

    That order does not change with what is edited meanwhile: none is met twice or left out.
    """
    me = await client.me()
    async for page in client.pages(Filter(query=query, user=me["user"]["name"]), sort="-added"):
        for image in page["images"]:
            yield image


async def _noticed(invocation: Invocation, found: AsyncIterator[Image]) -> AsyncIterator[Image]:
    """The same, and a word where there are none."""
    none = True
    async for image in found:
        none = False
        yield image
    if none:
        invocation.output.note("No images of yours match.")


async def _preview(invocation: Invocation, found: AsyncIterator[Image]) -> int:
    """Show the first ones; how many there are, counted up to a limit."""
    output = invocation.output
    count = 0
    async for image in found:
        count += 1
        if count <= _SHOWN:
            output.warn(f"  {image['id']}  {image['title']}")
        if count > _COUNTED:
            break
    if count > _SHOWN:
        output.warn("  …")
    return count
