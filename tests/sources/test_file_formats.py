"""Every kind of file, packed in every way, found by its ending or by its first bytes."""

import bz2
import gzip
import io
import json
import lzma
import re
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from contextlib import closing, suppress
from datetime import date
from pathlib import Path

import pytest

from relatedness.errors import ConfigError, InputError
from relatedness.sources import Table, _csv, _file, is_source, read, read_events
from relatedness.sources._formats import FORMATS

ROWS = [
    {"id": "a", "date": "2017-03-07", "title": "The ferry stops, again", "text": 'He said "no".'},
    {"id": "b", "date": "2017-03-20", "title": "The ferry sails", "text": "Ärger im Hafen"},
]
CSV = 'id,date,title,text\na,2017-03-07,"The ferry stops, again","He said ""no""."\nb,2017-03-20,The ferry sails,Ärger im Hafen\n'
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)


def _read(path: Path, data: bytes | str, **options: str) -> list[dict[str, object]]:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return [event.to_record() for event in read(path, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize("ending", [".jsonl", ".ndjson", ".jl", ".JSONL", ".json"])
def test_json_lines(tmp_path: Path, ending: str) -> None:
    assert _read(tmp_path / f"a{ending}", LINES) == ROWS
    assert _read(tmp_path / f"b{ending}", json.dumps(ROWS)) == ROWS
    assert _read(tmp_path / f"c{ending}", json.dumps(ROWS, indent=1)) == ROWS


@pytest.mark.parametrize(
    "value",
    [
        {"items": ROWS, "count": 2},
        {"next": None, "anything": ROWS},
        {"results": ROWS, "links": [{"a": 1}]},
        {"hits": {"total": 2, "hits": [{"_source": row} for row in ROWS]}},
        {"type": "FeatureCollection", "features": [{"properties": row} for row in ROWS]},
        {"columns": list(ROWS[0]), "index": [0, 1], "data": [list(row.values()) for row in ROWS]},
        {name: {str(at): row[name] for at, row in enumerate(ROWS)} for name in ROWS[0]},
        {str(at): row for at, row in enumerate(ROWS)},
        {row["id"]: {name: cell for name, cell in row.items() if name != "id"} for row in ROWS},
        {"found": {"incidents": {row["id"]: row for row in ROWS}}, "took": 3},
        {row["date"]: [{name: cell for name, cell in row.items() if name != "date"}] for row in ROWS},
        {"first half": ROWS[:1], "second half": ROWS[1:]},
        {name: [row[name] for row in ROWS] for name in ROWS[0]},
        {"values": [list(ROWS[0]), *(list(row.values()) for row in ROWS)]},
        [list(ROWS[0]), *(list(row.values()) for row in ROWS)],
        {
            "meta": {"view": {"columns": [{"fieldName": name} for name in ROWS[0]]}},
            "data": [list(row.values()) for row in ROWS],
        },
    ],
)
def test_json_that_holds_records(tmp_path: Path, value: object) -> None:
    assert _read(tmp_path / "a.json", json.dumps(value)) == ROWS


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ('{"a": [{"b": 1}], "c": [{"d": 1}]}', "several lists"),
        ('{"a": 1}', "no list"),
        ("17", "holds no list"),
        ('[{"date": "2017-03-07", "title": "A"}, {"date": ', "record 2: (not JSON|ends within)"),
        ('[{"date": "2017-03-07", "title": "A"}', "ends within the array"),
        ("[1]", "expected an object"),
        ("", "not JSON"),
        ("{", "not JSON"),
        ('[{"date": "2017-03-07", "title": "A",}]', "remove the comma before the closing bracket"),
        (
            '{"items": [{"date": "2017-03-07", "title": "A"},]}',
            "remove the comma before the closing bracket",
        ),
        ('// mine\n[{"date": "2017-03-07", "title": "A"}]', "remove the comments, which JSON does not allow"),
        (
            '[{"date": "2017-03-07", "title": "A"} /* mine */]',
            "remove the comments, which JSON does not allow",
        ),
        ("[{'date': '2017-03-07', 'title': None}]", "printed by Python"),
        ('[{"date": "2017-03-07", "title": "A"}] and more', "record 2: not JSON"),
    ],
)
def test_json_that_is_refused(tmp_path: Path, data: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        _read(tmp_path / "a.json", data)
    assert caught.value.file == str(tmp_path / "a.json")


@pytest.mark.parametrize("ending", [".json", ".jsonl", ".json-seq"])
@pytest.mark.parametrize("mark", ["", "\x1e"])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("between", ["", "\n", ",\n"])
def test_objects_one_after_another(
    tmp_path: Path, ending: str, mark: str, indent: int | None, between: str
) -> None:
    text = between.join(mark + json.dumps(row, indent=indent) for row in ROWS)
    if (mark, indent, between) != (
        "\x1e",
        None,
        ",\n",
    ):  # there the comma ends a line that is an object without it
        assert _read(tmp_path / f"a{ending}", text) == ROWS
    assert _read(tmp_path / f"b{ending}", f"{json.dumps(ROWS[:1])}{between}{json.dumps(ROWS[1:])}") == ROWS


def test_yaml_that_nests_deeply_is_refused_and_costs_little(tmp_path: Path) -> None:
    for text in ("a: " + "[" * 100_000, "- " * 50_000, "\n".join(f"{' ' * at}a:" for at in range(400))):
        with pytest.raises(InputError, match="not YAML"):
            _read(tmp_path / "a.yaml", text)
    rows = "".join(
        f"- {{id: '{at}', date: 2017-03-07, title: 'The ferry [{at}] stops'}}\n" for at in range(100)
    )
    assert len(_read(tmp_path / "b.yaml", rows)) == 100


def test_a_file_of_one_record_is_one_event(tmp_path: Path) -> None:
    row = {
        **ROWS[0],
        "references": [{"name": "a paper", "url": "https://a.example"}],
        "affected": [{"package": "x"}],
    }
    assert [record["id"] for record in _read(tmp_path / "a.json", json.dumps(row, indent=1))] == ["a"]
    envelope = {"title": "All events", "updated": "2017-03-21", "items": ROWS}
    assert _read(tmp_path / "b.json", json.dumps(envelope)) == ROWS


def test_an_array_streams_in_pieces_of_any_size(tmp_path: Path) -> None:
    rows = [
        {"id": str(at), "date": "2017-03-07", "text": f"{'long ' * (at % 7 * 9000)}{at}"} for at in range(30)
    ]
    assert _read(tmp_path / "a.json", json.dumps(rows, indent=2)) == rows


def test_the_last_line_that_was_not_written_to_its_end_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"line 3: not JSON.*ends within this line"):
        _read(tmp_path / "a.jsonl", LINES + '{"id": "c", "date": "20')


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("ending", [".csv", ".tsv", ".txt"])
def test_separators_and_ends_of_lines(tmp_path: Path, separator: str, end: str, ending: str) -> None:
    header, *lines = CSV.replace("stops, again", "stops").splitlines()
    text = end.join([header.upper(), *lines]).replace(",", separator)
    rows = [{**ROWS[0], "title": "The ferry stops"}, ROWS[1]]
    assert _read(tmp_path / f"a{ending}", text) == rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings_are_found(tmp_path: Path, encoding: str) -> None:
    assert _read(tmp_path / "a.csv", CSV.encode(encoding)) == ROWS
    assert _read(tmp_path / "b.csv", CSV.encode(encoding), encoding=encoding) == ROWS


def test_an_encoding_that_was_found_is_said_and_one_that_is_unknown_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(CSV.encode("cp1252"))
    reading = read(path)
    assert list(reading)
    assert reading.lines() == ["encoding: cp1252, detected (encoding=... overrides it)"]
    assert reading.found() == {"encoding": "cp1252"}
    path.write_bytes(CSV.encode("mac_roman"))
    assert [event.text for event in read(path, found={"encoding": "mac_roman"})] == [
        row["text"] for row in ROWS
    ]
    with pytest.raises(ConfigError, match="there is no encoding"):
        read(path, encoding="utf-81")


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ('1,2017-03-07,The "Lund" ferry stops,x', ['The "Lund" ferry stops']),
        ('1,2017-03-07,"5" nails" hit a ferry,x', ['"5" nails" hit a ferry']),
        ('1,2017-03-07,"The \\"Lund\\" ferry, stops",x', ['The "Lund" ferry, stops']),
        ('1,2017-03-07,"The ""Lund"" ferry",x', ['The "Lund" ferry']),
        ("1,2017-03-07,The ferry stops", ["The ferry stops"]),
        ("1,2017-03-07,The ferry stops,x,,", ["The ferry stops"]),
        ('1,2017-03-07,"two\nlines",x\n2,2017-03-08,next,y', ["two\nlines", "next"]),
        ("1,2017-03-07," + "long " * 40_000 + ",x", ["long " * 40_000]),
    ],
)
def test_cells_as_programs_write_them(tmp_path: Path, text: str, titles: list[str]) -> None:
    rows = _read(tmp_path / "a.csv", f"id,date,title,text\n{text}\n")
    assert [row["title"] for row in rows] == titles


def test_a_row_of_separators_alone_is_no_record(tmp_path: Path) -> None:
    assert _read(tmp_path / "a.csv", CSV.replace("\nb,", "\n,,\n , ,,\n,,,,,,\nb,") + ",,,\n") == ROWS


def test_columns_of_one_name_are_read_together_or_the_first_counts_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "Created,Summary,Labels,Labels,Created,Labels\n2017-03-07,The ferry stops,Lund,,2018,ferry\n2017-03-08,It sails,a;b\n"
    )
    reading = read(path)
    first, second = reading
    assert (first.date, first.topics, second.topics) == (date(2017, 3, 7), ("Lund", "ferry"), ("a", "b"))
    assert "3 columns are named 'Labels': read together" in reading.lines()
    assert "2 columns are named 'Created': only the first is read" in reading.lines()


