import asyncio
import json
import os
import pty
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import imgrepo_client
import pytest
from aiohttp import web
from imgrepo_client.cli import COMMANDS
from imgrepo_client.credentials import Login, changing

if TYPE_CHECKING:
    from tests.client.conftest import Program, ScriptedServer


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def cpu_seconds(*arguments: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "imgrepo_client", *arguments], check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def test_help_is_there_at_once() -> None:
    assert min(cpu_seconds("--help") for _ in range(4)) < 0.150


def test_help_loads_nothing_heavy() -> None:
    check = (
        "import sys\nfrom imgrepo_client import cli\n"
        "try: cli.main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'aiohttp', 'asyncio', 'rich', 'pydantic', 'tenacity', 'platformdirs', 'pathspec',"
        " 'imgrepo_server', 'sqlalchemy'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", check], check=True, capture_output=True, text=True)
    assert done.stderr == "[]\n"


def test_every_command_explains_itself(tmp_path: Path) -> None:
    check = (
        "from imgrepo_client.cli import COMMANDS, program\n"
        "from click.testing import CliRunner\n"
        "for name, (_, text) in COMMANDS.items():\n"
        "    result = CliRunner().invoke(program, [name, '--help'])\n"
        "    assert result.exit_code == 0, result.output\n"
        "    assert f'imgrepo {name}' in result.output\n"
    )
    subprocess.run([sys.executable, "-c", check], check=True, cwd=tmp_path)
    assert len(COMMANDS) > 10


@pytest.mark.parametrize("place", ["before", "after"])
async def test_global_options_stand_on_either_side(
    program: "Program", server: "ScriptedServer", place: str
) -> None:
    server.add(b"x")
    given = ["--json", "--server", server.url, "--no-color", "--no-progress"]
    del program.environ["IMGREPO_SERVER"]
    done = await program.run(*([*given, "list"] if place == "before" else ["list", *given]))
    assert done.code == 0
    assert lines(done.out)[0]["title"] == "a picture"
    assert done.err == ""


async def test_the_version_is_told_everywhere(program: "Program") -> None:
    for arguments in (["--version"], ["list", "--version"]):
        done = await program.run(*arguments)
        assert (done.code, done.out) == (0, f"imgrepo {imgrepo_client.__version__}\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["uplod"], "Did you mean upload?"),
        (["upload"], "Nothing to upload. Name files or folders"),
        (["search"], "Say what to find"),
        (["search", "--distance", "3"], "--distance goes with --image"),
        (["download"], "Name images by their ids"),
        (["edit", "x"], "Nothing to change"),
        (["edit", "x", "--private", "--public"], "--public and --private contradict each other"),
        (["edit", "x", "--hide-location", "--share-location"], "contradict each other"),
        (["edit", "x", "--public", "--share-with", "rita"], "Give only one of --public"),
        (["edit", "x", "--share-with", "a", "--unshare", "a"], "--unshare both name a"),
        (["upload", "x", "--private", "--public"], "--private and --public contradict each other"),
        (["list", "--limit", "0"], "--limit"),
        (["upload", "--manifest", "/nowhere.csv"], "Cannot read the manifest /nowhere.csv"),
        (["upload", "--files0-from", "/nowhere"], "cannot read /nowhere"),
        (["verify", "--receipt", "/nowhere"], "Cannot read the receipts in /nowhere"),
        (["--server", "example.org", "list"], "is not a server's address"),
        (["login", "--user", "jeff"], "No terminal to ask for a password on"),
        (["register", "http://127.0.0.1:1"], "Name the account with --user NAME"),
    ],
)
async def test_wrong_usage_says_what_is_right(
    program: "Program", arguments: list[str], told: str
) -> None:
    done = await program.run(*arguments)
    assert done.code == 2
    assert told in done.err
    assert done.out == ""
    assert "Traceback" not in done.err


async def test_the_empty_query_finds_everything(
    program: "Program", server: "ScriptedServer"
) -> None:
    server.add(b"x")
    done = await program.run("search", "", "--json")
    assert (done.code, len(lines(done.out))) == (0, 1)


async def test_exit_codes(
    program: "Program", server: "ScriptedServer", unused_tcp_port: int
) -> None:
    assert (await program.run("show", "0198c0de-0000-7000-8000-000000000000")).code == 6
    assert (await program.run("show", "nonsense")).code == 6
    gone = await program.run("--server", f"http://127.0.0.1:{unused_tcp_port}", "list")
    assert gone.code == 5
    assert gone.err.count("\n") == 1
    del program.environ["IMGREPO_TOKEN"]
    anonymous = await program.run("upload", ".")
    assert anonymous.code == 4
    assert f"imgrepo login {server.url} --user NAME" in anonymous.err


