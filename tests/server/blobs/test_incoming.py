"""A file on its way in: what is counted, what is held, and that nothing of it stays."""

import asyncio
import errno
import hashlib
import os
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.blobs.incoming import BUFFER_SIZE, IncomingFile, finish_all
from imgrepo_server.errors import ErrorCode, ImgrepoError

FilesIn = Callable[[Path], set[str]]
Watching = Callable[..., AbstractContextManager[Any]]
MIB = 1024 * 1024


@given(pieces=st.lists(st.binary(max_size=50), max_size=8))
def test_what_is_written_is_what_is_hashed_counted_and_kept(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("incoming") / "0"

    async def receive() -> IncomingFile:
        file = IncomingFile(path, 1000)
        for piece in pieces:
            await file.write(piece)
        await file.finish()
        return file

    file, whole = asyncio.run(receive()), b"".join(pieces)
    assert path.read_bytes() == whole
    assert (file.size, file.sha256) == (len(whole), hashlib.sha256(whole).hexdigest())


async def test_the_limit_falls_at_its_first_byte_over(tmp_path: Path) -> None:
    file = IncomingFile(tmp_path / "0", 10)
    await file.write(b"x" * 9)
    await file.write(b"x")
    with pytest.raises(ImgrepoError) as caught:
        await file.write(b"x")
    assert caught.value.code is ErrorCode.FILE_TOO_LARGE
    assert caught.value.details == {"limit": 10}
    await file.discard()


async def test_a_large_file_never_stands_in_memory(tmp_path: Path) -> None:
    file = IncomingFile(tmp_path / "0", 100 * MIB)
    tracemalloc.start()
    for _ in range(160):
        await file.write(bytes(MIB // 4))
    await file.finish()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert file.size == 40 * MIB
    assert peak < 4 * BUFFER_SIZE
    await file.discard()


@pytest.mark.parametrize("received", [0, 5, BUFFER_SIZE + 5])
@pytest.mark.parametrize("finished", [False, True])
async def test_discarding_leaves_nothing(
    tmp_path: Path, files_in: FilesIn, received: int, finished: bool
) -> None:
    file = IncomingFile(tmp_path / "0", 10 * BUFFER_SIZE)
    await file.write(b"x" * received)
    if finished:
        await file.finish()
    await file.discard()
    await file.discard()
    assert files_in(tmp_path) == set()


async def test_what_has_been_placed_is_not_discarded(tmp_path: Path, files_in: FilesIn) -> None:
    file = IncomingFile(tmp_path / "0", 10)
    await file.write(b"x")
    await file.finish()
    file.placed()
    await file.discard()
    assert files_in(tmp_path) == {"0"}


def test_a_cancelled_write_leaves_nothing_either(tmp_path: Path, files_in: FilesIn) -> None:
    async def cancel_after(delay: float) -> None:
        file = IncomingFile(tmp_path / "0", 10 * BUFFER_SIZE)
        writing = asyncio.create_task(file.write(bytes(4 * BUFFER_SIZE)))
        await asyncio.sleep(0)
        await asyncio.sleep(delay)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await file.discard()

    for delay in (0, 0, 0.0002, 0.0005, 0.001, 0.002):
        asyncio.run(cancel_after(delay))  # returns when no thread is at work any more
        assert files_in(tmp_path) == set()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
async def test_a_full_disk_has_its_own_code(
    tmp_path: Path, files_in: FilesIn, system_calls: Watching, number: int
) -> None:
    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    with system_calls({"FileIO.write"}, fail):
        file = IncomingFile(tmp_path / "0", 10)
        await file.write(b"x")
        with pytest.raises(OSError if number == errno.EIO else ImgrepoError) as caught:
            await file.finish()
    if isinstance(caught.value, ImgrepoError):
        assert caught.value.code is ErrorCode.STORAGE_FULL
    await file.discard()
    assert files_in(tmp_path) == set()


async def test_several_are_finished_together_and_refused_one_by_one(
    tmp_path: Path, files_in: FilesIn
) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x" * (BUFFER_SIZE + 1))
    copy, large, gone, written = files = [
        IncomingFile(tmp_path / str(number), BUFFER_SIZE + (number != 1)) for number in range(4)
    ]
    for file in (copy, large):
        file.copy_of(str(source))
    gone.copy_of(str(tmp_path / "gone"))
    await written.write(b"abc")
    errors = await finish_all(files)
    codes = [error.code if isinstance(error, ImgrepoError) else error for error in errors]
    assert codes == [None, ErrorCode.FILE_TOO_LARGE, ErrorCode.UNREADABLE_FILE, None]
    assert (copy.size, copy.sha256) == (
        BUFFER_SIZE + 1,
        hashlib.sha256(b"x" * copy.size).hexdigest(),
    )
    assert copy.path.read_bytes() == source.read_bytes()
    assert written.path.read_bytes() == b"abc"
    for file in files:
        await file.discard()
    assert files_in(tmp_path) == {"source"}


async def test_one_that_cannot_be_written_keeps_no_other_from_it(tmp_path: Path) -> None:
    bad, good = IncomingFile(tmp_path / "no" / "folder", 10), IncomingFile(tmp_path / "1", 10)
    for file in (bad, good):
        await file.write(b"abc")
    error, none = await finish_all([bad, good])
    assert isinstance(error, FileNotFoundError)
    assert none is None
    assert good.path.read_bytes() == b"abc"


async def test_what_is_no_file_leaves_nothing_open(tmp_path: Path) -> None:
    before = len(os.listdir("/dev/fd"))  # noqa: PTH208 - a folder of the system's
    for number in range(20):
        file = IncomingFile(tmp_path / str(number), 10)
        file.copy_of(str(tmp_path))
        with pytest.raises(ImgrepoError, match="not a regular file"):
            await file.finish()
    assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
async def test_what_is_only_looked_at_never_comes_to_the_disk(
    tmp_path: Path, files_in: FilesIn
) -> None:
    file = IncomingFile(tmp_path / "0", BUFFER_SIZE)
    await file.write(b"abc")
    await file.write(b"def")
    with file.in_memory() as path:
        assert path is not None
        assert path.read_bytes() == b"abcdef"
    assert await file.digest() == hashlib.sha256(b"abcdef").hexdigest()
    await file.discard()
    assert files_in(tmp_path) == set()


async def test_what_was_looked_at_can_still_be_finished(tmp_path: Path, files_in: FilesIn) -> None:
    file = IncomingFile(tmp_path / "0", BUFFER_SIZE)
    await file.write(b"abc")
    with file.in_memory():
        pass
    await file.finish()
    assert file.path.read_bytes() == b"abc"
    assert await file.digest() == file.sha256 == hashlib.sha256(b"abc").hexdigest()
    await file.discard()
    assert files_in(tmp_path) == set()


async def test_what_is_too_large_for_it_is_not_in_memory(tmp_path: Path) -> None:
    file = IncomingFile(tmp_path / "0", 2 * BUFFER_SIZE)
    await file.write(bytes(BUFFER_SIZE))
    await file.write(b"abc")
    with file.in_memory() as path:
        assert path is None
    assert await file.digest() == hashlib.sha256(bytes(BUFFER_SIZE) + b"abc").hexdigest()
    await file.discard()
    assert not file.path.exists()


async def test_what_is_a_copy_or_finished_is_not_in_memory(
    tmp_path: Path, files_in: FilesIn
) -> None:
    copy, empty = IncomingFile(tmp_path / "0", 10), IncomingFile(tmp_path / "1", 10)
    copy.copy_of(str(tmp_path))
    await empty.finish()
    for file in (copy, empty):
        with file.in_memory() as path:
            assert path is None
        await file.discard()
    assert files_in(tmp_path) == set()
