"""Measures against two other implementations, and the quality of the lists on real judgments."""

from __future__ import annotations

import gzip
import json
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import ir_measures
import ndcg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import RR, P, R, nDCG
from stories import GivenTagger, Stories, corpora

from relatedness.config import Config
from relatedness.errors import InputError
from relatedness.evaluate import MEASURES, measure, read_qrels
from relatedness.index import RelatedIndex

_IDS = [f"d{number}" for number in range(14)]
_RANKED = st.lists(st.sampled_from(_IDS), unique=True, max_size=14)
_GRADES = st.dictionaries(st.sampled_from(_IDS), st.integers(-1, 3), max_size=10)


@given(_RANKED, _GRADES, st.sampled_from((1, 3, 5, 10, 20)))
def test_one_list_is_measured_as_ir_measures_does(ranked: list[str], grades: dict[str, int], k: int) -> None:
    ours = measure(ranked, grades, k)
    assert tuple(ours) == MEASURES
    if not any(grade > 0 for grade in grades.values()):
        assert set(ours.values()) == {0.0}
        return
    run = {"q": {document: float(-place) for place, document in enumerate(ranked)}}
    theirs = ir_measures.calc_aggregate([nDCG @ k, P @ k, R @ k, RR @ k], {"q": grades}, run)
    assert ours["nDCG"] == pytest.approx(theirs[nDCG @ k], abs=1e-6)
    assert ours["P"] == pytest.approx(theirs[P @ k], abs=1e-6)
    assert ours["R"] == pytest.approx(theirs[R @ k], abs=1e-6)
    assert ours["RR"] == pytest.approx(theirs[RR @ k], abs=1e-6)


def test_the_numbers_of_a_list_worked_out_by_hand() -> None:
    found = measure(["x", "b", "a"], {"a": 3, "b": 1, "c": 2}, k=2)
    assert found["nDCG"] == pytest.approx((1 / math.log2(3)) / (3 + 2 / math.log2(3)))
    assert (found["P"], found["R"], found["RR"]) == (0.5, 1 / 3, 0.5)


def judgments(stories: Stories) -> dict[str, dict[str, int]]:
    """An event and the rest of its story are related, the next day's with grade 2."""
    return {
        stories.id(story, day): {
            stories.id(story, other): 2 if other == day + 1 else 1
            for other in range(stories.days)
            if other != day
        }
        for story in range(stories.n)
        for day in range(stories.days)
    }


def write_qrels(path: Path, qrels: dict[str, dict[str, int]]) -> None:
    lines = [
        f"{query} 0 {other} {grade}\n" for query, grades in qrels.items() for other, grade in grades.items()
    ]
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8") as file:
        file.writelines(lines)


def test_an_index_is_measured_as_both_others_measure_its_export(tmp_path: Path) -> None:
    stories = Stories(4, 7)
    index = RelatedIndex.build(stories.records)
    qrels = judgments(stories)
    qrels["not in the index".replace(" ", "-")] = {"s0-d00": 1}
    qrels["s1-d01"] = {"s1-d02": 0, "s1-d03": -1}  # judged, but nothing is related: does not count
    write_qrels(tmp_path / "judged.qrels.gz", qrels)
    assert read_qrels(tmp_path / "judged.qrels.gz") == qrels

    quality = index.evaluate(qrels)
    assert (quality.k, quality.judged, quality.missing) == (10, len(qrels) - 1, 1)
    index.export(tmp_path / "lists.jsonl", k=10)
    lists = ndcg.read_lists(tmp_path / "lists.jsonl")
    assert quality.mean["nDCG"] == pytest.approx(
        ndcg.mean_ndcg(lists, ndcg.read_grades(tmp_path / "judged.qrels.gz")), abs=1e-6
    )
    assert 0.5 < quality.mean["nDCG"] < 1

    run = {id_: {other: float(-place) for place, other in enumerate(found)} for id_, found in lists.items()}
    run["not-in-the-index"] = {}
    counted = {query: grades for query, grades in qrels.items() if query != "s1-d01"}
    theirs = ir_measures.calc_aggregate([nDCG @ 10, P @ 10, R @ 10, RR @ 10], counted, run)
    for name, measured in zip(MEASURES, (nDCG @ 10, P @ 10, R @ 10, RR @ 10), strict=True):
        assert quality.mean[name] == pytest.approx(theirs[measured], abs=1e-6)
        low, high = quality.interval[name]
        assert low <= quality.mean[name] <= high
        assert len(quality.scores[name]) == quality.judged
        assert quality.mean[name] == pytest.approx(sum(quality.scores[name].values()) / quality.judged)
    assert quality.scores["nDCG"]["not-in-the-index"] == 0
    assert index.evaluate(qrels).interval == quality.interval


