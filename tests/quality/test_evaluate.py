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
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import RR, P, R, nDCG
from stories import GivenTagger, Stories, corpora

from relatedness.config import Config
from relatedness.errors import ConfigError, InputError
from relatedness.index import Overrides
from relatedness.quality import hide_topics, read_links, read_qrels
from relatedness.quality._evaluate import MEASURES, measure
from relatedness.related_index import RelatedIndex
from relatedness.sources import Page, RelatedLink, write_page

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


@examples(32)
@given(corpora(), st.data())
def test_both_scorers_agree_on_any_corpus(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]], data: st.DataObject
) -> None:
    ids = [record["id"] for record in records]
    grades = st.dictionaries(st.sampled_from(ids), st.integers(0, 3), max_size=4)
    qrels = data.draw(st.dictionaries(st.sampled_from(ids), grades, min_size=1))
    config = Config.default().change({"lists": {"near_duplicate": 2, "floor": 0, "relative_cutoff": 0}})
    index = RelatedIndex.build(records, config=config, tagger=GivenTagger())
    if not any(grade > 0 for judged in qrels.values() for grade in judged.values()):
        with pytest.raises(InputError, match="name no related event"):
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
        (b"a 0 b 1\n\na 0 b one\n", 3, "'one' is not a whole number"),
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


def test_a_grade_that_is_no_number_is_named(sample_index: RelatedIndex) -> None:
    first, second = list(sample_index)[:2]
    for judge in (sample_index.evaluate, sample_index.tune):
        with pytest.raises(ConfigError, match=rf"qrels.*{second}.* is 'good': expected a grade"):
            judge({first: {second: "good"}})  # type: ignore[dict-item]


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


# --- several k, years, categories, runs ----------------------------------------------------------------------------


def test_a_run_file_holds_what_was_measured(tmp_path: Path, sample_index: RelatedIndex) -> None:
    ids = list(sample_index.events)
    qrels = {
        id_: {
            item.id: 1 + place % 2 for place, item in enumerate(sample_index.related(id_, k=20)) if place % 3
        }
        for id_ in ids[::9]
    }
    qrels["not-there"] = {ids[0]: 1}
    quality = sample_index.evaluate(qrels, k=[10, 3, 20])
    quality.write_run(tmp_path / "ours.run", name="ours")
    write_qrels(tmp_path / "judged.qrels", qrels)
    lines = (tmp_path / "ours.run").read_text().splitlines()
    assert lines[0].split()[1::2][0] == "Q0"
    assert lines[0].split()[3::2] == ["1", "ours"]
    # Read back by another program, which orders by score alone.
    run = list(ir_measures.read_trec_run(str(tmp_path / "ours.run")))
    judged = list(ir_measures.read_trec_qrels(str(tmp_path / "judged.qrels")))
    theirs = {"nDCG": nDCG, "P": P, "R": R, "RR": RR}
    for k, found in quality.at.items():
        for name, measured in theirs.items():
            values = {
                metric.query_id: metric.value for metric in ir_measures.iter_calc([measured @ k], judged, run)
            }
            values = {query: values.get(query, 0.0) for query, grades in qrels.items() if grades}
            assert found.mean[name] == pytest.approx(sum(values.values()) / len(values), abs=1e-6)
    assert quality.at[10].mean == quality.mean
    assert list(quality.at) == [10, 3, 20]
    assert quality.k == 10


def test_equal_scores_and_pins_keep_their_order_in_a_run(tmp_path: Path) -> None:
    stories = Stories(2, 5)
    text = f"pin {stories.id(0, 0)} {stories.id(1, 0)} {stories.id(1, 1)}"
    index = RelatedIndex.build(stories.records).with_overrides(Overrides.parse(text)[0])
    quality = index.evaluate({stories.id(0, 0): {stories.id(0, 1): 1}})
    quality.write_run(tmp_path / "a.run")
    lines = [line.split() for line in (tmp_path / "a.run").read_text().splitlines()]
    scores = [float(line[4]) for line in lines]
    assert scores == sorted(set(scores), reverse=True)
    assert [line[2] for line in lines[:2]] == [stories.id(1, 0), stories.id(1, 1)]
    spaced = RelatedIndex.build([{"id": "a b", "date": "2014-03-01", "text": "Mosul"}])
    with pytest.raises(InputError, match="'a b' holds white space"):
        spaced.evaluate({"a b": {"c": 1}}).write_run(tmp_path / "b.run")


