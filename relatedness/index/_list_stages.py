"""The later stages of a build on many machines: vectors, the search, lists and reasons, files; see `relatedness.index._stages`.

From `join` on, the arrays of all events are single files that a worker memory-maps: candidates' vectors may be anywhere in the
archive, and only the pages it touches are loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relatedness.engines import Segment, Work
from relatedness.events import Event
from relatedness.index._archive import LABELS
from relatedness.index._job import config_of, fitted_of, job_of, join_texts, kept, named, text_at
from relatedness.index._lists import inferred_of, lists_of, neighbours_of
from relatedness.index._records import event_topics, inferred_rows, list_texts, write_tables
from relatedness.index._settings import settings_of
from relatedness.index._shared import SharedWords, Terms
from relatedness.index._stages import tagger_of
from relatedness.index._state import State
from relatedness.index._statistics import Statistics
from relatedness.numbering import Row, RowNumber, as_rows, as_slots, row_numbers, slot_numbers
from relatedness.ranking import (
    Candidates,
    Corpus,
    Counts,
    Neighbours,
    Noise,
    Recency,
    Rows,
    UsualMeaning,
    Vectors,
    Weighed,
    cross_pairs,
    encode,
    joined,
    merge,
    word_squares,
)
from relatedness.storage import (
    Listed,
    ListedPartition,
    Store,
    coded,
    codes_of,
    crc_of,
    loads_record,
    loads_topics,
    new_file,
)
from relatedness.topics import EventTopic, Stories

_PER_EVENT = (
    "days",
    "group",
    "language",
    "category",
    "squares",
    "lengths",
    "columns",
    "values",
    "titles",
)

_MAPPED = 512  # rows whose lists are made per memory-mapping of all events


def vectorise(work: Work, part: int) -> Segment:
    """Make the vectors of a partition."""
    pivots, config, _ = kept(work, "measured")
    counts: Counts = work.get(named("counts", part))
    weighed: Weighed = work.get(named("weighed", part))
    vectors = encode(counts, replace(weighed, pivots=pivots), config)
    arrays: dict[str, NDArray[Any]] = {
        "lengths": np.diff(vectors.indptr).astype(np.uint32),
        "columns": vectors.columns,
        "values": vectors.values,
        "titles": vectors.titles,
        "squares": word_squares(vectors, fitted_of(work).vocabulary.channels),
    }
    for name, array in arrays.items():
        work.save(named(name, part), array)
    return Segment.of(_rows(work, part))


def _rows(work: Work, part: int) -> Rows:
    """The vectors of a partition as the kernel takes them."""
    return Rows(
        indptr=_ends(work.load(named("lengths", part))).astype(np.uint64),
        columns=work.load(named("columns", part)),
        values=work.load(named("values", part)),
        days=work.load(named("days", part)),
        groups=work.load(named("group", part)),
        languages=work.load(named("language", part)),
        n_columns=len(fitted_of(work).vocabulary.channels),
    )


def _ends(lengths: NDArray[np.integer]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])


def join(work: Work, parts: int) -> None:
    """Join the arrays of all partitions into files that can be mapped, and the stories of their events."""
    for name in _PER_EVENT:
        work.join(name, [named(name, part) for part in range(parts)])
    for kind in ("ids", "records"):
        join_texts(work, kind, parts)
    work.save("indptr", _ends(work.load("lengths")).astype(np.uint64))
    stories, first = [], 0
    for part in range(parts):
        stories += [
            (RowNumber(slot + first), EventTopic(name, kind, "supplied"))
            for slot, name, kind, _ in work.get(named("rows", part))[1]["stories"]
        ]
        first += len(work.load(named("days", part)))
    work.put("stories", Stories.of_rows(first, stories))


def meet(work: Work, late: int, early: int, starts: tuple[int, int], lists: tuple[str, str]) -> None:
    """Search two partitions for candidates of each other, given the first rows of both and their lists so far."""
    config = config_of(work)
    later = _rows(work, late)
    earlier = later if late == early else _rows(work, early)
    floors = [
        work.load(name)[:, -1].copy() if name else np.zeros(len(rows), np.uint64)
        for rows, name in zip((later, earlier), lists, strict=True)
    ]
    found = cross_pairs(
        later,
        earlier,
        Recency.curve(config),
        later_floors=floors[0],
        earlier_floors=floors[1],
        later_start=starts[0],
        earlier_start=starts[1],
        k=config.lists.candidates,
    )
    for side, part, keys in list(zip(floors, (late, early), found, strict=True))[: 1 + (late != early)]:
        better = keys > side[:, None]
        counts = better.sum(axis=1, dtype=np.uint16)
        work.put(met_name(late, early, part), (np.flatnonzero(counts), counts[counts > 0], keys[better]))


def met_name(late: int, early: int, part: int) -> str:
    """The file in which `meet` writes its results for one of the two partitions."""
    return f"met/{late - early:05d}/{late:05d}-{part:05d}"


def merge_lists(work: Work, part: int, n: int, lists: str, found: Sequence[str], name: str) -> int:
    """Merge search results into the lists of a partition; return the lowest score that can still enter one of them."""
    k = config_of(work).lists.candidates
    keys = work.load(lists) if lists else np.zeros((n, k), np.uint64)
    for one in found:
        rows, counts, better = work.get(one)
        if len(rows):
            new = np.zeros((len(rows), int(counts.max())), np.uint64)
            new[np.arange(new.shape[1]) < counts[:, None]] = better
            keys[rows] = merge(keys[rows], new, k)
    work.save(name, keys)
    return int(keys[:, -1].min(initial=0xFFFFFFFF << 32)) >> 32


def join_lists(work: Work, name: str, parts: Sequence[str]) -> None:
    """Join the candidates, or the neighbours, of all partitions."""
    work.join(name, parts)


# --- lists -------------------------------------------------------------------------------------------------------


def _corpus(work: Work) -> Corpus:
    """All events in the form of the second stage, memory-mapped."""
    fitted = fitted_of(work)
    days = work.mapped("days")
    return Corpus(
        vectors=Vectors(
            work.mapped("indptr"), work.mapped("columns"), work.mapped("values"), work.mapped("titles")
        ),
        days=days,
        categories=work.mapped("category"),
        squares=work.mapped("squares"),
        meanings=np.zeros((len(days), 0), np.int8),
        order=np.arange(len(days), dtype=np.uint32),
        channels=fitted.vocabulary.channels,
        traits=fitted.traits,
        common=UsualMeaning.of(np.zeros((0, 0), np.int8)),
    )


def _neighbours(work: Work) -> Neighbours:
    return Neighbours(work.mapped("near_rows"), work.mapped("near_strengths"))


def _in_maps(work: Work, first: int, n: int) -> Iterator[tuple[NDArray[Row], Corpus]]:
    """Yield rows in blocks, each with a fresh memory-mapping of all events. Pages that were touched stay resident as long as a
    mapping exists, and a cluster that counts them as memory in use would kill its workers.
    """
    for start in range(first, first + n, _MAPPED):
        yield as_rows(np.arange(start, min(start + _MAPPED, first + n))), _corpus(work)


def find_neighbours(work: Work, part: int, first: int, n: int) -> None:
    """Find the neighbours of a partition's events, which the part ``neighbours`` compares."""
    config = config_of(work)
    keys = Candidates(work.mapped("keys"))
    found = joined(
        neighbours_of(rows, keys, corpus, Recency.curve(config), config, threads=1)
        for rows, corpus in _in_maps(work, first, n)
    )
    work.save(named("near_rows", part), found.rows)
    work.save(named("near_strengths", part), found.strengths)


