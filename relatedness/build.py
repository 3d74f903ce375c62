"""The main job: events in, topics, vectors, candidates, lists, one finished file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

import numpy as np
from joblib import cpu_count
from numpy.typing import NDArray

from relatedness import __version__
from relatedness.config import Config
from relatedness.engine import Engine, LocalEngine, map_batches
from relatedness.errors import InputError, RelatednessError
from relatedness.events import Event, primary_language
from relatedness.gazetteer import Gazetteer
from relatedness.readers import Reading, Rejects, read, read_events
from relatedness.related import (
    Corpus,
    Lists,
    NameWords,
    Neighbours,
    contexts,
    find_neighbours,
    in_blocks,
    noise_floor,
    rank,
    word_squares,
)
from relatedness.scores import DIGITS, PARTS, UNITS, Recency
from relatedness.store import Store, dumps
from relatedness.topics import EventTopic, FastTagger, Lexicon, NerTagger, Tagger, learn
from relatedness.topk import Candidates, Rows
from relatedness.vectors import Document, FittedVocabulary, Vectors, count, encode, fit

Progress = Callable[[str, int, int], None]
_TAG_BATCH = 4096


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
    """

    events: int
    listed: int
    repeated: int
    rejected: int
    bytes: int
    seconds: dict[str, float]


class _Clock:
    """Wall seconds by stage, and the caller's progress."""

    def __init__(self, progress: Progress | None) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[int, int], None]]:
        started = time.perf_counter()
        report = self._progress
        yield (
            (lambda done, total: None) if report is None else (lambda done, total: report(name, done, total))
        )
        self.seconds[name] = time.perf_counter() - started


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
    fields: Mapping[str, str] | None,
    zone: str | tzinfo | None,
    rejects: str | Path | Rejects | None,
    jobs: int | None,
    engine: Engine | None,
    progress: Progress | None,
) -> tuple[Store, Summary]:
    """Build an index file; see `RelatedIndex.build` for the parameters."""
    clock = _Clock(progress)
    store = Store.create(path)
    try:
        with clock.stage("read") as report:
            reading = _read(source, fields, zone, rejects, report)
            # The order of rows: date up, id down. Among equal scores the higher row then comes first.
            events = sorted(reading, key=lambda event: event.id, reverse=True)
            events.sort(key=lambda event: event.seconds)
        if not events:
            raise InputError("there are no events to build an index from")
        with clock.stage("tag") as report:
            lexicon = Lexicon()
            if tagger is None:
                gazetteer = Gazetteer.load()
                lexicon = learn(events, gazetteer)
                tagger = make_tagger(config, gazetteer, lexicon)
            topics = _tag(events, tagger, jobs, report)
        with clock.stage("vectorise"):
            counts = count(map(_document, events, topics), config)
            vocabulary, weighed = fit(counts, config)
            vectors = encode(counts, weighed, config)
            rows = _rows(events, vectors, len(vocabulary.terms))
            recency = Recency.curve(config)
        with clock.stage("search") as report:
            engine = engine or LocalEngine(jobs)
            candidates = engine.all_pairs(rows, recency, config.lists.candidates, progress=report)
        with clock.stage("rank") as report:
            corpus = Corpus(
                vectors=vectors,
                days=rows.days,
                categories=_numbered([event.category for event in events]),
                squares=word_squares(vectors, vocabulary.channels),
                order=np.arange(len(events), dtype=np.uint32),
                channels=vocabulary.channels,
            )
            neighbours, floor, lists = _rank(
                rows, corpus, candidates, recency, config, jobs or cpu_count(), report
            )
        with clock.stage("write"):
            _write(
                store,
                config,
                tagger,
                lexicon,
                events,
                topics,
                vocabulary,
                rows,
                corpus,
                candidates,
                neighbours,
                floor,
                lists,
            )
            store.finish()
    except BaseException:
        store.close()
        raise
    return store, Summary(
        events=len(events),
        listed=int(np.count_nonzero(lists.counts)),
        repeated=reading.repeats,
        rejected=reading.rejected,
        bytes=Path(path).stat().st_size if path is not None else 0,
        seconds=clock.seconds,
    )


