"""A server's database with so many images of an album, inserted in bulk."""

import hashlib
import itertools
import json
import random
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from imgrepo_server.db.image_words import of_title, search_text
from imgrepo_server.db.terms import Indexed, terms_of
from imgrepo_server.text import fold

from benchmarks.album import Album, Photo

_BATCH = 5000
_ONE_BY_ONE = 1000
"""The last images come in transactions of their own, as uploads do: the index has small parts."""

_INSERTS = {
    "blobs": "seq, sha256, size, format, width, height, taken_at, exif, camera_key",
    "fingerprints": "seq, blob_seq, version, flat, views",
    "images": "seq, id, owner_id, blob_seq, title, filename, description, visibility, created_at,"
    " title_key, title_sort, description_key, search_text, size, taken_at",
    "image_terms": "rowid, terms",
}
_TAGGED = "INSERT INTO image_tags (image_seq, tag_id) VALUES (?, ?)"

Row = tuple[object, ...]


def fill(database: Path, album: Album) -> None:
    """Insert an album's photos into a database that has one user, who becomes its first owner."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO users (id, name, name_key, role, created_at) VALUES (?, ?, ?, 'user', ?)",
        [(2 + n, name, name, "2020-01-01 00:00:00") for n, name in enumerate(album.owners[1:])],
    )
    connection.executemany(
        "INSERT INTO tags (id, name) VALUES (?, ?)", enumerate(album.tags, start=1)
    )
    connection.execute("COMMIT")
    (first,) = connection.execute("SELECT name FROM users WHERE id = 1").fetchone()
    photos = _Rows([first, *album.owners[1:]], album.tags)
    numbered = iter(enumerate(album, start=1))
    for start in range(0, album.photos - _ONE_BY_ONE, _BATCH):
        count = min(_BATCH, album.photos - _ONE_BY_ONE - start)
        _insert(connection, photos, list(itertools.islice(numbered, count)))
    for one in numbered:
        _insert(connection, photos, [one])
    connection.close()


def _insert(
    connection: sqlite3.Connection, make: "_Rows", photos: Sequence[tuple[int, Photo]]
) -> None:
    connection.execute("BEGIN")
    for table, columns in _INSERTS.items():
        places = ", ".join("?" for _ in columns.split(","))
        rows: Iterable[Row] = (getattr(make, table)(number, photo) for number, photo in photos)
        connection.executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({places})",  # noqa: S608 -- our own, above
            rows,
        )
    tagged = itertools.chain.from_iterable(make.image_tags(*one) for one in photos)
    connection.executemany(_TAGGED, tagged)
    connection.execute("COMMIT")


class _Rows:
    """The rows of a photo, one method for a table."""

    def __init__(self, owners: Sequence[str], tags: Sequence[str]):
        self._owners = owners
        self._tag_ids = {name: number for number, name in enumerate(tags, start=1)}
        self._chance = random.Random(6)

    def blobs(self, number: int, photo: Photo) -> Row:
        make, model = photo.camera or (None, None)
        exif = json.dumps({"make": make, "model": model}) if make else "{}"
        sha256 = hashlib.sha256(str(number).encode()).hexdigest()
        facts = (photo.size, photo.format, photo.width, photo.height, _stored(photo.taken_at))
        return number, sha256, *facts, exif, _camera_key(photo)

    def fingerprints(self, number: int, _: Photo) -> Row:
        size = 96 if self._chance.random() < 0.2 else 48
        return number, number, 1, False, self._chance.randbytes(size)

    def images(self, number: int, photo: Photo) -> Row:
        milliseconds = int(photo.added_at.timestamp() * 1000)
        title = of_title(photo.title)
        return (
            number,
            UUID(int=(milliseconds << 80) | (7 << 76) | (2 << 62) | number).hex,
            1 + photo.owner,
            number,
            photo.title,
            f"{number}.jpg",
            photo.description,
            "public" if photo.public else "private",
            _stored(photo.added_at),
            title["title_key"],
            title["title_sort"],
            fold(photo.description),
            self._text(photo),
            photo.size,
            _stored(photo.taken_at),
        )

    def image_terms(self, number: int, photo: Photo) -> Row:
        indexed = Indexed(
            text=self._text(photo),
            camera=_camera_key(photo),
            format=photo.format,
            width=photo.width,
            height=photo.height,
            size=photo.size,
            taken_at=photo.taken_at,
            created_at=photo.added_at,
        )
        return number, " ".join(terms_of(indexed))

    def image_tags(self, number: int, photo: Photo) -> Iterator[Row]:
        return ((number, self._tag_ids[name]) for name in photo.tags)

    def _text(self, photo: Photo) -> str:
        return search_text(photo.title, photo.description, self._owners[photo.owner], photo.tags)


def _camera_key(photo: Photo) -> str | None:
    return None if photo.camera is None else fold(" ".join(photo.camera))


def _stored(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%d %H:%M:%S.%f}"
