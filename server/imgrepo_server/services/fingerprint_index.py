"""The fingerprints of all blobs in memory: a cache of the database, never a source of truth.

It is brought up to date before each search by reading fingerprints newer than the last one seen.
What has been removed or computed anew since is dropped by whoever joins the hits with the database.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from imgrepo_server.db import fingerprints
from imgrepo_server.db.database import Connection, Database
from imgrepo_server.imaging.matching import VERSION
from imgrepo_server.models import View

if TYPE_CHECKING:
    from imgrepo_server.services.fingerprint_arrays import FingerprintArrays, Near

_BATCH = 20_000
_SEARCHES = 2
_SCANS = 2

T = TypeVar("T")


class FingerprintIndex:
    """Finds the fingerprints near a query among all of the present version."""

    def __init__(self, database: Database):
        self._database = database
        self._loading = asyncio.Lock()
        self._loaded = False
        self._read_to = 0  # the number of the last fingerprint that was read
        self._arrays: FingerprintArrays | None = None
        self._reading = threading.Lock()
        # Fewer at a time than the database has readers, so that others always get to read.
        self._searching = asyncio.Semaphore(_SEARCHES)
        # No more than that look through many millions at a time, whoever asks: each is a processor
        # that the event loop has to wait for.
        self._scanning = ThreadPoolExecutor(_SCANS, thread_name_prefix="similar")

    async def load(self) -> None:
        """Read what there is, so that the first search need not."""
        async with self._loading:
            if not self._loaded:
                # A batch at a time, so that others get to read between.
                while await self._database.read(self._take_more):
                    pass
                self._loaded = True

    async def search(
        self,
        query: Sequence[View],
        limit: float,
        then: "Callable[[Connection, Near], T]",
        *,
        flat: bool = False,
    ) -> "tuple[Near, T] | None":
        """Fingerprints at most ``limit`` away from any view of the query, nearest first.

        Exact, and complete to the last upload that was acknowledged before the call. ``flat``
        pictures take part if asked. With what ``then`` reads of them, in one go: beside uploads,
        every change of threads takes as long as looking through a million views. None where there
        is no fingerprint at all.
        """

        def run(
            connection: Connection, arrays: "FingerprintArrays | None", threads: Executor
        ) -> "tuple[Near, T] | None":
            if arrays is None:
                return None
            near = arrays.near(query, limit, flat=flat, threads=threads)
            return near, then(connection, near)

        async with self._searching:
            return await self.read(run)

    async def read(
        self, query: Callable[[Connection, "FingerprintArrays | None", Executor], T]
    ) -> T:
        """Run a query on the database together with all fingerprints that the database has.

        In one go on one thread: for searches so short that each change of threads would count. It
        is given the threads for those that are long.
        """
        if not self._loaded:  # not in one go: nobody else would get to read for seconds
            await self.load()

        def run(connection: Connection) -> T:
            while self._take_more(connection):
                pass
            return query(connection, self._arrays, self._scanning)

        return await self._database.read(run)

    def close(self) -> None:
        """Release the threads."""
        self._scanning.shutdown()

    def _take_more(self, connection: Connection) -> bool:
        """Take in the next newer fingerprints; whether there may be more."""
        with self._reading:
            stop = self._read_to + _BATCH
            newer = fingerprints.between(connection, self._read_to, stop, VERSION)
            if newer.heads:
                arrays = self._arrays or _new_arrays()
                arrays.append(newer)
                self._arrays = arrays
            self._read_to = max(self._read_to, min(stop, newer.newest))
            return newer.newest > stop


def _new_arrays() -> "FingerprintArrays":
    # NumPy takes a tenth of a second to import, which commands without such a search do not pay.
    from imgrepo_server.services.fingerprint_arrays import FingerprintArrays  # noqa: PLC0415

    return FingerprintArrays()
