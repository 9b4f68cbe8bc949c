"""Administration: accounts come, change and go, with their images or without."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from imgrepo_server.blobs.local import LocalStore
from imgrepo_server.db import audit, holdings
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.db.tables import images
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import (
    ANONYMOUS,
    ImageChanges,
    ImageFilter,
    Role,
    Sort,
    Tier,
    TierLimits,
    User,
    Viewer,
    Visibility,
)
from imgrepo_server.services.administration import Administration
from imgrepo_server.services.passwords import Passwords

ROOM = {tier: TierLimits() for tier in Tier}


@pytest.fixture
def house(store: LocalStore, build: Callable[..., Any]) -> Any:
    return build(store, tiers=ROOM)


@pytest.fixture
def people(database: SqliteDatabase, clock: Any) -> Administration:
    return Administration(database=database, passwords=Passwords(4), now=clock)


def silent(_: int) -> None:
    pass


async def names(people: Administration) -> list[str]:
    return [account.user.name for account in await people.accounts()]


async def test_images_of_a_deleted_account_go_to_another_and_are_found_there(
    *,
    house: Any,
    people: Administration,
    database: SqliteDatabase,
    jeff: User,
    rita: User,
    picture: Any,
) -> None:
    await people.set_tier("rita", Tier.FREE)
    await house.upload(jeff, picture(1), title="Jeff's own", visibility=Visibility.PRIVATE)
    shared = (await house.upload(jeff, picture(2), title="Shared")).image
    await house.catalog.edit(Viewer(jeff), shared.id, ImageChanges(share_with=("rita", "anna")))
    only = (await house.upload(jeff, picture(3), title="Shared with rita only")).image
    await house.catalog.edit(Viewer(jeff), only.id, ImageChanges(share_with=("rita",)))
    done: list[int] = []
    assert await people.delete("jeff", reassign_to="rita", report=done.append) == 3
    assert done == [3]
    assert await names(people) == ["rita"]
    own = {image.title: image for image in await house.images(Viewer(rita))}
    assert {image.owner for image in own.values()} == {"rita"}
    assert own["Jeff's own"].visibility is Visibility.PRIVATE
    assert own["Shared"].shared_with == ("anna",)
    assert own["Shared with rita only"].visibility is Visibility.PRIVATE
    for keyword, count in (("jeff", 1), ("rita", 3)):  # the title says Jeff; the owner is rita
        found = await house.catalog.page(
            Viewer(rita), ImageFilter(keywords=(keyword,)), sort=Sort.ADDED, limit=9, after=None
        )
        assert len(found.images) == count
    assert await house.images(ANONYMOUS) == ()
    counted = await database.read(lambda connection: holdings.of_user(connection, rita.id))
    assert counted == await people.usage("rita")
    assert counted is not None
    assert counted.images == 3


@pytest.mark.parametrize(
    ("trashed", "left"),
    [(set(), "rita's"), ({"jeff"}, "rita's"), ({"rita"}, "jeff's"), ({"jeff", "rita"}, "rita's")],
)
async def test_of_the_same_bytes_the_better_kept_copy_stays(
    *,
    house: Any,
    people: Administration,
    jeff: User,
    rita: User,
    picture: Any,
    trashed: set[str],
    left: str,
) -> None:
    for person in (jeff, rita):
        image = (await house.upload(person, picture(1), title=f"{person.name}'s")).image
        if person.name in trashed:
            await house.catalog.trash(Viewer(person), image.id)
    await people.delete("jeff", reassign_to="rita", report=silent)
    await house.remove_what_may_go()
    rows = await house.database.read(
        lambda connection: connection.execute(sa.select(images.c.title, images.c.owner_id)).all()
    )
    assert [tuple(row) for row in rows] == [(left, rita.id)]
    assert len(house.files()) == 2


async def test_a_purged_account_leaves_nothing_but_what_others_have(
    house: Any, people: Administration, jeff: User, rita: User, picture: Any
) -> None:
    kept = picture(1)
    await house.upload(rita, kept)
    files = house.files()
    for data in (kept, picture(2)):
        await house.upload(jeff, data)
    assert await people.delete("jeff", reassign_to=None, purge=True, report=silent) == 2
    await house.remove_what_may_go()
    assert house.files() == files
    assert await names(people) == ["rita"]


async def test_uploads_meanwhile_do_not_keep_an_account_alive_nor_break(
    house: Any, people: Administration, jeff: User, picture: Any
) -> None:
    """Requests that were let in before the account was shut out may end during its deletion."""
    uploads = [house.upload(jeff, picture(seed)) for seed in range(6)]
    deletion = people.delete("jeff", reassign_to=None, purge=True, report=silent)
    *results, _ = await asyncio.gather(*uploads, deletion, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            assert isinstance(result, ImgrepoError)
            assert result.code is ErrorCode.UNAUTHENTICATED
    assert await names(people) == []
    await house.remove_what_may_go()
    assert house.files() == set()


async def test_images_that_nobody_decided_on_are_not_deleted_with_their_account(
    house: Any, people: Administration, database: SqliteDatabase, jeff: User, picture: Any
) -> None:
    """Whoever saw an account without images, and deletes it, may be late by one upload."""
    await house.upload(jeff, picture(1), title="just in time")
    with pytest.raises(ImgrepoError, match=r"jeff has 1 image\. Give them") as caught:
        await people.delete("jeff", reassign_to=None, report=silent)
    assert caught.value.code is ErrorCode.INVALID_REQUEST
    assert await house.titles(Viewer(jeff)) == ["just in time"]
    assert [account.disabled_at for account in await people.accounts()] == [None]
    image = (await house.images(Viewer(jeff)))[0]
    await house.catalog.purge(Viewer(jeff), image.id)
    await people.delete("jeff", reassign_to=None, report=silent)
    assert await names(people) == []
    last = await database.read(
        lambda connection: audit.entries(connection, about=["jeff"], since=None, after=0, limit=99)
    )
    assert (last[-1].action, last[-1].details) == (
        "user.delete",
        {"images": 0, "reassigned_to": None},
    )


async def test_names_that_are_nobodys(people: Administration, jeff: User) -> None:
    for deed in (
        people.set_tier("nobody", None),
        people.disable("nobody"),
        people.set_password("nobody", "a long enough password"),
        people.delete("nobody", reassign_to=None, purge=True, report=silent),
        people.delete("jeff", reassign_to="nobody", report=silent),
    ):
        with pytest.raises(ImgrepoError) as caught:
            await deed
        assert caught.value.code is ErrorCode.USER_NOT_FOUND
    with pytest.raises(ImgrepoError, match="another account"):
        await people.delete("jeff", reassign_to="JEFF", report=silent)
    found = (await people.accounts())[0]
    assert (found.user.id, found.disabled_at) == (jeff.id, None)


async def test_what_an_administrator_does_is_written_down(
    house: Any, people: Administration, database: SqliteDatabase, jeff: User, picture: Any
) -> None:
    image = (await house.upload(jeff, picture(1), title="secret words")).image
    viewer = Viewer(jeff)
    await house.catalog.edit(viewer, image.id, ImageChanges(title="other secret words"))
    await house.catalog.edit(viewer, image.id, ImageChanges(share_with=("rita",)))
    await house.catalog.trash(viewer, image.id)
    await house.catalog.trash(viewer, image.id)  # done already: no deed
    await people.set_tier("jeff", Tier.PREMIUM)
    await people.set_password("jeff", "a long enough password")
    await people.delete("jeff", reassign_to=None, purge=True, report=silent)
    found = await database.read(
        lambda connection: audit.entries(connection, about=None, since=None, after=0, limit=99)
    )
    assert [(entry.actor, entry.action) for entry in found] == [
        ("jeff", "image.upload"),
        ("jeff", "image.edit"),
        ("jeff", "image.share"),
        ("jeff", "image.trash"),
        (None, "user.set"),
        (None, "password.change"),
        (None, "user.disable"),
        (None, "user.delete"),
    ]
    assert {entry.object for entry in found[:4]} == {str(image.id)}
    text = str(found)
    assert "secret words" not in text
    assert "long enough" not in text


async def test_deeds_that_fail_leave_no_entry(
    people: Administration, database: SqliteDatabase, jeff: User
) -> None:
    del jeff
    with pytest.raises(ImgrepoError):
        await people.add("jeff", "a long enough password", None, role=Role.USER, tier=None)
    assert not await database.read(
        lambda connection: audit.entries(connection, about=None, since=None, after=0, limit=9)
    )
