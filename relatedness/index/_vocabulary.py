"""The vocabulary of an open index, looked up term by term and remembered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import NDArray

from relatedness.numbering import Column, ColumnNumber, column_numbers
from relatedness.storage import Store

_MOST_TERMS = 200_000  # the most terms cached per vocabulary
_UNKNOWN = ColumnNumber(-1), 0.0


@dataclass(frozen=True, slots=True)
class StoredVocabulary:
    """The vocabulary of an index file, looked up term by term and remembered: opening it costs nothing."""

    store: Store
    n_events: int
    pivots: Sequence[float]
    n_columns: int
    _known: dict[tuple[int, str], tuple[ColumnNumber, float]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, store: Store, n_columns: int) -> StoredVocabulary:
        """The vocabulary of an index, given the number of columns of its vectors."""
        statistics = store.meta("statistics")
        pivots = [float(pivot) for pivot in statistics["pivots"]]
        return cls(store, int(statistics["n_events"]), pivots, n_columns)

    def find(self, channel: int, terms: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """See `relatedness.ranking.Vocabulary`."""
        both = np.array(self.look_up(channel, terms), dtype=np.float64).reshape(len(terms), 2)
        return both[:, 0].astype(np.int64), both[:, 1]

    def look_up(self, channel: int, terms: Sequence[str]) -> list[tuple[ColumnNumber, float]]:
        """The same as pairs."""
        positions = [self._known.get((channel, term)) for term in terms]
        missing = [position for position, known in enumerate(positions) if known is None]
        if missing:
            if len(self._known) > _MOST_TERMS:
                self._known.clear()
            rows = self.store.find_terms(channel, [terms[position] for position in missing])
            found = {term: (column, weight) for term, (column, _, weight) in rows.items()}
            if any(column >= self.n_columns for column, _ in found.values()):
                raise self.store.damaged("a term stands in no column of the vectors")
            for position in missing:
                term = terms[position]
                positions[position] = self._known[channel, term] = found.get(term, _UNKNOWN)
        return cast("list[tuple[ColumnNumber, float]]", positions)


class Spelling:
    """The names of the topics of an index by their columns, each looked up once.

    Parameters
    ----------
    store : Store
    known : dict of int to str, optional
        Names that the store does not have yet.
    """

    def __init__(self, store: Store, known: dict[ColumnNumber, str] | None = None) -> None:
        self._store = store
        self._known = known if known is not None else {}

    def learn(self, columns: Iterable[ColumnNumber], names: Iterable[str]) -> None:
        """Add known names of columns to the cache; names with column -1 are ignored."""
        self._known.update(zip(columns, names, strict=True))

    def __call__(self, columns: NDArray[Column]) -> list[str]:
        """The name of each column."""
        known, wanted = self._known, column_numbers(columns)
        missing = sorted({column for column in wanted if column not in known})
        if missing:
            known.update(zip(missing, (term for _, term, _ in self._store.terms(missing)), strict=True))
        return [known[column] for column in wanted]
