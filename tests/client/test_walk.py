import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Self

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imgrepo_client.errors import InvalidInputError
from imgrepo_client.fields import Fields
from imgrepo_client.outcome import Outcome, Status
from imgrepo_client.sources import Sources
from imgrepo_client.walk import Found, WalkRules, exclude_rules, walk


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def names(items: Iterator[Found | Outcome], root: Path) -> list[str]:
    return [os.path.relpath(item.path, root) for item in items if isinstance(item, Found)]


def outcomes(items: Iterator[Found | Outcome]) -> list[Outcome]:
    return [item for item in items if isinstance(item, Outcome)]


def test_files_come_in_order_before_the_folders_beside_them(tmp_path: Path) -> None:
    make(tmp_path, "b.jpg", "a.jpg", "z/1.jpg", "m/2.jpg", "m/n/3.jpg", "a/4.jpg")
    found = names(walk(str(tmp_path), WalkRules()), tmp_path)
    assert found == ["a.jpg", "b.jpg", "a/4.jpg", "m/2.jpg", "m/n/3.jpg", "z/1.jpg"]


def test_hidden_files_are_found_on_request_and_junk_never(tmp_path: Path) -> None:
    make(
        tmp_path, "a.jpg", ".b.jpg", ".c/d.jpg", ".DS_Store", "._a.jpg", "@eaDir/t.jpg", "Thumbs.db"
    )
    assert names(walk(str(tmp_path), WalkRules()), tmp_path) == ["a.jpg"]
    found = names(walk(str(tmp_path), WalkRules(hidden=True)), tmp_path)
    assert found == [".b.jpg", "a.jpg", ".c/d.jpg"]


def test_folders_become_tags(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "2024/sea side/b.jpg")
    items = list(walk(str(tmp_path), WalkRules(tags_from_path=True)))
    tags = [item.fields.tags for item in items if isinstance(item, Found)]
    assert tags == [(), ("2024", "sea side")]


def test_links_are_left_alone_and_said_to_be(tmp_path: Path) -> None:
    make(tmp_path, "real/a.jpg")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "real/a.jpg")
    (tmp_path / "folder").symlink_to(tmp_path / "real")
    items = list(walk(str(tmp_path), WalkRules()))
    assert names(iter(items), tmp_path) == ["real/a.jpg"]
    assert [(Path(one.path).name, one.status) for one in outcomes(iter(items))] == [
        ("folder", Status.SKIPPED),
        ("link.jpg", Status.SKIPPED),
    ]


def test_followed_links_end_even_where_they_lead_round_and_round(tmp_path: Path) -> None:
    for number in range(12):  # each leads to all: walked naively that is 12! ways
        make(tmp_path, f"d{number}/{number}.jpg")
        for other in range(12):
            (tmp_path / f"d{number}" / f"to{other}").symlink_to(tmp_path / f"d{other}")
    (tmp_path / "up").symlink_to(tmp_path)
    (tmp_path / "broken.jpg").symlink_to(tmp_path / "nowhere")
    items = list(walk(str(tmp_path), WalkRules(follow_symlinks=True)))
    assert sorted(Path(name).name for name in names(iter(items), tmp_path)) == sorted(
        f"{number}.jpg" for number in range(12)
    )
    (broken,) = outcomes(iter(items))
    assert broken.status is Status.FAILED
    assert broken.error is not None


def test_what_vanishes_or_cannot_be_read_fails_and_the_rest_goes_on(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "gone/b.jpg", "kept/c.jpg")
    walked = walk(str(tmp_path), WalkRules())
    first = next(walked)
    shutil.rmtree(tmp_path / "gone")
    rest = list(walked)
    assert Path(first.path).name == "a.jpg"
    assert names(iter(rest), tmp_path) == ["kept/c.jpg"]
    (failed,) = outcomes(iter(rest))
    assert failed.path == str(tmp_path / "gone")
    assert failed.error is not None
    assert failed.error.message == "No such file or directory"


def test_pipes_and_the_like_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (outcome,) = walk(str(tmp_path), WalkRules())
    assert isinstance(outcome, Outcome)
    assert outcome.reason == "not a regular file"


