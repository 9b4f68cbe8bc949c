"""The nouns of the domain, as plain immutable values that every layer shares."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from imgrepo_server.query.tree import Everything, Node

MAX_TITLE = 500
"""Characters of a title."""
MAX_TAGS = 1000
"""Tags of an image."""

LOCATION_PREFIX = "gps_"
"""Begins the names of everything in ``exif`` that tells a place."""


class Visibility(StrEnum):
    """Who may see an image: its owner only, also the people it is shared with, or anybody.

    In the gallery everybody sees it, too, but not everybody gets the original.
    """

    PRIVATE = "private"
    SHARED = "shared"
    PUBLIC = "public"
    GALLERY = "gallery"


class Role(StrEnum):
    """What an account may do beyond its own images."""

    USER = "user"
    ADMIN = "admin"


class Tier(StrEnum):
    """What an account may hold and see, from least to most; no tier at all is above them all."""

    FREE = "free"
    PREMIUM = "premium"
    BUSINESS = "business"

    @property
    def rank(self) -> int:
        """0 for the least. The order of the names means nothing, so compare these."""
        return tuple(Tier).index(self)

    def is_reached_by(self, tier: "Tier | None") -> bool:
        """Whether somebody of that tier (None: without limits) has this one or more."""
        return tier is None or tier.rank >= self.rank


@dataclass(frozen=True, slots=True)
class User:
    """An account. ``id`` is internal and never leaves the server; ``name`` is public.

    Without a ``tier`` nothing is limited.
    """

    id: int
    name: str
    email: str | None
    role: Role
    created_at: datetime
    tier: Tier | None = None


@dataclass(frozen=True, slots=True)
class Viewer:
    """On whose behalf a question is asked; without a user, an anonymous caller."""

    user: User | None = None

    @property
    def user_id(self) -> int | None:
        """The account's internal id, None for an anonymous caller."""
        return self.user.id if self.user else None


ANONYMOUS = Viewer()


@dataclass(frozen=True, slots=True)
class View:
    """The three hashes of one way to look at a picture, packed big-endian, row by row.

    ``phash64`` and ``dhash64`` are 8 bytes (``imagehash.phash`` and ``imagehash.dhash`` with
    ``hash_size=8``), ``phash256`` is 32 bytes (``imagehash.phash`` with ``hash_size=16``).
    """

    phash64: bytes
    dhash64: bytes
    phash256: bytes


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What similarity search compares: the whole picture and, where it differs, its content box.

    ``version`` names the algorithm; ``flat`` marks pictures without enough detail to tell them
    from other flat ones.
    """

    version: int
    whole: View
    box: View | None
    flat: bool


@dataclass(frozen=True, slots=True)
class Examination:
    """What the decoder found out about a file's bytes.

    ``width`` and ``height`` are in pixels, as a person sees the picture, EXIF orientation applied.
    ``format`` is one of ``imaging.formats.FORMATS`` (``"jpeg"``, ``"png"``, …). ``exif`` holds
    JSON values only. ``taken_at`` is in UTC, None where the file does not say.
    """

    format: str
    width: int
    height: int
    fingerprint: Fingerprint
    taken_at: datetime | None = None
    exif: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Image:
    """A person's image: their words about it, and the facts about its bytes.

    ``shared_with`` are the names that its owner gave, for the owner alone: None for others.
    ``gallery_tier`` is from where upward the original is given out, in the gallery only.
    """

    id: UUID
    owner: str
    owner_id: int
    title: str
    filename: str
    description: str
    tags: tuple[str, ...]
    visibility: Visibility
    created_at: datetime
    trashed_at: datetime | None
    sha256: str
    size: int
    format: str
    width: int
    height: int
    taken_at: datetime | None
    exif: dict[str, Any]
    share_location: bool
    shared_with: tuple[str, ...] | None = None
    gallery_tier: Tier | None = None

    def exif_for(self, viewer: Viewer) -> dict[str, Any]:
        """What the viewer may know of ``exif``: of the place, only what the owner shares."""
        if self.share_location or viewer.user_id == self.owner_id:
            return self.exif
        return {
            name: value for name, value in self.exif.items() if not name.startswith(LOCATION_PREFIX)
        }


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of an image as they upload it; None leaves it to the file.

    ``tags`` are normalised names. With ``exif_tags``, the camera and the year become tags too.
    """

    filename: str
    visibility: Visibility
    title: str | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()
    exif_tags: bool = False


@dataclass(frozen=True, slots=True)
class NewImage:
    """The words under which an image is kept at first. ``tags`` are normalised names."""

    title: str
    filename: str
    description: str
    tags: tuple[str, ...]
    visibility: Visibility


@dataclass(frozen=True, slots=True)
class ImageChanges:
    """What an edit changes; None leaves a field as it is. Tags are normalised names.

    At most one of ``visibility`` (private or public), ``share_with``, ``gallery_tier`` and
    ``leave_gallery`` is given; see ``db.visibility`` for what becomes of an image.
    """

    title: str | None = None
    description: str | None = None
    visibility: Visibility | None = None
    share_with: tuple[str, ...] = ()
    unshare: tuple[str, ...] = ()
    gallery_tier: Tier | None = None
    leave_gallery: bool = False
    share_location: bool | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Usage:
    """What an account's images amount to, the trash included."""

    images: int
    bytes: int


class Resource(StrEnum):
    """What a link gives: the original, or previews of it."""

    FILE = "file"
    PREVIEW = "preview"


@dataclass(frozen=True, slots=True)
class Link:
    """A link to one image that works without a login until it expires."""

    id: UUID
    image_id: UUID
    title: str
    resource: Resource
    created_at: datetime
    expires_at: datetime


Clock = Callable[[], datetime]
"""Tells the time, in UTC; passed in, so that tests can hold it."""
