"""The tables of an index file, and how each row is checked.

The file is an ordinary SQLite 3 database that any language can read. Its tables:

========== =========================================================================================
meta       name and JSON value: config, tagger, statistics, what was learned
events     slot, id, seconds since 1970 (UTC), the event's record and its topics as JSON
lists      slot and its related events, best first, as a JSON array of arrays:
           ``[id, score, [contexts], [parts], copies, [shared]]``; the names of the parts are in meta,
           and the words and phrases are there where contexts say little
candidates block of some consecutive slots; of each its candidates, then its neighbours: slot and score, slot and
           strength as pairs of uint32, zeros where there are no more
topics     name and slot: which events have a topic
stories    slot, name, kind: the story topics of events, ``supplied`` or ``inferred``
terms      the vocabulary: column, channel, term, document frequency, weight
labels     the languages, categories and groups: kind, number, name
arrays     the matrices: name, part, element type, bytes
changes    id and generation: at which refresh the list of an event last changed, or the event went; an id that is not here
           has the list that the build gave it
========== =========================================================================================

A *slot* is an event's number in this file. It is never reused: new events are appended, removed ones leave a gap. So references
to a slot stay valid when the index is refreshed.

Every row holds a CRC-32 of what it says, and each read compares it. The view ``related`` spreads the lists into
rows: ``SELECT related, score, contexts FROM related WHERE event = ?``.

The file at an index's path is never written: a refresh changes a copy, which then takes its place by a rename (see
`relatedness.storage._file`). So every copy of the file is complete, and readers see the old lists or the new.

Bump rule for `FORMAT` (kept in ``user_version``): raise it whenever a file written by the new code cannot be
read by the old, or the other way round; say in `File.open` which command rebuilds the old one.
"""

from __future__ import annotations

import zlib
from typing import Any, NamedTuple

import orjson

from relatedness.errors import IndexFormatError
from relatedness.storage._shapes import TOPICS, fits

FORMAT = 14
APPLICATION_ID = 0x52454C41  # "RELA", in the database header: what `file` and `Store.open` recognise
SCHEMA = """
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
CREATE TABLE changes (id TEXT PRIMARY KEY, generation INTEGER NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID;
CREATE VIEW related AS
    SELECT events.id AS event, item.key + 1 AS rank, json_extract(item.value, '$[0]') AS related,
           json_extract(item.value, '$[1]') AS score, json_extract(item.value, '$[2]') AS contexts,
           json_extract(item.value, '$[3]') AS parts, json_extract(item.value, '$[4]') AS copies,
           json_extract(item.value, '$[5]') AS shared
    FROM events JOIN lists USING (slot), json_each(lists.items) AS item;
"""
# Created after all rows are inserted, which is faster than updating them with every row.
INDEXES = """
CREATE UNIQUE INDEX term_by_name ON terms (channel, term);
CREATE INDEX event_by_date ON events (seconds, id DESC);
"""
# The tables whose rows hold a checksum over exactly these columns; lists, candidates and arrays have checksums of their own.
CHECKED = {
    "meta": "name, value",
    "events": "slot, id, seconds, record, topics",
    "terms": '"column", channel, term, frequency, weight',
    "labels": "kind, number, name",
    "stories": "slot, name, kind, how",
    "changes": "id, generation",
}


class StoredArray(NamedTuple):
    """A description of an array of the file."""

    dtype: str  # the type of its elements, as NumPy names it
    # What its elements belong to; all arrays of an axis have the same length, except for ``slot, dimension``.
    axis: str
    grows: bool = True  # whether a refresh adds to its end; the others are written again


ARRAYS = {
    # The vectors: the number of values of each event; the column of each value, the value, and its share in the title.
    "lengths": StoredArray("uint32", "slot"),
    "columns": StoredArray("uint32", "value"),
    "values": StoredArray("uint16", "value"),
    "titles": StoredArray("uint8", "value"),
    # Events: seconds since 1970 (UTC), and numbers of labels, -1 for none.
    "seconds": StoredArray("int64", "slot"),
    "language_numbers": StoredArray("int32", "slot"),
    "category_numbers": StoredArray("int32", "slot"),
    "group_numbers": StoredArray("int32", "slot"),
    # Embeddings, none or one of some dimensions an event, and the hash of the text that each was made from.
    "meanings": StoredArray("int8", "slot, dimension"),
    "text_hashes": StoredArray("uint64", "slot"),
    # Columns: channel, traits (whether the term is distinctive, or a place), and the words in a topic's name.
    "channels": StoredArray("uint8", "column"),
    "traits": StoredArray("uint8", "column"),
    "name_lengths": StoredArray("uint32", "column"),
    "name_common": StoredArray("uint8", "column"),
    "name_columns": StoredArray("uint32", "word of a name"),
    # Rank of each slot in the order of dates, and where the choice of its list ended.
    "ranks": StoredArray("uint32", "slot", grows=False),
    "ends": StoredArray("uint32", "slot", grows=False),
}
"""The arrays of the file: what is loaded, written, extended by a refresh and checked."""
BY_DATE = "ORDER BY seconds, id DESC"


def dumps(value: object) -> str:
    """The shortest JSON of a value, always the same for the same value. NumPy arrays are written as lists.

    Examples
    --------
    >>> dumps({"id": "a", "scores": [1, 2]})
    '{"id":"a","scores":[1,2]}'
    """
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def loads(text: str) -> Any:
    """The value that `dumps` wrote.

    Raises
    ------
    IndexFormatError
        If the text is not JSON.

    Examples
    --------
    >>> loads('{"id":"a"}')
    {'id': 'a'}
    """
    try:
        return orjson.loads(text)
    except (ValueError, TypeError) as error:
        raise IndexFormatError(f"the index is damaged: {error}") from error


def loads_record(text: str) -> dict[str, Any]:
    """The record of an event, as `relatedness.events.Event.make` takes it.

    Raises
    ------
    IndexFormatError
        If the text is not a JSON object.

    Examples
    --------
    >>> loads_record('{"id":"a","date":"2014-06-10"}')
    {'id': 'a', 'date': '2014-06-10'}
    """
    record = loads(text)
    if not isinstance(record, dict):
        raise IndexFormatError("the index is damaged: the record of an event is not what was written")
    return record


def loads_topics(text: str) -> list[list[Any]]:
    """The topics of an event.

    Returns
    -------
    list of list
        For each topic its name, its kind, how it was found, and the ways in which the event writes it.

    Raises
    ------
    IndexFormatError
        If the text is not JSON of that shape.

    Examples
    --------
    >>> loads_topics('[["ISIL","organisation","found",["Daesh"]]]')
    [['ISIL', 'organisation', 'found', ['Daesh']]]
    """
    topics = loads(text)
    if not fits(topics, TOPICS):
        raise IndexFormatError("the index is damaged: the topics of an event are not what was written")
    return topics  # type: ignore[no-any-return]


def checksum(*values: object) -> int:
    """The CRC-32 of a row's values as text, as each row keeps it.

    Parameters
    ----------
    *values : object
        In the order of the columns.

    Examples
    --------
    >>> checksum("a", 1)
    718304929
    """
    return zlib.crc32("\x1f".join(map(str, values)).encode("utf-8", "surrogatepass"))


def plain(sql: str) -> str:
    """Normalise the spaces of a statement, because SQLite stores the text of a definition as written."""
    return " ".join(sql.split())


EXPECTED_SCHEMA = sorted(plain(sql) for sql in (SCHEMA + INDEXES).split(";") if sql.strip())
