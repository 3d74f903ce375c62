"""Candidates -> lists: the second stage of the score, near-copies, the floor, the total order.

Everything here is a function of candidate lists and frozen statistics alone, event by event: a change of the
archive reaches the lists whose candidates it touches, and no others.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.ranking._counts import CHANNELS, PHRASES, TOPICS, WORDS, words_of_names
from relatedness.ranking._embeddings import alike, cosines
from relatedness.ranking._intrinsics import compiled, prefetch
from relatedness.ranking._score import DOT_BITS, RECENCY_BITS, STORY, Recency, contributions, shares
from relatedness.ranking._topk import Candidates, Rows
from relatedness.ranking._vectors import Vectors, channel_shares
from relatedness.ranking._vocabulary import FittedVocabulary
from relatedness.topics import PLACES, EventTopic

_BLOCK = 2048  # the most events ranked at a time: bounds the memory of the second stage
_NOISE_PAIRS, _NOISE_EVENTS = 50_000, 125
_BEST_EVENTS, _EMPTIED = (
    1000,
    0.01,
)  # of so many events, the floor takes the last result from this share at most
_FEWEST_EVENTS = 30
_COMMON_EVENTS = 50
NOBODY = np.uint32(0xFFFFFFFF)
"""The row of no event: what stands in unused places."""
_FREE = np.uint32(0xFFFFFFFF)  # no column and no row has this number
_AHEAD = 8
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest events of each event, in the order of their rows, so that two lists can be merged.

    Attributes
    ----------
    rows : ndarray of uint32, shape (n, m)
        Ascending; unused places at the end hold the largest number.
    strengths : ndarray of uint32, shape (n, m)
        How near, in units of ``2**-20``; 0 in unused places.
    """

    rows: NDArray[np.uint32]
    strengths: NDArray[np.uint32]

    @classmethod
    def of(cls, pairs: NDArray[np.uint64]) -> Self:
        """Those that stand in pairs ``strength << 32 | row``, in any order, 0 in unused places."""
        rows, strengths = Candidates(pairs).rows.copy(), Candidates(pairs).scores.copy()
        rows[strengths == 0] = NOBODY
        if not np.all(rows[:, 1:] >= rows[:, :-1]):
            order = np.argsort(rows, axis=1, kind="stable")
            event = np.arange(len(rows))[:, None]
            rows, strengths = rows[event, order], strengths[event, order]
        return cls(rows, strengths)

    @property
    def pairs(self) -> NDArray[np.uint64]:
        """``strength << 32 | row``, 0 in unused places."""
        used = self.strengths > 0
        return self.strengths.astype(np.uint64) << np.uint64(32) | np.where(used, self.rows, 0)

    @property
    def lengths(self) -> NDArray[np.float64]:
        """The Euclidean length of each row of strengths, float64, shape (n,)."""
        squares: NDArray[np.float64] = (self.strengths.astype(np.float64) ** 2).sum(axis=1)
        return np.sqrt(squares)

    def take(self, events: slice | NDArray[np.int64]) -> Neighbours:
        """The neighbours of some events."""
        return Neighbours(self.rows[events], self.strengths[events])


@dataclass(frozen=True, slots=True)
class Subjects:
    """The events whose lists are wanted, row by row, in the corpus or not.

    Attributes
    ----------
    vectors : Vectors
    days : ndarray of int32, shape (n,)
    categories : ndarray of int32, shape (n,)
        A number per category, -1 for none.
    squares : ndarray of float64, shape (n,)
        From `word_squares`.
    meanings : ndarray of int8, shape (n, d)
        The sentence embeddings; ``d`` is 0 where there are none.
    """

    vectors: Vectors
    days: NDArray[np.int32]
    categories: NDArray[np.int32]
    squares: NDArray[np.float64]
    meanings: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Corpus(Subjects):
    """All events of an index.

    Attributes
    ----------
    order : ndarray of uint32, shape (n,)
        The place of each row when all are sorted by date up, then id down.
    channels : ndarray of uint8, shape (n_columns,)
        The channel of each column of the vectors.
    telling : ndarray of bool, shape (n_columns,)
        Which columns tell what an event is about, from `telling_columns`.
    common : float
        The cosine of embeddings that is worth nothing: a statistic, from `relatedness.ranking.common_cosine`.
    """

    order: NDArray[np.uint32]
    channels: NDArray[np.uint8]
    telling: NDArray[np.bool_]
    common: float

    def subjects(self, rows: slice | NDArray[np.int64]) -> Subjects:
        """Some of its events."""
        return Subjects(
            self.vectors.take(rows),
            self.days[rows],
            self.categories[rows],
            self.squares[rows],
            self.meanings[rows],
        )


