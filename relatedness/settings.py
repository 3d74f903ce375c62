"""The sections of a `Config`: each setting with its type, its range and the sentence that users read."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from functools import cache
from typing import Any, get_type_hints

from relatedness.arguments import plain
from relatedness.errors import ConfigError


def _number(doc: str, low: float, high: float) -> Any:
    return field(metadata={"doc": doc, "low": low, "high": high})


def _weight(doc: str, shared: str = "") -> Any:
    """The weight of the part of the score with the setting's name; `shared` names what two events then have in common."""
    return field(metadata={"doc": doc, "low": 0, "high": 100, "is_part": True, "shared": shared})


def _choice(doc: str, *options: str) -> Any:
    return field(metadata={"doc": doc, "options": options})


def _switch(doc: str) -> Any:
    return field(metadata={"doc": doc})


@cache
def types_of(section: type) -> dict[str, Any]:
    """The type of each field of a section, or of a config.

    Examples
    --------
    >>> types_of(RecencySettings)["strength_before"]
    <class 'float'>
    """
    return get_type_hints(section)


class _Section:
    """Base of the sections: each field is checked against the type and range that it declares."""

    def __post_init__(self) -> None:
        types = types_of(type(self))  # type: ignore[arg-type]
        for setting in dataclasses.fields(self):  # type: ignore[arg-type]
            name = f"{type(self).__name__.removesuffix('Settings').lower()}.{setting.name}"
            value = getattr(self, setting.name)
            wanted = types[setting.name]
            given, value = value, plain(value)
            if wanted is float and isinstance(value, int) and not isinstance(value, bool):
                value = float(value)
            if value is not given:
                object.__setattr__(self, setting.name, value)
            if type(value) is not wanted:
                raise ConfigError(f"{name} is {value!r}: expected {wanted.__name__}")
            meta = setting.metadata
            if "low" in meta and not meta["low"] <= value <= meta["high"]:
                raise ConfigError(f"{name} is {value!r}: expected {meta['low']:g} to {meta['high']:g}")
            if "options" in meta and value not in meta["options"]:
                raise ConfigError(f"{name} is {value!r}: expected one of {', '.join(meta['options'])}")


@dataclass(frozen=True, slots=True)
class Text(_Section):
    """How the words of an event count.

    Examples
    --------
    >>> from relatedness import Config
    >>> Config.default().change({"text": {"title_weight": 2}}).text.title_weight
    2.0
    """

    tagger: str = _choice("the tagger that finds the topics", "fast", "ner")
    encoder: str = _choice(
        "the sentence encoder of the meaning part: none, minilm, or one passed to build",
        "none",
        "minilm",
        "given",
    )
    title_weight: float = _number(
        "the weight of a title word, relative to a word of the text, if the text is no longer than the title; it grows with "
        "the square root of the ratio of their lengths: twice as much for a text four times as long",
        0,
        10,
    )
    template_weight: float = _number(
        "the weight of a word in template text, such as form headings, user agents and footers that many events repeat; "
        "below 1, template text gives no topics; at 1, it is not detected",
        0,
        1,
    )
    template_share: float = _number(
        "the share of the events that must repeat four words in the same order before these are template text",
        0,
        1,
    )
    template_events: int = _number(
        "the minimum number of events that must repeat them: fewer may simply be about the same subject",
        2,
        1_000_000,
    )
    name_boost: float = _number(
        "how much more a word counts if the archive always writes it with a capital letter", 0, 10
    )
    idf_power: float = _number(
        "the power to which inverse document frequency is raised: below 1, rare words count less against frequent ones",
        0.1,
        3,
    )
    length_normalisation: float = _number(
        "how strongly the scores of short texts are reduced: 0 is the plain cosine, which favours short texts; at 1, a "
        "text of three words scores lower than one of thirty with the same share of words in common",
        0,
        10,
    )
    phrase_events: int = _number(
        "the minimum number of events in which a phrase must occur to be used", 2, 1_000_000
    )
    joined_weight: float = _number(
        "the weight of each word that an identifier in camel case joins, such as request in sendRequest, relative to the "
        "identifier itself",
        0,
        1,
    )


