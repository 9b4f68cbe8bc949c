"""The most conditions that a list and a search by image take, and one more."""

import io
from typing import Any

import aiohttp
import pytest
from PIL import Image

# Single letters, so that all of it fits into a request's first line.
KEYWORDS = ["k"] * 100
TAGS = ["t"] * 200
WORDS = " ".join(["w"] * 200)
ALTERNATIVES = " OR ".join(["w -x"] * 100)
NESTED = "-(" * 5 + WORDS + ")" * 5
LARGEST = [
    {"keyword": KEYWORDS, "tag": TAGS, "q": query, "user": "jo", "gallery": "true"}
    for query in (WORDS, ALTERNATIVES, NESTED)
]


def blank() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("asked", LARGEST, ids=["words", "alternatives", "nested"])
async def test_the_most_conditions_are_answered(server: Any, asked: dict[str, Any]) -> None:
    jo = await server.person("jo")
    kept = (await jo.upload(blank(), "picture.png"))["image"]["id"]
    for sort in ("-added", "relevance", "-taken", "title"):
        await jo.ask("GET", "/images", params={**asked, "sort": sort}, expect=200)
    near = {**asked, "flat": "true", "distance": "192"}
    await jo.ask("GET", f"/images/{kept}/similar", params=near, expect=200)
    form = aiohttp.FormData()
    form.add_field("file", blank(), filename="query.png")
    await jo.ask("POST", "/search/similar", params=near, data=form, expect=200)


async def test_more_keywords_are_refused(server: Any) -> None:
    jo = await server.person("jo")
    _, body = await jo.ask("GET", "/images", params={"keyword": [*KEYWORDS, "k"]}, expect=400)
    assert body["error"]["code"] == "invalid_request"
    assert "100" in body["error"]["message"]
