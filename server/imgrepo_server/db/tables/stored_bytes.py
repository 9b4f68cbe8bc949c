"""Facts about bytes, each kept once, and what is left to remove of them."""

import sqlalchemy as sa

from imgrepo_server.db.tables.schema import Key, metadata
from imgrepo_server.db.types import UtcDateTime

blobs = sa.Table(
    "blobs",
    metadata,
    sa.Column("seq", Key, primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False, unique=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("format", sa.String(16), nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("taken_at", UtcDateTime),
    sa.Column("exif", sa.JSON, nullable=False),
    # Make and model, folded; NULL where the file does not say.
    sa.Column("camera_key", sa.Text),
    sqlite_autoincrement=True,
)

# What similarity search compares, apart from the rest of a blob: see ``db.fingerprints``.
fingerprints = sa.Table(
    "fingerprints",
    metadata,
    # Never reused, so that the fingerprint cache can ask for "newer than the last I saw".
    sa.Column("seq", Key, primary_key=True),
    sa.Column(
        "blob_seq",
        Key,
        sa.ForeignKey("blobs.seq", ondelete="CASCADE"),
        nullable=False,
        unique=True,
    ),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("flat", sa.Boolean, nullable=False),
    # 48 bytes for the whole picture and as many for its content box, where it has one:
    # phash64, dhash64, phash256.
    sa.Column("views", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

# Bytes that no image names any more. They go after a grace period, because an upload of the same
# bytes may stand between placing its file and committing its row; ``claimed`` once they are going.
removed_blobs = sa.Table(
    "removed_blobs",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("removed_at", UtcDateTime, nullable=False, index=True),
    sa.Column("claimed", sa.Boolean, nullable=False),
)

# Purged images whose previews still stand beside bytes that others may have. They go after the
# same grace period, because somebody may have asked for one just before.
removed_previews = sa.Table(
    "removed_previews",
    metadata,
    sa.Column("image_id", sa.Uuid, primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("removed_at", UtcDateTime, nullable=False, index=True),
)
