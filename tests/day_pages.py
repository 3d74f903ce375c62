"""Index pages of days read back, to compare them with what was to be written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from relatedness.errors import InputError
from relatedness.sources import DayEntry, DayPage
from relatedness.sources._archive_reader import (
    _each,
    _lines,
    _plain,
    _read_contexts,
    _read_day,
    _read_link,
    _read_path,
)


def read_day(text: str) -> DayPage:
    """The day ``## [2018-02-17](...)``, then for each event its headings (``#####``), a linked title (``###``), and under it
    the summary or ``_Context: ..._`` where there are any."""
    days: list[date] = []
    around: dict[str, str] = {}
    topics: list[str] = []
    entries: list[DayEntry] = []

    def read(line: str) -> None:
        if line.startswith("## "):
            label, target, _ = _read_link(line[3:])
            if label.startswith(("Previous", "Next")):
                around[label[:4]] = _read_path(target)
            else:
                days.append(date.fromisoformat(_read_day(label)))
        elif line.startswith("##### "):
            topics.append(_plain(line[6:].strip(" \t")))
        elif line.startswith("### "):
            label, target, _ = _read_link(line[4:])
            entries.append(DayEntry(_plain(label), _read_path(target), tuple(topics)))
            topics.clear()
        elif entries and line.startswith("_Context:") and line.endswith("_"):
            entries[-1] = replace(entries[-1], contexts=_read_contexts(line[1:-1]))
        elif entries:
            entries[-1] = replace(entries[-1], text=f"{entries[-1].text}\n{_plain(line)}".strip("\n"))
        elif not line.startswith("Formats:"):
            raise InputError(f"not a line of a day page: {line}")

    _each(list(enumerate(_lines(text), 1)), read)
    (day,) = days
    return DayPage(day, tuple(entries), around.get("Prev"), around.get("Next"))
