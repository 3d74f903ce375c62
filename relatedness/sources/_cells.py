"""Cells as files, frames and databases hold them -> the values of an event's fields.

In: the fields that `Columns` found, each of any type. Out: an `Event`. Numbers become text, null and NaN count as absent, HTML
becomes plain text, and topics come from lists, JSON, Python's lists and texts such as ``a; b`` or ``#a #b``.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise, product
from typing import Any
from urllib.parse import urlsplit

from relatedness.arguments import kind_of, plain
from relatedness.dates import Day, day_number
from relatedness.errors import InputError
from relatedness.events import Event, EventId, Source, content_id, in_fixed_order, number_id
from relatedness.sources._columns import Several, are_named
from relatedness.sources._dates import MISSING_DATE, UNDATED_NOTE, DateColumn, UndatedError, Undecided
from relatedness.sources._language_names import language_of
from relatedness.sources._markup import plain_text, untracked
from relatedness.sources._names import is_clock, is_day_of_year

_ABSENT = frozenset({"", "NaN", "nan", "NULL", "null", "<NA>", "NaT", "\\N", "N/A", "n/a", "#N/A"})
_APART = frozenset({"id", "date", "end", "title", "text"})
_NAMES = (
    "name", "title", "label", "term", "value", "display_name", "tag", "topic", "keyword", "subject", "webTitle", "text", "slug",
    "rendered", "@value",
)  # fmt: skip
_HASHED = re.compile(r"\s*#[^\s#]+(?:[\s,]+#[^\s#]+)*\s*")
NOT_ALONE = frozenset({"D.C.", "Inc.", "Jr.", "Ltd.", "Sr."})
"""Matches what may follow a comma within one name."""
_LONGEST_LIST = 100_000  # characters of a cell that is read as a list
_WITH_TEXT = 2  # the most parts of an object in a cell that is read as the text in it
_SEPARATORS = ("|", ";", "\n")
_MOST_KNOWN = 4096  # cells whose topics or sources are cached
_DEEPEST = 5  # lists and objects around a name


class Cells:
    """Converts the cells of one source; what a row reveals about a column applies to all rows.

    Parameters
    ----------
    dates : DateColumn
        Reads the dates.
    keeps_undated : bool
        Whether a record without a date is an event without one.
    """

    def __init__(self, dates: DateColumn, *, keeps_undated: bool = False) -> None:
        self.dates = dates
        self._keeps_undated = keeps_undated
        self._separators: dict[str, str] = {}
        self._known: dict[tuple[str, str], tuple[Any, ...]] = {}

    def look(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Detect the separator in list cells and the calendar of the dates from the first records, before any is read."""
        self.dates.look([_day_alone(fields.get("date")) for fields in records])
        for name, fields in product(("topics", "sources"), records):
            value = fields.get(name)
            for cell in (part for _, part in value) if isinstance(value, Several) else (value,):
                if isinstance(cell, str) and name not in self._separators:
                    mark = next((mark for mark in _SEPARATORS if mark in cell.strip()), None)
                    if mark is not None:
                        self._separators[name] = mark

    def event(self, fields: dict[str, Any]) -> Event:
        """Make the event of a record.

        Raises
        ------
        InputError
            Naming the field, what is wrong with it and what to do.
        Undecided
            If the order of its day and month is not known yet.
        """
        # Optimised for the common case: most values are plain text, and most records have the same few fields.
        get = fields.get
        id_, when, end = get("id"), get("date"), get("end")
        if type(id_) is not str or not id_:
            id_ = identity(id_)
        title, text = get("title", ""), get("text", "")
        if type(title) is not str or "<" in title or "&" in title or title in _ABSENT:
            title = _text("title", title, " ")
        if type(text) is not str or "<" in text or "&" in text or text in _ABSENT or text[:1] == "{":
            text = _text("text", text, "\n\n")
        rest: dict[str, Any] = {}
        more: list[str] = []
        for name, value in fields.items():
            if name in _APART or value is None or (type(value) is str and not value):
                continue
            if name == "topics":
                rest[name] = (
                    self._again(name, value)
                    if type(value) is str
                    else tuple(dict.fromkeys(self._names(name, value)))
                )
            elif name == "sources":
                rest[name] = self._again(name, value) if type(value) is str else self._sources(value)
            elif name == "category" and type(value) is not str:
                names = self._names(name, value)
                if names:
                    rest[name], more = names[0], names[1:]
            elif type(value) is str and "<" not in value and "&" not in value and name != "language":
                if value not in _ABSENT:
                    rest[name] = untracked(value) if name == "url" and "?" in value else value
            elif name == "language":
                given = _first(value)
                if isinstance(given, Mapping):
                    codes = (given.get(key) for key in ("code", "iso", "id", "name"))
                    given = next((code for code in codes if isinstance(code, str)), None)
                rest[name] = language_of(_text(name, given, " "))
            elif label := _text(name, value if name == "category" else _first(value), " "):
                rest[name] = untracked(label) if name == "url" and "?" in label else label
        noted = self.dates.notes.copy()
        try:
            day = self.dates.read(when) if type(when) is str and len(when) == 10 else self._date(when)
            if self.dates.end is not None or end is not None:
                rest["end"] = self._end(day, end)
        except Undecided:
            # The record is read again once another row has decided, so drop its notes now.
            self.dates.notes = noted
            raise
        if more:
            rest["topics"] = tuple(dict.fromkeys([*rest.get("topics", ()), *more]))
        return Event(content_id(day, title, text) if id_ is None else id_, day, title, text, **rest)

    def _again(self, field: str, cell: str) -> tuple[Any, ...]:
        """The topics or sources in a cell; cached, because many rows may have the same cell."""
        known = self._known.get((field, cell))
        if known is None:
            known = (
                tuple(dict.fromkeys(self._names(field, cell))) if field == "topics" else self._sources(cell)
            )
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[field, cell] = known
        return known

    def _date(self, value: Any) -> Day | None:
        if isinstance(value, Several):
            if is_clock(value[1][0]):
                return self._moment(value)
            value = _day_of(value)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, list) and len(value) > 1 and all(isinstance(each, str) for each in value):
            return self._earliest(value)
        if is_absent(value):
            self.dates.end = None
            if not self._keeps_undated:
                raise UndatedError(MISSING_DATE, field="date")
        else:
            try:
                return self.dates.read(value)
            except UndatedError:
                if not self._keeps_undated:
                    raise
        self.dates.note(UNDATED_NOTE)
        return None

    def _moment(self, parts: Several) -> Day | None:
        """A date with the time from a second column, and the zone from a third if it is a zone."""
        (_, given), (_, clock), *zones = parts
        day = self._date(given)
        if type(day) is not date or is_absent(clock):
            return day
        found = _CLOCK.match(str(clock).strip())
        if found is None:
            self.dates.note("times in a separate column, ignored")
            return day
        hour, minute = found["hour"] or found["hours"], found["minute"] or found["minutes"]
        zone = str(zones[0][1]).strip() if zones and _ZONE.match(str(zones[0][1]).strip()) else ""
        rest = " ".join(filter(None, (found["half"], zone)))
        return self.dates.at(day, f"{hour.zfill(2)}:{minute}{found['second'] or ''} {rest}".strip())

    def _earliest(self, values: list[str]) -> Day:
        """The earliest of several dates of one record, as in repositories: created, accepted, made available."""
        day = min((self.dates.read(value) for value in values), key=day_number)
        self.dates.end = None
        self.dates.note("several dates in one record, of which the earliest is used")
        return day

    def _end(self, day: Day | None, value: Any) -> Day | None:
        """The end of an event, from its own column or from a date range; invalid ends are left out."""
        end = self.dates.end
        if isinstance(value, Several):
            value = _day_of(value)
        if not is_absent(value):
            try:
                end = self.dates.read_end(value)
            except InputError:
                self.dates.note("end dates that cannot be read, ignored")
        if end is None or day is None:
            return None
        if day_number(end) < day_number(day):
            self.dates.note("end dates before the start date, ignored")
            return None
        return end

    def _names(self, field: str, value: Any) -> list[str]:
        if value is None or (type(value) in (str, list, dict) and not value):
            return []
        if type(value) is list and {str} == set(map(type, value)) and "&" not in "".join(value):
            return [" ".join(item.split()) for item in value if item and not item.isspace()]
        if isinstance(value, Several):
            return [name for _, part in value for name in self._names(field, part)]
        return [
            " ".join(name.split())
            for name in self._listed(field, value)
            if name.strip() and name.strip() not in _ABSENT
        ]

    def _listed(self, field: str, value: Any, depth: int = 0) -> Iterable[str]:
        if value is None or value != value:
            return
        if isinstance(value, str):
            if depth or field == "category":
                yield plain_text(value)
            else:
                yield from self._split(field, plain_text(value))
        elif isinstance(value, bool):
            raise InputError("expected a list of strings, found true or false in it", field=field)
        elif isinstance(value, int | float | Decimal):
            yield _number(plain(value))
        elif isinstance(value, Mapping):
            name = next((value[key] for key in _NAMES if value.get(key)), None)
            if isinstance(name, Mapping):  # a name in several languages
                name = next((name[code] for code in ("en", "eng", *name) if name.get(code)), None)
            wrapper = next((key for key in ("attributes", "data", "node") if key in value), None)
            if name is None and wrapper is not None and depth < _DEEPEST:
                # Relations in Strapi and GraphQL: {"data": [{"attributes": {"name": ...}}]}.
                yield from self._listed(field, value[wrapper], depth + 1)
                return
            if value.get("type") in ("Hashtag", "Mention") and isinstance(name, str):  # ActivityStreams
                if value["type"] == "Hashtag":
                    yield plain_text(name.removeprefix("#"))
                return
            if isinstance(value.get("value"), str) and value.keys() <= {"name", "value", "rank", "major"}:
                name = value[
                    "value"
                ]  # {"name": "glocations", "value": "Mosul"}: the name is the kind, the value is the topic
            if name is None and are_named(value):
                yield from self._listed(field, list(value.values()), depth + 1)
                return
            if not isinstance(name, str | int) or isinstance(name, bool):
                raise InputError(
                    "expected a list of strings, found an object without a name in it", field=field
                )
            yield plain_text(str(name))
        elif isinstance(value, Iterable) and not isinstance(value, bytes) and depth < _DEEPEST:
            for item in in_fixed_order(value):
                yield from self._listed(field, item, depth + 1)
        else:
            raise InputError(f"expected a list of strings, got {kind_of(value)}", field=field)

    def _split(self, field: str, cell: str) -> list[str]:
        if _ANGLES.match(cell):  # in the notation of Stack Exchange: <fire><harbour>, |fire|harbour|
            return re.findall(r"[^<>|]+", cell)
        listed = _literal(cell)
        if listed is not None:
            return list(self._listed(field, listed, 1))
        if _HASHED.fullmatch(cell):
            return re.findall(r"#([^\s#,]+)", cell)
        bare = cell.strip()
        if bare[:1] + bare[-1:] in ("[]", "{}"):
            bare = bare[1:-1]
        mark = self._separators.get(field) or next((mark for mark in _SEPARATORS if mark in bare), ",")
        parts: list[str] = []
        for part in bare.split(mark):
            part = part.strip()
            if bare is not cell.strip() or part[:1] + part[-1:] == '""':
                part = part.strip("\"'")
            if mark == "," and parts and part in NOT_ALONE:
                parts[-1] += f", {part}"
            elif part:
                parts.append(part)
        return parts

    def _sources(self, value: Any) -> tuple[Source, ...]:
        if type(value) is list:
            found = []
            for item in value:
                if type(item) is dict:
                    name, url = item.get("name"), item.get("url")
                    if type(name) is str and "&" not in name and (url is None or type(url) is str):
                        if name not in _ABSENT:
                            found.append(Source(name, untracked(url) if url else None))
                        continue
                source = _source(item)
                if source is not None:
                    found.append(source)
            return tuple(found)
        if not value or value != value:
            return ()
        if isinstance(value, Several):
            return tuple(source for _, part in value for source in self._sources(part))
        if isinstance(value, str):
            listed = _literal(value)
            if listed is None:
                listed = [part.strip() for part in value.split(self._separators.get("sources") or ";")]
            value = listed
        elif isinstance(value, Source | Mapping):
            value = [value]
        elif isinstance(value, int | float):
            return ()  # the number of a kind of source
        if not isinstance(value, Iterable) or isinstance(value, bytes):
            raise InputError(f"expected a list of names or objects, got {kind_of(value)}", field="sources")
        return tuple(source for item in in_fixed_order(value) if (source := _source(item)) is not None)


