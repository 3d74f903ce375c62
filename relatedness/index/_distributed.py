"""A build on many machines: its stages, their order and their inputs.

The calling process holds only small data: the names of the tasks' files and the number of events per day and partition.
Everything else goes from worker to worker through a hidden folder beside the files of the index. A job that died or was stopped
resumes when the same build is started again; a different build, or a changed source, starts over.
"""

from __future__ import annotations

import itertools
import json
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relatedness import __version__
from relatedness.arguments import check_path
from relatedness.config import Config
from relatedness.engines import Ran, Segment, Work, Workers
from relatedness.errors import ConfigError, InputError
from relatedness.files import replacing
from relatedness.index import _list_stages as lists
from relatedness.index import _stages as stages
from relatedness.index._build import Summary, tables_in
from relatedness.index._job import Job, named
from relatedness.index._partitions import Partitioning
from relatedness.index._resources import Resources
from relatedness.index._tagging import load_gazetteer
from relatedness.progress import Clock
from relatedness.ranking import Recency
from relatedness.sources import FolderFiles, ReadOptions, ReadReport, Rejects, Table, files_of
from relatedness.storage import (
    Catalogue,
    Listed,
    ListedPartition,
    PartitionedStore,
    Store,
    spare_other_folder,
)
from relatedness.topics import Gazetteer, own_to_json

_log = logging.getLogger(__name__)
_FAULTS = 100  # the number of faults that are listed individually
_WORK = ".relatedness-work"  # in the folder of the index
_END = 1 << 62  # after every instant


def build_on(
    workers: Workers,
    source: Any,
    folder: Path,
    config: Config,
    resources: Resources,
    *,
    cut: Partitioning,
    gazetteer: str | Path | Gazetteer | None = None,
    options: ReadOptions,
    rejects: str | Path | Rejects | None = None,
) -> tuple[Store, Summary]:
    """Build a partitioned index with all work done by workers.

    Parameters
    ----------
    source : path-like, Table or a list of them
        A source that all workers can read under the same name. A folder of tables is read by one task per file.
    folder : Path
        Where all workers can write.
    resources : Resources
        Its cores are not used: the workers have their own.
    gazetteer, options, rejects
        As for `relatedness.index.build`.

    Raises
    ------
    InputError
        As `relatedness.index.build`; or if two sources hold one id with other content, whether or not bad records are put aside.
    ConfigError
        If the source is not a file, folder or table, or the settings ask for embeddings.
    """
    names = load_gazetteer(gazetteer, resources.tagger)
    if config.text.encoder != "none":
        raise ConfigError(
            "a build on a cluster cannot compute embeddings: leave out text.encoder, or build on one machine"
        )
    if isinstance(rejects, Rejects):
        raise ConfigError("a build on a cluster writes bad records to a file: give its path")
    folder = folder.absolute()
    spare_other_folder(folder)
    sources = tuple(
        itertools.chain.from_iterable(_files_of(each, options, rejects) for each in _listed(source))
    )
    job = Job(
        sources=sources,
        options=options,
        aside=rejects is not None,
        config=config,
        gazetteer=names,
        tagger=resources.tagger,
        folder=folder,
    )
    folder.mkdir(exist_ok=True)
    with resources.writing(folder):
        return _Build(workers, job, cut, resources.clock).run(
            options.to_record() | tables_in(source), None if rejects is None else Path(rejects)
        )


def _listed(source: Any) -> Sequence[Any]:
    return source if isinstance(source, list | tuple) else [source]


def _files_of(
    source: Any, options: ReadOptions, rejects: str | Path | None
) -> list[str | Table | FolderFiles]:
    """The parts of a source, each read by one task."""
    if isinstance(source, Table):
        return [source]
    if not isinstance(source, str | Path) or str(source) == "-":
        what = "standard input" if str(source) == "-" else f"a {type(source).__name__}"
        raise ConfigError(
            f"a build on a cluster reads files, folders and tables of databases, not {what}: write the events to files "
            "that all workers can read"
        )
    check_path(source, "events")
    return [
        each if isinstance(each, FolderFiles) else str(each)
        for each in files_of(Path(source).absolute(), options, rejects)
    ]


