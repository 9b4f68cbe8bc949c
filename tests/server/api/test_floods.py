"""Registrations and logins that come in masses, and what the audit log tells of them."""

from typing import Any

from imgrepo_server.models import Action

PASSWORD = "a long enough password"


async def test_an_address_registers_so_many_accounts_and_then_waits(start_server: Any) -> None:
    server = await start_server(registrations_address="2/hour", trusted_proxies=["127.0.0.1"])
    stranger = server.anonymous()
    stranger.headers = {"X-Forwarded-For": "2001:db8::1"}
    for name in ("jeff", "jeff", "rita", "anna"):
        status, body = await stranger.ask(
            "POST", "/register", json={"username": name, "password": PASSWORD}
        )
        stranger.headers = {"X-Forwarded-For": "2001:db8::ffff"}  # of the same network
    assert (status, body["error"]["code"]) == (429, "too_many_attempts")
    assert 3500 < body["error"]["details"]["retry_after"] <= 3600
    # Whoever has an account comes in, and others register elsewhere.
    login = {"username": "jeff", "password": PASSWORD}
    await stranger.ask("POST", "/login", json=login, expect=200)
    stranger.headers = {"X-Forwarded-For": "2001:db8:1::1"}
    new = {"username": "rita", "password": PASSWORD}
    await stranger.ask("POST", "/register", json=new, expect=201)
    refused = [entry for entry in await server.log() if entry.action is Action.REGISTER_REFUSED]
    assert [(entry.object, entry.address) for entry in refused] == [(None, "2001:db8::ffff")]


async def test_refused_logins_are_told_of_but_a_flood_fills_no_disk(start_server: Any) -> None:
    server = await start_server(login_failures_address="3/hour")
    await server.person("jeff")
    stranger = server.anonymous()
    for _ in range(20):
        for name in ("Jeff", "a password, not a name"):
            wrong = {"username": name, "password": "wrong wrong wrong"}
            status, _ = await stranger.ask("POST", "/login", json=wrong)
    assert status == 429
    entries = await server.log()
    refused = [entry for entry in entries if entry.action is Action.LOGIN_REFUSED]
    assert [entry.object for entry in refused] == [None]
    assert len([entry for entry in entries if entry.action is Action.LOGIN_FAILED]) == 3


async def test_what_is_told_of_an_account_is_not_told_of_things_with_its_name(
    server: Any, picture: Any
) -> None:
    jeff = await server.person("jeff")
    await server.person("Änn")
    await jeff.ask("POST", "/keys", json={"name": "Änn", "scopes": ["read"]}, expect=201)
    about = await server.log("ANN")
    assert [entry.action for entry in about] == [Action.REGISTER, Action.LOGIN]
    ids = [(await jeff.upload(picture(number)))["image"]["id"] for number in (1, 2)]
    await jeff.ask("POST", "/duplicates/different", json={"ids": ids}, expect=204)
    last = (await server.log("JEFF"))[-1]
    assert (last.action, last.object) == (Action.TELL_APART, ids[0])
    assert last.details == {"from": ids[1], "different": True}
