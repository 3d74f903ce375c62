"""Names and their topics: which ways of writing lead to which canonical topic, and a topic's place in the world."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, KeysView, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from relatedness.config import shipped
from relatedness.errors import InputError

FIRST_YEAR, LAST_YEAR = 0, 9999

# How an alias has to be written in the text for it to count.
CAPITALISED, EXACT, ANY_CASE, CAPITALS = range(4)

_MARKS = str.maketrans(
    {"-": " ", "/": " ", ".": None, "'": None, ",": None, "&": " and ", "(": " ", ")": " "}
)
_LETTERS = str.maketrans(
    {
        "ł": "l",
        "Ł": "L",
        "ø": "o",
        "Ø": "O",
        "đ": "d",
        "Đ": "D",
        "ß": "ss",
        "æ": "ae",
        "Æ": "AE",
        "œ": "oe",
        "ı": "i",
    }
    | dict.fromkeys("’‘`´ʼʻʿʾ", "'")
    | dict.fromkeys("‐‑‒–—−", "-")
)
# Kana with a voicing mark and Hangul syllables come apart under NFKD: put them together again.
_COMBINING = re.compile(r"[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670]")
# A lower-case word inside an alias that runs of capitalised words do not hold: Gaza strip, Trinidad and Tobago.
_TAIL = re.compile(
    r"(?:^| )([^\W\d_a-z]\S*|\d+) (?!(?:of|for|the|de|la|le|les|du|des|del|da|do|dos|das|di|y|e|van|von|der|den|bin|ibn|al|el|ul|sans) )"
    r"([a-z][a-z-]*)(?= |$)"
)
_YEARS = re.compile(r"^(.*)@(\d{4})?\.\.(\d{4})?$")
# What somebody meant for years: @2009, @2009-2017.
_LIKE_YEARS = re.compile(r"@[\d.–-]*$")


@dataclass(frozen=True, slots=True)
class Topic:
    """A canonical topic.

    Parameters
    ----------
    name : str
        How readers see it; unique in a gazetteer.
    kind : str
        What it is, such as ``country``, ``city``, ``person``, ``organisation``, ``conflict``.
    parents : tuple of str
        Names of the topics it belongs to: the country of a city, the party's country.

    Examples
    --------
    >>> Topic("Mosul", "city", ("Iraq",)).parents
    ('Iraq',)
    """

    name: str
    kind: str
    parents: tuple[str, ...] = ()


class Alias(NamedTuple):
    """One way to write a topic, and when it counts.

    Attributes
    ----------
    topic : int
        Number of the topic in its gazetteer.
    case : int
        ``CAPITALISED``, ``EXACT`` (only as ``written``), ``ANY_CASE`` or ``CAPITALS``.
    written : str
        The alias as the gazetteer writes it.
    weak : bool
        Counts only in the company of another topic that bears on it.
    first, last : int
        Years between which it counts, both included.
    """

    topic: int
    case: int = CAPITALISED
    written: str = ""
    weak: bool = False
    first: int = FIRST_YEAR
    last: int = LAST_YEAR


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a gazetteer file, read but not yet checked against the others."""

    name: str
    kind: str
    aliases: tuple[str, ...]
    parents: tuple[str, ...]
    line: int


