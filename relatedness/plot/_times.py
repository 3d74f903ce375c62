"""Events and topics over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

import numpy as np

from relatedness.arguments import check_ids, check_names, check_text
from relatedness.errors import InputError
from relatedness.plot._axes import (
    COLOURS,
    QUIET,
    bare,
    check_index,
    day,
    drawable,
    left_out,
    new_axes,
    plain_day,
    short,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from relatedness.related_index import RelatedIndex

Period = Literal["day", "week", "month", "quarter", "year"]


# Days in a period, for the widths of bars.
_PERIODS: dict[str, float] = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}


_TIME_SHARE = 0.28  # the share of a timeline's width for the time axis; headlines get the rest


_LETTER_INCHES = 0.072  # the mean width of a character at 9 points


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
    check_index(index)
    found = [index.events[id_] for id_ in {index.events[id_].id for id_ in check_ids(ids, "ids")}]
    from_first = sorted(filter(drawable, found), key=lambda event: (event.seconds, event.key))
    ax = new_axes(ax, 10.0, 0.9 + 0.34 * max(len(from_first), 1))
    import matplotlib.dates as dates

    numbers = np.array([dates.date2num(plain_day(event)) for event in from_first])
    marked = [event.id == highlight for event in from_first]
    span = (float(np.ptp(numbers)) if len(numbers) else 0.0) or 1.0
    first = float(numbers.min()) if len(numbers) else 0.0
    # Time takes the left of the picture, and each headline the rest of its row.
    text_at = first + 1.06 * span
    low, high = first - 0.04 * span, first + span / _TIME_SHARE
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()  # lay out the axes, so that their width is known
    inches = ax.get_position().width * figure.get_figwidth()
    letters = max(12, int(inches * (high - text_at) / (high - low) / _LETTER_INCHES))
    rows = range(len(from_first))
    ax.hlines(rows, numbers, text_at - 0.015 * span, color="#dddddd", linewidth=0.8, zorder=1)
    ax.plot(numbers, rows, color="#bbbbbb", zorder=1, linewidth=1.2)
    colours = [COLOURS[5] if mark else COLOURS[0] for mark in marked]
    ax.scatter(numbers, rows, s=42, zorder=2, color=colours)
    for row, (event, mark) in enumerate(zip(from_first, marked, strict=True)):
        text = f"{day(event)}  {short(event.headline, letters - 12)}"
        ax.text(text_at, row, text, va="center", fontsize=9, fontweight="bold" if mark else "normal")
    ax.set_ylim(len(from_first) - 0.4, -0.6)
    ax.set_xlim(low, high)
    _time_axis(ax, first, first + span, inches * _TIME_SHARE)
    bare(ax)
    ax.spines["left"].set_visible(False)
    ax.spines["bottom"].set_bounds(first, first + span)
    ax.set_yticks([])
    if missing := left_out(found):
        ax.set_xlabel(f"not shown: {missing}", fontsize=9, color=QUIET, loc="left")
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
    check_index(index)
    topics = check_names(topics, "topics")
    if by is not None and check_text(by, "by") not in _PERIODS:
        raise InputError(f"there is no period {by!r}: expected {', '.join(_PERIODS)}")
    held = {topic: [index.events[id_] for id_ in index.with_topic(topic)] for topic in topics}
    days = {topic: [plain_day(event) for event in filter(drawable, held[topic])] for topic in topics}
    missing = left_out(event for events in held.values() for event in events)
    ax = new_axes(ax, 9.0, 0.7 + 0.75 * max(len(topics), 1))
    if not any(days.values()):
        ax.set_xlabel(f"not counted: {missing}" if missing else "", fontsize=9, color=QUIET)
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
        colour = COLOURS[row % len(COLOURS)]
        starts = sorted(counts)
        heights = np.array([counts[start] for start in starts])
        ax.axhline(row, color="#dddddd", linewidth=0.8, zorder=1)
        # The axis is inverted, so bars grow upwards from the line of their topic.
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
    ax.set_xlabel(label, fontsize=9, color=QUIET)
    bare(ax)
    ax.spines[["left", "bottom"]].set_visible(False)
    return ax


def _time_axis(ax: Axes, first: float, last: float, inches: float) -> None:
    """Ticks at round dates between two days, given as matplotlib date numbers; no more than fit on the axis."""
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
