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
    Lists,
    Match,
    NameWords,
    Neighbours,
    Recency,
    find_neighbours,
    in_blocks,
    joined,
    rank,
)
from relatedness.topics import (
    EventTopic,
    Stories,
    infer,
)

_INFER_BLOCK = 8192


def neighbours_of(
    rows: NDArray[Row],
    candidates: Candidates,
    corpus: Corpus,
    recency: Recency,
    config: Config,
    *,
    threads: int,
    report: Callable[[int, int], None] | None = None,
) -> Neighbours:
    """The neighbours of some rows of a corpus, in blocks on several cores."""

    def find(block: slice) -> Neighbours:
        some = rows[block]
        return find_neighbours(
            corpus.subjects(some), Candidates(candidates.keys[some]), corpus, recency, config
        )

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
) -> Iterator[tuple[NDArray[Row], Lists, Contexts]]:
    """The lists of some rows of a corpus with what they share, made on several cores; in blocks, each with its rows."""

    def choose(block: slice) -> tuple[NDArray[Row], Lists, Contexts]:
        some = rows[block]
        match = Match(
            corpus.subjects(some),
            neighbours.take(some),
            Candidates(candidates.keys[some]),
            corpus,
            neighbours,
        )
        lists = rank(match, recency, config, floor, config.lists.stored)
        pairs = np.repeat(some, lists.counts), as_rows(lists.listed.astype(np.int64))
        shared = Contexts.of(corpus.vectors, pairs[0], corpus.vectors, pairs[1], corpus.channels, names)
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
    config : Config
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
