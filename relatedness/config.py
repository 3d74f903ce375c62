"""Every setting of an index as one frozen, checked value; the defaults are data in ``models/ranker.toml``."""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import json
import math
import tomllib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Self, get_type_hints

from relatedness.arguments import check_path, check_type, plain
from relatedness.errors import ConfigError
from relatedness.shipped import shipped

COMMANDS = "commands"  # the section of a settings file that only the command line reads


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
def _types(section: type) -> dict[str, Any]:
    return get_type_hints(section)


class _Section:
    """Base of the sections: each field is checked against the type and range that it declares."""

    def __post_init__(self) -> None:
        types = _types(type(self))  # type: ignore[arg-type]
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
    >>> Config.default().change({"refresh": {"drift": 0}}).refresh.drift  # fit again at every change
    0.0
    """

    drift: float = _number(
        "the share of the archive that may be added, changed or removed before a refresh fits the statistics again",
        0,
        1e9,
    )


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting of an index.

    Attributes
    ----------
    text, topics, weights, recency, lists, calibrate, stories, refresh
        The sections; `to_toml` shows each field with its sentence.

    Examples
    --------
    >>> config = Config.default()
    >>> config.change({"lists": {"k": 3}}).lists.k
    3
    >>> config.change({"lists": {"kk": 3}})
    Traceback (most recent call last):
    ...
    relatedness.errors.ConfigError: lists.kk: no such setting; did you mean lists.k?
    """

    text: Text
    topics: Topics
    weights: Weights
    recency: RecencySettings
    lists: ListsSettings
    calibrate: Calibrate
    stories: StoriesSettings
    refresh: Refresh

    @classmethod
    def default(cls) -> Self:
        """The settings that come with the library: ``models/ranker.toml``, learned as its card describes.

        Returns
        -------
        Config

        Examples
        --------
        >>> Config.default().lists.k
        5
        """
        return cls._of(_shipped_settings())

    @classmethod
    def load(cls, path: str | Path) -> Self:
        r"""The shipped settings with those of a TOML file on top.

        Parameters
        ----------
        path : path-like
            A TOML file with any of the sections and fields. Its section ``commands`` is for the command line alone.

        Returns
        -------
        Config

        Raises
        ------
        ConfigError
            If the file cannot be read or is not TOML, or a setting is unknown or out of range.

        Examples
        --------
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp(), "my.toml")
        >>> _ = path.write_text("[lists]\nk = 8", encoding="utf-8")
        >>> Config.load(path).lists.k
        8
        """
        try:
            settings = tomllib.loads(check_path(path, "config").read_text(encoding="utf-8"))
            settings.pop(COMMANDS, None)
        except OSError as error:
            raise ConfigError(f"cannot read the config file {path}: {error.strerror}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path} is not valid TOML: {error}") from None
        try:
            return cls.default().change(settings)
        except ConfigError as error:
            raise ConfigError(f"{path}: {error}") from None

    @classmethod
    def read(cls, given: Config | Mapping[str, Mapping[str, object]] | str | Path) -> Config:
        """Settings in any form that callers may give.

        Parameters
        ----------
        given : Config, mapping or path-like
            A config is returned unchanged; a mapping or a TOML file replaces some of the shipped settings.

        Returns
        -------
        Config

        Raises
        ------
        ConfigError
            If it is none of these, or as in `load` and `change`.

        Examples
        --------
        >>> Config.read({"lists": {"k": 3}}).lists.k
        3
        """
        if isinstance(given, Config):
            return given
        if isinstance(given, Mapping):
            return cls.default().change(given)
        return cls.load(check_path(given, "config"))

    def change(self, settings: Mapping[str, Mapping[str, object]]) -> Self:
        """The same config with some settings replaced.

        A given value of a setting that a build would measure is kept: its switch in ``calibrate`` is turned off, unless
        the switch is given too. Former names of settings are accepted with a `DeprecationWarning`.

        Parameters
        ----------
        settings : mapping
            Section to field to value.

        Returns
        -------
        Config

        Raises
        ------
        ConfigError
            If a setting is unknown, of the wrong type or out of range.

        Examples
        --------
        >>> Config.default().change({"lists": {"k": 8}}).lists.k
        8
        """
        merged = self.to_dict()
        settings = _renamed(settings)
        for section, values in settings.items():
            if section not in merged:
                raise ConfigError(f"{section}: no such section; the sections are {', '.join(merged)}")
            if not isinstance(values, Mapping):
                raise ConfigError(f"{section} is {values!r}: expected a table of settings")
            for name, value in values.items():
                if name not in merged[section]:
                    near = difflib.get_close_matches(str(name), merged[section], n=1, cutoff=0)
                    raise ConfigError(f"{section}.{name}: no such setting; did you mean {section}.{near[0]}?")
                merged[section][name] = value
        for switch, measured in MEASURED.items():
            by_hand = any(name in settings.get(section, {}) for section, name in measured)
            if by_hand and switch not in settings.get("calibrate", {}):
                merged["calibrate"][switch] = False
        return self._of(merged)

    def with_recency(self, given: float | str | Mapping[str, object] | RecencySettings) -> Self:
        """The same config with another recency, in the short form of the option ``recency``.

        Parameters
        ----------
        given : float, str, mapping or RecencySettings
            A number multiplies both strengths: 0 or ``"off"`` means that time does not count, 1 changes nothing, 2 lets
            events fade twice as fast. A mapping, or a string of the form ``scale_days=30,strength_after=0``, replaces
            settings of the section. A `RecencySettings` replaces the whole section.

        Returns
        -------
        Config

        Raises
        ------
        ConfigError
            If it is none of these, or a setting is unknown or out of range.

        Examples
        --------
        >>> config = Config.default()
        >>> config.with_recency(2).recency.strength_after == 2 * config.recency.strength_after
        True
        >>> config.with_recency("scale_days=30").recency == config.with_recency({"scale_days": 30}).recency
        True
        >>> config.with_recency("soon")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        relatedness.errors.ConfigError: recency is 'soon': expected off, a number that multiplies the strengths ...
        """
        if isinstance(given, str):
            given = _recency_of(given)
        if isinstance(given, RecencySettings):
            return replace(self, recency=given)
        if isinstance(given, Mapping):
            return self.change({"recency": given})
        if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given < math.inf:
            raise _no_recency(given)
        strengths = {
            name: getattr(self.recency, name) * given for name in ("strength_before", "strength_after")
        }
        return self.change({"recency": strengths})

    @classmethod
    def _of(cls, settings: Mapping[str, Mapping[str, object]]) -> Self:
        sections = _types(cls)  # type: ignore[arg-type]
        if set(settings) != set(sections):
            raise ConfigError(f"a config has the sections {', '.join(sections)}, not {', '.join(settings)}")
        values = {}
        for name, section in sections.items():
            known = {item.name for item in dataclasses.fields(section)}
            if set(settings[name]) != known:
                wrong = sorted(known.symmetric_difference(settings[name]))
                raise ConfigError(f"{name}: these settings are missing or unknown: {', '.join(wrong)}")
            values[name] = section(**settings[name])
        return cls(**values)

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """All settings as plain JSON values.

        Returns
        -------
        dict of str to dict
            Section to field to value.

        Examples
        --------
        >>> sorted(Config.default().to_dict())
        ['calibrate', 'lists', 'recency', 'refresh', 'stories', 'text', 'topics', 'weights']
        """
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, settings: Mapping[str, Mapping[str, object]]) -> Self:
        """The config that `to_dict` gave.

        Parameters
        ----------
        settings : mapping
            Section to field to value; every setting must be present, under its present or a former name.

        Returns
        -------
        Config

        Raises
        ------
        ConfigError
            If a setting is missing, unknown, of the wrong type or out of range.

        Examples
        --------
        >>> Config.from_dict(Config.default().to_dict()) == Config.default()
        True
        """
        return cls._of(_renamed(settings, stored=True))

    def measured(self, values: Mapping[str, Mapping[str, object]]) -> Self:
        """The same config with the values that a build measured, for the switches of ``calibrate`` that are on.

        Parameters
        ----------
        values : mapping
            Section to field to value, for the settings in `MEASURED`; other settings are not changed.

        Returns
        -------
        Config

        Examples
        --------
        >>> Config.default().measured({
        ...     "recency": {"scale_days": 7.0, "strength_before": 0.6, "strength_after": 0.6},
        ...     "weights": {"topics": 0.3, "neighbours": 0.5},
        ...     "lists": {"neighbours": 5},
        ... }).recency.strength_after
        0.6
        """
        merged = self.to_dict()
        for switch, settings in MEASURED.items():
            if getattr(self.calibrate, switch):
                for section, name in settings:
                    merged[section][name] = values[section][name]
        return self._of(merged)

    def to_toml(self) -> str:
        """All settings as a TOML file that `load` reads, each with its description as a comment.

        Returns
        -------
        str

        Examples
        --------
        >>> print(Config.default().to_toml().splitlines()[0])
        [text]
        """
        lines = []
        for section in dataclasses.fields(self):
            values = getattr(self, section.name)
            lines.append(f"[{section.name}]")
            for setting in dataclasses.fields(values):
                # For the strings, numbers and booleans of a config, JSON and TOML are written alike.
                lines.append(f"# {setting.metadata['doc']}")
                lines.append(f"{setting.name} = {json.dumps(getattr(values, setting.name))}")
            lines.append("")
        return "\n".join(lines[:-1]) + "\n"

    @property
    def digest(self) -> str:
        """A short hash of all settings: two indexes with equal digests were made with equal settings.

        Returns
        -------
        str
            16 hexadecimal digits.
        """
        canonical = json.dumps(self.to_dict(), sort_keys=True)
        return hashlib.blake2b(canonical.encode(), digest_size=8).hexdigest()


