"""The numbers of ``models/tuning.toml``: the values that `tune` tries, and the gain that counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from relatedness.shipped import shipped_numbers


@dataclass(frozen=True, slots=True)
class TuningSearch:
    """The steps to try, and the gain that a change must bring; see ``models/tuning.toml``, as for the classes below."""

    steps: Sequence[float]
    anchors: Sequence[float]
    floor_step: float
    rounds: int
    smallest_gain: float
    smallest_gain_of_rules: float
    most_empty: float
    fewest_judged: int
    most_tried: int
    examples: int


@dataclass(frozen=True, slots=True)
class TriedRules:
    """The values at which each rule of the lists is tried."""

    floor: Sequence[float]
    relative_cutoff: Sequence[float]
    minimum_overlap: Sequence[float]
    duplicates_listed: Sequence[int]


@dataclass(frozen=True, slots=True)
class Judgments:
    """Which topics serve as judgments, and how many events are judged."""

    per_topic: int
    most: int
    one_event_of: int
    least_events: int


@dataclass(frozen=True, slots=True)
class TuningSettings:
    """The sections of ``models/tuning.toml``."""

    search: TuningSearch
    rules: TriedRules
    judgments: Judgments


@cache
def tuning_settings() -> TuningSettings:
    """The shipped settings; read once a process.

    Examples
    --------
    >>> tuning_settings().search.rounds
    4
    """
    return shipped_numbers("tuning.toml", TuningSettings)
