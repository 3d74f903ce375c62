"""Maps the fields of records to those of events: as the caller says, else by the names that common schemas use. In: records
with the names of their files. Out: records with the fields of `Event`, each from its column or columns; and the mapping, for
the summary.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from dataclasses import fields as fields_of
from itertools import chain
from types import MappingProxyType
from typing import Any

from relatedness.events import Event
from relatedness.sources._hiding import hiding, unpublished
from relatedness.sources._names import (
    BY_WORDS,
    DUBLIN_CORE,
    LAST_RANKS,
    RANKS,
    by_words,
    clock_beside,
    date_parts,
    folded,
    is_beginning,
    is_clock,
    is_other_day,
    misspelt,
    names_as_listed,
    names_beside,
    words_of,
)
from relatedness.sources._settled_names import is_plain, settle

FIELDS = tuple(field.name for field in fields_of(Event))
JOINED = frozenset({"title", "text", "topics", "sources"})
"""The fields that several columns may be combined into."""

# Objects that only wrap the content of a record: their fields count as fields of the record.
_WRAPPERS = frozenset(names_as_listed("objects", "wrappers"))
# Objects that only wrap one value.
_VALUES = names_as_listed("objects", "values")
_VALUE_RANKS = {name: rank for rank, name in enumerate(_VALUES)}
_LEXICAL = ("root", "children")  # how rich text of Lexical begins
_DATES = ("date", "dates", "timestamps", "history", "audit")  # an object with several dates
_MOMENTS = frozenset(("datetime", "utc", "date"))  # names within an object that is one date
_SPANS = frozenset(names_as_listed("objects", "spans"))
_DYNAMIC = re.compile(
    r"(.{2,60}?)_(?:txt_[a-z]{2}|t_[a-z]{2}|txts?|text|tdts?|dts?|strs?|ss?|t|is?|ls?|fs?|ds?|bs?)\Z"
)
_LOCALE = re.compile(
    r"[a-z]{2}-[A-Z]{2}\Z|(?:en|de|fr|es|it|pt|nl|ru|zh|ja|ko|pl|sv|da|fi|cs|tr|ar)\Z"
)  # a text per language, as in {"title": {"en-US": ...}}
_DEEPEST = 4  # objects within each other whose fields count as those of the record
_WHOLE_DAY = 3  # year, month and day
_SHAPES = 4096  # kinds of records whose mappings are cached
MOST_PLANS = 32
"""The most column mappings of a source that are stored."""

Path = tuple[str, ...]
# Fields read from one plain column, with its name; the other fields with their columns; further columns for the date and
# the text.
_Plan = tuple[list[tuple[str, str]], list[tuple[str, list[Path]]], list[tuple[str, list[Path]]]]


@dataclass(frozen=True, slots=True)
class WantedColumns:
    """The caller's options for the columns of a source."""

    # The source's name of a field to ours, as given by the caller.
    fields: Mapping[str, str] = field(default_factory=dict)
    dated: bool = True  # whether every record needs a date
    # Our fields with their columns, one mapping for each kind of record in an earlier reading.
    found: Sequence[Mapping[str, Sequence[str]]] = ()
    table: str | None = None  # the table or sheet that an earlier reading chose, or that the caller names
    by_cells: bool = True  # whether the date and text columns may be detected from cells if no name tells
    apart: frozenset[str] = frozenset()  # columns excluded because of their cells
    # The columns of `fields` detected from cells, not named by the caller.
    shown: frozenset[str] = frozenset()
    names_table: bool = False  # whether the caller names the table

    @property
    def names_date(self) -> bool:
        """Whether the caller, or an earlier reading, names the column of the date."""
        return "date" in self.fields.values() or any("date" in way for way in self.found)

    def lacks(self, names: Iterable[Path]) -> list[str]:
        """The required fields that no name tells: ``date``, ``title``."""
        found = match(list(names), self)
        return [
            *(["date"] if self.dated and "date" not in found else []),
            *([] if {"title", "text"} & set(found) else ["title"]),
        ]


