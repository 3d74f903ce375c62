"""Readers: every kind of source, and every bad input as a real file."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import subprocess
import sys
import textwrap
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relatedness.errors import ConfigError, InputError, InputWarning, MissingExtraError
from relatedness.events import Event
from relatedness.sources import ReadOptions, Rejects, _csv, _file, _rejects, read, read_any, read_events
from relatedness.sources._file import MAX_RECORD

PAGES = Path(__file__).parents[1] / "data" / "pages"
GOOD = '{"id": "e%d", "date": "2014-06-10", "text": "Mosul falls to ISIL."}\n'
RECORDS = [
    {
        "id": "a",
        "date": "2012-08-06",
        "title": "Curiosity lands on Mars.",
        "topics": ["Mars", "NASA"],
        "sources": [{"name": "BBC", "url": "http://b.example"}, "JPL"],
        "category": "Science",
    },
    {
        "id": "b",
        "date": "2018-11-26T19:52:59+00:00",
        "text": 'InSight, a "lander",\nlands.',
        "language": "en",
    },
]
EVENTS = [Event.make(record) for record in RECORDS]


def write(path: Path, data: bytes | str) -> Path:
    data = data.encode() if isinstance(data, str) else data
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def rejected(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# Sources


@pytest.mark.parametrize("name", ["news.jsonl", "news.jsonl.gz", "NEWS.JSONL"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_jsonl(tmp_path: Path, name: str, end: str, last: bool, bom: str) -> None:
    text = bom + (end + end).join(map(json.dumps, RECORDS)) + (end if last else "")
    assert list(read(write(tmp_path / name, text))) == EVENTS


def test_lines_are_the_same_however_the_file_is_cut_into_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.jsonl", "one\r\ntwo\rthree\n\r\r\n\nfour\r")
    for size in range(1, 12):
        monkeypatch.setattr(_file, "BLOCK", size)
        lines = [(number, line) for number, line, _ in _file.SourceFile(path).lines()]
        assert lines == list(
            enumerate([b"one\r\n", b"two\r", b"three\n", b"\r", b"\r\n", b"\n", b"four\r"], 1)
        )


@pytest.mark.parametrize("name", ["news.csv", "news.csv.gz"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv(tmp_path: Path, name: str, end: str) -> None:
    file = io.StringIO()
    rows = csv.DictWriter(file, [*RECORDS[0], "text", "language", "unknown"], lineterminator=end)
    rows.writeheader()
    rows.writerow(RECORDS[0] | {"topics": " Mars;NASA; ", "sources": json.dumps(RECORDS[0]["sources"])})
    rows.writerow(RECORDS[1])
    assert list(read(write(tmp_path / name, "\ufeff" + file.getvalue() + end))) == EVENTS


def test_parquet_and_frames(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    pandas = pytest.importorskip("pandas")
    columns = ["id", "date", "title", "text", "topics", "sources", "category", "language"]
    records = [{name: record.get(name) for name in columns} for record in RECORDS]
    records[0]["sources"] = [{"name": "BBC", "url": "http://b.example"}, {"name": "JPL", "url": None}]
    table = arrow.Table.from_pylist(records * 400)
    pytest.importorskip("pyarrow.parquet").write_table(table, tmp_path / "news.parquet")
    for source in (
        tmp_path / "news.parquet",
        table,
        table.to_reader(),
        table.to_pandas(),
        pandas.DataFrame(records),
    ):
        reading = read_events(source)
        assert list(reading) == EVENTS
        assert reading.repeats in (0, 798)


def test_the_dates_of_frames() -> None:
    pandas = pytest.importorskip("pandas")
    arrow = pytest.importorskip("pyarrow")
    moments = [pandas.Timestamp("2014-06-10"), pandas.Timestamp("2014-06-11 12:30:00.000000001"), pandas.NaT]
    frame = pandas.DataFrame(
        {"date": moments, "text": ["a", "b", "c"], "category": [None, float("nan"), "x"]}
    )
    for source in (frame, arrow.Table.from_pandas(frame)):
        assert [event.seconds for event in islice(read_events(source), 2)] == [1402358400, 1402489800]
        dates = []
        with pytest.raises(InputError, match="record 3, field 'date': is missing"):
            dates.extend(event.date for event in read_events(source, zone="Asia/Baghdad"))
        reading = read_events(source.head(2) if source is frame else source.slice(0, 2), zone="Asia/Baghdad")
        assert [event.seconds for event in reading] == [1402347600, 1402479000]
    named = frame.head(1).set_index(pandas.Index(["e1"], name="id"))
    assert next(read_events(named)).id == "e1"
    assert type(next(read_events(named)).date) is date


def test_an_unnamed_index_of_a_frame_is_the_id_or_the_date() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"date": ["2016-07-11", "2016-07-12"], "title": ["Troops go", "Mosul falls"]})
    days = list(frame["date"])

    def ids(index: object, columns: list[str]) -> list[object]:
        return [event.id for event in read_events(frame.assign(id=["x", "y"])[columns].set_axis(index))]

    assert ids(["a", "b"], ["date", "title"]) == ["a", "b"]
    assert ids(["a", "b"], ["id", "date", "title"]) == ["x", "y"]
    made = ids([0, 1], ["date", "title"])
    # Numbers of rows, and texts that repeat, are no ids.
    assert ids([5, 7], ["date", "title"]) == ids(["a", "a"], ["date", "title"]) == made
    for index in (days, pandas.to_datetime(days), [date(2016, 7, 11), date(2016, 7, 12)]):
        events = read_events(frame[["title"]].set_axis(pandas.Index(index)))
        assert [event.date for event in events] == [date(2016, 7, 11), date(2016, 7, 12)]
    assert frame.index.name is None


@pytest.mark.parametrize(
    ("labels", "are_ids"),
    [
        (["inc-1", "inc-2", "x"], True),
        (["0", "1", "2"], False),  # numbers of rows
        (["a", "a", "b"], False),
        (["a fire", "a flood", "a fall"], False),
    ],
)
def test_the_unnamed_first_column_of_a_table_is_the_id_if_it_names_rows(
    labels: list[str], are_ids: bool, tmp_path: Path
) -> None:
    pandas = pytest.importorskip("pandas")
    days, titles = ["2016-07-11", "2016-07-12", "2016-07-13"], ["Troops go", "Mosul falls", "A flood"]
    path = tmp_path / "news.csv"
    pandas.DataFrame({"date": days, "title": titles}, index=labels).to_csv(path)
    for source in (path, pandas.read_csv(path)):
        reading = read_events(source)
        assert ([event.id for event in reading] == labels) == are_ids
        lines = reading.lines()
        assert any("id <- (no name)" in line or "id <- Unnamed: 0" in line for line in lines) == are_ids


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (
            {"txet": "Troops go to Iraq."},
            "'txet' is not read, and there is no text; did you mean fields={'txet': 'text'}",
        ),
        ({"Categry": "War"}, "there is no category; did you mean fields={'Categry': 'category'}"),
        ({"keywrods": ["Iraq"]}, "there is no topics; did you mean fields={'keywrods': 'topics'}"),
        ({"lnaguage": "en"}, "there is no language"),
    ],
)
def test_a_field_that_looks_misspelt_is_reported(
    record: dict[str, object], told: str, tmp_path: Path
) -> None:
    event = {"id": 1, "date": "2014-06-10", "title": "Mosul falls to ISIL."}
    path = write(tmp_path / "news.jsonl", json.dumps(event | record))
    for source in ([event | record], [event, event | record | {"id": 2}], path):
        with pytest.warns(InputWarning) as caught:
            assert list(read_events(source))
        assert [told in str(warning.message) for warning in caught] == [True]
        assert caught[0].filename == __file__


@pytest.mark.parametrize(
    "record",
    [
        {"txet": "Troops go.", "body": "Troops go to Iraq."},  # the text is there
        {"views": 3, "author": "R. Roe", "status": "open", "rate": "high", "test": 1},
        {
            "local": "Lund",
            "line": "7",
            "teams": ["red"],
            "guide": "x",
            "resort": "Lund",
            "tests": "x",
            "object": "a lorry",
        },
        {"titles": "Mosul"},
    ],
)
def test_other_fields_are_not_taken_for_misspelt_ones(record: dict[str, object]) -> None:
    assert list(read_events([{"id": 1, "date": "2014-06-10", "title": "Mosul falls to ISIL."} | record]))


def test_records_without_the_id_that_others_have_are_reported() -> None:
    pandas = pytest.importorskip("pandas")
    records = [{"id": id_, "date": "2014-06-10", "title": f"Town {id_} falls."} for id_ in ("a", None, "c")]
    del records[1]["id"]
    for source in (records, pandas.DataFrame(records)):
        with pytest.warns(InputWarning, match=r"without the id that most have \(id\): 1; they get ids made"):
            assert len(list(read_events(source))) == 3
    for some in (records[:2], records[1:2]):  # too few have one
        assert len(list(read_events(some))) == len(some)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (["Troops go to Iraq to fight ISIL."], "got the text 'Troops go to Iraq to fight ISIL.': save it"),
        ('[{"date": "2014-06-10"}]', "expected a path, got the text"),
        ("date,title\n2014-06-10,Mosul falls\n", "got the text 'date,title 2014-06-10,Mosul falls'"),
        (io.StringIO("date,title"), "got StringIO: save it as a file"),
        (io.BytesIO(b"date,title"), "got BytesIO: save it as a file"),
        ({"date": "2014-06-10", "title": "Mosul falls"}, "put a single record into a list"),
        ({"date": ["2014-06-10"], "title": ["Mosul falls"]}, "make a frame of its columns"),
        ([("2014-06-10", "Mosul falls")], r"got a tuple; name its values, such as with dict\(zip"),
        (None, "a frame or an iterable of events, got NoneType$"),
    ],
)
def test_what_gives_no_events_is_refused_with_what_to_give_instead(source: object, told: str) -> None:
    with pytest.raises(InputError, match=told):
        list(read_any(source, ReadOptions()))


def test_a_frame_that_is_not_computed_is_refused() -> None:
    polars = pytest.importorskip("polars")
    with pytest.raises(InputError, match=r"got LazyFrame: collect its rows first, with \.collect\(\)"):
        read_events(polars.LazyFrame({"date": ["2014-06-10"], "title": ["Mosul falls"]}))


def test_a_column_of_texts_is_refused() -> None:
    for name in ("pandas", "polars"):
        column = pytest.importorskip(name).Series(["Troops go to Iraq.", "Mosul falls."])
        with pytest.raises(
            InputError, match=r"got Series: .* a column of texts into a frame that has their dates"
        ):
            read_events(column)


def test_a_folder_of_pages(tmp_path: Path) -> None:
    reading = read(PAGES)
    events = list(reading)
    assert [event.day for event in events] == sorted(event.day for event in events)
    assert [event.id.rpartition("/")[2] for event in events] == [
        "the-rover-curiosity-lands-in-gale-crater-on-mars",
        "insight-lands-on-the-plain-elysium-planitia",
        "the-rover-perseverance-lands-in-jezero-crater",
    ]
    assert all(event.id.startswith("news/") for event in events)
    for page in PAGES.rglob("*.md"):  # the same, flattened
        write(tmp_path / page.relative_to(PAGES).as_posix().replace("/", "__"), page.read_bytes())
    assert list(read(tmp_path)) == events
    one = PAGES / "news/2021/02/18/the-rover-perseverance-lands-in-jezero-crater.md"
    assert list(read(one)) == [events[2]]
    assert list(read(write(tmp_path / "x.md.gz", one.read_bytes()))) == [events[2]]


def test_values_in_memory() -> None:
    assert list(read_events([EVENTS[0], RECORDS[1]])) == EVENTS
    assert list(read_events(iter(RECORDS))) == EVENTS
    assert list(read_events([])) == []
    with pytest.raises(InputError, match="record 2: expected an object"):
        list(read_events([EVENTS[0], "news.jsonl"]))
    for wrong in (RECORDS[0], 3, None, b"news.jsonl"):
        with pytest.raises(InputError, match="expected a path, a frame or an iterable"):
            read_events(wrong)


def test_fields_are_mapped_and_named_as_the_file_names_them(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        '{"uid": 7, "when": "2014-06-10", "headline": "H", "title": "no"}\n{"when": "x"}\n',
    )
    fields = {"uid": "id", "when": "date", "headline": "title", "title": "category"}
    reading = read(path, fields=fields)
    assert next(reading) == Event(7, date(2014, 6, 10), title="H", category="no")
    with pytest.raises(InputError, match="line 2, field 'when': not a date"):
        next(reading)
    table = write(tmp_path / "a.csv", "when,text,tags\n2014-06-10,x,a;b\n")
    assert next(read(table, fields={"when": "date", "tags": "topics"})).topics == ("a", "b")
    with pytest.raises(ConfigError, match="'headline' is mapped to 'titel'; events have id, date"):
        read(path, fields={"headline": "titel"})
    with pytest.raises(ConfigError, match="more than one field is mapped to 'date'"):
        read(path, fields={"a": "date", "b": "date"})


def test_a_zone_for_times_without_one(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"date": "2014-06-10T03:00:00", "text": "x"}\n')
    assert next(read(path, zone="Asia/Baghdad")).date == datetime(2014, 6, 10, 0, tzinfo=UTC)
    reading = read(path)
    assert next(reading).date == datetime(2014, 6, 10, 3, tzinfo=UTC)
    assert reading.lines() == ["times without a zone, read as UTC (zone=... overrides it): 1"]
    with pytest.raises(InputError, match="there is no time zone"):
        read(path, zone="Nowhere/Land")
    with pytest.raises(InputError, match="there is no time zone"):
        read(path, zone="")


# Bad input

BAD_LINES = [
    ("Once upon a time", None, "not JSON"),
    ('{"id": "x", "date": "2014-06-10", "text": "cut', None, "not JSON"),
    ('{"id": "x"} {"id": "y"}', None, "not JSON"),
    ("[1, 2]", None, "expected an object"),
    ('"text"', None, "expected an object"),
    ("null", None, "expected an object"),
    ("17", None, "expected an object"),
    ('{"date": "2014-06-10", "text": "x", "weight": -Infinity}', None, "-Infinity"),
    ('{"date": "2014-06-10", "text": "x", "weight": ' + "9" * 10_000 + "}", None, "digits"),
    ('{"id": 1e999, "date": "2014-06-10", "text": "x"}', "id", "expected text"),
    ('{"date": ' + "[" * 200_000 + "]" * 200_000 + "}", None, "nested too deeply"),
    ('{"a":' * 200_000 + "1" + "}" * 200_000, None, "nested too deeply"),
    ('{"text": "x"}', "date", "is missing"),
    ('{"moment": "2014-06-10", "text": "x"}', "date", "map its name"),
    ('{"date": null, "text": "x"}', "date", "is missing"),
    ('{"date": "10 Juno 2014", "text": "x"}', "date", "not a date"),
    ('{"date": "2014-06-10"}', "text", "empty"),
    ('{"date": "2014-06-10", "title": " ", "text": ""}', "text", "empty"),
    ('{"date": "2014-06-10", "text": true}', "text", "expected text"),
    ('{"date": "2014-06-10", "text": "x", "topics": [true]}', "topics", "expected a list"),
    ('{"date": "2014-06-10", "text": "a\\u0000b"}', "text", "NUL"),
    ('{"date": "2014-06-10", "text": "a\x00b"}', None, "not JSON"),
    ('{"date": "2014-06-10", "text": "a\\ud800b"}', "text", "surrogate"),
    (b'{"date": "2014-06-10", "text": "caf\xe9"}', None, "not UTF-8 from byte 36"),
    (b'{"date": "2014-06-10", "text": "\xed\xa0\x80"}', None, "not UTF-8"),
    ('{"id": "e1", "date": "2014-06-10", "text": "Other words."}', "id", "read before with other content"),
]


@pytest.mark.parametrize(("line", "field", "words"), BAD_LINES)
@pytest.mark.parametrize("name", ["news.jsonl", "news.jsonl.gz"])
def test_a_bad_line_is_an_error_or_a_reject(
    tmp_path: Path, name: str, line: str | bytes, field: str | None, words: str
) -> None:
    line = line.encode() if isinstance(line, str) else line
    path = write(tmp_path / name, (GOOD % 1).encode() + b"\n" + line + b"\r\n" + (GOOD % 2).encode())
    reading = read(path)
    assert next(reading).id == "e1"
    with pytest.raises(InputError, match=words) as caught:
        next(reading)
    assert (caught.value.file, caught.value.line, caught.value.field) == (str(path), 3, field)
    assert len(str(caught.value)) < 500 + len(str(path))

    reading = read(path, rejects=tmp_path / "rejects.jsonl")
    assert [event.id for event in reading] == ["e1", "e2"]
    assert (reading.events, reading.repeats, reading.rejected) == (2, 0, 1)
    (entry,) = rejected(tmp_path / "rejects.jsonl")
    assert entry["file"] == str(path) and entry["line"] == 3 and entry["field"] == field
    assert words.rstrip("36").strip() in str(entry["problem"])
    assert entry["length"] == len(line) + 2
    assert str(entry["record"]).encode().startswith(line[:20])


def test_repeats_are_folded_and_counted_across_files(tmp_path: Path) -> None:
    one = write(tmp_path / "one.jsonl", GOOD % 1 + GOOD % 2 + GOOD % 1)
    two = write(tmp_path / "two.jsonl", GOOD % 2 + GOOD % 3)
    reading = read(one, two)
    assert [event.id for event in reading] == ["e1", "e2", "e3"]
    assert (reading.events, reading.repeats, reading.rejected) == (3, 2, 0)


def test_repeats_are_found_among_more_ids_than_memory_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_rejects, "_IDS_IN_MEMORY", 10)
    events = [Event(f"é{number % 70}", date(2014, 6, 10), text=f"x{number % 70}") for number in range(210)]
    reading = read_events(events)
    assert len(list(reading)) == 70 and reading.repeats == 140
    other = Event("é3", date(2014, 6, 10), text="other")
    with pytest.raises(InputError, match="record 71, field 'id': 'é3' was read before with other content"):
        list(read_events([*events[:70], other]))


@pytest.mark.parametrize("name", ["news.jsonl", "news.jsonl.gz", "news.csv"])
def test_a_line_of_50_megabytes_is_never_held(tmp_path: Path, name: str) -> None:
    size = 50 * 2**20
    data = b"date,text\n2014-06-10,first\n" if name.endswith("csv") else (GOOD % 1).encode()
    long = b'"' + b"x" * size + b'"\n' if name.endswith("csv") else b"x" * size + b"\r\n"
    last = b"2014-06-10,last\n" if name.endswith("csv") else (GOOD % 2).encode()
    path = write(tmp_path / name, data + long + last)
    with pytest.raises(InputError, match=f"the limit is {MAX_RECORD:,}"):
        list(read(path))
    program = f"""
        import resource
        from relatedness.sources import read
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert len(list(read({str(path)!r}, rejects={str(tmp_path / "rejects.jsonl")!r}))) == 2
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 48 * 1024  # kilobytes; the line alone has 51,200
    (entry,) = rejected(tmp_path / "rejects.jsonl")
    assert entry["length"] == len(long) and len(str(entry["record"])) == 65_536


