"""Slots of a partitioned index: one numbering over all partitions, and the codes by which files name them.

An open index numbers the slots of its partitions consecutively: those of the first, then those of the second. Files cannot
store these numbers, which shift when an earlier partition grows. They store codes, ``partition << 22 | slot in the partition``,
which never change, so a refresh need not rewrite a partition because another one grew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from relatedness.errors import InputError
from relatedness.numbering import Slot, SlotNumber, as_slots, numbers_in, packed, values_in
from relatedness.storage._catalogue import MOST_SLOTS

_BITS = MOST_SLOTS.bit_length() - 1
_SLOT = np.uint32(MOST_SLOTS - 1)


def codes_of(part: int, n: int) -> NDArray[np.uint32]:
    """The codes of the first ``n`` slots of a partition.

    Parameters
    ----------
    part : int
        The number of the partition.

    Returns
    -------
    ndarray of uint32, shape (n,)

    Examples
    --------
    >>> codes_of(1, 2).tolist()
    [4194304, 4194305]
    """
    return np.uint32(part << _BITS) + np.arange(n, dtype=np.uint32)


def coded(pairs: NDArray[np.uint64], codes: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Replace the slot in each pair ``number << 32 | slot`` by its code; unused positions stay 0.

    Parameters
    ----------
    pairs : ndarray of uint64
        The number above the slot, in any shape.
    codes : ndarray of uint32, shape (n_slots,)
        The code of each slot, from `codes_of`.

    Returns
    -------
    ndarray of uint64
        In the shape of the pairs.

    Examples
    --------
    >>> coded(np.array([5 << 32 | 1, 0], np.uint64), codes_of(0, 2)).tolist() == [5 << 32 | 1, 0]
    True
    """
    return np.where(pairs > 0, packed(values_in(pairs), codes[numbers_in(pairs)]), np.uint64(0))


class Numbers:
    """The consecutive numbering of the slots of all partitions.

    Parameters
    ----------
    sizes : sequence of int
        How many slots each partition has.

    Examples
    --------
    >>> numbers = Numbers([2, 1])
    >>> numbers.add(0), len(numbers)
    (3, 4)
    >>> [(part, slots.tolist()) for part, slots, _ in numbers.split(np.array([3, 2]))]
    [(0, [2]), (1, [0])]
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self._starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
        # Per partition, the numbers of its slots; numbers of added slots are not consecutive.
        self._of = [
            np.arange(start, end) for start, end in zip(self._starts[:-1], self._starts[1:], strict=True)
        ]
        self._added: list[list[int]] = [[] for _ in sizes]
        self._added_codes: list[int] = []
        self._first_codes = np.concatenate(
            [np.zeros(0, np.uint32), *(codes_of(part, size) for part, size in enumerate(sizes))]
        )

    def __len__(self) -> int:
        return len(self._first_codes) + len(self._added_codes)

    @property
    def codes(self) -> NDArray[np.uint32]:
        """The code of each number."""
        return np.concatenate([self._first_codes, np.array(self._added_codes, np.uint32)])

    def add(self, part: int) -> SlotNumber:
        """Add a slot to a partition; return its number.

        Raises
        ------
        InputError
            If the partition is full.
        """
        slot = len(self._of[part]) + len(self._added[part])
        if slot >= MOST_SLOTS:
            raise InputError(
                f"partition {part} is full: it has had {MOST_SLOTS:,} events; build the index again with more partitions"
            )
        number = SlotNumber(len(self))
        self._added[part].append(number)
        self._added_codes.append(part << _BITS | slot)
        return number

    def of(self, part: int) -> NDArray[Slot]:
        """The numbers of the slots of a partition."""
        return as_slots(np.concatenate([self._of[part], np.array(self._added[part], np.int64)]))

    def position(self, number: SlotNumber) -> tuple[int, SlotNumber]:
        """The partition and the slot in it for a number."""
        first = len(self._first_codes)
        code = int(self._first_codes[number]) if number < first else self._added_codes[number - first]
        part, slot = divmod(code, MOST_SLOTS)
        return part, SlotNumber(slot)

    def split(
        self, numbers: NDArray[np.integer]
    ) -> Iterator[tuple[int, NDArray[np.uint32], NDArray[np.int64]]]:
        """Group numbers by partition: the partition, the slots in it, and their positions in the input."""
        codes = self.codes[np.asarray(numbers, np.int64)]
        parts = codes >> np.uint32(_BITS)
        for part in np.unique(parts).tolist():
            positions = np.flatnonzero(parts == part)
            yield part, codes[positions] & _SLOT, positions

    def decoded(self, pairs: NDArray[np.uint64]) -> NDArray[np.uint64] | None:
        """Replace the code in each pair ``number << 32 | code`` by its number; None if a code has no slot."""
        codes = numbers_in(pairs)
        parts, slots = (codes >> np.uint32(_BITS)).astype(np.int64), (codes & _SLOT).astype(np.int64)
        sizes = np.diff(self._starts)
        known = parts < len(sizes)
        if not np.all((pairs == 0) | (known & (slots < sizes[np.where(known, parts, 0)]))):
            return None
        numbers = self._starts[np.where(known, parts, 0)] + slots
        return np.where(pairs > 0, packed(values_in(pairs), numbers.astype(np.uint32)), np.uint64(0))
