"""Bodies that come slowly, for ever, or not at all; and clients that leave."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from itertools import islice
from typing import Any

import pytest
import sqlalchemy as sa
from imgrepo_server.db.tables import removed_blobs

FORM = {"Content-Type": "multipart/form-data; boundary=b"}
OPENING = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
CLOSING = b"\r\n--b--\r\n"


async def dripping(data: bytes, size: int, every: float) -> AsyncIterator[bytes]:
    yield OPENING
    for start in range(0, len(data), size):
        yield data[start : start + size]
        await asyncio.sleep(every)
    yield CLOSING


async def test_a_body_that_trickles_in_is_cut_off(start_server: Any) -> None:
    # Each piece comes in time; all of them together take longer than the slowest line allowed.
    server = await start_server(body_stall_seconds=0.3, body_slowest=1000)
    jeff = await server.person("jeff")
    for path in ("/images", "/search/similar"):
        started = asyncio.get_running_loop().time()
        body = dripping(bytes(1000), 1, 0.02)
        status, reply = await jeff.ask("POST", path, data=body, headers=FORM)
        assert (status, reply["error"]["code"]) == (408, "request_timeout")
        assert asyncio.get_running_loop().time() - started < 5
        assert server.files() == []


async def test_a_slow_line_that_keeps_the_pace_is_served(start_server: Any, picture: Any) -> None:
    server = await start_server(body_stall_seconds=0.5, body_slowest=1000)
    jeff = await server.person("jeff")
    data = picture(1)
    body = dripping(data, len(data) // 14, 0.05)  # in all, longer than a stall may be
    await jeff.ask("POST", "/images", data=body, headers=FORM, expect=201)


@pytest.mark.parametrize(("path", "logged_in"), [("/images", True), ("/search/similar", False)])
async def test_a_body_at_a_bearable_pace_has_an_end_all_the_same(
    start_server: Any, path: str, *, logged_in: bool
) -> None:
    of_whom = "body_longest_seconds" if logged_in else "body_longest_anonymous_seconds"
    server = await start_server(body_slowest=1, **{of_whom: 0.3})
    somebody = await server.person("jeff") if logged_in else server.anonymous()
    body = dripping(bytes(100_000), 500, 0.02)
    status, reply = await somebody.ask("POST", path, data=body, headers=FORM)
    assert (status, reply["error"]["code"]) == (408, "request_timeout")
    assert server.files() == []


async def test_searches_that_trickle_keep_nobody_from_uploading_or_searching(
    start_server: Any, picture: Any
) -> None:
    server = await start_server(max_uploads=1, max_queries=1)
    jeff, gate = await server.person("jeff"), asyncio.Event()
    image = (await jeff.upload(picture(1)))["image"]["id"]

    async def holding() -> AsyncIterator[bytes]:
        yield OPENING + picture(1)
        await gate.wait()
        yield CLOSING

    def searched(path: str) -> "asyncio.Task[Any]":
        asking = server.anonymous().ask("POST", path, data=holding(), headers=FORM)
        return asyncio.create_task(asking)

    paths = ("/search/similar", f"/images/{image}/why")
    tasks = [searched(path) for path in paths * 3]
    for done in islice(asyncio.as_completed(tasks), 5):
        assert (await done)[0] == 503
    await jeff.upload(picture(2))
    whole = OPENING + picture(1) + CLOSING
    await jeff.ask("POST", "/search/similar", data=whole, headers=FORM, expect=200)
    gate.set()
    await asyncio.wait(tasks)
    assert min(task.result()[0] for task in tasks) == 200


async def test_json_that_does_not_come_is_cut_off(start_server: Any) -> None:
    server = await start_server(body_stall_seconds=0.2)
    gate = asyncio.Event()

    async def stalling() -> AsyncIterator[bytes]:
        yield b'{"username": '
        await gate.wait()

    headers = {"Content-Type": "application/json"}
    status, reply = await server.anonymous().ask("POST", "/login", data=stalling(), headers=headers)
    gate.set()
    assert (status, reply["error"]["code"]) == (408, "request_timeout")


@pytest.mark.parametrize("over", [0, 1])
async def test_the_limit_of_a_file_is_exact(start_server: Any, picture: Any, over: int) -> None:
    data = picture(1)
    server = await start_server(max_file_size=len(data) - over)
    jeff = await server.person("jeff")
    status, reply = await jeff.ask("POST", "/images", data=OPENING + data + CLOSING, headers=FORM)
    assert status == (413 if over else 201)
    if over:
        assert reply["error"]["details"] == {"limit": len(data) - 1}
        assert server.files() == []


async def test_too_large_a_file_is_told_before_all_of_it_has_come(start_server: Any) -> None:
    # Without a length there is nothing to go by but the bytes themselves.
    server = await start_server(max_file_size=100_000)
    jeff = await server.person("jeff")
    reader, writer = await asyncio.open_connection("127.0.0.1", server.client.port)
    lines = (
        "POST /api/v1/images HTTP/1.1", "Host: x", f"Authorization: Bearer {jeff.token}",
        "Content-Type: multipart/form-data; boundary=b", "Transfer-Encoding: chunked", "", "",
    )  # fmt: skip
    writer.write("\r\n".join(lines).encode())
    for piece in (OPENING, bytes(60_000), bytes(60_000)):  # and nothing more
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    assert head.startswith(b"HTTP/1.1 413 ")
    body = json.loads(await asyncio.wait_for(reader.readuntil(b"}}"), 5))
    assert body["error"]["code"] == "file_too_large"
    writer.close()
    assert server.files() == []


@pytest.mark.parametrize("path", ["images", "images/batch"])
async def test_clients_that_leave_at_any_point_leave_nothing(
    server: Any, picture: Any, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    jeff = await server.person("jeff")
    data = OPENING + picture(1) + CLOSING
    lines = (
        f"POST /api/v1/{path} HTTP/1.1", "Host: x", f"Authorization: Bearer {jeff.token}",
        "Content-Type: multipart/form-data; boundary=b", f"Content-Length: {len(data)}", "", "",
    )  # fmt: skip
    request = "\r\n".join(lines).encode() + data
    for stop in range(1, len(request), len(request) // 25):
        _, writer = await asyncio.open_connection("127.0.0.1", server.client.port)
        writer.write(request[:stop])
        await writer.drain()
        if stop % 2:
            writer.close()
        else:
            writer.transport.abort()
    await asyncio.sleep(0.1)
    for _ in range(100):
        if server.files() == []:
            break
        await asyncio.sleep(0.02)
    assert server.files() == []
    assert await jeff.titles() == []
    await jeff.upload(picture(1))
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


async def test_a_client_that_leaves_before_the_reply_has_its_image_or_not(
    server: Any, picture: Any
) -> None:
    jeff = await server.person("jeff")
    for seed in range(5):
        data = OPENING + picture(seed) + CLOSING
        lines = (
            "POST /api/v1/images HTTP/1.1", "Host: x", f"Authorization: Bearer {jeff.token}",
            "Content-Type: multipart/form-data; boundary=b", f"Content-Length: {len(data)}", "", "",
        )  # fmt: skip
        _, writer = await asyncio.open_connection("127.0.0.1", server.client.port)
        writer.write("\r\n".join(lines).encode() + data)
        await writer.drain()
        await asyncio.sleep(seed * 0.01)
        writer.close()
    await jeff.upload(picture(99))
    marks: list[int] = []
    count = sa.select(sa.func.count()).select_from(removed_blobs)
    for _ in range(100):
        # Cut off between its bytes and its row, an upload leaves bytes that are marked to go.
        await server.change(lambda connection: marks.append(connection.execute(count).scalar_one()))
        if len(server.files()) == 2 * (len(await jeff.titles()) + marks[-1]):
            break
        await asyncio.sleep(0.02)
    assert len(server.files()) == 2 * (len(await jeff.titles()) + marks[-1])
