"""Pictures of an index: why events are related, when things happened, what goes together.

Most functions draw into one matplotlib axes, a new one if none is given, and return it: change it as any other, save
it with ``ax.figure.savefig("picture.png")``. matplotlib, because its pictures are the same in a notebook, on a printed
page and in a README, and need no script to be seen.

`interactive_story` and `interactive_network` answer to the pointer: Bokeh makes them, and puts its script into the page, so that
the page is one file that needs no connection.
"""

from __future__ import annotations

import html
import itertools
import os
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from relatedness.arguments import check_ids, check_path
from relatedness.errors import InputError, MissingExtraError
from relatedness.events import Event, EventId
from relatedness.files import replacing
from relatedness.ranking import PARTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from relatedness.related_index import RelatedIndex

# The colours of Okabe and Ito, which colour-blind people can tell apart.
_COLOURS = ("#0072B2", "#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#F0E442")
_QUIET = "#555555"
Period = Literal["day", "week", "month", "quarter", "year"]
# Days in a period, for the widths of bars.
_PERIODS: dict[str, float] = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
_TIME_SHARE = 0.28  # of the width of a timeline; the headlines have the rest
_LETTER_INCHES = 0.072  # the mean width of a letter of 9 points


def list_bars(index: RelatedIndex, id_: str, *, k: int | None = None, ax: Axes | None = None) -> Axes:
    """The list of an event: a bar for each related event, split into the parts of its score.

    Parameters
    ----------
    index : RelatedIndex
    id_ : str or int
        The event whose list is drawn.
    k : int, optional
        The most related events; ``lists.k`` of the config if not given.
    ax : matplotlib.axes.Axes, optional
        Draw here; in a new figure if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    UnknownEventError
        If the index holds no such event.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> ax = list_bars(index, "fall")
    >>> ax.get_title(loc="left")
    '2014-06-10  ISIL seizes Mosul in Iraq.'
    """
    items = index.related(id_, k=k)
    ax = _axes(ax, 9.0, 1.3 + 0.72 * max(len(items), 1))
    colours = dict(zip(PARTS, itertools.cycle(_COLOURS), strict=False))
    left = np.zeros(len(items))
    for part in [part for part in PARTS if any(part in item.parts for item in items)]:
        widths = np.array([item.parts.get(part, 0.0) for item in items])
        ax.barh(range(len(items)), widths, 0.34, left=left, color=colours[part], label=part)
        left += widths
    for place, item in enumerate(items):
        event = index.events[item.id]
        ax.text(0, place - 0.25, f"{_day(event)}  {_short(event.headline, 84)}", va="bottom", fontsize=10)
        ax.text(
            0,
            place + 0.21,
            _short(item.reason, 105),
            va="top",
            fontsize=8.5,
            style="italic",
            color=_QUIET,
        )
        ax.text(left[place], place, f" {item.score:.3f}", va="center", fontsize=8.5, color=_QUIET)
    event = index.events[id_]
    _title(ax, f"{_day(event)}  {event.headline}", 88)
    ax.set_ylim(len(items) - 0.3, -0.75)
    ax.set_xlim(0, left.max(initial=0.01) * 1.08)
    ax.set_axis_off()
    if len(items):
        _legend_below(ax)
    return ax


