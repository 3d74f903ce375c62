"""The rule-based tagger: resolves ambiguous and short names within an event, and assembles its topics."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from relatedness.arguments import check_type
from relatedness.events import Event
from relatedness.languages import ENGLISH, language_of
from relatedness.topics._gathered import Gathered, relative
from relatedness.topics._gazetteer import Gazetteer, Topic
from relatedness.topics._gazetteer_file import Alias
from relatedness.topics._happenings import put_happening
from relatedness.topics._language import TITLE, Language
from relatedness.topics._lexicon import Lexicon
from relatedness.topics._meanings import Meanings
from relatedness.topics._mention import PHRASE, Mention, mention_of
from relatedness.topics._neighbours import (
    AFTER_NAMES,
    NAMESAKES,
    TONGUES,
    beside_companies,
    beside_software,
    is_company,
    is_dictionary_word,
    is_language,
    is_place,
    is_source,
    is_subject,
    named_after,
    number_after,
)
from relatedness.topics._reader import Reader
from relatedness.topics._settings import is_acronym, tagger_settings
from relatedness.topics._spelling import end_of_path, fold, long_form, thing
from relatedness.topics._subjects import SUBJECT, GenericSubjects
from relatedness.topics._topic import PLACES, EventTopic

# Part of every tagger's key: raise it whenever this code or that of `relatedness.topics` may give other topics.
CODE_VERSION = 33


class FastTagger:
    """Topics from the gazetteer, the lexicon and the shape of names; no statistical model.

    Parameters
    ----------
    gazetteer : Gazetteer, optional
        By default the shipped one.
    lexicon : Lexicon, optional
        The result of `learn` for the corpus.
    subjects : bool
        Whether the generic subjects that a text names are topics too, of the kind ``subject``: earthquake, data breach.

    Examples
    --------
    >>> from datetime import date
    >>> event = Event("e1", date(2016, 7, 11), text="U.S. President Barack Obama sends troops to Mosul, Iraq.")
    >>> [(topic.name, topic.how) for topic in FastTagger().tag([event])[0]]
    [('United States', 'found'), ('Barack Obama', 'found'), ('Mosul', 'found'), ('Iraq', 'found')]
    """

    _kind = "fast"

    @property
    def acyclic(self) -> bool:
        """Whether tagging creates no reference cycles; unknown, and so false, for a subclass."""
        return type(self) is FastTagger

    def __init__(
        self, gazetteer: Gazetteer | None = None, lexicon: Lexicon | None = None, *, subjects: bool = False
    ) -> None:
        self.subjects = subjects
        self.gazetteer = Gazetteer.load() if gazetteer is None else gazetteer
        check_type(self.gazetteer, "gazetteer", Gazetteer, "a Gazetteer; Gazetteer.load reads a file")
        self.lexicon = Lexicon() if lexicon is None else lexicon
        check_type(self.lexicon, "lexicon", Lexicon, "a Lexicon")
        self._reader = Reader(self.gazetteer, self.lexicon)
        self._meanings = Meanings(self.gazetteer, self.lexicon, self._reader)
        self._supplied: dict[str, Topic] = {}
        self._parents: dict[tuple[str, ...], tuple[EventTopic, ...]] = {}

    @property
    def key(self) -> str:
        """Identifies the tagger: it changes whenever the output may change, with code, gazetteer or lexicon.

        Returns
        -------
        str
        """
        key = f"{self._kind}-{CODE_VERSION}-{tagger_settings().digest}-{self.gazetteer.digest}-{self.lexicon.digest}"
        return f"{key}-subjects-{GenericSubjects.load().digest}" if self.subjects else key

    def __getstate__(self) -> dict[str, Any]:
        # Do not pickle caches, which a worker process does not need.
        return {"gazetteer": self.gazetteer, "lexicon": self.lexicon, "subjects": self.subjects}

    def __setstate__(self, state: dict[str, Any]) -> None:
        FastTagger.__init__(self, state["gazetteer"], state["lexicon"], subjects=state["subjects"])

    def take_over(self, earlier: object) -> None:
        """Reuse the caches of an earlier reader of the same texts; this affects only speed.

        Parameters
        ----------
        earlier : object
            An object with a `Reader` as its ``reader``, such as the `NoteTaker` that learned the names of an archive. Any other
            object is ignored.

        Examples
        --------
        >>> from relatedness import Event
        >>> events = [Event("fall", None, "ISIL seizes Mosul.")]
        >>> earlier, tagger = FastTagger(), FastTagger()
        >>> topics = earlier.tag(events)
        >>> tagger.take_over(earlier)  # the text is not searched again
        >>> tagger.tag(events) == topics
        True
        """
        reader = getattr(earlier, "reader", None)
        if isinstance(reader, Reader):
            self._reader.take_over(reader)

    def tag(self, events: Sequence[Event]) -> list[tuple[EventTopic, ...]]:
        """The topics of each event.

        Parameters
        ----------
        events : sequence of Event

        Returns
        -------
        list of tuple of EventTopic
            For each event, in the same order: supplied topics, then those found in the order of the text, then
            parents by name. A function of each event alone.

        Examples
        --------
        >>> from relatedness import Event
        >>> [topic.name for topic in FastTagger().tag([Event("fall", None, "ISIL seizes Mosul.")])[0]]
        ['ISIL', 'Mosul', 'Iraq']
        """
        read = self._reader.read_event
        return [self._completed(event, self.assemble(event, *read(event))) for event in events]

    def _completed(self, event: Event, topics: tuple[EventTopic, ...]) -> tuple[EventTopic, ...]:
        """Add the identifiers by which events name each other and, if wanted, the generic subjects that the event names."""
        if self.lexicon.references.kinds:
            topics = self.lexicon.references.joined(event, topics)
        if not self.subjects or language_of(event) != ENGLISH:
            return topics
        ways: dict[str, dict[str, None]] = {}
        for field in (event.title, event.text):
            for named in GenericSubjects.load().find(field):
                ways.setdefault(named.subject, {})[field[named.start : named.end]] = None
        have = {thing(way) for topic in topics for way in (topic.name, *topic.aliases)}
        return (
            *topics,
            *(
                EventTopic(name, SUBJECT, "found", tuple(how))
                for name, how in ways.items()
                if thing(name) not in have
            ),
        )

    @property
    def reader(self) -> Reader:
        """The part of the tagger that finds names in texts.

        Returns
        -------
        Reader
        """
        return self._reader

    def _parent_topics(self, parents: tuple[str, ...]) -> tuple[EventTopic, ...]:
        """The topics that a topic with these parents belongs to, up to its country; continents are left out."""
        above = [
            self.gazetteer.get(name) or Topic(name, "name")
            for name in sorted(self._meanings.ancestors(parents))
        ]
        known = self._parents[parents] = tuple(
            EventTopic(t.name, t.kind, "parent")
            for t in above
            if (t.kind != "region" or t.parents) and not self.gazetteer.banned(t.name)
        )
        return known

    def assemble(self, event: Event, text: str, found: list[tuple[int, Mention]]) -> tuple[EventTopic, ...]:
        """The topics of an event, given the mentions in its text.

        Parameters
        ----------
        event : Event
        text : str
            As `Reader.read_event` gave it.
        found : list of (int, Mention)
            The mentions, each with the offset of its run.

        Returns
        -------
        tuple of EventTopic

        Examples
        --------
        >>> from relatedness import Event
        >>> tagger, event = FastTagger(), Event("fall", None, "ISIL seizes Mosul.")
        >>> text, found = tagger.reader.read_event(event)
        >>> [(topic.name, topic.how) for topic in tagger.assemble(event, text, found)]
        [('ISIL', 'found'), ('Mosul', 'found'), ('Iraq', 'parent')]
        """
        here = Gathered(found, event)
        topics, above, meanings = here.topics, here.above, self._meanings
        same: dict[str, str] = {}
        for name in event.topics:
            known = self.supplied(name)
            if not (self.gazetteer.banned(name) or self.gazetteer.banned(known.name)):
                here.put(known, "supplied", name)
                same.setdefault(end_of_path(known.name), known.name)
                same[thing(known.name)] = known.name
        # Abbreviations that the event itself defines: "least developed country (LDC)" names nothing, and nor does LDC.
        short: dict[str, str | None] = {}
        # "(India Times)" at the end says where the news comes from.
        sources_from = _start_of_sources(text)
        skip = -1
        shaped, labels, initials = 0, self.lexicon.labels, False
        ministries: list[str] = []
        dated: list[tuple[int, int, EventTopic]] = []
        # The places that the text tells from others of their name, as written: Bathurst, New Brunswick.
        placed: dict[str, Topic] = {}
        said: set[str] = set()
        following = len(found) - 1
        for position, (base, piece) in enumerate(found):
            if position == skip:
                continue
            end = base + piece.end
            if end > sources_from:
                continue
            after = text[end : end + 2]
            if after == ", " and position < following:
                start, second = found[position + 1]
                pair = None
                if start + second.start == end + 2:
                    pair = meanings.beside(piece, second, text, (base + piece.start, start + second.end))
                if pair is not None:
                    place, absorbed = pair
                    placed[piece.written] = place
                    here.put(place, "found", piece.written, f"{piece.written}, {second.written}")
                    if absorbed:
                        skip = position + 1
                    continue
            if after == " i" or text.startswith(" of ", base + piece.start - 4):
                town = meanings.located(found, position, text, (base + piece.start, end), said)
                if town is not None:
                    placed[piece.written] = town
            if placed and (known_place := placed.get(piece.written)) is not None:
                piece = mention_of(piece.start, piece.written, ((known_place, Alias(0)),))
            plain = piece.plain
            if (
                after in AFTER_NAMES
                and (plain is None or plain.kind in NAMESAKES)
                and (named := named_after(piece, text, end))
                and language_of(event) == ENGLISH
            ):
                # Denys-Drash syndrome, the Riemann zeta function, Taenia solium
                behind = named[0].name.removeprefix(piece.written)
                listed = self.gazetteer.find(named[0].name) or self.gazetteer.find(
                    f"{piece.written}'s{behind}"
                )
                here.put(listed or named[0], "found", named[1])
                shaped += 1
                continue
            if (
                after[:1] == ")"
                and piece.written.isupper()
                and not piece.shape
                and text[base + piece.start - 1] == "("
                and (meant := self._defined(piece.written, text, base + piece.start - 1, here)) is not None
                and (plain is None or plain.name != meant)
            ):
                # "Bureau of Land Management (BLM)": takes precedence over other meanings of BLM.
                short[piece.written] = meant
            if not piece.shape and (name := short.get(piece.written) or "") in topics:
                here.put(Topic(name, topics[name].kind), "found", piece.written)
                continue
            if piece.written in TONGUES and is_language(text, base + piece.start, end):
                continue
            if not piece.easy:
                written = piece.written
                if plain is not None and plain.kind == PHRASE:
                    if labels:
                        continue
                    plain = EventTopic(plain.name, "name", "found", plain.aliases)
                if piece.shape and after[:1] == ")" and text[base + piece.start - 1] == "(":
                    bracket = base + piece.start - 1
                    long = long_form(written, text[max(0, bracket - _FARTHEST) : bracket])
                    if long is not None:
                        known_as = here.named(long)
                        if known_as is not None or long[0].islower():
                            short[written] = known_as
                if written in short:
                    name = short[written] or ""
                    if name in topics:
                        here.put(Topic(name, topics[name].kind), "found", written)
                    continue
                topic = piece.topic
                if topic is None or piece.shape:
                    topic = meanings.settle(
                        piece, here, inside=text.startswith(" in ", base + piece.start - 4)
                    )
                    if topic is None and piece.initial and is_subject(text, end, written):
                        topic = piece.topic
                    if topic is None and piece.maybe:
                        topic = (
                            is_company(piece, text, base + piece.start, end)
                            or beside_companies(piece, text, base + piece.start, found)
                            or beside_software(piece, text, base + piece.start, found)
                            or meanings.plain_name(piece, text, base + piece.start)
                        )
                        if topic is None and " " in written:
                            topic = meanings.first_place(written) or here.unsettled(
                                piece, text, base + piece.start, meanings.is_country
                            )
                if topic is not None and topic.kind == "party" and topic.parents and not piece.shape:
                    topic = here.party(topic, written, meanings.is_country)
                if topic is None or (topic.kind == "media" and is_source(text, base + piece.start, end)):
                    continue
                if plain is None or topic.name != plain.name:
                    plain = EventTopic(topic.name, topic.kind, "found", (piece.written,))
                parents = topic.parents
            else:
                parents = piece.parents
            assert plain is not None
            if piece.shape and plain.kind == "name" and is_dictionary_word(piece.written, text, end):
                continue
            shaped += piece.shape or plain.kind == "name"
            initials = initials or (piece.shape and is_acronym(piece.written))
            if plain.kind == "organisation" and not parents and _LANGUAGE.ministry.search(plain.name):
                ministries.append(plain.name)
            if (
                plain.kind == "person"
                and text.startswith(" and ", base + piece.start - 5)
                and (kin := relative(text, base + piece.start, piece.written)) is not None
            ):
                here.put(kin, "found", kin.name.partition(" ")[0])
            if piece.start > 4 and text[base + piece.start - 2].isdigit() and plain.kind != "person":
                dated.append((base + piece.start, end, plain))
            name = plain.name
            if (
                labels
                and plain.kind in _NEWSMAKERS
                and len(piece.written) <= tagger_settings().acronym.longest_label
                and piece.written.isupper()
                and name not in topics
                and fold(name) not in fold(text)
            ):
                # In an archive of labels ATP is not the tennis association, unless the text spells out its name.
                if not self._reader.says_something(piece.written):
                    continue
                name, parents = piece.written, ()
                plain = EventTopic(name, "name", "found", (name,))
            if (
                same
                and name not in topics
                and (supplied := same.get(thing(name)) or same.get(end_of_path(name))) is not None
            ):
                # The archive's own topic in another case, aws and AWS, or with its path: containers/buildah and Buildah.
                here.put(Topic(supplied, topics[supplied].kind), "found", piece.written)
                continue
            if (
                labels
                and plain.kind == "city"
                and name not in topics
                and name not in self._reader.large_towns
                and piece.written not in self.lexicon.placed
                and not is_place(text, base + piece.start, end)
            ):
                # In a technical archive Godfrey may be a person.
                continue
            if after in _FEATURES and plain.kind == "city" and (tail := _LANGUAGE.feature.match(text, end)):
                # The San Juan river is not in the town of that name.
                here.put(Topic(piece.written + tail.group(), "place"), "found", piece.written + tail.group())
                continue
            if (
                after in _COUNTS
                and not labels
                and (number := number_after(plain, text, base + piece.start, end))
            ):
                # Battlefield 3, the Terrorism Act 2000
                whole = f"{piece.written} {number}"
                here.put(Topic(whole, plain.kind, parents if piece.shape else (name,)), "found", whole)
                continue
            if after in _DIVIDES and plain.kind in _DIVIDED and (tail := _LANGUAGE.division.match(text, end)):
                topic = Topic(name, plain.kind, parents)
                here.put(topic, "found", piece.written, piece.written + tail.group())
            elif name not in topics:
                topics[name] = plain
                if parents:
                    above[name] = parents
            elif piece.written not in topics[name].aliases:
                here.put(Topic(name, plain.kind, parents), "found", piece.written)
        if shaped > 1 or initials or (shaped and "/" in text) or (labels and len(topics) > 1):
            here.join_parts(self._is_learned)
        if ministries:
            here.give_countries(ministries)
        for start, end, plain in dated:
            put_happening(here, text, start, end, plain, self._called)
        if above:
            here.give_surnames(text, meanings.ancestors)
            here.leave_series()
            weaker: dict[str, EventTopic] = {}
            for parents in above.values():
                implied = self._parents.get(parents)
                for parent in self._parent_topics(parents) if implied is None else implied:
                    if parent.name not in topics:
                        weaker[parent.name] = parent
            if weaker:
                return (*topics.values(), *(weaker[name] for name in sorted(weaker)))
        return tuple(topics.values())

    def supplied(self, name: str) -> Topic:
        """The canonical topic of a name that an archive supplies; a new topic of that name if none is known.

        Parameters
        ----------
        name : str

        Returns
        -------
        Topic
            Of kind ``story`` if it is new.

        Examples
        --------
        >>> FastTagger().supplied("Islamic State").name, FastTagger().supplied("Harbour strike").kind
        ('ISIL', 'story')
        """
        known = self._supplied.get(name)
        if known is None:
            known = self.gazetteer.find(name) or self._of_years(name) or self._reader.learned(name)
            if known is None or (known.kind == "story" and not known.parents):
                known = Topic(known.name if known else name, "story", self._parts(name))
            self._supplied[name] = known
        return known

    def _called(self, way: str) -> Topic | None:
        """The topic known under a name, in this event or in the headings of the archive."""
        return self.supplied(way) if self.gazetteer.find(way) or self._reader.learned(way) else None

    def _of_years(self, heading: str) -> Topic | None:
        """The known conflict whose years a heading adds: War in Afghanistan (2001–2021); one year may tell two conflicts apart."""
        match = _YEARS.fullmatch(heading)
        if match is None:
            return None
        known = self.gazetteer.find(match[1])
        same = known is not None and known.kind == "conflict" and known.name == match[1]
        return known if same else None

    def _parts(self, heading: str) -> tuple[str, ...]:
        """The known places, bodies and persons in a heading, which become its parents."""
        parts: dict[str, None] = {}
        for _, piece in self._reader.read(heading):
            topic = piece.topic
            if topic is None:
                continue
            if piece.shape:
                # The Macedonian Parliament is in no list, its country is.
                parts.update(dict.fromkeys(piece.parents))
            elif topic.kind == "party" and _LANGUAGE.bits.get(piece.written.lower(), 0) & TITLE:
                # Irish Republicans, but not another country's "labour"
                continue
            elif topic.name != heading and topic.kind in _PARTS_OF_HEADINGS and topic.name in self.gazetteer:
                parts[topic.name] = None
        return tuple(parts)

    def _is_learned(self, name: str) -> bool:
        return name not in self.gazetteer

    @staticmethod
    def _defined(written: str, text: str, bracket: int, here: Gathered) -> str | None:
        """The topic of the event that an abbreviation in brackets stands for, by its initials."""
        long = long_form(written, text[max(0, bracket - _FARTHEST) : bracket])
        return None if long is None else here.named(long)


def _start_of_sources(text: str) -> int:
    """Where the sources in brackets at the end of a text begin; its length if there are none."""
    if ")" in text[-3:]:
        # All runs of brackets are matched one after the other: a pattern bound to the end would try each run from each bracket.
        for cited in _SOURCES.finditer(text):
            if cited.end() == len(text):
                return cited.start()
    return len(text)


_FARTHEST = 1000  # characters before a bracket that are searched for the long form of an abbreviation
_SOURCES = re.compile(r"(?<=[.!?”\"’)])\s*(?:\([^() ]+(?: [^() ]+){0,4} ?\)[,.;\s]*)+")
# The first characters of " province" and similar words.
_DIVIDES = frozenset({" P", " p", " s", " r", " d", " D", " c", " g", " i", " I"})
# Kinds of places whose name may be followed by the noun for their kind: Zhejiang province.
_DIVIDED = frozenset({"region", "city", "state"})
# A heading with its years, or the phase that it is about, in brackets.
_YEARS = re.compile(r"(.+) \((?:\d{4}[–-](?:\d{2,4}|present)?|post-[^()]+)\)")
# The first characters of a number after a name.
_COUNTS = frozenset(f" {digit}" for digit in range(1, 10))
_LANGUAGE = Language.load()
# The first characters of " river" and similar words.
_FEATURES = frozenset(" " + word[0] for word in _LANGUAGE.features | _LANGUAGE.works)
# Kinds that abbreviations often name in news but rarely in other archives.
_NEWSMAKERS = frozenset({"group", "party", "sport", "agreement", "media", "team"})
_PARTS_OF_HEADINGS = PLACES | {
    "conflict", "person", "company", "organisation", "group", "party", "team", "disease", "court", "legislature", "disaster", "event"
}  # fmt: skip
