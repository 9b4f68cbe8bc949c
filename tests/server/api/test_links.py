"""Links that need no login."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from imgrepo_server.api.prefix import API
from sqlalchemy import text


async def link_to(person: Any, image: str, **more: Any) -> tuple[str, str]:
    """The path of a new link, below the API's prefix, and its id."""
    _, made = await person.ask("POST", f"/images/{image}/links", json=more, expect=201)
    return made["url"].partition(API)[2], made["id"]


async def works(server: Any, path: str) -> bool:
    """Whether a link gives anything, to somebody without a login."""
    status, body = await server.anonymous().ask("GET", path)
    assert status in (200, 404), body
    if status == 404:
        assert body["error"]["code"] == "link_ended"
    return bool(status == 200)


@pytest.fixture
async def jeff(server: Any) -> Any:
    return await server.person("jeff")


async def test_a_link_gives_one_resource_of_one_image_and_nothing_else(
    server: Any, jeff: Any, picture: Any
) -> None:
    nobody, data = server.anonymous(), picture(1)
    image = (await jeff.upload(data, visibility="private"))["image"]["id"]
    _, made = await jeff.ask("POST", f"/images/{image}/links", json={"expires_in": 600}, expect=201)
    assert set(made) == {"id", "url", "expires_at"}
    assert made["url"].startswith(f"http://{server.client.host}:{server.client.port}{API}/shared/")
    left = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
    assert timedelta(seconds=590) < left <= timedelta(seconds=600)

    path = made["url"].partition(API)[2]
    assert (await nobody.ask("GET", path, expect=200))[1] == data
    _, part = await nobody.ask("GET", path, headers={"Range": "bytes=2-5"}, expect=206)
    assert part == data[2:6]
    await nobody.ask("HEAD", path, expect=200)
    for method in ("POST", "PATCH", "DELETE", "PUT"):
        await nobody.ask(method, path, expect=405)
    # It is no login, and opens nothing beside.
    nobody.token = path.rpartition("/")[2]
    await nobody.ask("GET", "/me", expect=401)
    nobody.token = None
    for other in ("", "/file", "/preview", "/similar"):
        await nobody.ask("GET", f"/images/{image}{other}", expect=404)

    preview, _ = await link_to(jeff, image, preview_only=True)
    _, small = await nobody.ask("GET", f"{preview}?size=256", expect=200)
    assert small.startswith(b"\xff\xd8")
    assert small != data


async def test_a_link_to_previews_tells_nothing_of_the_original(
    server: Any, jeff: Any, picture: Any
) -> None:
    image = (await jeff.upload(picture(1), "with the secret word.jpg"))["image"]
    path, _ = await link_to(jeff, image["id"], preview_only=True)
    async with server.client.get(f"{API}{path}?size=256") as response:
        told = str(response.headers)
        etag = response.headers["ETag"]
        assert (response.status, response.content_type) == (200, "image/jpeg")
    assert "secret" not in told
    assert image["sha256"] not in told
    for size, status in ((256, 304), (512, 200)):
        async with server.client.get(
            f"{API}{path}?size={size}", headers={"If-None-Match": etag}
        ) as again:
            assert again.status == status


async def test_no_link_can_be_made_up_or_altered(server: Any, jeff: Any, picture: Any) -> None:
    images = [(await jeff.upload(picture(seed)))["image"]["id"] for seed in (1, 2)]
    path, _ = await link_to(jeff, images[0], preview_only=True)
    place, _, token = path.rpartition("/")
    claims = jwt.decode(token, options={"verify_signature": False}, audience="link")
    key_id = jwt.get_unverified_header(token)["kid"]
    for change in (
        {"sub": images[1]}, {"act": "GET file"}, {"act": "DELETE file"}, {"exp": 2**33}, {},
    ):  # fmt: skip
        forged = jwt.encode({**claims, **change}, "x" * 64, headers={"kid": key_id})
        assert not await works(server, f"{place}/{forged}")
    login = jeff.token
    unsigned = jwt.encode(claims, None, algorithm="none", headers={"kid": key_id})
    for garbled in (login, unsigned, token[:-2], token + "A", "x", "%00", "é", "." * 500):
        assert not await works(server, f"{place}/{garbled}")
    assert await works(server, path)


