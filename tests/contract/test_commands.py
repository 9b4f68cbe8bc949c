"""Every command, as its own process: exit code, stdout and stderr apart."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from imgrepo_client.errors import ErrorCode as ClientCode
from imgrepo_server.errors import ErrorCode as ServerCode

IMAGE_KEYS = {
    "id", "title", "filename", "description", "tags", "visibility", "owner", "sha256", "size",
    "width", "height", "format", "taken_at", "created_at", "links",
}  # fmt: skip
NO_ID = "00000000-0000-7000-8000-000000000000"


def test_client_and_server_know_the_same_codes() -> None:
    assert {code.value for code in ClientCode} >= {code.value for code in ServerCode}


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys\nfrom imgrepo_client.cli import main\n"
        "sys.argv = ['imgrepo', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'aiohttp', 'asyncio', 'sqlalchemy', 'numpy', 'PIL', 'rich', 'pydantic'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL)


def test_the_first_commands_work_without_any_server(home: Any, photos: Path) -> None:
    first = home.run("upload", "--dir", photos)
    assert first.err.startswith("Using the local repository in ")
    assert "10 stored" in first.err
    assert sum(line.startswith("stored") for line in first.lines()) == 10
    again = home.run("upload", "--dir", photos)
    assert "0 stored" in again.err
    cats = home.run("search", "--keyword", "CAT", "--json").json()
    assert {image["title"] for image in cats} == {f"cat_{n}.jpg" for n in range(6)}
    assert set(cats[0]) >= IMAGE_KEYS
    found = home.run("search", "--image", photos / "cat_3.jpg", "--json").json()
    assert found[0]["title"] == "cat_3.jpg"
    assert (found[0]["distance"], found[0]["similarity"]) == (0, 1)
    assert (found[0]["match"], found[0]["orientation"]) == ("same", "upright")
    assert home.run("search", "--keyword", "nothing like it").out == ""
    assert (home.path / ".local/share/imgrepo/imgrepo.db").is_file()


def test_two_people_private_and_public(new_home: Any, server: Any, photos: Path) -> None:
    jeff, rita = new_home("jeff", server), new_home("rita", server)
    jeff.register("jeff")
    rita.register("rita")
    jeff.run("upload", "--dir", photos / "beach", "--private", "--description", "our summer")
    jeff.run("upload", photos / "cat_1.jpg", photos / "cat_2.jpg", "--tag", "pets")

    assert len(jeff.run("list", "--json").json()) == 6
    assert len(rita.run("list", "--json").json()) == 2
    assert len(rita.run("list", "--user", "jeff", "--json").json()) == 2
    assert rita.run("search", "--keyword", "summer", "--json").json() == []
    assert len(jeff.run("search", "--keyword", "SUMMER", "--json").json()) == 4
    assert rita.run("tags", "--json").json() == [{"name": "pets", "count": 2}]
    nobody = new_home("nobody", server)
    assert len(nobody.run("list", "--json").json()) == 2
    secret = jeff.run("list", "--quiet", "--limit", "200").lines()[-1]
    refused = rita.run("show", secret, code=6)
    assert refused.out == ""
    assert "not shared with you" in refused.err
    assert "not logged in" in nobody.run("upload", photos / "cat_3.jpg", code=4).err


def test_an_image_from_upload_to_purge(jeff: Any, photos: Path, tmp_path: Path) -> None:
    (outcome, summary) = jeff.run("--json", "upload", photos / "cat_1.jpg", "--title", "Tom").json()
    data = (photos / "cat_1.jpg").read_bytes()
    assert outcome["type"] == "file"
    assert outcome["status"] == "stored"
    assert outcome["sha256"] == hashlib.sha256(data).hexdigest()
    assert (summary["type"], summary["stored"], summary["bytes"]) == ("summary", 1, len(data))
    assert set(summary) >= {"duplicate", "skipped", "failed", "seconds"}
    image = outcome["id"]

    (shown,) = jeff.run("show", image, "--json").json()
    assert (shown["title"], shown["filename"], shown["owner"]) == ("Tom", "cat_1.jpg", "jeff")
    assert "Tom" in jeff.run("show", image).out
    jeff.run(
        "edit", image, "--title", "Tim", "--description", "asleep", "--add-tag", "Pets", "--private"
    )
    (shown,) = jeff.run("show", image, "--json").json()
    assert (shown["title"], shown["description"]) == ("Tim", "asleep")
    assert (shown["tags"], shown["visibility"]) == (["pets"], "private")
    jeff.run("edit", image, "--remove-tag", "pets", "--public")

    target = tmp_path / "to"
    jeff.run("download", image, "--to", target)
    assert (target / "cat_1.jpg").read_bytes() == data
    jeff.run("download", image, "--to", target)  # the same bytes are there: nothing to do
    assert [path.name for path in target.iterdir()] == ["cat_1.jpg"]
    (target / "cat_1.jpg").write_bytes(b"my own")
    jeff.run("download", image, "--to", target)
    assert (target / "cat_1.jpg").read_bytes() == b"my own"
    assert len(list(target.iterdir())) == 2
    piped = subprocess.run(
        [Path(sys.executable).parent / "imgrepo", "download", image, "-o", "-"],
        env=jeff.environment(), capture_output=True, check=True,
    )  # fmt: skip
    assert piped.stdout == data

    jeff.run("delete", image)
    assert jeff.run("list", "--json").json() == []
    jeff.run("restore", image)
    assert len(jeff.run("list", "--json").json()) == 1
    jeff.run("delete", image, "--purge")
    jeff.run("show", image, code=6)
    jeff.run("restore", image, code=6)


def test_logins(jeff: Any, new_home: Any, server: Any) -> None:
    assert "jeff" in jeff.run("whoami").out
    (me,) = jeff.run("whoami", "--json").json()
    assert me["user"]["name"] == "jeff"
    credentials = next(jeff.path.rglob("credentials.json"))
    assert credentials.stat().st_mode & 0o777 == 0o600
    jeff.run("logout")
    assert jeff.run("whoami", code=4).out == ""
    wrong = jeff.run("login", "--user", "jeff", "--password-stdin", stdin="wrong wrong\n", code=4)
    assert "wrong" in wrong.err
    elsewhere = new_home("elsewhere")  # login URL makes that server the default
    elsewhere.run("login", server.url, "--user", "jeff", "--password-stdin", stdin=PASSWORD + "\n")
    assert "jeff" in elsewhere.run("whoami").out
    taken = jeff.register("Jeff", code=4)
    assert "taken" in taken.err
    assert (
        "10" in jeff.run("register", "--user", "x", "--password-stdin", stdin="short\n", code=2).err
    )


PASSWORD = "a long enough password"


def test_wrong_use_and_unreachable_servers(home: Any, tmp_path: Path) -> None:
    assert "imgrepo upload" in home.run("upload", code=2).err
    home.run("no-such-command", code=2)
    home.run("list", "--no-such-option", code=2)
    home.run("list", "--limit", "x", code=2)
    unreachable = home.run("list", "--server", "http://127.0.0.1:9", "--user", "jeff", code=5)
    assert "127.0.0.1:9" in unreachable.err
    home.run("--server", "http://127.0.0.1:9", "list", code=5)  # global options stand anywhere
    home.run("show", NO_ID, code=6)
    missing = home.run("upload", tmp_path / "not there.jpg", code=3)
    assert "not there.jpg" in missing.err


def test_output_for_scripts(jeff: Any, photos: Path) -> None:
    jeff.run("upload", "--dir", photos, "--quiet")
    ids = jeff.run("list", "--quiet").lines()
    assert len(ids) == 10
    assert all(len(line) == 36 for line in ids)
    assert jeff.run("search", "--keyword", "cat", "--format", "ids").lines() == [
        image["id"] for image in jeff.run("search", "--keyword", "cat", "--json").json()
    ]
    nul = jeff.run("search", "--keyword", "sea", "-0").out
    assert len(nul.rstrip("\0").split("\0")) == 4
    assert len(jeff.run("list", "--all", "--json").json()) == 10
    assert len(jeff.run("list", "--limit", "3", "--json").json()) == 3
    table = jeff.run("list")
    assert "cat_0.jpg" in table.out
    assert "\x1b" not in table.out  # no colours into a pipe


def test_failures_are_each_named_and_the_rest_is_stored(jeff: Any, photos: Path) -> None:
    (photos / "fake.jpg").write_text("no picture")
    (photos / "cut.JPG").write_bytes((photos / "cat_1.jpg").read_bytes()[:-100])
    (photos / "notes.txt").write_text("no picture either")
    ran = jeff.run("upload", "--dir", photos, "--json", code=3)
    *files, summary = ran.json()
    status = {Path(one["path"]).name: one["status"] for one in files}
    assert len(status) == len(files) == 13
    assert (status["fake.jpg"], status["cut.JPG"], status["notes.txt"]) == (
        "failed",
        "failed",
        "skipped",
    )
    codes = {Path(one["path"]).name: one["error"]["code"] for one in files if one.get("error")}
    assert codes["fake.jpg"] == "not_an_image"
    assert codes["cut.JPG"] == "truncated_image"
    assert (summary["stored"], summary["failed"], summary["skipped"]) == (10, 2, 1)
    assert ran.err.count("fake.jpg") == 1
    assert ran.err.count("cut.JPG") == 1


def test_names_of_every_kind_come_back(jeff: Any, picture: Any, tmp_path: Path) -> None:
    folder = tmp_path / "odd names"
    folder.mkdir()
    names = (
        "UPPER.JPG", "dots.in.it.jpg", " spaces .jpg", "new\nline.jpg", "emoji_😼.jpg", "-dash.jpg",
        "x" * 251 + ".jpg", "quote\"'.jpg", "ünïcode.jpg", "semi;colon&amp.jpg",
    )  # fmt: skip
    for number, name in enumerate(names):
        (folder / name).write_bytes(picture(number))
    not_utf8 = os.fsencode(folder) + b"/latin_\xe9.jpg"
    Path(os.fsdecode(not_utf8)).write_bytes(picture(99))
    *files, summary = jeff.run("upload", "--dir", folder, "--json").json()
    assert summary["stored"] == len(names) + 1
    target = tmp_path / "back"
    jeff.run("download", *(one["id"] for one in files), "--to", target)
    assert {p.read_bytes() for p in target.iterdir()} == {p.read_bytes() for p in folder.iterdir()}
    assert all(path.parent == target for path in target.rglob("*"))


def test_the_same_bytes_twice_in_one_run_are_sent_once(jeff: Any, photos: Path) -> None:
    (photos / "copy_of_cat_1.jpg").write_bytes((photos / "cat_1.jpg").read_bytes())
    *files, summary = jeff.run("upload", "--dir", photos, "--json").json()
    assert (summary["stored"], summary["duplicate"]) == (10, 1)
    twins = [one for one in files if one["status"] == "duplicate"]
    assert len({one["id"] for one in files}) == 10
    assert twins[0]["duplicate_of"] == twins[0]["id"]


def test_batch_options(jeff: Any, photos: Path, tmp_path: Path) -> None:
    dry = jeff.run("upload", "--dir", photos, "--dry-run", "--json").json()
    assert dry[-1]["type"] == "summary"
    assert jeff.run("list", "--json").json() == []
    names = b"\0".join(os.fsencode(photos / f"cat_{n}.jpg") for n in range(2))
    jeff.run("upload", "--files0-from", "-", stdin=names)
    manifest = tmp_path / "list.csv"
    manifest.write_text(
        f'path,title,tags,visibility\n{photos / "cat_2.jpg"},Tom,"pets, grey",private\n'
    )
    jeff.run("upload", "--manifest", manifest)
    (tom,) = jeff.run("search", "--keyword", "tom", "--json").json()
    assert (tom["title"], tom["visibility"]) == ("Tom", "private")
    assert tom["tags"] == ["grey", "pets"]
    manifest.write_text("path,colour\na.jpg,red\n")
    assert "colour" in jeff.run("upload", "--manifest", manifest, code=2).err
    jeff.run("upload", "--dir", photos, "--tags-from-path", "--exclude", "cat_5*")
    assert len(jeff.run("list", "--json", "--limit", "50").json()) == 9
    assert {"name": "beach", "count": 4} in jeff.run("tags", "--json").json()


def test_receipts_are_verified_against_the_stored_bytes(
    jeff: Any, server: Any, photos: Path, tmp_path: Path
) -> None:
    receipt = tmp_path / "receipt.jsonl"
    jeff.run("upload", "--dir", photos, "--receipt", receipt)
    entries = [json.loads(line) for line in receipt.read_text().splitlines()]
    assert len(entries) == 10
    assert set(entries[0]) >= {"path", "sha256", "id", "server", "time"}
    jeff.run("verify", "--receipt", receipt)
    sha = entries[0]["sha256"]
    (server.data_dir / "storage" / sha[:2] / sha[2:4] / sha).write_bytes(b"rotten")
    gone = entries[1]["sha256"]
    (server.data_dir / "storage" / gone[:2] / gone[2:4] / gone).unlink()
    bad = jeff.run("verify", "--receipt", receipt, code=3)
    assert Path(entries[0]["path"]).name in bad.err
    assert Path(entries[1]["path"]).name in bad.err


def test_sources_are_deleted_only_when_their_copy_was_verified(jeff: Any, photos: Path) -> None:
    (photos / "fake.jpg").write_text("no picture")
    jeff.run("upload", "--dir", photos, "--delete-source", code=3)
    assert [path.name for path in photos.rglob("*") if path.is_file()] == ["fake.jpg"]
    assert len(jeff.run("list", "--json").json()) == 10


def test_a_local_repository_can_be_served_later(home: Any, new_server: Any, photos: Path) -> None:
    home.run("upload", "--dir", photos)
    data = home.path / ".local/share/imgrepo"
    server = new_server(str(data))
    nobody = type(home)(home.path, server.url)
    assert len(nobody.run("list", "--json").json()) == 10


def test_a_closed_pipe_ends_quietly(person: Any, photos: Path) -> None:
    person.run("upload", "--dir", photos, "--quiet")
    listing = subprocess.Popen(
        [Path(sys.executable).parent / "imgrepo", "list", "--all", "--json"],
        env=person.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert listing.stdout is not None
    assert listing.stderr is not None
    listing.stdout.close()
    said = listing.stderr.read()
    listing.stderr.close()
    assert listing.wait(30) in {0, 1, 141}
    assert "Traceback" not in said
    assert "Broken" not in said
