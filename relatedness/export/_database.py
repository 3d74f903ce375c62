"""Lists -> a table of a database: any that SQLAlchemy knows.

Writing is one transaction: readers of the table see the old lists or the new ones, never a mixture.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from relatedness.errors import ConfigError
from relatedness.events import EventId
from relatedness.sources import connected, need_sqlalchemy, without_password

if TYPE_CHECKING:
    import sqlalchemy as sa

_ROWS = 1000


def write_lists(
    url: str,
    lists: Iterable[tuple[EventId, Sequence[Mapping[str, Any]]]],
    *,
    table: str = "related",
    only: Collection[EventId] | None = None,
    events: Set[EventId] | None = None,
    numbered: bool = False,
) -> int:
    """Bring a table of lists up to date, in one transaction.

    The table has a row per related event: event, rank (from 1), related, score, contexts, shared and parts (JSON), copies,
    tier. The primary key is event and rank. A missing table is made; rows that are already right are not touched. A table
    of version 0.1 has no column ``shared`` and gets none. The note that `export` keeps of the table is deleted, so that
    the next export of changed lists writes all of them.

    Parameters
    ----------
    url : str
        The database, as for `Table`.
    lists : iterable of (str or int, sequence of mapping)
        Each event's id with its list as `relatedness.index.Related.to_record` gives it.
    table : str
        Where to, where needed with its schema.
    only : collection of str or int, optional
        The ids that changed: only they are written, and those of them without a list in ``lists`` are removed.
        Without it the table then holds what ``lists`` holds and nothing else.
    events : set of str or int, optional
        All events that there are: beside ``only``, the lists of others are removed too.
    numbered : bool
        Whether the ids are whole numbers: ``event`` and ``related`` of a new table then are, too. A table that has them
        as text keeps them as text.

    Returns
    -------
    int
        The number of lists written.

    Raises
    ------
    InputError
        If the database cannot be reached or written.
    ConfigError
        If there is a table of that name with other columns.
    MissingExtraError
        If SQLAlchemy or the driver is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> url = f"sqlite:///{Path(tempfile.mkdtemp(), 'site.db')}"
    >>> row = {"id": "dam", "score": 0.25, "contexts": ["Mosul"], "parts": {"topics": 0.25}}
    >>> write_lists(url, [("fall", [row])])
    1
    """
    with lists_table(url, table, numbered) as there:
        there.drop_note()
        return there.write(lists, only, events)


@contextmanager
def lists_table(url: str, table: str, numbered: bool = False) -> Iterator[ListsTable]:
    """A table of lists in one transaction, made if it is missing; raises as `write_lists`."""
    need_sqlalchemy("writing to a database")
    location = f"{without_password(url)} table {table}"
    with connected(url, location, must_exist=False) as connection:
        yield ListsTable(connection, table, location, numbered)
        connection.commit()


class ListsTable:
    """A table of lists while it is brought up to date, and the note beside it: which state of an index it holds.

    Notes are rows of the table ``relatedness_states`` and part of the same transaction: whatever a process dies of, the
    note is true.
    """

    def __init__(self, connection: sa.Connection, table: str, location: str, numbered: bool) -> None:
        self._connection = connection
        self._target = _target(connection, table, location, numbered)
        self._notes = _notes(self._target.schema)

    def note(self) -> tuple[str, str]:
        """The note: how the lists were made and from which state of an index; empty if unknown."""
        from sqlalchemy import select

        notes = self._notes
        notes.create(self._connection, checkfirst=True)
        found = self._connection.execute(
            select(notes.c.made, notes.c.state).where(notes.c.name == self._target.name)
        ).first()
        return ("", "") if found is None else (str(found[0]), str(found[1]))

    def put_note(self, made: str, state: str) -> None:
        """Store the note that `note` returns."""
        from sqlalchemy import insert

        self._notes.create(self._connection, checkfirst=True)
        self.drop_note()
        row = {"name": self._target.name, "made": made, "state": state}
        self._connection.execute(insert(self._notes), [row])

    def drop_note(self) -> None:
        """Make the state unknown, where one was noted."""
        from sqlalchemy import delete, inspect

        notes = self._notes
        if inspect(self._connection).has_table(notes.name, schema=notes.schema):
            self._connection.execute(delete(notes).where(notes.c.name == self._target.name))

    def write(
        self,
        lists: Iterable[tuple[EventId, Sequence[Mapping[str, Any]]]],
        only: Collection[EventId] | None,
        events: Set[EventId] | None,
    ) -> int:
        """See `write_lists`."""
        connection, target = self._connection, self._target
        typed: Callable[[EventId], EventId] = str if target.c.event.type.python_type is str else int
        if only is not None and typed is int:
            only = list(filter(_is_number, only))  # the table cannot hold lists of other events
        removed = _events_in(connection, target, None if only is None else set(map(typed, only)))
        if only is not None and events is not None:
            removed |= _events_in(connection, target, None) - set(map(typed, events))
        known = frozenset(removed)
        upsert = _Upsert(target, connection.dialect.name)
        count = 0
        remaining = ((typed(id_), items) for id_, items in lists)
        while batch := list(islice(remaining, _ROWS)):
            removed.difference_update(id_ for id_, _ in batch)
            longer = [
                {"of": id_, "longest": len(items) if upsert.keeps else 0}
                for id_, items in batch
                if id_ in known
            ]
            if longer:
                connection.execute(upsert.shorten, longer)
            columns = target.columns.keys()
            if rows := [
                {name: typed(row[name]) if name == "related" else row[name] for name in columns}
                for id_, items in batch
                for row in rows_of_list(id_, items)
            ]:
                connection.execute(upsert.write, rows)
            count += len(batch)
        if removed:
            connection.execute(
                upsert.shorten, [{"of": id_, "longest": 0} for id_ in sorted(removed, key=str)]
            )
        return count


def rows_of_list(id_: EventId, items: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """A row for each related event of a list, whose items are as `Related.to_record` gives them."""
    for rank, item in enumerate(items, 1):
        yield {
            "event": id_,
            "rank": rank,
            "related": item["id"],
            "score": item["score"],
            "contexts": item["contexts"],
            "shared": item.get("shared", []),
            "copies": item.get("copies", 0),
            "tier": item.get("tier", ""),
            "parts": item["parts"],
        }


def _target(connection: sa.Connection, name: str, location: str, numbered: bool) -> sa.Table:
    from sqlalchemy import JSON, BigInteger, Column, Double, Integer, MetaData, String, Table, Text, inspect
    from sqlalchemy.dialects.postgresql import JSONB

    schema, _, name = name.rpartition(".")
    # Other databases need a length for a text key, and MySQL's default collation treats "A" and "a" as equal.
    key = String(255).with_variant(Text(), "postgresql", "sqlite")
    key = key.with_variant(String(255, collation="utf8mb4_bin"), "mysql", "mariadb")
    id_: Any = BigInteger() if numbered else key
    value = JSON().with_variant(JSONB(), "postgresql")
    looker = inspect(connection)
    exists = looker.has_table(name, schema=schema or None)
    columns = looker.get_columns(name, schema=schema or None) if exists else []
    there = {column["name"]: column["type"] for column in columns}
    if exists and "event" in there:
        id_ = BigInteger() if isinstance(there["event"], Integer) else key
        if isinstance(there["event"], Integer) and not numbered:
            raise ConfigError(
                f"{location} has whole numbers as ids, but the index has texts: give another table"
            )
    # Tables of version 0.1 lack it.
    later = [] if exists and "shared" not in there else [Column("shared", value, nullable=False)]
    target = Table(
        name,
        MetaData(),
        Column("event", id_, primary_key=True),
        Column("rank", Integer, primary_key=True, autoincrement=False),
        Column("related", id_, nullable=False),
        Column("score", Double, nullable=False),
        Column("contexts", value, nullable=False),
        Column("parts", value, nullable=False),
        Column("copies", Integer, nullable=False),
        Column("tier", String(32), nullable=False),
        *later,
        schema=schema or None,
    )
    if not exists:
        target.create(connection)
        return target
    key_there = looker.get_pk_constraint(name, schema=schema or None)["constrained_columns"]
    if not there.keys() >= set(target.columns.keys()) or sorted(key_there) != ["event", "rank"]:
        raise ConfigError(
            f"{location} exists with other columns ({', '.join(sorted(there))[:200]}): give another table"
        )
    return target


def _is_number(id_: EventId) -> bool:
    """Whether an id, as it is or as text, is a whole number that a database can hold."""
    text = str(id_)
    return (
        len(text) < 21
        and text.removeprefix("-").isdecimal()
        and str(number := int(text)) == text
        and number.bit_length() < 64
    )


def _notes(schema: str | None) -> sa.Table:
    from sqlalchemy import Column, MetaData, String, Table

    return Table(
        "relatedness_states",
        MetaData(),
        Column("name", String(255), primary_key=True),
        Column("made", String(255), nullable=False),
        Column("state", String(255), nullable=False),
        schema=schema,
    )


def _events_in(connection: sa.Connection, target: sa.Table, only: Collection[EventId] | None) -> set[EventId]:
    from sqlalchemy import select

    query = select(target.c.event).distinct()
    if only is None:
        return set(connection.execute(query).scalars())
    found: set[EventId] = set()
    asked = iter(sorted(set(only), key=str))
    while batch := list(islice(asked, _ROWS)):
        found.update(connection.execute(query.where(target.c.event.in_(batch))).scalars())
    return found


class _Upsert:
    """The two statements that write a list over an old one."""

    def __init__(self, target: sa.Table, dialect: str) -> None:
        from sqlalchemy import bindparam, delete, insert, or_
        from sqlalchemy.dialects import mysql, postgresql, sqlite

        self.shorten = delete(target).where(
            target.c.event == bindparam("of"), target.c.rank > bindparam("longest")
        )
        self.keeps = dialect in ("mariadb", "mysql", "postgresql", "sqlite")
        self.write: Any = insert(target)
        rest = [column for column in target.columns if not column.primary_key]
        if dialect in ("mariadb", "mysql"):
            # These databases skip rows that would not change by themselves.
            row = mysql.insert(target)
            self.write = row.on_duplicate_key_update(
                {column.name: row.inserted[column.name] for column in rest}
            )
        elif self.keeps:
            given = (postgresql if dialect == "postgresql" else sqlite).insert(target)
            self.write = given.on_conflict_do_update(
                index_elements=["event", "rank"],
                set_={column.name: given.excluded[column.name] for column in rest},
                where=or_(*(column.is_distinct_from(given.excluded[column.name]) for column in rest)),
            )
