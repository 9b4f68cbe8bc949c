"""Facts about bytes, and the bytes that nothing names any more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from imgrepo_server.db import fingerprints, removed_previews, term_index
from imgrepo_server.db.dialect import insert_or_ignore, insert_unless_known
from imgrepo_server.db.tables import blobs, images, removed_blobs
from imgrepo_server.db.tables import fingerprints as fingerprints_table
from imgrepo_server.models import Examination, Image
from imgrepo_server.text import fold

# Made once: building and caching a statement anew costs as much as running it.
_FACTS = ("size", "format", "width", "height", "taken_at", "camera_key")
_KNOWN = (
    sa.select(
        blobs.c.seq, fingerprints_table.c.version, *(blobs.c[name] for name in (*_FACTS, "exif"))
    )
    .select_from(blobs.join(fingerprints_table))
    .where(blobs.c.sha256 == sa.bindparam("sha256"))
)
_UNMARK = sa.delete(removed_blobs).where(removed_blobs.c.sha256 == sa.bindparam("sha256"))
_MARKS = sa.select(removed_blobs.c.sha256).where(
    removed_blobs.c.sha256.in_(sa.bindparam("hashes", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What an image's own row and the search index take over from its blob's."""

    size: int
    format: str
    width: int
    height: int
    taken_at: datetime | None
    camera_key: str | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A blob's number, whether it was recorded just now, and what its row says."""

    seq: int
    new: bool
    facts: Facts


def record(connection: Connection, sha256: str, size: int, facts: Examination) -> Recorded:
    """Record a blob unless it is known. Its bytes are wanted again.

    What is known of one may have been found by an older version: it is brought up to what was found
    now, so that nobody's image looks otherwise because somebody else had the bytes before.
    """
    found = Facts(
        size=size,
        format=facts.format,
        width=facts.width,
        height=facts.height,
        taken_at=facts.taken_at,
        camera_key=_camera_key(facts.exif),
    )
    values = {name: getattr(found, name) for name in _FACTS}
    values["exif"] = facts.exif
    seq = insert_unless_known(connection, blobs, values | {"sha256": sha256})
    if seq is None:
        row = connection.execute(_KNOWN, {"sha256": sha256}).one()
        if row.version != facts.fingerprint.version:
            fingerprints.renew(connection, row.seq, facts.fingerprint)
        if any(getattr(row, name) != value for name, value in values.items()):
            _renew(connection, row.seq, values)
        return Recorded(row.seq, new=False, facts=found)
    fingerprints.record(connection, seq, facts.fingerprint)
    connection.execute(_UNMARK, {"sha256": sha256})  # only bytes without a row are marked
    return Recorded(seq, new=True, facts=found)


def _renew(connection: Connection, blob_seq: int, values: Mapping[str, Any]) -> None:
    """Write new facts, also to where the images of a blob have them again."""
    of_blob = images.c.blob_seq == blob_seq
    shown = connection.execute(sa.select(images.c.seq).where(of_blob)).scalars().all()
    for seq in shown:
        term_index.take_out(connection, seq)
    connection.execute(sa.update(blobs).where(blobs.c.seq == blob_seq).values(**values))
    again = {name: values[name] for name in ("size", "taken_at")}
    connection.execute(sa.update(images).where(of_blob).values(**again))
    for seq in shown:
        term_index.put_back(connection, seq)


def _camera_key(exif: Mapping[str, Any]) -> str | None:
    words = [str(exif[name]) for name in ("make", "model") if name in exif]
    return fold(" ".join(words)) if words else None


def release(connection: Connection, image: Image, blob_seq: int, now: datetime) -> None:
    """Mark for removal what nobody needs once an image is purged: its previews, and the bytes.

    The bytes, and the row of the blob, go if no other image names them.
    """
    removed_previews.mark(connection, image, now)
    named = sa.exists().where(images.c.blob_seq == blob_seq)
    sha256 = connection.execute(
        sa.select(blobs.c.sha256).where(blobs.c.seq == blob_seq, ~named)
    ).scalar()
    if sha256 is None:
        return
    connection.execute(sa.delete(blobs).where(blobs.c.seq == blob_seq))
    mark_removed(connection, sha256, now)


def mark_removed(connection: Connection, sha256: str, now: datetime) -> None:
    """Mark bytes for removal, unless a row names them."""
    if connection.execute(sa.select(blobs.c.seq).where(blobs.c.sha256 == sha256)).first() is None:
        insert_or_ignore(
            connection, removed_blobs, {"sha256": sha256, "removed_at": now, "claimed": False}
        )


def marked(connection: Connection, hashes: Sequence[str]) -> set[str]:
    """Which of these bytes are marked for removal."""
    return set(connection.execute(_MARKS, {"hashes": hashes}).scalars())


def postpone_removal(connection: Connection, sha256: str, now: datetime) -> bool:
    """Start the grace period of a mark anew; False where the bytes are going right now."""
    this = removed_blobs.c.sha256 == sha256
    connection.execute(
        sa.update(removed_blobs).where(this, ~removed_blobs.c.claimed).values(removed_at=now)
    )
    going = sa.select(removed_blobs.c.sha256).where(this, removed_blobs.c.claimed)
    return connection.execute(going).first() is None


def any_removable(connection: Connection, before: datetime) -> bool:
    """Whether ``claim_removable`` would find anything."""
    return (
        connection.execute(sa.select(removed_blobs.c.sha256).where(_due(before))).first()
        is not None
    )


def claim_removable(connection: Connection, before: datetime, limit: int) -> Sequence[str]:
    """Claim bytes marked before that moment, and those that a killed sweep had claimed."""
    hashes = (
        connection.execute(sa.select(removed_blobs.c.sha256).where(_due(before)).limit(limit))
        .scalars()
        .all()
    )
    these = removed_blobs.c.sha256.in_(hashes)
    connection.execute(sa.update(removed_blobs).where(these).values(claimed=True))
    return hashes


def _due(before: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(removed_blobs.c.removed_at < before, removed_blobs.c.claimed)


def forget_removed(connection: Connection, hashes: Sequence[str]) -> None:
    """The bytes are gone: drop their marks."""
    connection.execute(sa.delete(removed_blobs).where(removed_blobs.c.sha256.in_(hashes)))