def fold(text: str) -> str:
    """The key under which the spellings of one name meet.

    Case, accents, full stops, apostrophes, a leading "the" and the kind of dash do not count.

    Parameters
    ----------
    text : str
        A name as somebody wrote it.

    Returns
    -------
    str

    Examples
    --------
    >>> fold("The People’s Republic"), fold("Al‑Qaida"), fold("U.S."), fold("Côte d'Ivoire")
    ('peoples republic', 'al qaida', 'us', 'cote divoire')
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_LETTERS))
        text = unicodedata.normalize("NFC", _COMBINING.sub("", text))
    words = text.lower().translate(_MARKS).split()
    if len(words) > 1 and words[0] == "the":
        del words[0]
    return " ".join(words)


class Gazetteer:
    """Aliases and the canonical topics they lead to; frozen once made.

    Use `Gazetteer.load` for the one that comes with the library, `extended` for one with your own lines.

    Parameters
    ----------
    entries : iterable of Entry
        What the files say. The name of a topic is an alias too, unless ``!`` stands among its aliases.
    digest : str
        Identifies the content: it is part of every tagger's key.

    Examples
    --------
    >>> gazetteer = Gazetteer.load()
    >>> gazetteer.find("Daesh").name, gazetteer.find("Baghdad").parents
    ('ISIL', ('Iraq',))
    """

    def __init__(self, entries: Iterable[Entry] = (), digest: str = "") -> None:
        self.digest = digest
        # The user's own lines, as they were read: with the shipped gazetteer they are all that there is to keep.
        self.own: tuple[Entry, ...] = ()
        self._names: list[str] = []
        self._kinds: list[str] = []
        # The names of a topic's parents, joined by "|": tens of thousands of small tuples would slow loading down.
        self._parents: list[str] = []
        self._number: dict[str, int] = {}
        # A plain number stands for an alias without rules: most are, and it keeps loading fast and small.
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
        self._add(entries, replace=False)

    @classmethod
    def load(cls, user: str | Path | None = None) -> Gazetteer:
        """The gazetteer that comes with the library, with your own file on top where you have one.

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
        """
        return _shipped() if user is None else _shipped().extended(user)

    def to_json(self) -> dict[str, Any]:
        """The gazetteer as plain JSON values, laid out so that it loads fast: what ``models/gazetteer.json`` holds."""
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
        """The gazetteer that `to_json` wrote."""
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
        """
        path = Path(user)
        entries, problems = _read_file(path)
        _refuse(path, problems + self._problems(entries))
        return self.with_own(entries)

    def with_own(self, entries: Iterable[Entry]) -> Gazetteer:
        """A gazetteer with lines on top that `extended` has read before, such as those that an index keeps.

        Parameters
        ----------
        entries : iterable of Entry

        Returns
        -------
        Gazetteer
            This one where there are none.
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
        """The topic of that number."""
        parents = self._parents[number]
        return Topic(self._names[number], self._kinds[number], tuple(parents.split("|")) if parents else ())

    def get(self, name: str) -> Topic | None:
        """The topic of exactly that canonical name, or None."""
        number = self._number.get(name)
        return None if number is None else self.topic(number)

    def number(self, name: str) -> int | None:
        """The number of the topic of exactly that canonical name, or None."""
        return self._number.get(name)

    def aliases(self, key: str) -> tuple[Alias, ...]:
        """Everything that is written under a key.

        Parameters
        ----------
        key : str
            As `fold` makes it.

        Returns
        -------
        tuple of Alias
            Empty if the key is unknown.
        """
        found = self._aliases.get(key)
        if found is None:
            return ()
        return (Alias(found),) if isinstance(found, int) else found

    def keys(self) -> KeysView[str]:
        """Every key that leads to a topic."""
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
        """Whether a ban says that this is never a topic: neither as written nor as the name of one."""
        return bool(self.bans) and fold(name) in self.bans

    def _add(self, entries: Iterable[Entry], *, replace: bool) -> None:
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

    def _problems(self, entries: list[Entry]) -> list[tuple[int, str]]:
        problems: list[tuple[int, str]] = []
        owners: dict[tuple[str, str], Entry] = {}
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
                if (problem := _alias_problem(marked)) is not None:
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
                            f"{owner.name!r}: an alias leads to one topic; mark it ?{alias.written} in both lines to "
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
def _shipped() -> Gazetteer:
    """Read once a process: a gazetteer is frozen, and reading takes longer than a small refresh does."""
    return Gazetteer.from_json(json.loads(shipped("gazetteer.json").read_bytes()))


def own_to_json(entries: Iterable[Entry]) -> list[list[Any]]:
    """A user's lines as plain JSON values: what an index keeps of them."""
    return [[e.name, e.kind, list(e.aliases), list(e.parents), e.line] for e in entries]


