"""The search index in the database: the terms of every image, kept in step in its transaction.

On SQLite a full-text table that is given our own terms (``db.terms``) for words: its lists of row
numbers are read newest first and intersected as they are read, so that a page costs what the page
is long. It keeps neither texts nor places, so the terms of a changed image are taken out by naming
them again, and whoever changes ``images.search_text`` has to say so here.
"""

import sqlalchemy as sa
from sqlalchemy import Connection

from imgrepo_server.db.needs import All, Need
from imgrepo_server.db.tables import blobs, images
from imgrepo_server.db.terms import Indexed, terms_of

# For the driver itself: every upload runs one, and SQLAlchemy would cost as much as the terms.
_ADD = "INSERT INTO image_terms (rowid, terms) VALUES (?, ?)"
_REMOVE = "INSERT INTO image_terms (image_terms, rowid, terms) VALUES ('delete', ?, ?)"
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
    sa.select(*_INDEXED).select_from(images.join(blobs)).where(images.c.seq == sa.bindparam("seq"))
)
_ALL = (
    sa.select(images.c.seq, *_INDEXED)
    .select_from(images.join(blobs))
    .where(images.c.seq > sa.bindparam("after"))
    .order_by(images.c.seq)
    .limit(2000)
)

rows = sa.table("image_terms", sa.column("rowid", sa.Integer))
"""The index as something to join with ``images``: each image once, by its ``seq``."""


def add(connection: Connection, seq: int, image: Indexed) -> None:
    """Take a new image in."""
    connection.exec_driver_sql(_ADD, (seq, _document(image)))


def take_out(connection: Connection, seq: int) -> None:
    """Take an image out: before its words change, and before its row goes."""
    connection.exec_driver_sql(_REMOVE, (seq, _document(_stored(connection, seq))))


def put_back(connection: Connection, seq: int) -> None:
    """Take an image in again as its row has it now."""
    add(connection, seq, _stored(connection, seq))


def build(connection: Connection) -> None:
    """Take all images in, into an index that is empty."""
    after = 0
    while found := connection.execute(_ALL, {"after": after}).all():
        documents = [(row.seq, _document(Indexed(*row[1:]))) for row in found]
        connection.exec_driver_sql(_ADD, documents)
        after = found[-1].seq


def has(need: Need) -> sa.ColumnElement[bool]:
    """Whether an image in ``rows`` has what is needed."""
    return sa.literal_column("image_terms").op("MATCH", is_comparison=True)(_expression(need))


def _stored(connection: Connection, seq: int) -> Indexed:
    return Indexed(*connection.execute(_OF_IMAGE, {"seq": seq}).one())


def _document(image: Indexed) -> str:
    return " ".join(terms_of(image))


def _expression(need: Need) -> str:
    # Nothing in a term has a meaning to the full-text engine, quotes and letters of operators
    # included: see the alphabet of ``db.terms``.
    if isinstance(need, str):
        return f'"{need}"'
    word = " AND " if isinstance(need, All) else " OR "
    return f"({word.join(map(_expression, need.parts))})"
