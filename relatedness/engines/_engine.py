"""Where the work runs: this process, joblib workers, a Dask cluster; the same answer everywhere.

Segments of an archive come from this process's memory, or are on storage that the workers read themselves
(`relatedness.engines`); then the calling process holds only the growing lists, in a file if one is given. The tasks are defined
in `relatedness.engines._meetings`.
"""

from __future__ import annotations

import itertools
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from relatedness.cores import available_cores
from relatedness.engines._meetings import Meeting, Meetings, Met, OnStorage, meet
from relatedness.engines._segments import Segments
from relatedness.errors import ConfigError, InputError, MissingExtraError, RelatednessError
from relatedness.ranking import Candidates, Recency, Rows, all_pairs
from relatedness.workers import leave_with

Progress = Callable[[int, int], object]

_ATTEMPTS = 5
_PATIENCE = 60  # seconds to wait for a worker


# The engines inherit these docstrings.
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
            In date order: `days` never decrease. `JoblibEngine` and `DaskEngine` also take segments on storage, which
            their workers read themselves.
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
            If the rows are not in date order, or `k` or a setting of the engine is below 1.

        Examples
        --------
        >>> rows, recency = Rows.of([{0: 32768}, {0: 16384}], days=[0, 1], n_columns=1), Recency.of([32768], [32768])
        >>> engine: Engine = LocalEngine()
        >>> found = engine.all_pairs(rows, recency, k=1)
        >>> found.rows.tolist(), (found.scores / 2**31).tolist()
        ([[1], [0]], [[0.5], [0.5]])
        """
        ...


@runtime_checkable
class Workers(Protocol):
    """Protocol of an object that runs the tasks of a stage, such as an engine.

    Examples
    --------
    >>> class InThisProcess:
    ...     def run(self, function, tasks):
    ...         return map(function, tasks)
    >>> list(InThisProcess().run(len, ["a", "bc"]))
    [1, 2]
    """

    def run(self, function: Callable[[Any], Any], tasks: Sequence[Any]) -> Iterator[Any]:
        """Apply a function to each task, and yield the results as they arrive.

        Parameters
        ----------
        function : callable
            It can be pickled, and may run more than once for a task.
        tasks : sequence

        Yields
        ------
        object
            The results in any order.

        Raises
        ------
        RelatednessError
            If a task fails on a cluster; the error of the task itself, if it is one of this library.

        Examples
        --------
        >>> workers: Workers = LocalEngine()
        >>> sorted(workers.run(len, [[1, 2], []]))
        [0, 2]
        """
        ...


@dataclass(frozen=True)
class LocalEngine(Engine, Workers):
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
        return all_pairs(rows, recency, k, threads=self.threads, memory=self.memory, progress=progress)

    def run(self, function: Callable[[Any], Any], tasks: Sequence[Any]) -> Iterator[Any]:
        return map(function, tasks)


@dataclass(frozen=True)
class JoblibEngine(Engine, Workers):
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
        from joblib import delayed

        plan = Meetings(rows, recency, k, self.segment_rows, self.jobs or available_cores(), self.lists)
        # Make a task only when a worker is free to take it, so that it knows the current lists.
        calls = (
            delayed(_meet_as_worker)(os.getpid(), task, *plan.segments_of(task), recency, k)
            for task in plan.tasks()
        )
        for found in self._as_they_end(calls):
            plan.take(found, progress)
        return plan.finish()

    def run(self, function: Callable[[Any], Any], tasks: Sequence[Any]) -> Iterator[Any]:
        from joblib import delayed

        return self._as_they_end(delayed(_run_as_worker)(os.getpid(), function, task) for task in tasks)

    def _as_they_end(self, calls: Iterator[Any]) -> Iterator[Any]:
        from joblib import Parallel

        jobs = self.jobs or available_cores()
        workers = Parallel(n_jobs=jobs, return_as="generator_unordered", pre_dispatch=2 * jobs, batch_size=1)
        return workers(calls)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class DaskEngine(Engine, Workers):
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
        If `scheduler` is None and no client is open, when it is used; so are the next two.
    ConfigError
        If the scheduler cannot be reached.
    RelatednessError
        If a task fails, or the cluster accepts no data.

    Notes
    -----
    Each segment is sent to the cluster once and shared among its workers; segments on storage are read by them. A worker may
    die at any time: its data and tasks are sent out again, at most 5 times for one pair of segments. At the end a record in the
    log ``relatedness.engines`` (level INFO) gives the number of tasks run and left out, the bytes they sent back, and the peak
    memory of the largest worker.

    Examples
    --------
    >>> DaskEngine("tcp://10.0.0.5:8786").scheduler
    'tcp://10.0.0.5:8786'
    """

    scheduler: Any = None
    segment_rows: int | None = None
    lists: str | os.PathLike[str] | None = None

    @classmethod
    @contextmanager
    def started(cls, workers: int | None = None) -> Iterator[DaskEngine]:
        """Start workers on this machine, or use the scheduler that Dask's own settings name.

        Parameters
        ----------
        workers : int, optional
            How many processes to start; one for each available core if not given.

        Yields
        ------
        DaskEngine
            Its workers end with the ``with`` block. If ``DASK_SCHEDULER_ADDRESS`` or a configuration file of Dask
            names a scheduler, nothing is started and the engine runs there.

        Raises
        ------
        MissingExtraError
            If Dask is not installed.

        Examples
        --------
        >>> started = DaskEngine.started(workers=2)  # they run within ``with started as engine:``
        """
        distributed = _distributed()
        import dask

        if address := dask.config.get("scheduler-address", None):
            yield cls(address)
            return
        with (
            distributed.LocalCluster(
                n_workers=workers or available_cores(), threads_per_worker=1, host="127.0.0.1",
                dashboard_address=None, silence_logs=logging.ERROR,
            ) as cluster,
            distributed.Client(cluster, set_as_default=False) as client,
        ):  # fmt: skip
            yield cls(client)

    def all_pairs(
        self, rows: Rows | Segments, recency: Recency, k: int, *, progress: Progress | None = None
    ) -> Candidates:
        with self._connected() as client:
            return self._run(client, rows, recency, k, progress)

    def run(self, function: Callable[[Any], Any], tasks: Sequence[Any]) -> Iterator[Any]:
        if not tasks:
            return
        with self._connected() as client:
            from distributed import wait

            waiting = iter(tasks)
            running: dict[Any, tuple[Any, int]] = {}

            def submit(task: Any, attempt: int) -> None:
                running[client.submit(function, task, pure=False)] = task, attempt

            # Submit few at a time: tasks queued on a worker are lost with it.
            for task in itertools.islice(waiting, 2 * max(1, sum(client.nthreads().values()))):
                submit(task, 1)
            while running:
                try:
                    with (
                        client.as_current()
                    ):  # `wait` asks for it; a client of our own is not current otherwise
                        done = wait(list(running), timeout=_PATIENCE, return_when="FIRST_COMPLETED").done
                except TimeoutError:
                    done = _forgotten(client, running)
                for future in done:
                    task, attempt = running.pop(future)
                    try:
                        result = future.result(timeout=_PATIENCE)
                    except RelatednessError:
                        raise
                    except Exception as error:
                        if attempt == _ATTEMPTS or not _worker_was_lost(error):
                            raise _failed(error) from error
                        submit(task, attempt + 1)
                        continue
                    for following in itertools.islice(waiting, 1):
                        submit(following, 1)
                    yield result

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        """The caller's client, or one of our own, which is closed at the end."""
        distributed = _distributed()
        if self.scheduler is None:
            try:
                client = distributed.get_client()
            except ValueError as error:
                raise InputError("no Dask client is open: give the address of the scheduler") from error
            yield client
        elif not isinstance(self.scheduler, str):
            yield self.scheduler
        else:
            try:
                client = distributed.Client(self.scheduler, set_as_default=False)
            except (OSError, ValueError) as error:
                raise ConfigError(
                    f"the Dask scheduler {self.scheduler} cannot be reached: {error}"
                ) from error
            with client:
                yield client

    def _run(
        self, client: Any, rows: Rows | Segments, recency: Recency, k: int, progress: Progress | None
    ) -> Candidates:
        from distributed import as_completed

        workers = max(1, sum(client.nthreads().values()))
        plan = Meetings(rows, recency, k, self.segment_rows, workers, self.lists)
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
                    raise _failed(error) from error
                running.add(cluster.submit(task, attempt + 1))
                continue
            plan.take(found, progress)
            for following in itertools.islice(tasks, 1):
                running.add(cluster.submit(following))
        return plan.finish()


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise MissingExtraError("Dask is not installed: pip install 'relatedness[dask]'") from error
    return distributed


