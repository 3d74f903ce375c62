"""Columns of common schemas are found by themselves, and what was read is said."""

from pathlib import Path
from typing import Any

import pytest

from relatedness.errors import InputError
from relatedness.events import Event, Source
from relatedness.sources import read, read_events

OSV = {
    "id": "GHSA-1", "published": "2017-03-07T10:00:00Z", "modified": "2018-01-01", "summary": "Overflow in libtiff",
    "details": "A crafted file writes outside.", "affected": [{"package": {"name": "libtiff"}}],
}  # fmt: skip
JIRA = {
    "id": "10002", "key": "KAFKA-1",
    "fields": {"summary": "Broker hangs", "description": "After a restart.", "created": "2017-03-07T10:00:00.000+0000",
               "labels": ["broker"], "status": {"name": "Open"}},
}  # fmt: skip
GITHUB = {
    "id": 7, "number": 2, "url": "https://api.example/2", "html_url": "https://example/2", "title": "Crash on start",
    "body": "It crashes.", "user": {"login": "x"}, "labels": [{"name": "bug"}], "created_at": "2017-03-07T10:00:00Z",
}  # fmt: skip
WORDPRESS = {
    "id": 5, "date": "2017-03-07T12:00:00", "date_gmt": "2017-03-07T10:00:00", "link": "https://example/5",
    "title": {"rendered": "Storm &amp; flood"}, "content": {"rendered": "<p>The <b>dam</b> holds.</p>", "protected": False},
}  # fmt: skip
NEWS = {
    "source": {"id": None, "name": "BBC"}, "author": "x", "title": "Dam holds", "description": "It held.",
    "publishedAt": "2017-03-07T10:00:00Z", "content": "The dam held all night.", "url": "https://example/1",
}  # fmt: skip


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (OSV, {"id": "GHSA-1", "title": "Overflow in libtiff", "text": "A crafted file writes outside."}),
        (JIRA, {"id": "10002", "title": "Broker hangs", "text": "After a restart.", "topics": ("broker",)}),
        (GITHUB, {"id": 7, "title": "Crash on start", "topics": ("bug",), "url": "https://example/2"}),
        (
            WORDPRESS,
            {"id": 5, "title": "Storm & flood", "text": "The dam holds.", "url": "https://example/5"},
        ),
        (NEWS, {"title": "Dam holds", "text": "The dam held all night.", "sources": (Source("BBC"),)}),
        ({"meta": {"published": "2017-03-07T10:00Z"}, "headline": "A"}, {"title": "A"}),
        ({"Published At": "2017-03-07T10:00Z", "HEADLINE": "A", "Summary": "B"}, {"title": "A", "text": "B"}),
        (
            {"_id": {"$oid": "5f"}, "dateAdded": {"$date": 1488880800000}, "body": "A"},
            {"id": "5f", "text": "A"},
        ),
    ],
)
def test_common_schemas(record: dict[str, Any], expected: dict[str, Any]) -> None:
    (event,) = read_events([record])
    assert {name: getattr(event, name) for name in expected} == expected
    assert event.seconds == 1488880800


def test_the_summary_says_what_was_read_and_what_was_not() -> None:
    reading = read_events(
        [{"published_at": "2017-03-07", "headline": "A", "body": "B", "author": "x", "views": 3}]
    )
    assert [event.title for event in reading] == ["A"]
    assert reading.lines() == [
        "read: date <- published_at, title <- headline, text <- body; not used: author, views"
    ]
    reading = read_events([{"id": "1", "date": "2017-03-07", "title": "A"}])
    assert list(reading) and reading.lines() == []


def test_several_columns_make_one_text() -> None:
    fields = {"summary": "text", "notes": "text", "kind": "topics", "place": "topics"}
    record = {
        "date": "2017-03-07",
        "summary": "One.",
        "notes": "Two.",
        "kind": "flood",
        "place": "Lund; Malmö",
    }
    (event,) = read_events([record], fields=fields)
    assert (event.text, event.topics) == ("One.\n\nTwo.", ("flood", "Lund", "Malmö"))


