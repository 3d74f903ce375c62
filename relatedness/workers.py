"""Worker processes for work on batches: light to start, for they import no more than their function needs."""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeVar

Batch = TypeVar("Batch")
Result = TypeVar("Result")
Progress = Callable[[int, int], object]

_FEW_BATCHES = 4
_BATCH = 4096  # events


def in_batches(things: Sequence[Batch], size: int = _BATCH) -> list[Sequence[Batch]]:
    """Cut a sequence into parts of that many things, the last of what is left."""
    return [things[start : start + size] for start in range(0, len(things), size)]


def map_batches(
    function: Callable[[Batch], Result],
    batches: Sequence[Batch],
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Iterator[Result]:
    """Apply a function to batches in worker processes, and give the results in the order of the batches.

    Parameters
    ----------
    function : callable
        A pure function that can be pickled. It goes to each worker once and is kept there.
    batches : sequence
        Of what can be pickled.
    jobs : int, optional
        Worker processes. None means one for each core. One, or fewer than four batches, stay in this process:
        to start workers takes a second or two.
    progress : callable, optional
        Called as ``progress(batches done, batches)``.

    Yields
    ------
    object
        The result of each batch, as soon as it and those before it are there.

    Examples
    --------
    >>> list(map_batches(sum, [[1, 2], [3]], jobs=1))
    [3, 3]
    """
    results: Iterable[Result]
    if jobs == 1 or len(batches) < _FEW_BATCHES:
        results = map(function, batches)
    else:
        results = _spread(function, batches, jobs)
    for done, result in enumerate(results, start=1):
        yield result
        if progress is not None:
            progress(done, len(batches))


def _spread(
    function: Callable[[Batch], Result], batches: Sequence[Batch], jobs: int | None
) -> Iterator[Result]:
    from joblib import Parallel, cpu_count, delayed

    jobs = jobs or cpu_count()
    frozen = _freeze(function)
    workers = Parallel(
        n_jobs=jobs,
        backend="loky",
        return_as="generator",
        pre_dispatch=2 * jobs,
        batch_size=1,
        # Should this process be killed, its workers must not hold its open pipes for minutes.
        idle_worker_timeout=5,
    )
    return map(_thaw, workers(delayed(_apply)(frozen, _freeze(batch)) for batch in batches))


def _apply(frozen: bytes, batch: bytes) -> bytes:
    """Do one batch in a worker; it comes and goes as bytes, which joblib's own pickler passes on as they are."""
    # A batch is a hundred thousand objects without a cycle: nothing to look for until it is done.
    gc.disable()
    try:
        return _freeze(_thaw_once(frozen)(_thaw(batch)))
    finally:
        gc.enable()


def _freeze(value: object) -> bytes:
    return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)


def _thaw(frozen: bytes) -> Any:
    """What comes here was pickled by the parent process, or for it by its worker."""
    return pickle.loads(frozen)  # noqa: S301


# The function is made once in a worker.
_thaw_once = lru_cache(maxsize=1)(_thaw)
