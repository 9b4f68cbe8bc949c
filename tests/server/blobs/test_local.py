"""A folder as the store: whole files or none, in an order that survives a power cut."""

import asyncio
import errno
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, aclosing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from imgrepo_server.blobs.local import LocalStore
from imgrepo_server.blobs.open import store_at
from imgrepo_server.blobs.store import image_key, image_preview_key, original_key, preview_key
from imgrepo_server.errors import ErrorCode, ImgrepoError

FilesIn = Callable[[Path], set[str]]
Watching = Callable[..., AbstractContextManager[Any]]

SHA256 = "ab" + "cd" + "0" * 60
CONTENT = {original_key(SHA256): b"original" * 1000, preview_key(SHA256): b"preview"}
STEPS = frozenset({"mkdir", "replace", "fsync"})


def stage(store: LocalStore) -> dict[str, Path]:
    staged = {}
    for key, content in CONTENT.items():
        staged[key] = store.staging_path()
        staged[key].write_bytes(content)
    return staged


async def read(store: LocalStore, key: str, start: int, stop: int) -> bytes:
    async with aclosing(store.read(key, start, stop)) as pieces:
        return b"".join([piece async for piece in pieces])


async def test_what_is_placed_is_read_back(store: LocalStore, files_in: FilesIn) -> None:
    await store.place(stage(store))
    for key, content in CONTENT.items():
        size = await store.size(key)
        assert await read(store, key, 0, size) == content
        assert await read(store, key, 3, 5) == content[3:5]
        async with store.local_file(key) as path:
            assert path.read_bytes() == content
    assert files_in(path.parents[2]) == set(CONTENT)


async def test_a_file_that_is_missing_or_short_is_never_taken_for_whole(store: LocalStore) -> None:
    with pytest.raises(FileNotFoundError):
        await store.size("ab/cd/nothing")
    with pytest.raises(FileNotFoundError):
        await read(store, "ab/cd/nothing", 0, 1)
    await store.place(stage(store))
    key = preview_key(SHA256)
    with pytest.raises(EOFError):
        await read(store, key, 0, len(CONTENT[key]) + 1)


async def test_entries_reach_the_disk_after_the_files_and_before_the_reply(
    tmp_path: Path, system_calls: Watching
) -> None:
    with system_calls(STEPS) as calls:
        store = LocalStore(tmp_path / "new" / "storage")
        await store.open()
        assert calls.seen.count("fsync") == 2
        del calls.seen[:]
        await store.place(stage(store))
        changes = [call for call in calls.seen if call != "mkdir"]
        # Of the folders above as well: an entry of theirs is new.
        assert changes == ["fsync"] * 2 + ["replace"] * 2 + ["fsync"] * 3
        del calls.seen[:]
        await store.place(stage(store))
        assert calls.seen == ["fsync"] * 2 + ["replace"] * 2 + ["fsync"]
        await store.close()


@pytest.mark.parametrize(
    ("call", "which"),
    [
        ("mkdir", 1),
        ("mkdir", 2),
        ("replace", 1),
        ("replace", 2),
        *(("fsync", n) for n in range(1, 6)),
    ],
)
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_fault_at_any_step_leaves_whole_files_or_none(
    tmp_path: Path, system_calls: Watching, call: str, which: int, number: int
) -> None:
    def fail(count: int) -> None:
        if count == which:
            raise OSError(number, os.strerror(number))

    async def place_twice() -> None:
        store = LocalStore(tmp_path)
        await store.open()
        expected = ImgrepoError if number == errno.ENOSPC else OSError
        with system_calls({call}, fail), pytest.raises(expected) as caught:
            await store.place(stage(store))
        if isinstance(caught.value, ImgrepoError):
            assert caught.value.code is ErrorCode.STORAGE_FULL
        for key, content in CONTENT.items():
            assert not (tmp_path / key).exists() or (tmp_path / key).read_bytes() == content
        with system_calls(STEPS) as calls:
            await store.place(stage(store))
        # What was not known to be on the disk is brought there now.
        assert calls.seen.count("fsync") == 2 + 3
        for key, content in CONTENT.items():
            assert await read(store, key, 0, len(content)) == content
        await store.close()

    asyncio.run(place_twice())


async def test_of_those_placed_together_one_fails_alone(store: LocalStore) -> None:
    uploads = []
    for number in range(5):
        staged = store.staging_path()
        staged.write_bytes(b"%d" % number)
        uploads.append({original_key(f"{number:064}"): staged})
    staged.unlink()
    results = await asyncio.gather(*map(store.place, uploads), return_exceptions=True)
    assert results[:4] == [None] * 4
    assert isinstance(results[4], FileNotFoundError)
    for number in range(4):
        assert await read(store, original_key(f"{number:064}"), 0, 1) == b"%d" % number


async def test_removing_takes_the_previews_along_and_nothing_else(
    store: LocalStore, tmp_path: Path, files_in: FilesIn
) -> None:
    await store.place(stage(store))
    neighbour = tmp_path / "storage/ab/cd" / ("ab" + "cd" + "1" * 60)
    neighbour.write_bytes(b"another")
    await store.remove(original_key(SHA256))
    assert files_in(tmp_path) == {str(neighbour.relative_to(tmp_path))}
    await store.remove(original_key(SHA256))  # gone already


async def test_removing_an_images_previews_leaves_those_of_others(
    store: LocalStore, files_in: FilesIn, tmp_path: Path
) -> None:
    for number in (1, 2):
        staged = stage(store)
        for size in (256, 1024):
            key = image_preview_key(SHA256, UUID(int=number), size)
            staged[key] = store.staging_path()
            staged[key].write_bytes(b"preview")
        await store.place(staged)
    await store.remove(image_key(SHA256, UUID(int=1)))
    left = {*CONTENT, *(image_preview_key(SHA256, UUID(int=2), size) for size in (256, 1024))}
    assert {name.removeprefix("storage/") for name in files_in(tmp_path)} == left
    await store.remove(original_key(SHA256))
    assert files_in(tmp_path) == set()


def test_clearing_takes_our_own_files_only(tmp_path: Path, files_in: FilesIn) -> None:
    own = {*CONTENT, image_preview_key(SHA256, UUID(int=7), 256), f"tmp/{'a' * 32}/0"}
    others = {"de/berlin.jpg", "ab/cd/notes.txt", "tmp/draft.txt", "holiday/ab/x.jpg", "README"}
    for name in own | others:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    asyncio.run(LocalStore(tmp_path).clear())
    assert files_in(tmp_path) == others
    for name in others:
        (tmp_path / name).unlink()


def test_clearing_leaves_no_empty_folders(tmp_path: Path) -> None:
    for name in CONTENT:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    asyncio.run(LocalStore(tmp_path).clear())
    assert list(tmp_path.iterdir()) == []
    asyncio.run(LocalStore(tmp_path / "not made yet").clear())


def test_a_location_chooses_the_store(tmp_path: Path) -> None:
    assert isinstance(store_at(str(tmp_path)), LocalStore)
    assert isinstance(store_at(f"file://{tmp_path}"), LocalStore)
    with pytest.raises(ImgrepoError, match="Give a folder's path"):
        store_at("ftp://example.org/pictures")