def _packed(path: Path, **files: str | bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.mark.parametrize("packed", [True, False])
def test_files_without_events_beside_a_table_are_left_out_and_counted(tmp_path: Path, packed: bool) -> None:
    others = {
        "README.md": "# About",
        "README.txt": "About this.",
        "codes.csv": "code,meaning\n1,x\n",
        "about.pdf": "x",
    }
    files = {
        "events.csv": CSV,
        "package.json": '{"name": "x"}',
        "composer.json": '{"authors": [{"name": "Ana", "email": "a@example.org"}]}',
        "hugo.toml": 'title = "x"\n[frontmatter]\ndate = ["date", "lastmod"]\n',
        **others,
    }
    source = _packed(tmp_path / "a.zip", **files, **{"__MACOSX/._events.csv": "x"})
    if not packed:
        source = tmp_path / "folder"
        source.mkdir()
        for name, text in files.items():
            (source / name).write_text(text)
    reading = read(source)
    assert [event.to_record() for event in reading] == ROWS
    assert sum(reading.left_out.values()) == 7 and reading.left_out["files of other kinds"] == 2
    assert reading.left_out["codes.csv, which has no date or no words"] == 1


def test_a_record_among_others_that_lacks_its_date_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"id": 1, "date": "2017-03-07", "title": "A"}]')
    (tmp_path / "b.json").write_text('[{"id": 2, "title": "B"}]')
    with pytest.raises(InputError, match=r"b\.json, record 1, field 'date': is missing"):
        list(read(tmp_path))


def test_boards_and_outlines(tmp_path: Path) -> None:
    board = {
        "id": "b",
        "lists": [{"id": "l", "name": "Done"}],
        "cards": [
            {"id": "c", "name": "Mend", "desc": "The dam", "dateLastActivity": "2017-03-07T10:00:00.000Z"}
        ],
        "actions": [{"id": "a", "date": "2017-03-08T10:00:00Z", "type": "createCard"}],
    }
    (tmp_path / "board.json").write_text(json.dumps(board))
    assert [(event.id, event.when[:10], event.title) for event in read(tmp_path / "board.json")] == [
        ("c", "2017-03-07", "Mend")
    ]
    outline = '<opml version="2.0"><head/><body>{}</body></opml>'
    lines = "".join(f'<outline text="Dam {n}" created="Tue, 0{n} Mar 2017 10:00:00 GMT"/>' for n in (7, 8))
    (tmp_path / "log.opml").write_text(outline.format(lines))
    assert [event.when[:10] for event in read(tmp_path / "log.opml")] == ["2017-03-07", "2017-03-08"]
    (tmp_path / "feeds.opml").write_text(
        outline.format('<outline text="A" xmlUrl="http://example.org/a"/>' * 2)
    )
    with pytest.raises(InputError, match="fetch the feeds"):
        list(read(tmp_path / "feeds.opml"))


def test_records_of_cve(tmp_path: Path) -> None:
    record = {
        "dataType": "CVE_RECORD",
        "cveMetadata": {"cveId": "CVE-1", "state": "PUBLISHED", "datePublished": "2017-03-07T10:00:00Z"},
        "containers": {
            "cna": {
                "title": "A leak",
                "descriptions": [{"lang": "en", "value": "The dam leaks."}],
                "affected": [{"vendor": "dam", "product": "gate"}],
                "references": [{"url": "https://example.org/"}],
            }
        },
    }
    (tmp_path / "CVE-1.json").write_text(json.dumps(record))
    gone = {
        "dataType": "CVE_RECORD",
        "cveMetadata": {"cveId": "CVE-2", "state": "REJECTED", "datePublished": "2017-03-07"},
    }
    (tmp_path / "CVE-2.jsonl").write_text(json.dumps(record | gone))
    reading = read(tmp_path)
    assert [(event.id, event.when[:10], event.title, event.text) for event in reading] == [
        ("CVE-1", "2017-03-07", "A leak", "The dam leaks.")
    ]
    assert reading.left_out == {"rejected records of CVE": 1}


_PACKAGE = {"package": {"ecosystem": "npm", "name": "sqlpad"}}


@pytest.mark.parametrize(
    ("record", "topics"),
    [
        # OSV
        ({"affected": [_PACKAGE, _PACKAGE], "database_specific": {"cwe_ids": ["CWE-94"]}}, ("sqlpad", "CWE-94")),
        # GitHub's REST and GraphQL
        ({"vulnerabilities": [_PACKAGE], "cwes": [{"cwe_id": "CWE-94", "name": "Code"}]}, ("sqlpad", "CWE-94")),
        ({"vulnerabilities": {"nodes": [_PACKAGE]}, "cwes": {"nodes": [{"cweId": "CWE-94"}]}}, ("sqlpad", "CWE-94")),
        # CVE
        ({"containers": {"cna": {"affected": [{"vendor": "n/a", "product": "n/a"}, {"product": "sqlpad"}],
                                 "problemTypes": [{"descriptions": [{"cweId": "CWE-94"}, {"description": "n/a"}]}]}}},
         ("sqlpad", "CWE-94")),
        # NVD
        ({"cve": {"weaknesses": [{"description": [{"lang": "en", "value": "NVD-CWE-noinfo"}]}], "configurations": [
            {"nodes": [{"cpeMatch": [{"criteria": r"cpe:2.3:a:acme:sql_pad\:x:6.1:*:*:*:*:*:*:*"}]}]}]}}, ("sql pad :x",)),
        # Not theirs: people affected, an advisory that names its own topics, odd values.
        ({"affected": 1200, "cve": "CVE-2024-1"}, ()),
        ({"affected": [_PACKAGE], "tags": ["mine"]}, ("mine",)),
        ({"affected": ["x", {"package": "acme"}, {"package": 7}], "containers": [1], "cwes": "CWE"}, ()),
    ],
)  # fmt: skip
def test_what_advisories_affect_are_their_topics(
    tmp_path: Path, record: dict[str, object], topics: tuple[str, ...]
) -> None:
    said = {
        "id": "A-1",
        "published": "2024-01-01",
        "summary": "Remote code execution",
        "details": "By a form.",
    }
    (tmp_path / "a.jsonl").write_text(json.dumps(said | record) + "\n")
    (event,) = read(tmp_path / "a.jsonl")
    assert (event.id, event.topics) == ("A-1", topics)


