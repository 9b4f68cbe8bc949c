"""From found files to batches: what the journal settles at once, and what is left to do.

This is all that a run over unchanged files consists of: no file is opened, no server is asked, and
neither asyncio nor aiohttp is imported.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from imgrepo_client.hashing import has_image_suffix
from imgrepo_client.journal import NOT_AN_IMAGE, Journal, Known
from imgrepo_client.outcome import Outcome, Status
from imgrepo_client.walk import Found

NO_IMAGE = "not an image"
_BATCH_FILES = 500
_BATCH_SECONDS = 0.05
_TRUSTED_SECONDS = 24 * 3600.0


class Candidate(NamedTuple):
    """A file still to be sent, or to be asked about. ``sha256`` is raw, from the journal."""

    found: Found
    sha256: bytes | None = None


@dataclass(slots=True)
class Batch:
    """Some files of a scan, in the order found within each list."""

    settled: list[Outcome] = field(default_factory=list)
    pending: list[Candidate] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Trust:
    """Whether a journal entry needs no question to the repository.

    Confirmations count for a day: after that the repository is asked again (by hash, without
    reading the file), so that what was deleted there by other means comes back. ``still_there`` is
    for a repository on this computer, which can be looked at; it is given a hash in hex.
    """

    account: str
    recheck: bool = False
    seconds: float = _TRUSTED_SECONDS
    still_there: Callable[[str], bool] | None = None

    def settles(self, known: Known, now: float) -> bool:
        """Whether ``known`` alone proves that the account has these bytes."""
        if self.recheck or known.image is None or known.confirmed_at is None:
            return False
        if not 0 <= now - known.confirmed_at <= self.seconds:
            return False
        return self.still_there is None or self.still_there(known.sha256.hex())


def scan(found: Iterator[Found | Outcome], journal: Journal, trust: Trust) -> Iterator[Batch]:
    """Batches of at most 500 files, sooner where the walk is slow.

    Each file that is found is in exactly one batch, once.
    """
    files: list[Found] = []
    batch = Batch()
    deadline = time.monotonic() + _BATCH_SECONDS
    for item in found:
        if isinstance(item, Found):
            files.append(item)
        else:
            batch.settled.append(item)
        full = len(files) >= _BATCH_FILES or len(batch.settled) >= _BATCH_FILES
        if full or time.monotonic() > deadline:
            _sort_out(files, batch, journal, trust)
            yield batch
            files, batch = [], Batch()
            deadline = time.monotonic() + _BATCH_SECONDS
    _sort_out(files, batch, journal, trust)
    if batch.settled or batch.pending:
        yield batch


def _sort_out(files: list[Found], batch: Batch, journal: Journal, trust: Trust) -> None:
    now = time.time()
    for folder, group in groupby(files, key=lambda found: os.path.dirname(found.path)):  # noqa: PTH120 - no object per file
        members = list(group)
        cut = len(folder) + 1 if folder and not folder.endswith("/") else len(folder)
        names = [found.path[cut:] for found in members]
        known = journal.known(trust.account, folder, names)
        for name, file in zip(names, members, strict=True):
            _place(file, known.get(name), batch, trust, now)


def _place(file: Found, known: Known | None, batch: Batch, trust: Trust, now: float) -> None:
    if known is None or known.stat != file.stat:
        batch.pending.append(Candidate(file))
    elif known.sha256 == NOT_AN_IMAGE:
        if file.named or has_image_suffix(file.path):
            batch.pending.append(Candidate(file))
        else:
            batch.settled.append(Outcome(file.path, Status.SKIPPED, reason=NO_IMAGE))
    elif trust.settles(known, now):
        batch.settled.append(
            Outcome(
                file.path,
                Status.SKIPPED,
                id=known.image,
                sha256=known.sha256.hex(),
                size=file.stat.size,
                stat=file.stat,
            )
        )
    else:
        batch.pending.append(Candidate(file, known.sha256))
