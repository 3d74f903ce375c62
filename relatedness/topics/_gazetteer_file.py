"""Gazetteer files: their lines, the marks of aliases, and the errors in them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from relatedness.errors import InputError
from relatedness.sources import is_source
from relatedness.topics._settings import is_acronym
from relatedness.topics._spelling import fold

FIRST_YEAR, LAST_YEAR = 0, 9999

# How an alias must be written in a text to count.
CAPITALISED, EXACT, ANY_CASE, CAPITALS = range(4)

_YEARS = re.compile(r"^(.*)@(\d{4})?\.\.(\d{4})?$")
# Matches an attempt to give years: @2009, @2009-2017.
_LIKE_YEARS = re.compile(r"@[\d.–-]*$")


class Alias(NamedTuple):
    """One way to write a topic, and when it counts."""

    topic: int  # number of the topic in its gazetteer
    case: int = CAPITALISED  # ``CAPITALISED``, ``EXACT`` (only as ``written``), ``ANY_CASE`` or ``CAPITALS``
    written: str = ""  # the alias as the gazetteer writes it
    weak: bool = False  # whether it counts only if the event has another topic that supports it
    # The first and last year in which it counts.
    first: int = FIRST_YEAR
    last: int = LAST_YEAR


@dataclass(frozen=True, slots=True)
class GazetteerLine:
    """One line of a gazetteer file, read but not yet checked against the others."""

    name: str
    kind: str
    aliases: tuple[str, ...]
    parents: tuple[str, ...]
    line: int


def own_to_json(entries: Iterable[GazetteerLine]) -> list[list[Any]]:
    """A user's lines as plain JSON values, as an index stores them.

    Examples
    --------
    >>> own_to_json([GazetteerLine("Mosul", "city", ("Mossul",), ("Iraq",), 1)])
    [['Mosul', 'city', ['Mossul'], ['Iraq'], 1]]
    """
    return [[e.name, e.kind, list(e.aliases), list(e.parents), e.line] for e in entries]


def own_from_json(data: Iterable[Iterable[Any]]) -> tuple[GazetteerLine, ...]:
    """The lines that `own_to_json` gave.

    Examples
    --------
    >>> line = GazetteerLine("Zorg Pact", "organisation", ("the Pact",), (), 1)
    >>> own_from_json(own_to_json([line])) == (line,)
    True
    """
    return tuple(
        GazetteerLine(name, kind, tuple(aliases), tuple(parents), line)
        for name, kind, aliases, parents, line in data
    )


def fits(alias: Alias, written: str) -> bool:
    """Whether the case of a text allows this alias.

    Parameters
    ----------
    alias : Alias
        One of those that `Gazetteer.aliases` gives for the folded text.
    written : str
        The spelling in the text, without a possessive ending.
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
        if is_acronym(text) and " " not in text:
            # An acronym: "who" is no organisation.
            case = CAPITALS
        elif text[:1].islower() and " " not in text and "-" not in text:
            case = ANY_CASE
    return Alias(topic, case, text, weak, first, last)


def alias_problem(marked: str) -> str | None:
    """Why an alias could never be found, by itself and its marks; None if it can."""
    alias = read_alias(marked, 0)
    if not any(map(str.isalnum, alias.written)):
        return f"{marked!r} is an alias without a word"
    if _LIKE_YEARS.search(alias.written):
        return f"the years of {marked!r} cannot be read: write them as @2009..2017, @2009.. or @..2017"
    if alias.last < alias.first:
        return f"the years of {marked!r} end before they begin"
    return None


def read_entries(path: str | Path) -> list[GazetteerLine]:
    """Read a gazetteer file: plain text, or TOML where its name ends in ``.toml``.

    Plain text has one topic a line, ``Name | kind | alias; alias | parent; parent``; everything after the name
    may be left out, ``#`` begins a comment line. Kind ``ban`` means that the name and its aliases are never
    topics, nor is the topic of that name when it is written otherwise, implied or supplied. TOML has ``[[topic]]``
    tables with ``name``, ``kind``, ``aliases``, ``parents``, and a list ``bans``.
    How to mark an alias: see `read_alias`; an alias ``!`` says that the name itself is never looked for.

    Raises
    ------
    InputError
        Naming file and line of everything that cannot be read.
    """
    entries, problems = read_file(Path(path))
    refuse(Path(path), problems)
    return entries


Problems = list[tuple[int, str]]


def refuse(path: Path, problems: Problems) -> None:
    """Raise one error that names the line of each problem, if there is any."""
    if problems:
        first, *rest = sorted(set(problems))
        text = "".join(f"\n{path}, line {line}: {problem}" for line, problem in rest)
        raise InputError(first[1] + text, file=path, line=first[0])


def read_file(path: Path) -> tuple[list[GazetteerLine], Problems]:
    """The entries of a gazetteer file, and its errors."""
    if is_source(path.name) and path.suffix.lower() not in (".txt", ".toml"):
        raise InputError(
            "has the name of a table or of records, not of a gazetteer: write one topic a line, Name | kind | aliases | "
            "parents, in a file that ends in .txt",
            file=path,
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        what = "the file does not exist" if isinstance(error, FileNotFoundError) else error.strerror
        raise InputError(f"{what}", file=path) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InputError(f"not UTF-8 at byte {error.start}", file=path, line=line) from None
    if path.suffix.lower() == ".toml":
        return _read_toml(text, path)
    entries: list[GazetteerLine] = []
    problems: Problems = []
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
        entries.append(
            GazetteerLine(" ".join(name.split()), _kind(kind), _cells(aliases), _cells(parents), line)
        )
    return entries, problems


def _kind(text: str) -> str:
    """A kind as written, except that ``ban`` is read in any case: "Ban" would add the topic that its author wants to exclude."""
    return "ban" if text.casefold() == "ban" else text


def _cells(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(cell.split()) for cell in text.split(";") if cell.strip()))


def _read_toml(text: str, path: Path) -> tuple[list[GazetteerLine], Problems]:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise InputError(f"not TOML: {error}", file=path, line=int(found[1]) if found else None) from None
    rows = text.splitlines()

    def line_of(pattern: str) -> int:
        return next((n for n, row in enumerate(rows, start=1) if re.match(pattern, row)), 1)

    entries: list[GazetteerLine] = []
    problems: Problems = [
        (line_of(rf"[\s\[]*{re.escape(key)}\b"), f"unknown key {key!r}: expected [[topic]] and bans")
        for key in sorted(data.keys() - {"topic", "bans"})
    ]
    bans, tables = data.get("bans", []), data.get("topic", [])
    if _is_texts(bans):
        entries += (GazetteerLine(phrase, "ban", (), (), line_of(r"\s*bans\b")) for phrase in bans)
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
            GazetteerLine(name, kind, tuple(table.get("aliases", ())), tuple(table.get("parents", ())), line)
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
