"""Folders of archive pages and posts -> their records, one file after another."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from pathlib import Path

from relatedness.errors import InputError
from relatedness.sources._archive_pages import Page
from relatedness.sources._archive_reader import read_page
from relatedness.sources._file import Item, Tick, reason
from relatedness.sources._posts import Folder, is_archive_list, is_archive_page, kind_of
from relatedness.sources._report import Faulty, Post

_ABOUT = ("readme", "license", "licence", "changelog", "contributing")


class Finished:
    """A record whose fields already have our names, as made by the reader of its format."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value


def is_page(name: str) -> bool:
    """Whether a file is a page or a post by its ending; a single ``.txt`` file is a table."""
    return kind_of(name) not in ("", "txt")


def is_post(path: Path) -> bool:
    """Whether a file is to be read as a page or a post; a ``.txt`` is where it begins with front matter."""
    if is_page(path.name):
        return not path.is_dir()
    if not path.name.lower().endswith(".txt") or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            head = file.read(8).removeprefix(b"\xef\xbb\xbf").replace(b"\r", b"")
    except OSError:
        return False  # told where it is read
    return head.startswith((b"---\n", b"+++\n"))


def holds_pages(root: Path) -> bool:
    """Whether there is a page or a post in a folder or below, files about the folder itself aside."""
    return any(
        is_page(name) and not is_about(name) and Path(folder, name).is_file()  # no pipe
        for folder, _, names in os.walk(root)
        for name in names
    )


def is_about(name: str) -> bool:
    """Whether the name of a file says that it describes its folder, such as README."""
    return name.lower().startswith(_ABOUT)


def read_pages(folder: str | os.PathLike[str], *, zone: str | tzinfo | None = None) -> Iterator[Page]:
    """The archive pages of a folder and its subfolders, with the lists that they show.

    Posts (which begin with front matter), lists (``index.md``) and files about the folder, such as a README, are skipped.

    Parameters
    ----------
    zone : str or tzinfo, optional
        As for `read`.

    Raises
    ------
    InputError
        If another file is not a page, or none is found.

    Examples
    --------
    >>> import tempfile
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([{"id": "fall", "date": "2014-06-10", "title": "Mosul falls", "text": "In Iraq."}])
    >>> folder = Path(tempfile.mkdtemp(), "site")
    >>> _ = index.publish(folder, formats=["md"])
    >>> [page.event.title for page in read_pages(folder)]
    ['Mosul falls']
    """
    root = Path(folder)
    found = False
    for path, data in _archive_pages(root):
        location = path.relative_to(root).as_posix()
        try:
            yield read_page(data.decode(), path=location, zone=zone, undated=True)
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
            elif not (
                data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"---", b"+++"))
                or is_about(path.name)
                or path.name == "index.md"
            ):
                raise InputError(
                    "is not an archive page: expected a line with a date and a heading", file=path
                )
    except OSError as error:
        raise InputError(f"cannot be read: {reason(error)}", file=root) from None


def pages_of(
    root: Path,
    fields: Mapping[str, str],
    zone: tzinfo | None,
    tick: Tick,
    date_format: str | None = None,
    keeps_undated: bool = False,
) -> Iterator[Item]:
    """The pages and posts of a folder and all below it, or the one that a file is."""
    dated_by = next((name for name, ours in fields.items() if ours == "date"), None)
    folder = Folder(
        root,
        zone,
        dated_by,
        date_format,
        keeps_undated,
        lambda data, location: (
            read_page(data.decode(), path=location, zone=zone, undated=keeps_undated).event
        ),
    )
    for path, value, data in folder.read(tick):
        if not root.is_dir():  # the file was named explicitly, so do not skip it silently
            value = (
                value.error
                if isinstance(value, Faulty)
                else dict(value)
                if isinstance(value, Post)
                else value
            )
        yield str(path), (None, None), Finished(value), data
