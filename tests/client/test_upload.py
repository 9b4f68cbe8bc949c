import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from imgrepo_client.api import Client
from imgrepo_client.connect import RemoteRepository, open_client
from imgrepo_client.errors import ClientError, ExitCode, InvalidInputError
from imgrepo_client.fields import Fields
from imgrepo_client.journal import Journal
from imgrepo_client.outcome import Outcome, Status
from imgrepo_client.retry import RetryPolicy
from imgrepo_client.scan import Trust, scan
from imgrepo_client.sending import UploadPlan
from imgrepo_client.sources import Sources
from imgrepo_client.upload import upload
from imgrepo_client.waiting import MOST_FILES
from imgrepo_client.walk import Found, WalkRules

if TYPE_CHECKING:
    from tests.client.conftest import Reported, ScriptedServer

STORED, DUPLICATE, SKIPPED, FAILED = Status
Run = Callable[..., Awaitable[ClientError | None]]


@pytest.fixture(autouse=True, params=["several together", "an older server"])
def takes_batches(request: pytest.FixtureRequest, server: "ScriptedServer") -> bool:
    """Whatever is promised holds with batches and without."""
    server.takes_batches = request.param == "several together"
    return server.takes_batches


@pytest.fixture
def run(client: Client, journal: Journal, reported: "Reported", photos: Path) -> Run:
    """Upload the folder ``photos``, as one run."""

    async def run(
        *, dry_run: bool = False, concurrency: int = 4, client: Client = client
    ) -> ClientError | None:
        reported.outcomes.clear()
        found = Sources(folders=(str(photos),)).found(WalkRules())
        plan = UploadPlan("jeff", Fields(tags=("t",)), concurrency, dry_run)
        batches = scan(found, journal, Trust("jeff"))
        return await upload(batches, client=client, journal=journal, plan=plan, reporter=reported)

    return run


def contents(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.iterdir())]


def statuses(reported: "Reported") -> dict[str, Status]:
    names = [Path(one.path).name for one in reported.outcomes]
    assert len(names) == len(set(names)), "each file is reported once"
    return {Path(one.path).name: one.status for one in reported.outcomes}


async def test_everything_is_stored_and_the_second_time_skipped(
    run: Run, server: "ScriptedServer", reported: "Reported"
) -> None:
    assert await run() is None
    assert statuses(reported) == {f"{n}.jpg": STORED for n in range(5)}
    assert sorted(name for name, _ in server.received) == [f"{n}.jpg" for n in range(5)]
    assert all(fields["tags"] == ["t"] for _, fields in server.received)
    stored = {one.path: one.id for one in reported.outcomes}
    server.requests.clear()
    await run()
    assert statuses(reported) == {f"{n}.jpg": SKIPPED for n in range(5)}
    assert {one.path: one.id for one in reported.outcomes} == stored
    assert server.requests == []


async def test_what_another_client_uploaded_is_skipped_without_sending(
    run: Run, server: "ScriptedServer", reported: "Reported", photos: Path
) -> None:
    image = server.add((photos / "0.jpg").read_bytes())
    await run()
    assert statuses(reported)["0.jpg"] is SKIPPED
    assert reported.by_name()["0.jpg"].id == image["id"]
    assert server.sent == 4


async def test_the_same_bytes_are_sent_once(
    run: Run, server: "ScriptedServer", reported: "Reported", photos: Path
) -> None:
    for number in range(20):
        shutil.copy(photos / "0.jpg", photos / f"copy{number}.jpg")
    await run(concurrency=8)
    found = statuses(reported)
    same = [found["0.jpg"]] + [found[f"copy{number}.jpg"] for number in range(20)]
    assert sorted(same) == [DUPLICATE] * 20 + [STORED]
    assert server.sent == 5
    stored = server.id_of((photos / "0.jpg").read_bytes())
    duplicates = [one for one in reported.outcomes if one.status is DUPLICATE]
    assert {one.duplicate_of for one in duplicates} == {stored} == {one.id for one in duplicates}


async def test_copies_of_a_refused_file_are_each_tried_and_fail(
    run: Run, server: "ScriptedServer", reported: "Reported", photos: Path
) -> None:
    server.every_upload = server.refusal(422, "truncated_image")
    shutil.copy(photos / "0.jpg", photos / "copy.jpg")
    assert await run() is None
    assert set(statuses(reported).values()) == {FAILED}
    error = reported.by_name()["copy.jpg"].error
    assert error == ("truncated_image", "It is truncated_image.")
    assert server.sent == 6


