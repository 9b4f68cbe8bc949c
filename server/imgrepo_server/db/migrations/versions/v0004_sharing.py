"""Who may see what: images shared with people, links, and the gallery."""

import sqlalchemy as sa
from alembic import op

from imgrepo_server.db.types import UtcDateTime

revision = "0004"
down_revision = "0003"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply this step. What is private or public stays so, and is in no gallery."""
    op.add_column("images", sa.Column("gallery_tier", sa.String(length=16)))
    for state in ("shared", "gallery"):
        op.create_index(
            f"ix_images_{state}",
            "images",
            ["id"],
            unique=False,
            sqlite_where=sa.text(f"visibility = '{state}'"),
            postgresql_where=sa.text(f"visibility = '{state}'"),
        )

    op.create_table(
        "image_shares",
        sa.Column("image_seq", KEY, nullable=False),
        sa.Column("name_key", sa.String(length=256), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("user_id", KEY),
        sa.ForeignKeyConstraint(
            ["image_seq"],
            ["images.seq"],
            name=op.f("fk_image_shares_image_seq"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_image_shares_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("image_seq", "name_key", name=op.f("pk_image_shares")),
    )
    op.create_index(
        op.f("ix_image_shares_user_id_image_seq"),
        "image_shares",
        ["user_id", "image_seq"],
        unique=False,
    )

    op.create_table(
        "links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("image_seq", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("resource", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_seq"], ["images.seq"], name=op.f("fk_links_image_seq"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_links_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
    )
    op.create_index(op.f("ix_links_expires_at"), "links", ["expires_at"], unique=False)
    op.create_index(op.f("ix_links_image_seq"), "links", ["image_seq"], unique=False)
    op.create_index(op.f("ix_links_user_id"), "links", ["user_id"], unique=False)
