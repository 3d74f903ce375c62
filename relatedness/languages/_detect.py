"""Which language a text is in, by its script or its function words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from relatedness.events import Event, primary_language
from relatedness.shipped import shipped

ENGLISH = "en"
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("uk", re.compile("[іїєґІЇЄҐ]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("fa", re.compile("[پچژگیک\u200c]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)
FOREIGN = re.compile(
    "[\u0400-\u04ff\u0600-\u06ff\u0900-\u097f\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]"
)
_LETTER = re.compile(r"[^\W\d_]")
# A word that is no part of an address, an identifier or a compound.
_PLAIN_WORD = re.compile(r"(?<![\w.@/`-])[^\W\d_]+(?![\w@/`-]|\.\w)")


@dataclass(frozen=True)
class _Rules:
    """The rules of ``models/detection.toml``."""

    plainly_english: tuple[str, ...]
    joining: frozenset[str]
    vowels: str
    vowel_points: float
    sure_words: int
    least_words: int
    long_word: int
    least_ratio: float
    script_share: float
    letters: dict[str, frozenset[str]]
    endings: dict[str, dict[str, tuple[str, ...]]]  # by their last two letters, each with its languages
    nouns: dict[str, frozenset[str]]
    noun_endings: dict[str, tuple[str, ...]]
    listed: dict[str, list[str]]
    words: dict[str, frozenset[str]]

    @property
    def guessed(self) -> Iterator[str]:
        """The languages of the Latin script other than English."""
        return (code for code in self.words if code != ENGLISH)


@cache
def _rules() -> _Rules:
    data = tomllib.loads(shipped("detection.toml").read_text(encoding="utf-8"))
    listed = {code: words.split() for code, words in data["words"].items()}
    endings: dict[str, dict[str, tuple[str, ...]]] = {}
    for code, own in data["endings"].items():
        for ending in own.split():
            same = endings.setdefault(ending[-2:], {})
            same[ending] = (*same.get(ending, ()), code)
    return _Rules(
        plainly_english=tuple(data["plainly_english"]),
        joining=frozenset(data["joining"].split()),
        letters={code: frozenset(letters) for code, letters in data["letters"].items()},
        endings=endings,
        nouns={code: frozenset(nouns.split()) for code, nouns in data["nouns"].items()},
        noun_endings={code: tuple(own.split()) for code, own in data["noun_endings"].items()},
        listed=listed,
        words={code: frozenset(words) for code, words in listed.items()},
        **{
            name: data[name]
            for name in (
                "vowels",
                "vowel_points",
                "sure_words",
                "least_words",
                "long_word",
                "least_ratio",
                "script_share",
            )
        },
    )


def language_of(event: Event) -> str:
    """The primary language of an event: the one it names, else the one indicated by its script or its function words.

    Returns
    -------
    str
        A code such as ``zh``; English if nothing indicates another.

    Examples
    --------
    >>> from datetime import date
    >>> language_of(Event("a", date(2024, 1, 1), text="Землетрясение произошло у берегов Камчатки."))
    'ru'
    """
    if event.language:
        return primary_language(event.language)
    return guess(event.text or event.title)


def spoken(event: Event) -> str | None:
    """The primary language that an event names, or that its text clearly is in.

    More cautious than `language_of`, because events in different languages are never related: a short text, or one in a
    language without a list of function words, gets none.

    Returns
    -------
    str or None
        None if neither says.

    Examples
    --------
    >>> from datetime import date
    >>> spoken(Event("a", date(2024, 1, 1), text="The ferry to the island stops.")), spoken(Event("b", date(2024, 1, 1), text="Kuda"))
    ('en', None)
    """
    if event.language:
        return primary_language(event.language)
    text = event.text or event.title
    found = guess(text)
    if found == ENGLISH:
        return ENGLISH if any(word in text for word in _rules().plainly_english) else None
    return found if found not in _rules().guessed or len(text.split()) >= _rules().sure_words else None


def guess(text: str) -> str:
    """The language of a text, by its script or its function words.

    Returns
    -------
    str
        A primary language code; English if nothing indicates another.

    Examples
    --------
    >>> guess("Der Bundestag stimmt für das neue Gesetz."), guess("大阪で地震がありました")
    ('de', 'ja')
    """
    rules = _rules()
    if not text.isascii() and (foreign := len(FOREIGN.findall(text))):
        if foreign > rules.script_share * len(_LETTER.findall(text)):
            return next(code for code, script in _SCRIPTS if script.search(text))
    else:
        for word in rules.plainly_english:  # a generator would double the time for most texts
            if word in text:
                return ENGLISH
    words = _outside_names(text)
    # The first word may begin a name: São Paulo.
    signs = [_signs(word, letters=bool(position)) for position, word in enumerate(words)]
    points, own = dict.fromkeys(rules.words, 0.0), dict.fromkeys(rules.words, 0)
    said: set[str] = set()
    for word, weights in zip(words, signs, strict=True):
        # A word said again is no other sign: door, door.
        is_sign = word not in rules.words[ENGLISH] and word not in said
        said.add(word)
        for code, weight in weights:
            points[code] += weight
            own[code] += is_sign
    for code in rules.nouns:
        here = _nouns_of(code, text)
        points[code] += here
        own[code] += here
    if "de" not in words and all(word[-1] in rules.vowels for word in words if len(word) > 3):
        # Italian words end in vowels; so may all of a short Spanish or Portuguese text.
        points["it"] += rules.vowel_points
    best = max(rules.guessed, key=lambda code: points[code])
    others = sum(word in rules.words[ENGLISH] and word not in rules.words[best] for word in words)
    if own[best] >= rules.least_words and own[best] > rules.least_ratio * others:
        return best
    return best if _is_wholly(best, words, signs) else ENGLISH


def _signs(word: str, *, letters: bool) -> list[tuple[str, float]]:
    """The languages that a word speaks for, each with a weight: by a list, its ending and, if asked, its letters."""
    rules = _rules()
    found = list(_weights().get(word, ()))
    if len(word) > 4 and (endings := rules.endings.get(word[-2:])):
        longest = max((ending for ending in endings if word.endswith(ending)), key=len, default="")
        found += [(code, 1 / len(endings[longest])) for code in endings.get(longest, ())]
    if letters and not word.isascii():
        found += [(code, 1.0) for code, own in rules.letters.items() if not own.isdisjoint(word)]
    return found


def _nouns_of(code: str, text: str) -> int:
    """How many words with a capital are nouns of a language that gives all nouns one."""
    rules = _rules()
    return sum(
        word.lower() in rules.nouns[code] or (len(word) > 6 and word.endswith(rules.noun_endings[code]))
        for word in _PLAIN_WORD.findall(text)
        if word.istitle()
    )


def _is_wholly(code: str, words: Sequence[str], signs: Sequence[Sequence[tuple[str, float]]]) -> bool:
    """Whether all words of a short text but its first are of a language, and a longer one is of no other: Trump droht Iran."""
    rules = _rules()
    inside = list(zip(words[1:], signs[1:], strict=True))
    return (
        0 < len(inside) < rules.sure_words
        and words[0] not in rules.words[ENGLISH]
        and all(code in dict(found) for _, found in inside)
        and any(
            len(word) > rules.long_word and word not in rules.words[ENGLISH] and len(dict(found)) == 1
            for word, found in inside
        )
    )


def _outside_names(text: str) -> list[str]:
    """The words of a text in lower case that join no name, as "de la" does in Rio de la Plata, and its first word."""
    joining = _rules().joining
    tokens = _PLAIN_WORD.findall(text)
    words = [tokens[0].lower()] if tokens and tokens[0].istitle() else []
    for position, token in enumerate(tokens):
        if token.islower() and not (
            token in joining
            and position
            and not all(before.islower() for before in tokens[max(0, position - 2) : position])
            and not all(after.islower() for after in tokens[position + 1 : position + 3])
        ):
            words.append(token)
    return words


@cache
def _weights() -> dict[str, list[tuple[str, float]]]:
    """The weight of each common word for each language that has it, which falls with the number of languages that share it."""
    having: dict[str, list[str]] = {}
    for code, words in _rules().listed.items():
        for word in words:
            having.setdefault(word, []).append(code)
    return {word: [(code, 1 / len(codes)) for code in codes] for word, codes in having.items()}
