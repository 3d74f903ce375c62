"""Dates as one language, calendar of eras or program spells them -> the same date in a form that `DateColumn` reads.

==============================  ==================================================================
Vietnamese, Hungarian, Baltic   ``ngày 4 tháng 3 năm 2021``, ``2021. március 4.``, ``2021 m. kovo 4 d.``
scripts with joined vowels      ``4 मार्च 2021``, ``4 มีนาคม 2564`` (the Buddhist year), ``4 במרץ 2021``
a word behind the year          ``4 марта 2021 г.``
eras of Japan and Taiwan        ``令和3年3月4日``, ``民國110年3月4日``
weeks                           ``Week 9, 2021``, ``KW 9/2021``
the month behind or cut         ``2021 March``, ``Mar-21``
programs                        ``/Date(1614849300000)/`` (.NET), ``04-MAR-21 09.15.00.000000 AM`` (Oracle),
                                ``2021-03-04T091500Z``, ``1.614849300E+09``
==============================  ==================================================================
"""

from __future__ import annotations

import re
from calendar import monthrange
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from relatedness.dates import Day, EarlyDate
from relatedness.sources._date_words import ISLAMIC_MONTHS, month_of

_BUDDHIST = 543  # years that the Thai calendar is ahead
_BUDDHIST_YEARS = range(2400, 2700)
QUARTER = re.compile(
    r"(?:(?P<year>\d{4})[\s-]?Q(?P<quarter>[1-4])|Q(?P<quarter2>[1-4])[\s/-]*(?P<year2>\d{4}))\Z",
    re.IGNORECASE,
)
"""Matches a quarter of a year."""
WEEK = re.compile(r"\d{4}-?W\d\d")
"""Matches a week of a year, as ISO 8601 writes it."""
THAI = re.compile("[\u0e00-\u0e7f]")
_ERAS = {
    "明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018, "民國": 1911, "民国": 1911,
}  # fmt: skip
_ERA_YEAR = re.compile(rf"(?:中華|中华)?({'|'.join(_ERAS)})\s*(元|\d{{1,3}})\s*年")
_NET = re.compile(r"\\?/Date\((-?\d{1,17})(?:[+-]\d{4})?\)\\?/\Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SCIENTIFIC = re.compile(r"\d\.(\d{5,18})[eE]\+?(\d{1,2})\Z")
_YEAR_MARK = re.compile(r"(?<=\d{4})\s*(?:г|р)(?:\.|ода|оку)?(?=[\s,]|\Z)")
_MARKS = re.compile("[\u200e\u200f\u202a-\u202e]")
_ARTICLE = re.compile(r"\b(?:the|den|el)\s+", re.IGNORECASE)
_VIETNAMESE = re.compile(r"(?:ngày\s+)?(\d{1,2})\s+tháng\s+(\d{1,2}),?\s+(?:năm\s+)?(\d{4})", re.IGNORECASE)
_YEAR_FIRST = re.compile(
    r"(\d{4})\s*(?:\.|m\.|\.\s?gada)?\s*(?P<name>[^\W\d_]{3,14}\.?)\s+(\d{1,2})(?:\.|\s*d\.)?(?=[\s,]|\Z)"
)
# Any word may stand between a day and a year. Many scripts join letters by combining marks, which are not letters.
_DAY_WORD_YEAR = re.compile(r"(\d{1,2})\s+(?P<name>[^\d\s,،]{2,20})[\s,،]+(?:พ\.?\s?ศ\.?\s*)?(\d{4})")
_MONTH_LAST = re.compile(r"(\d{4}),?\s+(?P<name>[^\W\d_]{3,14})\.?\Z")
_MONTH_AND_YY = re.compile(r"(?P<name>[^\W\d_]{3,14})\.?\s?[-'’]\s?(\d{2})\Z")
_WEEK = re.compile(
    r"(?:calendar\s+)?(?:week|wk|kw|w|semaine|semana|settimana|vecka|uge|uke)\.?\s*(\d{1,2})[\s,/-]+(?:of\s+)?(\d{4})\Z",
    re.IGNORECASE,
)
_YEAR_WEEK = re.compile(
    r"(\d{4})[\s,/-]+(?:week|wk|kw|semaine|semana|vecka|uge|uke)\.?\s*(\d{1,2})\Z", re.IGNORECASE
)
_BARE_CLOCK = re.compile(r"(?<=\d{4}-\d\d-\d\dT)(\d\d)(\d\d)(\d\d)?(?=\D|\Z)")
_DOTTED_CLOCK = re.compile(
    r"(?<=\d\s)(\d{1,2})\.(\d{2})\.(\d{2})(\.\d{1,9})?(?=\s?[AaPp][Mm]|\s*[+-]\d|\s*\Z)"
)
_FISCAL = re.compile(r"(?:FY|fiscal|financial year)\s?'?\d|fiscal year", re.IGNORECASE)


def spelled_plainly(text: str) -> str:
    """A date in a form that more readers know; the text itself where it is in none of the forms that are known here.

    Examples
    --------
    >>> spelled_plainly("ngày 4 tháng 3 năm 2021"), spelled_plainly("令和3年3月4日"), spelled_plainly("Week 9, 2021")
    ('2021-3-4', '2021年3月4日', '2021-W09')
    """
    text = _MARKS.sub("", text).strip()
    net = _NET.match(text)
    if net is not None:
        with suppress(OverflowError):
            return (_EPOCH + timedelta(milliseconds=int(net[1]))).isoformat()
    exact = _SCIENTIFIC.match(text)
    if exact is not None and len(exact[1]) >= int(exact[2]):  # no digit of it was rounded away
        return str(int(float(text)))
    text = _ERA_YEAR.sub(lambda era: f"{_ERAS[era[1]] + (1 if era[2] == '元' else int(era[2]))}年", text)
    text = _ARTICLE.sub("", _YEAR_MARK.sub("", text))
    text = _VIETNAMESE.sub(r"\3-\2-\1", text)
    text = _BARE_CLOCK.sub(lambda clock: ":".join(part for part in clock.groups() if part), text)
    text = _DOTTED_CLOCK.sub(lambda clock: f"{clock[1]}:{clock[2]}:{clock[3]}{clock[4] or ''}", text)
    for form, year, day in ((_YEAR_FIRST, 1, 3), (_DAY_WORD_YEAR, 3, 1)):
        found = form.search(text)
        if found is not None and (month := month_of(found["name"])):
            number = int(found[year])
            if THAI.search(found[0]) and number in _BUDDHIST_YEARS:
                number -= _BUDDHIST
            return f"{text[: found.start()]}{number}-{month}-{found[day]}{text[found.end() :]}"
    found = _MONTH_LAST.match(text)
    if found is not None and (month := month_of(found["name"])):
        return f"{found[1]}-{month}"
    found = _MONTH_AND_YY.match(text)
    if found is not None and (month := month_of(found["name"])):
        return f"{month}/{full_year(found[2])}"
    for form, year, week in ((_WEEK, 2, 1), (_YEAR_WEEK, 1, 2)):
        found = form.match(text)
        if found is not None:
            return f"{found[year]}-W{int(found[week]):02}"
    return text


def full_year(digits: str) -> int:
    """A year; of two digits as POSIX reads them."""
    number = int(digits)
    return number if len(digits) > 2 else number + (1900 if number > 68 else 2000)


def why_not_read(text: str) -> str | None:
    """Why a date of a calendar or a year that people know is not read, and what to write; None for all others.

    Examples
    --------
    >>> why_not_read("FY2015 Q1")
    "names a fiscal year, whose first day differs from firm to firm: write the day, or the calendar's quarter (2016-Q1)"
    """
    if _FISCAL.match(text):
        return "names a fiscal year, whose first day differs from firm to firm: write the day, or the calendar's quarter (2016-Q1)"
    if ISLAMIC_MONTHS.search(text):
        return "names a month of the Islamic calendar, which is not read: write the day of the Gregorian one (2016-07-11)"
    return None


def text_of_parts(value: list[Any] | tuple[Any, ...]) -> str | None:
    """A day as CSL and Crossref write it: ``[[2021, 3, 4]]``."""
    inner = value[0] if value and isinstance(value[0], list) else value
    if not 0 < len(inner) <= 3 or not all(re.fullmatch(r"\d{1,4}", str(part)) for part in inner):
        return None
    return "-".join(str(part).zfill(4 if at == 0 else 2) for at, part in enumerate(inner))


_A_YEAR = re.compile(r"\d{3,4}(?:-00-00)?")
_A_MONTH = re.compile(r"\d{4}[-/]\d{1,2}|\d{1,2}/\d{4}|\d{6}|(?P<name>[^\W\d_]{3,14}\.?),?[\s/-]+\d{4}")


def last_day_of(text: str, found: Day) -> Day:
    """The last day that an end means: that of its year, quarter, month or week where it names no day."""
    if isinstance(found, EarlyDate):
        return found
    if _A_YEAR.fullmatch(text):
        return date(found.year, 12, 31)
    if WEEK.fullmatch(text):
        return found + timedelta(days=6)
    quarter = 2 if QUARTER.match(text) else 0
    month_only = _A_MONTH.fullmatch(text)
    if quarter or (month_only is not None and (month_only["name"] is None or month_of(month_only["name"]))):
        month = found.month + quarter
        return date(found.year, month, monthrange(found.year, month)[1])
    return found
