"""Guessing is slow, and does not lock the owner out."""

import asyncio

import pytest
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.services.guessing import Guessing, GuessLimits

OWNER, STRANGER = "192.0.2.1", "198.51.100.7"
MANY = "1000/hour"


async def fail(guessing: Guessing, name: str, address: str | None) -> None:
    async with guessing.attempt(name, address):
        await asyncio.sleep(0)


async def succeed(guessing: Guessing, name: str, address: str | None) -> None:
    async with guessing.attempt(name, address) as attempt:
        await asyncio.sleep(0)
        attempt.succeeded = True


async def wait(guessing: Guessing, name: str, address: str | None) -> int:
    with pytest.raises(ImgrepoError) as caught:
        async with guessing.attempt(name, address):
            raise AssertionError
    assert caught.value.code is ErrorCode.TOO_MANY_ATTEMPTS
    seconds: int = caught.value.details["retry_after"]
    return seconds


async def test_who_goes_on_failing_waits_longer_and_longer() -> None:
    guessing = Guessing(GuessLimits("2/second;4/minute;5/hour", MANY, MANY))
    waits = []
    for _ in range(5):
        try:
            await fail(guessing, "jeff", STRANGER)
        except ImgrepoError:
            waits.append(await wait(guessing, "jeff", STRANGER))
            if waits[-1] > 1:
                break
            await asyncio.sleep(1.05)
            await fail(guessing, "jeff", STRANGER)
    assert waits[0] == 1
    assert 50 <= waits[-1] <= 60
    await succeed(guessing, "rita", STRANGER)


async def test_strangers_elsewhere_do_not_keep_the_owner_from_the_first_attempts() -> None:
    guessing = Guessing(GuessLimits(MANY, "6/hour", MANY))
    for number in range(9):
        await fail(guessing, "jeff", f"198.51.100.{number % 3}")
    assert 3500 < await wait(guessing, "jeff", "198.51.100.0") <= 3600
    await fail(guessing, "jeff", OWNER)  # mistyped
    await succeed(guessing, "jeff", OWNER)
    for _ in range(3):
        await fail(guessing, "jeff", OWNER)
    assert await wait(guessing, "jeff", OWNER) > 3500


async def test_an_address_has_one_limit_for_all_accounts() -> None:
    guessing = Guessing(GuessLimits(MANY, MANY, "3/hour"))
    for name in ("jeff", "rita", "nobody"):
        await fail(guessing, name, STRANGER)
    assert await wait(guessing, "anna", STRANGER) > 3500
    await succeed(guessing, "anna", OWNER)


@pytest.mark.parametrize(
    ("first", "second"),
    [("2001:db8::1", "2001:db8::ffff:1"), ("192.0.2.1", "192.0.2.1"), (None, None)],
)
async def test_a_subscriber_has_one_address(first: str | None, second: str | None) -> None:
    guessing = Guessing(GuessLimits(MANY, MANY, "1/hour"))
    await fail(guessing, "jeff", first)
    await wait(guessing, "rita", second)


async def test_attempts_that_come_together_are_as_many_as_one_after_the_other() -> None:
    guessing = Guessing(GuessLimits("2/hour", MANY, MANY))
    names = ["jeff", "Jéff", "JEFF", "jeff"]
    results = await asyncio.gather(
        *(fail(guessing, name, STRANGER) for name in names), return_exceptions=True
    )
    assert [isinstance(result, ImgrepoError) for result in results] == [False, False, True, True]


async def test_attempts_at_many_accounts_at_once_count_before_they_have_ended() -> None:
    guessing = Guessing(GuessLimits(MANY, MANY, "2/hour"))
    async with guessing.attempt("jeff", STRANGER), guessing.attempt("rita", STRANGER):
        await wait(guessing, "anna", STRANGER)


async def test_scripts_that_log_in_at_once_all_come_in() -> None:
    guessing = Guessing(GuessLimits("2/hour", MANY, MANY))
    await asyncio.gather(*(succeed(guessing, "jeff", OWNER) for _ in range(9)))


async def test_an_attempt_that_breaks_off_counts_as_one_that_failed() -> None:
    guessing = Guessing(GuessLimits("1/hour", MANY, MANY))
    with pytest.raises(OSError, match="gone"):
        async with guessing.attempt("jeff", STRANGER):
            raise OSError("gone")
    await wait(guessing, "jeff", STRANGER)


async def test_whoever_comes_in_starts_anew_but_their_address_does_not() -> None:
    guessing = Guessing(GuessLimits("2/hour", MANY, "3/hour"))
    await fail(guessing, "jeff", OWNER)
    await succeed(guessing, "jeff", OWNER)
    await fail(guessing, "jeff", OWNER)
    await fail(guessing, "jeff", OWNER)
    assert await wait(guessing, "rita", OWNER) > 0


async def test_a_name_made_up_of_another_limits_words_is_a_name() -> None:
    guessing = Guessing(GuessLimits("1/hour", "1/hour", "1/hour"))
    await fail(guessing, f"jeff/address/{OWNER}", STRANGER)
    await succeed(guessing, "jeff", OWNER)


async def test_limits_that_mean_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="parse"):
        Guessing(GuessLimits("often", MANY, MANY))
