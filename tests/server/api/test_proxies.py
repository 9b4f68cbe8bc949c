"""Where a request comes from, and whether by HTTPS: a stranger's word does not count."""

from http.cookies import SimpleCookie
from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request
from imgrepo_server.api.proxies import Proxies

PASSWORD = "a long enough password"


def address(trusted: list[str], peer: str, claim: str | None) -> str | None:
    headers = {} if claim is None else {"X-Forwarded-For": claim}
    request = make_mocked_request("GET", "/").clone(remote=peer, headers=headers)
    return Proxies([ip_network(text) for text in trusted]).address(request)


OURS = ["127.0.0.0/8", "10.0.0.0/8"]


@pytest.mark.parametrize(
    ("trusted", "peer", "claim", "expected"),
    [
        ([], "192.0.2.1", None, "192.0.2.1"),
        ([], "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        (["127.0.0.1"], "127.0.0.1", "198.51.100.7", "198.51.100.7"),
        (["127.0.0.1"], "127.0.0.1", "10.0.0.1, 198.51.100.7", "198.51.100.7"),
        (OURS, "127.0.0.1", "1.2.3.4, 198.51.100.7, 10.0.0.1", "198.51.100.7"),
        (["127.0.0.1"], "127.0.0.1", "nonsense", "127.0.0.1"),
        (["127.0.0.1"], "127.0.0.1", "198.51.100.7, nonsense", "127.0.0.1"),
        (["127.0.0.1"], "127.0.0.1", "", "127.0.0.1"),
        (["127.0.0.1"], "127.0.0.1", None, "127.0.0.1"),
        (["::1"], "::1", "2001:db8::7", "2001:db8::7"),
        (["127.0.0.1"], "::ffff:127.0.0.1", "198.51.100.7", "198.51.100.7"),
        (["10.0.0.0/8"], "10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ([], "", "198.51.100.7", None),
    ],
)  # fmt: skip
def test_the_last_address_that_is_no_proxy_of_ours(
    trusted: list[str], peer: str, claim: str | None, expected: str | None
) -> None:
    assert address(trusted, peer, claim) == expected


async def secure(server: Any) -> bool:
    async with server.client.post(
        "/api/v1/login",
        json={"username": "jeff", "password": PASSWORD},
        headers={"X-Forwarded-Proto": "https"},
    ) as response:
        return bool(SimpleCookie(response.headers["Set-Cookie"])["imgrepo_login"]["secure"])


async def test_the_cookie_is_for_https_only_behind_a_proxy_that_speaks_it(
    start_server: Any,
) -> None:
    behind = await start_server(trusted_proxies=["127.0.0.1"])
    await behind.person("jeff")
    assert await secure(behind)
    assert not await secure(await start_server())


async def test_a_proxy_that_nobody_trusts_is_told_of_once(
    server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        await server.anonymous().ask("GET", "/images", headers={"X-Forwarded-For": "198.51.100.7"})
    assert caplog.text.count("trusted_proxies") == 1


async def test_failed_logins_are_slowed_down_for_each_address_behind_the_proxy(
    start_server: Any,
) -> None:
    server = await start_server(trusted_proxies=["127.0.0.1"], login_failures="2/hour")
    await server.person("jeff")
    nobody = server.anonymous()

    async def guess(address: str, password: str) -> tuple[int, Any]:
        body = {"username": "jeff", "password": password}
        headers = {"X-Forwarded-For": address}
        status, answer = await nobody.ask("POST", "/login", json=body, headers=headers)
        return status, answer

    for _ in range(2):
        assert (await guess("198.51.100.7", "wrong wrong wrong"))[0] == 401
    status, body = await guess("198.51.100.7", PASSWORD)
    assert (status, body["error"]["code"]) == (429, "too_many_attempts")
    assert 0 < body["error"]["details"]["retry_after"] <= 3600
    assert (await guess("192.0.2.1", PASSWORD))[0] == 200
