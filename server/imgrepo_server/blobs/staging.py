"""Staging folders: where files are made before they get their place.

Each process has its own, held by a lock that the kernel releases when the process dies, so that
whoever starts next can tell an abandoned folder from one in use.
"""

import shutil
from itertools import count
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout


class Staging:
    """The staging folder of this process, below ``parent``."""

    def __init__(self, parent: Path):
        self._parent = parent
        self._folder = parent / uuid4().hex
        self._lock = _lock(self._folder)
        self._numbers = count()

    def open(self) -> None:
        """Make the folder and sweep abandoned ones."""
        self._folder, self._lock = _make(self._parent)
        sweep(self._parent)

    def path(self) -> Path:
        """A name that nobody else uses."""
        return self._folder / str(next(self._numbers))

    def close(self) -> None:
        """Remove the folder and all that is left in it."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._lock.release()


def sweep(parent: Path) -> int:
    """Remove the staging folders of processes that are gone; returns how many there were."""
    removed = 0
    for folder in parent.iterdir():
        lock = _lock(folder)
        try:
            lock.acquire(blocking=False)
        except (Timeout, FileNotFoundError, NotADirectoryError):
            continue  # in use, or removed by another sweep meanwhile
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()
        removed += 1
    return removed


def _make(parent: Path) -> tuple[Path, FileLock]:
    while True:
        folder = parent / uuid4().hex
        folder.mkdir(parents=True, mode=0o700)
        lock = _lock(folder)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            continue  # a sweep saw the folder before it was locked
        return folder, lock


def _lock(folder: Path) -> FileLock:
    return FileLock(folder / "lock", is_singleton=False, thread_local=False)
