"""The lists of an index -> one data file (JSONL, JSON, CSV or Parquet), or a table of a database."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from relatedness.errors import ConfigError, InputError, MissingExtraError
from relatedness.events import EventId
from relatedness.export._database import lists_table
from relatedness.export._frames import list_batches, list_rows, list_schema
from relatedness.files import replacing
from relatedness.ranking import PARTS
from relatedness.sources import is_url

if TYPE_CHECKING:
    from relatedness.related_index import RelatedIndex

# Leading characters that make a cell a formula; see OWASP, CSV Injection.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_COLUMNS = ("event", "rank", "related", "score", "contexts", "shared", "copies", "tier", *PARTS)

What = Literal["lists", "events"]
"""What is written to a file."""

_Lists = Iterable[tuple[EventId, list[dict[str, Any]]]]


def export(
    index: RelatedIndex,
    path: str | Path,
    *,
    k: int = 10,
    table: str | None = None,
    only: Collection[EventId] | None = None,
    what: What = "lists",
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Write the lists or events to a file or a table of a database; see `RelatedIndex.export`.

    Examples
    --------
    >>> import tempfile
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> path = Path(tempfile.mkdtemp(), "lists.jsonl")
    >>> export(index, path)
    2
    >>> [json.loads(line)["id"] for line in path.read_text(encoding="utf-8").splitlines()]
    ['fall', 'dam']
    """
    if what not in get_args(What):
        raise ConfigError(f"what is {what!r}: expected lists or events")
    if what == "events" and (is_url(path) or Path(path).suffix != ".jsonl"):
        raise InputError("events are written to a file as JSON lines: use the ending .jsonl")
    if is_url(path):
        return _export_to_table(index, str(path), k, table or "related", only, progress)
    if table is not None or only is not None:
        raise ConfigError(f"{path} is a file: table=... and only=... need the address of a database")
    path = Path(path)
    if what == "events":
        return _export_events(index, path)
    write = FORMATS.get(path.suffix)
    if write is None:
        *others, last = FORMATS
        raise InputError(f"the format of {path} is unknown: use the ending {', '.join(others)} or {last}")
    _spare_others(path)
    with replacing(path) as temporary:
        write(index, temporary, _lists(index, k, None, progress))
    return len(index.events)


# How files of each kind begin that this module wrote; of an object of lists, the first that is not empty has scores.
_TEXT = r'"(?:[^"\\]|\\.)*"'
_BEGINNINGS = {
    ".jsonl": rf'\{{"id": (?:{_TEXT}|-?\d+), "related": \[',
    ".json": rf'\{{(?:\}}|(?:\n{_TEXT}: \[\],?)*\n(?:{_TEXT}: \[\{{"id": .*"score": |\}}))',
    ".csv": "event,rank,related,score,",
}
_LOOKED_AT = 1 << 18


def _spare_others(path: Path) -> None:
    """Refuse to replace a file that holds no lists, such as the events that the index was built from."""
    if not path.is_file() or not path.stat().st_size:
        return
    if path.suffix in _BEGINNINGS:
        with path.open("rb") as file:
            head = file.read(_LOOKED_AT).decode("utf-8", "replace")
        is_own = re.match(_BEGINNINGS[path.suffix], head) is not None
    else:
        try:
            is_own = _parquet().read_schema(path).names[:2] == list(_COLUMNS[:2])
        except (OSError, ValueError):  # those of Arrow
            is_own = False
    if not is_own:
        raise InputError(
            "exists and holds no lists of an export, so it is not overwritten: give another file, or remove it first",
            file=path,
        )


def _export_to_table(
    index: RelatedIndex,
    url: str,
    k: int,
    table: str,
    only: Collection[EventId] | None,
    progress: Callable[[int, int], None] | None,
) -> int:
    made = f"k {k}, overrides {index.overrides.digest if index.overrides else 'none'}"
    with lists_table(url, table, index.events.numbered) as target:
        before, state = target.note()
        missed = index.changed_since(state if before == made else 0)
        if only is not None:
            # Also write lists that an interrupted run missed.
            only = {*only, *missed.lists}
        there = None if only is None else frozenset(index.events)
        count = target.write(_lists(index, k, only, progress), only, there)
        target.put_note(made, missed.state)
    return count


