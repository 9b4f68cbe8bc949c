"""Tiers, API keys, invitations, and the audit log."""

import sqlalchemy as sa
from alembic import op

from imgrepo_server.db.types import UtcDateTime

revision = "0005"
down_revision = "0001"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply this step; existing accounts keep going without limits."""
    op.add_column("users", sa.Column("tier", sa.String(length=16)))

    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("secret_sha256", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.String(length=100), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime()),
        sa.Column("last_used_at", UtcDateTime()),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_api_keys_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("secret_sha256", name=op.f("uq_api_keys_secret_sha256")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_api_keys_user_id_name")),
    )

    op.create_table(
        "invitations",
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("code_sha256", name=op.f("pk_invitations")),
    )

    op.create_table(
        "holdings",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("images", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_holdings_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_holdings")),
    )

    op.create_table(
        "audit",
        sa.Column("seq", KEY, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=64)),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("object", sa.String(length=100)),
        sa.Column("address", sa.String(length=64)),
        sa.Column("details", sa.JSON(none_as_null=True)),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
