"""Searches over HTTP at scale: ``python -m benchmarks.search --images 100000,1000000 --cache DIR``.

Fills a server's database with an album of made-up photos (titles, descriptions of eight words,
three tags, 1,000 owners, a third private), and asks it on loopback, over one connection, as
somebody who owns a thousandth of them, for pages of twenty. Prints p50 and p95 of the milliseconds
until the answer and of those that the server's threads worked for it (which say more on a machine
that does other things as well), and the server's peak memory, with the fingerprints for searches by
image loaded. A database is kept in ``--cache`` for the next run.
"""

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from benchmarks.album import Album
from benchmarks.search_database import fill
from benchmarks.servers import PASSWORD, RunningServer, running_server

API = "/api/v1"
LARGEST_PAGE = 200
Params = dict[str, str]
Questions = Callable[[Album, random.Random], Params]


MIDDLE = "page in the middle"


def _word(chance: random.Random, album: Album, first: int, last: int) -> str:
    return album.words[chance.randrange(first, last)]


def _common(album: Album, chance: random.Random) -> str:
    return _word(chance, album, 0, 60)


def _tag(album: Album, chance: random.Random) -> str:
    return album.tags[chance.randrange(300)]


def _months(chance: random.Random) -> str:
    year, month = chance.randrange(2012, 2025), chance.randrange(1, 11)
    return f"taken:{year}-{month:02}..{year}-{month + 2:02}"


GOALS: dict[str, Questions] = {
    "rare keyword": lambda album, chance: {"keyword": _word(chance, album, 8000, 30_000)},
    "common keyword": lambda album, chance: {"keyword": _common(album, chance)},
    "two keywords": lambda album, chance: {
        "q": f"{_common(album, chance)} {_word(chance, album, 20, 2000)}"
    },
    "tag": lambda album, chance: {"tag": _tag(album, chance)},
    "tag + date range": lambda album, chance: {"tag": _tag(album, chance), "q": _months(chance)},
    "newest page": lambda _album, _chance: {},
    MIDDLE: lambda _album, _chance: {},
}
"""Those that have to be quick; ``FURTHER`` ones are good to know."""

FURTHER: dict[str, Questions] = {
    "one letter": lambda _, chance: {
        "keyword": chance.choice("abcdefghijklmnopqrstuvwxyz0123456789")
    },
    "two letters": lambda _, chance: {
        "keyword": "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=2))
    },
    "phrase": lambda album, chance: {
        "q": f'"{_common(album, chance)} {_word(chance, album, 0, 400)}"'
    },
    "one without the other": lambda album, chance: {
        "q": f"{_common(album, chance)} -{_word(chance, album, 0, 400)}"
    },
    "either": lambda album, chance: {
        "q": f"{_word(chance, album, 500, 9000)} OR {_word(chance, album, 500, 9000)}"
    },
    "owner + keyword": lambda album, chance: {
        "user": chance.choice(album.owners[1:]),
        "keyword": _common(album, chance),
    },
    "own private": lambda album, chance: {"q": f"is:private {_common(album, chance)}"},
    "camera + day": lambda _, chance: {
        "q": f"camera:{chance.choice(('nikon', 'iphone 8', 'x-t4'))}"
        f" taken:{chance.randrange(2012, 2025)}-05-{chance.randrange(1, 29):02}"
    },
    "large files": lambda _, chance: {
        "q": f"size:>{chance.randrange(17, 20)}.{chance.randrange(9)}MB"
    },
    "common keyword by relevance": lambda album, chance: {
        "keyword": _common(album, chance),
        "sort": "relevance",
    },
    "rare keyword by title": lambda album, chance: {
        "keyword": _word(chance, album, 8000, 30_000),
        "sort": "title",
    },
    "common keyword by title": lambda album, chance: {
        "keyword": _common(album, chance),
        "sort": "title",
    },
    "common keyword by time taken": lambda album, chance: {
        "keyword": _common(album, chance),
        "sort": "-taken",
    },
    "tag by size": lambda album, chance: {"tag": _tag(album, chance), "sort": "size"},
}


@dataclass(frozen=True)
class Figures:
    """Of one kind of page: milliseconds of the answers and of the server's work, images found."""

    p50: float
    p95: float
    cpu50: float
    cpu95: float
    found: float


