"""How worker processes are started and ended, and how many there are."""

import multiprocessing
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from pebble import ProcessPool

from imgrepo_server.imaging.confinement import WorkerLimits, confine

_PRELOAD: Final = [
    "imgrepo_server.imaging.single_threaded",
    "imgrepo_server.imaging.quiet_start",
    "imgrepo_server.imaging.examine",
]
_SOCKET_PATH_BYTES: Final = 103  # the least that a system takes: sun_path of macOS and the BSDs


def default_workers() -> int:
    """As many as there are cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def default_start_method() -> str:
    """A fork server starts a worker in 10 ms, without the server's threads and open files.

    Workers start from nothing where the system has none, and where the temporary folder's path
    is too long for its socket's address.
    """
    methods = multiprocessing.get_all_start_methods()
    socket = Path(tempfile.gettempdir(), "pymp-12345678", "listener-12345678")
    possible = "forkserver" in methods and len(os.fsencode(socket)) <= _SOCKET_PATH_BYTES
    return "forkserver" if possible else "spawn"


def new_pool(workers: int, limits: WorkerLimits, start_method: str) -> ProcessPool:
    """A pool whose workers are confined by ``limits``; none of them runs yet."""
    context: Any = multiprocessing.get_context(start_method)
    context.set_forkserver_preload(_PRELOAD)
    return ProcessPool(
        max_workers=workers, initializer=confine, initargs=(limits,), context=context
    )


def start_pool(pool: ProcessPool) -> bool:
    """Start the workers; blocks."""
    return pool.active  # asking starts it; whether it did is seen when a task is scheduled


def stop_pool(pool: ProcessPool) -> None:
    """End the workers at once; blocks."""
    pool.stop()  # type: ignore[no-untyped-call]  # pebble types its parameters only
    with suppress(RuntimeError):  # a worker that even SIGKILL does not end at once
        pool.join()