_ANGLES = re.compile(r"(?:<[^<>\s]{1,100}>)+\Z|\|(?:[^|<>\s]{1,100}\|)+\Z")
_CLOCK = re.compile(
    r"(?:(?P<hour>\d{1,2})[:.h](?P<minute>[0-5]\d)(?P<second>:[0-5]\d(?:\.\d{1,9})?)?|(?P<hours>[01]?\d|2[0-3])(?P<minutes>[0-5]\d))"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?:h|hrs?|hours|Uhr|Z|UTC|GMT)?\Z"
)
_ZONE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z_/+-]+\Z|(?:UTC|GMT)?[+-]\d\d?:?\d\d\Z|UTC\Z|GMT\Z")


def _day_alone(value: Any) -> Any:
    """A date without the time of the second column."""
    if not isinstance(value, Several):
        return value
    return value[0][1] if is_clock(value[1][0]) else _day_of(value)


def _day_of(parts: Several) -> str:
    """Combine the columns of year, month and day into one date; a month or day that is missing or 0 is unknown."""
    text = ""
    for name, part in parts:
        number = (
            "" if is_absent(part) else _number(part) if isinstance(part, int | float) else str(part).strip()
        )
        number = number.removesuffix(".0")
        if not number.strip("0"):
            break
        if text:
            number = number.zfill(3 if is_day_of_year(name) else 2)
        elif number.lstrip("-").isdecimal():
            number = f"{int(number):05d}" if number.startswith("-") else number.zfill(4)
        text = f"{text}-{number}" if text else number
    return text


