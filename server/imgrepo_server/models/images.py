"""Images: a person's words about them, the facts about their bytes, and who may see them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from imgrepo_server.models.accounts import Tier, Viewer

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
