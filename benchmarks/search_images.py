"""Search by image at scale: ``python -m benchmarks.search_images --images 1000000``.

Fills a server's database with synthetic fingerprints (see ``benchmarks.synthetic``), among them
near copies of the pictures that are searched for, and measures

- how fast a server reads them at its start, and the memory that they take;
- searches with all views of a picture over HTTP, one after another: p50, p95, and the CPU time
  that the server spends on each; every planted copy has to come first, or the run fails;
- the same while ``imgrepo upload`` sends photographs as fast as it can, how many it sends
  meanwhile, and how many before anybody searches;
- how late the server's event loop is meanwhile, and beside it that of a process with no work; where
  it can be told (``benchmarks.pauses``), also where the machine itself did not stand still;
- beside it, where the package faiss-cpu is installed, its ``IndexBinaryFlat`` with a single 64-bit
  view of each image, on one thread.

With ``--leave`` its files stay when it is over: where thousands have just been removed, ext4
without a journal takes many times as long to make new ones for some minutes, and a disk that is
told of what was removed is busy with that. The next run would measure it.
"""

import argparse
import asyncio
import itertools
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import numpy as np
import psutil
from imgrepo_server.db.open import database_at
from imgrepo_server.services.fingerprint_index import FingerprintIndex
from numpy.typing import NDArray

from benchmarks.corpus import fill, sources
from benchmarks.lateness import idle_process, late_between
from benchmarks.pauses import Pauses, undisturbed, watched_processors
from benchmarks.servers import BIN, RunningServer, running_server
from benchmarks.synthetic import ALTERED_BITS, fill_database, planted
from benchmarks.watched_server import watched_server

API = "/api/v1"
QUERIES = 25
ALONE_SECONDS = 15.0


def filled(keep: Path | None, images: int, queries: Sequence[bytes], work: Path) -> Path:
    """A server's data folder with so many images; a copy of what ``keep`` has from another run."""
    data = work / "server"
    if keep is not None and (keep / "imgrepo.db").exists():
        shutil.copytree(keep, data)
        return data
    with running_server(data) as server:
        server.registered(work / "home")
    fill_database(data / "imgrepo.db", images, planted(queries, images, work))
    if keep is not None:
        shutil.copytree(data, keep, dirs_exist_ok=True)
    return data


async def measure_loading(database: Path, images: int) -> tuple[float, float, float]:
    """Images a second as a server reads them at its start, by the clock and by CPU time.

    And the bytes of memory that each takes.
    """
    opened = database_at(str(database))
    await opened.open()
    index = FingerprintIndex(opened)
    before = psutil.Process().memory_info().rss
    clock, cpu = time.perf_counter(), time.process_time()
    await index.load()
    clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
    grown = psutil.Process().memory_info().rss - before
    index.close()
    await opened.close()
    return images / clock, images / cpu, grown / images


async def search(url: str, queries: Sequence[bytes], rounds: int) -> list[float]:
    """Seconds of each search, one after another; the planted copy must come first."""
    taken = []
    async with aiohttp.ClientSession(url) as session:
        for data in itertools.islice(itertools.cycle(queries), rounds):
            form = aiohttp.FormData()
            form.add_field("file", data, filename="query.jpg")
            started = time.perf_counter()
            async with session.post(f"{API}/search/similar", data=form) as reply:
                body = await reply.json()
            taken.append(time.perf_counter() - started)
            first = body["matches"][0]
            assert first["distance"] <= ALTERED_BITS, first
            assert first["title"].startswith("image "), first
    return taken


class Lateness(NamedTuple):
    """Where it is noted: the server's, that of a process with no work, and the machine's pauses."""

    server: Path
    idle: Path
    pauses: Pauses | None

    def figures(self, start: float, stop: float) -> dict[str, float]:
        """Of a stretch of time, in milliseconds."""
        late = late_between(self.server, start, stop)
        seconds = [one.seconds for one in late]
        idle = [one.seconds for one in late_between(self.idle, start, stop)]
        figures = {
            "late_p50": _percentile(seconds, 50),
            "late_p99": _percentile(seconds, 99),
            "late_most": max(seconds) * 1e3,
            "idle_late_most": max(idle) * 1e3,
        }
        if self.pauses is not None:
            quiet = undisturbed(late, self.pauses.all())
            figures["undisturbed"] = len(quiet) / len(late)
            if quiet:
                figures["late_most_undisturbed"] = max(one.seconds for one in quiet) * 1e3
        return figures


def searching(
    server: RunningServer, lateness: Lateness, queries: Sequence[bytes], rounds: int
) -> dict[str, float]:
    """p50 and p95 of searches, of the loop's lag, and the CPU time a search, in milliseconds."""
    begun, cpu = time.time(), server.cpu_seconds()
    taken = asyncio.run(search(server.url, queries, rounds))
    ended, cpu = time.time(), server.cpu_seconds() - cpu
    return {
        "p50": _percentile(taken, 50),
        "p95": _percentile(taken, 95),
        "cpu": cpu / rounds * 1e3,
        **lateness.figures(begun, ended),
    }


def _percentile(seconds: Sequence[float], percent: int) -> float:
    return statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1] * 1e3


