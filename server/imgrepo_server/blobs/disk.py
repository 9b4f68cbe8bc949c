"""The two things about disks that every writer of files here needs."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imgrepo_server.errors import ErrorCode, ImgrepoError


@contextmanager
def full_disk_reported() -> Iterator[None]:
    """Turn the system's "no space left" into ``ImgrepoError`` with ``STORAGE_FULL``."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise ImgrepoError(
                ErrorCode.STORAGE_FULL,
                "The server's disk is full. Free some space there, then try again.",
            ) from error
        raise


def fsync(path: Path | str) -> None:
    """Bring a file, or a folder's entries, to the disk. Windows has no fsync of folders."""
    if os.name == "nt" and Path(path).is_dir():
        return
    # Windows brings only those files to the disk that are open for writing.
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
