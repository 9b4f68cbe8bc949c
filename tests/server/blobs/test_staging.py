"""Staging folders: a dead process's is swept, a living one's and a stranger's is not."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from imgrepo_server.blobs.local import LocalStore
from imgrepo_server.blobs.staging import Staging, sweep

FilesIn = Callable[[Path], set[str]]

RECEIVE = """
import asyncio, sys, time
from pathlib import Path
from imgrepo_server.blobs.incoming import IncomingFile
from imgrepo_server.blobs.local import LocalStore

async def receive():
    store = LocalStore(Path(sys.argv[1]))
    await store.open()
    file = IncomingFile(store.staging_path(), 10**9)
    await file.write(bytes(2_000_000))
    print("half", flush=True)
    time.sleep(60)

asyncio.run(receive())
"""


@pytest.fixture
def receiving(tmp_path: Path) -> subprocess.Popen[str]:
    """A process in the middle of an upload."""
    process = subprocess.Popen(
        [sys.executable, "-c", RECEIVE, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "half\n"
    return process


def reopen(root: Path) -> None:
    async def open_and_close() -> None:
        store = LocalStore(root)
        await store.open()
        await store.close()

    asyncio.run(open_and_close())


def test_what_a_killed_process_left_goes_when_the_next_one_starts(
    receiving: subprocess.Popen[str], tmp_path: Path, files_in: FilesIn
) -> None:
    assert len(files_in(tmp_path)) == 1
    reopen(tmp_path)
    assert len(files_in(tmp_path)) == 1  # still at work
    receiving.send_signal(signal.SIGKILL)
    receiving.wait()
    assert len(files_in(tmp_path)) == 1
    reopen(tmp_path)
    assert files_in(tmp_path) == set()
    assert [path.name for path in (tmp_path / "tmp").iterdir()] == ["lock"]


def test_what_is_not_a_staging_folder_stays(tmp_path: Path, files_in: FilesIn) -> None:
    for name in ("holiday/a.jpg", "deadbeef/b.jpg", ".DS_Store", "a" * 33 + "/c.jpg"):
        (tmp_path / "tmp" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tmp" / name).write_bytes(b"somebody's own")
    (tmp_path / "tmp" / ("b" * 32)).write_bytes(b"a file under such a name")
    before = files_in(tmp_path)
    reopen(tmp_path)
    assert files_in(tmp_path) == before


def test_a_folder_without_a_lock_was_left_by_a_process_that_died_at_once(tmp_path: Path) -> None:
    (tmp_path / ("a" * 32)).mkdir()
    assert sweep(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_processes_that_start_at_once_do_not_sweep_each_other(tmp_path: Path) -> None:
    def start(_: int) -> Path:
        staging = Staging(tmp_path)
        staging.open()
        staging.path().write_bytes(b"x")
        folder = staging.path().parent
        assert (folder / "0").exists()
        staging.close()
        return folder

    with ThreadPoolExecutor(8) as threads:
        folders = list(threads.map(start, range(400)))
    assert len(set(folders)) == 400
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]
