"""Strangers, names that climb, stalled bodies, odd files; and that nothing stays running."""

import http.client
import json
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psutil
import pytest

if TYPE_CHECKING:
    from tests.contract.conftest import Home, Server, ServerHere, ServerProcess

NewServer = Callable[..., "ServerProcess"]
FAULTS_OF_FILES = {
    "empty_file", "not_an_image", "unsupported_format", "truncated_image", "corrupt_image",
    "too_many_pixels", "image_too_expensive",
}  # fmt: skip


def test_nobody_without_a_login_gets_at_private_images(
    jeff: "Home", new_home: Callable[..., "Home"], server: "Server", photos: Path
) -> None:
    (secret,) = jeff.run(
        "upload", photos / "cat_1.jpg", "--private", "--quiet", "--tag", "hush"
    ).lines()
    nobody = new_home("nobody", server)
    assert nobody.run("list", "--user", "jeff", "--json").json() == []
    for query in ("is:private", "user:jeff", "tag:hush", "cat", "size:>0", "NOT is:public"):
        assert nobody.run("search", query, "--quiet", "--all").out == "", query
    assert nobody.run("tags", "--quiet").out == ""
    for words in (
        ("show", secret),
        ("download", secret, "-o", "-"),
        ("open", secret),
        ("search", "--image", secret),
    ):
        refused = nobody.run(*words, "--quiet", code=6)
        assert (refused.out, refused.err.count("\n")) == ("", 1)
    found = nobody.run("search", "--image", photos / "cat_1.jpg", "--distance", "192", "--json")
    assert found.json() == []
    for change in (("edit", secret, "--public"), ("delete", secret), ("restore", secret)):
        assert "not logged in" in nobody.run(*change, code=4).err
    for place in ("", "/file", "/preview", "/similar"):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(f"{server.url}/api/v1/images/{secret}{place}")  # noqa: S310
        with refusal.value as answer:
            assert (answer.status, json.load(answer)["error"]["code"]) == (404, "image_not_found")


def token(home: "Home") -> str:
    """The login that a home has stored."""
    stored = json.loads(next(home.path.rglob("credentials.json")).read_text())
    (server,) = stored["servers"].values()
    (login,) = server["logins"].values()
    return str(login["token"])


def post(home: "Home", disposition: str, content: bytes) -> tuple[int, dict[str, Any]]:
    """POST an image whose part says this about itself."""
    body = b"\r\n".join(
        [
            b"--b",
            f'Content-Disposition: form-data; name="file"; {disposition}'.encode("latin-1"),
            b"",
            content,
            b"--b--",
            b"",
        ]
    )
    assert home.server is not None
    connection = http.client.HTTPConnection(urlsplit(home.server).netloc, timeout=20)
    try:
        headers = {
            "Authorization": f"Bearer {token(home)}",
            "Content-Type": "multipart/form-data; boundary=b",
        }
        connection.request("POST", "/api/v1/images", body, headers)
        answer = connection.getresponse()
        return answer.status, json.load(answer)
    finally:
        connection.close()


def test_names_that_climb_stay_in_their_folder(jeff: "Home", picture: Any, tmp_path: Path) -> None:
    dispositions = (
        'filename="../../../../escaped.jpg"',
        'filename="/escaped.jpg"',
        "filename*=utf-8''..%2F..%2Fescaped.jpg",
        "filename*=utf-8''..%5C..%5Cescaped.jpg",
        "filename*=utf-8''%00escaped.jpg",
        "filename*=utf-8''..",
        'filename=".."',
        "filename*=utf-8''.ssh%0D%0AX-Evil%3A%20escaped",
        'filename=""',
        "filename*=utf-8''" + "%F0%9F%98%BC" * 200 + ".jpg",
    )
    kept = {}
    for number, disposition in enumerate(dispositions):
        content = picture(number)
        status, answer = post(jeff, disposition, content)
        assert status == 201, (disposition, answer)
        kept[answer["image"]["id"]] = content
    folder = tmp_path / "deep" / "inside"
    entries = jeff.run("download", *kept, "--to", folder, "--json").json()
    for entry in entries:
        path = Path(entry["path"])
        assert path.parent == folder
        assert path.name.isprintable()
        assert not path.name.startswith(".")
        assert path.read_bytes() == kept[entry["id"]]
    assert len(list(folder.iterdir())) == len(kept)
    assert not list(tmp_path.glob("*escaped*"))


def test_the_same_name_and_the_same_bytes(jeff: "Home", picture: Any, tmp_path: Path) -> None:
    file = tmp_path / "cat.jpg"
    for number in range(2):
        file.write_bytes(picture(number))
        (outcome, _) = jeff.run("upload", file, "--json").json()
        assert outcome["status"] == "stored"
    same = tmp_path / "THE SAME.JPEG"
    same.write_bytes(file.read_bytes())
    (again, _) = jeff.run("upload", same, "--json").json()
    assert (again["status"], again["id"]) == ("skipped", outcome["id"])
    assert [one["filename"] for one in jeff.run("list", "--json").json()] == ["cat.jpg"] * 2


