"""Paging by key: the pages of a list, one after another, are the list."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.db import images, listing
from imgrepo_server.db.tables import metadata
from imgrepo_server.models import ANONYMOUS, Image, ImageFilter, Place, Sort, Visibility
from imgrepo_server.text import fold
from sqlalchemy import Connection

LATE = datetime.max.replace(tzinfo=UTC)
EARLY = datetime.min.replace(tzinfo=UTC)
MOMENTS = [datetime(2021, 6, 1, tzinfo=UTC) + timedelta(seconds=n / 2) for n in range(4)]

# Few values, so that there are many ties.
facts = st.fixed_dictionaries(
    {
        "title": st.sampled_from(
            ["", "cat", "Cat", "cät", "cat dog", "zebra", "Ωmega", "emoji 😼"]
        ),
        "size": st.integers(1, 3),
        "taken_at": st.none() | st.sampled_from(MOMENTS),
        "visibility": st.sampled_from([Visibility.PUBLIC] * 4 + [Visibility.PRIVATE]),
        "image_id": st.uuids(),
    }
)


@pytest.fixture(scope="module")
def engine() -> Iterator[sa.Engine]:
    made = sa.create_engine("sqlite://")
    metadata.create_all(made)
    yield made
    made.dispose()


def in_order(all_of_them: list[Image], sort: Sort, wanted: ImageFilter) -> list[Image]:
    def in_title(image: Image) -> bool:
        return all(fold(word) in fold(image.title) for word in wanted.keywords)

    keys: dict[Sort, Callable[[Image], Any]] = {
        Sort.ADDED: lambda image: image.id,
        Sort.NEWEST: lambda image: image.id,
        Sort.TAKEN: lambda image: (image.taken_at or LATE, image.id),
        Sort.LATEST_TAKEN: lambda image: (image.taken_at or EARLY, image.id),
        Sort.TITLE: lambda image: (fold(image.title), image.id),
        Sort.SIZE: lambda image: (image.size, image.id),
        Sort.RELEVANCE: lambda image: (in_title(image), image.id),
    }
    descending = sort in {Sort.NEWEST, Sort.LATEST_TAKEN, Sort.RELEVANCE}
    return sorted(all_of_them, key=keys[sort], reverse=descending)


def pages(
    connection: Connection, wanted: ImageFilter, sort: Sort, limit: int
) -> Iterator[tuple[Image, ...]]:
    after: Place | None = None
    while True:
        page = listing.page(connection, ANONYMOUS, wanted, sort=sort, limit=limit, after=after)
        yield page.images
        if page.next is None:
            return
        after = page.next


@given(
    pictures=st.lists(facts, max_size=9, unique_by=lambda one: one["image_id"]),
    limit=st.integers(1, 4),
    keywords=st.sampled_from([(), ("cat",), ("c", "t")]),
)
def test_the_pages_of_a_list_are_the_list(
    engine: sa.Engine,
    records: Any,
    *,
    pictures: list[dict[str, Any]],
    limit: int,
    keywords: tuple[str, ...],
) -> None:
    wanted = ImageFilter(keywords=keywords)
    with engine.connect() as connection, connection.begin() as transaction:
        table = records(connection)
        owner = table.user("catherine")  # her name has both keywords in it
        made = [table.image(owner, **picture) for picture in pictures]
        shown = [image for image in made if image.visibility is Visibility.PUBLIC]
        for sort in Sort:
            found = list(pages(connection, wanted, sort, limit))
            assert [image for page in found for image in page] == in_order(shown, sort, wanted)
            assert all(len(page) == limit for page in found[:-1])
            assert len(found) == max(1, -(-len(shown) // limit))
        transaction.rollback()


def test_a_page_goes_on_where_the_last_one_ended_whatever_happens_between(
    engine: sa.Engine, records: Any
) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        table = records(connection)
        owner = table.user("jeff")
        made = [table.image(owner, title=title) for title in "aceg"]
        listing = pages(connection, ImageFilter(), Sort.TITLE, 2)
        assert [image.title for image in next(listing)] == ["a", "c"]
        images.purge(connection, made[1])  # the very one that the next page goes on from
        table.image(owner, title="b")
        table.image(owner, title="d")
        assert [image.title for image in next(listing)] == ["d", "e"]
        assert [image.title for image in next(listing)] == ["g"]
        transaction.rollback()
