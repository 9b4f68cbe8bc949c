"""GIF: blocks of sub-blocks (GIF89a, appendix B)."""

from collections.abc import Iterator
from mmap import mmap
from typing import Final

from imgrepo_server.imaging.stripping.pieces import Kept, MalformedError, Piece

_NEEDED: Final = frozenset({b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"})
_COMMENT: Final = 0xFE
_APPLICATION: Final = 0xFF


def strip_gif(data: mmap, orientation: int) -> Iterator[Piece]:
    """Without comments and what programs keep for themselves; loops and colors stay."""
    if orientation != 1:  # said by XMP, and there is no other way to say it
        raise MalformedError
    at = 13 + _color_table(data[10:11])
    yield Kept(0, at)
    while at < len(data):
        match data[at : at + 1]:
            case b";":
                yield Kept(at, at + 1)
                return
            case b"!":
                end = _after_sub_blocks(data, at + 2)
                if not _is_metadata(data, at):
                    yield Kept(at, end)
            case b",":
                end = _after_sub_blocks(data, at + 11 + _color_table(data[at + 9 : at + 10]))
                yield Kept(at, end)
            case _:
                raise MalformedError
        at = end


def _is_metadata(data: mmap, at: int) -> bool:
    label = data[at + 1]
    if label == _APPLICATION:
        return data[at + 3 : at + 14] not in _NEEDED
    return label == _COMMENT


def _color_table(flags: bytes) -> int:
    return 3 << ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0


def _after_sub_blocks(data: mmap, at: int) -> int:
    while at < len(data):
        length = data[at]
        at += 1 + length
        if length == 0:
            return at
    raise MalformedError