class Asker:
    """Asks a server for pages, as one person."""

    def __init__(self, session: aiohttp.ClientSession, server: psutil.Process):
        self._session = session
        self._server = server
        self.peak_memory = 0

    async def page(self, params: Params) -> Any:
        """A page of a list."""
        async with self._session.get(f"{API}/images", params=params) as reply:
            body = await reply.json()
            assert reply.status == 200, body
        return body

    async def measure(self, pages: Sequence[Params]) -> Figures:
        """Ask for each page once."""
        taken, worked, found = [], [], 0
        for params in pages:
            work, started = self._cpu(), time.perf_counter()
            body = await self.page(params)
            taken.append((time.perf_counter() - started) * 1e3)
            worked.append((self._cpu() - work) * 1e3)
            found += len(body["images"])
            self.peak_memory = max(self.peak_memory, self._server.memory_info().rss)
        cuts = statistics.quantiles(taken, n=100, method="inclusive")
        work_cuts = statistics.quantiles(worked, n=100, method="inclusive")
        return Figures(cuts[49], cuts[94], work_cuts[49], work_cuts[94], found / len(pages))

    async def cursor_at(self, depth: int) -> str:
        """The cursor of the page that begins after so many images, newest first."""
        cursor: Params = {}
        for _ in range(depth // LARGEST_PAGE):
            body = await self.page({"limit": str(LARGEST_PAGE), **cursor})
            cursor = {"cursor": body["next_cursor"]}
        return cursor["cursor"]

    async def pages_after(self, cursor: str, count: int) -> list[Params]:
        """The page at a cursor and those that follow it."""
        pages: list[Params] = []
        for _ in range(count):
            pages.append({"cursor": cursor})
            cursor = (await self.page(pages[-1]))["next_cursor"]
        return pages

    async def until_idle(self) -> None:
        """Wait until the server has read its fingerprints."""
        before = -1.0
        while self._cpu() > before:
            before = self._cpu()
            await asyncio.sleep(1)

    def _cpu(self) -> float:
        try:  # to the nanosecond, where there is Linux
            tasks = Path(f"/proc/{self._server.pid}/task").glob("*/schedstat")
            return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9
        except OSError:
            used = self._server.cpu_times()
            return float(used.user + used.system)


async def measure(server: RunningServer, album: Album, rounds: int) -> dict[str, Any]:
    """Every kind of page, and the server's peak memory in bytes."""
    async with aiohttp.ClientSession(server.url) as session:
        credentials = {"username": "jeff", "password": PASSWORD}
        async with session.post(f"{API}/login", json=credentials) as reply:
            token = (await reply.json())["token"]
        session.headers["Authorization"] = f"Bearer {token}"
        asker = Asker(session, psutil.Process(server.process.pid))
        await asker.until_idle()
        kinds = {name: _some(album, name, rounds) for name in (GOALS | FURTHER)}
        kinds["newest page"] = [{}] * rounds
        middle = await asker.cursor_at(album.photos // 2)
        kinds[MIDDLE] = await asker.pages_after(middle, rounds)
        found = {name: await asker.measure(kinds[name]) for name in (*GOALS, *FURTHER)}
        return {
            "kinds": {name: asdict(figures) for name, figures in found.items()},
            "peak_memory": asker.peak_memory,
        }


def _some(album: Album, kind: str, rounds: int) -> list[Params]:
    chance = random.Random(kind)
    ask = (GOALS | FURTHER)[kind]
    return [ask(album, chance) for _ in range(rounds)]


def built(cache: Path, photos: int) -> Path:
    """The data folder of a server with so many photos; made unless it is there."""
    folder = cache / f"{photos}"
    if not (folder / "complete").exists():
        started = time.perf_counter()
        with running_server(folder / "data") as server:
            server.registered(folder / "home")
        fill(folder / "data" / "imgrepo.db", Album(photos))
        (folder / "complete").touch()
        print(f"{photos:,} images inserted in {time.perf_counter() - started:.0f} s", flush=True)
    return folder / "data"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", default="100000", help="one number, or several with commas")
    parser.add_argument("--rounds", type=int, default=200, help="pages of each kind")
    parser.add_argument("--cache", type=Path, help="folder that keeps the databases")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    report = {}
    with tempfile.TemporaryDirectory() as scratch:
        for photos in map(int, arguments.images.split(",")):
            data = built(arguments.cache or Path(scratch), photos)
            size = (data / "imgrepo.db").stat().st_size
            with running_server(data) as server:
                report[photos] = asyncio.run(measure(server, Album(photos), arguments.rounds))
            report[photos]["database"] = size
            _print(photos, report[photos])
    if len(report) > 1:
        _compare(report)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2))


def _print(photos: int, figures: dict[str, Any]) -> None:
    print(
        f"\n{photos:,} images, database {figures['database'] / 1e6:,.0f} MB,"
        f" peak memory of the server {figures['peak_memory'] / 2**20:.0f} MiB"
    )
    print(f"{'':30} {'p50 ms':>8} {'p95 ms':>8} {'CPU p50':>8} {'CPU p95':>8} {'images':>8}")
    for name, kind in figures["kinds"].items():
        print(
            f"{name:30} {kind['p50']:8.1f} {kind['p95']:8.1f}"
            f" {kind['cpu50']:8.1f} {kind['cpu95']:8.1f} {kind['found']:8.1f}",
            flush=True,
        )


def _compare(report: dict[int, dict[str, Any]]) -> None:
    small, large = min(report), max(report)
    print(f"\np95 at {large:,} images, as a multiple of that at {small:,}")
    for name, kind in report[large]["kinds"].items():
        print(f"{name:30} {kind['p95'] / report[small]['kinds'][name]['p95']:8.2f}")


if __name__ == "__main__":
    main()
