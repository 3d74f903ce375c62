"""Detects the calendar of a column whose dates are all digits. A single year such as 1440 or 2562 is not conclusive, but a
column whose dates all lie in the same narrow span is: in this century the Islamic year is 1421 to 1525, the Persian one 1379 to
1478, and the Buddhist one 543 ahead of ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

Calendar = Literal["Buddhist", "Islamic or Persian"]

_DAY = re.compile(
    r"(?:(?P<year>\d{4})[-/.](?:\d{1,2})[-/.](?:\d{1,2})|\d{1,2}[-/.]\d{1,2}[-/.](?P<last>\d{4}))(?:[T\s,].*)?\Z"
)
_BUDDHIST_YEAR = re.compile(r"(?<!\d)2[45]\d\d(?!\d)")
_BUDDHIST_AHEAD = 543  # years
_SPANS: tuple[tuple[Calendar, range], ...] = (
    ("Buddhist", range(2480, 2600)),
    ("Islamic or Persian", range(1340, 1461)),
)
_FEWEST = 2  # days of another calendar that show that a column counts by it


def calendar_of(values: Sequence[Any]) -> Calendar | None:
    """The calendar of the first dates of a column; None for the Gregorian calendar, and if they are not conclusive.

    Parameters
    ----------
    values : sequence
        Dates as written in the column.

    Examples
    --------
    >>> calendar_of(["14/05/2562", "17/05/2562"]), calendar_of(["1440/09/09", "1440-11-06"]), calendar_of(["1066-10-14", "1415-10-25"])
    ('Buddhist', 'Islamic or Persian', None)
    """
    found = [_DAY.match(value.strip()) for value in values if isinstance(value, str) and value.strip()]
    if len(found) < _FEWEST or None in found:
        return None
    years = {int(day["year"] or day["last"]) for day in found if day is not None}
    return next((name for name, span in _SPANS if all(year in span for year in years)), None)


def from_buddhist(text: str) -> str:
    """A date with a Buddhist year as a Gregorian date.

    Examples
    --------
    >>> from_buddhist("14/05/2562")
    '14/05/2019'
    """
    return _BUDDHIST_YEAR.sub(lambda year: str(int(year[0]) - _BUDDHIST_AHEAD), text)
