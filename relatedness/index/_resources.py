"""What a build or a refresh runs with."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from relatedness.progress import Clock
from relatedness.storage import writing

if TYPE_CHECKING:
    from relatedness.ranking import Encoder
    from relatedness.topics import Tagger


@dataclass(frozen=True, slots=True)
class Resources:
    """The tagger, encoder, cores, clock and patience with which a build or a refresh is carried out.

    Examples
    --------
    >>> def told(stage, done, total):
    ...     print(stage, done, total)
    >>> resources = Resources(jobs=1, clock=Clock(told))
    >>> with resources.clock.stage("read") as report:
    ...     report(2, 2)
    read 2 2
    """

    # The caller's; None for those that the settings name.
    tagger: Tagger | None = None
    encoder: Encoder | None = None
    jobs: int | None = None  # processor cores; None for all
    clock: Clock = field(default_factory=Clock)
    wait: float = 0.0  # seconds to wait while another process writes the same index
    waiting: Callable[[str], object] | None = None  # called with the name of that process when waiting starts

    def writing(self, path: Path) -> AbstractContextManager[None]:
        """Hold the lock of an index; see `relatedness.storage.writing`."""
        return writing(path, self.wait, self.waiting)
