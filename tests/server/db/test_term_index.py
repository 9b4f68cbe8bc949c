"""The search index: in step with the rows whatever is done to them, and read the quick way."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from imgrepo_server.db import images, listing, needs, query_terms, term_index
from imgrepo_server.db.gram_frequencies import GramFrequencies
from imgrepo_server.db.tables import blobs, metadata
from imgrepo_server.db.tables import images as rows
from imgrepo_server.db.terms import Indexed, terms_of
from imgrepo_server.models import (
    ANONYMOUS,
    Image,
    ImageChanges,
    ImageFilter,
    NewImage,
    Sort,
    Viewer,
    Visibility,
)
from imgrepo_server.query import parse
from sqlalchemy import Connection

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TITLES = ("", "cat", "Cät on a roof", "猫", "東京 2021", "a\nb", '"*^:-', "ﷺ", "x" * 500)
TAGS = ("pets", "été", "new york", "-x", "猫")
words = st.sampled_from(TITLES)
names = st.lists(st.sampled_from(TAGS), unique=True, max_size=3).map(tuple)


@pytest.fixture(scope="module")
def engine() -> Iterator[sa.Engine]:
    made = sa.create_engine("sqlite://")
    metadata.create_all(made)
    with made.begin() as connection:
        connection.exec_driver_sql(
            "CREATE VIRTUAL TABLE temp.postings USING fts5vocab(main, image_terms, instance)"
        )
    yield made
    made.dispose()


def indexed(connection: Connection) -> set[tuple[int, str]]:
    found = connection.execute(sa.text("SELECT doc, term FROM postings"))
    return {(row.doc, row.term) for row in found}


def expected(connection: Connection) -> set[tuple[int, str]]:
    names = ("camera_key", "format", "width", "height", "size", "taken_at")
    facts: list[sa.ColumnElement[Any]] = [
        rows.c.seq,
        rows.c.search_text,
        *(blobs.c[name] for name in names),
        rows.c.created_at,
    ]
    query = sa.select(*facts)
    found = connection.execute(query.select_from(rows.join(blobs))).all()
    return {(row[0], term) for row in found for term in terms_of(Indexed(*row[1:]))}


changes = st.builds(
    ImageChanges,
    title=st.none() | words,
    description=st.none() | words,
    visibility=st.none() | st.sampled_from([Visibility.PUBLIC, Visibility.PRIVATE]),
    add_tags=names,
    remove_tags=names,
)
deeds = st.lists(
    st.tuples(
        st.integers(0, 4),
        changes
        | st.builds(NewImage, words, st.just("f"), words, names, st.just(Visibility.PUBLIC))
        | st.sampled_from(["add", "trash", "restore", "purge"]),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=60)
@given(deeds=deeds, data=st.data())
def test_the_index_is_in_step_whatever_happens(
    engine: sa.Engine, records: Any, *, deeds: list[tuple[int, Any]], data: st.DataObject
) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        table = records(connection)
        owner = table.user("Jeff")
        there: list[Image] = []
        for number, deed in deeds:
            if deed == "add" or not there:
                there.append(table.image(owner, title=data.draw(words), tags=data.draw(names)))
            else:
                do(connection, there, number % len(there), deed)
            assert indexed(connection) == expected(connection)
        transaction.rollback()


def do(connection: Connection, there: list[Image], number: int, deed: Any) -> None:
    match deed:
        case ImageChanges():
            there[number] = images.change(connection, there[number], deed)
        case NewImage():
            there[number] = images.replace_words(connection, there[number], deed)
        case "purge":
            images.purge(connection, there.pop(number))
        case _:
            when = NOON if deed == "trash" else None
            there[number] = images.set_trashed(connection, there[number], when)


def test_a_change_that_is_taken_back_leaves_no_term(engine: sa.Engine, records: Any) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        table = records(connection)
        owner = table.user("jeff")
        table.image(owner, title="cat")
        before = indexed(connection)
        with connection.begin_nested() as change:
            table.image(owner, title="dog")
            change.rollback()
        assert indexed(connection) == before == expected(connection)
        transaction.rollback()


def test_an_index_that_is_built_later_is_the_same(engine: sa.Engine, records: Any) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        table = records(connection)
        owner = table.user("jeff")
        for number, title in enumerate(TITLES):
            table.image(owner, title=title, tags=TAGS, taken_at=NOON + timedelta(number))
        before = indexed(connection)
        connection.exec_driver_sql("INSERT INTO image_terms (image_terms) VALUES ('delete-all')")
        assert indexed(connection) == set()
        term_index.build(connection)
        assert indexed(connection) == before
        transaction.rollback()


ASKED = (
    *((query, Sort.NEWEST, "image_terms") for query in (
        "cat", "猫", "cat dog", "cat OR dog", "tag:pets", "user:jeff", "tag:pets taken:2021-06",
        "cat width:>=1000 -dog", "camera:nikon", "size:>50MB", "is:private", "cat is:shared",
    )),
    ("cat", Sort.ADDED, "image_terms"),
    ("cat", Sort.RELEVANCE, "image_terms"),
    ("", Sort.NEWEST, "images"),
    ("-cat", Sort.NEWEST, "images"),
    ("is:public", Sort.ADDED, "images"),
    ("", Sort.TITLE, "images USING INDEX ix_images_title_sort"),
    ("-cat", Sort.SIZE, "images USING INDEX ix_images_size"),
    ("-cat", Sort.TAKEN, "images USING INDEX ix_images_taken_at"),
    ("-user:jeff", Sort.LATEST_TAKEN, "images USING INDEX ix_images_taken_at"),
    ("is:shared", Sort.NEWEST, "images USING INDEX ix_images_shared"),
    ("is:gallery -cat", Sort.NEWEST, "images USING INDEX ix_images_gallery"),
)  # fmt: skip


@pytest.mark.parametrize(("query", "sort", "first"), ASKED)
def test_a_page_is_read_in_its_order_and_no_further(
    engine: sa.Engine, records: Any, *, query: str, sort: Sort, first: str
) -> None:
    statements: list[tuple[str, Any]] = []
    with engine.connect() as connection, connection.begin() as transaction:
        viewer = Viewer(records(connection).user("jeff"))
        sa.event.listen(connection, "before_cursor_execute", _noting(statements))
        wanted = ImageFilter(query=parse(query))
        known = GramFrequencies()
        listing.page(connection, viewer, wanted, sort=sort, limit=20, after=None, frequencies=known)
        looking = [one for one in statements if "LIMIT" in one[0]]
        assert looking
        for statement, values in looking:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            steps = [row.detail for row in plan if row.parent == 0]
            assert steps[0].removeprefix("SCAN ").removeprefix("SEARCH ").startswith(first), steps
            assert not any("TEMP B-TREE" in step for step in steps), steps
        transaction.rollback()


def _noting(statements: list[tuple[str, Any]]) -> Any:
    def note(*event: Any) -> None:
        statements.append((event[2], event[3]))

    return note


def test_few_images_of_another_order_are_found_before_they_are_sorted(
    engine: sa.Engine, records: Any
) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        table = records(connection)
        owner = table.user("jeff")
        for title in ("b cat", "dog", "a cat"):
            table.image(owner, title=title)
        known = GramFrequencies()
        known.of(connection)
        statements: list[tuple[str, Any]] = []
        sa.event.listen(connection, "before_cursor_execute", _noting(statements))
        wanted = ImageFilter(keywords=("cat",))
        for few, through in ((2, "image_terms"), (1, "images")):
            statements.clear()
            page = listing.page(
                connection,
                ANONYMOUS,
                wanted,
                sort=Sort.TITLE,
                limit=9,
                after=None,
                few=few,
                frequencies=known,
            )
            assert [image.title for image in page.images] == ["a cat", "b cat"]
            (looked,) = [text for text, _ in statements if "ORDER BY images.title_sort" in text]
            assert looked.partition("FROM ")[2].startswith(through)
        transaction.rollback()


def test_the_rarest_grams_of_each_word_are_looked_up() -> None:
    common = {"ther": 900, "here": 400}
    need = query_terms.containing("therefore zoo")
    assert need is not None
    thin = needs.thinned(need, lambda gram: common.get(gram, 0))
    assert thin == needs.All((needs.All(("eref", "refo", "efor")), "\ue020zoo"))


def test_frequencies_are_estimated_anew_when_the_repository_has_doubled(
    engine: sa.Engine, records: Any
) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        table = records(connection)
        owner = table.user("jeff")
        known = GramFrequencies()
        seen = []
        for number in range(1, 8):
            table.image(owner, title=f"gull {number}")
            seen.append(known.of(connection)("gull"))
        assert seen == [1, 1, 3, 3, 3, 3, 7]
        transaction.rollback()
