"""Resolves ambiguous column names: which of several columns a field is read from, given the other columns."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping

from relatedness.sources._names import folded, names_beside, words_of

Path = tuple[str, ...]
"""A name, of a nested one all parts."""


def is_plain(chosen: Mapping[str, list[Path]], spelled: Mapping[str, Path]) -> bool:
    """Whether the title column is sufficient by itself: columns for names of events are often empty."""
    names = {path: name for name, path in spelled.items()}
    return words_of(names.get(chosen["title"][0], ""))[-1:] != ["name"]


def settle(chosen: dict[str, list[Path]], free: Mapping[str, Path], given: set[str]) -> None:
    """Decide what the names alone leave open."""
    exact = free.get("dategmt")
    if exact is not None and "date" not in given:
        chosen["date"] = [exact]  # WordPress: the other one is by the site's clock
    # Joomla parts an article where its page shows "read more".
    opening, rest = free.get("introtext"), free.get("fulltext")
    if opening is not None and "text" not in given:
        chosen["text"] = [opening, *([rest] if rest is not None else [])]
    # Issue trackers use this name for titles, and may not export the longer text.
    summary = free.get("summary")
    if (
        chosen.get("text") == [summary]
        and "title" not in chosen
        and "text" not in given
        and len(_TRACKED & free.keys()) > 1
    ):
        chosen["title"] = chosen.pop("text")
    # Where there is a longer text beside it and nothing else for a title, a summary is the title (OSV, Jira), or a message
    # (Opsgenie).
    for name in ("summary", "message", "shortdescription", "briefdescription"):
        short = free.get(name)
        if (
            "title" not in chosen
            and "title" not in given
            and short is not None
            and chosen.get("text") != [short]
        ):
            chosen["title"] = [short]
    # Beside a title a subject is what the record is about (Dublin Core).
    subject = free.get("subject")
    if (
        subject is not None
        and not {"topics", "title"} & given
        and chosen.get("title") not in (None, [subject])
    ):
        chosen.setdefault("topics", [subject])
    # A day on which work is to begin stands beside one on which it is due; the record was made on another.
    made = next((free[name] for name in _MADE if name in free), None)
    start = free.get("startdate")
    if chosen.get("date") == [start] and made is not None and "duedate" in free and "date" not in given:
        chosen["date"] = [made]
    # Where a task was completed, its work began after it was written.
    begun = next((name for name, path in free.items() if chosen.get("date") == [path]), "")
    if begun in _WORK_BEGAN and made is not None and not _COMPLETED.isdisjoint(free) and "date" not in given:
        chosen["date"] = [made]
    # The day of the event itself comes before that on which somebody wrote it down.
    written = {free[name] for name in _WRITTEN if name in free}
    if "date" not in given and len(chosen.get("date", ())) == 1 and chosen["date"][0] in written:
        of_event = next((path for name, path in free.items() if _is_of_event(name, free)), None)
        if of_event is not None:
            chosen["date"] = [of_event]
    # A page about an event has a day of its own beside that of the event.
    if start is not None and "date" not in given and not _OF_CALENDARS.isdisjoint(free):
        chosen["date"] = [free.get("utcstartdate", start)]
    # In a post that shares a page, the description is that of the page.
    message = free.get("message")
    if message is not None and "text" not in given and {"description", "linktext"} <= free.keys():
        chosen["text"] = [message]
    categories = free.get("categories")
    if categories is not None and "topics" not in given and categories not in chosen.get("topics", ()):
        chosen.setdefault("topics", []).append(categories)


def is_before_written(path: Path, paths: Iterable[Path]) -> bool:
    """Whether a name is that of the day of an event, beside one for the day on which somebody wrote it down.

    Examples
    --------
    >>> is_before_written(("Incident date",), [("Published",), ("Incident date",)])
    True
    >>> is_before_written(("Incident date",), [("Incident date",), ("Updated",)])
    False
    """
    beside = {folded(other[-1]) for other in paths}
    return not beside.isdisjoint(_WRITTEN) and _is_of_event(folded(path[-1]), beside)


def _is_of_event(name: str, beside: Container[str]) -> bool:
    """Whether a name is that of the day of an event; one of a deed in public counts only beside that of a record."""
    return _OF_EVENT.match(name) is not None or (
        _OF_DEED.match(name) is not None and any(made in beside for made in _MADE)
    )


_MADE = names_beside("made")
_WRITTEN = (*_MADE, *names_beside("written"))
_OF_CALENDARS = frozenset(names_beside("calendars"))
_TRACKED = frozenset(names_beside("trackers"))
_WORK_BEGAN = frozenset(names_beside("work_began"))
_COMPLETED = frozenset(names_beside("completed"))
_HAPPENED = "|".join(names_beside("happened"))
_DONE = "|".join(names_beside("done_in_public"))
_OF_DEED = re.compile(rf"(?:(?:{_DONE})(?:date|on|at)|date(?:{_DONE}))\Z")
_OF_EVENT = re.compile(
    rf"(?:(?:{_HAPPENED})(?:start)?(?:date|datetime|time|at|day)|dateof(?:{_HAPPENED})|when\w*(?:happen|occur)\w*)\Z"
)
