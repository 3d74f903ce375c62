"""Tables, matrices and graphs hold what the index says, and frames of every kind are read."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_export import expected_rows

from relatedness import RelatedIndex, Source, read_events
from relatedness.errors import InputError, MissingExtraError
from relatedness.events import Event
from relatedness.ranking import PARTS

EVENTS = [
    Event(
        "a",
        date(2014, 6, 10),
        "Mosul falls to ISIL.",
        "Iraq's second city.",
        topics=("ISIL", "Iraq"),
        category="War",
        sources=(Source("BBC", "http://b.example"), Source("JPL")),
        url="http://a.example",
        language="en",
        group="g",
    ),
    Event("b", date(2014, 8, 7), "ISIL takes the dam of Mosul, Iraq."),
]


def test_the_table_of_lists(sample_index: RelatedIndex) -> None:
    table = sample_index.to_arrow(k=3)
    assert table.to_pylist() == expected_rows(sample_index, 3)
    frame = sample_index.to_frame(k=3)
    assert frame.shape == table.shape
    assert frame.loc[0, "contexts"] == table["contexts"][0].as_py()
    default = sample_index.to_frame()
    assert default.groupby("event").size().max() == sample_index.config.lists.k


def test_the_table_of_topics(sample_index: RelatedIndex) -> None:
    frame = sample_index.to_frame("topics")
    assert len(frame) == sum(len(sample_index.topics(id_)) for id_ in sample_index.events)
    counts = frame[frame["how"] != "inferred"].groupby("topic")["event"].nunique()
    assert counts.to_dict() == dict(sample_index.topic_counts())


def test_polars_takes_a_table_and_gives_it_back_unchanged(sample_index: RelatedIndex) -> None:
    table = sample_index.to_arrow("events")
    frame = pl.DataFrame(table)
    assert frame.schema["date"] in (pl.Date, pl.Datetime("us", "UTC"))
    assert list(read_events(frame)) == list(read_events(table))


@pytest.mark.parametrize(
    "events",
    [EVENTS, [*EVENTS, Event("c", datetime(2014, 6, 11, 8, 30, tzinfo=UTC), "Iraq asks for help.")]],
    ids=["days", "instants"],
)
def test_events_that_went_through_a_frame_are_the_same(events: list[Event]) -> None:
    index = RelatedIndex.build(events)
    for frame in (
        index.to_frame("events"),
        index.to_arrow("events"),
        pl.DataFrame(index.to_arrow("events")),
        index.to_arrow("events").to_reader(),
        index.to_arrow("events").to_batches()[0],
    ):
        back = {event.id: event for event in read_events(frame)}
        for event in events:
            assert back[event.id].seconds == event.seconds
            if len(events) == 2:
                assert back[event.id] == event


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.Table.from_pylist])
def test_an_index_is_built_from_any_frame(kind: Any) -> None:
    records = [
        {"id": "a", "date": date(2014, 6, 10), "title": "Mosul falls to ISIL.", "topics": ["Iraq"]},
        {"id": "b", "date": date(2014, 8, 7), "title": "ISIL takes the dam of Mosul.", "topics": []},
    ]
    index = RelatedIndex.build(kind(records))
    assert index.events["a"] == Event("a", date(2014, 6, 10), "Mosul falls to ISIL.", topics=("Iraq",))
    assert [item.id for item in index.related("a")] == ["b"]


_NAMES = st.lists(
    st.text("abc '\"[]{},:;|", min_size=1, max_size=8).map(str.strip).filter(bool), max_size=4, unique=True
)


@given(_NAMES.filter(lambda names: all(any(letter in name for letter in "abc") for name in names)))
def test_events_that_went_through_csv_are_the_same(names: list[str]) -> None:
    """Also from a frame whose cells are arrays, as Parquet files give them."""
    topics = tuple(dict.fromkeys(" ".join(name.split()) for name in names))
    sources = tuple(Source(name) for name in topics)
    event = replace(EVENTS[0], topics=topics, sources=sources, category=None)
    frame = RelatedIndex.build([event, EVENTS[1]]).to_frame("events")
    assert frame.loc[0, "topics"] == list(topics)
    arrays = frame.assign(
        topics=[np.array(cell, dtype=object) for cell in frame["topics"]],
        sources=[np.array(cell, dtype=object) for cell in frame["sources"]],
    )
    for each in (frame, arrays):
        text = each.to_csv(index=False)
        read = pd.read_csv(io.StringIO(text), keep_default_na=False)
        found = next(iter(read_events(read.to_dict("records"))))
        assert (found.topics, found.sources) == (topics, sources)


@pytest.mark.parametrize("part", ["words", "phrases", "topics"])
def test_rows_of_a_matrix_multiply_to_the_part(part: str, sample_index: RelatedIndex) -> None:
    matrix = sample_index.matrix(part)
    assert matrix.rows == list(sample_index.events)
    assert matrix.values.shape == (len(matrix.rows), len(matrix.columns))
    assert matrix.values.has_sorted_indices
    place = {id_: row for row, id_ in enumerate(matrix.rows)}
    weights = sample_index.config.weights
    # Without an encoder there is no meaning, and so it has no share.
    share = getattr(weights, part) / sum(getattr(weights, name) for name in PARTS if name != "meaning")
    checked = 0
    for id_ in matrix.rows[::70]:
        for item in sample_index.related(id_):
            found = sample_index.explain(id_, item.id)
            product = (matrix.values[[place[id_]]] @ matrix.values[[place[item.id]]].T).toarray()[0, 0]
            assert found.recency * share * product == pytest.approx(found.parts[part], abs=1e-6)
            shared = matrix.values[[place[id_]]].multiply(matrix.values[[place[item.id]]]).tocsr()
            reasons = [reason for reason in found.reasons if reason.part == part]
            assert sorted(found.recency * share * shared.data) == pytest.approx(
                sorted(reason.share for reason in reasons), abs=1e-6
            )
            if part == "topics":  # words and phrases stand in the matrix as stems, in the reasons as written
                assert {matrix.columns[column] for column in shared.indices} == {r.name for r in reasons}
            checked += product > 0
    assert checked > 5


def test_the_matrix_of_topics_knows_every_topic_that_counts(sample_index: RelatedIndex) -> None:
    matrix = sample_index.matrix()
    assert len(matrix.columns) == len(set(matrix.columns))
    row = matrix.rows.index("2017-07-10-mosul-victory")
    named = {matrix.columns[column] for column in matrix.values[[row]].indices}
    assert named == {topic.name for topic in sample_index.topics(matrix.rows[row]) if topic.how != "inferred"}


def test_the_matrix_of_lists(sample_index: RelatedIndex) -> None:
    matrix = sample_index.matrix("related", k=4)
    dense = matrix.values.toarray()
    assert matrix.rows == matrix.columns == list(sample_index.events)
    for row, id_ in enumerate(matrix.rows):
        expected = {item.id: item.score for item in sample_index.related(id_, k=4)}
        assert {
            matrix.columns[column]: dense[row, column] for column in np.flatnonzero(dense[row])
        } == expected


def test_the_graph_has_the_contexts_on_its_edges(sample_index: RelatedIndex) -> None:
    graph = sample_index.graph(k=3)
    assert isinstance(graph, nx.DiGraph)
    assert list(graph) == list(sample_index.events)
    edges = {(row["event"], row["related"]): row for row in expected_rows(sample_index, 3)}
    assert set(graph.edges) == set(edges)
    for pair, data in graph.edges.items():
        assert data["contexts"] == edges[pair]["contexts"]
        assert (data["rank"], data["score"]) == (edges[pair]["rank"], edges[pair]["score"])
        assert sum(data["parts"].values()) == pytest.approx(data["score"])
    id_ = "2017-07-10-mosul-victory"
    assert graph.nodes[id_]["date"] == sample_index.events[id_].date
    assert graph.nodes[id_]["topics"] == [topic.name for topic in sample_index.topics(id_)]


def test_what_does_not_exist_is_said(sample_index: RelatedIndex) -> None:
    with pytest.raises(InputError, match="no table 'rows': expected lists, events or topics"):
        sample_index.to_frame("rows")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no matrix 'stories': expected words, phrases, topics or related"):
        sample_index.matrix("stories")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("package", "method"), [("pyarrow", "to_arrow"), ("pandas", "to_frame"), ("networkx", "graph")]
)
def test_a_missing_package_is_named_with_its_extra(
    package: str, method: str, sample_index: RelatedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=rf"{package}: pip install 'relatedness\[frames\]'"):
        getattr(sample_index, method)()
