"""WebP: a RIFF file of chunks, the first of which tells what the others are (RFC 9649, 2.7)."""

from collections.abc import Iterator
from mmap import mmap
from typing import Final

from imgrepo_server.imaging.stripping.orientation import tiff_orientation
from imgrepo_server.imaging.stripping.pieces import Kept, MalformedError, Piece, Written

_NEEDED: Final = frozenset({b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_HAS_EXIF: Final = 0x08
_HAS_XMP: Final = 0x04


def strip_webp(data: mmap, orientation: int) -> Iterator[Piece]:
    """Without EXIF, XMP and unknown chunks."""
    chunks = list(_needed_chunks(data, orientation))
    if orientation != 1:
        exif = tiff_orientation(orientation)
        chunks.append(Written(b"EXIF" + len(exif).to_bytes(4, "little") + exif))
    size = 4 + sum(chunk.size for chunk in chunks)
    yield Written(b"RIFF" + size.to_bytes(4, "little") + b"WEBP")
    yield from chunks


def _needed_chunks(data: mmap, orientation: int) -> Iterator[Piece]:
    at, described = 12, False
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while at + 8 <= end:
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        following = at + 8 + length
        padded = following + length % 2
        if following > end:
            raise MalformedError
        if kind == b"VP8X" and length == 10:
            described = True
            flags = data[at + 8] & ~(_HAS_EXIF | _HAS_XMP)
            yield Kept(at, at + 8)
            yield Written(bytes((flags | (_HAS_EXIF if orientation != 1 else 0),)))
            yield Kept(at + 9, following)
        elif kind in _NEEDED:
            yield Kept(at, min(padded, len(data)))
            yield Written(b"\0" * (padded - len(data)))  # some leave out the last one's
        at = padded
    if orientation != 1 and not described:  # nothing could say that there is EXIF
        raise MalformedError
