"""Queries as SQL find what their plain meaning finds."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imgrepo_server.db import blobs, images, listing, users
from imgrepo_server.db.gram_frequencies import GramFrequencies
from imgrepo_server.db.migrations import upgrade
from imgrepo_server.db.query_conditions import asks_for_trash
from imgrepo_server.models import (
    Examination,
    Fingerprint,
    Image,
    ImageFilter,
    NewImage,
    Role,
    Sort,
    View,
    Viewer,
    Visibility,
)
from imgrepo_server.query import parse, tree
from imgrepo_server.text import fold, normalize_tag
from sqlalchemy import Connection

NOW = datetime(2026, 1, 1, tzinfo=UTC)
VIEW = View(b"\0" * 8, b"\0" * 8, b"\0" * 32)
TITLES = (
    "Cat on a roof", "Été à la plage", "STRASSE 7", "x%y_z", 'quo"te', "straße", "東京",
    "ﷺ ﬁn", "İstanbul ǆ", "ไทย 한글", "だ!? ^NEAR(", "Łódź 😼", "a", "",
)  # fmt: skip
TAGS = (("cat",), ("beach", "été"), (), ("a b", "x"), ("-x",), ("or",), ("beach",))
CONTAINING: tuple[Callable[[str], tree.Condition], ...] = (
    tree.Keyword,
    tree.Title,
    tree.Description,
    tree.Camera,
)
EXIF: tuple[dict[str, Any], ...] = ({"make": "NIKON", "model": "Z 6"}, {"model": "X-T4"}, {})


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Connection, Viewer]]:
    """A database of images that differ in everything that can be asked for."""
    path: Path = tmp_path_factory.mktemp("db") / "imgrepo.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    upgrade(engine)
    with engine.connect() as connection:
        owner = users.add(
            connection, name="Jeff", email=None, password_hash=None, role=Role.USER, now=NOW
        )
        assert owner is not None
        for number in range(42):
            facts = Examination(
                ("jpeg", "png", "heic")[number % 3],
                (999, 1000, 1001, 4000)[number % 4],
                (10, 1000)[number % 2],
                Fingerprint(1, VIEW, None, False),
                None if number % 5 == 0 else datetime(2020 + number % 4, 6, 1, tzinfo=UTC),
                EXIF[number % 3],
            )
            blob = blobs.record(connection, f"{number:064x}", 10 ** (number % 7), facts)
            images.add(
                connection,
                image_id=uuid.UUID(int=number),
                owner=owner,
                blob=blob,
                new=NewImage(
                    title=TITLES[number % len(TITLES)],
                    filename="f",
                    description=TITLES[(number + 3) % len(TITLES)],
                    tags=tuple(map(normalize_tag, TAGS[number % 5])),
                    visibility=Visibility.PUBLIC if number % 2 else Visibility.PRIVATE,
                ),
                now=NOW + timedelta(days=number),
            )
            if number % 6 == 0:
                image = images.of_blob(connection, owner.id, blob.seq)
                assert image is not None
                images.set_trashed(connection, image, NOW)
        yield connection, Viewer(owner)
    engine.dispose()


def found(connection: Connection, viewer: Viewer, node: tree.Node) -> set[uuid.UUID]:
    page = listing.page(
        connection,
        viewer,
        ImageFilter(query=node),
        sort=Sort.NEWEST,
        limit=100,
        after=None,
        frequencies=GramFrequencies(),
    )
    return {image.id for image in page.images}


def everything(connection: Connection, viewer: Viewer) -> list[Image]:
    live = listing.page(
        connection,
        viewer,
        ImageFilter(),
        sort=Sort.NEWEST,
        limit=100,
        after=None,
        frequencies=GramFrequencies(),
    ).images
    trash = listing.page(
        connection, viewer, ImageFilter(query=parse("is:trashed")), sort=Sort.NEWEST, limit=100,
        after=None, frequencies=GramFrequencies(),
    ).images  # fmt: skip
    assert len(live) == 35
    assert len(trash) == 7
    return [*live, *trash]


QUERIES = (
    "cat", "ETE", "strasse", '"x%y_z"', "%", "_", "-cat", "tag:cat OR tag:beach", "NOT taken:2021",
    "taken:2021..2022", "-taken:..2021", "width:>=1000 height:<100", "size:<2MB -size:<1kB",
    "camera:nikon", "-camera:nikon", 'camera:"nikon z"', "is:private", "is:trashed", "type:heic",
    "user:JEFF", "-user:jeff", "title:roof -description:plage", "(cat OR 東京) -is:public",
    "added:>=2026-01-20", "added:..2026-01-10", 'title:"quo\\"te"', "is:trashed OR cat",
)  # fmt: skip


@pytest.mark.parametrize("text", QUERIES)
def test_queries_people_type(
    text: str, repository: tuple[Connection, Viewer], evaluate: Callable[..., bool]
) -> None:
    node = parse(text)
    assert found(*repository, node) == plain(repository, evaluate, node)


def plain(
    repository: tuple[Connection, Viewer], evaluate: Callable[..., bool], node: tree.Node
) -> set[uuid.UUID]:
    trash = asks_for_trash(node)
    return {
        image.id
        for image in everything(*repository)
        if evaluate(node, image) and (trash or image.trashed_at is None)
    }


@st.composite
def parts_of_words(draw: st.DrawFn) -> tree.Node:
    """Queries for parts, mostly short, of what is there: others find little."""
    parts: list[tree.Condition] = []
    while len(parts) < 2:
        text = draw(st.sampled_from([*TITLES, "jeff", "été", "NIKON Z 6"]))
        start = draw(st.integers(0, len(text)))
        part = text[start : start + draw(st.integers(1, 4))]
        if fold(part):
            parts.append(draw(st.sampled_from(CONTAINING))(part))
    one, other = parts
    other = tree.Not(other) if draw(st.booleans()) else other
    return draw(st.sampled_from([one, tree.And((one, other)), tree.Or((one, other))]))


@settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_query_finds_what_it_means(
    data: st.DataObject,
    repository: tuple[Connection, Viewer],
    evaluate: Callable[..., bool],
    trees: st.SearchStrategy[tree.Node],
) -> None:
    node = data.draw(trees | parts_of_words())
    assert found(*repository, node) == plain(repository, evaluate, node)
