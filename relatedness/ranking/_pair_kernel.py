"""The compiled loops of the second stage, which measures events with each of their candidates."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import register_jitable

from relatedness.ranking import _choice
from relatedness.ranking._choice import FREE, position_of, table_bits
from relatedness.ranking._counts import CHANNELS, DISTINCTIVE, NAMING, PLACE
from relatedness.ranking._intrinsics import compiled, prefetch
from relatedness.ranking._reason_words import ALONE, BEGINS, CAPITAL, ENDS, INSIDE, LAST, NAMED, SMALL
from relatedness.ranking._rows import NOBODY

_AHEAD = 8  # how many candidates ahead to prefetch
_LOOKS = 32  # occurrences in the left text visited per word of a pair; texts that repeat a word very often need more

for helper in (
    table_bits,
    position_of,
    _choice.days_apart,
    _choice.spread_words,
    _choice.word_dot,
    _choice.entry,
):
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
    indptr, columns, values, candidates, indptr2, columns2, values2, channels, traits, titles, titles2
):  # fmt: skip
    """The dot products of rows and their candidates by channel, whether they share a distinctive column, the parts of places and
    of identifiers in the dot products, and title shares.

    The title share is the larger of two sums: the part of the row's title that the candidate holds, and the reverse.
    """
    n, c = candidates.shape
    named = np.zeros((n, c), np.uint16)
    found = np.zeros((n, c, len(CHANNELS)), np.uint32)
    told = np.zeros((n, c), np.bool_)
    places, naming = np.zeros((n, c), np.uint32), np.zeros((n, c), np.uint32)
    size = 1 << table_bits(_longest(indptr))
    keys, weights = np.empty(size, np.uint32), np.zeros(size, np.uint32)
    in_title = np.zeros(size, np.uint16)
    for i in range(n):
        keys[:] = FREE
        for at in range(indptr[i], indptr[i + 1]):
            position = position_of(keys, columns[at])
            keys[position], weights[position], in_title[position] = columns[at], values[at], titles[at]
        for other in range(c):
            if other + _AHEAD < c:
                begin = indptr2[candidates[i, other + _AHEAD]]
                prefetch(columns2, begin)
                prefetch(columns2, begin + np.uint64(16))
                prefetch(values2, begin)
            j = candidates[i, other]
            mine, theirs = np.uint32(0), np.uint32(0)
            for at in range(indptr2[j], indptr2[j + np.uint64(1)]):
                position = position_of(keys, columns2[at])
                if keys[position] != FREE:
                    column = columns2[at]
                    mine += np.uint32(in_title[position])
                    theirs += np.uint32(titles2[at])
                    product = weights[position] * np.uint32(values2[at])
                    found[i, other, channels[column]] += product
                    if traits[column] & DISTINCTIVE:
                        told[i, other] = True
                    elif traits[column] & PLACE:
                        places[i, other] += product
                    if traits[column] & NAMING:
                        naming[i, other] += product
            named[i, other] = max(mine, theirs)
    return found, told, places, naming, named


@compiled
def _length(strengths, row):  # type: ignore[no-untyped-def]
    square = np.float64(0)
    for at in range(strengths.shape[1]):
        square += np.float64(strengths[row, at]) * np.float64(strengths[row, at])
    return np.sqrt(square)


@compiled
def shared_neighbours(rows, strengths, candidates, rows2, strengths2):  # type: ignore[no-untyped-def]
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
            position = position_of(keys, rows[i, at])
            keys[position], held[position] = rows[i, at], strengths[i, at]
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
                position = position_of(keys, rows2[j, at])
                if keys[position] != FREE:
                    total += held[position] * np.int64(strengths2[j, at])
            if total:
                found[i, other] = total / (mine * _length(strengths2, j))
    return found


@compiled
def embedding_dots(rows, candidates, others):  # type: ignore[no-untyped-def]
    """The dot product of each row's embedding with those of its candidates."""
    n, c = candidates.shape
    found = np.zeros((n, c), np.int64)
    for i in range(n):
        for position in range(c):
            j = candidates[i, position]
            total = np.int32(0)  # below 2**31 for up to 130,000 numbers a row
            for at in range(rows.shape[1]):
                total += np.int32(rows[i, at]) * np.int32(others[j, at])
            found[i, position] = total
    return found