class Columns:
    """The columns of one source, matched as its records are read.

    Parameters
    ----------
    wanted : WantedColumns, optional
        The caller's options. Several columns may be combined into one title, text, list of topics or sources.

    Attributes
    ----------
    read : dict
        Our field to the columns that it was read from.
    plans : dict
        The mappings used for its records, as keys; each holds our fields with their columns.
    counts : set of str
        Names of columns that hold counts, so that their values do not mark a record as hidden.
    misspelt : dict
        Names of columns that are not read to the fields that are probably meant, which their records lack.
    """

    def __init__(self, wanted: WantedColumns | None = None) -> None:
        self._wanted = wanted or WantedColumns()
        self.plans: dict[tuple[tuple[str, tuple[str, ...]], ...], None] = {}
        self.read: dict[str, dict[str, None]] = {}
        self._there: dict[str, None] = {}
        self._plans: dict[tuple[Any, ...], _Plan] = {}
        self.by_cells: dict[str, str] = {}
        self.counts: set[str] = set()
        self.misspelt: dict[str, str] = {}
        self._hiding: dict[Path, Callable[[Any], str | None]] = {}

    def take(self, by_cells: Mapping[str, str]) -> None:
        """Map columns to our fields because of their cells; call it before `apply`."""
        self.by_cells = dict(by_cells)
        self._wanted = replace(
            self._wanted, fields={**by_cells, **self._wanted.fields}, shown=frozenset(by_cells)
        )

    def found(self, paths: Sequence[Path]) -> dict[str, list[Path]]:
        """Match names to fields, as far as known."""
        return match(paths, self._wanted)

    @property
    def apart(self) -> frozenset[str]:
        """The names of excluded columns."""
        return self._wanted.apart

    def leave(self, name: str) -> None:
        """Exclude a column because of its cells; call it before `apply`."""
        self._wanted = replace(self._wanted, apart=self._wanted.apart | {name})

    def apply(self, record: Mapping[Any, Any]) -> dict[str, Any]:
        """A record with our fields.

        Values of several columns become a list (`Several`); fields without a column are absent.
        """
        shape: tuple[Any, ...] = tuple(record)
        # Include nested names in the shape; nearly all records have none.
        if dict in map(type, record.values()):
            shape = _shape(record)
        plan = self._plans.get(shape)
        if plan is None:
            plan = self._plan(record)
            if len(self._plans) >= _SHAPES:
                self._plans.clear()
            self._plans[shape] = plan
        simple, others, spare = plan
        found: dict[str, Any] = {ours: record[name] for ours, name in simple}
        for ours, paths in others:
            if len(paths) == 1:
                found[ours] = _at(record, paths[0])
            else:
                found[ours] = Several((".".join(path), _at(record, path)) for path in paths)
        for ours, paths in spare:
            if not _says(found[ours]) and (
                path := next((path for path in paths if _says(_at(record, path))), None)
            ):
                found[ours] = _at(record, path)
                self.read[ours].setdefault(".".join(path))
        return found

    def hidden(self, record: Mapping[Any, Any]) -> str | None:
        """Why the program that wrote a record hides it; None if it does not. Call it after `apply`."""
        for path, rule in self._hiding.items():
            if rule is unpublished and path[0] not in record:
                continue
            reason = rule(_at(record, path))
            if reason is not None:
                return reason
        return None

    @property
    def may_hide(self) -> bool:
        """Whether a record so far has a column that may mark it as hidden."""
        return bool(self._hiding)

    def _plan(self, record: Mapping[Any, Any]) -> _Plan:
        paths = list(paths_of(record))
        chosen = match(paths, self._wanted, self.read)
        of_record = {
            path[-1]: path
            for path in paths
            if path[-1] not in self.counts and all(_wraps(part, path[1:]) for part in path[:-1])
        }
        days = chosen.get("date", ())
        self._hiding |= {
            of_record[name]: rule
            for name, rule in hiding(of_record).items()
            if of_record[name] not in days or rule is unpublished
        }
        if len(self.plans) < MOST_PLANS:
            way = tuple((ours, tuple(".".join(path) for path in found)) for ours, found in chosen.items())
            self.plans.setdefault(way)
        used = {path for found in chosen.values() for path in found}
        for path in paths:
            if path not in used:
                self._there.setdefault(".".join(path))
                if len(path) == 1 and isinstance(record.get(path[0]), str | list):
                    near = misspelt(path[0]) - chosen.keys()
                    self.misspelt |= {name: ours for ours in FIELDS if ours in near for name in path}
        for ours, found in chosen.items():
            self.read.setdefault(ours, {}).update(dict.fromkeys(".".join(path) for path in found))
        simple = [
            (ours, names[0][0]) for ours, names in chosen.items() if len(names) == 1 and len(names[0]) == 1
        ]
        plain = {ours for ours, name in simple if name in record}
        spare = []
        for ours, ranks in _SPARE.items():
            is_named = ours in self._wanted.fields.values() and ours not in self.by_cells.values()
            others = {
                rank: path
                for name, path in of_record.items()
                if path not in used and (rank := ranks.get(folded(name))) is not None and not is_clock(name)
            }
            # A record without its day of publication is a draft.
            if (
                others
                and len(chosen.get(ours, ())) == 1
                and not is_named
                and not (ours == "date" and "pub" in folded(chosen[ours][0][-1]))
            ):
                spare.append((ours, [others[rank] for rank in sorted(others)]))
        return (
            [(ours, name) for ours, name in simple if ours in plain],
            [(ours, names) for ours, names in chosen.items() if ours not in plain],
            spare,
        )

    def know(self, names: Iterable[str]) -> None:
        """Note the names of columns that are not fetched."""
        self._there |= dict.fromkeys(names)

    @property
    def unused(self) -> list[str]:
        """The names that no field was read from, in their order."""
        used = {name for names in self.read.values() for name in names}
        return [name for name in self._there if name not in used]

    @property
    def names(self) -> list[str]:
        """All names of columns so far."""
        return list(dict.fromkeys(chain(chain.from_iterable(self.read.values()), self._there)))

    @property
    def has_words(self) -> bool:
        """Whether a title or a text was found in any record so far."""
        return "title" in self.read or "text" in self.read

    def theirs(self, field: str) -> str:
        """The source's name for one of our fields."""
        return " + ".join(self.read.get(field, ())) or field


