"""What is told of images, to those who may see them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from imgrepo_server.api.prefix import API
from imgrepo_server.api.replies import Reply
from imgrepo_server.models import Image, Tier, Viewer, Visibility
from imgrepo_server.services.verification import VerifiedStatus


class LinksBody(Reply):
    """URL paths of an image's bytes and of its preview."""

    file: str
    preview: str


class ImageBody(Reply):
    """An image. Times are UTC, ``size`` is in bytes, ``width`` and ``height`` in pixels.

    ``exif`` tells where it was taken to its owner, and to others where ``share_location`` is true;
    that one is null for them, and so is ``shared_with``, the names that its owner gave.
    In the gallery, the original is for accounts of ``gallery_tier`` or above.
    """

    id: UUID
    title: str
    filename: str
    description: str
    tags: tuple[str, ...]
    visibility: Visibility
    shared_with: tuple[str, ...] | None
    gallery_tier: Tier | None
    owner: str
    sha256: str
    size: int
    width: int
    height: int
    format: str
    taken_at: datetime | None
    created_at: datetime
    trashed_at: datetime | None
    exif: dict[str, Any]
    share_location: bool | None
    links: LinksBody


class ImageReply(Reply):
    """One image."""

    image: ImageBody


class ImagesReply(Reply):
    """A page; ``next_cursor`` is null on the last one."""

    images: tuple[ImageBody, ...]
    next_cursor: str | None


class CheckReply(Reply):
    """The caller's images by hash; unknown hashes are left out."""

    known: dict[str, UUID]


class VerifiedBody(Reply):
    """``sha256`` is of the bytes as they were read just now."""

    id: UUID
    status: VerifiedStatus
    sha256: str | None


class VerifyReply(Reply):
    """In the order of the request."""

    results: tuple[VerifiedBody, ...]


def image_body(image: Image, viewer: Viewer) -> ImageBody:
    """An image, for somebody who may see it."""
    return ImageBody(**image_fields(image, viewer))


def image_fields(image: Image, viewer: Viewer) -> dict[str, Any]:
    """An image in fields, for an ``ImageBody`` or what adds to one."""
    path = f"{API}/images/{image.id}"
    own = image.owner_id == viewer.user_id
    return {
        **{name: getattr(image, name) for name in ImageBody.model_fields if name != "links"},
        "exif": image.exif_for(viewer),
        "share_location": image.share_location if own else None,
        "links": LinksBody(file=f"{path}/file", preview=f"{path}/preview"),
    }
