"""Renaming and merging tags."""

from typing import Any

import pytest


@pytest.fixture
async def jeff(server: Any, picture: Any) -> Any:
    """Somebody with three images, one of them in the trash."""
    jeff = await server.person("jeff")
    for seed, tags in enumerate((["cat"], ["cat", "pet"], ["Cat"])):
        image = (await jeff.upload(picture(seed), f"{seed}.jpg", tags=tags))["image"]
    await jeff.ask("DELETE", f"/images/{image['id']}", expect=204)
    return jeff


async def counts(person: Any) -> dict[str, int]:
    _, body = await person.ask("GET", "/tags", expect=200)
    return {tag["name"]: tag["count"] for tag in body["tags"]}


async def rename(person: Any, old: str, new: str, expect: int = 200) -> Any:
    body = {"old": old, "new": new}
    return (await person.ask("POST", "/tags/rename", json=body, expect=expect))[1]


async def test_a_tag_is_renamed_on_all_own_images_and_on_no_other(
    jeff: Any, server: Any, picture: Any
) -> None:
    rita = await server.person("rita")
    await rita.upload(picture(9), "r.jpg", tags=["cat"])
    assert await rename(jeff, " CAT", "Feline") == {
        "tag": "feline",
        "images": 3,
        "merged": False,
        "complete": True,
    }
    assert await counts(jeff) == {"feline": 2, "pet": 1, "cat": 1}
    assert await jeff.titles(tag="feline") == ["1.jpg", "0.jpg"]
    assert await jeff.titles(keyword="felin") == ["1.jpg", "0.jpg"]
    assert await jeff.titles(keyword="cat") == ["r.jpg"]
    assert await jeff.titles(q="is:trashed tag:feline") == ["2.jpg"]


async def test_a_tag_that_exists_takes_the_other_in(jeff: Any) -> None:
    renamed = await rename(jeff, "cat", "pet")
    assert renamed == {"tag": "pet", "images": 3, "merged": True, "complete": True}
    assert await counts(jeff) == {"pet": 2}


async def test_names_that_cannot_be_renamed_are_refused_with_a_reason(
    jeff: Any, server: Any
) -> None:
    for old, code, status in (("dog", "tag_not_found", 404), ("PET", "invalid_request", 400)):
        body = await rename(jeff, old, "pet", expect=status)
        assert body["error"]["code"] == code
    await rename(jeff, "cat", " ", expect=400)
    await rename(server.anonymous(), "cat", "dog", expect=401)
    assert await counts(jeff) == {"cat": 2, "pet": 1}


async def test_more_images_than_are_changed_in_one_go(server: Any, picture: Any) -> None:
    jeff = await server.person("jeff")
    for seed in range(53):
        await jeff.upload(picture(seed, (24, 16)), f"{seed}.jpg", tags=["a"])
    assert (await rename(jeff, "a", "b"))["images"] == 53
    assert await counts(jeff) == {"b": 53}


async def test_an_image_has_a_thousand_tags_at_the_most(jeff: Any) -> None:
    _, body = await jeff.ask("GET", "/images", expect=200)
    path = f"/images/{body['images'][0]['id']}"
    had = body["images"][0]["tags"]
    await jeff.ask("PATCH", path, json={"remove_tags": had}, expect=200)
    for hundreds in range(0, 1000, 200):
        names = [f"t{number}" for number in range(hundreds, hundreds + 200)]
        await jeff.ask("PATCH", path, json={"add_tags": names}, expect=200)
    _, body = await jeff.ask("PATCH", path, json={"add_tags": ["more"]}, expect=400)
    assert body["error"]["code"] == "invalid_request"
    assert "1,000 tags at the most" in body["error"]["message"]
    await jeff.ask("PATCH", path, json={"add_tags": ["t1"], "title": "x"}, expect=200)
    one_for_another = {"add_tags": ["more"], "remove_tags": ["t1"]}
    _, body = await jeff.ask("PATCH", path, json=one_for_another, expect=200)
    assert len(body["image"]["tags"]) == 1000


async def test_no_tag_begins_with_a_lone_accent(jeff: Any) -> None:
    _, body = await jeff.ask("GET", "/tags", params={"prefix": "\u0301"}, expect=200)
    assert body == {"tags": []}
