"""A file on its way in: hashed while it is written to the staging folder, never held whole."""

import asyncio
import hashlib
import threading
from collections.abc import Callable
from io import FileIO
from pathlib import Path

from imgrepo_server.blobs.disk import full_disk_reported
from imgrepo_server.errors import ErrorCode, ImgrepoError

# Web-sized images are smaller, so that one hop to a thread hashes and writes all of one; larger
# pieces would no longer be in the processor's cache when they are written.
BUFFER_SIZE = 256 * 1024


class IncomingFile:
    """Write pieces, then ``finish``; ``discard`` removes the file unless it has been ``placed``.

    ``check`` is asked about the size as it grows, and raises what ``write`` is to raise.
    ``size`` and ``sha256`` (hexadecimal) are final once ``finish`` has returned.
    """

    def __init__(self, path: Path, limit: int, check: Callable[[int], None] | None = None):
        self.path = path
        self._check = check
        self.size = 0
        self._limit = limit
        self._digest = hashlib.sha256()
        self._buffered: list[bytes] = []
        self._buffered_size = 0
        self._file: FileIO | None = None
        self._gone = False
        # A cancelled caller leaves its thread at work: whoever discards waits for that one.
        self._working = threading.Lock()

    @property
    def sha256(self) -> str:
        """The hash of what has been written so far."""
        return self._digest.hexdigest()

    async def write(self, piece: bytes) -> None:
        """Take the next piece. Raises FILE_TOO_LARGE at the first byte over the limit."""
        self.size += len(piece)
        if self.size > self._limit:
            raise file_too_large(self._limit)
        if self._check is not None:
            self._check(self.size)
        self._buffered.append(piece)
        self._buffered_size += len(piece)
        if self._buffered_size >= BUFFER_SIZE:
            await asyncio.to_thread(self._flush)

    async def finish(self) -> None:
        """Write what is left. To bring it to the disk is the store's, who places it."""
        await asyncio.to_thread(self._finish)

    def placed(self) -> None:
        """The file has been moved away: there is nothing left to discard."""
        self._gone = True

    async def discard(self) -> None:
        """Close and remove the file, wherever the upload has stopped."""
        if not self._gone:
            await asyncio.to_thread(self._discard)

    def _flush(self) -> None:
        pieces, self._buffered, self._buffered_size = self._buffered, [], 0
        with self._working, full_disk_reported():
            if self._gone:
                return
            if self._file is None:
                self._file = FileIO(self.path, "x")
            for piece in pieces:
                self._digest.update(piece)
                _write_all(self._file, piece)

    def _finish(self) -> None:
        self._flush()
        with self._working, full_disk_reported():
            if self._file is not None and not self._gone:
                self._file.close()

    def _discard(self) -> None:
        with self._working:
            self._gone = True
            if self._file is not None:
                self._file.close()
            self.path.unlink(missing_ok=True)


def file_too_large(limit: int) -> ImgrepoError:
    """The refusal of a file over ``limit`` bytes."""
    return ImgrepoError(
        ErrorCode.FILE_TOO_LARGE,
        f"The file is larger than this server takes ({limit:,} bytes).",
        {"limit": limit},
    )


def _write_all(file: FileIO, piece: bytes) -> None:
    rest = memoryview(piece)
    while rest:  # a nearly full disk may take a part of it
        rest = rest[file.write(rest) :]
