"""One page of a news archive <-> an `Event` with its related list: text in, text out.

The shape, in Markdown (parts in brackets may be absent)::

    [Formats: [HTML](/news/2016/07/11/slug.html)  [JSON](...)  [XML](...)]
    [<!-- event: {"category": "Sport"} -->]
    ### [2016-07-11](/news/2016/07/11/index.md)
    [##### A topic that the archive supplies]
    # The title
    [The summary]
    [### Sources:   1. [BBC](http://...)   1. [Cover Image](http://...)]
    [### Changes:   1. [Title](/news/...md) _2016-07-11 18:30:05 (First version)_]
    [### Story:     1. [Battle of Mosul](/stories/battle-of-mosul/index.md)]
    [### Related:   1. [Title](/news/...md) _Context: ISIL, Iraq_ _Pinned_]
    [### Background: and ### Follow-ups: as Related]
    [### Topics:    1. [Iraq](/topics/iraq/index.md)   1. Mosul]

Decisions where the shape leaves room:

- The path of a page is its address on the site without the first slash and the ending
  (``news/2016/07/11/slug``). It is the event's id unless the comment line says otherwise.
- The ``Cover Image`` in the list of sources is not a source but `Page.cover`.
- ``Topics:`` are those that were found for the event, each with its page where it has one. The event's own
  (``#####``) are what the archive supplies.
- The versions of one event share a group, the path of the first version.
- Contexts are parted by a comma and a space. `write_page` writes a comma inside a name as ``&#44;``. Pages written by other
programs do not, so a name such as ``Paris, Texas`` in them is read as two; only a part that
  cannot stand alone (``D.C.``, ``Jr.``) is joined to the one before it.
- The comment line holds the fields that the shape has no place for, so that `read_page` returns the same event. Pages written
by other programs need none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from relatedness.events import Event

COVER = "Cover Image"
PINNED = " _Pinned_"
META = ("id", "title", "category", "url", "language", "group")
"""The fields of an event that the comment line may hold."""
REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")


@dataclass(frozen=True, slots=True)
class RelatedLink:
    """One line of a page's related list.

    Examples
    --------
    >>> RelatedLink("Mosul falls", "news/2014/06/10/mosul-falls", ("Mosul", "Iraq")).contexts
    ('Mosul', 'Iraq')
    """

    title: str  # the related event's title as the line shows it
    path: str  # its page, such as ``news/2016/07/11/slug``
    contexts: tuple[str, ...] = ()  # the names after ``Context:``, none of them empty
    pinned: bool = False  # whether an editor pinned it
    shared: tuple[str, ...] = ()  # the phrases and words after ``Shared:``, which stand before the contexts


@dataclass(frozen=True, slots=True)
class VersionLink:
    """One line of a page's ``Changes:`` list."""

    title: str  # the title that this version had
    path: str  # its page
    state: str  # ``First version``, ``Update`` or ``Current version``
    saved: datetime | None = None  # when, by the clock of the site, which names no zone


@dataclass(frozen=True, slots=True)
class Link:
    """A title and the page that it links to.

    Examples
    --------
    >>> Link("Iraq", "topics/iraq/index").path
    'topics/iraq/index'
    """

    title: str  # the text of the link
    path: str = ""  # its page, such as ``topics/iraq/index``; empty if there is none


@dataclass(frozen=True, slots=True)
class Page:
    """An event with everything that its page shows around it.

    Examples
    --------
    >>> page = Page("news/2014/06/10/fall", Event("fall", date(2014, 6, 10), title="Mosul falls."))
    >>> page.event.title, page.related
    ('Mosul falls.', ())
    """

    path: str  # the path of the page on its site, without the leading slash and the ending; empty if unknown
    event: Event  # the event itself
    related: tuple[RelatedLink, ...] = ()  # the related list, best first
    versions: tuple[VersionLink, ...] = ()  # the ``Changes:`` list, oldest first
    cover: str | None = None  # the address of the cover image
    # The related events before and after this one, best first, if the page shows them separately.
    background: tuple[RelatedLink, ...] = ()
    follow_ups: tuple[RelatedLink, ...] = ()
    contexts: tuple[Link, ...] = ()  # the topics of the event, each with its page if it has one
    story: Link | None = None  # the story that the event belongs to
    # The events of the story before and after it. Markdown pages do not hold them.
    previous: Link | None = None
    following: Link | None = None


@dataclass(frozen=True, slots=True)
class DayEntry:
    """One event of a day page.

    Examples
    --------
    >>> DayEntry("Mosul falls.", "news/2014/06/10/fall", ("Iraqi Civil War",)).topics
    ('Iraqi Civil War',)
    """

    # The event's title and the path of its page.
    title: str
    path: str
    topics: tuple[str, ...] = ()  # the headings above it
    text: str = ""  # the summary, if the page shows one
    contexts: tuple[str, ...] = ()  # the names after ``Context:``, if the page shows them


@dataclass(frozen=True, slots=True)
class DayPage:
    """The index page of one day.

    Examples
    --------
    >>> DayPage(date(2014, 6, 10), (DayEntry("Mosul falls.", "news/2014/06/10/fall"),)).entries[0].title
    'Mosul falls.'
    """

    date: date  # the day
    entries: tuple[DayEntry, ...] = ()  # its events, in the order of the page
    # The paths of the days before and after, if the page links to them.
    previous: str | None = None
    following: str | None = None


def group_of(versions: tuple[VersionLink, ...]) -> str | None:
    """The group of the versions of one event: the path of the first."""
    return versions[0].path if versions else None
