"""The loops of `relatedness.ranking._kernel` and `._pair_kernel` by NumPy, with exactly the same results.

Sums are of whole numbers below ``2**53``, which float64 holds exactly, so that `numpy.bincount` may add them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from relatedness.numbering import packed, values_in
from relatedness.ranking._counts import CHANNELS, DISTINCTIVE, NAMING, PLACE, TOPICS
from relatedness.ranking._recency import Recency
from relatedness.ranking._rows import NOBODY, SHIFT, Array, Rows

_CELLS = 1 << 22  # cells of a dense table of rows: at most 32 MB


def postings(indptr: Array, columns: Array, values: Array, n_columns: int) -> tuple[Array, Array, Array]:
    """The entries of rows by column, each column's rows ascending."""
    ends = np.zeros(n_columns + 1, np.uint64)
    ends[1:] = np.cumsum(np.bincount(columns, minlength=n_columns))
    order = np.argsort(columns, kind="stable")
    rows = np.repeat(np.arange(len(indptr) - 1, dtype=np.uint32), np.diff(indptr).astype(np.int64))
    return ends, rows[order], values[order]


def all_pairs(
    rows: Rows, recency: Recency, k: int, progress: Callable[[int, int], object] | None
) -> NDArray[np.uint64]:
    """The k best keys of every row; `relatedness.ranking.all_pairs` defines which rows are related."""
    n = len(rows)
    keys = np.zeros((n, k), np.uint64)
    ends, posted_rows, posted_values = postings(rows.indptr, rows.columns, rows.values, rows.n_columns)
    ends, indptr = ends.astype(np.int64), rows.indptr.astype(np.int64)
    order = np.arange(n, dtype=np.uint64)
    for row in range(n):
        entries = slice(indptr[row], indptr[row + 1])
        columns = rows.columns[entries]
        runs = [slice(start, end) for start, end in zip(ends[columns], ends[columns + 1], strict=True)]
        if runs:
            weights = [
                posted_values[run] * weight
                for run, weight in zip(runs, rows.values[entries].astype(np.float64), strict=True)
            ]
            met = np.concatenate([posted_rows[run] for run in runs])
            sums = np.bincount(met, np.concatenate(weights), minlength=n)
            others = np.flatnonzero(sums)
            others = others[related(rows, others, row, rows.groups[row], rows.languages[row])]
            best = best_of(sums[others], others, rows.days, order, int(rows.days[row]), recency, k)[1]
            keys[row, : len(best)] = best
        if progress is not None and row % 256 == 255:
            progress(row + 1, n)
    if progress is not None:
        progress(n, n)
    return keys


def related(rows: Rows, others: Array, row: int, group: int, language: int) -> NDArray[np.bool_]:
    """Which of some rows a row may be related to: not itself, nor one of its group, nor of another language."""
    spoken = rows.languages[others]
    apart = (spoken >= 0) & (spoken != language) & (language >= 0)
    kept: NDArray[np.bool_] = (others != row) & ~apart & ((rows.groups[others] != group) | (group < 0))
    return kept


def products(rows: Rows, columns: Array, values: Array) -> NDArray[np.int64]:
    """The dot product of every row with one vector; columns that no row has contribute nothing."""
    weights = np.zeros(rows.n_columns, np.int64)
    known = columns < rows.n_columns
    weights[columns[known]] = values[known]
    sums = np.zeros(len(rows.columns) + 1, np.int64)
    np.cumsum(weights[rows.columns] * rows.values, out=sums[1:])
    return np.diff(sums[rows.indptr.astype(np.int64)])


def scores(dots: Array, gap: Array, before: Array, after: Array) -> NDArray[np.uint64]:
    """Dot products times recency; `gap` holds the number of days by which the other row is earlier."""
    position = np.minimum(np.abs(gap), len(before) - 1)
    return (dots.astype(np.uint64) * np.where(gap >= 0, before[position], after[position])) >> SHIFT


