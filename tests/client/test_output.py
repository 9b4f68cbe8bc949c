import io
import json
import os
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_client.answers import Image, Match, NearCopy
from imgrepo_client.connect import LocalRepository, RemoteRepository
from imgrepo_client.description import described
from imgrepo_client.errors import ClientError
from imgrepo_client.outcome import Failure, Outcome, Status, Tally
from imgrepo_client.output import Output, Style
from imgrepo_client.results import ResultFormat, Results, locator
from imgrepo_client.tables import (
    image_columns,
    image_row,
    match_columns,
    match_row,
    table_lines,
)
from rich.cells import cell_len

HOSTILE = "\x1b]0;owned\x07\x1b[2J\r\n\x9b31m"


def image(title: str = "A cat", **more: object) -> Image:
    known = {
        "id": "0198c0de-0000-7000-8000-000000000000",
        "title": title,
        "filename": title,
        "description": title,
        "tags": [title],
        "visibility": "public",
        "owner": "jeff",
        "sha256": "ab" * 32,
        "size": 1_234_567,
        "width": 4000,
        "height": 3000,
        "format": "jpeg",
        "taken_at": None,
        "created_at": "2026-01-02T03:04:05Z",
        "exif": {"model": title},
        "links": {"file": "/api/v1/images/x/file", "preview": "/api/v1/images/x/preview"},
        **more,
    }
    return cast("Image", known)


def match(title: str) -> Match:
    nearness = {"distance": 7.0, "similarity": 0.93, "match": "same", "orientation": "mirrored"}
    return cast("Match", image(title, **nearness))


class Printed:
    """An output, and what was printed with it."""

    def __init__(self, style: Style):
        self.out, self.err = io.StringIO(), io.StringIO()
        self.output = Output(self.out, self.err, style)

    @property
    def both(self) -> tuple[str, str]:
        return self.out.getvalue(), self.err.getvalue()


OUTCOMES = [
    Outcome("a.jpg", Status.STORED, id="1", sha256="aa", size=10),
    Outcome("b.jpg", Status.DUPLICATE, id="1", sha256="aa", duplicate_of="1", size=10),
    Outcome("c.jpg", Status.SKIPPED, id="2", sha256="bb", size=20),
    Outcome("notes.txt", Status.SKIPPED, reason="not an image"),
    Outcome("d.jpg", Status.FAILED, error=Failure("not_an_image", "It is text."), size=5),
]


def test_outcomes_for_people() -> None:
    printed = Printed(Style())
    printed.output.outcomes(OUTCOMES, dry_run=False)
    out, err = printed.both
    assert out == "stored     1  a.jpg\nduplicate  1  b.jpg\n"
    assert err == "failed  d.jpg: It is text.\n"


def test_outcomes_for_programs_are_one_line_each() -> None:
    printed = Printed(Style(json=True))
    printed.output.outcomes(OUTCOMES, dry_run=False)
    out, err = printed.both
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["status"] for line in lines] == [one.status for one in OUTCOMES]
    assert all(line["type"] == "file" and "path" in line for line in lines)
    assert lines[1]["duplicate_of"] == "1"
    assert lines[3]["reason"] == "not an image"
    assert lines[4]["error"] == {"code": "not_an_image", "message": "It is text."}
    assert err == "failed  d.jpg: It is text.\n", "failures are named whoever reads stdout"


def test_a_reason_that_stays_the_same_is_given_once() -> None:
    full = Failure("quota_exceeded", "This account is full.")
    outcomes = [Outcome(f"{name}.jpg", Status.FAILED, error=full) for name in "abc"]
    printed = Printed(Style())
    for outcome in outcomes:
        printed.output.outcomes([outcome], dry_run=False)
    printed.output.failure("d.jpg", "It is text.")
    printed.output.failure("e.jpg", "This account is full.")
    assert printed.err.getvalue().splitlines() == [
        "failed  a.jpg: This account is full.",
        "failed  b.jpg (for the same reason)",
        "failed  c.jpg (for the same reason)",
        "failed  d.jpg: It is text.",
        "failed  e.jpg: This account is full.",
    ]
    for_programs = Printed(Style(json=True))
    for_programs.output.outcomes(outcomes, dry_run=False)
    assert [text.count("This account is full.") for text in for_programs.both] == [3, 3]


def test_a_rehearsal_says_what_would_be() -> None:
    printed = Printed(Style())
    printed.output.outcomes(OUTCOMES[:2], dry_run=True)
    assert printed.out.getvalue() == "would store  a.jpg\nduplicate  b.jpg\n"
    for_programs = Printed(Style(json=True))
    for_programs.output.outcomes(OUTCOMES[:1], dry_run=True)
    assert json.loads(for_programs.out.getvalue())["status"] == "stored"


@pytest.mark.parametrize(
    ("label", "words"),
    [("same", "the same picture as"), ("near", "nearly the same as"), ("other", "other")],
)
def test_what_looks_like_another_is_told_in_words(label: str, words: str) -> None:
    similar = {"id": "2", "title": "B", "match": label, "distance": 20.0, "similarity": 0.8}
    printed = Printed(Style())
    outcome = Outcome("a.jpg", Status.STORED, id="1", similar=cast("NearCopy", similar))
    printed.output.outcomes([outcome], dry_run=False)
    assert printed.out.getvalue() == f"stored     1  a.jpg  ({words} 2 B)\n"


def test_quiet_is_ids_and_failures() -> None:
    printed = Printed(Style(quiet=True))
    printed.output.outcomes(OUTCOMES, dry_run=False)
    printed.output.upload_summary(Tally(), 1.0, dry_run=False)
    printed.output.note("Good to know.")
    out, err = printed.both
    assert out == "1\n1\n2\n"
    assert err == "failed  d.jpg: It is text.\n"


