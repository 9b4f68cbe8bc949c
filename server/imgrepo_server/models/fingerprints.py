"""What similarity search compares, and what else the decoder finds out about a file's bytes."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class View:
    """The three hashes of one way to look at a picture, packed big-endian, row by row.

    ``phash64`` and ``dhash64`` are 8 bytes (``imagehash.phash`` and ``imagehash.dhash`` with
    ``hash_size=8``), ``phash256`` is 32 bytes (``imagehash.phash`` with ``hash_size=16``).
    """

    phash64: bytes
    dhash64: bytes
    phash256: bytes


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What similarity search compares: the whole picture and, where it differs, its content box.

    ``version`` names the algorithm; ``flat`` marks pictures without enough detail to tell them
    from other flat ones.
    """

    version: int
    whole: View
    box: View | None
    flat: bool


@dataclass(frozen=True, slots=True)
class Examination:
    """What the decoder found out about a file's bytes.

    ``width`` and ``height`` are in pixels, as a person sees the picture, EXIF orientation applied.
    ``format`` is one of ``imaging.formats.FORMATS`` (``"jpeg"``, ``"png"``, …). ``exif`` holds
    JSON values only. ``taken_at`` is in UTC, None where the file does not say.
    """

    format: str
    width: int
    height: int
    fingerprint: Fingerprint
    taken_at: datetime | None = None
    exif: dict[str, Any] = field(default_factory=dict)