@dataclass(frozen=True, slots=True)
class Topics(_Section):
    """How strongly a topic counts, by its origin and its kind.

    Examples
    --------
    >>> from relatedness import Config
    >>> Config.default().change({"topics": {"country": 0}}).topics.country  # countries in texts no longer count
    0.0
    """

    supplied: float = _number("the weight of a topic supplied by the archive, of any kind", 0, 10)
    country: float = _number("the weight of a country found in the text", 0, 10)
    place: float = _number("the weight of another place found in the text", 0, 10)
    other: float = _number(
        "the weight of any other topic found in the text: a person, an organisation, a theme", 0, 10
    )
    parent: float = _number(
        "the weight of the country or organisation that a found topic belongs to, as a share of the topic's own",
        0,
        1,
    )
    references: float = _number(
        "how much it counts that an event names another by its id, number, commit or address; 0 for not at all",
        0,
        1,
    )
    idf_power: float = _number(
        "the power to which inverse document frequency is raised: below 1, rare topics count less against frequent ones",
        0.1,
        3,
    )
    common: float = _number(
        "the share of the events above which a topic is shown after all others, as countries are, if more than "
        "topics.common_events have it; this orders contexts and changes no list",
        0,
        1,
    )
    common_events: int = _number(
        "the number of events up to which a topic is never shown after all others for being common, however small the archive",
        0,
        1_000_000_000,
    )
    subjects: bool = _switch("whether generic subjects of a text, such as earthquake, are topics too")
    infer: bool = _switch("whether events without a story topic get the one on which their candidates agree")
    inference_agreement: float = _number(
        "the minimum share of the candidates' votes for an inferred topic: at 0.85, 6 of 7 candidates that have a story topic",
        0.5,
        1,
    )
    inference_minimum: int = _number(
        "the minimum number of candidates with the inferred topic: at 3, two related events of a story are too few",
        1,
        1000,
    )


@dataclass(frozen=True, slots=True)
class Weights(_Section):
    """The weight of each part of the score. They are used as shares: only their ratios matter.

    Examples
    --------
    >>> from relatedness import Config
    >>> Config.default().change({"weights": {"words": 0, "phrases": 0, "topics": 0}})
    Traceback (most recent call last):
        ...
    relatedness.errors.ConfigError: weights: at least one of words, phrases and topics must be above 0
    """

    words: float = _weight("cosine of the word vectors (TF-IDF of stems)")
    phrases: float = _weight("cosine of the vectors of two-word phrases")
    topics: float = _weight("cosine of the IDF-weighted topic vectors", "the same topics")
    neighbours: float = _weight(
        "cosine of the lists of nearest events: shared neighbours", "events related to both"
    )
    title: float = _weight(
        "the share of the phrases in one event's title that also occur in the other event; counts only if weights.phrases "
        "does",
        "the title of one",
    )
    category: float = _weight("1 if both events have the same category", "the same category")
    meaning: float = _weight(
        "cosine of the sentence embeddings less the archive's mean, as far as it exceeds that of random pairs; counts only "
        "with an encoder",
        "a similar meaning",
    )
    support_limit: float = _number(
        "the maximum that neighbours, title and category contribute together, as a multiple of the contribution of words, "
        "phrases and topics: at 2, two events whose words contribute 0.05 gain at most 0.10 from shared neighbours; 0 "
        "disables this support",
        0,
        100,
    )

    def __post_init__(self) -> None:
        # with slots=True the decorator makes a new class, and a zero-argument super() would still refer to the old one
        _Section.__post_init__(self)
        if self.words + self.phrases + self.topics <= 0:
            raise ConfigError("weights: at least one of words, phrases and topics must be above 0")