@compiled
def _is_among(values, sought):  # type: ignore[no-untyped-def]
    """Whether a number is among ascending ones."""
    position = np.searchsorted(values, sought)
    return position < len(values) and values[position] == sought


@compiled
def _shown(t, my_token, their_token, small, roles):  # type: ignore[no-untyped-def]
    """The spelling to show for a term that two texts share: the left one if it is in lower case, or if only it is a noun."""
    mine, theirs = my_token[t], their_token[t]
    if small[mine]:
        return mine if roles[mine] & NAMED or not roles[theirs] & NAMED else theirs
    return theirs if roles[theirs] & NAMED or not roles[mine] & NAMED else mine


@compiled
def _comes_first(  # type: ignore[no-untyped-def]
    at, size, other, other_size, token, term, my_token, their_token, small, roles, word_order, term_order
):  # fmt: skip
    """Whether a run comes before another that weighs as much: if it is longer, else in the alphabet, by spelling or terms."""
    if size != other_size:
        return size > other_size
    for by_term in range(2):
        for step in range(size):
            one, two = term[token[at + step]], term[token[other + step]]
            if by_term:
                difference = np.int64(term_order[one]) - np.int64(term_order[two])
            else:
                shown = _shown(one, my_token, their_token, small, roles)
                other_shown = _shown(two, my_token, their_token, small, roles)
                difference = np.int64(word_order[shown]) - np.int64(word_order[other_shown])
            if difference:
                return difference < 0
    return False


