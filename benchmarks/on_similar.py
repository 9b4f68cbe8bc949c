"""What ``--on-similar report`` adds to an upload: ``python -m benchmarks.on_similar --photos DIR``.

Uploads the same photographs of 1280x960 with ``store`` and with ``report`` in turns, to servers
with few and with many fingerprints (see ``benchmarks.synthetic``), and prints the CPU time of the
server with its workers for each image, which other programs disturb less than the clock.
"""

import argparse
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

from benchmarks.corpus import fill, photographs, sources
from benchmarks.servers import BIN, running_server
from benchmarks.synthetic import fill_database

SIZE = 1280, 960


def upload(data: Path, home: Path, folder: Path, action: str) -> float:
    """CPU seconds of a server that starts on a copy of a data folder and takes all images."""
    copy, person = Path(shutil.copytree(data, home / "data")), home / "person"
    with running_server(copy) as server:
        environment = server.registered(person, "rita")
        before = server.cpu_seconds()
        subprocess.run(
            [BIN / "imgrepo", "upload", "--quiet", "--on-similar", action, "--dir", folder],
            env=environment,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        spent = server.cpu_seconds() - before
    shutil.rmtree(copy)
    shutil.rmtree(person)
    return spent


def measure(images: int, folder: Path, count: int, rounds: int) -> dict[str, float]:
    """Milliseconds for each image by what is done about similar ones."""
    spent: dict[str, list[float]] = {"store": [], "report": []}
    with tempfile.TemporaryDirectory() as work:
        data = Path(work, "filled")
        with running_server(data) as server:
            server.registered(Path(work, "home"))
            fill_database(data / "imgrepo.db", images, {})
        for _ in range(rounds):
            for action, seconds in spent.items():
                seconds.append(upload(data, Path(work), folder, action) / count * 1e3)
    return {action: statistics.median(seconds) for action, seconds in spent.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, help="folder of photographs; default: drawn ones")
    parser.add_argument("--images", default="100,100000", help="fingerprints that are there")
    parser.add_argument("--count", type=int, default=1000, help="uploads in a turn")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    kinds = len(photographs(options.photos)) or 40
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        fill(folder, sources(options.photos, *SIZE, 80, kinds), options.count)
        for images in map(int, options.images.split(",")):
            found = measure(images, folder, options.count, options.rounds)
            added = found["report"] - found["store"]
            print(
                f"{images:,} images there: {found['store']:.2f} ms of CPU time for each upload,"
                f" {found['report']:.2f} ms with report: {added:+.2f} ms",
                flush=True,
            )


if __name__ == "__main__":
    main()
