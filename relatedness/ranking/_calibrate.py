"""Calibration: how much time, topics and shared neighbours count in this archive, measured on its own texts.

No judgments exist when an archive is built. But each text can be used twice: a hash divides the words into two halves, and two
events that are each other's nearest by one half almost certainly belong together. The other half is independent of that choice.
It measures what distinguishes the true partner among the 64 events nearest by that other half: the cosine, closeness in time,
shared topics. A conditional logit (McFadden, in Frontiers in Econometrics, 1974) estimates a coefficient and its standard error
for each. (Two views of one text as each other's teacher: Blum and Mitchell, COLT 1998.)

Coefficients are shrunk towards the mean of many archives where the evidence is weak: thirty events of one week say little, and
get a mild curve. A few rules, the same for every archive, turn coefficients into settings; their constants are learned:
``models/calibration.toml``, ``models/ranker.md``.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.dates import UNDATED
from relatedness.numbering import Column, Row, as_columns, as_rows
from relatedness.ranking import _plain
from relatedness.ranking._compiling import compiled_pays, foresee, read_only
from relatedness.ranking._counts import TOPICS, WORDS, Counts
from relatedness.ranking._settings import calibration_settings
from relatedness.ranking._topk import search_ns
from relatedness.ranking._vocabulary import Weighed, pivoted_length

# NumPy's cost in nanoseconds of a product of two entries, and of a pair of rows.
_PRODUCT_NS, _PAIR_NS = 20, 5
# Newton's method: the maximum number of steps, the maximum step length, and the step length at which it stops.
_MOST_STEPS, _LONGEST_STEP, _LAST_STEP = 50, 2, 1e-7


@dataclass(frozen=True, slots=True)
class Estimate:
    """A coefficient with its standard error."""

    # Both after shrinkage towards the values of most archives.
    value: float
    error: float

    @classmethod
    def of(cls, found: float, error: float, usual: Estimate) -> Estimate:
        """Shrink a measured value towards the usual one: the mean of both, weighted by their precisions."""
        if not (math.isfinite(found) and math.isfinite(error) and error > 0):
            return usual
        own, before = 1 / error**2, 1 / usual.error**2
        return cls(
            round((found * own + usual.value * before) / (own + before), 4),
            round(1 / math.sqrt(own + before), 4),
        )


@dataclass(frozen=True, slots=True)
class Calibration:
    """The measurements of an archive, frozen until its statistics are fitted again.

    Examples
    --------
    >>> found = Calibration(7000, 1500, 2.0, Estimate(0.58, 0.02), 7.0, Estimate(3.9, 0.1), one_day=False)
    >>> found.settings(Config.default())["recency"]["strength_before"]
    0.61
    """

    events: int  # how many the archive held
    pairs: int  # the number of pairs of events that almost certainly belong together
    # The median number of days between the two events of such a pair; None if there are no pairs.
    days: float | None
    # For two events with a given similarity, the odds that they belong together fall with the days between them like
    # ``(1 + days / 7) ** -decline``.
    decline: Estimate
    # The number of days within which closeness hardly changes, as ``recency.scale_days``: 7, or more where a longer one
    # describes the clear pairs far better.
    scale: float
    # How much shared topics say beyond shared words: the coefficient of the cosine of topics over that of the logarithm
    # of the cosine of words.
    gain: Estimate
    one_day: bool  # whether all events are of one day or undated, so that time is uninformative

    @property
    def strength(self) -> float:
        """How fast events fade with the days between them, as ``recency.strength_before`` and ``strength_after``."""
        if self.one_day:
            return 0.0
        time = calibration_settings().time
        strength = time.steepness * math.pow(max(self.decline.value, 0.0), time.power)
        return round(min(max(strength, time.least_strength), time.most_strength), 2)

    @property
    def context(self) -> float:
        """How much topics count, as a share of their weight in the archives where they are most informative."""
        return self._share_of_most(2)

    @property
    def neighbours(self) -> float:
        """How much shared neighbours count, as a share of their weight in the archives where topics are most informative.

        It falls faster than the share of topics: where topics are uninformative, so are neighbours, which are found by words
        and topics.
        """
        return self._share_of_most(3)

    def _share_of_most(self, power: int) -> float:
        topics = calibration_settings().topics
        share = (max(self.gain.value, 0.0) / topics.full_gain) ** power
        return round(min(max(share, topics.least), 1.0), 3)

    def settings(self, config: Config) -> dict[str, dict[str, float | int]]:
        """The resulting settings, section to field to value, for `Config.measured`."""
        most = config.calibrate
        number = calibration_settings().neighbours
        compared = max(self.events // number.events_each, number.fewest)
        return {
            "recency": {
                "scale_days": self.scale,
                "strength_before": self.strength,
                "strength_after": self.strength,
            },
            "weights": {
                "topics": round(most.most_topics * self.context, 4),
                "neighbours": round(most.most_neighbour_weight * self.neighbours, 4),
            },
            "lists": {"neighbours": min(compared, most.most_neighbours)},
        }

    def sentences(self) -> list[str]:
        """The measurements in words.

        Examples
        --------
        >>> few = Calibration(12, 0, None, Estimate(0.37, 0.15), 7.0, Estimate(1.5, 0.7), one_day=False)
        >>> few.sentences()[0]
        'No two events clearly belong together, so time and topics count as in most archives.'
        """
        if self.days is None:
            return ["No two events clearly belong together, so time and topics count as in most archives."]
        say = calibration_settings().words
        apart = f"{self.days:,.0f} day{'s' * (round(self.days) != 1)}"
        if self.one_day:
            time = "All events have the same date: dates do not count."
        else:
            how = (
                "much"
                if self.strength >= say.dates_much
                else "somewhat"
                if self.strength >= say.dates_somewhat
                else "little"
            )
            if self.scale > calibration_settings().time.scale_days:
                how = f"{how}, but hardly within {self.scale:,.0f} days"
            time = (
                f"Dates count {how}: related events lie {apart} apart (median of {self.pairs:,} clear pairs)."
            )
        if self.context >= say.topics_much:
            topics = (
                "Shared topics and neighbours add much information to shared words: they count almost fully."
            )
        elif self.context >= say.topics_somewhat:
            topics = "Shared topics and neighbours add some information to shared words: they count a little."
        else:
            topics = (
                "Shared topics and neighbours add hardly any information to shared words: they hardly count."
            )
        return [time, topics]

    def to_record(self) -> dict[str, Any]:
        """The calibration as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """The calibration that `to_record` gave."""
        estimates = {name: Estimate(**record[name]) for name in ("decline", "gain")}
        return cls(**{**record, **estimates})


