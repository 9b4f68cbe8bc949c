import asyncio
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from aiohttp.multipart import content_disposition_filename, parse_content_disposition
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_client.api import Client
from imgrepo_client.connect import RemoteRepository, open_client
from imgrepo_client.errors import (
    ImageNotFoundError,
    LocalFileError,
    ServerError,
    UnexpectedAnswerError,
    UnreachableError,
)
from imgrepo_client.faults import Faults
from imgrepo_client.fields import NO_FIELDS, Fields
from imgrepo_client.items import image_id
from imgrepo_client.multipart import MultipartFile
from imgrepo_client.parameters import Filter
from imgrepo_client.retry import RetryPolicy, retry_after
from imgrepo_client.transport import TimeLimits, Transport

if TYPE_CHECKING:
    from tests.client.conftest import ScriptedServer

ONCE = RetryPolicy(retries=0)


async def test_the_token_goes_with_every_request(client: Client, server: "ScriptedServer") -> None:
    await client.me()
    assert server.requests[-1][2]["Authorization"] == "Bearer the-token"


async def test_the_token_is_not_sent_on_to_another_address(
    client: Client, server: "ScriptedServer"
) -> None:
    async def elsewhere(_: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": f"{server.url}/elsewhere"})

    server.every_request = elsewhere
    with pytest.raises(UnexpectedAnswerError, match="sends on to"):
        await client.me()
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"text": "<html>welcome</html>", "content_type": "text/html"},
        {"text": "[]"},
        {"text": '{"user": "jeff"}'},
        {"text": '{"user": {"name": "jeff"}, "usage": {}, "tier": null, "quota": null}'},
        {"text": ""},
        {"text": "<html>not found</html>", "status": 404},
        {"text": '{"error": "a string"}', "status": 404},
    ],
)
async def test_whatever_is_no_imgrepo_server_is_said_to_be_none(
    client: Client, server: "ScriptedServer", answer: dict[str, str]
) -> None:
    async def other(_: web.Request) -> web.StreamResponse:
        return web.Response(**answer)  # type: ignore[arg-type] # each entry is of its own type

    server.every_request = other
    with pytest.raises(UnexpectedAnswerError, match="does not answer like an imgrepo server"):
        await client.me()


async def test_a_gateways_own_error_is_retried_and_then_told(
    client: Client, server: "ScriptedServer"
) -> None:
    async def gateway(_: web.Request) -> web.StreamResponse:
        return web.Response(status=502, text="<html>bad gateway</html>")

    server.every_request = gateway
    with pytest.raises(ServerError, match="answered 502 Bad Gateway"):
        await client.me()
    assert len(server.requests) == 4


async def test_a_refusal_is_not_retried(client: Client, server: "ScriptedServer") -> None:
    server.every_request = server.refusal(403, "forbidden")
    with pytest.raises(ServerError, match="It is forbidden"):
        await client.me()
    assert len(server.requests) == 1


async def test_the_server_says_how_long_to_wait(client: Client, server: "ScriptedServer") -> None:
    busy = server.refusal(503, "overloaded", {"Retry-After": "1"})

    async def busy_at_first(request: web.Request) -> web.StreamResponse | None:
        return await busy(request) if len(server.requests) == 1 else None

    server.every_request = busy_at_first
    started = time.monotonic()
    await client.me()
    assert 0.9 < time.monotonic() - started < 3


async def test_what_changes_something_for_good_is_asked_once(
    client: Client, server: "ScriptedServer"
) -> None:
    server.every_request = server.refusal(503, "overloaded")
    for asked in (client.register("jeff", "a long password"), client.delete("x"), client.logout()):
        server.requests.clear()
        with pytest.raises(ServerError):
            await asked
        assert len(server.requests) == 1


async def test_nobody_there(unused_tcp_port: int) -> None:
    repository = RemoteRepository(f"http://127.0.0.1:{unused_tcp_port}")
    async with open_client(repository, retry=ONCE, environ={}) as client:
        with pytest.raises(UnreachableError, match=r"Connection refused\. Is the server running"):
            await client.me()


async def test_a_server_without_encryption_is_told_from_a_missing_one(
    server: "ScriptedServer",
) -> None:
    repository = RemoteRepository(server.url.replace("http:", "https:"))
    async with open_client(repository, environ={}) as client:
        with pytest.raises(UnreachableError, match="want http:// instead") as caught:
            await client.me()
    assert not caught.value.retryable


async def test_a_proxy_of_the_environment_is_used_and_its_exceptions_are_kept(
    server: "ScriptedServer",
) -> None:
    repository = RemoteRepository("http://images.invalid", token="t")
    environ = {"http_proxy": server.url}
    async with open_client(repository, environ=environ) as client:
        await client.me()
    assert server.requests[0][2]["Host"] == "images.invalid"
    direct = {**environ, "no_proxy": ".invalid"}
    async with open_client(repository, retry=ONCE, environ=direct) as client:
        with pytest.raises(UnreachableError, match="not known here"):
            await client.me()


