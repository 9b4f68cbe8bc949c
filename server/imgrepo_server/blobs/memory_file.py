"""Files that other processes may open although no disk has them (Linux)."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path


@contextmanager
def memory_file(pieces: Iterable[bytes]) -> Iterator[Path | None]:
    """A path at which processes of this user read these bytes; None where there is no such thing.

    It ends with the context, and with this process however that ends. Writing it takes no longer
    than handing it to a thread, and no file has to be made and removed: ext4 without a journal
    looks through all that were removed in the last minute before it makes one. A system may keep
    processes from each other's files; opening it then raises ``PermissionError`` or
    ``FileNotFoundError``.
    """
    descriptor = _written(pieces)
    if descriptor is None:
        yield None
        return
    try:
        yield Path(f"/proc/{os.getpid()}/fd/{descriptor}")
    finally:
        os.close(descriptor)


def _written(pieces: Iterable[bytes]) -> int | None:
    if sys.platform != "linux" or not _is_itself(os.getpid()):
        return None
    try:
        descriptor = os.memfd_create("imgrepo")
    except OSError:  # forbidden, or too many files are open
        return None
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.writelines(pieces)
    except OSError:  # no memory
        os.close(descriptor)
        return None
    return descriptor


@cache
def _is_itself(process: int) -> bool:
    """Whether /proc knows this process by that number, and not as one of another namespace."""
    try:
        return Path("/proc/self").readlink() == Path(str(process))
    except OSError:
        return False
