"""Frames, Parquet, Feather, workbooks and SQLite files -> the records of events, a thousand rows at a time."""

from __future__ import annotations

import sqlite3
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from relatedness.errors import InputError, MissingExtraError
from relatedness.sources._columns import WantedColumns, match
from relatedness.sources._dates import DateColumn
from relatedness.sources._file import BROKEN, MAX_WHOLE, Item, SourceFile, reason
from relatedness.sources._headers import PREAMBLE, Header, is_header, named_table, table_of_events
from relatedness.sources._hiding import hiding
from relatedness.sources._mappings import NoTableError, check_named, unmatched
from relatedness.sources._names import HIDING
from relatedness.sources._report import LeftOut
from relatedness.sources._side_rows import REPEATED, is_aside
from relatedness.sources._telling_cells import looks_like, shown_by_cells, telling_columns

_ROWS = 1024  # rows that are converted at once
_ROWS_OF_A_VIEW = 1_000_000  # or one a byte of its file
_STEPS, _STEPS_A_BYTE = (
    10**9,
    1_000,
)  # instructions of SQLite's virtual machine, which runs some 50 million per second
_STEPS_AT_ONCE = 10**6  # steps of SQLite between two looks at their number
ENDLESS = "has a view that may never end; write its rows to a table (CREATE TABLE ... AS SELECT ...)"
"""The message for an SQLite view that returns too many rows or takes too long."""


def _pyarrow(what: str) -> Any:
    try:
        import pyarrow
        import pyarrow.feather
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError(f"reading {what} needs pyarrow: pip install 'relatedness[frames]'") from None
    return pyarrow


def need_pyarrow() -> None:
    """Check that pyarrow is installed.

    Raises
    ------
    MissingExtraError
        If it is not.
    """
    _pyarrow("Parquet and Feather")


