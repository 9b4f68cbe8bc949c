"""``imgrepo-server serve``: what it says when it cannot start, and what ``--reset`` deletes."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract.conftest import ServerProcess

BIN = Path(sys.executable).parent


@pytest.fixture
def server(new_server: Callable[..., ServerProcess]) -> ServerProcess:
    """A process of its own, as people start it."""
    return new_server()


def serve(*words: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [BIN / "imgrepo-server", "serve", "--port", "0", *words],
        env={k: v for k, v in os.environ.items() if not k.startswith("IMGREPO_")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_what_cannot_start_says_why_in_a_sentence(server: Any, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    bad_config = tmp_path / "bad.toml"
    bad_config.write_text("port = no")
    unknown = tmp_path / "unknown.toml"
    unknown.write_text("prot = 1")
    for words, code, said in (
        (("--data-dir", file / "below"), 1, str(file)),
        (("--data-dir", tmp_path / "x", "--database", "postgresql://a/b"), 1, "postgresql"),
        (("--data-dir", tmp_path / "x", "--storage_dir", "s3://bucket"), 1, "s3"),
        (
            ("--data-dir", tmp_path / "x", "--port", str(server.port)),
            1,
            f"port {server.port} is in use",
        ),
        (("--port", "99999"), 2, "port"),
        (("--config", bad_config), 2, "TOML"),
        (("--config", unknown), 2, "prot"),
    ):
        done = serve(*words)
        assert done.returncode == code, done
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        assert said in done.stderr


def test_reset_asks_and_deletes_only_what_is_ours(
    jeff: Any, server: Any, photos: Path, new_home: Any
) -> None:
    jeff.run("upload", "--dir", photos)
    mine = server.data_dir / "storage" / "my own file"
    mine.touch()
    server.stop()
    refused = serve("--data-dir", server.data_dir, "--reset")
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    server.extra = ("--reset", "--yes")
    server.start()
    assert server.stored() == ["my own file"]
    anybody = new_home("anybody", server)
    assert anybody.run("list", "--json").json() == []
    anybody.register("jeff")  # the name is free again


@pytest.mark.skipif(sys.platform == "win32", reason="modes are those of Unix")
def test_what_a_server_makes_in_a_folder_that_others_may_enter_is_for_it_alone(
    tmp_path: Path,
) -> None:
    data, storage = tmp_path / "data", tmp_path / "storage"
    data.mkdir(mode=0o755)
    process = subprocess.Popen(
        [BIN / "imgrepo-server", "serve", "--port", "0", "--data-dir", data,
         "--storage-dir", storage],
        env={k: v for k, v in os.environ.items() if not k.startswith("IMGREPO_")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        umask=0o022,
    )  # fmt: skip
    assert process.stdout is not None
    assert "listening" in process.stdout.readline()
    modes = {path.name: path.stat().st_mode & 0o077 for path in (storage, *data.iterdir())}
    process.terminate()
    _, said = process.communicate(timeout=60)
    assert {"imgrepo.db", "imgrepo.db-wal", "signing_keys.json", "storage"} <= modes.keys()
    assert set(modes.values()) == {0}, modes
    assert said.count("chmod 700") == 1
    assert f"other users of this machine may enter {data} (mode 0755)" in said
