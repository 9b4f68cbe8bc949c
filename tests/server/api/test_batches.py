"""Several images in one request: each gets the answer that it would get alone."""

import asyncio
import hashlib
import io
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from imgrepo_server.api.forms_of_several import MOST_BYTES, MOST_IMAGES
from imgrepo_server.app import LocalAccess, build_application
from imgrepo_server.blobs.incoming import BUFFER_SIZE
from imgrepo_server.services.quotas import LONGEST_FORM
from imgrepo_server.settings import Settings

from tests.server.api.test_forms import FORM, part


def image(data: bytes, name: str = "a.jpg", **fields: Any) -> bytes:
    """The parts of one image."""
    said = part('name="fields"', json.dumps(fields).encode()) if fields else b""
    return said + part(f'name="file"; filename="{name}"', data)


async def send(person: Any, *parts: bytes, expect: int = 200) -> Any:
    """The results of a batch, or the error of the request."""
    body = b"".join(parts) + b"--b--\r\n"
    headers = {"Content-Type": FORM}
    _, reply = await person.ask(
        "POST", "/images/batch", data=io.BytesIO(body), headers=headers, expect=expect
    )
    return reply["results"] if expect == 200 else reply["error"]


async def test_each_is_kept_under_its_own_words(server: Any, picture: Any) -> None:
    jeff = await server.person("jeff")
    first, second = await send(
        jeff,
        image(picture(1), "one.jpg", title="One", tags=["a", "b"], visibility="private"),
        image(picture(2), "two.jpg"),
    )
    assert (first["status"], second["status"]) == (201, 201)
    assert first["error"] is None
    found = [first["image"][name] for name in ("title", "filename", "tags", "visibility")]
    assert found == ["One", "one.jpg", ["a", "b"], "private"]
    assert (second["image"]["title"], second["image"]["tags"]) == ("two.jpg", [])
    for result, data in ((first, picture(1)), (second, picture(2))):
        shown = (await jeff.ask("GET", f"/images/{result['image']['id']}", expect=200))[1]
        assert shown["image"] == result["image"]
        _, original = await jeff.ask("GET", f"/images/{result['image']['id']}/file", expect=200)
        assert original == data
    again = await send(jeff, image(picture(1), "one.jpg"), image(picture(2), "two.jpg"))
    assert [(one["status"], one["duplicate"]) for one in again] == [(200, True)] * 2


