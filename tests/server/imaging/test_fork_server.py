"""The process that workers are forked from, started before anything needs one."""

from pathlib import Path
from typing import Any

from imgrepo_server.imaging.fork_server import start_early
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
