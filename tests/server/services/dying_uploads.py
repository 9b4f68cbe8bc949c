"""Run by test_killed.py: uploads that are killed at ever later steps.

Arguments: an empty database, a folder, and pictures. In turn N, a process of its own works in
FOLDER/N and is killed (SIGKILL) when it is about to make the Nth call that changes a file or the
database. It notes in FOLDER/N/acknowledged what its uploads were answered with. Ends with the turn
that comes through.
"""

import asyncio
import os
import shutil
import signal
import sys
import threading
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from imgrepo_server.blobs.local import LocalStore
from imgrepo_server.db import users
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.imaging import examine
from imgrepo_server.imaging.limits import DecodeLimits
from imgrepo_server.imaging.workers import WorkerPool
from imgrepo_server.models import Role, Said, Visibility
from imgrepo_server.services.fingerprint_index import FingerprintIndex
from imgrepo_server.services.ingest import Ingest
from imgrepo_server.services.near_copies import NearCopies
from imgrepo_server.services.quotas import Quotas
from imgrepo_server.services.reception import Limits, Reception
from imgrepo_server.services.removal import Removal

STEPS = frozenset(
    {"FileIO.write", "BufferedWriter.write", "fsync", "mkdir", "replace", "unlink"}
    | {"Connection.commit", "Cursor.execute"}
)


class InProcessWorkers(WorkerPool):
    async def run(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)


def now() -> datetime:
    return datetime.now(UTC)


async def upload_all(folder: Path, pictures: list[Path], die_at: int) -> None:
    database = SqliteDatabase(folder / "imgrepo.db")
    store, workers = LocalStore(folder / "storage"), InProcessWorkers()
    await database.open()
    await store.open()
    jeff = await database.write(
        lambda connection: users.add(
            connection, name="jeff", email=None, password_hash=None, role=Role.USER, now=now()
        )
    )
    assert jeff is not None
    quotas = Quotas(database=database, tiers={})
    ingest = Ingest(
        database=database,
        store=store,
        workers=workers,
        removal=Removal(database=database, store=store, now=now),
        near_copies=NearCopies(FingerprintIndex(database)),
        now=now,
        quotas=quotas,
    )
    limits = Limits(uploads=1, queries=1, file_size=1_000_000, query_size=1_000_000)
    reception = Reception(store=store, quotas=quotas, limits=limits)
    steps.die_at = die_at
    for picture in pictures:
        async with reception.upload(jeff) as file:
            await file.write(picture.read_bytes())
            said = Said(picture.name, Visibility.PUBLIC, tags=("tag",))
            added = await ingest.add(jeff, file, said, None)
        assert added.image is not None
        with (folder / "acknowledged").open("a") as answers:
            answers.write(f"{added.image.sha256}\n")


class Steps:
    """Counts steps from the moment that ``die_at`` is set, and dies at that one."""

    def __init__(self) -> None:
        self.die_at = 0
        self._count = count(1)

    def __call__(self, _: object, event: str, called: Any) -> None:
        if (
            self.die_at
            and event == "c_call"
            and called.__qualname__ in STEPS
            and next(self._count) == self.die_at
        ):
            os.kill(os.getpid(), signal.SIGKILL)


steps = Steps()


def turn(number: int, empty: Path, folder: Path, pictures: list[Path]) -> bool:
    """Whether all of it came through."""
    folder.mkdir()
    shutil.copy(empty, folder / "imgrepo.db")
    child = os.fork()
    if child == 0:
        threading.setprofile(steps)
        sys.setprofile(steps)
        asyncio.run(upload_all(folder, pictures, number))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status) != 0:
        raise SystemExit(f"turn {number} failed")
    return not os.WIFSIGNALED(status)


if __name__ == "__main__":
    empty, root, *names = map(Path, sys.argv[1:])
    examine.examine(names[0], None, DecodeLimits())  # loads what every turn needs
    for number in count(1):
        if turn(number, empty, root / str(number), names):
            break
    print(number)