@dataclass(slots=True)
class _Build:
    """One build: the stages in their order."""

    workers: Workers
    job: Job
    cut: Partitioning
    clock: Clock
    work: Work = field(init=False)
    """The folder where the workers write their results."""

    def run(self, reading: dict[str, Any], rejects: Path | None) -> tuple[Store, Summary]:
        """Run all stages that an earlier run did not complete, then install the catalogue."""
        self._begin()
        read = self._stage("read", stages.read, [(number,) for number in range(len(self.job.sources))])
        days: Counter[int] = sum((source.days for source in read), Counter())
        if not days:
            raise InputError(_reported(read).without_events())
        found = _found(read)
        ordered = sorted(days)
        since = self.cut.starts(np.array(ordered), np.array([days[day] for day in ordered]))
        parts = range(len(since))
        held = self._gathered(read, since)
        sizes = [part.events for part in held]
        bounds = [0, *itertools.accumulate(sizes)]
        self._statistics(bounds)
        self._search(bounds)
        self._stage("rank", lists.find_neighbours, [(part, bounds[part], sizes[part]) for part in parts])
        for name in ("near_rows", "near_strengths"):
            self._alone(f"join {name}", lists.join_lists, name, [named(name, part) for part in parts])
        floor = self._alone("floor", lists.find_floor)
        tasks = [(part, bounds, since[part], floor) for part in parts]
        told = reading | ({"found": found} if found else {})
        numbered = all(part.numbered for part in held)
        written, shared = self._files(tasks, told, numbered)
        if rejects is not None:
            self._bring_rejects(rejects)
        catalogue = Catalogue(shared, tuple(part for part, _ in written))
        catalogue.write(self.job.folder)
        catalogue.sweep(self.job.folder)
        self.work.end()
        store = PartitionedStore.open(self.job.folder)
        languages = sum((part.languages for part in held), Counter[str]())
        return store, Summary(
            events=bounds[-1],
            listed=sum(listed for _, listed in written),
            repeated=sum(one.repeats for one in [*read, *held]),
            rejected=sum(source.rejected for source in read),
            bytes=store.size() or 0,
            seconds=self.clock.seconds,
            languages=dict(sorted(languages.items())),
            detected=sum(part.detected for part in held),
            drafts=_reported(read).hidden,
            read=_reported(read),
        )

    def _files(
        self, tasks: Sequence[tuple[Any, ...]], reading: dict[str, Any], numbered: bool
    ) -> tuple[list[tuple[ListedPartition, int]], Listed]:
        """Choose the lists and write the files of the index."""
        while True:
            written = self._stage("lists", lists.write_partition, tasks)
            shared = self._alone("shared", lists.write_shared, tasks[0][-1], reading, numbered)
            if all(
                (self.job.folder / one.file).is_file() for one in (shared, *(part for part, _ in written))
            ):
                return written, shared
            # A refresh of the old index between two runs of this job may have removed these files as leftovers of a dead writer.
            self.work.remove("done/lists")
            self.work.remove("done/shared")

    def _begin(self) -> None:
        """Resume an earlier run of the same job, or start a new one."""
        job = self.job
        told = {
            "version": __version__,
            "sources": [_state_of(source) for source in job.sources],
            "options": [str(getattr(job.options, each.name)) for each in fields(job.options)],
            "aside": job.aside,
            "config": job.config.digest,
            "gazetteer": own_to_json(job.gazetteer.own),
            "tagger": None if job.tagger is None else job.tagger.key,
            "cut": [self.cut.partitions, self.cut.events],
        }
        self.work = Work.begin(job.folder / _WORK, told)
        self.work.put("job", job)

    def _stage(self, name: str, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]) -> list[Any]:
        with self.clock.stage(name.partition(" ")[0]) as report:
            ran: list[Ran] = self.work.run(self.workers, name.replace(" ", "-"), function, tasks, report)
        _log.info(
            "%s: %d tasks, %.1f core s, the largest worker %d MB",
            name,
            len(ran),
            sum(one.seconds for one in ran),
            max((one.peak for one in ran), default=0) >> 20,
            extra={
                "stage": name,
                "tasks": len(ran),
                "core_seconds": round(sum(one.seconds for one in ran), 3),
                "peak": max((one.peak for one in ran), default=0),
            },
        )
        return [one.result for one in ran]

    def _alone(self, name: str, function: Callable[..., Any], *task: Any) -> Any:
        """A stage of one task."""
        (found,) = self._stage(name, function, [task])
        return found

    def _gathered(self, read: Sequence[stages.Read], since: Sequence[int]) -> list[stages.Held]:
        """Bring the events of each partition together."""
        spans = list(itertools.pairwise([-_END, *since[1:], _END]))
        tasks = []
        for part, (first, end) in enumerate(spans):
            sections = []
            for name, some in itertools.chain.from_iterable(source.runs for source in read):
                offsets = [offset for low, high, offset in some if low < end and high >= first]
                if offsets:
                    sections.append((name, offsets))
            tasks.append((part, first, end, sections))
        held: list[stages.Held] = self._stage("gather", stages.gather, tasks)
        runs = [
            (name, [offset for _, _, offset in some])
            for name, some in itertools.chain.from_iterable(source.runs for source in read)
        ]
        self._alone("gather ids", stages.check_ids, len(since), runs)
        self.work.remove("runs")
        return held

    def _statistics(self, bounds: Sequence[int]) -> None:
        """Learn names, find topics, fit and measure."""
        parts = len(bounds) - 1
        each = [(part,) for part in range(parts)]
        self._stage(
            "learn sample", stages.sample, [(part, bounds[part], bounds[-1]) for part in range(parts)]
        )
        self._alone("learn templates", stages.find_template_text, parts)
        if self.job.tagger is None:
            self._stage("learn", stages.take_notes, each)
        self._alone("learn names", stages.learn, parts)
        self._stage("tag", stages.tag, each)
        n_words = self._alone("fit words", stages.merge_words, parts)
        self._stage("fit pairs", stages.share_phrases, [(part, parts, n_words) for part in range(parts)])
        self._stage("fit phrases", stages.keep_phrases, [(share, parts) for share in range(parts)])
        self._alone("fit", stages.fit, parts)
        for name in ("pairs", "pair_frequency", "numbers", "codes", "code_frequency", "code_ends", "phrases"):
            self.work.remove(name)
        squares: list[NDArray[np.float64]] = self._stage("fit weigh", stages.weigh, each)
        kinds, *_ = self._stage(
            "calibrate halves", stages.halve, [(part, bounds[-1]) for part in range(parts)]
        )
        self._alone("calibrate", stages.measure, parts, kinds, sum(squares, np.zeros(3)))
        self.work.remove("calibrate")

    def _search(self, bounds: Sequence[int]) -> None:
        """Make vectors and search all candidates: nearby partitions first, then more distant ones while lists can improve."""
        parts, work = len(bounds) - 1, self.work
        segments: list[Segment] = self._stage(
            "vectorise", lists.vectorise, [(part,) for part in range(parts)]
        )
        self._alone("vectorise join", lists.join, parts)
        recency = Recency.curve(self._measured())
        names, floors = [""] * parts, [0] * parts
        for distance in range(parts):
            pairs = [
                (early + distance, early)
                for early in range(parts - distance)
                if distance == 0
                or any(
                    score >= max(1, floors[part])
                    for score, part in zip(
                        segments[early + distance].reach(segments[early], recency),
                        (early + distance, early),
                        strict=True,
                    )
                )
            ]
            self._stage(
                f"search {distance}",
                lists.meet,
                [
                    (late, early, (bounds[late], bounds[early]), (names[late], names[early]))
                    for late, early in pairs
                ],
            )
            met: dict[int, list[str]] = {}
            for late, early in pairs:
                for part in {late, early}:
                    met.setdefault(part, []).append(lists.met_name(late, early, part))
            tasks = [
                (part, bounds[part + 1] - bounds[part], names[part], found, f"keys/{distance:05d}/{part:05d}")
                for part, found in sorted(met.items())
            ]
            lowest = self._stage(f"search {distance} merge", lists.merge_lists, tasks)
            for (part, _, old, _, name), floor in zip(tasks, lowest, strict=True):
                names[part], floors[part] = name, floor
                if old:
                    work.forget(old)
            work.remove(f"met/{distance:05d}")
        self._alone("search join", lists.join_lists, "keys", names)
        work.remove("keys")

    def _measured(self) -> Config:
        return self.work.get("measured")[1]  # type: ignore[no-any-return]

    def _bring_rejects(self, rejects: Path) -> None:
        with replacing(rejects) as temporary, temporary.open("wb") as out:
            for number in range(len(self.job.sources)):
                out.write((self.work.folder / named("rejects", number)).read_bytes())


