"""Doing the same for several things at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


async def side_by_side(
    work: Callable[[Item], Awaitable[Result]], items: Sequence[Item]
) -> list[Result]:
    """The results in the items' order.

    What one of them raises cancels the others; they have ended when it comes out, in a group.
    """
    if len(items) == 1:  # mostly: no task for it
        return [await work(items[0])]

    async def run(item: Item) -> Result:
        return await work(item)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(run(item)) for item in items]
    return [task.result() for task in tasks]
