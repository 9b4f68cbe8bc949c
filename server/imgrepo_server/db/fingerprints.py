"""Fingerprints of blobs, in a narrow table that is read whole in one sweep.

Measured on 1 million rows: beside EXIF and the rest of ``blobs`` such a sweep reads ten times
the pages. ``seq`` is given anew when a fingerprint is computed anew, so that a cache which asks for
"newer than the last I saw" also hears of those; a hit by an old ``seq`` finds no row any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from imgrepo_server.db.access import VISIBLE_TO_USER, owned_by, visible_to
from imgrepo_server.db.tables import blobs, fingerprints, images
from imgrepo_server.models import Fingerprint, User, View, Viewer

_VIEW = 48

# Made once: building and caching a statement anew costs as much as running it.
_INSERT = sa.insert(fingerprints)
_HEAD = (
    4 * fingerprints.c.seq
    + sa.case((fingerprints.c.flat, 2), else_=0)
    + sa.case((sa.func.length(fingerprints.c.views) > _VIEW, 1), else_=0)
)
# One row for all of them: Python's objects for each would take longer than all the rest.
_NEXT = sa.select(
    sa.func.group_concat(_HEAD, ","),
    # Its bytes are kept as they are, whether or not they mean something as text.
    sa.cast(sa.func.group_concat(fingerprints.c.views, ""), sa.LargeBinary),
    sa.select(sa.func.max(fingerprints.c.seq)).scalar_subquery(),
).where(
    fingerprints.c.seq > sa.bindparam("after"),
    fingerprints.c.seq <= sa.bindparam("stop"),
    fingerprints.c.version == sa.bindparam("version"),
)
_TITLES = (
    sa.select(images.c.id, images.c.title, fingerprints.c.seq)
    .select_from(fingerprints)
    .join(images, images.c.blob_seq == fingerprints.c.blob_seq)
    .join(blobs, blobs.c.seq == fingerprints.c.blob_seq)
    .where(
        fingerprints.c.seq.in_(sa.bindparam("seqs", expanding=True)),
        VISIBLE_TO_USER,
        images.c.trashed_at.is_(None),
        images.c.id != sa.bindparam("but"),
        blobs.c.width * blobs.c.height >= sa.bindparam("pixels"),
    )
)
_OLDEST_TITLE = _TITLES.order_by(images.c.id).limit(1)
_NO_IMAGE = UUID(int=0)


def pack(fingerprint: Fingerprint) -> bytes:
    """The views as they are stored: 8 + 8 + 32 bytes of the whole, and as many of a box."""
    views = [fingerprint.whole, *([] if fingerprint.box is None else [fingerprint.box])]
    return b"".join(view.phash64 + view.dhash64 + view.phash256 for view in views)


def unpack(version: int, flat: bool, packed: bytes) -> Fingerprint:
    """A stored fingerprint."""
    views = [
        View(packed[start : start + 8], packed[start + 8 : start + 16], packed[start + 16 : stop])
        for start, stop in ((at, at + _VIEW) for at in range(0, len(packed), _VIEW))
    ]
    return Fingerprint(version, views[0], views[1] if len(views) > 1 else None, flat)


def record(connection: Connection, blob_seq: int, fingerprint: Fingerprint) -> None:
    """Keep the fingerprint of a blob that has none."""
    connection.execute(
        _INSERT,
        {
            "blob_seq": blob_seq,
            "version": fingerprint.version,
            "flat": fingerprint.flat,
            "views": pack(fingerprint),
        },
    )


class StoredFingerprints(NamedTuple):
    """Fingerprints put together by the database.

    ``heads`` has for each of them 4 ``seq`` + 2 if it is flat + 1 if it has a box, with commas
    between; ``views`` has the packed ones, 48 or 96 bytes each, in the same order. ``newest`` is
    the highest number of all that there are.
    """

    heads: str
    views: bytes
    newest: int


def between(connection: Connection, after: int, stop: int, version: int) -> StoredFingerprints:
    """The fingerprints of that version with numbers after the first and up to the second.

    Complete where numbers are committed in order, as they are with one writer at a time.
    """
    given = {"after": after, "stop": stop, "version": version}
    heads, views, newest = connection.execute(_NEXT, given).one()
    return StoredFingerprints(heads or "", views or b"", newest or 0)


def of_image(connection: Connection, image_id: UUID) -> Fingerprint | None:
    """The fingerprint of an image's blob."""
    row = connection.execute(
        sa.select(fingerprints.c.version, fingerprints.c.flat, fingerprints.c.views)
        .join(images, images.c.blob_seq == fingerprints.c.blob_seq)
        .where(images.c.id == image_id)
    ).first()
    return None if row is None else unpack(row.version, row.flat, row.views)