async def test_what_the_server_finds_on_receiving_is_a_duplicate(
    run: Run, server: "ScriptedServer", reported: "Reported", photos: Path
) -> None:
    async def stored_meanwhile(_: web.Request) -> None:
        for content in contents(photos):
            if server.id_of(content) is None:
                server.add(content)

    server.every_upload = stored_meanwhile
    await run()
    assert set(statuses(reported).values()) == {DUPLICATE}


async def test_no_more_than_so_many_at_once(
    run: Run, server: "ScriptedServer", reported: "Reported", photos: Path
) -> None:
    for number in range(40):
        (photos / f"more{number}.jpg").write_bytes(b"%d" % number)

    async def slow(_: web.Request) -> None:
        await asyncio.sleep(0.01)

    server.every_upload = slow
    await run(concurrency=3)
    assert set(statuses(reported).values()) == {STORED}
    assert server.most_under_way == 3


async def _reset(request: web.Request) -> web.StreamResponse:
    await request.content.read(10)
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def test_faults_of_the_way_are_got_over(
    run: Run, server: "ScriptedServer", reported: "Reported", photos: Path
) -> None:
    (photos / "large.jpg").write_bytes(os.urandom(3 << 20))
    server.upload_faults = [
        _reset,
        server.refusal(503, "overloaded", {"Retry-After": "0"}),
        server.refusal(429, "overloaded"),
        _reset,
        server.refusal(408, "request_timeout"),
        _reset,
        server.refusal(504, "overloaded"),
    ]
    await run(concurrency=8)
    assert set(statuses(reported).values()) == {STORED}
    assert len(server.images) == 6
    assert reported.under_way == 0


async def test_one_bad_file_does_not_stop_the_others(
    run: Run, server: "ScriptedServer", reported: "Reported"
) -> None:
    server.upload_faults = [server.refusal(422, "not_an_image")]
    assert await run() is None
    assert sorted(statuses(reported).values()) == [FAILED] + [STORED] * 4
    await run()
    assert sorted(statuses(reported).values()) == [SKIPPED] * 4 + [STORED]


async def test_a_file_that_changes_while_it_is_sent_is_sent_as_it_is_then(
    run: Run, server: "ScriptedServer", reported: "Reported", photos: Path
) -> None:
    for number in range(1, 5):
        (photos / f"{number}.jpg").unlink()

    async def check_then_change(request: web.Request) -> None:
        if request.path.endswith("/check"):
            (photos / "0.jpg").write_bytes(b"\xff\xd8\xff changed ")

    server.every_request = check_then_change
    await run()
    (outcome,) = reported.outcomes
    assert outcome.status is STORED
    assert outcome.id == server.id_of(b"\xff\xd8\xff changed ")
    assert outcome.sha256 == server.images[outcome.id or ""]["sha256"]


async def test_a_file_that_keeps_changing_fails(
    run: Run, server: "ScriptedServer", reported: "Reported"
) -> None:
    server.every_upload = server.refusal(422, "checksum_mismatch")
    await run()
    assert {one.error.code for one in reported.outcomes if one.error} == {"checksum_mismatch"}
    assert len(reported.outcomes) == 5
    assert server.sent == 10


async def test_a_file_that_vanishes_fails(
    run: Run, server: "ScriptedServer", reported: "Reported", photos: Path
) -> None:
    async def vanish(request: web.Request) -> None:
        if request.path.endswith("/check"):
            (photos / "3.jpg").unlink(missing_ok=True)

    server.every_request = vanish
    await run()
    error = reported.by_name()["3.jpg"].error
    assert error == ("local_file", "No such file or directory")
    assert sorted(statuses(reported).values()) == [FAILED] + [STORED] * 4


async def test_other_files_in_a_folder_are_skipped_and_images_of_any_name_taken(
    run: Run, reported: "Reported", photos: Path
) -> None:
    (photos / "notes.txt").write_text("words")
    (photos / "scan_without_extension").write_bytes(b"\x89PNG\r\n\x1a\n and so on")
    (photos / "fake.JPG").write_text("words")
    os.utime(photos / "notes.txt", (1, 1))
    await run()
    found = reported.by_name()
    assert found["notes.txt"].status is SKIPPED
    assert found["notes.txt"].reason == "not an image"
    assert found["scan_without_extension"].status is STORED
    assert found["fake.JPG"].status is STORED, "a promise that the server has to judge"


async def test_a_login_that_ends_ends_the_sending(
    run: Run, server: "ScriptedServer", reported: "Reported", photos: Path
) -> None:
    for number in range(300):
        (photos / f"more{number}.jpg").write_bytes(b"%d" % number)
    server.upload_faults = [_pass, _pass]
    server.every_upload = server.refusal(401, "unauthenticated")
    stopped = await run()
    assert stopped is not None
    assert stopped.exit_code is ExitCode.NOT_ALLOWED
    assert len(reported.outcomes) == 305
    assert sorted(set(statuses(reported).values())) == [FAILED, STORED]
    assert server.sent <= (2 + 4) * MOST_FILES