@dataclass(frozen=True, slots=True)
class RecencySettings(_Section):
    """How closeness in time counts: ``floor + (1 - floor) / (1 + strength * ln(1 + days / scale_days))``.

    Examples
    --------
    >>> from relatedness import Config
    >>> flat = Config.default().with_recency("off").recency  # time does not count
    >>> flat.strength_before, flat.strength_after
    (0.0, 0.0)
    """

    scale_days: float = _number("the number of days within which closeness hardly changes", 0.01, 100_000)
    strength_before: float = _number(
        "how fast the score falls with the age of an earlier event; 0 disables this", 0, 100
    )
    strength_after: float = _number(
        "how fast the score falls with the days to a later event; 0 disables this", 0, 100
    )
    floor: float = _number("the factor that remains for events that are far apart", 0, 1)


@dataclass(frozen=True, slots=True)
class ListsSettings(_Section):
    """What a list of related events holds.

    Examples
    --------
    >>> from relatedness import Config
    >>> lists = Config.default().change({"lists": {"k": 3, "stored": 8}}).lists
    >>> lists.k, lists.stored
    (3, 8)
    """

    k: int = _number("the number of events that a list shows by default", 1, 1000)
    stored: int = _number("the number of events of each list that the index stores", 1, 1000)
    candidates: int = _number(
        "the number of candidates of the first stage that the second stage scores", 1, 1000
    )
    neighbours: int = _number(
        "the number of an event's candidates that count as its neighbours, which weights.neighbours compares",
        1,
        1000,
    )
    near_duplicate: float = _number(
        "the word cosine from which two events within lists.duplicate_days are near-duplicates; a list with more results "
        "than lists.stored counts them with one result (see lists.duplicates_listed); above 1 disables this",
        0.5,
        2,
    )
    duplicate_days: int = _number(
        "the maximum number of days between near-duplicates: the same alert a month later is a separate result",
        0,
        100_000,
    )
    duplicates_listed: int = _number(
        "the number of near-duplicates of a result that are listed too; further ones are only counted with it",
        0,
        1000,
    )
    floor: float = _number(
        "the quantile of the scores of random pairs that a result must exceed; 0 disables the floor",
        0,
        1,
    )
    relative_cutoff: float = _number(
        "the minimum score of a result, as a fraction of the best score of the list: at 0.25, a list that begins with 0.40 "
        "ends at 0.10 or above",
        0,
        1,
    )
    distinctive_limit: float = _number(
        "a word is distinctive when it occurs in at most this number of events times the cube root of the archive's size (at "
        "10, in 100 of 1,000 events); the limit is ten times that for a topic and a tenth for a place. Used by "
        "lists.minimum_overlap",
        0,
        100,
    )
    minimum_overlap: float = _number(
        "minimum overlap, as a fraction of the best result's, for a candidate that shares no distinctive word or topic; it "
        "must also share a topic, and get from shared neighbours at least their part of the weights (weights.neighbours): "
        "at 0.3, two "
        "floods in one country need 0.3 of the overlap of the best result; 0 disables the rule. Lists that it would empty "
        "are exempt, and so are the results that lists.neighbour_share and lists.sufficient_overlap describe",
        0,
        1,
    )
    neighbour_share: float = _number(
        "the share of its score from shared neighbours that exempts a result from lists.minimum_overlap: at 0.5, 0.20 of a "
        "score of 0.40; 1 disables the exemption",
        0,
        1,
    )
    sufficient_overlap: float = _number(
        "the similarity in words, phrases and topics that exempts a result from lists.minimum_overlap, and so from sharing "
        "a topic: at 0.2, two texts that have a fifth of their words in common, all of them frequent; 1 disables the "
        "exemption",
        0,
        1,
    )

    def __post_init__(self) -> None:
        _Section.__post_init__(self)
        if not self.k <= self.stored <= self.candidates:
            raise ConfigError(
                f"lists: k ({self.k}) <= stored ({self.stored}) <= candidates ({self.candidates}) must hold"
            )

    @property
    def width(self) -> int:
        """How many candidates and neighbours an event has at most; neighbours are candidates."""
        return self.candidates + min(self.neighbours, self.candidates)


