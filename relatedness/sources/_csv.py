"""Tables in text (CSV, TSV and their like) -> the records of events.

The separator, the header and the encoding are found in the first lines. A record is read strictly first; one that is not proper
CSV is read leniently where that gives as many cells as the header has: a quote within a cell, a quote escaped with a backslash.
An unclosed quote affects one line, not the rest of the file.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from relatedness.errors import InputError
from relatedness.sources._columns import WantedColumns, match
from relatedness.sources._dates import DateColumn
from relatedness.sources._file import MAX_RECORD, SHOWN, Cut, Item, Line, SourceFile, too_long
from relatedness.sources._headers import PREAMBLE, Header, is_header
from relatedness.sources._mappings import NoTableError, check_named, unmatched
from relatedness.sources._report import LeftOut
from relatedness.sources._side_rows import is_aside
from relatedness.sources._telling_cells import (
    looks_like,
    shown_by_cells,
    shown_without_names,
    telling_columns,
)

_SEPARATORS = (",", ";", "\t", "|")
_NAMED = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar", " ": "a blank"}
# How logs of web servers (W3C) and of Zeek name their columns; other lines that begin with this mark are no rows.
_MARK = "#"
_FIELDS = re.compile(r"^#fields:?([ \t])[ \t]*(\S.*?)\s*$", re.IGNORECASE | re.MULTILINE)
_QUOTED_WORDS = re.compile(
    r'(?:"[^"\n]{0,200}"[ ]){1,100}"[^"\n]{0,200}"\r?\n'
)  # the first line of a table of R
# The line of dashes below the names in a table printed with columns of fixed width.
_RULED = re.compile(r"^([^\n]+)\n([ ]*-{2,200}(?:[ ]{1,9}-{1,200}){1,200})[ ]*\r?$", re.MULTILINE)
_UNSET = ("-", "(empty)")  # the cells of such a log without a value
_A_VALUE = re.compile(r"-?\d[\d.,]{0,30}|https?://\S{1,2000}")  # a key that is not the name of a column
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")  # the name of a column in a table with a column for each year
_HEAD = 2**20  # the part of a file that is searched for separator and header
_MOST_LINES = 50  # the most lines of a record that is read leniently
_PATIENCE = 200  # the most failed attempts to read a multi-line record leniently: each takes quadratic time in its lines


def read_csv(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """The records of a table in text.

    Raises
    ------
    InputError
        If it has no header, or one whose columns cannot be matched.
    """
    head = file.head(_HEAD)
    encoding = file.found_encoding(head)
    text = head.decode(encoding, "replace").removeprefix("\ufeff")
    layout = _Layout.find(text, wanted, file)
    lines = _Lines(file.lines(encoding))
    for _ in range(layout.above):
        next(lines.source, None)
    short = dated = 0
    words: frozenset[int] = frozenset()
    names: Sequence[str] = () if layout.is_named else layout.header.names
    if names:
        dated, words = telling_columns(names, wanted, file)
    record_of = layout.header.record if layout.header.together else None
    for number, row, record in lines.records(layout):
        if isinstance(row, InputError):
            if not names:
                raise InputError(f"has no usable header: {row.problem}", file=file.name, line=number)
            yield file.name, (number, None), row, record
            continue
        if not names:
            names = layout.header.names
            dated, words = telling_columns(names, wanted, file)
            continue
        if not (row and row[0].strip()) and not any(cell.strip() for cell in row):
            continue  # spreadsheets write empty rows as separators only
        if layout.is_log:
            if row[0].startswith(_MARK):
                continue
            row = ["" if cell in _UNSET else cell for cell in row]
        # Only check rows whose date cell is a short number or begins with neither a digit nor a weekday with a comma: nearly
        # all dates do.
        is_short = len(row) < len(names)
        day = "" if is_short and dated >= len(row) else row[dated]
        if (
            (not day[3:] or not day[:1].isdigit())
            and day[3:4] != ","
            and (reason := is_aside(row, names, dated, words))
        ):
            yield file.name, (number, None), LeftOut(reason), record
            continue
        if is_short:
            short += 1
            row = [*row, *[""] * (len(names) - len(row))]
        elif len(row) > len(names) and any(cell.strip() for cell in row[len(names) :]):
            problem = (
                f"the record has {len(row)} cells, but the header has {len(names)}: enclose each cell that holds the "
                f"separator ({_NAMED[layout.separator]}) in quotes"
            )
            yield file.name, (number, None), InputError(problem), record
            continue
        value: object = dict(zip(names, row, strict=False)) if record_of is None else record_of(row)
        if isinstance(record, bytes) and not record.isascii():
            try:
                record.decode()
            except UnicodeDecodeError:
                value = _undecoded(names, row, encoding) or value
        yield file.name, (number, None), value, record
    if short:
        file.notes.append(
            f"{short:,} row{'s' * (short > 1)} with fewer cells than the header: the missing ones are read as empty"
        )


def _undecoded(names: Sequence[str], row: Sequence[str], encoding: str) -> InputError | None:
    """The message for a row with bytes that are invalid in its encoding."""
    for name, cell in zip(names, row, strict=False):
        if not cell.isascii() and any("\udc80" <= character <= "\udcff" for character in cell):
            said = "UTF-8" if encoding.startswith("utf-8") else encoding
            return InputError(f"not {said}: save the file as UTF-8, or give encoding=...", field=name)
    return None


def is_table(path: Path, wanted: WantedColumns) -> bool:
    """Whether a file begins with the column names of a table."""
    file = SourceFile(path)
    try:
        _Layout.find(file.head(2**14).decode("utf-8", "replace"), replace(wanted, dated=True), file)
    except InputError:
        return False
    return True


class _Layout:
    """The layout of a table: its separator, and the line with its column names."""

    def __init__(
        self,
        separator: str,
        escaped: bool,
        above: int,
        header: Header,
        *,
        is_named: bool = True,
        is_log: bool = False,
        spans: Sequence[slice] = (),
    ) -> None:
        self.separator = separator
        self.escaped = escaped
        self.above = above
        self.header = header
        self.is_named = is_named  # whether a line names the columns, and is yet to be read
        self.is_log = is_log  # whether lines that begin with `_MARK` are no rows
        self.spans = spans  # where the cells of a line are, in a table with columns of fixed width

    @classmethod
    def find(cls, text: str, wanted: WantedColumns, file: SourceFile) -> _Layout:
        """Detect the layout from the first lines of the text."""
        if not text.strip():
            fault = next((error for _, _, error in file.lines()), None)
            if fault is not None:
                raise InputError(fault.problem, file=file.name, line=1)
            raise NoTableError("is empty: a CSV file begins with a line of column names", file=file.name)
        if text.startswith(_MARK) and (fields := _FIELDS.search(text)):
            names = Header.of(fields[2].split(fields[1]), wanted)
            above = text.count("\n", 0, fields.end()) + 1
            check_named(names.names, wanted, file=file.name, line=above)
            return cls(fields[1], False, above, names, is_named=False, is_log=True)
        if ruled := _RULED.search(text, 0, _HEAD >> 6):
            begins = [dashes.start() for dashes in re.finditer("-+", ruled[2])]
            spans = [slice(*ends) for ends in zip(begins, [*begins[1:], None], strict=True)]
            columns = [ruled[1][span].strip() for span in spans]
            if is_header(columns, wanted):
                above = text.count("\n", 0, ruled.start())
                return cls(" ", False, above, Header.of(columns, wanted), spans=spans)
        escaped = bool(re.search(r'\\"', text)) and not re.search(r'[^,;\t|\r\n]""[^,;\t|\r\n]', text)
        found = None
        for separator in (*_SEPARATORS, " ") if _QUOTED_WORDS.match(text) else _SEPARATORS:
            rows = list(islice(_first_rows(text, separator, escaped), PREAMBLE + 20))
            for at, (line, row) in enumerate(rows[:PREAMBLE]):
                if len(row) > 1 and is_header(row, wanted):
                    cells = [other for _, other in rows[at + 1 : at + 6] if other]
                    if _are_rows_named(row, cells, wanted):
                        row = ["", *row]
                        rows[at] = line, row
                    layout = cls(separator, escaped, *_lower_header(rows[at:], wanted))
                    below = list(map(len, cells))
                    fits = sum(width == len(row) for width in below)
                    if found is None or (fits, len(row)) > found[0]:
                        found = (fits, len(row)), layout
                    break
        layout = found[1] if found is not None else cls._by_cells(text, wanted, file, escaped)
        check_named(layout.header.names, wanted, file=file.name, line=layout.above + 1)
        if layout.above:
            above = layout.above
            file.notes.append(f"{above} line{'s' * (above > 1)} above the column names ignored")
        file.notes += layout.header.notes
        if layout.separator != "," and file.kind not in (".tsv", ".tab"):
            file.notes.append(f"cells separated by {_SPELLED[layout.separator]}")
        return layout

    @classmethod
    def _by_cells(cls, text: str, wanted: WantedColumns, file: SourceFile, escaped: bool) -> _Layout:
        """The layout of a table whose columns are detected from cells because the names do not tell."""
        for separator in _SEPARATORS if wanted.by_cells else ():
            rows = [(at, row) for at, row in islice(_first_rows(text, separator, escaped), 40) if row]
            at, row = next(((at, row) for at, row in rows if sum(map(bool, row)) > 1), (0, []))
            below = [cells for line, cells in rows if line > at]
            if below and all(len(cells) == len(row) + 1 for cells in below):
                row = [
                    *row,
                    f"column {len(row) + 1}",
                ]  # exports of the Windows event log have no name for the message column
            header = Header.of([name or f"column {at}" for at, name in enumerate(row, 1)], wanted)
            lacks = wanted.lacks((name,) for name in header.names)
            shown = shown_by_cells(header.names, below, lacks) if len(row) > 1 and below else None
            # A row that looks like the rows below is not a header.
            if shown and not shown_by_cells([str(position) for position in range(len(row))], [row], ["date"]):
                file.by_cells = shown
                return cls(separator, escaped, at, header)
        layout = cls._without_names(text, wanted, file, escaped)
        if layout is None:
            raise cls._none(text, wanted, file, escaped)
        return layout

    @classmethod
    def _without_names(
        cls, text: str, wanted: WantedColumns, file: SourceFile, escaped: bool
    ) -> _Layout | None:
        """The layout of a table without a header, whose columns are told by the cells or the caller."""
        for separator in _SEPARATORS:
            rows = [row for _, row in islice(_first_rows(text, separator, escaped), 40) if row]
            if len(rows) > 1 and not text.endswith("\n") and len(rows[-1]) < len(rows[0]):
                rows.pop()  # the last line may be cut off
            if not rows or len(rows[0]) < 2 or {len(row) for row in rows} != {len(rows[0])}:
                continue
            names = [f"column {position}" for position in range(1, len(rows[0]) + 1)]
            layout = cls(separator, escaped, 0, Header.of(names, wanted), is_named=False)
            if set(names) & wanted.fields.keys():
                return layout
            if wanted.by_cells and len(rows) > 1 and (shown := shown_without_names(names, rows)):
                file.by_cells = shown
                file.notes.append("no line of column names: columns are recognised by their cells")
                return layout
        return None

    @staticmethod
    def _none(text: str, wanted: WantedColumns, file: SourceFile, escaped: bool) -> InputError:
        """The message for a table whose header names no date or no words."""
        best: list[list[str]] = []
        line = 0
        for separator in _SEPARATORS:
            rows = [(at, row) for at, row in islice(_first_rows(text, separator, escaped), 30) if row]
            if rows and (not best or len(rows[0][1]) > len(best[0])):
                best, line = [row for _, row in rows], rows[0][0] + 1
        if not best:
            return NoTableError("has no usable header", file=file.name, line=1)
        names = [name.strip() for name in best[0]]
        if file.kind == ".txt" and 1 in (len(names), len(best)):
            return NoTableError(
                "holds no table: a single .txt file is read as a table, which begins with a line of column names; a post "
                "begins with front matter (---) or lies in a folder of posts",
                file=file.name,
                line=line,
            )
        guess = looks_like(names, best[1:], DateColumn())
        values = sum(bool(_A_VALUE.fullmatch(name) and not _YEAR.fullmatch(name)) for name in names)
        if 2 * values >= len(names) or "date" in looks_like(
            [str(at) for at in range(len(names))], best[:1], DateColumn()
        ):
            return InputError(
                f"begins with a row of values, not of column names ({', '.join(names)[:200]}): add a line of names above "
                "it, such as id,date,title,text, or map columns by number: fields={'column 1': 'date', 'column 2': 'title'}",
                file=file.name,
                line=line,
                field="date",
            )
        return unmatched(names, wanted, best[1:], guess, file=file.name, line=line)


def _are_rows_named(names: Sequence[str], below: Sequence[Sequence[str]], wanted: WantedColumns) -> bool:
    """Whether each row begins with a cell more than there are names of columns, as R writes the names of rows."""
    if not below or any(len(row) != len(names) + 1 for row in below):
        return False
    day = match([(name,) for name in names], wanted).get("date", [("",)])[0][0]
    at = list(names).index(day) if day in names else 0
    return all(DateColumn().reads(row[at + 1]) and not DateColumn().reads(row[at]) for row in below)


def _lower_header(rows: list[tuple[int, list[str]]], wanted: WantedColumns) -> tuple[int, Header]:
    """The header that begins in the first row: its line and its columns. Of two header rows the lower one counts; the upper one
    holds names of column groups, and of columns outside groups.
    """
    (line, row), *below = rows
    if below:
        lower, cells = below[0]
        if (
            len(cells) == len(row)
            and is_header(cells, wanted)
            and sum(map(bool, cells))
            + sum(bool(name) and not cell for name, cell in zip(row, cells, strict=True))
            > sum(map(bool, row))
        ):
            return lower, Header.of([cell or name for name, cell in zip(row, cells, strict=True)], wanted)
    return line, Header.of(row, wanted)


_SPELLED = {";": "semicolons", "\t": "tabs", "|": "bars", ",": "commas", " ": "blanks"}


def _first_rows(text: str, separator: str, escaped: bool) -> Iterator[tuple[int, list[str]]]:
    """The first rows that can be read, with the number of lines above each."""
    lines = text.splitlines(keepends=True)[:2000]
    at = 0
    while at < len(lines):
        row, used = None, 0
        for used in range(1, min(50, len(lines) - at) + 1):
            row = split_row("".join(lines[at : at + used]), separator, escaped)
            if row is not None:
                break
        if row is None:
            row, used = lines[at].rstrip("\r\n").split(separator), 1
        yield at, row if any(cell.strip() for cell in row) else []
        at += used


def split_row(text: str, separator: str, escaped: bool) -> list[str] | None:
    """The cells of a record, read leniently; None where a quoted cell is not closed.

    A quote closes a cell only before a separator or the end: ``"5" nails"`` is one cell.

    Examples
    --------
    >>> split_row('2,"5" nails" hit,y', ",", False), split_row('"open, x', ",", False)
    (['2', '"5" nails" hit', 'y'], None)
    """
    text = text.rstrip("\r\n")
    closings = _Closings(text, separator, escaped)
    cells = []
    at = 0
    while True:
        if text[at : at + 1] == '"':
            begin = at + 1
            end = closings.after(begin)
            if end is None:
                end_at = text.find(separator, begin)
                if '"' not in text[begin : len(text) if end_at < 0 else end_at]:
                    return None
                # The quotes close within the cell, so the first one does not open a quoted cell: "5" nails" hit
                cells.append(text[at : len(text) if end_at < 0 else end_at])
                if end_at < 0:
                    return cells
                at = end_at + 1
                continue
            cell = text[begin : end.start()].replace('""', '"')
            cells.append(cell.replace('\\"', '"') if escaped else cell)
            at = end.end()
            if not end[0].endswith(separator):
                return cells
        else:
            end_at = text.find(separator, at)
            if end_at < 0:
                cells.append(text[at:])
                return cells
            cells.append(text[at:end_at])
            at = end_at + 1


class _Closings:
    """The quotes before a separator or the end; a cell is closed by the first that is not the second of a pair."""

    def __init__(self, text: str, separator: str, escaped: bool) -> None:
        before = "(?<!" + re.escape(chr(92)) + ")" if escaped else ""
        self.text = text
        self.quotes = list(re.finditer(rf'{before}"[ ]*(?:{re.escape(separator)}|\Z)', text))
        self.positions = [quote.start() for quote in self.quotes]
        # For each quote the next one that can close a cell, so that no text is scanned twice.
        self.next = [len(self.quotes)] * (len(self.quotes) + 1)
        for position in reversed(range(len(self.quotes))):
            self.next[position] = position if self._closes(position, 0) else self.next[position + 1]

    def after(self, begin: int) -> re.Match[str] | None:
        """The quote that closes the cell that begins at a position."""
        position = bisect_left(self.positions, begin)
        # The first quote may follow the opening quote, which is not half of a doubled quote.
        if position < len(self.quotes) and not self._closes(position, begin):
            position = self.next[position + 1]
        return self.quotes[position] if position < len(self.quotes) else None

    def _closes(self, position: int, begin: int) -> bool:
        """Whether an even number of quotes precedes it, so that all are doubled quotes within the cell."""
        at = here = self.positions[position]
        while here > begin and self.text[here - 1] == '"':
            here -= 1
        return (at - here) % 2 == 0


class _Lines:
    """The lines of a table for ``csv.reader``, which can be pushed back after an error."""

    def __init__(self, source: Iterator[Line]) -> None:
        self.source = source
        self._back: list[Line] = []
        self._taken: list[Line] = []
        self._length = 0
        self._patience = _PATIENCE

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        number, line, error = self._back.pop() if self._back else next(self.source)
        self._taken.append((number, line, error))
        if error is not None or isinstance(line, Cut):
            raise error or InputError("too long")
        self._length += len(line)
        if self._length > MAX_RECORD:
            raise too_long(self._length)
        # The cells are checked one by one, so that the message can name the column.
        return line.decode("utf-8", "surrogateescape")

    def records(self, layout: _Layout) -> Iterator[tuple[int, list[str] | InputError, bytes | Cut]]:
        """Yield for each record its line number, its cells or error, and its raw text."""
        width = len(layout.header.names)
        separator, escaped = layout.separator, layout.escaped
        options: dict[str, Any] = {"delimiter": separator, "strict": True}
        if escaped:
            options["escapechar"] = "\\"
        rows = csv.reader(self, **options)
        alone: Any = rows.dialect
        while True:
            self._taken, self._length = [], 0
            row: list[str] | InputError
            if not self._back:
                # Nearly every record is one line: parse the line alone, and again with more lines if the record does not end
                # there.
                line = next(self.source, None)
                if line is None:
                    return
                number, data, error = line
                if error is None and type(data) is bytes and not escaped:
                    text = data.decode("utf-8", "surrogateescape")
                    if layout.spans:
                        # A line with words across the columns is a note.
                        is_row = all(
                            text[span.start - 1 : span.start] in ("", " ") for span in layout.spans[1:]
                        )
                        yield (
                            number,
                            [text[span].strip() for span in layout.spans] if is_row else [text.strip()],
                            data,
                        )
                        continue
                    if '"' not in text:
                        cells = text.rstrip("\r\n").split(separator)
                        # In tables printed by databases, cells are separated by bars and padded with spaces.
                        yield number, [cell.strip() for cell in cells] if separator == "|" else cells, data
                        continue
                    try:
                        yield number, next(csv.reader((text,), alone)), data
                        continue
                    except csv.Error:
                        pass
                self._back.append(line)
            try:
                row = next(rows)
            except StopIteration:
                if not self._taken:
                    return
                row = InputError("not CSV: unexpected end of data")
            except csv.Error as error:
                row = self._lenient(layout, width) or InputError(f"not CSV: {error}")
                rows = csv.reader(self, **options)
            except InputError as error:
                row = error
                if len(self._taken) > 1 and self._taken[-1][2] is None:
                    row = self._lenient(layout, width) or self._first_alone(error)
                rows = csv.reader(self, **options)
            else:
                if len(self._taken) > 1 and len(row) != width:
                    # An unclosed quote would swallow the lines below: read the first line alone.
                    row = self._lenient(layout, width) or row
                    if len(self._taken) > 1 and isinstance(row, list) and len(row) != width:
                        row = self._first_alone(InputError("not CSV: a quote is opened and never closed"))
                    rows = csv.reader(self, **options)
            if isinstance(row, InputError) and row.problem.startswith("not CSV: unexpected end"):
                row = self._lenient(layout, width) or (
                    self._first_alone(row) if len(self._taken) > 1 else row
                )
                rows = csv.reader(self, **options)
            yield self._taken[0][0], row, self._record()

    def _lenient(self, layout: _Layout, width: int) -> list[str] | None:
        """The record that begins at the first line taken, if it can be read leniently; later lines are given back."""
        text = ""
        lines = self._taken
        at = 0
        most = _MOST_LINES if self._patience else 1
        while at < most and len(text) < SHOWN:
            if at == len(lines):
                more = self._back.pop() if self._back else next(self.source, None)
                if more is None:
                    return None
                lines.append(more)
            _, line, error = lines[at]
            if error is not None or isinstance(line, Cut):
                return None
            text += line.decode("utf-8", "surrogateescape")
            at += 1
            row = split_row(text, layout.separator, layout.escaped)
            if row is not None and (len(row) == width or (at == 1 and len(row) < width)):
                self._give_back(at)
                return row
            if row is not None:
                return None
        self._patience = max(0, self._patience - 1)
        return None

    def _first_alone(self, error: InputError) -> InputError:
        """The error of the first line; the other lines are pushed back."""
        self._give_back(1)
        return error

    def _give_back(self, kept: int) -> None:
        self._back.extend(reversed(self._taken[kept:]))
        del self._taken[kept:]

    def _record(self) -> bytes | Cut:
        if len(self._taken) == 1:
            return self._taken[0][1]
        cut = next((line for _, line, _ in self._taken if isinstance(line, Cut)), None)
        return cut or b"".join(line for _, line, _ in self._taken if isinstance(line, bytes))