@dataclass(frozen=True, slots=True)
class NameWords:
    """The words that the names of topics are made of, as columns, and which topics are too common to come first.

    Attributes
    ----------
    indptr : ndarray of uint32, shape (n_columns + 1,)
        The words of the topic at column ``c`` are ``columns[indptr[c]:indptr[c + 1]]``; none for other columns.
    columns : ndarray of uint32
    common : ndarray of uint8, shape (n_columns,)
        1 for a topic that more than the share ``topics.common`` of the events had when the statistics were fitted,
        and more than 50 of them.
    """

    indptr: NDArray[np.uint32]
    columns: NDArray[np.uint32]
    common: NDArray[np.uint8]

    @classmethod
    def of(cls, vocabulary: FittedVocabulary, config: Config) -> NameWords:
        """Read the names of a vocabulary's topics as texts; it holds all their words."""
        topics = np.flatnonzero(vocabulary.channels == TOPICS)
        names = words_of_names(vocabulary.terms[column] for column in topics.tolist())
        words = list(dict.fromkeys(itertools.chain.from_iterable(names)))
        place_of = dict(zip(words, vocabulary.find(WORDS, words)[0].tolist(), strict=True))
        sizes = np.zeros(len(vocabulary.channels) + 1, np.uint32)
        sizes[topics + 1] = [len(name) for name in names]
        least = max(config.topics.common * vocabulary.n_events, _COMMON_EVENTS)
        common = (vocabulary.channels == TOPICS) & (vocabulary.frequency > least)
        return cls(
            np.cumsum(sizes, dtype=np.uint32),
            np.array([place_of[word] for name in names for word in name], np.uint32),
            common.astype(np.uint8),
        )


def telling_columns(
    vocabulary: FittedVocabulary, names: NameWords, topics: Iterable[Sequence[EventTopic]], config: Config
) -> NDArray[np.bool_]:
    """The columns that tell what an event is about: rare words, and topics that are no places.

    That two events happened in one country, or that both speak of a death toll, does not make one story of them.

    Parameters
    ----------
    vocabulary : FittedVocabulary
    names : NameWords
    topics : iterable of sequence of EventTopic
        Of every event.
    config : Config
        Uses ``lists.distinctive_limit``.

    Returns
    -------
    ndarray of bool, shape (n_columns,)
        True for words that at most ``lists.distinctive_limit`` times the cube root of the number of events hold, unless they
        are part of what a place is called (Portugal, Portuguese); for topics other than places that at most ten times as many hold, and for
        places and the words of their names that at most a tenth as many hold. (What fraction of an archive holds a
        word says less the larger the archive is.)
    """
    most = config.lists.distinctive_limit * math.cbrt(vocabulary.n_events)
    are_words, are_topics = vocabulary.channels == WORDS, vocabulary.channels == TOPICS
    found = {topic for each in topics for topic in each if topic.kind in PLACES}
    place_names = {topic.name for topic in found}
    places = np.zeros(len(are_topics), bool)
    for column in np.flatnonzero(are_topics):
        if vocabulary.terms[column] in place_names:
            places[column] = True
            places[names.columns[names.indptr[column] : names.indptr[column + 1]]] = True
    # As they are written in the texts: whoever is Portuguese has nothing more in common than Portugal.
    aliases = sorted({alias for topic in found for alias in topic.aliases})
    words = dict.fromkeys(itertools.chain.from_iterable(words_of_names(aliases)))
    columns, _ = vocabulary.find(WORDS, list(words))
    places[columns[columns >= 0]] = True
    telling: NDArray[np.bool_] = (are_words | are_topics) & (
        vocabulary.frequency <= np.where(places, most / 10, np.where(are_topics, 10 * most, most))
    )
    return telling


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of some events as arrays; row ``i`` of each holds ``counts[i]`` results, best first.

    Attributes
    ----------
    rows : ndarray of uint32, shape (n, k)
        The results' rows in the corpus.
    parts : ndarray of int64, shape (n, k, 6)
        Their parts by `relatedness.ranking.PARTS`, in units of ``1 / UNITS``.
    copies : ndarray of int32, shape (n, k)
        How many near-copies stand behind each result.
    counts : ndarray of int32, shape (n,)
    ends : ndarray of int64, shape (n,)
        The score in units at which the choice of each list ended: candidates that score less have no part in it,
        and it stays the same whatever else becomes of them.
    """

    rows: NDArray[np.uint32]
    parts: NDArray[np.int64]
    copies: NDArray[np.int32]
    counts: NDArray[np.int32]
    ends: NDArray[np.int64]

    @property
    def used(self) -> NDArray[np.bool_]:
        """Which places hold a result, bool, shape (n, k)."""
        return np.arange(self.rows.shape[1]) < self.counts[:, None]

    @property
    def listed(self) -> NDArray[np.uint32]:
        """The results' rows, list after list."""
        return self.rows[self.used]


