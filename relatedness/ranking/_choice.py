"""The rules that choose a list among its candidates, and that order the topics of a pair, in plain Python.

A few lists are chosen with `choose` as it is; `relatedness.ranking._pair_kernel` compiles these functions for many.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from relatedness.dates import UNDATED
from relatedness.ranking._counts import PHRASES, TOPICS, WORDS

LISTED, NO_SCORE, BELOW_FLOOR, BELOW_CUTOFF, COPY_OF_RESULT, LITTLE_OVERLAP, BEYOND = range(7)
"""The outcome for a candidate; BEYOND means that the list was already full."""
FREE = np.uint32(0xFFFFFFFF)  # marks a free slot: no column and no row has this number


# A row that is compared with many others is put into a small hash table with linear probing: each entry of another row then
# costs one look-up, and the only data-dependent branch is the rare hit. The tables fit into the first-level cache.


def table_bits(longest: Any) -> Any:
    """The base-2 logarithm of a table size at which at most an eighth of the slots is used."""
    bits = 4
    while (1 << bits) < 8 * longest:
        bits += 1
    return bits


def position_of(keys: Any, key: Any) -> Any:
    """The slot of a key in a table: start at its low bits, and probe until the key or a free slot is found."""
    mask = np.uint64(len(keys) - 1)
    at = np.uint64(key) & mask
    while keys[at] != FREE and keys[at] != key:
        at = (at + np.uint64(1)) & mask
    return at


def spread_words(
    keys: Any, weights: Any, columns: Any, values: Any, start: Any, end: Any, channels: Any
) -> Any:
    """Fill a table with a row's words."""
    keys[:] = FREE
    for at in range(start, end):
        if channels[columns[at]] == WORDS:
            position = position_of(keys, columns[at])
            keys[position], weights[position] = columns[at], values[at]


def word_dot(keys: Any, weights: Any, columns: Any, values: Any, start: Any, end: Any) -> Any:
    """The dot product of a table of words with a row."""
    total = np.uint32(0)
    for at in range(start, end):
        position = position_of(keys, columns[at])
        if keys[position] != FREE:
            total += weights[position] * np.uint32(values[at])
    return total


def days_apart(one: Any, other: Any) -> Any:
    """The days between two events; 0 between two undated ones, whose days are only a sort order."""
    return 0 if one < UNDATED and other < UNDATED else abs(one - other)


