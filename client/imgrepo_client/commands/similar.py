"""``why``, ``duplicates``."""

import sys
from collections.abc import AsyncIterator
from typing import Any

import click

from imgrepo_client import completion
from imgrepo_client.answers import DuplicateGroup, DuplicatesPage
from imgrepo_client.api import Client
from imgrepo_client.copies import Others
from imgrepo_client.errors import ExitCode, InvalidInputError
from imgrepo_client.explanation import explained
from imgrepo_client.items import for_each_id, image_id
from imgrepo_client.journal import opened
from imgrepo_client.options import Invocation, command
from imgrepo_client.questions import agreed
from imgrepo_client.running import run
from imgrepo_client.similar import explain
from imgrepo_client.tables import group_lines

_PAGE = 1000


@command("why", short_help="Explain what makes two images match.")
@click.argument("one", metavar="ID|FILE", shell_complete=completion.files_or_ids)
@click.argument("other", metavar="ID|FILE|-", shell_complete=completion.files_or_ids)
def why_command(invocation: Invocation, one: str, other: str) -> ExitCode:
    """Explain how alike two images are, and why: each hash, each view, the orientation.

    At least one of them is in the repository; the other may be a file, or - for stdin.
    """
    output = invocation.output

    async def work() -> None:
        async with invocation.client(invocation.repository()) as client:
            why = await explain(client, one, other, sys.stdin.buffer)
        if output.style.json:
            output.json_line(why)
        elif output.style.quiet:
            output.line(why["match"])
        else:
            output.pairs(explained(why))

    run(work())
    return ExitCode.DONE


@command("duplicates", short_help="Find images of yours that are the same picture.")
@click.option(
    "--distance",
    metavar="N",
    type=click.FloatRange(0, 40),
    help="How unlike copies may be, from 0 to 40.  [default: 28]",
)
@click.option("--flat", is_flag=True, help="Also pictures without any detail.")
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="At most so many groups, those that free the most.",
)
@click.option("--all", "everything", is_flag=True, help="All groups, however many.")
@click.option(
    "--not",
    "different",
    metavar="ID ID",
    nargs=2,
    shell_complete=completion.own_ids,
    help="Remember that these two are different pictures.",
)
@click.option(
    "--delete-others",
    is_flag=True,
    help="Put into the trash what is the same as each group's best, or nearly.",
)
@click.option("--yes", is_flag=True, help="Do not ask before deleting.")
def duplicates_command(invocation: Invocation, **given: Any) -> ExitCode:
    """Find groups of images of yours that are the same picture, or nearly so.

    They are compared as they stand, neither turned nor mirrored: imgrepo search --image ID finds
    such copies too. The best copy of each group comes first: it has the most pixels, then the most
    bytes, then it is the oldest.
    """
    invocation.repository().require_login()
    if given["different"]:
        return _tell_apart(invocation, given["different"])
    if given["yes"] and not given["delete_others"]:
        raise click.UsageError("--yes goes with --delete-others.")
    others = Others(given["distance"])
    run(_show_all(invocation, given, others))
    if not given["delete_others"] or not others.going:
        return ExitCode.DONE
    # Between two runs: inside one, Ctrl-C would wait for an answer to the question.
    if not given["yes"] and not _confirmed(others):
        invocation.output.note("Nothing was changed.")
        return ExitCode.DONE
    return run(_delete(invocation, others.going))


def _tell_apart(invocation: Invocation, pair: tuple[str, str]) -> ExitCode:
    async def work() -> None:
        async with invocation.client(invocation.repository()) as client:
            await client.tell_apart(image_id(pair[0]), image_id(pair[1]))
        invocation.output.note("These two will not be proposed as duplicates again.")

    run(work())
    return ExitCode.DONE


async def _show_all(invocation: Invocation, given: dict[str, Any], others: Others) -> None:
    output = invocation.output
    shown = total = 0
    async with invocation.client(invocation.repository()) as client:
        async for page in _pages(client, given):
            for group in page["groups"]:
                going = others.add(group)
                listed = [copy["id"] for copy in group["others"]]
                _show(invocation, group, going if given["delete_others"] else listed)
            shown += len(page["groups"])
            total = page["total"]
            if output.reader_gone:
                others.going.clear()  # nobody saw what would go
                return
    if shown == 0:
        output.note("No duplicates.")
        return
    more = f" of {total:,}; --all shows the rest" if shown < total else ""
    output.note(f"Groups: {shown:,}{more}.{_proposal(others)}{others.stay}")


def _proposal(others: Others) -> str:
    if not others.going:
        return ""
    return (
        f" --delete-others puts {others.described} into the trash; "
        "imgrepo delete --purge ID frees the space."
    )


async def _pages(client: Client, given: dict[str, Any]) -> AsyncIterator[DuplicatesPage]:
    left = None if given["everything"] else given["limit"]
    cursor: str | None = None
    while left is None or left > 0:
        page = await client.duplicates(
            distance=given["distance"],
            flat=given["flat"],
            limit=_PAGE if left is None else min(left, _PAGE),
            cursor=cursor,
        )
        yield page
        left = None if left is None else left - len(page["groups"])
        cursor = page["next_cursor"]
        if cursor is None:
            return


def _show(invocation: Invocation, group: DuplicateGroup, ids: list[str]) -> None:
    output = invocation.output
    if output.style.json:
        output.json_line(group)
    elif output.style.quiet:
        output.ids(ids)
    else:
        for line in group_lines(group, width=output.style.width):
            output.line(line)


def _confirmed(others: Others) -> bool:
    what = f"Put {others.described} into the trash?"
    if not sys.stdin.isatty():
        raise InvalidInputError(f"{what} Add --yes to do so without being asked.")
    return agreed(what)


async def _delete(invocation: Invocation, ids: list[str]) -> ExitCode:
    repository = invocation.repository()
    account = repository.account

    async with invocation.client(repository) as client:

        async def delete(one: str) -> None:
            await client.delete(one)
            # The next upload of the same file must ask again.
            if account is not None:
                with opened(invocation.places.journal_file) as journal:
                    journal.forget_images(account, [one])

        code = await for_each_id(ids, delete, invocation.output)
    if code is ExitCode.DONE:
        invocation.output.note("Done. imgrepo restore ID takes an image out of the trash.")
    return code
