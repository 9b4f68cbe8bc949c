"""Doing together what is asked for one by one."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.together import Together


class Doubling:
    """Doubles numbers, group by group; a group waits for ``go``. Negative ones are refused."""

    def __init__(self, *, open_: bool = True):
        self.groups: list[list[int]] = []
        self.most_at_a_time = 0
        self._under_way = 0
        self.go = asyncio.Event()
        if open_:
            self.go.set()

    async def __call__(self, group: Sequence[int]) -> list[int | Exception]:
        self.groups.append(list(group))
        self._under_way += 1
        self.most_at_a_time = max(self.most_at_a_time, self._under_way)
        await self.go.wait()
        await asyncio.sleep(0)
        self._under_way -= 1
        return [2 * number if number >= 0 else ValueError(number) for number in group]


async def test_what_is_asked_at_the_same_time_is_done_together() -> None:
    work = Doubling()
    doubled = Together(work)
    assert await asyncio.gather(*map(doubled, range(5))) == [0, 2, 4, 6, 8]
    assert work.groups == [[0, 1, 2, 3, 4]]


async def test_what_comes_meanwhile_is_the_next_group() -> None:
    work = Doubling(open_=False)
    doubled = Together(work)
    first = asyncio.create_task(doubled(1))
    await asyncio.sleep(0.01)
    others = [asyncio.create_task(doubled(number)) for number in (2, 3)]
    await asyncio.sleep(0.01)
    work.go.set()
    assert await asyncio.gather(first, *others) == [2, 4, 6]
    assert work.groups == [[1], [2, 3]]


async def test_an_error_is_its_own_items() -> None:
    doubled = Together(Doubling())
    results = await asyncio.gather(*map(doubled, (1, -1, 2)), return_exceptions=True)
    assert results[::2] == [2, 4]
    assert isinstance(results[1], ValueError)


async def test_what_stops_a_group_reaches_all_of_it_and_nobody_later() -> None:
    async def work(group: Sequence[int]) -> list[int | Exception]:
        if 0 in group:
            raise OSError("broken")
        return list(group)

    done = Together(work)
    for result in await asyncio.gather(done(0), done(1), return_exceptions=True):
        assert isinstance(result, OSError)
    assert await done(1) == 1


async def test_who_is_cancelled_before_its_turn_is_left_out() -> None:
    work = Doubling(open_=False)
    doubled = Together(work)
    first = asyncio.create_task(doubled(1))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(doubled(2))
    await asyncio.sleep(0.01)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    work.go.set()
    assert await first == 2
    assert work.groups == [[1]]


async def test_who_is_cancelled_meanwhile_returns_when_its_group_is_done() -> None:
    work = Doubling(open_=False)
    doubled = Together(work)
    asked = asyncio.create_task(doubled(-1))
    await asyncio.sleep(0.01)
    asked.cancel()
    await asyncio.sleep(0.01)
    assert not asked.done()
    work.go.set()
    with pytest.raises(asyncio.CancelledError):
        await asked


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 8)), max_size=40),
    st.integers(1, 3),
    st.integers(1, 5),
)
def test_everybody_gets_an_answer(asked: list[tuple[int, int]], at_a_time: int, most: int) -> None:
    """Whenever they come, also at the very moment when a group ends."""

    async def run() -> None:
        work = Doubling()
        doubled = Together(
            work, at_a_time=at_a_time, how_many=lambda waiting: min(most, len(waiting))
        )

        async def ask(number: int, later: int) -> int:
            for _ in range(later):
                await asyncio.sleep(0)
            return await doubled(number)

        async with asyncio.timeout(5):
            answers = await asyncio.gather(*(ask(*one) for one in asked))
        assert answers == [2 * number for number, _ in asked]
        assert work.most_at_a_time <= at_a_time
        assert all(len(group) <= most for group in work.groups)

    asyncio.run(run())
