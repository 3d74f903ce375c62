"""Identifiers that begin in lower case or with a digit, so that no run of capitals holds them: us-west-2, open(2), 9N-AJX, xDown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from relatedness.topics._language import EVERYDAY, GIVEN, Language
from relatedness.topics._lower_case import is_strange
from relatedness.topics._readings import Place

# Each pattern begins with a character that few texts hold, as that is found faster than a class of them; what stands before it is
# read backwards from there.
_BEFORE = re.compile(r"(?<![\w./@#&=+-])[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?<!-\d{4})(?<!-\d{4}-\d{2})\Z")
_LONGEST = 40  # characters of what stands before
# The region of a cloud, us-west-2 and europe-west4-a, and a numbered machine, orders-db-03.
_ZONE = re.compile(r"-(?:north|south|east|west|central)(?:east|west)?-?\d{1,2}(?:-?[a-f])?(?![\w-]|\.\w)")
_MACHINE = re.compile(r"-0\d{1,2}(?![\w/:-]|\.\w)")
# A page of the manual: open(2). Numbers stand behind names of mathematics too.
_PAGE = re.compile(r"\([1-8]\)(?![\w(])")
_BEFORE_PAGE = re.compile(r"(?<![\w./@\\-])[a-z_][a-z0-9_]+(?:[.-][a-z0-9_]+)*\Z")
# A registration or the number of a campaign: 9N-AJX, 24V-417.
_REGISTRATION = re.compile(r"-(?<=\d[A-Z]-)(?:[A-Z]{3}|\d{3})(?![\w-])")
_BEFORE_REGISTRATION = re.compile(r"(?<![\w-])\d{1,2}[A-Z]\Z")
# A name whose first capital stands inside it: xDown, parseHeaders, compareCPU; no unit, as kHz is.
_INNER = re.compile(r"[A-Z](?:(?<=[a-z].)[a-z]{2}|(?<=[a-z]{3}.)[A-Z]|(?<=\b[a-z].)[A-Z]{2})")
_BEFORE_INNER = re.compile(r"(?<![\w./@#&=$'’-])[a-z]+\Z")
_WORD_BEFORE = re.compile(r"\b([A-Z]\w+) \Z")
_REST = re.compile(r"[A-Za-z0-9]+(?![\w@/-]|\.\w)")


def identifiers(text: str, language: Language) -> Iterator[Place]:
    """The identifiers in a text that no run of capitals holds, each with its offset."""
    bits = language.bits
    if "-" in text:
        for pattern, behind in (
            (_ZONE, _BEFORE),
            (_MACHINE, _BEFORE),
            (_REGISTRATION, _BEFORE_REGISTRATION),
        ):
            for match in pattern.finditer(text):
                if (begun := _begun(text, behind, match)) is not None:
                    yield begun.start(), text[begun.start() : match.end()]
    if "(" in text:
        pages = [
            (begun, match.end())
            for match in _PAGE.finditer(text)
            if (begun := _begun(text, _BEFORE_PAGE, match)) is not None and begun[0] not in language.functions
        ]
        # A count or a call stands behind an English word as well: cloves(8), alert(1).
        if any(is_strange(begun[0].rpartition("-")[2].replace("_", ""), bits) for begun, _ in pages):
            yield from ((begun.start(), text[begun.start() : end]) for begun, end in pages)
    for match in _INNER.finditer(text):
        begun = _begun(text, _BEFORE_INNER, match)
        rest = _REST.match(text, match.start()) if begun is not None else None
        if begun is None or rest is None:
            continue
        first, small = begun[0], rest[0].lower()
        if (
            (len(first) > 1 and first in language.small)
            or bits.get(first + small, 0)
            or (first == "e" and (small[0] == "x" or bits.get(small, 0) & EVERYDAY))
            or (first == small[0] and bits.get(small, 0))
            or (first in language.detached and not bits.get(small, 0) & EVERYDAY)
        ):
            # "ofNatural" has lost its space; "eXtensible", "eCommerce", "iIllegal", "unIslamic" (but postMessage)
            continue
        before = _WORD_BEFORE.search(text, max(0, begun.start() - _LONGEST), begun.start())
        if before is None or not bits.get(before[1].lower(), 0) & GIVEN:
            # But not "Anne deGroot".
            yield begun.start(), text[begun.start() : rest.end()]


def _begun(text: str, before: re.Pattern[str], match: re.Match[str]) -> re.Match[str] | None:
    """What stands directly before the part of an identifier by which it was found."""
    return before.search(text, max(0, match.start() - _LONGEST), match.start())
