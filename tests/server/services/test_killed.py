"""Uploads killed at every step: what was acknowledged is whole, and a restart cleans the rest."""

import asyncio
import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from imgrepo_server.blobs.local import LocalStore
from imgrepo_server.db import users
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.models import ANONYMOUS, Viewer

SCRIPT = Path(__file__).with_name("dying_uploads.py")


@pytest.fixture
def turns(tmp_path: Path, migrated: Path, picture: Any) -> list[Path]:
    """The data folders of processes that were killed, each one step later than the one before."""
    pictures = []
    for seed in (1, 2):
        path = tmp_path / f"{seed}.jpg"
        path.write_bytes(picture(seed))
        pictures.append(path)
    folder = tmp_path / "turns"
    folder.mkdir()
    command = [sys.executable, str(SCRIPT), str(migrated), str(folder), *map(str, pictures)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    return [folder / str(number) for number in range(1, int(done.stdout) + 1)]


async def restart(folder: Path, build: Any, pictures: list[bytes]) -> None:
    """Open a folder again, and hold it to its promises."""
    database, store = SqliteDatabase(folder / "imgrepo.db"), LocalStore(folder / "storage")
    await database.open()
    await store.open()
    house = build(store, folder=folder / "storage", database=database)
    jeff = await database.read(lambda connection: users.by_name(connection, "jeff"))
    viewer = Viewer(jeff)
    acknowledged = set(read_lines(folder / "acknowledged"))

    files = house.files()
    assert not [name for name in files if name.startswith("tmp/")]
    for name in files:
        if "." not in name:  # an original, with a row or not: whole, or it would not be here
            data = (folder / "storage" / name).read_bytes()
            assert hashlib.sha256(data).hexdigest() == Path(name).name
    images = await house.images(viewer)
    assert acknowledged <= {image.sha256 for image in images}
    verified = await house.verification.verify(ANONYMOUS, [image.id for image in images])
    assert all(one.status == "ok" for one in verified)
    assert all(image.tags == ("tag",) for image in images)

    for data in pictures:  # and a second run completes what the first one began
        await house.upload(jeff, data)
    assert len(await house.titles(viewer)) == len(pictures)
    assert len(house.files()) == 2 * len(pictures)
    await store.close()
    await database.close()


def read_lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def test_whatever_was_acknowledged_survives_a_kill_at_every_step(
    turns: list[Path], build: Any, picture: Any
) -> None:
    assert len(turns) > 20
    assert read_lines(turns[0] / "acknowledged") == []
    assert len(read_lines(turns[-1] / "acknowledged")) == 2
    for folder in turns:
        asyncio.run(restart(folder, build, [picture(1), picture(2)]))
