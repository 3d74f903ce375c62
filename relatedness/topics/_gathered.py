"""The topics of one event while they are collected: the mentions in its text, and the merging of names of one thing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice

from relatedness.events import Event
from relatedness.topics._bodies import body_of, national_body
from relatedness.topics._gazetteer import Topic
from relatedness.topics._known_names import SMALL_KINDS
from relatedness.topics._language import (
    DIRECTION,
    EVERYDAY,
    GENERIC,
    GIVEN,
    HEAD,
    OPENER,
    REGNAL,
    STORM,
    TITLE,
    UPPER,
    Language,
)
from relatedness.topics._mention import PHRASE, Mention
from relatedness.topics._settings import is_acronym
from relatedness.topics._spelling import fold, thing
from relatedness.topics._topic import PLACES, EventTopic, How
from relatedness.topics._word_lists import any_word

# Kinds of topics whose words may stand for the whole: a surname for the person.
# A party that several countries have under this name.
_GENERIC_PARTY = re.compile(rf"(?:(?:{any_word('en', 'party_words')}) ?)+(?:{any_word('en', 'party_nouns')})")
_LANGUAGE = Language.load()
_STORMS = tuple(sorted(word.capitalize() for word, bits in _LANGUAGE.bits.items() if bits & STORM))
# Words that are not the given name of a person.
_NO_GIVEN = DIRECTION | EVERYDAY | GENERIC | HEAD | OPENER | TITLE
_NAMED = frozenset({"person", "name", PHRASE})
_MADE = SMALL_KINDS - {"standard"} | {"name"}


# Kinds of topics that are held again and again.
_SERIES = frozenset({"event", "award"})
_SEVERAL = frozenset({"party", "event", "court", "legislature", "organisation"})
_CAPITALISED = re.compile(rf"(?:^|[^\w’'-])[{UPPER}][\w’-]* $")


def _of_country(written: str, kind: str, country: str) -> Topic:
    """A body whose name several countries use, in one of them."""
    return Topic(f"{written} ({country.partition(' (')[0]})", kind, (country,))


class Gathered:
    """The mentions in the text of an event, and the topics assigned so far."""

    __slots__ = (
        "_higher",
        "_named",
        "_present",
        "_seen",
        "_sport",
        "above",
        "event",
        "found",
        "topics",
        "year",
    )

    def __init__(self, found: list[tuple[int, Mention]], event: Event) -> None:
        self.found = found
        self.event = event
        self.year = event.year or 0
        self._sport: bool | None = None
        self.topics: dict[str, EventTopic] = {}
        self.above: dict[str, tuple[str, ...]] = {}
        """The parents of each topic that has any."""
        self._named: dict[str, Topic | None] | None = None
        self._present: dict[str, tuple[str, ...]] = {}
        self._higher: set[str] = set()
        self._seen = -1

    def somebody(self, word: str) -> Topic | None:
        """The first topic that the event names in full by a name containing a word."""
        if self._named is None:
            self._named = {}
            for _, other in self.found:
                plain = other.plain
                if plain is not None and plain.kind in _NAMED and " " in plain.name:
                    for part in plain.name.split():
                        self._named.setdefault(part, other.topic)
                elif plain is not None and plain.kind == "team":
                    # The Rangers, after the Texas Rangers.
                    self._named.setdefault(plain.name.rpartition(" ")[2], other.topic)
        return self._named.get(word)

    def present(
        self, ancestors: Callable[[tuple[str, ...]], AbstractSet[str]]
    ) -> tuple[AbstractSet[str], set[str]]:
        """The topics named or assigned so far, and their parents. Cached between ambiguous names, because collecting them for
        each takes quadratic time.
        """
        parents_of = self._present
        if self._seen < 0:
            parents_of.update((other.plain.name, other.parents) for _, other in self.found if other.plain)
            self._higher.update(*map(ancestors, set(parents_of.values())))
            self._seen = 0
        for name in islice(self.topics, self._seen, None):
            parents = self.above.get(name, ())
            known = parents_of.get(name)
            parents_of[name] = parents
            if known is None or known == parents:
                self._higher |= ancestors(parents)
            else:
                # The assigned topic has other parents than the name.
                self._higher = set().union(*map(ancestors, set(parents_of.values())))
        self._seen = len(self.topics)
        return parents_of.keys(), self._higher

    @property
    def sport(self) -> bool:
        """Whether the event is about sport: by its category, or by a score and a word such as "beat"."""
        if self._sport is None:
            text = f"{self.event.title} {self.event.text}"
            self._sport = "sport" in (self.event.category or "").lower() or (
                _LANGUAGE.score.search(text) is not None and not _LANGUAGE.of_sport.isdisjoint(text.split())
            )
        return self._sport

    def party(self, party: Topic, written: str, is_country: Callable[[str], bool]) -> Topic:
        """Resolve the name of a party: if the event names another country and no person, the party of that country, because
        many countries have a Labour party. Without a country, news means the parties of the United States.
        """
        (country, *others) = party.parents
        if (
            others
            or country == "United States"
            or not is_country(country)
            or country.partition(" ")[0] in written
            or not _GENERIC_PARTY.fullmatch(written)
        ):
            return party
        if any(
            other.plain is not None and other.plain.kind == "person" and not other.shape
            for _, other in self.found
        ):
            return party
        named = self._countries(is_country, party.name)
        if not named or country in named:
            return party
        if len(named) > 1:
            return Topic(written, "party")
        (other_country,) = named
        return _of_country(written, "party", other_country)

    def _countries(self, is_country: Callable[[str], bool], but: str = "") -> list[str]:
        """The countries that the event names, directly or as parents of other topics; the countries of persons do not count."""
        return list(
            dict.fromkeys(
                name
                for _, other in self.found
                if other.plain is not None and other.plain.kind != "person" and other.plain.name != but
                for name in (other.plain.name, *other.parents)
                if is_country(name)
            )
        )

    def unsettled(
        self, piece: Mention, text: str, start: int, is_country: Callable[[str], bool]
    ) -> Topic | None:
        """Resolve a name of several bodies or events that the context does not decide: the one in the only country named, or
        the bare name. A court or parliament without a country is dropped.
        """
        kinds = {topic.kind for topic, _ in piece.maybe}
        before = text[max(0, start - 2) : start]
        if (
            len(kinds) > 1
            or not kinds <= _SEVERAL
            or not piece.written[0].isupper()
            or before[-1:] in ("-", "–")
            or text.startswith(" of ", start + len(piece.written))
        ):
            return None
        if before[:1].isalpha() and _CAPITALISED.search(text, max(0, start - 25), start):
            ends = {base + other.end for base, other in self.found if other.plain is not None}
            if start - 1 not in ends:
                # the New National Party
                return None
        (kind,) = kinds
        lands = self._countries(is_country)
        if kind != "event" and len(lands) == 1:
            if kind in ("court", "legislature"):
                return Topic(national_body(piece.written, lands[0]), kind, (lands[0],))
            return _of_country(piece.written, kind, lands[0])
        return Topic(piece.written, kind) if kind in ("event", "party") else None

    def put(self, topic: Topic, how: How, *aliases: str) -> None:
        """Add a topic, or add its spellings to the topic if the event already has it."""
        here = self.topics.get(topic.name)
        if here is None:
            self.topics[topic.name] = EventTopic(topic.name, topic.kind, how, tuple(dict.fromkeys(aliases)))
            if topic.parents:
                self.above[topic.name] = topic.parents
        elif any(alias not in here.aliases for alias in aliases):
            ways = tuple(dict.fromkeys((*here.aliases, *aliases)))
            self.topics[topic.name] = EventTopic(here.name, here.kind, here.how, ways)

    def give_surnames(self, text: str, ancestors: Callable[[tuple[str, ...]], AbstractSet[str]]) -> None:
        """Resolve surnames: Ferguson is not the town if Alex Ferguson is named too, unless something happens "in Ferguson"."""
        behind = ""  # what stands behind the first words of all names
        for city in [self.topics[name] for name in self.above if self.topics[name].kind == "city"]:
            if city.how != "found" or len(city.aliases) != 1 or f"in {city.aliases[0]}" in text:
                continue
            surname = city.aliases[0]
            behind = behind or "\n".join(
                way.partition(" ")[2]
                for topic in self.topics.values()
                for way in (topic.name, *topic.aliases)
            )
            if surname not in behind:
                continue
            far = self.topics.keys().isdisjoint(ancestors(self.above[city.name]))
            for person in self.topics.values():
                if any(
                    self._is_borne(way, surname, person.kind, far=far)
                    for way in (person.name, *person.aliases)
                ):
                    del self.topics[city.name], self.above[city.name]
                    self.put(Topic(person.name, person.kind), "found", surname)
                    behind = ""
                    break

    @staticmethod
    def _is_borne(way: str, surname: str, kind: str, *, far: bool) -> bool:
        """Whether a name holds the surname, behind a given name: Paul Murphy TD. A name of no known kind does so if it looks like a
        person's and the town is in a country that the event does not name: Charlene Wittstock.
        """
        first, _, rest = way.partition(" ")
        if surname not in rest:
            return False
        if kind == "person":
            return f" {surname} " in f" {rest} "
        return (
            far
            and kind in ("name", "story")
            and rest == surname
            and first.istitle()
            and not _LANGUAGE.bits.get(first.lower(), 0) & _NO_GIVEN
        )

    def leave_series(self) -> None:
        """Leave out a series of events of which the text names one: the Olympic Games beside the 2012 Summer Olympics."""
        held = [name for name, topic in self.topics.items() if topic.kind in _SERIES]
        for one in held if len(held) > 1 else ():
            for name in self.above.get(one, ()):
                series = self.topics.get(name)
                if series is not None and series.kind in _SERIES and series.how == "found":
                    del self.topics[name]
                    self.above.pop(name, None)

    def give_countries(self, ministries: list[str]) -> None:
        """Assign bodies without a country, such as the Ministry of Health, to the only country that the event names."""
        countries = [topic.name for topic in self.topics.values() if topic.kind == "country"]
        if len(countries) != 1:
            return
        country = countries[0].partition(" (")[0]
        bodies = frozenset(ministries)
        kept = list(self.topics.items())
        self.topics.clear()
        for name, topic in kept:
            if name in bodies and topic.how == "found":
                full = body_of(name, countries[0]) or f"{name} ({country})"
                self.topics[full] = EventTopic(full, topic.kind, "found", topic.aliases)
            else:
                self.topics[name] = topic

    def join_parts(self, learned: Callable[[str], bool]) -> None:
        """Merge unknown names that are part, plural or initials of a longer one into that: Trainers, Instructor Trainers."""
        shaped = {piece.plain.name for _, piece in self.found if piece.shape and piece.plain is not None}
        keys: dict[str, str] = {}
        # Index the names by their words and by their first word, because comparing all pairs takes quadratic time.
        holding: dict[str, list[str]] = {}
        beginning: dict[str, list[str]] = {}
        # The programs and similar topics by their names in lower case, without parts in brackets.
        made: dict[str, list[str]] = {}
        for other, topic in self.topics.items():
            if topic.how == "found" and topic.kind in _MADE:
                made.setdefault(other.partition(" (")[0].lower(), []).append(other)
            words = other.split(" ")
            if len(words) > 1:
                beginning.setdefault(words[0], []).append(other)
                for word in dict.fromkeys(words):
                    holding.setdefault(word, []).append(other)
        for topic in list(self.topics.values()):
            name = topic.name
            keys.setdefault(thing(name), name)
            written_small = topic.kind in SMALL_KINDS and name.islower()
            own = name in shaped or topic.kind == "name" or written_small
            if topic.how != "found" or topic.kind in PLACES or not (own or (" " in name and learned(name))):
                continue
            longer = keys.setdefault(thing(name), name)
            if longer == name and not written_small and " " in name:
                # Nezha Monitoring is the project at github.com/nezhahq/nezha.
                module = self.topics.get(name.partition(" ")[0].lower())
                longer = module.name if module is not None and module.kind in SMALL_KINDS else name
            if longer == name and written_small:
                longer = self._made_of(name, made, learned)
            if longer == name and len(name) > 2 and is_acronym(name):
                longer = self._spelt_out(name)
            if longer == name and topic.kind == "person" and name.count(" ") == 1:
                longer = self._titled(name)
            if longer == name and topic.kind == "name" and " " not in name:
                # Irma is the storm that the event calls Hurricane Irma.
                storms = (f"{storm} {name}" for storm in _STORMS)
                longer = next((storm for storm in storms if storm in self.topics), name)
            if longer == name and not written_small:
                # A single word is part of a longer name that begins with it: Methuselah Foundation.
                padded = f" {name} "
                others = (
                    min((holding[word] for word in name.split(" ")), key=len)
                    if " " in name
                    else beginning.get(name, ())
                )
                longer = next(
                    (
                        other
                        for other in others
                        if other != name
                        and other in self.topics
                        and (padded in f" {other} " if own else self._ends_in(other, name))
                    ),
                    name,
                )
            if longer != name and longer in self.topics:
                del self.topics[name]
                parents = self.above.pop(name, ())
                if parents and longer not in self.above:
                    # The story of the storming of the Macedonian Parliament gets the parliament's country.
                    self.above[longer] = parents
                self.put(Topic(longer, self.topics[longer].kind), "found", *topic.aliases)

    def _ends_in(self, longer: str, name: str) -> bool:
        """Whether a name in the event ends with a learned name: Rust Leadership Council; stories are excluded."""
        before = longer.removesuffix(f" {name}")
        return (
            before != longer
            and self.topics[longer].how == "found"
            and not before.endswith((" of", " the", " and"))
        )

    def _made_of(self, name: str, made: Mapping[str, Sequence[str]], learned: Callable[[str], bool]) -> str:
        """The program of a lower-case name for its code, server or makers (usememos/memos, mattermost-server), else the name."""
        owner, joined, own = name.rpartition("/")
        if not joined:
            own = next(
                (name.removesuffix(part) for part in _LANGUAGE.parts_of_software if name.endswith(part)), ""
            )
        for other in made.get(own, ()):
            # The package net/http is not the protocol.
            if other != name and other in self.topics and (not joined or own in owner or learned(other)):
                return other
        return name

    def _titled(self, name: str) -> str:
        """The person of the event with this title and surname (Sayeeda Warsi for Baroness Warsi); else the name."""
        title, _, surname = name.partition(" ")
        if not _LANGUAGE.bits.get(title.lower(), 0) & REGNAL:
            return name
        same = (
            other
            for other, topic in self.topics.items()
            if other != name and topic.kind in ("person", "name") and other.endswith(f" {surname}")
        )
        return next(same, name)

    def _spelt_out(self, initials: str) -> str:
        """The topic of the event with these initials; else the initials."""
        for other in self.topics:
            if (
                " " in other
                and "".join(word[0] for word in other.split(" ") if word[:1].isupper()) == initials
            ):
                return other
        return initials

    def named(self, written: str) -> str | None:
        """The topic that the event spells in this way, or None."""
        key = fold(written)
        return next(
            (t.name for t in self.topics.values() if any(fold(alias) == key for alias in t.aliases)), None
        )


_GIVEN_AND = re.compile(r"(?:^|(?<!\b[A-Z])[^\w ] *|\b[a-z]+ )([A-Z]\w+) and $")


def relative(text: str, start: int, written: str) -> Topic | None:
    """Read "Sergei and Yulia Skripal", given where the second begins: the first has the surname of the second."""
    words = written.split()
    before = _GIVEN_AND.search(text, max(0, start - 30), start)
    if before is None or len(words) != 2:
        return None
    bits = _LANGUAGE.bits
    if not bits.get(before[1].lower(), 0) & bits.get(words[0].lower(), 0) & GIVEN:
        return None
    return Topic(f"{before[1]} {words[1]}", "person")