async def test_a_token_that_is_refused_is_called_what_it_is(
    program: "Program", server: "ScriptedServer"
) -> None:
    server.every_request = server.refusal(401, "unauthenticated")
    brought = await program.run("whoami")
    assert (brought.code, "IMGREPO_TOKEN is no key of " in brought.err) == (4, True)
    del program.environ["IMGREPO_TOKEN"]
    login = Login("rita", "stale")
    with changing(program.folder / "config" / "credentials.json") as draft:
        draft.credentials = draft.credentials.with_login(server.url, login)
    stored = await program.run("whoami")
    assert f"The login of rita at {server.url} has ended" in stored.err
    assert f"imgrepo login {server.url} --user rita." in stored.err


async def test_what_makes_a_password_unwise_is_said_before_it_is_typed(
    program: "Program", unused_tcp_port: int
) -> None:
    warned = await program.run("login", "http://192.0.2.1", "--user", "jeff")
    assert warned.err.splitlines()[0].endswith("others on the network can read along.")
    terminal, typed_on = pty.openpty()
    try:
        for command in ("login", "register"):
            process = await program.start(
                command, f"http://127.0.0.1:{unused_tcp_port}", "--user", "jeff", stdin=typed_on
            )
            _, err = await asyncio.wait_for(process.communicate(), 30)
            assert (process.returncode, b"Cannot reach" in err, b"Password" in err) == (
                5,
                True,
                False,
            )
    finally:
        os.close(terminal)
        os.close(typed_on)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["share", "x", "--expires", "31d"], "'31d' is too long: 30d at the most"),
        (["keys", "create", "x", "--expires", "9999w"], "36500d at the most"),
    ],
)
async def test_a_time_that_is_too_long_is_named_as_it_was_typed(
    program: "Program", arguments: list[str], told: str
) -> None:
    done = await program.run(*arguments)
    assert (done.code, told in done.err) == (2, True)


async def test_a_run_and_its_repetition(
    program: "Program", server: "ScriptedServer", photos: Path
) -> None:
    (photos / "notes.txt").write_text("words")
    first = await program.run("upload", "--dir", photos, "--json", "--tag", "sea", "--private")
    assert (first.code, first.err) == (0, "")
    *files, summary = lines(first.out)
    assert sorted(str(file["status"]) for file in files) == ["skipped"] + ["stored"] * 5
    assert (summary["type"], summary["stored"], summary["skipped"]) == ("summary", 5, 1)
    assert all(fields["visibility"] == ["private"] for _, fields in server.received)
    asked = len(server.requests)
    second = await program.run("upload", "--dir", photos, "--json")
    assert lines(second.out)[-1]["skipped"] == 6
    assert len(server.requests) == asked, "nothing is asked about what is unchanged"


async def test_a_failure_is_named_and_counted(
    program: "Program", server: "ScriptedServer", photos: Path
) -> None:
    server.upload_faults = [server.refusal(422, "corrupt_image")]
    done = await program.run("upload", photos, "--concurrency", "1")
    assert done.code == 3
    assert f"failed  {photos}/0.jpg: It is corrupt_image.\n" in done.err
    assert "4 stored (52 bytes), 1 failed in" in done.err
    assert len(done.out.splitlines()) == 4


async def test_lists_and_manifests(
    program: "Program", server: "ScriptedServer", photos: Path
) -> None:
    listed = b"\0".join(os.fsencode(photos / f"{number}.jpg") for number in (0, 1))
    done = await program.run("upload", "--files0-from", "-", "--quiet", stdin=listed)
    assert done.code == 0
    assert sorted(done.out.split()) == sorted(server.images)
    manifest = photos / "manifest.csv"
    manifest.write_text("path,title,tags,visibility\n2.jpg,Boat,sea;sun,private\n3.jpg,,,\n")
    server.received.clear()
    done = await program.run("upload", "--manifest", manifest, "--tag", "all")
    said = dict(server.received)
    assert said["2.jpg"]["title"] == ["Boat"]
    assert said["2.jpg"]["tags"] == ["all", "sea", "sun"]
    assert said["2.jpg"]["visibility"] == ["private"]
    assert "title" not in said["3.jpg"]
    assert said["3.jpg"]["visibility"] == ["public"]


