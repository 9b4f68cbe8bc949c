"""Uploads that fail, at whatever step: nothing is left behind, and the next one works."""

import asyncio
import errno
import os
import shutil
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pytest
from imgrepo_server.blobs.local import LocalStore
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.imaging.workers import WorkerPool
from imgrepo_server.models import User, Viewer
from imgrepo_server.services.ingest import Added
from sqlalchemy import Connection

P = ParamSpec("P")
T = TypeVar("T")
Watching = Callable[..., AbstractContextManager[Any]]
STEPS = frozenset({"FileIO.write", "fsync", "mkdir", "replace"})


async def cap(database: SqliteDatabase, spare: int) -> None:
    """Let the database grow by so many pages and no more."""

    def change(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + spare}")

    await database.write(change)


class BrokenWorkers(WorkerPool):
    """Leaves half a preview, then breaks; or never comes to an end."""

    def __init__(self, error: Exception | None):
        super().__init__()
        self.begun = asyncio.Event()
        self._error = error

    async def examine(self, source: Path, preview: Path | None, size: int | None = None) -> Any:
        assert size
        assert preview is not None
        await asyncio.to_thread(preview.write_bytes, await asyncio.to_thread(source.read_bytes))
        self.begun.set()
        if self._error is None:
            await asyncio.Event().wait()
        else:
            raise self._error


class ThreadedWorkers(WorkerPool):
    """Does the workers' work on a thread, where it can be watched."""

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.to_thread(function, *args, **kwargs)


async def outcome(work: Awaitable[Any]) -> Any:
    """What comes of it: the result or the exception."""
    return (await asyncio.gather(work, return_exceptions=True))[0]


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        (ErrorCode.EMPTY_FILE, lambda _: b""),
        (ErrorCode.FILE_TOO_LARGE, lambda data: data + bytes(1_000_000)),
        (ErrorCode.NOT_AN_IMAGE, lambda data: b"text" + data),
        (ErrorCode.UNSUPPORTED_FORMAT, lambda data: b"%PDF-1.7" + data),
        (ErrorCode.TRUNCATED_IMAGE, lambda data: data[:-100]),
        (ErrorCode.CHECKSUM_MISMATCH, None),
    ],
)
async def test_what_is_refused_leaves_nothing(
    house: Any, jeff: User, picture: Any, code: ErrorCode, spoil: Callable[[bytes], bytes] | None
) -> None:
    await house.upload(jeff, picture(1))
    before = house.files()
    data, announced = picture(2), None
    if spoil is None:
        announced = "0" * 64
    else:
        data = spoil(data)
    with pytest.raises(ImgrepoError) as caught:
        await house.upload(jeff, data, sha256=announced)
    assert caught.value.code is code
    assert house.files() == before
    await house.remove_what_may_go()
    assert house.files() == before


@pytest.mark.parametrize(
    "error",
    [
        ImgrepoError(ErrorCode.IMAGE_TOO_EXPENSIVE, "Too much."),
        ImgrepoError(ErrorCode.OVERLOADED, "Too many."),
        OSError(errno.EIO, "Input/output error"),
        RuntimeError("a defect"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_workers_that_fail_leave_nothing(
    build: Any, store: LocalStore, jeff: User, picture: Any, error: Exception
) -> None:
    house = build(store, workers=BrokenWorkers(error))
    with pytest.raises(type(error)):
        await house.upload(jeff, picture(1))
    assert house.files() == set()


async def test_a_preview_without_room_is_no_defect_of_the_server(
    build: Any, store: LocalStore, jeff: User, picture: Any
) -> None:
    house = build(store, workers=BrokenWorkers(OSError(errno.ENOSPC, "No space left on device")))
    with pytest.raises(ImgrepoError) as caught:
        await house.upload(jeff, picture(1))
    assert caught.value.code is ErrorCode.STORAGE_FULL
    assert house.files() == set()


async def test_an_upload_that_is_cancelled_leaves_nothing(
    build: Any, store: LocalStore, jeff: User, picture: Any
) -> None:
    workers = BrokenWorkers(None)
    house = build(store, workers=workers)
    uploading = asyncio.create_task(house.upload(jeff, picture(1)))
    await workers.begun.wait()
    assert len(house.files()) == 2
    uploading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await uploading
    assert house.files() == set()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
async def test_a_fault_at_any_step_on_the_disk_leaves_nothing(
    house: Any, jeff: User, picture: Any, system_calls: Watching, number: int
) -> None:
    failed = 0

    def fail(count: int) -> None:
        if count == failed:
            raise OSError(number, os.strerror(number))

    expected = ImgrepoError if number == errno.ENOSPC else OSError
    while True:
        failed += 1
        before = house.files()
        with system_calls(STEPS, fail) as calls:
            result = await outcome(house.upload(jeff, picture(failed)))
        if len(calls.seen) < failed:
            break
        if isinstance(result, Added):
            continue  # the step was harmless, such as making a folder that is there
        assert isinstance(result, expected)
        if isinstance(result, ImgrepoError):
            assert result.code is ErrorCode.STORAGE_FULL
        assert await house.titles(Viewer(jeff)) == ["A picture"] * (len(before) // 2)
        await house.remove_what_may_go()
        assert house.files() == before, calls.seen
        await house.upload(jeff, picture(failed))  # and works again
    assert set(calls.seen) == STEPS


async def test_bytes_are_on_the_disk_before_their_names_and_names_before_the_row(
    migrated: Path, build: Any, picture: Any, system_calls: Watching, records: Any
) -> None:
    with system_calls({"fsync", "replace", "Connection.commit"}) as calls:
        house = build(None)
        database = SqliteDatabase(Path(shutil.copy(migrated, house.folder.with_name("own.db"))))
        store = LocalStore(house.folder)
        await database.open()
        await store.open()
        house = build(store, database=database, workers=ThreadedWorkers())
        jeff = await database.write(lambda connection: records(connection).user("jeff"))
        del calls.seen[:]
        await house.upload(jeff, picture(1))
    await store.close()
    await database.close()
    changes = [call for call in calls.seen if call != "Connection.commit"]
    assert changes == ["fsync"] * 2 + ["replace"] * 2 + ["fsync"] * 3
    # Readers end their transactions, too; but from the first name on, only the row's is left.
    assert calls.seen[calls.seen.index("replace") :][5:] == ["Connection.commit"]


async def test_a_database_without_room_leaves_nothing_once_there_is_room_again(
    house: Any, database: SqliteDatabase, jeff: User, picture: Any
) -> None:
    await house.upload(jeff, picture(1))
    before = house.files()
    await cap(database, 0)
    for seed in range(2, 40):  # until the pages that are there are full
        result = await outcome(house.upload(jeff, picture(seed), title="x" * 500))
        if not isinstance(result, Added):
            break
        before = house.files()
    assert isinstance(result, ImgrepoError)
    assert result.code is ErrorCode.STORAGE_FULL
    assert await house.titles(Viewer(jeff)) == ["A picture"] + ["x" * 500] * (seed - 2)
    await cap(database, 1000)
    await house.remove_what_may_go()
    assert house.files() == before
    await house.upload(jeff, picture(seed))
