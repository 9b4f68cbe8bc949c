"""Multipart/form-data bodies (RFC 7578) with files in them, of known length.

Built by hand because of what it costs: for a picture of 140 KB aiohttp's ``FormData`` takes several
times the CPU of handing over one head, the file's own pieces and one tail.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from concurrent.futures import Executor, Future
from contextlib import aclosing
from io import FileIO
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

from imgrepo_client.errors import LocalFileError
from imgrepo_client.names import sayable

WHOLE = 512 * 1024
"""Up to this size a file is read at once: cheaper than a thread for each piece."""

_PIECE = 512 * 1024
_ESCAPES = frozenset('"\\%')  # %: servers read %22 as browsers write it, for a quotation mark


class FileChangedError(LocalFileError):
    """The file got shorter while it was sent."""

    code = "file_changed"


class Form(Protocol):
    """A form that can be sent once. A fault of its file, met while sending, is kept in ``fault``.

    ``body`` is the body; ``moved`` is to be called whenever a piece of it was taken. Raises
    LocalFileError.
    """

    headers: dict[str, str]
    fault: LocalFileError | None

    def body(  # noqa: D102 - see above
        self, readers: Executor, moved: Callable[[], None]
    ) -> bytes | AsyncIterator[bytes]: ...


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
        self.headers = _headers(boundary, len(self._head) + size + len(self._tail))

    def body(self, readers: Executor, moved: Callable[[], None]) -> bytes | AsyncIterator[bytes]:
        """The body, for one attempt; large files are read by ``readers``, piece by piece.

        ``moved`` is called whenever a piece was taken. Raises LocalFileError where the file cannot
        be read; once pieces are being taken, it is raised there and kept in ``fault`` as well.
        """
        if self._size > WHOLE:
            return self._pieces(readers, moved)
        content = read_whole(self._path, self._size)
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


class Part(NamedTuple):
    """One part of a form; with ``filename``, a file's."""

    name: str
    content: bytes
    filename: str | None = None


class MultipartParts:
    """Parts that are in memory already; ``on_sent`` hears that they are under way."""

    def __init__(self, parts: Sequence[Part], on_sent: Callable[[], None] | None = None):
        boundary = secrets.token_hex(16)
        self.fault: LocalFileError | None = None
        self._on_sent = on_sent
        self._body = _joined(boundary, parts)
        self.headers = _headers(boundary, len(self._body))

    def body(self, readers: Executor, moved: Callable[[], None]) -> bytes:  # noqa: ARG002 - see Form
        """The whole body, for one attempt."""
        if self._on_sent is not None:
            self._on_sent()
        return self._body


def read_whole(path: str, size: int) -> bytes:
    """A file of ``size`` bytes. Raises LocalFileError where it cannot be read, or is smaller."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - may not be UTF-8
            content = file.read(size)
    except OSError as error:
        raise LocalFileError(error.strerror or str(error)) from error
    if len(content) != size:
        raise FileChangedError("changed while it was read")
    return content


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


def _headers(boundary: str, length: int) -> dict[str, str]:
    return {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Length": str(length),
    }


def _joined(boundary: str, parts: Sequence[Part]) -> bytes:
    pieces: list[bytes] = []
    for name, content, filename in parts:
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
            if filename is None
            else _file_head(boundary, name, filename)
        )
        pieces += (head.encode(), content, b"\r\n")
    pieces.append(f"--{boundary}--\r\n".encode())
    return b"".join(pieces)


def _head(boundary: str, fields: Sequence[tuple[str, str]], filename: str) -> bytes:
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields
    ]
    parts.append(_file_head(boundary, "file", filename))
    return "".join(parts).encode("utf-8", "replace")


def _file_head(boundary: str, name: str, filename: str) -> str:
    return (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; {_filename(filename)}\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )


def _filename(name: str) -> str:
    text = sayable(name)
    if text.isascii() and text.isprintable() and _ESCAPES.isdisjoint(text):
        return f'filename="{text}"'
    return f"filename*=utf-8''{quote(text, safe='')}"
