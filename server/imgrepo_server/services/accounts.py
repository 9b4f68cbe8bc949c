"""Accounts and logins."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import uuid_utils.compat as uuid7_source

from imgrepo_server.db import logins, users
from imgrepo_server.db.database import Connection, Database
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import Clock, Role, Usage, User, Viewer
from imgrepo_server.services.passwords import Passwords
from imgrepo_server.services.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Login:
    """A fresh login: the token is the only copy there is."""

    token: str
    expires_at: datetime
    user: User


class Accounts:
    """Who people are. ``lifetime`` is how long a login lasts."""

    def __init__(
        self,
        *,
        database: Database,
        passwords: Passwords,
        tokens: Tokens,
        now: Clock,
        lifetime: timedelta,
        registration: bool,
    ):
        self._database = database
        self._passwords = passwords
        self._tokens = tokens
        self._now = now
        self._lifetime = lifetime
        self._registration = registration

    async def register(self, name: str, password: str, email: str | None) -> Login:
        """Create an account and log in. Raises REGISTRATION_CLOSED, USERNAME_TAKEN."""
        if not self._registration:
            raise ImgrepoError(
                ErrorCode.REGISTRATION_CLOSED,
                "This server takes no new accounts. Ask its administrator for one.",
            )
        user = await self.create(name, password, email, Role.USER)
        return await self._start_login(user)

    async def create(self, name: str, password: str, email: str | None, role: Role) -> User:
        """Create an account. Raises USERNAME_TAKEN, also for an email that is in use."""
        password_hash = await self._passwords.hash(password)
        user = await self._database.write(
            lambda connection: users.add(
                connection,
                name=name,
                email=email,
                password_hash=password_hash,
                role=role,
                now=self._now(),
            )
        )
        if user is None:
            raise ImgrepoError(
                ErrorCode.USERNAME_TAKEN,
                "That user name or email is taken. Choose another, or log in if it is yours.",
            )
        return user

    async def log_in(self, name: str, password: str) -> Login:
        """Start a login. Raises INVALID_CREDENTIALS, the same for a wrong name and password."""
        found = await self._database.read(lambda connection: users.credentials(connection, name))
        user, stored = found or (None, None)
        if not await self._passwords.matches(password, stored) or user is None:
            raise ImgrepoError(
                ErrorCode.INVALID_CREDENTIALS, "The user name or the password is wrong."
            )
        return await self._start_login(user)

    async def log_out(self, token: str) -> None:
        """Revoke the login of a token."""
        login_id = self._tokens.login_id(token)
        if login_id is not None:
            await self._database.write(lambda connection: logins.remove(connection, login_id))

    async def change_password(self, user: User, current: str, new: str) -> Login:
        """Set a new password and end every login but the one returned.

        Raises INVALID_CREDENTIALS where ``current`` is wrong.
        """
        found = await self._database.read(
            lambda connection: users.credentials(connection, user.name)
        )
        if found is None or not await self._passwords.matches(current, found[1]):
            raise ImgrepoError(ErrorCode.INVALID_CREDENTIALS, "The current password is wrong.")
        await self.set_password(user, new)
        return await self._start_login(user)

    async def set_password(self, user: User, new: str) -> None:
        """Set a password, as an administrator may; ends every login of the account."""
        password_hash = await self._passwords.hash(new)

        def change(connection: Connection) -> None:
            users.set_password(connection, user.id, password_hash)
            logins.remove_all(connection, user.id)

        await self._database.write(change)

    async def viewer(self, token: str) -> Viewer:
        """On whose behalf a token speaks. Raises UNAUTHENTICATED for one that is not valid."""
        login_id = self._tokens.login_id(token)
        if login_id is not None:
            user = await self._database.read(
                lambda connection: logins.user_of(connection, login_id, self._now())
            )
            if user is not None:
                return Viewer(user)
        raise ImgrepoError(
            ErrorCode.UNAUTHENTICATED, "This login has ended or was revoked. Log in again."
        )

    async def ping(self) -> None:
        """Return once the database has answered."""
        await self._database.read(lambda connection: users.by_name(connection, ""))

    async def usage(self, user: User) -> Usage:
        """What the account's images amount to."""
        return await self._database.read(lambda connection: users.usage(connection, user.id))

    async def ensure_local_owner(self, name: str) -> Viewer:
        """The owner of a local repository, created at the first use, without a password."""
        found = await self._database.read(lambda connection: users.by_name(connection, name))
        if found is None:
            found = await self._database.write(
                lambda connection: _local_owner(connection, name, self._now())
            )
        return Viewer(found)

    async def _start_login(self, user: User) -> Login:
        now = self._now()
        login_id = uuid7_source.uuid7()
        expires_at = (now + self._lifetime).replace(microsecond=0)
        await self._database.write(
            lambda connection: logins.add(
                connection, login_id=login_id, user_id=user.id, now=now, expires_at=expires_at
            )
        )
        return Login(self._tokens.issue(login_id, now, expires_at), expires_at, user)


def _local_owner(connection: Connection, name: str, now: datetime) -> User:
    made = users.add(
        connection, name=name, email=None, password_hash=None, role=Role.ADMIN, now=now
    )
    found = made or users.by_name(connection, name)
    if found is None:
        raise LookupError(name)
    return found
