"""Refresh: the lists of a build over what is there now, exactly the ids whose lists changed, and all at once."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import queue
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import forks
import pytest
from examples import examples
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from oracle_score import Archive
from stories import GivenTagger, Stories, configs, corpora, encoder_of, letters

from relatedness import Config, RelatedIndex
from relatedness.errors import BusyError, ConfigError, IndexMissingError, InputError, UnknownEventError
from relatedness.events import Event
from relatedness.sources import Table
from relatedness.storage import _file as file_module
from relatedness.storage import writing
from relatedness.storage._lock import lock_path
from relatedness.topics import EventTopic

Record = dict[str, Any]
STAYS = {"refresh": {"drift": 1e9}}  # statistics stay as they were fitted


def shown(index: RelatedIndex, k: int | None = None) -> dict[str, list[Record]]:
    """Every list, as it is exported."""
    k = index.config.lists.stored if k is None else k
    # Shared phrases are words for readers, not part of the score: `test_shared.py` holds them.
    return {
        id_: [replace(item, shared=()).to_record() for item in items]
        for id_, items in index.lists(k, reasons=False)
    }


def printed(index: RelatedIndex) -> dict[str, list[Record]]:
    """Every list with the words that its events share, which new statistics may change."""
    return {
        id_: [item.to_record() for item in items] for id_, items in index.lists(index.config.lists.stored)
    }


def changed(before: dict[str, list[Record]], after: dict[str, list[Record]]) -> list[str]:
    """The events that have another list than before, in their order."""
    return [id_ for id_, items in after.items() if before.get(id_) != items]


# --- laws 3 and 4 ------------------------------------------------------------------------------------------------


class Refreshes(RuleBasedStateMachine):
    """Any sequence of additions, changes and removals, against the slow truth and against a build."""

    @initialize(records=corpora(least=1, most=8), config=configs())
    def build(self, records: list[Record], config: Config) -> None:
        self.config = config.change(STAYS)
        self.records = {record["id"]: record for record in records}
        self.index = RelatedIndex.build(
            records, config=self.config, tagger=GivenTagger(), **encoder_of(self.config)
        )
        self.fitted = self.truth(None)

    def truth(self, frozen: Archive | None) -> Archive:
        events = [Event.make(record) for record in self.records.values()]
        topics = GivenTagger().tag(events)
        statistics = self.index.info["statistics"]
        return Archive(
            events,
            topics,
            self.config,
            statistics["floor"],
            frozen,
            letters if self.config.text.encoder == "given" else lambda text: [],
            statistics["common_cosine"],
        )

    @rule(records=corpora(least=0, most=5), data=st.data(), mirror=st.sampled_from((False, False, True)))
    def refresh(self, records: list[Record], data: st.DataObject, mirror: bool) -> None:
        given = {record["id"] for record in records}
        others = sorted(set(self.records) - given)
        remove = data.draw(st.lists(st.sampled_from(others), unique=True) if others else st.just([]))
        mirror = mirror and bool(records)
        left = (
            dict.fromkeys(given) if mirror else {i: None for i in (*self.records, *given) if i not in remove}
        )
        before = shown(self.index)
        if not left:
            with pytest.raises(InputError, match="no event would be left"):
                self.index.refresh(records, remove=remove, mirror=mirror)
            assert shown(self.index) == before
            return
        known = dict(self.records)
        self.records |= {record["id"]: record for record in records}
        self.records = {id_: record for id_, record in self.records.items() if id_ in left}
        changes = self.index.refresh(records, remove=remove, mirror=mirror)
        after = shown(self.index)
        assert list(changes.lists) == changed(before, after)
        assert set(changes.added) == set(self.records) - set(known)
        assert set(changes.removed) == set(known) - set(self.records)
        assert set(changes.changed) == {
            id_ for id_ in set(known) & given if Event.make(known[id_]) != Event.make(self.records[id_])
        }
        assert len(changes.added) + len(changes.changed) + changes.unchanged == len(given)

    @rule()
    def refit(self) -> None:
        before = printed(self.index)
        changes = self.index.refresh(refit=True)
        again = RelatedIndex.build(
            list(self.records.values()), config=self.config, tagger=GivenTagger(), **encoder_of(self.config)
        )
        assert shown(self.index) == shown(again)
        assert list(changes.lists) == changed(before, printed(again))
        self.fitted = self.truth(None)

    @invariant()
    def lists_are_those_of_the_slow_truth(self) -> None:
        archive = self.truth(self.fitted)
        k = self.config.lists.stored
        lists = shown(self.index)
        assert list(lists) == list(archive.events)
        for id_, items in lists.items():
            assert items == [item.to_record() for item in archive.related(id_, k)]

    @invariant()
    def lists_are_those_of_a_build_with_these_statistics(self) -> None:
        built = RelatedIndex.build(
            list(self.records.values()),
            statistics=self.index,
            tagger=GivenTagger(),
            **encoder_of(self.config),
        )
        assert shown(built) == shown(self.index)
        some = next(iter(self.records))
        for direction in ("before", "after"):
            assert list(built.related(some, direction=direction)) == list(  # type: ignore[arg-type]
                self.index.related(some, direction=direction)  # type: ignore[arg-type]
            )

    @invariant()
    def the_index_is_sound(self) -> None:
        assert self.index.check() == []


# `GivenTagger` is passed to the index, which is in memory: nothing is opened twice.
TestRefreshes = Refreshes.TestCase
TestRefreshes.settings = settings(examples(12), stateful_step_count=6, deadline=None)


@pytest.mark.slow
class TestManyRefreshes(Refreshes.TestCase):  # type: ignore[name-defined,misc]
    """The same for some two thousand steps."""

    settings = settings(max_examples=100, stateful_step_count=20, deadline=None)


def test_an_archive_without_a_single_term_is_no_special_case() -> None:
    index = RelatedIndex.build([{"id": "a", "date": "2016-07-11", "text": "?"}], tagger=GivenTagger())
    again = RelatedIndex.build(
        [{"id": "a", "date": "2016-07-11", "text": "!"}], statistics=index, tagger=GivenTagger()
    )
    assert shown(index) == shown(again) == {"a": []}
    index.refresh([{"id": "b", "date": "2016-07-12", "text": "Mosul falls."}])
    assert shown(index) == {"a": [], "b": []}
    assert index.check() == []


@pytest.fixture(scope="module")
def events(sample_index: RelatedIndex) -> list[Event]:
    """A third of the events of the sample archive, in the order of their dates."""
    return list(sample_index.events.values())[::3]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, events: list[Event]) -> Path:
    """An index file of the first 200 of these events. Copy it before changing anything."""
    path = tmp_path_factory.mktemp("built") / "news.index"
    RelatedIndex.build(events[:200], path, config=Config.default().change(STAYS)).close()
    return path


@pytest.fixture
def path(tmp_path: Path, built: Path) -> Path:
    """A copy of that file which a test may change."""
    return shutil.copy(built, tmp_path / "news.index")


@pytest.mark.parametrize("steps", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_real_events_that_come_go_and_change_leave_the_lists_of_a_build(
    steps: int, path: Path, events: list[Event]
) -> None:
    index = RelatedIndex.open(path)
    held = {event.id: event for event in events[:200]}
    events, later = events[:200], events[200:]
    for step in range(steps):
        new = later[9 * step : 9 * (step + 1)]
        other = Event.make({**events[40 * step].to_record(), "text": "Voters in Greece reject the terms."})
        gone = [event.id for event in events[100 + step : 190 : 9]]
        before = shown(index)
        changes = index.refresh([*new, other, events[3 + 40 * step]], remove=gone)
        held |= {event.id: event for event in (*new, other)}
        held = {id_: event for id_, event in held.items() if id_ not in gone}
        built = RelatedIndex.build(list(held.values()), statistics=index)
        assert shown(index) == shown(built)
        assert list(changes.lists) == changed(before, shown(built))
        assert (len(changes.added), changes.changed, set(changes.removed)) == (9, (other.id,), set(gone))
        assert (changes.unchanged, changes.retagged) == (1, 10)
        events = [event for event in events if event.id not in gone]
    text = "The Security Council discusses Mosul."
    assert [item.id for item in index.query(text)] == [item.id for item in built.query(text)]
    assert index.check() == []
    # The same lists from the file, in another process's eyes.
    assert shown(RelatedIndex.open(path)) == shown(index)


def test_a_refit_gives_the_export_of_a_fresh_build_byte_for_byte(path: Path, events: list[Event]) -> None:
    index = RelatedIndex.open(path)
    index.refresh(events[200:215], remove=[event.id for event in events[:10]])
    changes = index.refresh(events[215:], refit=True)
    assert changes.refit == "as asked"
    fresh = RelatedIndex.build(events[10:], config=index.config)
    for one, name in ((index, "refitted"), (fresh, "fresh")):
        one.export(path.with_name(f"{name}.jsonl"))
    assert path.with_name("refitted.jsonl").read_bytes() == path.with_name("fresh.jsonl").read_bytes()
    assert index.info["statistics"]["changed_since"] == 0
    assert index.info["generation"] == 3


def test_drift_past_the_bound_fits_the_statistics_anew_and_says_so(events: list[Event]) -> None:
    index = RelatedIndex.build(events[:100], config=Config.default().change({"refresh": {"drift": 0.1}}))
    assert index.refresh(events[100:106]).refit is None
    assert index.info["statistics"]["drift"] == 0.06
    assert index.plan(events[106:112]).refit == "12 changed since they were fitted on 100 events"
    assert index.refresh(events[106:112]).refit == "12 changed since they were fitted on 100 events"
    assert index.info["statistics"]["n_events"] == 112


def test_only_what_has_other_words_is_tagged_again(path: Path, events: list[Event]) -> None:
    index = RelatedIndex.open(path)
    same_words = Event.make({**events[5].to_record(), "category": "Elsewhere"})
    other_words = Event.make({**events[6].to_record(), "title": "Peace in Colombia"})
    topics = index.topics(events[5].id)
    changes = index.refresh([same_words, other_words, *events[7:20]])
    assert (changes.changed, changes.retagged, changes.unchanged) == ((events[5].id, events[6].id), 1, 13)
    assert index.topics(events[5].id) == topics
    assert index.events[events[5].id].category == "Elsewhere"


def test_topics_that_are_there_keep_their_names(path: Path, events: list[Event]) -> None:
    index = RelatedIndex.open(path)

    def known(id_: str) -> list[EventTopic]:
        # What is inferred comes from the neighbours, which may be others now.
        return [topic for topic in index.topics(id_) if topic.how != "inferred"]

    before = {event.id: known(event.id) for event in events[:200]}
    index.refresh(events[200:])
    assert {id_: known(id_) for id_ in before} == before


def test_a_new_name_brings_events_together_before_the_statistics_know_it() -> None:
    config = Config.default().change(STAYS)
    index = RelatedIndex.build(Stories(3, 4).records, config=config)
    index.refresh(
        [
            {"id": "one", "date": "2014-05-01", "text": "The ferry Zorgonia sinks near Quuxhaven."},
            {"id": "two", "date": "2014-05-02", "text": "Divers reach the wreck of the Zorgonia."},
        ]
    )
    assert [item.id for item in index.related("one")] == ["two"]
    assert any(reason.name == "Zorgonia" for reason in index.explain("one", "two").reasons)


def test_a_plan_can_be_shown_and_carried_out_once(path: Path, events: list[Event]) -> None:
    index = RelatedIndex.open(path)
    before = shown(index)
    plan = index.plan(events[195:205], remove=[events[0].id])
    assert str(plan).splitlines()[2:4] == [f"remove 1: {events[0].id}", "5 unchanged"]
    assert shown(RelatedIndex.open(path)) == before
    changes = index.refresh(plan)
    assert changes.added == tuple(event.id for event in plan.added)
    with pytest.raises(ConfigError, match="changed since the plan was made"):
        index.refresh(plan)


def test_nothing_to_do_changes_nothing(path: Path, events: list[Event]) -> None:
    content = path.read_bytes()
    changes = RelatedIndex.open(path).refresh(events[:200])
    assert (changes.unchanged, changes.lists, changes.refit) == (200, (), None)
    assert path.read_bytes() == content


def test_what_contradicts_itself_is_refused_and_nothing_changes(path: Path, events: list[Event]) -> None:
    index = RelatedIndex.open(path)
    before = shown(index)
    with pytest.raises(InputError, match="given both as events and in remove"):
        index.refresh(events[:1], remove=[events[0].id])
    with pytest.raises(UnknownEventError, match="nearest are"):
        index.refresh(remove=[events[0].id[:-1]])
    with pytest.raises(InputError, match="no event would be left"):
        index.refresh(remove=[event.id for event in events[:200]])
    with pytest.raises(InputError, match="line 1, field 'date'"):
        broken = path.with_name("broken.jsonl")
        broken.write_text('{"id": "x", "text": "no date"}\n', encoding="utf-8")
        index.refresh(broken)
    assert shown(RelatedIndex.open(path)) == before


def test_the_index_keeps_which_lists_changed_until_somebody_asks(path: Path, events: list[Event]) -> None:
    index = RelatedIndex.open(path)
    states = [shown(index)]
    for given, remove, refit in (
        (events[200:215], [], False),
        ([], [events[3].id, events[210].id], False),
        (events[3:4], [], True),
        (events[215:], [events[0].id], True),
    ):
        index.refresh(given, remove=[*remove], refit=refit)
        states.append(shown(index))
    state = index.info["state"]
    for generation, before in enumerate(states, 1):
        found = index.changed_since(generation)
        # Exactly these, but for lists that changed and changed back.
        assert set(found.lists) >= set(changed(before, states[-1]))
        assert set(found.removed) >= before.keys() - states[-1].keys()
        assert not set(found.removed) & states[-1].keys()
        assert (found.state, found.generation) == (state, 5)
        assert list(found.lists) == [id_ for id_ in states[-1] if id_ in set(found.lists)]
    assert list(index.changed_since(4).lists) == changed(states[3], states[4])
    assert index.changed_since(5).lists == ()
    assert list(index.changed_since(0).lists) == list(states[-1])
    lineage, _, _ = index.info["state"].split("-")
    for strange in (f"{lineage}-{'9' * 5000}-a", f"{lineage}-x-a", f"{lineage}-5-", lineage, "-", ""):
        assert list(index.changed_since(strange).lists) == list(states[-1]), "a state of no index of ours"
    with pytest.raises(ConfigError, match="at generation 5, but 6 was asked for"):
        index.changed_since(6)
    assert index.check() == []
    RelatedIndex.build(events, path).close()
    index.reload()
    assert list(index.changed_since(state).lists) == list(index.events)


def test_two_builds_within_a_second_are_both_noticed(tmp_path: Path, events: list[Event]) -> None:
    path = tmp_path / "again.index"
    states = []
    reader = None
    for number in (10, 11, 10):
        RelatedIndex.build(events[:number], path).close()
        reader = reader or RelatedIndex.open(path, follow=True)
        assert len(reader) == number
        states.append(reader.info["state"])
    assert len(set(states)) == 3


def test_states_tell_copies_apart_that_were_refreshed_on_their_own(path: Path, events: list[Event]) -> None:
    index = RelatedIndex.open(path)
    backup = path.read_bytes()
    first = index.info["state"]
    index.refresh(events[200:210])
    ours = index.info["state"]
    path.write_bytes(backup)
    index.reload()
    index.refresh(events[210:220])
    theirs = index.info["state"]
    assert index.info["generation"] == 2
    assert list(index.changed_since(ours).lists) == list(index.events)
    assert set(index.changed_since(first).lists) < set(index.events)
    assert index.changed_since(theirs).lists == index.changed_since(2).lists == ()
    for nonsense in ("", "-", "a-b-c", f"{first}0", first.replace("-1-", "-9-")):
        assert index.changed_since(nonsense).lists == tuple(index.events)


# --- readers -----------------------------------------------------------------------------------------------------


def test_an_index_says_what_it_said_until_it_is_reloaded(path: Path, events: list[Event]) -> None:
    reader, follower = RelatedIndex.open(path), RelatedIndex.open(path, follow=True)
    before = shown(reader)
    RelatedIndex.open(path).refresh(events[200:])
    after = shown(RelatedIndex.open(path))
    assert after != before
    assert shown(reader) == before
    assert shown(follower) == after
    assert len(follower.events) == len(events)
    reader.reload()
    assert shown(reader) == after


def test_a_follower_sees_a_full_build_and_another_file_too(path: Path, events: list[Event]) -> None:
    follower = RelatedIndex.open(path, follow=True)
    last = events[-1].id
    assert follower.related(events[5].id, direction="before") is not None
    with pytest.raises(UnknownEventError):
        follower.related(last)
    RelatedIndex.build(events[100:], path).close()
    assert follower.related(last, direction="before")
    with pytest.raises(UnknownEventError):
        follower.related(events[5].id)
    RelatedIndex.build(events[:50], path.with_name("other.index")).close()
    path.with_name("other.index").replace(path)
    assert len(follower.events) == 50
    path.unlink()
    assert len(follower.events) == 50, "taken away: what was read stays good"
    with pytest.raises(IndexMissingError):
        follower.reload()


def test_nothing_stands_beside_an_index_however_it_is_read_and_refreshed(
    path: Path, events: list[Event]
) -> None:
    follower, kept = RelatedIndex.open(path, follow=True), RelatedIndex.open(path)
    index = RelatedIndex.open(path)
    for step in range(3):
        index.refresh(events[200 + step : 301 + step])
        assert follower.related(events[200 + step].id) is not None
        assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert len(kept.events) == 200


def test_a_plain_copy_is_complete_while_the_index_is_read(
    path: Path, events: list[Event], tmp_path: Path
) -> None:
    with RelatedIndex.open(path) as pinned, RelatedIndex.open(path, follow=True) as index:
        index.refresh(events[200:215])
        shutil.copy(path, tmp_path / "copy.index")
        with RelatedIndex.open(tmp_path / "copy.index") as copy:
            assert shown(copy) == shown(index)
            assert copy.check() == []
        assert len(pinned.events) == 200


def test_a_file_that_is_renamed_over_the_index_is_seen_and_stays(
    path: Path, events: list[Event], tmp_path: Path
) -> None:
    with RelatedIndex.open(path, follow=True) as follower, RelatedIndex.open(path) as pinned:
        pinned.refresh(events[200:215])
        assert len(follower.events) == 215
        # What other programs or older versions left must not be taken for the log of the new file.
        path.with_name(path.name + "-wal").write_bytes(b"the log of another file")
        RelatedIndex.build(events[:50], tmp_path / "other.index").close()
        other = (tmp_path / "other.index").read_bytes()
        (tmp_path / "other.index").replace(path)
        assert len(follower.events) == 50
        assert follower.check() == []
    assert path.read_bytes() == other


def test_two_builds_one_right_after_the_other_are_both_noticed(path: Path, events: list[Event]) -> None:
    follower = RelatedIndex.open(path, follow=True)
    for size in (50, 51, 50):
        RelatedIndex.build(events[:size], path).close()
        assert len(follower.events) == size


def test_a_file_that_is_written_over_in_place_is_noticed(
    path: Path, events: list[Event], tmp_path: Path
) -> None:
    RelatedIndex.build(events[:50], tmp_path / "other.index").close()
    follower = RelatedIndex.open(path, follow=True)
    assert len(follower.events) == 200
    path.write_bytes((tmp_path / "other.index").read_bytes())
    assert len(follower.events) == 50


def test_a_refresh_keeps_mode_owner_and_symbolic_link(
    path: Path, events: list[Event], tmp_path: Path
) -> None:
    link = tmp_path / "elsewhere" / "live.index"
    link.parent.mkdir()
    link.symlink_to(path)
    path.chmod(0o640)
    with RelatedIndex.open(link, follow=True) as follower:
        follower.refresh(events[200:])
        assert len(follower.events) == len(events)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in link.parent.iterdir()] == [link.name]


def test_who_may_only_read_reads(built: Path) -> None:
    # Not below pytest's own folder: that is open to its owner alone.
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        path = Path(shutil.copy(built, folder / "news.index"))
        path.chmod(0o444)
        folder.chmod(0o555)
        code = f"""
