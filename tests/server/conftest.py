"""Pictures to upload, and the server's parts alone: a database, a store, a clock that stands."""

import asyncio
import hashlib
import io
import random
import shutil
import threading
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

import pytest
import sqlalchemy as sa
import uuid_utils.compat as uuid7_source
from imgrepo_server import models
from imgrepo_server.blobs.local import LocalStore
from imgrepo_server.db import blobs, images, users
from imgrepo_server.db.migrations import upgrade
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.imaging.matching import VERSION
from imgrepo_server.imaging.workers import WorkerPool
from PIL import Image, ImageDraw
from sqlalchemy import Connection

P = ParamSpec("P")
T = TypeVar("T")

MORNING = datetime(2026, 3, 1, 9, tzinfo=UTC)


def make_picture(
    seed: int, size: tuple[int, int] = (96, 64), format_: str = "JPEG", **how: Any
) -> bytes:
    """A small picture with shapes of its own; other seeds give pictures that look unlike it."""
    chance = random.Random(seed)
    picture = Image.new("RGB", size, tuple(chance.randbytes(3)))
    pen = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y = chance.randrange(size[0]), chance.randrange(size[1])
        r = chance.randrange(3, max(4, size[0] // 3))
        pen.ellipse((x - r, y - r, x + r, y + r), fill=tuple(chance.randbytes(3)))
    out = io.BytesIO()
    picture.save(out, format_, **how)
    return out.getvalue()


@pytest.fixture
def picture() -> Callable[..., bytes]:
    """Makes pictures: ``picture(seed, size, format_)``."""
    return make_picture


@dataclass
class HeldClock:
    """Stands still until it is moved."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now

    def move(self, by: timedelta) -> None:
        self.now += by


class InProcessWorkers(WorkerPool):
    """Does the workers' work at once and here: real decoding without real processes."""

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return function(*args, **kwargs)


@dataclass
class Records:
    """Writes accounts and images straight into the tables, each with bytes of its own."""

    connection: Connection
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def user(self, name: str) -> models.User:
        made = users.add(
            self.connection,
            name=name,
            email=None,
            password_hash=None,
            role=models.Role.USER,
            now=MORNING,
        )
        assert made is not None
        return made

    def image(
        self,
        owner: models.User,
        *,
        title: str = "A picture",
        tags: tuple[str, ...] = (),
        visibility: models.Visibility = models.Visibility.PUBLIC,
        trashed_at: datetime | None = None,
        size: int = 1000,
        taken_at: datetime | None = None,
        views: tuple[models.View, models.View | None] | None = None,
        image_id: UUID | None = None,
    ) -> models.Image:
        number = next(self.numbers)
        whole, box = views or (random_view(number), None)
        facts = models.Examination(
            format="jpeg",
            width=40,
            height=30,
            taken_at=taken_at,
            fingerprint=models.Fingerprint(VERSION, whole, box, flat=False),
        )
        sha256 = hashlib.sha256(str(number).encode()).hexdigest()
        image_id = image_id or uuid7_source.uuid7()
        images.add(
            self.connection,
            image_id=image_id,
            owner=owner,
            blob=blobs.record(self.connection, sha256, size, facts),
            new=models.NewImage(title, "a.jpg", "", tags, visibility),
            now=MORNING,
        )
        made = images.own(self.connection, models.Viewer(owner), image_id)
        assert made is not None
        return images.set_trashed(self.connection, made, trashed_at) if trashed_at else made


def random_view(seed: int) -> models.View:
    """A view unlike those of other seeds."""
    noise = random.Random(seed).randbytes(48)
    return models.View(noise[:8], noise[8:16], noise[16:])


@dataclass
class SystemCalls:
    """Sees calls into C, by qualified name, of threads that start meanwhile; may fail or end them.

    ``before`` is called with the number of each such call, counted from 1, before it is made;
    what it raises is what the call raises.
    """

    names: Collection[str]
    before: Callable[[int], None]
    seen: list[str] = field(default_factory=list)
    watching: bool = True

    def __call__(self, _: object, event: str, called: Any) -> None:
        if event == "c_call" and self.watching and called.__qualname__ in self.names:
            self.seen.append(called.__qualname__)
            self.before(len(self.seen))


@pytest.fixture(scope="session")
def system_calls() -> Callable[..., AbstractContextManager[SystemCalls]]:
    """Watches calls into the operating system, through the interpreter's profiler."""

    @contextmanager
    def watching(
        names: Collection[str], before: Callable[[int], None] = lambda _: None
    ) -> Iterator[SystemCalls]:
        calls = SystemCalls(names, before)
        with suppress(RuntimeError):  # idle threads of the running loop would not be seen
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
        threading.setprofile(calls)
        try:
            yield calls
        finally:
            threading.setprofile(None)
            calls.watching = False

    return watching


@pytest.fixture(scope="session")
def files_in() -> Callable[[Path], set[str]]:
    """Every file below a folder but locks, as relative paths."""

    def files_in(folder: Path) -> set[str]:
        files = (path for path in folder.rglob("*") if path.is_file() and path.name != "lock")
        return {str(path.relative_to(folder)) for path in files}

    return files_in


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
def workers() -> WorkerPool:
    return InProcessWorkers()


@pytest.fixture(scope="session")
def records() -> Callable[[Connection], Records]:
    return Records


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database: to copy one is ten times as fast as to migrate one."""
    path = tmp_path_factory.mktemp("migrated") / "imgrepo.db"
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
async def database(migrated: Path, tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    opened = SqliteDatabase(Path(shutil.copy(migrated, tmp_path / "imgrepo.db")))
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[LocalStore]:
    opened = LocalStore(tmp_path / "storage")
    await opened.open()
    yield opened
    await opened.close()
