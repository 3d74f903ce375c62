"""Names and their topics: which spellings lead to which canonical topic, and the parents of topics."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, KeysView, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, SupportsIndex

import orjson

from relatedness.arguments import check_type
from relatedness.collector import paused_collector
from relatedness.shipped import shipped
from relatedness.topics._gazetteer_file import (
    ANY_CASE,
    CAPITALISED,
    EXACT,
    FIRST_YEAR,
    LAST_YEAR,
    Alias,
    GazetteerLine,
    Problems,
    alias_problem,
    fits,
    own_from_json,
    own_to_json,
    read_alias,
    read_file,
    refuse,
)
from relatedness.topics._language import Language
from relatedness.topics._spelling import fold

# A lower-case word inside an alias that runs of capitalised words do not hold: Gaza strip, Trinidad and Tobago.
_TAIL = re.compile(
    rf"(?:^| )([^\W\d_a-z]\S*|\d+) (?!(?:{'|'.join(sorted(Language.load().inside))}) )([a-z][a-z-]*)(?= |$)"
)


@dataclass(frozen=True, slots=True)
class Topic:
    """A canonical topic.

    Examples
    --------
    >>> Topic("Mosul", "city", ("Iraq",)).parents
    ('Iraq',)
    """

    name: str  # how readers see it; unique in a gazetteer
    kind: str  # its kind, such as ``country``, ``city``, ``person``, ``organisation``, ``conflict``
    # Names of the topics it belongs to: the country of a city, the party's country.
    parents: tuple[str, ...] = ()


class Gazetteer:
    """Aliases and the canonical topics that they map to; immutable.

    Use `Gazetteer.load` for the one that comes with the library, `extended` for one with your own lines.

    Parameters
    ----------
    entries : iterable of GazetteerLine
        The lines of the files. The name of a topic is also an alias, unless ``!`` is among its aliases.
    digest : str
        Identifies the content: it is part of every tagger's key.

    Examples
    --------
    >>> gazetteer = Gazetteer.load()
    >>> gazetteer.find("Daesh").name, gazetteer.find("Baghdad").parents
    ('ISIL', ('Iraq',))
    """

    def __init__(self, entries: Iterable[GazetteerLine] = (), digest: str = "") -> None:
        self.digest = digest
        # The user's own lines as read: everything beside the shipped gazetteer that has to be stored.
        self.own: tuple[GazetteerLine, ...] = ()
        self._names: list[str] = []
        self._kinds: list[str] = []
        # The names of a topic's parents, joined by "|", because tens of thousands of small tuples slow down loading.
        self._parents: list[str] = []
        self._number: dict[str, int] = {}
        # An alias without rules is stored as a plain number, as most are, which keeps loading fast and small.
        self._aliases: dict[str, int | tuple[Alias, ...]] = {}
        self.bans: frozenset[str] = frozenset()
        # Number of words of the longest key that begins with this word, where it is more than one.
        self.starts: dict[str, int] = {}
        # The first two words of every key of several words.
        self.pairs: set[str] = set()
        # Aliases that count in lower case too, by first word, longest first.
        self.loose: dict[str, tuple[str, ...]] = {}
        # Aliases in scripts without capitals, by first character, longest first.
        self.caseless: dict[str, tuple[str, ...]] = {}
        # For aliases such as "Gaza strip": the words that may follow their last capitalised one.
        self.tails: dict[str, set[str]] = {}
        entries = list(check_type(entries, "entries", Iterable, "entries as read_entries gives them"))
        for entry in entries:
            check_type(entry, "an entry", GazetteerLine, "a GazetteerLine")
        self._add(entries, replace=False)

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[Any, ...]:
        # A worker process loads the shipped gazetteer itself, once for all objects that refer to it.
        return (Gazetteer.load, ()) if self is _shipped() else super().__reduce_ex__(protocol)

    @classmethod
    def load(cls, user: str | Path | None = None) -> Gazetteer:
        """The gazetteer that comes with the library, with your own file on top if you give one.

        Parameters
        ----------
        user : path-like, optional
            A plain text or TOML file; see `read_entries`.

        Returns
        -------
        Gazetteer

        Raises
        ------
        InputError
            If your file has errors: each names file and line.

        Examples
        --------
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp(), "own.txt")
        >>> _ = path.write_text("The Ferry | story | island ferry", encoding="utf-8")
        >>> Gazetteer.load(path).find("island ferry").name
        'The Ferry'
        """
        return _shipped() if user is None else _shipped().extended(user)

    def to_json(self) -> dict[str, Any]:
        """The gazetteer as plain JSON values in a layout that loads fast: the content of ``models/gazetteer.json``.

        Returns
        -------
        dict

        Examples
        --------
        >>> gazetteer = Gazetteer([GazetteerLine("Mosul", "city", ("Mossul",), (), 1)])
        >>> gazetteer.to_json()["names"]
        ['Mosul']
        """
        plain = {key: number for key, number in self._aliases.items() if isinstance(number, int)}
        rules = {
            key: [list(alias) for alias in found]
            for key, found in self._aliases.items()
            if not isinstance(found, int)
        }
        return {
            "digest": self.digest,
            "own": own_to_json(self.own),
            "names": self._names,
            "kinds": self._kinds,
            "parents": self._parents,
            "keys": list(plain),
            "topics": list(plain.values()),
            "rules": rules,
            "bans": sorted(self.bans),
            "starts": self.starts,
            "pairs": sorted(self.pairs),
            "loose": self.loose,
            "caseless": self.caseless,
            "tails": {word: sorted(after) for word, after in self.tails.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Gazetteer:
        """The gazetteer that `to_json` wrote.

        Parameters
        ----------
        data : mapping

        Returns
        -------
        Gazetteer

        Examples
        --------
        >>> gazetteer = Gazetteer([GazetteerLine("Mosul", "city", ("Mossul",), (), 1)])
        >>> Gazetteer.from_json(gazetteer.to_json()).find("Mosul").kind
        'city'
        """
        made = cls(digest=data["digest"])
        made.own = own_from_json(data["own"])
        made._names, made._kinds, made._parents = data["names"], data["kinds"], data["parents"]
        made._number = dict(zip(made._names, range(len(made._names)), strict=True))
        made._aliases = dict(zip(data["keys"], data["topics"], strict=True))
        for key, found in data["rules"].items():
            made._aliases[key] = tuple(Alias(*alias) for alias in found)
        made.bans, made.starts, made.pairs = frozenset(data["bans"]), data["starts"], set(data["pairs"])
        made.loose = {word: tuple(aliases) for word, aliases in data["loose"].items()}
        made.caseless = {word: tuple(aliases) for word, aliases in data["caseless"].items()}
        made.tails = {word: set(after) for word, after in data["tails"].items()}
        return made

    def extended(self, user: str | Path) -> Gazetteer:
        """A gazetteer with the lines of your file on top of this one's.

        A topic that is already here gains the new aliases, and the kind and parents if the file names them. An
        alias that led elsewhere now leads where your file says.

        Parameters
        ----------
        user : path-like
            See `read_entries`.

        Returns
        -------
        Gazetteer

        Raises
        ------
        InputError
            At an alias given to two topics, an unknown parent, a cycle of parents, or a line that cannot be
            read: all errors of the file at once, each with file and line.

        Examples
        --------
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "own.txt"
        >>> _ = file.write_text("Mosul Dam | facility | Saddam Dam | Iraq")
        >>> gazetteer = Gazetteer.load().extended(file)
        >>> gazetteer.find("Saddam Dam").name, gazetteer.find("Saddam Dam").parents
        ('Mosul Dam', ('Iraq',))
        """
        path = Path(user)
        entries, problems = read_file(path)
        refuse(path, problems + self._problems(entries))
        return self.with_own(entries)

    def with_own(self, entries: Iterable[GazetteerLine]) -> Gazetteer:
        """A gazetteer with lines on top that `extended` has read before, such as those that an index keeps.

        Parameters
        ----------
        entries : iterable of GazetteerLine

        Returns
        -------
        Gazetteer
            This one where there are none.

        Examples
        --------
        >>> gazetteer = Gazetteer([GazetteerLine("Mosul", "city", (), (), 1)])
        >>> gazetteer.with_own([GazetteerLine("Mosul", "", ("Mossul",), (), 1)]).find("Mossul").name
        'Mosul'
        """
        entries = tuple(entries)
        if not entries:
            return self
        digest = hashlib.blake2b(self.digest.encode(), digest_size=8)
        for entry in entries:
            digest.update(repr((entry.name, entry.kind, entry.aliases, entry.parents)).encode())
        made = Gazetteer(digest=digest.hexdigest())
        made.own = self.own + entries
        made._names, made._kinds, made._parents = list(self._names), list(self._kinds), list(self._parents)
        made._number, made._aliases, made.bans = dict(self._number), dict(self._aliases), self.bans
        made.starts, made.pairs = dict(self.starts), set(self.pairs)
        made.loose, made.caseless = dict(self.loose), dict(self.caseless)
        made.tails = {word: set(after) for word, after in self.tails.items()}
        made._add(entries, replace=True)
        return made

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[Topic]:
        return (self.topic(number) for number in range(len(self._names)))

    def __contains__(self, name: object) -> bool:
        return name in self._number

    def topic(self, number: int) -> Topic:
        """The topic with a number.

        Parameters
        ----------
        number : int
            From 0 up to the length of the gazetteer.

        Returns
        -------
        Topic

        Examples
        --------
        >>> gazetteer = Gazetteer.load()
        >>> gazetteer.topic(gazetteer.number("Mosul")).parents
        ('Iraq',)
        """
        parents = self._parents[number]
        return Topic(self._names[number], self._kinds[number], tuple(parents.split("|")) if parents else ())

    def get(self, name: str) -> Topic | None:
        """The topic of exactly this canonical name.

        Parameters
        ----------
        name : str

        Returns
        -------
        Topic or None

        Examples
        --------
        >>> Gazetteer.load().get("Mosul"), Gazetteer.load().get("Mossul")
        (Topic(name='Mosul', kind='city', parents=('Iraq',)), None)
        """
        number = self._number.get(name)
        return None if number is None else self.topic(number)

    def number(self, name: str) -> int | None:
        """The number of the topic of exactly this canonical name.

        Parameters
        ----------
        name : str

        Returns
        -------
        int or None

        Examples
        --------
        >>> gazetteer = Gazetteer.load()
        >>> gazetteer.number("mosul") is None
        True
        """
        return self._number.get(name)

    def aliases(self, key: str) -> tuple[Alias, ...]:
        """All aliases under a key.

        Parameters
        ----------
        key : str
            As `fold` makes it.

        Returns
        -------
        tuple of Alias
            Empty if the key is unknown.

        Examples
        --------
        >>> gazetteer = Gazetteer.load()
        >>> [gazetteer.topic(alias.topic).name for alias in gazetteer.aliases("mosul")]
        ['Mosul']
        """
        found = self._aliases.get(key)
        if found is None:
            return ()
        return (Alias(found),) if isinstance(found, int) else found

    def keys(self) -> KeysView[str]:
        """Every folded alias that leads to a topic.

        Returns
        -------
        KeysView of str

        Examples
        --------
        >>> gazetteer = Gazetteer.load()
        >>> "mosul" in gazetteer.keys(), "Mosul" in gazetteer.keys()
        (True, False)
        """
        return self._aliases.keys()

    def find(self, text: str) -> Topic | None:
        """The one topic that this text names when it stands alone, or None.

        Parameters
        ----------
        text : str
            A name or alias, as a supplied topic would write it. Case does not count unless it decides between
            two topics.

        Returns
        -------
        Topic or None
            None as well when it could be several topics and none is the usual one.

        Examples
        --------
        >>> Gazetteer.load().find("Daesh").name
        'ISIL'
        """
        exact = self._number.get(text)
        if exact is not None:
            return self.topic(exact)
        found = self.aliases(fold(text))
        strong = {a.topic for a in found if not a.weak and fits(a, text)} or {
            a.topic for a in found if not a.weak and a.case != EXACT
        }
        return self.topic(min(strong)) if len(strong) == 1 else None

    def banned(self, name: str) -> bool:
        """Whether a ban says that a name is never a topic, as written or as a canonical name.

        Parameters
        ----------
        name : str

        Returns
        -------
        bool

        Examples
        --------
        >>> gazetteer = Gazetteer.load()
        >>> gazetteer.banned("Mosul")
        False
        """
        return bool(self.bans) and fold(name) in self.bans

    def _add(self, entries: Iterable[GazetteerLine], *, replace: bool) -> None:
        bans = set(self.bans)
        for entry in entries:
            if entry.kind == "ban":
                for phrase in (entry.name, *entry.aliases):
                    bans.add(fold(phrase))
                    self._aliases.pop(fold(phrase), None)
                continue
            number = self._number.get(entry.name)
            if number is None:
                number = self._number[entry.name] = len(self._names)
                self._names.append(entry.name)
                self._kinds.append(entry.kind or "topic")
                self._parents.append("|".join(entry.parents))
            else:
                self._kinds[number] = entry.kind or self._kinds[number]
                self._parents[number] = "|".join(entry.parents) or self._parents[number]
            if "!" not in entry.aliases:
                self._put(entry.name, number, replace)
            for alias in entry.aliases:
                if alias != "!":
                    self._put(alias, number, replace)
        self.bans = frozenset(bans)

    def _put(self, marked: str, number: int, replace: bool) -> None:
        alias = read_alias(marked, number)
        written = alias.written
        key = fold(written)
        if not key:
            return
        first, *more = key.split(" ")
        count = 1 + len(more)
        if more:
            self.starts[first] = max(self.starts.get(first, 0), count)
            self.pairs.add(f"{first} {more[0]}")
        for last, after in _TAIL.findall(written) if count > 1 else ():
            for form in (last, "a" + last[1:]) if last.startswith("Al-") else (last,):
                self.tails.setdefault(form, set()).add(after)
        if alias.case == ANY_CASE:
            for form in (written, written[:1].upper() + written[1:]):
                _insert(self.loose, form.partition(" ")[0], form)
        elif alias.case == EXACT and written[0].islower() and not more:
            _insert(self.loose, written.partition(" ")[0], written)
        if written.lower() == written.upper() and any(c.isalpha() for c in written):
            _insert(self.caseless, written[0], written)
        here = self._aliases.get(key)
        plain = (
            alias.case == CAPITALISED
            and not alias.weak
            and alias.first == FIRST_YEAR
            and alias.last == LAST_YEAR
        )
        if here is None or (isinstance(here, int) and plain and (replace or here == number)):
            self._aliases[key] = number if plain else (alias,)
            return
        others = (Alias(here),) if isinstance(here, int) else here
        if replace and not alias.weak:
            others = tuple(a for a in others if a.case == EXACT and a.written != alias.written)
        if alias not in others:
            self._aliases[key] = (*others, alias)

    def _problems(self, entries: list[GazetteerLine]) -> Problems:
        problems: Problems = []
        owners: dict[tuple[str, str], GazetteerLine] = {}
        names = {entry.name: entry for entry in entries if entry.kind != "ban"}
        bans = {
            fold(text): entry.line
            for entry in entries
            if entry.kind == "ban"
            for text in (entry.name, *entry.aliases)
        }
        for entry in entries:
            if entry.kind == "ban":
                continue
            for marked in (entry.name, *entry.aliases):
                if marked == "!":
                    continue
                if (problem := alias_problem(marked)) is not None:
                    problems.append((entry.line, problem))
                    continue
                alias = read_alias(marked, 0)
                if (ban := bans.get(fold(alias.written))) is not None:
                    what = "a topic" if marked == entry.name else f"an alias of {entry.name!r}"
                    problems.append(
                        (entry.line, f"{alias.written!r} is {what} here and banned in line {ban}")
                    )
                if alias.weak:
                    continue
                key = (fold(alias.written), alias.written if alias.case == EXACT else "")
                owner = owners.setdefault(key, entry)
                if owner.name != entry.name:
                    problems.append(
                        (
                            entry.line,
                            f"{alias.written!r} is given to {entry.name!r} and, in line {owner.line}, to "
                            f"{owner.name!r}: an alias must name one topic; mark it ?{alias.written} in both lines to "
                            "let the event's other topics decide",
                        )
                    )
            problems += [
                (
                    entry.line,
                    f"unknown parent {parent!r} of {entry.name!r}: give it a line of its own, or correct it",
                )
                for parent in entry.parents
                if parent not in names and parent not in self._number
            ]
        for entry in entries:
            chain = [entry.name]
            todo = list(entry.parents)
            while todo:
                parent = todo.pop()
                if parent == entry.name:
                    problems.append(
                        (entry.line, f"{entry.name!r} is its own parent by way of {' > '.join(chain)}")
                    )
                    break
                if parent not in chain:
                    chain.append(parent)
                    here = names.get(parent)
                    known = self.get(parent)
                    todo += (here.parents if here else ()) or (known.parents if known else ())
        return problems


@cache
@paused_collector()
def _shipped() -> Gazetteer:
    """Cached: a gazetteer is frozen, and reading takes longer than a small refresh."""
    return Gazetteer.from_json(orjson.loads(shipped("gazetteer.json").read_bytes()))


def _insert(table: dict[str, tuple[str, ...]], key: str, alias: str) -> None:
    table[key] = tuple(sorted({*table.get(key, ()), alias}, key=lambda a: (-len(a), a)))
