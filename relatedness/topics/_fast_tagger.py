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
from relatedness.topics._known_names import SMALL_KINDS
from relatedness.topics._language import TITLE, Language
from relatedness.topics._lexicon import Lexicon
from relatedness.topics._mention import PHRASE, Mention
from relatedness.topics._neighbours import (
    TONGUES,
    beside_companies,
    is_company,
    is_language,
    is_place,
    is_source,
    is_subject,
    number_after,
)
from relatedness.topics._reader import Reader
from relatedness.topics._settings import is_acronym, tagger_settings
from relatedness.topics._spelling import fold, long_form, thing
from relatedness.topics._subjects import SUBJECT, GenericSubjects
from relatedness.topics._topic import PLACES, EventTopic

# Part of every tagger's key: raise it whenever this code or that of `relatedness.topics` may give other topics.
CODE_VERSION = 30


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
        self._above: dict[tuple[str, ...], frozenset[str]] = {}
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
        return [self._with_subjects(event, self.assemble(event, *read(event))) for event in events]

    def _with_subjects(self, event: Event, topics: tuple[EventTopic, ...]) -> tuple[EventTopic, ...]:
        """Add the generic subjects that the event names, if wanted and not yet among the topics."""
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

    def _ancestors(self, parents: tuple[str, ...]) -> frozenset[str]:
        known = self._above.get(parents)
        if known is None:
            names: dict[str, None] = {}
            todo = list(parents)
            while todo:
                parent = todo.pop()
                if parent not in names:
                    names[parent] = None
                    higher = self.gazetteer.get(parent)
                    todo += higher.parents if higher else ()
            known = self._above[parents] = frozenset(names)
        return known

    def _parent_topics(self, parents: tuple[str, ...]) -> tuple[EventTopic, ...]:
        """The topics that a topic with these parents belongs to, up to its country; continents are left out."""
        above = [self.gazetteer.get(name) or Topic(name, "name") for name in sorted(self._ancestors(parents))]
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
        topics, above = here.topics, here.above
        same: dict[str, str] = {}
        for name in event.topics:
            known = self.supplied(name)
            if not (self.gazetteer.banned(name) or self.gazetteer.banned(known.name)):
                here.put(known, "supplied", name)
                same[thing(known.name)] = known.name
        # Abbreviations that the event itself defines: "least developed country (LDC)" names nothing, and nor does LDC.
        short: dict[str, str | None] = {}
        # "(India Times)" at the end says where the news comes from.
        cited = _SOURCES.search(text) if ")" in text[-3:] else None
        sources_from = len(text) if cited is None else cited.start()
        skip = -1
        shaped, labels, initials = 0, self.lexicon.labels, False
        ministries: list[str] = []
        dated: list[tuple[int, int, EventTopic]] = []
        following = len(found) - 1
        for position, (base, piece) in enumerate(found):
            if position == skip:
                continue
            end = base + piece.end
            if end > sources_from:
                continue
            after = text[end : end + 2]
            if after[:1] in _MONEY and piece.written.isupper():
                # US$
                continue
            if after == ", " and position < following:
                start, second = found[position + 1]
                pair = None
                if start + second.start == end + 2:
                    pair = self._pair(piece, second) or self._elsewhere(
                        piece, second, text, start + second.end
                    )
                    if (
                        pair is not None
                        and not piece.shape
                        and text.startswith(", ", base + piece.start - 2)
                        and text.startswith(",", start + second.end)
                        and (usual := piece.topic or _usual(piece)) not in (None, pair[0])
                        and usual.kind in _LOCAL
                    ):
                        # "Oakland, San Francisco, Santa Fe, Seattle" is a list.
                        pair = None
                if pair is not None:
                    place, absorbed = pair
                    here.put(place, "found", piece.written, f"{piece.written}, {second.written}")
                    if absorbed:
                        skip = position + 1
                    continue
            plain = piece.plain
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
                    topic = self._settle(piece, here)
                    if topic is None and piece.initial and is_subject(text, end, written):
                        topic = piece.topic
                    if topic is None and piece.maybe:
                        topic = (
                            is_company(piece, text, base + piece.start, end)
                            or beside_companies(piece, text, base + piece.start, found)
                            or self._plain_name(piece, text, base + piece.start)
                        )
                        if topic is None and " " in written:
                            topic = self._first_place(written) or here.unsettled(
                                piece, text, base + piece.start, self._is_country
                            )
                if topic is not None and topic.kind == "party" and topic.parents and not piece.shape:
                    topic = here.party(topic, written, self._is_country)
                if topic is None or (topic.kind == "media" and is_source(text, base + piece.start, end)):
                    continue
                if plain is None or topic.name != plain.name:
                    plain = EventTopic(topic.name, topic.kind, "found", (piece.written,))
                parents = topic.parents
            else:
                parents = piece.parents
            assert plain is not None
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
            if same and name not in topics and (supplied := same.get(thing(name))) is not None:
                # The archive's own topic in another case: aws and AWS.
                here.put(Topic(supplied, topics[supplied].kind), "found", piece.written)
                continue
            if (
                labels
                and plain.kind == "city"
                and name not in topics
                and not is_place(text, base + piece.start, end)
            ):
                # In a technical archive Havana may be a release.
                continue
            if (
                after in _AILING
                and plain.kind in _NAMESAKES
                and piece.written[0].isupper()
                and (tail := _LANGUAGE.ailment.match(text, end))
            ):
                # Denys-Drash syndrome
                whole = piece.written + tail.group()
                same_disease = self.gazetteer.find(whole) or self.gazetteer.find(
                    f"{piece.written}'s{tail.group()}"
                )
                here.put(same_disease or Topic(whole, "disease"), "found", whole)
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
            here.give_surnames(text)
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

    def _is_country(self, name: str) -> bool:
        known = self.gazetteer.get(name)
        return known is not None and known.kind == "country"

    def _first_place(self, written: str) -> Topic | None:
        """The place at the beginning of an unresolved name: California, of its wildfires of 2007."""
        known = self._reader.known(written.partition(" ")[0])
        return known[0][0] if known and known[0][0].kind in PLACES and not known[0][1].weak else None

    def _plain_name(self, piece: Mention, text: str, start: int) -> Topic | None:
        """The spelling of a name without a known meaning here, which is still a name: the village of Kuda."""
        written = piece.written
        if written.isupper():
            said = len(written) > 1 and is_acronym(written)
        else:
            said = all(topic.kind in _LOCAL for topic, _ in piece.maybe) and (
                _LANGUAGE.somewhere.search(text, max(0, start - 10), start) is not None
            )
        return Topic(written, "name") if said and self._reader.says_something(written) else None

    def _elsewhere(self, piece: Mention, after: Mention, text: str, end: int) -> tuple[Topic, bool] | None:
        """Read "Perth, Scotland": a place of that name that the gazetteer lacks, as the country beside it shows."""
        own, larger = piece.topic or _usual(piece), after.topic
        if own is None or larger is None or own.kind not in _LOCAL or larger.kind not in _LARGER:
            return None
        if own.name == larger.name or (larger.kind == "region" and not larger.parents):
            return None
        if self._ancestors(own.parents) & {p for p in larger.parents if self._is_country(p)}:
            return None
        if _LISTED.match(text, end) or not (text[end + 1 : end + 2].islower() or text[end : end + 1] != " "):
            # "in Paris, Germany and Spain" is a list.
            return None
        return Topic(f"{piece.written}, {after.written}", "place", (larger.name,)), False

    @staticmethod
    def _defined(written: str, text: str, bracket: int, here: Gathered) -> str | None:
        """The topic of the event that an abbreviation in brackets stands for, by its initials."""
        long = long_form(written, text[max(0, bracket - _FARTHEST) : bracket])
        return None if long is None else here.named(long)

    def _settle(self, piece: Mention, here: Gathered) -> Topic | None:
        """Resolve a short or ambiguous name in this event; None if it stays unresolved."""
        written = piece.written
        if " " not in written:
            # The surname or given name of a person whom the event names in full.
            somebody = here.somebody(written)
            if somebody is not None:
                return somebody
        topic = self._decide(piece, here) if piece.maybe else None
        if topic is None and (piece.shape or piece.maybe):
            for first, last, name in (
                self.lexicon.surnames.get(fold(written), ()) if self.lexicon.surnames else ()
            ):
                if first <= here.year <= last:
                    known = self._reader.known(name)
                    return known[0][0] if known else Topic(name, "person")
        if topic is None and piece.shape and not piece.initial:
            topic = piece.topic
        return topic

    def _pair(self, piece: Mention, after: Mention) -> tuple[Topic, bool] | None:
        """Read "Stockton, California" or "Samarra, Iraq": the place, and whether the second name is part of it."""
        larger = [after.topic] if after.topic else [topic for topic, _ in after.maybe]
        larger = [topic for topic in larger if topic.kind in PLACES]
        if not larger or (piece.topic is not None and piece.topic.kind == "country"):
            return None
        for topic, _ in self._reader.known(f"{piece.written}, {after.written}"):
            if topic.kind in PLACES:
                return topic, any(t.kind == "state" for t in larger)
        names = {topic.name for topic in larger}
        own = [piece.topic] if piece.topic else [topic for topic, _ in piece.maybe]
        for topic in own:
            if topic.kind in PLACES and names & self._ancestors(topic.parents):
                return topic, any(t.kind == "state" for t in larger)
        if piece.topic is None and not any(topic.kind == "state" for topic in larger):
            # "Perth, Scotland": of several places with the name, the one in the same country.
            lands = {parent for topic in larger for parent in topic.parents}
            for topic in own:
                if topic.kind in PLACES and lands & self._ancestors(topic.parents):
                    return topic, False
        if any(topic.kind in ("state", "country") for topic in own):
            # "Georgia, Florida" is a list.
            return None
        if piece.topic is None or (piece.shape and piece.topic.kind in _UNSURE):
            states = [topic for topic in larger if topic.kind == "state"]
            if (
                len(states) == 1
                and piece.topic is not None
                and piece.topic.kind == "place"
                and " " in piece.written
            ):
                # Barksdale Air Force Base, Louisiana, is no town.
                return Topic(piece.written, piece.topic.kind, (states[0].name,)), False
            if len(states) == 1 and states[0].parents[:1] in _BY_STATE:
                state = states[0].name.partition(" (")[0] if len(after.written) == 2 else after.written
                return Topic(f"{piece.written}, {state}", "city", (states[0].name,)), True
            if len(states) == 1:
                return Topic(piece.written, "city", (states[0].name,)), False
        return None

    def _decide(self, piece: Mention, here: Gathered) -> Topic | None:
        """Resolve an ambiguous name: the meaning that the other topics support, else the usual meaning, else none."""
        if len(piece.written) == 2 and all(alias.weak for _, alias in piece.maybe):
            # The code of a state counts only after a town: "Amherst, MA".
            return None
        points = tagger_settings().meaning
        present, higher = here.present(self._ancestors)
        best: list[tuple[int, Topic, Alias]] = []
        usual = any(not alias.weak and alias.first <= here.year <= alias.last for _, alias in piece.maybe)
        for topic, alias in piece.maybe:
            if not alias.first <= here.year <= alias.last:
                continue
            if topic.kind == "team" and alias.weak and not here.sport:
                # A club with the same name as its town.
                continue
            if alias.weak and usual and topic.kind == "city" and topic.name not in present:
                # Boston in Lincolnshire is unlikely, even if the event names the United Kingdom.
                continue
            kin = self._ancestors(topic.parents)
            near = any(parent in present or parent in higher for parent in topic.parents)
            score = points.named * (topic.name in present) + points.holds_another * (topic.name in higher)
            score += points.parent_named * near + points.usual * (not alias.weak)
            score += points.ancestor_named * (not kin.isdisjoint(present))
            if topic.kind == "team" and here.sport:
                # "Barcelona beat Chelsea 2-0"
                score += points.named
            if self.lexicon.labels and topic.kind in SMALL_KINDS and piece.written.isupper():
                # In a technical archive GCC is the compiler.
                score += points.named
            if not alias.weak or score >= points.company:
                best.append((score, topic, alias))
        if not best:
            return None
        top = max(score for score, _, _ in best)
        first = [(topic, alias) for score, topic, alias in best if score == top]
        if len(first) == 1:
            return first[0][0]
        strong = [topic for topic, alias in first if not alias.weak]
        return strong[0] if len(strong) == 1 else None


