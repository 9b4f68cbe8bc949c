"""Filters and sort orders of lists, as SQL."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from imgrepo_server.db.dialect import contains
from imgrepo_server.db.query_conditions import asks_for_trash, condition_of, has_tag, of_visibility
from imgrepo_server.db.tables import blobs, images, users
from imgrepo_server.db.types import UtcDateTime
from imgrepo_server.models import ImageFilter, Position, Sort, Visibility
from imgrepo_server.text import fold

# Pictures without a known time come last in both directions.
_NEVER = datetime(1, 1, 1, tzinfo=UTC)
_FOREVER = datetime(9999, 12, 31, tzinfo=UTC)


def matches(wanted: ImageFilter) -> list[sa.ColumnElement[bool]]:
    """The conditions of a filter, on ``images`` joined with ``users`` and ``blobs``."""
    conditions = [condition_of(wanted.query)]
    if not asks_for_trash(wanted.query):
        conditions.append(images.c.trashed_at.is_(None))
    conditions += [contains(images.c.search_text, fold(word)) for word in wanted.keywords]
    conditions += [has_tag(name) for name in wanted.tags]
    if wanted.owner is not None:
        conditions.append(users.c.name_key == fold(wanted.owner))
    if wanted.gallery:
        conditions.append(of_visibility(Visibility.GALLERY))
    return conditions


@dataclass(frozen=True, slots=True)
class Order:
    """A sort order: by ``key`` (None: by id alone), then by id, both in the same direction."""

    key: sa.ColumnElement[Any] | None
    descending: bool

    def clauses(self) -> tuple[sa.ColumnElement[Any], ...]:
        """For ``order_by``."""
        columns = (images.c.id,) if self.key is None else (self.key, images.c.id)
        return tuple(column.desc() if self.descending else column.asc() for column in columns)

    def position(self, key: Any, image_id: UUID) -> Position:
        """Where a row with this key value stands."""
        return Position(key.isoformat() if isinstance(key, datetime) else key, image_id)

    def after(self, position: Position) -> sa.ColumnElement[bool]:
        """Rows that come after a page's end."""
        here_id = images.c.id
        there_id = sa.literal(position.id, here_id.type)
        if self.key is None:
            return here_id < there_id if self.descending else here_id > there_id
        key: Any = position.key
        if isinstance(self.key.type, UtcDateTime):
            key = datetime.fromisoformat(key)
        here = sa.tuple_(self.key, here_id)
        there = sa.tuple_(sa.literal(key, self.key.type), there_id)
        return here < there if self.descending else here > there


def order(sort: Sort, wanted: ImageFilter) -> Order:
    """How to sort; relevance prefers images that have every keyword in their title."""
    match sort:
        case Sort.TITLE:
            return Order(images.c.title_key, descending=False)
        case Sort.SIZE:
            return Order(blobs.c.size, descending=False)
        case Sort.TAKEN:
            return Order(_taken(_FOREVER), descending=False)
        case Sort.LATEST_TAKEN:
            return Order(_taken(_NEVER), descending=True)
        case Sort.RELEVANCE:
            in_title = [contains(images.c.title_key, fold(word)) for word in wanted.keywords]
            rank = sa.case((sa.and_(sa.true(), *in_title), 1), else_=0)
            return Order(rank, descending=True)
        case Sort.ADDED | Sort.NEWEST:
            return Order(None, descending=sort is Sort.NEWEST)


def _taken(missing: datetime) -> sa.ColumnElement[Any]:
    return sa.func.coalesce(
        blobs.c.taken_at, sa.literal(missing, UtcDateTime()), type_=UtcDateTime()
    )