def test_a_broken_gz_gives_what_is_there_then_the_error(tmp_path: Path) -> None:
    whole = gzip.compress("".join(GOOD % number for number in range(5000)).encode())
    for cut in (0, 5, 200, len(whole) // 2, len(whole) - 1):
        path = tmp_path / "cut.jsonl.gz"
        path.write_bytes(whole[:cut])
        reading = read(path)
        with pytest.raises(InputError, match="is cut off here") as caught:
            list(reading)
        assert caught.value.line == reading.events + 1
        reading = read(path, rejects=tmp_path / "rejects.jsonl")
        assert len(list(reading)) == reading.events and reading.rejected == 1
    assert reading.events == 5000
    for place in (300, len(whole) - 6):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
        with pytest.raises(
            InputError, match=r"cannot be read further|not JSON|breaks off|read before|not a date|UTF-8"
        ):
            list(read(path))
    path.write_bytes(b"no gzip at all")
    with pytest.raises(
        InputError, match="line 1: cannot be read further: it is not packed, although its name says so"
    ):
        list(read(path))
    path.write_bytes(whole + b"dirt")
    with pytest.raises(InputError, match="line 5001: cannot be read further"):
        list(read(path))


def test_a_gzip_bomb_of_one_line_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "bomb.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(300):
            file.write(bytes(2**20))
    with pytest.raises(InputError, match="line 1: the record has"):
        list(read(path))
    reading = read(path, rejects=tmp_path / "rejects.jsonl")
    assert list(reading) == [] and reading.rejected == 1
    assert rejected(tmp_path / "rejects.jsonl")[0]["length"] == 300 * 2**20


def test_empty_files(tmp_path: Path) -> None:
    assert list(read(write(tmp_path / "a.jsonl", ""))) == []
    assert list(read(write(tmp_path / "a.jsonl.gz", " \n\n"))) == []
    assert list(read(write(tmp_path / "b.csv", "date,text\n\n"))) == []
    with pytest.raises(InputError, match="is empty: a CSV file begins"):
        list(read(write(tmp_path / "a.csv", "")))
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="holds no posts or pages"):
        list(read(tmp_path / "folder"))