def test_what_the_caller_says_goes_before_what_names_tell() -> None:
    record = {"date": "2017-03-07", "updated": "2018-01-01", "title": "A", "meta": {"lead": "B"}}
    (event,) = read_events([record], fields={"updated": "date", "meta.lead": "text"})
    assert (str(event.date), event.text) == ("2018-01-01", "B")
    (event,) = read_events([{"Datum": "2017-03-07", "title": "A"}], fields={"datum": "date"})
    assert str(event.date) == "2017-03-07"


def test_records_of_several_shapes_are_each_read() -> None:
    reading = read_events(
        [{"date": "2017-03-07", "title": "A"}, {"created": "2017-03-08", "name": "B", "title": ""}]
    )
    assert next(reading).title == "A"
    with pytest.raises(InputError, match="both title and text are empty"):
        next(reading)


def test_a_table_that_cannot_be_matched_shows_itself_and_the_line_to_type(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "Datum,Titel\n2017-03-07,Der Damm hält die Nacht\n2017-03-08,Der Damm bricht doch\n", "utf-8"
    )
    with pytest.raises(InputError) as caught:
        list(read(path))
    message = str(caught.value)
    assert "no column for the date (its columns: Datum, Titel)" in message
    assert "2017-03-07, Der Damm hält die Nacht" in message and "2017-03-08" in message
    assert message.endswith("--field Datum=date --field Titel=title")
    assert len(list(read(path, fields={"Datum": "date", "Titel": "title"}))) == 2
    with pytest.raises(InputError, match=r"has no column 'Dato'.*did you mean --field Datum=date"):
        list(read(path, fields={"Dato": "date", "Titel": "title"}))


@pytest.mark.parametrize(
    ("value", "topics"),
    [
        (["a", " b  c ", ""], ("a", "b c")),
        ('["a", "b"]', ("a", "b")),
        ("['a', \"b's\"]", ("a", "b's")),
        ("a; b", ("a", "b")),
        ("a, b", ("a", "b")),
        ("a|b", ("a", "b")),
        ("#a #b", ("a", "b")),
        ("[a, b]", ("a", "b")),
        ("{a,b}", ("a", "b")),
        ([{"name": "a"}, {"label": "b"}], ("a", "b")),
        ([7, 2.0, None, float("nan")], ("7", "2")),
        ("Q&amp;A", ("Q&A",)),
        ("Washington, D.C.", ("Washington, D.C.",)),
        (None, ()),
        ("", ()),
        ({"name": "a"}, ("a",)),
    ],
)
def test_topics_of_every_kind_of_cell(value: object, topics: tuple[str, ...]) -> None:
    (event,) = read_events([{"date": "2017-03-07", "text": "x", "topics": value}])
    assert event.topics == topics


def test_one_cell_shows_what_parts_the_topics_of_all() -> None:
    records = [
        {"id": at, "date": "2017-03-07", "text": "x", "topics": cell}
        for at, cell in enumerate(["Paris, Texas", "a; b"])
    ]
    assert [event.topics for event in read_events(records)] == [("Paris, Texas",), ("a", "b")]


def test_numbers_are_text_and_nothing_is_absent() -> None:
    record = {
        "id": 1.0,
        "date": "2017-03-07",
        "title": 7,
        "text": float("nan"),
        "category": None,
        "url": "NULL",
    }
    assert list(read_events([record])) == [Event(1, next(read_events([record])).date, title="7")]


def test_html_becomes_words_in_titles_texts_and_topics() -> None:
    record = {
        "date": "2017-03-07",
        "title": "A &amp; B",
        "text": "<p>The <i>dam</i></p><p>holds.</p>",
        "topics": ["Q&amp;A"],
    }
    (event,) = read_events([record])
    assert (event.title, event.text, event.topics) == ("A & B", "The dam\n\nholds.", ("Q&A",))