LISTED, NO_SCORE, BELOW_FLOOR, BELOW_TAIL, COPY_OF_RESULT, NO_GROUNDS, BEYOND = range(7)
"""What became of a candidate; BEYOND is what comes after a full list."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What became of every candidate of some events; the places are those of the candidates.

    Attributes
    ----------
    parts : ndarray of int64, shape (n, c, 6)
        By `relatedness.ranking.PARTS`, in units of ``1 / UNITS``.
    fates : ndarray of uint8, shape (n, c)
        `LISTED` or the rule that left the candidate out; of no meaning in unused places.
    originals : ndarray of int32, shape (n, c)
        For `COPY_OF_RESULT` the place of the result that it repeats, else -1.
    order : ndarray of int64, shape (n, c)
        The places, best first by score, date and id; those without a score or below the floor at the end.
    best : ndarray of int64, shape (n,)
        The score of the best result that is no near-duplicate of the event, by which ``lists.relative_cutoff`` is
        measured; -1 where there is none.
    """

    parts: NDArray[np.int64]
    fates: NDArray[np.uint8]
    originals: NDArray[np.int32]
    order: NDArray[np.int64]
    best: NDArray[np.int64]


def find_neighbours(
    subjects: Subjects,
    candidates: Candidates,
    corpus: Corpus,
    recency: Recency,
    config: Config,
    pairs: Pairs | None = None,
) -> Neighbours:
    """The neighbours by which the story part knows events: the candidates nearest in all other parts.

    Time counts half as much here (the root of the recency), so that a story is recognised over years.

    Parameters
    ----------
    subjects : Subjects
    candidates : Candidates
        Their candidates among all other events: rows of the corpus.
    corpus : Corpus
    recency : Recency
    config : Config
    pairs : Pairs, optional
        What `pair_up` gives for them, where that is known.

    Returns
    -------
    Neighbours
        The ``lists.neighbours`` best of each, by strength, then date, then id. How far a neighbour counts is how far it
        is above the best one that is left out: whoever enters or leaves the edge does so at strength 0, and most
        refreshes leave the story part of the others as it was.
    """
    pairs = pairs or pair_up(subjects, candidates, corpus, recency)
    share = shares(config)
    near = (
        pairs.dots.sum(axis=2) / (1 << DOT_BITS) * share.lexical
        + pairs.same * share.category
        + pairs.meaning * share.meaning
    ) * np.sqrt(pairs.factor / (1 << RECENCY_BITS))
    strengths = np.where(pairs.used, np.rint(near * (1 << 20)), 0).astype(np.uint64)
    keys = strengths << np.uint64(32) | corpus.order[pairs.rows]
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
    """Do some work over all rows in blocks: bounded memory, all cores, results in order.

    Parameters
    ----------
    n : int
        The number of rows.
    work : callable
        Given the rows of one block.
    threads : int
        How many blocks to work on at a time; the compiled functions let go of the interpreter's lock.
    progress : callable, optional
        Called with the number of rows done and of all.

    Yields
    ------
    object
        What the work gave for each block; where there are no rows, for one block without any.
    """
    # All of one size, and as many as keep all threads busy to the end.
    size = max(-(-n // (threads * max(-(-n // (threads * _BLOCK)), 1))), 1)
    blocks = [slice(start, min(start + size, n)) for start in range(0, max(n, 1), size)]
    with ThreadPoolExecutor(threads) as pool:
        for block, result in zip(blocks, pool.map(work, blocks), strict=True):
            yield result
            if progress is not None:
                progress(block.stop, n)


def joined(blocks: Iterable[ByRow]) -> ByRow:
    """The neighbours or the pairs of several blocks of rows as one."""
    blocks = list(blocks)
    names = [field.name for field in fields(blocks[0])]
    return type(blocks[0])(*(np.concatenate([getattr(one, name) for one in blocks]) for name in names))


def rank(
    subjects: Subjects,
    neighbours: Neighbours,
    candidates: Candidates,
    corpus: Corpus,
    corpus_neighbours: Neighbours,
    recency: Recency,
    config: Config,
    floor: int,
    k: int,
    floor_recency: Recency | None = None,
    pairs: Pairs | None = None,
) -> Lists:
    """Score candidates in full and choose the lists.

    Parameters
    ----------
    subjects : Subjects
    neighbours : Neighbours
        Of the subjects.
    candidates : Candidates
        Of the subjects: rows of the corpus.
    corpus : Corpus
    corpus_neighbours : Neighbours
        Of every event of the corpus.
    recency : Recency
    config : Config
    floor : int
        The score in units below which nothing is listed, from `noise_floor`.
    k : int
        How many results a list holds at most.
    floor_recency : Recency, optional
        The curve by which the floor was measured, where that is another one: what reaches the floor by its own curve
        is listed, and ``recency`` decides the order.
    pairs : Pairs, optional
        What `pair_up` gives for subjects, candidates, corpus and recency, where that is known.

    Returns
    -------
    Lists
        In the total order: score down, date down, id up; nothing below the floor, nor below ``lists.relative_cutoff``
        times the list's best, near-duplicates of the event itself apart. A result whose words are those of a higher result (by the cosine of the vectors' word
        entries), at most ``lists.duplicate_days`` apart, is left out where more than ``lists.stored`` results wait for a
        place and ``lists.duplicates_listed`` others like it are listed already; it is counted with the first of them
        until ``lists.stored`` results are found and another one follows. Left out is also what shares nothing
        distinctive (`telling_columns`), unless it shares a topic, and either the story gives at least
        ``lists.neighbour_share`` of its score or it shares at least ``lists.minimum_overlap`` times what the first of
        the list does in words, phrases and topics. Where that would leave a list empty, it does not apply to it.
    """
    return judge(
        subjects,
        neighbours,
        candidates,
        corpus,
        corpus_neighbours,
        recency,
        config,
        floor,
        k,
        floor_recency,
        pairs,
    )[0]


def judge(
    subjects: Subjects,
    neighbours: Neighbours,
    candidates: Candidates,
    corpus: Corpus,
    corpus_neighbours: Neighbours,
    recency: Recency,
    config: Config,
    floor: int,
    k: int,
    floor_recency: Recency | None = None,
    pairs: Pairs | None = None,
) -> tuple[Lists, Verdicts]:
    """`rank`, and with the lists what became of every candidate."""
    pairs = pairs or pair_up(subjects, candidates, corpus, recency)
    parts = score_pairs(pairs, neighbours, corpus_neighbours, config)
    totals = parts.sum(axis=2)
    used = pairs.used
    measured = totals
    if floor_recency is not None:
        again = (subjects, neighbours, candidates, corpus, corpus_neighbours, floor_recency, config)
        measured = score(*again).sum(axis=2)
    listed = used & (totals > 0) & (measured >= floor)
    keys = (totals.astype(np.uint64) << np.uint64(32)) | corpus.order[pairs.rows]
    order = np.argsort(np.where(listed, ~keys, ~np.uint64(0)), axis=1, kind="stable")
    fates = np.where(totals > 0, BELOW_FLOOR, NO_SCORE).astype(np.uint8)
    fates[listed] = BEYOND
    originals = np.full(fates.shape, -1, np.int32)
    chosen, copies, counts, lenient, best = _choose(
        *subjects.vectors.arrays[:2],
        subjects.squares,
        subjects.days,
        pairs.rows,
        pairs.dots,
        order,
        listed.sum(axis=1),
        *corpus.vectors.arrays,
        corpus.squares,
        corpus.days,
        corpus.channels,
        corpus.telling,
        totals,
        config.lists.relative_cutoff,
        parts[:, :, STORY],
        config.lists.minimum_overlap,
        config.lists.neighbour_share,
        config.lists.near_duplicate,
        config.lists.duplicate_days,
        config.lists.duplicates_listed,
        config.lists.stored,
        # Never fewer than are stored: a shorter list is the beginning of a longer one, copies included.
        max(k, config.lists.stored),
        fates,
        originals,
    )
    chosen, copies, counts = chosen[:, :k], copies[:, :k], np.minimum(counts, k)
    event = np.arange(len(chosen))[:, None]
    ends = np.where((fates == BEYOND) | (fates == BELOW_TAIL), totals, floor).max(axis=1, initial=floor)
    ends[lenient] = floor  # any candidate with grounds, however low, would bring the rule back
    lists = Lists(pairs.rows[event, chosen], parts[event, chosen], copies, counts, ends)
    return lists, Verdicts(parts, fates, originals, order, best)


def noise_floor(
    rows: Rows,
    candidates: Candidates,
    corpus: Corpus,
    neighbours: Neighbours,
    recency: Recency,
    config: Config,
) -> int:
    """The score that the share ``lists.floor`` of the pairs that chance brings together stay below.

    What a score is worth depends on the archive: on its size, its subjects, the years it covers. Measured against
    chance, one setting means the same everywhere. It is measured event by event, and the floor is the median: one large
    series, whose events are all alike, decides nothing about the others. Pairs that may be related do not count: a
    candidate of either, versions of one item; nor do pairs that can never be. Where there are fewer than four times as
    many events as candidates, only the first quarter of the archive counts as candidates here. And the floor never takes
    the last result from more than one event in a hundred: where all are of one subject, chance brings together what a
    reader would relate.

    Parameters
    ----------
    rows : Rows
        The corpus as the kernel sees it.
    candidates : Candidates
        Of every event of the corpus.
    corpus : Corpus
    neighbours : Neighbours
    recency : Recency
    config : Config

    Returns
    -------
    int
        In units of ``1 / UNITS``; 0, no floor, where ``lists.floor`` is 0 or the archive has fewer than 30 events,
        from which nothing can be said.
    """
    n = len(rows)
    if config.lists.floor == 0 or n < _FEWEST_EVENTS:
        return 0
    # The old generator: its numbers are the same in every version of NumPy.
    asked = _spread_over(n, _NOISE_EVENTS)
    left = np.repeat(asked, _NOISE_PAIRS // len(asked))
    right = np.random.RandomState(0).randint(0, n, len(left))
    # In a small archive everything is a candidate of everything: only the best quarter may be related there.
    near = Candidates(candidates.keys[:, : max(n // 4, 1)])
    known = (near.rows[left] == right[:, None]) & _used(near)[left]
    known |= (near.rows[right] == left[:, None]) & _used(near)[right]
    apart = (rows.languages[left] != rows.languages[right]) & (
        np.minimum(rows.languages[left], rows.languages[right]) >= 0
    )
    together = (rows.groups[left] == rows.groups[right]) & (rows.groups[left] >= 0)
    unrelated = ~known.any(axis=1) & (left != right) & ~apart & ~together
    left, right = left[unrelated], right[unrelated]
    if not len(left):
        return 0
    parts = score(
        corpus.subjects(left),
        neighbours.take(left),
        Candidates.of(right[:, None]),
        corpus,
        neighbours,
        recency,
        config,
    )
    totals = parts.sum(axis=2)[:, 0]
    ends = np.flatnonzero(np.diff(left, append=-1)) + 1
    levels = [np.quantile(some, config.lists.floor, method="higher") for some in np.split(totals, ends[:-1])]
    some = _spread_over(n, _BEST_EVENTS)
    theirs = Candidates(candidates.keys[some])
    best = score(corpus.subjects(some), neighbours.take(some), theirs, corpus, neighbours, recency, config)
    reached = np.where(_used(theirs), best.sum(axis=2), 0).max(axis=1)
    reached = reached[reached > 0]
    if not len(reached):
        return 0
    most = np.quantile(reached, _EMPTIED, method="lower")
    return int(min(np.quantile(levels, 0.5, method="higher"), most))


def _spread_over(n: int, most: int) -> NDArray[np.int64]:
    """At most so many rows, evenly over all of them."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(np.int64))


def score(
    subjects: Subjects,
    neighbours: Neighbours,
    candidates: Candidates,
    corpus: Corpus,
    corpus_neighbours: Neighbours,
    recency: Recency,
    config: Config,
) -> NDArray[np.int64]:
    """The parts of each event's score with each of its candidates; the parameters are those of `rank`.

    Returns
    -------
    ndarray of int64, shape (n, c, 6)
        By `relatedness.ranking.PARTS`, in units of ``1 / UNITS``; of no meaning in unused places.
    """
    pairs = pair_up(subjects, candidates, corpus, recency)
    return score_pairs(pairs, neighbours, corpus_neighbours, config)


def score_pairs(
    pairs: Pairs, neighbours: Neighbours, corpus_neighbours: Neighbours, config: Config
) -> NDArray[np.int64]:
    """`score` of events and candidates that `pair_up` has measured."""
    story = story_parts(pairs, neighbours, corpus_neighbours)
    return contributions(pairs.dots, story, pairs.same, pairs.meaning, pairs.factor, config)


def story_parts(pairs: Pairs, neighbours: Neighbours, corpus_neighbours: Neighbours) -> NDArray[np.float64]:
    """The story part of events and candidates, float64 in [0, 1], shape (n, c): how alike their neighbours are."""
    return _story(  # type: ignore[no-any-return]
        neighbours.rows, neighbours.strengths, pairs.rows, corpus_neighbours.rows, corpus_neighbours.strengths
    )


def measure_parts(
    subjects: Subjects,
    neighbours: Neighbours,
    candidates: Candidates,
    corpus: Corpus,
    corpus_neighbours: Neighbours,
    recency: Recency,
    config: Config,
) -> NDArray[np.float64]:
    """Every part of each event and candidate in [0, 1], before weights, support and time; as `score` otherwise.

    Returns
    -------
    ndarray of float64, shape (n, c, 6)
        By `relatedness.ranking.PARTS`. A channel of words, phrases or topics that has no weight is not in the
        vectors: its part is 0.
    """
    pairs = pair_up(subjects, candidates, corpus, recency)
    story = story_parts(pairs, neighbours, corpus_neighbours)
    share = channel_shares(config) * (1 << DOT_BITS)
    lexical = pairs.dots / np.where(share > 0, share, np.inf)
    return np.concatenate([lexical, np.stack([story, pairs.same, pairs.meaning], axis=-1)], axis=-1)


def _used(candidates: Candidates) -> NDArray[np.bool_]:
    return candidates.keys > 0


@dataclass(frozen=True, slots=True)
class Pairs:
    """Of each event and candidate, all that is known from the two alone.

    Attributes
    ----------
    used : ndarray of bool, shape (n, c)
        Whether there is a candidate.
    rows : ndarray of uint32, shape (n, c)
        The candidate's row in the corpus; 0 where there is none.
    dots : ndarray of uint32, shape (n, c, 3)
        By channel, in units of ``2**-30``.
    same : ndarray of bool, shape (n, c)
        Whether both have one category.
    meaning : ndarray of float64, shape (n, c)
    factor : ndarray of uint16, shape (n, c)
        The recency.
    """

    used: NDArray[np.bool_]
    rows: NDArray[np.uint32]
    dots: NDArray[np.uint32]
    same: NDArray[np.bool_]
    meaning: NDArray[np.float64]
    factor: NDArray[np.uint16]

    def take(self, events: slice) -> Pairs:
        """Those of some events."""
        return Pairs(*(getattr(self, field.name)[events] for field in fields(self)))


ByRow = TypeVar("ByRow", Neighbours, Pairs)


def pair_up(subjects: Subjects, candidates: Candidates, corpus: Corpus, recency: Recency) -> Pairs:
    """Measure events and their candidates, but for the story; the parameters are those of `find_neighbours`."""
    used = _used(candidates)
    rows = np.where(used, candidates.rows, 0)
    dots = _dots(*subjects.vectors.arrays, rows, *corpus.vectors.arrays, corpus.channels)
    same = (subjects.categories[:, None] == corpus.categories[rows]) & (subjects.categories >= 0)[:, None]
    meaning = np.zeros(rows.shape)
    if subjects.meanings.shape[1]:
        meaning = alike(cosines(subjects.meanings, rows, corpus.meanings), corpus.common)
    return Pairs(used, rows, dots, same, meaning, recency.factor(subjects.days[:, None], corpus.days[rows]))


# A row that meets many others is spread into a small table, by hashing: each of their entries is then looked up at
# once, with no branch that depends on the data but the rare hit. Tables stay in the nearest cache; rows are asked for
# a few candidates ahead.


@compiled
def _table_bits(longest):  # type: ignore[no-untyped-def]
    """The size of a table, as a power of two, in which at most an eighth of the places is taken."""
    bits = 4
    while (1 << bits) < 8 * longest:
        bits += 1
    return bits


@compiled
def _place(keys, key):  # type: ignore[no-untyped-def]
    """Where a key stands in a table, or would stand: at its last bits, or in the next free place."""
    mask = np.uint64(len(keys) - 1)
    at = np.uint64(key) & mask
    while keys[at] != _FREE and keys[at] != key:
        at = (at + np.uint64(1)) & mask
    return at


@compiled
def _longest(indptr):  # type: ignore[no-untyped-def]
    longest = np.uint64(1)
    for row in range(len(indptr) - 1):
        longest = max(longest, indptr[row + 1] - indptr[row])
    return np.int64(longest)


@compiled
def _dots(indptr, columns, values, candidates, indptr2, columns2, values2, channels):  # type: ignore[no-untyped-def]
    n, c = candidates.shape
    dots = np.zeros((n, c, len(CHANNELS)), np.uint32)
    size = 1 << _table_bits(_longest(indptr))
    keys, weights = np.empty(size, np.uint32), np.zeros(size, np.uint32)
    for i in range(n):
        keys[:] = _FREE
        for at in range(indptr[i], indptr[i + 1]):
            place = _place(keys, columns[at])
            keys[place], weights[place] = columns[at], values[at]
        for other in range(c):
            if other + _AHEAD < c:
                begin = indptr2[candidates[i, other + _AHEAD]]
                prefetch(columns2, begin)
                prefetch(columns2, begin + np.uint64(16))
                prefetch(values2, begin)
            j = candidates[i, other]
            for at in range(indptr2[j], indptr2[j + np.uint64(1)]):
                place = _place(keys, columns2[at])
                if keys[place] != _FREE:
                    dots[i, other, channels[columns2[at]]] += weights[place] * np.uint32(values2[at])
    return dots


@compiled
def _share(columns, start, end, columns2, start2, end2, wanted):  # type: ignore[no-untyped-def]
    """Whether two rows have one of the wanted columns in common."""
    while start < end and start2 < end2:
        left, right = columns[start], columns2[start2]
        if left == right:
            if wanted[left]:
                return True
            start += np.uint64(1)
            start2 += np.uint64(1)
        elif left < right:
            start += np.uint64(1)
        else:
            start2 += np.uint64(1)
    return False


@compiled
def _length(strengths, row):  # type: ignore[no-untyped-def]
    square = np.float64(0)
    for at in range(strengths.shape[1]):
        square += np.float64(strengths[row, at]) * np.float64(strengths[row, at])
    return np.sqrt(square)


@compiled
def _story(rows, strengths, candidates, rows2, strengths2):  # type: ignore[no-untyped-def]
    """The cosine of two lists of neighbours; the sums are of whole numbers and so exact."""
    n, c = candidates.shape
    story = np.zeros((n, c), np.float64)
    size = 1 << _table_bits(rows.shape[1])
    keys, held = np.empty(size, np.uint32), np.zeros(size, np.int64)
    for i in range(n):
        mine = _length(strengths, i)
        keys[:] = _FREE
        for at in range(rows.shape[1]):
            if rows[i, at] == NOBODY:
                break
            place = _place(keys, rows[i, at])
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
                place = _place(keys, rows2[j, at])
                if keys[place] != _FREE:
                    total += held[place] * np.int64(strengths2[j, at])
            if total:
                story[i, other] = total / (mine * _length(strengths2, j))
    return story


@compiled
def _spread_words(keys, weights, columns, values, start, end, channels):  # type: ignore[no-untyped-def]
    """Make a table of a row's words."""
    keys[:] = _FREE
    for at in range(start, end):
        if channels[columns[at]] == WORDS:
            place = _place(keys, columns[at])
            keys[place], weights[place] = columns[at], values[at]


@compiled
def _word_dot(keys, weights, columns, values, start, end):  # type: ignore[no-untyped-def]
    """The dot product of a table of words with a row."""
    total = np.uint32(0)
    for at in range(start, end):
        place = _place(keys, columns[at])
        if keys[place] != _FREE:
            total += weights[place] * np.uint32(values[at])
    return total


@compiled
def _choose(  # type: ignore[no-untyped-def]
    indptr, columns, squares, days, candidates, dots, order, listed,
    indptr2, columns2, values2, squares2, days2, channels, telling,
    totals, tail, story, grounds, kinship, near, near_days, beside, stored, k, fates, originals,
):  # fmt: skip
    """Walk each list from its best until k are kept; leave out near-duplicates and count them with their original.

    What became of each candidate on the way is written into ``fates`` and ``originals``. Each list is walked up to
    three times: first with all near-duplicates, which stay if that makes no more results than are stored; without the
    rule of grounds, which is marked in the last but one of what is returned, where no candidate has any. The last is the
    score of the best of each list, by which the others are measured: near-duplicates of the event itself are no measure.
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
        place = 0
        folds = False
        best = np.uint64(0)  # what the first of the list shares in words, phrases and topics
        while place < listed[i]:
            at = order[i, place]
            place += 1
            if measures[i] >= 0 and totals[i, at] < tail * measures[i]:
                for rest in range(place - 1, listed[i]):
                    fates[i, order[i, rest]] = BELOW_TAIL
                break
            j = candidates[i, at]
            topics = dots[i, at, TOPICS]
            shared = np.uint64(dots[i, at, WORDS]) + np.uint64(topics) + np.uint64(dots[i, at, PHRASES])
            if (
                grounds > 0
                and not lenient[i]
                and not (
                    topics > 0
                    and (
                        measures[i] < 0 or shared >= grounds * best or story[i, at] >= kinship * totals[i, at]
                    )
                )
                and not _share(
                    columns, indptr[i], indptr[i + 1], columns2, indptr2[j], indptr2[j + one], telling
                )
            ):
                fates[i, at] = NO_GROUNDS
                if place == listed[i] and counts[i] == 0:
                    place, lenient[i], folds = 0, True, False
                    for rest in range(listed[i]):
                        fates[i, order[i, rest]] = BEYOND
                continue
            if counts[i] == stored and not folds:
                # More than there is room for: from here on near-duplicates stand behind their original.
                place, folds, counts[i], measures[i] = 0, True, 0, -1
                continue
            original = -1
            if counts[i] and folds:
                size = 1 << _table_bits(indptr2[j + one] - indptr2[j])
                if size > len(theirs):
                    theirs, their_weights = np.empty(size, np.uint32), np.empty(size, np.uint32)
                spread = False
                alike = 0
                for kept in range(counts[i]):
                    other = candidates[i, chosen[i, kept]]
                    if abs(days2[j] - days2[other]) > near_days:
                        continue
                    if not spread:
                        spread = True
                        _spread_words(
                            theirs, their_weights, columns2, values2, indptr2[j], indptr2[j + one], channels
                        )
                    dot = _word_dot(
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
                    and abs(days[i] - days2[j]) <= near_days
                )
                if measures[i] < 0 and not twin:
                    best, measures[i] = shared, totals[i, at]
                chosen[i, counts[i]] = at
                counts[i] += 1
            else:
                break
    return chosen, copies, counts, lenient, measures


def near_copies(
    subjects: Subjects, candidates: Candidates, corpus: Corpus, config: Config
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which candidates say what each event says, at the same time, and the cosines of their words.

    Parameters
    ----------
    subjects : Subjects
    candidates : Candidates
        Rows of the corpus.
    corpus : Corpus
    config : Config

    Returns
    -------
    copies : ndarray of bool, shape (n, c)
    cosines : ndarray of float64, shape (n, c)
        0 where one of both has no words.
    """
    used = _used(candidates)
    rows = np.where(used, candidates.rows, 0)
    dots = _dots(*subjects.vectors.arrays, rows, *corpus.vectors.arrays, corpus.channels)[..., WORDS]
    lengths = np.sqrt(subjects.squares[:, None] * corpus.squares[rows])
    apart = np.abs(subjects.days[:, None].astype(np.int64) - corpus.days[rows])
    copies = used & (dots > 0) & (dots >= config.lists.near_duplicate * lengths)
    copies &= apart <= config.lists.duplicate_days
    return copies, np.where(used & (dots > 0), dots / np.maximum(lengths, 1.0), 0.0)


def word_squares(vectors: Vectors, channels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The dot product of each row's words with themselves, float64, shape (n,): whole numbers, summed exactly."""
    return _word_squares(*vectors.arrays, channels)  # type: ignore[no-any-return]


@compiled
def _word_squares(indptr, columns, values, channels):  # type: ignore[no-untyped-def]
    squares = np.zeros(len(indptr) - 1)
    for row in range(len(squares)):
        total = np.uint64(0)
        for at in range(indptr[row], indptr[row + 1]):
            if channels[columns[at]] == WORDS:
                total += np.uint64(values[at]) * np.uint64(values[at])
        squares[row] = total
    return squares


@dataclass(frozen=True, slots=True)
class Contexts:
    """The topics that pairs of events share, in the order of what they give to the score.

    A topic gives its own entry, and the words of its name where both events use them: whoever reads ``Boko Haram,
    Nigeria`` means the words as much as the topic. Common topics say little: they follow the others.

    Attributes
    ----------
    bounds : ndarray of int64, shape (n_pairs + 1,)
        Pair ``i`` shares the topics ``bounds[i]`` to ``bounds[i + 1]``.
    columns : ndarray of uint32
        The column of each topic.
    tied : ndarray of int64
        Which topics of a pair give as much as the next one. Columns have no order of their own, a refresh numbers new
        topics as they come: the alphabet decides.

    Examples
    --------
    >>> shared = Contexts(np.array([0, 2, 3]), np.array([7, 5, 5], np.uint32), tied=np.array([0]))
    >>> list(shared.spelled(lambda columns: [{5: "Iraq", 7: "Mosul"}[column] for column in columns.tolist()]))
    [['Iraq', 'Mosul'], ['Iraq']]
    """

    bounds: NDArray[np.int64]
    columns: NDArray[np.uint32]
    tied: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        left: Vectors,
        left_rows: NDArray[np.int64],
        right: Vectors,
        right_rows: NDArray[np.int64],
        channels: NDArray[np.uint8],
        names: NameWords,
    ) -> Self:
        """Find them.

        Parameters
        ----------
        left, right : Vectors
        left_rows, right_rows : ndarray of int64, shape (n_pairs,)
        channels : ndarray of uint8, shape (n_columns,)
        names : NameWords
        """
        at_most = int((left.indptr[left_rows + 1] - left.indptr[left_rows]).sum())
        bounds, columns = np.zeros(len(left_rows) + 1, np.int64), np.empty(at_most, np.uint32)
        given, tied = np.empty(at_most, np.uint64), np.zeros(at_most, bool)
        args = (*left.arrays, left_rows, *right.arrays, right_rows, channels)
        _shared(*args, names.indptr, names.columns, names.common, bounds, columns, given, tied)
        return cls(bounds, columns[: bounds[-1]].copy(), np.flatnonzero(tied[: bounds[-1]]))

    def spelled(self, spell: Callable[[NDArray[np.uint32]], list[str]]) -> Iterator[list[str]]:
        """Their names, pair by pair.

        Parameters
        ----------
        spell : callable
            The names of the topics in some columns.
        """
        names = spell(self.columns)
        runs = np.split(self.tied, np.flatnonzero(np.diff(self.tied) > 1) + 1) if len(self.tied) else ()
        for run in runs:
            tied = slice(int(run[0]), int(run[-1]) + 2)
            names[tied] = sorted(names[tied])
        return (names[first:last] for first, last in itertools.pairwise(self.bounds.tolist()))


@compiled
def _entry(columns, values, at, end, column):  # type: ignore[no-untyped-def]
    """The value of a column in a row, 0 where the row has none."""
    while at < end:
        middle = (at + end) >> np.uint64(1)
        if columns[middle] < column:
            at = middle + np.uint64(1)
        else:
            end = middle
    return np.uint64(values[at]) if at < len(columns) and columns[at] == column else np.uint64(0)


@compiled
def _shared(  # type: ignore[no-untyped-def]
    indptr, columns, values, left, indptr2, columns2, values2, right, channels, name_indptr, name_columns, common,
    bounds, shared, given, tied,
):  # fmt: skip
    """Write the shared topics of each pair ``i`` and what they give to the places from ``bounds[i]`` on, in order."""
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
                for place in range(name_indptr[column], name_indptr[column + np.uint32(1)]):
                    word = name_columns[place]
                    total += _entry(columns, values, first, end, word) * _entry(
                        columns2, values2, first2, end2, word
                    )
                place = found
                while place > bounds[pair] and (
                    common[shared[place - 1]] > common[column]
                    or (common[shared[place - 1]] == common[column] and given[place - 1] < total)
                ):
                    shared[place], given[place] = shared[place - 1], given[place - 1]
                    place -= 1
                shared[place], given[place] = column, total
                found += 1
            at += np.uint64(1)
            at2 += np.uint64(1)
        for place in range(bounds[pair], found - 1):
            same = common[shared[place]] == common[shared[place + 1]]
            tied[place] = same and given[place] == given[place + 1]
        bounds[pair + 1] = found
