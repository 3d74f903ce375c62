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
from relatedness.ranking import _choice, _plain
from relatedness.ranking._choice import BELOW_FLOOR, BELOW_TAIL, BEYOND, NO_SCORE
from relatedness.ranking._compiling import compiled_pays
from relatedness.ranking._counts import TOPICS, WORDS, words_of_names
from relatedness.ranking._embeddings import alike, cosines
from relatedness.ranking._rows import NOBODY, Candidates, Rows, row_sums
from relatedness.ranking._score import DOT_BITS, RECENCY_BITS, STORY, Recency, contributions, shares
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
# What plain Python and NumPy take, in nanoseconds: for a candidate that is looked at, for an entry of its neighbours or its
# vector, for a cell of the table that these are looked up in, and for an entry whose topic may be shared.
_CHOICE_NS, _STORY_NS, _DOT_NS, _CELL_NS, _SHARED_NS = 6_000, 20, 30, 0.5, 600
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
    choose = _choice.choose
    if compiled_pays(_CHOICE_NS * int(np.minimum(listed.sum(axis=1), 2 * k).sum())):
        from relatedness.ranking._pair_kernel import choose
    chosen, copies, counts, lenient, best = choose(
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
    story: Callable[..., NDArray[np.float64]] = _plain.story
    n, width = corpus_neighbours.rows.shape
    if compiled_pays(_STORY_NS * pairs.rows.size * width + _CELL_NS * len(pairs.rows) * n):
        from relatedness.ranking._pair_kernel import story
    return story(
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
    told : ndarray of bool, shape (n, c)
        Whether both hold a column that tells what they are about, from `telling_columns`.
    same : ndarray of bool, shape (n, c)
        Whether both have one category.
    meaning : ndarray of float64, shape (n, c)
    factor : ndarray of uint16, shape (n, c)
        The recency.
    """

    used: NDArray[np.bool_]
    rows: NDArray[np.uint32]
    dots: NDArray[np.uint32]
    told: NDArray[np.bool_]
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
    dots, told = _dots(subjects, rows, corpus)
    same = (subjects.categories[:, None] == corpus.categories[rows]) & (subjects.categories >= 0)[:, None]
    meaning = np.zeros(rows.shape)
    if subjects.meanings.shape[1]:
        meaning = alike(cosines(subjects.meanings, rows, corpus.meanings), corpus.common)
    return Pairs(
        used, rows, dots, told, same, meaning, recency.factor(subjects.days[:, None], corpus.days[rows])
    )


def _dots(
    subjects: Subjects, rows: NDArray[Any], corpus: Corpus
) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
    """The dot products of events and rows of the corpus by channel, and whether both hold a telling column."""
    dots: Callable[..., tuple[NDArray[np.uint32], NDArray[np.bool_]]] = _plain.dots
    width = len(corpus.vectors.columns) / max(len(corpus.days), 1)
    spread = len(rows) * len(corpus.channels)
    if compiled_pays(_DOT_NS * rows.size * width + _CELL_NS * spread):
        from relatedness.ranking._pair_kernel import dots
    return dots(*subjects.vectors.arrays, rows, *corpus.vectors.arrays, corpus.channels, corpus.telling)


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
    dots = _dots(subjects, rows, corpus)[0][..., WORDS]
    lengths = np.sqrt(subjects.squares[:, None] * corpus.squares[rows])
    apart = np.abs(subjects.days[:, None].astype(np.int64) - corpus.days[rows])
    copies = used & (dots > 0) & (dots >= config.lists.near_duplicate * lengths)
    copies &= apart <= config.lists.duplicate_days
    return copies, np.where(used & (dots > 0), dots / np.maximum(lengths, 1.0), 0.0)


def word_squares(vectors: Vectors, channels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The dot product of each row's words with themselves, float64, shape (n,): whole numbers, summed exactly."""
    squares = np.where(channels[vectors.columns] == WORDS, np.square(vectors.values, dtype=np.uint32), 0)
    return row_sums(vectors.indptr, squares).astype(np.float64)


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
        shared_topics = _choice.shared_topics
        if compiled_pays(_SHARED_NS * at_most):
            from relatedness.ranking._pair_kernel import shared_topics
        shared_topics(*args, names.indptr, names.columns, names.common, bounds, columns, given, tied)
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
