"""A town: a running server, and three people of whom everything they did is known."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.test_utils import TestClient, TestServer
from imgrepo_server.api.prefix import API
from imgrepo_server.app import build_application
from imgrepo_server.db import users
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.models import Tier
from imgrepo_server.settings import Settings
from sqlalchemy import Connection, text

PEOPLE = ("jeff", "rita", "tom")
NOBODY = ""
PLAIN = "tom"  # a plain account of the tier free, all others are administrators without one


@dataclass
class Said:
    """What is known of an image from what was answered, not from the database."""

    id: str
    owner: str
    picture: int
    visibility: str
    shared_with: set[str] = field(default_factory=set)
    trashed: bool = False
    links: dict[str, bool] = field(default_factory=dict)  # whether each still works


def arrange(connection: Connection) -> None:
    """Make the accounts what they are here."""
    connection.execute(text("UPDATE users SET role = 'admin' WHERE name != :n"), {"n": PLAIN})
    plain = users.by_name(connection, PLAIN)
    assert plain is not None
    users.set_tier(connection, plain.id, Tier.FREE)


class Town:
    """A running server, asked from outside of its event loop, and what its people did."""

    def __init__(self, data_dir: Path, pictures: dict[int, bytes]):
        self._runner = asyncio.Runner()
        self.pictures = pictures
        self._data_dir = data_dir
        self.tokens: dict[str, str] = {}
        self.images: dict[tuple[str, int], Said] = {}
        app = build_application(Settings(data_dir=data_dir, bcrypt_rounds=4, workers=1))
        self._client = self._runner.run(self._start(app))
        for name in PEOPLE:
            body = {"username": name, "password": "a long enough password"}
            self.tokens[name] = self.ask(NOBODY, "POST", "/register", json=body)[1]["token"]
        self._runner.run(self._change(arrange))

    async def _start(self, app: Any) -> Any:
        client = TestClient(TestServer(app), cookie_jar=aiohttp.DummyCookieJar())
        await client.start_server()
        return client

    async def _change(self, change: Any) -> None:
        database = SqliteDatabase(self._data_dir / "imgrepo.db")
        await database.open()
        await database.write(change)
        await database.close()

    def close(self) -> None:
        """Stop the server."""
        self._runner.run(self._client.close())
        self._runner.close()

    def ask(self, who: str, method: str, path: str, **more: Any) -> tuple[int, Any]:
        """The status and the JSON of an answer; bytes where it is none."""

        async def once() -> tuple[int, Any]:
            headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
            async with self._client.request(method, API + path, headers=headers, **more) as answer:
                if answer.content_type == "application/json":
                    return answer.status, await answer.json()
                return answer.status, await answer.read()

        return self._runner.run(once())

    def form(self, picture: int, *, comment: str = "", **fields: str) -> aiohttp.FormData:
        """A form with one of the pictures; with a comment, in other bytes."""
        form = aiohttp.FormData()
        data = self.pictures[picture]
        if comment:
            segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment.encode()
            data = data[:2] + segment + data[2:]
        for name, value in fields.items():
            form.add_field(name, value)
        form.add_field("file", data, filename=f"{picture}.jpg")
        return form

    def begin_again(self) -> None:
        """Nothing was uploaded yet."""

        def empty(connection: Connection) -> None:
            for table in ("images", "blobs", "links", "image_shares", "audit"):
                connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 -- our own words

        self._runner.run(self._change(empty))
        self.images.clear()

    # What people do

    def upload(self, who: str, picture: int, visibility: str) -> None:
        """Upload a picture; the title says whose it is."""
        form = self.form(picture, title=f"{who}{picture}", tags=f"of-{who}", visibility=visibility)
        status, body = self.ask(who, "POST", "/images", data=form)
        known = self.images.get((who, picture))
        kept = known is not None and not known.trashed
        assert (status, body["duplicate"]) == ((200, True) if kept else (201, False))
        if known is None:
            known = Said(body["image"]["id"], who, picture, visibility)
            self.images[who, picture] = known
        elif known.trashed:
            known.trashed = False
            self.becomes(known, visibility)

    def becomes(self, image: Said, visibility: str) -> None:
        """What an edit does to names and links."""
        image.visibility = visibility
        if visibility != "shared":
            image.shared_with = set()
        if visibility == "private":
            image.links = dict.fromkeys(image.links, False)

    def edit(self, image: Said, **changes: Any) -> None:
        """Edit an own image."""
        status, _ = self.ask(image.owner, "PATCH", f"/images/{image.id}", json=changes)
        assert status == 200

    def set_visibility(self, image: Said, visibility: str) -> None:
        self.edit(image, visibility=visibility)
        self.becomes(image, visibility)

    def publish(self, image: Said) -> None:
        self.edit(image, gallery_tier="premium")
        self.becomes(image, "gallery")

    def share(self, image: Said, name: str) -> None:
        if name != image.owner:
            self.edit(image, share_with=[name])
            self.becomes(image, "shared")
            image.shared_with.add(name)

    def unshare(self, image: Said, name: str) -> None:
        self.edit(image, unshare=[name])
        image.shared_with.discard(name)
        if image.visibility == "shared" and not image.shared_with:
            self.becomes(image, "private")

    def trash(self, image: Said) -> None:
        assert self.ask(image.owner, "DELETE", f"/images/{image.id}")[0] == 204
        image.trashed = True
        image.links = dict.fromkeys(image.links, False)

    def restore(self, image: Said) -> None:
        assert self.ask(image.owner, "POST", f"/images/{image.id}/restore")[0] == 200
        image.trashed = False

    def purge(self, image: Said) -> None:
        assert self.ask(image.owner, "DELETE", f"/images/{image.id}?purge=true")[0] == 204
        del self.images[image.owner, image.picture]

    def link(self, image: Said, *, preview_only: bool = False) -> None:
        body = {"preview_only": preview_only}
        status, made = self.ask(image.owner, "POST", f"/images/{image.id}/links", json=body)
        assert status == (400 if image.trashed else 201)
        if status == 201:
            image.links[made["url"].partition(API)[2]] = True

    def link_to_preview(self, image: Said) -> None:
        self.link(image, preview_only=True)
