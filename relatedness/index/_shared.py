"""The reason of results that share no named topic: the phrases and words that both events write."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from relatedness.events import Event, EventId
from relatedness.index._results import Related
from relatedness.index._tagging import document, stored_templates
from relatedness.ranking import MEASURED, WORDS, shared_phrases
from relatedness.storage import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

# What to say where two events have not even a word in common, by the part that gave most.
_OTHERWISE = {
    "story": "events related to both",
    "topics": "the same topics",
    **{part.name: part.told for part in MEASURED},
}


def with_shared(
    store: Store, event: Event | None, items: Iterable[Related], find: Callable[[EventId], Event]
) -> list[Related]:
    """Results that each have a reason: what shares no topic with the event says which phrases or words it shares.

    Parameters
    ----------
    store : Store
    event : Event or None
        The event whose list it is, or a text as an event; None where there is none.
    items : iterable of Related
    find : callable
        The event of an id.

    Returns
    -------
    list of Related
    """

    def weights(terms: Sequence[str]) -> Mapping[str, float]:
        return {term: weight for term, (_, weight) in store.find_terms(WORDS, terms).items()}

    made = []
    templates = None
    for item in items:
        if not item.contexts and event is not None:
            # Read only where it is needed: most lists share topics throughout.
            templates = stored_templates(store) if templates is None else templates
            mine, theirs = (document(one, (), templates) for one in (event, find(item.id)))
            shared = shared_phrases(mine, theirs, weights)
            item = replace(item, shared=shared or _otherwise(item))
        made.append(item)
    return made


def _otherwise(item: Related) -> tuple[str, ...]:
    given = sorted(item.parts, key=lambda part: (-item.parts[part], part))
    return tuple(_OTHERWISE[part] for part in given if part in _OTHERWISE)[:1]
