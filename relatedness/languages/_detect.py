"""Which language a text is in, by its script or its function words."""

from __future__ import annotations

import re

from relatedness.events import Event, primary_language
from relatedness.languages._lists import function_words, particles

ENGLISH = "en"
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("uk", re.compile("[іїєґІЇЄҐ]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("fa", re.compile("[پچژگ]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)
FOREIGN = re.compile(
    "[\u0400-\u04ff\u0600-\u06ff\u0900-\u097f\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]"
)
_LETTER = re.compile(r"[^\W\d_]")
# What English texts hold and the other languages of the Latin script do not.
_PLAINLY_ENGLISH = (" the ", " of ", " and ", " to ", "The ")
_GUESSED = ("es", "fr", "de", "pt", "it", "nl")
_LEAST_WORDS = 5
_SURE_WORDS = 12  # of a text whose language is told by its function words and counts as known
_LEAST_SHARE = 0.2  # of the words of a text must be function words of its language


def language_of(event: Event) -> str:
    """The primary language of an event: the one it names, else the one its script or its function words betray.

    Parameters
    ----------
    event : Event

    Returns
    -------
    str
        A code such as ``zh``; English where nothing says otherwise.

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
    """The primary language that an event names, or that its text plainly is in; None where neither says.

    Surer than `language_of`, as events of different languages are not related: a text of few words, or in a language whose
    function words are not known, has none.

    Parameters
    ----------
    event : Event

    Returns
    -------
    str or None
    """
    if event.language:
        return primary_language(event.language)
    text = event.text or event.title
    found = guess(text)
    if found == ENGLISH:
        return ENGLISH if any(word in text for word in _PLAINLY_ENGLISH) else None
    return found if found not in _GUESSED or len(text.split()) >= _SURE_WORDS else None


def guess(text: str) -> str:
    """The language of a text that names none; English where nothing says otherwise."""
    if not text.isascii() and (foreign := len(FOREIGN.findall(text))):
        if foreign * 2 > len(_LETTER.findall(text)):
            return next(code for code, script in _SCRIPTS if script.search(text))
    elif any(word in text for word in _PLAINLY_ENGLISH):
        return ENGLISH
    # Words with a capital may belong to names: Los Angeles, De Kalb.
    words = [word for word in re.findall(r"[^\W\d_]+", text) if word.islower()]
    if len(words) < _LEAST_WORDS - 1:
        return ENGLISH
    english = function_words(ENGLISH) - particles()
    counts = {code: sum(word in function_words(code) for word in words) for code in _GUESSED}
    best = max(_GUESSED, key=lambda code: counts[code])
    here = function_words(best)
    own = sum(word in here and word not in english for word in words)
    others = sum(word in english and word not in here for word in words)
    # Without an accent it takes one word more: "Los Angeles beat La Salle" is English.
    sure = own >= max(3 - (not text.isascii()), _LEAST_SHARE * len(words) - others) and own > 2 * others
    return best if sure else ENGLISH