def tag_events(
    source: Any,
    config: Config,
    fields: Mapping[str, str] | None = None,
    zone: str | tzinfo | None = None,
    rejects: str | Path | Rejects | None = None,
    progress: Progress | None = None,
) -> Iterator[tuple[Event, tuple[EventTopic, ...]]]:
    """The events of a source with their topics, in the order of the source, as a build over it finds them."""
    clock = _Clock(progress)
    with clock.stage("read") as report:
        events = list(_read(source, fields, zone, rejects, report))
    with clock.stage("tag") as report:
        gazetteer = Gazetteer.load()
        tagger = make_tagger(config, gazetteer, learn(events, gazetteer))
        topics = _tag(events, tagger, None, report)
    yield from zip(events, topics, strict=True)


def _read(
    source: Any,
    fields: Mapping[str, str] | None,
    zone: str | tzinfo | None,
    rejects: str | Path | Rejects | None,
    report: Callable[[int, int], None],
) -> Reading:
    if isinstance(source, list | tuple) and source and all(isinstance(item, str | Path) for item in source):
        return read(*source, fields=fields, zone=zone, rejects=rejects, progress=report)
    return read_events(source, fields=fields, zone=zone, rejects=rejects, progress=report)


def _tag(
    events: Sequence[Event], tagger: Tagger, jobs: int | None, report: Callable[[int, int], None]
) -> list[tuple[EventTopic, ...]]:
    batches = [events[start : start + _TAG_BATCH] for start in range(0, len(events), _TAG_BATCH)]
    topics: list[tuple[EventTopic, ...]] = []
    for events_of, batch in zip(batches, map_batches(tagger.tag, batches, jobs), strict=True):
        if len(batch) != len(events_of):
            raise RelatednessError(
                f"the tagger {tagger.key} gave topics for {len(batch)} of {len(events_of)} events: tag() must answer for each"
            )
        topics += batch
        report(len(topics), len(events))
    return topics


def _document(event: Event, topics: tuple[EventTopic, ...]) -> Document:
    return Document(event.title, event.text, event.language, topics)


def _rows(events: Sequence[Event], vectors: Vectors, n_columns: int) -> Rows:
    return Rows(
        indptr=vectors.indptr,
        columns=vectors.columns,
        values=vectors.values,
        days=np.array([event.day for event in events], dtype=np.int32),
        groups=_numbered([event.group for event in events]),
        languages=_numbered(_languages(events)),
        n_columns=n_columns,
    )


def _numbered(names: Sequence[str | None]) -> NDArray[np.int32]:
    """A number per distinct name, in sorted order; -1 for none."""
    number = {name: place for place, name in enumerate(_names(names))}
    return np.array([number[name] if name else -1 for name in names], dtype=np.int32)


def _rank(
    rows: Rows,
    corpus: Corpus,
    candidates: Candidates,
    recency: Recency,
    config: Config,
    threads: int,
    report: Callable[[int, int], None],
) -> tuple[Neighbours, int, Lists]:
    """The second stage over all events, in blocks: everyone's neighbours first, for the story part asks for them."""
    n = len(corpus.days)

    def find(block: slice) -> Neighbours:
        return find_neighbours(
            corpus.subjects(block), Candidates(candidates.keys[block]), corpus, recency, config
        )

    found = in_blocks(n, find, threads, lambda done, total: report(done, 2 * total))
    neighbours = Neighbours(*(np.concatenate(arrays) for arrays in zip(*map(astuple, found), strict=True)))

    floor = noise_floor(rows, candidates, corpus, neighbours, recency, config)

    def choose(block: slice) -> Lists:
        some = Candidates(candidates.keys[block])
        return rank(
            corpus.subjects(block),
            neighbours.take(block),
            some,
            corpus,
            neighbours,
            recency,
            config,
            floor,
            config.lists.stored,
        )

    chosen = in_blocks(n, choose, threads, lambda done, total: report(total + done, 2 * total))
    return (
        neighbours,
        floor,
        Lists(*(np.concatenate(arrays) for arrays in zip(*map(astuple, chosen), strict=True))),
    )


