"""Finding duplicates at scale: ``python -m benchmarks.duplicates --images 100000``.

Fills a server's database with synthetic fingerprints (see ``benchmarks.synthetic``) of one
person's images, among them groups of two to five near copies, and asks ``imgrepo duplicates --all``
for the groups. Fails unless they are exactly those. Prints the seconds by the clock, and the CPU
time of the server.
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.servers import BIN, running_server
from benchmarks.synthetic import altered, fill_database, views

GROUPS = 500
ALTERED_BITS = 8


def planted(images: int) -> tuple[dict[int, bytes], set[frozenset[str]]]:
    """Near copies by their places among the images, and the groups by title."""
    chance = np.random.default_rng(31)
    sizes = chance.integers(2, 6, GROUPS)
    places = iter(chance.choice(images, int(sizes.sum()), replace=False).tolist())
    originals = views(chance, GROUPS)
    copies: dict[int, bytes] = {}
    groups = set()
    for original, size in zip(originals, sizes, strict=True):
        mine = [next(places) for _ in range(size)]
        copies |= {place: altered(original.tobytes(), ALTERED_BITS, chance) for place in mine}
        groups.add(frozenset(f"image {place}" for place in mine))
    return copies, groups


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--work", type=Path, help="folder for the database")
    options = parser.parse_args()
    copies, groups = planted(options.images)
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        data = Path(folder, "server")
        with running_server(data) as server:
            environment = server.registered(Path(folder, "home"))
            fill_database(data / "imgrepo.db", options.images, copies)
            cpu, clock = server.cpu_seconds(), time.perf_counter()
            told = subprocess.run(
                [BIN / "imgrepo", "duplicates", "--all", "--json"],
                env=environment,
                capture_output=True,
                check=True,
            ).stdout
            clock, cpu = time.perf_counter() - clock, server.cpu_seconds() - cpu
    found = {_titles(json.loads(line)) for line in told.splitlines()}
    assert found == groups, (len(found), len(groups))
    print(
        f"{options.images:,} images, {len(groups)} groups found: {clock:.1f} s,"
        f" {cpu:.1f} s of CPU time of the server"
    )


def _titles(group: dict[str, Any]) -> frozenset[str]:
    return frozenset(image["title"] for image in (group["best"], *group["others"]))


if __name__ == "__main__":
    main()
