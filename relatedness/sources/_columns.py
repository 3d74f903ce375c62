"""Which field of a record is which of an event: by the caller's word, else by the names that common schemas use.

In: records as their files hold them, names and all. Out: records with the fields of `Event`, each from its column or
columns; and what was read from where, for the summary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields as fields_of
from difflib import get_close_matches
from typing import Any

from relatedness.errors import ConfigError, InputError
from relatedness.events import Event

FIELDS = tuple(field.name for field in fields_of(Event))
_JOINED = frozenset({"title", "text", "topics", "sources"})
"""The fields that several columns may make together."""

# The common names of each field, the best first; compared without case, blanks and punctuation.
_NAMES = {
    "id": "id _id guid uuid uid identifier event_id incident_id article_id item_id post_id record_id issue_id doc_id "
    "document_id object_id ghsa_id cve_id cve key number slug",
    "date": "date published_at published published_date date_published publication_date publish_date pub_date posted_at "
    "posted post_date date_gmt event_date date_of_event incident_date date_of_incident occurred_at occurred occurred_on "
    "start_date started_at start_time start started dt_start begin begins_at reported_at report_date created_at created "
    "created_on creation_date created_date date_created date_added added_at added opened_at opened date_opened "
    "disclosed disclosure_date announced decision_date issued date_issued release_date released filed filing_date "
    "timestamp datetime date_time time day when updated_at updated modified last_modified year",
    "title": "title headline heading name subject event_name event_title incident_name short_title short_description "
    "issue_title display_title",
    "text": "text body content contents full_text article_body body_text content_text plain_text content_html body_html "
    "html description long_description desc details detail abstract excerpt summary synopsis narrative message notes "
    "note story article lead teaser deck blurb selftext remarks comment",
    "topics": "topics topic tags tag labels label keywords keyword subjects hashtags themes concepts tag_list",
    "category": "category section category_name event_type incident_type rubric",
    "url": "html_url url link permalink web_url href article_url page_url canonical_url external_url source_url uri",
    "language": "language lang locale language_code lang_code",
    "sources": "sources source publisher outlet publication newspaper source_name",
    "group": "group group_id translation_key",
}
# Objects that only wrap what a record is about: what they hold counts as if the record held it.
_WRAPPERS = frozenset(
    [
        "meta",
        "metadata",
        "fields",
        "data",
        "attributes",
        "properties",
        "node",
        "_source",
        "record",
        "event",
        "item",
        "frontmatter",
        "front_matter",
        "snippet",
        "post",
        "article",
        "document",
        "doc",
        "resource",
    ]
)
# Objects that only wrap one value.
_VALUES = ("rendered", "$date", "$oid", "#text", "_text", "value", "plain", "text", "name")
_DEEPEST = 3
_SHAPES = 4096

Path = tuple[str, ...]
# Our fields that are one plain column, with its name; the others with where they are read from.
_Plan = tuple[list[tuple[str, str]], list[tuple[str, list[Path]]]]


def _folded(name: str) -> str:
    return re.sub(r"[^\w$#]|_", "", name).lower()


_RANKS = {
    field: {_folded(name): rank for rank, name in reversed(list(enumerate(names.split())))}
    for field, names in _NAMES.items()
}


class Columns:
    """The columns of one source, found as its records come.

    Parameters
    ----------
    fields : mapping, optional
        Their name to ours: what the caller says. Several of theirs may make one title, text, list of topics or sources.

    Attributes
    ----------
    read : dict
        Our field to the names that it was read from.
    """

    def __init__(self, fields: Mapping[str, str] | None = None) -> None:
        self.fields = dict(fields or {})
        self.read: dict[str, dict[str, None]] = {}
        self._there: dict[str, None] = {}
        self._plans: dict[tuple[Any, ...], _Plan] = {}

    def apply(self, record: Mapping[Any, Any]) -> dict[str, Any]:
        """A record with our fields.

        Values of several columns come as a list (`Several`); a field that no column is, is absent.
        """
        shape: tuple[Any, ...] = tuple(record)
        # Nested names are part of the shape; nearly all records have none.
        if dict in map(type, record.values()):
            shape = _shape(record)
        plan = self._plans.get(shape)
        if plan is None:
            plan = self._plan(record)
            if len(self._plans) >= _SHAPES:
                self._plans.clear()
            self._plans[shape] = plan
        simple, others = plan
        found: dict[str, Any] = {ours: record[name] for ours, name in simple}
        for ours, paths in others:
            if len(paths) == 1:
                found[ours] = _at(record, paths[0])
            else:
                found[ours] = Several((".".join(path), _at(record, path)) for path in paths)
        return found

    def _plan(self, record: Mapping[Any, Any]) -> _Plan:
        paths = list(_paths(record))
        chosen = match(paths, self.fields)
        used = {path for found in chosen.values() for path in found}
        for path in paths:
            if path not in used:
                self._there.setdefault(".".join(path))
        for ours, found in chosen.items():
            self.read.setdefault(ours, {}).update(dict.fromkeys(".".join(path) for path in found))
        simple = [
            (ours, names[0][0]) for ours, names in chosen.items() if len(names) == 1 and len(names[0]) == 1
        ]
        plain = {ours for ours, name in simple if name in record}
        return (
            [(ours, name) for ours, name in simple if ours in plain],
            [(ours, names) for ours, names in chosen.items() if ours not in plain],
        )

    def know(self, names: Iterable[str]) -> None:
        """See the names of columns that are not fetched."""
        self._there |= dict.fromkeys(names)

    @property
    def unused(self) -> list[str]:
        """The names that no field was read from, in their order."""
        used = {name for names in self.read.values() for name in names}
        return [name for name in self._there if name not in used]

    def theirs(self, field: str) -> str:
        """How the source calls one of our fields."""
        return " + ".join(self.read.get(field, ())) or field


class Several(tuple[tuple[str, Any], ...]):
    """The values of several columns that make one field together, each with its name."""


def match(paths: Sequence[Path], fields: Mapping[str, str]) -> dict[str, list[Path]]:
    """Which of the names in a record are which fields of an event.

    Parameters
    ----------
    paths : sequence of tuple of str
        The names, of nested ones all parts.
    fields : mapping
        Their name to ours, where the caller says it.

    Returns
    -------
    dict
        Our field to the names that it is read from, in their order.
    """
    by_name = {".".join(path): path for path in paths}
    folded: dict[str, Path] = {}
    for path in paths:
        folded.setdefault(_folded(".".join(path)), path)
    chosen: dict[str, list[Path]] = {}
    taken: set[Path] = set()
    for theirs, ours in fields.items():
        named = by_name.get(theirs) or folded.get(_folded(theirs))
        if named is not None:
            chosen.setdefault(ours, []).append(named)
            taken.add(named)
    given = set(chosen)
    bare = {path: tuple(part for part in path if part.lower() not in _WRAPPERS) or path for path in paths}
    free: dict[str, Path] = {}
    for path in sorted(paths, key=len):
        short = bare[path]
        name = _folded(short[0]) if len(short) == 1 or (len(short) == 2 and short[1] in _VALUES) else ""
        if path not in taken and name:
            free.setdefault(name, path)
    for ours, ranks in _RANKS.items():
        if ours in given:
            continue
        best = min((name for name in free if name in ranks), key=ranks.__getitem__, default=None)
        if best is not None:
            chosen[ours] = [free[best]]
    _settle(chosen, free, given)
    return {ours: chosen[ours] for ours in FIELDS if ours in chosen}


def _settle(chosen: dict[str, list[Path]], free: Mapping[str, Path], given: set[str]) -> None:
    """What the names alone leave open."""
    exact = free.get("dategmt")
    if exact is not None and "date" not in given:
        chosen["date"] = [exact]  # WordPress: the other one is by the site's clock
    summary = free.get("summary")
    # Where there is a longer text beside it and nothing else for a title, a summary is the title (OSV, Jira).
    if (
        "title" not in chosen
        and "title" not in given
        and summary is not None
        and chosen.get("text") != [summary]
    ):
        chosen["title"] = [summary]
    categories = free.get("categories")
    if categories is not None and "topics" not in given and categories not in chosen.get("topics", ()):
        chosen.setdefault("topics", []).append(categories)


def _shape(record: Mapping[Any, Any], depth: int = 0) -> tuple[Any, ...]:
    return tuple(
        (name, _shape(value, depth + 1)) if isinstance(value, dict) and depth < _DEEPEST else name
        for name, value in record.items()
    )


def _paths(record: Mapping[Any, Any], above: Path = ()) -> Iterator[Path]:
    for name, value in record.items():
        path = (*above, str(name))
        if (
            isinstance(value, Mapping)
            and value
            and len(path) < _DEEPEST
            and not any(str(part).startswith("$") for part in value)
        ):
            yield from _paths(value, path)
        else:
            yield path


def _at(record: Any, path: Path) -> Any:
    for part in path:
        if not isinstance(record, Mapping):
            return None
        record = record.get(part)
    return record


def check_fields(fields: Mapping[str, str] | None) -> dict[str, str]:
    """The caller's names, checked against the fields of events.

    Raises
    ------
    ConfigError
        If one is mapped to no field of an event, or several to a field that one column makes.
    """
    mapping = dict(fields or {})
    for name, ours in mapping.items():
        if ours not in FIELDS:
            raise ConfigError(f"fields: {name!r} is mapped to {ours!r}; events have {', '.join(FIELDS)}")
        if ours not in _JOINED and sum(other == ours for other in mapping.values()) > 1:
            raise ConfigError(f"fields: more than one field is mapped to {ours!r}")
    return mapping


def read_mapping(texts: Iterable[str]) -> dict[str, str]:
    """Names of fields as people type them: ``headline=title``, or ``text=summary,notes`` for several columns.

    Raises
    ------
    ConfigError
        If one is of neither form.

    Examples
    --------
    >>> read_mapping(["headline=title", "text=summary,notes"])
    {'headline': 'title', 'summary': 'text', 'notes': 'text'}
    """
    mapping: dict[str, str] = {}
    for text in texts:
        left, _, right = (part.strip() for part in text.rpartition("="))
        if not left or not right:
            raise ConfigError(f"--field {text!r} is not of the form THEIRS=OURS, such as headline=title")
        if right not in FIELDS and left in FIELDS:
            mapping |= {name.strip(): left for name in right.split(",") if name.strip()}
        else:
            mapping[left] = right
    return mapping


def is_header(names: Iterable[str], fields: Mapping[str, str], *, dated: bool = True) -> bool:
    """Whether names tell a date (unless it may be missing) and words."""
    found = match([(name,) for name in names], fields)
    return ("date" in found or not dated) and ("title" in found or "text" in found)


def missing_name(names: Iterable[str], fields: Mapping[str, str]) -> str | None:
    """The first name that the caller says and that is none of a table's columns."""
    there = {_folded(name) for name in names}
    return next((name for name in fields if _folded(name) not in there), None)


