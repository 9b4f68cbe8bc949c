"""What is offered at the Tab key, by the real program as a shell starts it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from imgrepo_client import completion
from imgrepo_client.commands.similar import duplicates_command
from imgrepo_client.credentials import Login, changing

SHELLS = ("bash", "zsh", "fish")


def offered(line: str, home: Path, shell: str = "bash", **more: str) -> list[str]:
    """What completing the last word of a command line offers, in the shell's own notation."""
    words = line.split(" ")
    # Fish tells the word itself, the others its number.
    word = words[-1] if shell == "fish" else str(len(words) - 1)
    done = subprocess.run(
        [sys.executable, "-m", "imgrepo_client"],
        env={
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "COMP_WORDS": line,
            "COMP_CWORD": word,
            "_IMGREPO_COMPLETE": f"{shell}_complete",
            **more,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    return [line for line in done.stdout.splitlines() if line]


def test_commands_and_options_are_offered(tmp_path: Path) -> None:
    assert offered("imgrepo se", tmp_path) == ["plain,search"]
    assert offered("imgrepo upload --exif", tmp_path) == ["plain,--exif-tags"]
    assert offered("imgrepo list --sort ti", tmp_path) == ["plain,title"]
    assert offered("imgrepo upload some/pa", tmp_path) == ["file,some/pa"]
    assert offered("imgrepo upload --dir some/pa", tmp_path) == ["dir,some/pa"]
    assert offered("imgrepo se", tmp_path, "zsh")[:2] == ["plain", "search"]
    assert offered("imgrepo se", tmp_path, "fish")[0].startswith("plain,search")


@pytest.mark.parametrize(
    "line",
    [
        "imgrepo nonsense ",
        "imgrepo show ",  # there is no repository
        "imgrepo --server http://127.0.0.1:1 show ",  # nobody listens
        "imgrepo --server nonsense tags ",
        "imgrepo --user nobody tags ",
        "imgrepo search --tag 'a ",
    ],
)
def test_what_cannot_be_known_is_passed_over_in_silence(tmp_path: Path, line: str) -> None:
    assert offered(line, tmp_path) == []
    assert list(tmp_path.iterdir()) == []  # asking makes no repository


def test_damaged_logins_are_passed_over_too(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "credentials.json").write_text("{")
    assert offered("imgrepo tags ", tmp_path, IMGREPO_CONFIG_DIR=str(folder)) == []


def test_names_of_stored_logins_are_offered_without_asking_anybody(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    with changing(folder / "credentials.json") as draft:
        for server, user in (("https://a.example", "jeff"), ("https://b.example", "rita")):
            draft.credentials = draft.credentials.with_login(server, Login(user, "token"))
    where = {"IMGREPO_CONFIG_DIR": str(folder)}
    assert offered("imgrepo --user ", tmp_path, **where) == ["plain,rita"]
    assert offered("imgrepo upload --user r", tmp_path, **where) == ["plain,rita"]
    assert offered("imgrepo upload --user j", tmp_path, **where) == []
    there = "imgrepo --server https://a.example/ upload --user "
    assert offered(there, tmp_path, **where) == ["plain,jeff"]
    assert offered("imgrepo --server nonsense --user ", tmp_path, **where) == []


@pytest.mark.parametrize("shell", SHELLS)
def test_there_is_a_script_for_each_shell(tmp_path: Path, shell: str) -> None:
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-m", "imgrepo_client"],
        env=environ | {"_IMGREPO_COMPLETE": f"{shell}_source"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"_IMGREPO_COMPLETE={shell}_complete" in done.stdout
    assert done.stderr == ""


def test_ids_of_own_images_are_offered_to_duplicates() -> None:
    (asked,) = (one for one in duplicates_command.params if one.name == "different")
    assert asked._custom_shell_complete is completion.own_ids  # noqa: SLF001 -- click has no reader
