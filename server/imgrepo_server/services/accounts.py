"""Accounts and logins."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import uuid_utils.compat as uuid7_source

from imgrepo_server.db import audit, holdings, logins, users
from imgrepo_server.db.database import Connection, Database
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import Action, Clock, RegistrationPolicy, Role, Tier, Usage, User, Viewer
from imgrepo_server.services.guessing import Guessing
from imgrepo_server.services.invitations import Invitations
from imgrepo_server.services.pace import Pace, network_key, too_many
from imgrepo_server.services.passwords import Passwords
from imgrepo_server.services.proof import Proof
from imgrepo_server.services.refusals import Refusals
from imgrepo_server.services.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Login:
    """A fresh login: the token is the only copy there is."""

    token: str
    expires_at: datetime
    user: User


class Accounts:
    """Who people are. ``lifetime`` is how long a login lasts; new accounts get ``default_tier``.

    ``registrations`` is how many attempts to register an address has; see ``Pace``.
    """

    def __init__(
        self,
        *,
        database: Database,
        passwords: Passwords,
        tokens: Tokens,
        guessing: Guessing,
        now: Clock,
        lifetime: timedelta,
        registration: RegistrationPolicy,
        registrations: str,
        default_tier: Tier | None,
    ):
        self._database = database
        self._passwords = passwords
        self._tokens = tokens
        self._refusals = Refusals(database=database, now=now)
        self._proof = Proof(
            database=database,
            passwords=passwords,
            guessing=guessing,
            refusals=self._refusals,
            now=now,
        )
        self._registrations = Pace(registrations)
        self._invitations = Invitations(database=database, now=now)
        self._now = now
        self._lifetime = lifetime
        self._registration = registration
        self._default_tier = default_tier

    async def register(
        self,
        name: str,
        password: str,
        email: str | None,
        *,
        invitation: str | None = None,
        address: str | None = None,
    ) -> Login:
        """Create an account and log in.

        Raises REGISTRATION_CLOSED, INVITATION_REQUIRED, TOO_MANY_ATTEMPTS, USERNAME_TAKEN, and
        OVERLOADED where too many others register.
        """
        if self._registration is RegistrationPolicy.NOBODY:
            raise ImgrepoError(
                ErrorCode.REGISTRATION_CLOSED,
                "This server takes no new accounts. Ask its administrator for one.",
            )
        invited = self._registration is RegistrationPolicy.INVITED
        if invited:  # before anything else: to strangers, not even a name is said to be taken
            await self._invitations.require(invitation)
        wait = self._registrations.count(network_key(address))
        if wait:
            await self._refusals.note(Action.REGISTER_REFUSED, name, address)
            raise too_many("Too many registrations from this address.", wait)
        password_hash = await self._passwords.hash(password)

        def change(connection: Connection) -> Login:
            if invited:
                self._invitations.use(connection, invitation)
            user = users.add(
                connection,
                name=name,
                email=email,
                password_hash=password_hash,
                role=Role.USER,
                tier=self._default_tier,
                now=self._now(),
            )
            if user is None:
                raise name_taken()
            self._note(connection, Action.REGISTER, user.name, address)
            return self._start_login(connection, user, address)

        return await self._database.write(change)

    async def log_in(self, name: str, password: str, address: str | None = None) -> Login:
        """Start a login. Raises INVALID_CREDENTIALS, the same for a wrong name and password.

        Raises TOO_MANY_ATTEMPTS after many that failed.
        """

        async def plan(user: User) -> Callable[[Connection], Login]:
            return lambda connection: self._start_login(connection, user, address)

        login = await self._proof.then(name, password, address, plan)
        if login is None:
            raise ImgrepoError(
                ErrorCode.INVALID_CREDENTIALS, "The user name or the password is wrong."
            )
        return login

    async def log_out(self, user: User, token: str) -> None:
        """Revoke the login of a token of the user's."""

        def change(connection: Connection) -> None:
            login_id = self._tokens.login_id(token)
            if login_id is not None:
                logins.remove(connection, login_id)
                self._note(connection, Action.LOGOUT, user.name)

        await self._database.write(change)

    async def log_out_everywhere(self, user: User, *, key: str | None = None) -> None:
        """Revoke every login of the account; ``key`` is the API key that asks for it, if any."""

        def change(connection: Connection) -> None:
            logins.remove_all(connection, user.id)
            self._note(connection, Action.LOGOUT_EVERYWHERE, user.name, key=key)

        await self._database.write(change)

    async def change_password(
        self,
        user: User,
        current: str,
        new: str,
        address: str | None = None,
        *,
        key: str | None = None,
    ) -> Login:
        """Set a new password and end every login but the one returned.

        ``key`` is the API key that asks for it, if any. Raises INVALID_CREDENTIALS where
        ``current`` is wrong, TOO_MANY_ATTEMPTS.
        """

        async def plan(proven: User) -> Callable[[Connection], Login]:
            password_hash = await self._passwords.hash(new)
            return partial(self._replace_password, proven, password_hash, address, key)

        login = await self._proof.then(user.name, current, address, plan)
        if login is None:
            raise ImgrepoError(ErrorCode.INVALID_CREDENTIALS, "The current password is wrong.")
        return login

    async def viewer(self, token: str) -> Viewer:
        """On whose behalf a token speaks. Raises UNAUTHENTICATED for one that is not valid."""

        def find(connection: Connection) -> User | None:
            login_id = self._tokens.login_id(token)  # here, on a thread: it may read the keys anew
            return None if login_id is None else logins.user_of(connection, login_id, self._now())

        user = await self._database.read(find)
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
        return await self._database.read(lambda connection: holdings.summed(connection, user.id))

    async def ensure_local_owner(self, name: str) -> Viewer:
        """The owner of a local repository, created at the first use, without a password."""
        found = await self._database.read(lambda connection: users.by_name(connection, name))
        if found is None:
            found = await self._database.write(
                lambda connection: users.local_owner(connection, name, self._now())
            )
        return Viewer(found)

    def _replace_password(
        self,
        user: User,
        password_hash: str,
        address: str | None,
        key: str | None,
        connection: Connection,
    ) -> Login:
        users.set_password(connection, user.id, password_hash)
        logins.remove_all(connection, user.id)
        self._note(connection, Action.PASSWORD, user.name, address, key)
        return self._start_login(connection, user, address)

    def _start_login(self, connection: Connection, user: User, address: str | None) -> Login:
        now = self._now()
        login_id = uuid7_source.uuid7()
        expires_at = (now + self._lifetime).replace(microsecond=0)
        logins.add(connection, login_id=login_id, user_id=user.id, now=now, expires_at=expires_at)
        self._note(connection, Action.LOGIN, user.name, address)
        return Login(self._tokens.issue(login_id, now, expires_at), expires_at, user)

    def _note(
        self,
        connection: Connection,
        action: Action,
        name: str,
        address: str | None = None,
        key: str | None = None,
    ) -> None:
        """What somebody did to their own account."""
        audit.record(
            connection,
            action,
            now=self._now(),
            actor=name,
            object_=name,
            address=address,
            key=key,
        )


def name_taken() -> ImgrepoError:
    """The refusal of a name or email that another account has."""
    return ImgrepoError(
        ErrorCode.USERNAME_TAKEN,
        "That user name or email is taken. Choose another, or log in if it is yours.",
    )
