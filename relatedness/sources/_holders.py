"""One value of JSON or YAML -> the records that it holds, in any of the shapes in which programs write a table.

==========================================  ==============================================================
``[{...}, ...]``                            a list of objects
``[["date", "title"], [...], ...]``         a list of rows, the first of them names
``{"items": [{...}]}``                      an object with one list of them, at any depth down to three
``{"inc-1": {...}, "inc-2": {...}}``        an object of records: their keys are the ids, or the dates
``{"2016": [{...}], "2017": [{...}]}``      lists of records by date or by another key
``{"date": [...], "title": [...]}``         columns
``{"columns": [...], "data": [[...]]}``     a frame of pandas, split; and by columns or by index
``{"meta": {"view": ...}, "data": [...]}``  an export of Socrata
``{"results": {"bindings": [...]}}``        an answer of SPARQL
``{"table": {"cols": [...], "rows": ...}}``  an answer of Google Sheets
==========================================  ==============================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from relatedness.sources._api_records import API_RECORDS
from relatedness.sources._columns import WantedColumns, match, paths_of
from relatedness.sources._dates import DateColumn
from relatedness.sources._file import Item, SourceFile
from relatedness.sources._headers import Header, is_header
from relatedness.sources._mappings import NoTableError
from relatedness.sources._names import is_other_day
from relatedness.sources._report import LeftOut
from relatedness.sources._typed_values import is_typed, untyped

_LISTS = ("items", "events", "results", "records", "data", "entries", "articles", "posts", "rows", "features", "hits",
          "issues", "docs", "documents", "values", "vulnerabilities", "value", "nodes", "edges", "objects", "orderedItems",
          "children", "incidents", "tickets", "messages", "cards", "tweets", "statuses")  # fmt: skip
_DEEPEST = 3  # the depth of nested objects to which a list of records is searched for
_HIDDEN = re.compile(r"(?:trash(?:ed)?|deleted|drafts?|hidden|spam)(?:[A-Z_\s-]|\Z)")
_BEGUN = 5  # the number of values checked for a list of records in each
_SOME = 50  # the number of records checked for a common shape


def records_of(value: object, file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """The records that a value holds.

    Parameters
    ----------
    file : SourceFile
        Where it stands: told in errors, and what is found out about it is noted there.

    Raises
    ------
    InputError
        If it holds none, or several lists that could be meant.
    """
    if isinstance(value, Mapping):
        value = _listed(value, file, wanted)
    if not isinstance(value, list):
        raise NoTableError("holds no list of records: expected an array of objects", file=file.name)
    items = ((file.name, (None, number), record, record) for number, record in enumerate(value, 1))
    return rows_as_records(items, file, wanted)


def rows_as_records(items: Iterator[Item], file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """The records; lists of cells become objects if the first list holds names."""
    begun = list(islice(items, _BEGUN))
    if not begun:
        return
    first, *more = begun
    items = chain(more, items)
    row = first[2]
    if is_typed(row):
        for file_name, position, value, record in chain([first], items):
            plain = untyped(value) if isinstance(value, Mapping) and is_typed(value) else value
            yield file_name, position, plain, record
        return
    if not isinstance(row, list) or not is_header(map(str, row), wanted):
        name = next((name for item in begun if (name := _list_in(item[2], wanted)) is not None), None)
        if name is None:
            yield from _with_ids(chain([first], items)) if _is_action(row) else chain([first], items)
            return
        file.notes.append(
            f"records: the list {name!r} of each value" if name else "records: the lists in the list"
        )
        is_found = False
        for item in chain([first], items):
            inside = _inside(item[2], name)
            if inside is None and not is_found and isinstance(item[2], Mapping) and "type" in item[2]:
                yield item[0], item[1], LeftOut("values above the list of records"), item[3]
            elif inside is None:
                yield item
            else:
                is_found = True
                yield from ((item[0], item[1], inner, inner) for inner in inside)
        return
    header = Header.of([str(name) for name in row], wanted)
    file.notes += ["rows of cells, the first one with the names of the columns", *header.notes]
    for name, position, value, record in items:
        yield name, position, header.record(value) if isinstance(value, list) else value, record


def _list_in(value: object, wanted: WantedColumns) -> str | None:
    """The name of the list of records in a page of an answer that is not a record itself; empty if the page is that list."""
    if isinstance(value, list):
        return "" if value and isinstance(value[0], Mapping) and _is_event(value[0], wanted) else None
    if not isinstance(value, Mapping) or (_is_event(value, wanted) and not _is_list_changed(value, wanted)):
        return None
    found = [name for name, records in _lists(value, wanted).items() if _is_event(records[0], wanted)]
    return found[0] if len(found) == 1 else None


def _is_list_changed(value: Mapping[Any, Any], wanted: WantedColumns) -> bool:
    """Whether an object is a list with a name and the day of its last change, rather than an event: a list of tasks."""
    found = match(list(paths_of(value)), wanted)
    days = found.get("date", [])
    return (
        bool(days)
        and "text" not in found
        and all(is_other_day(path[-1]) for path in days)
        and isinstance(value.get("items"), list)
    )


def _inside(value: Any, name: str) -> list[Any] | None:
    """The list of that name in a page, which may be null; None for a value that has none and is no page."""
    for part in name.split(".") if name else ():
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part] or []
    return value if isinstance(value, list) else None


def _is_action(value: object) -> bool:
    """Whether a line is a command for Elasticsearch about the next line."""
    return isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in ("index", "create")


def _with_ids(items: Iterable[Item]) -> Iterator[Item]:
    """The lines of a bulk request of Elasticsearch, each record with the id that the line above it gives."""
    given: object = None
    for item in items:
        name, position, value, record = item
        if _is_action(value):
            about = next(iter(value.values())) if isinstance(value, Mapping) else None
            given = about.get("_id") if isinstance(about, Mapping) else None
            yield item
        elif given is not None and isinstance(value, dict):
            yield name, position, {"_id": given, **value}, record
            given = None
        else:
            yield item


def _shown_lists(value: Mapping[Any, Any], file: SourceFile) -> Mapping[Any, Any]:
    """The object without the lists that its program hides: ``trashedNotes``, ``drafts``."""
    hidden = [
        name
        for name, inner in value.items()
        if isinstance(inner, list) and inner and _HIDDEN.match(str(name))
    ]
    if not hidden or len(hidden) == len(value):
        return value
    file.notes.append(f"left out because they hold hidden content: {', '.join(map(repr, hidden))}")
    return {name: inner for name, inner in value.items() if name not in hidden}


def _listed(value: Mapping[Any, Any], file: SourceFile, wanted: WantedColumns) -> list[Any]:
    value = _shown_lists(value, file)
    frame = _frame(value) or _socrata(value) or _sparql(value) or _spreadsheet(value)
    if frame is not None:
        return frame
    found = _lists(value, wanted)
    if not any(_is_event(records[0], wanted) for records in found.values()):
        # Lists of people beside the list of events, which lies deeper.
        deeper = [
            _lists(inner, wanted, f"{name}.", 1)
            for name, inner in value.items()
            if isinstance(inner, Mapping)
        ]
        events = {
            name: records
            for lists in deeper
            for name, records in lists.items()
            if _is_event(records[0], wanted)
        }
        found = events or found
    telling = [name for name, records in found.items() if _is_event(records[0], wanted)]
    columns = _columns(value, wanted) if telling else _columns_within(value, wanted)
    if columns is not None:
        file.notes.append("records: the rows made of columns of equal length")
        return columns
    if len(found) > 1 and len(telling) == 1:
        found = {telling[0]: found[telling[0]]}
    if _is_event(value, wanted) and not any(_is_event(records[0], wanted) for records in found.values()):
        return [value]  # one record a file, whose lists are a part of it
    # The records of a map may hold lists that are not events.
    keyed = None if telling and len(found) == 1 else _keyed(value, wanted)
    if keyed is not None:
        where, records, keys = keyed
        what = f"the values of {where!r}" if where else "the values of the object"
        file.notes.append(f"records: {what}, their keys {keys}")
        return records
    if len(found) == 1:
        ((name, records),) = found.items()
        file.notes.append(f"records: the list {name!r}")
        return records
    what = ", ".join(found) or ", ".join(map(str, list(value)[:12]))
    raise NoTableError(
        f"is an object with {'several lists' if found else 'no list'} of records ({what[:200]}): expected an array of "
        "objects, one object per line, or an object that holds one array of objects",
        file=file.name,
    )


def _lists(
    value: Mapping[Any, Any], wanted: WantedColumns, above: str = "", depth: int = 0
) -> dict[str, list[Any]]:
    """The lists of objects in an object, by name; if there are several, those with a usual name of a list of records."""
    found: dict[str, list[Any]] = {}
    for name, inner in value.items():
        if isinstance(inner, list) and inner and _is_record(inner[0]):
            found[f"{above}{name}"] = inner
    telling = {name: inner for name, inner in found.items() if _is_event(inner[0], wanted)} or found
    known = {name: inner for name, inner in telling.items() if name.rpartition(".")[2].lower() in _LISTS}
    if len(found) > 1 and known:
        best = min(known, key=lambda name: _LISTS.index(name.rpartition(".")[2].lower()))
        found = {best: known[best]}
    if not found and depth < _DEEPEST:
        for name, inner in value.items():
            if isinstance(inner, Mapping):
                found |= _lists(inner, wanted, f"{above}{name}.", depth + 1)
    return found


def _is_record(value: object) -> bool:
    """Whether the first element of a list shows records: an object, or the names of columns."""
    return isinstance(value, Mapping) or (
        isinstance(value, list) and is_header(map(str, value), WantedColumns())
    )


def _frame(value: Mapping[Any, Any]) -> list[Any] | None:
    """The rows of a frame as ``pandas.DataFrame.to_json`` writes it by columns, by rows or split."""
    if (
        {"columns", "data"} <= set(value)
        and isinstance(value["columns"], list)
        and isinstance(value["data"], list)
    ):
        return _named(value["columns"], value["data"])
    columns = list(value.values())
    if not columns or not all(isinstance(column, Mapping) for column in columns):
        return None
    keys = list(columns[0])
    if not keys or any(list(column) != keys for column in columns[:_SOME]):
        return None
    if all(str(key).isdigit() for key in keys):
        return [{name: column.get(key) for name, column in value.items()} for key in keys]
    return (
        columns
        if [str(key) for key in value] == [str(position) for position in range(len(columns))]
        else None
    )


def _socrata(value: Mapping[Any, Any]) -> list[Any] | None:
    """The rows of an export of Socrata, which keeps the names of the columns in its description of the table."""
    described: Any = value
    for name in ("meta", "view", "columns"):
        described = described.get(name) if isinstance(described, Mapping) else None
    if not isinstance(described, list) or not isinstance(value.get("data"), list):
        return None
    return _named(
        [column.get("fieldName") if isinstance(column, Mapping) else None for column in described],
        value["data"],
    )


def _sparql(value: Mapping[Any, Any]) -> list[Any] | None:
    """The rows of an answer of SPARQL, whose cells are wrapped with their types."""
    results = value.get("results")
    rows = results.get("bindings") if isinstance(results, Mapping) else None
    if not isinstance(rows, list) or not isinstance(value.get("head"), Mapping):
        return None
    return [
        {name: cell.get("value") if isinstance(cell, Mapping) else cell for name, cell in row.items()}
        if isinstance(row, Mapping)
        else row
        for row in rows
    ]


_DAY_OF_PROGRAM = re.compile(r"Date\((\d{4}),(\d{1,2}),(\d{1,2})(?:,(\d{1,2}),(\d{1,2}),(\d{1,2}))?\)\Z")


def _spreadsheet(value: Mapping[Any, Any]) -> list[Any] | None:
    """The rows of an answer of Google Sheets, whose months begin at 0."""
    table = value.get("table")
    if (
        not isinstance(table, Mapping)
        or not isinstance(table.get("cols"), list)
        or not isinstance(table.get("rows"), list)
    ):
        return None
    names = [
        column.get("label") or column.get("id") if isinstance(column, Mapping) else None
        for column in table["cols"]
    ]
    rows = [
        [_of_sheet(cell) for cell in row["c"]]
        for row in table["rows"]
        if isinstance(row, Mapping) and isinstance(row.get("c"), list)
    ]
    return _named(names, rows)


def _of_sheet(cell: object) -> object:
    value = cell.get("v") if isinstance(cell, Mapping) else None
    found = _DAY_OF_PROGRAM.match(value) if isinstance(value, str) else None
    if found is None:
        return value
    year, month, day, *clock = (int(part) for part in found.groups(0))
    text = f"{year}-{month + 1:02}-{day:02}"
    return f"{text} {clock[0]:02}:{clock[1]:02}:{clock[2]:02}" if found[4] else text


def _named(names: Sequence[Any], rows: list[Any]) -> list[Any]:
    header = Header.of([str(name) for name in names], WantedColumns())
    return [header.record(row) if isinstance(row, list) else row for row in rows]


def _columns(value: Mapping[Any, Any], wanted: WantedColumns) -> list[Any] | None:
    """The rows of columns: lists of equal length, with a date and words among their names."""
    columns = {
        name: cells
        for name, cells in value.items()
        if isinstance(cells, list) and not (cells and isinstance(cells[0], Mapping))
    }
    lengths = {len(cells) for cells in columns.values()}
    if len(columns) < 2 or len(lengths) != 1 or not is_header(map(str, columns), wanted):
        return None
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _columns_within(value: Mapping[Any, Any], wanted: WantedColumns, depth: int = 0) -> list[Any] | None:
    """The rows of columns in the object, or in one within it that holds nothing but objects and values."""
    rows = _columns(value, wanted)
    if rows is None and depth < _DEEPEST:
        inside = (
            _columns_within(each, wanted, depth + 1) for each in value.values() if isinstance(each, Mapping)
        )
        rows = next((found for found in inside if found is not None), None)
    return rows


def _keyed(
    value: Mapping[Any, Any], wanted: WantedColumns, depth: int = 0
) -> tuple[str, list[Any], str] | None:
    """Records, or lists of them, by keys: where they stand, the records, and what their keys are."""
    inner = list(value.values())
    if not inner:
        return None
    if all(isinstance(each, list) for each in inner):
        pairs = [(key, record) for key, records in value.items() for record in records]
    else:
        pairs = list(value.items())
    if pairs and all(isinstance(record, Mapping) for _, record in pairs):
        keys = [str(key) for key in value]
        some = [record for _, record in pairs[:_SOME]]
        days = all(len(key) > 5 and DateColumn().reads(key) for key in keys[:_SOME])
        if days and not any(_tells(record, wanted, "date") for record in some):
            if all(_tells(record, wanted, "title", "text") for record in some):
                return "", [{"date": key, **record} for key, record in pairs], "the dates"
        elif all(_is_event(record, wanted) for record in some):
            if isinstance(inner[0], list):
                return "", [record for _, record in pairs], "not read"
            if not any(_tells(record, wanted, "id") for record in some):
                return "", [{"id": key, **record} for key, record in pairs], "the ids"
            return "", [record for _, record in pairs], "not read"
    if depth < _DEEPEST:
        inside = {
            str(name): found
            for name, each in value.items()
            if isinstance(each, Mapping) and (found := _keyed(each, wanted, depth + 1)) is not None
        }
        if len(inside) > 1 and len(inside) == len(value):  # maps by year, each of records
            told = next(iter(inside.values()))[2]
            return "*", [record for _, records, _ in inside.values() for record in records], told
        for above, (where, records, told) in inside.items():
            return f"{above}.{where}" if where else above, records, told
    return None


def _is_event(record: object, wanted: WantedColumns) -> bool:
    """Whether an object or a row of names has a date (if one is needed) and words."""
    if isinstance(record, list):
        return is_header(map(str, record), wanted)
    if not isinstance(record, Mapping):
        return False
    for name, read in API_RECORDS.items():
        if name in record:
            made = read(record)
            if isinstance(made, LeftOut):
                return False
            record = made
    return _tells(record, wanted, "title", "text") and (_tells(record, wanted, "date") or not wanted.dated)


def _tells(record: Mapping[Any, Any], wanted: WantedColumns, *names: str) -> bool:
    # A list of objects under such a name ("data") is neither a day nor words.
    said = {
        name: value
        for name, value in record.items()
        if not (isinstance(value, list) and value and isinstance(value[0], Mapping))
    }
    found: Iterable[str] = match(list(paths_of(said)), wanted)
    return not set(names).isdisjoint(found)