def test_names_that_are_not_utf8_are_found(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.jpg"
    with open(name, "wb"):  # noqa: PTH123 - a path of bytes
        pass
    (found,) = walk(str(tmp_path), WalkRules())
    assert os.fsencode(found.path) == name


def test_depth_is_no_matter(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(600):
        folder = folder / "d"
    folder.mkdir(parents=True)
    make(folder, "deep.jpg")
    assert len(list(walk(str(tmp_path), WalkRules()))) == 1


NAME = st.sampled_from(["a", "b", "build", "x.tmp", "y.jpg"])
TREE = st.lists(st.lists(NAME, min_size=1, max_size=3).map("/".join), min_size=1, max_size=8)
PATTERN = st.sampled_from(
    [
        "a",
        "/a",
        "a/",
        "*.tmp",
        "!x.tmp",
        "build/",
        "!build/",
        "a/*",
        "**/b",
        "a/**/y.jpg",
        "*",
        "b/y.jpg",
        "!*/",
        "!y.jpg",
        "[xy].*",
        "#a",
    ]
)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is the judge of gitignore's rules")
@settings(max_examples=40, deadline=None)
@given(TREE, st.lists(PATTERN, min_size=1, max_size=4))
def test_excludes_are_those_of_git(tree: list[str], patterns: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in tree:
            try:
                make(folder, path)
            except OSError:  # a file and a folder of one name
                continue
        subprocess.run(["git", "init", "-q", name], check=True)
        (folder / ".git/info").mkdir(exist_ok=True)
        (folder / ".git/info/exclude").write_text("\n".join(patterns) + "\n")
        listed = subprocess.run(
            ["git", "-C", name, "ls-files", "-z", "--others", "--exclude-standard"],
            check=True,
            capture_output=True,
            env={"PATH": os.environ["PATH"], "HOME": name, "XDG_CONFIG_HOME": name},
        )
        rules = WalkRules(excluded=exclude_rules(tuple(patterns)))
        found = names(walk(name, rules), folder)
        assert sorted(found) == sorted(filter(None, listed.stdout.decode().split("\0")))


def test_a_pattern_that_means_nothing_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="--exclude"):
        exclude_rules(("!",))


def test_overlapping_folders_are_found_once_each(tmp_path: Path) -> None:
    make(tmp_path, "a/1.jpg", "a/b/2.jpg", "a/.hidden/3.jpg")
    sources = Sources(
        paths=(str(tmp_path / "a"), str(tmp_path / "a/1.jpg"), str(tmp_path / "a")),
        folders=(str(tmp_path / "a/b/"), str(tmp_path / "a/.hidden")),
    )
    found = names(sources.found(WalkRules()), tmp_path)
    assert sorted(found) == ["a/.hidden/3.jpg", "a/1.jpg", "a/b/2.jpg"]


def test_named_files_are_taken_whatever_they_are_called(tmp_path: Path) -> None:
    make(tmp_path, ".hidden", "Thumbs.db", "notes.txt")
    given_files = tuple(str(tmp_path / name) for name in (".hidden", "Thumbs.db", "notes.txt"))
    found = list(Sources(files=given_files).found(WalkRules()))
    assert [item.path for item in found] == list(given_files)
    assert all(isinstance(item, Found) and item.named for item in found)


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        (Sources(paths=("/nowhere/at/all",)), "No such file or directory"),
        (Sources(files=("/",)), "is a folder; give it with --dir"),
        (Sources(folders=("/dev/null",)), "Not a directory"),
        (Sources(files=("/dev/null",)), "not a regular file"),
        (Sources(files=("a\0b",)), "not a possible file name"),
    ],
)
def test_what_was_named_wrongly_fails_with_a_reason(sources: Sources, message: str) -> None:
    (outcome,) = sources.found(WalkRules())
    assert isinstance(outcome, Outcome)
    assert outcome.error is not None
    assert outcome.error.message == message


class _Slow:
    """Gives what it has one byte at a time, as a slow ``find`` may."""

    def __init__(self, content: bytes):
        self._content = content

    def read(self, _size: int) -> bytes:
        piece, self._content = self._content[:1], self._content[1:]
        return piece

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("end", [b"", b"\0"])
def test_a_list_of_names_is_read_as_it_comes(tmp_path: Path, end: bytes) -> None:
    make(tmp_path, "a b.jpg", "line\nbreak.jpg")
    listed = b"\0".join(os.fsencode(tmp_path / name) for name in ("a b.jpg", "line\nbreak.jpg"))

    def open_list() -> BinaryIO:
        return _Slow(listed + end)  # type: ignore[return-value] # all that is used of one

    found = names(Sources(open_list=open_list).found(WalkRules()), tmp_path)
    assert found == ["a b.jpg", "line\nbreak.jpg"]


def test_a_list_that_is_none_does_not_fill_the_memory(tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_bytes(b"x\n" * 200_000)
    (outcome,) = Sources(open_list=lambda: file.open("rb")).found(WalkRules())
    assert isinstance(outcome, Outcome)
    assert outcome.error is not None
    assert outcome.error.message == "not a list separated by NUL"


def test_what_is_said_of_one_file_beats_what_is_said_of_all() -> None:
    general = Fields(title="all", tags=("x", "y"), visibility="private")
    own = Fields(title="one", tags=("y", "z"))
    assert own.over(general) == Fields("one", None, ("x", "y", "z"), "private")
