"""The kinds of numbers for events and terms, as distinct types for the type checker.

A *slot* is an event's number in the file, which is never reused. A *row* is its number in arrays that are in memory. A *rank*
is its number in the order of dates, the earliest first. A *column* is the number of a term in vectors. Arrays may have any
integer width: an ``NDArray[Slot]`` holds slots, and is not an ``NDArray[Row]``. A single one is a `SlotNumber`, a `RowNumber` or
a `ColumnNumber`, which at run time are plain ``int``, as SQLite, JSON and keys of mappings need them. Ranks occur only in
arrays. Bounds of ranges, such as the first row of a segment, and positions in a batch stay ``int``.

Two numbers of 32 bits are packed into one of 64, ``value << 32 | number``, so that one comparison puts a score before the
row that breaks ties. 0 means no pair, because every pair has a value above 0. Compiled loops shift by `WORD` themselves.

The functions here convert between kinds that coincide, such as rows and slots during a refresh.
"""

from __future__ import annotations

import sys
from typing import Any, NewType, cast

import numpy as np
from numpy.typing import NDArray

Slot = NewType("Slot", np.integer[Any])
Row = NewType("Row", np.integer[Any])
Rank = NewType("Rank", np.integer[Any])
Column = NewType("Column", np.integer[Any])

SlotNumber = NewType("SlotNumber", int)
RowNumber = NewType("RowNumber", int)
ColumnNumber = NewType("ColumnNumber", int)

WORD = np.uint64(32)
_LOW, _HIGH = (0, 1) if sys.byteorder == "little" else (1, 0)


def as_slots(numbers: NDArray[np.integer[Any]]) -> NDArray[Slot]:
    """Slots, in an array of any integer type.

    Examples
    --------
    >>> as_slots(np.array([4, 7], np.uint32)).tolist()
    [4, 7]
    """
    return cast("NDArray[Slot]", numbers)


def as_rows(numbers: NDArray[np.integer[Any]]) -> NDArray[Row]:
    """Rows, in an array of any integer type.

    Examples
    --------
    >>> as_rows(np.array([4, 7], np.uint32)).tolist()
    [4, 7]
    """
    return cast("NDArray[Row]", numbers)


def as_ranks(numbers: NDArray[np.integer[Any]]) -> NDArray[Rank]:
    """Ranks in the order of dates, in an array of any integer type.

    Examples
    --------
    >>> as_ranks(np.array([4, 7], np.uint32)).tolist()
    [4, 7]
    """
    return cast("NDArray[Rank]", numbers)


def as_columns(numbers: NDArray[np.integer[Any]]) -> NDArray[Column]:
    """Columns, in an array of any integer type.

    Examples
    --------
    >>> as_columns(np.array([4, 7], np.uint32)).tolist()
    [4, 7]
    """
    return cast("NDArray[Column]", numbers)


def slot_numbers(slots: NDArray[Slot]) -> list[SlotNumber]:
    """The slots of an array, one by one.

    Examples
    --------
    >>> slot_numbers(as_slots(np.array([4, 7], np.uint32)))
    [4, 7]
    """
    return cast("list[SlotNumber]", slots.tolist())


def row_numbers(rows: NDArray[Row]) -> list[RowNumber]:
    """The rows of an array, one by one.

    Examples
    --------
    >>> row_numbers(as_rows(np.array([4, 7], np.uint32)))
    [4, 7]
    """
    return cast("list[RowNumber]", rows.tolist())


def row_at(rows: NDArray[Row], position: int) -> RowNumber:
    """The row at a position of an array.

    Examples
    --------
    >>> row_at(as_rows(np.array([4, 7], np.uint32)), 1)
    7
    """
    return RowNumber(int(rows[position]))


def column_numbers(columns: NDArray[Column]) -> list[ColumnNumber]:
    """The columns of an array, one by one.

    Examples
    --------
    >>> column_numbers(as_columns(np.array([4, 7], np.uint32)))
    [4, 7]
    """
    return cast("list[ColumnNumber]", columns.tolist())


def packed(values: NDArray[Any], numbers: NDArray[Any] | np.integer[Any]) -> NDArray[np.uint64]:
    """Pairs of values and numbers, each below ``2**32``, as one array of uint64.

    Examples
    --------
    >>> pairs = packed(np.array([5, 2]), np.array([1, 7]))
    >>> values_in(pairs).tolist(), numbers_in(pairs).tolist()
    ([5, 2], [1, 7])
    """
    return values.astype(np.uint64) << WORD | numbers.astype(np.uint64)


def values_in(pairs: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The values of pairs; a view if the array is contiguous.

    Examples
    --------
    >>> values_in(np.array([5 << 32 | 1, 2 << 32 | 7], np.uint64)).tolist()
    [5, 2]
    """
    return _halves(pairs)[..., _HIGH]


def numbers_in(pairs: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The numbers of pairs; a view if the array is contiguous.

    Examples
    --------
    >>> numbers_in(np.array([5 << 32 | 1, 2 << 32 | 7], np.uint64)).tolist()
    [1, 7]
    """
    return _halves(pairs)[..., _LOW]


def _halves(pairs: NDArray[np.uint64]) -> NDArray[np.uint32]:
    if pairs.ndim and pairs.strides[-1] != pairs.itemsize:
        pairs = np.ascontiguousarray(pairs)
    return pairs.view(np.uint32).reshape(*pairs.shape, 2)
