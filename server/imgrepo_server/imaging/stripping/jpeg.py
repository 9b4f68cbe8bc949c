"""JPEG: a row of segments (ITU-T T.81, annex B), of which metadata takes some for itself."""

import re
from collections.abc import Iterator
from mmap import mmap
from typing import Final

from imgrepo_server.imaging.stripping.orientation import tiff_orientation
from imgrepo_server.imaging.stripping.pieces import Kept, MalformedError, Piece, Written

_EOI: Final = 0xD9
_SOS: Final = 0xDA
_APP0: Final = 0xE0
_APP1: Final = 0xE1
_COMMENT: Final = 0xFE
_ALONE: Final = frozenset({0x01, 0xD8, *range(0xD0, 0xD8)})  # markers without a length
_MARKER: Final = re.compile(rb"\xff+[^\xff\x00]", re.DOTALL)
_MARKER_AFTER_SCAN: Final = re.compile(rb"\xff+[^\xff\x00\xd0-\xd7]", re.DOTALL)
# Application segments without which the picture looks different.
_NEEDED: Final = {0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}


def strip_jpeg(data: mmap, orientation: int) -> Iterator[Piece]:
    """Without application segments and comments but those that colors depend on.

    Whatever follows the picture's end goes too: second pictures, films and their own metadata.
    """
    yield Kept(0, 2)
    exif = _exif(orientation)
    after = 2
    while (found := _MARKER.search(data, after)) is not None:
        marker, start = data[found.end() - 1], found.end() - 2
        if marker != _APP0:  # JFIF wants to be first
            yield Written(exif)
            exif = b""
        if marker == _EOI:
            yield Kept(start, start + 2)
            return
        after = start + 2 if marker in _ALONE else _end_of_segment(data, start)
        if marker == _APP0:
            yield from _jfif(data, start)
        elif marker == _SOS:
            rest = _MARKER_AFTER_SCAN.search(data, after)
            after = len(data) if rest is None else rest.start()
            yield Kept(start, after)
        elif not _is_metadata(data, marker, start):
            yield Kept(start, after)


def _end_of_segment(data: mmap, start: int) -> int:
    length = int.from_bytes(data[start + 2 : start + 4], "big")
    if length < 2 or start + 2 + length > len(data):
        raise MalformedError
    return start + 2 + length


def _is_metadata(data: mmap, marker: int, start: int) -> bool:
    needed = _NEEDED.get(marker)
    if needed is not None:
        return data[start + 4 : start + 4 + len(needed)] != needed
    return marker == _COMMENT or _APP0 <= marker <= 0xEF


def _jfif(data: mmap, start: int) -> Iterator[Piece]:
    """The header of JFIF 1.02 without its thumbnail, which may show what was cropped away."""
    if data[start + 4 : start + 9] == b"JFIF\0" and _end_of_segment(data, start) >= start + 18:
        yield Written(b"\xff\xe0\0\x10" + data[start + 4 : start + 16] + b"\0\0")


def _exif(orientation: int) -> bytes:
    if orientation == 1:
        return b""
    block = b"Exif\0\0" + tiff_orientation(orientation)
    return bytes((0xFF, _APP1)) + (len(block) + 2).to_bytes(2, "big") + block
