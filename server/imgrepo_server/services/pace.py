"""How often an address may do something. The counts are this process's own and end with it."""

import hashlib
import math
import time
from functools import cached_property

from limits import parse_many
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.services.networks import network_of


class Pace:
    """So many times in windows, as the library ``limits`` writes it: ``20/minute;100/hour``.

    Raises ValueError for limits that mean nothing.
    """

    def __init__(self, limits: str):
        self._windows = parse_many(limits)

    @cached_property
    def _limiter(self) -> FixedWindowRateLimiter:
        # Late, because it starts a thread, and most commands on a local repository need none.
        return FixedWindowRateLimiter(MemoryStorage())

    def count(self, key: str) -> float:
        """Count one more and return 0; or count nothing and return the seconds to wait."""
        full = [window for window in self._windows if not self._limiter.test(window, key)]
        for window in () if full else self._windows:
            self._limiter.hit(window, key)
        ends = (self._limiter.get_window_stats(window, key).reset_time for window in full)
        return max((max(end - time.time(), 1.0) for end in ends), default=0.0)


def network_key(address: str | None) -> str:
    """A key of an address; see ``network_of``."""
    return one_length(network_of(address))


def one_length(text: str) -> str:
    """A key without the library's separator: names may have any letter in them."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def too_many(what: str, wait: float) -> ImgrepoError:
    """The refusal of one more for so many seconds."""
    seconds = math.ceil(wait)
    spoken = f"{seconds} seconds" if seconds < 100 else f"{math.ceil(seconds / 60)} minutes"
    return ImgrepoError(
        ErrorCode.TOO_MANY_ATTEMPTS, f"{what} Try again in {spoken}.", {"retry_after": seconds}
    )
