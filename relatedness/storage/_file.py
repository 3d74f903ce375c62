"""One SQLite file that holds an index: opened to read, newly made, or changed in a copy.

A file at its path is never modified. A build writes a new file, a refresh a copy of the old one, each in the same folder, and a
rename puts it in place. So readers need only the permission to read, any program may copy the file, and a reader keeps its file
even when another is renamed over it.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any, Self
from weakref import WeakValueDictionary

import orjson

from relatedness import files
from relatedness.errors import (
    BusyError,
    ConfigError,
    IndexFormatError,
    IndexMissingError,
    InputError,
    RelatednessError,
)
from relatedness.storage._schema import (
    APPLICATION_ID,
    EXPECTED_SCHEMA,
    FORMAT,
    INDEXES,
    SCHEMA,
    checksum,
    plain,
)
from relatedness.storage._shapes import fits

_AT_ONCE = 500  # values in one statement
_MOST_BYTES = 1_000_000_000  # SQLite's own limit of a value
# Files at their path are immutable, so SQLite needs neither locks nor journal files.
_READ = "ro&immutable=1"
_ROWS = 256  # rows of a stream fetched at a time


class File:
    """The SQLite side of an open index file, or of one in memory.

    Use `create` to write a new one, `open` to read one and `edit` to change one. Methods may be called from several
    threads.

    Attributes
    ----------
    path : Path or None
        The file; None while everything is in memory.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self._connection = connection
        self._lock = Lock()
        self.path = path
        _open_files[id(self)] = self

    _temporary: Path | None = None
    _seen: tuple[int, ...] = ()

    # --- opening and closing -----------------------------------------------------------------------------------

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open an index to read it: it keeps showing the present state, and `changed` says whether there is a newer one.

        Raises
        ------
        IndexMissingError
            If there is no such file.
        IndexFormatError
            If the file is not an index, or is one of another format.
        PermissionError
            If the file may not be read.
        """
        path = Path(path)
        check_there(path)
        # Take the signature before opening: if the file changes in between, the new file is at worst opened twice.
        seen = look(path)
        store = cls(_connect(path, _READ), path)
        store._seen = seen
        try:
            store._begin_reading()
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            store.close()
            told = failure(path, error)
            if isinstance(told, IndexFormatError):
                if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_CORRUPT:
                    told = IndexFormatError(f"{path} is damaged or cut off: {error}")
                else:
                    told = IndexFormatError(
                        f"{path} is not a relatedness index: {error}; if it holds events, make an index of it with: "
                        f"relatedness build {path} -o {path.stem}.index"
                    )
            raise told from error
        except BaseException:
            store.close()
            raise
        return store

    def _begin_reading(self) -> None:
        self._connection.execute("PRAGMA query_only = ON")
        # Otherwise each statement would check again whether its cache is valid.
        self._connection.execute("BEGIN")
        self._check_format()

    def _check_format(self) -> None:
        (application,) = self._connection.execute("PRAGMA application_id").fetchone()
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION_ID:
            empty = self.path is not None and self.path.stat().st_size == 0
            what = "empty, and" if empty else "a SQLite database but"
            raise IndexFormatError(f"{self.path} is {what} not a relatedness index")
        if version != FORMAT:
            raise IndexFormatError(
                f"{self.path} has format {version}, this version reads format {FORMAT}; "
                f"build it again: relatedness build EVENTS -o {self.path}"
            )
        # Triggers and views in an untrusted file would be code, so only the tables that this module makes are allowed. Read as
        # bytes, because a damaged schema may not be valid text.
        found = self._connection.execute("SELECT CAST(sql AS BLOB) FROM sqlite_schema WHERE sql IS NOT NULL")
        if sorted(plain(bytes(sql).decode("utf-8", "replace")) for (sql,) in found) != EXPECTED_SCHEMA:
            raise IndexFormatError(f"{self.path} is damaged: its tables are not those of an index")

    @classmethod
    def create(cls, path: str | Path | None) -> Self:
        """Start a new index; nothing appears at ``path`` before `finish`.

        Parameters
        ----------
        path : path-like or None
            Where it will stand; None keeps it in memory.

        Raises
        ------
        OSError
            If the folder does not exist or cannot be written.
        """
        store = cls(_in_memory(), None) if path is None else cls._temporarily(Path(path), None)
        try:
            with store._writing():
                store._connection.executescript(
                    f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT}; {SCHEMA}"
                )
                store._connection.execute("BEGIN")
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def _temporarily(cls, path: Path, source: Path | None) -> Self:
        """Open a temporary file that will be renamed to its path: empty, or a copy of another."""
        temporary = files.begin(files.real(path))
        try:
            if source is not None:
                try:
                    files.copy(source, temporary)
                except OSError as error:
                    raise _unchanged(error, path) from error
            store = cls(_connect(temporary, "rw"), path)
            store._temporary = temporary
            with store._writing():
                # An unfinished file is deleted, so it needs no journal.
                for setting in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"):
                    store._connection.execute(f"PRAGMA {setting}")
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        return store

    def finish(self) -> None:
        """Complete a new index: rename it to its path, replacing any file there, and reopen it for reading."""
        with self._lock, self._writing():
            for statement in filter(str.strip, INDEXES.split(";")):
                self._connection.execute(statement)
            if self.path is not None:
                self._check_complete()
        self.commit()
        if self.path is not None:
            self._seen = look(self.path)
            self._connection = _connect(self.path, _READ)
            with self._writing():
                self._begin_reading()

    @classmethod
    def edit(cls, path: str | Path) -> Self:
        """Open a copy of an index to change it: nothing of it is seen before `commit` puts it in the index's place.

        The caller is the only writer (`relatedness.storage.writing`).

        Raises
        ------
        IndexMissingError, IndexFormatError
            As `open`.
        OSError
            If the file or its folder cannot be written, or has no space for the copy.
        """
        path = Path(path)
        check_there(path)
        store = cls._temporarily(path, path)
        try:
            with store._writing():
                store._check_format()
                store._connection.execute("BEGIN IMMEDIATE")
        except BaseException:
            store.close()
            raise
        return store

    def commit(self) -> None:
        """Publish the changes of `create`, `edit` or `copy` atomically."""
        with self._lock, self._writing():
            self._connection.execute("COMMIT")
            if self._temporary is None:
                return
            assert self.path is not None
            self._connection.close()
            target = files.real(self.path)
            # Remove the log of an older format or another program, which SQLite would take for that of the new file.
            for ending in ("-wal", "-shm", "-journal"):
                target.with_name(target.name + ending).unlink(missing_ok=True)
            try:
                files.put_in_place(self._temporary, target)
            except OSError as error:
                raise _unchanged(error, self.path) from error
            self._temporary = None

    def _check_complete(self) -> None:
        """Read back the new file before it replaces an existing one."""
        for name, part, crc, data in self._connection.execute("SELECT name, part, crc, data FROM arrays"):
            if zlib.crc32(data, checksum(name, part)) != crc:
                raise OSError(errno.EIO, f"the array {name} was not written as it should be", str(self.path))
        (found,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise OSError(errno.EIO, f"the new index is not sound ({found})", str(self.path))

    def copy(self) -> Self:
        """Copy the index in memory, so that the copy can be changed while this one is read."""
        connection = _in_memory()
        with self._lock:
            self._connection.backup(connection)
        store = type(self)(connection, None)
        connection.execute("BEGIN")
        return store

    def size(self) -> int | None:
        """The size of the file in bytes; 0 in memory, None once its file is gone."""
        try:
            return 0 if self.path is None else self.path.stat().st_size
        except FileNotFoundError:
            return None

    def close(self) -> None:
        """Close the file; an unfinished index or an uncommitted change is discarded."""
        self._connection.close()
        if self._temporary is not None:
            self._temporary.unlink(missing_ok=True)
            self._temporary = None

    def __del__(self) -> None:
        with suppress(Exception):
            self._connection.close()

    def changed(self) -> bool:
        """Whether the file at the path was replaced or overwritten since it was opened."""
        if self.path is None:
            return False
        try:
            return look(self.path) != self._seen
        except FileNotFoundError:
            return False  # the file is gone: the open one remains valid

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise failure(self.path, error) from error

    def _one(self, query: str, values: Sequence[object] = ()) -> tuple[Any, ...]:
        row = self._maybe(query, values)
        if row is None:
            raise IndexFormatError(f"{self.path} is damaged: {query!r} found nothing")
        return row

    def _maybe(self, query: str, values: Sequence[object] = ()) -> tuple[Any, ...] | None:
        try:
            with self._lock:
                row: tuple[Any, ...] | None = self._connection.execute(query, values).fetchone()
            return row
        except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
            raise failure(self.path, error) from error

    def _among(self, query: str, wanted: Sequence[object], *fixed: object) -> list[tuple[Any, ...]]:
        """The rows of a query for many values, with hundreds of values per statement."""
        found = []
        try:
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                with self._lock:
                    found += self._connection.execute(
                        query.format(",".join("?" * len(some))), (*fixed, *some)
                    ).fetchall()
            return found
        except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
            raise failure(self.path, error) from error

    def _all(self, query: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        try:
            with self._lock:
                cursor = self._connection.execute(query, values)
            try:
                while True:
                    with self._lock:
                        rows = cursor.fetchmany(_ROWS)
                    if not rows:
                        break
                    yield from rows
            finally:
                # The index may have been closed while this was being read.
                with suppress(sqlite3.ProgrammingError):
                    cursor.close()
        except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
            raise failure(self.path, error) from error

    def _many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        with self._writing():
            self._connection.executemany(statement, rows)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Context for decoding values of the file: an InputError inside means that the file is damaged."""
        try:
            yield
        except (InputError, ConfigError) as error:
            raise self.damaged(str(error)) from error

    def damaged(self, what: str) -> IndexFormatError:
        """The error for a damaged part of the file."""
        return IndexFormatError(f"{self.path} is damaged: {what}")

    def _fits(self, what: str, value: object, shape: Any) -> None:
        if not fits(value, shape):
            raise self.damaged(f"{what} is not what was written")

    def _sound(self, what: str, crc: object, *values: object) -> None:
        if checksum(*values) != crc:
            raise IndexFormatError(f"{self.path} is damaged: {what} is not what was written")

    def _loads(self, text: str) -> Any:
        try:
            return orjson.loads(text)
        except (ValueError, TypeError) as error:
            raise self.damaged(str(error)) from error


