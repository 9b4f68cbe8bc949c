"""The search index in the database: the terms of every image, kept in step in its transaction.

On SQLite a full-text table that is given our own terms (``db.terms``) for words: its lists of row
numbers are read newest first and intersected as they are read, so that a page costs what the page
is long. It keeps neither texts nor places, so the terms of a changed image are taken out by naming
them again, and whoever changes ``images.search_text`` has to say so here.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from imgrepo_server.db.tables import TERM_INDEX, blobs, images
from imgrepo_server.db.terms import All, Indexed, Need, terms_of

_ADD = sa.text(f"INSERT INTO {TERM_INDEX} (rowid, terms) VALUES (:seq, :terms)")
_REMOVE = sa.text(
    f"INSERT INTO {TERM_INDEX} ({TERM_INDEX}, rowid, terms) VALUES ('delete', :seq, :terms)"
)
_ROWS = sa.table(TERM_INDEX, sa.column("rowid", sa.Integer), sa.column(TERM_INDEX, sa.Text))
_INDEXED = (
    images.c.search_text,
    blobs.c.camera_key,
    blobs.c.format,
    blobs.c.width,
    blobs.c.height,
    blobs.c.size,
    blobs.c.taken_at,
    images.c.created_at,
)
_OF_IMAGE = (
    sa.select(*_INDEXED)
    .select_from(images.join(blobs))
    .where(images.c.seq == sa.bindparam("seq"))
)
_BATCH = 2000


def add(connection: Connection, seq: int, image: Indexed) -> None:
    """Take an image in."""
    connection.execute(_ADD, {"seq": seq, "terms": _document(image)})
