import hashlib
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from imgrepo_client.api import Client
from imgrepo_client.download import Fetched, download, save_as
from imgrepo_client.errors import (
    DamagedDownloadError,
    LocalFileError,
    ServerError,
    UnexpectedAnswerError,
)
from imgrepo_client.retry import RetryPolicy

if TYPE_CHECKING:
    from tests.client.conftest import ScriptedServer


def inside(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


RETRY = RetryPolicy(retries=2, first_wait=0.001)


async def test_originals_arrive_byte_for_byte(
    client: Client, server: "ScriptedServer", tmp_path: Path
) -> None:
    content = bytes(range(256)) * 10_000
    saved = await download(client, server.add(content), tmp_path / "new" / "folder", retry=RETRY)
    assert saved.path == tmp_path / "new/folder/a.jpg"
    assert saved.fetched is Fetched.SAVED
    assert saved.path.read_bytes() == content
    assert inside(saved.path.parent) == ["a.jpg"]
    other = tmp_path / "other"
    other.touch()
    assert stat.S_IMODE(saved.path.stat().st_mode) == stat.S_IMODE(other.stat().st_mode)


async def test_no_other_file_is_ever_replaced(
    client: Client, server: "ScriptedServer", tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"mine")
    (tmp_path / "a (2).jpg").symlink_to(tmp_path / "nowhere")
    image = server.add(b"theirs")
    for fetched in (Fetched.SAVED, Fetched.PRESENT):
        saved = await download(client, image, tmp_path, retry=RETRY)
        assert (saved.path, saved.fetched) == (tmp_path / "a (3).jpg", fetched)
    assert (tmp_path / "a.jpg").read_bytes() == b"mine"
    assert saved.path.read_bytes() == b"theirs"
    assert server.count("GET", f"/images/{image['id']}/file") == 1


async def test_without_metadata_the_same_file_is_not_saved_twice(
    client: Client, server: "ScriptedServer", tmp_path: Path
) -> None:
    image = server.add(b"whole")
    without = {"Imgrepo-Metadata": "removed"}

    async def strip(request: web.Request) -> web.StreamResponse | None:
        if not request.path.endswith("/file"):
            return None
        assert request.query == {"strip": "metadata"}
        return web.Response(body=b"silent", headers=without)

    server.every_request = strip
    for fetched in (Fetched.SAVED, Fetched.PRESENT):
        saved = await download(client, image, tmp_path, retry=RETRY, strip=True)
        assert (saved.path.name, saved.fetched, saved.stripped) == ("a.jpg", fetched, True)
    assert saved.path.read_bytes() == b"silent"
    assert inside(tmp_path) == ["a.jpg"]


async def test_a_server_that_strips_by_itself_is_believed(
    client: Client, server: "ScriptedServer", tmp_path: Path
) -> None:
    async def strip(_: web.Request) -> web.StreamResponse | None:
        return web.Response(body=b"silent", headers={"Imgrepo-Metadata": "removed"})

    image = server.add(b"whole")
    server.every_request = strip
    saved = await download(client, image, tmp_path, retry=RETRY)
    assert saved.stripped
    assert saved.path.read_bytes() == b"silent"


async def test_an_old_server_that_does_not_strip_is_not_trusted_with_it(
    client: Client, server: "ScriptedServer", tmp_path: Path
) -> None:
    with pytest.raises(UnexpectedAnswerError, match="too old"):
        await download(client, server.add(b"x"), tmp_path, retry=RETRY, strip=True)
    assert inside(tmp_path) == []


@pytest.mark.parametrize("name", ["../../evil.jpg", "/etc/evil.jpg", "..", "a\0b", "x" * 5000])
async def test_a_hostile_name_stays_in_the_folder(
    client: Client, server: "ScriptedServer", tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "down"
    saved = await download(client, server.add(b"x", filename=name), folder, retry=RETRY)
    assert saved.path.parent == folder
    assert inside(folder) == [saved.path.name]
    assert inside(tmp_path) == ["down"]


async def test_damaged_bytes_are_fetched_again_and_then_refused(
    client: Client, server: "ScriptedServer", tmp_path: Path
) -> None:
    image = server.add(b"good")
    server.content[image["id"]] = b"evil"
    with pytest.raises(DamagedDownloadError):
        await download(client, image, tmp_path, retry=RETRY)
    assert inside(tmp_path) == []
    assert server.count("GET", f"/images/{image['id']}/file") == 3


async def test_a_broken_connection_is_got_over(
    client: Client, server: "ScriptedServer", tmp_path: Path
) -> None:
    image = server.add(bytes(3_000_000))

    async def break_once(request: web.Request) -> web.StreamResponse | None:
        if len(server.requests) > 1:
            return None
        response = web.StreamResponse(headers={"Content-Length": "3000000"})
        await response.prepare(request)
        await response.write(bytes(100_000))
        assert request.transport is not None
        request.transport.abort()
        return response

    server.every_request = break_once
    saved = await download(client, image, tmp_path, retry=RETRY)
    assert hashlib.sha256(saved.path.read_bytes()).hexdigest() == image["sha256"]


async def test_what_the_server_refuses_leaves_nothing(
    client: Client, server: "ScriptedServer", tmp_path: Path
) -> None:
    server.every_request = server.refusal(404, "image_not_found")
    with pytest.raises(ServerError):
        await download(client, server.add(b"x"), tmp_path, retry=RETRY)
    assert inside(tmp_path) == []


async def test_a_folder_that_cannot_be_used_is_said_to_be(
    client: Client, server: "ScriptedServer", tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LocalFileError, match="Cannot write to"):
        await download(client, server.add(b"x"), tmp_path / "file", retry=RETRY)


async def test_one_image_under_a_name_of_ones_own(
    client: Client, server: "ScriptedServer", tmp_path: Path
) -> None:
    image = server.add(b"x")
    await save_as(client, image, tmp_path / "mine.jpg", retry=RETRY)
    assert (tmp_path / "mine.jpg").read_bytes() == b"x"
    with pytest.raises(LocalFileError, match="exists"):
        await save_as(client, image, tmp_path / "mine.jpg", retry=RETRY)
