"""Seconds of a second ``imgrepo upload`` over unchanged files, as a multiple of ``rsync``'s.

python -m benchmarks.rescan [--count 10000] [--rounds 5] [--json FILE]

Needs ``rsync``; where ``strace`` is there too, it counts how many of the files were opened.
"""

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import corpus
from benchmarks.servers import BIN, client_environment, running_server

GOAL = 3.0


@dataclass(frozen=True)
class Round:
    """Seconds of one turn each."""

    rsync: float
    server: float
    local: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, help="folder of photographs; default: drawn ones")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    if shutil.which("rsync") is None:
        raise SystemExit("rsync is not installed; it is what this compares with")
    with tempfile.TemporaryDirectory() as work:
        report = measure(arguments.photos, arguments.count, arguments.rounds, Path(work))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2))


def measure(photos: Path | None, count: int, rounds: int, work: Path) -> dict[str, object]:
    """Upload once to a server and into a local repository, then time what a second run takes."""
    folder = work / "images"
    corpus.fill(folder, corpus.sources(photos, 96, 96, 80, 40), count)
    shutil.copytree(folder, work / "copy")  # with the times of the files, as rsync -a leaves them
    local = client_environment(work / "local")
    with running_server(work / "server") as server:
        remote = server.registered(work / "remote")
        for environment in (remote, local):
            _run(_upload(folder), environment)
        opened = _opened(folder, remote, work), _opened(folder, local, work)
        print(f"second run over {count} unchanged files, seconds", flush=True)
        print(f"{'':>8} {'rsync':>7} {'server':>7} {'local':>7}   of rsync", flush=True)
        measured = []
        for number in range(rounds):
            turn = Round(
                rsync=_run(["rsync", "-a", "--dry-run", f"{folder}/", f"{work / 'copy'}/"], local),
                server=_run(_upload(folder), remote),
                local=_run(_upload(folder), local),
            )
            measured.append(turn)
            print(f"{number + 1:>8} {_row(turn)}", flush=True)
    times = {
        name: statistics.median(getattr(turn, name) / turn.rsync for turn in measured)
        for name in ("server", "local")
    }
    print(
        f"{'median':>8} {'':>23}   server {times['server']:.1f}, local {times['local']:.1f}"
        f"   (goal: at most {GOAL:.0f})\nfiles opened: {opened[0]} and {opened[1]}",
        flush=True,
    )
    return {"count": count, "rounds": [asdict(turn) for turn in measured], "opened": opened} | times


def _row(turn: Round) -> str:
    return (
        f"{turn.rsync:7.3f} {turn.server:7.3f} {turn.local:7.3f}"
        f"   {turn.server / turn.rsync:.1f} {turn.local / turn.rsync:.1f}"
    )


def _upload(folder: Path) -> list[str]:
    return [str(BIN / "imgrepo"), "upload", "--quiet", "--dir", str(folder)]


def _run(command: Sequence[str], environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=sys.stderr, check=True
    )
    return time.perf_counter() - started


def _opened(folder: Path, environment: dict[str, str], work: Path) -> int | str:
    """How many of the folder's files a second run opens."""
    if shutil.which("strace") is None:
        return "not counted, strace is not installed"
    log = work / "strace"
    trace = ["strace", "-f", "-qq", "-e", "trace=open,openat,openat2", "-o", str(log)]
    _run([*trace, *_upload(folder)], environment)
    names: list[str] = re.findall(r'open\w*\([^"]*"([^"]*)"', log.read_text(errors="replace"))
    return len([name for name in names if name.endswith(".jpg")])


if __name__ == "__main__":
    main()
