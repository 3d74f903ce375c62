"""Editors' overrides: a text file of pins and bans, applied when lists are read. The file is kept outside the index, so that it
survives every rebuild. Each line is one rule::

    # Comments and empty lines are for people.
    pin EVENT RESULT [RESULT...]    RESULT comes first in the list of EVENT
    ban EVENT RESULT                neither is ever shown in the list of the other
    ban * RESULT                    RESULT is shown in no list
    ban topic NAME                  no event with this topic is shown in any list

Write ids and names in double quotes, as in JSON, if they contain spaces, begin with ``#``, or are the word ``topic`` or ``*``;
the name of a topic needs no quotes. Pins keep the order of the file. A ban always holds; a pin that a ban contradicts is an
error in the file. Topics that were only inferred do not count.

Bans work like filters: the list is what it would be if the banned events were not there, so the next one moves up.
A pin needs neither a score nor the same language.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from relatedness.arguments import check_type
from relatedness.errors import InputError, UnknownEventError

if TYPE_CHECKING:
    from relatedness.related_index import RelatedIndex

_LINE_END = re.compile(r"\r\n|\n|\r")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"(?=\s|\Z)|\S+')
_FORMS = "pin EVENT RESULT..., ban EVENT RESULT, ban * RESULT or ban topic NAME"


@dataclass(frozen=True, slots=True, eq=False)
class Overrides:
    r"""Editors' pins and bans, see `relatedness.index`.

    Attributes
    ----------
    pins : mapping
        Event to the results that come first in its list, in their order, each with its line in the file.
    pairs : mapping
        Banned pairs, each in both directions, with their lines.
    events : mapping
        Results that are banned from all lists, with their lines.
    topics : mapping
        Topics whose events are banned from all lists, with their lines.
    path : Path or None
        The file that was read.

    Examples
    --------
    >>> overrides, problems = Overrides.parse('pin a b\nban a c\nban topic World Cup')
    >>> overrides.pins, sorted(overrides.pairs), list(overrides.topics), problems
    ({'a': {'b': 1}}, [('a', 'c'), ('c', 'a')], ['World Cup'], [])
    """

    pins: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    pairs: Mapping[tuple[str, str], int] = field(default_factory=dict)
    events: Mapping[str, int] = field(default_factory=dict)
    topics: Mapping[str, int] = field(default_factory=dict)
    path: Path | None = None
    _lists: Set[str] = field(init=False, repr=False, compare=False, default=frozenset())

    def __post_init__(self) -> None:
        for name in ("pins", "pairs", "events", "topics"):
            check_type(getattr(self, name), name, Mapping, "a mapping, as Overrides.load makes it")
        for pair in self.pairs:
            check_type(pair, "a banned pair", tuple, "two ids")
        own = frozenset(self.pins) | {id_ for id_, _ in self.pairs}
        object.__setattr__(self, "_lists", own)

    @property
    def digest(self) -> str:
        """A hash of the pins and bans; comments and line numbers do not count.

        Returns
        -------
        str
            16 hexadecimal digits.
        """
        return hashlib.blake2b(repr(self._said).encode(), digest_size=8).hexdigest()

    @property
    def _said(self) -> tuple[object, ...]:
        """The pins in their order, and the bans, without line numbers."""
        return (
            sorted((id_, list(pins)) for id_, pins in self.pins.items()),
            sorted(self.pairs),
            sorted(self.events),
            sorted(self.topics),
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Overrides) and self._said == other._said

    def __hash__(self) -> int:
        return hash(self.digest)

    @property
    def lists(self) -> Set[str]:
        """The events that have pins or banned pairs of their own.

        Returns
        -------
        set of str
        """
        return self._lists

    def __bool__(self) -> bool:
        return bool(self.pins or self.pairs or self.events or self.topics)

    def __str__(self) -> str:
        pins = sum(map(len, self.pins.values()))
        return (
            f"pins {pins:,}, banned pairs {len(self.pairs) // 2:,}, banned events {len(self.events):,}, "
            f"banned topics {len(self.topics):,}"
        )

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read an overrides file.

        Parameters
        ----------
        path : path-like
            UTF-8 text.

        Returns
        -------
        Overrides

        Raises
        ------
        InputError
            With file and line: the file cannot be read, a line cannot be understood, or two lines contradict each other.
            Ids that no index holds are allowed here, because events come and go: see `check_overrides`.

        Examples
        --------
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp(), "pins.txt")
        >>> _ = path.write_text("pin fall dam", encoding="utf-8")
        >>> print(Overrides.load(path))
        pins 1, banned pairs 0, banned events 0, banned topics 0
        """
        overrides, problems = cls._read(path)
        if problems:
            raise problems[0]
        return overrides

    @classmethod
    def _read(cls, path: str | Path) -> tuple[Self, list[InputError]]:
        path = Path(path)
        try:
            return cls.parse(path.read_text(encoding="utf-8-sig"), path)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror or error}", file=path) from None
        except UnicodeDecodeError as error:
            raise InputError(f"is not UTF-8 text: {error.reason} at byte {error.start}", file=path) from None

    @classmethod
    def parse(cls, text: str, path: Path | None = None) -> tuple[Self, list[InputError]]:
        """Read the text of an overrides file and collect its errors.

        Parameters
        ----------
        text : str
        path : Path, optional
            The file that the text was read from, for error messages.

        Returns
        -------
        Overrides
            From the lines that can be used.
        list of InputError
            One for each line that cannot be used, in their order.

        Examples
        --------
        >>> _, problems = Overrides.parse("fall sideways dam")
        >>> [problem.line for problem in problems]
        [1]
        """
        reading = _Reading(path)
        for number, line in enumerate(_LINE_END.split(text), 1):
            reading.take(number, line)
        problems = sorted(reading.problems, key=lambda problem: problem.line or 0)
        return cls(reading.pins, reading.pairs, reading.events, reading.topics, path), problems


