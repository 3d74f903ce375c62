"""Learn the weights and the recency curve from judgments, or from the topics that the archive itself supplies.

The search is coordinate ascent on nDCG: each setting in turn is made larger or smaller as long as the judged lists get
better (Metzler and Croft, Information Retrieval 2007). Only the order of the stored candidates is learned, so thousands
of settings are tried in seconds; the additive form is kept, and every score remains a sum of named parts. What counts
is what holds on events that were not learned from, so the judged events are split by date, learned on each half and
tested on the other; the settings returned are learned on all.

Without judgments an archive that supplies topics can judge itself, the way in which PubMed's related articles were
tuned by their MeSH terms (Lin and Wilbur, BMC Bioinformatics 2007): the topics are hidden, the lists are made without
them, and two events count as related when they shared one.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.errors import InputError
from relatedness.events import Event
from relatedness.ranking import MEASURED, PARTS, combined, fading

if TYPE_CHECKING:
    from relatedness.index import Features

Qrels = Mapping[str, Mapping[str, int]]
_STEPS = (0.5, 0.7, 1.4, 2.0)
_ANCHORS = (0.0, 0.03, 0.1, 0.3, 1.0)
_SMALLEST_GAIN = 5e-4
_ROUNDS = 6
_FEWEST_JUDGED = 20
_PER_TOPIC = 10
_MOST_JUDGED = 4000


@dataclass(frozen=True, slots=True)
class Effect:
    """A measure of the same events under two settings.

    Attributes
    ----------
    events : int
    before, after : float
        The mean nDCG.
    before_interval, after_interval, gain_interval : tuple of float
        The bounds of the 95 % bootstrap interval of each mean and of the mean difference.
    """

    events: int
    before: float
    after: float
    before_interval: tuple[float, float]
    after_interval: tuple[float, float]
    gain_interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Tuned:
    """What tuning found.

    Attributes
    ----------
    config : Config
        The index's own settings with weights and recency learned on all judged events.
    held_out : Effect
        Events that were not learned from: each half by date under the settings learned on the other.
    all : Effect
        All judged events under ``config``, which was learned on them.
    halves : tuple of Config
        What was learned on the earlier half alone, and on the later.
    split : str
        The first date of the later half.
    k : int
        How many results of each list counted.
    """

    config: Config
    held_out: Effect
    all: Effect
    halves: tuple[Config, Config]
    split: str
    k: int

    def to_toml(self) -> str:
        """The learned sections as a file for ``--config``, the figures as comments above them."""
        test = self.held_out
        lines = [
            f"# nDCG@{self.k} on {test.events:,} judged events that were not learned from: {test.before:.4f} before,",
            f"# {test.after:.4f} after (95 % interval of the gain {test.gain_interval[0]:+.4f} to "
            f"{test.gain_interval[1]:+.4f}); split at {self.split}.",
        ]
        wanted = ("[weights]", "[recency]")
        keep = False
        for line in self.config.to_toml().splitlines():
            if line.startswith("["):
                keep = line in wanted
            if keep:
                lines.append(line)
        return "\n".join(lines).rstrip() + "\n"


def tune(
    features: Features,
    days: Mapping[str, int],
    qrels: Qrels,
    config: Config,
    *,
    k: int = 10,
    split: int | None = None,
    resamples: int = 1000,
    progress: Callable[[int, int], None] | None = None,
) -> Tuned:
    """Learn weights and recency from judgments.

    Parameters
    ----------
    features : Features
        The parts of the judged events' candidates, from `Search.features`.
    days : mapping
        Judged id to its day, for the split.
    qrels : mapping
        Judged id to related id to grade.
    config : Config
        Where the search begins. Lists are judged as far as its ``lists.relative_cutoff`` lets them go.
    k : int
        How many results of each list count.
    split : int, optional
        The first day of the later half; the median day of the judged events if not given.
    resamples : int
        Bootstrap resamples behind the intervals; their seed is fixed.
    progress : callable, optional
        Called with the number of searches done and of all (3).

    Returns
    -------
    Tuned

    Raises
    ------
    InputError
        If too few of the judged events are in the index, or all fall on one day.
    """
    judged = [id_ for id_ in features.ids if any(grade > 0 for grade in qrels[id_].values())]
    if len(judged) < _FEWEST_JUDGED:
        raise InputError(
            f"{len(judged)} judged events with a related one are in the index: tuning needs {_FEWEST_JUDGED}"
        )
    day = np.array([days[id_] for id_ in judged])
    first = int(np.median(day)) if split is None else split
    late = day >= first if split is not None or (day < first).any() else day > first
    if late.all() or not late.any():
        raise InputError("all judged events lie on one side of the split: nothing is left to test on")
    board = _Board.of(features, judged, qrels, k, config.lists.relative_cutoff)
    before = board.ndcg(_settings(config))
    after = np.zeros(len(judged))
    halves = []
    for done, learned_on in enumerate((~late, late), 1):
        found = _ascend(board.part(learned_on), _settings(config))
        halves.append(_configured(config, found))
        after[~learned_on] = board.part(~learned_on).ndcg(found)
        if progress is not None:
            progress(done, 3)
    final = _ascend(board, _settings(config))
    if progress is not None:
        progress(3, 3)
    return Tuned(
        config=_configured(config, final),
        held_out=_change(before, after, resamples),
        all=_change(before, board.ndcg(final), resamples),
        halves=(halves[0], halves[1]),
        split=_iso(int(day[late].min())),
        k=k,
    )


def judge_by_topics(events: Iterable[Event]) -> tuple[list[Event], dict[str, dict[str, int]]]:
    """Judgments from the topics that an archive supplies.

    Parameters
    ----------
    events : iterable of Event

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
    most = max(len(listed) // 20, 3)
    telling = {topic: ids for topic, ids in holders.items() if 2 <= len(ids) <= most}
    chooser = random.Random(0)  # noqa: S311 - a choice of examples, nothing secret
    chosen: list[str] = []
    for topic in sorted(telling):
        chosen += chooser.sample(telling[topic], min(_PER_TOPIC, len(telling[topic])))
    chosen = sorted(set(chosen))
    if len(chosen) > _MOST_JUDGED:
        chosen = sorted(chooser.sample(chosen, _MOST_JUDGED))
    if not chosen:
        raise InputError(
            "no two events share a supplied topic that could serve as a judgment: give judgments (--qrels)"
        )
    topics = {event.key: event.topics for event in listed}
    qrels: dict[str, dict[str, int]] = {}
    for id_ in chosen:
        shared = Counter(
            other for topic in set(topics[id_]) & telling.keys() for other in telling[topic] if other != id_
        )
        qrels[id_] = {other: min(number, 3) for other, number in shared.items()}
    return [replace(event, topics=()) for event in listed], qrels


_Settings = dict[str, float]


def _settings(config: Config) -> _Settings:
    weights, recency = config.weights, config.recency
    idle = {part.name for part in MEASURED if not part.counts(config)}
    found = {part: float(getattr(weights, part)) for part in PARTS if part not in idle}
    return {
        **found,
        "support_limit": weights.support_limit,
        "scale_days": recency.scale_days,
        "strength_before": recency.strength_before,
        "strength_after": recency.strength_after,
        "floor": recency.floor,
    }


def _configured(config: Config, settings: _Settings) -> Config:
    sections: dict[str, dict[str, float]] = {"weights": {}, "recency": {}}
    recency = {"scale_days", "strength_before", "strength_after", "floor"}
    for name, value in settings.items():
        sections["recency" if name in recency else "weights"][name] = float(f"{value:.4g}")
    return config.change(sections)


@dataclass(frozen=True, slots=True)
class _Board:
    """The judged lists as arrays: parts, days between, gains; a row per judged event, a column per candidate."""

    parts: NDArray[np.float64]
    gaps: NDArray[np.int64]
    used: NDArray[np.bool_]
    gains: NDArray[np.float64]
    ideal: NDArray[np.float64]
    discount: NDArray[np.float64]
    tail: float

    @classmethod
    def of(cls, features: Features, judged: Sequence[str], qrels: Qrels, k: int, tail: float) -> _Board:
        place = {id_: row for row, id_ in enumerate(features.ids)}
        rows = np.array([place[id_] for id_ in judged])
        gains = np.zeros(features.gaps[rows].shape)
        ideal = np.zeros(len(rows))
        discount = 1 / np.log2(np.arange(k) + 2)
        for number, (id_, row) in enumerate(zip(judged, rows, strict=True)):
            grades = qrels[id_]
            gains[number, : len(features.candidates[row])] = [
                max(grades.get(other, 0), 0) for other in features.candidates[row]
            ]
            best = sorted((grade for grade in grades.values() if grade > 0), reverse=True)[:k]
            ideal[number] = np.dot(best, discount[: len(best)])
        return cls(
            features.parts[rows], features.gaps[rows], features.used[rows], gains, ideal, discount, tail
        )

    def part(self, rows: NDArray[np.bool_]) -> _Board:
        return _Board(
            self.parts[rows],
            self.gaps[rows],
            self.used[rows],
            self.gains[rows],
            self.ideal[rows],
            self.discount,
            self.tail,
        )

    def ndcg(self, settings: _Settings) -> NDArray[np.float64]:
        """The nDCG of each judged event under some settings, float64, shape (n,)."""
        weight = np.array([settings.get(part, 0.0) for part in PARTS])
        total = combined(self.parts, weight, settings["support_limit"])
        strength = np.where(self.gaps < 0, settings["strength_before"], settings["strength_after"])
        score = total * fading(np.abs(self.gaps), strength, settings["scale_days"], settings["floor"])
        # Among equal scores the better candidate of the first stage.
        order = np.argsort(np.where(self.used, -score, np.inf), axis=1, kind="stable")[
            :, : len(self.discount)
        ]
        # A list ends where its tail begins: a setting that spreads the scores makes shorter lists.
        ordered = np.take_along_axis(score, order, axis=1)
        shown = ordered >= self.tail * ordered[:, :1]
        gains = np.where(shown, np.take_along_axis(self.gains, order, axis=1), 0.0)
        found: NDArray[np.float64] = gains @ self.discount[: gains.shape[1]] / self.ideal
        return found


def _ascend(board: _Board, start: _Settings) -> _Settings:
    """Change one setting at a time for the better until nothing helps."""
    best, reached = dict(start), float(board.ndcg(start).mean())
    for _ in range(_ROUNDS):
        changed = False
        for name in start:
            for value in _near(name, best[name]):
                tried = {**best, name: value}
                found = float(board.ndcg(tried).mean())
                if found > reached + _SMALLEST_GAIN:
                    best, reached, changed = tried, found, True
        if not changed:
            break
    return best


def _near(name: str, value: float) -> list[float]:
    """The values to try around one; words are what all other weights are measured by."""
    if name == "words" and value > 0:
        return []
    if name == "floor":
        return [tried for tried in (0.0, value - 0.05, value + 0.05) if 0 <= tried < 1 and tried != value]
    steps = [value * step for step in _STEPS]
    if name == "scale_days":
        return steps
    # Besides steps from where it stands, values of every size: the way there may lead through a valley.
    return sorted({*steps, *_ANCHORS} - {value})


def _change(before: NDArray[np.float64], after: NDArray[np.float64], resamples: int) -> Effect:
    draws = np.random.default_rng(0).integers(0, len(before), size=(resamples, len(before)))

    def interval(values: NDArray[np.float64]) -> tuple[float, float]:
        low, high = np.quantile(values[draws].mean(axis=1), (0.025, 0.975))
        return float(low), float(high)

    return Effect(
        events=len(before),
        before=float(before.mean()),
        after=float(after.mean()),
        before_interval=interval(before),
        after_interval=interval(after),
        gain_interval=interval(after - before),
    )


def _iso(day: int) -> str:
    return str(np.datetime64(day, "D"))
