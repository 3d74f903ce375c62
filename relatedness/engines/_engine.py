"""Where the work runs: this process, joblib workers, a Dask cluster; the same answer everywhere.

The archive is cut into segments of consecutive rows. A task is a pair of segments; it finds what each can add to
the lists of the other. Near pairs go first, and every task is told how good a candidate has to be by then, so
that far pairs send little back, and those that can better no list are never met. Lists are merged by key, the total
order that the kernel itself uses: the outcome does not depend on the segments, on the number of workers, or on which
task ends first.

Segments come from this process's memory, or lie on storage that the workers read themselves (`relatedness.engines`);
then the calling process holds the growing lists alone, in a file if it is given one.
"""

from __future__ import annotations

import itertools
import logging
import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from relatedness.cores import available_cores
from relatedness.engines._segments import Segment, Segments, growing_lists, read_segment
from relatedness.errors import ConfigError, InputError, MissingExtraError, RelatednessError
from relatedness.ranking import SHIFT, Candidates, Recency, Rows, all_pairs, cross_pairs, merge
from relatedness.workers import leave_with

Progress = Callable[[int, int], object]
Keys = NDArray[np.uint64]

_LARGEST_SEGMENT = 65_536
_SMALLEST_SEGMENT = 1_024
_TASKS_PER_WORKER = 8
_ATTEMPTS = 5
_PATIENCE = 60  # seconds to wait for a worker
_LOG = logging.getLogger(__package__)


class Engine(Protocol):
    """Protocol of an object that finds the candidates of all events.

    Examples
    --------
    >>> class Shouting:
    ...     def all_pairs(self, rows, recency, k, *, progress=None):
    ...         print(f"{len(rows)} rows")
    ...         return LocalEngine().all_pairs(rows, recency, k, progress=progress)
    >>> rows = Rows.of([{0: 32768}, {0: 16384}], days=[0, 1], n_columns=1)
    >>> Shouting().all_pairs(rows, Recency.of([32768], [32768]), k=1).rows.tolist()
    2 rows
    [[1], [0]]
    """

    def all_pairs(
        self, rows: Rows, recency: Recency, k: int, *, progress: Progress | None = None
    ) -> Candidates:
        """Find for every row the k other rows with the highest scores, exactly; see `relatedness.ranking.all_pairs`.

        Parameters
        ----------
        rows : Rows
            In date order: `days` never decrease.
        recency : Recency
        k : int
            At least 1. A row with fewer related rows has fewer candidates.
        progress : callable, optional
            Called from time to time as ``progress(done, total)``.

        Returns
        -------
        Candidates
            Rows as uint32 and scores times ``2**31`` as uint32, both of shape (n, k).

        Raises
        ------
        InputError
            If the rows are not in date order, or `k` is below 1.
        """
        ...


@dataclass(frozen=True)
class LocalEngine:
    """The threads of this process.

    Parameters
    ----------
    threads : int, optional
        None means one for each core.
    memory : int, optional
        A bound in bytes; see `relatedness.ranking.all_pairs`.

    Examples
    --------
    >>> rows = Rows.of([{0: 32768}, {0: 16384}], days=[0, 1], n_columns=1)
    >>> LocalEngine(threads=1).all_pairs(rows, Recency.of([32768], [32768]), k=1).rows.tolist()
    [[1], [0]]
    """

    threads: int | None = None
    memory: int | None = None

    def all_pairs(
        self, rows: Rows, recency: Recency, k: int, *, progress: Progress | None = None
    ) -> Candidates:
        """Find the candidates on the threads of this process; see `Engine.all_pairs`.

        Parameters
        ----------
        rows, recency, k, progress
            As for `Engine.all_pairs`.

        Returns
        -------
        Candidates

        Raises
        ------
        InputError
            As `Engine.all_pairs`; or if `threads` or `memory` is below 1.
        """
        return all_pairs(rows, recency, k, threads=self.threads, memory=self.memory, progress=progress)


