"""Pairs of images that their owner has told apart."""

import sqlalchemy as sa
from sqlalchemy import Connection

from imgrepo_server.db.access import owned_by
from imgrepo_server.db.dialect import insert_or_ignore
from imgrepo_server.db.tables import different_images, images
from imgrepo_server.models import Image, Viewer


def remember(connection: Connection, one: Image, other: Image) -> None:
    """Two images, not the same one, are different."""
    insert_or_ignore(connection, different_images, _pair(connection, one, other))


def forget(connection: Connection, one: Image, other: Image) -> None:
    """They may be proposed as duplicates again."""
    pair = _pair(connection, one, other)
    connection.execute(
        sa.delete(different_images).where(
            different_images.c.lower_seq == pair["lower_seq"],
            different_images.c.higher_seq == pair["higher_seq"],
        )
    )


def of(connection: Connection, viewer: Viewer) -> list[tuple[int, int]]:
    """The viewer's pairs, by the internal numbers of the images."""
    rows = connection.execute(
        sa.select(different_images.c.lower_seq, different_images.c.higher_seq)
        .join(images, images.c.seq == different_images.c.lower_seq)
        .where(owned_by(viewer))
    )
    return [(row.lower_seq, row.higher_seq) for row in rows]


def _pair(connection: Connection, one: Image, other: Image) -> dict[str, int]:
    lower, higher = connection.execute(
        sa.select(images.c.seq).where(images.c.id.in_((one.id, other.id))).order_by(images.c.seq)
    ).scalars()
    return {"lower_seq": lower, "higher_seq": higher}
