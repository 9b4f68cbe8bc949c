"""Lists over HTTP: pages, orders and filters, and cursors that belong to one list."""

import asyncio
import random
from itertools import count
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from imgrepo_server.models import Sort


async def pages(person: Any, query: str) -> list[list[str]]:
    """The titles of each page."""
    found: list[list[str]] = []
    cursor = None
    while cursor is not None or not found:
        path = f"/images?{query}" + (f"&cursor={cursor}" if cursor else "")
        _, body = await person.ask("GET", path, expect=200)
        found.append([image["title"] for image in body["images"]])
        cursor = body["next_cursor"]
    return found


@pytest.fixture
async def jeff(server: Any, picture: Any) -> Any:
    """Somebody with seven images."""
    person = await server.person("jeff")
    for seed, title in enumerate(("Cat", "cat on a sofa", "Dog", "Émile", "zebra", "100 %", "_")):
        tags = ["pets"] if seed < 3 else []
        await person.upload(picture(seed, (60 + seed, 40)), title=title, tags=tags)
    return person


async def test_the_pages_of_every_order_are_the_list(jeff: Any) -> None:
    for sort in map(quote, Sort):
        whole = (await pages(jeff, f"sort={sort}&limit=200"))[0]
        assert len(set(whole)) == 7
        paged = await pages(jeff, f"sort={sort}&limit=3")
        assert [len(page) for page in paged] == [3, 3, 1]
        assert [title for page in paged for title in page] == whole, sort


async def test_orders(jeff: Any) -> None:
    async def first(sort: str) -> list[str]:
        return (await pages(jeff, f"sort={quote(sort)}&limit=200"))[0]

    added = ["Cat", "cat on a sofa", "Dog", "Émile", "zebra", "100 %", "_"]
    assert await first("added") == added
    assert await first("-added") == added[::-1]
    assert (await pages(jeff, "limit=200"))[0] == added[::-1]  # newest first, unless asked
    assert await first("title") == ["100 %", "_", "Cat", "cat on a sofa", "Dog", "Émile", "zebra"]


FILTERS: dict[str, set[str]] = {
    "keyword=CAT": {"Cat", "cat on a sofa"},
    "keyword=cat&keyword=sofa": {"cat on a sofa"},
    "keyword=emile": {"Émile"},
    "keyword=100%20%25": {"100 %"},
    "keyword=%25": {"100 %"},  # no wildcard
    "keyword=_": {"_"},
    "keyword=%C3%A9MI": {"Émile"},
    "keyword=pets": {"Cat", "cat on a sofa", "Dog"},
    "tag=Pets&keyword=d": {"Dog"},
    "tag=pet": set(),
    "user=JEFF&tag=pets": {"Cat", "cat on a sofa", "Dog"},
    "user=jef": set(),
    "q=cat%20-sofa": {"Cat"},
    "q=tag%3Apets%20title%3Adog": {"Dog"},
    "q=dog%20OR%20zebra&keyword=z": {"zebra"},
}


async def test_filters(jeff: Any) -> None:
    for query, found in FILTERS.items():
        assert set((await pages(jeff, f"{query}&limit=200"))[0]) == found, query


async def test_a_cursor_belongs_to_its_list_and_its_caller(server: Any, jeff: Any) -> None:
    _, body = await jeff.ask("GET", "/images?limit=2&sort=title", expect=200)
    cursor = body["next_cursor"]
    await jeff.ask("GET", f"/images?limit=5&sort=title&cursor={cursor}", expect=200)
    for other in ("sort=size", "sort=title&keyword=c", "sort=title&tag=pets", "sort=title&q=cat"):
        status, body = await jeff.ask("GET", f"/images?{other}&cursor={cursor}")
        assert (status, body["error"]["code"]) == (400, "invalid_request")
    status, body = await server.anonymous().ask("GET", f"/images?sort=title&cursor={cursor}")
    assert (status, body["error"]["code"]) == (400, "invalid_request")


async def test_edits_show_in_searches_at_once(jeff: Any) -> None:
    _, body = await jeff.ask("GET", "/images?keyword=zebra", expect=200)
    image = body["images"][0]["id"]
    edit = {"title": "Okapi", "description": "in the Zoo", "add_tags": ["stripes", "Stripes "]}
    _, body = await jeff.ask("PATCH", f"/images/{image}", json=edit, expect=200)
    assert (body["image"]["title"], body["image"]["tags"]) == ("Okapi", ["stripes"])
    for word, found in (("zebra", []), ("okapi", ["Okapi"]), ("zoo", ["Okapi"])):
        assert await jeff.titles(keyword=word) == found
    assert await jeff.titles(tag="stripes") == ["Okapi"]
    edit = {"remove_tags": ["stripes", "no such tag"], "visibility": "private"}
    _, body = await jeff.ask("PATCH", f"/images/{image}", json=edit, expect=200)
    assert body["image"]["tags"] == []
    assert body["image"]["visibility"] == "private"
    assert body["image"]["title"] == "Okapi"
    assert await jeff.titles(keyword="stripes") == []
    _, shown = await jeff.ask("GET", f"/images/{image}", expect=200)
    assert shown == body