@dataclass(frozen=True)
class JoblibEngine:
    """Worker processes of joblib, or the backend that ``joblib.parallel_config`` names.

    Parameters
    ----------
    jobs : int, optional
        Workers at a time. None means one for each core.
    segment_rows : int, optional
        Rows of a segment at most. None means: enough segments to keep the workers busy. Only the speed depends
        on it.
    lists : path-like, optional
        A file (``.npy``) to keep the lists in while they grow, instead of memory.

    Examples
    --------
    >>> rows = Rows.of([{0: 32768}, {0: 16384}], days=[0, 1], n_columns=1)
    >>> JoblibEngine(jobs=1).all_pairs(rows, Recency.of([32768], [32768]), k=1).rows.tolist()
    [[1], [0]]
    """

    jobs: int | None = None
    segment_rows: int | None = None
    lists: str | os.PathLike[str] | None = None

    def all_pairs(
        self, rows: Rows | Segments, recency: Recency, k: int, *, progress: Progress | None = None
    ) -> Candidates:
        """Find the candidates in processes of this machine; see `Engine.all_pairs`.

        Parameters
        ----------
        rows : Rows or Segments
            Segments on storage are read by the workers themselves.
        recency, k, progress
            As for `Engine.all_pairs`.

        Returns
        -------
        Candidates

        Raises
        ------
        InputError
            As `Engine.all_pairs`; or if `segment_rows` is below 1.
        """
        from joblib import Parallel, delayed

        jobs = self.jobs or available_cores()
        plan = _Plan(rows, recency, k, self.segment_rows, jobs, self.lists)
        # Tasks are made when a worker is free to take one, so that they know the lists of that moment.
        calls = (
            delayed(_meet_as_worker)(os.getpid(), task, *plan.segments_of(task), recency, k)
            for task in plan.tasks()
        )
        workers = Parallel(n_jobs=jobs, return_as="generator_unordered", pre_dispatch=2 * jobs, batch_size=1)
        for found in workers(calls):
            plan.take(found, progress)
        return plan.finish()


