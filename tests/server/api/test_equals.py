"""Images that are equally like a picture: their order tells nothing of what others hide."""

import itertools
from typing import Any

import aiohttp
import pytest


def with_comment(data: bytes, number: int) -> bytes:
    """Other bytes, and the same pixels."""
    said = b"number %d" % number
    return data[:2] + b"\xff\xfe" + (len(said) + 2).to_bytes(2, "big") + said + data[2:]


async def search(person: Any, data: bytes, **params: Any) -> Any:
    form = aiohttp.FormData()
    form.add_field("file", data, filename="query.jpg")
    _, body = await person.ask("POST", "/search/similar", params=params, data=form, expect=200)
    return body


async def titles_by_page(person: Any, data: bytes, **params: Any) -> list[str]:
    found: list[str] = []
    for number in itertools.count():
        assert number < 50, "the pages do not come to an end"
        page = await search(person, data, **params)
        found += [match["title"] for match in page["matches"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    return found


@pytest.mark.parametrize("hidden", [True, False])
@pytest.mark.parametrize("limit", [1, 2, 50])
async def test_the_order_of_equals_does_not_tell_who_had_the_bytes_first(
    server: Any, picture: Any, hidden: bool, limit: int
) -> None:
    victim, eve = await server.person("victim"), await server.person("eve")
    candidate = picture(1)
    if hidden:
        await victim.upload(candidate, visibility="private")
    variant = await eve.upload(with_comment(candidate, 1), title="variant")
    assert variant["similar"] is None
    told = await eve.upload(candidate, title="candidate", on_similar="report")
    assert told["similar"]["title"] == "variant"
    third = await eve.upload(with_comment(candidate, 2), title="third", on_similar="report")
    assert third["similar"]["title"] == "variant"
    equals = ["variant", "candidate", "third"]
    assert await titles_by_page(eve, candidate, limit=limit) == equals
    _, like = await eve.ask("GET", f"/images/{third['image']['id']}/similar", expect=200)
    assert [match["title"] for match in like["matches"]] == equals[:2]


@pytest.mark.parametrize("limit", [1, 3, 7])
async def test_every_one_of_many_equals_is_on_one_page(
    server: Any, picture: Any, limit: int
) -> None:
    jo, rita = await server.person("jo"), await server.person("rita")
    same = [with_comment(picture(1), number) for number in range(8)]
    for number in reversed(range(8)):
        await rita.upload(same[number], title=f"hers {number}", visibility="private")
    for number in range(8):
        await jo.upload(same[number], title=f"his {number}")
    await jo.upload(picture(2), title="another")
    found = await titles_by_page(jo, picture(1), limit=limit, distance=192)
    assert found == [f"his {number}" for number in range(8)] + ["another"]
    found = await titles_by_page(rita, picture(1), limit=limit, distance=192)
    assert found == [
        *(f"hers {number}" for number in reversed(range(8))),
        *(f"his {number}" for number in range(8)),
        "another",
    ]


async def test_a_page_goes_on_where_the_last_ended_though_that_image_is_gone(
    server: Any, picture: Any
) -> None:
    jo = await server.person("jo")
    for number in range(3):
        await jo.upload(with_comment(picture(1), number), title=str(number))
    page = await search(jo, picture(1), limit=2)
    last = page["matches"][-1]["id"]
    await jo.ask("DELETE", f"/images/{last}?purge=true", expect=204)
    rest = await search(jo, picture(1), limit=2, cursor=page["next_cursor"])
    assert [match["title"] for match in rest["matches"]] == ["2"]
