"""Uploads over HTTP: what is taken, what is refused, and what is left behind."""

import asyncio
import hashlib
import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest


async def test_an_upload_comes_back_as_it_was(server: Any, picture: Any) -> None:
    jeff = await server.person("jeff")
    data = picture(1, (120, 80))
    reply = await jeff.upload(
        data,
        "Beach 1.JPG",
        description="sun",
        tags=["Sea", "sea ", "Été"],
        sha256=hashlib.sha256(data).hexdigest(),
    )
    image = reply["image"]
    assert reply["duplicate"] is False
    assert image | {"created_at": "", "id": "", "links": {}} == {
        "id": "", "title": "Beach 1.JPG", "filename": "Beach 1.JPG", "description": "sun",
        "tags": ["sea", "été"], "visibility": "public", "shared_with": [],
        "gallery_tier": None, "owner": "jeff",
        "sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "width": 120, "height": 80,
        "format": "jpeg", "taken_at": None, "created_at": "", "trashed_at": None, "exif": {},
        "links": {}, "share_location": False,
    }  # fmt: skip
    assert (await jeff.ask("GET", f"/images/{image['id']}", expect=200))[1]["image"] == image
    _, original = await jeff.ask("GET", f"/images/{image['id']}/file", expect=200)
    assert original == data


async def test_the_same_bytes_again_answer_with_the_image_there(server: Any, picture: Any) -> None:
    jeff = await server.person("jeff")
    first = await jeff.upload(picture(1), "a.jpg")
    again = await jeff.upload(picture(1), "b.jpg", expect=200)
    assert again["duplicate"] is True
    assert again["image"] == first["image"]
    other = await jeff.upload(picture(2), "a.jpg")  # the same name, other bytes
    assert other["image"]["id"] != first["image"]["id"]
    _, known = await jeff.ask(
        "POST", "/images/check", json={"sha256": [first["image"]["sha256"], "0" * 64]}, expect=200
    )
    assert known == {"known": {first["image"]["sha256"]: first["image"]["id"]}}


async def test_what_was_deleted_and_is_uploaded_again_is_wanted_again(
    server: Any, picture: Any
) -> None:
    jeff = await server.person("jeff")
    first = (await jeff.upload(picture(1), title="old", tags=["a"]))["image"]
    await jeff.ask("DELETE", f"/images/{first['id']}", expect=204)
    again = (await jeff.upload(picture(1), title="new", tags=["b"]))["image"]
    assert (again["id"], again["title"], again["tags"]) == (first["id"], "new", ["b"])
    assert await jeff.titles(keyword="new", tag="b") == ["new"]
    assert await jeff.titles(keyword="old") == []
    await jeff.ask("DELETE", f"/images/{first['id']}?purge=true", expect=204)
    await jeff.ask("GET", f"/images/{first['id']}", expect=404)
    assert (await jeff.upload(picture(1)))["image"]["id"] != first["id"]


