"""Whatever people do one after another: nobody is shown what ten lines say they may not see."""

import asyncio
import hashlib
import io
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from imgrepo_server.app import build_application
from imgrepo_server.db import users
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.models import Tier
from imgrepo_server.settings import Settings
from PIL import Image
from sqlalchemy import Connection, text

API = "/api/v1"
PEOPLE = ("jeff", "rita", "tom")
NOBODY = ""
PLAIN = "tom"  # a plain account of the tier free, all others are administrators without one
BELOW = (NOBODY, PLAIN)  # the gallery's tier, which is premium
PICTURES = range(2)
PREVIEWS = ("/preview", "/preview?size=256")
EVERY = "distance=192&limit=200"


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


def may_see(image: Said, viewer: str) -> bool:
    """The whole of who may see what."""
    if image.owner == viewer:
        return True
    if image.trashed:
        return False
    if image.visibility in ("public", "gallery"):
        return True
    return image.visibility == "shared" and viewer in image.shared_with


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
        self._pictures = pictures
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
        data = self._pictures[picture]
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

    # What people see

    def check(self, viewer: str) -> None:
        """Every way to look, against what the model allows."""
        seen = {image.id for image in self.images.values() if may_see(image, viewer)}
        kept = {
            image.id for image in self.images.values() if image.id in seen and not image.trashed
        }
        self.check_lists(viewer, kept, seen)
        self.check_pictures(viewer, kept, seen)
        for image in self.images.values():
            expected = 200 if image.id in seen else 404
            for path in ("", "/file", *PREVIEWS):
                below_tier = path == "/file" and image.visibility == "gallery" and viewer in BELOW
                status, _ = self.ask(viewer, "GET", f"/images/{image.id}{path}")
                assert status == (403 if below_tier and expected == 200 else expected)
            status, body = self.ask(viewer, "GET", f"/images/{image.id}/similar?{EVERY}")
            assert status == expected
            if status == 200:
                self.check_matches(body, kept - {image.id}, image.picture)
            for path, works in image.links.items():
                assert self.ask(viewer, "GET", path)[0] == (200 if works else 404)

    def check_lists(self, viewer: str, kept: set[str], seen: set[str]) -> None:
        def listed(query: str) -> set[str]:
            status, body = self.ask(viewer, "GET", f"/images?limit=200&{query}")
            assert status == 200
            return {one["id"] for one in body["images"]}

        assert listed("") == listed("sort=title") == kept
        assert listed("q=is:trashed") == seen - kept
        counts = {}
        for owner in PEOPLE:
            theirs = {image.id for image in self.images.values() if image.owner == owner}
            assert listed(f"keyword={owner}") == listed(f"user={owner}") == theirs & kept
            assert listed(f"tag=of-{owner}") == theirs & kept
            if theirs & kept:
                counts[f"of-{owner}"] = len(theirs & kept)
        for state in ("private", "shared", "public", "gallery"):
            of_state = {image.id for image in self.images.values() if image.visibility == state}
            assert listed(f"q=is:{state}") == of_state & kept
        _, body = self.ask(viewer, "GET", "/tags")
        assert {tag["name"]: tag["count"] for tag in body["tags"]} == counts

    def check_pictures(self, viewer: str, kept: set[str], seen: set[str]) -> None:
        for picture in PICTURES:
            form = self.form(picture)
            _, body = self.ask(viewer, "POST", f"/search/similar?{EVERY}", data=form)
            self.check_matches(body, kept, picture)
        ids = [image.id for image in self.images.values()]
        _, body = self.ask(viewer, "POST", "/images/verify", json={"ids": ids})
        assert {one["id"] for one in body["results"] if one["status"] != "missing"} == seen
        if viewer != NOBODY:
            _, body = self.ask(viewer, "GET", "/duplicates?distance=40")
            shown = [one for group in body["groups"] for one in [group["best"], *group["others"]]]
            assert all(one["owner"] == viewer and one["id"] in kept for one in shown)
            self.check_uploads(viewer, kept)

    def check_matches(self, body: Any, expected: set[str], picture: int) -> None:
        """Each image, those of the picture first, and equals in the order of their ids."""
        found = [(one["distance"], one["id"]) for one in body["matches"]]
        assert found == sorted(found)
        assert {image_id for _, image_id in found} == expected
        same = {image.id for image in self.images.values() if image.picture == picture}
        assert {image_id for distance, image_id in found if distance == 0} == same & expected

    def check_uploads(self, viewer: str, kept: set[str]) -> None:
        """What somebody is told who has a picture in hand."""
        hashes = {n: hashlib.sha256(data).hexdigest() for n, data in self._pictures.items()}
        _, body = self.ask(viewer, "POST", "/images/check", json={"sha256": [*hashes.values()]})
        own = {one.picture: one.id for one in self.images.values() if one.owner == viewer}
        assert body["known"] == {hashes[n]: own[n] for n in own if own[n] in kept}
        for picture in PICTURES:
            same = {image.id for image in self.images.values() if image.picture == picture}
            form = self.form(picture, comment=viewer, on_similar="skip", visibility="private")
            _, body = self.ask(viewer, "POST", "/images", data=form)
            if same & kept:
                assert (body["image"], body["similar"]["id"]) == (None, min(same & kept))
            else:
                assert body["similar"] is None
                path = f"/images/{body['image']['id']}?purge=true"
                assert self.ask(viewer, "DELETE", path)[0] == 204


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Town]:
    data_dir = tmp_path_factory.mktemp("town")
    shutil.copy(migrated, data_dir / "imgrepo.db")
    made = Town(data_dir, {number: make(number) for number in PICTURES})
    yield made
    made.close()


def make(number: int) -> bytes:
    """A picture unlike the others."""
    out = io.BytesIO()
    Image.frombytes("L", (40, 30), random.Random(number).randbytes(1200)).save(out, "JPEG")
    return out.getvalue()


# Few images, so that much happens to each: whose it is and of which picture.
IMAGES = (("jeff", 0), ("rita", 0), ("jeff", 1))
DEEDS = (
    "public", "private", "share", "share", "unshare", "publish", "trash", "restore", "purge",
    "link", "link_to_preview", "upload",
)  # fmt: skip
STEPS = st.lists(
    st.tuples(st.sampled_from(IMAGES), st.sampled_from(DEEDS), st.sampled_from(PEOPLE)),
    min_size=5,
    max_size=25,
)
# Shared and then trashed; a link through the trash; a link through an edit to private.
KNOWN = [
    *((IMAGES[0], deed, "rita") for deed in ("upload", "share", "trash")),
    *((IMAGES[1], deed, "") for deed in ("upload", "link", "trash", "restore")),
    *((IMAGES[2], deed, "") for deed in ("upload", "link", "link_to_preview", "private")),
]


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example(steps=KNOWN)
@given(steps=STEPS)
def test_nobody_is_ever_shown_what_they_may_not_see(
    town: Town, steps: list[tuple[tuple[str, int], str, str]]
) -> None:
    town.begin_again()
    for (who, picture), deed, whom in steps:
        image = town.images.get((who, picture))
        if image is None or deed == "upload":
            town.upload(who, picture, "public" if deed == "public" else "private")
        elif deed in ("public", "private"):
            town.set_visibility(image, deed)
        elif deed in ("share", "unshare"):
            getattr(town, deed)(image, whom)
        else:
            getattr(town, deed)(image)
    for viewer in (*PEOPLE, NOBODY):
        town.check(viewer)
