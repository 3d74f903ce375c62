"""The forms of dates that `DateColumn` knows, as patterns: days, clocks, ranges, eras and approximate dates."""

from __future__ import annotations

import re

from relatedness.sources._words import any_word

_CLOCK = (
    r"(?:(?:,?\s+(?:at\s+|@\s*)?|T|:)(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?(?:\s*Uhr\b)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\b\.?)?(?P<zone>\s*(?:Z|[+-]\d{2}:?\d{2}|(?(second)[+-]\d{2}\b|(?!))|(?:UTC|GMT)[+-]\d{1,2}(?::?\d{2})?|\(?[A-Za-z]{2,5}\)?"
    r"|\[?[A-Z][A-Za-z]+/[A-Za-z_/+-]+\]?))?)?"
)
_WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,?\s+)?"
_NAME = r"[^\W\d_]{3,14}\.?"
FORMS = [
    re.compile(pattern + _CLOCK + r"\s*\Z", re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
        r"(?P<first>\d{1,2})(?P<mark>[/.-])(?P<then>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})",
        _WEEKDAY
        + rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?[\s/-]+(?:of\s+|de\s+|di\s+)?(?P<name>{_NAME})"
        r"[\s/,-]+(?:de\s+|del\s+)?(?P<year>\d{4}|\d{2})",
        _WEEKDAY
        + rf"(?P<name>{_NAME})[\s-]+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,\s*|\s+|-)(?P<year>\d{{4}})",
        rf"(?P<year>\d{{4}})[\s/-](?P<name>{_NAME})[\s/-](?P<day>\d{{1,2}})",
        rf"(?P<name>{_NAME}),?[\s/-]+(?P<year>\d{{4}})",
        r"(?P<year>\d{4})[-/](?P<month>\d{1,2})",
        r"(?P<month>\d{1,2})/(?P<year>\d{4})",
        r"(?P<year>\d{4})",
    )
]
C_TIME = re.compile(
    rf"[^\W\d_]{{3,9}},?\s+(?P<name>{_NAME})\s+(?P<day>\d{{1,2}})\s+(?P<clock>\d{{1,2}}:\d{{2}}(?::\d{{2}})?)\s*"
    r"(?P<zone>[A-Z]{1,5}|[+-]\d{4})?\s+(?P<year>\d{4})(?:\s+(?P<zone2>[+-]\d{4}))?\Z"
)
MAIL = re.compile(
    r"[A-Z][a-z]{2}, (\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) ([+-]\d{4}|GMT|UTC)\Z", re.ASCII
)
NUMBER = re.compile(r"-?\d{1,20}(?:\.\d{1,12})?\Z", re.ASCII)
ABOUT = re.compile(
    rf"(?:{any_word('about')}(?:\b|(?=\d))\.?\s*|~\s*|(?P<part>{any_word('parts')})[\s-]+(?:the\s+)?)",
    re.IGNORECASE,
)
RANGE = re.compile(
    r"\s+(?:-|–|—|→|to|until|till|through)\s+|\s*(?:–|—|/)\s*(?=\d{4}-\d\d)|--|\.\.(?:\.)?", re.IGNORECASE
)
DAYS_OF_MONTH = re.compile(
    rf"(?:(?P<day>\d{{1,2}})\s*[-–]\s*(?P<last>\d{{1,2}})\s+(?P<name>{_NAME})"
    rf"|(?P<name2>{_NAME})\s+(?P<day2>\d{{1,2}})\s*[-–]\s*(?P<last2>\d{{1,2}})),?"
    r"\s+(?P<year>\d{4})\Z"
)
YEARS = re.compile(r"(?P<first>\d{4})\s*[-–—/]\s*(?P<last>\d{4})\Z")
ERA = re.compile(
    r"(?P<ad>AD|A\.D\.|CE)?\s*(?P<rest>\S.*?)\s*(?P<era>B\.?C\.?(?:E\.?)?|v\.\s?Chr\.?|av\.\s?J\.?-?C\.?|a\.\s?C\.|"
    r"A\.?D\.?|C\.?E\.?|n\.\s?Chr\.?|d\.\s?C\.)?\Z",
    re.IGNORECASE,
)
BEFORE = re.compile(
    r"-(?P<year>\d{1,6})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?(?:T00:00(?::00)?(?:\.0+)?Z?)?\Z", re.ASCII
)
CENTURY = re.compile(
    r"(?P<number>\d{1,2})(?:st|nd|rd|th)[\s-]+c(?:ent(?:ury|\.)|\.)?(?P<before>\s*B\.?C\.?(?:E\.?)?)?\Z",
    re.IGNORECASE,
)
