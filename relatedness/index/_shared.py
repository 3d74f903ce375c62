"""The reason of results that share no named topic: the phrases and words that both events write."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from relatedness.arguments import id_text
from relatedness.errors import UnknownEventError
from relatedness.events import Event, EventId
from relatedness.index._results import Related
from relatedness.index._tagging import document
from relatedness.ranking import (
    MEASURED,
    PHRASES,
    WORDS,
    log_likelihood,
    shared_phrases,
    shared_subjects,
)
from relatedness.storage import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence, Set

    from relatedness.ranking import Document
    from relatedness.templates import TemplateText

# Of Dunning's log-likelihood ratio: chance explains more in one case of a thousand.
_SIGNIFICANT = 10.83
# What to say where two events have not even a word in common, by the part that gave most.
_OTHERWISE = {
    "story": "events related to both",
    "topics": "the same topics",
    **{part.name: part.told for part in MEASURED},
}


def with_shared(
    store: Store,
    event: Event | str,
    items: Iterable[Related],
    find: Callable[[EventId], Event],
    templates: Callable[[], TemplateText],
) -> list[Related]:
    """Results that each have a reason: what shares no topic with the event says which phrases or words it shares.

    What shares a country alone says which subjects it shares too.

    Parameters
    ----------
    store : Store
    event : Event or str
        The id of the event whose list it is, or a text as an event.
    items : iterable of Related
    find : callable
        The event of an id.
    templates : callable
        Gives the template text of the archive.

    Returns
    -------
    list of Related
    """
    items = list(items)
    corpus = _Corpus(store)
    # In the path of every look-up: what no result needs is not read.
    kinds = (
        _kinds(store, event if isinstance(event, str) else id_text(event.id))
        if any(len(item.contexts) == 1 for item in items)
        else {}
    )
    mine: Document | None = None
    made = []
    for item in items:
        alone = len(item.contexts) == 1 and kinds.get(item.contexts[0]) == "country"
        if not item.contexts or alone:
            if mine is None:
                subject = find(event) if isinstance(event, str) else event
                mine = document(subject, (), templates())
            theirs = document(find(item.id), (), templates())
            if alone:
                # A lone country hardly says why the two are related.
                item = replace(item, shared=shared_subjects(mine, theirs))
            else:
                shared = shared_phrases(mine, theirs, corpus.weights, significant=corpus.significant)
                item = replace(item, shared=shared or _otherwise(item))
        made.append(item)
    return made


class _Corpus:
    """What the vocabulary of an index says of terms; each asked for once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._weights: dict[str, float] = {}
        self._significant: dict[tuple[str, str], bool] = {}
        self._asked: set[str] = set()

    def weights(self, terms: Sequence[str]) -> Mapping[str, float]:
        """The weights of those terms that the vocabulary knows."""
        new = [term for term in terms if term not in self._asked]
        self._asked.update(new)
        if new:
            self._weights |= {
                term: weight for term, (_, weight) in self._store.find_terms(WORDS, new).items()
            }
        return {term: self._weights[term] for term in terms if term in self._weights}

    def significant(self, pairs: Sequence[tuple[str, str]]) -> Set[tuple[str, str]]:
        """The pairs of terms that make a phrase: they follow each other more often than by chance."""
        new = [pair for pair in pairs if pair not in self._significant]
        if new:
            events = int(self._store.meta("statistics")["n_events"])
            words = self._frequencies(WORDS, sorted({term for pair in new for term in pair}))
            phrases = self._frequencies(PHRASES, [" ".join(pair) for pair in new])
            for pair in new:
                together = phrases.get(" ".join(pair), 0)
                first, second = (words.get(term, 0) for term in pair)
                # In a small archive nothing is significant: what never stands apart is a phrase too.
                self._significant[pair] = (
                    0 < together == min(first, second)
                    or log_likelihood(together, first, second, events) >= _SIGNIFICANT
                )
        return {pair for pair in pairs if self._significant[pair]}

    def _frequencies(self, channel: int, terms: Sequence[str]) -> dict[str, int]:
        columns = {column: term for term, (column, _) in self._store.find_terms(channel, terms).items()}
        found = zip(columns.values(), self._store.terms(columns), strict=True)
        return {term: frequency for term, (_, _, frequency) in found}


def _kinds(store: Store, id_: str) -> dict[str, str]:
    """The kind of each topic of an event that the index holds."""
    try:
        return {name: kind for name, kind, _, _ in store.topics(id_)}
    except UnknownEventError:
        return {}


def _otherwise(item: Related) -> tuple[str, ...]:
    given = sorted(item.parts, key=lambda part: (-item.parts[part], part))
    said = [_OTHERWISE[part] for part in given if part in _OTHERWISE]
    return tuple(said[:1]) or (item.tier or "similar words",)
