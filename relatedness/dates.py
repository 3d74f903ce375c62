"""Days and instants: before the year 1 too, as numbers for the arrays, and as text."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import total_ordering
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from relatedness.arguments import kind_of, plain
from relatedness.errors import InputError

SECONDS_PER_DAY = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097  # after which the Gregorian calendar repeats
_EARLIEST_YEAR = -999_999
UNDATED = -(2**30)
"""Days before this one represent undated events; the range of `EarlyDate` begins long after it."""
_UNDATED_FIRST = -(2**31) + 2**22  # differences between days stay within 32 bits


@total_ordering
@dataclass(frozen=True, slots=True)
class EarlyDate:
    """A day before the year 1, which `datetime.date` cannot hold.

    The calendar is the proleptic Gregorian one, and years count as in ISO 8601: year 0 is 1 BC, year -43 is 44 BC. It
    compares with itself and with dates by the number of the day.

    Parameters
    ----------
    year : int
        -999,999 to 0.
    month, day : int

    Raises
    ------
    ValueError
        If there is no such day.

    Examples
    --------
    >>> ides = EarlyDate(-43, 3, 15)
    >>> str(ides), EarlyDate.fromisoformat("-0043-03-15") == ides, ides < date(1, 1, 1)
    ('-0043-03-15', True, True)
    """

    year: int
    month: int
    day: int

    def __post_init__(self) -> None:
        if not _EARLIEST_YEAR <= self.year <= 0:
            raise ValueError(f"year {self.year} is not within {_EARLIEST_YEAR} to 0")
        self.toordinal()

    def toordinal(self) -> int:
        """The number of the day, counted as `datetime.date.toordinal` does: 0001-01-01 is day 1."""
        cycles = -self.year // _CYCLE_YEARS + 1
        moved = date(self.year + cycles * _CYCLE_YEARS, self.month, self.day)
        return moved.toordinal() - cycles * _CYCLE_DAYS

    def isoformat(self) -> str:
        """The day in ISO 8601, with a signed year: ``-0043-03-15``."""
        return f"{'-' if self.year < 0 else ''}{-self.year:04d}-{self.month:02d}-{self.day:02d}"

    __str__ = isoformat

    @classmethod
    def fromisoformat(cls, text: str) -> EarlyDate:
        """The day that `isoformat` wrote.

        Raises
        ------
        ValueError
            If the text has another form, or names no day.
        """
        found = re.fullmatch(r"(-\d{4,6}|0000)-(\d\d)-(\d\d)", text, re.ASCII)
        if found is None:
            raise ValueError(f"Invalid isoformat string: {text!r}")
        return cls(int(found[1]), int(found[2]), int(found[3]))

    def __lt__(self, other: EarlyDate | date) -> bool:
        if not isinstance(other, EarlyDate | date):
            return NotImplemented
        return self.toordinal() < other.toordinal()


Day = date | EarlyDate
"""A day, or an instant with its zone (`datetime.datetime` is a date)."""


def read_date(value: object, zone: str | tzinfo | None, field: str = "date") -> Day:
    """Read a date as a record holds it: a date, an instant, or either as ISO 8601 text.

    Parameters
    ----------
    zone : str, tzinfo or None
        The zone of an instant that names none.
    field : str
        The field of the record, for the message.

    Raises
    ------
    InputError
        If it is missing or no date, or an instant without a zone where none is given.

    Examples
    --------
    >>> read_date("2016-07-11", None)
    datetime.date(2016, 7, 11)
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        needed = "every event needs" if field == "date" else "leave it out, or write"
        raise InputError(f"is missing: {needed} a date, such as 2016-07-11", field=field)
    if isinstance(value, str):
        text = value.strip()
        try:
            if text.startswith(("-", "0000")):
                return EarlyDate.fromisoformat(text)
            value = date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
        except ValueError:
            raise InputError(
                f"not a date: {text[:40]!r}; write 2016-07-11 or 2016-07-11T18:30:00+00:00", field=field
            ) from None
    if isinstance(value, datetime):
        if value.tzinfo is None:
            if zone is None:
                raise InputError(
                    f"{value.isoformat()} has no time zone: write one (2016-07-11T18:30:00+00:00), or give the time zone "
                    f"when reading",
                    field=field,
                )
            value = value.replace(tzinfo=find_zone(zone))
        return value
    if isinstance(value, date | EarlyDate):
        return value
    if (found := plain(value)) is not value:
        return read_date(found, zone, field)
    raise InputError(f"not a date: {kind_of(value)}; write it as text, such as 2016-07-11", field=field)


def find_zone(zone: str | tzinfo) -> tzinfo:
    """The time zone of an IANA name; a time zone is returned unchanged.

    Raises
    ------
    InputError
        If there is no zone of that name.

    Examples
    --------
    >>> str(find_zone("Europe/Paris"))
    'Europe/Paris'
    """
    if isinstance(zone, tzinfo):
        return zone
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(f"there is no time zone {zone!r}; use an IANA name such as Europe/Paris") from None


def day_text(when: Day | None) -> str:
    """The day of a date in ISO 8601, or ``undated``.

    Examples
    --------
    >>> day_text(EarlyDate(-43, 3, 15))
    '-0043-03-15'
    """
    if when is None:
        return "undated"
    return when.isoformat() if isinstance(when, EarlyDate) else when.isoformat()[:10]


def day_number(day: Day) -> int:
    """Days from 1970-01-01 to a plain day.

    Examples
    --------
    >>> day_number(date(1970, 1, 31))
    30
    """
    return day.toordinal() - _EPOCH.toordinal()


def seconds_of(when: Day) -> int:
    """Seconds from 1970-01-01T00:00Z to a day's midnight in UTC or to an instant, rounded down.

    Examples
    --------
    >>> seconds_of(date(1970, 1, 2))
    86400
    """
    if isinstance(when, datetime):
        return (when - _EPOCH) // timedelta(seconds=1)
    return day_number(when) * SECONDS_PER_DAY


def is_before(when: Day, other: Day) -> bool:
    """Whether an instant is before another one; days in UTC where either is a plain day.

    Examples
    --------
    >>> is_before(date(2016, 7, 11), datetime(2016, 7, 11, 18, tzinfo=UTC))
    False
    """
    unit = 1 if isinstance(when, datetime) and isinstance(other, datetime) else SECONDS_PER_DAY
    return seconds_of(when) // unit < seconds_of(other) // unit


def undated_day(key: str) -> int:
    """The day that represents an undated event: derived from the id, so that two undated events are rarely close in time.

    Parameters
    ----------
    key : str
        The id.

    Returns
    -------
    int
        Days from 1970-01-01, before `UNDATED`.

    Examples
    --------
    >>> undated_day("e1") < UNDATED
    True
    """
    number = int.from_bytes(hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=4).digest())
    return _UNDATED_FIRST + number % (UNDATED - _UNDATED_FIRST - 1)
