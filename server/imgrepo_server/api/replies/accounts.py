"""What is told of accounts, to their owners."""

from datetime import datetime

from imgrepo_server.api.replies import Reply
from imgrepo_server.models import Role, Tier, User
from imgrepo_server.services.accounts import Login


class UserBody(Reply):
    """An account, as its owner sees it."""

    name: str
    email: str | None
    role: Role
    created_at: datetime


class LoginBody(Reply):
    """A login: the token is shown here and nowhere else."""

    token: str
    expires_at: datetime
    user: UserBody


class UsageBody(Reply):
    """What an account's images amount to, the trash included."""

    images: int
    bytes: int


class QuotaBody(Reply):
    """What the account may hold, the trash included; null is without limit."""

    bytes_per_image: int | None
    images: int | None
    bytes: int | None


class MeBody(Reply):
    """The caller. ``tier`` and ``quota`` are null where nothing is limited."""

    user: UserBody
    usage: UsageBody
    tier: Tier | None
    quota: QuotaBody | None


def user_body(user: User) -> UserBody:
    """An account, for its owner."""
    return UserBody(name=user.name, email=user.email, role=user.role, created_at=user.created_at)


def login_body(login: Login) -> LoginBody:
    """A fresh login."""
    return LoginBody(token=login.token, expires_at=login.expires_at, user=user_body(login.user))
