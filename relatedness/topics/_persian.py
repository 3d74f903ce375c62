"""Names in Persian texts that no list has: people by their given names, places and bodies by the words for their kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from relatedness.topics._shaped import KnownSpan, Places, ShapedName, named
from relatedness.topics._word_lists import any_of, lists_of, words_of

_WORD = re.compile("[\u0621-\u064a\u067e\u0686\u0698\u06a9\u06af\u06cc\u0654\u200c]+")


class _Rules:
    """The lists and patterns that the file of the language makes."""

    def __init__(self) -> None:
        def lists(name: str) -> str:
            return any_of("fa", name)

        self.place = re.compile(rf"(?<!\w)(?:{lists('before_places')}) (?:(?:{lists('within_places')}) )?")
        self.body = re.compile(rf"(?<!\w)(?:{lists('before_bodies')}) ")
        self.titles = re.compile(rf"(?<!\w)(?:{lists('before_people')}) ")
        self.called = re.compile(f"(?:{lists('called')}) ")
        self.adjective = re.compile(f"(?:{lists('adjectives')})$")
        self.endings = tuple(lists_of("fa")["endings"].split())
        self.beginnings = tuple(lists_of("fa")["beginnings"].split())


@cache
def _rules() -> _Rules:
    return _Rules()


def persian_names(text: str, known: Sequence[KnownSpan]) -> Iterator[ShapedName]:
    """The names in a Persian text: people with a given name or a title, places and bodies after a word for their kind."""
    rules = _rules()
    silent, given = words_of("fa", "silent"), words_of("fa", "given")
    places = Places(known)
    starts = {start for start, _, _ in known}
    for match in _WORD.finditer(text):
        if match[0] in given and (end := _person(text, match.end(), given, silent)):
            yield named(text, match.start(), end, "person")
    for match in rules.titles.finditer(text):
        first = _WORD.match(text, match.end())
        if first and _tells(first[0], silent) and (end := _person(text, first.end(), given, silent)):
            yield named(text, first.start(), end, "person")
    for match in rules.place.finditer(text):
        if match.end() not in starts and (end := _own(text, match.end(), silent)):
            yield named(text, match.end(), end, "place")
    towns = {start: end for start, end, kind in known if kind == "city"}
    for match in rules.body.finditer(text):
        if town := towns.get(match.end()):
            yield named(text, match.start(), town, "organisation", places)
        elif match.end() not in starts and (end := _own(text, match.end(), silent)):
            yield named(text, match.start(), end, "organisation", places)


def own_part(text: str, start: int, end: int) -> int:
    """Where the proper name begins after the word for its kind: کرمانشاه in استان کرمانشاه; the beginning if there is no such
    word.

    Examples
    --------
    >>> own_part("استان کرمانشاه", 0, 14)
    6
    """
    rules = _rules()
    called = rules.called.match(text, start)
    return called.end() if called is not None and called.end() < end else start


def _tells(word: str, silent: frozenset[str]) -> bool:
    """Whether a word may be part of a name: no function word, plural or word with an ending."""
    rules = _rules()
    return (
        len(word) > 1
        and word not in silent
        and not word.endswith(rules.endings)
        and not word.startswith(rules.beginnings)
    )


def _person(text: str, here: int, given: frozenset[str], silent: frozenset[str]) -> int:
    """The end of the name whose given name ends here; 0 if no surname follows."""
    for _ in range(3):
        word = _WORD.match(text, here + 1) if text[here : here + 1] == " " else None
        if word is None or not _tells(word[0], silent):
            return 0
        here = word.end()
        if word[0] not in given and word[0] not in words_of("fa", "joining"):
            return here
    return 0


def _own(text: str, here: int, silent: frozenset[str]) -> int:
    """The end of the name that begins here; 0 if none does."""
    rules = _rules()
    word = _WORD.match(text, here)
    if word is None or not _tells(word[0], silent) or len(word[0]) < 3 or rules.adjective.search(word[0]):
        return 0
    if (
        word[0] in words_of("fa", "first")
        and (second := _WORD.match(text, word.end() + 1))
        and _tells(second[0], silent)
    ):
        return second.end()
    return word.end()
