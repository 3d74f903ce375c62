"""Names in Thai texts that no list has: people after titles, places after words for their kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from relatedness.topics._mention import Spans
from relatedness.topics._shaped import KnownSpan, ShapedName, named
from relatedness.topics._word_lists import any_of

# What goes on with the letter before it.
_SIGN = "[\u0e30-\u0e3a\u0e45\u0e47-\u0e4e]"
_T = "\u0e01-\u0e3a\u0e40-\u0e4e"


class _Rules:
    """The patterns that the word lists of the language make."""

    def __init__(self) -> None:
        def lists(name: str) -> str:
            return any_of("th", name)

        ranks, titles, ends = (
            lists("ranks"),
            lists("before_people"),
            rf"(?<![เแโใไ])(?=(?:{lists('ends')})(?!{_SIGN}))",
        )
        self.person = re.compile(rf"(?:{ranks}) ?([{_T}]{{2,16}} (?:ณ )?[{_T}]{{2,22}})(?![{_T}])")
        self.titled = re.compile(rf"(?:{titles})([{_T}]{{2,14}} [{_T}]{{2,16}}?){ends}")
        self.given = re.compile(rf"(?:{titles}|{ranks})([{_T}]{{2,14}}) $")
        # Words for kinds that stand before a name and are part of it: จังหวัดเชียงราย.
        self.called = re.compile(f"(?:{lists('called')})$")
        self.place = re.compile(
            rf"(?:{lists('before_places')})(?!{lists('no_names')})([{_T}]{{3,34}}?){ends}"
        )
        self.storm = re.compile(rf"(?:{lists('storms')})(?!{lists('ends')})([{_T}]{{3,14}}?){ends}")


@cache
def _rules() -> _Rules:
    return _Rules()


def thai_names(text: str, known: Sequence[KnownSpan]) -> Iterator[ShapedName]:
    """The names in a Thai text: people after ranks and titles, places after words for their kind."""
    rules = _rules()
    starts = {start for start, _, _ in known}
    for pattern in (rules.person, rules.titled):
        for match in pattern.finditer(text):
            # The known name ends where it ends: of ชินวัตรเยือน, which has no space, only a list knows that.
            if match.start(1) not in starts:
                yield named(text, *match.span(1), "person")
    for start, end, kind in known:
        # A given name before a known surname.
        if (
            kind == "person"
            and (first := rules.given.search(text, max(0, start - 60), start))
            and first.start(1) not in starts
        ):
            yield named(text, first.start(1), end, "person")
    held = Spans((start, end) for start, end, _ in known)
    for pattern, kind in ((rules.place, "place"), (rules.storm, "disaster")):
        for match in pattern.finditer(text):
            if starts.isdisjoint(range(*match.span(1))) and not held.hold(*match.span(1)):
                yield named(text, *match.span(int(kind == "disaster")), kind)


def called(text: str, start: int) -> int:
    """Where a name begins with the word for its kind: จังหวัดเชียงราย; its own beginning if there is none.

    Examples
    --------
    >>> called("ในจังหวัดเชียงราย", 9)
    2
    """
    before = _rules().called.search(text, max(0, start - 14), start)
    return before.start() if before is not None else start
