"""Plain records and arrays <-> one SQLite file. It knows no score and runs nothing that it reads.

The file is an ordinary SQLite 3 database that any language can read. Its tables:

========== =========================================================================================
meta       name and JSON value: config, tagger, counts, what was learned
events     row number, id, seconds since 1970 (UTC), the event's record and its topics as JSON
lists      row number and its related events, best first, as a JSON array of arrays:
           ``[id, score, [contexts], [parts], copies]``; the names of the parts are in meta
topics     name and row: which events have a topic
terms      the vocabulary: column, channel, term, document frequency, weight
arrays     the matrices: name, part, element type, bytes, CRC-32
========== =========================================================================================

The view ``related`` spreads the lists into rows: ``SELECT related, score, contexts FROM related WHERE event = ?``.

Bump rule for `FORMAT` (kept in ``user_version``): raise it whenever a file written by the new code cannot be
read by the old, or the other way round; say in `Store.open` which command rebuilds the old one.
"""

from __future__ import annotations

import difflib
import errno
import json
import os
import secrets
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from relatedness.errors import IndexFormatError, IndexMissingError, RelatednessError, UnknownEventError

FORMAT = 1
APPLICATION_ID = 0x52454C41  # "RELA", in the database header: what `file` and `Store.open` recognise
_PART_BYTES = 64 << 20
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE events (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, seconds INTEGER NOT NULL,
    record TEXT NOT NULL, topics TEXT NOT NULL);
CREATE TABLE topics (name TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (name, row)) WITHOUT ROWID;
CREATE TABLE lists (row INTEGER PRIMARY KEY, items TEXT NOT NULL);
CREATE TABLE terms (
    "column" INTEGER PRIMARY KEY, channel INTEGER NOT NULL, term TEXT NOT NULL,
    frequency INTEGER NOT NULL, weight REAL NOT NULL);
CREATE TABLE arrays (
    name TEXT NOT NULL, part INTEGER NOT NULL, dtype TEXT NOT NULL, crc INTEGER NOT NULL,
    data BLOB NOT NULL, PRIMARY KEY (name, part));
CREATE VIEW related AS
    SELECT events.id AS event, item.key + 1 AS rank, json_extract(item.value, '$[0]') AS related,
           json_extract(item.value, '$[1]') AS score, json_extract(item.value, '$[2]') AS contexts,
           json_extract(item.value, '$[3]') AS parts, json_extract(item.value, '$[4]') AS copies
    FROM events JOIN lists USING (row), json_each(lists.items) AS item;