def calibrate(
    counts: Counts,
    weighed: Weighed,
    days: NDArray[np.int32],
    groups: NDArray[np.int32],
    languages: NDArray[np.int32],
    config: Config,
) -> Calibration:
    """Measure an archive.

    Parameters
    ----------
    counts : Counts
        Of all its events.
    weighed : Weighed
        Their terms under the fitted vocabulary.
    days, groups, languages : ndarray of int32, shape (n,)
        As in `relatedness.ranking.Rows`.
    config : Config
        Uses ``text.length_normalisation``.

    Examples
    --------
    >>> from relatedness.ranking import Document, count, fit
    >>> counts = count([Document("", "Floods hit Dresden", "en", ())] * 2, Config.default())
    >>> weighed, none = fit(counts, Config.default())[1], np.full(2, -1, np.int32)
    >>> calibrate(counts, weighed, np.zeros(2, np.int32), none, none, Config.default()).one_day
    True
    """
    n = counts.n
    frequency = np.bincount(counts.term[WORDS]).astype(np.float64)
    foresee(_calibration_ns(n, frequency) + search_ns(n, frequency))

    def made(channel: int, kept: NDArray[np.bool_] | None = None) -> TermVectors:
        raw = RawVectors.of(counts, weighed, channel, kept)
        values = raw.values / raw.lengths(float(raw.squares.mean()), config)
        return TermVectors(_starts(raw.sizes), raw.columns, values, _n_columns(raw.columns))

    views = ((made(WORDS, half), made(WORDS, ~half)) for half in halves_of(counts.terms[WORDS], n))
    return calibrate_views(views, made(TOPICS), days, groups, languages)


