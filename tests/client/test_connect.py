from pathlib import Path

import pytest
from imgrepo_client.connect import (
    LocalRepository,
    RemoteRepository,
    choose,
    is_readable_on_the_way,
    open_client,
    server_url,
)
from imgrepo_client.credentials import Credentials, Login
from imgrepo_client.errors import InvalidInputError, NotLoggedInError, UnreachableError
from imgrepo_client.retry import RetryPolicy
from imgrepo_client.settings import places

HOME = Path("/home/jeff/images")
STORED = Credentials().with_login("https://stored", Login("jeff", "t1", account="2026"))


def chosen(
    server: str | None = None,
    user: str | None = None,
    environ: dict[str, str] | None = None,
    credentials: Credentials = STORED,
) -> LocalRepository | RemoteRepository:
    return choose(
        server=server, user=user, environ=environ or {}, credentials=credentials, home=HOME
    )


def test_the_first_hit_wins() -> None:
    environ = {"IMGREPO_SERVER": "https://environment"}
    assert chosen("https://flag", environ=environ).name == "https://flag"
    assert chosen(environ=environ).name == "https://environment"
    assert chosen().name == "https://stored"
    assert chosen(credentials=Credentials()) == LocalRepository(HOME, implicit=True)


def test_local_can_be_asked_for_by_name() -> None:
    assert chosen("local") == LocalRepository(HOME, implicit=False)


def test_the_stored_login_belongs_to_its_server_only() -> None:
    assert chosen() == RemoteRepository("https://stored", "jeff", "t1", chosen().account)
    assert chosen("https://other") == RemoteRepository("https://other")


def test_a_token_from_the_environment_beats_the_stored_login() -> None:
    repository = chosen(environ={"IMGREPO_TOKEN": "t9"})
    assert isinstance(repository, RemoteRepository)
    assert repository.token == "t9"
    assert "t9" not in repr(repository)
    assert "t9" not in str(repository.account)


def test_the_user_can_be_named_in_the_environment() -> None:
    both = STORED.with_login("https://stored", Login("anna", "t2"))
    environ = {"IMGREPO_USER": "jeff"}
    assert chosen(credentials=both).account != chosen(credentials=both, environ=environ).account
    assert chosen(user="anna", credentials=both, environ=environ) == chosen(credentials=both)
    assert isinstance(chosen("local", environ=environ), LocalRepository)


@pytest.mark.parametrize("variable", ["IMGREPO_TOKEN", "IMGREPO_USER", "IMGREPO_PASSWORD"])
def test_a_key_without_a_server_does_not_open_the_local_repository(variable: str) -> None:
    with pytest.raises(InvalidInputError, match=f"{variable}.*set IMGREPO_SERVER"):
        chosen(environ={variable: "x"}, credentials=Credentials())
    local = {variable: "x", "IMGREPO_SERVER": "local"}
    assert chosen(environ=local, credentials=Credentials()) == LocalRepository(HOME, implicit=False)


def test_after_logging_out_nobody_is_chosen() -> None:
    both = STORED.with_login("https://stored", Login("anna", "t2"))
    left = chosen(credentials=both.without_login("https://stored", "anna"))
    with pytest.raises(NotLoggedInError, match=r"stored; jeff has a login: --user jeff\."):
        left.require_login()
    three = both.with_login("https://stored", Login("bob", "t3"))
    with pytest.raises(NotLoggedInError, match="anna, jeff have logins: --user NAME"):
        chosen(credentials=three.without_login("https://stored", "bob")).require_login()
    last = chosen(credentials=STORED.without_login("https://stored", "jeff"))
    assert last == RemoteRepository("https://stored")


def test_an_account_that_was_registered_anew_is_another_one() -> None:
    anew = STORED.with_login("https://stored", Login("jeff", "t2", account="2027"))
    assert chosen(credentials=anew).account != chosen().account
    again = STORED.with_login("https://stored", Login("jeff", "t3", account="2026"))
    assert chosen(credentials=again).account == chosen().account


def test_a_user_without_a_login_is_told_how_to_get_one() -> None:
    with pytest.raises(NotLoggedInError, match="imgrepo login https://stored --user anna"):
        chosen(user="anna")
    with pytest.raises(NotLoggedInError, match="no server is chosen"):
        chosen(user="anna", credentials=Credentials())
    with pytest.raises(NotLoggedInError, match="imgrepo login https://other"):
        RemoteRepository("https://other").require_login()


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("https://Example.org/", "https://example.org"),
        ("https://example.org:443", "https://example.org"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        (" http://[::1]:80/images/ ", "http://[::1]/images"),
    ],
)
def test_an_address_has_one_form(given: str, stored: str) -> None:
    assert server_url(given) == stored


@pytest.mark.parametrize(
    "given",
    ["example.org", "ftp://example.org", "https://", "http://host:port", "http://[::1", "",
     "https://jeff:secret@example.org", "https://example.org/?token=secret"],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused_and_not_repeated(given: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        server_url(given)
    assert "secret" not in str(caught.value)


def test_passwords_over_plain_http_leave_this_computer_with_a_warning_only() -> None:
    assert is_readable_on_the_way("http://192.168.1.5:8080")
    assert not is_readable_on_the_way("http://127.0.0.1:8080")
    assert not is_readable_on_the_way("http://localhost")
    assert not is_readable_on_the_way("https://example.org")


def test_home_is_where_the_environment_says(tmp_path: Path) -> None:
    assert places({"IMGREPO_HOME": str(tmp_path)}).home == tmp_path


@pytest.mark.parametrize(
    "proxy", ["nonsense", "socks5://127.0.0.1:1", "http://", "http://u:secret@ :x"]
)
async def test_a_proxy_that_cannot_be_used_is_named(proxy: str) -> None:
    repository = RemoteRepository("http://images.example")
    with pytest.raises(InvalidInputError, match="The address in http_proxy cannot be") as caught:
        async with open_client(repository, environ={"http_proxy": proxy}):
            raise AssertionError("it was used")
    assert "secret" not in str(caught.value)
    async with open_client(repository, environ={"http_proxy": proxy, "no_proxy": "example"}):
        pass


async def test_a_proxy_that_is_not_there_is_told_from_the_server(unused_tcp_port: int) -> None:
    proxy = f"http://127.0.0.1:{unused_tcp_port}"
    repository = RemoteRepository("http://images.example")
    async with open_client(
        repository, retry=RetryPolicy(0), environ={"http_proxy": proxy}
    ) as client:
        with pytest.raises(UnreachableError, match=r"no proxy answers at 127\.0\.0\.1:"):
            await client.answers()
