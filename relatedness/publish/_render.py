"""Pages as text: an event or a list in Markdown, HTML, JSON and XML, all four with the same content.

Markdown, JSON and XML have one fixed shape, because programs read them. HTML is made by Jinja templates; a folder of
one's own may hold others of the same names, for any of them. One that begins with ``{% extends "shipped/event.html" %}``
changes only some blocks of the template that comes with the library.
"""

from __future__ import annotations

import json
import re
import traceback
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

import orjson

from relatedness.errors import ConfigError
from relatedness.events import Event, EventId, shortened
from relatedness.publish._layout import EventEntry, ListPage, day_name, day_of, weekday_name
from relatedness.sources import (
    DayEntry,
    DayPage,
    Link,
    Page,
    RelatedLink,
    is_web_address,
    write_day,
    write_list,
    write_page,
)

if TYPE_CHECKING:
    import jinja2

FORMATS = ("md", "html", "json", "xml")
"""The forms that a page can be written in, by their endings."""
ASSETS = ("site.css", "site.js")
"""What stands beside the pages and is copied as it is."""

_NAMES = {"md": "Markdown", "html": "HTML", "json": "JSON", "xml": "XML"}
_TYPES = {"md": "text/markdown", "html": "text/html", "json": "application/json", "xml": "application/xml"}
_SHIPPED = "shipped"
_TEMPLATES = {".html", ".css", ".js"}
_LONG, _MEDIUM = 130, 70  # characters of a title from which its letters are smaller

# What neither XML 1.0 nor HTML can hold: controls but tab and line ends, non-characters.
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_NOT_IN_ADDRESS = re.compile(r"%(?![0-9A-Fa-f]{2})|[^!#$%&'()*+,\-./0-9:;=?@A-Z_a-z~]")


@dataclass(frozen=True, slots=True)
class Templates:
    """A folder with templates of the user's own.

    Attributes
    ----------
    folder : str
    trusted : bool
        Whether they run without Jinja's sandbox.
    """

    folder: str
    trusted: bool = False


