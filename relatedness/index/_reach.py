"""The reach of a change: the events whose candidates, neighbours and lists it may affect."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.index._archive import (
    Archive,
    by_date,
    check_vectors,
    holders,
    with_rows,
)
from relatedness.numbering import Row, as_rows
from relatedness.ranking import (
    NOBODY,
    Candidates,
    Corpus,
    Neighbours,
    Pairs,
    Recency,
    in_blocks,
    joined,
    merge,
    offer,
    pair_up,
    score_pairs,
)
from relatedness.storage import Store


def find_candidates(
    archive: Archive,
    store: Store,
    keys: NDArray[np.uint64],
    gone: NDArray[Row],
    *,
    first: int,
    recency: Recency,
    config: Config,
    threads: int,
) -> tuple[NDArray[Row], NDArray[Row]]:
    """Update the candidates in place; return the rows whose candidates changed.

    Parameters
    ----------
    keys : ndarray of uint64, shape (n, k)
        ``score << 32 | row``.
    gone : ndarray of int64
        The rows that were removed.
    first : int
        The first of the new rows.

    Returns
    -------
    touched : ndarray of int64, shape (m,)
    moved : ndarray of int64, shape (2, any)
        Rows, and the candidates that they gained or that better ones displaced; a touched row that is missing here is new or
        lost a removed candidate.
    """
    there = archive.ranks != NOBODY
    keys[gone] = 0
    subjects = np.arange(first, len(archive))
    if len(gone):
        # Search again for an event that lost a candidate: the next best candidates are not stored.
        subjects = np.union1d(subjects, holders(keys, ~there, threads)[0])
    k = config.lists.candidates
    order, by_order = np.where(there, archive.ranks, 0), by_date(archive.ranks)
    found = offer(
        check_vectors(archive, store),
        order,
        subjects.astype(np.uint32),
        with_rows(keys[:, -1], order),
        recency,
        k,
        allowed=there,
        threads=threads,
    )
    keys[subjects] = with_rows(found.keys, by_order)
    takers, sizes = np.unique(found.takers, return_counts=True)
    offered = np.zeros((len(takers), int(sizes.max(initial=0))), np.uint64)
    offered[np.arange(offered.shape[1]) < sizes[:, None]] = found.offered_keys
    kept = with_rows(keys[takers], order)
    better = merge(kept, offered, k)
    # A row that lost a candidate is searched again, so it may be offered to rows that already hold it.
    others = np.any(better != kept, axis=1)
    takers, kept, offered, better = (
        takers[others].astype(np.int64),
        kept[others],
        offered[others],
        better[others],
    )
    keys[takers] = with_rows(better, by_order)
    last = better[:, -1:]
    moved = np.concatenate([np.where(offered >= last, offered, 0), np.where(kept < last, kept, 0)], axis=1)
    taker, position = np.nonzero(moved)
    candidates = Candidates(with_rows(moved, by_order)).rows[taker, position]
    return as_rows(np.union1d(subjects, takers)), as_rows(
        np.stack([takers[taker], candidates.astype(np.int64)])
    )


def find_stirred(
    touched: NDArray[Row],
    moved: NDArray[Row],
    found: Neighbours,
    keys: NDArray[np.uint64],
    near: Neighbours,
    *,
    corpus: Corpus,
    recency: Recency,
    config: Config,
    threads: int,
) -> NDArray[np.int64]:
    """Update the neighbours in place; return the highest score at which each row's list may have changed.

    Parameters
    ----------
    touched : ndarray of int64, shape (m,)
        The rows whose candidates changed.
    moved : ndarray of int64, shape (2, any)
        From `find_candidates`.
    found : Neighbours
        The new neighbours of the touched rows.
    keys : ndarray of uint64, shape (n, k)
        The candidates of all rows.
    near : Neighbours
        The neighbours of all rows before.

    Returns
    -------
    ndarray of int64, shape (n,)
        The highest score, before or after, of the candidates that were added, dropped, or whose own neighbours changed; 0 if
        there are none. The maximum of int64 for rows that are new, lost a removed candidate, or have different neighbours.
    """
    was = near.take(touched)
    others = touched[np.any((was.rows != found.rows) | (was.strengths != found.strengths), axis=1)]
    wanted, certain = np.zeros((2, len(keys)), bool)
    wanted[others] = True
    certain[touched] = True
    certain[moved[0]] = False
    certain[others] = True
    asks, asked = np.concatenate([holders(keys, wanted, threads), moved], axis=1)
    has_moved = np.arange(len(asks)) >= len(asks) - moved.shape[1]
    asks, asked, has_moved = (column[~certain[asks]] for column in (asks, asked, has_moved))

    def measure(block: slice) -> Pairs:
        return pair_up(corpus.subjects(asks[block]), Candidates.of(asked[block, None]), corpus, recency)

    measured = joined(in_blocks(len(asks), measure, threads))

    def parts(block: slice) -> NDArray[np.int64]:
        return score_pairs(measured.take(block), near.take(asks[block]), near, config)[:, 0]

    before = np.concatenate(list(in_blocks(len(asks), parts, threads)))
    near.rows[touched], near.strengths[touched] = found.rows, found.strengths
    after = np.concatenate(list(in_blocks(len(asks), parts, threads)))
    highest = np.maximum(before.sum(axis=1), after.sum(axis=1))
    stirred = np.zeros(len(keys), np.int64)
    np.maximum.at(stirred, asks, np.where(has_moved | np.any(before != after, axis=1), highest, 0))
    stirred[certain] = np.iinfo(np.int64).max
    return stirred
