"""Partitioned indexes: a folder of files says what one file says, whatever is asked, and a refresh writes what it reaches."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relatedness import RelatedIndex
from relatedness.errors import ConfigError, IndexFormatError, IndexMissingError, InputError
from relatedness.events import Event
from relatedness.index import Partitioning
from relatedness.storage import MOST_PARTITIONS, Catalogue, PartitionedStore, Store, coded
from relatedness.storage._numbers import Numbers
from relatedness.topics import EventTopic
from tests.stories import Stories

PARTS = 5


@pytest.mark.parametrize(
    ("cut", "first_days"),
    [
        (Partitioning(partitions=1), [10]),
        (Partitioning(partitions=2), [10, 13]),
        (Partitioning(partitions=6), [10, 11, 13]),
        (Partitioning(events=6), [10]),
        (Partitioning(events=4), [10, 13]),
        (Partitioning(events=1), [10, 11, 13]),
    ],
)
def test_an_archive_is_cut_into_parts_of_one_size_as_far_as_days_allow(
    cut: Partitioning, first_days: list[int]
) -> None:
    days, counts = np.array([10, 11, 13]), np.array([2, 1, 3])
    assert cut.starts(days, counts) == [86_400 * day for day in first_days]


def test_an_index_has_a_largest_number_of_partitions() -> None:
    days = np.arange(MOST_PARTITIONS + 1)
    assert len(Partitioning(MOST_PARTITIONS).starts(days, np.ones_like(days))) == MOST_PARTITIONS
    with pytest.raises(ConfigError, match="257 partitions are too many"):
        Partitioning(MOST_PARTITIONS + 1).starts(days, np.ones_like(days))


@pytest.fixture(scope="session")
def folder(sample_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample archive in partitions. Copy it before changing anything."""
    path = tmp_path_factory.mktemp("partitioned") / "sample"
    RelatedIndex.build(sample_path, path, partitions=PARTS, jobs=1).close()
    return path


@pytest.fixture
def copied(folder: Path, tmp_path: Path) -> Path:
    """A copy to be changed."""
    return Path(shutil.copytree(folder, tmp_path / "copied"))


def _lists(index: RelatedIndex) -> list[tuple[str, str]]:
    return list(index._store.list_texts())


def test_it_says_what_one_file_says(sample_index: RelatedIndex, folder: Path, tmp_path: Path) -> None:
    one, many = sample_index, RelatedIndex.open(folder)
    assert len(list(folder.glob("part-*.index"))) == PARTS
    assert _lists(many) == _lists(one)
    assert list(many.events.items()) == list(one.events.items())
    assert list(many.all_topics()) == list(one.all_topics())
    assert many.topic_counts() == one.topic_counts()
    topic = one.topic_counts()[0][0]
    assert many.with_topic(topic) == one.with_topic(topic)
    assert many.find("earthquake") == one.find("earthquake")
    for what in ("events", "first_date", "last_date", "config_digest", "terms", "calibration"):
        assert many.info[what] == one.info[what]
    ids = list(one)
    options: list[dict[str, Any]] = [{}, {"since": "2010"}, {"topics": [topic], "fill": "period"}, {"k": 30}]
    for id_ in ids[::71]:
        assert many.topics(id_) == one.topics(id_)
        for some in options:
            assert many.related(id_, **some).to_record() == one.related(id_, **some).to_record()
    for text in ("An earthquake strikes Turkey.", "Elections in Germany"):
        found = many.query(text, date="2012-03-01")
        assert found.to_record() == one.query(text, date="2012-03-01").to_record()
        assert found.left_out(3) == one.query(text, date="2012-03-01").left_out(3)
    assert many.explain(ids[3], ids[600]) == one.explain(ids[3], ids[600])
    assert many.why_not(ids[3], ids[600]) == one.why_not(ids[3], ids[600])
    assert many.story(ids[40]) == one.story(ids[40])
    for index, name in ((one, "one.jsonl"), (many, "many.jsonl")):
        index.export(tmp_path / name)
    assert (tmp_path / "many.jsonl").read_bytes() == (tmp_path / "one.jsonl").read_bytes()
    assert many.check() == []
    assert list(pickle.loads(pickle.dumps(many))) == ids


