"""Files, folders, tables of databases, frames and plain Python values -> one checked stream of events.

A bad record is an `InputError` that names file, line and field, and the stream ends there. Where the caller
gives `rejects`, the record goes to that file with the reason instead, and the rest is read. Either way every
record is an event, a repeat of one, or a reject: `Reading` counts them.

Little is in memory at a time: a record, and at the beginning of each file a few hundred, which show what its columns are.
What grows is the knowledge of the ids already seen: the last 200,000 are held in memory, all earlier ones in a temporary
file that vanishes with the reading.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import tzinfo
from itertools import chain
from pathlib import Path

from relatedness.errors import ConfigError, InputError
from relatedness.events import Event, find_zone
from relatedness.sources._cells import Cells, kind_of_value, lacking
from relatedness.sources._columns import Columns, check_fields, lines_of
from relatedness.sources._csv import is_table
from relatedness.sources._database import Table, is_url, without_password
from relatedness.sources._dates import DateColumn, UndatedError, Undecided
from relatedness.sources._file import Item, SourceFile, Tick, check_encoding, is_same_file, size_on_disk
from relatedness.sources._formats import check_path, format_of, read_file, records_in, unknown_kind
from relatedness.sources._markup import untracked
from relatedness.sources._options import ReadOptions
from relatedness.sources._pages import Finished, holds_pages, is_post, pages_of
from relatedness.sources._posts import size_of
from relatedness.sources._rejects import Rejects, Seen, check_rejects
from relatedness.sources._report import Faulty, LeftOut, Post, ReadReport
from relatedness.sources._schemas import understood
from relatedness.sources._tables import arrow_stream, pandas_rows

_FAULTS = 100  # the number of faults that are told one by one
_LOOKED_AT = 200  # the number of records that are looked at to find the columns
_LOOKED_AT_BYTES = 2**22
_MOST_HELD = 200_000  # the most records that wait for a row that shows which of day and month comes first
_UNDATED = LeftOut("records without a date")


@dataclass(frozen=True, slots=True)
class _How:
    """How the caller wants sources to be read."""

    fields: Mapping[str, str]
    zone: tzinfo | None
    encoding: str | None
    date_format: str | None
    undated: str

    @property
    def dated(self) -> bool:
        """Whether every record needs a date."""
        return self.undated == "refuse"

    def columns(self) -> Columns:
        return Columns(self.fields)

    def cells(self) -> Cells:
        dates = DateColumn(self.zone, self.date_format)
        return Cells(dates, keeps_undated=self.undated == "keep")


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
        sources: Iterator[_Source],
        how: _How,
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
        self._sources: list[_Source] = []
        self._how = how
        self._stream = self._check(sources, rejects)

    def __iter__(self) -> Iterator[Event]:
        return self._stream

    def __next__(self) -> Event:
        return next(self._stream)

    def lines(self) -> list[str]:
        r"""What was read from which columns, and what was found out on the way: lines for people.

        Examples
        --------
        >>> from relatedness.sources import read_events
        >>> reading = read_events([{"published": "2017-03-07 10:00", "headline": "The ferry stops"}])
        >>> _ = list(reading)
        >>> print(*reading.lines(), sep="\n")
        read: date <- published, title <- headline
        times without a zone, read as UTC (--zone says another): 1
        """
        told = dict.fromkeys(lines_of(source.columns for source in self._sources))
        notes: dict[str, int] = {}
        for source in self._sources:
            told |= dict.fromkeys(source.file.notes if source.file is not None else ())
            for words, count in source.cells.dates.notes.items():
                notes[words] = notes.get(words, 0) + count
        return [*told, *(f"{words}: {count:,}" for words, count in notes.items())]

    def _put_aside(self, error: InputError, id_: str | None) -> None:
        self.faulty += 1
        if len(self.faults) < _FAULTS:
            self.faults.append(error)
        if id_:
            self.kept.add(id_)

    @property
    def drafts(self) -> int:
        """How many posts were left out because their site does not show them."""
        return self.report().hidden

    def report(self) -> ReadReport:
        """What was read from where so far, what was left out, and what could not be read."""
        faults = tuple(str(fault) for fault in self.faults)
        return ReadReport(dict(self.left_out), self.faulty, faults, tuple(self.lines()))

    def _check(
        self, sources: Iterator[_Source], rejects: Rejects | str | os.PathLike[str] | None
    ) -> Generator[Event, None, None]:
        theirs = {ours: name for name, ours in self._how.fields.items()}
        sink = rejects if rejects is None or isinstance(rejects, Rejects) else Rejects(rejects)
        seen = Seen()
        try:
            for source in sources:
                if len(self._sources) < 1000:
                    self._sources.append(source)
                with closing(source.items()) as items:
                    for file, (line, number), value, record in items:
                        if isinstance(value, LeftOut):
                            self.left_out[value.reason] = self.left_out.get(value.reason, 0) + 1
                            continue
                        forgiven = source.post is not None and not self._strict
                        try:
                            if isinstance(value, InputError):
                                raise value
                            if not isinstance(value, Event):
                                raise InputError("is no event")
                            if seen.before(value):
                                self.repeats += 1
                                continue
                        except InputError as error:
                            field = error.field
                            placed = InputError(
                                error.problem,
                                file=file,
                                line=line if error.line is None else error.line,
                                record=number if error.line is None else None,
                                field=field and theirs.get(field, source.columns.theirs(field)),
                            )
                            if sink is None and not forgiven:
                                raise placed from None
                            if forgiven:
                                self._put_aside(placed, source.post)
                            if sink is not None:
                                sink.add(placed, record)
                                self.rejected += 1
                            continue
                        self.events += 1
                        yield value
        finally:
            seen.close()
            if sink is not None and sink is not rejects:
                sink.close()


class _Source:
    """One file, table, frame or iterable: its records, and what is known of its columns."""

    def __init__(self, items: Iterator[Item], how: _How, file: SourceFile | None = None) -> None:
        self.columns = how.columns()
        self.cells = how.cells()
        self.file = file
        self.post: str | None = None  # the id of the post that came last, where it is one
        self._how = how
        self._records = items

    def items(self) -> Generator[Item, None, None]:
        """The records, each as an event or as what is wrong with it."""
        records = self._records
        try:
            held: list[tuple[Item, object]] = []
            for item in self._looked_at(records):
                file, place, value, record = item
                made = self._made(value)
                if made is None or held:
                    held.append((item, made))
                    if self.cells.dates.order is not None or len(held) >= _MOST_HELD:
                        yield from self._let_go(held)
                        held = []
                else:
                    yield file, place, made, record
            yield from self._let_go(held)
            if self.file is not None:
                self.columns.know(self.file.columns)
        finally:
            if isinstance(records, Generator):
                records.close()  # a connection ends here, not when the collector comes by

    def _looked_at(self, records: Iterator[Item]) -> Iterator[Item]:
        """All records; the first of them are looked at together before any is read."""
        first: list[Item] = []
        size = 0
        for item in records:
            first.append(item)
            _, _, value, record = item
            size += len(record) if isinstance(record, bytes | str) else 200
            if type(value) is dict:
                self.cells.look(self.columns.apply(value))
            if len(first) >= _LOOKED_AT or size > _LOOKED_AT_BYTES:
                break
        return chain(first, records)

    def _let_go(self, held: list[tuple[Item, object]]) -> Iterator[Item]:
        for (file, place, value, record), known in held:
            made = self._made(value) if known is None else known
            if made is None:
                made = InputError(
                    "may have the day or the month first, and no row of the column tells: say --date-format DMY or MDY",
                    field="date",
                )
            yield file, place, made, record

    def _made(self, value: object) -> object:
        """The event, what is wrong, or None where the order of day and month is not known yet."""
        self.post = None
        if isinstance(value, InputError | Event):
            return value
        try:
            if isinstance(value, Finished):
                if isinstance(value.value, Post):
                    for words in value.value.notes:
                        self.cells.dates.note(words)
                if isinstance(value.value, Post | Faulty):
                    self.post = (
                        value.value.id
                        if isinstance(value.value, Faulty)
                        else str(value.value.get("id") or "")
                    )
                return _make(value.value, self._how)
            if not isinstance(value, dict | Mapping):
                raise _no_object(value)
            if "date_gmt" in value or "visibility" in value or "published" in value:
                value = understood(value)
                if isinstance(value, LeftOut):
                    return value
            found = self.columns.apply(value)
            if "date" not in found:
                if self._how.undated == "leave-out":
                    return _UNDATED
                if self._how.dated:
                    raise lacking("date", value)
                found["date"] = None
            if "title" not in found and "text" not in found and not self.columns.has_words:
                raise lacking("title", value)
            return self.cells.event(found)
        except UndatedError as error:
            return error if self._how.dated else _UNDATED
        except InputError as error:
            return error
        except Undecided:
            return None


def read(
    *sources: str | os.PathLike[str] | Table,
    fields: Mapping[str, str] | None = None,
    zone: str | tzinfo | None = None,
    rejects: Rejects | str | os.PathLike[str] | None = None,
    encoding: str | None = None,
    date_format: str | None = None,
    undated: str = "refuse",
    strict: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Reading:
    """Read events from files, folders and tables of databases.

    =========================  =========================================================================
    ``.jsonl .ndjson .jl``     one JSON object a line
    ``.json``                  an array of objects, one object a line, an object that holds one array of them
                               (``{"items": [...]}``, GeoJSON), or a frame of pandas; or a JSON Feed
    ``.csv .tsv .txt``         a table in text: separator, header and encoding are found in its first lines
    ``.parquet .feather``      a table of Arrow; needs pyarrow
    ``.xlsx``                  a workbook: the first sheet that fits; needs openpyxl
    ``.sqlite .db``            a SQLite file: the one table that fits
    ``.yaml .ics``             a list in YAML; a calendar
    ``.xml .rss .atom``        a feed (`relatedness.sources.read_feed`)
    ``.md``, a folder          archive pages (`relatedness.sources.read_page`) and posts with front matter; a folder with
                               all below it: posts and pages where it holds any, else every file of the kinds above
    ``-``                      standard input, what it holds found by its first bytes
    =========================  =========================================================================

    All of them may be packed (``.gz .bz2 .xz .zst .zip``). A `relatedness.sources.Table` is a table of a database.

    The columns are found by the names that common schemas use (``published_at``, ``headline``, ``meta.published``,
    ``title.rendered``); `Reading.lines` says which were read and which were not. Dates may be written in any common form.

    Parameters
    ----------
    *sources : path-like or Table
        What to read, in this order.
    fields : mapping, optional
        Their name of a field to ours, such as ``{"headline": "title"}``: what the names alone do not tell. Several may
        make one text, title, list of topics or sources: ``{"summary": "text", "notes": "text"}``.
    zone : str or tzinfo, optional
        The zone of times that name none; UTC without it. A midnight that names none is a plain day.
    rejects : path-like or Rejects, optional
        Where bad records go. Without it the first bad record ends the reading with an error.
    encoding : str, optional
        What text is encoded in, such as ``cp1252``; found by its bytes without it.
    date_format : str, optional
        How the dates are written: ``DMY`` or ``MDY`` where the column leaves it open, or a form of ``strptime``.
    undated : str
        What happens to a record without a date: ``refuse`` it with an error, ``leave-out``, counted, or ``keep``: it
        takes part without time.
    strict : bool
        Whether a faulty file in a folder of posts ends the reading with an error. Otherwise it is put aside and counted:
        see `Reading.faults`.
    progress : callable, optional
        Called now and then with the bytes read so far and in all, as they lie on disk; tables count for nothing.

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
    check_rejects(rejects)
    how = _how(fields, zone, encoding, date_format, undated)
    places = [source if isinstance(source, Table) else _path(source) for source in sources]
    for place in places:
        if isinstance(place, Table):
            continue
        _check_place(place)
        if rejects is not None and not isinstance(rejects, Rejects) and is_same_file(place, Path(rejects)):
            raise ConfigError(f"the rejects file {os.fspath(rejects)} is the input itself: name another")
    return Reading(_sources(places, how, progress), how, rejects, strict)


