"""Carets stand under the fault, as a terminal shows it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_server.query import point_at
from rich.cells import cell_len


@pytest.mark.parametrize(
    ("query", "position", "length", "shown"),
    [
        ("cat tgs:x", 4, 4, "cat tgs:x\n    ^^^^"),
        ("猫 tgs:x", 2, 4, "猫 tgs:x\n   ^^^^"),  # wide before
        ("猫猫:x", 0, 3, "猫猫:x\n^^^^^"),  # wide inside
        ("cafe\u0301 (", 6, 1, "cafe\u0301 (\n     ^"),  # a combining mark before
        (
            "👨\u200d👩\u200d👧 (",
            6,
            1,
            "👨\u200d👩\u200d👧 (\n   ^",
        ),  # one emoji
        ("\u0301", 0, 1, "\u0301\n^"),  # nothing visible
        ("a\nb\tc", 4, 1, "a b c\n    ^"),
        ("a\x1b[31m\u202eb", 1, 1, "a\ufffd[31m\ufffdb\n ^"),  # nothing that moves the cursor
        ("abcdefghijklmnopqrstuvwxyz", 13, 1, "…ijklmnopqrs…\n      ^"),
        ("abcdefghijklmnopqrstuvwxyz", 0, 1, "abcdefghijkl…\n^"),
        ("abcdefghijklmnopqrstuvwxyz", 25, 1, "…opqrstuvwxyz\n            ^"),
        ("abcdefghijklmnopqrstuvwxyz", 1, 25, "abcdefghijk…\n ^^^^^^^^^^^"),
        ("(", 0, 1, "(\n^"),
    ],
)
def test_point_at(query: str, position: int, length: int, shown: str) -> None:
    assert point_at(query, position, length, columns=13) == shown


@given(st.data())
def test_whatever_the_query_two_lines_fit_the_width(data: st.DataObject) -> None:
    query = data.draw(st.text(min_size=1))
    position = data.draw(st.integers(0, len(query) - 1))
    length = data.draw(st.integers(1, len(query) - position))
    line, carets = point_at(query, position, length, columns=20).split("\n")
    assert line.isprintable() or "\u200c" in line or "\u200d" in line
    # Terminals join some characters across the cut; the line may be off by that one.
    assert cell_len(line) <= 22
    assert len(carets) <= 22
    assert carets.lstrip(" ").strip("^") == ""
