"""German compounds and their parts: Flüchtlingspolitik is politics about refugees.

A compound is split only where known nouns make the whole of it (models/compounds.txt), the fewest that do. A long word that is
known as a whole, such as Bundestag, is a part and has none. After Koehn and Knight, "Empirical methods for compound
splitting" (2003), with a list of words in place of counts: so the same word is split in each archive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from relatedness.languages._lists import compound_nouns

COMPOUNDING = frozenset({"de"})
"""The languages whose compounds are split."""
SEAM = "\u00ad"
"""Stands between the noun of a part and how the compound writes it; no token of a text holds it, as it is no letter."""

_UMLAUTS = str.maketrans("aou", "äöü")
_LAST_VOWEL = re.compile("[aou](?=u?[^aeiouäöü]*$)")
_ENDINGS_OF_NAMES = re.compile("(?:s|er|ers|ern|erin)$")
_PLURALS = ("", "e", "er", "en", "ern", "es", "s", "n", "in", "innen")


@dataclass(frozen=True)
class _Nouns:
    """How the nouns of a language stand in compounds: before others, each form with its noun, and last, in all forms. Names that
    look like compounds (Augsburg) are none.
    """

    before: Mapping[str, str]
    last: frozenset[str]
    silent: frozenset[str]
    names: frozenset[str]
    longest: int


def compound_parts(token: str, language: str) -> tuple[str, ...]:
    """The nouns of which a word is made.

    Parameters
    ----------
    token : str
        As written; only a word with a capital is split.
    language : str
        A primary language code.

    Returns
    -------
    tuple of str
        The last part as it is inflected. Of the others, each has the noun, a `SEAM` and what the compound writes for it. Prefixes
        that say little (Haupt-, Landes-) are left out. Empty for a word that is no known compound.

    Examples
    --------
    >>> [part.partition(SEAM)[0] for part in compound_parts("Flüchtlingspolitik", "de")]
    ['Flüchtling', 'Politik']
    >>> compound_parts("Bundestag", "de"), compound_parts("Landesregierung", "de")
    ((), ('Regierung',))
    """
    if language not in COMPOUNDING or not token[:1].isupper() or not token[1:].islower():
        return ()
    return _split(token.lower(), language)


def said_together(words: str) -> str:
    """Words with spaces between them, of which the parts of a compound are written as one again.

    Examples
    --------
    >>> said_together(" ".join(["neue", *compound_parts("Flüchtlingspolitik", "de")]))
    'neue Flüchtlingspolitik'
    """
    if SEAM not in words:
        return words
    said, begun = [], ""
    for word in words.split(" "):
        noun, _, written = word.partition(SEAM)
        if written:
            begun, last = (begun + written.lower() if begun else written), noun
            continue
        said.append(begun + word.lower() if begun else word)
        begun = ""
    if begun:
        said.append(begun[: -len(written)] + last.lower() if begun != written else last)
    return " ".join(said)


def is_noun(token: str, language: str) -> bool:
    """Whether a word is a noun of which a language makes compounds, in any of its forms, or a compound of such nouns.

    Examples
    --------
    >>> is_noun("Häusern", "de"), is_noun("Flüchtlingspolitik", "de"), is_noun("Soyinka", "de")
    (True, True, False)
    """
    if language not in COMPOUNDING:
        return False
    nouns, word = _nouns(language), token.lower()
    return word in nouns.last or word in nouns.before or bool(_split(word, language))


@lru_cache(maxsize=1 << 16)
def _split(word: str, language: str) -> tuple[str, ...]:
    nouns = _nouns(language)
    if _ENDINGS_OF_NAMES.sub("", word) in nouns.names or word in nouns.names:
        return ()
    found = _fewest(word, nouns)
    return tuple(part for part in found if part) if len(found) > 1 else ()


def _fewest(word: str, nouns: _Nouns) -> tuple[str, ...]:
    """The fewest nouns that make a word, of as many those with the longest first; an empty string stands for a silent prefix."""
    # From the end, so that a word of any length takes time in proportion to it.
    ways: dict[int, tuple[str, ...]] = {}
    for start in range(len(word) - 2, -1, -1):
        whole = word[start : start + nouns.longest + 1]
        if whole in nouns.last and start + len(whole) == len(word):
            ways[start] = (whole.capitalize(),)
            continue
        for end in range(min(len(word) - 2, start + nouns.longest), start + 1, -1):
            first = word[start:end]
            if end not in ways or (start in ways and len(ways[start]) <= 1 + len(ways[end])):
                continue
            if first in nouns.silent:
                ways[start] = ("", *ways[end])
            elif noun := nouns.before.get(first):
                ways[start] = (f"{noun.capitalize()}{SEAM}{first.capitalize()}", *ways[end])
    return ways.get(0, ())


@cache
def _nouns(language: str) -> _Nouns:
    nouns = compound_nouns(language)
    before: dict[str, str] = {}
    last: set[str] = set()
    for place in ("first", "parts"):
        for noun, forms in nouns[place].items():
            before.update(dict.fromkeys((noun, *(forms or _linked(noun))), noun))
            if place == "parts":
                last.update(_inflected(noun))
    silent = frozenset(nouns["silent"])
    longest = max(map(len, (*before, *last, *silent)))
    return _Nouns(before, frozenset(last), silent, frozenset(nouns["names"]), longest)


def _linked(noun: str) -> Iterator[str]:
    """How a noun is written before another: with -s, -es, -n, -en or -e."""
    if noun.endswith("e"):
        yield from (noun, noun + "n", noun[:-1] + "s")
    elif noun.endswith(("er", "el", "en")):
        yield from (noun, noun + "s", noun + "n")
    else:
        yield from (noun, noun + "s", noun + "es", noun + "en", noun + "e")


def _inflected(noun: str) -> Iterator[str]:
    """The forms of a noun at the end of a compound; more than it has, as only whole words count."""
    umlaut = _LAST_VOWEL.sub(lambda vowel: vowel[0].translate(_UMLAUTS), noun, count=1)
    for stem in (noun, umlaut):
        for ending in _PLURALS:
            yield stem + ending