@dataclass(frozen=True)
class DaskEngine:
    """The workers of a Dask cluster.

    Parameters
    ----------
    scheduler : str or distributed.Client, optional
        The address of a scheduler, such as ``tcp://10.0.0.5:8786``, or a client that is connected to one. None
        means the client that the calling program has open.
    segment_rows : int, optional
        Rows of a segment at most. None means: enough segments to keep the workers busy. Only the speed and the
        memory of a worker (about 1 kB a row and task) depend on it.
    lists : path-like, optional
        A file (``.npy``) to keep the lists in while they grow, instead of memory.

    Raises
    ------
    MissingExtraError
        If Dask is not installed.
    InputError
        If `scheduler` is None and no client is open.

    Notes
    -----
    Each segment is sent to the cluster once and shared among its workers; segments on storage are read by them. A
    worker may die at any time: what it held or had in hand is sent out again, at most 5 times for one pair of segments.
    At the end a record of the log ``relatedness.engines`` (level INFO) says how many tasks there were and how many
    could be left out, what they sent back, and the most memory that any worker held.

    Examples
    --------
    >>> DaskEngine("tcp://10.0.0.5:8786").scheduler
    'tcp://10.0.0.5:8786'
    """

    scheduler: Any = None
    segment_rows: int | None = None
    lists: str | os.PathLike[str] | None = None

    def all_pairs(
        self, rows: Rows | Segments, recency: Recency, k: int, *, progress: Progress | None = None
    ) -> Candidates:
        """Find the candidates on the workers of a Dask cluster; see `Engine.all_pairs`.

        Parameters
        ----------
        rows : Rows or Segments
            Segments on storage are read by the workers themselves.
        recency, k, progress
            As for `Engine.all_pairs`.

        Returns
        -------
        Candidates

        Raises
        ------
        InputError
            As `Engine.all_pairs`; or if `segment_rows` is below 1, or `scheduler` is None and no client is open.
        MissingExtraError
            If Dask is not installed.
        ConfigError
            If the scheduler cannot be reached.
        RelatednessError
            If a task fails, or the cluster accepts no data.
        """
        try:
            import distributed
        except ImportError as error:
            raise MissingExtraError("Dask is not installed: pip install 'relatedness[dask]'") from error
        if self.scheduler is None:
            try:
                client = distributed.get_client()
            except ValueError as error:
                raise InputError("no Dask client is open: name the scheduler's address") from error
            return self._run(client, rows, recency, k, progress)
        if not isinstance(self.scheduler, str):
            return self._run(self.scheduler, rows, recency, k, progress)
        try:
            client = distributed.Client(self.scheduler, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ConfigError(f"the Dask scheduler {self.scheduler} cannot be reached: {error}") from error
        with client:
            return self._run(client, rows, recency, k, progress)

    def _run(
        self, client: Any, rows: Rows | Segments, recency: Recency, k: int, progress: Progress | None
    ) -> Candidates:
        from distributed import as_completed

        workers = max(1, sum(client.nthreads().values()))
        plan = _Plan(rows, recency, k, self.segment_rows, workers, self.lists)
        cluster = _Cluster(client, plan)
        tasks = plan.tasks()
        running = as_completed(loop=client.loop)
        for task in itertools.islice(tasks, 2 * workers):
            running.add(cluster.submit(task))
        for future in running:
            task, attempt = cluster.started.pop(future.key)
            try:
                found = future.result()
            except Exception as error:
                if attempt == _ATTEMPTS or not _worker_was_lost(error):
                    raise RelatednessError(f"a task failed on the cluster: {error!r}") from error
                running.add(cluster.submit(task, attempt + 1))
                continue
            plan.take(found, progress)
            for following in itertools.islice(tasks, 1):
                running.add(cluster.submit(following))
        return plan.finish()


class _Cluster:
    """What was sent to a Dask cluster: segments, and tasks by the key of their future."""

    def __init__(self, client: Any, plan: _Plan) -> None:
        self.client = client
        self.plan = plan
        self.started: dict[str, tuple[_Task, int]] = {}
        self._held: dict[int, Any] = {}

    def submit(self, task: _Task, attempt: int = 1) -> Any:
        """Start a task; from the second attempt on with its segments sent again, because they may have been lost."""
        for segment in {task.late, task.early}:
            held = self._held.get(segment)
            if held is None or attempt > 1 or getattr(held, "status", "finished") != "finished":
                self._held[segment] = self._send(segment)
        future = self.client.submit(
            _meet,
            task,
            self._held[task.late],
            self._held[task.early],
            self.plan.recency,
            self.plan.k,
            pure=False,
        )
        self.started[future.key] = task, attempt
        return future

    def _send(self, segment: int) -> Any:
        """Put a segment on a worker; that worker may be the next to die, even while it is sent."""
        segment_or_place = self.plan.segment(segment)
        if isinstance(segment_or_place, _Stored):
            return segment_or_place
        for attempt in range(1, _ATTEMPTS + 1):
            self.client.wait_for_workers(1, timeout=_PATIENCE)
            try:
                return self.client.scatter(segment_or_place, hash=False)
            except OSError as error:
                if attempt == _ATTEMPTS:
                    raise RelatednessError(f"the cluster accepts no data: {error!r}") from error
            time.sleep(attempt)
        raise AssertionError("the last attempt either returns or raises")


def _worker_was_lost(error: BaseException) -> bool:
    """Whether a task failed for its worker's sake, or with what that worker held, and not for its own."""
    from distributed.scheduler import KilledWorker

    return isinstance(error, CancelledError | KilledWorker | OSError)


# --- pairs of segments -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Task:
    """A pair of segments by their numbers, where they begin, and the key that each row's list asks for by now."""

    late: int
    early: int
    late_start: int
    early_start: int
    late_floors: Keys = field(repr=False)
    early_floors: Keys = field(repr=False)


@dataclass(frozen=True)
class _Stored:
    """A segment that lies on storage."""

    segments: Segments
    number: int


@dataclass(frozen=True)
class _Found:
    """What a task adds to the lists: rows of the whole archive, how many keys each, and these one after the other."""

    rows: NDArray[np.int64]
    counts: NDArray[np.uint16]
    keys: Keys
    worker: tuple[int, int]  # its process and the most bytes that this has held


def _meet_as_worker(
    parent: int, task: _Task, later: Rows | _Stored, earlier: Rows | _Stored, recency: Recency, k: int
) -> _Found:
    leave_with(parent)
    return _meet(task, later, earlier, recency, k)


def _meet(task: _Task, later: Rows | _Stored, earlier: Rows | _Stored, recency: Recency, k: int) -> _Found:
    """Do one task; runs on a worker."""
    above, below = map(_read, (later, earlier))
    if task.late == task.early:
        below = above
    late, early = cross_pairs(
        above,
        below,
        recency,
        later_floors=task.late_floors,
        earlier_floors=task.early_floors,
        later_start=task.late_start,
        earlier_start=task.early_start,
        k=k,
    )
    sides = [(late, task.late_floors, task.late_start)]
    if task.late != task.early:
        sides.append((early, task.early_floors, task.early_start))
    rows, counts, keys = [], [], []
    for found, floors, start in sides:
        better = found > floors[:, None]
        numbers = better.sum(axis=1, dtype=np.uint16)
        rows.append(np.flatnonzero(numbers) + start)
        counts.append(numbers[numbers > 0])
        keys.append(found[better])
    return _Found(np.concatenate(rows), np.concatenate(counts), np.concatenate(keys), (os.getpid(), _peak()))


def _read(segment: Rows | _Stored) -> Rows:
    return segment if isinstance(segment, Rows) else read_segment(segment.segments, segment.number)


def _peak() -> int:
    """The most bytes that this process has held; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


class _Plan:
    """The segments, the lists so far, and which pairs of segments still can better them."""

    def __init__(
        self,
        rows: Rows | Segments,
        recency: Recency,
        k: int,
        segment_rows: int | None,
        workers: int,
        lists: str | os.PathLike[str] | None = None,
    ) -> None:
        if k < 1:
            raise InputError(f"{k} is below 1", field="k")
        if segment_rows is not None and segment_rows < 1:
            raise InputError(f"{segment_rows} is below 1", field="segment_rows")
        self._rows, self.recency, self.k = rows, recency, k
        if isinstance(rows, Segments):
            self._bounds, self._about = rows.bounds, list(rows.segments)
        else:
            if not bool((rows.days[1:] >= rows.days[:-1]).all()):
                raise InputError("rows must come in date order", field="days")
            parts = _parts(len(rows), segment_rows, workers)
            self._bounds = [len(rows) * part // parts for part in range(parts + 1)]
            self._about = [Segment.of(rows.part(*pair)) for pair in itertools.pairwise(self._bounds)]
        n = self._bounds[-1]
        self.keys: Keys = np.zeros((n, k), dtype=np.uint64) if lists is None else growing_lists(lists, n, k)
        self._floors = np.zeros(n, dtype=np.uint64)
        self._total = len(self._about) * (len(self._about) + 1) // 2
        self._done = self._left_out = self._sent = 0
        self._peaks: dict[int, int] = {}

    def segment(self, number: int) -> Rows | _Stored:
        if isinstance(self._rows, Segments):
            return _Stored(self._rows, number)
        return self._rows.part(*self._bounds[number : number + 2])

    def segments_of(self, task: _Task) -> tuple[Rows | _Stored, Rows | _Stored]:
        return self.segment(task.late), self.segment(task.early)

    def tasks(self) -> Iterator[_Task]:
        """Each pair that can still better a list, near ones first."""
        parts = len(self._about)
        for distance in range(parts):
            for early in range(parts - distance):
                task = self._task(early + distance, early)
                if self._worth_while(task):
                    yield task
                else:
                    self._done += 1
                    self._left_out += 1

    def take(self, found: _Found, progress: Progress | None) -> None:
        """Merge what a task found into the lists."""
        if len(found.rows):
            width = int(found.counts.max())
            keys = np.zeros((len(found.rows), width), dtype=np.uint64)
            keys[np.arange(width) < found.counts[:, None]] = found.keys
            merged = merge(self.keys[found.rows], keys, self.k)
            self.keys[found.rows] = merged
            self._floors[found.rows] = merged[:, -1]
        self._done += 1
        self._sent += found.rows.nbytes + found.counts.nbytes + found.keys.nbytes
        process, held = found.worker
        self._peaks[process] = max(held, self._peaks.get(process, 0))
        if progress is not None:
            progress(self._done, self._total)

    def finish(self) -> Candidates:
        """The lists, when all tasks are done."""
        _LOG.info(
            "%(tasks)d pairs of segments met, %(left_out)d left out; %(sent)d bytes sent back; "
            "%(workers)d processes at work, the largest with %(peak)d bytes",
            {
                "tasks": self._done - self._left_out,
                "left_out": self._left_out,
                "sent": self._sent,
                "workers": len(self._peaks),
                "peak": max(self._peaks.values(), default=0),
            },
        )
        if isinstance(self.keys, np.memmap):
            self.keys.flush()
        return Candidates(self.keys)

    def _task(self, late: int, early: int) -> _Task:
        above, below = (slice(*self._bounds[number : number + 2]) for number in (late, early))
        floors = self._floors
        return _Task(late, early, above.start, below.start, floors[above].copy(), floors[below].copy())

    def _worth_while(self, task: _Task) -> bool:
        """Whether the best score that two rows of the segments could have reaches any list of either.

        By Cauchy and Schwarz no dot product is above the product of the largest norms, and no recency above that
        of the last day of one and the first of the other.
        """
        late, early = self._about[task.late], self._about[task.early]
        if not (late.rows and early.rows):
            return False
        if task.late == task.early:
            return True
        gap = late.first_day - early.last_day
        dot = math.floor(late.norm * early.norm) + 1
        for table, floors in (
            (self.recency.before, task.late_floors),
            (self.recency.after, task.early_floors),
        ):
            score = dot * int(table[min(gap, len(table) - 1)]) >> int(SHIFT)
            if score >= max(1, int(floors.min()) >> 32):
                return True
        return False


def _parts(n: int, segment_rows: int | None, workers: int) -> int:
    if segment_rows is not None:
        return max(1, -(-n // segment_rows))
    wanted = math.ceil(math.sqrt(2 * _TASKS_PER_WORKER * workers))
    return max(1, -(-n // _LARGEST_SEGMENT), min(wanted, n // _SMALLEST_SEGMENT))
