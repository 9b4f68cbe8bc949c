"""Groups of the same picture: the best copy, what the rest would free, and pairs told apart."""

import io
from typing import Any

import pytest
from PIL import Image


def saved(data: bytes, *, scale: float = 1.0, quality: int = 85) -> bytes:
    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as picture:
        size = (round(picture.width * scale), round(picture.height * scale))
        picture.convert("RGB").resize(size).save(out, "JPEG", quality=quality)
    return out.getvalue()


async def groups(person: Any, **params: Any) -> Any:
    _, body = await person.ask("GET", "/duplicates", params=params, expect=200)
    return body


@pytest.fixture
def scene(picture: Any) -> bytes:
    return saved(picture(3, size=(320, 200)))


async def test_the_best_copy_has_the_most_pixels_then_bytes_then_age(
    server: Any, scene: bytes, picture: Any
) -> None:
    jo = await server.person("jo")
    small = await jo.upload(saved(scene, scale=0.5))
    coarse = await jo.upload(saved(scene, quality=20))
    fine = await jo.upload(saved(scene, quality=95))
    await jo.upload(picture(11, size=(320, 200)))
    found = await groups(jo)
    (group,) = found["groups"]
    assert group["best"]["id"] == fine["image"]["id"]
    others = {copy["id"]: copy for copy in group["others"]}
    assert others.keys() == {small["image"]["id"], coarse["image"]["id"]}
    assert group["frees"] == sum(copy["size"] for copy in others.values())
    assert all(copy["distance"] <= 28 for copy in others.values())
    assert (found["total"], found["frees"], found["next_cursor"]) == (1, group["frees"], None)


async def test_only_own_images_outside_the_trash_are_grouped(server: Any, scene: bytes) -> None:
    jo, rita = await server.person("jo"), await server.person("rita")
    await jo.upload(scene)
    second = (await jo.upload(saved(scene, quality=40)))["image"]["id"]
    await rita.upload(saved(scene, quality=60))
    assert (await groups(rita))["groups"] == []
    assert len((await groups(jo))["groups"][0]["others"]) == 1
    await jo.ask("DELETE", f"/images/{second}", expect=204)
    assert (await groups(jo))["groups"] == []
    await server.anonymous().ask("GET", "/duplicates", expect=401)


async def test_groups_come_in_pages_the_greatest_gain_first(server: Any, picture: Any) -> None:
    jo = await server.person("jo")
    for seed, scale in ((3, 1.0), (4, 0.5), (5, 0.75)):
        data = saved(picture(seed, size=(320, 200)), scale=scale)
        await jo.upload(data)
        await jo.upload(saved(data, quality=60))
    whole = await groups(jo)
    gains = [group["frees"] for group in whole["groups"]]
    assert gains == sorted(gains, reverse=True)
    assert whole["total"] == 3
    paged: list[Any] = []
    cursor: dict[str, Any] = {}
    for _ in range(3):
        page = await groups(jo, limit=1, **cursor)
        paged += page["groups"]
        cursor = {"cursor": page["next_cursor"]}
    assert paged == whole["groups"]
    assert cursor == {"cursor": None}


async def test_a_pair_told_apart_is_not_proposed_until_that_is_taken_back(
    server: Any, scene: bytes
) -> None:
    jo, rita = await server.person("jo"), await server.person("rita")
    one = (await jo.upload(scene))["image"]["id"]
    other = (await jo.upload(saved(scene, quality=40)))["image"]["id"]
    body: dict[str, Any] = {"ids": [other, one]}
    await rita.ask("POST", "/duplicates/different", json=body, expect=403)
    for _ in range(2):
        await jo.ask("POST", "/duplicates/different", json=body, expect=204)
    assert (await groups(jo))["groups"] == []
    body["different"] = False
    await jo.ask("POST", "/duplicates/different", json=body, expect=204)
    assert len((await groups(jo))["groups"]) == 1
    await jo.ask("POST", "/duplicates/different", json={"ids": [one, one]}, expect=400)
    await jo.ask("POST", "/duplicates/different", json={"ids": [one]}, expect=400)


async def test_the_next_page_knows_of_what_happened_meanwhile(server: Any, picture: Any) -> None:
    jo = await server.person("jo")
    for seed in (3, 4, 5):
        data = saved(picture(seed, size=(320, 200)))
        await jo.upload(data)
        await jo.upload(saved(data, quality=60))
    whole = (await groups(jo))["groups"]
    first = await groups(jo, limit=1)
    second, third = (group["best"]["id"] for group in whole[1:])
    await jo.ask("DELETE", f"/images/{second}", expect=204)
    later = await groups(jo, limit=5, cursor=first["next_cursor"])
    assert [group["best"]["id"] for group in later["groups"]] == [third]
    other = whole[2]["others"][0]["id"]
    told = {"ids": [third, other]}
    await jo.ask("POST", "/duplicates/different", json=told, expect=204)
    assert (await groups(jo, limit=5, cursor=first["next_cursor"]))["groups"] == []


async def test_flat_pictures_are_grouped_only_when_asked(server: Any) -> None:
    jo = await server.person("jo")
    for tone in (30, 120, 220):
        out = io.BytesIO()
        Image.new("RGB", (64, 48), (tone, tone, tone)).save(out, "PNG")
        await jo.upload(out.getvalue())
    assert (await groups(jo))["groups"] == []
    (group,) = (await groups(jo, flat="true"))["groups"]
    assert len(group["others"]) == 2