def _languages(events: Sequence[Event]) -> list[str | None]:
    return [event.language and primary_language(event.language) for event in events]


def _names(names: Sequence[str | None]) -> list[str]:
    return sorted({name for name in names if name})


def _write(
    store: Store,
    config: Config,
    tagger: Tagger,
    lexicon: Lexicon,
    events: Sequence[Event],
    topics: Sequence[Sequence[EventTopic]],
    vocabulary: FittedVocabulary,
    rows: Rows,
    corpus: Corpus,
    candidates: Candidates,
    neighbours: Neighbours,
    floor: int,
    lists: Lists,
) -> None:
    store.set_meta("version", __version__)
    store.set_meta("built", datetime.now(UTC).isoformat(timespec="seconds"))
    store.set_meta("config", config.to_dict())
    store.set_meta("config_digest", config.digest)
    store.set_meta("tagger", tagger.key)
    store.set_meta("lexicon", lexicon.to_json())
    store.set_meta(
        "statistics", {"n_events": vocabulary.n_events, "pivots": list(vocabulary.pivots), "floor": floor}
    )
    store.set_meta("parts", list(PARTS))
    store.set_meta("languages", _names(_languages(events)))
    store.set_meta("categories", _names([event.category for event in events]))
    store.add_events(
        (
            row,
            event.id,
            event.seconds,
            dumps(event.to_record()),
            dumps([[t.name, t.kind, t.how, t.aliases] for t in found]),
        )
        for row, (event, found) in enumerate(zip(events, topics, strict=True))
    )
    names = NameWords.of(vocabulary, config)
    store.add_lists(enumerate(_list_texts(events, vocabulary.terms, corpus, lists, names)))
    store.add_topics((topic.name, row) for row, found in enumerate(topics) for topic in found)
    store.add_terms(
        (column, int(channel), term, int(frequency), float(weight))
        for column, (channel, term, frequency, weight) in enumerate(
            zip(vocabulary.channels, vocabulary.terms, vocabulary.frequency, vocabulary.weight, strict=True)
        )
    )
    arrays: dict[str, NDArray[Any]] = {
        "indptr": rows.indptr,
        "columns": rows.columns,
        "values": rows.values,
        "seconds": np.array([event.seconds for event in events], dtype=np.int64),
        "groups": rows.groups,
        "languages": rows.languages,
        "categories": corpus.categories,
        "channels": corpus.channels,
        "candidates": candidates.keys,
        "name_indptr": names.indptr,
        "name_columns": names.columns,
        "neighbour_rows": neighbours.rows,
        "neighbour_strengths": neighbours.strengths,
    }
    for name, array in arrays.items():
        store.add_array(name, array)


def _list_texts(
    events: Sequence[Event], terms: Sequence[str], corpus: Corpus, lists: Lists, name_words: NameWords
) -> Iterator[str]:
    """Each event's list as the store keeps it."""
    k = lists.rows.shape[1]
    listed = np.arange(k) < lists.counts[:, None]
    left, right = np.nonzero(listed)[0], lists.rows[listed].astype(np.int64)
    starts, columns = contexts(corpus.vectors, left, corpus.vectors, right, corpus.channels, name_words)
    names = [terms[column] for column in columns]
    parts = np.round(lists.parts[listed] / UNITS, DIGITS).tolist()
    scores = np.round(lists.parts[listed].sum(axis=1) / UNITS, DIGITS).tolist()
    copies = lists.copies[listed].tolist()
    ids = [events[row].id for row in right]
    bounds = starts.tolist()
    pair = 0
    for length in lists.counts.tolist():
        yield dumps(
            [
                [ids[p], scores[p], names[bounds[p] : bounds[p + 1]], parts[p], copies[p]]
                for p in range(pair, pair + length)
            ]
        )
        pair += length
