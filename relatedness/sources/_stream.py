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
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import tzinfo
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from relatedness.dates import find_zone
from relatedness.errors import ConfigError, InputError
from relatedness.sources._columns import WantedColumns
from relatedness.sources._csv import is_table
from relatedness.sources._database import Table, is_url, without_password
from relatedness.sources._file import (
    PACKINGS,
    TARS,
    Item,
    SourceFile,
    Tick,
    check_encoding,
    is_same_file,
    size_on_disk,
)
from relatedness.sources._formats import (
    Format,
    check_path,
    files_in,
    format_of,
    holds_tables,
    is_source,
    is_text_of_records,
    lists_of_slack,
    read_file,
    records_in,
    unknown_kind,
)
from relatedness.sources._ignored import holds_settings
from relatedness.sources._mappings import NoTableError, check_fields
from relatedness.sources._options import ReadOptions
from relatedness.sources._page_records import records_in_page
from relatedness.sources._pages import Finished, holds_pages, is_about, is_page, is_post, pages_of
from relatedness.sources._posts import UNDATED_PAGE, kind_of, size_of, text_of_page
from relatedness.sources._reading import How, Reading, Records, error_called
from relatedness.sources._rejects import Rejects, check_rejects
from relatedness.sources._report import LeftOut
from relatedness.sources._sites import find_site
from relatedness.sources._tables import arrow_stream, pandas_rows
from relatedness.sources._text_records import is_chat_or_log, read_text_records

_DEEPEST_ARCHIVES = 4  # within the one that is named
_ONE_TABLE = "is of a kind that holds one table alone: leave the name of the table out"
_NAMED = 5  # the number of files without events that are named


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """Some of the files of a folder, to be read as `read` reads them with the whole folder.

    Attributes
    ----------
    paths : tuple of Path
    """

    paths: tuple[Path, ...]


