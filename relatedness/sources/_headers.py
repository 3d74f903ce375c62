"""The rows that name the columns of a table: whether a row is one, and its cells -> records."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from relatedness.errors import InputError
from relatedness.sources._columns import JOINED, Several, WantedColumns, match
from relatedness.sources._file import SourceFile
from relatedness.sources._names import is_other_day

PREAMBLE = 30
"""The most rows above the names of the columns of a table."""


def is_header(names: Iterable[str], wanted: WantedColumns) -> bool:
    """Whether the names include a date (unless it may be missing) and words."""
    found = match([(name,) for name in names], wanted)
    return ("date" in found or not wanted.dated) and ("title" in found or "text" in found)


def table_of_events(tables: Mapping[str, Sequence[str]], wanted: WantedColumns, file: SourceFile) -> str:
    """The table of a database that holds the events.

    Parameters
    ----------
    tables : mapping
        The names of tables, each with those of its columns.

    Raises
    ------
    InputError
        If none does, or several do: with the option to type.
    """
    if wanted.names_table:
        return named_table(tables, wanted, file)
    fitting = [name for name, columns in tables.items() if is_header(columns, wanted)]
    if wanted.table in fitting:
        return wanted.table
    telling = [name for name in fitting if _tells_words(tables[name], wanted)]
    if len(telling) > 1:  # a list of feeds has the date of each fetch, and no text
        telling = [name for name in telling if _tells_text(tables[name], wanted)] or telling
    if len(telling) > 1:  # beside comments and revisions
        telling = [name for name in telling if _USUAL.search(name)] or telling
    if len(telling) == 1:
        return telling[0]  # rather than tables of users or places, which also have names and dates
    if len(fitting) == 1:
        return fitting[0]
    what = (
        f"{len(fitting)} tables with a date and words ({', '.join(fitting)})"
        if fitting
        else (f"no table with a date and words (its tables: {', '.join(tables)[:200] or 'none'})")
    )
    name = next(iter(fitting or tables), "NAME")
    raise InputError(
        f"has {what}: name the one that holds the events, such as Table(file, {name!r})", file=file.name
    )


def named_table(tables: Iterable[str], wanted: WantedColumns, file: SourceFile) -> str:
    """The table or sheet that the caller names.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    if wanted.table not in (names := list(tables)):
        raise InputError(
            f"has no table {wanted.table!r} (its tables: {', '.join(names)[:200] or 'none'})", file=file.name
        )
    return wanted.table


_USUAL = re.compile(
    r"(?:\A|[_.])(?:posts?|articles?|entries|events?|incidents?|issues|tickets|news|stories|messages|items|documents|records|reports)\Z",
    re.IGNORECASE,
)


def _tells_words(names: Iterable[str], wanted: WantedColumns) -> bool:
    """Whether the names include a text, or a title other than a person's or thing's name."""
    found = match([(name,) for name in names], wanted)
    return "text" in found or any(path[-1].lower() != "name" for path in found.get("title", ()))


def _tells_text(names: Iterable[str], wanted: WantedColumns) -> bool:
    """Whether the names include a text, and a date other than that of a change."""
    found = match([(name,) for name in names], wanted)
    return "text" in found and not any(is_other_day(path[-1]) for path in found.get("date", ()))


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a table whose rows come as cells."""

    # The name of each column; those after the first of several with the same name have their position behind it.
    names: tuple[str, ...]
    # The names that several columns share and that one field is read from, to the positions of those columns.
    together: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()  # remarks on columns that share a name

    @classmethod
    def of(cls, row: Sequence[str], wanted: WantedColumns) -> Header:
        """The columns that a row of names makes.

        Trackers write one column a label: columns of one name that are read as a title, text, topics or sources count
        together, and of others the first counts.

        Examples
        --------
        >>> header = Header.of(["date", "summary", "labels", "labels"], WantedColumns())
        >>> header.record(["2017-03-07", "The ferry stops", "Lund", "ferry"])["labels"]
        (('labels', 'Lund'), ('labels', 'ferry'))
        """
        names = [name.strip() for name in row]
        while len(names) > 1 and not names[-1]:
            names.pop()
        twice = {name for name, times in Counter(names).items() if name and times > 1}
        if not twice:
            return cls(tuple(names))
        read = {
            path[0]: ours
            for ours, found in match([(name,) for name in dict.fromkeys(names)], wanted).items()
            for path in found
        }
        together, notes = {}, []
        for name in dict.fromkeys(name for name in names if name in twice and name in read):
            positions = tuple(position for position, other in enumerate(names) if other == name)
            if read[name] in JOINED:
                together[name] = positions
            what = "read together" if name in together else "only the first is read"
            notes.append(f"{len(positions)} columns are named {name!r}: {what}")
        seen: set[str] = set()
        apart = []
        for position, name in enumerate(names, 1):
            apart.append(f"{name} ({position})" if name in seen else name)
            seen.add(name or str(position))
        return cls(tuple(apart), together, tuple(notes))

    def record(self, cells: Sequence[Any]) -> dict[str, Any]:
        """The cells of a row by the names of their columns."""
        record = dict(zip(self.names, cells, strict=False))
        for name, positions in self.together.items():
            for position in positions[1:]:
                record.pop(self.names[position], None)
            record[name] = Several((name, cells[position]) for position in positions if position < len(cells))
        return record
