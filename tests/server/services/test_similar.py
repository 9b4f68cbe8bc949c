from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from imgrepo_server.blobs.incoming import IncomingFile
from imgrepo_server.blobs.local import LocalStore
from imgrepo_server.db.sqlite import SqliteDatabase
from imgrepo_server.imaging.workers import WorkerPool
from imgrepo_server.models import ImageFilter, User, Viewer
from imgrepo_server.services.fingerprint_index import FingerprintIndex
from imgrepo_server.services.outdated import Outdated
from imgrepo_server.services.similar import Nearness, SimilarSearch


class Secluded(IncomingFile):
    """A file where processes are kept from each other's."""

    @contextmanager
    def in_memory(self) -> Iterator[Path | None]:
        yield self.path.with_name("nothing")


@pytest.fixture
def similar(
    database: SqliteDatabase, store: LocalStore, workers: WorkerPool, index: FingerprintIndex
) -> SimilarSearch:
    return SimilarSearch(
        database=database, store=store, workers=workers, index=index, outdated=Outdated(database)
    )


@pytest.mark.parametrize("kind", [IncomingFile, Secluded])
async def test_a_file_is_searched_with_however_processes_share_it(
    kind: type[IncomingFile],
    similar: SimilarSearch,
    house: Any,
    jeff: User,
    picture: Callable[..., bytes],
) -> None:
    added = await house.upload(jeff, picture(1))
    file = kind(house.folder / "query", 1_000_000)
    await file.write(picture(1))
    page = await similar.like_file(Viewer(jeff), file, ImageFilter(), Nearness(40, 10, flat=True))
    await file.discard()
    assert [(match.image.id, match.distance) for match in page.matches] == [(added.image.id, 0)]
    assert not file.path.exists()
