"""Doing together what is asked for one by one.

While one group is worked on, the next one gathers: nothing waits for a group to become large, and
under load the cost of a step (a hop to a thread, a message to a process, a commit) is shared.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar, cast

Item = TypeVar("Item")
Result = TypeVar("Result")


class Together(Generic[Item, Result]):
    """Call it with an item for that item's result; at most ``at_a_time`` groups are under way.

    ``work`` does a group, with a result or an exception for each in its order; what it raises goes
    to all of them. ``how_many`` of those that wait go into one group is asked each time.

    A cancelled call returns only once the group it is in is done.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]],
        *,
        at_a_time: int = 1,
        how_many: Callable[[Sequence[Item]], int] = len,
    ):
        self._work = work
        self._at_a_time = at_a_time
        self._how_many = how_many
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._groups: set[asyncio.Task[None]] = set()

    async def __call__(self, item: Item) -> Result:
        """The item's result. Raises its exception."""
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        asked = (item, answer)
        self._waiting.append(asked)
        if len(self._groups) < self._at_a_time:
            # A task starts after whatever else is ready to run: all that ask now come along.
            self._groups.add(asyncio.create_task(self._run()))
        try:
            return await asyncio.shield(answer)
        except asyncio.CancelledError:
            if asked in self._waiting:
                self._waiting.remove(asked)
                answer.cancel()
            else:
                await asyncio.wait({answer})
                answer.exception()  # looked at
            raise

    async def finished(self) -> None:
        """Wait until nothing is under way."""
        while self._groups:
            await asyncio.wait(self._groups)

    async def _run(self) -> None:
        try:
            await self._work_off()
        finally:  # at once: whoever asks from now on starts anew
            self._groups.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _work_off(self) -> None:
        while self._waiting:
            count = max(1, self._how_many([item for item, _ in self._waiting]))
            group, self._waiting = self._waiting[:count], self._waiting[count:]
            results: Sequence[Result | Exception]
            try:
                results = await self._work([item for item, _ in group])
            # Whatever stops a group belongs to those who asked, not to this task.
            except Exception as error:
                results = [error] * len(group)
            except BaseException:  # the loop is being closed
                for _, answer in group:
                    answer.cancel()
                raise
            for (_, answer), result in zip(group, results, strict=True):
                if isinstance(result, Exception):
                    answer.set_exception(result)
                else:
                    answer.set_result(result)
