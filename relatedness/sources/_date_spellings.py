"""Dates in the spelling of a language, an era calendar or a program -> the same date in a form that `DateColumn` reads.

==============================  ==================================================================
Vietnamese, Hungarian, Baltic   ``ngày 4 tháng 3 năm 2021``, ``2021. március 4.``, ``2021 m. kovo 4 d.``
scripts with joined vowels      ``4 मार्च 2021``, ``4 มีนาคม 2564`` (the Buddhist year), ``4 במרץ 2021``
a word behind the year          ``4 марта 2021 г.``
eras of Japan and Taiwan        ``令和3年3月4日``, ``民國110年3月4日``
weeks                           ``Week 9, 2021``, ``KW 9/2021``
the month behind or cut         ``2021 March``, ``Mar-21``
a clock behind a word           ``4 mars 2021 à 07:45``, ``4 de março de 2021 às 07h45``, ``March 4, 2021 - 07:45``
a clock first                   ``07:45 4 March 2021``, ``07:45 EST, 4 March 2021``
words around                    ``Posted on 4 March 2021``, ``Thu, 03/04/2021``, ``2021-3-4 (Thursday)``
programs                        ``20210304_074500``, ``/Date(1614849300000)/`` (.NET), ``04-MAR-21 09.15.00.000000 AM`` (Oracle),
                                ``2021-03-04T091500Z``, ``1.614849300E+09``
==============================  ==================================================================
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from relatedness.dates import Day, EarlyDate
from relatedness.sources._date_words import ISLAMIC_MONTHS, ZONE_NAMES, month_of
from relatedness.sources._words import any_word

_BUDDHIST = 543  # years by which the Buddhist calendar is ahead
_BUDDHIST_YEARS = range(2400, 2700)  # years that are read as those of the Buddhist calendar
_PART = re.compile(
    r"(?:(?P<year>\d{4})[\s-]?(?P<kind>Q|H|S)(?P<number>[1-4])"
    r"|(?:(?P<kind2>Q|H|S)(?P<number2>[1-4])|(?P<number3>[1-4])(?P<kind3>Q|H))[\s,/-]*(?P<year2>\d{4}))\Z",
    re.IGNORECASE,
)
WEEK = re.compile(r"\d{4}-?W\d\d")
"""Matches a week of a year, as ISO 8601 writes it."""
THAI = re.compile("[\u0e00-\u0e7f]")
_ERAS = {
    "明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018, "民國": 1911, "民国": 1911,
}  # fmt: skip
_ERA_YEAR = re.compile(rf"(?:中華|中华)?({'|'.join(_ERAS)})\s*(元|\d{{1,3}})\s*年")
_NET = re.compile(r"\\?/Date\((-?\d{1,17})(?:[+-]\d{4})?\)\\?/\Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # what timestamps count from
_SCIENTIFIC = re.compile(r"\d\.(\d{5,18})[eE]\+?(\d{1,2})\Z")
_YEAR_MARK = re.compile(r"(?<=\d{4})\s*(?:г|р)(?:\.|ода|оку)?(?=[\s,]|\Z)")
_MARKS = re.compile("[\u200e\u200f\u202a-\u202e]")
_ARTICLE = re.compile(r"\b(?:the|den|el)\s+", re.IGNORECASE)
_VIETNAMESE = re.compile(r"(?:ngày\s+)?(\d{1,2})\s+tháng\s+(\d{1,2}),?\s+(?:năm\s+)?(\d{4})", re.IGNORECASE)
_YEAR_FIRST = re.compile(
    r"(\d{4})\s*(?:\.|m\.|\.\s?gada)?\s*(?P<name>[^\W\d_]{3,14}\.?)\s+(\d{1,2})(?:\.|\s*d\.)?(?=[\s,]|\Z)"
)
# Any word may separate a day and a year. Combining marks, which many scripts use, do not count as letters.
_DAY_WORD_YEAR = re.compile(r"(\d{1,2})\s+(?P<name>[^\d\s,،]{2,20})[\s,،]+(?:พ\.?\s?ศ\.?\s*)?(\d{4})")
_MONTH_LAST = re.compile(r"(\d{4}),?\s+(?P<name>[^\W\d_]{3,14})\.?\Z")
_MONTH_AND_YY = re.compile(r"(?P<name>[^\W\d_]{3,14})\.?\s?[-'’]\s?(\d{2})\Z")
_WEEK = re.compile(
    rf"(?:calendar\s+)?(?:{any_word('weeks')}|w)\.?\s*(\d{{1,2}})[\s,/-]+(?:of\s+)?(\d{{4}})\Z",
    re.IGNORECASE,
)
_YEAR_WEEK = re.compile(rf"(\d{{4}})[\s,/-]+{any_word('weeks')}\.?\s*(\d{{1,2}})\Z", re.IGNORECASE)
_BARE_CLOCK = re.compile(r"(?<=\d{4}-\d\d-\d\dT)(\d\d)(\d\d)(\d\d)?(?=\D|\Z)")
_DOTTED_CLOCK = re.compile(
    r"(?<=\d\s)(\d{1,2})\.(\d{2})\.(\d{2})(\.\d{1,9})?(?=\s?[AaPp][Mm]|\s*[+-]\d|\s*\Z)"
)
_ZONE_BEHIND_OFFSET = re.compile(r"(?<=\d|Z)\[[A-Za-z_]{2,20}(?:/[A-Za-z_+-]{2,30}){0,2}\]\Z")
_HALF_APART = re.compile(r"(?<=\d)\s*([ap])\.\s?m\.(?=\s|\Z)", re.IGNORECASE)
_HALF_FIRST = re.compile(
    r"\s*(?:(?P<am>上午|午前|凌晨|早上|오전)|下午|午後|晚上|오후)\s*(?P<hour>\d{1,2})\s*[:時时点點시]\s*(?P<minute>\d{1,2})?\s*[分분]?"
)
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_ROMAN_MONTH = re.compile(r"(\d{1,2})[./ -]\s?([IVX]{1,4})[./ -]\s?(\d{4})(?=\s|\Z)")
_CLOCK_FIRST = re.compile(
    r"\A(\D*)(\d{1,2}:\d\d(?::\d\d)?(?:\s?[ap]\.?m\.?)?"
    rf"(?:\s?(?:(?-i:{'|'.join(ZONE_NAMES)})|(?:UTC|GMT)?[+-]\d{{1,2}}(?::?\d\d)?)(?=[\s,]))?)"
    r",?\s+(?:on\s+)?([^\W_][^:+]*\d[^:+]*)\Z",
    re.IGNORECASE,
)
# The military date-time group: 140820Z MAY 2019.
_DATE_TIME_GROUP = re.compile(r"(\d\d)(\d\d)(\d\d)\s?Z\s?([A-Z]{3})\s?(\d{4}|\d\d)\Z", re.IGNORECASE)
_DOT_BEHIND_YEAR = re.compile(r"(?<=[^\W\d_]\s\d{4})\.(?=\s|,|\Z)")
_YEAR_GADA = re.compile(r"(\d{4})\.\s?gada\s(\d{1,2})\.\s?(?P<name>[^\W\d_]{3,14})")
_SEVERAL_SEASONS = re.compile(r"([^\W\d_]{4,10})\s?[/&-]\s?[^\W\d_]{4,10},?\s+(\d{4})\Z")
_FOOTNOTE = re.compile(r"(?<=\d)\s?(?:[*†‡§]{1,3}|[¹²³⁴]|\[[\da-z]\])\Z")
_SAID = re.compile(
    rf"\A{any_word('said')}(?:\s+on)?\s*:?\s+(?=\S*\d|[^\W\d_]{{3,12}}\.?,?\s+\d)",
    re.IGNORECASE,
)
_WORDS_BEFORE_ON = re.compile(
    r"[^\W\d_][^\d:]{1,60}\s(?:on|am|le|el)\s+(?=\d|[^\W\d_]{3,9}\.?\s\d)", re.IGNORECASE
)
_WEEKDAY_IN_BRACKETS = re.compile(r"(?<![:.]\d\d)(?<!m)\s*[(（][^\W\d_]{1,12}\.?[)）]", re.IGNORECASE)
_CLOCK_AT_BRACKET = re.compile(r"(?<=\d[)）])(?=\d{1,2}:\d\d)|(?<=[^\W\d_][)）])(?=\d{1,2}:\d\d)")
_EASTERN_CLOCK = re.compile(
    r"(?<=[\d日일])\s*(?<!\d)(\d{1,2})\s?[时時点點시]\s?(\d{1,2})\s?[分분](?:\s?(\d{1,2})\s?[秒초])?"
)
# As Org writes it: 2017-03-07 Tue 10:00.
_WEEKDAY_BEHIND = re.compile(
    r"(?<=\A\d{4}-\d\d-\d\d)\s+(?!(?:BCE?|CE|AD)\b)[^\W\d_]{2,3}\.?(?=\Z|\s+\d\d?:\d\d)", re.IGNORECASE
)
_WEEKDAY_FIRST = re.compile(r"\A[^\W\d_]{2,12}\.?,?\s+(?=\d{1,4}([/.-])\d{1,2}\1\d)")
_MARK_BEFORE_CLOCK = re.compile(
    r"(?<![:.]\d\d)\s+[-–|•·]\s+(?=\d{1,2}:\d\d(?::\d\d)?(?:\s*[ap]\.?m\.?)?(?:\s+[A-Z]{2,5})?\Z)",
    re.IGNORECASE,
)
_WORD_BEFORE_CLOCK = re.compile(
    rf"(?<=\d),?\s+{any_word('before_clocks')}\s+(?=\d{{1,2}}\s?[:.h]\s?\d\d)",
    re.IGNORECASE,
)
_APART_BY_LINE = re.compile(r"(\d{8})[_-](\d{4}(?:\d\d)?)\Z")
_OF_SAS = re.compile(r"(\d\d)([A-Z]{3})(\d{4}):(?=\d\d:\d\d)()", re.IGNORECASE)
_DIRECTORY = re.compile(r"(\d{8})(\d{6})(?:\.\d{1,6})?Z\Z")  # the form of LDAP and certificates
_SECOND_MARKED = re.compile(
    r"\A@(?=\d{9,10}(?:\.\d+)?\Z)"
)  # the notation of Unix tools for seconds since 1970
_SHORT_YEAR = re.compile(r"(?<=[^\W\d_])\.?,? ['’](\d{2})(?=\s|,|\Z)")
_HOURS = re.compile(r"(?<=\d{4}),? (?:at )?([01]\d|2[0-3])([0-5]\d)\s?(?:hrs?|hours|h)\.?\Z", re.IGNORECASE)
_CHANGED = re.compile(
    rf"\s*[(\[]{any_word('changed')}\b[^()\[\]]{{0,60}}[)\]]\Z",
    re.IGNORECASE,
)
_FISCAL = re.compile(r"(?:FY|fiscal|financial year)\s?'?\d|fiscal year", re.IGNORECASE)


def spelled_plainly(text: str) -> str:
    """A date in a common form; the text itself if it is in none of the forms handled here.

    Examples
    --------
    >>> spelled_plainly("ngày 4 tháng 3 năm 2021"), spelled_plainly("令和3年3月4日"), spelled_plainly("Week 9, 2021")
    ('2021-3-4', '2021年3月4日', '2021-W09')
    """
    text = _FOOTNOTE.sub("", _MARKS.sub("", text).strip())
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)  # full-width digits and punctuation
        text = _HALF_FIRST.sub(_clock_of_half, text)
        text = _EASTERN_CLOCK.sub(
            lambda clock: f" {':'.join(part.zfill(2) for part in clock.groups() if part)}", text
        )
    text = _CLOCK_FIRST.sub(r"\1\3 \2", text)
    text = _YEAR_GADA.sub(lambda day: f"{day[2]} {day['name']} {day[1]}", text)
    text = _ZONE_BEHIND_OFFSET.sub("", _DOT_BEHIND_YEAR.sub("", text))
    text = _HALF_APART.sub(lambda half: f" {half[1]}m", text)
    text = _ROMAN_MONTH.sub(_day_of_roman, text)
    text = _DATE_TIME_GROUP.sub(r"\1 \4 \5 \2:\3 Z", text)
    text = _SEVERAL_SEASONS.sub(r"\1 \2", text)
    text = _CLOCK_AT_BRACKET.sub(" ", text)
    text = _WEEKDAY_FIRST.sub(
        "", _WEEKDAY_IN_BRACKETS.sub("", _WORDS_BEFORE_ON.sub("", _SAID.sub("", text), count=1))
    )
    text = _WEEKDAY_BEHIND.sub("", text)
    text = _WORD_BEFORE_CLOCK.sub(" ", _MARK_BEFORE_CLOCK.sub(" ", text))
    text = _APART_BY_LINE.sub(r"\1T\2", text)
    text = _OF_SAS.sub(r"\1-\2-\3 \4", text)
    text = _DIRECTORY.sub(r"\1T\2Z", _SECOND_MARKED.sub("", text))
    text = _SHORT_YEAR.sub(lambda year: f" {full_year(year[1])}", text)
    text = _HOURS.sub(r" \1:\2", text)
    text = _CHANGED.sub("", text)
    net = _NET.match(text)
    if net is not None:
        with suppress(OverflowError):
            return (_EPOCH + timedelta(milliseconds=int(net[1]))).isoformat()
    exact = _SCIENTIFIC.match(text)
    if exact is not None and len(exact[1]) >= int(exact[2]):  # all digits are there: none was rounded away
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
            plain = f"{text[: found.start()]}{number}-{month}-{found[day]}{text[found.end() :]}"
            return _WEEKDAY_FIRST.sub("", plain)
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


def _clock_of_half(found: re.Match[str]) -> str:
    """A time with am or pm before the hour, as in China, Japan and Korea."""
    hour = int(found["hour"]) % 12 + (0 if found["am"] else 12)
    return f" {hour:02}:{int(found['minute'] or 0):02}"


def _day_of_roman(found: re.Match[str]) -> str:
    """A date whose month is a Roman numeral, as in Hungary, Poland and Russia."""
    name = found[2].lower()
    return f"{found[3]}-{_ROMAN.index(name) + 1}-{found[1]}" if name in _ROMAN else found[0]


class PartOfYear(NamedTuple):
    """A quarter or a half of a year."""

    year: int
    month: int
    months: int
    what: str


def part_of_year(text: str) -> PartOfYear | None:
    """The quarter or the half of a year that a text names.

    Examples
    --------
    >>> part_of_year("Q2 2016")[:3], part_of_year("2016-H2")[:3], part_of_year("H3 2016")
    ((2016, 4, 3), (2016, 7, 6), None)
    """
    found = _PART.match(text)
    if found is None:
        return None
    is_quarter = (found["kind"] or found["kind2"] or found["kind3"]).upper() == "Q"
    number = int(found["number"] or found["number2"] or found["number3"])
    months = 3 if is_quarter else 6
    if number * months > 12:
        return None
    year = int(found["year"] or found["year2"])
    return PartOfYear(
        year, (number - 1) * months + 1, months, "quarters" if is_quarter else "halves of years"
    )


def full_year(digits: str) -> int:
    """A full year; two digits are read as in POSIX."""
    number = int(digits)
    return number if len(digits) > 2 else number + (1900 if number > 68 else 2000)


def why_not_read(text: str) -> str | None:
    """Why a date in a known but unsupported calendar or year is not read, and what to write instead; None for other texts.

    Examples
    --------
    >>> why_not_read("FY2015 Q1")
    'names a fiscal year, whose first day differs between organisations: write the day, or the calendar quarter (2016-Q1)'
    """
    if _FISCAL.match(text):
        return "names a fiscal year, whose first day differs between organisations: write the day, or the calendar quarter (2016-Q1)"
    if ISLAMIC_MONTHS.search(text):
        return "names a month of the Islamic calendar, which is not supported: write the date in the Gregorian calendar (2016-07-11)"
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
    """The last day of an end date: that of its year, quarter, month or week if it names no day."""
    if isinstance(found, EarlyDate):
        return found
    if _A_YEAR.fullmatch(text):
        return date(found.year, 12, 31)
    if WEEK.fullmatch(text):
        return found + timedelta(days=6)
    part = part_of_year(text)
    more = part.months - 1 if part is not None else 0
    month_only = _A_MONTH.fullmatch(text)
    if more or (month_only is not None and (month_only["name"] is None or month_of(month_only["name"]))):
        month = found.month + more
        return date(found.year, month, monthrange(found.year, month)[1])
    return found
