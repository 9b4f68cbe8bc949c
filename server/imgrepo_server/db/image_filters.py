"""Filters and sort orders of lists, as SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from imgrepo_server.db import query_terms
from imgrepo_server.db.dialect import contains
from imgrepo_server.db.needs import Need, all_of
from imgrepo_server.db.query_conditions import (
    Condition,
    asks_for_trash,
    condition_of,
    has_owner,
    has_tag,
    of_visibility,
)
from imgrepo_server.db.tables import images
from imgrepo_server.db.types import UtcDateTime
from imgrepo_server.models import ImageFilter, Place, Sort, Viewer, Visibility
from imgrepo_server.query import tree
from imgrepo_server.text import fold


def matches(wanted: ImageFilter) -> list[Condition]:
    """The conditions of a filter, on ``images``."""
    conditions = [condition_of(wanted.query)]
    if not asks_for_trash(wanted.query):
        conditions.append(images.c.trashed_at.is_(None))
    conditions += [contains(images.c.search_text, fold(word)) for word in wanted.keywords]
    conditions += [has_tag(name) for name in wanted.tags]
    if wanted.owner is not None:
        conditions.append(has_owner(wanted.owner))
    if wanted.gallery:
        conditions.append(of_visibility(Visibility.GALLERY))
    return conditions


def needed(wanted: ImageFilter, viewer: Viewer) -> Need | None:
    """What every image has that the viewer can find with a filter, in terms of the search index."""
    parts = [*map(query_terms.tagged, wanted.tags), *map(query_terms.containing, wanted.keywords)]
    if wanted.owner is not None:
        parts.append(query_terms.owned_by(wanted.owner))
    if _is_for_owners(wanted.query):
        # Nobody's name is empty: there is nothing for those who are not logged in.
        parts.append(query_terms.owned_by(viewer.user.name if viewer.user else ""))
    return all_of([*parts, query_terms.needed(wanted.query)])


def _is_for_owners(node: tree.Node) -> bool:
    """Whether a query finds private or trashed images only, of which people see their own."""
    match node:
        case tree.Is(state):
            return state in {tree.State.PRIVATE, tree.State.TRASHED}
        case tree.And(parts):
            return any(map(_is_for_owners, parts))
        case tree.Or(parts):
            return all(map(_is_for_owners, parts))
        case _:
            return False


def condition_of_few(wanted: ImageFilter) -> Condition | None:
    """The part of a filter, if it has one, that an index of ``images`` knows the few images of."""
    if wanted.gallery:
        return of_visibility(Visibility.GALLERY)
    return _of_few(wanted.query)


def _of_few(node: tree.Node) -> Condition | None:
    match node:
        case tree.Is(tree.State.SHARED | tree.State.GALLERY):
            return condition_of(node)
        case tree.And(parts):
            found = map(_of_few, parts)
            return next((condition for condition in found if condition is not None), None)
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of an order: images with ``condition``, by ``key`` (None: none), then by ``seq``.

    Both in the same direction. The same is said by ``need`` in terms of the search index.
    """

    descending: bool
    key: sa.ColumnElement[Any] | None = None
    condition: Condition | None = None
    need: Need | None = None

    def ordered(self, seq: sa.ColumnElement[int]) -> tuple[sa.ColumnElement[Any], ...]:
        """For ``order_by``."""
        columns = (seq,) if self.key is None else (self.key, seq)
        return tuple(column.desc() if self.descending else column.asc() for column in columns)

    def after(self, place: Place, seq: sa.ColumnElement[int]) -> Condition:
        """Rows of this stretch that come after a page's end in it."""
        if self.key is None:
            here: Any = seq
            there: Any = place.seq
        else:
            key: Any = place.key
            if isinstance(self.key.type, UtcDateTime):
                key = datetime.fromisoformat(key)
            here = sa.tuple_(self.key, seq)
            there = sa.tuple_(sa.literal(key, self.key.type), sa.literal(place.seq))
        later: Condition = here < there if self.descending else here > there
        return later


def stretches(sort: Sort, wanted: ImageFilter) -> Sequence[Stretch]:
    """How to sort: one stretch after the other. Every image is in exactly one."""
    match sort:
        case Sort.TITLE:
            return [Stretch(descending=False, key=images.c.title_sort)]
        case Sort.SIZE:
            return [Stretch(descending=False, key=images.c.size)]
        case Sort.TAKEN | Sort.LATEST_TAKEN:
            return _by_time(descending=sort is Sort.LATEST_TAKEN)
        case Sort.RELEVANCE:
            return _by_relevance([*wanted.keywords, *_asked_for(wanted.query)])
        case Sort.ADDED | Sort.NEWEST:
            return [Stretch(descending=sort is Sort.NEWEST)]


def _by_time(*, descending: bool) -> Sequence[Stretch]:
    known = images.c.taken_at.is_not(None)
    return [
        Stretch(descending, key=images.c.taken_at, condition=known),
        Stretch(descending, condition=~known),
    ]


def _by_relevance(words: Sequence[str]) -> Sequence[Stretch]:
    if not words:
        return [Stretch(descending=True)]
    in_title = sa.and_(*(contains(images.c.title_key, fold(word)) for word in words))
    need = all_of(map(query_terms.in_title, words))
    return [
        Stretch(descending=True, condition=in_title, need=need),
        Stretch(descending=True, condition=~in_title),
    ]


def _asked_for(node: tree.Node) -> list[str]:
    """The words that every image of a query has somewhere."""
    match node:
        case tree.Keyword(text) | tree.Title(text):
            return [text]
        case tree.And(parts):
            return [word for part in parts for word in _asked_for(part)]
        case _:
            return []
