import subprocess
import sys

import pytest

COUNTING = """
import resource
from imgrepo_server.imaging.freed_memory import keep_freed_memory

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def work():
    kept = [b"x" * 700_000 for _ in range(6)]

keep_freed_memory({size})
for _ in range(3):
    work()
before = faults()
for _ in range(10):
    work()
print(faults() - before)
"""


def faults(size: int) -> int:
    program = COUNTING.format(size=size)
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    return int(run.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="of the GNU C library")
def test_what_is_kept_need_not_be_asked_for_again() -> None:
    given_back, kept = faults(1 << 20), faults(16 << 20)
    if given_back < 1000:
        pytest.skip("another C library")
    assert kept < 100
