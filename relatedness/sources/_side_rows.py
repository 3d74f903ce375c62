"""Rows of a table that are not records: totals, notes below it, repeated column names, units, lines of dashes, as in tables of
statistics offices and reports. They are left out and counted; a row that could be a record is kept, so that a record whose date
is missing is still reported.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from relatedness.sources._words import word_list

REPEATED = "repeated names of columns"
"""The description of a row that repeats the column names."""
_WORDS_OF_TOTALS = frozenset(word_list("totals"))
_OF = frozenset(
    ("of", "for", "in", "per", "by", "de", "del", "della", "du", "des", "der", "für", "pour", "por")
)
_IMPORTED = re.compile(r'\{"ImportId":')  # the third line of names in a table of Qualtrics
_MARKED = re.compile(
    r"#[a-z][\w]*(?:\s*\+\w+)*\Z"
)  # of the Humanitarian Exchange Language: #date, #event +name
_ANSWERS = frozenset(
    ("Response", "Open-Ended Response")
)  # the second line of names in a table of SurveyMonkey
_RULE = re.compile(r"[-=_+*~:.|#\s]+\Z")
_NOTE = re.compile(
    r"[*†‡§©]|\(c\)|\(?\d{1,2}\)\s|\d{1,9} rows? in set|\(\d{1,9} (?:rows?|records?)|\[\w\]\s|(?:copyright|last updated|n\.b\.|stand:?\s\d)|"
    r"(?:notes?|sources?|remarks?|footnotes?|quellen?|anmerkung(?:en)?|hinweise?|stand|fußnoten?|fuentes?|notas?|remarques?|fonti?|nota bene|"
    r"źródło|zdroj|kilde|källa|lähde|bron|примечани[ея]|источник|資料|注|来源|出典|출처)(?:\s?\d{1,2})?\s?[:：.]",
    re.IGNORECASE,
)
_LONGEST_UNIT = 20  # characters of a cell below the names that holds a unit
_UNIT = re.compile(
    r"\(?(?:utc|gmt|local|date|text|string|timestamp|datetime|yyyy.{0,20}|dd.?mm.{0,16}|mm.?dd.{0,16}|jjjj.{0,20}|tt.?mm.{0,10})\)?\Z",
    re.IGNORECASE,
)


_FEW = re.compile(r"\d{1,3}\Z")  # a number below the days of a column that counts them
_COUNT = re.compile(r"[(+-]?[$€£]?\s?\d[\d.,\s]*[%)]?\Z")


def _is_total(cell: str, *, is_title: bool, is_counted: bool) -> bool:
    """Whether a cell begins a row of totals; "Total eclipse seen from Lund" is the title of a record without its date."""
    begun = cell.split(":")[0].strip(" *").lower()
    if begun in _WORDS_OF_TOTALS:
        return True
    words = begun.split()
    return (
        words[:1] != []
        and words[0] in _WORDS_OF_TOTALS
        and (not is_title or (len(words) < 3 and is_counted) or (len(words) > 1 and words[1] in _OF))
    )


def is_aside(row: Sequence[Any], names: Sequence[str], date: int, words: frozenset[int]) -> str | None:
    """Why a row is no record; None if it may be one.

    Parameters
    ----------
    row : sequence
        Its cells.
    names : sequence of str
        The columns.
    date : int
        The position of the column of dates.
    words : frozenset of int
        The positions of the columns that hold title and text.

    Examples
    --------
    >>> names, words = ["date", "title", "cost"], frozenset([1])
    >>> is_aside(["Total", "", "12,5"], names, 0, words), is_aside(["Date", "Title", "Cost"], names, 0, words)
    ('rows of totals', 'repeated names of columns')
    >>> is_aside(["* provisional", "", ""], names, 0, words), is_aside(["", "A fire", ""], names, 0, words)
    ('notes beside the table', None)
    """
    cells = ["" if cell is None else str(cell).strip() for cell in row]
    filled = [position for position, cell in enumerate(cells) if cell]
    if not filled:
        return None
    first = cells[filled[0]]
    if len(filled) > 1 and [cell.lower() for cell in cells[: len(names)]] == [name.lower() for name in names]:
        return REPEATED
    if all(_RULE.match(cells[position]) for position in filled):
        return "lines of dashes"
    day = cells[date] if date < len(cells) else ""
    if (
        (not day or day == first or _FEW.match(day))
        and len(words.intersection(filled)) < 2
        and _is_total(
            first,
            is_title=filled[0] in words,
            is_counted=any(_COUNT.match(cells[position]) for position in filled[1:]),
        )
    ):
        return "rows of totals"
    if all(_IMPORTED.match(cells[position]) for position in filled):
        return "rows of units"
    if all(_MARKED.match(cells[position]) for position in filled):
        return "rows of marks for programs"
    if all(cells[position] in _ANSWERS for position in filled):
        return REPEATED
    if _UNIT.match(day) and not any(len(cells[position]) > _LONGEST_UNIT for position in filled):
        return "rows of units"
    # A row with only words is a record without a date, unless it says that it is a note.
    if len(filled) == 1 and len(names) > 1:
        is_day = any(mark.isdigit() for mark in day[:4])
        if _NOTE.match(first) or not (filled[0] in words or is_day):
            return "notes beside the table"
    return None