def reason_bars(index: RelatedIndex, id_: str, other: str, *, most: int = 12, ax: Axes | None = None) -> Axes:
    """Why two events are related: a bar for every shared word, phrase, topic and neighbour.

    Parameters
    ----------
    index : RelatedIndex
    id_, other : str or int
        The two events.
    most : int
        The most bars; the remaining reasons share one more bar.
    ax : matplotlib.axes.Axes, optional
        Draw here; in a new figure if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    UnknownEventError
        If the index does not hold one of them.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> ax = reason_bars(index, "fall", "dam", most=3)
    >>> len(ax.get_yticklabels())
    4
    """
    found = index.explain(id_, other)
    reasons = [reason for reason in found.reasons if reason.share > 0]
    shown, rest = reasons[:most], reasons[most:]
    ax = _axes(ax, 9.0, 1.5 + 0.3 * (len(shown) + bool(rest)))
    colours = dict(zip(PARTS, itertools.cycle(_COLOURS), strict=False))
    for part in PARTS:
        places = [place for place, reason in enumerate(shown) if reason.part == part]
        if places:
            ax.barh(places, [shown[place].share for place in places], color=colours[part], label=part)
    names = [_reason_name(index, reason.part, reason.name) for reason in shown]
    shares = [reason.share for reason in shown]
    if rest:
        names.append(f"{len(rest)} more")
        shares.append(sum(reason.share for reason in rest))
        ax.barh([len(shown)], shares[-1:], color="#bbbbbb")
    ax.set_yticks(range(len(names)), names)
    for place, share in enumerate(shares):
        ax.text(share, place, f" {share / found.score:.0%}", va="center", fontsize=8.5, color=_QUIET)
    ax.invert_yaxis()
    ax.set_xlim(0, max(shares, default=0.01) * 1.12)
    _bare(ax)
    ax.spines["bottom"].set_visible(False)
    ax.set_xticks([])
    events = [index.events[event] for event in (id_, other)]
    lines = [
        *(f"{_day(event)}  {event.headline}" for event in events),
        f"Shares of the score {found.score:.3f}",
    ]
    _title(ax, "\n".join(lines), 56)
    if shown:
        _legend_below(ax)
    return ax


def timeline(
    index: RelatedIndex, ids: Iterable[str], *, highlight: str | None = None, ax: Axes | None = None
) -> Axes:
    """Events one below the other in the order of their dates, each at its day.

    Events without a date, and those before the year 1, have no place on the axis: a line below it says how many were left out.

    Parameters
    ----------
    index : RelatedIndex
    ids : iterable of str or int
        A story, a list, or any other events.
    highlight : str or int, optional
        The event to mark.
    ax : matplotlib.axes.Axes, optional
        Draw here; in a new figure if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    UnknownEventError
        If the index does not hold one of them.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> ax = timeline(index, ["fall", "dam"], highlight="dam")
    >>> [text.get_text() for text in ax.texts]
    ['2014-06-10  ISIL seizes Mosul in Iraq.', '2014-08-07  ISIL captures the dam of Mosul.']
    """
    found = [index.events[id_] for id_ in {index.events[id_].id for id_ in ids}]
    from_first = sorted(filter(_drawable, found), key=lambda event: (event.seconds, event.key))
    ax = _axes(ax, 10.0, 0.9 + 0.34 * max(len(from_first), 1))
    import matplotlib.dates as dates

    numbers = np.array([dates.date2num(_plain_day(event)) for event in from_first])
    marked = [event.id == highlight for event in from_first]
    span = (float(np.ptp(numbers)) if len(numbers) else 0.0) or 1.0
    first = float(numbers.min()) if len(numbers) else 0.0
    # Time takes the left of the picture, and each headline the rest of its row.
    text_at = first + 1.06 * span
    low, high = first - 0.04 * span, first + span / _TIME_SHARE
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()  # lays the axes out, so that their width is known
    inches = ax.get_position().width * figure.get_figwidth()
    letters = max(12, int(inches * (high - text_at) / (high - low) / _LETTER_INCHES))
    rows = range(len(from_first))
    ax.hlines(rows, numbers, text_at - 0.015 * span, color="#dddddd", linewidth=0.8, zorder=1)
    ax.plot(numbers, rows, color="#bbbbbb", zorder=1, linewidth=1.2)
    colours = [_COLOURS[5] if mark else _COLOURS[0] for mark in marked]
    ax.scatter(numbers, rows, s=42, zorder=2, color=colours)
    for row, (event, mark) in enumerate(zip(from_first, marked, strict=True)):
        text = f"{_day(event)}  {_short(event.headline, letters - 12)}"
        ax.text(text_at, row, text, va="center", fontsize=9, fontweight="bold" if mark else "normal")
    ax.set_ylim(len(from_first) - 0.4, -0.6)
    ax.set_xlim(low, high)
    _time_axis(ax, first, first + span, inches * _TIME_SHARE)
    _bare(ax)
    ax.spines["left"].set_visible(False)
    ax.spines["bottom"].set_bounds(first, first + span)
    ax.set_yticks([])
    if missing := _missing(found):
        ax.set_xlabel(f"not shown: {missing}", fontsize=9, color=_QUIET, loc="left")
    return ax


