"""Previews that were made for images that are purged meanwhile."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from imgrepo_server.db.tables import removed_previews
from imgrepo_server.models import Image


class RemovedPreviews(NamedTuple):
    """Whose previews may go: those of a purged image, and the bytes that it showed."""

    image_id: UUID
    sha256: str


def mark(connection: Connection, image: Image, now: datetime) -> None:
    """Mark an image's previews for removal: it is purged in the same transaction."""
    connection.execute(
        sa.insert(removed_previews).values(image_id=image.id, sha256=image.sha256, removed_at=now)
    )


def due(connection: Connection, before: datetime, limit: int) -> Sequence[RemovedPreviews]:
    """Some of those that were marked before that moment."""
    rows = connection.execute(
        sa.select(removed_previews.c.image_id, removed_previews.c.sha256)
        .where(removed_previews.c.removed_at < before)
        .limit(limit)
    )
    return [RemovedPreviews(*row) for row in rows]


def forget(connection: Connection, gone: Sequence[RemovedPreviews]) -> None:
    """They are gone: drop their marks."""
    these = removed_previews.c.image_id.in_([one.image_id for one in gone])
    connection.execute(sa.delete(removed_previews).where(these))
