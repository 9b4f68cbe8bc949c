"""Links: one works while its row is here, its image is kept, and its maker still owns that."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from imgrepo_server.db.access import owned_by
from imgrepo_server.db.tables import images, links, users
from imgrepo_server.db.users import USER, user_from_row
from imgrepo_server.models import Link, Resource, User, Viewer


def add(connection: Connection, viewer: Viewer, link: Link) -> None:
    """Keep a link to an own image; forget those that have expired meanwhile."""
    connection.execute(sa.delete(links).where(links.c.expires_at <= link.created_at))
    image_seq = sa.select(images.c.seq).where(images.c.id == link.image_id, owned_by(viewer))
    connection.execute(
        sa.insert(links).values(
            id=link.id,
            image_seq=image_seq.scalar_subquery(),
            user_id=viewer.user_id,
            resource=link.resource,
            created_at=link.created_at,
            expires_at=link.expires_at,
        )
    )


def maker(connection: Connection, link_id: UUID, now: datetime) -> User | None:
    """Who made a link that still works; None also where their account was disabled."""
    row = connection.execute(
        sa.select(*USER)
        .select_from(links.join(users))
        .where(links.c.id == link_id, links.c.expires_at > now, users.c.disabled_at.is_(None))
    ).first()
    return None if row is None else user_from_row(row)


def of(connection: Connection, viewer: Viewer, now: datetime) -> Sequence[Link]:
    """The viewer's links that still work, newest first."""
    rows = connection.execute(
        sa.select(
            links.c.id,
            images.c.id.label("image_id"),
            images.c.title,
            links.c.resource,
            links.c.created_at,
            links.c.expires_at,
        )
        .select_from(links.join(images))
        .where(
            links.c.user_id == viewer.user_id,
            owned_by(viewer),
            images.c.trashed_at.is_(None),
            links.c.expires_at > now,
        )
        .order_by(links.c.id.desc())
    )
    return [
        Link(
            id=row.id,
            image_id=row.image_id,
            title=row.title,
            resource=Resource(row.resource),
            created_at=row.created_at,
            expires_at=row.expires_at,
        )
        for row in rows
    ]


def remove(connection: Connection, viewer: Viewer, link_id: UUID) -> bool:
    """Revoke one of the viewer's links; False where they have no such link."""
    gone = sa.delete(links).where(links.c.id == link_id, links.c.user_id == viewer.user_id)
    return connection.execute(gone).rowcount == 1


def remove_of_image(connection: Connection, viewer: Viewer, image_id: UUID) -> Sequence[UUID]:
    """Revoke the viewer's links to an own image; the ids of those there were."""
    image_seq = sa.select(images.c.seq).where(images.c.id == image_id, owned_by(viewer))
    gone = sa.delete(links).where(
        links.c.image_seq == image_seq.scalar_subquery(), links.c.user_id == viewer.user_id
    )
    return connection.execute(gone.returning(links.c.id)).scalars().all()


def end(connection: Connection, image_seq: int) -> None:
    """End all links of an image."""
    connection.execute(sa.delete(links).where(links.c.image_seq == image_seq))


def end_of_image(connection: Connection, image_id: UUID) -> None:
    """The same by the image's id."""
    image_seq = sa.select(images.c.seq).where(images.c.id == image_id).scalar_subquery()
    connection.execute(sa.delete(links).where(links.c.image_seq == image_seq))
