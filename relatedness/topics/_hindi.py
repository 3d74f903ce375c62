"""Unlisted names in Hindi texts: people after titles, by given names or by surnames, places and bodies before the noun for their kind."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache

from relatedness.topics._shaped import KnownSpan, Places, ShapedName, named
from relatedness.topics._word_lists import any_of, any_word, words_of

_D = "\u0900-\u0963\u0970-\u097f"
_WORD = rf"[{_D}]+"


class _Rules:
    """The patterns made from the word lists of the language."""

    def __init__(self) -> None:
        def lists(name: str) -> str:
            return any_of("hi", name)

        self.title = re.compile(lists("before_people"))
        self.titled = re.compile(
            rf"(?<![{_D}])(?:{lists('before_people')}) ({_WORD}(?: {_WORD}){{0,3}}?)(?= (?:{lists('after_people')})(?![{_D}])|[,।])"
        )
        self.person = re.compile(
            rf"(?<![{_D}])({_WORD} (?:(?:{lists('middle')}) )?(?:{lists('surnames')}))(?![{_D}])"
        )
        self.called = re.compile(
            rf"(?<![{_D}])((?:{any_word('hi', 'given')}) {_WORD}(?: (?:{lists('surnames')})(?![{_D}]))?)"
        )
        self.place = re.compile(rf"(?<![{_D}])({_WORD})(?= (?:{lists('after_places')})(?![{_D}]))")
        self.site = re.compile(rf"(?<![{_D}])({_WORD} (?:{lists('after_sites')}))(?![{_D}])")
        self.storm = re.compile(
            rf"(?<![{_D}])(?:{lists('before_storms')}) [‘'\"“]?({_WORD})(?=[’'\"”]? (?:{lists('after_people')}|{lists('after_storms')})(?![{_D}])|[,।])"
        )
        self.body = re.compile(rf"(?<![{_D}])({_WORD} (?:{lists('after_bodies')}))(?![{_D}])")


@cache
def _rules() -> _Rules:
    return _Rules()


def hindi_names(text: str, known: Sequence[KnownSpan]) -> Iterator[ShapedName]:
    """The names in a Hindi text: people after titles, by given names or by surnames, places and bodies before the noun for their kind."""
    rules = _rules()
    covered = {start: (end, kind) for start, end, kind in known}
    starts, places = sorted(covered), Places(known)
    for match in rules.titled.finditer(text):
        start, end = match.span(1)
        stop, kind = covered.get(start, (end, ""))
        if start in covered and (kind != "person" or stop >= end):
            continue
        after = bisect_right(starts, start)
        if after < len(starts) and starts[after] < end:
            # रेचेप तैयप एर्दोआन is one name, of which एर्दोआन is known.
            last, of = covered[starts[after]]
            end = end if of == "person" and last == end else starts[after] - 1
        words = text[start:end].split()
        if not words_of("hi", "silent").intersection(words) and (len(words) < 3 or end == match.end(1)):
            yield named(text, start, end, "person")
    for pattern, kind in (
        (rules.person, "person"),
        (rules.called, "person"),
        (rules.body, "organisation"),
        (rules.site, "place"),
        (rules.place, "place"),
        (rules.storm, "disaster"),
    ):
        for match in pattern.finditer(text):
            words = match[1].split()
            first = words[0]
            if first in words_of("hi", "silent") or len(first) < 2 or rules.title.fullmatch(first):
                continue
            if pattern is rules.called and (words[1] in words_of("hi", "silent") or len(words[1]) < 2):
                continue
            yield named(text, *match.span(1), kind, places if kind in ("organisation", "place") else None)
