"""Who may see what, as SQL. Every query that returns or counts images carries this predicate."""

import sqlalchemy as sa

from imgrepo_server.db.tables import images
from imgrepo_server.models import Viewer, Visibility


def visible_to(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Own images, the trashed ones included; and everybody's public ones that are not trashed."""
    public = sa.and_(images.c.visibility == Visibility.PUBLIC, images.c.trashed_at.is_(None))
    if viewer.user_id is None:
        return public
    return sa.or_(images.c.owner_id == viewer.user_id, public)


def owned_by(viewer: Viewer) -> sa.ColumnElement[bool]:
    """The images that the viewer may change; none for an anonymous caller."""
    if viewer.user_id is None:
        return sa.false()
    return images.c.owner_id == viewer.user_id
