"""Questions at a terminal: no and Ctrl-D change nothing and are no fault, Ctrl-C interrupts."""

import os
import pty
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.contract.conftest import ServerProcess

BIN = Path(sys.executable).parent
CTRL_C, CTRL_D = "\x03", "\x04"


@pytest.fixture
def server(new_server: Callable[..., ServerProcess]) -> ServerProcess:
    """A process of its own: one with threads, as a server has, is not to be forked."""
    return new_server()


def answered(
    person: Any, question: str, answer: str, *words: str, program: str = "imgrepo"
) -> tuple[int, str]:
    """Type an answer once the question is there; the exit code, and what was said in all."""
    process, terminal = pty.fork()
    if process == 0:
        os.execve(BIN / program, [program, *words], person.environment())  # noqa: S606 - our own
    said, asked, stop = b"", False, time.monotonic() + 60
    while select.select([terminal], [], [], max(stop - time.monotonic(), 0))[0]:
        try:
            said += os.read(terminal, 1000)
        except OSError:  # how Linux tells the end of a terminal
            break
        if not asked and question.encode() in said:
            asked = True
            # A key pressed between the question and the reading of the answer may be lost: it takes
            # a program for that.
            time.sleep(0.5)
            os.write(terminal, answer.encode())
    else:
        os.kill(process, signal.SIGKILL)
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), said.decode()


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Change 2 images?", ("edit", "--query", "cat", "--private")),
        ("into the trash?", ("duplicates", "--delete-others")),
    ],
)
def test_to_say_no_is_no_fault(
    jeff: Any, photos: Path, tmp_path: Path, question: str, words: tuple[str, ...]
) -> None:
    with Image.open(photos / "cat_1.jpg") as picture:
        picture.save(tmp_path / "cat_again.jpg", quality=60)
    jeff.run("upload", photos / "cat_1.jpg", tmp_path / "cat_again.jpg", "--quiet")
    for answer in ("n\n", "\n", CTRL_D):
        code, said = answered(jeff, question, answer, *words)
        assert code == 0, said
        assert "Nothing was changed." in said
        assert "interrupted" not in said
    code, said = answered(jeff, question, CTRL_C, *words)
    assert code == 130, said
    assert "interrupted" in said
    assert len(jeff.run("search", "is:public", "--quiet").lines()) == 2


def test_an_administrator_may_say_no_as_well(home: Any, photos: Path) -> None:
    home.run("upload", photos / "cat_1.jpg")
    folder = home.path / ".local" / "share" / "imgrepo"
    words = ("serve", "--reset", "--port", "0", "--data-dir", str(folder))
    for answer, ended, told in (
        ("n\n", 0, "Nothing was changed."),
        (CTRL_D, 0, "Nothing was changed."),
        (CTRL_C, 130, "interrupted"),
    ):
        code, said = answered(home, "Delete all images", answer, *words, program="imgrepo-server")
        assert code == ended, said
        assert told in said
        assert "Abort" not in said
    assert len(home.run("list", "--quiet").lines()) == 1
