"""Builds on many machines equal the build of one machine, also when processes are killed on the way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from relatedness import RelatedIndex
from relatedness.engines import DaskEngine, JoblibEngine, LocalEngine, Work
from relatedness.errors import ConfigError, InputError, RelatednessError
from relatedness.index import build_on
from relatedness.sources import Table
from relatedness.topics import EventTopic
from tests.stories import GivenTagger, letter_encoder


def _same(one: RelatedIndex, many: RelatedIndex) -> None:
    """Two indexes hold the same, byte for byte, but for when they were built."""
    assert list(many._store.list_texts()) == list(one._store.list_texts())
    assert list(many._store.all_terms()) == list(one._store.all_terms())
    assert list(many.events.items()) == list(one.events.items())
    assert list(many.all_topics()) == list(one.all_topics())
    theirs = many._store.arrays()
    for name, array in one._store.arrays().items():
        assert np.array_equal(theirs[name], array), name
    for name in ("config", "lexicon", "templates", "words", "reading", "numbered", "tagger", "parts"):
        assert many._store.meta(name) == one._store.meta(name), name
    statistics = [index._store.meta("statistics") | {"fitted": ""} for index in (one, many)]
    assert statistics[0] == statistics[1]
    assert one.summary is not None
    assert many.summary is not None
    for name in ("events", "listed", "repeated", "rejected", "languages", "detected", "read"):
        assert getattr(many.summary, name) == getattr(one.summary, name), name
    assert many.check() == []


def _written(records: Sequence[dict[str, Any]], path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def records(sample_path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in sample_path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def one(sample_path: Path, tmp_path_factory: pytest.TempPathFactory) -> RelatedIndex:
    return RelatedIndex.build(sample_path, tmp_path_factory.mktemp("one") / "one.index", jobs=1)


def test_it_makes_what_one_machine_makes(
    records: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Rows: each partition maps all events several times.
    monkeypatch.setattr("relatedness.index._list_stages._MAPPED", 7)
    source = _written(records[::5], tmp_path / "events.jsonl")
    one = RelatedIndex.build(source, tmp_path / "one.index", jobs=1)
    told: list[str] = []
    many = RelatedIndex.build(
        source,
        tmp_path / "many",
        engine=LocalEngine(),
        events_per_partition=30,
        progress=lambda stage, done, total: told.append(stage),
    )
    assert len(list((tmp_path / "many").glob("part-*.index"))) == 5
    assert {path.name.partition("-")[0] for path in (tmp_path / "many").iterdir()} == {
        "catalogue.json",
        "part",
        "shared",
    }
    _same(one, many)
    assert {"read", "learn", "tag", "search", "rank", "lists"} <= {*told}
    event = {"id": "new", "date": "2012-05-05", "text": "An earthquake strikes Turkey."}
    assert "new" in many.refresh([event], jobs=1).lists
    assert many.check() == []


class Dying:
    """An engine that dies after some tasks."""

    def __init__(self, tasks: int) -> None:
        self.left = tasks
        self.done = 0

    def run(self, function: Callable[[Any], Any], tasks: Sequence[Any]) -> Iterator[Any]:
        for task in tasks:
            if not self.left:
                raise KeyboardInterrupt
            self.left -= 1
            self.done += 1
            yield function(task)


def test_a_job_that_died_goes_on_where_it_was(records: list[dict[str, Any]], tmp_path: Path) -> None:
    source = _written(records[::16], tmp_path / "events.jsonl")
    one = RelatedIndex.build(source, tmp_path / "one.index", jobs=1)
    folder, total, runs = tmp_path / "many", 0, 0
    while True:
        engine = Dying(7)
        try:
            many = RelatedIndex.build(source, folder, engine=engine, partitions=3)
            break
        except KeyboardInterrupt:
            assert not list(folder.glob("catalogue.json"))
            total += engine.done
            runs += 1
    _same(one, many)
    whole = Dying(1000)
    RelatedIndex.build(source, tmp_path / "again", engine=whole, partitions=3)
    # Nothing was done twice.
    assert total + engine.done == whole.done
    assert runs > 4
    # What a refresh of a former index in the folder takes for leftovers is written again.
    with pytest.raises(KeyboardInterrupt):
        RelatedIndex.build(source, tmp_path / "swept", engine=Dying(whole.done - 1), partitions=3)
    for path in (tmp_path / "swept").glob("part-*.index"):
        path.unlink()
    _same(one, RelatedIndex.build(source, tmp_path / "swept", engine=LocalEngine(), partitions=3))


@pytest.mark.parametrize("shape", [(5,), (5, 3)])
def test_rows_of_an_array_are_read_alone(tmp_path: Path, shape: tuple[int, ...]) -> None:
    work = Work.begin(tmp_path / "work", {})
    array = np.arange(np.prod(shape), dtype=np.uint64).reshape(shape)
    work.save("array", array)
    rows = np.array([3, 0, 3, 4])
    assert work.rows("array", rows).tolist() == array[rows].tolist()
    assert work.rows("array", rows[:0]).tolist() == []


def test_arrays_of_a_value_are_mapped_and_may_be_empty(tmp_path: Path) -> None:
    work = Work.begin(tmp_path / "work", {})
    told = {
        "numbers": np.arange(5, dtype=np.uint16),
        "none": np.zeros((0, 2)),
        "square": np.ones((3, 4))[:, ::2],
        "word": "dam",
    }
    work.put_mapped("told", told)
    found = work.get_mapped("told")
    assert found["word"] == "dam"
    for name in ("numbers", "none", "square"):
        assert found[name].dtype == told[name].dtype
        assert np.array_equal(found[name], told[name])
    found["numbers"][0] = 7  # a copy of its own
    assert work.get_mapped("told")["numbers"].tolist() == [0, 1, 2, 3, 4]
    work.put_mapped("nothing", [])
    assert work.get_mapped("nothing") == []


def test_another_job_does_not_go_on_from_the_files_of_the_first(
    records: list[dict[str, Any]], tmp_path: Path
) -> None:
    source = _written(records[:40], tmp_path / "events.jsonl")
    dying = Dying(12)
    with pytest.raises(KeyboardInterrupt):
        RelatedIndex.build(source, tmp_path / "many", engine=dying, partitions=3)
    _written(records[:60], source)
    many = RelatedIndex.build(source, tmp_path / "many", engine=LocalEngine(), partitions=3)
    _same(RelatedIndex.build(source, tmp_path / "one.index", jobs=1), many)


def test_what_others_have_in_the_folder_stays(tmp_path: Path) -> None:
    event = {"id": "a", "date": "2010-01-01", "text": "Troops reach Mosul."}
    source = _written([event], tmp_path / "events.jsonl")
    for name, told in (("work", "other files, such as work"), (".relatedness-work", "thesis.txt")):
        mine = tmp_path / "many" / name / "thesis.txt"
        mine.parent.mkdir(parents=True)
        mine.write_text("mine", encoding="utf-8")
        with pytest.raises(ConfigError, match=told):
            RelatedIndex.build(source, tmp_path / "many", engine=LocalEngine(), partitions=2)
        assert mine.read_text(encoding="utf-8") == "mine"
        mine.unlink()
        mine.parent.rmdir()


class OneTopic:
    """Finds one topic in every text; some take their time."""

    started, goes_on = threading.Event(), threading.Event()

    def __init__(self, key: str) -> None:
        self.key = key

    def tag(self, texts: Sequence[Any]) -> list[list[EventTopic]]:
        if self.key == "slow":
            self.started.set()
            assert self.goes_on.wait(60)
        return [[EventTopic(self.key, "name", "given")] for _ in texts]


def test_a_task_of_a_job_that_was_given_up_leaves_nothing_to_the_next(
    records: list[dict[str, Any]], tmp_path: Path
) -> None:
    late: list[threading.Thread] = []
    failed: list[BaseException | None] = []

    class Stopped:
        def run(self, function: Any, tasks: Sequence[Any]) -> Iterator[Any]:
            if function.args[1] == "tag":
                late.append(threading.Thread(target=_tried, args=(function, tasks[0], failed)))
                late[0].start()
                assert OneTopic.started.wait(60)
                raise KeyboardInterrupt
            return map(function, tasks)

    class Next:
        def run(self, function: Any, tasks: Sequence[Any]) -> Iterator[Any]:
            if function.args[1] == "gather":
                OneTopic.goes_on.set()
                late[0].join()
            return map(function, tasks)

    source = _written(records[:20], tmp_path / "events.jsonl")
    how: dict[str, Any] = {"partitions": 2}
    with pytest.raises(KeyboardInterrupt):
        RelatedIndex.build(source, tmp_path / "many", engine=Stopped(), tagger=OneTopic("slow"), **how)
    many = RelatedIndex.build(source, tmp_path / "many", engine=Next(), tagger=OneTopic("quick"), **how)
    assert [topic for topic, _ in many.topic_counts()] == ["quick"]
    assert many.check() == []
    assert isinstance(failed[0], RelatednessError)
    assert not (tmp_path / "many" / ".relatedness-work").exists()


def _tried(function: Callable[[Any], Any], task: Any, failed: list[BaseException | None]) -> None:
    try:
        function(task)
        failed.append(None)
    except RelatednessError as error:
        failed.append(error)


def test_a_work_folder_that_others_may_write_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "work"
    work = Work.begin(root, {})
    assert root.stat().st_mode & 0o777 == 0o700
    work.put("number", 1)
    places = work.put_several("numbers", [2, 3])
    assert list(work.get_several("numbers", places[1:])) == [3]
    for mode in (0o720, 0o702):
        work.folder.chmod(mode)
        with pytest.raises(ConfigError, match=r"other users may write in .*type: chmod 700"):
            work.get("number")
        with pytest.raises(ConfigError, match="other users may write"):
            next(work.get_several("numbers", places))
    work.folder.chmod(0o700)
    root.chmod(0o777)
    with pytest.raises(ConfigError, match="other users may write"):
        Work.begin(root, {})


def test_a_work_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work.begin(tmp_path / "work", {})
    work.put("number", 1)
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(ConfigError, match="belongs to another user"):
        work.get("number")
    with pytest.raises(ConfigError, match="belongs to another user"):
        Work.begin(tmp_path / "work", {})


def test_a_copy_of_a_work_folder_is_never_gone_on_from(tmp_path: Path) -> None:
    work = Work.begin(tmp_path / "work", {"job": 1})
    work.put("number", 1)
    assert Work.begin(tmp_path / "work", {"job": 1}).get("number") == 1
    shutil.copytree(tmp_path / "work", tmp_path / "copy")
    again = Work.begin(tmp_path / "copy", {"job": 1})
    with pytest.raises(RelatednessError, match="is missing"):
        again.get("number")


def test_a_task_that_a_lost_worker_has_done_after_all_is_not_done_twice(tmp_path: Path) -> None:
    class Twice:
        def run(self, function: Callable[[Any], Any], tasks: Sequence[Any]) -> Iterator[Any]:
            for task in tasks:
                function(task)
                yield function(task)

    done: list[int] = []

    def do(work: Work, number: int) -> int:
        done.append(number)
        return 10 * number

    work = Work.begin(tmp_path / "work", {})
    assert [ran.result for ran in work.run(Twice(), "stage", do, [(1,), (2,)])] == [10, 20]
    assert done == [1, 2]


def test_an_event_at_the_first_instant_of_a_partition_is_in_it(tmp_path: Path) -> None:
    """Also if it is the last one of its file."""
    early = [{"id": n, "date": "2014-01-01", "text": "Mosul"} for n in range(4)]
    late = [{"id": n, "date": "2014-01-02", "text": "Mosul"} for n in range(4, 8)]
    files = [
        _written([*early, late[0]], tmp_path / "in" / "a.jsonl"),
        _written(late[1:], tmp_path / "in" / "b.jsonl"),
    ]
    index = RelatedIndex.build(files, tmp_path / "many", engine=LocalEngine(), partitions=2)
    assert [listed.events for listed in index._store.partitions] == [4, 4]


def test_several_sources_are_read_as_one(records: list[dict[str, Any]], tmp_path: Path) -> None:
    mixed = [*records[1:90:2], *records[0:90:2]]
    # Numbers as ids, a bad record, repeats within a file and between files, a supplied story, events that end a day.
    numbered = [{**record, "id": number, "topics": ["The story"]} for number, record in enumerate(mixed)]
    first = _written(
        [*numbered[:50], numbered[3], {"id": 7000, "text": "No date."}], tmp_path / "in" / "a.jsonl"
    )
    second = _written([numbered[9], *numbered[50:]], tmp_path / "in" / "b.jsonl")
    found = []
    for path, engine in ((tmp_path / "one.index", None), (tmp_path / "many", LocalEngine())):
        rejects = tmp_path / f"{path.name}.rejects"
        found.append(
            RelatedIndex.build(
                [first, second] if engine is None else tmp_path / "in",
                path,
                engine=engine,
                partitions=None if engine is None else 4,
                rejects=rejects,
                jobs=1,
            )
        )
        (line,) = rejects.read_text(encoding="utf-8").splitlines()
        assert json.loads(line)["problem"]
    _same(*found)
    assert found[1].summary is not None
    assert found[1].summary.repeated == 2
    assert next(iter(found[1])) in range(len(mixed))


def test_a_folder_is_read_as_on_one_machine(records: list[dict[str, Any]], tmp_path: Path) -> None:
    source = tmp_path / "in"
    _written(records[:20], source / "a.jsonl")
    (source / "places.csv").write_text("name,country\nLund,Sweden\nRome,Italy\n", encoding="utf-8")
    (source / "people.csv").write_text("name,country\nAda,England\n", encoding="utf-8")
    (source / "logo.png").write_bytes(b"\x89PNG")
    texts = tmp_path / "texts"
    texts.mkdir()
    for day in range(1, 4):
        (texts / f"2014-06-0{day}-mosul.txt").write_text(
            f"---\ntitle: Mosul falls {day}\ndate: 2014-06-0{day}\n---\nISIL seizes Mosul.\n",
            encoding="utf-8",
        )
    for folder in (source, texts):
        one = RelatedIndex.build(folder, tmp_path / f"{folder.name}.index", jobs=1)
        many = RelatedIndex.build(
            folder, tmp_path / f"{folder.name}-many", engine=LocalEngine(), partitions=2
        )
        _same(one, many)


def test_rejects_never_replace_what_is_read(tmp_path: Path) -> None:
    source = _written([{"text": "No date."}], tmp_path / "in" / "a.jsonl")
    before = source.read_bytes()
    for given in (source, source.parent):
        with pytest.raises(ConfigError, match=r"is the input itself|lies in the input folder"):
            RelatedIndex.build(
                given, tmp_path / "many", engine=LocalEngine(), partitions=2, rejects=str(source)
            )
    assert source.read_bytes() == before


def test_a_build_that_a_bad_record_ended_can_be_run_again_with_rejects(tmp_path: Path) -> None:
    good = [{"id": n, "date": "2014-01-01", "text": "Mosul"} for n in range(3)]
    files = [
        _written(good, tmp_path / "in" / "a.jsonl"),
        _written([{"id": 9, "text": "No date."}], tmp_path / "in" / "b.jsonl"),
    ]
    rejects = tmp_path / "rejects"
    with pytest.raises(InputError):
        RelatedIndex.build(files, tmp_path / "many", engine=LocalEngine(), partitions=2)
    index = RelatedIndex.build(files, tmp_path / "many", engine=LocalEngine(), partitions=2, rejects=rejects)
    assert len(index) == 3
    assert len(rejects.read_text(encoding="utf-8").splitlines()) == 1


def test_sources_that_write_dates_in_two_orders_leave_none_to_later_readings(tmp_path: Path) -> None:
    for name, day in (("a", "20/03/2017"), ("b", "03/20/2017")):
        (tmp_path / f"{name}.csv").write_text(f"id,date,text\n{name},{day},Mosul\n", encoding="utf-8")
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    many = RelatedIndex.build(files, tmp_path / "many", engine=LocalEngine(), partitions=1)
    assert "order" not in many._store.meta("reading").get("found", {})
    many = RelatedIndex.build(files[:1], tmp_path / "many", engine=LocalEngine(), partitions=1)
    assert many._store.meta("reading")["found"]["order"] == "day"


def test_a_table_is_read_anew_when_a_job_goes_on(tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy")
    with closing(sqlite3.connect(tmp_path / "news.db")) as database:
        database.execute("create table news (id integer primary key, date text, title text)")
        database.execute("insert into news values (1, '2014-06-10', 'ISIL seizes Mosul in Iraq')")
        database.commit()
        how: dict[str, Any] = {"partitions": 1}
        table = f"sqlite:///{tmp_path / 'news.db'}"
        with pytest.raises(KeyboardInterrupt):
            RelatedIndex.build(Table(table, "news"), tmp_path / "many", engine=Dying(3), **how)
        database.execute("update news set title = 'Peace in Mosul'")
        database.commit()
        many = RelatedIndex.build(Table(table, "news"), tmp_path / "many", engine=LocalEngine(), **how)
    assert many.events[1].title == "Peace in Mosul"


@pytest.mark.parametrize("day", ["2010-01-01", "2020-01-01"])
def test_one_id_with_two_contents_is_an_error_wherever_the_two_stand(day: str, tmp_path: Path) -> None:
    first = {"id": "a", "date": "2010-01-01", "text": "Troops reach Mosul."}
    other = {"id": "b", "date": "2020-01-01", "text": "An earthquake strikes Turkey."}
    sources = [
        _written([first, other], tmp_path / "a.jsonl"),
        _written([{**first, "date": day, "text": "Troops leave Mosul."}], tmp_path / "b.jsonl"),
    ]
    with pytest.raises(
        InputError, match=r"b\.jsonl, field 'id': 'a' was read before with other content, from .*a\.jsonl"
    ):
        RelatedIndex.build(sources, tmp_path / "many", engine=LocalEngine(), partitions=2)


def test_a_given_tagger_goes_to_the_workers(tmp_path: Path) -> None:
    texts = ["War in Iraq", "ISIL leaves Mosul in Iraq", "Oil from Iraq", "The Asia cup"]
    source = _written(
        [{"id": f"e{n}", "date": f"2014-0{n + 1}-01", "text": text} for n, text in enumerate(texts)],
        tmp_path / "events.jsonl",
    )
    one = RelatedIndex.build(source, tmp_path / "one.index", tagger=GivenTagger(), jobs=1)
    many = RelatedIndex.build(
        source, tmp_path / "many", tagger=GivenTagger(), engine=LocalEngine(), partitions=2
    )
    _same(one, many)


def test_what_workers_cannot_do_is_refused(sample_path: Path, tmp_path: Path) -> None:
    how: dict[str, Any] = {"engine": LocalEngine(), "partitions": 2}
    event = {"id": "a", "date": "2012-05-05", "text": "An earthquake strikes Turkey."}
    with pytest.raises(ConfigError, match="reads files, folders and tables of databases, not a dict"):
        RelatedIndex.build([event], tmp_path / "many", **how)
    with pytest.raises(ConfigError, match="not standard input"):
        RelatedIndex.build("-", tmp_path / "many", **how)
    with pytest.raises(ConfigError, match="neither statistics nor an encoder"):
        RelatedIndex.build(sample_path, tmp_path / "many", encoder=letter_encoder, **how)
    with pytest.raises(InputError, match="no events to build an index from"):
        RelatedIndex.build(_written([], tmp_path / "none.jsonl"), tmp_path / "many", **how)
    with pytest.raises(InputError, match="date"):
        RelatedIndex.build(_written([{"text": "x"}], tmp_path / "bad.jsonl"), tmp_path / "many", **how)


def test_a_worker_that_does_not_see_the_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(RelatednessError, match="all workers must mount one folder"):
        Work(tmp_path / "elsewhere").get("job")
    assert build_on.__doc__


@pytest.mark.slow
def test_processes_make_the_same(one: RelatedIndex, sample_path: Path, tmp_path: Path) -> None:
    many = RelatedIndex.build(sample_path, tmp_path / "many", engine=JoblibEngine(jobs=2), partitions=4)
    _same(one, many)


@pytest.mark.slow
def test_a_worker_may_be_killed_in_each_stage(one: RelatedIndex, sample_path: Path, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    dask = pytest.importorskip("dask")
    killed: list[str] = []
    with (
        # A local cluster gives a worker up that is killed again while it starts anew.
        dask.config.set({"distributed.deploy.lost-worker-timeout": "1h"}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):

        def kill(stage: str, done: int, total: int) -> None:
            if stage not in killed:
                killed.append(stage)
                victims = client.run(os.getpid)
                os.kill(next(iter(victims.values())), signal.SIGKILL)

        many = RelatedIndex.build(
            sample_path,
            tmp_path / "many",
            engine=DaskEngine(cluster.scheduler_address),
            partitions=4,
            progress=kill,
        )
    assert len(killed) >= 10
    _same(one, many)
