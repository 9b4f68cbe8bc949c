"""Accounts over HTTP: logins, cookies, passwords."""

from http.cookies import SimpleCookie
from typing import Any

import pytest

PASSWORD = "a long enough password"


async def log_in(person: Any, name: str, password: str, expect: int = 200) -> Any:
    body = {"username": name, "password": password}
    return (await person.ask("POST", "/login", json=body, expect=expect))[1]


async def test_registering_and_logging_in(server: Any) -> None:
    nobody = server.anonymous()
    jeff = await server.person("jeff")
    _, me = await jeff.ask("GET", "/me", expect=200)
    assert me["user"] | {"created_at": ""} == {
        "name": "jeff", "email": None, "role": "user", "created_at": "",
    }  # fmt: skip
    assert me["usage"] == {"images": 0, "bytes": 0}
    assert (await log_in(nobody, "JEFF", PASSWORD))["user"]["name"] == "jeff"  # in any case
    wrong = await log_in(nobody, "jeff", "not the password", expect=401)
    unknown = await log_in(nobody, "nobody", "not the password", expect=401)
    assert wrong["error"]["code"] == unknown["error"]["code"] == "invalid_credentials"
    assert wrong["error"]["message"] == unknown["error"]["message"]


@pytest.mark.parametrize(
    "account",
    [
        {"username": "jeff", "password": "too short"},
        {"username": "", "password": PASSWORD},
        {"username": "two words", "password": PASSWORD},
        {"username": "../jeff", "password": PASSWORD},
        {"username": "x" * 65, "password": PASSWORD},
        {"username": "jeff", "password": PASSWORD, "email": "no address"},
        {"username": "jeff", "password": PASSWORD, "role": "admin"},
        {"username": "jeff"},
    ],
)
async def test_accounts_that_are_not_taken(server: Any, account: Any) -> None:
    status, body = await server.anonymous().ask("POST", "/register", json=account)
    assert (status, body["error"]["code"]) == (400, "invalid_request")


async def test_a_name_is_taken_in_every_spelling(server: Any) -> None:
    await server.person("Jeff")
    for name in ("jeff", "JEFF", "jéff"):
        status, body = await server.anonymous().ask(
            "POST", "/register", json={"username": name, "password": PASSWORD}
        )
        assert (status, body["error"]["code"]) == (409, "username_taken")


@pytest.mark.parametrize("nobody", ["nobody", False])
async def test_a_closed_server_takes_no_accounts(start_server: Any, nobody: object) -> None:
    server = await start_server(registration=nobody)
    status, body = await server.anonymous().ask(
        "POST", "/register", json={"username": "jeff", "password": PASSWORD}
    )
    assert (status, body["error"]["code"]) == (403, "registration_closed")


async def test_logging_out_ends_this_login_only(server: Any) -> None:
    jeff = await server.person("jeff")
    other = type(jeff)(jeff.client, "jeff", (await log_in(jeff, "jeff", PASSWORD))["token"])
    await jeff.ask("POST", "/logout", expect=204)
    await jeff.ask("GET", "/me", expect=401)
    await other.ask("GET", "/me", expect=200)


async def test_a_new_password_ends_every_login_but_its_own(server: Any) -> None:
    jeff = await server.person("jeff")
    change = {"current_password": "wrong wrong wrong", "new_password": "another password"}
    await jeff.ask("POST", "/me/password", json=change, expect=401)
    change["current_password"] = PASSWORD
    _, body = await jeff.ask("POST", "/me/password", json=change, expect=200)
    await jeff.ask("GET", "/me", expect=401)
    await type(jeff)(jeff.client, "jeff", body["token"]).ask("GET", "/me", expect=200)
    await log_in(server.anonymous(), "jeff", PASSWORD, expect=401)
    await log_in(server.anonymous(), "jeff", "another password")


async def test_an_expired_login_is_none(start_server: Any) -> None:
    server = await start_server(login_days=1e-9)
    jeff = await server.person("jeff")
    status, body = await jeff.ask("GET", "/me")
    assert (status, body["error"]["code"]) == (401, "unauthenticated")


async def test_the_cookie_logs_a_browser_in_but_not_another_site(server: Any, picture: Any) -> None:
    await server.person("jeff")
    async with server.client.post(
        "/api/v1/login", json={"username": "jeff", "password": PASSWORD}
    ) as response:
        cookie = SimpleCookie(response.headers["Set-Cookie"])["imgrepo_login"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    browser = server.anonymous()
    browser.headers = {"Cookie": f"imgrepo_login={cookie.value}"}
    await browser.ask("GET", "/me", expect=200)
    image = (await browser.upload(picture(1)))["image"]["id"]
    for foreign in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        await browser.ask("DELETE", f"/images/{image}", headers=foreign, expect=403)
    own = {"Origin": str(server.client.make_url("")).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    await browser.ask("DELETE", f"/images/{image}", headers=own, expect=204)
    await browser.ask("POST", "/logout", expect=204)
    await browser.ask("GET", "/me", expect=401)
    await browser.ask("GET", "/images", expect=200)  # an old cookie: anonymous, not locked out


async def test_another_site_makes_no_browser_forget_its_login(server: Any) -> None:
    await server.person("jeff")
    login = (await log_in(server.anonymous(), "jeff", PASSWORD))["token"]
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    async with server.client.post("/api/v1/logout", headers=headers) as response:
        assert "Set-Cookie" not in response.headers  # sent without the cookie, which is SameSite
    headers = {"Cookie": f"imgrepo_login={login}"}
    async with server.client.post("/api/v1/logout", headers=headers) as response:
        cookie = SimpleCookie(response.headers["Set-Cookie"])["imgrepo_login"]
    assert cookie["max-age"] == "0"


async def test_nothing_on_the_way_keeps_what_one_caller_was_told(server: Any) -> None:
    jeff = await server.person("jeff")
    given = {"username": "jeff", "password": PASSWORD}
    for path, more in (("login", {"json": given}), ("login", {"json": {}}), ("keys", {})):
        method = "POST" if more else "GET"
        async with server.client.request(
            method,
            f"/api/v1/{path}",
            headers={"Authorization": f"Bearer {jeff.token}"},
            **more,
        ) as response:
            assert response.headers["Cache-Control"] == "no-store"
