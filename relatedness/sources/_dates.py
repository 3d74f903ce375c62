"""Dates as people and programs write them -> a day or an instant.

In: the values of one column, one after another. Out: for each a `datetime.date` or a `datetime.datetime` with its zone. Nothing
is guessed: a value that may mean two days waits until another row of its column decides (`Undecided`), and anything else is an
error.

==========================  ================================================================================
ISO 8601                    ``2017``, ``2017-03``, ``2017-W10-2``, ``2017-066``, ``20170307``, with time, fraction, zone
slashes, dots, dashes       ``2017/03/07``, ``7.3.2017``, ``7. 3. 2017``, ``2017. 3. 7.`` (the day first), ``07/03/2017`` (the column says which)
month names                 ``7 March 2017``, ``Mar 7, 2017``, ``07/Mar/17 17:20``, ``March 2017``; other languages with Babel
mail and clocks             ``Tue, 07 Mar 2017 10:00:00 +0000``, ``Tue Mar 7 10:00:00 UTC 2017``, ``5:20 PM``
numbers                     seconds, milli-, micro- and nanoseconds since 1970; days of Excel (five digits); years; ``2017066``;
                            Julian days of 1858 to 2132 (2400001 to 2500000, as astronomers count)
ranges                      ``2017-03-07/2017-03-09``, ``7-9 March 2017``, ``1914-1918``: the first day; the last is the end
about                       ``c. 2017``, ``2017?``, ``early 2017``, ``1850s``, ``18th century``: the first day of it
before the year 1           ``44 BC``, ``15 March 44 BCE``, ``-0043-03-15``: an `relatedness.dates.EarlyDate`
wrapped                     ``{"$date": ...}``
==========================  ================================================================================
"""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from relatedness.arguments import kind_of, plain
from relatedness.dates import Day, EarlyDate, day_number
from relatedness.errors import InputError
from relatedness.sources._date_calendars import Calendar, calendar_of, from_buddhist
from relatedness.sources._date_forms import (
    ABOUT,
    BEFORE,
    C_TIME,
    CENTURY,
    DAYS_OF_MONTH,
    ERA,
    FORMS,
    MAIL,
    NUMBER,
    RANGE,
    YEARS,
)
from relatedness.sources._date_numbers import A_YEAR_OR_MONTH, read_number
from relatedness.sources._date_spellings import (
    THAI,
    WEEK,
    full_year,
    last_day_of,
    part_of_year,
    spelled_plainly,
    text_of_parts,
    why_not_read,
)
from relatedness.sources._date_words import SEASON, first_month, month_of, stands_for_none, zone_named

_OPTIONS = "undated='leave-out' leaves such events out, undated='keep' keeps them without a date"
MISSING_DATE = f"is missing: every event needs a date, such as 2016-07-11; {_OPTIONS}"
UNDATED_NOTE = "events without a date, kept: closeness in time does not count for them"
_ZONE_IN_WORDS = re.compile(r"(GMT[+-]\d{4})\s*\([^()]{1,60}\)\Z")  # the format of JavaScript's Date.toString
_IDEOGRAPHS = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
# The Czech and Korean (spaces after the dots) and Hungarian (a final dot) forms.
_DOTS = re.compile(r"\A(\d{1,4})\.\s*(\d{1,2})\.\s*(\d{1,4})\.?(?=\s|\Z)")
_CYCLE = 400  # years in a full cycle of the calendar
_LONGEST = 100  # characters of a date
_MOST_KNOWN = 4096  # dates that are cached


FIRST = "dates with the {} first, as the column shows"
"""The note on whether ``day`` or ``month`` comes first."""


class Undecided(Exception):  # noqa: N818
    """A date such as 03/07/2017: another row of its column must say whether the day or the month comes first."""


class UndatedError(InputError):
    """A record without a date, or with a placeholder that its database writes for an unknown date."""


