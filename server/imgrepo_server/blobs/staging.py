"""Staging folders: where files are made before they get their place.

Each process has its own, held by a lock that the kernel releases when the process dies, so that
whoever starts next can tell an abandoned folder from one in use. A lock on all of them is held
from making a folder to locking it, so that nobody takes a new folder for an abandoned one.
"""

import re
import shutil
from itertools import count
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

LOCK = "lock"
_OURS = re.compile("[0-9a-f]{32}")


class Staging:
    """The staging folder of this process, below ``parent``."""

    def __init__(self, parent: Path):
        self._parent = parent
        self._folder = parent / uuid4().hex
        self._lock = _lock(self._folder)
        self._numbers = count()

    def open(self) -> None:
        """Make the folder and sweep abandoned ones."""
        self._parent.mkdir(parents=True, exist_ok=True)
        with _lock(self._parent):
            self._folder.mkdir(mode=0o700)
            self._lock.acquire(blocking=False)
        sweep(self._parent)

    def path(self) -> Path:
        """A name that nobody else uses."""
        return self._folder / str(next(self._numbers))

    def close(self) -> None:
        """Remove the folder and all that is left in it."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._lock.release()


def sweep(parent: Path) -> int:
    """Remove the staging folders of processes that are gone; returns how many there were.

    Whatever else is in ``parent`` is somebody's own and stays.
    """
    removed = 0
    for folder in parent.iterdir():
        if not _OURS.fullmatch(folder.name):
            continue
        lock = _lock(folder)
        try:
            with _lock(parent):
                lock.acquire(blocking=False)
        except (Timeout, OSError):
            continue  # in use, removed by another sweep meanwhile, or not ours to remove
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()
        removed += 1
    return removed


def _lock(folder: Path) -> FileLock:
    return FileLock(folder / LOCK, is_singleton=False, thread_local=False)