def unmatched(
    names: Sequence[str],
    fields: Mapping[str, str],
    rows: Sequence[Sequence[str]],
    guess: Mapping[str, str],
    *,
    file: str,
    line: int | None,
) -> InputError:
    """What to say of a table whose columns do not tell a date and words: its columns, two rows, the line to type.

    Parameters
    ----------
    names : sequence of str
        The columns.
    fields : mapping
        What the caller said.
    rows : sequence of sequence of str
        Some of the first rows.
    guess : mapping
        Our field to the column that looks like it.
    file : str
    line : int, optional
    """
    shown = ", ".join(name or "(no name)" for name in names)[:300]
    missing = missing_name(names, fields)
    if missing is not None:
        near = get_close_matches(missing, names, 1)
        meant = f"; did you mean --field {near[0]}={fields[missing]}?" if near else ""
        return InputError(
            f"has no column {missing!r} (its columns: {shown}){meant}", file=file, line=line, field=missing
        )
    found = match([(name,) for name in names], fields)
    what = "the date" if "date" not in found else "the words (title or text)"
    option = " ".join(f"--field {_quoted(name)}={ours}" for ours, name in guess.items())
    sample = "".join(f"\n  {', '.join(cell[:40] for cell in row)[:200]}" for row in rows[:2])
    return InputError(
        f"has no column for {what} (its columns: {shown})"
        + (f"; its first rows:{sample}" if sample else "")
        + "\nsay which it is: "
        + (option or f"--field COLUMN={'date' if 'date' not in found else 'title'}"),
        file=file,
        line=line,
        field="date" if "date" not in found else "title",
    )


def _quoted(name: str) -> str:
    return f"'{name}'" if re.search(r"[^\w.-]", name) else name


def lines_of(columns: Iterable[Columns]) -> list[str]:
    """What was read from which columns, in lines for people; none where every column is called as we call it.

    Examples
    --------
    >>> columns = Columns()
    >>> _ = columns.apply({"pubDate": "2017-03-07", "headline": "The ferry stops", "views": 3})
    >>> lines_of([columns])
    ['read: date <- pubDate, title <- headline; not used: views']
    """
    told: dict[str, None] = {}
    for found in columns:
        renamed = any(list(names) != [ours] for ours, names in found.read.items())
        unused = found.unused
        if not renamed and not unused:
            continue
        read = ", ".join(f"{ours} <- {' + '.join(names)}" for ours, names in found.read.items())
        rest = ", ".join(name or "(no name)" for name in unused[:12])
        more = f" and {len(unused) - 12} more" if len(unused) > 12 else ""
        told[f"read: {read or 'nothing'}" + (f"; not used: {rest}{more}" if unused else "")] = None
    lines = list(told)
    return lines if len(lines) <= 3 else [*lines[:3], f"and {len(lines) - 3} more kinds of columns"]
