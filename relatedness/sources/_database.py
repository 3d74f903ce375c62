"""Tables of a database -> records. Any database that SQLAlchemy knows.

Reading streams: the server keeps the result and hands out some rows at a time.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from relatedness.arguments import check_path, check_type
from relatedness.errors import ConfigError, InputError, MissingExtraError
from relatedness.sources._columns import WantedColumns, match
from relatedness.sources._dates import DateColumn
from relatedness.sources._headers import is_header
from relatedness.sources._hiding import hiding
from relatedness.sources._mappings import check_named, unmatched
from relatedness.sources._names import BESIDE, HIDING
from relatedness.sources._tables import ENDLESS, spare_endless
from relatedness.sources._telling_cells import looks_like
from relatedness.sources._wordpress import is_posts, terms_of_posts, with_terms

if TYPE_CHECKING:
    import sqlalchemy as sa

_ROWS = 1000  # rows that are fetched at once
_DRIVER = {"postgres": "postgresql+psycopg://", "mysql": "mysql+pymysql://", "mariadb": "mariadb+pymysql://"}
_DRIVERS = re.compile(rf"\A({'|'.join(_DRIVER)})://")
_URL = re.compile(r"[a-z][\w.+-]*://", re.IGNORECASE)


# An unquoted password may contain any of @/?#, so it ends at the last @.
_PASSWORD = re.compile(r"(://[^:/@?#]*):(.*)@", re.DOTALL)
_SECRET_VALUE = re.compile(r"([?&;][^=&;]*(?:pass|pwd|secret|token|key)[^=&;]*=)([^&;]*)", re.IGNORECASE)


def is_url(text: object) -> bool:
    """Whether a text is the address of a database rather than a path.

    Examples
    --------
    >>> is_url("postgresql+psycopg://localhost/news"), is_url("news.jsonl")
    (True, False)
    """
    return isinstance(text, str) and _URL.match(text) is not None


class Table:
    """A table or view of a database, or one of those in a file, as a source of events.

    Each row is a record, each column a field. A column of topics or sources is an array, JSON, or text as a
    cell of a CSV file. Columns that match no field of an event are not fetched.

    Parameters
    ----------
    url : str or path-like
        The database as SQLAlchemy writes it: ``postgresql+psycopg://user@host/database``, ``sqlite:///news.db``. Or the path
        of a file that holds several tables: of SQLite, a dump in SQL, a workbook.
    name : str
        The table, view or sheet, in a database where needed with its schema: ``public.events``.
    updated : str, optional
        A column that grows whenever a row is written (a time, or a number): what makes `since` possible. Only of a
        database.
    since : str, number, date or datetime, optional
        Only rows whose ``updated`` is this or later, or null. Times are compared in the type and zone of the column.

    Attributes
    ----------
    latest : object
        Once reading began, the greatest ``updated`` in the table: the ``since`` of the next reading. Read before the rows, so
        that rows written meanwhile are read again rather than lost.
    columns : list of str
        Once reading began, the names of all its columns.
    table : str
        The name.
    file : Path or None
        The file that holds it; None for a database.

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
        url: str | os.PathLike[str],
        name: str,
        *,
        updated: str | None = None,
        since: str | float | date | datetime | None = None,
    ) -> None:
        if since is not None and updated is None:
            raise ConfigError(
                "since needs updated, the name of the column with the time at which a row was last written"
            )
        check_type(
            url,
            "url",
            (str, os.PathLike),
            "the address of a database, such as sqlite:///site.db, or the path of a file",
        )
        self.file = None if is_url(url) else check_path(url, "url")
        if self.file is not None and updated is not None:
            raise ConfigError("updated needs the address of a database, such as sqlite:///news.db")
        self._url = str(url)
        self.table = name
        self._updated = updated
        self._since = since
        self.latest: Any = None
        self.columns: list[str] = []

    @property
    def name(self) -> str:
        """Address and table without the password, as errors name it.

        Returns
        -------
        str
        """
        return f"{without_password(self._url)} table {self.table}"

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def rows(self, wanted: WantedColumns) -> Generator[dict[str, Any], None, None]:
        """The rows in the order of the primary key, as plain Python values.

        Parameters
        ----------
        wanted : WantedColumns

        Yields
        ------
        dict
            Column to value, of the columns that are or become fields of an event.

        Raises
        ------
        InputError
            If the database cannot be reached or read, has no such table, or one whose columns cannot be matched.
        ConfigError
            If the address, ``updated`` or ``since`` is not valid.
        MissingExtraError
            If SQLAlchemy or the driver is not installed.

        Examples
        --------
        >>> import sqlite3, tempfile
        >>> from relatedness.sources._columns import WantedColumns
        >>> file = tempfile.mkdtemp() + "/news.db"
        >>> with sqlite3.connect(file) as connection:
        ...     _ = connection.execute("CREATE TABLE items (id, date, title, pages)")
        ...     _ = connection.execute("INSERT INTO items VALUES (7, '2014-06-10', 'Mosul falls.', 3)")
        >>> connection.close()
        >>> list(Table(f"sqlite:///{file}", "items").rows(WantedColumns()))
        [{'id': 7, 'date': '2014-06-10', 'title': 'Mosul falls.'}]
        """
        need_sqlalchemy("reading a database")
        with connected(self._url, self.name, must_exist=True) as connection:
            table = self._reflect(connection)
            most = self._most_rows(connection)
            self._check_columns(connection, table, wanted)
            self.columns = list(table.columns.keys())
            chosen = match([(name,) for name in self.columns], wanted)
            names = {path[0] for paths in chosen.values() for path in paths}
            names |= HIDING | BESIDE | hiding(self.columns).keys()
            fetched = [column for column in table.columns if column.name in names]
            if self._updated is not None:
                from sqlalchemy import func, select

                greatest = select(func.max(self._column(table, self._updated)))
                self.latest = connection.execute(greatest).scalar()
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL datestyle TO 'ISO, YMD'")
            query = self._query(table, fetched, connection.dialect.name)
            keys = [column.name for column in fetched]
            of_posts = is_posts(table.name, self.columns)
            terms = terms_of_posts(connection, table) if of_posts else {}
            with connection.execution_options(yield_per=_ROWS).execute(query) as result:
                for number, row in enumerate(result, 1):
                    if number > most:
                        raise InputError(f"{ENDLESS}: it returned more than {most:,} rows", file=self.name)
                    record = {name: _plain(value) for name, value in zip(keys, row, strict=True)}
                    yield with_terms(record, terms) if terms else record

    def _reflect(self, connection: sa.Connection) -> sa.Table:
        from sqlalchemy import MetaData, Table, inspect
        from sqlalchemy.exc import NoSuchTableError

        schema, _, name = self.table.rpartition(".")
        try:
            return Table(name, MetaData(), schema=schema or None, autoload_with=connection, resolve_fks=False)
        except NoSuchTableError:
            looker = inspect(connection)
            there = sorted([*looker.get_table_names(), *looker.get_view_names()])
            raise InputError(
                f"the table does not exist; the database has {', '.join(there)[:200] or 'none'}",
                file=self.name,
            ) from None

    def _most_rows(self, connection: sa.Connection) -> int:
        """The most rows to read, because a recursive view of SQLite may be endless."""
        file = connection.engine.url.database
        driver = connection.connection.driver_connection
        if not isinstance(driver, sqlite3.Connection) or file is None or not Path(file).is_file():
            return sys.maxsize
        return spare_endless(driver, Path(file), self.table)

    def _check_columns(self, connection: sa.Connection, table: sa.Table, wanted: WantedColumns) -> None:
        columns = list(table.columns.keys())
        check_named(columns, wanted, file=self.name)
        if not is_header(columns, replace(wanted, dated=True)):
            from sqlalchemy import select

            rows = [
                ["" if cell is None else str(cell) for cell in row]
                for row in connection.execute(select(table).limit(2))
            ]
            raise unmatched(
                columns, wanted, rows, looks_like(columns, rows, DateColumn()), file=self.name, line=None
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
        # Take the driver's values: a value that SQLAlchemy's own types refuse would end the stream.
        query = select(*(type_coerce(column, NullType()) for column in shown))
        if self._since is not None and self._updated is not None:
            query = query.where(_is_since(self._column(table, self._updated), self._since, dialect))
        return query.order_by(*table.primary_key.columns)


def need_sqlalchemy(what: str) -> None:
    """Check that SQLAlchemy is installed.

    Parameters
    ----------
    what : str
        What needs it, for the message.

    Raises
    ------
    MissingExtraError
        If it is not installed.

    Examples
    --------
    >>> need_sqlalchemy("reading a table")  # nothing happens: it is installed
    """
    try:
        import sqlalchemy  # noqa: F401
    except ImportError:
        raise MissingExtraError(f"{what} needs SQLAlchemy: pip install 'relatedness[sql]'") from None


def without_password(url: str) -> str:
    """The address of a database with its passwords replaced by ``***``, for messages.

    Examples
    --------
    >>> without_password("postgresql://me:secret@host/news")
    'postgresql://me:***@host/news'
    >>> without_password("postgresql://me:se/cr@t@host/news?sslpassword=secret&sslmode=require")
    'postgresql://me:***@host/news?sslpassword=***&sslmode=require'
    """
    return _SECRET_VALUE.sub(r"\1***", _PASSWORD.sub(r"\1:***@", url))


def _without_secrets(said: str, url: str) -> str:
    """The message of a driver without parts of a password that it took for the host."""
    found = _PASSWORD.search(url)
    secrets = [part for part in re.split(r"[@/?#:]", found[2]) if part] if found else []
    secrets += [match[2] for match in _SECRET_VALUE.finditer(url) if match[2]]
    for secret in sorted(secrets, key=len, reverse=True):
        said = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "***", said)
    return said


