"""Files, folders, tables of databases, frames and plain Python values -> one checked stream of events.

A bad record is an `InputError` that names file, line and field, and the stream ends there. Where the caller
gives `rejects`, the record goes to that file with the reason instead, and the rest is read. Either way every
record is an event, a repeat of one, or a reject: `Reading` counts them.

Only one record (of a Parquet file: a few hundred) is in memory at a time. What grows is the knowledge of the
ids already seen: the last 200,000 are held in memory, all earlier ones in a temporary file that vanishes with
the reading.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import reprlib
import sqlite3
import sys
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import fields as fields_of
from datetime import datetime, time, tzinfo
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

from relatedness.errors import ConfigError, InputError, MissingExtraError, RelatednessError
from relatedness.events import Event, find_zone
from relatedness.sources._archive_pages import Page, read_page
from relatedness.sources._database import Table, is_url, without_password
from relatedness.sources._exports import is_wxr, read_wxr
from relatedness.sources._feeds import MAX_FEED, read_feed
from relatedness.sources._posts import Folder, is_archive_list, is_archive_page, kind_of, size_of
from relatedness.sources._report import Faulty, LeftOut, Post, ReadReport

MAX_RECORD = 16 * 2**20
"""The longest record in bytes (a line, a CSV record, a page) that is read; a longer one is a bad record."""

_SHOWN = 2**16  # so much of a bad record goes to the rejects file
_BLOCK = 2**18
_FAULTS = 100  # so many are told one by one
_ROWS = 256
_IDS_IN_MEMORY = 200_000
_FIELDS = tuple(field.name for field in fields_of(Event))

# file, line or else number of the record, what was found there (an InputError if that is already known to be bad), and
# the record as it stands
_Item = tuple[str | None, tuple[int | None, int | None], object, object]
_Tick = Callable[[int], None]


class Rejects:
    """A file for the records that could not be used: one JSON object a line.

    Each holds ``file``, ``line`` and ``field`` (null where unknown), the ``problem``, the ``record`` as it
    stands (its first 64 KiB) and ``length``, the length of the whole record in bytes.

    Parameters
    ----------
    path : path-like
        The file, begun anew. It stays empty when nothing was rejected.

    Attributes
    ----------
    path : Path
    count : int
        How many records were rejected so far.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "rejects.jsonl"
    >>> with Rejects(path) as rejects:
    ...     events = list(read_events([{"title": "No date"}], rejects=rejects))
    >>> rejects.count, json.loads(path.read_text())["field"]
    (1, 'date')
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.count = 0
        # What no UTF-8 file can hold becomes a \u escape, which inside a JSON text is just that character.
        try:
            self._file = self.path.open("w", encoding="utf-8", errors="backslashreplace", buffering=1)
        except OSError as error:
            raise ConfigError(f"the rejects file {self.path} cannot be written: {_reason(error)}") from None

    def add(self, error: InputError, record: object) -> None:
        """Write down one bad record.

        Parameters
        ----------
        error : InputError
            What is wrong and where.
        record : object
            The record: bytes, text or any Python value.
        """
        if isinstance(record, _Cut):
            text, length = record.head.decode("utf-8", "backslashreplace"), record.length
        elif isinstance(record, bytes):
            text, length = record[:_SHOWN].decode("utf-8", "backslashreplace"), len(record)
        else:
            try:
                text = (
                    record if isinstance(record, str) else json.dumps(record, ensure_ascii=False, default=str)
                )
            except (TypeError, ValueError, RecursionError):
                text = reprlib.repr(record)
            length = len(text.encode("utf-8", "surrogatepass"))
        entry = {
            "file": error.file,
            "line": error.record if error.line is None else error.line,
            "field": error.field,
            "problem": error.problem,
            "record": text[:_SHOWN],
            "length": length,
        }
        self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self.count += 1

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Rejects:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Reading(Iterator[Event]):
    """The stream of events that `read` and `read_events` give: iterate it once.

    Attributes
    ----------
    events : int
        How many events it gave so far.
    repeats : int
        How many records repeated an event, id and content, and were folded into it.
    rejected : int
        How many bad records went to the rejects file.
    left_out : dict
        What of a folder is no event, in words, to how many files: ``{"pages without a date": 12, "drafts": 3}``.
    faults : list of InputError
        The first hundred faulty files of folders, which were put aside because the caller is not strict.
    faulty : int
        How many there were in all.
    kept : set of str
        The ids that the faulty ones have as events: a refresh leaves those as they are.
    """

    def __init__(
        self,
        items: Iterator[_Item],
        fields: Mapping[str, str],
        zone: tzinfo | None,
        rejects: Rejects | str | os.PathLike[str] | None,
        strict: bool = False,
    ) -> None:
        self.events = 0
        self.repeats = 0
        self.rejected = 0
        self.left_out: dict[str, int] = {}
        self.faults: list[InputError] = []
        self.faulty = 0
        self.kept: set[str] = set()
        self._strict = strict
        self._stream = self._check(items, fields, zone, rejects)

    def __iter__(self) -> Iterator[Event]:
        return self._stream

    def __next__(self) -> Event:
        return next(self._stream)

    def _check(
        self,
        items: Iterator[_Item],
        fields: Mapping[str, str],
        zone: tzinfo | None,
        rejects: Rejects | str | os.PathLike[str] | None,
    ) -> Generator[Event, None, None]:
        theirs = {ours: name for name, ours in fields.items()}
        sink = rejects if rejects is None or isinstance(rejects, Rejects) else Rejects(rejects)
        seen = _Seen()
        try:
            for file, (line, number), value, record in items:
                if isinstance(value, LeftOut):
                    self.left_out[value.reason] = self.left_out.get(value.reason, 0) + 1
                    continue
                forgiven = isinstance(value, Post | Faulty) and not self._strict
                try:
                    event = _make(value, fields, zone)
                    if seen.before(event):
                        self.repeats += 1
                        continue
                except InputError as error:
                    placed = InputError(
                        error.problem,
                        file=file,
                        line=line if error.line is None else error.line,
                        record=number if error.line is None else None,
                        field=error.field and theirs.get(error.field, error.field),
                    )
                    if sink is None and not forgiven:
                        raise placed from None
                    if forgiven:
                        self._put_aside(placed, value)
                    if sink is not None:
                        sink.add(placed, record)
                        self.rejected += 1
                    continue
                self.events += 1
                yield event
        finally:
            if isinstance(items, Generator):
                items.close()  # a connection ends here, not when the collector comes by
            seen.close()
            if sink is not None and sink is not rejects:
                sink.close()

    def _put_aside(self, error: InputError, value: object) -> None:
        self.faulty += 1
        if len(self.faults) < _FAULTS:
            self.faults.append(error)
        id_ = value.id if isinstance(value, Faulty) else value.get("id") if isinstance(value, Post) else None
        if id_:
            self.kept.add(str(id_))

    @property
    def drafts(self) -> int:
        """How many posts were left out because their site does not show them."""
        return self.report().hidden

    def report(self) -> ReadReport:
        """What was left out so far, and what could not be read."""
        return ReadReport(dict(self.left_out), self.faulty, tuple(str(fault) for fault in self.faults))


