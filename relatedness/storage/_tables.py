"""The rows of an index: settings, events, lists, topics, stories, terms, labels; each checked as it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from relatedness.arguments import nearest
from relatedness.dates import SECONDS_PER_DAY, UNDATED
from relatedness.errors import (
    IndexFormatError,
    InputError,
    UnknownEventError,
)
from relatedness.storage._file import File
from relatedness.storage._schema import (
    BY_DATE,
    checksum,
    dumps,
    loads_topics,
)
from relatedness.storage._shapes import LARGEST, SETTINGS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from relatedness.numbering import ColumnNumber, SlotNumber

_CHANNELS = range(3)
_LIST_LIMIT = 1e12
_COPIES_LIMIT = 1 << 31
_NO_PARTITION = -2
EVENT = (LARGEST, str, str)
_WEIGHT = slice(0.0, 1e6)
"""An upper bound of weights: idf with all its factors stays below a thousand."""
TERM = (LARGEST, _CHANNELS, str, LARGEST, _WEIGHT)


Rows = TypeVar("Rows", bound=tuple[Any, ...])
Writer = Callable[[Any, Iterable[Rows]], None]


def by_slot(slot: int) -> Callable[[Writer[Rows]], Writer[Rows]]:
    """Mark a method that writes rows of events: each goes to the file that holds its event, whose slot is the row's n-th value."""

    def decorate(write: Writer[Rows]) -> Writer[Rows]:
        @wraps(write)
        def written(store: Tables, rows: Iterable[Rows]) -> None:
            for file, its_rows in store._routed(rows, slot):
                write(file, its_rows)

        return written

    return decorate