class _Reading:
    """The rules read so far."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.pins: dict[str, dict[str, int]] = {}
        self.pairs: dict[tuple[str, str], int] = {}
        self.events: dict[str, int] = {}
        self.topics: dict[str, int] = {}
        self.problems: list[InputError] = []

    def take(self, line: int, text: str) -> None:
        tokens: list[str] = []
        for token in _TOKEN.findall(text):
            if token.startswith("#"):
                break
            tokens.append(token)
        if not tokens:
            return
        try:
            names = [json.loads(token) if _quoted(token) else token for token in tokens]
        except ValueError:
            self._problem(line, "write a name in double quotes as in JSON: " + text.strip())
            return
        if "" in names:
            self._problem(line, "a name is empty")
        elif tokens[0] == "pin" and len(tokens) >= 3 and "*" not in tokens:
            for other in names[2:]:
                self._pin(line, names[1], other)
        elif tokens[:2] == ["ban", "topic"] and len(tokens) >= 3:
            self._once(self.topics, " ".join(names[2:]), line, f"the topic {' '.join(names[2:])!r}")
        elif tokens[0] == "ban" and len(tokens) == 3 and tokens[2] != "*":
            if tokens[1] == "*":
                self._ban_everywhere(line, names[2])
            else:
                self._ban(line, names[1], names[2])
        elif tokens[0] == "ban" and len(tokens) == 2:
            self._problem(
                line, f"a ban needs two names; to ban {names[1]} from all lists, write: ban * {tokens[1]}"
            )
        else:
            self._problem(line, f"expected {_FORMS}, found: {text.strip()}")

    def _pin(self, line: int, id_: str, other: str) -> None:
        banned = self.pairs.get((id_, other)) or self.events.get(other)
        if id_ == other:
            self._problem(line, f"{id_} cannot be related to itself")
        elif banned:
            self._problem(line, f"pins {other}, which line {banned} bans")
        else:
            self._once(self.pins.setdefault(id_, {}), other, line, f"the pin of {other}")

    def _ban(self, line: int, id_: str, other: str) -> None:
        pinned = self.pins.get(id_, {}).get(other) or self.pins.get(other, {}).get(id_)
        if id_ == other:
            self._problem(line, f"{id_} is never in its own list")
        elif pinned:
            self._problem(line, f"bans the pair that line {pinned} pins")
        elif self._once(self.pairs, (id_, other), line, f"the ban of {id_} and {other}"):
            self.pairs[other, id_] = line

    def _ban_everywhere(self, line: int, other: str) -> None:
        pinned = next((pins[other] for pins in self.pins.values() if other in pins), None)
        if pinned:
            self._problem(line, f"bans {other}, which line {pinned} pins")
        else:
            self._once(self.events, other, line, f"the ban of {other}")

    def _once(self, kept: dict, name: object, line: int, what: str) -> bool:  # type: ignore[type-arg]
        if name in kept:
            self._problem(line, f"repeats {what} in line {kept[name]}: remove one of the two")
            return False
        kept[name] = line
        return True

    def _problem(self, line: int, problem: str) -> None:
        self.problems.append(InputError(problem, file=self._path, line=line))


def _quoted(token: str) -> bool:
    return len(token) > 1 and token[0] == token[-1] == '"'


def check_overrides(index: RelatedIndex, path: str | Path) -> tuple[Overrides, list[InputError]]:
    """Check an overrides file against an index.

    Returns
    -------
    Overrides
        The valid rules.
    list of InputError
        With file and line, in the order of the lines: lines that cannot be understood or contradict each other; events and
        topics that the index does not hold, with the nearest known ones; pinned events that a banned topic excludes.

    Raises
    ------
    InputError
        If the file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> path = Path(tempfile.mkdtemp(), "pins.txt")
    >>> _ = path.write_text("pin fall dam", encoding="utf-8")
    >>> check_overrides(index, path)[1]
    []
    """
    overrides, problems = Overrides._read(path)
    banned = set(overrides.topics)

    def unknown(id_: str, line: int, what: str) -> bool:
        if id_ in index.events:
            return False
        try:
            index.events[id_]
        except UnknownEventError as error:
            problems.append(InputError(f"{what}: {error}", file=path, line=line))
        return True

    for id_, pins in overrides.pins.items():
        line = min(pins.values())
        unknown(id_, line, "pins a result for an event that is not in the index (removed or mistyped)")
        for other, line in pins.items():
            if (
                unknown(other, line, "pins an event that is not in the index (removed or mistyped)")
                or not banned
            ):
                continue
            for topic in index.topics(other):
                if topic.name in banned and topic.how != "inferred":
                    at = overrides.topics[topic.name]
                    what = f"pins {other}, which has the topic {topic.name!r} that line {at} bans"
                    problems.append(InputError(what, file=path, line=line))
        if len(pins) > index.config.lists.k:
            what = f"pins {len(pins)} results for {id_}, but a list shows {index.config.lists.k} (lists.k)"
            problems.append(InputError(what, file=path, line=max(pins.values())))
    for (id_, _), line in overrides.pairs.items():
        unknown(id_, line, "bans an event that is not in the index (removed or mistyped)")
    for id_, line in overrides.events.items():
        unknown(id_, line, "bans an event that is not in the index (removed or mistyped)")
    if banned:
        for name, line in overrides.topics.items():
            try:
                index._store.known_slots_with(name)
            except InputError as error:
                problems.append(InputError(error.problem, file=path, line=line))
    return overrides, sorted(problems, key=lambda problem: problem.line or 0)
