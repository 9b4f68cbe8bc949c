"""A server that notes how late its event loop is: ``python -m benchmarks.watched_server``."""

import argparse
import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop
from imgrepo_server.serve import listening
from imgrepo_server.settings import load

from benchmarks.lateness import watch_until_told
from benchmarks.servers import RunningServer, module_command, started


async def serve(data_dir: Path, lateness: Path) -> None:
    """As ``imgrepo-server serve`` does, until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with listening(load({"data_dir": data_dir, "host": "127.0.0.1", "port": 0}, None)) as url:
        print(f"listening on {url}", flush=True)
        await watch_until_told(lateness, stop)


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
