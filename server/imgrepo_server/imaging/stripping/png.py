"""PNG: a row of chunks, each with its length, type and checksum (PNG third edition, 5.3)."""

import zlib
from collections.abc import Iterator
from mmap import mmap
from typing import Final

from imgrepo_server.imaging.stripping.orientation import tiff_orientation
from imgrepo_server.imaging.stripping.pieces import Kept, MalformedError, Piece, Written

# What decides how the picture looks; chunks whose type begins with a capital do so always.
_NEEDED: Final = frozenset(
    {
        b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV", b"mDCv", b"cLLI",
        b"cLLi", b"bKGD", b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT",
    }
)  # fmt: skip


def strip_png(data: mmap, orientation: int) -> Iterator[Piece]:
    """Without texts, times, EXIF and every chunk that nobody needs to draw the picture."""
    yield Kept(0, 8)
    at = 8
    while at + 12 <= len(data):
        kind = data[at + 4 : at + 8]
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data):
            raise MalformedError
        if kind[:1].isupper() or kind in _NEEDED:
            yield Kept(at, end)
        if kind == b"IHDR" and orientation != 1:
            yield Written(_chunk(b"eXIf", tiff_orientation(orientation)))
        if kind == b"IEND":
            return
        at = end
    raise MalformedError


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(kind + body).to_bytes(4, "big")
    return len(body).to_bytes(4, "big") + kind + body + checksum
