import asyncio
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from imgrepo_client.api import Client
from imgrepo_client.connect import LocalRepository, open_client
from imgrepo_client.errors import (
    ClientError,
    LocalFileError,
    ServerError,
    UnexpectedAnswerError,
)
from imgrepo_client.fields import NO_FIELDS, Fields
from imgrepo_client.upload_routes import FileToSend, Result
from PIL import Image

if TYPE_CHECKING:
    from tests.client.conftest import ScriptedServer


def to_send(path: str | Path, fields: Fields = NO_FIELDS) -> FileToSend:
    content = Path(path).read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    return FileToSend(os.fspath(path), len(content), fields, sha256)


def codes(results: list[Result]) -> list[str | None]:
    return [one.code if isinstance(one, ClientError) else None for one in results]


async def test_each_file_goes_with_its_own_words(
    client: Client, server: "ScriptedServer", photos: Path
) -> None:
    words = Fields("Title é", 'two\r\n"lines"', ("a", "b c"), "private", exif_tags=True)
    names = [b"0.jpg", b"caf\xe9.jpg", 'line\n"quoted" 猫.jpg'.encode()]
    files = [photos / "0.jpg", *(photos / os.fsdecode(name) for name in names[1:])]
    for number, file in enumerate(files):
        file.write_bytes(b"picture %d" % number)
    sent: list[int] = []
    results = await client.upload_batch(
        [to_send(files[0], words), to_send(files[1]), to_send(files[2])], on_sent=sent.append
    )
    assert codes(results) == [None] * 3
    assert [name for name, _ in server.received] == ["0.jpg", "caf\ufffd.jpg", files[2].name]
    fields = server.received[0][1]
    assert (fields["title"], fields["tags"]) == (["Title é"], ["a", "b c"])
    assert (fields["description"], fields["visibility"]) == (['two\r\n"lines"'], ["private"])
    assert fields["exif_tags"]
    assert set(server.received[1][1]) == {"sha256"}
    assert sent == [sum(file.stat().st_size for file in files)]
    assert server.count("POST", "/images/batch") == 1


async def test_a_files_own_fault_is_not_the_others(
    client: Client, server: "ScriptedServer", photos: Path
) -> None:
    server.upload_faults = [server.refusal(422, "not_an_image")]
    files = [to_send(photos / f"{number}.jpg") for number in range(5)]
    (photos / "1.jpg").unlink()
    (photos / "3.jpg").write_bytes(b"")
    results = await client.upload_batch(files)
    assert codes(results) == ["not_an_image", "local_file", None, "file_changed", None]
    assert [name for name, _ in server.received] == ["2.jpg", "4.jpg"]


async def test_where_no_file_can_be_read_nothing_is_sent(
    client: Client, server: "ScriptedServer", photos: Path
) -> None:
    files = [to_send(photos / f"{number}.jpg")._replace(size=10**6) for number in range(2)]
    assert codes(await client.upload_batch(files)) == ["file_changed"] * 2
    assert server.requests == []


async def test_a_batch_is_sent_again_whole(
    client: Client, server: "ScriptedServer", photos: Path
) -> None:
    server.upload_faults = [server.refusal(503, "overloaded"), server.refusal(429, "overloaded")]
    results = await client.upload_batch([to_send(photos / f"{n}.jpg") for n in range(3)])
    assert codes(results) == [None] * 3
    assert server.count("POST", "/images/batch") == 3


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {"results": []},
        {"results": [{"status": 201}, {"status": 201}]},
        {"results": [{"status": 400, "error": "x"}, {"status": 400, "error": "x"}]},
        {"results": [{"status": "?", "error": {"code": "a", "message": "b"}}] * 2},
        {"results": [{"status": 201, "error": None, "image": None, "duplicate": False}] * 2},
        {"results": [{"status": 201, "error": None, "image": {}, "duplicate": False}] * 2},
    ],
)
async def test_answers_without_sense_are_no_answers(
    client: Client, server: "ScriptedServer", photos: Path, answer: object
) -> None:
    async def nonsense(_: web.Request) -> web.StreamResponse:
        return web.json_response(answer)

    server.every_request = nonsense
    with pytest.raises(UnexpectedAnswerError):
        await client.upload_batch([to_send(photos / "0.jpg"), to_send(photos / "1.jpg")])


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """One of them with a name that is no UTF-8, and a line break in it."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    files = [folder / name for name in ("a.png", os.fsdecode(b"b\r\n\xff.png"), "c.png")]
    for number, file in enumerate(files):
        Image.linear_gradient("L").resize((60 + number, 40)).save(file, "PNG")
    return files


async def test_a_local_repository_is_told_where_files_are(
    pictures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pictures[0].parent)  # names may be relative
    files = [to_send(file.name) for file in pictures]
    gone = to_send(pictures[0])._replace(path="none.png")
    changed = to_send(pictures[0])._replace(sha256="0" * 64)
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    pipe = gone._replace(path=str(fifo))
    async with open_client(LocalRepository(tmp_path / "home")) as client:
        results = await asyncio.wait_for(
            client.upload_batch([files[0], gone, files[1], changed, pipe]), 30
        )
        assert codes(results) == [None, "local_file", None, "checksum_mismatch", "local_file"]
        assert [name(one) for one in (results[0], results[2])] == ["a.png", "b \ufffd.png"]
        single = await client.upload(*files[2])
        assert name(single) == "c.png"
        with pytest.raises(LocalFileError, match="No such file"):
            await client.upload(*gone)
        with pytest.raises(ServerError, match="checksum"):
            await client.upload(*changed)
        for result, file in zip((results[0], results[2], single), pictures, strict=True):
            assert not isinstance(result, ClientError)
            assert result["image"] is not None
            async with client.file(result["image"]["id"]) as pieces:
                assert b"".join([piece async for piece in pieces]) == file.read_bytes()


def name(result: Result) -> str:
    assert not isinstance(result, ClientError)
    assert result["image"] is not None
    return result["image"]["filename"]
