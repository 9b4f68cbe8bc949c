"""Accounts as people and administrators use them: real programs, on one data folder."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract.conftest import BIN, PASSWORD

Administer = Callable[..., str]


@pytest.fixture
def administer(server: Any) -> Administer:
    """Runs ``imgrepo-server`` beside the server, on its data; returns stdout."""

    def run(*words: str, stdin: str = "", code: int = 0) -> str:
        done = subprocess.run(
            [BIN / "imgrepo-server", *words, "--data-dir", server.data_dir],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done
        assert "Traceback" not in done.stderr
        return done.stdout

    return run


def test_invited_people_register_once(new_home: Any, serve: Any) -> None:
    server = serve(registration="invited")
    jeff, rita = new_home("jeff", server), new_home("rita", server)
    assert "invited people only" in jeff.register("jeff", code=4).err
    words = [BIN / "imgrepo-server", "user", "invite", "--data-dir", server.data_dir]
    code = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
    jeff.more["IMGREPO_INVITATION"] = rita.more["IMGREPO_INVITATION"] = code
    jeff.register("jeff")
    assert "was used or has expired" in rita.register("rita", code=4).err
    rita.register("jeff", code=4)  # nor does it tell whose name is taken


def test_keys_are_for_scripts(jeff: Any, new_home: Any, server: Any, photos: Path) -> None:
    (secret,) = jeff.run("keys", "create", "camera", "--scope", "upload").lines()
    made = jeff.run("keys", "--json", "create", "page", "--scope", "read", "--expires", "1h")
    (reader,) = made.json()
    assert reader["scopes"] == ["read"]
    assert reader["expires_at"] is not None
    script = new_home("script", server)
    script.more["IMGREPO_TOKEN"] = secret
    sent = script.run("upload", photos / "cat_0.jpg", photos / "cat_2.jpg", "--json")
    stored, also = (line["id"] for line in sent.json()[:2])
    assert sent.err.count("similar images") == 1
    refused = script.run("upload", photos / "cat_1.jpg", "--on-similar", "skip", code=4)
    assert "scope read" in refused.err
    assert "the scope read" in script.run("list", code=4).err
    assert "the scope admin" in script.run("logout", code=4).err
    script.more["IMGREPO_TOKEN"] = reader["secret"]
    assert {*script.run("list", "--quiet").lines()} == {stored, also}
    script.more["IMGREPO_PASSWORD"] = PASSWORD
    told = script.run("login", server.url, "--user", "jeff").err
    assert "IMGREPO_TOKEN is set and comes first" in told
    assert "the scope upload" in script.run("upload", photos / "cat_1.jpg", code=4).err
    assert script.run("whoami", "--quiet").lines() == ["jeff"]
    listed = jeff.run("keys", "list", "--json").json()
    assert [(key["name"], key["last_used_at"] is None) for key in listed] == [
        ("camera", False), ("page", False),
    ]  # fmt: skip
    assert secret not in jeff.run("keys", "list").out
    assert "no API key nothing" in jeff.run("keys", "revoke", "page", "nothing", code=3).err
    script.run("list", code=4)
    assert jeff.run("keys", "list", "--quiet").lines() == [listed[0]["id"]]


def test_passwords_and_logins_end_logins(jeff: Any, new_home: Any, server: Any) -> None:
    other = new_home("other", server)
    other.run("login", "--user", "jeff", "--password-stdin", stdin=PASSWORD)
    both = f"{PASSWORD}\nanother long password\n"
    assert "two lines" in jeff.run("password", "--password-stdin", stdin="x\n", code=2).err
    jeff.run("password", "--password-stdin", stdin=both)
    jeff.run("whoami")
    other.run("whoami", code=4)
    assert "is wrong" in jeff.run("password", "--password-stdin", stdin=both, code=4).err
    other.run("login", "--user", "jeff", "--password-stdin", stdin="another long password")
    assert "everywhere" in jeff.run("logout", "--everywhere").err
    other.run("whoami", code=4)
    assert "Log in again" in other.run("logout", "--everywhere", code=4).err


def test_administration_under_a_running_server(
    *, jeff: Any, new_home: Any, server: Any, administer: Administer, photos: Path
) -> None:
    administer("user", "add", "rita", "--role", "admin", "--password-stdin", stdin=PASSWORD)
    rita = new_home("rita", server)
    rita.run("login", "--user", "rita", "--password-stdin", stdin=PASSWORD)
    administer("keys", "rotate")
    for person in (jeff, rita):
        person.run("whoami")
    jeff.run("upload", photos, "--quiet", "--private")
    administer("user", "disable", "jeff")
    assert "Log in again" in jeff.run("whoami", code=4).err
    administer("user", "delete", "jeff", code=2)  # what is to become of the images?
    administer("user", "delete", "jeff", "--reassign-to", "rita")
    assert len(rita.run("list", "--quiet", "--all").lines()) == 10
    administer("keys", "rotate", "--forget-old")
    accounts = [json.loads(line) for line in administer("user", "list", "--json").splitlines()]
    assert [(one["name"], one["role"], one["images"]) for one in accounts] == [
        ("rita", "admin", 10)
    ]
    log = [json.loads(line) for line in administer("audit", "--json").splitlines()]
    assert sum(entry["action"] == "image.upload" for entry in log) == 10
    assert {entry["actor"] for entry in log} == {None, "jeff", "rita"}


def test_a_full_quota_ends_the_sending_and_names_every_file(
    *, new_home: Any, new_server: Any, photos: Path
) -> None:
    server = new_server(
        IMGREPO_DEFAULT_TIER="free",
        IMGREPO_TIERS='{"free": {"images": 3, "bytes_per_image": "1MB"}}',
    )
    jeff = new_home("jeff", server)
    jeff.register("jeff")
    ran = jeff.run("upload", photos, "--json", "--no-progress", code=3)
    *files, summary = ran.json()
    assert (summary["stored"], summary["failed"], len(files)) == (3, 7, 10)
    errors = {file["error"]["code"] for file in files if file["status"] == "failed"}
    assert errors == {"quota_exceeded"}
    me = jeff.run("whoami", "--json").json()[0]
    assert (me["tier"], me["usage"]["images"], me["quota"]["images"]) == ("free", 3, 3)
    assert "3 of 3" in jeff.run("whoami").out
    large = photos / "large.jpg"
    large.write_bytes((photos / "cat_0.jpg").read_bytes() + bytes(8_000_000))
    assert "1 MB at the most" in jeff.run("upload", large, code=3).err.replace(".0", "")
