"""Work without Python's garbage collector, where it would find nothing."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_collector() -> Iterator[None]:
    """Hold the garbage collector, as a context or around a function.

    An archive is millions of small records and hardly a cycle among them: the collector would search all of them again and again,
    for a quarter of the time of a build. What has no more references is freed all the same; for the rest there is `collect_young`.

    Examples
    --------
    >>> with paused_collector():
    ...     gc.isenabled()
    False
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def collect_young() -> None:
    """Free the cycles among the objects that were made since the last call, while the collector is held.

    Parsers and callers may make cycles of each record: docutils makes 160 kB of them of a page.

    Examples
    --------
    >>> with paused_collector():
    ...     collect_young()
    """
    if not gc.isenabled():
        gc.collect(0)


def leave_to_counts() -> None:
    """Leave all objects that are there out of the collector's searches: they go with their last reference, cycles among them never.

    Examples
    --------
    >>> with paused_collector():
    ...     leave_to_counts()
    >>> gc.get_freeze_count() > 0
    True
    >>> gc.unfreeze()
    """
    gc.freeze()
