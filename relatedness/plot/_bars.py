"""Lists and reasons as bars."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from relatedness.arguments import check_count
from relatedness.plot._axes import (
    COLOURS,
    QUIET,
    bare,
    check_index,
    day,
    give_title,
    legend_below,
    new_axes,
    short,
)
from relatedness.ranking import PARTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from relatedness.related_index import RelatedIndex


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
    check_index(index)
    items = index.related(id_, k=k)
    ax = new_axes(ax, 9.0, 1.3 + 0.72 * max(len(items), 1))
    colours = dict(zip(PARTS, itertools.cycle(COLOURS), strict=False))
    left = np.zeros(len(items))
    for part in [part for part in PARTS if any(part in item.parts for item in items)]:
        widths = np.array([item.parts.get(part, 0.0) for item in items])
        ax.barh(range(len(items)), widths, 0.34, left=left, color=colours[part], label=part)
        left += widths
    for position, item in enumerate(items):
        event = index.events[item.id]
        ax.text(0, position - 0.25, f"{day(event)}  {short(event.headline, 84)}", va="bottom", fontsize=10)
        ax.text(
            0,
            position + 0.21,
            short(item.reason, 105),
            va="top",
            fontsize=8.5,
            style="italic",
            color=QUIET,
        )
        ax.text(left[position], position, f" {item.score:.3f}", va="center", fontsize=8.5, color=QUIET)
    event = index.events[id_]
    give_title(ax, f"{day(event)}  {event.headline}", 88)
    ax.set_ylim(len(items) - 0.3, -0.75)
    ax.set_xlim(0, left.max(initial=0.01) * 1.08)
    ax.set_axis_off()
    if len(items):
        legend_below(ax)
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
    check_index(index)
    check_count(most, "most")
    found = index.explain(id_, other)
    reasons = [reason for reason in found.reasons if reason.share > 0]
    shown, rest = reasons[:most], reasons[most:]
    ax = new_axes(ax, 9.0, 1.5 + 0.3 * (len(shown) + bool(rest)))
    colours = dict(zip(PARTS, itertools.cycle(COLOURS), strict=False))
    for part in PARTS:
        positions = [position for position, reason in enumerate(shown) if reason.part == part]
        if positions:
            ax.barh(
                positions, [shown[position].share for position in positions], color=colours[part], label=part
            )
    names = [_reason_name(index, reason.part, reason.name) for reason in shown]
    shares = [reason.share for reason in shown]
    if rest:
        names.append(f"{len(rest)} more")
        shares.append(sum(reason.share for reason in rest))
        ax.barh([len(shown)], shares[-1:], color="#bbbbbb")
    ax.set_yticks(range(len(names)), names)
    for position, share in enumerate(shares):
        ax.text(share, position, f" {share / found.score:.0%}", va="center", fontsize=8.5, color=QUIET)
    ax.invert_yaxis()
    ax.set_xlim(0, max(shares, default=0.01) * 1.12)
    bare(ax)
    ax.spines["bottom"].set_visible(False)
    ax.set_xticks([])
    events = [index.events[event] for event in (id_, other)]
    lines = [
        *(f"{day(event)}  {event.headline}" for event in events),
        f"Shares of the score {found.score:.3f}",
    ]
    give_title(ax, "\n".join(lines), 56)
    if shown:
        legend_below(ax)
    return ax


def _reason_name(index: RelatedIndex, part: str, name: str) -> str:
    if part == "neighbours":
        return f"neighbour: {short(index.events[name].headline, 44)}" if name in index.events else name
    return short(name, 54)
