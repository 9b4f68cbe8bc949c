"""Guessing is slow, and does not lock the owner out."""

import time

import pytest
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.services.guessing import Guessing, GuessLimits

OWNER, STRANGER = "192.0.2.1", "198.51.100.7"
MANY = "1000/hour"


def fail(guessing: Guessing, name: str, address: str | None) -> None:
    with guessing.attempt(name, address):
        pass


def succeed(guessing: Guessing, name: str, address: str | None) -> None:
    with guessing.attempt(name, address) as attempt:
        attempt.succeeded = True


def wait(guessing: Guessing, name: str, address: str | None) -> int:
    with pytest.raises(ImgrepoError) as caught, guessing.attempt(name, address):
        raise AssertionError
    assert caught.value.code is ErrorCode.TOO_MANY_ATTEMPTS
    seconds: int = caught.value.details["retry_after"]
    return seconds


def test_who_goes_on_failing_waits_longer_and_longer() -> None:
    guessing = Guessing(GuessLimits("2/second;4/minute;5/hour", MANY, MANY))
    waits = []
    for _ in range(5):
        try:
            fail(guessing, "jeff", STRANGER)
        except ImgrepoError:
            waits.append(wait(guessing, "jeff", STRANGER))
            if waits[-1] > 1:
                break
            time.sleep(1.05)
            fail(guessing, "jeff", STRANGER)
    assert waits[0] == 1
    assert 50 <= waits[-1] <= 60
    succeed(guessing, "rita", STRANGER)


def test_strangers_elsewhere_do_not_keep_the_owner_from_the_first_attempts() -> None:
    guessing = Guessing(GuessLimits(MANY, "6/hour", MANY))
    for number in range(9):
        fail(guessing, "jeff", f"198.51.100.{number % 3}")
    assert 3500 < wait(guessing, "jeff", "198.51.100.0") <= 3600
    fail(guessing, "jeff", OWNER)  # mistyped
    succeed(guessing, "jeff", OWNER)
    for _ in range(3):
        fail(guessing, "jeff", OWNER)
    assert wait(guessing, "jeff", OWNER) > 3500


def test_an_address_has_one_limit_for_all_accounts() -> None:
    guessing = Guessing(GuessLimits(MANY, MANY, "3/hour"))
    for name in ("jeff", "rita", "nobody"):
        fail(guessing, name, STRANGER)
    assert wait(guessing, "anna", STRANGER) > 3500
    succeed(guessing, "anna", OWNER)


@pytest.mark.parametrize(
    ("first", "second"),
    [("2001:db8::1", "2001:db8::ffff:1"), ("192.0.2.1", "192.0.2.1"), (None, None)],
)
def test_a_subscriber_has_one_address(first: str | None, second: str | None) -> None:
    guessing = Guessing(GuessLimits(MANY, MANY, "1/hour"))
    fail(guessing, "jeff", first)
    wait(guessing, "rita", second)


def test_attempts_that_come_together_are_as_many_as_one_after_the_other() -> None:
    guessing = Guessing(GuessLimits("2/hour", MANY, MANY))
    with (
        guessing.attempt("jeff", STRANGER) as first,
        guessing.attempt("Jéff", STRANGER) as second,
    ):
        wait(guessing, "JEFF", STRANGER)
        first.succeeded = second.succeeded = True
    fail(guessing, "jeff", STRANGER)
    succeed(guessing, "jeff", STRANGER)


def test_an_attempt_that_breaks_off_counts_as_one_that_failed() -> None:
    guessing = Guessing(GuessLimits("1/hour", MANY, MANY))
    with pytest.raises(OSError, match="gone"), guessing.attempt("jeff", STRANGER):
        raise OSError("gone")
    wait(guessing, "jeff", STRANGER)


def test_whoever_comes_in_starts_anew_but_their_address_does_not() -> None:
    guessing = Guessing(GuessLimits("2/hour", MANY, "3/hour"))
    fail(guessing, "jeff", OWNER)
    succeed(guessing, "jeff", OWNER)
    fail(guessing, "jeff", OWNER)
    fail(guessing, "jeff", OWNER)
    assert wait(guessing, "rita", OWNER) > 0


def test_a_name_made_up_of_another_limits_words_is_a_name() -> None:
    guessing = Guessing(GuessLimits("1/hour", "1/hour", "1/hour"))
    fail(guessing, f"jeff/address/{OWNER}", STRANGER)
    succeed(guessing, "jeff", OWNER)


def test_limits_that_mean_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="parse"):
        Guessing(GuessLimits("often", MANY, MANY))
