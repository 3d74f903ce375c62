"""Resources of the machine: the available cores, and the memory used by this process."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path


def available_cores() -> int:
    """The number of cores this process may use, limited by its CPU affinity and its container's quota.

    Examples
    --------
    >>> available_cores() >= 1
    True
    """
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        granted, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return max(1, min(bound, int(granted) // int(period)))
    except (OSError, ValueError):
        # No container, or one without a limit.
        return bound


def most_memory() -> int:
    """Return the peak memory of this process in bytes; 0 if the system does not tell.

    Examples
    --------
    >>> most_memory() >= 0
    True
    """
    # The value of `getrusage` starts at that of the parent process.
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
