"""Imported by the process that workers are forked from, for its effect alone.

A worker that is just being started while its pool is closed finds the pool's locks and pipes gone,
which the standard library would report to the terminal of whoever typed the command.
"""

import sys
from types import TracebackType


def _report(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if not isinstance(error, FileNotFoundError | ConnectionError | EOFError):
        sys.__excepthook__(kind, error, traceback)


sys.excepthook = _report
