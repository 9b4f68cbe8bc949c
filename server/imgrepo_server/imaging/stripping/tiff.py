"""TIFF: directories of tags that name the places of everything else (TIFF 6.0, section 2).

Nothing may move. Directories are written anew where they are, with the tags that the picture
needs; what they name stays; all other bytes of the file become zeros, whatever they were.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from mmap import mmap
from typing import Final, Literal

from imgrepo_server.imaging.stripping.pieces import Blank, Kept, MalformedError, Piece, Written

_TYPE_SIZES: Final = {
    1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4,
    16: 8, 17: 8, 18: 8,
}  # fmt: skip
_WHOLE_NUMBERS: Final = frozenset({3, 4, 13, 16, 18})
# Tags that say how pixels are laid out, packed and colored, how large they are meant to be, and
# how the picture is turned. No text is among them.
_NEEDED: Final = frozenset(
    {
        254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 274, 277, 278, 279, 280, 281,
        282, 283, 284, 286, 287, 290, 291, 292, 293, 296, 297, 301, 317, 318, 319, 320, 321, 322,
        323, 324, 325, 326, 327, 328, 330, 332, 334, 336, 338, 339, 340, 341, 342, 347, 529, 530,
        531, 532, 559, 32995, 32996, 32997, 32998, 34675, 37439,
    }
)  # fmt: skip
_DATA: Final = ((273, 279), (324, 325))  # places and lengths of strips and tiles
_COMPRESSION: Final = 259
_SUB_DIRECTORIES: Final = 330
_OLD_JPEG: Final = 6  # names places in ways of its own
_MOST_DIRECTORIES: Final = 10_000

Placed = tuple[int, Piece]


@dataclass(frozen=True, slots=True)
class _Layout:
    """How wide numbers are: classic TIFF, or BigTIFF."""

    order: Literal["little", "big"]
    header: int
    count: int
    offset: int

    @property
    def entry(self) -> int:
        """Bytes of a directory's entry: tag, type, count, value."""
        return 4 + 2 * self.offset


@dataclass(frozen=True, slots=True)
class _Entry:
    tag: int
    raw: bytes
    kind: int
    at: int
    size: int
    inside: bool


def strip_tiff(data: mmap, orientation: int) -> Iterator[Piece]:
    """Only what the picture needs, with its orientation, in the places where it was."""
    del orientation  # one of the tags that stay
    layout = _layout(data)
    kept: list[Placed] = [(0, Kept(0, layout.header))]
    waiting = [_number(data, layout.header - layout.offset, layout.offset, layout)]
    seen: set[int] = set()
    while waiting:
        at = waiting.pop()
        if at == 0 or at in seen:
            continue
        seen.add(at)
        if len(seen) > _MOST_DIRECTORIES:
            raise MalformedError
        entries, following = _directory(data, at, layout)
        kept.append((at, _rewritten(entries, following, layout)))
        named = _named(data, entries, layout)
        kept.extend((start, Kept(start, start + size)) for start, size in named)
        waiting.append(following)
        waiting.extend(chain(*_values(data, entries, (_SUB_DIRECTORIES,), layout)))
    return _laid_out(len(data), kept)


def _layout(data: mmap) -> _Layout:
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"
    if int.from_bytes(data[2:4], order) == 43:
        return _Layout(order, header=16, count=8, offset=8)
    return _Layout(order, header=8, count=2, offset=4)


def _number(data: mmap, at: int, size: int, layout: _Layout) -> int:
    if at + size > len(data):
        raise MalformedError
    return int.from_bytes(data[at : at + size], layout.order)


def _directory(data: mmap, at: int, layout: _Layout) -> tuple[list[_Entry], int]:
    """The entries that the picture needs, and where the next directory is."""
    count = _number(data, at, layout.count, layout)
    end = at + layout.count + count * layout.entry
    following = _number(data, end, layout.offset, layout)
    entries = (_entry(data, place, layout) for place in range(at + layout.count, end, layout.entry))
    return [entry for entry in entries if entry.tag in _NEEDED], following


def _entry(data: mmap, at: int, layout: _Layout) -> _Entry:
    tag, kind = (_number(data, at + skip, 2, layout) for skip in (0, 2))
    size = _TYPE_SIZES.get(kind, 1) * _number(data, at + 4, layout.offset, layout)
    value = at + 4 + layout.offset
    inside = size <= layout.offset
    place = value if inside else _number(data, value, layout.offset, layout)
    if tag in _NEEDED and place + size > len(data):
        raise MalformedError
    return _Entry(tag, data[at : at + layout.entry], kind, place, size, inside)


def _rewritten(entries: list[_Entry], following: int, layout: _Layout) -> Written:
    parts = [len(entries).to_bytes(layout.count, layout.order)]
    parts += [entry.raw for entry in entries]
    return Written(b"".join([*parts, following.to_bytes(layout.offset, layout.order)]))


def _named(data: mmap, entries: list[_Entry], layout: _Layout) -> Iterator[tuple[int, int]]:
    """Places and lengths of what the entries name: values, strips, tiles."""
    yield from ((entry.at, entry.size) for entry in entries if not entry.inside)
    if [_OLD_JPEG] in _values(data, entries, (_COMPRESSION,), layout):
        raise MalformedError
    for tags in _DATA:
        places = list(_values(data, entries, tags, layout))
        if len(places) not in (0, 2) or len({len(each) for each in places}) > 1:
            raise MalformedError
        yield from zip(*places, strict=True)


def _values(
    data: mmap, entries: Iterable[_Entry], tags: tuple[int, ...], layout: _Layout
) -> Iterator[list[int]]:
    """The numbers of these tags, in that order; none of a tag that is missing."""
    by_tag = {entry.tag: entry for entry in entries}
    for entry in (by_tag[tag] for tag in tags if tag in by_tag):
        width = _TYPE_SIZES.get(entry.kind, 1)
        if entry.kind not in _WHOLE_NUMBERS:
            raise MalformedError
        raw = data[entry.at : entry.at + entry.size]
        yield [
            int.from_bytes(raw[at : at + width], layout.order) for at in range(0, len(raw), width)
        ]


def _laid_out(size: int, placed: list[Placed]) -> Iterator[Piece]:
    """The pieces in their places and zeros between them. Several may keep the same bytes."""
    merged: list[Placed] = []
    for at, piece in sorted(placed, key=lambda each: (each[0], each[0] + each[1].size)):
        last = merged[-1][1] if merged else None
        if isinstance(piece, Kept) and isinstance(last, Kept) and at <= last.stop:
            merged[-1] = merged[-1][0], Kept(last.start, max(last.stop, piece.stop))
        else:
            merged.append((at, piece))
    for (at, piece), (following, _) in pairwise([*merged, (size, Blank(0))]):
        if at + piece.size > following:
            raise MalformedError
        yield piece
        yield Blank(following - at - piece.size)
