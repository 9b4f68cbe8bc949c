import sys
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

    looks = 0

    @contextmanager
    def in_memory(self) -> Iterator[Path | None]:
        self.looks += 1
        yield self.path.with_name("nothing")


@pytest.fixture
def similar(
    database: SqliteDatabase, store: LocalStore, workers: WorkerPool, index: FingerprintIndex
) -> SimilarSearch:
    return SimilarSearch(
        database=database, store=store, workers=workers, index=index, outdated=Outdated(database)
    )


async def search(similar: SimilarSearch, jeff: User, file: IncomingFile, data: bytes) -> Any:
    """The nearest image of jeff's, and whether the query ever was a file."""
    await file.write(data)
    page = await similar.like_file(Viewer(jeff), file, ImageFilter(), Nearness(40, 10, flat=True))
    existed = file.path.exists()
    await file.discard()
    assert not file.path.exists()
    return page.matches[0].image.id, page.matches[0].distance, existed


async def test_a_small_file_is_searched_with_in_memory(
    similar: SimilarSearch, house: Any, jeff: User, picture: Callable[..., bytes]
) -> None:
    added = await house.upload(jeff, picture(1))
    file = IncomingFile(house.folder / "query", 1_000_000)
    found = await search(similar, jeff, file, picture(1))
    assert found == (added.image.id, 0, sys.platform != "linux")


async def test_where_memory_is_not_shared_it_is_a_file_and_memory_not_tried_again(
    similar: SimilarSearch, house: Any, jeff: User, picture: Callable[..., bytes]
) -> None:
    added = await house.upload(jeff, picture(1))
    first, second = (Secluded(house.folder / name, 1_000_000) for name in ("first", "second"))
    assert await search(similar, jeff, first, picture(1)) == (added.image.id, 0, True)
    assert await search(similar, jeff, second, picture(1)) == (added.image.id, 0, True)
    assert (first.looks, second.looks) == (1, 0)
