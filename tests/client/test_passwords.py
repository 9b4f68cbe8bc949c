import io
import sys

import pytest
from imgrepo_client.errors import InvalidInputError
from imgrepo_client.passwords import read_password

ENVIRON = {"IMGREPO_PASSWORD": "from the environment"}


def test_the_environment_is_asked_where_nothing_else_is_said() -> None:
    assert read_password(ENVIRON, from_stdin=False, confirm=True) == "from the environment"


@pytest.mark.parametrize(
    ("typed", "password"),
    [("a secret\n", "a secret"), (" spaces \r\nmore\n", " spaces "), ("no newline", "no newline")],
)
def test_the_first_line_of_stdin_is_the_password(
    monkeypatch: pytest.MonkeyPatch, typed: str, password: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    assert read_password(ENVIRON, from_stdin=True, confirm=True) == password


def test_no_password_is_an_error_that_says_how_to_give_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with pytest.raises(InvalidInputError, match="first line of stdin is empty"):
        read_password(ENVIRON, from_stdin=True, confirm=False)
    with pytest.raises(InvalidInputError, match="IMGREPO_PASSWORD"):
        read_password({}, from_stdin=False, confirm=False)
