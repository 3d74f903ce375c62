"""The main job: events in, topics, vectors, candidates, lists, one finished file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relatedness import __version__
from relatedness.config import Config
from relatedness.cores import available_cores
from relatedness.engines import Engine, LocalEngine
from relatedness.errors import ConfigError, IndexFormatError, IndexMissingError, InputError, RelatednessError
from relatedness.events import Event
from relatedness.index._archive import LABELS, Archive, Labels, label
from relatedness.index._records import event_row, inferred_rows, list_texts, story_rows
from relatedness.progress import Clock, Progress
from relatedness.ranking import (
    PARTS,
    Candidates,
    Contexts,
    Corpus,
    Document,
    Encoder,
    FittedVocabulary,
    Lists,
    NameWords,
    Neighbours,
    Recency,
    common_cosine,
    count,
    embed,
    encode,
    encoder_key,
    extend,
    find_neighbours,
    fit,
    in_blocks,
    joined,
    make_encoder,
    noise_floor,
    rank,
    telling_columns,
    text_of,
)
from relatedness.sources import Reading, Rejects, Table, read, read_events
from relatedness.storage import Store, begins_as_index, sweep, writing
from relatedness.topics import (
    EventTopic,
    FastTagger,
    Gazetteer,
    Lexicon,
    NerTagger,
    Stories,
    Tagger,
    infer,
    learn,
    own_from_json,
    own_to_json,
)
from relatedness.workers import in_batches, map_batches, with_workers

_MODEL_BATCH = 512
_INFER_BLOCK = 8192


@dataclass(frozen=True, slots=True)
class Summary:
    """What a build did.

    Attributes
    ----------
    events : int
        Events in the index.
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
    drafts : int
        Posts that were left out because they are drafts.
    """

    events: int
    listed: int
    repeated: int
    rejected: int
    bytes: int
    seconds: dict[str, float]
    drafts: int = 0


@dataclass(frozen=True, slots=True)
class Statistics:
    """What an index knows of its corpus, frozen until it is fitted again.

    Attributes
    ----------
    vocabulary : FittedVocabulary
    gazetteer : Gazetteer
        The shipped one, with the user's own lines.
    lexicon : Lexicon
        What the corpus taught the tagger.
    floor : int
        From `relatedness.ranking.noise_floor`.
    fitted : str
        When, in UTC.
    telling : ndarray of bool, shape (n_columns,)
        From `relatedness.ranking.telling_columns`.
    common_cosine : float
        From `relatedness.ranking.common_cosine`.
    """

    vocabulary: FittedVocabulary
    gazetteer: Gazetteer
    lexicon: Lexicon
    floor: int
    fitted: str
    telling: NDArray[np.bool_]
    common_cosine: float

    @classmethod
    def load(cls, store: Store) -> Statistics:
        """Read the statistics of an index, all terms of its vocabulary included."""
        statistics = store.meta("statistics")
        terms, channels, frequency, weight = list(zip(*store.all_terms(), strict=True)) or ((), (), (), ())
        with store.reading():
            vocabulary = FittedVocabulary(
                n_events=int(statistics["n_events"]),
                pivots=[float(pivot) for pivot in statistics["pivots"]],
                terms=list(terms),
                channels=np.array(channels, dtype=np.uint8),
                frequency=np.array(frequency, dtype=np.int64),
                weight=np.array(weight, dtype=np.float64),
            )
            telling = store.array("telling", np.uint8) > 0
            common = float(statistics["common_cosine"])
        gazetteer, lexicon = stored_names(store)
        return cls(
            vocabulary,
            gazetteer,
            lexicon,
            int(statistics["floor"]),
            str(statistics["fitted"]),
            telling,
            common,
        )


def stored_names(store: Store) -> tuple[Gazetteer, Lexicon]:
    """What the tagger of an index knows: the gazetteer with the user's own lines, and what the corpus taught."""
    own, lexicon = store.meta("gazetteer"), store.meta("lexicon")
    with store.reading():
        return Gazetteer.load().with_own(own_from_json(own)), Lexicon.from_json(lexicon)


