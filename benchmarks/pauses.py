"""When the machine itself stood still: ``python -m benchmarks.pauses FILE CPU`` notes it (Linux).

A virtual machine's processors are taken away from it for tens of milliseconds now and then, or run
at a small part of their speed, and no program on it can do anything about that. A real-time process
on each processor, which nothing but the kernel can keep waiting, sees it: it wakes up late, or
takes milliseconds for microseconds of work. As a pause counts what the kernel tells to be stolen
meanwhile, and what all processors are late by at once. Real-time processes are for those who may
start them, such as root; elsewhere nothing is known of pauses.
"""

import gc
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks.lateness import Late
from benchmarks.servers import background, module_command

_EVERY = 0.005
_LATE = 0.002
_NEAR = 0.1  # seconds: where a machine's share of processors is limited, it is so for each of these
_WRITTEN = 20  # rounds: what was stolen longer ago than that is no part of a pause
_COUNTED = 2  # rounds after which the kernel has counted what was stolen: it does so at its ticks
_STEP = 0.01  # seconds, of the counter


class Pause(NamedTuple):
    """From when to when, as ``time.time()`` tells."""

    start: float
    stop: float


class _Round(NamedTuple):
    """Of the process on one processor: when it was done, how late, and what was stolen so far."""

    at: float
    late: float
    stolen: float


class _Delay(NamedTuple):
    cpu: str
    start: float
    stop: float
    stolen: bool


class Pauses:
    """Of all processors, as they are noted in a folder with a file for each."""

    def __init__(self, folder: Path):
        self._folder = folder

    def all(self) -> list[Pause]:
        """Those noted so far, without overlap, in the order of time."""
        files = list(self._folder.iterdir())
        delays = [one for file in files for one in _delays(file.name, _rounds(file))]
        bounds = sorted({time for one in delays for time in (one.start, one.stop)})
        return [
            Pause(start, stop)
            for start, stop in pairwise(bounds)
            if _stands_still(_during(delays, start, stop), len(files))
        ]


def _rounds(file: Path) -> list[_Round]:
    lines = [line.split() for line in file.read_text().splitlines()]
    return [_Round(*map(float, parts)) for parts in lines if len(parts) == len(_Round._fields)]


def _delays(cpu: str, rounds: Sequence[_Round]) -> Iterator[_Delay]:
    for number, (at, late, _) in enumerate(rounds):
        if late <= _LATE:
            continue
        yield _Delay(cpu, at - late, at, stolen=False)
        before, after = max(0, number - 1), min(number + _COUNTED, len(rounds) - 1)
        stolen = rounds[after].stolen - rounds[before].stolen
        if stolen:
            yield _Delay(cpu, at - min(late, stolen + _STEP), at, stolen=True)


def _during(delays: Sequence[_Delay], start: float, stop: float) -> list[_Delay]:
    return [one for one in delays if one.start <= start and stop <= one.stop]


def _stands_still(delays: Sequence[_Delay], processors: int) -> bool:
    return any(one.stolen for one in delays) or len({one.cpu for one in delays}) == processors


def undisturbed(late: Sequence[Late], pauses: Sequence[Pause]) -> list[Late]:
    """Those that have no pause near. What a program did wrong near one is left out as well."""
    return [
        one
        for one in late
        if not any(
            start - _NEAR < one.at and one.at - one.seconds < stop + _NEAR for start, stop in pauses
        )
    ]


@contextmanager
def watched_processors(folder: Path) -> Iterator[Pauses | None]:
    """Every processor, until the context ends; None where that is not allowed."""
    if sys.platform != "linux" or not _may_be_real_time():
        yield None
        return
    folder.mkdir()
    with ExitStack() as stack:
        for cpu in sorted(os.sched_getaffinity(0)):
            file = folder / str(cpu)
            stack.enter_context(
                background(module_command("benchmarks.pauses", file, str(cpu)), file)
            )
        yield Pauses(folder)


def _may_be_real_time() -> bool:
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        return False
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    return True


def _note(file: Path, cpu: int) -> None:
    os.sched_setaffinity(0, {cpu})
    gc.disable()
    quiet = 0
    with file.open("w", buffering=1) as notes:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        while True:
            due = time.monotonic() + _EVERY
            time.sleep(_EVERY)
            stolen = _stolen(cpu)
            late = time.monotonic() - due
            quiet = 0 if late > _LATE else quiet + 1
            if quiet <= _COUNTED or quiet % _WRITTEN == 0:
                notes.write(f"{time.time()} {late} {stolen}\n")


def _stolen(cpu: int) -> float:
    return float(psutil.cpu_times(percpu=True)[cpu].steal)


if __name__ == "__main__":
    _note(Path(sys.argv[1]), int(sys.argv[2]))