def calibrate_views(
    views: Iterable[tuple[TermVectors, TermVectors]],
    topics: TermVectors,
    days: NDArray[np.int32],
    groups: NDArray[np.int32],
    languages: NDArray[np.int32],
) -> Calibration:
    """Measure an archive on given vectors.

    Parameters
    ----------
    views : iterable of (TermVectors, TermVectors)
        All events by either half of their words, for each way to halve them that `halves_of` gives.
    topics : TermVectors
        All events by their topics.
    days, groups, languages : ndarray of int32, shape (n,)
        As in `relatedness.ranking.Rows`.

    Examples
    --------
    >>> none, view = np.full(2, -1, np.int32), TermVectors(np.arange(3, dtype=np.uint64), np.zeros(2, np.uint32), np.ones(2), 1)
    >>> calibrate_views([(view, view)], view, np.array([0, 3], np.int32), none, none).days
    3.0
    """
    dated = days[days >= UNDATED]
    one_day = bool(len(dated) == 0 or dated.min() == dated.max())
    apart = (groups, languages)
    timed: list[_Choices] = []
    everyone: list[_Choices] = []
    for view in views:
        for teacher, learner in (view, view[::-1]):
            found = _Choices.between(teacher, learner, topics, days, apart)
            everyone.append(found)
            timed.append(found if one_day else found.on_other_days())
    pairs = sum(len(one.days) for one in everyone) // len(everyone)
    between = np.concatenate([one.days[:, 0] for one in everyone])
    settings = calibration_settings()
    usual_decline = Estimate(settings.time.usual, settings.time.usual_error)
    usual_gain = Estimate(settings.topics.usual, settings.topics.usual_error)
    curve = _Curve.at(settings.time.scale_days, timed)
    gain, gain_error = _mean([_gain(one) for one in timed])
    return Calibration(
        events=len(days),
        pairs=pairs,
        days=float(np.median(between)) if len(between) else None,
        decline=usual_decline if one_day else Estimate.of(*curve.decline, usual_decline),
        scale=curve.scale if one_day else curve.likelier(timed).scale,
        gain=Estimate.of(gain, gain_error, usual_gain),
        one_day=one_day,
    )


@dataclass(frozen=True, slots=True)
class RawVectors:
    """Vectors of some events over the terms of a channel before they are divided by their lengths.

    Examples
    --------
    >>> raw = RawVectors(np.array([1, 2]), np.array([0, 0, 1]), np.array([2.0, 3.0, 4.0]), np.array([4.0, 25.0]))
    >>> raw.lengths(0.0, Config.default()).tolist()
    [2.0, 5.0, 5.0]
    """

    sizes: NDArray[np.int64]  # shape (n,): how many terms each event has
    columns: NDArray[Column]  # ascending within an event
    values: NDArray[np.float64]
    squares: NDArray[np.float64]  # shape (n,): the squared length of each event

    @classmethod
    def of(cls, counts: Counts, weighed: Weighed, channel: int, kept: NDArray[np.bool_] | None) -> RawVectors:
        """Make the vectors from counted terms, all or a selection."""
        document, term = counts.document[channel], counts.term[channel]
        value = np.maximum(counts.weight[channel], 0) * weighed.weight[channel][term]
        if kept is not None:
            held = kept[term]
            document, term, value = document[held], term[held], value[held]
        column = weighed.column[channel][term]
        # Sum in the order of columns, which does not depend on the other events.
        order = np.argsort(document * np.int64(_n_columns(column)) + column)  # all keys are distinct
        document, value = document[order], value[order]
        squares = np.bincount(document, weights=value * value, minlength=counts.n).astype(np.float64)
        sizes = np.bincount(document, minlength=counts.n)
        return cls(sizes, as_columns(column[order].astype(np.uint32)), value, squares)

    def lengths(self, mean: float, config: Config) -> NDArray[np.float64]:
        """The divisor of each event's values, given the mean square over all events of the archive."""
        found = pivoted_length(self.squares, mean, config.text.length_normalisation)
        return np.repeat(found, self.sizes)


def halves_of(terms: Sequence[str], n: int) -> Iterator[NDArray[np.bool_]]:
    """For each split of the words of an archive of ``n`` events into halves, the terms in the first half.

    Parameters
    ----------
    n : int
        The number of events; for a small archive several splits are used and averaged.

    Yields
    ------
    ndarray of bool, shape (len(terms),)

    Examples
    --------
    >>> halves = list(halves_of(["dam", "army", "flood", "fire"], 2000))
    >>> len(halves), halves[0].shape
    (2, (4,))
    """
    for split in range(_n_splits(n)):
        yield _half_of(terms, split)


