"""Settling one hashed file: sent, found to be there, or failed; and when to stop sending at all."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from imgrepo_client.answers import NearCopy
from imgrepo_client.api import Client
from imgrepo_client.errors import ClientError, ErrorCode, ExitCode, LocalFileError, ServerError
from imgrepo_client.fields import Fields
from imgrepo_client.hashing import Digest, is_steady
from imgrepo_client.journal import Entry, Journal
from imgrepo_client.multipart import FileChangedError
from imgrepo_client.outcome import Failure, FileStat, Outcome, Status
from imgrepo_client.parameters import OnSimilar
from imgrepo_client.this_run import StoredThisRun
from imgrepo_client.walk import Found, named_file

_FULL_IN_A_ROW = 10  # refusals for want of room after which smaller files are not tried either


class Hashed(NamedTuple):
    """A file whose hash (raw) is known. ``image`` is the account's image of these bytes, if any."""

    found: Found
    sha256: bytes
    stat: FileStat
    steady: bool
    image: str | None = None


class Reporter(Protocol):
    """Who hears what becomes of the files."""

    def report(self, outcomes: Sequence[Outcome]) -> None:
        """Some files are settled."""

    def sent(self, size: int) -> None:
        """So many more bytes are sent of files that are not settled yet; negative takes back."""


@dataclass(frozen=True, slots=True)
class UploadPlan:
    """What one run does. ``fields`` complete what is said about each file."""

    account: str
    fields: Fields
    concurrency: int = 8
    dry_run: bool = False
    on_similar: OnSimilar | None = None


class Sender:
    """Settles hashed files, several at a time; the same bytes only once.

    ``stopped`` is why nothing is sent any more: the login is gone, the server cannot be reached
    although it was asked again and again, or its disk or this account's quota is full. What comes
    after fails at once.
    """

    def __init__(
        self,
        client: Client,
        journal: Journal,
        plan: UploadPlan,
        reporter: Reporter,
        rehash: Callable[[str], "asyncio.Future[Digest]"],
    ):
        self.stopped: ClientError | None = None
        self._client = client
        self._journal = journal
        self._plan = plan
        self._reporter = reporter
        self._rehash = rehash
        self._stored = StoredThisRun()
        self._under_way: dict[bytes, asyncio.Event] = {}
        self._full_in_a_row = 0

    def close(self) -> None:
        """Forget which bytes this run stored."""
        self._stored.close()

    def stop(self, error: ClientError) -> None:
        """Send nothing more, for this reason."""
        self.stopped = self.stopped or error

    async def settle(self, file: Hashed) -> None:
        """Report exactly one outcome for the file."""
        self._reporter.report([await self._outcome(file)])

    def failed(self, found: Found, error: ClientError, sha256: bytes | None = None) -> Outcome:
        """The outcome of a file that met this error."""
        return Outcome(
            found.path,
            Status.FAILED,
            sha256=sha256.hex() if sha256 else None,
            error=Failure(error.code, str(error)),
            size=found.stat.size,
        )

    async def _outcome(self, file: Hashed, *, last_try: bool = False) -> Outcome:
        while (other := self._under_way.get(file.sha256)) is not None:
            await other.wait()
        if (settled := self._without_sending(file)) is not None:
            return settled
        done = self._under_way[file.sha256] = asyncio.Event()
        try:
            return await self._send(file)
        except ClientError as error:
            if not _is_change(error) or last_try:
                self._consider_stopping(error)
                return self.failed(file.found, error, file.sha256)
        finally:
            del self._under_way[file.sha256]
            done.set()
        return await self._changed(file)

    def _without_sending(self, file: Hashed) -> Outcome | None:
        known, image = self._stored.find(file.sha256)
        if known:
            return self._there(file, Status.DUPLICATE, image)
        if file.image is not None:
            return self._there(file, Status.SKIPPED, file.image)
        if self.stopped is not None:
            return self.failed(file.found, self.stopped, file.sha256)
        if self._plan.dry_run:
            self._stored.add(file.sha256, None)
            return self._there(file, Status.STORED, None)
        return None

    async def _send(self, file: Hashed) -> Outcome:
        under_way = _UnderWay(self._reporter, file.stat.size)
        try:
            uploaded = await self._client.upload(
                file.found.path,
                size=file.stat.size,
                fields=file.found.fields.over(self._plan.fields),
                sha256=file.sha256.hex(),
                on_similar=self._plan.on_similar,
                on_sent=under_way.sent,
            )
        finally:
            under_way.over()
        self._full_in_a_row = 0
        similar = uploaded.get("similar")
        if uploaded["image"] is None:
            return self._there(file, Status.SKIPPED, None, similar)
        image = uploaded["image"]["id"]
        if not file.steady:
            self._remember_late(file)
        self._journal.confirm(self._plan.account, [(file.sha256, image)])
        self._stored.add(file.sha256, image)
        status = Status.DUPLICATE if uploaded["duplicate"] else Status.STORED
        outcome = self._there(file, status, image, similar)
        return outcome._replace(similar_withheld=uploaded.get("similar_withheld", False))

    def _remember_late(self, file: Hashed) -> None:
        # Written just before it was hashed; by now a later change would show in its stat.
        now = named_file(file.found.path)
        if isinstance(now, Found) and now.stat == file.stat and is_steady(file.stat):
            self._journal.remember([Entry(file.found.path, file.stat, file.sha256)])

    async def _changed(self, file: Hashed) -> Outcome:
        """Once more, with the bytes that the file has now."""
        try:
            fresh = await self._rehash(file.found.path)
        except OSError as error:
            problem = LocalFileError(error.strerror or str(error))
            return self.failed(file.found, problem)
        again = Hashed(file.found, fresh.sha256, fresh.stat, fresh.steady)
        return await self._outcome(again, last_try=True)

    def _there(
        self, file: Hashed, status: Status, image: str | None, similar: NearCopy | None = None
    ) -> Outcome:
        return Outcome(
            file.found.path,
            status,
            id=image,
            sha256=file.sha256.hex(),
            duplicate_of=image if status is Status.DUPLICATE else None,
            size=file.stat.size,
            stat=file.stat,
            similar=similar,
        )

    def _consider_stopping(self, error: ClientError) -> None:
        quota = error.details.get("quota") if isinstance(error, ServerError) else None
        if quota == "images":
            self.stop(error)  # no image fits any more, however small
        elif error.code == ErrorCode.STORAGE_FULL or quota == "bytes":
            self._full_in_a_row += 1
            if self._full_in_a_row >= _FULL_IN_A_ROW:
                self.stop(error)
        elif error.exit_code in (ExitCode.NOT_ALLOWED, ExitCode.UNREACHABLE):
            self.stop(error)


class _UnderWay:
    """Counts a file's sent bytes, once however often it is sent again."""

    def __init__(self, reporter: Reporter, size: int):
        self._reporter = reporter
        self._left = size
        self._counted = 0

    def sent(self, size: int) -> None:
        counted = min(size, self._left)
        self._left -= counted
        self._counted += counted
        self._reporter.sent(counted)

    def over(self) -> None:
        self._reporter.sent(-self._counted)


def _is_change(error: ClientError) -> bool:
    return isinstance(error, FileChangedError) or error.code == ErrorCode.CHECKSUM_MISMATCH
