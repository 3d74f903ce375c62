"""The terms of a corpus, frozen once they are fitted: columns, document frequencies, weights.

A term weighs ``sqrt(tf) * idf``, with the idf dampened, and more if the corpus writes it with a capital: names say more about
the subject of a report than other words of the same rarity.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.numbering import Column, ColumnNumber, as_columns, column_numbers
from relatedness.ranking._counts import (
    CHANNELS,
    DISTINCTIVE,
    NAMING,
    PHRASES,
    TOPICS,
    WORDS,
    Counts,
    numbers_in,
    phrases_of,
    words_of_names,
)
from relatedness.ranking._packed_terms import PackedTerms
from relatedness.ranking._survey import Survey

SQUARE_UNIT = float(1 << 20)
"""Squared lengths are multiples of its inverse, so that their sums are exact in any order."""


class Vocabulary(Protocol):
    """Protocol of a frozen vocabulary."""

    @property
    def n_events(self) -> int:
        """The number of events that it was fitted on."""
        ...

    @property
    def pivots(self) -> Sequence[float]:
        """Per channel, the mean squared length of a vector before it is normalised."""
        ...

    def find(self, channel: int, terms: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The column of each term (-1 if it is unknown) and its weight (undefined if it is unknown)."""
        ...


@dataclass(frozen=True, slots=True)
class Weighed:
    """The terms of some `Counts` with their columns and weights.

    Examples
    --------
    >>> from relatedness.ranking import Document, count
    >>> _, weighed = fit(count([Document("", "Floods hit Dresden", "en", ())], Config.default()), Config.default())
    >>> weighed.column[WORDS].tolist(), weighed.column[PHRASES].tolist()  # a phrase of one event gets no column
    ([0, 1, 2], [-1, -1])
    """

    column: tuple[NDArray[np.int64], ...]  # per channel and term, its column, or -1 where the matrix has none
    weight: tuple[NDArray[np.float64], ...]  # per channel and term, the weight of one occurrence
    pivots: Sequence[float]  # per channel, the mean squared length
    # Per channel, the weight of one occurrence of a term that no event of the vocabulary holds, the largest of all.
    unseen: Sequence[float]


