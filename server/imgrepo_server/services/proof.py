"""Proving a password, and acting on the proof while it still holds."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from imgrepo_server.db import audit, users
from imgrepo_server.db.database import Connection, Database
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import Action, Clock, User
from imgrepo_server.services.guessing import Guessing
from imgrepo_server.services.passwords import Passwords
from imgrepo_server.services.refusals import Refusals

T = TypeVar("T")

_TRIES = 3


@dataclass(frozen=True, slots=True)
class _Proven:
    """An account, and the hash that the password was found to match."""

    user: User
    password_hash: str


class Proof:
    """Checks passwords slowly, off the loop, and never acts on what has changed meanwhile."""

    def __init__(
        self,
        *,
        database: Database,
        passwords: Passwords,
        guessing: Guessing,
        refusals: Refusals,
        now: Clock,
    ):
        self._refusals = refusals
        self._database = database
        self._passwords = passwords
        self._guessing = guessing
        self._now = now

    async def then(
        self,
        name: str,
        password: str,
        address: str | None,
        plan: Callable[[User], Awaitable[Callable[[Connection], T]]],
    ) -> T | None:
        """Run the change that ``plan`` gives for the account, if this is its password; else None.

        It is still the password, and the account still open, in the transaction of that change:
        the check takes long enough for an owner to set another. A name that is nobody's takes as
        long as a wrong password. Raises TOO_MANY_ATTEMPTS after many that failed.
        """
        for _ in range(_TRIES):
            proven = await self._proven(name, password, address)
            if proven is None:
                return None
            done = await self._database.write(partial(_if_still, proven, await plan(proven.user)))
            if done is not None:
                return done[0]
            # It has another hash now, of another password or of the same one: look again.
        return None

    async def _proven(self, name: str, password: str, address: str | None) -> _Proven | None:
        async with self._noting(name, address), self._guessing.attempt(name, address) as attempt:
            found = await self._database.read(
                lambda connection: users.credentials(connection, name)
            )
            user, stored = found or (None, None)
            matches = await self._passwords.matches(password, stored)
            if matches and user is not None and stored is not None:
                attempt.succeeded = True
                return _Proven(user, await self._renewed(user, password, stored))
        # Of a name that is nobody's nothing is kept: it may well be somebody's password.
        known = None if user is None else user.name
        await self._database.write(
            lambda connection: audit.record(
                connection,
                Action.LOGIN_FAILED,
                now=self._now(),
                actor=None,
                object_=known,
                address=address,
            )
        )
        return None

    @asynccontextmanager
    async def _noting(self, name: str, address: str | None) -> AsyncIterator[None]:
        """Around an attempt, which may be refused."""
        try:
            yield
        except ImgrepoError as error:
            if error.code is ErrorCode.TOO_MANY_ATTEMPTS:
                await self._refusals.note(Action.LOGIN_REFUSED, name, address)
            raise

    async def _renewed(self, user: User, password: str, stored: str) -> str:
        """The hash, made anew where it was made with other rounds than hashes are made with now.

        For else it would take another time to check than that of a name that is nobody's.
        """
        if self._passwords.is_current(stored):
            return stored
        try:
            fresh = await self._passwords.hash(password)
        except ImgrepoError as error:
            if error.code is not ErrorCode.OVERLOADED:
                raise
            return stored  # at a later login
        await self._database.write(
            lambda connection: users.renew_hash(connection, user.id, stored, fresh)
        )
        return fresh


def _if_still(
    proven: _Proven, change: Callable[[Connection], T], connection: Connection
) -> tuple[T] | None:
    holds = users.still_has(connection, proven.user.id, proven.password_hash)
    return (change(connection),) if holds else None
