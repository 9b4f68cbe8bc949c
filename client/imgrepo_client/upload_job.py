"""One ``imgrepo upload`` from beginning to end: scan, send, receipts, removal, exit code."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from imgrepo_client.connect import LocalRepository, Repository
from imgrepo_client.errors import ClientError, ExitCode
from imgrepo_client.fields import Fields
from imgrepo_client.invocation import Invocation
from imgrepo_client.journal import Journal, opened
from imgrepo_client.parameters import OnSimilar
from imgrepo_client.progress import ProgressBar
from imgrepo_client.receipt import ReceiptWriter
from imgrepo_client.scan import Batch, Trust, scan
from imgrepo_client.sources import Sources
from imgrepo_client.upload_report import UploadReport
from imgrepo_client.walk import WalkRules

# Retries wait 0.5, 1, 2, … 15 seconds, each with jitter: eight of them bridge a minute.
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 15.0


@dataclass(frozen=True, slots=True)
class UploadJob:
    """What one command line asks for."""

    sources: Sources
    rules: WalkRules
    fields: Fields
    concurrency: int
    retries: int
    dry_run: bool = False
    recheck: bool = False
    receipt: Path | None = None
    delete_source: bool = False
    on_similar: OnSimilar | None = None


def perform(job: UploadJob, invocation: Invocation) -> ExitCode:
    """Do the job and say what became of it.

    Raises ClientError where nothing could be begun.
    """
    repository = invocation.repository()
    repository.require_login()
    with contextlib.ExitStack() as stack:
        journal = stack.enter_context(opened(invocation.places.journal_file))
        spool = None
        if job.delete_source and not job.dry_run:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="imgrepo-"))
            spool = Path(folder) / "receipts"
        report = UploadReport(
            invocation.output,
            dry_run=job.dry_run,
            receipts=[
                stack.enter_context(ReceiptWriter(path, server_name(repository)))
                for path in (None if job.dry_run else job.receipt, spool)
                if path is not None
            ],
        )
        run = _Run(job, invocation, repository, journal, report)
        try:
            stopped = run.upload()
            kept = run.remove_sources(spool) if spool is not None else 0
        except KeyboardInterrupt:
            report.summary()
            invocation.output.warn("Interrupted. Run the same command again to go on.")
            return ExitCode.INTERRUPTED
    report.summary()
    return _exit_code(report.failed + kept, stopped)


def server_name(repository: Repository) -> str:
    """How receipts name a repository."""
    if isinstance(repository, LocalRepository):
        return f"local:{repository.home}"
    return repository.url


def _exit_code(failed: int, stopped: ClientError | None) -> ExitCode:
    if stopped is not None and stopped.exit_code in (ExitCode.NOT_ALLOWED, ExitCode.UNREACHABLE):
        return stopped.exit_code
    return ExitCode.SOME_FAILED if failed else ExitCode.DONE


class _Run:
    def __init__(
        self,
        job: UploadJob,
        invocation: Invocation,
        repository: Repository,
        journal: Journal,
        report: UploadReport,
    ):
        self._job = job
        self._invocation = invocation
        self._repository = repository
        self._journal = journal
        self._report = report

    def upload(self) -> ClientError | None:
        """Upload what is missing; why sending was given up, if it was."""
        found = self._job.sources.found(self._job.rules)
        batches = scan(found, self._journal, self._trust())
        for batch in batches:
            if batch.pending:
                return self._upload_rest(chain([batch], batches))
            self._report.report(batch.settled)
        return None

    def _upload_rest(self, batches: Iterator[Batch]) -> ClientError | None:
        from imgrepo_client.running import run  # noqa: PLC0415 - nothing to send, nothing to load

        with self._report.drawing(self._bar()):
            return run(self._send(batches))

    async def _send(self, batches: Iterator[Batch]) -> ClientError | None:
        if isinstance(self._repository, LocalRepository) and not self._job.dry_run:
            from imgrepo_client.local import start_decoding  # noqa: PLC0415 - before all the rest

            start_decoding()
        from imgrepo_client.retry import RetryPolicy  # noqa: PLC0415 - as above
        from imgrepo_client.sending import UploadPlan  # noqa: PLC0415
        from imgrepo_client.upload import upload  # noqa: PLC0415

        job = self._job
        policy = RetryPolicy(
            job.retries, _FIRST_WAIT, _LONGEST_WAIT, tell=self._report.trying_again
        )
        if not isinstance(self._repository, LocalRepository):
            # A quick question first: whether the server is there and knows this login.
            async with self._invocation.client(self._repository) as client:
                await client.me()
        async with self._invocation.client(
            self._repository, concurrency=job.concurrency, retry=policy
        ) as client:
            plan = UploadPlan(
                _account(self._repository),
                job.fields,
                job.concurrency,
                job.dry_run,
                job.on_similar,
            )
            return await upload(
                batches, client=client, journal=self._journal, plan=plan, reporter=self._report
            )

    def remove_sources(self, spool: Path) -> int:
        """Remove what was verified; how many files had to be kept."""
        from imgrepo_client.removal import remove_sources  # noqa: PLC0415 - rarely asked for
        from imgrepo_client.running import run  # noqa: PLC0415

        if not spool.stat().st_size:
            return 0
        return run(remove_sources(self._invocation, self._repository, spool))

    def _trust(self) -> Trust:
        still_there = None
        if isinstance(self._repository, LocalRepository):
            from imgrepo_client.local import stored_original  # noqa: PLC0415 - local only

            where = stored_original(self._repository.home)
            still_there = lambda sha256: os.path.exists(where(sha256))  # noqa: E731, PTH110
        return Trust(_account(self._repository), self._job.recheck, still_there=still_there)

    def _bar(self) -> ProgressBar | None:
        invocation = self._invocation
        options = invocation.options
        if options.no_progress or options.quiet or not invocation.output.on_terminal:
            return None
        countable = self._job.sources.countable
        found = (lambda: self._job.sources.found(self._job.rules)) if countable else None
        return ProgressBar(
            invocation.output.stderr, color=invocation.output.style.color_err, found=found
        )


def _account(repository: Repository) -> str:
    return repository.account or repository.name
