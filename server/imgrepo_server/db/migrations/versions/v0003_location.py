"""Whether others may know where an image was taken; at first not, for existing images too."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0005"


def upgrade() -> None:
    """Apply this step."""
    op.add_column(
        "images",
        sa.Column("share_location", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
