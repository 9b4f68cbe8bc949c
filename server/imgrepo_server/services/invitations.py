"""One-time codes for registering where only invited people may."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from imgrepo_server.db import audit, invitations
from imgrepo_server.db.database import Connection, Database
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import Action, Clock


@dataclass(frozen=True, slots=True)
class Invitation:
    """A fresh invitation: the code is the only copy there is."""

    code: str
    expires_at: datetime


class Invitations:
    """Writes invitations, and uses them up."""

    def __init__(self, *, database: Database, now: Clock):
        self._database = database
        self._now = now

    async def invite(self, lifetime: timedelta) -> Invitation:
        """A code with which one account can be created, once, within that time."""
        now = self._now()
        made = Invitation(secrets.token_hex(12), now + lifetime)

        def change(connection: Connection) -> None:
            invitations.add(connection, _hashed(made.code), now=now, expires_at=made.expires_at)
            audit.record(connection, Action.INVITE, now=now, actor=None, object_=None)

        await self._database.write(change)
        return made

    async def require(self, code: str | None) -> None:
        """Raise INVITATION_REQUIRED for what is no open invitation."""
        is_open = code is not None and await self._database.read(
            lambda connection: invitations.is_open(connection, _hashed(code), self._now())
        )
        if not is_open:
            raise _required(code)

    def use(self, connection: Connection, code: str | None) -> None:
        """Use a code up, as a part of a change. Raises INVITATION_REQUIRED where another did."""
        if code is None or not invitations.use(connection, _hashed(code), self._now()):
            raise _required(code)


def _required(code: str | None) -> ImgrepoError:
    return ImgrepoError(
        ErrorCode.INVITATION_REQUIRED,
        "This server takes invited people only. Ask its administrator for a code."
        if code is None
        else "This invitation is not valid: it was used or has expired. Ask for another one.",
    )


def _hashed(code: str) -> str:
    # 96 random bits need no slow hash: there is nothing to guess from.
    return hashlib.sha256(code.strip().encode("utf-8", "surrogatepass")).hexdigest()
