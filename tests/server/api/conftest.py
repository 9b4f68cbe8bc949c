"""A real server in the test's own process, and people who use it."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web_runner import BaseRunner
from imgrepo_server.app import build_application
from imgrepo_server.db import audit
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.models import AuditEntry
from imgrepo_server.settings import Settings
from sqlalchemy import Connection

API = "/api/v1"
PASSWORD = "a long enough password"


@dataclass
class Person:
    """Somebody who is logged in, or nobody; every request is made as them."""

    client: "TestClient[web.Request, web.Application]"
    name: str = ""
    token: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    async def ask(
        self, method: str, path: str, *, expect: int | None = None, **more: Any
    ) -> tuple[int, Any]:
        """The status and the decoded JSON, or the bytes of a reply that is none."""
        headers = {**self.headers, **more.pop("headers", {})}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        url = path if path.startswith("/healthz") else API + path
        async with self.client.request(method, url, headers=headers, **more) as response:
            if response.content_type == "application/json":
                body = await response.json()
            else:
                body = await response.read()
            if expect is not None:
                assert response.status == expect, (method, path, response.status, body)
            return response.status, body

    async def upload(
        self, data: bytes, name: str = "picture.jpg", expect: int | None = 201, **fields: Any
    ) -> Any:
        """Upload bytes; returns the reply's JSON."""
        form = aiohttp.FormData(quote_fields=False)
        for key, value in fields.items():
            for one in value if isinstance(value, list) else [value]:
                form.add_field(key, one)
        # As browsers do it (HTML's "multipart form data" algorithm).
        for character in '"\r\n':
            name = name.replace(character, f"%{ord(character):02X}")
        form.add_field("file", data, filename=name)
        return (await self.ask("POST", "/images", data=form, expect=expect))[1]

    async def titles(self, **params: Any) -> list[str]:
        """The titles of the first page of a list."""
        _, body = await self.ask("GET", "/images", params={"limit": 200, **params}, expect=200)
        return [image["title"] for image in body["images"]]


@dataclass
class RunningServer:
    """A server on a data folder of its own."""

    client: "TestClient[web.Request, web.Application]"
    data_dir: Path

    def anonymous(self) -> Person:
        """Somebody without a login."""
        return Person(self.client)

    async def person(self, name: str) -> Person:
        """Somebody with a fresh account."""
        _, body = await self.anonymous().ask(
            "POST", "/register", json={"username": name, "password": PASSWORD}, expect=201
        )
        return Person(self.client, name, body["token"])

    async def change(self, change: Callable[[Connection], Any]) -> None:
        """Change the database beside the server, as ``imgrepo-server`` does."""
        database = SqliteDatabase(self.data_dir / "imgrepo.db")
        await database.open()
        await database.write(change)
        await database.close()

    async def log(self, name: str | None = None) -> list[AuditEntry]:
        """The audit log, or what it tells of an account."""
        database = SqliteDatabase(self.data_dir / "imgrepo.db")
        await database.open()
        names = None if name is None else await database.read(lambda c: audit.spellings(c, name))
        entries = await database.read(
            lambda c: audit.entries(c, about=names, since=None, after=0, limit=999)
        )
        await database.close()
        return list(entries)

    def files(self) -> list[str]:
        """Every file in the storage folder but locks."""
        root = self.data_dir / "storage"
        return sorted(
            str(path.relative_to(root))
            for path in root.rglob("*")
            if path.is_file() and path.name != "lock"
        )


class UncancelledServer(TestServer):
    """Lets handlers run on when their client leaves, as ``imgrepo-server`` does."""

    async def _make_runner(self, **settings: Any) -> BaseRunner:
        settings |= {"handler_cancellation": False, "shutdown_timeout": 0.5}
        return await super()._make_runner(**settings)


StartServer = Callable[..., Awaitable[RunningServer]]


@pytest.fixture
async def start_server(tmp_path: Path, migrated: Path) -> AsyncIterator[StartServer]:
    """Starts servers; those of one test share a data folder unless told otherwise."""
    clients = []

    async def start(**settings: Any) -> RunningServer:
        defaults = {
            "data_dir": tmp_path / "data",
            "bcrypt_rounds": 4,
            "registrations_address": "1000/minute",
            "workers": 1,
        }
        chosen: dict[str, Any] = {**defaults, **settings}
        if not (chosen["data_dir"] / "imgrepo.db").exists():
            chosen["data_dir"].mkdir()
            shutil.copy(migrated, chosen["data_dir"] / "imgrepo.db")
        client = TestClient(
            UncancelledServer(build_application(Settings(**chosen))),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        await client.start_server()
        clients.append(client)
        return RunningServer(client, chosen["data_dir"])

    yield start
    for client in clients:
        await client.close()


@pytest.fixture
async def server(start_server: StartServer) -> RunningServer:
    """One server with nothing in it."""
    return await start_server()