_open_files: WeakValueDictionary[int, File] = WeakValueDictionary()
_forking = Lock()
_held: list[Lock] = []


def _before_fork() -> None:
    """Wait until no thread is inside SQLite: in the child process its locks would never be released."""
    _forking.acquire()
    files_ = [file for ref in _open_files.valuerefs() if (file := ref()) is not None]
    before = [file._lock for file in files_]
    for file in files_:
        # New threads now wait at a new lock; at the old one they could keep this thread waiting as long as they read.
        file._lock = Lock()
        file._lock.acquire()
        _held.append(file._lock)
    for lock in before:
        lock.acquire()
    _held.extend(before)


def _after_fork() -> None:
    for lock in _held:
        lock.release()
    _held.clear()
    _forking.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)


def check_there(path: Path) -> None:
    """Raise `IndexMissingError`, naming the command that makes an index, where there is no file."""
    if not path.is_file():
        what = "is a folder, not an index file" if path.is_dir() else "does not exist"
        raise IndexMissingError(f"the index {path} {what}; make one with: relatedness build EVENTS -o {path}")


def look(path: Path) -> tuple[int, ...]:
    """A signature of the file at a path, which changes if it is replaced or overwritten."""
    there = os.stat(path)  # noqa: PTH116 - in the path of every look-up
    return there.st_dev, there.st_ino, there.st_size, there.st_mtime_ns


