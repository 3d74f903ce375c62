"""Names of places and clubs that an archive uses for other things: Godfrey, the person, and Ajax, the technique."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from relatedness.topics._known_names import DISPLACED
from relatedness.topics._language import GIVEN, Language
from relatedness.topics._mention import Mention
from relatedness.topics._settings import tagger_settings

# What stands before a place that is meant; other prepositions stand before people and programs as well.
_WITHIN = re.compile(r"\b(?:in|near|outside|around|across) $")
_TOWNS = frozenset({"city", "team"})
_SPORT = frozenset({"team", "sport"})


class Placings:
    """How often words name a town or club of the gazetteer, and how often the event says that it is meant."""

    def __init__(self) -> None:
        self.events: Counter[str] = Counter()
        self.certain: Counter[str] = Counter()
        # Towns that need no state or country beside their names, unlike Godfrey, Illinois.
        self.great: set[str] = set()

    def take(self, text: str, found: Sequence[tuple[int, Mention]]) -> None:
        """Count the towns and clubs of an event, and those that "in" or a related topic shows to be meant."""
        places: dict[str, tuple[str, tuple[str, ...]]] = {}
        certain: set[str] = set()
        clubs: dict[str, None] = {}
        named: set[str] = set()
        held: set[str] = set()
        for base, piece in found:
            plain, parents, written = piece.plain, piece.parents, piece.written
            if plain is not None:
                name, kind = plain.name, plain.kind
            else:
                usual = next((topic for topic, alias in piece.maybe if not alias.weak), None)
                if usual is None:
                    continue
                name, kind, parents = usual.name, usual.kind, usual.parents
            named.add(name)
            if parents:
                held.update(parents)
            if kind in _SPORT:
                clubs[name] = None
            if kind in DISPLACED and not piece.shape and (kind in _TOWNS or _is_given(written)):
                if kind == "city" and not name.startswith(f"{written}, "):
                    self.great.add(written)
                places[written] = name, parents
                start = base + piece.start
                if _WITHIN.search(text, max(0, start - 10), start):
                    certain.add(written)
        if not places:
            return
        if len(certain) < len(places):
            certain.update(
                written
                for written, (name, parents) in places.items()
                if name in held or not named.isdisjoint(parents) or (len(clubs) > 1 and name in clubs)
            )
        places = {written: topic for written, topic in places.items() if _is_name(written)}
        self.events.update(places.keys())
        self.certain.update(certain & places.keys())

    def merge(self, other: Placings) -> None:
        """Add the counts of another part of the corpus."""
        self.events.update(other.events)
        self.certain.update(other.certain)
        self.great |= other.great

    def displaced(self) -> frozenset[str]:
        """The words that hardly any event uses for the small town or club, of those that many have."""
        least = tagger_settings().learning.placed_events
        return frozenset(
            word
            for word, count in self.events.items()
            if count >= least and word not in self.great and not self._is_placed(word)
        )

    def placed(self) -> frozenset[str]:
        """The words that events use for the town or club."""
        return frozenset(filter(self._is_placed, self.events))

    def _is_placed(self, written: str) -> bool:
        share = tagger_settings().learning.placed_share
        return self.certain[written] > share * self.events[written]


def _is_given(word: str) -> bool:
    """Whether people have a country's name: Jordan. Hardly anything else does."""
    return Language.load().bits.get(word.lower(), 0) & GIVEN != 0


def _is_name(written: str) -> bool:
    """Whether it is a single word, and no abbreviation."""
    return written.isalpha() and written[1:].islower()
