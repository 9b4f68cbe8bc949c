"""People's images: their words, who else sees them, and which are no duplicates."""

import sqlalchemy as sa

from imgrepo_server.db.tables.schema import Key, metadata
from imgrepo_server.db.types import UtcDateTime

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
    # PostgreSQL's condition is in the migrations alone: named here it would load that dialect,
    # which takes 30 ms of every local command.
    sa.Index("ix_images_shared", "seq", sqlite_where=sa.text("visibility = 'shared'")),
    sa.Index("ix_images_gallery", "seq", sqlite_where=sa.text("visibility = 'gallery'")),
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
