"""Learn weights, recency and the rules of lists from judgments, or from the topics that the archive itself supplies.

The search is coordinate ascent on nDCG: each setting in turn is increased or decreased as long as the judged lists improve
(Metzler and Croft, Information Retrieval 2007). Each trial measures the lists that users would see, including floor, cutoff,
overlap rule and near-duplicates, chosen from the candidates that the index holds (`relatedness.index.Trial`). The reported
effect is measured on indexes built again with the learned settings. To measure generalisation, the judged events are split by
date, and settings learned on each half are tested on the other; the settings returned are learned on all. Rules that cut off
poor results (the floor, the cutoff, the overlap rule, the folding of near-duplicates) almost always cost nDCG, so they are
loosened only for a clear gain. Settings that leave lists empty are never accepted.

Without judgments an archive that supplies topics can judge itself, the way in which PubMed's related articles were
tuned by their MeSH terms (Lin and Wilbur, BMC Bioinformatics 2007): the topics are hidden, the lists are made without
them, and two events count as related when they shared one.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.errors import InputError
from relatedness.events import Event
from relatedness.numbering import Row, as_rows
from relatedness.quality._bootstrap import Bootstrap
from relatedness.quality._settings import TriedRules, TuningSearch, tuning_settings
from relatedness.ranking import MEASURED, PARTS

if TYPE_CHECKING:
    from relatedness.index import Trial
    from relatedness.related_index import RelatedIndex

Qrels = Mapping[str, Mapping[str, int]]
_Setting = tuple[str, str]
_WEIGHTS: tuple[_Setting, ...] = tuple(("weights", name) for name in (*PARTS, "support_limit"))
_TIME: tuple[_Setting, ...] = tuple(
    ("recency", name) for name in ("scale_days", "strength_before", "strength_after", "floor")
)
_RULES: tuple[_Setting, ...] = tuple(("lists", item.name) for item in fields(TriedRules))


def _search() -> TuningSearch:
    return tuning_settings().search


@dataclass(frozen=True, slots=True)
class Effect:
    """A measure of the same events under two settings.

    Attributes
    ----------
    events : int
    before, after : float
        The mean nDCG.
    before_interval, after_interval, gain_interval : tuple of float
        The bounds of the 95 % bootstrap interval of each mean and of the mean difference; clusters are drawn, as in
        `relatedness.quality.evaluate`.
    empty_before, empty_after : float
        The share of lists that are empty.
    """

    events: int
    before: float
    after: float
    before_interval: tuple[float, float]
    after_interval: tuple[float, float]
    gain_interval: tuple[float, float]
    empty_before: float
    empty_after: float


@dataclass(frozen=True, slots=True)
class Example:
    """A list under the settings of the index and under the learned ones.

    Attributes
    ----------
    id : str
        The event.
    before, after : tuple of str
        The ids of its list, best first.
    gain : float
        The increase of its nDCG.

    Examples
    --------
    >>> Example("fall", ("cup", "dam"), ("dam", "siege"), 0.37).gain
    0.37
    """

    id: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    gain: float


@dataclass(frozen=True, slots=True)
class Tuned:
    """The result of tuning.

    Attributes
    ----------
    config : Config
        The index's own settings with the learned changes, learned on all judged events.
    held_out : Effect
        The effect on events that were not learned from: each half by date under the settings learned on the other.
    all : Effect
        The effect of ``config`` on all judged events, on which it was learned. Both effects are measured on indexes
        built again with the learned settings.
    learned : mapping
        Section to field to value: the settings that ``config`` changes.
    halves : tuple of Config
        The settings learned on the earlier half alone, and on the later half alone.
    split : str
        The first date of the later half.
    k : int
        How many results of each list counted.
    examples : tuple of Example
        The ten judged lists that changed most under ``config``, for people to look at.

    Examples
    --------
    >>> effect = Effect(120, 0.5, 0.53, (0.45, 0.55), (0.48, 0.58), (0.01, 0.05), 0.0, 0.0)
    >>> learned = {"weights": {"phrases": 0.2}}
    >>> config = Config.default().change(learned)
    >>> tuned = Tuned(config, effect, effect, learned, (config, config), "2015-01-01", k=5)
    >>> tuned.held_out.after, tuned.learned
    (0.53, {'weights': {'phrases': 0.2}})
    """

    config: Config
    held_out: Effect
    all: Effect
    learned: Mapping[str, Mapping[str, float]]
    halves: tuple[Config, Config]
    split: str
    k: int
    examples: tuple[Example, ...] = ()

    def to_toml(self) -> str:
        """The learned settings as a file for ``--config``, with the measured effect as comments.

        Returns
        -------
        str

        Examples
        --------
        >>> effect = Effect(120, 0.5, 0.53, (0.45, 0.55), (0.48, 0.58), (0.01, 0.05), 0.0, 0.0)
        >>> learned = {"weights": {"phrases": 0.2}}
        >>> config = Config.default().change(learned)
        >>> tuned = Tuned(config, effect, effect, learned, (config, config), "2015-01-01", k=5)
        >>> print(tuned.to_toml())
        # nDCG@5 on 120 judged events that were not learned from: 0.5000 before,
        # 0.5300 after (95 % interval of the gain +0.0100 to +0.0500); split at 2015-01-01.
        [weights]
        phrases = 0.2
        <BLANKLINE>
        """
        test = self.held_out
        lines = [
            f"# nDCG@{self.k} on {test.events:,} judged events that were not learned from: {test.before:.4f} before,",
            f"# {test.after:.4f} after (95 % interval of the gain {test.gain_interval[0]:+.4f} to "
            f"{test.gain_interval[1]:+.4f}); split at {self.split}.",
        ]
        for section, values in self.learned.items():
            lines.append(f"[{section}]")
            lines += [f"{name} = {value:g}" for name, value in values.items()]
        if not self.learned:
            lines.append("# No settings better than those of the index were found.")
        return "\n".join(lines) + "\n"


def tune(
    index: RelatedIndex,
    qrels: Qrels,
    rebuild: Callable[[Config], RelatedIndex],
    *,
    trial: Trial,
    k: int = 10,
    split: int | None = None,
    resamples: int = 1000,
    progress: Callable[[int, int], None] | None = None,
) -> Tuned:
    """Learn weights, recency and the rules of lists from judgments; see `RelatedIndex.tune` for use.

    Coordinate ascent on nDCG, once on all judged events and once on each half by date; every step has to gain more than a
    small bound. The effect is measured on indexes built again with the learned settings.

    Parameters
    ----------
    index : RelatedIndex
        The start of the search, and the baseline of the learned settings.
    qrels : mapping
        Judged id to related id to grade.
    rebuild : callable
        Builds an index of the same events with other settings.
    trial : Trial
        The lists of the judged events, from `Search.trial`.
    k : int
        How many results of each list count.
    split : int, optional
        The first day of the later half; the median day of the judged events if not given.
    resamples : int
        Bootstrap resamples behind the intervals; their seed is fixed.
    progress : callable, optional
        Called with the number of steps done and of all: three searches, each with an index built again.

    Raises
    ------
    InputError
        If too few of the judged events are in the index, or all fall on one day.
    """
    rows = [row for row, id_ in enumerate(trial.ids) if any(grade > 0 for grade in qrels[id_].values())]
    if len(rows) < _search().fewest_judged:
        raise InputError(
            f"{len(rows)} judged events with a related event are in the index, but tuning needs {_search().fewest_judged}"
        )
    trial = trial.take(np.array(rows))
    judged = {id_: qrels[id_] for id_ in trial.ids}
    day = trial.subjects.days
    first = int(np.median(day)) if split is None else split
    late = day >= first if split is not None or (day < first).any() else day > first
    if late.all() or not late.any():
        raise InputError("all judged events lie on one side of the split: none is left for the test")
    config = index.config
    bootstrap = Bootstrap.of(trial.ids, judged, resamples)
    before, empty_before, lists_before = _measured(index, judged, k)
    after, empty_after = np.zeros(len(rows)), np.zeros(len(rows), bool)
    halves: list[Config] = []
    for done, learned_on in enumerate((~late, late, np.ones(len(rows), bool)), 1):
        learned = _ascend(_Board.of(trial, judged, as_rows(np.flatnonzero(learned_on)), k), config)
        found, empty, lists = before, empty_before, lists_before
        if learned:
            found, empty, lists = _measured(rebuild(config.change(learned)), judged, k)
            if empty[learned_on].mean() > max(_search().most_empty, float(empty_before[learned_on].mean())):
                # The trial could not foresee this: the rebuild found other candidates.
                learned, found, empty, lists = {}, before, empty_before, lists_before
        if done < 3:
            halves.append(config.change(learned) if learned else config)
            after[~learned_on], empty_after[~learned_on] = found[~learned_on], empty[~learned_on]
        if progress is not None:
            progress(done, 3)
    return Tuned(
        config=config.change(learned) if learned else config,
        held_out=_change(before, after, empty_before, empty_after, bootstrap),
        all=_change(before, found, empty_before, empty, bootstrap),
        learned=learned,
        halves=(halves[0], halves[1]),
        split=_iso(int(day[late].min())),
        k=k,
        examples=_examples(list(judged), lists_before, lists, found - before),
    )


def _measured(
    index: RelatedIndex, judged: Qrels, k: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_], list[tuple[str, ...]]]:
    """The nDCG of each judged event, whether its list is empty, and the list."""
    quality = index.evaluate(judged, k=k)
    scores = quality.scores["nDCG"]
    lists = [tuple(other for other, _ in quality.run[id_][:k]) for id_ in judged]
    return np.array([scores[id_] for id_ in judged]), np.array([not found for found in lists]), lists


def _examples(
    ids: Sequence[str],
    before: Sequence[tuple[str, ...]],
    after: Sequence[tuple[str, ...]],
    gains: NDArray[np.float64],
) -> tuple[Example, ...]:
    """The lists that changed most, for better or worse."""
    order = sorted(range(len(ids)), key=lambda row: (-abs(gains[row]), ids[row]))
    changed = [row for row in order if before[row] != after[row]][: _search().examples]
    return tuple(Example(ids[row], before[row], after[row], float(gains[row])) for row in changed)


def judge_by_topics(events: Iterable[Event]) -> tuple[list[Event], dict[str, dict[str, int]]]:
    """Judgments from the topics that an archive supplies.

    Returns
    -------
    list of Event
        The events without their topics.
    dict
        Id to related id to grade: the number of topics that both had, at most 3. Topics of a single event, or of more
        than one event in twenty, say nothing. Of each topic ten events are judged, chosen by a fixed seed, so
        that large topics do not decide everything.

    Raises
    ------
    InputError
        If no two events share a supplied topic.

    Examples
    --------
    >>> from datetime import date
    >>> made = [Event(str(n), date(2015, 1, 1 + n), text="x", topics=("Nepal quake",)) for n in range(3)]
    >>> made += [Event(str(n), date(2015, 2, 1), text="y") for n in range(3, 60)]
    >>> hidden, qrels = judge_by_topics(made)
    >>> hidden[0].topics, sorted(qrels["0"].items())
    ((), [('1', 1), ('2', 1)])
    """
    listed = list(events)
    holders: defaultdict[str, list[str]] = defaultdict(list)
    for event in listed:
        for topic in dict.fromkeys(event.topics):
            holders[topic].append(event.key)
    judgments = tuning_settings().judgments
    most = max(len(listed) // judgments.one_event_of, judgments.least_events)
    usable = {topic: ids for topic, ids in holders.items() if 2 <= len(ids) <= most}
    chooser = random.Random(0)  # noqa: S311 - a choice of examples, nothing secret
    chosen: list[str] = []
    for topic in sorted(usable):
        chosen += chooser.sample(usable[topic], min(judgments.per_topic, len(usable[topic])))
    chosen = sorted(set(chosen))
    if len(chosen) > judgments.most:
        chosen = sorted(chooser.sample(chosen, judgments.most))
    if not chosen:
        raise InputError(
            f"no supplied topic is shared by 2 to {most} events, so none can serve as a judgment (topics of more events say "
            "too little): give judgments=..."
        )
    topics = {event.key: event.topics for event in listed}
    qrels: dict[str, dict[str, int]] = {}
    for id_ in chosen:
        shared = Counter(
            other for topic in set(topics[id_]) & usable.keys() for other in usable[topic] if other != id_
        )
        qrels[id_] = {other: min(number, 3) for other, number in shared.items()}
    return [replace(event, topics=()) for event in listed], qrels


_Learned = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class _Board:
    """The judged lists on which settings are tried."""

    trial: Trial
    ideal: NDArray[np.float64]
    k: int

    @classmethod
    def of(cls, trial: Trial, judged: Qrels, rows: NDArray[Row], k: int) -> _Board:
        if len(rows) > _search().most_tried:
            rows = rows[
                np.sort(np.random.default_rng(0).choice(len(rows), _search().most_tried, replace=False))
            ]
        some = trial.take(rows)
        ideal = np.array(
            [
                _dcg(np.sort([float(grade) for grade in judged[id_].values() if grade > 0])[::-1][:k])
                for id_ in some.ids
            ]
        )
        return cls(some, ideal, k)

    def measure(self, config: Config, floor: int) -> tuple[float, float]:
        """The mean nDCG under some settings, and the share of lists that are empty."""
        shown = self.trial.shown(config, self.k, floor)
        return float((_dcg(np.maximum(shown, 0)) / self.ideal).mean()), float((shown[:, 0] < 0).mean())


def _dcg(gains: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = gains @ (1 / np.log2(np.arange(gains.shape[-1]) + 2))
    return found


def _ascend(board: _Board, config: Config) -> _Learned:
    """Improve one setting at a time until nothing helps; return the changes by section and field."""
    learned: _Learned = {}
    floor = board.trial.floor(config)
    reached, empty = board.measure(config, floor)
    most_empty = max(_search().most_empty, empty)
    best = config
    for _ in range(_search().rounds):
        changed = False
        for section, name in (*_WEIGHTS, *_TIME, *_RULES):
            least = _search().smallest_gain_of_rules if (section, name) in _RULES else _search().smallest_gain
            for value in _near(best, section, name):
                tried = {**learned, section: {**learned.get(section, {}), name: value}}
                settings = config.change(tried)
                its_floor = board.trial.floor(settings)
                found, empty = board.measure(settings, its_floor)
                if found > reached + least and empty <= most_empty:
                    best, learned, reached, changed = settings, tried, found, True
        if not changed:
            break
    return learned


def _near(config: Config, section: str, name: str) -> list[float]:
    """The values to try around the present one; the weight of words is fixed as the unit of all other weights."""
    value = float(getattr(getattr(config, section), name))
    if (section, name) in _RULES:
        return [tried for tried in getattr(tuning_settings().rules, name) if tried != value]
    if name == "words" and value > 0:
        return []
    if any(part.name == name and not part.counts(config) for part in MEASURED):
        return []
    if name == "floor":
        step = _search().floor_step
        return [tried for tried in (0.0, value - step, value + step) if 0 <= tried < 1 and tried != value]
    steps = [value * step for step in _search().steps]
    # Besides steps from the present value, try values of every magnitude, to escape local optima.
    tried = steps if name == "scale_days" else [*steps, *_search().anchors]
    bounds = next(item.metadata for item in fields(getattr(config, section)) if item.name == name)
    allowed = {float(f"{one:.4g}") for one in tried if bounds["low"] <= one <= bounds["high"]}
    return sorted(allowed - {value})


def _change(
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    empty_before: NDArray[np.bool_],
    empty_after: NDArray[np.bool_],
    bootstrap: Bootstrap,
) -> Effect:
    return Effect(
        events=len(before),
        before=float(before.mean()),
        after=float(after.mean()),
        before_interval=bootstrap.interval(before),
        after_interval=bootstrap.interval(after),
        gain_interval=bootstrap.interval(after - before),
        empty_before=float(empty_before.mean()),
        empty_after=float(empty_after.mean()),
    )


def _iso(day: int) -> str:
    return str(np.datetime64(day, "D"))
