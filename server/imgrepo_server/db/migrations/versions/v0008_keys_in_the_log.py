"""Which API key somebody used, in the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Apply this step. Of what was done before, nobody wrote down with which key."""
    op.add_column("audit", sa.Column("key", sa.String(length=100), nullable=True))
