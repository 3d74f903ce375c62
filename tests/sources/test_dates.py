"""Dates in every common form; what may be two days is never guessed."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relatedness.dates import EarlyDate
from relatedness.errors import InputError
from relatedness.sources import read_events
from relatedness.sources._dates import DateColumn, UndatedError, Undecided

DAY = date(2017, 3, 7)
TEN = datetime(2017, 3, 7, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2017-03-07", "20170307", "2017-W10-2", "2017/03/07", "2017/3/7", "2017.03.07", " 2017-03-07 ", "7.3.2017",
        "07.03.2017", "7. 3. 2017", "2017. 3. 7.", "2017.03.07.", "7 March 2017", "7 Mar 2017", "07-Mar-2017", "7th of March 2017", "March 7, 2017", "Mar 7 2017",
        "March 7th, 2017", "Tuesday, March 7, 2017", "Tue, 7 Mar 2017", "2017-Mar-07", "2017-03-07 00:00:00", "42801",
        "2017-03-07/2017-03-09", "2017-03-07 - 2017-03-09", "2017-03-07 to 2017-03-09", "7-9 March 2017", "March 7-9, 2017",
        "c. 7 March 2017", "2017-03-07?", "~2017-03-07", "2457819.5", "2017066",
    ],
)  # fmt: skip
def test_days(text: str) -> None:
    assert DateColumn().read(text) == DAY


@pytest.mark.parametrize(
    "text", ["7 mars 2017", "7. März 2017", "7 de marzo de 2017", "7 марта 2017", "7 marca 2017"]
)
def test_days_in_other_languages(text: str) -> None:
    pytest.importorskip("babel")
    assert DateColumn().read(text) == DAY


@pytest.mark.parametrize(
    "text",
    [
        "2017-03-07T10:00:00Z", "2017-03-07 10:00", "2017-03-07T10:00:00.000+00:00", "2017-03-07T11:00:00+0100",
        "2017-03-07 05:00:00 EST", "2017-03-07 10:00:00 UTC", "2017-03-07 11:00 Europe/Paris", "07/Mar/17 10:00",
        "Tue, 07 Mar 2017 10:00:00 +0000", "Tue, 07 Mar 2017 05:00:00 -0500", "Tue Mar 7 10:00:00 UTC 2017", "7 March 2017 at 10:00 am", "March 7, 2017 10:00",
        "1488880800", "1488880800000", "1488880800000000", "20170307100000", "20170307T100000Z", "2017/03/07 10:00:00",
        "2017-03-07 10:00:00 GMT+0", "1488880800.0", "2457819.9166667",
    ],
)  # fmt: skip
def test_instants(text: str) -> None:
    assert DateColumn().read(text) == TEN


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2017", date(2017, 1, 1)),
        ("2017-03", date(2017, 3, 1)),
        ("2017-W10", date(2017, 3, 6)),
        ("March 2017", date(2017, 3, 1)),
        ("03/2017", date(2017, 3, 1)),
        ("Q2 2017", date(2017, 4, 1)),
        ("early 2017", date(2017, 1, 1)),
        ("1850s", date(1850, 1, 1)),
        ("circa 1850", date(1850, 1, 1)),
        ("2017-00-00", date(2017, 1, 1)),
        ("1066-10-14", date(1066, 10, 14)),
    ],
)
def test_what_is_no_whole_day_is_its_first_and_said(text: str, day: date) -> None:
    column = DateColumn()
    assert column.read(text) == day
    assert text in ("2017-W10", "1066-10-14") or any("first day" in words for words in column.notes)


@pytest.mark.parametrize(
    "value",
    [
        {"$date": "2017-03-07T10:00:00Z"},
        {"$date": 1488880800000},
        {"$date": {"$numberLong": "1488880800000"}},
        1488880800,
        1488880800000,
        1488880800.0,
        TEN,
        datetime(2017, 3, 7, 10),
    ],
)
def test_values_that_are_no_text(value: object) -> None:
    assert DateColumn().read(value) == TEN


@pytest.mark.parametrize(
    "value",
    [
        "yesterday", "2017-13-01", "31/02/2017", "2016/17", "12", "0", "-5", -9999, "", "0000-00-00", "x" * 500, "2017-03-07 10:00 IST",
        "32 March 2017", "7 Foo 2017", "12345678", True, [1], None, 1e30, float("nan"), 1488844, {"a": 1}, "2017-03-07T25:00:00",
        "1 2 3 4", "March", "7/2017/3", "99999999999999", "2017-366",
        "7 March 2017 10:00 +24:00", "9600 BC", "9600 AD", "9700 AD",
    ],
)  # fmt: skip
def test_what_is_no_date_is_an_error(value: object) -> None:
    with pytest.raises(InputError) as caught:
        DateColumn().read(value)
    assert caught.value.field == "date" and len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("31/12/68", "2068-12-31"),
        ("31/12/69", "1969-12-31"),
        ("2016-366", "2016-12-31"),
        ("mid 2017", "2017-05-01"),
        ("late 2017", "2017-09-01"),
        ("19th century", "1801-01-01"),
        ("2017/03/07 10:00:00-05", "2017-03-07T10:00:00-05:00"),
        ("7 March 2017 12:30 PM", "2017-03-07T12:30:00+00:00"),
        ("7 March 2017 12:05 am", "2017-03-07T00:05:00+00:00"),
        ("6 March 2017 24:00", "2017-03-07"),
        ("7 March 2017 10:00:00.5", "2017-03-07T10:00:00.500000+00:00"),
    ],
)
def test_the_edges_of_a_form(text: str, iso: str) -> None:
    assert DateColumn().read(text).isoformat() == iso


def test_a_range_that_ends_before_it_begins_has_no_end() -> None:
    column = DateColumn()
    assert column.read("2017-03-09 to 2017-03-07") == date(2017, 3, 9)
    assert column.end is None


def test_the_zone_counts_where_none_is_named_only() -> None:
    column = DateColumn(ZoneInfo("Europe/Paris"))
    assert column.read("2017-03-07 11:00") == TEN
    assert column.read("2017-03-07T10:00Z") == TEN
    assert column.read("2017-03-07") == DAY
    assert column.notes == {}


def test_the_form_that_the_caller_names_is_the_only_one() -> None:
    assert DateColumn(form="%d/%m/%Y").read("07/03/2017") == DAY
    assert DateColumn(form="%d.%m.%y %H:%M").read("07.03.17 10:00") == TEN
    assert DateColumn(form="DMY").read("07/03/2017") == DAY
    assert DateColumn(form="MDY").read("03/07/2017") == DAY
    with pytest.raises(InputError, match="does not have the form '%d/%m/%Y' of date_format"):
        DateColumn(form="%d/%m/%Y").read("2017-03-07")


def _table(*dates: str) -> list[dict[str, object]]:
    return [{"id": at, "date": when, "text": f"event {at}"} for at, when in enumerate(dates)]


def test_one_row_decides_for_the_whole_column() -> None:
    reading = read_events(_table("03/07/2017", "04/05/2017", "03/20/2017", "01/02/2017"))
    assert [event.date for event in reading] == [DAY, date(2017, 4, 5), date(2017, 3, 20), date(2017, 1, 2)]
    assert reading.lines() == ["dates with the month first, as the column shows: 4"]
    assert [event.date for event in read_events(_table("07/03/2017", "20/03/2017"))] == [
        DAY,
        date(2017, 3, 20),
    ]


def test_a_column_that_no_row_decides_is_refused() -> None:
    with pytest.raises(InputError, match=r"record 1, field 'date': .*date_format='DMY' or date_format='MDY'"):
        list(read_events(_table("03/07/2017", "04/05/2017")))
    assert [event.date for event in read_events(_table("07/03/2017"), date_format="DMY")] == [DAY]
    assert [event.date for event in read_events(_table("03/03/2017"))] == [date(2017, 3, 3)]


def test_rows_of_both_orders_are_refused() -> None:
    with pytest.raises(InputError, match=r"record 2.*has the month first, but other rows"):
        list(read_events(_table("20/03/2017", "03/20/2017")))


@given(
    st.dates(date(1000, 1, 1), date(2999, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%b %d, %Y", "%Y/%m/%d", "%d.%m.%Y"]),
)
def test_every_day_is_read_back_from_every_form(day: date, form: str) -> None:
    assert DateColumn().read(day.strftime(form)) == day


@given(st.integers(10**8, 4 * 10**9), st.sampled_from([1, 10**3, 10**6, 10**9]))
def test_every_count_since_1970_is_read_exactly(seconds: int, scale: int) -> None:
    assert DateColumn().read(seconds * scale) == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


@given(st.text(alphabet="0123456789-/. :TZMarchpmQ,", max_size=30))
def test_any_text_is_a_date_or_an_error(text: str) -> None:
    with suppress(InputError, Undecided):
        assert isinstance(DateColumn().read(text), date | EarlyDate)


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        ("44 BC", "-0043-01-01"),
        ("15 March 44 BC", "-0043-03-15"),
        ("March 15, 44 B.C.E.", "-0043-03-15"),
        ("44 v. Chr.", "-0043-01-01"),
        ("44 av. J.-C.", "-0043-01-01"),
        ("-0043-03-15", "-0043-03-15"),
        ("-0043", "-0043-01-01"),
        (-2150, "-2150-01-01"),
        ("1 BC", "0000-01-01"),
        ("9599 BC", "-9598-01-01"),
        ("9599 AD", "9599-01-01"),
        ("29 February 5 BC", "-0004-02-29"),
        ("5th century BC", "-0499-01-01"),
        ("c. 300 BC", "-0299-01-01"),
        ("24 August 79 AD", "0079-08-24"),
        ("AD 79", "0079-01-01"),
        ("18th century", "1701-01-01"),
    ],
)
def test_days_before_the_year_1_and_years_with_an_era(value: object, iso: str) -> None:
    assert DateColumn().read(value).isoformat() == iso


@given(st.integers(-9_000, 0), st.integers(1, 12), st.integers(1, 28))
def test_every_day_before_the_year_1_is_read_back(year: int, month: int, day: int) -> None:
    early = EarlyDate(year, month, day)
    assert DateColumn().read(early.isoformat() if year else early) == early
    ours = np.datetime64(early.isoformat(), "D").astype(int)  # NumPy's calendar is the same
    assert early.toordinal() - date(1970, 1, 1).toordinal() == ours


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2017-03-07/2017-03-09", "2017-03-07", "2017-03-09"),
        ("2017-03-07 to 2017-03-09", "2017-03-07", "2017-03-09"),
        ("7-9 March 2017", "2017-03-07", "2017-03-09"),
        ("March 7 - 9, 2017", "2017-03-07", "2017-03-09"),
        ("Mar 7 - Apr 2, 2017", "2017-03-07", "2017-04-02"),
        ("1914-1918", "1914-01-01", "1918-12-31"),
        ("2017-02 to 2017-02", "2017-02-01", "2017-02-28"),
        ("Feb 2016 - Mar 2017", "2016-02-01", "2017-03-31"),
        ("Dec 28 - Jan 3, 2017", "2016-12-28", "2017-01-03"),
        ("28 December to 3 January 2017", "2016-12-28", "2017-01-03"),
    ],
)
def test_a_range_counts_by_its_first_day_and_keeps_its_last(text: str, first: str, last: str) -> None:
    column = DateColumn()
    assert (column.read(text).isoformat(), column.end and column.end.isoformat()) == (first, last)
    assert column.read("2017-03-07") and column.end is None


@pytest.mark.parametrize("text", ["0000-00-00", "n/a", "TBD", "0001-01-01T00:00:00Z", "1/1/0001"])
def test_what_stands_for_no_date_is_told_from_what_is_none(text: str) -> None:
    with pytest.raises(UndatedError, match="undated='leave-out'"):
        DateColumn().read(text)


def test_a_column_of_ends() -> None:
    records = [
        {"start_date": "2017-03-07", "end_date": "2017-03-09", "title": "A"},
        {"start_date": "2017-03-07", "end_date": "2017-03-01", "title": "B"},
        {"start_date": "2017-03-07", "end_date": "ongoing", "title": "C"},
        {"start_date": "2017-03-07", "end_date": "", "title": "D"},
    ]
    reading = read_events(records)
    assert [event.end for event in reading] == [date(2017, 3, 9), None, None, None]
    assert {
        "end dates before the start date, ignored: 1",
        "end dates that cannot be read, ignored: 1",
    } <= set(reading.lines())


@pytest.mark.parametrize(
    ("value", "last"),
    [
        ("2017", "2017-12-31"), (2017, "2017-12-31"), (2017.0, "2017-12-31"), ("2017-00-00", "2017-12-31"),
        ("2017-02", "2017-02-28"), ("02/2017", "2017-02-28"), ("201702", "2017-02-28"), ("February 2017", "2017-02-28"),
        ("Q1 2017", "2017-03-31"), ("2017-W10", "2017-03-12"), ("2017-02-03", "2017-02-03"), ("3 Feb 2017", "2017-02-03"),
        ("2017-02-01/2017-02-03", "2017-02-03"), ("circa 2017", "2017-01-01"), ("44 BC", "-0043-01-01"),
    ],
)  # fmt: skip
def test_an_end_without_a_day_is_the_last_day_that_it_means(value: object, last: str) -> None:
    assert DateColumn().read_end(value).isoformat() == last


def test_an_end_without_a_day_is_told_once() -> None:
    column = DateColumn()
    assert column.read_end("2017") == date(2017, 12, 31)
    assert column.notes == {"end dates without a day, read as the last day of the month or year": 1}


def test_an_end_without_a_day_does_not_lie_before_the_beginning() -> None:
    reading = read_events(
        [
            {"start": "2017-03-07", "end": "2017-03", "title": "A"},
            {"start": "1914", "end": "1918", "title": "B"},
        ]
    )
    assert [event.end for event in reading] == [date(2017, 3, 31), date(1918, 12, 31)]
    assert "end dates without a day, read as the last day of the month or year: 2" in reading.lines()


def test_a_record_that_waits_for_another_row_leaves_its_notes_once() -> None:
    reading = read_events(
        [
            {"start": "2017", "end": "03/07/18", "title": "A"},
            {"start": "2017", "end": "03/20/18", "title": "B"},
        ]
    )
    assert [event.end for event in reading] == [date(2018, 3, 7), date(2018, 3, 20)]
    assert {
        "dates without a day, read as the first day of the month or year: 2",
        "years of two digits, read as 1969 to 2068: 2",
    } <= set(reading.lines())


def test_columns_of_year_month_and_day_may_hold_numbers_with_a_fraction() -> None:
    rows = [
        {"year": "2017.0", "month": "3.0", "day": "7.0", "title": "A"},
        {"year": 2017.0, "month": 3.0, "day": "0.0", "title": "B"},
    ]
    assert [event.date for event in read_events(rows)] == [DAY, date(2017, 3, 1)]


@pytest.mark.parametrize(
    "text",
    [
        "ngày 7 tháng 3 năm 2017", "2017. március 7.", "2017 m. kovo 7 d.", "7 मार्च 2017", "7 มีนาคม 2560", "7 มี.ค. 2560",
        "7 במרץ 2017", "7 مارس 2017", "7 марта 2017 г.",
    ],
)  # fmt: skip
def test_days_as_one_language_spells_them(text: str) -> None:
    pytest.importorskip("babel")
    assert DateColumn().read(text) == DAY


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("平成29年3月7日", DAY),
        ("民國106年3月7日", DAY),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("Tuesday the 7th of March 2017", DAY),
        ("2017 March", date(2017, 3, 1)),
        ("Mar-17", date(2017, 3, 1)),
        ("Week 10, 2017", date(2017, 3, 6)),
        ("KW 10/2017", date(2017, 3, 6)),
        ("Autumn 2017", date(2017, 9, 1)),
        ("Winter 2017", date(2017, 1, 1)),
        ("c1920", date(1920, 1, 1)),
        ("the 1930s", date(1930, 1, 1)),
        ("March 7, 2017 → March 9, 2017", DAY),
        ([[2017, 3, 7]], DAY),
        ({"date-parts": [[2017, 3]]}, date(2017, 3, 1)),
    ],
)
def test_days_of_eras_weeks_and_seasons(value: object, day: date) -> None:
    assert DateColumn().read(value) == day


@pytest.mark.parametrize(
    "text",
    [
        "/Date(1488880800000)/", "07-MAR-17 10.00.00.000000 AM", "2017-03-07T100000Z", "1.488880800E+09", "201703071000",
        "7. März 2017, 10:00 Uhr",
    ],
)  # fmt: skip
def test_instants_as_programs_print_them(text: str) -> None:
    assert DateColumn().read(text) == TEN


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("FY2017 Q1", "fiscal year"),
        ("20 رجب 1442", "Islamic calendar"),
        ("1 Ramadan 1442", "Islamic calendar"),
    ],
)
def test_what_is_not_read_is_said_why(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        DateColumn().read(text)


@pytest.mark.parametrize(
    "moment",
    [datetime(1960, 2, 29, 12), datetime(1970, 1, 1), datetime(1970, 1, 12, 13), datetime(1973, 3, 3)],
)
def test_instants_of_dot_net_are_milliseconds_however_few_digits_they_have(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC)
    assert DateColumn().read(f"/Date({int(moment.timestamp()) * 1000}+0100)/") == moment


def test_the_least_instant_of_dot_net_stands_for_none() -> None:
    least = int((datetime(1, 1, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1000
    with pytest.raises(InputError, match="stands for an unknown date"):
        DateColumn().read(f"/Date({least})/")


def test_numbers_rounded_by_a_spreadsheet_are_no_date() -> None:
    with pytest.raises(InputError, match="not a date"):
        DateColumn().read("1.48888E+09")


@pytest.mark.parametrize("text", ["Week 10, 2017", "KW 10/2017", "2017-W10"])
def test_weeks_are_told(text: str) -> None:
    column = DateColumn()
    assert column.read(text) == date(2017, 3, 6)
    assert column.notes == {"weeks, read as their first day": 1}
    assert DateColumn().read_end(text) == date(2017, 3, 12)


def test_what_many_rows_share_is_counted_for_each() -> None:
    column = DateColumn()
    days = [column.read(text) for text in ("March 2017", "7-9 March 2017", "March 2017", "7-9 March 2017")]
    assert days == [date(2017, 3, 1), DAY] * 2
    assert column.end == date(2017, 3, 9)
    assert list(column.notes.values()) == [2, 2]
    assert column.read("7 March 2017") == DAY
    assert column.end is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14. svibnja 2019.", "2019-05-14"),
        ("2019. gada 14. maijs", "2019-05-14"),
        ("14.V.2019", "2019-05-14"),
        ("2 XII 1987", "1987-12-02"),
        ("２０１９／０５／１４", "2019-05-14"),
        ("2019年5月14日 下午1:05", "2019-05-14T13:05:00+00:00"),
        ("2019. 5. 14. 오전 8:20", "2019-05-14T08:20:00+00:00"),
        ("2019年5月14日 午後3時", "2019-05-14T15:00:00+00:00"),
        ("14/05/2019 05:30 p. m.", "2019-05-14T17:30:00+00:00"),
        ("2019-05-14T08:20:00+02:00[Europe/Berlin]", "2019-05-14T08:20:00+02:00"),
        ("140820Z MAY 2019", "2019-05-14T08:20:00+00:00"),
        ("H2 2019", "2019-07-01"),
        ("2019-H1", "2019-01-01"),
        ("2Q 2019", "2019-04-01"),
        ("Spring/Summer 2019", "2019-03-01"),
        ("before 1850", "1850-01-01"),
        ("132022908000000000", "2019-05-14T07:00:00+00:00"),
        ("636934188000000000", "2019-05-14T08:20:00+00:00"),
    ],
)
def test_forms_of_more_countries_and_programs(text, expected):
    assert DateColumn().read(text).isoformat() == expected


@pytest.mark.parametrize("text", ["H3 2019", "14.XIV.2019", "140820Z FOO 2019"])
def test_what_only_looks_like_such_a_form_is_no_date(text):
    with pytest.raises(InputError, match="not a date"):
        DateColumn().read(text)


def test_the_end_of_a_half_year_is_its_last_day():
    assert DateColumn().read_end("H2 2019") == date(2019, 12, 31)


def test_years_of_other_calendars_are_shown_by_their_column():
    buddhist = list(read_events([{"date": f"1{day}/05/2562", "title": "A ferry"} for day in (4, 7)]))
    assert [event.date for event in buddhist] == [date(2019, 5, 14), date(2019, 5, 17)]
    for days in (("1440/09/09", "1440/11/06"), ("1398-02-24", "1398-03-12"), ("١٤٤٠/٠٩/٠٩", "١٤٤٠/٠٩/١٢")):
        with pytest.raises(InputError, match="Islamic or Persian calendar"):
            list(read_events([{"date": day, "title": "A ferry"} for day in days]))
    middle_ages = list(
        read_events([{"date": day, "title": "A battle"} for day in ("1066-10-14", "1415-10-25")])
    )
    assert [event.date.year for event in middle_ages] == [1066, 1415]
    said = read_events(
        [{"date": day, "title": "A battle"} for day in ("1415-10-25", "1415-10-26")], date_format="%Y-%m-%d"
    )
    assert [event.date.year for event in said] == [1415, 1415]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thu 03/16/2017", "2017-03-16"), ("jeudi 16/03/2017", "2017-03-16"), ("Thu, 03/16/2017 - 07:45", "2017-03-16T07:45"),
        ("Thursday, March 16, 2017 - 07:45", "2017-03-16T07:45"), ("Posted on 16 March 2017", "2017-03-16"),
        ("Published: March 16, 2017", "2017-03-16"), ("16 March 2017 (Thursday)", "2017-03-16"), ("2017-03-16 (Thu) 07:45", "2017-03-16T07:45"),
        ("Reviewed in the United Kingdom on 16 March 2017", "2017-03-16"), ("07:45 03/16/2017", "2017-03-16T07:45"), ("7:45 am, 16 March 2017", "2017-03-16T07:45"),
        ("19:45 EST, 16 March 2017", "2017-03-16T19:45:00-05:00"), ("07:45 UTC+2 16 March 2017", "2017-03-16T07:45:00+02:00"),
        ("Posted on 2017-03-16 07:45 to 5 April 2017", "2017-03-16T07:45"), ("07:45 MAR 16, 2017", "2017-03-16T07:45"),
        ("20170316_074500", "2017-03-16T07:45"), ("16 de março de 2017 às 07h45", "2017-03-16T07:45"),
        ("jeudi 16 mars 2017 à 07:45", "2017-03-16T07:45"), ("16. März 2017 um 07:45 Uhr", "2017-03-16T07:45"),
        ("16 de marzo de 2017 a las 07:45", "2017-03-16T07:45"), ("2017年3月16日(木) 07:45", "2017-03-16T07:45"),
        ("16MAR2017:07:45:00", "2017-03-16T07:45"), ("20170316074500.0Z", "2017-03-16T07:45"), ("@1489650300", "2017-03-16T07:45"),
        ("2017/03/16(Thu)07:45:00", "2017-03-16T07:45"), ("16th Mar '17", "2017-03-16"), ("16/03/2017 0745 hrs", "2017-03-16T07:45"),
        ("2017年3月16日 7时45分", "2017-03-16T07:45"), ("16 March 2017 (updated 1 April 2017)", "2017-03-16"),
        ("March 16, 2017 3:45 AM ET", "2017-03-16T03:45:00-04:00"),
        ("2017-03-16 Thu", "2017-03-16"), ("2017-03-16 jeu. 07:45", "2017-03-16T07:45"),
        ("16 March 2017 07:45 (UTC)", "2017-03-16T07:45"), ("16 March 2017 - 18 March 2017", "2017-03-16"),
    ],
)  # fmt: skip
def test_words_and_marks_around_a_date(text: str, expected: str) -> None:
    found = DateColumn().read(text)
    assert found is not None
    assert found.isoformat().removesuffix(":00+00:00") == expected


@pytest.mark.parametrize("text", ["Page 03/16/2017/4", "Posted on", "Thursday", "(Thursday)", "um 07:45"])
def test_words_alone_are_no_date(text: str) -> None:
    with pytest.raises(InputError):
        DateColumn().read(text)
