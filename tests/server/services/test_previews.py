"""Previews that are made when somebody asks: for one image, and gone with it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from imgrepo_server.blobs.local import LocalStore
from imgrepo_server.blobs.store import original_key, preview_key
from imgrepo_server.db import ownership
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.imaging.workers import WorkerPool
from imgrepo_server.models import User, Viewer
from imgrepo_server.services.removal import GRACE

MOMENT = timedelta(seconds=1)


class CountingWorkers(WorkerPool):
    """Counts the previews that were made."""

    rendered = 0

    async def render_preview(self, *args: Any, **kwargs: Any) -> None:
        self.rendered += 1
        await super().render_preview(*args, **kwargs)


class FailingStore(LocalStore):
    """Fails to remove anything while it is told to."""

    failing = False

    async def remove(self, key: str) -> None:
        if self.failing:
            raise PermissionError(13, "Permission denied", key)
        await super().remove(key)


async def uploaded(house: Any, owner: User, data: bytes) -> Any:
    return (await house.upload(owner, data)).image


async def seen(house: Any, image: Any, size: int = 1024) -> str:
    """Look at a preview; where it stands."""
    file = await house.catalog.preview(image, size)
    assert file.size > 0
    return str(file.key)


async def test_nobody_gets_a_preview_sooner_as_somebody_else_looked_at_theirs(
    store: LocalStore, build: Callable[..., Any], jeff: User, rita: User, picture: Any
) -> None:
    workers = CountingWorkers(workers=1)
    house = build(store, workers=workers)
    his, hers = [await uploaded(house, owner, picture(1)) for owner in (jeff, rita)]
    for times, image in ((1, his), (1, his), (2, hers), (2, hers)):
        await seen(house, image)
        assert workers.rendered == times
    # What every upload makes anew anyway is there once.
    assert await seen(house, his, 512) == await seen(house, hers, 512)
    assert workers.rendered == 2
    await workers.close()


async def test_they_go_with_their_image_and_no_other(
    house: Any, jeff: User, rita: User, picture: Any
) -> None:
    his, hers = [await uploaded(house, owner, picture(1)) for owner in (jeff, rita)]
    gone = {await seen(house, his, size) for size in (256, 1024)}
    kept = {await seen(house, hers, size) for size in (256, 1024)}
    before = house.files()
    await house.catalog.purge(Viewer(jeff), his.id)
    house.clock.move(GRACE)
    await house.removal.sweep()
    assert house.files() == before
    house.clock.move(MOMENT)
    await house.removal.sweep()
    assert house.files() == before - gone
    assert kept < house.files()
    await house.catalog.purge(Viewer(rita), hers.id)
    await house.remove_what_may_go()
    assert house.files() == set()


async def test_they_go_also_where_others_come_to_have_the_bytes_meanwhile(
    house: Any, jeff: User, rita: User, picture: Any
) -> None:
    his = await uploaded(house, jeff, picture(1))
    await seen(house, his)
    await house.catalog.purge(Viewer(jeff), his.id)
    hers = await uploaded(house, rita, picture(1))
    await house.remove_what_may_go()
    assert house.files() == {original_key(hers.sha256), preview_key(hers.sha256)}


async def test_they_go_when_an_account_is_deleted(
    house: Any, database: SqliteDatabase, jeff: User, rita: User, picture: Any
) -> None:
    his, hers = [await uploaded(house, owner, picture(1)) for owner in (jeff, rita)]
    await seen(house, his)
    await database.write(lambda it: ownership.purge_some(it, jeff, house.clock(), 10))
    await house.remove_what_may_go()
    assert house.files() == {original_key(hers.sha256), preview_key(hers.sha256)}


async def test_a_sweep_that_failed_is_made_good_by_the_next(
    build: Callable[..., Any], jeff: User, rita: User, picture: Any, tmp_path: Path
) -> None:
    store = FailingStore(tmp_path / "storage")
    await store.open()
    house = build(store)
    his, hers = [await uploaded(house, owner, picture(1)) for owner in (jeff, rita)]
    await seen(house, his)
    await house.catalog.purge(Viewer(jeff), his.id)
    house.clock.move(2 * GRACE)
    store.failing = True
    with pytest.raises(PermissionError):
        await house.removal.sweep()
    store.failing = False
    await house.removal.sweep()
    assert house.files() == {original_key(hers.sha256), preview_key(hers.sha256)}
    await store.close()
