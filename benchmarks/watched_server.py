"""A server that notes how late its event loop is: ``python -m benchmarks.watched_server``.

Writes a line every few milliseconds: the time, and by how many seconds the loop woke up too late.
"""

import argparse
import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import uvloop
from imgrepo_server.serve import listening
from imgrepo_server.settings import load

from benchmarks.servers import RunningServer, module_command, started

EVERY = 0.005


async def serve(data_dir: Path, lateness: Path) -> None:
    """As ``imgrepo-server serve`` does, until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with listening(load({"data_dir": data_dir, "host": "127.0.0.1", "port": 0}, None)) as url:
        print(f"listening on {url}", flush=True)
        watching = asyncio.create_task(watch(lateness))
        await stop.wait()
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def watch(lateness: Path) -> None:
    """Note how late each of many short sleeps ends."""
    loop = asyncio.get_running_loop()
    with lateness.open("w") as notes:
        while True:
            due = loop.time() + EVERY
            await asyncio.sleep(EVERY)
            notes.write(f"{time.time()} {max(0.0, loop.time() - due)}\n")


def late_between(lateness: Path, start: float, stop: float) -> list[float]:
    """The notes of a stretch of time, in seconds."""
    lines = (line.split() for line in lateness.read_text().splitlines())
    return [
        float(parts[1]) for parts in lines if len(parts) == 2 and start < float(parts[0]) < stop
    ]


@contextmanager
def watched_server(data_dir: Path, lateness: Path) -> Iterator[RunningServer]:
    """Such a server as a process, until the context ends."""
    command = module_command("benchmarks.watched_server", data_dir, lateness)
    with started(command) as server:
        yield server


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("lateness", type=Path)
    options = parser.parse_args()
    uvloop.run(serve(options.data_dir, options.lateness))
