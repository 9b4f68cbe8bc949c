import asyncio
import json
import logging
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from imgrepo_client.connect import LocalRepository, open_client
from imgrepo_client.errors import InvalidInputError
from imgrepo_client.fields import NO_FIELDS
from imgrepo_client.local import logging_to
from PIL import Image

if TYPE_CHECKING:
    from tests.client.conftest import Program


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, color in enumerate(("teal", "navy", "gold")):
        Image.linear_gradient("L").resize((90 + number, 60)).save(folder / f"{color}.jpg")
    return folder


@pytest.fixture
def local(program: "Program") -> "Program":
    del program.environ["IMGREPO_SERVER"], program.environ["IMGREPO_TOKEN"]
    return program


async def test_without_a_server_the_local_repository_answers(
    local: "Program", pictures: Path, tmp_path: Path
) -> None:
    said = f"Using the local repository in {tmp_path}/home\n"
    first = await local.run("upload", pictures)
    assert first.code == 0
    assert first.err.startswith(said)
    assert first.err.count("Using") == 1
    second = await local.run("upload", pictures, "--json")
    assert [json.loads(line)["status"] for line in second.out.splitlines()[:-1]] == ["skipped"] * 3
    found = await local.run("search", "--keyword", "TEAL", "--format", "paths", "--quiet")
    assert found.err == ""
    assert Path(found.out.strip()).read_bytes() == (pictures / "teal.jpg").read_bytes()  # noqa: ASYNC240
    assert not (tmp_path / "home" / "imgrepo.log").exists()


@pytest.mark.skipif(os.name == "nt", reason="modes are those of Unix")
async def test_images_are_nobody_elses_also_in_a_folder_that_others_may_enter(
    local: "Program", pictures: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    home.chmod(0o755)
    earlier = os.umask(0o022)
    try:
        await local.run("upload", pictures)
        await local.run("download", "--query", "teal", "--to", tmp_path / "out")
    finally:
        os.umask(earlier)
    for path in home.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
    # What is taken out of it is a file like any that the person makes.
    assert (tmp_path / "out" / "teal.jpg").stat().st_mode & 0o777 == 0o644


async def test_what_was_emptied_is_uploaded_again(
    local: "Program", pictures: Path, tmp_path: Path
) -> None:
    await local.run("upload", pictures)
    (tmp_path / "home").rename(tmp_path / "elsewhere")
    again = await local.run("upload", pictures)
    assert again.code == 0
    assert "3 stored" in again.err


async def test_what_was_deleted_is_uploaded_again(local: "Program", pictures: Path) -> None:
    await local.run("upload", pictures)
    one = (await local.run("search", "--keyword", "navy", "--quiet")).out.strip()
    assert (await local.run("delete", one)).code == 0
    again = await local.run("upload", pictures)
    assert "1 stored" in again.err
    assert "2 already there" in again.err


async def test_nothing_is_left_in_the_temporary_folder(
    local: "Program", pictures: Path, tmp_path: Path
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    local.environ["TMPDIR"] = str(temporary)
    assert (await local.run("list")).code == 0
    process = await local.start("upload", pictures)
    assert process.stderr is not None
    await process.stderr.readline()
    await asyncio.sleep(0.4)  # it is starting its server, or uploading already
    process.send_signal(signal.SIGTERM)
    await process.communicate()
    assert process.returncode in (0, 130, -signal.SIGTERM)
    assert os.listdir(temporary) == []  # noqa: PTH208 - pathlib would be blocking as well


async def test_a_folder_with_a_long_path_does_not_hinder_the_socket(
    local: "Program", tmp_path: Path
) -> None:
    long = tmp_path / ("x" * 120)
    long.mkdir()
    local.environ["TMPDIR"] = str(long)
    assert (await local.run("list")).code == 0


async def test_a_library_can_open_it_too(pictures: Path, tmp_path: Path) -> None:
    file = pictures / "gold.jpg"
    async with open_client(LocalRepository(tmp_path / "home")) as client:
        stored = await client.upload(str(file), size=file.stat().st_size, fields=NO_FIELDS)
        assert stored["image"] is not None
        assert (await client.me())["usage"]["images"] == 1
        async with client.file(stored["image"]["id"]) as pieces:
            assert b"".join([piece async for piece in pieces]) == file.read_bytes()


async def test_a_place_that_cannot_be_used_is_said_to_be(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(InvalidInputError, match="Set IMGREPO_HOME to a folder of yours"):
        async with open_client(LocalRepository(file)):
            pass


def test_a_log_without_room_is_no_second_fault(capsys: pytest.CaptureFixture[str]) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("needs a disk that is always full")
    with logging_to(full):
        logging.getLogger("imgrepo").error("a fault")
    assert capsys.readouterr().err == ""
