"""The terms of a vocabulary too large for Python strings: packed into one array, and looked up by hash."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Self, overload

import numpy as np
from numpy.typing import NDArray

from relatedness.numbering import ColumnNumber, as_columns, column_numbers

_BLOCK = 65_536  # terms unpacked at a time


@dataclass(frozen=True, slots=True)
class PackedTerms(Sequence[str]):
    """Terms one after the other in one array, which may be mapped from a file: about 30 bytes each, where a list and a dict take 200.

    Examples
    --------
    >>> terms = PackedTerms.of(["flood", "dam", "flood"])
    >>> list(terms), terms.find(["dam", "flood", "army"], np.array([True, True, False]))
    (['flood', 'dam', 'flood'], [1, 0, -1])
    """

    texts: NDArray[np.uint8]  # all terms in UTF-8
    ends: NDArray[np.uint64]  # shape (n + 1,): the end of each term in `texts`, after a leading 0
    hashes: NDArray[np.uint64]  # shape (n,): ascending
    # Shape (n,): the position of the term of each hash; of equal hashes, the lowest first.
    order: NDArray[np.uint32]

    @classmethod
    def of(cls, terms: Iterable[str]) -> Self:
        """Pack terms from an iterable."""
        texts, ends, hashes = bytearray(), array("Q", [0]), array("Q")
        for term in terms:
            encoded = _encoded(term)
            texts += encoded
            ends.append(len(texts))
            hashes.append(_hash(encoded))
        hashed = np.frombuffer(hashes, np.uint64)
        order = np.argsort(hashed, kind="stable")
        return cls(
            np.frombuffer(texts, np.uint8),
            np.frombuffer(ends, np.uint64),
            hashed[order],
            order.astype(np.uint32),
        )

    def __len__(self) -> int:
        return len(self.order)

    @overload
    def __getitem__(self, position: int) -> str: ...
    @overload
    def __getitem__(self, position: slice) -> list[str]: ...
    def __getitem__(self, position: int | slice) -> str | list[str]:
        if isinstance(position, slice):
            return [self[each] for each in range(len(self))[position]]
        return self._bytes(range(len(self))[position]).decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), _BLOCK):
            ends = self.ends[start : start + _BLOCK + 1].tolist()
            texts, first = self.texts[ends[0] : ends[-1]].tobytes(), ends[0]
            for begin, end in itertools.pairwise(ends):
                yield texts[begin - first : end - first].decode("utf-8", "surrogatepass")

    def find(self, terms: Sequence[str], among: NDArray[np.bool_]) -> list[ColumnNumber]:
        """The column of each term among the marked ones, the last if there are several; -1 if it is not there."""
        encoded = list(map(_encoded, terms))
        hashes = np.fromiter(map(_hash, encoded), np.uint64, len(encoded))
        found = [ColumnNumber(-1)] * len(encoded)
        at = np.searchsorted(self.hashes, hashes)
        left = np.arange(len(encoded))
        while len(left := left[at[left] < len(self)]):
            left = left[self.hashes[at[left]] == hashes[left]]
            position = self.order[at[left]].astype(np.int64)
            held = among[position]
            for number, one in zip(
                left[held].tolist(), column_numbers(as_columns(position[held])), strict=True
            ):
                if self._bytes(one) == encoded[number]:
                    found[number] = one
            at[left] += 1
        return found

    def _bytes(self, position: int) -> bytes:
        return self.texts[int(self.ends[position]) : int(self.ends[position + 1])].tobytes()


def _encoded(term: str) -> bytes:
    return term.encode("utf-8", "surrogatepass")


def _hash(encoded: bytes) -> int:
    """A hash that is the same in every process, unlike Python's own."""
    return int.from_bytes(blake2b(encoded, digest_size=8).digest(), "little")
