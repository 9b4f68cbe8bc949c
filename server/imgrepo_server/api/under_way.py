"""The requests that are being answered: nothing that they use may be closed before they end."""

import asyncio
from typing import Any, cast

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware


class UnderWay:
    """Counts requests. aiohttp cancels those that outlast a shutdown, and does not wait for them.

    Those still have things to put in order: an upload marks bytes that no row came to name.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def middleware(self) -> Middleware:
        """What counts; it goes around everything else."""

        @web.middleware
        async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
            task = cast("asyncio.Task[Any]", asyncio.current_task())
            self._tasks.add(task)
            try:
                return await handler(request)
            finally:
                self._tasks.discard(task)

        return count

    async def ended(self, patience: float) -> None:
        """Wait until none is under way, for at most so many seconds."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience)
