"""The one list of what is read: the ending of a file -> its reader. Nothing else lists endings.

A new kind of source is a module that gives records, and a line in `FORMATS`.
"""

from __future__ import annotations

import difflib
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path
from typing import cast

from relatedness import arguments
from relatedness.errors import InputError
from relatedness.sources._bibliography import read_bibliography
from relatedness.sources._calendar import read_calendar
from relatedness.sources._columns import WantedColumns
from relatedness.sources._csv import read_csv
from relatedness.sources._dumps import read_dump
from relatedness.sources._exports import is_wxr, read_wxr
from relatedness.sources._feeds import MAX_FEED, read_feed
from relatedness.sources._file import BROKEN, PACKINGS, TARS, Item, SourceFile, reason
from relatedness.sources._json import read_json, read_json_lines, read_toml, read_yaml
from relatedness.sources._mail import read_mailbox, read_message
from relatedness.sources._mappings import NoTableError
from relatedness.sources._names import names_as_listed
from relatedness.sources._page_records import records_in_page
from relatedness.sources._tables import (
    need_pyarrow,
    read_feather,
    read_orc,
    read_parquet,
    read_sqlite,
    read_workbook,
)
from relatedness.sources._text_records import kind_of_text, read_text_records
from relatedness.sources._xml import is_feed, read_xml

