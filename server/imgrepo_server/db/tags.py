"""Tags: a name is stored once; images and tags are many to many."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from imgrepo_server.db.access import owned_by, visible_to
from imgrepo_server.db.dialect import insert_or_ignore
from imgrepo_server.db.tables import image_tags, images, tags
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import MAX_TAGS, TagCount, Viewer

_ID = sa.select(tags.c.id).where(tags.c.name == sa.bindparam("name"))


def attach_more(connection: Connection, image_seq: int, names: Sequence[str]) -> None:
    """As ``attach``; INVALID_REQUEST where the image would have more than ``MAX_TAGS``."""
    attach(connection, image_seq, names)
    count = sa.select(sa.func.count()).where(image_tags.c.image_seq == image_seq)
    if names and (total := connection.execute(count).scalar_one()) > MAX_TAGS:
        raise ImgrepoError(
            ErrorCode.INVALID_REQUEST,
            f"An image has {MAX_TAGS:,} tags at the most, and would have {total:,};"
            " add fewer, or remove some.",
            {"field": "add_tags", "limit": MAX_TAGS},
        )


def attach(connection: Connection, image_seq: int, names: Iterable[str]) -> None:
    """Give an image tags (normalised names), reusing those that exist."""
    for name in names:
        tag_id = connection.execute(_ID, {"name": name}).scalar()
        if tag_id is None:
            insert_or_ignore(connection, tags, {"name": name})
            tag_id = connection.execute(_ID, {"name": name}).scalar_one()
        insert_or_ignore(connection, image_tags, {"image_seq": image_seq, "tag_id": tag_id})


def detach(connection: Connection, image_seq: int, names: Sequence[str]) -> None:
    """Take tags from an image; those it does not have are no error."""
    connection.execute(
        sa.delete(image_tags).where(
            image_tags.c.image_seq == image_seq,
            image_tags.c.tag_id.in_(sa.select(tags.c.id).where(tags.c.name.in_(names))),
        )
    )


def of_images(connection: Connection, image_seqs: Sequence[int]) -> dict[int, list[str]]:
    """The tags of each image, in alphabetical order."""
    rows = connection.execute(
        sa.select(image_tags.c.image_seq, tags.c.name)
        .join(tags)
        .where(image_tags.c.image_seq.in_(image_seqs))
        .order_by(tags.c.name)
    )
    found: dict[int, list[str]] = {}
    for seq, name in rows:
        found.setdefault(seq, []).append(name)
    return found


def carriers(connection: Connection, viewer: Viewer, name: str, limit: int) -> Sequence[int]:
    """Internal numbers of the viewer's own images that carry a tag, the trashed ones included."""
    return (
        connection.execute(
            sa.select(images.c.seq)
            .select_from(images.join(image_tags).join(tags))
            .where(owned_by(viewer), tags.c.name == name)
            .limit(limit)
        )
        .scalars()
        .all()
    )


def counts(connection: Connection, viewer: Viewer, prefix: str, limit: int) -> list[TagCount]:
    """Tags that begin with ``prefix``, counted over the images that the viewer can see.

    A tag that stands only on images out of the viewer's sight is not there. Trash does not count.
    """
    count = sa.func.count().label("images")
    rows = connection.execute(
        sa.select(tags.c.name, count)
        .select_from(tags.join(image_tags).join(images))
        .where(
            visible_to(viewer),
            images.c.trashed_at.is_(None),
            tags.c.name.startswith(prefix, autoescape=True),
        )
        .group_by(tags.c.name)
        .order_by(count.desc(), tags.c.name)
        .limit(limit)
    )
    return [TagCount(row.name, row.images) for row in rows]
