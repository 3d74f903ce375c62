"""Forms that a stemmer keeps apart, brought to one: before it, plurals that it does not know; after it, what changes in its stems."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from relatedness.languages._forms import bare_word
from relatedness.languages._lists import irregular_forms

# Of each language: endings of plurals in their order, and what stands in their place.
_BEFORE: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    code: tuple((re.compile(pattern), ending) for pattern, ending in rules)
    for code, rules in {
        "es": (
            (r"(?<=\w{2})ces$", "z"),
            (r"(?<=\w{2})anes$", "án"),
            (r"(?<=\w{2})ines$", "ín"),
            (r"(?<=\w{2})ones$", "ón"),
            (r"(?<=\w{2}[rlndjsyz])es$", ""),
            (r"(?<=\w{3}[aeo])s$", ""),
        ),
        "pt": (
            (r"(?:ões|ães)$", "ão"),
            (r"(?<=\w{2})ais$", "al"),
            (r"éis$", "el"),
            (r"(?<=\w{3})eis$", "il"),
            (r"óis$", "ol"),
            (r"(?<=\w{2})ns$", "m"),
            (r"(?<=^[lr]ei)s$", ""),
        ),
        "fr": ((r"(?<=^[^mfbp]oi)s$", ""), (r"(?<=^\w\w[uiéû])s$", "")),
        "it": ((r"(?<=\w{3}a)i$", "io"),),
        "hi": (
            (r"(?<=\w)ि(?:यों|याँ|यां|यो)$", "ी"),
            (r"ा(?:ओं|एँ|एं)$", "ा"),
            (r"ु(?:ओं|एँ|एं)$", "ू"),
        ),
        "ar": ((r"(?<=\w{3})ات$", "ه"), (r"(?<=\w{3})(?:ون|ين)$", "")),
        "fa": ((r"(?<=\w{2})ندگان$", "نده"), (r"(?<=\w{2}و)[یي]ان$", ""), (r"(?<=\w{3}گر)ان$", ""), (r"(?<=\w{2}[یي]ر)ان$", ""), (r"(?<=\w{3}[یي])ان$", "")),
        "ko": ((r"(?<=[가-힣]{2})들$", ""),),
        "th": ((r"^(?:การ|ความ|ผู้|นัก)(?=[\u0e00-\u0e7f]{3})", ""),),
    }.items()
}  # fmt: skip
# What differs in the stems of one word: kandydat, kandydac; біженец, біженц; kraj and its like are left alone.
_AFTER: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    code: tuple((re.compile(pattern), ending) for pattern, ending in rules)
    for code, rules in {
        "pl": (
            (r"(?<=\w{2}[an])c$", "t"),
            (r"(?<=\w{3}i)c$", "k"),
            (r"(?<=\w{3})ek$", "k"),
            (r"(?<=\w{2}ist)er$", "r"),
        ),
        "ru": ((r"(?<=\w{3})ец$", "ц"), (r"(?<=\w{3})ок$", "к")),
        "uk": ((r"(?<=\w{3})ець?$", "ц"), (r"(?<=\w{3}б)ел$", "л"), (r"(?<=\w{3})ок$", "к")),
        "ar": ((r"(?<=\w{3})ه$", ""),),
        "fa": ((r"(?<=\w{3})ه$", ""),),
    }.items()
}
# Letters of Arabic that one form of a word has on a seat, and another without: لاجئ, لاجئين.
_SEATS = str.maketrans({"ئ": "ي", "ؤ": "و", "ء": None, "أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي"})
_MARKS = re.compile("[\u0640\u064b-\u0652\u0670]")
_ARTICLE = re.compile("^(?:[وفبك]?ال|لل)(?=\\w{3})")
_AND = re.compile("^[وف](?=\\w{4})")
# Of a tone's mark one and the same is where writers set it: hoà, hòa; lý, lí.
_TONE = re.compile("(o|u)([ae])([\u0300\u0301\u0303\u0309\u0323])(?![a-zđ])")
_Y = re.compile("(?<=[hklmst])y(?=[\u0300\u0301\u0303\u0309\u0323]?$)")
# Languages whose marks make other words: bão is a storm, báo a newspaper.
MARKED = frozenset({"vi", "th", "ja", "lo", "km", "my"})


def base_form(word: str, language: str) -> str:
    """A word in lower case as its stemmer should see it, in the singular where the stemmer does not know the plural.

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
    for pattern, ending in _BEFORE.get(language, ()):
        shorter = pattern.sub(ending, plain)
        if shorter != plain:
            # crímenes, crimen
            consonant = language == "es" and not ending and shorter[-1] not in "aeoáéó"
            return _without_acute(shorter) if consonant else shorter
    return plain


def levelled(stem: str, language: str) -> str:
    """A stem without what changes between the forms of its word.

    Examples
    --------
    >>> levelled("kandydac", "pl"), levelled("біженец", "uk")
    ('kandydat', 'біженц')
    """
    for pattern, ending in _AFTER.get(language, ()):
        shorter = pattern.sub(ending, stem)
        if shorter != stem:
            return shorter
    return stem


def _without_acute(word: str) -> str:
    plain = unicodedata.normalize("NFD", word).replace("\u0301", "")
    return unicodedata.normalize("NFC", plain)


def arabic_letters(word: str) -> str:
    """An Arabic word without the signs of vowels, its letters as they are written on no seat.

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
    for pattern, ending in _BEFORE["ar"]:
        shorter = pattern.sub(ending, plain)
        if shorter != plain:
            plain = shorter
            break
    return bare_word(plain, "ar")


def _vietnamese(word: str) -> str:
    """A syllable with its tone where most writers set it."""
    apart = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", _Y.sub("i", _TONE.sub(r"\1\3\2", apart)))
