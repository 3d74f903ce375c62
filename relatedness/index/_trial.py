"""Lists under other settings without a rebuild, for `relatedness.quality.tune`.

Candidates, neighbours and statistics stay those of the index; scores, floor, cutoff, overlap and near-duplicates are
measured and chosen by the functions that make the lists users see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.index._archive import Archive
from relatedness.numbering import Row, as_rows, row_numbers, slot_numbers
from relatedness.ranking import LISTED, Candidates, Corpus, Match, Matched, Noise, Subjects, choose_lists
from relatedness.storage import Store


@dataclass(frozen=True, slots=True)
class Trial:
    """Some events and all data from which their lists follow.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> store, config = index._store, index.config
    >>> trial = Trial.of(Archive.load(store), store, config, {"fall": {"dam": 2}})
    >>> trial.ids, trial.shown(config, k=2).tolist()
    (['fall'], [[2.0, -1.0]])
    """

    ids: list[str]  # the events
    subjects: Subjects  # the same events, row by row
    corpus: Corpus
    measured: Matched  # the events and their candidates
    noise: Noise | None  # the noise from which the floor is computed; None if there is no floor
    gains: NDArray[np.float64]  # shape (n, c): the gain (grade) of each candidate

    @classmethod
    def of(
        cls,
        archive: Archive,
        store: Store,
        config: Config,
        qrels: Mapping[str, Mapping[str, int]],
    ) -> Self:
        """Read the events of an index that are judged, and measure them; ids that the index lacks are left out."""
        everyone = as_rows(np.arange(len(archive)))
        candidates = archive.candidates_of(everyone, store, config)
        rows, found = archive.neighbours_near(everyone, store, config)
        corpus, neighbours = archive.corpus(), found.take(as_rows(np.argsort(rows)))
        row_of = dict(zip(store.ids_of(slot_numbers(archive.slots)), row_numbers(everyone), strict=True))
        ids = [id_ for id_ in qrels if id_ in row_of]
        some = as_rows(np.array([row_of[id_] for id_ in ids], dtype=np.int64))
        theirs = Candidates(candidates.keys[some])
        subjects = corpus.subjects(some)
        match = Match(subjects, neighbours.take(some), theirs, corpus, neighbours)
        gains = np.zeros(theirs.keys.shape)
        for number, id_ in enumerate(ids):
            for other, grade in qrels[id_].items():
                if grade > 0 and other in row_of:
                    gains[number, (theirs.rows[number] == row_of[other]) & (theirs.keys[number] > 0)] = grade
        noise = Noise.of(archive.groups, archive.languages, candidates.take, corpus, neighbours, config)
        return cls(ids, subjects, corpus, Matched.of(match, config), noise, gains)

    def take(self, rows: NDArray[Row]) -> Trial:
        """The same for some of the events."""
        ids = [self.ids[row] for row in rows.tolist()]
        subjects = self.subjects.take(rows)
        return Trial(ids, subjects, self.corpus, self.measured.take(rows), self.noise, self.gains[rows])

    def floor(self, config: Config) -> int:
        """The floor that a build would measure, in units."""
        return self.noise.floor(config) if self.noise is not None else 0

    def shown(self, config: Config, k: int, floor: int | None = None) -> NDArray[np.float64]:
        """The grades of each list's results under some settings, in their order.

        Parameters
        ----------
        k : int
            How many results of each list count.
        floor : int, optional
            From `floor`, where it is known.

        Returns
        -------
        ndarray of float64, shape (n, k)
            The gain of each result; -1 in positions that hold none.
        """
        pairs, parts = self.measured.under(config)
        level = self.floor(config) if floor is None else floor
        _, verdicts = choose_lists(self.subjects, self.corpus, pairs, parts, config=config, floor=level, k=k)
        listed = np.take_along_axis(verdicts.fates == LISTED, verdicts.order, axis=1)
        listed &= np.take_along_axis(pairs.used, verdicts.order, axis=1)
        position = np.cumsum(listed, axis=1) - 1
        listed &= position < k
        found = np.full((len(self.ids), k), -1.0)
        event, at = np.nonzero(listed)
        found[event, position[event, at]] = np.take_along_axis(self.gains, verdicts.order, axis=1)[event, at]
        return found
