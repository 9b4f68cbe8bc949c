"""The fields, ``name:value``: one table of what may stand before a colon, and what it makes."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

from imgrepo_server.query import tree
from imgrepo_server.query.dates import interval
from imgrepo_server.query.numbers import UNITS, file_size, pixels
from imgrepo_server.query.ranges import Piece


@dataclass(frozen=True, slots=True)
class Field:
    """``read`` makes a condition of what stands behind the colon, for instance ``example``.

    It raises ``Fault``, or ``ValueError`` for a fault of the value as a whole. ``units`` are
    words that belong to the value: ``size:<2 MB`` does not mean the keyword "MB".
    """

    example: str
    read: Callable[[Piece], tree.Condition]
    units: Collection[str] = ()


def _is(piece: Piece) -> tree.Is:
    return tree.Is(tree.State(_one_of(piece, tree.State, {})))


def _format(piece: Piece) -> tree.Format:
    return tree.Format(
        _one_of(piece, tree.FORMAT_NAMES, {"jpg": "jpeg", "tif": "tiff", "heif": "heic"})
    )


FIELDS = MappingProxyType(
    {
        "tag": Field("beach", lambda piece: tree.Tag(tree.normalized_tag(piece.text))),
        "user": Field("jeff", lambda piece: tree.User(piece.text)),
        "title": Field("cat", lambda piece: tree.Title(piece.text)),
        "description": Field("sunset", lambda piece: tree.Description(piece.text)),
        "is": Field("private", _is),
        "type": Field("jpeg", _format),
        "camera": Field("nikon", lambda piece: tree.Camera(piece.text)),
        "width": Field(">=1000", lambda piece: tree.Width(*pixels(piece))),
        "height": Field("600..800", lambda piece: tree.Height(*pixels(piece))),
        "size": Field("<2MB", lambda piece: tree.Size(*file_size(piece)), UNITS),
        "taken": Field("2021-06..2021-08", lambda piece: tree.Taken(*interval(piece))),
        "added": Field(">=2026-01-01", lambda piece: tree.Added(*interval(piece))),
    }
)
"""The fields by name."""


def suggestion(written: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    return next(iter(get_close_matches(written.lower(), list(known), n=1)), None)


def _one_of(piece: Piece, names: Iterable[str], others: dict[str, str]) -> str:
    """The name that ``piece`` gives, in any case; ``others`` maps more spellings to names."""
    written = piece.text.lower()
    choices = sorted(names)
    name = others.get(written, written)
    if name in choices:
        return name
    meant = suggestion(written, choices)
    raise piece.fault(
        f"“{piece.text}” is not known here; "
        + (f"did you mean “{meant}”?" if meant else f"use one of {', '.join(choices)}."),
        hint=f"Possible are {', '.join(choices)}." if meant else None,
    )
