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
- The ``Cover Image`` among the sources is no source: it is `Page.cover`.
- ``Topics:`` are those that were found for the event, each with its page where it has one. The event's own
  (``#####``) are what the archive supplies.
- The versions of one event share a group, the path of the first version.
- Contexts are parted by a comma and a space. `write_page` writes a comma inside a name as ``&#44;``. Pages
  of other makers do not, so a name such as ``Paris, Texas`` comes back from them as two; only a part that
  cannot stand alone (``D.C.``, ``Jr.``) is joined to the one before it.
- The comment line holds what the shape has no place for, so that `read_page` gives back the same event.
  Pages of other makers need none.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from html import unescape
from html.entities import html5
from typing import TypeVar
from urllib.parse import quote, unquote

from relatedness.errors import InputError
from relatedness.events import Event, Source

FORMATS = ("html", "json", "xml")
"""The endings of the other forms of a page."""

_COVER = "Cover Image"
_PINNED = " _Pinned_"
_SECTIONS = {
    "### Source:": "sources",
    "### Sources:": "sources",
    "### Changes:": "versions",
    "### Story:": "story",
    "### Related:": "related",
    "### Background:": "background",
    "### Follow-ups:": "follow_ups",
    "### Topics:": "contexts",
}
_META = ("id", "title", "category", "url", "language", "group")
_NOT_ALONE = frozenset({"D.C.", "Inc.", "Jr.", "Ltd.", "Sr."})

_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
# What Markdown or HTML would take for markup; an ampersand only where it begins a character reference.
_IN_TEXT = re.compile(r"[\[\]_*`~<>\\\r\n&]")
_IN_NAME = re.compile(r"[\[\]_*`~<>\\\r\n&,]")
_IN_LINK = re.compile(r"[\[\]()<>\\\r\n \t&]")
_ENTRY = re.compile(r"\d{1,9}\.(?=[ \t]|\Z)", re.ASCII)
_SITE = re.compile(r"\Ahttps?://[^/]*")
_ENDING = re.compile(r"\.(?:html|json|md|xml)\Z")
_WEB_ADDRESS = re.compile(r"https?://|/", re.IGNORECASE)
_NOT_FIRST = re.compile(r"\A(?:[#+=|:-]|\d(?=\d*[.)]))", re.ASCII)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RelatedLink:
    """One line of a page's related list.

    Parameters
    ----------
    title : str
        The related event's title as the line shows it.
    path : str
        Its page, such as ``news/2016/07/11/slug``.
    contexts : tuple of str
        The names after ``Context:``, none of them empty.
    pinned : bool
        Whether an editor put it there.
    shared : tuple of str
        Where there are no contexts, the phrases and words after ``Shared:``.
    """

    title: str
    path: str
    contexts: tuple[str, ...] = ()
    pinned: bool = False
    shared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionLink:
    """One line of a page's ``Changes:`` list.

    Parameters
    ----------
    title : str
        The title that this version had.
    path : str
        Its page.
    state : str
        ``First version``, ``Update`` or ``Current version``.
    saved : datetime.datetime, optional
        When, by the clock of the site, which names no zone.
    """

    title: str
    path: str
    state: str
    saved: datetime | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A name and the page behind it.

    Parameters
    ----------
    title : str
        What the link shows.
    path : str
        Its page, such as ``topics/iraq/index``. Empty where it has none.
    """

    title: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """An event with everything its page shows around it.

    Parameters
    ----------
    path : str
        Where the page lies on its site, without the first slash and the ending. Empty when unknown.
    event : Event
        The event itself.
    related : tuple of RelatedLink
        The related list, best first.
    versions : tuple of VersionLink
        The ``Changes:`` list, oldest first.
    cover : str, optional
        The address of the cover image.
    background, follow_ups : tuple of RelatedLink
        The related events before and after this one, best first, where the page shows them apart.
    contexts : tuple of Link
        The topics of the event, each with its page where it has one.
    story : Link, optional
        The story that the event belongs to.
    """

    path: str
    event: Event
    related: tuple[RelatedLink, ...] = ()
    versions: tuple[VersionLink, ...] = ()
    cover: str | None = None
    background: tuple[RelatedLink, ...] = ()
    follow_ups: tuple[RelatedLink, ...] = ()
    contexts: tuple[Link, ...] = ()
    story: Link | None = None


@dataclass(frozen=True, slots=True)
class DayEntry:
    """One event of a day page.

    Parameters
    ----------
    title, path : str
        The event's title and its page.
    topics : tuple of str
        The headings above it.
    text : str
        The summary, where the page shows one.
    contexts : tuple of str
        The names after ``Context:``, where the page shows them.
    """

    title: str
    path: str
    topics: tuple[str, ...] = ()
    text: str = ""
    contexts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DayPage:
    """The index page of one day.

    Parameters
    ----------
    date : datetime.date
        The day.
    entries : tuple of DayEntry
        Its events, as the page orders them.
    previous, following : str, optional
        The paths of the days before and after, where the page links to them.
    """

    date: date
    entries: tuple[DayEntry, ...] = ()
    previous: str | None = None
    following: str | None = None


def read_page(text: str, *, path: str | None = None, zone: str | tzinfo | None = None) -> Page:
    r"""Read one event page.

    Parameters
    ----------
    text : str
        The Markdown of the page, of the shape that the module describes.
    path : str, optional
        Where the file lies below the root of the site, such as ``news/2016/07/11/slug.md``. Used when the
        page has no ``Formats:`` line: then the folder of its day and the name of the file make its path. A
        folder that was flattened (``news__2016__07__11__slug.md``) is understood.
    zone : str or tzinfo, optional
        The zone of a time that names none.

    Returns
    -------
    Page

    Raises
    ------
    InputError
        Naming the line and the field, if the text is no event page or its event is not valid.

    Examples
    --------
    >>> page = read_page('''### [2014-06-10](/news/2014/06/10/index.md)
    ...
    ... # Mosul falls to ISIL.
    ...
    ... ### Related:
    ...
    ... 1. [Iraq asks for help](/news/2014/06/12/iraq-asks.md) _Context: ISIL, Iraq_
    ... ''', path="news/2014/06/10/mosul-falls.md")
    >>> page.event.id, page.event.title
    ('news/2014/06/10/mosul-falls', 'Mosul falls to ISIL.')
    >>> page.related[0].contexts
    ('ISIL', 'Iraq')
    """
    parts = _split(text)
    head = _Head()
    _each(parts["head"], head.read)
    if head.day is None:
        raise InputError("is no event page: it has no day, such as ### [2016-07-11](/news/...)", field="date")
    if head.title is None:
        raise InputError("is no event page: it has no title, such as # Mosul falls to ISIL.", field="title")
    sources: list[Source] = []
    cover = None
    for label, source in _each(parts["sources"], _read_source):
        if label == _COVER and source.url and cover is None:
            cover = source.url
        else:
            sources.append(source)
    versions = tuple(_each(parts["versions"], _read_version))
    related, background, follow_ups = (
        tuple(_each(parts[name], _read_related)) for name in ("related", "background", "follow_ups")
    )
    contexts = tuple(_each(parts["contexts"], _read_name))
    stories = _each(parts["story"], _read_name)

    html = head.formats.get("HTML")
    if head.formats:
        place = _read_path(html or next(iter(head.formats.values())))
    elif path:
        place = posixpath.join(head.folder, posixpath.basename(path.replace("__", "/")).removesuffix(".md"))
    else:
        place = ""
    record: dict[str, object] = {
        "id": place,
        "date": head.day,
        "title": head.title,
        "text": _plain("\n".join(line for _, line in parts["body"]).strip("\n")),
        "topics": head.topics,
        "sources": sources,
        "url": None if html is None else _plain(html),
        "group": _group(versions),
    }
    if "title" in head.meta:  # it has no title of its own, and the page shows its text in that place
        record["text"] = head.title
    event = Event.make(record | head.meta, zone=zone)
    story = stories[0] if stories else None
    return Page(place, event, related, versions, cover, background, follow_ups, contexts, story)


def write_page(page: Page, formats: Sequence[str] = FORMATS) -> str:
    """Write an event page; `read_page` of the answer gives an equal page.

    Titles, names and addresses come out as text whatever they hold: what Markdown or HTML would take for
    markup is written as character references, and only ``http``, ``https`` and site addresses become links.

    Parameters
    ----------
    page : Page
        Its event as `Event.make` gives it, its path not empty.
    formats : sequence of str
        The endings of the other forms that the page has, for its ``Formats:`` line. Without any there is no such
        line, and `read_page` must be told the path.

    Returns
    -------
    str
        Markdown, ending with a newline.

    Examples
    --------
    >>> from datetime import date
    >>> event = Event("mosul", date(2014, 6, 10), title="[Live] Mosul falls", category="Conflict")
    >>> print(write_page(Page("2014/mosul", event)))
    Formats: [HTML](/2014/mosul.html)  [JSON](/2014/mosul.json)  [XML](/2014/mosul.xml)
    <BLANKLINE>
    <!-- event: {"id": "mosul", "category": "Conflict", "url": null} -->
    <BLANKLINE>
    ### [2014-06-10](/2014/index.md)
    <BLANKLINE>
    # &#91;Live&#93; Mosul falls
    <BLANKLINE>
    """
    event = page.event
    address = "/" + quote(page.path)
    titled = bool(event.title.strip())
    shown: dict[str, object] = {
        "id": page.path if formats else None,
        "url": f"{address}.html" if "html" in formats else None,
        "group": _group(page.versions),
        "title": event.title if titled else None,
    }
    parts = _write_formats(page.path, formats)
    meta = {name: getattr(event, name) for name in _META if getattr(event, name) != shown.get(name)}
    if meta:
        # No "<", ">", "&" or "--" may stand in a comment: JSON has its own way to write them.
        packed = re.sub(r"[<>&]|-(?=-)", lambda match: f"\\u{ord(match[0]):04x}", json.dumps(meta))
        parts.append(f"<!-- event: {packed} -->")
    parts.append(f"### [{event.date.isoformat()}]({posixpath.dirname(address).rstrip('/')}/index.md)")
    topics = "".join(f"##### {_escape(topic)}\n" for topic in event.topics)
    parts.append(f"{topics}# {_escape(event.headline)}")
    if titled and event.text:
        parts.append(_escape_body(event.text))

    sources = [
        _write_source(_escape(s.name).replace(_COVER, "Cover&#32;Image"), s.url) for s in event.sources
    ]
    if page.cover:
        sources.append(_write_source(_COVER, page.cover))
    versions = [
        f"{number}. [{_escape(v.title)}](/{quote(v.path)}.md) _{_write_state(v)}_"
        for number, v in enumerate(page.versions, 1)
    ]
    for name, entries in (
        ("Sources", sources),
        ("Changes", versions),
        ("Story", [_write_name(page.story)] if page.story else []),
        ("Related", _write_related(page.related)),
        ("Background", _write_related(page.background)),
        ("Follow-ups", _write_related(page.follow_ups)),
        ("Topics", [_write_name(topic) for topic in page.contexts]),
    ):
        if entries:
            parts.append(f"### {name}:\n\n" + "\n".join(entries))
    return "\n\n".join(parts) + "\n"


def write_day(day: DayPage, path: str, formats: Sequence[str] = FORMATS) -> str:
    """Write the index page of a day; `read_day` of the answer gives an equal page.

    Parameters
    ----------
    day : DayPage
        The text of each entry is one line: runs of white space in it are written as one blank.
    path : str
        Where the page itself lies, such as ``news/2016/07/11/index``.
    formats : sequence of str
        As for `write_page`.

    Returns
    -------
    str
        Markdown, ending with a newline.

    Examples
    --------
    >>> from datetime import date
    >>> entry = DayEntry("Mosul falls to ISIL.", "news/2014/06/10/mosul-falls", contexts=("ISIL", "Mosul"))
    >>> print(write_day(DayPage(date(2014, 6, 10), (entry,)), "news/2014/06/10/index"))
    Formats: [HTML](/news/2014/06/10/index.html)  [JSON](/news/2014/06/10/index.json)  [XML](/news/2014/06/10/index.xml)
    <BLANKLINE>
    ## [2014-06-10](/news/2014/06/10/index.md)
    <BLANKLINE>
    ### [Mosul falls to ISIL.](/news/2014/06/10/mosul-falls.md)
    _Context: ISIL, Mosul_
    <BLANKLINE>
    """
    parts = [*_write_formats(path, formats), f"## [{day.date.isoformat()}](/{quote(path)}.md)"]
    for entry in day.entries:
        lines = [f"##### {_escape(topic)}" for topic in entry.topics]
        lines.append(f"### [{_escape(entry.title)}](/{quote(entry.path)}.md)")
        if entry.text:
            lines.append(_escape_body(" ".join(entry.text.split())))
        if entry.contexts:
            lines.append(_write_contexts(entry.contexts).strip())
        parts.append("\n".join(lines))
    for label, around in (("Previous", day.previous), ("Next", day.following)):
        if around is not None:
            parts.append(f"## [{label} Day...](/{quote(around)}.md)")
    return "\n\n".join(parts) + "\n"


def write_list(
    title: str,
    path: str,
    note: str,
    groups: Iterable[tuple[str, Iterable[RelatedLink]]],
    formats: Sequence[str] = FORMATS,
) -> str:
    """Write any other list of pages, such as the page of a topic.

    Parameters
    ----------
    title, path : str
        What the list is, and where it lies.
    note : str
        A sentence under the title; may be empty.
    groups : iterable of (str, iterable of RelatedLink)
        The headings, which may be empty, and what stands under each.
    formats : sequence of str
        As for `write_page`.

    Returns
    -------
    str
        Markdown, ending with a newline.
    """
    parts = [*_write_formats(path, formats), f"## [{_escape(title)}](/{quote(path)}.md)"]
    if note:
        parts.append(_escape_body(note))
    for heading, links in groups:
        lines = [f"##### {_escape(heading)}"] if heading else []
        parts.append("\n".join(lines + _write_related(links)))
    return "\n\n".join(parts) + "\n"


def read_day(text: str) -> DayPage:
    """Read the index page of a day.

    Parameters
    ----------
    text : str
        The Markdown: ``## [2018-02-17](...)``, then for each event its headings (``#####``), a linked title
        (``###``), and under it the summary or ``_Context: ..._`` where there are any.

    Returns
    -------
    DayPage

    Raises
    ------
    InputError
        Naming the line, if the text is no day page.

    Examples
    --------
    >>> day = read_day('''## [2014-06-10](/news/2014/06/10/index.md)
    ...
    ... ##### Iraq
    ... ### [Mosul falls to ISIL.](/news/2014/06/10/mosul-falls.md)
    ... _Context: ISIL, Mosul_
    ... ''')
    >>> day.entries[0].path, day.entries[0].topics, day.entries[0].contexts
    ('news/2014/06/10/mosul-falls', ('Iraq',), ('ISIL', 'Mosul'))
    """
    days: list[date] = []
    around: dict[str, str] = {}
    topics: list[str] = []
    entries: list[DayEntry] = []

    def read(line: str) -> None:
        if line.startswith("## "):
            label, target, _ = _read_link(line[3:])
            if label.startswith(("Previous", "Next")):
                around[label[:4]] = _read_path(target)
                return
            try:
                days.append(date.fromisoformat(_read_day(label)))
            except ValueError:
                raise InputError(f"not a day: {label[:40]!r}; expected 2018-02-17", field="date") from None
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
            raise InputError("is no line of a day page: expected ## [2018-02-17](/news/2018/02/17/index.md)")

    _each(list(enumerate(_lines(text), 1)), read)
    if not days:
        raise InputError("is no day page: it has no ## [2018-02-17](/news/2018/02/17/index.md)", field="date")
    return DayPage(days[0], tuple(entries), around.get("Prev"), around.get("Next"))


class _Head:
    """What stands above the body of an event page."""

    def __init__(self) -> None:
        self.formats: dict[str, str] = {}
        self.meta: dict[str, object] = {}
        self.day: str | None = None
        self.folder = ""
        self.topics: list[str] = []
        self.title: str | None = None

    def read(self, line: str) -> None:
        if line.startswith("Formats:"):
            self.formats = dict(re.findall(r"\[([^\[\]]*)\]\(([^()\s]*)\)", line))
        elif line.startswith("<!-- event:") and line.endswith("-->"):
            self.meta = _read_meta(line[len("<!-- event:") : -len("-->")])
        elif line.startswith("### ") and self.day is None:
            label, target, _ = _read_link(line[4:])
            self.day, self.folder = _read_day(label), posixpath.dirname(_read_path(target))
        elif line.startswith("##### "):
            self.topics.append(_plain(line[6:].strip(" \t")))
        elif line == "#" or line.startswith("# "):
            self.title = _plain(line[1:].strip(" \t"))
        else:
            raise InputError(
                f"is no line of an event page: {line[:40]!r}; above the title stand only its formats, its day "
                "(### [2016-07-11](/news/2016/07/11/index.md)) and topics (##### ISIL)"
            )


def is_web_address(url: str) -> bool:
    """Whether an address may become a link: ``http``, ``https`` or one of the site; never ``javascript:``."""
    return _WEB_ADDRESS.match(url) is not None


def _lines(text: str) -> list[str]:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return [line.strip(" \t") for line in text.split("\n")]


def _split(text: str) -> dict[str, list[tuple[int, str]]]:
    """The numbered lines of each part of an event page; the title is the last of the head."""
    parts: dict[str, list[tuple[int, str]]] = {name: [] for name in ("head", "body", *_SECTIONS.values())}
    part = "head"
    for number, line in enumerate(_lines(text), 1):
        if part != "head" and line.startswith("### "):
            if line not in _SECTIONS:
                known = ", ".join(_SECTIONS)
                raise InputError(f"unknown section {line[:40]!r}: expected one of {known}", line=number)
            part = _SECTIONS[line]
            continue
        parts[part].append((number, line))
        if part == "head" and (line == "#" or line.startswith("# ")):
            part = "body"
    return parts


def _each(lines: list[tuple[int, str]], read: Callable[[str], T]) -> list[T]:
    """What `read` makes of every line that is not blank; its errors name the line."""
    found = []
    for number, line in lines:
        if line:
            try:
                found.append(read(line))
            except InputError as error:
                raise InputError(error.problem, line=number, field=error.field) from None
    return found


def _read_meta(text: str) -> dict[str, object]:
    try:
        meta = json.loads(text)
    except (ValueError, RecursionError):
        meta = None
    if not isinstance(meta, dict) or not meta.keys() <= set(_META):
        raise InputError(f"the comment line holds no JSON object with fields among {', '.join(_META)}")
    return meta


def _read_day(label: str) -> str:
    """The date of a heading; some archives write the day without its zero."""
    short = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", label, re.ASCII)
    return f"{short[1]}-{short[2]:0>2}-{short[3]:0>2}" if short else _plain(label)


def _read_link(text: str) -> tuple[str, str, str]:
    """``[label](target) _tail_`` -> its three parts as written; the tail may be absent."""
    # Titles of other makers may hold brackets: the last "](" is the link's. No regular expression here,
    # because a hostile line would make it go back and forth.
    end = text.rfind("](")
    rest = text[end + 2 :]
    if text.startswith("[") and end > 0:
        if rest.endswith(")"):
            return text[1:end].strip(" \t"), rest[:-1], ""
        target, mark, tail = rest.partition(") _")
        if mark and tail.endswith("_"):
            return text[1:end].strip(" \t"), target, tail[:-1]
    raise InputError(f"is no link: {text[:40]!r}; expected [title](/news/2016/07/11/slug.md)")


def _read_entry(line: str) -> str:
    entry = _ENTRY.match(line)
    if entry is None:
        raise InputError(f"is no numbered entry: {line[:40]!r}; expected 1. [title](address)")
    return line[entry.end() :].strip(" \t")


def _read_source(line: str) -> tuple[str, Source]:
    """The name as written, and the source. An address that is no web address stands as text, not as a link."""
    text = _read_entry(line)
    target = ""
    if text.startswith("["):
        label, target, tail = _read_link(text)
        if tail:
            raise InputError(f"expected nothing after the address, found {tail[:40]!r}", field="sources")
    else:
        label, mark, last = f" {text}".rpartition(" _")
        if mark and last.endswith("_"):
            target = last[:-1]
        else:
            label = text
    label = label.strip(" \t")
    return label, Source(_plain(label), _plain(target.strip(" \t")) or None)


def _read_version(line: str) -> VersionLink:
    label, target, tail = _read_link(_read_entry(line))
    saved, mark, state = tail.partition("(")
    saved = saved.strip(" \t")
    if not (mark and state.endswith(")")):
        raise InputError(f"expected a time and (Update) after the link, found {tail[:40]!r}", field="group")
    try:
        when = datetime.fromisoformat(saved) if saved else None
    except ValueError:
        raise InputError(f"not a time: {saved[:40]!r}; expected 2017-07-17 18:30:05", field="group") from None
    return VersionLink(_plain(label), _read_path(target), _plain(state[:-1]), when)


def _read_related(line: str) -> RelatedLink:
    entry = _read_entry(line)
    listed = entry.removesuffix(_PINNED)
    label, target, tail = _read_link(listed)
    if tail.startswith("Shared:"):
        shared = _read_contexts(tail.replace("Shared:", "Context:", 1))
        return RelatedLink(_plain(label), _read_path(target), (), listed != entry, shared)
    return RelatedLink(_plain(label), _read_path(target), _read_contexts(tail), listed != entry)


def _read_name(line: str) -> Link:
    text = _read_entry(line)
    if not text.startswith("["):
        return Link(_plain(text))
    label, target, _ = _read_link(text)
    return Link(_plain(label), _read_path(target))


def _read_contexts(tail: str) -> tuple[str, ...]:
    if not tail:
        return ()
    if not tail.startswith("Context:"):
        raise InputError(f"expected _Context: A, B_ after the link, found {tail[:40]!r}")
    names: list[str] = []
    for part in tail.removeprefix("Context:").split(", "):
        name = part.strip(" \t")
        if name in _NOT_ALONE and names:
            names[-1] += f", {name}"
        elif name:
            names.append(_plain(name))
    return tuple(names)


def _read_path(target: str) -> str:
    """``/news/2016/07/11/slug.md`` -> ``news/2016/07/11/slug``."""
    target = _SITE.sub("", _plain(target.strip(" \t")))
    path = unquote(_ENDING.sub("", target.removeprefix("/")))
    if "\x00" in path:
        raise InputError("an address holds a NUL character: remove it")
    return path


def _group(versions: tuple[VersionLink, ...]) -> str | None:
    return versions[0].path if versions else None


def _write_formats(path: str, formats: Sequence[str]) -> list[str]:
    links = "  ".join(f"[{name.upper()}](/{quote(path)}.{name})" for name in formats)
    return [f"Formats: {links}"] if links else []


def _write_name(link: Link) -> str:
    return f"1. [{_escape(link.title)}](/{quote(link.path)}.md)" if link.path else f"1. {_escape(link.title)}"


def _write_related(links: Iterable[RelatedLink]) -> list[str]:
    return [
        f"{number}. [{_escape(link.title)}](/{quote(link.path)}.md)"
        f"{_write_contexts(link.contexts) or _write_contexts(link.shared, 'Shared')}"
        f"{_PINNED if link.pinned else ''}"
        for number, link in enumerate(links, 1)
    ]


def _write_source(name: str, url: str | None) -> str:
    if not url:
        return f"1. {name}"
    if is_web_address(url):
        return f"1. [{name}]({_escape(url, _IN_LINK)})"
    return f"1. {name} _{_escape(url)}_"


def _write_state(version: VersionLink) -> str:
    state = f"({_escape(version.state)})"
    return state if version.saved is None else f"{version.saved.isoformat(' ')} {state}"


def _write_contexts(contexts: Iterable[str], label: str = "Context") -> str:
    names = [_reference(n[0]) + n[1:] if n in _NOT_ALONE else _escape(n, _IN_NAME) for n in contexts]
    return f" _{label}: {', '.join(names)}_" if names else ""


def _plain(text: str) -> str:
    """Character references -> the characters. Only whole ones: ``?a=1&copy=2`` is an address, not a ©."""
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    name = match[0][1:]
    return unescape(match[0]) if name.startswith("#") else html5.get(name, match[0])


def _reference(character: str) -> str:
    return f"&#{ord(character)};"


def _escape(text: str, special: re.Pattern[str] = _IN_TEXT) -> str:
    def escape(match: re.Match[str]) -> str:
        if match[0] == "&" and not _REFERENCE.match(match.string, match.start()):
            return "&"
        return _reference(match[0])

    # Trimming would lose blanks at the ends, and Markdown drops "#" at the end of a heading.
    core = text.lstrip(" \t")
    before = text[: len(text) - len(core)]
    inner = core.rstrip(" \t#")
    after = core[len(inner) :]
    return "".join(map(_reference, before)) + special.sub(escape, inner) + "".join(map(_reference, after))


def _escape_body(text: str) -> str:
    """Paragraphs stay paragraphs; what would begin a heading, list or rule at the start of a line does not."""
    inner = text.strip("\n")
    before = len(text) - len(text.lstrip("\n"))
    after = len(text) - len(inner) - before
    lines = [_NOT_FIRST.sub(lambda match: _reference(match[0]), _escape(line)) for line in inner.split("\n")]
    return _reference("\n") * before + "\n".join(lines) + _reference("\n") * after
