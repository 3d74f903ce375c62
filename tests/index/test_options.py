"""The options of a list: one value, and the same answer from Python, the command line and HTTP for each of them."""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from relatedness.cli._group import commands
from relatedness.errors import ConfigError
from relatedness.index import ListKeywords, ListOptions, Overrides, list_options
from relatedness.related_index import RelatedIndex
from relatedness.serve import create_app

MOSUL = "2017-07-10-mosul-victory"
TEXT, DAY = "Volkswagen is fined a billion euros over diesel emissions in Germany.", "2018-06-13"
PIN = "1990-02-11-mandela-freed"
LONG = 40  # results, so that fillers show

# Option to the value in Python, on the command line, and in a URL; each changes the list of MOSUL or of TEXT.
VALUES: list[tuple[str, Any, list[str], Any]] = [
    ("k", 2, ["-k", "2"], 2),
    ("direction", "before", ["--direction", "before"], "before"),
    ("direction", "after", ["--direction", "after"], "after"),
    ("since", date(2016, 6, 28), ["--since", "2016-06-28"], "2016-06-28"),
    ("since", "2016-7", ["--since", "2016-7"], "2016-7"),
    ("until", "2016", ["--until", "2016"], "2016"),
    ("topics", ["Germany"], ["--topics", "Germany"], ["Germany"]),
    ("topics", ["Germany", "Volkswagen"], ["--topics", "Germany,Volkswagen"], ["Germany", "Volkswagen"]),
    ("topics", ("Iraq", "ISIL"), ["--topics", "Iraq", "--topics", "ISIL"], ["Iraq", "ISIL"]),
    ("topics", ["Iraq"], ["--topics", '"Iraq"'], ["Iraq"]),
    ("language", "ar", ["--language", "ar"], "ar"),
    ("min_score", 0.1, ["--min-score", "0.1"], 0.1),
    ("spread", 365, ["--spread", "365"], 365),
    ("fill", "context", ["--fill", "context"], "context"),
    ("fill", "period", ["--fill", "period"], "period"),
    ("recency", "off", ["--recency", "off"], "off"),
    ("recency", 0, ["--recency", "0"], 0),
    ("recency", {"scale_days": 30}, ["--recency", "scale_days=30"], "scale_days=30"),
    ("across_languages", True, ["--across-languages"], True),
    ("names", "zh", ["--names", "zh"], "zh"),
    ("copies", True, ["--copies"], True),
    ("why", True, ["--why"], True),
]


class Doors(NamedTuple):
    """The sample archive for Python, the command line and HTTP."""

    index: RelatedIndex
    file: Path
    client: TestClient


@pytest.fixture(scope="module")
def doors(sample_file: Path, sample_index: RelatedIndex) -> Iterator[Doors]:
    with TestClient(create_app(sample_file)) as client:
        yield Doors(sample_index, sample_file, client)


def shell(*arguments: object) -> Any:
    done = CliRunner().invoke(commands, [*map(str, arguments), "--json"], prog_name="relatedness")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def served(answer: Any) -> Any:
    """An answer without what HTTP alone says: that there are no copies, and no id for a text."""
    assert answer.status_code == 200, answer.text
    value = {"id": None} | answer.json()
    value.pop("left_out", None)
    for item in value["related"]:
        if not item["copies"]:
            del item["copies"]
    return value


def test_the_signature_shows_the_types_of_options() -> None:
    shown = str(inspect.signature(RelatedIndex.related))
    assert "k: 'int | None' = None" in shown
    assert "ForwardRef" not in shown


def test_every_option_is_tried_at_all_doors() -> None:
    assert {name for name, *_ in VALUES} == {option.name for option in list_options()}


@pytest.mark.parametrize(("name", "value", "flags", "sent"), VALUES, ids=lambda one: str(one))
def test_three_doors_give_one_list_of_an_event(
    name: str, value: Any, flags: list[str], sent: Any, doors: Doors
) -> None:
    found = doors.index.related(MOSUL, **{"k": LONG, name: value}).to_record()
    assert shell("related", doors.file, MOSUL, "-k", LONG, *flags) == found
    assert served(doors.client.get(f"/related/{MOSUL}", params={"k": LONG, name: sent})) == found


@pytest.mark.parametrize(("name", "value", "flags", "sent"), VALUES, ids=lambda one: str(one))
def test_three_doors_give_one_list_of_a_text(
    name: str, value: Any, flags: list[str], sent: Any, doors: Doors
) -> None:
    found = doors.index.query(TEXT, date=DAY, **{"k": LONG, name: value}).to_record()
    printed = shell("query", doors.file, TEXT, "--date", DAY, "-k", LONG, *flags)
    printed.pop("left_out", None)
    assert printed == found
    asked = {"text": TEXT, "date": DAY, "k": LONG, name: sent}
    assert served(doors.client.get("/query", params=asked)) == found
    assert served(doors.client.post("/query", json=asked)) == found


