"""Each command at a server and in the local repository: stdout is data, stderr is for people."""

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

if TYPE_CHECKING:
    from tests.contract.conftest import Home, Ran, Server

IMAGE = {
    "id", "title", "filename", "description", "tags", "visibility", "shared_with", "owner",
    "gallery_tier",
    "sha256", "size", "width", "height", "format", "taken_at", "created_at", "trashed_at", "exif",
    "share_location", "links",
}  # fmt: skip
MATCH = IMAGE | {"distance", "similarity", "match", "orientation"}
NO_ID = "00000000-0000-7000-8000-000000000000"


def silent(ran: "Ran", but: str = "") -> "Ran":
    """What ran, having said nothing to people but one sentence with these words."""
    assert but in ran.err
    assert ran.err.count("\n") == bool(but)
    return ran


def only(ran: "Ran") -> dict[str, Any]:
    """The one object that was printed."""
    (value,) = ran.json()
    return value


def test_finding_and_showing(jeff: "Home", server: "Server", photos: Path) -> None:
    quiet = silent(jeff.run("upload", photos / "cat_1.jpg", "--quiet", "--tag", "Pets"))
    (image,) = quiet.lines()
    jeff.run("upload", "--dir", photos, "--tags-from-path", "--quiet")

    shown = only(silent(jeff.run("show", image, "--json", "--quiet")))
    assert set(shown) == IMAGE
    assert set(shown["links"]) == {"file", "preview"}
    assert shown["created_at"].endswith("Z")
    assert silent(jeff.run("--quiet", "show", image)).lines() == [image]
    assert set(only(silent(jeff.run("list", "--json", "--quiet", "--limit", "1")))) == IMAGE
    assert only(silent(jeff.run("--quiet", "search", "tag:pets", "--json")))["id"] == image
    # After "--" also a word that begins with a dash is a part of the query.
    assert "search -- cat -dog" in jeff.run("search", "cat", "-tag:pets", code=2).err
    assert len(silent(jeff.run("search", "--quiet", "--", "cat", "-tag:pets")).lines()) == 5

    cat = photos / "cat_1.jpg"
    like_file = silent(jeff.run("search", "--image", cat, "--json", "--quiet")).json()
    assert set(like_file[0]) >= MATCH
    assert (like_file[0]["id"], like_file[0]["distance"]) == (image, 0)
    piped = silent(jeff.run("search", "--image", "-", "--quiet", stdin=cat.read_bytes()))
    assert piped.lines()[0] == image
    like_stored = jeff.run("search", "--image", image, "--distance", "192", "--json", "--all")
    assert image not in {one["id"] for one in like_stored.json()}

    (address,) = silent(jeff.run("search", "tag:pets", "--format", "paths", "--quiet")).lines()
    assert address == f"{server.url}/api/v1/images/{image}/file"

    assert silent(jeff.run("tags", "--quiet")).lines() == ["beach", "pets"]
    assert only(silent(jeff.run("tags", "PE", "--json", "--quiet"))) == {
        "name": "pets",
        "count": 1,
    }
    assert silent(jeff.run("tags", "nothing like it", "--quiet")).out == ""
    whoami = only(silent(jeff.run("whoami", "--json", "--quiet")))
    assert whoami["usage"]["images"] == 10
    assert whoami["tier"] is whoami["quota"] is None


