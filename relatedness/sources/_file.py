"""One file, compressed or not, in any encoding -> its bytes, blocks or lines; and the limits of all sources. Memory is bounded:
lines and blocks stream, and files that must be held whole have a maximum unpacked size.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import shutil
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import tzinfo
from pathlib import Path
from typing import IO, Any, Self, cast

from relatedness.errors import ConfigError, InputError, MissingExtraError
from relatedness.sources._encodings import legacy_encoding

MAX_RECORD = 16 * 2**20
"""The longest record in bytes (a line, a CSV record, a page) that is read; a longer one is a bad record."""

MOST_ENTRIES = 500_000
"""The most entries of an archive that are unpacked."""
MAX_WHOLE = 256 * 2**20
"""The longest file in bytes, unpacked, that must be held whole: a JSON object, a feed, a workbook."""

MAX_UNPACKED = 2**31
"""The most bytes, unpacked, of a ``.zip`` of posts that is read as a folder."""

MOST_TAGS = 2**22
"""The most tags of an XML file: each takes about a hundred bytes of memory."""

SHOWN = 2**16
"""The most bytes of a bad record written to the rejects file."""

BLOCK = 2**18  # bytes that are read at once
TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst")
"""Endings of archives of folders; each is unpacked to be read as the folder."""
PACKINGS = (".gz", ".bz2", ".xz", ".lzma", ".zst", ".zip")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError)

Tick = Callable[[int], None]
Item = tuple[str | None, tuple[int | None, int | None], object, object]
"""File; line, or else number of the record; what was found there (an `InputError` if it is bad); the record as it stands."""

Line = tuple[int, "bytes | Cut", InputError | None]


class Cut:
    """A record too long for memory: its beginning and its length."""

    def __init__(self, head: bytes, length: int) -> None:
        self.head = head
        self.length = length


class SourceFile:
    """A file that holds events.

    Parameters
    ----------
    path : Path
        Where it lies; ``-`` for standard input.
    tick : callable, optional
        Called with the number of bytes read from disk.
    encoding : str, optional
        The encoding that the caller gives.
    zone : tzinfo, optional
        The zone of times that name none.
    member : str, optional
        The name of the file within a ``.zip``.
    usual : str, optional
        The encoding that an earlier reading guessed: the first guess for text that is not UTF-8.

    Attributes
    ----------
    name : str
        Its name in error messages.
    kind : str
        The ending that names its format, in lower case, without that of its compression.
    packing : str
        The ending that tells how it is packed, or nothing.
    notes : list of str
        What was detected about it, for the summary.
    columns : list of str
        The names of columns that were not fetched.
    guessed : str or None
        The encoding, where it was guessed.
    table : str or None
        The table or sheet in it that is read.
    by_cells : dict
        Columns mapped to a field because of their cells, not their names.
    """

    def __init__(
        self,
        path: Path,
        tick: Tick = lambda done: None,
        encoding: str | None = None,
        zone: tzinfo | None = None,
        member: str | None = None,
        usual: str | None = None,
    ) -> None:
        self.path = path
        self.tick = tick
        self.encoding = encoding
        self.zone = zone
        self.member = member
        self.usual = usual
        self.guessed: str | None = None
        self.table: str | None = None
        self.by_cells: dict[str, str] = {}
        self.notes: list[str] = []
        self.columns: list[str] = []
        self.is_input = str(path) == "-"
        self.name = "standard input" if self.is_input else f"{path}/{member}" if member else str(path)
        low = (member or path.name).lower()
        self.packing = next((packing for packing in PACKINGS if low.endswith(packing)), "")
        if member:
            self.packing = ""
        self.kind = Path(low.removesuffix(self.packing)).suffix
        self._input: io.BufferedReader | None = None
        self._archive: zipfile.ZipFile | None = None

    def members(self) -> Iterator[SourceFile]:
        """The files in a ``.zip``, which is open until the last is taken; else the file itself."""
        if self.packing != ".zip":
            yield self
            return
        try:
            # Open the archive once: reopening takes time proportional to the number of files in it.
            archive = zipfile.ZipFile(self.path)
        except BROKEN as error:
            raise InputError(f"cannot be read: {reason(error)}", file=self.path) from None
        with archive:
            for name in sorted(name for name in archive.namelist() if name and not name.endswith("/")):
                # "../a.csv" is read as any other name, for nothing is written.
                parts = [part for part in name.split("/") if part not in (".", "..")]
                if not any(part.startswith((".", "__MACOSX")) for part in parts):
                    inner = SourceFile(self.path, self.tick, self.encoding, self.zone, name, self.usual)
                    inner._archive = archive
                    yield inner

    def unpack(self, folder: Path, beside: int = 0) -> None:
        """Write what a ``.zip`` holds to a folder, where ``beside`` bytes were unpacked already.

        Raises
        ------
        InputError
            If it cannot be read, or unpacks to more than `MAX_UNPACKED`.
        """
        try:
            with zipfile.ZipFile(self.path) as archive:
                size = beside + sum(info.file_size for info in archive.infolist())
                if size > MAX_UNPACKED:
                    raise InputError(
                        f"unpacks to {size:,} bytes, more than the limit of {MAX_UNPACKED:,}: unpack it and give the folder",
                        file=self.path,
                    )
                if len(archive.infolist()) > MOST_ENTRIES:
                    raise _crowded(self.path)
                for info in archive.infolist():
                    _check_open(info, self.path)
                    # zipfile keeps names inside the folder, and no member gives more bytes than declared.
                    if info.filename and not info.filename.startswith("__MACOSX/"):
                        archive.extract(info, folder)
        except BROKEN as error:
            raise InputError(f"cannot be read: {reason(error)}", file=self.path) from None

    def unpack_inner(self, folder: Path) -> bool:
        """Unpack the archives in a folder to which this one was unpacked, each in the place of its own name.

        Returns
        -------
        bool
            Whether there were any.

        Raises
        ------
        InputError
            If one cannot be read, or all unpack to more than `MAX_UNPACKED`.
        """
        archives = [
            path
            for path in folder.rglob("*")
            if path.name.lower().endswith((".zip", *TARS)) and path.is_file()
        ]
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        for path in archives:
            unpacked = Path(tempfile.mkdtemp(dir=path.parent))
            inner = SourceFile(path)
            try:
                (inner.unpack_tar if inner.is_tar else inner.unpack)(unpacked, size)
            except InputError as error:
                name = path.relative_to(folder).as_posix()
                raise InputError(f"{name} in it {error.problem}", file=self.path) from None
            size += sum(below.stat().st_size for below in unpacked.rglob("*") if below.is_file())
            path.unlink()
            unpacked.rename(path)
        return bool(archives)

    @property
    def is_tar(self) -> bool:
        """Whether it is an archive of a folder that ``tar`` packed."""
        return not self.member and self.path.name.lower().endswith(TARS)

    def unpack_tar(self, folder: Path, beside: int = 0) -> None:
        """Write what an archive of ``tar`` holds to a folder, where ``beside`` bytes were unpacked already.

        Raises
        ------
        InputError
            If it cannot be read, or unpacks to more than `MAX_UNPACKED`.
        """
        size = beside
        try:
            with ExitStack() as stack:
                stream = stack.enter_context(
                    _zstandard(stack.enter_context(self.path.open("rb")))
                    if self.path.name.lower().endswith(".zst")
                    else self.path.open("rb")
                )
                archive = stack.enter_context(tarfile.open(fileobj=stream, mode="r|*", tarinfo=_Header))
                for entries, info in enumerate(archive, 1):
                    if entries > MOST_ENTRIES:
                        raise _crowded(self.path)
                    # Skip links and devices.
                    parts = [part for part in info.name.split("/") if part not in ("", ".")]
                    content = archive.extractfile(info) if info.isfile() else None
                    if content is None or not parts or any(part.startswith("._") for part in parts):
                        continue
                    if ".." in parts:
                        raise InputError(
                            f"cannot be read: {info.name} in it lies outside its folder", file=self.path
                        )
                    size += info.size
                    if size > MAX_UNPACKED:
                        raise InputError(
                            f"unpacks to more than the limit of {MAX_UNPACKED:,} bytes: unpack it and give the folder",
                            file=self.path,
                        )
                    # Not extract(): it has no safe filter before Python 3.11.4.
                    target = folder.joinpath(*parts)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with content, target.open("wb") as out:
                        shutil.copyfileobj(content, out)
        except (*BROKEN, tarfile.TarError) as error:
            raise InputError(f"cannot be read: {reason(error)}", file=self.path) from None

    @contextmanager
    def opened(self) -> Iterator[tuple[IO[bytes], Callable[[], int]]]:
        """The unpacked bytes, and a count of the bytes read from disk."""
        if self.is_input:
            if self._input is None:
                self._input = _standard_input()
            yield self._input, lambda: 0
            return
        if self._archive is not None and self.member is not None:
            with ExitStack() as stack:
                archive = self._archive
                if archive.fp is None:  # reopen it: all files were listed before this one is read
                    archive = stack.enter_context(zipfile.ZipFile(self.path))
                info = archive.getinfo(self.member)
                _check_open(info, self.path)
                inner = stack.enter_context(archive.open(info))
                yield inner, archive.fp.tell if archive.fp is not None else lambda: 0
            return
        with self.path.open("rb") as raw:
            if self.packing == ".gz":
                yield cast(IO[bytes], gzip.GzipFile(fileobj=raw)), raw.tell
            elif self.packing == ".bz2":
                yield cast(IO[bytes], bz2.open(raw)), raw.tell  # noqa: SIM115
            elif self.packing in (".xz", ".lzma"):
                yield cast(IO[bytes], lzma.open(raw)), raw.tell  # noqa: SIM115
            elif self.packing == ".zst":
                yield _zstandard(raw), raw.tell
            else:
                yield raw, raw.tell

    def head(self, length: int = BLOCK) -> bytes:
        """The first bytes; reading begins again afterwards."""
        parts: list[bytes] = []
        left = length
        with suppress(*BROKEN), self.opened() as (stream, _):  # errors are reported where the file is read
            if self.is_input:
                return stream.peek(length)[:length]  # type: ignore[attr-defined,no-any-return]
            read1: Any = getattr(stream, "read1", stream.read)
            while left and (block := read1(left)):
                parts.append(block)
                left -= len(block)
        return b"".join(parts)

    def whole(self, limit: int | None = None) -> bytes:
        """All its bytes.

        Raises
        ------
        InputError
            If it cannot be read, or is longer than what may be held whole.
        """
        limit = MAX_WHOLE if limit is None else limit
        parts: list[bytes] = []
        length = 0
        try:
            with self.opened() as (stream, done):
                while block := stream.read(BLOCK):
                    parts.append(block)
                    length += len(block)
                    self.tick(done())
                    if length > limit:
                        raise InputError(
                            f"holds more than {limit:,} bytes (unpacked), the limit for this kind of file: write the "
                            "events as JSON lines (.jsonl) or CSV, which have no limit",
                            file=self.name,
                        )
        except BROKEN as error:
            raise InputError(f"cannot be read: {reason(error)}", file=self.name) from None
        return b"".join(parts)

    def text(self) -> str:
        """All its text.

        Raises
        ------
        InputError
            If it cannot be read or decoded, or is too long.
        """
        data = self.whole()
        encoding = self.found_encoding(data[: 2**20])
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            raise InputError(
                f"not {encoding} from byte {error.start + 1} on: save the file as UTF-8, or give encoding=...",
                file=self.name,
            ) from None

    def found_encoding(self, head: bytes, *, guess: bool = True) -> str:
        """The encoding that the caller says, else the one that the first bytes tell."""
        if self.encoding is not None:
            return check_encoding(self.encoding)
        for mark, name in _MARKS:
            if head.startswith(mark):
                if name != "utf-8-sig":
                    self._say(f"encoding: {name.upper()}, by its byte order mark")
                return name
        begun = head[:4096]
        zeros = begun[::2].count(0), begun[1::2].count(0)
        half = len(begun) / 2
        if max(zeros) > _ZEROS * half and min(zeros) < _OTHER_ZEROS * half and len(begun) > 3:
            name = "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
            self._say(f"encoding: {name.upper()}, detected from its zero bytes")
            return name
        if guess and (found := legacy_encoding(head, self.usual)):
            self.guessed = found
            self._say(f"encoding: {found}, detected (encoding=... overrides it)")
            return found
        return "utf-8"

    def _say(self, words: str) -> None:
        if words not in self.notes:
            self.notes.append(words)

    def lines(self, encoding: str = "utf-8") -> Iterator[Line]:
        """The numbered lines with their ends (LF, CRLF or CR), as UTF-8, none of them longer than `MAX_RECORD`.

        A line that is too long comes cut, with the error; a file that breaks off or is damaged ends with what was there
        of its last line, with the error.
        """
        number = 1
        rest = bytearray()
        dropped = 0  # bytes of an overlong line that were already dropped from `rest`
        decoder = (
            None
            if encoding in ("utf-8", "utf-8-sig")
            else codecs.getincrementaldecoder(encoding)("surrogateescape")
        )
        try:
            opened = self.opened()
            stream, done = opened.__enter__()
        except BROKEN as error:
            yield number, b"", InputError(f"cannot be read: {reason(error)}")
            return
        try:
            read1: Any = getattr(stream, "read1", stream.read)
            while True:
                try:
                    # At most one underlying read per step: an error would lose the data before it.
                    block = read1(BLOCK)
                    if not block and self.packing == ".gz" and done() == 0:
                        raise EOFError
                    if decoder is not None:
                        block = decoder.decode(block, not block).encode("utf-8", "surrogateescape")
                except UnicodeDecodeError as error:
                    words = f"is not {error.encoding} from here on ({error.reason}): give encoding=..."
                    yield number, bytes(rest), InputError(words)
                    return
                except EOFError:
                    words = f"the {self.packing} file is cut off here: copy it again"
                    yield number, bytes(rest), InputError(words)
                    return
                except BROKEN as error:
                    yield number, bytes(rest), InputError(f"cannot be read further: {reason(error)}")
                    return
                if not block:
                    break
                self.tick(done())
                if rest.endswith(b"\r") or b"\n" in block or b"\r" in block:
                    lines = (bytes(rest) + block).splitlines(keepends=True)
                    # A CR at the end of the block may be the first half of a CRLF.
                    rest = bytearray() if block.endswith(b"\n") else bytearray(lines.pop())
                    for line in lines:
                        yield _checked(number, line, dropped)
                        number += 1
                        dropped = 0
                else:
                    rest += block
                if len(rest) > MAX_RECORD or (dropped and len(rest) > 2 * SHOWN):
                    dropped += len(rest) - SHOWN - 1
                    rest = rest[:SHOWN] + rest[-1:]
            if rest:
                yield _checked(number, bytes(rest), dropped)
        finally:
            opened.__exit__(None, None, None)


def _checked(number: int, line: bytes, dropped: int) -> Line:
    if number == 1:
        line = line.removeprefix(codecs.BOM_UTF8)
    length = dropped + len(line)
    if length > MAX_RECORD:
        return number, Cut(line[:SHOWN], length), too_long(length)
    return number, line, None


def too_long(length: int) -> InputError:
    """The message for a record longer than the limit."""
    return InputError(f"the record has {length:,} bytes or more, but the limit is {MAX_RECORD:,}")


_NOT_PACKED = ("Not a gzipped file", "Invalid data stream", "Input format not supported by decoder")
"""How the messages for a file begin whose first bytes are not those of its packing."""


def reason(error: BaseException) -> str:
    """The system's description of an error."""
    if str(error).startswith(_NOT_PACKED):
        return "it is not packed, although its name says so: rename it without the last ending"
    return (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__


def check_encoding(name: str) -> str:
    """Check that Python knows an encoding.

    Raises
    ------
    ConfigError
        If it knows none of that name.
    """
    try:
        codecs.lookup(name)
        "a".encode(name)
    except (LookupError, ValueError):  # a name with NUL is a ValueError
        raise ConfigError(
            f"there is no encoding {name!r}: expected a name such as utf-8, cp1252 or utf-16"
        ) from None
    return name


def _standard_input() -> io.BufferedReader:
    """Standard input, unpacked where its first bytes say that it is packed."""
    stream: io.BufferedReader[Any] = io.BufferedReader(io.FileIO(0, closefd=False), 2**20)
    head = stream.peek(8)
    for mark, opener in ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ", lzma.open)):
        if head.startswith(mark):
            return io.BufferedReader(cast(Any, opener(stream)), 2**20)
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return io.BufferedReader(cast(Any, _zstandard(cast(IO[bytes], stream))), 2**20)
    return stream


_OF_OTHERS = (
    tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE
)  # fmt: skip
_LONGEST_HEADER = 2**20  # bytes of a header in an archive of ``tar``
# UTF-16 of Latin text: the minimum share of zeros among its even or odd bytes, and the maximum among the others.
_ZEROS, _OTHER_ZEROS = 0.6, 0.1


def _crowded(path: Path) -> InputError:
    return InputError(
        f"holds more than {MOST_ENTRIES:,} files, the limit: unpack it and give the folder",
        file=path,
    )


class _Header(tarfile.TarInfo):
    """A header of an archive of ``tar``; `tarfile` takes the whole of one that describes others into memory."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        header = super().frombuf(buf, encoding, errors)
        if header.type in _OF_OTHERS and header.size > _LONGEST_HEADER:
            raise tarfile.ReadError(f"its header has {header.size:,} bytes")
        return header


def _zstandard(raw: IO[bytes]) -> IO[bytes]:
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError:
        raise MissingExtraError(
            "reading .zst needs backports.zstd: pip install 'relatedness[tables]'"
        ) from None

    class File(zstd.ZstdFile):
        """Reports damage like the other compressions."""

        def read(self, size: int | None = -1) -> bytes:
            return cast(bytes, self._told(super().read, size))

        def read1(self, size: int | None = -1) -> bytes:
            return cast(bytes, self._told(super().read1, size))

        def readinto(self, buffer: Any) -> int:
            return cast(int, self._told(super().readinto, buffer))

        @staticmethod
        def _told(read: Callable[[Any], Any], argument: Any) -> Any:
            try:
                return read(argument)
            except zstd.ZstdError as error:
                raise OSError(str(error)) from error

    return cast(IO[bytes], File(raw))


def _check_open(info: zipfile.ZipInfo, path: Path) -> None:
    """Raise `InputError` for a file of a ``.zip`` that a password protects."""
    if info.flag_bits & 1:
        raise InputError(f"{info.filename} in it is encrypted: unpack it and give the folder", file=path)


def size_on_disk(path: Path) -> int:
    """The bytes of a file; 0 for standard input."""
    return 0 if str(path) == "-" else path.stat().st_size


def is_same_file(a: Path, b: Path) -> bool:
    """Whether both paths are one file."""
    return b.exists() and a.exists() and a.samefile(b)
