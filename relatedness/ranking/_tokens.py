"""Text -> tokens as written -> terms: what counts as a word, in any language."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache

import Stemmer

from relatedness.languages import (
    COMPOUNDING,
    MARKED,
    SEAM,
    UNSPACED,
    base_form,
    compound_parts,
    function_words,
    levelled,
    segment,
    stemmer_name,
    way_of,
)

END_OF_SENTENCE = -2
"""Marks the end of a sentence among the numbers of words."""

_ASCII_TOKEN = re.compile(r"[A-Za-z0-9]+(?:'[A-Za-z0-9]+)*|[.!?](?=\W|$)")
_MOST_ENDINGS = 10  # endings removed from a Turkish word: bounds the work for strange words
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}")  # U.S., U.N.
# A quick pre-check for _DOTTED: it begins with a literal character, which the regex engine finds fast.
_HINT_OF_DOTTED = re.compile(r"\.[^\W\d_]\.")
# The links in a text, and the names of its browsers: "Mozilla/5.0 (X11; rv:122.0) Gecko/20100101 Firefox/122.0".
_LINK = re.compile(r"\w*://\S+|Mozilla/[\d.]+(?: \([^()\n]*\)| [A-Za-z]+/[\w.]+)*")
_SITE = re.compile(r"\bwww\.\S+")
_TRACKED = re.compile(r"\b[A-Z]{2,}-\d[\w-]*")  # PROJ-1000, CVE-2014-0160


@cache
def _token_pattern() -> re.Pattern[str]:
    """The pattern of words in any script, in which vowel signs and other marks belong to the letter before them."""
    marks = "".join(map(chr, (c for c in range(0x300, 0x10000) if unicodedata.category(chr(c))[0] == "M")))
    letter = rf"[^\W_{UNSPACED}][{marks}]*"
    return re.compile(rf"[{UNSPACED}][{marks}]*|(?:{letter})+(?:['’](?:{letter})+)*|[.!?。！？](?=\W|$)")


@cache
def _unspaced_runs() -> re.Pattern[str]:
    return re.compile(rf"[{UNSPACED}]+")


class _Stemmers(threading.local):
    """The stemmers of a thread, which must not be shared between threads."""

    def __init__(self) -> None:
        self._known: dict[str, Callable[[str], str]] = {"": str}

    def __getitem__(self, name: str) -> Callable[[str], str]:
        stem = self._known.get(name)
        if stem is None:
            stem = self._known[name] = Stemmer.Stemmer(name).stemWord
        return stem


_stemmers = _Stemmers()


def normalised(text: str) -> str:
    """A text in Unicode's composed form (NFC), in which a letter with its accent is one character."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def tokens_of(text: str, language: str = "en") -> list[str]:
    """The words of a text as written, and the marks that end its sentences.

    Parameters
    ----------
    language : str
        A primary language code. For scripts without spaces between words, the words are those of
        `relatedness.languages.segment` if its package is installed; otherwise each character is a word, and phrases pair them.
        German compounds are their parts (`relatedness.languages.compound_parts`).

    Examples
    --------
    >>> tokens_of("U.S. troops leave Obama's base.")
    ['US', 'troops', 'leave', "Obama's", 'base', '.']
    """
    text = normalised(text)
    if _HINT_OF_DOTTED.search(text):
        text = _DOTTED.sub(lambda initials: initials[0].replace(".", ""), text)
    if language in COMPOUNDING:
        return _with_parts((_ASCII_TOKEN if text.isascii() else _token_pattern()).findall(text), language)
    if text.isascii():
        return _ASCII_TOKEN.findall(text)
    if way_of(language) not in ("", "characters"):
        return _segmented(text, language)
    return _token_pattern().findall(text)


def holds_address(text: str) -> bool:
    """Whether a text may hold links, names of sites or those of browsers, whose words were not written for its readers."""
    return "://" in text or "www." in text or "Mozilla/" in text