async def test_what_ends_links(server: Any, jeff: Any, picture: Any) -> None:
    rita = await server.person("rita")
    image = (await jeff.upload(picture(1)))["image"]["id"]

    def edit(**changes: Any) -> Any:
        return jeff.ask("PATCH", f"/images/{image}", json=changes, expect=200)

    path, link = await link_to(jeff, image)
    await rita.ask("DELETE", f"/links/{link}", expect=404)
    assert await works(server, path)
    await jeff.ask("DELETE", f"/links/{link}", expect=204)
    await jeff.ask("DELETE", f"/links/{link}", expect=404)
    assert not await works(server, path)

    paths = [(await link_to(jeff, image, preview_only=small))[0] for small in (True, False)]
    other, _ = await link_to(jeff, (await jeff.upload(picture(2)))["image"]["id"])
    await rita.ask("DELETE", f"/images/{image}/links", expect=403)
    assert all([await works(server, path) for path in paths])
    for count in (2, 0):
        _, ended = await jeff.ask("DELETE", f"/images/{image}/links", expect=200)
        assert ended == {"ended": count}
    assert [await works(server, path) for path in (*paths, other)] == [False, False, True]

    path, _ = await link_to(jeff, image)
    await edit(title="new", share_with=["rita"])
    assert await works(server, path)
    await edit(unshare=["rita"])  # private again
    assert not await works(server, path)

    path, _ = await link_to(jeff, image)  # to a private image: the owner's choice
    assert await works(server, path)
    await edit(visibility="private")
    assert not await works(server, path)

    path, _ = await link_to(jeff, image)
    await jeff.ask("DELETE", f"/images/{image}", expect=204)
    assert not await works(server, path)
    await jeff.ask("POST", f"/images/{image}/links", json={}, expect=400)
    await jeff.ask("POST", f"/images/{image}/restore", expect=200)
    assert not await works(server, path)

    path, _ = await link_to(jeff, image)
    await jeff.ask("DELETE", f"/images/{image}?purge=true", expect=204)
    assert not await works(server, path)


async def test_a_link_ends_in_time_and_with_its_makers_account(
    server: Any, jeff: Any, picture: Any
) -> None:
    image = (await jeff.upload(picture(1)))["image"]["id"]
    path, _ = await link_to(jeff, image)
    late, late_id = await link_to(jeff, image)

    async def say(statement: str, **values: Any) -> None:
        await server.change(lambda connection: connection.execute(text(statement), values))

    await say(
        "UPDATE links SET expires_at = '2026-01-01 00:00:00' WHERE id = :id",
        id=late_id.replace("-", ""),
    )
    assert not await works(server, late)
    assert [link["id"] for link in (await jeff.ask("GET", "/links"))[1]["links"]] != [late_id]
    await say("UPDATE users SET disabled_at = '2026-01-01 00:00:00' WHERE name = 'jeff'")
    assert not await works(server, path)
    await say("UPDATE users SET disabled_at = NULL")
    assert await works(server, path)
    await server.person("rita")  # the image becomes somebody else's: jeff's word no longer counts
    await say("UPDATE images SET owner_id = (SELECT id FROM users WHERE name = 'rita')")
    assert not await works(server, path)
    assert (await jeff.ask("GET", "/links"))[1]["links"] == []


async def test_links_are_listed_without_what_opens_them(
    server: Any, jeff: Any, picture: Any
) -> None:
    image = (await jeff.upload(picture(1), "cat.jpg"))["image"]["id"]
    _, first = await link_to(jeff, image)
    path, second = await link_to(jeff, image, preview_only=True, expires_in=30 * 24 * 3600)
    _, body = await jeff.ask("GET", "/links", expect=200)
    assert [link["id"] for link in body["links"]] == [second, first]
    assert body["links"][0]["title"] == "cat.jpg"
    assert [link["preview_only"] for link in body["links"]] == [True, False]
    assert path.rpartition("/")[2] not in str(body)
    rita = await server.person("rita")
    assert (await rita.ask("GET", "/links"))[1] == {"links": []}
    await rita.ask(
        "POST", f"/images/{image}/links", json={}, expect=403
    )  # she sees it, that is all
    _, refused = await jeff.ask("POST", f"/images/{image}/links", json={"expires_in": 10**9})
    assert "30 days" in refused["error"]["message"]
    for wrong in ({"expires_in": 0}, {"expires_in": 30 * 24 * 3600 + 1}, {"expires_in": "1h"}):
        await jeff.ask("POST", f"/images/{image}/links", json=wrong, expect=400)


async def test_links_work_where_everything_else_needs_a_login(
    start_server: Any, picture: Any
) -> None:
    server = await start_server(require_login=True)
    jeff = await server.person("jeff")
    image = (await jeff.upload(picture(1)))["image"]["id"]
    path, _ = await link_to(jeff, image)
    assert await works(server, path)


async def test_a_failure_logs_the_route_and_not_the_link(
    server: Any, jeff: Any, picture: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    image = (await jeff.upload(picture(1)))["image"]["id"]
    path, _ = await link_to(jeff, image)
    for name in server.files():
        (server.data_dir / "storage" / name).unlink()
    await server.anonymous().ask("GET", path, expect=500)
    assert "/shared/{token}" in caplog.text
    token = path.rpartition("/")[2]
    assert token not in caplog.text
    assert token.rpartition(".")[2] not in caplog.text
