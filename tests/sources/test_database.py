"""Databases as a source of events and as a home of lists: the same tests on SQLite, PostgreSQL and MariaDB.

The servers are tested where RELATEDNESS_POSTGRES and RELATEDNESS_MARIADB name one: ``python tests/servers.py make test``.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import forks
import pytest
from sqlalchemy import create_engine, exc, make_url, text
from sqlalchemy.pool import NullPool

from relatedness.dates import EarlyDate
from relatedness.errors import ConfigError, InputError, MissingExtraError
from relatedness.events import Event
from relatedness.export import write_lists
from relatedness.export._database import _is_number
from relatedness.index import Overrides
from relatedness.related_index import RelatedIndex
from relatedness.sources import Rejects, Table, read, read_events


class Database:
    """A fresh database: its address and the means to run statements."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.kind = make_url(url).get_backend_name()
        self._engine = create_engine(url, poolclass=NullPool)

    def run(self, *statements: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        with self._engine.begin() as connection:
            for statement in statements:
                done = connection.execute(text(statement))
                rows = [tuple(row) for row in done] if done.returns_rows else []
        return rows


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        yield Database(f"sqlite:///{tmp_path / 'news.db'}")
    elif request.param == "postgresql":
        yield from _postgresql()
    else:
        yield from _mariadb()


@pytest.fixture
def postgresql() -> Iterator[Database]:
    yield from _postgresql()


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[Database]:
    yield from _postgresql() if request.param == "postgresql" else _mariadb()


def _postgresql() -> Iterator[Database]:
    yield from _on_a_server("RELATEDNESS_POSTGRES", "", " WITH (FORCE)")


def _mariadb() -> Iterator[Database]:
    yield from _on_a_server("RELATEDNESS_MARIADB", " CHARACTER SET utf8mb4", "")


def _on_a_server(variable: str, made: str, dropped: str) -> Iterator[Database]:
    server = os.environ.get(variable)
    if not server:
        pytest.skip("no such server at hand: python tests/servers.py make test starts one")
    admin = create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    name = f"test_{os.getpid()}_{threading.get_ident()}"
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}{dropped}"))
        connection.execute(text(f"CREATE DATABASE {name}{made}"))
    try:
        yield Database(make_url(server).set(database=name).render_as_string(hide_password=False))
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name}{dropped}"))


NEWS = (
    "CREATE TABLE news (ident VARCHAR(40) PRIMARY KEY, day DATE, headline TEXT, body TEXT, tags TEXT, other TEXT)",
    """INSERT INTO news VALUES
    ('b', '2014-08-07', 'The dam of Mosul falls.', NULL, '["Iraq", "Mosul"]', 'x'),
    ('a', '2014-06-10', 'Mosul falls to ISIL.', 'Iraq''s second city: é, 中.', 'Iraq; ISIL', NULL),
    ('c', '2014-07-13', 'Germany wins in Rio.', '', NULL, NULL)""",
)
FIELDS = {"ident": "id", "day": "date", "headline": "title", "body": "text", "tags": "topics"}
EVENTS = [
    Event(
        "a", date(2014, 6, 10), "Mosul falls to ISIL.", "Iraq's second city: é, 中.", topics=("Iraq", "ISIL")
    ),
    Event("b", date(2014, 8, 7), "The dam of Mosul falls.", topics=("Iraq", "Mosul")),
    Event("c", date(2014, 7, 13), "Germany wins in Rio."),
]


# Reading


def test_rows_become_events_in_the_order_of_the_key(database: Database) -> None:
    database.run(*NEWS)
    assert list(read_events(Table(database.url, "news"), fields=FIELDS)) == EVENTS
    assert list(read(Table(database.url, "news"), fields=FIELDS)) == EVENTS


def test_a_view_is_read_like_a_table(database: Database) -> None:
    database.run(
        *NEWS,
        "CREATE VIEW shown AS SELECT ident AS id, day AS date, headline AS title FROM news WHERE ident <> 'c'",
    )
    assert {event.id for event in read_events(Table(database.url, "shown"))} == {"a", "b"}


def test_an_index_is_built_from_a_table_and_a_file_together(
    database: Database, tmp_path: Path, sample_path: Path
) -> None:
    database.run(*NEWS)
    more = tmp_path / "more.jsonl"
    more.write_text(
        '{"ident": "d", "day": "2014-06-29", "headline": "ISIL proclaims a caliphate in Mosul, Iraq."}\n'
    )
    with RelatedIndex.build([more, Table(database.url, "news")], fields=FIELDS) as index:
        assert sorted(index.events) == ["a", "b", "c", "d"]
        assert index.related("d")[0].id in ("a", "b")


