r"""Dumps of databases in SQL -> the rows of the table that holds events: read as text, never run.

===================  ===========================================================================
MySQL, phpMyAdmin    ``INSERT INTO `posts` VALUES (1,'A','...'),(2,...);``, names from ``CREATE TABLE``
SQLite               the same, a row a statement
PostgreSQL           ``COPY public.posts (id, title) FROM stdin;`` and lines of cells, or ``INSERT``
===================  ===========================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from relatedness.sources._columns import NoTableError, WantedColumns
from relatedness.sources._file import Item, SourceFile
from relatedness.sources._headers import table_of_events

_NAME = r"(?:[`\"\[]?[\w$-]{1,64}[`\"\]]?\.)?[`\"\[]?(?P<table>[\w$ -]{1,64})[`\"\]]?"
_CREATE = re.compile(
    rf"^CREATE TABLE (?:IF NOT EXISTS )?{_NAME}\s*\((?P<body>.*?)\)[^()]{{0,400}};[ \t]*$",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_ROWS = re.compile(
    rf"^INSERT (?:IGNORE )?INTO {_NAME}\s*(?:\((?P<names>[^()]*)\)\s*)?VALUES\s*"
    rf"|^COPY {_NAME.replace('table', 'copied')} \((?P<columns>[^()]*)\) FROM stdin;\r?\n",
    re.IGNORECASE | re.MULTILINE,
)
_NO_COLUMN = re.compile(
    r"(?:PRIMARY|FOREIGN|UNIQUE|FULLTEXT|SPATIAL)\s|(?:KEY|INDEX|CONSTRAINT|CHECK|EXCLUDE|LIKE)\b",
    re.IGNORECASE,
)
_COLUMN = re.compile(r"[`\"\[]?([\w$ -]+?)[`\"\]]?(?:\s|\Z)")
_BETWEEN = re.compile(r"[\s,]*")
_PLAIN = re.compile(r"[^,()';]*")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MARKS = {"n": "\n", "t": "\t", "r": "\r", "0": "", "b": "", "Z": "", "f": "", "v": ""}
# As SQLite writes a text of several lines.
_REPLACED = re.compile(
    r"(?:replace\(){1,2}'((?:[^']|'')*+)'(?:,\s*'\\[nr]',\s*char\(1[03]\)\)){1,2}", re.IGNORECASE
)
_WHOLE = re.compile(r"-?\d{1,18}")
_NO_VALUE = frozenset(("null", "default"))


def read_dump(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """The rows of the one table in a dump whose columns tell a date and words.

    Raises
    ------
    NoTableError
        If no table of the dump does.
    InputError
        If several do.
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
            "is SQL without rows (INSERT or COPY) of a table whose columns it names: dump the table with its rows, or name the "
            "database, such as mysql://user@localhost/NAME with --table TABLE",
            file=file.name,
        )
    table = table_of_events(dict(reversed(filled.items())), wanted, file)
    file.table = table
    file.notes.append(f"table {table!r} of {len(filled)} with rows in the dump")
    # MySQL escapes by backslashes; the others, by doubling a quote alone.
    string = (
        _MYSQL if re.search(r"MySQL|MariaDB|phpMyAdmin|^INSERT INTO `", text[: 2**16], re.MULTILINE) else _SQL
    )
    number = 0
    for name, names, found in parts:
        if name != table:
            continue
        rows = _copied(text, found.end()) if found["columns"] else _inserted(text, found.end(), string)
        for row in rows:
            number += 1
            record = dict(zip(names, row, strict=False))
            yield file.name, (None, number), record, record


def _columns(body: str) -> list[str]:
    """The names of the columns that a table is created with."""
    names = []
    for part in _parted(body):
        column = _COLUMN.match(part.strip())
        if column is not None and not _NO_COLUMN.match(part.strip()):
            names.append(column[1])
    return names


def _parted(body: str) -> Iterator[str]:
    """What commas part outside of brackets and quotes."""
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


def _inserted(text: str, at: int, string: _String) -> Iterator[list[Any]]:
    """The rows of a statement whose values begin there."""
    quoted, plain = string
    while text.startswith("(", at):
        at += 1
        row: list[Any] = []
        while at < len(text):
            at = _BETWEEN.match(text, at).end()  # type: ignore[union-attr]
            if text.startswith(")", at):
                at += 1
                break
            replaced = _REPLACED.match(text, at)
            if replaced is not None:
                row.append(replaced[1].replace("''", "'").replace("\\n", "\n").replace("\\r", "\r"))
                at = replaced.end()
                continue
            found = _PLAIN.match(text, at)
            word = found[0].strip() if found is not None else ""
            at += len(found[0]) if found is not None else 0
            if text.startswith("'", at):  # after nothing, or a mark such as E or _binary
                words = quoted.match(text, at)
                if words is None:
                    return  # cut off
                row.append((_unescaped if word.upper() == "E" else plain)(words[1]))
                at = _PLAIN.match(text, words.end()).end()  # type: ignore[union-attr]  # a cast: '...'::text
            elif text.startswith("(", at):  # a function, whose value the dump does not hold
                row.append(None)
                at = text.find(")", at) + 1 or len(text)
            elif word:
                row.append(
                    int(word) if _WHOLE.fullmatch(word) else None if word.lower() in _NO_VALUE else word
                )
            else:
                return
        yield row
        at = _BETWEEN.match(text, at).end()  # type: ignore[union-attr]


def _copied(text: str, at: int) -> Iterator[list[Any]]:
    """The lines of cells that begin there."""
    while at < len(text):
        end = text.find("\n", at)
        line = text[at : len(text) if end < 0 else end].rstrip("\r")
        if line == "\\.":
            return
        yield [
            None if cell == "\\N" else _unescaped(cell) if "\\" in cell else cell for cell in line.split("\t")
        ]
        at = len(text) if end < 0 else end + 1
