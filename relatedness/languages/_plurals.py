"""Conflation of forms that a stemmer keeps apart: unknown plurals before it, alternating stems after it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from relatedness.languages._forms import bare_word
from relatedness.languages._lists import irregular_forms, rewritings

# Arabic hamza letters whose carrier differs between forms of a word: لاجئ, لاجئين.
_SEATS = str.maketrans({"ئ": "ي", "ؤ": "و", "ء": None, "أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي"})
_MARKS = re.compile("[\u0640\u064b-\u0652\u0670]")
_ARTICLE = re.compile("^(?:[وفبك]?ال|لل)(?=\\w{3})")
_AND = re.compile("^[وف](?=\\w{4})")
# The same tone mark may be placed on different letters: hoà, hòa; lý, lí.
_TONE = re.compile("(o|u)([ae])([\u0300\u0301\u0303\u0309\u0323])(?![a-zđ])")
_Y = re.compile("(?<=[hklmst])y(?=[\u0300\u0301\u0303\u0309\u0323]?$)")
# Languages in which diacritics distinguish words: bão is a storm, báo a newspaper.
MARKED = frozenset({"vi", "th", "ja", "lo", "km", "my"})


def base_form(word: str, language: str) -> str:
    """A word in lower case, normalised for the stemmer: in the singular if the stemmer does not know the plural.

    Parameters
    ----------
    language : str
        A primary language code.

    Examples
    --------
    >>> base_form("eleições", "pt"), base_form("مدارس", "ar") == base_form("والمدرسة", "ar")
    ('eleição', True)
    """
    if language == "en":
        return bare_word(word, language)
    if language == "vi":
        return _vietnamese(word)
    known = irregular_forms(language)
    if language == "ar":
        return _arabic(word, known)
    plain = known.get(word)
    if plain is None:
        plain = bare_word(word, language)
        plain = known.get(plain, plain)
    for pattern, ending in rewritings("plurals", language):
        shorter = pattern.sub(ending, plain)
        if shorter != plain:
            # crímenes, crimen
            consonant = language == "es" and not ending and shorter[-1] not in "aeoáéó"
            return _without_acute(shorter) if consonant else shorter
    return plain


def levelled(stem: str, language: str) -> str:
    """A stem without the alternations between forms of its word.

    Examples
    --------
    >>> levelled("kandydac", "pl"), levelled("біженец", "uk")
    ('kandydat', 'біженц')
    """
    for pattern, ending in rewritings("stems", language):
        shorter = pattern.sub(ending, stem)
        if shorter != stem:
            return shorter
    return stem


def _without_acute(word: str) -> str:
    plain = unicodedata.normalize("NFD", word).replace("\u0301", "")
    return unicodedata.normalize("NFC", plain)


def arabic_letters(word: str) -> str:
    """An Arabic word without vowel signs, with its hamza letters normalised.

    Examples
    --------
    >>> arabic_letters("لاجئ") == arabic_letters("لاجي")
    True
    """
    return _MARKS.sub("", word).translate(_SEATS)


def _arabic(word: str, known: Mapping[str, str]) -> str:
    """An Arabic word in the singular, without article and, before one, conjunctions."""
    plain = arabic_letters(word)
    for bare in (plain, _ARTICLE.sub("", plain), _AND.sub("", plain)):
        if bare in known:
            return known[bare]
    plain = _ARTICLE.sub("", plain)
    if plain in known.values():
        return plain
    for pattern, ending in rewritings("plurals", "ar"):
        shorter = pattern.sub(ending, plain)
        if shorter != plain:
            plain = shorter
            break
    return bare_word(plain, "ar")


def _vietnamese(word: str) -> str:
    """A syllable with its tone mark in the usual place."""
    apart = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", _Y.sub("i", _TONE.sub(r"\1\3\2", apart)))
