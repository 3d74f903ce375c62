"""The laws of the whole: order, filters, and agreement with the slow truth in ``oracle_score``."""

from __future__ import annotations

import ast
import contextlib
import json
import math
import random
import shutil
import sqlite3
import tempfile
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from examples import examples
from hypothesis import example, given, settings
from hypothesis import strategies as st
from oracle_score import UNITS, Archive, Item, primary
from stories import FIRST_DAY, GivenTagger, Stories, configs, corpora, encoder_of, letters, texts, word

import relatedness
from relatedness.config import Config
from relatedness.errors import ConfigError, IndexFormatError, InputError
from relatedness.events import Event
from relatedness.languages import spoken
from relatedness.ranking import PARTS
from relatedness.related_index import RelatedIndex
from relatedness.settings import RecencySettings
from relatedness.storage import checksum
from relatedness.topics import FastTagger, Gazetteer, learn

Record = dict[str, Any]
THOROUGH = settings(max_examples=400)


def built(records: list[Record], config: Config | None = None, **options: Any) -> RelatedIndex:
    options |= encoder_of(config) if config is not None else {}
    return RelatedIndex.build(records, config=config, tagger=GivenTagger(), **options)


def truth(index: RelatedIndex) -> Archive:
    """The slow truth about the events of an index, with their topics as they were found."""
    events = list(index.events.values())
    topics = [index.topics(event.id) for event in events]
    statistics = index.info["statistics"]
    encode = letters if index.config.text.encoder == "given" else lambda text: []
    return Archive(
        events,
        topics,
        index.config,
        statistics["floor"],
        encode=encode,
        common=statistics["common_cosine"],
    )


def shown(items: relatedness.RelatedList) -> list[Record]:
    # Shared phrases are words for readers, not part of the score: `test_shared.py` holds them.
    return [{name: value for name, value in item.to_record().items() if name != "shared"} for item in items]


def expected(items: list[Item]) -> list[Record]:
    return [item.to_record() for item in items]


def exported(index: RelatedIndex, k: int = 10) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lists.jsonl"
        index.export(path, k=min(k, index.config.lists.candidates))
        return path.read_bytes()


# --- the truth -------------------------------------------------------------------------------------------------


def check_lists(records: list[Record], config: Config) -> None:
    index = built(records, config)
    archive = truth(index)
    for k in {1, config.lists.k, config.lists.stored}:
        lists = dict(index.lists(k))
        assert list(lists) == list(archive.events)
        for id_, items in lists.items():
            assert shown(items) == expected(archive.related(id_, k))


@given(corpora(), configs())
def test_lists_are_those_of_the_slow_truth(records: list[Record], config: Config) -> None:
    check_lists(records, config)


@pytest.mark.slow
@THOROUGH
@given(corpora(most=25), configs())
def test_lists_are_those_of_the_slow_truth_on_many_corpora(records: list[Record], config: Config) -> None:
    check_lists(records, config)


@pytest.fixture(scope="module")
def part(sample_index: RelatedIndex) -> RelatedIndex:
    """An index of every fifth event of the sample, with the topics that the library itself finds."""
    return RelatedIndex.build(list(sample_index.events.values())[::5])


@pytest.fixture(scope="module")
def part_truth(part: RelatedIndex) -> Archive:
    return truth(part)


def test_real_sentences_have_the_lists_of_the_slow_truth(part: RelatedIndex, part_truth: Archive) -> None:
    assert sum(len(found) for _, found in part.lists(10)) > len(part.events)
    for id_, items in part.lists(10):
        assert shown(items) == expected(part_truth.related(id_, 10))


@pytest.mark.slow
def test_the_whole_sample_has_the_lists_of_the_slow_truth(sample_index: RelatedIndex) -> None:
    archive = truth(sample_index)
    for id_, items in sample_index.lists(10):
        assert shown(items) == expected(archive.related(id_, 10))


def named_events(rows: range) -> list[Event]:
    """Events of which every third names one before it, every fifth two; written so that references decide their lists."""
    events = []
    for n in rows:
        named = [f"see REQ-{n // 2}"] * (n % 3 == 0) + [f"after REQ-{n - 7} and REQ-{n // 3}"] * (n % 5 == 0)
        text = f"{word(n % 7)} {word(20 + n % 11)} {word(40 + n % 5)}, {', '.join(named)}."
        events.append(Event(f"REQ-{n}", f"2020-{1 + n % 12:02}-{1 + n % 28:02}", text=text))
    return events