def test_every_value_changes_a_list(sample_index: RelatedIndex) -> None:
    """So that a door that drops an option on its way to the index fails the comparisons above."""
    plain = sample_index.related(MOSUL, k=LONG), sample_index.query(TEXT, date=DAY, k=LONG)
    for name, value, *_ in VALUES:
        if name == "copies":
            continue  # the sample holds none; see the test below
        options = {"k": LONG, name: value}
        changed = sample_index.related(MOSUL, **options), sample_index.query(TEXT, date=DAY, **options)
        assert any(new.to_record() != old.to_record() for new, old in zip(changed, plain, strict=True)), name


def test_copies_are_listed_at_every_door(tmp_path: Path) -> None:
    same = [{"id": f"c{n}", "date": "2014-06-10", "text": "mosul army retreats north"} for n in range(4)]
    asked = {"id": "x", "date": "2014-06-11", "text": "mosul army flees"}
    lists = {
        "k": 2,
        "stored": 2,
        "floor": 0,
        "minimum_overlap": 0,
        "relative_cutoff": 0,
        "duplicates_listed": 1,
    }
    config = {"lists": lists}
    path = tmp_path / "copies.index"
    RelatedIndex.build([asked, *same], path, config=config).close()
    with RelatedIndex.open(path) as index, TestClient(create_app(path)) as client:
        folded, found = index.related("x", k=4), index.related("x", k=4, copies=True)
        assert sum(item.copies for item in folded) == 4 - len(folded) > 0
        assert (len(found), {item.copies for item in found}) == (4, {0})
        printed = shell("related", path, "x", "-k", 4, "--copies")
        sent = served(client.get("/related/x", params={"k": 4, "copies": True}))
        assert printed == sent == found.to_record()


@pytest.mark.parametrize(
    ("name", "value", "flags", "sent"),
    [value for value in VALUES if value[0] != "why"],
    ids=lambda one: str(one),
)
def test_three_doors_say_alike_why_not(
    name: str, value: Any, flags: list[str], sent: Any, doors: Doors
) -> None:
    other = "2015-12-28-ramadi-retaken"
    found = dataclasses.asdict(doors.index.why_not(MOSUL, other, **{name: value}))
    assert shell("why-not", doors.file, MOSUL, other, *flags) == found
    answer = doors.client.get(f"/why-not/{MOSUL}", params={"other": other, name: sent}).json()
    assert answer == {name: value for name, value in found.items() if value is not None}


def test_overrides_belong_to_the_index_and_hold_at_all_doors(sample_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "overrides.txt"
    file.write_text(f"pin {MOSUL} {PIN}\n")
    found = RelatedIndex.open(sample_file, overrides=file).related(MOSUL).to_record()
    assert found["related"][0]["id"] == PIN
    assert shell("related", sample_file, MOSUL, "--overrides", file) == found
    with TestClient(create_app(sample_file, overrides=file)) as client:
        assert served(client.get(f"/related/{MOSUL}")) == found


def test_the_signatures_show_every_option() -> None:
    names = [option.name for option in list_options()]
    assert list(ListKeywords.__annotations__) == names
    for method in (RelatedIndex.related, RelatedIndex.why_not, RelatedIndex.query):
        assert set(names) <= set(inspect.signature(method).parameters)
        assert all(f"{name}" in str(method.__doc__) for name in names)
    for name in names:
        assert name in str(ListOptions.__doc__)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 0}, "k is 0: expected a whole number from 1 up"),
        ({"k": True}, "k is True: expected a whole number"),
        ({"k": "5"}, "k is '5': expected a whole number"),
        ({"direction": 1}, "direction is 1: expected any, before or after"),
        ({"since": "soon"}, "since is 'soon': expected a date, such as 2016-07-11"),
        ({"until": "2016-13"}, "until is '2016-13': expected a date"),
        ({"topics": "Iraq"}, "topics is 'Iraq': expected a list of names"),
        ({"topics": [1]}, r"topics is \(1,\): expected a list of names"),
        ({"language": 3}, "language is 3: expected text"),
        ({"min_score": float("nan")}, "min_score is nan: expected a number"),
        ({"min_score": 1.5}, "min_score is 1.5: expected a number from 0 to 1"),
        ({"spread": -1}, "spread is -1: expected a number of days from 0 up"),
        ({"fill": "all"}, "fill is 'all': expected context or period"),
        ({"why": 1}, "why is 1: expected true or false"),
        ({"spraed": 1}, "spraed: no such option; did you mean spread?"),
        ({"zzz": 1}, "zzz: no such option; there are k, direction,"),
        ({"since": "2017", "until": "2016"}, r"since \(2017-01-01\) is after until \(2016-12-31\)"),
    ],
)
def test_what_no_option_can_be_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ListOptions.of(options)


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_a_day_a_month_and_a_year_stand_for_their_ends(day: date) -> None:
    year, month = f"{day.year:04}", f"{day.year:04}-{day.month}"
    assert ListOptions(since=day.isoformat(), until=day).since == day
    assert ListOptions(since=year).since == date(day.year, 1, 1)
    assert ListOptions(until=year).until == date(day.year, 12, 31)
    since, until = ListOptions(since=month).since, ListOptions(until=month).until
    assert isinstance(since, date)
    assert isinstance(until, date)
    assert (since.day, (until.toordinal() - since.toordinal()) in (27, 28, 29, 30)) == (1, True)
    assert since <= day <= until


