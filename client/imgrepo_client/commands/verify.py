"""``verify``."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click

from imgrepo_client.connect import LocalRepository, Repository
from imgrepo_client.errors import ExitCode
from imgrepo_client.options import Invocation, command
from imgrepo_client.receipt import Receipt, receipts
from imgrepo_client.running import run
from imgrepo_client.verification import Verified, verify

_LOCAL = "local:"
_REASONS = {
    Verified.MISSING: "the repository does not have it, or this account may not see it",
    Verified.DIFFERENT: "the repository holds other bytes than were uploaded",
}


@command("verify", short_help="Have stored images read again.")
@click.option(
    "--receipt",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="What imgrepo upload --receipt wrote.",
)
def verify_command(invocation: Invocation, receipt: Path) -> ExitCode:
    """Have the repository read and hash every image of the receipts again.

    Each that is missing or differs is named, and the exit code is then 3.
    """
    started = time.monotonic()
    counts: Counter[Verified] = Counter()
    for server in list(dict.fromkeys(one.server for one in receipts(receipt))):
        of_server = (one for one in receipts(receipt) if one.server == server)
        run(_verify(invocation, _repository(invocation, server), of_server, counts))
    _summary(invocation, counts, time.monotonic() - started)
    return ExitCode.DONE if counts.total() == counts[Verified.OK] else ExitCode.SOME_FAILED


def _repository(invocation: Invocation, server: str) -> Repository:
    """The one that a receipt names: it, and not the present default, has the image."""
    if server.startswith(_LOCAL):
        return LocalRepository(Path(server.removeprefix(_LOCAL)), implicit=False)
    options = replace(invocation.options, server=server)
    return replace(invocation, options=options).repository()


async def _verify(
    invocation: Invocation,
    repository: Repository,
    wanted: Iterable[Receipt],
    counts: Counter[Verified],
) -> None:
    repository.require_login()
    async with invocation.client(repository) as client:
        async for receipt, verified in verify(client, wanted):
            counts[verified] += 1
            _say(invocation, receipt, verified)


def _say(invocation: Invocation, receipt: Receipt, verified: Verified) -> None:
    output = invocation.output
    if output.style.json:
        output.json_line(
            {
                "type": "receipt",
                "path": receipt.path,
                "id": receipt.id,
                "sha256": receipt.sha256,
                "status": verified,
            }
        )
    elif output.style.quiet and verified is Verified.OK:
        output.ids([receipt.id])
    if verified is not Verified.OK:
        output.failure(f"{receipt.path} ({receipt.id})", _REASONS[verified])


def _summary(invocation: Invocation, counts: Counter[Verified], seconds: float) -> None:
    output = invocation.output
    if output.style.json:
        output.json_line(
            {
                "type": "summary",
                **{verified.value: counts[verified] for verified in Verified},
                "seconds": round(seconds, 3),
            }
        )
        return
    parts = [f"{counts[Verified.OK]:,} verified"]
    parts += [f"{counts[one]:,} {one.value}" for one in _REASONS if counts[one]]
    output.note(f"{', '.join(parts)} in {seconds:.1f} s.")
