"""Numbers that encode a day or an instant -> the day or instant, and the unit as which it was read."""

from __future__ import annotations

import re
from calendar import isleap
from datetime import UTC, date, datetime, time, timedelta

A_YEAR_OR_MONTH = "dates without a day, read as the first day of the month or year"
_EPOCHS = (
    ((9, 10), "seconds", 1),
    ((12, 13), "milliseconds", 1_000),
    ((15, 16), "microseconds", 1_000_000),
    ((18, 19), "nanoseconds", 1_000_000_000),
)
_COMPACT_MINUTE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d")
_EXCEL = date(1899, 12, 30)  # day 0 of spreadsheets
_JULIAN_EPOCH = 2_440_587.5  # the Julian day at which 1970 begins
_JULIAN = 2_400_000.5, 2_500_000.0  # numbers that are read as Julian days: 1858 to 2132


# Counts from other epochs, recognised by ranges outside those of present timestamps: digits, range, epoch, units per second.
_OTHER_COUNTS = (
    (18, range(120 * 10**15, 140 * 10**15), datetime(1601, 1, 1, tzinfo=UTC), 10**7, "Windows' hundreds of nanoseconds since 1601"),
    (18, range(620 * 10**15, 670 * 10**15), datetime(1, 1, 1, tzinfo=UTC), 10**7, ".NET's hundreds of nanoseconds since the year 1"),
    (17, range(120 * 10**14, 140 * 10**14), datetime(1601, 1, 1, tzinfo=UTC), 10**6, "Chrome's microseconds since 1601"),
)  # fmt: skip


def read_number(number: float, whole: str) -> tuple[date | datetime | None, str | None]:
    """The day or instant that a number encodes, judged by its number of digits.

    Parameters
    ----------
    number : float
        Not negative.
    whole : str
        Its digits before the point.

    Returns
    -------
    date, datetime or None
        None if it is no date; an instant may lack a zone.
    str or None
        The unit, in words, if the digits alone do not show it.

    Examples
    --------
    >>> read_number(42801, "42801")
    (datetime.datetime(2017, 3, 7, 0, 0), "numbers, read as Excel's days")
    """
    digits, is_whole = len(whole), number == int(number)
    if digits in (17, 18) and is_whole:
        for length, counts, begun, second, what in _OTHER_COUNTS:
            if digits == length and int(whole) in counts:
                moment = begun + timedelta(microseconds=int(whole) * 10**6 // second)
                return moment, f"numbers, read as {what}"
    try:
        if digits == 14 and is_whole:
            return datetime.strptime(whole, "%Y%m%d%H%M%S"), None
        # As milliseconds these digits would be a day of 1976.
        if digits == 12 and is_whole and _COMPACT_MINUTE.fullmatch(whole):
            return datetime.strptime(whole, "%Y%m%d%H%M"), None
        if digits == 17 and is_whole:  # with milliseconds, as TiddlyWiki writes it
            return datetime.strptime(f"{whole}000", "%Y%m%d%H%M%S%f"), None
        if digits == 8 and is_whole:
            return date.fromisoformat(whole), None
    except ValueError:
        return None, None
    if digits in (3, 4) and is_whole and number >= 100:
        return date(int(number), 1, 1), A_YEAR_OR_MONTH
    if digits == 5:
        days = datetime.combine(_EXCEL, time()) + timedelta(seconds=round(number * 86_400))
        return days, "numbers, read as Excel's days"
    if digits == 6 and is_whole and "190001" <= whole <= "209912" and 0 < int(whole[4:]) <= 12:
        return date(int(whole[:4]), int(whole[4:]), 1), A_YEAR_OR_MONTH
    if digits == 7:
        year, day = int(whole[:4]), int(whole[4:])
        if is_whole and 1900 <= year < 2100 and 0 < day <= 365 + isleap(year):
            return date(year, 1, 1) + timedelta(days=day - 1), "numbers, read as a year and the day of it"
        if _JULIAN[0] <= number <= _JULIAN[1]:
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
                seconds=round((number - _JULIAN_EPOCH) * 86_400)
            )
            return moment.date() if moment.time() == time() else moment, "numbers, read as Julian days"
    for lengths, unit, scale in _EPOCHS:
        if digits in lengths:
            exact = int(whole)
            part = number - int(number) if scale == 1 else 0.0
            span = timedelta(seconds=exact // scale + part, microseconds=exact % scale * 1_000_000 // scale)
            try:
                return datetime(1970, 1, 1, tzinfo=UTC) + span, f"numbers, read as {unit} since 1970"
            except OverflowError:
                break
    return None, None
