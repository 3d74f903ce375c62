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
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from types import MappingProxyType
from typing import Any

from relatedness.dates import find_zone
from relatedness.errors import ConfigError, InputError
from relatedness.sources._columns import WantedColumns
from relatedness.sources._database import Table, is_url, without_password
from relatedness.sources._file import (
    Item,
    check_encoding,
    is_same_file,
)
from relatedness.sources._formats import (
    files_in,
    holds_tables,
    is_source,
    records_in,
)
from relatedness.sources._locations import ONE_TABLE, FolderFiles, are_texts, check_location, records_of
from relatedness.sources._mappings import check_fields
from relatedness.sources._options import ReadOptions
from relatedness.sources._pages import holds_pages, is_page
from relatedness.sources._reading import How, Reading, Records
from relatedness.sources._rejects import Rejects, check_rejects
from relatedness.sources._tables import arrow_stream, is_column, pandas_rows, with_index

_WORDS_OF_A_PATH = 4  # text of more words that is no path is taken for the text of an event
_LOCATION = (str, os.PathLike, Table, FolderFiles)


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
    ``.xml .rss .atom``        a feed, or other XML in which records repeat
    ``.md``, a folder          archive pages and posts with front matter; a folder with all below it: posts
                               and pages where it holds any, else every file of the kinds above that has events
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
    options = ReadOptions(fields, zone, encoding, date_format, undated, strict=strict, found=found)
    return _read(sources, options, rejects, progress)


def _read(
    sources: Iterable[str | os.PathLike[str] | Table | FolderFiles],
    options: ReadOptions,
    rejects: Rejects | str | os.PathLike[str] | None,
    progress: Callable[[int, int], None] | None,
) -> Reading:
    check_rejects(rejects)
    how = _how(options)
    locations = [source if isinstance(source, Table | FolderFiles) else _path(source) for source in sources]
    for location in locations:
        path = location.file if isinstance(location, Table) else location
        if isinstance(path, Path):
            check_location(path)
            _spare(path, rejects)
            if isinstance(location, Table) and not holds_tables(path):
                raise InputError(ONE_TABLE, file=path)
    return Reading(records_of(locations, how, progress), how, rejects, options.strict)


def _spare(path: Path, rejects: Rejects | str | os.PathLike[str] | None) -> None:
    if rejects is None or isinstance(rejects, Rejects):
        return
    if is_same_file(path, Path(rejects)):
        raise ConfigError(f"the rejects file {os.fspath(rejects)} is the input itself: name another file")
    real = Path(os.path.realpath(rejects))
    inside = path.is_dir() and Path(os.path.realpath(path)) in real.parents
    if inside and (is_source(real.name) or is_page(real.name)):
        raise ConfigError(
            f"the rejects file {os.fspath(rejects)} lies in the input folder {path}: name a file outside it"
        )


def files_of(
    path: Path, options: ReadOptions, rejects: str | os.PathLike[str] | None = None
) -> list[Path | FolderFiles]:
    """What a path is made of for those who share the reading among them: of a folder of tables or records its files.

    Parameters
    ----------
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

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for year in (2015, 2016):
    ...     _ = (folder / f"{year}.jsonl").write_text('{"id": 1}', encoding="utf-8")
    >>> [files.paths[0].name for files in files_of(folder, ReadOptions())]
    ['2015.jsonl', '2016.jsonl']
    """
    check_location(path)
    _spare(path, rejects)
    how = _how(options)
    if not path.is_dir() or holds_pages(path) or are_texts(paths := records_in(path), how):
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
    options = ReadOptions(fields, zone, encoding, date_format, undated, strict=strict, found=found)
    return _read_one(source, options, rejects, progress)


def read_any(
    source: object,
    options: ReadOptions,
    rejects: Rejects | str | os.PathLike[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Reading:
    """What `read_events` does, and of a list of paths and tables what `read` does.

    Examples
    --------
    >>> event = {"id": "a", "date": "2016-07-11", "text": "Troops go to Iraq."}
    >>> [event.id for event in read_any([event], ReadOptions())]
    ['a']
    """
    if isinstance(source, list | tuple) and source and all(isinstance(item, _LOCATION) for item in source):
        return _read(source, options, rejects, progress)
    return _read_one(source, options, rejects, progress)


def _read_one(
    source: object,
    options: ReadOptions,
    rejects: Rejects | str | os.PathLike[str] | None,
    progress: Callable[[int, int], None] | None,
) -> Reading:
    if isinstance(source, _LOCATION):
        return _read((source,), options, rejects, progress)
    how = _how(options)
    items: Iterator[Item]
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(source, pandas.DataFrame):
        frame, wanted = with_index(source, how.wanted)
        how = replace(how, wanted=wanted)
        items = pandas_rows(frame, wanted)
    elif hasattr(source, "__arrow_c_stream__") and not is_column(source):
        items = arrow_stream(source, how.wanted)
    elif isinstance(source, Iterable) and not _instead(source):
        items = ((None, (None, number), value, value) for number, value in enumerate(source, 1))
    else:
        raise InputError(
            f"expected a path, a frame or an iterable of events, got {type(source).__name__}{_instead(source)}"
        )
    return Reading(iter([Records(items, how)]), how, rejects, options.strict)


def _instead(source: object) -> str:
    """What to give instead of a source that never gives events; empty if its items tell."""
    if hasattr(source, "read") or isinstance(source, bytes | bytearray):
        return ": save it as a file and give its path, or give its records, such as those of json.load or pandas.read_csv"
    if (
        isinstance(source, Mapping)
        and source
        and all(isinstance(cells, list | tuple) for cells in source.values())
    ):
        return ": make a frame of its columns, with pandas.DataFrame(columns)"
    if hasattr(source, "collect"):
        return ": collect its rows first, with .collect()"
    if isinstance(source, Mapping) or is_column(source):
        return (
            ": put a single record into a list, and a column of texts into a frame that has their dates, too"
        )
    return ""


def _how(options: ReadOptions) -> How:
    if options.encoding is not None:
        check_encoding(options.encoding)
    known = options.found
    wanted = WantedColumns(
        check_fields(options.fields),
        options.undated == "refuse",
        known.get("columns", ()),
        known.get("table"),
    )
    return How(
        wanted,
        None if options.zone is None else find_zone(options.zone),
        options.encoding,
        options.date_format,
        options.undated,
        order=known.get("order"),
        usual_encoding=known.get("encoding"),
    )


def _path(source: str | os.PathLike[str]) -> Path:
    text = str(source)
    if (
        "\n" in text or text.lstrip()[:1] in ("{", "[") or len(text.split()) > _WORDS_OF_A_PATH
    ) and not os.path.lexists(text):
        raise InputError(
            f"expected a path, got the text {' '.join(text[:60].split())!r}: save it as a file and give its path, or give "
            'records, such as [{"date": "2016-07-11", "title": ...}] or those of json.loads'
        )
    if str(source).lower().startswith(("http://", "https://", "ftp://")):
        raise InputError(
            "is an address, and nothing is fetched from the web: save it as a file, such as with curl -O, and name the file",
            file=without_password(str(source)),
        )
    if is_url(source):
        raise InputError(
            "is the address of a database: name its table, with Table(url, 'NAME')",
            file=without_password(str(source)),
        )
    return Path(source)