def test_a_bad_row_names_table_row_and_column(database: Database, tmp_path: Path) -> None:
    database.run(*NEWS, "UPDATE news SET headline = '', body = NULL WHERE ident = 'b'")
    with pytest.raises(
        InputError, match=r"table news, record 2, field 'body': both title and text are empty"
    ):
        list(read_events(Table(database.url, "news"), fields=FIELDS))
    with Rejects(tmp_path / "rejects.jsonl") as rejects:
        kept = list(read_events(Table(database.url, "news"), fields=FIELDS, rejects=rejects))
    assert [event.id for event in kept] == ["a", "c"]
    entry = json.loads((tmp_path / "rejects.jsonl").read_text())
    assert entry["line"] == 2
    assert json.loads(entry["record"])["ident"] == "b"


def test_a_list_of_other_things_is_a_bad_row(database: Database) -> None:
    database.run(*NEWS, "UPDATE news SET tags = '[true]' WHERE ident = 'a'")
    with pytest.raises(InputError, match="record 1, field 'tags': expected a list of strings, found true"):
        list(read_events(Table(database.url, "news"), fields=FIELDS))


@pytest.mark.parametrize(
    ("name", "fields", "message"),
    [
        ("missing", {}, "table missing: the table does not exist; the database has news"),
        (
            "news",
            {"day": "category"},
            "field 'date': has no column for the date .its columns: ident, day, headline",
        ),
        ("news", {**FIELDS, "url": "url"}, "field 'url': has no column 'url'"),
    ],
)
def test_a_wrong_name_is_said_with_what_is_there(
    name: str, fields: dict[str, str], message: str, database: Database
) -> None:
    database.run(*NEWS)
    with pytest.raises(InputError, match=message):
        list(read_events(Table(database.url, name), fields=fields))


STAMPED = (
    "CREATE TABLE news (id VARCHAR(40) PRIMARY KEY, date DATE, title TEXT, updated_at TIMESTAMP NULL)",
    """INSERT INTO news VALUES ('a', '2014-06-10', 'One.', '2020-01-01 10:00:00'),
    ('b', '2014-06-10', 'Two.', '2020-01-02 10:00:00'), ('c', '2014-06-10', 'Three.', NULL)""",
)


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ("2020-01-01", "abc"),
        ("2020-01-01T10:00:00", "abc"),
        ("2020-01-01 10:00:01", "bc"),
        (date(2020, 1, 2), "bc"),
        (datetime(2020, 1, 2, 10, 0, 1), "c"),
    ],
)
def test_since_leaves_out_what_is_older_and_never_what_has_no_time(
    since: Any, expected: str, database: Database
) -> None:
    database.run(*STAMPED)
    table = Table(database.url, "news", updated="updated_at", since=since)
    assert "".join(event.id for event in read_events(table)) == expected
    assert str(table.latest).startswith("2020-01-02 10:00:00")


def test_the_latest_is_the_since_of_the_next_reading(database: Database) -> None:
    database.run(*STAMPED)
    first = Table(database.url, "news", updated="updated_at")
    list(read_events(first))
    database.run("UPDATE news SET updated_at = '2020-01-03 00:00:00', title = 'New.' WHERE id = 'a'")
    second = Table(database.url, "news", updated="updated_at", since=first.latest)
    assert [event.title for event in read_events(second)] == ["New.", "Two.", "Three."]


def test_versions_that_are_numbers_serve_as_well(database: Database) -> None:
    database.run(
        "CREATE TABLE news (id VARCHAR(40) PRIMARY KEY, date DATE, title TEXT, version BIGINT)",
        "INSERT INTO news VALUES ('a', '2014-06-10', 'One.', 9), ('b', '2014-06-10', 'Two.', 10)",
    )
    table = Table(database.url, "news", updated="version", since="10")
    assert [event.id for event in read_events(table)] == ["b"]
    assert table.latest == 10
    with pytest.raises(ConfigError, match="since is 'May': the column holds numbers"):
        list(read_events(Table(database.url, "news", updated="version", since="May")))


def test_a_wrong_since_or_updated_is_an_error(database: Database) -> None:
    database.run(*STAMPED)
    with pytest.raises(ConfigError, match="since needs updated"):
        Table(database.url, "news", since="2020-01-01")
    with pytest.raises(ConfigError, match="no column 'changed'"):
        list(read_events(Table(database.url, "news", updated="changed")))
    with pytest.raises(ConfigError, match="since is 'soon': write 2016-07-11"):
        list(read_events(Table(database.url, "news", updated="updated_at", since="soon")))


