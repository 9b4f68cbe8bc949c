"""How well altered copies are found: ``python -m benchmarks.similarity --photos DIR``.

A server gets all photographs. Then each alteration of ``benchmarks.alterations`` of each photograph
is searched for through the real HTTP API. For each alteration, in percent of the photographs:

- *rank 1*: the original is the nearest of all;
- *same*, *near*, *similar*: it is found with that label or a better one.

Beside it, in the same run, what plain ``imagehash.phash`` at distance 10 finds: its recall at rank
1, and how often the original lies within 10 bits. Then the precision of each label over all
queries.

Photographs of the folder that are themselves copies of each other (S at most 40) count as one, and
flat ones do not take part: nobody could tell them apart. The alterations' chances are repeatable.
"""

import argparse
import asyncio
import io
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import imagehash
import numpy as np
from PIL import Image, ImageOps

from benchmarks.alterations import ALTERATIONS, Alteration
from benchmarks.corpus import photographs
from benchmarks.servers import PASSWORD, running_server

API = "/api/v1"
LABELS = ("same", "near", "similar")
PLAIN_LIMIT = 10
AT_ONCE = 4  # as many as one person may send at a time


@dataclass
class Tally:
    """What happened to one alteration's queries."""

    queries: int = 0
    first: int = 0
    plain_first: int = 0
    plain_within: int = 0
    found: Counter[str] = field(default_factory=Counter)


@dataclass
class Repository:
    """The photographs, by their ids at a server; ``hashes`` are their plain ones."""

    session: aiohttp.ClientSession
    ids: list[str]
    pictures: list[Image.Image]
    hashes: Any

    async def search(self, data: bytes) -> list[dict[str, Any]]:
        """The images nearest to these bytes, however far."""
        form = aiohttp.FormData()
        form.add_field("file", data, filename="query")
        params = {"distance": "192", "limit": "20"}
        async with self.session.post(f"{API}/search/similar", params=params, data=form) as reply:
            body = await reply.json()
            if reply.status != 200:
                raise SystemExit(f"the search failed: {body}")
            return list(body["matches"])


async def prepared(session: aiohttp.ClientSession, photos: Sequence[Path]) -> Repository:
    """Upload the photographs, but flat ones and copies of earlier ones."""
    account = {"username": "jeff", "password": PASSWORD}
    async with session.post(f"{API}/register", json=account) as reply:
        session.headers["Authorization"] = f"Bearer {(await reply.json())['token']}"
    ids, pictures = [], []
    for path in photos:
        data = path.read_bytes()
        form = aiohttp.FormData()
        form.add_field("on_similar", "skip")
        form.add_field("distance", "40")
        form.add_field("file", data, filename=path.name)
        async with session.post(f"{API}/images", data=form) as reply:
            body = await reply.json()
        if body["image"] is None or body["duplicate"]:
            continue
        async with session.get(f"{API}/images/{body['image']['id']}/similar") as reply:
            if (await reply.json())["flat"]:
                async with session.delete(f"{API}/images/{body['image']['id']}"):
                    continue
        ids.append(body["image"]["id"])
        with Image.open(io.BytesIO(data)) as opened:
            pictures.append(ImageOps.exif_transpose(opened).convert("RGB"))
    plain = np.stack([imagehash.phash(picture).hash.ravel() for picture in pictures])
    return Repository(session, ids, pictures, plain)


async def measure(
    repository: Repository, name: str, alteration: Alteration, labels: dict[str, list[int]]
) -> Tally:
    """Search for one alteration of every photograph."""
    tally = Tally()
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        chance = random.Random(f"{name} {number}")
        async with slots:
            data = await asyncio.to_thread(
                lambda: alteration.encode(alteration.alter(repository.pictures[number], chance))
            )
            matches = await repository.search(data)
        _count(tally, labels, matches, repository.ids[number])
        _count_plain(tally, repository, data, number)

    await asyncio.gather(*map(one, range(len(repository.ids))))
    return tally


