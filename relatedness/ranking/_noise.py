"""The floor: the score that chance reaches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.ranking._corpus import Corpus, Neighbours
from relatedness.ranking._pairs import Match, score, used_of
from relatedness.ranking._recency import Recency
from relatedness.ranking._rows import Candidates, Rows

_NOISE_PAIRS, _NOISE_EVENTS = 50_000, 125
# Measured on up to this many events, the floor may empty the lists of at most this share of them.
_BEST_EVENTS, _EMPTIED = 1000, 0.01
_FEWEST_EVENTS = 30


def noise_floor(
    rows: Rows,
    candidates: Candidates,
    corpus: Corpus,
    neighbours: Neighbours,
    recency: Recency,
    config: Config,
) -> int:
    """The score that the share ``lists.floor`` of the pairs that chance brings together stay below.

    What a score is worth depends on the archive: on its size, its subjects, the years it covers. Measured against
    chance, one setting means the same everywhere. It is measured event by event, and the floor is the median: one large
    series, whose events are all alike, decides nothing about the others. Pairs that may be related do not count: a
    candidate of either, versions of one item; nor do pairs that can never be. Where there are fewer than four times as
    many events as candidates, only the first quarter of the archive counts as candidates here. And the floor never takes
    the last result from more than one event in a hundred: where all are of one subject, chance brings together what a
    reader would relate.

    Parameters
    ----------
    rows : Rows
        The corpus as the kernel sees it.
    candidates : Candidates
        Of every event of the corpus.
    corpus : Corpus
    neighbours : Neighbours
    recency : Recency
    config : Config

    Returns
    -------
    int
        In units of ``1 / UNITS``; 0, no floor, where ``lists.floor`` is 0 or the archive has fewer than 30 events,
        from which nothing can be said.
    """
    n = len(rows)
    if config.lists.floor == 0 or n < _FEWEST_EVENTS:
        return 0
    # The old generator: its numbers are the same in every version of NumPy.
    asked = _spread_over(n, _NOISE_EVENTS)
    left = np.repeat(asked, _NOISE_PAIRS // len(asked))
    right = np.random.RandomState(0).randint(0, n, len(left))
    # In a small archive everything is a candidate of everything: only the best quarter may be related there.
    near = Candidates(candidates.keys[:, : max(n // 4, 1)])
    known = (near.rows[left] == right[:, None]) & used_of(near)[left]
    known |= (near.rows[right] == left[:, None]) & used_of(near)[right]
    apart = (rows.languages[left] != rows.languages[right]) & (
        np.minimum(rows.languages[left], rows.languages[right]) >= 0
    )
    together = (rows.groups[left] == rows.groups[right]) & (rows.groups[left] >= 0)
    unrelated = ~known.any(axis=1) & (left != right) & ~apart & ~together
    left, right = left[unrelated], right[unrelated]
    if not len(left):
        return 0
    chance = Match(
        corpus.subjects(left), neighbours.take(left), Candidates.of(right[:, None]), corpus, neighbours
    )
    totals = score(chance, recency, config).sum(axis=2)[:, 0]
    ends = np.flatnonzero(np.diff(left, append=-1)) + 1
    levels = [np.quantile(some, config.lists.floor, method="higher") for some in np.split(totals, ends[:-1])]
    some = _spread_over(n, _BEST_EVENTS)
    theirs = Candidates(candidates.keys[some])
    own = Match(corpus.subjects(some), neighbours.take(some), theirs, corpus, neighbours)
    reached = np.where(used_of(theirs), score(own, recency, config).sum(axis=2), 0).max(axis=1)
    reached = reached[reached > 0]
    if not len(reached):
        return 0
    most = np.quantile(reached, _EMPTIED, method="lower")
    return int(min(np.quantile(levels, 0.5, method="higher"), most))


def _spread_over(n: int, most: int) -> NDArray[np.int64]:
    """Up to ``most`` rows, spread evenly over all of them."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(np.int64))