def read(
    *sources: str | os.PathLike[str] | Table,
    fields: Mapping[str, str] | None = None,
    zone: str | tzinfo | None = None,
    rejects: Rejects | str | os.PathLike[str] | None = None,
    strict: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Reading:
    """Read events from files, folders and tables of databases.

    ===================  ===============================================================================
    ``.jsonl``           one JSON object a line, UTF-8
    ``.csv``             a header line, then one event a record, UTF-8, parted by commas. A cell of
                         ``topics`` or ``sources`` holds a JSON list, or texts parted by ``;``. A field may
                         hold up to ``csv.field_size_limit()`` characters (131,072 unless you set it).
    ``.parquet``         one event a row; ``topics`` and ``sources`` are lists; needs pyarrow
    ``.md``, a folder    archive pages (`relatedness.sources.read_page`) and posts with front matter
                         (`relatedness.sources.read_post`), a folder with all below it. Pages called ``index.md``
                         that have no front matter are lists of events, not events, and so is ``_index.md``.
    ``.xml``, ``.rss``,  a feed, RSS or Atom; ``.json`` a JSON Feed (`relatedness.sources.read_feed`)
    ``.atom``, ``.json``
    ===================  ===============================================================================

    A `relatedness.sources.Table` is read row by row. All but Parquet may be compressed (``.jsonl.gz``).
    `Event.make` says what the fields mean; fields
    that it does not know are ignored. A JSONL file without a line holds no events, which is no error.

    Parameters
    ----------
    *sources : path-like or Table
        What to read, in this order.
    fields : mapping, optional
        Their name of a field to ours, such as ``{"headline": "title"}``.
    zone : str or tzinfo, optional
        The zone of times that name none. Without it such a time is an error, except for midnight in a frame
        or Parquet file, which is how those write a plain day.
    rejects : path-like or Rejects, optional
        Where bad records go. Without it the first bad record ends the reading with an error.
    strict : bool
        Whether a faulty file in a folder of posts ends the reading with an error. Otherwise it is put aside and counted:
        see `Reading.faults`.
    progress : callable, optional
        Called now and then with the bytes read so far and the bytes in all, as they lie on disk. Tables count
        for nothing in it.

    Returns
    -------
    Reading
        The stream of events, with counts.

    Raises
    ------
    InputError
        At once if a path does not exist or is of no known kind; while iterating, for a bad record.
    ConfigError
        If `fields` names a field that events do not have.
    MissingExtraError
        If a file needs a package that is not installed.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "news.jsonl"
    >>> _ = path.write_text('{"date": "2014-06-10", "headline": "Mosul falls to ISIL."}')
    >>> [event.title for event in read(path, fields={"headline": "title"})]
    ['Mosul falls to ISIL.']
    """
    places = [source if isinstance(source, Table) else _path(source) for source in sources]
    for place in places:
        if isinstance(place, Table):
            continue
        if _kind_of(place) == "parquet":
            _pyarrow("Parquet")
        if rejects is not None and not isinstance(rejects, Rejects) and _is_same_file(place, Path(rejects)):
            raise ConfigError(f"the rejects file {os.fspath(rejects)} is the input itself: name another")
    mapping = _check_fields(fields)
    found = None if zone is None else find_zone(zone)
    return Reading(_files(places, mapping, found, progress), mapping, found, rejects, strict)


def read_events(
    source: object,
    *,
    fields: Mapping[str, str] | None = None,
    zone: str | tzinfo | None = None,
    rejects: Rejects | str | os.PathLike[str] | None = None,
    strict: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Reading:
    """Read events from whatever holds them.

    Parameters
    ----------
    source : path-like, Table, frame or iterable
        A file or folder (see `read`), a table of a database (`relatedness.sources.Table`), a pandas
        DataFrame, anything that gives an Arrow stream (Polars, pyarrow, DuckDB), or an iterable of `Event`
        objects and mappings.
    fields, zone, rejects, strict, progress
        As for `read`. The lines of errors are the rows of a frame and the items of an iterable, from 1.

    Returns
    -------
    Reading
        The stream of events, with counts.

    Raises
    ------
    InputError, ConfigError, MissingExtraError
        As `read` does.

    Examples
    --------
    >>> records = [{"id": "e1", "date": "2014-06-10", "title": "Mosul falls to ISIL."}] * 2
    >>> reading = read_events(records)
    >>> [event.id for event in reading], reading.repeats
    (['e1'], 1)
    """
    if isinstance(source, str | os.PathLike | Table):
        return read(source, fields=fields, zone=zone, rejects=rejects, strict=strict, progress=progress)
    mapping = _check_fields(fields)
    found = None if zone is None else find_zone(zone)
    items: Iterator[_Item]
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(source, pandas.DataFrame):
        items = _pandas(source, found)
    elif hasattr(source, "__arrow_c_stream__"):
        batches = _pyarrow("a frame").RecordBatchReader.from_stream(source)
        items = ((None, (None, number), value, value) for number, value in _arrow(batches, found))
    elif isinstance(source, Iterable) and not isinstance(source, Mapping | bytes):
        items = ((None, (None, number), value, value) for number, value in enumerate(source, 1))
    else:
        raise InputError(
            f"expected a path, a frame or an iterable of events, got {type(source).__name__}; "
            "put a single record into a list"
        )
    return Reading(items, mapping, found, rejects)


def read_pages(folder: str | os.PathLike[str], *, zone: str | tzinfo | None = None) -> Iterator[Page]:
    """The archive pages of a folder and below, with the lists they show; posts are none.

    Parameters
    ----------
    folder : path-like
    zone : str or tzinfo, optional
        As for `read`.

    Yields
    ------
    Page

    Raises
    ------
    InputError
        If one is no page, or none is found.
    """
    root = Path(folder)
    found = False
    for path, data in _archive_pages(root):
        place = path.relative_to(root).as_posix()
        try:
            yield read_page(data.decode(), path=place, zone=zone)
            found = True
        except InputError as fault:
            raise InputError(fault.problem, file=path, line=fault.line, field=fault.field) from None
        except UnicodeDecodeError as fault:
            raise InputError(f"cannot be read: {fault}", file=path) from None
    if not found:
        raise InputError("holds no archive pages: expected .md files in it or below", file=root)


def _archive_pages(root: Path) -> Iterator[tuple[Path, bytes]]:
    try:
        paths = sorted(root.rglob("*.md"))
        for path in paths:
            if not path.is_file() or is_archive_list(path.name, data := path.read_bytes()):
                continue
            if is_archive_page(data):
                yield path, data
    except OSError as error:
        raise InputError(f"cannot be read: {_reason(error)}", file=root) from None


class _Cut:
    """A record too long to be held: its beginning and its length."""

    def __init__(self, head: bytes, length: int) -> None:
        self.head = head
        self.length = length


class _Seen:
    """The ids read so far, each with a hash of its event; all but the newest in a temporary file."""

    def __init__(self) -> None:
        self._newest: dict[str, int] = {}
        self._file: sqlite3.Connection | None = None

    def before(self, event: Event) -> bool:
        """Whether this very event was read before; an error if another one with its id was."""
        content = hash(event)
        known = self._newest.get(event.id)
        if known is None and self._file is not None:
            row = self._file.execute("SELECT content FROM seen WHERE id = ?", (event.id,)).fetchone()
            known = row and row[0]
        if known is None:
            self._newest[event.id] = content
            if len(self._newest) >= _IDS_IN_MEMORY:
                self._put_away()
            return False
        if known != content:
            raise InputError(
                f"{event.id[:200]!r} was read before with other content: give each event an id of its own",
                field="id",
            )
        return True

    def _put_away(self) -> None:
        try:
            if self._file is None:
                # The empty name is SQLite's for a temporary database on disk.
                self._file = sqlite3.connect("", check_same_thread=False)
                self._file.execute("PRAGMA journal_mode = OFF")
                self._file.execute("PRAGMA cache_size = -32768")
                self._file.execute("CREATE TABLE seen (id TEXT PRIMARY KEY, content INTEGER) WITHOUT ROWID")
            self._file.executemany("INSERT INTO seen VALUES (?, ?)", sorted(self._newest.items()))
        except sqlite3.OperationalError as error:
            raise RelatednessError(
                f"no room for the temporary file with the ids read so far ({error}): "
                "set TMPDIR to a folder on a larger disk"
            ) from None
        self._newest.clear()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _make(value: object, fields: Mapping[str, str], zone: tzinfo | None) -> Event:
    if isinstance(value, Event):
        return value
    if isinstance(value, InputError):
        raise value
    if isinstance(value, Faulty):
        raise value.error
    if not isinstance(value, dict | Mapping):
        raise InputError(f'expected an object such as {{"date": ..., "title": ...}}, got {_kind(value)}')
    if fields:
        mapped = {ours: value[name] for name, ours in fields.items() if name in value}
        value = {name: item for name, item in value.items() if name not in fields} | mapped
    if "date" not in value:
        names = ", ".join(str(name)[:40] for name in list(value)[:20])
        raise InputError(
            "is missing: every event needs a day, such as 2016-07-11"
            + (f"; the record has {names}; if one of them is the date, map its name" if names else ""),
            field="date",
        )
    return Event.make(value, zone=zone)


def _kind(value: object) -> str:
    names = {list: "a list", bool: "true or false", type(None): "null", int: "a number", float: "a number"}
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    return names.get(type(value), type(value).__name__)


def _check_fields(fields: Mapping[str, str] | None) -> dict[str, str]:
    mapping = dict(fields or {})
    for name, ours in mapping.items():
        if ours not in _FIELDS:
            raise ConfigError(f"fields: {name!r} is mapped to {ours!r}; events have {', '.join(_FIELDS)}")
        if sum(other == ours for other in mapping.values()) > 1:
            raise ConfigError(f"fields: more than one field is mapped to {ours!r}")
    return mapping


def _is_same_file(a: Path, b: Path) -> bool:
    return b.exists() and a.samefile(b)


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _kind_of(path: Path) -> str:
    """What a path is by its ending: ``folder``, ``jsonl``, ``csv``, ``post``, ``parquet``, ``xml`` or ``json``."""
    try:
        path.stat()
        if path.is_dir():
            os.scandir(path).close()
            return "folder"
        if path.is_file():
            path.open("rb").close()
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {_reason(error)}", file=path) from None
    name = path.name.lower()
    kind = Path(name.removesuffix(".gz")).suffix.removeprefix(".")
    if kind in ("jsonl", "csv", "json") or name.endswith(".parquet"):
        return kind
    if kind_of(name) not in ("", "txt"):
        return "post"
    if kind in ("xml", "rss", "atom"):
        return "xml"
    raise InputError(
        "is of no known kind: expected .jsonl, .csv, .md, a feed (.xml, .rss, .atom, .json; all of these also with "
        ".gz), .parquet, or a folder of pages or posts",
        file=path,
    )


def _path(source: str | os.PathLike[str]) -> Path:
    if is_url(source):
        raise InputError(
            "is the address of a database, name the table too: relatedness.databases.Table(url, name), or "
            "--table on the command line",
            file=without_password(str(source)),
        )
    return Path(source)


def _files(
    paths: list[Path | Table],
    fields: Mapping[str, str],
    zone: tzinfo | None,
    progress: Callable[[int, int], None] | None,
) -> Iterator[_Item]:
    sizes = [0 if isinstance(path, Table) or not progress else _size(path) for path in paths]
    for at, path in enumerate(paths):
        if isinstance(path, Table):
            with closing(path.rows(fields)) as rows:
                for number, row in enumerate(rows, 1):
                    yield path.name, (None, number), _table_row(row, fields, zone), row
            continue

        def tick(done: int, before: int = sum(sizes[:at])) -> None:
            if progress:
                progress(before + done, sum(sizes))

        match _kind_of(path):
            case "folder":
                yield from _folder(path, fields, zone, tick)
            case "jsonl":
                yield from _jsonl(path, tick)
            case "csv":
                yield from _csv(path, fields, tick)
            case "parquet":
                yield from _parquet(path, fields, zone, tick)
            case "xml" | "json" as kind:
                yield from _feed(path, kind, zone)
            case _:
                yield from _folder(path, fields, zone, tick)
        tick(sizes[at])


def _size(path: Path) -> int:
    if not path.is_dir():
        return path.stat().st_size
    return size_of(path)


def _lines(path: Path, tick: _Tick) -> Iterator[tuple[int, bytes | _Cut, InputError | None]]:
    """The numbered lines of a file with their ends (LF, CRLF or CR), none of them longer than `MAX_RECORD`.

    A line that is too long comes cut, with the error; a file that breaks off or is damaged ends with what
    was there of its last line, with the error.
    """
    number = 1
    rest = bytearray()
    dropped = 0  # bytes of a line too long that are no longer in `rest`
    try:
        raw = path.open("rb")
    except OSError as error:
        yield number, b"", InputError(f"cannot be read: {_reason(error)}")
        return
    with raw:
        packed = path.name.lower().endswith(".gz")
        stream = gzip.GzipFile(fileobj=raw) if packed else raw
        while True:
            try:
                # Never more than one underlying read: an error would take with it what came before.
                block = stream.read1(_BLOCK)
                if not block and packed and raw.tell() == 0:
                    raise EOFError
            except EOFError:
                yield number, bytes(rest), InputError("the .gz breaks off here: it was not copied to its end")
                return
            except (OSError, zlib.error) as error:
                yield number, bytes(rest), InputError(f"cannot be read further: {_reason(error)}")
                return
            if not block:
                break
            tick(raw.tell())
            if rest.endswith(b"\r") or b"\n" in block or b"\r" in block:
                lines = (bytes(rest) + block).splitlines(keepends=True)
                # A CR at the very end may be the first half of a CRLF.
                rest = bytearray() if block.endswith(b"\n") else bytearray(lines.pop())
                for line in lines:
                    yield _whole(number, line, dropped)
                    number += 1
                    dropped = 0
            else:
                rest += block
            if len(rest) > MAX_RECORD or (dropped and len(rest) > 2 * _SHOWN):
                dropped += len(rest) - _SHOWN - 1
                rest = rest[:_SHOWN] + rest[-1:]
        if rest:
            yield _whole(number, bytes(rest), dropped)


def _whole(number: int, line: bytes, dropped: int) -> tuple[int, bytes | _Cut, InputError | None]:
    if number == 1:
        line = line.removeprefix(b"\xef\xbb\xbf")
    length = dropped + len(line)
    if length > MAX_RECORD:
        return number, _Cut(line[:_SHOWN], length), _too_long(length)
    return number, line, None


def _too_long(length: int) -> InputError:
    return InputError(f"a record of {length:,} bytes or more: the longest that is read has {MAX_RECORD:,}")


def _jsonl(path: Path, tick: _Tick) -> Iterator[_Item]:
    file = str(path)
    for number, line, error in _lines(path, tick):
        if error is not None or isinstance(line, _Cut):
            yield file, (number, None), error, line
        elif line.strip():
            yield file, (number, None), _parse_json(line), line


def _refuse_constant(name: str) -> NoReturn:
    raise InputError(f"not JSON: {name} is no number that JSON knows")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _parse_json(line: bytes) -> object:
    """The value, or the error that it is none."""
    try:
        return _DECODER.decode(line.decode())
    except InputError as error:
        return error
    except UnicodeDecodeError as error:
        return InputError(f"not UTF-8 from byte {error.start + 1} of the line on: save the file as UTF-8")
    except json.JSONDecodeError as error:
        return InputError(f"not JSON: {error.msg}, at character {error.pos + 1} of the line")
    except RecursionError:
        return InputError("not usable: its values are nested too deeply")
    except ValueError as error:  # a number of thousands of digits
        return InputError(f"not usable: {error}")


class _CsvLines:
    """The lines of a CSV file for ``csv.reader``, which may go on with the next record after an error."""

    def __init__(self, lines: Iterator[tuple[int, bytes | _Cut, InputError | None]]) -> None:
        self._lines = lines
        self.begin()

    def begin(self) -> None:
        self.first: int | None = None
        self.taken: list[bytes | _Cut] = []
        self._length = 0

    def record(self) -> bytes | _Cut:
        cut = next((part for part in self.taken if isinstance(part, _Cut)), None)
        return cut or b"".join(part for part in self.taken if isinstance(part, bytes))

    def __iter__(self) -> _CsvLines:
        return self

    def __next__(self) -> str:
        number, line, error = next(self._lines)
        if self.first is None:
            self.first = number
        self.taken.append(line)
        if error is not None or isinstance(line, _Cut):
            raise error or InputError("too long")
        self._length += len(line)
        if self._length > MAX_RECORD:
            raise _too_long(self._length)
        # The cells are checked one by one, so that the message can name the column.
        return line.decode("utf-8", "surrogateescape")


def _csv(path: Path, fields: Mapping[str, str], tick: _Tick) -> Iterator[_Item]:
    file = str(path)
    lines = _CsvLines(_lines(path, tick))
    rows = csv.reader(lines, strict=True)
    header: list[str] = []
    while True:
        lines.begin()
        value: object
        try:
            row = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            value = InputError(f"not CSV: {error}")
        except InputError as error:
            value = error
        else:
            if not row:
                continue
            if not header:
                header = [name.strip() for name in row]
                _check_header(header, fields, file)
                continue
            value = _csv_record(header, row, fields)
        if not header:
            raise InputError(f"has no usable header: {value}", file=path, line=1)
        yield file, (lines.first, None), value, lines.record()
    if not header:
        raise InputError("is empty: a CSV file begins with a line of column names", file=path)


def _check_header(header: list[str], fields: Mapping[str, str], file: str) -> None:
    names = ", ".join(header)[:200]
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"two columns are called {twice!r}", file=file, line=1)
    if "date" not in {fields.get(name, name) for name in header}:
        raise InputError(
            f"has no column for the date (its columns: {names}); if one of them is, map its name",
            file=file,
            line=1,
            field="date",
        )


def _csv_record(header: list[str], row: list[str], fields: Mapping[str, str]) -> object:
    if len(row) != len(header):
        return InputError(f"a record of {len(row)} columns, but the header has {len(header)}")
    record: dict[str, object] = {}
    for name, cell in zip(header, row, strict=True):
        if not cell.isascii() and any("\udc80" <= character <= "\udcff" for character in cell):
            return InputError("not UTF-8: save the file as UTF-8", field=name)
        record[name] = cell
        if fields.get(name, name) in ("topics", "sources"):
            record[name] = value = _list_in(cell)
            if isinstance(value, InputError):
                return InputError(value.problem, field=name)
    return record


def _table_row(row: dict[str, Any], fields: Mapping[str, str], zone: tzinfo | None) -> object:
    record = _plain_row(dict(row), zone)
    for name, value in record.items():
        if isinstance(value, str) and fields.get(name, name) in ("topics", "sources"):
            record[name] = listed = _list_in(value)
            if isinstance(listed, InputError):
                return InputError(listed.problem, field=name)
    return record


def _list_in(cell: str) -> object:
    """The list that a text holds, or the error that it is none."""
    if cell.lstrip().startswith("["):
        value = _parse_json(cell.encode("utf-8", "surrogatepass"))
        if isinstance(value, InputError):
            return InputError(f"begins like a JSON list but is {value.problem}")
        return value
    return [part.strip() for part in cell.split(";") if part.strip()]


def _pyarrow(what: str) -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError(f"reading {what} needs pyarrow: pip install 'relatedness[frames]'") from None
    return pyarrow


def _parquet(path: Path, fields: Mapping[str, str], zone: tzinfo | None, tick: _Tick) -> Iterator[_Item]:
    arrow = _pyarrow("Parquet")
    size = path.stat().st_size
    try:
        # Column by column in small pieces: memory stays that of a few rows, not of a row group.
        with arrow.parquet.ParquetFile(path, buffer_size=2**20, pre_buffer=False) as file:
            rows = file.metadata.num_rows
            columns = [name for name in file.schema_arrow.names if name in {*_FIELDS, *fields}]
            batches = file.iter_batches(batch_size=_ROWS, columns=columns, use_threads=False)
            for number, value in _arrow(batches, zone):
                yield str(path), (None, number), value, value
                tick(size * number // max(rows, 1))
    except (arrow.ArrowException, OSError) as error:
        raise InputError(f"is no Parquet file or is damaged: {_reason(error)}", file=path) from None


def _arrow(batches: Iterable[Any], zone: tzinfo | None) -> Iterator[tuple[int, object]]:
    """The numbered rows of Arrow record batches, each as a dict or the error that it cannot be one."""
    number = 0
    for large in batches:
        for start in range(0, large.num_rows, _ROWS):
            batch = large.slice(start, _ROWS)
            try:
                rows: list[Any] = batch.to_pylist()
            except (ValueError, OverflowError):  # one of them: find it
                rows = [_arrow_row(batch.slice(at, 1)) for at in range(batch.num_rows)]
            for row in rows:
                number += 1
                yield number, _plain_row(row, zone) if isinstance(row, dict) else row


def _arrow_row(batch: Any) -> object:
    try:
        return batch.to_pylist()[0]
    except (ValueError, OverflowError) as error:
        return InputError(f"holds a value that Python cannot: {error}")


def _pandas(frame: Any, zone: tzinfo | None) -> Iterator[_Item]:
    for start in range(0, len(frame), _ROWS):
        rows = frame.iloc[start : start + _ROWS]
        if any(name is not None for name in rows.index.names):
            rows = rows.reset_index()
        rows = rows.astype(object).where(rows.notna(), None)
        for number, row in enumerate(rows.to_dict("records"), start + 1):
            yield None, (None, number), _plain_row(row, zone), row


def _plain_row(row: dict[str, Any], zone: tzinfo | None) -> dict[str, Any]:
    """Arrays become lists and timestamps datetimes; a midnight without a zone is how frames write a day."""
    for name, value in row.items():
        if isinstance(value, datetime):
            if hasattr(value, "to_pydatetime"):
                value = value.to_pydatetime(warn=False)
            if zone is None and value.tzinfo is None and value.time() == time():
                value = value.date()
            row[name] = value
        elif hasattr(value, "tolist"):
            row[name] = value.tolist()
    return row


def _folder(root: Path, fields: Mapping[str, str], zone: tzinfo | None, tick: _Tick) -> Iterator[_Item]:
    dated_by = next((name for name, ours in fields.items() if ours == "date"), None)
    folder = Folder(
        root, zone, dated_by, lambda data, place: read_page(data.decode(), path=place, zone=zone).event
    )
    for path, value, data in folder.read(tick):
        if not root.is_dir():  # a file that was asked for by its name: it is not put aside in silence
            value = (
                value.error
                if isinstance(value, Faulty)
                else dict(value)
                if isinstance(value, Post)
                else value
            )
        yield str(path), (None, None), value, data


def _feed(path: Path, kind: str, zone: tzinfo | None) -> Iterator[_Item]:
    try:
        with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as file:
            data = file.read(4096)
            values: Iterator[object]
            if kind == "xml" and is_wxr(data):
                file.seek(0)
                values = read_wxr(file, zone)
            else:
                values = read_feed(data + file.read(MAX_FEED), as_json=kind == "json", zone=zone)
            for number, value in enumerate(values, 1):
                yield str(path), (None, number), value, value if isinstance(value, dict) else ""
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"cannot be read: {_reason(error)}", file=path) from None
    except InputError as error:
        raise InputError(error.problem, file=path, line=error.line, field=error.field) from None
