"""A password that was right when it was looked at, and is not any more when something is done."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from imgrepo_server.db import users
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import RegistrationPolicy
from imgrepo_server.services.accounts import Accounts
from imgrepo_server.services.administration import Administration
from imgrepo_server.services.guessing import Guessing, GuessLimits
from imgrepo_server.services.passwords import Passwords
from imgrepo_server.services.signing_keys import SigningKeys
from imgrepo_server.services.tokens import Tokens

OLD, NEW = "a long enough password", "another long password"


async def nothing() -> None:
    pass


class SlowPasswords(Passwords):
    """Something happens ``meanwhile``, after a password was looked at and before it is told."""

    meanwhile: Callable[[], Awaitable[object]] = staticmethod(nothing)

    async def matches(self, password: str, stored: str | None) -> bool:
        found = await super().matches(password, stored)
        meanwhile, self.meanwhile = self.meanwhile, nothing  # once
        await meanwhile()
        return found


def accounts_with(passwords: Passwords, database: SqliteDatabase, clock: Any) -> Accounts:
    return Accounts(
        database=database,
        passwords=passwords,
        tokens=Tokens(SigningKeys("only", {"only": "k" * 48})),
        now=clock,
        lifetime=timedelta(days=30),
        guessing=Guessing(GuessLimits("1000/hour", "1000/hour", "1000/hour")),
        registration=RegistrationPolicy.ANYBODY,
        registrations="1000/hour",
        default_tier=None,
    )


@pytest.fixture
async def passwords() -> AsyncIterator[SlowPasswords]:
    made = SlowPasswords(rounds=4)
    yield made
    made.close()


@pytest.fixture
def accounts(database: SqliteDatabase, passwords: SlowPasswords, clock: Any) -> Accounts:
    clock.now = datetime.now(UTC)
    return accounts_with(passwords, database, clock)


@pytest.fixture
def people(database: SqliteDatabase, clock: Any) -> Administration:
    return Administration(database=database, passwords=Passwords(4), now=clock)


async def refusal(work: Awaitable[object]) -> ErrorCode:
    with pytest.raises(ImgrepoError) as caught:
        await work
    return caught.value.code


@pytest.mark.parametrize("what", ["set_password", "disable", "delete"])
async def test_a_login_under_way_does_not_outlive(
    what: str, accounts: Accounts, passwords: SlowPasswords, people: Administration
) -> None:
    jeff = (await accounts.register("jeff", OLD, None)).user
    deeds: dict[str, Callable[[], Awaitable[object]]] = {
        "set_password": lambda: people.set_password("jeff", NEW),
        "disable": lambda: people.disable("jeff"),
        "delete": lambda: people.delete(
            "jeff", reassign_to=None, purge=True, report=lambda _: None
        ),
    }
    passwords.meanwhile = deeds[what]
    assert await refusal(accounts.log_in("jeff", OLD)) is ErrorCode.INVALID_CREDENTIALS
    if what == "set_password":
        passwords.meanwhile = lambda: people.set_password("jeff", OLD)
        changed = accounts.change_password(jeff, NEW, "the thief's password")
        assert await refusal(changed) is ErrorCode.INVALID_CREDENTIALS
        await accounts.log_in("jeff", OLD)


async def test_of_two_changes_from_one_password_the_first_holds(
    accounts: Accounts, passwords: SlowPasswords
) -> None:
    jeff = (await accounts.register("jeff", OLD, None)).user
    first: list[Any] = []

    async def owner_changes() -> None:
        first.append(await accounts.change_password(jeff, OLD, NEW))

    async def owner_from_elsewhere() -> None:
        # Not in turn with the thief, whose attempt is under way from another address.
        await asyncio.create_task(owner_changes())

    passwords.meanwhile = owner_from_elsewhere
    stolen = accounts.change_password(jeff, OLD, "the thief's password", "192.0.2.1")
    assert await refusal(stolen) is ErrorCode.INVALID_CREDENTIALS
    await accounts.viewer(first[0].token)
    await accounts.log_in("jeff", NEW)


async def test_a_hash_of_other_rounds_is_made_anew_at_a_login(
    accounts: Accounts, database: SqliteDatabase, clock: Any
) -> None:
    await accounts.register("jeff", OLD, None)
    stronger = Passwords(rounds=5)
    later = accounts_with(stronger, database, clock)

    async def stored() -> str:
        found = await database.read(lambda connection: users.credentials(connection, "jeff"))
        assert found is not None
        return str(found[1])

    assert await refusal(later.log_in("jeff", NEW)) is ErrorCode.INVALID_CREDENTIALS
    assert (await stored()).startswith("$2b$04$")
    # From several addresses, for of one address they would go in turn.
    logins = (later.log_in("jeff", OLD, f"192.0.2.{number}") for number in range(4))
    await asyncio.gather(*logins)
    renewed = await stored()
    assert renewed.startswith("$2b$05$")
    await later.log_in("jeff", OLD)
    assert await stored() == renewed
    stronger.close()