def test_what_sqlite_holds_is_told_by_its_own_clock(tmp_path: Path) -> None:
    # Django, Rails and SQLAlchemy write times as text in forms that do not compare as text.
    database = Database(f"sqlite:///{tmp_path / 'news.db'}")
    database.run(
        "CREATE TABLE news (id TEXT PRIMARY KEY, date TEXT, title TEXT, at TEXT)",
        """INSERT INTO news VALUES ('a', '2014-06-10 00:00:00', 'One.', '2020-01-01T10:00:00Z'),
        ('b', '2014-06-10 08:00:00+02:00', 'Two.', '2020-01-01 12:30:00.5'), ('c', '2014-06-10', 'Three.', 'never')""",
    )
    table = Table(database.url, "news", updated="at", since="2020-01-01T13:00:00+02:00")
    assert [event.id for event in read_events(table)] == ["b", "c"]
    dates = [event.date for event in read_events(Table(database.url, "news"))]
    assert dates[0] == date(2014, 6, 10)
    assert dates[1] == datetime(2014, 6, 10, 6, tzinfo=UTC)


def test_postgresql_types_of_every_kind(postgresql: Database) -> None:
    postgresql.run(
        "CREATE TYPE label AS ENUM ('Iraq', 'War')",
        """CREATE TABLE news (id UUID PRIMARY KEY, date TIMESTAMPTZ, title VARCHAR(80), topics label[],
        sources JSONB, category label)""",
        """INSERT INTO news VALUES ('8f14e45f-ceea-467f-9575-4a1c5e3cb2a1', '2014-06-10 12:00:00+02', 'Mosul falls.',
        '{Iraq,War}', '[{"name": "BBC", "url": "http://b.example"}, "JPL"]', 'War')""",
    )
    (found,) = read_events(Table(postgresql.url, "public.news"))
    assert found.id == "8f14e45f-ceea-467f-9575-4a1c5e3cb2a1"
    assert found.date == datetime(2014, 6, 10, 10, tzinfo=UTC)
    assert (found.topics, found.category) == (("Iraq", "War"), "War")
    assert [source.name for source in found.sources] == ["BBC", "JPL"]
    zoned = Table(postgresql.url, "news", updated="date", since="2014-06-10T10:00:00Z")
    assert len(list(read_events(zoned))) == 1
    with pytest.raises(ConfigError, match="with a time zone"):
        list(read_events(Table(postgresql.url, "news", updated="date", since="2014-06-10")))


def test_dates_that_only_postgresql_knows_are_read_or_one_bad_row_and_not_the_end(
    postgresql: Database, tmp_path: Path
) -> None:
    postgresql.run(
        "CREATE TABLE news (id INTEGER PRIMARY KEY, date DATE, title TEXT)",
        "ALTER ROLE CURRENT_USER SET datestyle TO 'German'",
        """INSERT INTO news VALUES (1, 'infinity', 'Never.'), (2, '2014-06-10', 'Mosul falls.'),
        (3, '0044-03-15 BC', 'Caesar falls.')""",
    )
    try:
        with Rejects(tmp_path / "rejects.jsonl") as rejects:
            kept = list(read_events(Table(postgresql.url, "news"), rejects=rejects))
    finally:
        postgresql.run("ALTER ROLE CURRENT_USER RESET datestyle")
    assert [(event.id, event.date) for event in kept] == [(2, date(2014, 6, 10)), (3, EarlyDate(-43, 3, 15))]
    assert rejects.count == 1
    assert "not a date: 'infinity'" in (tmp_path / "rejects.jsonl").read_text()


def test_postgresql_keeps_the_rows_and_hands_them_out(postgresql: Database) -> None:
    postgresql.run(
        "CREATE TABLE news (id INTEGER PRIMARY KEY, date DATE, title TEXT)",
        "INSERT INTO news SELECT n, '2014-06-10', 'Item ' || n FROM generate_series(1, 5000) AS n",
    )
    reading = iter(read_events(Table(postgresql.url, "news")))
    next(reading)
    cursors = postgresql.run("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'FETCH FORWARD%'")
    assert cursors == [(1,)]
    # A snapshot: what is written while we read belongs to the next reading.
    postgresql.run("INSERT INTO news VALUES (6000, '2014-06-10', 'Late.')")
    assert sum(1 for _ in reading) == 4999


def test_reading_changes_nothing_and_makes_no_file(tmp_path: Path) -> None:
    missing = tmp_path / "missing.db"
    with pytest.raises(InputError, match="the file does not exist"):
        list(read_events(Table(f"sqlite:///{missing}", "news")))
    assert not missing.exists()