class Several(tuple[tuple[str, Any], ...]):
    """The values of several columns that are combined into one field, with their names."""


def match(
    paths: Sequence[Path],
    wanted: WantedColumns,
    known: Mapping[str, Container[str]] = MappingProxyType({}),
) -> dict[str, list[Path]]:
    """Which of the names in a record are which fields of an event.

    Parameters
    ----------
    paths : sequence of tuple of str
        The names, of nested ones all parts.
    known : mapping
        Our fields already read from other records of the source, with their columns: if a record lacks these columns, no other
        column is guessed.

    Returns
    -------
    dict
        Our field to the names that it is read from, in their order.
    """
    by_name = {".".join(path): path for path in paths}
    by_folded: dict[str, Path] = {}
    for path in paths:
        by_folded.setdefault(folded(".".join(path)), path)
    chosen: dict[str, list[Path]] = {}
    taken: set[Path] = set()
    for theirs, ours in wanted.fields.items():
        named = by_name.get(theirs) or by_folded.get(folded(theirs))
        if named is not None:
            chosen.setdefault(ours, []).append(named)
            taken.add(named)
    # Keep the mapping of an earlier reading, so that a new column changes nothing; of several mappings take the one with the
    # most fields.
    earlier = [
        way for way in wanted.found if all(name in by_name for names in way.values() for name in names)
    ]
    for ours, names in max(earlier, key=len, default={}).items():
        if ours not in chosen and ours in FIELDS and not any(by_name[name] in taken for name in names):
            chosen[ours] = [by_name[name] for name in names]
            taken.update(chosen[ours])
    given = set(chosen)
    # A whole record may be wrapped under any name: {"helpdesk_ticket": {...}}.
    whole = {path[0] for path in paths} if len(paths) > 1 and all(len(path) > 1 for path in paths) else set()
    bare = {
        path: tuple(
            part
            for at, part in enumerate(path)
            if not _wraps(part, path[at + 1 :]) and not (at == 0 and len(whole) == 1)
        )
        or path[-1:]
        for path in paths
    }
    free: dict[str, Path] = {}
    spelled: dict[str, Path] = {}

    # WordPress has the author's source ("raw") beside the rendered text; a name without a schema comes before "dc.date".
    def place(path: Path) -> tuple[int, bool, int]:
        return (
            len(path),
            path[-1].lower().startswith(DUBLIN_CORE),
            _VALUE_RANKS.get(path[-1], 0) if path[1:] else 0,
        )

    for path in sorted(paths, key=place):
        short = bare[path]
        if len(short) > 1 and short[0].lower() in _DATES:
            # {"date": {"original": ...}} is the original date.
            inside = next(
                (name for name in (short[1], f"date {short[1]}") if folded(name) in RANKS["date"]), None
            )
            short = short if inside is None else (inside, *short[2:])
        is_value = len(short) == 2 and (
            short[1] in _VALUES
            or _LOCALE.match(short[1])
            or (folded(short[1]) in _MOMENTS and folded(short[0]) in RANKS["date"] | RANKS["end"])
        )
        if len(short) == 2 and _begins_span(short) and path not in taken:
            free.setdefault("eventdate", path)
        if path[-2:] == ("html", "href"):  # of Bitbucket's links, and those of HAL
            free.setdefault("htmlurl", path)
        if path[-2:] == ("publication", "language"):  # of a sitemap of news
            free.setdefault("language", path)
        if path in taken or not (len(short) == 1 or is_value or short[1:] == _LEXICAL):
            continue
        if path[-1] in wanted.apart:
            continue
        if short[0].startswith(("_", ":")) and short[0] not in _NOT_APART:
            continue  # internal fields of a program
        free.setdefault(folded(short[0]), path)
        spelled.setdefault(short[0], path)

    # Fields of Solr whose names end in their types: title_t, published_dt.
    dynamic = {found[1]: path for name, path in spelled.items() if (found := _DYNAMIC.match(name))}
    if len(dynamic) > 1:
        for name, path in dynamic.items():
            free.setdefault(folded(name), path)
            spelled.setdefault(name, path)

    def choose(ours: str, ranks: Mapping[str, int]) -> None:
        if ours in chosen:
            return
        used = {path for found in chosen.values() for path in found}
        best = min(
            (name for name, path in free.items() if name in ranks and path not in used),
            key=ranks.__getitem__,
            default=None,
        )
        if best is not None:
            chosen[ours] = [free[best]]

    # Where year, month and day have columns of their own, a time is no date.
    days = [name for name in free if name in RANKS["date"]]
    if "date" not in chosen and "date" not in known and days and all(map(is_clock, days)):
        parts = date_parts(list(spelled), "date")
        if len(parts) == _WHOLE_DAY or (parts and not by_words("date", list(spelled))):
            chosen["date"] = [spelled[name] for name in parts]
    for ours, ranks in RANKS.items():
        choose(ours, ranks)
    settle(chosen, free, given)
    for ours, columns in known.items():
        if ours not in chosen:
            used = {path for found in chosen.values() for path in found}
            again = [path for path in paths if path not in used and ".".join(path) in columns]
            if again:
                chosen[ours] = again
    for ours in ("date", "end"):
        if ours not in chosen and ours not in known and (parts := date_parts(list(spelled), ours)):
            chosen[ours] = [spelled[name] for name in parts]
    for ours in BY_WORDS:
        if ours in known:
            continue
        if ours not in chosen:
            used = {path for found in chosen.values() for path in found}
            names = by_words(ours, [name for name, path in spelled.items() if path not in used])
            if names:
                chosen[ours] = [spelled[name] for name in (names if ours == "text" else names[:1])]
        if ours in LAST_RANKS and not (ours == "text" and "title" in chosen and is_plain(chosen, spelled)):
            choose(ours, LAST_RANKS[ours])
    if "date" not in chosen and "date" not in known and "end" in chosen and "end" not in given:
        chosen["date"] = chosen.pop("end")  # the only date there is
    if "date" not in chosen and "date" not in known:
        # If there is no other date, use one inside an object of dates, or an internal one of the program.
        used = {path for found in chosen.values() for path in found}
        inner = {
            " ".join(path): path
            for path in paths
            if path not in used and (len(path) == 1 or path[0].lower() in _DATES)
        }
        if best := by_words("date", list(inner)):
            chosen["date"] = [inner[best[0]]]
    day = chosen["date"][0][-1] if chosen.get("date") else ""
    is_shown = day in wanted.shown and folded(day) not in RANKS["date"]
    if (is_shown or "date" not in given) and "date" not in known and len(chosen.get("date", ())) == 1:
        used = {path for found in chosen.values() for path in found}
        *above, day = chosen["date"][0]
        # An object may hold a day, a time and perhaps a zone.
        inner = {
            path[-1]: path for path in paths if above and folded(day) == "date" and [*path[:-1]] == above
        }
        candidates = inner | spelled | inner  # its own names first
        beside = clock_beside(day, [name for name, path in candidates.items() if path not in used], is_shown)
        chosen["date"] += [candidates[name] for name in beside]
    return {ours: chosen[ours] for ours in FIELDS if ours in chosen}


