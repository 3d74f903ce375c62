"""Events that name each other: the identifiers of events, and where texts write those of others.

"See XSA-123", "Fixes: 1234abcd", "duplicate of bug 4711" and the address of an event are topics of the event that holds them and of
the event that they name. Which kinds of identifiers an archive uses to name its events is learned from it, once: then an event is
recognised by its own identifier and its own text alone, whether or not the other event is there yet.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Self

from relatedness.events import Event
from relatedness.topics._settings import tagger_settings
from relatedness.topics._topic import REFERENCE, EventTopic

# A key is the kind of an identifier and what remains of it: ("xsa", "123"). Kinds without a prefix of their own:
_NUMBER, _HASH, _ADDRESS = "#", "commit", "://"
Key = tuple[str, str]

_REST = r"[A-Za-z0-9]+(?:[-.:_][A-Za-z0-9]+)*"
# XSA-123, cve_2024_1, PEP 8, RFC2119. In a text, a prefix in lower case needs its joint: "day 7" names nothing.
_CODE = re.compile(
    rf"(?<![\w./#-])(?:([A-Za-z]{{2,12}})[-_]|([A-Z]{{2,12}}) (?=\d)|([A-Z]{{2,12}})(?=\d))({_REST})"
)
_ID_OF_CODE = re.compile(rf"([A-Za-z]{{2,12}})[-_ ]?({_REST})")
_HASHED = re.compile(r"(?<![\w/.-])(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{7,64}(?![\w-])")
_SHORTEST_HASH = 7  # digits
_NUMBERED = re.compile(
    r"(?:(?<![\w&/#])#|\b(?:bug|issue|ticket|case|incident|report|pr|pull request|merge request) (?:no\. ?|number |id )?#?)(\d{1,12})(?![\w.,]*\d)",
    re.IGNORECASE,
)
_ID_OF_NUMBER = re.compile(r"[0-9]{1,12}")
_LINK = re.compile(r"https?://[^\s<>()\[\]\"'`|]+")
_ENDING = re.compile(r"\.[A-Za-z]+$")  # of a file: .html
_HINT = re.compile(r"\d")


def _code(prefix: str, rest: str) -> Key | None:
    """The key of a code, or None for what is no code: a slug, such as ``rust-1-41-released``."""
    if not any(map(str.isdecimal, rest)):
        return None
    if prefix.islower() and any(len(part) > 2 and part.isalpha() for part in re.split(r"[-.:_]", rest)):
        return None
    return prefix.lower(), rest.lstrip("0") or "0" if rest.isdecimal() else rest.lower().replace("_", "-")


def _address(url: str) -> str:
    """An address without what differs between ways to write it: scheme, ``www.``, fragment, the slash at the end."""
    bare = url.partition("://")[2].partition("#")[0].removeprefix("www.")
    return bare.rstrip("/.,;:!?").removesuffix("/index.html")


def _named(value: str) -> Key | None:
    """The key of an identifier that stands alone."""
    if _ID_OF_NUMBER.fullmatch(value):
        return _NUMBER, value.lstrip("0") or "0"
    if _HASHED.fullmatch(value):
        return _HASH, value[:_SHORTEST_HASH]
    code = _ID_OF_CODE.fullmatch(value)
    return _code(*code.groups()) if code else None


def own_keys(event: Event) -> set[Key]:
    """The keys of an event's own identifiers: its id, its address and the end of its address.

    Examples
    --------
    >>> from relatedness import Event
    >>> sorted(own_keys(Event("XSA-0123", None, "Memory is lost", url="https://example.org/issues/17/")))
    [('#', '17'), ('://', 'example.org/issues/17'), ('xsa', '123')]
    """
    keys = {_named(event.key)}
    if event.url is not None and "://" in event.url:
        address = _address(event.url)
        end = _ENDING.sub("", address.rpartition("/")[2]) if "/" in address else ""
        keys |= {(_ADDRESS, address), _named(end)}
    return {key for key in keys if key is not None}


def named_keys(text: str) -> Iterator[tuple[Key, str]]:
    """The keys of the identifiers in a text, each as the text writes it.

    Examples
    --------
    >>> [key for key, _ in named_keys("See XSA-123, PEP 8, bug 4711 and https://www.example.org/a/.")]
    [('xsa', '123'), ('pep', '8'), ('#', '4711'), ('://', 'example.org/a')]
    """
    if _HINT.search(text):
        for code in _CODE.finditer(text):
            prefix = code[1] or code[2] or code[3]
            if (key := _code(prefix, code[4])) is not None:
                yield key, code[0]
        for number in _NUMBERED.finditer(text):
            yield (_NUMBER, number[1].lstrip("0") or "0"), number[0]
        for found in _HASHED.finditer(text):
            yield (_HASH, found[0][:_SHORTEST_HASH]), found[0]
    if "://" in text:
        for link in _LINK.finditer(text):
            yield (_ADDRESS, _address(link[0])), link[0]


@dataclass(frozen=True)
class References:
    """The kinds of identifiers by which the texts of an archive name its events, frozen.

    Examples
    --------
    >>> from relatedness import Event
    >>> fault, follow_up = Event("XSA-123", None, "Memory is lost"), Event("XSA-201", None, "", "More of XSA-123.")
    >>> notes = ReferenceNotes()
    >>> for event in (fault, follow_up):
    ...     notes.take(event)
    >>> references = notes.conclude()
    >>> [(topic.name, topic.how) for topic in references.topics(follow_up)]
    [('XSA-201', 'parent'), ('XSA-123', 'found')]
    """

    # Each kind with what readers see before the rest: {"xsa": "XSA-"}.
    kinds: Mapping[str, str] = field(default_factory=dict)

    def topics(self, event: Event) -> list[EventTopic]:
        """The identifiers of an event, as parents of what it says, and those that its title and text name."""
        own = sorted(key for key in own_keys(event) if key[0] in self.kinds)
        named: dict[Key, dict[str, None]] = {}
        for text in (event.title, event.text):
            for key, written in named_keys(text):
                if key[0] in self.kinds and key not in own:
                    named.setdefault(key, {})[written] = None
        return [
            *(EventTopic(self._shown(key), REFERENCE, "parent") for key in own),
            *(EventTopic(self._shown(key), REFERENCE, "found", tuple(ways)) for key, ways in named.items()),
        ]

    def joined(self, event: Event, topics: tuple[EventTopic, ...]) -> tuple[EventTopic, ...]:
        """The topics of an event with its `topics` here, in place of names that the tagger took the same identifiers for."""
        mine = self.topics(event)
        written = {way for topic in mine for way in (topic.name, *topic.aliases)}
        kept = (topic for topic in topics if topic.how == "supplied" or topic.name not in written)
        supplied = {topic.name for topic in topics if topic.how == "supplied"}
        return (*kept, *(topic for topic in mine if topic.name not in supplied))

    def _shown(self, key: Key) -> str:
        return self.kinds[key[0]] + key[1]

    def to_json(self) -> dict[str, str]:
        """The kinds as plain JSON values."""
        return dict(sorted(self.kinds.items()))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The kinds that `to_json` wrote."""
        return cls({str(kind): str(shown) for kind, shown in data.items()})