class Renderer:
    """Writes pages in the formats of a site.

    Parameters
    ----------
    title, language, url : str
        The name of the site, the language of its headings, and its address (empty if unknown).
    formats : sequence of str
        Of `FORMATS`.
    topic_paths : mapping of str to str
        The page of each topic that has one.
    stories : bool
        Whether the site has a list of stories.
    templates : Templates, optional
        The user's own templates.

    Raises
    ------
    ConfigError
        If a template is wrong; when it is first used.
    """

    def __init__(
        self,
        title: str,
        language: str,
        url: str,
        formats: Sequence[str],
        topic_paths: Mapping[str, str],
        *,
        stories: bool = False,
        templates: Templates | None = None,
    ) -> None:
        self.formats = tuple(formats)
        self._site = {"title": title, "language": language, "url": url, "stories": stories}
        self._topic_paths = topic_paths
        self._folder = None if templates is None else Path(templates.folder)
        self._sandboxed = templates is not None and not templates.trusted

    def event(self, page: Page) -> dict[str, str]:
        """An event's page in each format: ending to text."""
        writers = {"md": self._event_md, "html": self._event_html, "json": _event_json, "xml": _event_xml}
        return {ending: writers[ending](page) for ending in self.formats}

    def list(self, page: ListPage, events: Mapping[EventId, Event] | None = None) -> dict[str, str]:
        """A list's page in each format.

        Parameters
        ----------
        page : ListPage
        events : mapping of str to Event, optional
            The events of a day page, whose headings and texts it shows.
        """
        groups = [
            (heading, [_Line.of(item, page, events) for item in items]) for heading, items in page.groups
        ]
        texts: dict[str, str] = {}
        for ending in self.formats:
            match ending:
                case "md":
                    texts[ending] = _list_md(page, groups, self.others("md"))
                case "html":
                    texts[ending] = self._list_html(page, groups)
                case "json":
                    texts[ending] = _dumps(_list_record(page, groups))
                case _:
                    texts[ending] = _list_xml(page, groups)
        return texts

    def asset(self, name: str) -> str:
        """The text of a file that stands beside the pages."""
        if self._folder is not None and (self._folder / name).is_file():
            return (self._folder / name).read_text(encoding="utf-8")
        return (files("relatedness.publish") / "templates" / name).read_text(encoding="utf-8")

    def others(self, ending: str) -> tuple[str, ...]:
        """The formats of the site but one."""
        return tuple(
            other for other in ("html", "json", "xml", "md") if other in self.formats and other != ending
        )

    def _event_md(self, page: Page) -> str:
        return write_page(page, self.others("md"))

    def _event_html(self, page: Page) -> str:
        event = page.event
        root = "../" * page.path.count("/")
        titled = bool(event.title.strip())
        day = event.date.isoformat()[:10]
        lists = [("Related", "related", page.related)]
        if page.background or page.follow_ups:
            lists += [
                ("Background", "background", page.background),
                ("Follow-ups", "follow-ups", page.follow_ups),
            ]
        return self._html(
            "event.html",
            page.path,
            event=event,
            title=shortened(event.headline, 110),
            day=f"{weekday_name(day)}, {day_name(day)}",
            size="long"
            if len(event.headline) > _LONG
            else "medium"
            if len(event.headline) > _MEDIUM
            else "short",
            paragraphs=[part for part in re.split(r"\n\s*\n", event.text) if part.strip()] if titled else (),
            summary=shortened(event.text, 200) if titled else "",
            sources=[
                (s.name or _host(s.url), address(s.url), None if address(s.url) else s.url)
                for s in event.sources
            ],
            contexts=[(link.title, link.path and f"{root}{link.path}.html") for link in page.contexts],
            story=page.story and (page.story.title, f"{root}{page.story.path}.html"),
            lists=[
                (
                    name,
                    key,
                    [
                        {
                            "title": link.title,
                            "address": f"{root}{link.path}.html",
                            "day": (day := day_of(link.path)),
                            "date": day_name(day),
                            "pinned": link.pinned,
                            "shared": link.shared,
                            "contexts": [
                                (
                                    name,
                                    f"{root}{place}.html" if (place := self._topic_paths.get(name)) else None,
                                )
                                for name in link.contexts
                            ],
                        }
                        for link in links
                    ],
                )
                for name, key, links in lists
            ],
        )

    def _list_html(self, page: ListPage, groups: Sequence[tuple[str, Sequence[_Line]]]) -> str:
        root = "../" * page.path.count("/")
        most = max((line.events for _, lines in groups for line in lines if line.events), default=1)

        def linked(link: Link | None) -> tuple[str, str] | None:
            if link is None:
                return None
            return (day_name(link.title) if page.kind == "day" else link.title, f"{root}{link.path}.html")

        return self._html(
            f"{page.kind}.html",
            page.path,
            kind=page.kind,
            title=f"{weekday_name(page.title)}, {day_name(page.title)}" if page.kind == "day" else page.title,
            topic=page.above[1].title if len(page.above) > 1 else page.title,
            note=page.note,
            above=[(link.title, f"{root}{link.path}.html") for link in page.above],
            previous=linked(page.previous),
            following=linked(page.following),
            months=[_month(heading, lines, root, most) for heading, lines in groups if page.kind == "year"],
            groups=[
                (
                    heading,
                    [
                        {
                            "title": line.title,
                            "address": f"{root}{line.path}.html",
                            "day": line.day if page.kind != "day" else "",
                            "date": line.day and day_name(line.day),
                            "contexts": line.contexts,
                            "heading": ", ".join(line.headings),
                            "text": line.text,
                        }
                        for line in lines
                        if line.events is None
                    ],
                    [
                        (line.title, f"{root}{line.path}.html", line.events, round(4 * line.events / most))
                        for line in lines
                        if line.events is not None
                    ],
                )
                for heading, lines in groups
            ],
        )

    def _html(self, template: str, path: str, **values: Any) -> str:
        from jinja2 import TemplateError

        url = self._site["url"]
        name = path.rpartition("/")[2]
        values |= {
            "site": self._site,
            "root": "../" * path.count("/"),
            "path": path,
            "canonical": url and f"{url}/{path}.html",
            "formats": [
                (_NAMES[ending], _TYPES[ending], f"{name}.{ending}") for ending in FORMATS
                if ending in self.formats and ending != "html"
            ],
        }  # fmt: skip
        try:
            return _IMPOSSIBLE.sub("\ufffd", self._template(template).render(values))
        except Exception as error:
            # A user's template may raise anything: 1 / 0, or a file that is not UTF-8.
            if self._folder is None and not isinstance(error, TemplateError):
                raise
            place, line = _where(error, template)
            what = str(error) if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"
            raise ConfigError(f"the template {place}{f', line {line}' if line else ''}: {what}") from error

    def _template(self, name: str) -> jinja2.Template:
        return self._environment.get_template(name)

    @cached_property
    def _environment(self) -> jinja2.Environment:
        import jinja2
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        # Templates are code, and a folder of them may come from somebody else.
        environment = ImmutableSandboxedEnvironment if self._sandboxed else jinja2.Environment
        shipped = jinja2.FileSystemLoader(str(files("relatedness.publish") / "templates"))
        own = [] if self._folder is None else [jinja2.FileSystemLoader(self._folder)]
        return environment(
            loader=jinja2.ChoiceLoader([*own, shipped, jinja2.PrefixLoader({_SHIPPED: shipped})]),
            autoescape=True,
            auto_reload=False,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )


