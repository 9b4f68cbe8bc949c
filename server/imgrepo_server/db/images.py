"""Images: what people say of their pictures, joined with the facts about the bytes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from imgrepo_server.db import holdings, image_words, links, term_index, visibility
from imgrepo_server.db import tags as tag_queries
from imgrepo_server.db.access import owned_by, visible_to
from imgrepo_server.db.blobs import Recorded
from imgrepo_server.db.image_rows import COLUMNS, JOINED, images_of
from imgrepo_server.db.tables import blobs, images, users
from imgrepo_server.db.users import shut_out
from imgrepo_server.models import Image, ImageChanges, NewImage, Tier, User, Viewer

# The owner's tier along with it, as it is at this moment: it may have changed during an upload.
# Empty for none, NULL for an account that is shut out.
_INSERT = sa.insert(images).returning(
    images.c.seq,
    sa.select(sa.func.coalesce(users.c.tier, ""))
    .where(users.c.id == sa.bindparam("tier_of"), users.c.disabled_at.is_(None))
    .scalar_subquery()
    .label("tier"),
)
_OF_BLOB = (
    sa.select(*COLUMNS)
    .select_from(JOINED)
    .where(
        images.c.owner_id == sa.bindparam("owner_id"), images.c.blob_seq == sa.bindparam("blob_seq")
    )
)


def add(
    connection: Connection,
    *,
    image_id: UUID,
    owner: User,
    blob: Recorded,
    new: NewImage,
    now: datetime,
) -> Tier | None:
    """Create an image with its tags; returns the owner's tier.

    Where there is one, the image is to be counted: see ``holdings.take``. Raises UNAUTHENTICATED
    for an owner who is not there any more, or is shut out.
    """
    words = image_words.of_new(new, owner)
    values = {
        "id": image_id,
        "owner_id": owner.id,
        "tier_of": owner.id,
        "blob_seq": blob.seq,
        "filename": new.filename,
        "visibility": new.visibility,
        "created_at": now,
        "size": blob.facts.size,
        "taken_at": blob.facts.taken_at,
        **words,
    }
    try:
        row = connection.execute(_INSERT, values).one()
    except sa.exc.IntegrityError as error:
        raise shut_out() from error
    if row.tier is None:
        raise shut_out()
    tag_queries.attach(connection, row.seq, new.tags)
    image_words.index_new(connection, row.seq, words["search_text"], blob.facts, now)
    return Tier(row.tier) if row.tier else None


def of_blob(connection: Connection, owner_id: int, blob_seq: int) -> Image | None:
    """The owner's image of these bytes, also from the trash."""
    rows = connection.execute(_OF_BLOB, {"owner_id": owner_id, "blob_seq": blob_seq}).all()
    return images_of(connection, rows, owner_id)[0] if rows else None


def visible(connection: Connection, viewer: Viewer, image_id: UUID) -> Image | None:
    """An image that the viewer may see."""
    return _one(connection, viewer.user_id, images.c.id == image_id, visible_to(viewer))


def own(connection: Connection, viewer: Viewer, image_id: UUID) -> Image | None:
    """An image that the viewer may change."""
    return _one(connection, viewer.user_id, images.c.id == image_id, owned_by(viewer))


def visible_by_seq(connection: Connection, viewer: Viewer, seqs: Sequence[int]) -> dict[int, Image]:
    """Visible images with these internal numbers."""
    return _by_seq(connection, viewer, images.c.seq.in_(seqs), visible_to(viewer))


def own_by_seq(connection: Connection, viewer: Viewer, seqs: Sequence[int]) -> dict[int, Image]:
    """The viewer's own images with these internal numbers."""
    return _by_seq(connection, viewer, images.c.seq.in_(seqs), owned_by(viewer))


def known(connection: Connection, owner_id: int, hashes: Sequence[str]) -> dict[str, UUID]:
    """Which of these bytes the owner already has, trash apart."""
    rows = connection.execute(
        sa.select(blobs.c.sha256, images.c.id)
        .select_from(images.join(blobs))
        .where(
            images.c.owner_id == owner_id,
            images.c.trashed_at.is_(None),
            blobs.c.sha256.in_(hashes),
        )
    )
    return {row.sha256: row.id for row in rows}


def change(connection: Connection, image: Image, changes: ImageChanges) -> Image:
    """Apply an edit; returns the image as it is now."""
    values: dict[str, Any] = {}
    if changes.title is not None:
        values |= image_words.of_title(changes.title)
    if changes.description is not None:
        values |= image_words.of_description(changes.description)
    if changes.share_location is not None:
        values["share_location"] = changes.share_location
    if values:
        connection.execute(sa.update(images).where(images.c.id == image.id).values(**values))
    seq = _seq(connection, image.id)
    visibility.change(connection, image, seq, changes)
    tag_queries.detach(connection, seq, changes.remove_tags)
    tag_queries.attach_more(connection, seq, changes.add_tags)
    image_words.index_again(connection, seq)
    return _only(connection, image)


def replace_words(connection: Connection, image: Image, new: NewImage) -> Image:
    """Take an image out of the trash under new words, as if it had been uploaded again."""
    connection.execute(
        sa.update(images)
        .where(images.c.id == image.id)
        .values(trashed_at=None, filename=new.filename)
    )
    return change(
        connection,
        image,
        ImageChanges(
            title=new.title,
            description=new.description,
            visibility=new.visibility,
            share_location=False,
            add_tags=new.tags,
            remove_tags=image.tags,
        ),
    )


def set_trashed(connection: Connection, image: Image, when: datetime | None) -> Image:
    """Put an image into the trash, which ends its links, or take it out."""
    if when is not None:
        links.end_of_image(connection, image.id)
    connection.execute(sa.update(images).where(images.c.id == image.id).values(trashed_at=when))
    return replace(image, trashed_at=when)


def purge(connection: Connection, image: Image) -> int:
    """Delete an image for good; returns the ``seq`` of the blob it named."""
    row = connection.execute(
        sa.select(images.c.seq, images.c.blob_seq).where(images.c.id == image.id)
    ).one()
    term_index.take_out(connection, row.seq)
    connection.execute(sa.delete(images).where(images.c.seq == row.seq))
    holdings.give_back(connection, image.owner_id, image.size)
    blob_seq: int = row.blob_seq
    return blob_seq


def _one(
    connection: Connection, viewer_id: int | None, *conditions: sa.ColumnElement[bool]
) -> Image | None:
    rows = connection.execute(sa.select(*COLUMNS).select_from(JOINED).where(*conditions)).all()
    return images_of(connection, rows, viewer_id)[0] if rows else None


def _by_seq(
    connection: Connection, viewer: Viewer, *conditions: sa.ColumnElement[bool]
) -> dict[int, Image]:
    rows = connection.execute(sa.select(*COLUMNS).select_from(JOINED).where(*conditions)).all()
    found = zip(rows, images_of(connection, rows, viewer.user_id), strict=True)
    return {row.seq: image for row, image in found}


def _only(connection: Connection, image: Image) -> Image:
    """The image as it is now, for its owner."""
    found = _one(connection, image.owner_id, images.c.id == image.id)
    if found is None:
        raise LookupError(image.id)
    return found


def _seq(connection: Connection, image_id: UUID) -> int:
    seq: int = connection.execute(
        sa.select(images.c.seq).where(images.c.id == image_id)
    ).scalar_one()
    return seq