import os, sqlite3
from relatedness import RelatedIndex
def look():
    index = RelatedIndex.open({str(path)!r}, follow=True)
    with sqlite3.connect("file:{path}?mode=ro", uri=True) as database:
        rows = database.execute("SELECT count(*) FROM lists").fetchone()
    return len(index.events), index.check(), len(index.query("Mosul")) > 0, rows
look()
if os.geteuid() == 0:  # whoever is root may write everywhere: from here on nobody
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
print(look())
"""
        try:
            done = forks.run("-c", code)
        finally:
            folder.chmod(0o755)
        assert done.stdout == "(200, [], True, (200,))\n", done.stderr
        assert [file.name for file in folder.iterdir()] == [path.name]


def _read_on(path: str, ids: list[str], stop: Any, out: Any) -> None:
    """Read again and again, leaving the refresh its share of the processor; say how often, and what was seen."""
    index = RelatedIndex.open(path, follow=True)
    seen: set[tuple[str, str]] = set()
    reads = 0
    last = False
    while not last:
        last = stop.is_set()  # at least one round, however late this begins
        for id_ in ids:
            items = index.related(id_, k=10)
            seen.add((id_, json.dumps([replace(item, shared=()).to_record() for item in items])))
            index.related(id_, direction="before", k=2)
            reads += 1
            stop.wait(0.002)
    out.put((reads, seen))


def test_threads_that_refresh_an_index_in_memory_lose_nothing() -> None:
    index = RelatedIndex.build([{"id": 0, "date": "2016-07-11", "text": "Troops go to Iraq."}])
    texts = ["Troops go to Iraq.", "The ferry stops at Lund."]

    def add(number: int) -> tuple[Any, ...]:
        return index.refresh(
            [{"id": number, "date": "2016-07-12", "text": f"{texts[number % 2]} {number}"}]
        ).added

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(1, 17))) == [(number,) for number in range(1, 17)]
    assert sorted(index) == list(range(17))


@pytest.mark.parametrize("refreshes", [2, pytest.param(60, marks=pytest.mark.slow)])
def test_readers_in_processes_and_in_threads_see_whole_generations_only(
    refreshes: int, path: Path, events: list[Event]
) -> None:
    ids = [event.id for event in events[50:200:25]]
    context = multiprocessing.get_context("spawn")
    stop, out = context.Event(), context.Queue()
    processes = [context.Process(target=_read_on, args=(str(path), ids, stop, out)) for _ in range(2)]
    for process in processes:
        process.start()
    inside: queue.Queue[Any] = queue.Queue()
    threads = [threading.Thread(target=_read_on, args=(str(path), ids, stop, inside)) for _ in range(2)]
    for thread in threads:
        thread.start()
    index = RelatedIndex.open(path)
    truth: set[tuple[str, str]] = set()

    def note() -> None:
        lists = shown(index, 10)
        truth.update((id_, json.dumps(lists[id_])) for id_ in ids)

    note()
    try:
        for step in range(refreshes):
            if step % 2:
                index.refresh(remove=[event.id for event in events[200:]])
            else:
                index.refresh(events[200:])
            note()
            time.sleep(0.05)
    finally:
        stop.set()
    results = [out.get(timeout=600) for _ in processes] + [inside.get(timeout=600) for _ in threads]
    for worker in (*processes, *threads):
        worker.join()
    for reads, seen in results:
        assert reads > 0
        assert seen <= truth


# --- writers -----------------------------------------------------------------------------------------------------

WRITER = """
import sys, time
from pathlib import Path
from relatedness.storage import writing
with writing(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(3600)
"""


@contextlib.contextmanager
def another_writer(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock."""
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_second_writer_is_told_who_holds_it_and_readers_are_not_disturbed(
    path: Path, events: list[Event]
) -> None:
    with another_writer(path) as process:
        index = RelatedIndex.open(path)
        assert shown(index)
        with pytest.raises(BusyError, match=rf"process {process.pid} on .* since 20\d\d-"):
            index.refresh(events[200:])
        with pytest.raises(BusyError):
            RelatedIndex.build(events, path)
        told: list[str] = []
        begun = time.monotonic()
        with pytest.raises(BusyError):
            index.refresh(events[200:], wait=0.3, waiting=told.append)
        assert time.monotonic() - begun >= 0.3
        assert [str(process.pid) in holder for holder in told] == [True]


@pytest.mark.parametrize("how", ["symbolic", "hard"])
def test_another_name_of_an_index_has_the_same_lock(
    how: str, path: Path, events: list[Event], tmp_path: Path
) -> None:
    other = tmp_path / "other.index"
    if how == "symbolic":
        other.symlink_to(path)
    else:
        other.hardlink_to(path)
    with another_writer(other), pytest.raises(BusyError):
        RelatedIndex.open(path).refresh(events[200:])
    with another_writer(path), pytest.raises(BusyError):
        RelatedIndex.open(other).refresh(events[200:])
    assert RelatedIndex.open(path).refresh(events[200:]).added
    assert not [file.name for file in tmp_path.iterdir() if file.name.startswith(".")]


def test_the_lock_of_a_killed_process_is_no_lock(path: Path, events: list[Event]) -> None:
    with another_writer(path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert lock_path(path).exists()
        assert RelatedIndex.open(path).refresh(events[200:]).added
    assert not lock_path(path).exists()


def test_who_waits_goes_on_when_the_other_has_ended(path: Path, events: list[Event]) -> None:
    with another_writer(path) as process:
        threading.Timer(0.3, process.terminate).start()
        assert RelatedIndex.open(path).refresh(events[200:], wait=600).added


def test_many_writers_write_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "a.index"
    inside, most = 0, 0

    def write() -> None:
        nonlocal inside, most
        for _ in range(20):
            with writing(path, wait=600):
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert not list(tmp_path.iterdir())


REFRESHER = """
import sys
from relatedness import RelatedIndex
print("ready", flush=True)
sys.stdin.readline()
RelatedIndex.open(sys.argv[1]).refresh(sys.argv[2], refit=sys.argv[3] == "refit")
"""


@pytest.mark.parametrize("how", ["frozen", "refit"])
@pytest.mark.parametrize("kills", [2, pytest.param(25, marks=pytest.mark.slow)])
def test_a_killed_refresh_leaves_the_old_lists_or_the_new(
    how: str, kills: int, path: Path, events: list[Event], tmp_path: Path
) -> None:
    new = tmp_path / "new.jsonl"
    new.write_text("".join(json.dumps(event.to_record()) + "\n" for event in events[200:]), encoding="utf-8")
    old = shown(RelatedIndex.open(path))
    copy = tmp_path / "copy.index"
    copy.write_bytes(path.read_bytes())
    RelatedIndex.open(copy).refresh(new, refit=how == "refit")
    allowed = [old, shown(RelatedIndex.open(copy))]
    outcomes = []
    for kill in range(kills):
        process = subprocess.Popen(
            [sys.executable, "-c", REFRESHER, str(path), str(new), how],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdin is not None and process.stdout is not None
        process.stdout.readline()
        process.stdin.write("\n")
        process.stdin.flush()
        # Spread over the whole of it, from the first moment to after its end.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.2 + 2.5 * kill / kills)
        process.kill()
        process.communicate()
        with RelatedIndex.open(path) as index:
            assert index.check() == []
            outcomes.append(allowed.index(shown(index)))
            if outcomes[-1] == 1:
                index.refresh(remove=[event.id for event in events[200:]])
                if how == "refit":
                    index.refresh(refit=True)
            assert shown(index) == old
    RelatedIndex.open(path).refresh()  # whoever writes next sweeps up what a killed one left
    assert [file.name for file in tmp_path.iterdir() if ".part" in file.name or file.suffix == ".lock"] == []


def test_no_space_left_is_said_and_the_old_lists_stay(path: Path, events: list[Event]) -> None:
    index = RelatedIndex.open(path)
    before = shown(index)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
    real = file_module._connect

    def small(where: Path, mode: str) -> sqlite3.Connection:
        connection = real(where, mode)
        connection.execute(f"PRAGMA max_page_count = {pages + 5}")
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file_module, "_connect", small)
        with pytest.raises(OSError, match="no space left on the disk") as caught:
            index.refresh(events[200:])
        assert caught.value.filename == str(path)
    assert shown(RelatedIndex.open(path)) == before
    assert index.check() == []


def test_an_index_of_a_table_is_opened_and_refreshed(tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy")
    with contextlib.closing(sqlite3.connect(tmp_path / "site.db")) as database, database:
        database.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, day DATE, headline TEXT)")
        database.execute("INSERT INTO items VALUES (1, '2016-07-11', 'Troops go to Iraq.')")
    table = Table(f"sqlite:///{tmp_path / 'site.db'}", "items")
    fields = {"day": "date", "headline": "title"}
    RelatedIndex.build(table, tmp_path / "site.index", fields=fields).close()
    with RelatedIndex.open(tmp_path / "site.index") as index:
        assert index.refresh(table, fields=fields).to_record()["added"] == []
        assert index.check() == []
