"""Databases full of fingerprints, for benchmarks at a scale at which nobody has photographs.

The pictures behind them are sums of waves whose amplitudes fall with their frequency, as those of
photographs do; so their bits hang together like real ones, which plain random bits do not.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from imgrepo_server.db.fingerprints import pack
from imgrepo_server.db.tables import blobs, images
from imgrepo_server.imaging.examine import examine
from imgrepo_server.imaging.limits import DecodeLimits
from imgrepo_server.imaging.matching import VERSION
from imgrepo_server.text import fold
from numpy.typing import NDArray
from sqlalchemy.pool import NullPool
from uuid_utils.compat import uuid7

BATCH = 20_000
BOXED = 0.2  # of the images have a content box
JOINED = 1_000_000
UNJOINED = 1_000_000_000  # numbers of blobs that are not there begin here: no upload gets so far
ALTERED_BITS = 6


def views(chance: np.random.Generator, count: int) -> NDArray[np.uint8]:
    """So many packed views: shape (count, 48)."""
    frequency = np.arange(16)
    fall = 1 / (1 + np.hypot(frequency[:, np.newaxis], frequency)).astype(np.float32)
    waves = chance.standard_normal((count, 16, 16), dtype=np.float32) * fall
    waves[:, 0, 0] = 1  # pictures are brighter than black
    pixels = _cosines(8) @ waves @ _cosines(9).T
    return np.concatenate(
        [
            _bits(waves[:, :8, :8] > 0),  # a median is about zero
            _bits(pixels[:, :, 1:] > pixels[:, :, :-1]),
            _bits(waves > 0),
        ],
        axis=1,
    )


def _cosines(size: int) -> NDArray[np.float32]:
    positions = (np.arange(size) + 0.5) / size
    return np.cos(np.pi * positions[:, np.newaxis] * np.arange(16)).astype(np.float32)


def _bits(values: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return np.packbits(values.reshape(len(values), -1), axis=1)


def altered(packed: bytes, bits: int, chance: np.random.Generator) -> bytes:
    """The views of a near copy: so many bits changed in each."""
    changed = bytearray(packed)
    for start in range(0, len(packed), 48):
        for bit in chance.choice(384, bits, replace=False):
            changed[start + int(bit) // 8] ^= 1 << int(bit) % 8
    return bytes(changed)


def planted(queries: Sequence[bytes], images: int, work: Path) -> dict[int, bytes]:
    """Near copies of each query, spread over the images that have rows."""
    chance = np.random.default_rng(21)
    places = np.linspace(1, min(images, JOINED) - 1, len(queries)).astype(int).tolist()
    copies = {}
    for place, data in zip(places, queries, strict=True):
        file = work / "query.jpg"
        file.write_bytes(data)
        known = pack(examine(file, None, DecodeLimits()).fingerprint)
        copies[place] = altered(known, ALTERED_BITS, chance)
    return copies


def fill_database(database: Path, count: int, planted: Mapping[int, bytes]) -> None:
    """Give the first user so many images more, with ``planted`` fingerprints at some places.

    Only the first million get image rows: the others, strangers to every query, are dropped
    before anybody looks for theirs.
    """
    engine = sa.create_engine(f"sqlite:///{database}", poolclass=NullPool)
    chance = np.random.default_rng(20)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA synchronous = OFF")
        first = 1 + (connection.execute(sa.select(sa.func.max(blobs.c.seq))).scalar() or 0)
        for start in range(0, count, BATCH):
            numbers = range(start, min(count, start + BATCH))
            if start < JOINED:
                connection.execute(sa.insert(blobs), [_blob(first, n) for n in numbers])
                connection.execute(sa.insert(images), [_image(first, n) for n in numbers])
            connection.exec_driver_sql(
                "INSERT INTO fingerprints (blob_seq, version, flat, views) VALUES (?, ?, 0, ?)",
                list(_fingerprints(chance, first, numbers, planted)),
            )
            connection.commit()
    engine.dispose()


def _fingerprints(
    chance: np.random.Generator, first: int, numbers: range, planted: Mapping[int, bytes]
) -> Iterator[tuple[int, int, bytes]]:
    boxed = chance.random(len(numbers)) < BOXED
    boxes = iter(views(chance, int(boxed.sum())))
    for number, whole, with_box in zip(numbers, views(chance, len(numbers)), boxed, strict=True):
        packed = whole.tobytes() + (next(boxes).tobytes() if with_box else b"")
        blob = first + number if number < JOINED else UNJOINED + number
        yield blob, VERSION, planted.get(number, packed)


def _blob(first: int, number: int) -> dict[str, Any]:
    return {
        "seq": first + number,
        "sha256": f"{number:064x}",
        "size": 100_000 + number % 1000,
        "format": "jpeg",
        "width": 1280,
        "height": 960,
        "exif": {},
    }


def _image(first: int, number: int) -> dict[str, Any]:
    title = f"image {number}"
    return {
        "id": uuid7(),
        "owner_id": 1,
        "blob_seq": first + number,
        "title": title,
        "filename": f"{title}.jpg",
        "description": "",
        "visibility": "public",
        "created_at": datetime.now(UTC),
        "title_key": fold(title),
        "description_key": "",
        "search_text": fold(title),
    }
