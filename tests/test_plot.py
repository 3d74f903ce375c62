"""Pictures: what is drawn is what the index says. How they look is looked at by people (notebooks, README)."""

from __future__ import annotations

import html
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import matplotlib
import pytest

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.collections import PathCollection
from matplotlib.dates import date2num, num2date
from matplotlib.patches import Rectangle

from relatedness import plot
from relatedness.errors import InputError, MissingExtraError, RelatednessError, UnknownEventError
from relatedness.related_index import RelatedIndex

MOSUL = "2017-07-10-mosul-victory"


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def bars(ax: plt.Axes) -> list[Rectangle]:
    return [patch for patch in ax.patches if isinstance(patch, Rectangle)]


def texts(ax: plt.Axes) -> str:
    return "\n".join(text.get_text() for text in ax.texts)


def test_a_list_is_a_bar_for_each_event_split_into_its_parts(sample_index: RelatedIndex) -> None:
    ax = plot.list_bars(sample_index, MOSUL, k=4)
    items = sample_index.related(MOSUL, k=4)
    for place, item in enumerate(items):
        row = [bar for bar in bars(ax) if abs(bar.get_y() + bar.get_height() / 2 - place) < 0.01]
        widths = sorted(bar.get_width() for bar in row if bar.get_width())
        assert widths == pytest.approx(sorted(item.parts.values()))
        assert max(bar.get_x() + bar.get_width() for bar in row) == pytest.approx(item.score)
        assert f"Context: {', '.join(item.contexts)}" in texts(ax)
    assert sample_index.events[MOSUL].headline in ax.get_title(loc="left")
    ax.figure.canvas.draw()


def test_reasons_are_bars_that_sum_to_the_score(sample_index: RelatedIndex) -> None:
    other = sample_index.related(MOSUL)[0].id
    found = sample_index.explain(MOSUL, other)
    for most in (3, 100):
        ax = plot.reason_bars(sample_index, MOSUL, other, most=most)
        assert sum(bar.get_width() for bar in bars(ax)) == pytest.approx(found.score, abs=1e-6)
        names = [label.get_text() for label in ax.get_yticklabels()]
        assert len(names) == min(len(found.reasons), most + 1)
        assert (names[-1] == f"{len(found.reasons) - most} more") is (most == 3)


def test_a_timeline_has_each_event_at_its_day(sample_index: RelatedIndex) -> None:
    ids = [MOSUL, *(item.id for item in sample_index.related(MOSUL, k=5))]
    ax = plot.timeline(sample_index, ids, highlight=MOSUL)
    (points,) = [c for c in ax.collections if isinstance(c, PathCollection)]
    days = [x for x, _ in points.get_offsets()]
    assert days == sorted(date2num(sample_index.events[id_].date) for id_ in ids)
    for id_ in ids:
        assert sample_index.events[id_].headline[:40] in texts(ax)
    assert len({tuple(colour) for colour in points.get_facecolors()}) == 2
    low, high = ax.get_xlim()
    assert low < min(days) < max(days) < high


@pytest.mark.parametrize(
    ("by", "first_of"),
    [
        ("year", lambda day: date(day.year, 1, 1)),
        ("quarter", lambda day: date(day.year, [0, 1, 1, 1, 4, 4, 4, 7, 7, 7, 10, 10, 10][day.month], 1)),
        ("month", lambda day: date(day.year, day.month, 1)),
        ("week", lambda day: date.fromisocalendar(*day.isocalendar()[:2], 1)),  # weeks begin on Monday
        ("day", lambda day: day),
    ],
)
def test_a_trend_counts_events(by: Any, first_of: Callable[[date], date], sample_index: RelatedIndex) -> None:
    topics = ["Iraq", "Ukraine"]
    ax = plot.topic_trend(sample_index, topics, by=by)
    expected: list[tuple[date, int]] = []
    for topic in topics:
        days = [sample_index.events[id_].date for id_ in sample_index.with_topic(topic)]
        expected += sorted(Counter(first_of(day) for day in days if day is not None).items())
    assert [num2date(bar.get_x()).date() for bar in bars(ax)] == [first for first, _ in expected]
    tallest = max(number for _, number in expected)
    heights = [bar.get_height() for bar in bars(ax)]
    # The topics stand from top to bottom, so the axis is inverted, and a bar that grows upwards is negative.
    assert ax.yaxis_inverted() and max(heights) < 0
    assert [height / min(heights) * tallest for height in heights] == pytest.approx([n for _, n in expected])
    assert [label.get_text() for label in ax.get_yticklabels()] == topics


