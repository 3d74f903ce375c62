"""One SQLite file that holds an index: opened to read, made anew, or changed in one transaction."""

from __future__ import annotations

import errno
import os
import secrets
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any, Self

import orjson

from relatedness.errors import (
    BusyError,
    IndexFormatError,
    IndexMissingError,
    RelatednessError,
    UnknownEventError,
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

_AT_ONCE = 500  # values in one statement
_MOST_BYTES = 1_000_000_000  # SQLite's own limit of a value
_BUSY_SECONDS = 10.0  # for the moments in which SQLite itself locks the file


class File:
    """An open index file as SQLite sees it, or one in memory.

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

    _temporary: Path | None = None
    _watcher: sqlite3.Connection | None = None
    _seen: tuple[int, int, int] = (0, 0, 0)

    @classmethod
    def open(cls, path: str | Path, *, pinned: bool = True) -> Self:
        """Open an index to read it.

        Parameters
        ----------
        path : path-like
        pinned : bool
            Whether it goes on showing the file as it is now. Otherwise each method shows the file as it is when
            it is called, and `changed` tells whether that is another state.

        Raises
        ------
        IndexMissingError
            If there is no such file.
        IndexFormatError
            If the file is no index, or one of another format.
        """
        path = Path(path)
        check_there(path)
        store = cls(_connect(path, "rw"), path)
        store._start_reading(path, pinned)
        return store

    def _start_reading(self, path: Path, pinned: bool = True) -> None:
        """Look at the file, and hold on to what it shows where that is asked; closed again where it fails."""
        try:
            # The watcher looks before the snapshot is taken: a change between the two is at worst noticed twice.
            self._watcher = _connect(path, "rw")
            try:
                self._seen = self._look()
                self._begin_reading(pinned)
            except sqlite3.OperationalError as error:
                if getattr(error, "sqlite_errorname", "") != "SQLITE_CANTOPEN" or _log_size(path):
                    raise
                # Where not even a reader's marks can be written, nobody can be writing either.
                self.close()
                self._watcher = None
                self._connection = _connect(path, "ro&immutable=1")
                self._begin_reading(pinned)
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            self.close()
            told = failure(path, error)
            if isinstance(told, IndexFormatError):
                told = IndexFormatError(f"{path} is not a relatedness index: {error}")
            raise told from error
        except BaseException:
            self.close()
            raise

    def _begin_reading(self, pinned: bool) -> None:
        self._connection.execute("PRAGMA query_only = ON")
        if pinned:
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
        # Triggers and views of a stranger's would be code: nothing but the tables that this module makes may be there.
        # As bytes: damage to the text of the schema need not be text.
        found = self._connection.execute("SELECT CAST(sql AS BLOB) FROM sqlite_schema WHERE sql IS NOT NULL")
        if sorted(plain(bytes(sql).decode("utf-8", "replace")) for (sql,) in found) != EXPECTED_SCHEMA:
            raise IndexFormatError(f"{self.path} is damaged: its tables are not those of an index")

    @classmethod
    def create(cls, path: str | Path | None) -> Self:
        """Begin a new index; nothing stands at ``path`` before `finish`.

        Parameters
        ----------
        path : path-like or None
            Where it will stand; None keeps it in memory.

        Raises
        ------
        OSError
            If the folder does not exist or cannot be written.
        """
        if path is None:
            connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
            store = cls(connection, None)
        else:
            target = Path(path)
            if target.is_dir():
                raise IsADirectoryError(errno.EISDIR, "is a folder: name a file in it", str(target))
            if not target.parent.is_dir():
                raise FileNotFoundError(errno.ENOENT, "the folder does not exist", str(target.parent))
            temporary = target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
            temporary.touch(exist_ok=False)
            connection = sqlite3.connect(temporary, check_same_thread=False, isolation_level=None)
            store = cls(connection, target)
            store._temporary = temporary
            # The file is thrown away unless it is finished, so no journal need protect it.
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(
            f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT}; {SCHEMA}"
        )
        connection.execute("BEGIN")
        return store

    def finish(self) -> None:
        """Complete a new index: after this it stands at its path, replacing what stood there.

        An index that stands there already is changed in one transaction, so that those who read it may go on.
        """
        with self._lock, self._writing():
            for statement in filter(str.strip, INDEXES.split(";")):
                self._connection.execute(statement)
            self._connection.execute("COMMIT")
            if self._temporary is None:
                return
            assert self.path is not None
            self._check_complete()
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.close()
            self._install(self._temporary, self.path)
            self._temporary = None
            self._connection = _connect(self.path, "rw")
            self._start_reading(self.path)

    def _check_complete(self) -> None:
        """Read back what was written before anything that is there is given up for it."""
        for name, part, crc, data in self._connection.execute("SELECT name, part, crc, data FROM arrays"):
            if zlib.crc32(data, checksum(name, part)) != crc:
                raise OSError(errno.EIO, f"the array {name} was not written as it should be", str(self.path))
        (found,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise OSError(errno.EIO, f"the new index is not sound ({found})", str(self.path))

    @staticmethod
    def _install(new: Path, path: Path) -> None:
        try:
            old = _connect(path, "rw") if path.exists() else None
        except IndexFormatError:
            old = None
        if old is not None:
            with closing(old):
                if _is_index(old):
                    with closing(sqlite3.connect(new)) as source:
                        source.backup(old)
                    _checkpoint(old)
                    new.unlink()
                    return
        # No index stands there. What a damaged one left beside it must not be taken for the log of the new one.
        for ending in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).unlink()
        with new.open("rb") as file:
            os.fsync(file.fileno())
        new.replace(path)

    @classmethod
    def edit(cls, path: str | Path) -> Self:
        """Open an index to change it: nothing of it is seen before `commit`.

        The caller is the only writer (`relatedness.storage`).

        Raises
        ------
        IndexMissingError, IndexFormatError
            As `open`.
        OSError
            If the file or its folder cannot be written.
        """
        path = Path(path)
        check_there(path)
        store = cls(_connect(path, "rw"), path)
        try:
            with store._writing():
                store._check_format()
                store._connection.execute("PRAGMA journal_mode = WAL")
                store._connection.execute("PRAGMA synchronous = FULL")
                store._connection.execute("PRAGMA wal_autocheckpoint = 0")
                store._connection.execute("BEGIN IMMEDIATE")
        except BaseException:
            store.close()
            raise
        return store

    def commit(self) -> None:
        """Make the changes of `edit` or `copy` seen, all at once."""
        with self._lock, self._writing():
            self._connection.execute("COMMIT")

    def copy(self) -> Self:
        """A second index in memory with the same content, to be changed while this one is read."""
        connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        with self._lock:
            self._connection.backup(connection)
        store = type(self)(connection, None)
        connection.execute("BEGIN")
        return store

    def close_file(self) -> None:
        """Close it unless it lives in memory: a reader less whom the log has to wait for."""
        if self.path is not None:
            self.close()

    def size(self) -> int | None:
        """How many bytes it takes on disk, its log included; 0 in memory, None once its file is gone."""
        try:
            return 0 if self.path is None else _on_disk(self.path)
        except FileNotFoundError:
            return None

    def close(self) -> None:
        """Close the file; an index that was not finished, or a change not committed, is thrown away."""
        self._connection.close()
        if self._watcher is not None:
            self._watcher.close()
        if self._temporary is not None:
            for leftover in self._temporary.parent.glob(f"{_escaped(self._temporary.name)}*"):
                with suppress(FileNotFoundError):
                    leftover.unlink()
            self._temporary = None

    def __del__(self) -> None:
        with suppress(Exception):
            self._connection.close()
            if self._watcher is not None:
                self._watcher.close()

    def changed(self) -> bool:
        """Whether the file says something else by now: refreshed, built again, or another file in its place."""
        if self._watcher is None:
            return False
        try:
            with self._lock:
                return self._look() != self._seen
        except FileNotFoundError:
            return False  # taken away: what was read stays good
        except sqlite3.Error as error:
            assert self.path is not None
            raise failure(self.path, error) from None

    def _look(self) -> tuple[int, int, int]:
        assert self._watcher is not None
        assert self.path is not None
        there = os.stat(self.path)  # noqa: PTH116 - in the path of every look-up
        (version,) = self._watcher.execute("PRAGMA data_version").fetchone()
        return there.st_dev, there.st_ino, version

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:
            raise RelatednessError("the index is closed: open it again") from None
        except sqlite3.Error as error:
            raise failure(self.path, error) from None

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
        except sqlite3.ProgrammingError:
            raise RelatednessError("the index is closed: open it again") from None
        except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
            raise failure(self.path, error) from None

    def _among(self, query: str, wanted: Sequence[object], *fixed: object) -> list[tuple[Any, ...]]:
        """What a query finds for some values, in one statement for hundreds of them."""
        found = []
        try:
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                with self._lock:
                    found += self._connection.execute(
                        query.format(",".join("?" * len(some))), (*fixed, *some)
                    ).fetchall()
            return found
        except sqlite3.ProgrammingError:
            raise RelatednessError("the index is closed: open it again") from None
        except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
            raise failure(self.path, error) from None

    def _all(self, query: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        try:
            cursor = self._connection.execute(query, values)
            try:
                # Not `yield from`: it would close the cursor itself, beyond the reach of `suppress`.
                for row in cursor:  # noqa: UP028
                    yield row
            finally:
                # The index may have been closed before this was read to its end.
                with suppress(sqlite3.ProgrammingError):
                    cursor.close()
        except sqlite3.ProgrammingError:
            raise RelatednessError("the index is closed: open it again") from None
        except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
            raise failure(self.path, error) from None

    def _many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        with self._writing():
            self._connection.executemany(statement, rows)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Around code that takes apart what the file holds: what has not the shape it should have is damage."""
        try:
            yield
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            if isinstance(error, IndexFormatError | UnknownEventError):
                raise
            raise IndexFormatError(f"{self.path} is damaged: {error}") from None

    def _sound(self, what: str, crc: object, *values: object) -> None:
        if checksum(*values) != crc:
            raise IndexFormatError(f"{self.path} is damaged: {what} is not what was written")

    def _loads(self, text: str) -> Any:
        try:
            return orjson.loads(text)
        except (ValueError, TypeError) as error:
            raise IndexFormatError(f"{self.path} is damaged: {error}") from None


def sweep(path: Path) -> None:
    """Take away what killed builds of an index left beside it; the caller is its only writer."""
    for leftover in path.parent.glob(f".{_escaped(path.name)}.*.part*"):
        with suppress(OSError):
            leftover.unlink()


def _escaped(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def check_there(path: Path) -> None:
    """Raise `IndexMissingError`, naming the command that makes an index, where there is no file."""
    if not path.is_file():
        what = "is a folder, not an index file" if path.is_dir() else "does not exist"
        raise IndexMissingError(f"the index {path} {what}; make one with: relatedness build EVENTS -o {path}")


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    """A connection that takes the file for a stranger's: it may call no functions, nor claim more than is there."""
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            check_same_thread=False,
            isolation_level=None,
            timeout=_BUSY_SECONDS,
        )
        # No value can be longer than the file: what claims to be is refused before memory is taken for it.
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, min(_MOST_BYTES, max(_on_disk(path), 16 << 20)))
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
    except sqlite3.Error as error:
        raise failure(path, error) from None
    return connection


