"""Private means private, on every route."""

import io
import json
from typing import Any

import pytest
from imgrepo_server.api.endpoint import Auth
from imgrepo_server.api.prefix import API
from imgrepo_server.api.routes import ROUTES

NO_ID = "00000000-0000-7000-8000-000000000000"
OF_IMAGES = [route for route in ROUTES if "{id}" in route.path]


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

    for other, farthest in ((rita, 192), (nobody, 64)):
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
        _, found = await other.ask(
            "GET", f"/images/{shown}/similar?distance={farthest}", expect=200
        )
        assert secret not in json.dumps(found)
        posted = {"file": io.BytesIO(data)}
        _, found = await other.ask(
            "POST", f"/search/similar?distance={farthest}", data=posted, expect=200
        )
        assert [match["id"] for match in found["matches"]] == ([shown] if other is rita else [])
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


@pytest.mark.parametrize("hidden", ["private", "trashed", "private and trashed"])
async def test_a_hidden_image_answers_as_one_that_is_not_there(
    server: Any, picture: Any, hidden: str
) -> None:
    jeff, rita = await server.person("jeff"), await server.person("rita")
    visibility = "private" if "private" in hidden else "public"
    image = (await jeff.upload(picture(1), visibility=visibility))["image"]["id"]
    if "trashed" in hidden:
        await jeff.ask("DELETE", f"/images/{image}", expect=204)
    seen = (await rita.upload(picture(2)))["image"]["id"]
    for route in OF_IMAGES:
        asked = route.takes("query")
        fields = asked.model_fields.items() if asked else ()
        required = {name: seen for name, field in fields if field.is_required()}
        for person in (rita, server.anonymous()):
            answers = []
            for image_id in (image, NO_ID):
                more: dict[str, Any] = {"json": {}} if route.takes("body") else {}
                if route.form is not None:
                    more = {"data": {"file": io.BytesIO(picture(3))}}
                path = route.path.removeprefix(API).replace("{id}", image_id)
                status, body = await person.ask(route.method, path, params=required, **more)
                del body["error"]["request_id"]
                answers.append((status, json.dumps(body).replace(image_id, "ID")))
            assert answers[0] == answers[1]
            needs_login = route.auth is Auth.LOGIN and person is not rita
            code = "unauthenticated" if needs_login else "image_not_found"
            assert answers[0][0] == (401 if needs_login else 404), route
            assert code in answers[0][1]


async def test_uploading_what_somebody_hides_tells_nothing(server: Any, picture: Any) -> None:
    jeff, rita = await server.person("jeff"), await server.person("rita")
    await jeff.upload(picture(1), "secret.jpg", visibility="private", tags=["hidden"])
    known = await rita.upload(picture(1), "a.jpg")
    fresh = await rita.upload(picture(2), "a.jpg")
    differing = {"id", "sha256", "size", "created_at", "links"}
    for field, value in fresh["image"].items():
        assert field in differing or known["image"][field] == value
    assert known.keys() == fresh.keys()
    assert known["duplicate"] is fresh["duplicate"] is False


async def test_hidden_images_take_no_place_in_a_page(server: Any, picture: Any) -> None:
    jeff, nobody = await server.person("jeff"), server.anonymous()
    for seed in range(6):
        await jeff.upload(
            picture(seed), f"{seed}.jpg", visibility="private" if seed % 2 else "public"
        )
    _, page = await nobody.ask("GET", "/images?limit=2", expect=200)
    assert [image["title"] for image in page["images"]] == ["4.jpg", "2.jpg"]
    _, rest = await nobody.ask("GET", f"/images?limit=2&cursor={page['next_cursor']}", expect=200)
    assert [image["title"] for image in rest["images"]] == ["0.jpg"]
    assert rest["next_cursor"] is None
