"""The tables. Internal integer keys join them; public ids are UUIDs that sort by time.

A person's *image* (their words, their visibility) names a *blob* (facts about bytes), so that
the same bytes are stored once however many people upload them.
"""

from typing import Any

import sqlalchemy as sa

from imgrepo_server.db.types import UtcDateTime

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only in a column of exactly the type INTEGER.
Key = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _only_where(condition: str) -> dict[str, Any]:
    """Makes an index a partial one, on either database."""
    return {f"{dialect}_where": sa.text(condition) for dialect in ("sqlite", "postgresql")}


users = sa.Table(
    "users",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("name", sa.String(64), nullable=False),
    # The folded name: nobody can register "Jeff" or "jéff" beside "jeff".
    sa.Column("name_key", sa.String(256), nullable=False, unique=True),
    sa.Column("email", sa.String(254), unique=True),
    # NULL for the owner of a local repository, who has no password until one is set.
    sa.Column("password_hash", sa.String(100)),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("disabled_at", UtcDateTime),
    # NULL: nothing is limited.
    sa.Column("tier", sa.String(16)),
    # Of a deleted account nothing may go to whoever comes next: requests know people by number.
    sqlite_autoincrement=True,
)

# A login token is valid while its row is here: logging out deletes it.
logins = sa.Table(
    "logins",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("user_id", Key, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
    sa.Index(None, "user_id"),
)

# Keys for scripts. A secret has 256 random bits, so that its plain SHA-256 cannot be reversed.
api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("user_id", Key, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("secret_sha256", sa.String(64), nullable=False, unique=True),
    # Names of scopes with a blank between them.
    sa.Column("scopes", sa.String(100), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime),
    # No newer than to the hour: a write a request would cost more than the request.
    sa.Column("last_used_at", UtcDateTime),
    sa.UniqueConstraint("user_id", "name"),
)

# Registration codes that have not been used; hashed like the secrets of keys.
invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("code_sha256", sa.String(64), primary_key=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
)

# What the images of each account with a tier amount to, the trash included; adding them up for
# each upload would take longer the more there are. Accounts without a tier have no row.
holdings = sa.Table(
    "holdings",
    metadata,
    sa.Column("user_id", Key, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("images", sa.BigInteger, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
)

# Who did what to which object. Names rather than keys: an entry outlives what it is about.
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", Key, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
    # NULL: somebody unknown, or whoever runs imgrepo-server.
    sa.Column("actor", sa.String(64)),
    sa.Column("action", sa.String(32), nullable=False),
    # An image's id, an account's name, a key's name.
    sa.Column("object", sa.String(100)),
    sa.Column("address", sa.String(64)),
    sa.Column("details", sa.JSON(none_as_null=True)),
    sqlite_autoincrement=True,
)

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

TITLE_SORT = 100
"""Characters of a folded title that decide its place in a list."""

images = sa.Table(
    "images",
    metadata,
    sa.Column("seq", Key, primary_key=True),
    sa.Column("id", sa.Uuid, nullable=False, unique=True),
    sa.Column("owner_id", Key, sa.ForeignKey("users.id"), nullable=False),
    sa.Column("blob_seq", Key, sa.ForeignKey("blobs.seq"), nullable=False),
    sa.Column("title", sa.String(500), nullable=False),
    sa.Column("filename", sa.String(1000), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("visibility", sa.String(16), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("trashed_at", UtcDateTime),
    # From which tier upward originals in the gallery are given out; NULL outside of it.
    sa.Column("gallery_tier", sa.String(16)),
    # Whether others may know where it was taken, if the file says so.
    sa.Column("share_location", sa.Boolean, nullable=False, server_default=sa.false()),
    # Folded, for sorting and searching; the last one is title, description, owner and tags.
    sa.Column("title_key", sa.Text, nullable=False),
    sa.Column("description_key", sa.Text, nullable=False),
    sa.Column("search_text", sa.Text, nullable=False),
    # What is sorted by when images are sorted by title: a cursor holds it, and so may not be long.
    sa.Column("title_sort", sa.String(TITLE_SORT), nullable=False, server_default=sa.text("''")),
    # The blob's, which never change: to sort a million images by them takes an index on this table.
    sa.Column("size", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("taken_at", UtcDateTime),
    sa.UniqueConstraint("owner_id", "blob_seq"),
    sa.Index(None, "owner_id"),
    sa.Index(None, "blob_seq"),
    # Each ends with the row's number, and that is what breaks ties.
    sa.Index(None, "title_sort"),
    sa.Index(None, "size"),
    sa.Index(None, "taken_at"),
    # The few among millions, found without a scan; an upload touches neither of the two.
    sa.Index("ix_images_shared", "seq", **_only_where("visibility = 'shared'")),
    sa.Index("ix_images_gallery", "seq", **_only_where("visibility = 'gallery'")),
    sqlite_autoincrement=True,
)
# With whom an image of visibility "shared" is shared; images of another visibility have no rows.
# ``user_id`` is NULL for a name that no account had: what an owner typed is kept and shown to them
# as it is, so that sharing does not tell which accounts exist.
image_shares = sa.Table(
    "image_shares",
    metadata,
    sa.Column("image_seq", Key, sa.ForeignKey("images.seq", ondelete="CASCADE"), primary_key=True),
    sa.Column("name_key", sa.String(256), primary_key=True),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("user_id", Key, sa.ForeignKey("users.id", ondelete="SET NULL")),
    sa.Index(None, "user_id", "image_seq"),
)

# A link works while its row is here: revoking it deletes the row, and so does all that ends it.
links = sa.Table(
    "links",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("image_seq", Key, sa.ForeignKey("images.seq", ondelete="CASCADE"), nullable=False),
    # Who made it: the image's owner at that time.
    sa.Column("user_id", Key, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("resource", sa.String(16), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
    sa.Index(None, "image_seq"),
    sa.Index(None, "user_id"),
)

tags = sa.Table(
    "tags",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("name", sa.String(100), nullable=False, unique=True),
)

image_tags = sa.Table(
    "image_tags",
    metadata,
    sa.Column("image_seq", Key, sa.ForeignKey("images.seq", ondelete="CASCADE"), primary_key=True),
    sa.Column("tag_id", Key, sa.ForeignKey("tags.id"), primary_key=True),
    sa.Index(None, "tag_id", "image_seq"),
)

# Pairs that their owner has looked at and does not want proposed as duplicates again.
different_images = sa.Table(
    "different_images",
    metadata,
    sa.Column("lower_seq", Key, sa.ForeignKey("images.seq", ondelete="CASCADE"), primary_key=True),
    sa.Column("higher_seq", Key, sa.ForeignKey("images.seq", ondelete="CASCADE"), primary_key=True),
    sa.Index(None, "higher_seq"),
)


@sa.event.listens_for(metadata, "after_create")
def _create_term_index(_: sa.MetaData, connection: sa.Connection, **_options: object) -> None:
    """The terms of every image, which no ``Table`` can describe: see ``db.term_index``."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            "CREATE VIRTUAL TABLE IF NOT EXISTS image_terms USING fts5"
            "(terms, content='', columnsize=0, detail=none, tokenize='ascii')"
        )
        # An upload adds a small part to the index. To merge parts in eights costs uploads half of
        # what merging them in fours does, and costs searches little.
        connection.exec_driver_sql(
            "INSERT INTO image_terms (image_terms, rank) VALUES ('automerge', 8)"
        )
