"""Unlisted names in German texts, by the words next to them, because all German nouns have capitals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from relatedness.topics._capital_names import ways_to_write
from relatedness.topics._language import UPPER
from relatedness.topics._shaped import KnownSpan, Places, ShapedName, named
from relatedness.topics._word_lists import any_of, words_of

_PERSON = re.compile(
    rf"(?<![\w-])(?<![\w’-]’)(?=([{UPPER}][\w’-]++) ((?:von |van |de |zu )?[{UPPER}][\w’-]+)\b)[\w’-]++"
)
_ACRONYM = re.compile(rf"(?<![\w-])([{UPPER}]{{3,6}})(?![\w-])")


# Endings of an adjective without an article: masculine, feminine, neuter.
_ENDINGS = ("er", "e", "es")


class _Rules:
    """The patterns made from the word lists of the language."""

    def __init__(self) -> None:
        def lists(name: str) -> str:
            return any_of("de", name)

        self.titled = re.compile(
            rf"(?<![\w-])(?:[\w-]+-)?(?:{lists('before_people')}) ([{UPPER}][\w’-]++ (?:(?:von |van |de |zu |al-|bin )?[{UPPER}][\w’-]+))(?![\w-])"
        )
        self.town = re.compile(
            rf"(?<![\w-])(?:{lists('before_towns')}) ([{UPPER}][a-zäöüß]{{2,}}(?:{lists('town_endings')}))(?![\w-])"
        )
        self.no_town = re.compile(f"(?:{lists('no_towns')})$")
        self.body = re.compile(
            rf"(?<![\w-])((?:{lists('courts')})gericht [{UPPER}][\w-]+"
            rf"|(?:{lists('before_bodies')}) (?!Und|Die|Der)[{UPPER}][\w-]+"
            rf"|(?!(?:{lists('adjectives_in_er')}) )[{UPPER}][a-zäöüß]{{2,}}er (?:{lists('after_places')})(?![\w-])"
            rf"|(?:\d\. )?(?:{lists('clubs')}) [{UPPER}][\w-]+(?: \d\d)?)"
        )
        self.before_own = re.compile(f"(?:{lists('before_own')}) ")
        nouns = {g: lists(f"{g}_nouns") for g in ("masculine", "feminine", "neuter")}
        # An adjective has a capital only in names: im Bayerischen Wald, die Ständige Impfkommission.
        self.adjective = re.compile(
            rf"(?<=[\wäöüß,] )({lists('name_adjectives')})(?:er|en|es|em|e) (?:({nouns['masculine']})|({nouns['feminine']})|({nouns['neuter']}))s?(?![\w-])"
        )
        self.national = re.compile(
            rf"(?<![\w-])(?!(?:{lists('no_national')})s?(?![\w-]))({lists('national_bodies')})(?:e?s)?(?![\w-])"
        )
        self.compound = re.compile(
            rf"(?<![\w-])(?!{lists('no_name_compounds')})[{UPPER}][\wäöüß]+(?:-[{UPPER}][\wäöüß]+)*-(?:{lists('name_compounds')})s?(?![\w-])"
        )
        self.named = re.compile(
            rf"(?<![\w-])(?:{lists('before_names')}) ([{UPPER}][\wäöüß-]{{2,}}(?: (?:{lists('after_companies')}))?)(?![\w-])"
        )
        self.accent = re.compile(
            rf"(?<![\w-])(?=[{UPPER}][\w-]*[áàâãçéèêëíîïñóôõúûřšžćčłęążźńőűğış])(?!{lists('loanwords')})[{UPPER}][\w-]{{2,}}(?: [{UPPER}][\w-]+)?(?![\w-])"
        )


@cache
def _rules() -> _Rules:
    return _Rules()


def german_names(text: str, known: Sequence[KnownSpan]) -> Iterator[ShapedName]:
    """The names in a German text, whose nouns all have capitals.

    People are found by a given name, or by a title before two capitalised words; towns by a typical ending after a preposition
    without an article.
    """
    ways, rules, places = ways_to_write("de"), _rules(), Places(known)
    for match in _PERSON.finditer(text):
        if ways.is_given(match[1]):
            yield named(text, match.start(1), match.end(2), "person")
    for match in rules.titled.finditer(text):
        yield named(text, *match.span(1), "person")
    for match in rules.town.finditer(text):
        if not rules.no_town.match(match[1]):
            yield named(text, *match.span(1), "place")
    for match in rules.named.finditer(text):
        yield named(text, *match.span(1), "name")
    starts = {start for start, _, _ in known}
    for match in rules.compound.finditer(text):
        # The works of Tesla are Tesla's.
        if match.start() not in starts or match[0].count("-") > 1:
            yield named(text, *match.span(), "name")
    for match in rules.adjective.finditer(text):
        number = match.lastindex or 2
        name = f"{match[1]}{_ENDINGS[number - 2]} {match[number]}"
        yield ShapedName(*match.span(), "name", name, places.within(*match.span()))
    for match in rules.national.finditer(text):
        yield ShapedName(*match.span(), "organisation", match[1])
    if not text.isupper():
        for match in _ACRONYM.finditer(text):
            if match[1] not in words_of("de", "no_acronyms"):
                yield named(text, *match.span(1), "name")
    held = [(start, end) for start, end, _ in known]
    for match in rules.accent.finditer(text):
        if not any(start < match.end() and match.start() < end for start, end in held):
            yield named(text, *match.span(), "name")
    for match in rules.body.finditer(text):
        body = named(text, *match.span(1), "organisation", places)
        # The district is called Biberach too.
        alone = rules.before_own.match(match[1])
        yield body if alone is None else body._replace(kind="region", own=match.start(1) + alone.end())
