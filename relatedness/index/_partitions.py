"""How an archive is divided into partitions, at day boundaries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from relatedness.dates import SECONDS_PER_DAY
from relatedness.errors import ConfigError
from relatedness.storage import MOST_PARTITIONS


@dataclass(frozen=True, slots=True)
class Partitioning:
    """Into how many partitions an archive is cut. Give one of the two.

    Examples
    --------
    >>> Partitioning(partitions=2).starts(np.array([0, 1, 2]), np.array([1, 2, 1]))
    [0, 86400]
    """

    partitions: int | None = None  # how many at most: a day is never cut
    events: int | None = None  # about how many events each holds

    def __post_init__(self) -> None:
        if (self.partitions is None) == (self.events is None):
            raise ConfigError("give either partitions or events_per_partition, not both")

    def starts(self, days: NDArray[np.int64], counts: NDArray[np.int64]) -> list[int]:
        """The first instant of each partition, in seconds since 1970.

        Parameters
        ----------
        days : ndarray of int64, shape (n_days,)
            The days that have events, ascending.
        counts : ndarray of int64, shape (n_days,)
            How many events each of them has.

        Raises
        ------
        ConfigError
            If there would be more partitions than an index can have.
        """
        n = int(counts.sum())
        parts = self.partitions if self.partitions is not None else -(-n // (self.events or 1))
        if parts > MOST_PARTITIONS:
            raise ConfigError(
                f"{parts:,} partitions are too many: an index has at most {MOST_PARTITIONS}, as each is an open file; put "
                f"in each at least {-(-n // MOST_PARTITIONS):,} events"
            )
        first = np.searchsorted(np.cumsum(counts), np.arange(parts) * n // parts, side="right")
        return [int(days[position]) * SECONDS_PER_DAY for position in np.unique(first)]