@compiled
def shared_runs(  # type: ignore[no-untyped-def]
    left, right, begins, title_ends, token, term, small, code_begins, code, by_hand, english,
    squares, lone, roles, phrases, word_order, term_order, hushed_begins, hushed, alone, bare, subjects,
    plain_share, title_factor, least_share, subject_share, most, room
):  # fmt: skip
    """The most informative words and phrases that pairs of texts share, best first; see `relatedness.ranking.shared_phrases`.

    Parameters
    ----------
    left, right : ndarray of int64, shape (n,)
        The texts of each pair; fastest if sorted by the left text, which is then read once.
    begins, title_ends, token, term, code_begins, code
        See `relatedness.ranking._written.WrittenTexts`.
    small : ndarray of bool, shape (n_written,)
        Which written tokens are in lower case.
    by_hand, english : ndarray of bool, shape (n_texts,)
        Texts left to the plain version, and texts in English.
    squares : ndarray of float64, shape (n_terms,)
        The square of each term's weight.
    lone : ndarray of float64, shape (2, n_terms)
        The weight of each term shown alone, in other texts and in English ones; 0 if it weighs too little.
    roles : ndarray of uint8, shape (2, n_written)
        The role of each written token in other texts and in English ones, see `relatedness.ranking._reason_words`.
    phrases : ndarray of int64
        The pairs of terms that make a phrase, as ``first * n_terms + second``, ascending.
    word_order : ndarray of int32, shape (n_written,)
        The place of each written token in alphabetical order, which decides between runs of equal weight.
    term_order : ndarray of int32, shape (n_terms,)
        The same for terms.
    hushed_begins, hushed : ndarray of int64
        The terms to ignore in pair ``p`` are ``hushed[hushed_begins[p]:hushed_begins[p + 1]]``.
    alone : ndarray of bool, shape (n,)
        Whether words that are too general may be shown for a pair that shares nothing else.
    bare : ndarray of bool, shape (n,)
        Whether words may be shown for a pair, or only phrases and subjects.
    subjects : ndarray of float64, shape (n,)
        The largest weight of a subject that both texts name in different words; 0 if there is none. Of pairs with a subject
        all informative runs are returned, in no order: the caller chooses among runs and subjects.
    plain_share : float
        The weight of a word alone if it is too general or weighs too little, as a share of its weight in a phrase.
    title_factor : float
        The factor by which a word gains weight for each of the two titles that hold it.
    least_share : float
        The minimum weight of a run, as a share of the pair's best.
    subject_share : float
        The same for pairs with a subject, before phrases that hold a subject gain weight.
    most : int
        The most runs of a pair without a subject, which have no term in common.
    room : int
        The most runs to return for all pairs together.

    Returns
    -------
    counts : ndarray of int32, shape (n,)
        How many runs each pair has; -1 for a pair left to the plain version: a text not read here, a shared identifier, words
        repeated so often that the search would take quadratic time, or no more space.
    told : ndarray of float64, shape (n_runs,)
    sizes : ndarray of int8, shape (n_runs,)
    terms, spellings : ndarray of int32, shape (n_runs, 4)
        The terms of each run, and the token that spells each.
    """
    n, n_terms = len(left), len(squares)
    counts = np.zeros(n, np.int32)
    told = np.empty(room, np.float64)
    sizes = np.zeros(room, np.int8)
    terms = np.zeros((room, 4), np.int32)
    spellings = np.zeros((room, 4), np.int32)
    longest = 1
    for at in range(len(begins) - 1):
        longest = max(longest, begins[at + 1] - begins[at])
    # Per term: the last left and right text that held it, the token that spells it there, and its first position.
    mine, theirs = np.zeros(n_terms, np.int64), np.zeros(n_terms, np.int64)
    my_token, their_token = np.zeros(n_terms, np.int32), np.zeros(n_terms, np.int32)
    first = np.zeros(n_terms, np.int64)
    # The last left text whose title held it, and its factor by both titles.
    my_title = np.zeros(n_terms, np.int64)
    factor = np.ones(n_terms, np.float64)
    coded = np.zeros(n_terms, np.int64)
    silent = np.zeros(n_terms, np.int64)
    taken = np.zeros(n_terms, np.int64)  # the last pair in which a chosen run held the term
    following = np.zeros(longest, np.int64)  # the next position of the same term in the left text
    stands = np.zeros(longest, np.int64)  # the first position in the right text of each term that both hold
    run_told = np.zeros(4 * longest, np.float64)
    run_size = np.zeros(4 * longest, np.int8)
    run_level = np.zeros(4 * longest, np.int8)
    run_at = np.zeros(4 * longest, np.int64)
    filled, generation, reading = 0, 0, -1
    for pair in range(n):
        a, b = left[pair], right[pair]
        if by_hand[a] or by_hand[b]:
            counts[pair] = -1
            continue
        begin_a, end_a, begin_b, end_b = begins[a], begins[a + 1], begins[b], begins[b + 1]
        if a != reading:
            reading = a
            generation += 1
            for at in range(end_a - 1, begin_a - 1, -1):
                word = token[at]
                t = term[word] if word >= 0 else -1
                if t < 0:
                    continue
                if mine[t] != generation:
                    mine[t] = generation
                    my_token[t] = word
                    following[at - begin_a] = -1
                else:
                    following[at - begin_a] = first[t]
                    # Going backwards keeps the first spelling in lower case, or else the first spelling.
                    if small[word] or not small[my_token[t]]:
                        my_token[t] = word
                first[t] = at
                if at < title_ends[a]:
                    my_title[t] = generation
            for at in range(code_begins[a], code_begins[a + 1]):
                coded[code[at]] = generation
        shared_code = False
        for at in range(code_begins[b], code_begins[b + 1]):
            shared_code = shared_code or coded[code[at]] == generation
        if shared_code:
            counts[pair] = -1
            continue
        n_both, n_runs, level = 0, 0, 0 if subjects[pair] > 0 else 3
        looks_left = _LOOKS * (end_a - begin_a + end_b - begin_b)
        for at in range(begin_b, end_b):
            word = token[at]
            t = term[word] if word >= 0 else -1
            if t < 0 or mine[t] != generation:
                continue
            if theirs[t] != pair + 1:
                theirs[t] = pair + 1
                their_token[t] = word
                stands[n_both] = at
                n_both += 1
                factor[t] = title_factor if my_title[t] == generation else 1.0
                if at < title_ends[b]:  # its first place in the right text
                    factor[t] *= title_factor
            elif small[word] and not small[their_token[t]]:
                their_token[t] = word
        for at in range(hushed_begins[pair], hushed_begins[pair + 1]):
            silent[hushed[at]] = pair + 1
        role_of = roles[np.int64(english[b])]
        alone_told = lone[np.int64(english[b])]
        for here in range(n_both):
            at = stands[here]
            t = term[token[at]]
            role = role_of[_shown(t, my_token, their_token, small, role_of)]
            if not bare[pair] and not (role & ALONE and alone_told[t] > plain_share * squares[t]):
                continue
            last_resort = role & (NAMED | LAST) if alone[pair] else role & LAST and role & BEGINS
            if silent[t] != pair + 1 and (role & ALONE or last_resort):
                own = (0 if alone_told[t] > 0 else 1) if role & ALONE else 2
                run_told[n_runs] = (alone_told[t] if own == 0 else plain_share * squares[t]) * factor[t]
                run_size[n_runs], run_at[n_runs], run_level[n_runs] = 1, at, own
                level = min(level, own)
                n_runs += 1
        if n_both:
            for at in range(begin_b, end_b - 1):
                if looks_left < 0:
                    break
                word = token[at]
                before = term[word] if word >= 0 else -1
                if before < 0 or theirs[before] != pair + 1:
                    continue
                role = role_of[_shown(before, my_token, their_token, small, role_of)]
                if not role & BEGINS:
                    continue
                heard = silent[before] != pair + 1
                start, total, tells, certain = before, 0.0, 0, True
                if heard:
                    total, tells = max(squares[before], alone_told[before]) * factor[before], role
                for size in range(2, 5):
                    if at + size > end_b:
                        break
                    word = token[at + size - 1]
                    t = term[word] if word >= 0 else -1
                    if t < 0 or theirs[t] != pair + 1:
                        break
                    last, role = role, role_of[_shown(t, my_token, their_token, small, role_of)]
                    if not role & INSIDE or (last & SMALL and role & CAPITAL):
                        break
                    if size == 2 and not heard and not role & CAPITAL:
                        break
                    # Check that the left text holds the whole run consecutively.
                    position, together, in_title = first[start], False, False
                    while position >= 0 and not together:
                        looks_left -= 1
                        together = position + size <= end_a
                        for step in range(1, size):
                            if not together:
                                break
                            here, there = token[position + step], token[at + step]
                            together = here >= 0 and term[here] == term[there]
                        in_title = (
                            together and position + size <= title_ends[a] and at + size <= title_ends[b]
                        )
                        position = following[position - begin_a]
                    # In both titles, two words are a phrase however often chance puts them side by side.
                    certain = certain and _is_among(phrases, np.int64(before) * n_terms + t)
                    if not together or not (certain or in_title):
                        break
                    quiet = silent[t] == pair + 1
                    if not quiet:
                        total += max(squares[t], alone_told[t]) * factor[t]
                        tells |= role
                    if (
                        tells & (NAMED | LAST if alone[pair] else ALONE | LAST)
                        and role & ENDS
                        and not (quiet and not last & CAPITAL)
                    ):
                        run_told[n_runs], run_size[n_runs], run_at[n_runs] = total, size, at
                        run_level[n_runs] = 0 if tells & ALONE else 2
                        level = min(level, run_level[n_runs])
                        n_runs += 1
                    before = t
        if looks_left < 0:
            counts[pair] = -1
            continue
        if level > 0 and not bare[pair]:
            continue
        best = subjects[pair]
        for run in range(n_runs):
            if run_level[run] == level:
                best = max(best, run_told[run])
        has_subject = subjects[pair] > 0
        least = (subject_share if has_subject else least_share) * best
        for pick in range(n_runs if has_subject else min(most, n_runs)):
            chosen = -1
            for run in range(pick if has_subject else 0, n_runs):
                if run_level[run] != level or run_told[run] < least:
                    continue
                if has_subject:
                    chosen = run
                    break
                for step in range(run_size[run]):
                    if taken[term[token[run_at[run] + step]]] == pair + 1:
                        run_level[run] = -1
                if run_level[run] == level and (
                    chosen < 0
                    or run_told[run] > run_told[chosen]
                    or (
                        run_told[run] == run_told[chosen]
                        and _comes_first(
                            *(run_at[run], run_size[run], run_at[chosen], run_size[chosen], token, term),
                            *(my_token, their_token, small, role_of, word_order, term_order),
                        )
                    )
                ):
                    chosen = run
            if chosen < 0:
                break
            if filled == room:
                filled -= counts[pair]
                counts[pair] = -1
                break
            told[filled], sizes[filled] = run_told[chosen], run_size[chosen]
            for step in range(run_size[chosen]):
                t = term[token[run_at[chosen] + step]]
                taken[t] = pair + 1
                terms[filled, step] = t
                spellings[filled, step] = _shown(t, my_token, their_token, small, role_of)
            run_level[chosen] = -1
            counts[pair] += 1
            filled += 1
    return counts, told[:filled], sizes[:filled], terms[:filled], spellings[:filled]