def test_what_is_not_there_or_of_no_known_kind_is_said_at_once(tmp_path: Path) -> None:
    good = write(tmp_path / "a.jsonl", GOOD % 1)
    (tmp_path / "loop.jsonl").symlink_to("loop.jsonl")
    for wrong, words in [
        ("none.jsonl", "No such file"),
        ("loop.jsonl", "symbolic links"),
        ("a\x00.jsonl", "null"),
        ("a.jsonl/b.jsonl", "Not a directory"),
    ]:
        with pytest.raises(InputError, match=words):
            read(good, tmp_path / wrong)
    for name in ("a.exe", "jsonl", "a.gz", "a.tar.lz"):
        with pytest.raises(InputError, match=r"has no known ending: save") as raised:
            read(write(tmp_path / name, ""))
        lines = str(raised.value).splitlines()
        assert any(line.startswith("  JSON lines, JSON, YAML, TOML: .jsonl ") for line in lines)
        assert max(map(len, lines[1:])) < 120
    write(tmp_path / "fires.csv", "date,title\n")
    with pytest.raises(InputError, match=r"holds no fire\.csv; did you mean fires\.csv\?"):
        read(tmp_path / "fire.csv")
    (tmp_path / "link.csv").symlink_to(tmp_path / "gone.csv")
    with pytest.raises(InputError, match=r"link\.csv is a link to a file that is not there"):
        read(tmp_path / "link.csv")
    with pytest.raises(InputError, match=r"nowhere.*: .* holds no nowhere: check the spelling"):
        read(tmp_path / "nowhere/fires.csv")
    with pytest.raises(InputError, match=r"https://example.org/feed: is an address, and nothing is fetched"):
        read("https://example.org/feed")
    with pytest.raises(InputError, match=r"a\.7z: is an archive of a kind that is not read: unpack it"):
        read(write(tmp_path / "a.7z", ""))


