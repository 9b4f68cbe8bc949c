"""A repository that is scripted by the test, and what is needed to talk to it."""

import asyncio
import contextlib
import hashlib
import json
import os
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import BodyPartReader, web
from imgrepo_client.answers import Image
from imgrepo_client.api import Client
from imgrepo_client.connect import RemoteRepository, open_client
from imgrepo_client.journal import Journal, opened
from imgrepo_client.outcome import Outcome
from imgrepo_client.retry import RetryPolicy

Fault = Callable[[web.Request], Awaitable[web.StreamResponse | None]]
API = "/api/v1"
TOKEN = "the-token"


@dataclass(frozen=True)
class Refusal:
    """A fault: this answer, after the body was read."""

    status: int
    code: str
    headers: Mapping[str, str] | None = None

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        return web.json_response(self.body, status=self.status, headers=self.headers)

    @property
    def body(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "message": f"It is {self.code}.", "details": {}}}

    @property
    def is_of_one_image(self) -> bool:
        return self.status in {403, 409, 413, 422, 507}


@dataclass
class ScriptedServer:
    """An imgrepo server in memory.

    ``upload_faults`` are used up, one for each upload. In a batch, what can be an image's own
    fault is the next image's, and anything else the whole request's.
    """

    url: str = ""
    images: dict[str, Image] = field(default_factory=dict)
    content: dict[str, bytes] = field(default_factory=dict)
    received: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    requests: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)
    upload_faults: list[Fault] = field(default_factory=list)
    every_upload: Fault | None = None
    every_request: Fault | None = None
    takes_batches: bool = True
    under_way: int = 0
    most_under_way: int = 0
    sent: int = 0  # images in uploads, whatever became of them; a request that met a fault is one

    refusal = Refusal

    def add(self, content: bytes, *, filename: str = "a.jpg") -> Image:
        """Store an image as if it had been uploaded."""
        sha256 = hashlib.sha256(content).hexdigest()
        image_id = str(uuid.uuid4())
        image: Image = {
            "id": image_id,
            "title": "a picture",
            "filename": filename,
            "description": "",
            "tags": [],
            "visibility": "public",
            "owner": "jeff",
            "sha256": sha256,
            "size": len(content),
            "width": 40,
            "height": 30,
            "format": "jpeg",
            "taken_at": None,
            "created_at": "2026-01-02T03:04:05Z",
            "links": {"file": f"{API}/images/{image_id}/file", "preview": ""},
        }
        self.images[image_id] = image
        self.content[image_id] = content
        return image

    def id_of(self, content: bytes) -> str | None:
        """The image with these bytes."""
        sha256 = hashlib.sha256(content).hexdigest()
        return next((key for key, one in self.images.items() if one["sha256"] == sha256), None)

    def count(self, method: str, path: str) -> int:
        """How often a route was asked."""
        return sum((method, API + path) == one[:2] for one in self.requests)

    def application(self) -> web.Application:
        """The routes that the client needs here."""
        app = web.Application(client_max_size=1 << 30, middlewares=[self._note])
        app.router.add_get(f"{API}/me", self._me)
        app.router.add_post(f"{API}/images/check", self._check)
        app.router.add_post(f"{API}/images/verify", self._verify)
        app.router.add_post(f"{API}/images", self._upload)
        app.router.add_post(f"{API}/images/batch", self._upload_batch)
        app.router.add_get(f"{API}/images", self._list)
        app.router.add_get(f"{API}/images/{{id}}", self._show)
        app.router.add_get(f"{API}/images/{{id}}/file", self._file)
        return app

    async def _note(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        self.requests.append((request.method, request.path, dict(request.headers)))
        if self.every_request and (answer := await self.every_request(request)) is not None:
            return answer
        return await handler(request)

    _note.__middleware_version__ = 1  # type: ignore[attr-defined] # what @web.middleware sets

    async def _me(self, _: web.Request) -> web.Response:
        user = {"name": "jeff", "email": None, "role": "user", "created_at": "2026-01-01"}
        return web.json_response(
            {"user": user, "usage": {"images": 0, "bytes": 0}, "tier": None, "quota": None}
        )

    async def _check(self, request: web.Request) -> web.Response:
        asked = set((await request.json())["sha256"])
        known = {one["sha256"]: key for key, one in self.images.items() if one["sha256"] in asked}
        return web.json_response({"known": known})

    async def _verify(self, request: web.Request) -> web.Response:
        results = []
        for key in (await request.json())["ids"]:
            if key not in self.images:
                results.append({"id": key, "status": "missing", "sha256": None})
                continue
            sha256 = hashlib.sha256(self.content[key]).hexdigest()
            same = sha256 == self.images[key]["sha256"]
            status = "ok" if same else "different"
            results.append({"id": key, "status": status, "sha256": sha256})
        return web.json_response({"results": results})

    def _next_fault(self) -> Fault | None:
        return self.upload_faults.pop(0) if self.upload_faults else self.every_upload

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        with self._counted():
            self.sent += 1
            fault = self._next_fault()
            if fault is not None and (answer := await fault(request)) is not None:
                return answer
            fields: dict[str, list[str]] = {}
            content, filename = b"", ""
            async for part in await request.multipart():
                assert isinstance(part, BodyPartReader)
                if part.name == "file":
                    content, filename = bytes(await part.read()), part.filename or ""
                else:
                    fields.setdefault(part.name or "", []).append((await part.read()).decode())
            status, body = self._keep(content, filename, fields)
            return web.json_response(body, status=status)

    async def _upload_batch(self, request: web.Request) -> web.StreamResponse:
        if not self.takes_batches:
            return await Refusal(405, "method_not_allowed")(request)
        with self._counted():
            first = self._next_fault()
            if first is not None and not (isinstance(first, Refusal) and first.is_of_one_image):
                if (answer := await first(request)) is not None:
                    self.sent += 1
                    return answer
                first = None
            results: list[dict[str, Any]] = []
            fields: dict[str, Any] = {}
            async for part in await request.multipart():
                assert isinstance(part, BodyPartReader)
                if part.name == "fields":
                    fields = json.loads(await part.read())
                    continue
                refusal = self._of_one_image() if results else first
                results.append(await self._result(part, fields, refusal))
                fields = {}
            return web.json_response({"results": results})

    def _of_one_image(self) -> Fault | None:
        fault = self.upload_faults[0] if self.upload_faults else self.every_upload
        if isinstance(fault, Refusal) and fault.is_of_one_image:
            return self._next_fault()
        return None

    async def _result(
        self, part: BodyPartReader, fields: dict[str, Any], refusal: Fault | None
    ) -> dict[str, Any]:
        self.sent += 1
        content, filename = bytes(await part.read()), part.filename or ""
        nothing = {"image": None, "duplicate": False, "similar": None, "similar_withheld": False}
        if isinstance(refusal, Refusal):
            return {**nothing, "status": refusal.status, **refusal.body}
        if part.name == "path":
            path = Path(os.fsdecode(content))
            content, filename = path.read_bytes(), path.name  # noqa: ASYNC240 - a moment
        said = {
            name: value if isinstance(value, list) else [value] for name, value in fields.items()
        }
        status, body = self._keep(content, filename, said)
        return {**nothing, "error": None, "status": status, **body}

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            yield
        finally:
            self.under_way -= 1

    def _keep(
        self, content: bytes, filename: str, fields: dict[str, list[str]]
    ) -> tuple[int, dict[str, Any]]:
        if fields.get("sha256", [""])[0] != hashlib.sha256(content).hexdigest():
            return 422, {"error": {"code": "checksum_mismatch", "message": "Other bytes."}}
        self.received.append((filename, fields))
        if (known := self.id_of(content)) is not None:
            return 200, {"image": self.images[known], "duplicate": True}
        return 201, {"image": self.add(content, filename=filename), "duplicate": False}

    async def _list(self, request: web.Request) -> web.Response:
        start = int(request.query.get("cursor", 0))
        stop = start + int(request.query.get("limit", 20))
        images = list(self.images.values())
        more = str(stop) if stop < len(images) else None
        return web.json_response({"images": images[start:stop], "next_cursor": more})

    async def _show(self, request: web.Request) -> web.Response:
        image = self.images.get(request.match_info["id"])
        if image is None:
            body = {"error": {"code": "image_not_found", "message": "There is no such image."}}
            return web.json_response(body, status=404)
        return web.json_response({"image": image})

    async def _file(self, request: web.Request) -> web.Response:
        return web.Response(body=self.content[request.match_info["id"]])


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    scripted = ScriptedServer()
    runner = web.AppRunner(scripted.application(), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    scripted.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield scripted
    await runner.cleanup()


@pytest.fixture
def repository(server: ScriptedServer) -> RemoteRepository:
    return RemoteRepository(server.url, "jeff", TOKEN, "the account")


@pytest.fixture
async def client(repository: RemoteRepository) -> AsyncIterator[Client]:
    quick = RetryPolicy(retries=3, first_wait=0.001, longest_wait=0.01)
    async with open_client(repository, retry=quick, environ={}) as connected:
        yield connected


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with opened(tmp_path / "cache" / "journal.db") as one:
        yield one


@dataclass
class Reported:
    """A ``Reporter`` that remembers."""

    outcomes: list[Outcome] = field(default_factory=list)
    under_way: int = 0

    def report(self, outcomes: Sequence[Outcome]) -> None:
        self.outcomes.extend(outcomes)

    def sent(self, size: int) -> None:
        self.under_way += size

    def by_name(self) -> dict[str, Outcome]:
        return {Path(one.path).name: one for one in self.outcomes}


@pytest.fixture
def reported() -> Reported:
    return Reported()


@dataclass(frozen=True)
class Ended:
    """A finished program."""

    code: int
    out: str
    err: str


@dataclass
class Program:
    """``imgrepo`` as a process, with folders of its own."""

    folder: Path
    environ: dict[str, str]

    async def start(self, *arguments: str | Path, **more: Any) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "imgrepo_client",
            *(os.fspath(argument) for argument in arguments),
            env=self.environ,
            stdin=more.pop("stdin", asyncio.subprocess.DEVNULL),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            **more,
        )

    async def run(self, *arguments: str | Path, stdin: bytes = b"", **more: Any) -> Ended:
        process = await self.start(*arguments, stdin=asyncio.subprocess.PIPE, **more)
        out, err = await asyncio.wait_for(process.communicate(stdin), 30)
        assert process.returncode is not None
        text = (stream.decode(errors="surrogateescape") for stream in (out, err))
        return Ended(process.returncode, *text)


@pytest.fixture
def program(tmp_path: Path, server: ScriptedServer) -> Program:
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    return Program(
        folder=tmp_path,
        environ={
            **kept,
            "IMGREPO_CONFIG_DIR": str(tmp_path / "config"),
            "IMGREPO_CACHE_DIR": str(tmp_path / "cache"),
            "IMGREPO_HOME": str(tmp_path / "home"),
            "IMGREPO_SERVER": server.url,
            "IMGREPO_TOKEN": TOKEN,
        },
    )


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder of five files that the scripted server takes for images."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(5):
        file = folder / f"{number}.jpg"
        file.write_bytes(b"\xff\xd8\xff picture %d" % number)
        os.utime(file, (1_700_000_000, 1_700_000_000))  # not of this very moment, as in life
    return folder
