"""``imgrepo-server reindex``: the parts it needs, and what it says while it runs."""

import asyncio
import sys
import time
from contextlib import AsyncExitStack

from imgrepo_server.blobs.open import store_at
from imgrepo_server.db.open import database_at
from imgrepo_server.errors import ImgrepoError
from imgrepo_server.imaging.limits import DecodeLimits
from imgrepo_server.imaging.workers import WorkerPool
from imgrepo_server.plurals import counted
from imgrepo_server.services.reindex import Progress, Reindex
from imgrepo_server.settings import Settings

_SECONDS_A_LINE = 1.0
_SHOWN_FAILURES = 20


def reindex(settings: Settings) -> int:
    """Compute fingerprints of older versions anew; returns the exit code.

    0: all done; 1: impossible to go on; 3: some failed, each named; 130: interrupted, and to be
    continued by running it again. Raises OSError where a folder cannot be used.
    """
    try:
        progress = asyncio.run(_reindex(settings))
    except KeyboardInterrupt:
        _say("Interrupted. What is done stays done; run the same command again to go on.")
        return 130
    except ImgrepoError as error:
        _say(str(error))
        return 1
    for failure in progress.failures[:_SHOWN_FAILURES]:
        _say(f"failed  {failure.sha256}: {failure.reason}")
    if (more := len(progress.failures) - _SHOWN_FAILURES) > 0:
        _say(f"… and {more:,} more.")
    _say(
        f"{counted(progress.done, 'fingerprint')} computed anew, {len(progress.failures):,} failed."
    )
    return 3 if progress.failures else 0


async def _reindex(settings: Settings) -> Progress:
    database = database_at(settings.database_location)
    store = store_at(settings.storage_location)
    workers = WorkerPool(DecodeLimits(settings.max_pixels), workers=settings.workers)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        await database.open()
        stack.push_async_callback(store.close)
        await store.open()
        stack.push_async_callback(workers.close)
        work = Reindex(database=database, store=store, workers=workers)
        return await work.run(_Reporter().report)


class _Reporter:
    """Says how far it is, no more than once a second."""

    def __init__(self) -> None:
        self._last = 0.0

    def report(self, progress: Progress) -> None:
        """Say it, unless it was just said."""
        finished = progress.done + len(progress.failures)
        now = time.monotonic()
        if now - self._last >= _SECONDS_A_LINE or finished == progress.total:
            self._last = now
            _say(f"{finished:,} of {progress.total:,}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
