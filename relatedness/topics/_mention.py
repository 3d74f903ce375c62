"""A mention: a piece of text that names something, before it is resolved in the context of the event."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple

from relatedness.topics._gazetteer import Topic
from relatedness.topics._gazetteer_file import FIRST_YEAR, Alias
from relatedness.topics._topic import EventTopic

# The kind of an unknown name of everyday words alone: a label or a title until the corpus shows that it is a name.
PHRASE = "phrase"

Known = tuple[tuple[Topic, Alias], ...]


class Mention(NamedTuple):
    """A piece of text that names something, before it is resolved; offsets are relative to its run."""

    start: int
    end: int
    written: str
    plain: EventTopic | None
    """The topic, if it is certain, as an event that spells it in this way has it."""
    parents: tuple[str, ...] = ()
    """The parents of that topic."""
    maybe: Known = ()
    """The candidate topics, if the event has to decide."""
    shape: bool = False
    """Known by its shape alone: neither gazetteer nor lexicon has it."""
    initial: bool = False
    """A single unknown word at the beginning of a sentence: a name only if the event says so elsewhere."""
    easy: bool = False
    """Whether nothing else in the event can change its meaning."""

    @property
    def topic(self) -> Topic | None:
        """The topic, if it is certain."""
        return None if self.plain is None else Topic(self.plain.name, self.plain.kind, self.parents)


def mention_of(start: int, written: str, known: Known) -> Mention:
    """The mention of a name with these candidates."""
    end = start + len(written)
    if len(known) == 1:
        topic, alias = known[0]
        if not alias.weak and alias.first == FIRST_YEAR:
            plain = EventTopic(topic.name, topic.kind, "found", (written,))
            easy = topic.kind not in ("media", "party")
            return Mention(start, end, written, plain, topic.parents, easy=easy)
    return Mention(start, end, written, None, (), known)


def mention_by_shape(
    start: int, written: str, kind: str, parents: tuple[str, ...] = (), initial: bool = False
) -> Mention:
    """The mention of a name recognised only by its shape."""
    name = written if "  " not in written else " ".join(written.split())
    plain = EventTopic(name, kind, "found", (written,))
    return Mention(
        start,
        start + len(written),
        written,
        plain,
        parents,
        shape=True,
        initial=initial,
        easy=" " in written and kind != PHRASE,
    )


def mention_of_whole(written: str, known: Known, kind: str, parents: tuple[str, ...] = ()) -> Mention:
    """The mention, at its own start, of a whole name: with its candidates, or by its shape if it has none."""
    return mention_of(0, written, known) if known else mention_by_shape(0, written, kind, parents)


class Taken:
    """The characters of a text that already belong to a name."""

    def __init__(self, text: str, found: Iterable[tuple[int, Mention]]) -> None:
        self._marks = bytearray(len(text))
        for base, piece in found:
            self.add(base + piece.start, base + piece.end)

    def add(self, start: int, end: int) -> None:
        """Mark the characters of a range as taken."""
        self._marks[start:end] = b"\1" * (end - start)

    def any(self, start: int, end: int) -> bool:
        """Whether any character from one position to another is taken."""
        return self._marks.find(1, start, end) >= 0

    def across(self, start: int, end: int) -> bool:
        """Whether a name that a range cuts is taken: one that begins before the range, or ends behind it."""
        marks = self._marks
        return (start > 0 and marks[start - 1] & marks[start] == 1) or (
            end < len(marks) and marks[end - 1] & marks[end] == 1
        )


def in_place(
    text: str, found: list[tuple[int, Mention]], more: list[tuple[int, Mention]]
) -> list[tuple[int, Mention]]:
    """The mentions of a text in order, with new ones replacing those that they overlap."""
    if not more:
        return found
    taken = Taken(text, more)
    kept = [item for item in found if not taken.any(item[0] + item[1].start, item[0] + item[1].end)]
    return sorted(kept + more, key=lambda item: item[0] + item[1].start)


class Spans:
    """Possibly overlapping spans of a text, for containment look-ups."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._ends = list(accumulate((end for _, end in ordered), max))

    def hold(self, start: int, end: int) -> bool:
        """Whether one of them contains the given span."""
        number = bisect_right(self._starts, start)
        return number > 0 and self._ends[number - 1] >= end
