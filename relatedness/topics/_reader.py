"""Reading the names in a text: runs of capitalised words, and what each of them names.

One regular expression cuts out the runs, with the small words that names hold (of, for, the, al-, de). Whatever about a
run does not depend on the event around it is worked out once and kept, since names recur; `FastTagger` decides the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, repeat

from relatedness.events import Event
from relatedness.languages import ENGLISH, FOREIGN, function_words, language_of, simplified
from relatedness.topics._across_runs import across_runs
from relatedness.topics._arabic import arabic_names
from relatedness.topics._bodies import with_countries
from relatedness.topics._capital_names import capital_names, ways_to_write
from relatedness.topics._chinese import (
    chinese_names,
    crosses_words,
    ends_in_word,
    is_one_name,
    word_bounds,
)
from relatedness.topics._gazetteer import Gazetteer, Topic
from relatedness.topics._gazetteer_file import ANY_CASE, Alias
from relatedness.topics._german import german_names
from relatedness.topics._half_names import with_matters
from relatedness.topics._headlines import is_headline, names_in_any_case, outside_headings, with_small_words
from relatedness.topics._hindi import hindi_names
from relatedness.topics._japanese import japanese_names
from relatedness.topics._known_names import LARGEST_CACHE, SMALL_KINDS, KnownNames
from relatedness.topics._korean import korean_names
from relatedness.topics._labels import says_something
from relatedness.topics._language import TITLE, UPPER, Language
from relatedness.topics._lexicon import Lexicon
from relatedness.topics._mention import Known, Mention, Spans, Taken, mention_by_shape, mention_of
from relatedness.topics._module_paths import module_names, program_files, sites
from relatedness.topics._other_languages import OtherNames
from relatedness.topics._persian import own_part, persian_names
from relatedness.topics._plain_text import betrays_names, with_caseless, with_plain_spaces, without_browsers
from relatedness.topics._readings import Part, Place, Readings
from relatedness.topics._shaped import ShapedName, apart_from, latin_names
from relatedness.topics._shapes import Shapes
from relatedness.topics._spelling import among_marks, without_marks
from relatedness.topics._thai import called, thai_names
from relatedness.topics._topic import PLACES
from relatedness.topics._unmoved import Unmoved, follows
from relatedness.topics._vietnamese import vietnamese_names

# What stands before the beginning of a sentence or of an item of a list.
_ENDS = frozenset('.!?:;”"\n|•—–-*#>→»')
_FOLLOWING = re.compile(r" ([a-z][a-z-]*)")
# A piece of text without punctuation.
_PHRASE = re.compile(
    r"[^\s.,;:!?()\[\]{}«»„“”\"…¿¡|]+(?:\.(?=[^\W\d_])[^\s.,;:!?()\[\]{}«»„“”\"…¿¡|]*)*(?:\.(?= [a-z]))?"
    r"(?: [^\s.,;:!?()\[\]{}«»„“”\"…¿¡|]+(?:\.(?=[^\W\d_])[^\s.,;:!?()\[\]{}«»„“”\"…¿¡|]*)*)*"
)
# What the name of a place in China is without that of the city or country before it.
_OWN_PART = re.compile("..+(?:区|县|市|镇|机场|公园|广场|大桥|车站|大学)")
_SURNAME = re.compile(rf" [{UPPER}]")
# The endings of Turkish names stand behind an apostrophe: Ankara'da.
_TURKISH_CASE = re.compile(r"(?<=\w)[’'][^\W\d_]+")
# What finds names by what stands beside them, where capitals betray none or not where they end.
_BESIDE = {
    "ar": arabic_names,
    "de": german_names,
    "fa": persian_names,
    "hi": hindi_names,
    "ja": japanese_names,
    "ko": korean_names,
    "th": thai_names,
    "vi": vietnamese_names,
}
_OTHER_SCRIPTS = frozenset({"ar", "fa", "hi", "ko", "ru", "th", "uk"})
# Kinds whose names other names begin with: the airline of a flight.
_STORMS = ("台风", "飓风", "气旋")
# A word with a capital inside a sentence, that is no adjective: the given name of the surname after it.
_FIRST_NAME = re.compile(
    r"(?<=[\w,»”)] )[А-ЯІЇЄҐЁ][а-яіїєґё’-]+(?<!го)(?<!ом)(?<!ем)(?<!ой)(?<!ая)(?<!яя)(?<!ый)(?<!ий)(?<!ую)(?<!ых)(?<!их) $"
)
_NESTED = frozenset({"company", "organisation"})


class Reader:
    """Reads runs of capitalised words; knows a gazetteer and what a corpus taught, nothing of the event around.

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
        self._shapes = Shapes(self._names)
        self.language = self._names.language
        self._run = self.language.run
        self._titles = Shapes(self._names, titles=True)
        # What runs name: those that begin a sentence and the others, then those that may go on in lower case; all again for
        # headlines.
        self._runs: tuple[dict[str, tuple[Mention, ...]], ...] = tuple({} for _ in range(8))
        # The everyday words that each of them asked for, where there are any.
        self._asked: tuple[dict[str, tuple[str, ...]], ...] = tuple({} for _ in self._runs)
        self._readings = Readings() if keeping else None
        # The runs of the text that is being searched.
        self._parts: list[Part] = []
        # A word of lower-case names, also with the marks that may follow it in a text.
        self._small = dict(gazetteer.loose)
        for entry in lexicon.names:
            for way in (entry.name, *entry.aliases) if entry.kind in SMALL_KINDS else ():
                if way[0].islower() and not ("!" in entry.aliases and way == entry.name):
                    first = way.partition(" ")[0]
                    self._small[first] = (*self._small.get(first, ()), way)
        # The same by what their first words begin with where a text is cut at its marks.
        self._loose: dict[str, tuple[str, ...]] = {}
        for word in self._small:
            first = (without_marks(word) or [word])[0]
            self._loose[first] = (*self._loose.get(first, ()), word)

    def take_over(self, earlier: Reader) -> None:
        """Keep what an earlier reader worked out, as far as what was learned since cannot change it.

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

    def read_event(self, event: Event) -> tuple[str, list[tuple[int, Mention]]]:
        """An event's text as one string, and everything that names something in it, with the offset of its run."""
        code = language_of(event)
        if code != ENGLISH:
            return self._read_other(event, code)
        text, title = with_plain_spaces(without_browsers(event.text)), with_plain_spaces(event.title)
        shapes = betrays_names(text, event.language)
        if not text or title == text:
            only = title or text
            return only, self._read_line(only, shapes)
        found = self.read(text, shapes=shapes)
        if title:
            offset = len(text) + 2
            more = self._read_title(title, shapes)
            found += [(start + offset, piece) for start, piece in more]
            text = f"{text}\n\n{title}"
        return text, found

    def _read_line(self, text: str, shapes: bool) -> list[tuple[int, Mention]]:
        """What a title names: of the unknown names of one in title case only those that are names in any case."""
        if not shapes or not is_headline(text):
            return self.read(text, shapes=shapes)
        return names_in_any_case(text, self.read(with_small_words(text), title=True), self._names)

    def _read_title(self, text: str, shapes: bool) -> list[tuple[int, Mention]]:
        """What the title of an event with a text names, and the sites among it."""
        found = self._read_line(text, shapes)
        if "." not in text or not (more := list(sites(text, self._names))):
            return found
        taken = Taken(text, found)
        more = [(start, piece) for start, piece in more if not taken.any(start, start + piece.end)]
        return sorted(found + more, key=lambda item: item[0] + item[1].start)

    def _read_other(self, event: Event, code: str) -> tuple[str, list[tuple[int, Mention]]]:
        """An event in another language: the names that the language knows, and around them what is known anyway."""
        fields = list(dict.fromkeys(with_plain_spaces(field) for field in (event.text, event.title) if field))
        text = "\n\n".join(fields)
        if code == "tr":
            text = _TURKISH_CASE.sub(lambda case: " " * len(case[0]), text)
        names = OtherNames.load(code)
        found: list[tuple[int, Mention]] = []
        others: list[tuple[int, Mention]] = []
        everyday = function_words(code)
        bans = names.bans if names is not None else frozenset()
        for base, piece in self._known_by_words(text):
            weak = piece.plain is None and all(alias.weak for _, alias in piece.maybe)
            if weak and len(piece.maybe) == 1 and piece.maybe[0][0].kind == "company":
                # Apple is an everyday word in English alone.
                piece, weak = mention_of(0, piece.written, ((piece.maybe[0][0], Alias(0)),)), False
            if weak or piece.written.lower() in everyday or piece.written in bans:
                continue
            if names is not None and names.is_everyday(piece.written):
                continue
            # The gazetteer's own names in this script are the user's: they win.
            (found if FOREIGN.search(piece.written) is not None else others).append((base, piece))
        taken = Taken(text, found)
        plain = simplified(text) if code == "zh" else text
        bounds = word_bounds(plain) if code == "zh" else None
        longest: dict[int, int] = {}
        for base, piece in others:
            longest[base] = max(longest.get(base, 0), base + piece.end)
        for start, end, topic in (
            self._known_elsewhere(text, names, plain, bounds) if names is not None else ()
        ):
            if self.gazetteer.banned(topic.name) or taken.any(start, end) or longest.get(start, 0) > end:
                continue
            found.append((start, mention_of(0, text[start:end], ((topic, Alias(0)),))))
        taken = Taken(text, found)
        found += [
            (base, piece) for base, piece in others if not taken.any(base + piece.start, base + piece.end)
        ]
        found.sort(key=lambda item: item[0] + item[1].start)
        if code == "zh":
            found = self._with_chinese(text, found, plain, bounds)
        elif code in _BESIDE or betrays_names(text, code):
            found = self._with_shaped(text, code, found)
        found.sort(key=lambda item: item[0] + item[1].start)
        return text, found

    def _known_by_words(self, text: str) -> list[tuple[int, Mention]]:
        """The known names that begin with a capital, in a text of another language than English."""
        found: list[tuple[int, Mention]] = []
        for phrase in _PHRASE.finditer(text):
            if phrase[0].islower():
                continue
            run = self._names.cut_up(phrase[0])
            here = 0
            while here < len(run.words):
                stop = 0
                if run.words[here].text[0].isupper():
                    stop, known = self._names.longest_at(run, here)
                if not stop and len(halves := run.words[here].text.split("-")) > 1:
                    # Audi-Chef, US-Präsident
                    if known := self._names.known(halves[0]) if halves[0] else ():
                        found.append((phrase.start() + run.starts[here], mention_of(0, halves[0], known)))
                elif stop:
                    written = run.cut(here, stop)
                    found.append((phrase.start() + run.starts[here], mention_of(0, written, known)))
                here = stop or here + 1
        found = self._with_lower_case(text, found)
        return with_caseless(text, found, self._names) if self.gazetteer.caseless else found

    def _with_shaped(
        self, text: str, code: str, found: list[tuple[int, Mention]]
    ) -> list[tuple[int, Mention]]:
        """Add the names that no list has; a longer one takes those that it holds, but for the place that it belongs to."""
        known = [
            (base + piece.start, base + piece.end, piece.plain.kind if piece.plain else "")
            for base, piece in found
        ]
        shaped = _BESIDE[code](text, known) if code in _BESIDE else capital_names(text, code, known)
        if code in _OTHER_SCRIPTS:
            shaped = chain(latin_names(text), shaped)
        names = [name for name in apart_from(text, known, shaped) if not self.gazetteer.banned(name.name)]
        held = Spans((name.start, name.end) for name in names)
        names_of_language = OtherNames.load(code)
        surnames = {
            end: (start, topic)
            for (_, piece), (start, end, kind) in zip(found, known, strict=True)
            if kind == "person" and (topic := piece.topic) is not None
        }
        places = {number for name in names for number in name.places}
        kept = [
            item
            for number, (item, (start, end, _)) in enumerate(zip(found, known, strict=True))
            if number in places or not held.hold(start, end)
        ]
        for name in names:
            parents = tuple(topic.name for number in name.places if (topic := found[number][1].topic))
            written = text[name.start : name.end]
            topic = self.gazetteer.find(name.name) or self._same_person(
                written, name, surnames, names_of_language
            )
            if topic is None and name.name == written and code not in _BESIDE:
                mention = mention_by_shape(0, written, name.kind, parents)
            else:
                mention = mention_of(0, written, ((topic or Topic(name.name, name.kind, parents), Alias(0)),))
            kept.append((name.start, mention))
            if name.own > name.start and (whole := mention.topic) is not None:
                kept.append((name.own, mention_of(0, text[name.own : name.end], ((whole, Alias(0)),))))
        return kept

    @staticmethod
    def _same_person(
        written: str, name: ShapedName, surnames: Mapping[int, tuple[int, Topic]], names: OtherNames | None
    ) -> Topic | None:
        """The known person of a surname, where a given name stands before it that begins as theirs: Эммануэль Макрон."""
        if names is None or name.kind not in ("person", "name") or name.end not in surnames:
            return None
        start, topic = surnames[name.end]
        shown = names.shown(topic.name)
        # A list that has the surname alone does not tell whose given name it is.
        same = shown[:3] == written[:3] or (names.code == "th" and " " not in shown)
        return topic if start > name.start and same else None

    def _known_elsewhere(
        self, text: str, names: OtherNames, plain: str, bounds: Sequence[tuple[int, int, str]] | None
    ) -> list[tuple[int, int, Topic]]:
        """The known names of a language in a text, with their topics; `bounds` are the words of a Chinese one."""
        found: list[tuple[int, int, Topic]] = []
        parts: list[tuple[int, int, Topic]] = []
        code, last = names.code, 0
        given = ways_to_write(code).is_given if code in ("ru", "uk") else None
        for start, end, name in names.find(text):
            topic = names.topic(name, self.gazetteer)
            written = text[start:end]
            if (
                topic is not None
                and topic.kind in PLACES
                and given is not None
                and given(written)
                and (not names.has(written) or _SURNAME.match(text, end))
            ):
                # Иван is not Иваново, and Володимир Зеленський no town.
                continue
            if (
                topic is not None
                and topic.kind in PLACES
                and given is not None
                and not names.has(written)
                and not (found and found[-1][1] == start - 1)
                and _FIRST_NAME.search(text, max(0, start - 24), start)
            ):
                # Юкия Амано is not of Амман.
                continue
            if topic is not None and found and start == found[-1][0]:
                # What a longer name begins with: the country of its parliament, or the same place in short.
                longest = found[-1][2]
                if topic == longest or (
                    topic.kind in PLACES | _NESTED
                    and longest.kind not in PLACES - {"place"}
                    and longest.kind != "person"
                    and not (bounds is not None and is_one_name(start, last, bounds))
                ):
                    found.append((start, end, topic))
                    if code == "zh" and longest.kind in PLACES and _OWN_PART.fullmatch(plain, end, last):
                        # 滨海新区 of 天津滨海新区
                        parts.append((end, last, longest))
                continue
            if topic is None or (
                bounds is not None
                and (
                    crosses_words(plain, start, end, bounds)
                    if end - start == 2
                    else topic.kind in PLACES and ends_in_word(end, bounds)
                )
            ):
                continue
            found.append((start, end, topic))
            last = end
            first = (
                called(text, start) if code == "th" else own_part(text, start, end) if code == "fa" else start
            )
            if names.body(written) is None:
                shorter = [(first, end)] if first != start else names.shorter(text, start, end)
                parts += [(begin, stop, topic) for begin, stop in shorter]
        return with_countries(text, names, found, self.gazetteer) + parts

    def _with_chinese(
        self,
        text: str,
        found: list[tuple[int, Mention]],
        plain: str,
        bounds: Sequence[tuple[int, int, str]] | None,
    ) -> list[tuple[int, Mention]]:
        """Add the names in a Chinese text that only their shape betrays; a longer one takes what it holds in."""
        known = [
            (base + piece.start, base + piece.end, piece.plain.kind) for base, piece in found if piece.plain
        ]
        shapes = [
            shape for shape in chinese_names(plain, known, bounds) if not self.gazetteer.banned(shape.name)
        ]
        # 海燕 of 台风海燕
        for base, piece in list(found):
            start, end = base + piece.start, base + piece.end
            storm = piece.topic
            if storm is None or storm.kind != "disaster" or end - start < 4:
                continue
            if plain.startswith(_STORMS, start):
                found.append((start + 2, mention_of(0, text[start + 2 : end], ((storm, Alias(0)),))))
        people = Spans((shape.start, shape.end) for shape in shapes if shape.kind == "person")
        found = [item for item in found if not people.hold(item[0] + item[1].start, item[0] + item[1].end)]
        by_end = {base + piece.end: piece.topic for base, piece in found}
        for shape in shapes:
            start, end, kind, name = shape
            # 2010年海地地震 is the known 海地地震 with its year.
            same = by_end.get(end) if kind == "event" else None
            topic = self.gazetteer.find(name) or same or Topic(name, kind)
            for stop in {end, shape.short}:
                found.append((start, mention_of(0, text[start:stop], ((topic, Alias(0)),))))
            if kind == "disaster" and plain.startswith(name, begin := start - len(name) + end - start):
                # 山竹 after 台风 is the whole too.
                found.append((begin, mention_of(0, text[begin:end], ((topic, Alias(0)),))))
        return found

    def read(self, text: str, *, shapes: bool = True, title: bool = False) -> list[tuple[int, Mention]]:
        """Everything in a text that names something, in order, each with the offset of its run.

        Parameters
        ----------
        text : str
        shapes : bool
            Whether unknown names count that only their shape betrays; not in headlines, whose words are all
            capitalised, nor in languages whose nouns are.
        title : bool
            Whether it is a headline, whose capitals do not show where names end.

        Returns
        -------
        list of (int, Mention)
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
        found = self._with_lower_case(text, found)
        if "/" in text and (modules := list(module_names(text, self._names, found))):
            taken = Taken(text, found)
            modules = [(start, piece) for start, piece in modules if not taken.any(start, start + piece.end)]
            found = sorted(found + modules, key=lambda item: item[0] + item[1].start)
        if (".exe" in text or ".dll" in text) and (files := list(program_files(text, self._names))):
            taken = Taken(text, found)
            files = [(start, piece) for start, piece in files if not taken.any(start, start + piece.end)]
            found = sorted(found + files, key=lambda item: item[0] + item[1].start)
        if self.gazetteer.caseless and not text.isascii():
            found = with_caseless(text, found, self._names)
        return found

    def _search_once(self, text: str, *, title: bool) -> list[tuple[int, Mention]]:
        """What the runs of a text name; a text that was searched before is not searched again."""
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
                    # What follows it begins elsewhere now.
                    return self._search(text, title=title)
            elif pieces is None:
                pieces = self._names_in(run, table)
                if with_matters(self._names, run, pieces, "", end=0) is not None:
                    # By now what follows in the text says where the name ends.
                    return self._search(text, title=title)
                self._keep(table, run, pieces)
            if len(pieces) == 1:
                found.append((start, pieces[0]))
            else:
                found += zip(repeat(start), pieces)
        return found

    def _search(self, text: str, *, title: bool) -> list[tuple[int, Mention]]:
        """Find the runs of a text and what they name."""
        found: list[tuple[int, Mention]] = []
        here = 0
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
            # Two runs that are written alike may go on differently: these are kept by what they are in the end.
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
        """Keep what was read last."""
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
        """The topic that the lexicon has for a name in whatever case, also where it is never looked for in texts."""
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
        """Add the known names that may stand in lower case: swine flu."""
        readings = self._readings
        places = readings.small.get(text) if readings is not None else None
        if places is None:
            places = tuple(self._small_names(text))
            if readings is not None:
                readings.keep_small(text, places)
        if not places:
            return found
        taken = Taken(text, found)
        more: list[tuple[int, Mention]] = []
        for start, alias in places:
            if not taken.any(start, start + len(alias)):
                known = {
                    topic.name: (topic, way)
                    for topic, way in self._names.known(alias)
                    if way.case == ANY_CASE or way.written == alias
                }
                more.append((start, mention_of(0, alias, tuple(known.values()))))
                taken.add(start, start + len(alias))
        return sorted(found + more, key=lambda item: item[0] + item[1].start) if more else found

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
