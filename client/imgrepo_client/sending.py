"""Settling hashed files: sent, found to be there, or failed; and when to stop sending at all."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from imgrepo_client.answers import Uploaded
from imgrepo_client.arrivals import Arrivals, there
from imgrepo_client.errors import (
    ClientError,
    ErrorCode,
    ExitCode,
    LocalFileError,
    NoAnswerInTimeError,
    ServerError,
    UnexpectedAnswerError,
)
from imgrepo_client.fields import Fields
from imgrepo_client.hashing import Digest, Hashed
from imgrepo_client.journal import Journal
from imgrepo_client.multipart import FileChangedError
from imgrepo_client.outcome import Failure, Outcome, Status
from imgrepo_client.parameters import OnSimilar
from imgrepo_client.upload_routes import FileToSend, Result, Uploading
from imgrepo_client.walk import Found

_STOPPING = (ExitCode.NOT_ALLOWED, ExitCode.UNREACHABLE)
_FULL_IN_A_ROW = 10  # refusals for want of room after which smaller files are not tried either


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
        client: Uploading,
        journal: Journal,
        plan: UploadPlan,
        reporter: Reporter,
        rehash: Callable[[str], "asyncio.Future[Digest]"],
    ):
        self.stopped: ClientError | None = None
        self._client = client
        self._plan = plan
        self._reporter = reporter
        self._rehash = rehash
        self._arrivals = Arrivals(journal, plan.account)
        self._under_way: dict[bytes, asyncio.Event] = {}
        self._full_in_a_row = 0
        self._takes_batches = True

    def close(self) -> None:
        """Forget which bytes this run stored."""
        self._arrivals.close()

    def stop(self, error: ClientError) -> None:
        """Send nothing more, for this reason."""
        self.stopped = self.stopped or error

    async def settle(self, files: Sequence[Hashed]) -> None:
        """Report exactly one outcome for each file."""
        for file in await self._settle_together(files):
            self._reporter.report([await self._alone(file)])

    # Several in one request.

    async def _settle_together(self, files: Sequence[Hashed]) -> Sequence[Hashed]:
        """Report what one request settles; the files that have to go alone."""
        if len(files) < 2 or not self._takes_batches:
            return files
        sending, alone = self._sorted_out(files)
        if not sending:
            return alone
        with self._sending(sending):
            try:
                answers = await self._send_together(sending)
            except ClientError as error:
                return [*self._refused_together(sending, error), *alone]
        return [*self._answered_together(sending, answers), *alone]

    def _sorted_out(self, files: Sequence[Hashed]) -> tuple[list[Hashed], list[Hashed]]:
        """What to send together and what alone; reports what need not be sent."""
        settled: list[Outcome] = []
        sending: dict[bytes, Hashed] = {}
        alone: list[Hashed] = []
        for file in files:
            if file.sha256 in self._under_way or file.sha256 in sending:
                alone.append(file)  # what becomes of its copy has to be known first
            elif (outcome := self._without_sending(file)) is not None:
                settled.append(outcome)
            else:
                sending[file.sha256] = file
        if settled:
            self._reporter.report(settled)
        if len(sending) == 1:
            return [], [*sending.values(), *alone]
        return list(sending.values()), alone

    async def _send_together(self, files: Sequence[Hashed]) -> list[Result]:
        with _under_way(self._reporter, sum(file.stat.size for file in files)) as on_sent:
            return await self._client.upload_batch(
                [self._to_send(file) for file in files],
                on_similar=self._plan.on_similar,
                on_sent=on_sent,
            )

    def _refused_together(self, files: Sequence[Hashed], error: ClientError) -> Sequence[Hashed]:
        if isinstance(error, NoAnswerInTimeError):
            return files  # perhaps they are too much work together
        if not error.retryable and error.exit_code not in _STOPPING:
            if _is_about_batches(error):
                self._takes_batches = False
            return files
        self._consider_stopping(error)
        self._reporter.report([failed(file.found, error, file.sha256) for file in files])
        return ()

    def _answered_together(
        self, files: Sequence[Hashed], answers: Sequence[Result]
    ) -> list[Hashed]:
        arrived: list[tuple[Hashed, Uploaded]] = []
        refused: list[Outcome] = []
        alone: list[Hashed] = []
        for file, answer in zip(files, answers, strict=True):
            if not isinstance(answer, ClientError):
                self._full_in_a_row = 0
                arrived.append((file, answer))
            elif answer.retryable or isinstance(answer, LocalFileError) or _is_change(answer):
                alone.append(file)
            else:
                self._consider_stopping(answer)
                refused.append(failed(file.found, answer, file.sha256))
        self._reporter.report([*self._arrivals.confirmed(arrived), *refused])
        return alone

    # One in one request.

    async def _alone(self, file: Hashed, *, last_try: bool = False) -> Outcome:
        while (other := self._under_way.get(file.sha256)) is not None:
            await other.wait()
        if (settled := self._without_sending(file)) is not None:
            return settled
        with self._sending([file]):
            try:
                return await self._send_alone(file)
            except ClientError as error:
                if not _is_change(error) or last_try:
                    self._consider_stopping(error)
                    return failed(file.found, error, file.sha256)
        return await self._changed(file)

    async def _send_alone(self, file: Hashed) -> Outcome:
        with _under_way(self._reporter, file.stat.size) as on_sent:
            uploaded = await self._client.upload(
                *self._to_send(file), on_similar=self._plan.on_similar, on_sent=on_sent
            )
        self._full_in_a_row = 0
        (outcome,) = self._arrivals.confirmed([(file, uploaded)])
        return outcome

    async def _changed(self, file: Hashed) -> Outcome:
        """Once more, with the bytes that the file has now."""
        try:
            fresh = await self._rehash(file.found.path)
        except OSError as error:
            return failed(file.found, LocalFileError(error.strerror or str(error)))
        again = Hashed(file.found, fresh.sha256, fresh.stat, fresh.steady)
        return await self._alone(again, last_try=True)

    # Both.

    @contextlib.contextmanager
    def _sending(self, files: Sequence[Hashed]) -> Iterator[None]:
        """Copies of these wait meanwhile."""
        over = asyncio.Event()
        self._under_way.update((file.sha256, over) for file in files)
        try:
            yield
        finally:
            for file in files:
                del self._under_way[file.sha256]
            over.set()

    def _without_sending(self, file: Hashed) -> Outcome | None:
        if (earlier := self._arrivals.earlier(file)) is not None:
            return earlier
        if file.image is not None:
            return there(file, Status.SKIPPED, file.image)
        if self.stopped is not None:
            return failed(file.found, self.stopped, file.sha256)
        return self._arrivals.rehearsed(file) if self._plan.dry_run else None

    def _to_send(self, file: Hashed) -> FileToSend:
        fields = file.found.fields.over(self._plan.fields)
        return FileToSend(file.found.path, file.stat.size, fields, file.sha256.hex())

    def _consider_stopping(self, error: ClientError) -> None:
        quota = error.details.get("quota") if isinstance(error, ServerError) else None
        if quota == "images":
            self.stop(error)  # no image fits any more, however small
        elif error.code == ErrorCode.STORAGE_FULL or quota == "bytes":
            self._full_in_a_row += 1
            if self._full_in_a_row >= _FULL_IN_A_ROW:
                self.stop(error)
        elif error.exit_code in _STOPPING:
            self.stop(error)


def failed(found: Found, error: ClientError, sha256: bytes | None = None) -> Outcome:
    """The outcome of a file that met this error."""
    return Outcome(
        found.path,
        Status.FAILED,
        sha256=sha256.hex() if sha256 else None,
        error=Failure(error.code, str(error)),
        size=found.stat.size,
    )


@contextlib.contextmanager
def _under_way(reporter: Reporter, size: int) -> Iterator[Callable[[int], None]]:
    """Counts sent bytes, once however often they are sent again, until it is over."""
    counted = 0

    def sent(more: int) -> None:
        nonlocal counted
        more = min(more, size - counted)
        counted += more
        reporter.sent(more)

    try:
        yield sent
    finally:
        reporter.sent(-counted)


def _is_about_batches(error: ClientError) -> bool:
    """Whether an older server, or a proxy that takes less at a time, refuses any of them."""
    if isinstance(error, ServerError):
        return error.status in (404, 405, 413, 415)
    return isinstance(error, UnexpectedAnswerError)


def _is_change(error: ClientError) -> bool:
    return isinstance(error, FileChangedError) or error.code == ErrorCode.CHECKSUM_MISMATCH
