"""Slowing down whoever guesses passwords, without locking the owner out.

Failed attempts are counted for each address, for each account, and for each account from each
address. Each count has windows of growing length, so that who goes on failing waits longer and
longer, an hour at the most. What strangers do from elsewhere never refuses the first attempts of an
address at an account: an owner comes in although others guess, also after a slip of the fingers.

The counts are this process's own and end with it.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakValueDictionary

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from imgrepo_server.services.pace import network_key, one_length, too_many
from imgrepo_server.text import fold

Key = tuple[str, ...]

FIRST_ATTEMPTS = 3
"""As many failures of an address at an account are its own affair."""


@dataclass(frozen=True, slots=True)
class GuessLimits:
    """How many failures are borne, as the library ``limits`` writes it: ``5/minute;12/15minutes``.

    ``together`` is for one account from one address.
    """

    together: str
    account: str
    address: str


@dataclass(slots=True)
class Attempt:
    """One attempt to log in, which has failed unless ``succeeded`` is set before it ends."""

    succeeded: bool = False


class Guessing:
    """Counts failed attempts. Raises ValueError for limits that mean nothing."""

    def __init__(self, limits: GuessLimits):
        self._together = parse_many(limits.together)
        self._account = parse_many(limits.account)
        self._address = parse_many(limits.address)
        # Attempts whose outcome is not known yet count as failed: many at once are many.
        self._under_way: Counter[Key] = Counter()
        self._turns: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()

    @cached_property
    def _limiter(self) -> FixedWindowRateLimiter:
        # Late, because it starts a thread, and most commands on a local repository never log in.
        return FixedWindowRateLimiter(MemoryStorage())

    @asynccontextmanager
    async def attempt(self, name: str, address: str | None) -> AsyncIterator[Attempt]:
        """Around a check of a password. Raises TOO_MANY_ATTEMPTS where there were.

        Attempts of an address at an account go one after another, so that several scripts which
        log in at once are not taken for somebody who guesses.
        """
        account, network = ("account", one_length(fold(name))), ("address", network_key(address))
        together = (*account, *network)
        async with self._turns.setdefault(together, asyncio.Lock()):
            with self._counted(account, network, together) as attempt:
                yield attempt

    @contextmanager
    def _counted(self, account: Key, network: Key, together: Key) -> Iterator[Attempt]:
        counts = ((self._together, together), (self._address, network), (self._account, account))
        refusing = counts if self._failures(together) >= FIRST_ATTEMPTS else counts[:2]
        wait = max(self._wait(windows, key) for windows, key in refusing)
        if wait > 0:
            raise too_many("Too many failed attempts.", wait)
        keys = [key for _, key in counts]
        self._under_way.update(keys)
        attempt = Attempt()
        try:
            yield attempt
        finally:
            self._under_way.subtract(keys)
            self._under_way += Counter()  # drops what is zero
            for windows, key in counts:
                for window in windows:
                    if not attempt.succeeded:
                        self._limiter.hit(window, *key)
                    elif key == together:
                        self._limiter.clear(window, *key)

    def _failures(self, together: Key) -> int:
        stats = (
            (window, self._limiter.get_window_stats(window, *together)) for window in self._together
        )
        failed = max(window.amount - found.remaining for window, found in stats)
        return failed + self._under_way[together]

    def _wait(self, windows: list[RateLimitItem], key: Key) -> float:
        """Seconds until one more failure of this would be borne."""
        cost = 1 + self._under_way[key]
        full = (window for window in windows if not self._limiter.test(window, *key, cost=cost))
        ends = (self._limiter.get_window_stats(window, *key).reset_time for window in full)
        return max((max(end - time.time(), 1.0) for end in ends), default=0.0)
