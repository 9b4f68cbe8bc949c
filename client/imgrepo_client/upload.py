"""The bulk upload: a pipeline whose memory, tasks and open files do not grow with the folder.

    scan (one thread) → hash (a few threads) → check (500 at a time) → send (``concurrency`` tasks)

Between the stages stand short queues, so that a slow stage holds back those before it. Where many
small files wait to be sent, several go in one request. What each file's outcome means is said in
``imgrepo_client.outcome``; every file found gets exactly one.
"""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from imgrepo_client.api import Client
from imgrepo_client.errors import ClientError
from imgrepo_client.hashing import (
    Digest,
    Hashed,
    digest,
    has_image_suffix,
    is_steady,
    looks_like_image,
)
from imgrepo_client.journal import NOT_AN_IMAGE, Entry, Journal
from imgrepo_client.outcome import Outcome, Status
from imgrepo_client.scan import NO_IMAGE, Batch, Candidate
from imgrepo_client.sending import Reporter, Sender, UploadPlan, failed
from imgrepo_client.waiting import Waiting
from imgrepo_client.walk import unreadable

_GROUP_FILES = 32
_GROUP_BYTES = 8 << 20
_CHECK_FILES = 500
_MOST_HASHERS = 4

Group = list[Candidate]
Examined = list[Hashed | Outcome]


async def upload(
    batches: Iterator[Batch],
    *,
    client: Client,
    journal: Journal,
    plan: UploadPlan,
    reporter: Reporter,
) -> ClientError | None:
    """Upload what the scan found; returns why sending was given up, None where it was not.

    Cancelling it stops at once; what was confirmed by then is in the journal. Raises ClientError
    where the scan itself fails.
    """
    pipeline = _Pipeline(client, journal, plan, reporter)
    try:
        async with asyncio.TaskGroup() as stages:
            for stage in pipeline.stages(batches):
                stages.create_task(stage)
    except* ClientError as group:
        raise _first(group) from None
    finally:
        pipeline.close()
    return pipeline.sender.stopped


def _first(group: BaseExceptionGroup[ClientError]) -> ClientError:
    """The first fault is the cause; the others in the group are its echoes."""
    error: ClientError | BaseExceptionGroup[ClientError] = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


