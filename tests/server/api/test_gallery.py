"""The gallery: everybody sees it, and who has the tier gets the originals."""

from typing import Any

import pytest
from imgrepo_server.db import users
from imgrepo_server.models import Tier
from sqlalchemy import Connection, text


@pytest.fixture
async def people(server: Any) -> dict[str, Any]:
    """An administrator, and somebody of each tier."""
    names = ("admin", "free", "premium", "business", "unlimited")
    people = {name: await server.person(name) for name in names}

    def change(connection: Connection) -> None:
        for name in names[1:4]:
            user = users.by_name(connection, name)
            assert user is not None
            users.set_tier(connection, user.id, Tier(name))
        connection.execute(text("UPDATE users SET role = 'admin' WHERE name = 'admin'"))

    await server.change(change)
    return {**people, "nobody": server.anonymous()}


@pytest.mark.parametrize(
    ("tier", "served"),
    [
        ("free", {"admin", "free", "premium", "business", "unlimited"}),
        ("premium", {"admin", "premium", "business", "unlimited"}),
        ("business", {"admin", "business", "unlimited"}),
    ],
)
async def test_everybody_sees_it_and_the_tier_decides_about_the_original(
    people: dict[str, Any], picture: Any, tier: str, served: set[str]
) -> None:
    data = picture(1)
    image = (await people["admin"].upload(data, "cat.jpg", visibility="private"))["image"]["id"]
    await people["free"].upload(picture(2), "dog.jpg")
    _, edited = await people["admin"].ask(
        "PATCH", f"/images/{image}", json={"gallery_tier": tier}, expect=200
    )
    assert (edited["image"]["visibility"], edited["image"]["gallery_tier"]) == ("gallery", tier)
    for name, person in people.items():
        assert await person.titles(gallery="true") == await person.titles(q="is:gallery")
        assert await person.titles(gallery="true") == ["cat.jpg"]
        await person.ask("GET", f"/images/{image}/preview?size=1024", expect=200)
        status, body = await person.ask("GET", f"/images/{image}/file")
        if name in served:
            assert (status, body) == (200, data)
        else:
            assert (status, body["error"]["code"]) == (403, "tier_too_low")
            assert body["error"]["details"]["tier"] == tier


async def test_only_administrators_publish_and_only_their_own(
    people: dict[str, Any], picture: Any
) -> None:
    free, admin = people["free"], people["admin"]
    shown = (await free.upload(picture(1)))["image"]["id"]
    hidden = (await free.upload(picture(2), visibility="private"))["image"]["id"]
    for change in ({"gallery_tier": "free"}, {"gallery_tier": "none"}):
        for person, image, status in (
            (free, shown, 403), (admin, shown, 403), (admin, hidden, 404),
        ):  # fmt: skip
            await person.ask("PATCH", f"/images/{image}", json=change, expect=status)
    own = (await admin.upload(picture(3)))["image"]["id"]
    for wrong in (
        {"gallery_tier": "gold"},
        {"gallery_tier": "free", "visibility": "public"},
        {"gallery_tier": "free", "share_with": ["free"]},
        {"visibility": "gallery"},
    ):
        await admin.ask("PATCH", f"/images/{own}", json=wrong, expect=400)


async def test_what_leaves_the_gallery_is_private_and_what_never_was_there_stays(
    people: dict[str, Any], picture: Any
) -> None:
    admin, free = people["admin"], people["free"]
    image = (await admin.upload(picture(1)))["image"]["id"]

    async def edit(**changes: Any) -> tuple[str, str | None]:
        _, body = await admin.ask("PATCH", f"/images/{image}", json=changes, expect=200)
        return body["image"]["visibility"], body["image"]["gallery_tier"]

    assert await edit(gallery_tier="none") == ("public", None)
    assert await edit(gallery_tier="premium") == ("gallery", "premium")
    await free.ask("GET", f"/images/{image}", expect=200)
    assert await edit(gallery_tier="none") == ("private", None)
    await free.ask("GET", f"/images/{image}", expect=404)
    assert await edit(gallery_tier="premium") == ("gallery", "premium")
    assert await edit(visibility="public") == ("public", None)
    await free.ask("GET", f"/images/{image}/file", expect=200)
    assert await edit(gallery_tier="premium") == ("gallery", "premium")
    assert await edit(share_with=["free"]) == ("shared", None)
    await free.ask("GET", f"/images/{image}/file", expect=200)
    await people["business"].ask("GET", f"/images/{image}", expect=404)


async def test_a_link_of_the_owners_gives_the_original_to_anybody(
    people: dict[str, Any], picture: Any
) -> None:
    admin, data = people["admin"], picture(1)
    image = (await admin.upload(data))["image"]["id"]
    await admin.ask("PATCH", f"/images/{image}", json={"gallery_tier": "business"}, expect=200)
    _, made = await admin.ask("POST", f"/images/{image}/links", json={}, expect=201)
    path = made["url"].partition("/api/v1")[2]
    assert (await people["nobody"].ask("GET", path, expect=200))[1] == data
