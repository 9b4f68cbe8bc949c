"""All printing. stdout carries data, stderr what is said to people.

Text from elsewhere passes ``printable``, so that no title or file name can steer a terminal; JSON
is plain ASCII. A reader that has gone away (``| head -1``) is noted in ``reader_gone`` and nothing
else: whoever produces more data stops, whoever does other work goes on.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, TextIO

from imgrepo_client.answers import Image, Match
from imgrepo_client.errors import ClientError
from imgrepo_client.names import printable
from imgrepo_client.outcome import Outcome, Status, Tally
from imgrepo_client.tables import (
    Column,
    Row,
    counted,
    file_size,
    image_columns,
    image_row,
    match_columns,
    match_row,
    table_lines,
)

_COLORS = {
    Status.STORED: "\x1b[32m",
    Status.DUPLICATE: "\x1b[33m",
    Status.SKIPPED: "\x1b[2m",
    Status.FAILED: "\x1b[31m",
}
_PLAIN = "\x1b[0m"
_LIKE = {
    "same": "the same picture as",
    "near": "nearly the same as",
    "similar": "much like",
    "weak": "hardly like",
}


@dataclass(frozen=True, slots=True)
class Style:
    """How to print. ``width`` is the terminal's, None where stdout is none."""

    json: bool = False
    quiet: bool = False
    color_out: bool = False
    color_err: bool = False
    width: int | None = None