class Uploading:
    """``imgrepo upload`` at work on a folder, and when it stored each image.

    It steps back behind the server (nice 10), whose processors it would not share but for this
    benchmark; the server keeps it as busy.
    """

    def __init__(self, server: RunningServer, home: Path, photos: Path):
        self._process = subprocess.Popen(
            ["nice", BIN / "imgrepo", "upload", "--quiet", "--dir", photos],
            env=server.registered(home, "rita"),
            stdout=subprocess.PIPE,
            text=True,
        )
        self._stored: list[float] = []
        self._reading = threading.Thread(target=self._read)
        self._reading.start()
        while not self._stored and self._process.poll() is None:
            time.sleep(0.05)

    def _read(self) -> None:
        assert self._process.stdout is not None
        self._stored.extend(time.time() for _ in self._process.stdout)

    def rate(self, start: float, stop: float) -> float:
        """Images stored a second in that time."""
        assert self._process.poll() is None, "the uploads were over too early; --uploads more"
        return sum(start < one < stop for one in self._stored) / (stop - start)

    def end(self) -> None:
        """Stop it."""
        self._process.terminate()
        self._process.wait()
        self._reading.join()


def while_uploading(
    server: RunningServer,
    *,
    lateness: Lateness,
    uploading: Uploading,
    queries: Sequence[bytes],
    rounds: int,
) -> dict[str, float]:
    """As ``searching``, while a client uploads; with its images a second, before and meanwhile."""
    begun = time.time()
    time.sleep(ALONE_SECONDS)
    searched = time.time()
    figures = searching(server, lateness, queries, rounds)
    ended = time.time()
    alone, meanwhile = uploading.rate(begun, searched), uploading.rate(searched, ended)
    return figures | {"uploads_before": alone, "uploads_meanwhile": meanwhile}


def faiss_figures(images: int, rounds: int) -> float | None:
    """Milliseconds of one search for the 64-bit hash of one view, or None without faiss."""
    try:
        import faiss  # noqa: PLC0415 -- not a dependency
    except ImportError:
        return None
    faiss.omp_set_num_threads(1)
    chance = np.random.default_rng(22)
    index = faiss.IndexBinaryFlat(64)
    index.add(chance.integers(0, 256, (images, 8), dtype=np.uint8))
    query: NDArray[np.uint8] = chance.integers(0, 256, (1, 8), dtype=np.uint8)
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        index.search(query, 20)
        taken.append(time.perf_counter() - started)
    return _percentile(taken, 50)


def run(options: argparse.Namespace, work: Path) -> dict[str, Any]:
    """Measure everything; prints as it goes."""
    images, rounds = options.images, options.rounds
    queries = sources(options.photos, 1024, 680, 85, QUERIES)
    data = filled(options.keep, images, queries, work)
    by_clock, by_cpu, memory = asyncio.run(measure_loading(data / "imgrepo.db", images))
    print(
        f"{images:,} images; loading {by_clock / 1e6:.2f} million a second,"
        f" {by_cpu / 1e6:.2f} million a second of CPU time; {memory:.0f} bytes each",
        flush=True,
    )
    figures: dict[str, Any] = {
        "images": images,
        "load_rate": by_clock,
        "load_rate_cpu": by_cpu,
        "bytes_an_image": memory,
    }
    others = sources(options.photos, 1280, 960, 85, QUERIES + 40)[QUERIES:]
    fill(work / "uploads", others, options.uploads)
    with (
        watched_server(data, work / "lateness") as server,
        idle_process(work / "idle-lateness"),
        watched_processors(work / "pauses") as pauses,
    ):
        lateness = Lateness(work / "lateness", work / "idle-lateness", pauses)
        asyncio.run(search(server.url, queries, 1))  # waits for what the server still reads
        figures["alone"] = searching(server, lateness, queries, rounds)
        _say("searching alone", figures["alone"])
        uploading = Uploading(server, work / "uploader", work / "uploads")
        try:
            figures["uploading"] = while_uploading(
                server, lateness=lateness, uploading=uploading, queries=queries, rounds=rounds
            )
        finally:
            uploading.end()
        _say("while uploading", figures["uploading"])
    figures["faiss_one_view"] = faiss_figures(images, rounds)
    if figures["faiss_one_view"] is None:
        print("faiss: not installed (pip install faiss-cpu), so there is nothing to compare with")
    else:
        print(f"faiss IndexBinaryFlat, one view of 64 bits: p50 {figures['faiss_one_view']:.2f} ms")
    return figures


def _say(what: str, figures: dict[str, float]) -> None:
    print(
        f"{what}: p50 {figures['p50']:.1f} ms, p95 {figures['p95']:.1f} ms;"
        f" the event loop is late by p50 {figures['late_p50']:.1f} ms,"
        f" p99 {figures['late_p99']:.1f} ms, most {figures['late_most']:.1f} ms"
        f" (a process with no work {figures['idle_late_most']:.1f} ms)",
        flush=True,
    )
    if "late_most_undisturbed" in figures:
        print(
            f"where the machine itself did not stand still ({figures['undisturbed']:.0%} of the"
            f" samples), by most {figures['late_most_undisturbed']:.1f} ms",
            flush=True,
        )
    if "uploads_before" in figures:
        print(
            f"uploads a second: {figures['uploads_before']:.0f} before,"
            f" {figures['uploads_meanwhile']:.0f} meanwhile",
            flush=True,
        )
    else:
        print(f"CPU time of the server and its workers a search: {figures['cpu']:.1f} ms")


def main() -> None:
    """Measure and print; with ``--json``, all figures once more for programs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--uploads", type=int, default=6000, help="photographs to upload meanwhile")
    parser.add_argument("--photos", type=Path, help="folder of JPEG files; drawn ones without")
    parser.add_argument("--keep", type=Path, help="folder that keeps the images for the next run")
    parser.add_argument("--work", type=Path, help="folder for the databases")
    parser.add_argument("--leave", action="store_true", help="leave the files where they are")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=options.work))
    try:
        figures = run(options, folder)
    finally:
        if not options.leave:
            shutil.rmtree(folder)
    if options.json:
        json.dump(figures, sys.stdout)


if __name__ == "__main__":
    main()
