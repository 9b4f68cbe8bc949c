"""What no well-meaning client sends: broken protocol, broken encodings, fuzzed forms."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imgrepo_server.api.context import LocalAccess
from imgrepo_server.app import build_application
from imgrepo_server.settings import Settings

DEEP = base64.urlsafe_b64encode(b"[" * 5000).decode()


def head(line: str, *headers: str) -> bytes:
    return "\r\n".join([f"{line} HTTP/1.1", "Host: x", *headers, "", ""]).encode("latin-1")


def posting(body: bytes, *headers: str, to: str = "/api/v1/login") -> bytes:
    return head(f"POST {to}", "Content-Type: application/json", *headers) + body


def counted(body: bytes) -> bytes:
    return posting(body, f"Content-Length: {len(body)}")


CHUNKED = "Transfer-Encoding: chunked"
REQUESTS = {
    "chunks without a size": posting(b"zz\r\nhello\r\n", CHUNKED),
    "chunks that break off": posting(b"2\r\n{}\r\nzz\r\n", CHUNKED),
    "a body that is not compressed": posting(
        b"hello", "Content-Length: 5", "Content-Encoding: gzip"
    ),
    "an unknown compression": posting(b"hello", "Content-Length: 5", "Content-Encoding: rot13"),
    "a negative length": posting(b"{}", "Content-Length: -2"),
    "another expectation": posting(b"{}", "Content-Length: 2", "Expect: wonders"),
    "deep JSON": counted(b"[" * 200_000),
    "half a surrogate": counted(b'{"username": "\\ud800", "password": "aaaaaaaaaaa"}'),
    "a NUL": counted(b'{"username": "\\u0000", "password": "aaaaaaaaaaa"}'),
    "a huge number": counted(b'{"username": ' + b"9" * 5000 + b"}"),
    "UTF-16": counted('{"username": "jeff"}'.encode("utf-16")),
    "a byte order mark": counted(b'\xef\xbb\xbf{"username": "jeff"}'),
    "bytes in the query": head("GET /api/v1/images?keyword=\xff"),
    "escaped bytes in the query": head("GET /api/v1/images?keyword=%ff&user=%ed%a0%80"),
    "NUL in the query": head("GET /api/v1/images?keyword=%00&user=%00&tag=%00"),
    "NUL in the query language": head("GET /api/v1/images?q=title%3A%00"),
    "bytes in the path": head("GET /api/v1/images/\xff"),
    "escapes in the path": head("GET /api/v1/images/%ff%00%2e%2e%2f/file"),
    "bytes in the login": head("GET /api/v1/images", "Authorization: Bearer \xff\xfe"),
    "a deep login": head("GET /api/v1/images", f"Authorization: Bearer {DEEP}.e30.e30"),
    "another scheme": head("GET /api/v1/images", "Authorization: Basic amVmZjpqZWZm"),
    "an empty login": head("GET /api/v1/images", "Authorization: Bearer "),
    "a broken cookie": head("GET /api/v1/images", "Cookie: imgrepo_login=\xff; =;;; a"),
    "not a number": head("GET /api/v1/images?limit=1e999"),
    "a huge limit": head("GET /api/v1/images?limit=" + "9" * 5000),
    "no such distance": head("POST /api/v1/search/similar?distance=nan"),
    "no address": head("OPTIONS *"),
    "another protocol": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no protocol": b"hello\r\n\r\n",
    "a broken header": head("GET /api/v1/images", "no colon"),
    "a long header": head("GET /api/v1/images", "X-Long: " + "x" * 20_000),
    "no host": b"GET /api/v1/images HTTP/1.1\r\n\r\n",
}
# What aiohttp itself answers, before there is a request, is plain text.
UNSEEN = frozenset({400, 417})


async def answer(port: int, request: bytes) -> tuple[int, bytes]:
    """The status and the body of the reply to raw bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    reply = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    status = int(reply.split()[1])
    body = await asyncio.wait_for(reader.read(100_000), 5)
    writer.close()
    return status, body


@pytest.fixture(params=["server", "local repository"])
async def port(tmp_path: Any, request: pytest.FixtureRequest) -> AsyncIterator[int]:
    local = LocalAccess("jeff", "token") if request.param == "local repository" else None
    app = build_application(Settings(data_dir=tmp_path, bcrypt_rounds=4, workers=1), local)
    server = TestServer(app)
    await server.start_server()
    assert server.port is not None
    yield server.port
    await server.close()


async def test_nothing_sent_is_a_fault_of_the_servers(port: int) -> None:
    for name, request in REQUESTS.items():
        status, body = await answer(port, request)
        assert status < 500, name
        if status >= 400 and status not in UNSEEN:
            assert set(json.loads(body)["error"]) == {"code", "message", "details", "request_id"}
    assert (await answer(port, head("GET /healthz", "Authorization: Bearer token")))[0] in {
        200,
        401,
    }


PIECES = st.sampled_from(
    [
        *(b"--b", b"--", b"\r\n", b"\r\n\r\n", b"b", b"--b--", b'"', b";", b"=", b"\\", b"\0"),
        *(b"Content-Disposition: form-data", b'; name="file"', b'; filename="a.jpg"'),
        *(b'; name="tags"', b"; filename*=utf-8''%ff%00%zz", b"\xff\xfe", b"\xff\xd8\xff\xe0"),
        *(b"Content-Type: multipart/mixed; boundary=c", b"--c", b"Content-Length: 3"),
        *(b"Content-Transfer-Encoding: base64", b"Content-Encoding: gzip"),
    ]
)
FORMS = st.lists(PIECES | st.binary(max_size=9), max_size=14).map(b"".join)
WHOLE = FORMS.map(lambda inside: b'--b\r\nContent-Disposition: form-data; name="title"' + inside)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(form=FORMS | WHOLE, closed=st.booleans())
async def test_no_form_is_a_fault_of_the_servers(server: Any, form: bytes, closed: bool) -> None:
    someone = server.anonymous()
    status, body = await someone.ask(
        "POST",
        "/search/similar",
        data=form + b"\r\n--b--\r\n" * closed,
        headers={"Content-Type": "multipart/form-data; boundary=b"},
    )
    assert 400 <= status < 500, body
    assert set(body["error"]) == {"code", "message", "details", "request_id"}
    assert server.files() == []
