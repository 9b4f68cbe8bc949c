"""The process that workers are forked from, started before anything needs one."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from imgrepo_server.imaging.fork_server import start_early, unseen_by_interrupts
from imgrepo_server.imaging.workers import WorkerPool


async def test_workers_come_from_one_that_was_started_early(tmp_path: Path, picture: Any) -> None:
    start_early()
    start_early()  # the one that runs will do
    source = tmp_path / "a.jpg"
    source.write_bytes(picture(1))
    pool = WorkerPool(workers=1)
    try:
        assert (await pool.examine(source, None)).format == "jpeg"
    finally:
        await pool.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there a terminal's interrupt is no signal")
def test_what_is_started_unseen_outlives_an_interrupt_of_its_group() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, set())
    with unseen_by_interrupts():
        unseen = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, set()) == before
    unseen.send_signal(signal.SIGINT)  # while it loads what it needs, or later
    unseen.communicate(b"\n", timeout=20)
    assert unseen.returncode == 0