def test_years_and_categories_are_measured_by_themselves() -> None:
    stories = Stories(2, 6, step=100)
    records = [
        {**record, "category": "War" if record["id"].startswith("s0") else None} for record in stories.records
    ]
    index = RelatedIndex.build(records)
    qrels = judgments(stories) | {"gone": {"s0-d00": 1}}
    quality = index.evaluate(qrels, k=(3, 10))
    assert set(quality.by) == {"year", "category"}
    assert {name: found.judged for name, found in quality.by["category"].items()} == {
        "War": 6, "none": 6, "unknown": 1
    }  # fmt: skip
    for name, of in (
        ("year", lambda id_: str(index.events[id_].date.year)),
        ("category", lambda id_: index.events[id_].category or "none"),
    ):
        for value, found in quality.by[name].items():
            own = [query for query in qrels if (of(query) if query in index.events else "unknown") == value]
            alone = [quality.scores["nDCG"][query] for query in own]
            assert found.judged == len(own)
            assert found.mean["nDCG"] == pytest.approx(sum(alone) / len(alone))
            low, high = found.interval["nDCG"]
            assert low <= found.mean["nDCG"] <= high
    record = json.loads(json.dumps(quality.to_record()))
    assert record["by"]["category"]["War"]["mean"] == quality.by["category"]["War"].mean
    assert record["at"]["10"]["judged"] == 13
    with pytest.raises(ConfigError, match="k is empty"):
        index.evaluate(qrels, k=())


# --- without judgments ---------------------------------------------------------------------------------------------


def test_hidden_topics_are_gold_and_the_index_does_not_know_them() -> None:
    stories = Stories(3, 5)
    records = [
        {**record, "topics": [f"Story {record['id'][:2]}", "All", f"Own {record['id']}"]}
        for record in stories.records
    ]
    index = RelatedIndex.build(records)
    bare, qrels = hide_topics(index, most=14)
    assert list(bare.events) == list(index.events)
    assert bare.config == index.config
    assert all(not event.topics for event in bare.events.values())
    assert not any(topic.how == "supplied" for id_ in bare.events for topic in bare.topics(id_))
    assert qrels == {
        stories.id(story, day): {stories.id(story, other): 1 for other in range(5) if other != day}
        for story in range(3)
        for day in range(5)
    }
    assert bare.evaluate(qrels).mean["nDCG"] == 1
    _, both = hide_topics(index, most=15)
    assert both["s0-d00"]["s0-d01"] == 2
    assert both["s0-d00"]["s1-d01"] == 1
    with pytest.raises(InputError, match="none can be hidden"):
        hide_topics(RelatedIndex.build(stories.records))


def test_related_links_of_pages_are_gold(tmp_path: Path) -> None:
    index = RelatedIndex.build(Stories(1, 4).records)
    for day in range(3):
        event = index.events[f"s0-d0{day}"]
        links = [RelatedLink("x", f"news/s0-d0{other}") for other in range(5) if other not in (day, 3)]
        page = Page(f"news/s0-d0{day}", event, tuple(links))
        path = tmp_path / "2014" / f"s0-d0{day}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(write_page(page), encoding="utf-8")
    (tmp_path / "index.md").write_text("a list, no event")
    qrels, lost = read_links(tmp_path, index.events)
    assert lost == 3
    assert qrels == {
        f"s0-d0{day}": {f"s0-d0{other}": 1 for other in range(3) if other != day} for day in range(3)
    }
    assert read_links(tmp_path)[0]["s0-d00"]["news/s0-d04"] == 1
    assert index.evaluate(qrels).judged == 3
    for name, text in (("README.md", "# Our pages"), ("post.md", "---\ntitle: A post\n---\nText.\n")):
        (tmp_path / name).write_text(text)
    assert read_links(tmp_path, index.events) == (qrels, lost)
    (tmp_path / "2014" / "bad.md").write_text("nothing")
    with pytest.raises(InputError, match=r"bad\.md: is not an archive page"):
        read_links(tmp_path)
    (tmp_path / "2014" / "bad.md").write_text("### [2014-13-01](/index.md)\n\n# A page of no day.\n")
    with pytest.raises(InputError, match=re.escape("bad.md")):
        read_links(tmp_path)
    with pytest.raises(InputError, match="nowhere"):
        read_links(tmp_path / "nowhere")
