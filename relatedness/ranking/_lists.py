"""Candidates -> lists: near-duplicates, the minimum overlap, the cutoff, the total order.

Every list depends only on its candidates and the frozen statistics: a change of the archive affects the lists whose candidates
it changes, and no others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.numbering import Row, packed
from relatedness.ranking import _choice
from relatedness.ranking._choice import BELOW_CUTOFF, BELOW_FLOOR, BEYOND, NO_SCORE
from relatedness.ranking._compiling import compiled_pays, read_only
from relatedness.ranking._corpus import Corpus, Subjects
from relatedness.ranking._explanation import NEIGHBOURS
from relatedness.ranking._pairs import Match, Pairs, score_pairs
from relatedness.ranking._recency import Recency
from relatedness.ranking._rows import DOT_BITS
from relatedness.ranking._score import reached, shares

_CHOICE_NS = 6_000  # plain Python's cost of a candidate examined, in nanoseconds


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of some events as arrays; row ``i`` of each holds ``counts[i]`` results, best first.

    Examples
    --------
    >>> from relatedness.ranking import PARTS
    >>> counts, nothing = np.array([2, 1], np.int32), np.zeros((2, 2), np.int32)
    >>> parts, ends = np.zeros((2, 2, len(PARTS)), np.int64), np.zeros(2, np.int64)
    >>> lists = Lists(np.array([[4, 1], [3, 0]], np.uint32), parts, nothing, counts, ends)
    >>> lists.used.tolist(), lists.listed.tolist()
    ([[True, True], [True, False]], [4, 1, 3])
    """

    rows: NDArray[Row]  # shape (n, k): the results' rows in the corpus
    # Shape (n, k, len(PARTS)): their parts by `relatedness.ranking.PARTS`, in units of ``1 / UNITS``.
    parts: NDArray[np.int64]
    copies: NDArray[np.int32]  # shape (n, k): the number of near-duplicates counted behind each result
    counts: NDArray[np.int32]  # shape (n,): the number of results
    # Shape (n,): the score, in units, at which the choice of each list ended: candidates that score less had no
    # influence on it, and changes of them leave the list unchanged.
    ends: NDArray[np.int64]

    @property
    def used(self) -> NDArray[np.bool_]:
        """Which positions hold a result, bool, shape (n, k)."""
        return np.arange(self.rows.shape[1]) < self.counts[:, None]

    @property
    def listed(self) -> NDArray[Row]:
        """The results' rows, list after list."""
        return self.rows[self.used]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The outcome for every candidate of some events, in the positions of the candidates.

    Examples
    --------
    >>> from relatedness.ranking import WORDS, Candidates, Neighbours, Rows
    >>> rows = Rows.of([{0: 20000}, {0: 15000, 1: 8000}, {0: 900, 1: 9000}], days=[3, 5, 6], n_columns=2)
    >>> corpus, nobody = Corpus.of(rows, channels=[WORDS, WORDS]), Neighbours.of(np.zeros((3, 1), np.uint64))
    >>> first, candidates = corpus.subjects(slice(0, 1)), Candidates.of(np.array([[2, 1]]))
    >>> match = Match(first, nobody.take(slice(0, 1)), candidates, corpus, nobody)
    >>> _, verdicts = judge(match, Recency.flat(), Config.default(), floor=0, k=1)
    >>> verdicts.order.tolist(), [_choice.LISTED == fate for fate in verdicts.fates[0].tolist()]
    ([[1, 0]], [False, True])
    """

    # Shape (n, c, len(PARTS)): by `relatedness.ranking.PARTS`, in units of ``1 / UNITS``.
    parts: NDArray[np.int64]
    # Shape (n, c): `LISTED`, or the rule that left the candidate out; undefined in unused positions.
    fates: NDArray[np.uint8]
    # Shape (n, c): for `COPY_OF_RESULT` the position of the result that it repeats, else -1.
    originals: NDArray[np.int32]
    # Shape (n, c): the positions, best first by score, date and id; those without a score or below the floor at the
    # end.
    order: NDArray[np.int64]
    # Shape (n,): the score of the best result that is not a near-duplicate of the event, to which
    # ``lists.relative_cutoff`` refers; -1 if there is none.
    best: NDArray[np.int64]


def rank(
    match: Match,
    recency: Recency,
    config: Config,
    floor: int,
    k: int,
    *,
    floor_recency: Recency | None = None,
    pairs: Pairs | None = None,
) -> Lists:
    """Score candidates in full and choose the lists.

    A near-duplicate of a higher result (by the cosine of the vectors' word entries, at most ``lists.duplicate_days`` apart) is
    left out if more than ``lists.stored`` results qualify and ``lists.duplicates_listed`` others like it are already listed; it
    is counted with the first of them until ``lists.stored`` results are found and another one follows.

    A candidate that shares nothing distinctive (`column_traits`) is left out as well, unless it shares a topic,
    shared neighbours give at least their share of all weights to its score, and either they give at least ``lists.neighbour_share``
    of it, or the candidate shares at least ``lists.minimum_overlap`` times as much in words, phrases and topics as the first
    of the list. This rule does not apply to a candidate whose cosine of these reaches ``lists.sufficient_overlap``, nor to
    a list that it would empty.

    Parameters
    ----------
    floor : int
        The score, in units of ``1 / UNITS``, below which nothing is listed; from `Noise.floor`. A share of it must be reached without
        the places that both events name (`relatedness.ranking.reached`).
    k : int
        The most results of a list.
    floor_recency : Recency, optional
        The curve with which the floor was measured, if it differs: candidates that reach the floor under that curve are listed,
        and ``recency`` decides their order.
    pairs : Pairs, optional
        ``match.pairs(recency)``, if known.

    Returns
    -------
    Lists
        In the total order: score down, date down, id up. Nothing scores below the floor, or below ``lists.relative_cutoff``
        times the list's best score that is not a near-duplicate of the event itself.

    Examples
    --------
    >>> from relatedness.ranking import WORDS, Candidates, Neighbours, Rows
    >>> rows = Rows.of([{0: 20000}, {0: 15000, 1: 8000}, {0: 900, 1: 9000}], days=[3, 5, 6], n_columns=2)
    >>> corpus, nobody = Corpus.of(rows, channels=[WORDS, WORDS]), Neighbours.of(np.zeros((3, 1), np.uint64))
    >>> first, candidates = corpus.subjects(slice(0, 1)), Candidates.of(np.array([[2, 1]]))
    >>> match = Match(first, nobody.take(slice(0, 1)), candidates, corpus, nobody)
    >>> rank(match, Recency.flat(), Config.default(), floor=0, k=2).listed.tolist()
    [1]
    >>> rank(match, Recency.flat(), Config.default(), floor=10**9, k=2).listed.tolist()
    []
    """
    return judge(match, recency, config, floor, k, floor_recency=floor_recency, pairs=pairs)[0]


def judge(
    match: Match,
    recency: Recency,
    config: Config,
    floor: int,
    k: int,
    *,
    floor_recency: Recency | None = None,
    pairs: Pairs | None = None,
    from_outside: bool = False,
) -> tuple[Lists, Verdicts]:
    """Choose the lists as `rank` does, and also return the outcome for every candidate.

    Parameters
    ----------
    match, recency, config, floor, k, floor_recency, pairs
        As for `rank`.
    from_outside : bool, optional
        Whether the subjects are texts that the archive does not hold. Their results need no shared neighbours, because a few
        words have hardly any, and may share nothing but the places that are asked for.

    Examples
    --------
    >>> from relatedness.ranking import WORDS, Candidates, Neighbours, Rows
    >>> rows = Rows.of([{0: 20000}, {0: 15000, 1: 8000}, {0: 900, 1: 9000}], days=[3, 5, 6], n_columns=2)
    >>> corpus, nobody = Corpus.of(rows, channels=[WORDS, WORDS]), Neighbours.of(np.zeros((3, 1), np.uint64))
    >>> first, candidates = corpus.subjects(slice(0, 1)), Candidates.of(np.array([[2, 1]]))
    >>> match = Match(first, nobody.take(slice(0, 1)), candidates, corpus, nobody)
    >>> lists, verdicts = judge(match, Recency.flat(), Config.default(), floor=0, k=2)
    >>> lists.listed.tolist(), (verdicts.fates == BELOW_CUTOFF).tolist()
    ([1], [[True, False]])
    """
    pairs = pairs or match.pairs(recency)
    parts = score_pairs(pairs, match.neighbours, match.corpus_neighbours, config)
    measured = None
    if floor_recency is not None:
        others = match.pairs(floor_recency)
        theirs = score_pairs(others, match.neighbours, match.corpus_neighbours, config)
        measured = (
            theirs.sum(axis=2) if from_outside else reached(theirs, others.places, others.factor, config)
        )
    return choose_lists(
        match.subjects,
        match.corpus,
        pairs,
        parts,
        config=config,
        floor=floor,
        k=k,
        measured=measured,
        from_outside=from_outside,
    )


def choose_lists(
    subjects: Subjects,
    corpus: Corpus,
    pairs: Pairs,
    parts: NDArray[np.int64],
    *,
    config: Config,
    floor: int,
    k: int,
    measured: NDArray[np.int64] | None = None,
    from_outside: bool = False,
) -> tuple[Lists, Verdicts]:
    """Choose the lists among candidates whose scores are known.

    Parameters
    ----------
    parts : ndarray of int64, shape (n, c, len(PARTS))
        From `score_pairs`.
    config : Config
        Uses ``lists``.
    floor, k : int
        As for `rank`.
    measured : ndarray of int64, shape (n, c), optional
        The scores that must reach the floor, if they are not `reached` by ``parts``.
    from_outside : bool, optional
        As for `judge`.

    Examples
    --------
    >>> from relatedness.ranking import WORDS, Candidates, Neighbours, Rows
    >>> rows = Rows.of([{0: 20000}, {0: 15000, 1: 8000}, {0: 900, 1: 9000}], days=[3, 5, 6], n_columns=2)
    >>> corpus, nobody = Corpus.of(rows, channels=[WORDS, WORDS]), Neighbours.of(np.zeros((3, 1), np.uint64))
    >>> first, candidates = corpus.subjects(slice(0, 1)), Candidates.of(np.array([[2, 1]]))
    >>> match = Match(first, nobody.take(slice(0, 1)), candidates, corpus, nobody)
    >>> pairs = match.pairs(Recency.flat())
    >>> parts = score_pairs(pairs, nobody.take(slice(0, 1)), nobody, Config.default())
    >>> parts[0, 0] = parts[0, 1] + 1  # as if the first candidate scored more
    >>> choose_lists(match.subjects, corpus, pairs, parts, config=Config.default(), floor=0, k=2)[0].listed.tolist()
    [2, 1]
    """
    totals = parts.sum(axis=2)
    if measured is None:
        measured = totals if from_outside else reached(parts, pairs.places, pairs.factor, config)
    listed = pairs.used & (totals > 0) & (measured >= floor)
    keys = packed(totals, corpus.order[pairs.rows])
    order = np.argsort(np.where(listed, ~keys, ~np.uint64(0)), axis=1, kind="stable")
    fates = np.where(totals > 0, BELOW_FLOOR, NO_SCORE).astype(np.uint8)
    fates[listed] = BEYOND
    originals = np.full(fates.shape, -1, np.int32)
    choose: Any = _choice.choose
    if compiled_pays(_CHOICE_NS * int(np.minimum(listed.sum(axis=1), 2 * k).sum())):
        from relatedness.ranking._pair_kernel import choose
    chosen, copies, counts, lenient, best = choose(
        *read_only(
            subjects.squares,
            subjects.days,
            pairs.rows,
            pairs.dots,
            pairs.told,
            order,
            listed.sum(axis=1),
            *corpus.vectors.arrays,
            corpus.squares,
            corpus.days,
            corpus.channels,
            totals,
            parts[:, :, NEIGHBOURS],
        ),
        config.lists.relative_cutoff,
        config.lists.minimum_overlap,
        0.0 if from_outside else shares(config)["neighbours"],
        config.lists.neighbour_share,
        np.uint64(config.lists.sufficient_overlap * (1 << DOT_BITS)),
        config.lists.near_duplicate,
        config.lists.duplicate_days,
        config.lists.duplicates_listed,
        config.lists.stored,
        # Choose a full stored list even for a smaller k: otherwise copies would differ between short and long lists.
        max(k, config.lists.stored),
        fates,
        originals,
    )
    chosen, copies, counts = chosen[:, :k], copies[:, :k], np.minimum(counts, k)
    event = np.arange(len(chosen))[:, None]
    ends = np.where((fates == BEYOND) | (fates == BELOW_CUTOFF), totals, floor).max(axis=1, initial=floor)
    # The list is exempt only as long as no candidate passes the minimum overlap, so even the lowest score had influence.
    ends[lenient] = floor
    lists = Lists(pairs.rows[event, chosen], parts[event, chosen], copies, counts, ends)
    return lists, Verdicts(parts, fates, originals, order, best)
