"""What a build or a refresh runs with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relatedness.progress import Clock

if TYPE_CHECKING:
    from relatedness.ranking import Encoder
    from relatedness.topics import Tagger


@dataclass(frozen=True, slots=True)
class Resources:
    """The tagger, encoder, cores and clock with which a build or a refresh is carried out.

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