class DateColumn:
    """The dates of one column; the order that some rows reveal applies to all.

    Parameters
    ----------
    zone : tzinfo, optional
        The zone of times that name none; UTC if not given.
    form : str, optional
        How the dates are written, as ``datetime.strptime`` takes it, or ``DMY``, ``MDY``: for dates that the column leaves
        ambiguous.
    usual : str, optional
        ``day`` or ``month``: which comes first if neither `form` nor a row tells, as detected in an earlier reading.

    Attributes
    ----------
    notes : dict
        Each decision, in words, with the number of dates concerned.
    end : date, datetime, EarlyDate or None
        The last day of the most recently read date, if that was a range; otherwise None.

    Examples
    --------
    >>> column = DateColumn()
    >>> column.read("2017-03-07T10:00+01:00").isoformat(), column.read("20 Mar 2017").isoformat()
    ('2017-03-07T10:00:00+01:00', '2017-03-20')
    >>> column.read("03/20/2017").isoformat(), column.read("03/07/2017").isoformat()
    ('2017-03-20', '2017-03-07')
    """

    def __init__(self, zone: tzinfo | None = None, form: str | None = None, usual: str | None = None) -> None:
        self.notes: dict[str, int] = {}
        self.end: Day | None = None
        self._zone = zone
        self._order = {"DMY": "day", "MDY": "month"}.get((form or "").upper())
        self._form = None if self._order else form
        self._known: dict[str, tuple[Day, Day | None, list[str]]] = {}
        self._zones: dict[str, tzinfo] = {}
        self.usual = usual if form is None and usual in ("day", "month") else None
        self._calendar: Calendar | None = None
        self._is_special = self._form is not None

    def look(self, values: Sequence[Any]) -> None:
        """Detect the calendar of the column from its first values, before any is read."""
        if not self._is_special:
            self._calendar = calendar_of(values)
            self._is_special = self._calendar is not None

    def reads(self, value: Any) -> bool:
        """Whether a value is a date, in whichever order its day and month are; "n/a" is none."""
        try:
            self.read(value)
        except Undecided:
            return True
        except InputError:
            return False
        return True

    def read(self, value: Any) -> Day:
        """Read one value of the column.

        Raises
        ------
        InputError
            If it is not a date, or out of range.
        Undecided
            If day and month are ambiguous, and no row has shown so far which comes first.
        """
        self.end = None
        if isinstance(value, str):
            text = value.strip()
            if self._is_special:
                return self._formed(text) if self._form is not None else self._of_calendar(text)
            try:
                # Nearly all dates written by programs have this form, and the standard library reads them fastest.
                if len(text) == 10 and text[4] == "-" == text[7] and text[0] != "0":
                    return date.fromisoformat(text)
                if len(text) > 15 and text[4] == "-" and text[13] == ":" and text[0] != "0":
                    return self._placed(datetime.fromisoformat(text))
            except ValueError:
                pass
            if text[3:5] == ", " and (found := self._mailed(text)) is not None:
                return found
            return self._text(text) if ":" in text else self._again(text)
        if isinstance(value, datetime):
            return self._placed(value)
        if isinstance(value, date | EarlyDate):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._number(str(value), value)
        if isinstance(value, Mapping):
            return self._wrapped(value)
        if isinstance(value, list | tuple) and (parts := text_of_parts(value)):
            return self._text(parts)
        if (found := plain(value)) is None:
            raise UndatedError(MISSING_DATE, field="date")
        if found is not value:
            return self.read(found)
        raise InputError(f"not a date: {kind_of(value)}; write it as text, such as 2016-07-11", field="date")

    def read_end(self, value: Any) -> Day:
        """Read one value of a column of end dates: the last day that it covers, such as that of a year or a month.

        Raises
        ------
        InputError, Undecided
            As `read`.
        """
        noted = self.notes.copy()
        found = self.read(value)
        if self.end is not None:
            return self.end
        last = last_day_of(spelled_plainly(str(value)).removesuffix(".0"), found)
        if last != found:
            self.notes = noted
            self.note("end dates without a day, read as the last day of the month or year")
        return last

    def note(self, words: str) -> None:
        """Count a date that a decision concerned."""
        self.notes[words] = self.notes.get(words, 0) + 1

    def decide(self, order: str) -> None:
        """Set which comes first: ``day`` or ``month``."""
        self._order = order

    @property
    def order(self) -> str | None:
        """``day`` or ``month``, whichever the rows have shown to come first."""
        return self._order

    def at(self, day: date, clock: str) -> Day:
        """Combine a date of the column with a time from another column; the end of a range is kept."""
        end = self.end
        moment, self.end = self._again(f"{day.isoformat()} {clock}"), end
        return moment

    def _formed(self, text: str) -> date | datetime:
        form = self._form or ""
        try:
            found = datetime.strptime(text, form)
        except ValueError:
            raise InputError(
                f"{_shown(text)} does not have the form {form!r} of date_format=...", field="date"
            ) from None
        if not any(mark in form for mark in ("%H", "%I", "%S", "%X", "%c", "%T")):
            return found.date()
        return self._placed(found)

    def _mailed(self, text: str) -> datetime | None:
        """An instant in the form of mails and feeds (RFC 2822), handled separately because it is frequent."""
        found = MAIL.match(text)
        month = month_of(found[2]) if found is not None else None
        if found is None or month is None:
            return None
        day, _, year, hour, minute, second, zone = found.groups()
        if zone not in self._zones:
            self._zones[zone] = self._named(zone, text)
        try:
            return datetime(
                int(year), month, int(day), int(hour), int(minute), int(second), tzinfo=self._zones[zone]
            )
        except ValueError:
            return None  # a leap second, or no date

    def _of_calendar(self, text: str) -> Day:
        """A date of a column whose years are not Gregorian."""
        if self._calendar == "Buddhist":
            self.note("years of the Buddhist calendar, less 543")
            return self._text(from_buddhist(text))
        raise InputError(
            f"{_shown(text)}: the years of this column look like years of the Islamic or Persian calendar, which are not "
            "supported: write Gregorian dates; if they are Gregorian, give their format, such as date_format='%Y/%m/%d'",
            field="date",
        )

    def _placed(self, moment: datetime) -> date | datetime:
        """An instant with its zone; a midnight without a zone is a day, as frames and tables write it."""
        if hasattr(moment, "to_pydatetime"):
            moment = moment.to_pydatetime(warn=False)
        if moment.tzinfo is not None:
            return moment
        if self._zone is not None:
            return moment.replace(tzinfo=self._zone)
        if moment.time() == time():
            return moment.date()
        self.note("times without a zone, read as UTC (zone=... overrides it)")
        return moment.replace(tzinfo=UTC)

    def _again(self, text: str) -> Day:
        """A date in words; cached, because many rows may share it."""
        known = self._known.get(text)
        if known is None:
            noted, self.notes = self.notes, {}
            try:
                day = self._text(text)
            finally:
                noted, self.notes = self.notes, noted
                for words, count in noted.items():
                    self.notes[words] = self.notes.get(words, 0) + count
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[text] = day, self.end, list(noted)
            return day
        day, self.end, words_noted = known
        for words in words_noted:
            self.note(words)
        return day

    def _text(self, text: str) -> Day:
        if not text or len(text) > _LONGEST:
            raise _not_a_date(text)
        if NUMBER.match(text):
            return self._number(text, None)
        if stands_for_none(text):
            raise UndatedError(f"{_shown(text)} stands for an unknown date; {_OPTIONS}", field="date")
        if text.isascii():
            text = _DOTS.sub(r"\1.\2.\3", _ZONE_IN_WORDS.sub(r"\1", text) if "(" in text else text)
        else:
            if THAI.search(text):
                text = spelled_plainly(text)  # its years are of another calendar
            text = _DOTS.sub(r"\1.\2.\3", _IDEOGRAPHS.sub(r"\1-\2-\3", _ZONE_IN_WORDS.sub(r"\1", text)))
        found = self._read(text)
        if found is None and why_not_read(text) is None:
            plainly = _IDEOGRAPHS.sub(r"\1-\2-\3", spelled_plainly(text))
            found = self._number(plainly, None) if NUMBER.match(plainly) else self._read(plainly)
        if found is not None:
            return found
        raise _not_a_date(text)

    def _read(self, text: str) -> Day | None:
        for reader in (self._whole, self._range, self._early, self._about):
            found = reader(text)
            if found is not None:
                return found
        return None

    def _early(self, text: str) -> Day | None:
        """A date before the year 1, or with an era."""
        signed = BEFORE.match(text)
        if signed is not None:
            self.note("days before the year 1: years as in ISO 8601, -43 is 44 BC")
            return _early(-int(signed["year"]), int(signed["month"] or 1), int(signed["day"] or 1), text)
        found = ERA.match(text)
        if found is None or not (found["ad"] or found["era"]):
            return None
        before = (found["era"] or "").lower()[:1] in ("b", "v") or (found["era"] or "").lower()[:2] in (
            "av",
            "a.",
        )
        before = before and not (found["era"] or "").lower().startswith("a.d")
        numbers = list(re.finditer(r"\d+", found["rest"]))
        if not numbers or not 1 <= len(numbers) <= 3:
            return None
        number = next((each for each in numbers if len(each[0]) > 2), numbers[-1])
        year = int(number[0])
        if not 0 < year <= 9999 - _CYCLE:
            return None
        # Parse with an equivalent year that Python supports, then convert back.
        moved = (1 - year) % _CYCLE + 1200 if before else year
        rest = found["rest"]
        day = self._whole(f"{rest[: number.start()]}{moved:04d}{rest[number.end() :]}")
        if day is None or not before:
            return day
        self.note("days before the year 1: years as in ISO 8601, -43 is 44 BC")
        return _early(1 - year, day.month, day.day, text)

    def _whole(self, text: str) -> date | datetime | None:
        for form in FORMS:
            found = form.match(text)
            if found is not None:
                day = self._day(found.groupdict(), text)
                if day is None:
                    continue
                return self._timed(day, found.groupdict(), text)
        found = C_TIME.match(text)
        if found is not None and (month := month_of(found["name"])):
            day = _date(int(found["year"]), month, int(found["day"]), text)
            return self._whole(
                f"{day.isoformat()} {found['clock']} {found['zone'] or found['zone2'] or ''}".strip()
            )
        ordinal = re.fullmatch(r"(\d{4})-(\d{3})", text)
        if ordinal is not None and 0 < int(ordinal[2]) <= 365 + isleap(int(ordinal[1])):
            return _date(int(ordinal[1]), 1, 1, text) + timedelta(days=int(ordinal[2]) - 1)
        part = part_of_year(text)
        if part is not None:
            self.note(f"{part.what}, read as their first day")
            return _date(part.year, part.month, 1, text)
        if re.match(r"\d{4}-?W\d\d(?:-?\d)?\Z|\d{8}T", text):
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                return None
            if WEEK.fullmatch(text):
                self.note("weeks, read as their first day")
            return moment.date() if "T" not in text else self._placed(moment)
        return None

    def _day(self, parts: Mapping[str, str | None], text: str) -> date | None:
        year = full_year(str(parts["year"]))
        if len(str(parts["year"])) == 2:
            self.note("years of two digits, read as 1969 to 2068")
        if parts.get("first"):
            return self._ordered(
                int(str(parts["first"])), int(str(parts["then"])), year, str(parts["mark"]), text
            )
        if parts.get("name"):
            month = month_of(str(parts["name"]))
            if month is None:
                return None
        else:
            month = int(parts.get("month") or 1)
        if "day" not in parts:
            self.note(A_YEAR_OR_MONTH)
        if not (parts.get("month") or "1").strip("0") and not (parts.get("day") or "").strip("0"):
            if not year:
                raise UndatedError(
                    f"{_shown(text)} is how databases write an unknown date; {_OPTIONS}", field="date"
                )
            self.note(A_YEAR_OR_MONTH)
            return _date(year, 1, 1, text)
        return _date(year, month, int(parts.get("day") or 1), text)

    def _ordered(self, first: int, then: int, year: int, mark: str, text: str) -> date:
        if mark == ".":  # the day comes first wherever dates are written with dots
            return _date(year, then, first, text)
        if first > 12 or then > 12:
            shown = "day" if first > 12 else "month"
            if self._order not in (None, shown):
                raise InputError(
                    f"{_shown(text)} has the {shown} first, but other rows of the column have the {self._order} first: "
                    "give date_format='%d/%m/%Y' or date_format='%m/%d/%Y'",
                    field="date",
                )
            self._order = shown
        if self._order is None:
            if first == then:
                return _date(year, then, first, text)
            raise Undecided
        self.note(FIRST.format(self._order))
        day, month = (first, then) if self._order == "day" else (then, first)
        return _date(year, month, day, text)

    def _timed(self, day: date, parts: Mapping[str, str | None], text: str) -> date | datetime:
        if parts.get("hour") is None:
            return day
        hour, half = int(str(parts["hour"])), (parts["half"] or "").lower().replace(".", "")
        if half:
            hour = hour % 12 + (12 if half == "pm" else 0)
        fraction = int((parts["fraction"] or "0").ljust(6, "0")[:6])
        try:
            late = hour == 24
            clock = time(
                0 if late else hour, int(str(parts["minute"])), int(parts["second"] or 0) % 60, fraction
            )
            moment = datetime.combine(day, clock)
            if late:
                moment += timedelta(days=1)
        except (ValueError, OverflowError):
            raise _not_a_date(text) from None
        zone = (parts["zone"] or "").strip(" []()")
        if not zone:
            return self._placed(moment)
        if zone not in self._zones:
            self._zones[zone] = self._named(zone, text)
        return moment.replace(tzinfo=self._zones[zone])

    def _named(self, zone: str, text: str) -> tzinfo:
        found = zone_named(zone, self._zone, _shown(text))
        if found is None:
            raise _not_a_date(text)
        return found

    def _number(self, text: str, value: float | None) -> Day:
        try:
            number = float(text) if value is None else float(value)
            whole = text.partition(".")[0].lstrip("-") if value is None else str(abs(int(number)))
        except (ValueError, OverflowError):
            raise _not_a_date(text) from None
        # -1, -99 and -9999 are placeholders for a missing date.
        if number < 0 and number == int(number) and 3 <= len(whole) <= 6 and set(whole) != {"9"}:
            found = self._early(f"-{whole}")
            if found is not None:
                return found
        if number < 0 or number != number:
            raise _not_a_date(text)
        day, note = read_number(
            number, whole if value is None or isinstance(value, int) else str(int(number))
        )
        if day is None:
            raise InputError(
                f"{text[:40]} is not a date: expected a year, a day such as 20170307, seconds, milliseconds or "
                "microseconds since 1970, Excel's day number or a Julian day",
                field="date",
            )
        if note:
            self.note(note)
        return self._placed(day) if isinstance(day, datetime) else day

    def _wrapped(self, value: Mapping[Any, Any]) -> Day:
        for name in ("$date", "$numberLong", "value", "@value", "iso", "__value__", "date-parts", "begin"):
            if name in value:
                inner = value[name]
                return self.read(int(inner) if name == "$numberLong" and str(inner).isdigit() else inner)
        raise InputError(
            f"not a date: an object of {', '.join(map(str, list(value)[:5]))}; name the field that holds the date, such as "
            f"fields={{{_first_name(value)!r}: 'date'}}",
            field="date",
        )

    def _range(self, text: str) -> Day | None:
        found = DAYS_OF_MONTH.match(text)
        if found is not None and (month := month_of(found["name"] or found["name2"])):
            year = int(found["year"])
            self.end = _date(year, month, int(found["last"] or found["last2"]), text)
            return self._begun(_date(year, month, int(found["day"] or found["day2"]), text))
        years = YEARS.match(text)
        if years is not None and years["first"] <= years["last"]:
            self.end = _date(int(years["last"]), 12, 31, text)
            return self._begun(_date(int(years["first"]), 1, 1, text))
        start, *end = RANGE.split(text, maxsplit=1)
        if not end and text.count("/") == 1:
            start, *end = text.split("/")
        if not end or not start.strip():
            return None
        noted = dict(self.notes)
        last = self._whole(end[0].strip())
        if last is None:
            return None
        begun = start.strip()
        first = self._whole(begun)
        if first is None:
            # Of "Mar 7 - Apr 2, 2017" the year is given once; "Dec 28 - Jan 3, 2017" begins in the year before.
            first = self._whole(f"{begun} {last.year:04d}")
            if first is not None and day_number(first) > day_number(last):
                first = self._whole(f"{begun} {last.year - 1:04d}")
        if first is None:
            self.notes = noted  # it is no range: "KW 9/2021"
            return None
        self.end = last_day_of(end[0].strip(), last)
        return self._begun(first)

    def _begun(self, first: date | datetime) -> date | datetime:
        if self.end is not None and day_number(self.end) < day_number(first):
            self.end = None
        self.note("ranges of dates: the first day is the date, the last the end")
        return first

    def _about(self, text: str) -> Day | None:
        bare = text.rstrip("?~").strip().strip("[]()").strip()
        begun = ABOUT.match(bare)
        part = ((begun and begun["part"]) or "").lower()
        if begun is not None:
            bare = bare[begun.end() :].strip()
        century = CENTURY.match(bare)
        if century is not None and 0 < (number := int(century["number"])) <= 21:
            self.note("approximate dates, read as the first possible day")
            if century["before"]:
                return _early(1 - 100 * number, 1, 1, text)
            return date(100 * number - 99, 1, 1)
        season = SEASON.match(bare)
        if season is not None:
            self.note("approximate dates, read as the first possible day")
            return _date(int(season["year"]), first_month(season["season"]), 1, text)
        decade = re.fullmatch(r"(\d{3})0['’]?s|(\d{3})[Xx]|(\d{4})(?:-[Xx]{2}){1,2}", bare)
        if decade is not None:
            bare = decade[3] or f"{decade[1] or decade[2]}0"
        elif bare == text or (not bare):
            return None
        found = self._whole(bare) or self._early(bare)
        if found is None:
            return None
        self.note("approximate dates, read as the first possible day")
        if part in ("mid", "late", "end of") and re.fullmatch(r"\d{4}", bare):
            return date(found.year, 5 if part == "mid" else 9, 1)
        return found


def _shown(text: str) -> str:
    return repr(text[:40])


def _first_name(value: Mapping[Any, Any]) -> str:
    return f"date.{next(iter(value), '...')}"


def _not_a_date(text: str) -> InputError:
    why = why_not_read(text)
    if why is not None:
        return InputError(f"not a supported date: {_shown(text)} {why}", field="date")
    return InputError(
        f"not a date: {text[:40]!r}; write 2016-07-11 or 2016-07-11T18:30:00+00:00, or give its format with date_format=...",
        field="date",
    )


def _early(year: int, month: int, day: int, text: str) -> EarlyDate:
    try:
        return EarlyDate(year, month, day)
    except ValueError as error:
        raise InputError(f"not a date: {_shown(text)}: {error}", field="date") from None


def _date(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise InputError(f"not a date: {_shown(text)}: {error}", field="date") from None
