"""Every list of an index -> one data file: JSONL, JSON, CSV or Parquet."""

from __future__ import annotations

import csv
import errno
import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relatedness.errors import InputError, MissingExtraError
from relatedness.scores import PARTS

if TYPE_CHECKING:
    from relatedness.index import RelatedIndex

_ROWS = 10_000
_COLUMNS = ("event", "rank", "related", "score", "contexts", "copies", "tier", *PARTS)


def export(
    index: RelatedIndex,
    path: str | Path,
    *,
    k: int = 10,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Write the lists of all events to a file, in the order of their dates.

    ``.jsonl`` holds a line per event: ``{"id": ..., "related": [{"id": ..., "score": ..., "contexts": [...],
    "parts": {...}}, ...]}``. ``.json`` holds one object for the templates of a site: id to ``[{"id": ..., "title": ...,
    "date": ..., "url": ..., "contexts": [...], "score": ...}, ...]``. ``.csv`` and ``.parquet`` hold a row per
    related event: event, rank, related, score, contexts (in CSV parted by ``; ``), copies, tier (``pinned`` or empty),
    and a column per part.

    Parameters
    ----------
    index : RelatedIndex
    path : path-like
        Its ending chooses the format; what stands there is replaced when the new file is complete.
    k : int
        How many related events per list at most.
    progress : callable, optional
        Called with the number of events written and of all.

    Returns
    -------
    int
        The number of events.

    Raises
    ------
    InputError
        If the ending is none of the four.
    MissingExtraError
        If Parquet is asked for and pyarrow is not installed.
    """
    path = Path(path)
    writers: dict[str, Callable[[Path, Iterable[tuple[str, list[dict[str, Any]]]]], None]] = {
        ".jsonl": _write_jsonl,
        ".json": partial(_write_json, index),
        ".csv": _write_csv,
        ".parquet": _write_parquet,
    }
    if path.suffix not in writers:
        raise InputError(f"cannot tell the format of {path}: name it .jsonl, .json, .csv or .parquet")
    total = len(index.events)

    def lists() -> Iterator[tuple[str, list[dict[str, Any]]]]:
        for done, (id_, items) in enumerate(index.lists(k), 1):
            if progress is not None and (done % 1000 == 0 or done == total):
                progress(done, total)
            yield id_, [item.to_record() for item in items]

    with _replacing(path) as temporary:
        writers[path.suffix](temporary, lists())
    return total


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "the folder does not exist", str(path.parent))
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _write_jsonl(path: Path, lists: Iterable[tuple[str, list[dict[str, Any]]]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for id_, items in lists:
            file.write(json.dumps({"id": id_, "related": items}, ensure_ascii=False) + "\n")


def _write_json(index: RelatedIndex, path: Path, lists: Iterable[tuple[str, list[dict[str, Any]]]]) -> None:
    """A line per event, so that a version control shows which lists changed."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        start = "{\n"
        for id_, items in lists:
            shown = []
            for item in items:
                event = index.events[item["id"]]
                record = {"id": event.id, "title": event.headline, "date": event.date.isoformat()}
                if event.url:
                    record["url"] = event.url
                shown.append({**record, "contexts": item["contexts"], "score": item["score"]})
            file.write(
                f"{start}{json.dumps(id_, ensure_ascii=False)}: {json.dumps(shown, ensure_ascii=False)}"
            )
            start = ",\n"
        file.write("\n}\n" if start == ",\n" else "{}\n")


def _rows(lists: Iterable[tuple[str, list[dict[str, Any]]]]) -> Iterator[dict[str, Any]]:
    for id_, items in lists:
        for rank, item in enumerate(items, 1):
            yield {
                "event": id_,
                "rank": rank,
                "related": item["id"],
                "score": item["score"],
                "contexts": item["contexts"],
                "copies": item.get("copies", 0),
                "tier": item.get("tier", ""),
                **{part: item["parts"].get(part, 0.0) for part in PARTS},
            }


def _write_csv(path: Path, lists: Iterable[tuple[str, list[dict[str, Any]]]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "contexts": "; ".join(row["contexts"])} for row in _rows(lists))


def _write_parquet(path: Path, lists: Iterable[tuple[str, list[dict[str, Any]]]]) -> None:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise MissingExtraError("writing Parquet needs pyarrow: pip install 'relatedness[frames]'") from None
    schema = pa.schema(
        [
            ("event", pa.string()),
            ("rank", pa.int32()),
            ("related", pa.string()),
            ("score", pa.float64()),
            ("contexts", pa.list_(pa.string())),
            ("copies", pa.int32()),
            ("tier", pa.string()),
            *((part, pa.float64()) for part in PARTS),
        ]
    )
    rows = _rows(lists)
    with pq.ParquetWriter(path, schema) as writer:
        while batch := list(islice(rows, _ROWS)):
            writer.write_table(pa.Table.from_pylist(batch, schema=schema))