def find_floor(work: Work) -> int:
    """Measure the floor: the score that chance reaches."""
    config = config_of(work)
    if not config.lists.floor:
        return 0
    noise = Noise.of(
        work.mapped("group"),
        work.mapped("language"),
        lambda rows: Candidates(work.rows("keys", rows)),
        _corpus(work),
        _neighbours(work),
        config,
    )
    return noise.floor(config) if noise is not None else 0


def write_partition(
    work: Work, part: int, bounds: Sequence[int], since: int, floor: int
) -> tuple[ListedPartition, int]:
    """Choose the lists of a partition and write its file; return its catalogue entry and the number of lists that are not
    empty. ``bounds`` holds the first row of each partition, and the number of rows at the end.
    """
    config, fitted = config_of(work), fitted_of(work)
    recency, keys = Recency.curve(config), work.mapped("keys")
    first, end = bounds[part], bounds[part + 1]
    n, mine = end - first, as_rows(np.arange(first, end))
    record_of = text_at(work, "records")
    rows, tables = work.get(named("rows", part))
    words = SharedWords(
        Terms.of_vocabulary(replace(fitted.vocabulary, pivots=kept(work, "measured")[0]), config),
        work.get("templates"),
        lambda row: Event.make(loads_record(record_of(row)), undated=True),
        lambda row: event_topics(loads_topics(rows[row - first][4])),
    )
    codes = np.concatenate(
        [codes_of(number, bounds[number + 1] - bounds[number]) for number in range(len(bounds) - 1)]
    )
    listed, ends = 0, np.zeros(n, np.uint32)
    with _file(work, part) as store:
        store.add_events(rows)
        write_tables(store, tables)
        for mapped, corpus in _in_maps(work, first, n):
            id_of, record_of = text_at(work, "ids"), text_at(work, "records")  # `words` looks at these
            for block, lists, contexts in lists_of(
                mapped,
                Candidates(keys),
                corpus,
                _neighbours(work),
                fitted.names,
                recency=recency,
                config=config,
                floor=floor,
                threads=1,
            ):
                listed += int(np.count_nonzero(lists.counts))
                ends[block - first] = lists.ends
                texts = list_texts(block, lists, contexts, id_of, fitted.vocabulary.spell, words.of_pairs)
                slots, block_ids = slot_numbers(as_slots(block - first)), map(id_of, row_numbers(block))
                store.put_lists(zip(slots, block_ids, texts, strict=True))
        inferred = inferred_of(mine, Candidates(keys), work.mapped("days"), work.get("stories"), config)
        slots = slot_numbers(as_slots(np.arange(n)))
        store.put_inferred(slots, inferred_rows(slots, inferred))
        store.put_candidates(
            coded(keys[first:end], codes), coded(_neighbours(work).take(slice(first, end)).pairs, codes)
        )
        store.put_arrays(
            {
                **{
                    name: work.load(named(name, part))
                    for name in ("lengths", "columns", "values", "titles", "seconds")
                },
                **{f"{kind}_numbers": work.load(named(kind, part)) for kind in LABELS},
                "meanings": np.zeros((n, 0), np.int8),
                "text_hashes": np.zeros(n, np.uint64),
                "ranks": np.arange(n, dtype=np.uint32),
                "ends": ends,
            }
        )
    return ListedPartition(*_entry(store), since, n, n), listed


