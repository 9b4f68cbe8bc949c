"""The search index, and what a million images are sorted by."""

import sqlalchemy as sa
from alembic import op

from imgrepo_server.db import term_index
from imgrepo_server.db.types import UtcDateTime

revision = "0002"
down_revision = "0004"


def upgrade() -> None:
    """Apply this step. It takes about two minutes for a million images."""
    op.add_column("images", sa.Column("size", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("images", sa.Column("taken_at", UtcDateTime()))
    op.add_column(
        "images",
        sa.Column("title_sort", sa.String(length=100), server_default="", nullable=False),
    )
    op.execute(
        "UPDATE images SET title_sort = substr(title_key, 1, 100), (size, taken_at) ="
        " (SELECT size, taken_at FROM blobs WHERE blobs.seq = images.blob_seq)"
    )
    op.drop_index(op.f("ix_images_owner_id_id"), "images")
    for column in ("owner_id", "title_sort", "size", "taken_at"):
        op.create_index(op.f(f"ix_images_{column}"), "images", [column], unique=False)

    for state in ("shared", "gallery"):  # they were in the order of ids, which nothing is sorted by
        op.drop_index(f"ix_images_{state}", "images")
        op.create_index(
            f"ix_images_{state}",
            "images",
            ["seq"],
            unique=False,
            sqlite_where=sa.text(f"visibility = '{state}'"),
            postgresql_where=sa.text(f"visibility = '{state}'"),
        )

    op.execute(
        "CREATE VIRTUAL TABLE image_terms USING fts5"
        "(terms, content='', columnsize=0, detail=none, tokenize='ascii')"
    )
    op.execute("INSERT INTO image_terms (image_terms, rank) VALUES ('automerge', 8)")
    term_index.build(op.get_bind())