def test_the_summary_adds_up() -> None:
    tally = Tally()
    for outcome in OUTCOMES:
        tally.add(outcome)
    printed = Printed(Style(json=True))
    printed.output.upload_summary(tally, 1.23456, dry_run=False)
    assert json.loads(printed.out.getvalue()) == {
        "type": "summary",
        "stored": 1,
        "duplicate": 1,
        "skipped": 2,
        "failed": 1,
        "bytes": 10,
        "seconds": 1.235,
    }


@pytest.mark.parametrize("style", [Style(), Style(width=80), Style(json=True), Style(quiet=True)])
def test_nothing_from_a_server_steers_the_terminal(style: Style) -> None:
    printed = Printed(style)
    output = printed.output
    output.images([image(HOSTILE, owner=HOSTILE)], first=True)
    output.matches([match(HOSTILE)], first=True)
    output.pairs(described(image(HOSTILE)))
    output.json_line(image(HOSTILE))
    output.outcomes(
        [Outcome(HOSTILE, Status.STORED, id="1"),
         Outcome(HOSTILE, Status.FAILED, error=Failure("x", HOSTILE))],
        dry_run=False,
    )  # fmt: skip
    output.error(ClientError(HOSTILE))
    output.warn(HOSTILE)
    output.ids([HOSTILE])
    for text in printed.both:
        assert not set(text) & set("\x1b\x07\r\x9b")


@given(
    st.lists(st.text(min_size=1, max_size=60), max_size=4),
    st.integers(52, 200),
    st.sampled_from([image_columns, match_columns]),
)
def test_a_table_fits_its_terminal(titles: list[str], width: int, columns: object) -> None:
    if columns is image_columns:
        rows = [image_row(image(title, owner=title, visibility=title)) for title in titles]
        lines = table_lines(image_columns(width), rows, width=width, heading=True)
    else:
        rows = [match_row(match(title)) for title in titles]
        lines = table_lines(match_columns(width), rows, width=width, heading=True)
    assert len(lines) == len(titles) + bool(titles)
    assert all(cell_len(line) <= width for line in lines)
    assert all("0198c0de-0000-7000-8000-000000000000" in line for line in lines[1:])


@pytest.mark.parametrize("width", [60, 80, 120])
def test_who_sees_an_image_is_said_on_any_terminal(width: int) -> None:
    rows = [image_row(image("A cat", visibility="private"))]
    heading, line = table_lines(image_columns(width), rows, width=width, heading=True)
    assert "SEEN BY" in heading
    assert "only me" in line
    assert ("2026-01-02" in line) == (width == 120)


def test_a_table_in_a_pipe_is_not_cut() -> None:
    title = "a long title " * 20
    (line,) = table_lines(image_columns(None), [image_row(image(title))], width=None, heading=False)
    assert line.endswith(title.rstrip())


def test_wide_characters_are_counted_as_they_are_shown() -> None:
    lines = table_lines(image_columns(80), [image_row(image("東京" * 30))], width=80, heading=False)
    assert cell_len(lines[0]) <= 80
    assert lines[0].endswith("…")


def test_a_reader_that_leaves_is_noted_and_nothing_else() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w") as stdout:  # noqa: PTH123 - a pipe
        output = Output(stdout, io.StringIO(), Style())
        output.line("data")
        output.line("more")
        assert output.reader_gone


def test_an_encoding_that_lacks_a_letter_gets_an_escape() -> None:
    raw = io.BytesIO()
    stdout = io.TextIOWrapper(raw, "ascii", errors="backslashreplace")
    Output(stdout, io.StringIO(), Style()).line("Zürich")
    assert raw.getvalue() == b"Z\\xfcrich\n"


@pytest.mark.parametrize(
    ("chosen", "printed_as"),
    [
        (ResultFormat.IDS, "0198c0de-0000-7000-8000-000000000000\n"),
        (ResultFormat.NUL, "0198c0de-0000-7000-8000-000000000000\0"),
        (ResultFormat.PATHS, "https://host/sub/api/v1/images/x/file\n"),
    ],
)
def test_formats(chosen: ResultFormat, printed_as: str) -> None:
    printed = Printed(Style())
    results = Results(printed.output, chosen, RemoteRepository("https://host/sub"))
    results.page({"images": [image()], "next_cursor": "more"})
    results.end()
    assert printed.both == (printed_as, "")


def test_the_places_of_a_local_repository_are_files(tmp_path: Path) -> None:
    place = locator(LocalRepository(tmp_path))(image())
    assert place == f"{tmp_path}/storage/ab/ab/{'ab' * 32}"


@pytest.mark.parametrize("chosen", [ResultFormat.TABLE, ResultFormat.JSON])
def test_a_person_is_told_what_brings_back_images_that_are_not_found(
    tmp_path: Path, chosen: ResultFormat
) -> None:
    printed = Printed(Style())
    results = Results(printed.output, chosen, LocalRepository(tmp_path))
    results.matches({"matches": [], "next_cursor": None, "incomplete": True})
    results.end()
    assert f"imgrepo-server reindex --data-dir {tmp_path}" in printed.err.getvalue()


def test_a_person_is_told_that_there_is_more_or_nothing() -> None:
    for page, told in (
        (
            {"images": [image()], "next_cursor": "x"},
            "The first 1; --limit N or --all shows more.\n",
        ),
        ({"images": [image()], "next_cursor": None}, ""),
        ({"images": [], "next_cursor": None}, "No images found.\n"),
    ):
        printed = Printed(Style())
        results = Results(printed.output, ResultFormat.TABLE, RemoteRepository("https://host"))
        results.page(page)  # type: ignore[arg-type] # a plain dict is all that an answer is
        results.end()
        assert printed.err.getvalue() == told
