"""The input and output of the search of `relatedness.ranking`: weighted rows, posting lists, and lists of candidates.

The order of results is total: score down, then the later row first. One 64-bit key, ``score << 32 | row``, holds both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from relatedness.errors import InputError
from relatedness.numbering import Column, Row, as_rows, numbers_in, packed, values_in
from relatedness.ranking._recency import RECENCY_BITS

DOT_BITS = 30
DOT_LIMIT = 2**31  # dot products must stay below this, or scores would not fit 32 bits
SCORE_BITS = 31  # a score of 1.0
SHIFT = np.uint64(DOT_BITS + RECENCY_BITS - SCORE_BITS)  # from a dot product times recency to a score
ONE = np.uint64(1)
SLACK = 1e-6  # slack of filters in single precision: four roundings have a relative error below 2.4e-7
NOBODY = np.uint32(0xFFFFFFFF)
"""The row number that marks unused positions."""

Array = NDArray[Any]


def row_sums(indptr: NDArray[np.uint64], numbers: Array) -> NDArray[np.uint64]:
    """The sum of each row's numbers (whole, none negative) in compressed sparse rows, uint64, shape (n,)."""
    sums = np.zeros(len(numbers) + 1, np.uint64)
    np.cumsum(numbers, dtype=np.uint64, out=sums[1:])
    return np.diff(sums[indptr.astype(np.int64)])


@dataclass(frozen=True)
class Rows:
    """Weighted sparse vectors of dated events, one row each, in compressed sparse row form.

    Raises
    ------
    InputError
        If an array has another type or length, or breaks one of these rules.

    Notes
    -----
    Where rows are given to `all_pairs`, they are in order: seconds ascending, then id descending, so that of equal scores the
    higher row comes first.

    Examples
    --------
    >>> rows = Rows.of([{0: 30000, 1: 9000}, {0: 20000}], days=[3, 5], n_columns=2)
    >>> len(rows), rows.columns.tolist(), rows.groups.tolist()
    (2, [0, 1, 0], [-1, -1])
    """

    # Shape (n + 1,): row ``i`` holds the entries ``indptr[i]`` to ``indptr[i + 1]``.
    indptr: NDArray[np.uint64]
    columns: NDArray[Column]  # shape (entries,): the column of each entry; ascending within a row
    # Shape (entries,): its weight times ``2**15``. The squares of a row sum to less than ``2**31``.
    values: NDArray[np.uint16]
    days: NDArray[np.int32]  # shape (n,): the day of each row, counted from any fixed day
    groups: NDArray[np.int32]  # shape (n,): rows of one group are never related to each other; -1 for none
    # Shape (n,): rows of two known, different languages are never related; -1 for unknown.
    languages: NDArray[np.int32]
    n_columns: int  # one more than the largest column allowed

    def __post_init__(self) -> None:
        check_array("indptr", self.indptr, np.uint64, len(self.days) + 1)
        entries = int(self.indptr[-1])
        check_array("columns", self.columns, np.uint32, entries)
        check_array("values", self.values, np.uint16, entries)
        check_array("days", self.days, np.int32, len(self.days))
        check_array("groups", self.groups, np.int32, len(self.days))
        check_array("languages", self.languages, np.int32, len(self.days))
        if len(self.days) >= 2**32:
            raise InputError(
                f"{len(self.days)} rows do not fit one kernel call: use segments of less than 2**32"
            )
        if self.indptr[0] != 0 or not ascends(self.indptr):
            raise InputError("row pointers must start at 0 and never decrease", field="indptr")
        if entries and int(self.columns.max()) >= self.n_columns:
            raise InputError(
                f"column {self.columns.max()} is not below n_columns = {self.n_columns}", field="columns"
            )
        descends = self.columns[1:] <= self.columns[:-1]
        starts = self.indptr[1:-1]
        descends[starts[(starts > 0) & (starts < entries)].astype(np.int64) - 1] = False
        if descends.any():
            row = int(np.searchsorted(self.indptr, np.argmax(descends), side="right")) - 1
            raise InputError(f"the columns of row {row} do not ascend, each once", field="columns")
        # The square of 65,535 fits 32 bits.
        largest = int(row_sums(self.indptr, np.square(self.values, dtype=np.uint32)).max(initial=0))
        if largest >= DOT_LIMIT:
            raise InputError(
                f"the squared weights of a row sum to {largest}, but must stay below 2**31 = {DOT_LIMIT}: "
                "scale the weights down",
                field="values",
            )

    def __len__(self) -> int:
        return len(self.days)

    @classmethod
    def of(
        cls,
        vectors: list[dict[int, int]],
        days: list[int],
        n_columns: int,
        groups: list[int] | None = None,
        languages: list[int] | None = None,
    ) -> Rows:
        """Rows from plain dictionaries, for tests and small examples.

        Parameters
        ----------
        vectors : list of dict
            Column to weight (0 to 65535) for each row.
        groups, languages : list of int, optional
            None means -1 everywhere.

        Examples
        --------
        >>> Rows.of([{2: 7}], days=[0], n_columns=3).values.tolist()
        [7]
        """
        nothing = [-1] * len(vectors)
        entries = [entry for vector in vectors for entry in sorted(vector.items())]
        return cls(
            indptr=np.cumsum([0, *map(len, vectors)], dtype=np.uint64),
            columns=np.array([column for column, _ in entries], dtype=np.uint32),
            values=np.array([value for _, value in entries], dtype=np.uint16),
            days=np.array(days, dtype=np.int32),
            groups=np.array(nothing if groups is None else groups, dtype=np.int32),
            languages=np.array(nothing if languages is None else languages, dtype=np.int32),
            n_columns=n_columns,
        )

    def part(self, first: int, last: int) -> Rows:
        """The rows from `first` up to `last`, sharing memory with these rows except for the row pointers.

        Examples
        --------
        >>> rows = Rows.of([{0: 1}, {1: 2}, {1: 3}], days=[0, 1, 2], n_columns=2)
        >>> rows.part(1, 3).values.tolist()
        [2, 3]
        """
        if (first, last) == (0, len(self)):
            return self
        start, stop = int(self.indptr[first]), int(self.indptr[last])
        return replace(
            self,
            indptr=self.indptr[first : last + 1] - np.uint64(start),
            columns=self.columns[start:stop],
            values=self.values[start:stop],
            days=self.days[first:last],
            groups=self.groups[first:last],
            languages=self.languages[first:last],
        )

    def take(self, numbers: NDArray[Any]) -> Rows:
        """Some of the rows, in the given order.

        Parameters
        ----------
        numbers : ndarray of integers, shape (taken,)

        Examples
        --------
        >>> rows = Rows.of([{0: 1}, {1: 2, 2: 4}, {1: 3}], days=[0, 1, 2], n_columns=3)
        >>> taken = rows.take(np.array([2, 1]))
        >>> taken.values.tolist(), taken.days.tolist()
        ([3, 2, 4], [2, 1])
        """
        starts, ends = (self.indptr[numbers + step].astype(np.int64) for step in (0, 1))
        indptr = np.zeros(len(numbers) + 1, dtype=np.int64)
        np.cumsum(ends - starts, out=indptr[1:])
        entries = np.repeat(starts - indptr[:-1], ends - starts) + np.arange(indptr[-1])
        return replace(
            self,
            indptr=indptr.astype(np.uint64),
            columns=self.columns[entries],
            values=self.values[entries],
            days=self.days[numbers],
            groups=self.groups[numbers],
            languages=self.languages[numbers],
        )