def test_lists_of_events_that_name_each_other_are_those_of_the_slow_truth() -> None:
    index = RelatedIndex.build(named_events(range(60)))
    assert index.topic_counts()
    archive = truth(index)
    assert (
        sum(
            item.contexts[:1] == (f"REQ-{n // 2}",)
            for n in range(9, 60, 3)
            for item in index.related(f"REQ-{n}")
        )
        > 10
    )
    for id_, items in index.lists(10):
        assert shown(items) == expected(archive.related(id_, 10))


def test_that_an_event_names_another_does_not_fade_with_time() -> None:
    curve = {"strength_before": 1.0, "strength_after": 1.0, "scale_days": 7}
    config = Config.default().change({"recency": curve, "calibrate": {"time": False, "scale": False}})
    events = [
        Event(event.id, f"{1990 + n // 2}-06-15", text=event.text)
        for n, event in enumerate(named_events(range(60)))
    ]
    index = RelatedIndex.build(events, config=config)
    archive = truth(index)
    for id_, items in index.lists(10):
        assert shown(items) == expected(archive.related(id_, 10))
    for other in ("REQ-22", "REQ-15"):  # 11 and 15 years earlier
        told = index.explain("REQ-45", other)
        named = max(reason.share for reason in told.reasons if reason.name == other)
        assert told.recency < 0.3
        assert named > 0.1
        assert sum(reason.share for reason in told.reasons) == pytest.approx(told.score, abs=1e-6)


def test_a_refresh_brings_the_event_that_older_ones_name() -> None:
    events = named_events(range(60))
    config = Config.default().change({"refresh": {"drift": 1}})
    index = RelatedIndex.build([event for event in events if event.id != "REQ-24"], config=config)
    frozen, floor = truth(index), index.info["statistics"]["floor"]
    changes = index.refresh([events[24]])
    archive = Archive(
        list(index.events.values()), [index.topics(id_) for id_ in index.events], index.config, floor, frozen
    )
    assert changes.refit is None
    assert {"REQ-48", "REQ-31"} & {item.id for item in index.related("REQ-24")}
    for id_, items in index.lists(10):
        assert shown(items) == expected(archive.related(id_, 10))


def test_the_floor_is_what_chance_pairs_stay_below() -> None:
    # Enough events that most pairs are no candidates of each other, in several languages and with translations.
    records = [
        {**record, "language": language, "group": record["id"], "id": f"{record['id']}-{language}"}
        for record in Stories(4, 8).records
        for language in ("en", "fr")
    ]
    for place, record in enumerate(records):
        record["text"] += f" {word(1700 % 1000 + place % 3)} {word(800 + place % 5)}"
    # Of 64 events 40 candidates are more than a quarter.
    for share, candidates in ((0.5, 10), (0.9, 10), (0.99, 10), (0.9, 40)):
        config = Config.default().change({"lists": {"candidates": candidates, "floor": share}})
        archive = truth(built(records, config))
        # Event by event, the score that this share stays below: the floor is the median of those.
        levels = [some[math.ceil(share * (len(some) - 1))] for some in archive.noise().values() if some]
        below = sum(level < archive.floor for level in levels) / len(levels)
        at_most = sum(level <= archive.floor for level in levels) / len(levels)
        # It is estimated from a sample.
        assert below - 0.15 <= 0.5 <= at_most + 0.15


def test_a_handful_of_events_has_no_floor(sample_index: RelatedIndex) -> None:
    # Events of one country: of events that share nothing, chance brings no scores, and no number of them has a floor.
    in_ukraine = {
        id_
        for id_ in sample_index.events
        if any(topic.name == "Ukraine" for topic in sample_index.topics(id_))
    }
    events = [event for event in sample_index.events.values() if event.id in in_ukraine]
    assert RelatedIndex.build(events[:30]).info["statistics"]["floor"] > 0
    assert RelatedIndex.build(events[:29]).info["statistics"]["floor"] == 0


_FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "direction": st.sampled_from(("any", "before", "after")),
        "since": st.sampled_from((date(2014, 3, 1), date(2014, 3, 2), date(2014, 4, 9))),
        "until": st.sampled_from((date(2014, 3, 1), date(2014, 3, 3), date(2014, 4, 10))),
        "topics": st.lists(st.sampled_from(("Iraq", "Mosul", "Asia")), min_size=1, max_size=2),
        "language": st.sampled_from(("en", "FR", "zh-Hans")),
        "min_score": st.sampled_from((0.0, 0.05, 0.4)),
    },
).filter(lambda filters: filters.get("since", date.min) <= filters.get("until", date.max))


