"""Control of Python's garbage collector, for work in which it would find nothing."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_collector() -> Iterator[None]:
    """Pause the garbage collector, as a context manager or decorator. An archive is millions of small records with hardly any
    cycles: the collector would scan all of them again and again, which takes a quarter of the time of a build. Objects without
    references are still freed; `collect_young` frees cycles.

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
    """Free the cycles among objects made since the last call while the collector is paused. Parsers and callers may create
    cycles for each record: docutils creates 160 kB of them per page.

    Examples
    --------
    >>> with paused_collector():
    ...     collect_young()
    """
    if not gc.isenabled():
        gc.collect(0)


def leave_to_counts() -> None:
    """Exclude all existing objects from garbage collection: they are freed with their last reference, cycles among them never.

    Examples
    --------
    >>> with paused_collector():
    ...     leave_to_counts()
    >>> gc.get_freeze_count() > 0
    True
    >>> gc.unfreeze()
    """
    gc.freeze()
