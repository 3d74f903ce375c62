"""Files, folders, packed folders and tables of databases -> their records, each file by its kind."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from relatedness.errors import InputError
from relatedness.sources._csv import is_table
from relatedness.sources._database import Table
from relatedness.sources._file import (
    PACKINGS,
    TARS,
    Item,
    SourceFile,
    Tick,
    size_on_disk,
)
from relatedness.sources._formats import (
    Format,
    check_path,
    files_in,
    format_of,
    is_text_of_records,
    lists_of_slack,
    read_file,
    records_in,
    unknown_kind,
)
from relatedness.sources._ignored import holds_settings
from relatedness.sources._mappings import NoTableError
from relatedness.sources._page_records import records_in_page
from relatedness.sources._pages import Finished, holds_pages, is_about, is_page, is_post, pages_of
from relatedness.sources._posts import UNDATED_PAGE, kind_of, size_of, text_of_page
from relatedness.sources._reading import How, Records, error_called
from relatedness.sources._report import LeftOut
from relatedness.sources._sites import find_site
from relatedness.sources._text_records import is_chat_or_log, read_text_records

_DEEPEST_ARCHIVES = 4  # within the one that is named
ONE_TABLE = "holds a single table: leave out the name of the table"
_NAMED = 5  # the number of files without events that are named


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """Some of the files of a folder, to be read as `read` reads them with the whole folder.

    Examples
    --------
    >>> files = FolderFiles((Path("news/2015.jsonl"), Path("news/2016.jsonl")))
    >>> [path.name for path in files.paths]
    ['2015.jsonl', '2016.jsonl']
    """

    paths: tuple[Path, ...]


def check_location(path: Path) -> None:
    """Raise an error for a path that does not exist or is of no known kind."""
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


def records_of(
    locations: list[Path | Table | FolderFiles], how: How, progress: Callable[[int, int], None] | None
) -> Iterator[Records]:
    """The records of files, folders and tables of databases, in their order.

    Parameters
    ----------
    progress : callable, optional
        Called with the bytes read so far and in all.
    """
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
    """A single file; for a ``.zip``, all files in it of known kinds, or its pages and posts; for a ``.tar``, its folder."""
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
        raise unknown_kind(file.path, [member.member or "" for member in members])
    else:
        yield from _several(file.members(), how)


def _records(file: SourceFile, found: Format | None, how: How) -> Records:
    if found is None:
        raise unknown_kind(file.path)
    if how.wanted.names_table and not found.of_tables:
        raise InputError(ONE_TABLE, file=file.name)
    items = read_file(file, found, how.wanted)
    if not found.is_mapped:
        items = ((name, location, Finished(value), record) for name, location, value, record in items)
    return Records(items, how, file)


def _several(files: Iterator[SourceFile], how: How, *, needed: bool = True) -> Iterator[Records]:
    """Files of one folder: those without events are left out, unless all are and one is `needed`."""
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
        # Archives beside pages are offered by them for download.
        for _ in range(_DEEPEST_ARCHIVES):
            if holds_pages(folder) or not file.unpack_inner(folder):
                break
        if how.wanted.names_table and holds_pages(folder):
            raise InputError(
                "holds pages or posts and no table: leave out the name of the table", file=file.path
            )
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
    """A post; or the events in a page, if the page has no date."""
    items = list(_pages(path, how, tick))
    if [item[2].value for item in items if isinstance(item[2], Finished)] == [UNDATED_PAGE]:
        inner = _within(path, path.name, how)
        if inner is not None:
            return inner
    return Records(iter(items), how)


def _all_within(root: Path, undated: list[Item], how: How) -> list[Records]:
    """The events in the pages of a folder, none of which has a date; none if few pages hold any.

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
    """The events in a page without a date: rows of tables, dated sections."""
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
    if not has_pages and not are_texts(paths, how):
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


def are_texts(paths: list[Path], how: How) -> bool:
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