@contextmanager
def connected(url: str, location: str, *, must_exist: bool) -> Iterator[sa.Connection]:
    """A connection in a transaction, with all its errors raised as errors of this library; nothing is changed without a commit.

    Parameters
    ----------
    url : str
        The address of the database.
    location : str
        How messages name the database and table, without a password.
    must_exist : bool
        Whether the database is only read: a file that does not exist is then an error, and all reads see one snapshot.

    Raises
    ------
    ConfigError
        If the address is not one that SQLAlchemy understands.
    InputError
        If the database cannot be reached, read or written.
    MissingExtraError
        If the driver is not installed.

    Examples
    --------
    >>> import os, tempfile
    >>> import sqlalchemy
    >>> path = os.path.join(tempfile.mkdtemp(), "news.db")
    >>> with connected(f"sqlite:///{path}", "news.db", must_exist=False) as connection:
    ...     print(connection.execute(sqlalchemy.text("SELECT 6 * 7")).scalar())
    42
    """
    from sqlalchemy import create_engine, make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
    from sqlalchemy.pool import NullPool

    try:
        # The form that hosting providers give; SQLAlchemy needs the driver as well.
        address = make_url(_DRIVERS.sub(lambda found: _DRIVER[found[1]], url))
        options: dict[str, Any] = {}
        if address.get_backend_name() == "postgresql":
            # One snapshot for everything that is read.
            options["isolation_level"] = "REPEATABLE READ" if must_exist else "READ COMMITTED"
        engine = create_engine(
            address, poolclass=NullPool, json_serializer=partial(json.dumps, ensure_ascii=False), **options
        )
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise ConfigError(
            f"{without_password(url)} is not an address that SQLAlchemy can read: "
            f"{_without_secrets(_first_line(error), url)}"
        ) from None
    except ImportError as error:
        raise MissingExtraError(
            f"the driver for {without_password(url)} is not installed ({error}): pip install 'relatedness[sql]' for "
            "postgresql+psycopg and mysql+pymysql, the driver's own package for others"
        ) from None
    file = address.database
    if address.get_backend_name() == "sqlite" and file in (None, "", ":memory:"):
        raise ConfigError(
            f"{without_password(url)} is a database in memory, which is always empty: name a file, such as sqlite:///news.db"
        )
    if (
        must_exist
        and address.get_backend_name() == "sqlite"
        and file is not None
        and not file.startswith("file:")
        and not Path(file).is_file()
    ):
        # SQLite would create an empty database.
        raise InputError("the file does not exist", file=file)
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        if getattr(error.__cause__, "sqlite_errorname", "") == "SQLITE_INTERRUPT":
            raise InputError(
                f"{ENDLESS}: reading took too long for a file of this size", file=location
            ) from None
        said = _without_secrets(_first_line(error), url)
        raise InputError(f"the database reported: {said}", file=location) from None
    finally:
        engine.dispose()


def _first_line(error: Exception) -> str:
    """The message of the driver, without the statement that SQLAlchemy repeats."""
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _as_text(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """Read PostgreSQL's dates as text (some are outside Python's range) and arrays of any type as arrays of text."""
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
            raise ConfigError(f"since is {since!r}: the column holds numbers: give a number") from None
        return or_(column >= number, column.is_(None))
    if dialect == "sqlite":
        # SQLite's times are text in several forms; compare with its own function, which has a resolution of a second.
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
            what = "with a time zone, such as +00:00" if zoned else "without a time zone"
            raise ConfigError(
                f"since is {since!s}: the times of the column are written {what}: write this one so too"
            )
        if isinstance(column.type, Date):
            return or_(column >= literal(moment.date(), column.type), column.is_(None))
        return or_(column >= literal(moment, column.type), column.is_(None))
    return or_(column >= literal(since), column.is_(None))


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
