"""Numbers of deleted accounts are not given to others."""

import sqlalchemy as sa
from alembic import op

from imgrepo_server.db.types import UtcDateTime

revision = "0006"
down_revision = "0002"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLUMNS = "id, name, name_key, email, password_hash, role, created_at, disabled_at, tier"


def upgrade() -> None:
    """Apply this step. SQLite does it for a new table only; PostgreSQL has always done it."""
    if op.get_bind().dialect.name != "sqlite":
        return
    op.create_table(
        "users_anew",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("name_key", sa.String(length=256), nullable=False),
        sa.Column("email", sa.String(length=254)),
        sa.Column("password_hash", sa.String(length=100)),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("disabled_at", UtcDateTime()),
        sa.Column("tier", sa.String(length=16)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sa.UniqueConstraint("name_key", name=op.f("uq_users_name_key")),
        sqlite_autoincrement=True,
    )
    copy = f"INSERT INTO users_anew ({COLUMNS}) SELECT {COLUMNS} FROM users"  # noqa: S608 -- ours
    op.execute(copy)
    op.drop_table("users")
    op.rename_table("users_anew", "users")
