"""Accounts and logins: who may come in, until when, and what ends it."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.db.tables import logins, users
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import RegistrationPolicy, Role
from imgrepo_server.services.accounts import Accounts
from imgrepo_server.services.guessing import Guessing, GuessLimits
from imgrepo_server.services.passwords import Passwords
from imgrepo_server.services.signing_keys import SigningKeys
from imgrepo_server.services.tokens import Tokens
from sqlalchemy import Connection

PASSWORD = "a long enough password"
LIFETIME = timedelta(days=30)


@pytest.fixture(scope="module")
def passwords() -> Iterator[Passwords]:
    made = Passwords(rounds=4)
    yield made
    made.close()


@pytest.fixture
def accounts(database: SqliteDatabase, passwords: Passwords, clock: Any) -> Accounts:
    clock.now = datetime.now(UTC)  # tokens themselves go by the real time
    return Accounts(
        database=database,
        passwords=passwords,
        tokens=Tokens(SigningKeys("only", {"only": "k" * 48})),
        now=clock,
        lifetime=LIFETIME,
        guessing=Guessing(GuessLimits("1000/hour", "1000/hour", "1000/hour")),
        registration=RegistrationPolicy.ANYBODY,
        registrations="1000/hour",
        default_tier=None,
    )


async def refusal(work: Any) -> ErrorCode:
    with pytest.raises(ImgrepoError) as caught:
        await work
    return caught.value.code


async def test_a_login_lasts_its_time_and_no_longer(accounts: Accounts, clock: Any) -> None:
    login = await accounts.register("jeff", PASSWORD, None)
    assert login.expires_at == (clock() + LIFETIME).replace(microsecond=0)
    clock.now = login.expires_at - timedelta(seconds=1)
    assert (await accounts.viewer(login.token)).user == login.user
    clock.now = login.expires_at
    assert await refusal(accounts.viewer(login.token)) is ErrorCode.UNAUTHENTICATED


async def test_logins_that_have_expired_are_forgotten(
    accounts: Accounts, database: SqliteDatabase, clock: Any
) -> None:
    for _ in range(3):
        await accounts.register(f"jeff{clock()}", PASSWORD, None)
        clock.move(LIFETIME / 2 + timedelta(seconds=2))
    count = sa.select(sa.func.count()).select_from(logins)
    assert await database.read(lambda connection: connection.execute(count).scalar()) == 2


async def test_a_disabled_account_is_out_at_once(
    accounts: Accounts, database: SqliteDatabase, clock: Any
) -> None:
    login = await accounts.register("jeff", PASSWORD, None)

    def disable(connection: Connection) -> None:
        connection.execute(sa.update(users).values(disabled_at=clock()))

    await database.write(disable)
    assert await refusal(accounts.viewer(login.token)) is ErrorCode.UNAUTHENTICATED
    assert await refusal(accounts.log_in("jeff", PASSWORD)) is ErrorCode.INVALID_CREDENTIALS


async def test_a_new_password_ends_every_earlier_login(accounts: Accounts) -> None:
    first = await accounts.register("jeff", PASSWORD, None)
    second = await accounts.log_in("jeff", PASSWORD)
    other = await accounts.register("rita", PASSWORD, None)
    third = await accounts.change_password(first.user, PASSWORD, "another password")
    for login in (first, second):
        assert await refusal(accounts.viewer(login.token)) is ErrorCode.UNAUTHENTICATED
    for login in (third, other):
        assert (await accounts.viewer(login.token)).user == login.user


async def test_a_wrong_current_password_changes_nothing(accounts: Accounts) -> None:
    login = await accounts.register("jeff", PASSWORD, None)
    change = accounts.change_password(login.user, "not the password", "another password")
    assert await refusal(change) is ErrorCode.INVALID_CREDENTIALS
    await accounts.viewer(login.token)
    await accounts.log_in("jeff", PASSWORD)


async def test_of_people_who_register_one_name_at_once_one_gets_it(accounts: Accounts) -> None:
    names = ["jeff", "JEFF", "Jéff", "jeff"]
    results = await asyncio.gather(
        *(accounts.register(name, PASSWORD, None) for name in names), return_exceptions=True
    )
    errors = [result for result in results if isinstance(result, ImgrepoError)]
    assert [error.code for error in errors] == [ErrorCode.USERNAME_TAKEN] * 3


async def test_an_address_belongs_to_one_account(accounts: Accounts) -> None:
    await accounts.register("jeff", PASSWORD, "jeff@example.org")
    again = accounts.register("rita", PASSWORD, "jeff@example.org")
    assert await refusal(again) is ErrorCode.USERNAME_TAKEN
    await accounts.register("rita", PASSWORD, None)
    await accounts.register("anna", PASSWORD, None)  # having none is no conflict


async def test_a_local_owner_is_made_once_and_cannot_log_in(accounts: Accounts) -> None:
    viewers = await asyncio.gather(*(accounts.ensure_local_owner("jeff") for _ in range(5)))
    assert len({viewer.user_id for viewer in viewers}) == 1
    assert viewers[0].user is not None
    assert viewers[0].user.role is Role.ADMIN
    for guess in ("", "None", PASSWORD):
        assert await refusal(accounts.log_in("jeff", guess)) is ErrorCode.INVALID_CREDENTIALS


async def test_logging_out_with_nonsense_is_no_fault(accounts: Accounts) -> None:
    login = await accounts.register("jeff", PASSWORD, None)
    await accounts.log_out(login.user, "nonsense")
    await accounts.viewer(login.token)
    await accounts.log_out(login.user, login.token)
    await accounts.log_out(login.user, login.token)
    assert await refusal(accounts.viewer(login.token)) is ErrorCode.UNAUTHENTICATED