@dataclass(frozen=True, slots=True)
class Calibrate(_Section):
    """What a build measures on the archive itself. Setting one of these values by hand turns its switch off.

    Examples
    --------
    >>> from relatedness import Config
    >>> Config.default().calibrate.scale, Config.default().change({"recency": {"scale_days": 30}}).calibrate.scale
    (True, False)
    """

    time: bool = _switch(
        "whether the strengths of recency are measured, by how much more often near events belong together"
    )
    scale: bool = _switch(
        "whether recency.scale_days is measured: whether closeness in time hardly changes within weeks or years"
    )
    support: bool = _switch(
        "whether weights.topics and weights.neighbours are measured, by how much shared topics say beyond shared words"
    )
    neighbours: bool = _switch("whether lists.neighbours follows from the size of the archive")
    most_topics: float = _number(
        "the weight that a build gives to topics in an archive where shared topics are most informative",
        0,
        100,
    )
    most_neighbour_weight: float = _number(
        "the weight that a build gives to shared neighbours in an archive where shared topics are most informative",
        0,
        100,
    )
    most_neighbours: int = _number(
        "the number of neighbours that count in an archive of 500 events or more", 1, 1000
    )


@dataclass(frozen=True, slots=True)
class StoriesSettings(_Section):
    """Which events the story of an event holds, and what its title is made of.

    The story's own event is the one that was asked for. Two events are linked when each stands in the list of the other.

    Examples
    --------
    >>> from relatedness import Config
    >>> Config.default().change({"stories": {"links": 3}}).stories.links
    3
    """

    closeness: float = _number(
        "the minimum score of an event of the story, as a fraction of the best score in the list of the story's own event: "
        "at 0.4, 0.12 if the best score is 0.30",
        0,
        1,
    )
    least_score: float = _number(
        "the minimum score of an event of the story with the story's own event", 0, 1
    )
    links: int = _number(
        "the minimum number of links to events of the story for an event that is not linked to the story's own event",
        1,
        1000,
    )
    gap: float = _number(
        "the maximum number of days without an event, as a multiple of the median number of days between clearly related "
        "events of the archive: at 4, 12 days if related events lie 3 days apart",
        0,
        1e6,
    )
    pace: float = _number(
        "the same limit by the pace of the story: a multiple of the median number of days between the story's own event "
        "and the "
        "nearest events that are linked to it; the lower of the two limits applies",
        0,
        1e6,
    )
    nearest: int = _number(
        "the number of nearest linked events from which the pace of a story is measured", 1, 1000
    )
    least_days: float = _number(
        "the lower bound, in days, of the limit by the pace of the story and of the median of the archive",
        0,
        100_000,
    )
    own_topic: float = _number(
        "the maximum share of the events that have a topic, other than a place, that can tell stories apart; or at most "
        "stories.own_topic_events have it",
        0,
        1,
    )
    own_topic_events: int = _number(
        "the number of events up to which a topic can tell stories apart, however small the archive",
        0,
        1_000_000_000,
    )
    settled: int = _number(
        "the minimum number of events that have a topic by which two events without such a topic in common belong to "
        "different stories; each of the two must have one",
        1,
        1_000_000_000,
    )
    title_place: float = _number(
        "the weight of a place in the choice of the title, relative to other topics", 0, 10
    )
    title_country: float = _number("the weight of a country in the choice of the title", 0, 10)
    title_absent: float = _number(
        "the weight of a topic that the story's own event does not have in the choice of the title", 0, 10
    )
    title_supplied: float = _number(
        "the weight of a topic that the archive supplied, or that was inferred from related events, in the choice of the "
        "title",
        0,
        10,
    )


@dataclass(frozen=True, slots=True)
class Refresh(_Section):
    """When a refresh fits the statistics again, as a build does.

    Examples
    --------
    >>> from relatedness import Config
    >>> Config.default().change({"refresh": {"drift": 0}}).refresh.drift  # fit again at every change
    0.0
    """

    drift: float = _number(
        "the share of the archive that may be added, changed or removed before a refresh fits the statistics again",
        0,
        1e9,
    )
