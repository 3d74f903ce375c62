"""Whether an index is sound: every row and array against its checksum, and every list against the laws."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from relatedness.caching import cached_property
from relatedness.config import Config
from relatedness.errors import RelatednessError
from relatedness.events import Event
from relatedness.index._archive import LABELS, Archive, check_vectors, label
from relatedness.numbering import SlotNumber, as_rows, numbers_in, slot_numbers
from relatedness.ranking import UNITS, Candidates
from relatedness.storage import SETTINGS, Store, loads_record, loads_topics

_MOST = 20  # faults reported of each kind: a badly damaged file would report millions


def check(store: Store, progress: Callable[[int, int], None] | None = None) -> list[str]:
    """Check an index for faults.

    Parameters
    ----------
    store : Store
        An open store, whose format and tables were checked when it was opened.
    progress : callable, optional
        Called with the number of lists checked and of all.

    Returns
    -------
    list of str
        A sentence for each fault; empty for a sound index.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> index.check()
    []
    """
    looked = _Check(store, progress)
    faults: list[str] = []
    for find in (
        store.faults,
        looked.settings,
        looked.events,
        looked.arrays,
        looked.vocabulary,
        looked.candidates,
        looked.lists,
    ):
        try:
            faults += islice(find(), _MOST)
        except RelatednessError as error:
            faults.append(str(error))
        if faults:
            break  # later checks assume that earlier ones passed
    return faults


class _Check:
    """The steps of a check; each yields a sentence per fault."""

    def __init__(self, store: Store, progress: Callable[[int, int], None] | None) -> None:
        self._store = store
        self._progress = progress

    @cached_property
    def _config(self) -> Config:
        with self._store.reading():
            return Config.from_dict(self._store.meta("config"))

    @cached_property
    def _archive(self) -> Archive:
        return Archive.load(self._store)

    @cached_property
    def _ends(self) -> NDArray[np.uint32]:
        # The slots of all events, candidates and neighbours.
        *_, ends = Archive.load(self._store, by_slot=True).all_pairs(self._store, self._config, 0)
        return ends[self._archive.slots]

    @cached_property
    def _candidates(self) -> Candidates:
        return self._archive.candidates_of(as_rows(np.arange(len(self._archive))), self._store, self._config)

    def settings(self) -> Iterator[str]:
        """All settings are present, and the config matches the stored digest."""
        store = self._store
        for name in SETTINGS:
            store.meta(name)
        if store.meta("config_digest") != self._config.digest:
            yield "the config does not match its stored digest"

    def events(self) -> Iterator[str]:
        """Events are valid, and the table of topics agrees with them."""
        topics: set[tuple[str, SlotNumber]] = set()
        with self._store.reading():
            for slot, id_, record, found in self._store.events():
                if Event.make(loads_record(record), undated=True).id != id_:
                    yield f"the record of the event {id_} has another id"
                topics.update((name, slot) for name, _, _, _ in loads_topics(found))
        for row in self._store.topic_rows():
            if row not in topics:
                yield f"the topic {row[0]!r} is entered for slot {row[1]}, whose event does not have it"
            topics.discard(row)
        for name, slot in sorted(topics):
            yield f"the topic {name!r} of slot {slot} is missing from the table of topics"

    def arrays(self) -> Iterator[str]:
        """Arrays are complete and consistent, and agree with the events about order, time and labels."""
        archive = self._archive
        check_vectors(archive, self._store)
        names = [self._store.labels(kind) for kind in LABELS]
        numbers = np.stack([archive.languages, archive.categories, archive.groups], axis=1).tolist()
        with self._store.reading():
            for row, (slot, id_, record, _) in enumerate(self._store.events()):
                event = Event.make(loads_record(record), undated=True)
                if archive.slots[row] != slot or archive.seconds[row] != event.seconds:
                    yield f"the event {id_} is not in the position of its date"
                for kind, known, number in zip(LABELS, names, numbers[row], strict=True):
                    if (label(event, kind) or None) != (known[number] if number >= 0 else None):
                        yield f"the event {id_} has another {kind} in the arrays"

    def vocabulary(self) -> Iterator[str]:
        """Every column has a term, in the channel that the vectors give it."""
        channels = [channel for _, channel, _, _ in self._store.all_terms()]
        if channels != self._archive.channels.tolist():
            yield "the vocabulary does not match the vectors"

    def candidates(self) -> Iterator[str]:
        """Candidates are distinct events that may be related, in the total order."""
        archive, keys = self._archive, self._candidates.keys
        used, rows = keys > 0, self._candidates.rows.astype(np.int64)
        mine = np.arange(len(archive))[:, None]
        group, language = archive.groups, archive.languages
        for what, wrong in {
            "not in the total order": (keys[:, 1:] >= keys[:, :-1]) & used[:, 1:],
            "the event itself": used & (rows == mine),
            "of its own group": used & (group[rows] == group[mine]) & (group[mine] >= 0),
            "of another language": used
            & (language[rows] != language[mine])
            & (np.minimum(language[rows], language[mine]) >= 0),
        }.items():
            yield from self._said(wrong, f"has candidates that are {what}")

    def _said(self, wrong: NDArray[np.bool_], what: str) -> Iterator[str]:
        bad = np.flatnonzero(wrong.any(axis=1))[:_MOST]
        for id_ in self._store.ids_of(slot_numbers(self._archive.slots[bad])):
            yield f"the event {id_} {what}"

    def lists(self) -> Iterator[str]:
        """Laws 1 and 2: lists are in the total order and hold only candidates; parts sum to scores."""
        ids, ends = self._store.ids(), self._ends
        row_of = {id_: row for row, id_ in enumerate(ids)}
        stored = self._config.lists.stored
        done = 0
        for done, (id_, items) in enumerate(self._store.all_items(), 1):
            if self._progress is not None and (done % 1000 == 0 or done == len(ids)):
                self._progress(done, len(ids))
            known = self._candidates.keys[row_of[id_]]
            allowed = set(numbers_in(known[known > 0]).tolist())
            with self._store.reading():
                if len(items) > stored:
                    yield f"the list of {id_} holds {len(items)} events, more than {stored}"
                before = (float("inf"), 0)
                for other, score, contexts, parts, copies, shared in items:
                    here = (score, row_of.get(other, -1))
                    if here[1] not in allowed:
                        yield f"the list of {id_} holds {other}, which is not among its candidates"
                    if not score > 0 or round(sum(parts) * UNITS) != round(score * UNITS):
                        yield f"the list of {id_}: the parts of {other} do not sum to its score"
                    if here >= before:
                        yield f"the list of {id_} is not in the total order at {other}"
                    if not copies >= 0 or not all(isinstance(name, str) for name in (*contexts, *shared)):
                        yield f"the list of {id_}: {other} has no proper contexts, shared words or copies"
                    before = here
                if items and round(before[0] * UNITS) < ends[row_of[id_]]:
                    yield f"the list of {id_} is recorded as ending above its last event"
        if done != len(ids):
            yield f"{len(ids) - done:,} events have no list"
