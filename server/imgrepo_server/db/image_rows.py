"""From rows to images: what is read of one, with its tags and the people it is shared with."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from imgrepo_server.db import shares
from imgrepo_server.db import tags as tag_queries
from imgrepo_server.db.tables import blobs, images, users
from imgrepo_server.models import Image, Tier, Visibility

JOINED = images.join(blobs).join(users)
COLUMNS = (
    images.c.seq,
    images.c.id,
    users.c.name.label("owner"),
    images.c.owner_id,
    images.c.title,
    images.c.filename,
    images.c.description,
    images.c.visibility,
    images.c.created_at,
    images.c.trashed_at,
    images.c.gallery_tier,
    images.c.share_location,
    blobs.c.sha256,
    blobs.c.size,
    blobs.c.format,
    blobs.c.width,
    blobs.c.height,
    blobs.c.taken_at,
    blobs.c.exif,
)


def images_of(
    connection: Connection, rows: Sequence[Row[*tuple[Any, ...]]], viewer_id: int | None
) -> tuple[Image, ...]:
    """The images of rows with ``COLUMNS``, in their order, as the viewer may know them."""
    names = tag_queries.of_images(connection, [row.seq for row in rows])
    own = {row.seq: row.visibility for row in rows if row.owner_id == viewer_id}
    people = shares.names_of(
        connection, [seq for seq, seen in own.items() if seen == Visibility.SHARED]
    )
    return tuple(
        _image(
            row,
            tuple(names.get(row.seq, ())),
            people.get(row.seq, ()) if row.seq in own else None,
        )
        for row in rows
    )


def _image(
    row: Row[*tuple[Any, ...]], names: tuple[str, ...], people: tuple[str, ...] | None
) -> Image:
    return Image(
        id=row.id,
        owner=row.owner,
        owner_id=row.owner_id,
        title=row.title,
        filename=row.filename,
        description=row.description,
        tags=names,
        visibility=Visibility(row.visibility),
        created_at=row.created_at,
        trashed_at=row.trashed_at,
        sha256=row.sha256,
        size=row.size,
        format=row.format,
        width=row.width,
        height=row.height,
        taken_at=row.taken_at,
        exif=row.exif,
        shared_with=people,
        gallery_tier=None if row.gallery_tier is None else Tier(row.gallery_tier),
        share_location=row.share_location,
    )
