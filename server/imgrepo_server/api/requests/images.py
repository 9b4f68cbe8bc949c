"""What is asked of images."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from imgrepo_server.api.requests import Request
from imgrepo_server.api.requests.fields import (
    ChosenVisibility,
    Description,
    People,
    PreviewSize,
    Sha256,
    Tags,
    Title,
)
from imgrepo_server.models import Tier


class CheckRequest(Request):
    """Hashes to look for among the caller's own images."""

    sha256: Annotated[tuple[Sha256, ...], Field(max_length=5000)]


class VerifyRequest(Request):
    """Images whose stored bytes are to be read and hashed again."""

    ids: Annotated[tuple[UUID, ...], Field(max_length=500)]


class Edit(Request):
    """What to change; what is left out stays.

    ``share_with`` names people who see the image beside its owner, and nobody else then does;
    names that no account has are kept without effect. ``unshare`` takes people off; with the last
    of them the image becomes private, as it does with ``visibility``, which forgets them all.
    ``gallery_tier``, for administrators, publishes an image in the gallery; ``none`` makes one that
    is there private.
    ``share_location``: whether others may know where the image was taken.
    """

    title: Title | None = None
    description: Description | None = None
    visibility: ChosenVisibility | None = None
    share_with: People = ()
    unshare: People = ()
    gallery_tier: Tier | Literal["none"] | None = None
    share_location: bool | None = None
    add_tags: Tags = ()
    remove_tags: Tags = ()

    @model_validator(mode="after")
    def _one_audience(self) -> Self:
        given = [self.visibility, self.share_with or None, self.gallery_tier]
        if sum(one is not None for one in given) > 1:
            raise ValueError("Give only one of visibility, share_with and gallery_tier")
        return self


class FileQuery(Request):
    """With ``strip=metadata``, without EXIF, XMP, IPTC and comments; the pixels stay the same."""

    strip: Literal["metadata"] | None = None


class PreviewQuery(Request):
    """``size``: pixels of the long side."""

    size: PreviewSize = 512


class DeleteQuery(Request):
    """With ``purge``, for good; otherwise into the trash."""

    purge: bool = False
