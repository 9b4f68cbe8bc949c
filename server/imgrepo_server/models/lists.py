"""What is asked of a list of images, and what a page of it holds."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from imgrepo_server.models.images import Image
from imgrepo_server.query.tree import Everything, Node


@dataclass(frozen=True, slots=True)
class ImageFilter:
    """Which images a list or a search is about; all conditions must hold.

    ``keywords`` are looked for in title, description, tags and owner's name, in any case and with
    any accents; ``tags`` are normalised names; ``owner`` is a user's name. The trash is left out
    unless ``query`` asks for it.
    """

    keywords: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    owner: str | None = None
    gallery: bool = False
    query: Node = field(default_factory=Everything)


class Sort(StrEnum):
    """Orders of a list; a leading minus is descending. Ties are broken by age, in that direction.

    ``taken`` and ``-taken`` both end with the images without a known time. ``relevance``: first
    those with all words in the title, each part newest first.
    """

    ADDED = "added"
    NEWEST = "-added"
    TAKEN = "taken"
    LATEST_TAKEN = "-taken"
    TITLE = "title"
    SIZE = "size"
    RELEVANCE = "relevance"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page of matches ended: the sort key's value (JSON-able), the last image's id."""

    key: str | int
    id: UUID


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a list ended: in which stretch of its order, and at which image there.

    ``key`` is the value that the stretch is sorted by (JSON-able), ``seq`` the image's number.
    """

    stretch: int
    key: str | int | None
    seq: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; ``next`` is None on the last one."""

    images: tuple[Image, ...]
    next: Place | None


@dataclass(frozen=True, slots=True)
class TagCount:
    """A tag, and how many images the viewer can see with it."""

    name: str
    count: int
