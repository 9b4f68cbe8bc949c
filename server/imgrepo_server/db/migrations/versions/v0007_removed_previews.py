"""Previews of an image of its own, which go with it."""

import sqlalchemy as sa
from alembic import op

from imgrepo_server.db.types import UtcDateTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Apply this step. Nothing was made for single images before, so nothing is to be removed."""
    op.create_table(
        "removed_previews",
        sa.Column("image_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("image_id", name=op.f("pk_removed_previews")),
    )
    op.create_index(
        op.f("ix_removed_previews_removed_at"), "removed_previews", ["removed_at"], unique=False
    )