async def _pass(_: web.Request) -> None:
    return None


async def test_a_full_disk_ends_the_sending_after_some_tries(
    run: Run, server: "ScriptedServer", reported: "Reported", photos: Path
) -> None:
    for number in range(300):
        (photos / f"more{number}.jpg").write_bytes(b"%d" % number)
    server.every_upload = server.refusal(507, "storage_full")
    stopped = await run()
    assert stopped is not None
    assert len(reported.outcomes) == 305
    assert {one.error.code for one in reported.outcomes if one.error} == {"storage_full"}
    assert 10 <= server.sent <= 4 * MOST_FILES


async def test_a_server_that_is_gone_for_good_fails_the_rest_quickly(
    run: Run, server: "ScriptedServer", reported: "Reported", repository: RemoteRepository
) -> None:
    server.every_upload = _reset
    impatient = RetryPolicy(retries=1, first_wait=0.001)
    async with open_client(repository, retry=impatient, environ={}) as client:
        stopped = await run(client=client, concurrency=1)
    assert stopped is not None
    assert stopped.exit_code is ExitCode.UNREACHABLE
    assert set(statuses(reported).values()) == {FAILED}
    assert server.sent == 2


async def test_a_rehearsal_sends_nothing_and_foretells_what_happens(
    run: Run, server: "ScriptedServer", reported: "Reported", photos: Path
) -> None:
    server.add((photos / "0.jpg").read_bytes())
    shutil.copy(photos / "1.jpg", photos / "copy.jpg")
    (photos / "notes.txt").write_text("words")
    await run(dry_run=True)
    foretold = sorted(statuses(reported).values())
    assert server.sent == 0
    await run()
    assert sorted(statuses(reported).values()) == foretold
    assert foretold == sorted([SKIPPED, DUPLICATE, STORED, STORED, STORED, STORED, SKIPPED])


async def test_what_was_confirmed_before_the_interruption_is_not_sent_again(
    run: Run, server: "ScriptedServer", reported: "Reported"
) -> None:
    blocked = asyncio.Event()

    async def block_the_third(_: web.Request) -> None:
        if len(server.received) >= 2:
            blocked.set()
            await asyncio.sleep(30)

    server.takes_batches = False  # all five would go together
    server.every_upload = block_the_third
    running = asyncio.ensure_future(run(concurrency=1))
    await blocked.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert list(statuses(reported).values()) == [STORED, STORED]
    server.every_upload = None
    server.received.clear()
    await run()
    assert sorted(statuses(reported).values()) == [SKIPPED] * 2 + [STORED] * 3
    assert len(server.received) == 3


async def test_what_was_confirmed_with_a_batch_is_not_sent_again(
    run: Run, server: "ScriptedServer", reported: "Reported", photos: Path, takes_batches: bool
) -> None:
    for number in range(MOST_FILES):
        (photos / f"more{number}.jpg").write_bytes(b"%d" % number)
    confirmed = MOST_FILES if takes_batches else 1
    blocked = asyncio.Event()

    async def block_the_second(_: web.Request) -> None:
        if server.received:
            blocked.set()
            await asyncio.sleep(30)

    server.every_upload = block_the_second
    running = asyncio.ensure_future(run(concurrency=1))
    await blocked.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert list(statuses(reported).values()) == [STORED] * confirmed
    server.every_upload = None
    server.received.clear()
    await run()
    assert sorted(statuses(reported).values()).count(SKIPPED) == confirmed
    assert len(server.received) == MOST_FILES + 5 - confirmed


async def test_a_broken_source_ends_the_run_with_its_own_error(
    client: Client, journal: Journal, reported: "Reported", photos: Path
) -> None:
    def broken() -> Iterator[Found | Outcome]:
        yield from Sources(folders=(str(photos),)).found(WalkRules())
        raise InvalidInputError("line 7 is wrong")

    batches = scan(broken(), journal, Trust("jeff"))
    plan = UploadPlan("jeff", Fields())
    with pytest.raises(InvalidInputError, match="line 7"):
        await upload(batches, client=client, journal=journal, plan=plan, reporter=reported)


async def test_a_journal_for_one_account_says_nothing_about_another(
    run: Run, journal: Journal, photos: Path
) -> None:
    await run()
    found = Sources(folders=(str(photos),)).found(WalkRules())
    batches = scan(found, journal, Trust("anna"))
    assert all(candidate.sha256 for batch in batches for candidate in batch.pending)
