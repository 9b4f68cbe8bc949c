"""The words of an image as they are searched and sorted: columns of its row, terms of the index."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from imgrepo_server.db import tags, term_index
from imgrepo_server.db.blobs import Facts
from imgrepo_server.db.tables import TITLE_SORT, images, users
from imgrepo_server.db.terms import Indexed
from imgrepo_server.models import NewImage, User
from imgrepo_server.text import fold


def search_text(title: str, description: str, owner: str, names: Iterable[str]) -> str:
    """What keywords are looked for in.

    Folding leaves no line break, so the fields stay apart: no keyword matches across two of them.
    """
    return "\n".join(fold(field) for field in (title, description, owner, *names))


def of_title(title: str) -> dict[str, Any]:
    """The columns that depend on a title."""
    folded = fold(title)
    return {"title": title, "title_key": folded, "title_sort": folded[:TITLE_SORT]}


def of_description(description: str) -> dict[str, Any]:
    """The columns that depend on a description."""
    return {"description": description, "description_key": fold(description)}


def of_new(new: NewImage, owner: User) -> dict[str, Any]:
    """All columns of words that a new image has."""
    text = search_text(new.title, new.description, owner.name, new.tags)
    return of_title(new.title) | of_description(new.description) | {"search_text": text}


def index_new(connection: Connection, seq: int, text: str, facts: Facts, now: datetime) -> None:
    """Take an image that was just inserted, with that ``search_text``, into the index."""
    indexed = Indexed(
        text=text,
        camera=facts.camera_key,
        format=facts.format,
        width=facts.width,
        height=facts.height,
        size=facts.size,
        taken_at=facts.taken_at,
        created_at=now,
    )
    term_index.add(connection, seq, indexed)


def index_again(connection: Connection, seq: int) -> None:
    """Bring ``search_text`` and the index up to what an image's row and tags say."""
    row = connection.execute(
        sa.select(images.c.title, images.c.description, users.c.name, images.c.search_text)
        .select_from(images.join(users))
        .where(images.c.seq == seq)
    ).one()
    names = tags.of_images(connection, [seq]).get(seq, [])
    text = search_text(row.title, row.description, row.name, names)
    if text == row.search_text:
        return
    term_index.take_out(connection, seq)
    connection.execute(sa.update(images).where(images.c.seq == seq).values(search_text=text))
    term_index.put_back(connection, seq)
