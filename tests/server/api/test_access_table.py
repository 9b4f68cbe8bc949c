"""Every route, for every kind of caller, on an image in every state; and what SQL that takes."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import aiohttp
import pytest
import sqlalchemy as sa
from imgrepo_server.api.prefix import API
from imgrepo_server.api.routes import ROUTES
from imgrepo_server.db import shares, tables, users
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.models import Tier, Visibility
from sqlalchemy import Connection

from tests.server.db.bare_queries import WATCHED

TABLE = Path(__file__).with_name("access_table.txt")
NO_ID = "00000000-0000-7000-8000-000000000000"
STATES: dict[str, dict[str, Any]] = {
    "private": {"visibility": Visibility.PRIVATE},
    "shared": {"visibility": Visibility.SHARED},
    "public": {"visibility": Visibility.PUBLIC},
    "trashed": {"visibility": Visibility.PUBLIC, "trashed_at": sa.func.now()},
    "gallery": {"visibility": Visibility.GALLERY, "gallery_tier": Tier.PREMIUM},
}
TIERS = {
    "owner": None,
    "else": Tier.FREE,
    "named": Tier.PREMIUM,
    "admin": None,
    "disabled": None,
}

FORMS = frozenset(
    f"POST {path}" for path in ("/images", "/images/batch", "/search/similar", "/images/{id}/why")
)
READING = rf"\b(FROM|JOIN|UPDATE|,) ({'|'.join(WATCHED)})\b"
PREDICATE = r"images\.owner_id = \?|images\.visibility IN"
# On images that a statement with the predicate has found, but where it says otherwise.
AFTERWARDS = (
    r"WHERE blobs\.sha256 = \?$",  # what is known of the bytes that a caller has just sent
    r"^DELETE FROM links WHERE links.image_seq = \(SELECT .* WHERE images.id = \?\)$",
    r"^SELECT images.seq FROM images WHERE images.id (= \?|IN \(\?, \?\) ORDER BY images.seq)$",
    # An edit answers with the image as it is now, and writes down anew what is searched in.
    r"^SELECT images.seq, images.id, users.name AS owner, .* WHERE images.id = \?$",
    r"^SELECT images.title, images.description, users.name, .* WHERE images.seq = \?$",
    # What search by image compares with, once the image was shown to the viewer.
    r"^SELECT fingerprints.version, .* FROM fingerprints JOIN images .* WHERE images.id = \?$",
    r"^UPDATE images SET .* WHERE images.id = \?$",
    r"^DELETE FROM image_(shares|tags) WHERE image_(shares|tags).image_seq = \?( AND .*)?$",
    # The tags and names of images that a statement with the predicate has given.
    r"^SELECT image_tags.image_seq, tags.name FROM .* WHERE image_tags.image_seq IN \(.*$",
    r"^SELECT image_shares.image_seq, .* WHERE image_shares.image_seq IN \(.*$",
    # The secret of a link, and what has expired of everybody's.
    r"^SELECT users.id, .* FROM links JOIN users .* WHERE links.id = \? AND .*$",
    r"^DELETE FROM links WHERE links.expires_at <= \?$",
    # For the index whose hits are looked up with the predicate.
    r"^SELECT group_concat\(.* FROM fingerprints WHERE fingerprints.seq > \? AND .*$",
)


class Cell(NamedTuple):
    """``route`` is a method and a path as the route table has it, below the API's prefix."""

    route: str
    state: str
    caller: str
    status: int


def cells() -> Iterator[Cell]:
    """The table, in its order."""
    callers: list[str] = []
    routes: list[str] = []
    rows = False
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        words = line.split()
        if not words or words[0] == "#":
            continue
        if not callers:
            callers = words
        elif words[0].isupper():
            routes = [line] if rows else [*routes, line]
            rows = False
        else:
            rows = True
            for route, (caller, status) in product(routes, zip(callers, words[1:], strict=True)):
                yield Cell(route, words[0], caller, int(status))


@dataclass
class World:
    """A server with an image in every state, and everybody who asks for them."""

    people: dict[str, Any]
    images: dict[str, str]
    links: dict[str, str]
    database: SqliteDatabase
    data: bytes

    async def ask(self, route: str, state: str, caller: str) -> int:
        """The status of a route; an image that it changed is put back as it was."""
        method, _, path = route.partition(" ")
        image = self.images.get(state, NO_ID)
        token = self.links.get(state, "")
        for name, value in {"id": image, "token": token, "key_id": NO_ID, "link_id": NO_ID}.items():
            path = path.replace(f"{{{name}}}", value)
        person = self.people[caller]
        more = self._more(method, route, image)
        status: int
        status, _ = await person.ask(method, path, **more)
        if status < 300 and state in STATES and method != "GET":
            await self.database.write(lambda connection: put(connection, image, state))
        return status

    def _more(self, method: str, route: str, image: str) -> dict[str, Any]:
        """What a request needs to be a good one."""
        if route.endswith("/why") and method == "GET":
            return {"params": {"other": self.images["public"]}}
        if route in FORMS:
            form = aiohttp.FormData()
            form.add_field("file", self.data, filename="a.jpg")
            return {"data": form}
        bodies: dict[str, Any] = {
            "POST /images/check": {"sha256": []},
            "POST /tags/rename": {"old": "no such tag", "new": "another"},
            "POST /images/verify": {"ids": []},
            "POST /duplicates/different": {"ids": [image, self.images["others"]]},
        }
        takes_body = any(one.takes("body") for one in ROUTES if named(one) == route)
        return {"json": bodies.get(route, {})} if takes_body else {}


