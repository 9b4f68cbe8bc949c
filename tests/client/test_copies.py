"""What ``duplicates --delete-others`` takes: a chain's far end is another picture than its best."""

from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

if TYPE_CHECKING:
    from tests.client.conftest import Program, ScriptedServer

KEPT, SAME, NEAR, SIMILAR, WEAK = (f"0198c0de-0000-7000-8000-00000000000{n}" for n in range(5))
CHAIN = ((SAME, "same", 9.0), (NEAR, "near", 28.0), (SIMILAR, "similar", 36.5), (WEAK, "weak", 51))


@pytest.fixture
def deleted(server: "ScriptedServer") -> list[str]:
    """Ids that were deleted at a server that knows one group, which chains far."""
    gone: list[str] = []
    shape = server.add(b"x")

    async def answer(request: web.Request) -> web.Response | None:
        if request.method == "DELETE":
            gone.append(request.path.rpartition("/")[2])
            return web.Response(status=204)
        if not request.path.endswith("/duplicates"):
            return None
        others: list[Any] = [
            {**shape, "id": one, "match": match, "distance": distance, "size": 1000}
            for one, match, distance in CHAIN
        ]
        group = {"best": {**shape, "id": KEPT}, "others": others, "frees": 4000}
        return web.json_response(
            {"groups": [group], "total": 1, "frees": 4000, "next_cursor": None}
        )

    server.every_request = answer
    return gone


async def test_only_what_is_nearly_the_same_as_the_kept_one_is_deleted(
    program: "Program", deleted: list[str]
) -> None:
    done = await program.run("duplicates", "--delete-others", "--yes")
    assert done.code == 0
    assert deleted == [SAME, NEAR]
    assert "2 images (2.0 kB) into the trash" in done.err
    assert "2 others are not near enough to the images to keep, and stay." in done.err
    assert "would free" not in done.err


async def test_a_distance_is_that_to_the_kept_one(program: "Program", deleted: list[str]) -> None:
    done = await program.run("duplicates", "--distance", "10", "--delete-others", "--yes")
    assert done.code == 0
    assert deleted == [SAME]


async def test_a_greater_distance_shows_more_and_deletes_no_more(
    program: "Program", deleted: list[str]
) -> None:
    asked = ("duplicates", "--distance", "40", "--quiet")
    assert (await program.run(*asked)).out.split() == [SAME, NEAR, SIMILAR, WEAK]
    assert deleted == []
    done = await program.run(*asked, "--delete-others", "--yes")
    assert done.out.split() == deleted == [SAME, NEAR]
