"""How late an event loop is: ``python -m benchmarks.lateness FILE`` notes it of one with no work.

What such a process meets is the machine's part in what a server meets. Writes a line every few
milliseconds until SIGTERM: the time, and by how many seconds the loop woke up too late.
"""

import asyncio
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import uvloop

from benchmarks.servers import background, module_command

EVERY = 0.005


class Late(NamedTuple):
    """When the loop woke up, as ``time.time()`` tells, and by how many seconds too late."""

    at: float
    seconds: float


async def watch(lateness: Path) -> None:
    """Note how late each of many short sleeps ends."""
    loop = asyncio.get_running_loop()
    with lateness.open("w") as notes:
        while True:
            due = loop.time() + EVERY
            await asyncio.sleep(EVERY)
            notes.write(f"{time.time()} {max(0.0, loop.time() - due)}\n")


async def watch_until_told(lateness: Path, stop: asyncio.Event) -> None:
    """``watch``, until the event."""
    watching = asyncio.create_task(watch(lateness))
    await stop.wait()
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


def late_between(lateness: Path, start: float, stop: float) -> list[Late]:
    """The notes of a stretch of time."""
    lines = (line.split() for line in lateness.read_text().splitlines())
    noted = (Late(float(parts[0]), float(parts[1])) for parts in lines if len(parts) == 2)
    return [late for late in noted if start < late.at < stop]


@contextmanager
def idle_process(lateness: Path) -> Iterator[None]:
    """A process that does nothing but this, until the context ends."""
    with background(module_command("benchmarks.lateness", lateness), lateness):
        yield


async def _main(lateness: Path) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await watch_until_told(lateness, stop)


if __name__ == "__main__":
    uvloop.run(_main(Path(sys.argv[1])))