def _begins_span(path: Path) -> bool:
    """Whether a name is that of the beginning of when an event is: ``firstTiming.begin``, ``schedule.start``."""
    return (
        not _SPANS.isdisjoint(words_of(path[0])[-1:]) and not is_other_day(path[0]) and is_beginning(path[1])
    )


_BODIES = names_beside("bodies")
_SPARE = {"date": RANKS["date"], "text": {name: rank for rank, name in enumerate(_BODIES)}}
"""Names for the date and the text of a record: the first one that is not empty counts."""


def may_be_spare(name: str) -> bool:
    """Whether a column of this name is read where the one of the text is empty.

    Examples
    --------
    >>> may_be_spare("Description"), may_be_spare("Remarks")
    (True, False)
    """
    return folded(name) in _BODIES


def _says(value: Any) -> bool:
    return not (value is None or value != value) if not isinstance(value, str) else bool(value.strip())


def _wraps(part: str, below: Path) -> bool:
    """Whether a part of a name only locates the content: {"content": {"headline": ...}}, not {"content": {"text": ...}}."""
    low = part.lower()
    return low in _WRAPPERS or (
        low == "content"
        and bool(below)
        and below[0] not in (*_VALUES, "root")
        and not _LOCALE.match(below[0])
    )


_NOT_APART = ("_id", "_time", "_raw")
"""Names that begin with an underscore like a program's internal fields, but carry content."""


