"""What the repository says it has of this run: noted in the journal, then told as outcomes."""

from collections.abc import Sequence

from imgrepo_client.answers import NearCopy, Uploaded
from imgrepo_client.hashing import Hashed, is_steady
from imgrepo_client.journal import Entry, Journal
from imgrepo_client.outcome import Outcome, Status
from imgrepo_client.this_run import StoredThisRun
from imgrepo_client.walk import Found, named_file


class Arrivals:
    """Knows which bytes this run stored for ``account``, so that the same bytes are sent once."""

    def __init__(self, journal: Journal, account: str):
        self._journal = journal
        self._account = account
        self._stored = StoredThisRun()

    def close(self) -> None:
        """Forget which bytes this run stored."""
        self._stored.close()

    def earlier(self, file: Hashed) -> Outcome | None:
        """The outcome of a file whose bytes this run stored already."""
        known, image = self._stored.find(file.sha256)
        return there(file, Status.DUPLICATE, image) if known else None

    def rehearsed(self, file: Hashed) -> Outcome:
        """The outcome of a file that would be stored."""
        self._stored.add(file.sha256, None)
        return there(file, Status.STORED, None)

    def confirmed(self, answers: Sequence[tuple[Hashed, Uploaded]]) -> list[Outcome]:
        """The outcomes of files that were sent, once the journal has them: one write for all."""
        kept = [(file, answer["image"]["id"]) for file, answer in answers if answer["image"]]
        if kept:
            self._remember([file for file, _ in kept if not file.steady])
            self._journal.confirm(self._account, [(file.sha256, image) for file, image in kept])
        for file, image in kept:
            self._stored.add(file.sha256, image)
        return [_outcome(file, answer) for file, answer in answers]

    def _remember(self, files: Sequence[Hashed]) -> None:
        # Written just before they were hashed; by now a later change would show in their stat.
        entries = [Entry(file.found.path, file.stat, file.sha256) for file in files if _same(file)]
        if entries:
            self._journal.remember(entries)


def there(
    file: Hashed, status: Status, image: str | None, similar: NearCopy | None = None
) -> Outcome:
    """The outcome of a file whose bytes the repository has, or has enough of."""
    return Outcome(
        file.found.path,
        status,
        id=image,
        sha256=file.sha256.hex(),
        duplicate_of=image if status is Status.DUPLICATE else None,
        size=file.stat.size,
        stat=file.stat,
        similar=similar,
    )


def _outcome(file: Hashed, answer: Uploaded) -> Outcome:
    similar = answer.get("similar")
    if answer["image"] is None:
        return there(file, Status.SKIPPED, None, similar)
    status = Status.DUPLICATE if answer["duplicate"] else Status.STORED
    outcome = there(file, status, answer["image"]["id"], similar)
    if answer.get("similar_withheld", False):
        return outcome._replace(similar_withheld=True)
    return outcome


def _same(file: Hashed) -> bool:
    now = named_file(file.found.path)
    return isinstance(now, Found) and now.stat == file.stat and is_steady(file.stat)