def test_an_unknown_event_is_told_with_its_nearest(folder: Path) -> None:
    index = RelatedIndex.open(folder)
    known = list(index)[300]
    with pytest.raises(KeyError, match=f"the nearest are {known}"):
        index.related(f"{known}x")


class _ManyNamed:
    """Takes the topics of events as they are supplied; all are also written Springfield."""

    key = "many-named-1"

    def tag(self, events: Sequence[Event]) -> list[tuple[EventTopic, ...]]:
        return [
            tuple(EventTopic(name, "city", "supplied", ("Springfield",)) for name in event.topics)
            for event in events
        ]


def test_topics_of_the_same_spelling_are_suggested_by_their_frequency_in_all_partitions(
    tmp_path: Path,
) -> None:
    held = (["Ohio City", "Peoria"], ["Chicago"], ["Chicago", "Decatur"], ["Chicago", "Peoria", "Aurora"])
    records = [
        {"id": f"e{n}", "date": f"2015-01-{n + 1:02}", "text": "Rain.", "topics": topics}
        for n, topics in enumerate(held)
    ]
    index = RelatedIndex.build(records, tmp_path / "many", tagger=_ManyNamed(), partitions=4, jobs=1)
    with pytest.raises(InputError, match=r"'springfield'; did you mean Chicago or Peoria or Aurora\?$"):
        index.query("Rain", topics=["springfield"])


def test_refreshes_come_to_what_they_come_to_in_one_file(sample_path: Path, tmp_path: Path) -> None:
    records = [json.loads(line) for line in sample_path.read_text(encoding="utf-8").splitlines()][::3]
    held, base = [*records[5:8], *records[-3:]], [*records[:5], *records[8:-3]]
    one = RelatedIndex.build(base, tmp_path / "one.index", jobs=1)
    many = RelatedIndex.build(base, tmp_path / "many", partitions=4, jobs=1)
    before = RelatedIndex.open(tmp_path / "many")
    follows = RelatedIndex.open(tmp_path / "many", follow=True)
    said = _lists(before)
    moved = {**base[60], "date": "2031-01-01"}
    early = {**base[61], "id": "early", "date": "1950-01-01"}
    steps: list[dict[str, Any]] = [
        {"events": [*held[:4], moved, early], "remove": [base[50]["id"]]},
        {"events": [{**base[20], "text": base[20]["text"] + " Others follow."}]},
        {"events": held[4:], "refit": True},
    ]
    for step in steps:
        changes = one.refresh(jobs=1, **step)
        assert many.refresh(jobs=1, **step).lists == changes.lists
        assert _lists(many) == _lists(one)
        assert list(many.all_topics()) == list(one.all_topics())
        assert many.check() == []
    assert many.changed_since(1).lists == one.changed_since(1).lists
    assert many._store._stores[0].slot("early") is not None, "what is before all partitions is in the first"
    assert _lists(before) == said
    assert _lists(follows) == _lists(one)


def _apart(path: Path) -> RelatedIndex:
    """Four stories, each in a year of its own, which share nothing: a partition each."""
    made = Stories(4, 6)
    records = [
        {**record, "date": f"{2001 + place // 6}{record['date'][4:]}"}
        for place, record in enumerate(made.records)
    ]
    return RelatedIndex.build(records, path, config=made.in_order(), partitions=4, jobs=1)


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_refresh_writes_only_the_partitions_that_it_reaches(tmp_path: Path) -> None:
    folder = tmp_path / "apart"
    index = _apart(folder)
    assert [part.events for part in index._store.partitions] == [6] * 4  # type: ignore[attr-defined]
    before = _names(folder)
    story = index["s2-d03"]
    changes = index.refresh([{"id": "new", "date": "2003-03-20", "text": story.text}], jobs=1)
    assert "s2-d03" in changes.lists
    assert {name[:-15] for name in _names(folder) - before} == {"part-0002", "shared"}
    assert len(_names(folder)) == len(before)
    assert index.check() == []


