"""The real programs: servers, and ``imgrepo`` in empty home folders."""

import asyncio
import io
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from imgrepo_server.app import build_application
from imgrepo_server.settings import Settings
from PIL import Image, ImageDraw

BIN = Path(sys.executable).parent
PASSWORD = "a long enough password"


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    def lines(self) -> list[str]:
        """Lines of stdout."""
        return self.out.splitlines()

    def json(self) -> list[dict[str, Any]]:
        """The objects of JSON lines on stdout."""
        return [json.loads(line) for line in self.lines()]


@dataclass
class Home:
    """Somebody's home folder, with nothing of this machine's user in it."""

    path: Path
    server: str | None = None
    more: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """For any process that this person starts."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("IMGREPO_", "XDG_"))}
        own = {"HOME": str(self.path), "IMGREPO_BCRYPT_ROUNDS": "4"}
        return kept | own | ({"IMGREPO_SERVER": self.server} if self.server else {}) | self.more

    def start(self, *words: str | Path, prefix: tuple[str, ...] = ()) -> "subprocess.Popen[str]":
        """Start ``imgrepo`` and do not wait for it."""
        return subprocess.Popen(
            [*prefix, BIN / "imgrepo", *words],
            env=self.environment(),
            cwd=self.path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(
        self,
        *words: str | Path,
        code: int = 0,
        stdin: str | bytes = b"",
        prefix: tuple[str, ...] = (),
    ) -> Ran:
        """Run ``imgrepo`` to its end and check its exit code."""
        done = subprocess.run(
            [*prefix, BIN / "imgrepo", *words],
            env=self.environment(),
            cwd=self.path,
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            timeout=120,
            check=False,
        )
        ran = Ran(
            done.returncode,
            done.stdout.decode(errors="surrogateescape"),
            done.stderr.decode(errors="surrogateescape"),
        )
        assert ran.code == code, (words, ran)
        assert "Traceback" not in ran.err, ran.err
        return ran

    def register(self, name: str, **more: Any) -> Ran:
        """Create an account at this home's server and log in."""
        return self.run(
            "register", "--user", name, "--password-stdin", stdin=PASSWORD + "\n", **more
        )


class ServerProcess:
    """``imgrepo-server serve`` on a data folder; can be killed and started again."""

    def __init__(self, data_dir: Path, environment: dict[str, str]):
        self.data_dir, self.port, self.environment = data_dir, 0, environment
        self.extra: tuple[str, ...] = ()
        self.process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and return once it listens; on the same port as before."""
        self.process = subprocess.Popen(
            [
                BIN / "imgrepo-server",
                "serve",
                "--data-dir",
                self.data_dir,
                "--port",
                str(self.port),
                *self.extra,
            ],
            env=os.environ | {"IMGREPO_BCRYPT_ROUNDS": "4"} | self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("imgrepo-server listening on http://"), line
        self.port = int(line.rpartition(":")[2])

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self._wait()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self._wait()

    def _wait(self) -> int:
        assert self.process is not None
        assert self.process.stdout is not None
        code = self.process.wait(60)
        self.process.stdout.close()
        self.process = None
        return code

    def stored(self) -> list[str]:
        """Every file in the storage folder but locks."""
        return stored(self.data_dir)


@dataclass(frozen=True)
class ServerHere:
    """A server in a thread of this process, which starts in a tenth of the time."""

    url: str
    data_dir: Path

    def stored(self) -> list[str]:
        """Every file in the storage folder but locks."""
        return stored(self.data_dir)


Server = ServerHere | ServerProcess


def stored(data_dir: Path) -> list[str]:
    root = data_dir / "storage"
    return sorted(
        str(path.relative_to(root))
        for path in root.rglob("*")
        if path.is_file() and path.name != "lock"
    )


@asynccontextmanager
async def serving(data_dir: Path, **chosen: Any) -> AsyncIterator[str]:
    """Serves the application from this event loop; its URL."""
    quick: dict[str, Any] = {"bcrypt_rounds": 4, "workers": 1}
    settings = Settings(data_dir=data_dir, **(quick | chosen))
    runner = web.AppRunner(build_application(settings), shutdown_timeout=1, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Callable[..., ServerProcess]]:
    """Starts server processes: ``new_server(name, **environment)``."""
    started: list[ServerProcess] = []

    def start(name: str = "server", **environment: str) -> ServerProcess:
        server = ServerProcess(tmp_path / name, environment)
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        if server.process is not None:
            server.stop()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., ServerHere]]:
    """Starts servers in a thread: ``serve(name, **settings)``."""
    begun: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    running = AsyncExitStack()

    async def run() -> None:
        over = asyncio.Event()
        async with running:
            begun.set_result((asyncio.get_running_loop(), over))
            await over.wait()

    def start(name: str = "server", **chosen: Any) -> ServerHere:
        entered = running.enter_async_context(serving(tmp_path / name, **chosen))
        url = asyncio.run_coroutine_threadsafe(entered, loop).result()
        return ServerHere(url, tmp_path / name)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    loop, over = begun.result()
    yield start
    loop.call_soon_threadsafe(over.set)
    thread.join()


@pytest.fixture
def server(serve: Callable[..., ServerHere]) -> Server:
    """A server with nothing in it. Modules that want a process of its own put it in its place."""
    return serve()


@pytest.fixture
def new_home(tmp_path: Path) -> Callable[..., Home]:
    """Makes homes: ``new_home(name, server)``."""

    def make(name: str, server: Server | None = None) -> Home:
        path = tmp_path / f"home-{name}"
        path.mkdir()
        return Home(path, server.url if server else None)

    return make


@pytest.fixture
def home(new_home: Callable[..., Home]) -> Home:
    """A home without any server: its ``imgrepo`` uses the local repository."""
    return new_home("local")


@pytest.fixture
def jeff(new_home: Callable[..., Home], server: Server) -> Home:
    """Somebody who is logged in at the server."""
    jeff = new_home("jeff", server)
    jeff.register("jeff")
    return jeff


@pytest.fixture(params=["server", "local"])
def person(request: pytest.FixtureRequest) -> Home:
    """Somebody at a server, or with a local repository."""
    found: Home = request.getfixturevalue("jeff" if request.param == "server" else "home")
    return found


def make_picture(seed: int, size: tuple[int, int] = (64, 48), format_: str = "JPEG") -> bytes:
    """A small picture with shapes of its own."""
    chance = random.Random(seed)
    picture = Image.new("RGB", size, tuple(chance.randbytes(3)))
    pen = ImageDraw.Draw(picture)
    for _ in range(10):
        x, y = chance.randrange(size[0]), chance.randrange(size[1])
        r = chance.randrange(2, max(3, size[0] // 3))
        pen.ellipse((x - r, y - r, x + r, y + r), fill=tuple(chance.randbytes(3)))
    out = io.BytesIO()
    picture.save(out, format_)
    return out.getvalue()


@pytest.fixture
def picture() -> Callable[..., bytes]:
    """Makes pictures: ``picture(seed, size, format_)``."""
    return make_picture


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder of ten pictures."""
    folder = tmp_path / "photos"
    (folder / "beach").mkdir(parents=True)
    for number in range(6):
        (folder / f"cat_{number}.jpg").write_bytes(make_picture(number))
    for number in range(4):
        (folder / "beach" / f"sea_{number}.png").write_bytes(
            make_picture(100 + number, (64, 48), "PNG")
        )
    return folder
