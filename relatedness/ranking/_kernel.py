"""The compiled part of `relatedness.ranking`: plain functions of arrays, compiled by Numba.

How pairs are scored: rows are in date order, and each is compared only with earlier rows, through the part of every
posting list before its own entry. So each pair is scored once, and the score is offered to both lists. The dot products
of one row are accumulated in a dense array, which is then read in blocks of 64 rows. The largest dot product of a block,
times the recency of the block's farthest day, is a lower bound for the score of a row in it; the k-th largest of these
bounds is a floor for the row's list before any row is scored. A block is skipped if its largest dot product times the
recency of its nearest day can reach neither the row's own list nor the weakest list in the block. This filter works in
single precision with a slack above its rounding error; whatever passes is scored in integers.

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


@compiled
def postings(indptr: Array, columns: Array, values: Array, n_columns: int) -> Any:
    """Posting lists: the entries of rows by column, each column's rows ascending; and the position of each entry."""
    ends = np.zeros(n_columns + 1, dtype=np.uint64)
    for column in columns:
        ends[column + ONE] += ONE
    for column in range(n_columns):
        ends[column + 1] += ends[column]
    free = ends[:-1].copy()
    places = np.empty(columns.shape[0], dtype=np.uint32)
    posted_rows = np.empty(columns.shape[0], dtype=np.uint32)
    posted_values = np.empty(columns.shape[0], dtype=values.dtype)
    for row in range(np.uint64(indptr.shape[0] - 1)):
        for entry in range(indptr[row], indptr[row + ONE]):
            place = free[columns[entry]]
            posted_rows[place] = row
            posted_values[place] = values[entry]
            places[entry] = place
            free[columns[entry]] = place + ONE
    return ends, posted_rows, posted_values, places


@compiled
def _score(dot: Any, recency: Any) -> Any:
    return (np.uint64(dot) * np.uint64(recency)) >> SHIFT


@compiled
def _asked(key: Any) -> Any:
    """The lowest score of a better key than `key`; at least 1, because a score of 0 means no relation."""
    return np.float32(max(key >> WORD, ONE))


@compiled
def _insert(keys: Array, row: Any, key: Any) -> None:
    """Insert a key into one list in descending order; the last key drops out."""
    place = np.uint64(keys.shape[1] - 1)
    while place > np.uint64(0) and keys[row, place - ONE] < key:
        keys[row, place] = keys[row, place - ONE]
        place -= ONE
    keys[row, place] = key