def passes(filters: Record, subject: Event, topics: dict[str, set[str]]) -> Callable[[Event], bool]:
    def allowed(event: Event) -> bool:
        direction = filters.get("direction", "any")
        return (
            not (direction == "before" and event.seconds >= subject.seconds)
            and not (direction == "after" and event.seconds <= subject.seconds)
            and not (
                "since" in filters and event.day < filters["since"].toordinal() - date(1970, 1, 1).toordinal()
            )
            and not (
                "until" in filters and event.day > filters["until"].toordinal() - date(1970, 1, 1).toordinal()
            )
            and set(filters.get("topics", ())) <= topics[event.id]
            and primary(filters.get("language", "")) in ("", spoken(event) or "")
        )

    return allowed


def check_filters(records: list[Record], config: Config, filters: Record) -> None:
    index = built(records, config)
    archive = truth(index)
    topics = {id_: {topic.name for topic in index.topics(id_)} for id_ in index.events}
    for id_ in index.events:
        try:
            found = shown(index.related(id_, k=config.lists.stored, **filters))
        except InputError:
            # Only because nothing in the archive has what was asked for.
            nobody = [
                primary(filters.get("language", ""))
                not in {"", *(spoken(event) or "" for event in archive.events.values())},
                *(not any(name in held for held in topics.values()) for name in filters.get("topics", ())),
            ]
            assert any(nobody)
            continue
        allowed = passes(filters, archive.events[id_], topics)
        least = filters.get("min_score", 0) * UNITS
        items = [item for item in archive.related(id_, config.lists.stored, allowed) if item.total >= least]
        assert found == expected(items)


@examples(32)
@given(corpora(), configs(), _FILTERS)
def test_filtered_lists_are_those_of_the_truth_over_the_allowed_events(
    records: list[Record], config: Config, filters: Record
) -> None:
    check_filters(records, config, filters)


@pytest.mark.slow
@THOROUGH
@given(corpora(most=20), configs(), _FILTERS)
def test_filtered_lists_on_many_corpora(records: list[Record], config: Config, filters: Record) -> None:
    check_filters(records, config, filters)


RECENCIES = st.one_of(
    st.sampled_from(("off", 0, 0.5, 1, 3.0, "2", "scale_days=1,floor=0.2", {"strength_after": 2})),
    st.builds(
        RecencySettings, st.sampled_from((0.5, 300.0)), *[st.sampled_from((0.0, 1.7))] * 2, st.just(0.1)
    ),
)


def check_reasons(found: relatedness.RelatedList) -> None:
    for item in found:
        why = found.explain(item.id)
        assert {name: value for name, value in why.parts.items() if value} == item.parts
        assert sum(reason.share for reason in why.reasons) == pytest.approx(item.score, abs=1e-6)


@examples(32)
@given(corpora(), configs(), _FILTERS, RECENCIES)
def test_lists_under_another_recency_are_those_of_the_truth(
    records: list[Record], config: Config, filters: Record, recency: Any
) -> None:
    index = built(records, config)
    archive = truth(index)
    curve = config.with_recency(recency).recency
    topics = {id_: {topic.name for topic in index.topics(id_)} for id_ in index.events}
    k = config.lists.stored
    for id_ in index.events:
        found = index.related(id_, k=k, recency=recency)
        assert shown(found) == expected(archive.related(id_, k, curve=curve))
        check_reasons(found)
        try:
            found = index.related(id_, k=k, recency=recency, **filters)
        except InputError:
            continue
        allowed = passes(filters, archive.events[id_], topics)
        least = filters.get("min_score", 0) * UNITS
        items = [i for i in archive.related(id_, k, allowed, curve) if i.total >= least]
        assert shown(found) == expected(items)


@pytest.mark.slow
def test_real_sentences_under_another_recency(part: RelatedIndex, part_truth: Archive) -> None:
    changed = 0
    for recency in ("off", 4, "strength_after=0,strength_before=3"):
        curve = part.config.with_recency(recency).recency
        for id_ in list(part.events)[::5]:
            found = part.related(id_, k=10, recency=recency)
            assert shown(found) == expected(part_truth.related(id_, 10, curve=curve))
            check_reasons(found)
            changed += [item.id for item in found] != [item.id for item in part.related(id_, k=10)]
    assert changed > 30


@examples(32)
@given(corpora(), configs())
def test_the_recency_of_the_index_gives_the_stored_list(records: list[Record], config: Config) -> None:
    index = built(records, config)
    for id_ in index.events:
        stored = shown(index.related(id_))
        for same in (1, config.recency, {"scale_days": config.recency.scale_days}):
            assert shown(index.related(id_, recency=same)) == stored
            # Searched anew, too.
            everything = {"since": FIRST_DAY, "recency": same}
            assert shown(index.related(id_, **everything)) == shown(index.related(id_, since=FIRST_DAY))