class ReferenceNotes:
    """The evidence in a part of a corpus: sets and sums, which can be merged in any order.

    Examples
    --------
    >>> notes = ReferenceNotes()
    >>> notes.take(Event("17", None, "It fails again, see bug 12"))
    >>> sorted(notes.own), sorted(notes.named)
    ([('#', '17')], [('#', '12')])
    """

    def __init__(self) -> None:
        self.own: Counter[Key] = Counter()  # how many events have each
        self.named: Counter[Key] = Counter()  # in how many other events each stands
        self.written: Counter[Key] = (
            Counter()
        )  # what stands before the rest of an identifier: ("xsa", "XSA-")

    def take(self, event: Event) -> None:
        """Count the evidence in one event. An archive whose events have no identifiers that texts could name costs nothing."""
        own = own_keys(event)
        if not own:
            return
        self.own.update(own)
        named = dict([*named_keys(event.title), *named_keys(event.text)])
        for key, written in named.items():
            if key not in own:
                self.named[key] += 1
                self.written[key[0], written[: len(written) - len(key[1])]] += 1

    def merge(self, other: ReferenceNotes) -> None:
        """Add the evidence of another part of the corpus."""
        self.own.update(other.own)
        self.named.update(other.named)
        self.written.update(other.written)

    def conclude(self) -> References:
        """The kinds of which texts name events of the archive. An identifier of several events names none of them: numbers that
        start anew in each project, the address of a page about all. A mere number may count something: of those that texts call
        the number of an event, a share must be, and not only the smallest.
        """
        hits: Counter[str] = Counter()
        total: Counter[str] = Counter()
        for (kind, rest), count in self.named.items():
            total[kind] += count
            hits[kind] += count if self.own[kind, rest] == 1 else 0
        rules = tagger_settings().references
        if hits[_NUMBER] < max(rules.least_numbers, rules.number_share * total[_NUMBER]) or (
            self._middle(self.named) < rules.least_middle * self._middle(self.own)
        ):
            del hits[_NUMBER]
        return References({kind: self._before(kind) for kind in sorted(hits) if hits[kind]})

    def _middle(self, keys: Counter[Key]) -> float:
        """The median of the numbers of events among some keys, each as often as it stands there; 0 for none."""
        numbers = [
            int(rest) for kind, rest in keys.elements() if kind == _NUMBER and self.own[kind, rest] == 1
        ]
        return median(numbers) if numbers else 0

    def _before(self, kind: str) -> str:
        if kind in (_HASH, _ADDRESS):
            return ""
        if kind == _NUMBER:
            return _NUMBER
        ways = {
            way: count
            for (of, way), count in self.written.items()
            if of == kind and way.lower().startswith(kind)
        }
        return min(ways, key=lambda way: (-ways[way], way), default=f"{kind}-")
