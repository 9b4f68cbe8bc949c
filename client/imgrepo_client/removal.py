"""Removing local files, each only after the repository has read its bytes again."""

from pathlib import Path

from imgrepo_client.connect import Repository
from imgrepo_client.errors import LocalFileError
from imgrepo_client.invocation import Invocation
from imgrepo_client.receipt import Receipt, receipts
from imgrepo_client.tables import counted
from imgrepo_client.verification import Verified, remove_source, verify

_REASONS = {
    Verified.MISSING: "kept: the repository does not have it any more",
    Verified.DIFFERENT: "kept: the repository holds other bytes than were uploaded",
}


async def remove_sources(invocation: Invocation, repository: Repository, spool: Path) -> int:
    """Remove the files of these receipts, and say how many; how many had to be kept.

    Raises ClientError.
    """
    kept = removed = 0
    async with invocation.client(repository) as client:
        async for receipt, verified in verify(client, receipts(spool)):
            reason = _REASONS.get(verified) or _removed(receipt)
            _say(invocation, receipt, reason)
            kept += reason is not None
            removed += reason is None
    if not invocation.output.style.json:
        invocation.output.note(f"{counted(removed, 'file')} removed here.")
    return kept


def _removed(receipt: Receipt) -> str | None:
    try:
        remove_source(receipt.path, receipt.sha256)
    except LocalFileError as error:
        return str(error)
    return None


def _say(invocation: Invocation, receipt: Receipt, reason: str | None) -> None:
    output = invocation.output
    if output.style.json:
        line = {"type": "source", "path": receipt.path, "removed": reason is None}
        output.json_line(line if reason is None else {**line, "reason": reason})
    if reason is not None:
        output.failure(receipt.path, reason)
