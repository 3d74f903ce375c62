"""An index remembers how its events were read, and a mirror asks before much of it goes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from relatedness import RelatedIndex
from relatedness.dates import EarlyDate
from relatedness.errors import ConfigError, IndexFormatError, InputError, UnknownEventError
from relatedness.index._events import event_of
from relatedness.sources import ReadOptions, Table

TABLE = "Datum;Titel\n07.03.2017 10:00;Der Damm hält\n08.03.2017 10:00;Der Damm bricht\n"
HOW = {"fields": {"Datum": "date", "Titel": "title"}, "zone": "Europe/Paris"}


@pytest.fixture
def built(tmp_path: Path) -> RelatedIndex:
    (tmp_path / "a.csv").write_text(TABLE, "utf-8")
    return RelatedIndex.build(tmp_path / "a.csv", **HOW)  # type: ignore[arg-type]


def test_a_refresh_reads_as_the_build_did(built: RelatedIndex, tmp_path: Path) -> None:
    assert built.info["reading"] == HOW
    (tmp_path / "a.csv").write_text(TABLE + "09.03.2017 10:00;Der Damm steht\n", "utf-8")
    changes = built.refresh(tmp_path / "a.csv")
    assert (len(changes.added), changes.changed) == (1, ())
    assert [event.date.isoformat() for event in built.events.values()][-1] == "2017-03-09T10:00:00+01:00"
    assert built.refresh(refit=True).refit and built.info["reading"] == HOW


def test_a_refresh_that_is_told_otherwise_says_so(built: RelatedIndex, tmp_path: Path) -> None:
    plan = built.plan(tmp_path / "a.csv", zone="UTC")
    assert "zone is UTC now, but was Europe/Paris when the index was built" in plan.read.lines()
    assert len(plan.added) + len(plan.changed) == 2


def test_what_was_said_of_one_source_does_not_hide_the_fields_of_another(built: RelatedIndex) -> None:
    built.refresh([{"id": "x", "date": "2017-03-10", "title": "The dam is mended"}])
    assert built.events["x"].title == "The dam is mended"


def test_an_index_of_plain_events_remembers_nothing() -> None:
    index = RelatedIndex.build([{"id": "a", "date": "2017-03-07", "text": "x"}])
    assert index.info["reading"] == {} == ReadOptions().to_record()


def test_columns_found_by_a_build_hold_on_beside_new_ones(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("created,headline,summary\n20/03/2017,The ferry stops,It broke\n")
    index = RelatedIndex.build(path)
    path.write_text(
        "title,published,summary,headline,created\nx,2019-01-01,It broke,The ferry stops,20/03/2017\n"
    )
    plan = index.plan(path)
    assert not plan.added and not plan.changed


def test_the_order_of_day_and_month_found_by_a_build_holds_on(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("date,headline\n20/03/2017,The ferry stops\n")
    index = RelatedIndex.build(path)
    path.write_text("date,headline\n03/04/2017,The ferry sails\n")
    plan = index.plan(path)
    assert [event.date for event in plan.added] == [date(2017, 4, 3)]
    assert "dates with the day first, as when the index was built: 1" in plan.read.lines()


def test_what_a_build_found_of_a_file_holds_on_in_the_index_on_disk(tmp_path: Path) -> None:
    path, index = tmp_path / "a.csv", tmp_path / "a.index"
    path.write_bytes("Nr.;Meldetag;Lage\n1;20/03/2017;Brand in Köln gelöscht\n".encode("cp1252"))
    RelatedIndex.build(path, index)
    found = RelatedIndex.open(index).info["reading"]["found"]
    assert found == {
        "columns": [{"date": ["Meldetag"], "title": ["Lage"]}],
        "order": "day",
        "encoding": "cp1252",
    }
    path.write_bytes("Nr.;Meldetag;Lage;Bis\n2;03/04/2017;Köln;04/04/2017\n".encode("cp1252"))
    plan = RelatedIndex.open(index).plan(path)
    assert [(event.date, event.title) for event in plan.added] == [(date(2017, 4, 3), "Köln")]


def test_the_table_that_a_build_found_is_read_again_beside_another(tmp_path: Path) -> None:
    path, index = tmp_path / "a.db", tmp_path / "a.index"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE posts (id INTEGER, date TEXT, title TEXT)")
        connection.execute("INSERT INTO posts VALUES (1, '2017-03-07', 'The ferry stops')")
        connection.commit()
        RelatedIndex.build(path, index)
        connection.execute("CREATE TABLE drafts (id INTEGER, date TEXT, title TEXT)")
        connection.execute("INSERT INTO drafts VALUES (1, '2017-03-07', 'No')")
        connection.commit()
    plan = RelatedIndex.open(index).plan(path)
    assert not plan.added and not plan.changed


def _events(n: int) -> list[dict[str, object]]:
    return [{"id": str(at), "date": "2017-03-07", "text": f"Event {at} in Lund"} for at in range(n)]


@pytest.mark.parametrize(
    ("kept", "most", "goes"),
    [
        (80, 0.2, True),
        (79, 0.2, False),
        (79, 0.21, True),
        (79, None, True),
        (90, 0.0, True),
        (89, 0.0, False),
    ],
)
def test_a_mirror_removes_no_more_than_it_may(kept: int, most: float | None, goes: bool) -> None:
    index = RelatedIndex.build(_events(100))
    if goes:
        assert len(index.plan(_events(kept), mirror=True, max_remove=most).removed) == 100 - kept
    else:
        with pytest.raises(InputError, match=rf"would remove {100 - kept} of 100 events .*max_remove=0\.\d+"):
            index.plan(_events(kept), mirror=True, max_remove=most)


@pytest.mark.parametrize("most", [20, -0.1, float("nan"), "20%", True])
def test_the_share_that_a_mirror_may_remove_is_a_share(most: Any) -> None:
    index = RelatedIndex.build(_events(100))
    for act in (index.plan, index.refresh):
        with pytest.raises(ConfigError, match=r"max_remove is .*: expected a share from 0 to 1"):
            act(_events(2), mirror=True, max_remove=most)
    assert len(index) == 100


@pytest.mark.parametrize("fault", [{"date": "11 Julember"}, {"text": ""}, {"topics": True}], ids=str)
def test_a_mirror_keeps_what_it_put_aside(fault: dict[str, object], tmp_path: Path) -> None:
    """A bad record stands in the source still: its event keeps its old state, and others go as they should."""
    index = RelatedIndex.build(_events(20))
    events = _events(19)
    events[3] |= fault
    plan = index.plan(events, mirror=True, rejects=tmp_path / "rejects.jsonl")
    assert ([*plan.removed], len(plan.changed), plan.rejected) == (["19"], 0, 1)


def test_undated_records_are_refused_or_left_out_and_counted() -> None:
    records = [*_events(2), {"id": "x", "text": "no day"}, {"id": "y", "date": "0000-00-00", "text": "none"}]
    with pytest.raises(InputError, match="record 3, field 'date': is missing"):
        RelatedIndex.build(records)
    summary = RelatedIndex.build(records, undated="leave-out").summary
    assert summary is not None and summary.events == 2
    assert "left out: records without a date (2)" in summary.read.lines()


NUMBERED = [
    {"id": 1, "date": "2024-01-01", "text": "Kafka down in Berlin", "topics": ["Outages"]},
    {"id": 2, "date": "2024-01-09", "text": "Kafka outage in Berlin ends", "topics": ["Outages"]},
]


def test_ids_that_are_whole_numbers_stay_whole_numbers() -> None:
    index = RelatedIndex.build(NUMBERED)
    assert index.related(1).ids == index.related("1").ids == (2,)
    assert index.related(1)[0].event.id == index.related(1, since="2024-01-02")[0].id == 2
    assert list(index) == list(index.events) == [event.id for event in index.events.values()] == [1, 2]
    assert index.with_topic("Outages") == [1, 2] and [event.id for event in index.find("ends")] == [2]
    assert set(index.query("Kafka in Berlin").ids) == {1, 2}
    assert (
        index.explain(1, "2").other == index.why_not("1", 2).other == index.related(1).explain(2).other == 2
    )
    assert [event.id for event in index.story(1)] == [1, 2] and index.topics(1) == index.topics("1")
    assert dict(index.lists())[1].to_record()["related"][0]["id"] == 2
    changes = index.refresh(
        [{"id": "3", "date": "2024-02-01", "text": "Kafka outage in Berlin, again"}], remove=[2]
    )
    assert (changes.added, changes.removed, changes.lists) == ((3,), (2,), (1, 3))
    assert index.changed_since(1).lists == (1, 3) and index.changed_since(1).removed == (2,)
    with pytest.raises(InputError, match="'x' is not a whole number, but all ids of this index are"):
        index.refresh([{"id": "x", "date": "2024-02-01", "text": "Kafka outage"}])
    assert index.refresh(refit=True).lists == () and index.related(3).ids == (1,) and not index.check()


def test_ids_of_which_one_is_text_are_all_text() -> None:
    index = RelatedIndex.build([*NUMBERED, {"id": "x", "date": "2024-02-01", "text": "Kafka in Rome"}])
    assert list(index) == ["1", "2", "x"] and set(index.related(1).ids) == {"2", "x"}


def test_a_whole_number_asks_for_the_event_whose_id_is_written_so() -> None:
    index = RelatedIndex.build(NUMBERED)
    assert (
        index.events[1] == index["1"]
        and 1 in index.events
        and 3 not in index.events
        and True not in index.events
        and 10**5000 not in index.events
    )
    with pytest.raises(UnknownEventError, match="no event has a number of more than 256 bits"):
        index.related(10**5000)


@pytest.mark.parametrize("id_", ["--5", "1_0", "9" * 5000, "x"])
def test_an_id_that_is_no_number_where_all_are_is_damage(id_: str) -> None:
    index = RelatedIndex.build(NUMBERED)
    with pytest.raises(IndexFormatError, match="damaged"):
        event_of(index._store, {**NUMBERED[0], "id": id_}, numbered=True)


UNTIMED = [
    {"id": "a", "date": "2024-01-01", "text": "Kafka down in Berlin, an outage"},
    {"id": "b", "date": "", "text": "Kafka outage in Berlin ends"},
    {"id": "c", "date": "44 BC", "text": "Outage of the Kafka cluster in Berlin"},
    {"id": "d", "text": "Kafka broker outage in Berlin again"},
    {"id": "e", "date": "2024-02-01/2024-02-03", "text": "Kafka outage in Berlin, the cluster is back"},
]


@pytest.fixture(scope="module")
def untimed() -> RelatedIndex:
    return RelatedIndex.build(UNTIMED, undated="keep")


def test_events_without_a_date_take_part_without_time(untimed: RelatedIndex, tmp_path: Path) -> None:
    assert untimed.summary is not None
    assert (
        "events without a date, kept: closeness in time does not count for them: 2"
        in untimed.summary.read.lines()
    )
    assert untimed["b"].date is None and untimed["b"].when == "undated"
    assert {"b", "d"} <= set(untimed.related("a").ids) and set(untimed.related("b").ids) == {
        "a",
        "c",
        "d",
        "e",
    }
    # However far apart two dated events lie, closeness in time counts no less for them than for an undated one.
    factors = [untimed.explain(*pair).recency for pair in (("b", "a"), ("b", "d"), ("a", "b"), ("b", "c"))]
    assert len(set(factors)) == 1 and factors[0] < untimed.explain("a", "e").recency
    assert untimed.explain("a", "b").days is untimed.explain("b", "a").days is None
    for options in ({"since": "1000"}, {"until": "2100"}, {"direction": "before"}, {"direction": "after"}):
        assert not {"b", "d"} & set(untimed.related("a", **options).ids)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="direction=before needs a date: the event b has none"):
        untimed.related("b", direction="before")
    with pytest.raises(ConfigError, match="fill=period needs a date: the event b has none"):
        untimed.related("b", fill="period")
    assert untimed.related("a").to_record()["related"][-1].get("date", "") in (None, "-0043-01-01")
    assert not untimed.check() and "Undated" in str(untimed.story("b"))
    with pytest.raises(InputError, match="the event c has the date -0043-01-01, but pages can only be filed"):
        untimed.publish(tmp_path / "site")


def test_days_before_the_year_1_and_the_ends_of_ranges_are_kept(untimed: RelatedIndex) -> None:
    assert untimed["c"].date == EarlyDate(-43, 1, 1) and untimed["c"].day < untimed["a"].day < 20_000
    assert untimed["e"].end == date(2024, 2, 3) and untimed["a"].end is None
    assert untimed.info["first_date"] == "-0043-01-01" and untimed.info["last_date"] == "2024-02-01"
    assert untimed.related("a", direction="before").ids == ("c",)
    frame = untimed.to_frame("events")
    again = RelatedIndex.build(frame, undated="keep")
    assert [event.to_record() for event in again.events.values()] == [
        event.to_record() for event in untimed.events.values()
    ]


def test_a_refresh_remembers_that_undated_events_are_kept() -> None:
    index = RelatedIndex.build(UNTIMED, undated="keep")
    assert index.refresh([{"id": "f", "text": "Kafka outage in Rome"}]).added == ("f",)
    lists = {id_: items.ids for id_, items in index.lists()}
    index.refresh(refit=True)
    assert {id_: items.ids for id_, items in index.lists()} == lists and not index.check()


def test_an_archive_without_any_date_is_an_archive() -> None:
    records = [{"id": record["id"], "text": record["text"]} for record in UNTIMED]
    index = RelatedIndex.build(records, undated="keep")
    assert index.info["first_date"] is None and all(items for _, items in index.lists())


def test_near_duplicates_without_a_date_fold_as_those_of_one_day_do() -> None:
    copy = "Kafka outage in Berlin, the cluster is down since the morning"
    texts = {f"c{number}": copy for number in range(6)}
    texts |= {
        f"o{number}": f"Kafka {word} cluster near Berlin {word}" for number, word in enumerate("abcdefgh")
    }
    counts = []
    for day in (None, "2024-01-01"):
        records = [{"id": id_, "date": day, "text": text} for id_, text in texts.items()]
        index = RelatedIndex.build(records, undated="keep", config={"lists": {"k": 3, "stored": 3}})
        counts.append([item.copies for item in index.related("c0")])
        assert index.related("o0").ids
    assert counts == [[2, 0, 0]] * 2


def test_a_refresh_says_that_it_reads_another_table(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as database:
        for name in ("news", "old"):
            database.execute(f"CREATE TABLE {name} (id INTEGER, date TEXT, title TEXT)")
            database.execute(f"INSERT INTO {name} VALUES (1, '2017-03-07', 'The {name} ferry stops')")
        database.commit()
    with RelatedIndex.build(Table(path, "news")) as index:
        said = index.plan(Table(path, "old")).read.lines()
        assert any(f"{path} table old; the index was built from {path} table news" in line for line in said)
        assert not any("was built from" in line for line in index.plan(Table(path, "news")).read.lines())
