"""Exact top-k of dot product times recency over an inverted index, in integers, on all cores.

Arrays in, arrays out. All sums are integer sums, so that no result depends on the order of the work or the number of threads,
and a slow implementation of the formulas in plain Python gives the same lists, ties included:

* ``dot(a, b) = sum of a[c] * b[c]`` over the columns that both rows hold, below ``2**31``;
* ``score(a, b) = dot * recency >> 14``, where recency is looked up by whole days between the rows, in the table
  ``before`` if b is the earlier one and in ``after`` if it is the later one;
* the order is total: score down, then the later row first. One 64-bit key, ``score << 32 | row``, holds both.

The loops are the compiled ones of `relatedness.ranking._kernel`, or those of `relatedness.ranking._plain` if the work is small.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import cast

import numpy as np
from numpy.typing import NDArray

from relatedness.caching import cached_property
from relatedness.cores import available_cores
from relatedness.errors import InputError
from relatedness.numbering import WORD, Column, Rank, Row, as_rows
from relatedness.ranking import _plain
from relatedness.ranking._compiling import compiled_pays, read_only
from relatedness.ranking._recency import Recency
from relatedness.ranking._rows import (
    DOT_LIMIT,
    ONE,
    SHIFT,
    SLACK,
    Candidates,
    Postings,
    Rows,
    ascends,
    check_array,
    padded,
)
from relatedness.ranking._threads import share_out

Progress = Callable[[int, int], object]

CHUNK = 256  # rows that a thread takes at a time: few enough for an even load, enough to keep threads off each other's cache lines
_SMALLEST_SEGMENT = 4096
_ROOM = 256  # rows whose scores are scanned together: a few blocks of 64
# Rows are searched in segments whose sums stay in the second-level cache, 256 KB of it, and whose rows fit the 16 bits that
# a packed posting has for them. Each segment looks up all columns again, so smaller segments are no faster.
_LARGEST_SEGMENT = 1 << 16
# The cost of plain Python and NumPy in nanoseconds: of a row and of a product of two entries in a search of all pairs; of an
# entry of the rows; of a key.
_ROW_NS, _PRODUCT_NS, _ENTRY_NS, _KEY_NS = 80_000, 12, 8, 30

# --- the public functions --------------------------------------------------------------------------------------------


def postings(rows: Rows) -> Postings:
    """Turn rows into postings by a counting sort.

    Examples
    --------
    >>> by_column = postings(Rows.of([{0: 5, 1: 6}, {1: 7}], days=[0, 0], n_columns=2))
    >>> by_column.indptr.tolist(), by_column.rows.tolist(), by_column.values.tolist()
    ([0, 1, 3], [0, 0, 1], [5, 6, 7])
    """
    if compiled_pays(_ENTRY_NS * len(rows.columns)):
        return _placed_postings(rows)[0]
    found = _plain.postings(rows.indptr, rows.columns, rows.values, rows.n_columns)
    return Postings(*found, len(rows))


def _placed_postings(rows: Rows) -> tuple[Postings, NDArray[np.uint32]]:
    """The postings, and the position of each entry of the rows in them."""
    if len(rows.columns) >= 2**32:
        raise InputError(f"{len(rows.columns)} entries do not fit one segment: bound the memory")
    from relatedness.ranking import _kernel

    indptr, posted_rows, posted_values, positions = _kernel.postings(
        *read_only(rows.indptr, rows.columns, rows.values), rows.n_columns
    )
    return Postings(indptr, posted_rows, posted_values, len(rows)), positions


def _packed_postings(
    rows: Rows,
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]:
    """The postings of a segment, row and weight in one number: the start of each column, the postings, the position of each entry."""
    from relatedness.ranking._kernel import WEIGHT_BITS

    by_column, positions = _placed_postings(rows)
    return (
        by_column.indptr.astype(np.uint32),
        by_column.rows.astype(np.uint32, copy=False) << WEIGHT_BITS | by_column.values,
        positions,
    )


def search_ns(n: int, frequency: NDArray[np.float64]) -> float:
    """The approximate time of `all_pairs` without compiled loops, in nanoseconds.

    Parameters
    ----------
    n : int
        The number of rows.
    frequency : ndarray of float64, shape (n_columns,)
        How many rows hold each column.
    """
    return _ROW_NS * n + _PRODUCT_NS * float(frequency @ frequency)


def all_pairs(
    rows: Rows,
    recency: Recency,
    k: int,
    *,
    threads: int | None = None,
    memory: int | None = None,
    progress: Progress | None = None,
) -> Candidates:
    """For every row the k others with the highest score, exactly.

    Left out are the row itself, rows of the same group, rows of another language, and pairs that score 0.

    Parameters
    ----------
    rows : Rows
        In date order: `days` never decrease.
    k : int
        At least 1. Rows with fewer related ones have fewer candidates.
    threads : int, optional
        None means one for each core that this process may use. Only the speed depends on it.
    memory : int, optional
        Bytes that the postings and the accumulators may take, beside `rows` and the result (8 bytes times n times
        k): a smaller bound makes more and smaller segments, down to 4,096 rows. None means no bound. Only the
        speed depends on it.
    progress : callable, optional
        Called from time to time in the calling thread as ``progress(rows done, rows to do)``; it counts a row once for each
        segment that it is compared with.

    Raises
    ------
    InputError
        If the rows are not in date order, or `k`, `threads` or `memory` is below 1.

    Examples
    --------
    >>> rows = Rows.of([{0: 32768}, {0: 16384}, {0: 16384, 1: 16384}], days=[0, 0, 9], n_columns=2)
    >>> recency = Recency.of([32768] * 5 + [16384], [32768] * 5 + [16384])
    >>> best = all_pairs(rows, recency, k=2)
    >>> best.rows.tolist()
    [[1, 2], [0, 2], [0, 1]]
    >>> (best.scores / 2**31).tolist()
    [[0.5, 0.25], [0.5, 0.125], [0.25, 0.125]]
    """
    threads = available_cores() if threads is None else threads
    for name, number in (("k", k), ("threads", threads), ("memory", 1 if memory is None else memory)):
        if number < 1:
            raise InputError(f"{number} is below 1", field=name)
    if not ascends(rows.days):
        raise InputError("rows must come in date order", field="days")
    frequency = np.bincount(rows.columns, minlength=1).astype(np.float64)
    if not compiled_pays(search_ns(len(rows), frequency)):
        return Candidates(_plain.all_pairs(rows, recency, k, progress))
    keys = np.zeros((len(rows), k), dtype=np.uint64)
    segments = _segments(rows, 0, keys, threads, memory)
    _meet_all(segments, segments, recency, threads, progress)
    return Candidates(keys)


def cross_pairs(
    later: Rows,
    earlier: Rows,
    recency: Recency,
    *,
    later_floors: NDArray[np.uint64],
    earlier_floors: NDArray[np.uint64],
    later_start: int,
    earlier_start: int,
    k: int,
    threads: int = 1,
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The best pairs between two segments of one archive, for both of them.

    Parameters
    ----------
    later, earlier : Rows
        Each in date order, and no row of `earlier` after a row of `later`. If both are the same segment (the same object, with
        the same start), the pairs within it are searched.
    later_floors, earlier_floors : ndarray of uint64, shape (rows of the segment,)
        For each row a key that results must exceed, because ``k`` better ones are already known; 0 for no bound.
    later_start, earlier_start : int
        The position of the segment's first row in the whole archive; keys hold positions in the whole archive.

    Returns
    -------
    later_keys, earlier_keys : ndarray of uint64, shape (rows of the segment, k)
        Keys in descending order; the floor fills the positions for which no better key was found. Within one segment, both are
        the same array.

    Examples
    --------
    >>> rows = Rows.of([{0: 32768}, {0: 16384}], days=[0, 1], n_columns=1)
    >>> none = np.zeros(1, dtype=np.uint64)
    >>> late, early = cross_pairs(
    ...     rows.part(1, 2), rows.part(0, 1), Recency.of([32768], [32768]),
    ...     later_floors=none, earlier_floors=none, later_start=1, earlier_start=0, k=1)
    >>> Candidates(early).rows.tolist(), Candidates(early).scores.tolist()
    ([[1]], [[1073741824]])
    """
    late_keys = early_keys = np.repeat(later_floors[:, None], k, axis=1)
    late = early = _segments(later, later_start, late_keys, threads)
    if later is not earlier:
        early_keys = np.repeat(earlier_floors[:, None], k, axis=1)
        early = _segments(earlier, earlier_start, early_keys, threads)
    _meet_all(late, early, recency, threads)
    return late_keys, early_keys


