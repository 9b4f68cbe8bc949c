"""Decoding in processes of their own: bounded, replaceable, one for each core.

A decoder fed by strangers will crash, hang or eat memory one day. Here that costs one picture.
"""

import asyncio
import concurrent.futures
import logging
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.imaging.confinement import WorkerLimits
from imgrepo_server.imaging.fork_server import default_start_method
from imgrepo_server.imaging.limits import DecodeLimits
from imgrepo_server.imaging.query import QueryFingerprint
from imgrepo_server.imaging.stripping.pieces import Piece
from imgrepo_server.imaging.tasks import (
    examine,
    examine_all,
    fingerprint_for_search,
    groups,
    render_preview,
    strip,
)
from imgrepo_server.imaging.worker_processes import (
    default_workers,
    new_pool,
    start_pool,
    stop_pool,
)
from imgrepo_server.models import Examination
from imgrepo_server.together import Together

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_LARGEST_GROUP: Final = 8
_LARGE: Final = 1 << 20  # bytes, of a group or of a picture that goes alone
_DEATHS: Final = 2  # of workers, until a picture is held to be the cause
_BREAKDOWNS: Final = 4
_CHECK_SECONDS: Final = 1.0
_STOP_SECONDS: Final = 5.0
# What a decoder's own mistakes end in; any other death is put down to the machine.
_DECODER_SIGNALS: Final = frozenset(
    getattr(signal, name)
    for name in ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL")
    if hasattr(signal, name)
)


_Waiting = tuple[Path, Path | None, int]
"""A picture, where its preview goes, and its size in bytes."""


