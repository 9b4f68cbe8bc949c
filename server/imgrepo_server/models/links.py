"""Links to one image that need no login."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


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
