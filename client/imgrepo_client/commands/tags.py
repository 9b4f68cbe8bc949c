"""``tags``."""

import click

from imgrepo_client import completion
from imgrepo_client.errors import ExitCode
from imgrepo_client.options import Invocation, command
from imgrepo_client.running import run
from imgrepo_client.tables import counted


@command("tags", short_help="List tags with their counts.")
@click.argument("prefix", default="", shell_complete=completion.tags)
@click.option(
    "--rename",
    nargs=2,
    metavar="OLD NEW",
    shell_complete=completion.tags,
    help="Call a tag of your images otherwise; if NEW exists, they become one.",
)
def tags_command(invocation: Invocation, prefix: str, rename: tuple[str, str] | None) -> ExitCode:
    """List tags, those that begin with PREFIX, and how many images that you may see have each."""
    if rename is None:
        return run(_list(invocation, prefix))
    if prefix:
        raise click.UsageError("--rename takes two names and no PREFIX; quote names with blanks.")
    return run(_rename(invocation, *rename))


async def _list(invocation: Invocation, prefix: str) -> ExitCode:
    output = invocation.output
    async with invocation.client(invocation.repository()) as client:
        found = await client.tags(prefix)
        if not found:
            output.note(f"No tags begin with {prefix!r}." if prefix else "No tags.")
        for tag in found:
            if output.style.json:
                output.json_line(tag)
            elif output.style.quiet:
                output.line(tag["name"])
            else:
                output.line(f"{tag['count']:>7,}  {tag['name']}")
    return ExitCode.DONE


async def _rename(invocation: Invocation, old: str, new: str) -> ExitCode:
    output, repository = invocation.output, invocation.repository()
    repository.require_login()
    async with invocation.client(repository) as client:
        renamed = await client.rename_tag(old, new)
        while not renamed["complete"]:
            more = await client.rename_tag(old, new)
            images = renamed["images"] + more["images"]
            renamed = {**more, "images": images, "merged": renamed["merged"]}
    if output.style.json:
        output.json_line(renamed)
    elif output.style.quiet:
        output.line(renamed["tag"])
    else:
        word = "merged" if renamed["merged"] else "renamed"
        output.line(f"{word}  {old} -> {renamed['tag']}  {counted(renamed['images'], 'image')}")
    return ExitCode.DONE
