"""Accounts: who somebody is, on whose behalf a question is asked, and what an account may hold."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What an account may do beyond its own images."""

    USER = "user"
    ADMIN = "admin"


class Tier(StrEnum):
    """What an account may hold and see, from least to most; no tier at all is above them all."""

    FREE = "free"
    PREMIUM = "premium"
    BUSINESS = "business"

    @property
    def rank(self) -> int:
        """0 for the least. The order of the names means nothing, so compare these."""
        return tuple(Tier).index(self)

    def is_reached_by(self, tier: "Tier | None") -> bool:
        """Whether somebody of that tier (None: without limits) has this one or more."""
        return tier is None or tier.rank >= self.rank


@dataclass(frozen=True, slots=True)
class User:
    """An account. ``id`` is internal and never leaves the server; ``name`` is public.

    Without a ``tier`` nothing is limited.
    """

    id: int
    name: str
    email: str | None
    role: Role
    created_at: datetime
    tier: Tier | None = None


@dataclass(frozen=True, slots=True)
class Viewer:
    """On whose behalf a question is asked; without a user, an anonymous caller.

    ``key`` is the name of the API key they came with, None for a login.
    """

    user: User | None = None
    key: str | None = None

    @property
    def user_id(self) -> int | None:
        """The account's internal id, None for an anonymous caller."""
        return self.user.id if self.user else None


ANONYMOUS = Viewer()


@dataclass(frozen=True, slots=True)
class Usage:
    """What an account's images amount to, the trash included."""

    images: int
    bytes: int


class RegistrationPolicy(StrEnum):
    """Who may create an account for themselves."""

    ANYBODY = "anybody"
    INVITED = "invited"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Account:
    """An account as an administrator sees it; ``disabled_at`` is None while it may come in."""

    user: User
    disabled_at: datetime | None
    usage: Usage


@dataclass(frozen=True, slots=True)
class TierLimits:
    """What an account of a tier may hold, the trash included; None is without limit."""

    bytes_per_image: int | None = None
    images: int | None = None
    bytes: int | None = None
