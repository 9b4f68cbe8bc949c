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
