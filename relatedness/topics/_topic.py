"""The topic of an event, and the protocol of objects that find topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from relatedness.events import Event

How = Literal["supplied", "found", "parent", "inferred"]

# Kinds of topics that lie somewhere: they may hold others, and be held.
PLACES = frozenset({"country", "state", "region", "city", "place", "sea"})
REFERENCE = "reference"  # the kind of an identifier that events of the archive have and name


@dataclass(frozen=True, slots=True)
class EventTopic:
    """A topic as one event has it.

    Parameters
    ----------
    name : str
        The canonical name of the topic.
    kind : str
        Its kind, such as ``city``; see `relatedness.topics.Topic`.
    how : {"supplied", "found", "parent", "inferred"}
        Supplied by the archive, found in the text, the place or body that a found topic belongs to, or inferred
        from related events. The parents of an event include its own identifiers, where other events name them.
    aliases : tuple of str
        As written in this event; empty for parents and inferred topics.

    Examples
    --------
    >>> EventTopic("ISIL", "organisation", "found", ("Daesh",)).aliases
    ('Daesh',)
    """

    name: str
    kind: str
    how: How
    aliases: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[object, ...]:
        # A dataclass's own way to pickle takes several times as long.
        return EventTopic, (self.name, self.kind, self.how, self.aliases)


class Tagger(Protocol):
    """Protocol of an object that finds the topics of events.

    Examples
    --------
    >>> class Shouted:
    ...     key = "shouted-1"
    ...     def tag(self, events):
    ...         words = [sorted({word for word in event.text.split() if word.isupper()}) for event in events]
    ...         return [tuple(EventTopic(word, "name", "found", (word,)) for word in found) for found in words]
    >>> from relatedness import RelatedIndex
    >>> events = [{"id": "a", "date": "2016-07-11", "text": "NATO meets in WARSAW"}]
    >>> RelatedIndex.build(events, tagger=Shouted()).topic_counts()
    [('NATO', 1), ('WARSAW', 1)]
    """

    @property
    def key(self) -> str:
        """Identifies the tagger: it changes whenever the output may change, with code, data or what was learned.

        Returns
        -------
        str
        """
        ...

    def tag(self, events: Sequence[Event]) -> list[tuple[EventTopic, ...]]:
        """The topics of each event, in the same order; each result depends on its own event alone.

        Parameters
        ----------
        events : sequence of Event

        Returns
        -------
        list of tuple of EventTopic

        Examples
        --------
        >>> from relatedness.topics import FastTagger
        >>> tagger: Tagger = FastTagger()
        >>> topics, none = tagger.tag([Event("fall", None, "ISIL seizes Mosul."), Event("tea", None, "Tea is served.")])
        >>> [topic.name for topic in topics], none
        (['ISIL', 'Mosul', 'Iraq'], ())
        """
        ...
