"""Whatever the repository answers, each file has exactly one outcome."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imgrepo_client.answers import Image, Uploaded
from imgrepo_client.errors import (
    ClientError,
    ExitCode,
    LocalFileError,
    NoAnswerInTimeError,
    ServerError,
    UnexpectedAnswerError,
    UnreachableError,
)
from imgrepo_client.fields import Fields
from imgrepo_client.hashing import Digest, Hashed
from imgrepo_client.journal import Journal
from imgrepo_client.multipart import FileChangedError
from imgrepo_client.outcome import FileStat, Status
from imgrepo_client.parameters import OnSimilar
from imgrepo_client.sending import Sender, UploadPlan
from imgrepo_client.upload_routes import FileToSend, Result
from imgrepo_client.walk import Found

if TYPE_CHECKING:
    from tests.client.conftest import Reported

IMAGE: Image = {
    "id": "an id",
    "title": "",
    "filename": "",
    "description": "",
    "tags": [],
    "visibility": "public",
    "owner": "jeff",
    "sha256": "",
    "size": 1,
    "width": 1,
    "height": 1,
    "format": "jpeg",
    "taken_at": None,
    "created_at": "2026-01-02T03:04:05Z",
    "links": {"file": "", "preview": ""},
}
STORED: Uploaded = {"image": IMAGE, "duplicate": False}
DUPLICATE: Uploaded = {"image": IMAGE, "duplicate": True}
LIKE_ANOTHER: Uploaded = {
    "image": None,
    "duplicate": False,
    "similar": {"id": "another", "distance": 1, "match": "same", "title": ""},
}


def refused(status: int, code: str, quota: str | None = None) -> ServerError:
    return ServerError(status, code, "No.", details={"quota": quota} if quota else None)


ANSWERS: list[Result] = [
    STORED,
    DUPLICATE,
    LIKE_ANOTHER,
    LocalFileError("gone"),
    FileChangedError("shorter"),
    refused(422, "not_an_image"),
    refused(422, "checksum_mismatch"),
    refused(429, "overloaded"),
    refused(503, "overloaded"),
    refused(507, "storage_full"),
    refused(403, "quota_exceeded", "bytes"),
]
FAULTS: list[ClientError] = [
    refused(401, "unauthenticated"),
    refused(403, "quota_exceeded", "images"),
    refused(405, "method_not_allowed"),
    refused(413, "file_too_large"),
    refused(503, "overloaded"),
    refused(500, "internal"),
    UnreachableError("gone"),
    NoAnswerInTimeError("too slow"),
    UnexpectedAnswerError("no imgrepo server"),
]
answers = st.sampled_from(ANSWERS) | st.just(STORED) | st.sampled_from(FAULTS[:2])
faults = st.none() | st.sampled_from(FAULTS)


class Script:
    """Answers one after another, and then the same again."""

    def __init__(
        self, single: Sequence[Result], of_batch: Sequence[Result], whole: Sequence[object]
    ):
        self._single = itertools.cycle(single)
        self._of_batch = itertools.cycle(of_batch)
        self._whole = itertools.cycle(whole)

    async def upload(
        self,
        path: str,
        size: int,
        fields: Fields,
        sha256: str | None = None,
        *,
        on_similar: OnSimilar | None = None,
        on_sent: Callable[[int], None] | None = None,
    ) -> Uploaded:
        del path, fields, sha256, on_similar
        if on_sent:
            on_sent(size)
        await asyncio.sleep(0)
        answer = next(self._single)
        if isinstance(answer, ClientError):
            raise answer
        return answer

    async def upload_batch(
        self,
        files: Sequence[FileToSend],
        *,
        on_similar: OnSimilar | None = None,
        on_sent: Callable[[int], None] | None = None,
    ) -> list[Result]:
        del on_similar
        assert len({file.sha256 for file in files}) == len(files) > 1
        for _ in range(2):  # as if it had to be sent again
            if on_sent:
                on_sent(sum(file.size for file in files))
            await asyncio.sleep(0)
        fault = next(self._whole)
        if isinstance(fault, ClientError):
            raise fault
        return [next(self._of_batch) for _ in files]


def hashed(number: int, content: int, image: str | None) -> Hashed:
    stat = FileStat(100 + content, 1, number)
    return Hashed(Found(str(number), stat, named=False), b"%032d" % content, stat, True, image)


async def rehashed(_: str) -> Digest:
    return Digest(b"x" * 32, FileStat(99, 2, 3), True)


def settle_all(
    batches: list[list[Hashed]], script: Script, journal: Journal, reported: "Reported"
) -> ClientError | None:
    """Settle batches at the same time; why it was given up."""

    async def run() -> ClientError | None:
        def rehash(path: str) -> "asyncio.Future[Digest]":
            return asyncio.ensure_future(rehashed(path))

        sender = Sender(script, journal, UploadPlan("jeff", Fields()), reported, rehash)
        try:
            async with asyncio.timeout(10), asyncio.TaskGroup() as group:
                for batch in batches:
                    group.create_task(sender.settle(batch))
        finally:
            sender.close()
        return sender.stopped

    return asyncio.run(run())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    contents=st.lists(st.lists(st.integers(0, 12), min_size=1, max_size=8), min_size=1, max_size=4),
    there=st.sets(st.integers(0, 12), max_size=2),
    single=st.lists(answers, min_size=1, max_size=6),
    of_batch=st.lists(answers, min_size=1, max_size=8),
    whole=st.lists(faults, min_size=1, max_size=3),
)
def test_each_file_has_exactly_one_outcome(
    *,
    contents: list[list[int]],
    there: set[int],
    single: list[Result],
    of_batch: list[Result],
    whole: list[object],
    journal: Journal,
    reported: "Reported",
) -> None:
    reported.outcomes.clear()
    numbers = itertools.count()
    batches = [
        [hashed(next(numbers), content, "there" if content in there else None) for content in batch]
        for batch in contents
    ]
    settle_all(batches, Script(single, of_batch, whole), journal, reported)
    files = {file.found.path: file for batch in batches for file in batch}
    assert sorted(one.path for one in reported.outcomes) == sorted(files)
    assert reported.under_way == 0
    for outcome in reported.outcomes:
        # What is said to be there is there, and what failed says why.
        has_image = outcome.status in {Status.STORED, Status.DUPLICATE}
        assert (outcome.error is not None) == (outcome.status is Status.FAILED)
        assert has_image <= (outcome.id is not None)


def test_trouble_of_one_is_not_the_others(journal: Journal, reported: "Reported") -> None:
    script = Script(
        [STORED], [STORED, refused(422, "not_an_image"), refused(503, "overloaded")], [None]
    )
    batch = [hashed(number, number, None) for number in range(3)]
    assert settle_all([batch], script, journal, reported) is None
    assert [one.status for one in sorted(reported.outcomes)] == ["stored", "failed", "stored"]


def test_what_is_too_much_work_together_is_done_one_at_a_time(
    journal: Journal, reported: "Reported"
) -> None:
    script = Script([STORED], [STORED], [NoAnswerInTimeError("too slow")])
    batch = [hashed(number, number, None) for number in range(3)]
    assert settle_all([batch], script, journal, reported) is None
    assert {one.status for one in reported.outcomes} == {Status.STORED}


def test_a_repository_that_is_gone_is_gone_for_all(journal: Journal, reported: "Reported") -> None:
    script = Script([STORED], [STORED], [UnreachableError("gone")])
    batch = [hashed(number, number, None) for number in range(3)]
    stopped = settle_all([batch], script, journal, reported)
    assert stopped is not None
    assert stopped.exit_code is ExitCode.UNREACHABLE
    assert {one.status for one in reported.outcomes} == {Status.FAILED}
