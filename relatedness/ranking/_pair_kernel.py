"""The compiled loops of the second stage, which measures events with each of their candidates."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import register_jitable

from relatedness.ranking import _choice
from relatedness.ranking._choice import FREE, place_of, table_bits
from relatedness.ranking._counts import CHANNELS
from relatedness.ranking._intrinsics import compiled, prefetch
from relatedness.ranking._rows import NOBODY

_AHEAD = 8  # candidates by which memory is prefetched

for helper in (table_bits, place_of, _choice.spread_words, _choice.word_dot, _choice.entry):
    register_jitable(helper)
choose = compiled(_choice.choose)
shared_topics = compiled(_choice.shared_topics)


@compiled
def _longest(indptr):  # type: ignore[no-untyped-def]
    longest = np.uint64(1)
    for row in range(len(indptr) - 1):
        longest = max(longest, indptr[row + 1] - indptr[row])
    return np.int64(longest)


@compiled
def dots(  # type: ignore[no-untyped-def]
    indptr, columns, values, candidates, indptr2, columns2, values2, channels, telling
):  # fmt: skip
    """The dot products of rows and their candidates by channel, and whether they share a distinctive column."""
    n, c = candidates.shape
    found = np.zeros((n, c, len(CHANNELS)), np.uint32)
    told = np.zeros((n, c), np.bool_)
    size = 1 << table_bits(_longest(indptr))
    keys, weights = np.empty(size, np.uint32), np.zeros(size, np.uint32)
    for i in range(n):
        keys[:] = FREE
        for at in range(indptr[i], indptr[i + 1]):
            place = place_of(keys, columns[at])
            keys[place], weights[place] = columns[at], values[at]
        for other in range(c):
            if other + _AHEAD < c:
                begin = indptr2[candidates[i, other + _AHEAD]]
                prefetch(columns2, begin)
                prefetch(columns2, begin + np.uint64(16))
                prefetch(values2, begin)
            j = candidates[i, other]
            for at in range(indptr2[j], indptr2[j + np.uint64(1)]):
                place = place_of(keys, columns2[at])
                if keys[place] != FREE:
                    column = columns2[at]
                    found[i, other, channels[column]] += weights[place] * np.uint32(values2[at])
                    if telling[column]:
                        told[i, other] = True
    return found, told


@compiled
def _length(strengths, row):  # type: ignore[no-untyped-def]
    square = np.float64(0)
    for at in range(strengths.shape[1]):
        square += np.float64(strengths[row, at]) * np.float64(strengths[row, at])
    return np.sqrt(square)


@compiled
def story(rows, strengths, candidates, rows2, strengths2):  # type: ignore[no-untyped-def]
    """The cosine of two lists of neighbours; the sums are over integers and therefore exact."""
    n, c = candidates.shape
    found = np.zeros((n, c), np.float64)
    size = 1 << table_bits(rows.shape[1])
    keys, held = np.empty(size, np.uint32), np.zeros(size, np.int64)
    for i in range(n):
        mine = _length(strengths, i)
        keys[:] = FREE
        for at in range(rows.shape[1]):
            if rows[i, at] == NOBODY:
                break
            place = place_of(keys, rows[i, at])
            keys[place], held[place] = rows[i, at], strengths[i, at]
        for other in range(c):
            if other + _AHEAD < c:
                begin = np.uint64(candidates[i, other + _AHEAD]) * np.uint64(rows2.shape[1])
                prefetch(rows2, begin)
                prefetch(strengths2, begin)
            j = candidates[i, other]
            total: Any = np.int64(0)
            for at in range(rows2.shape[1]):
                if rows2[j, at] == NOBODY:
                    break
                place = place_of(keys, rows2[j, at])
                if keys[place] != FREE:
                    total += held[place] * np.int64(strengths2[j, at])
            if total:
                found[i, other] = total / (mine * _length(strengths2, j))
    return found


@compiled
def embedding_dots(rows, candidates, others):  # type: ignore[no-untyped-def]
    """The dot product of each row's embedding with those of its candidates."""
    n, c = candidates.shape
    found = np.zeros((n, c), np.int64)
    for i in range(n):
        for place in range(c):
            j = candidates[i, place]
            total = np.int32(0)  # below 2**31 for up to 130,000 numbers a row
            for at in range(rows.shape[1]):
                total += np.int32(rows[i, at]) * np.int32(others[j, at])
            found[i, place] = total
    return found