def test_changing_and_removing(
    jeff: "Home", server: "Server", photos: Path, tmp_path: Path
) -> None:
    (first,), (second,) = (
        jeff.run("upload", photos / f"cat_{n}.jpg", "--quiet").lines() for n in (1, 2)
    )
    edited = silent(
        jeff.run("edit", first, second, "--json", "--quiet", "--title", "Tom", "--private")
    ).json()
    assert [set(one) for one in edited] == [IMAGE, IMAGE]
    assert {(one["title"], one["visibility"]) for one in edited} == {("Tom", "private")}

    shared = jeff.run("edit", "--share-with", "rita", "tom", first, "--quiet", "--json")
    assert (only(shared)["visibility"], only(shared)["shared_with"]) == ("shared", ["rita", "tom"])
    unshared = silent(jeff.run("edit", first, "--unshare", "tom"))
    assert unshared.out == f"edited  {first}  Tom  shared with rita\n"
    assert silent(jeff.run("search", "is:shared", "--quiet")).lines() == [first]
    assert ["shared", "with", "rita"] in [line.split() for line in jeff.run("show", first).lines()]
    both = jeff.run("edit", first, "--public", "--share-with", "rita", code=2)
    assert "only one of --public" in both.err

    (url,) = jeff.run("share", first, "--expires", "10m", "--quiet").lines()
    assert url.startswith(f"{server.url}/api/v1/shared/")
    with urlopen(url) as opened:  # noqa: S310 -- our own server's
        assert opened.read() == (photos / "cat_1.jpg").read_bytes()
    assert "--revoke" in jeff.run("share", first, "--preview-only").err
    preview, original = silent(jeff.run("share", "--list", "--json", "--quiet")).json()
    assert (preview["preview_only"], original["preview_only"]) == (True, False)
    assert jeff.run("share", "--revoke", original["id"], "--quiet").lines() == [original["id"]]
    with pytest.raises(HTTPError, match="404") as refused:
        urlopen(url)  # noqa: S310 -- as above
    refused.value.close()
    assert "no link" in jeff.run("share", "--revoke", original["id"], code=3).err
    # The link to the preview is left; an image's id ends all links to it.
    (ended,) = jeff.run("share", "--revoke", first, "--json").json()
    assert ended == {"id": first, "status": "revoked", "links": 1}
    assert jeff.run("share", "--list", "--quiet").lines() == []
    assert "this image: 0" in jeff.run("share", "--revoke", first).out
    for wrong in (("share",), ("share", first, "--list"), ("share", first, "--expires", "soon")):
        jeff.run(*wrong, code=2)
    assert "administrator" in jeff.run("edit", first, "--gallery", "free", code=4).err
    assert silent(jeff.run("list", "--gallery"), "No images").out == ""

    mixed = jeff.run("--quiet", "edit", first, NO_ID, "nonsense", "--add-tag", "a", code=3)
    assert mixed.lines() == [first]
    assert mixed.err.count("failed  ") == 2
    assert mixed.err.count(NO_ID) == 2  # named, and in the sentence that says why

    saved = silent(jeff.run("download", first, "--to", tmp_path / "to", "--json", "--quiet"))
    entry = only(saved)
    assert set(entry) == {"id", "path", "status", "sha256"}
    assert entry["status"] == "saved"
    assert only(jeff.run("download", first, "--to", tmp_path / "to", "--json"))["status"] == (
        "present"
    )
    silent(jeff.run("download", "--query", "tom", "--to", tmp_path / "all", "--quiet"))
    assert len(list((tmp_path / "all").iterdir())) == 2
    target = tmp_path / "one.jpg"
    silent(jeff.run("download", second, "-o", target, "--quiet"))
    assert target.read_bytes() == (photos / "cat_2.jpg").read_bytes()
    assert "exists" in jeff.run("download", first, "-o", target, "--quiet", code=3).err

    deleted = silent(jeff.run("delete", first, "--json", "--quiet"))
    assert only(deleted) == {"id": first, "status": "deleted"}
    assert silent(jeff.run("search", "is:trashed", "--quiet")).lines() == [first]
    assert only(silent(jeff.run("restore", first, "--json", "--quiet")))["trashed_at"] is None
    purged = silent(jeff.run("delete", first, "--purge", "--quiet"))
    assert purged.lines() == [first]
    gone = jeff.run("show", first, "--quiet", code=6)
    assert (gone.out, gone.err.count("\n")) == ("", 1)
    assert silent(jeff.run("list", "--quiet")).lines() == [second]
    # What was purged is wanted again when it is uploaded again.
    assert jeff.run("upload", photos / "cat_1.jpg", "--json").json()[0]["status"] == "stored"


