"""Measures events with their candidates, alone and by their neighbours, and scores them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.dates import UNDATED
from relatedness.numbering import Row, packed
from relatedness.ranking import _plain
from relatedness.ranking._compiling import compiled_pays, read_only
from relatedness.ranking._corpus import Corpus, Neighbours, Subjects
from relatedness.ranking._counts import TOPICS, WORDS
from relatedness.ranking._recency import RECENCY_BITS, Recency
from relatedness.ranking._rows import DOT_BITS, NOBODY, Candidates
from relatedness.ranking._score import MEASURED, Evidence, contributions, measured, shares
from relatedness.ranking._vectors import channel_shares

_BLOCK = 2048  # the most events ranked at a time, which bounds the memory of the second stage
# NumPy's cost in nanoseconds of an entry of neighbours or vectors, and of a cell of the table for looking them up.
_NEIGHBOUR_NS, _DOT_NS, _CELL_NS = 20, 30, 0.5
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pairs:
    """The measurements of an event and a candidate that depend on these two alone.

    Examples
    --------
    >>> from relatedness.ranking import Rows
    >>> rows = Rows.of([{0: 20000}, {0: 15000, 1: 8000}, {1: 9000}], days=[3, 5, 6], n_columns=2)
    >>> corpus = Corpus.of(rows, channels=[WORDS, WORDS])
    >>> pairs = pair_up(corpus.subjects(slice(0, 1)), Candidates.of(np.array([[1, 2]])), corpus, Recency.flat())
    >>> pairs.rows.tolist(), pairs.told.tolist(), pairs.measured.shape
    ([[1, 2]], [[True, False]], (1, 2, 3))
    """

    used: NDArray[np.bool_]  # shape (n, c): whether there is a candidate
    rows: NDArray[Row]  # shape (n, c): the candidate's row in the corpus; 0 if there is none
    dots: NDArray[np.uint32]  # shape (n, c, 3): the dot products by channel, in units of ``2**-30``
    # Shape (n, c): whether both hold the same distinctive column, from `column_traits`.
    told: NDArray[np.bool_]
    places: NDArray[np.uint32]  # shape (n, c): the part of the dot products that places give
    naming: NDArray[np.uint32]  # shape (n, c): the part that identifiers give by which events name each other
    measured: NDArray[np.float64]  # shape (n, c, m): the parts in `relatedness.ranking.MEASURED`
    factor: NDArray[np.uint16]  # shape (n, c): the recency, in units of ``2**-15``

    def take(self, events: slice | NDArray[Row]) -> Pairs:
        """The pairs of some events."""
        return Pairs(*(getattr(self, field.name)[events] for field in fields(self)))


ByRow = TypeVar("ByRow", Neighbours, Pairs)


class Dots(NamedTuple):
    """What takes longest to measure of events and candidates.

    Examples
    --------
    >>> from relatedness.ranking import Rows
    >>> rows = Rows.of([{0: 20000}, {0: 15000, 1: 8000}, {1: 9000}], days=[3, 5, 6], n_columns=2)
    >>> corpus = Corpus.of(rows, channels=[WORDS, WORDS])
    >>> found = dots_of(corpus.subjects(slice(0, 1)), Candidates.of(np.array([[1, 2]])), corpus)
    >>> found.told.tolist(), found.titles.tolist()  # only the first candidate shares a column, and there are no titles
    ([[True, False]], [[0, 0]])
    """

    # As in `Pairs`.
    dots: NDArray[np.uint32]  # shape (n, c, 3)
    told: NDArray[np.bool_]  # shape (n, c)
    places: NDArray[np.uint32]  # shape (n, c)
    naming: NDArray[np.uint32]  # shape (n, c)
    # Shape (n, c): the larger of two shares: of the event's title that the candidate holds, and the reverse.
    titles: NDArray[np.uint16]


def pair_up(
    subjects: Subjects, candidates: Candidates, corpus: Corpus, recency: Recency, known: Dots | None = None
) -> Pairs:
    """Measure events with their candidates.

    Parameters
    ----------
    candidates : Candidates
        Rows of the corpus.
    known : Dots, optional
        Their `dots_of`, if known.

    Examples
    --------
    >>> from relatedness.ranking import Rows
    >>> rows = Rows.of([{0: 20000}, {0: 15000, 1: 8000}, {1: 9000}], days=[3, 5, 6], n_columns=2)
    >>> corpus = Corpus.of(rows, channels=[WORDS, WORDS])
    >>> subjects, candidates = corpus.subjects(slice(1, 2)), Candidates.of(np.array([[0, 2]]))
    >>> pair_up(subjects, candidates, corpus, Recency.curve(Config.default())).factor.tolist()
    [[31578, 32125]]
    >>> pair_up(subjects, candidates, corpus, Recency.flat()).factor.tolist()
    [[32768, 32768]]
    """
    used = used_of(candidates)
    rows = np.where(used, candidates.rows, 0)
    dots, told, places, naming, titles = dots_of(subjects, candidates, corpus) if known is None else known
    factor = recency.factor(subjects.days[:, None], corpus.days[rows])
    others = measured(Evidence(subjects, rows, corpus, titles))
    return Pairs(used, rows, dots, told, places=places, naming=naming, measured=others, factor=factor)


def dots_of(subjects: Subjects, candidates: Candidates, corpus: Corpus) -> Dots:
    """The dot products of events and their candidates, and what both hold.

    Parameters
    ----------
    candidates : Candidates
        Rows of the corpus.

    Examples
    --------
    >>> from relatedness.ranking import Rows
    >>> rows = Rows.of([{0: 20000}, {0: 15000, 1: 8000}, {1: 9000}], days=[3, 5, 6], n_columns=2)
    >>> corpus = Corpus.of(rows, channels=[WORDS, WORDS])
    >>> found = dots_of(corpus.subjects(slice(0, 1)), Candidates.of(np.array([[1, 2]])), corpus)
    >>> found.dots[..., WORDS].tolist()  # 20000 * 15000, and nothing in common
    [[300000000, 0]]
    """
    rows = np.where(used_of(candidates), candidates.rows, 0)
    dots: Callable[..., tuple[NDArray[Any], ...]] = _plain.dots
    width = len(corpus.vectors.columns) / max(len(corpus.days), 1)
    spread = len(rows) * len(corpus.channels)
    if compiled_pays(_DOT_NS * rows.size * width + _CELL_NS * spread):
        from relatedness.ranking._pair_kernel import dots
    return Dots(
        *dots(
            *read_only(
                *subjects.vectors.arrays, rows, *corpus.vectors.arrays, corpus.channels, corpus.traits
            ),
            *read_only(subjects.vectors.titles, corpus.vectors.titles),
        )
    )


@dataclass(frozen=True, slots=True)
class Match:
    """Events and candidates, with all inputs of their scores.

    Examples
    --------
    >>> from relatedness.ranking import Rows
    >>> rows = Rows.of([{0: 20000}, {0: 15000, 1: 8000}, {1: 9000}], days=[3, 5, 6], n_columns=2)
    >>> corpus = Corpus.of(rows, channels=[WORDS, WORDS])
    >>> nobody = Neighbours.of(np.zeros((3, 1), np.uint64))
    >>> match = Match(corpus.subjects(slice(0, 3)), nobody, Candidates.of(np.array([[1], [2], [1]])), corpus, nobody)
    >>> match.pairs(Recency.flat()).dots[..., WORDS].tolist()
    [[300000000], [72000000], [72000000]]
    """

    subjects: Subjects  # the events whose lists are wanted
    neighbours: Neighbours  # of the subjects
    candidates: Candidates  # of the subjects: rows of the corpus
    corpus: Corpus
    corpus_neighbours: Neighbours  # of every event of the corpus

    def pairs(self, recency: Recency) -> Pairs:
        """Measure each event with each of its candidates."""
        return pair_up(self.subjects, self.candidates, self.corpus, recency)


def find_neighbours(
    subjects: Subjects,
    candidates: Candidates,
    corpus: Corpus,
    recency: Recency,
    config: Config,
    pairs: Pairs | None = None,
) -> Neighbours:
    """The neighbours by which the part ``neighbours`` compares events: the candidates nearest in all other parts except
    meaning. Time counts half as much here (the square root of the recency), so that a story is recognised over years.

    Parameters
    ----------
    candidates : Candidates
        Their candidates among all other events: rows of the corpus.
    pairs : Pairs, optional
        The result of `pair_up` for them, if known.

    Returns
    -------
    Neighbours
        The best ``lists.neighbours`` of each event, by strength, then date, then id. A neighbour's strength is its excess over
        the best candidate that is not a neighbour: candidates enter and leave at strength 0, so that most refreshes do not
        change the part ``neighbours`` of other events.

    Examples
    --------
    >>> from relatedness.ranking import Rows
    >>> rows = Rows.of([{0: 20000}, {0: 15000, 1: 8000}, {1: 9000}], days=[3, 5, 6], n_columns=2)
    >>> corpus = Corpus.of(rows, channels=[WORDS, WORDS])
    >>> candidates = Candidates.of(np.array([[1, 2], [0, 2], [0, 1]]))
    >>> find_neighbours(corpus.subjects(slice(0, 3)), candidates, corpus, Recency.flat(), Config.default()).rows.tolist()
    [[1, 4294967295], [0, 2], [1, 4294967295]]
    """
    pairs = pairs or pair_up(subjects, candidates, corpus, recency)
    share = shares(config)
    near = pairs.dots.sum(axis=2) / (1 << DOT_BITS) * share["lexical"]
    for position, part in enumerate(MEASURED):
        if part.nearby:
            near = near + pairs.measured[..., position] * share[part.name]
    near = near * np.sqrt(pairs.factor / (1 << RECENCY_BITS))
    strengths = np.where(pairs.used, np.rint(near * (1 << 20)), 0).astype(np.uint64)
    keys = packed(strengths, corpus.order[pairs.rows])
    most = config.lists.neighbours
    best = np.argsort(~keys, axis=1, kind="stable")[:, : most + 1]
    event = np.arange(len(best))[:, None]
    nearest = strengths[event, best].astype(np.uint32)
    if nearest.shape[1] > most:
        best, nearest = best[:, :most], nearest[:, :most] - nearest[:, most:]
    rows = np.where(nearest > 0, pairs.rows[event, best], NOBODY)
    order = np.argsort(rows, axis=1, kind="stable")
    return Neighbours(rows[event, order], nearest[event, order])


def in_blocks(
    n: int, work: Callable[[slice], T], threads: int, progress: Callable[[int, int], None] | None = None
) -> Iterator[T]:
    """Process all rows in blocks, with bounded memory, on all cores; results come in order.

    Parameters
    ----------
    n : int
        The number of rows.
    work : callable
        Given the rows of one block.
    threads : int
        How many blocks to process at a time; the compiled functions release the interpreter's lock.
    progress : callable, optional
        Called with the number of rows done and of all.

    Yields
    ------
    object
        The result of the work for each block; without rows, for one empty block.

    Examples
    --------
    >>> list(in_blocks(5, lambda block: block.stop - block.start, threads=2))
    [3, 2]
    """
    # Blocks of equal size, and enough of them to keep all threads busy to the end.
    size = max(-(-n // (threads * max(-(-n // (threads * _BLOCK)), 1))), 1)
    blocks = [slice(start, min(start + size, n)) for start in range(0, max(n, 1), size)]
    with ThreadPoolExecutor(threads) as pool:
        for block, result in zip(blocks, pool.map(work, blocks), strict=True):
            yield result
            if progress is not None:
                progress(block.stop, n)


def joined(blocks: Iterable[ByRow]) -> ByRow:
    """Concatenate the neighbours or the pairs of several blocks of rows.

    Parameters
    ----------
    blocks : iterable of Neighbours or Pairs
        At least one.

    Examples
    --------
    >>> near = Neighbours.of(np.array([[7 << 32 | 5], [9 << 32 | 2]], np.uint64))
    >>> joined([near.take(slice(1, 2)), near.take(slice(0, 1))]).rows.tolist()
    [[2], [5]]
    """
    blocks = list(blocks)
    names = [field.name for field in fields(blocks[0])]
    return type(blocks[0])(*(np.concatenate([getattr(one, name) for one in blocks]) for name in names))


def score(match: Match, recency: Recency, config: Config) -> NDArray[np.int64]:
    """The parts of each event's score with each of its candidates.

    Returns
    -------
    ndarray of int64, shape (n, c, len(PARTS))
        By `relatedness.ranking.PARTS`, in units of ``1 / UNITS``; undefined in unused positions.

    Examples
    --------
    >>> from relatedness.ranking import Rows
    >>> rows = Rows.of([{0: 20000}, {0: 15000, 1: 8000}, {1: 9000}], days=[3, 5, 6], n_columns=2)
    >>> corpus = Corpus.of(rows, channels=[WORDS, WORDS])
    >>> nobody = Neighbours.of(np.zeros((3, 1), np.uint64))
    >>> match = Match(corpus.subjects(slice(0, 3)), nobody, Candidates.of(np.array([[1], [2], [1]])), corpus, nobody)
    >>> score(match, Recency.flat(), Config.default()).sum(axis=2).tolist()  # in units of 1 / UNITS
    [[2328306], [558794], [558794]]
    """
    return score_pairs(match.pairs(recency), match.neighbours, match.corpus_neighbours, config)


def score_pairs(
    pairs: Pairs, neighbours: Neighbours, corpus_neighbours: Neighbours, config: Config
) -> NDArray[np.int64]:
    """Score events and candidates that `pair_up` has measured.

    Parameters
    ----------
    neighbours : Neighbours
        Of the events.
    corpus_neighbours : Neighbours
        Of all events of the corpus.

    Returns
    -------
    ndarray of int64, shape (n, c, len(PARTS))
        As from `score`.

    Examples
    --------
    >>> from relatedness.ranking import Rows
    >>> rows = Rows.of([{0: 20000}, {0: 15000, 1: 8000}, {1: 9000}], days=[3, 5, 6], n_columns=2)
    >>> corpus = Corpus.of(rows, channels=[WORDS, WORDS])
    >>> nobody = Neighbours.of(np.zeros((3, 1), np.uint64))
    >>> match = Match(corpus.subjects(slice(0, 3)), nobody, Candidates.of(np.array([[1], [2], [1]])), corpus, nobody)
    >>> by_time = match.pairs(Recency.curve(Config.default()))
    >>> score_pairs(by_time, nobody, nobody, Config.default()).sum(axis=2).tolist()
    [[2243752], [547828], [547828]]
    """
    shared = neighbour_parts(pairs, neighbours, corpus_neighbours)
    return contributions(pairs.dots, shared, pairs.measured, pairs.factor, config, pairs.naming)


def neighbour_parts(
    pairs: Pairs, neighbours: Neighbours, corpus_neighbours: Neighbours
) -> NDArray[np.float64]:
    """How alike the neighbours of events and of their candidates are, float64 in [0, 1], shape (n, c)."""
    shared_neighbours: Callable[..., NDArray[np.float64]] = _plain.shared_neighbours
    n, width = corpus_neighbours.rows.shape
    if compiled_pays(_NEIGHBOUR_NS * pairs.rows.size * width + _CELL_NS * len(pairs.rows) * n):
        from relatedness.ranking._pair_kernel import shared_neighbours
    theirs = corpus_neighbours.rows, corpus_neighbours.strengths
    return shared_neighbours(*read_only(neighbours.rows, neighbours.strengths, pairs.rows, *theirs))


@dataclass(frozen=True, slots=True)
class Matched:
    """Measurements of events and candidates, from which scores under other settings follow.

    Examples
    --------
    >>> from relatedness.ranking import Rows
    >>> rows = Rows.of([{0: 20000}, {0: 15000, 1: 8000}, {1: 9000}], days=[3, 5, 6], n_columns=2)
    >>> corpus = Corpus.of(rows, channels=[WORDS, WORDS])
    >>> nobody = Neighbours.of(np.zeros((3, 1), np.uint64))
    >>> match = Match(corpus.subjects(slice(0, 3)), nobody, Candidates.of(np.array([[1], [2], [1]])), corpus, nobody)
    >>> config = Config.default()
    >>> measured = Matched.of(match, config)
    >>> bool((measured.under(config)[1] == score(match, Recency.curve(config), config)).all())
    True
    """

    pairs: Pairs
    neighbours: NDArray[np.float64]  # shape (n, c)
    gaps: NDArray[np.int32]  # shape (n, c): the days by which the candidate is later
    config: Config  # the settings under which it was measured, which are folded into the vectors

    @classmethod
    def of(cls, match: Match, config: Config) -> Self:
        """Measure events and candidates."""
        pairs = match.pairs(Recency.curve(config))
        gaps = match.corpus.days[pairs.rows] - match.subjects.days[:, None]
        return cls(pairs, neighbour_parts(pairs, match.neighbours, match.corpus_neighbours), gaps, config)

    def take(self, events: NDArray[Row]) -> Matched:
        """The measurements of some events."""
        return Matched(self.pairs.take(events), self.neighbours[events], self.gaps[events], self.config)

    def under(self, config: Config) -> tuple[Pairs, NDArray[np.int64]]:
        """The pairs, and the parts of their scores under other weights and another recency.

        A channel of words, phrases or topics whose weight was 0 is not in the vectors: its part stays 0.

        Returns
        -------
        Pairs
        ndarray of int64, shape (n, c, len(PARTS))
            As from `score`.
        """
        had, has = channel_shares(self.config), channel_shares(config)
        dots, places = self.pairs.dots, self.pairs.places
        if not np.array_equal(had, has):
            dots = np.rint(dots * np.divide(has, had, out=np.zeros_like(has), where=had > 0)).astype(
                np.uint32
            )
            # As much of the new words and topics as of the old ones: which of the two a place gave is not kept, as it would take
            # eight more bytes of each pair that a build keeps. `tune` only seeks settings with this; what it reports is measured
            # on a new index.
            before, after = (each[..., [WORDS, TOPICS]].sum(axis=-1) for each in (self.pairs.dots, dots))
            places = np.rint(places * (after / np.maximum(before, 1))).astype(np.uint32)
        factor = Recency.curve(config).factor(0, self.gaps)
        pairs = replace(self.pairs, dots=dots, places=places, factor=factor)
        return pairs, contributions(dots, self.neighbours, pairs.measured, factor, config, pairs.naming)


def near_copies(
    subjects: Subjects, candidates: Candidates, corpus: Corpus, config: Config
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which candidates repeat each event's words within ``lists.duplicate_days``, and the cosines of their words.

    Parameters
    ----------
    candidates : Candidates
        Rows of the corpus.

    Returns
    -------
    copies : ndarray of bool, shape (n, c)
    cosines : ndarray of float64, shape (n, c)
        0 if one of the two has no words.

    Examples
    --------
    >>> from relatedness.ranking import Rows
    >>> rows = Rows.of([{0: 20000}, {0: 19000}, {0: 9000, 1: 9000}], days=[3, 4, 4], n_columns=2)
    >>> corpus, candidates = Corpus.of(rows, channels=[WORDS, WORDS]), Candidates.of(np.array([[1, 2]]))
    >>> copies, cosines = near_copies(corpus.subjects(slice(0, 1)), candidates, corpus, Config.default())
    >>> copies.tolist(), cosines.round(2).tolist()
    ([[True, False]], [[1.0, 0.71]])
    """
    used = used_of(candidates)
    rows = np.where(used, candidates.rows, 0)
    dots = dots_of(subjects, candidates, corpus).dots[..., WORDS]
    lengths = np.sqrt(subjects.squares[:, None] * corpus.squares[rows])
    days = corpus.days[rows]
    apart = np.abs(subjects.days[:, None].astype(np.int64) - days)
    apart[(subjects.days < UNDATED)[:, None] & (days < UNDATED)] = (
        0  # the days of undated events are only a sort order
    )
    copies = used & (dots > 0) & (dots >= config.lists.near_duplicate * lengths)
    copies &= apart <= config.lists.duplicate_days
    return copies, np.where(used & (dots > 0), dots / np.maximum(lengths, 1.0), 0.0)


def used_of(candidates: Candidates) -> NDArray[np.bool_]:
    """Which positions hold a candidate."""
    return candidates.keys > 0
