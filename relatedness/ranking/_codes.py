"""Identifiers in texts: CVE-2024-1, PROJ-1000, #5000, web-07.eu.example.net, 0x8007000E, H.R. 3000, org.apache.x.Y.

Cut into words, an identifier falls apart into pieces that many events share. So it counts as one term beside them.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from relatedness.languages import UNSPACED
from relatedness.ranking._tokens import normalised, without_accents

_JOINT = r"(?:[-./\\]|::)"
_SEPARATORS = re.compile(r"[./\\]|::")
_EDGES = "_-./\\:"  # joints and underscores at the ends, as in __init__, join nothing
_ASCII_RUN = re.compile(rf"#[0-9]+|[A-Za-z0-9_]++(?:{_JOINT}[A-Za-z0-9_]++)*+")
# A quick pre-check that matches every text with an identifier and rules out most others.
_HINT = re.compile(r"[-./\\:](?=\w)|_|#\d")
# H.R. 3000, MH 370; but not a year after an acronym, nor the beginning of a longer number.
_ACRONYM = re.compile(r"\b((?:[A-Z]\.){2,}|[A-Z]{2,5}) (\d{2,}+)(?![\w]|[-.,:/]\d)")
# Begins with a literal character, which the regex engine finds quickly, and looks back only then.
_HINT_OF_ACRONYM = re.compile(r" (?<=[A-Z.] )\d\d")
_YEAR = re.compile(r"(?:19|20)\d\d")
_LETTER_WITH_SIGNS = re.compile(r"\b[A-Za-z](?:\+\+|#)(?!\w)")  # C++, C#
_BETWEEN_LETTER_AND_DIGIT = re.compile(r"(?<=[^\W\d_])[-_. ](?=\d)")
_HUMP = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]{2}")
_HUMPS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@cache
def _run() -> re.Pattern[str]:
    letter = rf"[^\W{UNSPACED}]"
    return re.compile(rf"#\d+|{letter}++(?:{_JOINT}{letter}++)*+")


def find_codes(text: str) -> list[tuple[str, str]]:
    r"""The identifiers of a text.

    An identifier is a run of letters and digits of one script with joints inside (``- . / \ _ ::``) that

    - holds both letters and digits (``CVE-2024-1``, ``web-07.eu``), unless it is a number before everyday words
      (``19-year-old``);
    - or is a number with two dots or more, or of five digits or more with a slash (``10.1.2.3``, ``2016/679``);
    - or has an underscore, a slash or ``::`` between letters (``read_at``, ``net/bnxt``, ``std::sync``);
    - or a dot (``example.net``), but is neither initials (``e.g``) nor the end of a sentence whose space is missing
      (``here.Then``).

    So are ``#5000``, an acronym with the number after it (``H.R. 3000``, ``MH 370``), ``C++`` and ``C#``. The parts
    between dots, slashes and ``::`` that are identifiers themselves are found too (``web-07`` in ``web-07.eu``).

    Returns
    -------
    list of (str, str)
        The term and the spelling of each occurrence. The term is in lower case, without accents and without a joint
        between a letter and the digit after it: ``MH-370``, ``MH 370`` and ``MH370`` are one.

    Examples
    --------
    >>> find_codes("PROJ-1000 breaks web-07.eu, see H.R. 3000")
    [('proj1000', 'PROJ-1000'), ('web07.eu', 'web-07.eu'), ('web07', 'web-07'), ('hr3000', 'H.R. 3000')]
    """
    text = normalised(text)
    found: list[tuple[str, str]] = []
    if _HINT.search(text):
        runs = (_ASCII_RUN if text.isascii() else _run()).findall(text)
        for run in runs:
            if not run.isalnum():
                found += _codes_in(run)
    if _HINT_OF_ACRONYM.search(text):
        for match in _ACRONYM.finditer(text):
            acronym, number = match.groups()
            if "." in acronym or not _YEAR.fullmatch(number):
                found.append((_canonical(acronym.replace(".", "") + number), match[0]))
    if "+" in text or "#" in text:
        found += [(sign.lower(), sign) for sign in _LETTER_WITH_SIGNS.findall(text)]
    return found


def humps(word: str) -> list[str]:
    """The words that camel case joins.

    Returns
    -------
    list of str
        Empty where there is no camel case, or no plain letters.

    Examples
    --------
    >>> humps("getHTTPHeader2"), humps("HTTP"), humps("Mosul")
    (['get', 'HTTP', 'Header', '2'], [], [])
    """
    return _HUMPS.findall(word) if word.isascii() and _HUMP.search(word) else []


@lru_cache(maxsize=1 << 16)
def _codes_in(run: str) -> tuple[tuple[str, str], ...]:
    if run[0] == "#":
        return ((run, run),)
    run = run.strip(_EDGES)
    parts = [part.strip(_EDGES) for part in _SEPARATORS.split(run)]
    written = dict.fromkeys(part for part in (run, *parts) if _is_code(part))
    return tuple((_canonical(code), code) for code in written)


def _is_code(run: str) -> bool:
    if run.isalnum() or not run:
        return False
    digits = sum(map(str.isdecimal, run))
    if any(map(str.isalpha, run)):
        return _names_something(run) if digits else _joins_names(run)
    return run.count(".") > 1 or ("/" in run and digits > 4)


def _names_something(run: str) -> bool:
    number, *words = run.split("-")
    return not (
        number.isdecimal() and all(len(word) > 2 and word.isalpha() and word.islower() for word in words)
    )


def _joins_names(run: str) -> bool:
    if "_" in run or "/" in run or "\\" in run or "::" in run:
        return True
    parts = run.split(".")
    initials = all(
        len(part) == 1 for part in parts
    )  # e.g, whose last dot was taken as the end of the sentence
    return not initials and (len(parts) > 2 or (len(parts) == 2 and not parts[1].istitle()))


def _canonical(code: str) -> str:
    return without_accents(_BETWEEN_LETTER_AND_DIGIT.sub("", code.lower()))