def _on_disk(path: Path) -> int:
    return path.stat().st_size + _log_size(path)


def _log_size(path: Path) -> int:
    try:
        return path.with_name(path.name + "-wal").stat().st_size
    except FileNotFoundError:
        return 0


def begins_as_index(path: Path) -> bool:
    """Whether a file begins as an index does, of whatever format, sound or not."""
    with path.open("rb") as file:
        header = file.read(72)
    return header.startswith(b"SQLite format 3\x00") and header[68:] == APPLICATION_ID.to_bytes(4, "big")


def _is_index(connection: sqlite3.Connection) -> bool:
    """Whether it may be changed page by page: an index that SQLite can read, of whatever format."""
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (journal,) = connection.execute("PRAGMA journal_mode").fetchone()
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error:
        return False
    return bool(application == APPLICATION_ID and journal == "wal")


def empty_log(path: Path, *, cut: bool = True) -> int:
    """Bring the log of an index into the file, as far as nobody reads what was there before.

    Parameters
    ----------
    path : Path
    cut : bool
        Whether the file of the log is emptied too, which nobody may be reading.

    Returns
    -------
    int
        How many bytes have to wait in the log; 0 for none.
    """
    with closing(_connect(path, "rw")) as connection:
        _checkpoint(connection, "TRUNCATE" if cut else "PASSIVE")
    return _log_size(path)


def _checkpoint(connection: sqlite3.Connection, how: str = "TRUNCATE") -> None:
    connection.execute("PRAGMA busy_timeout = 50")
    connection.execute(f"PRAGMA wal_checkpoint({how})")


def failure(path: Path | None, error: Exception) -> Exception:
    """The error that tells a SQLite failure in terms of files: no space, no permission, a busy file, or damage."""
    name = getattr(error, "sqlite_errorname", "")
    place = str(path)
    if name == "SQLITE_FULL":
        return OSError(errno.ENOSPC, "no space left on the disk; what was there before is unchanged", place)
    if name.startswith("SQLITE_IOERR"):
        return OSError(errno.EIO, f"the disk failed ({error}); what was there before is unchanged", place)
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return PermissionError(errno.EACCES, f"the file or its folder cannot be written ({error})", place)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return BusyError(f"{path} is in use by another program: {error}")
    return IndexFormatError(f"{path} is damaged: {error}")
