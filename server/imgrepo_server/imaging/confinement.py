"""What a worker process does to itself before it touches the first picture."""

import ctypes
import multiprocessing
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

from imgrepo_server.imaging.freed_memory import keep_freed_memory
from imgrepo_server.imaging.time_slice import set_time_slice

_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h
# Seconds. Niceness alone lets a worker finish its turn, 4 ms, before the server gets to take the
# next step. Measured: 3 to 4 % more images a second; beside uploads, p95 of a search among ten
# million 80 to 92 instead of 104 to 110 ms. With 0.1 large images are 5 % slower again.
_PATIENT_SLICE: Final = 0.02
# And a worker whose answer somebody waits for goes before the server's other threads, as long as it
# takes no more than its share. Beside uploads it waits 4.4 instead of 6.1 ms for a processor, and a
# search among a million takes 24 instead of 26 ms (means of four pairs).
_PROMPT_SLICE: Final = 0.0001


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """What one picture may cost: seconds of wall time, and bytes of memory beyond an idle worker's.

    Memory is bounded on Linux only. ``niceness`` is how much the workers step back behind the
    server: measured, 10 made for 5 % more small images a second, as the server's short steps no
    longer queue behind a worker's time slice, and with 19 searches beside uploads take a fifth less
    time. 0 is for workers whose answer somebody waits for.

    ``kept`` is how much freed memory they keep, None where that is left to the C library. After
    the larger work of an upload it does so by itself; a search takes 15 % less time with it.
    """

    seconds: float = 60.0
    memory: int = 2 << 30
    niceness: int = 19
    kept: int | None = None


def confine(limits: WorkerLimits) -> None:
    """Bound this process, and tie its life to the server's.

    Whatever the system lacks is left out: a worker without limits is better than none.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to handle
    if sys.platform != "win32":
        os.nice(limits.niceness)
        set_time_slice(_PATIENT_SLICE if limits.niceness else _PROMPT_SLICE)
    if limits.kept is not None:
        keep_freed_memory(limits.kept)
    import_module("imgrepo_server.imaging.single_threaded")  # for workers that are not forked
    _silence_decoders()
    if sys.platform == "linux":
        _bound_memory(limits.memory)
    server = multiprocessing.parent_process()
    if server is not None and sys.platform != "win32":
        _end_with_server(server.sentinel)
        if sys.platform == "linux" and os.getppid() != server.pid:
            _end_with_fork_server()
        if not server.is_alive():
            os._exit(1)  # it died before anybody watched


def _silence_decoders() -> None:
    """Keep what C libraries print about damaged files off the server's standard error.

    Python's own goes there as before.
    """
    sys.stderr = open(os.dup(2), "w", buffering=1, encoding="utf-8", errors="replace")  # noqa: PTH123, SIM115 - a descriptor, open for life
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _bound_memory(extra: int) -> None:
    import resource  # noqa: PLC0415 - exists on Unix only

    try:
        mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:  # a system without /proc
        return
    for kind, limit in ((resource.RLIMIT_AS, mapped + extra), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(kind)[1]
        if hard != resource.RLIM_INFINITY:
            limit = min(limit, hard)  # noqa: PLW2901 - an outer limit is kept
        resource.setrlimit(kind, (limit, limit))


def _end_with_server(sentinel: int) -> None:
    """Die as soon as the server does, even in the middle of a decoder that never returns.

    The server holds the other end of the pipe behind ``sentinel``. When it closes, however the
    server ended, the kernel sends SIGIO, which ends a process that does not handle it.
    """
    import fcntl  # noqa: PLC0415 - exists on Unix only

    with suppress(OSError):
        fcntl.fcntl(sentinel, fcntl.F_SETOWN, os.getpid())
        flags = fcntl.fcntl(sentinel, fcntl.F_GETFL)
        fcntl.fcntl(sentinel, fcntl.F_SETFL, flags | os.O_ASYNC)


def _end_with_fork_server() -> None:
    """Die with the process that forked this one: without it, the server takes workers for dead.

    (Not for a worker that the server started itself: the signal comes when the *thread* ends
    that started it, and threads come and go.)
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
