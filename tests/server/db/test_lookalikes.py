"""The images of fingerprints in the order of their ids, however many there are."""

import random
from collections.abc import Iterator
from uuid import UUID

import pytest
import sqlalchemy as sa
from imgrepo_server.db.lookalikes import lowest_of_fingerprints, of_fingerprints
from imgrepo_server.db.tables import blobs, fingerprints, images, metadata, users
from imgrepo_server.models import ANONYMOUS, ImageFilter
from imgrepo_server.query import parse
from sqlalchemy import Connection

COUNT = 6000
WANTED = ImageFilter(query=parse("title:kite"))


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    """Images whose ids are in no order, half of them hidden, a third of the rest unwanted."""
    engine = sa.create_engine("sqlite://")
    with engine.begin() as opened:
        metadata.create_all(opened)
        noon = sa.func.strftime("%Y-%m-%d %H:%M:%S.%f", "now")
        opened.execute(
            sa.insert(users).values(id=1, name="jo", name_key="jo", role="user", created_at=noon)
        )
        numbers = range(1, COUNT + 1)
        opened.execute(
            sa.insert(blobs),
            [
                {"seq": n, "sha256": f"{n:064}", "format": "jpeg", "exif": {}}
                | dict.fromkeys(("size", "width", "height"), 1)
                for n in numbers
            ],
        )
        opened.execute(
            sa.insert(fingerprints),
            [{"seq": n, "blob_seq": n, "version": 1, "flat": False, "views": b""} for n in numbers],
        )
        ids = random.Random(1).sample(range(1 << 60), COUNT)
        words = ("filename", "description", "description_key", "search_text", "title_sort")
        opened.execute(
            sa.insert(images).values(created_at=noon),
            [
                {"seq": n, "id": UUID(int=ids[n - 1]), "owner_id": 1, "blob_seq": n, "size": 1}
                | {"visibility": "private" if n % 2 else "public"}
                | dict.fromkeys(("title", "title_key"), "kite" if n % 3 else "cat")
                | dict.fromkeys(words, "")
                for n in numbers
            ],
        )
        yield opened
    engine.dispose()


@pytest.mark.parametrize(
    "seqs",
    [
        [],
        [2, 4, 6, 8],
        range(1, COUNT + 1),
        range(1, COUNT // 2),  # among more images than it looks through
        range(COUNT - 20, COUNT + 2500),  # most are gone
        [*range(1, 2100, 2), *range(COUNT, COUNT + 2500)],  # none to be seen
    ],
)
def test_pages_of_equals_are_all_that_may_be_seen_by_id(
    connection: Connection, seqs: list[int]
) -> None:
    seqs = list(seqs)
    expected = sorted(of_fingerprints(connection, ANONYMOUS, WANTED, seqs))
    assert [one.fingerprint_seq for one in expected] == [one.image_seq for one in expected]
    assert sorted(one.image_seq for one in expected) == [
        n for n in seqs if n % 2 == 0 and n % 3 and n <= COUNT
    ]
    found, after = [], None
    for most in (1, 7, 100, 100, *[COUNT] * 3):
        page = lowest_of_fingerprints(connection, ANONYMOUS, WANTED, seqs, after=after, most=most)
        assert len(page) <= most
        found += page
        after = found[-1].image_id if found else None
    assert found == expected
