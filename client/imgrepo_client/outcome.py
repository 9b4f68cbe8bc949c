"""What became of each file of an upload.

- ``stored``: sent, and the repository did not have these bytes from this account before.
- ``duplicate``: the same bytes as a file stored earlier in this same run, or the repository found
  on receiving them that this account already has them. ``duplicate_of`` is that image.
- ``skipped``: nothing was sent. Either the journal or the repository knew before the run that this
  account has these bytes (``id`` says where), or the file was met in a folder and is no image
  (``reason`` says so). Or, where that was asked, it was sent and not kept because it looks like
  an image that is there (``similar``).
- ``failed``: the repository does not have it from this run; ``error`` says why.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from imgrepo_client.answers import NearCopy


class Status(StrEnum):
    """What happened to one file."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    SKIPPED = "skipped"
    FAILED = "failed"


class FileStat(NamedTuple):
    """What tells a changed file from an unchanged one, without opening it."""

    size: int
    mtime_ns: int
    inode: int


class Failure(NamedTuple):
    """Why a file failed: a code for programs, a sentence for people."""

    code: str
    message: str


class Outcome(NamedTuple):
    """One file's result. ``path`` may hold surrogate escapes; ``sha256`` is lower-case hex.

    ``stat`` is that of the bytes that were hashed, and None where nothing was. With
    ``similar_withheld``, nothing similar was looked for, because the key is not for reading.
    """

    path: str
    status: Status
    id: str | None = None
    sha256: str | None = None
    duplicate_of: str | None = None
    reason: str | None = None
    error: Failure | None = None
    size: int = 0
    stat: FileStat | None = None
    similar: NearCopy | None = None
    similar_withheld: bool = False

    def as_json(self) -> dict[str, Any]:
        """The line of ``--json``."""
        line: dict[str, Any] = {
            "type": "file",
            "path": self.path,
            "status": self.status,
            "id": self.id,
            "sha256": self.sha256,
        }
        if self.duplicate_of is not None:
            line["duplicate_of"] = self.duplicate_of
        if self.similar is not None:
            line["similar"] = self.similar
        if self.similar_withheld:
            line["similar_withheld"] = True
        if self.reason is not None:
            line["reason"] = self.reason
        if self.error is not None:
            line["error"] = {"code": self.error.code, "message": self.error.message}
        return line


@dataclass(slots=True)
class Tally:
    """Running totals.

    ``bytes`` counts those of stored files, ``all_bytes`` those of every file; ``already_there``
    are the skipped files that the repository has, ``too_similar`` those that look like another.
    """

    counts: dict[Status, int] = field(default_factory=lambda: dict.fromkeys(Status, 0))
    bytes: int = 0
    all_bytes: int = 0
    already_there: int = 0
    too_similar: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count one file."""
        self.counts[outcome.status] += 1
        self.all_bytes += outcome.size
        if outcome.status is Status.STORED:
            self.bytes += outcome.size
        if outcome.status is Status.SKIPPED and outcome.id is not None:
            self.already_there += 1
        elif outcome.status is Status.SKIPPED and outcome.similar is not None:
            self.too_similar += 1

    def as_json(self, seconds: float) -> dict[str, Any]:
        """The closing line of ``--json``."""
        return {
            "type": "summary",
            **{status.value: count for status, count in self.counts.items()},
            "bytes": self.bytes,
            "seconds": round(seconds, 3),
        }
