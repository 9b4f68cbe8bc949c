"""The query as a tree of plain values, made to be taken apart with ``match``.

A node that exists is well-formed: its constructor raises ``ValueError``, with a sentence for
people, for anything that :func:`~imgrepo_server.query.parse` could not have made.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import ClassVar, TypeAlias

from imgrepo_server.errors import ImgrepoError
from imgrepo_server.query.words import unsearchable
from imgrepo_server.text import fold, normalize_tag

MAX_WORD_LENGTH = 1000
"""Characters of a searched text, folded; a title has at most 500. Databases limit patterns too."""

FORMAT_NAMES = frozenset({"jpeg", "png", "gif", "webp", "tiff", "bmp", "avif", "heic"})
"""The formats of stored images; the same as those that are accepted for upload."""

LAST_MOMENT = datetime.max.replace(tzinfo=UTC)
"""Where a range ends that reaches beyond the last year that a ``datetime`` can name."""


@dataclass(frozen=True, slots=True)
class Everything:
    """The empty query: every image. It stands alone, never inside another node."""


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more conditions."""

    parts: tuple["Condition", ...]

    def __post_init__(self) -> None:
        _require_two(self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of two or more conditions."""

    parts: tuple["Condition", ...]

    def __post_init__(self) -> None:
        _require_two(self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class _Contains:
    """``text`` as it was written, a word or a phrase; compare it by ``imgrepo_server.text.fold``.

    Folded, it has between 1 and ``MAX_WORD_LENGTH`` characters.
    """

    text: str

    def __post_init__(self) -> None:
        _require_searchable(self.text)


@dataclass(frozen=True, slots=True)
class Keyword(_Contains):
    """``text`` is a part of the title, the description, one of the tags or the owner's name."""


@dataclass(frozen=True, slots=True)
class Title(_Contains):
    """``text`` is a part of the title."""


@dataclass(frozen=True, slots=True)
class Description(_Contains):
    """``text`` is a part of the description."""


@dataclass(frozen=True, slots=True)
class Camera(_Contains):
    """``text`` is a part of the camera's make or model, or of both with a blank between."""


@dataclass(frozen=True, slots=True)
class User:
    """The owner has this name; compare both by ``imgrepo_server.text.fold``."""

    name: str

    def __post_init__(self) -> None:
        _require_searchable(self.name)


@dataclass(frozen=True, slots=True)
class Tag:
    """The image carries this very tag; ``name`` as ``imgrepo_server.text.normalize_tag`` has it."""

    name: str

    def __post_init__(self) -> None:
        if self.name != normalized_tag(self.name):
            raise ValueError("Write the tag in its normalised form.")


class State(StrEnum):
    """What an image can be."""

    PRIVATE = "private"
    SHARED = "shared"
    PUBLIC = "public"
    GALLERY = "gallery"
    TRASHED = "trashed"


@dataclass(frozen=True, slots=True)
class Is:
    """The image has this visibility, or is in the trash (whatever its visibility)."""

    state: State


@dataclass(frozen=True, slots=True)
class Format:
    """The file has this format, one of ``FORMAT_NAMES``."""

    name: str

    def __post_init__(self) -> None:
        if self.name not in FORMAT_NAMES:
            raise ValueError(f"The formats are {', '.join(sorted(FORMAT_NAMES))}.")


@dataclass(frozen=True, slots=True)
class _Between:
    """A whole number, both ends included; None on one side: no limit there."""

    LARGEST: ClassVar[int]

    at_least: int | None
    at_most: int | None

    def __post_init__(self) -> None:
        if self.at_least is None and self.at_most is None:
            raise ValueError("A range needs at least one end: 1000.. or ..2000.")
        for bound in (self.at_least, self.at_most):
            if bound is not None and not 0 <= bound <= self.LARGEST:
                raise ValueError(f"Numbers here go from 0 to {self.LARGEST}.")
        if self.at_least is None or self.at_most is None:
            return
        if self.at_least > self.at_most:
            raise ValueError("This range is empty; write the smaller number first.")


@dataclass(frozen=True, slots=True)
class Width(_Between):
    """Width in pixels, as a person sees the picture."""

    LARGEST: ClassVar[int] = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Height(_Between):
    """Height in pixels, as a person sees the picture."""

    LARGEST: ClassVar[int] = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Size(_Between):
    """Size of the file in bytes."""

    LARGEST: ClassVar[int] = 2**63 - 1


@dataclass(frozen=True, slots=True)
class _During:
    """From ``start`` until just before ``end``, both UTC; None on one side: no limit there.

    An image without such a time is never inside.
    """

    start: datetime | None
    end: datetime | None

    def __post_init__(self) -> None:
        if self.start is None and self.end is None:
            raise ValueError("A range needs at least one end: 2021.. or ..2021.")
        for moment in (self.start, self.end):
            if moment is not None and moment.utcoffset() != timedelta(0):
                raise ValueError("Write the time in UTC.")
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError("This range is empty; write the earlier time first.")


@dataclass(frozen=True, slots=True)
class Taken(_During):
    """When the picture was taken, by its camera."""


@dataclass(frozen=True, slots=True)
class Added(_During):
    """When the image was uploaded."""


Contains: TypeAlias = Keyword | Title | Description | Camera
Between: TypeAlias = Width | Height | Size
During: TypeAlias = Taken | Added
Condition: TypeAlias = And | Or | Not | Contains | Tag | User | Is | Format | Between | During
Node: TypeAlias = Everything | Condition


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, parents first, in the order of the text.

    For questions about a query as a whole: does it ask for the trash, which words rank it.
    """
    yield node
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from walk(part)
        case Not(part):
            yield from walk(part)


def normalized_tag(text: str) -> str:
    """``normalize_tag`` for a node: raises ``ValueError`` with its sentence."""
    try:
        return normalize_tag(text)
    except ImgrepoError as error:
        raise ValueError(error.message) from None


def _require_two(parts: tuple["Condition", ...]) -> None:
    if len(parts) < 2:
        raise ValueError("Join at least two conditions.")


def _require_searchable(text: str) -> None:
    if refused := unsearchable(text):
        raise ValueError(f"Remove the character U+{ord(refused.group()):04X}.")
    length = len(fold(text))
    if not length:
        raise ValueError("There is nothing to search for in this; write a word, or leave it out.")
    if length > MAX_WORD_LENGTH:
        raise ValueError(f"This text is too long; search for at most {MAX_WORD_LENGTH} characters.")