@examples(32)
@given(
    corpora(),
    configs(),
    texts(8).filter(str.strip),
    texts(3),
    st.sampled_from((None, date(2014, 3, 3))),
    st.sampled_from((None, "en", "en-US", "fr", "ru")),
    st.one_of(st.none(), RECENCIES),
)
def test_a_query_finds_what_the_truth_finds(
    records: list[Record],
    config: Config,
    text: str,
    title: str,
    when: date | None,
    language: str | None,
    recency: Any,
) -> None:
    index = built(records, config)
    archive = truth(index)
    outside = Event("an id of its own", when or date(1970, 1, 1), title, text, language=language)
    (topics,) = GivenTagger().tag([outside])
    k = config.lists.stored
    if when is None and recency is not None:
        with pytest.raises(ConfigError, match="give the text a date"):
            index.query(text, recency=recency)
        recency = None
    curve = None if recency is None else config.with_recency(recency).recency
    found = index.query(text, title=title, date=when, k=k, language=language, recency=recency)
    assert shown(found) == expected(archive.query(outside, topics, k, dated=when is not None, curve=curve))
    check_reasons(found)
    assert all((found.explain(item.id).days is None) == (when is None) for item in found)


def test_a_query_in_real_sentences_finds_what_the_truth_finds(
    part: RelatedIndex, part_truth: Archive
) -> None:
    gazetteer = Gazetteer.load()
    tagger = FastTagger(gazetteer, learn(part_truth.events.values(), gazetteer))
    for text, when in (
        ("A court fines a carmaker over emissions.", None),
        ("ISIL loses Mosul.", date(2017, 8, 1)),
    ):
        outside = Event("an id of its own", when or date(1970, 1, 1), text=text)
        (topics,) = tagger.tag([outside])
        expected_items = expected(part_truth.query(outside, topics, 8, dated=when is not None))
        assert shown(part.query(text, date=when, k=8)) == expected_items
        assert expected_items


# --- order and sameness ------------------------------------------------------------------------------------------