def test_a_body_that_stalls_is_cut_off(
    serve: Callable[..., "ServerHere"], new_home: Callable[..., "Home"], photos: Path
) -> None:
    server = serve(body_stall_seconds=0.3)
    jeff = new_home("jeff", server)
    jeff.register("jeff")
    with socket.create_connection(
        ("127.0.0.1", urlsplit(server.url).port or 0), timeout=20
    ) as connection:
        connection.sendall(
            b"POST /api/v1/images HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n"
            + f"Authorization: Bearer {token(jeff)}\r\n\r\n".encode()
            + b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
            + b"\xff\xd8"
        )
        received = b""
        while b"request_id" not in received and (piece := connection.recv(65536)):
            received += piece
    assert received.startswith(b"HTTP/1.1 408 ")
    assert b'"request_timeout"' in received
    assert server.stored() == []
    jeff.run("upload", photos / "cat_1.jpg")


@pytest.fixture
def odd() -> Path:
    """Damaged, hostile and rare files."""
    shared = os.environ.get("IMGREPO_SHARED", Path(__file__).parents[3] / "shared")
    folder = Path(shared) / "odd"
    if not folder.is_dir():
        pytest.skip(f"no odd files at {folder}; IMGREPO_SHARED names the folder that has them")
    return folder


def test_a_folder_of_odd_files(
    odd: Path, new_server: NewServer, new_home: Callable[..., "Home"], photos: Path
) -> None:
    server = new_server()
    jeff = new_home("jeff", server)
    jeff.register("jeff")
    jeff.run("upload", photos / "cat_1.jpg")
    assert server.process is not None
    before = processes_of(server.process.pid)
    ran = jeff.run("upload", "--dir", odd, "--hidden", "--json", code=3)
    *files, summary = ran.json()
    every = [str(path) for path in odd.rglob("*") if path.is_file()]
    assert sorted(one["path"] for one in files) == sorted(every)
    for status in ("stored", "duplicate", "skipped", "failed"):
        assert summary[status] == sum(one["status"] == status for one in files)
    failed = [one for one in files if one["status"] == "failed"]
    assert len(ran.err.splitlines()) == len(failed)
    for one in failed:
        assert ran.err.count(f"failed  {one['path']}: ") == 1
        assert one["error"]["code"] in FAULTS_OF_FILES
    assert summary["stored"] > 300
    assert processes_of(server.process.pid) == before
    assert not [name for name in server.stored() if name.startswith("tmp/")]
    assert jeff.run("upload", photos / "cat_2.jpg", "--json").json()[0]["status"] == "stored"


def processes_of(pid: int) -> int:
    """How many live processes a server has; a worker that is being replaced counts once it is."""
    deadline = time.monotonic() + 5
    while True:
        children = psutil.Process(pid).children(recursive=True)
        states = [child.status() for child in children if child.is_running()]
        if psutil.STATUS_ZOMBIE not in states or time.monotonic() > deadline:
            return len(states)
        time.sleep(0.05)


# A path too long for a socket's address needs another way to start the workers.
@pytest.mark.parametrize("scratch_name", ["s", "s" * 90], ids=["short path", "long path"])
@pytest.mark.parametrize("ending", ["by itself", "interrupted"])
def test_a_local_repository_leaves_nothing_running(
    home: "Home",
    photos: Path,
    tmp_path_factory: pytest.TempPathFactory,
    ending: str,
    scratch_name: str,
) -> None:
    scratch = tmp_path_factory.mktemp(scratch_name)
    home.more.update(TMPDIR=str(scratch))
    client = home.start("upload", "--dir", photos, "--quiet")
    started: dict[int, psutil.Process] = {}
    interrupted = False
    while client.poll() is None:
        for child in children_of(client.pid):
            started[child.pid] = child
        if ending == "interrupted" and len(started) >= 2 and not interrupted:
            interrupted = True
            os.killpg(client.pid, signal.SIGINT)
        time.sleep(0.02)
    client.communicate()
    assert client.returncode == (130 if interrupted else 0)
    assert started
    _, alive = psutil.wait_procs(started.values(), timeout=10)
    assert not alive
    assert list(scratch.iterdir()) == []  # the socket's folder as well
    storage = home.path / ".local/share/imgrepo/storage"
    assert not [path for path in (storage / "tmp").rglob("*") if path.name.isdigit()]
    if ending == "interrupted":
        assert home.run("upload", "--dir", photos, "--json").json()[-1]["failed"] == 0
        assert len(home.run("list", "--quiet", "--all").lines()) == 10


def children_of(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def test_a_servers_settings_do_not_divert_a_local_repository(
    home: "Home", photos: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    home.more.update(
        IMGREPO_DATABASE=str(elsewhere / "imgrepo.db"),
        IMGREPO_STORAGE_DIR=str(elsewhere / "storage"),
        IMGREPO_DATA_DIR=str(elsewhere),
    )
    home.run("upload", photos / "cat_1.jpg")
    (path,) = home.run("search", "cat", "--format", "paths").lines()
    assert Path(path).read_bytes() == (photos / "cat_1.jpg").read_bytes()
    assert not elsewhere.exists()
    home.more.update(IMGREPO_WORKERS="many")
    assert "(IMGREPO_WORKERS) has to be a whole number" in home.run("list", code=2).err


def test_damaged_keys_are_named(home: "Home") -> None:
    keys = home.path / ".local/share/imgrepo/signing_keys.json"
    keys.parent.mkdir(parents=True)
    keys.write_text("{}")
    told = home.run("list", code=1).err
    assert str(keys) in told
    assert "Bring it back from a backup, or remove it" in told
