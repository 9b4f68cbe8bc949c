"""A manifest: a CSV or JSON lines file that names files and what to say about each.

Columns, or keys: ``path``, and any of ``title``, ``description``, ``tags``, ``visibility``. Tags
are a list in JSON; in CSV they are separated by ``;`` or ``,``. A relative path starts at the
manifest's own folder. An empty value says nothing.
"""

import csv
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TextIO

from imgrepo_client.errors import InvalidInputError
from imgrepo_client.fields import Fields, as_visibility
from imgrepo_client.tables import counted

COLUMNS = ("path", "title", "description", "tags", "visibility")


class Row(NamedTuple):
    """One file of a manifest."""

    path: str
    fields: Fields


def check(manifest: Path) -> None:
    """Read everything once, so that nothing is sent when a later row is wrong.

    Raises InvalidInputError: unreadable, not UTF-8, an unknown column or a bad row; says the line.
    """
    for _ in rows(manifest):
        pass


def rows(manifest: Path) -> Iterator[Row]:
    """The rows in order, one at a time in memory.

    Raises InvalidInputError: as for ``check``.
    """
    folder = os.path.dirname(manifest)  # noqa: PTH120 - text, as given: paths are reported so
    try:
        with manifest.open(encoding="utf-8-sig", newline="") as file:
            records = _json_records(file) if _is_json_lines(manifest, file) else _csv_records(file)
            for line, record in records:
                try:
                    yield _row(record, folder)
                except ValueError as error:
                    raise InvalidInputError(f"{manifest}, line {line}: {error}.") from error
    except OSError as error:
        raise InvalidInputError(
            f"Cannot read the manifest {manifest}: {error.strerror}."
        ) from error
    except UnicodeDecodeError as error:
        raise InvalidInputError(
            f"The manifest {manifest} is not UTF-8 at byte {error.start}. Save it as UTF-8."
        ) from error
    except _BadLineError as error:
        raise InvalidInputError(f"{manifest}, line {error.line}: {error}.") from error


class _BadLineError(ValueError):
    def __init__(self, line: int, message: str):
        super().__init__(message)
        self.line = line


def _is_json_lines(manifest: Path, file: TextIO) -> bool:
    suffix = manifest.suffix.lower()
    if suffix in (".jsonl", ".ndjson", ".json"):
        return True
    if suffix == ".csv":
        return False
    start = file.read(4096).lstrip()
    file.seek(0)
    return start.startswith("{")


def _json_records(file: TextIO) -> Iterator[tuple[int, Mapping[str, object]]]:
    for number, text in enumerate(file, start=1):
        if not text.strip():
            continue
        try:
            record = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise _BadLineError(number, f"not JSON: {error}") from error
        if not isinstance(record, dict):
            raise _BadLineError(number, "not a JSON object")
        _refuse_unknown(record.keys(), number)
        yield number, record


def _csv_records(file: TextIO) -> Iterator[tuple[int, Mapping[str, object]]]:
    reader = csv.reader(file, strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if len(header) == 1 and ";" in header[0]:
            raise _BadLineError(1, "separate the columns by commas, not by semicolons")
        _refuse_unknown(header, 1)
        if "path" not in header or len(set(header)) != len(header):
            raise _BadLineError(
                1,
                f"the first line must name each column once, among them path: {','.join(COLUMNS)}",
            )
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                raise _BadLineError(
                    reader.line_num,
                    f"{counted(len(cells), 'cell')} where the header has {len(header)}",
                )
            yield reader.line_num, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise _BadLineError(reader.line_num, f"not CSV: {error}") from error


def _refuse_unknown(names: Iterable[str], line: int) -> None:
    for name in names:
        if name not in COLUMNS:
            raise _BadLineError(line, f"unknown column {name!r}; known are {', '.join(COLUMNS)}")


def _row(record: Mapping[str, object], folder: str) -> Row:
    path = _text(record, "path")
    if path is None:
        raise ValueError("no path")
    if "\0" in path:
        raise ValueError("the path contains a NUL character")
    visibility = _text(record, "visibility")
    if visibility is not None and as_visibility(visibility) is None:
        raise ValueError(f"visibility must be public or private, not {visibility!r}")
    fields = Fields(
        title=_text(record, "title"),
        description=_text(record, "description"),
        tags=_tags(record.get("tags")),
        visibility=as_visibility(visibility) if visibility else None,
    )
    return Row(os.path.join(folder, path), fields)  # noqa: PTH118 - text, as given


def _text(record: Mapping[str, object], key: str) -> str | None:
    value = record.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError(f"{key} must be text, not {value!r}")
    return value


def _tags(value: object) -> tuple[str, ...]:
    match value:
        case None:
            parts: list[object] = []
        case str():
            parts = list(value.replace(";", ",").split(","))
        case list():
            parts = value
        case _:
            raise ValueError(f"tags must be a list of texts, not {value!r}")
    tags = []
    for part in parts:
        if not isinstance(part, str):
            raise ValueError(f"a tag must be text, not {part!r}")
        if part.strip():
            tags.append(part.strip())
    return tuple(tags)
