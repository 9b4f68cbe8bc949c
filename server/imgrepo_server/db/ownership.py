"""What becomes of an account's images when the account goes: another's, or nobody's."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from imgrepo_server.db import blobs, holdings, images
from imgrepo_server.db.tables import images as image_table
from imgrepo_server.models import Image, ImageChanges, User, Viewer


def purge_some(connection: Connection, owner: User, now: datetime, limit: int) -> int:
    """Delete at most ``limit`` images for good; returns how many there were."""
    some = _some(connection, owner, limit)
    for image in some:
        _purge(connection, image, now)
    return len(some)


def hand_over_some(connection: Connection, owner: User, to: User, now: datetime, limit: int) -> int:
    """Make at most ``limit`` images another account's; returns how many there were.

    Where that account has an image of the same bytes, its own stays, unless that one is in the
    trash and the other is not. Quotas are not asked: an administrator decides.
    """
    some = _some(connection, owner, limit)
    for image in some:
        theirs = images.of_blob(connection, to.id, _blob_seq(connection, image))
        if theirs is not None and (theirs.trashed_at is None or image.trashed_at is not None):
            _purge(connection, image, now)
            continue
        if theirs is not None:
            _purge(connection, theirs, now)
        connection.execute(
            sa.update(image_table).where(image_table.c.id == image.id).values(owner_id=to.id)
        )
        moved = images.own(connection, Viewer(to), image.id)
        if moved is None:
            raise LookupError(image.id)
        # Nobody shares with themselves; and the owner's name is among the words searched for.
        images.change(connection, moved, ImageChanges(unshare=(to.name,)))
    for user in (owner, to):
        if holdings.of_user(connection, user.id) is not None:
            holdings.begin(connection, user.id)
    return len(some)


def _some(connection: Connection, owner: User, limit: int) -> tuple[Image, ...]:
    seqs = connection.execute(
        sa.select(image_table.c.seq)
        .where(image_table.c.owner_id == owner.id)
        .order_by(image_table.c.seq)
        .limit(limit)
    )
    return tuple(images.own_by_seq(connection, Viewer(owner), seqs.scalars().all()).values())


def _purge(connection: Connection, image: Image, now: datetime) -> None:
    blobs.release(connection, image, images.purge(connection, image), now)


def _blob_seq(connection: Connection, image: Image) -> int:
    seq: int = connection.execute(
        sa.select(image_table.c.blob_seq).where(image_table.c.id == image.id)
    ).scalar_one()
    return seq
