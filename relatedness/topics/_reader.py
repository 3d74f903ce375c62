"""Reading the names in a text: runs of capitalised words, and what each of them names.

One regular expression cuts out the runs, with the small words that names hold (of, for, the, al-, de). Results that depend on
the run alone are computed once and kept, as names recur; `FastTagger` decides the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import repeat

from relatedness.events import Event
from relatedness.languages import ENGLISH, language_of
from relatedness.topics._across_runs import across_runs
from relatedness.topics._foreign_reader import ForeignReader
from relatedness.topics._gazetteer import Gazetteer, Topic
from relatedness.topics._gazetteer_file import ANY_CASE, Alias
from relatedness.topics._half_names import with_matters
from relatedness.topics._headlines import (
    is_headline,
    names_in_any_case,
    outside_headings,
    outside_labels,
    with_small_words,
)
from relatedness.topics._identifiers import identifiers
from relatedness.topics._known_names import LARGEST_CACHE, SMALL_KINDS, KnownNames
from relatedness.topics._labels import says_something
from relatedness.topics._language import TITLE, Language, rare_words
from relatedness.topics._lexicon import Lexicon
from relatedness.topics._mention import Known, Mention, Taken, in_place, mention_of
from relatedness.topics._module_paths import module_names, program_files, sites
from relatedness.topics._plain_text import (
    betrays_names,
    outside_paths,
    with_caseless,
    with_dateline,
    with_plain_spaces,
    without_browsers,
    without_currencies,
    without_time_zones,
    without_trailers,
)
from relatedness.topics._readings import Part, Place, Readings
from relatedness.topics._shapes import Shapes
from relatedness.topics._spelling import among_marks, without_marks
from relatedness.topics._unmoved import Unmoved, follows

# The characters before the beginning of a sentence or of a list item.
_ENDS = frozenset('.!?:;”"\n|•—–-*#>→»')
# Kinds of which a title of one word may be an everyday word: Slack, Square.
_SUBJECTS = frozenset({"company", "software", "product"})
_FOLLOWING = re.compile(r" ([a-z][a-z-]*)")


class Reader:
    """Reads runs of capitalised words with a gazetteer and a lexicon, without regard to the event around them.

    Parameters
    ----------
    gazetteer : Gazetteer
    lexicon : Lexicon
    keeping : bool
        Whether to keep where runs stand in texts, for a reader of the same texts that takes over.
    """

    def __init__(self, gazetteer: Gazetteer, lexicon: Lexicon, *, keeping: bool = False) -> None:
        self.gazetteer = gazetteer
        self.lexicon = lexicon
        self._names = KnownNames(gazetteer, lexicon, Language.load())
        self._foreign = ForeignReader(self._names)
        self._shapes = Shapes(self._names)
        self.language = self._names.language
        self._run = self.language.run
        self._titles = Shapes(self._names, titles=True)
        # What runs name: those that begin a sentence and the others, then those that may go on in lower case; all again for
        # headlines.
        self._runs: tuple[dict[str, tuple[Mention, ...]], ...] = tuple({} for _ in range(8))
        # The everyday words that each of them looked up, if any.
        self._asked: tuple[dict[str, tuple[str, ...]], ...] = tuple({} for _ in self._runs)
        self._readings = Readings() if keeping else None
        # The runs of the text that is being searched.
        self._parts: list[Part] = []
        # A word of lower-case names, also with the marks that may follow it in a text.
        self._small = dict(gazetteer.loose)
        for entry in lexicon.names:
            if entry.kind not in SMALL_KINDS and not (entry.kind == "name" and entry.name.islower()):
                continue
            for way in (entry.name, *entry.aliases):
                if way[0].islower() and not ("!" in entry.aliases and way == entry.name):
                    first = way.partition(" ")[0]
                    self._small[first] = (*self._small.get(first, ()), way)
        # The same by what their first words begin with where a text is cut at its marks.
        self._loose: dict[str, tuple[str, ...]] = {}
        for word in self._small:
            first = (without_marks(word) or [word])[0]
            self._loose[first] = (*self._loose.get(first, ()), word)

    def take_over(self, earlier: Reader) -> None:
        """Keep the results of an earlier reader that the names learned since cannot change.

        Parameters
        ----------
        earlier : Reader
            Nothing is kept unless it knew the same gazetteer and less of the corpus.
        """
        if not any(earlier._runs) or not follows(self._names, earlier._names):
            return
        unmoved = Unmoved(earlier._names, self._names)
        self._names.words.update(unmoved.words)
        for table, (known, asked) in enumerate(zip(earlier._runs, earlier._asked, strict=True)):
            kept = {run: pieces for run, pieces in known.items() if unmoved(run, asked.get(run, ()))}
            self._runs[table].update(kept)
            self._asked[table].update({run: words for run, words in asked.items() if run in kept})
        if earlier._readings is not None:
            self._readings = earlier._readings.for_follower(same_words=self._small == earlier._small)

    @property
    def large_towns(self) -> frozenset[str]:
        """The topics that others belong to, among them the large towns."""
        return self._names.holding

    def read_event(self, event: Event) -> tuple[str, list[tuple[int, Mention]]]:
        """An event's text as one string, and everything that names something in it, with the offset of its run."""
        code = language_of(event)
        if code != ENGLISH:
            return self._foreign.read(event, code, self._with_lower_case)
        title = without_currencies(with_plain_spaces(event.title))
        text = without_currencies(with_plain_spaces(without_browsers(event.text)))
        if title and ": " in text:
            text = without_trailers(text)
        text = with_dateline(without_time_zones(text), self.gazetteer)
        shapes = betrays_names(text, event.language)
        if not text or title == text:
            only = title or text
            return only, self._read_line(only, shapes)
        found = self.read(text, shapes=shapes)
        if title:
            offset = len(text) + 2
            more = self._read_title(title, text, shapes)
            found += [(start + offset, piece) for start, piece in more]
            text = f"{text}\n\n{title}"
        return text, found

    def _read_line(self, text: str, shapes: bool) -> list[tuple[int, Mention]]:
        """What a title names: of the unknown names of one in title case only those that are names in any case."""
        if not shapes or not is_headline(text):
            return self.read(text, shapes=shapes)
        return names_in_any_case(text, self.read(with_small_words(text), title=True), self._names)

    def _read_title(self, text: str, body: str, shapes: bool) -> list[tuple[int, Mention]]:
        """What the title of an event with a text names, and the sites among it."""
        found = self._read_line(text, shapes)
        if text.isalnum() and f" {text.lower()}" not in body and text.lower() not in rare_words():
            # A title of one word is what the event is about: Strava. With the word in lower case below it, it is about apples.
            found = [(start, _as_subject(piece)) for start, piece in found]
        return _beside(text, found, list(sites(text, self._names)) if "." in text else [])

    def read(self, text: str, *, shapes: bool = True, title: bool = False) -> list[tuple[int, Mention]]:
        """Everything in a text that names something, in order, each with the offset of its run.

        Parameters
        ----------
        shapes : bool
            Whether unknown names count that only their shape betrays; not in headlines, whose words are all
            capitalised, nor in languages whose nouns are.
        title : bool
            Whether it is a headline, whose capitals do not show where names end.
        """
        found = (
            self._search(text, title=title)
            if self._readings is None
            else self._search_once(text, title=title)
        )
        if shapes:
            found = across_runs(text, found, self._names)
        else:
            found = [item for item in found if not item[1].shape]
        if "\n" in text and shapes:
            found = outside_headings(text, found)
        if ":" in text and shapes:
            found = outside_labels(text, found)
        if "/" in text or "::" in text:
            found = outside_paths(text, found)
        found = self._with_lower_case(text, found)
        found = _beside(text, found, self._by_marks(text, found))
        if self.gazetteer.caseless and not text.isascii():
            found = with_caseless(text, found, self._names)
        return found

    def _by_marks(self, text: str, found: list[tuple[int, Mention]]) -> list[tuple[int, Mention]]:
        """What the addresses and files of programs in a text name."""
        more = list(module_names(text, self._names, found)) if "/" in text else []
        if ".exe" in text or ".dll" in text:
            more += program_files(text, self._names)
        return more

    def _search_once(self, text: str, *, title: bool) -> list[tuple[int, Mention]]:
        """What the runs of a text name; each text is searched only once."""
        assert self._readings is not None
        kept = self._readings.runs(text, title=title)
        if kept is None:
            found = self._search(text, title=title)
            self._readings.keep(text, self._parts, title=title)
            return found
        found = []
        tables = self._runs
        for start, run, table, stop in kept:
            pieces = tables[table].get(run)
            if stop:
                pieces, end, _, _ = self._read_run(run, table, text, start + len(run))
                if end != stop:
                    # The text after it now begins elsewhere.
                    return found + self._search(text, start, title=title)
            elif pieces is None:
                pieces = self._names_in(run, table)
                if with_matters(self._names, run, pieces, "", end=0) is not None:
                    # The text that follows now decides where the name ends.
                    return found + self._search(text, start, title=title)
                self._keep(table, run, pieces)
            if len(pieces) == 1:
                found.append((start, pieces[0]))
            else:
                found += zip(repeat(start), pieces)
        return found

    def _search(self, text: str, here: int = 0, *, title: bool) -> list[tuple[int, Mention]]:
        """Find the runs of a text and what they name, from the beginning of a run on."""
        found: list[tuple[int, Mention]] = []
        base = 4 * title
        first, inner = self._runs[base : base + 2]
        parts = self._parts
        parts.clear()
        while here >= 0:
            matches = self._run.finditer(text, here)
            here = -1
            for match in matches:
                start, end = match.span()
                run = text[start:end]
                cache = first
                if start:
                    before = text[start - 1]
                    if before == " ":
                        at = start - 2
                        while at > 0 and text[at] == " ":
                            at -= 1
                        if at >= 0 and text[at] not in _ENDS:
                            cache = inner
                    elif before in "-'’" and (
                        particle := self.language.prefix.search(text, max(0, start - 5), start)
                    ):
                        start = particle.start()
                        run = particle.group() + run
                        if start and (start == 1 or text[start - 2] not in _ENDS):
                            cache = inner
                    elif before == "(":
                        cache = inner
                table = base + (cache is inner)
                pieces = cache.get(run)
                if pieces is not None:
                    parts.append((start, run, table, 0))
                else:
                    pieces, end, table, apart = self._read_run(run, table, text, end)
                    parts.append((start, run, table, 0 if apart else end))
                    if end != match.end():
                        # The run went on in lower case: what follows it begins there.
                        here = end
                if len(pieces) == 1:
                    found.append((start, pieces[0]))
                else:
                    found += zip(repeat(start), pieces)
                if here >= 0:
                    break
        return found

    def _read_run(
        self, run: str, table: int, text: str, end: int
    ) -> tuple[tuple[Mention, ...], int, int, bool]:
        """Read a run for which its table has nothing.

        Returns
        -------
        tuple of Mention
            What it names.
        int
            Where in the text it ends: a known name may go on in lower case.
        int
            The table that holds what it names.
        bool
            Whether it names that by itself, whatever follows it.
        """
        apart, own = True, table
        after = self.gazetteer.tails.get(run[run.rfind(" ") + 1 :])
        if after:
            # Two identical runs may go on differently in lower case, so they are kept by their final form.
            own = table + 2
            cache = self._runs[own]
            following = _FOLLOWING.match(text, end)
            if (
                following is not None
                and following[1] in after
                and (more := self.language.tail.match(text, end))
            ):
                whole = run + more.group()
                apart = False
                pieces = cache.get(whole)
                if pieces is None:
                    pieces = self._names_in(whole, table)
                    if not any(piece.start < len(run) < piece.end for piece in pieces):
                        pieces = ()
                    self._keep(own, whole, pieces)
                if pieces:
                    return pieces, more.end(), table, apart
            if (kept := cache.get(run)) is not None:
                return kept, end, own if apart else table, apart
        pieces = self._names_in(run, table)
        if (whole_body := with_matters(self._names, run, pieces, text, end=end)) is not None:
            # Not kept: what it names depends on what follows it.
            return *whole_body, table, False
        self._keep(own, run, pieces)
        return pieces, end, own if apart else table, apart

    def _names_in(self, run: str, table: int) -> tuple[Mention, ...]:
        """What a run of one of the tables names."""
        self._names.asked.clear()
        return tuple((self._titles if table >= 4 else self._shapes).names_in(run, table % 2 == 0))

    def _keep(self, table: int, run: str, pieces: tuple[Mention, ...]) -> None:
        """Keep the last result."""
        cache, asked = self._runs[table], self._asked[table]
        if len(cache) >= LARGEST_CACHE:
            cache.clear()
            asked.clear()
        cache[run] = pieces
        if self._names.asked:
            asked[run] = tuple(self._names.asked)

    def known(self, written: str) -> Known:
        """The topics that the gazetteer, or else the lexicon, has for a text as it is written."""
        return self._names.known(written)

    def learned(self, name: str) -> Topic | None:
        """The topic that the lexicon has for a name in any case, even if texts are never searched for it."""
        return self._names.learned(name)

    def is_office(self, heading: str) -> bool:
        """Whether a heading names an office and its holder, or the government of a country: that is no story in a text."""
        bits, small = self.language.bits, self.language.small | {"Government"}
        words = heading.split()
        if not any(bits.get(word.lower(), 0) & TITLE or word == "Government" for word in words):
            return False
        named = self.read(heading)
        if not named or any(piece.shape or piece.topic is None for _, piece in named):
            return False
        rest = heading
        for base, piece in reversed(named):
            rest = rest[: base + piece.start] + rest[base + piece.end :]
        return all(bits.get(word.lower(), 0) & TITLE or word in small for word in rest.split())

    def says_something(self, written: str) -> bool:
        """Whether an unknown name is more than a generic word, a number, a date or a ban."""
        return says_something(self._names, written, self._names.cut_up(written).words)

    def _with_lower_case(self, text: str, found: list[tuple[int, Mention]]) -> list[tuple[int, Mention]]:
        """Add the known names that may stand in lower case, swine flu, and identifiers: us-west-2."""
        readings = self._readings
        places = readings.small.get(text) if readings is not None else None
        if places is None:
            places = (*self._small_names(text), *identifiers(text, self.language))
            if readings is not None:
                readings.keep_small(text, places)
        if not places:
            return found
        taken = Taken(text, found)
        more: list[tuple[int, Mention]] = []
        for start, alias in places:
            end = start + len(alias)
            # southeast Asia takes the place of Asia
            if taken.any(start, end) and (alias.islower() or taken.across(start, end)):
                continue
            known = {
                topic.name: (topic, way)
                for topic, way in self._names.known(alias)
                if way.case == ANY_CASE
                or way.written == alias
                or (topic.kind in SMALL_KINDS and not way.weak)
            } or {alias: (Topic(alias, "name"), Alias(0))}
            more.append((start, mention_of(0, alias, tuple(known.values()))))
            taken.add(start, end)
        return in_place(text, found, more)

    def _small_names(self, text: str) -> Iterator[Place]:
        """Where the known names stand that may stand in lower case, by their first words and from left to right."""
        # Most texts hold a first word, such as the one of "the Moon", and no name.
        held = {
            word
            for first in self._loose.keys() & without_marks(text)
            for word in self._loose[first]
            if any(alias in text for alias in self._small[word])
        }
        if held:
            tokens = text.replace('"', " ").split()
            held = {word for word in held if not among_marks(word).isdisjoint(tokens)}
        for word in sorted(held):
            start = text.find(word)
            while start >= 0:
                if start == 0 or not text[start - 1].isalnum():
                    for alias in self._small[word]:
                        end = start + len(alias)
                        if text.startswith(alias, start) and not text[end : end + 1].isalnum():
                            yield start, alias
                            break
                start = text.find(word, start + 1)


def _as_subject(piece: Mention) -> Mention:
    """The only word of a title: an unknown name, or the company or program that it may be: Strava, Slack."""
    makers = {topic.name: topic for topic, _ in piece.maybe if topic.kind in _SUBJECTS}
    if piece.plain is None and len(makers) == 1:
        return mention_of(piece.start, piece.written, tuple((topic, Alias(0)) for topic in makers.values()))
    return piece._replace(initial=False)


def _beside(
    text: str, found: list[tuple[int, Mention]], more: list[tuple[int, Mention]]
) -> list[tuple[int, Mention]]:
    """The mentions of a text in order, with those of more that no other overlaps."""
    if not more:
        return found
    taken = Taken(text, found)
    free = [(start, piece) for start, piece in more if not taken.any(start, start + piece.end)]
    return sorted(found + free, key=lambda item: item[0] + item[1].start)
