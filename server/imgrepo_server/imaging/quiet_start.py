"""Imported by the process that workers are forked from, for its effect alone.

Pillow logs what it finds odd about a file; nobody has set up a log there, so it would stand on the
terminal by itself, without saying which file. The error that it raises as well tells all of it.

A worker that is just being started while its pool is closed finds the pool's locks and pipes gone,
which the standard library would report to the terminal of whoever typed the command.
"""

import logging
import sys
from types import TracebackType


def _report(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if not isinstance(error, FileNotFoundError | ConnectionError | EOFError):
        sys.__excepthook__(kind, error, traceback)


sys.excepthook = _report
logging.getLogger("PIL").addHandler(logging.NullHandler())
