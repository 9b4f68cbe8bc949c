"""Quotas: what an account may hold, also when uploads arrive together."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imgrepo_server.blobs.local import LocalStore
from imgrepo_server.db import holdings, users
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import Role, Tier, TierLimits, Usage, User, Viewer

SMALL = {Tier.FREE: TierLimits(bytes_per_image=100_000, images=3, bytes=100_000)}


async def person(database: SqliteDatabase, clock: Any, tier: Tier | None) -> User:
    made = await database.write(
        lambda connection: users.add(
            connection,
            name=f"jeff-{tier}",
            email=None,
            password_hash=None,
            role=Role.USER,
            tier=tier,
            now=clock(),
        )
    )
    assert made is not None
    return made


@pytest.fixture
def house(store: LocalStore, build: Callable[..., Any]) -> Any:
    return build(store, tiers=SMALL)


async def quota_of(work: Any) -> Any:
    with pytest.raises(ImgrepoError) as caught:
        await work
    assert caught.value.code is ErrorCode.QUOTA_EXCEEDED
    return caught.value.details


async def counted(database: SqliteDatabase, user: User) -> tuple[Usage | None, Usage]:
    def ask(connection: Any) -> tuple[Usage | None, Usage]:
        return holdings.of_user(connection, user.id), holdings.summed(connection, user.id)

    return await database.read(ask)


async def test_uploads_that_arrive_together_hold_no_more_than_one_after_the_other(
    house: Any, database: SqliteDatabase, clock: Any, picture: Any
) -> None:
    jeff = await person(database, clock, Tier.FREE)
    uploads = (house.upload(jeff, picture(seed)) for seed in range(8))
    results = await asyncio.gather(*uploads, return_exceptions=True)
    refused = [result for result in results if isinstance(result, ImgrepoError)]
    assert [error.code for error in refused] == [ErrorCode.QUOTA_EXCEEDED] * 5
    assert len(await house.images(Viewer(jeff))) == 3
    kept, summed = await counted(database, jeff)
    assert kept == summed
    await house.remove_what_may_go()
    assert len(house.files()) == 6  # originals and previews of those that fitted


async def test_each_limit_says_which_one_it_is_and_how_far(
    house: Any, database: SqliteDatabase, clock: Any, picture: Any
) -> None:
    jeff = await person(database, clock, Tier.FREE)
    details = await quota_of(house.upload(jeff, b"x" * 100_001))
    assert (details["quota"], details["limit"], details["needed"]) == (
        "bytes_per_image", 100_000, 100_001,
    )  # fmt: skip
    large = picture(1) + b"\0" * 60_000
    await house.upload(jeff, large)
    details = await quota_of(house.upload(jeff, picture(2) + b"\0" * 60_000))
    assert (details["quota"], details["limit"], details["bytes"]) == ("bytes", 100_000, len(large))
    for seed in (3, 4):
        await house.upload(jeff, picture(seed))
    details = await quota_of(house.upload(jeff, picture(5)))
    assert (details["quota"], details["images"], details["tier"]) == ("images", 3, "free")


async def test_an_announced_size_is_refused_before_a_byte_comes(
    house: Any, database: SqliteDatabase, clock: Any
) -> None:
    jeff = await person(database, clock, Tier.FREE)
    with pytest.raises(ImgrepoError, match="at the most"):
        async with house.reception.upload(jeff, announced=1_000_000):
            raise AssertionError
    async with house.reception.upload(jeff, announced=500_000):  # may yet be small, in a long form
        pass


async def test_what_is_deleted_for_good_makes_room_and_the_trash_does_not(
    house: Any, database: SqliteDatabase, clock: Any, picture: Any
) -> None:
    jeff = await person(database, clock, Tier.FREE)
    added = [await house.upload(jeff, picture(seed)) for seed in range(3)]
    ids = [one.image.id for one in added]
    await house.catalog.trash(Viewer(jeff), ids[0])
    await quota_of(house.upload(jeff, picture(9)))
    await house.catalog.purge(Viewer(jeff), ids[1])
    await house.upload(jeff, picture(9))
    await quota_of(house.upload(jeff, picture(10)))


async def test_a_tier_that_comes_during_an_upload_counts_it(
    house: Any, database: SqliteDatabase, clock: Any, picture: Any
) -> None:
    jeff = await person(database, clock, None)
    await house.upload(jeff, picture(1))
    await database.write(lambda connection: users.set_tier(connection, jeff.id, Tier.FREE))
    await house.upload(jeff, picture(2))  # by somebody who had no tier when it began
    kept, summed = await counted(database, jeff)
    assert kept == summed
    assert summed.images == 2
    await database.write(lambda connection: users.set_tier(connection, jeff.id, None))
    assert (await counted(database, jeff))[0] is None


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.sampled_from(["upload", "trash", "purge", "tier"]), st.integers(0, 4)),
        max_size=12,
    )
)
async def test_the_count_is_the_sum_whatever_happens(
    house: Any, database: SqliteDatabase, clock: Any, picture: Any, deeds: list[tuple[str, int]]
) -> None:
    """Several histories of one account, one after another; each begins where the last ended."""
    jeff = await database.read(lambda connection: users.by_name(connection, "jeff-free"))
    jeff = jeff or await person(database, clock, Tier.FREE)
    for deed, number in deeds:
        own = await house.images(Viewer(jeff))
        if deed == "upload":
            with suppress(ImgrepoError):  # over the quota
                await house.upload(jeff, picture(number))
        elif deed == "tier":
            tier = Tier.FREE if number % 2 else None
            await database.write(partial(users.set_tier, user_id=jeff.id, tier=tier))
        elif own:
            remove = house.catalog.trash if deed == "trash" else house.catalog.purge
            await remove(Viewer(jeff), own[number % len(own)].id)
        kept, summed = await counted(database, jeff)
        assert kept in (None, summed)