def _state_of(source: str | Table | FolderFiles) -> list[Any]:
    """A fingerprint that changes when a source does. A database table has none, so each job reads it again."""
    if isinstance(source, Table):
        return [source.name, secrets.token_hex(8)]
    if isinstance(source, FolderFiles):
        files = list(source.paths)
    else:
        path = Path(source)
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
    return [[str(file), file.stat().st_size, file.stat().st_mtime_ns] for file in files]


def _found(read: Sequence[stages.Read]) -> dict[str, Any]:
    """What was detected in all sources, in the form of `relatedness.sources.Reading.found`."""
    columns = {json.dumps(way): way for one in read for way in one.found.get("columns", ())}
    found: dict[str, Any] = {"columns": list(columns.values())} if columns else {}
    for name in ("order", "encoding", "table"):
        values = {one.found[name] for one in read if name in one.found}
        if len(values) == 1:
            found[name] = values.pop()
    return found


def _reported(read: Sequence[stages.Read]) -> ReadReport:
    """The reports of all sources as one."""
    left_out: Counter[str] = Counter()
    for one in read:
        left_out.update(one.report.left_out)
    return ReadReport(
        dict(left_out),
        sum(one.report.faulty for one in read),
        tuple(fault for one in read for fault in one.report.faults)[:_FAULTS],
        tuple(dict.fromkeys(line for one in read for line in one.report.found)),
    )