def _in_memory() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    """A connection for an untrusted file: no functions from the schema, and sizes are checked."""
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}", uri=True, check_same_thread=False, isolation_level=None
        )
        # No value can be longer than the file: refuse a longer one before memory is allocated for it.
        size = path.stat().st_size
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, min(_MOST_BYTES, max(size, 16 << 20)))
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
    except sqlite3.Error as error:
        raise failure(path, error) from error
    return connection


def begins_as_index(path: Path) -> bool:
    """Whether a file has the header of an index of any format; the rest of it may be damaged.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "news.csv")
    >>> _ = path.write_text("id,date,title", encoding="utf-8")
    >>> begins_as_index(path)
    False
    """
    with path.open("rb") as file:
        header = file.read(72)
    return header.startswith(b"SQLite format 3\x00") and header[68:] == APPLICATION_ID.to_bytes(4, "big")


def _unchanged(error: OSError, path: Path) -> OSError:
    """Report a failure to write the temporary file under the name of the final file."""
    return OSError(
        error.errno or errno.EIO, f"{error.strerror}; what was there before is unchanged", str(path)
    )


def failure(path: Path | None, error: Exception) -> Exception:
    """Translate an SQLite failure into one about files: closed, no space, no permission, a busy file, or damage."""
    if isinstance(error, sqlite3.ProgrammingError):
        return RelatednessError("the index is closed: open it again")
    name = getattr(error, "sqlite_errorname", "")
    file = str(path)
    if name == "SQLITE_FULL":
        return OSError(errno.ENOSPC, "no space left on the disk; what was there before is unchanged", file)
    if name.startswith("SQLITE_IOERR"):
        return OSError(errno.EIO, f"the disk failed ({error}); what was there before is unchanged", file)
    if name.startswith("SQLITE_CANTOPEN") and _out_of_files():
        return OSError(errno.EMFILE, files.TOO_MANY, file)
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return PermissionError(errno.EACCES, f"the file or its folder cannot be written ({error})", file)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return BusyError(f"{path} is in use by another program: {error}")
    return IndexFormatError(f"{path} is damaged: {error}")


def _out_of_files() -> bool:
    """Whether the process has too many open files; SQLite does not say why it could not open one."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno in (errno.EMFILE, errno.ENFILE)
    return False