@examples(32)
@given(corpora(), configs(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(
    records: list[Record], config: Config, shuffler: random.Random
) -> None:
    mixed = list(records)
    shuffler.shuffle(mixed)
    assert exported(built(records, config)) == exported(built(mixed, config))


def test_neither_the_number_of_workers_nor_a_second_run_changes_a_byte(
    sample_path: Path, sample_index: RelatedIndex, tmp_path: Path
) -> None:
    records = [event.to_record() for event in sample_index.events.values()]
    random.Random(7).shuffle(records)
    reference = exported(sample_index)
    assert exported(RelatedIndex.build(sample_path, tmp_path / "3.index", jobs=3)) == reference
    assert exported(RelatedIndex.build(records)) == reference, "in memory"


def test_two_builds_differ_in_nothing_but_the_time_of_building(
    sample_file: Path, sample_path: Path, tmp_path: Path
) -> None:
    RelatedIndex.build(sample_path, tmp_path / "again.index", jobs=1).close()
    assert everything(tmp_path / "again.index") == everything(sample_file)


def everything(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        content = {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in tables
        }
    content["meta"] = [
        (name, {**value, "fitted": None} if name == "statistics" else value)
        for name, value in ((row[0], json.loads(row[1])) for row in content["meta"])
        if name
        not in {
            "built",
            "lineage",
            "marks",
        }  # the time, and by what names changes since this build are asked for
    ]
    assert set(content) >= {"meta", "events", "lists", "terms", "arrays"}
    return content


@examples(32)
@given(corpora(), configs())
def test_results_stand_in_the_total_order(records: list[Record], config: Config) -> None:
    index = built(records, config)
    for _, items in index.lists(config.lists.stored):
        keys = [(-item.score, -index.events[item.id].seconds, item.id) for item in items]
        assert keys == sorted(keys)
        assert len(set(keys)) == len(keys)


@examples(32)
@given(corpora(), configs())
def test_a_shorter_list_is_the_beginning_of_a_longer_one(records: list[Record], config: Config) -> None:
    index = built(records, config)
    for id_ in index.events:
        most = config.lists.candidates
        longest = shown(index.related(id_, k=most))
        for k in range(1, most):
            assert shown(index.related(id_, k=k)) == longest[:k]


@examples(32)
@given(corpora(), configs(), st.sampled_from(("before", "after")))
def test_a_shorter_filtered_list_is_the_beginning_of_a_longer_one(
    records: list[Record], config: Config, direction: relatedness.related_index.Direction
) -> None:
    index = built(records, config)
    for id_ in index.events:
        most = config.lists.candidates
        longest = shown(index.related(id_, k=most, direction=direction))
        for k in range(1, most):
            assert shown(index.related(id_, k=k, direction=direction)) == longest[:k]


@pytest.mark.parametrize("filters", [{}, {"since": FIRST_DAY}])
def test_a_list_of_all_candidates_begins_as_the_short_one_does(filters: Record) -> None:
    # The story part lifts what the first stage ranks low: more candidates would bring other first results.
    config = Config.default().change(
        {
            "weights": {"neighbours": 5},
            "lists": {
                "k": 1,
                "stored": 2,
                "candidates": 4,
                "near_duplicate": 2,
                "floor": 0,
                "relative_cutoff": 0,
            },
        }
    )
    records = Stories(2, 12).records
    for place, record in enumerate(records):
        record["text"] += f" {word(700)} {word(701 + place % 5)} {word(710 + place % 3)}"
    index = built(records, config)
    for id_ in index.events:
        long = shown(index.related(id_, k=4, **filters))
        assert shown(index.related(id_, k=2, **filters)) == long[:2]


# --- what is never there -------------------------------------------------------------------------------------------


@examples(32)
@given(corpora(), configs())
def test_no_list_holds_the_event_itself_its_group_another_language_or_nothing(
    records: list[Record], config: Config
) -> None:
    index = built(records, config)
    archive = truth(index)
    for id_, items in index.lists(config.lists.stored):
        subject = index.events[id_]
        # Who says what the event says is no measure for the others.
        best = max((item.score for item in items if not archive._are_copies(id_, item.id)), default=0.0)
        for item in items:
            event = index.events[item.id]
            assert item.id != id_
            assert not (subject.group and subject.group == event.group)
            assert (
                not subject.language
                or not event.language
                or primary(subject.language) == primary(event.language)
            )
            assert item.score > 0
            assert item.score * UNITS > index.info["statistics"]["floor"] - 0.5
            assert item.score >= config.lists.relative_cutoff * best - 1e-9


@examples(32)
@given(corpora(), configs())
def test_parts_sum_to_the_score_exactly_and_reasons_to_a_millionth(
    records: list[Record], config: Config
) -> None:
    index = built(records, config)
    for id_, items in index.lists(config.lists.stored):
        for item in items:
            units = {name: value * UNITS for name, value in item.parts.items()}
            assert all(abs(value - round(value)) < 1e-3 for value in units.values())
            assert sum(map(round, units.values())) == round(item.score * UNITS)
            assert set(item.parts) <= set(PARTS)
            assert all(value > 0 for value in item.parts.values())
            why = items.explain(item.id)
            assert (why.id, why.other, why.score) == (id_, item.id, item.score)
            assert {name: value for name, value in why.parts.items() if value} == item.parts
            assert sum(reason.share for reason in why.reasons) == pytest.approx(item.score, abs=1e-6)
            for part in PARTS:
                shares = [reason.share for reason in why.reasons if reason.part == part]
                assert sum(shares) == pytest.approx(item.parts.get(part, 0), abs=1e-6)
            named = [reason.name for reason in why.reasons if reason.part == "topics"]
            assert sorted(named) == sorted(item.contexts)


@examples(32)
@given(corpora(), configs())
def test_explanations_of_any_pair_are_those_of_the_truth(records: list[Record], config: Config) -> None:
    index = built(records, config)
    archive = truth(index)
    ids = list(index.events)[:5]
    for id_ in ids:
        for other in set(ids) - {id_}:
            why = index.explain(id_, other)
            units = archive.pair(id_, other)
            assert {name: round(value * UNITS) for name, value in why.parts.items()} == units
            assert why.days == archive.events[other].day - archive.events[id_].day
            assert sum(reason.share for reason in why.reasons) == pytest.approx(why.score, abs=1e-6)


# --- by construction -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "days", "step"), [(3, 6, 3), (5, 8, 1), (2, 11, 300)])
def test_a_story_is_related_to_itself_by_closeness_in_time(n: int, days: int, step: int) -> None:
    stories = Stories(n, days, step)
    index = RelatedIndex.build(stories.records, config=stories.in_order())
    for story in range(n):
        for day in range(days):
            found = [item.id for item in index.related(stories.id(story, day), k=20)]
            assert found == stories.others(story, day)


def test_under_the_shipped_settings_a_story_finds_itself_too() -> None:
    stories = Stories(6, 5)
    index = RelatedIndex.build(stories.records)
    for story in range(stories.n):
        for day in range(stories.days):
            found = {item.id for item in index.related(stories.id(story, day))}
            assert found == set(stories.others(story, day))


# --- what a file may hold ------------------------------------------------------------------------------------------

PACKAGE = Path(relatedness.__file__).parent


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_no_module_can_run_code_that_it_reads(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    forbidden = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve"}
    if path.name == "workers.py":
        # A process may send its own workers what it pleases; but then this module must not touch a file.
        forbidden -= {"pickle"}
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert not names & {"open", "read_bytes", "read", "Path", "connect", "recv", "mmap"}
    # The workers of a job leave each other files, as they send each other messages; the module refuses a folder in which
    # another user can write, or could have written (see `test_a_work_folder_that_others_may_write_is_refused`).
    private = path == PACKAGE / "engines" / "_work.py"
    if private:
        forbidden -= {"pickle"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert not forbidden & {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] not in forbidden
            # joblib's files are pickles
            assert not (node.module == "joblib" and {"dump", "load"} & {alias.name for alias in node.names})
        elif isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name):
                assert called.id not in {"eval", "exec", "compile"}
            if isinstance(called, ast.Attribute):
                owner = called.value.id if isinstance(called.value, ast.Name) else ""
                assert (owner, called.attr) not in {("joblib", "load"), ("joblib", "dump")}
                assert private or not (owner in {"np", "numpy"} and called.attr in {"load", "save"})
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            assert private
            assert isinstance(node.value, ast.Constant)
            assert node.value.value is False


@pytest.fixture(scope="module")
def small_file(part: RelatedIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that the damage is done to: every fifth event of the sample, so that reading all of it takes no time."""
    path = tmp_path_factory.mktemp("small") / "small.index"
    RelatedIndex.build(list(part.events.values()), path).close()
    return path


def use(path: Path) -> None:
    """Everything that reads an index file."""
    with RelatedIndex.open(path) as index:
        ids = list(index.events)
        assert index.info
        assert index.topic_counts() is not None
        assert isinstance(index.learned, dict)
        for id_ in (*ids[:2], ids[-1]):
            assert index.events[id_].id == id_
            index.topics(id_)
            index.related(id_)
            index.related(id_, direction="before")
            index.explain(id_, ids[-2])
        list(index.lists())
        index.query("An election in France.")


def test_the_index_that_the_damage_is_done_to_is_sound(small_file: Path) -> None:
    use(small_file)


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE meta",
        "DROP TABLE arrays",
        "DROP TABLE events",
        "DELETE FROM meta",
        "DELETE FROM arrays WHERE name = 'group_numbers'",
        "DELETE FROM lists WHERE slot < 2",
        "DELETE FROM terms",
        "UPDATE meta SET value = 'no JSON'",
        "UPDATE meta SET value = x'ff00'",
        "UPDATE meta SET value = '[]' WHERE name = 'config'",
        "UPDATE meta SET value = '{}' WHERE name = 'config'",
        "UPDATE meta SET value = '{\"text\": 5}' WHERE name = 'config'",
        "UPDATE meta SET value = json_set(value, '$.lists.k', 0) WHERE name = 'config'",
        "UPDATE meta SET value = '5' WHERE name = 'statistics'",
        "UPDATE meta SET value = '{}' WHERE name = 'statistics'",
        "UPDATE meta SET value = '5' WHERE name = 'parts'",
        "UPDATE meta SET value = '5' WHERE name = 'lexicon'",
        "UPDATE meta SET value = '{}' WHERE name = 'lexicon'",
        "UPDATE lists SET items = '5'",
        "UPDATE lists SET items = '[5]'",
        "UPDATE lists SET items = '[[1]]'",
        "UPDATE lists SET items = '[[1, \"a\", [], [], 0, []]]'",
        "UPDATE lists SET items = '[[\"a\", 1, [], [], 0, [5]]]'",
        "UPDATE events SET record = '5'",
        "UPDATE events SET record = '{}'",
        "UPDATE events SET topics = '5'",
        "UPDATE events SET topics = '[[1]]'",
        "UPDATE arrays SET dtype = '|O'",
        "UPDATE arrays SET dtype = '<u8' WHERE name = 'columns'",
        "UPDATE arrays SET crc = crc + 1 WHERE name = 'columns'",
        "UPDATE arrays SET data = zeroblob(length(data)) WHERE name = 'values'",
        "UPDATE arrays SET data = 5",
    ],
)
def test_a_damaged_index_is_an_error_of_its_format(damage: str, small_file: Path, tmp_path: Path) -> None:
    path = _damaged(small_file, tmp_path, damage)
    with pytest.raises(IndexFormatError, match=r"damaged\.index"):
        use(path)


def test_an_id_that_a_search_misses_and_a_scan_finds_is_damage(small_file: Path, tmp_path: Path) -> None:
    with RelatedIndex.open(small_file) as sound:
        id_ = next(iter(sound.events))
    path = _damaged(small_file, tmp_path, "UPDATE events SET id = CAST(id AS BLOB) WHERE slot < 3")
    with pytest.raises(IndexFormatError, match=r"damaged\.index"):
        RelatedIndex.open(path).related(id_)


def _damaged(small_file: Path, folder: Path, damage: str) -> Path:
    """A copy of the sample's index on which a statement was run."""
    path = folder / "damaged.index"
    shutil.copy(small_file, path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(damage)
        connection.commit()
    return path


def _past_the_end(array: Any) -> Any:
    return array + 2**31


_HOSTILE: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "columns past the vocabulary": ("columns", _past_the_end),
    "rows longer than the entries": ("lengths", lambda a: a * 1000),
    "too few rows": ("lengths", lambda a: a[:-1]),
    "too few entries": ("values", lambda a: a[:-1]),
    "weights above one": ("values", lambda a: a * 0 + 65535),
    "names longer than their words": ("name_lengths", lambda a: a * 1000),
    "too few names": ("name_lengths", lambda a: a[:-1]),
    "too few words of names": ("name_columns", lambda a: a[:-1]),
    "words of names past the vocabulary": ("name_columns", _past_the_end),
    "channels that do not exist": ("channels", lambda a: a + 100),
    "too few channels": ("channels", lambda a: a[:1]),
    "too few dates": ("seconds", lambda a: a[:1]),
    "no dates": ("seconds", lambda a: a[:0]),
    "dates that do not ascend": ("seconds", lambda a: a[::-1]),
    "too few groups": ("group_numbers", lambda a: a[:1]),
    "too few languages": ("language_numbers", lambda a: a[:1]),
    "too few categories": ("category_numbers", lambda a: a[:1]),
    "categories without a name": ("category_numbers", lambda a: a + 1000),
    "two events of one rank": ("ranks", lambda a: a * 0),
    "ranks that do not exist": ("ranks", lambda a: a + 1000),
    "too few ranks": ("ranks", lambda a: a[:-1]),
    "events that are and are not there": ("ranks", lambda a: a | (a < 3) * np.uint32(2**32 - 1)),
}


@pytest.mark.parametrize("what", _HOSTILE)
def test_arrays_that_would_lead_out_of_bounds_are_refused(
    what: str, small_file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "hostile.index"
    shutil.copy(small_file, path)
    _change_array(path, *_HOSTILE[what])
    with pytest.raises(IndexFormatError, match=r"hostile\.index"):
        use(path)


def _change_array(path: Path, name: str, change: Callable[[Any], Any]) -> None:
    """Change an array of one part, with a checksum that fits."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        dtype, data = connection.execute("SELECT dtype, data FROM arrays WHERE name = ?", (name,)).fetchone()
        array = np.frombuffer(data, dtype)
        changed = change(array).astype(array.dtype).tobytes()
        connection.execute(
            "UPDATE arrays SET data = ?, crc = ? WHERE name = ?",
            (changed, zlib.crc32(changed, checksum(name, 0)), name),
        )
        connection.commit()


def test_lists_have_one_end_each_and_none_above_what_they_hold(small_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "hostile.index"
    shutil.copy(small_file, path)
    _change_array(path, "ends", lambda ends: ends[:-1])
    index = RelatedIndex.open(path)
    with pytest.raises(IndexFormatError, match=r"hostile\.index.*do not fit together"):
        index.refresh([{"id": "new", "date": "2016-07-11", "text": "Troops go to Iraq."}])
    assert any("do not fit together" in fault for fault in index.check())
    shutil.copy(small_file, path)
    _change_array(path, "ends", lambda ends: ends * 10)
    assert all("ending above its last event" in fault for fault in RelatedIndex.open(path).check())
    assert RelatedIndex.open(path).check()


def _of_neighbours(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def changed(pairs: Any) -> Any:
        width = Config.default().lists.candidates
        return np.concatenate([pairs[:, :width], change(pairs[:, width:])], axis=1)

    return changed


# Of each block the pairs, of shape (slots, candidates and neighbours, 2).
_CANDIDATES: dict[str, Callable[[Any], Any]] = {
    "candidates that do not exist": _past_the_end,
    "candidates that score nothing": lambda a: a * [1, 0],
    "more candidates than there can be": lambda a: np.repeat(a, 64, axis=0),
    "fewer candidates than there are": lambda a: a[:-1],
    "no candidates at all": lambda a: a[:0],
    "neighbours that do not exist": _of_neighbours(_past_the_end),
    "neighbours that score nothing": _of_neighbours(lambda a: a * [1, 0]),
    "more neighbours than there can be": _of_neighbours(lambda a: np.repeat(a, 64, axis=1)),
}


def _change_candidates(path: Path, change: Callable[[Any], Any]) -> None:
    """Change the candidates of each block, with a checksum that fits."""
    width = Config.default().lists.width
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for block, data in connection.execute("SELECT block, pairs FROM candidates").fetchall():
            pairs = change(np.frombuffer(data, "<u4").reshape(-1, width, 2)).astype("<u4").tobytes()
            connection.execute(
                "INSERT OR REPLACE INTO candidates VALUES (?, ?, ?)",
                (block, pairs, zlib.crc32(pairs, block)),
            )
        connection.commit()


def _use_candidates(path: Path) -> list[Callable[[], object]]:
    """Whatever reads candidates."""
    index = RelatedIndex.open(path)
    last = list(index.events)[-1]
    return [
        lambda: index.refresh([{"id": "new", "date": "2016-07-11", "text": "Troops go to Iraq."}]),
        lambda: index.related(last, direction="before"),
    ]


@pytest.mark.parametrize("what", _CANDIDATES)
def test_candidates_that_would_lead_out_of_bounds_are_refused(
    what: str, sample_file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "hostile.index"
    shutil.copy(sample_file, path)
    _change_candidates(path, _CANDIDATES[what])
    for read in _use_candidates(path):
        with pytest.raises(IndexFormatError, match=r"hostile\.index"):
            read()
    assert RelatedIndex.open(path).check()


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM candidates WHERE block = 3",
        "UPDATE candidates SET block = block + 1 WHERE block = (SELECT max(block) FROM candidates)",
        "INSERT INTO candidates SELECT max(block) + 1, pairs, crc FROM candidates",
        "UPDATE candidates SET crc = crc + 1 WHERE block = 3",
        "UPDATE candidates SET pairs = zeroblob(length(pairs)) WHERE block = 3",
        "UPDATE candidates SET pairs = 'text' WHERE block = 3",
        "UPDATE candidates SET pairs = 5",
        "UPDATE candidates SET crc = 'text'",
        "DELETE FROM arrays WHERE name = 'ends'",
        "UPDATE arrays SET crc = crc + 1 WHERE name = 'ends'",
    ],
)
def test_damaged_candidates_are_refused(damage: str, small_file: Path, tmp_path: Path) -> None:
    index = RelatedIndex.open(_damaged(small_file, tmp_path, damage))
    with pytest.raises(IndexFormatError, match=r"damaged\.index"):
        index.refresh([{"id": "new", "date": "2016-07-11", "text": "Troops go to Iraq."}])
    assert index.check()


def test_a_removed_event_neither_has_candidates_nor_is_one(sample_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "removed.index"
    shutil.copy(sample_file, path)
    index = RelatedIndex.open(path)
    index.refresh(remove=[list(index.events)[5]])
    assert index.check() == []
    for name, change in {
        "is.index": lambda a: np.where(a[..., 1:] > 0, [5, 1], 0),
        "has.index": lambda a: np.where(a[..., 1:] > 0, a, [0, 1]),
    }.items():
        other = tmp_path / name
        shutil.copy(path, other)
        _change_candidates(other, change)
        index = RelatedIndex.open(other)
        with pytest.raises(IndexFormatError, match=name):
            index.refresh([{"id": "new", "date": "2016-07-11", "text": "Troops go to Iraq."}])
        assert index.check()


@given(st.binary(max_size=300))
def test_any_bytes_are_no_index(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.index"
        path.write_bytes(content)
        with pytest.raises(IndexFormatError, match=r"any\.index"):
            RelatedIndex.open(path)


@settings(max_examples=8)
@example(
    2750, 128
)  # the text of the schema is no UTF-8 then, which SQLite's Python module reports without a code
@given(st.integers(0, 10**6), st.integers(1, 255))
def test_a_flipped_byte_is_harmless_or_an_error_of_the_format(
    small_file: Path, place: int, change: int
) -> None:
    check_flipped(small_file, place, change)


@pytest.mark.slow
@settings(max_examples=150)
@given(st.integers(0, 10**6), st.integers(1, 255))
def test_many_flipped_bytes(small_file: Path, place: int, change: int) -> None:
    check_flipped(small_file, place, change)


def check_flipped(small_file: Path, place: int, change: int) -> None:
    content = bytearray(small_file.read_bytes())
    content[place % len(content)] ^= change
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flipped.index"
        path.write_bytes(content)
        with contextlib.suppress(IndexFormatError):
            use(path)
