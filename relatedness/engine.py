"""Where the work runs: this process, joblib workers, a Dask cluster; the same answer everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from relatedness.scores import Recency
from relatedness.topk import Candidates, Rows


class Engine(Protocol):
    """Anything that finds the candidates of all events."""

    def all_pairs(
        self, rows: Rows, recency: Recency, k: int, *, progress: Callable[[int, int], object] | None = None
    ) -> Candidates:
        """For every row the k others with the highest score, exactly; see `relatedness.topk.all_pairs`."""
        ...
