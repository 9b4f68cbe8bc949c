"""What whoever runs a server does with other people's accounts; they need no account themselves."""

from collections.abc import Callable
from functools import partial

from imgrepo_server.db import audit, holdings, logins, ownership, users
from imgrepo_server.db.database import Connection, Database
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import Account, Action, Clock, Role, Tier, Usage, User
from imgrepo_server.plurals import counted
from imgrepo_server.services.accounts import name_taken
from imgrepo_server.services.passwords import Passwords

_BATCH = 200
"""Images that change in one transaction: uploads of others wait no longer than for these."""


class Administration:
    """Works on the database, also while servers do. What it changes counts from the next request.

    All methods that take a name raise USER_NOT_FOUND.
    """

    def __init__(self, *, database: Database, passwords: Passwords, now: Clock):
        self._database = database
        self._passwords = passwords
        self._now = now

    async def add(
        self, name: str, password: str, email: str | None, *, role: Role, tier: Tier | None
    ) -> User:
        """Create an account. Raises USERNAME_TAKEN, also for an email that is in use."""
        password_hash = await self._passwords.hash(password)

        def change(connection: Connection) -> User:
            user = users.add(
                connection,
                name=name,
                email=email,
                password_hash=password_hash,
                role=role,
                tier=tier,
                now=self._now(),
            )
            if user is None:
                raise name_taken()
            self._note(connection, Action.USER_ADD, user, role=role, tier=tier)
            return user

        return await self._database.write(change)

    async def accounts(self) -> tuple[Account, ...]:
        """All accounts by name."""
        return await self._database.read(users.every)

    async def usage(self, name: str) -> Usage:
        """What an account holds."""
        return await self._database.read(
            lambda connection: holdings.summed(connection, _named(connection, name).id)
        )

    async def set_role(self, name: str, role: Role) -> None:
        """Make somebody an administrator, or a user like any."""

        def change(connection: Connection) -> None:
            user = _named(connection, name)
            users.set_role(connection, user.id, role)
            self._note(connection, Action.USER_SET, user, role=role)

        await self._database.write(change)

    async def set_tier(self, name: str, tier: Tier | None) -> None:
        """Give an account a tier, or none. What it holds over the new limits stays."""

        def change(connection: Connection) -> None:
            user = _named(connection, name)
            users.set_tier(connection, user.id, tier)
            self._note(connection, Action.USER_SET, user, tier=tier or "unlimited")

        await self._database.write(change)

    async def set_password(self, name: str, password: str) -> None:
        """Set somebody's password; ends every login of the account."""
        password_hash = await self._passwords.hash(password)

        def change(connection: Connection) -> None:
            user = _named(connection, name)
            users.set_password(connection, user.id, password_hash)
            logins.remove_all(connection, user.id)
            self._note(connection, Action.PASSWORD, user)

        await self._database.write(change)

    async def disable(self, name: str) -> None:
        """Shut an account out: its logins end, and its keys do nothing until it is enabled."""

        def change(connection: Connection) -> None:
            user = _named(connection, name)
            users.set_disabled(connection, user.id, self._now())
            logins.remove_all(connection, user.id)
            self._note(connection, Action.USER_DISABLE, user)

        await self._database.write(change)

    async def enable(self, name: str) -> None:
        """Let a disabled account in again."""

        def change(connection: Connection) -> None:
            user = _named(connection, name)
            users.set_disabled(connection, user.id, None)
            self._note(connection, Action.USER_ENABLE, user)

        await self._database.write(change)

    async def delete(
        self,
        name: str,
        *,
        reassign_to: str | None,
        purge: bool = False,
        report: Callable[[int], None],
    ) -> int:
        """Delete an account; its images go to another one, or for good. Returns how many.

        Shuts the account out first. Interrupted, it goes on when it is run again. ``report`` hears
        how many images are done so far. Raises INVALID_REQUEST for giving them to itself, and
        where there are images and neither an heir nor ``purge`` is given.
        """
        user, heir = await self._database.read(
            lambda connection: _parties(connection, name, reassign_to)
        )
        if heir is None and not purge:
            await self._database.write(partial(self._remove_empty, user=user))
            return 0
        await self.disable(name)
        done = 0
        while moved := await self._database.write(
            partial(self._move_some, user=user, heir=heir, done=done)
        ):
            done += moved
            report(done)
        return done

    def _remove_empty(self, connection: Connection, *, user: User) -> None:
        # Looked at in the very change that removes it: an upload may have ended meanwhile.
        held = holdings.summed(connection, user.id)
        if held.images:
            raise ImgrepoError(
                ErrorCode.INVALID_REQUEST,
                f"{user.name} has {counted(held.images, 'image')}. Give them to somebody, or "
                "delete them for good.",
                {"images": held.images},
            )
        users.remove(connection, user.id)
        self._note(connection, Action.USER_DELETE, user, images=0, reassigned_to=None)

    async def note_rotation(self, key_id: str, *, forget_old: bool) -> None:
        """Write down that the signing keys were rotated."""
        await self._database.write(
            lambda connection: audit.record(
                connection,
                Action.KEYS_ROTATE,
                now=self._now(),
                actor=None,
                object_=key_id,
                details={"forget_old": forget_old},
            )
        )

    def _move_some(
        self, connection: Connection, *, user: User, heir: User | None, done: int
    ) -> int:
        """Some more images; and the account once there are none, 0."""
        if heir is None:
            moved = ownership.purge_some(connection, user, self._now(), _BATCH)
        else:
            moved = ownership.hand_over_some(connection, user, heir, self._now(), _BATCH)
        if not moved:
            users.remove(connection, user.id)
            heirs = None if heir is None else heir.name
            self._note(connection, Action.USER_DELETE, user, images=done, reassigned_to=heirs)
        return moved

    def _note(self, connection: Connection, action: Action, user: User, **details: object) -> None:
        audit.record(
            connection,
            action,
            now=self._now(),
            actor=None,
            object_=user.name,
            details=details or None,
        )


def _named(connection: Connection, name: str) -> User:
    user = users.by_name(connection, name)
    if user is None:
        raise ImgrepoError(
            ErrorCode.USER_NOT_FOUND,
            f"There is no account {name}. See: imgrepo-server user list.",
            {"user": name},
        )
    return user


def _parties(
    connection: Connection, name: str, reassign_to: str | None
) -> tuple[User, User | None]:
    user = _named(connection, name)
    if reassign_to is None:
        return user, None
    heir = _named(connection, reassign_to)
    if heir.id == user.id:
        raise ImgrepoError(ErrorCode.INVALID_REQUEST, "Name another account to give the images to.")
    return user, heir
