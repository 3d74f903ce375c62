"""Names that no list has, as the modules of the languages find them by their shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from relatedness.topics._mention import Spans
from relatedness.topics._topic import PLACES

KnownSpan = tuple[int, int, str]
"""Beginning, end and kind of a known name in a text."""


class ShapedName(NamedTuple):
    """A piece of text that names something."""

    start: int
    end: int
    kind: str
    name: str
    """Its canonical name."""
    places: tuple[int, ...] = ()
    """The numbers of the known names that are places to which it belongs and that are topics too."""
    own: int = 0
    """Where its own name begins, with which it is named too, if what it is called stands before that: Lò Xo of đèo Lò Xo."""


class Places:
    """The places among the known names of a text, by where they begin and end."""

    def __init__(self, known: Sequence[KnownSpan]) -> None:
        self._starts: dict[int, tuple[int, int]] = {}
        self._ends: dict[int, tuple[int, int]] = {}
        for number, (start, end, kind) in enumerate(known):
            if kind in PLACES:
                self._starts.setdefault(start, (end, number))
                self._ends.setdefault(end, (start, number))

    def of(self, start: int, end: int) -> tuple[int, ...]:
        """The numbers of the places that a piece of text begins or ends with."""
        first, last = self._starts.get(start), self._ends.get(end)
        numbers = [first[1]] if first is not None and first[0] <= end else []
        return (
            (*numbers, last[1])
            if last is not None and last[0] >= start and last[1] not in numbers
            else tuple(numbers)
        )

    def within(self, start: int, end: int) -> tuple[int, ...]:
        """The numbers of the places that lie inside a piece of text."""
        return tuple(number for at, (stop, number) in self._starts.items() if start <= at and stop <= end)


def named(text: str, start: int, end: int, kind: str, places: Places | None = None) -> ShapedName:
    """The name that is written there; the known places that it begins or ends with are named too."""
    return ShapedName(start, end, kind, text[start:end], places.of(start, end) if places is not None else ())


def apart_from(text: str, known: Sequence[KnownSpan], names: Iterable[ShapedName]) -> Iterator[ShapedName]:
    """The names that are no part of a known one or of a name before them, and that cut none of either.

    Parameters
    ----------
    names : iterable of ShapedName
        The better of two that overlap comes first.
    """
    held = Spans((start, end) for start, end, _ in known)
    within, taken = bytearray(len(text) + 1), bytearray(len(text))
    for start, end, _ in known:
        within[start + 1 : end] = b"\1" * (end - start - 1)
    for name in names:
        start, end = name.start, name.end
        if within[start] or within[end] or held.hold(start, end) or taken.find(1, start, end) >= 0:
            continue
        taken[start:end] = b"\1" * (end - start)
        yield name


# A name in Latin letters, which stands out in a text in another script: Kalush Orchestra.
_LATIN = re.compile(
    r"(?<![A-Za-zÀ-ɏ0-9_.@/#-])[A-Z][a-z][a-zA-Z]*(?:[ -][A-Z][A-Za-zÀ-ɏ0-9&-]*)*(?: \d{1,4})?(?![A-Za-zÀ-ɏ0-9_@/])(?!\.[a-z])"
)


def latin_names(text: str) -> Iterator[ShapedName]:
    """The names in Latin letters in a text of another script.

    Examples
    --------
    >>> [name.name for name in latin_names("Гурт Kalush Orchestra переміг.")]
    ['Kalush Orchestra']
    """
    for match in _LATIN.finditer(text):
        if len(match[0]) > 3:
            yield named(text, *match.span(), "name")