@pytest.mark.parametrize(
    ("last", "period"),
    [("2016-01-20", "day"), ("2016-06-30", "week"), ("2018-12-31", "month"), ("2024-01-01", "year")],
)
def test_a_trend_takes_its_period_from_the_span_of_its_dates(last: str, period: str) -> None:
    events = [
        {"id": day, "date": day, "title": "Mosul.", "topics": ["Mosul"]} for day in ("2016-01-01", last)
    ]
    ax = plot.topic_trend(RelatedIndex.build(events), ["Mosul"])
    assert ax.get_xlabel() == f"events per {period}"
    assert len(bars(ax)) == 2


def test_the_ticks_of_a_few_days_are_days() -> None:
    events = [
        {"id": day, "date": day, "title": "Mosul.", "topics": ["Mosul"]}
        for day in ("2016-07-11", "2016-07-12")
    ]
    ax = plot.timeline(RelatedIndex.build(events), ["2016-07-11", "2016-07-12"])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["11 Jul\n2016", "12 Jul\n2016"]


def test_events_that_have_no_place_in_time_are_counted_beside_the_axis() -> None:
    events = [
        {"id": "fall", "date": "2014-06-10", "title": "Mosul falls.", "topics": ["Mosul"]},
        {"id": "map", "title": "A map of Mosul.", "topics": ["Mosul", "Map"]},
        {"id": "nineveh", "date": "-0611-08-10", "title": "Nineveh falls, near Mosul.", "topics": ["Mosul"]},
    ]
    index = RelatedIndex.build(events, undated="keep")
    ax = plot.timeline(index, list(index.events))
    assert ax.get_xlabel() == "not shown: 1 without a date, 1 before the year 1"
    assert texts(ax) == "2014-06-10  Mosul falls."
    ax = plot.topic_trend(index, ["Mosul", "Map"], by="year")
    assert ax.get_xlabel() == "events per year; not counted: 1 without a date, 1 before the year 1"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Mosul", "Map"]
    assert len(bars(ax)) == 1
    ax = plot.topic_trend(index, ["Map"])
    assert (ax.get_xlabel(), bars(ax)) == ("not counted: 1 without a date", [])
    assert plot.timeline(index, ["fall"]).get_xlabel() == ""


def test_legends_cover_no_data_and_no_text_leaves_the_picture(sample_index: RelatedIndex) -> None:
    story = [event.id for event in sample_index.story(MOSUL)]
    near = sample_index.related(MOSUL, k=8)
    for ax in (
        plot.list_bars(sample_index, MOSUL, k=8),
        plot.reason_bars(sample_index, MOSUL, near[0].id),
        plot.reason_bars(sample_index, MOSUL, near[-1].id, most=3),
        plot.timeline(sample_index, story, highlight=MOSUL),
        plot.topic_trend(sample_index, ["Iraq", "Ukraine"]),
    ):
        figure = ax.get_figure(root=True)
        figure.canvas.draw()
        labels = [*ax.get_xticklabels(), *ax.get_yticklabels()] if ax.axison else []
        for text in [*ax.texts, *labels]:
            box = text.get_window_extent()
            assert figure.bbox.x0 - 1 <= box.x0
            assert box.x1 <= figure.bbox.x1 + 1, text.get_text()
        legend = ax.get_legend()
        if legend is not None:
            covered = legend.get_window_extent()
            assert not any(covered.overlaps(bar.get_window_extent()) for bar in bars(ax))
            assert not any(covered.overlaps(text.get_window_extent()) for text in ax.texts)