@pytest.mark.parametrize(
    ("url", "error", "message"),
    [
        (
            "nonsense://host/db",
            ConfigError,
            "nonsense://host/db is not an address that SQLAlchemy can read",
        ),
        ("postgresql+psycopg://me:secret@127.0.0.1:1/db", InputError, r"me:\*\*\*@.*the database reported: "),
        ("postgres://me:secret@127.0.0.1:1/db", InputError, r"me:\*\*\*@.*the database reported: "),
        (
            "mssql+pymssql://me@127.0.0.1:1/db",
            MissingExtraError,
            "the driver for mssql.pymssql://me@.* is not inst",
        ),
    ],
)
def test_a_database_that_cannot_be_reached(url: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        list(read_events(Table(url, "news")))
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(Table(url, "news"))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://me:secret@127.0.0.1:1/db",
        "postgresql+psycopg://me:sec/secret@127.0.0.1:1/db",
        "postgresql+psycopg://me:x@secret@127.0.0.1:1/db",
        "postgresql+psycopg://me:secret?secret#@127.0.0.1:1/db",
        "postgresql+psycopg://:secret@127.0.0.1:1/db",
        "postgresql+psycopg://127.0.0.1:1/db?user=me&password=secret",
        "postgresql+psycopg://127.0.0.1:1/db?sslpassword=secret",
        "nonsense://me:secret@127.0.0.1/db",
    ],
)
def test_no_message_holds_a_password(url: str, sample_index: RelatedIndex) -> None:
    for job in (lambda: list(read_events(Table(url, "news"))), lambda: sample_index.export(url)):
        with pytest.raises((ConfigError, InputError)) as caught:
            job()
        assert "secret" not in str(caught.value)
    assert "secret" not in repr(Table(url, "news"))


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_a_database_that_nobody_could_read_is_not_written(url: str, sample_index: RelatedIndex) -> None:
    with pytest.raises(ConfigError, match="is a database in memory"):
        sample_index.export(url)
    with pytest.raises(ConfigError, match="is a database in memory"):
        list(read_events(Table(url, "news")))


def test_an_address_without_its_table_is_no_path() -> None:
    with pytest.raises(InputError, match=r"sqlite:///news.db: is the address of a database: name its table"):
        read_events("sqlite:///news.db")


def test_without_sqlalchemy_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(MissingExtraError, match=r"reading a database needs SQLAlchemy: .*relatedness\[sql\]"):
        list(read_events(Table("sqlite:///news.db", "news")))
    with pytest.raises(MissingExtraError, match="writing to a database needs"):
        write_lists("sqlite:///news.db", [])


# Writing


def lists_in(database: Database, table: str = "related") -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    query = f"SELECT event, rank, related, score, contexts, parts, copies, tier, shared FROM {table} ORDER BY event, rank"
    for id_, rank, other, score, contexts, parts, copies, tier, shared in database.run(query):
        contexts, parts, shared = (
            json.loads(v) if isinstance(v, str) else v for v in (contexts, parts, shared)
        )
        entry = {"id": other, "score": score, "contexts": contexts, "parts": parts}
        found.setdefault(id_, []).append(
            entry
            | ({"copies": copies} if copies else {})
            | ({"tier": tier} if tier else {})
            | ({"shared": shared} if shared else {})
        )
        assert len(found[id_]) == rank
    return found


def lists_of(index: RelatedIndex, k: int) -> dict[str, list[dict[str, Any]]]:
    return {id_: [item.to_record() for item in items] for id_, items in index.lists(k) if items}


def test_the_table_holds_exactly_the_lists(database: Database, sample_index: RelatedIndex) -> None:
    assert sample_index.export(database.url, k=4) == len(sample_index.events)
    assert lists_in(database) == lists_of(sample_index, 4)
    # Shorter lists leave no tail behind, and an event that is gone leaves nothing.
    database.run("INSERT INTO related SELECT 'gone', rank, related, score, contexts, parts, copies, tier, shared FROM related"
                 " WHERE event = (SELECT min(event) FROM related)")  # fmt: skip
    sample_index.export(database.url, k=2)
    assert lists_in(database) == lists_of(sample_index, 2)