def test_changing_and_removing_in_a_local_repository(
    home: "Home", photos: Path, tmp_path: Path
) -> None:
    (image,) = home.run("upload", photos / "cat_1.jpg", "--quiet").lines()
    edited = silent(
        home.run("edit", image, "--title", "Tom", "--add-tag", "Pets", "--json", "--quiet")
    )
    assert (only(edited)["title"], only(edited)["tags"]) == ("Tom", ["pets"])
    assert silent(home.run("tags", "--quiet")).lines() == ["pets"]
    (path,) = silent(home.run("search", "tag:pets", "--format", "paths", "--quiet")).lines()
    assert Path(path).read_bytes() == (photos / "cat_1.jpg").read_bytes()
    silent(home.run("download", "--query", "tom", "--to", tmp_path / "to", "--quiet"))
    assert (tmp_path / "to" / "cat_1.jpg").read_bytes() == (photos / "cat_1.jpg").read_bytes()
    silent(home.run("delete", image, "--quiet"))
    assert only(silent(home.run("restore", image, "--json", "--quiet")))["trashed_at"] is None
    silent(home.run("delete", image, "--purge", "--quiet"))
    assert home.run("show", image, "--quiet", code=6).out == ""
    # What was purged is wanted again when it is uploaded again.
    assert home.run("upload", photos / "cat_1.jpg", "--json").json()[0]["status"] == "stored"


def test_receipts_and_summaries(person: "Home", photos: Path, tmp_path: Path) -> None:
    receipt = tmp_path / "receipt"
    *files, summary = silent(
        person.run("upload", "--dir", photos, "--json", "--quiet", "--receipt", receipt)
    ).json()
    assert {frozenset(one) for one in files} == {
        frozenset({"type", "path", "status", "id", "sha256"})
    }
    assert set(summary) >= {
        "type", "stored", "duplicate", "skipped", "failed", "bytes", "seconds",
    }  # fmt: skip
    assert summary["bytes"] == sum(os.path.getsize(one["path"]) for one in files)  # noqa: PTH202
    *verified, total = silent(
        person.run("verify", "--receipt", receipt, "--json", "--quiet")
    ).json()
    assert {one["status"] for one in verified} == {"ok"}
    assert total["ok"] == len(verified) == 10
    entry = json.loads(receipt.read_text().splitlines()[0])
    expected = f"local:{person.path}/.local/share/imgrepo" if person.server is None else None
    assert entry["server"] == (person.server or expected)


def test_opening_in_a_viewer(jeff: "Home", photos: Path, tmp_path: Path) -> None:
    (image,) = jeff.run("upload", photos / "cat_1.jpg", "--quiet").lines()
    programs, seen = tmp_path / "bin", tmp_path / "seen"
    programs.mkdir()
    jeff.more.update(PATH=str(programs), TMPDIR=str(tmp_path))
    missing = silent(jeff.run("open", NO_ID, "--quiet", code=6), but="There is no image")
    assert missing.out == ""
    silent(jeff.run("open", image, "--quiet", code=3), but="No viewer was found")
    viewer = programs / "xdg-open"
    viewer.write_text(f'#!/bin/sh\n/bin/cp "$1" {seen}.part && /bin/mv {seen}.part {seen}\n')
    viewer.chmod(0o755)
    assert silent(jeff.run("open", image, "--quiet")).out == ""
    deadline = time.monotonic() + 20  # a viewer is started, not waited for
    while not seen.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert seen.read_bytes() == (photos / "cat_1.jpg").read_bytes()


def test_a_local_repository_has_no_logins(home: "Home") -> None:
    for command in ("register", "login"):
        ran = home.run(command, "--user", "jeff", code=2)
        assert "Name the server" in ran.err
        assert command in ran.err
    assert "needs no login" in home.run("logout", code=2).err
    assert only(home.run("whoami", "--json"))["repository"].startswith(str(home.path))


def test_two_logins_at_one_server(new_home: Any, server: "Server") -> None:
    both = new_home("both")
    for name in ("jeff", "rita"):
        both.run(
            "register", server.url, "--user", name, "--password-stdin", stdin="a long password\n"
        )
    assert both.run("whoami", "--quiet").lines() == ["rita"]
    assert both.run("whoami", "--quiet", "--user", "jeff").lines() == ["jeff"]
    assert both.run("--user", "jeff", "whoami", "--quiet").lines() == ["jeff"]
    assert "ana is not logged in" in both.run("whoami", "--user", "ana", code=4).err
    assert "rita is logged out at" in both.run("logout").err
    # Neither somebody else nor somewhere else takes the place of the login that is gone.
    nobody = both.run("upload", both.path, code=4)
    assert f"not logged in at {server.url}; jeff has a login: --user jeff." in nobody.err
    assert "--server local" in both.run("logout", "--user", "jeff").err
    assert f"not logged in at {server.url}. Run: " in both.run("whoami", code=4).err
    local = only(both.run("whoami", "--json", "--server", "local"))
    assert local["repository"].startswith(str(both.path))
