"""What strangers' pictures can do to a worker, done to it on purpose."""

import asyncio
import ctypes
import hashlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.imaging.confinement import WorkerLimits
from imgrepo_server.imaging.examine import examine, fingerprint_for_search
from imgrepo_server.imaging.limits import DecodeLimits
from imgrepo_server.imaging.worker_processes import default_workers
from imgrepo_server.imaging.workers import WorkerPool
from PIL import Image

Scene = Callable[..., Image.Image]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and signals are Linux's")


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    pool = WorkerPool(limits=WorkerLimits(seconds=20, memory=512 << 20), workers=2)
    yield pool
    await pool.close()


@pytest.fixture
def photo(tmp_path: Path, scene: Scene) -> Path:
    path = tmp_path / "photo.jpg"
    scene(640, 480).save(path)
    return path


@pytest.fixture
def half(photo: Path, tmp_path: Path) -> Path:
    path = tmp_path / "half.jpg"
    content = photo.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def gone(pid: int, seconds: float = 5) -> bool:
    """Whether the process ends within that time."""
    deadline = time.monotonic() + seconds
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


async def test_workers_give_what_the_functions_give(
    pool: WorkerPool, photo: Path, limits: DecodeLimits, tmp_path: Path
) -> None:
    preview, large = tmp_path / "preview.jpg", tmp_path / "large.jpg"
    assert await pool.examine(photo, preview) == examine(photo, None, limits)
    assert await pool.fingerprint_for_search(photo) == fingerprint_for_search(photo, limits)
    await pool.render_preview(photo, large, 1024)
    with Image.open(preview) as small, Image.open(large) as whole:
        assert (small.size, whole.size) == ((512, 384), (640, 480))


async def test_they_also_work_where_there_is_no_fork_server(photo: Path) -> None:
    pool = WorkerPool(workers=1, start_method="spawn")
    assert (await pool.examine(photo, None)).format == "jpeg"
    assert await pool.run(os.getenv, "OPENBLAS_NUM_THREADS") == "1"
    await pool.close()


def test_a_server_that_decodes_nothing_loads_no_decoder() -> None:
    code = (
        "import sys; import imgrepo_server.imaging.workers, imgrepo_server.imaging.formats, "
        "imgrepo_server.imaging.query, imgrepo_server.imaging.matching; "
        "print({'numpy', 'PIL', 'scipy', 'imagehash', 'pillow_heif'} & set(sys.modules))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "set()\n"


async def test_refusals_come_through_with_their_facts(tmp_path: Path, scene: Scene) -> None:
    scene(100, 60).save(tmp_path / "picture.png")
    (tmp_path / "empty.png").touch()
    pool = WorkerPool(DecodeLimits(max_pixels=5000), workers=1)
    with pytest.raises(ImgrepoError) as caught:
        await pool.examine(tmp_path / "picture.png", None)
    assert caught.value.code is ErrorCode.TOO_MANY_PIXELS
    assert caught.value.details == {"pixels": 6000, "limit": 5000}
    with pytest.raises(ImgrepoError) as caught:
        await pool.examine(tmp_path / "empty.png", None)
    assert caught.value.code is ErrorCode.EMPTY_FILE
    with pytest.raises(FileNotFoundError):
        await pool.examine(tmp_path / "gone.png", None)
    await pool.close()


async def test_nothing_starts_before_the_first_call_or_stays_after_the_last(photo: Path) -> None:
    pool = WorkerPool(workers=2)
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    await asyncio.sleep(0.1)
    assert {child.pid for child in psutil.Process().children(recursive=True)} == before
    await pool.examine(photo, None)
    worker = await pool.run(os.getpid)
    assert psutil.pid_exists(worker)
    await pool.close()
    assert gone(worker)
    await WorkerPool(workers=2).close()  # one that was never used


def test_there_are_as_many_workers_as_usable_cores() -> None:
    assert default_workers() == len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("crash", "arguments"),
    [(os.abort, ()), (ctypes.string_at, (0,))],
    ids=["an assertion that fails in C", "a pointer to nowhere"],
)
async def test_a_crash_costs_one_picture(
    crash: Callable[..., object], arguments: tuple[int, ...], pool: WorkerPool, photo: Path
) -> None:
    others = [asyncio.create_task(pool.examine(photo, None)) for _ in range(10)]
    with pytest.raises(ImgrepoError) as caught:
        await pool.run(crash, *arguments)
    assert caught.value.code is ErrorCode.CORRUPT_IMAGE
    assert len(await asyncio.gather(*others)) == 10


