"""Template text: form headings, user agents, signatures, footers. Detected by its repetition across the archive. It was not
written for a single item and says nothing about it, so it gives no topics, and its words hardly count. Both `topics` and
`ranking` need it, so it is on the ground floor.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import accumulate, chain, compress, count, pairwise
from typing import Any, Self, TypeVar

from relatedness.config import Config
from relatedness.events import Event
from relatedness.settings import Text

_WORD = re.compile(r"[^\W_]+")
_RUN = 4  # words that must recur in the same order
_LONG = 8  # consecutive words of recurring runs that are template text anywhere in a line
_HEADING = 3  # the most words of a line that may recur as a whole
_SAMPLE = 2000  # events in a sample, enough to find what recurs in a large share of all
_EXAMPLES = 5
_OPENING = re.compile(r"(?:^|[.!?:]\s+|\n\s*)[A-ZÀ-Þ]")  # of a sentence, where a capital shows no name
_GAP = " ; "  # ends no sentence and joins no names

Words = tuple[str, ...]
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class TemplateText:
    r"""The template text of an archive, frozen until the statistics are fitted again.

    Examples
    --------
    >>> from datetime import date
    >>> texts = [f"The {n}th page is blank.\nSteps to reproduce\nOpen it." for n in range(10)]
    >>> found = find_templates([Event(str(n), date(2024, 1, 1), text=text) for n, text in enumerate(texts)])
    >>> found.split("It crashes.\nSteps to reproduce\nClose it.")
    ('It crashes.\n ; \nClose it.', 'Steps to reproduce')
    """

    # Four words in lower case that follow each other in the share ``text.template_share`` of the events, and in at
    # least ``text.template_events``.
    runs: frozenset[Words] = frozenset()
    headings: frozenset[Words] = frozenset()  # lines of up to three words that recur likewise
    share: float = 0.0  # the share of the words of the texts that is template text
    examples: tuple[str, ...] = ()  # the most frequent pieces, as first written

    def __bool__(self) -> bool:
        return bool(self.runs or self.headings)

    def split(self, text: str) -> tuple[str, str]:
        """Split a text into the event's own text and its template text.

        Returns
        -------
        str
            The event's own text, with a semicolon in place of each piece of template text.
        str
            Those pieces, separated by line breaks.
        """
        spans = list(self._spans(text)) if self else []
        if not spans:
            return text, ""
        ends = [(0, 0), *spans, (len(text), len(text))]
        kept = _GAP.join(text[end:start] for (_, end), (start, _) in pairwise(ends))
        return kept, "\n".join(text[start:end] for start, end in spans)

    def without(self, events: Sequence[Event]) -> Sequence[Event]:
        """Events without the template text in their texts; titles are never template text. An event without any is returned
        itself.
        """
        if not self:
            return events
        return [
            replace(event, text=kept) if taken else event
            for event in events
            for kept, taken in [self.split(event.text)]
        ]

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """The start and end of each piece of template text."""
        read = list(map(_terms, text.split("\n")))
        terms = tuple(chain.from_iterable(read)) if len(read) > 1 else read[0]
        positions = list(compress(count(), map(self.runs.__contains__, _runs(terms))))
        if not (len(read) > 1 and (positions or self.headings)) and _longest(positions) < _LONG:
            return  # the common case: lines are not needed
        covered = bytearray(len(terms))
        for position in positions:
            covered[position : position + _RUN] = b"\1" * _RUN
        ends = accumulate(map(len, read), initial=0)
        lines = [(first, end) for first, end in pairwise(ends) if first < end]
        for first, end in lines:
            if end - first <= _HEADING and terms[first:end] in self.headings and len(lines) > 1:
                covered[first:end] = b"\1" * (end - first)
        whole = {first: end for first, end in lines if len(lines) > 1 and covered.find(0, first, end) < 0}
        pieces = []
        position = covered.find(1)
        while position >= 0:
            end = covered.find(0, position)
            end = len(covered) if end < 0 else end
            if end - position < _LONG:
                # Too short to stand inside a line; whole lines of it count.
                end = position
                while end in whole:
                    end = whole[end]
            if end > position:
                pieces.append((position, end))
            position = covered.find(1, max(end, position + 1))
        if pieces:
            words = [match.span() for match in _WORD.finditer(text)]
            for position, end in pieces:
                yield words[position][0], words[end - 1][1]

    def to_json(self) -> dict[str, Any]:
        """The template text as plain JSON values."""
        return {
            "runs": [" ".join(words) for words in sorted(self.runs)],
            "headings": [" ".join(words) for words in sorted(self.headings)],
            "share": self.share,
            "examples": list(self.examples),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """The template text that `to_json` wrote."""
        runs, headings = (
            frozenset(tuple(words.split()) for words in value[name]) for name in ("runs", "headings")
        )
        return cls(runs, headings, float(value["share"]), tuple(map(str, value["examples"])))


def sample_step(n: int) -> int:
    """The step between the events, in order of date, that are sampled for template text, given their number.

    Examples
    --------
    >>> sample_step(2000), sample_step(2001)
    (1, 2)
    """
    return max(1, -(-n // _SAMPLE))


def find_templates(events: Sequence[Event], text: Text | None = None) -> TemplateText:
    r"""Find the template text of an archive.

    Parameters
    ----------
    events : sequence of Event
        In the order of their dates: of a large archive a sample is read, spread evenly over it.
    text : Text, optional
        The settings whose ``template_share`` and ``template_events`` decide; the shipped ones if not given.

    Returns
    -------
    TemplateText
        A run of words counts where it holds a number or a longer word in lower case: names recur without being
        template text. Nor does it count where it holds a name in whose place mostly other names stand.

    Examples
    --------
    >>> from datetime import date
    >>> texts = [f"A flood in district {n}.\nSent from my mobile phone" for n in range(100)]
    >>> events = [Event(str(n), date(2016, 7, 11), text=text) for n, text in enumerate(texts)]
    >>> find_templates(events).examples
    ('Sent from my mobile phone',)
    """
    rules = text or Config.default().text
    texts = [event.text for event in events[:: sample_step(len(events))]]
    runs: Counter[Words] = Counter()
    headings: Counter[Words] = Counter()
    total = 0
    for written in texts:
        lines = [line for line in map(_WORD.findall, written.split("\n")) if line]
        words = list(chain.from_iterable(lines))
        total += len(words)
        terms = [word.lower() for word in words]
        telling = [(len(word) >= _RUN and word.islower()) or word.isdecimal() for word in words]
        runs.update(set(compress(_runs(terms), map(any, _runs(telling)))))
        if len(lines) > 1:
            headings.update({tuple(map(str.lower, line)) for line in lines if len(line) <= _HEADING})
    least = max(rules.template_events, rules.template_share * len(texts))
    often = frozenset(words for words, n in runs.items() if n >= least)
    found = TemplateText(
        often - _with_names(often, texts),
        frozenset(words for words, n in headings.items() if n >= least),
    )
    return _described(found, texts, total) if found else found


def _with_names(runs: Set[Words], texts: Sequence[str]) -> set[Words]:
    """The runs that hold a name in the middle of a sentence, where other names stand mostly: Acme, in "Ann Roe from Acme reported
    a fault". The sentence is the form of the page, the name is what the item says.
    """
    uses: Counter[tuple[Words, Words]] = Counter()
    read = []
    for written in texts if runs else ():
        words = _WORD.findall(_OPENING.sub(lambda opening: opening[0].lower(), written))
        read.append(["" if word[0].isupper() else word for word in words])
        lower = list(_runs([word.lower() for word in words]))
        uses.update(set(compress(zip(_runs(read[-1]), lower, strict=True), map(runs.__contains__, lower))))
    slots = {
        frame for frame, _ in uses if frame[-1] and 1 <= frame.count("") <= 2 and "".join(frame).isalpha()
    }
    held = Counter(chain.from_iterable(slots.intersection(_runs(words)) for words in read if slots))
    votes: Counter[str] = Counter()
    for (frame, terms), n in uses.items():
        for name in _in_slots(frame, terms):
            votes[name] += 1 if 2 * n < held[frame] else -1
    names = {name for name, most in votes.items() if most > 0}
    return {terms for frame, terms in uses if not names.isdisjoint(_in_slots(frame, terms))}


def _in_slots(frame: Words, terms: Words) -> list[str]:
    """The words of a run that are capitalised within a sentence."""
    return [term for slot, term in zip(frame, terms, strict=True) if not slot]


def _described(found: TemplateText, texts: Sequence[str], total: int) -> TemplateText:
    """Add its share of the words and its most frequent pieces."""
    pieces: Counter[str] = Counter()
    taken = 0
    for text in texts:
        for start, end in found._spans(text):
            piece = " ".join(text[start:end].split())
            taken += len(_WORD.findall(piece))
            pieces[piece] += 1
    if not taken:
        return TemplateText()
    first = sorted(pieces, key=lambda piece: (-pieces[piece], piece))[:_EXAMPLES]
    return replace(found, share=round(taken / total, 4), examples=tuple(first))


def _longest(positions: Sequence[int]) -> int:
    """The words of the longest piece that runs cover, which begin at some positions in ascending order."""
    longest, first, last = 0, 0, -_RUN - 1
    for position in positions:
        if position > last + _RUN:
            first = position
        last = position
        longest = max(longest, position + _RUN - first)
    return longest


def _runs(items: Sequence[_Item]) -> Iterator[tuple[_Item, ...]]:
    """All runs of four consecutive items."""
    return zip(*(items[first:] for first in range(_RUN)), strict=False)


def _terms(text: str) -> Words:
    """The words of a text in lower case."""
    if text.isascii():
        return tuple(_WORD.findall(text.lower()))
    return tuple([word.lower() for word in _WORD.findall(text)])  # some characters become two in lower case