@given(corpora(), st.data())
def test_both_scorers_agree_on_any_corpus(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]], data: st.DataObject
) -> None:
    ids = [record["id"] for record in records]
    grades = st.dictionaries(st.sampled_from(ids), st.integers(0, 3), max_size=4)
    qrels = data.draw(st.dictionaries(st.sampled_from(ids), grades, min_size=1))
    config = Config.default().change({"lists": {"near_copy": 2, "floor": 0, "tail": 0}})
    index = RelatedIndex.build(records, config=config, tagger=GivenTagger())
    if not any(grade > 0 for judged in qrels.values() for grade in judged.values()):
        with pytest.raises(InputError, match="no event with a related one"):
            index.evaluate(qrels)
        return
    path = tmp_path_factory.mktemp("any") / "lists.jsonl"
    index.export(path, k=3)
    mine = ndcg.mean_ndcg(ndcg.read_lists(path), qrels, 3)
    assert index.evaluate(qrels, k=3).mean["nDCG"] == pytest.approx(mine, abs=1e-6)


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        (b"a 0 b 1\na 0 b\n", 2, "3 fields"),
        (b"a 0 b 1\n\na 0 b one\n", 3, "'one' is no whole number"),
        (b"a 0 b 1\n\xff 0 b 1\n", None, "damaged"),
    ],
)
def test_bad_judgments_name_the_file_and_the_line(
    content: bytes, line: int | None, problem: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad.qrels"
    path.write_bytes(content)
    with pytest.raises(InputError, match=problem) as caught:
        read_qrels(path)
    assert caught.value.file == str(path)
    if line is not None:
        assert caught.value.line == line


def test_judgments_that_cannot_be_read_are_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=re.escape("none.qrels")):
        read_qrels(tmp_path / "none.qrels")
    (tmp_path / "plain.qrels.gz").write_text("a 0 b 1\n")
    with pytest.raises(InputError, match=re.escape("plain.qrels.gz")):
        read_qrels(tmp_path / "plain.qrels.gz")
    (tmp_path / "cut.qrels.gz").write_bytes(gzip.compress(b"a 0 b 1\n" * 1000)[:-20])
    with pytest.raises(InputError, match=re.escape("cut.qrels.gz")):
        read_qrels(tmp_path / "cut.qrels.gz")


@pytest.mark.archive
@pytest.mark.slow
def test_the_shipped_settings_reach_the_promised_quality(archive: Path, tmp_path: Path) -> None:
    index, lists = tmp_path / "stories.index", tmp_path / "stories.jsonl"
    qrels = archive / "stories-2015-2017.qrels.gz"

    def run(*arguments: object) -> str:
        command = [sys.executable, "-m", "relatedness", *map(str, arguments)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    run("build", archive / "stories-2015-2017.events.jsonl.gz", "-o", index)
    run("export", index, "-o", lists)
    quality = json.loads(run("evaluate", index, "--qrels", qrels, "--json"))
    script = Path(ndcg.__file__)
    told = subprocess.run(
        [sys.executable, script, lists, qrels], check=True, capture_output=True, text=True
    ).stdout
    assert quality["judged"] == 2686
    assert quality["missing"] == 0
    assert quality["mean"]["nDCG"] == pytest.approx(float(told.split()[1]), abs=1e-5)
    assert quality["mean"]["nDCG"] >= 0.46
