"""Search by image at scale: ``python -m benchmarks.search_images --images 1000000``.

Fills a server's database with synthetic fingerprints (random bits, a fifth of them with a content
box) among which near copies of real queries are planted, and measures

- how fast a server reads them at its start, and the memory that they take;
- searches with all views of a picture over HTTP: p50 and p95, alone, and while ``imgrepo upload``
  sends photographs as fast as it can; every planted copy has to be found, or the run fails;
- how late the server's event loop is meanwhile, as the time that a request takes which does
  nothing (so it is an upper bound);
- beside it, where the package faiss-cpu is installed, its ``IndexBinaryFlat`` with a single 64-bit
  view of each image, on one thread.

Only the first million fingerprints get image rows to be joined with: the others, strangers to
every query, are dropped before anybody looks for theirs.
"""

import argparse
import asyncio
import io
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import psutil
from imgrepo_server.db.fingerprints import pack
from imgrepo_server.db.open import database_at
from imgrepo_server.imaging.fingerprint import fingerprint, gray_for_hashing
from imgrepo_server.services.fingerprint_index import FingerprintIndex
from numpy.typing import NDArray
from PIL import Image

from benchmarks.corpus import fill, sources
from benchmarks.servers import BIN, RunningServer, running_server

API = "/api/v1"
BATCH = 50_000
JOINED = 1_000_000
PROBE_EVERY = 0.02
Row = tuple[Any, ...]


def fill_database(database: Path, images: int, planted: Sequence[bytes]) -> None:
    """Insert so many images of the first user, with the planted fingerprints among them."""
    chance = np.random.default_rng(20)
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    places = {
        int(place): views
        for place, views in zip(
            np.linspace(1, min(images, JOINED) - 1, len(planted)).astype(int), planted, strict=True
        )
    }
    for start in range(0, images, BATCH):
        stop = min(images, start + BATCH)
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO fingerprints (blob_seq, version, flat, views) VALUES (?, 1, 0, ?)",
            _fingerprints(chance, range(start, stop), places),
        )
        if start < JOINED:
            connection.executemany(
                "INSERT INTO blobs (seq, sha256, size, format, width, height, exif)"
                " VALUES (?, ?, 100000, 'jpeg', 1280, 960, '{}')",
                ((1 + n, f"{n:064x}") for n in range(start, stop)),
            )
            connection.executemany(
                "INSERT INTO images (id, owner_id, blob_seq, title, filename, description,"
                " visibility, created_at, title_key, description_key, search_text)"
                " VALUES (?, 1, ?, ?, ?, '', 'public', '2026-01-01 00:00:00', ?, '', ?)",
                (
                    (
                        uuid.UUID(int=n).hex,
                        1 + n,
                        f"image {n}",
                        f"{n}.jpg",
                        f"image {n}",
                        f"image {n}",
                    )
                    for n in range(start, stop)
                ),
            )
        connection.execute("COMMIT")
    connection.close()


def _fingerprints(
    chance: np.random.Generator, numbers: range, planted: dict[int, bytes]
) -> Iterator[Row]:
    boxed = chance.random(len(numbers)) < 0.2
    for number, with_box in zip(numbers, boxed, strict=True):
        yield 1 + number, planted.get(number) or chance.bytes(96 if with_box else 48)