def own_from_json(data: Iterable[Iterable[Any]]) -> tuple[Entry, ...]:
    """The lines that `own_to_json` gave."""
    return tuple(
        Entry(name, kind, tuple(aliases), tuple(parents), line) for name, kind, aliases, parents, line in data
    )


def _insert(table: dict[str, tuple[str, ...]], key: str, alias: str) -> None:
    table[key] = tuple(sorted({*table.get(key, ()), alias}, key=lambda a: (-len(a), a)))


def fits(alias: Alias, written: str) -> bool:
    """Whether the case of a text allows this alias.

    Parameters
    ----------
    alias : Alias
        One of those that `Gazetteer.aliases` gives for the folded text.
    written : str
        What stands in the text, without a possessive ending.

    Returns
    -------
    bool
    """
    if alias.case == CAPITALISED or alias.case == ANY_CASE:
        return True
    return written == alias.written if alias.case == EXACT else written.isupper()


def read_alias(marked: str, topic: int) -> Alias:
    """An alias from the way gazetteer files write it.

    Parameters
    ----------
    marked : str
        The alias with its marks before it: ``=`` counts only exactly as written, ``~`` in any case, ``?`` only in
        company; after it ``@2009..2017`` for the years in which it counts.
    topic : int
        Number of the topic it leads to.

    Returns
    -------
    Alias

    Examples
    --------
    >>> read_alias("?=Bush@2001..2009", 7)
    Alias(topic=7, case=1, written='Bush', weak=True, first=2001, last=2009)
    """
    case, weak, first, last = CAPITALISED, False, FIRST_YEAR, LAST_YEAR
    text = marked
    while text[:1] in ("=", "~", "?") and len(text) > 1:
        if text[0] == "=":
            case = EXACT
        elif text[0] == "~":
            case = ANY_CASE
        else:
            weak = True
        text = text[1:]
    if "@" in text and (years := _YEARS.match(text)):
        text = years[1]
        first, last = int(years[2] or FIRST_YEAR), int(years[3] or LAST_YEAR)
    if case == CAPITALISED:
        if len(text) <= 6 and text.isupper() and " " not in text:
            # An acronym: "who" is no organisation.
            case = CAPITALS
        elif text[:1].islower() and " " not in text and "-" not in text:
            case = ANY_CASE
    return Alias(topic, case, text, weak, first, last)


def _alias_problem(marked: str) -> str | None:
    """What is wrong with an alias and its marks by themselves, or None: such an alias would never be found."""
    alias = read_alias(marked, 0)
    if not any(map(str.isalnum, alias.written)):
        return f"{marked!r} is an alias without a word"
    if _LIKE_YEARS.search(alias.written):
        return f"the years of {marked!r} cannot be read: write them as @2009..2017, @2009.. or @..2017"
    if alias.last < alias.first:
        return f"the years of {marked!r} end before they begin"
    return None


def read_entries(path: str | Path) -> list[Entry]:
    """Read a gazetteer file: plain text, or TOML where its name ends in ``.toml``.

    Plain text has one topic a line, ``Name | kind | alias; alias | parent; parent``; everything after the name
    may be left out, ``#`` begins a comment line. Kind ``ban`` means that the name and its aliases are never
    topics, nor is the topic of that name when it is written otherwise, implied or supplied. TOML has ``[[topic]]``
    tables with ``name``, ``kind``, ``aliases``, ``parents``, and a list ``bans``.
    How to mark an alias: see `read_alias`; an alias ``!`` says that the name itself is never looked for.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    list of Entry

    Raises
    ------
    InputError
        Naming file and line of everything that cannot be read.
    """
    entries, problems = _read_file(Path(path))
    _refuse(Path(path), problems)
    return entries


_Problems = list[tuple[int, str]]


