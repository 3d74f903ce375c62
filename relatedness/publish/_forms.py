"""Lists and events as Markdown, JSON and XML for programs, and the escaping of text in them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import orjson

from relatedness.events import Event, EventId
from relatedness.publish._layout import EventEntry, ListPage
from relatedness.publish._paths import day_of
from relatedness.sources import (
    DayEntry,
    DayPage,
    Page,
    RelatedLink,
    is_web_address,
    write_day,
    write_list,
    write_page,
)

# Characters not allowed in XML 1.0 or HTML: control characters except tab and line ends, and non-characters.
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_NOT_IN_ADDRESS = re.compile(r"%(?![0-9A-Fa-f]{2})|[^!#$%&'()*+,\-./0-9:;=?@A-Z_a-z~]")


@dataclass(slots=True)
class Line:
    """One line of a list of any kind."""

    title: str
    path: str
    day: str = ""
    contexts: Sequence[str] = ()
    headings: Sequence[str] = ()
    text: str = ""
    events: int | None = None
    note: str = ""

    @classmethod
    def of(cls, item: Any, page: ListPage, events: Mapping[EventId, Event] | None) -> Line:
        """The line of an item of a list."""
        if not isinstance(item, EventEntry):
            return cls(item.title, item.path, events=item.events, note=item.note)
        if page.kind != "day" or events is None:
            return cls(item.title, item.path, item.day, contexts=item.contexts)
        event = events[item.id]
        text = " ".join(event.text.split())
        text = "" if text == item.title else text
        return cls(item.title, item.path, item.day, contexts=item.contexts, headings=event.topics, text=text)


Groups = Sequence[tuple[str, Sequence[Line]]]


@dataclass(frozen=True, slots=True)
class Form:
    """A form in which pages are written."""

    # As readers and browsers know it.
    name: str
    media_type: str
    # A page of an event, and the endings of its other forms -> its text.
    event: Callable[[Page, Sequence[str]], str]
    # A page of a list, its lines by heading, and the endings of its other forms -> its text.
    list: Callable[[ListPage, Groups, Sequence[str]], str]


def _list_md(page: ListPage, groups: Groups, formats: Sequence[str]) -> str:
    if page.kind == "day":
        entries = [
            DayEntry(line.title, line.path, tuple(line.headings), line.text, tuple(line.contexts))
            for _, lines in groups
            for line in lines
        ]
        before, after = (None if link is None else link.path for link in (page.previous, page.following))
        day = DayPage(date.fromisoformat(page.title), tuple(entries), before, after)
        return write_day(day, page.path, formats)
    listed = [
        (
            heading,
            [
                RelatedLink(
                    line.title if line.events is None else f"{line.title} ({line.events:,})",
                    line.path,
                    tuple(line.contexts),
                )
                for line in lines
            ],
        )
        for heading, lines in groups
    ]
    above = [("", [RelatedLink(link.title, link.path) for link in page.above])] if page.above else []
    around = [
        (heading, [RelatedLink(link.title, link.path)])
        for heading, link in (("Previous", page.previous), ("Next", page.following))
        if link is not None
    ]
    return write_list(page.title, page.path, page.note, [*above, *listed, *around], formats)


def _event_record(page: Page) -> dict[str, Any]:
    record: dict[str, Any] = page.event.to_record()
    record["path"] = page.path
    record["contexts"] = [
        {"name": link.title, "path": link.path} if link.path else {"name": link.title}
        for link in page.contexts
    ]
    if page.story is not None:
        record["story"] = {"title": page.story.title, "path": page.story.path, **_around_record(page)}
    record["related"] = [_related_record(link) for link in page.related]
    if page.background or page.follow_ups:
        record["background"] = [_related_record(link) for link in page.background]
        record["follow_ups"] = [_related_record(link) for link in page.follow_ups]
    return record


def _around_record(page: Page | ListPage) -> dict[str, Any]:
    return {
        name: {"title": link.title, "path": link.path}
        for name, link in (("previous", page.previous), ("following", page.following))
        if link is not None
    }


def _related_record(link: RelatedLink) -> dict[str, Any]:
    record: dict[str, Any] = {
        "title": link.title,
        "date": day_of(link.path) or None,
        "path": link.path,
        "contexts": list(link.contexts),
    }
    if link.shared:
        record["shared"] = list(link.shared)
    return record | {"pinned": True} if link.pinned else record


def _event_json(page: Page, _: Sequence[str]) -> str:
    return dumps(_event_record(page))


def _list_json(page: ListPage, groups: Groups, _: Sequence[str]) -> str:
    return dumps(_list_record(page, groups))


def dumps(record: Mapping[str, Any]) -> str:
    """A record as JSON for people and programs: indented."""
    try:
        return orjson.dumps(record, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
    except TypeError:  # orjson cannot write half of a surrogate pair
        return json.dumps(record, ensure_ascii=False, indent=2) + "\n"


def _event_xml(page: Page, _: Sequence[str]) -> str:
    event = page.event
    attributes = _attributes(
        id=event.key,
        date=None if event.date is None else event.when,
        path=page.path,
        language=event.language,
        group=event.group,
        url=event.url,
    )
    lines = [f"<event{attributes}>"]
    lines += [
        f" <{name}>{_xml(value)}</{name}>"
        for name, value in (("title", event.title), ("text", event.text), ("category", event.category))
        if value
    ]
    lines += [f" <topic>{_xml(topic)}</topic>" for topic in event.topics]
    lines += [
        f" <source{_attributes(url=source.url)}>{_xml(source.name)}</source>" for source in event.sources
    ]
    lines += [
        f" <context{_attributes(path=link.path or None)}>{_xml(link.title)}</context>"
        for link in page.contexts
    ]
    if page.story is not None:
        attributes = _attributes(
            path=page.story.path,
            previous=page.previous.path if page.previous else None,
            following=page.following.path if page.following else None,
        )
        lines.append(f" <story{attributes}>{_xml(page.story.title)}</story>")
    for name, links in (
        ("related", page.related),
        ("background", page.background),
        ("follow-ups", page.follow_ups),
    ):
        if links or name == "related":
            lines += [f" <{name}>", *(part for link in links for part in _related_xml(link)), f" </{name}>"]
    return _document([*lines, "</event>"])


def _related_xml(link: RelatedLink) -> Iterator[str]:
    pinned = "true" if link.pinned else None
    yield f"  <event{_attributes(path=link.path, date=day_of(link.path) or None, pinned=pinned)}>"
    yield f"   <title>{_xml(link.title)}</title>"
    for name in link.contexts:
        yield f"   <context>{_xml(name)}</context>"
    for name in link.shared:
        yield f"   <shared>{_xml(name)}</shared>"
    yield "  </event>"


def _list_record(page: ListPage, groups: Groups) -> dict[str, Any]:
    record: dict[str, Any] = {"kind": page.kind, "title": page.title, "path": page.path, "note": page.note}
    if page.above:
        record["above"] = [{"title": link.title, "path": link.path} for link in page.above]
    record |= _around_record(page)
    record["groups"] = [
        {"heading": heading, "items": [_line_record(line) for line in lines]} for heading, lines in groups
    ]
    return record


def _line_record(line: Line) -> dict[str, Any]:
    record: dict[str, Any] = {"title": line.title, "path": line.path}
    for name in ("day", "text", "events", "note"):
        if getattr(line, name):
            record["date" if name == "day" else name] = getattr(line, name)
    for name in ("headings", "contexts"):
        if getattr(line, name):
            record["topics" if name == "headings" else name] = list(getattr(line, name))
    return record


def _list_xml(page: ListPage, groups: Groups, _: Sequence[str]) -> str:
    lines = [f"<list{_attributes(kind=page.kind, path=page.path)}>", f" <title>{_xml(page.title)}</title>"]
    if page.note:
        lines.append(f" <note>{_xml(page.note)}</note>")
    named = [("above", link) for link in page.above] + [
        ("previous", page.previous),
        ("following", page.following),
    ]
    lines += [
        f" <{name}{_attributes(path=link.path)}>{_xml(link.title)}</{name}>" for name, link in named if link
    ]
    for heading, items in groups:
        lines.append(f" <group{_attributes(heading=heading or None)}>")
        for line in items:
            events = None if line.events is None else str(line.events)
            lines.append(f"  <item{_attributes(path=line.path, date=line.day or None, events=events)}>")
            lines.append(f"   <title>{_xml(line.title)}</title>")
            lines += [f"   <topic>{_xml(name)}</topic>" for name in line.headings]
            if line.text:
                lines.append(f"   <text>{_xml(line.text)}</text>")
            lines += [f"   <context>{_xml(name)}</context>" for name in line.contexts]
            lines.append("  </item>")
        lines.append(" </group>")
    return _document([*lines, "</list>"])


def _document(lines: Sequence[str]) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + _IMPOSSIBLE.sub("\ufffd", "\n".join(lines)) + "\n"


def possible(text: str) -> str:
    """A text without characters that XML and HTML do not allow."""
    return _IMPOSSIBLE.sub("\ufffd", text)


def xml_text(text: str) -> str:
    """A text escaped for XML content."""
    return possible(_xml(text))


def _xml(text: str) -> str:
    return escape(text).replace("\r", "&#13;")


def _attributes(**values: str | None) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in values.items() if value is not None)


def address(url: str | None) -> str | None:
    """A web address as HTML may hold it in a link, or None for anything else, ``javascript:`` above all."""
    if not url or not is_web_address(url):
        return None
    return _NOT_IN_ADDRESS.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), url)


def host_of(url: str | None) -> str:
    """The host of an address, as a reader knows it."""
    return re.sub(r"\A\w+://(?:www\.)?([^/?#]*).*", r"\1", url or "", flags=re.DOTALL) or "source"


MARKDOWN = Form("Markdown", "text/markdown", write_page, _list_md)
JSON = Form("JSON", "application/json", _event_json, _list_json)
XML = Form("XML", "application/xml", _event_xml, _list_xml)
