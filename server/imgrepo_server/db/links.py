"""Links: one works while its row is here, its image is kept, and its maker still owns that."""

import sqlalchemy as sa
from sqlalchemy import Connection

from imgrepo_server.db.tables import links


def end(connection: Connection, image_seq: int) -> None:
    """End all links of an image."""
    connection.execute(sa.delete(links).where(links.c.image_seq == image_seq))
