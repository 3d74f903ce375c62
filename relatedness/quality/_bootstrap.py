"""Confidence intervals of means over clustered judged events. The quality of lists is correlated between events judged as
related. So the bootstrap resamples clusters, the connected components of the judgments, rather than single events (the cluster
bootstrap: Field and Welsh, Journal of the Royal Statistical Society B, 2007). Resampling single events gives intervals about
half as wide as they should be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

_LARGEST = 20  # a cluster with more than this share of all judged events is resampled event by event
_DRAWN = 1_000_000  # numbers drawn at once: a few dozen megabytes


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """The clusters of judged events for resampling."""

    cluster: NDArray[np.int64]  # shape (n,): the number of each judged event's cluster
    resamples: int

    @classmethod
    def of(cls, judged: Sequence[str], qrels: Mapping[str, Mapping[str, int]], resamples: int) -> Self:
        """Group judged events by the connected components of their judgments.

        Parameters
        ----------
        qrels : mapping
            Judged id to related id to grade.

        Examples
        --------
        >>> Bootstrap.of(["a", "b", "c"], {"a": {"b": 1}, "b": {"a": 1}, "c": {"d": 1}}, 100).cluster.tolist()
        [0, 0, 1]
        """
        parent: dict[str, str] = {}

        def root(id_: str) -> str:
            while parent.setdefault(id_, id_) != id_:
                parent[id_] = id_ = parent[parent[id_]]
            return id_

        for id_ in judged:
            for other, grade in qrels[id_].items():
                if grade > 0:
                    parent[root(id_)] = root(other)
        number: dict[str, int] = {}
        cluster = np.array([number.setdefault(root(id_), len(number)) for id_ in judged], dtype=np.int64)
        # Split a cluster that links much of an archive: resampled as one it would leave nothing to vary.
        sizes = np.bincount(cluster, minlength=1)
        alone = sizes[cluster] > max(2, len(judged) / _LARGEST)
        cluster[alone] = len(number) + np.arange(int(alone.sum()))
        return cls(np.unique(cluster, return_inverse=True)[1].astype(np.int64), resamples)

    def part(self, events: NDArray[np.bool_]) -> Bootstrap:
        """The same for some of the events."""
        return Bootstrap(
            np.unique(self.cluster[events], return_inverse=True)[1].astype(np.int64), self.resamples
        )

    def interval(self, values: NDArray[np.float64]) -> tuple[float, float]:
        """The bounds of the 95 % interval of the mean of one value for each event; the seed is fixed."""
        sizes = np.bincount(self.cluster)
        sums = np.bincount(self.cluster, weights=values)
        chance = np.random.default_rng(0)
        means = np.empty(self.resamples)
        at_once = max(1, _DRAWN // len(sizes))
        for start in range(0, self.resamples, at_once):
            stop = min(start + at_once, self.resamples)
            drawn = chance.integers(0, len(sizes), (stop - start, len(sizes)))
            means[start:stop] = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
        low, high = np.quantile(means, (0.025, 0.975))
        return float(low), float(high)