def test_a_row_that_is_right_is_not_written_again(database: Database) -> None:
    item = {"id": "b", "score": 0.5, "contexts": ["Iraq"], "parts": {"words": 0.5}}
    write_lists(database.url, [("a", [item]), ("b", [{**item, "id": "a"}])])
    database.run("CREATE TABLE log (event TEXT)")
    if database.kind == "sqlite":
        database.run("CREATE TRIGGER t AFTER UPDATE ON related BEGIN INSERT INTO log VALUES (NEW.event); END")
    elif database.kind == "mysql":  # whose triggers run for rows too that stay as they are
        database.run(
            "ALTER TABLE related ADD written TIMESTAMP DEFAULT '2001-01-01' ON UPDATE CURRENT_TIMESTAMP"
        )
    else:
        database.run(
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (NEW.event);"
            " RETURN NEW; END $$",
            "CREATE TRIGGER t AFTER UPDATE ON related FOR EACH ROW EXECUTE FUNCTION f()",
        )
    write_lists(database.url, [("a", [item]), ("b", [{**item, "id": "a", "score": 0.25}])])
    if database.kind == "mysql":
        database.run("INSERT INTO log SELECT event FROM related WHERE written > '2001-01-01'")
    assert database.run("SELECT event FROM log") == [("b",)]
    assert lists_in(database)["b"][0]["score"] == 0.25


def test_ids_that_differ_by_case_alone_are_two_events(database: Database) -> None:
    item = {"id": "é", "score": 0.5, "contexts": ["中"], "parts": {}}
    lists = {id_: [item | {"id": id_}, item] for id_ in ("a", "A", "e", "é")}
    for _ in range(2):
        write_lists(database.url, list(lists.items()))
        assert lists_in(database) == lists


def test_only_changed_lists_are_written_and_the_rest_stays(
    database: Database, sample_index: RelatedIndex
) -> None:
    sample_index.export(database.url, k=3)
    database.run("UPDATE related SET score = 9", "INSERT INTO related SELECT 'gone', rank, related, score, contexts,"
                 " parts, copies, tier, shared FROM related WHERE event = (SELECT min(event) FROM related)")  # fmt: skip
    changed = [id_ for id_ in sample_index.events if sample_index.related(id_, k=3)][:5]
    assert sample_index.export(database.url, k=3, only={*changed, "gone", "never there"}) == 5
    found, expected = lists_in(database), lists_of(sample_index, 3)
    assert "gone" not in found
    assert set(found) == set(expected)
    assert {id_ for id_ in found if found[id_] == expected[id_]} == set(changed)


def test_lists_that_are_written_alone_leave_no_note_of_a_state(
    database: Database, sample_index: RelatedIndex
) -> None:
    item = {"id": "b", "score": 0.5, "contexts": [], "parts": {}}
    write_lists(database.url, [("a", [item])], table="others")
    with pytest.raises(exc.DatabaseError):
        database.run("SELECT * FROM relatedness_states")
    sample_index.export(database.url, k=3)
    write_lists(database.url, [("a", [item])])
    assert database.run("SELECT name FROM relatedness_states") == []
    # The table no longer holds what was exported, so that changed lists alone are not enough.
    sample_index.export(database.url, k=3, only=[])
    assert lists_in(database) == lists_of(sample_index, 3)


def test_a_failure_on_the_way_leaves_the_old_lists(database: Database) -> None:
    item = {"id": "b", "score": 0.5, "contexts": [], "parts": {}}
    write_lists(database.url, [("a", [item])])

    def broken() -> Iterator[tuple[str, list[dict[str, Any]]]]:
        for n in range(2500):
            yield f"new {n}", [item]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_lists(database.url, broken())
    assert list(lists_in(database)) == ["a"]


def test_readers_see_the_old_or_the_new_lists(server: Database) -> None:
    def version(score: float) -> list[tuple[str, list[dict[str, Any]]]]:
        return [
            (f"e{n}", [{"id": "x", "score": score, "contexts": [], "parts": {}}] * 2) for n in range(1500)
        ]

    write_lists(server.url, version(0.5))
    seen: list[int] = []

    def watched() -> Iterator[tuple[str, list[dict[str, Any]]]]:
        for place, item in enumerate(version(0.25)):
            if place in (0, 700, 1499):
                seen.append(len(server.run("SELECT DISTINCT score FROM related")))
            yield item

    write_lists(server.url, watched())
    assert seen == [1, 1, 1]
    assert server.run("SELECT DISTINCT score FROM related") == [(0.25,)]


@pytest.mark.parametrize("key", ["PRIMARY KEY (event)", "UNIQUE (event, rank)"])
def test_a_table_with_another_key_is_left_alone(tmp_path: Path, key: str) -> None:
    url = f"sqlite:///{tmp_path / 'site.db'}"
    index = RelatedIndex.build([{"id": "a", "date": "2016-07-11", "text": "Mosul."}])
    index.export(url, table="other")
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        made = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = 'other'")).scalar_one()
        assert "PRIMARY KEY (event, rank)" in made
        connection.execute(text(made.replace("other", "related").replace("PRIMARY KEY (event, rank)", key)))
    with pytest.raises(ConfigError, match="table related exists with other columns"):
        index.export(url)


