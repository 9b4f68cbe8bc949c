"""The process that worker processes are forked from.

On its own, so that a command can start it first of all: it loads NumPy and Pillow while the command
loads what it needs itself.
"""

import multiprocessing
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker
from pathlib import Path
from typing import Any, Final

_PRELOAD: Final = [
    "imgrepo_server.imaging.single_threaded",
    "imgrepo_server.imaging.quiet_start",
    "imgrepo_server.imaging.examine",
]
_SOCKET_PATH_BYTES: Final = 103  # the least that a system takes: sun_path of macOS and the BSDs


def default_start_method() -> str:
    """A fork server starts a worker in 10 ms, without the server's threads and open files.

    Workers start from nothing where the system has none, and where the temporary folder's path
    is too long for its socket's address.
    """
    methods = multiprocessing.get_all_start_methods()
    socket = Path(tempfile.gettempdir(), "pymp-12345678", "listener-12345678")
    possible = "forkserver" in methods and len(os.fsencode(socket)) <= _SOCKET_PATH_BYTES
    return "forkserver" if possible else "spawn"


def context(start_method: str) -> Any:
    """What starts processes by this method; a fork server then has loaded what they need."""
    chosen: Any = multiprocessing.get_context(start_method)
    chosen.set_forkserver_preload(_PRELOAD)
    return chosen


@contextmanager
def unseen_by_interrupts() -> Iterator[None]:
    """Whatever this thread starts meanwhile is not interrupted by Ctrl-C.

    That reaches the whole group of processes, and finds a new one before it can look away: it would
    say so on the terminal.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # first, as starting it lets the signal in again
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def start_early() -> None:
    """Start the fork server now, if that is what workers come from; returns at once."""
    method = default_start_method()
    if method == "forkserver":
        context(method)
        with unseen_by_interrupts():
            forkserver.ensure_running()