def test_a_title_of_two_words_is_no_row_of_totals(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("date,title,count\n2017-03-07,A,3\n,Total eclipse,\n")
    with pytest.raises(InputError, match="line 3, field 'date': is missing"):
        list(read(path))
    path.write_text("date,title,count\n2017-03-07,A,3\n,Total cost,3\n")
    assert len(list(read(path))) == 1


def test_a_log_of_windows_numbers_the_kinds_of_its_events(tmp_path: Path) -> None:
    path = tmp_path / "system.csv"
    rows = [
        f"Error,3/{day}/2017 10:00:00 AM,app,1000,None,The service {day} failed to start.\n"
        for day in (13, 14)
    ]
    path.write_text("".join(["Level,Date and Time,Source,Event ID,Task Category\n", *rows]))
    assert [event.title for event in read(path)] == [
        f"The service {day} failed to start." for day in (13, 14)
    ]


def test_a_row_of_totals_is_no_event(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("date,title,count\n2017-03-07,A,3\n2017-03-08,Total,4\nTotal:,,7\n")
    reading = read(path)
    assert [event.title for event in reading] == ["A", "Total"]
    assert reading.left_out == {"rows of totals": 1}
    path.write_text("date,title,count\nTotal,,7\n2017-03-07,A,3\n,Total for March,3\n2017-04-07,B,3\n")
    reading = read(path)
    assert [event.title for event in reading] == ["A", "B"]
    assert reading.left_out == {"rows of totals": 2}
    path.write_text("date,title,count\n2017-03-07,A,3\n,Total eclipse of the sun,3\n")
    with pytest.raises(InputError, match="line 3, field 'date': is missing"):
        list(read(path))
    path.write_text("date,title,count\n2017-03-07,A, B,3\n")
    with pytest.raises(
        InputError, match=r"line 2: .* enclose each cell that holds the separator \(a comma\) in quotes"
    ):
        list(read(path))


def test_answers_of_sparql_notes_of_evernote_and_nodes_of_drupal(tmp_path: Path) -> None:
    cells = {
        "itemLabel": {"type": "literal", "value": "A dam"},
        "date": {"type": "literal", "value": "2017-03-07"},
    }
    answer = {"head": {"vars": ["itemLabel", "date"]}, "results": {"bindings": [cells]}}
    node = {"id": "n1", "attributes": {"status": True, "title": "A dam", "created": "2017-03-07"}}
    hidden = {"id": "n2", "attributes": {"status": False, "title": "B", "created": "2017-03-08"}}
    note = "<note><title>A dam</title><created>20170307T100000Z</created><content><![CDATA[<p>x</p>]]></content></note>"
    files = {
        "a.json": json.dumps(answer),
        "b.json": json.dumps({"jsonapi": {}, "data": [node, hidden]}),
        "c.enex": f"<en-export>{note * 2}</en-export>",
        "d.csv": 'date,title\n"Mar 7, 2017 @ 10:00:00.000",A dam\n',
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
        assert {(event.when[:10], event.title) for event in read(tmp_path / name)} == {
            ("2017-03-07", "A dam")
        }


def test_events_in_elements_that_repeat_are_all_read(tmp_path: Path) -> None:
    page = "<page><title>{0}</title><id>{0}</id><revision><id>9</id><timestamp>2017-03-07T10:00:00Z</timestamp><text>x</text></revision></page>"
    event = "<event><date>2017-03-0{0}</date><title>{0}</title></event>"
    for text in (
        "<mediawiki>" + "".join(page.format(n) for n in range(5)) + "</mediawiki>",
        "<log>" + "".join(f"<month>{event.format(n)}</month>" for n in range(1, 6)) + "</log>",
    ):
        (tmp_path / "a.xml").write_text(text)
        assert len({event.title for event in read(tmp_path / "a.xml")}) == 5


def test_a_type_in_a_record_does_not_wrap_it(tmp_path: Path) -> None:
    record = {
        "post": {
            "uri": "at://1",
            "record": {"$type": "post", "createdAt": "2017-03-07T10:00:00Z", "text": "A dam"},
        }
    }
    (tmp_path / "a.json").write_text(json.dumps({"feed": [record]}))
    assert [(event.when[:10], event.text) for event in read(tmp_path / "a.json")] == [("2017-03-07", "A dam")]


def test_a_list_of_people_among_the_files_of_a_folder_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"ts": "1488880800.000200", "text": "The dam leaks"}]')
    (tmp_path / "users.json").write_text('[{"id": "U1", "name": "Ana"}]')
    reading = read(tmp_path)
    assert [event.text for event in reading] == ["The dam leaks"]
    assert reading.left_out == {"users.json, which has no date or no words": 1}


@pytest.mark.parametrize("ending", ["csv", "parquet", "sqlite"])
def test_rows_that_are_drafts_are_left_out_of_every_table(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    rows = {"date": ["2017-03-07", "2017-03-08"], "title": ["A", "B"], "draft": [0, 1]}
    if ending == "csv":
        path.write_text("date,title,draft\n2017-03-07,A,0\n2017-03-08,B,1\n")
    elif ending == "parquet":
        pq = pytest.importorskip("pyarrow.parquet")
        pq.write_table(pytest.importorskip("pyarrow").table(rows), path)
    else:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("create table posts (date, title, draft)")
            connection.executemany("insert into posts values (?, ?, ?)", zip(*rows.values(), strict=True))
            connection.commit()
    reading = read(path)
    assert [event.title for event in reading] == ["A"] and reading.left_out == {"drafts": 1}
    if ending == "sqlite":
        table = read(Table(f"sqlite:///{path}", "posts"))
        assert [event.title for event in table] == ["A"]


def test_a_folder_or_zip_without_any_events_says_why(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column for the date"):
        list(read(_packed(tmp_path / "a.zip", **{"codes.csv": "code,meaning\n1,x\n", "d.json": "{}"})))
    # A column that looks like a date shows that the table is meant.
    with pytest.raises(InputError, match=r"fields={'Tag_der_Tat': 'date', 'x': 'title'}"):
        list(
            read(
                _packed(tmp_path / "b.zip", **{"a.csv": CSV, "b.csv": "Tag_der_Tat,x\n2017-03-07,A ferry\n"})
            )
        )


def test_a_zip_of_posts_is_read_as_its_folder(tmp_path: Path) -> None:
    post = "---\ntitle: The ferry stops\ndate: 2017-03-07\n---\nNo boats.\n"
    path = _packed(
        tmp_path / "site.zip",
        **{
            "site-main/posts/a.md": post,
            "site-main/posts/b.md": "---\ntitle: [\n---\n",
            "site-main/README.md": "x",
        },
    )
    reading = read(path)
    assert [event.id for event in reading] == ["posts/a.md"]
    assert [fault.file for fault in reading.faults] == [str(path / "posts" / "b.md")]


def test_a_page_of_notes_beside_a_table_does_not_hide_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV)
    (tmp_path / "codebook.md").write_text("# The columns\n")
    reading = read(tmp_path)
    assert [event.to_record() for event in reading] == ROWS
    assert reading.left_out["pages without a date"] == 1


@pytest.mark.parametrize(
    "form", ["<{0}>{1}</{0}>", '<{0} lang="en">{1}</{0}>', "<x:{0} xmlns:x='urn:x'>{1}</x:{0}>"]
)
def test_xml_that_is_no_feed(tmp_path: Path, form: str) -> None:
    tags = "<tag>a</tag><tag>b</tag><tag>c</tag>"
    rows = "".join(
        f"<event>{''.join(form.format(name, cell) for name, cell in row.items())}{tags}</event>"
        for row in ROWS
    )
    text = f"<?xml version='1.0'?>\n<!-- ours -->\n<log><made>2017-04-01</made><events>{rows}</events></log>"
    assert _read(tmp_path / "a.xml", text) == [{**row, "topics": ["a", "b", "c"]} for row in ROWS]
    with pytest.raises(InputError, match="neither RSS nor Atom"):
        _read(tmp_path / "b.xml", "<svg><g><path d='M 0 0'/></g></svg>")
    with pytest.raises(InputError, match="not well-formed"):
        _read(tmp_path / "c.xml", "<events><event>")


@pytest.mark.parametrize(
    ("text", "encoding", "read_from"),
    [
        ("Nr.;Meldetag;Lage\n1;07.03.17;Brand im Hafen\n2;08.03.17;Chlorgas tritt in Köln aus\n", "cp1252", {"Meldetag": "date", "Lage": "title"}),
        ("Gün;Ne oldu;Yer\n7.03.2017;Depo yandı, kimse ölmedi;Muğla\n8.03.2017;Tren raydan çıktı;Iğdır\n", "cp1254", {"Gün": "date", "Ne oldu": "title"}),
        ("День;Суть;Район\n07.03.2017;Пожар на складе в порту;Тверь\n08.03.2017;Авария на трассе;Омск\n", "cp1251", {"День": "date", "Суть": "title"}),
        ("日にち,出来事\n2017年3月7日,港の倉庫で火災が起きた\n2017年3月8日,列車が脱線した\n", "cp932", {"日にち": "date", "出来事": "title"}),
        ("何时,何事\n2017-03-07,港口仓库起火\n2017-03-08,列车脱轨无人受伤\n", "gb18030", {"何时": "date", "何事": "title"}),
        ("언제,무슨 일\n2017-03-07,항구 창고가 탔다\n2017-03-08,열차가 탈선했다\n", "cp949", {"언제": "date", "무슨 일": "title"}),
        ("วัน,เรื่อง\n2017-03-07,ไฟไหม้ท่าเรือ\n2017-03-08,รถไฟตกราง\n", "utf-8", {"วัน": "date", "เรื่อง": "title"}),
        ("Printed today,\n,\nDay of it,Tale\n2017-03-07,A fire in the harbour\n2017-03-08,A flood\n", "utf-8", {"Day of it": "date", "Tale": "title"}),
    ],
)  # fmt: skip
def test_cells_show_what_no_name_tells_and_that_is_said(
    tmp_path: Path, text: str, encoding: str, read_from: dict[str, str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    reading = read(path)
    events = list(reading)
    assert [event.date for event in events] == [date(2017, 3, 7), date(2017, 3, 8)]
    assert all(event.title and event.title in text for event in events)
    said = " ".join(
        line for line in reading.lines() if line.startswith(("read:", "recognised by their cells"))
    )
    assert all(f"{ours} <- {theirs}" in said for theirs, ours in read_from.items())
    # What was found holds on where the rows of a later reading show nothing.
    header = next(line for line in text.splitlines() if all(name in line for name in read_from))
    mark = ";" if ";" in header else ","
    cells = {name: "2017-03-09" if ours == "date" else "x" for name, ours in read_from.items()}
    row = mark.join(cells.get(name, "") for name in header.split(mark))
    (tmp_path / "b.csv").write_text(f"{header}\n{row}\n", "utf-8")
    assert [event.title for event in read(tmp_path / "b.csv", found=reading.found())] == ["x"]


def test_the_earliest_of_several_dates_is_that_of_the_event(tmp_path: Path) -> None:
    header = "Alarm,Einsatzende,Stichwort\n"
    rows = [
        "2017-03-07 08:10,2017-03-07 09:00,Brand im alten Hafen",
        "2017-03-08 22:30,2017-03-09 01:00,Wasser im Keller",
        "2017-03-09 07:00,,Baum auf der Strasse",
    ]
    read_rows = _read(tmp_path / "a.csv", header + "\n".join(rows))
    assert [str(row["date"])[:16] for row in read_rows] == [
        "2017-03-07T08:10",
        "2017-03-08T22:30",
        "2017-03-09T07:00",
    ]
    zoned = "2017-03-10 08:10+02:00,2017-03-10 07:00Z,Baum weggeräumt"
    *_, last = _read(tmp_path / "a.csv", header + "\n".join([*rows, zoned]))
    assert str(last["date"])[:16] == "2017-03-10T08:10"
    crossed = [*rows, "2017-03-10 07:00,2017-03-09 23:00,Baum weggeräumt"]
    for text in (header + "\n".join(crossed), header + "\n".join(rows[:2])):
        with pytest.raises(InputError, match=r"no column for the date"):
            _read(tmp_path / "b.csv", text)


def test_cells_that_leave_it_open_show_nothing(tmp_path: Path) -> None:
    for text in (
        "von,bis,was\n2017-03-07,2017-03-08,Brand im Hafen\n",  # two columns of dates
        "birthday,story\n2017-03-07,Born in the harbour\n",  # a date of another kind
        "wann,wert\n2017-03-07,12\n",  # no words
        "1,2017-03-07,2017-03-08,A fire in the harbour\n2,2017-03-08,2017-03-09,A flood\n",  # no names
    ):
        with pytest.raises(InputError, match=r"no column for the|not of column names"):
            _read(tmp_path / "a.csv", text)
    rows = [{"wann": "2017-03-07", "was": "Brand im Hafen"}]
    assert [row["title"] for row in _read(tmp_path / "a.json", json.dumps(rows))] == ["Brand im Hafen"]


def test_sheets_with_the_same_columns_are_read_together(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for year, sheet in ((2016, book.active), (2017, book.create_sheet("2017"))):
        sheet.append([f"Register of {year}"])
        sheet.append(["Day", "What happened"])
        sheet.append([date(year, 3, 7), "A fire"])
    book.create_sheet("People").append(["Date", "Title", "Name"])
    book.save(tmp_path / "a.xlsx")
    reading = read(tmp_path / "a.xlsx")
    assert [event.date for event in reading] == [date(2016, 3, 7), date(2017, 3, 7)]
    assert "sheets 'Sheet', '2017' of 3" in reading.lines()


def test_mail(tmp_path: Path) -> None:
    message = (
        "From: Ann <a@b.example>\nSubject: =?utf-8?q?F=C3=A4hre_h=C3=A4lt?=\nDate: Tue, 07 Mar 2017 10:00:00 +0100\n"
        "Message-ID: <{0}@b.example>\nContent-Type: text/html\n\n<p>No <b>boats</b>.</p>\n"
    )
    (tmp_path / "a.eml").write_text(message.format(1))
    (tmp_path / "a.mbox").write_text(
        "".join(f"From a@b.example Tue Mar  7 10:00:00 2017\n{message.format(at)}\n" for at in (1, 2))
    )
    wanted = {
        "id": "1@b.example",
        "date": "2017-03-07T10:00:00+01:00",
        "title": "Fähre hält",
        "text": "No boats.",
    }
    assert [event.to_record() for event in read(tmp_path / "a.eml")] == [wanted]
    assert [event.id for event in read(tmp_path / "a.mbox")] == ["1@b.example", "2@b.example"]


def test_mail_with_odd_headers(tmp_path: Path) -> None:
    message = "Date: {0}\nSubject: The ferry stops\nContent-Type: text/plain; charset={1}\n\nÄrger im Hafen\n"
    (wanted,) = _read(tmp_path / "a.eml", message.format("Tue, 07 Mar 2017 10:00:00 +0100", "none"))
    assert wanted["text"] == "Ärger im Hafen"
    far = message.format("Tue, 07 Mar 2017 10:00:00 +9999999999999999", "utf-8")
    for name, text in ({"b.eml": far, "b.mbox": f"From a@b.example\n{far}"}).items():
        with pytest.raises(InputError, match=rf"{name}, record 1, field 'date': not a date: .*\+99999"):
            _read(tmp_path / name, text)


def test_a_mailbox_without_messages_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.mbox: holds no message.* From "):
        _read(tmp_path / "a.mbox", "Subject: The ferry stops\n\nNo boats.\n")
    files = {"box.mbox": "No boats.\n", "events.csv": CSV}
    assert [event.to_record() for event in read(_packed(tmp_path / "a.zip", **files))] == ROWS
    with pytest.raises(InputError) as caught:
        list(read(_packed(tmp_path / "b.zip", **{"box.mbox": "No boats.\n"})))
    assert caught.value.file is not None and caught.value.file.endswith("box.mbox")


def test_toml(tmp_path: Path) -> None:
    text = '[[event]]\nid = "a"\ndate = 2017-03-07\ntitle = "The ferry stops"\n'
    assert [row["id"] for row in _read(tmp_path / "a.toml", text)] == ["a"]
    for wrong in ("a = ", "[" + "a." * 200 + "b]\n"):
        with pytest.raises(InputError, match="TOML"):
            _read(tmp_path / "b.toml", wrong)


def test_what_well_known_programs_hide_is_left_out(tmp_path: Path) -> None:
    when = "2017-03-07T10:00:00Z"
    records = [
        {"id": 1, "attributes": {"title": "Shown", "publishedAt": when, "createdAt": when}},
        {"id": 2, "attributes": {"title": "Draft", "publishedAt": None, "createdAt": when}},
        {"_id": "drafts.3", "_type": "post", "_createdAt": when, "title": "Draft", "publishedAt": when},
        {"_id": "4", "_type": "sanity.imageAsset", "_createdAt": when},
        {"id": 5, "post_date": when, "post_title": "Draft", "post_status": "draft"},
        {"id": 6, "type": "service", "action": "join", "date": when},
        {"id": 8, "subject": "Draft", "publish_date": None, "status": "draft"},
        {"id": 7, "type": "Announce", "object": "https://a.example", "published": when},
    ]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    reading = read(tmp_path / "a.jsonl")
    assert [event.title for event in reading] == ["Shown"]
    assert reading.left_out == {"drafts": 4, "entries that are not posts": 3}


def test_a_quote_that_is_never_closed_spoils_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = [f"{at},2017-03-07,title {at},x" for at in range(500)]
    lines[3] = '3,2017-03-07,"never closed,x'
    path.write_text("id,date,title,text\n" + "\n".join(lines) + "\n")
    reading = read(path, rejects=tmp_path / "rejects.jsonl")
    assert [event.id for event in reading] == [str(at) for at in range(500) if at != 3]
    assert reading.rejected == 1
    assert json.loads((tmp_path / "rejects.jsonl").read_text())["line"] == 5


def test_many_open_quotes_cost_no_more_than_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    split = _csv.split_row

    def counted(text: str, separator: str, escaped: bool) -> list[str] | None:
        nonlocal asked
        asked += len(text)
        return split(text, separator, escaped)

    monkeypatch.setattr(_csv, "split_row", counted)
    work = []
    for n in (2_000, 4_000):
        asked = 0
        path = tmp_path / f"{n}.csv"
        path.write_text("id,date,title,text\n" + '1,2017-03-07,"a"b,"x\n' * n)
        list(read(path, rejects=tmp_path / "rejects.jsonl"))
        work.append(asked)
    assert work[1] < 2.2 * work[0]


def test_lines_above_the_header_are_left_out_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Export of 2017-04-01\n\n" + CSV, "utf-8")
    reading = read(path)
    assert [event.to_record() for event in reading] == ROWS
    assert reading.lines() == ["2 lines above the column names ignored"]


def test_a_table_without_a_header_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="begins with a row of values, not of column names"):
        _read(
            tmp_path / "a.csv", "1,2017-03-07,2017-03-08,The ferry stops\n2,2017-03-20,2017-03-21,It sails\n"
        )


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json"])
def test_packings(tmp_path: Path, name: str) -> None:
    data = {"a.csv": CSV, "a.jsonl": LINES, "a.json": json.dumps(ROWS)}[name].encode()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(f"folder/{name}", data)
        packed.writestr("__MACOSX/._x.csv", b"no")
        packed.writestr("readme.pdf", b"no")
    packings = {
        ".gz": gzip.compress(data),
        ".bz2": bz2.compress(data),
        ".xz": lzma.compress(data),
        ".zip": archive.getvalue(),
    }
    with suppress(ImportError):
        from backports import zstd

        packings[".zst"] = zstd.compress(data)
    for packing, contents in packings.items():
        assert _read(tmp_path / f"{name}{packing}", contents) == ROWS, packing
        if packing != ".zip":
            with pytest.raises(InputError, match=r"cannot be read|is cut off|not JSON|ends within"):
                _read(tmp_path / f"cut-{name}{packing}", contents[: len(contents) * 2 // 3])


def test_what_must_be_held_whole_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_file, "MAX_WHOLE", 2**20)
    bomb = gzip.compress(b'{"a": "' + b" " * 2**22)
    for name in ("a.json.gz", "a.yaml.gz"):
        with pytest.raises(InputError, match="more than 1,048,576 bytes"):
            _read(tmp_path / name, bomb)


def test_tables_of_programs(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("openpyxl")
    frame = pandas.DataFrame(ROWS)
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_feather(tmp_path / "a.feather")
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as connection:
        frame.to_sql("items", connection, index=False)
    (tmp_path / "a.parquet.gz").write_bytes(gzip.compress((tmp_path / "a.parquet").read_bytes()))
    for name in ("a.parquet", "a.feather", "a.xlsx", "a.sqlite", "a.parquet.gz"):
        assert [event.to_record() for event in read(tmp_path / name)] == ROWS, name


def test_a_workbook_with_a_title_above_and_a_sheet_before(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["About this file"])
    sheet = book.create_sheet("Data")
    sheet.append(["Incidents"])
    sheet.append(["ID", "Date", "Headline"])
    sheet.append([1, __import__("datetime").datetime(2017, 3, 7), "The ferry stops"])
    book.save(tmp_path / "a.xlsx")
    reading = read(tmp_path / "a.xlsx")
    assert [event.to_record() for event in reading] == [
        {"id": 1, "date": "2017-03-07", "title": "The ferry stops"}
    ]
    assert "sheet 'Data' of 2" in reading.lines()


def test_a_sqlite_file_of_several_tables_asks_which(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("CREATE TABLE one (date, title)")
        connection.execute("INSERT INTO one VALUES ('2017-03-07', 'A')")
        connection.execute("CREATE TABLE users (name)")
        connection.commit()
    reading = read(tmp_path / "a.db")
    assert [event.title for event in reading] == ["A"] and "table 'one' of 2" in reading.lines()
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("CREATE TABLE two (date, title)")
        connection.commit()
    with pytest.raises(
        InputError, match=r"2 tables with a date and words \(one, two\): name .* Table\(file, 'one'\)"
    ):
        list(read(tmp_path / "a.db"))
    # What an earlier reading chose holds on.
    assert reading.found() == {"table": "one"}
    assert [event.title for event in read(tmp_path / "a.db", found=reading.found())] == ["A"]


@pytest.mark.parametrize("ending", [".db", ".sql", ".sql.gz", ".xlsx", ".zip"])
def test_the_caller_names_one_of_several_tables(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    tables = {"posts": "The ferry stops", "reports": "The ferry sails", "users": "Ann"}
    if ending == ".xlsx":
        book = pytest.importorskip("openpyxl").Workbook()
        for name, title in tables.items():
            sheet = book.create_sheet(name)
            sheet.append(["date", "title"] if name != "users" else ["name"])
            sheet.append(["2017-03-07", title] if name != "users" else [title])
        book.save(path)
    else:
        with closing(sqlite3.connect(tmp_path / ("a.db" if ending == ".db" else "x"))) as connection:
            for name, title in tables.items():
                of_users = name == "users"
                connection.execute(f"CREATE TABLE {name} ({'name' if of_users else 'date TEXT, title TEXT'})")
                connection.execute(
                    f"INSERT INTO {name} VALUES ({'' if of_users else repr('2017-03-07') + ', '}{title!r})"
                )
            connection.commit()
            dump = "\n".join(connection.iterdump()).encode()
        if ending.startswith(".sql"):
            path.write_bytes(gzip.compress(dump) if ending == ".sql.gz" else dump)
        elif ending == ".zip":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("a.sql", dump)
                archive.writestr("notes.csv", "date,title\n2017-03-08,Not this\n")
    for name in ("posts", "reports"):
        reading = read(Table(path, name))
        assert [event.title for event in reading] == [tables[name]]
        assert reading.found()["table"] == name
    with pytest.raises(InputError, match=r"has no table 'post' \(its tables: .*posts, reports"):
        list(read(Table(path, "post")))
    if ending != ".sql.gz":
        with pytest.raises(InputError):
            list(read(Table(path, "users")))


def test_a_file_of_one_table_takes_no_name_of_a_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CSV)
    with pytest.raises(InputError, match=r"a\.csv: holds a single table: leave out"):
        read(Table(tmp_path / "a.csv", "posts"))
    with pytest.raises(ConfigError, match="updated needs the address of a database"):
        Table(tmp_path / "a.db", "posts", updated="written")


def test_yaml_and_calendars(tmp_path: Path) -> None:
    pytest.importorskip("yaml")
    text = (
        "- {id: 1, date: 2017-03-07, title: The ferry stops}\n- {id: 2, date: 2017-03-20, title: It sails}\n"
    )
    assert [row["id"] for row in _read(tmp_path / "a.yaml", text)] == [1, 2]
    with pytest.raises(InputError, match="aliases"):
        _read(tmp_path / "b.yaml", "a: &x [1]\nb: *x\n")
    pytest.importorskip("icalendar")
    calendar = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20170307T100000Z\r\n"
        "SUMMARY:The ferry stops\r\nCATEGORIES:Lund,Harbour\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    (row,) = _read(tmp_path / "a.ics", calendar)
    assert row == {
        "id": "1",
        "date": "2017-03-07T10:00:00+00:00",
        "title": "The ferry stops",
        "topics": ["Lund", "Harbour"],
    }


def test_archives_in_archives_are_read(tmp_path: Path) -> None:
    row = "id,date,title\n{},2017-03-07,A\n"
    deep = _packed(tmp_path / "c.zip", **{"c.csv": row.format(3)})
    middle = _packed(tmp_path / "b.zip", **{"b.csv": row.format(2), "in/c.zip": deep.read_bytes()})
    outer = _packed(tmp_path / "a.zip", **{"a.csv": row.format(1), "b.zip": middle.read_bytes()})
    assert sorted(str(event.id) for event in read(outer)) == ["1", "2", "3"]
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        archive.add(middle, "x/b.zip")
    assert sorted(str(event.id) for event in read(tmp_path / "a.tar.gz")) == ["2", "3"]
    beside = _packed(tmp_path / "e.zip", **{"b.zip": deep.read_bytes(), "b.zip~": "an older one"})
    assert [event.id for event in read(beside)] == ["3"]
    # What a site offers to download is none of its posts.
    page = "---\ntitle: A\ndate: 2017-03-07\n---\nText.\n"
    site = _packed(tmp_path / "site.zip", **{"a.md": page, "b/x.zip": deep.read_bytes()})
    assert len(list(read(site))) == 1
    broken = _packed(tmp_path / "d.zip", **{"x/e.zip": b"PK\x03\x04"})
    with pytest.raises(InputError, match=r"d\.zip: x/e\.zip in it cannot be read"):
        list(read(broken))


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("iso8859-2", "Zażółć gęślą jaźń: odwołano pociąg do Gdyni, Śnieżyca w Żarach, Źródło"),
        ("cp1250", "Słowa o pogodzie"),
        ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy, šťastný dělník, Ústí a Děčín"),
        ("mac-roman", "Éboulement à Orléans, grève à la gare, forêt brûlée près d’Arles, été très sec"),
        (
            "cp1252",
            "Éboulement à Orléans, grève à la gare, forêt brûlée près d’Arles – 5 € de l’été très sec",
        ),
    ],
)
def test_encodings_of_latin_letters_are_told_apart(tmp_path: Path, encoding: str, words: str) -> None:
    path = tmp_path / "a.csv"
    rows = "".join(f'2017-03-0{day},"{words} {day}"\n' for day in range(1, 8))
    path.write_bytes(f"date,title\n{rows}".encode(encoding))
    assert [event.title for event in read(path)] == [f"{words} {day}" for day in range(1, 8)]


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("a.js", "const events = ", ";\nexport default events;\n"),
        ("a.js", "export default ", ";\n"),
        ("a.json", "// the list\nvar events = ", ";"),
        ("a.json", "callback(", ");\n"),
        ("a.json", "/**/jQuery123_4(", ")"),
    ],
)
def test_a_value_within_a_program(tmp_path: Path, name: str, before: str, after: str) -> None:
    path = tmp_path / name
    path.write_text(before + json.dumps(ROWS, indent=1) + after)
    assert [event.to_record() for event in read(path)] == ROWS


def test_an_answer_of_google_sheets(tmp_path: Path) -> None:
    columns = [{"id": "A", "label": "When"}, {"id": "B", "label": "Headline"}, {"id": "C", "label": ""}]
    cells = [["Date(2017,2,7)", "A"], ["Date(2017,2,7,10,30,0)", "B", None]]
    rows = [{"c": [None if cell is None else {"v": cell} for cell in row]} for row in cells]
    answer = {"version": "0.6", "table": {"cols": columns, "rows": rows}}
    path = tmp_path / "a.json"
    path.write_text(f"/*O_o*/\ngoogle.visualization.Query.setResponse({json.dumps(answer)});")
    assert [(event.when, event.title) for event in read(path)] == [
        ("2017-03-07", "A"),
        ("2017-03-07T10:30:00+00:00", "B"),
    ]


_SHEET = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="About"><Table><Row><Cell><Data ss:Type="String">A list</Data></Cell></Row></Table></Worksheet>
<Worksheet ss:Name="All"><Table>
<Row><Cell><Data>id</Data></Cell><Cell><Data>date</Data></Cell><Cell><Data>title</Data></Cell><Cell><Data>text</Data></Cell></Row>
<Row><Cell><Data>7</Data></Cell><Cell><Data ss:Type="DateTime">2017-03-07T00:00:00.000</Data></Cell>
<Cell ss:Index="4"><Data>The dam <B xmlns="http://www.w3.org/TR/REC-html40">leaks</B>.</Data></Cell></Row>
</Table></Worksheet></Workbook>"""
_TABLE = (
    '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><meta charset="utf-8"><table border=1><tr><th>id<th>date<th>title<th>text</tr>'
    "<tr><td>7<td>2017-03-07<td><td>The dam <b>leaks</b>.</tr></table></html>"
)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.xls", _SHEET.encode()),
        ("a.xml", _SHEET.encode()),
        ("a.xls", _TABLE.encode()),
        ("a.xls", b"\xef\xbb\xbf\n" + _TABLE.encode()),
        ("a.xls", "id\tdate\ttitle\ttext\n7\t2017-03-07\t\tThe dam leaks.\n".encode("utf-16")),
        ("a.xls", b"id\tdate\ttitle\ttext\n7\t2017-03-07\t\tThe dam leaks.\n"),
    ],
)
def test_what_programs_call_a_workbook(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    (event,) = read(path)
    assert (event.id, event.when, event.title, event.text) == ("7", "2017-03-07", "", "The dam leaks.")


def test_a_workbook_of_today_is_read_by_the_ending_of_yesterday(tmp_path: Path) -> None:
    book = pytest.importorskip("openpyxl").Workbook()
    book.active.append(["date", "title"])
    book.active.append(["2017-03-07", "The dam leaks."])
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "a.xlsx").rename(tmp_path / "a.xls")
    assert [event.title for event in read(tmp_path / "a.xls")] == ["The dam leaks."]


def test_cells_that_are_merged_or_have_a_comment(tmp_path: Path) -> None:
    cells = (
        '<Cell><Data>The dam leaks.</Data><Comment ss:Author="Ann"><ss:Data>Seen.</ss:Data></Comment></Cell></Row>'
        "<Row><Cell><Data>8</Data></Cell><Cell ss:MergeAcross='1'><Data>2017-03-08</Data></Cell><Cell><Data>B</Data></Cell></Row>"
    )
    sheet, ending = _SHEET.replace("<Cell ss:Index", cells + "<Row><Cell ss:Index").split(
        "<Row><Cell ss:Index"
    )
    path = tmp_path / "a.xml"
    path.write_text(sheet + ending[ending.index("</Table>") :])
    assert [(event.id, event.title, event.text) for event in read(path)] == [
        ("7", "The dam leaks.", ""),
        ("8", "", "B"),
    ]


def test_what_a_calendar_hides_or_has_cancelled_is_left_out(tmp_path: Path) -> None:
    pytest.importorskip("icalendar")
    entries = [
        ("VEVENT", "STATUS:CONFIRMED"), ("VEVENT", "STATUS:CANCELLED"), ("VEVENT", "CLASS:PRIVATE"), ("VTODO", "PRIORITY:1"),
        ("VJOURNAL", "STATUS:FINAL"), ("VJOURNAL", "STATUS:DRAFT"), ("VTIMEZONE", "TZID:Europe/Paris"),
    ]  # fmt: skip
    lines = ["BEGIN:VCALENDAR"]
    for number, (kind, line) in enumerate(entries):
        lines += [
            f"BEGIN:{kind}",
            f"UID:{number}",
            "DTSTART:20170307T100000Z",
            "SUMMARY:A",
            line,
            f"END:{kind}",
        ]
    path = tmp_path / "a.ics"
    path.write_text("\r\n".join([*lines, "END:VCALENDAR", ""]))
    reading = read(path)
    assert [event.id for event in reading] == ["0", "4"]
    assert reading.left_out == {"cancelled entries": 1, "hidden": 1, "tasks": 1, "drafts": 1}


def test_hidden_sheets_and_names_of_groups_of_rows_are_left_out(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    header = ["Name", "Date", "Text"]
    for row in (
        ["Board"],
        [],
        ["Spring"],
        header,
        ["A", "2017-03-07", "x"],
        [],
        ["Summer"],
        header,
        ["B", "2017-03-08", "y"],
    ):
        sheet.append(row)
    hidden = book.create_sheet("Old")
    hidden.sheet_state = "hidden"
    hidden.append(header)
    hidden.append(["C", "2016-03-07", "z"])
    path = tmp_path / "a.xlsx"
    book.save(path)
    reading = read(path)
    assert [event.title for event in reading] == ["A", "B"]
    assert reading.left_out == {"names of groups of rows": 1, "repeated names of columns": 1}
    assert "left out because it is hidden: 'Old'" in "\n".join(reading.lines())
    sheet.append(["D"])
    book.save(path)
    with pytest.raises(InputError, match="field 'Date': is missing"):
        list(read(path))


DAY = "DTSTART;VALUE=DATE:20170307"


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        ((DAY, "DTEND;VALUE=DATE:20170309"), "2017-03-08"),
        ((DAY, "DTEND;VALUE=DATE:20170309", "DTEND;VALUE=DATE:20170310"), "2017-03-08"),
        ((DAY, "DTEND;VALUE=DATE:00010101"), None),
        ((DAY, "DURATION:P2D"), "2017-03-08"),
        ((DAY, "DURATION:PT2H"), None),
        ((DAY, "DTEND:soon"), None),
        (("DTSTART:20170307T100000Z", "DURATION:PT2H"), "2017-03-07T12:00:00+00:00"),
        (("DTSTART:20170307T100000Z", "DURATION:P99999999D"), None),
    ],
)
def test_the_end_of_an_event_of_a_calendar(lines: tuple[str, ...], end: str | None, tmp_path: Path) -> None:
    pytest.importorskip("icalendar")
    event = ("BEGIN:VEVENT", "UID:1", "SUMMARY:The ferry stops", *lines, "END:VEVENT")
    text = "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", *event, "END:VCALENDAR", ""))
    (row,) = _read(tmp_path / "a.ics", text)
    assert row.get("end") == end


def test_a_calendar_whose_event_has_no_readable_day_says_so(tmp_path: Path) -> None:
    pytest.importorskip("icalendar")
    text = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:A\r\nDTSTART:soon\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    with pytest.raises(InputError, match="not a date: 'soon'"):
        _read(tmp_path / "a.ics", text)


def test_a_folder_of_tables(tmp_path: Path) -> None:
    (tmp_path / "2017").mkdir()
    (tmp_path / "2017" / "a.jsonl").write_text(json.dumps(ROWS[0]))
    (tmp_path / "2017" / "b.csv").write_text("\n".join([CSV.splitlines()[0], CSV.splitlines()[2]]), "utf-8")
    (tmp_path / ".hidden.csv").write_text("no")
    (tmp_path / "notes.pdf").write_text("no")
    assert [event.to_record() for event in read(tmp_path)] == ROWS


@pytest.mark.parametrize("data", [CSV, LINES, json.dumps(ROWS), json.dumps({"items": ROWS}, indent=1)])
@pytest.mark.parametrize("packed", [False, True])
def test_standard_input_is_found_by_its_first_bytes(data: str, packed: bool) -> None:
    code = "from relatedness.sources import read\nprint(*(event.id for event in read('-')))"
    raw = gzip.compress(data.encode()) if packed else data.encode()
    done = subprocess.run([sys.executable, "-c", code], input=raw, capture_output=True, check=True)
    assert done.stdout.split() == [b"a", b"b"]


def test_one_list_of_endings() -> None:
    for ending in (ending for kind in FORMATS for ending in kind.endings):
        assert is_source(f"x{ending}") and is_source(f"X{ending.upper()}.gz")
    assert is_source("missing.rss") and is_source("a.zip")
    assert not is_source("Mosul falls to ISIL.") and not is_source("St. Louis")


def test_a_table_without_names_of_columns(tmp_path: Path) -> None:
    rows = [
        f'INC{day},2017-03-{day:02d} 10:00,shop,Checkout fails again,"Customers in Europe, who pay by card, got no answer for an hour.",https://x.org/{day}'
        for day in range(1, 10)
    ]
    path = tmp_path / "incidents.csv"
    path.write_text("\n".join(rows))
    reading = read(path)
    events = list(reading)
    assert (len(events), events[0].id, events[0].title, events[0].url) == (
        9,
        "INC1",
        "Checkout fails again",
        "https://x.org/1",
    )
    assert events[0].text.startswith("Customers in Europe, who")
    assert "no line of column names: columns are recognised by their cells" in reading.lines()
    again = list(read(path, found=reading.found()))
    assert again == events
    said = list(read(path, fields={"column 2": "date", "column 5": "title"}))
    assert [event.title[:9] for event in said] == ["Customers"] * 9


def test_a_table_without_names_whose_cells_tell_nothing_says_what_to_type(tmp_path: Path) -> None:
    path = tmp_path / "days.csv"
    path.write_text(
        "2017-03-01,2017-04-01,A fire in the harbour\n2017-03-02,2017-04-02,A flood in the harbour\n"
    )
    with pytest.raises(InputError, match=r"fields={'column 1': 'date'"):
        list(read(path))
    numbers = tmp_path / "numbers.tsv"
    numbers.write_text(
        "7\t20170301\t201703\tUSA\tA fire\thttps://x.org/7\n8\t20170302\t201703\tUSA\tA flood\thttps://x.org/8\n"
    )
    with pytest.raises(InputError, match=r"fields={'column 1': 'date'"):
        list(read(numbers))
    first, _ = read(path, fields={"column 2": "date", "column 3": "title"})
    assert (str(first.date), first.title) == ("2017-04-01", "A fire in the harbour")


def test_the_table_with_words_of_a_database(tmp_path: Path) -> None:
    path = tmp_path / "app.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE users (id INTEGER, name TEXT, created_at TEXT)")
        connection.execute("CREATE TABLE incidents (id INTEGER, title TEXT, opened_at TEXT)")
        connection.execute("INSERT INTO users VALUES (1, 'Jane', '2017-03-07')")
        connection.execute("INSERT INTO incidents VALUES (7, 'Checkout fails', '2017-03-07')")
        connection.commit()
    assert [(event.id, event.title) for event in read(path)] == [(7, "Checkout fails")]


def test_posts_alone_are_read_of_an_archive_of_twitter(tmp_path: Path) -> None:
    post = {
        "tweet": {"id": "7", "created_at": "Tue Mar 07 10:00:00 +0000 2017", "full_text": "Checkout fails"}
    }
    message = {"tweet": {"id": "8", "created_at": "Tue Mar 07 10:00:00 +0000 2017", "full_text": "A secret"}}
    (tmp_path / "tweets.js").write_text("window.YTD.tweets.part0 = " + json.dumps([post]))
    (tmp_path / "deleted-tweets.js").write_text("window.YTD.deleted_tweets.part0 = " + json.dumps([message]))
    (tmp_path / "theme.js").write_text("window.onload = []")
    assert [event.text for event in read(tmp_path)] == ["Checkout fails"]


MYSQL = r"""-- MySQL dump 10.13
CREATE TABLE `wp_comments` (
  `comment_ID` bigint(20) NOT NULL, `comment_date` datetime, `comment_content` text, PRIMARY KEY (`comment_ID`)
) ENGINE=InnoDB;
INSERT INTO `wp_comments` VALUES (1,'2017-03-07 10:00:00','Spam');
CREATE TABLE `wp_posts` (
  `ID` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `post_date` datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  `post_content` longtext NOT NULL,
  `post_title` text NOT NULL,
  `post_status` enum('publish','draft') NOT NULL,
  PRIMARY KEY (`ID`),
  KEY `post_status` (`post_status`,`post_date`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
LOCK TABLES `wp_posts` WRITE;
INSERT INTO `wp_posts` VALUES (1,'2017-03-07 10:00:00','It\'s leaking; (badly), \"they\" say.\nNow.','A dam','publish'),(2,'2017-03-08 10:00:00','No','B','draft');
INSERT INTO `wp_posts` VALUES (3,'2017-03-09 10:00:00',_binary 'It holds','C',NULL);
"""
POSTGRES = """--
-- PostgreSQL database dump
--
CREATE TABLE public.posts (
    id integer NOT NULL,
    title character varying(200) DEFAULT 'none'::character varying,
    body text,
    published_at timestamp with time zone,
    tags text[]
);
COPY public.posts (id, title, body, published_at, tags) FROM stdin;
1\tA dam\tIt's leaking; (badly), "they" say.\\nNow.\t2017-03-07 10:00:00+00\t{dams,water}
3\tC\tIt holds\t2017-03-09 10:00:00+00\t\\N
\\.

SELECT pg_catalog.setval('public.posts_id_seq', 3, true);
"""
SQLITE = """PRAGMA foreign_keys=OFF;
CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT, body TEXT, created_at TEXT, CHECK (length(title) > 0));
INSERT INTO posts VALUES(1,'A dam',replace('It''s leaking; (badly), "they" say.\\nNow.','\\n',char(10)),'2017-03-07');
INSERT INTO "posts" (id, body, title, created_at) VALUES(3,'It holds','C','2017-03-09'::date);
COMMIT;
"""


@pytest.mark.parametrize("dump", [MYSQL, POSTGRES], ids=["mysql", "postgresql"])
def test_a_dump_of_a_database(dump: str, tmp_path: Path) -> None:
    path = tmp_path / "dump.sql.gz"
    path.write_bytes(gzip.compress(dump.encode()))
    reading = read(path)
    assert [
        (int(event.id), event.title, " ".join(event.text.split()), event.when[:10]) for event in reading
    ] == [
        (1, "A dam", 'It\'s leaking; (badly), "they" say. Now.', "2017-03-07"),
        (3, "C", "It holds", "2017-03-09"),
    ]
    assert reading.left_out == ({"drafts": 1} if dump is MYSQL else {})


def test_a_dump_is_read_and_not_run(tmp_path: Path) -> None:
    path = tmp_path / "dump.sql"
    path.write_text(SQLITE)
    (first, second) = read(path)
    assert (first.title, second.title, second.text) == ("A dam", "C", "It holds")
    assert first.text == 'It\'s leaking; (badly), "they" say.\nNow.'
    path.write_text("CREATE TABLE posts (id INT);")
    with pytest.raises(InputError, match="holds no rows"):
        list(read(path))
    path.write_text(
        SQLITE + SQLITE.replace("posts", "logs").replace("COMMIT", "") + "INSERT INTO logs VALUES (1,'A"
    )
    assert len(list(read(path))) == 2
    path.write_text(SQLITE.replace("posts", "as") + SQLITE.replace("posts", "bs"))
    with pytest.raises(InputError, match=r"2 tables with a date and words.*such as Table"):
        list(read(path))


DUMPED = "CREATE TABLE posts (id INTEGER, title TEXT, body TEXT, created_at TEXT);\n"


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ("INSERT INTO posts VALUES(1,'A',unistr('It (the dam)\\u000aleaks'),'2017-03-07');", "It (the dam)\nleaks"),
        ("INSERT OR REPLACE INTO posts VALUES\n-- one\n(1,'A','x','2017-03-07') /* no (more) */;", "x"),
        ("INSERT INTO posts VALUES(1,'A',lower(trim(' X ')),'2017-03-07'::character varying(20));", ""),
        ("INSERT INTO posts VALUES(1,'A','see:\nINSERT INTO posts VALUES(9,''B'',''y'',''2017-01-01'');','2017-03-07');",
         "see:\nINSERT INTO posts VALUES(9,'B','y','2017-01-01');"),
        ("INSERT [dbo].[Posts] ([Id], [Title], [Body], [CreatedAt]) VALUES (1, N'A', N'It''s', CAST(N'2017-03-07' AS Date))\nGO", "It's"),
    ],
)  # fmt: skip
def test_values_in_a_dump(rows: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "dump.sql"
    path.write_text(DUMPED + rows)
    assert [(event.id, event.title, event.text) for event in read(path)] == [(1, "A", text)]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("(2,'B','y')", "the row has 3 values, but the table 'posts' has 4 columns"),
        ("(2,'B','y", "ends within a row"),
    ],
)
def test_rows_of_a_dump_that_do_not_fit_are_told(row: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "dump.sql"
    path.write_text(DUMPED + f"INSERT INTO posts VALUES(1,'A','x','2017-03-07'),{row};")
    with pytest.raises(InputError, match=f"record 2.*{problem}"):
        list(read(path))


def test_the_list_of_events_may_lie_deeper_than_one_of_people(tmp_path: Path) -> None:
    value = {"users": [{"id": 1, "username": "ann"}], "topic_list": {"topics": ROWS}}
    assert _read(tmp_path / "latest.json", json.dumps(value)) == ROWS
    assert (
        _read(tmp_path / "graph.jsonld", json.dumps({"@context": "https://schema.org", "@graph": ROWS}))
        == ROWS
    )


@pytest.mark.parametrize("ending", ["tar", "tar.gz", "tgz", "tar.bz2", "tar.xz"])
def test_an_archive_of_tar_is_read_as_its_folder(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"site.{ending}"
    mode = {"tar": "w", "bz2": "w:bz2", "xz": "w:xz"}.get(ending.rpartition(".")[2], "w:gz")
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, text in {
            "blog/a.md": "---\ntitle: A\ndate: 2017-03-07\n---\nA dam leaks.\n",
            "../evil.md": "x",
        }.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
        link = tarfile.TarInfo("blog/link.md")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(InputError, match=r"cannot be read: \.\./evil\.md in it lies outside its folder"):
        list(read(path))
    assert not (tmp_path / "evil.md").exists()
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, text in {
            "a.csv": CSV,
            "b.csv": CSV.replace("\na,", "\nc,").replace("\nb,", "\nd,"),
        }.items():
            info = tarfile.TarInfo(f"/data/./{name}")
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    assert [event.id for event in read(path)] == ["a", "b", "c", "d"]


def test_what_was_unpacked_is_removed_at_an_error_that_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked = tmp_path / "unpacked"
    unpacked.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(unpacked))
    path = tmp_path / "site.tar"
    _written(tmp_path / "a.csv", CSV + "z,2017-13-41,No day\n")
    with tarfile.open(path, "w") as archive:
        archive.add(tmp_path / "a.csv", "a.csv")
    reading = read(path)
    next(reading)
    assert list(unpacked.iterdir())
    with pytest.raises(InputError, match="month must be in") as caught:
        list(reading)
    assert not list(unpacked.iterdir()), caught


def test_an_archive_without_a_page_is_told_by_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "site.tar"
    with tarfile.open(path, "w") as archive:
        archive.addfile(tarfile.TarInfo("data/a.bin"))
    with pytest.raises(InputError, match=rf"\A{re.escape(str(path))}: holds no posts or pages"):
        list(read(path))


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_packed_files_within_a_zip_are_read(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("export/read me.txt", "What this is")
        archive.writestr("export/2017.csv.gz", gzip.compress(CSV.encode()))
    assert len(list(read(path))) == len(list(read(_written(tmp_path / "a.csv", CSV))))


def test_a_maildir_is_read(tmp_path: Path) -> None:
    for place, number in (("cur", 1), ("new", 2)):
        (tmp_path / place).mkdir()
        (tmp_path / place / f"1488880800.M{number}.host:2,S").write_text(
            f"Message-ID: <{number}@e.org>\nDate: Tue, 7 Mar 2017 10:00:00 +0000\nSubject: A dam\n\nIt leaks.\n"
        )
    assert [event.id for event in read(tmp_path)] == ["1@e.org", "2@e.org"]


def test_orc_is_read(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    orc = pytest.importorskip("pyarrow.orc")
    table = arrow.table(
        {"id": [1, 2], "published": [date(2017, 3, 7)] * 2, "headline": ["A dam", "A flood"], "x": [0, 1]}
    )
    orc.write_table(table, tmp_path / "news.orc")
    assert [(event.id, event.title) for event in read(tmp_path / "news.orc")] == [
        (1, "A dam"),
        (2, "A flood"),
    ]
    (tmp_path / "broken.orc").write_bytes(b"ORC" + bytes(50))
    with pytest.raises(InputError, match="is not an ORC file"):
        list(read(tmp_path / "broken.orc"))


def test_names_of_groups_above_the_names_of_columns(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (
        ["When", None, "What"],
        ["Date", "Time", "Headline", "Details"],
        [date(2017, 3, 7), "10:00", "A dam leaks", "Near Mosul"],
    ):
        book.active.append(row)
    book.save(tmp_path / "log.xlsx")
    (event,) = read(tmp_path / "log.xlsx")
    assert (event.title, event.text) == ("A dam leaks", "Near Mosul")


@pytest.mark.parametrize(
    ("text", "id_", "topics"),
    [
        (
            '<nitf><head><docdata><doc-id id-string="n1"/><date.issue norm="20170307T100000Z"/><key-list><keyword key="dam"/></key-list>'
            "</docdata></head><body><body.head><hedline><hl1>A dam leaks</hl1></hedline></body.head><body.content><block><p>Near <b>Mosul</b>.</p>"
            "<p>Again.</p></block></body.content></body></nitf>",
            "n1", ("dam",),
        ),
        (
            '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="u1"><itemMeta><versionCreated>2020-01-01T00:00:00Z</versionCreated>'
            "<firstCreated>2017-03-07T10:00:00Z</firstCreated></itemMeta><contentMeta><subject><name>dam</name></subject><headline>A dam leaks</headline>"
            '</contentMeta><contentSet><inlineXML><html xmlns="http://www.w3.org/1999/xhtml"><body><p>Near Mosul.</p><p>Again.</p></body></html>'
            "</inlineXML></contentSet></newsItem>",
            "u1", ("dam",),
        ),
        (
            '<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc><titleStmt><title>A dam leaks</title></titleStmt><publicationStmt>'
            '<idno>t1</idno><date when="2020">2020</date></publicationStmt><sourceDesc><bibl><date when="2017-03-07"/></bibl></sourceDesc></fileDesc>'
            "</teiHeader><text><body><p>Near Mosul.</p><p>Again.</p></body></text></TEI>",
            "t1", (),
        ),
        (
            "<article><front><article-meta><article-id>j1</article-id><title-group><article-title>A dam leaks</article-title></title-group>"
            "<pub-date><day>7</day><month>3</month><year>2017</year></pub-date><abstract><p>Near Mosul.</p><p>Again.</p></abstract>"
            "<kwd-group><kwd>dam</kwd></kwd-group></article-meta></front></article>",
            "j1", ("dam",),
        ),
    ],
)  # fmt: skip
def test_a_document_in_xml_is_one_record(
    tmp_path: Path, text: str, id_: str, topics: tuple[str, ...]
) -> None:
    (event,) = read(_written(tmp_path / "a.xml", text))
    assert (event.id, str(event.date)[:10], event.title, event.text, event.topics) == (
        id_,
        "2017-03-07",
        "A dam leaks",
        "Near Mosul.\n\nAgain.",
        topics,
    )


def test_sections_of_docbook_say_their_day_in_their_info(tmp_path: Path) -> None:
    section = '<section xml:id="s{0}"><info><title>Dam {0}</title><pubdate>2017-03-0{0}</pubdate></info><para>It leaks.</para></section>'
    path = _written(tmp_path / "a.xml", f"<article>{section.format(1)}{section.format(2)}</article>")
    assert [(event.id, event.title, event.text) for event in read(path)] == [
        ("s1", "Dam 1", "It leaks."),
        ("s2", "Dam 2", "It leaks."),
    ]


def test_bookmarks_of_a_browser(tmp_path: Path) -> None:
    link = '<DT><A HREF="https://example.org/{0}" ADD_DATE="148888080{0}" TAGS="dam,iraq">Dam {0}</A>\n'
    path = _written(
        tmp_path / "bookmarks.html",
        f"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<H1>Bookmarks</H1>\n<DL><p>\n{link.format(1)}<DD>It leaks.\n{link.format(2)}</DL><p>\n",
    )
    assert [(event.title, event.text, event.topics, str(event.date)[:10]) for event in read(path)] == [
        ("Dam 1", "It leaks.", ("dam", "iraq"), "2017-03-07"),
        ("Dam 2", "", ("dam", "iraq"), "2017-03-07"),
    ]


def test_entries_of_org_have_their_day_in_a_drawer(tmp_path: Path) -> None:
    entry = "* DONE Dam {0} :iraq:dam:\n:PROPERTIES:\n:CREATED: [2017-03-0{0} Tue 10:00]\n:END:\nIt leaks.\n"
    path = _written(tmp_path / "log.org", entry.format(1) + entry.format(2))
    assert [(event.title, event.text, event.topics, str(event.date)) for event in read(path)] == [
        ("Dam 1", "It leaks.", ("iraq", "dam"), "2017-03-01"),
        ("Dam 2", "It leaks.", ("iraq", "dam"), "2017-03-02"),
    ]


def test_a_line_of_dashes_below_a_list_makes_no_heading_of_its_last_item(tmp_path: Path) -> None:
    section = "## {0} (2017-03-0{0})\n\n- It leaks.\n- It is mended.\n---------\n\n"
    path = _written(tmp_path / "NEWS.md", section.format(1) + section.format(2))
    assert [(event.title, event.text) for event in read(path)] == [
        ("1", "It leaks.\n\nIt is mended."), ("2", "It leaks.\n\nIt is mended."),
    ]  # fmt: skip


def test_the_day_of_an_entry_of_org_is_no_part_of_its_text(tmp_path: Path) -> None:
    entry = (
        "* Dam {0}\nSCHEDULED: <2017-03-0{0} Tue> DEADLINE: <2017-03-09 Thu>\nIt leaks <2017-03-08 Wed>.\n"
    )
    path = _written(
        tmp_path / "log.org", entry.format(1) + "* Dam 2\n<2017-03-02 Thu>\nIt leaks <2017-03-08 Wed>.\n"
    )
    assert [(str(event.date), event.text) for event in read(path)] == [
        ("2017-03-01", "It leaks <2017-03-08 Wed>."), ("2017-03-02", "It leaks <2017-03-08 Wed>."),
    ]  # fmt: skip


def test_days_of_a_list_are_of_the_year_in_the_heading_above_it(tmp_path: Path) -> None:
    path = _written(
        tmp_path / "timeline.md",
        "# Timeline\n\n## 2016\n\n- **March 7** – A dam leaks.\n- 8 March: It is repaired.\n\n## Others\n\n- March 9: No year.\n",
    )
    assert [(event.text, str(event.date)) for event in read(path)] == [
        ("A dam leaks.", "2016-03-07"),
        ("It is repaired.", "2016-03-08"),
    ]


def test_a_signature_is_no_part_of_a_message(tmp_path: Path) -> None:
    path = _written(
        tmp_path / "a.eml",
        "Date: Tue, 7 Mar 2017 10:00:00 +0000\nSubject: A dam\n\nIt leaks.\n\n-- \nAnn, Example Ltd.\n",
    )
    (event,) = read(path)
    assert event.text == "It leaks."


@pytest.mark.parametrize(
    ("rows", "left_out"),
    [
        ("2017-03-07,A,3\ndate,title,count\n2017-03-08,B,4\n", {"repeated names of columns": 1}),
        ("2017-03-07,A,3\nMarch,,\n2017-03-08,B,4\n* provisional,,\n", {"notes beside the table": 2}),
        ("UTC,text,m\n2017-03-07,A,3\n2017-03-08,B,4\n", {"rows of units": 1}),
        ("----,----,--\n2017-03-07,A,3\n2017-03-08,B,4\n", {"lines of dashes": 1}),
        ("2017-03-07,A,3\n2017-03-08,B,4\n(2 rows)\n", {"notes beside the table": 1}),
        ("2017-03-07,A,3\n2017-03-08,B,4\nSubtotal,,7\nTotal 2017,,7\nSource: the harbour,,\n",
         {"rows of totals": 2, "notes beside the table": 1}),
        ("#date,#event +name,#affected\n2017-03-07,A,3\n2017-03-08,B,4\n", {"rows of marks for programs": 1}),
        (",Open-Ended Response,Response\n2017-03-07,A,3\n2017-03-08,B,4\n", {"repeated names of columns": 1}),
        ('"{""ImportId"":""startDate""}","{""ImportId"":""Q1""}",\n2017-03-07,A,3\n2017-03-08,B,4\n', {"rows of units": 1}),
    ],
)  # fmt: skip
def test_rows_beside_the_records_of_a_table_are_left_out_and_counted(
    tmp_path: Path, rows: str, left_out: dict[str, int]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("date,title,count\n" + rows)
    reading = read(path)
    assert [event.title for event in reading] == ["A", "B"]
    assert reading.left_out == left_out


def test_a_row_of_words_without_its_date_is_no_note(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("date,title,count\n2017-03-07,A,3\n,The ferry stops,\n")
    with pytest.raises(InputError, match="line 3, field 'date': is missing"):
        list(read(path))


def test_undated_records_whose_words_could_begin_a_note_are_kept(tmp_path: Path) -> None:
    rows = [
        ("A fire", "2017-03-07", "It is out."),
        ("Source of fire unknown", "", ""),
        ("Notes from the harbour", "", ""),
        ("Stand collapses", "", ""),
        ("Total recall of brakes", "", "A maker recalls all."),
    ]
    asides = [("Notes: provisional", "", ""), ("Stand 2017", "", "")]
    path = tmp_path / "a.csv"
    path.write_text("title,date,text\n" + "".join(",".join(row) + "\n" for row in rows + asides))
    reading = read(path, undated="keep")
    assert [event.title for event in reading] == [title for title, *_ in rows]
    assert reading.left_out == {"notes beside the table": 2}


def test_tables_as_databases_print_them_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    psql = " id |    date    | title \n----+------------+-------\n  1 | 2017-03-07 | A \n  2 | 2017-03-08 | B \n(2 rows)\n"
    edge = "+----+------------+-------+\n"
    mysql = f"{edge}| id | date       | title |\n{edge}|  1 | 2017-03-07 | A     |\n|  2 | 2017-03-08 | B     |\n{edge}2 rows in set (0.00 sec)\n"
    for text in (psql, mysql):
        path.write_text(text)
        assert [(event.id, event.title) for event in read(path)] == [("1", "A"), ("2", "B")]


def test_names_of_columns_below_those_of_their_groups_count(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("ID,When,,What,\n,Date,Time,Title,Text\n7,2017-03-07,10:00,A,The dam leaks.\n")
    (event,) = read(path)
    assert (event.id, event.title, event.text) == ("7", "A", "The dam leaks.")


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"slug": "b", "status": "Draft"}, "drafts"), ({"Slug": "b", "Status": "private"}, "hidden"),
        ({"permalink": "b", "status": "scheduled"}, "dated in the future"), ({"deleted_at": "2017-03-09"}, "hidden"),
        ({"isDeleted": True}, "hidden"), ({"confidential": True}, "hidden"), ({"Privacy": "Private"}, "hidden"),
        ({"content": {"trashed": True, "headline": "B"}}, "hidden"), ({"unpublished": 1}, "drafts"),
        ({"deleted": 0, "hidden": 1}, "hidden"), ({"slug": "b", "published": 0}, "drafts"),
    ],
)  # fmt: skip
def test_records_that_their_program_hides_are_left_out(record: dict[str, object], reason: str) -> None:
    shown = {"date": "2017-03-07", "title": "A"}
    reading = read_events([shown, {"date": "2017-03-08", "title": "B", **record}])
    assert [event.title for event in reading] == ["A"]
    assert reading.left_out == {reason: 1}


@pytest.mark.parametrize(
    "record", [{"status": "draft"}, {"private": "yes"}, {"hidden": "rocks"}, {"deleted_at": None}, {"hidden": 1, "rooms": 7}, {"author": {"deleted": True}}]
)  # fmt: skip
def test_what_only_sounds_hidden_is_read(record: dict[str, object]) -> None:
    assert len(list(read_events([{"date": "2017-03-08", "title": "B", **record}]))) == 1


def test_a_log_may_hold_lines_of_json(tmp_path: Path) -> None:
    lines = [
        {"log": f"The gate {word} again.\n", "time": f"2017-03-07T08:0{at}:00.123456789Z"}
        for at, word in enumerate(("opens", "shuts"))
    ]
    rows = _read(tmp_path / "container.log", "\n".join(map(json.dumps, lines)))
    assert [(str(row["title"]).strip(), str(row["date"])[:16]) for row in rows] == [
        ("The gate opens again.", "2017-03-07T08:00"),
        ("The gate shuts again.", "2017-03-07T08:01"),
    ]


def test_lists_of_what_is_hidden_are_not_read(tmp_path: Path) -> None:
    note = {"id": "1", "title": "A", "date": "2017-03-07"}
    path = tmp_path / "notes.json"
    path.write_text(json.dumps({"activeNotes": [note], "trashedNotes": [note | {"id": "2", "title": "B"}]}))
    reading = read(path)
    assert [event.title for event in reading] == ["A"]
    assert "left out because they hold hidden content: 'trashedNotes'" in reading.lines()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Fields with names, as Solr, MySQL and SPARQL write them.
        ('<response><result name="r" start="0"><doc><str name="id">a</str><str name="title">A</str><date name="published">2017-03-07'
         '</date></doc></result></response>', ("a", "A")),
        ('<mysqldump><database name="d"><table_data name="t"><row><field name="id">a</field><field name="title">A</field><field '
         'name="created_at">2017-03-07</field></row></table_data></database></mysqldump>', ("a", "A")),
        ('<sparql><results><result><binding name="title"><literal>A</literal></binding><binding name="id"><uri>a</uri></binding><binding '
         'name="date"><literal datatype="x">2017-03-07</literal></binding></result></results></sparql>', ("a", "A")),
        ("<alert><identifier>a</identifier><sent>2017-03-07</sent><status>Actual</status><msgType>Alert</msgType><info><headline>A"
         "</headline></info></alert>", ("a", "A")),
        ("<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>7</PMID><Article><Journal><JournalIssue><PubDate><Year>2017</Year><Month>"
         "Mar</Month><Day>07</Day></PubDate></JournalIssue></Journal><ArticleTitle>A</ArticleTitle></Article></MedlineCitation>"
         "</PubmedArticle></PubmedArticleSet>", ("7", "A")),
        ('<OAI><ListRecords><record><header><identifier>a</identifier></header><metadata><dc><title>A</title><date>2017-03-07</date></dc>'
         '</metadata></record><record><header status="deleted"><identifier>b</identifier></header></record></ListRecords></OAI>', ("a", "A")),
        ('<rows><ROW><INCIDENT_ID>a</INCIDENT_ID><OPEN_DT>07-Mar-2017</OPEN_DT><SHORT_DESC>A</SHORT_DESC></ROW></rows>', ("a", "A")),
    ],
)  # fmt: skip
def test_xml_of_more_makers(tmp_path: Path, text: str, expected: tuple[str, str]) -> None:
    path = tmp_path / "a.xml"
    path.write_text(f'<?xml version="1.0"?>{text}')
    (event,) = read(path)
    assert (event.id, event.title, event.when[:10]) == (*expected, "2017-03-07")


def test_a_file_of_an_unknown_ending_is_told_by_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text('{"items": [{"uuid": "a", "content_type": "Note", "content": {"title": "A"}, "created_at": "2017-03-07"},\n'
                    '{"uuid": "b", "content_type": "Tag", "content": {"title": "B"}, "created_at": "2017-03-07"}]}')  # fmt: skip
    assert [event.title for event in read(path)] == ["A"]
    path = tmp_path / "a.log"
    path.write_text(
        "2017-03-07 10:00:00\tanna\tThe dam leaks badly\n2017-03-08 10:00:00\tbo\tThe dam is mended\n"
    )
    assert len(list(read(path))) == 2


def test_tags_between_angles_or_bars_are_parted() -> None:
    for tags in ("<dam><valley>", "|dam|valley|"):
        (event,) = read_events([{"date": "2017-03-07", "title": "A", "tags": tags}])
        assert event.topics == ("dam", "valley")


@pytest.mark.parametrize("separator", [" ", "\t", ","])
def test_tables_of_r_name_their_rows_but_not_the_column_of_these_names(
    tmp_path: Path, separator: str
) -> None:
    lines = [['"when"', '"headline"', '"dead"'], ['"1"', '"2017-03-07"', '"The dam \\"Old Tom\\" leaks"', "2"],
             ['"2"', '"2017-03-08"', '"It burst"', "NA"]]  # fmt: skip
    path = tmp_path / "events.txt"
    path.write_text("".join(separator.join(line) + "\n" for line in lines))
    assert [(str(event.date), event.title) for event in read(path)] == [
        ("2017-03-07", 'The dam "Old Tom" leaks'),
        ("2017-03-08", "It burst"),
    ]


def test_a_table_with_a_column_for_each_year_has_no_date(tmp_path: Path) -> None:
    path = tmp_path / "gdp.csv"
    path.write_text("Country,Code,1960,1961,1962\nAruba,ABW,1,2,3\nAngola,AGO,4,5,6\n")
    with pytest.raises(InputError, match="Country") as caught:
        list(read(path))
    assert "row of values" not in str(caught.value)


def test_a_sitemap_of_news_says_its_language(tmp_path: Path) -> None:
    news = "<news:publication><news:name>The Times</news:name><news:language>en</news:language></news:publication>"
    page = (
        f"<url><loc>https://x.org/a</loc><news:news>{news}<news:publication_date>2017-03-07</news:publication_date>"
        "<news:title>The dam leaks</news:title></news:news></url>"
    )
    path = tmp_path / "news.xml"
    path.write_text(
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{page * 2}</urlset>'
    )
    assert {(event.title, event.language, event.url) for event in read(path)} == {
        ("The dam leaks", "en", "https://x.org/a")
    }


def test_columns_of_fixed_width_over_a_line_of_dashes(tmp_path: Path) -> None:
    path = tmp_path / "query.txt"
    path.write_text(
        "Work orders\n\n"
        "DATE        PLACE       HEADLINE\n"
        "----------  ----------  ------------------------\n"
        "2017-03-07  Mosul       The dam leaks, and badly, for all who live below it\n"
        "2017-03-08              It burst\n"
        "\n(2 rows affected)\n"
    )
    reading = read(path)
    assert [(str(event.date), event.title) for event in reading] == [
        ("2017-03-07", "The dam leaks, and badly, for all who live below it"),
        ("2017-03-08", "It burst"),
    ]
    assert reading.left_out == {"lines of dashes": 1, "notes beside the table": 1}
