"""Reading local files: their hash, and whether their first bytes are those of an image."""

import hashlib
import os
import threading
import time
from typing import NamedTuple

from imgrepo_client.outcome import FileStat
from imgrepo_client.walk import Found, file_stat

IMAGE_SUFFIXES = (
    ".jpg",
    ".jpeg",
    ".jpe",
    ".jfif",
    ".png",
    ".gif",
    ".webp",
    ".tif",
    ".tiff",
    ".bmp",
    ".avif",
    ".heic",
    ".heif",
)
_CHUNK = 1 << 20
_RACY_NS = 20_000_000  # two ticks of the slowest kernel clock that stamps files
_SIGNATURES = (
    b"\xff\xd8\xff",  # JPEG
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"II*\0",  # TIFF
    b"MM\0*",
    b"BM",
)
_FTYP_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")


class Digest(NamedTuple):
    """A file's hash (raw) and the stat of the very bytes that were hashed.

    ``steady`` is false where the file may have been written to without its stat telling: then it
    is right to send it, and wrong to remember it.
    """

    sha256: bytes
    stat: FileStat
    steady: bool


class Hashed(NamedTuple):
    """A file whose hash (raw) is known. ``image`` is the account's image of these bytes, if any."""

    found: Found
    sha256: bytes
    stat: FileStat
    steady: bool
    image: str | None = None


class StoppedError(Exception):
    """Somebody pressed Ctrl-C while a file was read."""


def has_image_suffix(path: str) -> bool:
    """Whether the name promises an image."""
    return path.lower().endswith(IMAGE_SUFFIXES)


def looks_like_image(path: str) -> bool:
    """Whether the first bytes are those of a format that imgrepo takes. Raises OSError."""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - names that are not UTF-8
        start = file.read(32)
    if start.startswith(_SIGNATURES):
        return True
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return True
    return start[4:8] == b"ftyp" and start[8:12] in _FTYP_BRANDS


def digest(path: str, stop: threading.Event) -> Digest:
    """Hash a file in pieces of a megabyte.

    Raises OSError where it cannot be read, StoppedError once ``stop`` is set.
    """
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - names that are not UTF-8
        before = file_stat(os.fstat(file.fileno()))
        hashed = hashlib.sha256()
        while chunk := file.read(_CHUNK):
            hashed.update(chunk)
            if stop.is_set():
                raise StoppedError
        after = file_stat(os.fstat(file.fileno()))
    return Digest(hashed.digest(), after, before == after and is_steady(after))


def is_steady(stat: FileStat) -> bool:
    """Whether a later change would show in the stat.

    Not within the tick of the clock in which the file was last written: git calls such entries
    racy.
    """
    return time.time_ns() - stat.mtime_ns > _RACY_NS
