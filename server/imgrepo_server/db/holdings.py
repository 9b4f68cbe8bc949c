"""What the images of each account with a tier amount to, kept up to date with every change."""

import sqlalchemy as sa
from sqlalchemy import Connection

from imgrepo_server.db.tables import blobs, holdings, images
from imgrepo_server.models import TierLimits, Usage

_MORE_THAN_ANY = 1 << 62
_SIZE = sa.bindparam("size", type_=sa.BigInteger)
_MINE = holdings.c.user_id == sa.bindparam("owner_id")
_OF_USER = sa.select(holdings.c.images, holdings.c.bytes).where(_MINE)
_TAKE = (
    sa.update(holdings)
    .where(
        _MINE,
        holdings.c.images < sa.bindparam("most_images", type_=sa.BigInteger),
        holdings.c.bytes <= sa.bindparam("most_bytes", type_=sa.BigInteger) - _SIZE,
    )
    .values(images=holdings.c.images + 1, bytes=holdings.c.bytes + _SIZE)
)
_GIVE_BACK = (
    sa.update(holdings)
    .where(_MINE)
    .values(images=holdings.c.images - 1, bytes=holdings.c.bytes - _SIZE)
)


def summed(connection: Connection, user_id: int) -> Usage:
    """How many images any account has and how many bytes they take, the trash included.

    Takes longer the more there are.
    """
    row = connection.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(blobs.c.size), 0))
        .select_from(images.join(blobs))
        .where(images.c.owner_id == user_id)
    ).one()
    return Usage(images=row[0], bytes=int(row[1]))


def of_user(connection: Connection, user_id: int) -> Usage | None:
    """What an account with a tier holds; None for one without."""
    row = connection.execute(_OF_USER, {"owner_id": user_id}).first()
    return Usage(images=row.images, bytes=row.bytes) if row else None


def take(connection: Connection, user_id: int, size: int, limits: TierLimits) -> bool:
    """Count one more image of ``size`` bytes, in the change that adds it; False: over a limit."""
    given = {
        "owner_id": user_id,
        "size": size,
        "most_images": _MORE_THAN_ANY if limits.images is None else limits.images,
        "most_bytes": _MORE_THAN_ANY if limits.bytes is None else limits.bytes,
    }
    return connection.execute(_TAKE, given).rowcount == 1


def give_back(connection: Connection, user_id: int, size: int) -> None:
    """Count one image less, in the change that removes it."""
    connection.execute(_GIVE_BACK, {"owner_id": user_id, "size": size})


def begin(connection: Connection, user_id: int) -> None:
    """Count what an account holds from now on, as its tier asks."""
    end(connection, user_id)
    usage = summed(connection, user_id)
    connection.execute(
        sa.insert(holdings).values(user_id=user_id, images=usage.images, bytes=usage.bytes)
    )


def end(connection: Connection, user_id: int) -> None:
    """Count no longer: nothing is limited."""
    connection.execute(sa.delete(holdings).where(holdings.c.user_id == user_id))
