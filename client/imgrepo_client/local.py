"""A local repository: the server's own application, served inside the client's event loop.

The only module of the client that imports the server, and only once it is needed.
"""

import contextlib
import gc
import getpass
import logging
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from imgrepo_client.errors import ClientError, InvalidInputError

if TYPE_CHECKING:
    import aiohttp
    from aiohttp import web

_LONGEST_SOCKET = 100  # bytes; the shortest limit of any system is 104
_SHUTDOWN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Served:
    """How to reach the application."""

    connector: "aiohttp.BaseConnector"
    url: str
    log: Path
    token: str | None = field(default=None, repr=False)


def stored_original(home: Path) -> Callable[[str], str]:
    """Where a local repository keeps an original, by its sha256 in hex."""
    from imgrepo_server.blobs.store import original_key  # noqa: PLC0415 - see the module

    storage = f"{home}/storage/"
    return lambda sha256: storage + original_key(sha256)


def start_decoding() -> None:
    """Begin to load what decoding pictures takes, in a process of its own."""
    from imgrepo_server.imaging.fork_server import start_early  # noqa: PLC0415 - see the module

    start_early()


@contextlib.asynccontextmanager
async def serving(home: Path, concurrency: int) -> AsyncIterator[Served]:
    """Serve the repository in ``home``, creating it at first, to this process only.

    On a Unix socket in a folder that only its owner may enter; where there are none, on loopback
    with a token that nobody else knows. Raises ClientError where the folder cannot be used.
    """
    import aiohttp  # noqa: PLC0415 - ``stored_original`` shall not wait for it
    from aiohttp import web  # noqa: PLC0415
    from imgrepo_server.app import READ_BUFFER  # noqa: PLC0415 - see the module
    from imgrepo_server.errors import ImgrepoError  # noqa: PLC0415

    token = None if _has_unix_sockets() else secrets.token_urlsafe()
    log = home / "imgrepo.log"
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(logging_to(log))
        try:
            runner = web.AppRunner(
                _application(home, token),
                access_log=None,
                handle_signals=False,
                read_bufsize=READ_BUFFER,
                shutdown_timeout=_SHUTDOWN_SECONDS,
            )
            stack.push_async_callback(runner.cleanup)
            await runner.setup()
            # What start-up has made stays: looking through it again and again is a tenth of an
            # upload.
            gc.freeze()
        except ImgrepoError as error:
            raise ClientError(error.message) from error
        except OSError as error:
            raise InvalidInputError(
                f"Cannot use {home} for the local repository: {error.strerror or error}. "
                "Set IMGREPO_HOME to a folder of yours."
            ) from error
        if token is None:
            yield Served(await _on_socket(runner, stack, concurrency), "http://localhost", log)
        else:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            host, port = runner.addresses[0][:2]
            connector = aiohttp.TCPConnector(limit=concurrency)
            yield Served(connector, f"http://{host}:{port}", log, token)


def _application(home: Path, token: str | None) -> "web.Application":
    from imgrepo_server.app import LocalAccess, build_application  # noqa: PLC0415 - see the module
    from imgrepo_server.errors import ImgrepoError  # noqa: PLC0415
    from imgrepo_server.settings import load_local  # noqa: PLC0415

    try:
        settings = load_local(home)
    except ImgrepoError as error:
        raise InvalidInputError(error.message) from error
    return build_application(settings, local=LocalAccess(owner=_owner(), token=token))


async def _on_socket(
    runner: "web.AppRunner", stack: contextlib.AsyncExitStack, concurrency: int
) -> "aiohttp.BaseConnector":
    import aiohttp  # noqa: PLC0415 - as above
    from aiohttp import web  # noqa: PLC0415

    folder = _private_folder()
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    path = os.path.join(folder, "s")  # noqa: PTH118 - short text
    await web.UnixSite(runner, path).start()
    return aiohttp.UnixConnector(path, limit=concurrency)


class _PrivateFile(logging.FileHandler):
    """A log that is made for its owner only, whatever folder it is in.

    On a full disk nothing is written, and nothing said: the command itself tells of it.
    """

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).touch(mode=0o600)
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Pass over what cannot be written."""


@contextlib.contextmanager
def logging_to(path: Path) -> Iterator[None]:
    """What the server logs goes to a file, made when there is something, not to the terminal."""
    handler = _PrivateFile(path, encoding="utf-8", delay=True)
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        with contextlib.suppress(OSError):  # what was not written for want of room still is not
            handler.close()


def _has_unix_sockets() -> bool:
    return sys.platform != "win32"


def _private_folder() -> str:
    """A fresh folder of mode 0700 whose path leaves room for a socket's name."""
    for parent in (None, "/tmp"):  # noqa: S108 - the folder in it is private
        folder = tempfile.mkdtemp(prefix="imgrepo-", dir=parent)
        if len(os.fsencode(folder)) + 2 <= _LONGEST_SOCKET:
            return folder
        Path(folder).rmdir()
    raise InvalidInputError("No folder for a socket: set TMPDIR to one with a shorter path.")


def _owner() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "owner"
