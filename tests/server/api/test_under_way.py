"""What a shutdown waits for once it has cut requests off."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from imgrepo_server.api.under_way import UnderWay


@pytest.mark.parametrize(("patience", "last"), [(10.0, "in order"), (0.05, "cut off")])
async def test_nothing_is_closed_before_requests_that_were_cut_off_have_ended(
    patience: float, last: str
) -> None:
    noted: list[str] = []
    begun = asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            noted.append("cut off")
            await asyncio.sleep(0.3)
            noted.append("in order")
        raise AssertionError("nothing ends that wait")

    async def lifetime(_: web.Application) -> AsyncIterator[None]:
        yield
        await under_way.ended(patience)
        assert noted[-1] == last
        noted.append("closed")

    under_way = UnderWay()
    app = web.Application(middlewares=[under_way.middleware])
    app.router.add_get("/", slow)
    app.cleanup_ctx.append(lifetime)
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with aiohttp.ClientSession() as session:
        host, port = runner.addresses[0][:2]
        asking = asyncio.create_task(session.get(f"http://{host}:{port}/"))
        await begun.wait()
        await runner.cleanup()
        with contextlib.suppress(aiohttp.ClientError):
            await asking
    assert "closed" in noted
    await asyncio.sleep(0.4)  # the one that nobody waited for ends as well


async def test_where_nothing_is_under_way_nothing_is_waited_for() -> None:
    await asyncio.wait_for(UnderWay().ended(60), 1)
