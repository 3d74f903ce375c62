"""The words of dates: months in many languages, abbreviations of time zones, and placeholders for a missing date."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache

from relatedness.dates import find_zone
from relatedness.errors import InputError
from relatedness.sources._words import word_list

_MONTHS = {name: number for number, names in enumerate(word_list("months"), 1) for name in names.split()}
# Abbreviations defined by RFC 2822, and unambiguous ones. Others such as IST and BST stand for several zones.
_ZONES = {
    "utc": 0, "gmt": 0, "z": 0, "ut": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8,
    "pdt": -7, "wet": 0, "west": 1, "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "jst": 9,
    "kst": 9, "aest": 10, "aedt": 11, "akst": -9, "akdt": -8, "hst": -10, "nzst": 12, "nzdt": 13,
}  # fmt: skip
_PLACES = {
    "et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles",
}  # fmt: skip
"""Abbreviations that the press of the United States uses both in summer and in winter."""
_SEVERAL = frozenset({"ist", "bst", "ast", "sst", "gst", "pst8", "adt", "ect"})
ZONE_NAMES = sorted(name.upper() for name in (*_ZONES, *_PLACES, *_SEVERAL))
"""The abbreviations of zones, as they are written."""


def month_of(name: str) -> int | None:
    """The number of the month that a word names; None if it names none, or different ones in two languages."""
    word = name.rstrip(".").lower()
    # In Hebrew "in" is a prefix of the month: 4 במרץ 2021.
    return _MONTHS.get(word) or (months := _foreign_months()).get(word) or months.get(word.removeprefix("ב"))


# The languages whose month names are recognised.
_LANGUAGES = (
    "ar ar_SY bg bn ca cs da de el es et eu fa fi fr ga gl he hi hr hu hy id is it ka lt lv mk mr ms nb nl nn pl pt ro ru sk sl "
    "sq sr sv ta te th tr uk ur vi"
)


@cache
def _foreign_months() -> dict[str, int]:
    """The month names in other languages, without names that mean different months in two of them."""
    try:
        from babel import Locale
    except ImportError:
        return {}
    known: dict[str, set[int]] = {}
    for language in _LANGUAGES.split():
        for forms in Locale.parse(language).months.values():
            for width in ("wide", "abbreviated"):
                for number, name in forms[width].items():
                    known.setdefault(name.rstrip(".").lower(), set()).add(number)
    return {name: months.pop() for name, months in known.items() if len(months) == 1 and not name.isdigit()}


_SEASONS = {
    1: "winter hiver invierno inverno",
    3: "spring frühling frühjahr printemps primavera",
    6: "summer sommer été verano estate verão",
    9: "autumn fall herbst automne otoño autunno outono",
}
_FIRST_MONTHS = {name: month for month, names in _SEASONS.items() for name in names.split()}
SEASON = re.compile(
    rf"(?P<season>{'|'.join(_FIRST_MONTHS)})(?:\s+of|,)?\s+(?P<year>\d{{4}})\Z", re.IGNORECASE
)
"""Matches a season and a year."""


def first_month(season: str) -> int:
    """The month in which a season of `SEASON` begins; winter means the beginning of the year, as in magazine issues."""
    return _FIRST_MONTHS[season.lower()]


ISLAMIC_MONTHS = re.compile(
    r"\b(?:muharram|safar|rabi.?(?: al|['’] ?al| ul|-ul|-al| i)|jumad|rajab|sha.?ban|ramadan|ramazan|shaww?al|dhu.?l|zul.?[hqk])"
    "|محرم|صفر|ربيع|جمادى|رجب|شعبان|رمضان|شوال|ذو ال|ذي ال",
    re.IGNORECASE,
)
"""Finds a month of the Islamic calendar in a date."""

_UNKNOWN = frozenset(word_list("no_days"))
# The zero dates of .NET, Go, Java and PHP.
_NO_DATE = re.compile(
    r"0001-01-01(?:[T ]00:00(?::00(?:\.0+)?)?\s*(?:Z|[+-]00:?00|UTC)?)?\Z|0?1/0?1/0001\b|\\?/Date\(-62135596800000\b|"
    r"(?:\w{3}, )?30 Nov -0001\b|-0001-11-30[T ]00:00:00"
)


def stands_for_none(text: str) -> bool:
    """Whether a text is a placeholder for a missing date.

    Examples
    --------
    >>> stands_for_none("TBD"), stands_for_none("0001-01-01T00:00:00Z"), stands_for_none("soon")
    (True, True, False)
    """
    return text.strip().lower().strip(".") in _UNKNOWN or _NO_DATE.match(text.strip()) is not None


def zone_named(zone: str, own: tzinfo | None, shown: str) -> tzinfo | None:
    """The zone of an offset, an abbreviation or an IANA name; None for an offset of a day or more.

    Parameters
    ----------
    own : tzinfo, optional
        The caller's zone, which is used if an ambiguous abbreviation may mean it.
    shown : str
        The date, for the message.

    Raises
    ------
    InputError
        If the name is unknown or ambiguous.

    Examples
    --------
    >>> zone_named("GMT+2", None, ""), str(zone_named("ET", None, ""))
    (datetime.timezone(datetime.timedelta(seconds=7200)), 'America/New_York')
    """
    found = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?", zone, re.IGNORECASE)
    if found is not None:
        span = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        if span >= timedelta(days=1):
            return None
        return timezone(-span if found[1] == "-" else span)
    hours = _ZONES.get(zone.lower())
    if hours is not None:
        return timezone(timedelta(hours=hours)) if hours else UTC
    place = _PLACES.get(zone.lower(), zone)
    if "/" in place:
        try:
            return find_zone(place)
        except InputError as error:
            raise InputError(error.problem, field="date") from error
    if own is not None and zone.lower() in _SEVERAL:
        return own
    raise InputError(
        f"{shown} names the time zone {zone}, which is unknown or ambiguous: write an offset such as +01:00"
        + (", or give zone=..." if zone.lower() in _SEVERAL else ""),
        field="date",
    )
