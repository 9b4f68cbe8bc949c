"""The nouns of accounts beyond the account itself: keys, limits, and what the audit log tells."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from imgrepo_server.models import Role, Usage, User


class Scope(StrEnum):
    """What an API key may be used for. A login may do everything that its account may."""

    UPLOAD = "upload"
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


class RegistrationPolicy(StrEnum):
    """Who may create an account for themselves."""

    ANYBODY = "anybody"
    INVITED = "invited"
    NOBODY = "nobody"


_INCLUDED = MappingProxyType(
    {
        Scope.UPLOAD: frozenset({Scope.UPLOAD}),
        Scope.READ: frozenset({Scope.READ}),
        Scope.WRITE: frozenset({Scope.UPLOAD, Scope.READ, Scope.WRITE}),
        Scope.ADMIN: frozenset(Scope),
    }
)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of an account, without its secret. ``last_used_at`` is no newer than to the hour."""

    id: UUID
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None

    def allows(self, scope: Scope, role: Role) -> bool:
        """Whether the key may be used for that, given its account's role."""
        if scope is Scope.ADMIN and role is not Role.ADMIN:
            return False
        return any(scope in _INCLUDED[own] for own in self.scopes)


class Action(StrEnum):
    """What the audit log tells of: the noun, then what was done with it."""

    LOGIN = "login.start"
    LOGIN_FAILED = "login.failed"
    LOGIN_REFUSED = "login.refused"
    LOGOUT = "login.end"
    LOGOUT_EVERYWHERE = "login.end_all"
    PASSWORD = "password.change"  # noqa: S105 -- a word, not a password
    REGISTER = "user.register"
    REGISTER_REFUSED = "user.register_refused"
    USER_ADD = "user.add"
    USER_SET = "user.set"
    USER_DISABLE = "user.disable"
    USER_ENABLE = "user.enable"
    USER_DELETE = "user.delete"
    INVITE = "user.invite"
    KEY_CREATE = "key.create"
    KEY_REVOKE = "key.revoke"
    KEYS_ROTATE = "signing_keys.rotate"
    UPLOAD = "image.upload"
    EDIT = "image.edit"
    TRASH = "image.trash"
    RESTORE = "image.restore"
    PURGE = "image.purge"
    SHARE = "image.share"
    UNSHARE = "image.unshare"
    LINK_CREATE = "link.create"
    LINK_REVOKE = "link.revoke"
    GALLERY = "image.gallery"
    TELL_APART = "image.tell_apart"

    @property
    def is_about_an_account(self) -> bool:
        """Whether the object of such an entry is an account's name."""
        return self.partition(".")[0] in {"login", "password", "user"}


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


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to which object, when. ``seq`` grows with each.

    ``actor`` is an account's name; None for somebody unknown, and for whoever runs
    ``imgrepo-server``. ``object`` is an image's id, an account's name or a key's name; ``address``
    is where a login came from. ``details`` hold JSON values, and never a secret.
    """

    seq: int
    at: datetime
    actor: str | None
    action: Action
    object: str | None
    address: str | None
    details: dict[str, Any] | None
