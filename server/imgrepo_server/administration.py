"""The parts that the administrating commands need, put together for one command at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NoReturn, TypeVar

from pydantic import ValidationError

from imgrepo_server.api.requests.accounts import PasswordChange, Registration
from imgrepo_server.db import audit
from imgrepo_server.db.database import Database
from imgrepo_server.db.open import database_at, is_there
from imgrepo_server.errors import ImgrepoError
from imgrepo_server.models import Account, AuditEntry, Role, Tier, Usage, User
from imgrepo_server.services.administration import Administration
from imgrepo_server.services.invitations import Invitation, Invitations
from imgrepo_server.services.links import LONGEST
from imgrepo_server.services.passwords import Passwords
from imgrepo_server.services.signing_keys import FILE_NAME, rotate
from imgrepo_server.settings import Settings
from imgrepo_server.value_faults import problem_of

T = TypeVar("T")
_PAGE = 1000


class Office:
    """One administrating command. ``fail`` hears of every fault, as a sentence, and ends it.

    ``new``: a data folder without a database is made, and not taken for a mistyped one.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        new: bool,
        fail: Callable[[str], NoReturn],
        report: Callable[[int], None],
    ):
        self._settings = settings
        self._fail = fail
        self._report = report
        place = settings.database_location
        if not new and not is_there(place):
            fail(f"There is no database {place}. Name the data folder with --data-dir.")

    def add(
        self, name: str, password: str, email: str | None, *, role: str, tier: str | None
    ) -> User:
        """Create an account; without a ``tier`` it gets that of new accounts."""
        try:
            checked = Registration(username=name, password=password, email=email)
        except ValidationError as error:
            self._fail(_problem(error))
        its_tier = self._settings.default_tier if tier is None else _tier(tier)
        return self._with_people(
            lambda people: people.add(
                checked.username, checked.password, checked.email, role=Role(role), tier=its_tier
            )
        )

    def accounts(self) -> tuple[Account, ...]:
        """All accounts by name."""
        return self._with_people(lambda people: people.accounts())

    def usage(self, name: str) -> Usage:
        """What an account holds."""
        return self._with_people(lambda people: people.usage(name))

    def set(self, name: str, *, tier: str | None, role: str | None, password: str | None) -> None:
        """Change what is given."""
        if password is not None:
            try:
                PasswordChange(current_password="", new_password=password)
            except ValidationError as error:
                self._fail(_problem(error))

        async def change(people: Administration) -> None:
            if tier is not None:
                await people.set_tier(name, _tier(tier))
            if role is not None:
                await people.set_role(name, Role(role))
            if password is not None:
                await people.set_password(name, password)

        self._with_people(change)

    def disable(self, name: str) -> None:
        """Shut an account out."""
        self._with_people(lambda people: people.disable(name))

    def enable(self, name: str) -> None:
        """Let it in again."""
        self._with_people(lambda people: people.enable(name))

    def delete(self, name: str, *, reassign_to: str | None, purge: bool) -> int:
        """Delete an account; returns how many images it had."""
        return self._with_people(
            lambda people: people.delete(
                name, reassign_to=reassign_to, purge=purge, report=self._report
            )
        )

    def invite(self, lifetime: timedelta) -> Invitation:
        """Write an invitation."""
        return self._run(lambda database: Invitations(database=database, now=_now).invite(lifetime))

    def rotate_keys(self, *, forget_old: bool) -> str:
        """Sign with a new key; returns its id."""
        settings = self._settings
        longest = max(timedelta(days=settings.login_days), LONGEST)  # of logins, and of links
        keep = timedelta() if forget_old else longest

        async def change(database: Database) -> str:
            path = settings.data_dir / FILE_NAME
            keys = await asyncio.to_thread(rotate, path, now=_now(), keep=keep)
            people = self._people(database)
            await people.note_rotation(keys.current, forget_old=forget_old)
            return keys.current

        return self._run(change)

    def audit(self, about: str | None, since: datetime | None) -> Iterator[AuditEntry]:
        """The log, oldest first, a page at a time."""
        after = 0
        names = None if about is None else self._run(partial(_spellings, about))

        async def page(database: Database) -> tuple[AuditEntry, ...]:
            return await database.read(
                lambda connection: audit.entries(
                    connection, about=names, since=since, after=after, limit=_PAGE
                )
            )

        while entries := self._run(page):
            yield from entries
            after = entries[-1].seq

    def _with_people(self, work: Callable[[Administration], Awaitable[T]]) -> T:
        return self._run(lambda database: work(self._people(database)))

    def _people(self, database: Database) -> Administration:
        passwords = Passwords(self._settings.bcrypt_rounds)
        return Administration(database=database, passwords=passwords, now=_now)

    def _run(self, work: Callable[[Database], Awaitable[T]]) -> T:
        async def run() -> T:
            database = database_at(self._settings.database_location)
            try:
                await database.open()
                return await work(database)
            finally:
                await database.close()

        try:
            return asyncio.run(run())
        except ImgrepoError as error:
            self._fail(error.message)
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            self._fail(f"{place}{error.strerror or error}.")


async def _spellings(name: str, database: Database) -> tuple[str, ...]:
    return await database.read(lambda connection: audit.spellings(connection, name))


def _tier(name: str) -> Tier | None:
    return None if name == "unlimited" else Tier(name)


def _problem(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {problem_of(first)}.".replace("..", ".")


def _now() -> datetime:
    return datetime.now(UTC)
