"""When to ask again, and how long to wait before."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from imgrepo_client.errors import ClientError


def may_pass(error: BaseException) -> bool:
    """Whether asking again may help."""
    return isinstance(error, ClientError) and error.retryable


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How patient to be. Times are in seconds.

    The wait doubles from ``first_wait`` up to ``longest_wait``, with as much again at random so
    that many clients do not come back together; a server's ``Retry-After`` counts instead, up to
    ``longest_asked``. ``tell``, if given, hears of each fault after which there is another try.
    """

    retries: int = 2
    first_wait: float = 0.25
    longest_wait: float = 15.0
    longest_asked: float = 300.0
    tell: Callable[[BaseException], None] | None = None

    def attempts(self, repeat: Callable[[BaseException], bool] = may_pass) -> AsyncRetrying:
        """The library's loop: repeats what raises an error of which ``repeat`` is true."""
        return AsyncRetrying(
            retry=retry_if_exception(repeat),
            stop=stop_after_attempt(self.retries + 1),
            wait=self._wait,
            before_sleep=self._told,
            reraise=True,
        )

    def _told(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if self.tell is not None and error is not None:
            self.tell(error)

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        jitter = random.random()  # noqa: S311 - spreads load, guards nothing
        if isinstance(error, ClientError) and error.retry_after is not None:
            return min(error.retry_after, self.longest_asked) + jitter * self.first_wait
        # The exponent is bounded: 2.0 ** 1100 is no number.
        grown = self.first_wait * 2 ** min(state.attempt_number - 1, 30)
        wait: float = min(grown, self.longest_wait)
        return wait * (0.5 + jitter)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The header of that name in seconds from now: a number or a date (RFC 9110, 10.2.3)."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())
