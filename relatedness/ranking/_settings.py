"""The numbers of ``models/calibration.toml`` and ``models/reasons.toml``: for calibration and the choice of reasons."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from relatedness.shipped import shipped_numbers


@dataclass(frozen=True, slots=True)
class ClearPairs:
    """How pairs are found that belong together nearly certainly; see ``models/calibration.toml``, as for the classes below."""

    asked: int
    least_cosine: float
    rivals: int
    fewest: int
    most_splits: int
    split_events: int
    least_measured: float
    ridge: float


@dataclass(frozen=True, slots=True)
class Time:
    """How the scale and the strengths of recency follow from the clear pairs."""

    scale_days: float
    longest_scale: float
    errors_apart: float
    steepness: float
    power: float
    least_strength: float
    most_strength: float
    usual: float
    usual_error: float


@dataclass(frozen=True, slots=True)
class Gain:
    """How the weights of topics and neighbours follow from what topics say beyond words."""

    full_gain: float
    least: float
    usual: float
    usual_error: float


@dataclass(frozen=True, slots=True)
class NumberOfNeighbours:
    """How ``lists.neighbours`` follows from the size of the archive."""

    events_each: int
    fewest: int


@dataclass(frozen=True, slots=True)
class Floor:
    """How the floor, the score that chance reaches, is measured."""

    asked: int
    pairs: int
    fewest_events: int
    most_emptied: float
    most_emptied_asked: int
    quantile_events: int
    without_places: float


@dataclass(frozen=True, slots=True)
class CommonMeaning:
    """How the cosine of embeddings is measured below which the part ``meaning`` is 0."""

    pairs: int
    common: float


@dataclass(frozen=True, slots=True)
class ReferenceEntries:
    """How much identifiers count that events have and name."""

    own: float
    named: float


@dataclass(frozen=True, slots=True)
class CalibrationWords:
    """The thresholds from which a measurement is called much or somewhat; see ``models/calibration.toml``."""

    dates_much: float
    dates_somewhat: float
    topics_much: float
    topics_somewhat: float


@dataclass(frozen=True, slots=True)
class CalibrationSettings:
    """The sections of ``models/calibration.toml``."""

    pairs: ClearPairs
    time: Time
    topics: Gain
    neighbours: NumberOfNeighbours
    floor: Floor
    meaning: CommonMeaning
    references: ReferenceEntries
    words: CalibrationWords


@dataclass(frozen=True, slots=True)
class Phrases:
    """How words and phrases are chosen as reasons; see ``models/reasons.toml``."""

    word: float
    subject: float
    title: float
    further: float
    most: int
    common: float
    chance: float


@dataclass(frozen=True, slots=True)
class LittleTopics:
    """Which topics say too little alone; see ``models/reasons.toml``."""

    share: float
    events: int


@dataclass(frozen=True, slots=True)
class Distinctive:
    """Which words and topics are distinctive; see ``models/reasons.toml``."""

    topic_times: int
    place_divisor: int
    number_digits: int


@dataclass(frozen=True, slots=True)
class StoryTitle:
    """Which topics can name a story; see ``models/reasons.toml``."""

    least_events: int
    one_in: int
    happened_one_in: int
    supplied_one_in: int
    beside_one_in: int


@dataclass(frozen=True, slots=True)
class ContextLine:
    """How long the line under a result is; see ``models/reasons.toml``."""

    contexts: int


@dataclass(frozen=True, slots=True)
class ReasonSettings:
    """The sections of ``models/reasons.toml``."""

    phrases: Phrases
    little: LittleTopics
    distinctive: Distinctive
    title: StoryTitle
    line: ContextLine


@cache
def calibration_settings() -> CalibrationSettings:
    """The shipped settings; read once a process.

    Examples
    --------
    >>> calibration_settings().floor.fewest_events
    30
    """
    return shipped_numbers("calibration.toml", CalibrationSettings)


@cache
def reason_settings() -> ReasonSettings:
    """The shipped settings; read once a process.

    Examples
    --------
    >>> reason_settings().phrases.most
    3
    """
    return shipped_numbers("reasons.toml", ReasonSettings)