def is_absent(value: Any) -> bool:
    """Whether a cell is empty or stands for a missing value."""
    return value is None or value != value or (isinstance(value, str) and value.strip() in _ABSENT)


def _source(item: Any) -> Source | None:
    if isinstance(item, Source):
        return item
    if item is None or item != item:
        return None
    if isinstance(item, str):
        name = plain_text(item)
        if name.strip() in _ABSENT:
            return None
        if name.startswith(("http://", "https://")):
            try:
                return Source(urlsplit(name).hostname or name, untracked(name))
            except ValueError:
                return Source(name)
        return Source(name)
    if isinstance(item, Mapping):
        url = next((item[name] for name in ("url", "link", "href") if item.get(name)), None)
        if url is not None and not isinstance(url, str):
            raise InputError(f"a source's url is {kind_of(url)}, expected text", field="sources")
        named = next((item[key] for key in _NAMES if isinstance(item.get(key), str) and item[key]), None)
        if named is not None:
            return Source(plain_text(named), untracked(url) if url else None)
        if url is not None:
            return _source(url)
    raise InputError('each source is a name or {"name": ..., "url": ...}', field="sources")


def _literal(cell: str) -> list[Any] | None:
    """The list in a cell, in the notation of JSON, Python or NumPy; None if the cell holds no list."""
    text = cell.strip()
    if text[:1] not in ("[", "(", "{") or len(text) > _LONGEST_LIST:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        try:
            value = ast.literal_eval(_with_commas(text))
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            return None
    if isinstance(value, list | tuple | set | frozenset):
        return list(in_fixed_order(value))
    return [value] if isinstance(value, Mapping) else None