class Tables(File):
    """Reads and writes rows."""

    def _routed(self, rows: Iterable[Rows], slot: int) -> Iterator[tuple[Tables, Iterable[Rows]]]:
        """The files that rows of events belong to, each with its rows: this file holds all events."""
        yield self, rows

    def meta(self, name: str, *, absent: Any = None) -> Any:
        """The JSON value stored under a name; ``absent`` if an older file lacks it."""
        query = "SELECT value, crc FROM meta WHERE name = ?"
        row = self._maybe(query, (name,))
        if row is None and absent is not None:
            return absent
        value, crc = self._one(query, (name,)) if row is None else row
        self._sound(f"the setting {name}", crc, name, value)
        found = self._loads(value)
        if name in SETTINGS:
            self._fits(f"the setting {name}", found, SETTINGS[name])
        return found

    @property
    def numbered(self) -> bool:
        """Whether the archive's own ids are whole numbers; the file stores them as text."""
        return bool(self.meta("numbered", absent=False))

    @property
    def partition(self) -> int | None:
        """Which file of a partitioned index this is: the number of the partition, -1 for what all share; None for an index
        in one file.
        """
        found = self.meta("partition", absent=_NO_PARTITION)
        self._fits("the setting partition", found, int)
        return None if found == _NO_PARTITION else int(found)

    @partition.setter
    def partition(self, number: int) -> None:
        self.set_meta("partition", number)

    def labels(self, kind: str) -> list[str]:
        """The names of one kind (language, category, group): number ``i`` is the name at position ``i``."""
        names: list[str] = []
        for number, name, crc in self._all(
            "SELECT number, name, crc FROM labels WHERE kind = ? ORDER BY number", (kind,)
        ):
            self._sound(f"the {kind} {name!r}", crc, kind, number, name)
            if number != len(names) or not isinstance(name, str):
                raise IndexFormatError(f"{self.path} is damaged: a {kind} is missing")
            names.append(name)
        return names

    def items(self, id_: str) -> list[list[Any]] | None:
        """The stored list of an event, or None where there is no such event."""
        query = "SELECT items, lists.crc FROM events JOIN lists USING (slot) WHERE id = ?"
        row = self._maybe(query, (id_,)) if _is_text(id_) else None
        if row is None:
            return None
        self._sound(f"the list of {id_}", row[1], id_, row[0])
        return self.items_in(id_, row[0])

    def all_items(self) -> Iterator[tuple[str, list[list[Any]]]]:
        """Every id with its list, in the order of the events' dates."""
        for id_, text in self.list_texts():
            yield id_, self.items_in(id_, text)

    def items_in(self, id_: str, text: str) -> list[list[Any]]:
        """A list from its text: id, score, contexts, parts, copies and shared words of each event in it."""
        items = self._loads(text)
        try:
            # On the path of every look-up: adding the values up reveals wrong types fast.
            for other, score, contexts, parts, copies, shared in items:
                "".join([other, *contexts, *shared])
                if not abs(sum(parts, score)) < _LIST_LIMIT:
                    raise ValueError("a score out of range")
                if type(copies) is not int or not 0 <= copies < _COPIES_LIMIT:
                    raise ValueError("an impossible number of copies")
        except (TypeError, ValueError, OverflowError) as error:
            raise self.damaged(f"the list of {id_} is not what was written") from error
        if type(items) is not list:
            raise self.damaged(f"the list of {id_} is not what was written")
        return items

    def record_texts(self, ids: Iterable[str]) -> Iterator[tuple[SlotNumber, str, str] | None]:
        """Slot, record and topics of each event as JSON; None where there is no such event."""
        for id_ in ids:
            row = self._maybe("SELECT slot, seconds, record, topics, crc FROM events WHERE id = ?", (id_,))
            if row is not None:
                slot, seconds, record, topics, crc = row
                self._check_event(slot, id_, seconds, record, topics, crc)
            yield None if row is None else (slot, record, topics)

    def list_texts(self, ids: Sequence[str] | None = None) -> Iterator[tuple[str, str]]:
        """Every id with its list as JSON, in the order of the events' dates; if ids are given, only theirs, in any order."""
        query = "SELECT id, items, lists.crc FROM events JOIN lists USING (slot) "
        rows = self._all(query + BY_DATE) if ids is None else self._among(query + "WHERE id IN ({})", ids)
        for id_, text, crc in rows:
            self._sound(f"the list of {id_}", crc, id_, text)
            self._fits(f"the list of {id_}", [id_, text], (str, str))
            yield id_, text

    def event_texts(self, ids: Sequence[str] | None = None) -> Iterator[tuple[str, str, str, str]]:
        """Every id with the record, the topics and the inferred topics of its event as JSON; by date.

        If ids are given, only theirs, in any order.
        """
        inferred = "SELECT json_group_array(json_array(name, kind)) FROM stories WHERE stories.slot = events.slot AND how = 'inferred'"
        query = f"SELECT id, record, topics, ({inferred}) FROM events "  # noqa: S608
        yield from self._all(query + BY_DATE) if ids is None else self._among(query + "WHERE id IN ({})", ids)

    def titles(self) -> Iterator[tuple[str, str]]:
        """Every id whose event has a title, with the title; in any order, and not checked as `record_texts` is."""
        yield from self._all(
            "SELECT id, title FROM (SELECT id, json_extract(record, '$.title') AS title FROM events) "
            "WHERE typeof(id) = 'text' AND typeof(title) = 'text' AND title != ''"
        )

    def changes_since(self, generation: int) -> list[tuple[str, int]]:
        """The ids whose lists changed or that were removed after a generation, each with its generation; in the order of ids."""
        found = []
        for id_, number, crc in self._all(
            "SELECT id, generation, crc FROM changes WHERE generation > ? ORDER BY id", (generation,)
        ):
            self._sound(f"the change of {id_}", crc, id_, number)
            self._fits(f"the change of {id_}", [id_, number], (str, range(1 << 53)))
            found.append((id_, number))
        return found

    def lists_of(self, slots: Iterable[SlotNumber]) -> dict[SlotNumber, str]:
        """The lists of some slots as JSON; those without one are left out."""
        query = "SELECT slot, id, items, lists.crc FROM lists JOIN events USING (slot) WHERE slot IN ({})"
        found = {}
        for slot, id_, text, crc in self._among(query, list(slots)):
            self._sound(f"the list of {id_}", crc, id_, text)
            found[slot] = text
        return found

    def slot(self, id_: str) -> SlotNumber | None:
        """The slot of an event."""
        if not _is_text(id_):
            return None
        found = self._maybe("SELECT slot FROM events WHERE id = ?", (id_,))
        if found is None:
            return None
        self._fits(f"the slot of {id_}", found[0], LARGEST)
        slot: SlotNumber = found[0]
        return slot

    def known_slot(self, id_: str) -> SlotNumber:
        """The slot of an event.

        Raises
        ------
        UnknownEventError
            If there is none; the message names the nearest ids.
        """
        slot = self.slot(id_) if isinstance(id_, str) else None
        if slot is None:
            raise self._unknown(id_)
        return slot

    def _unknown(self, id_: str) -> UnknownEventError | IndexFormatError:
        """The error for an unknown id, or for a damaged file if a scan finds the id although the index look-up did not."""
        near_ids = self.ids_near(str(id_)) if _is_text(str(id_)) else []
        if id_ in near_ids or not all(isinstance(other, str) for other in near_ids):
            return self.damaged("its ids are not what was written")
        near = nearest(str(id_), near_ids, 3)
        hint = f"; the nearest are {', '.join(near)}" if near else ""
        if near_ids and not near:
            hint = f"; the ids of this index look like {near_ids[0]}"
        return UnknownEventError(f"no event has the id {id_!r}{hint}")

    def _event(self, id_: str) -> tuple[SlotNumber, str, str]:
        """Slot, record and topics of an event."""
        found = next(self.record_texts([id_])) if isinstance(id_, str) and _is_text(id_) else None
        if found is None:
            raise self._unknown(id_)
        return found

    def record(self, id_: str) -> dict[str, Any]:
        """The record of an event; raises as `known_slot`."""
        record = self._loads(self._event(id_)[1])
        self._fits(f"the event {id_}", record, dict)
        return record  # type: ignore[no-any-return]

    def topics(self, id_: str) -> list[list[Any]]:
        """The topics of an event, the inferred one last; raises as `known_slot`."""
        if not (isinstance(id_, str) and _is_text(id_)):
            raise self._unknown(id_)
        return self.topics_of([id_])[id_]

    def topics_of(self, ids: Sequence[str]) -> dict[str, list[list[Any]]]:
        """What `topics` gives for each of some events, in two statements for all of them."""
        query = "SELECT slot, id, seconds, record, topics, crc FROM events WHERE id IN ({})"
        found: dict[str, list[list[Any]]] = {}
        slots: dict[SlotNumber, str] = {}
        for slot, id_, seconds, record, topics, crc in self._among(query, ids):
            self._check_event(slot, id_, seconds, record, topics, crc)
            slots[slot], found[id_] = id_, loads_topics(topics)
        query = "SELECT slot, name, kind, how, crc FROM stories WHERE how = 'inferred' AND slot IN ({})"
        for slot, name, kind, how, crc in self._among(query, list(slots)):
            self._sound(f"the inferred topic of {slots[slot]}", crc, slot, name, kind, how)
            self._fits(f"the inferred topic of {slots[slot]}", [name, kind], (str, str))
            if all(name != topic[0] for topic in found[slots[slot]]):  # the text may name it, too
                found[slots[slot]].append([name, kind, how, []])
        for id_ in ids:
            if id_ not in found:
                raise self._unknown(id_)
        return found

    def _check_event(self, slot: Any, id_: Any, seconds: Any, record: Any, topics: Any, crc: Any) -> None:
        self._sound(f"the event {id_}", crc, slot, id_, seconds, record, topics)
        self._fits(f"the event {id_}", [slot, record, topics], EVENT)

    def items_of(self, ids: Sequence[str]) -> dict[str, list[list[Any]]]:
        """The stored lists of some events, in one statement; those that are not there are left out."""
        query = "SELECT id, items, lists.crc FROM events JOIN lists USING (slot) WHERE id IN ({})"
        found = {}
        for id_, text, crc in self._among(query, ids):
            self._sound(f"the list of {id_}", crc, id_, text)
            found[id_] = self.items_in(id_, text)
        return found

    def list_scores(self) -> Iterator[tuple[str, list[str], list[float]]]:
        """Every id with the ids and the scores of its list, in the order of the events' dates."""
        for id_, text in self.list_texts():
            items = self._loads(text)
            try:
                others, scores = [item[0] for item in items], [item[1] for item in items]
                "".join(others)
                sum(scores)
            except (TypeError, IndexError, KeyError) as error:
                raise self.damaged(f"the list of {id_} is not what was written") from error
            yield id_, others, scores

    def supplied_stories(self, wanted: NDArray[np.bool_]) -> Iterator[tuple[SlotNumber, str, str]]:
        """Slot, name and kind of every supplied story topic of the wanted slots."""
        query = "SELECT slot, name, kind, how, crc FROM stories WHERE how = 'supplied'"
        slots = {*wanted.nonzero()[0].tolist()}
        for slot, name, kind, how, crc in self._all(query):
            if type(slot) is not int or not 0 <= slot < len(wanted):
                raise self.damaged("the slot of a story topic is not what was written")
            if slot in slots:
                self._sound(f"a story topic in slot {slot}", crc, slot, name, kind, how)
                self._fits(f"a story topic in slot {slot}", [name, kind], (str, str))
                yield cast("SlotNumber", slot), name, kind

    def events(self) -> Iterator[tuple[SlotNumber, str, str, str]]:
        """Every event in the order of dates: slot, id, record and topics as JSON."""
        query = f"SELECT slot, id, seconds, record, topics, crc FROM events {BY_DATE}"  # noqa: S608
        for slot, id_, seconds, record, topics, crc in self._all(query):
            self._check_event(slot, id_, seconds, record, topics, crc)
            self._fits(f"the id of slot {slot}", id_, str)
            yield slot, id_, record, topics

    def ids(self) -> list[str]:
        """Every id, in the order of dates."""
        found = [row[0] for row in self._all(f"SELECT id FROM events {BY_DATE}")]  # noqa: S608
        self._fits("an id", found, [str])
        return found

    def ids_of(self, slots: Sequence[SlotNumber]) -> list[str]:
        """The ids of some slots."""
        found = dict(self._among("SELECT slot, id FROM events WHERE slot IN ({})", slots))
        if not found.keys() >= set(slots):
            raise self.damaged("an event is missing")
        return [found[slot] for slot in slots]

    def ids_near(self, id_: str, most: int = 20) -> list[str]:
        """Ids near a given one: adjacent in sorted order, equal except for case, or containing it."""
        before = self._all("SELECT id FROM events WHERE id < ? ORDER BY id DESC LIMIT ?", (id_, most))
        after = self._all("SELECT id FROM events WHERE id >= ? ORDER BY id LIMIT ?", (id_, most))
        same = self._all("SELECT id FROM events WHERE id = ? COLLATE NOCASE LIMIT ?", (id_, most))
        within = self._all("SELECT id FROM events WHERE instr(lower(id), lower(?)) LIMIT ?", (id_, most))
        return list(dict.fromkeys(row[0] for row in (*same, *before, *after, *within)))

    def count(self) -> int:
        """The number of events."""
        return int(self._one("SELECT count(*) FROM events")[0])

    def span(self) -> tuple[str | None, str | None]:
        """The dates of the first and the last dated event, as their records write them; None if no event is dated."""
        query = "SELECT json_extract(record, '$.date') FROM events WHERE seconds >= ? ORDER BY seconds {}, id {} LIMIT 1"
        since = (UNDATED * SECONDS_PER_DAY,)
        first = self._maybe(query.format("ASC", "DESC"), since)
        last = self._maybe(query.format("DESC", "ASC"), since)
        return (None, None) if first is None or last is None else (first[0], last[0])

    def count_with(self, topic: str) -> int:
        """How many events have a topic."""
        return int(self._one("SELECT count(*) FROM topics WHERE name = ?", (topic,))[0])

    def slots_with(self, topic: str) -> list[SlotNumber]:
        """The slots of the events that have a topic."""
        found = [slot for (slot,) in self._all("SELECT slot FROM topics WHERE name = ?", (topic,))]
        self._fits(f"a slot of the topic {topic!r}", found, [LARGEST])
        return found

    def known_slots_with(self, topic: str) -> list[SlotNumber]:
        """The slots of the events that have a topic.

        Raises
        ------
        InputError
            If there are none; the message names the nearest topics.
        """
        slots = self.slots_with(topic)
        if not slots:
            known = [name for name, _ in self.topic_counts()]
            same = [name for name in known if name.casefold() == topic.casefold()]
            near = same or self._topics_written(topic) or nearest(topic, known, 3)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise InputError(f"no event has the topic {topic!r}{hint}")
        return slots

    def _topics_written(self, alias: str) -> list[str]:
        """The topics that most events write in this way, the most frequent first."""
        counts = self._alias_counts(alias)
        return sorted(counts, key=lambda name: (-counts[name], name))[:3]

    def _alias_counts(self, alias: str) -> Counter[str]:
        """The topics that some events write in this way, and how often they do."""
        query = """
            SELECT json_extract(topic.value, '$[0]') AS name, count(*) FROM events, json_each(events.topics) AS topic,
                json_each(topic.value, '$[3]') AS alias
            WHERE instr(lower(events.topics), lower(?)) AND lower(alias.value) = lower(?)
            GROUP BY name"""
        return Counter(dict(self._all(query, (alias, alias))))

    def ids_with(self, topic: str) -> list[str]:
        """The ids of the events that have a topic, in the order of dates; raises as `known_slots_with`."""
        self.known_slots_with(topic)
        query = f"SELECT id FROM topics JOIN events USING (slot) WHERE name = ? {BY_DATE}"  # noqa: S608
        return [id_ for (id_,) in self._all(query, (topic,))]

    def topic_counts(self) -> list[tuple[str, int]]:
        """Every topic with the number of its events, the most frequent first."""
        return list(self._all("SELECT name, count(*) FROM topics GROUP BY name ORDER BY count(*) DESC, name"))

    def term_counts(self) -> dict[int, int]:
        """How many terms each channel has."""
        counts = dict(self._all("SELECT channel, count(*) FROM terms GROUP BY channel"))
        self._fits("the vocabulary", list(counts), [_CHANNELS])
        return counts

    def channel_terms(self, channel: int) -> tuple[list[ColumnNumber], list[str]]:
        """The columns of a channel, ascending, and their terms."""
        rows = list(
            self._all('SELECT "column", term FROM terms WHERE channel = ? ORDER BY "column"', (channel,))
        )
        self._fits("the vocabulary", [list(row) for row in rows], [(LARGEST, str)])
        return [column for column, _ in rows], [term for _, term in rows]

    def find_terms(self, channel: int, terms: Sequence[str]) -> dict[str, tuple[ColumnNumber, int, float]]:
        """Column, document frequency and weight of some terms; unknown terms are left out."""
        query = 'SELECT term, "column", frequency, weight, crc FROM terms WHERE channel = ? AND term IN ({})'
        found = {}
        for term, column, frequency, weight, crc in self._among(query, terms, channel):
            self._check_term(column, channel, term, frequency, weight, crc)
            found[term] = column, frequency, weight
        return found

    def _check_term(self, *row: Any) -> None:
        """Check a row of terms, whose checksum comes last."""
        *values, crc = row
        self._sound(f"the term {values[2]!r}", crc, *values)
        self._fits(f"the term {values[2]!r}", values, TERM)

    def terms(self, columns: Sequence[ColumnNumber]) -> list[tuple[int, str, int]]:
        """Channel, term and document frequency of some columns."""
        query = 'SELECT "column", channel, term, frequency, weight, crc FROM terms WHERE "column" IN ({})'
        found = {}
        for column, channel, term, frequency, weight, crc in self._among(query, columns):
            self._check_term(column, channel, term, frequency, weight, crc)
            found[column] = channel, term, frequency
        if not found.keys() >= set(columns):
            raise self.damaged("a term is missing")
        return [found[column] for column in columns]

    def all_terms(self) -> Iterator[tuple[str, int, int, float]]:
        """Term, channel, document frequency and weight of every column, in their order."""
        rows = self._all('SELECT * FROM terms ORDER BY "column"')
        for number, (column, channel, term, frequency, weight, crc) in enumerate(rows):
            self._check_term(column, channel, term, frequency, weight, crc)
            if column != number:
                raise self.damaged("a term is missing")
            yield term, channel, frequency, weight

    def topic_rows(self) -> Iterator[tuple[str, SlotNumber]]:
        """Every topic with each slot that has it."""
        for name, slot in self._all("SELECT name, slot FROM topics ORDER BY name, slot"):
            self._fits("the table of topics", [name, slot], (str, LARGEST))
            yield name, slot

    def set_meta(self, name: str, value: object) -> None:
        """Keep a JSON value under a name."""
        text = dumps(value)
        self._many("INSERT OR REPLACE INTO meta VALUES (?, ?, ?)", [(name, text, checksum(name, text))])

    def add_labels(self, kind: str, names: Sequence[str], first: int = 0) -> None:
        """Add names of a kind; the first has the number ``first``."""
        rows = ((kind, number, name) for number, name in enumerate(names, first))
        self._many("INSERT INTO labels VALUES (?, ?, ?, ?)", ((*row, checksum(*row)) for row in rows))

    def add_events(self, events: Iterable[tuple[SlotNumber, str, int, str, str]]) -> None:
        """Add events: slot, id, seconds, record as JSON, topics as JSON."""
        self._many(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", ((*event, checksum(*event)) for event in events)
        )

    @by_slot(0)
    def put_lists(self, lists: Iterable[tuple[SlotNumber, str, str]]) -> None:
        """Add lists, or put them in the place of older ones: slot, id, items as JSON."""
        self._many(
            "INSERT OR REPLACE INTO lists VALUES (?, ?, ?)",
            ((slot, items, checksum(id_, items)) for slot, id_, items in lists),
        )

    def put_changes(self, changes: Iterable[tuple[str, int]]) -> None:
        """Note at which generation lists changed: id, generation."""
        self._many(
            "INSERT OR REPLACE INTO changes VALUES (?, ?, ?)",
            ((*change, checksum(*change)) for change in changes),
        )

    @by_slot(1)
    def add_topics(self, topics: Iterable[tuple[str, SlotNumber]]) -> None:
        """Add which events have a topic: name, slot."""
        self._many("INSERT OR IGNORE INTO topics VALUES (?, ?)", topics)

    @by_slot(0)
    def add_stories(self, stories: Iterable[tuple[SlotNumber, str, str, str]]) -> None:
        """Add story topics of events: slot, name, kind, how."""
        self._many(
            "INSERT INTO stories VALUES (?, ?, ?, ?, ?)", ((*story, checksum(*story)) for story in stories)
        )

    def put_inferred(
        self, slots: Iterable[SlotNumber], stories: Iterable[tuple[SlotNumber, str, str, str]]
    ) -> None:
        """Replace the inferred topics of some slots."""
        self._many("DELETE FROM stories WHERE slot = ? AND how = 'inferred'", ((slot,) for slot in slots))
        self.add_stories(stories)

    def add_terms(self, terms: Iterable[tuple[ColumnNumber, int, str, int, float]]) -> None:
        """Add terms: column, channel, term, document frequency, weight."""
        self._many(
            "INSERT INTO terms VALUES (?, ?, ?, ?, ?, ?)", ((*term, checksum(*term)) for term in terms)
        )

    def remove(self, slots: Sequence[SlotNumber]) -> None:
        """Remove events with what belongs to them, but for their candidates; their slots stay empty."""
        for slot in slots:
            (topics,) = self._one("SELECT topics FROM events WHERE slot = ?", (slot,))
            names = {topic[0] for topic in self._loads(topics)}
            self._many("DELETE FROM topics WHERE name = ? AND slot = ?", ((name, slot) for name in names))
        for table in ("events", "lists", "stories"):
            self._many(f"DELETE FROM {table} WHERE slot = ?", ((slot,) for slot in slots))  # noqa: S608


def _is_text(id_: str) -> bool:
    """Whether an id is text that UTF-8 can hold: half a surrogate pair is in no id."""
    if id_.isascii():
        return True
    try:
        id_.encode()
    except UnicodeEncodeError:
        return False
    return True
