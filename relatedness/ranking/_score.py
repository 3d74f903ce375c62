"""The score as a sum of named parts.

``score(a, b) = recency(days between) * sum_i weight_i * part_i(a, b)`` with every part in [0, 1] and weights
that sum to 1. Words, phrases and topics are cosines and come from one dot product of fixed-point vectors
(`relatedness.ranking`); story and category are added for the candidates of that first stage, as far as those
cosines support them (`support`), and so is meaning where the index holds embeddings. Each part's
contribution, weight and recency included, is rounded to a whole number of `UNITS`-ths, and the score *is* their
sum: parts always add up, and equal scores are equal on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.errors import InputError
from relatedness.ranking._explanation import UNITS

RECENCY_BITS = 15
DOT_BITS = 30


@dataclass(frozen=True, slots=True)
class Recency:
    """How much a pair counts by the whole days between its two events.

    Parameters
    ----------
    before : ndarray of uint16, shape (days,)
        For a related event that is earlier by so many days (or the same day): 0 to ``2**15``, never increasing.
        Days beyond the table count as its last one.
    after : ndarray of uint16, shape (days,)
        The same for a related event that is later. ``after[0]`` equals ``before[0]``.

    Raises
    ------
    InputError
        If a table breaks one of these rules.

    Examples
    --------
    >>> Recency.of([32768, 16384], [32768, 8192]).after.tolist()
    [32768, 8192]
    """

    before: NDArray[np.uint16]
    after: NDArray[np.uint16]

    def __post_init__(self) -> None:
        if len(self.before) == 0 or len(self.before) != len(self.after):
            raise InputError("the recency tables need at least one day, and both as many", field="before")
        for name, table in (("before", self.before), ("after", self.after)):
            if table.dtype != np.uint16:
                raise InputError(f"expected uint16, got {table.dtype}", field=name)
            if int(table[0]) > 1 << RECENCY_BITS:
                raise InputError(f"recency {table[0]} is above 2**{RECENCY_BITS}", field=name)
            if np.any(table[1:] > table[:-1]):
                raise InputError("recency may not grow with the days between two events", field=name)
        if self.before[0] != self.after[0]:
            raise InputError(f"on the same day, before is {self.before[0]} but after is {self.after[0]}")

    @classmethod
    def of(cls, before: list[int], after: list[int]) -> Recency:
        """A recency from plain lists of integers (see the class)."""
        return cls(np.array(before, dtype=np.uint16), np.array(after, dtype=np.uint16))

    @classmethod
    def curve(cls, config: Config) -> Recency:
        """The tables of ``floor + (1 - floor) / (1 + strength * ln(1 + d / scale))``.

        Logarithmic forgetting fits news better than an exponential half-life: follow-ups come after days, but
        also after years. The constants are learned (``models/ranker.md``).

        Examples
        --------
        >>> int(Recency.curve(Config.default()).before[0])
        32768
        """
        curve = config.recency
        age = np.log1p(np.arange(_MOST_DAYS) / curve.scale_days)

        def table(strength: float) -> NDArray[np.uint16]:
            factor = curve.floor + (1 - curve.floor) / (1 + strength * age)
            return np.rint(factor * (1 << RECENCY_BITS)).astype(np.uint16)

        return cls(table(curve.strength_before), table(curve.strength_after))

    @classmethod
    def flat(cls) -> Recency:
        """Every date counts the same: for texts without one."""
        return cls.of([1 << RECENCY_BITS], [1 << RECENCY_BITS])

    def factor(self, day: NDArray[np.int32] | int, other: NDArray[np.int32]) -> NDArray[np.uint16]:
        """The factor for events of the days ``other`` as seen from ``day``, uint16."""
        gap = np.subtract(other, day, dtype=np.int64)
        place = np.minimum(np.abs(gap), len(self.before) - 1)
        return np.where(gap < 0, self.before[place], self.after[place])


_MOST_DAYS = 50_000


def contributions(
    dots: NDArray[np.uint32],
    story: NDArray[np.float64],
    category: NDArray[np.bool_],
    meaning: NDArray[np.float64],
    factor: NDArray[np.uint16],
    config: Config,
) -> NDArray[np.int64]:
    """What each part gives to the score of each pair.

    Parameters
    ----------
    dots : ndarray of uint32, shape (..., 3)
        The dot product per channel, with the channel's share folded in, in units of ``2**-30``.
    story : ndarray of float64, shape (...)
        The story part in [0, 1].
    category : ndarray of bool, shape (...)
        Whether both have the same category.
    meaning : ndarray of float64, shape (...)
        The meaning part in [0, 1].
    factor : ndarray of uint16, shape (...)
        The recency factor in units of ``2**-15``.
    config : Config

    Returns
    -------
    ndarray of int64, shape (..., 6)
        By `PARTS`, in units of ``1 / UNITS``, each ``(part * weight) * recency`` (story and category also times
        `support`) rounded half to even; a pair's score is the sum of its row.
    """
    share = shares(config)
    time = factor / (1 << RECENCY_BITS)
    held = support(dots, story, category, config)
    columns = [
        *(dots[..., channel] * (share.lexical / (1 << DOT_BITS)) for channel in range(dots.shape[-1])),
        story * share.story * held,
        category * share.category * held,
        meaning * share.meaning,
    ]
    return np.rint(np.stack(columns, axis=-1) * time[..., None] * UNITS).astype(np.int64)


def support(
    dots: NDArray[np.uint32], story: NDArray[np.float64], category: NDArray[np.bool_], config: Config
) -> NDArray[np.float64]:
    """How far story and category may count: they strengthen what the events' own words say, and never outvote it.

    A dense cluster of events that all know each other would otherwise stand before the one event that is truly about
    the same thing, and a shared category would relate two events without a word in common.

    Parameters
    ----------
    dots : ndarray of uint32, shape (..., 3)
        The dot product per channel in units of ``2**-30``.
    story : ndarray of float64, shape (...)
        The story part in [0, 1].
    category : ndarray of bool, shape (...)
        Whether both have the same category.
    config : Config

    Returns
    -------
    ndarray of float64, shape (...)
        The factor, in [0, 1], by which both count, so that together they give at most ``weights.support_limit`` times
        what words, phrases and topics give.
    """
    share = shares(config)
    lexical = dots.sum(axis=-1, dtype=np.uint64) * (share.lexical / (1 << DOT_BITS))
    asked = story * share.story + category * share.category
    factor: NDArray[np.float64] = config.weights.support_limit * lexical / np.maximum(asked, 1e-12)
    return np.minimum(1.0, factor)


class Shares(NamedTuple):
    """What share of the whole weight the parts have; they sum to 1.

    Attributes
    ----------
    lexical : float
        Words, phrases and topics together; how it divides among them is folded into the vectors.
    story, category, meaning : float
    """

    lexical: float
    story: float
    category: float
    meaning: float


def shares(config: Config) -> Shares:
    """The weights as shares; meaning has none where the index holds no embeddings (``text.encoder``).

    Examples
    --------
    >>> shares(Config.default()).meaning
    0.0
    """
    weights = config.weights
    lexical = weights.words + weights.phrases + weights.topics
    meaning = weights.meaning if config.text.encoder != "none" else 0.0
    total = lexical + weights.story + weights.category + meaning
    return Shares(lexical / total, weights.story / total, weights.category / total, meaning / total)
