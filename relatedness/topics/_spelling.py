"""Spellings: the key that all ways to write a name share."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_MARKS = str.maketrans(
    {"-": " ", "/": " ", ".": None, "'": None, ",": None, "&": " and ", "(": " ", ")": " "}
)
_LETTERS = str.maketrans(
    {
        "ł": "l",
        "Ł": "L",
        "ø": "o",
        "Ø": "O",
        "đ": "d",
        "Đ": "D",
        "ß": "ss",
        "æ": "ae",
        "Æ": "AE",
        "œ": "oe",
        "ı": "i",
    }
    | dict.fromkeys("’‘`´ʼʻʿʾ", "'")
    | dict.fromkeys("‐‑‒–—−", "-")
)
_MARKED = re.compile(r"[-/.',&()]")
# Kana with a voicing mark and Hangul syllables are decomposed by NFKD: compose them again.
_COMBINING = re.compile(r"[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670]")


def fold(text: str) -> str:
    """The key that all spellings of a name share.

    Case, accents, full stops, apostrophes, a leading "the" and the kind of dash do not count.

    Parameters
    ----------
    text : str
        A name as somebody wrote it.

    Examples
    --------
    >>> fold("The People’s Republic"), fold("Al‑Qaida"), fold("U.S."), fold("Côte d'Ivoire")
    ('peoples republic', 'al qaida', 'us', 'cote divoire')
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_LETTERS))
        text = unicodedata.normalize("NFC", _COMBINING.sub("", text))
    elif text.isalnum():
        return text.lower()
    lower = text.lower()
    words = (lower.translate(_MARKS) if _MARKED.search(lower) else lower).split()
    if len(words) > 1 and words[0] == "the":
        del words[0]
    return " ".join(words)


def is_plural_of_model(text: str) -> bool:
    """Whether a text ends in the plural of a model: E190s, but not 1990s.

    Examples
    --------
    >>> is_plural_of_model("F-16s"), is_plural_of_model("1990s"), is_plural_of_model("Mars")
    (True, False, False)
    """
    return text[-1:] == "s" and text[-2:-1].isdigit() and not text[0].isdigit() and not text[-5:-1].isdigit()


def without_possessive(text: str) -> str:
    """The text without a possessive ending, and the name of a model without the one of its plural.

    Examples
    --------
    >>> without_possessive("Iraq's"), without_possessive("United States’"), without_possessive("Embraer E190s")
    ('Iraq', 'United States', 'Embraer E190')
    """
    if text[-2:] in ("'s", "’s"):
        return text[:-2]
    if is_plural_of_model(text):
        return text[:-1]
    return text[:-1] if text[-2:] in ("s'", "s’") else text


def long_form(short: str, before: str) -> str | None:
    """The long form of an abbreviation in the text before it: its initials, else by Schwartz and Hearst's algorithm.

    There every character of the short form is matched from right to left in the text; the first one has to begin a word.
    That alone reads too little where a letter stands inside a word too: in "Software Sustainability Institute (SSI)".

    Parameters
    ----------
    short : str
        What stands in brackets, such as ``IAEA``.
    before : str
        The text before the bracket.

    References
    ----------
    A. S. Schwartz, M. A. Hearst: A simple algorithm for identifying abbreviation definitions in biomedical text.
    Pacific Symposium on Biocomputing 8 (2003), 451-462.

    Examples
    --------
    >>> long_form("IAEA", "a report of the International Atomic Energy Agency ")
    'International Atomic Energy Agency'
    """
    initials = initials_form(short, before)
    if initials is not None:
        return initials
    letters = [c.lower() for c in short if c.isalnum()]
    words = before.split()
    # The paper's bound on the long form: min(|A| + 5, |A| * 2) words.
    text = " ".join(words[-min(len(letters) + 5, len(letters) * 2) :])
    at = len(text)
    for position, letter in enumerate(reversed(letters)):
        first = position == len(letters) - 1
        at -= 1
        while at >= 0 and (text[at].lower() != letter or (first and at > 0 and text[at - 1].isalnum())):
            at -= 1
        if at < 0:
            return None
    found = text[at:].strip(" ,;:\"'“”")
    return found if len(found) > len(short) and short not in found.split() else None


def initials_form(short: str, before: str) -> str | None:
    """The last words of a text whose initials are an abbreviation, but for small words between them; None if they differ.

    Examples
    --------
    >>> initials_form("IAEA", "a report of the International Atomic Energy Agency ")
    'International Atomic Energy Agency'
    """
    letters = [c.lower() for c in short if c.isalnum()]
    words = before.split()
    position = len(words)
    for letter in reversed(letters):
        position -= 1
        while (
            position > 0
            and words[position].islower()
            and len(words[position]) < 4
            and words[position][0] != letter
        ):
            position -= 1
        if position < 0 or not words[position][:1].isupper() or words[position][0].lower() != letter:
            return None
    return " ".join(words[position:]).strip(" ,;:\"'“”") if len(letters) > 1 else None


@lru_cache(maxsize=1 << 15)
def thing(name: str) -> str:
    """The key under which topics that differ by case, hyphen, space or plural are one.

    Examples
    --------
    >>> thing("aws") == thing("AWS"), thing("open-source licences") == thing("Open source licence")
    (True, True)
    """
    key = fold(name).replace(" ", "").replace("_", "")
    key = key[:-1] if len(key) > 4 and key[-1] == "s" and key[-2] not in "siu" else key
    if len(key) > 6:
        # Authorities, authority; cookies, cookie.
        key = key[:-2] + "i" if key.endswith("ie") else key[:-1] + "i" if key[-1] == "y" else key
    return key


def end_of_path(name: str) -> str:
    """The key, as of `thing`, of the last part of a path; that of the name if it is no path or the part an acronym.

    Examples
    --------
    >>> end_of_path("github.com/containers/buildah") == thing("Buildah"), end_of_path("AC/DC") == thing("AC/DC")
    (True, True)
    """
    last = name.rpartition("/")[2]
    return thing(name if last.isupper() else last)


def without_marks(text: str) -> list[str]:
    """The words of a text without the marks around them and inside them.

    Examples
    --------
    >>> without_marks("by `curl`, not node.js")
    ['by', 'curl', 'not', 'node', 'js']
    """
    for mark in "(`,.;:)'’\"":  # most texts have few of them: str.translate takes twice as long
        text = text.replace(mark, " ")
    return text.split()


@lru_cache(maxsize=1024)
def among_marks(word: str) -> frozenset[str]:
    """The forms of a word in a text, with the marks around it.

    Examples
    --------
    >>> "`curl`," in among_marks("curl")
    True
    """
    return frozenset(
        before + word + mark
        for before in ("", "(", "`", "``")
        for mark in ("", ",", ".", ";", ":", ")", "'s", "’s", "`", "`,", "`.", "``", "``,", "``.", "),", ").")
    )
