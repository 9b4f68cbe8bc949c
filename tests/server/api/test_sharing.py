"""Sharing an image with named people."""

from typing import Any

import pytest


async def names_seen(person: Any, image: str) -> Any:
    """Whom the image is shared with, as this person is told."""
    return (await person.ask("GET", f"/images/{image}", expect=200))[1]["image"]["shared_with"]


async def test_a_shared_image_is_seen_by_its_owner_and_the_people_named(
    server: Any, picture: Any
) -> None:
    jeff, rita, tom = [await server.person(name) for name in ("jeff", "Rita", "tom")]
    nobody = server.anonymous()
    image = (await jeff.upload(picture(1), "cat.jpg"))["image"]["id"]  # public
    _, edited = await jeff.ask("PATCH", f"/images/{image}", json={"share_with": ["rita"]})
    assert (edited["image"]["visibility"], edited["image"]["shared_with"]) == ("shared", ["rita"])

    for seen, person in ((True, jeff), (True, rita), (False, tom), (False, nobody)):
        titles = ["cat.jpg"] if seen else []
        assert await person.titles() == await person.titles(q="is:shared") == titles
        for path in ("", "/file", "/preview", "/similar"):
            await person.ask("GET", f"/images/{image}{path}", expect=200 if seen else 404)
    # With whom else it is shared is the owner's business.
    assert await names_seen(rita, image) is None
    assert (await rita.ask("GET", "/images"))[1]["images"][0]["shared_with"] is None
    await rita.ask("PATCH", f"/images/{image}", json={"share_with": ["tom"]}, expect=403)

    await jeff.ask("PATCH", f"/images/{image}", json={"share_with": ["tom"]}, expect=200)
    assert await names_seen(jeff, image) == ["rita", "tom"]
    await jeff.ask("PATCH", f"/images/{image}", json={"unshare": ["RITA", "no-one"]}, expect=200)
    assert (await rita.titles(), await tom.titles()) == ([], ["cat.jpg"])
    _, edited = await jeff.ask("PATCH", f"/images/{image}", json={"unshare": ["tom"]})
    assert (edited["image"]["visibility"], edited["image"]["shared_with"]) == ("private", [])
    assert await tom.titles() == []


async def test_what_was_shared_does_not_come_back_with_a_later_edit(
    server: Any, picture: Any
) -> None:
    jeff, rita, _ = [await server.person(name) for name in ("jeff", "rita", "tom")]
    image = (await jeff.upload(picture(1)))["image"]["id"]
    for hidden in ("private", "public"):
        for edit in ({"share_with": ["rita"]}, {"visibility": hidden}, {"share_with": ["tom"]}):
            await jeff.ask("PATCH", f"/images/{image}", json=edit, expect=200)
        await rita.ask("GET", f"/images/{image}", expect=404)
        assert await names_seen(jeff, image) == ["tom"]
    # Nor with another upload of what is in the trash, under new words.
    await jeff.ask("DELETE", f"/images/{image}", expect=204)
    again = await jeff.upload(picture(1), visibility="private")
    assert again["image"]["id"] == image
    assert again["image"]["shared_with"] == []


async def test_a_name_that_nobody_has_looks_like_any_other(server: Any, picture: Any) -> None:
    jeff, _ = await server.person("jeff"), await server.person("rita")
    answers = []
    for seed, name in enumerate(("rita", "late", "RITA")):
        image = (await jeff.upload(picture(seed)))["image"]["id"]
        status, body = await jeff.ask("PATCH", f"/images/{image}", json={"share_with": [name]})
        answers.append(
            (status, body["image"]["visibility"], body["image"]["shared_with"] == [name])
        )
    assert answers == [(200, "shared", True)] * 3
    # Whoever takes the name afterwards was not meant.
    late = await server.person("late")
    assert await late.titles() == []
    # Once it is said again, they are.
    for image in (await jeff.ask("GET", "/images?q=is:shared"))[1]["images"]:
        await jeff.ask("PATCH", f"/images/{image['id']}", json={"share_with": ["late"]}, expect=200)
    assert len(await late.titles()) == 3


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"visibility": "shared"}, "share_with"),
        ({"visibility": "public", "share_with": ["rita"]}, "only one of visibility"),
        ({"share_with": ["JEFF"]}, "the owner"),
        ({"share_with": ["a, b"]}, "share_with"),
        ({"share_with": [f"n{number}" for number in range(101)]}, "share_with"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_changes_nothing(
    server: Any, picture: Any, edit: Any, said: str
) -> None:
    jeff = await server.person("jeff")
    image = (await jeff.upload(picture(1), visibility="private"))["image"]["id"]
    status, body = await jeff.ask("PATCH", f"/images/{image}", json={"title": "new", **edit})
    assert (status, body["error"]["code"]) == (400, "invalid_request")
    assert said in body["error"]["message"]
    _, body = await jeff.ask("GET", f"/images/{image}", expect=200)
    assert (body["image"]["visibility"], body["image"]["title"]) == ("private", "picture.jpg")


async def test_an_upload_is_private_or_public(server: Any, picture: Any) -> None:
    jeff = await server.person("jeff")
    body = await jeff.upload(picture(1), visibility="shared", expect=400)
    assert "share_with" in body["error"]["message"]
