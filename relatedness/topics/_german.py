"""Unlisted names in German texts, by the words next to them, because all German nouns have capitals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from relatedness.languages import function_words, is_noun
from relatedness.topics._capital_names import ways_to_write
from relatedness.topics._language import UPPER
from relatedness.topics._shaped import KnownSpan, Places, ShapedName, named
from relatedness.topics._word_lists import any_of, any_word, words_of

_PERSON = re.compile(
    rf"(?<![\w-])(?<![\w’-]’)(?=([{UPPER}][\w’-]++) ((?:von |van |de |zu )?[{UPPER}][\w’-]+)\b)[\w’-]++"
)
# A word with a capital, and what may stand before the second word of a name.
_CAPITAL = re.compile(rf"(?<![\w.@/’-])[{UPPER}][\w’-]*\w")
_BETWEEN = re.compile(r" (?:(?:von|van|de|zu|bin|al|el|ten|ter|da|di) |(?:al|el)-)?")
_BEFORE_SENTENCE = frozenset('.!?:;"”“„«»|•—–*(\n')
# The endings of nouns in other cases and in the plural.
_CASES = ("", "s", "es", "e", "en", "n", "er", "ern", "in", "innen")
_UMLAUTS = str.maketrans("äöü", "aou")
_ACRONYM = re.compile(rf"(?<![\w-])([{UPPER}]{{3,6}})(?![\w-])")


# Endings of an adjective without an article: masculine, feminine, neuter.
_ENDINGS = ("er", "e", "es")


class _Rules:
    """The patterns made from the word lists of the language."""

    def __init__(self) -> None:
        def lists(name: str) -> str:
            return any_of("de", name)

        self.titled = re.compile(
            rf"(?<![\w-])(?=[{UPPER}])(?:[\w-]+-)?(?:{lists('before_people')})(?:e?s)? ([{UPPER}][\w’-]++ (?:(?:von |van |de |zu |al-|bin )?[{UPPER}][\w’-]+))(?![\w-])"
        )
        self.town = re.compile(
            rf"(?<![\w-])(?:{lists('before_towns')}) ([{UPPER}][a-zäöüß]{{2,}}(?:{lists('town_endings')}))(?![\w-])"
        )
        self.no_town = re.compile(f"(?:{lists('no_towns')})$")
        self.body = re.compile(
            rf"(?<![\w-])((?:{lists('courts')})gericht [{UPPER}][\w-]+"
            rf"|(?:{lists('before_bodies')})(?P<genitive>e?s)? (?!Und|Die|Der)[{UPPER}][\w-]+"
            rf"|(?!(?:{lists('adjectives_in_er')}) )[{UPPER}][a-zäöüß]{{2,}}er (?:{lists('after_places')})(?![\w-])"
            rf"|(?:\d\. )?(?:{lists('clubs')}) [{UPPER}][\w-]+(?: \d\d)?)"
        )
        self.before_own = re.compile(f"(?:{lists('before_own')})(?:e?s)? ")
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
            rf"(?<![\w-])(?=[{UPPER}])(?:{lists('before_names')})(?:e?s)? ([{UPPER}][\wäöüß-]{{2,}}(?: (?:{lists('after_companies')}))?)(?![\w-])"
        )
        self.company = re.compile(
            rf"(?<![\w-])(?!(?:Der|Die|Das|Den|Dem|Des|Bei|Beim|Nach|Von|Vom|Für|Mit|Auch|Als) )[{UPPER}][\w&.’-]*(?: (?:und |& |of |for )?[{UPPER}][\w&.’-]*){{0,4}} (?:{lists('legal_forms')})(?![\w-])"
        )
        self.two_words = re.compile(
            rf"(?<![\w-])(?:{any_word('de', 'first_of_places')})\.? [{UPPER}][\w’-]{{2,}}(?![\w-])"
        )
        self.loanword = re.compile(lists("loanwords"))
        self.noun_ending = re.compile(f"(?:{lists('noun_endings')})$")
        self.foreign_ending = re.compile(f"[^aeiou](?:{any_word('de', 'foreign_ending')})s?$")
        self.preposition = re.compile(rf"(?<![\w-])(?:{any_word('de', 'before_unknown')}) $")
        self.saying = re.compile(rf"(?<![\w-])(?:{any_word('de', 'saying')})\b")
        self.accent = re.compile(
            rf"(?<![\w-])(?=[{UPPER}][\w-]*[áàâãçéèêëíîïñóôõúûřšžćčłęążźńőűğış])(?!{lists('loanwords')})[{UPPER}][\w-]{{2,}}(?: [{UPPER}][\w-]+)?(?![\w-])"
        )


@cache
def _rules() -> _Rules:
    return _Rules()


@lru_cache(maxsize=1 << 16)
def _names_nothing(word: str) -> bool:
    """Whether a word with a capital is a noun or a function word, as far as the lists tell."""
    last = word.rpartition("-")[2]
    lower = last.lower()
    if is_noun(last, "de") or lower in function_words("de") or last[:1].islower():
        return True
    if _rules().noun_ending.search(lower) or _rules().loanword.match(last):
        return True
    nouns, unlike = words_of("de", "nouns"), words_of("de", "no_last_nouns")
    for ending in _CASES:
        if lower.endswith(ending):
            stem = lower.removesuffix(ending)
            for form in (stem, stem.translate(_UMLAUTS)):
                if form in nouns or any(
                    form[start:] not in unlike and (form[start:] in nouns or is_noun(form[start:], "de"))
                    for start in range(3, len(form) - 4)
                ):
                    return True
    return False


def _unlisted(text: str, known: Sequence[KnownSpan]) -> Iterator[ShapedName]:
    """The words with a capital that are no nouns, where two stand together or where names stand."""
    given = ways_to_write("de").is_given
    words = list(_CAPITAL.finditer(text))
    covered = bytearray(len(text))
    people = {start: end for start, end, kind in known if kind == "person"}
    for start, end, _ in known:
        covered[start:end] = b"\1" * (end - start)

    def adjoins(one: int) -> bool:
        """Whether nothing but a particle of names stands between a word and the next."""
        if not 0 <= one < len(words) - 1:
            return False
        between = _BETWEEN.match(text, words[one].end())
        return between is not None and between.end() == words[one + 1].start()

    here = 0
    while here < len(words):
        word = words[here]
        start = word.start()
        if covered[start] or word[0].isupper() or _names_nothing(word[0]):
            here += 1
            continue
        before = text[:start].rstrip(" ")[-1:]
        opening = not before or before in _BEFORE_SENTENCE
        stop = here
        while (
            stop - here < 3
            and adjoins(stop)
            and not words[stop + 1][0].isupper()
            and (
                (not covered[words[stop + 1].start()] and not _names_nothing(words[stop + 1][0]))
                or people.get(words[stop + 1].start()) == words[stop + 1].end()
            )
        ):
            stop += 1
        if opening and not given(word[0]) and (stop == here or word[0][-1] in "enrs"):
            here += 1
            continue
        if stop - here > 1 and not given(word[0]) and max(len(w[0]) for w in words[here : stop + 1]) > 7:
            # The first of three is what the person is: Nobelpreisträger Wole Soyinka.
            here = stop - 1
        end = words[stop].end()
        if stop > here:
            kind = "person" if given(words[here][0]) else "name"
            yield named(text, words[here].start(), end, kind)
        elif _stands_as_name(text, words, here, adjoins(here - 1), covered):
            yield named(text, start, end, "name")
        here = stop + 1


def _stands_as_name(
    text: str, words: Sequence[re.Match[str]], here: int, follows: bool, covered: bytearray
) -> bool:
    """Whether a single unknown word stands as names do, or ends as no German word does."""
    rules, word = _rules(), words[here]
    if len(word[0]) < 4 or text[word.end() : word.end() + 2].strip().isdigit():
        return False
    if rules.foreign_ending.search(word[0]):
        return True
    noun = words[here - 1] if follows else None
    if noun is not None and noun[0].lower() not in function_words("de") and not covered[noun.start()]:
        return noun.end() + 1 == word.start()
    if word[0].endswith(("en", "ern", "eln", "er")):
        return False
    return (
        rules.preposition.search(text, max(0, word.start() - 8), word.start()) is not None
        or rules.saying.match(text, word.end() + 1) is not None
        or rules.saying.search(text[max(0, word.start() - 12) : word.start() - 1] + "\n") is not None
    )


def german_names(text: str, known: Sequence[KnownSpan]) -> Iterator[ShapedName]:
    """The names in a German text, whose nouns all have capitals.

    People are found by a given name, or by a title before two capitalised words; towns by a typical ending after a preposition
    without an article.
    """
    ways, rules, places = ways_to_write("de"), _rules(), Places(known)
    for match in rules.company.finditer(text):
        yield named(text, *match.span(), "company")
    for match in _PERSON.finditer(text):
        if ways.is_given(match[1]):
            yield named(text, match.start(1), match.end(2), "person")
    for match in rules.titled.finditer(text):
        yield named(text, *match.span(1), "person")
    for match in rules.town.finditer(text):
        if not rules.no_town.match(match[1]):
            yield named(text, *match.span(1), "place")
    for match in rules.two_words.finditer(text):
        if not _names_nothing(match[0].rpartition(" ")[2]):
            yield named(text, *match.span(), "place")
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
        if match["genitive"]:
            # des Atomkraftwerks Zorgau
            body = body._replace(
                name=text[body.start : match.start("genitive")] + text[match.end("genitive") : body.end]
            )
        # The district is called Biberach too.
        alone = rules.before_own.match(match[1])
        yield body if alone is None else body._replace(kind="region", own=match.start(1) + alone.end())
    yield from _unlisted(text, known)