async def test_a_wrong_manifest_sends_nothing(
    program: "Program", server: "ScriptedServer", photos: Path
) -> None:
    manifest = photos / "manifest.jsonl"
    manifest.write_text('{"path": "0.jpg"}\n{"path": "1.jpg", "titel": "x"}\n')
    done = await program.run("upload", "--manifest", manifest)
    assert done.code == 2
    assert f"{manifest}, line 2: unknown column 'titel'" in done.err
    assert server.requests == []


async def test_receipts_are_verified_and_damage_is_found(
    program: "Program", server: "ScriptedServer", photos: Path
) -> None:
    receipt = photos.parent / "receipts"
    await program.run("upload", photos, "--receipt", receipt)
    good = await program.run("verify", "--receipt", receipt, "--json")
    assert good.code == 0
    assert lines(good.out)[-1]["ok"] == 5
    first, second = list(server.content)[:2]
    server.content[first] = b"rotten"
    del server.images[second]
    bad = await program.run("verify", "--receipt", receipt)
    assert bad.code == 3
    assert bad.err.count("failed  ") == 2
    assert "3 verified, 1 missing, 1 different" in bad.err


async def test_sources_go_only_after_their_bytes_were_read_again(
    program: "Program", server: "ScriptedServer", photos: Path
) -> None:
    shutil.copy(photos / "0.jpg", photos / "copy.jpg")
    rotten = server.add((photos / "1.jpg").read_bytes())
    server.content[rotten["id"]] = b"rotten"
    done = await program.run("upload", photos, "--delete-source")
    assert done.code == 3
    assert f"failed  {photos}/1.jpg: kept: the repository holds other bytes" in done.err
    assert "5 files removed here.\n" in done.err
    assert os.listdir(photos) == ["1.jpg"]  # noqa: PTH208 - pathlib would be blocking as well
    assert len(server.images) == 5


async def test_a_rehearsal_changes_nothing(
    program: "Program", server: "ScriptedServer", photos: Path
) -> None:
    receipt = photos.parent / "receipts"
    done = await program.run(
        "upload", photos, "--dry-run", "--delete-source", "--receipt", receipt, "--json"
    )
    assert done.code == 0
    assert [line.get("dry_run") for line in lines(done.out)] == [True] * 6
    assert lines(done.out)[-1]["stored"] == 5
    assert len(os.listdir(photos)) == 5  # noqa: PTH208 - pathlib would be blocking as well
    assert server.images == {}
    assert not receipt.exists()


async def test_ctrl_c_stops_at_once_and_says_what_was_stored(
    program: "Program", server: "ScriptedServer", photos: Path
) -> None:
    server.takes_batches = False  # one by one, so that there is a third
    blocked = asyncio.Event()

    async def block_the_third(_: web.Request) -> None:
        if len(server.received) >= 2:
            blocked.set()
            await asyncio.sleep(20)

    server.every_upload = block_the_third
    process = await program.start("upload", photos, "--concurrency", "1")
    await asyncio.wait_for(blocked.wait(), 10)
    process.send_signal(signal.SIGINT)
    _, err = await asyncio.wait_for(process.communicate(), 5)
    assert process.returncode == 130
    assert b"2 stored" in err
    assert b"Run the same command again to go on." in err
    assert b"Traceback" not in err
    server.every_upload = None
    server.received.clear()
    done = await program.run("upload", photos)
    assert done.code == 0
    assert len(server.received) == 3


async def test_ctrl_c_while_it_waits_for_names(
    program: "Program", server: "ScriptedServer", photos: Path
) -> None:
    process = await program.start("upload", "--files0-from", "-", stdin=asyncio.subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(os.fsencode(photos / "0.jpg") + b"\0" + os.fsencode(photos / "1.jpg"))
    await asyncio.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), 5) == 130
    process.stdin.close()
    assert "Traceback" not in str(server.requests)


