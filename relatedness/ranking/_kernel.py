"""The compiled part of `relatedness.ranking`: plain functions of arrays, compiled by Numba.

How pairs are scored: rows are in date order, and each is compared only with earlier rows, through the part of every
posting list before its own entry. So each pair is scored once, and the score is offered to both lists. The dot products
of one row are accumulated in a dense array, which is then read in blocks of 64 rows. The largest dot product of a block,
times the recency of the block's farthest day, is a lower bound for the score of a row in it; the k-th largest of these
bounds is a floor for the row's list before any row is scored. A block is skipped if its largest dot product times the
recency of its nearest day can reach neither the row's own list nor the weakest list in the block. This filter works in
single precision with a slack above its rounding error; pairs that pass are scored in integers.

Indices are unsigned throughout: with signed ones Numba tests each for counting from the end, at 2.7 times the cost.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from relatedness.numbering import WORD
from relatedness.ranking._intrinsics import (
    LANES,
    compiled,
    largest_of,
    lowest_bit,
    prefetch,
    reaching,
    smallest_of,
    try_lock,
    unlock,
)
from relatedness.ranking._rows import ONE, SHIFT, SLACK, Array

ZERO, TWO, THREE, FOUR = np.uint64(0), np.uint64(2), np.uint64(3), np.uint64(4)
ROW = np.uint64(0xFFFFFFFF)  # the half of a key that holds a row
WEIGHT_BITS, WEIGHT = np.uint32(16), np.uint32(0xFFFF)  # of a packed posting: its lower half holds the weight
# How many lists ahead to prefetch, to hide the latency of the memory.
_AHEAD = np.uint64(4)
_HALVINGS = 8  # the precision of the bound: 1/256 of the largest number


@compiled
def postings(indptr: Array, columns: Array, values: Array, n_columns: int) -> Any:
    """Posting lists (the entries of rows by column, each column's rows ascending), and the position of each entry in them."""
    ends = np.zeros(n_columns + 1, dtype=np.uint64)
    for column in columns:
        ends[column + ONE] += ONE
    for column in range(n_columns):
        ends[column + 1] += ends[column]
    free = ends[:-1].copy()
    positions = np.empty(columns.shape[0], dtype=np.uint32)
    posted_rows = np.empty(columns.shape[0], dtype=np.uint32)
    posted_values = np.empty(columns.shape[0], dtype=values.dtype)
    for row in range(np.uint64(indptr.shape[0] - 1)):
        for entry in range(indptr[row], indptr[row + ONE]):
            position = free[columns[entry]]
            posted_rows[position] = row
            posted_values[position] = values[entry]
            positions[entry] = position
            free[columns[entry]] = position + ONE
    return ends, posted_rows, posted_values, positions


@compiled
def _score(dot: Any, recency: Any) -> Any:
    return (np.uint64(dot) * np.uint64(recency)) >> SHIFT


@compiled
def _asked(key: Any) -> Any:
    """The lowest score that a key better than `key` can have; at least 1, because a score of 0 means no relation."""
    return np.float32(max(key >> WORD, ONE))


@compiled
def _insert(keys: Array, row: Any, key: Any) -> None:
    """Insert a key into one list in descending order; the last key drops out."""
    position = np.uint64(keys.shape[1] - 1)
    while position > np.uint64(0) and keys[row, position - ONE] < key:
        keys[row, position] = keys[row, position - ONE]
        position -= ONE
    keys[row, position] = key


@compiled
def _sink(keys: Array, row: Any, position: Any, key: Any) -> None:
    """Put a key into a growing list in place of the one at `position`, and move it down until the heap is restored.

    Growing lists are 4-ary heaps: the first key is the list's exact threshold, and a replacement moves three of 64 keys,
    whereas insertion into a sorted list moves half of them. The smallest child is found without a branch, which would be
    mispredicted.
    """
    k = np.uint64(keys.shape[1])
    child = FOUR * position + ONE
    while child + THREE < k:
        left = child + np.uint64(keys[row, child + ONE] < keys[row, child])
        right = child + TWO + np.uint64(keys[row, child + THREE] < keys[row, child + TWO])
        least = right if keys[row, right] < keys[row, left] else left
        if keys[row, least] >= key:
            keys[row, position] = key
            return
        keys[row, position] = keys[row, least]
        position, child = least, FOUR * least + ONE
    if child < k:
        least = child
        for branch in range(child + ONE, k):
            if keys[row, branch] < keys[row, least]:
                least = branch
        if keys[row, least] < key:
            keys[row, position] = keys[row, least]
            position = least
    keys[row, position] = key


@compiled
def _bound(numbers: Array, wanted: Any) -> Any:
    """A lower bound, close to the optimum, that at least `wanted` of the numbers reach: found by bisection, without sorting."""
    low, high = np.int32(0), np.int32(0)
    for number in numbers:
        high = max(high, number)
    for _ in range(_HALVINGS):
        middle = np.int32(low + (high - low) // np.int32(2))
        reached = np.int32(0)
        for number in numbers:
            reached += np.int32(number >= middle)
        if reached >= np.int32(wanted):
            low = middle
        else:
            high = middle
    return low


@compiled
def _drop_low(keys: Array, count: Any, k: Any) -> Any:
    """Of `count` keys and the list's `k` after them, move those to the front that may be among the k best; return how many."""
    low = high = keys[ZERO]
    for number in range(count):
        low, high = min(low, keys[number]), max(high, keys[number])
    if count < k:
        low = ZERO
    total = count + k
    for _ in range(_HALVINGS):
        middle = low + ((high - low) >> ONE)
        reached = ZERO
        for number in range(total):
            reached += np.uint64(keys[number] >= middle)
        if reached >= k:
            low = middle
        else:
            high = middle
    kept = ZERO
    for number in range(total):
        key = keys[number]
        keys[kept] = key
        kept += np.uint64(key >= low)
    return kept


@compiled
def _raise_threshold(thresholds: Array, lowest: Array, row: Any, key: Any) -> None:
    """Record that a list now needs a better key than `key`. Other threads may still see the lower threshold, which is safe."""
    old = thresholds[row]
    thresholds[row] = _asked(key)
    block = row // LANES
    if old <= lowest[block]:
        lowest[block] = smallest_of(thresholds, block * LANES)


@compiled
def _take_all(
    keys: Array, locks: Array, thresholds: Array, lowest: Array, row: Any, found: Array, count: Any
) -> None:
    """Offer `count` keys to the list of one row; behind them, `found` has room for the list."""
    while not try_lock(locks, row):
        pass
    k = np.uint64(keys.shape[1])
    kept = ZERO
    if count > k // TWO:
        # If there are many, first drop all keys below a bound that k of these and the list's keys reach.
        for position in range(k):
            found[count + position] = keys[row, position]
        count = _drop_low(found, count, k)
        for position in range(k):
            keys[row, position] = found[position]
        parent = (k + TWO) // FOUR
        while parent > ZERO:
            parent -= ONE
            _sink(keys, row, parent, keys[row, parent])
        kept = k
    for number in range(kept, count):
        if found[number] > keys[row, ZERO]:
            _sink(keys, row, ZERO, found[number])
    _raise_threshold(thresholds, lowest, row, keys[row, ZERO])
    unlock(locks, row)


@compiled
def _give_all(
    keys: Array, locks: Array, thresholds: Array, lowest: Array, row: Any, given: Array, count: Any
) -> None:
    """Offer one row to the lists of `count` others; `given` holds a key for each pair, with the other row in it."""
    length = np.uint64(keys.shape[1])
    for number in range(count):
        other = given[number] & ROW
        if number + _AHEAD < count:
            ahead = (given[number + _AHEAD] & ROW) * length
            for position in range(ahead, ahead + length, np.uint64(8)):
                prefetch(keys, position)
        key = given[number] ^ other ^ row
        while not try_lock(locks, other):
            pass
        if key > keys[other, ZERO]:
            _sink(keys, other, ZERO, key)
            _raise_threshold(thresholds, lowest, other, keys[other, ZERO])
        unlock(locks, other)


@compiled
def meet_rows(
    first: Any, last: Any, same: bool,
    indptr: Array, columns: Array, values: Array, days: Array, groups: Array, languages: Array,
    start: Any, keys: Array, locks: Array, thresholds: Array, lowest: Array,
    their_indptr: Array, posted: Array,
    their_days: Array, their_groups: Array, their_languages: Array,
    their_start: Any, their_keys: Array, their_locks: Array, their_thresholds: Array, their_lowest: Array,
    first_days: Array, last_days: Array, before: Array, after: Array, need_before: Array, need_after: Array,
    filtered: bool, positions: Array, sums: Array, begins: Array, ends: Array, weights: Array, met: Array, found: Array, given: Array,
    tops: Array, block_need: Array, block_need_theirs: Array, block_least: Array, chosen: Array, stripes: Array,
) -> None:  # fmt: skip
    """Score the rows `first` to `last` of one segment with the rows of another, and offer each pair to both lists.

    A posting (`posted`) holds a row in its upper 16 bits and a weight in the lower ones. While they grow, the lists are heaps:
    the first key is the least, the others are unordered. `keys`, `locks`, `thresholds` and `lowest` are the growing lists of
    these rows; the same names with ``their_`` are those of the other segment. Within one segment (`same`) both are the same
    arrays, and a row is compared with the rows before it. All other arrays that are written belong to one thread; ``sums`` must
    hold zeros.
    """
    k = keys.shape[1]
    room = np.uint64(met.shape[0]) - LANES
    longest = np.int64(before.shape[0] - 1)
    start, their_start = np.uint64(start), np.uint64(their_start)
    blocks = np.uint64(their_lowest.shape[0])
    unit = np.float32((1 - SLACK) / (2 << int(SHIFT)))  # halved, so that they fit 31 bits
    width = np.uint64(stripes.shape[0])
    seen = np.int64(2**62)
    for row in range(np.uint64(first), np.uint64(last)):
        # Prefetch all posting lists before summing, so that their memory latencies overlap; drop those that are empty.
        used = np.uint64(0)
        for entry in range(indptr[row], indptr[row + ONE]):
            column = columns[entry]
            begin = np.uint64(their_indptr[column])
            end = np.uint64(positions[entry] if same else their_indptr[column + ONE])
            begins[used], ends[used], weights[used] = begin, end, values[entry]
            prefetch(posted, begin)
            if begin < end:
                used += ONE
        for entry in range(used):
            weight = weights[entry]
            for position in range(begins[entry], ends[entry]):
                posting = posted[position]
                other = np.uint64(posting >> WEIGHT_BITS)
                sums[other] = np.int32(sums[other] + np.int32(weight * (posting & WEIGHT)))

        day: Any = np.int64(days[row])
        if day != seen:
            seen = day
            for number in range(blocks):
                # In the block of the row itself, the last day may be later than the row's: clip to 0 days.
                nearest = np.uint64(min(max(day - np.int64(last_days[number]), 0), longest))
                farthest = np.uint64(min(max(day - np.int64(first_days[number]), 0), longest))
                block_need[number] = need_before[nearest]
                block_need_theirs[number] = need_after[nearest]
                block_least[number] = np.float32(before[farthest]) * unit
        reached = (row + LANES - ONE) // LANES if same else blocks
        for number in range(reached):
            tops[number] = np.float32(largest_of(sums, number * LANES))

        my_row = start + row
        worst = keys[row, ZERO]
        if not filtered and groups[row] < 0:
            # Take the maximum over stripes of blocks first, so that the k-th best is chosen among few numbers.
            stripes[:] = 0
            for number in range(0, reached, width):
                for stripe in range(min(width, reached - number)):
                    least = np.int32(tops[number + stripe] * block_least[number + stripe])
                    stripes[stripe] = max(stripes[stripe], least)
            floor_score = np.uint64(2 * np.int64(_bound(stripes, k)))
            if floor_score > ONE:
                worst = max(worst, (floor_score << WORD) - ONE)
        # Choose the blocks without a jump, which would be mispredicted.
        floor = _asked(worst + ONE)
        left = ZERO
        for number in range(reached):
            chosen[left] = number
            need = min(floor * block_need[number], their_lowest[number] * block_need_theirs[number])
            left += np.uint64(tops[number] >= need)
        while left > ZERO:
            # Collect all rows that may qualify before scoring any, so that the loads of their days overlap.
            floor = _asked(worst + ONE)
            n_met = ZERO
            while left > ZERO and n_met <= room:
                left -= ONE
                block = np.uint64(chosen[left])
                need, need_theirs = floor * block_need[block], block_need_theirs[block]
                base = block * LANES
                hits = reaching(sums, their_thresholds, base, need, need_theirs)
                while hits:
                    other = base + lowest_bit(hits)
                    hits &= hits - ONE
                    prefetch(their_days, other)
                    met[n_met] = other
                    n_met += ONE
            n_found = n_given = ZERO
            for number in range(n_met):
                other = met[number]
                # Duplicated in `offer_rows`: sharing it as a function made both loops slower.
                if groups[row] >= 0 and groups[row] == their_groups[other]:
                    continue
                if filtered and (
                    languages[row] >= 0
                    and their_languages[other] >= 0
                    and languages[row] != their_languages[other]
                ):
                    continue
                dot = sums[other]
                apart = np.uint64(min(day - np.int64(their_days[other]), longest))
                score = _score(dot, before[apart])
                key = score << WORD | (their_start + other)
                if score > ZERO and key > worst:
                    found[n_found] = key
                    n_found += ONE
                score = _score(dot, after[apart])
                if score > ZERO and np.float32(score) >= their_thresholds[other]:
                    given[n_given] = score << WORD | other
                    n_given += ONE
            _give_all(their_keys, their_locks, their_thresholds, their_lowest, my_row, given, n_given)
            if n_found > ZERO:
                _take_all(keys, locks, thresholds, lowest, row, found, n_found)
                worst = max(worst, keys[row, ZERO])
        for position in range(ZERO, reached * LANES):
            sums[position] = 0


@compiled
def merge(first: Array, second: Array, k: int) -> Any:
    """Merge two sets of lists: the k best distinct keys of each row."""
    n = first.shape[0]
    merged = np.zeros((n, k), dtype=np.uint64)
    for row in range(n):
        left, right, position = 0, 0, 0
        while position < k:
            one = first[row, left] if left < first.shape[1] else np.uint64(0)
            two = second[row, right] if right < second.shape[1] else np.uint64(0)
            key = max(one, two)
            if key == np.uint64(0):
                break
            if one == key:
                left += 1
            if two == key:
                right += 1
            if position == 0 or merged[row, position - 1] != key:
                merged[row, position] = key
                position += 1
    return merged


@compiled
def query(
    indptr: Array, posted_rows: Array, posted_values: Array, days: Array, order: Array,
    columns: Array, values: Array, day: Any, before: Array, after: Array, k: Any,
    allowed: Array, sums: Array,
) -> Any:  # fmt: skip
    """The rows with the highest score for one vector, best first, and their scores.

    `sums` holds a zero for each row, padded to whole blocks of 64.
    """
    for entry in range(np.uint64(columns.shape[0])):
        column = np.uint64(columns[entry])
        if column + ONE >= np.uint64(indptr.shape[0]):
            continue
        weight = np.uint32(values[entry])
        for position in range(indptr[column], indptr[column + ONE]):
            row = posted_rows[position]
            sums[row] = np.int32(sums[row] + np.int32(weight * np.uint32(posted_values[position])))

    longest = np.int64(before.shape[0] - 1)
    unit = np.float32((1 + SLACK) / (1 << int(SHIFT)))
    highest = np.float32(before[0]) * unit
    keys = np.zeros(k, dtype=np.uint64)
    rows = np.zeros(k, dtype=np.uint32)
    count = 0
    floor = np.float32(1)
    block = np.uint64(sums.shape[0]) // LANES
    while block > np.uint64(0):  # newest rows first: for a new event they usually score highest
        block -= ONE
        base = block * LANES
        largest = np.float32(largest_of(sums, base))
        if largest * highest < floor:
            continue
        nearest = longest
        for row in range(base, min(base + LANES, np.uint64(days.shape[0]))):
            nearest = min(nearest, abs(np.int64(day) - np.int64(days[row])))
        bound = np.float32(max(before[nearest], after[nearest])) * unit
        if largest * bound < floor:
            continue
        for lane in range(64):
            row = base + np.uint64(lane)
            dot = sums[row]
            if np.float32(dot) * bound < floor:
                continue
            if allowed[row] == 0:
                continue
            apart = np.int64(day) - np.int64(days[row])
            table = before if apart >= 0 else after
            score = _score(dot, table[np.uint64(min(abs(apart), longest))])
            key = score << WORD | np.uint64(order[row])
            if score == np.uint64(0) or key <= keys[k - 1]:
                continue
            position = min(count, k - 1)
            while position > 0 and keys[position - 1] < key:
                keys[position] = keys[position - 1]
                rows[position] = rows[position - 1]
                position -= 1
            keys[position] = key
            rows[position] = row
            count = min(count + 1, k)
            floor = _asked(keys[k - 1])
    scores = np.empty(count, dtype=np.uint32)
    for position in range(count):
        scores[position] = keys[position] >> WORD
    return rows[:count].copy(), scores


@compiled
def offer_rows(
    first: Any, last: Any,
    indptr: Array, columns: Array, values: Array, days: Array, groups: Array, languages: Array,
    order: Array, weakest: Array, held: Array, asks: Array,
    by_column: Array, posted: Array, posted_values: Array,
    their_days: Array, their_groups: Array, their_languages: Array,
    subjects: Array, ranks: Array, before: Array, after: Array, sums: Array, floors: Array, keys: Array,
    takers: Array, offered: Array, offered_keys: Array,
) -> Any:  # fmt: skip
    """Score all `subjects` with the rows `first` to `last`: extend the subjects' lists, and record offers to other lists.

    `by_column` and the arrays after it belong to the subjects; `held` marks the rows that exist, `asks` those that take
    offers. Returns the row at which the space for offers ran out (otherwise `last`), and the number of offers written.
    """
    k = keys.shape[1]
    longest = np.int64(before.shape[0] - 1)
    need = np.float32((1 << int(SHIFT)) * (1 - SLACK) / max(before[0], 1))
    count = np.uint64(0)
    for row in range(np.uint64(first), np.uint64(last)):
        if held[row] == 0:
            continue
        if count + np.uint64(subjects.shape[0]) > np.uint64(takers.shape[0]):
            return np.int64(row), np.int64(count)
        for entry in range(indptr[row], indptr[row + ONE]):
            column = columns[entry]
            weight = np.uint32(values[entry])
            for position in range(by_column[column], by_column[column + ONE]):
                other = posted[position]
                sums[other] = np.int32(sums[other] + np.int32(weight * np.uint32(posted_values[position])))
        floor = _asked(weakest[row]) if asks[row] else np.float32(np.inf)
        for block in range(np.uint64(sums.shape[0]) // LANES):
            base = np.uint64(block) * LANES
            hits = np.uint64(0)
            for lane in range(64):
                dot = np.float32(sums[base + np.uint64(lane)])
                hit = dot >= min(floor, floors[base + np.uint64(lane)]) * need
                hits |= np.uint64(hit) << np.uint64(lane)
            while hits:
                other = base + lowest_bit(hits)
                hits &= hits - ONE
                if np.uint64(subjects[other]) == row:
                    continue
                if groups[row] >= 0 and groups[row] == their_groups[other]:
                    continue
                if (
                    languages[row] >= 0
                    and their_languages[other] >= 0
                    and languages[row] != their_languages[other]
                ):
                    continue
                gap = np.int64(their_days[other]) - np.int64(days[row])
                apart = np.uint64(min(abs(gap), longest))
                score = _score(sums[other], before[apart] if gap >= 0 else after[apart])
                key = score << WORD | np.uint64(order[row])
                if score > np.uint64(0) and key > keys[other, np.uint64(k - 1)]:
                    _insert(keys, other, key)
                    floors[other] = _asked(keys[other, np.uint64(k - 1)])
                score = _score(sums[other], before[apart] if gap <= 0 else after[apart])
                key = score << WORD | np.uint64(ranks[other])
                if asks[row] and score > np.uint64(0) and key > weakest[row]:
                    takers[count] = row
                    offered[count] = subjects[other]
                    offered_keys[count] = key
                    count += ONE
            for lane in range(64):
                sums[base + np.uint64(lane)] = 0
    return np.int64(last), np.int64(count)


@compiled
def nearest_rows(  # type: ignore[no-untyped-def]
    indptr, columns, values, ends, holders, weights, rows, groups, languages, k
):  # fmt: skip
    """For some rows, the k others with the largest dot products, best first; of equal ones, the lower row first."""
    n = len(indptr) - 1
    found = np.full((len(rows), k), -1, np.int64)
    cosines = np.zeros((len(rows), k), np.float64)
    total = np.zeros(n, np.float64)
    met = np.empty(n, np.int64)
    for number in range(len(rows)):
        row = rows[number]
        n_met = 0
        for at in range(indptr[row], indptr[row + 1]):
            for position in range(ends[columns[at]], ends[columns[at] + 1]):
                other = holders[position]
                if total[other] == 0:
                    met[n_met] = other
                    n_met += 1
                total[other] += values[at] * weights[position]
        for position in range(n_met):
            other = met[position]
            score = total[other]
            total[other] = 0
            if other == row or score < cosines[number, k - 1]:
                continue
            if groups[other] == groups[row] and groups[row] >= 0:
                continue
            if languages[other] != languages[row] and languages[other] >= 0 and languages[row] >= 0:
                continue
            last = k
            while last > 0 and (
                cosines[number, last - 1] < score
                or (cosines[number, last - 1] == score and found[number, last - 1] > other)
            ):
                last -= 1
            if last == k:
                continue
            for moved in range(k - 1, last, -1):
                cosines[number, moved] = cosines[number, moved - 1]
                found[number, moved] = found[number, moved - 1]
            cosines[number, last] = score
            found[number, last] = other
    return found, cosines