class Titled(NamedTuple):
    """An image with its fingerprint's number; in tuples' order, the lowest id comes first."""

    image_id: UUID
    title: str
    seq: int


def titles(
    connection: Connection,
    user: User,
    seqs: Sequence[int],
    but: UUID | None,
    *,
    pixels: float = 0,
    oldest: bool = False,
) -> list[Titled]:
    """Ids and titles of the images that a user may see with one of these fingerprints.

    All of them, or the oldest alone. The trash apart, and apart from the image ``but`` and from
    those that have fewer ``pixels``.
    """
    given = {"seqs": seqs, "viewer_id": user.id, "but": but or _NO_IMAGE, "pixels": pixels}
    statement = _OLDEST_TITLE if oldest else _TITLES
    return [Titled(*row) for row in connection.execute(statement, given)]


@dataclass(frozen=True, slots=True)
class OwnedFingerprint:
    """An own image, what decides which copy is best, and its packed views."""

    image_seq: int
    image_id: UUID
    pixels: int
    size: int
    flat: bool
    views: bytes


def owned(connection: Connection, viewer: Viewer, version: int) -> list[OwnedFingerprint]:
    """Those of the viewer's own images outside the trash, oldest image first."""
    rows = connection.execute(
        sa.select(
            images.c.seq,
            images.c.id,
            (blobs.c.width * blobs.c.height).label("pixels"),
            blobs.c.size,
            fingerprints.c.flat,
            fingerprints.c.views,
        )
        .select_from(images.join(blobs).join(fingerprints))
        .where(owned_by(viewer), images.c.trashed_at.is_(None), fingerprints.c.version == version)
        .order_by(images.c.id)
    )
    return [OwnedFingerprint(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Outdated:
    """A blob whose fingerprint is of another version."""

    blob_seq: int
    sha256: str


def count_outdated(connection: Connection, version: int) -> int:
    """How many fingerprints are of another version."""
    count: int = connection.execute(
        sa.select(sa.func.count()).where(fingerprints.c.version != version)
    ).scalar_one()
    return count


def has_outdated(connection: Connection, viewer: Viewer, version: int) -> bool:
    """Whether an image that the viewer may see has a fingerprint of another version."""
    one = (
        sa.select(images.c.seq)
        .join(fingerprints, fingerprints.c.blob_seq == images.c.blob_seq)
        .where(fingerprints.c.version != version, visible_to(viewer), images.c.trashed_at.is_(None))
        .limit(1)
    )
    return connection.execute(one).first() is not None


def outdated(connection: Connection, version: int, after: int, limit: int) -> Sequence[Outdated]:
    """The next blobs after that number whose fingerprint is of another version."""
    rows = connection.execute(
        sa.select(blobs.c.seq, blobs.c.sha256)
        .join(fingerprints)
        .where(fingerprints.c.version != version, blobs.c.seq > after)
        .order_by(blobs.c.seq)
        .limit(limit)
    )
    return [Outdated(row.seq, row.sha256) for row in rows]


def renew(connection: Connection, blob_seq: int, fingerprint: Fingerprint) -> None:
    """Put a new fingerprint in an old one's place; nothing where the blob is gone meanwhile."""
    old = sa.delete(fingerprints).where(fingerprints.c.blob_seq == blob_seq)
    if connection.execute(old).rowcount:
        record(connection, blob_seq, fingerprint)
