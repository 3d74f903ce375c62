"""Lists as data files: what stands in each format, and that nothing is ever half written."""

from __future__ import annotations

import csv
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from relatedness.errors import ConfigError, InputError, MissingExtraError
from relatedness.export import FORMATS, json_lines
from relatedness.ranking import PARTS
from relatedness.related_index import RelatedIndex

COLUMNS = ["event", "rank", "related", "score", "contexts", "shared", "copies", "tier", *PARTS]


def expected_rows(index: RelatedIndex, k: int) -> list[dict[str, Any]]:
    return [
        {
            "event": id_,
            "rank": rank,
            "related": item.id,
            "score": item.score,
            "contexts": list(item.contexts),
            "shared": list(item.shared),
            "copies": item.copies,
            "tier": item.tier,
            **{part: item.parts.get(part, 0.0) for part in PARTS},
        }
        for id_ in index.events
        for rank, item in enumerate(index.related(id_, k=k), 1)
    ]


def test_jsonl_has_a_line_for_every_event(sample_index: RelatedIndex, tmp_path: Path) -> None:
    path = tmp_path / "lists.jsonl"
    assert sample_index.export(path) == len(sample_index.events)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == list(sample_index.events)
    for line in lines:
        entry = json.loads(line)
        assert list(entry) == ["id", "related"]
        assert entry["related"] == [item.to_record() for item in sample_index.related(entry["id"], k=10)]
    assert not path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert b"\r" not in path.read_bytes()
    assert "\\u" not in path.read_text(encoding="utf-8"), "text stands as it is written"


@pytest.mark.parametrize("k", [1, 3, 12])
def test_k_is_the_length_of_the_longest_list(k: int, sample_index: RelatedIndex, tmp_path: Path) -> None:
    path = tmp_path / "lists.jsonl"
    sample_index.export(path, k=k)
    lengths = [len(json.loads(line)["related"]) for line in path.read_text(encoding="utf-8").splitlines()]
    assert max(lengths) == k


def test_csv_has_a_row_for_every_related_event(sample_index: RelatedIndex, tmp_path: Path) -> None:
    path = tmp_path / "lists.csv"
    assert sample_index.export(path, k=4) == len(sample_index.events)
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    assert reader.fieldnames == COLUMNS
    expected = expected_rows(sample_index, 4)
    assert len(rows) == len(expected)
    for row, wanted in zip(rows, expected, strict=True):
        assert row["contexts"] == "; ".join(wanted["contexts"])
        assert row["shared"] == "; ".join(wanted["shared"])
        for name in ("score", *PARTS):
            assert float(row[name]) == wanted[name]
        for name in ("rank", "copies"):
            assert int(row[name]) == wanted[name]
        assert (row["event"], row["related"]) == (wanted["event"], wanted["related"])


def test_parquet_has_the_same_rows_with_types(sample_index: RelatedIndex, tmp_path: Path) -> None:
    path = tmp_path / "lists.parquet"
    assert sample_index.export(path, k=4) == len(sample_index.events)
    table = pq.read_table(path)
    assert table.column_names == COLUMNS
    assert table.to_pylist() == expected_rows(sample_index, 4)
    assert str(table.schema.field("contexts").type) == "list<element: string>"