def make_tagger(config: Config, gazetteer: Gazetteer, lexicon: Lexicon) -> Tagger:
    """The tagger that a config names, knowing what a corpus taught.

    Parameters
    ----------
    config : Config
    gazetteer : Gazetteer
    lexicon : Lexicon

    Raises
    ------
    MissingExtraError
        If it needs a model that is not installed.
    """
    return NerTagger(gazetteer, lexicon) if config.text.tagger == "ner" else FastTagger(gazetteer, lexicon)


def build(
    source: Any,
    path: str | Path | None,
    config: Config,
    tagger: Tagger | None,
    encoder: Encoder | None,
    gazetteer: str | Path | Gazetteer | None,
    fields: Mapping[str, str] | None,
    zone: str | tzinfo | None,
    rejects: str | Path | Rejects | None,
    jobs: int | None,
    engine: Engine | None,
    progress: Progress | None,
    statistics: Statistics | None = None,
) -> tuple[Store, Summary]:
    """Build an index file; see `RelatedIndex.build` for the parameters."""
    if gazetteer is not None and tagger is not None:
        raise ConfigError("a gazetteer is for the library's own taggers: give it to yours, or leave one out")
    if gazetteer is not None and statistics is not None:
        raise ConfigError("the statistics of an index hold its gazetteer: leave out the other one")
    if path is not None:
        _spare_other_files(Path(path))
    # Read before anything else: an error in the user's lines should not wait for the events.
    names = _gazetteer(gazetteer)
    clock = Clock(progress)
    if encoder is not None:
        config = config.change({"text": {"encoder": "given"}})
    encoder = encoder or make_encoder(config)
    with ExitStack() as held:
        if path is not None and Path(path).parent.is_dir():
            held.enter_context(writing(Path(path)))
            sweep(Path(path))
        store = Store.create(path)
        try:
            with clock.stage("read") as report:
                reading = read_source(source, fields, zone, rejects, report)
                events = in_order(with_workers(reading, jobs))
            known = _known_meanings(path, encoder)
            listed = fill(
                store, events, config, tagger, names, encoder, known, jobs, engine, clock, statistics
            )
        except BaseException:
            store.close()
            raise
    return store, Summary(
        events=len(events),
        listed=listed,
        repeated=reading.repeats,
        rejected=reading.rejected,
        bytes=Path(path).stat().st_size if path is not None else 0,
        seconds=clock.seconds,
        drafts=reading.drafts,
    )


def _spare_other_files(path: Path) -> None:
    """A build replaces an index that stands at its output, never the user's events or another file."""
    if path.is_file() and path.stat().st_size and not begins_as_index(path):
        raise ConfigError(
            f"{path} is a file that is no index, and would be replaced: name another, or remove it first"
        )


def _gazetteer(given: str | Path | Gazetteer | None) -> Gazetteer:
    return given if isinstance(given, Gazetteer) else Gazetteer.load(given)


def in_order(events: Iterable[Event]) -> list[Event]:
    """The order of rows: date up, id down. Among equal scores the higher row then comes first."""
    ordered = sorted(events, key=lambda event: event.id, reverse=True)
    ordered.sort(key=lambda event: event.seconds)
    return ordered


