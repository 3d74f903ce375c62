"""The arrays of an index in parts, and the candidates of its events in blocks."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from relatedness.errors import (
    IndexFormatError,
)
from relatedness.storage._file import File
from relatedness.storage._schema import ARRAYS, checksum

if TYPE_CHECKING:  # otherwise imported only where arrays are made, because stored lists are read without it
    import numpy as np
    from numpy.typing import NDArray

    from relatedness.numbering import Slot

_SECONDS = 8  # bytes per element of that array
_PART_BYTES = 1 << 17  # small parts, because extending an array rewrites its last part
_BLOCK_BYTES = 3900  # a block holds the candidates and neighbours that fit into one page of the file
_BLOCKS_AT_ONCE = 32  # blocks of candidates read at a time, few enough to stay in the cache


class Arrays(File):
    """Reads and writes arrays."""

    def candidates(self, slots: NDArray[Slot], width: int) -> NDArray[np.uint64]:
        """The candidates followed by the neighbours of each slot, uint64 of shape (n, width).

        Raises
        ------
        IndexFormatError
            If they are missing, or not what was written.
        """
        import numpy as np

        near, pairs = self.candidates_near(slots, int(slots.max(initial=0)) + 1, width)
        return pairs[np.searchsorted(near, slots)]

    def candidates_near(
        self, slots: NDArray[Slot], n: int, width: int
    ) -> tuple[NDArray[Slot], NDArray[np.uint64]]:
        """The same for some of ``n`` slots, and for the other slots of their blocks.

        Returns
        -------
        slots : ndarray of uint32
            Ascending.
        pairs : ndarray of uint64, shape (len(slots), width)
        """
        import numpy as np

        from relatedness.numbering import as_slots

        size = _block_size(width)
        blocks = sorted({*(slots // size).tolist()})
        found = self._among("SELECT block, pairs, crc FROM candidates WHERE block IN ({})", blocks)
        found.sort()
        pairs = _as_pairs(self._joined(found, blocks, width), width)
        near = np.add.outer(np.array(blocks, np.uint32) * np.uint32(size), np.arange(size, dtype=np.uint32))
        near = near.ravel()
        there = int(np.searchsorted(near, n))  # the last block may be incomplete
        return as_slots(near[:there]), pairs[:there]

    def all_candidates(self, n: int, more: int, width: int) -> NDArray[np.uint64]:
        """The same for all ``n`` slots, followed by ``more`` empty rows.

        Raises
        ------
        IndexFormatError
            If they are missing, or not what was written.
        """
        import numpy as np

        size = _block_size(width)
        blocks = -(-n // size)
        pairs = np.empty((max(blocks * size, n + more), width), np.uint64)
        rows = self._all("SELECT block, pairs, crc FROM candidates ORDER BY block")
        for first in range(0, blocks, _BLOCKS_AT_ONCE):
            wanted = range(first, min(first + _BLOCKS_AT_ONCE, blocks))
            some = _as_pairs(self._joined(list(islice(rows, len(wanted))), wanted, width), width)
            pairs[first * size : first * size + len(some)] = some
        if next(rows, None) is not None:
            raise IndexFormatError(f"{self.path} is damaged: it has candidates of more than {n:,} slots")
        pairs = pairs[: n + more]
        pairs[n:] = 0
        return pairs

    def _joined(self, found: Sequence[tuple[Any, ...]], wanted: Sequence[int], width: int) -> bytes:
        """Concatenate the requested blocks; raise if one is missing, out of order or fails its checksum."""
        blocks, pairs, sums = zip(*found, strict=True) if found else ((), (), ())
        if (
            blocks != tuple(wanted)
            or not all(isinstance(some, bytes) for some in pairs)
            or sums != tuple(map(zlib.crc32, pairs, blocks))
            or {*map(len, pairs)} - {8 * width * _block_size(width)}
        ):
            raise self.damaged("candidates are not what was written")
        return b"".join(pairs)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All arrays by name, read-only, each of the type that `ARRAYS` says; embeddings have a row a slot.

        Raises
        ------
        IndexFormatError
            If one is missing or not what was written, or if they do not agree how long an axis is.
        """
        arrays = {name: self.array(name) for name in ARRAYS}
        axes: dict[str, int] = {}
        for name, (_, axis, _) in ARRAYS.items():
            if axes.setdefault(axis, len(arrays[name])) != len(arrays[name]):
                raise self.damaged("its arrays do not fit together")
        meanings, slots = arrays["meanings"], axes["slot"]
        if slots == 0 or len(meanings) % slots:
            raise self.damaged("its arrays do not fit together")
        return arrays | {"meanings": meanings.reshape(slots, -1)}

    def array(self, name: str) -> NDArray[Any]:
        """The array of `ARRAYS` kept under a name, read-only, one-dimensional.

        Raises
        ------
        IndexFormatError
            If it is missing, of another type, or its checksum does not fit.
        """
        import numpy as np

        pieces = [self._piece(name, *row) for row in self._parts(name)]
        if not pieces:
            raise IndexFormatError(f"{self.path} is damaged: the array {name} is missing")
        array = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
        array.flags.writeable = False
        return array

    def slots(self) -> int:
        """How many slots the file has, found without reading its arrays."""
        (size,) = self._one("SELECT sum(length(data)) FROM arrays WHERE name = 'seconds'")
        if not isinstance(size, int) or size % _SECONDS:
            raise self.damaged("it does not say how many slots it has")
        return size // _SECONDS

    def _parts(self, name: str) -> Iterator[tuple[Any, ...]]:
        return self._all("SELECT part, dtype, crc, data FROM arrays WHERE name = ? ORDER BY part", (name,))

    def _piece(self, name: str, part: Any, kept: Any, crc: Any, data: Any) -> NDArray[Any]:
        import numpy as np

        expected = np.dtype(ARRAYS[name].dtype).newbyteorder("<")
        if (
            kept != expected.str
            or not isinstance(data, bytes)
            or len(data) % expected.itemsize
            or zlib.crc32(data, checksum(name, part)) != crc
        ):
            raise IndexFormatError(f"{self.path} is damaged: the array {name} is not what was written")
        return np.frombuffer(data, dtype=expected)

    def put_candidates(
        self,
        candidates: NDArray[np.uint64],
        neighbours: NDArray[np.uint64],
        slots: NDArray[Slot] | None = None,
    ) -> None:
        """Store the candidates and neighbours of all slots, or replace those of some.

        Parameters
        ----------
        candidates, neighbours : ndarray of uint64, shapes (n_slots, any)
            Of all slots: ``number << 32 | slot``, 0 in unused positions.
        slots : ndarray of integers, optional
            The slots whose candidates or neighbours changed; all by default.
        """
        import numpy as np

        n, width = len(candidates), candidates.shape[1] + neighbours.shape[1]
        size = _block_size(width)
        blocks = np.arange(-(-n // size)) if slots is None else np.unique(slots // size)

        def rows() -> Iterator[tuple[int, bytes, int]]:
            for block in blocks.tolist():
                here = slice(block * size, (block + 1) * size)
                both = np.concatenate([candidates[here], neighbours[here]], axis=1, dtype="<u8")
                pairs = both.tobytes() + bytes(8 * width * (size - len(both)))
                yield block, pairs, zlib.crc32(pairs, block)

        self._many("INSERT OR REPLACE INTO candidates VALUES (?, ?, ?)", rows())

    def put_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Store arrays, replacing older ones; bytes are little-endian on every machine."""
        for name, array in arrays.items():
            self._many("DELETE FROM arrays WHERE name = ?", [(name,)])
            self._add_parts(name, array, 0)

    def extend_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Append to all arrays that grow; only the last part of each is rewritten."""
        import numpy as np

        for name, (_, _, grows) in ARRAYS.items():
            if not grows or not arrays[name].size:
                continue
            last = self._one(
                "SELECT part, dtype, crc, data FROM arrays WHERE name = ? ORDER BY part DESC", (name,)
            )
            before = self._piece(name, *last)
            self._many("DELETE FROM arrays WHERE name = ? AND part = ?", [(name, last[0])])
            self._add_parts(name, np.concatenate([before, arrays[name].ravel()]), last[0])

    def _add_parts(self, name: str, array: NDArray[Any], first: int) -> None:
        import numpy as np

        expected = np.dtype(ARRAYS[name].dtype).newbyteorder("<")
        little = array.ravel().astype(expected, casting="equiv", copy=False)
        data, dtype = little.tobytes(), little.dtype.str
        for part, start in enumerate(range(0, max(len(data), 1), _PART_BYTES), first):
            piece = data[start : start + _PART_BYTES]
            crc = zlib.crc32(piece, checksum(name, part))
            self._many("INSERT INTO arrays VALUES (?, ?, ?, ?, ?)", [(name, part, dtype, crc, piece)])


def _block_size(width: int) -> int:
    """The number of slots in a block of candidates."""
    return max(1, _BLOCK_BYTES // (8 * width))


def _as_pairs(data: bytes | bytearray, width: int) -> NDArray[np.uint64]:
    import numpy as np

    return np.frombuffer(data, "<u8").astype(np.uint64, copy=False).reshape(-1, width)


def taken(arrays: Mapping[str, NDArray[Any]], numbers: NDArray[np.integer]) -> dict[str, NDArray[Any]]:
    """The elements of arrays for some slots; of columns, values and titles, those of the slots' rows."""
    import numpy as np

    found = {}
    for name, array in arrays.items():
        if ARRAYS[name].axis != "value":
            found[name] = array[numbers].ravel()
    if "lengths" in arrays:
        ends = np.cumsum(arrays["lengths"], dtype=np.int64)
        sizes = arrays["lengths"][numbers].astype(np.int64)
        before = np.cumsum(sizes) - sizes
        inside = np.repeat(ends[numbers] - sizes - before, sizes) + np.arange(sizes.sum())
        found |= {name: arrays[name][inside] for name in ("columns", "values", "titles")}
    return found