def _lists(
    index: RelatedIndex, k: int, only: Collection[EventId] | None, progress: Callable[[int, int], None] | None
) -> Iterator[tuple[EventId, list[dict[str, Any]]]]:
    if only is None:
        lists, total = index.lists(k), len(index.events)
    else:
        there = [index.events[id_].id for id_ in sorted(set(map(str, only))) if id_ in index.events]
        lists, total = ((id_, index.related(id_, k=k)) for id_ in there), len(there)
    for done, (id_, items) in enumerate(lists, 1):
        if progress is not None and (done % 1000 == 0 or done == total):
            progress(done, total)
        yield id_, [item.to_record() for item in items]


def _export_events(index: RelatedIndex, path: Path) -> int:
    if path.is_file() and path.stat().st_size:
        raise InputError(
            "exists and may hold the events that the index was built from, so it is not overwritten: give another file, or remove it "
            "first",
            file=path,
        )
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json_lines(index, what="events"))
    return len(index.events)


def json_lines(index: RelatedIndex, *, k: int = 10, what: What = "lists") -> Iterator[str]:
    """Every list or event as `export` writes it to a ``.jsonl`` file.

    Parameters
    ----------
    k : int
        The most related events per list.
    what : str
        ``lists`` or ``events``.

    Yields
    ------
    str
        One line for each event, with its line break.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> [json.loads(line)["id"] for line in json_lines(index)]
    ['fall', 'dam']
    """
    if what == "lists":
        return _json_lines(_lists(index, k, None, None))
    return (json.dumps(event.to_record(), ensure_ascii=False) + "\n" for event in index.events.values())


def _json_lines(lists: _Lists) -> Iterator[str]:
    for id_, items in lists:
        yield json.dumps({"id": id_, "related": items}, ensure_ascii=False) + "\n"


def _write_jsonl(_: RelatedIndex, path: Path, lists: _Lists) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_json_lines(lists))


def _write_json(index: RelatedIndex, path: Path, lists: _Lists) -> None:
    """Write a line per event, so that version control shows which lists changed."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        start = "{\n"
        for id_, items in lists:
            shown = []
            for item in items:
                event = index.events[item["id"]]
                record = {
                    "id": event.id,
                    "title": event.headline,
                    "date": event.date and event.date.isoformat(),
                }
                if event.url:
                    record["url"] = event.url
                reasons: dict[str, Any] = {
                    name: item[name] for name in ("contexts", "shared") if name in item
                }
                shown.append({**record, **reasons, "score": item["score"]})
            file.write(
                f"{start}{json.dumps(str(id_), ensure_ascii=False)}: {json.dumps(shown, ensure_ascii=False)}"
            )
            start = ",\n"
        file.write("\n}\n" if start == ",\n" else "{}\n")


def _write_csv(_: RelatedIndex, path: Path, lists: _Lists) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        for row in list_rows(lists):
            row |= {name: "; ".join(row[name]) for name in ("contexts", "shared")}
            writer.writerow({name: _inert(value) for name, value in row.items()})


def _inert(value: object) -> object:
    """A cell that no spreadsheet evaluates as a formula, because texts of events may be untrusted."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _write_parquet(index: RelatedIndex, path: Path, lists: _Lists) -> None:
    schema = list_schema(index.events.numbered)
    with _parquet().ParquetWriter(path, schema) as writer:
        for batch in list_batches(lists, schema):
            writer.write_batch(batch)


def _parquet() -> Any:
    try:
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError("writing Parquet needs pyarrow: pip install 'relatedness[frames]'") from None
    return pyarrow.parquet


FORMATS: Mapping[str, Callable[[RelatedIndex, Path, _Lists], None]] = {
    ".jsonl": _write_jsonl,
    ".json": _write_json,
    ".csv": _write_csv,
    ".parquet": _write_parquet,
}
"""What writes each kind of file, by its ending."""
