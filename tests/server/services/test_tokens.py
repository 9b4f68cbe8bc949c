"""Login tokens: only ours, only while they last; and the keys that sign them."""

import base64
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import jwt
import pytest
import uuid_utils.compat as uuid7_source
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.errors import ImgrepoError
from imgrepo_server.services.signing_keys import SigningKeys, load_signing_keys
from imgrepo_server.services.tokens import Tokens

KEYS = SigningKeys("new", {"new": "n" * 48, "old": "o" * 48})
LOGIN = uuid7_source.uuid7()
NOW = datetime.now(UTC)
LATER = NOW + timedelta(hours=1)

LOAD_AT = """
import sys, time
from pathlib import Path
from imgrepo_server.errors import ImgrepoError
from imgrepo_server.services.signing_keys import load_signing_keys
print("ready", flush=True)
start = float(sys.stdin.readline())
for number in range(20):
    time.sleep(max(0, start + number * 0.02 - time.time()))
    keys = load_signing_keys(Path(sys.argv[1]) / str(number) / "signing_keys.json")
    print(keys.secrets[keys.current])
"""


def encoded(claims: object, key: str = KEYS.secrets["new"], **header: object) -> str:
    return jwt.encode(
        claims,  # type: ignore[arg-type]  # whatever a forger may put there
        key,
        algorithm=str(header.pop("alg", "HS256")),
        headers={"kid": "new", **header},
    )


def part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def test_a_token_names_its_login_until_it_expires() -> None:
    tokens = Tokens(KEYS)
    assert tokens.login_id(tokens.issue(LOGIN, NOW, LATER)) == LOGIN
    past = NOW - timedelta(hours=1)
    assert tokens.login_id(tokens.issue(LOGIN, past, past + timedelta(minutes=1))) is None


def test_tokens_of_an_earlier_key_still_count() -> None:
    token = Tokens(SigningKeys("old", KEYS.secrets)).issue(LOGIN, NOW, LATER)
    assert Tokens(KEYS).login_id(token) == LOGIN
    assert Tokens(SigningKeys("new", {"new": KEYS.secrets["new"]})).login_id(token) is None


CLAIMS = {"jti": str(LOGIN), "exp": LATER}
FORGED = {
    "signed with another key": encoded(CLAIMS, "x" * 48),
    "signed with a key that names another": encoded(CLAIMS, kid="old"),
    "an unknown key": encoded(CLAIMS, kid="unknown"),
    "no key named": jwt.encode(CLAIMS, KEYS.secrets["new"], algorithm="HS256"),
    "no algorithm": encoded(CLAIMS, "", alg="none"),
    "another algorithm": encoded(CLAIMS, "x" * 64, alg="HS512"),
    "our key, another algorithm": encoded(CLAIMS, KEYS.secrets["new"] * 2, alg="HS384"),
    "no expiry": encoded({"jti": str(LOGIN)}),
    "no login": encoded({"exp": LATER}),
    "a login that is no id": encoded({"jti": "me", "exp": LATER}),
    "a login that is no text": encoded({"jti": 7, "exp": LATER}),
    "an expiry that is no time": encoded({"jti": str(LOGIN), "exp": "tomorrow"}),
    "issued in the future": encoded({**CLAIMS, "iat": LATER}),
    "no claims": f"{part(json.dumps({'alg': 'HS256', 'kid': 'new'}).encode())}.{part(b'[]')}.x",
    "a deep header": f"{part(b'[' * 6000)}.e30.e30",
    "a key that is a list": f"{part(json.dumps({'alg': 'HS256', 'kid': []}).encode())}.e30.e30",
    "empty": "",
    "dots": "..",
    "not ASCII": "é.é.é",
    "not Unicode": "\udcff.\udcff.\udcff",
    "NUL": "\0",
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED)
def test_a_forged_token_is_none(token: str) -> None:
    assert Tokens(KEYS).login_id(token) is None


@given(st.text() | st.binary().map(lambda b: f"{part(b)}.{part(b)}.{part(b)}"))
def test_garbage_is_no_token(text: str) -> None:
    assert Tokens(KEYS).login_id(text) is None


@given(st.integers(0, 10_000), st.characters())
def test_a_token_with_one_letter_changed_is_none_or_the_same(place: int, letter: str) -> None:
    tokens = Tokens(KEYS)
    token = tokens.issue(LOGIN, NOW, LATER)
    place %= len(token)
    changed = token[:place] + letter + token[place + 1 :]
    # The last letter of a part carries bits that mean nothing.
    expected: set[UUID | None] = {LOGIN} if changed == token else {None}
    if place + 1 == len(token) or token[place + 1] == ".":
        expected |= {LOGIN}
    assert tokens.login_id(changed) in expected


def test_the_keys_are_made_once_and_are_nobody_elses(tmp_path: Path) -> None:
    path = tmp_path / "data" / "signing_keys.json"
    keys = load_signing_keys(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_signing_keys(path) == keys
    assert load_signing_keys(tmp_path / "other" / "signing_keys.json") != keys
    assert len(keys.secrets[keys.current]) >= 43  # 256 bits
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_keys_for_other_purposes_differ() -> None:
    assert KEYS.secret("cursors") != KEYS.secret("links")
    assert KEYS.secret("cursors") != KEYS.secrets["new"].encode()


def test_processes_that_start_first_at_once_agree(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", LOAD_AT, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    start = f"{datetime.now(UTC).timestamp() + 0.1}\n"
    outputs = [process.communicate(start, timeout=30)[0] for process in processes]
    assert len(outputs[0].split()) == 20
    assert outputs[0] == outputs[1] == outputs[2]
    assert {path.name for path in tmp_path.rglob("*.json*")} == {"signing_keys.json"}


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", "null", "\0", '{"current": "a", "keys": {}}', '{"keys": 1}']
)
def test_a_file_that_holds_no_keys_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "signing_keys.json"
    path.write_text(content)
    with pytest.raises(ImgrepoError, match="is damaged"):
        load_signing_keys(path)
