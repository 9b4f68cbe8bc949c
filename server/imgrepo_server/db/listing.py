"""Lists, page after page: the ways through a million images to the next twenty.

In the order of upload the search index is read where a query needs anything of it: newest first, no
further than the page. Other orders have an index of their own, which is read in its order where
many images match; where few do, they are found by the search index and sorted.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from imgrepo_server.db import images as image_queries
from imgrepo_server.db import term_index
from imgrepo_server.db.access import visible_to
from imgrepo_server.db.dialect import unindexed
from imgrepo_server.db.gram_frequencies import GramFrequencies
from imgrepo_server.db.image_filters import (
    Stretch,
    condition_of_few,
    matches,
    needed,
    stretches,
)
from imgrepo_server.db.needs import Need, all_of, thinned
from imgrepo_server.db.tables import images
from imgrepo_server.models import ImageFilter, Page, Place, Sort, Viewer

FEW = 2500
"""Images that are found and sorted in no more time than a page is found among many."""

_INDEXED = term_index.rows.join(images, images.c.seq == term_index.rows.c.rowid)


def page(
    connection: Connection,
    viewer: Viewer,
    wanted: ImageFilter,
    *,
    sort: Sort,
    limit: int,
    after: Place | None,
    frequencies: GramFrequencies,
    few: int = FEW,
) -> Page:
    """Visible images that match, ``limit`` at the most, from after a place on.

    Up to ``few`` are found and sorted where their order has an index of its own. ``frequencies``
    is kept by the caller from one page to the next.
    """
    find = _Finder(connection, viewer, wanted, few, frequencies)
    found: list[Place] = []
    for number, stretch in enumerate(stretches(sort, wanted)):
        if len(found) <= limit and (after is None or number >= after.stretch):
            start = after if after is not None and number == after.stretch else None
            # One more than asked for tells whether there is a next page.
            rows = find.rows(stretch, start, limit + 1 - len(found))
            found += [Place(number, _plain(row.key), row.seq) for row in rows]
    shown = found[:limit]
    known = image_queries.visible_by_seq(connection, viewer, [place.seq for place in shown])
    return Page(
        images=tuple(known[place.seq] for place in shown),
        next=shown[-1] if len(found) > limit else None,
    )


class _Finder:
    """Finds the images of a stretch for one viewer and one filter."""

    def __init__(
        self,
        connection: Connection,
        viewer: Viewer,
        wanted: ImageFilter,
        few: int,
        frequencies: GramFrequencies,
    ):
        self._connection = connection
        self._few = few
        need = needed(wanted, viewer)
        self._need = None if need is None else thinned(need, frequencies.of(connection))
        self._few_by_state = condition_of_few(wanted)
        self._conditions = [visible_to(viewer), *matches(wanted)]

    def rows(
        self, stretch: Stretch, after: Place | None, limit: int
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """The next images as rows of ``seq`` and ``key``."""
        need = all_of([self._need, stretch.need])
        key = sa.null() if stretch.key is None else stretch.key
        query = sa.select(images.c.seq, key.label("key")).limit(limit)
        if need is not None and (stretch.key is None or self._has_few(need)):
            query = query.select_from(_INDEXED).where(term_index.has(need))
            seq = term_index.rows.c.rowid
        else:
            seq = images.c.seq
            if self._few_by_state is not None:
                query = query.where(self._few_by_state)
        query = query.order_by(*stretch.ordered(seq))
        if after is not None:
            query = query.where(stretch.after(after, seq))
        if stretch.condition is not None:
            query = query.where(stretch.condition)
        query = query.where(*map(unindexed, self._conditions))
        return self._connection.execute(query).all()

    def _has_few(self, need: Need) -> bool:
        some = sa.select(term_index.rows.c.rowid).where(term_index.has(need)).limit(self._few + 1)
        count = sa.select(sa.func.count()).select_from(some.subquery())
        return self._connection.execute(count).scalar_one() <= self._few


def _plain(key: Any) -> Any:
    return key.isoformat() if isinstance(key, datetime) else key
