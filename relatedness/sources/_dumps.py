r"""SQL dumps of databases -> the rows of the table that holds events; parsed as text, never executed.

===================  ===========================================================================
MySQL, phpMyAdmin    ``INSERT INTO `posts` VALUES (1,'A','...'),(2,...);``, names from ``CREATE TABLE``
SQLite               the same, a row a statement
PostgreSQL           ``COPY public.posts (id, title) FROM stdin;`` and lines of cells, or ``INSERT``
SQL Server           ``INSERT [dbo].[Posts] ([Id], [Title]) VALUES (1, N'A')``
===================  ===========================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from relatedness.errors import InputError
from relatedness.sources._columns import WantedColumns
from relatedness.sources._file import Item, SourceFile
from relatedness.sources._headers import table_of_events
from relatedness.sources._mappings import NoTableError

_NAME = r"(?:[`\"\[]?[\w$-]{1,64}[`\"\]]?\.)?[`\"\[]?(?P<table>[\w$ -]{1,64})[`\"\]]?"
_CREATE = re.compile(
    rf"^CREATE TABLE (?:IF NOT EXISTS )?{_NAME}\s*\((?P<body>(?:(?!^(?:CREATE|INSERT|REPLACE|COPY) ).)*?)\)[^()]{{0,400}};[ \t]*$",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_ROWS = re.compile(
    rf"^(?:INSERT(?: IGNORE| OR \w+)?|REPLACE)(?: INTO)? {_NAME}\s*(?:\((?P<names>[^()]*)\)\s*)?VALUES\s*"
    rf"|^COPY {_NAME.replace('table', 'copied')} \((?P<columns>[^()]*)\) FROM stdin;\r?\n",
    re.IGNORECASE | re.MULTILINE,
)
_NO_COLUMN = re.compile(
    r"(?:PRIMARY|FOREIGN|UNIQUE|FULLTEXT|SPATIAL)\s|(?:KEY|INDEX|CONSTRAINT|CHECK|EXCLUDE|LIKE)\b",
    re.IGNORECASE,
)
_COLUMN = re.compile(r"[`\"\[]?([\w$ -]+?)[`\"\]]?(?:\s|\Z)")
_BETWEEN = re.compile(r"(?:[\s,]|--[^\n]*|/\*.*?\*/)*", re.DOTALL)  # of rows
_PLAIN = re.compile(r"[^,()';]*+")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MARKS = {"n": "\n", "t": "\t", "r": "\r", "0": "", "b": "", "Z": "", "f": "", "v": ""}
# SQLite's notation of multi-line text, in older and newer releases.
_REPLACED = re.compile(
    r"(?:replace\(){1,2}'((?:[^']|'')*+)'(?:,\s*'\\[nr]',\s*char\(1[03]\)\)){1,2}", re.IGNORECASE
)
_UNISTR = re.compile(r"unistr\('((?:[^']|'')*+)'\)", re.IGNORECASE)
_UNICODE = re.compile(r"\\(?:u([0-9a-f]{4})|(\\))", re.IGNORECASE)
_CAST = re.compile(r"CAST\(", re.IGNORECASE)
_WHOLE = re.compile(r"-?\d{1,18}")
_NO_VALUE = frozenset(("null", "default"))


def read_dump(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """The rows of the only table in a dump that has columns for a date and words.

    Raises
    ------
    NoTableError
        If no table has.
    InputError
        If several tables have.

    Notes
    -----
    A row that does not fit its table is an error with its number, and so is a statement that is cut off.
    """
    text = file.text().removeprefix("\ufeff")
    tables = {found["table"].strip(): _columns(found["body"]) for found in _CREATE.finditer(text)}
    parts: list[tuple[str, list[str], re.Match[str]]] = []
    for found in _ROWS.finditer(text):
        name = (found["table"] or found["copied"]).strip()
        given = found["names"] or found["columns"]
        parts.append((name, _listed(given) if given else tables.get(name, []), found))
    filled = {name: names for name, names, _ in reversed(parts) if names}
    if not filled:
        raise NoTableError(
            "holds no rows (INSERT or COPY) of a table whose columns are named: dump the table with its rows, or read the "
            "database itself, such as with Table('mysql://user@localhost/NAME', 'TABLE')",
            file=file.name,
        )
    table = table_of_events(dict(reversed(filled.items())), wanted, file)
    file.table = table
    file.notes.append(f"table {table!r} of {len(filled)} with rows in the dump")
    # MySQL escapes with backslashes; the others only double quotes.
    string = (
        _MYSQL if re.search(r"MySQL|MariaDB|phpMyAdmin|^INSERT INTO `", text[: 2**16], re.MULTILINE) else _SQL
    )
    number, end = 0, 0
    for name, names, found in parts:
        if name != table or found.start() < end:  # the text of a row that contains a statement
            continue
        read = _copied if found["columns"] else _inserted
        for row, after in read(text, found.end(), string):
            number, end = number + 1, after
            value: object
            if row is None:
                value = InputError("ends within a row: dump the database again")
            elif len(row) != len(names):
                value = InputError(
                    f"the row has {len(row)} values, but the table {table!r} has {len(names)} columns"
                )
            else:
                value = dict(zip(names, row, strict=True))
            yield file.name, (None, number), value, value


def _columns(body: str) -> list[str]:
    """The names of the columns that a table is created with."""
    names = []
    for part in _parted(body):
        column = _COLUMN.match(part.strip())
        if column is not None and not _NO_COLUMN.match(part.strip()):
            names.append(column[1])
    return names


def _parted(body: str) -> Iterator[str]:
    """Split at commas outside brackets and quotes."""
    depth, begin, quoted = 0, 0, ""
    for at, mark in enumerate(body):
        if quoted:
            quoted = "" if mark == quoted else quoted
        elif mark in "'\"`":
            quoted = mark
        elif mark == "," and not depth:
            yield body[begin:at]
            begin = at + 1
        else:
            depth += (mark == "(") - (mark == ")")
    yield body[begin:]


def _listed(names: str) -> list[str]:
    return [name.strip().strip('`"[]') for name in names.split(",")]


_String = tuple[re.Pattern[str], Callable[[str], str]]


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda mark: _MARKS.get(mark[1], mark[1]), text)


_SQL: _String = (re.compile(r"'((?:[^']|'')*+)'"), lambda text: text.replace("''", "'"))
_MYSQL: _String = (
    re.compile(r"'((?:[^'\\]|\\.|'')*+)'", re.DOTALL),
    lambda text: _unescaped(text.replace("''", "'")) if "\\" in text else text.replace("''", "'"),
)


_Rows = Iterator[tuple[list[Any] | None, int]]
"""Rows with their end positions; None for a row that is cut off."""


def _inserted(text: str, at: int, string: _String) -> _Rows:
    """The rows of an INSERT statement whose values begin at a position."""
    while text.startswith("(", at := _BETWEEN.match(text, at).end()):  # type: ignore[union-attr]
        row: list[Any] = []
        while not text.startswith(")", at):
            end = _end_of_cell(text, at + 1, string)
            if end is None:
                yield None, len(text)
                return
            row.append(_cell(text[at + 1 : end].strip(), string))
            at = end
        at += 1
        yield row, at


def _end_of_cell(text: str, at: int, string: _String) -> int | None:
    """The comma or bracket that ends the cell beginning at a position; None if there is none."""
    depth = 0
    while (at := _PLAIN.match(text, at).end()) < len(text):  # type: ignore[union-attr]
        mark = text[at]
        if mark == "'":
            words = string[0].match(text, at)
            if words is None:
                return None
            at = words.end()
            continue
        if mark == ";" or (mark in ",)" and not depth):
            return None if mark == ";" else at
        depth += (mark == "(") - (mark == ")")
        at += 1
    return None


def _cell(cell: str, string: _String) -> Any:
    """The value of a cell; None for a function call, whose result the dump does not hold."""
    quoted, plain = string
    if (words := quoted.fullmatch(cell)) is not None:
        return plain(words[1])
    if "'" not in cell and "(" not in cell:
        return int(cell) if _WHOLE.fullmatch(cell) else None if cell.lower() in _NO_VALUE else cell
    if (replaced := _REPLACED.fullmatch(cell)) is not None:
        return replaced[1].replace("''", "'").replace("\\n", "\n").replace("\\r", "\r")
    if (escaped := _UNISTR.fullmatch(cell)) is not None:
        return _UNICODE.sub(lambda mark: mark[2] or chr(int(mark[1], 16)), escaped[1].replace("''", "'"))
    # Strip a prefix such as E, N or _binary, and casts.
    before, apart, _ = cell.partition("'")
    words = quoted.match(cell, len(before)) if "(" not in before or _CAST.match(cell) else None
    if not apart or words is None or cell.startswith("||", words.end()):
        return None
    return (_unescaped if before.strip().upper() == "E" else plain)(words[1])


def _copied(text: str, at: int, _: _String) -> _Rows:
    """The rows of a COPY statement whose lines begin at a position."""
    while at < len(text):
        end = text.find("\n", at)
        line = text[at : len(text) if end < 0 else end].rstrip("\r")
        at = len(text) if end < 0 else end + 1
        if line == "\\.":
            return
        cells = line.split("\t")
        yield [None if cell == "\\N" else _unescaped(cell) if "\\" in cell else cell for cell in cells], at
