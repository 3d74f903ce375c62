"""Events, topics and lists as an index file keeps them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from relatedness.errors import IndexFormatError
from relatedness.events import Event
from relatedness.index._events import record_text
from relatedness.numbering import Column, Row, RowNumber, SlotNumber, as_rows, row_numbers
from relatedness.ranking import DIGITS, UNITS, Contexts, Lists
from relatedness.storage import Store, dumps
from relatedness.topics import REFERENCE, EventTopic, is_story

SharedBy = Callable[[NDArray[Row], NDArray[Row], Contexts, Sequence[Sequence[str]]], Iterable[Sequence[str]]]
"""The words and phrases that pairs of events share, given as rows, beside the topics that each pair shares and their names."""


def event_row(
    slot: SlotNumber, event: Event, topics: Sequence[EventTopic]
) -> tuple[SlotNumber, str, int, str, str]:
    """An event as the store keeps it."""
    found = [[topic.name, topic.kind, topic.how, topic.aliases] for topic in topics]
    return slot, event.key, event.seconds, record_text(event), dumps(found)


def event_topics(found: Iterable[Sequence[Any]]) -> tuple[EventTopic, ...]:
    """The topics of an event from their stored form.

    Examples
    --------
    >>> event_topics([["Peru", "country", "found", ["Peruvian"]]])[0].aliases
    ('Peruvian',)
    """
    return tuple(EventTopic(name, kind, how, tuple(aliases)) for name, kind, how, aliases in found)


def _topics(topics: Sequence[Sequence[EventTopic]], first_slot: int) -> Iterator[tuple[str, SlotNumber]]:
    """Every topic with the slots that have it, in the order of the table, so that rows are appended at its end.

    Identifiers by which events name each other are no topics to list: nearly every event has its own.
    """
    slots: dict[str, list[SlotNumber]] = {}
    for number, found in enumerate(topics, first_slot):
        slot = SlotNumber(number)
        for topic in found:
            if topic.kind != REFERENCE:
                slots.setdefault(topic.name, []).append(slot)
    for name in sorted(slots):
        for slot in slots[name]:
            yield name, slot


def _stories(
    topics: Sequence[Sequence[EventTopic]], first_slot: int
) -> Iterator[tuple[SlotNumber, str, str, str]]:
    """The supplied story topics of events."""
    for slot, found in enumerate(topics, first_slot):
        for topic in found:
            if is_story(topic):
                yield SlotNumber(slot), topic.name, topic.kind, topic.how


_TopicRows = Callable[[Sequence[Sequence[EventTopic]], int], Iterator[tuple[Any, ...]]]
_BY_TOPICS: dict[str, tuple[_TopicRows, Callable[[Store, Iterable[Any]], None]]] = {
    "topics": (_topics, Store.add_topics),
    "stories": (_stories, Store.add_stories),
}
"""The tables made from the topics of events: for each the functions that make and write its rows."""


def topic_tables(
    topics: Sequence[Sequence[EventTopic]], first_slot: int = 0
) -> dict[str, Iterator[tuple[Any, ...]]]:
    """The rows of each table for the topics of some events, given the slot of the first event."""
    return {name: rows(topics, first_slot) for name, (rows, _) in _BY_TOPICS.items()}


def write_tables(store: Store, tables: Mapping[str, Iterable[tuple[Any, ...]]]) -> None:
    """Add the rows of `topic_tables` to a store."""
    for name, rows in tables.items():
        _, write = _BY_TOPICS[name]
        write(store, rows)


def inferred_rows(
    slots: Iterable[SlotNumber], inferred: Iterable[EventTopic | None]
) -> Iterator[tuple[SlotNumber, str, str, str]]:
    """Inferred topics as the store keeps them."""
    for slot, topic in zip(slots, inferred, strict=True):
        if topic is not None:
            yield slot, topic.name, topic.kind, topic.how


def list_texts(
    rows: NDArray[Row],
    lists: Lists,
    contexts: Contexts,
    id_of: Callable[[RowNumber], str],
    spell: Callable[[NDArray[Column]], list[str]],
    shared: SharedBy,
) -> Iterator[str]:
    """Lists as the store keeps them.

    Parameters
    ----------
    rows : ndarray of int64, shape (n,)
        The rows whose lists are written.
    contexts : Contexts
        The topics that each event shares with its results, list after list.
    id_of : callable
        The id of a row.
    spell : callable
        The names of the topics in some columns.
    shared : callable
        The words and phrases that pairs of rows share besides the given topics.
    """
    parts = lists.parts[lists.used]
    names, listed = list(contexts.spelled(spell)), lists.listed
    items = zip(
        map(id_of, row_numbers(listed)),
        np.round(parts.sum(axis=1) / UNITS, DIGITS).tolist(),
        names,
        np.round(parts / UNITS, DIGITS),
        lists.copies[lists.used].tolist(),
        shared(np.repeat(rows, lists.counts), as_rows(listed.astype(np.int64)), contexts, names),
        strict=True,
    )
    for count in lists.counts.tolist():
        yield dumps(list(itertools.islice(items, count)))


def shared_by_result(text: str) -> dict[tuple[str, ...], list[str]]:
    """The words and phrases of a stored list by the id and the contexts of each result.

    Examples
    --------
    >>> shared_by_result('[["a",0.5,["Iraq"],[0.5],0,["election"]]]')
    {('a', 'Iraq'): ['election']}
    """
    try:
        return {(id_, *contexts): shared for id_, _, contexts, _, _, shared in orjson.loads(text)}
    except (TypeError, ValueError) as error:
        raise IndexFormatError("the index is damaged: a list is not what was written") from error


def differs_in_scores_alone(before: str | None, after: str) -> bool:
    """Whether two stored lists show a reader the same events in the same order with the same contexts, words and copies.

    Examples
    --------
    >>> differs_in_scores_alone('[["a",0.5,["Iraq"],[0.5],0,[]]]', '[["a",0.4,["Iraq"],[0.4],0,[]]]')
    True
    >>> differs_in_scores_alone('[["a",0.5,["Iraq"],[0.5],0,[]]]', '[["a",0.5,["Iran"],[0.5],0,[]]]')
    False
    """
    return before is not None and _shown(before) == _shown(after)


def _shown(text: str) -> list[tuple[object, ...]]:
    try:
        return [(id_, contexts, copies, shared) for id_, _, contexts, _, copies, shared in orjson.loads(text)]
    except (TypeError, ValueError) as error:
        raise IndexFormatError("the index is damaged: a list is not what was written") from error