MEASURED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "time": (("recency", "strength_before"), ("recency", "strength_after")),
    "scale": (("recency", "scale_days"),),
    "support": (("weights", "topics"), ("weights", "neighbours")),
    "neighbours": (("lists", "neighbours"),),
}
"""The settings that a build measures on the archive, by their switch in ``calibrate``."""

# Former names to present names; None for settings that were removed.
_RENAMED: Mapping[tuple[str, str], tuple[str, str] | None] = {
    ("text", "length_pivot"): ("text", "length_normalisation"),
    ("topics", "agreement"): ("topics", "inference_agreement"),
    ("topics", "support"): ("topics", "inference_minimum"),
    ("weights", "gate"): None,
    ("weights", "story"): ("weights", "neighbours"),
    ("lists", "near_copy"): ("lists", "near_duplicate"),
    ("lists", "tail"): ("lists", "relative_cutoff"),
    ("lists", "telling"): ("lists", "distinctive_limit"),
    ("lists", "grounds"): ("lists", "minimum_overlap"),
    ("lists", "kinship"): ("lists", "neighbour_share"),
    ("calibrate", "most_story"): ("calibrate", "most_neighbour_weight"),
}


def present_name(section: str, name: str) -> str:
    """The name that a setting has now.

    Examples
    --------
    >>> present_name("weights", "story"), present_name("weights", "title")
    ('neighbours', 'title')
    """
    renamed = _RENAMED.get((section, name))
    return renamed[1] if renamed else name


