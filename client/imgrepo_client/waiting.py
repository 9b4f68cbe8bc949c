"""Hashed files between the question to the repository and the senders."""

import asyncio
from collections import deque
from collections.abc import Sequence

from imgrepo_client.hashing import Hashed
from imgrepo_client.upload_routes import Together

MOST_FILES = 16


class Waiting:
    """Files that wait for one of so many ``senders``; a bounded number, in the order put.

    A sender takes what waits, and never waits for more: one file, or where more wait than there are
    senders, its share of those that may go ``together``.
    """

    def __init__(self, senders: int, together: Together):
        self._senders = senders
        self._together = together
        self._room = 2 * senders * MOST_FILES
        self._files: deque[Hashed] = deque()
        self._ended = False
        self._changed = asyncio.Condition()

    async def put(self, files: Sequence[Hashed]) -> None:
        """Let these wait; returns once there was room for all of them."""
        rest = deque(files)
        while rest:
            async with self._changed:
                await self._changed.wait_for(lambda: len(self._files) < self._room)
                while rest and len(self._files) < self._room:
                    self._files.append(rest.popleft())
                self._changed.notify_all()

    async def end(self) -> None:
        """No more will come."""
        async with self._changed:
            self._ended = True
            self._changed.notify_all()

    async def take(self) -> list[Hashed]:
        """What one sender takes for one request; nothing once all were taken and no more come."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._files or self._ended)
            taken = self._share()
            self._changed.notify_all()
        return taken

    def _share(self) -> list[Hashed]:
        taken: list[Hashed] = []
        count = min(MOST_FILES, max(1, len(self._files) // self._senders))
        size = 0
        while self._files and len(taken) < count:
            next_size = self._files[0].stat.size
            alone = next_size > self._together.largest
            if taken and (alone or size + next_size > self._together.total):
                break
            taken.append(self._files.popleft())
            size += next_size
            if alone:
                break
        return taken