async def test_one_that_is_refused_is_refused_alone(server: Any, picture: Any) -> None:
    jeff = await server.person("jeff")
    good = picture(1)
    results = await send(
        jeff,
        image(b"no image at all"),
        image(b""),
        image(good, sha256="0" * 64),
        image(good, colour="red"),
        image(good, title="x" * 501),
        part('name="fields"', b"{") + image(good),
        image(good, tags=["x" * 150]),
        part('name="fields"', b"[]") + image(good),
        part('name="fields"', json.dumps(dict.fromkeys(map(str, range(99)))).encode())
        + image(good),
        image(good[: len(good) // 2]),
        image(good, sha256=hashlib.sha256(good).hexdigest()),
    )
    assert [result["error"] and result["error"]["code"] for result in results] == [
        "not_an_image", "empty_file", "checksum_mismatch", "invalid_request", "invalid_request",
        "invalid_request", "invalid_request", "invalid_request", "invalid_request",
        "truncated_image", None,
    ]  # fmt: skip
    assert [result["status"] for result in results] == [422] * 3 + [400] * 6 + [422, 201]
    assert "colour" in results[3]["error"]["message"]
    assert len(server.files()) == 2


async def test_the_answers_are_those_of_single_uploads(server: Any, picture: Any) -> None:
    jeff, rita = await server.person("jeff"), await server.person("rita")
    for number, data in enumerate((picture(1), b"nothing", b"GIF89a", picture(2)[:-9])):
        status, alone = await jeff.ask(
            "POST", "/images", data=image(data) + b"--b--\r\n", headers={"Content-Type": FORM}
        )
        (result,) = await send(rita, image(data))
        assert result["status"] == status, number
        if status == 201:
            unlike = {"id", "owner", "created_at", "links"}
            for name in alone["image"].keys() - unlike:
                assert result["image"][name] == alone["image"][name]
        else:
            alone["error"].pop("request_id")
            assert result["error"] == alone["error"]


async def test_the_same_bytes_twice_are_one_image(server: Any, picture: Any) -> None:
    jeff = await server.person("jeff")
    results = await send(jeff, *(image(picture(1), f"{n}.jpg") for n in range(5)))
    assert len({result["image"]["id"] for result in results}) == 1
    assert sorted(result["duplicate"] for result in results) == [False] + [True] * 4
    assert len(server.files()) == 2


async def test_look_alikes_of_one_batch_are_told_and_skipped(server: Any, picture: Any) -> None:
    jeff = await server.person("jeff")
    small = picture(3, (320, 240))
    again = small[:2] + b"\xff\xfe\x00\x06abcd" + small[2:]  # the same picture in other bytes
    results = await send(jeff, image(small, on_similar="skip"), image(again, on_similar="skip"))
    kept = [result["image"] for result in results if result["image"]]
    skipped = [result["similar"] for result in results if not result["image"]]
    assert [one["id"] for one in kept] == [one["id"] for one in skipped]


async def test_a_file_over_the_limit_is_refused_alone(start_server: Any, picture: Any) -> None:
    data = picture(1)
    server = await start_server(max_file_size=len(data))
    jeff = await server.person("jeff")
    large, fits = await send(jeff, image(data + b"x"), image(data))
    assert (large["status"], large["error"]["code"]) == (413, "file_too_large")
    assert fits["status"] == 201


async def test_many_are_written_before_all_are_received(server: Any, picture: Any) -> None:
    """More than stays in memory, of which one is damaged."""
    jeff = await server.person("jeff")
    pictures = [picture(n, (64, 48)) + bytes(200_000) for n in range(20)]
    pictures[7] = b"damaged" + pictures[7]
    results = await send(jeff, *map(image, pictures))
    assert [result["status"] for result in results] == [201] * 7 + [422] + [201] * 12


async def test_what_is_told_of_bad_fields_is_short(server: Any, picture: Any) -> None:
    jeff = await server.person("jeff")
    (result,) = await send(jeff, image(picture(1), tags=[1] * 40_000))
    assert result["status"] == 400
    assert len(json.dumps(result)) < 2000


async def test_a_batch_holds_few_files_open(server: Any) -> None:
    jeff = await server.person("jeff")
    before, most = len(os.listdir("/dev/fd")), 0  # noqa: PTH208 - a folder of the system's

    async def slowly() -> AsyncIterator[bytes]:
        nonlocal most
        for _ in range(40):
            yield image(bytes(BUFFER_SIZE))
            await asyncio.sleep(0.01)
            most = max(most, len(os.listdir("/dev/fd")))  # noqa: PTH208
        yield b"--b--\r\n"

    headers = {"Content-Type": FORM}
    await jeff.ask("POST", "/images/batch", data=slowly(), headers=headers, expect=200)
    assert most - before < 20


REFUSED = {
    "an unknown part": (part('name="album"') + image(b"x"), "fields"),
    "two fields parts": (part('name="fields"', b"{}") * 2 + image(b"x"), "fields"),
    "fields without a file": (image(b"x") + part('name="fields"', b"{}"), "no file follows"),
    "long fields": (part('name="fields"', b"x" * (LONGEST_FORM + 1)), "too long"),
    "many fields": ((part('name="fields"', b" " * LONGEST_FORM) + image(b"x")) * 5, "too long"),
    "a path": (part('name="path"', b"/etc/passwd"), "fields"),
    "too many": (image(b"x") * (MOST_IMAGES + 1), f"more than {MOST_IMAGES} images"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_is_wrong_with_the_form_is_said_of_all(
    server: Any, picture: Any, case: str
) -> None:
    jeff = await server.person("jeff")
    bad, told = REFUSED[case]
    error = await send(jeff, image(picture(1)), bad, expect=400)
    assert error["code"] == "invalid_request"
    assert told in error["message"]
    assert server.files() == []


async def test_a_batch_has_a_size_limit(server: Any) -> None:
    jeff = await server.person("jeff")
    error = await send(jeff, image(bytes(MOST_BYTES)), image(b"x"), expect=413)
    assert error["details"] == {"limit": MOST_BYTES}
    assert server.files() == []


async def test_a_batch_takes_one_place(start_server: Any, picture: Any) -> None:
    server = await start_server(max_uploads=2)
    jeff = await server.person("jeff")
    results = await send(jeff, *(image(picture(n)) for n in range(8)))
    assert {result["status"] for result in results} == {201}


async def test_many_batches_at_a_time(start_server: Any, picture: Any) -> None:
    server = await start_server(workers=2)
    jeff = await server.person("jeff")
    batches = await asyncio.gather(
        *(send(jeff, *(image(picture(8 * b + n)) for n in range(8))) for b in range(6))
    )
    assert {result["status"] for results in batches for result in results} == {201}
    assert len(await jeff.titles()) == 48


async def test_a_quota_is_counted_image_by_image(start_server: Any, picture: Any) -> None:
    server = await start_server(default_tier="free", tiers={"free": {"images": 3}})
    jeff = await server.person("jeff")
    results = await send(jeff, *(image(picture(n)) for n in range(5)))
    assert sorted(result["status"] for result in results) == [201] * 3 + [403] * 2
    assert {r["error"]["code"] for r in results if r["error"]} == {"quota_exceeded"}


@pytest.fixture
async def owner(tmp_path: Path, aiohttp_client: Any) -> Any:
    """The owner of a local repository."""
    from tests.server.api.conftest import Person  # noqa: PLC0415 - a class, not a fixture

    settings = Settings(data_dir=tmp_path / "local", workers=1)
    app = build_application(settings, local=LocalAccess(owner="jeff", token=None))
    return Person(await aiohttp_client(app))


async def test_a_local_repository_copies_files_itself(
    owner: Any, tmp_path: Path, picture: Any
) -> None:
    data = picture(1, (640, 480)) + bytes(1_000_000)
    name = os.fsdecode(b"caf\xe9 1.jpg")
    (tmp_path / name).write_bytes(data)
    os.mkfifo(tmp_path / "pipe")
    paths = [tmp_path / name, tmp_path / "gone.jpg", tmp_path / "pipe", tmp_path]
    said = part('name="fields"', json.dumps({"sha256": hashlib.sha256(data).hexdigest()}).encode())
    results = await send(
        owner, said, *(part('name="path"', os.fsencode(path)) for path in paths), image(picture(2))
    )
    assert [result["status"] for result in results] == [201, 422, 422, 422, 201]
    assert results[0]["image"]["filename"] == "caf\ufffd 1.jpg"
    assert [result["error"]["code"] for result in results[1:4]] == ["unreadable_file"] * 3
    assert "No such file" in results[1]["error"]["message"]
    assert (tmp_path / name).read_bytes() == data
    _, kept = await owner.ask("GET", f"/images/{results[0]['image']['id']}/file", expect=200)
    assert kept == data
    (changed,) = await send(
        owner,
        part('name="fields"', json.dumps({"sha256": "0" * 64}).encode()),
        part('name="path"', os.fsencode(tmp_path / name)),
    )
    assert changed["error"]["code"] == "checksum_mismatch"
