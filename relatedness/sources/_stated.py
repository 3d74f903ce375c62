"""The day that a document without front matter states in its own words: records of decisions, minutes, reports.

==========================================  ==================================================
``Date: 2016-02-12``                        below the title, alone, in a list or a quotation
``**Decided on:** 12 February 2016``        with marks
``| Date | 2016-02-12 |``                   a row of a table
``## Date`` and ``2016-02-12`` below        a section of its own
``*12 February 2016*``                      alone and emphasized, in the first lines
==========================================  ==================================================
"""

from __future__ import annotations

import re
from datetime import tzinfo

from relatedness.dates import Day
from relatedness.sources._dialects import read_date
from relatedness.sources._words import any_word

_LINES = 40  # of a document, those in which it may state its day
_FIRST_LINES = 4  # that are not empty, where a line of its own may be the day
_HEADINGS = 4  # after which no day is sought
_LONGEST_LINE = 200  # characters of a line that states a day
_BEGINNING = 8192  # characters in which those lines are sought
_NAME = rf"(?:{any_word('stated_days')}|{any_word('before_date')}[ -]date|date {any_word('after_date')})(?: on| at)?"
_STATED = re.compile(
    rf"[\s>*\-+|_=]*{_NAME}[\s*_]*[:|][\s*_|`]*(?P<value>[^|]*?)[\s*_|`.\\]*\Z", re.IGNORECASE
)
_SECTION = re.compile(rf"(?:#+|=+)\s*{_NAME}[\s:]*\Z", re.IGNORECASE)
_ALONE = re.compile(r"(?P<mark>[*_]{1,3})(?P<value>[^*_]{6,40})(?P=mark)\Z")
_HEADING = re.compile(r"(?:#+|=+)\s")
_REMARK = re.compile(r"\s+(?:\(.*\)|by\s.*)\Z")


def stated_date(body: str, zone: str | tzinfo | None = None, form: str | None = None) -> Day | None:
    r"""The day that a document states near its beginning; None if it states none that can be read.

    Parameters
    ----------
    body : str
        Markdown, AsciiDoc or plain text.
    zone : str or tzinfo, optional
        Of times that name none.
    form : str, optional
        How dates are written; see `DateColumn`.

    Examples
    --------
    >>> stated_date("# 1. Record decisions\n\nDate: 2016-02-12\n\n## Status\n"), stated_date("Date: soon")
    (datetime.date(2016, 2, 12), None)
    """
    headings = lines = 0
    is_next = is_code = False
    for line in body[:_BEGINNING].split("\n")[:_LINES]:
        text = line.strip()
        is_code ^= text.startswith(("```", "~~~", "----"))
        if is_code or line.startswith(("    ", "\t")):
            continue
        if not text or len(text) > _LONGEST_LINE:
            continue
        lines += 1
        found = _STATED.match(text) or (_ALONE.match(text) if lines <= _FIRST_LINES else None)
        if found is not None or is_next:
            value = found["value"] if found is not None else text.strip("*_` ")
            day = _day(value, zone, form)
            if day is not None:
                return day
        is_next = _SECTION.match(text) is not None
        headings += _HEADING.match(text) is not None
        if headings > _HEADINGS:
            break
    return None


def _day(value: str, zone: str | tzinfo | None, form: str | None) -> Day | None:
    if not any(character.isdigit() for character in value):
        return None
    return read_date(value, zone, form) or read_date(_REMARK.sub("", value), zone, form)