def without_links(text: str) -> str:
    """A text without its links and the names of browsers, but with the numbers of issues and advisories that links hold.

    Examples
    --------
    >>> without_links("See https://tracker.example/PROJ-10?list_id=7 in Mozilla/5.0 (X11; rv:9) Firefox/9.0")
    'See . PROJ-10 . in .'
    """
    if not holds_address(text):
        return text
    return _LINK.sub(lambda link: " . ".join(["", *_TRACKED.findall(link[0]), ""]).strip() or ".", text)


def without_addresses(text: str) -> str:
    """A text without links, names of browsers and sites."""
    return _SITE.sub(".", without_links(text)) if holds_address(text) else text


def is_verbatim(text: str) -> bool:
    """Whether `tokens_of` only splits at spaces and punctuation: it joins no initials, composes no letters and segments no text.

    Examples
    --------
    >>> is_verbatim("Women's rights"), is_verbatim("U.S. troops"), is_verbatim("大阪 quake")
    (True, False, False)
    """
    if _HINT_OF_DOTTED.search(text):
        return False
    return text.isascii() or (unicodedata.is_normalized("NFC", text) and not _unspaced_runs().search(text))


def _with_parts(tokens: list[str], language: str) -> list[str]:
    return [part for token in tokens for part in compound_parts(token, language) or (token,)]


def _segmented(text: str, language: str) -> list[str]:
    tokens: list[str] = []
    here = 0
    for run in _unspaced_runs().finditer(text):
        tokens += _token_pattern().findall(text, here, run.start())
        tokens += [word for word in segment(run[0], language) or () if word[0].isalnum()]
        here = run.end()
    return tokens + _token_pattern().findall(text, here)


def terms_of(text: str, language: str) -> list[str]:
    """The terms of a text in their order, without function words.

    Examples
    --------
    >>> terms_of("The armies of the U.S. march.", "en")
    ['armi', 'us', 'march']
    """
    terms = [term_of(token, language) for token in tokens_of(text, language) if token[0].isalnum()]
    return [term for term in terms if term is not None]


@lru_cache(maxsize=1 << 17)
def term_of(token: str, language: str) -> str | None:
    """The term of a token as written: its stem, in lower case, without accents.

    Parameters
    ----------
    token : str
        From `tokens_of`; a word, not a mark.
    language : str
        A primary language code, which chooses stemmer and function words; unknown ones have neither.

    Returns
    -------
    str or None
        None for a function word or a single Latin letter, unless written as an acronym (``US``, ``IT``).

    Examples
    --------
    >>> term_of("Armies", "en"), term_of("us", "en"), term_of("US", "en")
    ('armi', None, 'us')
    """
    word = bare(token).lower()
    acronym = len(token) > 1 and token.isupper()
    silent = function_words(language)
    if not acronym and (word in silent or (len(word) == 1 and word.isascii() and word.isalpha())):
        return None
    stem = _stemmers[stemmer_name(language)]
    word = levelled(stem(base_form(word, language)), language)
    if language == "tr":
        # The stemmer removes one ending per call, and mistakes "seçim" for "seç" with an ending.
        for _ in range(_MOST_ENDINGS):
            if (shorter := stem(word)) == word:
                break
            word = shorter
    return word if language in MARKED else without_accents(word)


def bare(token: str) -> str:
    """A token without the 's of a possessive and the d' of an elision; the noun of a part of a compound."""
    if SEAM in token:
        return token.partition(SEAM)[0]
    if "'" in token or "’" in token:
        return token[2:] if token[1] in "'’" else re.split("['’]", token, maxsplit=1)[0]
    return token


def shown(token: str) -> str:
    """A token as reasons use it: bare, but a part of a compound keeps how that writes it, for `said_together`."""
    return token if SEAM in token else bare(token)


def prefers(word: str) -> bool:
    """Whether a reason writes a term in this way before others: in lower case, or as a part of a compound."""
    return word.islower() or SEAM in word


def without_accents(word: str) -> str:
    """A word without its accents; unchanged where nothing else would be left."""
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c)) or word