def read_events(
    source: object,
    *,
    fields: Mapping[str, str] | None = None,
    zone: str | tzinfo | None = None,
    rejects: Rejects | str | os.PathLike[str] | None = None,
    encoding: str | None = None,
    date_format: str | None = None,
    undated: str = "refuse",
    strict: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Reading:
    """Read events from any supported source.

    Parameters
    ----------
    source : path-like, Table, frame or iterable
        A file or folder (see `read`), a table of a database (`relatedness.sources.Table`), a pandas
        DataFrame, anything that gives an Arrow stream (Polars, pyarrow, DuckDB), or an iterable of `Event`
        objects and mappings.
    fields, zone, rejects, encoding, date_format, undated, strict, progress
        As for `read`. Lines of errors are rows of a frame and items of an iterable, from 1.

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
        return read(
            source,
            fields=fields,
            zone=zone,
            rejects=rejects,
            encoding=encoding,
            date_format=date_format,
            undated=undated,
            strict=strict,
            progress=progress,
        )
    how = _how(fields, zone, encoding, date_format, undated)
    items: Iterator[Item]
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(source, pandas.DataFrame):
        items = pandas_rows(source)
    elif hasattr(source, "__arrow_c_stream__"):
        items = ((None, (None, number), value, value) for number, value in arrow_stream(source))
    elif isinstance(source, Iterable) and not isinstance(source, Mapping | bytes):
        items = ((None, (None, number), value, value) for number, value in enumerate(source, 1))
    else:
        raise InputError(
            f"expected a path, a frame or an iterable of events, got {type(source).__name__}; "
            "put a single record into a list"
        )
    return Reading(iter([_Source(items, how)]), how, rejects, strict)


def _how(
    fields: Mapping[str, str] | None,
    zone: str | tzinfo | None,
    encoding: str | None,
    date_format: str | None,
    undated: str,
) -> _How:
    ReadOptions(fields, zone, encoding, date_format, undated)  # looks at their types
    if encoding is not None:
        check_encoding(encoding)
    found = None if zone is None else find_zone(zone)
    return _How(check_fields(fields), found, encoding, date_format, undated)


def _make(value: object, how: _How) -> object:
    """The event of a record whose fields are ours."""
    if isinstance(value, Event | LeftOut):
        return value
    if isinstance(value, Faulty):
        raise value.error
    if isinstance(value, InputError):
        raise value
    if not isinstance(value, Mapping):
        raise _no_object(value)
    fields = how.fields
    if fields:
        mapped = {ours: value[name] for name, ours in fields.items() if name in value}
        value = {name: item for name, item in value.items() if name not in fields} | mapped
    if "date" not in value and how.undated == "leave-out":
        return _UNDATED
    if "date" not in value and how.dated:
        raise lacking("date", value)
    if "?" in str(value.get("url") or ""):
        value = {**value, "url": untracked(str(value["url"]))}
    return Event.make(value, zone=how.zone, undated=how.undated == "keep")


def _no_object(value: object) -> InputError:
    kind = f"the text {value[:40]!r}" if isinstance(value, str) else kind_of_value(value)
    return InputError(f'expected an object such as {{"date": ..., "title": ...}}, got {kind}')


def _path(source: str | os.PathLike[str]) -> Path:
    if is_url(source):
        raise InputError(
            "is the address of a database, name the table too: relatedness.sources.Table(url, name), or "
            "--table on the command line",
            file=without_password(str(source)),
        )
    return Path(source)


def _check_place(path: Path) -> None:
    """What can be said of a path at once."""
    if str(path) == "-":
        return
    check_path(path)
    if path.is_dir() or is_post(path) or path.name.lower().endswith(".zip"):
        return
    found = format_of(SourceFile(path))
    if found is None:
        raise unknown_kind(path)
    if found.ready is not None:
        found.ready()


def _sources(
    places: list[Path | Table], how: _How, progress: Callable[[int, int], None] | None
) -> Iterator[_Source]:
    sizes = [0 if isinstance(place, Table) or not progress else _size(place) for place in places]
    for at, place in enumerate(places):
        if isinstance(place, Table):
            yield _table(place, how)
            continue

        def tick(done: int, before: int = sum(sizes[:at])) -> None:
            if progress:
                progress(before + done, sum(sizes))

        if is_post(place):
            yield _Source(_pages(place, how, tick), how)
        elif place.is_dir() and str(place) != "-":
            yield from _folder(place, how, tick)
        else:
            yield from _file(SourceFile(place, tick, how.encoding, how.zone), how)
        tick(sizes[at])


def _table(table: Table, how: _How) -> _Source:
    def items() -> Iterator[Item]:
        with closing(table.rows(how.fields)) as rows:
            for number, row in enumerate(rows, 1):
                if number == 1:
                    source.columns.know(table.columns)
                yield table.name, (None, number), row, row

    source = _Source(items(), how)
    return source


def _file(file: SourceFile, how: _How) -> Iterator[_Source]:
    """The one file; of a ``.zip`` all that it holds of kinds that are read."""
    found_any = False
    for member in file.members():
        found = format_of(member)
        if found is None:
            continue
        found_any = True
        items = read_file(member, found, how.fields, how.dated)
        if not found.is_mapped:
            items = ((name, place, Finished(value), record) for name, place, value, record in items)
        yield _Source(items, how, member)
    if not found_any:
        raise unknown_kind(file.path)


def _size(path: Path) -> int:
    if str(path) == "-" or not path.is_dir():
        return size_on_disk(path)
    return size_of(path) if holds_pages(path) else sum(file.stat().st_size for file in records_in(path))


def _folder(root: Path, how: _How, tick: Tick) -> Iterator[_Source]:
    paths = [] if holds_pages(root) else records_in(root)
    if paths and not all(path.suffix.lower() == ".txt" and not is_table(path, how.fields) for path in paths):
        done = 0
        for path in paths:

            def below(read: int, before: int = done) -> None:
                tick(before + read)

            yield from _file(SourceFile(path, below, how.encoding, how.zone), how)
            done += path.stat().st_size
            tick(done)
        return
    yield _Source(_pages(root, how, tick), how)


def _pages(root: Path, how: _How, tick: Tick) -> Iterator[Item]:
    return pages_of(root, how.fields, how.zone, tick, how.date_format, how.undated == "keep")
