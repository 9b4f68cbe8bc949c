"""A file as pieces of another file and a few bytes of its own."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO, Final

from imgrepo_server.errors import ErrorCode, ImgrepoError

Buffer = bytes | memoryview

_MOST_PIECES: Final = 50_000


@dataclass(frozen=True, slots=True)
class Kept:
    """The original's bytes from ``start`` up to ``stop``."""

    start: int
    stop: int

    @property
    def size(self) -> int:
        """In bytes."""
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Written:
    """Bytes of its own."""

    data: bytes

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.data)


@dataclass(frozen=True, slots=True)
class Blank:
    """So many zeros, in the place of what has to keep its length."""

    size: int


Piece = Kept | Written | Blank


def tidied(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The same file in as few pieces as can be. Raises as ``not_removable`` for far too many."""
    tidy: list[Piece] = []
    for piece in pieces:
        last = tidy[-1] if tidy else None
        if piece.size == 0:
            continue
        if isinstance(piece, Kept) and isinstance(last, Kept) and last.stop == piece.start:
            tidy[-1] = Kept(last.start, piece.stop)
        else:
            tidy.append(piece)
        if len(tidy) > _MOST_PIECES:
            raise not_removable("this file, which has far too many parts")
    return tuple(tidy)


def overwritten(size: int, changes: Iterable[tuple[int, Piece]]) -> Iterator[Piece]:
    """A file of ``size`` bytes with pieces laid over it; lengths and places stay as they are.

    Raises ``MalformedError`` where one would lie over another, or over the end.
    """
    placed = sorted(changes, key=lambda change: change[0])
    for (at, piece), (following, _) in pairwise(placed):
        if at + piece.size > following:
            raise MalformedError
    end = 0
    for at, piece in placed:
        if at < end or at + piece.size > size:
            raise MalformedError
        yield Kept(end, at)
        yield piece
        end = at + piece.size
    yield Kept(end, size)


class SplicedFile(io.RawIOBase):
    """Reads the pieces as if they were a file. ``original`` stays open, and its opener's."""

    def __init__(self, original: BinaryIO, pieces: tuple[Piece, ...]):
        self._original = original
        self._pieces = pieces
        self._size = sum(piece.size for piece in pieces)
        self._at = 0

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def seekable(self) -> bool:
        """In any order."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As any file does."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Where the next byte comes from."""
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """Up to ``size`` bytes; all the rest for None or a negative number."""
        stop = self._size if size is None or size < 0 else min(self._size, self._at + size)
        parts = []
        for part in between(self._pieces, self._at, stop):
            if isinstance(part, Kept):
                self._original.seek(part.start)
                parts.append(self._original.read(part.size))
            else:
                parts.append(part.data if isinstance(part, Written) else bytes(part.size))
        self._at = max(self._at, stop)
        return b"".join(parts)


def between(pieces: Iterable[Piece], start: int, stop: int) -> Iterator[Piece]:
    """The pieces, or parts of them, that make up the bytes from ``start`` up to ``stop``."""
    at = 0
    for piece in pieces:
        first, last = max(start - at, 0), min(stop - at, piece.size)
        if first < last:
            match piece:
                case Kept(begin, _):
                    yield Kept(begin + first, begin + last)
                case Written(data):
                    yield Written(data[first:last])
                case Blank():
                    yield Blank(last - first)
        at += piece.size
        if at >= stop:
            return


class MalformedError(Exception):
    """The parts of a file cannot be told apart with certainty."""


def not_removable(what: str) -> ImgrepoError:
    """The refusal, with what to do instead."""
    return ImgrepoError(
        ErrorCode.METADATA_NOT_REMOVABLE,
        f"Metadata cannot be taken out of {what} without encoding the picture anew. Look at its "
        "preview, which has none; or convert the file to JPEG, PNG or WebP and upload that.",
    )
