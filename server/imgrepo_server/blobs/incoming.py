"""A file on its way in: hashed while it is written to the staging folder, never held whole."""

import asyncio
import hashlib
import os
import stat
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from imgrepo_server.blobs.disk import full_disk_reported
from imgrepo_server.blobs.memory_file import memory_file
from imgrepo_server.errors import ErrorCode, ImgrepoError

# Web-sized images are smaller, so that one hop to a thread hashes and writes all of one; larger
# pieces would no longer be in the processor's cache when they are written.
BUFFER_SIZE = 256 * 1024


class IncomingFile:
    """Write pieces, then ``finish``; ``discard`` removes the file unless it has been ``placed``.

    ``check`` is asked about the size as it grows, and raises what ``write`` is to raise.
    ``size`` and ``sha256`` (hexadecimal) are final once ``finish`` has returned. Instead of being
    written in pieces it may be a copy of a file of this machine, which ``finish`` makes. What is
    only looked at need not be finished, see ``in_memory``.
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
        self._in_memory = False  # it has been looked at there, and no file of it begun
        self._gone = False
        self._unwanted = False
        self._source: str | None = None
        # A cancelled caller leaves its thread at work: whoever discards waits for that one.
        self._working = threading.Lock()

    @property
    def sha256(self) -> str:
        """The hash of what has been written so far."""
        return self._digest.hexdigest()

    @property
    def buffered(self) -> int:
        """The bytes of it that are only in memory so far."""
        return self._buffered_size

    @property
    def is_open(self) -> bool:
        """Whether it holds one of the process's open files."""
        return self._file is not None and not self._file.closed

    async def write(self, piece: bytes) -> None:
        """Take the next piece. Raises FILE_TOO_LARGE at the first byte over the limit."""
        self._grow(len(piece))
        self._buffered.append(piece)
        self._buffered_size += len(piece)
        if self._buffered_size >= BUFFER_SIZE:
            await asyncio.to_thread(self._flush)

    def copy_of(self, path: str) -> None:
        """Become a copy of a regular file of this machine."""
        self._source = path

    async def finish(self) -> None:
        """Write what is left. To bring it to the disk is the store's, who places it.

        Raises UNREADABLE_FILE where it was to be a copy of one, and FILE_TOO_LARGE.
        """
        self._in_memory = False
        await asyncio.to_thread(self._finish)

    @contextmanager
    def in_memory(self) -> Iterator[Path | None]:
        """As ``memory_file``, for all that was written; None where that is no longer in memory."""
        if self._file is not None or self._source is not None or self._buffered_size < self.size:
            yield None
            return
        self._in_memory = True
        with memory_file(self._buffered) as path:
            yield path

    async def digest(self) -> str:
        """The ``sha256`` of what has been written, also before ``finish``."""
        return await asyncio.to_thread(self._digest_now)

    def placed(self) -> None:
        """The file has been moved away: there is nothing left to discard."""
        self._gone = True

    async def discard(self) -> None:
        """Close and remove the file, wherever the upload has stopped."""
        self._unwanted = True
        if not self._gone and not self._in_memory:
            await asyncio.to_thread(self._discard)

    def discard_now(self) -> None:
        """As ``discard``, for one who is on a thread."""
        self._unwanted = True
        if not self._gone:
            self._discard()

    def _digest_now(self) -> str:
        with self._working:
            digest = self._digest.copy()
            for piece in self._buffered:
                digest.update(piece)
        return digest.hexdigest()

    def _grow(self, size: int) -> None:
        self.size += size
        if self.size > self._limit:
            raise file_too_large(self._limit)
        if self._check is not None:
            self._check(self.size)

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
        if self._source is not None:
            self._copy(self._source)
            self._source = None
        self._flush()
        with self._working, full_disk_reported():
            if self._file is not None and not self._gone:
                self._file.close()

    def _copy(self, path: str) -> None:
        with _readable(path) as source:
            while not self._unwanted and (piece := _read(source)):
                self._grow(len(piece))
                self._buffered.append(piece)
                self._flush()

    def _discard(self) -> None:
        with self._working:
            self._gone = True
            if self._file is not None:
                self._file.close()
            self.path.unlink(missing_ok=True)


async def discard_all(files: Sequence[IncomingFile]) -> None:
    """``discard`` files on one thread."""

    def discard() -> None:
        for file in files:
            file.discard_now()

    await asyncio.to_thread(discard)


async def finish_all(files: Sequence[IncomingFile]) -> list[Exception | None]:
    """``finish`` files on one thread: going to one costs more than writing a small file.

    Answers for each what ``finish`` would raise.
    """
    return await asyncio.to_thread(lambda: [_finished(file) for file in files])


def _finished(file: IncomingFile) -> Exception | None:
    try:
        file._finish()  # noqa: SLF001 - the same, on a thread that is there already
    except Exception as error:
        return error
    return None


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


def _readable(path: str) -> FileIO:
    try:
        # Else opening a named pipe would wait for somebody to write into it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise _unreadable(error) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ImgrepoError(ErrorCode.UNREADABLE_FILE, "This is not a regular file.")
    return FileIO(descriptor)


def _read(file: FileIO) -> bytes:
    try:
        return file.read(BUFFER_SIZE) or b""
    except OSError as error:
        raise _unreadable(error) from error


def _unreadable(error: OSError | ValueError) -> ImgrepoError:
    why = error.strerror if isinstance(error, OSError) else None
    return ImgrepoError(ErrorCode.UNREADABLE_FILE, f"The file cannot be read: {why or error}.")