class _Cluster:
    """The segments and tasks sent to a Dask cluster, by the key of their future."""

    def __init__(self, client: Any, plan: Meetings) -> None:
        self.client = client
        self.plan = plan
        self.started: dict[str, tuple[Meeting, int]] = {}
        self._held: dict[int, Any] = {}

    def submit(self, task: Meeting, attempt: int = 1) -> Any:
        """Start a task; retries send its segments again, because they may have been lost."""
        for segment in {task.late, task.early}:
            held = self._held.get(segment)
            if held is None or attempt > 1 or getattr(held, "status", "finished") != "finished":
                self._held[segment] = self._send(segment)
        future = self.client.submit(
            meet,
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
        segment_or_path = self.plan.segment(segment)
        if isinstance(segment_or_path, OnStorage):
            return segment_or_path
        for attempt in range(1, _ATTEMPTS + 1):
            self.client.wait_for_workers(1, timeout=_PATIENCE)
            try:
                return self.client.scatter(segment_or_path, hash=False)
            except OSError as error:
                if attempt == _ATTEMPTS:
                    raise RelatednessError(f"the cluster accepts no data: {error!r}") from error
            time.sleep(attempt)
        raise AssertionError("the last attempt either returns or raises")


def _forgotten(client: Any, running: Iterable[Any]) -> set[Any]:
    """Cancel and return the tasks that will never end, once no worker is running any of them.

    Raises
    ------
    RelatednessError
        If there is no worker at all.
    """
    if not client.nthreads():
        raise RelatednessError(
            f"the cluster has had no worker for {_PATIENCE} seconds: start workers and repeat the command; the build "
            "continues where it stopped"
        )
    at_work = {str(key) for keys in client.processing().values() for key in keys}
    pending = {future for future in running if future.status == "pending"}
    if any(str(future.key) in at_work for future in pending):
        return set()
    client.cancel(list(pending), force=True)
    return pending


def _worker_was_lost(error: BaseException) -> bool:
    """Whether a task failed because its worker or the data on it was lost, rather than by its own error."""
    from distributed.scheduler import KilledWorker

    return isinstance(error, CancelledError | KilledWorker | OSError)


def _failed(error: Exception) -> Exception:
    """The error to raise for a task that failed for good; a disk error remains an OSError that names the file."""
    if (
        isinstance(error, OSError)
        and not isinstance(error, ConnectionError | TimeoutError)
        and error.filename
    ):
        return OSError(error.errno, error.strerror, error.filename)
    return RelatednessError(f"a task failed on the cluster: {error!r}")


def _run_as_worker(parent: int, function: Callable[[Any], Any], task: Any) -> Any:
    leave_with(parent)
    return function(task)


def _meet_as_worker(
    parent: int, task: Meeting, later: Rows | OnStorage, earlier: Rows | OnStorage, recency: Recency, k: int
) -> Met:
    leave_with(parent)
    return meet(task, later, earlier, recency, k)