async def test_a_picture_that_takes_too_long_is_given_up(photo: Path) -> None:
    pool = WorkerPool(limits=WorkerLimits(seconds=0.5), workers=1)
    await pool.examine(photo, None)
    started = time.monotonic()
    # Stretches a password for an hour, in C, deaf to signals as a hanging decoder is.
    with pytest.raises(ImgrepoError) as caught:
        await pool.run(hashlib.pbkdf2_hmac, "sha256", b"", b"", 2**31 - 1)
    assert caught.value.code is ErrorCode.IMAGE_TOO_EXPENSIVE
    assert time.monotonic() - started < 8
    assert (await pool.examine(photo, None)).format == "jpeg"
    await pool.close()


async def test_memory_is_bounded(pool: WorkerPool, photo: Path) -> None:
    with pytest.raises(ImgrepoError) as caught:
        await pool.run(bytearray, 600 << 20)
    assert caught.value.code is ErrorCode.IMAGE_TOO_EXPENSIVE
    assert len(await pool.run(bytes, 300 << 10)) == 300 << 10
    assert (await pool.examine(photo, None)).format == "jpeg"
    assert await pool.run(resource.getrlimit, resource.RLIMIT_CORE) == (0, 0)


async def test_a_huge_picture_is_reduced_in_bounded_memory(tmp_path: Path) -> None:
    # 400 megapixels of one bit take 400 MB decoded, and would take 1.6 GB as RGB.
    source = tmp_path / "huge.png"
    picture = Image.new("1", (20_000, 20_000), 1)
    picture.paste(0, (5000, 5000, 15_000, 15_000))
    picture.save(source)
    pool = WorkerPool(
        DecodeLimits(max_pixels=400_000_000), limits=WorkerLimits(memory=600 << 20), workers=1
    )
    seen = await pool.examine(source, tmp_path / "preview.jpg")
    await pool.close()
    assert (seen.width, seen.height) == (20_000, 20_000)
    with Image.open(tmp_path / "preview.jpg") as preview:
        assert preview.size == (512, 512)
        assert preview.convert("L").getpixel((256, 256)) == 0
        assert preview.convert("L").getpixel((20, 20)) == 255


async def test_idle_workers_may_die(pool: WorkerPool, photo: Path) -> None:
    for _ in range(2):
        await pool.examine(photo, None)
        os.kill(await pool.run(os.getpid), signal.SIGKILL)
        await asyncio.sleep(0.4)  # so that the pool has noticed, and broken
        assert (await pool.examine(photo, None)).format == "jpeg"


async def test_or_die_just_now(pool: WorkerPool, photo: Path) -> None:
    os.kill(await pool.run(os.getpid), signal.SIGKILL)
    found = await asyncio.gather(*(pool.examine(photo, None) for _ in range(20)))
    assert len(found) == 20


async def test_those_that_go_together_fail_one_by_one(
    pool: WorkerPool, photo: Path, half: Path, tmp_path: Path
) -> None:
    files = [photo, photo, half, photo, tmp_path / "gone.jpg", photo, photo, photo, photo]
    results = await asyncio.gather(
        *(pool.examine(file, None, 1000) for file in files), return_exceptions=True
    )
    failed = [number for number, one in enumerate(results) if isinstance(one, Exception)]
    assert failed == [2, 4]
    assert isinstance(results[2], ImgrepoError)
    assert isinstance(results[4], FileNotFoundError)


async def test_a_worker_killed_from_outside_does_not_cost_its_picture(pool: WorkerPool) -> None:
    idle = {await pool.run(os.getpid) for _ in range(10)}
    task = asyncio.create_task(pool.run(time.sleep, 1))
    await asyncio.sleep(0.3)
    for pid in idle:
        os.kill(pid, signal.SIGKILL)
    await task


async def test_but_one_that_keeps_dying_does(pool: WorkerPool, photo: Path) -> None:
    with pytest.raises(ImgrepoError) as caught:
        await pool.run(os._exit, 3)
    assert caught.value.code is ErrorCode.IMAGE_TOO_EXPENSIVE
    assert (await pool.examine(photo, None)).format == "jpeg"


async def test_the_fork_server_may_die_and_takes_its_workers_along(
    pool: WorkerPool, photo: Path
) -> None:
    worker = await pool.run(os.getpid)
    forker = psutil.Process(worker).parent()
    assert forker is not None
    assert forker.pid != os.getpid()
    forker.kill()
    assert gone(worker)
    assert (await pool.examine(photo, None)).format == "jpeg"