def read(
    *sources: str | os.PathLike[str] | Table | FolderFiles,
    fields: Mapping[str, str] | None = None,
    zone: str | tzinfo | None = None,
    rejects: Rejects | str | os.PathLike[str] | None = None,
    encoding: str | None = None,
    date_format: str | None = None,
    undated: str = "refuse",
    strict: bool = False,
    found: Mapping[str, Any] = MappingProxyType({}),
    progress: Callable[[int, int], None] | None = None,
) -> Reading:
    """Read events from files, folders and tables of databases.

    =========================  =========================================================================
    ``.jsonl .ndjson .jl``     one JSON object a line
    ``.json``                  an array of objects or rows, objects one after another, or an object that holds records:
                               one array of them (``{"items": [...]}``, GeoJSON), by id, as columns; or a JSON Feed
    ``.csv .tsv .psv .txt``    a table in text: separator, header and encoding are found in its first lines
    ``.parquet .feather``      a table of Arrow; needs pyarrow
    ``.xlsx``                  a workbook: the first sheet that fits and those with its columns; needs openpyxl
    ``.sqlite .db``            a SQLite file: the one table that fits
    ``.sql``                   a dump of a database: the one table in it that fits; it is not run
    ``.yaml .toml .ics``       a list in YAML or TOML; a calendar
    ``.mbox .eml``             messages
    ``.bib .ris .nbib .enw``   references
    ``.log .txt``              lines that begin with a date; the log of Git, a chat, the export of Movable Type
    ``.xml .rss .atom``        a feed (`relatedness.sources.read_feed`), or other XML in which records repeat
    ``.md``, a folder          archive pages (`relatedness.sources.read_page`) and posts with front matter; a folder with
                               all below it: posts and pages where it holds any, else every file of the kinds above that has
                               events
    ``-``                      standard input, what it holds found by its first bytes
    =========================  =========================================================================

    All of them may be packed (``.gz .bz2 .xz .zst .zip``). A `relatedness.sources.Table` is a table of a
    database, or of a file that holds several.

    The columns are found by the names that common schemas use (``published_at``, ``headline``, ``meta.published``,
    ``title.rendered``), else by their cells where these show it; `Reading.lines` says which were read and which were not. Dates may be written in any common form.

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
    found : mapping, optional
        What `Reading.found` gave of an earlier reading of the same kind: its columns and its order of day and month hold on
        where nothing else is said, or shown by a column of dates.
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
    how = _how(fields, zone, encoding, date_format, undated, found)
    locations = [source if isinstance(source, Table | FolderFiles) else _path(source) for source in sources]
    for location in locations:
        path = location.file if isinstance(location, Table) else location
        if isinstance(path, Path):
            _check_location(path)
            _spare(path, rejects)
            if isinstance(location, Table) and not holds_tables(path):
                raise InputError(_ONE_TABLE, file=path)
    return Reading(_sources(locations, how, progress), how, rejects, strict)


def _spare(path: Path, rejects: Rejects | str | os.PathLike[str] | None) -> None:
    if rejects is None or isinstance(rejects, Rejects):
        return
    if is_same_file(path, Path(rejects)):
        raise ConfigError(f"the rejects file {os.fspath(rejects)} is the input itself: name another")
    real = Path(os.path.realpath(rejects))
    inside = path.is_dir() and Path(os.path.realpath(path)) in real.parents
    if inside and (is_source(real.name) or is_page(real.name)):
        raise ConfigError(
            f"the rejects file {os.fspath(rejects)} lies in the folder {path}, which is read: name one outside it"
        )


def files_of(
    path: Path, options: ReadOptions, rejects: str | os.PathLike[str] | None = None
) -> list[Path | FolderFiles]:
    """What a path is made of for those who share the reading among them: of a folder of tables or records its files.

    Parameters
    ----------
    path : Path
    options : ReadOptions
    rejects : path-like, optional
        Where bad records go in the end.

    Returns
    -------
    list of Path and FolderFiles
        Read one after the other, they hold what `read` reads of the path; a folder of pages or posts stays whole.

    Raises
    ------
    InputError
        If the path does not exist or is of no known kind.
    ConfigError
        If the rejects would replace a file that is read.
    """
    _check_location(path)
    _spare(path, rejects)
    how = _how(
        options.fields,
        options.zone,
        options.encoding,
        options.date_format,
        options.undated,
        options.found,
    )
    if not path.is_dir() or holds_pages(path) or _are_texts(paths := records_in(path), how):
        return [path]
    known = {*paths}
    others = tuple(file for file in files_in(path) if file not in known)
    return [*(FolderFiles((file,)) for file in paths), *([FolderFiles(others)] if others else [])]


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
    found: Mapping[str, Any] = MappingProxyType({}),
    progress: Callable[[int, int], None] | None = None,
) -> Reading:
    """Read events from any supported source.

    Parameters
    ----------
    source : path-like, Table, frame or iterable
        A file or folder (see `read`), a table of a database (`relatedness.sources.Table`), a pandas
        DataFrame, anything that gives an Arrow stream (Polars, pyarrow, DuckDB), or an iterable of `Event`
        objects and mappings.
    fields, zone, rejects, encoding, date_format, undated, strict, found, progress
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
    if isinstance(source, str | os.PathLike | Table | FolderFiles):
        return read(
            source,
            fields=fields,
            zone=zone,
            rejects=rejects,
            encoding=encoding,
            date_format=date_format,
            undated=undated,
            strict=strict,
            found=found,
            progress=progress,
        )
    how = _how(fields, zone, encoding, date_format, undated, found)
    items: Iterator[Item]
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(source, pandas.DataFrame):
        items = pandas_rows(source)
    elif pandas is not None and isinstance(source, pandas.Series):
        raise InputError(
            "expected a path, a frame or an iterable of events, got a Series; put a single row into a list"
        )
    elif hasattr(source, "__arrow_c_stream__"):
        items = ((None, (None, number), value, value) for number, value in arrow_stream(source))
    elif isinstance(source, Iterable) and not isinstance(source, Mapping | bytes):
        items = ((None, (None, number), value, value) for number, value in enumerate(source, 1))
    else:
        raise InputError(
            f"expected a path, a frame or an iterable of events, got {type(source).__name__}; "
            "put a single record into a list"
        )
    return Reading(iter([Records(items, how)]), how, rejects, strict)


def _how(
    fields: Mapping[str, str] | None,
    zone: str | tzinfo | None,
    encoding: str | None,
    date_format: str | None,
    undated: str,
    known: Mapping[str, Any],
) -> How:
    ReadOptions(fields, zone, encoding, date_format, undated, found=known)  # looks at their types
    if encoding is not None:
        check_encoding(encoding)
    found = None if zone is None else find_zone(zone)
    wanted = WantedColumns(
        check_fields(fields), undated == "refuse", known.get("columns", ()), known.get("table")
    )
    return How(
        wanted,
        found,
        encoding,
        date_format,
        undated,
        order=known.get("order"),
        usual_encoding=known.get("encoding"),
    )


def _path(source: str | os.PathLike[str]) -> Path:
    if is_url(source):
        raise InputError(
            "is the address of a database: name the table too: relatedness.sources.Table(url, name), or "
            "--table on the command line",
            file=without_password(str(source)),
        )
    return Path(source)


