"""A multipart/form-data body (RFC 7578) with a file in it, of known length, never whole in memory.

Built by hand because of what it costs: for a picture of 140 KB aiohttp's ``FormData`` takes several
times the CPU of handing over one head, the file's own pieces and one tail.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from concurrent.futures import Executor, Future
from contextlib import aclosing
from io import FileIO
from typing import Any
from urllib.parse import quote

from imgrepo_client.errors import LocalFileError
from imgrepo_client.names import sayable

_WHOLE = 512 * 1024  # up to this size a file is read at once: cheaper than a thread for each piece
_PIECE = 512 * 1024
_ESCAPES = frozenset('"\\%')  # %: servers read %22 as browsers write it, for a quotation mark


class FileChangedError(LocalFileError):
    """The file got shorter while it was sent."""

    code = "file_changed"


class MultipartFile:
    """Form fields and then one file, ``file``.

    ``size`` is the file's in bytes; exactly so many are sent. ``on_sent`` hears of each piece's
    length. A fault of the file, met while sending, is kept in ``fault``.
    """

    def __init__(
        self,
        path: str,
        size: int,
        *,
        filename: str,
        fields: Sequence[tuple[str, str]] = (),
        on_sent: Callable[[int], None] | None = None,
    ):
        boundary = secrets.token_hex(16)
        self.fault: LocalFileError | None = None
        self._path = path
        self._size = size
        self._on_sent = on_sent
        self._head = _head(boundary, fields, filename)
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(self._head) + size + len(self._tail)),
        }

    def body(self, readers: Executor, moved: Callable[[], None]) -> bytes | AsyncIterator[bytes]:
        """The body, for one attempt; large files are read by ``readers``, piece by piece.

        ``moved`` is called whenever a piece was taken. Raises LocalFileError where the file cannot
        be read; once pieces are being taken, it is raised there and kept in ``fault`` as well.
        """
        if self._size > _WHOLE:
            return self._pieces(readers, moved)
        try:
            with open(self._path, "rb", buffering=0) as file:  # noqa: PTH123 - may not be UTF-8
                content = file.read(self._size)
        except OSError as error:
            raise LocalFileError(error.strerror or str(error)) from error
        if len(content) != self._size:
            raise FileChangedError("changed while it was read")
        if self._on_sent is not None:
            self._on_sent(self._size)
        return b"".join((self._head, content, self._tail))

    async def _pieces(self, readers: Executor, moved: Callable[[], None]) -> AsyncIterator[bytes]:
        yield self._head
        try:
            async with aclosing(_read(self._path, self._size, readers)) as pieces:
                async for piece in pieces:
                    yield piece
                    moved()
                    if self._on_sent is not None:
                        self._on_sent(len(piece))
        except OSError as error:
            self.fault = LocalFileError(error.strerror or str(error))
            raise self.fault from error
        except LocalFileError as error:
            self.fault = error
            raise
        yield self._tail


async def _read(path: str, size: int, readers: Executor) -> AsyncGenerator[bytes, None]:
    """Exactly ``size`` bytes, read in threads: on a network drive one read can take seconds."""
    opening = readers.submit(open, path, "rb", 0)
    under_way: Future[Any] = opening
    try:
        file = await asyncio.wrap_future(opening)
        while size:
            under_way = reading = readers.submit(file.read, min(size, _PIECE))
            piece = await asyncio.wrap_future(reading)
            if not piece:
                raise FileChangedError("changed while it was sent")
            size -= len(piece)
            yield piece
    finally:
        # After what a thread may still be doing: its descriptor must not be reused meanwhile.
        under_way.add_done_callback(lambda _: _close(opening))


def _close(opening: Future[FileIO]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def _head(boundary: str, fields: Sequence[tuple[str, str]], filename: str) -> bytes:
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; {_filename(filename)}\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return "".join(parts).encode("utf-8", "replace")


def _filename(name: str) -> str:
    text = sayable(name)
    if text.isascii() and text.isprintable() and _ESCAPES.isdisjoint(text):
        return f'filename="{text}"'
    return f"filename*=utf-8''{quote(text, safe='')}"