def _renamed(settings: Mapping[str, Mapping[str, object]], *, stored: bool = False) -> dict[str, Any]:
    """The settings under their present names; warns about former names, unless they come from an index."""
    found: dict[str, Any] = {}
    for section, values in check_type(settings, "settings", Mapping, "a mapping of sections").items():
        if not isinstance(values, Mapping):
            found[section] = values
            continue
        kept = found.setdefault(section, {})
        for name, value in values.items():
            if (section, name) not in _RENAMED:
                kept[name] = value
                continue
            new = _RENAMED[section, name]
            what = (
                "no longer exists: weights.support_limit replaces it"
                if new is None
                else f"is now {'.'.join(new)}"
            )
            if not stored:
                warnings.warn(f"{section}.{name} {what}", DeprecationWarning, stacklevel=3)
            if new is not None:
                found.setdefault(new[0], {}).setdefault(new[1], value)
    return found


def _recency_of(text: str) -> float | dict[str, float]:
    """Read a recency from text."""
    if text.strip().lower() == "off":
        return 0.0
    try:
        if "=" not in text:
            return float(text)
        return {name.strip(): float(value) for name, value in (item.split("=") for item in text.split(","))}
    except ValueError:
        raise _no_recency(text) from None


def _no_recency(given: object) -> ConfigError:
    return ConfigError(
        f"recency is {given!r}: expected off, a number that multiplies the strengths of the index, or settings such as "
        "scale_days=30,strength_after=0"
    )


@cache
def _shipped_settings() -> dict[str, dict[str, object]]:
    return tomllib.loads(shipped("ranker.toml").read_text(encoding="utf-8"))
