"""What a topic of an event is, and what finds topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from relatedness.events import Event

How = Literal["supplied", "found", "parent", "inferred"]

# Kinds of topics that lie somewhere: they may hold others, and be held.
PLACES = frozenset({"country", "state", "region", "city", "place", "sea"})


@dataclass(frozen=True, slots=True)
class EventTopic:
    """A topic as one event has it.

    Parameters
    ----------
    name : str
        The canonical name.
    kind : str
        What it is; see `relatedness.topics.Topic`.
    how : {"supplied", "found", "parent", "inferred"}
        Supplied by the archive, found in the text, the place or body that a found topic belongs to, or inferred
        from related events.
    aliases : tuple of str
        As written in this event; empty for parents and inferred topics.
    """

    name: str
    kind: str
    how: How
    aliases: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[object, ...]:
        # A dataclass's own way to pickle takes several times as long.
        return EventTopic, (self.name, self.kind, self.how, self.aliases)


class Tagger(Protocol):
    """Protocol of an object that finds the topics of events."""

    @property
    def key(self) -> str:
        """Changes whenever the output may change: code, data, what was learned."""
        ...

    def tag(self, events: Sequence[Event]) -> list[tuple[EventTopic, ...]]:
        """The topics of each event: same length and order, each a function of its own event alone."""
        ...
