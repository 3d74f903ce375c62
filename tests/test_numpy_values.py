"""What NumPy and pandas give is taken like Python's own values."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from relatedness import Config, Event, RelatedIndex
from relatedness.arguments import plain
from relatedness.errors import ConfigError, InputError

RECORDS = [
    {"id": "fall", "date": "2014-06-10", "text": "Militants of ISIL seize Mosul, Iraq's second city."},
    {"id": "dam", "date": "2014-08-07", "text": "The Islamic State captures the dam of Mosul."},
]


@pytest.fixture(scope="module")
def index() -> RelatedIndex:
    return RelatedIndex.build(RECORDS)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.str_("Mosul"), "Mosul"),
        (np.datetime64("2016-07-11"), date(2016, 7, 11)),
        (np.datetime64("2016-07-11T00:00:00.000000000"), date(2016, 7, 11)),
        (np.datetime64("2016-07-11T12:30"), datetime(2016, 7, 11, 12, 30)),
        (np.datetime64("NaT"), None),
        (pd.Timestamp("2016-07-11"), date(2016, 7, 11)),
        (pd.NaT, None),
        (pd.NA, None),
        (3, 3),
        (datetime(2016, 7, 11), datetime(2016, 7, 11)),
    ],
)
def test_scalars_become_those_of_python(given: Any, expected: Any) -> None:
    found = plain(given)
    assert found == expected and type(found) is type(expected)


def test_an_array_is_no_scalar() -> None:
    array = np.array([1, 2])
    assert plain(array) is array


def test_options_dates_and_ids(index: RelatedIndex) -> None:
    expected = index.related("fall")
    since: Any
    for since in (np.datetime64("2014-07-01"), pd.Timestamp("2014-07-01")):
        assert index.related("fall", k=np.int64(2), since=since, min_score=np.float32(0.001)) == expected  # type: ignore[arg-type]
        assert index.query("Mosul falls", date=since) == index.query("Mosul falls", date="2014-07-01")
    numbered = RelatedIndex.build([{**record, "id": np.int64(n)} for n, record in enumerate(RECORDS)])
    assert list(numbered) == [0, 1] and np.int64(1) in numbered and np.int64(2) not in numbered
    assert index.fingerprints(ids=np.array(["dam"])).keys() == {"dam"}
    assert Config.default().change({"lists": {"k": np.int64(3)}}) == Config.default().change(
        {"lists": {"k": 3}}
    )


def test_wrong_ones_are_told_as_before(index: RelatedIndex) -> None:
    calls: list[Any] = [
        lambda: index.related("fall", k=np.bool_(True)),  # type: ignore[arg-type]
        lambda: index.related("fall", k=np.float64(2.5)),  # type: ignore[arg-type]
        lambda: index.related("fall", min_score=np.float64("nan")),
        lambda: index.query("Mosul falls", date=pd.NaT),
        lambda: index.fingerprints(shown="five"),  # type: ignore[arg-type]
        lambda: index.fingerprints(shown=-1),
        lambda: Config.default().change(5),  # type: ignore[arg-type]
    ]
    for call in calls:
        with pytest.raises(ConfigError):
            call()
    with pytest.raises(InputError, match="put a single record into a list"):
        RelatedIndex.build(pd.Series(RECORDS[0]))


def test_records_and_rows_of_a_frame(index: RelatedIndex) -> None:
    frame = pd.DataFrame(RECORDS)
    days = frame.assign(date=frame["date"].to_numpy().astype("datetime64[ns]"), category=pd.NA)
    expected = [event.to_record() for event in index.events.values()]
    sources: list[Any] = [
        (row for _, row in frame.iterrows()),
        frame.itertuples(),
        frame.itertuples(index=False),
        days.to_dict("records"),
        [{**record, "date": np.datetime64(record["date"]), "title": pd.NA} for record in RECORDS],
    ]
    for source in sources:
        built = RelatedIndex.build(source)
        assert [event.to_record() for event in built.events.values()] == expected
    made = Event.make({**RECORDS[0], "date": np.datetime64("2014-06-10"), "url": pd.NA})
    assert made.to_record() == expected[0]
