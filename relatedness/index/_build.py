"""The main job: events in, topics, vectors, candidates, lists, one finished file."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from relatedness.collector import paused_collector
from relatedness.config import Config
from relatedness.cores import available_cores
from relatedness.dates import SECONDS_PER_DAY
from relatedness.engines import Engine, LocalEngine
from relatedness.errors import ConfigError, IndexFormatError, IndexMissingError, InputError
from relatedness.events import Event
from relatedness.files import real, sweep
from relatedness.index._archive import LABELS, Archive, Labels, label
from relatedness.index._lists import KeptDots, inferred_of, lists_of, neighbours_of
from relatedness.index._partitions import Partitioning
from relatedness.index._records import event_row, inferred_rows, list_texts, topic_tables, write_tables
from relatedness.index._resources import Resources
from relatedness.index._settings import settings_of
from relatedness.index._shared import SharedWords, Terms
from relatedness.index._state import State
from relatedness.index._statistics import Statistics
from relatedness.index._tagging import (
    document,
    find_topics,
    in_order,
    learned_tagger,
    load_gazetteer,
    make_tagger,
    templates_of,
)
from relatedness.numbering import as_ranks, as_rows, as_slots, slot_numbers
from relatedness.ranking import (
    Document,
    Encoder,
    FittedVocabulary,
    NameWords,
    Noise,
    Recency,
    UsualMeaning,
    calibrate,
    column_traits,
    count,
    embed,
    encode,
    encoder_key,
    extend,
    fit,
    make_encoder,
    marked_among,
    text_of,
)
from relatedness.results import Result
from relatedness.sources import Reading, ReadOptions, ReadReport, Rejects, Table, read_any
from relatedness.storage import (
    PartitionedStore,
    Store,
    begins_as_index,
    open_store,
    spare_other_folder,
)
from relatedness.templates import TemplateText
from relatedness.topics import (
    EventTopic,
    Gazetteer,
    Lexicon,
    Stories,
)
from relatedness.workers import with_workers


@dataclass(frozen=True, slots=True)
class After:
    """The state of the index that a complete rebuild replaces."""

    state: State
    lists: Mapping[str, str]  # id to its list as text
    told: Sequence[tuple[str, int]]  # the generation at which each list last changed
    removed: Sequence[str]  # the ids of the removed events

    def changes(self, lists: Iterable[tuple[str, str]]) -> Iterator[tuple[str, int]]:
        """The generation at which each list last changed, given the new lists."""
        yield from self.told
        generation = self.state.generation + 1
        yield from ((id_, generation) for id_ in self.removed)
        yield from ((id_, generation) for id_, text in lists if self.lists.get(id_) != text)


@dataclass(frozen=True, slots=True)
class Summary(Result):
    """What a build did.

    Attributes
    ----------
    events : int
        Number of events in the index.
    listed : int
        Events with at least one related event.
    repeated : int
        Records that repeated an earlier one word for word.
    rejected : int
        Bad records that were put aside.
    bytes : int
        The size of the file; 0 in memory.
    seconds : dict
        Stage to wall seconds.
    languages : dict
        The number of events in each language, by primary code. Events that name no language, and whose text does not
        clearly show one, are left out.
    detected : int
        Events that name no language, and whose language was detected from their text.
    drafts : int
        Posts that were left out because their site does not show them.
    read : ReadReport
        What the reading left out, and which files it could not read.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> index.summary.events, index.summary.listed, index.summary.rejected
    (2, 2, 0)
    """

    events: int
    listed: int
    repeated: int
    rejected: int
    bytes: int
    seconds: dict[str, float]
    languages: dict[str, int] = field(default_factory=dict)
    detected: int = 0
    drafts: int = 0
    read: ReadReport = field(default_factory=ReadReport)


@paused_collector()
def build(
    source: Any,
    path: str | Path | None,
    config: Config,
    resources: Resources,
    *,
    gazetteer: str | Path | Gazetteer | None = None,
    options: ReadOptions,
    rejects: str | Path | Rejects | None = None,
    engine: Engine | None = None,
    statistics: Statistics | None = None,
    cut: Partitioning | None = None,
) -> tuple[Store, Summary]:
    """Build an index.

    Parameters
    ----------
    source, path, gazetteer, rejects, engine
        As for `RelatedIndex.build`.
    options : ReadOptions
        How to read the source.
    statistics : Statistics, optional
        Those of another index, to use instead of fitting new ones.
    cut : Partitioning, optional
        Make a partitioned index: then `path` is its folder.

    Returns
    -------
    Store
        The open index.
    Summary

    Raises
    ------
    InputError
        On the first bad record, unless ``rejects`` takes them, and on every bad line of the gazetteer.
    ConfigError
        If a gazetteer is given with a tagger, or with the statistics of another index.

    Examples
    --------
    >>> events = [{"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."}]
    >>> store, summary = build(events, None, Config.default(), Resources(jobs=1), options=ReadOptions())
    >>> store.ids(), summary.events
    (['fall'], 1)
    """
    if gazetteer is not None and statistics is not None:
        raise ConfigError(
            "gazetteer and statistics cannot be combined: the statistics of an index include its gazetteer"
        )
    if cut is not None and path is None:
        raise ConfigError("a partitioned index is a folder: give its path")
    if path is not None and cut is None:
        _spare_other_files(Path(path))
    elif path is not None:
        spare_other_folder(Path(path))
    # Read the gazetteer first: an error in the user's file should show before the events are read.
    names = load_gazetteer(gazetteer, resources.tagger)
    clock = resources.clock
    if resources.encoder is not None:
        config = config.change({"text": {"encoder": "given"}})
    else:
        resources = replace(resources, encoder=make_encoder(config))
    with ExitStack() as held:
        if path is not None and Path(path).parent.is_dir():
            held.enter_context(resources.writing(Path(path)))
            sweep(real(path))
        store = Store.create(path if cut is None else None)
        try:
            with clock.stage("read") as report:
                reading = read_any(source, options, rejects, report)
                events = in_order(with_workers(reading, resources.jobs))
            if not events:
                raise InputError(reading.report().without_events())
            if cut is not None and events:
                store = PartitionedStore.create(
                    path, cut.starts(*np.unique(_seconds_of(events) // SECONDS_PER_DAY, return_counts=True))
                )
            filled = fill(
                store,
                events,
                config,
                resources,
                gazetteer=names,
                known_meanings=_known_meanings(path, resources.encoder),
                engine=engine,
                statistics=statistics,
                read_as=_read_as(options, reading, source),
            )
        except BaseException:
            store.close()
            raise
    return store, Summary(
        events=len(events),
        listed=filled.listed,
        repeated=reading.repeats,
        rejected=reading.rejected,
        bytes=store.size() or 0,
        seconds=clock.seconds,
        languages=dict(sorted(Counter(name for name in filled.languages if name is not None).items())),
        detected=sum(
            not event.language and name is not None
            for event, name in zip(events, filled.languages, strict=True)
        ),
        drafts=reading.report().hidden,
        read=reading.report(),
    )


def _read_as(options: ReadOptions, reading: Reading, source: Any) -> dict[str, Any]:
    """How the events were read, stored for later refreshes: the caller's options and what was detected."""
    found = reading.found()
    return options.to_record() | ({"found": found} if found else {}) | tables_in(source)