Reader = Callable[[SourceFile, WantedColumns], Iterator[Item]]
"""A reader: a file and the wanted columns -> its records."""


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file."""

    name: str  # its name for people
    endings: tuple[str, ...]  # its file name endings, in lower case
    read: Reader  # its reader
    seeks: bool = False  # whether the reader needs the file itself, unpacked on disk
    is_mapped: bool = True  # whether its records have columns to be matched with the fields of events
    begins: tuple[bytes, ...] = ()  # the first bytes of such a file, if the ending is ambiguous
    ready: Callable[[], None] | None = None  # raises an error if a package that the reader needs is missing
    # Whether such a file may hold several tables or sheets, of which the caller may name one.
    of_tables: bool = False


def _feed(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    try:
        if is_wxr(file.head(4096)):
            with file.opened() as (stream, _):
                yield from _entries(file, read_wxr(cast(BufferedIOBase, stream), file.zone))
        else:
            data = file.whole(MAX_FEED)
            yield from _entries(file, read_feed(data, as_json=file.kind == ".json", zone=file.zone))
    except BROKEN as error:
        raise InputError(f"cannot be read: {reason(error)}", file=file.name) from None
    except InputError as error:
        raise InputError(error.problem, file=file.name, line=error.line, field=error.field) from None


def _entries(file: SourceFile, values: Iterator[object]) -> Iterator[Item]:
    for number, value in enumerate(values, 1):
        yield file.name, (None, number), value, value if isinstance(value, dict) else ""


def _tables_of_page(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """The rows of the tables of a page in HTML, which many programs call a workbook."""
    found = records_in_page(file.text(), "html", file.name, wanted)
    if found is None:
        raise NoTableError("is a page without a table that has columns for a date and words", file=file.name)
    file.notes.append(found.note)
    for number, record in enumerate(found.records, 1):
        yield file.name, (None, number), record, record


_XML = Format("XML", (), read_xml)
_HTML = Format("HTML", (), _tables_of_page)
_TEXT = Format("text", (".log", ".ris", ".nbib", ".enw"), read_text_records)
_FEED = Format(
    "feed", (".xml", ".rss", ".atom", ".rdf", ".opml", ".enex"), _feed, is_mapped=False, begins=(b"<",)
)

_MESSAGE = Format("message", (".eml",), read_message)

FORMATS = (
    Format(
        "JSON lines",
        (".jsonl", ".ndjson", ".jl", ".json-seq", ".geojsonl"),
        read_json_lines,
        begins=(b"{", b"\x1e"),
    ),
    Format("JSON", (".json", ".geojson", ".jsonld"), read_json, begins=(b"[",)),
    Format("Parquet", (".parquet", ".pq"), read_parquet, seeks=True, begins=(b"PAR1",), ready=need_pyarrow),
    Format(
        "Feather", (".feather", ".arrow"), read_feather, seeks=True, begins=(b"ARROW1",), ready=need_pyarrow
    ),
    Format("ORC", (".orc",), read_orc, seeks=True, begins=(b"ORC",), ready=need_pyarrow),
    Format(
        "workbook", (".xlsx", ".xlsm"), read_workbook, seeks=True, begins=(b"PK\x03\x04",), of_tables=True
    ),
    Format(
        "SQLite",
        (".sqlite", ".sqlite3", ".db"),
        read_sqlite,
        seeks=True,
        begins=(b"SQLite format 3\0",),
        of_tables=True,
    ),
    Format("SQL", (".sql",), read_dump, of_tables=True),
    Format("YAML", (".yaml", ".yml"), read_yaml),
    Format("calendar", (".ics",), read_calendar, begins=(b"BEGIN:VCALENDAR",)),
    _FEED,
    Format("TOML", (".toml",), read_toml),
    Format("mailbox", (".mbox",), read_mailbox, seeks=True, begins=(b"From ",)),
    _MESSAGE,
    Format("bibliography", (".bib", ".bibtex"), read_bibliography),
    _TEXT,
    Format("table", (".csv", ".tsv", ".tab", ".psv", ".txt", ".xls"), read_csv, begins=(b"",)),
)
# Read only the posts of a Twitter archive: its other files hold private messages and settings.
_ASSIGNED = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:window\.YTD\.tweets?\.part\d+\s*=|(?:export\s+)?(?:var|let|const)\s+[\w$]{1,60}\s*=\s*[\[{]"
    rb"|(?:export\s+default|module\.exports\s*=)\s*[\[{])"
)
_GROUPS = [[found for found in FORMATS if found.name in names] for names in (
    ("table", "workbook"), ("Parquet", "Feather", "ORC", "SQLite", "SQL"), ("JSON", "JSON lines", "YAML", "TOML"), ("feed", "calendar"), ("mailbox", "message"), ("bibliography", "text"),
)]  # fmt: skip
_BY_ENDING = {ending: found for found in FORMATS for ending in found.endings}


def format_of(file: SourceFile) -> Format | None:
    """The format of a file by its ending or, where that is ambiguous, by its first bytes; None if it is not known."""
    if file.is_input:
        head = file.head(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
        found = next(each for each in FORMATS if head.startswith(each.begins) and each.begins)
        if found is _FEED and not is_feed(head):
            return _XML
        if found.name in ("table", "JSON") and _is_text(file):
            return _TEXT
        return _BY_ENDING[".json"] if found.name == "JSON lines" and _is_one_object(head) else found
    if is_in_maildir(file.path) and not file.member:
        return _MESSAGE
    if file.kind == ".xls":
        return _called_workbook(file)
    found_by_name = _BY_ENDING.get(file.kind)
    if file.kind == ".js" and _ASSIGNED.match(file.head(2**10)):
        return _BY_ENDING[".json"]
    if found_by_name is not None and file.kind == ".json":
        head = file.head(2**14).lstrip()
        # A JSON Feed, or an export of Ghost, which is one object that holds its tables in "db".
        if b"jsonfeed.org" in head or (
            re.match(rb'\{\s*"(?:db|meta|data)"\s*:', head)
            and b'"posts"' in (more := file.head(2**20))
            and any(name in more for name in (b'"db"', b'"exported_on"', b'"posts_tags"', b'"mobiledoc"'))
        ):
            return _FEED
    if found_by_name is _FEED and not is_feed(file.head(4096)):
        return _XML
    if file.kind in (".txt", ".log") and _HOLDS_JSON.match(file.head(2**10)):
        return _BY_ENDING[".json"]
    if file.kind == ".txt" and _is_text(file):
        return _TEXT
    # If every line has a separator after its date, it is a table.
    return _BY_ENDING[".csv"] if file.kind == ".log" and not _is_text(file) else found_by_name


def holds_tables(path: str | os.PathLike[str]) -> bool:
    """Whether a file may hold several tables or sheets, of which the caller may name one.

    Examples
    --------
    >>> holds_tables("blog.sql"), holds_tables("blog.csv")
    (True, False)
    """
    path = arguments.check_path(path, "path")
    if str(path) == "-" or path.is_dir():
        return str(path) == "-"
    found = format_of(file) if (file := SourceFile(path)).packing != ".zip" else None
    return file.packing == ".zip" or (found is not None and found.of_tables)


def _called_workbook(file: SourceFile) -> Format | None:
    """The format of an ``.xls`` file: many programs give this name to HTML pages and tables."""
    head = file.head(4096)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return None
    if head.startswith(b"PK\x03\x04"):
        return _BY_ENDING[".xlsx"]
    begun = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if begun.startswith(b"<"):
        return _XML if b":office:spreadsheet" in begun and not _PAGE.match(begun) else _HTML
    return _BY_ENDING[".csv"]


_PAGE = re.compile(rb"<(?:!doctype\s+html|html|table|div|style|meta)\b")


def _is_text(file: SourceFile) -> bool:
    """Whether a file is text that parts its records by rules of its own, and no table."""
    head = file.head(2**14)
    try:
        return kind_of_text(head.decode(file.found_encoding(head, guess=False), "replace")) is not None
    except InputError:
        return True  # reported where it is read


def is_text_of_records(path: Path) -> bool:
    """Whether a ``.txt`` holds records by rules of its own: a log, a chat."""
    return format_of(SourceFile(path)) is _TEXT


def _is_one_object(head: bytes) -> bool:
    """Whether an object goes on after its first line."""
    first = head.split(b"\n", 1)[0].rstrip()
    return not first.endswith(b"}") and b"\n" in head


def is_source(name: str) -> bool:
    """Whether the ending of a file name is one that this library reads.

    Examples
    --------
    >>> is_source("news.csv.gz"), is_source("Mosul falls to ISIL.")
    (True, False)
    """
    low = name.lower()
    bare = next((low.removesuffix(packing) for packing in PACKINGS if low.endswith(packing)), low)
    return low.endswith((".zip", *TARS)) or Path(bare).suffix in _BY_ENDING or _is_archive_of_posts(bare)


def _is_archive_of_posts(name: str) -> bool:
    """Whether a file is called as the posts are in an archive of Twitter."""
    return re.fullmatch(r"(?:.*/)?tweets?(?:-part\d+)?\.js", name) is not None


def records_in(root: Path) -> list[Path]:
    """The files of records in a folder and below, in the order of their names."""
    return [path for path in files_in(root) if is_source(path.name) or is_in_maildir(path)]


def is_in_maildir(path: Path) -> bool:
    """Whether a file is a message in a Maildir, whose folders ``cur``, ``new`` and ``tmp`` hold one each file."""
    parent = path.parent
    return parent.name in ("cur", "new") and all((parent.parent / name).is_dir() for name in ("cur", "new"))


def files_in(root: Path) -> list[Path]:
    """The files in a folder and below, in the order of their names, except hidden ones."""
    found: list[Path] = []
    for folder, below, names in os.walk(root):
        below[:] = [name for name in below if not name.startswith(".")]
        found += [
            path for name in names if not name.startswith(".") and (path := Path(folder, name)).is_file()
        ]
    return sorted(found)


_HOLDS_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\[\s*)?\{\s*"[^"\n]{1,100}"\s*:')
_SLACK = frozenset(f"{name}.json" for name in names_as_listed("files", "of_slack"))


def lists_of_slack(root: Path, files: list[Path]) -> set[Path]:
    """The files of an export of Slack that hold no messages; those lie in a folder for each channel."""
    top = {path for path in files if path.parent == root and path.name in _SLACK}
    return top if {"users.json", "channels.json"} <= {path.name for path in top} else set()


_NAMED = 5  # the number of files of an archive that are named
_OF_OFFICES = {
    ".xls": "an old Excel", ".xlsb": "Excel in its binary form", ".ods": "LibreOffice", ".numbers": "Numbers", ".accdb": "Access",
    ".mdb": "Access", ".dta": "Stata", ".sav": "SPSS", ".rds": "R",
}  # fmt: skip


_INSTEAD = {
    **dict.fromkeys((".docx", ".doc", ".odt", ".rtf", ".pages", ".pdf", ".epub", ".pptx", ".tex"), "a document: save its text as .md, .html or .txt"),
    **dict.fromkeys((".mhtml", ".mht", ".webarchive"), "a page with all its parts: save it as .html"),
    **dict.fromkeys((".rar", ".7z"), "an archive of a kind that is not read: unpack it, and name the folder"),
    **dict.fromkeys((".sgm", ".sgml"), "SGML, which is not read: convert it to XML"),
    **dict.fromkeys((".jsonc", ".json5"), "JSON with comments: remove them, and save it as .json"),
}  # fmt: skip
"""Endings of files that are not read, each with what to do instead."""


def unknown_kind(path: Path, members: Sequence[str] | None = None) -> InputError:
    """The message for a file whose ending is not among those that are read, or for an archive of such files."""
    if members is not None:
        inside = ", ".join(members[:_NAMED]) + (", ..." if len(members) > _NAMED else "")
        return InputError(
            f"holds no file of a kind that is read ({inside or 'it is empty'}): pack tables, records, feeds or posts",
            file=path,
        )
    if path.suffix.lower() in _OF_OFFICES:
        return InputError(
            f"is a file of {_OF_OFFICES[path.suffix.lower()]}, which is not supported: save it as .xlsx or .csv",
            file=path,
        )
    if path.suffix.lower() in _INSTEAD:
        return InputError(f"is {_INSTEAD[path.suffix.lower()]}", file=path)
    if path.suffix == ".index":
        return InputError(
            "has the name of an index, but an index is built from events: give the file or folder that holds them",
            file=path,
        )
    kinds = [
        f"{', '.join(part.name for part in parts)}: {' '.join(ending for part in parts for ending in part.endings)}"
        for parts in _GROUPS
    ]
    lines = [
        "has no known ending: save its events as a file of one of these kinds, and name it or its folder",
        *kinds,
        "post: .md .html .rst and others",
        f"any of these packed: {' '.join(PACKINGS)}; folders: .zip .tar .tar.gz .tgz",
    ]
    return InputError("\n  ".join(lines), file=path)


_STAND_INS = (
    (
        re.compile(rb"version https://git-lfs\.github\.com/spec/"),
        "is a pointer of Git LFS and not the file itself: fetch it with git lfs pull",
    ),
    (
        re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE),
        "is a page in HTML, perhaps of an error: download the file again, or give it the ending .html",
    ),
)
"""How files begin that stand in the place of others, each with what to do."""


def read_file(file: SourceFile, found: Format, wanted: WantedColumns) -> Iterator[Item]:
    """The records of a file; one that is packed and must be sought in is unpacked beside the others of the system first."""
    if not (found.seeks and (file.packing or file.member or file.is_input)):
        try:
            yield from found.read(file, wanted)
        except InputError as error:
            stand_in = next((words for begun, words in _STAND_INS if begun.match(file.head(200))), None)
            if stand_in is None or found in (_HTML, _XML, _FEED):
                raise
            raise type(error)(stand_in, file=file.name) from error
        return
    with tempfile.TemporaryDirectory() as folder:
        unpacked = Path(folder) / f"unpacked{found.endings[0]}"
        try:
            unpacked.write_bytes(file.whole())
        except OSError as error:
            raise InputError(f"cannot be unpacked to {folder}: {reason(error)}", file=file.name) from None
        inner = SourceFile(unpacked)
        inner.name, inner.notes, inner.columns = file.name, file.notes, file.columns
        try:
            yield from found.read(inner, wanted)
        finally:
            file.table, file.by_cells = inner.table, inner.by_cells


def check_path(path: Path) -> None:
    """See that a path can be read.

    Raises
    ------
    InputError
        If it cannot.
    """
    try:
        path.stat()
        if path.is_dir():
            os.scandir(path).close()
        elif path.is_file():
            path.open("rb").close()
    except FileNotFoundError as error:
        problem = f"cannot be read: {reason(error)}"
        raise InputError(f"{problem}: {_whereabouts(path.absolute())}", file=path) from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {reason(error)}", file=path) from None


def _whereabouts(path: Path) -> str:
    """What there is in place of a file that is not there: the names most like its own, or the last folder of its path."""
    above = next(folder for folder in path.parents if folder.is_dir())
    missing = path.relative_to(above).parts[0]
    try:
        names = [each.name for each in above.iterdir()]
    except OSError:
        names = []
    if missing in names:
        return f"{above / missing} is a link to a file that is not there"
    like = difflib.get_close_matches(missing, names, cutoff=0.75)
    if like:
        return f"{above} holds no {missing}; did you mean {' or '.join(like)}?"
    return f"{above} holds no {missing}: check the spelling, or give the whole path"
