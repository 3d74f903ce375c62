"""Words without what a language joins to them: articles, particles, the endings of cases."""

from __future__ import annotations

import re

from relatedness.languages._scripts import simplified

_ARABIC = re.compile(r"^(?:[وفبلك]?ال|لل|[وفبلك])(?=\w{3})")
_ALIFS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "ي": "ي", "ی": "ي", "ک": "ك"})
_MARKS = re.compile("[\u0640\u064b-\u0652\u0670]")  # the long stroke and the signs of vowels
# The endings of nouns and adjectives in Russian and Ukrainian, after three letters at least.
_CASES = re.compile(
    r"(?<=\w{3})(?:иями|ами|ями|ией|ием|ого|его|ому|ему|ыми|ими|ой|ей|ий|ый|ая|яя|ое|ее|ую|юю|ые|ие|ых|их|ым|им|ом|ем"
    r"|ах|ях|ию|ия|ии|ов|ев|ів|їв|ою|ею|ові|еві|ій|ії|ію|ія|єю|[аеиоуыюяйьіїє])$"
)
_PARTICLES = re.compile(
    r"(?<=[가-힣]{2})(?:에서는|에서의|에서도|이라고|에게서|에서|에게|에는|에도|으로|까지|부터|라고|께서|와의|과의|으로는|[은는이가을를의에와과도로만])$"
)
_NUKTA = "\u093c"


def without_case(word: str, *, once: bool = False) -> str:
    """A Russian or Ukrainian word without its case ending; a word stemmer cuts too much off names.

    Parameters
    ----------
    word : str
    once : bool
        Whether to remove only one ending, so that an ending that belongs to the name itself is kept: Иваново is not
        Иван.

    Returns
    -------
    str

    Examples
    --------
    >>> without_case("Москвой") == without_case("Москва")
    True
    """
    # Twice, as what looks like an ending may belong to the word: Карабах, Карабахе.
    stem = _CASES.sub("", word.lower().replace("ё", "е"))
    return stem if once else _CASES.sub("", stem)


def without_article(word: str) -> str:
    """An Arabic word without article, conjunctions and prepositions, in one spelling.

    Parameters
    ----------
    word : str

    Returns
    -------
    str

    Examples
    --------
    >>> without_article("والعراق") == without_article("العراق")
    True
    """
    return _ARABIC.sub("", _MARKS.sub("", word)).translate(_ALIFS)


def without_particle(word: str) -> str:
    """A Korean word without the particle attached to it.

    Parameters
    ----------
    word : str

    Returns
    -------
    str

    Examples
    --------
    >>> without_particle("서울에서") == without_particle("서울을")
    True
    """
    return _PARTICLES.sub("", word)


def bare_word(word: str, language: str) -> str:
    """A word in lower case as its stemmer should see it, or as it is matched where the language has none.

    Parameters
    ----------
    word : str
    language : str
        A primary language code.

    Returns
    -------
    str

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
