"""Calendars (``.ics``) -> the records of events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from relatedness.errors import InputError, MissingExtraError
from relatedness.sources._columns import WantedColumns
from relatedness.sources._file import Item, SourceFile
from relatedness.sources._report import LeftOut


def read_calendar(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """The events and journals of a calendar; a recurring one counts once, at its first occurrence. Tasks, cancelled and private
    entries are left out.
    """
    try:
        from icalendar import Calendar
    except ImportError:
        raise MissingExtraError("reading .ics needs icalendar: pip install 'relatedness[tables]'") from None

    try:
        calendars = Calendar.from_ical(file.whole(), multiple=True)
    except (ValueError, KeyError, IndexError, OSError) as error:  # OSError: zones that are no file name
        raise InputError(f"is not a calendar: {error}", file=file.name) from error
    number = 0
    for calendar in calendars:
        for entry in calendar.walk():
            if entry.name not in ("VEVENT", "VJOURNAL", "VTODO"):
                continue
            number += 1
            record = _record(entry)
            shown = {name: str(value) for name, value in record.items()}
            reason = _hidden(entry)
            yield file.name, (None, number), record if reason is None else LeftOut(reason), shown


def _hidden(entry: Any) -> str | None:
    """Why an entry is not a public event; None if it is."""
    if entry.name == "VTODO":
        return "tasks"
    if (_text(entry, "STATUS") or "").upper() in ("CANCELLED", "DRAFT"):
        return "cancelled entries" if entry.name == "VEVENT" else "drafts"
    return "hidden" if (_text(entry, "CLASS") or "").upper() in ("PRIVATE", "CONFIDENTIAL") else None


def _record(entry: Any) -> dict[str, Any]:
    categories = entry.get("CATEGORIES")
    groups = categories if isinstance(categories, list) else [categories] if categories is not None else []
    start = _time(entry, "DTSTART")
    return {
        "id": _text(entry, "UID"),
        "date": start,
        "end": _last(start, _time(entry, "DTEND"), _time(entry, "DURATION")),
        "title": _text(entry, "SUMMARY"),
        "text": _text(entry, "DESCRIPTION"),
        "topics": [str(name) for group in groups for name in getattr(group, "cats", [group])],
        "url": _text(entry, "URL"),
        "location": _text(entry, "LOCATION"),
    }


def _last(start: Any, end: Any, duration: Any) -> Any:
    """The last day or moment of an event, from its end or its duration."""
    try:
        if end is None and isinstance(start, date) and isinstance(duration, timedelta):
            end = start + duration
        if isinstance(end, date) and not isinstance(end, datetime):
            end -= timedelta(days=1)  # for whole days, DTEND is the day after the last
    except OverflowError:
        return None
    return end


def _time(entry: Any, name: str) -> Any:
    """The day, moment or duration of a property; the first if it is repeated; otherwise its text."""
    value = entry.get(name)
    first = value[0] if isinstance(value, list) and value else value
    try:
        return None if first is None else first.dt
    except (ValueError, AttributeError):
        return str(first)


def _text(entry: Any, name: str) -> str | None:
    value = entry.get(name)
    return None if value is None else str(value)
