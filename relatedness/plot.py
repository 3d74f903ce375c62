"""Pictures of an index: why events are related, when things happened, what goes together.

Every function draws into one matplotlib axes, a new one if none is given, and returns it: change it as any other, save
it with ``ax.figure.savefig("picture.png")``. matplotlib, because its pictures are the same in a notebook, on a printed
page and in a README, and need no script from elsewhere to be seen.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from relatedness.errors import InputError, MissingExtraError
from relatedness.ranking import PARTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from relatedness.related_index import RelatedIndex

# The colours of Okabe and Ito, which people tell apart whatever their eyes.
_COLOURS = ("#0072B2", "#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#F0E442")
_QUIET = "#555555"


def list_bars(index: RelatedIndex, id_: str, *, k: int | None = None, ax: Axes | None = None) -> Axes:
    """The list of an event: a bar for each related event, split into the parts of its score.

    Parameters
    ----------
    index : RelatedIndex
    id_ : str
    k : int, optional
        How many at most; ``lists.k`` of the config if not given.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    UnknownEventError
        If the index holds no such event.
    MissingExtraError
        If matplotlib is not installed.
    """
    items = index.related(id_, k=k)
    ax = _axes(ax, 9.0, 1.3 + 0.72 * max(len(items), 1))
    colours = dict(zip(PARTS, _COLOURS, strict=False))
    left = np.zeros(len(items))
    for part in [part for part in PARTS if any(part in item.parts for item in items)]:
        widths = np.array([item.parts.get(part, 0.0) for item in items])
        ax.barh(range(len(items)), widths, 0.34, left=left, color=colours[part], label=part)
        left += widths
    for place, item in enumerate(items):
        event = index.events[item.id]
        ax.text(
            0, place - 0.25, f"{_day(event.date)}  {_short(event.headline, 84)}", va="bottom", fontsize=10
        )
        contexts = ", ".join(item.contexts) or "-"
        ax.text(
            0,
            place + 0.21,
            f"Context: {_short(contexts, 96)}",
            va="top",
            fontsize=8.5,
            style="italic",
            color=_QUIET,
        )
        ax.text(left[place], place, f" {item.score:.3f}", va="center", fontsize=8.5, color=_QUIET)
    event = index.events[id_]
    _title(ax, f"{_day(event.date)}  {event.headline}", 88)
    ax.set_ylim(len(items) - 0.3, -0.75)
    ax.set_xlim(0, left.max(initial=0.01) * 1.08)
    ax.set_axis_off()
    if len(items):
        ax.legend(
            ncols=len(PARTS),
            loc="upper left",
            bbox_to_anchor=(0, 0),
            frameon=False,
            fontsize=9,
            handlelength=1,
        )
    return ax


def reason_bars(index: RelatedIndex, id_: str, other: str, *, most: int = 12, ax: Axes | None = None) -> Axes:
    """Why two events are related: a bar for every shared word, phrase, topic and neighbour.

    Parameters
    ----------
    index : RelatedIndex
    id_, other : str
    most : int
        So many bars; what is left is one bar together.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    UnknownEventError
        If the index does not hold one of them.
    MissingExtraError
        If matplotlib is not installed.
    """
    found = index.explain(id_, other)
    reasons = [reason for reason in found.reasons if reason.share > 0]
    shown, rest = reasons[:most], reasons[most:]
    ax = _axes(ax, 9.0, 1.5 + 0.3 * (len(shown) + bool(rest)))
    colours = dict(zip(PARTS, _COLOURS, strict=False))
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
    events = [index.events[event] for event in (id_, other)]
    _title(ax, "\n".join(f"{_day(event.date)}  {event.headline}" for event in events), 56)
    ax.set_xlabel(f"share of the score {found.score:.3f}", fontsize=9, color=_QUIET)
    if shown:
        ax.legend(loc="lower right", frameon=False, fontsize=9, handlelength=1)
    return ax


def timeline(
    index: RelatedIndex, ids: Iterable[str], *, highlight: str | None = None, ax: Axes | None = None
) -> Axes:
    """Events one below the other in the order of their dates, each at its day.

    Parameters
    ----------
    index : RelatedIndex
    ids : iterable of str
        A story, a list, or any other events.
    highlight : str, optional
        One of them, to be marked.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    UnknownEventError
        If the index does not hold one of them.
    MissingExtraError
        If matplotlib is not installed.
    """
    from_first = sorted((index.events[id_] for id_ in set(ids)), key=lambda event: (event.seconds, event.id))
    ax = _axes(ax, 10.0, 0.9 + 0.34 * max(len(from_first), 1))
    import matplotlib.dates as dates

    days = [_plain_day(event.date) for event in from_first]
    numbers = np.array([dates.date2num(day) for day in days])
    places = np.arange(len(from_first))
    span = float(np.ptp(numbers)) if len(numbers) else 0.0
    span = span or 1.0
    ax.plot(numbers, places, color="#cccccc", zorder=1, linewidth=1.2)
    marked = [event.id == highlight for event in from_first]
    ax.scatter(
        numbers, places, s=42, zorder=2, color=[_COLOURS[5] if mark else _COLOURS[0] for mark in marked]
    )
    for place, (event, number, mark) in enumerate(zip(from_first, numbers, marked, strict=True)):
        right = number <= numbers.min() + 0.5 * span
        text = f"{_day(event.date)}  {_short(event.headline, 66)}"
        ax.annotate(
            text,
            (number, place),
            (9 if right else -9, 0),
            textcoords="offset points",
            ha="left" if right else "right",
            va="center",
            fontsize=9,
            fontweight="bold" if mark else "normal",
            bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.85},
        )
    ax.set_ylim(len(from_first) - 0.4, -0.6)
    if len(numbers):
        ax.set_xlim(numbers.min() - 0.32 * span, numbers.max() + 0.32 * span)
    locator = dates.AutoDateLocator(minticks=3, maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))
    _bare(ax)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x", color="#eeeeee")
    ax.set_axisbelow(True)
    ax.set_yticks([])
    return ax


def topic_trend(
    index: RelatedIndex,
    topics: Sequence[str],
    *,
    by: Literal["year", "quarter", "month"] = "year",
    ax: Axes | None = None,
) -> Axes:
    """How many events each topic has in each year, quarter or month.

    Parameters
    ----------
    index : RelatedIndex
    topics : sequence of str
        Canonical names.
    by : {"year", "quarter", "month"}
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        If no event has one of the topics, or there is no such period.
    MissingExtraError
        If matplotlib is not installed.
    """
    if by not in ("year", "quarter", "month"):
        raise InputError(f"there is no period {by!r}: expected year, quarter or month")
    months = {"year": 12, "quarter": 3, "month": 1}[by]
    counted = {
        topic: Counter(_period(index.events[id_].date, months) for id_ in index.with_topic(topic))
        for topic in topics
    }
    ax = _axes(ax, 9.0, 0.7 + 0.75 * max(len(topics), 1))
    if not topics:
        return ax
    first = min(min(periods) for periods in counted.values())
    last = max(max(periods) for periods in counted.values())
    tallest = max(max(counts.values()) for counts in counted.values())
    for row, counts in enumerate(counted.values()):
        colour = _COLOURS[row % len(_COLOURS)]
        places = sorted(counts)
        heights = np.array([counts[place] for place in places])
        ax.axhline(row, color="#dddddd", linewidth=0.8, zorder=1)
        # Upwards from a line of its own: the axis runs down.
        ax.bar(places, -0.8 * heights / tallest, 0.8, bottom=row, color=colour, zorder=2)
        top = places[int(heights.argmax())]
        ax.text(
            top,
            row - 0.8 * heights.max() / tallest,
            str(heights.max()),
            ha="center",
            va="bottom",
            fontsize=8.5,
        )
    ax.set_yticks([row - 0.15 for row in range(len(counted))], list(counted))
    ax.set_ylim(len(counted) - 0.9, -1.05)
    step = max(1, round((last - first + 1) / 12))
    per_year = 12 // months
    if by != "year":
        step = max(per_year, round(step / per_year) * per_year)
        first -= first % per_year
    ticks = range(first, last + 1, step)
    ax.set_xticks(list(ticks), [str(place // per_year) for place in ticks])
    ax.set_xlim(first - 0.7, last + 0.7)
    ax.set_xlabel(f"events a {by}", fontsize=9, color=_QUIET)
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
    """Which topics stand in the same events: a disc for each, a line between those that meet more than once.

    Parameters
    ----------
    index : RelatedIndex
    ids : iterable of str, optional
        The events that count; all if not given.
    most : int
        How many topics to draw, the most frequent ones.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    UnknownEventError
        If the index does not hold one of the events.
    MissingExtraError
        If matplotlib or networkx is not installed.
    """
    try:
        import networkx as nx
    except ImportError:
        raise MissingExtraError("a network needs networkx: pip install 'relatedness[notebooks]'") from None
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
    groups = sorted(nx.community.greedy_modularity_communities(graph, weight="weight"), key=min)
    for number, group in enumerate(sorted(groups, key=lambda group: (-len(group), min(group)))):
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


def _day(when: date) -> str:
    return _plain_day(when).isoformat()


def _plain_day(when: date) -> date:
    return when.astimezone(UTC).date() if isinstance(when, datetime) else when


def _reason_name(index: RelatedIndex, part: str, name: str) -> str:
    if part == "story":
        return f"both near: {_short(index.events[name].headline, 44)}" if name in index.events else name
    return _short(name, 54)


def _period(when: date, months: int) -> int:
    day = _plain_day(when)
    return (day.year * 12 + day.month - 1) // months
