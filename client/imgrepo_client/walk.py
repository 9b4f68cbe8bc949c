"""Walking folders lazily: one folder's names in memory at a time, never a whole tree."""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from imgrepo_client.errors import InvalidInputError
from imgrepo_client.fields import NO_FIELDS, Fields
from imgrepo_client.outcome import Failure, FileStat, Outcome, Status

JUNK = frozenset(
    {
        ".DS_Store",
        ".AppleDouble",
        ".Spotlight-V100",
        ".Trashes",
        ".fseventsd",
        ".thumbnails",
        "@eaDir",
        "#recycle",
        "$RECYCLE.BIN",
        "System Volume Information",
        "Thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
    }
)  # what cameras, desktops and NAS boxes leave behind; ``--hidden`` does not bring it back


class Found(NamedTuple):
    """A file to look at. ``named`` tells one the person named from one met in a folder."""

    path: str
    stat: FileStat
    named: bool
    fields: Fields = NO_FIELDS


@dataclass(frozen=True, slots=True)
class WalkRules:
    """What a walk takes.

    ``excluded`` is asked with a path relative to the walk's root, ``/`` between its parts and at
    the end of a folder's. ``elsewhere`` holds absolute paths that are walked on their own turn.
    """

    excluded: Callable[[str], bool] | None = None
    hidden: bool = False
    follow_symlinks: bool = False
    tags_from_path: bool = False
    elsewhere: frozenset[str] = frozenset()


def exclude_rules(patterns: tuple[str, ...]) -> Callable[[str], bool] | None:
    """Patterns in gitignore's rules as a test of relative paths; None where there are none.

    Raises InvalidInputError: a pattern that gitignore would not understand.
    """
    if not patterns:
        return None
    import pathspec  # noqa: PLC0415 - most runs exclude nothing

    try:
        rules = pathspec.GitIgnoreSpec.from_lines(patterns).patterns
    except ValueError as error:
        raise InvalidInputError(f"--exclude: {error}. Patterns are those of gitignore.") from error
    compiled = [(rule.regex, rule.include) for rule in rules if rule.include is not None]

    def excluded(path: str) -> bool:
        # As git does: the last rule that matches the entry itself decides, and nothing below an
        # excluded folder is looked at. Pathspec's own verdict mixes in rules for folders above,
        # by which "*" followed by "!*/" would still exclude every folder.
        for regex, include in reversed(compiled):
            if any(_of_entry_itself(match, path) for match in regex.finditer(path)):
                return bool(include)
        return False

    return excluded


def _of_entry_itself(match: Any, path: str) -> bool:
    """Whether a rule matched the entry, rather than a folder that it is in."""
    if "ps_d" not in match.re.groupindex or match.group("ps_d") is None:
        return True
    return bool(match.end("ps_d") == len(path))


def failed(path: str, code: str, message: str) -> Outcome:
    """A file, or a folder, that cannot be uploaded."""
    return Outcome(path, Status.FAILED, error=Failure(code, message))


def unreadable(path: str, error: OSError) -> Outcome:
    """A failure in the system's own words."""
    return failed(path, "local_file", error.strerror or str(error))


def _skipped(path: str, reason: str) -> Outcome:
    return Outcome(path, Status.SKIPPED, reason=reason)


def file_stat(result: os.stat_result) -> FileStat:
    """The part of a stat that the journal compares."""
    # 63 bits of the inode: SQLite's integers have a sign, and some file systems use all 64.
    return FileStat(result.st_size, result.st_mtime_ns, result.st_ino & 0x7FFF_FFFF_FFFF_FFFF)


