"""The events of an index file as a mapping."""

from __future__ import annotations

import json
import re
from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from typing import Any

from relatedness.arguments import check_type, id_text, plain
from relatedness.errors import IndexFormatError, InputError, UnknownEventError
from relatedness.events import Event, EventId, headline_of, id_of
from relatedness.storage import Store, dumps, loads_record


def record_text(event: Event) -> str:
    """The record of an event as stored: ids are text, with one flag for the index if all are whole numbers."""
    return dumps(event.to_record() | {"id": event.key})


def event_of(store: Store, record: Mapping[str, object], numbered: bool = False) -> Event:
    """The event of a stored record.

    Parameters
    ----------
    numbered : bool
        Whether to return its id as a whole number.

    Raises
    ------
    IndexFormatError
        If the record is not a valid event. Any other error is a bug in this library and is not caught.
    """
    key = record.get("id")
    if not isinstance(key, str):
        raise IndexFormatError(f"{store.path} is damaged: the id {key!r} is not text")
    if numbered:
        record = {**record, "id": id_of(key, numbered)}
    try:
        return Event.make(record, undated=True)
    except InputError as error:
        raise IndexFormatError(f"{store.path} is damaged: {error}") from error


class Events(Mapping[EventId, Event]):
    """The events of an index by id, in the order of their dates: a read-only mapping that reads the file on demand.

    If the archive's ids are whole numbers, the mapping gives whole numbers; 17 and ``"17"`` both find an event.

    Attributes
    ----------
    numbered : bool
        Whether the ids are whole numbers.

    Raises
    ------
    UnknownEventError
        For an unknown id, with the nearest known ones.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([{"id": 17, "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."}])
    >>> list(index.events), index.events["17"].text
    ([17], 'ISIL seizes Mosul in Iraq.')
    """

    def __init__(self, store: Store) -> None:
        self._store = check_type(
            store, "store", Store, "a store; RelatedIndex.open(path).events are the events of a file"
        )
        self.numbered = store.numbered

    def __getitem__(self, id_: EventId) -> Event:
        return event_of(self._store, self._store.record(id_text(id_)), self.numbered)

    def heading(self, id_: EventId) -> dict[str, Any]:
        """The fields of an event that a list shows, as plain JSON values; twice as fast as reading the whole event.

        Parameters
        ----------
        id_ : str or int

        Returns
        -------
        dict
            ``date``, ``title`` (its headline) and, where it has an address, ``url``.

        Raises
        ------
        UnknownEventError
            If the index holds no such event.

        Examples
        --------
        >>> from relatedness import RelatedIndex
        >>> index = RelatedIndex.build([{"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."}])
        >>> index.events.heading("fall")
        {'date': '2014-06-10', 'title': 'ISIL seizes Mosul in Iraq.'}
        """
        record = self._store.record(id_text(id_))
        title, text, url = record.get("title", ""), record.get("text", ""), record.get("url")
        when = record.get("date")
        if not all(isinstance(value, str) for value in (title, text, url or "", when or "")):
            raise self._store.damaged(f"the event {id_} is not what was written")
        found = {"date": when, "title": headline_of(title, text)}
        return found if url is None else found | {"url": url}

    def __contains__(self, id_: object) -> bool:
        try:
            key = id_ if type(id_) is str else plain(id_)
            return isinstance(key, str | int) and self._store.slot(id_text(key)) is not None
        except UnknownEventError:
            return False

    def __iter__(self) -> Iterator[EventId]:
        return map(self.id_of, self._store.ids())

    def id_of(self, key: str) -> EventId:
        """The id that is stored as a text.

        Parameters
        ----------
        key : str

        Returns
        -------
        str or int

        Examples
        --------
        >>> from relatedness import RelatedIndex
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> index.events.id_of("dam")
        'dam'
        """
        return id_of(key, self.numbered)

    def __len__(self) -> int:
        return self._store.count()

    def items(self) -> ItemsView[EventId, Event]:
        """All ids with their events, read in one pass over the file.

        Returns
        -------
        ItemsView

        Examples
        --------
        >>> from relatedness import RelatedIndex
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> [(id_, event.date.year) for id_, event in index.events.items()]
        [('fall', 2014), ('dam', 2014)]
        """
        return _Items(self)

    def values(self) -> ValuesView[Event]:
        """All events, read in one pass over the file.

        Returns
        -------
        ValuesView

        Examples
        --------
        >>> from relatedness import RelatedIndex
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> [event.id for event in index.events.values()]
        ['fall', 'dam']
        """
        return _Values(self)

    def stream(self) -> Iterator[Event]:
        """All events in their order in one pass over the file: much faster than a look-up for each.

        Yields
        ------
        Event

        Examples
        --------
        >>> from relatedness import RelatedIndex
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> [event.id for event in index.events.stream()]
        ['fall', 'dam']
        """
        for _, _, record, _ in self._store.events():
            yield event_of(self._store, loads_record(record), self.numbered)

    def __repr__(self) -> str:
        return f"<{len(self):,} events>"


class _Values(ValuesView[Event]):
    def __init__(self, events: Events) -> None:
        super().__init__(events)
        self._events = events

    def __iter__(self) -> Iterator[Event]:
        return self._events.stream()


class _Items(ItemsView[EventId, Event]):
    def __init__(self, events: Events) -> None:
        super().__init__(events)
        self._events = events

    def __iter__(self) -> Iterator[tuple[EventId, Event]]:
        return ((event.id, event) for event in self._events.stream())


def find(store: Store, words: str, most: int) -> list[Event]:
    """Find events by words of their title or text; see `RelatedIndex.find`.

    Parameters
    ----------
    words : str
        An id, or beginnings of words in any order and case.
    most : int
        The most events to return.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> [event.id for event in find(index._store, "mosul dam", 5)]
    ['dam']
    """
    wanted = words.casefold().split()
    # Search for the words as JSON escapes them: most records can then be skipped without parsing.
    written = [json.dumps(word, ensure_ascii=False)[1:-1] for word in wanted]
    exact, titled, others = [], [], []
    numbered = store.numbered
    for _, id_, record, _ in store.events():
        folded = record.casefold()
        if id_ != words.strip() and not all(word in folded for word in written):
            continue
        event = event_of(store, loads_record(record), numbered)
        if id_ == words.strip():
            exact.append(event)
        elif _holds(event.title, wanted):
            titled.append(event)
        elif _holds(f"{event.title}\n{event.text}", wanted):
            others.append(event)
    return [*exact, *reversed(titled), *reversed(others)][:most]


def _holds(text: str, wanted: list[str]) -> bool:
    """Whether each wanted word is a prefix of a word in the text."""
    folded = text.casefold()
    return all(re.search(rf"(?<!\w){re.escape(word)}", folded) for word in wanted)
