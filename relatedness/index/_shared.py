"""The reason of results that share no named topic: the phrases and words that both events write."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from relatedness.events import Event, EventId
from relatedness.index._results import Related
from relatedness.index._tagging import document
from relatedness.ranking import PHRASES, TOLD, WORDS, log_likelihood, shared_phrases, shared_subjects
from relatedness.storage import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence, Set

    from relatedness.templates import TemplateText

# Of Dunning's log-likelihood ratio: chance explains more in one case of a thousand.
_SIGNIFICANT = 10.83
_MOST_TERMS = 200_000  # remembered of a vocabulary


def with_shared(
    event: Event,
    items: Iterable[Related],
    lone: Set[str],
    *,
    corpus: Terms,
    find: Callable[[EventId], Event],
    templates: TemplateText,
) -> list[Related]:
    """Results that each have a reason: what shares no topic with the event says which phrases or words it shares.

    What shares a country alone says which subjects it shares too.

    Parameters
    ----------
    event : Event
        The event or the text whose list it is.
    items : iterable of Related
    lone : set of str
        The countries that are the only context of a result.
    corpus : Terms
    find : callable
        The event of an id.
    templates : TemplateText
        The template text of the archive.

    Returns
    -------
    list of Related
    """
    mine = document(event, (), templates)
    made = []
    for item in items:
        alone = len(item.contexts) == 1 and item.contexts[0] in lone
        if not item.contexts or alone:
            theirs = document(find(item.id), (), templates)
            if alone:
                # A lone country hardly says why the two are related.
                item = replace(item, shared=shared_subjects(mine, theirs))
            else:
                shared = shared_phrases(mine, theirs, corpus.weights, significant=corpus.significant)
                item = replace(item, shared=shared or _otherwise(item))
        made.append(item)
    return made


class Terms:
    """What the vocabulary of an index says of terms; each is looked up once and remembered."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._events = int(store.meta("statistics")["n_events"])
        self._known: dict[tuple[int, str], tuple[int, int, float] | None] = {}

    def weights(self, terms: Sequence[str]) -> Mapping[str, float]:
        """The weights of those terms that the vocabulary knows."""
        return {term: known[2] for term, known in self._look_up(WORDS, terms).items() if known}

    def significant(self, pairs: Sequence[tuple[str, str]]) -> Set[tuple[str, str]]:
        """The pairs of terms that make a phrase: they follow each other more often than by chance."""
        words = self._look_up(WORDS, [term for pair in pairs for term in pair])
        phrases = self._look_up(PHRASES, [" ".join(pair) for pair in pairs])
        found = set()
        for pair in pairs:
            together, first, second = (
                known[1] if known else 0
                for known in (phrases[" ".join(pair)], words[pair[0]], words[pair[1]])
            )
            # In a small archive nothing is significant: what never stands apart is a phrase too.
            if (
                0 < together == min(first, second)
                or log_likelihood(together, first, second, self._events) >= _SIGNIFICANT
            ):
                found.add(pair)
        return found

    def _look_up(self, channel: int, terms: Sequence[str]) -> dict[str, tuple[int, int, float] | None]:
        """Column, frequency and weight of each term; None for one that the vocabulary does not know."""
        missing = [term for term in dict.fromkeys(terms) if (channel, term) not in self._known]
        known = self._known
        if missing:
            if len(known) > _MOST_TERMS:
                # A new one: other threads may be reading the old.
                missing, known = list(dict.fromkeys(terms)), {}
            found = self._store.find_terms(channel, missing)
            known.update({(channel, term): found.get(term) for term in missing})
            self._known = known
        return {term: known[channel, term] for term in terms}


def _otherwise(item: Related) -> tuple[str, ...]:
    given = sorted(item.parts, key=lambda part: (-item.parts[part], part))
    said = [TOLD[part] for part in given if part in TOLD]
    return tuple(said[:1]) or (item.tier or "similar words",)