class WorkerPool:
    """Runs the functions of :mod:`examine` in worker processes.

    Starts at the first call. Belongs to one event loop. Besides what those functions raise, each
    method raises ``ImgrepoError`` with ``IMAGE_TOO_EXPENSIVE`` where the picture took too long
    or too much memory, ``CORRUPT_IMAGE`` where it crashed the decoder, and ``OVERLOADED`` where
    the workers cannot be started or the pool was closed.

    A cancelled call returns only after its worker is done with, so that no file appears after
    its caller has cleaned up.
    """

    def __init__(
        self,
        decode: DecodeLimits | None = None,
        limits: WorkerLimits | None = None,
        workers: int | None = None,
        start_method: str | None = None,
    ):
        self._decode = decode or DecodeLimits()
        self._limits = limits or WorkerLimits()
        self._workers = workers or default_workers()
        self._start_method = start_method or default_start_method()
        # One task more than workers for each, so that none waits for its next one. Whoever
        # waits here costs nothing and can be cancelled at once.
        self._slots = asyncio.Semaphore(2 * self._workers)
        self._changing = asyncio.Lock()
        self._pool: ProcessPool | None = None
        self._starting: asyncio.Future[bool]
        self._closed = False
        self._examined: Together[_Waiting, Examination] = Together(
            self._examine_group,
            at_a_time=2 * self._workers,
            how_many=partial(_group_size, workers=self._workers),
        )

    async def examine(
        self, source: Path, preview: Path | None, size: int | None = None
    ) -> Examination:
        """As :func:`examine.examine`; ``size`` is the file's in bytes, where it is known.

        Files known to be small that wait at the same time go to a worker together: going there
        costs as much as decoding an icon.
        """
        return await self._examined((source, preview, _LARGE if size is None else size))

    async def fingerprint_for_search(self, source: Path) -> QueryFingerprint:
        """As :func:`examine.fingerprint_for_search`."""
        return await self.run(fingerprint_for_search, source, self._decode)

    async def render_preview(self, source: Path, target: Path, size: int) -> None:
        """As :func:`examine.render_preview`."""
        await self.run(render_preview, source, target, size, self._decode)

    async def strip(self, source: Path, format_name: str, orientation: int) -> tuple[Piece, ...]:
        """As :func:`stripping.strip.strip`."""
        return await self.run(strip, source, format_name, orientation)

    async def groups(
        self, packed: Sequence[bytes], limit: float, apart: Sequence[tuple[int, int]]
    ) -> list[list[int]]:
        """As :func:`grouping.groups`."""
        return await self.run(groups, packed, limit, apart)

    async def _examine_group(self, group: Sequence[_Waiting]) -> Sequence[Examination | Exception]:
        if len(group) > 1:
            pictures = [(source, preview) for source, preview, _ in group]
            # What ends a worker, takes too long or was never foreseen is one of them.
            with suppress(Exception):
                return await self.run(examine_all, pictures, self._decode)
        return await asyncio.gather(*map(self._examine_alone, group))

    async def _examine_alone(self, picture: _Waiting) -> Examination | Exception:
        source, preview, _ = picture
        try:
            return await self.run(examine, source, preview, self._decode)
        except Exception as error:
            return error

    async def close(self) -> None:
        """End the workers at once; calls under way raise ``OVERLOADED``."""
        async with self._changing:
            self._closed = True
            pool, self._pool = self._pool, None
            if pool is not None:
                await asyncio.to_thread(stop_pool, pool)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call any function in a worker; it, its arguments and its result must be picklable."""
        async with self._slots:
            deaths = breakdowns = 0
            while True:
                try:
                    return await self._attempt(function, *args, **kwargs)
                except ProcessExpired as error:  # the worker of this very task
                    deaths += 1
                    if deaths == _DEATHS:
                        raise _too_expensive() from error
                    log.warning("An image worker ended unexpectedly (%s); trying again", error)
                except BrokenProcessPool as error:  # some worker; not this picture's fault
                    breakdowns += 1
                    if breakdowns == _BREAKDOWNS:
                        raise ImgrepoError(
                            ErrorCode.OVERLOADED,
                            "The server's image workers keep failing; try again in a minute.",
                        ) from error
                    log.warning("The image workers broke down (%s); trying again", error)

    async def _attempt(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        pool = await self._started()
        try:
            future: Future[T] = pool.schedule(
                function, args=args, kwargs=kwargs, timeout=self._limits.seconds
            )
        except RuntimeError as error:  # the pool broke while nobody used it
            await self._discard(pool)
            raise BrokenProcessPool(str(error)) from error
        try:
            return await self._result(pool, future)
        except ProcessExpired as error:
            if -error.exitcode in _DECODER_SIGNALS:
                raise _crashed() from error
            raise
        except BrokenProcessPool:
            await self._discard(pool)
            raise
        except MemoryError as error:
            raise _too_expensive() from error
        except TimeoutError as error:
            if isinstance(error.errno, int):  # the file system's, not pebble's
                raise
            raise _too_expensive() from error

    async def _result(self, pool: ProcessPool, future: "Future[T]") -> T:
        """Wait for a task, and for signs that its result will never come."""
        # Another task may run before this one on the same worker.
        deadline = time.monotonic() + 2 * self._limits.seconds + _STOP_SECONDS
        waiter = asyncio.wrap_future(future)
        waiter.add_done_callback(_retrieve)
        try:
            while not (await asyncio.wait({waiter}, timeout=_CHECK_SECONDS))[0]:
                if not pool.active or time.monotonic() > deadline:
                    raise BrokenProcessPool("A task got lost")
        except asyncio.CancelledError:
            if not (await asyncio.wait({waiter}, timeout=_CHECK_SECONDS))[0]:
                future.cancel()
                await asyncio.to_thread(concurrent.futures.wait, [future], _STOP_SECONDS)
            raise
        return waiter.result()

    async def _started(self) -> ProcessPool:
        async with self._changing:
            if self._closed:
                raise ImgrepoError(
                    ErrorCode.OVERLOADED, "The server is shutting down; try again in a minute."
                )
            if self._pool is None:
                self._pool = new_pool(self._workers, self._limits, self._start_method)
                self._starting = asyncio.ensure_future(asyncio.to_thread(start_pool, self._pool))
            # Whoever came first may be cancelled; the others still wait for the same start.
            await asyncio.shield(self._starting)
            return self._pool

    async def _discard(self, pool: ProcessPool) -> None:
        async with self._changing:
            if self._pool is pool:
                self._pool = None
                await asyncio.to_thread(stop_pool, pool)


def _group_size(waiting: Sequence[_Waiting], workers: int) -> int:
    """How many go to a worker together: few enough that the other workers get as many."""
    most = min(_LARGEST_GROUP, -(-len(waiting) // workers))
    size = 0
    for count, picture in enumerate(waiting[:most]):
        size += picture[2]
        if size >= _LARGE:
            return count
    return most


def _retrieve(waiter: "asyncio.Future[Any]") -> None:
    # asyncio logs errors that nobody looked at; a cancelled call does not care for them.
    if not waiter.cancelled():
        waiter.exception()


def _crashed() -> ImgrepoError:
    return ImgrepoError(
        ErrorCode.CORRUPT_IMAGE,
        "This picture crashes its decoder; open it in an editor and save it anew.",
    )


def _too_expensive() -> ImgrepoError:
    return ImgrepoError(
        ErrorCode.IMAGE_TOO_EXPENSIVE,
        "This picture takes more time or memory than the server grants; make it smaller.",
    )