def tables_in(source: Any) -> dict[str, Any]:
    """The tables of databases among the sources, without their passwords."""
    tables = [
        item.name
        for item in (source if isinstance(source, list | tuple) else [source])
        if isinstance(item, Table)
    ]
    return {"tables": tables} if tables else {}


def _spare_other_files(path: Path) -> None:
    """Refuse an output path that holds anything but an index: a build must not overwrite the user's other files."""
    if path.is_file() and path.stat().st_size and not begins_as_index(path):
        raise ConfigError(
            f"{path} is not an index and would be replaced: give another path, or remove the file first"
        )


class Filled(NamedTuple):
    """The result of `fill`."""

    listed: int  # how many events have at least one related event
    languages: list[str | None]  # the primary language of each event, None where it is unknown


def fill(
    store: Store,
    events: Sequence[Event],
    config: Config,
    resources: Resources,
    *,
    gazetteer: Gazetteer,
    known_meanings: Mapping[int, NDArray[np.int8]],
    engine: Engine | None = None,
    statistics: Statistics | None = None,
    after: After | None = None,
    read_as: Mapping[str, Any] | None = None,
    numbered: bool | None = None,
) -> Filled:
    """Do everything that comes after reading, and complete a new store.

    Parameters
    ----------
    store : Store
        From `Store.create`.
    events : sequence of Event
        From `in_order`.
    resources : Resources
        Without an encoder there are no embeddings.
    gazetteer : Gazetteer
        For the configured tagger; ignored if statistics are given, which bring their own.
    known_meanings : mapping
        Embeddings from earlier calls of the encoder, by `relatedness.ranking.text_hash`.
    engine
        As `RelatedIndex.build`.
    statistics : Statistics, optional
        Frozen statistics to use instead of fitting these events.
    after : After, optional
        The state of the index that a refit replaces; None for a build.
    read_as : mapping, optional
        How the events were read, from `ReadOptions.to_record`: kept for the refreshes to come.
    numbered : bool, optional
        Whether ids are returned as whole numbers; taken from the events if not given.

    Raises
    ------
    InputError
        If there are no events.
    """
    if not events:
        raise InputError("there are no events to build an index from")
    tagger, encoder, clock = resources.tagger, resources.encoder, resources.clock
    with clock.stage("tag") as report:
        lexicon, templates = Lexicon(), templates_of(events, config)
        if statistics is not None:
            gazetteer, lexicon, templates = statistics.gazetteer, statistics.lexicon, statistics.templates
        own = templates.without(events)
        if tagger is None:
            if statistics is None:
                tagger, lexicon = learned_tagger(own, config, gazetteer, resources.jobs)
            else:
                tagger = make_tagger(config, gazetteer, lexicon)
        topics: list[tuple[EventTopic, ...]] = []
        slots = as_slots(np.arange(len(events), dtype=np.uint32))

        def tagged() -> Iterator[Document]:
            # Worker processes tag the next events while this process counts words and writes the tagged ones.
            for some, found in find_topics(events, own, tagger, resources.jobs, report):
                here = slice(len(topics), len(topics) + len(some))
                numbers = slot_numbers(slots[here])
                store.add_events(map(event_row, numbers, some, found))
                topics.extend(found)
                yield from map(document, some, own[here], found, itertools.repeat(templates))

        counts = count(tagged(), config)
    with clock.stage("vectorise"):
        if statistics is None:
            vocabulary, weighed = fit(counts, config)
        else:
            known = statistics.vocabulary
            weighed, new = extend(counts, known, len(known.terms), config)
            vocabulary = known.extended(new)
        # Detect the language once per event: it takes up to 2 ms.
        labelled = [[label(event, kind) for event in events] for kind in LABELS]
        labels = {
            kind: Labels(sorted({name for name in names if name}))
            for kind, names in zip(LABELS, labelled, strict=True)
        }
        marked = marked_among(topics)
        names = NameWords.of(vocabulary, marked, config)
        if statistics is None:
            traits = column_traits(vocabulary, names, marked, config)
        else:
            traits = np.concatenate([statistics.traits, new.traits])
        seconds = _seconds_of(events)
        numbers = {kind: labels[kind].numbers(names) for kind, names in zip(LABELS, labelled, strict=True)}
        if statistics is None:
            days = (seconds // SECONDS_PER_DAY).astype(np.int32)
            calibration = calibrate(counts, weighed, days, numbers["group"], numbers["language"], config)
        else:
            calibration = statistics.calibration
        config = config.measured(calibration.settings(config))
    with clock.stage("encode" if encoder is not None else "vectorise") as report:
        meanings, hashes = embed(list(map(text_of, events)), encoder, known_meanings, report)
        common = UsualMeaning.of(meanings) if statistics is None else statistics.common
    with clock.stage("vectorise"):
        archive = Archive(
            vectors=encode(counts, weighed, config),
            seconds=seconds,
            languages=numbers["language"],
            categories=numbers["category"],
            groups=numbers["group"],
            channels=vocabulary.channels,
            names=names,
            traits=traits,
            meanings=meanings,
            hashes=hashes,
            common=common,
            slots=as_slots(slots),
            ranks=as_ranks(slots),
        )
        written = counts.texts
        del counts, weighed  # frees about a hundred bytes per word of the texts
        recency = Recency.curve(config)
    with clock.stage("search") as report, ThreadPoolExecutor(1) as beside:
        engine = engine or LocalEngine(resources.jobs)
        rows = archive.rows
        # The compiled search releases the interpreter's lock, so this thread writes the texts meanwhile.
        texts_written = beside.submit(_write_texts, store, labels, topics, vocabulary)
        candidates = engine.all_pairs(rows, recency, config.lists.candidates, progress=report)
        texts_written.result()
    with clock.stage("rank") as report:
        corpus, everyone, threads = (
            archive.corpus(),
            as_rows(np.arange(len(events))),
            resources.jobs or available_cores(),
        )
        ids = [event.key for event in events]

        def so_far(done: int, _: int) -> None:
            report(done, 2 * len(events))

        def further(done: int, _: int) -> None:
            report(len(events) + done, 2 * len(events))

        # The part `neighbours` compares the neighbours of pairs, so those of all events are needed first.
        kept: KeptDots = {}
        neighbours = neighbours_of(
            everyone, candidates, corpus, recency, config, threads=threads, report=so_far, kept=kept
        )
        if statistics is None:
            # Drawing and measuring the pairs takes time: skip it if the floor is switched off.
            noise = (
                Noise.of(numbers["group"], numbers["language"], candidates.take, corpus, neighbours, config)
                if config.lists.floor
                else None
            )
            floor = noise.floor(config) if noise is not None else 0
        else:
            floor = statistics.floor
        listed, ends = 0, np.zeros(len(events), np.uint32)
        words = SharedWords(
            Terms.of_vocabulary(vocabulary, config),
            TemplateText(),
            own.__getitem__,
            topics.__getitem__,
            written,
        )
        # Write lists block by block while the threads rank the next block, so that few are in memory at a time.
        for block, lists, contexts in lists_of(
            everyone,
            candidates,
            corpus,
            neighbours,
            names,
            recency=recency,
            config=config,
            floor=floor,
            threads=threads,
            report=further,
            kept=kept,
        ):
            listed += int(np.count_nonzero(lists.counts))
            ends[block] = lists.ends
            texts = list_texts(block, lists, contexts, ids.__getitem__, vocabulary.spell, words.of_pairs)
            store.put_lists(
                zip(slot_numbers(as_slots(block)), [ids[row] for row in block], texts, strict=True)
            )
        inferred = inferred_of(everyone, candidates, archive.days, Stories.of(topics), config)
    with clock.stage("write"):
        for name, value in settings_of(
            config,
            state=State.first() if after is None else after.state.next(),
            tagger=tagger,
            encoder=encoder,
            statistics=Statistics(
                vocabulary=vocabulary,
                gazetteer=gazetteer,
                lexicon=lexicon,
                templates=templates,
                floor=floor,
                fitted="" if statistics is None else statistics.fitted,
                traits=traits,
                common=common,
                calibration=calibration,
            ),
            languages=labels["language"].names,
            reading=read_as or {},
            numbered=all(isinstance(event.id, int) for event in events) if numbered is None else numbered,
        ).items():
            store.set_meta(name, value)
        store.put_candidates(candidates.keys, neighbours.pairs)
        store.put_inferred(slot_numbers(slots), inferred_rows(slot_numbers(slots), inferred))
        store.put_arrays(archive.arrays() | {"ends": ends})
        if after is not None:
            store.put_changes(after.changes(store.list_texts()))
        store.finish()
    return Filled(listed, labelled[LABELS.index("language")])


def _seconds_of(events: Sequence[Event]) -> NDArray[np.int64]:
    return np.array([event.seconds for event in events], dtype=np.int64)


def _write_texts(
    store: Store,
    labels: Mapping[str, Labels],
    topics: Sequence[tuple[EventTopic, ...]],
    vocabulary: FittedVocabulary,
) -> None:
    """Write all records that do not depend on lists."""
    for kind in LABELS:
        store.add_labels(kind, labels[kind].names)
    write_tables(store, topic_tables(topics))
    store.add_terms(vocabulary.rows())


def _known_meanings(path: str | Path | None, encoder: Encoder | None) -> dict[int, NDArray[np.int8]]:
    """The embeddings that the index to be replaced holds from the same encoder, so that no text is encoded twice."""
    if path is None or encoder is None:
        return {}
    try:
        with closing(open_store(path)) as old:
            return known_meanings(old, encoder)
    except (IndexMissingError, IndexFormatError):
        return {}


def known_meanings(store: Store, encoder: Encoder | None) -> dict[int, NDArray[np.int8]]:
    """The embeddings that an index holds, by the hashes of their texts, if this encoder made them."""
    if encoder is None or store.meta("encoder") != encoder_key(encoder):
        return {}
    hashes, rows = store.array("text_hashes"), store.array("meanings")
    return dict(zip(hashes.tolist(), rows.reshape(len(hashes), -1), strict=True))
