import re
import threading
from pathlib import Path

import pytest
from imgrepo_server.imaging.confinement import WorkerLimits
from imgrepo_server.imaging.time_slice import set_time_slice
from imgrepo_server.imaging.workers import WorkerPool

ACCOUNT = Path("/proc/thread-self/sched")


def slice_of_this_thread() -> int | None:
    """Nanoseconds, where the kernel tells."""
    try:
        found = re.search(r"^se\.slice\s*:\s*(\d+)", ACCOUNT.read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) if found else None


@pytest.mark.skipif(slice_of_this_thread() is None, reason="needs Linux 6.12 or newer that tells")
def test_a_thread_gets_the_time_slice_that_it_asks_for() -> None:
    slices = [slice_of_this_thread()]

    def ask() -> None:
        set_time_slice(0.02)
        slices.append(slice_of_this_thread())

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert slices[1] == 20_000_000
    assert slice_of_this_thread() == slices[0] != slices[1]


@pytest.mark.skipif(slice_of_this_thread() is None, reason="needs Linux 6.12 or newer that tells")
@pytest.mark.parametrize(("niceness", "expected"), [(0, 100_000), (19, 20_000_000)])
async def test_workers_of_searches_have_short_turns_and_others_long_ones(
    niceness: int, expected: int
) -> None:
    pool = WorkerPool(limits=WorkerLimits(niceness=niceness), workers=1)
    told = await pool.run(Path.read_text, Path("/proc/self/sched"))
    await pool.close()
    assert re.search(rf"^se\.slice\s*:\s*{expected}$", told, re.MULTILINE)
