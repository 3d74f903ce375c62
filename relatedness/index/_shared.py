"""The reason of results that share no named topic: the phrases and words that both events write."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.events import Event, EventId
from relatedness.index._results import Related
from relatedness.index._tagging import document
from relatedness.ranking import (
    PHRASES,
    WORDS,
    CommonPhrases,
    FittedVocabulary,
    Wording,
    WrittenTexts,
    log_likelihood,
    shared_phrases,
    shared_subjects,
    unseen_weights,
)
from relatedness.storage import Store

if TYPE_CHECKING:
    from relatedness.templates import TemplateText

# Of Dunning's log-likelihood ratio: chance explains more in one case of a thousand.
_SIGNIFICANT = 10.83
_MOST_REMEMBERED = 200_000  # terms of a vocabulary, and pairs of them
_MOST_READ = 6_000_000  # letters of the texts that are in memory at a time

_Known = Mapping[str, tuple[int, int, float]]
Find = Callable[[int, Sequence[str]], _Known]
"""Column, document frequency and weight of those terms of a channel that are known, as `Store.find_terms` gives them."""


def with_shared(
    event: Event,
    items: Iterable[Related],
    lone: Set[str],
    *,
    terms: Terms,
    find: Callable[[EventId], Event],
    templates: TemplateText,
) -> list[Related]:
    """Results that say which phrases or words they share with an event, where no topic is shared.

    What shares a country alone says which subjects it shares too.

    Parameters
    ----------
    event : Event
        The event or the text whose list it is.
    items : iterable of Related
    lone : set of str
        The countries that are the only context of a result.
    terms : Terms
    find : callable
        The event of an id.
    templates : TemplateText
        The template text of the archive.

    Returns
    -------
    list of Related
    """
    mine = Wording(document(event, (), templates))
    made = []
    for item in items:
        lone_country = len(item.contexts) == 1 and item.contexts[0] in lone
        if not item.contexts or lone_country:
            theirs = Wording(document(find(item.id), (), templates))
            item = replace(item, shared=terms.shared(mine, theirs, subjects_alone=lone_country))
        made.append(item)
    return made


class SharedWords:
    """What the texts of a list's events share where their topics say little; each text is read once while there is room.

    It depends on nothing but both texts and the frozen statistics, so that what is stored stays true.

    Parameters
    ----------
    terms : Terms
    templates : TemplateText
    event : callable
        The event of a row.
    is_country : callable
        Whether a topic of the event of a row is a country.
    written : WrittenTexts, optional
        The texts of all rows, where they were counted in this process: most pairs are then compared without reading them.
    """

    def __init__(
        self,
        terms: Terms,
        templates: TemplateText,
        event: Callable[[int], Event],
        is_country: Callable[[int, str], bool],
        written: WrittenTexts | None = None,
    ) -> None:
        self._terms = terms
        self._templates = templates
        self._event = event
        self._is_country = is_country
        self._common = (
            CommonPhrases(written, terms.weights, terms.significant) if written is not None else None
        )
        self._read: dict[int, Wording] = {}
        self._room = _MOST_READ

    def of(self, row: int, other: int, contexts: Sequence[str]) -> Sequence[str]:
        """The phrases that two events share which share no topic; the subjects where they share a country alone."""
        if len(contexts) > 1 or (contexts and not self._is_country(row, contexts[0])):
            return ()
        return self._terms.shared(self._wording(row), self._wording(other), subjects_alone=bool(contexts))

    def of_pairs(
        self, rows: NDArray[np.int64], others: NDArray[np.int64], contexts: Sequence[Sequence[str]]
    ) -> Iterable[Sequence[str]]:
        """The same for many pairs, given as rows and what each shares by name."""
        pairs = zip(rows.tolist(), others.tolist(), contexts, strict=True)
        if self._common is None:
            return itertools.starmap(self.of, pairs)
        found: list[Sequence[str] | None] = []
        asked: list[int] = []
        for place, (row, other, names) in enumerate(pairs):
            if not names and not self._wording(row).writes_otherwise(self._wording(other)):
                asked.append(place)
            found.append(None if not names else self.of(row, other, names))
        said = self._common.find(rows[asked], others[asked])
        for place, phrases in zip(asked, said, strict=True):
            found[place] = phrases
        return [
            self.of(row, other, names) if phrases is None else phrases
            for phrases, row, other, names in zip(
                found, rows.tolist(), others.tolist(), contexts, strict=True
            )
        ]

    def _wording(self, row: int) -> Wording:
        found = self._read.get(row)
        if found is None:
            if self._room < 0:
                self._read.clear()
                self._room = _MOST_READ
            event = self._event(row)
            found = self._read[row] = Wording(document(event, (), self._templates))
            self._room -= len(event.title) + len(event.text)
        return found


class Terms:
    """The vocabulary of an index, term by term; each term is looked up once and cached.

    A term that it does not hold counts as a refresh counts it that brings it: never seen.

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
        self._weights: dict[str, float] = {}
        self._phrases: dict[tuple[str, str], bool] = {}

    @classmethod
    def of_store(cls, store: Store, config: Config) -> Terms:
        """Those of an index file."""
        return cls(store.find_terms, int(store.meta("statistics")["n_events"]), config)

    @classmethod
    def of_vocabulary(cls, vocabulary: FittedVocabulary, config: Config) -> Terms:
        """Those of a vocabulary in memory."""
        terms, frequency, weight = vocabulary.terms, vocabulary.frequency, vocabulary.weight
        columns = {
            channel: {
                terms[column]: column for column in np.flatnonzero(vocabulary.channels == channel).tolist()
            }
            for channel in (WORDS, PHRASES)
        }

        def find(channel: int, wanted: Sequence[str]) -> dict[str, tuple[int, int, float]]:
            places = columns[channel]
            return {
                term: (column, int(frequency[column]), float(weight[column]))
                for term in wanted
                if (column := places.get(term)) is not None
            }

        return cls(find, vocabulary.n_events, config)

    def shared(self, mine: Wording, theirs: Wording, *, subjects_alone: bool) -> tuple[str, ...]:
        """The subjects that two texts share, or the subjects, phrases and words that weigh most."""
        if subjects_alone:  # beside a country, which hardly says why the two are related
            return shared_subjects(mine, theirs)
        return shared_phrases(mine, theirs, self.weights, significant=self.significant)

    def weights(self, terms: Sequence[str]) -> Mapping[str, float]:
        """The weights of some terms, and of others that were asked for."""
        known = self._weights
        missing = [term for term in terms if term not in known]
        if missing:
            if len(known) > _MOST_REMEMBERED:
                # A new one: other threads may be reading the old.
                missing, known = list(terms), {}
            found = self._find(WORDS, missing)
            known.update({term: found[term][2] if term in found else self._unseen for term in missing})
            self._weights = known
        return known

    def significant(self, pairs: Sequence[tuple[str, str]]) -> Set[tuple[str, str]]:
        """The pairs of terms that make a phrase: they follow each other more often than by chance."""
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
        # In a small archive nothing is significant: what never stands apart is a phrase too.
        return (
            0 < together == min(first, second)
            or log_likelihood(together, first, second, self._events) >= _SIGNIFICANT
        )
