"""Removing bytes that nothing names: after the grace period, and never from under an upload."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from imgrepo_server.blobs.local import LocalStore
from imgrepo_server.blobs.store import original_key
from imgrepo_server.db import blobs
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import User, Viewer
from imgrepo_server.services.removal import GRACE

MOMENT = timedelta(seconds=1)


class StickingStore(LocalStore):
    """Fails to remove some keys."""

    def __init__(self, root: Path, stuck: set[str]):
        super().__init__(root)
        self._stuck = stuck

    async def remove(self, key: str) -> None:
        if key in self._stuck:
            raise PermissionError(13, "Permission denied", key)
        await super().remove(key)


async def discarded(house: Any, owner: User, data: bytes) -> str:
    """Upload bytes and delete the image for good; returns their hash."""
    image = (await house.upload(owner, data)).image
    await house.catalog.purge(Viewer(owner), image.id)
    return str(image.sha256)


async def claim(database: SqliteDatabase, clock: Any) -> None:
    """Begin a sweep, as a process does that is killed before it ends it."""
    claimed = await database.write(
        lambda connection: blobs.claim_removable(connection, clock() - GRACE, 100)
    )
    assert claimed


async def test_purged_bytes_go_after_the_grace_period(house: Any, jeff: User, picture: Any) -> None:
    kept = (await house.upload(jeff, picture(1))).image
    await discarded(house, jeff, picture(2))
    assert len(house.files()) == 4  # two originals, two previews
    house.clock.move(GRACE)
    assert await house.removal.sweep() == 0
    assert len(house.files()) == 4
    house.clock.move(MOMENT)
    assert await house.removal.sweep() == 1
    assert {name[:70] for name in house.files()} == {original_key(kept.sha256)}
    assert await house.removal.sweep() == 0


async def test_bytes_that_somebody_else_has_stay(
    house: Any, jeff: User, rita: User, picture: Any
) -> None:
    await house.upload(rita, picture(1))
    await discarded(house, jeff, picture(1))
    house.clock.move(GRACE + MOMENT)
    assert await house.removal.sweep() == 0
    assert len(house.files()) == 2


async def test_trashed_bytes_stay(house: Any, jeff: User, picture: Any) -> None:
    image = (await house.upload(jeff, picture(1))).image
    await house.catalog.trash(Viewer(jeff), image.id)
    house.clock.move(GRACE + MOMENT)
    assert await house.removal.sweep() == 0
    assert len(house.files()) == 2


async def test_an_upload_of_marked_bytes_keeps_them(house: Any, jeff: User, picture: Any) -> None:
    await discarded(house, jeff, picture(1))
    house.clock.move(GRACE + MOMENT)
    image = (await house.upload(jeff, picture(1))).image
    assert await house.removal.sweep() == 0
    house.clock.move(GRACE + MOMENT)
    assert await house.removal.sweep() == 0
    assert (house.folder / original_key(image.sha256)).read_bytes() == picture(1)


async def test_an_upload_that_is_about_to_place_its_bytes_keeps_them(
    house: Any, jeff: User, picture: Any
) -> None:
    sha256 = await discarded(house, jeff, picture(1))
    house.clock.move(GRACE + MOMENT)
    await house.removal.keep(sha256)
    assert await house.removal.sweep() == 0
    assert (house.folder / original_key(sha256)).exists()
    house.clock.move(GRACE + MOMENT)  # and the upload came to nothing
    assert await house.removal.sweep() == 1


async def test_an_upload_waits_for_a_sweep_that_has_begun_with_its_bytes(
    house: Any, database: SqliteDatabase, jeff: User, picture: Any
) -> None:
    sha256 = await discarded(house, jeff, picture(1))
    house.clock.move(GRACE + MOMENT)
    await claim(database, house.clock)
    uploading = asyncio.create_task(house.upload(jeff, picture(1)))
    await asyncio.sleep(0.1)
    assert not uploading.done()
    assert await house.removal.sweep() == 1  # ends what was begun
    image = (await uploading).image
    assert image.sha256 == sha256
    assert (house.folder / original_key(sha256)).read_bytes() == picture(1)


async def test_an_upload_does_not_wait_for_a_killed_sweep_for_ever(
    house: Any, database: SqliteDatabase, jeff: User, picture: Any
) -> None:
    await discarded(house, jeff, picture(1))
    house.clock.move(GRACE + MOMENT)
    await claim(database, house.clock)
    with pytest.raises(ImgrepoError) as caught:
        await house.upload(jeff, picture(1))
    assert caught.value.code is ErrorCode.OVERLOADED
    assert "busy" in caught.value.message  # and nothing of bytes that may have been another's
    assert await house.removal.sweep() == 1
    await house.upload(jeff, picture(1))


async def test_a_sweep_that_failed_half_way_is_finished_by_the_next(
    build: Any, jeff: User, picture: Any, tmp_path: Path
) -> None:
    stuck: set[str] = set()
    store = StickingStore(tmp_path / "storage", stuck)
    await store.open()
    house = build(store)
    hashes = [await discarded(house, jeff, picture(seed)) for seed in range(3)]
    house.clock.move(GRACE + MOMENT)
    stuck.add(original_key(sorted(hashes)[1]))
    with pytest.raises(PermissionError):
        await house.removal.sweep()
    assert 2 <= len(house.files()) <= 4
    stuck.clear()
    assert await house.removal.sweep() >= 1
    assert house.files() == set()
    assert await house.removal.sweep() == 0
    await store.close()


async def test_sweeps_and_uploads_of_the_same_bytes_never_lose_an_image(
    house: Any, jeff: User, picture: Any
) -> None:
    data = picture(1)
    for turn in range(15):
        await discarded(house, jeff, data)
        house.clock.move(GRACE + MOMENT)
        uploads = [house.upload(jeff, data) for _ in range(2)]
        sweeps = [house.removal.sweep() for _ in range(2)]
        together = [*uploads, *sweeps] if turn % 2 else [*sweeps, *uploads]
        results = await asyncio.gather(*together)
        image = next(result.image for result in results if not isinstance(result, int))
        await house.removal.sweep()
        (verified,) = await house.verification.verify(Viewer(jeff), [image.id])
        assert verified.status == "ok"
        await house.catalog.purge(Viewer(jeff), image.id)
