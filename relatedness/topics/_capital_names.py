"""Unlisted names in languages that capitalise only names: runs of capitalised words, read by the rules of the language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from relatedness.languages import function_words, without_case
from relatedness.topics._language import GIVEN, OPENER, UPPER, Language
from relatedness.topics._shaped import KnownSpan, ShapedName
from relatedness.topics._topic import PLACES
from relatedness.topics._word_lists import any_of, lists_of, words_of

_WORD = re.compile(r"\b\w(?:[\w’'-]*\w)?(?:(?<=\b\w)\.)?")
# Elided articles: l'Élysée.
_ELIDED = re.compile(r"\b\w(?:[\w-]*\w)?(?:(?<=\b\w)\.)?")
# Matches what may precede the first word of a sentence.
_ENDS = frozenset('.!?:;"”“„«»|•—–-*>\n(')
_QUOTED = re.compile(rf"«([{UPPER}][^«».,!?:;\n]{{1,40}})»")
_ACRONYM = re.compile(rf"[{UPPER}]{{2,}}\d*$")
_LONGEST = 8  # words of a name


class WaysToWrite:
    """How one language writes names, from its word lists."""

    def __init__(self, code: str) -> None:
        data = lists_of(code)
        self.inside = frozenset(data["inside"].split())
        self.titles = frozenset(data["titles"].split())
        self.generic = frozenset(data["generic"].split()) | self.titles
        self.heads = frozenset(data["heads"].split())
        self.silent = function_words(code) | self.inside
        self.given = frozenset(data["given"].split())
        self.openers = frozenset(data.get("openers", "").split())
        self.word = _ELIDED if code in ("fr", "it", "ca") else _WORD
        self.inflected = code in ("ru", "uk", "pl")
        # Names of different people may follow each other without a preposition.
        self.adjoining = self.inflected or code == "tr"
        self.surname = _ending(code, "surname_endings")
        self.verb = _ending(code, "opening_endings")
        # An apostrophe before an ending marks a name; the reader blanks both.
        self.blanks = code == "tr"
        # A preposition that is part of people's names, and otherwise a possessive.
        self.possessive = code == "nl"
        if code in ("ru", "uk"):
            self.given = frozenset(without_case(name, once=True) for name in self.given)
        adjectives = data.get("adjectives")
        self.lower = (
            None
            if adjectives is None
            else re.compile(
                rf"(?:(?: \w+{adjectives}\b){{1,2}}(?: (?:de la |de l[’']|des? |du |d[’'])(?:{data.get('nouns', '(?!)')})\b)?"
                rf"| (?:de la |de l[’']|des? |du |d[’'])(?:{data.get('nouns', '(?!)')})\b)"
            )
        )
        self.nouns = {
            without_case(noun): (noun, gender)
            for gender, nouns in data.get("nouns_behind", {}).items()
            for noun in nouns.split()
        }
        self.endings = data.get("nominative", {})

    def is_given(self, word: str) -> bool:
        """Whether a word is a given name."""
        lower = word.lower()
        return (
            lower in self.given
            or Language.load().bits.get(lower, 0) & GIVEN != 0
            or (self.inflected and without_case(word, once=True) in self.given)
        )


def _ending(code: str, name: str) -> re.Pattern[str] | None:
    """The endings of a kind of word; None if the language does not mark it by endings."""
    return re.compile(f"(?:{any_of(code, name)})$") if name in lists_of(code) else None


_SEATS = PLACES - {"country"} | {""}  # also a name of several places
_OF = re.compile(r" (?:de|du|des|di|do|da|del|d[’'])(?: la| l[’'])? ?")


@cache
def _storm() -> re.Pattern[str]:
    """The nouns before the name of a storm, which is a given name."""
    return re.compile(rf"\b(?:{any_of('default', 'storms')}) $")


@cache
def _of_cyrillic(name: str) -> re.Pattern[str]:
    """Letters and endings of Russian and Ukrainian adjectives; ``ru.toml`` lists them for both."""
    return re.compile(any_of("ru", name))


@cache
def ways_to_write(code: str) -> WaysToWrite:
    """How a language writes names; cached."""
    return WaysToWrite(code)


class _Run(NamedTuple):
    words: list[re.Match[str]]
    joined: list[bool]
    """Whether lower-case words precede each word."""
    opening: bool
    """Whether each begins a sentence."""


def capital_names(text: str, code: str, known: Sequence[KnownSpan]) -> Iterator[ShapedName]:
    """The unlisted names in a text; they may contain a known one.

    Parameters
    ----------
    code : str
        A primary language code.
    known : sequence of KnownSpan
        In order.
    """
    rules = ways_to_write(code)
    spans = {start: (number, end, kind) for number, (start, end, kind) in reversed(list(enumerate(known)))}
    for run in _runs(text, rules):
        yield from _names_of(text, run, rules, spans)
    if rules.inflected:
        covered = bytearray(len(text))
        for start, end, _ in known:
            covered[start:end] = b"\1" * (end - start)
        for match in _QUOTED.finditer(text):
            if covered.find(1, *match.span(1)) < 0:
                yield ShapedName(*match.span(1), "name", match[1])


def _runs(text: str, rules: WaysToWrite) -> Iterator[_Run]:
    words = list(rules.word.finditer(text))
    here = 0
    while here < len(words):
        first = words[here]
        if not first[0][0].isupper() or (
            len(first[0]) == 1 and text[first.end() : first.end() + 1] in ("'", "’")
        ):
            # L'Ucraina begins with an article.
            here += 1
            continue
        run, joined = [first], [False]
        while here + 1 < len(words) and len(run) < _LONGEST:
            after = here + 1
            while (
                after < min(len(words) - 1, here + 4)
                and words[after][0] in rules.inside
                and _adjacent(text, words[after - 1], words[after])
            ):
                after += 1
            if not words[after][0][0].isupper() or not _adjacent(text, words[after - 1], words[after]):
                break
            run.append(words[after])
            joined.append(after > here + 1)
            here = after
        yield _Run(run, joined, _opens(text, run[0].start()))
        here += 1


def _adjacent(text: str, one: re.Match[str], other: re.Match[str]) -> bool:
    between = text[one.end() : other.start()]
    return between == " " or (between.strip("’' dlDL") == "" and 0 < len(between) < 4 and "  " not in between)


def _opens(text: str, start: int) -> bool:
    """Whether a word begins a sentence; an elided article may precede it."""
    before = text[max(0, start - 8) : start].rstrip(" ’'¿¡")
    if before and before[-1] in "dlDL":
        before = before[:-1].rstrip(" ")
    return before[-1:] in _ENDS if before else start < 8


def _names_of(
    text: str, run: _Run, rules: WaysToWrite, known: dict[int, tuple[int, int, str]]
) -> Iterator[ShapedName]:
    words, joined = run.words, run.joined
    here, opening = 0, run.opening
    while here < len(words):
        first = words[here]
        lower = first[0].lower()
        if lower in rules.generic and lower not in rules.heads and joined[here + 1 : here + 2] == [True]:
            # "Gobierno de Juan Manuel Santos"
            here += 1
            continue
        if (
            opening
            and here == 0
            and (
                lower in rules.silent
                or lower in rules.openers
                or (Language.load().bits.get(lower, 0) & OPENER and len(lower) < 4)
            )
        ):
            here += 1
            continue
        if lower in rules.titles and here + 1 < len(words) and first.start() not in known:
            here += 1
            continue
        if (name := _with_noun(text, first, rules, opening and here == 0, known)) is not None:
            yield name
            here += 1
            continue
        stop = here + 1
        head, span = lower in rules.heads, known.get(first.start())
        # "Muere en Montevideo José Mujica": a given name after a place begins a new name.
        behind = (
            span[1] if span and span[2] in PLACES and not head and not rules.is_given(first[0]) else len(text)
        )
        apart = span is not None and (
            (here > 0 and span[2] in PLACES and words[here - 1][0].lower() in rules.titles)
            or (rules.adjoining and span[2] == "person" and span[1] > first.end())
        )
        while (
            stop < len(words)
            and not joined[stop]
            and not _ends_before(words[stop], span, head, rules, known)
            # "Gubernur Riau Abdul Wahid", "Devlet Bahçeli İmralı için": the next words are another name.
            and not (span is not None and words[stop].start() > span[1] and apart)
            and not (words[stop].start() > behind and rules.is_given(words[stop][0]))
        ):
            stop += 1
        begun = here
        if opening and here == 0 and first.start() not in known:
            second = words[1] if stop > 1 else None
            if second is None:
                # A single word at the beginning of a sentence shows nothing.
                follows = stop < len(words) and rules.is_given(first[0])
                betrayed = rules.blanks and text.startswith("   ", first.end())
                if not head and not follows and not betrayed and not _ACRONYM.match(first[0]):
                    here = stop
                    continue
            elif (
                not rules.is_given(first[0])
                and not head
                and (rules.inflected or rules.is_given(second[0]))
                and not (
                    rules.surname is not None
                    and rules.surname.search(second[0])
                    and not (rules.verb is not None and rules.verb.search(lower))
                )
            ):
                here += 1
                continue
        whole = span is not None and span[1] >= words[stop - 1].end()
        person = stop - begun > 1 and rules.is_given(first[0])
        places: list[int] = []
        while stop < len(words) and joined[stop] and not (whole and not head):
            after = known.get(words[stop].start())
            end = stop + 1
            while end < len(words) and not joined[end]:
                end += 1
            within = after is not None and after[2] in PLACES and after[1] >= words[end - 1].end()
            between = text[words[stop - 1].end() : words[stop].start()].split()
            if words_of("default", "and").intersection(between) and (
                not head or after is not None or stop - begun < 2
            ):
                break
            if (within and person) or (
                rules.possessive and not head and (stop - begun > 1 or not rules.is_given(first[0]))
            ):
                break
            if within and after is not None:
                places.append(after[0])
            stop = end
        written_end = words[stop - 1].end()
        if (
            rules.lower is not None
            and stop - begun == 1
            and head
            and (span is None or span[1] <= written_end)
            and (more := rules.lower.match(text, written_end))
        ):
            written_end = more.end()
            # Cour d'appel de Paris
            of = _OF.match(text, written_end)
            seat = known.get(of.end()) if of is not None else None
            if seat is not None and seat[2] in _SEATS:
                written_end = seat[1]
                places.append(seat[0])
        elif stop - begun == 1 and _storm().search(text, max(0, first.start() - 12), first.start()):
            yield ShapedName(first.start(), written_end, "disaster", first[0])
            here = stop
            continue
        elif _says_nothing(words[begun:stop], rules):
            here = stop
            continue
        name_text = text[first.start() : written_end]
        kind = "person" if person else "organisation" if head else "name"
        yield ShapedName(first.start(), written_end, kind, name_text, tuple(places))
        here = stop


def _ends_before(
    word: re.Match[str],
    span: tuple[int, int, str] | None,
    head: bool,
    rules: WaysToWrite,
    known: dict[int, tuple[int, int, str]],
) -> bool:
    """Whether a name ends before a word with a capital that follows it: at a title, or where another name begins."""
    if not head and word[0].lower() in rules.titles:
        return True
    after = known.get(word.start())
    if after is not None and after[1] > word.end():
        return True
    # The genitive needs no preposition: "Чечни Рамзана Кадырова".
    return rules.adjoining and (
        (
            after is not None
            and not _of_cyrillic("surname_adjectives").search(word[0])
            # Эммануэль Макрон: a surname takes the word before it if that is not a known name.
            and not (after[2] == "person" and after[1] == word.end() and span is None and not head)
        )
        or (span is not None and span[1] < word.start() and span[2] != "person")
    )


def _with_noun(
    text: str,
    first: re.Match[str],
    rules: WaysToWrite,
    opening: bool,
    known: Mapping[int, tuple[int, int, str]],
) -> ShapedName | None:
    """Read an adjective with a capital and the noun in lower case that it belongs to, in any grammatical case: Омской области.
    The name of a court includes the place after it: Арбитражный суд Москвы.
    """
    if not rules.nouns:
        return None
    following = _WORD.match(text, first.end() + 1)
    if following is None or text[first.end()] != " " or following[0][0].isupper():
        return None
    noun = rules.nouns.get(without_case(following[0]))
    ending = _of_cyrillic("adjective_cases").search(first[0])
    if noun is None or ending is None:
        return None
    stem = first[0][: ending.start()]
    if (opening or len(stem) < 4) and not _of_cyrillic("telling_adjectives").search(stem.lower()):
        return None
    own = rules.endings[noun[1]]
    if own == "ый" and stem[-1] in "кгхчшщ":
        own = "ий"
    name = f"{stem}{own} {noun[0]}"
    if noun[0] != "суд" or first.start() in known:
        return ShapedName(first.start(), following.end(), "place", name)
    seat = known.get(following.end() + 1)
    if seat is None or seat[2] not in PLACES or text[following.end()] != " ":
        return ShapedName(first.start(), following.end(), "organisation", name)
    return ShapedName(
        first.start(), seat[1], "organisation", name + text[following.end() : seat[1]], (seat[0],)
    )


def _says_nothing(words: list[re.Match[str]], rules: WaysToWrite) -> bool:
    """Whether a run consists only of words that say nothing by themselves."""
    empty = rules.titles if rules.heads else rules.generic
    if len(words) > 1:
        return all(word[0].lower() in empty | rules.silent for word in words)
    word = words[0][0]
    lower = word.lower()
    # A longer function word with a capital inside a sentence is a name: the Marche.
    silent = lower in rules.silent and len(word) < 5
    return (
        len(word) < 3 - word.isupper()
        or rules.is_given(word)
        or silent
        or lower in rules.generic
        or lower in rules.heads
    )
