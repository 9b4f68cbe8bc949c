"""Users, logins, blobs, images and tags."""

import sqlalchemy as sa
from alembic import op

from imgrepo_server.db.types import UtcDateTime

revision = "0001"
down_revision = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "blobs",
        sa.Column("seq", KEY, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("format", sa.String(length=16), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("taken_at", UtcDateTime()),
        sa.Column("exif", sa.JSON(), nullable=False),
        sa.Column("camera_key", sa.Text()),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_blobs")),
        sa.UniqueConstraint("sha256", name=op.f("uq_blobs_sha256")),
        sqlite_autoincrement=True,
    )

    op.create_table(
        "fingerprints",
        sa.Column("seq", KEY, nullable=False),
        sa.Column("blob_seq", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("flat", sa.Boolean(), nullable=False),
        sa.Column("views", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["blob_seq"],
            ["blobs.seq"],
            name=op.f("fk_fingerprints_blob_seq"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_fingerprints")),
        sa.UniqueConstraint("blob_seq", name=op.f("uq_fingerprints_blob_seq")),
        sqlite_autoincrement=True,
    )

    op.create_table(
        "removed_blobs",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=False),
        sa.Column("claimed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_removed_blobs")),
    )
    op.create_index(
        op.f("ix_removed_blobs_removed_at"), "removed_blobs", ["removed_at"], unique=False
    )

    op.create_table(
        "tags",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("name", name=op.f("uq_tags_name")),
    )

    op.create_table(
        "users",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("name_key", sa.String(length=256), nullable=False),
        sa.Column("email", sa.String(length=254)),
        sa.Column("password_hash", sa.String(length=100)),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("disabled_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sa.UniqueConstraint("name_key", name=op.f("uq_users_name_key")),
    )

    op.create_table(
        "images",
        sa.Column("seq", KEY, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", KEY, nullable=False),
        sa.Column("blob_seq", KEY, nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("filename", sa.String(length=1000), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("visibility", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("trashed_at", UtcDateTime()),
        sa.Column("title_key", sa.Text(), nullable=False),
        sa.Column("description_key", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["blob_seq"], ["blobs.seq"], name=op.f("fk_images_blob_seq")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_images_owner_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_images")),
        sa.UniqueConstraint("id", name=op.f("uq_images_id")),
        sa.UniqueConstraint("owner_id", "blob_seq", name=op.f("uq_images_owner_id_blob_seq")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_images_blob_seq"), "images", ["blob_seq"], unique=False)
    op.create_index(op.f("ix_images_owner_id_id"), "images", ["owner_id", "id"], unique=False)

    op.create_table(
        "different_images",
        sa.Column("lower_seq", KEY, nullable=False),
        sa.Column("higher_seq", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["lower_seq"],
            ["images.seq"],
            name=op.f("fk_different_images_lower_seq"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["higher_seq"],
            ["images.seq"],
            name=op.f("fk_different_images_higher_seq"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("lower_seq", "higher_seq", name=op.f("pk_different_images")),
    )
    op.create_index(
        op.f("ix_different_images_higher_seq"), "different_images", ["higher_seq"], unique=False
    )

    op.create_table(
        "logins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_logins_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logins")),
    )
    op.create_index(op.f("ix_logins_expires_at"), "logins", ["expires_at"], unique=False)
    op.create_index(op.f("ix_logins_user_id"), "logins", ["user_id"], unique=False)

    op.create_table(
        "image_tags",
        sa.Column("image_seq", KEY, nullable=False),
        sa.Column("tag_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["image_seq"], ["images.seq"], name=op.f("fk_image_tags_image_seq"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_image_tags_tag_id")),
        sa.PrimaryKeyConstraint("image_seq", "tag_id", name=op.f("pk_image_tags")),
    )
    op.create_index(
        op.f("ix_image_tags_tag_id_image_seq"), "image_tags", ["tag_id", "image_seq"], unique=False
    )