def merge(first: NDArray[np.uint64], second: NDArray[np.uint64], k: int) -> NDArray[np.uint64]:
    """Merge lists of keys: the k best different keys of each row.

    Parameters
    ----------
    first, second : ndarray of uint64, shape (n, any)
        Keys in descending order within each row; 0 for none. A key may stand in both, or several times.

    Returns
    -------
    ndarray of uint64, shape (n, k)

    Examples
    --------
    >>> merge(np.array([[9, 5, 5]], dtype=np.uint64), np.array([[7, 5, 1]], dtype=np.uint64), k=4)
    array([[9, 7, 5, 1]], dtype=uint64)
    """
    if not compiled_pays(_KEY_NS * (first.size + second.size)):
        return _plain.merge(first, second, k)
    from relatedness.ranking import _kernel

    return cast("NDArray[np.uint64]", _kernel.merge(*read_only(first, second), k))


class Searchable:
    """Rows in any order, to be searched by `query`.

    Parameters
    ----------
    rows : Rows

    Examples
    --------
    >>> searchable = Searchable(Rows.of([{0: 32768}, {0: 16384}], days=[0, 2], n_columns=1))
    >>> len(searchable.rows)
    2
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    @cached_property
    def postings(self) -> Postings:
        """The rows by column, made when the compiled loops first need them, because a single query is faster without."""
        return postings(self.rows)


def query(
    searchable: Searchable,
    order: NDArray[Rank],
    columns: NDArray[Column],
    values: NDArray[np.uint16],
    day: int,
    recency: Recency,
    *,
    k: int,
    allowed: NDArray[np.uint8] | NDArray[np.bool_] | None = None,
    exclude: int | None = None,
) -> tuple[NDArray[Row], NDArray[np.uint32]]:
    """The k rows with the highest score for one new vector, exactly.

    Parameters
    ----------
    order : ndarray of uint32, shape (n,)
        The rank of each row in the total order (seconds ascending, id descending): of equal scores the higher
        rank wins.
    columns : ndarray of uint32, shape (entries,)
        The columns of the new vector, each once. Columns that no row has contribute nothing.
    values : ndarray of uint16, shape (entries,)
        Its weights times ``2**15``.
    day : int
        Its day, counted as those of the rows are.
    k : int
        At least 1.
    allowed : ndarray of uint8 or bool, shape (n,), optional
        0 for each row that must not be found. None allows all.
    exclude : int, optional
        One row that must not be found, such as the event itself.

    Returns
    -------
    rows, scores : ndarray of uint32, shape (found,)
        Best first; scores times ``2**31``; at most k, fewer if fewer rows score above 0.

    Raises
    ------
    InputError
        If an array has the wrong type or length, or the squared weights sum to ``2**31`` or more.

    Examples
    --------
    >>> rows = Rows.of([{0: 32768}, {0: 16384, 1: 20000}], days=[0, 2], n_columns=2)
    >>> found, scores = query(
    ...     Searchable(rows), np.arange(2, dtype=np.uint32),
    ...     np.array([0], dtype=np.uint32), np.array([32768], dtype=np.uint16), 2,
    ...     Recency.of([32768, 32768, 8192], [32768, 32768, 8192]), k=5)
    >>> found.tolist(), (scores / 2**31).tolist()
    ([1, 0], [0.5, 0.25])
    """
    rows = searchable.rows
    n = len(rows)
    check_array("order", order, np.uint32, n)
    check_array("columns", columns, np.uint32, len(values))
    check_array("values", values, np.uint16, len(values))
    if k < 1:
        raise InputError(f"{k} is below 1", field="k")
    square = int(np.square(values, dtype=np.uint64).sum())
    if square >= DOT_LIMIT:
        raise InputError(
            f"the squared weights sum to {square}, but must stay below 2**31 = {DOT_LIMIT}", field="values"
        )
    mask = np.ones(n, dtype=np.uint8) if allowed is None else allowed.view(np.uint8)
    check_array("allowed", mask, np.uint8, n)
    if exclude is not None:
        mask = mask.copy()
        mask[exclude] = 0
    if not compiled_pays(_ENTRY_NS * len(rows.columns)):
        rows_found, scores = _plain.query(rows, order, columns, values, day, recency, k, mask)
        return as_rows(rows_found), scores
    from relatedness.ranking import _kernel

    posted = searchable.postings
    found = _kernel.query(
        *read_only(posted.indptr, posted.rows, posted.values, rows.days, order, columns, values),
        day,
        *read_only(recency.before, recency.after),
        min(k, max(n, 1)),
        *read_only(mask),
        np.zeros(padded(n), dtype=np.int32),
    )
    return cast("tuple[NDArray[Row], NDArray[np.uint32]]", found)


# --- sharing the work --------------------------------------------------------------------------------------------


class _Segment:
    """Some rows, the position of the first in the archive, and their growing lists.

    The keys of a list are a heap, the least first, until `sort`. Besides its keys, each row has a lock and the score that a
    new key has to reach (`thresholds`); `lowest` holds the minimum of these in each block of 64 rows.
    """

    def __init__(self, rows: Rows, start: int, keys: NDArray[np.uint64]) -> None:
        n = len(rows)
        self.rows = rows
        self.start = start
        self.keys = keys
        self.locks = np.zeros(n, dtype=np.uint8)
        self.thresholds = np.full(padded(n), np.inf, dtype=np.float32)  # padding rows never get a pair
        self.thresholds[:n] = np.maximum(keys[:, 0] >> WORD, ONE)
        self.lowest = self.thresholds.reshape(-1, 64).min(axis=1)

    def sort(self) -> None:
        """Sort each list in descending order in place."""
        np.invert(self.keys, out=self.keys)
        self.keys.sort(axis=1)
        np.invert(self.keys, out=self.keys)


def _segments(
    rows: Rows, start: int, keys: NDArray[np.uint64], threads: int, memory: int | None = None
) -> list[_Segment]:
    """The rows in segments that fit the cache and `memory` bytes; `start` is the position of the first."""
    return [
        _Segment(rows.part(first, last), start + first, keys[first:last])
        for first, last in itertools.pairwise(_bounds(rows, threads, memory))
    ]


def _meet_all(
    late: list[_Segment],
    early: list[_Segment],
    recency: Recency,
    threads: int,
    progress: Progress | None = None,
) -> None:
    """Compare all segments of two archives, or each of one archive with itself and those before it; then sort the lists."""
    same = late is early
    # Nearest segments first, for both sides, so that thresholds are already high when distant segments are searched.
    meetings = [
        (earlier, late[number:] if same else late) for number, earlier in reversed(list(enumerate(early)))
    ]
    total = sum(len(later.rows) for _, several in meetings for later in several)
    done = 0
    for earlier, several in meetings:
        posted = _packed_postings(earlier.rows)
        for later in several:
            _meet(later, earlier, *posted, recency, threads=threads, report=_shifted(progress, done, total))
            done += len(later.rows)
    for segment in late if same else late + early:
        segment.sort()


def _meet(
    late: _Segment,
    early: _Segment,
    ends: NDArray[np.uint32],
    posted: NDArray[np.uint32],
    positions: NDArray[np.uint32],
    recency: Recency,
    *,
    threads: int,
    report: Callable[[int], object] | None,
) -> None:
    """Offer every pair of rows of two segments, or within one, to the lists of both rows.

    `ends`, `posted` and `positions` are those of the earlier segment, see `_packed_postings`.
    """
    from relatedness.ranking._kernel import meet_rows

    later, earlier = late.rows, early.rows
    if not (len(later) and len(earlier)):
        return
    k = late.keys.shape[1]
    blocks = len(early.lowest)
    first_days = earlier.days[::64].copy()
    last_days = earlier.days[np.minimum(np.arange(blocks) * 64 + 63, len(earlier) - 1)]
    spoken = np.concatenate([later.languages, earlier.languages])
    spoken = spoken[spoken >= 0]
    filtered = bool(len(spoken)) and int(spoken.min()) != int(spoken.max())
    need_before, need_after = (
        ((1 << int(SHIFT)) * (1 - SLACK) / np.maximum(table, 1e-30)).astype(np.float32)
        for table in (recency.before, recency.after)
    )
    widest = int(np.diff(later.indptr).max())
    texts, dated = (later.indptr, later.columns, later.values), (later.days, later.groups, later.languages)
    asking = tuple(read_only(*texts, *dated))
    asked = tuple(read_only(ends, posted, earlier.days, earlier.groups, earlier.languages))
    factors = tuple(read_only(first_days, last_days, recency.before, recency.after, need_before, need_after))

    def start() -> Callable[[int, int], None]:
        sums = np.zeros(padded(len(earlier)), dtype=np.int32)
        begins = np.empty(widest + 1, dtype=np.uint64)
        ends = np.empty(widest + 1, dtype=np.uint64)
        weights = np.empty(widest + 1, dtype=np.uint32)
        met, found, given = (np.empty(room, dtype=np.uint64) for room in (_ROOM, _ROOM + k, _ROOM))
        tops, need_mine, need_theirs, least = np.empty((4, blocks), dtype=np.float32)
        chosen = np.empty(blocks + 1, dtype=np.uint32)
        stripes = np.empty(max(64, 4 * k), dtype=np.int32)

        def work(first: int, last: int) -> None:
            meet_rows(
                first, last, late is early,
                *asking, late.start, late.keys, late.locks, late.thresholds, late.lowest,
                *asked, early.start, early.keys, early.locks, early.thresholds, early.lowest,
                *factors, filtered, positions, sums, begins, ends, weights, met, found, given, tops, need_mine, need_theirs, least, chosen, stripes,
            )  # fmt: skip

        return work

    share_out(start, len(later), CHUNK, threads, report)


def _shifted(progress: Progress | None, done: int, total: int) -> Callable[[int], object] | None:
    """The progress within one step of a job, reported as progress of the whole."""
    return None if progress is None else lambda now: progress(done + now, total)


def _bounds(rows: Rows, threads: int, memory: int | None) -> list[int]:
    """Where to cut the rows into segments: so that the sums stay in the cache, and a segment fits into `memory` bytes."""
    n = len(rows)
    parts = max(1, -(-n // _LARGEST_SEGMENT))
    if memory is not None and n > 0:
        fixed = 8 * rows.n_columns * (1 + threads)
        needed = 14 * len(rows.columns) + 4 * threads * n
        parts = max(parts, min(-(-needed // max(1, memory - fixed)), -(-n // _SMALLEST_SEGMENT)))
    return [n * part // parts for part in range(parts + 1)]
