"""The parts of a score by name, and the explanation of a score; without arrays, for code that only reads lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from relatedness.events import EventId
from relatedness.results import Result
from relatedness.settings import Weights

PARTS = tuple(setting.name for setting in fields(Weights) if "is_part" in setting.metadata)
"""The parts of the score, in the order of their weights in the config."""
NEIGHBOURS = PARTS.index("neighbours")
_WIDTH = max(map(len, PARTS)) + 1
TOLD: dict[str, str] = {
    setting.name: setting.metadata["shared"] for setting in fields(Weights) if setting.metadata.get("shared")
}
"""The reason to show for a part of the score that has no name of its own."""
UNITS = 10_000_000
"""Scores and their parts are whole multiples of ``1 / UNITS``."""
DIGITS = 7


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that two events share, and its contribution to their score.

    Attributes
    ----------
    part : str
        One of `PARTS`.
    name : str
        The topic or category, or the word or phrase as one of the events writes it; for ``neighbours`` the id of a common
        neighbour, for ``meaning`` the name of the encoder.
    share : float
        Its contribution to the score, in units of the score.

    Examples
    --------
    >>> Reason("topics", "Mosul", 0.12).name
    'Mosul'
    """

    part: str
    name: str
    share: float


@dataclass(frozen=True, slots=True)
class Explanation(Result):
    """Why two events are related.

    Attributes
    ----------
    id, other : str or int
    score : float
        The sum of ``parts``; the reasons' shares add up to the same within 1e-6.
    parts : dict
        Part to its contribution.
    recency : float
        The factor for closeness in time, which every contribution already includes.
    days : int or None
        How many days the other event is later (negative: earlier) than this one; None without a date.
    reasons : tuple of Reason
        Largest share first.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> found = index.explain("fall", "dam")
    >>> found.days, found.reasons[0].name, round(sum(found.parts.values()), 6) == round(found.score, 6)
    (58, 'ISIL', True)
    """

    id: EventId
    other: EventId
    score: float
    parts: dict[str, float]
    recency: float
    days: int | None
    reasons: tuple[Reason, ...]

    def __str__(self) -> str:
        lines = [f"{self.id} -> {self.other}: {self.score:.4f}"]
        if self.days is not None:
            days = f"{abs(self.days):,} day{'s' if abs(self.days) != 1 else ''}"
            when = f"{days} {'after' if self.days > 0 else 'before'}" if self.days else "the same day"
            lines.append(f"  {when}, recency {self.recency:.3f}")
        for part, value in self.parts.items():
            if value:
                named = [f"{r.name} {r.share:.4f}" for r in self.reasons if r.part == part]
                lines.append(f"  {part:<{_WIDTH}}{value:.4f}  {_shortened(named)}")
        return "\n".join(lines)


def _shortened(names: Sequence[str], most: int = 8) -> str:
    return ", ".join(names[:most]) + (f", and {len(names) - most} more" if len(names) > most else "")