async def test_workers_leave_ctrl_c_to_the_server(pool: WorkerPool) -> None:
    worker = await pool.run(os.getpid)
    os.kill(worker, signal.SIGINT)
    await pool.run(time.sleep, 0.1)
    assert psutil.pid_exists(worker)


async def test_workers_have_one_thread_for_linear_algebra(pool: WorkerPool) -> None:
    assert await pool.run(os.getenv, "OPENBLAS_NUM_THREADS") == "1"


async def test_a_cancelled_call_returns_after_its_worker_is_done(tmp_path: Path) -> None:
    pool = WorkerPool(workers=1)
    await pool.run(os.getpid)
    late = tmp_path / "late"
    slow = f"sleep 0.4; touch {late}"
    running = asyncio.create_task(pool.run(os.system, slow))
    await asyncio.sleep(0.1)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert late.exists()  # so its caller cleans up behind the worker, not before it
    await pool.close()


async def test_a_cancelled_call_does_not_wait_for_a_slow_worker_for_ever() -> None:
    pool = WorkerPool(workers=1)
    worker = await pool.run(os.getpid)
    running = asyncio.create_task(pool.run(time.sleep, 30))
    await asyncio.sleep(0.1)
    started = time.monotonic()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert time.monotonic() - started < 3
    assert gone(worker, seconds=0)
    assert await pool.run(os.getpid) != worker
    await pool.close()


async def test_waiting_calls_are_cancelled_at_once() -> None:
    pool = WorkerPool(workers=1)
    await pool.run(os.getpid)
    running = [asyncio.create_task(pool.run(time.sleep, 0.4)) for _ in range(2)]
    waiting = asyncio.create_task(pool.run(time.sleep, 30))
    await asyncio.sleep(0.05)
    started = time.monotonic()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert time.monotonic() - started < 0.2
    await asyncio.gather(*running)
    await pool.close()


async def test_cancelling_the_first_call_does_not_harm_the_second(photo: Path) -> None:
    pool = WorkerPool(workers=1)
    first = asyncio.create_task(pool.examine(photo, None))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(pool.examine(photo, None))
    await asyncio.sleep(0.01)
    first.cancel()
    assert (await second).format == "jpeg"
    await pool.close()
    await asyncio.gather(first, return_exceptions=True)


async def test_closing_ends_calls_under_way(photo: Path) -> None:
    pool = WorkerPool(workers=1)
    worker = await pool.run(os.getpid)
    running = asyncio.create_task(pool.run(time.sleep, 30))
    await asyncio.sleep(0.1)
    await pool.close()
    for call in (running, pool.examine(photo, None)):
        with pytest.raises(ImgrepoError) as caught:
            await call
        assert caught.value.code is ErrorCode.OVERLOADED
    assert gone(worker)


SERVER = """
import asyncio, hashlib, os, sys
from pathlib import Path
from imgrepo_server.errors import ImgrepoError
from imgrepo_server.imaging.workers import WorkerPool

async def main():
    pool = WorkerPool(workers=2)
    print(await pool.run(os.getpid), flush=True)
    if sys.argv[1] == "hang":
        deaf = hashlib.pbkdf2_hmac, "sha256", b"", b"", 2**31 - 1
        await asyncio.gather(pool.run(*deaf), pool.run(*deaf))
    for file in sys.argv[1:]:
        try:
            await pool.examine(Path(file), None)
            print("examined")
        except ImgrepoError as error:
            print(error.code)
    await pool.close()

asyncio.run(main())
"""


def test_workers_die_with_a_server_that_was_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, "hang"], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline().strip().isdecimal()
        time.sleep(0.3)  # both are at work, in C, and will not look up
        family = psutil.Process(server.pid).children(recursive=True)
        assert len(family) >= 4  # the fork server, two workers, a tracker of semaphores
        server.kill()
        _, alive = psutil.wait_procs(family, timeout=5)
        assert not alive


def test_decoders_print_nothing_and_leave_nothing(shared: Path, tmp_path: Path) -> None:
    noisy = sorted((shared / "odd" / "pillow").glob("crash-*.tif"))
    assert noisy
    done = subprocess.run(
        [sys.executable, "-c", SERVER, *map(str, noisy)],
        capture_output=True, text=True, check=True, env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.stderr == ""
    assert len(done.stdout.split()) == len(noisy) + 1
    assert not list(tmp_path.iterdir())