def read_parquet(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """The rows of a Parquet file."""
    arrow = _pyarrow("Parquet")
    size = file.path.stat().st_size
    try:
        # Read columns in small batches, so that memory is bounded by a few rows rather than a row group.
        with arrow.parquet.ParquetFile(file.path, buffer_size=2**20, pre_buffer=False) as table:
            rows = table.metadata.num_rows
            check_named(table.schema_arrow.names, wanted, file=file.name, nested=True)
            names = _needed(table.schema_arrow, wanted, file)
            batches = table.iter_batches(batch_size=_ROWS, columns=names, use_threads=False)
            for number, value in arrow_rows(batches):
                yield file.name, (None, number), value, value
                file.tick(size * number // max(rows, 1))
    except (arrow.ArrowException, OSError, UnicodeDecodeError) as error:  # the last of names of columns
        raise InputError(f"is not a Parquet file or is damaged: {reason(error)}", file=file.name) from None


def _needed(schema: Any, wanted: WantedColumns, file: SourceFile) -> list[str]:
    """The columns that become fields; the others are not fetched."""
    paths: list[tuple[str, ...]] = []
    for column in schema:
        inner = (
            [column.type.field(at).name for at in range(column.type.num_fields)]
            if _is_struct(column.type)
            else []
        )
        paths += [(column.name, name) for name in inner] or [(column.name,)]
    chosen = match(paths, wanted)
    if wanted.lacks(paths):
        return list(schema.names)  # their cells may be needed to detect fields
    names = {path[0] for found in chosen.values() for path in found}
    file.columns.extend(".".join(path) for path in paths if path[0] not in names)
    names |= HIDING | hiding(path[-1] for path in paths).keys()
    return [column.name for column in schema if column.name in names] or list(schema.names)


def _is_struct(kind: Any) -> bool:
    return str(kind).startswith("struct<")


def read_feather(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """The rows of a Feather (Arrow IPC) file."""
    arrow = _pyarrow("Feather")
    try:
        with arrow.memory_map(str(file.path)) as mapped, arrow.ipc.open_file(mapped) as table:
            check_named(table.schema.names, wanted, file=file.name, nested=True)
            batches = map(_sound, map(table.get_batch, range(table.num_record_batches)))
            for number, value in arrow_rows(batches):
                yield file.name, (None, number), value, value
    except (arrow.ArrowException, OSError, UnicodeDecodeError) as error:  # the last of names of columns
        raise InputError(f"is not a Feather file or is damaged: {reason(error)}", file=file.name) from None


def read_orc(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """The rows of an ORC file, a stripe at a time."""
    arrow = _pyarrow("ORC")
    import pyarrow.orc

    try:
        table = pyarrow.orc.ORCFile(str(file.path))
        check_named(table.schema.names, wanted, file=file.name, nested=True)
        names = _needed(table.schema, wanted, file)
        stripes = (table.read_stripe(at, columns=names) for at in range(table.nstripes))
        for number, value in arrow_rows(stripes):
            yield file.name, (None, number), value, value
    except (arrow.ArrowException, OSError, UnicodeDecodeError) as error:  # the last of names of columns
        raise InputError(f"is not an ORC file or is damaged: {reason(error)}", file=file.name) from None


def _sound(batch: Any) -> Any:
    """Validate the offsets of a record batch, because the file is not trusted."""
    batch.validate(full=True)
    return batch


def arrow_stream(source: Any, wanted: WantedColumns) -> Iterator[Item]:
    """The rows of anything that gives an Arrow stream."""
    batches = _pyarrow("a frame").RecordBatchReader.from_stream(source)
    for number, row in arrow_rows(batches):
        if number == 1:  # a frame without rows may have no columns either
            check_named(batches.schema.names, wanted, file=None, nested=True)
        yield None, (None, number), row, row


def arrow_rows(batches: Iterable[Any]) -> Iterator[tuple[int, object]]:
    """The numbered rows of Arrow record batches, each as a dict or the error that it cannot be one."""
    number = 0
    for large in batches:
        names = large.schema.names
        for start in range(0, large.num_rows, _ROWS):
            batch = large.slice(start, _ROWS)
            try:
                # Convert column by column, which takes a third of the time of row by row.
                columns = [column.to_pylist() for column in batch.columns]
                rows: list[Any] = [
                    dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)
                ]
            except (ValueError, OverflowError):  # one of them: find it
                rows = [_arrow_row(batch.slice(at, 1)) for at in range(batch.num_rows)]
            for row in rows:
                number += 1
                yield number, row


def _arrow_row(batch: Any) -> object:
    try:
        return batch.to_pylist()[0]
    except (ValueError, OverflowError) as error:
        return InputError(f"holds a value that Python cannot represent: {error}")


def with_index(frame: Any, wanted: WantedColumns) -> tuple[Any, WantedColumns]:
    """A frame whose unnamed index holds dates or texts as one with the column ``index``, and as what it is read.

    Dates are read as the date, and texts that differ as the id, if no column is. Numbers are left out: they number rows.
    """
    index = frame.index
    kind = "" if index.nlevels > 1 or index.name is not None else index.inferred_type
    found = match([(str(name),) for name in frame.columns], wanted)
    if "index" in frame.columns or kind not in (*_DAYS, "string"):
        return frame, wanted
    ours = "id" if kind == "string" and index.is_unique and ("date" in found or not wanted.dated) else "date"
    if ours in found:
        return frame, wanted
    # Texts without dates beside them may be dates: their cells tell.
    fields = {} if kind == "string" and ours == "date" else {"index": ours}
    return frame.rename_axis("index"), replace(wanted, fields={**fields, **wanted.fields})


_DAYS = ("datetime64", "datetime", "date")


def is_column(source: object) -> bool:
    """Whether a source is a Series of pandas or Polars."""
    modules = (sys.modules.get(name) for name in ("pandas", "polars"))
    return isinstance(source, tuple(module.Series for module in modules if module is not None))


def pandas_rows(frame: Any, wanted: WantedColumns) -> Iterator[Item]:
    """The rows of a pandas frame; a named index is a column, too."""
    for start in range(0, len(frame), _ROWS):
        rows = frame.iloc[start : start + _ROWS]
        if any(name is not None for name in rows.index.names):
            rows = rows.reset_index()
        names: dict[str, None] = {}
        for at, name in enumerate(map(str, rows.columns), 1):
            names[name if name not in names else f"{name} (column {at})"] = None
        rows = rows.set_axis(list(names), axis="columns")
        if start == 0:
            check_named(list(names), wanted, file=None, nested=True)
        rows = rows.astype(object).where(rows.notna(), None)
        for number, row in enumerate(rows.to_dict("records"), start + 1):
            yield None, (None, number), plain_row(row), row


def plain_row(row: dict[str, Any]) -> dict[str, Any]:
    """Arrays become lists, numbers of NumPy Python's."""
    for name, value in row.items():
        if hasattr(value, "tolist"):
            row[name] = value.tolist()
    return row


def read_workbook(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """The rows of the first sheet of a workbook whose columns tell a date and words."""
    try:
        import openpyxl
    except ImportError:
        raise MissingExtraError("reading .xlsx needs openpyxl: pip install 'relatedness[tables]'") from None

    try:
        with zipfile.ZipFile(file.path) as packed:
            size = sum(info.file_size for info in packed.infolist())
        if size > MAX_WHOLE:
            raise InputError(
                f"unpacks to {size:,} bytes, more than the limit of {MAX_WHOLE:,}: save it as CSV",
                file=file.name,
            )
        # Opened here, because openpyxl refuses a path that ends in .xls.
        with (
            file.path.open("rb") as raw,
            closing(openpyxl.load_workbook(raw, read_only=True, data_only=True)) as book,
        ):
            yield from _sheets(file, book, wanted)
    except InputError:
        raise
    except (*BROKEN, KeyError, ValueError, SyntaxError) as error:
        raise InputError(
            f"is not a workbook (.xlsx) or is damaged: {reason(error)}", file=file.name
        ) from error


def _sheets(file: SourceFile, book: Any, wanted: WantedColumns) -> Iterator[Item]:
    """The rows of the first sheet that fits, and of those with the same columns, such as one a year."""
    shown = [
        sheet for sheet in book.worksheets if sheet.sheet_state == "visible" or sheet.title == wanted.table
    ]
    sheets = shown or book.worksheets
    if wanted.names_table:
        sheets = [book[named_table((sheet.title for sheet in book.worksheets), wanted, file)]]
    elif len(sheets) < len(book.worksheets):
        aside = ", ".join(repr(sheet.title) for sheet in book.worksheets if sheet not in sheets)
        file.notes.append(f"left out because it is hidden: {aside}")
    starts = {sheet.title: list(islice(sheet.iter_rows(values_only=True), PREAMBLE)) for sheet in sheets}
    first = min(
        (name for name in starts if _header_of(starts[name], wanted) is not None),
        key=lambda name: name != wanted.table,
        default=None,
    )
    if first is None and wanted.by_cells:
        for rows in starts.values():
            at = next((at for at, row in enumerate(rows) if len(_names(row)) > 1), None)
            names = [] if at is None else ["" if cell is None else str(cell).strip() for cell in rows[at]]
            lacks = wanted.lacks((name,) for name in names)
            by_cells = shown_by_cells(names, rows[(at or 0) + 1 :], lacks) if names else None
            if by_cells:
                file.by_cells = by_cells
                fields = {**by_cells, **wanted.fields}
                yield from _sheets(file, book, replace(wanted, fields=fields, by_cells=False))
                return
    if first is None:
        rows = [
            ["" if cell is None else str(cell) for cell in row]
            for rows in starts.values()
            for row in rows
            if _names(row)
        ]
        if not rows:
            raise NoTableError("has no sheet with rows", file=file.name)
        raise unmatched(
            rows[0], wanted, rows[1:4], looks_like(rows[0], rows[1:4], DateColumn()), file=file.name, line=1
        )
    file.table = first
    found = _header_of(starts[first], wanted)
    if found is not None:
        check_named(found[1].names, wanted, file=file.name, line=found[0] + 1)
    alike = [
        name
        for name in starts
        if (other := _header_of(starts[name], wanted)) and found and other[1] == found[1]
    ]
    if len(starts) > 1:
        told = ", ".join(map(repr, alike))
        file.notes.append(f"sheet{'s' * (len(alike) > 1)} {told} of {len(starts)}")
    for name in alike:
        at, header = _header_of(starts[name], wanted) or (0, Header(()))
        file.notes += [note for note in header.notes if note not in file.notes]
        date, words = telling_columns(header.names, wanted, file)
        alone: Item | None = (
            None  # a row of one cell, which names a group of rows if the names of the columns follow
        )
        for number, row in enumerate(book[name].iter_rows(min_row=at + 2, values_only=True), at + 2):
            filled = sum(cell is not None and cell != "" for cell in row)
            if not filled:
                continue
            day = row[date] if date < len(row) else None
            reason = is_aside(row, header.names, date, words) if isinstance(day, str | int | None) else None
            if alone is not None:
                is_group = reason == REPEATED
                yield (*alone[:2], LeftOut("names of groups of rows"), alone[3]) if is_group else alone
                alone = None
            if reason is not None:
                yield file.name, (number, None), LeftOut(reason), row
                continue
            record = header.record(row)
            item = file.name, (number, None), record, record
            if filled == 1:
                alone = item
            else:
                yield item
        if alone is not None:
            yield alone


def _names(row: Sequence[Any]) -> list[str]:
    return [str(cell) for cell in row if cell is not None and cell != ""]


def _header_of(rows: Sequence[Sequence[Any]], wanted: WantedColumns) -> tuple[int, Header] | None:
    """The first row whose names tell a date and words, with its position."""
    for at, row in enumerate(rows):
        cells = ["" if cell is None else str(cell).strip() for cell in row]
        if is_header(cells, wanted):
            below = (
                ["" if cell is None else str(cell).strip() for cell in rows[at + 1]]
                if at + 1 < len(rows)
                else []
            )
            if is_header(below, wanted) and len(_names(below)) > len(_names(cells)):
                # Above it stand names of groups of columns, and those of columns in no group.
                return at + 1, Header.of(list(map(_or, below, cells)), wanted)
            return at, Header.of(cells, wanted)
    return None


def _or(name: str, above: str) -> str:
    return name or above


def read_sqlite(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """The rows of the one table of a SQLite file whose columns tell a date and words."""
    try:
        address = file.path.resolve().as_uri() + "?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
            connection.row_factory = sqlite3.Row
            yield from _table(file, connection, wanted)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_INTERRUPT":
            raise InputError(
                f"{ENDLESS}: reading took too long for a file of this size", file=file.name
            ) from None
        raise InputError(f"is not an SQLite database or is damaged: {error}", file=file.name) from None
    except UnicodeDecodeError as error:  # cells are decoded by `text_factory`, names by the module itself
        raise InputError(f"is damaged: the name of a column is not text ({error})", file=file.name) from None


def _table(file: SourceFile, connection: sqlite3.Connection, wanted: WantedColumns) -> Iterator[Item]:
    query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    tables = {
        str(row[0]): [str(column[1]) for column in connection.execute(f"PRAGMA table_info({_named(row[0])})")]
        for row in connection.execute(query).fetchall()
    }
    name = named_table(tables, wanted, file) if wanted.names_table else next(iter(tables), "")
    if (len(tables) == 1 or wanted.names_table) and not is_header(columns := tables[name], wanted):
        shown = [
            ["" if cell is None else str(cell) for cell in row]
            for row in connection.execute(f"SELECT * FROM {_named(name)} LIMIT 2")  # noqa: S608
        ]
        raise unmatched(
            columns, wanted, shown, looks_like(columns, shown, DateColumn()), file=file.name, line=None
        )
    table = table_of_events(tables, wanted, file)
    check_named(tables[table], wanted, file=file.name, nested=True)
    file.table = table
    if len(tables) > 1:
        file.notes.append(f"table {table!r} of {len(tables)}")
    most = spare_endless(connection, file.path, table)
    order = " ORDER BY rowid" if _has_rowid(connection, table) else ""
    rows = connection.execute(f"SELECT * FROM {_named(table)}{order}")  # noqa: S608
    for number, row in enumerate(rows, 1):
        if number > most:
            raise InputError(f"{ENDLESS}: it returned more than {most:,} rows", file=file.name)
        record = dict(row)
        yield file.name, (None, number), record, record


def spare_endless(connection: sqlite3.Connection, path: Path, name: str) -> int:
    """Limit the work of a view by the size of the file, and return the most rows to read. A recursive view may be endless; a
    table is bounded by its file.
    """
    query = "SELECT type FROM sqlite_master WHERE name = ?"
    found = connection.execute(query, (name,)).fetchone()
    if found is None or found[0] != "view":
        return sys.maxsize
    size = path.stat().st_size
    left = _STEPS + _STEPS_A_BYTE * size

    def step() -> bool:
        nonlocal left
        left -= _STEPS_AT_ONCE
        return left < 0

    connection.set_progress_handler(step, _STEPS_AT_ONCE)
    return max(_ROWS_OF_A_VIEW, size)


def _has_rowid(connection: sqlite3.Connection, table: str) -> bool:
    try:
        connection.execute(f"SELECT rowid FROM {_named(table)} LIMIT 1")  # noqa: S608
    except sqlite3.Error:
        return False
    return True


def _named(name: str) -> str:
    return '"' + str(name).replace('"', '""') + '"'
