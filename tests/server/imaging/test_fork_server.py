"""The process that workers are forked from, started before anything needs one."""

from multiprocessing import forkserver
from pathlib import Path

from imgrepo_server.imaging.fork_server import default_start_method, start_early
from imgrepo_server.imaging.workers import WorkerPool


async def test_workers_come_from_the_one_that_was_started_early(photo: Path) -> None:
    start_early()
    server = forkserver._forkserver  # type: ignore[attr-defined]  # typeshed leaves it out
    running = server._forkserver_pid
    assert (running is not None) == (default_start_method() == "forkserver")
    pool = WorkerPool(workers=1)
    try:
        assert (await pool.examine(photo, None)).format == "jpeg"
    finally:
        await pool.close()
    assert server._forkserver_pid == running
