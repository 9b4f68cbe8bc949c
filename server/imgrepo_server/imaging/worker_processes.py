"""How worker processes are started and ended, and how many there are."""

import os
from contextlib import suppress

from pebble import ProcessPool

from imgrepo_server.imaging.confinement import WorkerLimits, confine
from imgrepo_server.imaging.fork_server import context, unseen_by_interrupts


def default_workers() -> int:
    """As many as there are cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def new_pool(workers: int, limits: WorkerLimits, start_method: str) -> ProcessPool:
    """A pool whose workers are confined by ``limits``; none of them runs yet."""
    return ProcessPool(
        max_workers=workers, initializer=confine, initargs=(limits,), context=context(start_method)
    )


def start_pool(pool: ProcessPool) -> bool:
    """Start the workers; blocks."""
    with unseen_by_interrupts():
        return pool.active  # asking starts it; whether it did is seen when a task is scheduled


def stop_pool(pool: ProcessPool) -> None:
    """End the workers at once; blocks."""
    pool.stop()  # type: ignore[no-untyped-call]  # pebble types its parameters only
    with suppress(RuntimeError):  # a worker that even SIGKILL does not end at once
        pool.join()
