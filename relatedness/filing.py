"""Events, topics and lists as an index file keeps them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from relatedness.events import Event
from relatedness.inference import is_story
from relatedness.related import Corpus, Lists, NameWords, contexts
from relatedness.scores import DIGITS, UNITS
from relatedness.store import dumps
from relatedness.topics import EventTopic

_TEXT_BLOCK = 64  # lists made into text at a time: their objects are gone before the collector comes by


def event_row(slot: int, event: Event, topics: Sequence[EventTopic]) -> tuple[int, str, int, str, str]:
    """An event as the store keeps it."""
    found = [[topic.name, topic.kind, topic.how, topic.aliases] for topic in topics]
    return slot, event.id, event.seconds, dumps(event.to_record()), dumps(found)


def story_rows(
    topics: Iterable[Sequence[EventTopic]], first_slot: int = 0
) -> Iterator[tuple[int, str, str, str]]:
    """The supplied story topics of events as the store keeps them, given the slot of the first one."""
    for slot, found in enumerate(topics, first_slot):
        for topic in found:
            if is_story(topic):
                yield slot, topic.name, topic.kind, topic.how


def inferred_rows(
    slots: Iterable[int], inferred: Iterable[EventTopic | None]
) -> Iterator[tuple[int, str, str, str]]:
    """Inferred topics as the store keeps them."""
    for slot, topic in zip(slots, inferred, strict=True):
        if topic is not None:
            yield slot, topic.name, topic.kind, topic.how


def list_texts(
    rows: NDArray[np.int64],
    lists: Lists,
    corpus: Corpus,
    names: NameWords,
    id_of: Callable[[int], str],
    spell: Callable[[NDArray[np.uint32]], list[str]],
) -> Iterator[str]:
    """The lists of some rows of a corpus as the store keeps them.

    Parameters
    ----------
    rows : ndarray of int64, shape (m,)
    lists : Lists
        Of these rows.
    corpus : Corpus
    names : NameWords
    id_of : callable
        The id of a row.
    spell : callable
        The names of the topics in some columns.
    """
    for start in range(0, len(rows), _TEXT_BLOCK):
        block = slice(start, start + _TEXT_BLOCK)
        counts, parts = lists.counts[block], lists.parts[block]
        listed = np.arange(parts.shape[1]) < counts[:, None]
        left, right = rows[block][np.nonzero(listed)[0]], lists.rows[block][listed].astype(np.int64)
        shared = contexts(corpus.vectors, left, corpus.vectors, right, corpus.channels, names, spell)
        items = list(
            zip(
                map(id_of, right.tolist()),
                np.round(parts[listed].sum(axis=1) / UNITS, DIGITS).tolist(),
                shared,
                np.round(parts[listed] / UNITS, DIGITS),
                lists.copies[block][listed].tolist(),
                strict=True,
            )
        )
        for first, end in itertools.pairwise([0, *np.cumsum(counts).tolist()]):
            yield dumps(items[first:end])
