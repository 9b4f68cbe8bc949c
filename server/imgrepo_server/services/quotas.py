"""Quotas: what an account may hold by its tier.

An upload is held against them three times: by its announced size before its body is read, by its
bytes while they come, and in the change that adds the row. Only the last decides, so that uploads
which arrive together cannot hold more than one after the other could.
"""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import ByteSize

from imgrepo_server.db import holdings
from imgrepo_server.db.database import Connection, Database
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import Tier, TierLimits, Usage, User
from imgrepo_server.plurals import counted

LONGEST_FORM = 512 * 1024
"""More than everything in an upload's form beside the image can take: an announced length says no
better than to this many bytes how large the image is."""


class Quota(StrEnum):
    """Which limit it is that does not allow any more."""

    BYTES_PER_IMAGE = "bytes_per_image"
    IMAGES = "images"
    BYTES = "bytes"


class Quotas:
    """Knows the limits of each tier. Accounts without a tier have none, and cost nothing here."""

    def __init__(self, *, database: Database, tiers: Mapping[Tier, TierLimits]):
        self._database = database
        self._tiers = tiers

    def limits(self, user: User) -> TierLimits | None:
        """What the account may hold; None where nothing is limited."""
        return None if user.tier is None else self._tiers[user.tier]

    async def room(self, user: User, announced: int | None) -> "Room | None":
        """What one more image of the user's may have; None where nothing is limited.

        ``announced`` is the length of the body that carries it, where it is known. Raises
        QUOTA_EXCEEDED where there is no room even now.
        """
        if user.tier is None:
            return None
        limits = self._tiers[user.tier]
        held = await self._database.read(lambda connection: holdings.of_user(connection, user.id))
        room = Room(user.tier, limits, held or Usage(0, 0))
        room.check(1 if announced is None else max(1, announced - LONGEST_FORM))
        return room

    def take(self, connection: Connection, tier: Tier, user_id: int, size: int) -> None:
        """Count an image that is being added; raises QUOTA_EXCEEDED where that is one too many."""
        limits = self._tiers[tier]
        fits = limits.bytes_per_image is None or size <= limits.bytes_per_image
        if fits and holdings.take(connection, user_id, size, limits):
            return
        held = holdings.of_user(connection, user_id)
        Room(tier, limits, held or Usage(0, 0)).check(size)
        raise LookupError(f"account {user_id} has a tier, and nobody counts what it holds")


class Room:
    """What is left to an account, as far as it was known when its upload began."""

    def __init__(self, tier: Tier, limits: TierLimits, held: Usage):
        self._tier = tier
        self._limits = limits
        self._held = held

    def check(self, size: int) -> None:
        """Raise QUOTA_EXCEEDED for an image of so many bytes or more."""
        limits, held = self._limits, self._held
        if limits.bytes_per_image is not None and size > limits.bytes_per_image:
            raise self._exceeded(
                Quota.BYTES_PER_IMAGE,
                limits.bytes_per_image,
                needed=size,
                message=f"An image of a {self._tier} account has "
                f"{_size(limits.bytes_per_image)} at the most.",
            )
        if limits.images is not None and held.images >= limits.images:
            raise self._exceeded(
                Quota.IMAGES,
                limits.images,
                needed=held.images + 1,
                message=f"This {self._tier} account holds {counted(held.images, 'image')}, the "
                f"trash included, and may hold {limits.images:,}. Delete some for good, or ask for "
                "a higher tier.",
            )
        if limits.bytes is not None and held.bytes + size > limits.bytes:
            raise self._exceeded(
                Quota.BYTES,
                limits.bytes,
                needed=held.bytes + size,
                message=f"This {self._tier} account holds {_size(held.bytes)}, the trash "
                f"included, and may hold {_size(limits.bytes)}: the image does not fit. "
                "Delete some for good, or ask for a higher tier.",
            )

    def _exceeded(self, quota: Quota, limit: int, *, needed: int, message: str) -> ImgrepoError:
        return ImgrepoError(
            ErrorCode.QUOTA_EXCEEDED,
            message,
            {
                "quota": quota,
                "limit": limit,
                "needed": needed,
                "images": self._held.images,
                "bytes": self._held.bytes,
                "tier": self._tier,
            },
        )


def _size(size: int) -> str:
    return ByteSize(size).human_readable(decimal=True, separator=" ")
