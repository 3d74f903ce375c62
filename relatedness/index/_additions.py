"""New events as arrays, and the archive extended by them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relatedness.events import Event
from relatedness.index._archive import (
    LABELS,
    Archive,
    Labels,
    by_date,
    label,
)
from relatedness.numbering import ColumnNumber, Row, as_ranks, as_slots, slot_numbers
from relatedness.ranking import (
    NOBODY,
    NameWords,
    NewTerms,
    Vectors,
)
from relatedness.storage import Store


class Added:
    """The new events as arrays, sorted by date up and id down like rows."""

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
            (ColumnNumber(column), channel, term, 0, weight)
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
            "titles": self.vectors.titles,
            "seconds": self.seconds,
            "channels": terms.channels,
            "name_lengths": self.name_lengths,
            "name_columns": self.name_columns,
            "traits": terms.traits,
            "meanings": self.meanings,
            "text_hashes": self.hashes,
            "name_common": np.zeros(len(terms.channels), np.uint8),
            **{f"{kind}_numbers": numbers for kind, numbers in self.numbers.items()},
        }
        store.extend_arrays(arrays)


def merged(old: Archive, gone: NDArray[Row], added: Added, store: Store) -> Archive:
    """The archive with the new events appended, and the date order without the removed events."""
    n = len(old) + len(added.events)
    kept = by_date(old.ranks)
    if len(gone):
        kept = kept[~np.isin(kept, gone)]
    seconds = old.seconds[kept]
    # A new event is inserted after all earlier events and after those of the same instant with a greater id.
    before = np.searchsorted(seconds, added.seconds, side="left")
    until = np.searchsorted(seconds, added.seconds, side="right")
    bounds = zip(before.tolist(), until.tolist(), strict=True)
    same = sorted({slot for first, end in bounds for slot in slot_numbers(kept[first:end])})
    ids = dict(zip(same, store.ids_of(same), strict=True))
    for number, event in enumerate(added.events):
        before[number] += sum(
            ids[slot] > event.key for slot in slot_numbers(kept[before[number] : until[number]])
        )
    slots = np.insert(kept, before, np.arange(len(old), n, dtype=np.uint32))
    ranks = np.full(n, NOBODY, np.uint32)
    ranks[slots] = np.arange(len(slots), dtype=np.uint32)
    return Archive(
        vectors=Vectors(
            np.concatenate([old.vectors.indptr, old.vectors.indptr[-1] + added.vectors.indptr[1:]]),
            np.concatenate([old.vectors.columns, added.vectors.columns]),
            np.concatenate([old.vectors.values, added.vectors.values]),
            np.concatenate([old.vectors.titles, added.vectors.titles]),
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
        traits=np.concatenate([old.traits, added.terms.traits]),
        meanings=np.concatenate([old.meanings, added.meanings]),
        hashes=np.concatenate([old.hashes, added.hashes]),
        common=old.common,
        slots=as_slots(np.arange(n, dtype=np.uint32)),
        ranks=as_ranks(ranks),
    )