def test_a_refresh_that_dies_before_the_catalogue_leaves_the_former_state(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = RelatedIndex.open(copied)
    before, there = _lists(index), _names(copied)
    event = {"id": "new", "date": "2012-05-05", "text": "An earthquake strikes Turkey."}

    def die(*_: object) -> None:
        raise OSError(28, "No space left on device", "catalogue.json")

    with monkeypatch.context() as patched:
        patched.setattr(Catalogue, "write", die)
        with pytest.raises(OSError, match="No space"):
            index.refresh([event], jobs=1)
    assert _names(copied) == there
    assert _lists(RelatedIndex.open(copied)) == before
    (copied / "part-0003-deadbeef.index").write_bytes(b"what a killed process left")
    index.refresh([event], jobs=1)
    assert "new" in index
    assert index.check() == []
    assert len(_names(copied)) == len(there)


def test_files_of_others_in_the_folder_stay(copied: Path, tmp_path: Path) -> None:
    event = {"id": "a", "date": "2012-05-05", "text": "An earthquake strikes Turkey."}
    mine = tmp_path / "mine"
    mine.mkdir()
    RelatedIndex.build([event], mine / "part-2014.index", jobs=1).close()
    with pytest.raises(ConfigError, match=r"other files, such as part-2014\.index"):
        RelatedIndex.build([event], mine, partitions=2)
    assert _names(mine) == {"part-2014.index"}
    theirs = {"part-2014.index", "shared-old.index", "part-0001-cafe.index", ".part-2014.index.1-a.part"}
    for name in theirs:
        (copied / name).write_text("mine", encoding="utf-8")
    RelatedIndex.open(copied).refresh([event], jobs=1)
    RelatedIndex.build([event], copied, partitions=2, jobs=1).close()
    assert theirs < _names(copied)


def test_a_leftover_that_cannot_be_removed_costs_nothing(copied: Path) -> None:
    event = {"id": "new", "date": "2012-05-05", "text": "An earthquake strikes Turkey."}
    (copied / "part-0009-deadbeef.index").mkdir()
    RelatedIndex.open(copied).refresh([event], jobs=1)
    with RelatedIndex.open(copied) as index:
        assert "new" in index
    RelatedIndex.build([event], copied, partitions=2, jobs=1).close()
    assert list(RelatedIndex.open(copied)) == ["new"]


def test_a_build_that_is_stopped_once_the_catalogue_is_in_place_keeps_its_files(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Catalogue.write

    def stop(catalogue: Catalogue, folder: Path) -> None:
        write(catalogue, folder)
        raise KeyboardInterrupt

    monkeypatch.setattr(Catalogue, "write", stop)
    event = {"id": "a", "date": "2012-05-05", "text": "An earthquake strikes Turkey."}
    with pytest.raises(KeyboardInterrupt):
        RelatedIndex.build([event], copied, partitions=2, jobs=1)
    assert list(RelatedIndex.open(copied)) == ["a"]


def test_another_writer_may_put_its_catalogue_in_place_at_any_moment(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ = Store.open.__func__  # type: ignore[attr-defined]
    event = {"id": "a", "date": "2012-05-05", "text": "An earthquake strikes Turkey."}

    def interrupted(cls: type[Store], path: Path) -> Store:
        store: Store = open_(cls, path)
        if path.name.startswith("part-0001-"):
            monkeypatch.undo()
            RelatedIndex.build([event], copied, partitions=2, jobs=1).close()
        return store

    monkeypatch.setattr(Store, "open", classmethod(interrupted))
    assert list(RelatedIndex.open(copied)) == ["a"]


def test_too_many_open_files_are_told_as_such(copied: Path) -> None:
    RelatedIndex.open(copied).close()
    resource = pytest.importorskip("resource")
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.open(os.devnull, os.O_RDONLY)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + 3, usual[1]))
    try:
        with pytest.raises(OSError, match="too many open files; allow more, such as with: ulimit"):
            RelatedIndex.open(copied)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, usual)


