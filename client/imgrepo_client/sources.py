"""What the person asked to upload, as one lazy stream of files."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from imgrepo_client import manifest
from imgrepo_client.outcome import Outcome
from imgrepo_client.walk import Found, WalkRules, failed, named_file, walk

_READ_SIZE = 1 << 16
_LONGEST_PATH = 1 << 16  # far beyond any system's limit: what is longer is no list of paths


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything named on one command line.

    ``paths`` are files or folders, ``files`` and ``folders`` only what they say; ``open_list``
    opens a list of file names that are separated by NUL. ``countable`` where ``found`` may be
    called again.
    """

    paths: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    manifest: Path | None = None
    open_list: Callable[[], BinaryIO] | None = None
    countable: bool = True

    def __bool__(self) -> bool:
        return bool(
            self.paths or self.files or self.folders or self.manifest or self.open_list is not None
        )

    def found(self, rules: WalkRules) -> Iterator[Found | Outcome]:
        """The files in the order given, each one once however often it was named or is met.

        Raises InvalidInputError: a manifest that changed since it was checked.
        """
        given = dict.fromkeys(
            [(path, _kind(path)) for path in self.paths]
            + [(path, "file") for path in self.files]
            + [(path, "folder") for path in self.folders]
        )
        rules = replace(rules, elsewhere=_elsewhere([path for path, _ in given]))
        done: set[str] = set()
        for path, kind in given:
            absolute = os.path.abspath(path)  # noqa: PTH100 - stays text
            if absolute in done:
                continue
            done.add(absolute)
            yield from _one(path, kind, rules)
        if self.manifest is not None:
            for row in manifest.rows(self.manifest):
                yield named_file(row.path, row.fields)
        if self.open_list is not None:
            yield from _listed(self.open_list)


def _kind(path: str) -> str:
    return "folder" if os.path.isdir(path) else "file"  # noqa: PTH112 - stays text


def _elsewhere(given: list[str]) -> frozenset[str]:
    # A walk need not look anything up where only one thing was named.
    if len(given) < 2:
        return frozenset()
    return frozenset(os.path.abspath(path) for path in given)  # noqa: PTH100 - stays text


def _one(path: str, kind: str, rules: WalkRules) -> Iterator[Found | Outcome]:
    if kind == "file":
        yield named_file(path)
    elif os.path.isfile(path):  # noqa: PTH113 - stays text
        yield failed(path, "local_file", "is a file; give it with --file")
    else:
        yield from walk(path, rules)


def _listed(open_list: Callable[[], BinaryIO]) -> Iterator[Found | Outcome]:
    rest = b""
    with open_list() as names:
        while chunk := names.read(_READ_SIZE):
            *complete, rest = (rest + chunk).split(b"\0")
            for name in complete:
                if name:
                    yield named_file(os.fsdecode(name))
            if len(rest) > _LONGEST_PATH:
                break
    if len(rest) > _LONGEST_PATH:
        yield failed(os.fsdecode(rest[:80]) + "…", "local_file", "not a list separated by NUL")
    elif rest:
        yield named_file(os.fsdecode(rest))
