"""Fingerprints of an older version: left out of searches, computed anew, and noticed at once."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from imgrepo_server.db.tables import fingerprints
from imgrepo_server.imaging.matching import VERSION
from imgrepo_server.models import ANONYMOUS, User, View, Viewer, Visibility
from imgrepo_server.services.fingerprint_arrays import Near
from imgrepo_server.services.fingerprint_index import FingerprintIndex
from imgrepo_server.services.outdated import Outdated
from imgrepo_server.services.reindex import Progress, Reindex
from sqlalchemy import Connection


def outdate(connection: Connection) -> None:
    views = b"\x55" * 48
    connection.execute(sa.update(fingerprints).values(version=0, views=views))


def numbers(connection: Connection) -> list[tuple[int, int]]:
    rows = connection.execute(sa.select(fingerprints.c.seq, fingerprints.c.version))
    return [(row.seq, row.version) for row in rows]


def folder_in_place_of(file: Path) -> None:
    file.unlink()
    file.mkdir()


async def stored_views(house: Any) -> list[bytes]:
    query = sa.select(fingerprints.c.views).order_by(fingerprints.c.blob_seq)
    rows: list[bytes] = await house.database.read(lambda c: c.execute(query).scalars().all())
    return rows


@pytest.fixture
def reindex(house: Any, workers: Any) -> Reindex:
    return Reindex(database=house.database, store=house.store, workers=workers)


async def test_it_brings_back_what_an_upload_computed(
    house: Any, jeff: User, picture: Any, reindex: Reindex
) -> None:
    for seed in range(5):
        await house.upload(jeff, picture(seed))
    before = await stored_views(house)
    await house.database.write(outdate)
    told: list[tuple[int, int]] = []

    def note(progress: Progress) -> None:
        told.append((progress.done, progress.total))

    progress = await reindex.run(note)
    assert (progress.done, progress.total, progress.failures) == (5, 5, [])
    assert told[0] == (0, 5)
    assert told[-1] == (5, 5)
    assert await stored_views(house) == before
    assert (await reindex.run(note)).total == 0


def seqs(_: Connection, near: Near) -> list[int]:
    found: list[int] = near.seq.tolist()
    return found


async def test_a_running_servers_index_hears_of_it(
    house: Any, jeff: User, picture: Any, reindex: Reindex
) -> None:
    await house.upload(jeff, picture(1))
    (packed,) = await stored_views(house)
    query = [View(packed[:8], packed[8:16], packed[16:48])]
    index = FingerprintIndex(house.database)
    await house.database.write(outdate)
    assert await index.search(query, 10, seqs) is None  # other versions cannot be compared
    await reindex.run(lambda _: None)
    answer = await index.search(query, 10, seqs)
    assert answer is not None
    ((seq, _),) = await house.database.read(numbers)
    assert answer[1] == [seq]
    index.close()


async def test_what_cannot_be_computed_is_named_and_stays(
    house: Any, jeff: User, picture: Any, reindex: Reindex
) -> None:
    kept = await house.upload(jeff, picture(1))
    lost = await house.upload(jeff, picture(2))
    sha256 = lost.image.sha256
    await house.store.remove(f"{sha256[:2]}/{sha256[2:4]}/{sha256}")
    await house.database.write(outdate)
    progress = await reindex.run(lambda _: None)
    assert progress.done == 1
    assert [failure.sha256 for failure in progress.failures] == [sha256]
    assert sorted(version for _, version in await house.database.read(numbers)) == [0, VERSION]
    assert kept.image.id in {image.id for image in await house.images(Viewer(jeff))}


async def test_what_cannot_be_found_is_told_to_those_who_may_see_it(
    house: Any, jeff: User, picture: Any, reindex: Reindex, caplog: pytest.LogCaptureFixture
) -> None:
    added = await house.upload(jeff, picture(1), visibility=Visibility.PRIVATE)
    fresh = Outdated(house.database)
    await fresh.warn("the command")
    assert not await fresh.hides_from(Viewer(jeff))
    assert caplog.messages == []
    await house.database.write(outdate)
    outdated = Outdated(house.database)
    await outdated.warn("the command")
    (said,) = caplog.messages
    assert said.startswith("1 pictures have")
    assert said.endswith("the command")
    seen = [await outdated.hides_from(viewer) for viewer in (Viewer(jeff), ANONYMOUS)]
    assert seen == [True, False]
    await house.catalog.trash(Viewer(jeff), added.image.id)
    assert not await outdated.hides_from(Viewer(jeff))
    await house.catalog.restore(Viewer(jeff), added.image.id)
    await reindex.run(lambda _: None)
    assert not await outdated.hides_from(Viewer(jeff))


async def test_what_cannot_be_read_is_named_and_the_others_are_renewed(
    house: Any, jeff: User, picture: Any, reindex: Reindex
) -> None:
    lost = await house.upload(jeff, picture(1))
    await house.upload(jeff, picture(2))
    sha256 = lost.image.sha256
    key = f"{sha256[:2]}/{sha256[2:4]}/{sha256}"
    async with house.store.local_file(key) as path:
        place = Path(path)
    folder_in_place_of(place)
    await house.database.write(outdate)
    progress = await reindex.run(lambda _: None)
    assert progress.done == 1
    (failure,) = progress.failures
    assert failure.sha256 == sha256
    assert failure.reason == "Its file cannot be read: Is a directory."