@pytest.mark.parametrize("slots", [(1 << 32) - 1, 1 << 22, 1])
def test_a_catalogue_that_tells_of_other_slots_is_refused(copied: Path, slots: int) -> None:
    path = copied / "catalogue.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    told["partitions"][1]["slots"] = slots
    path.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(IndexFormatError, match="catalogue"):
        RelatedIndex.open(copied)


def test_damage_is_found_and_named(copied: Path) -> None:
    part = min(copied.glob("part-0002-*.index"))
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    (fault, *_) = RelatedIndex.open(copied).check()
    assert part.name in fault
    assert "not what was written" in fault
    part.unlink()
    with pytest.raises(IndexMissingError, match=part.name):
        RelatedIndex.open(copied)


def test_partitions_named_in_another_order_are_refused(copied: Path) -> None:
    now = Catalogue.read(copied)
    first, second, *others = now.partitions
    swapped = replace(second, since=first.since), replace(first, since=second.since)
    replace(now, partitions=(*swapped, *others)).write(copied)
    with pytest.raises(IndexFormatError, match=r"is not the file that .* beside it names"):
        RelatedIndex.open(copied)


def test_files_of_two_states_are_no_index(copied: Path, folder: Path) -> None:
    parts = sorted(copied.glob("part-*.index"))
    parts[1].write_bytes(parts[2].read_bytes())
    with pytest.raises(IndexFormatError, match=r"is not the file that catalogue\.json beside it names"):
        RelatedIndex.open(copied)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "null",
        '{"format": 1}',
        '{"format": 7, "index_format": 10, "shared": {}, "partitions": []}',
        "shared/../../x",
        "[" * 200_000,
    ],
    ids=["empty", "list", "null", "little", "format", "elsewhere", "deep"],
)
def test_a_catalogue_that_is_none_is_refused(copied: Path, content: str) -> None:
    path = copied / "catalogue.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    if "/" in content:
        told["shared"]["file"] = content
        content = json.dumps(told)
    path.write_text(content, encoding="utf-8")
    with pytest.raises(IndexFormatError, match="catalogue"):
        RelatedIndex.open(copied)


@pytest.mark.parametrize("theirs", ['{"datasets": ["a"]}', "[1]", "not JSON", ""])
def test_the_catalogue_of_another_program_stays(theirs: str, tmp_path: Path) -> None:
    (tmp_path / "catalogue.json").write_text(theirs, encoding="utf-8")
    event = {"id": "a", "date": "2012-05-05", "text": "An earthquake strikes Turkey."}
    with pytest.raises(ConfigError, match=r"other files, such as catalogue\.json"):
        RelatedIndex.build([event], tmp_path, partitions=2)
    assert (tmp_path / "catalogue.json").read_text(encoding="utf-8") == theirs
    assert _names(tmp_path) == {"catalogue.json"}


@pytest.mark.parametrize(
    "damage", ["", "{", '{"format": 0, "index_format": 3, "shared": {}, "partitions": []}']
)
def test_a_build_replaces_a_damaged_index_and_one_of_another_format(damage: str, copied: Path) -> None:
    (copied / "catalogue.json").write_text(damage, encoding="utf-8")
    event = {"id": "a", "date": "2012-05-05", "text": "An earthquake strikes Turkey."}
    assert list(RelatedIndex.build([event], copied, partitions=2, jobs=1)) == ["a"]
    assert len(_names(copied)) == 3


def test_a_catalogue_that_leads_elsewhere_is_read_and_never_written(copied: Path, tmp_path: Path) -> None:
    path, elsewhere = copied / "catalogue.json", tmp_path / "precious.json"
    content = path.read_bytes()
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    event = {"id": "new", "date": "2012-05-05", "text": "An earthquake strikes Turkey."}
    with RelatedIndex.open(copied) as index:
        assert index.check() == []
        with pytest.raises(ConfigError, match="symbolic link"):
            index.refresh([event], jobs=1)
    with pytest.raises(ConfigError, match="symbolic link"):
        RelatedIndex.build([event], copied, partitions=2, jobs=1)
    assert elsewhere.read_bytes() == content


