"""Peak memory of client and server over their idle size while files of 90 MB go through.

python -m benchmarks.memory [--files 23] [--megabytes 90] [--json FILE]

Reads /proc, so it runs on Linux. Image workers are processes of their own under a limit of their
own; they are reported beside the others. Idle is what each process has when it has just stored one
small image; a client's is the peak of a run that does so.
"""

import argparse
import io
import json
import random
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from PIL import Image

from benchmarks.servers import BIN, client_environment, running_server

GOAL = 60
MEGA = 1_000_000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=23)
    parser.add_argument("--megabytes", type=int, default=90, help="of each file")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--work", type=Path, help="where to put the files; default: a temp folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.work) as work:
        report = measure(arguments.files, arguments.megabytes * MEGA, Path(work))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2))


def measure(count: int, size: int, work: Path) -> dict[str, object]:
    """Send one small image, then the folder, to a server and into a local repository."""
    small, folder = work / "small", work / "large"
    fill(small, 1, 3000)
    fill(folder, count, size)
    local = client_environment(work / "local")
    with running_server(work / "server") as server:
        remote = server.registered(work / "remote")
        client_idle = _peak_of_upload(small, remote)
        server_idle = psutil.Process(server.process.pid).memory_info().rss
        with _peak_of_children(server.process.pid) as workers:
            client = _peak_of_upload(folder, remote)
        server_peak = _high_water(server.process.pid)
    local_idle = _peak_of_upload(small, local)
    local_peak = _peak_of_upload(folder, local)
    print(f"{count} files of {size / MEGA:.0f} MB, megabytes of memory")
    print(f"{'':>18} {'idle':>6} {'peak':>6} {'more':>6}   (goal: at most {GOAL} more)")
    rows = {
        "client": (client_idle, client),
        "server": (server_idle, server_peak),
        "local repository": (local_idle, local_peak),
    }
    for name, (idle, peak) in rows.items():
        print(f"{name:>18} {idle / MEGA:6.0f} {peak / MEGA:6.0f} {(peak - idle) / MEGA:6.0f}")
    print(f"{'one worker':>18} {'':>6} {max(workers) / MEGA:6.0f}")
    return {"files": count, "bytes": size, "worker": max(workers)} | {
        name: {"idle": idle, "peak": peak} for name, (idle, peak) in rows.items()
    }


def fill(folder: Path, count: int, size: int) -> None:
    """JPEG files of at least ``size`` bytes: one picture, and segments that no decoder reads."""
    folder.mkdir()
    out = io.BytesIO()
    Image.effect_noise((4000, 3000) if size > MEGA else (64, 48), 40).save(out, "JPEG", quality=95)
    start, rest = out.getvalue()[:2], out.getvalue()[2:]
    noise = random.Random(1).randbytes(65_533)
    segment = b"\xff\xe9" + (65_535).to_bytes(2, "big") + noise  # APP9: nobody's
    for number in range(count):
        with (folder / f"{number:03}.jpg").open("wb") as file:
            file.write(start + b"\xff\xfe\x00\x06" + number.to_bytes(4, "big"))
            while file.tell() + len(rest) < size:
                file.write(segment)
            file.write(rest)


def _peak_of_upload(folder: Path, environment: dict[str, str]) -> int:
    """The most bytes that the client itself had in memory; children do not count."""
    peak = 0
    client = subprocess.Popen(
        [BIN / "imgrepo", "upload", "--quiet", "--dir", folder],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    # What wait4() tells would include this very process, from which the client was forked.
    while client.poll() is None:
        with suppress(OSError, IndexError):  # it has just ended
            peak = max(peak, _high_water(client.pid))
        time.sleep(0.01)
    if client.returncode:
        raise SystemExit(f"the upload ended with {client.returncode}")
    return peak


def _high_water(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@contextmanager
def _peak_of_children(pid: int) -> Iterator[list[int]]:
    """Peaks of the largest process below this one; complete when the context has ended."""
    peaks, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.5):
            for child in psutil.Process(pid).children(recursive=True):
                with suppress(OSError, IndexError):
                    peaks.append(_high_water(child.pid))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peaks
    finally:
        done.set()
        thread.join()


if __name__ == "__main__":
    main()
