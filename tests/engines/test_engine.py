from __future__ import annotations

import ctypes
import errno
import itertools
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from joblib import parallel_config

from relatedness import workers as workers_module
from relatedness.config import Config
from relatedness.cores import most_memory
from relatedness.engines import DaskEngine, JoblibEngine, LocalEngine, Partition, vectorise
from relatedness.engines import _engine as engine_module
from relatedness.engines._meetings import Meetings
from relatedness.engines._segments import Segments
from relatedness.errors import ConfigError, InputError, RelatednessError
from relatedness.ranking import (
    Counts,
    Document,
    FittedVocabulary,
    Recency,
    Rows,
    Weighed,
    all_pairs,
    count,
    encode,
    locate,
)
from relatedness.workers import map_batches, with_workers

RECENCY = Recency.of(
    [2**15 * 10 // (10 + day) for day in range(60)], [2**15 * 5 // (5 + day) for day in range(60)]
)
VANISHING = Recency.of([2**15 >> day for day in range(17)], [2**15 >> 2 * day for day in range(17)])


def news(n: int, seed: int = 0, per_day: int = 7, n_columns: int = 300) -> Rows:
    """Something like an archive, with copies, groups, languages and empty rows."""
    random = np.random.default_rng(seed)
    vectors: list[dict[int, int]] = []
    for place in range(n):
        if place and random.random() < 0.1:
            vectors.append(vectors[random.integers(max(0, place - 40), place)])
            continue
        columns = np.minimum(random.zipf(1.3, size=random.integers(0, 12)), n_columns) - 1
        vectors.append({int(column): int(random.integers(1, 12_000)) for column in columns})
    return Rows.of(
        vectors,
        [place // per_day for place in range(n)],
        n_columns,
        random.choice([-1, -1, -1, -1, 0, 1], size=n).tolist(),
        random.choice([-1, 0, 0, 0, 1], size=n).tolist(),
    )


@examples(25)
@given(
    n=st.integers(0, 120),
    segment_rows=st.integers(1, 130),
    k=st.sampled_from([1, 5, 40]),
    recency=st.sampled_from([RECENCY, VANISHING]),
    seed=st.integers(0, 3),
)
def test_lists_do_not_depend_on_the_segments(
    n: int, segment_rows: int, k: int, recency: Recency, seed: int
) -> None:
    rows = news(n, seed)
    found = JoblibEngine(jobs=1, segment_rows=segment_rows).all_pairs(rows, recency, k)
    assert np.array_equal(found.keys, all_pairs(rows, recency, k, threads=1).keys)


@examples(25)
@given(
    n=st.integers(0, 120),
    cuts=st.lists(st.integers(0, 120), max_size=6),
    k=st.sampled_from([1, 5, 40]),
    recency=st.sampled_from([RECENCY, VANISHING]),
)
def test_segments_on_storage_give_the_local_lists(n: int, cuts: list[int], k: int, recency: Recency) -> None:
    """Of any sizes, empty ones too."""
    rows = news(n)
    bounds = sorted([0, n, *(min(cut, n) for cut in cuts)])
    Segments.write("memory://engine", [rows.part(*pair) for pair in itertools.pairwise(bounds)])
    found = JoblibEngine(jobs=1).all_pairs(Segments.open("memory://engine"), recency, k)
    assert np.array_equal(found.keys, all_pairs(rows, recency, k, threads=1).keys)


@pytest.mark.parametrize("n", [0, 1, 8, 10, 11])
def test_a_segment_has_at_most_the_rows_that_were_asked_for(n: int) -> None:
    plan = Meetings(news(n), RECENCY, 3, 4, workers=1)
    sizes = [len(plan.segment(number)) for number in range(-(-n // 4) or 1)]
    assert sum(sizes) == n and max(sizes) <= 4


def test_joblib_workers_give_the_local_lists() -> None:
    rows = news(3000)
    expected = LocalEngine(threads=2).all_pairs(rows, RECENCY, 8)
    assert np.array_equal(JoblibEngine(jobs=2).all_pairs(rows, RECENCY, 8).keys, expected.keys)
    with parallel_config(backend="threading"):
        found = JoblibEngine(jobs=2, segment_rows=400).all_pairs(rows, RECENCY, 8)
    assert np.array_equal(found.keys, expected.keys)


_GROWING = """
import os, sys, time
from relatedness.engines import JoblibEngine

def grow(task):
    if task and not hasattr(sys, "kept"):
        sys.kept = b"names" * 70_000_000
    time.sleep(0.6)
    return os.getpid()

processes = set(JoblibEngine(jobs=2).run(grow, [False] * 2 + [True] * 8))
print(len(processes))
"""


def test_a_worker_may_keep_much_where_warnings_are_errors() -> None:
    # loky would replace it and warn in its own thread: an error there leaves everybody waiting.
    run = [sys.executable, "-W", "error", "-c", _GROWING]
    assert int(subprocess.run(run, capture_output=True, check=True, timeout=120).stdout) <= 2


def test_pairs_too_far_apart_for_any_score_are_never_met(monkeypatch: pytest.MonkeyPatch) -> None:
    met = []
    real = engine_module.meet

    def meet(task: Any, *others: Any) -> Any:
        met.append((task.late, task.early))
        return real(task, *others)

    monkeypatch.setattr(engine_module, "meet", meet)
    rows = news(700, per_day=5)  # 140 days; after 16 days the recency is 0
    found = JoblibEngine(jobs=1, segment_rows=70).all_pairs(rows, VANISHING, 3)
    assert np.array_equal(found.keys, all_pairs(rows, VANISHING, 3).keys)
    assert set(met) == {
        (late, early) for late in range(10) for early in (late, late - 1, late - 2) if early >= 0
    }


@pytest.mark.parametrize(
    "values",
    [
        # Both segments find good pairs within them first; the best pair is between the two, at the very bound.
        [20_000, 15_000, 20_000, 15_000],
        # All pairs are equally good; of those the latest is wanted, which for the first two is in the other segment.
        [20_000, 20_000, 20_000, 20_000],
    ],
)
def test_segments_whose_bound_is_what_lists_hold_already_are_met(values: list[int]) -> None:
    rows = Rows.of([{0: value} for value in values], [0, 0, 10, 10], n_columns=1)
    recency = Recency.of([2**13], [2**13])  # so that the bound is rounded down to the very score
    found = JoblibEngine(jobs=1, segment_rows=2).all_pairs(rows, recency, 1)
    assert np.array_equal(found.keys, all_pairs(rows, recency, 1, threads=1).keys)


@pytest.mark.parametrize("engine", [LocalEngine(1), JoblibEngine(jobs=1, segment_rows=100)])
def test_progress_ends_at_the_total(engine: LocalEngine | JoblibEngine) -> None:
    seen: list[tuple[int, int]] = []
    engine.all_pairs(news(500), RECENCY, 3, progress=lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]


@pytest.mark.parametrize("wrong", [{"k": 0}, {"k": 1, "segment_rows": 0}])
def test_settings_below_one_are_refused(wrong: dict[str, int]) -> None:
    engine = JoblibEngine(jobs=1, segment_rows=wrong.pop("segment_rows", None))
    with pytest.raises(InputError, match="below 1"):
        engine.all_pairs(news(5), RECENCY, **wrong)


def test_rows_out_of_date_order_are_refused() -> None:
    with pytest.raises(InputError, match="date order"):
        JoblibEngine(jobs=1).all_pairs(Rows.of([{}, {}], days=[1, 0], n_columns=1), RECENCY, 1)


# --- map_batches -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", [1, 2])
def test_batches_come_back_in_order(jobs: int) -> None:
    seen: list[tuple[int, int]] = []
    batches = [list(range(number)) for number in range(9)]
    found = list(map_batches(sum, batches, jobs, lambda done, total: seen.append((done, total))))
    assert found == [sum(batch) for batch in batches]
    assert seen == [(done, 9) for done in range(1, 10)]


def _fail(batch: int) -> int:
    if batch == 3:
        raise InputError("no such thing", file="news.jsonl", line=7, field="date")
    return batch


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system tells it otherwise")
def test_what_a_process_held_at_most_is_not_what_its_parent_holds() -> None:
    held = np.ones(300_000_000 >> 3)
    code = "from relatedness.cores import most_memory; print(most_memory())"
    found = int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
    assert 5_000_000 < found < held.nbytes < most_memory()


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_in_a_worker_arrives_as_it_was_raised(jobs: int) -> None:
    with pytest.raises(InputError, match=r"news.jsonl, line 7, field 'date': no such thing"):
        list(map_batches(_fail, range(6), jobs))


def _vanish(batch: int) -> int:
    if batch == 3:
        os._exit(1)
    return batch


def test_a_worker_that_is_killed_is_told_of_and_the_next_work_gets_others() -> None:
    with pytest.raises(RelatednessError, match="try fewer jobs"):
        list(map_batches(_vanish, range(6), 2))
    assert list(map_batches(_vanish, range(4, 9), 2)) == [4, 5, 6, 7, 8]


def _spread_and_send(results: Any) -> None:
    batches = [[number] for number in with_workers(range(20_000), 2)]
    results.put(sum(map_batches(sum, batches, 2)))


def test_a_daemonic_process_does_the_work_itself() -> None:
    # As those of task queues are: they may not start processes.
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    process = context.Process(target=_spread_and_send, args=[results], daemon=True)
    process.start()
    assert results.get(timeout=300) == sum(range(20_000))
    process.join()


def workers() -> set[int]:
    """The worker processes of this one that are alive."""
    found = set()
    for child in psutil.Process().children():
        with suppress(psutil.Error):  # it has just ended
            if any("popen_loky" in argument for argument in child.cmdline()):
                found.add(child.pid)
    return found


def test_workers_start_while_much_is_read() -> None:
    before, started = workers(), set()

    def read() -> Iterator[int]:
        yield from range(20_000)
        patience = time.monotonic() + 60
        while len(started) < 3 and time.monotonic() < patience:
            started.update(workers() - before)

    assert list(with_workers(read(), 3)) == list(range(20_000))
    assert len(started) == 3
    assert list(map_batches(sum, [[number] for number in range(20)], 3)) == list(range(20))


def test_reading_that_breaks_off_ends_the_workers() -> None:
    before = workers()

    def read() -> Iterator[int]:
        yield from range(20_000)
        raise InputError("not a date", file="news.jsonl", line=20_001, field="date")

    with pytest.raises(InputError, match="line 20001"):
        list(with_workers(read(), 2))
    assert workers() <= before


def test_workers_that_end_for_want_of_work_are_not_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_module, "_IDLE", 1)
    # With the interpreter lock: until it is over none of the executor's threads hears that workers went.
    sleep = ctypes.PyDLL(None).usleep
    batches = [[number] for number in range(20)]
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for seconds in (0.3, 0.9, 1.5, 0):
            assert list(map_batches(sum, batches, 3)) == list(range(20))
            sleep(int(seconds * 1e6))
    assert not [warning for warning in warned if "A worker stopped" in str(warning.message)]


# --- Dask --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A scheduler and two worker processes on this machine's own address."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        yield cluster


@pytest.mark.slow
def test_a_dask_cluster_gives_the_local_lists(cluster: Any) -> None:
    rows = news(2000)
    expected = all_pairs(rows, RECENCY, 8).keys
    address = cluster.scheduler_address
    assert np.array_equal(DaskEngine(address, segment_rows=300).all_pairs(rows, RECENCY, 8).keys, expected)
    assert np.array_equal(DaskEngine(address).all_pairs(news(0), RECENCY, 8).keys, np.zeros((0, 8)))
    with cluster.get_client() as client:
        assert np.array_equal(DaskEngine(client, segment_rows=900).all_pairs(rows, RECENCY, 8).keys, expected)
        seen: list[tuple[int, int]] = []
        found = DaskEngine().all_pairs(
            rows, RECENCY, 8, progress=lambda done, total: seen.append((done, total))
        )
        assert np.array_equal(found.keys, expected)
        assert seen[-1][0] == seen[-1][1]


@pytest.mark.slow
def test_workers_read_segments_from_storage_and_one_may_die(
    cluster: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = news(4000)
    expected = all_pairs(rows, RECENCY, 8).keys
    held = Segments.write(
        f"file://{tmp_path}/archive", [rows.part(at, at + 250) for at in range(0, 4000, 250)]
    )
    killed: list[int] = []

    def kill_one(done: int, total: int) -> None:
        if done > total // 3 and not killed:
            killed.append(cluster.workers[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    engine = DaskEngine(cluster.scheduler_address, lists=tmp_path / "lists.npy")
    with caplog.at_level(logging.INFO, logger="relatedness.engines"):
        found = engine.all_pairs(held, RECENCY, 8, progress=kill_one)
    assert len(killed) == 1
    assert np.array_equal(found.keys, expected)
    assert np.array_equal(np.load(tmp_path / "lists.npy"), expected)
    (said,) = [record.args for record in caplog.records if record.name == "relatedness.engines"]
    assert isinstance(said, dict)
    assert said["tasks"] + said["left_out"] == 136
    assert said["workers"] >= 2
    assert said["peak"] > 10**7


def _partition(number: int) -> Partition:
    """Thirty short texts of ten days."""
    random = np.random.default_rng(number)
    texts = [" ".join(random.choice(["flood", "Fire", "Rome", "strike", "court"], 5)) for _ in range(30)]
    days = (np.arange(30) // 3 + 10 * number).astype(np.int32)
    nobody = np.full(30, -1, dtype=np.int32)
    return Partition([Document("", text, "en", ()) for text in texts], days, nobody, nobody)


@pytest.mark.slow
def test_a_users_own_client_makes_and_searches_segments(cluster: Any, tmp_path: Path) -> None:
    config = Config.default()
    here, vocabulary = vectorise(str(tmp_path / "here"), range(4), _partition, config)
    expected = LocalEngine(1).all_pairs(
        Rows(
            *encode(*_located(vocabulary), config).arrays,
            np.concatenate([_partition(number).days for number in range(4)]),
            *np.full((2, 120), -1, dtype=np.int32),
            len(vocabulary.terms),
        ),
        RECENCY,
        6,
    )
    with cluster.get_client() as client:
        there, _ = vectorise(
            str(tmp_path / "there"),
            range(4),
            _partition,
            config,
            lambda function, things: client.gather(client.map(function, things)),
        )
        found = DaskEngine().all_pairs(there, RECENCY, 6)
    assert there.segments == here.segments
    assert np.array_equal(found.keys, expected.keys)
    assert found.counts.min() > 0


def _located(vocabulary: FittedVocabulary) -> tuple[Counts, Weighed]:
    config = Config.default()
    counts = count([one for number in range(4) for one in _partition(number).documents], config)
    return counts, locate(counts, vocabulary, config)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_killed_workers_change_nothing(cluster: Any, workers: int) -> None:
    """One is killed midway, and at another time all that hold the segments."""
    rows = news(4000)
    expected = all_pairs(rows, RECENCY, 8).keys
    killed: list[int] = []

    def kill_one(done: int, total: int) -> None:
        if done > total // 3 and not killed:
            killed.extend(cluster.workers[number].pid for number in range(workers))
            for process in killed:
                os.kill(process, signal.SIGKILL)

    found = DaskEngine(cluster.scheduler_address, segment_rows=250).all_pairs(
        rows, RECENCY, 8, progress=kill_one
    )
    assert len(killed) == workers
    assert np.array_equal(found.keys, expected)


@pytest.mark.slow
def test_an_error_on_the_cluster_is_told_and_not_tried_again(
    cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "meet", _broken)
    with pytest.raises(RelatednessError, match="ZeroDivisionError"):
        DaskEngine(cluster.scheduler_address).all_pairs(news(10), RECENCY, 1)


def _broken(*_: Any) -> Any:
    return 1 // 0


def test_a_scheduler_that_is_not_there_is_named() -> None:
    dask = pytest.importorskip("dask")
    pytest.importorskip("distributed")
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "1s"}),
        pytest.raises(ConfigError, match=r"scheduler tcp://127\.0\.0\.1:1 cannot be reached"),
    ):
        DaskEngine("tcp://127.0.0.1:1").all_pairs(news(3), RECENCY, 1)


def test_without_a_client_the_scheduler_has_to_be_named() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(InputError, match="give the address of the scheduler"):
        DaskEngine().all_pairs(news(3), RECENCY, 1)


def _full_disk(task: int) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), f"shared/{task}.npy")


@pytest.mark.slow
def test_a_full_disk_of_a_cluster_is_told_as_one(cluster: Any) -> None:
    with pytest.raises(OSError, match=r"No space left on device: 'shared/7\.npy'") as raised:
        list(DaskEngine(cluster.scheduler_address).run(_full_disk, [7]))
    assert raised.value.errno == errno.ENOSPC


@pytest.mark.slow
def test_workers_are_started_where_no_scheduler_is_named(sample_path: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    few = tmp_path / "few.jsonl"
    few.write_bytes(b"".join(sample_path.read_bytes().splitlines(keepends=True)[:60]))
    lists = []
    for engine in ("local", "dask"):
        index = str(tmp_path / f"{engine}.index")
        relatedness = [sys.executable, "-m", "relatedness"]
        subprocess.run(
            [*relatedness, "build", str(few), "-o", index, "--engine", engine, "--jobs", "1"], check=True
        )
        lists.append(
            subprocess.run([*relatedness, "export", index, "-o", "-"], capture_output=True, check=True).stdout
        )
    assert lists[0] == lists[1] != b""
    elsewhere = {
        "DASK_SCHEDULER_ADDRESS": "tcp://127.0.0.1:9",
        "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "1s",
    }
    refused = subprocess.run(
        [*relatedness, "build", str(few), "-o", str(tmp_path / "none.index"), "--engine", "dask"],
        capture_output=True, text=True, check=False, env={**os.environ, **elsewhere},
    )  # fmt: skip
    assert refused.returncode == 2
    assert "tcp://127.0.0.1:9 cannot be reached" in refused.stderr