def best_of(
    dots: Array, others: Array, days: Array, order: Array, day: int, recency: Recency, k: int
) -> tuple[Array, NDArray[np.uint64]]:
    """The rows with the k best keys ``score << 32 | order``, and these, best first; none with a score of 0."""
    gap = day - days[others].astype(np.int64)
    found = scores(dots, gap, recency.before, recency.after)
    others, found = others[found > 0], found[found > 0]
    keys = packed(found, order[others])
    if len(keys) > k:
        best = np.argpartition(keys, len(keys) - k)[-k:]
        others, keys = others[best], keys[best]
    best = np.argsort(keys)[::-1]
    return others[best], keys[best]


def query(
    rows: Rows,
    order: Array,
    columns: Array,
    values: Array,
    day: int,
    recency: Recency,
    k: int,
    allowed: Array,
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The rows with the highest scores for one vector among those allowed, and these, best first."""
    dots = products(rows, columns, values)
    others = np.flatnonzero((dots > 0) & allowed)
    found, keys = best_of(dots[others], others, rows.days, order, day, recency, k)
    return found.astype(np.uint32), values_in(keys)


def offer(
    rows: Rows,
    order: Array,
    subjects: Array,
    weakest: Array,
    recency: Recency,
    k: int,
    held: Array,
    asks: Array,
) -> tuple[NDArray[np.uint64], list[tuple[Array, Array, Array]]]:
    """The subjects' own lists of keys, and all offers: takers, what they are offered, and its keys."""
    keys = np.zeros((len(subjects), k), np.uint64)
    offers = []
    for number, subject in enumerate(subjects.tolist()):
        entries = slice(int(rows.indptr[subject]), int(rows.indptr[subject + 1]))
        dots = products(rows, rows.columns[entries], rows.values[entries])
        others = np.flatnonzero((dots > 0) & (held > 0))
        others = others[related(rows, others, subject, rows.groups[subject], rows.languages[subject])]
        day = int(rows.days[subject])
        best = best_of(dots[others], others, rows.days, order, day, recency, k)[1]
        keys[number, : len(best)] = best
        others = others[asks[others] > 0]
        # From the taker's side, the earlier event is the subject.
        gap = rows.days[others].astype(np.int64) - day
        found = scores(dots[others], gap, recency.before, recency.after)
        mine = packed(found, order[subject])
        better = (found > 0) & (mine > weakest[others])
        takers = others[better].astype(np.uint32)
        offers.append((takers, np.full(len(takers), subject, np.uint32), mine[better]))
    return keys, offers


def nearest_rows(
    indptr: Array, columns: Array, values: Array, ends: Array, holders: Array, weights: Array,
    rows: Array, groups: Array, languages: Array, k: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:  # fmt: skip
    """The k rows with the largest dot products of some rows, best first, of equal ones the lower."""
    n = len(indptr) - 1
    found = np.full((len(rows), k), -1, np.int64)
    cosines = np.zeros((len(rows), k), np.float64)
    starts, sizes = indptr[:-1].astype(np.int64), np.diff(indptr).astype(np.int64)
    first_holders, frequency = ends[:-1].astype(np.int64), np.diff(ends).astype(np.int64)
    step = max(_CELLS // (8 * n), 1)
    for first in range(0, len(rows), step):
        some = rows[first : first + step]
        number, entries = _spread(starts[some], sizes[some])
        column = columns[entries]
        entry, positions = _spread(first_holders[column], frequency[column])
        # Sum in the order of a row's columns, as everywhere, because these are floats.
        sums = np.bincount(
            number[entry] * n + holders[positions],
            values[entries][entry] * weights[positions],
            minlength=len(some) * n,
        ).reshape(len(some), n)
        event = np.arange(len(some))
        sums[event, some] = 0
        if groups.max() >= 0:
            sums[(groups[some][:, None] == groups) & (groups >= 0)] = 0
        if languages.max() > 0:
            spoken = languages[some][:, None]
            sums[(spoken != languages) & (spoken >= 0) & (languages >= 0)] = 0
        # Only the largest is wanted, which needs no sorting.
        best = sums.argmax(axis=1)[:, None] if k == 1 else np.argsort(-sums, axis=1, kind="stable")[:, :k]
        value = sums[event[:, None], best]
        width = value.shape[1]
        cosines[first : first + step, :width] = value
        found[first : first + step, :width] = np.where(value > 0, best, -1)
    return found, cosines


def _spread(starts: Array, sizes: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The members of several index ranges, one after the other: the number of each member's range, and its position."""
    ends = np.cumsum(sizes)
    run = np.repeat(np.arange(len(sizes)), sizes)
    return run, (starts - ends + sizes)[run] + np.arange(len(run))


def _rows_at_once(longest: int, n_columns: int) -> int:
    """How many rows, each of at most ``longest`` entries, are put into one table with a cell for each column they hold."""
    return max(_CELLS // max(n_columns, 1), math.isqrt(_CELLS // max(longest, 1)), 1)


def _positions_in(columns: Array, n_columns: int) -> tuple[NDArray[np.int32], int]:
    """The positions of columns in a table of only these, and its width; other columns share position -1, which stays empty."""
    # `np.unique` is avoided because its first call imports numpy.ma.
    position = np.full(n_columns, -1, np.int32)
    position[columns] = 0
    held = np.flatnonzero(position == 0)
    position[held] = np.arange(len(held), dtype=np.int32)
    return position, len(held) + 1


def merge(first: Array, second: Array, k: int) -> NDArray[np.uint64]:
    """The k best different keys of each row of two."""
    keys = np.concatenate([first, second, np.zeros((len(first), k), np.uint64)], axis=1)
    keys = ~np.sort(~keys, axis=1)
    keys[:, 1:][keys[:, 1:] == keys[:, :-1]] = 0
    return ~np.sort(~keys, axis=1)[:, :k]


def dots(
    indptr: Array, columns: Array, values: Array, candidates: Array,
    indptr2: Array, columns2: Array, values2: Array, channels: Array, traits: Array,
    titles: Array, titles2: Array,
) -> tuple[NDArray[np.uint32], NDArray[np.bool_], NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint16]]:  # fmt: skip
    """The dot products of rows and their candidates by channel, whether both hold a distinctive column, the parts of places and
    of identifiers in the dot products, and title shares.
    """
    n, c = candidates.shape
    named = np.zeros((n, c), np.uint16)
    found = np.zeros((n, c, len(CHANNELS)), np.uint32)
    told = np.zeros((n, c), np.bool_)
    places, naming = np.zeros((n, c), np.uint32), np.zeros((n, c), np.uint32)
    starts, sizes = indptr2[:-1].astype(np.int64), np.diff(indptr2).astype(np.int64)
    step = _rows_at_once(int(np.diff(indptr).max(initial=0)), len(channels))
    for first in range(0, n, step):
        bounds = indptr[first : first + step + 1].astype(np.int64)
        some = len(bounds) - 1
        mine = slice(bounds[0], bounds[-1])
        row = np.repeat(np.arange(some), np.diff(bounds))
        position, width = _positions_in(columns[mine], len(channels))
        table = np.zeros((some, width), np.uint16)
        table[row, position[columns[mine]]] = values[mine]
        in_title = np.zeros(table.shape, np.uint8)
        in_title[row, position[columns[mine]]] = titles[mine]
        others = candidates[first : first + step].ravel()
        pair, positions = _spread(starts[others], sizes[others])
        column = columns2[positions]
        weight = table[pair // c, position[column]]
        hit = np.flatnonzero(weight)
        column, pair = column[hit], pair[hit]
        products = weight[hit].astype(np.float64) * values2[positions[hit]]
        sums = np.bincount(
            pair * len(CHANNELS) + channels[column], products, minlength=len(others) * len(CHANNELS)
        )
        found[first : first + step] = sums.reshape(some, c, len(CHANNELS))
        told[first : first + step].reshape(-1)[pair[traits[column] & DISTINCTIVE > 0]] = True
        for part, trait in ((places, PLACE), (naming, NAMING)):
            of_part = traits[column] & trait > 0
            sums = np.bincount(pair[of_part], products[of_part], minlength=len(others))
            part[first : first + step] = sums.reshape(some, c)
        theirs = np.bincount(pair, titles2[positions[hit]], minlength=len(others))
        mine_told = np.bincount(pair, in_title[pair // c, position[column]], minlength=len(others))
        named[first : first + step] = np.maximum(mine_told, theirs).reshape(some, c)
    return found, told, places, naming, named


def shared_neighbours(
    rows: Array, strengths: Array, candidates: Array, rows2: Array, strengths2: Array
) -> NDArray[np.float64]:
    """The cosine of two lists of neighbours."""
    n, c = candidates.shape
    found = np.zeros((n, c), np.float64)
    step = min(_rows_at_once(rows.shape[1], len(rows2)), max(_CELLS // max(c * rows2.shape[1], 1), 1))
    for first in range(0, n, step):
        mine, held = rows[first : first + step], strengths[first : first + step]
        event = np.arange(len(mine))[:, None]
        used = mine != NOBODY
        position, width = _positions_in(mine[used], len(rows2))
        table = np.zeros((len(mine), width), np.uint32)
        table[np.broadcast_to(event, mine.shape)[used], position[mine[used]]] = held[used]
        others = candidates[first : first + step]
        theirs, weights = rows2[others], strengths2[others].astype(np.int64)
        weights[theirs == NOBODY] = 0
        theirs = np.where(theirs == NOBODY, 0, theirs)
        totals = (table[event[:, :, None], position[theirs]] * weights).sum(axis=2)
        lengths = _lengths(held)[:, None] * _lengths(weights)
        found[first : first + step] = np.divide(totals, lengths, out=np.zeros(totals.shape), where=totals > 0)
    return found


def _lengths(strengths: Array) -> NDArray[np.float64]:
    squares: NDArray[np.float64] = (strengths.astype(np.float64) ** 2).sum(axis=-1)
    return np.sqrt(squares)


def embedding_dots(rows: Array, candidates: Array, others: Array) -> NDArray[np.int64]:
    """The dot product of each row's embedding with those of its candidates."""
    found = np.zeros(candidates.shape, np.int64)
    for row, near in enumerate(candidates):
        found[row] = others[near].astype(np.int32) @ rows[row].astype(np.int32)
    return found


def shared_topics(
    indptr: Array, columns: Array, values: Array, left: Array, indptr2: Array, columns2: Array, values2: Array, right: Array, channels: Array, name_indptr: Array, name_columns: Array, common: Array,
    bounds: Array, shared: Array, given: Array, tied: Array,
) -> None:  # fmt: skip
    """Write the shared topics of each pair ``i`` and their contributions from ``bounds[i]`` on, largest first."""

    def entries(indptr: Array, columns: Array, rows: Array) -> tuple[Array, Array, Array]:
        """The entries by pair and column, ascending: a key for both, the pair, and the position of the entry."""
        starts = indptr.astype(np.int64)
        pair, positions = _spread(starts[rows], (starts[1:] - starts[:-1])[rows])
        return pair * len(channels) + columns[positions], pair, positions

    mine, _, positions = entries(indptr, columns, left)
    theirs, pair, positions2 = entries(indptr2, columns2, right)
    weights, weights2 = values[positions].astype(np.float64), values2[positions2].astype(np.float64)
    column = columns2[positions2]
    topics = np.flatnonzero((channels[column] == TOPICS) & np.isin(theirs, mine, assume_unique=True))
    column, pair = column[topics], pair[topics]
    totals = _values_at(mine, weights, theirs[topics]) * weights2[topics]
    starts = name_indptr.astype(np.int64)
    topic, named = _spread(starts[column], (starts[1:] - starts[:-1])[column])
    words = pair[topic] * len(channels) + name_columns[named]
    both = _values_at(mine, weights, words) * _values_at(theirs, weights2, words)
    totals += np.bincount(topic, both, minlength=len(topics))
    order = np.lexsort((-totals, common[column], pair))
    column, totals, pair = column[order], totals[order], pair[order]
    n = len(order)
    bounds[1:] = np.cumsum(np.bincount(pair, minlength=len(left)))
    shared[:n], given[:n] = column, totals.astype(np.uint64)
    same = (pair[1:] == pair[:-1]) & (common[column[1:]] == common[column[:-1]])
    tied[: max(n - 1, 0)] = same & (totals[1:] == totals[:-1])


def _values_at(keys: Array, values: Array, wanted: Array) -> NDArray[np.float64]:
    """The values of some keys among ascending ones; 0 for a key that is not there."""
    if not len(keys):
        return np.zeros(len(wanted))
    position = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[position] == wanted, values[position], 0.0)