def check_templates(folder: str | Path) -> None:
    """See that pages are made with every template of a folder: one whose name is misspelt would change nothing.

    Parameters
    ----------
    folder : path-like
        With the user's own templates.

    Raises
    ------
    ConfigError
        If it is no folder, or holds a template that replaces none and that none of its own asks for.
    """
    import jinja2
    from jinja2.meta import find_referenced_templates

    root = Path(folder)
    if not root.is_dir():
        raise ConfigError(f"the templates {root}: there is no such folder")
    shipped = {item.name for item in (files("relatedness.publish") / "templates").iterdir()}
    own = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.suffix in _TEMPLATES}
    asked: set[str | None] = set()  # None: a name that only making a page can tell
    for path in root.rglob("*.html"):
        try:
            text = path.read_text(encoding="utf-8")
            asked.update(find_referenced_templates(jinja2.Environment(autoescape=True).parse(text)))
        except (jinja2.TemplateSyntaxError, UnicodeDecodeError):
            asked.add(None)  # what is wrong with it is told where it is first used
    unused = sorted(own - shipped - asked)
    if unused and None not in asked:
        raise ConfigError(
            f"the template {root / unused[0]} is used by none: one to replace is called "
            f"{', '.join(sorted(shipped))}"
        )


def _where(error: Exception, template: str) -> tuple[str, int | None]:
    """The template in which something was raised, and the line, as far as it is known."""
    if (line := getattr(error, "lineno", None)) is not None:
        return getattr(error, "name", None) or template, line
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".html")
    ]
    return (Path(frames[-1].filename).name, frames[-1].lineno) if frames else (template, None)


class _Line:
    """One line of a list, whatever it is of."""

    __slots__ = ("contexts", "day", "events", "headings", "path", "text", "title")

    def __init__(
        self,
        title: str,
        path: str,
        day: str = "",
        contexts: Sequence[str] = (),
        headings: Sequence[str] = (),
        text: str = "",
        events: int | None = None,
    ) -> None:
        self.title, self.path, self.day, self.contexts = title, path, day, contexts
        self.headings, self.text, self.events = headings, text, events

    @classmethod
    def of(cls, item: Any, page: ListPage, events: Mapping[EventId, Event] | None) -> _Line:
        if not isinstance(item, EventEntry):
            return cls(item.title, item.path, events=item.events)
        if page.kind != "day" or events is None:
            return cls(item.title, item.path, item.day, item.contexts)
        event = events[item.id]
        text = " ".join(event.text.split()) if event.title.strip() else ""
        return cls(item.title, item.path, item.day, item.contexts, event.topics, text)


