"""How long the stages of a job take, told to the log and to whoever waits."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str, int, int], None]
_log = logging.getLogger(__name__)


class Clock:
    """Wall seconds by stage, told to the log and to the caller's progress.

    Parameters
    ----------
    progress : callable, optional
        Called as ``progress(stage, done, total)``.
    """

    def __init__(self, progress: Progress | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[int, int], None]]:
        """Time what is done inside; gives a function to report ``(done, total)`` to."""
        started = time.perf_counter()
        report = self._progress
        yield (
            (lambda done, total: None) if report is None else (lambda done, total: report(name, done, total))
        )
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started
        taken = round(self.seconds[name], 3)
        _log.info("%s %.3f s", name, taken, extra={"stage": name, "seconds": taken})