async def test_what_was_confirmed_before_a_kill_is_neither_sent_nor_hashed_again(
    program: "Program", server: "ScriptedServer", photos: Path
) -> None:
    for number in range(200):
        file = photos / f"more{number}.jpg"
        file.write_bytes(b"%d" % number)
        os.utime(file, (1_700_000_000, 1_700_000_000))
    enough = asyncio.Event()

    async def watch(_: web.Request) -> None:
        if len(server.received) >= 60:
            enough.set()
            await asyncio.sleep(20)

    server.every_upload = watch
    process = await program.start("upload", photos, "--json")
    await asyncio.wait_for(enough.wait(), 10)
    await asyncio.sleep(0.2)  # answers are on their way; what is printed by then is confirmed
    process.kill()
    out, _ = await process.communicate()
    confirmed = {str(line["path"]) for line in lines(out.decode().rpartition("\n")[0])}
    assert confirmed
    server.every_upload = None
    server.received.clear()
    for path in confirmed:
        Path(path).chmod(0)  # noqa: ASYNC240 - opening it would fail, but for root
        os.utime(path, (1_600_000_000, 1_700_000_000))
    done = await program.run("upload", photos, "--json")
    assert done.code == 0
    assert len(server.images) == 205
    again = {Path(str(photos)) / name for name, _ in server.received}
    assert not again & {Path(path) for path in confirmed}
    opened = [path for path in confirmed if os.stat(path).st_atime != 1_600_000_000]  # noqa: PTH116
    assert opened == []


async def test_more_files_than_may_be_open(
    program: "Program", server: "ScriptedServer", photos: Path
) -> None:
    for number in range(1500):
        (photos / f"more{number}.jpg").write_bytes(b"%d" % number)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))

    done = await program.run("upload", photos, "--concurrency", "500", "--json", preexec_fn=limit)
    assert done.code == 0, done.err
    assert lines(done.out)[-1]["stored"] == 1505
    assert server.most_under_way <= 16


@pytest.mark.parametrize("encoding", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}])
async def test_any_locale_will_do(
    program: "Program", photos: Path, encoding: dict[str, str]
) -> None:
    name = os.fsencode(photos) + b"/caf\xe9 \xe7\x8c\xab.jpg"
    with open(name, "wb") as file:  # noqa: PTH123, ASYNC230 - a path of bytes
        file.write(b"\xff\xd8\xff x")
    program.environ.update(encoding)
    done = await program.run("upload", photos)
    assert done.code == 0, done.err
    assert len(done.out.splitlines()) == 6
    assert "Traceback" not in done.err


async def test_a_reader_that_leaves_early_is_no_fault(
    program: "Program", server: "ScriptedServer"
) -> None:
    for number in range(1000):
        server.add(b"%d" % number)
    process = await program.start("list", "--all", "--json")
    assert process.stdout is not None
    await process.stdout.readline()
    process.stdout._transport.close()  # type: ignore[attr-defined] # noqa: SLF001 - as head does
    _, err = await asyncio.wait_for(process.communicate(), 10)
    assert (process.returncode, err) == (0, b"")
    assert server.count("GET", "/images") < 5


async def test_one_image_to_a_pipe(program: "Program", server: "ScriptedServer") -> None:
    image = server.add(b"bytes")
    done = await program.run("download", image["id"], "-o", "-")
    assert (done.code, done.out, done.err) == (0, "bytes", "")


async def test_several_downloads_with_one_missing(
    program: "Program", server: "ScriptedServer", tmp_path: Path
) -> None:
    good = server.add(b"bytes")["id"]
    missing = "0198c0de-0000-7000-8000-000000000000"
    done = await program.run("download", good, missing, "--to", tmp_path / "down")
    assert done.code == 3
    assert f"failed  {missing}: There is no such image." in done.err
    assert (tmp_path / "down" / "a.jpg").read_bytes() == b"bytes"


async def test_secrets_are_not_printed(program: "Program", photos: Path) -> None:
    for arguments in (["whoami", "--json"], ["upload", str(photos), "--json"], ["list", "--json"]):
        done = await program.run(*arguments)
        assert program.environ["IMGREPO_TOKEN"] not in done.out + done.err


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        ("list >&-", 0, ""),
        ("list >/dev/null 2>&-", 0, ""),
        ("list <&- >/dev/null", 0, ""),
        ("list >/dev/full", 1, "imgrepo: Cannot write the output: No space left on device."),
        ("download ID -o - >/dev/full", 1, "imgrepo: Cannot write the output: No space left"),
        ("download ID -o - | true", 0, ""),
    ],
)
async def test_where_output_cannot_go(
    program: "Program", server: "ScriptedServer", typed: str, code: int, said: str
) -> None:
    image = server.add(b"x" * 100_000)
    line = f"set -o pipefail; {sys.executable} -m imgrepo_client {typed.replace('ID', image['id'])}"
    process = await asyncio.create_subprocess_exec(
        "bash", "-c", line, env=program.environ, stderr=asyncio.subprocess.PIPE
    )
    _, err = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode, err.decode().count("\n")) == (code, 1 if said else 0)
    assert err.decode().startswith(said)
