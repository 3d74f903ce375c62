"""Words without affixes: articles, particles, case endings."""

from __future__ import annotations

import re

from relatedness.languages._lists import cut
from relatedness.languages._scripts import simplified

_ALIFS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "ي": "ي", "ی": "ي", "ک": "ك"})
_MARKS = re.compile("[\u0640\u064b-\u0652\u0670]")  # the tatweel and vowel signs
_NUKTA = "\u093c"


def without_case(word: str, *, once: bool = False) -> str:
    """A Russian or Ukrainian word without its case ending; a stemmer cuts too much off names.

    Parameters
    ----------
    once : bool
        Whether to remove only one ending, so that an ending that belongs to the name itself is kept: Иваново is not
        Иван.

    Examples
    --------
    >>> without_case("Москвой") == without_case("Москва")
    True
    """
    # Twice, because an apparent ending may belong to the word: Карабах, Карабахе.
    endings = cut("cases")
    stem = endings.sub("", word.lower().replace("ё", "е"))
    return stem if once else endings.sub("", stem)


def without_article(word: str) -> str:
    """An Arabic word without article, conjunctions and prepositions, in one spelling.

    Examples
    --------
    >>> without_article("والعراق") == without_article("العراق")
    True
    """
    return cut("arabic").sub("", _MARKS.sub("", word)).translate(_ALIFS)


def without_particle(word: str) -> str:
    """A Korean word without the particle attached to it.

    Examples
    --------
    >>> without_particle("서울에서") == without_particle("서울을")
    True
    """
    return cut("particles").sub("", word)


def bare_word(word: str, language: str) -> str:
    """A word in lower case, normalised for the stemmer, or for matching if the language has no stemmer.

    Parameters
    ----------
    language : str
        A primary language code.

    Examples
    --------
    >>> bare_word("والعراق", "ar"), bare_word("Iraq", "en")
    ('عراق', 'Iraq')
    """
    if word.isascii():
        return word
    if language == "zh":
        return simplified(word)
    if language in ("ar", "fa"):
        return _MARKS.sub("", word).translate(_ALIFS) if language == "fa" else without_article(word)
    if language == "uk":
        return without_case(word)
    if language == "ko":
        return without_particle(word)
    if language == "ru":
        return word.replace("ё", "е")
    return word.replace(_NUKTA, "") if language == "hi" else word