async def test_deleting_twice_is_done_once_and_restoring_brings_back(jeff: Any) -> None:
    _, body = await jeff.ask("GET", "/images?keyword=zebra", expect=200)
    image = body["images"][0]["id"]
    for _ in range(2):
        await jeff.ask("DELETE", f"/images/{image}", expect=204)
    _, shown = await jeff.ask("GET", f"/images/{image}", expect=200)
    assert shown["image"]["trashed_at"] is not None
    assert await jeff.titles(q="is:trashed") == ["zebra"]
    for _ in range(2):
        _, body = await jeff.ask("POST", f"/images/{image}/restore", expect=200)
        assert body["image"]["trashed_at"] is None
    await jeff.ask("DELETE", f"/images/{image}?purge=true", expect=204)
    await jeff.ask("DELETE", f"/images/{image}", expect=404)
    assert await jeff.titles(q="is:trashed") == []


async def test_pages_are_stable_while_others_upload(server: Any, jeff: Any, picture: Any) -> None:
    rita = await server.person("rita")

    enough = asyncio.Event()

    async def uploads() -> None:
        for seed in count(100):  # before, after and between what is there, in every order
            if enough.is_set():
                return
            title = ("Bat", "zoo", "cat", "_a")[seed % 4]
            await rita.upload(picture(seed, (40 + seed % 40, 40)), title=title)

    uploading = asyncio.create_task(uploads())
    for sort in Sort:
        there = {image["id"] for image in await images_of(jeff, f"sort={quote(sort)}&limit=200")}
        seen = [image["id"] for image in await images_of(jeff, f"sort={quote(sort)}&limit=2")]
        assert len(seen) == len(set(seen)), sort
        assert there <= set(seen), sort
    enough.set()
    await uploading


async def images_of(person: Any, query: str) -> list[dict[str, Any]]:
    """The images of all pages."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        _, body = await person.ask("GET", f"/images?{query}{cursor}", expect=200)
        found += body["images"]
        if body["next_cursor"] is None:
            return found
        cursor = f"&cursor={body['next_cursor']}"


async def test_pages_by_titles_as_long_as_they_may_be(server: Any, picture: Any) -> None:
    jeff = await server.person("jeff")
    for seed in range(3):
        await jeff.upload(
            picture(seed), title="\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 500
        )
    assert len(await images_of(jeff, "sort=title&limit=1")) == 3


async def test_relevance_goes_by_the_words_of_a_query_too(server: Any, picture: Any) -> None:
    jeff = await server.person("jeff")
    for seed, (title, description) in enumerate(
        (("one cat", ""), ("two", "cat"), ("three cat", ""), ("four", "a cat"))
    ):
        await jeff.upload(picture(seed), title=title, description=description)
    expected = ["three cat", "one cat", "four", "two"]
    for asked in ("keyword=cat", "q=cat", "q=cat%20-dog", "q=cat&keyword=c"):
        assert (await pages(jeff, f"sort=relevance&{asked}"))[0] == expected, asked
        assert await pages(jeff, f"sort=relevance&limit=3&{asked}") == [expected[:3], expected[3:]]


ODD = (
    '"', "'", "*", "^", "(", ")", "-", ":", "\\", "NEAR(", "AND", "OR", "NOT", "a", "猫", "\0", "%",
    "_", " ", ";--", "{", "+", "image_terms", "terms:", "\ue020", "\ue100", "\u0301", "1e999", "..",
    ">=", "\udcff", "taken:", "size:", "tag:", "🏳️‍🌈", "\x7f", "[", "]", "$1", ":seq", "?",
)  # fmt: skip


async def test_no_text_at_all_becomes_sql_or_an_internal_error(jeff: Any) -> None:
    chance = random.Random(7)
    statuses = set()
    for _ in range(150):
        text = "".join(chance.choices(ODD, k=chance.randint(1, 5)))
        params = {
            chance.choice(("q", "keyword", "tag", "user")): text,
            "sort": chance.choice([*Sort]),
        }
        query = urlencode(params, errors="surrogatepass")
        status, body = await jeff.ask("GET", f"/images?{query}")
        assert status == 200 or (status == 400 and body["error"]["code"] == "invalid_request"), text
        statuses.add(status)
    assert statuses == {200, 400}
