"""Worker processes for batches, fast to start because they import only what their function needs."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from operator import attrgetter
from threading import Thread, local
from typing import Any, TypeVar

from relatedness.collector import leave_to_counts, paused_collector
from relatedness.cores import available_cores
from relatedness.errors import RelatednessError
from relatedness.events import Event

Batch = TypeVar("Batch")
Result = TypeVar("Result")
Progress = Callable[[int, int], object]

_FEW_BATCHES = 4
_BATCH = 4096  # events
_LOOK = 0.5  # seconds between checks that the parent process is alive
_IDLE = 5  # idle seconds after which workers exit: if this process is killed, they must not hold its pipes for minutes


def in_batches(things: Sequence[Batch], size: int = _BATCH) -> list[Sequence[Batch]]:
    """Cut a sequence into batches; the last one may be shorter.

    Examples
    --------
    >>> in_batches("abcde", 2)
    ['ab', 'cd', 'e']
    """
    return [things[start : start + size] for start in range(0, len(things), size)]


class UnsourcedEvents(list[Event]):
    """A list of events that is pickled without their sources, for worker processes that do not need them.

    It is pickled field by field, in half the time of whole events.

    Examples
    --------
    >>> import pickle
    >>> from datetime import date
    >>> from relatedness import Source
    >>> event = Event("a", date(2016, 7, 11), "Mosul falls", sources=(Source("BBC"),))
    >>> pickle.loads(pickle.dumps(UnsourcedEvents([event]))) == [Event("a", date(2016, 7, 11), "Mosul falls")]
    True
    """

    def __reduce__(self) -> tuple[object, ...]:
        columns = [
            None if name == "sources" else list(map(attrgetter(name), self)) for name in Event.__slots__
        ]
        return _unsourced, (columns,)


_NO_SOURCES: tuple[object, ...] = ()


def _unsourced(columns: list[list[Any] | None]) -> list[Event]:
    fields: list[Iterable[Any]] = [repeat(_NO_SOURCES) if column is None else column for column in columns]
    return list(map(Event, *fields))


def with_workers(things: Iterable[Batch], jobs: int | None) -> Iterator[Batch]:
    """Pass items through unchanged; start worker processes as soon as there are enough items for `map_batches` to use them.

    Parameters
    ----------
    jobs : int, optional
        As `map_batches` will be given.

    Yields
    ------
    object
        The things.

    Examples
    --------
    >>> list(with_workers(["a", "b"], jobs=1))
    ['a', 'b']
    """
    jobs = _wanted(jobs)
    try:
        for number, thing in enumerate(things):
            if number == _FEW_BATCHES * _BATCH and jobs > 1:
                for worker in _workers(jobs):
                    worker.submit(bool)
            yield thing
    except BaseException:
        _end_workers()
        raise


def map_batches(
    function: Callable[[Batch], Result],
    batches: Sequence[Batch],
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Iterator[Result]:
    """Apply a function to batches in worker processes, and yield the results in the order of the batches.

    Parameters
    ----------
    function : callable
        A pure function that can be pickled. It is sent to each worker once and kept there until the next function arrives. If
        the next one is an object, or the method of one, with a method ``take_over``, that is called with the previous object,
        to reuse its caches. An object with a true attribute ``acyclic`` creates no reference cycles, so the workers exclude it
        from garbage collection.
    batches : sequence
        Batches of items that can be pickled.
    jobs : int, optional
        Worker processes. None means one for each core. One, or fewer than four batches, stay in this process:
        starting workers takes a second or two. So does all work in a daemonic process, which may not start processes.
    progress : callable, optional
        Called as ``progress(batches done, batches)``.

    Yields
    ------
    object
        The result of each batch, as soon as it and those before it are there.

    Raises
    ------
    RelatednessError
        If a worker was killed. Exceptions of the function are raised unchanged.

    Examples
    --------
    >>> list(map_batches(sum, [[1, 2], [3]], jobs=1))
    [3, 3]
    """
    results: Iterable[Result]
    jobs = _wanted(jobs)
    if jobs == 1 or len(batches) < _FEW_BATCHES:
        results = map(function, batches)
    else:
        results = _spread(function, batches, jobs)
    for done, result in enumerate(results, start=1):
        yield result
        if progress is not None:
            progress(done, len(batches))


def _wanted(jobs: int | None) -> int:
    from multiprocessing import current_process

    return 1 if current_process().daemon else jobs or available_cores()


def _spread(function: Callable[[Batch], Result], batches: Sequence[Batch], jobs: int) -> Iterator[Result]:
    from joblib.externals.loky import BrokenProcessPool

    frozen = _freeze(function)
    workers = _workers(jobs)
    under_way: deque[Any] = deque()
    try:
        for number, batch in enumerate(batches):
            worker = min(workers, key=lambda each: each.waits(number))
            under_way.append(worker.submit(_apply, frozen, _freeze(batch)))
            for each in workers:
                each.numbers.discard(number)
            worker.numbers.add(number)
            # Enough batches in flight to keep all workers busy, few enough to bound memory.
            if len(under_way) > 2 * jobs:
                yield _thaw(under_way.popleft().result())
        while under_way:
            yield _thaw(under_way.popleft().result())
    except BaseException as error:
        _end_workers()
        if isinstance(error, BrokenProcessPool):
            raise RelatednessError(
                "a worker process ended unexpectedly, perhaps for lack of memory: try fewer jobs"
            ) from error
        raise


_watched: set[int] = set()


def leave_with(parent: int) -> None:
    """In a worker process: exit when the process that started it has ended, and not because of memory in use.

    A worker whose parent was killed would wait for its next task, forever if the parent died while it held a lock. One that has
    grown by 300 MB is taken for leaking by loky, which replaces it with a warning; ours grow by the names and partitions that
    they keep.

    Parameters
    ----------
    parent : int
        The process that gives the work. Nothing happens if it is not the one that started this process.
    """
    if parent in _watched or os.getppid() != parent:
        return
    _watched.add(parent)
    from joblib.externals.loky import process_executor

    # loky has no setting for it. If warnings are errors, the warning ends the thread that all callers wait for.
    process_executor._MAX_MEMORY_LEAK_SIZE = sys.maxsize

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


class _Worker:
    """A worker process, which starts with its first task and exits when idle."""

    def __init__(self, parent: int) -> None:
        self.parent = parent
        self.numbers: set[int] = set()
        """The batches it was last given, in this call or an earlier one, which its caches may still cover."""
        self._start()

    def _start(self) -> None:
        from joblib.externals.loky import ProcessPoolExecutor

        self._executor = ProcessPoolExecutor(
            1,
            timeout=_IDLE,
            initializer=leave_with,
            initargs=(self.parent,),
            # There is one process per core already, so disable threads within each.
            env=dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
        )
        self._given: list[Any] = []
        self._idle_since = time.monotonic()

    def waits(self, number: int) -> float:
        """The expected wait of a batch, in batches; less if the worker had it before."""
        self._given = [one for one in self._given if not one.done()]
        return len(self._given) - 1.5 * (number in self.numbers)

    def submit(self, function: Callable[..., Any], *arguments: bytes) -> Any:
        """Submit a task. Ctrl-C reaches all processes of a terminal: workers ignore it and leave it to the parent."""
        idle = all(one.done() for one in self._given)
        if idle and time.monotonic() - self._idle_since > 0.8 * _IDLE:
            # An idle worker may be exiting: submitting now would make the executor start another, with a warning.
            self.kill()
            self._start()
        if not hasattr(signal, "pthread_sigmask"):
            return self._submit(function, *arguments)
        from multiprocessing import resource_tracker

        # Start the resource tracker now: started later, it would unblock the signal again.
        resource_tracker.ensure_running()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return self._submit(function, *arguments)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _submit(self, function: Callable[..., Any], *arguments: bytes) -> Any:
        given = self._executor.submit(function, *arguments)
        self._given.append(given)
        given.add_done_callback(self._rest)
        return given

    def _rest(self, _: object) -> None:
        self._idle_since = time.monotonic()

    def kill(self) -> None:
        """Kill it at once, without waiting for its work."""
        # A shutdown in between would make the executor fail on tasks that it has not passed on yet.
        while self._given and not (self._given[-1].running() or self._given[-1].done()):
            time.sleep(0.001)
        self._executor.shutdown(kill_workers=True)


_own = local()


def _workers(jobs: int) -> list[_Worker]:
    """The workers of this thread, reused by later calls."""
    workers: list[_Worker] = getattr(_own, "workers", [])
    parent = os.getpid()
    if [worker.parent for worker in workers] != [parent] * jobs:
        workers = _own.workers = [_Worker(parent) for _ in range(jobs)]
    return workers


def _end_workers() -> None:
    if hasattr(_own, "workers"):
        for worker in _own.workers:
            worker.kill()
        del _own.workers


def _apply(frozen: bytes, batch: bytes) -> bytes:
    """Process one batch in a worker; input and output are bytes, which joblib's pickler passes on unchanged."""
    with paused_collector():
        function = _kept.function(frozen)
        result = _freeze(function(_thaw(batch)))
        if getattr(_owner(function), "acyclic", False):
            leave_to_counts()
        return result


def _freeze(value: object) -> bytes:
    return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)


def _thaw(frozen: bytes) -> Any:
    """Unpickle data from the parent process or from its worker, both trusted."""
    return pickle.loads(frozen)  # noqa: S301


class _Kept:
    """The function of a worker: unpickled once, it takes over the caches of its predecessor if it can."""

    def __init__(self) -> None:
        self._frozen = b""
        self._function: Any = None

    def function(self, frozen: bytes) -> Any:
        if frozen != self._frozen:
            before, self._function = self._function, _thaw(frozen)
            self._frozen = frozen
            take_over = getattr(_owner(self._function), "take_over", None)
            if take_over is not None and before is not None:
                take_over(_owner(before))
        return self._function


def _owner(function: Any) -> Any:
    """The object of a bound method; the function itself if it is not a method."""
    return getattr(function, "__self__", function)


_kept = _Kept()
