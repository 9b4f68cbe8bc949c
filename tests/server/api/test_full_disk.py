"""A real server on a disk that is really full."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

SERVER = Path(sys.executable).with_name("imgrepo-server")
# In a mount namespace of its own: no rights are needed, and nothing stays mounted.
TINY = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
MOUNTED = 'mount -t tmpfs -o size=2m none "$0" && exec "$@"'


def can_mount(folder: Path) -> bool:
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run([*TINY, MOUNTED, str(folder), "true"], capture_output=True, check=False)
    return tried.returncode == 0


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The URL of a server on a disk of 2 MB, and its data folder as this process can see it."""
    if not can_mount(tmp_path):
        pytest.skip("this system lets nobody mount a small file system of their own")
    command = [SERVER, "serve", "--port", "0", "--workers", "1", "--data-dir", tmp_path / "data"]
    server = subprocess.Popen(
        [*TINY, MOUNTED, str(tmp_path), *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "IMGREPO_BCRYPT_ROUNDS": "4"},
    )
    assert server.stdout is not None
    yield (
        server.stdout.readline().split()[-1],
        Path(f"/proc/{server.pid}/root") / tmp_path.relative_to("/") / "data",
    )
    server.terminate()
    _, log = server.communicate(timeout=30)
    assert server.returncode == 0, log


async def test_a_full_disk_is_told_and_uploads_work_again_once_there_is_room(
    tiny: tuple[str, Path], picture: Any, files_in: Callable[[Path], set[str]]
) -> None:
    url, data = tiny
    ballast = data / "ballast"
    ballast.write_bytes(bytes(800_000))  # what else is on the disk
    headers: dict[str, str] = {}

    async def ask(path: str, **more: Any) -> tuple[int, Any]:
        async with client.request(
            "POST", f"{url}/api/v1/{path}", headers=headers, **more
        ) as response:
            return response.status, await response.json()

    async def upload(seed: int) -> tuple[int, Any]:
        form = aiohttp.FormData()
        form.add_field("file", picture(seed, (400, 300)), filename="a.jpg")
        return await ask("images", data=form)

    async with aiohttp.ClientSession() as client:
        _, body = await ask("register", json={"username": "jeff", "password": "long enough it is"})
        headers["Authorization"] = f"Bearer {body['token']}"
        kept = []
        for seed in range(200):
            status, body = await upload(seed)
            if status != 201:
                break
            kept.append(body["image"])
        assert (status, body["error"]["code"]) == (507, "storage_full")
        assert kept
        assert not [name for name in files_in(data) if name.startswith("storage/tmp/")]

        for image in kept:  # what was acknowledged is there
            async with client.get(f"{url}{image['links']['file']}") as response:
                assert response.status == 200
                assert len(await response.read()) == image["size"]

        ballast.unlink()
        status, body = await upload(seed)
        assert status == 201, body
        _, verified = await ask("images/verify", json={"ids": [image["id"] for image in kept]})
        assert {one["status"] for one in verified["results"]} == {"ok"}
