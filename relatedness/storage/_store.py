"""Plain records and arrays <-> one SQLite file. It knows no score and runs nothing that it reads.

The file is an ordinary SQLite 3 database that any language can read. Its tables:

========== =========================================================================================
meta       name and JSON value: config, tagger, statistics, what was learned
events     slot, id, seconds since 1970 (UTC), the event's record and its topics as JSON
lists      slot and its related events, best first, as a JSON array of arrays:
           ``[id, score, [contexts], [parts], copies]``; the names of the parts are in meta
candidates block of some consecutive slots; of each its candidates, then its neighbours: slot and score, slot and
           strength as pairs of uint32, zeros where there are no more
topics     name and slot: which events have a topic
stories    slot, name, kind: the story topics of events, ``supplied`` or ``inferred``
terms      the vocabulary: column, channel, term, document frequency, weight
labels     the languages, categories and groups: kind, number, name
arrays     the matrices: name, part, element type, bytes
========== =========================================================================================

A *slot* is an event's number in this file. It is given once and never again: what is added comes behind, what is
removed leaves a gap. So whatever names a slot stays true when the index is refreshed.

Every row holds a CRC-32 of what it says, and each read compares it. The view ``related`` spreads the lists into
rows: ``SELECT related, score, contexts FROM related WHERE event = ?``.

A refresh is one transaction in SQLite's write-ahead log: readers go on with what they have seen, and whatever
happens to the writer, the file holds either all of it or nothing.

Bump rule for `FORMAT` (kept in ``user_version``): raise it whenever a file written by the new code cannot be
read by the old, or the other way round; say in `Store.open` which command rebuilds the old one.
"""

from __future__ import annotations

import difflib
import errno
import os
import secrets
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any, Self

import numpy as np
import orjson
from numpy.typing import NDArray

from relatedness.errors import (
    BusyError,
    IndexFormatError,
    IndexMissingError,
    InputError,
    RelatednessError,
    UnknownEventError,
)

