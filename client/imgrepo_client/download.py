"""Downloading originals: verified, in one step, never over another file or out of the folder."""

import asyncio
import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from imgrepo_client.answers import Image
from imgrepo_client.api import Client
from imgrepo_client.errors import DamagedDownloadError, LocalFileError, UnexpectedAnswerError
from imgrepo_client.names import numbered, safe_file_name
from imgrepo_client.retry import RetryPolicy

_MOST_NAMESAKES = 10_000


class Fetched(StrEnum):
    """What a download did."""

    SAVED = "saved"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class Download:
    """One image on this computer; ``stripped`` where it came without its metadata."""

    path: Path
    fetched: Fetched
    stripped: bool = False


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a server sent; ``sha256`` in hex."""

    size: int
    sha256: str
    stripped: bool


async def download(
    client: Client, image: Image, folder: Path, *, retry: RetryPolicy, strip: bool = False
) -> Download:
    """Save an original into ``folder`` under its own name, as far as that is possible and safe.

    ``strip`` asks for it without metadata; a server may send it so by itself.

    A file of that name with the same bytes is left as it is; beside one with other bytes the new
    one is called ``name (2)``. Raises LocalFileError, DamagedDownloadError and other ClientErrors;
    then nothing is left behind.
    """
    name = safe_file_name(image["filename"], fallback=image["id"])
    with _local_faults(folder):
        folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - a moment
        original = Arrived(image["size"], image["sha256"], stripped=False)
        if not strip and (path := await asyncio.to_thread(_present, folder, name, original)):
            return Download(path, Fetched.PRESENT)
        with _temporary(folder) as (file, temporary):
            arrived = await fetch(client, image, file, retry=retry, strip=strip)
            file.flush()
            # Only now it is known what the file without its metadata is.
            if arrived.stripped and (
                path := await asyncio.to_thread(_present, folder, name, arrived)
            ):
                return Download(path, Fetched.PRESENT, stripped=True)
            await asyncio.to_thread(os.fsync, file.fileno())
            saved = _place(temporary, folder, name)
            return Download(saved, Fetched.SAVED, stripped=arrived.stripped)


async def save_as(
    client: Client, image: Image, target: Path, *, retry: RetryPolicy, strip: bool = False
) -> Download:
    """Save an original as ``target``, which must not exist. Raises as ``download``."""
    with _local_faults(target):
        if _taken(target):
            raise LocalFileError(f"{target} exists. Choose another name or remove it.")
        with _temporary(target.parent) as (file, temporary):
            arrived = await fetch(client, image, file, retry=retry, strip=strip)
            file.flush()
            _link(temporary, target)
    return Download(target, Fetched.SAVED, stripped=arrived.stripped)


async def fetch(
    client: Client, image: Image, into: BinaryIO, *, retry: RetryPolicy, strip: bool = False
) -> Arrived:
    """Write an original's bytes into a file, from its start, and see that they are the right ones.

    Raises DamagedDownloadError where they are not, after trying again. What came without metadata
    is another file, of which only the length is known.
    """
    async for attempt in retry.attempts():
        with attempt:
            into.seek(0)
            into.truncate()
            hashed = hashlib.sha256()
            async with client.file(image["id"], strip=strip) as pieces:
                async for piece in pieces:
                    hashed.update(piece)
                    into.write(piece)
                arrived = Arrived(into.tell(), hashed.hexdigest(), pieces.stripped)
            if strip and not arrived.stripped:
                raise UnexpectedAnswerError(
                    "The server sent the original with its metadata. It is too old to remove that."
                )
            if not arrived.stripped and arrived.sha256 != image["sha256"]:
                raise DamagedDownloadError(
                    f"What arrived of {image['id']} is not what was uploaded. Try again, and have "
                    "the server's administrator run imgrepo-server check."
                )
            return arrived
    raise AssertionError("tenacity returns or raises")


def _candidates(folder: Path, name: str) -> Iterator[Path]:
    for number in range(1, _MOST_NAMESAKES):
        yield folder / numbered(name, number)
    raise LocalFileError(f"{folder} has too many files called {name}.")


def _taken(path: Path) -> bool:
    return os.path.lexists(path)


def _present(folder: Path, name: str, wanted: Arrived) -> Path | None:
    """The file of that name, or of one beside it, that has exactly these bytes."""
    for path in _candidates(folder, name):
        if _holds(path, wanted):
            return path
        if not _taken(path):
            break
    return None


def _holds(path: Path, wanted: Arrived) -> bool:
    if path.is_symlink() or not path.is_file() or path.stat().st_size != wanted.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == wanted.sha256


@contextlib.contextmanager
def _temporary(folder: Path) -> Iterator[tuple[BinaryIO, Path]]:
    descriptor, name = tempfile.mkstemp(prefix=".imgrepo-", suffix=".part", dir=folder)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file, temporary
    finally:
        temporary.unlink(missing_ok=True)


def _place(temporary: Path, folder: Path, name: str) -> Path:
    for path in _candidates(folder, name):
        with contextlib.suppress(FileExistsError):
            _link(temporary, path)
            return path
    raise AssertionError("the candidates end with an error")


def _link(temporary: Path, target: Path) -> None:
    """Give the finished file its name; raises FileExistsError rather than replace another."""
    umask = os.umask(0)
    os.umask(umask)
    temporary.chmod(0o666 & ~umask)  # like any new file; a temporary one is private
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: take the name first, then fill it
        target.open("xb").close()
        temporary.replace(target)


@contextlib.contextmanager
def _local_faults(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LocalFileError(f"Cannot write to {place}: {error.strerror or error}.") from error