def _check_location(path: Path) -> None:
    """What can be said of a path at once."""
    if str(path) == "-":
        return
    check_path(path)
    if path.is_dir() or is_post(path) or path.name.lower().endswith((".zip", *TARS)):
        return
    found = format_of(SourceFile(path))
    if found is None:
        raise unknown_kind(path)
    if found.ready is not None:
        found.ready()


def _sources(
    locations: list[Path | Table | FolderFiles], how: How, progress: Callable[[int, int], None] | None
) -> Iterator[Records]:
    sizes = [_size(location) if progress else 0 for location in locations]
    for at, location in enumerate(locations):
        if isinstance(location, Table) and location.file is None:
            yield _table(location, how)
            continue

        def tick(done: int, before: int = sum(sizes[:at])) -> None:
            if progress:
                progress(before + done, sum(sizes))

        if isinstance(location, Table):
            named = replace(how.wanted, table=location.table, names_table=True)
            yield from _file(_opened(cast(Path, location.file), tick, how), replace(how, wanted=named))
        elif isinstance(location, FolderFiles):
            yield from _several(_members(list(location.paths), how, tick), how, needed=False)
        elif is_post(location):
            yield _page(location, how, tick)
        elif location.is_dir() and str(location) != "-":
            yield from _folder(location, how, tick)
        else:
            yield from _file(_opened(location, tick, how), how)
        tick(sizes[at])


def _table(table: Table, how: How) -> Records:
    def items() -> Iterator[Item]:
        with closing(table.rows(how.wanted)) as rows:
            for number, row in enumerate(rows, 1):
                if number == 1:
                    source.columns.know(table.columns)
                yield table.name, (None, number), row, row

    source = Records(items(), how)
    return source


def _file(file: SourceFile, how: How) -> Iterator[Records]:
    """The one file; of a ``.zip`` all that it holds of kinds that are read, or its pages and posts; of a ``.tar`` its folder."""
    if file.is_tar:
        yield from _unpacked(file, how)
        return
    if file.packing != ".zip":
        yield _records(file, format_of(file), how)
        return
    members = list(file.members())
    if any(
        is_page(member.member or "") and not is_about(Path(member.member or "").name) for member in members
    ) or any((member.member or "").lower().endswith((*PACKINGS, *TARS)) for member in members):
        yield from _unpacked(file, how)
    elif not any(format_of(member) for member in members):
        raise unknown_kind(file.path)
    else:
        yield from _several(file.members(), how)


def _records(file: SourceFile, found: Format | None, how: How) -> Records:
    if found is None:
        raise unknown_kind(file.path)
    if how.wanted.names_table and not found.of_tables:
        raise InputError(_ONE_TABLE, file=file.name)
    items = read_file(file, found, how.wanted)
    if not found.is_mapped:
        items = ((name, location, Finished(value), record) for name, location, value, record in items)
    return Records(items, how, file)


def _several(files: Iterator[SourceFile], how: How, *, needed: bool = True) -> Iterator[Records]:
    """Files that lie together: those that hold no events are left out, unless none of them holds any and one is `needed`."""
    # Of several files, those whose columns have no known names may as well be lists of places or people.
    how = replace(how, wanted=replace(how.wanted, by_cells=False))
    left: list[LeftOut] = []
    error: NoTableError | None = None
    read_any = False
    for file in files:
        found = format_of(file)
        if found is None or (how.wanted.names_table and not found.of_tables):
            left.append(LeftOut("files of other kinds"))
            continue
        source = _records(file, found, how)
        try:
            source.begin()
            if found.is_mapped:
                source.see_events()
        except NoTableError as fault:
            error = error or fault
            name = Path(file.member or file.path).name
            left.append(
                LeftOut(
                    f"{name}, which has no date or no words" if len(left) < _NAMED else "files without events"
                )
            )
            continue
        read_any = True
        yield source
    if error is not None and needed and not read_any:
        raise error
    if left:
        yield Records(((None, (None, None), Finished(value), "") for value in left), how)


