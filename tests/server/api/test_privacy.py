"""Private means private, on every route."""

import io
import json
from typing import Any


async def test_a_private_image_exists_for_its_owner_only(server: Any, picture: Any) -> None:
    jeff, rita, nobody = (
        await server.person("jeff"),
        await server.person("rita"),
        server.anonymous(),
    )
    data = picture(1)
    reply = await jeff.upload(data, "secret_cat.jpg", visibility="private", tags=["hidden"])
    secret = reply["image"]["id"]
    sha256 = reply["image"]["sha256"]
    shown = (await rita.upload(picture(2), "public_dog.jpg", tags=["dog"]))["image"]["id"]

    for other in (rita, nobody):
        for path in ("", "/file", "/preview", "/similar"):
            status, body = await other.ask("GET", f"/images/{secret}{path}")
            assert (status, body["error"]["code"]) == (404, "image_not_found")
        assert await other.titles() == ["public_dog.jpg"]
        for hunt in ({"keyword": "secret"}, {"tag": "hidden"}, {"user": "jeff"}):
            assert await other.titles(**hunt) == []
        _, tags = await other.ask("GET", "/tags", expect=200)
        assert tags == {"tags": [{"name": "dog", "count": 1}]}
        _, tags = await other.ask("GET", "/tags?prefix=hid", expect=200)
        assert tags == {"tags": []}
        _, found = await other.ask("GET", f"/images/{shown}/similar?distance=192", expect=200)
        assert secret not in json.dumps(found)
        _, found = await other.ask(
            "POST", "/search/similar?distance=192", data={"file": io.BytesIO(data)}, expect=200
        )
        assert [match["id"] for match in found["matches"]] == [shown]
        _, verified = await other.ask("POST", "/images/verify", json={"ids": [secret]}, expect=200)
        assert verified["results"] == [{"id": secret, "status": "missing", "sha256": None}]
    for method, path, body in (
        ("PATCH", "", {"title": "mine"}), ("DELETE", "", None), ("POST", "/restore", None),
    ):  # fmt: skip
        status, answer = await rita.ask(method, f"/images/{secret}{path}", json=body)
        assert (status, answer["error"]["code"]) == (404, "image_not_found")
    _, known = await rita.ask("POST", "/images/check", json={"sha256": [sha256]}, expect=200)
    assert known == {"known": {}}

    assert sorted(await jeff.titles()) == ["public_dog.jpg", "secret_cat.jpg"]


async def test_the_same_bytes_of_another_person_do_not_show(server: Any, picture: Any) -> None:
    jeff, rita = await server.person("jeff"), await server.person("rita")
    await jeff.upload(picture(1), visibility="private", title="jeff's")
    reply = await rita.upload(picture(1), title="rita's")  # 201: new, as far as rita is told
    assert reply["duplicate"] is False
    assert reply["image"]["owner"] == "rita"
    assert await rita.titles() == ["rita's"]
    assert len([name for name in server.files() if not name.endswith(".jpg")]) == 1  # stored once


async def test_a_public_image_is_seen_by_all_and_changed_by_its_owner(
    server: Any, picture: Any
) -> None:
    jeff, rita, nobody = (
        await server.person("jeff"),
        await server.person("rita"),
        server.anonymous(),
    )
    image = (await jeff.upload(picture(1)))["image"]["id"]
    for other in (rita, nobody):
        await other.ask("GET", f"/images/{image}", expect=200)
        await other.ask("GET", f"/images/{image}/file", expect=200)
    for method, body in (("PATCH", {"title": "mine"}), ("DELETE", None)):
        await rita.ask(method, f"/images/{image}", json=body, expect=403)
        await nobody.ask(method, f"/images/{image}", json=body, expect=401)
    await jeff.ask("PATCH", f"/images/{image}", json={"visibility": "private"}, expect=200)
    await rita.ask("GET", f"/images/{image}", expect=404)


async def test_trash_is_out_of_everybody_elses_sight(server: Any, picture: Any) -> None:
    jeff, rita = await server.person("jeff"), await server.person("rita")
    image = (await jeff.upload(picture(1), tags=["cat"]))["image"]["id"]
    await jeff.ask("DELETE", f"/images/{image}", expect=204)
    await rita.ask("GET", f"/images/{image}", expect=404)
    assert await jeff.titles() == await rita.titles() == []
    assert (await jeff.ask("GET", "/tags"))[1] == {"tags": []}
    await jeff.ask("POST", f"/images/{image}/restore", expect=200)
    await rita.ask("GET", f"/images/{image}", expect=200)


async def test_a_server_can_ask_everybody_to_log_in(start_server: Any, picture: Any) -> None:
    server = await start_server(require_login=True, registration=True)
    jeff, nobody = await server.person("jeff"), server.anonymous()
    image = (await jeff.upload(picture(1)))["image"]["id"]
    for path in ("/images", "/tags", f"/images/{image}", f"/images/{image}/file"):
        await nobody.ask("GET", path, expect=401)
        await jeff.ask("GET", path, expect=200)
    await nobody.ask("GET", "/openapi.json", expect=200)
