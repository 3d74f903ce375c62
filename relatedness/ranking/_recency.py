"""The weight of a pair by the days between its two events: the curve, and its integer tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from relatedness.arguments import check_type
from relatedness.config import Config
from relatedness.errors import InputError

RECENCY_BITS = 15
_MOST_DAYS = 50_000


@dataclass(frozen=True, slots=True)
class Recency:
    """The recency factor of a pair, by the whole days between its two events.

    Parameters
    ----------
    before : ndarray of uint16, shape (days,)
        For a related event that is earlier by 0, 1, 2, ... days: 0 to ``2**15``, never increasing.
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
        for name in ("before", "after"):
            check_type(getattr(self, name), name, np.ndarray, "an array of uint16")
        if len(self.before) == 0 or len(self.before) != len(self.after):
            raise InputError("the recency tables need at least one day, and the same length", field="before")
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
        """A recency from plain lists of integers; see the class.

        Parameters
        ----------
        before, after : list of int
            The factor by days, in units of ``2**-15``.

        Returns
        -------
        Recency

        Raises
        ------
        InputError
            If a table breaks one of the rules of the class.

        Examples
        --------
        >>> import numpy as np
        >>> half = Recency.of([1 << 15, 1 << 14], [1 << 15, 1 << 14])
        >>> (half.factor(0, np.array([-1, 0, 9], np.int32)) / (1 << 15)).tolist()
        [0.5, 1.0, 0.5]
        """
        return cls(np.array(before, dtype=np.uint16), np.array(after, dtype=np.uint16))

    @classmethod
    def curve(cls, config: Config) -> Recency:
        """The tables of `fading` under a config.

        Parameters
        ----------
        config : Config
            Uses its section ``recency``.

        Returns
        -------
        Recency

        Examples
        --------
        >>> int(Recency.curve(Config.default()).before[0])
        32768
        """
        curve = config.recency
        return cls(
            _table(curve.strength_before, curve.scale_days, curve.floor),
            _table(curve.strength_after, curve.scale_days, curve.floor),
        )

    @classmethod
    def flat(cls) -> Recency:
        """A recency under which time does not count: for undated texts.

        Returns
        -------
        Recency

        Examples
        --------
        >>> import numpy as np
        >>> (Recency.flat().factor(0, np.array([-9, 9], np.int32)) / (1 << 15)).tolist()
        [1.0, 1.0]
        """
        return cls.of([1 << RECENCY_BITS], [1 << RECENCY_BITS])

    def factor(self, day: NDArray[np.int32] | int, other: NDArray[np.int32]) -> NDArray[np.uint16]:
        """The factor for events on the days ``other`` as seen from ``day``.

        Parameters
        ----------
        day, other : int or ndarray of int32
            Days from 1970-01-01.

        Returns
        -------
        ndarray of uint16
            In units of ``2**-15``.

        Examples
        --------
        >>> Recency.of([32768, 16384], [32768, 8192]).factor(10, np.array([9, 10, 30], np.int32)).tolist()
        [16384, 32768, 8192]
        """
        gap = np.subtract(other, day, dtype=np.int64)
        position = np.minimum(np.abs(gap), len(self.before) - 1)
        return np.where(gap < 0, self.before[position], self.after[position])


@lru_cache(
    maxsize=16
)  # cached because tuning and lists with another recency need the same tables again and again
def _table(strength: float, scale_days: float, floor: float) -> NDArray[np.uint16]:
    factor = fading(np.arange(_MOST_DAYS), strength, scale_days, floor)
    return np.rint(factor * (1 << RECENCY_BITS)).astype(np.uint16)


def fading(
    days: NDArray[np.int64], strength: float | NDArray[np.float64], scale_days: float, floor: float
) -> NDArray[np.float64]:
    """The weight of a pair by the days between its events: ``floor + (1 - floor) / (1 + strength * ln(1 + days / scale_days))``.

    A logarithmic decay fits news better than an exponential half-life: follow-ups come after days, but also after years. The
    constants are learned (``models/ranker.md``).

    Parameters
    ----------
    days : ndarray of int64
        Not negative.
    strength, scale_days, floor : float
        As in the section ``recency`` of the config.

    Returns
    -------
    ndarray of float64
        1 on the same day, never increasing with the days.

    Examples
    --------
    >>> fading(np.array([0, 7]), 1.0, 7.0, 0.0).round(2).tolist()
    [1.0, 0.59]
    """
    factor: NDArray[np.float64] = floor + (1 - floor) / (1 + strength * np.log1p(days / scale_days))
    return factor
