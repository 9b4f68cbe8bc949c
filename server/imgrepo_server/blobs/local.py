"""A folder of this machine as the store.

Written so that a power cut at any moment leaves either the whole file or none.
"""

import asyncio
import os
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiofiles

from imgrepo_server.blobs.disk import fsync, full_disk_reported
from imgrepo_server.blobs.staging import LOCK, Staging, sweep
from imgrepo_server.together import Together

READ_SIZE = 256 * 1024
PLACING_THREADS = 4  # mostly waiting for the disk
LARGEST_GROUP = 16
STAGING = "tmp"
_BYTE = "[0-9a-f][0-9a-f]"
_OURS = re.compile(r"[0-9a-f]{64}((\.[0-9a-f]{32})?\.[0-9]+\.jpg)?")


class LocalStore:
    """The ``BlobStore`` of a folder."""

    def __init__(self, root: Path):
        self._root = root
        self._staging = Staging(root / STAGING)
        # Folders whose own entry is known to be on the disk; as text, there are up to 65,792.
        self._durable_folders = {str(root)}
        self._placed = Together(
            self._place_group,
            at_a_time=PLACING_THREADS,
            how_many=lambda waiting: min(len(waiting), LARGEST_GROUP),
        )

    async def open(self) -> None:
        """See ``BlobStore.open``."""
        await asyncio.to_thread(self._open)

    def staging_path(self) -> Path:
        """See ``BlobStore.staging_path``."""
        return self._staging.path()

    async def place(self, files: Mapping[str, Path]) -> None:
        """See ``BlobStore.place``."""
        await self._placed(files)

    async def size(self, key: str) -> int:
        """See ``BlobStore.size``."""
        return (await asyncio.to_thread((self._root / key).stat)).st_size

    async def read(self, key: str, start: int, stop: int) -> AsyncGenerator[bytes, None]:
        """See ``BlobStore.read``."""
        file = await aiofiles.open(self._root / key, "rb")
        try:
            await file.seek(start)
            while start < stop:
                piece = await file.read(min(READ_SIZE, stop - start))
                if not piece:
                    raise EOFError(f"{key} is shorter than recorded")
                start += len(piece)
                yield piece
        finally:
            await asyncio.shield(file.close())  # also when the reader has gone away

    @asynccontextmanager
    async def local_file(self, key: str) -> AsyncIterator[Path]:
        """See ``BlobStore.local_file``."""
        yield self._root / key

    async def remove(self, key: str) -> None:
        """See ``BlobStore.remove``."""
        await asyncio.to_thread(self._remove, key)

    async def clear(self) -> None:
        """See ``BlobStore.clear``."""
        await asyncio.to_thread(self._clear)

    async def close(self) -> None:
        """See ``BlobStore.close``."""
        await asyncio.to_thread(self._staging.close)

    def _open(self) -> None:
        missing = [folder for folder in (self._root, *self._root.parents) if not folder.exists()]
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in missing:
            fsync(folder.parent)
        self._staging.open()

    def _clear(self) -> None:
        # Our own files only: the storage folder may be one that holds other things as well, and
        # other people's folders are called "tmp" and "de", too.
        for folder in self._root.glob(f"{_BYTE}/{_BYTE}"):
            for path in folder.iterdir():
                if _OURS.fullmatch(path.name):
                    path.unlink()
            _remove_empty(folder)
            _remove_empty(folder.parent)
        if (self._root / STAGING).is_dir():
            sweep(self._root / STAGING)
            (self._root / STAGING / LOCK).unlink(missing_ok=True)
            _remove_empty(self._root / STAGING)

    async def _place_group(self, group: Sequence[Mapping[str, Path]]) -> list[Exception | None]:
        return await asyncio.to_thread(self._place_all, group)

    def _place_all(self, group: Sequence[Mapping[str, Path]]) -> list[Exception | None]:
        """Each step for all, then the next: see ``_make_lasting``."""
        failed: list[Exception | None] = [None] * len(group)
        for step in (_bring_to_disk, self._move, self._make_lasting):
            for number, files in enumerate(group):
                if failed[number] is None:
                    try:
                        with full_disk_reported():
                            step(files)
                    except Exception as error:
                        failed[number] = error
        return failed

    def _move(self, files: Mapping[str, Path]) -> None:
        for key, staged in files.items():
            target = f"{self._root}/{key}"
            self._make_folder(_parent(target))
            staged.replace(target)

    def _make_lasting(self, files: Mapping[str, Path]) -> None:
        # Folders last and the innermost first: a journalling file system writes all of it with
        # the first fsync, also what others have moved meanwhile, and finds nothing left to do at
        # the next ones.
        for folder in {_parent(f"{self._root}/{key}") for key in files}:
            fsync(folder)
            self._make_folder_lasting(folder)

    def _make_folder_lasting(self, folder: str) -> None:
        if folder not in self._durable_folders:
            fsync(_parent(folder))
            self._make_folder_lasting(_parent(folder))
            self._durable_folders.add(folder)

    def _make_folder(self, folder: str) -> None:
        if folder not in self._durable_folders:
            self._make_folder(_parent(folder))
            with suppress(FileExistsError):
                os.mkdir(folder)  # noqa: PTH102 - as text

    def _remove(self, key: str) -> None:
        target = self._root / key
        for path in (*target.parent.glob(f"{target.name}.*"), target):
            path.unlink(missing_ok=True)


def _bring_to_disk(files: Mapping[str, Path]) -> None:
    for staged in files.values():  # whole before they have a name that counts
        fsync(staged)


def _parent(path: str) -> str:
    # As text: a Path for each folder costs more than asking the system for it.
    return path.rpartition("/")[0]


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):  # there is something else in it
        folder.rmdir()
