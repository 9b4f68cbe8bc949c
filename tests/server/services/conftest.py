"""The services that keep images, on a real store and database, with a clock that stands."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from imgrepo_server.blobs.local import LocalStore
from imgrepo_server.blobs.store import BlobStore
from imgrepo_server.db.database import Connection, Database
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.imaging.workers import WorkerPool
from imgrepo_server.models import (
    Clock,
    Image,
    ImageFilter,
    Said,
    Sort,
    Tier,
    TierLimits,
    User,
    Viewer,
    Visibility,
)
from imgrepo_server.services.catalog import Catalog
from imgrepo_server.services.fingerprint_index import FingerprintIndex
from imgrepo_server.services.ingest import Added, Ingest
from imgrepo_server.services.near_copies import NearCopies
from imgrepo_server.services.quotas import Quotas
from imgrepo_server.services.reception import Limits, Reception
from imgrepo_server.services.removal import GRACE, Removal
from imgrepo_server.services.verification import Verification

LIMITS = Limits(uploads=32, queries=16, file_size=1_000_000, query_size=100_000)


@dataclass(frozen=True)
class House:
    """The services, wired as the server wires them, on a store in ``folder``."""

    folder: Path
    clock: Any
    database: Database
    store: BlobStore
    removal: Removal
    ingest: Ingest
    reception: Reception
    catalog: Catalog
    verification: Verification

    def files(self) -> set[str]:
        """What is in the store's folder, but locks."""
        files = (path for path in self.folder.rglob("*") if path.is_file() and path.name != "lock")
        return {str(path.relative_to(self.folder)) for path in files}

    async def images(self, viewer: Viewer) -> tuple[Image, ...]:
        """What a viewer may see, oldest first."""
        page = await self.catalog.page(
            viewer, ImageFilter(), sort=Sort.ADDED, limit=100, after=None
        )
        return page.images

    async def titles(self, viewer: Viewer) -> list[str]:
        """Their titles."""
        return [image.title for image in await self.images(viewer)]

    async def remove_what_may_go(self) -> None:
        """Sweep, now and after the grace period."""
        await self.removal.sweep()
        self.clock.move(2 * GRACE)
        await self.removal.sweep()

    async def upload(
        self,
        owner: User,
        data: bytes,
        *,
        title: str = "A picture",
        tags: tuple[str, ...] = (),
        visibility: Visibility = Visibility.PUBLIC,
        sha256: str | None = None,
    ) -> Added:
        async with self.reception.upload(owner) as file:
            await file.write(data)
            said = Said("a.jpg", visibility, title, "", tags)
            return await self.ingest.add(owner, file, said, sha256)


def wired(
    folder: Path,
    *,
    database: Database,
    store: BlobStore,
    workers: WorkerPool,
    clock: Clock,
    index: FingerprintIndex,
    tiers: Mapping[Tier, TierLimits] | None = None,
) -> House:
    quotas = Quotas(database=database, tiers=tiers or {})
    removal = Removal(database=database, store=store, now=clock, patience=0.5)
    return House(
        folder=folder,
        clock=clock,
        database=database,
        store=store,
        removal=removal,
        ingest=Ingest(
            database=database,
            store=store,
            workers=workers,
            removal=removal,
            near_copies=NearCopies(index),
            now=clock,
            quotas=quotas,
        ),
        reception=Reception(store=store, quotas=quotas, limits=LIMITS),
        catalog=Catalog(database=database, store=store, workers=workers, now=clock),
        verification=Verification(database=database, store=store),
    )


@pytest.fixture
def index(database: SqliteDatabase) -> Iterator[FingerprintIndex]:
    made = FingerprintIndex(database)
    yield made
    made.close()


@pytest.fixture
def build(
    tmp_path: Path,
    database: SqliteDatabase,
    workers: WorkerPool,
    clock: Clock,
    index: FingerprintIndex,
) -> Callable[..., House]:
    """Wires services with parts of the test's own in place of some of the usual ones."""

    def build(
        store: BlobStore,
        *,
        folder: Path = tmp_path / "storage",
        database: Database = database,
        workers: WorkerPool = workers,
        tiers: Mapping[Tier, TierLimits] | None = None,
    ) -> House:
        return wired(
            folder,
            database=database,
            store=store,
            workers=workers,
            clock=clock,
            index=index,
            tiers=tiers,
        )

    return build


@pytest.fixture
def house(store: LocalStore, build: Callable[..., House]) -> House:
    return build(store)


@pytest.fixture
async def jeff(database: SqliteDatabase, records: Callable[[Connection], Any]) -> User:
    made: User = await database.write(lambda connection: records(connection).user("jeff"))
    return made


@pytest.fixture
async def rita(database: SqliteDatabase, records: Callable[[Connection], Any]) -> User:
    made: User = await database.write(lambda connection: records(connection).user("rita"))
    return made
