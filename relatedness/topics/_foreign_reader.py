"""Reading the names in a text of another language than English: those in the lists of the language, and those that stand as
names do there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from itertools import chain

from relatedness.events import Event
from relatedness.languages import FOREIGN, function_words, simplified
from relatedness.topics._arabic import arabic_names
from relatedness.topics._bodies import countries_of, with_countries
from relatedness.topics._capital_names import capital_names, ways_to_write
from relatedness.topics._chinese import (
    chinese_names,
    crosses_words,
    ends_in_word,
    is_one_name,
    word_bounds,
)
from relatedness.topics._gazetteer import Topic
from relatedness.topics._gazetteer_file import Alias
from relatedness.topics._german import german_names
from relatedness.topics._hindi import hindi_names
from relatedness.topics._japanese import japanese_names
from relatedness.topics._known_names import KnownNames
from relatedness.topics._korean import korean_names
from relatedness.topics._language import UPPER
from relatedness.topics._mention import Mention, Spans, Taken, mention_by_shape, mention_of
from relatedness.topics._other_languages import OtherNames
from relatedness.topics._persian import own_part, persian_names
from relatedness.topics._plain_text import betrays_names, with_caseless, with_plain_spaces, without_currencies
from relatedness.topics._shaped import ShapedName, apart_from, latin_names
from relatedness.topics._thai import called, thai_names
from relatedness.topics._topic import PLACES
from relatedness.topics._vietnamese import vietnamese_names
from relatedness.topics._word_lists import any_word, lists_of

# A piece of text without punctuation.
_PHRASE = re.compile(
    r"[^\s.,;:!?()\[\]{}«»„“”\"…¿¡|]+(?:\.(?=[^\W\d_])[^\s.,;:!?()\[\]{}«»„“”\"…¿¡|]*)*(?:\.(?= [a-z]))?"
    r"(?: [^\s.,;:!?()\[\]{}«»„“”\"…¿¡|]+(?:\.(?=[^\W\d_])[^\s.,;:!?()\[\]{}«»„“”\"…¿¡|]*)*)*"
)
# The same in Latin letters, in a text that puts no spaces between its words or joins endings to them: 售予Google.
_LATIN_PHRASE = re.compile(
    r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ0-9.&'’+-]*(?<![.'’-])(?: [A-Za-zÀ-ɏ0-9][A-Za-zÀ-ɏ0-9.&'’+-]*(?<![.'’-]))*"
)
# What joins a preposition to a name is no letter of the name: لـ«حماس», لـقوات.
_ARABIC_JOINER = re.compile("\u0640")
_NO_SPACES = frozenset({"zh", "ja", "ko", "th"})
# What the name of a place in China is without that of the city or country before it.
_OWN_PART = re.compile(f"..+(?:{any_word('zh', 'own_parts')})")
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
_PROVINCES = frozenset(lists_of("zh")["after_provinces"].split())
_STORMS = tuple(lists_of("zh")["before_storms"].split())
# A word with a capital inside a sentence, that is no adjective: the given name of the surname after it.
_FIRST_NAME = re.compile(
    r"(?<=[\w,»”)] )[А-ЯІЇЄҐЁ][а-яіїєґё’-]+(?<!го)(?<!ом)(?<!ем)(?<!ой)(?<!ая)(?<!яя)(?<!ый)(?<!ий)(?<!ую)(?<!ых)(?<!их) $"
)
# Kinds whose names other names begin with: the airline of a flight.
_NESTED = frozenset({"company", "organisation"})

WithLowerCase = Callable[[str, list[tuple[int, Mention]]], list[tuple[int, Mention]]]


class ForeignReader:
    """Reads the names in texts of other languages.

    Parameters
    ----------
    names : KnownNames
    """

    def __init__(self, names: KnownNames) -> None:
        self._names = names
        self._gazetteer = names.gazetteer

    def read(
        self, event: Event, code: str, with_lower_case: WithLowerCase
    ) -> tuple[str, list[tuple[int, Mention]]]:
        """An event's text as one string, and the names in it: those that the language knows, and around them what is known anyway.

        Parameters
        ----------
        code : str
            Its language.
        with_lower_case : callable
            Adds the known names that may stand in lower case to those found in a text.
        """
        fields = [without_currencies(with_plain_spaces(one)) for one in (event.text, event.title) if one]
        text = "\n\n".join(dict.fromkeys(fields))
        if code == "tr":
            text = _TURKISH_CASE.sub(lambda case: " " * len(case[0]), text)
        if code == "ar":
            text = _ARABIC_JOINER.sub(" ", text)
        names = OtherNames.load(code)
        found: list[tuple[int, Mention]] = []
        others: list[tuple[int, Mention]] = []
        everyday = function_words(code)
        bans = names.bans if names is not None else frozenset()
        for base, piece in self._known_by_words(text, code, with_lower_case):
            weak = piece.plain is None and all(alias.weak for _, alias in piece.maybe)
            if weak and len(piece.maybe) == 1 and piece.maybe[0][0].kind == "company":
                # Apple is an everyday word in English alone.
                piece, weak = mention_of(0, piece.written, ((piece.maybe[0][0], Alias(0)),)), False
            if weak or piece.written.lower() in everyday or piece.written in bans:
                continue
            if _opens_sentence(piece.written, everyday):
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
            if self._gazetteer.banned(topic.name) or taken.any(start, end) or longest.get(start, 0) > end:
                continue
            if _opens_sentence(text[start:end], everyday):
                continue
            found.append((start, mention_of(0, text[start:end], ((topic, Alias(0)),))))
        taken = Taken(text, found)
        found += [
            (base, piece) for base, piece in others if not taken.any(base + piece.start, base + piece.end)
        ]
        found.sort(key=lambda item: item[0] + item[1].start)
        lands = _countries_among(found)
        for number, (base, piece) in enumerate(found):
            known = piece.topic
            name = piece.written if known is None else known.name.partition(",")[0]
            if lands and (there := self._namesake(name, known, lands)) is not None:
                found[number] = base, mention_of(piece.start, piece.written, ((there, Alias(0)),))
        if code == "zh":
            found = self._with_chinese(text, found, plain, bounds)
        elif code in _BESIDE or betrays_names(text, code):
            found = self._with_shaped(text, code, found)
        found.sort(key=lambda item: item[0] + item[1].start)
        return text, found

    def _known_by_words(
        self, text: str, code: str, with_lower_case: WithLowerCase
    ) -> list[tuple[int, Mention]]:
        """The known names that begin with a capital, in a text of another language than English."""
        found: list[tuple[int, Mention]] = []
        latin = _LATIN_PHRASE.finditer(text) if code in _NO_SPACES else ()
        for phrase in chain(_PHRASE.finditer(text), latin):
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
        if code in _NO_SPACES:
            # What stands between spaces is found in both ways.
            found = list(
                {(base + piece.start, base + piece.end): (base, piece) for base, piece in found}.values()
            )
        found = with_lower_case(text, found)
        return with_caseless(text, found, self._names) if self._gazetteer.caseless else found

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
        names = [name for name in apart_from(text, known, shaped) if not self._gazetteer.banned(name.name)]
        lands = _countries_among(found)
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
            topic = self._gazetteer.find(name.name)
            if topic is None:
                topic = self._same_person(written, name, surnames, names_of_language)
            else:
                topic = self._namesake(name.name, topic, lands) or topic
            if topic is None and name.name == written and code not in _BESIDE:
                mention = mention_by_shape(0, written, name.kind, parents)
            else:
                mention = mention_of(0, written, ((topic or Topic(name.name, name.kind, parents), Alias(0)),))
            kept.append((name.start, mention))
            if name.own > name.start and (whole := mention.topic) is not None:
                kept.append((name.own, mention_of(0, text[name.own : name.end], ((whole, Alias(0)),))))
        return kept

    def _namesake(self, name: str, known: Topic | None, lands: Set[str]) -> Topic | None:
        """The city in a country that the text names, if it names none of the known one: Valencia, España."""
        if known is not None and (
            known.kind != "city" or not lands.isdisjoint(countries_of(known, self._gazetteer))
        ):
            return None
        there = [city for land in sorted(lands) if (city := self._gazetteer.find(f"{name}, {land}"))]
        return there[0] if len(there) == 1 else None

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
            topic = names.topic(name, self._gazetteer)
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
                    # 哥斯大黎加於: the segmenter knows no such word, and the list does.
                    else topic.kind in PLACES and end - start < 5 and ends_in_word(end, bounds)
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
        return with_countries(text, names, found, self._gazetteer) + parts

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
            shape for shape in chinese_names(plain, known, bounds) if not self._gazetteer.banned(shape.name)
        ]
        # 海燕 of 台风海燕
        for base, piece in list(found):
            start, end = base + piece.start, base + piece.end
            storm = piece.topic
            if storm is None or storm.kind != "disaster" or end - start < 4:
                continue
            if plain.startswith(_STORMS, start):
                found.append((start + 2, mention_of(0, text[start + 2 : end], ((storm, Alias(0)),))))
        people = Spans(
            (shape.start, shape.end) for shape in shapes if shape.kind == "person" or "·" in shape.name
        )
        found = [item for item in found if not people.hold(item[0] + item[1].start, item[0] + item[1].end)]
        by_end = {base + piece.end: piece.topic for base, piece in found}
        by_span = {(base + piece.start, base + piece.end): piece.topic for base, piece in found}
        for shape in shapes:
            start, end, kind, name = shape
            # 2010年海地地震 is the known 海地地震 with its year.
            same = by_end.get(end) if kind == "event" else None
            if plain[shape.short : end] in _PROVINCES:
                # 阿速坡省 is the known 阿速坡.
                same = by_span.get((start, shape.short))
            topic = self._gazetteer.find(name) or same or Topic(name, kind)
            for stop in {end, shape.short}:
                found.append((start, mention_of(0, text[start:stop], ((topic, Alias(0)),))))
            if kind == "disaster" and plain.startswith(name, begin := start - len(name) + end - start):
                # 山竹 after 台风 is the whole too.
                found.append((begin, mention_of(0, text[begin:end], ((topic, Alias(0)),))))
        return found


def _countries_among(found: Iterable[tuple[int, Mention]]) -> set[str]:
    """The names of the countries among what a text names."""
    return {topic.name for _, piece in found if (topic := piece.topic) and topic.kind == "country"}


def _opens_sentence(written: str, everyday: Collection[str]) -> bool:
    """Whether what looks like a name is a function word in capitals and a noun: El paso, La paz es posible."""
    first, _, rest = written.partition(" ")
    return rest.islower() and first.lower() in everyday