def _with_commas(text: str) -> str:
    """A list as NumPy prints it, with the commas that it leaves out; Python would join the texts ``['Mosul' 'Iraq']``."""
    if not _NO_COMMA.search(text):
        return text
    return "".join(
        f"{part} " if part in "[{(,:" or after in "]}),:" else f"{part}, "
        for part, after in pairwise([*_PARTS.findall(text), ""])
    )


_NO_COMMA = re.compile(r"""['"}\]]\s*['"{\[]""")
_PARTS = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[][{}(),:]|[^][{}(),:\s'"]+|['"]""")


def _said_in(cell: str) -> str | None:
    """The text in a cell that holds an object of it and at most one thing beside it: ``{"text": "The ferry stops"}``."""
    listed = _literal(cell)
    if not listed or not isinstance(listed[0], Mapping) or len(listed[0]) > _WITH_TEXT:
        return None
    return next((each for name in ("text", *_SAID) if isinstance(each := listed[0].get(name), str)), None)


def _text(field: str, value: Any, between: str) -> str:
    if type(value) is str:
        if value in _ABSENT:
            return ""
        if value[:1] == "{" and (said := _said_in(value)):
            value = said
        return plain_text(value) if "<" in value or "&" in value else value
    value = plain(value)
    if value is None or value != value:
        return ""
    if isinstance(value, Several):
        return between.join(dict.fromkeys(part for _, cell in value if (part := _text(field, cell, between))))
    if isinstance(value, bool):
        raise InputError("expected text, got true or false", field=field)
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, str):
        return _text(field, str(value), between)
    if isinstance(value, Mapping):
        inner = next(
            (
                value[name]
                for name in ("rendered", "#text", "_text", "value", "@value", "plain", "text")
                if name in value
            ),
            None,
        )
        if isinstance(inner, str):
            return _text(field, inner, between)
        if isinstance(value.get("children"), list):  # rich text in JSON: blocks of spans
            return _text(field, value["children"], "")
        if isinstance(value.get("content"), list):  # of Atlassian, ProseMirror and Contentful
            return _blocks(value["content"], 0)
        if inner is None and "_type" in value:
            return ""
        # A note, an update, an abstract with its kind: the text is in one field, beside date and author.
        said = next((value[name] for name in _SAID if isinstance(value.get(name), str)), None)
        if said is not None:
            return _text(field, said, between)
    if isinstance(value, list | tuple):
        if value and all(isinstance(part, Mapping) for part in value):
            if any(isinstance(part.get("content"), list) for part in value):
                return _blocks(value, 0)
            languages = [str(part.get("lang") or part.get("language") or "") for part in value]
            if all(languages):
                # The same text in several languages, as in NVD.
                chosen = "en" if "en" in languages else languages[0]
                value = [part for part, named in zip(value, languages, strict=True) if named == chosen]
        if all(isinstance(part, str | int | float | Mapping) or part is None for part in value):
            if any(isinstance(part, str) for part in value) and any(
                isinstance(part, Mapping) for part in value
            ):
                between = ""  # a text split at its links
            return between.join(words for part in value if (words := _text(field, part, between)))
    if isinstance(value, date | datetime):
        return value.isoformat()
    if hasattr(value, "hex") and hasattr(value, "int"):  # a UUID
        return str(value)
    raise InputError(f"expected text, got {kind_of(value)}", field=field)


