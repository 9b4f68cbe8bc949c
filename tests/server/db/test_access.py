"""Who may see what: every query that returns or counts images, for every kind of viewer."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa
from imgrepo_server.db import images, listing, lookalikes, tags, visibility
from imgrepo_server.db.gram_frequencies import GramFrequencies
from imgrepo_server.db.tables import fingerprints, metadata
from imgrepo_server.db.tables import images as table_of_images
from imgrepo_server.models import (
    ANONYMOUS,
    ImageChanges,
    ImageFilter,
    Sort,
    TagCount,
    Viewer,
    Visibility,
)
from imgrepo_server.query import parse
from sqlalchemy import Connection

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STATES = [*product(Visibility, (None, NOON))]
TRASHED = {f"{visibility} trashed" for visibility in Visibility}


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as opened:
        metadata.create_all(opened)
        yield opened
    engine.dispose()


@pytest.fixture
def people(connection: Connection, records: Any) -> dict[str, Any]:
    """Two people with an image in every state each; what is shared is shared with a third."""
    table = records(connection)
    jeff, rita, tom = table.user("jeff"), table.user("rita"), table.user("tom")
    made = {
        (owner.name, visibility, trashed_at is not None): table.image(
            owner,
            title=f"{owner.name} {visibility} {trashed_at}",
            visibility=visibility,
            trashed_at=trashed_at,
            tags=("all", f"{owner.name} {visibility} {'trashed' if trashed_at else 'kept'}"),
        )
        for owner, (visibility, trashed_at) in product((jeff, rita), STATES)
    }
    for (name, seen_by, trashed), image in made.items():
        if seen_by is Visibility.SHARED:
            seq = connection.execute(
                sa.select(table_of_images.c.seq).where(table_of_images.c.id == image.id)
            ).scalar_one()
            visibility.change(connection, image, seq, ImageChanges(share_with=("Tom", "nobody")))
            made[name, seen_by, trashed] = replace(image, shared_with=("nobody", "Tom"))
    return {"viewers": [ANONYMOUS, *map(Viewer, (jeff, rita, tom))], "images": made}


def may_see(viewer: Viewer, key: tuple[str, Visibility, bool]) -> bool:
    owner, visibility, trashed = key
    name = viewer.user.name if viewer.user else None
    everybodys = visibility in (Visibility.PUBLIC, Visibility.GALLERY)
    shown = everybodys or (visibility is Visibility.SHARED and name == "tom")
    return name == owner or (shown and not trashed)


def test_one_image(connection: Connection, people: dict[str, Any]) -> None:
    for viewer, (key, image) in product(people["viewers"], people["images"].items()):
        found = images.visible(connection, viewer, image.id)
        mine = viewer.user is not None and viewer.user.name == key[0]
        shown = image if mine else replace(image, shared_with=None)
        assert found == (shown if may_see(viewer, key) else None)
        own = images.own(connection, viewer, image.id)
        assert own == (image if mine else None)


@pytest.mark.parametrize(
    ("query", "states"),
    [
        ("", {"public", "gallery", "shared", "private"}),
        ("is:private", {"private"}),
        ("is:shared", {"shared"}),
        ("is:gallery", {"gallery"}),
        ("-is:public", {"gallery", "shared", "private"}),
        ("is:trashed", TRASHED),
        ("is:trashed is:private", {"private trashed"}),
        ("is:trashed OR is:private", {*TRASHED, "private"}),
    ],
)
def test_lists(
    connection: Connection, people: dict[str, Any], query: str, states: set[str]
) -> None:
    wanted = ImageFilter(query=parse(query))
    for viewer in people["viewers"]:
        page = listing.page(
            connection,
            viewer,
            wanted,
            sort=Sort.ADDED,
            limit=100,
            after=None,
            frequencies=GramFrequencies(),
        )
        assert {image.id for image in page.images} == {
            image.id
            for key, image in people["images"].items()
            if may_see(viewer, key) and f"{key[1]}{' trashed' * key[2]}" in states
        }


def test_images_of_fingerprints(connection: Connection, people: dict[str, Any]) -> None:
    seqs = connection.execute(sa.select(fingerprints.c.seq)).scalars().all()
    assert len(seqs) == len(people["images"])
    for viewer in people["viewers"]:
        found = lookalikes.of_fingerprints(connection, viewer, ImageFilter(), seqs)
        expected = [
            image.id
            for key, image in people["images"].items()
            if may_see(viewer, key) and not key[2]
        ]
        assert sorted(one.image_id for one in found) == expected
        for many in (seqs, [*seqs, *range(10_000, 13_000)]):
            lowest = lookalikes.lowest_of_fingerprints(
                connection, viewer, ImageFilter(), many, after=None, most=100
            )
            assert [one.image_id for one in lowest] == expected


def test_known_bytes_are_the_owners_alone(connection: Connection, people: dict[str, Any]) -> None:
    hashes = [image.sha256 for image in people["images"].values()]
    for viewer in people["viewers"][1:]:
        assert images.known(connection, viewer.user.id, hashes) == {
            image.sha256: image.id
            for key, image in people["images"].items()
            if key[0] == viewer.user.name and not key[2]
        }


def test_tags_count_what_the_viewer_sees_and_no_trash(
    connection: Connection, people: dict[str, Any]
) -> None:
    for viewer in people["viewers"]:
        seen = [key for key in people["images"] if may_see(viewer, key) and not key[2]]
        expected = {TagCount(f"{name} {visibility} kept", 1) for name, visibility, _ in seen}
        found = tags.counts(connection, viewer, "", 100)
        assert set(found) == {TagCount("all", len(seen))} | expected
        assert found[0] == TagCount("all", len(seen))  # most used first


def test_a_prefix_is_only_ever_text(connection: Connection, records: Any) -> None:
    table = records(connection)
    table.image(table.user("jeff"), tags=("100%", "100 percent", "under_score", "undermine"))
    for prefix, names in {
        "100%": ["100%"],
        "under_": ["under_score"],
        "under": ["under_score", "undermine"],
        "%": [],
        "_": [],
    }.items():
        assert [tag.name for tag in tags.counts(connection, ANONYMOUS, prefix, 9)] == names
    assert len(tags.counts(connection, ANONYMOUS, "", 2)) == 2