FORMAT = 6
APPLICATION_ID = 0x52454C41  # "RELA", in the database header: what `file` and `Store.open` recognise
_PART_BYTES = 1 << 17  # small parts: what is added to an array rewrites its last part alone
_BLOCK_BYTES = 3900  # candidates and neighbours of as many slots as fit into one page of the file
_AT_ONCE = 500  # values in one statement
_BLOCKS_AT_ONCE = 32  # blocks of candidates read at a time: they stay in the cache
_MOST_BYTES = 1_000_000_000  # SQLite's own limit of a value
_BUSY_SECONDS = 10.0  # for the moments in which SQLite itself locks the file
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE events (
    slot INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, seconds INTEGER NOT NULL,
    record TEXT NOT NULL, topics TEXT NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE topics (name TEXT NOT NULL, slot INTEGER NOT NULL, PRIMARY KEY (name, slot)) WITHOUT ROWID;
CREATE TABLE stories (
    slot INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, how TEXT NOT NULL, crc INTEGER NOT NULL,
    PRIMARY KEY (slot, name)) WITHOUT ROWID;
CREATE TABLE lists (slot INTEGER PRIMARY KEY, items TEXT NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE candidates (
    block INTEGER PRIMARY KEY, pairs BLOB NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE terms (
    "column" INTEGER PRIMARY KEY, channel INTEGER NOT NULL, term TEXT NOT NULL,
    frequency INTEGER NOT NULL, weight REAL NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE labels (
    kind TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, crc INTEGER NOT NULL,
    PRIMARY KEY (kind, number)) WITHOUT ROWID;
CREATE TABLE arrays (
    name TEXT NOT NULL, part INTEGER NOT NULL, dtype TEXT NOT NULL, crc INTEGER NOT NULL,
    data BLOB NOT NULL, PRIMARY KEY (name, part));
CREATE VIEW related AS
    SELECT events.id AS event, item.key + 1 AS rank, json_extract(item.value, '$[0]') AS related,
           json_extract(item.value, '$[1]') AS score, json_extract(item.value, '$[2]') AS contexts,
           json_extract(item.value, '$[3]') AS parts, json_extract(item.value, '$[4]') AS copies
    FROM events JOIN lists USING (slot), json_each(lists.items) AS item;
"""
# Made when all rows are there: that is faster than to keep them up to date while rows come.
_INDEXES = """
CREATE UNIQUE INDEX term_by_name ON terms (channel, term);
CREATE INDEX event_by_date ON events (seconds, id DESC);
"""
# The tables whose rows hold a checksum over just these columns; lists, candidates and arrays have their own.
_CHECKED = {
    "meta": "name, value",
    "events": "slot, id, seconds, record, topics",
    "terms": '"column", channel, term, frequency, weight',
    "labels": "kind, number, name",
    "stories": "slot, name, kind, how",
}
_BY_DATE = "ORDER BY seconds, id DESC"


def dumps(value: object) -> str:
    """JSON as short as it gets, the same for the same value; an array of numbers is as good as a list of them."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def loads(text: str) -> Any:
    """The value that `dumps` wrote."""
    return orjson.loads(text)


def _block_size(width: int) -> int:
    """How many slots a block of candidates holds."""
    return max(1, _BLOCK_BYTES // (8 * width))


def _as_pairs(data: bytes | bytearray, width: int) -> NDArray[np.uint64]:
    return np.frombuffer(data, "<u8").astype(np.uint64, copy=False).reshape(-1, width)


def checksum(*values: object) -> int:
    """The CRC-32 of a row's values as text, as each row keeps it.

    Examples
    --------
    >>> checksum("a", 1)
    718304929
    """
    return zlib.crc32("\x1f".join(map(str, values)).encode("utf-8", "surrogatepass"))


class Store:
    """One open index file, or one in memory.

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

    # --- opening and closing -----------------------------------------------------------------------------------

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
        _check_there(path)
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
            failure = _failure(path, error)
            if isinstance(failure, IndexFormatError):
                failure = IndexFormatError(f"{path} is not a relatedness index: {error}")
            raise failure from None
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
        if sorted(_plain(bytes(sql).decode("utf-8", "replace")) for (sql,) in found) != _EXPECTED_SCHEMA:
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
            f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT}; {_SCHEMA}"
        )
        connection.execute("BEGIN")
        return store

    def finish(self) -> None:
        """Complete a new index: after this it stands at its path, replacing what stood there.

        An index that stands there already is changed in one transaction, so that those who read it may go on.
        """
        with self._lock, self._writing():
            for statement in filter(str.strip, _INDEXES.split(";")):
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
        _check_there(path)
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
            raise _failure(self.path, error) from None

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
            raise _failure(self.path, error) from None

    # --- reading -----------------------------------------------------------------------------------------------

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
            raise _failure(self.path, error) from None

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
            raise _failure(self.path, error) from None

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
            raise _failure(self.path, error) from None

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

    def meta(self, name: str) -> Any:
        """The JSON value kept under a name."""
        value, crc = self._one("SELECT value, crc FROM meta WHERE name = ?", (name,))
        self._sound(f"the setting {name}", crc, name, value)
        return self._loads(value)

    def labels(self, kind: str) -> list[str]:
        """The names of one kind (language, category, group): number ``i`` is the name at place ``i``."""
        names: list[str] = []
        for number, name, crc in self._all(
            "SELECT number, name, crc FROM labels WHERE kind = ? ORDER BY number", (kind,)
        ):
            self._sound(f"the {kind} {name!r}", crc, kind, number, name)
            if number != len(names):
                raise IndexFormatError(f"{self.path} is damaged: a {kind} is missing")
            names.append(name)
        return names

    def items(self, id_: str) -> list[list[Any]] | None:
        """The stored list of an event, or None where there is no such event."""
        row = self._maybe("SELECT items, lists.crc FROM events JOIN lists USING (slot) WHERE id = ?", (id_,))
        if row is None:
            return None
        self._sound(f"the list of {id_}", row[1], id_, row[0])
        return self._loads(row[0])  # type: ignore[no-any-return]

    def all_items(self) -> Iterator[tuple[str, list[list[Any]]]]:
        """Every id with its list, in the order of the events' dates."""
        for id_, text in self.list_texts():
            yield id_, self._loads(text)

    def record_texts(self, ids: Iterable[str]) -> Iterator[tuple[int, str, str] | None]:
        """Slot, record and topics of each event as JSON; None where there is no such event."""
        for id_ in ids:
            row = self._maybe("SELECT slot, seconds, record, topics, crc FROM events WHERE id = ?", (id_,))
            if row is not None:
                slot, seconds, record, topics, crc = row
                self._sound(f"the event {id_}", crc, slot, id_, seconds, record, topics)
            yield None if row is None else (slot, record, topics)

    def list_texts(self) -> Iterator[tuple[str, str]]:
        """Every id with its list as JSON, in the order of the events' dates."""
        query = f"SELECT id, items, lists.crc FROM events JOIN lists USING (slot) {_BY_DATE}"  # noqa: S608
        for id_, text, crc in self._all(query):
            self._sound(f"the list of {id_}", crc, id_, text)
            yield id_, text

    def sums(self) -> Iterator[tuple[str, int, int]]:
        """Every id with the checksums of its event and of its list, in the order of the events' dates."""
        return self._all(f"SELECT id, events.crc, lists.crc FROM events JOIN lists USING (slot) {_BY_DATE}")  # noqa: S608

    def lists_of(self, slots: Iterable[int]) -> dict[int, str]:
        """The lists of some slots as JSON; those without one are left out."""
        return dict(self._among("SELECT slot, items FROM lists WHERE slot IN ({})", list(slots)))

    def slot(self, id_: str) -> int | None:
        """The slot of an event."""
        found = self._maybe("SELECT slot FROM events WHERE id = ?", (id_,))
        return None if found is None else found[0]

    def known_slot(self, id_: str) -> int:
        """The slot of an event.

        Raises
        ------
        UnknownEventError
            If there is none; the message names the nearest ids.
        """
        slot = self.slot(id_) if isinstance(id_, str) else None
        if slot is None:
            near = difflib.get_close_matches(str(id_), self.ids_near(str(id_)), n=3, cutoff=0.5)
            hint = f"; the nearest are {', '.join(near)}" if near else ""
            raise UnknownEventError(f"no event has the id {id_!r}{hint}")
        return slot

    def _event(self, id_: str) -> tuple[str, str]:
        slot = self.known_slot(id_)
        seconds, record, topics, crc = self._one(
            "SELECT seconds, record, topics, crc FROM events WHERE slot = ?", (slot,)
        )
        self._sound(f"the event {id_}", crc, slot, id_, seconds, record, topics)
        return record, topics

    def record(self, id_: str) -> dict[str, Any]:
        """The record of an event; raises as `known_slot`."""
        return self._loads(self._event(id_)[0])  # type: ignore[no-any-return]

    def topics(self, id_: str) -> list[list[Any]]:
        """The topics of an event, the inferred one last; raises as `known_slot`."""
        topics: list[list[Any]] = self._loads(self._event(id_)[1])
        query = "SELECT slot, name, kind, how, crc FROM stories WHERE slot = ? AND how = 'inferred'"
        for slot, name, kind, how, crc in self._all(query, (self.known_slot(id_),)):
            self._sound(f"the inferred topic of {id_}", crc, slot, name, kind, how)
            topics.append([name, kind, how, []])
        return topics

    def supplied_stories(self, wanted: NDArray[np.bool_]) -> Iterator[tuple[int, str, str]]:
        """Slot, name and kind of every supplied story topic of the wanted slots."""
        query = "SELECT slot, name, kind, how, crc FROM stories WHERE how = 'supplied'"
        with self.reading():
            for slot, name, kind, how, crc in self._all(query):
                if wanted[slot]:
                    self._sound(f"a story topic in slot {slot}", crc, slot, name, kind, how)
                    yield slot, name, kind

    def events(self) -> Iterator[tuple[int, str, str, str]]:
        """Every event in the order of dates: slot, id, record and topics as JSON."""
        query = f"SELECT slot, id, seconds, record, topics, crc FROM events {_BY_DATE}"  # noqa: S608
        for slot, id_, seconds, record, topics, crc in self._all(query):
            self._sound(f"the event {id_}", crc, slot, id_, seconds, record, topics)
            yield slot, id_, record, topics

    def ids(self) -> list[str]:
        """Every id, in the order of dates."""
        return [row[0] for row in self._all(f"SELECT id FROM events {_BY_DATE}")]  # noqa: S608

    def ids_of(self, slots: Iterable[int]) -> list[str]:
        """The ids of some slots."""
        wanted = [int(slot) for slot in slots]
        found = dict(self._among("SELECT slot, id FROM events WHERE slot IN ({})", wanted))
        with self.reading():
            return [found[slot] for slot in wanted]

    def ids_near(self, id_: str, most: int = 20) -> list[str]:
        """Ids that stand near a given one when all are sorted."""
        before = self._all("SELECT id FROM events WHERE id < ? ORDER BY id DESC LIMIT ?", (id_, most))
        after = self._all("SELECT id FROM events WHERE id >= ? ORDER BY id LIMIT ?", (id_, most))
        return [row[0] for row in (*before, *after)]

    def count(self) -> int:
        """The number of events."""
        return int(self._one("SELECT count(*) FROM events")[0])

    def span(self) -> tuple[str, str]:
        """The dates of the first and the last event, as their records write them."""
        query = "SELECT json_extract(record, '$.date') FROM events ORDER BY seconds {}, id {} LIMIT 1"
        return self._one(query.format("ASC", "DESC"))[0], self._one(query.format("DESC", "ASC"))[0]

    def slots_with(self, topic: str) -> list[int]:
        """The slots of the events that have a topic."""
        return [slot for (slot,) in self._all("SELECT slot FROM topics WHERE name = ?", (topic,))]

    def known_slots_with(self, topic: str) -> list[int]:
        """The slots of the events that have a topic.

        Raises
        ------
        InputError
            If there are none; the message names the nearest topics.
        """
        slots = self.slots_with(topic)
        if not slots:
            known = [name for name, _ in self.topic_counts()]
            same = [name for name in known if name.casefold() == topic.casefold()]
            near = same or self._topics_written(topic) or difflib.get_close_matches(topic, known, n=3)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise InputError(f"no event has the topic {topic!r}{hint}")
        return slots

    def _topics_written(self, alias: str) -> list[str]:
        """The topics that some events write in this way, the most frequent first."""
        query = """
            SELECT json_extract(topic.value, '$[0]') AS name FROM events, json_each(events.topics) AS topic,
                json_each(topic.value, '$[3]') AS alias
            WHERE instr(lower(events.topics), lower(?)) AND lower(alias.value) = lower(?)
            GROUP BY name ORDER BY count(*) DESC, name LIMIT 3"""
        return [name for (name,) in self._all(query, (alias, alias))]

    def ids_with(self, topic: str) -> list[str]:
        """The ids of the events that have a topic, in the order of dates; raises as `known_slots_with`."""
        self.known_slots_with(topic)
        query = f"SELECT id FROM topics JOIN events USING (slot) WHERE name = ? {_BY_DATE}"  # noqa: S608
        return [id_ for (id_,) in self._all(query, (topic,))]

    def topic_counts(self) -> list[tuple[str, int]]:
        """Every topic with the number of its events, the most frequent first."""
        return list(self._all("SELECT name, count(*) FROM topics GROUP BY name ORDER BY count(*) DESC, name"))

    def candidates(self, slots: NDArray[np.uint32], width: int) -> NDArray[np.uint64]:
        """The candidates and behind them the neighbours of each slot, uint64 of shape (n, width).

        Raises
        ------
        IndexFormatError
            If they are missing, or not what was written.
        """
        near, pairs = self.candidates_near(slots, int(slots.max(initial=0)) + 1, width)
        return pairs[np.searchsorted(near, slots)]

    def candidates_near(
        self, slots: NDArray[np.uint32], n: int, width: int
    ) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
        """The same of some slots and of those, of so many, that are read together with them.

        Returns
        -------
        slots : ndarray of uint32
            Ascending.
        pairs : ndarray of uint64, shape (len(slots), width)
        """
        size = _block_size(width)
        blocks = sorted({*(slots // size).tolist()})
        found = self._among("SELECT block, pairs, crc FROM candidates WHERE block IN ({})", blocks)
        found.sort()
        pairs = _as_pairs(self._joined(found, blocks, width), width)
        near = np.add.outer(np.array(blocks, np.uint32) * np.uint32(size), np.arange(size, dtype=np.uint32))
        near = near.ravel()
        there = int(np.searchsorted(near, n))  # the last block of all need not be full
        return near[:there], pairs[:there]

    def all_candidates(self, n: int, more: int, width: int) -> NDArray[np.uint64]:
        """The same of the first ``n`` slots, which must be all, and so many empty rows more.

        Raises
        ------
        IndexFormatError
            If they are missing, or not what was written.
        """
        size = _block_size(width)
        blocks = -(-n // size)
        pairs = np.empty((max(blocks * size, n + more), width), np.uint64)
        rows = self._all("SELECT block, pairs, crc FROM candidates ORDER BY block")
        for first in range(0, blocks, _BLOCKS_AT_ONCE):
            wanted = range(first, min(first + _BLOCKS_AT_ONCE, blocks))
            some = _as_pairs(self._joined(list(islice(rows, len(wanted))), wanted, width), width)
            pairs[first * size : first * size + len(some)] = some
        if next(rows, None) is not None:
            raise IndexFormatError(f"{self.path} is damaged: it has candidates of more than {n:,} slots")
        pairs = pairs[: n + more]
        pairs[n:] = 0
        return pairs

    def _joined(self, found: Sequence[tuple[Any, ...]], wanted: Sequence[int], width: int) -> bytes:
        """What blocks hold one after the other, if they are those that are wanted, each sound."""
        blocks, pairs, sums = zip(*found, strict=True) if found else ((), (), ())
        with self.reading():
            if (
                blocks != tuple(wanted)
                or sums != tuple(map(zlib.crc32, pairs, blocks))
                or {*map(len, pairs)} - {8 * width * _block_size(width)}
            ):
                raise IndexFormatError(f"{self.path} is damaged: candidates are not what was written")
            return b"".join(pairs)

    def term_counts(self) -> dict[int, int]:
        """How many terms each channel has."""
        return dict(self._all("SELECT channel, count(*) FROM terms GROUP BY channel"))

    def channel_terms(self, channel: int) -> tuple[list[int], list[str]]:
        """The columns of a channel, ascending, and their terms."""
        rows = list(
            self._all('SELECT "column", term FROM terms WHERE channel = ? ORDER BY "column"', (channel,))
        )
        return [column for column, _ in rows], [term for _, term in rows]

    def find_terms(self, channel: int, terms: Sequence[str]) -> dict[str, tuple[int, float]]:
        """The columns and weights of some terms; those that are unknown are left out."""
        query = 'SELECT term, "column", frequency, weight, crc FROM terms WHERE channel = ? AND term IN ({})'
        found = {}
        for term, column, frequency, weight, crc in self._among(query, terms, channel):
            self._sound(f"the term {term!r}", crc, column, channel, term, frequency, weight)
            found[term] = column, weight
        return found

    def terms(self, columns: Iterable[int]) -> list[tuple[int, str, int]]:
        """Channel, term and document frequency of some columns."""
        query = 'SELECT "column", channel, term, frequency, weight, crc FROM terms WHERE "column" IN ({})'
        wanted = [int(column) for column in columns]
        found = {}
        for column, channel, term, frequency, weight, crc in self._among(query, wanted):
            self._sound(f"the term {term!r}", crc, column, channel, term, frequency, weight)
            found[column] = channel, term, frequency
        with self.reading():
            return [found[column] for column in wanted]

    def all_terms(self) -> Iterator[tuple[str, int, int, float]]:
        """Term, channel, document frequency and weight of every column, in their order."""
        for column, channel, term, frequency, weight, crc in self._all(
            'SELECT * FROM terms ORDER BY "column"'
        ):
            self._sound(f"the term {term!r}", crc, column, channel, term, frequency, weight)
            yield term, channel, frequency, weight

    def array(self, name: str, dtype: type[np.generic]) -> NDArray[Any]:
        """The array kept under a name, read-only, one-dimensional.

        Raises
        ------
        IndexFormatError
            If it is missing, of another type, or its checksum does not fit.
        """
        pieces = [self._piece(name, dtype, *row) for row in self._parts(name)]
        if not pieces:
            raise IndexFormatError(f"{self.path} is damaged: the array {name} is missing")
        array = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
        array.flags.writeable = False
        return array

    def _parts(self, name: str) -> Iterator[tuple[Any, ...]]:
        return self._all("SELECT part, dtype, crc, data FROM arrays WHERE name = ? ORDER BY part", (name,))

    def _piece(
        self, name: str, dtype: type[np.generic], part: Any, kept: Any, crc: Any, data: Any
    ) -> NDArray[Any]:
        expected = np.dtype(dtype).newbyteorder("<")
        if (
            kept != expected.str
            or not isinstance(data, bytes)
            or len(data) % expected.itemsize
            or zlib.crc32(data, checksum(name, part)) != crc
        ):
            raise IndexFormatError(f"{self.path} is damaged: the array {name} is not what was written")
        return np.frombuffer(data, dtype=expected)

    def faults(self) -> Iterator[str]:
        """What SQLite finds wrong with the file itself, and rows whose checksum does not fit, as sentences."""
        for (fault,) in self._all("PRAGMA integrity_check(20)"):
            if fault != "ok":
                yield f"the database: {fault}"
        for table, columns in _CHECKED.items():
            for *values, crc in self._all(f"SELECT {columns}, crc FROM {table}"):  # noqa: S608
                if checksum(*values) != crc:
                    yield f"{table}: the row {str(values[0])[:60]} is not what was written"

    def topic_rows(self) -> Iterator[tuple[str, int]]:
        """Every topic with each slot that has it."""
        yield from self._all("SELECT name, slot FROM topics ORDER BY name, slot")

    # --- writing -----------------------------------------------------------------------------------------------

    def _many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        with self._writing():
            self._connection.executemany(statement, rows)

    def set_meta(self, name: str, value: object) -> None:
        """Keep a JSON value under a name."""
        text = dumps(value)
        self._many("INSERT OR REPLACE INTO meta VALUES (?, ?, ?)", [(name, text, checksum(name, text))])

    def add_labels(self, kind: str, names: Sequence[str], first: int = 0) -> None:
        """Add names of a kind; the first has the number ``first``."""
        rows = ((kind, number, name) for number, name in enumerate(names, first))
        self._many("INSERT INTO labels VALUES (?, ?, ?, ?)", ((*row, checksum(*row)) for row in rows))

    def add_events(self, events: Iterable[tuple[int, str, int, str, str]]) -> None:
        """Add events: slot, id, seconds, record as JSON, topics as JSON."""
        self._many(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", ((*event, checksum(*event)) for event in events)
        )

    def put_lists(self, lists: Iterable[tuple[int, str, str]]) -> None:
        """Add lists, or put them in the place of older ones: slot, id, items as JSON."""
        self._many(
            "INSERT OR REPLACE INTO lists VALUES (?, ?, ?)",
            ((slot, items, checksum(id_, items)) for slot, id_, items in lists),
        )

    def put_candidates(
        self,
        candidates: NDArray[np.uint64],
        neighbours: NDArray[np.uint64],
        slots: NDArray[np.int64] | None = None,
    ) -> None:
        """Keep the candidates and the neighbours of all slots, or anew those of some.

        Parameters
        ----------
        candidates, neighbours : ndarray of uint64, shapes (n_slots, any)
            Of all slots: ``number << 32 | slot``, 0 in unused places.
        slots : ndarray of int64, optional
            Those whose candidates or neighbours are others than before; all by default.
        """
        n, width = len(candidates), candidates.shape[1] + neighbours.shape[1]
        size = _block_size(width)
        blocks = np.arange(-(-n // size)) if slots is None else np.unique(slots // size)

        def rows() -> Iterator[tuple[int, bytes, int]]:
            for block in blocks.tolist():
                here = slice(block * size, (block + 1) * size)
                both = np.concatenate([candidates[here], neighbours[here]], axis=1, dtype="<u8")
                pairs = both.tobytes() + bytes(8 * width * (size - len(both)))
                yield block, pairs, zlib.crc32(pairs, block)

        self._many("INSERT OR REPLACE INTO candidates VALUES (?, ?, ?)", rows())

    def add_topics(self, topics: Iterable[tuple[str, int]]) -> None:
        """Add which events have a topic: name, slot."""
        self._many("INSERT OR IGNORE INTO topics VALUES (?, ?)", topics)

    def add_stories(self, stories: Iterable[tuple[int, str, str, str]]) -> None:
        """Add story topics of events: slot, name, kind, how."""
        self._many(
            "INSERT INTO stories VALUES (?, ?, ?, ?, ?)", ((*story, checksum(*story)) for story in stories)
        )

    def put_inferred(self, slots: Iterable[int], stories: Iterable[tuple[int, str, str, str]]) -> None:
        """Put the inferred topics of some slots in the place of those that they had."""
        self._many("DELETE FROM stories WHERE slot = ? AND how = 'inferred'", ((slot,) for slot in slots))
        self.add_stories(stories)

    def add_terms(self, terms: Iterable[tuple[int, int, str, int, float]]) -> None:
        """Add terms: column, channel, term, document frequency, weight."""
        self._many(
            "INSERT INTO terms VALUES (?, ?, ?, ?, ?, ?)", ((*term, checksum(*term)) for term in terms)
        )

    def remove(self, slots: Sequence[int]) -> None:
        """Remove events with what belongs to them, but for their candidates; their slots stay empty."""
        for slot in slots:
            (topics,) = self._one("SELECT topics FROM events WHERE slot = ?", (slot,))
            names = {topic[0] for topic in self._loads(topics)}
            self._many("DELETE FROM topics WHERE name = ? AND slot = ?", ((name, slot) for name in names))
        for table in ("events", "lists", "stories"):
            self._many(f"DELETE FROM {table} WHERE slot = ?", ((slot,) for slot in slots))  # noqa: S608

    def put_array(self, name: str, array: NDArray[Any]) -> None:
        """Keep an array in the place of an older one; its bytes are little-endian, whatever the machine."""
        self._many("DELETE FROM arrays WHERE name = ?", [(name,)])
        self._add_parts(name, array, 0)

    def extend_array(self, name: str, array: NDArray[Any]) -> None:
        """Add to the end of an array; only its last part is written again."""
        last = self._one(
            "SELECT part, dtype, crc, data FROM arrays WHERE name = ? ORDER BY part DESC", (name,)
        )
        before = self._piece(name, array.dtype.type, *last)
        self._many("DELETE FROM arrays WHERE name = ? AND part = ?", [(name, last[0])])
        self._add_parts(name, np.concatenate([before, array]), last[0])

    def _add_parts(self, name: str, array: NDArray[Any], first: int) -> None:
        little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        data, dtype = little.tobytes(), little.dtype.str
        for part, start in enumerate(range(0, max(len(data), 1), _PART_BYTES), first):
            piece = data[start : start + _PART_BYTES]
            crc = zlib.crc32(piece, checksum(name, part))
            self._many("INSERT INTO arrays VALUES (?, ?, ?, ?, ?)", [(name, part, dtype, crc, piece)])


# --- the file as SQLite sees it ------------------------------------------------------------------------------------


def sweep(path: Path) -> None:
    """Take away what killed builds of an index left beside it; the caller is its only writer."""
    for leftover in path.parent.glob(f".{_escaped(path.name)}.*.part*"):
        with suppress(OSError):
            leftover.unlink()


def _escaped(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _check_there(path: Path) -> None:
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
        raise _failure(path, error) from None
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


def _plain(sql: str) -> str:
    return " ".join(sql.split())


_EXPECTED_SCHEMA = sorted(_plain(sql) for sql in (_SCHEMA + _INDEXES).split(";") if sql.strip())


def _failure(path: Path | None, error: Exception) -> Exception:
    """What went wrong in terms of files: no space, no permission, somebody else, or damage."""
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
