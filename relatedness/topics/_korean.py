"""Unlisted names in Korean texts: people before titles, bodies by their endings, foreign names by their middle dots."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from relatedness.topics._shaped import KnownSpan, Places, ShapedName, named
from relatedness.topics._topic import PLACES
from relatedness.topics._word_lists import any_of

_PARTY = re.compile(r"(?<![가-힣])([가-힣]{2,7}당)(?= |은|이|의|과|에|을|[,.])")
_STORM = re.compile(r"태풍 ([가-힣]{2,4}?)(?=가|이|는|은|의|로|으로|에|[ ,.])")
_CLUB = re.compile(r"(?<![가-힣])[가-힣]{2,6} ?(?:FC|유나이티드|시티)(?![A-Za-z])")
_DOTTED = re.compile(r"[가-힣]{1,5}(?:·[가-힣]{1,5})+")


class _Rules:
    """The patterns made from the word lists of the language."""

    def __init__(self) -> None:
        def lists(name: str) -> str:
            return any_of("ko", name)

        self.person = re.compile(
            rf"(?<![가-힣])([가-힣]{{2,4}}) (?:전 |신임 |당시 )?(?:{lists('after_people')}|[가-힣]{{2,5}}(?:{lists('local_titles')}))(?=[이가은는을를의와과도에,. ]|$)"
        )
        # 배우 이정재가
        self.called = re.compile(
            rf"(?<![가-힣])(?:{lists('before_people')}) ((?:{lists('surnames')})[가-힣]{{2}})(?=(?:이|가|은|는|을|를|의|와|과|도|씨|에게)?(?![가-힣]))"
        )
        # 스콧 베선트 재무장관: a foreign name has two words, the second of which does not look like a Korean name.
        own = rf"[가-힣]{{1,5}} (?!(?:{lists('surnames')})[가-힣]{{2}}(?![가-힣])|(?:{lists('offices')}) )[가-힣]{{2,6}}"
        self.foreign = re.compile(
            rf"(?<![가-힣])(?![가-힣]*(?:{lists('no_given')}) )({own}) (?:전 |신임 )?(?:[가-힣]{{2}})?(?:{lists('foreign_titles')})(?=[이가은는을를의와과도에,. ]|$)"
        )
        self.body = re.compile(rf"(?<![가-힣])([가-힣]{{2,8}}(?:{lists('endings')}))")
        self.no_body = re.compile(f"(?:{lists('no_bodies')})+(?:{lists('endings')})$")
        self.particle = re.compile(f"(?:{lists('particles')})$")
        self.no_party = re.compile(f"(?:{lists('no_parties')})")
        # 김건희 여사가 특검에: a title and its particle stand between a person and another title.
        self.title = re.compile(rf"(?:{lists('after_people')}|여사|부인)[이가은는도의]?$")
        self.no_name = re.compile(f"(?:{lists('no_names')})$")
        # 관련해, 위해, 누르고: most words that end so are verbs; such a word is a name only if it begins with a surname.
        self.verb = re.compile(
            rf"(?:(?:[가-힣]|(?!{lists('surnames')})[가-힣]+|(?:{lists('verbs')}))해|(?!{lists('surnames')})[가-힣]+[고며])$"
        )
        self.county = re.compile(
            rf" ({lists('counties')})(?=(?:[군시]|에서|에|의|과|와|을|를|은|는|이|가|으로)?(?:[ ,.]|$))"
        )
        self.held = re.compile(f" ?(?:동계|하계)? ?(?:{lists('held')})")


@cache
def _rules() -> _Rules:
    return _Rules()


def korean_names(text: str, known: Sequence[KnownSpan]) -> Iterator[ShapedName]:
    """The names in a Korean text: people before titles, bodies by their endings, foreign names by their middle dots."""
    rules, places = _rules(), Places(known)
    starts = {start for start, _, _ in known}
    for match in rules.foreign.finditer(text):
        if match.start(1) not in starts and not rules.particle.search(match[1]):
            yield named(text, *match.span(1), "person")
    for match in rules.person.finditer(text):
        if not any(pattern.search(match[1]) for pattern in (rules.particle, rules.title)) and not (
            rules.no_name.match(match[1]) or rules.verb.match(match[1])
        ):
            yield named(text, *match.span(1), "person")
    for match in rules.called.finditer(text):
        if match.start(1) not in starts and not rules.no_name.match(match[1]):
            yield named(text, *match.span(1), "person")
    for match in rules.body.finditer(text):
        if not rules.no_name.match(match[1]) and not rules.no_body.match(match[1]):
            yield named(text, *match.span(1), "organisation", places)
    for match in _PARTY.finditer(text):
        if not rules.no_party.match(match[1]):
            yield named(text, *match.span(1), "party")
    for match in _CLUB.finditer(text):
        yield named(text, *match.span(), "team", places)
    for match in _STORM.finditer(text):
        yield named(text, *match.span(1), "disaster")
    for start, end, kind in known:
        if kind in ("state", "region") and (county := rules.county.match(text, end)):
            yield named(text, *county.span(1), "city")
        if kind in PLACES and (held := rules.held.match(text, end)):
            yield named(text, start, held.end(), "event", places)
    for match in _DOTTED.finditer(text):
        yield named(text, *match.span(), "name")