def _n_splits(n: int) -> int:
    pairs = calibration_settings().pairs
    return max(1, min(pairs.most_splits, pairs.split_events // max(n, 1)))


def _calibration_ns(n: int, frequency: NDArray[np.float64]) -> float:
    """A lower bound for the time without compiled loops, in nanoseconds: one search for nearest events per half of the words."""
    anchors = min(n, calibration_settings().pairs.asked)
    products = float(frequency @ frequency) * anchors / max(n, 1)
    return _n_splits(n) * (_PRODUCT_NS * products + 2 * _PAIR_NS * anchors * n)


def _starts(sizes: NDArray[np.int64]) -> NDArray[np.uint64]:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.uint64)


def _n_columns(columns: NDArray[np.integer[Any]]) -> int:
    return int(columns.max(initial=0)) + 1


@dataclass(frozen=True, slots=True)
class TermVectors:
    """Vectors of events over the terms of a channel, in compressed sparse rows, columns ascending; dot products are soft cosines.

    Examples
    --------
    >>> rows = TermVectors(np.array([0, 1, 3], np.uint64), np.array([0, 0, 1]), np.array([1.0, 0.5, 2.0]), n_columns=2)
    >>> rows.dots(np.array([0, 1]), np.array([1, 1])).tolist()
    [0.5, 4.25]
    """

    indptr: NDArray[np.uint64]
    columns: NDArray[Column]
    values: NDArray[np.float64]
    n_columns: int

    def dots(self, left: NDArray[Row], right: NDArray[Row]) -> NDArray[np.float64]:
        """The dot product of each row on the left with the one on the right."""
        starts, sizes = self.indptr[:-1].astype(np.int64), np.diff(self.indptr).astype(np.int64)
        # Sort both sides' entries by pair and column: equal adjacent keys mean that both rows hold the column.
        sides = []
        for rows in (left, right):
            size = sizes[rows]
            positions = np.repeat(starts[rows] - np.cumsum(size) + size, size) + np.arange(size.sum())
            keys = np.repeat(np.arange(len(rows)), size) * np.int64(self.n_columns) + self.columns[positions]
            sides.append((keys, self.values[positions]))
        keys, mine, theirs = np.intersect1d(sides[0][0], sides[1][0], assume_unique=True, return_indices=True)
        products = sides[0][1][mine] * sides[1][1][theirs]
        dots = np.bincount(keys // max(self.n_columns, 1), products, minlength=len(left))
        return dots.astype(np.float64, copy=False)


@dataclass(frozen=True, slots=True)
class _Choices:
    """Pairs that almost certainly belong together, each with its rivals; the true partner is at position 0."""

    # Shape (m, c): the cosine by the half of the words that did not choose the pairs; the cosine by topics.
    cosines: NDArray[np.float64]
    topics: NDArray[np.float64]
    days: NDArray[np.int64]  # shape (m, c)
    there: NDArray[np.bool_]  # shape (m, c)

    @classmethod
    def between(
        cls,
        teacher: TermVectors,
        learner: TermVectors,
        topics: TermVectors,
        days: NDArray[np.int32],
        apart: tuple[NDArray[np.int32], NDArray[np.int32]],
    ) -> _Choices:
        """Pairs of the first half of the words, and their rivals by the second."""
        n = len(days)
        anchors = as_rows(
            np.unique(np.linspace(0, n - 1, min(n, calibration_settings().pairs.asked)).astype(np.int64))
        )
        near, cosine = _nearest(teacher, anchors, apart, 1)
        partner = near[:, 0]
        sure = (partner >= 0) & (cosine[:, 0] > calibration_settings().pairs.least_cosine)
        anchors, partner = anchors[sure], partner[sure]
        asked, position = np.unique(partner, return_inverse=True)
        mutual = _nearest(teacher, asked, apart, 1)[0][position, 0] == anchors
        anchors, partner = anchors[mutual], partner[mutual]
        rows, cosines = _nearest(learner, anchors, apart, calibration_settings().pairs.rivals)
        true = rows == partner[:, None]
        known = true.any(axis=1)
        anchors, rows, cosines, true = anchors[known], rows[known], cosines[known], true[known]
        order = np.argsort(~true, axis=1, kind="stable")
        rows, cosines = np.take_along_axis(rows, order, 1), np.take_along_axis(cosines, order, 1)
        there = rows >= 0
        rows = as_rows(np.where(there, rows, 0))
        shared = topics.dots(np.repeat(anchors, rows.shape[1]), rows.ravel())
        gaps = np.abs(days[rows].astype(np.int64) - days[anchors].astype(np.int64)[:, None])
        # Time is uninformative for an undated event: its pairs count as pairs of the same day.
        gaps[(days[rows] < UNDATED) | (days[anchors] < UNDATED)[:, None]] = 0
        return cls(cosines, shared.reshape(rows.shape), gaps, there)

    def on_other_days(self) -> _Choices:
        """The choices whose partner is of another day, among rivals of other days: copies on one day say nothing about time."""
        kept = self.days[:, 0] > 0
        return _Choices(
            self.cosines[kept],
            self.topics[kept],
            self.days[kept],
            self.there[kept] & (self.days[kept] > 0),
        )


@dataclass(frozen=True, slots=True)
class _Curve:
    """The likeliest fall of the odds with the days between two events, for a given scale."""

    scale: float  # days
    decline: tuple[float, float]  # the coefficient of closeness in time, and its error
    likelihood: float  # the logarithm of the likelihood of the clear pairs

    @classmethod
    def at(cls, scale: float, timed: Sequence[_Choices]) -> Self:
        """The curve of one scale."""
        found = [_logit([_logarithm(one), -np.log1p(one.days / scale)], one.there) for one in timed]
        decline = _mean([(value[1], error[1]) for value, error, _ in found])
        return cls(scale, decline, _mean([(likelihood, 0.0) for _, _, likelihood in found])[0])

    def likelier(self, timed: Sequence[_Choices]) -> _Curve:
        """The likeliest curve of a longer scale, if it is far likelier than this one; else this one.

        Where the days of an archive are issues (minutes, a journal), what belongs together lies one issue apart or several, and
        what shares a day differs on purpose: a curve that falls from the first day on would prefer the latter.
        """
        time = calibration_settings().time
        best = self
        while best.scale < time.longest_scale:
            longer = _Curve.at(2 * best.scale, timed)
            if not longer.likelihood > best.likelihood:
                break
            best = longer
        # Twice the difference of two likelihoods is the square of the number of errors that lie between them.
        return best if 2 * (best.likelihood - self.likelihood) > time.errors_apart**2 else self


def _gain(found: _Choices) -> tuple[float, float]:
    """The coefficient of topics over that of words, and its error."""
    value, error, _ = _logit(
        [_logarithm(found), -np.log1p(found.days / calibration_settings().time.scale_days), found.topics],
        found.there,
    )
    return (value[2] / value[0], error[2] / value[0]) if value[0] > 0 else (math.nan, math.nan)


def _logarithm(found: _Choices) -> NDArray[np.float64]:
    return np.log(np.maximum(found.cosines, calibration_settings().pairs.least_measured))


def _logit(
    features: Sequence[NDArray[np.float64]], there: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """The coefficients that maximise the likelihood of choosing position 0, their errors, and its logarithm.

    NaN if there are too few choices.

    Newton's method on the likelihood of the conditional logit, which has one maximum, with a slight ridge.
    """
    x = np.stack(features, axis=-1)
    m, _, p = x.shape
    pairs = calibration_settings().pairs
    if m < pairs.fewest:
        return np.full(p, math.nan), np.full(p, math.nan), math.nan
    theta, ridge = np.zeros(p), pairs.ridge * m
    for _ in range(_MOST_STEPS):
        likely = np.where(there, x @ theta, -np.inf)
        likely = np.exp(likely - likely.max(axis=1, keepdims=True))
        likely /= likely.sum(axis=1, keepdims=True)
        mean = np.einsum("mc,mcp->mp", likely, x)
        slope = (x[:, 0] - mean).sum(axis=0) - ridge * theta
        bend = np.einsum("mc,mcp,mcq->pq", likely, x, x) - mean.T @ mean + ridge * np.eye(p)
        step = np.clip(np.linalg.solve(bend, slope), -_LONGEST_STEP, _LONGEST_STEP)
        theta = theta + step
        if np.abs(step).max() < _LAST_STEP:
            break
    return theta, np.sqrt(np.diag(np.linalg.inv(bend))), float(np.log(likely[:, 0]).sum())


def _mean(found: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The mean of estimates from the same events; its error is not reduced, because they are not independent."""
    known = [one for one in found if all(map(math.isfinite, one))]
    if not known:
        return math.nan, math.nan
    values, errors = np.array(known).T
    return float(values.mean()), float(errors.mean())


def _half_of(terms: Sequence[str], split: int) -> NDArray[np.bool_]:
    """One half of the terms, independent of their order."""
    return np.array([zlib.crc32(f"{split} {term}".encode()) >> 7 & 1 for term in terms], dtype=bool)


def _nearest(
    vectors: TermVectors, rows: NDArray[Row], apart: tuple[NDArray[np.int32], NDArray[np.int32]], k: int
) -> tuple[NDArray[Row], NDArray[np.float64]]:
    """The k nearest of some rows among all, best first, with their cosines; -1 in positions that stay empty."""
    frequency = np.bincount(vectors.columns, minlength=1).astype(np.float64)
    products = float(frequency @ frequency) * len(rows) / max(len(vectors.indptr) - 1, 1)
    postings: Any = _plain.postings
    nearest: Any = _plain.nearest_rows
    if compiled_pays(_PRODUCT_NS * products + _PAIR_NS * len(rows) * len(vectors.indptr)):
        from relatedness.ranking._kernel import nearest_rows as nearest
        from relatedness.ranking._kernel import postings
    held = tuple(read_only(vectors.indptr, vectors.columns, vectors.values))
    return nearest(*held, *postings(*held, vectors.n_columns)[:3], rows, *apart, k)  # type: ignore[no-any-return]