def test_an_index_is_told_from_events(tmp_path: Path) -> None:
    (tmp_path / "old.index").write_bytes(b"SQLite format 3\0")
    with pytest.raises(
        InputError, match=r"old\.index: has the name of an index, but an index is built from events"
    ):
        list(read_events(tmp_path / "old.index"))


@pytest.mark.parametrize(
    ("text", "line", "field", "words"),
    [
        ("id,date,text\na,2014-06-10,x\nb,2014-06-10,x,y\n", 3, None, "4 cells, but the header has 3"),
        ('id,date,text\na,2014-06-10,"x\ny"\nb,,z\n', 4, "date", "is missing"),
        ('id,date,text\na,2014-06-10,"never closed\nb,2014-06-10,z\n', 2, None, "not CSV: unexpected end"),
        ("id,date,text\na,2014-06-10,x\x00y\n", 2, "text", "NUL"),
        ("id,date,text\na,2014-06-10,café\n".encode() + b"b,2014-06-10,caf\xe9\n", 3, "text", "not UTF-8"),
        ('id,date,text,topics\na,2014-06-10,x,"[true]"\n', 2, "topics", "list of strings"),
        ("id,text\na,x\n", 1, "date", "no column for the date (its columns: id, text)"),
        ('"never closed\n', 1, "date", "has no column for the date"),
    ],
)
def test_bad_csv(tmp_path: Path, text: str | bytes, line: int, field: str | None, words: str) -> None:
    path = write(tmp_path / "a.csv", text)
    with pytest.raises(InputError) as caught:
        list(read(path))
    assert words in caught.value.problem
    assert (caught.value.file, caught.value.line, caught.value.field) == (str(path), line, field)
    if line > 1:
        reading = read(path, rejects=tmp_path / "rejects.jsonl")
        list(reading)
        assert reading.rejected == 1