def named(route: Any) -> str:
    """A route as the table names it."""
    return f"{route.method} {route.path.removeprefix(API)}"


def put(connection: Connection, image: str, state: str) -> None:
    """Bring an image into a state, whatever became of it."""
    images, this = tables.images, tables.images.c.id == UUID(image)
    values = {"trashed_at": None, "gallery_tier": None, **STATES[state]}
    connection.execute(sa.update(images).where(this).values(**values))
    seq: int = connection.execute(sa.select(images.c.seq).where(this)).scalar_one()
    shares.remove_all(connection, seq)
    if state == "shared":
        shares.add(connection, seq, ["named"])


@pytest.fixture
async def world(server: Any, picture: Any) -> AsyncIterator[World]:
    people = {name: await server.person(name) for name in TIERS}
    owner = people["owner"]
    data = picture(99)
    await owner.upload(data, "again.jpg")
    images = {
        state: (await owner.upload(picture(seed), f"{state}.jpg"))["image"]["id"]
        for seed, state in enumerate([*STATES, "others"])
    }
    links = {}
    for state in STATES:
        _, made = await owner.ask("POST", f"/images/{images[state]}/links", json={}, expect=201)
        links[state] = made["url"].rpartition("/")[2]
    for name in ("expired", "revoked"):
        people[name] = await again(server, "owner")
    await people["revoked"].ask("POST", "/logout", expect=204)

    def arrange(connection: Connection) -> None:
        for name, tier in TIERS.items():
            user = users.by_name(connection, name)
            assert user is not None
            users.set_tier(connection, user.id, tier)
        connection.execute(sa.text("UPDATE users SET role = 'admin' WHERE name = 'admin'"))
        connection.execute(
            sa.text("UPDATE users SET disabled_at = created_at WHERE name = 'disabled'")
        )
        # The newest login is the one to expire.
        connection.execute(
            sa.text(
                "UPDATE logins SET expires_at = created_at WHERE id = (SELECT max(id) FROM logins)"
            )
        )
        for state in STATES:
            put(connection, images[state], state)

    database = SqliteDatabase(server.data_dir / "imgrepo.db")
    await database.open()
    await database.write(arrange)
    for scope in ("upload", "read", "write"):
        people[scope] = await with_key(server, owner, scope)
    people["admin-key"] = await with_key(server, people["admin"], "admin")
    people["nobody"] = server.anonymous()
    yield World(people, images, links, database, data)
    await database.close()


async def again(server: Any, name: str) -> Any:
    """Another login of the same account."""
    credentials = {"username": name, "password": "a long enough password"}
    person = server.anonymous()
    person.token = (await person.ask("POST", "/login", json=credentials, expect=200))[1]["token"]
    return person


async def with_key(server: Any, person: Any, scope: str) -> Any:
    """Somebody with an API key of that person's."""
    asked = {"name": scope, "scopes": [scope]}
    _, made = await person.ask("POST", "/keys", json=asked, expect=201)
    holder = server.anonymous()
    holder.token = made["secret"]
    return holder


async def test_every_route_answers_every_caller_as_the_table_says(world: World) -> None:
    wrong = []
    for cell in cells():
        status = await world.ask(cell.route, cell.state, cell.caller)
        if status != cell.status:
            wrong.append((*cell, status))
    assert wrong == []


def test_the_table_is_complete() -> None:
    table = list(cells())
    assert {cell.route for cell in table} == {named(route) for route in ROUTES}
    callers = {cell.caller for cell in table}
    assert len(callers) == 12
    assert len(table) == len(set(table))
    for route in ROUTES:
        one = "{id}" in route.path or "{token}" in route.path
        states = set(STATES) if one else {"-"}
        rows = {(cell.state, cell.caller) for cell in table if cell.route == named(route)}
        if named(route) != "POST /duplicates/different":  # names its images in the body
            assert rows == set(product(states, callers))


async def test_no_query_of_any_route_goes_around_the_predicate(world: World) -> None:
    """Whatever reads images says whose they are or who may see them, in the same statement.

    Blind to queries that a route runs in some cases only: ``db/test_one_place.py`` reads the code.
    """
    seen: set[str] = set()

    def note(_: Any, __: Any, statement: str, *rest: Any) -> None:
        del rest
        seen.add(" ".join(statement.split()))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        for cell in cells():
            if cell.caller in {"nobody", "else", "named", "owner"} and cell.status < 300:
                await world.ask(cell.route, cell.state, cell.caller)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    reading = [text for text in seen if re.search(READING, text)]
    assert len(reading) > 10
    bare = [text for text in reading if not re.search(PREDICATE, text.partition(" WHERE ")[2])]
    assert [text for text in bare if not any(re.search(one, text) for one in AFTERWARDS)] == []
