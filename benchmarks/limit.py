"""The limit that ingest is held against: the plainest loop that does the same work to files.

One process per core; each reads a file, hashes it, runs the same reduced decode, orientation, six
hashes and JPEG preview as the server, and writes original and preview with an fsync each. No HTTP,
no database, no folders to sync.
"""

import hashlib
import multiprocessing
import os
import time
from pathlib import Path

from imgrepo_server.blobs.disk import fsync
from imgrepo_server.imaging.examine import examine
from imgrepo_server.imaging.limits import DecodeLimits


def run(folder: Path, target: Path, processes: int) -> float:
    """Seconds that the loop takes over all files of a folder, from the first to the last."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    shares = [files[start::processes] for start in range(processes)]
    context = multiprocessing.get_context("fork")  # the imports are done: start-up does not count
    workers = [context.Process(target=_loop, args=(share, target)) for share in shares]
    started = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    seconds = time.perf_counter() - started
    if any(worker.exitcode for worker in workers):
        raise SystemExit("the limit loop failed")
    return seconds


def _loop(files: list[Path], target: Path) -> None:
    limits = DecodeLimits()
    for path in files:
        data = path.read_bytes()
        name = target / hashlib.sha256(data).hexdigest()
        preview = name.with_suffix(".jpg")
        examine(path, preview, limits)
        with name.open("wb") as file:
            file.write(data)
            os.fsync(file.fileno())
        fsync(preview)
