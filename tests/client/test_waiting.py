import asyncio

from hypothesis import given
from hypothesis import strategies as st
from imgrepo_client.hashing import Hashed
from imgrepo_client.outcome import FileStat
from imgrepo_client.upload_routes import NAMED_TOGETHER, SENT_TOGETHER, Together
from imgrepo_client.waiting import MOST_FILES, Waiting
from imgrepo_client.walk import Found

LARGEST = SENT_TOGETHER.largest
SIZES = (
    st.integers(0, 20_000)
    | st.integers(LARGEST - 1, LARGEST + 2)
    | st.just(3 * LARGEST)
    | st.just(50 * LARGEST)
)


def waiting_file(number: int, size: int) -> Hashed:
    stat = FileStat(size, 0, number)
    return Hashed(Found(f"{number}.jpg", stat, named=False), bytes([number % 256]), stat, True)


async def carried(
    sizes: list[int], senders: int, at_a_time: int, together: Together = SENT_TOGETHER
) -> list[list[Hashed]]:
    """What each request carries, where several senders take what somebody puts."""
    waiting = Waiting(senders, together)
    files = [waiting_file(number, size) for number, size in enumerate(sizes)]
    requests: list[list[Hashed]] = []

    async def put() -> None:
        for start in range(0, len(files), at_a_time):
            await waiting.put(files[start : start + at_a_time])
        await waiting.end()

    async def send() -> None:
        while taken := await waiting.take():
            requests.append(taken)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        group.create_task(put())
        for _ in range(senders):
            group.create_task(send())
    return requests


@given(
    st.lists(SIZES, max_size=200),
    st.integers(1, 9),
    st.integers(1, 500),
    st.sampled_from([SENT_TOGETHER, NAMED_TOGETHER]),
)
def test_each_file_is_taken_once_and_no_request_is_too_large(
    sizes: list[int], senders: int, at_a_time: int, together: Together
) -> None:
    requests = asyncio.run(asyncio.wait_for(carried(sizes, senders, at_a_time, together), 10))
    taken = [file.found.path for request in requests for file in request]
    assert sorted(taken) == sorted(f"{number}.jpg" for number in range(len(sizes)))
    for request in requests:
        assert len(request) <= MOST_FILES
        if len(request) > 1:
            assert max(file.stat.size for file in request) <= together.largest
            assert sum(file.stat.size for file in request) <= together.total


async def test_few_files_are_spread_over_the_senders() -> None:
    requests = await carried([100] * 8, senders=8, at_a_time=8)
    assert [len(request) for request in requests] == [1] * 8


async def test_a_single_file_does_not_wait_for_others() -> None:
    waiting = Waiting(2, SENT_TOGETHER)
    await waiting.put([waiting_file(0, 10)])
    assert len(await asyncio.wait_for(waiting.take(), 1)) == 1


async def test_whoever_puts_waits_for_room() -> None:
    waiting = Waiting(1, SENT_TOGETHER)
    putting = asyncio.ensure_future(waiting.put([waiting_file(n, 1) for n in range(100)]))
    await asyncio.sleep(0.01)
    assert not putting.done()
    taken = 0
    while taken < 100:
        taken += len(await waiting.take())
    await putting
