"""Headlines and headings, whose capitals say nothing about names: what remains of the names that stand in them."""

from __future__ import annotations

import re
from collections.abc import Callable

from relatedness.topics._language import UPPER
from relatedness.topics._mention import Known, Mention, mention_of
from relatedness.topics._topic import PLACES

# A line of up to seven words between line ends, without the punctuation of a sentence or a list.
_HEADING = re.compile(r"(?:^|(?<=\n))[^\S\n]*(?:[\w’'()/:-]+[^\S\n]+){0,6}[\w’'()/-]+:?[^\S\n]*(?=\n|$)")
# The small words of a headline that capitalises every word: they end and join names as elsewhere.
_SMALL_IN_TITLES = re.compile(
    r"(?<=[\w,;:] )(?:And|Or|Of|To|From|For|With|In|On|At|By|As|Over|Under|Into|Upon|Within|Its|Their|That|Which|When|Is|Are|After|Before)(?= )"
)
_WITH_INITIAL = re.compile(
    rf"[{UPPER}][\w’'-]+ (?:[{UPPER}]\. ){{1,2}}(?:[{UPPER}][\w’'-]+|Mc[{UPPER}]\w+)(?:,? (?:Jr|Sr)\.?| II+)?"
)
# "the Kelp Drying Board": the article says that it is one.
_THE_BODY = re.compile(
    rf"(?:[{UPPER}][\w’'-]+ ){{1,5}}(?:Board|Commission|Committee|Corporation|Authority|Administration|Agency|Company|Bureau|Council"
    r"|Court|University|Institute|Museum)"
)
_BODY_OF = re.compile(
    r"(?:Office|Bureau|Board|Commission|Committee|Department|Ministry|University|Institute|Council|Court|Agency|Bank|Museum|Battle|Treaty)"
    rf" of (?:the )?[{UPPER}][\w’'-]+(?:,? (?:and )?[{UPPER}][\w’'-]+){{0,3}}"
)


def is_headline(text: str) -> bool:
    """Whether a line capitalises its words as headlines do, so that capitals say nothing about names."""
    words = [word for word in text.split() if len(word) > 3 and word[0].isalpha()]
    return len(words) > 2 and sum(word[0].isupper() for word in words) >= 0.7 * len(words)


def with_small_words(headline: str) -> str:
    """A headline with its small words in lower case, where they end and join names as elsewhere; as long as before."""
    return _SMALL_IN_TITLES.sub(lambda word: word[0].lower(), headline)


def names_in_any_case(
    headline: str, found: list[tuple[int, Mention]], known: Callable[[str], Known]
) -> list[tuple[int, Mention]]:
    """What a headline names, without the unknown names that capitals alone betray; of those the known place behind "of"."""
    kept = []
    for base, piece in found:
        if (
            not piece.shape
            or (piece.plain is not None and _is_sure(piece.written, piece.plain.kind))
            or (headline.startswith("the ", base + piece.start - 4) and _THE_BODY.fullmatch(piece.written))
        ):
            kept.append((base, piece))
        elif " of " in piece.written:
            place = piece.written.rpartition(" of ")[2].removeprefix("the ")
            topics = known(place)
            end = base + piece.end
            if topics and topics[0][0].kind in PLACES and not headline[end : end + 2].strip().isupper():
                kept.append((base, mention_of(piece.end - len(place), place, topics)))
    return kept


def _is_sure(written: str, kind: str) -> bool:
    """Whether the shape of a name is one that no other words of a headline have: David D. Caldwell, Office of War Mobilization."""
    return (_WITH_INITIAL if kind in ("person", "name") else _BODY_OF).fullmatch(written) is not None


def outside_headings(text: str, found: list[tuple[int, Mention]]) -> list[tuple[int, Mention]]:
    """Without the unknown names that stand in headings of sections, whose capitals say nothing; people stay."""
    inside = bytearray(len(text))
    for match in _HEADING.finditer(text):
        inside[match.start() : match.end()] = b"\1" * len(match[0])
    return [
        (start, piece)
        for start, piece in found
        if not piece.shape
        or not inside[start + piece.start]
        or (piece.plain is not None and piece.plain.kind == "person")
    ]