@compiled
def _keep_best(keys: Array, count: Any, k: Any) -> Any:
    """Move the k largest of the first `count` keys to the front (quickselect); returns the smallest of those k."""
    first, last, wanted = 0, count - 1, k - 1
    while first < last:
        pivot = keys[(first + last) // 2]
        left, right = first, last
        while left <= right:
            while keys[left] > pivot:
                left += 1
            while keys[right] < pivot:
                right -= 1
            if left <= right:
                keys[left], keys[right] = keys[right], keys[left]
                left += 1
                right -= 1
        if wanted <= right:
            last = right
        elif wanted >= left:
            first = left
        else:
            break
    return keys[wanted]


@compiled
def _sort(keys: Array, count: Any) -> None:
    """Sort the first `count` keys ascending: insertion sort, which compiles in a tenth of the time of NumPy's sort."""
    for number in range(ONE, np.uint64(count)):
        place: Any = number
        key = keys[place]
        while place > np.uint64(0) and keys[place - ONE] > key:
            keys[place] = keys[place - ONE]
            place -= ONE
        keys[place] = key


@compiled
def _raise_threshold(thresholds: Array, lowest: Array, row: Any, key: Any) -> None:
    """Record that a list now needs a better key than `key`. Other threads may see the old, lower threshold: it is safe."""
    old = thresholds[row]
    thresholds[row] = _asked(key)
    block = row // LANES
    if old <= lowest[block]:
        lowest[block] = smallest_of(thresholds, block * LANES)


@compiled
def _offer(keys: Array, locks: Array, thresholds: Array, lowest: Array, row: Any, key: Any) -> None:
    """Insert a key into one list if it is better than the list's last key."""
    last = np.uint64(keys.shape[1] - 1)
    while not try_lock(locks, row):
        pass
    if key > keys[row, last]:
        _insert(keys, row, key)
        _raise_threshold(thresholds, lowest, row, keys[row, last])
    unlock(locks, row)


@compiled
def _offer_all(
    keys: Array, locks: Array, thresholds: Array, lowest: Array, row: Any, found: Array, count: Any
) -> None:
    """Merge keys in ascending order into one list, which keeps its length: the smallest keys drop out."""
    k = keys.shape[1]
    while not try_lock(locks, row):
        pass
    # Count first how many of each survive, then write from the end, so that no second list is needed.
    kept, mine = 0, count
    while kept + (count - mine) < k:
        if mine > 0 and found[mine - 1] > keys[row, np.uint64(kept)]:
            mine -= 1
        else:
            kept += 1
    place = k - 1
    for new in range(mine, count):
        while kept > 0 and keys[row, np.uint64(kept - 1)] < found[new]:
            kept -= 1
            keys[row, np.uint64(place)] = keys[row, np.uint64(kept)]
            place -= 1
        keys[row, np.uint64(place)] = found[new]
        place -= 1
    _raise_threshold(thresholds, lowest, row, keys[row, np.uint64(k - 1)])
    unlock(locks, row)


@compiled
def meet_rows(
    first: Any, last: Any, same: bool,
    indptr: Array, columns: Array, values: Array, days: Array, groups: Array, languages: Array,
    start: Any, keys: Array, locks: Array, thresholds: Array, lowest: Array,
    their_indptr: Array, their_rows: Array, their_values: Array,
    their_days: Array, their_groups: Array, their_languages: Array,
    their_start: Any, their_keys: Array, their_locks: Array, their_thresholds: Array, their_lowest: Array,
    first_days: Array, last_days: Array, before: Array, after: Array, need_before: Array, need_after: Array,
    filtered: bool, places: Array, sums: Array, begins: Array, ends: Array, found: Array,
    tops: Array, block_need: Array, block_need_theirs: Array, block_least: Array, stripes: Array,
) -> None:  # fmt: skip
    """Score the rows `first` to `last` of one segment with the rows of another, and offer each pair to both lists.

    `keys`, `locks`, `thresholds` and `lowest` are the growing lists of these rows; the same names with ``their_`` are
    those of the other segment. Within one segment (`same`) both are the same arrays, and a row is compared with the rows
    before it. All other arrays that are written belong to one thread; ``sums`` must hold zeros.
    """
    k = keys.shape[1]
    room = found.shape[0]
    longest = np.int64(before.shape[0] - 1)
    start, their_start = np.uint64(start), np.uint64(their_start)
    blocks = np.uint64(their_lowest.shape[0])
    unit = np.float32((1 - SLACK) / (1 << int(SHIFT)))
    width = np.uint64(stripes.shape[0])
    seen = np.int64(2**62)
    for row in range(np.uint64(first), np.uint64(last)):
        entries = np.uint64(indptr[row + ONE] - indptr[row])
        # Prefetch all posting lists before summing, so that their memory latencies overlap.
        for entry in range(entries):
            column = columns[indptr[row] + entry]
            begin = their_indptr[column]
            begins[entry] = begin
            prefetch(their_rows, begin)
            prefetch(their_values, begin)
            ends[entry] = places[indptr[row] + entry] if same else their_indptr[column + ONE]
        for entry in range(entries):
            weight = np.uint32(values[indptr[row] + entry])
            for place in range(begins[entry], ends[entry]):
                other = their_rows[place]
                sums[other] = np.int32(sums[other] + np.int32(weight * np.uint32(their_values[place])))

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
        worst = keys[row, np.uint64(k - 1)]
        if not filtered and groups[row] < 0:
            # Take the maximum over stripes of blocks first, so that the k-th best is chosen among few numbers.
            stripes[:] = 0
            for number in range(0, reached, width):
                for stripe in range(min(width, reached - number)):
                    least = tops[number + stripe] * block_least[number + stripe]
                    stripes[stripe] = max(stripes[stripe], least)
            floor_score = np.uint64(_keep_best(stripes, stripes.shape[0], k))
            if floor_score > ONE:
                worst = max(worst, (floor_score << WORD) - ONE)
        floor = _asked(worst + ONE)
        count = 0
        block: Any = reached
        while block > np.uint64(0):
            block -= ONE
            need, need_theirs = floor * block_need[block], block_need_theirs[block]
            if tops[block] < min(need, their_lowest[block] * need_theirs):
                continue
            base = block * LANES
            hits = reaching(sums, their_thresholds, base, need, need_theirs)
            while hits:
                other = base + lowest_bit(hits)
                hits &= hits - ONE
                # Repeated in `offer_rows`: a separate function made both loops slower.
                if groups[row] >= 0 and groups[row] == their_groups[other]:
                    continue
                if (
                    languages[row] >= 0
                    and their_languages[other] >= 0
                    and languages[row] != their_languages[other]
                ):
                    continue
                dot = sums[other]
                apart = np.uint64(min(day - np.int64(their_days[other]), longest))
                score = _score(dot, before[apart])
                key = score << WORD | (their_start + other)
                if score > np.uint64(0) and key > worst:
                    found[count] = key
                    count += 1
                    if count == room:
                        worst = max(worst, _keep_best(found, count, k))
                        floor = _asked(worst)
                        count = k
                if np.float32(dot) >= their_thresholds[other] * need_theirs:
                    score = _score(dot, after[apart])
                    key = score << WORD | my_row
                    if score > np.uint64(0) and key > their_keys[other, np.uint64(k - 1)]:
                        _offer(their_keys, their_locks, their_thresholds, their_lowest, other, key)
        for place in range(np.uint64(0), reached * LANES):
            sums[place] = 0

        if count > k:
            _keep_best(found, count, k)
            count = k
        if count > 0:
            _sort(found, count)
            _offer_all(keys, locks, thresholds, lowest, row, found, count)


@compiled
def merge(first: Array, second: Array, k: int) -> Any:
    """Merge two sets of lists: the k best distinct keys of each row."""
    n = first.shape[0]
    merged = np.zeros((n, k), dtype=np.uint64)
    for row in range(n):
        left, right, place = 0, 0, 0
        while place < k:
            one = first[row, left] if left < first.shape[1] else np.uint64(0)
            two = second[row, right] if right < second.shape[1] else np.uint64(0)
            key = max(one, two)
            if key == np.uint64(0):
                break
            if one == key:
                left += 1
            if two == key:
                right += 1
            if place == 0 or merged[row, place - 1] != key:
                merged[row, place] = key
                place += 1
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
        for place in range(indptr[column], indptr[column + ONE]):
            row = posted_rows[place]
            sums[row] = np.int32(sums[row] + np.int32(weight * np.uint32(posted_values[place])))

    longest = np.int64(before.shape[0] - 1)
    unit = np.float32((1 + SLACK) / (1 << int(SHIFT)))
    highest = np.float32(before[0]) * unit
    keys = np.zeros(k, dtype=np.uint64)
    rows = np.zeros(k, dtype=np.uint32)
    count = 0
    floor = np.float32(1)
    block = np.uint64(sums.shape[0]) // LANES
    while block > np.uint64(0):  # newest rows first: they mostly score highest for a new event
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
            place = min(count, k - 1)
            while place > 0 and keys[place - 1] < key:
                keys[place] = keys[place - 1]
                rows[place] = rows[place - 1]
                place -= 1
            keys[place] = key
            rows[place] = row
            count = min(count + 1, k)
            floor = _asked(keys[k - 1])
    scores = np.empty(count, dtype=np.uint32)
    for place in range(count):
        scores[place] = keys[place] >> WORD
    return rows[:count].copy(), scores


@compiled
def offer_rows(
    first: Any, last: Any,
    indptr: Array, columns: Array, values: Array, days: Array, groups: Array, languages: Array,
    order: Array, weakest: Array, held: Array, asks: Array,
    by_column: Array, posted: Array, posted_values: Array,
    their_days: Array, their_groups: Array, their_languages: Array,
    subjects: Array, places: Array, before: Array, after: Array, sums: Array, floors: Array, keys: Array,
    takers: Array, offered: Array, offered_keys: Array,
) -> Any:  # fmt: skip
    """Score all `subjects` with the rows `first` to `last`: extend the subjects' lists, and record offers to other lists.

    `by_column` and the arrays after it belong to the subjects; `held` marks the rows that exist, `asks` those that take
    offers. Returns the row at which the room for offers ran out (else `last`), and the number of offers written.
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
            for place in range(by_column[column], by_column[column + ONE]):
                other = posted[place]
                sums[other] = np.int32(sums[other] + np.int32(weight * np.uint32(posted_values[place])))
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
                key = score << WORD | np.uint64(places[other])
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
            for place in range(ends[columns[at]], ends[columns[at] + 1]):
                other = holders[place]
                if total[other] == 0:
                    met[n_met] = other
                    n_met += 1
                total[other] += values[at] * weights[place]
        for place in range(n_met):
            other = met[place]
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