def fill(
    store: Store,
    events: Sequence[Event],
    config: Config,
    tagger: Tagger | None,
    gazetteer: Gazetteer,
    encoder: Encoder | None,
    known_meanings: Mapping[int, NDArray[np.int8]],
    jobs: int | None,
    engine: Engine | None,
    clock: Clock,
    statistics: Statistics | None = None,
    generation: int = 1,
) -> int:
    """Do everything that comes after reading, and complete a new store.

    Parameters
    ----------
    store : Store
        From `Store.create`.
    events : sequence of Event
        From `in_order`.
    config : Config
    tagger : Tagger or None
        Instead of the configured one.
    gazetteer : Gazetteer
        What the configured one knows; with statistics, theirs counts.
    encoder : callable or None
        What makes the embeddings; None for none.
    known_meanings : mapping
        What it made before, by `relatedness.ranking.text_hash`.
    jobs, engine
        As `RelatedIndex.build`.
    clock : Clock
    statistics : Statistics, optional
        Frozen ones, instead of those of these events.
    generation : int
        Of which state of the index this is the making.

    Returns
    -------
    int
        How many events have at least one related event.

    Raises
    ------
    InputError
        If there are no events.
    """
    if not events:
        raise InputError("there are no events to build an index from")
    with clock.stage("tag") as report:
        lexicon = Lexicon()
        if statistics is not None:
            gazetteer, lexicon = statistics.gazetteer, statistics.lexicon
        if tagger is None:
            if statistics is None:
                lexicon = learn(events, gazetteer, jobs=jobs)
            tagger = make_tagger(config, gazetteer, lexicon)
        topics: list[tuple[EventTopic, ...]] = []
        slots = np.arange(len(events), dtype=np.uint32)

        def tagged() -> Iterator[Document]:
            # While other processes tag what comes next, this one counts the words and writes the events.
            for some, found in find_topics(events, tagger, jobs, report):
                numbers = slots[len(topics) : len(topics) + len(some)].tolist()
                store.add_events(map(event_row, numbers, some, found))
                topics.extend(found)
                yield from map(document, some, found)

        counts = count(tagged(), config)
    with clock.stage("vectorise"):
        if statistics is None:
            vocabulary, weighed = fit(counts, config)
        else:
            known = statistics.vocabulary
            weighed, new = extend(counts, known, len(known.terms), config)
            vocabulary = known.extended(new)
        labels = {
            kind: Labels(sorted({name for event in events if (name := label(event, kind))}))
            for kind in LABELS
        }
        names = NameWords.of(vocabulary, config)
        telling = np.ones(len(vocabulary.channels), bool)
        if statistics is None:
            telling = telling_columns(vocabulary, names, topics, config)
        else:
            telling[: len(statistics.telling)] = statistics.telling
    with clock.stage("encode" if encoder is not None else "vectorise") as report:
        meanings, hashes = embed(list(map(text_of, events)), encoder, known_meanings, report)
        common = common_cosine(meanings) if statistics is None else statistics.common_cosine
    with clock.stage("vectorise"):
        archive = Archive(
            vectors=encode(counts, weighed, config),
            seconds=np.array([event.seconds for event in events], dtype=np.int64),
            languages=labels["language"].numbers(label(event, "language") for event in events),
            categories=labels["category"].numbers(event.category for event in events),
            groups=labels["group"].numbers(event.group for event in events),
            channels=vocabulary.channels,
            names=names,
            telling=telling,
            meanings=meanings,
            hashes=hashes,
            common=common,
            slots=slots,
            places=slots,
        )
        del counts, weighed  # a hundred bytes for each word of the texts
        recency = Recency.curve(config)
    with clock.stage("search") as report, ThreadPoolExecutor(1) as beside:
        engine = engine or LocalEngine(jobs)
        rows = archive.rows
        # The search leaves the interpreter to others: what is known by now is written meanwhile.
        written = beside.submit(_write_texts, store, labels, topics, vocabulary)
        candidates = engine.all_pairs(rows, recency, config.lists.candidates, progress=report)
        written.result()
    with clock.stage("rank") as report:
        corpus, everyone, threads = archive.corpus(), np.arange(len(events)), jobs or available_cores()
        ids = [event.id for event in events]

        def so_far(done: int, _: int) -> None:
            report(done, 2 * len(events))

        def further(done: int, _: int) -> None:
            report(len(events) + done, 2 * len(events))

        # Everyone's neighbours first: the story part asks for them.
        neighbours = neighbours_of(everyone, candidates, corpus, recency, config, threads, so_far)
        if statistics is None:
            floor = noise_floor(rows, candidates, corpus, neighbours, recency, config)
        else:
            floor = statistics.floor
        listed, ends = 0, np.zeros(len(events), np.uint32)
        # Lists are written in blocks, while the threads rank the next: few are in memory at a time.
        for block, lists, shared in lists_of(
            everyone, candidates, corpus, neighbours, names, recency, config, floor, threads, further
        ):
            listed += int(np.count_nonzero(lists.counts))
            ends[block] = lists.ends
            texts = list_texts(lists, shared, ids.__getitem__, vocabulary.spell)
            store.put_lists(zip(block.tolist(), [ids[row] for row in block], texts, strict=True))
        inferred = inferred_of(everyone, candidates, archive.days, Stories.of(topics), config)
    with clock.stage("write"):
        now = datetime.now(UTC).isoformat(timespec="seconds")
        for name, value in {
            "version": __version__,
            "built": now,
            "refreshed": None,
            "generation": generation,
            "config": config.to_dict(),
            "config_digest": config.digest,
            "tagger": tagger.key,
            "gazetteer": own_to_json(gazetteer.own),
            "lexicon": lexicon.to_json(),
            "encoder": None if encoder is None else encoder_key(encoder),
            "statistics": {
                "n_events": vocabulary.n_events,
                "pivots": list(vocabulary.pivots),
                "floor": floor,
                "common_cosine": common,
                "fitted": now if statistics is None else statistics.fitted,
                "changed_since": 0,
            },
            "parts": list(PARTS),
        }.items():
            store.set_meta(name, value)
        store.put_candidates(candidates.keys, neighbours.pairs)
        store.put_array("ends", ends)
        store.put_inferred(slots.tolist(), inferred_rows(slots.tolist(), inferred))
        archive.save(store)
        store.finish()
    return listed