def test_a_quote_never_closed_swallows_no_more_than_one_record_may_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_csv, "MAX_RECORD", 2**16)
    rows = b"2014-06-10,some words\n"
    path = write(
        tmp_path / "a.csv", b'date,text\n2014-06-10,"never closed\n' + rows * (2**16 // len(rows) + 10)
    )
    reading = read(path, rejects=tmp_path / "rejects.jsonl")
    assert len(list(reading)) == 1 and reading.repeats > 5 and reading.rejected == 1


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions are another thing here")
def test_what_may_not_be_read(tmp_path: Path) -> None:
    # pytest keeps its folders to their owner; one level more lies above where tests run in several processes.
    for folder in (tmp_path, *(one for one in tmp_path.parents if "pytest-" in str(one))):
        folder.chmod(0o755)
    secret = write(tmp_path / "a.jsonl", GOOD % 1)
    shut = tmp_path / "pages" / "shut"
    shut.mkdir(parents=True)
    page = write(tmp_path / "pages" / "a.md", "### [2014-06-10](/index.md)\n\n# Mosul falls.\n")
    for path in (secret, page, shut):
        path.chmod(0)
    was = os.geteuid()
    os.seteuid(65534 if was == 0 else was)
    try:
        with pytest.raises(InputError, match="Permission denied"):
            read(secret)
        with Rejects(os.devnull) as rejects:
            assert list(read(tmp_path / "pages", rejects=rejects)) == []
            assert rejects.count == 2
    finally:
        os.seteuid(was)
        for path in (secret, page, shut):
            path.chmod(0o755)


def test_bad_parquet(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    for data in (b"", b"PAR1", b"no parquet" * 100):
        with pytest.raises(InputError, match="is not a Parquet file or is damaged"):
            list(read(write(tmp_path / "a.parquet", data)))
    table = arrow.table({"date": ["2014-06-10"] * 3, "text": ["a", None, "c"]})
    pytest.importorskip("pyarrow.parquet").write_table(table, tmp_path / "a.parquet")
    with pytest.raises(InputError, match=r"a.parquet, record 2, field 'text'"):
        list(read(tmp_path / "a.parquet"))
    reading = read(tmp_path / "a.parquet", rejects=tmp_path / "rejects.jsonl")
    assert len(list(reading)) == 2 and reading.rejected == 1
    whole = (tmp_path / "a.parquet").read_bytes()
    for cut in range(0, len(whole), 7):
        with pytest.raises(InputError):
            list(read(write(tmp_path / "cut.parquet", whole[:cut])))
    far = arrow.table({"date": arrow.array([2**62, 0], arrow.timestamp("s")), "text": ["a", "b"]})
    reading = read_events(far, rejects=tmp_path / "rejects.jsonl")
    assert [event.date for event in reading] == [date(1970, 1, 1)] and reading.rejected == 1


def test_wrong_types_in_a_frame_are_named_by_row(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"date": ["2014-06-10"] * 4, "title": ["a", True, {"b": 1}, 5]})
    reading = read_events(frame, rejects=tmp_path / "rejects.jsonl")
    assert [event.title for event in reading] == ["a", "5"]
    assert [(entry["line"], entry["field"]) for entry in rejected(tmp_path / "rejects.jsonl")] == [
        (2, "title"),
        (3, "text"),
    ]


def test_without_pyarrow_the_message_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'relatedness\[frames\]'"):
        read(write(tmp_path / "a.parquet", ""))


def test_a_folder_with_bad_and_unreadable_entries(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    (folder / "2014").mkdir(parents=True)
    (folder / "2014" / "back").symlink_to(folder, target_is_directory=True)  # a loop: entered once
    (folder / "2014" / "good.md").write_text("### [2014-06-10](/2014/index.md)\n\n# Mosul falls.\n")
    (folder / "2014" / "index.md").write_text("## [2014-06-10](/2014/index.md)\n")
    (folder / "2014" / "notes.txt").write_text("not a page")
    assert [event.id for event in read(folder)] == ["2014/good"]

    (folder / "2014" / "gone.md").symlink_to("nowhere.md")
    (folder / "2014" / "latin.md").write_bytes(b"### [2014-06-10](/2014/index.md)\n\n# caf\xe9\n")
    (folder / "2014" / "long.md").write_bytes(b"x" * (MAX_RECORD + 1))
    (folder / "2014" / "self").symlink_to("self")
    (folder / "2014" / "wrong.md").write_text(
        "### [2014-06-10](/2014/index.md)\n\n# A\n\n### Related:\n\n1. B\n"
    )
    with pytest.raises(InputError):
        list(read(folder, strict=True))
    assert [event.id for event in read(folder)] == ["2014/good"]
    reading = read(folder, rejects=tmp_path / "rejects.jsonl")
    assert [event.id for event in reading] == ["2014/good"]
    assert reading.faulty == reading.rejected == 5
    entries = {Path(str(entry["file"])).name: entry for entry in rejected(tmp_path / "rejects.jsonl")}
    assert {name: entry["line"] for name, entry in entries.items()} == {
        "gone.md": None,
        "latin.md": 3,
        "long.md": None,
        "self": None,
        "wrong.md": 7,
    }
    assert "symbolic links" in str(entries["self"]["problem"]) and "No such file" in str(
        entries["gone.md"]["problem"]
    )


def test_a_folder_deeper_than_python_recurses(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("### [2014-06-10](/index.md)\n\n# Mosul falls.\n")
    depth = 1500
    here = [os.open(tmp_path, os.O_RDONLY)]
    made = 0
    try:
        for _ in range(depth):
            os.mkdir("d", dir_fd=here[-1])
            made += 1
            here.append(os.open("d", os.O_RDONLY, dir_fd=here[-1]))
            os.close(here.pop(-2))
        assert [event.id for event in read(tmp_path)] == ["a"]
    finally:
        for _ in range(made):  # taken away here, also after a failure: what pytest clears up with recurses
            here.append(os.open("..", os.O_RDONLY, dir_fd=here[-1]))
            os.close(here.pop(-2))
            os.rmdir("d", dir_fd=here[-1])
        os.close(here.pop())


# Rejects and progress


def test_rejects_are_kept_open_for_several_readings_and_never_eat_the_input(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "nonsense\n" + GOOD % 1)
    with Rejects(tmp_path / "rejects.jsonl") as rejects:
        for _ in range(2):
            assert len(list(read(path, rejects=rejects))) == 1
        assert (
            list(read_events([{"text": {1, 2}}, object(), {"a": "\ud800", 3: float("nan")}], rejects=rejects))
            == []
        )
        assert rejects.count == 5
    assert [entry["line"] for entry in rejected(rejects.path)] == [1, 1, 1, 2, 3]
    with pytest.raises(ConfigError, match="is the input itself"):
        read(path, rejects=tmp_path / "." / "a.jsonl")
    assert path.read_text().startswith("nonsense")
    with pytest.raises(ConfigError, match="cannot be written"):
        Rejects(tmp_path / "no" / "such" / "folder")


def test_progress_grows_to_the_size_on_disk(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow.parquet").write_table(
        pytest.importorskip("pyarrow").table(
            {"date": ["2014-06-10"] * 600, "text": [f"p{n}" for n in range(600)]}
        ),
        tmp_path / "c.parquet",
    )
    paths = [
        write(tmp_path / "a.jsonl", "".join(GOOD % number for number in range(9000))),
        write(
            tmp_path / "b.csv.gz",
            "date,text\n" + "".join(f"2014-06-10,x{number}\n" for number in range(9000)),
        ),
        tmp_path / "c.parquet",
        PAGES,
    ]
    calls: list[tuple[int, int]] = []
    assert len(list(read(*paths, progress=lambda done, total: calls.append((done, total))))) == 18_603
    total = sum(path.stat().st_size for path in paths[:3])
    total += sum(page.stat().st_size for page in PAGES.rglob("*.md"))
    assert {each for _, each in calls} == {total}
    done = [done for done, _ in calls]
    assert done == sorted(done) and done[-1] == total and len(done) > 8


# Fuzz

FRAGMENTS = (
    rb'{"id": "a", "date": "2014-06-10", "text": "x"}|{"id": |"date": "2014|}|[[[[|"|\u|NaN|1e999|"topics": [|,|;|'
    rb'"sources": {"name": 3}|date,text|2014-06-10,x|'
    b'"a\nb"|\n|\r|\r\n|\xef\xbb\xbf|\xff|\x00'
)
fragments = st.sampled_from(FRAGMENTS.split(b"|"))


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


@given(
    st.lists(fragments | st.binary(max_size=12), max_size=12).map(b"".join),
    st.sampled_from(["jsonl", "csv", "md"]),
)
@settings(examples(400), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_only_input_errors_escape_and_nothing_is_skipped(tmp_path: Path, data: bytes, kind: str) -> None:
    path = tmp_path / f"fuzz.{kind}"
    path.write_bytes(data)
    try:
        reading = read(path)
        events = list(reading)
    except InputError as error:
        assert error.file == str(path)
        events = None
    try:
        tolerant = read(path, rejects=tmp_path / "rejects.jsonl")
        kept = list(tolerant)
    except InputError:
        assert events is None  # a CSV file without a usable header
        return
    assert tolerant.rejected == len(rejected(tmp_path / "rejects.jsonl"))
    assert (tolerant.rejected == 0) == (events is not None)
    if events is not None:
        assert kept == events
    if kind == "jsonl":
        lines = [line for line in data.removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip()]
        told = tolerant.events + tolerant.repeats + tolerant.rejected
        # Where the first line is no value, the values may stand in any number on a line or over several.
        assert len(lines) == told if not lines or _is_json(lines[0]) else told


@pytest.mark.archive
def test_the_real_archive(archive: Path) -> None:
    reading = read(archive / "archive-2002-2017.jsonl.gz")
    last = None
    for event in reading:
        last = event
    assert (reading.events, reading.repeats, reading.rejected) == (67_194, 0, 0)
    assert last is not None and last.date.year == 2017
    pages = {event.id.rpartition("/")[2][:20]: event for event in read(archive / "pages")}
    assert len(pages) == 4 and "the-united-states-an" in pages


def test_the_rejects_of_a_folder_lie_outside_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_text('{"id": "a", "date": "2017-03-07", "title": "A"}\n{"id": "b"}\n')
    for name in ("in/rejects.jsonl", "in/more/../rejects.jsonl"):
        with pytest.raises(ConfigError, match=r"lies in the input folder .*: name a file outside it"):
            read(tmp_path / "in", rejects=tmp_path / name)
    reading = read(tmp_path / "in", rejects=tmp_path / "rejects.jsonl")
    assert [event.id for event in reading] == ["a"] and reading.rejected == 1


@pytest.mark.parametrize(
    "first", ['{"id": "0", "date": "2017-03-07", "text": "x"}}', '{"id": "0", "text": "Mosul']
)
def test_lines_of_which_hardly_one_is_sound_are_lines_all_the_same(first: str, tmp_path: Path) -> None:
    sound = [f'{{"id": "s{n}", "date": "2017-03-07", "text": "Mosul {n}."}}' for n in range(2)]
    faulty = [f'{{"id": "f{n}", "date": "2017-03-07", "text": Mosul {n}.}}' for n in range(17)]
    path = tmp_path / "events.jsonl"
    path.write_bytes("\n".join([first, *faulty, *sound]).encode() + b'\n{"id": "\xff"}\n')
    with Rejects(tmp_path / "rejects.jsonl") as rejects:
        assert [event.id for event in read_events(path, rejects=rejects)] == ["s0", "s1"]
    assert rejects.count == 1 + 17 + 1