def test_ids_that_are_whole_numbers_are_numbers_in_every_format(tmp_path: Path) -> None:
    index = RelatedIndex.build(
        [
            {"id": 1, "date": "2024-01-01", "text": "Kafka down in Berlin"},
            {"id": 2, "date": "2024-01-09", "text": "Kafka outage in Berlin ends"},
        ]
    )
    assert index.to_frame().dtypes[["event", "related"]].tolist() == ["int64", "int64"]
    assert index.to_frame("events").dtypes["id"] == index.to_frame("topics").dtypes["event"] == "int64"
    assert index.related(1).to_frame().dtypes["id"] == "int64" and list(index.graph().edges) == [
        (1, 2),
        (2, 1),
    ]
    assert index.matrix("words").rows == index.matrix("related").columns == [1, 2]
    index.export(tmp_path / "a.jsonl")
    first = json.loads((tmp_path / "a.jsonl").read_text().splitlines()[0])
    assert (first["id"], first["related"][0]["id"]) == (1, 2)
    index.export(tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text())["1"][0]["id"] == 2
    for url, table, expected in (("new", "lists", (1, 2)), ("old", "lists", ("1", "2"))):
        with closing(sqlite3.connect(tmp_path / url)) as connection:
            if url == "old":
                connection.execute(
                    "CREATE TABLE lists (event VARCHAR(255), rank INTEGER, related VARCHAR(255), score DOUBLE, contexts JSON, "
                    "parts JSON, copies INTEGER, tier VARCHAR(32), shared JSON, PRIMARY KEY (event, rank))"
                )
            index.export(f"sqlite:///{tmp_path / url}", table=table)
            index.export(f"sqlite:///{tmp_path / url}", table=table, only=[1])
            # Ids that no list of the table can have: texts, other digits, numbers that are too long.
            others = ["gone", "", "-", "01", "1_0", "١", "9" * 19, "9" * 5000]
            assert index.export(f"sqlite:///{tmp_path / url}", table=table, only=others) == 0
            assert (
                connection.execute("SELECT event, related FROM lists ORDER BY event").fetchone() == expected
            )
    words = RelatedIndex.build([{"id": "a", "date": "2024-01-01", "text": "Kafka down in Berlin"}])
    with pytest.raises(ConfigError, match="has whole numbers as ids, but the index has texts: give another"):
        words.export(f"sqlite:///{tmp_path / 'new'}", table="lists")


def test_lists_that_are_empty_stand_in_the_lines_too(tmp_path: Path) -> None:
    index = RelatedIndex.build([{"id": "a", "date": "2014-06-10", "text": "Mosul."}])
    for name, content in (("a.jsonl", '{"id": "a", "related": []}\n'), ("a.csv", ",".join(COLUMNS) + "\n")):
        index.export(tmp_path / name)
        assert (tmp_path / name).read_text(encoding="utf-8") == content
    index.export(tmp_path / "a.parquet")
    assert pq.read_table(tmp_path / "a.parquet").num_rows == 0


