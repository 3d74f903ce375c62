"""The events of an archive as arrays, and the neighbours by which the part ``neighbours`` compares them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from relatedness.numbering import Rank, Row, as_ranks, packed
from relatedness.ranking._counts import DISTINCTIVE, WORDS
from relatedness.ranking._embeddings import UsualMeaning
from relatedness.ranking._rows import NOBODY, Candidates, Rows, row_sums
from relatedness.ranking._vectors import Vectors


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest events of each event, sorted by row, so that two lists can be compared by merging.

    Examples
    --------
    >>> near = Neighbours.of(np.array([[7 << 32 | 5, 9 << 32 | 2]], np.uint64))
    >>> near.rows.tolist(), near.strengths.tolist()
    ([[2, 5]], [[9, 7]])
    """

    rows: NDArray[Row]  # shape (n, m): ascending; unused positions at the end hold the largest number
    # Shape (n, m): how near each neighbour is, in units of ``2**-20``; 0 in unused positions.
    strengths: NDArray[np.uint32]

    @classmethod
    def of(cls, pairs: NDArray[np.uint64]) -> Self:
        """Neighbours from packed pairs.

        Parameters
        ----------
        pairs : ndarray of uint64, shape (n, m)
            ``strength << 32 | row`` in any order; 0 in unused positions.
        """
        rows, strengths = Candidates(pairs).rows.copy(), Candidates(pairs).scores.copy()
        rows[strengths == 0] = NOBODY
        if not np.all(rows[:, 1:] >= rows[:, :-1]):
            order = np.argsort(rows, axis=1, kind="stable")
            event = np.arange(len(rows))[:, None]
            rows, strengths = rows[event, order], strengths[event, order]
        return cls(rows, strengths)

    @property
    def pairs(self) -> NDArray[np.uint64]:
        """``strength << 32 | row``, 0 in unused positions."""
        used = self.strengths > 0
        return packed(self.strengths, np.where(used, self.rows, 0))

    @property
    def lengths(self) -> NDArray[np.float64]:
        """The Euclidean length of each row of strengths, float64, shape (n,)."""
        squares: NDArray[np.float64] = (self.strengths.astype(np.float64) ** 2).sum(axis=1)
        return np.sqrt(squares)

    def take(self, events: slice | NDArray[Row]) -> Neighbours:
        """The neighbours of some events.

        Parameters
        ----------
        events : slice or ndarray of int
            Rows.
        """
        return Neighbours(self.rows[events], self.strengths[events])


@dataclass(frozen=True, slots=True)
class Subjects:
    """The events whose lists are wanted, row by row; they need not be in the corpus.

    Examples
    --------
    >>> rows = Rows.of([{0: 20000}, {0: 15000, 1: 8000}, {1: 9000}], days=[3, 5, 6], n_columns=2)
    >>> subjects = Corpus.of(rows, channels=[WORDS, WORDS]).subjects(slice(1, 3))
    >>> subjects.days.tolist(), subjects.vectors.columns.tolist()
    ([5, 6], [0, 1, 1])
    """

    vectors: Vectors
    days: NDArray[np.int32]  # shape (n,): days from 1970-01-01
    categories: NDArray[np.int32]  # shape (n,): the number of each category; -1 for none
    squares: NDArray[np.float64]  # shape (n,): from `word_squares`
    meanings: NDArray[np.int8]  # shape (n, d): the sentence embeddings; ``d`` is 0 if there are none

    def take(self, rows: slice | NDArray[Row]) -> Subjects:
        """Some of the events."""
        return Subjects(
            self.vectors.take(rows),
            self.days[rows],
            self.categories[rows],
            self.squares[rows],
            self.meanings[rows],
        )


@dataclass(frozen=True, slots=True)
class Corpus(Subjects):
    """All events of an index.

    Examples
    --------
    >>> rows = Rows.of([{0: 20000}, {0: 15000, 1: 8000}], days=[3, 5], n_columns=2)
    >>> corpus = Corpus.of(rows, channels=[WORDS, WORDS + 1])
    >>> corpus.days.tolist(), corpus.squares.tolist(), corpus.traits.tolist()
    ([3, 5], [400000000.0, 225000000.0], [1, 1])
    """

    order: NDArray[Rank]  # shape (n,): the position of each row when all are sorted by date up, then id down
    channels: NDArray[np.uint8]  # shape (n_columns,): the channel of each column of the vectors
    # Shape (n_columns,): which columns are distinctive, and which are places, from `column_traits`.
    traits: NDArray[np.uint8]
    common: UsualMeaning  # the common part of its embeddings

    @classmethod
    def of(cls, rows: Rows, channels: Sequence[int]) -> Self:
        """A corpus of weighted rows alone, for tests and small examples.

        Parameters
        ----------
        rows : Rows
            In the order of dates.
        channels : sequence of int
            The channel of each column.

        Returns
        -------
        Corpus
            Without categories, titles and embeddings; every column is distinctive.

        Examples
        --------
        >>> rows = Rows.of([{0: 3, 1: 4}, {1: 5}], days=[0, 1], n_columns=2)
        >>> Corpus.of(rows, channels=[WORDS, WORDS]).squares.tolist()
        [25.0, 25.0]
        """
        n, of_columns = len(rows), np.array(channels, np.uint8)
        vectors = Vectors(rows.indptr, rows.columns, rows.values, np.zeros(len(rows.columns), np.uint8))
        return cls(
            vectors=vectors,
            days=rows.days,
            categories=np.full(n, -1, np.int32),
            squares=word_squares(vectors, of_columns),
            meanings=np.zeros((n, 0), np.int8),
            order=as_ranks(np.arange(n, dtype=np.uint32)),
            channels=of_columns,
            traits=np.full(len(of_columns), DISTINCTIVE),
            common=UsualMeaning(np.zeros(0, np.int64), 0.0),
        )

    def subjects(self, rows: slice | NDArray[Row]) -> Subjects:
        """Some events of the corpus."""
        return self.take(rows)


def word_squares(vectors: Vectors, channels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The dot product of each row's words with themselves, summed exactly as integers.

    Parameters
    ----------
    channels : ndarray of uint8, shape (n_columns,)

    Returns
    -------
    ndarray of float64, shape (n,)
        Whole numbers, in units of ``2**-30``.

    Examples
    --------
    >>> columns, values = np.array([0, 1], np.uint32), np.array([3, 4], np.uint16)
    >>> vectors = Vectors(np.array([0, 2], np.uint64), columns, values, np.zeros(2, np.uint8))
    >>> word_squares(vectors, np.array([WORDS, WORDS + 1], np.uint8)).tolist()  # the second column is no word
    [9.0]
    """
    squares = np.where(channels[vectors.columns] == WORDS, np.square(vectors.values, dtype=np.uint32), 0)
    return row_sums(vectors.indptr, squares).astype(np.float64)