@dataclass(frozen=True, slots=True)
class FittedVocabulary:
    """The vocabulary of a corpus: column ``i`` is ``terms[i]`` of channel ``channels[i]``.

    Examples
    --------
    >>> from relatedness.ranking import Document, count
    >>> vocabulary, _ = fit(count([Document("", "Floods hit Dresden", "en", ())], Config.default()), Config.default())
    >>> vocabulary.find(WORDS, ["flood", "zeppelin"])[0].tolist(), vocabulary.spell(np.array([2], np.uint32))
    ([0, -1], ['dresden'])
    """

    n_events: int
    pivots: Sequence[float]  # per channel, the mean squared length of a vector before it is normalised
    terms: Sequence[str]
    channels: NDArray[np.uint8]
    frequency: NDArray[np.int64]  # in how many events each term stands
    weight: NDArray[np.float64]  # the weight of one occurrence: `idf`, raised for names

    def find(self, channel: int, terms: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The columns and weights of terms; see `Vocabulary.find`.

        Returns
        -------
        columns : ndarray of int64
            -1 for an unknown term.
        weights : ndarray of float64
            0 for an unknown term.
        """
        column = np.array(self.finder(channel)(terms), dtype=np.int64)
        return column, np.where(column >= 0, self.weight[column], 0.0)

    def finder(self, channel: int) -> Callable[[Sequence[str]], list[ColumnNumber]]:
        """A function that finds the columns of terms of a channel, -1 for an unknown term; keep it for repeated use."""
        if isinstance(self.terms, PackedTerms):
            return partial(self.terms.find, among=self.channels == channel)
        columns = column_numbers(as_columns(np.flatnonzero(self.channels == channel)))
        number = {self.terms[column]: column for column in columns}
        unknown = ColumnNumber(-1)
        return lambda terms: [number.get(term, unknown) for term in terms]

    def spell(self, columns: NDArray[Column]) -> list[str]:
        """The terms of some columns."""
        return [self.terms[column] for column in columns.tolist()]

    def rows(self) -> Iterator[tuple[ColumnNumber, int, str, int, float]]:
        """Every term as the store keeps it: column, channel, term, document frequency, weight."""
        return zip(
            cast("Iterable[ColumnNumber]", range(len(self.terms))),
            numbers_in(self.channels),
            self.terms,
            numbers_in(self.frequency),
            numbers_in(self.weight),
            strict=True,
        )

    def pivoted(self, squares: NDArray[np.float64]) -> FittedVocabulary:
        """The same statistics with the pivots that follow from the `square_sums` of the corpus.

        Parameters
        ----------
        squares : ndarray of float64, shape (3,)
        """
        return replace(self, pivots=(squares / SQUARE_UNIT / max(self.n_events, 1)).tolist())

    def extended(self, new: NewTerms) -> FittedVocabulary:
        """The same statistics with further terms after the known ones."""
        return replace(
            self,
            terms=[*self.terms, *new.terms],
            channels=np.concatenate([self.channels, new.channels]),
            frequency=np.concatenate([self.frequency, np.zeros(len(new.terms), np.int64)]),
            weight=np.concatenate([self.weight, new.weight]),
        )


def fit(counts: Counts, config: Config) -> tuple[FittedVocabulary, Weighed]:
    """Freeze the statistics of a corpus.

    Parameters
    ----------
    counts : Counts
        The whole corpus.
    config : Config
        Phrases in fewer than ``text.phrase_events`` events get no column; they count as never seen.

    Returns
    -------
    FittedVocabulary
        It also holds the words of its topics' names, even if no text has them.
    Weighed
        The terms of ``counts`` in it.

    Examples
    --------
    >>> from relatedness.ranking import Document, count
    >>> config = Config.default()
    >>> vocabulary, _ = fit(count([Document("", "Floods hit Dresden", "en", ())], config), config)
    >>> vocabulary.n_events, vocabulary.terms[:3]
    (1, ['flood', 'hit', 'dresden'])
    """
    vocabulary, weighed = _fit(Survey.of(counts), config, list)
    vocabulary = vocabulary.pivoted(square_sums(counts, weighed))
    return vocabulary, replace(weighed, pivots=vocabulary.pivots)


def fit_survey(
    found: Survey, config: Config, kept: Callable[[Iterable[str]], Sequence[str]] = list
) -> FittedVocabulary:
    """Freeze the statistics of a corpus that is too large for one machine, as `fit` does, except for the pivots.

    Parameters
    ----------
    found : Survey
        Of the whole corpus: `Survey.merged` from those of its parts.
    kept : callable, optional
        Makes the container of the terms: a list, or `PackedTerms.of` for millions of terms.

    Returns
    -------
    FittedVocabulary
        Its pivots are 0, because they need a second pass: pass the sum of `square_sums` over all parts, weighed by this
        vocabulary, to `FittedVocabulary.pivoted`; the result equals that of `fit`.

    Examples
    --------
    >>> from relatedness.ranking import Document, Survey, count
    >>> config = Config.default()
    >>> fit_survey(Survey.of(count([Document("", "Floods hit Dresden", "en", ())], config)), config).terms
    ['flood', 'hit', 'dresden']
    """
    return _fit(found, config, kept)[0]


def square_sums(counts: Counts, weighed: Weighed) -> NDArray[np.float64]:
    """Per channel, the sum of the squared lengths of some documents' vectors.

    Returns
    -------
    ndarray of float64, shape (3,)
        Whole numbers, so that the sums are exact in any order.

    Examples
    --------
    >>> from relatedness.ranking import Document, count
    >>> counts = count([Document("", "Floods hit Dresden", "en", ())], Config.default())
    >>> vocabulary, weighed = fit(counts, Config.default())
    >>> vocabulary.pivoted(square_sums(counts, weighed)).pivots == vocabulary.pivots
    True
    """
    return np.array(
        [squares_of(counts, channel, weight).sum() for channel, weight in enumerate(weighed.weight)]
    )


def _fit(
    found: Survey, config: Config, kept: Callable[[Iterable[str]], Sequence[str]]
) -> tuple[FittedVocabulary, Weighed]:
    in_texts = set(found.terms[WORDS])
    named = dict.fromkeys(itertools.chain.from_iterable(words_of_names(found.terms[TOPICS])))
    only_named = [word for word in named if word not in in_texts]
    sizes = (len(found.terms[WORDS]), len(found.pairs), len(found.terms[TOPICS]))
    frequency = [numbers.copy() for numbers in found.frequency]
    known = frequency[PHRASES] >= config.text.phrase_events
    frequency[PHRASES][~known] = 0
    powers = (config.text.idf_power, config.text.idf_power, config.topics.idf_power)
    weight = [idf(numbers, found.n, power) for numbers, power in zip(frequency, powers, strict=True)]
    weight[WORDS] *= 1 + config.text.name_boost * found.capital_share
    # A term found only in titles whose weight is 0 counts as unseen.
    weight[WORDS][frequency[WORDS] == 0] = unseen_weights(found.n, config)[WORDS]
    phrases = np.flatnonzero(known)
    starts = np.cumsum([0, sizes[WORDS] + len(only_named), len(phrases), sizes[TOPICS]])
    phrase_column = np.full(len(known), -1, dtype=np.int64)
    phrase_column[phrases] = np.arange(starts[PHRASES], starts[TOPICS])
    column = (np.arange(sizes[WORDS]), phrase_column, np.arange(starts[2], starts[3]))
    no_pivots = [0.0] * len(CHANNELS)
    vocabulary = FittedVocabulary(
        n_events=found.n,
        pivots=no_pivots,
        terms=kept(
            itertools.chain(
                found.terms[WORDS],
                only_named,
                phrases_of(found.terms[WORDS], found.pairs[phrases]),
                found.terms[TOPICS],
            )
        ),
        channels=np.repeat(np.arange(len(CHANNELS), dtype=np.uint8), np.diff(starts)),
        frequency=np.concatenate(
            [
                frequency[WORDS],
                np.zeros(len(only_named), np.int64),
                frequency[PHRASES][phrases],
                frequency[TOPICS],
            ]
        ),
        weight=np.concatenate(
            [
                weight[WORDS],
                np.full(len(only_named), unseen_weights(found.n, config)[WORDS]),
                weight[PHRASES][phrases],
                weight[TOPICS],
            ]
        ),
    )
    return vocabulary, Weighed(column, tuple(weight), no_pivots, unseen_weights(found.n, config))


def locate(counts: Counts, vocabulary: Vocabulary, config: Config) -> Weighed:
    """Find the terms of some documents in a frozen vocabulary; an unknown term weighs as much as the rarest known one.

    Examples
    --------
    >>> from relatedness.ranking import Document, count
    >>> config = Config.default()
    >>> vocabulary, _ = fit(count([Document("", "Floods hit Dresden", "en", ())], config), config)
    >>> locate(count([Document("", "Dresden dries", "en", ())], config), vocabulary, config).column[WORDS].tolist()
    [2, -1]
    """
    unseen = unseen_weights(vocabulary.n_events, config)
    columns, weights = [], []
    for channel, terms in enumerate((counts.terms[WORDS], counts.phrases(), counts.terms[TOPICS])):
        column, weight = vocabulary.find(channel, terms)
        columns.append(column)
        weights.append(np.where(column >= 0, weight, unseen[channel]))
    return Weighed(tuple(columns), tuple(weights), vocabulary.pivots, unseen)


@dataclass(frozen=True, slots=True)
class NewTerms:
    """Terms that a frozen vocabulary is extended by, in the order of their columns.

    Examples
    --------
    >>> from relatedness.ranking import Document, count
    >>> config = Config.default()
    >>> vocabulary, _ = fit(count([Document("", "Floods hit Dresden", "en", ())], config), config)
    >>> _, new = extend(count([Document("", "Dresden dries", "en", ())], config), vocabulary, 3, config)
    >>> new.terms, vocabulary.extended(new).terms
    (['dri'], ['flood', 'hit', 'dresden', 'dri'])
    """

    terms: list[str]
    channels: NDArray[np.uint8]
    weight: NDArray[np.float64]  # the weight of one occurrence: that of an unseen term
    # As from `relatedness.ranking.column_traits`: no event had them, so all are distinctive.
    traits: NDArray[np.uint8]
    name_words: list[list[int]]  # the columns of the words in each topic's name; empty for words


def extend(
    counts: Counts, vocabulary: Vocabulary, n_columns: int, config: Config
) -> tuple[Weighed, NewTerms]:
    """Find the terms of new events in a frozen vocabulary, and give new columns to unknown words and topics.

    The weight of a new term depends only on the frozen statistics, not on when it was added. New
    phrases get no column until the statistics are fitted again: most never occur a second time.

    Parameters
    ----------
    counts : Counts
        The new events.
    n_columns : int
        The number of its columns; new columns follow them.

    Examples
    --------
    >>> from relatedness.ranking import Document, count
    >>> config = Config.default()
    >>> vocabulary, _ = fit(count([Document("", "Floods hit Dresden", "en", ())], config), config)
    >>> weighed, new = extend(count([Document("", "Dresden dries", "en", ())], config), vocabulary, 3, config)
    >>> weighed.column[WORDS].tolist(), new.terms  # the new word gets column 3
    ([2, 3], ['dri'])
    """
    weighed = locate(counts, vocabulary, config)
    column = [found.copy() for found in weighed.column]
    topics = np.flatnonzero(column[TOPICS] < 0)
    names = words_of_names(counts.terms[TOPICS][topic] for topic in topics)
    words = [counts.terms[WORDS][word] for word in np.flatnonzero(column[WORDS] < 0)]
    # Of the words in names, those that are neither in the vocabulary nor in the new events.
    named = list(dict.fromkeys(itertools.chain.from_iterable(names)))
    known, _ = vocabulary.find(WORDS, named)
    column_of = {word: number for word, number in zip(named, known.tolist(), strict=True) if number >= 0}
    met = {*words, *column_of}
    words += [word for word in named if word not in met]
    column_of.update((word, number) for number, word in enumerate(words, n_columns))
    new_words = np.flatnonzero(column[WORDS] < 0)
    column[WORDS][new_words] = np.arange(n_columns, n_columns + len(new_words))
    column[TOPICS][topics] = np.arange(len(topics)) + n_columns + len(words)
    no_words: list[list[int]] = [[] for _ in words]
    name_words = [*no_words, *([column_of[word] for word in name] for name in names)]
    unseen = unseen_weights(vocabulary.n_events, config)
    channels = np.repeat(np.array([WORDS, TOPICS], np.uint8), (len(words), len(topics)))
    naming = np.isin(topics, counts.term[TOPICS][counts.weight[TOPICS] < 0])
    traits = DISTINCTIVE + np.concatenate([np.zeros(len(words), np.uint8), NAMING * naming])
    return replace(weighed, column=tuple(column)), NewTerms(
        terms=[*words, *(counts.terms[TOPICS][topic] for topic in topics)],
        channels=channels,
        weight=np.array(unseen)[channels],
        traits=traits.astype(np.uint8),
        name_words=name_words,
    )


def unseen_weights(n_events: int, config: Config) -> tuple[float, float, float]:
    """The weight of a term that the corpus does not hold; unknown words are nearly always names.

    Parameters
    ----------
    n_events : int
        The number of events of the corpus.

    Returns
    -------
    tuple of float
        For words, phrases and topics.

    Examples
    --------
    >>> len(unseen_weights(100, Config.default()))
    3
    """
    text, topics = (_idf_of_none(n_events, of.idf_power) for of in (config.text, config.topics))
    return text * (1 + config.text.name_boost), text, topics


@lru_cache(maxsize=16)
def _idf_of_none(n_events: int, power: float) -> float:
    return float(idf(np.zeros(1, np.int64), n_events, power)[0])


def idf(frequency: NDArray[np.int64], n_events: int, power: float) -> NDArray[np.float64]:
    """Inverse document frequency, ``ln(1 + (1 + N) / (1 + df)) ** power``.

    Parameters
    ----------
    frequency : ndarray of int64
        In how many events each term stands.
    n_events : int
        The number of events.
    power : float
        Below 1 it brings frequent and rare terms closer together.

    Returns
    -------
    ndarray of float64, same shape
        Above 0, even for a term that every event holds.

    Examples
    --------
    >>> import numpy as np
    >>> idf(np.array([99, 0]), 99, power=1.0).round(3).tolist()
    [0.693, 4.615]
    """
    return np.log1p((1 + n_events) / (1 + np.minimum(frequency, n_events))) ** power


def pivoted_length(
    squares: NDArray[np.float64], mean_square: float | NDArray[np.float64], pivot: float
) -> NDArray[np.float64]:
    """The divisor of a vector: ``sqrt(|x|^2 + pivot * mean |x|^2)``.

    After the pivoted length normalisation of Singhal, Buckley and Mitra, SIGIR 1996.

    Parameters
    ----------
    squares : ndarray of float64
        The squared length of each vector.
    mean_square : float or ndarray of float64
        Their mean over the corpus.
    pivot : float
        0 gives the cosine; higher values reduce short texts more.

    Returns
    -------
    ndarray of float64, same shape
        Above 0, also for an empty vector.

    Examples
    --------
    >>> pivoted_length(np.array([16.0]), 9.0, pivot=1.0).tolist()
    [5.0]
    """
    # At least one unit, because weights may be almost 0.
    return np.sqrt(np.maximum(squares, 1 / SQUARE_UNIT) + pivot * mean_square)


def squares_of(counts: Counts, channel: int, weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """The square of each counted term of a channel, weighed by ``weight`` (one number a term), in units of ``1 / SQUARE_UNIT``."""
    # As integers, whose float64 sums are exact in any order of the terms.
    return np.rint((np.maximum(counts.weight[channel], 0) * weight[counts.term[channel]]) ** 2 * SQUARE_UNIT)
