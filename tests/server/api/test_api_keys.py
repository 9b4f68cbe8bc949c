"""API keys over HTTP: what each scope opens, and what ends a key."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from imgrepo_server.api.prefix import API
from imgrepo_server.api.routes import ROUTES
from imgrepo_server.models import Scope

NO_ID = "00000000-0000-7000-8000-000000000000"
OPENS = {
    Scope.UPLOAD: {None, Scope.UPLOAD},
    Scope.READ: {None, Scope.READ},
    Scope.WRITE: {None, Scope.UPLOAD, Scope.READ, Scope.WRITE},
    Scope.ADMIN: {None, *Scope},
}


async def make_key(person: Any, *scopes: str, name: str = "camera", **more: Any) -> Any:
    body = {"name": name, "scopes": scopes, **more}
    return (await person.ask("POST", "/keys", json=body, expect=201))[1]


def holder(person: Any, made: Any) -> Any:
    return type(person)(person.client, person.name, made["secret"])


async def sql(server: Any, statement: str, **values: Any) -> None:
    engine = sa.create_engine(f"sqlite:///{server.data_dir / 'imgrepo.db'}")
    with engine.begin() as connection:
        connection.execute(sa.text(statement), values)
    engine.dispose()


@pytest.fixture
async def boss(server: Any) -> Any:
    made = await server.person("boss")
    await sql(server, "UPDATE users SET role = 'admin' WHERE name = 'boss'")
    return made


@pytest.mark.parametrize("scope", Scope)
async def test_a_key_opens_the_routes_of_its_scope_and_no_others(boss: Any, scope: Scope) -> None:
    key = holder(boss, await make_key(boss, scope))
    for route in ROUTES:
        path = re.sub(r"{\w+}", NO_ID, route.path).removeprefix(API)
        status, body = await key.ask(route.method, path)
        refused = status == 403 and body["error"]["details"] == {"scope": route.scope}
        assert refused == (route.scope not in OPENS[scope]), (route.method, path, status)


async def test_a_key_is_shown_once_and_listed_without_its_secret(
    boss: Any, server: Any, picture: Any
) -> None:
    made = await make_key(boss, "upload", "read", expires_in=3600)
    assert made["key"]["scopes"] == ["read", "upload"]
    _, listed = await boss.ask("GET", "/keys", expect=200)
    assert listed == {"keys": [made["key"]]}
    assert made["secret"] not in (server.data_dir / "imgrepo.db-wal").read_text("latin-1")
    key = holder(boss, made)
    await key.upload(picture(1))
    await key.ask("GET", "/me", expect=200)
    _, listed = await boss.ask("GET", "/keys", expect=200)
    assert listed["keys"][0]["last_used_at"] is not None


async def test_what_ends_a_key(boss: Any, server: Any) -> None:
    made = {name: await make_key(boss, "read", name=name) for name in ("revoked", "expired", "out")}
    await boss.ask("DELETE", f"/keys/{made['revoked']['key']['id']}", expect=204)
    past = datetime.now(UTC) - timedelta(seconds=1)
    await sql(
        server,
        "UPDATE api_keys SET expires_at = :past WHERE name = 'expired'",
        past=past.replace(tzinfo=None).isoformat(" "),
    )
    for name in ("revoked", "expired"):
        status, body = await holder(boss, made[name]).ask("GET", "/images")
        assert (status, body["error"]["code"]) == (401, "unauthenticated")
    await holder(boss, made["out"]).ask("GET", "/images", expect=200)
    await sql(server, "UPDATE users SET disabled_at = '2026-01-01 00:00:00.000000'")
    await holder(boss, made["out"]).ask("GET", "/images", expect=401)


async def test_a_new_password_leaves_keys_and_logging_out_everywhere_does_too(boss: Any) -> None:
    key = holder(boss, await make_key(boss, "read"))
    await boss.ask("POST", "/logout", params={"everywhere": "true"}, expect=204)
    await boss.ask("GET", "/me", expect=401)
    await key.ask("GET", "/me", expect=200)


async def test_only_an_administrator_has_keys_that_administer(boss: Any, server: Any) -> None:
    jeff = await server.person("jeff")
    body = {"name": "all", "scopes": ["admin"]}
    status, answer = await jeff.ask("POST", "/keys", json=body)
    assert (status, answer["error"]["code"]) == (403, "forbidden")
    writer = holder(jeff, await make_key(jeff, "write"))
    for method, path in (("GET", "/keys"), ("POST", "/keys"), ("POST", "/me/password")):
        await writer.ask(method, path, json={}, expect=403)
    key = holder(boss, await make_key(boss, "admin"))
    await make_key(key, "read", name="by a key")
    await sql(server, "UPDATE users SET role = 'user' WHERE name = 'boss'")
    await key.ask("GET", "/keys", expect=403)
    await key.ask("GET", "/images", expect=200)


async def test_a_key_is_its_owners_own(boss: Any, server: Any) -> None:
    made = await make_key(boss, "read")
    jeff = await server.person("jeff")
    for key_id in (made["key"]["id"], NO_ID, "no-id"):
        status, body = await jeff.ask("DELETE", f"/keys/{key_id}")
        assert (status, body["error"]["code"]) == (404, "key_not_found")
    await holder(boss, made).ask("GET", "/me", expect=200)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "scopes": ["read"]},
        {"name": " \n", "scopes": ["read"]},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["everything"]},
        {"name": "x", "scopes": ["read"], "expires_in": 0},
        {"name": "x", "scopes": ["read"], "expires_in": 10**12},
        {"scopes": ["read"]},
    ],
)
async def test_keys_that_are_not_made(boss: Any, body: Any) -> None:
    status, answer = await boss.ask("POST", "/keys", json=body)
    assert (status, answer["error"]["code"]) == (400, "invalid_request")


async def test_of_one_name_there_is_one_key_and_of_all_names_no_more_than_a_hundred(
    boss: Any,
) -> None:
    await make_key(boss, "read", name="key-0")
    status, body = await boss.ask("POST", "/keys", json={"name": "key-0", "scopes": ["read"]})
    assert (status, body["error"]["code"]) == (409, "key_name_taken")
    for number in range(1, 100):
        await make_key(boss, "read", name=f"key-{number}")
    status, body = await boss.ask("POST", "/keys", json={"name": "key-100", "scopes": ["read"]})
    assert (status, body["error"]["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("secret", ["imgrepo_", "imgrepo_x", "imgrepo_" + "A" * 43, "imgrepo_\xe9"])
async def test_what_only_looks_like_a_key_is_none(server: Any, secret: str) -> None:
    nobody = type(server.anonymous())(server.client, "", secret)
    status, body = await nobody.ask("GET", "/images")
    assert (status, body["error"]["code"]) == (401, "unauthenticated")


async def test_a_login_is_ended_with_a_login(boss: Any) -> None:
    key = holder(boss, await make_key(boss, "admin"))
    status, body = await key.ask("POST", "/logout")
    assert (status, body["error"]["code"]) == (400, "invalid_request")


def test_every_route_says_what_a_key_needs_for_it() -> None:
    for route in ROUTES:
        assert route.scope is not None or route.auth.name == "NOBODY" or route.path == f"{API}/me"


async def test_a_key_that_only_uploads_learns_nothing_of_what_is_there(
    server: Any, picture: Any
) -> None:
    jeff = await server.person("jeff")
    await jeff.upload(picture(1), visibility="private", title="diary")
    camera = holder(jeff, await make_key(jeff, "upload"))
    told = await camera.upload(picture(2), on_similar="report", distance="192")
    assert (told["similar"], told["similar_withheld"]) == (None, True)
    assert not (await camera.upload(picture(3)))["similar_withheld"]
    refused = await camera.upload(picture(4), on_similar="skip", distance="192", expect=403)
    assert refused["error"]["details"] == {"scope": "read"}
    assert "diary" not in str(refused)
    assert len(await jeff.titles()) == 3
    both = holder(jeff, await make_key(jeff, "upload", "read", name="both"))
    told = await both.upload(picture(4), on_similar="skip", distance="192", expect=200)
    assert told["image"] is None
    assert told["similar"]["title"]


async def test_the_log_tells_which_key_somebody_used(boss: Any, server: Any, picture: Any) -> None:
    key = holder(boss, await make_key(boss, "admin", name="nightly"))
    image = (await key.upload(picture(1)))["image"]["id"]
    await key.ask("PATCH", f"/images/{image}", json={"title": "new"}, expect=200)
    await key.ask("POST", f"/images/{image}/links", json={"expires_in": 60}, expect=201)
    made = await make_key(key, "read", name="other")
    await key.ask("DELETE", f"/keys/{made['key']['id']}", expect=204)
    await key.ask("POST", "/logout?everywhere=true", expect=204)
    with_key = [(entry.action, entry.key) for entry in await server.log() if entry.key is not None]
    assert with_key == [
        (action, "nightly")
        for action in (
            "image.upload", "image.edit", "link.create", "key.create", "key.revoke",
            "login.end_all",
        )
    ]  # fmt: skip
