"""Records of one source after the other -> checked events, with counts of what was read, repeated and put aside."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from itertools import chain, islice
from typing import Any, cast

from relatedness.collector import collect_young
from relatedness.errors import InputError, InputWarning, warn_user
from relatedness.events import Event, content_id
from relatedness.sources._cells import Cells, identity
from relatedness.sources._columns import MOST_PLANS, Columns, WantedColumns, leaves, match, paths_of
from relatedness.sources._dates import DateColumn, UndatedError, Undecided
from relatedness.sources._evidence import FirstRecords
from relatedness.sources._file import Item, SourceFile
from relatedness.sources._mappings import NoTableError, lines_of, meant
from relatedness.sources._markup import untracked
from relatedness.sources._named_rows import no_object, row_of
from relatedness.sources._names import folded, is_usual_id
from relatedness.sources._pages import Finished
from relatedness.sources._rejects import Rejects, Seen
from relatedness.sources._report import Faulty, LeftOut, Post, ReadReport
from relatedness.sources._schemas import BEGINNING, TELLING, understood
from relatedness.sources._telling_cells import lacking, shown_by_cells

_MOST_SOURCES = 1000  # files whose columns are told
_FAULTS = 100  # the number of faults that are listed individually
_LOOKED_AT = 200  # the number of records examined to find the columns
_LOOKED_AT_BYTES = 2**22  # the size of these at which no more are examined
_SEEN = 50  # the number of these that decide whether one of several files holds events
_BY_CELLS = 30  # the number of these whose cells are examined if no name tells
_MOST_HELD = 200_000  # the most records that wait for a row that shows which of day and month comes first
_CYCLES_OF = 500  # records after which cycles are freed while the collector is paused
_REPEATED_ID = (
    "numbers that an earlier record with other content has: these records get ids made from their words"
)
_UNDATED = LeftOut("records without a date")
_OTHERS = LeftOut("records of other kinds")
_KINDS = (
    "@type",
    "_type",
    "__typename",
    "doctype",
    "model",
    "object",
    "kind",
    "type",
)  # where a record says what it is


@dataclass(frozen=True, slots=True)
class How:
    """The options for reading sources."""

    wanted: WantedColumns
    zone: tzinfo | None
    encoding: str | None
    date_format: str | None
    undated: str
    order: str | None = None
    usual_encoding: str | None = None

    def dates(self) -> DateColumn:
        """What reads the dates of one column."""
        return DateColumn(self.zone, self.date_format, self.order)

    def cells(self) -> Cells:
        """The converter from cells to events for one source."""
        return Cells(self.dates(), keeps_undated=self.undated == "keep")


class Reading(Iterator[Event]):
    """The stream of events that `read` and `read_events` give; it can be iterated once.

    Attributes
    ----------
    events : int
        How many events it has given so far.
    repeats : int
        How many records repeated an earlier event, id and content, and were merged with it.
    rejected : int
        How many bad records went to the rejects file.
    left_out : dict
        Files of a folder that are not events, by description: ``{"pages without a date": 12, "drafts": 3}``.
    faults : list of InputError
        The first hundred faulty files of folders, which were put aside because the caller is not strict.
    faulty : int
        The number of all such files.
    kept : set of str
        The ids that the faulty files have as events, and those of bad records that have one: a refresh leaves these events
        unchanged.

    Examples
    --------
    >>> from relatedness.sources import read_events
    >>> reading = read_events([{"id": 1, "date": "2014-06-10", "title": "Mosul falls"}])
    >>> [event.id for event in reading], reading.events, reading.rejected
    ([1], 1, 0)
    """

    def __init__(
        self,
        sources: Iterator[Records],
        how: How,
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
        self._sources: list[Records] = []
        self._how = how
        self._stream = self._check(sources, rejects)

    def __iter__(self) -> Iterator[Event]:
        return self._stream

    def __next__(self) -> Event:
        return next(self._stream)

    def lines(self) -> list[str]:
        r"""What was read from which columns, and what was noticed while reading, as lines for people.

        Examples
        --------
        >>> from relatedness.sources import read_events
        >>> reading = read_events([{"published": "2017-03-07 10:00", "headline": "The ferry stops"}])
        >>> _ = list(reading)
        >>> print(*reading.lines(), sep="\n")
        read: date <- published, title <- headline
        times without a zone, read as UTC (zone=... overrides it): 1
        """
        told = dict.fromkeys(lines_of(source.columns for source in self._sources))
        notes: dict[str, int] = {}
        for source in self._sources:
            told |= dict.fromkeys(source.file.notes if source.file is not None else ())
            for words, count in source.cells.dates.notes.items():
                notes[words] = notes.get(words, 0) + count
        told |= dict.fromkeys(self._not_there())
        return [*told, *(f"{words}: {count:,}" for words, count in notes.items())]

    def _not_there(self) -> Iterator[str]:
        """The names that the caller gives and no record has; a table without such a column is an error instead."""
        columns = [source.columns for source in self._sources]
        if len(columns) == _MOST_SOURCES or not columns or not all(each.plans for each in columns):
            return  # not all of the names are known
        there = dict.fromkeys(name for each in columns for name in each.names)
        known = set(map(folded, there))
        for name, ours in self._how.wanted.fields.items():
            if folded(name) not in known:
                yield f"no record has the field {name!r} (fields={{{name!r}: {ours!r}}}){meant(name, ours, there)}"

    def found(self) -> dict[str, Any]:
        """What was detected about the sources and applies when they are read again, as plain JSON values.

        Returns
        -------
        dict
            ``columns``, our fields with their columns for each way in which records were read; ``order``, whether the
            day or the month comes first in dates; ``encoding``, where it was guessed; ``table``, the one of a file that
            was read; without what needs no finding.

        Examples
        --------
        >>> from relatedness.sources import read_events
        >>> reading = read_events([{"published": "20/03/2017", "headline": "The ferry stops"}])
        >>> _ = list(reading)
        >>> reading.found()
        {'columns': [{'date': ['published'], 'title': ['headline']}], 'order': 'day'}
        """
        said = set(self._how.wanted.fields)
        ways = dict.fromkeys(way for source in self._sources for way in source.columns.plans)
        columns = [
            {ours: list(names) for ours, names in way}
            for way in list(ways)[:MOST_PLANS]
            if any(names != (ours,) and not said.issuperset(names) for ours, names in way)
        ]
        orders = {source.cells.dates.order for source in self._sources} - {None}
        found: dict[str, Any] = {"columns": columns} if columns else {}
        files = [source.file for source in self._sources if source.file is not None]
        for name, values in (
            ("order", orders),
            ("encoding", {file.guessed for file in files} - {None}),
            ("table", {file.table for file in files} - {None}),
        ):
            if len(values) == 1:
                found[name] = values.pop()
        return found

    def _put_aside(self, error: InputError, id_: str | None) -> None:
        self.faulty += 1
        if len(self.faults) < _FAULTS:
            self.faults.append(error)
        if id_:
            self.kept.add(id_)

    def report(self) -> ReadReport:
        """What was read from which columns so far, what was left out, and what could not be read."""
        faults = tuple(str(fault) for fault in self.faults)
        return ReadReport(dict(self.left_out), self.faulty, faults, tuple(self.lines()))

    def _check(
        self, sources: Iterator[Records], rejects: Rejects | str | os.PathLike[str] | None
    ) -> Generator[Event, None, None]:
        theirs = {ours: name for name, ours in self._how.wanted.fields.items()}
        told: dict[str, None] = {}
        sink = rejects if rejects is None or isinstance(rejects, Rejects) else Rejects(rejects)
        seen, looked_at = Seen(), 0
        try:
            for source in sources:
                if len(self._sources) < _MOST_SOURCES:
                    self._sources.append(source)
                with closing(source.items()) as items:
                    for file, (line, number), value, record in items:
                        looked_at += 1
                        if looked_at % _CYCLES_OF == 0:
                            collect_young()
                        if isinstance(value, LeftOut):
                            self.left_out[value.reason] = self.left_out.get(value.reason, 0) + 1
                            continue
                        forgiven = source.post is not None and not self._strict
                        try:
                            if isinstance(value, InputError):
                                raise value
                            if not isinstance(value, Event):
                                raise InputError("is not an event")
                            try:
                                is_repeat = seen.before(value)
                            except InputError:
                                if value.id == _of_words(value):
                                    value = replace(value, id=_of_content(value))
                                elif source.is_id_guessed:
                                    source.cells.dates.note(_REPEATED_ID)
                                    value = replace(value, id=_of_words(value))
                                else:
                                    raise
                                is_repeat = seen.before(value)
                            if is_repeat:
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
                                placed.rejectable = True
                                raise placed from None
                            if forgiven:
                                self._put_aside(placed, source.post)
                            if sink is not None:
                                sink.add(placed, record)
                                self.rejected += 1
                                if (id_ := source.id_of(error)) is not None:
                                    self.kept.add(id_)
                            continue
                        self.events += 1
                        yield value
                told |= dict.fromkeys(source.doubts())
            for doubt in told:
                warn_user(doubt, InputWarning)
        finally:
            if isinstance(sources, Generator):
                sources.close()  # removes unpacked files even if the caller keeps the error
            seen.close()
            if sink is not None and sink is not rejects:
                sink.close()


def _of_words(event: Event) -> str:
    return content_id(event.date, event.title, event.text)


def _of_content(event: Event) -> str:
    """The id of an event without one whose words and day another event has, too: of all that it holds."""
    return content_id(event.date, event.title, repr(event))


class Records:
    """One file, table, frame or iterable: its records, and what is known of its columns."""

    def __init__(self, items: Iterator[Item], how: How, file: SourceFile | None = None) -> None:
        self.columns = Columns(how.wanted)
        self.cells = how.cells()
        self.file = file
        self.post: str | None = None  # the id of the last record, if it was a post
        self._how = how
        self._records = items
        self._ids: dict[InputError, str] = {}
        self._with_id = self._without_id = 0
        self._dated_kinds: set[str] = set()  # the kinds of the first records with a date

    def id_of(self, error: InputError) -> str | None:
        """The id of the record that an error concerns, where it has one that can be read; asked once."""
        return self._ids.pop(error, None)

    @property
    def is_id_guessed(self) -> bool:
        """Whether the ids come from a column that need not hold one for each record: the number of a case, or of a report."""
        names = self.columns.read.get("id", {})
        return "id" not in self._how.wanted.fields.values() and any(
            not is_usual_id(name.rpartition(".")[2], self.columns.unused) for name in names
        )

    def doubts(self) -> Iterator[str]:
        """What was read but is probably not what was meant, once all records are read."""
        for name, ours in self.columns.misspelt.items():
            yield f"the field {name!r} is not read, and there is no {ours}; did you mean fields={{{name!r}: {ours!r}}}?"
        if 0 < self._without_id < self._with_id and not self.is_id_guessed:
            yield (
                f"records without the id that most have ({self.columns.theirs('id')}): {self._without_id:,}; they get ids "
                "made from their dates and words, so that a record whose words change becomes another event"
            )

    def begin(self) -> None:
        """Read the first record.

        Raises
        ------
        InputError
            If the source as a whole cannot be read.
        """
        first = next(self._records, None)
        if first is not None:
            self._records = _continued([first], self._records)

    def see_events(self) -> None:
        """Refuse a file of which no record could be an event: settings, a schema, a list of people.

        Raises
        ------
        NoTableError
            If none of its first records has a date, or words beside an id.
        """
        if not self._how.wanted.dated:
            return
        first = list(islice(self._records, _SEEN))
        self._records = _continued(first, self._records)
        values = [value for _, _, value, _ in first if not isinstance(value, LeftOut)]
        if not values or not all(isinstance(value, Mapping) for value in values):
            return
        shown = [understood(value) for value in values if isinstance(value, Mapping)]
        if any(isinstance(value, LeftOut) or _may_be_event(value, self._how) for value in shown):
            return
        raise NoTableError(
            lacking("date", cast(Mapping[Any, Any], values[0])).problem, file=first[0][0], record=1
        )

    def called(self, location: str, name: str) -> None:
        """Name the files of the records otherwise: what begins with `location` begins with `name`."""
        self._records = _called(self._records, location, name)

    def items(self) -> Generator[Item, None, None]:
        """The records, each as an event or as what is wrong with it."""
        records = self._records
        try:
            held: list[tuple[Item, object]] = []
            for item in self._looked_at(records):
                file, location, value, record = item
                made = self._made(value)
                if made is None or held:
                    held.append((item, made))
                    if self.cells.dates.order is not None or len(held) >= _MOST_HELD:
                        yield from self._let_go(held)
                        held = []
                else:
                    yield file, location, made, record
            yield from self._let_go(held)
            if self.file is not None:
                self.columns.know(self.file.columns)
        finally:
            if isinstance(records, Generator):
                records.close()  # close a connection now rather than at garbage collection

    def _looked_at(self, records: Iterator[Item]) -> Iterator[Item]:
        """All records; the first ones are examined together before any is converted."""
        first: list[Item] = []
        size = 0
        for item in records:
            first.append(item)
            record = item[3]
            size += len(record) if isinstance(record, bytes | str) else 200
            if len(first) >= _LOOKED_AT or size > _LOOKED_AT_BYTES:
                break
        values = [
            shown
            for _, _, value, _ in first
            if type(value) is dict and not isinstance(shown := understood(value), LeftOut)
        ]
        self._find_by_cells(values)
        # A zone that only the caller can tell makes a cell no less a date.
        how = replace(self._how, zone=self._how.zone or UTC)
        FirstRecords(self.columns, values, how.wanted, how.dates).decide()
        applied = [self.columns.apply(value) for value in values]
        self._dated_kinds = {
            kind
            for value, columns in zip(values, applied, strict=True)
            if "date" in columns and (kind := _kind(value)) is not None
        }
        self.cells.look(applied)
        return chain(first, records)

    def _find_by_cells(self, values: list[Mapping[Any, Any]]) -> None:
        """Where no name of a column tells the date or the words, see whether the cells of the first records do."""
        shown = self.file.by_cells if self.file is not None else {}
        wanted = self._how.wanted
        if not shown and wanted.by_cells and values:
            rows = [{".".join(path): cell for path, cell in leaves(value)} for value in values[:_BY_CELLS]]
            names = list(dict.fromkeys(name for row in rows for name in row))
            lacks = wanted.lacks(dict.fromkeys(path for value in values for path in paths_of(value)))
            if lacks:
                cells = [[row.get(name) for name in names] for row in rows]
                shown = shown_by_cells(names, cells, lacks) or {}
        if shown:
            self.columns.take(shown)

    def _let_go(self, held: list[tuple[Item, object]]) -> Iterator[Item]:
        dates = self.cells.dates
        if held and dates.order is None and dates.usual is not None:
            dates.decide(dates.usual)
            dates.note(f"dates with the {dates.usual} first, as when the index was built")
        for (file, location, value, record), known in held:
            made = self._made(value) if known is None else known
            if made is None:
                made = InputError(
                    "may have the day or the month first, and no row of the column shows which: give date_format='DMY' or date_format='MDY'",
                    field="date",
                )
            yield file, location, made, record

    def _made(self, value: object) -> object:
        """The event, what is wrong, or None where the order of day and month is not known yet."""
        self.post = None
        if type(value) is dict:
            return self._made_of(value)
        if isinstance(value, InputError | Event | LeftOut):
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
            return self._made_of(value if isinstance(value, Mapping) else row_of(value))
        except UndatedError as error:
            return error if self._how.wanted.dated else _UNDATED
        except InputError as error:
            return error

    def _made_of(self, value: Mapping[Any, Any]) -> object:
        found: dict[str, Any] = {}
        try:
            if not TELLING.isdisjoint(value) or type(value.get(BEGINNING)) is dict:
                shown = understood(value)
                if isinstance(shown, LeftOut):
                    return shown
                value = shown
            found = self.columns.apply(value)
            if self.columns.may_hide and (reason := self.columns.hidden(value)) is not None:
                return LeftOut(reason)
            if "date" not in found:
                if self._how.undated == "leave-out":
                    return _UNDATED
                if self._how.wanted.dated:
                    if self._dated_kinds and _kind(value) not in (None, *self._dated_kinds):
                        return _OTHERS
                    raise lacking("date", value)
                found["date"] = None
            if "title" not in found and "text" not in found and not self.columns.has_words:
                raise lacking("title", value)
            event = self.cells.event(found)
            id_ = found.get("id")
            if (type(id_) is not str or not id_) and identity(id_) is None:
                self._without_id += 1
            else:
                self._with_id += 1
            return event
        except UndatedError as error:
            if str(value.get("status")).lower() in ("draft", "scheduled"):
                return LeftOut("drafts")  # it has no date because it is unpublished
            return self._bad(error, found) if self._how.wanted.dated else _UNDATED
        except InputError as error:
            return self._bad(error, found)
        except Undecided:
            return None

    def _bad(self, error: InputError, found: Mapping[str, Any]) -> InputError:
        """Note the id of a bad record, so that a mirroring refresh does not remove the event."""
        with suppress(InputError):
            if (id_ := identity(found.get("id"))) is not None:
                self._ids[error] = str(id_)
        return error


def _called(records: Iterator[Item], location: str, name: str) -> Iterator[Item]:
    try:
        for file, at, value, record in records:
            yield file and file.replace(location, name, 1), at, value, record
    except InputError as error:
        raise error_called(error, location, name) from error


def error_called(error: InputError, location: str, name: str) -> InputError:
    """The same error about a file with another name: what begins with `location` begins with `name`."""
    named = error.file and error.file.replace(location, name, 1)
    # Of its own type: a file without events is left out where others have some.
    return type(error)(error.problem, file=named, line=error.line, record=error.record, field=error.field)


def _may_be_event(record: Mapping[Any, Any], how: How) -> bool:
    """Whether a record has a date, or what else makes an event that lacks its date: a text, or an id and a title."""
    wanted = how.wanted
    paths = match(list(paths_of(record)), wanted)
    columns = Columns(wanted).apply(record)
    day = columns.get("date")
    if day is not None and not isinstance(day, list):
        # In settings, "begin" and "start" are often not dates.
        return not isinstance(day, str) or how.dates().reads(day)
    title = paths.get("title", [])
    is_named = [path[-1].lower() for path in title] == ["name"]  # so are people, places and settings
    return bool(title) and ("text" in paths or ("id" in paths and not is_named))


def _kind(record: Mapping[Any, Any]) -> str | None:
    """What a record says that it is: persons beside articles lack no date."""
    return next(
        (str(kind) for name in _KINDS if isinstance(kind := record.get(name), str | list) and kind), None
    )


def _continued(first: list[Item], rest: Iterator[Item]) -> Iterator[Item]:
    try:
        yield from first
        yield from rest
    finally:
        if isinstance(rest, Generator):
            rest.close()


def _make(value: object, how: How) -> object:
    """The event of a record whose fields are ours."""
    if isinstance(value, Event | LeftOut):
        return value
    if isinstance(value, Faulty):
        raise value.error
    if isinstance(value, InputError):
        raise value
    if not isinstance(value, Mapping):
        raise no_object(value)
    named = how.wanted.fields
    if named:
        mapped = {ours: value[name] for name, ours in named.items() if name in value}
        value = {name: item for name, item in value.items() if name not in named} | mapped
    if "date" not in value and how.undated == "leave-out":
        return _UNDATED
    if "date" not in value and how.wanted.dated:
        raise lacking("date", value)
    if "?" in str(value.get("url") or ""):
        value = {**value, "url": untracked(str(value["url"]))}
    return Event.make(value, zone=how.zone, undated=how.undated == "keep")