@pytest.mark.parametrize(
    ("id_", "fits"),
    [
        (2**63 - 1, True),
        (-(2**63) + 1, True),
        (2**63, False),
        (10**30, False),
        (7, True),
        ("007", False),
        ("7 ", False),
        ("٧", False),
        ("a", False),
        ("", False),
    ],
)
def test_a_number_is_an_id_of_a_table_if_its_column_can_hold_it(id_: int | str, fits: bool) -> None:
    assert _is_number(id_) is _is_number(str(id_)) is fits


def test_a_table_of_another_shape_is_left_alone(database: Database, sample_index: RelatedIndex) -> None:
    database.run("CREATE TABLE related (event TEXT, note TEXT)", "INSERT INTO related VALUES ('a', 'mine')")
    with pytest.raises(ConfigError, match=r"table related exists with other columns \(event, note\)"):
        sample_index.export(database.url)
    assert database.run("SELECT * FROM related") == [("a", "mine")]
    sample_index.export(database.url, k=1, table="lists")
    assert lists_in(database, "lists") == lists_of(sample_index, 1)


def test_any_other_database_gets_the_same_rows(
    database: Database, sample_index: RelatedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without an upsert that we know, lists are taken out and put in again, in the same transaction.
    original: Callable[..., None] = __import__(
        "relatedness.export._database", fromlist=["_"]
    )._Upsert.__init__

    def plain(self: Any, target: Any, dialect: str) -> None:
        original(self, target, "other")

    monkeypatch.setattr("relatedness.export._database._Upsert.__init__", plain)
    for k in (3, 2, 4):
        sample_index.export(database.url, k=k)
        assert lists_in(database) == lists_of(sample_index, k)


def test_files_take_no_table_and_no_changes(tmp_path: Path, sample_index: RelatedIndex) -> None:
    with pytest.raises(ConfigError, match=r"is a file: table=\.\.\. and only=\.\.\."):
        sample_index.export(tmp_path / "lists.csv", only=["a"])
    with pytest.raises(ConfigError, match="is a file"):
        sample_index.export(tmp_path / "lists.csv", table="related")


# The command line


def test_what_a_refresh_removed_leaves_the_table_with_what_changed(
    database: Database, tmp_path: Path, sample_index: RelatedIndex
) -> None:
    events = list(sample_index.events.values())[:60]
    index = RelatedIndex.build(events, tmp_path / "live.index")
    index.export(database.url, k=3)
    gone = next(id_ for id_ in index.events if index.related(id_))
    changes = index.refresh(remove=[gone])
    assert gone in lists_in(database)
    index.export(database.url, k=3, only=changes.lists)
    assert lists_in(database) == lists_of(index, 3)


def test_a_table_lacks_nothing_when_ids_were_lost(
    database: Database, tmp_path: Path, sample_index: RelatedIndex
) -> None:
    events = list(sample_index.events.values())[:80]
    index = RelatedIndex.build(events[:60], tmp_path / "live.index")
    # Nobody knows what a table holds that is not there yet.
    assert index.export(database.url, k=3, only=[]) == 60
    assert index.export(database.url, k=3, only=[]) == 0
    missed = len(index.refresh(events[60:70], remove=[events[3].id]).lists)
    assert index.export(database.url, k=3, only=[]) == missed
    assert lists_in(database) == lists_of(index, 3)
    # A transaction that fails leaves the note of what is there.
    index.refresh(events[70:])
    with pytest.raises(ZeroDivisionError):
        index.export(database.url, k=3, only=[], progress=lambda done, total: 1 // 0)
    index.export(database.url, k=3, only=[])
    assert lists_in(database) == lists_of(index, 3)
    # Another length, other overrides, another table, another index: all lists.
    assert index.export(database.url, k=2, only=[]) == len(index)
    assert lists_in(database) == lists_of(index, 2)
    assert index.export(database.url, k=2, only=[], table="second") == len(index)
    banned = index.with_overrides(Overrides.parse("ban * 1994-05-10-mandela-president")[0])
    assert banned.export(database.url, k=2, only=[]) == len(index)
    assert lists_in(database) == lists_of(banned, 2) != lists_of(index, 2)
    banned = index.with_overrides(Overrides.parse("ban * 1998-08-15-omagh")[0])
    assert banned.export(database.url, k=2, only=[]) == len(index)
    assert lists_in(database) == lists_of(banned, 2) != lists_of(index, 2)
    other = RelatedIndex.build(events[:50], tmp_path / "other.index")
    assert other.export(database.url, k=2, only=["gone"]) == 50
    assert lists_in(database) == lists_of(other, 2)
    assert lists_in(database, "second") == lists_of(index, 2)


def relatedness(*arguments: object, code: int = 0) -> str:
    done = forks.run(*arguments)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def test_from_a_table_to_a_table_on_the_command_line(database: Database, tmp_path: Path) -> None:
    database.run(
        *NEWS,
        "ALTER TABLE news ADD COLUMN written TIMESTAMP",
        "UPDATE news SET written = '2020-01-02 10:00:00'",
    )
    index = tmp_path / "news.index"
    fields = [part for pair in FIELDS.items() for part in ("--field", "=".join(pair))]
    said = relatedness("build", database.url, "--table", "news", "--updated", "written", *fields, "-o", index)
    assert "3 events" in said
    assert "the latest value of written in" in said
    assert "2020-01-02 10:00:00" in said
    assert "the lists of 3 events" in relatedness("export", index, "-o", database.url, "-k", 3)
    with RelatedIndex.open(index) as opened:
        assert lists_in(database) == lists_of(opened, 3)
    database.run("UPDATE related SET score = 9")
    changed = tmp_path / "changed"
    changed.write_text("a\n\nno longer\n")
    assert "the lists of 1 event" in relatedness(
        "export", index, "-o", database.url, "-k", 3, "--changed", changed
    )
    assert {id_ for id_, items in lists_in(database).items() if items[0]["score"] != 9} == {"a"}


def test_a_refresh_reads_only_what_was_written_since_and_hands_on_what_changed(
    database: Database, tmp_path: Path, sample_path: Path
) -> None:
    rows = [
        (event.id, event.date, event.headline.replace("'", "''").replace(":", "\\:"))
        for event in list(read_events(sample_path))[:100]
    ]
    database.run(
        "CREATE TABLE news (id VARCHAR(40) PRIMARY KEY, date DATE, title TEXT, written TIMESTAMP NULL)",
        *(
            f"INSERT INTO news VALUES ('{id_}', '{day}', '{title}', '2020-01-01 10:00:00')"
            for id_, day, title in rows
        ),
    )
    index, changed = tmp_path / "news.index", tmp_path / "changed"
    table = ["--table", "news", "--updated", "written"]
    relatedness("build", database.url, *table, "-o", index)
    relatedness("export", index, "-o", database.url, "-k", 5)
    new = "('new', '2005-07-08', 'London mourns the victims of the bombs in the Underground.', '2020-01-02 10:00:00')"
    database.run(f"INSERT INTO news VALUES {new}")
    said = relatedness(
        "refresh",
        index,
        database.url,
        *table,
        "--since",
        "2020-01-01 10:00:01",
        "--changed",
        changed,
        "--json",
    )
    assert json.loads(said)["added"] == ["new"]
    ids = changed.read_text(encoding="utf-8").split()
    assert "new" in ids
    assert len(ids) < 50
    relatedness("export", index, "-o", database.url, "-k", 5, "--changed", changed)
    with RelatedIndex.open(index) as opened:
        assert lists_in(database) == lists_of(opened, 5)
    with_mirror = ["refresh", index, database.url, *table, "--since", "2020-01-01", "--mirror"]
    assert "--mirror cannot be combined with --since" in relatedness(*with_mirror, code=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["news.jsonl", "--table", "news"], "--table needs the address of a database"),
        (["a.sql", "--table", "news", "--updated", "day"], "--table needs the address of a database"),
        (["sqlite:///news.db", "--since", "2020-01-01"], "--updated and --since need --table"),
    ],
)
def test_options_that_do_not_go_together(arguments: list[str], message: str, tmp_path: Path) -> None:
    assert message in relatedness("build", *arguments, "-o", tmp_path / "x.index", code=2)


