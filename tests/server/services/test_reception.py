"""Nobody holds all places, and searching never takes one from uploads."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from imgrepo_server.blobs.local import LocalStore
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import ANONYMOUS, Role, Tier, TierLimits, User, Viewer
from imgrepo_server.services.quotas import Quotas
from imgrepo_server.services.reception import Limits, Reception

LIMITS = Limits(uploads=8, queries=8, file_size=10_000, query_size=1_000)


def account(number: int, tier: Tier | None = None) -> User:
    return User(number, f"u{number}", None, Role.USER, datetime(2026, 3, 1, tzinfo=UTC), tier)


@pytest.fixture
def reception(store: LocalStore, database: SqliteDatabase) -> Callable[..., Reception]:
    def reception(limits: Limits = LIMITS) -> Reception:
        tiers = {Tier.FREE: TierLimits(bytes_per_image=500), Tier.PREMIUM: TierLimits(5_000)}
        quotas = Quotas(database=database, tiers=tiers)
        return Reception(store=store, quotas=quotas, limits=limits)

    return reception


async def places(stack: AsyncExitStack, receive: Any) -> int:
    """How many more are to be had; all of them are held from then on."""
    for number in range(100):
        try:
            await stack.enter_async_context(receive(number))
        except ImgrepoError as error:
            if error.code is ErrorCode.OVERLOADED:
                return number
            raise
    raise AssertionError


async def test_nobody_holds_all_places(reception: Callable[..., Reception]) -> None:
    async with AsyncExitStack() as stack:
        desk = reception()
        jeff, rita = account(1), account(2)
        assert await places(stack, lambda n: desk.upload(jeff, f"192.0.2.{n}")) == 6
        assert await places(stack, lambda _: desk.upload(rita, "192.0.2.99")) == 2  # what is left
        assert await places(stack, lambda n: desk.query(Viewer(jeff), f"192.0.2.{n}")) == 2
        assert await places(stack, lambda _: desk.query(Viewer(rita), "192.0.2.1")) == 2
        assert await places(stack, lambda _: desk.query(ANONYMOUS, "192.0.2.1")) == 2
        assert await places(stack, lambda _: desk.query(ANONYMOUS, "192.0.2.2")) == 2
        assert await places(stack, lambda _: desk.query(ANONYMOUS, "192.0.2.3")) == 0
    async with AsyncExitStack() as stack:  # and all are given back
        assert await places(stack, lambda n: desk.query(ANONYMOUS, f"192.0.2.{n}")) == 4
        assert await places(stack, lambda n: desk.query(Viewer(account(n)), None)) == 8
        assert await places(stack, lambda n: desk.upload(account(n), f"192.0.2.{n}")) == 8


async def test_many_accounts_or_addresses_of_one_network_are_one(
    reception: Callable[..., Reception],
) -> None:
    async with AsyncExitStack() as stack:
        desk = reception()
        assert await places(stack, lambda n: desk.upload(account(n), f"2001:db8::{n + 1}")) == 6
        assert await places(stack, lambda n: desk.query(ANONYMOUS, f"2001:db8::{n + 1}")) == 2
        assert await places(stack, lambda _: desk.upload(account(1), "2001:db8:0:1::1")) == 2


async def test_a_place_or_one_persons_all_are_there_however_few(
    reception: Callable[..., Reception],
) -> None:
    async with AsyncExitStack() as stack:
        desk = reception(Limits(1, 1, 10_000, 1_000))
        assert await places(stack, lambda _: desk.upload(account(1))) == 1
        assert await places(stack, lambda _: desk.query(Viewer(account(1)), None)) == 1
        assert await places(stack, lambda _: desk.query(ANONYMOUS, None)) == 1
    async with AsyncExitStack() as stack:
        desk = reception(Limits(8, 8, 10_000, 1_000, shared=False))
        assert await places(stack, lambda _: desk.upload(account(1))) == 8
        assert await places(stack, lambda _: desk.query(Viewer(account(1)), None)) == 8


@pytest.mark.parametrize(
    ("viewer", "size"),
    [
        (ANONYMOUS, 1_000),
        (Viewer(account(1)), 10_000),
        (Viewer(account(1, Tier.PREMIUM)), 5_000),
        (Viewer(account(1, Tier.FREE)), 1_000),  # no less than without a login
    ],
)
async def test_what_may_be_uploaded_may_be_searched_with(
    reception: Callable[..., Reception], viewer: Viewer, size: int
) -> None:
    async with reception().query(viewer, None) as file:
        await file.write(bytes(size))
        with pytest.raises(ImgrepoError) as caught:
            await file.write(b"0")
    assert (caught.value.code, caught.value.details) == (
        ErrorCode.FILE_TOO_LARGE,
        {"limit": size},
    )
