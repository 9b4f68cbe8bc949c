"""Killed servers, killed clients, full disks, too many files: nothing acknowledged is lost."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.contract.conftest import ServerProcess, make_picture

MANY = 120


@pytest.fixture
def server(new_server: Callable[..., ServerProcess]) -> ServerProcess:
    """A process of its own, which can be killed."""
    return new_server()


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pictures that take a while; nobody changes it."""
    folder = tmp_path_factory.mktemp("many")
    for number in range(MANY):
        (folder / f"{number:03}.jpg").write_bytes(make_picture(number, (640, 480)))
    return folder


def receipts(path: Path) -> list[dict[str, Any]]:
    """Whole lines of a receipt; a killed client may leave half a line at the end."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]


def wait_for_receipts(path: Path, count: int) -> None:
    deadline = time.monotonic() + 30
    while len(receipts(path)) < count and time.monotonic() < deadline:
        time.sleep(0.005)


@pytest.mark.parametrize("after", [1, 20, 60])
def test_a_killed_server_loses_nothing_that_was_acknowledged(
    jeff: Any, server: Any, many: Path, tmp_path: Path, after: int
) -> None:
    receipt = tmp_path / "receipt"
    client = jeff.start("upload", "--dir", many, "--receipt", receipt, "--retries", "0", "--quiet")
    wait_for_receipts(receipt, after)
    workers = psutil.Process(server.process.pid).children(recursive=True)
    server.kill()
    client.communicate(timeout=60)
    assert client.returncode in {0, 3, 5}
    acknowledged = receipts(receipt)
    psutil.wait_procs(workers, timeout=10)
    assert not [worker for worker in workers if worker.is_running()]  # none outlives its server

    server.start()
    assert not [name for name in server.stored() if name.startswith("tmp/")]
    if acknowledged:
        jeff.run("verify", "--receipt", receipt)
    summary = jeff.run("upload", "--dir", many, "--receipt", receipt, "--json").json()[-1]
    assert summary["failed"] == 0
    assert len(jeff.run("list", "--all", "--quiet").lines()) == MANY
    jeff.run("verify", "--receipt", receipt)


def test_a_server_that_restarts_costs_seconds_not_the_run(
    jeff: Any, server: Any, many: Path, tmp_path: Path
) -> None:
    receipt = tmp_path / "receipt"
    client = jeff.start("upload", "--dir", many, "--receipt", receipt)
    wait_for_receipts(receipt, 10)
    server.kill()
    server.start()
    _, said = client.communicate(timeout=90)
    assert client.returncode == 0, said
    assert "Trying again." in said
    assert len(jeff.run("list", "--all", "--quiet").lines()) == MANY


def test_a_killed_client_repeats_nothing_that_was_confirmed(
    jeff: Any, many: Path, tmp_path: Path
) -> None:
    receipt = tmp_path / "receipt"
    for turn in range(3):
        client = jeff.start("upload", "--dir", many, "--receipt", receipt, "--quiet")
        wait_for_receipts(receipt, 10 + 20 * turn)
        os.killpg(client.pid, signal.SIGKILL)
        client.communicate()
    confirmed = {entry["path"] for entry in receipts(receipt)}
    assert confirmed
    *files, summary = jeff.run("upload", "--dir", many, "--json").json()
    assert summary["failed"] == 0
    again = {one["path"] for one in files if one["status"] == "stored"}
    assert not again & confirmed
    assert len(jeff.run("list", "--all", "--quiet").lines()) == MANY


def test_an_interrupt_stops_at_once_and_the_next_run_goes_on(
    person: Any, many: Path, tmp_path: Path
) -> None:
    receipt = tmp_path / "receipt"
    client = person.start("upload", "--dir", many, "--receipt", receipt)
    wait_for_receipts(receipt, 5)
    os.killpg(client.pid, signal.SIGINT)  # as a terminal does: to the whole group
    _, said = client.communicate(timeout=20)
    assert client.returncode == 130, said
    assert "Traceback" not in said
    assert "stored" in said
    assert person.run("upload", "--dir", many, "--json").json()[-1]["failed"] == 0
    assert len(person.run("list", "--all", "--quiet").lines()) == MANY


def test_a_server_that_is_told_to_stop_finishes_what_it_has_begun(
    jeff: Any, server: Any, many: Path, tmp_path: Path
) -> None:
    receipt = tmp_path / "receipt"
    client = jeff.start("upload", "--dir", many, "--receipt", receipt, "--retries", "0", "--json")
    wait_for_receipts(receipt, 10)
    workers = psutil.Process(server.process.pid).children(recursive=True)
    assert server.stop() == 0
    out, _ = client.communicate(timeout=60)
    psutil.wait_procs(workers, timeout=10)
    assert not [worker for worker in workers if worker.is_running()]
    outcomes = [json.loads(line) for line in out.splitlines()]
    stored = {one["id"] for one in outcomes if one.get("status") == "stored"}
    server.start()
    # No upload was cut off between being kept and being answered.
    assert set(jeff.run("list", "--all", "--quiet").lines()) == stored


def test_more_files_than_may_be_open(jeff: Any, picture: Any, tmp_path: Path) -> None:
    folder = tmp_path / "hundreds"
    folder.mkdir()
    tiny = picture(1, (8, 8), "PNG")
    for number in range(200):  # other bytes each: what follows a PNG's end does not count
        (folder / f"{number}.png").write_bytes(tiny + number.to_bytes(4, "big"))
    few = ("bash", "-c", 'ulimit -n 96; exec "$0" "$@"')
    *files, summary = jeff.run("upload", "--dir", folder, "--json", prefix=few).json()
    assert summary["stored"] == len(files) == 200
    again = jeff.run("upload", "--dir", folder, "--json", prefix=few).json()[-1]
    assert (again["stored"], again["failed"]) == (0, 0)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of six megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", folder], capture_output=True, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"mounting a small file system needs root: {done.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_is_told_and_survived(
    small_disk: Path, new_server: Callable[..., Any], new_home: Any, many: Path
) -> None:
    server = new_server("small")
    jeff = new_home("full", server)
    jeff.register("jeff")
    filler = small_disk / "filler"
    jeff.run("upload", many / "000.jpg")
    with contextlib.suppress(OSError), filler.open("wb") as file:
        while file.write(b"x" * 65536):
            file.flush()
    before = server.stored()
    ran = jeff.run("upload", many / "001.jpg", "--json", "--retries", "0", code=3)
    assert ran.json()[0]["error"]["code"] == "storage_full"
    assert server.stored() == before
    assert "full" in ran.err
    filler.unlink()
    jeff.run("upload", many / "001.jpg")
    assert len(jeff.run("list", "--quiet").lines()) == 2


def test_two_clients_send_the_same_new_bytes_at_once(
    jeff: Any, new_home: Any, server: Any, many: Path
) -> None:
    rita = new_home("rita", server)
    rita.register("rita")
    clients = [person.start("upload", "--dir", many, "--quiet") for person in (jeff, rita, rita)]
    for client in clients:
        _, said = client.communicate(timeout=90)
        assert client.returncode == 0, said
    assert len(server.stored()) == 2 * MANY  # each original once, each with its preview
    assert len(rita.run("list", "--user", "rita", "--all", "--quiet").lines()) == MANY


def test_two_uploads_into_one_local_repository_at_once(home: Any, many: Path) -> None:
    clients = [home.start("upload", "--dir", many, "--quiet") for _ in range(2)]
    for client in clients:
        _, said = client.communicate(timeout=90)
        assert client.returncode == 0, said
    assert len(home.run("list", "--all", "--quiet").lines()) == MANY
