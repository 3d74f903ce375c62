"""What makes an event valid, and what loose records become."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relatedness.errors import InputError
from relatedness.events import Event, Source

GOOD = Event(
    "e1", date(2014, 6, 10), title="Mosul falls to ISIL.", topics=("ISIL",), sources=(Source("BBC"),)
)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("id", "", "empty"),
        ("id", "  ", "empty"),
        ("id", 7, None),
        ("id", True, "expected text or a whole number"),
        ("id", 7.5, "expected text or a whole number"),
        ("title", None, "expected text, got null"),
        ("title", "a\x00b", "NUL"),
        ("title", "a\ud800b", "surrogate"),
        ("text", b"bytes", "expected text"),
        ("text", ["a"], "expected text, got a list"),
        ("category", 0, "expected text"),
        ("url", "\x00", "NUL"),
        ("language", False, "true or false"),
        ("group", {}, "an object"),
        ("date", "10 Juni", "not a date"),
        ("date", datetime(2014, 6, 10), "no time zone"),
        ("date", None, None),
        ("date", "", "is missing"),
        ("end", date(2014, 6, 9), "before it begins"),
        ("end", date(2014, 6, 12), None),
        ("end", date(2014, 6, 10), None),
        ("end", "", "is missing: leave it out"),
        ("end", "12 June", "not a date"),
        ("topics", "ISIL", "expected a tuple"),
        ("topics", (), None),
        ("topics", ("ISIL", " "), "a topic is empty"),
        ("topics", (1,), "expected text"),
        ("sources", ("BBC",), "expected a Source"),
        ("sources", (Source("\x00"),), "NUL"),
        ("sources", (Source("BBC", url=3),), "expected text"),  # type: ignore[arg-type]
        ("sources", (Source(None),), "got null"),  # type: ignore[arg-type]
    ],
)
def test_every_field_is_checked_and_named(field: str, value: object, words: str | None) -> None:
    if words is None:
        assert getattr(replace(GOOD, **{field: value}), field) == value
        return
    with pytest.raises(InputError, match=words) as caught:
        replace(GOOD, **{field: value})
    assert caught.value.field == field


def test_text_and_lists_become_what_they_stand_for() -> None:
    event = replace(GOOD, date="2014-06-10", end="2014-06-12", topics=["ISIL"], sources=[Source("BBC")])  # type: ignore[arg-type]
    assert event == replace(GOOD, end=date(2014, 6, 12), topics=("ISIL",), sources=(Source("BBC"),))


def test_a_number_too_long_for_a_database_is_text() -> None:
    assert replace(GOOD, id=2**70).id == replace(GOOD, id=2**70).key == str(2**70)
    with pytest.raises(InputError, match="more than 256 bits"):
        replace(GOOD, id=10**5000)


@pytest.mark.parametrize(
    ("begins", "ends", "words"),
    [
        ("2024-01-01T23:00-05:00", "2024-01-01T23:30-05:00", None),
        ("2024-01-01T23:00-05:00", "2024-01-02", None),
        ("2024-01-01T23:00-05:00", "2024-01-01", "before it begins"),
        ("2024-01-01T18:00Z", "2024-01-01", None),
        ("2024-01-01T18:00Z", "2024-01-01T10:00Z", "before it begins"),
        ("2024-01-02", "2024-01-01T23:00-05:00", None),
        ("2024-01-02", "2024-01-01T10:00Z", "before it begins"),
        ("2024-01-01", "", None),
    ],
)
def test_an_end_is_compared_in_utc(begins: str, ends: str, words: str | None) -> None:
    record = {"date": begins, "end": ends, "text": "x"}
    if words is None:
        assert (Event.make(record).end is None) == (not ends)
        return
    with pytest.raises(InputError, match=words):
        Event.make(record)


@pytest.mark.parametrize("end", [0, False, [], {}])
def test_an_end_that_is_no_date_is_refused_however_empty_it_is(end: object) -> None:
    with pytest.raises(InputError, match="field 'end'"):
        Event.make({"date": "2014-06-10", "end": end, "text": "x"})


def test_an_event_needs_words() -> None:
    assert replace(GOOD, title="", text="x").headline == "x"
    with pytest.raises(InputError, match="both title and text"):
        replace(GOOD, title=" ", text="\n")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2014-06-10", date(2014, 6, 10)),
        (" 2014-06-10 ", date(2014, 6, 10)),
        ("20140610", date(2014, 6, 10)),
        (date(2014, 6, 10), date(2014, 6, 10)),
        ("2014-06-10T01:30:00Z", datetime(2014, 6, 10, 1, 30, tzinfo=UTC)),
        ("2014-06-10 01:30:00+03:00", datetime(2014, 6, 9, 22, 30, tzinfo=UTC)),
    ],
)
def test_dates(written: object, expected: date) -> None:
    event = Event.make({"date": written, "text": "x"})
    assert event.date == expected
    assert (
        event.day
        == (expected.astimezone(UTC).date() if isinstance(expected, datetime) else expected).toordinal()
        - 719163
    )


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "  ",
        "2014-13-01",
        "June 2014",
        "2014-06-10T01:30:00",
        20140610,
        1.5,
        True,
        [],
        {},
        "9" * 5000,
        b"2014-06-10",
    ],
)
def test_what_is_no_date_is_refused(written: object) -> None:
    with pytest.raises(InputError) as caught:
        Event.make({"date": written, "text": "x"})
    assert caught.value.field == "date"


def test_a_zone_is_for_times_that_name_none() -> None:
    make = Event.make
    assert make({"date": "2014-06-10T01:30:00", "text": "x"}, zone="Asia/Baghdad").seconds == 1402353000
    assert make({"date": "2014-06-10T01:30:00Z", "text": "x"}, zone="Asia/Baghdad").seconds == 1402363800
    assert make({"date": "2014-06-10", "text": "x"}, zone=ZoneInfo("Asia/Baghdad")).date == date(2014, 6, 10)
    for nowhere in ("Nowhere/Land", "", "Europe", "../../etc/passwd", "\x00"):
        with pytest.raises(InputError, match="there is no time zone"):
            make({"date": "2014-06-10T01:30:00", "text": "x"}, zone=nowhere)


def test_a_missing_id_is_made_of_the_content() -> None:
    record = {"date": "2014-06-10", "title": "Mosul falls."}
    made = Event.make(record).id
    assert (
        made == Event.make(record | {"id": None}).id == Event.make(record | {"id": "", "topics": ["Iraq"]}).id
    )
    assert made != Event.make(record | {"text": "x"}).id
    made = Event.make(record | {"id": 12})
    assert made.id == 12 and made.key == "12" and made.digest == Event.make(record | {"id": "12"}).digest
    assert Event.make(record | {"id": 2**63}).id == str(2**63)  # no database has a number of that length
    for wrong in (1.5, True, ["a"], {"a": 1}, 10**5000):
        with pytest.raises(InputError) as caught:
            Event.make(record | {"id": wrong})
        assert caught.value.field == "id"


def test_lists() -> None:
    event = Event.make(
        {
            "date": "2014-06-10",
            "text": "x",
            "topics": ["ISIL", " ISIL ", "", "Saudi\n Arabia"],
            "sources": [
                "BBC",
                {"name": "AP", "url": "http://ap.example"},
                {"name": "AFP", "url": ""},
                Source("NOS"),
            ],
        }
    )
    assert event.topics == ("ISIL", "Saudi Arabia")
    assert event.sources == (Source("BBC"), Source("AP", "http://ap.example"), Source("AFP"), Source("NOS"))
    for field, wrong in [
        ("topics", "ISIL"),
        ("topics", {"a": 1}),
        ("topics", [1]),
        ("topics", 3),
        ("topics", b"ab"),
        ("sources", "BBC"),
        ("sources", [3]),
        ("sources", [{"url": "http://ap.example"}]),
        ("sources", [{"name": "AP", "url": 3}]),
    ]:
        with pytest.raises(InputError) as caught:
            Event.make({"date": "2014-06-10", "text": "x", field: wrong})
        assert caught.value.field == field


texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
named = texts.filter(str.strip)
zones = st.sampled_from(
    [UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12)), ZoneInfo("Europe/Paris")]
)
records = st.fixed_dictionaries(
    {"date": st.dates() | st.datetimes(timezones=zones), "text": named},
    optional={
        "id": named,
        "title": texts,
        "topics": st.lists(named, max_size=3),
        "category": texts,
        "url": texts,
        "language": texts,
        "group": texts,
        "sources": st.lists(texts | st.builds(Source, texts, st.none() | named), max_size=3),
    },
)


@settings(deadline=None)
@given(records)
def test_a_record_and_its_event_say_the_same(record: dict[str, object]) -> None:
    event = Event.make(record)
    again = Event.make(json.loads(json.dumps(event.to_record())))
    assert again.to_record() == event.to_record()
    assert again.digest == event.digest
    assert again.seconds == event.seconds
    assert event.day == event.seconds // 86_400


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["id", "date", "title", "text", "topics", "sources", "url"]), st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "url"]), inner),
    max_leaves=5,
)))  # fmt: skip
def test_only_input_errors_escape(record: dict[str, object]) -> None:
    try:
        event = Event.make(record)
    except InputError as error:
        assert error.field in {"id", "date", "title", "text", "topics", "sources", "url"}
    else:
        assert event.to_record()["id"] == event.id


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("The U.S. sends troops to Iraq. They are 560.", "The U.S. sends troops to Iraq."),
        ("Dr. Smith resigns. He gives no reason.", "Dr. Smith resigns."),
        ("One sentence only", "One sentence only"),
        ("习近平访问俄罗斯。两国签署协议。", "习近平访问俄罗斯。"),
        ("Is it over? Nobody knows.", "Is it over?"),
        ("Version 1.2.13 is out. Upgrade.", "Version 1.2.13 is out."),
    ],
)
def test_an_untitled_event_is_called_by_its_first_sentence(text: str, title: str) -> None:
    assert Event.make({"id": "a", "date": "2016-07-11", "text": text}).headline == title
    titled = Event.make({"id": "a", "date": "2016-07-11", "title": "Its title. Whole", "text": text})
    assert titled.headline == "Its title. Whole"


@pytest.mark.parametrize("letters", [298, 299, 300, 301])
def test_a_sentence_is_a_title_up_to_its_last_letter(letters: int) -> None:
    sentence = "M" * (letters - 1) + "."
    event = Event.make(
        {"id": "a", "date": "2016-07-11", "text": f"{sentence} Mosul falls. {'And so on. ' * 90}"}
    )
    assert (event.headline == sentence) == (letters <= 300)
    assert len(event.headline) <= 300
