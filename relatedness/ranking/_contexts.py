"""What two events share, by name: their topics, strongest first and countries last, and the distinctive columns."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.numbering import Column, Row, as_columns
from relatedness.ranking import _plain
from relatedness.ranking._compiling import compiled_pays, read_only
from relatedness.ranking._counts import DISTINCTIVE, NAMING, PLACE, TOPICS, WORDS, words_of_names
from relatedness.ranking._reason_words import no_reasons
from relatedness.ranking._settings import reason_settings
from relatedness.ranking._vectors import Vectors
from relatedness.ranking._vocabulary import FittedVocabulary, idf
from relatedness.topics import PLACES, REFERENCE, EventTopic

_SHARED_NS = 600  # plain Python's cost of an entry whose topic may be shared, in nanoseconds


@dataclass(frozen=True, slots=True)
class NameWords:
    """The words in the names of topics, as columns, and which topics are too general to come first.

    Examples
    --------
    >>> from relatedness.ranking import Document, count, fit
    >>> topics = [EventTopic("Boko Haram", "organisation", "found"), EventTopic("Nigeria", "country", "found")]
    >>> vocabulary, _ = fit(count([Document("", "Boko Haram attacks", "en", topics)], Config.default()), Config.default())
    >>> names = NameWords.of(vocabulary, topics[1:], Config.default())
    >>> vocabulary.spell(names.columns), [vocabulary.terms[column] for column in np.flatnonzero(names.common)]
    (['boko', 'haram', 'nigeria'], ['Nigeria'])
    """

    # Shape (n_columns + 1,): the words of the topic at column ``c`` are ``columns[indptr[c]:indptr[c + 1]]``; none for
    # other columns.
    indptr: NDArray[np.uint32]
    columns: NDArray[Column]
    # Shape (n_columns,): 1 for a country, and for a topic that more than the share ``topics.common`` of the events had
    # when the statistics were fitted, and more than ``topics.common_events`` of them; 0 for topics added later.
    common: NDArray[np.uint8]

    @classmethod
    def of(cls, vocabulary: FittedVocabulary, places: Iterable[EventTopic], config: Config) -> NameWords:
        """Tokenize the names of a vocabulary's topics; the vocabulary holds all their words.

        Parameters
        ----------
        places : iterable of EventTopic
            Those of the events, from `marked_among`.
        config : Config
            Uses ``topics.common``.
        """
        topics = np.flatnonzero(vocabulary.channels == TOPICS)
        names = words_of_names(vocabulary.terms[column] for column in topics.tolist())
        words = list(dict.fromkeys(itertools.chain.from_iterable(names)))
        place_of = dict(zip(words, vocabulary.find(WORDS, words)[0].tolist(), strict=True))
        sizes = np.zeros(len(vocabulary.channels) + 1, np.uint32)
        sizes[topics + 1] = [len(name) for name in names]
        common = np.zeros(len(vocabulary.channels), bool)
        countries = {place.name for place in places if place.kind == "country"}
        common[topics] = [vocabulary.terms[column] in countries for column in topics.tolist()]
        common[topics] |= vocabulary.frequency[topics] > least_common(vocabulary.n_events, config)
        common &= vocabulary.frequency > 0
        return cls(
            np.cumsum(sizes, dtype=np.uint32),
            np.array([place_of[word] for name in names for word in name], np.uint32),
            common.astype(np.uint8),
        )


def least_common(n_events: int, config: Config) -> float:
    """The number of events above which a topic is common and listed after the others.

    Examples
    --------
    >>> least_common(10_000, Config.default())
    1500.0
    """
    return max(config.topics.common * n_events, config.topics.common_events)


def most_distinctive(n_events: int, config: Config) -> float:
    """The number of events up to which a word is distinctive.

    Examples
    --------
    >>> most_distinctive(1000, Config.default())
    100.0
    """
    return config.lists.distinctive_limit * math.cbrt(n_events)


def least_distinctive(n_events: int, config: Config) -> float:
    """The weight of the most frequent distinctive word; rarer words weigh more.

    Examples
    --------
    >>> round(least_distinctive(1000, Config.default()), 2)
    2.39
    """
    most = np.array([most_distinctive(n_events, config)], np.int64)
    return float(idf(most, n_events, config.text.idf_power)[0])


def common_weight(n_events: int, config: Config) -> float:
    """The weight of the most frequent word that reasons name; more frequent words weigh less.

    Examples
    --------
    >>> round(common_weight(1000, Config.default()), 2)
    1.1
    """
    rules = reason_settings()
    most = np.array([max(rules.phrases.common * n_events, rules.little.events)], np.int64)
    return float(idf(most, n_events, config.text.idf_power)[0])


def marked_among(topics: Iterable[Sequence[EventTopic]]) -> set[EventTopic]:
    """The places and the identifiers among the topics of events.

    Examples
    --------
    >>> topics = [EventTopic("ISIL", "organisation", "found"), EventTopic("Iraq", "country", "found")]
    >>> [topic.name for topic in marked_among([topics, []])]
    ['Iraq']
    """
    return {topic for each in topics for topic in each if topic.kind in PLACES or topic.kind == REFERENCE}


def column_traits(
    vocabulary: FittedVocabulary, names: NameWords, marked: Set[EventTopic], config: Config
) -> NDArray[np.uint8]:
    """The columns that show what an event is about, rare words and topics other than places, and those that show only where it
    happened. Two events do not belong to one story because they happened in the same country, both mention a death toll, or
    17 were killed in both.

    Parameters
    ----------
    marked : set of EventTopic
        Those of the events, from `marked_among`.
    config : Config
        Uses ``lists.distinctive_limit``.

    Returns
    -------
    ndarray of uint8, shape (n_columns,)
        `DISTINCTIVE` for words that at most ``lists.distinctive_limit`` times the cube root of the number of events hold, unless
        they are numbers of up to four digits, number words, names of days and months, or other words that are no reason to
        relate two events (``no_reasons.txt``), or part of what a place is called (Portugal, Portuguese); for topics other than
        places that at most ten times as many hold, and for places and the words of their names that at most a tenth as many
        hold. (The limit is a number of events rather than a fraction, because the same fraction says less in a larger archive.)
        `PLACE` for other places, for the words of their names and for what their people are called (Iraqi), if places of these
        names are topics of at least half as many events as hold the word: not for the general words in them, such as new or
        lake. `NAMING` beside these for identifiers by which events name each other. 0 for all other columns.

    Examples
    --------
    >>> from relatedness.ranking import Document, count, fit
    >>> config, topics = Config.default(), [EventTopic("Germany", "country", "found")]
    >>> vocabulary, _ = fit(count([Document("", "Floods of Monday hit 17 towns", "en", topics)], config), config)
    >>> found = column_traits(vocabulary, NameWords.of(vocabulary, topics, config), set(topics), config)
    >>> vocabulary.spell(np.flatnonzero(found == DISTINCTIVE)), vocabulary.spell(np.flatnonzero(found == 0))
    (['flood', 'hit', 'town', 'germani', 'Germany'], ['monday', '17'])
    """
    most, rules = most_distinctive(vocabulary.n_events, config), reason_settings().distinctive
    are_words, are_topics = vocabulary.channels == WORDS, vocabulary.channels == TOPICS
    places = {topic for topic in marked if topic.kind != REFERENCE}
    identifiers = {topic.name for topic in marked if topic.kind == REFERENCE}
    place_names = {place.name for place in places}
    of_places = np.zeros(len(are_topics), bool)
    named: set[tuple[int, int]] = set()  # a word, and a place of that name
    column_of = {}
    for column in np.flatnonzero(are_topics).tolist():
        if vocabulary.terms[column] in place_names:
            column_of[vocabulary.terms[column]] = column
            named.update(
                (word, column)
                for word in names.columns[names.indptr[column] : names.indptr[column + 1]].tolist()
            )
    # Compare as written in the texts: "Portuguese" adds nothing to the context Portugal.
    aliases = sorted({(alias, place.name) for place in places for alias in place.aliases})
    written = words_of_names([alias for alias, _ in aliases])
    words = list(dict.fromkeys(itertools.chain.from_iterable(written)))
    found = dict(zip(words, vocabulary.find(WORDS, words)[0].tolist(), strict=True))
    of_places[[column for column in found.values() if column >= 0]] = True
    named.update(
        (found[said[0]], column_of[name])
        for said, (_, name) in zip(written, aliases, strict=True)
        if len(said) == 1 and found[said[0]] >= 0 and name in column_of
    )
    where = np.array(sorted(named), np.int64).reshape(-1, 2)
    topics = np.array(sorted(column_of.values()), np.int64)
    of_places[where[:, 0]] = of_places[topics] = True
    in_places = np.bincount(where[:, 0], vocabulary.frequency[where[:, 1]], minlength=len(are_topics))
    in_places[topics] = vocabulary.frequency[topics]
    silent = np.zeros(len(are_words), bool)
    silent[are_words] = [
        term in no_reasons() or _is_number(term)
        for term in map(vocabulary.terms.__getitem__, np.flatnonzero(are_words).tolist())
    ]
    distinctive: NDArray[np.bool_] = (~silent & (are_words | are_topics)) & (
        vocabulary.frequency
        <= np.where(
            of_places, most / rules.place_divisor, np.where(are_topics, rules.topic_times * most, most)
        )
    )
    say_where = of_places & (2 * in_places >= vocabulary.frequency)
    naming = np.zeros(len(are_words), bool)
    if identifiers:
        naming[are_topics] = [
            term in identifiers
            for term in map(vocabulary.terms.__getitem__, np.flatnonzero(are_topics).tolist())
        ]
    what = np.where(distinctive, DISTINCTIVE, np.where(say_where, PLACE, 0)).astype(np.uint8)
    return what | np.where(naming, NAMING, 0).astype(np.uint8)


def _is_number(term: str) -> bool:
    return term.isascii() and term.isdigit() and len(term) <= reason_settings().distinctive.number_digits


@dataclass(frozen=True, slots=True)
class Contexts:
    """The topics that pairs of events share, in the order of their contributions to the score. The contribution of a topic is
    that of its own entry plus those of the words in its name that both events use: to a reader of ``Boko Haram, Nigeria``,
    words and topic are the same reason. Countries and common topics say little and follow the others.

    Examples
    --------
    >>> shared = Contexts(np.array([0, 2, 3]), np.array([7, 5, 5], np.uint32), tied=np.array([0]))
    >>> list(shared.spelled(lambda columns: [{5: "Iraq", 7: "Mosul"}[column] for column in columns.tolist()]))
    [['Iraq', 'Mosul'], ['Iraq']]
    """

    # Shape (n_pairs + 1,): pair ``i`` shares the topics ``bounds[i]`` to ``bounds[i + 1]``.
    bounds: NDArray[np.int64]
    columns: NDArray[Column]  # the column of each topic
    # Topics of a pair whose contribution equals that of the next one. Their order is alphabetical, because column
    # numbers depend on the order in which refreshes added topics.
    tied: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        left: Vectors,
        left_rows: NDArray[Row],
        right: Vectors,
        right_rows: NDArray[Row],
        channels: NDArray[np.uint8],
        names: NameWords,
    ) -> Self:
        """Find them.

        Parameters
        ----------
        left_rows, right_rows : ndarray of int64, shape (n_pairs,)
        channels : ndarray of uint8, shape (n_columns,)
        """
        at_most = int((left.indptr[left_rows + 1] - left.indptr[left_rows]).sum())
        bounds, columns = np.zeros(len(left_rows) + 1, np.int64), np.empty(at_most, np.uint32)
        given, tied = np.empty(at_most, np.uint64), np.zeros(at_most, bool)
        held = (*left.arrays, left_rows, *right.arrays, right_rows, channels)
        named = names.indptr, names.columns, names.common
        shared_topics: Any = _plain.shared_topics
        if compiled_pays(_SHARED_NS * at_most):
            from relatedness.ranking._pair_kernel import shared_topics
        shared_topics(*read_only(*held, *named), bounds, columns, given, tied)
        return cls(bounds, as_columns(columns[: bounds[-1]].copy()), np.flatnonzero(tied[: bounds[-1]]))

    def spelled(self, spell: Callable[[NDArray[Column]], list[str]]) -> Iterator[list[str]]:
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
