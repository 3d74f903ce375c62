"""The time that the stages of a job take, reported to the log and to a progress callback."""

from __future__ import annotations

import logging
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from relatedness.arguments import check_call

Progress = Callable[[str, int, int], None]
_log = logging.getLogger(__name__)
_WORTH_A_LINE = 0.1  # seconds


class Clock:
    """Wall seconds by stage, reported to the log and to the caller's progress.

    Parameters
    ----------
    progress : callable, optional
        Called as ``progress(stage, done, total)``.

    Examples
    --------
    >>> clock = Clock()
    >>> with clock.stage("read") as report:
    ...     report(1, 1)
    >>> list(clock.seconds)
    ['read']
    """

    def __init__(self, progress: Progress | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[int, int], None]]:
        """Time a stage.

        Yields
        ------
        callable
            Takes ``(done, total)`` and reports it to the caller's progress.
        """
        started, before = time.perf_counter(), self.seconds.get(name, 0.0)
        report = self._progress
        yield (
            (lambda done, total: None) if report is None else (lambda done, total: report(name, done, total))
        )
        self.seconds[name] = before + time.perf_counter() - started
        taken = round(self.seconds[name], 3)
        # A stage may be entered again for follow-up work; log that only if it takes noticeable time.
        again = before > 0 and self.seconds[name] - before < _WORTH_A_LINE
        _log.log(
            logging.DEBUG if again else logging.INFO,
            "%s %.3f s",
            name,
            taken,
            extra={"stage": name, "seconds": taken},
        )


@contextmanager
def shown_progress(given: Progress | bool | None) -> Iterator[Progress | None]:
    """The progress callback of a long call.

    Parameters
    ----------
    given : callable, bool or None
        True shows bars on standard error if that is a terminal.

    Examples
    --------
    >>> with shown_progress(lambda stage, done, total: print(stage, done, total)) as report:
    ...     report("tag", 1, 2)
    tag 1 2
    """
    if not isinstance(given, bool):
        check_call(given, "progress")
        yield given
    elif not given or not sys.stderr.isatty():
        yield None
    else:
        bars = _Bars()
        try:
            yield bars.report
        finally:
            bars.close()


class _Bars:
    """A bar per stage, one after the other, each removed at its end."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._stage = ""

    def report(self, stage: str, done: int, total: int) -> None:
        if stage != self._stage:
            from tqdm import tqdm

            self.close()
            self._stage = stage
            self._bar = tqdm(
                desc=stage,
                total=total or None,
                leave=False,
                unit="",
                # Otherwise a terminal that does not report its size would get no bar.
                ncols=shutil.get_terminal_size().columns,
                nrows=24,
                unit_scale=True,
            )
        if total and self._bar.total != total:
            self._bar.total = total
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
