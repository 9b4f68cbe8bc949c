import os
import subprocess
import sys

import pytest
from imgrepo_server.blobs.memory_file import memory_file

resource = pytest.importorskip("resource")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")


def test_another_process_reads_it_while_it_is_there() -> None:
    reading = "import sys, pathlib; print(pathlib.Path(sys.argv[1]).read_bytes())"
    with memory_file([b"abc", bytes(200_000), b"def"]) as path:
        assert path is not None
        run = subprocess.run(
            [sys.executable, "-c", reading, path], capture_output=True, check=True, text=True
        )
        assert run.stdout.strip() == repr(b"abc" + bytes(200_000) + b"def")
    assert not path.exists()


def test_nothing_of_it_stays_open() -> None:
    before = len(os.listdir("/dev/fd"))  # noqa: PTH208 - a folder of the system's
    for _ in range(5):
        with pytest.raises(KeyError), memory_file([b"abc"]):
            raise KeyError
    assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208


def test_without_room_for_another_open_file_there_is_none() -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        with memory_file([b"abc"]) as path:
            assert path is None
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