def topic_trend(
    index: RelatedIndex,
    topics: Sequence[str],
    *,
    by: Period | None = None,
    ax: Axes | None = None,
) -> Axes:
    """How many events each topic has in each day, week, month, quarter or year.

    Events without a date, and those before the year 1, are not counted: the label of the axis says how many were left out.

    Parameters
    ----------
    index : RelatedIndex
    topics : sequence of str
        Canonical names.
    by : {"day", "week", "month", "quarter", "year"}, optional
        If not given, the shortest of day, week, month and year that makes at most 60 columns.
    ax : matplotlib.axes.Axes, optional
        Draw here; in a new figure if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        If no event has one of the topics, or there is no such period.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> ax = topic_trend(index, ["Mosul", "ISIL"], by="month")
    >>> [label.get_text() for label in ax.get_yticklabels()], ax.get_xlabel()
    (['Mosul', 'ISIL'], 'events per month')
    """
    if by is not None and by not in _PERIODS:
        raise InputError(f"there is no period {by!r}: expected {', '.join(_PERIODS)}")
    held = {topic: [index.events[id_] for id_ in index.with_topic(topic)] for topic in topics}
    days = {topic: [_plain_day(event) for event in filter(_drawable, held[topic])] for topic in topics}
    missing = _missing(event for events in held.values() for event in events)
    ax = _axes(ax, 9.0, 0.7 + 0.75 * max(len(topics), 1))
    if not any(days.values()):
        ax.set_xlabel(f"not counted: {missing}" if missing else "", fontsize=9, color=_QUIET)
        return ax
    import matplotlib.dates as dates

    first = min(min(found) for found in days.values() if found)
    last = max(max(found) for found in days.values() if found)
    period = by or _period_for((last - first).days)
    counted = {topic: Counter(_start(day, period) for day in found) for topic, found in days.items()}
    tallest = max(max(counts.values(), default=0) for counts in counted.values())
    for row, counts in enumerate(counted.values()):
        if not counts:
            continue  # a topic of undated events alone
        colour = _COLOURS[row % len(_COLOURS)]
        starts = sorted(counts)
        heights = np.array([counts[start] for start in starts])
        ax.axhline(row, color="#dddddd", linewidth=0.8, zorder=1)
        # The axis runs down, so bars grow upwards from the line of their topic.
        left = dates.date2num(starts)
        width = 0.9 * _PERIODS[period]
        ax.bar(left, -0.7 * heights / tallest, width, bottom=row, align="edge", color=colour, zorder=2)
        top = int(heights.argmax())
        ax.text(
            left[top] + width / 2,
            row - 0.7 * heights[top] / tallest - 0.03,
            str(heights[top]),
            ha="center",
            va="bottom",
            fontsize=8.5,
        )
    ax.set_yticks([row - 0.15 for row in range(len(counted))], list(counted))
    ax.set_ylim(len(counted) - 0.9, -1.05)
    low = dates.date2num(_start(first, period))
    high = dates.date2num(_start(last, period)) + _PERIODS[period]
    ax.set_xlim(low - 0.01 * (high - low), high + 0.01 * (high - low))
    figure = ax.get_figure(root=True)
    assert figure is not None
    _time_axis(ax, low, high, ax.get_position().width * figure.get_figwidth())
    label = f"events per {period}" + (f"; not counted: {missing}" if missing else "")
    ax.set_xlabel(label, fontsize=9, color=_QUIET)
    _bare(ax)
    ax.spines[["left", "bottom"]].set_visible(False)
    return ax