@pytest.mark.parametrize("kind", ["pipe", "device", "large"])
def test_a_catalogue_that_never_ends_is_not_waited_for(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "catalogue.json"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        with path.open("wb") as file:
            file.truncate(1 << 40)
    with pytest.raises(IndexFormatError if kind == "large" else IndexMissingError, match="catalogue"):
        RelatedIndex.open(tmp_path)


def test_a_partition_alone_and_a_folder_of_something_else_are_refused(folder: Path, tmp_path: Path) -> None:
    for path in folder.glob("*.index"):
        with pytest.raises(IndexFormatError, match="one file of a partitioned index: open its folder"):
            RelatedIndex.open(path)
    with pytest.raises(IndexMissingError, match="holds no catalogue"):
        RelatedIndex.open(tmp_path)
    (tmp_path / "diary.txt").write_text("Dear diary", encoding="utf-8")
    event = {"id": "a", "date": "2012-05-05", "text": "An earthquake strikes Turkey."}
    with pytest.raises(ConfigError, match=r"other files, such as diary\.txt"):
        RelatedIndex.build([event], tmp_path, partitions=2)
    with pytest.raises(ConfigError, match="is a file"):
        RelatedIndex.build([event], tmp_path / "diary.txt", partitions=2)
    with pytest.raises(ConfigError, match="either partitions or events_per_partition"):
        RelatedIndex.build([event], tmp_path / "new", partitions=2, events_per_partition=3)
    with pytest.raises(ConfigError, match="is a folder: give its path"):
        RelatedIndex.build([event], partitions=2)


def test_a_build_replaces_a_partitioned_index(copied: Path) -> None:
    event = {"id": "a", "date": "2012-05-05", "text": "An earthquake strikes Turkey."}
    index = RelatedIndex.build([event], copied, partitions=3, jobs=1)
    assert list(index) == ["a"]
    assert len(_names(copied)) == 3
    assert isinstance(index._store, PartitionedStore)


@given(
    days=st.lists(st.integers(0, 9), min_size=1, max_size=60),
    partitions=st.none() | st.integers(1, 12),
    events=st.integers(1, 12),
)
def test_days_are_never_cut(days: list[int], partitions: int | None, events: int) -> None:
    seconds = np.sort(np.array(days)) * 86_400 + np.arange(len(days))
    cut = Partitioning(partitions, None if partitions else events)
    starts = cut.starts(*np.unique(seconds // 86_400, return_counts=True))
    assert starts == sorted(set(starts))
    assert starts[0] <= seconds[0]
    assert all(start % 86_400 == 0 and start // 86_400 in days for start in starts)
    assert len(starts) <= (partitions or -(-len(days) // events))


@given(
    sizes=st.lists(st.integers(0, 5), min_size=1, max_size=5), added=st.lists(st.integers(0, 4), max_size=6)
)
def test_codes_are_numbers_again_once_the_file_is_read(sizes: list[int], added: list[int]) -> None:
    numbers = Numbers(sizes)
    for part in added:
        numbers.add(part % len(sizes))
    assert [
        numbers.position(number) for part in range(len(sizes)) for number in numbers.of(part).tolist()
    ] == [(part, slot) for part in range(len(sizes)) for slot in range(len(numbers.of(part)))]
    pairs = np.uint64(7 << 32) | np.arange(len(numbers), dtype=np.uint64)
    reopened = Numbers([len(numbers.of(part)) for part in range(len(sizes))])
    order = np.concatenate([numbers.of(part) for part in range(len(sizes))])
    decoded = reopened.decoded(coded(pairs, numbers.codes))
    assert decoded is not None
    assert (decoded[order] & 0xFFFFFFFF).tolist() == list(range(len(numbers)))
    assert reopened.decoded(np.array([7 << 32 | 9 << 22], np.uint64)) is None
