"""What a query finds in a small album, by its plain meaning."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from imgrepo_server.models import Image, Visibility
from imgrepo_server.query import parse, tree

Evaluate = Callable[[tree.Node, Image], bool]


def image(number: int, title: str, **facts: object) -> Image:
    plain: dict[str, object] = {
        "id": UUID(int=number),
        "owner": "jeff",
        "owner_id": 1,
        "title": title,
        "filename": f"{title}.jpg",
        "description": "",
        "tags": (),
        "visibility": Visibility.PUBLIC,
        "created_at": datetime(2026, 1, number, tzinfo=UTC),
        "trashed_at": None,
        "sha256": "",
        "size": 1_000_000,
        "format": "jpeg",
        "width": 1000,
        "height": 800,
        "taken_at": None,
        "exif": {},
        "share_location": False,
    }
    return Image(**{**plain, **facts})  # type: ignore[arg-type]  # facts that an Image has


ALBUM = (
    image(
        1, "Straße in Łódź", tags=("city", "new york"), taken_at=datetime(2021, 6, 1, tzinfo=UTC)
    ),
    image(2, "cat", description="a black dog", size=2_000_000, visibility=Visibility.PRIVATE),
    image(3, "dog", owner="Catherine", width=2000, format="png"),
    image(
        4,
        "bird",
        tags=("cats",),
        exif={"make": "NIKON CORPORATION", "model": "NIKON Z 6"},
        taken_at=datetime(2021, 8, 31, 23, 59, 59, tzinfo=UTC),
        trashed_at=datetime(2026, 2, 1, tzinfo=UTC),
    ),
    image(5, "100% OR (nothing)", taken_at=datetime(2021, 9, 1, tzinfo=UTC)),
)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {1, 2, 3, 4, 5}),
        ("cat", {2, 3, 4}),  # in a title, an owner's name, a tag
        ("CAT dog", {2, 3}),
        ('"cat dog"', set()),
        ('"black dog"', {2}),
        ("strasse lodz", {1}),
        ("cat -dog", {4}),
        ("-cat", {1, 5}),
        ("bird OR dog cat", {2, 3, 4}),
        ("(bird OR dog) cat", {2, 3, 4}),
        ("(bird OR dog) -cat", set()),
        ("NOT (bird OR dog OR cat)", {1, 5}),
        ('"100%"', {5}),
        ('"OR ("', {5}),
        ("tag:city", {1}),
        ("tag:cat", set()),  # the whole tag
        ('tag:"New  York"', {1}),
        ("user:JEFF", {1, 2, 4, 5}),
        ("user:cat", set()),
        ("title:cat", {2}),
        ("description:dog", {2}),
        ("is:private", {2}),
        ("is:public", {1, 3, 4, 5}),
        ("is:trashed", {4}),
        ("type:png", {3}),
        ("camera:nikon", {4}),
        ('camera:"z 6"', {4}),
        ("width:>1000", {3}),
        ("width:1000..1999 height:800", {1, 2, 4, 5}),
        ("size:<2MB", {1, 3, 4, 5}),
        ("size:>=2MB", {2}),
        ("taken:2021-06..2021-08", {1, 4}),
        ("taken:>=2021-09", {5}),
        ("-taken:0001..", {2, 3}),  # those without a time
        ("added:<=2026-01-02", {1, 2}),
    ],
)
def test_finds(evaluate: Evaluate, query: str, found: set[int]) -> None:
    node = parse(query)
    assert {each.id.int for each in ALBUM if evaluate(node, each)} == found
