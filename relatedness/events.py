"""The event: one dated item of an archive, and what makes one valid."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from operator import attrgetter
from typing import TypeGuard

from relatedness.arguments import ID_BITS, kind_of, plain
from relatedness.dates import (
    SECONDS_PER_DAY,
    Day,
    EarlyDate,
    day_text,
    is_before,
    read_date,
    seconds_of,
    undated_day,
)
from relatedness.errors import IndexFormatError, InputError

EventId = str | int
"""The id of an event: text, or the whole number that an archive uses. 17 and "17" mean the same event."""


@dataclass(frozen=True, slots=True)
class Source:
    """A publication that reported an event.

    Parameters
    ----------
    name : str
        The publisher as readers know it, such as ``BBC``.
    url : str, optional
        The address of the report.

    Examples
    --------
    >>> Source("BBC", "https://www.bbc.co.uk/news/1").name
    'BBC'
    """

    name: str
    url: str | None = None

    def __reduce__(self) -> tuple[object, ...]:
        # The default pickling of a slotted dataclass takes several times as long.
        return Source, (self.name, self.url)


@dataclass(frozen=True, slots=True)
class Event:
    """One dated item: a news event, an archive entry, an incident.

    Parameters
    ----------
    id : str or int
        Unique in its archive; 17 and ``"17"`` are the same id. Empty means: make a stable one from the content (see
        `Event.make`).
    date : datetime.date, datetime.datetime, EarlyDate or None
        The day, or the instant with its zone; ISO 8601 text is read. Instants are compared in UTC; a plain day counts as its
        midnight in UTC. None for an event that has none: it takes part without time.
    title : str
        One line; may be empty when there is a text.
    text : str
        The body; may be empty when there is a title.
    topics : tuple of str
        Topics that the archive itself supplies, as it writes them; a list becomes a tuple.
    category : str, optional
        One coarse label, such as ``Sport``.
    sources : tuple of Source
        Where it was reported.
    url : str, optional
        Where the event itself is published.
    language : str, optional
        A BCP 47 tag such as ``en`` or ``en-GB``. Events of two known, different languages are not related to each
        other; ``en`` and ``en-GB`` are one language.
    group : str, optional
        Translations and versions of one item share a group and are never related to each other.
    end : datetime.date, datetime.datetime or EarlyDate, optional
        When it ended, if it lasted longer than its date says. It is kept, but no list depends on it.

    Raises
    ------
    InputError
        If a field has the wrong type, holds a NUL character or half a surrogate pair, or if both title and
        text are empty.

    Examples
    --------
    >>> from datetime import date
    >>> event = Event("e1", date(2014, 6, 10), title="Mosul falls to ISIL.")
    >>> event.day
    16231
    >>> Event("e1", "2014-06-10", title="Mosul falls to ISIL.") == event
    True
    """

    id: EventId
    date: Day | None
    title: str = ""
    text: str = ""
    topics: tuple[str, ...] = ()
    category: str | None = None
    sources: tuple[Source, ...] = ()
    url: str | None = None
    language: str | None = None
    group: str | None = None
    end: Day | None = None

    def __post_init__(self) -> None:
        if type(self.id) is int:
            object.__setattr__(self, "id", number_id(self.id))
        # One check of the joined text accepts nearly every event; for the others `_find_fault` names the field.
        try:
            key = self.key
            everything = key + self.title + self.text
            sound = bool(key.strip() and (self.title.strip() or self.text.strip()))
            for value in (self.category, self.url, self.language, self.group):
                if value is not None:
                    everything += value
            for topic in self.topics:
                everything += topic
                sound = sound and bool(topic.strip())
            for source in self.sources:
                everything += source.name if source.url is None else source.name + source.url
                sound = sound and isinstance(source, Source)
            sound = sound and "\x00" not in everything and (everything.isascii() or bool(everything.encode()))
        except (TypeError, AttributeError, UnicodeEncodeError):
            sound = False
        when = self.date
        if not (
            sound
            and (when.tzinfo is not None if isinstance(when, datetime) else isinstance(when, date))
            and self.end is None
            and isinstance(self.topics, tuple)
            and isinstance(self.sources, tuple)
        ):
            self._find_fault()

    def __reduce__(self) -> tuple[object, ...]:
        return Event, _values(self)

    def _find_fault(self) -> None:
        # Convert dates given as text and tuples given as lists before checking the rest.
        for name in ("date", "end"):
            if isinstance(getattr(self, name), str):
                object.__setattr__(self, name, read_date(getattr(self, name), None, name))
        for name in ("topics", "sources"):
            if isinstance(getattr(self, name), list):
                object.__setattr__(self, name, tuple(getattr(self, name)))
        if isinstance(self.id, bool) or not isinstance(self.id, str | int):
            raise InputError(f"expected text or a whole number, got {kind_of(self.id)}", field="id")
        if isinstance(self.id, str):
            _check_text("id", self.id)
        for name in ("title", "text"):
            _check_text(name, getattr(self, name))
        for name in ("category", "url", "language", "group"):
            if getattr(self, name) is not None:
                _check_text(name, getattr(self, name))
        for name in ("date", "end"):
            when = getattr(self, name)
            if when is not None and not isinstance(when, date | EarlyDate):
                raise InputError(f"expected a date or datetime, got {when!r}", field=name)
            if isinstance(when, datetime) and when.tzinfo is None:
                raise InputError(
                    f"{when.isoformat()} has no time zone: give one, such as +00:00, or use a date",
                    field=name,
                )
        if self.end is not None and (self.date is None or is_before(self.end, self.date)):
            raise InputError(f"ends on {self.end.isoformat()}, before it begins on {self.when}", field="end")
        if not isinstance(self.topics, tuple):
            raise InputError(f"expected a tuple of strings, got {type(self.topics).__name__}", field="topics")
        for topic in self.topics:
            _check_text("topics", topic)
            if not topic.strip():
                raise InputError("a topic is empty", field="topics")
        if not isinstance(self.sources, tuple):
            raise InputError(
                f"expected a tuple of Source, got {type(self.sources).__name__}", field="sources"
            )
        for source in self.sources:
            if not isinstance(source, Source):
                raise InputError(f"expected a Source, got {kind_of(source)}", field="sources")
            _check_text("sources", source.name)
            if source.url is not None:
                _check_text("sources", source.url)
        if not self.key.strip():
            raise InputError("the id is empty: give one, or let Event.make derive it", field="id")
        if not (self.title.strip() or self.text.strip()):
            raise InputError("both title and text are empty: an event needs words", field="text")

    @property
    def key(self) -> str:
        """The id as text, by which an index looks events up and orders events of one instant.

        Returns
        -------
        str
        """
        return self.id if type(self.id) is str else _key(self.id)

    @property
    def seconds(self) -> int:
        """Seconds from 1970-01-01T00:00Z to the event, rounded down.

        An undated event comes before all dated ones, each on a distant day of its own, so that closeness in time adds nothing
        to any of its pairs.

        Returns
        -------
        int
        """
        if self.date is None:
            return undated_day(self.key) * SECONDS_PER_DAY
        return seconds_of(self.date)

    @property
    def day(self) -> int:
        """Days from 1970-01-01 to the event's day in UTC.

        Returns
        -------
        int
        """
        return self.seconds // SECONDS_PER_DAY

    @property
    def year(self) -> int | None:
        """The year of the date; 0 is 1 BC.

        Returns
        -------
        int or None
            None without a date.
        """
        return None if self.date is None else self.date.year

    @property
    def when(self) -> str:
        """The date in ISO 8601, or ``undated``.

        Returns
        -------
        str
        """
        return "undated" if self.date is None else self.date.isoformat()

    @property
    def headline(self) -> str:
        """What a list shows: the title, or the first sentence of the text if there is no title.

        Returns
        -------
        str
        """
        return headline_of(self.title, self.text)

    def to_record(self) -> dict[str, object]:
        """The event as plain JSON values; empty fields are left out.

        Returns
        -------
        dict
            Ready for ``json.dumps``; `Event.make` turns it back into an equal event.

        Examples
        --------
        >>> Event("e1", "2014-06-10", title="Mosul falls.").to_record()
        {'id': 'e1', 'date': '2014-06-10', 'title': 'Mosul falls.'}
        """
        record: dict[str, object] = {"id": self.id, "date": self.date and self.date.isoformat()}
        for name, value in zip(Event.__slots__[2:], _values(self)[2:], strict=True):
            if not value:
                continue
            if name == "sources":
                value = [{"name": s.name, "url": s.url} if s.url else {"name": s.name} for s in value]
            elif name == "topics":
                value = list(value)
            elif name == "end":
                value = value.isoformat()
            record[name] = value
        return record

    @property
    def digest(self) -> str:
        """A hash of all fields: equal events have equal digests.

        Returns
        -------
        str
            32 hexadecimal digits.
        """
        canonical = json.dumps(self.to_record() | {"id": self.key}, sort_keys=True, ensure_ascii=False)
        return hashlib.blake2b(canonical.encode(), digest_size=16).hexdigest()

    @classmethod
    def make(
        cls, record: Mapping[str, object], *, zone: str | tzinfo | None = None, undated: bool = False
    ) -> Event:
        """Build an event from loose values as files hold them, checking each.

        Parameters
        ----------
        record : mapping
            Field name to value. ``date`` may be a date, a datetime or ISO 8601 text; ``topics`` a list of
            strings; ``sources`` a list of names or of ``{"name": ..., "url": ...}``. A missing or empty
            ``id`` becomes ``<day>-<12 hex digits of a hash of title and text>``; a whole number stays one. Unknown keys
            are ignored: archives carry fields of their own.
        zone : str or tzinfo, optional
            The zone of datetimes that name none; without it such a datetime is an error.
        undated : bool
            Whether an event may be without a date.

        Returns
        -------
        Event

        Raises
        ------
        InputError
            Naming the field, what was wrong with it and what to do.

        Examples
        --------
        >>> Event.make({"date": "2016-07-11", "text": "Troops go to Iraq."}).id
        '2016-07-11-5cc336235875'
        """
        if not isinstance(record, Mapping):
            raise InputError(f"expected a mapping of fields to values, found {record!r:.60}")
        title = _read_text(record, "title") or ""
        text = _read_text(record, "text") or ""
        labels = ("category", "url", "language", "group")
        rest = {name: _read_text(record, name) for name in labels if name in record}
        when = None
        if not (undated and record.get("date") is None):
            when = read_date(record.get("date"), zone)
        end = record.get("end")
        if isinstance(end, str) and not end.strip():
            end = None
        identity = record.get("id")
        if type(identity) not in (str, int):
            identity = plain(identity)
        if identity is None or (isinstance(identity, str) and not identity):
            identity = content_id(when, title, text)
        elif isinstance(identity, bool) or not isinstance(identity, str | int):
            raise InputError(f"expected text or a whole number, got {kind_of(identity)}", field="id")
        return cls(
            id=identity,
            date=when,
            title=title,
            text=text,
            topics=_read_topics(record.get("topics")),
            sources=_read_sources(record.get("sources")),
            end=None if end is None else read_date(end, zone, "end"),
            **rest,
        )


_LONGEST_HEADLINE = 300
_SHORT_WORD = 4  # letters of an abbreviation, with its full stop
_SENTENCE_END = re.compile(
    r"[.!?\u061f\u0964]+[\"\u201d\u2019)]*\s+(?=[^a-z\s])|[\u3002\uff01\uff1f]+[\u300d\u300f\u201d]?"
)


def headline_of(title: str, text: str) -> str:
    """What a list shows of an event: its title, or else the first sentence of its text, at most 300 characters of it.

    Examples
    --------
    >>> headline_of(" ", "The U.S. sends troops. They are 560.")
    'The U.S. sends troops.'
    """
    if title.strip():
        return title
    # Enough to see what follows the longest headline: a sentence that ends later is shortened anyway.
    for end in _SENTENCE_END.finditer(text[: 2 * _LONGEST_HEADLINE]):
        sentence = text[: end.end()].rstrip()
        word = sentence.rpartition(" ")[2]
        # The full stop of an abbreviation does not end a sentence: U.S., Dr., No. 7
        short = word[:1].isupper() and len(word) <= _SHORT_WORD
        if not word.endswith(".") or not (short or "." in word[:-1]):
            return shortened(sentence, _LONGEST_HEADLINE)
    return shortened(text, _LONGEST_HEADLINE)


_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,77}")
"""Matches the output of `number_id`, up to 256 bits."""


# The values of an event's fields, in their order.
_values = attrgetter(*Event.__slots__)


def _key(value: EventId) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise TypeError("an id is text or a whole number")


def number_id(value: int) -> EventId:
    """The id for a whole number: the number, or its text if it is too long for the numbers of databases and files.

    Raises
    ------
    InputError
        If it is too long to be an id at all.

    Examples
    --------
    >>> number_id(17), number_id(2**64)
    (17, '18446744073709551616')
    """
    if value.bit_length() > ID_BITS:
        raise InputError(f"is a number of more than {ID_BITS} bits: write it as text", field="id")
    return int(value) if value.bit_length() < 64 else str(value)


def id_of(key: str, numbered: bool) -> EventId:
    """The id that is stored as a text, in an archive whose ids are whole numbers or texts.

    Parameters
    ----------
    numbered : bool
        Whether the ids are whole numbers.

    Raises
    ------
    IndexFormatError
        If the ids are whole numbers and this text is not one.

    Examples
    --------
    >>> id_of("17", True), id_of("17", False)
    (17, '17')
    """
    if not numbered:
        return key
    if not _WHOLE.fullmatch(key):
        raise IndexFormatError(f"the index is damaged: the id {key[:40]!r} is not a whole number")
    return int(key)


def _check_text(field: str, value: object) -> None:
    if not isinstance(value, str):
        raise InputError(f"expected text, got {kind_of(value)}", field=field)
    if "\x00" in value:
        raise InputError("holds a NUL character: remove it", field=field)
    # A lone surrogate cannot be encoded in UTF-8; isascii is a fast check that most texts pass.
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise InputError(
                f"holds half of a surrogate pair at character {error.start}: decode the text again, with its right encoding",
                field=field,
            ) from None


def _read_text(record: Mapping[str, object], field: str) -> str | None:
    value = record.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        if (found := plain(value)) is None:
            return None
        raise InputError(f"expected text, got {kind_of(found)}", field=field)
    return value or None


def _is_list(value: object) -> TypeGuard[Iterable[object]]:
    if isinstance(value, list | tuple):
        return True
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)


def in_fixed_order(values: Iterable[object]) -> Iterable[object]:
    """The values, those of a set sorted: their own order differs between processes, and the event would seem changed.

    Examples
    --------
    >>> list(in_fixed_order({"Mosul", "Iraq"})), list(in_fixed_order(["Mosul", "Iraq"]))
    (['Iraq', 'Mosul'], ['Mosul', 'Iraq'])
    """
    return sorted(values, key=str) if isinstance(values, set | frozenset) else values


def _read_topics(value: object) -> tuple[str, ...]:
    if value is None or (isinstance(value, str) and not value):
        return ()
    if not _is_list(value):
        raise InputError(f"expected a list of strings, got {kind_of(value)}", field="topics")
    topics: dict[str, None] = {}
    for item in in_fixed_order(value):
        if not isinstance(item, str):
            raise InputError(f"expected a list of strings, found {kind_of(item)} in it", field="topics")
        if item.strip():
            topics[" ".join(item.split())] = None
    return tuple(topics)


def _read_sources(value: object) -> tuple[Source, ...]:
    if value is None or (isinstance(value, str) and not value):
        return ()
    if not _is_list(value):
        raise InputError(f"expected a list of names or objects, got {kind_of(value)}", field="sources")
    sources = []
    for item in in_fixed_order(value):
        if isinstance(item, str):
            sources.append(Source(item))
        elif isinstance(item, Source):
            sources.append(item)
        elif isinstance(item, Mapping) and isinstance(item.get("name"), str):
            url = item.get("url")
            if url is not None and not isinstance(url, str):
                raise InputError(f"a source's url is {kind_of(url)}, expected text", field="sources")
            sources.append(Source(item["name"], url or None))
        else:
            raise InputError('each source is a name or {"name": ..., "url": ...}', field="sources")
    return tuple(sources)


def content_id(when: Day | None, title: str, text: str) -> str:
    """The id of an event whose record has none: its day, or ``undated``, and a hash of its words.

    Examples
    --------
    >>> content_id(date(2014, 6, 10), "Mosul falls.", "")
    '2014-06-10-1e25757c8787'
    """
    content = hashlib.blake2b(f"{title}\n{text}".encode("utf-8", "surrogatepass"), digest_size=6)
    return f"{day_text(when)}-{content.hexdigest()}"


def primary_language(tag: str) -> str:
    """The primary language of a BCP 47 tag, without script and region and in lower case.

    Examples
    --------
    >>> primary_language("en-GB")
    'en'
    """
    return tag.lower().replace("_", "-").split("-")[0]


def shortened(text: str, width: int) -> str:
    """A text on one line, cut at the end of a word if it is longer than a width.

    Parameters
    ----------
    width : int
        In characters.

    Examples
    --------
    >>> shortened("Militants seize Mosul", 16)
    'Militants…'
    """
    text = " ".join(text.split())
    return text if len(text) <= width else (text[: width - 1].rsplit(" ", 1)[0] or text[: width - 1]) + "…"