def write_shared(work: Work, floor: int, reading: dict[str, Any], numbered: bool) -> Listed:
    """Write the file that all partitions share; return its catalogue entry."""
    job, fitted = job_of(work), fitted_of(work)
    pivots, config, calibration = kept(work, "measured")
    vocabulary = replace(fitted.vocabulary, pivots=pivots)
    with _file(work, -1) as store:
        for kind in LABELS:
            store.add_labels(kind, fitted.labels[kind])
        store.add_terms(vocabulary.rows())
        statistics = Statistics(
            vocabulary=vocabulary,
            gazetteer=job.gazetteer,
            lexicon=work.get("lexicon"),
            templates=work.get("templates"),
            floor=floor,
            fitted="",
            traits=fitted.traits,
            common=UsualMeaning.of(np.zeros((0, 0), np.int8)),
            calibration=calibration,
        )
        for name, value in settings_of(
            config,
            state=State.first(),
            tagger=tagger_of(work),
            encoder=None,
            statistics=statistics,
            languages=fitted.labels["language"],
            reading=reading,
            numbered=numbered,
        ).items():
            store.set_meta(name, value)
        names = fitted.names
        store.put_arrays(
            {
                "channels": vocabulary.channels,
                "traits": fitted.traits,
                "name_lengths": np.diff(names.indptr).astype(np.uint32),
                "name_columns": names.columns,
                "name_common": names.common,
            }
        )
    return Listed(*_entry(store))


@contextmanager
def _file(work: Work, part: int) -> Iterator[Store]:
    """Create a file of the index that becomes visible when the block ends without an error; see `new_file`."""
    store = new_file(job_of(work).folder, part)
    try:
        yield store
        store.finish()
    finally:
        store.close()


def _entry(store: Store) -> tuple[str, int, int]:
    """The catalogue entry of a file: its name, size and checksum."""
    assert store.path is not None
    return store.path.name, *crc_of(store.path)