def _unpacked(file: SourceFile, how: How) -> Iterator[Records]:
    """The pages and posts of a ``.zip``, such as the export of a blog, read as the folder that was packed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (file.unpack_tar if file.is_tar else file.unpack)(folder)
        # Archives beside pages are what these offer to download.
        for _ in range(_DEEPEST_ARCHIVES):
            if holds_pages(folder) or not file.unpack_inner(folder):
                break
        root = folder
        while len(below := list(root.iterdir())) == 1 and below[0].is_dir():
            root = below[0]
        try:
            for source in _folder(root, how, file.tick):
                source.called(str(root), str(file.path))
                yield source
        except InputError as error:
            raise error_called(error, str(root), str(file.path)) from error


def _opened(path: Path, tick: Tick, how: How) -> SourceFile:
    return SourceFile(path, tick, how.encoding, how.zone, usual=how.usual_encoding)


def _size(path: Path | Table | FolderFiles) -> int:
    if isinstance(path, Table):
        return 0 if path.file is None else _size(path.file)
    if isinstance(path, FolderFiles):
        return sum(file.stat().st_size for file in path.paths)
    if str(path) == "-" or not path.is_dir():
        return size_on_disk(path)
    return size_of(path) if holds_pages(path) else sum(file.stat().st_size for file in records_in(path))


def _page(path: Path, how: How, tick: Tick) -> Records:
    """A post; or, where a page has no date of its own, the events that stand in it."""
    items = list(_pages(path, how, tick))
    if [item[2].value for item in items if isinstance(item[2], Finished)] == [UNDATED_PAGE]:
        inner = _within(path, path.name, how)
        if inner is not None:
            return inner
    return Records(iter(items), how)


def _all_within(root: Path, undated: list[Item], how: How) -> list[Records]:
    """The events that stand in the pages of a folder, none of which has a date; none where few pages hold any.

    A table with dates in one of many pages is more likely an example.
    """
    found = []
    for name, *_ in undated:
        path = Path(name or "")
        location = path.relative_to(root.absolute() if path.is_absolute() else root).as_posix()
        found.append(_within(path, location, how))
    inner = [records for records in found if records is not None]
    if 2 * len(inner) < len(undated):
        return []
    others = len(undated) - len(inner)
    rest = iter([(None, (None, None), Finished(UNDATED_PAGE), "")] * others)
    return [*inner, *([Records(rest, how)] if others and inner else [])]


def _within(path: Path, location: str, how: How) -> Records | None:
    """The events that stand in a page without a date: rows of tables, dated sections."""
    try:
        text = text_of_page(path)
        found = records_in_page(text, kind_of(path.name), location, how.wanted)
    except InputError:  # it stays a page without a date
        return None
    file = SourceFile(path, zone=how.zone)
    if found is None:
        is_chat = kind_of(path.name) in ("md", "txt") and is_chat_or_log(text)
        return Records(read_text_records(file, how.wanted), how, file) if is_chat else None
    file.notes.append(found.note)
    items = ((file.name, (None, number), record, record) for number, record in enumerate(found.records, 1))
    return Records(items, how, file)


def _folder(root: Path, how: How, tick: Tick) -> Iterator[Records]:
    has_pages = holds_pages(root)
    paths = [] if has_pages else records_in(root)
    if not has_pages and not _are_texts(paths, how):
        files = files_in(root)
        lists = lists_of_slack(root, files)
        if lists:
            aside = LeftOut("lists of people, channels and settings")
            yield Records(((str(path), (None, None), aside, "") for path in lists), how)
            files = [path for path in files if path not in lists]
        yield from _several(_members(files, how, tick), how)
        return
    posts = 0
    undated: list[Item] = []

    def counted() -> Iterator[Item]:
        nonlocal posts
        for item in _pages(root, how, tick):
            value = item[2].value if isinstance(item[2], Finished) else item[2]
            if value == UNDATED_PAGE and not posts:
                undated.append(item)
                continue
            posts += not isinstance(value, LeftOut)
            yield item
        if not posts:
            within.extend(_all_within(root, undated, how))
        if not within:
            yield from undated

    within: list[Records] = []
    yield Records(counted(), how)
    yield from within
    if has_pages and not posts and not within:
        # Tables with a page of notes beside them.
        site = find_site(root)
        tables = [
            path
            for path in records_in(root)
            if not holds_settings(site.maker, path.relative_to(root).parts[:-1])
        ]
        yield from _several(_members(tables, how, tick), how, needed=False)


def _are_texts(paths: list[Path], how: How) -> bool:
    """Whether the records of a folder are posts in plain text, one a file."""
    if not all(path.suffix.lower() == ".txt" and not is_table(path, how.wanted) for path in paths):
        return False
    return not (paths and all(map(is_text_of_records, paths)))


def _members(paths: list[Path], how: How, tick: Tick) -> Iterator[SourceFile]:
    """Files one after another, and what each ``.zip`` among them holds."""
    done = 0
    for path in paths:

        def below(read: int, before: int = done) -> None:
            tick(before + read)

        yield from _opened(path, below, how).members()
        done += path.stat().st_size
        tick(done)


def _pages(root: Path, how: How, tick: Tick) -> Iterator[Item]:
    return pages_of(root, how.wanted.fields, how.zone, tick, how.date_format, how.undated == "keep")
