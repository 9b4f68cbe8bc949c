"""Queries as SQL: the one place where the tree of the query language becomes conditions.

The conditions are on ``images``, whatever it is joined with; what stands in other tables is looked
up for each row. None is ever NULL, so that NOT finds what has no such value: an image without a
known time is not taken in any year.
"""

import sqlalchemy as sa

from imgrepo_server.db.dialect import contains
from imgrepo_server.db.tables import blobs, image_tags, images, tags, users
from imgrepo_server.models import Visibility
from imgrepo_server.query import tree
from imgrepo_server.text import fold

Condition = sa.ColumnElement[bool]

_NOBODY = -1


def asks_for_trash(node: tree.Node) -> bool:
    """Whether a query names the trash; otherwise the trash is not searched."""
    return any(part == tree.Is(tree.State.TRASHED) for part in tree.walk(node))


def condition_of(node: tree.Node) -> Condition:  # noqa: PLR0911 -- one return a kind of node
    """A query as a condition."""
    match node:
        case tree.Everything():
            return sa.true()
        case tree.And(parts):
            return sa.and_(*map(condition_of, parts))
        case tree.Or(parts):
            return sa.or_(*map(condition_of, parts))
        case tree.Not(part):
            return sa.not_(condition_of(part))
        case tree.Taken(start, end):
            return _between(images.c.taken_at, start, end)
        case tree.Added(start, end):
            return _between(images.c.created_at, start, end)
        case tree.Width(at_least, at_most):
            return _of_blob(_within(blobs.c.width, at_least, at_most))
        case tree.Height(at_least, at_most):
            return _of_blob(_within(blobs.c.height, at_least, at_most))
        case tree.Size(at_least, at_most):
            return _within(images.c.size, at_least, at_most)
        case _:
            return _of_words(node)


def has_tag(name: str) -> Condition:
    """Whether an image carries the tag of that normalised name."""
    # Row by row: as IN, a database may read all images of the tag first, for a page of twenty.
    tag = sa.select(tags.c.id).where(tags.c.name == name).scalar_subquery()
    return (
        sa.exists()
        .where(image_tags.c.image_seq == images.c.seq, image_tags.c.tag_id == tag)
        .correlate(images)
    )


def has_owner(name: str) -> Condition:
    """Whether an image belongs to the user of that name, in any case."""
    owner = sa.select(users.c.id).where(users.c.name_key == fold(name)).scalar_subquery()
    return images.c.owner_id == sa.func.coalesce(owner, _NOBODY)


def of_visibility(visibility: Visibility) -> Condition:
    """Whether an image has this visibility."""
    # Spelt out in the SQL: SQLite uses a partial index for a constant only.
    return images.c.visibility == sa.literal(visibility.value, literal_execute=True)


def _of_words(  # noqa: PLR0911 -- one return a kind of node
    node: tree.Contains | tree.Tag | tree.User | tree.Is | tree.Format,
) -> Condition:
    match node:
        case tree.Keyword(text):
            return contains(images.c.search_text, fold(text))
        case tree.Title(text):
            return contains(images.c.title_key, fold(text))
        case tree.Description(text):
            return contains(images.c.description_key, fold(text))
        case tree.Camera(text):
            camera = sa.func.coalesce(blobs.c.camera_key, "", type_=sa.Text())
            return _of_blob(contains(camera, fold(text)))
        case tree.Tag(name):
            return has_tag(name)
        case tree.User(name):
            return has_owner(name)
        case tree.Format(name):
            return _of_blob(blobs.c.format == name)
        case tree.Is(tree.State.TRASHED):
            return images.c.trashed_at.is_not(None)
        case tree.Is(state):
            return of_visibility(Visibility(state.value))


def _of_blob(condition: Condition) -> Condition:
    return sa.exists().where(blobs.c.seq == images.c.blob_seq, condition).correlate(images)


def _between(column: sa.ColumnElement[object], start: object, end: object) -> Condition:
    """From ``start`` until just before ``end``."""
    bounds = [] if start is None else [column >= start]
    bounds += [] if end is None else [column < end]
    return sa.and_(column.is_not(None), *bounds)


def _within(column: sa.ColumnElement[int], at_least: int | None, at_most: int | None) -> Condition:
    bounds = [] if at_least is None else [column >= at_least]
    bounds += [] if at_most is None else [column <= at_most]
    return sa.and_(*bounds)
