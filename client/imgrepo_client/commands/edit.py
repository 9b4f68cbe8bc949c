"""``edit``, ``delete``, ``restore``."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import click

from imgrepo_client import completion
from imgrepo_client.api import Client
from imgrepo_client.errors import ExitCode
from imgrepo_client.items import for_each_id
from imgrepo_client.journal import opened
from imgrepo_client.options import Invocation, command
from imgrepo_client.query_edit import edit_matches
from imgrepo_client.running import run
from imgrepo_client.sharing import NamesCommand, seen_by


@command(
    "edit", cls=NamesCommand, short_help="Change what is said about images, and who sees them."
)
@click.argument("ids", metavar="[ID]...", nargs=-1, shell_complete=completion.own_ids)
@click.option("--query", metavar="Q", help="All images of yours that match the query.")
@click.option("--yes", is_flag=True, help="With --query: do not ask first.")
@click.option("--title", metavar="T", help="The new title.")
@click.option("--description", metavar="D", help="The new description.")
@click.option(
    "--add-tag",
    "add_tags",
    metavar="T",
    multiple=True,
    shell_complete=completion.tags,
    help="Repeatable.",
)
@click.option(
    "--remove-tag",
    "remove_tags",
    metavar="T",
    multiple=True,
    shell_complete=completion.tags,
    help="Repeatable.",
)
@click.option("--public/--private", default=None, help="Who may see it: anybody, or only you.")
@click.option(
    "--share-with", metavar="NAME...", multiple=True, help="Only you and these people see it."
)
@click.option("--unshare", metavar="NAME...", multiple=True, help="These people no longer do.")
@click.option(
    "--gallery",
    "gallery_tier",
    type=click.Choice(("free", "premium", "business")),
    help="Administrators: publish it, the original for accounts of this tier or above.",
)
@click.option("--no-gallery", is_flag=True, help="Take it out of the gallery: only you see it.")
@click.option(
    "--share-location/--hide-location",
    default=None,
    help="Whether others may know where it was taken.",
)
def edit_command(
    invocation: Invocation, ids: Sequence[str], *, query: str | None, yes: bool, **given: Any
) -> ExitCode:
    """Change title, description, tags, or who may see images of yours.

    --private takes back what was shared, and ends all links to the image. A name that nobody has
    is kept without effect, and looks no different: check the spelling.
    """
    if bool(ids) == (query is not None):
        raise click.UsageError("Name images by their ids, or give --query; one of both.")
    public = given.pop("public")
    if given.pop("no_gallery"):
        if given["gallery_tier"] is not None:
            raise click.UsageError("Give either --gallery or --no-gallery.")
        given["gallery_tier"] = "none"
    _refuse_contradictions(public, given)
    changes: dict[str, Any] = {
        name: value for name, value in given.items() if value is not None and value != ()
    }
    if public is not None:
        changes["visibility"] = "public" if public else "private"
    if not changes:
        raise click.UsageError("Nothing to change. Give --title, --add-tag, --private or the like.")

    async def edit(client: Client, image_id: str) -> None:
        image = await client.edit(image_id, **changes)
        output = invocation.output
        if output.style.json:
            output.json_line(image)
        elif output.style.quiet:
            output.ids([image["id"]])
        else:
            tags = f"  [{', '.join(image['tags'])}]" if image["tags"] else ""
            output.line(f"edited  {image['id']}  {image['title']}{tags}  {seen_by(image)}")

    if query is not None:
        return edit_matches(invocation, query, edit, yes=yes)
    return _each(invocation, ids, edit)


def _refuse_contradictions(public: bool | None, given: dict[str, Any]) -> None:
    ways = (public is not None, bool(given["share_with"]), given["gallery_tier"] is not None)
    if sum(ways) > 1:
        raise click.UsageError(
            "Give only one of --public, --private, --share-with and --gallery or --no-gallery."
        )
    if both := set(given["share_with"]).intersection(given["unshare"]):
        raise click.UsageError(f"--share-with and --unshare both name {min(both)}.")


@command("delete", short_help="Put images into the trash.")
@click.argument("ids", metavar="ID...", nargs=-1, required=True, shell_complete=completion.own_ids)
@click.option("--purge", is_flag=True, help="Remove for good, not into the trash.")
def delete_command(invocation: Invocation, ids: Sequence[str], purge: bool) -> ExitCode:
    """Put images of yours into the trash; imgrepo restore takes them out again."""
    account = invocation.repository().account

    async def delete(client: Client, image_id: str) -> None:
        await client.delete(image_id, purge=purge)
        # The next upload of the same file must ask again.
        if account is not None:
            with opened(invocation.places.journal_file) as journal:
                journal.forget_images(account, [image_id])
        _say(invocation, image_id, "purged" if purge else "deleted")

    return _each(invocation, ids, delete)


@command("restore", short_help="Take images out of the trash.")
@click.argument(
    "ids", metavar="ID...", nargs=-1, required=True, shell_complete=completion.trashed_ids
)
def restore_command(invocation: Invocation, ids: Sequence[str]) -> ExitCode:
    """Take images of yours out of the trash."""

    async def restore(client: Client, image_id: str) -> None:
        image = await client.restore(image_id)
        if invocation.output.style.json:
            invocation.output.json_line(image)
        else:
            _say(invocation, image_id, "restored")

    return _each(invocation, ids, restore)


def _say(invocation: Invocation, image_id: str, what: str) -> None:
    output = invocation.output
    if output.style.json:
        output.json_line({"id": image_id, "status": what})
    elif output.style.quiet:
        output.ids([image_id])
    else:
        output.line(f"{what}  {image_id}")


def _each(
    invocation: Invocation,
    ids: Sequence[str],
    action: Callable[[Client, str], Awaitable[None]],
) -> ExitCode:
    repository = invocation.repository()
    repository.require_login()

    async def work() -> ExitCode:
        async with invocation.client(repository) as client:
            return await for_each_id(ids, partial(action, client), invocation.output)

    return run(work())