def test_headlines_of_a_timeline_use_their_row(sample_index: RelatedIndex) -> None:
    ids = [MOSUL, *(item.id for item in sample_index.related(MOSUL, k=9))]
    ax = plot.timeline(sample_index, ids)
    ax.get_figure(root=True).canvas.draw()
    widest = max(text.get_window_extent().x1 for text in ax.texts)
    assert widest > 0.75 * ax.get_figure(root=True).bbox.x1
    assert len({text.get_window_extent().x0 for text in ax.texts}) == 1


def test_a_network_joins_topics_that_meet_more_than_once(sample_index: RelatedIndex) -> None:
    ids = [MOSUL, *(item.id for item in sample_index.related(MOSUL, k=20))]
    ax = plot.context_network(sample_index, ids)
    pairs: Counter[tuple[str, str]] = Counter()
    for id_ in ids:
        pairs.update(combinations(sorted({topic.name for topic in sample_index.topics(id_)}), 2))
    joined = {topic for pair, times in pairs.items() if times > 1 for topic in pair}
    named = [text.get_text() for text in ax.texts]
    assert {"Iraq", "Mosul", "ISIL"} <= set(named) <= joined
    assert len(named) == len(set(named)) <= 30
    again = plot.context_network(sample_index, reversed(ids))
    assert [text.xy for text in again.texts] == [text.xy for text in ax.texts]


def test_a_small_or_empty_picture_is_no_failure() -> None:
    index = RelatedIndex.build([{"id": "a", "date": "2014-06-10", "title": "Mosul falls to ISIL."}])
    for ax in (
        plot.list_bars(index, "a"),
        plot.reason_bars(index, "a", "a"),
        plot.timeline(index, ["a"]),
        plot.timeline(index, []),
        plot.topic_trend(index, ["Mosul"]),
        plot.topic_trend(index, []),
        plot.context_network(index),
    ):
        ax.figure.canvas.draw()


# Pictures that answer to the pointer


def made_of(picture: plot.InteractivePicture) -> list[dict[str, Any]]:
    """The columns of every source of data in the page of a picture."""
    (held,) = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', picture.html, re.DOTALL)
    found: list[dict[str, Any]] = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            if value.get("name") == "ColumnDataSource":
                found.append(dict(value["attributes"]["data"]["entries"]))
            for inner in value.values():
                look(inner)
        elif isinstance(value, list):
            for inner in value:
                look(inner)

    look(json.loads(html.unescape(held)))
    return found


def with_column(picture: plot.InteractivePicture, name: str) -> dict[str, Any]:
    (found,) = [columns for columns in made_of(picture) if name in columns]
    return found


def test_an_interactive_story_holds_the_story_and_needs_no_connection(
    sample_index: RelatedIndex, tmp_path: Path
) -> None:
    pytest.importorskip("bokeh")
    story = sample_index.story(MOSUL)
    picture = plot.interactive_story(sample_index, MOSUL)
    events, links = with_column(picture, "title"), with_column(picture, "start")
    assert events["index"] == [event.id for event in story]
    assert events["contexts"] == [", ".join(event.contexts) for event in story]
    assert sorted(zip(links["start"], links["end"], strict=True)) == sorted(
        (link.earlier, link.later) for link in story.links
    )
    written = picture.save(tmp_path / "story.html").read_text(encoding="utf-8")
    assert f"<title>{story.title}</title>" in written
    assert not re.findall(r"<(?:script|link)[^>]*\b(?:src|href)=", written)
    assert picture._repr_html_().startswith("<iframe srcdoc=")


