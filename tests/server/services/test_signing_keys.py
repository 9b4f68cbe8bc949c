"""The ring of signing keys: rotated under running servers, without logging anybody out."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uuid_utils.compat as uuid7_source
from imgrepo_server.services.signing_keys import KeyRing, load_signing_keys, rotate
from imgrepo_server.services.tokens import Tokens

NOW = datetime.now(UTC)
MONTH = timedelta(days=30)
LOGIN = uuid7_source.uuid7()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "signing_keys.json"


def test_a_rotation_logs_nobody_out_and_is_noticed_at_the_first_new_token(path: Path) -> None:
    clock = iter(range(1_000_000))
    standing = KeyRing(path, clock=lambda: 0.0)  # would look again in a second, which never comes
    moving = KeyRing(path, clock=lambda: float(next(clock)))
    old = Tokens(standing).issue(LOGIN, NOW, NOW + MONTH)
    before = standing.keys().current
    keys = rotate(path, now=NOW, keep=MONTH)
    assert keys.current != before
    assert path.stat().st_mode & 0o777 == 0o600
    assert moving.keys().current == keys.current
    new = Tokens(moving).issue(LOGIN, NOW, NOW + MONTH)
    for ring in (standing, moving):
        assert Tokens(ring).login_id(new) == Tokens(ring).login_id(old) == LOGIN


def test_a_key_goes_once_no_login_of_its_time_can_be_left(path: Path) -> None:
    first = load_signing_keys(path).current
    second = rotate(path, now=NOW, keep=MONTH).current
    third = rotate(path, now=NOW + MONTH - timedelta(seconds=1), keep=MONTH).current
    assert set(load_signing_keys(path).secrets) == {first, second, third}
    fourth = rotate(path, now=NOW + MONTH, keep=MONTH).current
    assert set(load_signing_keys(path).secrets) == {second, third, fourth}


def test_forgetting_the_old_keys_ends_every_login_within_a_second(path: Path) -> None:
    time = 0.0
    ring = KeyRing(path, clock=lambda: time)
    token = Tokens(ring).issue(LOGIN, NOW, NOW + MONTH)
    rotate(path, now=NOW, keep=timedelta())
    assert len(load_signing_keys(path).secrets) == 1
    time = 1.0
    assert Tokens(ring).login_id(token) is None


def test_a_file_that_is_lost_or_damaged_later_keeps_everybody_logged_in(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    time = 0.0
    ring = KeyRing(path, clock=lambda: time)
    token = Tokens(ring).issue(LOGIN, NOW, NOW + MONTH)
    for damage in (lambda: path.write_text("{"), path.unlink):
        damage()
        time += 1
        assert Tokens(ring).login_id(token) == LOGIN
    assert "going on with the keys from before" in caplog.text


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="takes root")
def test_root_does_not_lock_the_server_out(path: Path) -> None:
    load_signing_keys(path)
    os.chown(path, 12345, 12345)
    rotate(path, now=NOW, keep=MONTH)
    for name in (path, path.with_suffix(".lock")):
        assert (name.stat().st_uid, name.stat().st_gid) == (12345, 12345)


def test_a_file_of_the_first_version_is_rotated(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"current": "a", "keys": {"a": "secret of the first version, 48 letters"}}')
    keys = rotate(path, now=NOW, keep=MONTH)
    assert keys.secrets["a"] == "secret of the first version, 48 letters"
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "signing_keys.json",
        "signing_keys.lock",
    ]
