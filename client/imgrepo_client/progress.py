"""A progress bar on the terminal's stderr: files, bytes, rate, time left."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from imgrepo_client.outcome import Outcome
from imgrepo_client.tables import counted
from imgrepo_client.walk import Found

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

_COUNT_EVERY = 500


class ProgressBar:
    """A bar that is drawn from ``__enter__`` to ``__exit__``.

    ``found`` walks the same files a second time, only to count them: without a total there is no
    time left, and the upload's own walk is never far ahead of the sending.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        color: bool,
        found: Callable[[], Iterator[Found | Outcome]] | None,
    ):
        from rich.console import Console  # noqa: PLC0415 - only where a bar is drawn

        self._console = Console(file=stream, no_color=not color, highlight=False)
        self._found = found
        self._stop = threading.Event()
        self._settled_files = 0
        self._settled_bytes = 0
        self._under_way = 0
        self._total_files = 0
        self._progress = _progress(self._console)
        self._task = self._progress.add_task("", total=None, files=counted(0, "file"))

    def __enter__(self) -> Self:
        self._progress.start()
        if self._found is not None:
            threading.Thread(target=self._count, args=(self._found,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._progress.stop()

    def print_above(self, line: str) -> None:
        """A line that stays, above the bar. May hold colors of our own."""
        from rich.text import Text  # noqa: PLC0415 - loaded with the console

        self._console.print(Text.from_ansi(line), soft_wrap=True)

    def settled(self, files: int, size: int) -> None:
        """So many files of so many bytes are done."""
        self._settled_files += files
        self._settled_bytes += size
        self._draw()

    def sent(self, size: int) -> None:
        """Bytes of files under way, as ``Reporter.sent`` says them."""
        self._under_way += size
        self._draw()

    def _draw(self) -> None:
        files = counted(self._total_files or self._settled_files, "file")
        done = f"{self._settled_files:,}/" if self._total_files else ""
        self._progress.update(
            self._task,
            completed=self._settled_bytes + self._under_way,
            files=f"{done}{files}",
        )

    def _count(self, found: Callable[[], Iterator[Found | Outcome]]) -> None:
        files = size = 0
        # What cannot be counted is reported where it is uploaded.
        with contextlib.suppress(Exception):
            for item in found():
                files += 1
                size += item.stat.size if isinstance(item, Found) else item.size
                if files % _COUNT_EVERY == 0 and self._stop.is_set():
                    return
            self._total_files = files
            self._progress.update(self._task, total=size)


def _progress(console: "Console") -> "Progress":
    from rich.progress import (  # noqa: PLC0415 - only where a bar is drawn
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    return Progress(
        TextColumn("{task.fields[files]}"),
        BarColumn(bar_width=None),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
        refresh_per_second=5,
        redirect_stdout=False,
        redirect_stderr=False,
    )