def _count(
    tally: Tally, labels: dict[str, list[int]], matches: list[dict[str, Any]], wanted: str
) -> None:
    tally.queries += 1
    tally.first += bool(matches) and matches[0]["id"] == wanted
    for match in matches:
        if match["match"] not in LABELS:
            continue
        labels[match["match"]][match["id"] == wanted] += 1
        if match["id"] == wanted:
            for label in LABELS[LABELS.index(match["match"]) :]:
                tally.found[label] += 1


def _count_plain(tally: Tally, repository: Repository, data: bytes, number: int) -> None:
    with Image.open(io.BytesIO(data)) as picture:
        plain = imagehash.phash(picture).hash.ravel()
    bits = np.count_nonzero(repository.hashes != plain, axis=1)
    tally.plain_first += int(np.argmin(bits)) == number
    tally.plain_within += bool(bits[number] <= PLAIN_LIMIT)


async def run(url: str, photos: Sequence[Path], only: str | None) -> dict[str, Any]:
    """Measure everything at a server; prints the table."""
    async with aiohttp.ClientSession(url) as session:
        repository = await prepared(session, photos)
        print(f"{len(repository.ids)} photographs of {len(photos)} (no flat ones, no copies)\n")
        print(f"{'':30}  rank 1   same   near  similar     phash: rank 1  within {PLAIN_LIMIT}")
        labels: dict[str, list[int]] = {label: [0, 0] for label in LABELS}
        rows = {}
        for name, alteration in ALTERATIONS.items():
            if only is None or only in name:
                tally = await measure(repository, name, alteration, labels)
                rows[name] = _row(name, alteration, tally)
        _summary(rows, labels, len(repository.ids))
        return {"rows": rows, "labels": labels, "photographs": len(repository.ids)}


def _row(name: str, alteration: Alteration, tally: Tally) -> dict[str, float]:
    def percent(count: int) -> float:
        return round(100 * count / tally.queries, 1)

    row = {
        "rank_1": percent(tally.first),
        **{label: percent(tally.found[label]) for label in LABELS},
        "phash_rank_1": percent(tally.plain_first),
        "phash_within": percent(tally.plain_within),
    }
    goal = alteration.goal
    missed = goal is not None and row["rank_1"] < 100 * goal
    print(
        f"{name:30} {row['rank_1']:7.1f} {row['same']:6.1f} {row['near']:6.1f}"
        f" {row['similar']:8.1f}     {row['phash_rank_1']:13.1f} {row['phash_within']:10.1f}"
        + (f"   below the goal of {100 * (goal or 0):.0f}" if missed else ""),
        flush=True,
    )
    return row


def _summary(
    rows: dict[str, dict[str, float]], labels: dict[str, list[int]], photographs: int
) -> None:
    mean = {
        key: sum(row[key] for row in rows.values()) / len(rows) for key in next(iter(rows.values()))
    }
    print(
        f"{'mean of all':30} {mean['rank_1']:7.1f} {mean['same']:6.1f} {mean['near']:6.1f}"
        f" {mean['similar']:8.1f}     {mean['phash_rank_1']:13.1f} {mean['phash_within']:10.1f}\n"
    )
    pairs = len(rows) * photographs * (photographs - 1)
    print(f"among {pairs:,} pairs of an altered photograph and another one:")
    for label, (wrong, right) in labels.items():
        print(
            f"{label:8} {right:8,} right, {wrong:6,} of another photograph:"
            f" precision {100 * right / max(1, right + wrong):.2f} %"
        )


def main() -> None:
    """Measure and print the tables; with ``--json``, all figures once more for programs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--only", help="alterations whose name has this in it")
    parser.add_argument("--most", type=int, help="photographs to use")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--half", type=int, choices=(0, 1), help="every other photograph, from the first or second"
    )
    options = parser.parse_args()
    photos = photographs(options.photos)[: options.most]
    if options.half is not None:
        photos = photos[options.half :: 2]
    if not photos:
        sys.exit(f"{options.photos}: no JPEG files there. Name a folder of photographs.")
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder)) as server:
        figures = asyncio.run(run(server.url, photos, options.only))
    if options.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
