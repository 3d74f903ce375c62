"""Refresh: bring an index to a new set of events by the smallest change. First a plan is made, which changes nothing and can be
shown. Carrying it out touches only what the change reaches: the new events are searched and offered to the lists of all others;
events whose candidates changed get new neighbours; and the lists of those events, and of all events that have one of them as a
candidate, are chosen again, unless that candidate scored below the list's cut-off before and still does. The statistics
(vocabulary, weights, floor, and what the tagger learned) stay as they were fitted, so the outcome is that of a build over the
same events with these statistics. When too many events have changed since, or on request, they are fitted again by a full build.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.cores import available_cores
from relatedness.errors import InputError
from relatedness.events import Event
from relatedness.index._additions import Added, merged
from relatedness.index._archive import (
    LABELS,
    Archive,
    Labels,
)
from relatedness.index._build import After, fill, known_meanings
from relatedness.index._events import event_of
from relatedness.index._lists import inferred_of, lists_of, neighbours_of
from relatedness.index._plan import Changes, Plan, changes_of
from relatedness.index._reach import find_candidates, find_stirred
from relatedness.index._records import (
    SharedBy,
    differs_in_scores_alone,
    event_row,
    event_topics,
    inferred_rows,
    list_texts,
    shared_by_result,
    topic_tables,
    write_tables,
)
from relatedness.index._resources import Resources
from relatedness.index._shared import SharedWords, Terms
from relatedness.index._tagging import document, find_topics, in_order, stored_names, stored_templates
from relatedness.index._vocabulary import Spelling, StoredVocabulary
from relatedness.languages import ways_of
from relatedness.numbering import (
    ColumnNumber,
    Row,
    RowNumber,
    SlotNumber,
    as_rows,
    as_slots,
    row_numbers,
    slot_numbers,
)
from relatedness.ranking import (
    Candidates,
    Contexts,
    Neighbours,
    Recency,
    count,
    embed,
    encode,
    extend,
    text_of,
)
from relatedness.storage import Store, loads_record, loads_topics
from relatedness.templates import TemplateText
from relatedness.topics import EventTopic, Stories, Tagger

# The fields of an event on which its topics depend; other fields may change without tagging it again.
_TAGGED = ("date", "title", "text", "topics", "sources", "language", "url")


def refit(
    old: Store,
    new: Store,
    plan: Plan,
    config: Config,
    resources: Resources,
) -> Changes:
    """Carry a plan out by building the whole index again.

    Parameters
    ----------
    old : Store
        The present store, which is only read.
    new : Store
        From `Store.create`; completed here.
    """
    with resources.clock.stage("read"):
        gone = {*plan.removed_keys, *(event.key for event in plan.changed)}
        kept = (
            Event.make(loads_record(record), undated=True)
            for _, id_, record, _ in old.events()
            if id_ not in gone
        )
        with old.reading():  # keeps the garbage collector from running while the kept events are created
            events = in_order([*kept, *plan.added, *plan.changed])
        before = dict(old.list_texts())
        known = known_meanings(old, resources.encoder)
        gazetteer, _ = stored_names(old)
        told = old.changes_since(0)
        read_as, numbered = old.meta("reading", absent={}), old.numbered
    fill(
        new,
        events,
        config,
        resources,
        gazetteer=gazetteer,
        known_meanings=known,
        after=After(plan.state, before, told, plan.removed_keys),
        read_as=read_as,
        numbered=numbered,
    )
    lists = {id_: text for id_, text in new.list_texts() if before.get(id_) != text}
    scores = [id_ for id_, text in lists.items() if differs_in_scores_alone(before.get(id_), text)]
    return changes_of(plan, len(events), lists, scores, resources.clock)


def carry_out(
    store: Store,
    plan: Plan,
    config: Config,
    resources: Resources,
    tagger: Callable[[], Tagger],
) -> Changes:
    """Carry a plan out under the statistics that the index has; the caller commits.

    Parameters
    ----------
    store : Store
        From `Store.edit`.
    plan : Plan
        A plan that keeps the statistics.
    tagger : callable
        Returns the index's tagger; called only if events have to be tagged.
    """
    encoder, clock = resources.encoder, resources.clock
    threads = resources.jobs or available_cores()
    new_events = in_order([*plan.added, *plan.changed])
    with clock.stage("read"):
        # Rows are slots throughout: existing events keep theirs, new events are appended.
        old = Archive.load(store, by_slot=True)
        keys, near_keys, ends = old.all_pairs(store, config, len(new_events))
        near = Neighbours.of(near_keys)
        statistics = store.meta("statistics")
        floor = int(statistics["floor"])
        vocabulary = StoredVocabulary.of(store, len(old.channels))
        templates = stored_templates(store)
        texts = list(store.record_texts([*(event.key for event in plan.changed), *plan.removed_keys]))
        gone = as_rows(np.array([text[0] for text in texts if text is not None], dtype=np.int64))
        old.rows_at(slot_numbers(as_slots(gone)))
    with clock.stage("tag") as report:
        own = templates.without(new_events)
        topics, retagged = _topics_of(store, tagger, new_events, own, resources.jobs, report)
    with clock.stage("vectorise"):
        counts = count(map(document, new_events, own, topics, itertools.repeat(templates)), config)
        weighed, terms = extend(counts, vocabulary, len(old.channels), config)
        labels = {kind: Labels(store.labels(kind)) for kind in LABELS}
        meanings, hashes = embed(list(map(text_of, new_events)), encoder, known_meanings(store, encoder))
        if not new_events:
            meanings = old.meanings[:0]
        elif meanings.shape[1] != old.meanings.shape[1]:
            raise InputError(
                f"the encoder returned rows of {meanings.shape[1]} numbers, but those of the index have "
                f"{old.meanings.shape[1]}: use the encoder of the build"
            )
        added = Added(new_events, encode(counts, weighed, config), meanings, hashes, terms, labels)
        archive = merged(old, gone, added, store)
        recency = Recency.curve(config)
    with clock.stage("search"):
        first = len(old)
        touched, moved = find_candidates(
            archive, store, keys, gone, first=first, recency=recency, config=config, threads=threads
        )
    with clock.stage("rank"):
        corpus = archive.corpus()
        candidates = Candidates(keys)
        found = neighbours_of(touched, candidates, corpus, recency, config, threads=threads)
        stirred = find_stirred(
            touched, moved, found, keys, near, corpus=corpus, recency=recency, config=config, threads=threads
        )
        near_keys[touched], near_keys[gone] = found.pairs, 0
        # All other lists are unchanged: every candidate that changed scored below their cut-off before, and still does.
        reached = as_rows(np.flatnonzero((stirred > 0) & (stirred >= ends)))
        # Sort by date, the order in which changes are reported.
        reached = reached[np.argsort(archive.ranks[reached])]
        ids = {RowNumber(row): event.key for row, event in enumerate(new_events, first)}
        spell = Spelling(
            store, {ColumnNumber(column): term for column, term in enumerate(terms.terms, len(old.channels))}
        )
        before = _lists_of(store, np.concatenate([reached, gone]))
        new = {
            RowNumber(row): (event, found)
            for row, (event, found) in enumerate(zip(new_events, topics, strict=True), first)
        }
        shared = _shared_words(Terms.of_store(store, config), templates, store, before, ids, new)
        spelled: list[str] = []
        # Serialise one block of lists while the threads rank the next.
        for some, lists, contexts in lists_of(
            reached,
            candidates,
            corpus,
            near,
            archive.names,
            recency=recency,
            config=config,
            floor=floor,
            threads=threads,
        ):
            ends[some] = lists.ends
            _look_up(ids, store, as_rows(np.union1d(some, lists.listed)))
            spelled += list_texts(some, lists, contexts, ids.__getitem__, spell, shared)
    with clock.stage("write"):
        # A changed event is removed and added; its old list is that of the removed one.
        was = {
            event.key: before.get(row) for event, row in zip(plan.changed, row_numbers(gone), strict=False)
        }
        old_texts = [before.get(row) if row < first else was.get(ids[row]) for row in row_numbers(reached)]
        changed = [
            (row, ids[row], text, text != old_text)
            for row, text, old_text in zip(row_numbers(reached), spelled, old_texts, strict=True)
        ]
        scores = [
            id_
            for (_, id_, text, is_other), old_text in zip(changed, old_texts, strict=True)
            if is_other and differs_in_scores_alone(old_text, text)
        ]
        store.remove(slot_numbers(as_slots(gone)))
        store.add_events(
            event_row(SlotNumber(slot), event, found)
            for slot, (event, found) in enumerate(zip(new_events, topics, strict=True), first)
        )
        write_tables(store, topic_tables(topics, first))
        stories = _stories(store, touched, keys)
        inferred = inferred_of(touched, candidates, archive.days, stories, config)
        slots = slot_numbers(as_slots(touched))
        store.put_inferred(slots, inferred_rows(slots, inferred))
        store.put_lists(
            (SlotNumber(row), id_, text) for row, id_, text, is_other in changed if is_other or row >= first
        )
        store.put_candidates(keys, near_keys, as_slots(np.concatenate([touched, gone])))
        added.save(store, len(old.channels))
        store.put_arrays({"ranks": archive.ranks, "ends": ends})
        statistics["changed_since"] += len(plan.added) + len(plan.changed) + len(plan.removed)
        store.set_meta("statistics", statistics)
        state = plan.state.next()
        for name, value in state.to_meta().items():
            store.set_meta(name, value)
        store.put_changes((id_, state.generation) for _, id_, _, is_other in changed if is_other)
        store.put_changes((id_, state.generation) for id_ in plan.removed_keys)
        store.set_meta("words", ways_of(store.labels("language")))
        store.set_meta("refreshed", datetime.now(UTC).isoformat(timespec="seconds"))
    others = [id_ for _, id_, _, is_other in changed if is_other]
    return changes_of(plan, retagged, others, scores, clock)


def _topics_of(
    store: Store,
    tagger: Callable[[], Tagger],
    events: Sequence[Event],
    own: Sequence[Event],
    jobs: int | None,
    report: Callable[[int, int], None],
) -> tuple[list[tuple[EventTopic, ...]], int]:
    """The topics of the events, and the number of events that had to be tagged; the others are stored with the same text."""
    topics: list[tuple[EventTopic, ...] | None] = []
    for event, kept in zip(events, store.record_texts([event.key for event in events]), strict=True):
        topics.append(None)
        if kept is not None:
            was, now = store.record(event.key), event.to_record()
            if all(was.get(name) == now.get(name) for name in _TAGGED):
                topics[-1] = event_topics(loads_topics(kept[2]))
    to_tag, shown = (
        [event for event, known in zip(some, topics, strict=True) if known is None] for some in (events, own)
    )
    batches = find_topics(to_tag, shown, tagger(), jobs, report) if to_tag else ()
    found = (one for _, some in batches for one in some)
    return [next(found) if known is None else known for known in topics], len(to_tag)


def _stories(store: Store, rows: NDArray[Row], keys: NDArray[np.uint64]) -> Stories:
    """The supplied story topics of some rows and of their candidates; other rows have none."""
    wanted = np.zeros(len(keys), bool)
    wanted[rows] = True
    theirs = Candidates(keys[rows])
    wanted[theirs.rows[theirs.scores > 0]] = True
    found = [
        (RowNumber(slot), EventTopic(name, kind, "supplied"))
        for slot, name, kind in store.supplied_stories(wanted)
    ]
    return Stories.of_rows(len(keys), found)


def _shared_words(
    terms: Terms,
    templates: TemplateText,
    store: Store,
    before: Mapping[RowNumber, str],
    ids: Mapping[RowNumber, str],
    new: Mapping[RowNumber, tuple[Event, tuple[EventTopic, ...]]],
) -> SharedBy:
    """What the texts of pairs of rows share besides some topics: taken from a stored list, or computed from both texts.

    Parameters
    ----------
    before : mapping of int to str
        The stored lists by row.
    ids : mapping of int to str
        By row.
    new : mapping of int to (Event, tuple of EventTopic)
        The events that the store does not hold yet, by row.
    """

    def event(row: RowNumber) -> Event:
        return new[row][0] if row in new else event_of(store, store.record(ids[row]))

    def topics(row: RowNumber) -> tuple[EventTopic, ...]:
        return new[row][1] if row in new else event_topics(store.topics(ids[row]))

    @lru_cache(maxsize=1)  # results come list by list
    def stored(row: RowNumber) -> dict[tuple[str, ...], list[str]]:
        return shared_by_result(before[row]) if row in before else {}

    words = SharedWords(terms, templates, event, topics)

    def shared_by(row: RowNumber, other: RowNumber, contexts: Sequence[str]) -> Sequence[str]:
        if other not in new:
            known = stored(row).get((ids[other], *contexts))
            if known is not None:
                return known
        return words.of(row, other, contexts)

    def shared(
        rows: NDArray[Row], others: NDArray[Row], _: Contexts, names: Sequence[Sequence[str]]
    ) -> Iterator[Sequence[str]]:
        return map(shared_by, row_numbers(rows), row_numbers(others), names)

    return shared


def _lists_of(store: Store, rows: NDArray[Row]) -> dict[RowNumber, str]:
    """The stored lists of some rows."""
    return {RowNumber(slot): text for slot, text in store.lists_of(slot_numbers(as_slots(rows))).items()}


def _look_up(ids: dict[RowNumber, str], store: Store, rows: NDArray[Row]) -> None:
    """Read the ids of some rows that are not known yet."""
    missing = [row for row in row_numbers(rows) if row not in ids]
    ids.update(zip(missing, store.ids_of(list(map(SlotNumber, missing))), strict=True))