def bomb() -> bytes:
    """A whole PNG of some bytes that claims 60,000 by 60,000 pixels."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


REFUSED: dict[str, Callable[[Any], bytes]] = {
    "empty_file": lambda _: b"",
    "not_an_image": lambda _: b"hello, I am no picture at all" * 10,
    "unsupported_format": lambda _: b"%PDF-1.7\n" + b"x" * 2000,
    "truncated_image": lambda picture: picture(1)[:-200],
    "too_many_pixels": lambda _: bomb(),
    "file_too_large": lambda picture: picture(1) + b"\0" * 300_000,
}


@pytest.mark.parametrize("code", REFUSED)
async def test_refusals_have_their_own_code_and_leave_nothing(
    start_server: Any, picture: Any, code: str
) -> None:
    server = await start_server(max_file_size=200_000)
    jeff = await server.person("jeff")
    body = await jeff.upload(REFUSED[code](picture), "fake.jpg", expect=None)
    assert body["error"]["code"] == code
    assert server.files() == []
    assert await jeff.titles() == []
    await jeff.upload(picture(3))  # and the next good one works


async def test_a_wrong_checksum_is_refused(server: Any, picture: Any) -> None:
    jeff = await server.person("jeff")
    body = await jeff.upload(picture(1), sha256="0" * 64, expect=422)
    assert body["error"]["code"] == "checksum_mismatch"
    assert server.files() == []


async def test_the_limit_holds_for_a_body_that_does_not_tell_its_length(
    start_server: Any,
) -> None:
    server = await start_server(max_file_size=200_000)
    jeff = await server.person("jeff")
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        while sent < 50_000_000:
            sent += 65_536
            yield b"\xff" * 65_536
        yield b"\r\n--b--\r\n"

    status, body = await jeff.ask(
        "POST",
        "/images",
        data=endless(),
        headers={"Content-Type": "multipart/form-data; boundary=b"},
    )
    assert (status, body["error"]["code"]) == (413, "file_too_large")
    assert sent < 50_000_000
    assert server.files() == []


async def test_a_stalled_body_is_cut_off(start_server: Any) -> None:
    server = await start_server(body_stall_seconds=0.2)
    jeff = await server.person("jeff")
    gate = asyncio.Event()

    async def stalling() -> Any:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\nabc'
        await gate.wait()

    status, body = await jeff.ask(
        "POST",
        "/images",
        data=stalling(),
        headers={"Content-Type": "multipart/form-data; boundary=b"},
    )
    gate.set()
    assert (status, body["error"]["code"]) == (408, "request_timeout")
    assert server.files() == []


async def test_a_client_that_goes_away_leaves_nothing(server: Any) -> None:
    jeff = await server.person("jeff")
    gate = asyncio.Event()

    async def half() -> Any:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        yield b"x" * 3_000_000
        gate.set()
        await asyncio.sleep(60)

    sending = asyncio.create_task(
        jeff.ask(
            "POST",
            "/images",
            data=half(),
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )
    )
    await gate.wait()
    sending.cancel()
    with pytest.raises((asyncio.CancelledError, aiohttp.ClientError)):
        await sending
    for _ in range(100):
        if server.files() == []:
            break
        await asyncio.sleep(0.05)
    assert server.files() == []


NAMES = (
    "UPPER.JPG", "dots.and.more.jpg", " spaces  in name .jpg", "new\nline.jpg", "../../etc/passwd",
    "C:\\temp\\x.jpg", "emoji_😼.jpg", "x" * 251 + ".jpg", "tab\tname.jpg",
    "ünïcode.jpg", "quote\"'.jpg",
)  # fmt: skip


async def test_names_are_only_ever_text(server: Any, picture: Any) -> None:
    jeff = await server.person("jeff")
    for number, name in enumerate(NAMES):
        image = (await jeff.upload(picture(number), name))["image"]
        assert "/" not in image["filename"]
        assert "\n" not in image["title"]
        _, data = await jeff.ask("GET", f"/images/{image['id']}/file", expect=200)
        assert data == picture(number)
    assert len(await jeff.titles()) == len(NAMES)


async def test_twenty_uploads_at_once_share_one_new_tag(server: Any, picture: Any) -> None:
    jeff = await server.person("jeff")
    await asyncio.gather(*(jeff.upload(picture(n), tags=["brand new"]) for n in range(20)))
    _, tags = await jeff.ask("GET", "/tags", expect=200)
    assert tags == {"tags": [{"name": "brand new", "count": 20}]}


async def test_the_same_new_bytes_at_once_become_one_blob(server: Any, picture: Any) -> None:
    jeff, rita = await server.person("jeff"), await server.person("rita")
    replies = await asyncio.gather(
        *(person.upload(picture(1), expect=None) for person in (jeff, rita) * 8)
    )
    assert sum(not reply["duplicate"] for reply in replies) == 2  # one for each of them
    assert len(server.files()) == 2  # the original and its preview


async def test_two_servers_share_one_folder(start_server: Any, picture: Any) -> None:
    one, two = await start_server(), await start_server()
    jeff = await one.person("jeff")
    there = type(jeff)(two.client, "jeff", jeff.token)
    await asyncio.gather(
        *(person.upload(picture(n)) for n, person in enumerate((jeff, there) * 10))
    )
    assert len(await jeff.titles()) == len(await there.titles()) == 20
    found = await there.ask(
        "POST", "/search/similar", data={"file": io.BytesIO(picture(3))}, expect=200
    )
    assert found[1]["matches"][0]["distance"] == 0


async def test_more_uploads_than_the_server_takes_are_told_to_come_back(
    start_server: Any, picture: Any
) -> None:
    server = await start_server(max_uploads=1)
    jeff = await server.person("jeff")
    gate, begun = asyncio.Event(), asyncio.Event()
    whole = picture(1)

    async def slow() -> Any:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        begun.set()
        await gate.wait()
        yield whole + b"\r\n--b--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    first = asyncio.create_task(jeff.ask("POST", "/images", data=slow(), headers=headers))
    await begun.wait()
    await asyncio.sleep(0.1)
    body = await jeff.upload(picture(2), expect=503)
    assert body["error"]["code"] == "overloaded"
    gate.set()
    assert (await first)[0] == 201
    await jeff.upload(picture(2))