def _write_texts(
    store: Store,
    labels: Mapping[str, Labels],
    topics: Sequence[tuple[EventTopic, ...]],
    vocabulary: FittedVocabulary,
) -> None:
    """Write what no list has a part in."""
    for kind in LABELS:
        store.add_labels(kind, labels[kind].names)
    store.add_topics(_topic_rows(topics))
    store.add_stories(story_rows(topics))
    store.add_terms(vocabulary.rows())


def _topic_rows(topics: Sequence[tuple[EventTopic, ...]]) -> Iterator[tuple[str, int]]:
    """Every topic with the slots that have it, in the order of the table: rows then come at its end."""
    slots: dict[str, list[int]] = {}
    for slot, found in enumerate(topics):
        for topic in found:
            slots.setdefault(topic.name, []).append(slot)
    for name in sorted(slots):
        for slot in slots[name]:
            yield name, slot


def tag_events(
    source: Any,
    config: Config,
    fields: Mapping[str, str] | None = None,
    zone: str | tzinfo | None = None,
    rejects: str | Path | Rejects | None = None,
    progress: Progress | None = None,
    gazetteer: str | Path | Gazetteer | None = None,
) -> Iterator[tuple[Event, tuple[EventTopic, ...]]]:
    """The events of a source with their topics, in the order of the source, as a build over it finds them."""
    names = _gazetteer(gazetteer)
    clock = Clock(progress)
    with clock.stage("read") as report:
        events = list(read_source(source, fields, zone, rejects, report))
    with clock.stage("tag") as report:
        tagger = make_tagger(config, names, learn(events, names, jobs=None))
        tagged = list(find_topics(events, tagger, None, report))
    for some, found in tagged:
        yield from zip(some, found, strict=True)


def read_source(
    source: Any,
    fields: Mapping[str, str] | None,
    zone: str | tzinfo | None,
    rejects: str | Path | Rejects | None,
    report: Callable[[int, int], None],
) -> Reading:
    """A source as `RelatedIndex.build` takes it: what `read_events` reads, or a list of paths and tables."""
    if (
        isinstance(source, list | tuple)
        and source
        and all(isinstance(item, str | Path | Table) for item in source)
    ):
        return read(*source, fields=fields, zone=zone, rejects=rejects, progress=report)
    return read_events(source, fields=fields, zone=zone, rejects=rejects, progress=report)


