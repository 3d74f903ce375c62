"""Columns of common schemas are found by themselves, and what was read is said."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa

from relatedness import RelatedIndex
from relatedness.errors import InputError
from relatedness.events import Event, Source
from relatedness.sources import read, read_events
from relatedness.sources._columns import WantedColumns, match

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
        "Moment,Was,Bis\n2017-03-07,Der Damm hält die Nacht,2017-03-08\n2017-03-08,Der Damm bricht doch,2017-03-09\n",
        "utf-8",
    )
    with pytest.raises(InputError) as caught:
        list(read(path))
    message = str(caught.value)
    assert "no column for the date (its columns: Moment, Was, Bis)" in message
    assert "2017-03-07, Der Damm hält die Nacht" in message and "2017-03-08" in message
    assert message.endswith("fields={'Moment': 'date', 'Was': 'title'}")
    assert len(list(read(path, fields={"Moment": "date", "Was": "title"}))) == 2
    with pytest.raises(InputError, match=r"has no column 'Momen'.*did you mean fields={'Moment': 'date'}"):
        list(read(path, fields={"Momen": "date", "Was": "title"}))


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


def test_the_first_cell_with_a_mark_shows_what_parts_the_topics_of_all() -> None:
    records = [
        {"id": at, "date": "2017-03-07", "text": "x", "topics": cell}
        for at, cell in enumerate(["Paris, Texas", "a; b", "c|d"])
    ]
    assert [event.topics for event in read_events(records)] == [("Paris, Texas",), ("a", "b"), ("c|d",)]


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


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            "Nr;Datum;Titel;Beschreibung;Kategorie;Schlagwörter",
            "date Datum title Titel text Beschreibung category Kategorie",
        ),
        (
            "N°;Date de publication;Titre;Résumé;Mots-clés",
            "date Date_de_publication title Titre text Résumé topics Mots-clés",
        ),
        (
            "id;fecha;título;descripción;etiquetas;enlace",
            "date fecha title título text descripción topics etiquetas url enlace",
        ),
        ("id;data;tytuł;treść", "date data title tytuł text treść"),
        ("编号;日期;标题;内容", "date 日期 title 标题 text 内容"),
        (
            "Unique Key;Created Date;Closed Date;Complaint Type;Descriptor",
            "id Unique_Key date Created_Date end Closed_Date",
        ),
        (
            "cveID;vulnerabilityName;dateAdded;shortDescription;notes",
            "title vulnerabilityName text shortDescription",
        ),
        (
            "Report Received Date;Subject;Recall Description",
            "date Report_Received_Date title Subject text Recall_Description",
        ),
        (
            "BEGIN_DATE_TIME;YEAR;EVENT_NARRATIVE;END_DATE_TIME",
            "date BEGIN_DATE_TIME text EVENT_NARRATIVE end END_DATE_TIME",
        ),
        (
            "CPSC_Case_Number;Treatment_Date;Location;Narrative_1",
            "id CPSC_Case_Number date Treatment_Date text Narrative_1",
        ),
        ("EventDate;FinalNarrative;PartOfBody", "date EventDate text FinalNarrative"),
        ("微博正文;发布时间;更新时间", "date 发布时间 text 微博正文"),
        ("用户注册时间;评论内容;评论时间", "date 评论时间 text 评论内容"),
        ("endTime;trackName", "date endTime title trackName"),
        ("Due Date;Date Filed;Case Name;Agency Name", "date Date_Filed title Case_Name"),
        ("time;mag;place;type", "date time title place"),
    ],
)
def test_columns_are_known_in_other_languages_and_by_their_words(header: str, expected: str) -> None:
    found = match([(name,) for name in header.split(";")], WantedColumns())
    words = expected.split()
    for ours, theirs in zip(words[::2], words[1::2], strict=True):
        assert [name for (name,) in found[ours]] == [theirs.replace("_", " ") if " " in header else theirs]


def test_a_column_is_not_guessed_where_another_was_read(tmp_path: Path) -> None:
    records = [
        {"published": "2017-03-07", "title": "A", "Air Date": "1999-01-01"},
        {"title": "B", "Air Date": "1999-01-01"},
    ]
    reading = read_events(records, undated="leave-out")
    assert [event.title for event in reading] == ["A"] and reading.left_out == {"records without a date": 1}


def test_the_shorter_of_two_columns_of_words_is_the_title() -> None:
    short = [
        "Ferry stops at the lock",
        "Ferry sails again today",
        "Fire in the old mill",
        "Mill opens its gates",
    ]
    long = [f"{words}, as the people of the town said on the evening of that day." for words in short]
    for heading, report, more in (
        ("short_description", "what_happened", {}),  # both may be a title
        ("description", "message", {}),
        ("Vorgang", "Sachverhalt", {"Rubrik": "Licht"}),  # "rubrik" is a headline in Swedish
    ):
        rows = [
            {"date": f"2017-03-0{day}", report: text, heading: title, **more}
            for day, (title, text) in enumerate(zip(short, long, strict=True), 1)
        ]
        events = list(read_events(rows))
        assert [(event.title, event.text) for event in events] == list(zip(short, long, strict=True)), heading
        assert {event.category for event in events} == {more.get("Rubrik")}
    rows = [
        {"date": "2017-03-07", "title": "Notice", "text": text, "hint": title}
        for title, text in zip(short, long, strict=True)
    ]
    assert {event.title for event in read_events(rows)} == {"Notice"}


def test_the_advice_names_only_the_field_that_is_missing() -> None:
    with pytest.raises(InputError, match=r"map its name: fields={'NAME': 'date'}$"):
        list(read_events([{"title": "The ferry stops", "count": 3}]))
    with pytest.raises(InputError, match=r"map its name: fields={'moment': 'date'}$"):
        list(read_events([{"title": "The ferry stops", "moment": "2017-03-07", "bis": "2017-03-08"}]))


@pytest.mark.parametrize("name", ["ts", "epoch", "unix_timestamp", "Published (UTC)", "Date [local]"])
def test_what_stands_in_brackets_is_no_part_of_a_name(name: str) -> None:
    (event,) = read_events([{name: 1488881220, "msg": "The ferry stops"}])
    assert (event.date, event.text) == (datetime(2017, 3, 7, 10, 7, tzinfo=UTC), "The ferry stops")


def test_no_part_of_a_text_is_lost() -> None:
    parts = [{"type": "p", "value": "first"}, {"type": "p", "value": "second"}]
    (event,) = read_events([{"date": "2017-03-07", "text": parts}])
    assert event.text == "first\n\nsecond"
    parts = [
        {"lang": "es", "value": "primero"},
        {"lang": "en", "value": "first"},
        {"lang": "en", "value": "second"},
    ]
    (event,) = read_events([{"date": "2017-03-07", "text": parts}])
    assert event.text == "first\n\nsecond"
    with pytest.raises(InputError, match="expected text, got an object"):
        list(
            read_events([{"date": "2017-03-07", "text": [{"lang": "en", "value": "first"}, {"type": "img"}]}])
        )


@pytest.mark.parametrize(
    ("parts", "iso"),
    [
        ({"Year": 2017, "Month": 3, "Day": 7}, "2017-03-07"),
        ({"iyear": "2017", "imonth": "3", "iday": "0"}, "2017-03-01"),
        ({"Start Year": 2017.0, "Start Month": None, "Start Day": None}, "2017-01-01"),
        ({"Year": -2150, "Mo": "", "Dy": ""}, "-2150-01-01"),
        ({"Year": 2017, "Day of Year": 66}, "2017-03-07"),
        ({"year": "2017", "day": "7", "doy": "066"}, "2017-03-07"),
        ({"Year": 2017, "Month": 3, "Day": 7, "DOY": 66}, "2017-03-07"),
    ],
)
def test_year_month_and_day_in_columns_of_their_own(parts: dict[str, object], iso: str) -> None:
    (event,) = read_events([{**parts, "title": "A"}])
    assert event.when == iso


def test_an_end_in_columns_of_its_own() -> None:
    record = {
        "Start Year": 2017,
        "Start Month": 3,
        "Start Day": 7,
        "End Year": 2017,
        "End Month": 3,
        "End Day": 9,
        "title": "A",
    }
    (event,) = read_events([record])
    assert event.when == "2017-03-07" and event.end is not None and event.end.isoformat() == "2017-03-09"


def test_what_programs_hide_in_their_records_is_left_out() -> None:
    post = {
        "date_gmt": "2017-03-07T10:00:00",
        "slug": "a",
        "title": {"rendered": "A"},
        "content": {"rendered": "<p>x</p>"},
    }
    terms = [[{"taxonomy": "category", "name": "War"}], [{"taxonomy": "post_tag", "name": "Mosul"}]]
    records = [
        {**post, "status": "publish", "tags": [7], "categories": [3], "_embedded": {"wp:term": terms}},
        {**post, "status": "publish", "tags": [7], "categories": [3], "slug": "b", "title": "B"},
        {**post, "status": "draft"},
        {**post, "status": "publish", "content": {"rendered": "", "protected": True}},
        {"visibility": "direct", "account": {}, "content": "x", "created_at": "2017-03-07"},
        {"published": False, "date": "2017-03-07", "title": "x"},
    ]
    reading = read_events(records)
    assert [(event.title, event.topics) for event in reading] == [("A", ("Mosul", "War")), ("B", ())]
    assert reading.left_out == {"drafts": 2, "hidden": 2}


def test_a_whole_day_in_parts_counts_beside_one_for_display() -> None:
    row = {
        "Year": "2017",
        "Month": "3",
        "Day": "7",
        "Time": "",
        "Display Date": "",
        "Headline": "The dam leaks",
    }
    assert [str(event.date) for event in read_events([row, {**row, "Day": "8"}])] == [
        "2017-03-07",
        "2017-03-08",
    ]


def test_a_topic_may_have_names_in_several_languages() -> None:
    row = {"date": "2017-03-07", "title": "A", "concepts": [{"label": {"deu": "Damm", "eng": "dam"}}]}
    row |= {"tags": [{"name": {"fr": "barrage"}}]}
    (event,) = read_events([row], fields={"concepts": "topics", "tags": "topics"})
    assert sorted(event.topics) == ["barrage", "dam"]


def test_tracking_is_no_part_of_an_address() -> None:
    record = {"date": "2017-03-07", "title": "A", "url": "https://x.org/a?utm_source=rss&id=2&fbclid=1#top"}
    (event,) = read_events([record])
    assert event.url == "https://x.org/a?id=2#top"


def test_languages_come_as_tags_locales_codes_and_names() -> None:
    given = [
        "en-US",
        "zh-Hans",
        "pt_BR",
        "en_US.UTF-8",
        "German",
        "fra",
        "Español",
        "und",
        "",
        None,
        "Klingon",
    ]
    records = [{"date": "2017-03-07", "title": f"Event {at}", "lang": name} for at, name in enumerate(given)]
    assert [event.language for event in read_events(records)] == [
        *("en-US", "zh-Hans", "pt-BR", "en-US", "de", "fr", "es", None, None, None, "Klingon"),
    ]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Case ID", "Event Date", "Title"], {"id": "Case ID"}),
        (["id_evento", "data_evento", "titolo"], {"id": "id_evento"}),
        (["Report number", "Date", "Title", "Report link"], {"id": "Report number", "url": "Report link"}),
        (["Date", "Title", "Author link", "Case URL"], {"url": "Case URL"}),
        (["Date of\nincident", "Short\ndescription", "Full narrative\n(max. 500 characters)"],
         {"title": "Short\ndescription", "text": "Full narrative\n(max. 500 characters)"}),
        (["Număr", "Data evenimentului", "Titlu", "Descriere", "Categorie"],
         {"title": "Titlu", "text": "Descriere", "category": "Categorie"}),
        (["Datum", "Onderwerp", "Omschrijving"], {"title": "Onderwerp", "text": "Omschrijving"}),
        (["日付", "件名", "詳細", "分類"], {"title": "件名", "text": "詳細", "category": "分類"}),
        (["report_tags", "reporter_tags", "report_title", "report_date"], {"topics": "report_tags"}),
        (["storyTopics", "storyLang", "storyHeadline", "storyDate"], {"topics": "storyTopics", "language": "storyLang"}),
        (["Age category", "Event Category", "Event Date/Time", "Event Title"], {"category": "Event Category"}),
        (["Título del suceso", "Fecha", "Descripción del suceso"],
         {"title": "Título del suceso", "text": "Descripción del suceso"}),
        (["Alert date", "Alert title", "Link of image", "URL of alert"], {"url": "URL of alert"}),
        (["Quand", "Quoi", "Détails"], {"title": "Quoi", "text": "Détails"}),
        (["id_avviso", "data_avviso", "titolo_avviso", "testo_avviso"], {"title": "titolo_avviso", "text": "testo_avviso"}),
        (["Unfalldatum", "Geburtsdatum", "Unfallzeit", "Kurztext", "Langtext"],
         {"date": "Unfalldatum", "title": "Kurztext", "text": "Langtext"}),
        (["Timestamp", "When did it happen?", "What happened?", "Your name"],
         {"date": "When did it happen?", "title": "What happened?"}),
        (["chat_started_at (UTC)", "closed_at (UTC)", "chat_title"], {"date": "chat_started_at (UTC)", "title": "chat_title"}),
        (["Award Date", "Planned Dates:Start Date", "Title"], {"date": "Award Date"}),
    ],
)  # fmt: skip
def test_names_of_more_offices_and_languages(names, expected):
    found = match([(name,) for name in names], WantedColumns())
    assert {ours: ".".join(found[ours][0]) for ours in expected} == expected


def test_a_number_that_many_rows_have_is_no_id():
    rows = [{"Case ID": n // 2, "date": "2017-03-07", "title": f"Hearing {n}"} for n in range(4)]
    reading = read_events(rows)
    assert len({event.id for event in reading}) == 4
    several = [row | {"Report number": n // 3, "Case ID": n // 2} for n, row in enumerate(rows)]
    assert len({event.id for event in read_events(several)}) == len(several)
    rows = [row | {"Case ID": n} for n, row in enumerate(rows)]
    assert [event.id for event in read_events(rows)] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"Date": "07/13/2017", "Time": "5:20 PM"}, "2017-07-13T17:20:00+00:00"),
        ({"Date": "2017-07-13", "Time UTC": "05:20:07"}, "2017-07-13T05:20:07+00:00"),
        ({"Start Date": "2017-07-13", "Start Time": "0520", "End Time": "0630"}, "2017-07-13T05:20:00+00:00"),
        ({"start_date": "2017-07-13", "start_time": "09:15", "timezone": "America/New_York"}, "2017-07-13T09:15:00-04:00"),
        ({"Datum": "13.07.2017", "Uhrzeit": "17.20 Uhr"}, "2017-07-13T17:20:00+00:00"),
        ({"Data evento": "13/07/2017", "Ora": "17.20"}, "2017-07-13T17:20:00+00:00"),
        ({"DateOfCall": "13 Jul 2017", "HourOfCall": "17", "TimeOfCall": "17:20:00"}, "2017-07-13T17:20:00+00:00"),
        ({"Data da ocorrência": "13/07/2017", "Hora do aviso": "18:00", "Hora da ocorrência": "17:20"}, "2017-07-13T17:20:00+00:00"),
        ({"Date": "2017-07-13", "Time": ""}, "2017-07-13"), ({"Date": "2017-07-13", "Time": "noon"}, "2017-07-13"),
        ({"Date": "2017-07-13 08:00", "Time": "5:20"}, "2017-07-13T08:00:00+00:00"),
        ({"Date": "2017-07-13", "Response Time": "05:20"}, "2017-07-13"),
        ({"created_at": "2017-07-13", "Time": "05:20"}, "2017-07-13"),
    ],
)  # fmt: skip
def test_the_time_of_the_day_in_a_column_of_its_own(row, expected):
    (event,) = read_events([{**row, "title": "The ferry stops"}])
    assert event.date.isoformat() == expected


@pytest.mark.parametrize(
    ("days", "form", "expected"),
    [
        ([date(2017, 3, 7), datetime(2017, 3, 8)], None, ["2017-03-07T10:30Z", "2017-03-08T10:30Z"]),
        (["20170307", 20170308], None, ["2017-03-07T10:30Z", "2017-03-08T10:30Z"]),
        (["07/03/2017", "08/03/2017"], "%d/%m/%Y", ["2017-03-07T10:30Z", "2017-03-08T10:30Z"]),
        (["14/05/2562", "17/06/2562"], None, ["2019-05-14T10:30Z", "2019-06-17T10:30Z"]),
        (["1488880800", "1488880801"], None, ["2017-03-07T10:00:00Z", "2017-03-07T10:00:01Z"]),
        (["44 BC", "43 BC"], None, ["-0043-01-01", "-0042-01-01"]),
    ],
)
def test_a_day_beside_a_time_is_read_as_one_without(
    days: list[object], form: str | None, expected: list[str]
) -> None:
    rows = [{"id": n, "Date": day, "Time": "10:30", "title": "The ferry stops"} for n, day in enumerate(days)]
    whole = read_events([{"id": n, "date": day, "title": "x"} for n, day in enumerate(expected)])
    assert [event.date for event in read_events(rows, date_format=form)] == [event.date for event in whole]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"Issue key": "OPS-1", "Issue id": "7", "Summary": "A", "Status": "New", "Assignee": "", "Created": "2017-03-07"}, ("OPS-1", "A", "", None)),
        ({"Summary": "A", "Status": "New", "Priority": "high", "Date Submitted": "2017-03-07", "Id": "7"}, ("7", "A", "", None)),
        ({"Task ID": "7", "Task Name": "A", "Task Content": "B", "Date Created": "2017-03-07", "Date Created Text": "March"},
         ("7", "A", "B", None)),
        ({"Id": "7", "Subject": "A", "Requested": "2017-03-07", "Updated": "2020-01-01"}, ("7", "A", "", None)),
        ({"id": "7", "title": "A", "publishOn": 1488844800000, "urlId": "2021/0"}, ("7", "A", "", None)),
        ({"id": "7", "permalink": "https://x.org/1", "link": "https://x.org/", "body": "B", "date": "2017-03-07"},
         ("7", "", "B", "https://x.org/1")),
        ({"Date": "2017-03-07", "ShareLink": "https://x.org/1", "ShareCommentary": "B", "SharedUrl": ""}, (None, "", "B", "https://x.org/1")),
        ({"Timestamp": "2017-03-07", "Short title of the event": "A", "Please describe what happened": "B"}, (None, "A", "B", None)),
        ({"PMID": 7, "DOI": "10.1/x", "Title": "A", "Create Date": "2017/03/07"}, (7, "A", "", None)),
        ({"id": "7", "Title": "A", "Excerpt": "C", "Plain Content": "B", "Published Date": "2017-03-07"}, ("7", "A", "B", None)),
        ({"dc.title[en]": "A", "dc.subject[]": "x||y", "dc.date.accessioned": "2018-01-01", "dc.date.issued[]": "2017-03-07"}, (None, "A", "", None)),
        ({"dc.date": "2018-01-01", "dc.title": "x", "date": "2017-03-07", "title": "A"}, (None, "A", "", None)),
        ({"Blog name": "x", "Post SEO title": "x", "Post name": "A", "Publish date": "2017-03-07"}, (None, "A", "", None)),
        ({"INCIDENT_NBR": 7, "observed_on": "2017-03-07", "created_at": "2018-01-01", "name": "A", "source": 2}, (7, "A", "", None)),
        ({"o:id": 7, "dcterms:title": [{"@value": "A"}], "dcterms:date": [{"@value": "2017-03-07"}]}, (None, "A", "", None)),
        ({"elements": {"title": {"name": "Title", "value": "A"}, "text": {"name": "Text", "value": "B"}}, "date": "2017-03-07"}, (None, "A", "B", None)),
        ({"id": "7", "title": "A", "introtext": "B", "fulltext": "C", "publish_up": "2017-03-07", "state": 1}, ("7", "A", "B\n\nC", None)),
    ],
)  # fmt: skip
def test_columns_of_exports(row: dict[str, Any], expected: tuple[object, ...]) -> None:
    (event,) = read_events([row])
    id_, *words = expected
    assert [event.title, event.text, event.url] == words
    assert id_ is None or event.id == id_
    assert event.when[:10] == "2017-03-07"


def test_a_column_that_says_whether_a_record_is_published_is_no_date() -> None:
    rows = [
        {"Title": name, "Published": said, "Authored on": "2017-03-07"}
        for name, said in (("A", "On"), ("B", "Off"))
    ]
    reading = read_events(rows)
    assert [(event.title, event.when) for event in reading] == [("A", "2017-03-07")]
    assert reading.left_out == {"drafts": 1}


def test_what_a_site_keeps_back_is_left_out_of_its_table() -> None:
    columns = {"Name": "A", "Published On": "2017-03-07", "Draft": "false", "Archived": "false"}
    reading = read_events([columns, columns | {"Draft": "true"}, columns | {"Archived": "true"}])
    assert (len(list(reading)), reading.left_out) == (1, {"drafts": 1, "hidden": 1})
    joomla = {"title": "A", "introtext": "B", "publish_up": "2017-03-07"}
    reading = read_events([joomla | {"state": state} for state in ("1", "0", -2, 2)])
    assert (len(list(reading)), reading.left_out) == (1, {"drafts": 1, "hidden": 1})


def test_what_is_not_published_is_left_out_of_a_table_of_posts() -> None:
    post = {"title": "A", "slug": "a", "published date": "2017-03-07", "content": "Words.", "publish": "True"}
    reading = read_events([post, post | {"publish": "False"}])
    assert (len(list(reading)), reading.left_out) == (1, {"drafts": 1})


@pytest.mark.parametrize(
    ("record", "iso"),
    [
        ({"disaster_start_date": "2017-03-07", "created_at": "2018-01-01"}, "2017-03-07"),
        (
            {"created_at": "2017-03-07", "started_at": "2018-01-01", "completed_at": "2018-02-01"},
            "2017-03-07",
        ),
        ({"created_at": "2018-01-01", "started_at": "2017-03-07", "resolved_at": "2018-02-01"}, "2017-03-07"),
        ({"Year": 2017, "Month": 3, "Day": 7, "Time": "", "Headline": "A"}, "2017-03-07"),
        ({"Published": "2018-01-01", "Date of occurrence": "2017-03-07"}, "2017-03-07"),
        ({"published": "2018-01-01", "start_date": "2017-03-07", "start_time": ""}, "2017-03-07"),
        ({"create_time": "2018-01-01", "send_time": "2017-03-07"}, "2017-03-07"),
        (
            {"dates": {"start": {"localDate": "2017-03-07"}}, "author": {"start_date": "2001-01-01"}},
            "2017-03-07",
        ),
        (
            {
                "firstTiming": {"begin": "2017-03-07"},
                "lastTiming": {"begin": "2018-01-01"},
                "createdAt": "2016-01-01",
            },
            "2017-03-07",
        ),
        ({"dates": {"start": {"localDate": "2017-03-06", "dateTime": "2017-03-07"}}}, "2017-03-07"),
        ({"event": {"created_at": "2018-01-01", "start_at": "2017-03-07"}}, "2017-03-07"),
        ({"created_at": "2018-01-01", "first_date": "2017-03-07", "last_date": "2017-03-09"}, "2017-03-07"),
        (
            {
                "startDate": {"date": "2017-03-07", "time": "05:50", "tz": "Europe/Berlin"},
                "timezone": "UTC",
                "endDate": {"date": "2017-03-08", "time": "10:00"},
            },
            "2017-03-07T05:50:00+01:00",
        ),
        ({"Activity date": "2017-03-07", "Create date": "2018-01-01"}, "2017-03-07"),
        ({"Date Rated": "2017-03-07", "Year": 1999, "Release Date": "1999-01-01"}, "2017-03-07"),
        ({"first_action_date": "2017-03-07", "created_at": "2018-01-01"}, "2017-03-07"),
        ({"_firstPublishedAt": "2017-03-07", "_updatedAt": "2018-01-01"}, "2017-03-07"),
        (
            {"INCIDENT_DATE": "2017-03-07", "INCIDENT_YEAR": 2017, "INCIDENT_MONTH": 3, "TIME": ""},
            "2017-03-07",
        ),
    ],
)
def test_which_of_several_days_is_that_of_the_event(record: dict[str, Any], iso: str) -> None:
    (event,) = read_events([{**record, "title": "A"}])
    assert event.date.isoformat() == iso


def test_a_count_of_what_was_deleted_hides_nothing() -> None:
    rows = [{"date": "2017-03-07", "title": f"A {n}", "deleted": n} for n in range(4)]
    assert len(list(read_events(rows))) == 4
    assert len(list(read_events(rows[:2]))) == 1  # as a mark, 1 says that the row is deleted
    assert (
        len(list(read_events([{**rows[0], "deleted": "9" * 5000}, rows[0] | {"title": "B", "deleted": "²"}])))
        == 2
    )


@pytest.mark.parametrize(
    ("days", "options"),
    [("2017|03|07", {"date_format": "%Y|%m|%d"}), ("2017-03-07 09:00 IST", {"zone": "Asia/Kolkata"})],
)
@pytest.mark.parametrize("other", ["published", "updated"])
def test_cells_are_dates_as_the_caller_says_that_they_are_written(
    days: str, options: dict[str, Any], other: str
) -> None:
    rows = [{"date": days, other: "2022-01-01", "title": f"A {n}"} for n in range(4)]
    assert {event.date.isoformat()[:10] for event in read_events(rows, **options)} == {"2017-03-07"}


def test_no_day_of_an_update_replaces_a_date_that_cannot_be_read() -> None:
    rows = [{"date": "2017|03|07", "updated": "2022-01-01", "title": f"A {n}"} for n in range(4)]
    with pytest.raises(InputError, match=r"not a date: '2017\|03\|07'"):
        list(read_events(rows))
    with pytest.raises(InputError, match="names the time zone IST"):
        list(read_events([{**row, "date": "2017-03-07 09:00 IST"} for row in rows]))


def test_where_some_events_have_no_day_that_of_their_record_counts() -> None:
    rows = [
        {"published": f"2017-03-1{n}", "Incident date": "2017-03-07", "title": f"A {n}"} for n in range(4)
    ]
    assert {event.date for event in read_events(rows)} == {date(2017, 3, 7)}
    rows[2]["Incident date"] = ""
    assert [event.date for event in read_events(rows)] == [date(2017, 3, 10 + n) for n in range(4)]
    clocked = [row | {"Time": "07:45"} for row in rows]
    assert [event.date for event in read_events(clocked)] == [date(2017, 3, 10 + n) for n in range(4)]
    others = [
        {"Updated": row["published"], "Incident date": row["Incident date"], "title": "A"} for row in rows
    ]
    with pytest.raises(InputError, match="is missing"):
        list(read_events(others))


def test_no_number_of_something_else_is_an_id() -> None:
    rows = [{"Phone": f"555-010{n}", "date": "2017-03-07", "title": f"A {n}"} for n in range(4)]
    assert all(str(event.id).startswith("2017-03-07-") for event in read_events(rows))
    named = [{"Sheet": row["Phone"], "date": row["date"], "title": row["title"]} for row in rows]
    assert [event.id for event in read_events(named)] == [row["Phone"] for row in rows]


def test_objects_around_topics_and_texts() -> None:
    record = {"date": "2017-03-07", "title": "A", "topics": [{"topic": "dams", "relevance": "0.9"}]}
    notes = [
        {"date_created": "2017-03-07", "body": "It leaks."},
        {"date_created": "2017-03-08", "body": "It holds."},
    ]
    (event,) = read_events([{**record, "notes": notes}])
    assert (event.topics, event.text) == (("dams",), "It leaks.\n\nIt holds.")
    (event,) = read_events([{**record, "text": "N/A"}])
    assert event.text == ""
    named = {"dams": {"name": "Dams", "slug": "dams"}, "c": {"name": "Leaks, other", "slug": "c"}}
    (event,) = read_events([{"date": "2017-03-07", "title": "A", "tags": named}])
    assert event.topics == ("Dams", "Leaks, other")


def test_lists_and_cells_of_objects_with_one_text_each() -> None:
    (event,) = read_events(
        [
            {
                "date": "2017-03-07",
                "titles": [{"title": "A dam"}],
                "abstracts": [{"abstract": "It leaks.", "note": "x"}],
            }
        ]
    )
    assert (event.title, event.text) == ("A dam", "It leaks.")
    cells = ['{"text": "It leaks &amp; drips."}', '{"level": "low", "rain": 3}', "{It leaks}"]
    events = list(read_events([{"date": "2017-03-07", "Comment Text": cell} for cell in cells]))
    assert [event.text for event in events] == ["It leaks & drips.", *cells[1:]]
    snippet = {"publishedAt": "2017-03-07", "title": "It leaks."}
    comment = {
        "id": "7",
        "snippet": {"topLevelComment": {"snippet": snippet}},
        "links": {"html": {"href": "/7"}},
    }
    (event,) = read_events([comment])
    assert (event.title, str(event.date), event.url) == ("It leaks.", "2017-03-07", "/7")
    work = {"title": ["A dam"], "date": [{"begin": "2017-03-07", "displayDate": "March"}]}
    assert [str(event.date) for event in read_events([{"sourceResource": work}])] == ["2017-03-07"]
    (event,) = read_events([{"watched_at": "2017-03-07", "movie": {"title": "The dam", "year": 1999}}])
    assert (event.title, str(event.date)) == ("The dam", "2017-03-07")


def test_a_time_stands_beside_a_day_that_cells_show(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "Meldetag;Uhrzeit;Lage\n07.03.17;05:50;A fire in the harbour\n28.03.17;15:10;A flood in the harbour\n"
    )
    first, second = read(tmp_path / "a.csv")
    assert (first.date.isoformat(), second.date.isoformat()) == (
        "2017-03-07T05:50:00+00:00",
        "2017-03-28T15:10:00+00:00",
    )


def test_a_card_is_of_the_day_on_which_it_was_made() -> None:
    row = {
        "Card ID": "58be8f90" + "ab" * 8,
        "Card Name": "A",
        "Start Date": "",
        "Last Activity Date": "2020-01-01",
    }
    (event,) = read_events([row])
    assert event.when == "2017-03-07T10:46:40+00:00"


def test_where_a_text_is_empty_another_body_counts() -> None:
    records = [
        {"date": "2017-03-07", "title": "A", "Description": "", "Overview": "The dam leaks."},
        {"date": "2017-03-08", "title": "B", "Description": "It holds.", "Overview": "Nothing."},
    ]
    reading = read_events(records)
    assert [event.text for event in reading] == ["The dam leaks.", "It holds."]
    assert "text <- Description + Overview" in reading.lines()[0]


_WORDS = [
    "A crane fell into the dock and nobody was hurt, for all had gone to lunch.",
    "The crane was lifted by two others, and the dock is open again to ships.",
    "Rats bit through the cable of the bridge, which could not be lowered all day.",
    "The cable of the bridge was laid anew in a pipe that no rat can bite through.",
]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        # A number that is another one in each row is the id; ages, names of people and numbers that repeat are none.
        ({"INDEX_NR": [7001, 7002, 7003, 7004]}, {"id": 7001}),
        ({"Meldungsnummer": ["M-1", "M-2", "M-3", "M-4"]}, {"id": "M-1"}), ({"ID_NOTICIA": [4, 5, 6, 7]}, {"id": 4}),
        ({"Service Request (SR) Number": ["17-1", "17-2", "17-3", "17-4"]}, {"id": "17-1"}),
        ({"ARIA": ["60123", "60124", "60125", "60126"]}, {"id": "60123"}),
        ({"Report": ["a", "b", "c", "d"], "Customer number": [1, 2, 3, 4]}, {"id": None}),
        ({"Session number": [1, 2, 3, 4], "Zip No": [1, 2, 3, 4]}, {"id": None}),
        ({"Weight": [70.5, 71.5, 72.5, 73.5]}, {"id": None}), ({"Week": ["20170306", "20170313", "20170320", "20170327"]}, {"id": None}),
        ({"DOI": ["", "", "", ""], "Case ID": [1, 2, 3, 4]}, {"id": 1}),
        ({"Number": ["1", "1", "1", "1"], "Case ID": ["4", "5", "6", "7"]}, {"id": "4"}),
        # The text is the column that holds the whole of it.
        ({"Description": ["Crane", "Crane", "Bridge", "Bridge"], "Notes": _WORDS}, {"text": _WORDS[0]}),
        ({"description": [words[:20] for words in _WORDS], "body_markdown": _WORDS}, {"text": _WORDS[0]}),
        ({"excerpt": [words[:20] for words in _WORDS], "summary": _WORDS}, {"text": _WORDS[0]}),
        ({"Reason for call": ["x", "y", "z", "x"], "Call description": _WORDS}, {"text": _WORDS[0]}),
        ({"description": _WORDS, "author_summary": [words * 3 for words in _WORDS]}, {"text": _WORDS[0]}),
        # Short phrases stay beside a text; labels do not.
        ({"Lesson text": _WORDS, "Remedy text": ["by hand", "by crane", "at sea", "on land"]}, {"text": f"{_WORDS[0]}\n\nby hand"}),
        ({"Lesson text": _WORDS, "Remedy text": ["by Hand", "by Crane", "at Sea", "on Land"]}, {"text": _WORDS[0]}),
        # Sentences are no topics where another column has some, unless they recur.
        ({"topics": ["the crane fell down", "a crane is up again", "rats bit the cable", "the cable was laid anew"], "tags": ["x", "y", "z", "x"]}, {"topics": ("x",)}),
        ({"topics": ["the crane fell down"] * 2 + ["rats bit the cable"] * 2, "tags": ["x", "y", "z", "x"]}, {"topics": ("the crane fell down",)}),
        # The one column of addresses is that of the record, unless they are pictures or of somebody.
        ({"Harbour link": [f"https://x.org/{n}" for n in range(4)]}, {"url": "https://x.org/0"}),
        ({"Author link": [f"https://x.org/{n}" for n in range(4)]}, {"url": None}),
        ({"Harbour link": [f"https://x.org/{n}.jpg" for n in range(4)]}, {"url": None}),
    ],
)  # fmt: skip
def test_cells_decide_what_names_leave_open(columns: dict[str, list[Any]], expected: dict[str, Any]) -> None:
    days = ["2017-03-07", "2017-03-08", "2017-04-01", "2017-04-02"]
    titles = ["Crane falls", "Crane lifted", "Bridge stuck", "Bridge mended"]
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    rows = [row | {"date": day, "title": title} for row, day, title in zip(rows, days, titles, strict=True)]
    first = next(read_events(rows))
    hashed = next(read_events([{"date": days[0], "title": titles[0], "text": first.text}]))
    for name, value in expected.items():
        assert getattr(first, name) == (hashed.id if (name, value) == ("id", None) else value)


@pytest.mark.parametrize("name", ["Incident", "Event", "Issue", "Incidencia"])
@pytest.mark.parametrize(
    ("cells", "is_number"),
    [
        (["OPS-1", "OPS-2", "OPS-3", "OPS-4"], True),
        ([1, 2, 3, 4], True),
        (["Crane", "Lift", "Bridge", "Rats"], False),
        (["OPS-1", "Crane 2", "OPS-3", "OPS-4"], False),
    ],
)
def test_numbers_under_the_name_of_a_record_are_ids_and_no_titles(
    name: str, cells: list[Any], is_number: bool
) -> None:
    titles = ["The crane falls", "The crane is lifted", "The bridge is stuck", "The bridge is mended"]
    rows = [
        {name: cell, "Started at": f"2017-03-0{n}", "Summary": title, "What happened": words}
        for n, (cell, title, words) in enumerate(zip(cells, titles, _WORDS, strict=True), 1)
    ]
    event = next(read_events(rows))
    expected = (cells[0], titles[0], _WORDS[0]) if is_number else (event.id, cells[0], titles[0])
    assert (event.id, event.title, event.text) == expected


def test_numbers_under_the_name_of_a_record_are_no_titles_beside_an_id() -> None:
    rows = [
        {"id": f"a{n}", "Incident": f"OPS-{n}", "date": "2017-03-07", "Summary": words}
        for n, words in enumerate(_WORDS)
    ]
    event = next(read_events(rows))
    assert (event.id, event.title or event.text) == ("a0", _WORDS[0])


def test_the_title_is_the_one_column_of_phrases_where_no_name_tells_it() -> None:
    said = ["Crane falls into dock", "Crane is out again", "Rats stop a bridge", "Bridge works again"]
    rows = [
        {"Lesson": phrase, "Day": f"2017-03-0{n}", "Lesson text": words, "Manager": f"Ann Lee {n}"}
        for n, (phrase, words) in enumerate(zip(said, _WORDS, strict=True), 1)
    ]
    assert [event.title for event in read_events(rows)] == said
    rows = [row | {"Remedy": f"look twice, {row['Manager']}, and go on"} for row in rows]
    assert {event.title for event in read_events(rows)} == {""}  # two columns of phrases
    skies = ["Overcast skies, moderate gusts", "Clear with frost", "Fog over the hill", "Snow from the north"]
    rows = [
        {"Sky": sky, "Day": row["Day"], "Lesson text": row["Lesson text"]}
        for sky, row in zip(skies, rows, strict=True)
    ]
    assert {event.title for event in read_events(rows)} == {""}  # the texts do not say what these phrases say
    rows = [{"Day": row["Day"], "description": "Crane", "Narrative": row["Lesson text"][:46]} for row in rows]
    reading = read_events(rows)
    assert {event.title for event in reading} == {""}  # the text is not its own title
    assert any("text <- Narrative" in line for line in reading.lines())
    assert not any("title <-" in line for line in reading.lines())


@pytest.mark.parametrize(
    ("short", "longer"), [("description", "details"), ("text", "body"), ("Remarks", "Investigation notes"), ("lead", "article text")]
)  # fmt: skip
@pytest.mark.parametrize("title", ["title", "other"])
def test_no_record_loses_its_words_to_a_longer_column_that_is_empty(
    short: str, longer: str, title: str
) -> None:
    rows = [
        {
            title: f"A {n}",
            "date": f"2017-03-0{n}",
            short: f"it is out of order and shut {n}",
            longer: words * (n != 3),
        }
        for n, words in enumerate(_WORDS, 1)
    ]
    third = list(read_events(rows))[2]
    assert rows[2][short] in (third.title, third.text)


@pytest.mark.parametrize("clock", ["1530", 930])
def test_hours_and_minutes_are_no_years(clock: Any) -> None:
    rows = [{"created_at": "2017-03-07", "incident_time": clock, "title": f"A {n}"} for n in range(4)]
    assert {event.date for event in read_events(rows)} == {date(2017, 3, 7)}


def test_a_day_to_come_is_read_where_no_other_day_is_there() -> None:
    rows = [{"Planned start": "2017-03-07", "title": f"A lock is repaired {n}"} for n in range(4)]
    assert {event.date for event in read_events(rows)} == {date(2017, 3, 7)}
    assert {event.date for event in read_events([row | {"Start": "2017-03-09"} for row in rows])} == {
        date(2017, 3, 9)
    }


def test_a_short_text_is_the_title_where_there_is_a_longer_one_and_no_title() -> None:
    rows = [
        {
            "Reported Date": f"2017-03-0{n}",
            "Summary": f"Crane {n} falls in",
            "Notes": words,
            "Status": "Closed",
        }
        for n, words in enumerate(_WORDS, 1)
    ]
    assert [(event.title, event.text) for event in read_events(rows)] == [
        (row["Summary"], row["Notes"]) for row in rows
    ]


def test_phrases_are_the_title_beside_a_longer_one_unless_they_recur() -> None:
    said = ["Crane falls into dock", "Crane is out again", "Rats stop a bridge", "Bridge works again"]
    rows = [
        {"date": f"2017-03-0{n}", "Case name": words, "summary": phrase}
        for n, (words, phrase) in enumerate(zip(_WORDS, said, strict=True), 1)
    ]
    assert [event.title for event in read_events(rows)] == said
    rows[1]["summary"] = said[0]
    assert [event.title for event in read_events(rows)] == _WORDS


def test_half_of_the_texts_have_to_say_what_their_phrases_say() -> None:
    said = ["Crane falls into dock", "Crane with heavy gusts", "Fog over every hill", "Snow from the north"]
    rows = [
        {"Lesson": phrase, "Day": f"2017-03-0{n}", "Lesson text": words}
        for n, (phrase, words) in enumerate(zip(said, _WORDS, strict=True), 1)
    ]
    assert [event.title for event in read_events(rows)] == said
    rows[1]["Lesson"] = "Overcast with heavy gusts"
    assert {event.title for event in read_events(rows)} == {""}


def test_of_several_mappings_of_an_earlier_reading_the_one_with_most_fields_counts() -> None:
    ways = [{"date": ["Alpha"]}, {"date": ["Alpha"], "title": ["Beta"]}]
    row = {"Alpha": "2017-03-07", "Beta": "The dam leaks", "title": "no title", "date": "2001-01-01"}
    (event,) = read_events([row], found={"columns": ways})
    assert (event.when, event.title) == ("2017-03-07", "The dam leaks")


def test_a_table_with_days_and_no_words_is_told_among_others(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("date,title\n2017-03-07,The dam leaks\n")
    (tmp_path / "b.csv").write_text("date,pieces,price\n2017-03-07,4,2.5\n2017-03-08,5,2.5\n")
    with pytest.raises(InputError, match="no column for the words") as told:
        list(read(tmp_path))
    assert str(told.value).endswith("name it with: fields={'COLUMN': 'title'}")
    (tmp_path / "b.csv").write_text("pieces,price\n4,2.5\n5,2.5\n")
    assert [event.title for event in read(tmp_path)] == ["The dam leaks"]


def test_dates_of_which_half_can_be_read_are_the_dates() -> None:
    rows = [
        {"full_date": "2016-01-01", "date": day, "note": words}
        for day, words in zip(["2017-03-07", "2017-03-08", "March 7", "March 8"], _WORDS, strict=True)
    ]
    with pytest.raises(InputError, match="field 'date'"):
        list(read_events(rows))


def test_a_date_that_cannot_be_read_gives_way_to_one_that_can() -> None:
    rows = [
        {"full_date": f"2017-03-0{n}", "date": f"March {n}", "note": words}
        for n, words in enumerate(_WORDS, 1)
    ]
    assert [str(event.date) for event in read_events(rows)] == [row["full_date"] for row in rows]


def test_records_without_ids_may_share_their_words() -> None:
    row = {"date": "2017-03-07", "title": "Traffic stop"}
    rows = [{**row, "category": "North"}, {**row, "category": "South"}, {**row, "category": "North"}]
    reading = read_events(rows)
    events = list(reading)
    assert [event.category for event in events] == ["North", "South"] and reading.repeats == 1
    assert [event.id for event in events] == [event.id for event in read_events(rows)]
    reports = [{"ref": "https://x.org/a", "date": "2017-03-07", "title": title} for title in ("A", "B")]
    assert len({event.id for event in read_events(reports)}) == 2


def test_a_number_that_comes_again_late_stops_nothing() -> None:
    rows = [{"Case ID": n % 250, "date": "2017-03-07", "title": f"Hearing {n}"} for n in range(252)]
    reading = read_events(rows)
    ids = [event.id for event in reading]
    assert ids[:250] == list(range(250)) and len({*ids}) == 252
    assert reading.lines()[-1].endswith("ids made from their words: 2")
    with pytest.raises(InputError, match="read before"):
        list(read_events(rows, fields={"Case ID": "id"}))
    with pytest.raises(InputError, match="read before"):
        list(
            read_events([{"id": row["Case ID"], "date": row["date"], "title": row["title"]} for row in rows])
        )


def test_columns_of_addresses_hold_no_words_and_columns_of_sentences_are_the_text() -> None:
    record = {
        "date": "2017-03-07",
        "title": "A",
        "article": "https://example.org/a",
        "staff": "Ann Lee, Bo Roe and Cy Dee",
        "What happened?": "the pump stopped and a valve had to be opened by hand",
    }
    (event,) = read_events([record])
    assert event.text == record["What happened?"]


_ROWS = [
    {"date": "2017-03-07", "title": "The dam leaks"},
    {"date": "2017-03-08", "title": "The dam bursts"},
    {"date": "2017-03-09", "title": "The dam holds"},
]


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("reference", ["Lee 2009", "Roe 2010", "Lee 2009"]),
        ("reference", ["https://x.org/a", "https://x.org/b", "https://x.org/c"]),
        ("acn", ["1", "1", "2"]),
        ("Source Article ID", ["1", "2", "3"]),
        ("license", ["these data are provided as they are without a warranty of any kind"] * 3),
        ("画像リンク", ["https://x.org/a.jpg", "https://x.org/b.jpg", "https://x.org/c.jpg"]),
        ("头像链接", ["https://x.org/a.jpg", "https://x.org/b.jpg", "https://x.org/c.jpg"]),
        ("post_time", ["10:00", "11:00", "12:00"]),
    ],
)
def test_a_column_that_is_no_field_leaves_records_as_they_are(name: str, cells: list[str]) -> None:
    rows = [{"created_at": row["date"], "title": row["title"]} for row in _ROWS]
    beside = [row | {name: cell} for row, cell in zip(rows, cells, strict=True)]
    assert [*read_events(beside)] == [*read_events(rows)]


def test_a_column_is_read_as_addresses_where_all_its_cells_are_such() -> None:
    def read_with(name: str, *cells: str) -> list[tuple[object, object]]:
        rows = [row | {name: cell} for row, cell in zip(_ROWS, cells, strict=True)]
        return [(event.id, event.url) for event in read_events(rows)]

    own = [event.id for event in read_events(_ROWS)]
    pages = ["https://x.org/a", "https://x.org/b", "https://x.org/c"]
    assert read_with("source", *pages) == [*zip(own, pages, strict=True)]
    assert read_with("source", pages[0], "The Times", "The Times") == [(id_, None) for id_ in own]
    assert read_with("uri", "urn:a", "urn:b", "urn:c") == [("urn:a", None), ("urn:b", None), ("urn:c", None)]
    assert read_with("uri", "/a", "/b", "/c") == [*zip(own, ["/a", "/b", "/c"], strict=True)]
    assert read_with("uri", "urn:a", "urn:a", "urn:a") == [(id_, "urn:a") for id_ in own]


def test_titles_that_are_addresses_count_where_there_are_no_other_words() -> None:
    rows = [{"date": "2017-03-07", "title": "https://x.org/a"}]
    assert [event.title for event in read_events(rows)] == ["https://x.org/a"]
    assert [event.title for event in read_events([rows[0] | {"text": "The dam leaks."}])] == [""]


def test_what_readers_see_comes_before_what_an_author_wrote() -> None:
    row = {
        "date": "2017-03-07",
        "title": {"raw": "[dam]", "rendered": "The dam"},
        "content": {"raw": "[x]", "rendered": "It leaks."},
    }
    (event,) = read_events([row])
    assert (event.title, event.text) == ("The dam", "It leaks.")


@pytest.mark.parametrize(
    ("beside", "status", "is_read"),
    [
        ("audience", "Scheduled", True), ("audience", "draft", False), ("handle", "private", True), ("content_html", "pending", True),
        ("content_html", "Draft", False), ("slug", "pending", False), ("slug", "scheduled", False),
    ],
)  # fmt: skip
def test_a_status_hides_posts_and_not_what_else_has_one(beside: str, status: str, is_read: bool) -> None:
    reading = read_events([_ROWS[0] | {beside: "x", "status": status}])
    assert len(list(reading)) == is_read
    assert len(list(read_events([_ROWS[0] | {beside: "x", "visibility": "members"}]))) == (beside != "slug")


_ROW = {"Ref": "a", "Day": "2017-03-07", "Headline": "The ferry stops", "Besides": "Ice."}


def _written(folder: Path, ending: str) -> Any:
    """The row in a file of the kind, or as what stands for an ending."""
    frame = pd.DataFrame([_ROW])
    path = folder / f"rows{ending}"
    match ending:
        case "frame":
            return frame
        case "arrow":
            return pa.Table.from_pandas(frame)
        case ".csv":
            frame.to_csv(path, index=False)
        case ".xlsx":
            frame.to_excel(path, index=False)
        case ".parquet":
            frame.to_parquet(path)
        case ".feather":
            frame.to_feather(path)
        case ".db":
            with closing(sqlite3.connect(path)) as database:
                frame.to_sql("rows", database, index=False)
    return path


@pytest.mark.parametrize("ending", ["frame", "arrow", ".csv", ".xlsx", ".parquet", ".feather", ".db"])
def test_a_column_that_the_caller_names_and_a_table_lacks_is_an_error(tmp_path: Path, ending: str) -> None:
    source = _written(tmp_path, ending)
    assert next(read_events(source, fields={"Besides": "text"})).text == "Ice."
    with pytest.raises(InputError, match=r"no column 'Beisdes' .*did you mean fields={'Besides': 'text'}\?"):
        list(read_events(source, fields={"Beisdes": "text"}))


def test_a_field_that_the_caller_names_and_no_record_has_is_told() -> None:
    """Records may lack a field, so that one batch without it is no error."""
    reading = read_events([_ROW], fields={"Beisdes": "text"})
    assert [event.text for event in reading] == [""]
    assert (
        "no record has the field 'Beisdes' (fields={'Beisdes': 'text'}); did you mean fields={'Besides': 'text'}?"
        in reading.lines()
    )
    reading = read_events(
        [_ROW, _ROW | {"Ref": "b", "meta": {"note": "Snow."}}], fields={"meta.note": "text"}
    )
    assert [event.text for event in reading] == ["", "Snow."]
    assert not [line for line in reading.lines() if line.startswith("no record")]
    assert not read_events(pd.DataFrame([]), fields={"Besides": "text"}).lines()


def test_columns_with_numbers_as_names_and_names_given_twice() -> None:
    frame = pd.DataFrame([["a", "2017-03-07", "The ferry stops"]])
    fields = {0: "id", 1: "date", 2: "title"}
    assert [event.id for event in RelatedIndex.build(frame, fields=fields).events.values()] == ["a"]
    twice = pd.DataFrame(
        [["a", "2017-03-07", "The ferry stops", "Ice"]], columns=["id", "date", "title", "title"]
    )
    reading = read_events(twice)
    assert next(reading).title == "The ferry stops"
    assert reading.lines() == ["read: id <- id, date <- date, title <- title; not used: title (column 4)"]


class _Named(NamedTuple):
    id: int
    date: str
    title: str


@dataclass
class _Made:
    id: int
    date: str
    title: str


@pytest.mark.parametrize("kind", ["sqlite3", "sqlalchemy", "named tuple", "dataclass"])
def test_rows_of_queries_and_objects_with_named_fields_are_records(kind: str) -> None:
    row = 7, "2017-03-07", "The ferry stops"
    query = "SELECT 7 AS id, '2017-03-07' AS date, 'The ferry stops' AS title"
    records: list[Any]
    if kind == "sqlite3":
        with closing(sqlite3.connect(":memory:")) as database:
            database.row_factory = sqlite3.Row
            records = database.execute(query).fetchall()
    elif kind == "sqlalchemy":
        with sa.create_engine("sqlite://").connect() as connection:
            records = list(connection.execute(sa.text(query)))
    else:
        records = [_Named(*row) if kind == "named tuple" else _Made(*row)]
    event = next(read_events(records))
    assert (event.id, event.date, event.title) == (7, date(2017, 3, 7), "The ferry stops")


def test_numbers_of_a_numeric_column_are_numbers() -> None:
    row = {"date": "2017-03-07", "title": "The ferry stops", "category": Decimal("5")}
    event = next(read_events([row | {"id": Decimal("7.0")}]))
    assert (event.id, event.category) == (7, "5")
    with pytest.raises(InputError, match=r"expected text or a whole number, got 7\.5"):
        list(read_events([row | {"id": Decimal("7.5")}]))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["id", "case_name", "date_created", "date_filed", "date_terminated"], "date_filed"),
        (["id", "title", "created_at", "Release Date"], "Release Date"),
        (["id", "title", "created_at", "release_notes"], "created_at"),
        (["id", "title", "published_at", "filing_date"], "published_at"),
    ],
)
def test_a_deed_in_public_comes_before_the_making_of_its_record(names: list[str], expected: str) -> None:
    assert match([(name,) for name in names], WantedColumns())["date"] == [(expected,)]


def test_objects_of_dates() -> None:
    dates = {"changed": "2021-02-02", "created": "2021-02-01", "original": "2021-01-28"}
    (event,) = read_events([{"id": 1, "title": "A flood", "date": dates}])
    assert event.when == "2021-01-28"
    (event,) = read_events(
        [{"id": 1, "title": "A flood", "history": {"createdDate": "2021-02-01T10:00:00Z"}}]
    )
    assert event.when == "2021-02-01T10:00:00+00:00"


def test_counts_and_flags_are_no_text() -> None:
    record = {
        "title": "TypeError: items",
        "firstSeen": "2023-01-19T11:22:33Z",
        "statusDetails": {},
        "numComments": 0,
    }
    assert [(event.title, event.text) for event in read_events([record])] == [("TypeError: items", "")]
    rows = [{"title": f"A{n}", "date": "2023-01-19", "reviewer_comments": n} for n in ("3", "12", "0")]
    assert [event.text for event in read_events(rows)] == ["", "", ""]
    words = [{"title": "A", "date": "2023-01-19", "reviewer_comments": "The dam holds."}]
    assert [event.text for event in read_events(words)] == ["The dam holds."]


def test_names_of_policies_and_taxa_are_no_titles() -> None:
    pages = [
        {
            "id": n,
            "description": f"Disk {n} is full",
            "escalation_policy_name": "Storage",
            "created_on": "2022-03-04",
        }
        for n in range(5)
    ]
    assert [event.title or event.text for event in read_events(pages)] == [
        f"Disk {n} is full" for n in range(5)
    ]
    birds = [{"observed_on": "2022-03-04", "iconic_taxon_name": "Aves", "species_guess": "Grey Heron"}]
    assert [event.title for event in read_events(birds)] == ["Grey Heron"]


def test_numbers_that_each_repository_counts_for_itself() -> None:
    bills = [
        {"number": "1319", "type": kind, "title": f"A bill {kind}", "date": "2021-03-11"}
        for kind in ("HR", "S")
    ]
    reading = read_events(bills)
    assert len({event.id for event in reading}) == 2
    assert [event.id for event in read_events(bills[:1])] == ["1319"]


def test_a_total_below_the_table_may_count_the_days(tmp_path: Path) -> None:
    table = "Complaint no.,Received,Subject\nC-1,2023-03-07,Noise at night\nC-2,2023-03-09,Smell of fish\nTotal,2,\n"
    (tmp_path / "complaints.csv").write_text(table)
    reading = read(tmp_path / "complaints.csv")
    assert [event.id for event in reading] == ["C-1", "C-2"]
    assert reading.left_out == {"rows of totals": 1}


def test_the_summary_of_something_abroad_is_a_text() -> None:
    row = {"Fecha": "2023-03-07", "Asunto": "Ampliación del puerto", "Resumen del acuerdo": "Doce votos."}
    assert [(event.title, event.text) for event in read_events([row])] == [
        ("Ampliación del puerto", "Doce votos.")
    ]


def test_a_set_is_read_in_one_order_in_every_process() -> None:
    """Python orders sets differently in each process, and a refresh would take the event for changed."""
    names = {f"topic {number}" for number in range(20)}
    row = {"date": "2017-03-07", "title": "The ferry stops", "topics": names, "sources": frozenset(names)}
    expected = tuple(sorted(names))
    event = next(read_events([row]))
    assert event.topics == expected and tuple(source.name for source in event.sources) == expected
    made = Event.make(row)
    assert made.topics == expected and tuple(source.name for source in made.sources) == expected


def test_who_gave_the_data_is_no_day() -> None:
    item = {"title": ["Harbour in winter"], "year": ["1871"], "dataProvider": ["City Museum"]}
    assert [event.when for event in read_events([item])] == ["1871-01-01"]
    row = {"Data evento": "17/03/2023", "Data fine": "19/03/2023", "Titolo": "Frana", "Data owner": "Regione"}
    assert [event.when for event in read_events([row])] == ["2023-03-17"]


def test_numbers_and_texts_of_more_languages() -> None:
    rows = [
        {"الرقم": n, "التاريخ": f"2023-03-0{n}", "العنوان": "عاصفة", "النص": f"غرقت {n} قوارب"}
        for n in (7, 8, 9)
    ]
    assert [(event.id, event.text) for event in read_events(rows)] == [
        (n, f"غرقت {n} قوارب") for n in (7, 8, 9)
    ]
    rows = [{"Meldungsnr": f"041{n}", "Datum": f"0{n}.03.2023", "Text": "Ein Brand."} for n in (7, 8, 9)]
    assert [event.id for event in read_events(rows)] == ["0417", "0418", "0419"]


def test_where_a_date_is_empty_the_next_column_of_dates_counts() -> None:
    row = {"occurred_at": "2017-03-07", "reported_at": "2017-03-09", "title": "The dam leaks"}
    rows = [{**row, "id": n} for n in range(300)]  # beyond the records that are looked at together
    reading = read_events([*rows, {**row, "id": 300, "occurred_at": ""}])
    *_, last = reading
    assert last.date == date(2017, 3, 9)
    assert "date <- occurred_at + reported_at" in reading.lines()[0]
    with pytest.raises(InputError, match="occurred_at"):
        list(read_events([{**row, "occurred_at": ""}], fields={"occurred_at": "date"}))


@pytest.mark.parametrize("topics", [{}, [], "", None])
def test_no_topics_in_any_form_are_no_topics(topics: object) -> None:
    (event,) = read_events([{"date": "2017-03-07", "title": "The dam leaks", "topics": topics}])
    assert event.topics == ()


def test_a_short_code_is_an_id() -> None:
    rows = [{"Case": f"S-{n}", "Date": "2017-03-07", "Summary": f"Walkout {n}"} for n in range(4)]
    assert [event.id for event in read_events(rows)] == ["S-0", "S-1", "S-2", "S-3"]


@pytest.mark.parametrize(
    ("private", "is_shown"), [("True", False), ("TRUE", False), ("False", True), ("hospital", True)]
)
def test_what_a_table_marks_as_private_is_hidden(private: str, is_shown: bool) -> None:
    row = {"Subject": "It leaks", "Start Date": "2017-03-07", "Private": private}
    assert bool(list(read_events([row]))) is is_shown
