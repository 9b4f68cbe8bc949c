"""Who may see what, as SQL. Every query that returns or counts images carries this predicate."""

import sqlalchemy as sa

from imgrepo_server.db.tables import images
from imgrepo_server.models import Viewer, Visibility


def visible_to(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Everybody's public images that are not trashed, and those of ``personal_to``."""
    public = sa.and_(images.c.visibility == Visibility.PUBLIC, images.c.trashed_at.is_(None))
    return sa.or_(personal_to(viewer), public)


def personal_to(viewer: Viewer) -> sa.ColumnElement[bool]:
    """What the viewer sees for a reason of their own: own images, the trashed ones included.

    All private and all trashed images that ``visible_to`` shows are among these. Each reason is to
    be one that an index finds, since lists of private images go through these and no others.
    """
    if viewer.user_id is None:
        return sa.false()
    return images.c.owner_id == viewer.user_id


def owned_by(viewer: Viewer) -> sa.ColumnElement[bool]:
    """The images that the viewer may change; none for an anonymous caller."""
    if viewer.user_id is None:
        return sa.false()
    return images.c.owner_id == viewer.user_id