def _usual(piece: Mention) -> Topic | None:
    """The usual meaning of an ambiguous name."""
    return next((topic for topic, alias in piece.maybe if not alias.weak), None)


# Kinds assigned by the shape of a name that may be a town.
_UNSURE = frozenset({"name", "region", "city", "place", PHRASE})
_FARTHEST = 1000  # characters before a bracket that are searched for the long form of an abbreviation
_SOURCES = re.compile(r"(?<=[.!?”\"’)])\s*(?:\([^() ]+(?: [^() ]+){0,4} ?\)[,.;\s]*)+$")
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
# The first characters of " syndrome" and similar words, and the kinds that they are named after.
_AILING = frozenset(" " + word[0] for word in _LANGUAGE.ailments)
_NAMESAKES = frozenset({"name", "person"})
_MONEY = _LANGUAGE.money
# Kinds that abbreviations often name in news but rarely in other archives.
_NEWSMAKERS = frozenset({"group", "party", "sport", "agreement", "media", "team"})
# Kinds that may be in another place than the gazetteer says, and kinds that tell which.
_LOCAL = frozenset({"city", "place", "region"})
_PARTS_OF_HEADINGS = PLACES | {
    "conflict", "person", "company", "organisation", "group", "party", "team", "disease", "court", "legislature", "disaster", "event"
}  # fmt: skip
# Countries whose towns are usually named with their state.
_BY_STATE = frozenset({("United States",), ("Canada",)})
_LARGER = frozenset({"country", "state", "region"})
_LISTED = re.compile(
    r",? (?:and|or|&) |, (?:\w+ ){0,3}?(?:and|or) |, [A-Z][\w-]+(?: [A-Z][\w-]+)?(?:,| and )"
)
