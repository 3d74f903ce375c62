"""The roles of a word in a reason that readers see: to stand alone, to begin a phrase, to end one."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from relatedness.languages import ENGLISH
from relatedness.ranking._tokens import term_of
from relatedness.shipped import shipped
from relatedness.topics import GenericSubjects, given_names

ALONE, BEGINS, ENDS, PLAIN, SMALL, CAPITAL, LAST = 1, 2, 4, 8, 16, 32, 64
"""Flags: the positions that a word may take, whether it is too general to stand alone, how its English spelling begins, and
whether it is no noun, but may be named if it is rare and no noun is shared.
"""
_YEAR = re.compile(r"(?:19|20)\d\d")
_REGISTER = re.compile(r"[a-z]\d\d?")  # R1, v2: identifies nothing outside its text
INSIDE = BEGINS | ENDS
NAMED = ALONE | PLAIN
ANYWHERE = ALONE | INSIDE


@lru_cache(maxsize=1 << 17)
def role_of(word: str, term: str, *, english: bool) -> int:
    """The roles of a word in a reason: a sum of `ALONE`, `BEGINS`, `ENDS`, `PLAIN` and `LAST`; 0 for a word excluded from reasons.

    Parameters
    ----------
    word : str
        The word as shown to readers.
    term : str
        Its term.
    english : bool
        Whether to apply the rules for English; for other languages only numbers are distinguished from words.

    Returns
    -------
    int
        For English words with `SMALL` or `CAPITAL`.

    Examples
    --------
    >>> role_of("balloon", "balloon", english=True) == ANYWHERE | SMALL
    True
    >>> role_of("hot", "hot", english=True) == BEGINS | LAST | SMALL
    True
    >>> role_of("refuses", "refus", english=True) == LAST | SMALL, role_of("already", "alreadi", english=True)
    (True, 0)
    """
    if term.replace(".", "").isdecimal():
        # A version number such as 0.7.2 says little alone; a year adds little to the name before it.
        return BEGINS if _YEAR.fullmatch(term) else INSIDE
    if not english:
        return ANYWHERE
    small = word.lower()
    spelled = CAPITAL if word[:1].isupper() else SMALL
    last = 0 if term in no_reasons() else LAST
    if small in _listed("no_nouns.txt", "Adjectives") or small in _listed("no_nouns.txt", "Participles"):
        # With a capital it may be a surname: Gordon Brown.
        return spelled | last | (INSIDE if spelled == CAPITAL else BEGINS)
    if small in _listed("no_nouns.txt", "Verbs"):
        return spelled | last
    if small in _listed("no_nouns.txt", "Adverbs and all others"):
        return 0
    if term in no_reasons():
        return spelled | INSIDE
    plain = (
        term in _general() or _REGISTER.fullmatch(small) or (spelled == CAPITAL and small in given_names())
    )
    return spelled | (INSIDE | PLAIN if plain else ANYWHERE)


def kept_of(square: float, rare: float, common: float) -> int:
    """The roles that a term can have, given the square of its weight, those of the most frequent word that is rare, and of the
    most frequent one that is named.

    Examples
    --------
    >>> kept_of(9.0, 4.0, 1.0) & LAST == LAST, kept_of(2.0, 4.0, 1.0) & (ALONE | LAST) == ALONE, kept_of(0.5, 4.0, 1.0) & ALONE
    (True, True, 0)
    """
    kept = INSIDE | SMALL | CAPITAL
    if square >= common:
        kept |= NAMED
    return kept | LAST if square >= rare > 0 else kept


@cache
def no_reasons() -> frozenset[str]:
    """English terms that are no reason to relate two events; cached."""
    return _terms(_listed("no_reasons.txt"))


@cache
def subject_terms() -> frozenset[str]:
    """English terms that name a generic subject alone."""
    return _terms(GenericSubjects.load().words)


@cache
def _general() -> frozenset[str]:
    """English terms of general nouns."""
    return _terms(_listed("general_nouns.txt"))


@cache
def _listed(name: str, heading: str = "") -> frozenset[str]:
    """The words of a shipped list, or of a section of it."""
    words: list[str] = []
    here = not heading
    for line in shipped(name).read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            here = here if not heading else line == f"# {heading}"
        elif here:
            words += line.split()
    return frozenset(words)


def _terms(words: frozenset[str]) -> frozenset[str]:
    return frozenset(term for term in (term_of(word, ENGLISH) for word in words) if term is not None)
