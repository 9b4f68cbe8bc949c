"""How late an event loop is: ``python -m benchmarks.lateness FILE`` notes it of one with no work.

What such a process meets is the machine's part in what a server meets. Writes a line every few
milliseconds until SIGTERM: the time, and by how many seconds the loop woke up too late.
"""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import uvloop

from benchmarks.servers import module_command

EVERY = 0.005


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


def late_between(lateness: Path, start: float, stop: float) -> list[float]:
    """The notes of a stretch of time, in seconds."""
    lines = (line.split() for line in lateness.read_text().splitlines())
    return [
        float(parts[1]) for parts in lines if len(parts) == 2 and start < float(parts[0]) < stop
    ]


@contextmanager
def idle_process(lateness: Path) -> Iterator[None]:
    """A process that does nothing but this, until the context ends."""
    process = subprocess.Popen(module_command("benchmarks.lateness", lateness))
    try:
        while not lateness.exists():
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait()


async def _main(lateness: Path) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await watch_until_told(lateness, stop)


if __name__ == "__main__":
    uvloop.run(_main(Path(sys.argv[1])))