def walk(root: str, rules: WalkRules) -> Iterator[Found | Outcome]:
    """The files below ``root``, in order of name within each folder, folders after files.

    What cannot be read is a failed outcome, a symbolic link that is not followed a skipped one;
    hidden, junk and excluded names are not found at all.
    """
    visited: set[tuple[int, int]] = set()
    pending: list[tuple[str, str]] = [(root, "")]  # (folder, its path relative to root + "/")
    while pending:
        folder, relative = pending.pop()
        listing = _Listing(folder, relative, rules)
        try:
            if rules.follow_symlinks and _seen_before(folder, visited):
                continue
            listing.read()
        except OSError as error:
            yield unreadable(folder, error)
            continue
        yield from listing.outcomes
        yield from _files(listing, _fields(relative, rules))
        pending.extend((path, f"{relative}{name}/") for name, path in reversed(listing.folders))


def _fields(relative: str, rules: WalkRules) -> Fields:
    if not rules.tags_from_path or not relative:
        return NO_FIELDS
    return Fields(tags=tuple(relative.rstrip("/").split("/")))


def _seen_before(folder: str, visited: set[tuple[int, int]]) -> bool:
    # Each folder once, however many links lead to it: loops end, and so do links back and forth.
    result = os.stat(folder)  # noqa: PTH116 - names that are not UTF-8, and no object per folder
    identity = (result.st_dev, result.st_ino)
    if identity in visited:
        return True
    visited.add(identity)
    return False


def _files(listing: "_Listing", fields: Fields) -> Iterator[Found | Outcome]:
    for path in listing.files:
        try:
            result = os.stat(path)  # noqa: PTH116 - no object per file
        except OSError as error:
            yield unreadable(path, error)
        else:
            yield Found(path, file_stat(result), False, fields)


class _Listing:
    """One folder's entries, sorted by name and sorted out by kind."""

    def __init__(self, folder: str, relative: str, rules: WalkRules):
        self.folder = folder
        self.relative = relative
        self.rules = rules
        self.files: list[str] = []
        self.folders: list[tuple[str, str]] = []
        self.outcomes: list[Outcome] = []

    def read(self) -> None:
        """Read the folder; raises OSError where it cannot be read."""
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if self._wanted_name(entry.name):
                    self._sort_out(entry)
        self.files.sort()
        self.folders.sort()
        self.outcomes.sort()

    def _wanted_name(self, name: str) -> bool:
        if name in JUNK or name.startswith("._"):
            return False
        return self.rules.hidden or not name.startswith(".")

    def _sort_out(self, entry: os.DirEntry[str]) -> None:
        rules = self.rules
        try:
            is_folder = entry.is_dir(follow_symlinks=rules.follow_symlinks)
            is_file = not is_folder and entry.is_file(follow_symlinks=rules.follow_symlinks)
        except OSError as error:
            self.outcomes.append(unreadable(entry.path, error))
            return
        if rules.excluded is not None and rules.excluded(
            f"{self.relative}{entry.name}{'/' if is_folder else ''}"
        ):
            return
        if rules.elsewhere and os.path.abspath(entry.path) in rules.elsewhere:  # noqa: PTH100 - text
            return
        if is_folder:
            self.folders.append((entry.name, entry.path))
        elif is_file:
            self.files.append(entry.path)
        else:
            self.outcomes.append(self._no_file(entry))

    def _no_file(self, entry: os.DirEntry[str]) -> Outcome:
        if not entry.is_symlink():
            return _skipped(entry.path, "not a regular file")
        if self.rules.follow_symlinks:
            return failed(entry.path, "local_file", "a symbolic link that leads nowhere")
        return _skipped(entry.path, "a symbolic link (see --follow-symlinks)")


def named_file(path: str, fields: Fields = NO_FIELDS) -> Found | Outcome:
    """A file that the person named, wherever it is and whatever it is called."""
    try:
        result = os.stat(path)  # noqa: PTH116 - names that are not UTF-8
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        return unreadable(path, error) if isinstance(error, OSError) else _no_name(path)
    if stat.S_ISDIR(result.st_mode):
        return failed(path, "local_file", "is a folder; give it with --dir")
    if not stat.S_ISREG(result.st_mode):
        return failed(path, "local_file", "not a regular file")
    return Found(path, file_stat(result), True, fields)


def _no_name(path: str) -> Outcome:
    return failed(path, "local_file", "not a possible file name")