def choose(
    squares: Any, days: Any, candidates: Any, dots: Any, told: Any, order: Any, listed: Any,
    indptr2: Any, columns2: Any, values2: Any, squares2: Any, days2: Any, channels: Any,
    totals: Any, neighbours: Any, cutoff: Any, minimum: Any, neighbour_weight: Any, neighbour_share: Any, sufficient: Any, near: Any, near_days: Any, beside: Any, stored: Any, k: Any, fates: Any, originals: Any,
) -> Any:  # fmt: skip
    """Walk each list from its best candidate until k are kept; leave out near-duplicates, counted with their original.

    The outcome for each candidate is written into ``fates`` and ``originals``. A list is walked up to three times. The first
    walk keeps all near-duplicates; if more results follow than are stored, a second walk folds them. If no candidate passes the
    minimum overlap (``minimum``), another walk goes without this rule, and the list is marked in the second-to-last returned
    array. The last array holds the score of the best result of each list, which ``cutoff`` is relative to; near-duplicates of
    the event itself do not count as best.
    """
    n, _ = candidates.shape
    chosen = np.zeros((n, k), np.int64)
    copies = np.zeros((n, k), np.int32)
    counts = np.zeros(n, np.int32)
    lenient = np.zeros(n, np.bool_)
    measures = np.full(n, -1, np.int64)
    theirs, their_weights = np.empty(0, np.uint32), np.empty(0, np.uint32)
    one = np.uint64(1)
    for i in range(n):
        position = 0
        folds = False
        best = np.uint64(0)  # the similarity of the first result in words, phrases and topics
        while position < listed[i]:
            at = order[i, position]
            position += 1
            if measures[i] >= 0 and totals[i, at] < cutoff * measures[i]:
                for rest in range(position - 1, listed[i]):
                    fates[i, order[i, rest]] = BELOW_CUTOFF
                break
            j = candidates[i, at]
            topics = dots[i, at, TOPICS]
            shared = np.uint64(dots[i, at, WORDS]) + np.uint64(topics) + np.uint64(dots[i, at, PHRASES])
            if (
                minimum > 0
                and not lenient[i]
                and not (
                    topics > 0
                    and neighbours[i, at] >= neighbour_weight * totals[i, at]
                    and (
                        measures[i] < 0
                        or shared >= minimum * best
                        or neighbours[i, at] >= neighbour_share * totals[i, at]
                    )
                )
                and not told[i, at]
                and shared < sufficient
            ):
                fates[i, at] = LITTLE_OVERLAP
                if position == listed[i] and counts[i] == 0:
                    position, lenient[i], folds = 0, True, False
                    for rest in range(listed[i]):
                        fates[i, order[i, rest]] = BEYOND
                continue
            if counts[i] == stored and not folds:
                # More results than are stored: start again, with near-duplicates counted behind their original.
                position, folds, counts[i], measures[i] = 0, True, 0, -1
                continue
            original = -1
            if counts[i] and folds:
                size = 1 << table_bits(indptr2[j + one] - indptr2[j])
                if size > len(theirs):
                    theirs, their_weights = np.empty(size, np.uint32), np.empty(size, np.uint32)
                spread = False
                alike = 0
                for kept in range(counts[i]):
                    other = candidates[i, chosen[i, kept]]
                    if days_apart(days2[j], days2[other]) > near_days:
                        continue
                    if not spread:
                        spread = True
                        spread_words(
                            theirs, their_weights, columns2, values2, indptr2[j], indptr2[j + one], channels
                        )
                    dot = word_dot(
                        theirs, their_weights, columns2, values2, indptr2[other], indptr2[other + one]
                    )
                    if dot > 0 and dot >= near * np.sqrt(squares2[j] * squares2[other]):
                        original = original if alike else kept
                        alike += 1
                        if alike > beside:
                            break
                if alike <= beside:
                    original = -1
            if original >= 0:
                fates[i, at] = COPY_OF_RESULT
                originals[i, at] = chosen[i, original]
                if counts[i] <= stored:
                    copies[i, original] += 1
            elif counts[i] < k:
                fates[i, at] = LISTED
                words = dots[i, at, WORDS]
                twin = (
                    words > 0
                    and words >= near * np.sqrt(squares[i] * squares2[j])
                    and days_apart(days[i], days2[j]) <= near_days
                )
                if measures[i] < 0 and not twin:
                    best, measures[i] = shared, totals[i, at]
                chosen[i, counts[i]] = at
                counts[i] += 1
            else:
                break
    return chosen, copies, counts, lenient, measures


def entry(columns: Any, values: Any, at: Any, end: Any, column: Any) -> Any:
    """The value of a column in a row, by binary search; 0 if the row does not hold the column."""
    while at < end:
        middle = (at + end) >> np.uint64(1)
        if columns[middle] < column:
            at = middle + np.uint64(1)
        else:
            end = middle
    return np.uint64(values[at]) if at < len(columns) and columns[at] == column else np.uint64(0)


def shared_topics(
    indptr: Any, columns: Any, values: Any, left: Any, indptr2: Any, columns2: Any, values2: Any, right: Any, channels: Any, name_indptr: Any, name_columns: Any, common: Any,
    bounds: Any, shared: Any, given: Any, tied: Any,
) -> Any:  # fmt: skip
    """Write the shared topics of each pair ``i`` and their contributions from ``bounds[i]`` on, largest first."""
    found = 0
    for pair in range(len(left)):
        first, end = indptr[left[pair]], indptr[left[pair] + 1]
        first2, end2 = indptr2[right[pair]], indptr2[right[pair] + 1]
        at, at2 = first, first2
        while at < end and at2 < end2:
            column = columns[at]
            if column < columns2[at2]:
                at += np.uint64(1)
                continue
            if column > columns2[at2]:
                at2 += np.uint64(1)
                continue
            if channels[column] == TOPICS:
                total = np.uint64(values[at]) * np.uint64(values2[at2])
                for position in range(name_indptr[column], name_indptr[column + np.uint32(1)]):
                    word = name_columns[position]
                    total += entry(columns, values, first, end, word) * entry(
                        columns2, values2, first2, end2, word
                    )
                position = found
                while position > bounds[pair] and (
                    common[shared[position - 1]] > common[column]
                    or (common[shared[position - 1]] == common[column] and given[position - 1] < total)
                ):
                    shared[position], given[position] = shared[position - 1], given[position - 1]
                    position -= 1
                shared[position], given[position] = column, total
                found += 1
            at += np.uint64(1)
            at2 += np.uint64(1)
        for position in range(bounds[pair], found - 1):
            same = common[shared[position]] == common[shared[position + 1]]
            tied[position] = same and given[position] == given[position + 1]
        bounds[pair + 1] = found
