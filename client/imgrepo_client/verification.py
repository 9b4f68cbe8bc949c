"""Having a repository read stored bytes again, and removing local files only after that."""

import hashlib
import os
import stat
from collections.abc import AsyncIterator, Iterable, Iterator
from enum import StrEnum
from itertools import islice

from imgrepo_client.api import Client
from imgrepo_client.errors import LocalFileError
from imgrepo_client.receipt import Receipt
from imgrepo_client.walk import file_stat

_BATCH = 100  # the server reads as many files for one answer


class Verified(StrEnum):
    """What reading the stored bytes showed."""

    OK = "ok"
    MISSING = "missing"
    DIFFERENT = "different"


async def verify(
    client: Client, receipts: Iterable[Receipt]
) -> AsyncIterator[tuple[Receipt, Verified]]:
    """For each receipt, whether the repository still has those very bytes.

    An image that this account may not see is missing. Raises ClientError.
    """
    for batch in _batches(receipts):
        verdicts = {
            verdict["id"]: verdict
            for verdict in await client.verify(list({receipt.id for receipt in batch}))
        }
        for receipt in batch:
            verdict = verdicts.get(receipt.id)
            if verdict is None or verdict["status"] == "missing":
                yield receipt, Verified.MISSING
            elif verdict["status"] == "ok" and verdict["sha256"] == receipt.sha256:
                yield receipt, Verified.OK
            else:
                yield receipt, Verified.DIFFERENT


def _batches(receipts: Iterable[Receipt]) -> Iterator[list[Receipt]]:
    rest = iter(receipts)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def remove_source(path: str, sha256: str) -> None:
    """Remove a local file that holds these bytes (hash in hex) and no others.

    The file is read once more: what was changed since it was uploaded stays. Raises LocalFileError
    with the reason why the file was kept.
    """
    try:
        if stat.S_ISLNK(os.lstat(path).st_mode):
            raise LocalFileError("kept: it is a symbolic link")
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - may not be UTF-8
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            read = os.fstat(file.fileno())
        if digest != sha256:
            raise LocalFileError("kept: it was changed since it was uploaded")
        now = os.lstat(path)
        if file_stat(now) != file_stat(read) or not os.path.samestat(now, read):
            raise LocalFileError("kept: it was replaced just now")
        os.unlink(path)  # noqa: PTH108 - may not be UTF-8
    except OSError as error:
        raise LocalFileError(f"kept: {error.strerror or error}") from error
