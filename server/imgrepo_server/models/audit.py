"""What the audit log tells."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


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
class AuditEntry:
    """Who did what to which object, when. ``seq`` grows with each.

    ``actor`` is an account's name; None for somebody unknown, and for whoever runs
    ``imgrepo-server``. ``object`` is an image's id, an account's name or a key's name; ``address``
    is where a login came from. ``details`` hold JSON values, and never a secret. ``key`` is the
    name of the API key that the actor used, None for a login.
    """

    seq: int
    at: datetime
    actor: str | None
    action: Action
    object: str | None
    address: str | None
    details: dict[str, Any] | None
    key: str | None = None