def test_an_address_alone_is_bad_input_that_says_what_to_add(tmp_path: Path) -> None:
    assert "name its table, with --table NAME" in relatedness(
        "build", "sqlite:///news.db", "-o", tmp_path / "x.index", code=3
    )


def test_the_command_line_names_a_table_of_a_file_and_a_refresh_remembers_it(tmp_path: Path) -> None:
    path, index = tmp_path / "blog.sql", tmp_path / "x.index"
    dump = "".join(
        f"CREATE TABLE {name} (date TEXT, title TEXT);\nINSERT INTO {name} VALUES ('2017-03-07','{title}');\n"
        for name, title in (("posts", "The ferry stops"), ("reports", "The ferry sails"))
    )
    path.write_text(dump)
    assert "posts, reports): name the one that holds the events, such as --table posts" in relatedness(
        "build", path, "-o", index, code=3
    )
    assert "table 'reports' of 2" in relatedness("build", path, "--table", "reports", "-o", index)
    path.write_text(dump + "INSERT INTO reports VALUES ('2017-03-08','The pier opens');\n")
    relatedness("refresh", index, path)
    with RelatedIndex.open(index) as opened:
        assert sorted(opened.events[key].title or "" for key in opened.events) == [
            "The ferry sails",
            "The pier opens",
        ]


