"""Taking images in: what is kept, what is the same, and what is told of it."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from imgrepo_server.blobs.store import original_key, preview_key
from imgrepo_server.db import term_index
from imgrepo_server.db.tables import blobs, fingerprints, images
from imgrepo_server.models import ImageFilter, Sort, User, Viewer, Visibility
from imgrepo_server.query import parse
from imgrepo_server.services.fingerprint_index import FingerprintIndex
from sqlalchemy import Connection


async def test_an_upload_is_answered_with_what_is_kept(
    house: Any, jeff: User, picture: Any
) -> None:
    added = await house.upload(jeff, picture(1), title="Cat", tags=("b", "a", "b"))
    assert not added.duplicate
    assert added.image.tags == ("a", "b")
    assert await house.catalog.image(Viewer(jeff), added.image.id) == added.image
    key = original_key(added.image.sha256)
    assert (house.folder / key).read_bytes() == picture(1)
    assert house.files() == {key, preview_key(added.image.sha256)}


async def test_bytes_that_the_owner_has_are_a_duplicate(
    house: Any, jeff: User, picture: Any
) -> None:
    first = await house.upload(jeff, picture(1), title="first", tags=("a",))
    again = await house.upload(
        jeff, picture(1), title="again", tags=("b",), visibility=Visibility.PRIVATE
    )
    assert again.duplicate
    assert again.image == first.image
    assert await house.titles(Viewer(jeff)) == ["first"]
    assert len(house.files()) == 2


async def test_bytes_that_another_person_has_become_an_image_like_any(
    house: Any, jeff: User, rita: User, picture: Any
) -> None:
    first = await house.upload(
        jeff, picture(1), title="secret", tags=("hidden",), visibility=Visibility.PRIVATE
    )
    added = await house.upload(rita, picture(1), title="mine", tags=("seen",))
    assert not added.duplicate
    assert added.similar is None
    assert added.image.id != first.image.id
    assert (added.image.title, added.image.tags, added.image.owner) == ("mine", ("seen",), "rita")
    assert added.image.created_at == house.clock()
    assert await house.titles(Viewer(rita)) == ["mine"]
    assert len(house.files()) == 2  # stored once
    await house.catalog.purge(Viewer(jeff), first.image.id)
    await house.remove_what_may_go()
    assert len(house.files()) == 2


def age(connection: Connection) -> None:
    """Make all that is known of bytes what an older version might have found."""
    seqs = connection.execute(sa.select(images.c.seq)).scalars().all()
    for seq in seqs:
        term_index.take_out(connection, seq)
    moment = datetime(1999, 1, 1, tzinfo=UTC)
    facts = {"taken_at": moment, "camera_key": "older", "exif": {"make": "Older"}, "width": 7}
    connection.execute(sa.update(blobs).values(facts))
    connection.execute(sa.update(images).values(taken_at=moment))
    for seq in seqs:
        term_index.put_back(connection, seq)
    connection.execute(sa.update(fingerprints).values(version=0, views=b"\x55" * 48))


async def test_it_looks_the_same_where_an_older_version_knew_the_bytes(
    house: Any, index: FingerprintIndex, jeff: User, rita: User, picture: Any
) -> None:
    his = (await house.upload(jeff, picture(1), visibility=Visibility.PRIVATE)).image
    (was,) = await house.database.read(fingerprint_rows)
    await index.load()
    await house.database.write(age)
    hers = (await house.upload(rita, picture(1))).image
    assert await house.catalog.image(Viewer(rita), hers.id) == hers
    assert (hers.exif, hers.taken_at, hers.width) == (his.exif, his.taken_at, his.width)
    assert await house.catalog.image(Viewer(jeff), his.id) == his
    (now,) = await house.database.read(fingerprint_rows)
    assert now[1:] == was[1:]
    assert now.seq > was.seq  # or else those who search would not hear of it
    for query, count in (("camera:older", 0), ("taken:1999", 0), ("width:96", 2)):
        page = await house.catalog.page(
            Viewer(jeff),
            ImageFilter(query=parse(query)),
            sort=Sort.ADDED,
            limit=9,
            after=None,
        )
        assert len(page.images) == count
    for owner, image in ((jeff, his), (rita, hers)):
        await house.catalog.purge(Viewer(owner), image.id)


def fingerprint_rows(connection: Connection) -> Any:
    columns = (fingerprints.c.seq, fingerprints.c.version, fingerprints.c.views)
    return connection.execute(sa.select(*columns)).all()


async def test_trashed_bytes_uploaded_again_are_wanted_again_under_new_words(
    house: Any, jeff: User, picture: Any
) -> None:
    first = (await house.upload(jeff, picture(1), title="old", tags=("a", "b"))).image
    await house.catalog.trash(Viewer(jeff), first.id)
    again = await house.upload(
        jeff, picture(1), title="new", tags=("b", "c"), visibility=Visibility.PRIVATE
    )
    assert not again.duplicate
    assert (again.image.id, again.image.title) == (first.id, "new")
    assert again.image.tags == ("b", "c")
    assert again.image.visibility is Visibility.PRIVATE
    assert again.image.trashed_at is None
    assert await house.catalog.image(Viewer(jeff), first.id) == again.image
