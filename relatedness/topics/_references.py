"""Events that name each other: the identifiers of events, and where texts write those of others.

"See XSA-123", "Fixes: 1234abcd", "duplicate of bug 4711" and the address of an event are topics of the event that holds them and of
the event that they name. Which kinds of identifiers an archive uses to name its events is learned from it, once: then an event is
recognised by its own identifier and its own text alone, whether or not the other event is there yet.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any, Self

from relatedness.events import Event
from relatedness.topics._settings import tagger_settings
from relatedness.topics._topic import REFERENCE, EventTopic

# A key is the kind of an identifier and what remains of it: ("xsa", "123"). Kinds without a prefix of their own:
_NUMBER, _REQUEST, _HASH, _ADDRESS, _ISSUE, _UUID, _GHSA = (
    "#",
    "!",
    "commit",
    "://",
    "owner/repo#",
    "uuid",
    "ghsa",
)
# Kinds whose identifiers nobody writes by accident: that a text names one event shows that the archive uses them.
_UNMISTAKABLE = frozenset({_HASH, _ADDRESS, _ISSUE, _UUID, _GHSA})
Key = tuple[str, str]

_REST = r"[A-Za-z0-9]+(?:[-.:_][A-Za-z0-9]+)*"
# XSA-123, cve_2024_1, PEP 8, RFC2119, T1234. In a text, a prefix in lower case needs its joint: "day 7" names nothing.
_CODE = re.compile(
    rf"(?<![\w./#-])(?:([A-Za-z]{{2,12}})[-_]|([A-Z]{{2,12}}) (?=\d)|([A-Z]{{2,12}})(?=\d)|([A-Z])(?=\d{{3}}))({_REST})"
)
_ID_OF_CODE = re.compile(rf"([A-Za-z]{{2,12}}(?=[-_ \d])|[A-Z](?=\d{{3}}))[-_ ]?({_REST})")
_HASHED = re.compile(r"(?<![\w/.-])(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{7,64}(?![\w-])")
_SHORTEST_HASH = 7  # digits
_LONG = re.compile(
    r"(?<![\w/.-])(?:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|GHSA-([2-9a-z]{4}(?:-[2-9a-z]{4}){2}))(?![\w-])",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"(?:(?<![\w&/#])#|\b(?:bug|issue|ticket|case|incident|report|pr|pull request|merge request) (?:no\. ?|number |id )?#?)(\d{1,12})(?![\w.,]*\d)",
    re.IGNORECASE,
)
_REQUESTED = re.compile(r"(?<![\w/!])!(\d{1,9})\b")
_ISSUED = re.compile(r"(?<![\w./-])(\w[\w.-]*/\w[\w.-]*)([#!]\d{1,9})\b")
_ID_OF_NUMBER = re.compile(r"[0-9]{1,12}")
_LINK = re.compile(r"https?://[^\s<>()\[\]\"'`|]+")
_OF_ISSUE = re.compile(r"[^/]+/(?:.+/)?(\w[\w.-]*/\w[\w.-]*)(?:/-)?/(issues|pull|merge_requests)/(\d{1,9})")
_ENDING = re.compile(r"\.[A-Za-z]+$")  # of a file: .html
_HINT = re.compile(r"\d|GHSA-", re.IGNORECASE)


def _code(prefix: str, rest: str) -> Key | None:
    """The key of a code, or None for what is no code: a slug, such as ``rust-1-41-released``."""
    if not any(map(str.isdecimal, rest)):
        return None
    if prefix.islower() and any(len(part) > 2 and part.isalpha() for part in re.split(r"[-.:_]", rest)):
        return None
    return prefix.lower(), _number(rest) if rest.isdecimal() else rest.lower().replace("_", "-")


def _number(digits: str) -> str:
    return digits.lstrip("0") or "0"


def _long(found: re.Match[str]) -> Key:
    return (_UUID, found[1].lower()) if found[1] else (_GHSA, found[2].lower())


def _addressed(url: str) -> Key:
    """The key of an address, without what differs between ways to write it: scheme, ``www.``, fragment, the slash at the end.
    An issue has one key, by its address or as ``owner/repo#17``.
    """
    bare = url.partition("://")[2].partition("#")[0].removeprefix("www.")
    bare = bare.rstrip("/.,;:!?").removesuffix("/index.html")
    if issue := _OF_ISSUE.fullmatch(bare):
        return _ISSUE, issue[1] + (_REQUEST if issue[2] == "merge_requests" else _NUMBER) + issue[3]
    return _ADDRESS, bare


def _named(value: str) -> Key | None:
    """The key of an identifier that stands alone."""
    if _ID_OF_NUMBER.fullmatch(value):
        return _NUMBER, _number(value)
    if _HASHED.fullmatch(value):
        return _HASH, value[:_SHORTEST_HASH]
    if long := _LONG.fullmatch(value):
        return _long(long)
    if issue := _ISSUED.fullmatch(value):
        return _ISSUE, issue[1] + issue[2]
    if request := _REQUESTED.fullmatch(value):
        return _REQUEST, request[1]
    code = _ID_OF_CODE.fullmatch(value)
    return _code(*code.groups()) if code else None


def own_keys(event: Event) -> dict[Key, str]:
    """The keys of an event's own identifiers, each as it is written: its id, its address and the end of its address.

    Examples
    --------
    >>> from relatedness import Event
    >>> list(own_keys(Event("XSA-0123", None, "Memory is lost", url="https://example.org/issues/17/")))
    [('xsa', '123'), ('://', 'example.org/issues/17'), ('#', '17')]
    >>> list(own_keys(Event("fault", None, "Memory is lost", url="https://example.org/xen/tools/issues/17")))
    [('owner/repo#', 'xen/tools#17')]
    """
    keys = {_named(event.key): event.key}
    if event.url is not None and "://" in event.url:
        address = _addressed(event.url)
        keys.setdefault(address, event.url)
        if address[0] == _ADDRESS and "/" in address[1]:
            end = _ENDING.sub("", address[1].rpartition("/")[2])
            keys.setdefault(_named(end), end)
    return {key: written for key, written in keys.items() if key is not None}


def named_keys(text: str, project: str = "") -> Iterator[tuple[Key, str]]:
    """The keys of the identifiers in a text, each as the text writes it; ``#17`` and ``!17`` are those of the project, if known.

    Examples
    --------
    >>> [key for key, _ in named_keys("See XSA-123, PEP 8, bug 4711 and https://www.example.org/a/.")]
    [('xsa', '123'), ('pep', '8'), ('#', '4711'), ('://', 'example.org/a')]
    >>> [key for key, _ in named_keys("Duplicate of #17", "xen/tools")]
    [('owner/repo#', 'xen/tools#17')]
    """
    if _HINT.search(text):
        for code in _CODE.finditer(text):
            prefix = code[1] or code[2] or code[3] or code[4]
            if (key := _code(prefix, code[5])) is not None:
                yield key, code[0]
        for mark, pattern in ((_NUMBER, _NUMBERED), (_REQUEST, _REQUESTED)):
            for found in pattern.finditer(text) if mark == _NUMBER or mark in text else ():
                number = _number(found[1])
                yield (_ISSUE, f"{project}{mark}{number}") if project else (mark, number), found[0]
        if "#" in text or "!" in text:
            for found in _ISSUED.finditer(text):
                yield (_ISSUE, found[0]), found[0]
        for found in _HASHED.finditer(text):
            yield (_HASH, found[0][:_SHORTEST_HASH]), found[0]
        for found in _LONG.finditer(text):
            yield _long(found), found[0]
    if "://" in text:
        for link in _LINK.finditer(text):
            yield _addressed(link[0]), link[0]


def _keys_of(event: Event) -> tuple[dict[Key, str], dict[Key, dict[str, None]]]:
    """The keys of an event's own identifiers, and of those that its title and text name, with the ways they are written."""
    own = own_keys(event)
    project = next((re.split("[#!]", rest)[0] for kind, rest in own if kind == _ISSUE), "")
    named: dict[Key, dict[str, None]] = {}
    for text in (event.title, event.text):
        for key, written in named_keys(text, project):
            if key not in own:
                named.setdefault(key, {})[written] = None
    return own, named


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
    # As readers see them, identifiers of these kinds that name no event: several events have one, or it is a subject (COVID-19).
    without: frozenset[str] = frozenset()

    def topics(self, event: Event) -> list[EventTopic]:
        """The identifiers of an event, as parents of what it says, and those that its title and text name."""
        own, named = _keys_of(event)
        topics = [
            *(
                EventTopic(self.shown(key), REFERENCE, "parent")
                for key in sorted(own)
                if key[0] in self.kinds
            ),
            *(
                EventTopic(self.shown(key), REFERENCE, "found", tuple(ways))
                for key, ways in named.items()
                if key[0] in self.kinds
            ),
        ]
        return [topic for topic in topics if topic.name not in self.without]

    def joined(self, event: Event, topics: tuple[EventTopic, ...]) -> tuple[EventTopic, ...]:
        """The topics of an event with its `topics` here, in place of names that the tagger took the same identifiers for."""
        mine = self.topics(event)
        written = {way for topic in mine for way in (topic.name, *topic.aliases)}
        kept = (topic for topic in topics if topic.how == "supplied" or topic.name not in written)
        supplied = {topic.name for topic in topics if topic.how == "supplied"}
        return (*kept, *(topic for topic in mine if topic.name not in supplied))

    def shown(self, key: Key) -> str:
        """An identifier as readers see it."""
        return self.kinds[key[0]] + key[1]

    def to_json(self) -> dict[str, Any]:
        """What was learned as plain JSON values, nothing if no kind was."""
        found = {"references": dict(sorted(self.kinds.items())), "no_references": sorted(self.without)}
        return {name: values for name, values in found.items() if values}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `to_json` wrote, among other values."""
        kinds = {str(kind): str(shown) for kind, shown in data.get("references", {}).items()}
        return cls(kinds, frozenset(data.get("no_references", ())))


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
        self.events = 0
        self.own: Counter[Key] = Counter()  # how many events have each
        self.named: Counter[Key] = Counter()  # in how many other events each stands
        # What stands before the rest of an identifier, ("xsa", "XSA-"): in texts, and in the identifiers of events.
        self.written: Counter[Key] = Counter()
        self.begun: Counter[Key] = Counter()

    def take(self, event: Event) -> None:
        """Count the evidence in one event."""
        self.events += 1
        own, named = _keys_of(event)
        self.own.update(own.keys())
        self.begun.update((key[0], _start(key, written)) for key, written in own.items())
        self.named.update(named.keys())
        self.written.update((key[0], _start(key, written)) for key, ways in named.items() for written in ways)

    def merge(self, other: ReferenceNotes) -> None:
        """Add the evidence of another part of the corpus."""
        self.events += other.events
        for name in ("own", "named", "written", "begun"):
            getattr(self, name).update(getattr(other, name))

    def conclude(self) -> References:
        """The kinds of which texts name events of the archive. An identifier of several events names none of them: numbers that
        start anew in each project, the address of a page about all. Nor does one that is the subject of many texts: COVID-19.
        """
        rules = tagger_settings().references
        often = max(rules.most_named, rules.named_share * self.events)
        hits: Counter[str] = Counter()
        for key, count in self.named.items():
            hits[key[0]] += count if self.own[key] == 1 and count <= often else 0
        counted = {kind for kind in +hits if kind in _UNMISTAKABLE or self._is_evident(kind, hits[kind])}
        kinds = References({kind: self._before(kind) for kind in sorted(counted)})
        doubtful = {
            *(key for key, count in self.own.items() if count > 1),
            *(key for key, count in self.named.items() if count > often and self.own[key]),
        }
        return replace(kinds, without=frozenset(kinds.shown(key) for key in doubtful if key[0] in counted))

    def _is_evident(self, kind: str, hits: int) -> bool:
        """Whether texts use a kind of numbers or codes for events, rather than by coincidence."""
        rules = tagger_settings().references
        if kind == _NUMBER:
            # A mere number may count something: of those that texts call the number of an event, a share must be, and not
            # only the smallest; and few events may share theirs.
            total = sum(count for (of, _), count in self.named.items() if of == kind)
            alone = [count == 1 for (of, _), count in self.own.items() if of == kind]
            return (
                hits >= max(rules.least_numbers, rules.number_share * total)
                and self._middle(self.named) >= rules.least_middle * self._middle(self.own)
                and sum(alone) >= rules.alone_share * len(alone)
            )
        # An address may end in "us-2016" without being called so. A kind is that of the archive's identifiers if most events have
        # one of such kinds, or if many have this one, which texts write as those events do.
        codes: Counter[str] = Counter(of for of, _ in self.own if of not in _UNMISTAKABLE and of != _NUMBER)
        together = sum(count for count in codes.values() if count > 1)
        if codes[kind] > 1 and together >= rules.codes_share * self.events:
            return True
        alike = any(of == kind and (of, way) in self.written for of, way in self.begun)
        return alike and codes[kind] >= max(rules.least_codes, rules.code_share * self.events)

    def _middle(self, keys: Counter[Key]) -> float:
        """The median of the numbers of events among some keys, each as often as it stands there; 0 for none."""
        numbers = [
            int(rest) for kind, rest in keys.elements() if kind == _NUMBER and self.own[kind, rest] == 1
        ]
        return median(numbers) if numbers else 0

    def _before(self, kind: str) -> str:
        if kind in (_NUMBER, _REQUEST):
            return kind
        if kind in _UNMISTAKABLE - {_GHSA}:
            return ""
        ways = {
            way: n for (of, way), n in self.written.items() if of == kind and way.lower().startswith(kind)
        }
        return min(ways, key=lambda way: (-ways[way], way), default=f"{kind}-")


def _start(key: Key, written: str) -> str:
    """What stands before the rest of an identifier; of a number, its zeros included."""
    return written[: max(len(written) - len(key[1]), 0)]
