"""``share``: links that need no login."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import click

from imgrepo_client import completion
from imgrepo_client.answers import Link
from imgrepo_client.api import Client
from imgrepo_client.connect import RemoteRepository
from imgrepo_client.durations import Duration
from imgrepo_client.errors import ErrorCode, ExitCode, InvalidInputError, ServerError
from imgrepo_client.items import for_each, for_each_id, one_by_one
from imgrepo_client.options import Invocation, command
from imgrepo_client.running import run
from imgrepo_client.transport import API


@command("share", short_help="Make a link to an image that needs no login.")
@click.argument("ids", metavar="[ID]...", nargs=-1, shell_complete=completion.own_ids)
@click.option(
    "--expires",
    metavar="TIME",
    type=Duration("30d"),
    help="When it ends: 30m, 1h, 7d; 30d at the most.  [default: 1h]",
)
@click.option("--preview-only", is_flag=True, help="A link to the preview, not to the original.")
@click.option("--list", "listed", is_flag=True, help="List your links that still work.")
@click.option(
    "--revoke",
    metavar="ID",
    multiple=True,
    shell_complete=completion.links,
    help="End a link, or all links to an image; repeatable.",
)
def share_command(invocation: Invocation, ids: Sequence[str], **given: Any) -> ExitCode:
    """Make a link to an image of yours that needs no login, and print it.

    Whoever has the link sees the image until it ends: by its time, by --revoke, when the image is
    deleted, or made private by imgrepo edit --private.
    """
    if [bool(ids), given["listed"], bool(given["revoke"])].count(True) != 1:
        raise click.UsageError("Name the image to share, or give --list, or --revoke ID.")
    if not ids and (given["expires"] is not None or given["preview_only"]):
        raise click.UsageError("--expires and --preview-only go with an image to share.")
    repository = invocation.repository()
    if not isinstance(repository, RemoteRepository):
        raise InvalidInputError(
            "A local repository has no address that a link could lead to. Serve it with "
            "imgrepo-server serve, and name that server with --server."
        )
    repository.require_login()

    async def work() -> ExitCode:
        async with invocation.client(repository) as client:
            if given["listed"]:
                return await _list(invocation, client)
            if given["revoke"]:
                return await _revoke(invocation, client, given["revoke"])
            share = partial(_share, invocation, client, repository.url, given)
            return await for_each_id(ids, share, invocation.output)

    return run(work())


async def _share(
    invocation: Invocation, client: Client, server: str, given: dict[str, Any], image_id: str
) -> None:
    preview_only = given["preview_only"]
    made = await client.share(image_id, expires_in=given["expires"], preview_only=preview_only)
    # The server's address as this person knows it: behind a proxy the server may not know it.
    url = f"{server}{API}{urlsplit(made['url']).path.partition(API)[2]}"
    output = invocation.output
    if output.style.json:
        output.json_line(
            {**made, "url": url, "image_id": image_id, "preview_only": bool(preview_only)}
        )
        return
    output.line(url)
    output.note(
        f"Whoever has this link sees the {'preview' if preview_only else 'image'} until "
        f"{made['expires_at']}. To end it before: imgrepo share --revoke {made['id']}"
    )


async def _list(invocation: Invocation, client: Client) -> ExitCode:
    output = invocation.output
    links = await client.links()
    for link in links:
        if output.style.json:
            output.json_line(link)
        elif output.style.quiet:
            output.ids([link["id"]])
        else:
            output.line(_line(link))
    if not links:
        output.note("No links.")
    return ExitCode.DONE


def _line(link: Link) -> str:
    what = "preview" if link["preview_only"] else "file"
    return (
        f"{link['id']}  until {link['expires_at']}  {what:<7}  {link['image_id']}  {link['title']}"
    )


async def _revoke(invocation: Invocation, client: Client, ids: Sequence[str]) -> ExitCode:
    output = invocation.output

    async def revoke(given: str) -> None:
        ended = await _end(client, given)
        if output.style.json:
            of_image = {} if ended is None else {"links": ended}
            output.json_line({"id": given, "status": "revoked", **of_image})
        elif output.style.quiet:
            output.ids([given])
        else:
            what = "" if ended is None else f"  (links to this image: {ended})"
            output.line(f"revoked  {given}{what}")

    if len(ids) == 1:
        await revoke(ids[0])
        return ExitCode.DONE
    return await for_each(one_by_one(dict.fromkeys(ids)), revoke, str, output)


async def _end(client: Client, given: str) -> int | None:
    """End the link of this id, or how many there were to the image of this id."""
    try:
        await client.revoke_link(given)
    except ServerError as no_link:
        if no_link.code != ErrorCode.LINK_NOT_FOUND:
            raise
        try:
            return await client.revoke_links(given)
        except ServerError as no_image:
            # What was meant was a link, unless there is such an image.
            raise (no_link if no_image.code == ErrorCode.IMAGE_NOT_FOUND else no_image) from None
    return None
