"""The reason of results whose topics say little: the subjects, phrases and words that both events share."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.events import Event, EventId
from relatedness.index._results import Related
from relatedness.languages import ENGLISH, language_of
from relatedness.numbering import ColumnNumber, Row, RowNumber, row_at, row_numbers
from relatedness.ranking import (
    PHRASES,
    TOPICS,
    WORDS,
    CommonPhrases,
    Contexts,
    Document,
    FittedVocabulary,
    Hushed,
    Wording,
    WrittenTexts,
    common_weight,
    least_common,
    least_distinctive,
    log_likelihood,
    reason_settings,
    shared_phrases,
    terms_of,
    unseen_weights,
)
from relatedness.storage import Store
from relatedness.topics import PLACES, EventTopic

if TYPE_CHECKING:
    from relatedness.templates import TemplateText

_MOST_REMEMBERED = 200_000  # terms of a vocabulary, and pairs of them
_MOST_READ = 6_000_000  # the most characters of texts in memory at a time

_Known = Mapping[str, tuple[ColumnNumber, int, float]]
Find = Callable[[int, Sequence[str]], _Known]
"""Finds the column, document frequency and weight of the known terms of a channel, like `Store.find_terms`."""


def with_shared(
    event: Event,
    items: Iterable[Related],
    topics: Iterable[EventTopic],
    *,
    terms: Terms,
    find: Callable[[EventId], Event],
    templates: TemplateText,
) -> list[Related]:
    """Add to results the subjects, phrases or words that they share with an event, if their shared topics say little.

    Parameters
    ----------
    event : Event
        The event or the text whose list it is.
    topics : iterable of EventTopic
        Its topics.
    find : callable
        The event of an id.
    templates : TemplateText
        The template text of the archive.
    """
    mine = _wording_of(event, templates)
    kept = terms.little(topics, mine.language)
    made = []
    for item in items:
        shown = beside(item.contexts, kept)
        if shown is not None:
            theirs = _wording_of(find(item.id), templates)
            item = replace(item, shared=terms.shared(mine, theirs, shown, alone=not item.contexts))
        made.append(item)
    return made


def _wording_of(event: Event, templates: TemplateText, language: str | None = None) -> Wording:
    """The wording of an event; detecting its language takes longer than all else."""
    text, _ = templates.split(event.text)
    return Wording(Document(event.title, text, language or language_of(event), ()))


class Little(NamedTuple):
    """A topic that says too little to be the whole reason, or all those that a result shows.

    Examples
    --------
    >>> Little(frozenset({"peru"}), bare=True).bare
    True
    """

    terms: frozenset[str] = frozenset()  # the terms in its names
    # Whether it says so little that a word beside it says more: a place or a topic of a large share of the archive.
    # Beside other topics of many events only phrases, subjects and identifiers are shown.
    bare: bool = True


def beside(contexts: Iterable[str], little: Mapping[str, Little]) -> Little | None:
    """The topics that a result shows, if all of them say little; None if any says enough.

    Examples
    --------
    >>> little = {"Peru": Little(frozenset({"peru"}))}
    >>> beside(["Peru"], little).terms, beside(["Peru", "Keiko Fujimori"], little), beside([], {}).terms
    (frozenset({'peru'}), None, frozenset())
    """
    terms, bare = frozenset[str](), True
    for name in contexts:
        if name not in little:
            return None
        terms = terms | little[name].terms if terms else little[name].terms
        bare = bare and little[name].bare
    return Little(terms, bare)


class SharedWords:
    """What the texts of an event and its results share, for pairs whose topics say little; texts are cached while there is
    room. The result depends only on both texts, the topics of the first and the frozen statistics, so stored results stay
    valid.

    Parameters
    ----------
    terms : Terms
    templates : TemplateText
    event : callable
        The event of a row.
    topics : callable
        The topics of the event of a row.
    written : WrittenTexts, optional
        The texts of all rows, if they were counted in this process: most pairs can then be compared without reading the texts.
    """

    def __init__(
        self,
        terms: Terms,
        templates: TemplateText,
        event: Callable[[RowNumber], Event],
        topics: Callable[[RowNumber], Iterable[EventTopic]],
        written: WrittenTexts | None = None,
    ) -> None:
        self._terms = terms
        self._topics = topics
        self._wording = _Wordings(templates, event, None if written is None else written.languages)
        self._little_read: tuple[RowNumber, Mapping[str, Little]] = (RowNumber(-1), {})
        self._common: CommonPhrases | None = None
        self._little: _LittleTopics | None = None
        if written is not None:
            self._common = CommonPhrases(
                written, terms.weights, terms.significant, terms.least, terms.common, self._wording
            )
            self._little = _LittleTopics(terms, topics, written.languages, self._common.positions_of)

    def of(self, row: RowNumber, other: RowNumber, contexts: Sequence[str]) -> Sequence[str]:
        """What two events share, if their shared topics say little."""
        shown = beside(contexts, self._little_of(row)) if contexts else Little()
        if shown is None:
            return ()
        return self._terms.shared(self._wording(row), self._wording(other), shown, alone=not contexts)

    def of_pairs(
        self, rows: NDArray[Row], others: NDArray[Row], contexts: Contexts, names: Sequence[Sequence[str]]
    ) -> Iterable[Sequence[str]]:
        """The same for many pairs, given as rows, list after list, with the topics that each pair shares and their names."""
        if self._common is None or self._little is None:
            return itertools.starmap(self.of, zip(row_numbers(rows), row_numbers(others), names, strict=True))
        asked, hushed, bare = self._little.beside(rows, contexts)
        alone = np.diff(contexts.bounds)[asked] == 0
        found: list[Sequence[str]] = [()] * len(rows)
        said = self._common.find(rows[asked], others[asked], hushed, alone, bare)
        for position, phrases in zip(asked.tolist(), said, strict=True):
            found[position] = (
                self.of(row_at(rows, position), row_at(others, position), names[position])
                if phrases is None
                else phrases
            )
        return found

    def _little_of(self, row: RowNumber) -> Mapping[str, Little]:
        if row != self._little_read[0]:  # the pairs of a list are adjacent
            self._little_read = row, self._terms.little(self._topics(row), self._wording(row).language)
        return self._little_read[1]


class _LittleTopics:
    """The topics of events that say little, as columns, with the numbers of the terms in their names.

    Parameters
    ----------
    terms, topics
        As for `SharedWords`.
    languages : sequence of str
        The primary code of the language of each row.
    positions_of : callable
        The numbers of terms.
    """

    def __init__(
        self,
        terms: Terms,
        topics: Callable[[RowNumber], Iterable[EventTopic]],
        languages: Sequence[str],
        positions_of: Callable[[Iterable[str]], list[int]],
    ) -> None:
        self._terms = terms
        self._topics = topics
        self._languages = languages
        self._positions_of = positions_of
        self._numbers: dict[tuple[str, tuple[str, ...], str], int] = {}
        self._positions: list[list[int]] = []

    def beside(
        self, rows: NDArray[Row], contexts: Contexts
    ) -> tuple[NDArray[np.int64], Hushed, NDArray[np.bool_]]:
        """The pairs whose shared topics all say little, the terms in the names of those topics, and whether all are `bare`.

        Parameters
        ----------
        rows : ndarray of int64, shape (n_pairs,)
            The first row of each pair; equal ones are adjacent.
        """
        begins = np.flatnonzero(np.diff(rows, prepend=-1))
        key, name, bare = self._little_of(row_numbers(rows[begins]))
        list_of = np.repeat(np.arange(len(begins)), np.diff(begins, append=len(rows)))
        pair = np.repeat(np.arange(len(rows)), np.diff(contexts.bounds))
        sought = list_of[pair] << 32 | contexts.columns
        at = np.searchsorted(key, sought, side="right") - 1
        says_little = key[at] == sought
        asked = np.bincount(pair[~says_little], minlength=len(rows)) == 0
        shown = at[asked[pair]]
        names = name[shown]
        telling = np.bincount(pair[asked[pair]], ~bare[shown], minlength=len(rows))[asked] > 0
        sizes = np.fromiter(map(len, self._positions), np.int64, len(self._positions))
        per_pair = np.bincount(pair[asked[pair]], sizes[names], minlength=len(rows))[asked]
        terms = np.fromiter(
            itertools.chain.from_iterable(map(self._positions.__getitem__, names.tolist())), np.int64
        )
        return (
            np.flatnonzero(asked),
            Hushed(np.concatenate([[0], np.cumsum(per_pair)]).astype(np.int64), terms),
            ~telling,
        )

    def _little_of(
        self, rows: Sequence[RowNumber]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """The topics of rows that say little: the place of the row and the column of each, ascending, the number of its name
        and whether it is `bare`. The first two begin with -1.
        """
        if len(self._positions) > _MOST_REMEMBERED:
            self._numbers, self._positions = {}, []
        topics = [tuple(self._topics(row)) for row in rows]
        known = self._terms.topics(list({topic.name: None for each in topics for topic in each}))
        keys, names, bare = [-1], [-1], [True]
        for number, (row, each) in enumerate(zip(rows, topics, strict=True)):
            for topic in each:
                column, frequent, common = known[topic.name]
                place = topic.kind in PLACES
                if frequent or place:
                    keys.append(number << 32 | column)
                    names.append(self._number(topic, self._languages[row]))
                    bare.append(common or place)
        key = np.array(keys, np.int64)
        # Of topics with one name the last counts.
        order = np.argsort(key, kind="stable")
        return key[order], np.array(names, np.int64)[order], np.array(bare, bool)[order]

    def _number(self, topic: EventTopic, language: str) -> int:
        asked = topic.name, topic.aliases, language
        number = self._numbers.setdefault(asked, len(self._positions))
        if number == len(self._positions):
            self._positions.append(self._positions_of(_terms_of(*asked)))
        return number


class _Wordings:
    """The wordings of the events of rows, cached while there is room. It is a separate object to avoid a reference cycle
    between `SharedWords` and `CommonPhrases`, which would keep all events of an archive in memory until a full garbage
    collection.
    """

    def __init__(
        self, templates: TemplateText, event: Callable[[RowNumber], Event], languages: Sequence[str] | None
    ) -> None:
        self._templates = templates
        self._event = event
        self._languages = languages
        self._read: dict[RowNumber, Wording] = {}
        self._room = _MOST_READ

    def __call__(self, row: RowNumber) -> Wording:
        found = self._read.get(row)
        if found is None:
            if self._room < 0:
                self._read.clear()
                self._room = _MOST_READ
            event = self._event(row)
            language = None if self._languages is None else self._languages[row]
            found = self._read[row] = _wording_of(event, self._templates, language)
            self._room -= len(event.title) + len(event.text)
        return found


class Terms:
    """The vocabulary of an index, term by term; each term is looked up once and cached.

    A term that it does not hold counts as never seen, like a new term in a refresh.

    Parameters
    ----------
    find : callable
    n_events : int
        The events that the statistics were fitted on.
    config : Config
    """

    def __init__(self, find: Find, n_events: int, config: Config) -> None:
        self._find = find
        self._events = n_events
        self._unseen = unseen_weights(n_events, config)[WORDS]
        self.least = least_distinctive(n_events, config)
        """The weight that a word needs to be shown alone: that of the most frequent distinctive word."""
        self.common = common_weight(n_events, config)
        """The weight below which a word is too common to be named."""
        little = reason_settings().little
        self._most_telling = max(little.share * n_events, little.events)
        self._least_common = least_common(n_events, config)
        self._weights: dict[str, float] = {}
        self._phrases: dict[tuple[str, str], bool] = {}
        self._topics: dict[str, tuple[ColumnNumber, bool, bool]] = {}

    @classmethod
    def of_store(cls, store: Store, config: Config) -> Terms:
        """The terms of an index file."""
        return cls(store.find_terms, int(store.meta("statistics")["n_events"]), config)

    @classmethod
    def of_vocabulary(cls, vocabulary: FittedVocabulary, config: Config) -> Terms:
        """The terms of a vocabulary in memory."""
        frequency, weight = vocabulary.frequency, vocabulary.weight
        finders = {channel: vocabulary.finder(channel) for channel in (WORDS, PHRASES, TOPICS)}

        def find(channel: int, wanted: Sequence[str]) -> dict[str, tuple[ColumnNumber, int, float]]:
            return {
                term: (column, int(frequency[column]), float(weight[column]))
                for term, column in zip(wanted, finders[channel](wanted), strict=True)
                if column >= 0
            }

        return cls(find, vocabulary.n_events, config)

    def shared(self, mine: Wording, theirs: Wording, shown: Little, *, alone: bool) -> tuple[str, ...]:
        """What two texts share besides the topics that a result shows; `alone` if it shows none."""
        return shared_phrases(
            mine,
            theirs,
            self.weights,
            significant=self.significant,
            least=self.least,
            common=self.common,
            beside=None if alone else shown.terms,
            bare=shown.bare,
        )

    def little(self, topics: Iterable[EventTopic], language: str) -> Mapping[str, Little]:
        """The topics of an event that hardly explain why another event with them is related: places, and topics of many
        events.
        """
        found = list(topics)
        known = self.topics([topic.name for topic in found if topic.kind not in PLACES])
        return {
            topic.name: Little(
                _terms_of(topic.name, topic.aliases, language), topic.kind in PLACES or known[topic.name][2]
            )
            for topic in found
            if topic.kind in PLACES or known[topic.name][1]
        }

    def topics(self, names: Sequence[str]) -> Mapping[str, tuple[ColumnNumber, bool, bool]]:
        """The columns of topics, and whether many events and whether a large share of them have each; in the cache of all
        names looked up so far.
        """
        known = self._topics
        missing = [name for name in names if name not in known]
        if missing:
            if len(known) > _MOST_REMEMBERED:
                missing, known = list(names), {}
            found = self._find(TOPICS, missing)
            unknown = ColumnNumber(-1), 0, 0.0
            for name in missing:
                column, frequency, _ = found.get(name, unknown)
                known[name] = column, frequency > self._most_telling, frequency > self._least_common
            self._topics = known
        return known

    def weights(self, terms: Sequence[str]) -> Mapping[str, float]:
        """The weights of the given terms, in the cache of all terms looked up so far."""
        known = self._weights
        missing = [term for term in terms if term not in known]
        if missing:
            if len(known) > _MOST_REMEMBERED:
                # Start a new cache instead of clearing this one: other threads may be reading it.
                missing, known = list(terms), {}
            found = self._find(WORDS, missing)
            known.update({term: found[term][2] if term in found else self._unseen for term in missing})
            self._weights = known
        return known

    def significant(self, pairs: Sequence[tuple[str, str]]) -> Set[tuple[str, str]]:
        """The pairs of terms that form a phrase because they follow each other more often than by chance."""
        known = self._phrases
        missing = [pair for pair in pairs if pair not in known]
        if missing:
            if len(known) > _MOST_REMEMBERED:
                missing, known = list(pairs), {}
            words = self._find(WORDS, list(dict.fromkeys(itertools.chain.from_iterable(missing))))
            phrases = self._find(PHRASES, [" ".join(pair) for pair in missing])
            known.update({pair: self._is_phrase(pair, words, phrases) for pair in missing})
            self._phrases = known
        return {pair for pair in pairs if known[pair]}

    def _is_phrase(self, pair: tuple[str, str], words: _Known, phrases: _Known) -> bool:
        together, first, second = (
            known[term][1] if term in known else 0
            for known, term in ((phrases, " ".join(pair)), (words, pair[0]), (words, pair[1]))
        )
        # In a small archive nothing is significant, so two terms that only occur together are a phrase too.
        return (
            0 < together == min(first, second)
            or log_likelihood(together, first, second, self._events) >= reason_settings().phrases.chance
        )


@lru_cache(maxsize=4096)
def _terms_of(name: str, aliases: tuple[str, ...], language: str) -> frozenset[str]:
    """The terms of the names of a topic, in English and as an event writes them."""
    return frozenset(
        [*terms_of(name, ENGLISH), *(term for alias in aliases for term in terms_of(alias, language))]
    )
