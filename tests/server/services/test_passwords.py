"""Passwords: every byte counts, however long, however typed."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.errors import ImgrepoError
from imgrepo_server.services.passwords import MOST_WAITING, Passwords


@pytest.fixture(scope="module")
def passwords() -> Iterator[Passwords]:
    made = Passwords(rounds=4)
    yield made
    made.close()


async def test_a_password_matches_its_own_hash_only(passwords: Passwords) -> None:
    stored = await passwords.hash("correct horse")
    assert stored.startswith("$2b$04$")
    assert len(stored) == 60
    assert await passwords.matches("correct horse", stored)
    assert not await passwords.matches("correct horsf", stored)
    assert not await passwords.matches("", stored)
    assert stored != await passwords.hash("correct horse")  # salted


@pytest.mark.parametrize(
    ("password", "other"),
    [
        ("x" * 72 + "a", "x" * 72 + "b"),  # bcrypt reads 72 bytes
        ("é" * 36 + "a", "é" * 36 + "b"),
        ("same\0one", "same\0two"),  # and stops at a NUL
        ("\0", "\0\0"),
        ("x" * 1024, "x" * 1023),
    ],
)
async def test_nothing_of_a_password_is_cut_off(
    passwords: Passwords, password: str, other: str
) -> None:
    stored = await passwords.hash(password)
    assert await passwords.matches(password, stored)
    assert not await passwords.matches(other, stored)


@given(st.text(max_size=100))
def test_any_text_is_a_password(passwords: Passwords, text: str) -> None:
    async def check() -> bool:
        return await passwords.matches(text, await passwords.hash(text))

    assert asyncio.run(check())


async def test_composed_and_decomposed_letters_are_the_same(passwords: Passwords) -> None:
    stored = await passwords.hash("caf\u00e9 ole ole")
    assert await passwords.matches("cafe\u0301 ole ole", stored)
    assert not await passwords.matches("cafe ole ole", stored)


async def test_an_unknown_account_matches_nothing(passwords: Passwords) -> None:
    assert not await passwords.matches("nobody's", None)
    assert not await passwords.matches("", None)


async def test_no_login_waits_behind_new_passwords_of_which_no_more_than_some_wait() -> None:
    slow = Passwords(rounds=8)
    stored = await slow.hash("correct horse")
    new = [asyncio.create_task(slow.hash(f"new {number}")) for number in range(MOST_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(ImgrepoError, match="busy with other new passwords"):
        await slow.hash("one more")
    assert await slow.matches("correct horse", stored)
    assert not new[-1].done()
    await asyncio.gather(*new)
    assert await slow.hash("one more")
    slow.close()
