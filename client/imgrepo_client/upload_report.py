"""What an upload says while it runs, and what it keeps for afterwards."""

import contextlib
import time
from collections.abc import Iterator, Sequence

from imgrepo_client.errors import UnreachableError
from imgrepo_client.outcome import Outcome, Status, Tally
from imgrepo_client.output import Output
from imgrepo_client.progress import ProgressBar
from imgrepo_client.receipt import ReceiptWriter

_WITHHELD = (
    "Nobody looks for similar images here: that takes a key that may also read "
    "(--scope upload --scope read). Everything is kept."
)


class UploadReport:
    """The ``Reporter`` of the command line: prints, counts, writes receipts, moves the bar.

    ``receipts`` are open for as long as the report's own context. Nothing is written for a
    rehearsal (``dry_run``).
    """

    def __init__(self, output: Output, *, dry_run: bool, receipts: Sequence[ReceiptWriter] = ()):
        self.tally = Tally()
        self._output = output
        self._dry_run = dry_run
        self._receipts = () if dry_run else tuple(receipts)
        self._bar: ProgressBar | None = None
        self._started = time.monotonic()
        self._withheld = False
        self._is_told = False

    @contextlib.contextmanager
    def drawing(self, bar: ProgressBar | None) -> Iterator[None]:
        """Draw the bar meanwhile, where there is one."""
        if bar is None:
            yield
            return
        with bar, self._output.live(bar.print_above):
            bar.settled(sum(self.tally.counts.values()), self.tally.all_bytes)
            self._bar = bar
            try:
                yield
            finally:
                self._bar = None

    def report(self, outcomes: Sequence[Outcome]) -> None:
        """Some files are settled."""
        size = 0
        withheld = False
        self._is_told = False
        for outcome in outcomes:
            self.tally.add(outcome)
            size += outcome.size
            withheld = withheld or outcome.similar_withheld
        if withheld and not self._withheld:
            self._withheld = True
            self._output.note(_WITHHELD)
        # Before it is printed: who reads that a file is stored may rely on its receipt.
        for receipt in self._receipts:
            receipt.write(outcomes)
        self._output.outcomes(outcomes, dry_run=self._dry_run)
        if self._bar is not None:
            self._bar.settled(len(outcomes), size)

    def sent(self, size: int) -> None:
        """Bytes under way."""
        if self._bar is not None:
            self._bar.sent(size)

    def trying_again(self, error: BaseException) -> None:
        """A request failed and is repeated: told once, until files are settled again."""
        if isinstance(error, UnreachableError) and not self._is_told:
            self._is_told = True
            self._output.note("The server does not answer. Trying again.")

    def summary(self) -> None:
        """The closing line."""
        seconds = time.monotonic() - self._started
        self._output.upload_summary(self.tally, seconds, dry_run=self._dry_run)

    @property
    def failed(self) -> int:
        """How many files failed."""
        return self.tally.counts[Status.FAILED]