def _shape(record: Mapping[Any, Any], depth: int = 0) -> tuple[Any, ...]:
    deeper = depth + 1
    names = [
        (name, _shape(value, deeper)) if deeper < _DEEPEST and isinstance(value, dict) else name
        for name, value in record.items()
    ]
    return tuple(names)  # a list comprehension is faster than a generator


def paths_of(record: Mapping[Any, Any], above: Path = ()) -> Iterator[Path]:
    """The names in a record, those of nested objects in parts."""
    for name, value in record.items():
        path = (*above, str(name))
        if (
            isinstance(value, Mapping)
            and value
            and len(path) < _DEEPEST
            and not (folded(path[-1]) in _KEYED and are_named(value))
            and not all(str(part).startswith("$") for part in value)
        ):
            yield from paths_of(value, path)
        else:
            yield path


_KEYED = frozenset((*RANKS["topics"], *RANKS["category"], "categories"))


def are_named(value: Mapping[Any, Any]) -> bool:
    """Whether an object holds others by their names: {"fire": {"name": "Fire", "slug": "fire"}}.

    Examples
    --------
    >>> are_named({"fire": {"name": "Fire"}}), are_named({"name": "Fire"})
    (True, False)
    """
    return all(isinstance(each, Mapping) and "name" in each for each in value.values())


def leaves(record: Mapping[Any, Any]) -> Iterator[tuple[Path, Any]]:
    """The names in a record, those of nested objects in parts, each with its value."""
    for path in paths_of(record):
        yield path, _at(record, path)


def _at(record: Any, path: Path) -> Any:
    for part in path:
        if not isinstance(record, Mapping):
            return None
        record = record.get(part)
    return record
