"""Images a second of ``imgrepo upload``, as a share of what the machine can decode and write.

python -m benchmarks.ingest --photos DIR [--cases small,large,icons] [--rounds 3] [--json FILE]
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import corpus, limit
from benchmarks.servers import BIN, client_environment, running_server


@dataclass(frozen=True)
class Case:
    """A kind of image: how many a run, and the share of the limit that is the goal."""

    name: str
    count: int
    goal: float
    files: Callable[[Path | None], list[bytes]]


CASES = (
    Case("large", 2000, 0.90, lambda photos: corpus.originals(photos, 20)),
    Case("small", 2000, 0.70, lambda photos: corpus.sources(photos, 1280, 960, 80, 40)),
    Case("icons", 5000, 0.30, lambda photos: corpus.sources(photos, 96, 96, 80, 40)),
)


@dataclass(frozen=True)
class Round:
    """Images a second in one turn each."""

    limit: float
    server: float
    local: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, help="folder of photographs; default: drawn ones")
    parser.add_argument("--cases", default=",".join(case.name for case in CASES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, help="images a run, instead of 2000 (icons: 5000)")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--work", type=Path, help="where to put the files; default: a temp folder")
    arguments = parser.parse_args()
    wanted = arguments.cases.split(",")
    report = {}
    for case in CASES:
        if case.name in wanted:
            count = arguments.count or case.count
            with tempfile.TemporaryDirectory(dir=arguments.work) as work:
                report[case.name] = measure(
                    case, count, arguments.photos, arguments.rounds, Path(work)
                )
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2))


def measure(
    case: Case, count: int, photos: Path | None, rounds: int, work: Path
) -> dict[str, object]:
    """One kind of image: all three in turns, ``rounds`` times."""
    folder = work / "images"
    size = corpus.fill(folder, case.files(photos), count)
    print(f"\n{case.name}: {count} images of {size / count / 1000:.0f} KB", flush=True)
    print(f"{'images/s':>10} {'limit':>8} {'server':>8} {'local':>8}   of the limit", flush=True)
    measured = []
    for number in range(rounds):
        turn = Round(
            limit=count / _limit(folder, work),
            server=count / _server(folder, work),
            local=count / _local(folder, work),
        )
        measured.append(turn)
        print(f"{number + 1:>10} {_row(turn)}", flush=True)
    shares = {
        name: statistics.median(getattr(turn, name) / turn.limit for turn in measured)
        for name in ("server", "local")
    }
    print(
        f"{'median':>10} {'':>26}   server {shares['server']:.2f}, local {shares['local']:.2f}"
        f"   (goal {case.goal:.2f})",
        flush=True,
    )
    return {"count": count, "bytes": size, "rounds": [asdict(turn) for turn in measured]} | shares


def _row(turn: Round) -> str:
    return (
        f"{turn.limit:8.1f} {turn.server:8.1f} {turn.local:8.1f}"
        f"   {turn.server / turn.limit:.2f} {turn.local / turn.limit:.2f}"
    )


def _limit(folder: Path, work: Path) -> float:
    with _scratch(work) as target:
        return limit.run(folder, target, os.cpu_count() or 1)


def _server(folder: Path, work: Path) -> float:
    with _scratch(work) as home, running_server(home / "server") as server:
        environment = server.registered(home)
        return _upload(folder, environment)


def _local(folder: Path, work: Path) -> float:
    with _scratch(work) as home:
        return _upload(folder, client_environment(home))


def _upload(folder: Path, environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(
        [BIN / "imgrepo", "upload", "--quiet", "--dir", folder],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=sys.stderr,
        check=True,
    )
    return time.perf_counter() - started


@contextmanager
def _scratch(work: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(dir=work))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
        os.sync()  # what one turn left to be written is not the next one's burden


if __name__ == "__main__":
    main()