def context_network(
    index: RelatedIndex,
    ids: Iterable[str] | None = None,
    *,
    most: int = 30,
    ax: Axes | None = None,
) -> Axes:
    """Topics that occur in the same events: a disc for each topic, a line between topics that co-occur more than once.

    Parameters
    ----------
    index : RelatedIndex
    ids : iterable of str or int, optional
        The events that count; all if not given.
    most : int
        The most topics to draw: the most frequent ones are kept.
    ax : matplotlib.axes.Axes, optional
        Draw here; in a new figure if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    UnknownEventError
        If the index does not hold one of the events.
    MissingExtraError
        If matplotlib or networkx is not installed.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> ax = context_network(index)
    >>> sorted(text.get_text() for text in ax.texts)
    ['ISIL', 'Iraq', 'Mosul']
    """
    nx = _networkx()
    graph, frequency = _met(index, ids, most, nx)
    ax = _axes(ax, 10.0, 7.0)
    ax.set_axis_off()
    if not graph:
        return ax
    largest = max(frequency[topic] for topic in graph)
    place = _spread(graph, nx, [frequency[topic] / largest for topic in graph])
    heaviest = max(times for *_, times in graph.edges(data="weight"))
    for one, two, times in graph.edges(data="weight"):
        (x1, y1), (x2, y2) = place[one], place[two]
        width = 0.5 + 4.5 * times / heaviest
        ax.plot([x1, x2], [y1, y2], color="#c9c9c9", linewidth=width, zorder=1, solid_capstyle="round")
    for number, group in enumerate(_groups(graph, nx)):
        for topic in sorted(group):
            share = frequency[topic] / largest
            ax.scatter(
                *place[topic], s=60 + 900 * share, color=_COLOURS[number % 6], zorder=4, edgecolors="white"
            )
            ax.annotate(
                topic,
                place[topic],
                (0, -(5 + 16 * share**0.5)),
                textcoords="offset points",
                ha="center",
                va="top",
                fontsize=8 + 4 * share,
                zorder=3,
                bbox={"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.7},
            )
    ax.margins(0.1, 0.12)
    return ax


@dataclass(frozen=True, slots=True)
class InteractivePicture:
    """A picture that answers to the pointer. A notebook shows it; `save` writes it as a page.

    Attributes
    ----------
    title : str
    height : int
        In pixels.
    html : str
        A whole page, with the script that it needs.
    """

    title: str
    height: int
    html: str = field(repr=False)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page: one file that needs no connection.

        Parameters
        ----------
        path : path-like

        Returns
        -------
        pathlib.Path
        """
        target = check_path(path, "path")
        with replacing(target) as new:
            new.write_text(self.html, encoding="utf-8")
        return target

    def _repr_html_(self) -> str:
        # A frame keeps the script of the picture apart from those of the notebook.
        return (
            f'<iframe srcdoc="{html.escape(self.html)}" title="{html.escape(self.title)}" '
            f'style="width:100%;height:{self.height + 80}px;border:0"></iframe>'
        )


def interactive_story(index: RelatedIndex, id_: str, *, most: int = 40) -> InteractivePicture:
    """The story of an event as a timeline to point at: an event shows its links, a click opens its own page.

    Each row is an event, at its day; the size of its disc is its score with the event whose story it is, which is marked. A line
    is a link, as wide as its score. Drag to move, scroll to zoom. Events without a date, and those before the year 1, have no
    place on the axis: the title says how many were left out.

    Parameters
    ----------
    index : RelatedIndex
    id_ : str or int
        The event whose story it is.
    most : int
        The most events, as for `RelatedIndex.story`.

    Returns
    -------
    InteractivePicture

    Raises
    ------
    UnknownEventError
        If the index holds no such event.
    MissingExtraError
        If Bokeh is not installed.

    Examples
    --------
    >>> from relatedness import RelatedIndex, sample_path
    >>> index = RelatedIndex.build(sample_path())
    >>> picture = interactive_story(index, "2014-07-17-mh17-shot-down")  # doctest: +SKIP
    >>> picture.save("story.html")  # doctest: +SKIP
    PosixPath('story.html')
    """
    bokeh = _bokeh()
    story = index.story(id_, most=most)
    found = {event.id: index.events[event.id] for event in story}
    shown = [event for event in story if _drawable(found[event.id])]
    row = {event.id: place for place, event in enumerate(shown)}
    links = [link for link in story.links if link.earlier in row and link.later in row]
    title = story.title + (f" (not shown: {missing})" if (missing := _missing(found.values())) else "")
    height = 120 + 30 * max(len(shown), 2)
    figure = bokeh.figure(
        title=title,
        height=height,
        min_width=760,
        sizing_mode="stretch_width",
        x_axis_type="datetime",
        y_range=(len(shown) - 0.4, -0.6),
        y_axis_location="right",
        tools="xpan,xwheel_zoom,reset",
        active_scroll="xwheel_zoom",
        toolbar_location="above",
    )
    nodes: dict[str, list[Any]] = {
        "index": [str(event.id) for event in shown],
        "when": [_day(found[event.id]) for event in shown],
        "title": [event.title for event in shown],
        "contexts": [", ".join(event.contexts) for event in shown],
        "score": [event.score for event in shown],
        "url": [found[event.id].url or "" for event in shown],
        "size": [9 + 22 * min(event.score, 0.5) for event in shown],
        "colour": [_COLOURS[5 if event.id == story.id else 0] for event in shown],
    }
    # Bokeh counts time in milliseconds since 1970.
    days = [(_plain_day(found[event.id]) - date(1970, 1, 1)).days * 86_400_000.0 for event in shown]
    places = {name: (day, place) for place, (name, day) in enumerate(zip(nodes["index"], days, strict=True))}
    strongest = max((link.score for link in links), default=1.0)
    lines: dict[str, list[Any]] = {
        "start": [str(link.earlier) for link in links],
        "end": [str(link.later) for link in links],
        "width": [0.4 + 2.6 * (link.score / strongest) ** 2 for link in links],
    }
    rows = [("", "@title"), ("date", "@when"), ("context", "@contexts"), ("score", "@score{0.000}")]
    graph = _add_graph(figure, bokeh, nodes, lines, places, rows)
    opened = "const own = source.data, at = source.selected.indices[0];\n"
    opened += "if (at !== undefined && /^https?:/i.test(own.url[at])) { window.open(own.url[at], '_blank', 'noopener') }"
    source = graph.node_renderer.data_source
    source.selected.js_on_change("indices", bokeh.CustomJS(args={"source": source}, code=opened))
    figure.yaxis.ticker = list(range(len(shown)))
    figure.yaxis.major_label_overrides = {
        place: f"{when}  {_short(event.title, 70)}"
        for place, (event, when) in enumerate(zip(shown, nodes["when"], strict=True))
    }
    figure.ygrid.grid_line_color = "#eeeeee"
    return _picture(figure, bokeh, title, height)


def interactive_network(
    index: RelatedIndex, ids: Iterable[str] | None = None, *, most: int = 60
) -> InteractivePicture:
    """The network of `context_network` to point at: a topic shows its events and what it occurs with; a click keeps them lit.

    Drag to move, scroll to zoom.

    Parameters
    ----------
    index : RelatedIndex
    ids : iterable of str or int, optional
        The events that count; all if not given.
    most : int
        The most topics to draw: the most frequent ones are kept.

    Returns
    -------
    InteractivePicture

    Raises
    ------
    UnknownEventError
        If the index does not hold one of the events.
    MissingExtraError
        If Bokeh or networkx is not installed.

    Examples
    --------
    >>> from relatedness import RelatedIndex, sample_path
    >>> index = RelatedIndex.build(sample_path())
    >>> interactive_network(index, most=40).save("network.html")  # doctest: +SKIP
    PosixPath('network.html')
    """
    bokeh = _bokeh()
    nx = _networkx()
    chosen = None if ids is None else check_ids(ids, "ids")
    graph, frequency = _met(index, chosen, most, nx)
    within = None if chosen is None else {index.events[id_].id for id_ in chosen}
    title, height = "Topics that occur in the same events", 760
    figure = bokeh.figure(
        title=title,
        height=height,
        min_width=600,
        sizing_mode="stretch_width",
        tools="pan,wheel_zoom,reset",
        active_scroll="wheel_zoom",
        toolbar_location="above",
        x_range=(-0.08, 1.08),
        y_range=(-0.08, 1.08),
    )
    figure.axis.visible = False
    figure.grid.visible = False
    names = sorted(graph, key=lambda topic: (-frequency[topic], topic))
    colour = {
        topic: _COLOURS[number % 6] for number, group in enumerate(_groups(graph, nx)) for topic in group
    }
    largest = max((frequency[topic] for topic in names), default=1)
    share = {topic: frequency[topic] / largest for topic in names}
    spread = _spread(graph, nx, [share[topic] for topic in graph]) if names else {}
    low, span = _box(spread.values())
    places = {name: ((x - low[0]) / span[0], (y - low[1]) / span[1]) for name, (x, y) in spread.items()}
    nodes: dict[str, list[Any]] = {
        "index": names,
        "events": [frequency[topic] for topic in names],
        "beside": [_beside(graph, topic) for topic in names],
        "latest": [_latest(index, topic, within) for topic in names],
        "size": [10 + 34 * share[topic] ** 0.5 for topic in names],
        "colour": [colour[topic] for topic in names],
    }
    edges = sorted(graph.edges(data="weight"))
    heaviest = max((times for *_, times in edges), default=1)
    lines = {
        "start": [one for one, *_ in edges],
        "end": [other for _, other, _ in edges],
        "width": [0.6 + 5.4 * times / heaviest for *_, times in edges],
    }
    rows = [("", "@index"), ("events", "@events"), ("with", "@beside"), ("latest", "@latest")]
    _add_graph(figure, bokeh, nodes, lines, places, rows)
    figure.text(
        x=[places[topic][0] for topic in names],
        y=[places[topic][1] for topic in names],
        text=names,
        text_align="center",
        text_baseline="top",
        y_offset=[2 + size / 2 for size in nodes["size"]],
        text_font_size=[f"{9 + 5 * share[topic]:.0f}px" for topic in names],
    )
    return _picture(figure, bokeh, title, height)


def _networkx() -> Any:
    try:
        import networkx
    except ImportError:
        raise MissingExtraError("a network needs networkx: pip install 'relatedness[notebooks]'") from None
    return networkx


def _met(index: RelatedIndex, ids: Iterable[str] | None, most: int, nx: Any) -> tuple[Any, Counter[str]]:
    """The most frequent topics of events, joined where they meet more than once, and the number of events of each topic."""
    held = [
        sorted({topic.name for topic in index.topics(id_)}) for id_ in (index.events if ids is None else ids)
    ]
    frequency = Counter(topic for topics in held for topic in topics)
    chosen = sorted(frequency, key=lambda topic: (-frequency[topic], topic))[:most]
    pairs = Counter(
        pair for topics in held for pair in combinations([t for t in topics if t in set(chosen)], 2)
    )
    graph = nx.Graph()
    graph.add_nodes_from(chosen)
    graph.add_edges_from(
        (one, two, {"weight": times}) for (one, two), times in sorted(pairs.items()) if times > 1
    )
    graph.remove_nodes_from([topic for topic in chosen if not graph.degree(topic)])
    return graph, frequency


def _groups(graph: Any, nx: Any) -> list[Any]:
    """The topics that occur together, the largest group first."""
    if not graph:
        return []
    found = nx.community.greedy_modularity_communities(graph, weight="weight")
    return sorted(found, key=lambda group: (-len(group), min(group)))


def _box(places: Iterable[tuple[float, float]]) -> tuple[Any, Any]:
    """The corner and the size of the box that holds some places."""
    every = np.array([(0.0, 0.0), *places][1:] or [(0.0, 0.0)])
    return every.min(axis=0), np.maximum(np.ptp(every, axis=0), 1e-9)


def _beside(graph: Any, topic: str, most: int = 6) -> str:
    """What a topic occurs with, most often first."""
    weights = {other: graph.edges[topic, other]["weight"] for other in graph[topic]}
    first = sorted(weights, key=lambda other: (-weights[other], other))
    shown = ", ".join(f"{other} ({weights[other]:,})" for other in first[:most])
    return shown + (f" and {len(first) - most} more" if len(first) > most else "")


def _latest(index: RelatedIndex, topic: str, within: Set[EventId] | None) -> str:
    """The latest event that has a topic."""
    newest = next(id_ for id_ in reversed(index.with_topic(topic)) if within is None or id_ in within)
    return f"{_day(index.events[newest])}  {_short(index.events[newest].headline, 90)}"


def _bokeh() -> Any:
    """What is needed of Bokeh."""
    try:
        from bokeh import embed, models, plotting, resources
    except ImportError:
        raise MissingExtraError(
            "an interactive picture needs Bokeh: pip install 'relatedness[interactive]'"
        ) from None
    return SimpleNamespace(
        **vars(models), figure=plotting.figure, file_html=embed.file_html, INLINE=resources.INLINE
    )


def _add_graph(
    figure: Any,
    bokeh: Any,
    nodes: Mapping[str, Sequence[Any]],
    lines: Mapping[str, Sequence[Any]],
    places: Mapping[str, tuple[Any, Any]],
    rows: Sequence[tuple[str, str]],
) -> Any:
    """Draw nodes and the lines between them: pointing at a node lights its lines, a click keeps it and what it is joined to lit."""
    graph = bokeh.GraphRenderer(layout_provider=bokeh.StaticLayoutProvider(graph_layout=places))
    graph.node_renderer.data_source.data = nodes
    graph.edge_renderer.data_source.data = lines
    own = {"size": "size", "fill_color": "colour", "line_color": "white"}
    graph.node_renderer.glyph = bokeh.Scatter(**own)
    graph.node_renderer.selection_glyph = bokeh.Scatter(**own)
    graph.node_renderer.nonselection_glyph = bokeh.Scatter(**own, fill_alpha=0.4)
    graph.node_renderer.hover_glyph = bokeh.Scatter(**own | {"line_color": "black"}, line_width=2)
    quiet = {"line_color": "#c9c9c9", "line_width": "width"}
    lit = {"line_color": _COLOURS[2], "line_width": "width"}
    graph.edge_renderer.glyph = bokeh.MultiLine(**quiet, line_alpha=0.7)
    graph.edge_renderer.nonselection_glyph = bokeh.MultiLine(**quiet, line_alpha=0.25)
    graph.edge_renderer.selection_glyph = bokeh.MultiLine(**lit)
    graph.edge_renderer.hover_glyph = bokeh.MultiLine(**lit)
    graph.inspection_policy = bokeh.NodesAndLinkedEdges()
    graph.selection_policy = bokeh.NodesAndLinkedEdges()
    figure.renderers.append(graph)
    # Bokeh shows the values of a column as text, whatever they hold.
    shown = "".join(
        f'<div style="max-width:28em">{f"<b>{value}</b>" if not name else f"<i>{name}</i> {value}"}</div>'
        for name, value in rows
    )
    figure.add_tools(bokeh.HoverTool(renderers=[graph], tooltips=shown), bokeh.TapTool(renderers=[graph]))
    return graph


def _picture(figure: Any, bokeh: Any, title: str, height: int) -> InteractivePicture:
    figure.toolbar.logo = None
    figure.outline_line_color = None
    figure.axis.axis_line_color = "#bbbbbb"
    figure.axis.major_tick_line_color = None
    figure.axis.minor_tick_line_color = None
    return InteractivePicture(title, height, bokeh.file_html(figure, bokeh.INLINE, title))


def _spread(graph: Any, nx: Any, sizes: Sequence[float]) -> dict[str, tuple[float, float]]:
    """Where each node stands: by the springs of its lines, then moved apart until names can be read."""
    found = nx.spring_layout(graph, weight=None, k=2.6 / len(graph) ** 0.5, iterations=300, seed=7)
    names = list(graph)
    place = np.array([found[name] for name in names])
    place = (place - place.min(axis=0)) / np.maximum(np.ptp(place, axis=0), 1e-9)
    size = np.array(sizes)
    room = np.array([0.115, 0.085]) + 0.045 * np.add.outer(size, size)[..., None]
    for _ in range(200):
        gap = place[:, None] - place[None]
        short = room - np.abs(gap)
        close = np.all(short > 0, axis=2)
        np.fill_diagonal(close, False)
        if not close.any():
            break
        # Along the axis on which less is missing, half of it each.
        along = (short / room).argmin(axis=2)
        push = np.zeros_like(gap)
        for axis in (0, 1):
            sign = np.where(gap[..., axis] >= 0, 1.0, -1.0)
            push[..., axis] = np.where(close & (along == axis), sign * short[..., axis] * 0.25, 0.0)
        place += push.sum(axis=1)
    return {name: (float(x), float(y)) for name, (x, y) in zip(names, place, strict=True)}


def _axes(ax: Axes | None, width: float, height: float) -> Axes:
    if ax is not None:
        return ax
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise MissingExtraError("a picture needs matplotlib: pip install 'relatedness[notebooks]'") from None
    made: Axes = plt.subplots(figsize=(width, height), layout="constrained")[1]
    return made


def _legend_below(ax: Axes) -> None:
    """A legend in one row under the axes, where no data can be."""
    ax.legend(
        ncols=len(PARTS),
        loc="upper left",
        bbox_to_anchor=(0, 0),
        frameon=False,
        fontsize=9,
        handlelength=1,
    )


def _bare(ax: Axes) -> None:
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color("#bbbbbb")
    ax.tick_params(length=0, labelsize=9)


def _title(ax: Axes, text: str, width: int) -> None:
    lines = [line for part in text.splitlines() for line in textwrap.wrap(part, width)]
    ax.set_title("\n".join(lines), loc="left", fontsize=11, fontweight="bold")


def _short(text: str, width: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 1].rsplit(" ", 1)[0] + "…"


def _day(event: Event) -> str:
    return _plain_day(event).isoformat() if _drawable(event) else event.when


def _drawable(event: Event) -> bool:
    """Whether an axis of time has a place for an event: it has a date, of the year 1 or later."""
    return isinstance(event.date, date)


def _missing(events: Iterable[Event]) -> str:
    """How many different events have no place on an axis of time, and why; empty if all have one."""
    out = {event.key: event for event in events if not _drawable(event)}.values()
    undated = sum(event.date is None for event in out)
    early = len(out) - undated
    said = ((undated, "without a date"), (early, "before the year 1"))
    return ", ".join(f"{number:,} {why}" for number, why in said if number)


def _plain_day(event: Event) -> date:
    when = event.date
    assert isinstance(when, date)
    return when.astimezone(UTC).date() if isinstance(when, datetime) else when


def _reason_name(index: RelatedIndex, part: str, name: str) -> str:
    if part == "story":
        return f"neighbour: {_short(index.events[name].headline, 44)}" if name in index.events else name
    return _short(name, 54)


def _time_axis(ax: Axes, first: float, last: float, inches: float) -> None:
    """Ticks at round dates from the first to the last day, both as matplotlib counts days; no more than there is room for."""
    import matplotlib.dates as dates

    most = max(2, int(inches / 0.6))
    found = dates.AutoDateLocator(minticks=2, maxticks=most).tick_values(
        dates.num2date(first), dates.num2date(last)
    )
    ticks = [tick for tick in found if first <= tick <= last and tick % 1 == 0]
    days = [dates.num2date(tick) for tick in ticks]
    if all(day.day == day.month == 1 for day in days):
        names = [f"{day:%Y}" for day in days]
    elif all(day.day == 1 for day in days):
        names = [f"{day:%b}\n{day:%Y}" for day in days]
    else:
        names = [f"{day.day} {day:%b}\n{day:%Y}" for day in days]
    ax.set_xticks(ticks, names)


def _period_for(days: int) -> Period:
    """The shortest period that divides a span of days into at most 60 columns."""
    for period in ("day", "week", "month"):
        if days < 60 * _PERIODS[period]:
            return period
    return "year"


def _start(day: date, period: Period) -> date:
    """The first day of the period that holds a day; weeks begin on Monday."""
    if period == "day":
        return day
    if period == "week":
        return day - timedelta(days=day.weekday())
    if period == "month":
        return day.replace(day=1)
    return day.replace(month=(day.month - 1) // 3 * 3 + 1 if period == "quarter" else 1, day=1)
