"""What the pictures share: axes, colours, and how an event is named."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from relatedness.arguments import check_type
from relatedness.errors import MissingExtraError
from relatedness.events import Event
from relatedness.ranking import PARTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from relatedness.related_index import RelatedIndex


# The colours of Okabe and Ito, which colour-blind people can tell apart.
COLOURS = ("#0072B2", "#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#F0E442")


QUIET = "#555555"


def check_index(index: RelatedIndex) -> None:
    """Refuse what is no open index, before its methods are missing."""
    from relatedness.related_index import RelatedIndex

    check_type(index, "index", RelatedIndex, "an open index")


def new_axes(ax: Axes | None, width: float, height: float) -> Axes:
    """The given axes, or new ones of a width and a height in inches."""
    try:
        import matplotlib.pyplot as plt
        from matplotlib.axes import Axes
    except ImportError:
        raise MissingExtraError("a picture needs matplotlib: pip install 'relatedness[notebooks]'") from None
    if ax is not None:
        return check_type(ax, "ax", Axes, "axes of matplotlib")
    made: Axes = plt.subplots(figsize=(width, height), layout="constrained")[1]
    return made


def legend_below(ax: Axes) -> None:
    """A legend in one row under the axes, where no data can be."""
    ax.legend(
        ncols=len(PARTS),
        loc="upper left",
        bbox_to_anchor=(0, 0),
        frameon=False,
        fontsize=9,
        handlelength=1,
    )


def bare(ax: Axes) -> None:
    """Remove the frame lines that carry no information."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color("#bbbbbb")
    ax.tick_params(length=0, labelsize=9)


def give_title(ax: Axes, text: str, width: int) -> None:
    """A title that is broken into lines of a width."""
    lines = [line for part in text.splitlines() for line in textwrap.wrap(part, width)]
    ax.set_title("\n".join(lines), loc="left", fontsize=11, fontweight="bold")


def short(text: str, width: int) -> str:
    """A text in one line, cut at a word if it is too long."""
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 1].rsplit(" ", 1)[0] + "…"


def day(event: Event) -> str:
    """The day of an event as a picture writes it."""
    return plain_day(event).isoformat() if drawable(event) else event.when


def drawable(event: Event) -> bool:
    """Whether an event can be placed on a time axis: it has a date in the year 1 or later."""
    return isinstance(event.date, date)


def left_out(events: Iterable[Event]) -> str:
    """How many distinct events cannot be placed on a time axis, and why; empty if all can."""
    out = {event.key: event for event in events if not drawable(event)}.values()
    undated = sum(event.date is None for event in out)
    early = len(out) - undated
    said = ((undated, "without a date"), (early, "before the year 1"))
    return ", ".join(f"{number:,} {why}" for number, why in said if number)


def plain_day(event: Event) -> date:
    """The day of an event that can be placed on a time axis."""
    when = event.date
    assert isinstance(when, date)
    return when.astimezone(UTC).date() if isinstance(when, datetime) else when
