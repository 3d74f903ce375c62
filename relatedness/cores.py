"""How many cores there are to share work among."""

from __future__ import annotations

import os
from pathlib import Path


def available_cores() -> int:
    """How many cores this process may use: those it is bound to, and no more than its container is granted.

    Returns
    -------
    int

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
        # No container, or one without a bound.
        return bound