def test_a_name_with_a_comma_stands_in_quotes() -> None:
    topics = next(option for option in list_options() if option.name == "topics")
    assert topics.read('"Washington, D.C.", Iraq') == ("Washington, D.C.", "Iraq")


def test_a_text_without_a_date_takes_no_option_of_time(sample_index: RelatedIndex) -> None:
    for options in ({"direction": "before"}, {"recency": 2}, {"fill": "period"}):
        with pytest.raises(ConfigError, match="give the text"):
            sample_index.query(TEXT, **options)  # type: ignore[arg-type]
    assert sample_index.query(TEXT, since="2017").ids


@pytest.mark.parametrize(
    ("options", "passing"),
    [
        ({}, {"undated", "earlier", "then", "later"}),
        ({"direction": "before"}, {"earlier"}),
        ({"direction": "after"}, {"later"}),
        ({"since": "2020-01-02"}, {"then", "later"}),
        ({"until": "2020-01-02"}, {"earlier", "then"}),
        ({"since": "2020-01-03", "until": "2020-01-03"}, {"later"}),
        ({"language": "en-GB"}, {"undated", "earlier", "then", "later"}),
    ],
)
def test_an_event_without_a_date_passes_no_bound_of_time_and_one_of_that_moment_no_direction(
    dated: RelatedIndex, options: dict[str, Any], passing: set[str]
) -> None:
    assert {item.id for item in dated.related("asked", k=9, **options)} == passing


@pytest.fixture(scope="module")
def dated() -> RelatedIndex:
    days = {
        "undated": None,
        "earlier": "2020-01-01",
        "asked": "2020-01-02",
        "then": "2020-01-02",
        "later": "2020-01-03",
    }
    return RelatedIndex.build(
        [
            {
                "id": id_,
                "date": day,
                "text": f"Rebels shell the harbour of Odessa, say people of the {id_} watch.",
            }
            for id_, day in days.items()
        ],
        undated="keep",
        jobs=1,
    )


def test_overrides_that_say_the_same_are_equal_wherever_they_stand() -> None:
    one, other = (
        Overrides.parse(text)[0] for text in ("pin a b\nban * c", "# a comment\n\npin a b\nban * c")
    )
    assert one == other
    assert (one.digest, hash(one)) == (other.digest, hash(other))
    for text in ("pin a c\nban * c", "pin a b", "pin a b\nban * c\nban topic X", "ban * c"):
        assert Overrides.parse(text)[0] != one
    orders = [Overrides.parse(text)[0] for text in ("pin a b c", "pin a c b")]
    assert orders[0].digest != orders[1].digest


@pytest.fixture(scope="module")
def filtered() -> RelatedIndex:
    """Two versions of an item, an event in another language and events of which neither group nor language is known."""
    events = [
        {"id": "first", "group": "siege", "language": "en", "text": "Rebels shell the harbour of Odessa."},
        {"id": "second", "group": "siege", "language": "en", "text": "Rebels shell the port of Odessa."},
        {"id": "alone", "language": "en", "text": "The harbour of Odessa burns."},
        {"id": "foreign", "language": "de", "text": "Der Hafen von Odessa brennt."},
        {"id": "short", "text": "Odessa 12"},
        {"id": "brief", "text": "Odessa 13"},
    ]
    return RelatedIndex.build([{**event, "date": "2020-01-02"} for event in events], jobs=1)


@pytest.mark.parametrize(
    ("id_", "versions", "foreign"),
    [
        ("first", {"first", "second"}, {"foreign"}),
        ("alone", set(), {"foreign"}),
        ("foreign", set(), {"first", "second", "alone"}),
        ("short", set(), set()),
    ],
)
def test_only_a_known_group_makes_versions_and_only_a_known_language_keeps_apart(
    filtered: RelatedIndex, id_: str, versions: set[str], foreign: set[str]
) -> None:
    search = filtered._view.search
    found = search.filters.apart(search.event(id_))
    assert [set(search.ids_of(np.flatnonzero(held))) for held in found] == [versions, foreign]


def test_an_event_holds_all_words_that_are_asked_or_not(filtered: RelatedIndex) -> None:
    search = filtered._view.search
    rows = np.arange(len(filtered))
    held = search.filters.with_all_words(search.event("alone"), rows)
    assert set(search.ids_of(rows[held])) == {"alone"}
    held = search.filters.with_all_words(search.event("second"), rows)
    assert set(search.ids_of(rows[held])) == {"second"}