def test_a_text_that_looks_like_a_formula_is_inert_in_csv_and_itself_elsewhere(tmp_path: Path) -> None:
    ids = ['=HYPERLINK("http://evil.example")', "+1", "-1", "@sum", "plain"]
    index = RelatedIndex.build(
        [{"id": id_, "date": f"2014-06-1{n}", "text": f"Mosul dam, report {n}."} for n, id_ in enumerate(ids)]
    )
    for name in ("lists.csv", "lists.jsonl"):
        index.export(tmp_path / name)
    with (tmp_path / "lists.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["event"] for row in rows} == {f"'{id_}" for id_ in ids[:4]} | {"plain"}
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    lines = (tmp_path / "lists.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == list(index.events)


def test_json_has_what_a_page_needs_and_a_line_for_every_event(tmp_path: Path) -> None:
    index = RelatedIndex.build(
        [
            {
                "id": "fall",
                "date": "2014-06-10",
                "title": "ISIL seizes Mosul.",
                "url": "https://news.example/fall",
            },
            {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul. It is the largest."},
            {"id": "new", "date": "2014-08-08", "text": "Floods."},
        ]
    )
    index.export(tmp_path / "lists.json")
    content = (tmp_path / "lists.json").read_text(encoding="utf-8")
    assert [line.partition(":")[0] for line in content.splitlines()] == ["{", '"fall"', '"dam"', '"new"', "}"]
    (fall,), (dam,) = index.related("dam"), index.related("fall")
    of_fall = {
        "id": "fall",
        "title": "ISIL seizes Mosul.",
        "date": "2014-06-10",
        "url": "https://news.example/fall",
    }
    of_dam = {"id": "dam", "title": "ISIL captures the dam of Mosul.", "date": "2014-08-07"}
    assert json.loads(content) == {
        "fall": [{**of_dam, "contexts": list(dam.contexts), "score": dam.score}],
        "dam": [{**of_fall, "contexts": list(fall.contexts), "score": fall.score}],
        "new": [],
    }


def test_progress_reaches_the_end(sample_index: RelatedIndex, tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    sample_index.export(tmp_path / "lists.jsonl", progress=lambda done, total: calls.append((done, total)))
    n = len(sample_index.events)
    assert calls[-1] == (n, n)


@pytest.mark.parametrize("name", ["lists.txt", "lists", ".jsonl", "lists.jsonl.zip"])
def test_another_ending_is_refused(name: str, sample_index: RelatedIndex, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.jsonl, \.json, \.csv or \.parquet"):
        sample_index.export(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_does_not_exist_is_named(sample_index: RelatedIndex, tmp_path: Path) -> None:
    path = tmp_path / "none" / "lists.jsonl"
    with pytest.raises((InputError, OSError)) as caught:
        sample_index.export(path)
    assert ".part" not in str(caught.value)
    assert str(path.parent) in str(caught.value)


def test_an_export_that_fails_leaves_what_was_there(sample_index: RelatedIndex, tmp_path: Path) -> None:
    path = tmp_path / "lists.jsonl"
    sample_index.export(path, k=1)
    there = path.read_text()

    class StopError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise StopError

    with pytest.raises(StopError):
        sample_index.export(path, progress=stop)
    assert path.read_text() == there
    assert list(tmp_path.iterdir()) == [path]


def test_parquet_without_pyarrow_says_what_to_install(
    sample_index: RelatedIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"relatedness\[frames\]"):
        sample_index.export(tmp_path / "lists.parquet")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize(
    "titles", [["Troops go to Iraq", "ISIL fights troops in Iraq"], ["Alpha"], ["Alpha", "A flood"]]
)
def test_an_earlier_export_is_replaced(ending: str, titles: list[str], tmp_path: Path) -> None:
    events = [{"id": f'é "{at}', "date": "2016-07-11", "title": title} for at, title in enumerate(titles)]
    index = RelatedIndex.build(events)
    path = tmp_path / f"lists{ending}"
    index.export(path)
    there = path.read_bytes()
    index.export(path)
    assert path.read_bytes() == there
    path.write_bytes(b"")  # as mktemp makes it
    index.export(path)
    assert path.read_bytes() == there


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("news.jsonl", '{"id": "a", "date": "2016-07-11", "title": "Troops go to Iraq"}\n'),
        ("news.json", '[{"id": "a", "date": "2016-07-11", "title": "Troops go to Iraq"}]'),
        ("news.json", '{"items": [{"id": "a", "title": "Troops", "score": 7}]}'),
        ("news.json", '{\n"items": [\n{"id": "a", "title": "Troops"}]}'),
        ("news.csv", "event,date,title\na,2016-07-11,Troops go to Iraq\n"),
        ("news.parquet", "PAR1 and no more"),
        ("index.json", "SQLite format 3\0"),
    ],
)
def test_a_file_that_is_no_export_is_not_overwritten(
    name: str, content: str, sample_index: RelatedIndex, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(InputError, match="holds no lists of an export, so it is not overwritten"):
        sample_index.export(path)
    assert path.read_text() == content


def test_a_parquet_file_of_events_is_not_overwritten(sample_index: RelatedIndex, tmp_path: Path) -> None:
    path = tmp_path / "news.parquet"
    sample_index.to_frame("events").to_parquet(path)
    with pytest.raises(InputError, match="not overwritten"):
        sample_index.export(path)


def test_exported_events_build_the_same_index(sample_index: RelatedIndex, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    assert sample_index.export(path, what="events") == len(sample_index)
    again = RelatedIndex.build(path)
    assert dict(again.events) == dict(sample_index.events)
    assert "".join(json_lines(sample_index, what="events")) == path.read_text(encoding="utf-8")
    with pytest.raises(
        InputError, match=r"may hold the events that the index was built from, .*or remove it first"
    ):
        sample_index.export(path, what="events")
    for other in (tmp_path / "events.csv", "sqlite:///lists.db"):
        with pytest.raises(InputError, match=r"use the ending \.jsonl"):
            sample_index.export(other, what="events")
    with pytest.raises(ConfigError, match="expected lists or events"):
        sample_index.export(path, what="topics")  # type: ignore[arg-type]
