"""Index pages of days read back, to compare them with what was to be written."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html import unescape
from urllib.parse import unquote

from relatedness.sources import DayEntry, DayPage


def read_day(text: str) -> DayPage:
    """The day ``## [2018-02-17](...)``, then for each event its headings (``#####``), a linked title (``###``), and under it
    the summary or ``_Context: ..._`` where there are any."""
    days: list[date] = []
    around: dict[str, str] = {}
    topics: list[str] = []
    entries: list[DayEntry] = []
    for line in filter(None, (line.strip(" \t") for line in text.split("\n"))):
        if line.startswith("## "):
            label, path = _link(line[3:])
            if label.startswith(("Previous", "Next")):
                around[label[:4]] = path
            else:
                days.append(date(*map(int, label.split("-"))))
        elif line.startswith("##### "):
            topics.append(unescape(line[6:]))
        elif line.startswith("### "):
            entries.append(DayEntry(*_link(line[4:]), tuple(topics)))
            topics.clear()
        elif entries and line.startswith("_Context: ") and line.endswith("_"):
            names = line.removeprefix("_Context: ").removesuffix("_").split(", ")
            entries[-1] = replace(entries[-1], contexts=tuple(map(unescape, names)))
        elif entries:
            entries[-1] = replace(entries[-1], text=f"{entries[-1].text}\n{unescape(line)}".strip("\n"))
        else:
            assert line.startswith("Formats:"), f"not a line of a day page: {line}"
    (day,) = days
    return DayPage(day, tuple(entries), around.get("Prev"), around.get("Next"))


def _link(text: str) -> tuple[str, str]:
    """``[label](/news/2016/07/11/slug.md)`` -> the label, and the path without its ending."""
    label, _, target = text.rpartition("](")
    path = re.sub(r"\.(html|json|md|xml)\Z", "", target.removesuffix(")").removeprefix("/"))
    return unescape(label[1:].strip(" \t")), unquote(path)