"""
_TERM_INDEX = "CREATE UNIQUE INDEX term_by_name ON terms (channel, term)"


def dumps(value: object) -> str:
    """JSON as short as it gets, in UTF-8, the same for the same value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Store:
    """One open index file.

    Use `create` to write a new one and `open` to read one. Methods may be called from several threads.

    Attributes
    ----------
    path : Path or None
        The file; None while everything is in memory.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self._connection = connection
        self._lock = Lock()
        self.path = path

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open an index to read it.

        Raises
        ------
        IndexMissingError
            If there is no such file.
        IndexFormatError
            If the file is no index, or one of another format.
        """
        path = Path(path)
        if not path.is_file():
            what = "is a folder, not an index file" if path.is_dir() else "does not exist"
            raise IndexMissingError(
                f"the index {path} {what}; make one with: relatedness build EVENTS -o {path}"
            )
        try:
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False, isolation_level=None
            )
            store = cls(connection, path)
            # A hostile schema could otherwise call functions or read through its own views.
            connection.execute("PRAGMA trusted_schema = OFF")
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        except sqlite3.Error as error:
            raise IndexFormatError(f"{path} is not a relatedness index: {error}") from None
        if application != APPLICATION_ID:
            connection.close()
            raise IndexFormatError(f"{path} is a SQLite database but not a relatedness index")
        if version != FORMAT:
            connection.close()
            raise IndexFormatError(
                f"{path} has format {version}, this version reads format {FORMAT}; "
                f"build it again: relatedness build EVENTS -o {path}"
            )
        return store

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

    _temporary: Path | None = None

    def finish(self) -> None:
        """Complete a new index: after this it stands at its path, replacing what stood there."""
        with self._lock:
            self._connection.execute(_TERM_INDEX)
            self._connection.execute("COMMIT")
            if self._temporary is None:
                return
            assert self.path is not None
            self._connection.close()
            with self._temporary.open("rb") as file:
                os.fsync(file.fileno())
            self._temporary.replace(self.path)
            self._temporary = None
            self._connection = type(self).open(self.path)._connection

    def close(self) -> None:
        """Close the file; an index that was not finished is thrown away."""
        self._connection.close()
        if self._temporary is not None:
            with suppress(FileNotFoundError):
                self._temporary.unlink()
            self._temporary = None

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
        except sqlite3.DatabaseError as error:
            raise IndexFormatError(f"{self.path} is damaged: {error}") from None

    def _all(self, query: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        try:
            with closing(self._connection.execute(query, values)) as cursor:
                yield from cursor
        except sqlite3.ProgrammingError:
            raise RelatednessError("the index is closed: open it again") from None
        except sqlite3.DatabaseError as error:
            raise IndexFormatError(f"{self.path} is damaged: {error}") from None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Around code that takes apart what the file holds: what has not the shape it should have is damage."""
        try:
            yield
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            if isinstance(error, IndexFormatError | UnknownEventError):
                raise
            raise IndexFormatError(f"{self.path} is damaged: {error}") from None

    def set_meta(self, name: str, value: object) -> None:
        """Keep a JSON value under a name."""
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, dumps(value)))

    def meta(self, name: str) -> Any:
        """The JSON value kept under a name."""
        return self._loads(self._one("SELECT value FROM meta WHERE name = ?", (name,))[0])

    def _loads(self, text: str) -> Any:
        try:
            return json.loads(text)
        except (ValueError, TypeError, RecursionError) as error:
            raise IndexFormatError(f"{self.path} is damaged: {error}") from None

    def add_events(self, events: Iterable[tuple[int, str, int, str, str]]) -> None:
        """Add events: row, id, seconds, record as JSON, topics as JSON."""
        self._connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", events)

    def add_lists(self, lists: Iterable[tuple[int, str]]) -> None:
        """Add lists: row, items as JSON."""
        self._connection.executemany("INSERT INTO lists VALUES (?, ?)", lists)

    def add_topics(self, topics: Iterable[tuple[str, int]]) -> None:
        """Add which events have a topic: name, row."""
        self._connection.executemany("INSERT OR IGNORE INTO topics VALUES (?, ?)", topics)

    def rows_with(self, topic: str) -> list[int]:
        """The rows of the events that have a topic."""
        return [row for (row,) in self._all("SELECT row FROM topics WHERE name = ?", (topic,))]

    def topic_counts(self) -> list[tuple[str, int]]:
        """Every topic with the number of its events, the most frequent first."""
        return list(self._all("SELECT name, count(*) FROM topics GROUP BY name ORDER BY count(*) DESC, name"))

    def add_terms(self, terms: Iterable[tuple[int, int, str, int, float]]) -> None:
        """Add terms: column, channel, term, document frequency, weight."""
        self._connection.executemany("INSERT INTO terms VALUES (?, ?, ?, ?, ?)", terms)

    def add_array(self, name: str, array: NDArray[Any]) -> None:
        """Keep an array; its bytes are little-endian, whatever the machine."""
        little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        data = little.tobytes()
        dtype = little.dtype.str
        for part, start in enumerate(range(0, max(len(data), 1), _PART_BYTES)):
            piece = data[start : start + _PART_BYTES]
            self._connection.execute(
                "INSERT INTO arrays VALUES (?, ?, ?, ?, ?)", (name, part, dtype, zlib.crc32(piece), piece)
            )

    def array(self, name: str, dtype: type[np.generic]) -> NDArray[Any]:
        """The array kept under a name, read-only, one-dimensional.

        Raises
        ------
        IndexFormatError
            If it is missing, of another type, or its checksum does not fit.
        """
        expected = np.dtype(dtype).newbyteorder("<")
        pieces = []
        for _, kept, crc, data in self._all(
            "SELECT part, dtype, crc, data FROM arrays WHERE name = ? ORDER BY part", (name,)
        ):
            if (
                kept != expected.str
                or not isinstance(data, bytes)
                or len(data) % expected.itemsize
                or zlib.crc32(data) != crc
            ):
                raise IndexFormatError(f"{self.path} is damaged: the array {name} is not what was written")
            pieces.append(np.frombuffer(data, dtype=expected))
        if not pieces:
            raise IndexFormatError(f"{self.path} is damaged: the array {name} is missing")
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)

    def items(self, id_: str) -> list[list[Any]] | None:
        """The stored list of an event, or None where there is no such event."""
        row = self._maybe("SELECT items FROM events JOIN lists USING (row) WHERE id = ?", (id_,))
        return None if row is None else self._loads(row[0])

    def all_items(self) -> Iterator[tuple[str, list[list[Any]]]]:
        """Every id with its list, in the order of the events' rows."""
        for id_, items in self._all("SELECT id, items FROM events JOIN lists USING (row) ORDER BY row"):
            yield id_, self._loads(items)

    def row(self, id_: str) -> int | None:
        """The row number of an event."""
        found = self._maybe("SELECT row FROM events WHERE id = ?", (id_,))
        return None if found is None else found[0]

    def known_row(self, id_: str) -> int:
        """The row number of an event.

        Raises
        ------
        UnknownEventError
            If there is none; the message names the nearest ids.
        """
        row = self.row(id_) if isinstance(id_, str) else None
        if row is None:
            near = difflib.get_close_matches(str(id_), self.ids_near(str(id_)), n=3, cutoff=0.5)
            hint = f"; the nearest are {', '.join(near)}" if near else ""
            raise UnknownEventError(f"no event has the id {id_!r}{hint}")
        return row

    def record(self, id_: str) -> dict[str, Any]:
        """The record of an event; raises as `known_row`."""
        return self._loads(self._one("SELECT record FROM events WHERE row = ?", (self.known_row(id_),))[0])  # type: ignore[no-any-return]

    def topics(self, id_: str) -> list[list[Any]]:
        """The topics of an event; raises as `known_row`."""
        return self._loads(self._one("SELECT topics FROM events WHERE row = ?", (self.known_row(id_),))[0])  # type: ignore[no-any-return]

    def records(self) -> Iterator[dict[str, Any]]:
        """Every event's record in the order of rows."""
        for (record,) in self._all("SELECT record FROM events ORDER BY row"):
            yield self._loads(record)

    def ids(self) -> list[str]:
        """Every id, in the order of rows."""
        return [row[0] for row in self._all("SELECT id FROM events ORDER BY row")]

    def ids_of(self, rows: Iterable[int]) -> list[str]:
        """The ids of some rows."""
        return [self._one("SELECT id FROM events WHERE row = ?", (int(row),))[0] for row in rows]

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
        query = "SELECT json_extract(record, '$.date') FROM events ORDER BY seconds {}, id LIMIT 1"
        return self._one(query.format("ASC"))[0], self._one(query.format("DESC"))[0]

    def term_counts(self) -> dict[int, int]:
        """How many terms each channel has."""
        return dict(self._all("SELECT channel, count(*) FROM terms GROUP BY channel"))

    def find_terms(self, channel: int, terms: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The columns (-1 where unknown) and weights (0 where unknown) of some terms."""
        column = np.full(len(terms), -1, dtype=np.int64)
        weight = np.zeros(len(terms), dtype=np.float64)
        for place, term in enumerate(terms):
            row = self._maybe(
                'SELECT "column", weight FROM terms WHERE channel = ? AND term = ?', (channel, term)
            )
            if row is not None:
                column[place], weight[place] = row
        return column, weight

    def terms(self, columns: Iterable[int]) -> list[tuple[int, str, int]]:
        """Channel, term and document frequency of some columns."""
        query = 'SELECT channel, term, frequency FROM terms WHERE "column" = ?'
        return [self._one(query, (int(column),)) for column in columns]