@dataclass(frozen=True)
class Postings:
    """The same entries by column: which rows hold a column, ascending, and with what weight."""

    indptr: NDArray[np.uint64]  # shape (n_columns + 1,)
    rows: NDArray[Row]  # shape (entries,): ascending within each column
    values: NDArray[np.uint16]  # shape (entries,)
    n_rows: int


@dataclass(frozen=True)
class Candidates:
    """For every row its best candidates, best first.

    Examples
    --------
    >>> found = Candidates(np.array([[5 << 32 | 1, 0]], dtype=np.uint64))
    >>> found.rows.tolist(), found.scores.tolist(), found.counts.tolist()
    ([[1, 0]], [[5, 0]], [1])
    """

    keys: NDArray[np.uint64]  # shape (n, k): ``score << 32 | row`` in descending order; 0 in unused positions

    @classmethod
    def of(cls, rows: NDArray[Any]) -> Self:
        """Rows, integers of shape (n, k), as candidates without known scores: each gets the lowest score."""
        return cls(packed(np.ones_like(rows), rows))

    def take(self, rows: NDArray[Row]) -> Candidates:
        """The candidates of some rows."""
        return Candidates(self.keys[rows])

    @property
    def rows(self) -> NDArray[Row]:
        """The row of each candidate, uint32 of shape (n, k); a view, 0 beyond `counts`."""
        return as_rows(numbers_in(self.keys))

    @property
    def scores(self) -> NDArray[np.uint32]:
        """Its score times ``2**31``, uint32 of shape (n, k); a view, 0 beyond `counts`."""
        return values_in(self.keys)

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many candidates each row has, int64 of shape (n,)."""
        return cast("NDArray[np.int64]", np.count_nonzero(self.keys, axis=1))


def padded(n: int) -> int:
    """Round n up to a multiple of 64."""
    return -(-n // 64) * 64


def ascends(numbers: Array) -> bool:
    """Whether numbers never decrease."""
    return bool((numbers[1:] >= numbers[:-1]).all())


def check_array(name: str, array: Array, dtype: type, length: int) -> None:
    """Refuse an array of another type or length."""
    if array.dtype != dtype or array.shape != (length,):
        raise InputError(
            f"expected {np.dtype(dtype)} of shape ({length},), not {array.dtype} of shape {array.shape}",
            field=name,
        )
