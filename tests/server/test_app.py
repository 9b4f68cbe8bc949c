import asyncio
from pathlib import Path

from aiohttp.test_utils import TestServer
from imgrepo_server.app import build_application
from imgrepo_server.settings import Settings


async def test_a_server_tells_when_it_has_read_what_it_keeps_in_memory(tmp_path: Path) -> None:
    loaded = asyncio.Event()
    settings = Settings(data_dir=tmp_path, bcrypt_rounds=4, workers=1)
    async with TestServer(build_application(settings, when_loaded=loaded.set)):
        await asyncio.wait_for(loaded.wait(), 20)
