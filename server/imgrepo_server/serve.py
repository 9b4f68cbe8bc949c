"""Running the server in the foreground until it is told to stop."""

import asyncio
import gc
import logging
import shlex
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from imgrepo_server.app import READ_BUFFER, build_application
from imgrepo_server.blobs.open import store_at
from imgrepo_server.db.open import database_at
from imgrepo_server.settings import Settings

log = logging.getLogger("imgrepo.server")

# How long running requests may take to finish once the server was told to stop.
GRACE_SECONDS = 60.0


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError where the port or a folder is not to be had."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(settings))


def reset(settings: Settings) -> None:
    """Delete all images and accounts."""

    async def clear() -> None:
        await store_at(settings.storage_location).clear()
        await database_at(settings.database_location).clear()

    asyncio.run(clear())


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with listening(settings) as url:
        _warn_of_open_folders(settings)
        print(f"imgrepo-server listening on {url}", flush=True)
        await stop.wait()


@asynccontextmanager
async def listening(settings: Settings) -> AsyncIterator[str]:
    """Serve until the context ends; its value is the server's address.

    Raises OSError where the port or a folder is not to be had.
    """
    runner = web.AppRunner(
        build_application(settings, when_loaded=gc.freeze),
        access_log=None,
        shutdown_timeout=GRACE_SECONDS,
        read_bufsize=READ_BUFFER,
    )
    await runner.setup()
    # What start-up has made stays: looking through it again and again is a tenth of an upload,
    # and all at once, as what is loaded afterwards would be, twenty milliseconds of standstill.
    gc.collect()
    gc.freeze()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
        host, port = runner.addresses[0][:2]
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{port}"
    finally:
        await runner.cleanup()


def _warn_of_open_folders(settings: Settings) -> None:
    """Say which folders of ours, made by somebody else, other users of the machine may enter."""
    if sys.platform == "win32":
        return
    data, storage = settings.data_dir, Path(settings.storage_location.removeprefix("file://"))
    for folder in (data,) if storage.parent == data else (data, storage):
        mode = folder.stat().st_mode & 0o777
        if mode & 0o077:
            log.warning(
                "other users of this machine may enter %s (mode %04o); shut them out with: "
                "chmod 700 %s",
                folder,
                mode,
                shlex.quote(str(folder)),
            )


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop  # noqa: PLC0415 -- not to be had on Windows

    return uvloop.Loop
