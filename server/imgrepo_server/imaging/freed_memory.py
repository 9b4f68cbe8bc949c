"""What a process does with memory that it has freed (GNU C library)."""

import ctypes
import sys
from contextlib import suppress
from typing import Final

# malloc.h
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3


def keep_freed_memory(size: int) -> None:
    """Keep so many bytes for what is asked for next, rather than give them back to the system.

    Each page that comes back from there is a fault of 0.5 to 4 microseconds, and a small picture
    has hundreds; pieces larger than half of it come from there all the same. Where the C library
    knows nothing of it, nothing happens.
    """
    if sys.platform != "linux":
        return
    with suppress(AttributeError):  # another C library
        set_option = ctypes.CDLL(None).mallopt
        set_option(_M_TRIM_THRESHOLD, size)
        set_option(_M_MMAP_THRESHOLD, size // 2)
