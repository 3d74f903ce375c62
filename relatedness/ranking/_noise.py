"""The floor: the score that chance reaches."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.numbering import Row, as_rows
from relatedness.ranking._corpus import Corpus, Neighbours
from relatedness.ranking._pairs import Match, Matched, used_of
from relatedness.ranking._rows import DOT_BITS, Candidates
from relatedness.ranking._score import reached
from relatedness.ranking._settings import calibration_settings
from relatedness.ranking._vectors import Vectors


@dataclass(frozen=True, slots=True)
class Noise:
    """Random pairs, and the best candidates of some events, from which the floor is computed. The meaning of a score depends on
    the archive: its size, its subjects, the years it covers. Relative to random pairs, one setting means the same in every
    archive. It is measured event by event, and the floor is the median: a large series of similar events has no influence on
    the others. In a large archive chance brings more events together, so the floor is higher there. Pairs that may be related
    (a candidate of either, versions of one item) and pairs that can never be related are excluded. Where there are fewer than
    four times as many events as candidates, only the first quarter of the archive counts as candidates here. And the floor
    never empties the lists of more than one event in a hundred: in an archive on one subject, even random pairs are related
    to a reader.

    Examples
    --------
    >>> from relatedness.ranking import UNITS, WORDS, Rows
    >>> rows = Rows.of([{n % 3: 20000} for n in range(40)], days=[*range(40)], n_columns=3)
    >>> corpus, nobody = Corpus.of(rows, channels=[WORDS] * 3), Neighbours.of(np.zeros((40, 1), np.uint64))
    >>> none, nearest = np.full(40, -1, np.int32), Candidates.of((np.arange(40)[:, None] + 3) % 40)
    >>> noise = Noise.of(none, none, nearest.take, corpus, nobody, Config.default())
    >>> noise.floor(Config.default()) / UNITS
    0.2840655
    >>> noise.floor(Config.default().change({"lists": {"floor": 0}}))  # without a floor
    0
    """

    chance: Matched  # random pairs: some events, each with as many others
    unrelated: NDArray[np.bool_]  # shape (n, c): those that count
    own: Matched  # events sampled evenly over the archive, with their candidates
    n_events: int  # the size of the archive

    @classmethod
    def of(
        cls,
        groups: NDArray[np.int32],
        languages: NDArray[np.int32],
        candidates_of: Callable[[NDArray[Row]], Candidates],
        corpus: Corpus,
        neighbours: Neighbours,
        config: Config,
    ) -> Self | None:
        """Draw the pairs and measure them.

        Parameters
        ----------
        groups, languages : ndarray of int32, shape (n,)
            As in `relatedness.ranking.Rows`.
        candidates_of : callable
            The candidates of some rows: those of the whole corpus need not be in memory.

        Returns
        -------
        Noise or None
            None if the archive has fewer than 30 events, too few to measure, or no unrelated pairs.
        """
        n = len(groups)
        settings = calibration_settings().floor
        if n < settings.fewest_events:
            return None
        # The old generator: its numbers are the same in every version of NumPy.
        asked = _spread_over(n, settings.asked)
        left = as_rows(np.repeat(asked, settings.pairs // len(asked)))
        right = as_rows(np.random.RandomState(0).randint(0, n, len(left)))
        # In a small archive all events are candidates of each other: count only the best quarter as possibly related.
        nearest = max(n // 4, 1)
        known = np.zeros(len(left), bool)
        for mine, theirs in ((left, right), (right, left)):
            found = Candidates(candidates_of(mine).keys[:, :nearest])
            known |= ((found.rows == theirs[:, None]) & used_of(found)).any(axis=1)
        apart = (languages[left] != languages[right]) & (np.minimum(languages[left], languages[right]) >= 0)
        together = (groups[left] == groups[right]) & (groups[left] >= 0)
        unrelated = ~known & (left != right) & ~apart & ~together
        if not unrelated.any():
            return None

        def measured(rows: NDArray[Row], others: Candidates) -> Matched:
            match = Match(corpus.subjects(rows), neighbours.take(rows), others, corpus, neighbours)
            return Matched.of(match, config)

        some = _spread_over(n, settings.most_emptied_asked)
        return cls(
            chance=measured(asked, Candidates.of(right.reshape(len(asked), -1))),
            unrelated=unrelated.reshape(len(asked), -1),
            own=measured(some, candidates_of(some)),
            n_events=n,
        )

    def floor(self, config: Config) -> int:
        """The quantile ``lists.floor`` of the scores of random pairs. In an archive of more than ``quantile_events`` of
        ``models/calibration.toml`` it is higher: with each tenth of the pairs that are left above it, the score is taken to rise by
        as much as over the tenth before.

        Returns
        -------
        int
            In units of ``1 / UNITS``; 0, no floor, where ``lists.floor`` is 0.
        """
        if config.lists.floor == 0:
            return 0
        totals = self.chance.under(config)[1].sum(axis=2)
        by_event = [some[kept] for some, kept in zip(totals, self.unrelated, strict=True) if kept.any()]

        def level(beyond: float) -> int:
            levels = [np.quantile(some, max(1 - beyond, 0), method="higher") for some in by_event]
            return int(np.quantile(levels, 0.5, method="higher"))

        settings, beyond = calibration_settings().floor, 1 - config.lists.floor
        floor = level(beyond)
        tenths = math.log10(max(self.n_events / settings.quantile_events, 1))
        floor += round(tenths * (floor - level(10 * beyond))) if tenths else 0
        pairs, parts = self.own.under(config)
        best = np.where(pairs.used, reached(parts, pairs.places, pairs.factor, config), 0).max(axis=1)
        best = best[best > 0]
        if not len(best):
            return 0
        return int(min(floor, np.quantile(best, settings.most_emptied, method="lower")))


def floor_of_text(floor: int, text: Vectors, config: Config) -> int:
    """The floor for a text from outside.

    A few words score lower against any event than whole events do against each other, related or not, because the largest
    possible cosine is the length of the text's vector. So the floor is reduced in proportion to that length, relative to an
    event of average length.

    Parameters
    ----------
    floor : int
        From `Noise.floor`: that of the events of the index.
    text : Vectors
        The text's, one row.

    Returns
    -------
    int
        In units of ``1 / UNITS``; never above ``floor``.

    Examples
    --------
    >>> def text(*values):
    ...     columns = np.arange(len(values), dtype=np.uint32)
    ...     entries, titles = np.array(values, np.uint16), np.zeros(len(values), np.uint8)
    ...     return Vectors(np.array([0, len(values)], np.uint64), columns, entries, titles)
    >>> config = Config.default().change({"text": {"length_normalisation": 1.0}})
    >>> floor_of_text(1000, text(16384), config), floor_of_text(1000, text(32768), config)
    (707, 1000)
    """
    square = int((text.values.astype(np.int64) ** 2).sum()) / (1 << DOT_BITS)
    # The squared vector length of an average event is 1 / (1 + length_normalisation).
    return round(floor * min(math.sqrt(square * (1 + config.text.length_normalisation)), 1.0))


def _spread_over(n: int, most: int) -> NDArray[Row]:
    """Up to ``most`` rows, spread evenly over all of them."""
    return as_rows(np.unique(np.linspace(0, n - 1, min(n, most)).astype(np.int64)))