def planted_copies(queries: Sequence[bytes]) -> list[bytes]:
    """The packed fingerprint of each picture with a few bits changed: S is at most 6."""
    chance = np.random.default_rng(21)
    copies = []
    for data in queries:
        with Image.open(io.BytesIO(data)) as picture:
            views = bytearray(pack(fingerprint(gray_for_hashing(picture.convert("RGB")))))
        for bit in chance.choice(384, 6, replace=False):
            views[int(bit) // 8] ^= 1 << int(bit) % 8
        copies.append(bytes(views))
    return copies


async def measure_loading(database: Path, images: int) -> tuple[float, float]:
    """Images a second as a server reads them at its start, and bytes of memory for each."""
    opened = database_at(str(database))
    await opened.open()
    index = FingerprintIndex(opened)
    before = psutil.Process().memory_info().rss
    started = time.perf_counter()
    await index.load()
    seconds = time.perf_counter() - started
    grown = psutil.Process().memory_info().rss - before
    index.close()
    await opened.close()
    return images / seconds, grown / images


async def search(url: str, queries: Sequence[bytes], rounds: int) -> list[float]:
    """Seconds of each search, one after another; the planted copy must come first."""
    taken = []
    async with aiohttp.ClientSession(url) as session:
        for number in range(rounds + 1):
            form = aiohttp.FormData()
            form.add_field("file", queries[number % len(queries)], filename="query.jpg")
            started = time.perf_counter()
            async with session.post(f"{API}/search/similar", data=form) as reply:
                body = await reply.json()
            taken.append(time.perf_counter() - started)
            assert body["matches"], body
            assert body["matches"][0]["distance"] <= 6, body["matches"][0]
    return taken[1:]  # the first one waits for what the server still reads


async def probe(url: str, late: list[float]) -> None:
    """Ask for nothing again and again; notes the seconds that each answer takes."""
    async with aiohttp.ClientSession(url) as session:
        while True:
            started = time.perf_counter()
            async with session.get(f"{API}/nothing") as reply:
                await reply.read()
            late.append(time.perf_counter() - started)
            await asyncio.sleep(PROBE_EVERY)


async def searching(url: str, queries: Sequence[bytes], rounds: int) -> dict[str, float]:
    """p50 and p95 of searches and of the loop's lag, in milliseconds."""
    late: list[float] = []
    probing = asyncio.create_task(probe(url, late))
    taken = await search(url, queries, rounds)
    probing.cancel()
    with suppress(asyncio.CancelledError):
        await probing
    return {
        "p50": _percentile(taken, 50),
        "p95": _percentile(taken, 95),
        "lag_p50": _percentile(late, 50),
        "lag_p95": _percentile(late, 95),
        "lag_most": max(late) * 1e3,
    }


def _percentile(seconds: Sequence[float], percent: int) -> float:
    return statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1] * 1e3


def under_uploads(
    server: RunningServer, home: Path, photos: Path, queries: Sequence[bytes], rounds: int
) -> dict[str, float]:
    """As ``searching``, while a client uploads; also the images a second that it uploads."""
    environment = server.registered(home)
    uploading = subprocess.Popen(
        [BIN / "imgrepo", "upload", "--quiet", "--dir", photos],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert uploading.stdout is not None
    uploading.stdout.readline()  # the first one is stored
    started = time.perf_counter()
    figures = asyncio.run(searching(server.url, queries, rounds))
    seconds = time.perf_counter() - started
    assert uploading.poll() is None, "the uploads were over before the searches; use more"
    uploading.terminate()
    stored = len(uploading.communicate()[0].splitlines())
    return figures | {"uploads_a_second": stored / seconds}


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
    queries = sources(options.photos, 1024, 680, 85, 25)
    data = work / "server"
    with running_server(data) as server:
        server.registered(work / "home")
    fill_database(data / "imgrepo.db", images, planted_copies(queries))
    rate, memory = asyncio.run(measure_loading(data / "imgrepo.db", images))
    print(f"{images:,} images; loading {rate / 1e6:.2f} million a second, {memory:.0f} bytes each")
    figures: dict[str, Any] = {"images": images, "load_rate": rate, "bytes_an_image": memory}
    fill(work / "uploads", sources(options.photos, 1280, 960, 85, 40), options.uploads)
    with running_server(data) as server:
        figures["alone"] = asyncio.run(searching(server.url, queries, rounds))
        _say("searching alone", figures["alone"])
        figures["uploading"] = under_uploads(
            server, work / "uploader", work / "uploads", queries, rounds
        )
        _say("while uploading", figures["uploading"])
    figures["faiss_one_view"] = faiss_figures(images, rounds)
    if figures["faiss_one_view"] is None:
        print("faiss: not installed (pip install faiss-cpu), so there is nothing to compare with")
    else:
        print(f"faiss IndexBinaryFlat, one view of 64 bits: p50 {figures['faiss_one_view']:.2f} ms")
    return figures


def _say(what: str, figures: dict[str, float]) -> None:
    print(
        f"{what}: p50 {figures['p50']:.1f} ms, p95 {figures['p95']:.1f} ms; "
        f"a request for nothing: p50 {figures['lag_p50']:.1f} ms, p95 {figures['lag_p95']:.1f} ms, "
        f"most {figures['lag_most']:.1f} ms"
        + (
            f"; {figures['uploads_a_second']:.0f} uploads a second"
            if "uploads_a_second" in figures
            else ""
        ),
        flush=True,
    )


def main() -> None:
    """Measure and print; with ``--json``, all figures once more for programs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--uploads", type=int, default=3000, help="photographs to upload meanwhile")
    parser.add_argument("--photos", type=Path, help="folder of JPEG files; drawn ones without")
    parser.add_argument("--work", type=Path, help="folder for the databases")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        figures = run(options, Path(folder))
    if options.json:
        json.dump(figures, sys.stdout)


if __name__ == "__main__":
    main()
