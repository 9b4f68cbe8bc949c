"""Computing fingerprints of older versions anew, while servers go on working.

Each is replaced in a transaction of its own and gets a new number, so that every server's cache
hears of it before its next search. Whatever is done stays done when this is interrupted.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from imgrepo_server.blobs.store import BlobStore, original_key
from imgrepo_server.db import fingerprints
from imgrepo_server.db.database import Database
from imgrepo_server.db.fingerprints import Outdated
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.imaging.matching import VERSION
from imgrepo_server.imaging.workers import WorkerPool

_BATCH = 200
_AT_ONCE = 4  # a server on the same cores has work of its own


@dataclass(frozen=True, slots=True)
class Failure:
    """Bytes whose fingerprint stays as it was, and why."""

    sha256: str
    reason: str


@dataclass(slots=True)
class Progress:
    """How far it is; ``total`` was counted at the start."""

    total: int
    done: int = 0
    failures: list[Failure] = field(default_factory=list)


class Reindex:
    """Finds fingerprints of another version than the present one, and replaces them."""

    def __init__(self, *, database: Database, store: BlobStore, workers: WorkerPool):
        self._database = database
        self._store = store
        self._workers = workers
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def run(self, report: Callable[[Progress], None]) -> Progress:
        """Replace all; ``report`` hears of the start and of each one that is finished.

        Raises ImgrepoError with STORAGE_FULL or OVERLOADED where going on makes no sense.
        """
        progress = Progress(
            await self._database.read(
                lambda connection: fingerprints.count_outdated(connection, VERSION)
            )
        )
        report(progress)
        after = 0
        while batch := await self._batch(after):
            try:
                async with asyncio.TaskGroup() as group:
                    for blob in batch:
                        group.create_task(self._renew(blob, progress, report))
            except* ImgrepoError as errors:
                raise errors.exceptions[0] from None
            after = batch[-1].blob_seq
        return progress

    async def _batch(self, after: int) -> Sequence[Outdated]:
        return await self._database.read(
            lambda connection: fingerprints.outdated(connection, VERSION, after, _BATCH)
        )

    async def _renew(
        self, blob: Outdated, progress: Progress, report: Callable[[Progress], None]
    ) -> None:
        async with self._slots:
            try:
                async with self._store.local_file(original_key(blob.sha256)) as source:
                    facts = await self._workers.examine(source, None)
            except FileNotFoundError:
                progress.failures.append(Failure(blob.sha256, "Its file is not in the storage."))
            except OSError as error:
                reason = f"Its file cannot be read: {error.strerror or error}."
                progress.failures.append(Failure(blob.sha256, reason))
            except ImgrepoError as error:
                if error.code is ErrorCode.OVERLOADED:
                    raise
                progress.failures.append(Failure(blob.sha256, error.message))
            else:
                fingerprint = facts.fingerprint
                await self._database.write(
                    lambda connection: fingerprints.renew(connection, blob.blob_seq, fingerprint)
                )
                progress.done += 1
        report(progress)