class _Pipeline:
    def __init__(self, client: Client, journal: Journal, plan: UploadPlan, reporter: Reporter):
        self._client = client
        self._journal = journal
        self._plan = plan
        self._reporter = reporter
        self._stop = threading.Event()
        self._hasher_count = min(_MOST_HASHERS, plan.concurrency)
        self._scanner = ThreadPoolExecutor(1, "scan")
        self._hashers = ThreadPoolExecutor(self._hasher_count, "hash")
        self._to_hash: asyncio.Queue[Group | None] = asyncio.Queue(2 * self._hasher_count)
        self._hashed: asyncio.Queue[list[Hashed] | None] = asyncio.Queue(32)
        self._to_send = Waiting(plan.concurrency, client.together)
        self.sender = Sender(client, journal, plan, reporter, self._rehash)

    def stages(self, batches: Iterator[Batch]) -> Iterator["asyncio._CoroutineLike[None]"]:
        yield self._scan(batches)
        yield self._hash_all()
        yield self._check_all()
        for _ in range(self._plan.concurrency):
            yield self._send_all()

    def close(self) -> None:
        self._stop.set()
        self._scanner.shutdown(wait=False, cancel_futures=True)
        self._hashers.shutdown(wait=False, cancel_futures=True)
        self.sender.close()

    # Stage 1: what the journal settles, and groups of what it does not.

    async def _scan(self, batches: Iterator[Batch]) -> None:
        loop = asyncio.get_running_loop()
        while (batch := await loop.run_in_executor(self._scanner, next, batches, None)) is not None:
            if batch.settled:
                self._reporter.report(batch.settled)
            for group in _groups([file for file in batch.pending if file.sha256 is None]):
                await self._to_hash.put(group)
            known = [
                Hashed(file.found, file.sha256, file.found.stat, True)
                for file in batch.pending
                if file.sha256 is not None
            ]
            if known:
                await self._hashed.put(known)
        await self._to_hash.put(None)

    # Stage 2: hashes, and what is no image.

    async def _hash_all(self) -> None:
        async with asyncio.TaskGroup() as hashers:
            for _ in range(self._hasher_count):
                hashers.create_task(self._hash_groups())
        await self._hashed.put(None)

    async def _hash_groups(self) -> None:
        while (group := await self._to_hash.get()) is not None:
            if self.sender.stopped is not None:
                stopped = self.sender.stopped
                self._reporter.report([failed(file.found, stopped) for file in group])
                continue
            loop = asyncio.get_running_loop()
            examined = await loop.run_in_executor(self._hashers, _examine, group, self._stop)
            self._note_no_images(examined, group)
            settled = [item for item in examined if isinstance(item, Outcome)]
            if settled:
                self._reporter.report(settled)
            if hashed := [item for item in examined if isinstance(item, Hashed)]:
                await self._hashed.put(hashed)
        await self._to_hash.put(None)  # for the next hasher

    def _note_no_images(self, examined: Examined, group: Group) -> None:
        entries = [
            Entry(file.found.path, file.found.stat, NOT_AN_IMAGE)
            for file, item in zip(group, examined, strict=True)
            if isinstance(item, Outcome) and item.reason == NO_IMAGE and is_steady(file.found.stat)
        ]
        if entries:
            self._journal.remember(entries)

    # Stage 3: which of them the repository already has.

    async def _check_all(self) -> None:
        open_ended = True
        while open_ended and (files := await self._hashed.get()) is not None:
            # Whatever has come meanwhile goes along: questions are large when much is waiting,
            # and nothing waits for a question to become large.
            while len(files) < _CHECK_FILES and not self._hashed.empty():
                more = self._hashed.get_nowait()
                if more is None:
                    open_ended = False
                    break
                files += more
            await self._to_send.put(await self._checked(files))
        await self._to_send.end()

    async def _checked(self, files: list[Hashed]) -> list[Hashed]:
        self._journal.remember(
            [Entry(file.found.path, file.stat, file.sha256) for file in files if file.steady]
        )
        if self.sender.stopped is not None:
            return files
        try:
            known = await self._client.check(list({file.sha256.hex() for file in files}))
        except ClientError as error:
            self.sender.stop(error)
            return files
        answered = [file._replace(image=known.get(file.sha256.hex())) for file in files]
        there = [(file.sha256, file.image) for file in answered if file.image is not None]
        if there:
            self._journal.confirm(self._plan.account, there)
        return answered

    # Stage 4: sending.

    async def _send_all(self) -> None:
        while files := await self._to_send.take():
            await self.sender.settle(files)

    def _rehash(self, path: str) -> asyncio.Future[Digest]:
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._hashers, digest, path, self._stop)


def _groups(files: Sequence[Candidate]) -> Iterator[Group]:
    """Small files together, so that going to a thread costs little for each."""
    group: Group = []
    size = 0
    for file in files:
        group.append(file)
        size += file.found.stat.size
        if len(group) >= _GROUP_FILES or size >= _GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _examine(group: Group, stop: threading.Event) -> Examined:
    return [_examine_one(file, stop) for file in group]


def _examine_one(file: Candidate, stop: threading.Event) -> Hashed | Outcome:
    found = file.found
    try:
        if (
            not found.named
            and not has_image_suffix(found.path)
            and not looks_like_image(found.path)
        ):
            return Outcome(found.path, Status.SKIPPED, reason=NO_IMAGE)
        sha256, stat, steady = digest(found.path, stop)
    except OSError as error:
        return unreadable(found.path, error)
    return Hashed(found, sha256, stat, steady)