def _month(heading: str, lines: Sequence[_Line], root: str, most: int) -> tuple[str, int, list[Any]]:
    """A month as a calendar shows it: its name, the weekday it begins with, and its days, with or without events."""
    first = date.fromisoformat(lines[0].title).replace(day=1)
    found = {int(line.title[8:]): line for line in lines}
    days = []
    for number in range(1, monthrange(first.year, first.month)[1] + 1):
        line = found.get(number)
        events = line.events or 0 if line else 0
        place = f"{root}{line.path}.html" if line else None
        days.append((number, day_name(line.title) if line else "", place, events, round(4 * events / most)))
    return heading, first.weekday(), days


_Groups = Sequence[tuple[str, Sequence[_Line]]]


def _list_md(page: ListPage, groups: _Groups, formats: Sequence[str]) -> str:
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
        record["story"] = {"title": page.story.title, "path": page.story.path}
    record["related"] = [_related_record(link) for link in page.related]
    if page.background or page.follow_ups:
        record["background"] = [_related_record(link) for link in page.background]
        record["follow_ups"] = [_related_record(link) for link in page.follow_ups]
    return record


def _related_record(link: RelatedLink) -> dict[str, Any]:
    record: dict[str, Any] = {
        "title": link.title,
        "date": day_of(link.path),
        "path": link.path,
        "contexts": list(link.contexts),
    }
    if link.shared:
        record["shared"] = list(link.shared)
    return record | {"pinned": True} if link.pinned else record


def _event_json(page: Page) -> str:
    return _dumps(_event_record(page))


def _dumps(record: Mapping[str, Any]) -> str:
    try:
        return orjson.dumps(record, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
    except TypeError:  # half a surrogate pair, which it does not write
        return json.dumps(record, ensure_ascii=False, indent=2) + "\n"


def _event_xml(page: Page) -> str:
    event = page.event
    attributes = _attributes(
        id=event.key,
        date=event.date.isoformat(),
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
        lines.append(f" <story{_attributes(path=page.story.path)}>{_xml(page.story.title)}</story>")
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
    yield f"  <event{_attributes(path=link.path, date=day_of(link.path), pinned=pinned)}>"
    yield f"   <title>{_xml(link.title)}</title>"
    for name in link.contexts:
        yield f"   <context>{_xml(name)}</context>"
    for name in link.shared:
        yield f"   <shared>{_xml(name)}</shared>"
    yield "  </event>"


def _list_record(page: ListPage, groups: _Groups) -> dict[str, Any]:
    record: dict[str, Any] = {"kind": page.kind, "title": page.title, "path": page.path, "note": page.note}
    if page.above:
        record["above"] = [{"title": link.title, "path": link.path} for link in page.above]
    for name, link in (("previous", page.previous), ("following", page.following)):
        if link is not None:
            record[name] = {"title": link.title, "path": link.path}
    record["groups"] = [
        {"heading": heading, "items": [_line_record(line) for line in lines]} for heading, lines in groups
    ]
    return record


def _line_record(line: _Line) -> dict[str, Any]:
    record: dict[str, Any] = {"title": line.title, "path": line.path}
    for name in ("day", "text", "events"):
        if getattr(line, name):
            record["date" if name == "day" else name] = getattr(line, name)
    for name in ("headings", "contexts"):
        if getattr(line, name):
            record["topics" if name == "headings" else name] = list(getattr(line, name))
    return record


def _list_xml(page: ListPage, groups: _Groups) -> str:
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
    """A text without what XML and HTML cannot hold."""
    return _IMPOSSIBLE.sub("\ufffd", text)


def xml_text(text: str) -> str:
    """A text as it stands between the tags of XML."""
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


def _host(url: str | None) -> str:
    return re.sub(r"\A\w+://(?:www\.)?([^/?#]*).*", r"\1", url or "", flags=re.DOTALL) or "source"
