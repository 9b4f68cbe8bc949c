"""Receipts: a JSON line for each file that a repository confirmed, to be verified at any time."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from imgrepo_client.errors import InvalidInputError
from imgrepo_client.outcome import Outcome

_START = b'{"path": '  # of every line that we write, and so of a torn first one


@dataclass(frozen=True, slots=True)
class Receipt:
    """One confirmed file. ``server`` is an address, or ``local:`` and a folder; ``time`` is UTC."""

    path: str
    sha256: str
    id: str
    server: str
    time: str


class ReceiptWriter:
    """Appends receipts to a file; earlier ones stay.

    Each line is handed to the system as it is written, so that a killed run leaves whole lines.
    Raises InvalidInputError where the file cannot be written.
    """

    def __init__(self, path: Path, server: str):
        self._path = path
        self._server = server
        try:
            _prepare(path)
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            raise self._unwritable(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._file:
            os.fsync(self._file.fileno())

    def write(self, outcomes: Sequence[Outcome]) -> None:
        """Append those of them that the repository confirmed."""
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        lines = [
            json.dumps(
                asdict(
                    Receipt(
                        path=os.path.abspath(outcome.path),  # noqa: PTH100 - may not be UTF-8
                        sha256=outcome.sha256,
                        id=outcome.id,
                        server=self._server,
                        time=now,
                    )
                )
            )
            for outcome in outcomes
            if outcome.id is not None and outcome.sha256 is not None
        ]
        if lines:
            try:
                self._file.write("".join(f"{line}\n" for line in lines).encode())
            except OSError as error:
                raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> InvalidInputError:
        return InvalidInputError(f"Cannot write the receipts to {self._path}: {error.strerror}.")


def _prepare(path: Path) -> None:
    """See that the file holds receipts, and cut off what a power cut left of a last line."""
    if not path.is_file():
        return
    with path.open("r+b") as file:
        first = file.readline(1 << 20)
        if first and not (first.startswith(_START) and not first.endswith(b"\n")):
            _receipt(first.decode("utf-8", "replace"), f"{path}, line 1")
        end = file.seek(0, os.SEEK_END)
        start = file.seek(max(0, end - (1 << 20)))
        tail = file.read()
        if tail and not tail.endswith(b"\n"):
            file.truncate(start + tail.rfind(b"\n") + 1)


def receipts(path: Path) -> Iterator[Receipt]:
    """The receipts in a file, one at a time. Raises InvalidInputError, naming the line."""
    try:
        with path.open(encoding="utf-8") as file:
            for number, text in enumerate(file, start=1):
                if text.strip():
                    yield _receipt(text, f"{path}, line {number}")
    except OSError as error:
        raise InvalidInputError(f"Cannot read the receipts in {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"{path} holds no receipts: it is not text.") from error


def _receipt(text: str, place: str) -> Receipt:
    try:
        values = json.loads(text)
        receipt = Receipt(**{name: values[name] for name in Receipt.__slots__})
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InvalidInputError(f"{place}: not a receipt of imgrepo upload --receipt.") from error
    if not all(isinstance(value, str) for value in asdict(receipt).values()):
        raise InvalidInputError(f"{place}: not a receipt of imgrepo upload --receipt.")
    return receipt
