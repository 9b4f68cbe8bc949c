"""HEIC and AVIF: boxes that name items by their places in the file (ISO/IEC 14496-12, 23008-12).

Nothing may move, since places are told from the file's beginning: what goes is overwritten.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from mmap import mmap
from typing import Final

from imgrepo_server.imaging.stripping.pieces import (
    Blank,
    MalformedError,
    Piece,
    Written,
    overwritten,
)

Change = tuple[int, Piece]

_NEEDED: Final = frozenset({b"ftyp", b"mdat", b"free", b"skip", b"pdin"})
_NEEDED_IN_META: Final = frozenset(
    {b"hdlr", b"pitm", b"iinf", b"iloc", b"iref", b"iprp", b"idat", b"dinf", b"grpl", b"free"}
)
_METADATA_IN_FILM: Final = frozenset({b"udta", b"meta", b"uuid"})
_METADATA_ITEMS: Final = frozenset({b"Exif", b"mime", b"uri "})
_EMPTY_EXIF: Final = b"\0\0\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"
_EMPTY_XMP: Final = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'
_MOST_ITEMS: Final = 100_000


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    start: int
    body: int
    end: int

    def freed(self) -> Iterator[Change]:
        """Room that is free, in place of the box."""
        yield self.start + 4, Written(b"free")
        yield self.body, Blank(self.end - self.body)


class _Numbers:
    """Big-endian numbers, one after another."""

    def __init__(self, data: mmap, at: int, end: int):
        self._data, self.at, self._end = data, at, end

    def next(self, size: int) -> int:
        if self.at + size > self._end:
            raise MalformedError
        self.at += size
        return int.from_bytes(self._data[self.at - size : self.at], "big")


def strip_iso_media(data: mmap, orientation: int) -> Iterator[Piece]:
    """Without EXIF and XMP items and boxes beside the picture's own.

    How the picture is turned is said by its properties, which stay.
    """
    del orientation
    return overwritten(len(data), _changes(data))


def _changes(data: mmap) -> Iterator[Change]:
    for box in _boxes(data, 0, len(data)):
        if box.kind == b"meta":
            yield from _changes_of_items(data, box)
        elif box.kind == b"moov":
            yield from _changes_of_film(data, box)
        elif box.kind not in _NEEDED:
            yield from box.freed()


def _boxes(data: mmap, at: int, end: int) -> Iterator[_Box]:
    while at + 8 <= end:
        size, body = int.from_bytes(data[at : at + 4], "big"), at + 8
        if size == 1:
            size, body = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        following = end if size == 0 else at + size
        if not body <= following <= end:
            raise MalformedError
        yield _Box(data[at + 4 : at + 8], at, body, following)
        at = following


def _changes_of_film(data: mmap, film: _Box) -> Iterator[Change]:
    for box in _boxes(data, film.body, film.end):
        if box.kind in _METADATA_IN_FILM:
            yield from box.freed()
        elif box.kind == b"trak":
            yield from _changes_of_film(data, box)


def _changes_of_items(data: mmap, meta: _Box) -> Iterator[Change]:
    inside: dict[bytes, _Box] = {}
    for box in _boxes(data, meta.body + 4, meta.end):
        if box.kind in _NEEDED_IN_META:
            inside[box.kind] = box
        else:
            yield from box.freed()
    if not {b"iinf", b"iloc"} <= inside.keys():
        return
    kinds = dict(_item_kinds(data, inside[b"iinf"]))
    for item, extents in _item_extents(data, inside[b"iloc"], inside.get(b"idat")):
        if kinds.get(item) in _METADATA_ITEMS:
            empty = _EMPTY_EXIF if kinds[item] == b"Exif" else _EMPTY_XMP
            for at, size in extents:
                yield at, _emptied(size, empty)


def _emptied(size: int, empty: bytes) -> Piece:
    """Well-formed and without a word, where there is room for that."""
    if size < len(empty):
        return Blank(size)
    filling = b" " if empty == _EMPTY_XMP else b"\0"
    return Written(empty + filling * (size - len(empty)))


def _item_kinds(data: mmap, box: _Box) -> Iterator[tuple[int, bytes]]:
    """Each item's number and kind (ISO/IEC 14496-12, 8.11.6)."""
    first = box.body + (6 if data[box.body] == 0 else 8)  # after version, flags and count
    for entry in _boxes(data, first, box.end):
        version = data[entry.body]
        if entry.kind != b"infe" or version not in (2, 3):
            raise MalformedError
        numbers = _Numbers(data, entry.body + 4, entry.end)
        item = numbers.next(2 if version == 2 else 4)
        numbers.next(2)
        yield item, numbers.next(4).to_bytes(4, "big")


def _item_extents(
    data: mmap, box: _Box, inner: _Box | None
) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Each item's number, and the places and lengths of its parts (ISO/IEC 14496-12, 8.11.3)."""
    version = data[box.body]
    numbers = _Numbers(data, box.body + 4, box.end)
    widths = numbers.next(2)
    offset_size, length_size, base_size, index_size = (widths >> by & 15 for by in (12, 8, 4, 0))
    for _ in range(min(numbers.next(4 if version == 2 else 2), _MOST_ITEMS)):
        item = numbers.next(4 if version == 2 else 2)
        method = numbers.next(2) & 15 if version else 0
        numbers.next(2)  # in which file: ours, or nobody could decode the picture
        base = numbers.next(base_size)
        if method == 1 and inner is not None:
            base += inner.body
        extents = []
        for _ in range(numbers.next(2)):
            if version:
                numbers.next(index_size)
            extents.append((base + numbers.next(offset_size), numbers.next(length_size)))
        if method < 2:  # the rest is made of other items, not of bytes
            yield item, extents
