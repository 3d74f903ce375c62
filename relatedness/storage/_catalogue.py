"""The catalogue of a partitioned index: which files it consists of, from which date each one holds events, and their checksums.

A partitioned index is a folder. `shared-*.index` holds what all partitions have in common (settings, vocabulary, labels), each
`part-*.index` the events of a span of days with their lists; all of them are index files (see `relatedness.storage._schema`).
`catalogue.json` names them. It is written last and atomically: files that it does not name are not part of the index, so a job
that died leaves the previous state. Files are never modified: a changed file gets a new name.
"""

from __future__ import annotations

import json
import re
import secrets
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from relatedness.errors import ConfigError, IndexFormatError, IndexMissingError
from relatedness.files import replacing
from relatedness.storage._schema import FORMAT
from relatedness.storage._shapes import fits

CATALOGUE = "catalogue.json"
SHARED, PART = "shared", "part"
MOST_PARTITIONS = 256
"""An open index holds an open file for each, a refresh of it up to three, and most systems allow a process 1,024."""
MOST_SLOTS = 1 << 22
"""The most slots of a partition; see `relatedness.storage._numbers`."""
CATALOGUE_FORMAT = 1
"""Increased whenever older catalogues can no longer be read."""
_MOST_BYTES = 1 << 20
"""The largest catalogue in bytes; each partition takes about 200."""
_BLOCK = 1 << 20
_NAME = re.compile(r"shared-[0-9a-f]{8}\.index|part-\d{4}-[0-9a-f]{8}\.index", re.ASCII)
"""The names that `new_name` makes; any other file in the folder is not ours."""
_LEFTOVER = re.compile(rf"\.(?:{_NAME.pattern})\..+", re.ASCII)
"""Their temporary files; see `relatedness.files`."""
_FILE = {"file": str, "bytes": range(1 << 53), "crc32": range(1 << 32)}
_SHAPE = {
    "format": int,
    "index_format": int,
    "shared": _FILE,
    "partitions": [
        {
            **_FILE,
            "since": range(-(1 << 53), 1 << 53),
            "events": range(1 << 32),
            "slots": range(MOST_SLOTS + 1),
        }
    ],
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A file of the catalogue.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "shared-0123abcd.index").write_bytes(b"rows")
    >>> listed = Listed("shared-0123abcd.index", *crc_of(folder / "shared-0123abcd.index"))
    >>> listed.faults(folder)
    []
    >>> _ = (folder / "shared-0123abcd.index").write_bytes(b"moss")
    >>> len(listed.faults(folder))
    1
    """

    file: str  # its name in the folder
    bytes: int
    crc32: int  # of its bytes

    def faults(self, folder: Path) -> list[str]:
        """The fault of the file, in words: its checksum differs."""
        path = folder / self.file
        if crc_of(path) != (self.bytes, self.crc32):
            return [f"{path} is not what was written: its size or checksum differs from the catalogue's"]
        return []


@dataclass(frozen=True, slots=True)
class ListedPartition(Listed):
    """A partition in the catalogue.

    Examples
    --------
    >>> part = ListedPartition("part-0000-0123abcd.index", bytes=4, crc32=7, since=0, events=2, slots=3)
    >>> part.slots - part.events  # the slots of removed events
    1
    """

    # The first instant of the partition, in seconds since 1970; it ends before the first instant of the next. Earlier
    # events belong to the first partition.
    since: int
    # How many events it holds, and how many slots its file has.
    events: int
    slots: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The files of a partitioned index.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> part = ListedPartition("part-0000-0123abcd.index", bytes=4, crc32=7, since=0, events=2, slots=3)
    >>> catalogue = Catalogue(Listed("shared-0123abcd.index", bytes=4, crc32=7), (part,))
    >>> catalogue.write(folder)
    >>> Catalogue.read(folder) == catalogue, catalogue.files
    (True, ('shared-0123abcd.index', 'part-0000-0123abcd.index'))
    """

    shared: Listed
    partitions: tuple[ListedPartition, ...]  # in the order of dates

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the catalogue of a folder.

        Raises
        ------
        IndexMissingError
            If there is none.
        IndexFormatError
            If it is damaged or has another format.
        """
        path = folder / CATALOGUE
        told = _told(path)
        if told is None:
            raise IndexMissingError(
                f"the folder {folder} holds no {CATALOGUE}: it is not a partitioned index; make one with: "
                f"relatedness build EVENTS -o {folder} --partitions N"
            )
        if not isinstance(told, dict) or told.get("format") != CATALOGUE_FORMAT:
            raise IndexFormatError(f"{path} is not a catalogue of format {CATALOGUE_FORMAT}: build it again")
        if told.get("index_format") != FORMAT:
            raise IndexFormatError(
                f"{folder} has index files of format {told.get('index_format')}, this version reads format {FORMAT}; "
                f"build it again: relatedness build EVENTS -o {folder} --partitions N"
            )
        if not fits(told, _SHAPE) or not 0 < len(told["partitions"]) <= MOST_PARTITIONS:
            raise IndexFormatError(f"{path} is damaged: it is not what was written")
        found = cls(Listed(**told["shared"]), tuple(ListedPartition(**part) for part in told["partitions"]))
        starts = [part.since for part in found.partitions]
        names = [found.shared.file, *(part.file for part in found.partitions)]
        if (
            starts != sorted(set(starts))
            or len({*names}) < len(names)
            or not all(map(_NAME.fullmatch, names))
        ):
            raise IndexFormatError(f"{path} is damaged: its partitions do not fit together")
        return found

    def write(self, folder: Path) -> None:
        """Install the catalogue, after all files that it names."""
        told: dict[str, Any] = {
            "format": CATALOGUE_FORMAT,
            "index_format": FORMAT,
            "shared": asdict(self.shared),
            "partitions": [asdict(part) for part in self.partitions],
        }
        with replacing(folder / CATALOGUE) as temporary:
            temporary.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")

    @property
    def files(self) -> tuple[str, ...]:
        """The names of all files."""
        return self.shared.file, *(part.file for part in self.partitions)

    def sweep(self, folder: Path) -> None:
        """Remove index files that the catalogue does not name: those of previous states and of writers that died."""
        sweep(folder, self.files)


def _told(path: Path) -> Any:
    """The content of a catalogue; None where there is no file."""
    try:
        if not path.is_file():  # only a regular file: reading a pipe would block, and a device may be endless
            return None
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    try:
        if len(text) > _MOST_BYTES:
            raise ValueError(f"it is larger than {_MOST_BYTES:,} bytes")
        told = json.loads(text)
        if told is None:
            raise ValueError("it is empty")
        return told
    except (ValueError, RecursionError) as error:
        raise IndexFormatError(f"{path} is damaged: {error}") from error


def sweep(folder: Path, named: Sequence[str] = ()) -> None:
    """Remove the files of a partitioned index except the given ones; a file that cannot be removed is left for the next time."""
    with suppress(OSError):
        for path in [*folder.iterdir()]:
            if path.name not in named and (_NAME.fullmatch(path.name) or _LEFTOVER.fullmatch(path.name)):
                with suppress(OSError):
                    path.unlink()


def new_name(kind: str, number: int | None = None) -> str:
    """A name that no file of the index has had before."""
    numbered = "" if number is None else f"{number:04d}-"
    return f"{kind}-{numbered}{secrets.token_hex(4)}.index"


def crc_of(path: Path) -> tuple[int, int]:
    """The size of a file and the CRC-32 of its bytes.

    Returns
    -------
    tuple of int
        Bytes and checksum.

    Raises
    ------
    IndexMissingError
        If the file does not exist.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "part.index")
    >>> _ = path.write_bytes(b"abc")
    >>> crc_of(path)
    (3, 891568578)
    """
    size = crc = 0
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                size += len(block)
                crc = zlib.crc32(block, crc)
    except FileNotFoundError:
        raise IndexMissingError(f"{path} is missing: the catalogue beside it names it") from None
    return size, crc


def is_partitioned(path: Path) -> bool:
    """Whether a path is the folder of a partitioned index."""
    return (path / CATALOGUE).is_file()


def spare_other_folder(folder: Path) -> None:
    """Refuse a folder that holds anything but a partitioned index.

    Parameters
    ----------
    folder : Path
        It need not exist.

    Raises
    ------
    ConfigError
        If the path is a file, or a folder of something else, or if its catalogue is a symbolic link.

    Examples
    --------
    >>> import tempfile
    >>> spare_other_folder(Path(tempfile.mkdtemp()))
    """
    if folder.exists() and not folder.is_dir():
        raise ConfigError(
            f"{folder} is a file: a partitioned index is a folder; name another, or remove it first"
        )
    if not folder.is_dir():
        return
    spare_link(folder)
    shown = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    if _is_ours(folder, shown):
        return
    other = [name for name in shown if not _NAME.fullmatch(name)]
    if other:
        raise ConfigError(
            f"{folder} is a folder that holds other files, such as {other[0]}: name a new or an empty one"
        )


def spare_link(folder: Path) -> None:
    """Refuse to write if the catalogue is a symbolic link, whose target would be replaced.

    Raises
    ------
    ConfigError
        If it is.
    """
    path = folder / CATALOGUE
    if path.is_symlink():
        raise ConfigError(
            f"{path} is a symbolic link: a partitioned index is written only inside its folder; "
            "put the file that it leads to in its place"
        )


def _is_ours(folder: Path, names: Sequence[str]) -> bool:
    """Whether the catalogue of a folder is that of a partitioned index, in any format, rather than another program's file."""
    if CATALOGUE not in names:
        return False
    try:
        told = _told(folder / CATALOGUE)
    except IndexFormatError:
        # A damaged catalogue next to files that only we write.
        return any(map(_NAME.fullmatch, names))
    return isinstance(told, dict) and {"index_format", "shared", "partitions"} <= told.keys()
