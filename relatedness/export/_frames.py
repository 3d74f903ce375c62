"""An index as tables, matrices and graphs: what data frames, SciPy and networkx take.

Tables are Arrow tables, which pandas, Polars and DuckDB read over the Arrow C interface without a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from relatedness.dates import Day, EarlyDate
from relatedness.errors import InputError, MissingExtraError
from relatedness.events import EventId
from relatedness.export._database import rows_of_list
from relatedness.ranking import CHANNELS, PARTS, WEIGHT_BITS, Vectors, channel_shares

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd
    import pyarrow as pa
    from scipy.sparse import csr_array

    from relatedness.related_index import RelatedIndex

TableName = Literal["lists", "events", "topics"]
MatrixName = Literal["words", "phrases", "topics", "related"]

_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Matrix:
    """A sparse matrix whose rows and columns have names.

    Attributes
    ----------
    values : scipy.sparse.csr_array of float64, shape (len(rows), len(columns))
    rows : list of str or int
        The ids of the events, in the order of their dates.
    columns : list of str or int
        The terms; for ``related`` the ids of the events.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> topics = index.matrix("topics")
    >>> topics.rows, topics.values.shape == (2, len(topics.columns))
    (['fall', 'dam'], True)
    """

    values: csr_array
    rows: Sequence[EventId]
    columns: Sequence[EventId]


def to_arrow(index: RelatedIndex, what: TableName = "lists", *, k: int | None = None) -> pa.Table:
    """An index as an Arrow table; see `RelatedIndex.to_arrow`.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> to_arrow(index, "events")["id"].to_pylist()
    ['fall', 'dam']
    """
    if what == "lists":
        lists = ((id_, [item.to_record() for item in items]) for id_, items in index.lists(k))
        schema = list_schema(index.events.numbered)
        return _pyarrow().Table.from_batches(list_batches(lists, schema), schema=schema)
    if what == "events":
        return _events(index)
    if what == "topics":
        return _topics(index)
    raise InputError(f"there is no table {what!r}: expected lists, events or topics")


def to_frame(index: RelatedIndex, what: TableName = "lists", *, k: int | None = None) -> pd.DataFrame:
    """An index as a pandas frame; see `RelatedIndex.to_frame`.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> list(to_frame(index, "topics")["event"].unique())
    ['fall', 'dam']
    """
    try:
        import pandas  # noqa: F401
    except ImportError:
        raise MissingExtraError("a frame needs pandas: pip install 'relatedness[frames]'") from None
    table = to_arrow(index, what, k=k)
    frame = table.to_pandas(date_as_object=False)
    for field in table.schema:
        if hasattr(field.type, "value_field"):
            # Lists instead of arrays, which to_csv would write without commas.
            frame[field.name] = [None if cell is None else cell.tolist() for cell in frame[field.name]]
    return frame


def matrix(
    index: RelatedIndex,
    channel: Callable[[int], tuple[Vectors, list[str], list[str]]],
    what: MatrixName = "topics",
    *,
    k: int | None = None,
) -> Matrix:
    """An index as a sparse matrix with names; see `RelatedIndex.matrix`.

    Parameters
    ----------
    channel : callable
        The vectors, ids and terms of a channel by its number: `relatedness.index.Search.channel`.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> index.matrix("related").values.toarray().astype(bool).tolist()
    [[False, True], [True, False]]
    """
    from scipy.sparse import csr_array

    if what == "related":
        ids = list(index.events)
        position = {id_: row for row, id_ in enumerate(ids)}
        ends, columns, scores = [0], [], []
        for _, items in index.lists(k, reasons=False):
            for row, score in sorted((position[item.id], item.score) for item in items):
                columns.append(row)
                scores.append(score)
            ends.append(len(columns))
        return Matrix(csr_array((scores, columns, ends), shape=(len(ids), len(ids)), dtype=float), ids, ids)
    if what not in CHANNELS:
        raise InputError(f"there is no matrix {what!r}: expected {', '.join(CHANNELS)} or related")
    vectors, keys, terms = channel(CHANNELS.index(what))
    share = channel_shares(index.config)[CHANNELS.index(what)]
    values = vectors.values / ((1 << WEIGHT_BITS) * (np.sqrt(share) or 1.0))
    shape = (len(keys), len(terms))
    made = csr_array((values, vectors.columns, vectors.indptr), shape=shape, dtype=float)
    return Matrix(made, list(map(index.events.id_of, keys)), terms)


def graph(index: RelatedIndex, *, k: int | None = None) -> nx.DiGraph:
    """The lists as a graph; see `RelatedIndex.graph`.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> graph(index).edges["fall", "dam"]["rank"]
    1
    """
    try:
        import networkx as nx
    except ImportError:
        raise MissingExtraError("a graph needs networkx: pip install 'relatedness[frames]'") from None
    made = nx.DiGraph()
    for id_, event in index.events.items():
        topics = [topic.name for topic in index.topics(id_)]
        made.add_node(id_, date=event.date, title=event.headline, topics=topics)
    for id_, items in index.lists(k):
        for rank, item in enumerate(items, 1):
            made.add_edge(
                id_,
                item.id,
                rank=rank,
                score=item.score,
                contexts=list(item.contexts),
                shared=list(item.shared),
                parts=dict(item.parts),
            )
    return made


def list_rows(lists: Iterable[tuple[EventId, Sequence[dict[str, Any]]]]) -> Iterator[dict[str, Any]]:
    """A flat row per related event of lists as `Related.to_record` gives them; a part that gave nothing is 0."""
    for id_, items in lists:
        for row in rows_of_list(id_, items):
            parts = row.pop("parts")
            yield {**row, **{part: parts.get(part, 0.0) for part in PARTS}}


def list_schema(numbered: bool) -> pa.Schema:
    """The Arrow schema of the table of lists, of an archive whose ids are whole numbers or texts."""
    pa = _pyarrow()
    id_ = pa.int64() if numbered else pa.string()
    return pa.schema(
        [
            ("event", id_),
            ("rank", pa.int32()),
            ("related", id_),
            ("score", pa.float64()),
            ("contexts", pa.list_(pa.string())),
            ("shared", pa.list_(pa.string())),
            ("copies", pa.int32()),
            ("tier", pa.string()),
            *((part, pa.float64()) for part in PARTS),
        ]
    )


def list_batches(
    lists: Iterable[tuple[EventId, Sequence[dict[str, Any]]]], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """Lists as Arrow record batches of `list_schema`, made as they are asked for."""
    yield from _batches(list_rows(lists), schema)


def _batches(rows: Iterator[dict[str, Any]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    pa = _pyarrow()
    while batch := list(islice(rows, _ROWS)):
        yield pa.RecordBatch.from_pylist(batch, schema=schema)


def _events(index: RelatedIndex) -> pa.Table:
    pa = _pyarrow()
    kinds = {type(when) for event in index.events.values() for when in (event.date, event.end)}
    text = pa.string()
    when_type = pa.date32()
    if EarlyDate in kinds:
        when_type = text
    elif datetime in kinds:
        when_type = pa.timestamp("us", "UTC")
    schema = pa.schema(
        [
            ("id", pa.int64() if index.events.numbered else text),
            ("date", when_type),
            ("title", text),
            ("text", text),
            ("topics", pa.list_(text)),
            ("category", text),
            ("sources", pa.list_(pa.struct([("name", text), ("url", text)]))),
            ("url", text),
            ("language", text),
            ("group", text),
            ("end", when_type),
        ]
    )

    def cell(when: Day | None) -> Any:
        if when is None:
            return None
        if EarlyDate in kinds:
            return when.isoformat()
        if datetime in kinds and isinstance(when, date) and not isinstance(when, datetime):
            return datetime.combine(when, time(), UTC)
        return when

    def rows() -> Iterator[dict[str, Any]]:
        for event in index.events.values():
            yield {
                "id": event.id,
                "date": cell(event.date),
                "title": event.title,
                "text": event.text,
                "topics": list(event.topics),
                "category": event.category,
                "sources": [{"name": source.name, "url": source.url} for source in event.sources],
                "url": event.url,
                "language": event.language,
                "group": event.group,
                "end": cell(event.end),
            }

    return pa.Table.from_batches(_batches(rows(), schema), schema=schema)


def _topics(index: RelatedIndex) -> pa.Table:
    pa = _pyarrow()
    names = ("topic", "kind", "how")
    id_type = pa.int64() if index.events.numbered else pa.string()
    schema = pa.schema(
        [("event", id_type), *((name, pa.string()) for name in names), ("aliases", pa.list_(pa.string()))]
    )
    rows = (
        {
            "event": id_,
            "topic": topic.name,
            "kind": topic.kind,
            "how": topic.how,
            "aliases": list(topic.aliases),
        }
        for id_ in index.events
        for topic in index.topics(id_)
    )
    return pa.Table.from_batches(_batches(rows, schema), schema=schema)


def _pyarrow() -> Any:
    try:
        import pyarrow
    except ImportError:
        raise MissingExtraError("an Arrow table needs pyarrow: pip install 'relatedness[frames]'") from None
    return pyarrow
