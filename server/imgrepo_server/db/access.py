"""Who may see what. Every query that returns or counts images carries one of these predicates."""

from functools import lru_cache

import sqlalchemy as sa

from imgrepo_server.db.tables import image_shares, images
from imgrepo_server.models import Image, Viewer, Visibility


def visible_to(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Own images, the trashed ones included; and others' that are not trashed, if they may be seen.

    Those are the public ones, the gallery, and what is shared with the viewer. ``docs/access.md``
    says it in words.
    """
    return _VISIBLE_TO_ANYBODY if viewer.user_id is None else _visible_to_user(viewer.user_id)


def owned_by(viewer: Viewer) -> sa.ColumnElement[bool]:
    """The images that the viewer may change; none for an anonymous caller."""
    if viewer.user_id is None:
        return sa.false()
    return images.c.owner_id == viewer.user_id


def may_have_original(viewer: Viewer, image: Image) -> bool:
    """Whether a viewer who sees an image may also have its original."""
    tier = image.gallery_tier
    if tier is None or viewer.user_id == image.owner_id:
        return True
    return viewer.user is not None and tier.is_reached_by(viewer.user.tier)


@lru_cache(maxsize=256)  # to put it together takes longer than to ask a small question with it
def _visible_to_user(user_id: int | sa.BindParameter[int]) -> sa.ColumnElement[bool]:
    others = sa.and_(sa.or_(_public(), _shared_with(user_id)), _kept())
    return sa.or_(images.c.owner_id == user_id, others)


def _public() -> sa.ColumnElement[bool]:
    return images.c.visibility.in_((Visibility.PUBLIC, Visibility.GALLERY))


def _kept() -> sa.ColumnElement[bool]:
    return images.c.trashed_at.is_(None)


def _shared_with(user_id: int | sa.BindParameter[int]) -> sa.ColumnElement[bool]:
    # EXISTS rather than IN: a probe of the index for each shared image that a query comes upon,
    # instead of a list of all that is shared with somebody for each query.
    named = sa.exists().where(
        image_shares.c.user_id == user_id, image_shares.c.image_seq == images.c.seq
    )
    return sa.and_(images.c.visibility == Visibility.SHARED, named)


VISIBLE_TO_USER = _visible_to_user(sa.bindparam("viewer_id", type_=sa.Integer))
"""``visible_to`` for statements that are made once: the viewer's ``user_id`` is a parameter."""

_VISIBLE_TO_ANYBODY = sa.and_(_public(), _kept())
