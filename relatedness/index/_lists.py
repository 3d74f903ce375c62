"""Candidates -> neighbours, lists and inferred topics, block by block on several cores."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.numbering import Row, as_rows
from relatedness.ranking import (
    Candidates,
    Contexts,
    Corpus,
    Dots,
    Lists,
    Match,
    NameWords,
    Neighbours,
    Recency,
    dots_of,
    find_neighbours,
    in_blocks,
    joined,
    pair_up,
    rank,
)
from relatedness.topics import (
    EventTopic,
    Stories,
    infer,
)

_INFER_BLOCK = 8192
_MOST_KEPT = 1 << 23  # pairs whose measurements for the neighbours are kept for the lists: 19 bytes each

KeptDots = dict[tuple[int, int], Dots]
"""What was measured of the events of some blocks of rows and their candidates, by the bounds of the block."""


def neighbours_of(
    rows: NDArray[Row],
    candidates: Candidates,
    corpus: Corpus,
    recency: Recency,
    config: Config,
    *,
    threads: int,
    report: Callable[[int, int], None] | None = None,
    kept: KeptDots | None = None,
) -> Neighbours:
    """The neighbours of some rows of a corpus, in blocks on several cores; for the first blocks, what was measured is put
    into ``kept``.
    """

    def find(block: slice) -> Neighbours:
        some = rows[block]
        subjects, theirs = corpus.subjects(some), Candidates(candidates.keys[some])
        dots = dots_of(subjects, theirs, corpus)
        if kept is not None and block.stop * candidates.keys.shape[1] <= _MOST_KEPT:
            kept[block.start, block.stop] = dots
        pairs = pair_up(subjects, theirs, corpus, recency, dots)
        return find_neighbours(subjects, theirs, corpus, recency, config, pairs)

    return joined(in_blocks(len(rows), find, threads, report))


def lists_of(
    rows: NDArray[Row],
    candidates: Candidates,
    corpus: Corpus,
    neighbours: Neighbours,
    names: NameWords,
    *,
    recency: Recency,
    config: Config,
    floor: int,
    threads: int,
    report: Callable[[int, int], None] | None = None,
    kept: KeptDots | None = None,
) -> Iterator[tuple[NDArray[Row], Lists, Contexts]]:
    """The lists of some rows of a corpus with what they share, made on several cores; in blocks, each with its rows. What
    `neighbours_of` kept of the same rows and candidates is taken out of ``kept`` and not measured again.
    """

    def choose(block: slice) -> tuple[NDArray[Row], Lists, Contexts]:
        some = rows[block]
        match = Match(
            corpus.subjects(some),
            neighbours.take(some),
            Candidates(candidates.keys[some]),
            corpus,
            neighbours,
        )
        known = kept.pop((block.start, block.stop), None) if kept else None
        pairs = pair_up(match.subjects, match.candidates, corpus, recency, known)
        lists = rank(match, recency, config, floor, config.lists.stored, pairs=pairs)
        mine, listed = np.repeat(some, lists.counts), as_rows(lists.listed.astype(np.int64))
        shared = Contexts.of(corpus.vectors, mine, corpus.vectors, listed, corpus.channels, names)
        return some, lists, shared

    return in_blocks(len(rows), choose, threads, report)


def inferred_of(
    rows: NDArray[Row],
    candidates: Candidates,
    days: NDArray[np.int32],
    stories: Stories,
    config: Config,
) -> list[EventTopic | None]:
    """The inferred topic of some rows, in blocks. Inferred topics are not scored, so nothing else depends on them.

    Parameters
    ----------
    rows : ndarray of int64, shape (m,)
    candidates : Candidates
        Of all rows.
    days : ndarray of int32, shape (n,)
    stories : Stories
        Of all rows.
    """
    inferred: list[EventTopic | None] = [None] * len(rows)
    if config.topics.infer:
        for start in range(0, len(rows), _INFER_BLOCK):
            some = rows[start : start + _INFER_BLOCK]
            theirs = Candidates(candidates.keys[some])
            inferred[start : start + len(some)] = infer(
                theirs.rows,
                theirs.scores,
                some,
                days,
                stories,
                least_share=config.topics.inference_agreement,
                least_votes=config.topics.inference_minimum,
            )
    return inferred
