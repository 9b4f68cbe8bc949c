"""How long a process may keep a processor while others that are short wait for it (Linux)."""

import ctypes
import os
import struct
import sys
from typing import Final

# asm/unistd.h; the C library has had a function for it since glibc 2.41 only.
_SCHED_SETATTR: Final = {"x86_64": 314, "aarch64": 274, "riscv64": 274}
# struct sched_attr of linux/sched/types.h: size, policy, flags, nice, priority, and of the three
# times of deadline scheduling the first, which is the time slice of ordinary processes.
_SCHED_ATTR: Final = struct.Struct("=IIQiIQQQ")


def set_time_slice(seconds: float) -> None:
    """Ask for turns of that length, without a larger share of the processor.

    Since Linux 6.12 a process is told apart by it: one with short slices that wakes up need not
    wait until the turn of one with longer slices is over (``PREEMPT_SHORT`` of the EEVDF
    scheduler). Where that is not to be had, nothing happens.
    """
    if sys.platform != "linux" or os.uname().machine not in _SCHED_SETATTR:
        return
    policy = os.sched_getscheduler(0)
    if policy not in (os.SCHED_OTHER, os.SCHED_BATCH):
        return
    nice, slice_ = os.getpriority(os.PRIO_PROCESS, 0), round(seconds * 1e9)
    wanted = _SCHED_ATTR.pack(_SCHED_ATTR.size, policy, 0, nice, 0, slice_, 0, 0)
    ctypes.CDLL(None).syscall(_SCHED_SETATTR[os.uname().machine], 0, wanted, 0)
