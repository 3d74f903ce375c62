"""Mappings of fields: checking those that users type, suggesting one if no column fits, and describing those used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from relatedness.arguments import nearest
from relatedness.errors import ConfigError, InputError
from relatedness.sources._columns import FIELDS, JOINED, Columns, WantedColumns, match
from relatedness.sources._names import folded

_NAMED = 12  # the number of unused columns that are named


def check_fields(fields: Mapping[str, str] | None) -> dict[str, str]:
    """The caller's names, checked against the fields of events.

    Raises
    ------
    ConfigError
        If a name is mapped to an unknown field, or several names to a field that takes one column.
    """
    mapping = dict(fields or {})
    for name, ours in mapping.items():
        if ours not in FIELDS:
            raise ConfigError(f"fields: {name!r} is mapped to {ours!r}; events have {', '.join(FIELDS)}")
        if ours not in JOINED and sum(other == ours for other in mapping.values()) > 1:
            raise ConfigError(f"fields: more than one field is mapped to {ours!r}: map one")
    return mapping


def read_mapping(texts: Iterable[str]) -> dict[str, str]:
    """Read a mapping of fields as people type it: ``headline=title``, or ``text=summary,notes`` for several columns.

    Returns
    -------
    dict of str to str
        Their field to ours.

    Raises
    ------
    ConfigError
        If a text has neither form.

    Examples
    --------
    >>> read_mapping(["headline=title", "text=summary,notes"])
    {'headline': 'title', 'summary': 'text', 'notes': 'text'}
    """
    mapping: dict[str, str] = {}
    for text in texts:
        left, _, right = (part.strip() for part in text.rpartition("="))
        if not left or not right:
            raise ConfigError(f"fields={text!r}: expected THEIRS=OURS, such as headline=title")
        if right not in FIELDS and left in FIELDS:
            mapping |= {name.strip(): left for name in right.split(",") if name.strip()}
        else:
            mapping[left] = right
    return mapping


class NoTableError(InputError):
    """Raised for a file that holds no table of events; among several files it is left out and counted."""


def check_named(
    names: Sequence[str],
    wanted: WantedColumns,
    *,
    file: str | None,
    line: int | None = None,
    nested: bool = False,
) -> None:
    """Refuse a table without a column that the caller names.

    Parameters
    ----------
    names : sequence of str
        The columns.
    nested : bool
        Whether cells may hold objects, whose fields have names such as ``meta.published``.

    Raises
    ------
    InputError
        With the columns, and the one that the caller may mean.
    """
    there = {folded(name) for name in names}
    for name, ours in wanted.fields.items():
        if folded(name) in there or (nested and folded(name.partition(".")[0]) in there):
            continue
        raise InputError(
            f"has no column {name!r} (its columns: {_shown(names)}){meant(name, ours, names)}",
            file=file,
            line=line,
            field=name,
        )


def meant(name: str, ours: str, names: Iterable[str]) -> str:
    """The end of a message about a name that is not there: the mapping of the name that the caller may mean."""
    near = nearest(name, names)
    return f"; did you mean fields={{{near[0]!r}: {ours!r}}}?" if near else ""


def _shown(names: Iterable[str]) -> str:
    return ", ".join(map(_named, names))[:300]


def _named(name: str) -> str:
    return name or "(no name)"


def unmatched(
    names: Sequence[str],
    wanted: WantedColumns,
    rows: Sequence[Sequence[str]],
    guess: Mapping[str, str],
    *,
    file: str,
    line: int | None,
) -> InputError:
    """The message for a table without a column for the date or the words: its columns, two rows, the mapping to give.

    Parameters
    ----------
    names : sequence of str
        The columns.
    rows : sequence of sequence of str
        Some of the first rows.
    guess : mapping
        Our field to the column that resembles it.
    """
    check_named(names, wanted, file=file, line=line)
    found = match([(name,) for name in names], wanted)
    lacking, what = ("title", "the words (title or text)") if "date" in found else ("date", "the date")
    is_guessed = lacking in guess or (lacking == "title" and "text" in guess)
    named = {name: ours for ours, name in guess.items()} if is_guessed else {"COLUMN": lacking}
    # If a column looks like a date, this is probably a table of events with other column names.
    kind = InputError if "date" in guess or "date" in found else NoTableError
    sample = "".join(f"\n  {', '.join(cell[:40] for cell in row)[:200]}" for row in rows[:2])
    return kind(
        f"has no column for {what} (its columns: {_shown(names)})"
        + (f"; its first rows:{sample}" if sample else "")
        + f"\nname it with: fields={named}",
        file=file,
        line=line,
        field=lacking,
    )


def lines_of(columns: Iterable[Columns]) -> list[str]:
    """The mapping of columns to fields, as lines for people; empty if all columns have our names.

    Examples
    --------
    >>> columns = Columns()
    >>> _ = columns.apply({"pubDate": "2017-03-07", "headline": "The ferry stops", "views": 3})
    >>> lines_of([columns])
    ['read: date <- pubDate, title <- headline; not used: views']
    """
    told: dict[str, None] = {}
    for found in columns:
        renamed = any(list(names) != [ours] for ours, names in found.read.items())
        unused = found.unused
        if not renamed and not unused:
            continue
        read = ", ".join(f"{ours} <- {' + '.join(map(_named, names))}" for ours, names in found.read.items())
        rest = ", ".join(map(_named, unused[:_NAMED]))
        more = f" and {len(unused) - _NAMED} more" if len(unused) > _NAMED else ""
        told[f"read: {read or 'nothing'}" + (f"; not used: {rest}{more}" if unused else "")] = None
        if found.by_cells:
            shown = ", ".join(f"{ours} <- {_named(name)}" for name, ours in found.by_cells.items())
            told[f"columns recognised by their cells, not by name: {shown} (fields=... overrides this)"] = (
                None
            )
    lines = list(told)
    return lines if len(lines) <= 3 else [*lines[:3], f"and {len(lines) - 3} more kinds of columns"]