WORDPRESS = """CREATE TABLE wp_posts (ID INTEGER PRIMARY KEY, post_date {time}, post_date_gmt {time}, post_content TEXT, post_title TEXT,
    post_excerpt TEXT, post_status VARCHAR(20), post_password VARCHAR(255), post_type VARCHAR(20), guid VARCHAR(255))
CREATE TABLE wp_terms (term_id INTEGER PRIMARY KEY, name VARCHAR(200), slug VARCHAR(200))
CREATE TABLE wp_term_taxonomy (term_taxonomy_id INTEGER PRIMARY KEY, term_id INTEGER, taxonomy VARCHAR(32))
CREATE TABLE wp_term_relationships (object_id INTEGER, term_taxonomy_id INTEGER, term_order INTEGER)
INSERT INTO wp_terms VALUES (1, 'Uncategorized', 'uncategorized'), (2, 'Iraq', 'iraq'), (3, 'ISIL', 'isil'), (4, 'English', 'en')
INSERT INTO wp_term_taxonomy VALUES (1, 1, 'category'), (2, 2, 'category'), (3, 3, 'post_tag'), (4, 4, 'language')
INSERT INTO wp_term_relationships VALUES (11, 2, 0), (11, 3, 0), (11, 4, 0), (12, 1, 0), (12, 3, 0), (13, 2, 0)
INSERT INTO wp_posts VALUES (11, '2014-06-10 10:00:00', '2014-06-10 08:00:00', '<!-- wp:paragraph --><p>Iraq''s second city falls.</p>[gallery ids="1"]',
    'ISIL seizes Mosul &amp; its airport', '', 'publish', '', 'post', '')
INSERT INTO wp_posts VALUES (12, '2014-08-07 10:00:00', '2014-08-07 08:00:00', '', 'The dam', 'It is large.', 'publish', '', 'post', '')
INSERT INTO wp_posts VALUES (13, '2014-08-08 10:00:00', NULL, 'x', 'A draft', '', 'draft', '', 'post', '')
INSERT INTO wp_posts VALUES (14, '2014-08-08 10:00:00', '2014-08-08 10:00:00', 'x', 'Locked', '', 'publish', 'secret', 'post', '')
INSERT INTO wp_posts VALUES (15, '2014-08-08 10:00:00', '2014-08-08 10:00:00', 'x', 'About', '', 'publish', '', 'page', '')
INSERT INTO wp_posts VALUES (16, '2014-08-08 10:00:00', '2014-08-08 10:00:00', 'x', 'Older', '', 'inherit', '', 'revision', '')"""


@pytest.mark.parametrize("has_terms", [True, False])
def test_the_posts_of_wordpress(database: Database, has_terms: bool) -> None:
    if database.kind == "postgresql":
        pytest.skip("WordPress runs on MariaDB and, by a plugin, on SQLite")
    made = WORDPRESS.format(time="TEXT" if database.kind == "sqlite" else "DATETIME")
    statements = re.split(r"\n(?=CREATE|INSERT)", made)
    database.run(*(each for each in statements if has_terms or "wp_term" not in each))
    url = database.url.replace("+pymysql", "")  # the address without a driver, as hosts hand it out
    reading = read(Table(url, "wp_posts"))
    first, second = reading
    assert (first.id, first.seconds, first.text) == (11, 1402387200, "Iraq's second city falls.")
    assert (first.title, second.text) == ("ISIL seizes Mosul & its airport", "It is large.")
    said = [(event.topics, event.category, event.language) for event in (first, second)]
    assert said == (
        [(("ISIL",), "Iraq", "en"), (("ISIL",), None, None)] if has_terms else [((), None, None)] * 2
    )
    assert reading.left_out == {"drafts": 1, "hidden": 2, "entries that are not posts": 1}


def test_a_connection_in_place_of_an_address_is_told_what_is_expected() -> None:
    with pytest.raises(
        ConfigError, match=r"url is Engine.*: expected the address of a database, such as sqlite:///"
    ):
        Table(create_engine("sqlite://"), "items")  # type: ignore[arg-type]
