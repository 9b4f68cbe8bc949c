"""Accounts that are deleted or disabled while a request of theirs is under way."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import ANONYMOUS, Role, Scope, User, Viewer, Visibility
from imgrepo_server.services.administration import Administration
from imgrepo_server.services.api_keys import ApiKeys
from imgrepo_server.services.passwords import Passwords


@pytest.fixture
def people(database: SqliteDatabase, clock: Any) -> Administration:
    return Administration(database=database, passwords=Passwords(4), now=clock)


async def refused(work: Awaitable[object]) -> None:
    with pytest.raises(ImgrepoError, match="meanwhile, and nothing was kept") as caught:
        await work
    assert caught.value.code is ErrorCode.UNAUTHENTICATED


async def delete(people: Administration) -> None:
    await people.delete("jeff", reassign_to=None, purge=True, report=lambda _: None)
    # Somebody new, who must not get what was jeff's.
    await people.add("stranger", "a long enough password", None, role=Role.USER, tier=None)


async def disable(people: Administration) -> None:
    await people.disable("jeff")


@pytest.mark.parametrize("shut_out", [delete, disable])
@pytest.mark.parametrize("before", ["nothing", "kept", "trashed"])
async def test_what_arrives_after_an_account_was_shut_out_is_not_kept(
    *,
    shut_out: Callable[[Administration], Awaitable[None]],
    before: str,
    house: Any,
    people: Administration,
    jeff: User,
    rita: User,
    picture: Any,
) -> None:
    await house.upload(rita, picture(1), visibility=Visibility.PRIVATE)  # the bytes are known
    if before != "nothing":
        first = (await house.upload(jeff, picture(1), title="first")).image
        if before == "trashed":
            await house.catalog.trash(Viewer(jeff), first.id)
    await shut_out(people)
    await refused(house.upload(jeff, picture(1), title="late"))
    await refused(house.upload(jeff, picture(2), title="late and new"))
    seen = await house.titles(ANONYMOUS)
    assert seen == (["first"] if (before, shut_out) == ("kept", disable) else [])
    await house.remove_what_may_go()
    assert len(house.files()) == 2


@pytest.mark.parametrize("shut_out", [delete, disable])
async def test_no_key_is_made_for_an_account_that_was_shut_out(
    *,
    shut_out: Callable[[Administration], Awaitable[None]],
    people: Administration,
    database: SqliteDatabase,
    clock: Any,
    jeff: User,
) -> None:
    keys = ApiKeys(database=database, now=clock)
    await shut_out(people)
    await refused(keys.create(jeff, "late", frozenset({Scope.READ}), None))
