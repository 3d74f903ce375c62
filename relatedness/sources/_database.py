"""Tables of a database -> records, and lists -> a table. Any database that SQLAlchemy knows.

Reading streams: the server keeps the result and hands out some rows at a time. Writing is one transaction: who reads
the table meanwhile sees the old lists or the new ones, never a mixture.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from relatedness.errors import ConfigError, InputError, MissingExtraError
from relatedness.sources._cells import looks_like
from relatedness.sources._columns import is_header, match, missing_name, unmatched
from relatedness.sources._dates import DateColumn

if TYPE_CHECKING:
    import sqlalchemy as sa

_ROWS = 1000
_URL = re.compile(r"[a-z][\w.+-]*://", re.IGNORECASE)


def is_url(text: object) -> bool:
    """Whether a text is the address of a database and no path.

    Examples
    --------
    >>> is_url("postgresql+psycopg://localhost/news"), is_url("news.jsonl")
    (True, False)
    """
    return isinstance(text, str) and _URL.match(text) is not None


class Table:
    """A table or view of a database as a source of events: whatever reads events takes one.

    Each row is a record, each column a field. A column of topics or sources is an array, JSON, or text as a
    cell of a CSV file. Columns that no field of an event is called are not fetched.

    Parameters
    ----------
    url : str
        The database as SQLAlchemy writes it: ``postgresql+psycopg://user@host/database``, ``sqlite:///news.db``.
    name : str
        The table or view, where needed with its schema: ``public.events``.
    updated : str, optional
        A column that grows whenever a row is written (a time, or a number): what makes `since` possible.
    since : str, number, date or datetime, optional
        Only rows whose ``updated`` is this or later, or null. Times are compared in the column's own terms.

    Attributes
    ----------
    latest : object
        Once reading began, the greatest ``updated`` in the table: the ``since`` of the next reading. Read
        before the rows, so that what is written meanwhile is read again rather than lost.
    columns : list of str
        Once reading began, the names of all its columns.

    Examples
    --------
    >>> import sqlite3, tempfile
    >>> from relatedness import read_events
    >>> file = tempfile.mkdtemp() + "/news.db"
    >>> with sqlite3.connect(file) as connection:
    ...     _ = connection.execute("CREATE TABLE items (id, date, headline, written)")
    ...     _ = connection.execute("INSERT INTO items VALUES (7, '2014-06-10', 'Mosul falls.', '2014-06-11 08:00')")
    >>> connection.close()
    >>> table = Table(f"sqlite:///{file}", "items", updated="written")
    >>> [event.title for event in read_events(table, fields={"headline": "title"})]
    ['Mosul falls.']
    >>> table.latest
    '2014-06-11 08:00'
    """

    def __init__(
        self,
        url: str,
        name: str,
        *,
        updated: str | None = None,
        since: str | float | date | datetime | None = None,
    ) -> None:
        if since is not None and updated is None:
            raise ConfigError("since needs updated: the column that says when a row was written")
        self._url = url
        self._table = name
        self._updated = updated
        self._since = since
        self.latest: Any = None
        self.columns: list[str] = []

    @property
    def name(self) -> str:
        """Address and table without the password: how errors call it."""
        return f"{without_password(self._url)} table {self._table}"

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def rows(self, fields: Mapping[str, str]) -> Generator[dict[str, Any], None, None]:
        """The rows in the order of the primary key, as plain Python values.

        Parameters
        ----------
        fields : mapping
            Their name of a column to ours.

        Yields
        ------
        dict
            Column to value, of the columns that are or become fields of an event.

        Raises
        ------
        InputError
            If the database cannot be reached or read, has no such table, or one whose columns cannot be matched.
        ConfigError
            If the address, ``updated`` or ``since`` is not one.
        MissingExtraError
            If SQLAlchemy or the driver is not installed.
        """
        _need_sqlalchemy("reading a database")
        with _connected(self._url, self.name, must_exist=True) as connection:
            table = self._reflect(connection)
            self._check_columns(connection, table, fields)
            self.columns = list(table.columns.keys())
            chosen = match([(name,) for name in self.columns], fields)
            names = {path[0] for paths in chosen.values() for path in paths}
            wanted = [column for column in table.columns if column.name in names]
            if self._updated is not None:
                from sqlalchemy import func, select

                greatest = select(func.max(self._column(table, self._updated)))
                self.latest = connection.execute(greatest).scalar()
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL datestyle TO 'ISO, YMD'")
            query = self._query(table, wanted, connection.dialect.name)
            keys = [column.name for column in wanted]
            with connection.execution_options(yield_per=_ROWS).execute(query) as result:
                for row in result:
                    yield {name: _plain(value) for name, value in zip(keys, row, strict=True)}

    def _reflect(self, connection: sa.Connection) -> sa.Table:
        from sqlalchemy import MetaData, Table, inspect
        from sqlalchemy.exc import NoSuchTableError

        schema, _, name = self._table.rpartition(".")
        try:
            return Table(name, MetaData(), schema=schema or None, autoload_with=connection, resolve_fks=False)
        except NoSuchTableError:
            looker = inspect(connection)
            there = sorted([*looker.get_table_names(), *looker.get_view_names()])
            raise InputError(
                f"there is no such table; the database has {', '.join(there)[:200] or 'none'}", file=self.name
            ) from None

    def _check_columns(self, connection: sa.Connection, table: sa.Table, fields: Mapping[str, str]) -> None:
        columns = list(table.columns.keys())
        if missing_name(columns, fields) is not None or not is_header(columns, fields):
            from sqlalchemy import select

            rows = [
                ["" if cell is None else str(cell) for cell in row]
                for row in connection.execute(select(table).limit(2))
            ]
            raise unmatched(
                columns, fields, rows, looks_like(columns, rows, DateColumn()), file=self.name, line=None
            )

    def _column(self, table: sa.Table, name: str) -> sa.ColumnElement[Any]:
        if name not in table.columns:
            raise ConfigError(
                f"{self.name} has no column {name!r} (its columns: {', '.join(table.columns.keys())[:200]})"
            )
        return table.columns[name]

    def _query(
        self, table: sa.Table, wanted: Sequence[sa.Column[Any]], dialect: str
    ) -> sa.Select[*tuple[Any, ...]]:
        from sqlalchemy import select, type_coerce
        from sqlalchemy.types import NullType

        shown = [_as_text(column) if dialect == "postgresql" else column for column in wanted]
        # As the driver gives it: a value that SQLAlchemy's own types refuse would end the stream.
        query = select(*(type_coerce(column, NullType()) for column in shown))
        if self._since is not None and self._updated is not None:
            query = query.where(_is_since(self._column(table, self._updated), self._since, dialect))
        return query.order_by(*table.primary_key.columns)


def write_lists(
    url: str,
    lists: Iterable[tuple[str, Sequence[Mapping[str, Any]]]],
    *,
    table: str = "related",
    only: Collection[str] | None = None,
    events: Set[str] | None = None,
) -> int:
    """Bring a table of lists up to date, in one transaction.

    It has a row per related event: event, rank (from 1), related, score, contexts, shared and parts (JSON), copies,
    tier. A table of an earlier version has no ``shared`` and gets none. The primary key is event and rank. A table that is missing is made; rows that are right already are not touched.

    Parameters
    ----------
    url : str
        The database, as for `Table`.
    lists : iterable of (str, sequence of mapping)
        Each event's id with its list as `relatedness.index.Related.to_record` gives it.
    table : str
        Where to, where needed with its schema.
    only : collection of str, optional
        The ids that changed: only they are written, and those of them without a list in ``lists`` are removed.
        Without it the table then holds what ``lists`` holds and nothing else.
    events : set of str, optional
        All events that there are: beside ``only``, the lists of others are removed too.

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
    """
    _need_sqlalchemy("writing to a database")
    place = f"{without_password(url)} table {table}"
    with _connected(url, place, must_exist=False) as connection:
        target = _target(connection, table, place)
        removed = _events_in(connection, target, only)
        if only is not None and events is not None:
            removed |= _events_in(connection, target, None) - events
        known = frozenset(removed)
        upsert = _Upsert(target, connection.dialect.name)
        count = 0
        remaining = iter(lists)
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
                {name: row[name] for name in columns}
                for id_, items in batch
                for row in rows_of_list(id_, items)
            ]:
                connection.execute(upsert.write, rows)
            count += len(batch)
        if removed:
            connection.execute(upsert.shorten, [{"of": id_, "longest": 0} for id_ in sorted(removed)])
        connection.commit()
    return count


def rows_of_list(id_: str, items: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
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


def _target(connection: sa.Connection, name: str, place: str) -> sa.Table:
    from sqlalchemy import JSON, Column, Double, Integer, MetaData, String, Table, Text, inspect
    from sqlalchemy.dialects.postgresql import JSONB

    schema, _, name = name.rpartition(".")
    # Elsewhere a key needs a length, and MySQL takes "A" and "a" for one key unless told otherwise.
    key = String(255).with_variant(Text(), "postgresql", "sqlite")
    key = key.with_variant(String(255, collation="utf8mb4_bin"), "mysql", "mariadb")
    value = JSON().with_variant(JSONB(), "postgresql")
    looker = inspect(connection)
    exists = looker.has_table(name, schema=schema or None)
    there = (
        {column["name"] for column in looker.get_columns(name, schema=schema or None)} if exists else set()
    )
    # Tables of version 0.1 lack it.
    later = [] if exists and "shared" not in there else [Column("shared", value, nullable=False)]
    target = Table(
        name,
        MetaData(),
        Column("event", key, primary_key=True),
        Column("rank", Integer, primary_key=True, autoincrement=False),
        Column("related", key, nullable=False),
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
    if not there >= set(target.columns.keys()) or sorted(key_there) != ["event", "rank"]:
        raise ConfigError(
            f"{place} exists with other columns ({', '.join(sorted(there))[:200]}): name another table"
        )
    return target


def _events_in(connection: sa.Connection, target: sa.Table, only: Collection[str] | None) -> set[str]:
    from sqlalchemy import select

    query = select(target.c.event).distinct()
    if only is None:
        return set(connection.execute(query).scalars())
    found: set[str] = set()
    asked = iter(sorted(set(only)))
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
            # These leave a row alone by themselves that would stay the same.
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


def _need_sqlalchemy(what: str) -> None:
    try:
        import sqlalchemy  # noqa: F401
    except ImportError:
        raise MissingExtraError(f"{what} needs SQLAlchemy: pip install 'relatedness[sql]'") from None


def without_password(url: str) -> str:
    """An address as it may be shown.

    Examples
    --------
    >>> without_password("postgresql://me:secret@host/news")
    'postgresql://me:***@host/news'
    """
    return re.sub(r"(://[^/@]*?):[^/]*@", r"\1:***@", url)


@contextmanager
def _connected(url: str, place: str, *, must_exist: bool) -> Iterator[sa.Connection]:
    """A connection in a transaction, all its errors told as ours; without a commit nothing is changed."""
    from sqlalchemy import create_engine, make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
    from sqlalchemy.pool import NullPool

    try:
        address = make_url(url)
        options: dict[str, Any] = {}
        if address.get_backend_name() == "postgresql":
            # One snapshot for everything that is read.
            options["isolation_level"] = "REPEATABLE READ" if must_exist else "READ COMMITTED"
        engine = create_engine(
            address, poolclass=NullPool, json_serializer=partial(json.dumps, ensure_ascii=False), **options
        )
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise ConfigError(
            f"{without_password(url)} is no address of a database that SQLAlchemy knows: {_first_line(error)}"
        ) from None
    except ImportError as error:
        raise MissingExtraError(
            f"the driver for {without_password(url)} is not installed ({error}): pip install 'relatedness[sql]' for "
            "postgresql+psycopg, pip install PyMySQL for mysql+pymysql, the driver's own package for others"
        ) from None
    file = address.database
    if (
        must_exist
        and address.get_backend_name() == "sqlite"
        and file not in (None, "", ":memory:")
        and not file.startswith("file:")
        and not Path(file).is_file()
    ):
        # SQLite would make an empty database of it.
        raise InputError("there is no such file", file=file)
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise InputError(f"the database says: {_first_line(error)}", file=place) from None
    finally:
        engine.dispose()


def _first_line(error: Exception) -> str:
    """What the driver said, without the statement that SQLAlchemy repeats."""
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _as_text(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """PostgreSQL's dates as text (it knows some that Python does not) and arrays of any type as arrays of text."""
    from sqlalchemy import ARRAY, Date, DateTime, Text, cast

    if isinstance(column.type, Date | DateTime):
        return cast(column, Text)
    if isinstance(column.type, ARRAY):
        return cast(column, ARRAY(Text))
    return column


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return value