_SAID = ("body", "description", "content", "message", "comment", "title", "abstract", "note")


def _blocks(nodes: Sequence[Any], depth: int) -> str:
    """The text of a document that is a tree of nodes; nodes that contain nodes are blocks."""
    blocks: list[str] = []
    words = ""
    for node in nodes if depth < _DEEPEST_NODES else ():
        if not isinstance(node, Mapping):
            continue
        inner = node.get("content")
        if isinstance(inner, list):
            is_link = node.get("nodeType") == "hyperlink"
            if is_link:
                words += _blocks(inner, depth + 1)
            else:
                blocks += [words, _blocks(inner, depth + 1)]
                words = ""
            continue
        about = node.get("attrs")
        said = (
            node.get("text")
            or node.get("value")
            or (about.get("text") if isinstance(about, Mapping) else None)
        )
        words += said if isinstance(said, str) else "\n" if node.get("type") == "hardBreak" else ""
    return "\n\n".join(block for block in [*blocks, words] if block.strip())


_DEEPEST_NODES = 50  # nodes of rich text within each other


def _first(value: Any) -> Any:
    """The first of several addresses or languages."""
    if isinstance(value, list | tuple) and not isinstance(value, Several):
        return next((item for item in value if item), None)
    return value


def _number(value: float) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


def identity(value: Any) -> EventId | None:
    """The id in a cell; None if it is empty."""
    if type(value) is str:
        return value or None
    value = plain(value)
    if value is None or value != value:
        return None
    if isinstance(value, bool):
        raise InputError("expected text, got true or false", field="id")
    if isinstance(value, float):
        if not (value.is_integer() and abs(value) < 2**53):
            raise InputError(f"expected text or a whole number, got {value}", field="id")
        value = int(value)
    if isinstance(value, int):
        return number_id(value)
    if isinstance(value, Mapping):
        inner = next(
            (
                value[name]
                for name in ("$oid", "value", "#text", "rendered")
                if isinstance(value.get(name), str)
            ),
            None,
        )
        if inner:
            return str(inner)
    return _text("id", value, " ") or None