async def test_a_server_that_stops_reading_does_not_hold_the_upload(tmp_path: Path) -> None:
    import aiohttp  # noqa: PLC0415 - for this test only

    over = asyncio.Event()

    async def deaf(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.transport.abort()

    listener = await asyncio.start_server(deaf, "127.0.0.1", 0, limit=1024)
    port = listener.sockets[0].getsockname()[1]
    file = tmp_path / "large.jpg"
    file.write_bytes(bytes(40 << 20))
    async with aiohttp.ClientSession() as session:
        transport = Transport(
            session,
            f"http://127.0.0.1:{port}",
            faults=Faults("it"),
            retry=ONCE,
            limits=TimeLimits(connect=1, stall=0.3),
        )
        with pytest.raises(UnreachableError, match="no answer in time"):
            await Client(transport).upload(str(file), size=40 << 20, fields=NO_FIELDS)
        transport.close()
    over.set()
    listener.close()
    await asyncio.sleep(0.05)  # both ends of the connection notice


NAMES = st.text(st.characters(exclude_characters="\0/"), min_size=1, max_size=80)


@given(NAMES)
def test_a_file_name_of_any_kind_arrives(name: str) -> None:
    head = MultipartFile("x", 0, filename=name)._head  # noqa: SLF001 - what goes over the wire
    disposition = head.decode().split("\r\n")[1].removeprefix("Content-Disposition: ")
    kind, parameters = parse_content_disposition(disposition)
    assert kind == "form-data"
    assert parameters["name"] == "file"
    arrived = content_disposition_filename(parameters, "filename")
    assert arrived == "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in name)


async def test_what_is_no_utf8_can_still_be_asked_for(
    client: Client, server: "ScriptedServer"
) -> None:
    await client.images(Filter(keywords=("caf\udce9",)))
    assert server.count("GET", "/images") == 1


@pytest.mark.parametrize("size", [0, 1, 512 * 1024, 512 * 1024 + 1, 3_000_000])
async def test_a_file_arrives_with_what_is_said_about_it(
    client: Client, server: "ScriptedServer", tmp_path: Path, size: int
) -> None:
    file = tmp_path / 'line\nbreak "quoted" 猫.jpg'
    content = bytes(range(251)) * (size // 251 + 1)
    file.write_bytes(content[:size])
    said = Fields("Title é", "two\r\nlines", ("a", "b c"), "private")
    sent: list[int] = []
    uploaded = await client.upload(
        str(file), size=size, fields=said, sha256=server.add(content[:size])["sha256"],
        on_sent=sent.append,
    )  # fmt: skip
    assert uploaded["duplicate"]
    ((name, fields),) = server.received
    assert name == file.name
    assert fields["tags"] == ["a", "b c"]
    assert (fields["title"], fields["description"]) == (["Title é"], ["two\r\nlines"])
    assert fields["visibility"] == ["private"]
    assert sum(sent) == size


async def test_a_file_that_cannot_be_read_is_its_own_fault(
    client: Client, server: "ScriptedServer", tmp_path: Path
) -> None:
    for size in (10, 5_000_000):
        with pytest.raises(LocalFileError, match="No such file"):
            await client.upload(str(tmp_path / "none"), size=size, fields=NO_FIELDS)
    (tmp_path / "short").write_bytes(b"x" * 600_000)
    for size in (10**6, 5_000_000):
        with pytest.raises(LocalFileError, match="changed while it was"):
            await client.upload(str(tmp_path / "short"), size=size, fields=NO_FIELDS)
    assert server.received == []


async def test_pages_are_asked_for_as_they_are_taken(
    client: Client, server: "ScriptedServer"
) -> None:
    ids = [server.add(b"%d" % number)["id"] for number in range(450)]
    pages = [page async for page in client.pages(Filter())]
    assert [len(page["images"]) for page in pages] == [200, 200, 50]
    assert [image["id"] for page in pages for image in page["images"]] == ids
    server.requests.clear()
    pages = [page async for page in client.pages(Filter(), limit=210)]
    assert [len(page["images"]) for page in pages] == [200, 10]
    assert pages[-1]["next_cursor"] is not None
    assert len(server.requests) == 2


NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        (format_datetime(NOW.replace(second=30), usegmt=True), 30.0),
        (format_datetime(NOW.replace(year=2025), usegmt=True), 0.0),
        ("soon", None),
        ("-1", None),
        ("", None),
        ("9" * 500, 999_999_999.0),
    ],
)
def test_retry_after(header: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": header}, NOW) == seconds


@given(st.text(max_size=30))
def test_no_header_breaks_the_wait(header: str) -> None:
    retry_after({"Retry-After": header}, NOW)


async def test_waits_grow_to_their_limit() -> None:
    waits: list[float] = []
    policy = RetryPolicy(retries=6, first_wait=1, longest_wait=8)
    with pytest.raises(UnreachableError):
        await _try(policy, UnreachableError("gone"), waits)
    for wait, middle in zip(waits, [1, 2, 4, 8, 8, 8], strict=True):
        assert middle * 0.5 <= wait <= middle * 1.5


async def test_a_server_cannot_make_us_wait_for_ever() -> None:
    waits: list[float] = []
    busy = ServerError(503, "overloaded", "No.", retry_after=1e9)
    with pytest.raises(ServerError):
        await _try(RetryPolicy(retries=1, longest_asked=5), busy, waits)
    assert waits[0] < 6


async def _try(policy: RetryPolicy, error: Exception, waits: list[float]) -> None:
    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async for attempt in policy.attempts().copy(sleep=sleep):
        with attempt:
            raise error


def test_what_cannot_be_an_id_is_no_image() -> None:
    assert image_id("0198C0DE00007000800000000000000A") == "0198c0de-0000-7000-8000-00000000000a"
    with pytest.raises(ImageNotFoundError, match="imgrepo list shows them"):
        image_id("../../me")