def _is_since(column: sa.ColumnElement[Any], since: object, dialect: str) -> sa.ColumnElement[bool]:
    from sqlalchemy import Date, DateTime, Integer, Numeric, func, literal, or_

    if isinstance(column.type, Integer | Numeric):
        try:
            number = since if isinstance(since, int | float | Decimal) else Decimal(str(since))
        except ArithmeticError:
            raise ConfigError(f"since is {since!r}: the column holds numbers, give one") from None
        return or_(column >= number, column.is_(None))
    if dialect == "sqlite":
        # Its times are text in several forms, which its own function reads, down to the second.
        text = str(since)
        if _moment(text) is None:
            raise ConfigError(f"since is {since!r}: write 2016-07-11 or 2016-07-11T18:30:00+00:00")
        when = func.datetime(column)
        return or_(when >= func.datetime(text), when.is_(None))
    if isinstance(column.type, Date | DateTime):
        moment = _moment(str(since))
        if moment is None:
            raise ConfigError(f"since is {since!r}: write 2016-07-11 or 2016-07-11T18:30:00+00:00")
        zoned = bool(getattr(column.type, "timezone", False))
        if zoned is not (moment.tzinfo is not None) and not isinstance(column.type, Date):
            what = "with its zone, such as +00:00" if zoned else "without a zone, as its clock shows it"
            raise ConfigError(f"since is {since!s}: the column's times want it {what}")
        if isinstance(column.type, Date):
            return or_(column >= literal(moment.date(), column.type), column.is_(None))
        return or_(column >= literal(moment, column.type), column.is_(None))
    return or_(column >= literal(since), column.is_(None))


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