def test_an_interactive_network_joins_topics_that_meet_more_than_once(sample_index: RelatedIndex) -> None:
    pytest.importorskip("bokeh")
    ids = [MOSUL, *(item.id for item in sample_index.related(MOSUL, k=20))]
    held = [{topic.name for topic in sample_index.topics(id_)} for id_ in ids]
    picture = plot.interactive_network(sample_index, ids)
    topics, lines = with_column(picture, "latest"), with_column(picture, "start")
    pairs = Counter(pair for names in held for pair in combinations(sorted(names), 2))
    shown = set(topics["index"])
    assert {"Iraq", "Mosul", "ISIL"} <= shown
    joined = {pair: times for pair, times in pairs.items() if times > 1 and shown.issuperset(pair)}
    assert {tuple(sorted(pair)) for pair in zip(lines["start"], lines["end"], strict=True)} == joined.keys()
    for name, beside in zip(topics["index"], topics["beside"], strict=True):
        met = sorted((-times, *({*pair} - {name})) for pair, times in joined.items() if name in pair)
        said = [f"{other} ({-times})" for times, other in met]
        assert beside == ", ".join(said[:6]) + (f" and {len(said) - 6} more" if len(said) > 6 else "")
    assert any(" and " in beside and beside.endswith(" more") for beside in topics["beside"])
    for name, events, latest in zip(topics["index"], topics["events"], topics["latest"], strict=True):
        assert events == sum(name in names for names in held)
        newest = max(sample_index[id_].date for id_ in ids if name in held[ids.index(id_)])
        assert latest.startswith(newest.isoformat())


@pytest.mark.parametrize("dates", [("2014-06-10", None), (None, None), ("-0043-03-15", "0001-01-01")])
def test_what_has_no_place_on_the_axis_of_an_interactive_story_is_counted(
    dates: tuple[str | None, str | None],
) -> None:
    pytest.importorskip("bokeh")
    texts = ["ISIL seizes <b>Mosul</b> in Iraq. </script>", "ISIL captures the dam of Mosul in Iraq."]
    index = RelatedIndex.build(
        [
            {"id": number, "title": text} | ({"date": day} if day else {})
            for number, (text, day) in enumerate(zip(texts, dates, strict=True))
        ],
        undated="keep",
    )
    picture = plot.interactive_story(index, 0)
    shown = sum(isinstance(event.date, date) for event in index.story(0))
    assert len(with_column(picture, "title")["index"]) == shown
    assert ("not shown: " in picture.title) is (shown < len(index.story(0)))
    assert "<b>Mosul" not in picture.html
    assert plot.interactive_network(index).html


def test_the_extra_of_interactive_pictures_is_named(
    sample_index: RelatedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "bokeh", None)
    for ask in (
        lambda: plot.interactive_story(sample_index, MOSUL),
        lambda: plot.interactive_network(sample_index),
    ):
        with pytest.raises(MissingExtraError, match=r"relatedness\[interactive\]"):
            ask()


def test_it_draws_where_it_is_told_to(sample_index: RelatedIndex) -> None:
    _, axes = plt.subplots(1, 2)
    assert plot.topic_trend(sample_index, ["Iraq"], ax=axes[1]) is axes[1]
    assert not axes[0].patches


@pytest.mark.parametrize("wrong", [3.5, b"x", object(), ["a", object()], True, {"a": 1}])
def test_a_wrong_type_is_told_at_the_door(wrong: Any, sample_index: RelatedIndex) -> None:
    other = sample_index.related(MOSUL)[0].id
    calls: list[Callable[[], object]] = [
        *(
            lambda draw=draw: draw(wrong, MOSUL)
            for draw in (plot.list_bars, plot.timeline, plot.topic_trend, plot.context_network)
        ),
        lambda: plot.list_bars(sample_index, MOSUL, k=wrong),
        lambda: plot.list_bars(sample_index, MOSUL, ax=wrong),
        lambda: plot.reason_bars(sample_index, MOSUL, other, most=wrong),
        lambda: plot.timeline(sample_index, wrong),
        lambda: plot.topic_trend(sample_index, wrong),
        lambda: plot.topic_trend(sample_index, ["Iraq"], by=wrong),
        lambda: plot.context_network(sample_index, wrong),
        lambda: plot.context_network(sample_index, most=wrong),
    ]
    for call in calls:
        with pytest.raises(RelatednessError):
            call()


def test_what_is_wrong_is_said(sample_index: RelatedIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="no period 'decade': expected day, week"):
        plot.topic_trend(sample_index, ["Iraq"], by="decade")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="did you mean Iraq"):
        plot.topic_trend(sample_index, ["Irak"])
    with pytest.raises(UnknownEventError):
        plot.timeline(sample_index, ["none"])
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(MissingExtraError, match=r"relatedness\[notebooks\]"):
        plot.list_bars(sample_index, MOSUL)
