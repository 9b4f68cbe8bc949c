import asyncio
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from imgrepo_server.app import LocalAccess, build_application
from imgrepo_server.settings import Settings


@pytest.mark.parametrize(
    ("local", "loads"), [(None, True), (LocalAccess(owner="jeff", token=None), False)]
)
async def test_a_server_tells_when_it_has_read_what_it_keeps_in_memory_a_local_repository_never(
    tmp_path: Path, local: LocalAccess | None, loads: bool
) -> None:
    loaded = asyncio.Event()
    settings = Settings(data_dir=tmp_path, bcrypt_rounds=4, workers=1)
    async with TestServer(build_application(settings, local, when_loaded=loaded.set)):
        if loads:
            await asyncio.wait_for(loaded.wait(), 20)
    assert loaded.is_set() == loads
