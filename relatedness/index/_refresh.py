"""Refresh: what has to be done to an index so that it holds other events, and doing it.

First a plan is made, which changes nothing and can be shown. Carrying it out touches what the change reaches and
no more: the new events find their candidates and are offered to the lists of all others; whose candidates changed
gets new neighbours; and the lists of those, and of all that have one of them as a candidate, are chosen again, unless
that candidate scored and scores less than where the choice ended.
The statistics (vocabulary, weights, floor, and what the tagger learned) stay as they were fitted, so the outcome is
that of a build over the same events with these statistics. Once too much has changed since, or when asked, they are
fitted anew, which is a build.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.cores import available_cores
from relatedness.errors import ConfigError, InputError
from relatedness.events import Event
from relatedness.index._archive import (
    LABELS,
    Archive,
    Labels,
    by_date,
    check_vectors,
    holders,
    label,
    with_rows,
)
from relatedness.index._build import (
    document,
    fill,
    find_topics,
    in_order,
    inferred_of,
    known_meanings,
    lists_of,
    make_tagger,
    neighbours_of,
    stored_names,
)
from relatedness.index._records import event_row, inferred_rows, list_texts, story_rows
from relatedness.index._search import Spelling, StoredVocabulary
from relatedness.progress import Clock
from relatedness.ranking import (
    NOBODY,
    Candidates,
    Corpus,
    Encoder,
    NameWords,
    Neighbours,
    NewTerms,
    Pairs,
    Recency,
    Vectors,
    count,
    embed,
    encode,
    extend,
    in_blocks,
    joined,
    merge,
    offer,
    pair_up,
    score_pairs,
    text_of,
)
from relatedness.storage import Store, dumps, loads
from relatedness.topics import EventTopic, Stories, Tagger

# What of an event its topics depend on; the rest may change without a look at its text.
_TAGGED = ("date", "title", "text", "topics", "sources", "language")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a refresh will do.

    Attributes
    ----------
    added, changed : tuple of Event
        Events that the index does not hold, and those that it holds with another content.
    removed : tuple of str
        The ids of events that go.
    unchanged : int
        How many of the given events the index holds as they are.
    repeated, rejected : int
        Records that repeated an earlier one word for word, and bad ones that were put aside.
    refit : str or None
        Why the statistics will be fitted anew; None where they stay.
    generation : tuple
        The state of the index that the plan was made for.
    """

    added: tuple[Event, ...]
    changed: tuple[Event, ...]
    removed: tuple[str, ...]
    unchanged: int
    repeated: int
    rejected: int
    refit: str | None
    generation: tuple[str, int] = field(repr=False)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.added or self.changed or self.removed or self.refit)

    def to_record(self) -> dict[str, Any]:
        """The plan as plain JSON values."""
        return {
            "added": [event.id for event in self.added],
            "changed": [event.id for event in self.changed],
            "removed": list(self.removed),
            "unchanged": self.unchanged,
            "repeated": self.repeated,
            "rejected": self.rejected,
            "refit": self.refit,
        }

    def __str__(self) -> str:
        lines = [
            f"{name} {len(ids):,}{': ' if ids else ''}{_some(ids)}"
            for name, ids in (
                ("add", [event.id for event in self.added]),
                ("change", [event.id for event in self.changed]),
                ("remove", self.removed),
            )
        ]
        lines.append(f"leave {self.unchanged:,} as they are")
        if self.refit:
            lines.append(f"fit the statistics anew: {self.refit}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Changes:
    """What a refresh did.

    Attributes
    ----------
    added, changed, removed : tuple of str
        Ids of events.
    unchanged, repeated, rejected : int
        As the plan had them.
    retagged : int
        How many events were tagged; the topics of the others were kept.
    lists : tuple of str
        The ids of exactly those events whose lists are other ones now, in the order of dates; those of new events
        are among them, those of removed ones are not.
    refit : str or None
        Why the statistics were fitted anew; None where they stayed.
    waiting : int
        Bytes that stay in the index's log until those who still read its former state look again.
    seconds : dict
        Stage to wall seconds.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    repeated: int
    rejected: int
    retagged: int
    lists: tuple[str, ...]
    refit: str | None
    waiting: int
    seconds: dict[str, float]

    def to_record(self) -> dict[str, Any]:
        """The changes as plain JSON values, as ``relatedness refresh --json`` prints them."""
        names = ("added", "changed", "removed")
        return {
            **{name: list(getattr(self, name)) for name in names},
            "unchanged": self.unchanged,
            "repeated": self.repeated,
            "rejected": self.rejected,
            "retagged": self.retagged,
            "lists_changed": list(self.lists),
            "refit": self.refit,
            "waiting": self.waiting,
            "seconds": {stage: round(seconds, 3) for stage, seconds in self.seconds.items()},
        }

    def __str__(self) -> str:
        lines = [
            f"{len(self.added):,} added, {len(self.changed):,} changed, {len(self.removed):,} removed, "
            f"{self.unchanged:,} as they were; {self.retagged:,} tagged",
            f"{len(self.lists):,} list{'s' * (len(self.lists) != 1)} changed",
        ]
        if self.refit:
            lines.append(f"statistics fitted anew: {self.refit}")
        return "\n".join(lines)


def _some(ids: Sequence[str], most: int = 5) -> str:
    return ", ".join(ids[:most]) + (f", and {len(ids) - most:,} more" if len(ids) > most else "")


def state_of(store: Store) -> tuple[str, int]:
    """Which state of an index this is: when it was built, and the number of its refreshes since."""
    with store.reading():
        return str(store.meta("built")), int(store.meta("generation"))


def make_plan(
    store: Store,
    config: Config,
    tagger: Callable[[], Tagger],
    events: Iterable[Event],
    remove: Iterable[str],
    *,
    mirror: bool,
    refit: bool,
    counts: Callable[[], tuple[int, int]] = lambda: (0, 0),
) -> Plan:
    """Compare events with an index.

    Parameters
    ----------
    store : Store
    config : Config
        The one that the index was built with.
    tagger : callable
        Gives the index's tagger where it is asked for: to make one takes longer than most plans.
    events : iterable of Event
        New, changed or known ones, each id once.
    remove : iterable of str
        Ids of events that go.
    mirror : bool
        Whether all that is not among the events goes too.
    refit : bool
        Whether the statistics are to be fitted anew whatever changes.
    counts : callable
        The records that were repeated and rejected, asked for when all events are read.

    Raises
    ------
    UnknownEventError
        If an event to remove is not there.
    InputError
        If an event is both given and to be removed, or if no event would be left.
    """
    given = list(events)
    repeated, rejected = counts()
    ids = [event.id for event in given]
    removed = dict.fromkeys(remove)
    for id_ in removed:
        store.known_slot(id_)
    both = sorted(removed.keys() & set(ids))
    if both:
        raise InputError(f"{_some(both)}: given as events and to be removed; decide for one of them")
    added, changed, unchanged = [], [], 0
    for event, kept in zip(given, store.record_texts(ids), strict=True):
        if kept is None:
            added.append(event)
        elif kept[1] != dumps(event.to_record()):
            changed.append(event)
        else:
            unchanged += 1
    if mirror:
        stay = set(ids)
        removed |= dict.fromkeys(id_ for id_ in store.ids() if id_ not in stay)
    n = store.count() + len(added) - len(removed)
    if n == 0:
        raise InputError("no event would be left: an index holds at least one")
    plan = Plan(
        added=tuple(in_order(added)),
        changed=tuple(in_order(changed)),
        removed=tuple(removed),
        unchanged=unchanged,
        repeated=repeated,
        rejected=rejected,
        refit="as asked" if refit else None,
        generation=state_of(store),
    )
    return plan if refit else replace(plan, refit=_why_refit(store, config, tagger, plan))


def _why_refit(store: Store, config: Config, tagger: Callable[[], Tagger], plan: Plan) -> str | None:
    if not (plan.added or plan.changed or plan.removed):
        return None
    with store.reading():
        statistics, key = store.meta("statistics"), str(store.meta("tagger"))
        fitted, drifted = int(statistics["n_events"]), int(statistics["changed_since"])
    if tagger().key != key:
        return "the tagger is not the one that found the topics"
    drifted += len(plan.added) + len(plan.changed) + len(plan.removed)
    if drifted > config.refresh.drift * fitted:
        return f"{drifted:,} changed since they were fitted on {fitted:,} events"
    return None


def frozen_tagger(store: Store, config: Config, given: Tagger | None) -> Callable[[], Tagger]:
    """Gives the tagger of an index, knowing what its corpus taught when the statistics were fitted; made once."""
    return cache(lambda: given if given is not None else make_tagger(config, *stored_names(store)))


def refit(
    old: Store,
    new: Store,
    plan: Plan,
    config: Config,
    tagger: Tagger | None,
    encoder: Encoder | None,
    jobs: int | None,
    clock: Clock,
) -> Changes:
    """Carry a plan out by building the whole index anew.

    Parameters
    ----------
    old : Store
        Only read, and closed in good time if it is a file.
    new : Store
        From `Store.create`; it is finished.
    plan : Plan
    config : Config
    tagger : Tagger or None
    encoder : callable or None
    jobs : int or None
    clock : Clock
    """
    with clock.stage("read"):
        gone = {*plan.removed, *(event.id for event in plan.changed)}
        kept = (Event.make(loads(record)) for _, id_, record, _ in old.events() if id_ not in gone)
        with old.reading():
            events = in_order([*kept, *plan.added, *plan.changed])
        before = dict(old.list_texts())
        known = known_meanings(old, encoder)
        gazetteer, _ = stored_names(old)
    old.close_file()
    fill(
        new,
        events,
        config,
        tagger,
        gazetteer,
        encoder,
        known,
        jobs,
        None,
        clock,
        generation=plan.generation[1] + 1,
    )
    lists = tuple(id_ for id_, text in new.list_texts() if before.get(id_) != text)
    return _changes(plan, len(events), lists, 0, clock)


def carry_out(
    store: Store,
    plan: Plan,
    config: Config,
    tagger: Callable[[], Tagger],
    encoder: Encoder | None,
    jobs: int | None,
    clock: Clock,
) -> Changes:
    """Carry a plan out under the statistics that the index has; the caller commits.

    Parameters
    ----------
    store : Store
        From `Store.edit`.
    plan : Plan
        One that asks for no new statistics.
    config : Config
    tagger : callable
        Gives the index's tagger where there is something to tag.
    encoder : callable or None
    jobs : int or None
    clock : Clock
    """
    threads = jobs or available_cores()
    new_events = in_order([*plan.added, *plan.changed])
    with clock.stage("read"):
        # Row by slot all the way: what is there stays where it is, and what is new comes behind it.
        old = Archive.load(store, by_slot=True)
        keys, near_keys, ends = old.all_pairs(store, config, len(new_events))
        near = Neighbours.of(near_keys)
        statistics = store.meta("statistics")
        with store.reading():
            floor, pivots = int(statistics["floor"]), [float(p) for p in statistics["pivots"]]
            vocabulary = StoredVocabulary(store, int(statistics["n_events"]), pivots)
        texts = list(store.record_texts([*(event.id for event in plan.changed), *plan.removed]))
        gone = np.array([text[0] for text in texts if text is not None], dtype=np.int64)
    with clock.stage("tag") as report:
        topics, retagged = _topics_of(store, tagger, new_events, jobs, report)
    with clock.stage("vectorise"):
        counts = count(map(document, new_events, topics), config)
        weighed, terms = extend(counts, vocabulary, len(old.channels), config)
        labels = {kind: Labels(store.labels(kind)) for kind in LABELS}
        meanings, hashes = embed(list(map(text_of, new_events)), encoder, known_meanings(store, encoder))
        if not new_events:
            meanings = old.meanings[:0]
        elif meanings.shape[1] != old.meanings.shape[1]:
            raise InputError(
                f"the encoder gave {meanings.shape[1]} numbers; those of the index have {old.meanings.shape[1]}"
            )
        added = _Added(new_events, encode(counts, weighed, config), meanings, hashes, terms, labels)
        archive = _merged(old, gone, added, store)
        recency = Recency.curve(config)
    with clock.stage("search"):
        first = len(old)
        touched, moved = _search(archive, store, keys, gone, first, recency, config, threads)
    with clock.stage("rank"):
        corpus = archive.corpus()
        candidates = Candidates(keys)
        found = neighbours_of(touched, candidates, corpus, recency, config, threads)
        stirred = _tell(touched, moved, found, keys, near, corpus, recency, config, threads)
        near_keys[touched], near_keys[gone] = found.pairs, 0
        # The other lists are as they were: what is another one was and is beyond their ends.
        reached = np.flatnonzero((stirred > 0) & (stirred >= ends))
        # In the order of dates, in which they are reported.
        reached = reached[np.argsort(archive.places[reached])]
        ids = {slot: event.id for slot, event in enumerate(new_events, first)}
        spell = Spelling(store, dict(enumerate(terms.terms, len(old.channels))))
        spelled: list[str] = []
        # One block of lists is made into text while the threads rank the next.
        for some, lists, shared in lists_of(
            reached, candidates, corpus, near, archive.names, recency, config, floor, threads
        ):
            ends[some] = lists.ends
            _look_up(ids, store, np.union1d(some, lists.listed))
            spelled += list_texts(lists, shared, ids.__getitem__, spell)
    with clock.stage("write"):
        before = store.lists_of([*reached.tolist(), *gone.tolist()])
        # A changed event is a new one in the place of one that goes; its list was that one's.
        was = {event.id: before.get(slot) for event, slot in zip(plan.changed, gone.tolist(), strict=False)}
        changed = [
            (slot, ids[slot], text, text != (before.get(slot) if slot < first else was.get(ids[slot])))
            for slot, text in zip(reached.tolist(), spelled, strict=True)
        ]
        store.remove(gone.tolist())
        store.add_events(
            event_row(slot, event, found)
            for slot, (event, found) in enumerate(zip(new_events, topics, strict=True), first)
        )
        store.add_topics((topic.name, slot) for slot, found in enumerate(topics, first) for topic in found)
        store.add_stories(story_rows(topics, first))
        stories = _stories(store, touched, keys)
        inferred = inferred_of(touched, candidates, archive.days, stories, config)
        store.put_inferred(touched.tolist(), inferred_rows(touched.tolist(), inferred))
        store.put_lists(
            (slot, id_, text) for slot, id_, text, is_other in changed if is_other or slot >= first
        )
        store.put_candidates(keys, near_keys, np.concatenate([touched, gone]))
        added.save(store, len(old.channels))
        store.put_array("places", archive.places)
        store.put_array("ends", ends)
        statistics["changed_since"] += len(plan.added) + len(plan.changed) + len(plan.removed)
        store.set_meta("statistics", statistics)
        store.set_meta("generation", plan.generation[1] + 1)
        store.set_meta("refreshed", datetime.now(UTC).isoformat(timespec="seconds"))
    others = tuple(id_ for _, id_, _, is_other in changed if is_other)
    return _changes(plan, retagged, others, 0, clock)


def _changes(plan: Plan, retagged: int, lists: tuple[str, ...], waiting: int, clock: Clock) -> Changes:
    return Changes(
        added=tuple(event.id for event in plan.added),
        changed=tuple(event.id for event in plan.changed),
        removed=plan.removed,
        unchanged=plan.unchanged,
        repeated=plan.repeated,
        rejected=plan.rejected,
        retagged=retagged,
        lists=lists,
        refit=plan.refit,
        waiting=waiting,
        seconds=clock.seconds,
    )


def _topics_of(
    store: Store,
    tagger: Callable[[], Tagger],
    events: Sequence[Event],
    jobs: int | None,
    report: Callable[[int, int], None],
) -> tuple[list[tuple[EventTopic, ...]], int]:
    """The topics of the events, and how many had to be tagged: the others are there with the same words."""
    topics: list[tuple[EventTopic, ...] | None] = []
    for event, kept in zip(events, store.record_texts([event.id for event in events]), strict=True):
        topics.append(None)
        if kept is not None:
            with store.reading():
                was, now = loads(kept[1]), event.to_record()
                if all(was.get(name) == now.get(name) for name in _TAGGED):
                    topics[-1] = tuple(
                        EventTopic(name, kind, how, tuple(aliases))
                        for name, kind, how, aliases in loads(kept[2])
                    )
    to_tag = [event for event, known in zip(events, topics, strict=True) if known is None]
    batches = find_topics(to_tag, tagger(), jobs, report) if to_tag else ()
    found = (one for _, some in batches for one in some)
    return [next(found) if known is None else known for known in topics], len(to_tag)


def _stories(store: Store, rows: NDArray[np.int64], keys: NDArray[np.uint64]) -> Stories:
    """The supplied story topics of some rows and of their candidates; of others, none."""
    wanted = np.zeros(len(keys), bool)
    wanted[rows] = True
    theirs = Candidates(keys[rows])
    wanted[theirs.rows[theirs.scores > 0]] = True
    found = [
        (slot, EventTopic(name, kind, "supplied")) for slot, name, kind in store.supplied_stories(wanted)
    ]
    return Stories.of_rows(len(keys), found)


def _look_up(ids: dict[int, str], store: Store, slots: NDArray[np.int64]) -> None:
    """Make sure that the ids of some slots are known."""
    missing = [slot for slot in slots.tolist() if slot not in ids]
    ids.update(zip(missing, store.ids_of(missing), strict=True))


class _Added:
    """The new events as arrays, in the order of rows among themselves."""

    def __init__(
        self,
        events: Sequence[Event],
        vectors: Vectors,
        meanings: NDArray[np.int8],
        hashes: NDArray[np.uint64],
        terms: NewTerms,
        labels: dict[str, Labels],
    ) -> None:
        self.events = events
        self.vectors = vectors
        self.meanings = meanings
        self.hashes = hashes
        self.terms = terms
        self.labels = labels
        self.seconds = np.array([event.seconds for event in events], dtype=np.int64)
        self.numbers = {kind: labels[kind].numbers(label(event, kind) for event in events) for kind in LABELS}
        self.name_lengths = np.array([len(words) for words in terms.name_words], dtype=np.uint32)
        self.name_columns = np.array(
            [column for words in terms.name_words for column in words], dtype=np.uint32
        )

    def save(self, store: Store, first_column: int) -> None:
        """Add the arrays, terms and labels to those in the store."""
        terms = self.terms
        store.add_terms(
            (column, channel, term, 0, weight)
            for column, (channel, term, weight) in enumerate(
                zip(terms.channels.tolist(), terms.terms, terms.weight.tolist(), strict=True), first_column
            )
        )
        for kind, labels in self.labels.items():
            store.add_labels(kind, labels.added, len(labels.names) - len(labels.added))
        arrays: dict[str, NDArray[Any]] = {
            "lengths": np.diff(self.vectors.indptr).astype(np.uint32),
            "columns": self.vectors.columns,
            "values": self.vectors.values,
            "seconds": self.seconds,
            "channels": terms.channels,
            "name_lengths": self.name_lengths,
            "name_columns": self.name_columns,
            "telling": np.ones(len(terms.channels), np.uint8),
            "meanings": self.meanings.reshape(-1),
            "text_hashes": self.hashes,
            "name_common": np.zeros(len(terms.channels), np.uint8),
            **{f"{kind}_numbers": numbers for kind, numbers in self.numbers.items()},
        }
        for name, array in arrays.items():
            if len(array):
                store.extend_array(name, array)


def _merged(old: Archive, gone: NDArray[np.int64], added: _Added, store: Store) -> Archive:
    """The archive with the new events behind the others, and the order of dates without those that go."""
    n = len(old) + len(added.events)
    kept = by_date(old.places)
    if len(gone):
        kept = kept[~np.isin(kept, gone)]
    seconds = old.seconds[kept]
    # Each new event comes behind those that are earlier, and those of its instant with a greater id.
    before = np.searchsorted(seconds, added.seconds, side="left")
    until = np.searchsorted(seconds, added.seconds, side="right")
    bounds = zip(before.tolist(), until.tolist(), strict=True)
    same = sorted({slot for first, end in bounds for slot in kept[first:end].tolist()})
    ids = dict(zip(same, store.ids_of(same), strict=True))
    for number, event in enumerate(added.events):
        before[number] += sum(ids[slot] > event.id for slot in kept[before[number] : until[number]].tolist())
    slots = np.insert(kept, before, np.arange(len(old), n, dtype=np.uint32))
    places = np.full(n, NOBODY, np.uint32)
    places[slots] = np.arange(len(slots), dtype=np.uint32)
    return Archive(
        vectors=Vectors(
            np.concatenate([old.vectors.indptr, old.vectors.indptr[-1] + added.vectors.indptr[1:]]),
            np.concatenate([old.vectors.columns, added.vectors.columns]),
            np.concatenate([old.vectors.values, added.vectors.values]),
        ),
        seconds=np.concatenate([old.seconds, added.seconds]),
        languages=np.concatenate([old.languages, added.numbers["language"]]),
        categories=np.concatenate([old.categories, added.numbers["category"]]),
        groups=np.concatenate([old.groups, added.numbers["group"]]),
        channels=np.concatenate([old.channels, added.terms.channels]),
        names=NameWords(
            np.concatenate(
                [old.names.indptr, old.names.indptr[-1] + np.cumsum(added.name_lengths, dtype=np.uint32)]
            ),
            np.concatenate([old.names.columns, added.name_columns]),
            np.concatenate([old.names.common, np.zeros(len(added.terms.channels), np.uint8)]),
        ),
        telling=np.concatenate([old.telling, np.ones(len(added.terms.channels), bool)]),
        meanings=np.concatenate([old.meanings, added.meanings]),
        hashes=np.concatenate([old.hashes, added.hashes]),
        common=old.common,
        slots=np.arange(n, dtype=np.uint32),
        places=places,
    )


def _search(
    archive: Archive,
    store: Store,
    keys: NDArray[np.uint64],
    gone: NDArray[np.int64],
    first: int,
    recency: Recency,
    config: Config,
    threads: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Bring the candidates up to date in place; gives the rows whose candidates are others now.

    Parameters
    ----------
    archive : Archive
    store : Store
    keys : ndarray of uint64, shape (n, k)
        ``score << 32 | row``.
    gone : ndarray of int64
        The rows that were removed.
    first : int
        The first of the new rows.
    recency : Recency
    config : Config
    threads : int

    Returns
    -------
    touched : ndarray of int64, shape (m,)
    moved : ndarray of int64, shape (2, any)
        Rows and the candidates that they got or gave up for better ones; a touched row that is not among them is new
        or lost a candidate that was removed.
    """
    there = archive.places != NOBODY
    keys[gone] = 0
    subjects = np.arange(first, len(archive))
    if len(gone):
        # Who loses a candidate needs all anew: the next best were never kept.
        subjects = np.union1d(subjects, holders(keys, ~there, threads)[0])
    k = config.lists.candidates
    order, by_order = np.where(there, archive.places, 0), by_date(archive.places)
    found = offer(
        check_vectors(archive, store),
        order,
        subjects.astype(np.uint32),
        with_rows(keys[:, -1], order),
        recency,
        k,
        allowed=there,
        threads=threads,
    )
    keys[subjects] = with_rows(found.keys, by_order)
    takers, sizes = np.unique(found.takers, return_counts=True)
    offered = np.zeros((len(takers), int(sizes.max(initial=0))), np.uint64)
    offered[np.arange(offered.shape[1]) < sizes[:, None]] = found.offered_keys
    kept = with_rows(keys[takers], order)
    better = merge(kept, offered, k)
    # A row may be offered what it has: one that lost a candidate is met again by those that it stays with.
    others = np.any(better != kept, axis=1)
    takers, kept, offered, better = (
        takers[others].astype(np.int64),
        kept[others],
        offered[others],
        better[others],
    )
    keys[takers] = with_rows(better, by_order)
    last = better[:, -1:]
    moved = np.concatenate([np.where(offered >= last, offered, 0), np.where(kept < last, kept, 0)], axis=1)
    taker, place = np.nonzero(moved)
    candidates = Candidates(with_rows(moved, by_order)).rows[taker, place]
    return np.union1d(subjects, takers), np.stack([takers[taker], candidates.astype(np.int64)])


def _tell(
    touched: NDArray[np.int64],
    moved: NDArray[np.int64],
    found: Neighbours,
    keys: NDArray[np.uint64],
    near: Neighbours,
    corpus: Corpus,
    recency: Recency,
    config: Config,
    threads: int,
) -> NDArray[np.int64]:
    """Bring the neighbours up to date in place; gives how far up each row's list can be another one.

    Parameters
    ----------
    touched : ndarray of int64, shape (m,)
        The rows whose candidates are others.
    moved : ndarray of int64, shape (2, any)
        From `_search`.
    found : Neighbours
        Those of the touched rows now.
    keys : ndarray of uint64, shape (n, k)
        The candidates of all rows.
    near : Neighbours
        The neighbours of all rows before.
    corpus : Corpus
    recency : Recency
    config : Config
    threads : int

    Returns
    -------
    ndarray of int64, shape (n,)
        The highest score that a candidate had or has which came, went, or has another story part than before; 0 where
        there is none. The largest number for a row that is new, lost a candidate to a removal or has other neighbours.
    """
    was = near.take(touched)
    others = touched[np.any((was.rows != found.rows) | (was.strengths != found.strengths), axis=1)]
    wanted, certain = np.zeros((2, len(keys)), bool)
    wanted[others] = True
    certain[touched] = True
    certain[moved[0]] = False
    certain[others] = True
    asks, asked = np.concatenate([holders(keys, wanted, threads), moved], axis=1)
    has_moved = np.arange(len(asks)) >= len(asks) - moved.shape[1]
    asks, asked, has_moved = (column[~certain[asks]] for column in (asks, asked, has_moved))

    def measure(block: slice) -> Pairs:
        return pair_up(corpus.subjects(asks[block]), Candidates.of(asked[block, None]), corpus, recency)

    measured = joined(in_blocks(len(asks), measure, threads))

    def parts(block: slice) -> NDArray[np.int64]:
        return score_pairs(measured.take(block), near.take(asks[block]), near, config)[:, 0]

    before = np.concatenate(list(in_blocks(len(asks), parts, threads)))
    near.rows[touched], near.strengths[touched] = found.rows, found.strengths
    after = np.concatenate(list(in_blocks(len(asks), parts, threads)))
    highest = np.maximum(before.sum(axis=1), after.sum(axis=1))
    stirred = np.zeros(len(keys), np.int64)
    np.maximum.at(stirred, asks, np.where(has_moved | np.any(before != after, axis=1), highest, 0))
    stirred[certain] = np.iinfo(np.int64).max
    return stirred


def nothing(plan: Plan, clock: Clock) -> Changes:
    """What an empty plan changes."""
    return _changes(plan, 0, (), 0, clock)


def check_current(store: Store, plan: Plan) -> None:
    """A plan is for one state of an index.

    Raises
    ------
    ConfigError
        If the index is in another one by now.
    """
    if state_of(store) != plan.generation:
        raise ConfigError("the index has changed since the plan was made: make the plan again")
