"""Which columns hold the date and the words, where no name tells: seen by the cells of the first rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import islice
from math import inf
from typing import Any

from relatedness.arguments import plain
from relatedness.dates import seconds_of
from relatedness.errors import InputError
from relatedness.sources._cells import is_absent
from relatedness.sources._columns import WantedColumns, leaves, match
from relatedness.sources._dates import DateColumn, UndatedError, Undecided
from relatedness.sources._file import SourceFile
from relatedness.sources._names import is_month, is_other_day

_LOOKED_AT = 30  # the number of rows whose cells are looked at where names tell nothing
_LONG_TITLE = 25  # words
_WORDS_OF_A_PHRASE = 3  # the fewest that phrases have in lower case
_FEWEST_ROWS = 3  # that show which of several dates is the earliest
_WORDS_OF_A_HEADING = 14  # the most
_LONGER = 1.5  # how many times longer than the heading a text must be
_WORDS_OF_A_TITLE = 2.5  # the fewest words that titles have on average
_FEWEST_WORDS = 1.5  # where cells hold fewer on average, they are no titles
_LONGEST_DAY = 40  # characters of a cell that holds a date and no sentence
_ID = re.compile(r"[\w.:/-]{1,100}\Z")
_MONTH = re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])\Z")
_WITHOUT_BLANKS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\U0003ffff]"
)  # Thai, Lao, Burmese, Khmer, and East Asia


def looks_like(names: list[str], rows: list[list[str]], dates: DateColumn) -> dict[str, str]:
    """Guess columns by their cells: one with dates, one with the words."""
    scores: Counter[str] = Counter()
    lengths: Counter[str] = Counter()
    for row in rows:
        for name, cell in zip(names, row, strict=False):
            lengths[name] += len(cell) if " " in cell else 0
            if cell.strip().replace(".", "").isdigit():
                continue
            try:
                dates.read(cell)
                scores[name] += 1
            except InputError:
                continue
            except Undecided:
                scores[name] += 1
    guess = {}
    if scores and (best := scores.most_common(1)[0])[1] == len(rows) and best[0]:
        guess["date"] = best[0]
    words = next(
        (name for name, count in lengths.most_common() if count and name and name not in guess.values()), None
    )
    if words:
        guess["title"] = words
    return guess


def shown_by_cells(
    names: Sequence[str], rows: Iterable[Sequence[Any]], lacks: Sequence[str], *, is_named: bool = True
) -> dict[str, str] | None:
    """The columns that cells show to be the date and the words.

    Parameters
    ----------
    rows : iterable of sequence
        The first rows, a cell for each name.
    lacks : sequence of str
        What no name tells: ``date``, ``title``.
    is_named : bool
        Whether the table has names of columns.

    Returns
    -------
    dict or None
        Names to fields of an event; None unless they show all that lacks: of the date, that one column alone holds dates, or
        that one with a name holds the earliest in each of several rows, as an event comes before its report.

    Examples
    --------
    >>> rows = [["12", "07.03.17", "A fire in the harbour"], ["13", "08.03.17", "A flood"]]
    >>> shown_by_cells(["Nr.", "Meldetag", "Lage"], rows, ["date", "title"])
    {'Meldetag': 'date', 'Lage': 'title'}
    >>> shown_by_cells(["Alarm", "Ende"], [["2017-03-07", "2017-03-07"], ["2017-03-08", "2017-03-09"]] * 2, ["date"])
    {'Alarm': 'date'}
    >>> shown_by_cells(["Nr.", "Meldetag", "Lage"], [["12", "07.03.17", "ok"], ["13", "08.03.17", "ok"]], ["date", "title"])
    """
    columns = list(zip(*islice((row for row in rows if len(row) == len(names)), _LOOKED_AT), strict=True))
    shown: dict[str, str] = {}
    days = [
        name
        for name, cells in zip(names, columns, strict=False)
        if name and not is_other_day(name) and _are_days(cells, is_month=is_month(name))
    ]
    if "date" in lacks:
        day = _earliest({name: cells for name, cells in zip(names, columns, strict=False) if name in days})
        if day is None or (len(days) > 1 and (not is_named or len(columns[0]) < _FEWEST_ROWS)):
            return None
        shown[day] = "date"
    if "title" in lacks:
        lengths = {
            name: sum(map(words_in, cells)) / len(cells)
            for name, cells in zip(names, columns, strict=False)
            if name and name not in days
        }
        longest = max(lengths, key=lengths.__getitem__, default=None)
        if longest is None or lengths[longest] < _FEWEST_WORDS:
            return None
        shown[longest] = "title" if lengths[longest] < _LONG_TITLE else "text"
        phrases = [
            name
            for name, cells in zip(names, columns, strict=False)
            if _WORDS_OF_A_PHRASE <= lengths.get(name, 0) <= _WORDS_OF_A_HEADING
            and _LONGER * lengths[name] <= lengths[longest]
            and 1 < len(cells) == len({*map(str, cells)})
            and sum(lower_words_in(cell) for cell in cells if isinstance(cell, str)) > len(cells)
        ]
        if len(phrases) == 1:
            shown |= {longest: "text", phrases[0]: "title"}
    return shown


def _earliest(days: Mapping[str, Sequence[Any]]) -> str | None:
    """The only column of dates, or that with the earliest date in each row; None where it is not the same for all rows."""
    if len(days) < 2:
        return next(iter(days), None)
    read = {name: _seconds(cells) for name, cells in days.items()}
    first = min(read, key=lambda name: sum(read[name]))
    others = [cells for name, cells in read.items() if name != first]
    if any(day > min(row) for day, row in zip(read[first], zip(*others, strict=True), strict=True)):
        return None
    return None if read[first] in others else first


def _seconds(cells: Sequence[Any]) -> list[float]:
    """When dates were, as numbers to compare; the day comes first where nothing tells, and an empty cell is later than all."""
    dates = DateColumn()
    try:
        return [_instant(cell, dates) for cell in cells]
    except Undecided:
        dates.decide("day")
    return [_instant(cell, dates) for cell in cells]


def _instant(cell: Any, dates: DateColumn) -> float:
    if is_absent(cell):
        return inf
    try:
        return seconds_of(dates.read(plain(cell)))
    except InputError:
        return inf


def shown_without_names(names: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, str] | None:
    """The columns that cells show to be fields of an event, in a table without names of columns.

    Examples
    --------
    >>> rows = [["12", "2017-03-07", "A fire in the harbour"], ["13", "2017-03-08", "A flood in the harbour"]]
    >>> shown_without_names(["column 1", "column 2", "column 3"], rows)
    {'column 2': 'date', 'column 3': 'title', 'column 1': 'id'}
    """
    shown = shown_by_cells(names, rows, ["date", "title"], is_named=False)
    if shown is None:
        return None
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    words = {
        name: sum(map(words_in, cells)) / len(cells) for name, cells in columns.items() if name not in shown
    }
    second = max(words, key=words.__getitem__, default=None)
    if second is not None and words[second] >= _WORDS_OF_A_TITLE:
        # Two columns of words: the longer is the text.
        longest = next(name for name, ours in shown.items() if ours != "date")
        shown |= {longest: "text", second: "title"}
    for name, cells in columns.items():
        if name not in shown and all(cell.startswith(("http://", "https://")) for cell in cells):
            shown[name] = "url"
            break
    first = names[0]
    if first not in shown and len(set(columns[first])) == len(rows) and all(map(_ID.match, columns[first])):
        shown[first] = "id"
    return shown


def _are_days(cells: Sequence[Any], *, is_month: bool = False) -> bool:
    """Whether cells are dates, but for some that are empty, and no mere numbers, but months under a name that says so."""
    given = [cell for cell in cells if not is_absent(cell)]
    if 2 * len(given) < len(cells) or not given:
        return False
    dates = DateColumn()
    for cell in given:
        if isinstance(cell, date):
            continue
        text = cell.strip() if isinstance(cell, str) else ""
        if is_month and _MONTH.match(text):
            continue
        if not text or len(text) > _LONGEST_DAY or text.replace(".", "", 1).replace("-", "", 1).isdigit():
            return False
        try:
            dates.read(text)
        except InputError:
            return False
        except Undecided:
            continue
    return True


def words_in(cell: Any) -> float:
    """The number of words of a cell that could be a title; addresses and numbers do not count."""
    return 0 if not isinstance(cell, str) or "://" in cell or "@" in cell else _counted(cell, str.isalpha)


def lower_words_in(cell: str) -> float:
    """The number of words of a cell that are written in lower case: names of people and places begin with capitals."""
    return 0 if "://" in cell[:12] else _counted(cell, lambda word: word.islower() and word.isalpha())


def _counted(cell: str, is_word: Callable[[str], bool]) -> float:
    if _WITHOUT_BLANKS.search(cell):
        return len(cell) / 2
    return sum(is_word(word.strip(".,;:()")) for word in cell.split())


def telling_columns(
    names: Sequence[str], wanted: WantedColumns, file: SourceFile
) -> tuple[int, frozenset[int]]:
    """The position of the column of dates (0 where none is known), and those of the columns of words."""
    found = match([(name,) for name in names], wanted)
    told = {ours: [path[0] for path in paths] for ours, paths in found.items()}
    for name, ours in file.by_cells.items():
        told.setdefault(ours, []).append(name)
    words = frozenset(names.index(name) for ours in ("title", "text") for name in told.get(ours, ()))
    return names.index(told["date"][0]) if told.get("date") else 0, words


def lacking(what: str, record: Mapping[Any, Any]) -> InputError:
    """The message for a record without a field for the date or the words: its fields, and the option to type."""
    kind = UndatedError if what == "date" else InputError
    cells = {".".join(path): value for path, value in leaves(record)}
    names = ", ".join(name[:40] for name in list(cells)[:20])
    if not names:
        return kind("is missing: every event needs a date and words, and this record is empty", field=what)
    shown = [str(value) if isinstance(value, str | int | float) else "" for value in cells.values()]
    guess = looks_like(list(cells), [shown], DateColumn()).get(what)
    needed = (
        "is missing: every event needs a date"
        if what == "date"
        else "is missing: every event needs words (title or text)"
    )
    return kind(
        f"{needed}; the record has {names}; if one of them holds it, map its name: fields={{{guess or 'NAME'!r}: {what!r}}}",
        field=what,
    )