def find_topics(
    events: Sequence[Event], tagger: Tagger, jobs: int | None, report: Callable[[int, int], None]
) -> Iterator[tuple[Sequence[Event], list[tuple[EventTopic, ...]]]]:
    """The events in batches, each with its topics; on several cores where there are many."""
    # A model is slow: small batches give all cores work even where the events are few.
    batches = in_batches(events, _MODEL_BATCH) if isinstance(tagger, NerTagger) else in_batches(events)
    done = 0
    for some, found in zip(batches, map_batches(tagger.tag, batches, jobs), strict=True):
        if len(found) != len(some):
            raise RelatednessError(
                f"the tagger {tagger.key} gave topics for {len(found)} of {len(some)} events: tag() must answer for each"
            )
        yield some, found
        done += len(some)
        report(done, len(events))


def document(event: Event, topics: tuple[EventTopic, ...]) -> Document:
    """What an event's vector is made from."""
    return Document(event.title, event.text, event.language, topics)


def _known_meanings(path: str | Path | None, encoder: Encoder | None) -> dict[int, NDArray[np.int8]]:
    """What the index that is to be replaced holds of the same encoder: no text is encoded twice."""
    if path is None or encoder is None:
        return {}
    try:
        with closing(Store.open(path)) as old:
            return known_meanings(old, encoder)
    except (IndexMissingError, IndexFormatError):
        return {}


def known_meanings(store: Store, encoder: Encoder | None) -> dict[int, NDArray[np.int8]]:
    """The embeddings that an index holds, by the hashes of their texts, if this encoder made them."""
    if encoder is None or store.meta("encoder") != encoder_key(encoder):
        return {}
    hashes, rows = store.array("text_hashes", np.uint64), store.array("meanings", np.int8)
    return dict(zip(hashes.tolist(), rows.reshape(len(hashes), -1), strict=True))


def neighbours_of(
    rows: NDArray[np.int64],
    candidates: Candidates,
    corpus: Corpus,
    recency: Recency,
    config: Config,
    threads: int,
    report: Callable[[int, int], None] | None = None,
) -> Neighbours:
    """The neighbours of some rows of a corpus, in blocks on several cores."""

    def find(block: slice) -> Neighbours:
        some = rows[block]
        return find_neighbours(
            corpus.subjects(some), Candidates(candidates.keys[some]), corpus, recency, config
        )

    return joined(in_blocks(len(rows), find, threads, report))


def lists_of(
    rows: NDArray[np.int64],
    candidates: Candidates,
    corpus: Corpus,
    neighbours: Neighbours,
    names: NameWords,
    recency: Recency,
    config: Config,
    floor: int,
    threads: int,
    report: Callable[[int, int], None] | None = None,
) -> Iterator[tuple[NDArray[np.int64], Lists, Contexts]]:
    """The lists of some rows of a corpus with what they share, made on several cores; in blocks, each with its rows."""

    def choose(block: slice) -> tuple[NDArray[np.int64], Lists, Contexts]:
        some = rows[block]
        lists = rank(
            corpus.subjects(some),
            neighbours.take(some),
            Candidates(candidates.keys[some]),
            corpus,
            neighbours,
            recency,
            config,
            floor,
            config.lists.stored,
        )
        pairs = np.repeat(some, lists.counts), lists.listed.astype(np.int64)
        shared = Contexts.of(corpus.vectors, pairs[0], corpus.vectors, pairs[1], corpus.channels, names)
        return some, lists, shared

    return in_blocks(len(rows), choose, threads, report)


def inferred_of(
    rows: NDArray[np.int64],
    candidates: Candidates,
    days: NDArray[np.int32],
    stories: Stories,
    config: Config,
) -> list[EventTopic | None]:
    """The inferred topic of some rows, in blocks. None is scored, so nothing else depends on them.

    Parameters
    ----------
    rows : ndarray of int64, shape (m,)
    candidates : Candidates
        Of all rows.
    days : ndarray of int32, shape (n,)
    stories : Stories
        Of all rows.
    config : Config
    """
    inferred: list[EventTopic | None] = [None] * len(rows)
    if config.topics.infer:
        for start in range(0, len(rows), _INFER_BLOCK):
            some = rows[start : start + _INFER_BLOCK]
            theirs = Candidates(candidates.keys[some])
            inferred[start : start + len(some)] = infer(
                theirs.rows,
                theirs.scores,
                some,
                days,
                stories,
                config.topics.agreement,
                config.topics.support,
            )
    return inferred