def _refuse(path: Path, problems: _Problems) -> None:
    """Raise one error that names the line of each problem, if there is any."""
    if problems:
        first, *rest = sorted(set(problems))
        text = "".join(f"\n{path}, line {line}: {problem}" for line, problem in rest)
        raise InputError(first[1] + text, file=path, line=first[0])


def _read_file(path: Path) -> tuple[list[Entry], _Problems]:
    """What a gazetteer file says, and what of it cannot be read."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        what = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise InputError(f"{what}", file=path) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InputError(f"not UTF-8 at byte {error.start}", file=path, line=line) from None
    if path.suffix.lower() == ".toml":
        return _read_toml(text, path)
    entries: list[Entry] = []
    problems: _Problems = []
    for line, row in enumerate(text.splitlines(), start=1):
        if not row.strip() or row.lstrip().startswith("#"):
            continue
        cells = [cell.strip() for cell in row.split("|")]
        if len(cells) > 4:
            problems.append((line, f"{len(cells)} cells, expected Name | kind | aliases | parents"))
            continue
        name, kind, aliases, parents = cells + [""] * (4 - len(cells))
        if not fold(name):
            problems.append((line, "a topic without a name"))
            continue
        entries.append(Entry(" ".join(name.split()), _kind(kind), _cells(aliases), _cells(parents), line))
    return entries, problems


def _kind(text: str) -> str:
    """A kind as it is written, but for ``ban``: "Ban" would make a topic of what its author wants to be rid of."""
    return "ban" if text.casefold() == "ban" else text


def _cells(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(cell.split()) for cell in text.split(";") if cell.strip()))


def _read_toml(text: str, path: Path) -> tuple[list[Entry], _Problems]:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise InputError(f"not TOML: {error}", file=path, line=int(found[1]) if found else None) from None
    rows = text.splitlines()

    def line_of(pattern: str) -> int:
        return next((n for n, row in enumerate(rows, start=1) if re.match(pattern, row)), 1)

    entries: list[Entry] = []
    problems: _Problems = [
        (line_of(rf"[\s\[]*{re.escape(key)}\b"), f"unknown key {key!r}: expected [[topic]] and bans")
        for key in sorted(data.keys() - {"topic", "bans"})
    ]
    bans, tables = data.get("bans", []), data.get("topic", [])
    if _is_texts(bans):
        entries += (Entry(phrase, "ban", (), (), line_of(r"\s*bans\b")) for phrase in bans)
    else:
        problems.append((line_of(r"\s*bans\b"), "bans is not a list of texts"))
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        problems.append((line_of(r".*\btopic\b"), "write each topic under [[topic]], with two brackets"))
        return entries, problems
    lines = [n for n, row in enumerate(rows, start=1) if re.match(r"\s*\[\[\s*topic\s*\]\]", row)]
    if len(lines) != len(tables):
        # Inline tables, topic = [{...}], or brackets inside a text.
        lines = [line_of(r"\s*topic\b")] * len(tables)
    for line, table in zip(lines, tables, strict=True):
        problem = _table_problem(table)
        if problem is not None:
            problems.append((line, problem))
            continue
        name, kind = " ".join(table["name"].split()), _kind(table.get("kind", ""))
        entries.append(
            Entry(name, kind, tuple(table.get("aliases", ())), tuple(table.get("parents", ())), line)
        )
    return entries, problems


def _table_problem(table: Mapping[str, Any]) -> str | None:
    unknown = sorted(table.keys() - {"name", "kind", "aliases", "parents"})
    if unknown:
        return f"unknown key {unknown[0]!r}: a topic has name, kind, aliases, parents"
    name = table.get("name")
    if not isinstance(name, str) or not fold(name):
        return "a topic without a name"
    if not isinstance(table.get("kind", ""), str):
        return "kind is not a text"
    if not _is_texts(table.get("aliases", [])) or not _is_texts(table.get("parents", [])):
        return "aliases and parents are lists of texts"
    return None


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)
