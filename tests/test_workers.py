"""Workers end with the process that started them, and what goes to them loses only what they do not ask for."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from relatedness.events import Event, Source
from relatedness.workers import UnsourcedEvents, _apply, _end_workers, _freeze, _Kept, _workers, map_batches

SLOW = """
import os, time

def work(folder):
    open(os.path.join(folder, str(os.getpid())), "w").close()
    time.sleep(60)
"""
PARENT = """
import sys
from relatedness.workers import map_batches
from slow import work

if __name__ == "__main__":
    list(map_batches(work, [sys.argv[1]] * 4, 2))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a process to kill")
def test_workers_end_soon_after_their_parent_was_killed(tmp_path: Path) -> None:
    script, pids = tmp_path / "parent.py", tmp_path / "pids"
    script.write_text(PARENT, encoding="utf-8")
    (tmp_path / "slow.py").write_text(SLOW, encoding="utf-8")
    paths = os.pathsep.join([str(tmp_path), *sys.path])
    pids.mkdir()
    parent = subprocess.Popen([sys.executable, script, pids], env={**os.environ, "PYTHONPATH": paths})
    try:
        until = time.monotonic() + 120
        while len(list(pids.iterdir())) < 2 and parent.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        workers = [int(path.name) for path in pids.iterdir()]
        assert len(workers) == 2
    finally:
        parent.kill()
        parent.wait()
    # They are in the middle of a task of a minute.
    until = time.monotonic() + 30
    while any(map(is_running, workers)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(is_running, workers))


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # One that has ended may wait for somebody to ask.
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_events_go_to_another_process_without_their_sources_alone() -> None:
    day, instant = date(2016, 7, 11), datetime(2016, 7, 12, 5, tzinfo=UTC)
    full = Event(
        7,
        day,
        "Title",
        "Text.",
        ("Iraq",),
        "War",
        (Source("BBC"),),
        "https://example.com",
        "en",
        "g",
        instant,
    )
    events = [full, Event("b", None, text="Mosul falls.")]

    sent = pickle.loads(pickle.dumps(UnsourcedEvents(events)))

    assert sent == [replace(event, sources=()) for event in events]
    assert pickle.loads(pickle.dumps(UnsourcedEvents())) == []


class _Counting:
    """Counts what it and those before it were given, as far as it may take over from them."""

    def __init__(self, name: str, start: int = 0) -> None:
        self.name, self.seen = name, start

    def take_over(self, earlier: object) -> None:
        if isinstance(earlier, _Counting):
            self.seen = earlier.seen

    def count(self, batch: Sequence[int]) -> tuple[str, int]:
        self.seen += len(batch)
        return self.name, self.seen


def test_what_a_worker_worked_out_is_taken_over_by_the_next_function() -> None:
    kept = _Kept()
    frozen = [_freeze(_Counting(name).count) for name in ("notes", "tagger")]
    assert kept.function(frozen[0])([1, 2]) == ("notes", 2)
    assert kept.function(frozen[0])([3]) == ("notes", 3)
    assert kept.function(frozen[1])([4]) == ("tagger", 4)
    assert kept.function(_freeze(len))([5]) == 1
    assert kept.function(frozen[0])([6]) == ("notes", 1), "a function that keeps nothing stood in between"


class _Paced(list[Sequence[Path]]):
    """Batches of which the next is given only after something else was done."""

    def __init__(self, batches: Sequence[Sequence[Path]], after: Callable[[int], object]) -> None:
        super().__init__(batches)
        self.after = after

    def __iter__(self) -> Iterator[Sequence[Path]]:
        for number, batch in enumerate(super().__iter__()):
            yield batch
            self.after(number)


def process_of(batch: Sequence[Path]) -> int:
    """The worker, once the gate is open."""
    while not batch[0].exists():
        time.sleep(0.001)
    return os.getpid()


def until_idle(_: int) -> None:
    while not all(given.done() for worker in _workers(2) for given in worker._given):
        time.sleep(0.001)


def test_batches_go_to_the_workers_that_know_them(tmp_path: Path) -> None:
    _end_workers()  # what they were given before
    gate = tmp_path / "gate"
    batches = [[gate]] * 4

    # No worker ends a batch before all are given, so that both get some; then no batch is given while one is busy.
    shared_out = list(map_batches(process_of, _Paced(batches, lambda number: number < 3 or gate.touch()), 2))
    again = list(map_batches(process_of, _Paced(batches, until_idle), 2))

    assert shared_out[0] == shared_out[2] != shared_out[1] == shared_out[3]
    assert again == shared_out


def test_a_batch_belongs_to_the_worker_that_was_given_it_last(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    gate.touch()
    for worker in _workers(2):
        worker.numbers |= {*range(4)}  # as after builds that gave each batch to both

    assert len(set(map_batches(process_of, _Paced([[gate]] * 4, until_idle), 2))) == 1
    assert [worker.numbers for worker in _workers(2)] == [{*range(4)}, set()]


class _Acyclic(_Counting):
    acyclic = True


def test_what_makes_no_cycles_is_left_out_of_the_searches_of_the_collector() -> None:
    gc.unfreeze()
    try:
        left_out = []
        for counting in (_Counting("a"), _Acyclic("b")):
            name, _ = pickle.loads(_apply(_freeze(counting.count), _freeze([1, 2])))
            assert name == counting.name
            left_out.append(gc.get_freeze_count() > 0)
        assert left_out == [False, True]
    finally:
        gc.unfreeze()
