"""With whom images are shared, by the names that their owners gave."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from imgrepo_server.db.tables import image_shares, users
from imgrepo_server.text import fold


def add(connection: Connection, image_seq: int, names: Sequence[str]) -> None:
    """Share an image with the accounts of these names, as they are now.

    A name without an account is kept, too, and gives nobody anything, also not whoever takes it
    later: what happens tells nothing about accounts, and a misspelt name opens no door.
    """
    remove(connection, image_seq, names)
    rows = {fold(name): name for name in names}
    for key, name in rows.items():
        account = sa.select(users.c.id).where(users.c.name_key == key).scalar_subquery()
        connection.execute(
            sa.insert(image_shares).values(
                image_seq=image_seq, name_key=key, name=name, user_id=account
            )
        )


def remove(connection: Connection, image_seq: int, names: Sequence[str]) -> None:
    """Share an image no longer with these; names that it was not shared with are no error."""
    connection.execute(
        sa.delete(image_shares).where(
            image_shares.c.image_seq == image_seq,
            image_shares.c.name_key.in_([fold(name) for name in names]),
        )
    )


def remove_all(connection: Connection, image_seq: int) -> None:
    """Share an image with nobody."""
    connection.execute(sa.delete(image_shares).where(image_shares.c.image_seq == image_seq))


def names_of(connection: Connection, image_seqs: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The names that each image is shared with, in alphabetical order; for its owner's eyes."""
    if not image_seqs:
        return {}
    rows = connection.execute(
        sa.select(image_shares.c.image_seq, image_shares.c.name)
        .where(image_shares.c.image_seq.in_(image_seqs))
        .order_by(image_shares.c.name_key)
    )
    found: dict[int, tuple[str, ...]] = {}
    for seq, name in rows:
        found[seq] = (*found.get(seq, ()), name)
    return found
