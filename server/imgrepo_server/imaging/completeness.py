"""Whether a file holds all the bytes that its container promises.

Decoders stop when they have what they need: the first frame of an animation, the part of a
picture that a reduced decode reads. A copy that lost its end would pass them, and would be kept
in place of the whole one. JPEG, TIFF and BMP are not walked here: their decoders read to the end.
"""

import os
from collections.abc import Callable
from types import MappingProxyType
from typing import BinaryIO, Final

from imgrepo_server.imaging.formats import AVIF, GIF, HEIC, PNG, WEBP, Format


def ends_early(file: BinaryIO, claimed: Format) -> bool:
    """Whether the end of the file is missing; false also where this cannot be told.

    Bytes beyond the end of the picture are nobody's concern.
    """
    walk = _WALKS.get(claimed.name)
    if walk is None:
        return False
    size = file.seek(0, os.SEEK_END)
    return walk(file, size)


def _png(file: BinaryIO, size: int) -> bool:
    """Chunks: length, type, data, checksum, until IEND (PNG third edition, 5.3)."""
    at = 8
    while at + 12 <= size:
        file.seek(at)
        header = file.read(8)
        if header[4:] == b"IEND":
            return False
        at += 12 + int.from_bytes(header[:4], "big")
    return True


def _gif(file: BinaryIO, size: int) -> bool:
    """Blocks of sub-blocks until the trailer (GIF89a, appendix B)."""
    file.seek(10)
    at = 13 + _color_table(file.read(1))
    while at < size:
        file.seek(at)
        block = file.read(10)
        if block[:1] == b"!":
            at = _after_sub_blocks(file, at + 2)
        elif block[:1] == b",":
            at = _after_sub_blocks(file, at + 11 + _color_table(block[9:10]))
        else:
            return block[:1] != b";" and size - at < 2
    return True


def _color_table(flags: bytes) -> int:
    return 3 << ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0


def _after_sub_blocks(file: BinaryIO, at: int) -> int:
    file.seek(at)
    while length := file.read(1):
        at += 1 + length[0]
        if length == b"\0":
            break
        file.seek(at)
    return at


def _webp(file: BinaryIO, size: int) -> bool:
    """The size in the RIFF header (RFC 9649, 2.4)."""
    file.seek(4)
    return 8 + int.from_bytes(file.read(4), "little") > size


def _iso_media(file: BinaryIO, size: int) -> bool:
    """Boxes, each beginning with its length (ISO/IEC 14496-12, 4.2)."""
    at = 0
    while at < size:
        file.seek(at)
        header = file.read(16)
        length = int.from_bytes(header[:4], "big")
        if length == 0:  # up to the end of the file
            return False
        if length == 1:  # the real length follows the type
            length = int.from_bytes(header[8:16], "big")
        if len(header) < 8 or length < 8:
            return len(header) < 8
        at += length
    return at > size


_WALKS: Final = MappingProxyType[str, Callable[[BinaryIO, int], bool]](
    {
        PNG.name: _png,
        GIF.name: _gif,
        WEBP.name: _webp,
        AVIF.name: _iso_media,
        HEIC.name: _iso_media,
    }
)
