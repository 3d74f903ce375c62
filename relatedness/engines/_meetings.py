"""Pairs of segments of an archive: which pairs are searched, what each adds, and the growing lists. The archive is divided into
segments of consecutive rows. A task is a pair of segments; it finds what each can add to the lists of the other. Near pairs go
first, and every task is given the current thresholds of the lists, so that far pairs send little back, and pairs that cannot
improve any list are skipped. Lists are merged by key, the total order that the kernel itself uses: the result does not depend
on the segments, on the number of workers, or on which task ends first.
"""

from __future__ import annotations

import itertools
import logging
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from relatedness.cores import most_memory
from relatedness.engines._segments import Segment, Segments, growing_lists, read_segment
from relatedness.errors import InputError
from relatedness.numbering import Row
from relatedness.ranking import Candidates, Recency, Rows, cross_pairs, merge

Progress = Callable[[int, int], object]
Keys = NDArray[np.uint64]

_LARGEST_SEGMENT = 65_536
_SMALLEST_SEGMENT = 1_024
_TASKS_PER_WORKER = 8
_LOG = logging.getLogger(__package__)


@dataclass(frozen=True)
class Meeting:
    """A pair of segments by number, their first rows, and the key that a candidate must now exceed for each row's list."""

    late: int
    early: int
    late_start: int
    early_start: int
    late_floors: Keys = field(repr=False)
    early_floors: Keys = field(repr=False)


@dataclass(frozen=True)
class OnStorage:
    """A segment that lies on storage."""

    segments: Segments
    number: int


@dataclass(frozen=True)
class Met:
    """What a task adds to the lists: rows of the whole archive, the number of keys for each, and the concatenated keys."""

    rows: NDArray[Row]
    counts: NDArray[np.uint16]
    keys: Keys
    worker: tuple[int, int]  # its process and the peak memory of this process


def meet(task: Meeting, later: Rows | OnStorage, earlier: Rows | OnStorage, recency: Recency, k: int) -> Met:
    """Run one task, on a worker."""
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
    return Met(
        np.concatenate(rows), np.concatenate(counts), np.concatenate(keys), (os.getpid(), most_memory())
    )


def _read(segment: Rows | OnStorage) -> Rows:
    return segment if isinstance(segment, Rows) else read_segment(segment.segments, segment.number)


class Meetings:
    """The segments, the lists so far, and the pairs of segments that can still improve them."""

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

    def segment(self, number: int) -> Rows | OnStorage:
        """A segment, or its location."""
        if isinstance(self._rows, Segments):
            return OnStorage(self._rows, number)
        return self._rows.part(*self._bounds[number : number + 2])

    def segments_of(self, task: Meeting) -> tuple[Rows | OnStorage, Rows | OnStorage]:
        """The two segments of a task."""
        return self.segment(task.late), self.segment(task.early)

    def tasks(self) -> Iterator[Meeting]:
        """Each pair that can still improve a list, near ones first."""
        parts = len(self._about)
        for distance in range(parts):
            for early in range(parts - distance):
                task = self._task(early + distance, early)
                if self._worth_while(task):
                    yield task
                else:
                    self._done += 1
                    self._left_out += 1

    def take(self, found: Met, progress: Progress | None) -> None:
        """Merge the results of a task into the lists."""
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

    def _task(self, late: int, early: int) -> Meeting:
        above, below = (slice(*self._bounds[number : number + 2]) for number in (late, early))
        floors = self._floors
        return Meeting(late, early, above.start, below.start, floors[above].copy(), floors[below].copy())

    def _worth_while(self, task: Meeting) -> bool:
        """Whether the best possible score between the segments can enter any list of either."""
        late, early = self._about[task.late], self._about[task.early]
        if not (late.rows and early.rows):
            return False
        if task.late == task.early:
            return True
        reach = late.reach(early, self.recency)
        return any(
            score >= max(1, int(floors.min()) >> 32)
            for score, floors in zip(reach, (task.late_floors, task.early_floors), strict=True)
        )


def _parts(n: int, segment_rows: int | None, workers: int) -> int:
    if segment_rows is not None:
        return max(1, -(-n // segment_rows))
    wanted = math.ceil(math.sqrt(2 * _TASKS_PER_WORKER * workers))
    return max(1, -(-n // _LARGEST_SEGMENT), min(wanted, n // _SMALLEST_SEGMENT))
