"""Originals and previews over HTTP."""

import io
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image


async def fetch(server: Any, path: str, method: str = "GET", **headers: str) -> tuple[Any, bytes]:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    async with server.client.request(method, f"/api/v1{path}", headers=names) as response:
        return response, await response.read()


@pytest.fixture
async def image(server: Any, picture: Any) -> dict[str, Any]:
    jeff = await server.person("jeff")
    reply = await jeff.upload(picture(1, (1600, 900)), 'näme "1".jpg')
    made: dict[str, Any] = reply["image"]
    return made


async def test_an_original_comes_with_safe_headers(server: Any, image: Any, picture: Any) -> None:
    response, data = await fetch(server, f"/images/{image['id']}/file")
    assert data == picture(1, (1600, 900))
    assert response.content_type == "image/jpeg"
    assert response.headers["ETag"] == f'"{image["sha256"]}"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "private, no-cache"
    head, nothing = await fetch(server, f"/images/{image['id']}/file", "HEAD")
    assert (head.status, head.headers["Content-Length"], nothing) == (200, str(len(data)), b"")


async def test_what_a_browser_has_is_not_sent_again(server: Any, image: Any) -> None:
    path, etag = f"/images/{image['id']}/file", f'"{image["sha256"]}"'
    for condition, status in ((etag, 304), (f'"x", {etag}', 304), ("*", 304), ('"x"', 200)):
        response, data = await fetch(server, path, If_None_Match=condition)
        assert response.status == status
        assert bool(data) == (status == 200)


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", slice(0, 1)),
        ("bytes=10-19", slice(10, 20)),
        ("bytes=-5", slice(-5, None)),
        ("bytes=100-", slice(100, None)),
    ],
)
async def test_ranges(server: Any, image: Any, picture: Any, asked: str, part: slice) -> None:
    whole = picture(1, (1600, 900))
    response, data = await fetch(server, f"/images/{image['id']}/file", Range=asked)
    assert response.status == 206
    assert data == whole[part]
    first, stop, _ = part.indices(len(whole))
    assert response.headers["Content-Range"] == f"bytes {first}-{stop - 1}/{len(whole)}"


async def test_ranges_that_do_not_apply(server: Any, image: Any) -> None:
    path = f"/images/{image['id']}/file"
    response, body = await fetch(server, path, Range="bytes=99999999-")
    assert response.status == 416
    assert json.loads(body)["error"]["code"] == "range_not_satisfiable"
    assert response.headers["Content-Range"] == f"bytes */{image['size']}"
    for ignored in ("bytes=5-2", "bytes=0-1,3-4", "items=0-9", "bytes=x", "bytes=-", "bytes="):
        response, whole = await fetch(server, path, Range=ignored)
        assert (response.status, len(whole)) == (200, image["size"])
    response, _ = await fetch(server, path, "HEAD", Range="bytes=0-9")
    assert (response.status, response.headers["Content-Length"]) == (200, str(image["size"]))
    response, _ = await fetch(server, path, Range="bytes=0-9", If_Range='"another"')
    assert response.status == 200
    response, _ = await fetch(server, path, Range="bytes=0-9", If_Range=f'"{image["sha256"]}"')
    assert response.status == 206


@pytest.mark.parametrize("size", [256, 512, 1024])
async def test_previews_are_small_jpegs(server: Any, image: Any, size: int) -> None:
    response, data = await fetch(server, f"/images/{image['id']}/preview?size={size}")
    assert response.content_type == "image/jpeg"
    with Image.open(io.BytesIO(data)) as preview:
        assert max(preview.size) == size
        assert not preview.getexif()
    assert response.headers["ETag"] == f'"{image["id"]}-{size}"'
    _, same = await fetch(server, f"/images/{image['id']}/preview?size={size}")
    assert same == data


async def test_other_preview_sizes_are_refused(server: Any, image: Any) -> None:
    for size in ("0", "100000", "x", "512.5"):
        response, _ = await fetch(server, f"/images/{image['id']}/preview?size={size}")
        assert response.status == 400


def stored(server: Any, image: dict[str, Any]) -> Path:
    name = str(image["sha256"])
    path: Path = server.data_dir / "storage" / name[:2] / name[2:4] / name
    return path


async def test_bytes_that_are_gone_from_the_disk_are_a_fault_like_any(
    server: Any, image: dict[str, Any]
) -> None:
    stored(server, image).unlink()
    response, body = await fetch(server, f"/images/{image['id']}/file")
    assert response.status == 500
    assert json.loads(body)["error"]["code"] == "internal"
    response, _ = await fetch(server, f"/images/{image['id']}")
    assert response.status == 200


async def test_bytes_that_are_cut_short_on_the_disk_never_pass_for_whole(
    server: Any, image: dict[str, Any], picture: Any
) -> None:
    stored(server, image).write_bytes(picture(1, (1600, 900))[:1000])
    with pytest.raises(aiohttp.ClientError):
        await fetch(server, f"/images/{image['id']}/file")
    response, _ = await fetch(server, f"/images/{image['id']}/file", Range="bytes=0-9")
    assert response.status == 206  # the server goes on
