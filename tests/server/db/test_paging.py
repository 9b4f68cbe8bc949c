"""Paging by key: the pages of a list, one after another, are the list."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from imgrepo_server.db import images, listing
from imgrepo_server.db.gram_frequencies import GramFrequencies
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
    }
)


@pytest.fixture(scope="module")
def engine() -> Iterator[sa.Engine]:
    made = sa.create_engine("sqlite://")
    metadata.create_all(made)
    yield made
    made.dispose()


def in_order(oldest_first: list[Image], sort: Sort, wanted: ImageFilter) -> list[Image]:
    age = {image.id: number for number, image in enumerate(oldest_first)}

    def in_title(image: Image) -> bool:
        return all(fold(word) in fold(image.title) for word in wanted.keywords)

    keys: dict[Sort, Callable[[Image], Any]] = {
        Sort.ADDED: lambda image: age[image.id],
        Sort.NEWEST: lambda image: age[image.id],
        Sort.TAKEN: lambda image: (image.taken_at or LATE, age[image.id]),
        Sort.LATEST_TAKEN: lambda image: (image.taken_at or EARLY, age[image.id]),
        Sort.TITLE: lambda image: (fold(image.title), age[image.id]),
        Sort.SIZE: lambda image: (image.size, age[image.id]),
        Sort.RELEVANCE: lambda image: (in_title(image), age[image.id]),
    }
    descending = sort in {Sort.NEWEST, Sort.LATEST_TAKEN, Sort.RELEVANCE}
    return sorted(oldest_first, key=keys[sort], reverse=descending)


def pages(
    connection: Connection, wanted: ImageFilter, sort: Sort, limit: int, few: int = 100
) -> Iterator[tuple[Image, ...]]:
    after: Place | None = None
    while True:
        page = listing.page(
            connection,
            ANONYMOUS,
            wanted,
            sort=sort,
            limit=limit,
            after=after,
            few=few,
            frequencies=GramFrequencies(),
        )
        yield page.images
        if page.next is None:
            return
        after = page.next


@settings(deadline=None)
@given(
    pictures=st.lists(facts, max_size=9),
    limit=st.integers(1, 4),
    few=st.sampled_from([0, 100]),  # of which not more have the keywords, and of which more have
    keywords=st.sampled_from([(), ("cat",), ("c", "t")]),
)
def test_the_pages_of_a_list_are_the_list(
    engine: sa.Engine,
    records: Any,
    *,
    pictures: list[dict[str, Any]],
    limit: int,
    few: int,
    keywords: tuple[str, ...],
) -> None:
    wanted = ImageFilter(keywords=keywords)
    with engine.connect() as connection, connection.begin() as transaction:
        table = records(connection)
        owner = table.user("catherine")  # her name has both keywords in it
        made = [table.image(owner, **picture) for picture in pictures]
        public = [image for image in made if image.visibility is Visibility.PUBLIC]
        shown = [replace(image, shared_with=None) for image in public]
        for sort in Sort:
            found = list(pages(connection, wanted, sort, limit, few))
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