class Output:
    """The only way to stdout and stderr."""

    def __init__(self, stdout: TextIO, stderr: TextIO, style: Style):
        self.style = style
        self.reader_gone = False
        self._stdout = stdout
        self._stderr = stderr
        self._live: Callable[[str], None] | None = None
        self._reason = ""  # of the last failure

    @property
    def stderr(self) -> TextIO:
        """Where a progress bar is drawn."""
        return self._stderr

    @property
    def on_terminal(self) -> bool:
        """Whether a person watches stderr."""
        return self._stderr.isatty()

    @contextlib.contextmanager
    def live(self, write: Callable[[str], None]) -> Iterator[None]:
        """While a progress bar is drawn: lines for the same terminal go above it."""
        self._live = write
        try:
            yield
        finally:
            self._live = None

    # To people

    def note(self, sentence: str) -> None:
        """Something good to know; silent with ``--quiet``."""
        if not self.style.quiet:
            self._to_stderr(printable(sentence))

    def warn(self, sentence: str) -> None:
        """Something that a person must see."""
        self._to_stderr(printable(sentence))

    def error(self, error: ClientError) -> None:
        """Why the command ends."""
        for line in (f"imgrepo: {error}", *error.pointer):
            self._to_stderr(printable(line))

    def failure(self, item: str, reason: str) -> None:
        """One item of several that failed; a reason that stays the same is given once."""
        word = self._colored("failed", _COLORS[Status.FAILED], self.style.color_err)
        again = reason == self._reason and not self.style.json
        self._reason = reason
        because = " (for the same reason)" if again else f": {printable(reason)}"
        self._to_stderr(f"{word}  {printable(item)}{because}")

    # Data

    def line(self, text: str) -> None:
        """One line of text."""
        self._to_stdout(printable(text) + "\n")

    def json_line(self, value: Mapping[str, Any]) -> None:
        """One JSON object."""
        self._to_stdout(json.dumps(value) + "\n")

    def ids(self, ids: Iterable[str], end: str = "\n") -> None:
        """Ids, each with ``end`` after it."""
        self._to_stdout("".join(printable(one) + end for one in ids))

    def content(self, file: BinaryIO) -> None:
        """Bytes, as they are."""
        with self._read():
            shutil.copyfileobj(file, self._stdout.buffer)
            self._stdout.buffer.flush()

    def pairs(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Names and values, aligned."""
        width = max((len(name) for name, _ in pairs), default=0)
        for name, value in pairs:
            self.line(f"{name:<{width}}  {value}")

    def images(self, images: Sequence[Image], *, first: bool) -> None:
        """A page of a list, with its heading where it is the first."""
        columns = image_columns(self.style.width)
        self._table(columns, [image_row(image) for image in images], heading=first)

    def matches(self, matches: Sequence[Match], *, first: bool) -> None:
        """What looks like the picture, nearest first."""
        columns = match_columns(self.style.width)
        self._table(columns, [match_row(match) for match in matches], heading=first)

    def outcomes(self, outcomes: Sequence[Outcome], *, dry_run: bool) -> None:
        """Results of an upload: JSON for each, ids, or a line for what was sent or refused."""
        style = self.style
        if style.json:
            extra = {"dry_run": True} if dry_run else {}
            lines = [json.dumps({**outcome.as_json(), **extra}) for outcome in outcomes]
        elif style.quiet:
            lines = [outcome.id for outcome in outcomes if outcome.id is not None]
        else:
            lines = [
                self._outcome_line(outcome, dry_run=dry_run)
                for outcome in outcomes
                if outcome.status in (Status.STORED, Status.DUPLICATE)
                or outcome.similar is not None
            ]
        if lines:
            self._to_stdout("\n".join(lines) + "\n")
        for outcome in outcomes:
            if outcome.error is not None:
                self.failure(outcome.path, outcome.error.message)

    def upload_summary(self, tally: Tally, seconds: float, *, dry_run: bool) -> None:
        """The closing line of an upload."""
        if self.style.json:
            extra = {"dry_run": True} if dry_run else {}
            self.json_line({**tally.as_json(seconds), **extra})
        counts = tally.counts
        stored = "would be stored" if dry_run else "stored"
        parts = [f"{counts[Status.STORED]:,} {stored} ({file_size(tally.bytes)})"]
        if duplicates := counts[Status.DUPLICATE]:
            parts.append(counted(duplicates, "duplicate"))
        for count, words in (
            (tally.already_there, "already there"),
            (tally.too_similar, "left out (like another)"),
            (
                counts[Status.SKIPPED] - tally.already_there - tally.too_similar,
                "left out (no images)",
            ),
            (counts[Status.FAILED], "failed"),
        ):
            if count:
                parts.append(f"{count:,} {words}")
        if not self.style.json:
            self.note(f"{', '.join(parts)} in {seconds:.1f} s.")

    def _outcome_line(self, outcome: Outcome, *, dry_run: bool) -> str:
        would = dry_run and outcome.status is Status.STORED
        word = f"{'would store' if would else outcome.status.value:<9}"
        colored = self._colored(word, _COLORS[outcome.status], self.style.color_out)
        parts = [colored, printable(outcome.path)]
        if outcome.id is not None and not dry_run:
            parts.insert(1, outcome.id)
        if outcome.similar is not None:
            like = outcome.similar
            words = _LIKE.get(like["match"], like["match"])  # a newer server may know others
            parts.append(f"({words} {like['id']} {printable(like['title'])})")
        return "  ".join(parts)

    def _table(self, columns: Sequence[Column], rows: Sequence[Row], *, heading: bool) -> None:
        lines = table_lines(columns, rows, width=self.style.width, heading=heading)
        if lines:
            self._to_stdout("\n".join(lines) + "\n")

    def _colored(self, text: str, color: str, wanted: bool) -> str:
        return f"{color}{text}{_PLAIN}" if wanted else text

    def _to_stderr(self, line: str) -> None:
        if self._live is not None:
            self._live(line)
            return
        with contextlib.suppress(OSError, ValueError):  # nobody listens: there is nobody to tell
            self._stderr.write(line + "\n")
            self._stderr.flush()

    def _to_stdout(self, text: str) -> None:
        if self.reader_gone:
            return
        if self._live is not None and self._stdout.isatty():
            self._live(text.rstrip("\n"))
            return
        with self._read():
            self._stdout.write(text)
            self._stdout.flush()

    @contextlib.contextmanager
    def _read(self) -> Iterator[None]:
        """Around what is written to stdout."""
        try:
            yield
        except BrokenPipeError:
            self.reader_gone = True
            _to_nowhere(self._stdout)
        except OSError as error:
            _to_nowhere(self._stdout)
            raise ClientError(
                f"Cannot write the output: {error.strerror or error}. "
                "Make room there, or send it elsewhere."
            ) from error


def _to_nowhere(stream: TextIO) -> None:
    # Python flushes once more at the end, and would complain about the broken pipe then.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
