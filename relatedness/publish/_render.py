"""Pages as text: an event or a list in each form, with the same content in all of them.

`FORMATS` lists the forms. All except HTML have a fixed shape, because programs read them. HTML is made by Jinja templates; a
folder of the user's own may hold others of the same names, for any of them. One that begins with ``{% extends
"shipped/event.html" %}`` changes only some blocks of the template that comes with the library.
"""

from __future__ import annotations

import re
import traceback
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relatedness.caching import cached_property
from relatedness.dates import day_text
from relatedness.errors import ConfigError
from relatedness.events import Event, EventId, shortened
from relatedness.publish._forms import JSON, MARKDOWN, XML, Form, Line, address, host_of, possible
from relatedness.publish._layout import ListPage
from relatedness.publish._paths import day_of
from relatedness.publish._words import SiteWords
from relatedness.sources import Link, Page

if TYPE_CHECKING:
    import jinja2

FORMATS: Mapping[str, Form | None] = {"md": MARKDOWN, "html": None, "json": JSON, "xml": XML}
"""The forms that a page can be written in, by their endings; HTML has templates, and is made by the `Renderer`."""
ASSETS = ("site.css", "site.js")
"""Files that are copied unchanged next to the pages."""

_SHIPPED = "shipped"
_TEMPLATES = {".html", ".css", ".js"}
_LONG, _MEDIUM = 130, 70  # titles longer than this are set in a smaller font


@dataclass(frozen=True, slots=True)
class Templates:
    """A folder with templates of the user's own."""

    folder: str
    trusted: bool = False  # whether they run without Jinja's sandbox


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
    feeds : mapping of str to str, optional
        The feed of each topic that has one, by the path of the topic's page.
    templates : Templates, optional
        The user's own templates.

    Raises
    ------
    ConfigError
        If a template has an error, when it is first used.
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
        feeds: Mapping[str, str] | None = None,
        templates: Templates | None = None,
    ) -> None:
        self._forms = {ending: FORMATS[ending] for ending in formats}
        self._words = words = SiteWords(language)
        self._site = {
            "title": title,
            "language": language,
            "direction": "rtl" if words.right_to_left else "ltr",
            "url": url,
            "stories": stories,
        }
        self._feeds = feeds or {}
        self._topic_paths = topic_paths
        self._folder = None if templates is None else Path(templates.folder)
        self._sandboxed = templates is not None and not templates.trusted

    def event(self, page: Page) -> dict[str, str]:
        """An event's page in each format: ending to text."""
        return {
            ending: self._event_html(page) if form is None else form.event(page, self._others(ending))
            for ending, form in self._forms.items()
        }

    def list(self, page: ListPage, events: Mapping[EventId, Event] | None = None) -> dict[str, str]:
        """A list's page in each format.

        Parameters
        ----------
        events : mapping of str to Event, optional
            The events of a day page, whose headings and texts it shows.
        """
        groups = [
            (heading, [Line.of(item, page, events) for item in items]) for heading, items in page.groups
        ]
        return {
            ending: self._list_html(page, groups)
            if form is None
            else form.list(page, groups, self._others(ending))
            for ending, form in self._forms.items()
        }

    def asset(self, name: str) -> str:
        """The text of a file that lies beside the pages."""
        if self._folder is not None and (self._folder / name).is_file():
            return (self._folder / name).read_text(encoding="utf-8")
        return (files("relatedness.publish") / "templates" / name).read_text(encoding="utf-8")

    def _others(self, ending: str) -> tuple[str, ...]:
        """The other formats of the site, HTML before those for programs."""
        return tuple(sorted((o for o in self._forms if o != ending), key=lambda other: other != "html"))

    def _event_html(self, page: Page) -> str:
        event = page.event
        root = "../" * page.path.count("/")
        words = self._words
        headline = event.headline
        whole = " ".join(event.text.split()) in (headline, "")  # the title says everything
        day = "" if event.date is None else day_text(event.date)
        lists = [(words["related"], "related", page.related)]
        # Omit empty lists, which most pages would otherwise show.
        beside = (("background", page.background), ("follow_ups", page.follow_ups))
        lists += [(words[name], name.replace("_", "-"), links) for name, links in beside if links]
        summary = "" if whole else shortened(event.text, 200)
        return self._html(
            "event.html",
            page.path,
            event=event,
            title=shortened(headline, 110),
            headline=headline,
            day=words.weekday(day),
            size="long" if len(headline) > _LONG else "medium" if len(headline) > _MEDIUM else "short",
            paragraphs=() if whole else [part for part in re.split(r"\n\s*\n", event.text) if part.strip()],
            summary=summary,
            own=(address(event.url), host_of(event.url)) if address(event.url) else None,
            data=self._event_data(page, headline, summary),
            sources=[
                (s.name or host_of(s.url), address(s.url), None if address(s.url) else s.url)
                for s in event.sources
            ],
            contexts=[
                (words.topic(link.title), link.path and f"{root}{link.path}.html") for link in page.contexts
            ],
            story=page.story and (page.story.title, f"{root}{page.story.path}.html"),
            around=[
                (way, link.title, f"{root}{link.path}.html", words.day(day_of(link.path)))
                for way, link in (("prev", page.previous), ("next", page.following))
                if link is not None
            ],
            lists=[
                (
                    name,
                    key,
                    [
                        {
                            "title": link.title,
                            "address": f"{root}{link.path}.html",
                            "day": (day := day_of(link.path)),
                            "date": words.day(day),
                            "pinned": link.pinned,
                            "shared": link.shared,
                            "contexts": [
                                (
                                    words.topic(name),
                                    f"{root}{path}.html" if (path := self._topic_paths.get(name)) else None,
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

    def _list_html(self, page: ListPage, groups: Sequence[tuple[str, Sequence[Line]]]) -> str:
        root = "../" * page.path.count("/")
        title = self._words.weekday(page.title) if page.kind == "day" else page.title
        most = max((line.events for _, lines in groups for line in lines if line.events), default=1)

        def linked(link: Link | None) -> tuple[str, str] | None:
            if link is None:
                return None
            name = self._words.day(link.title) if page.kind == "day" else link.title
            return name, f"{root}{link.path}.html"

        return self._html(
            f"{page.kind}.html",
            page.path,
            kind=page.kind,
            title=title,
            topic=page.above[1].title if len(page.above) > 1 else page.title,
            note=page.note,
            summary=f"{title}: {page.note}" if page.note else "",
            above=[(link.title, f"{root}{link.path}.html") for link in page.above],
            previous=linked(page.previous),
            following=linked(page.following),
            months=[
                _month(heading, lines, root, most, self._words)
                for heading, lines in groups
                if page.kind == "year"
            ],
            feed=(feed := self._feeds.get(page.path)) and f"{root}{feed}",
            data=self._list_data(page, title),
            groups=[
                (
                    heading,
                    [
                        {
                            "title": line.title,
                            "address": f"{root}{line.path}.html",
                            "day": line.day if page.kind != "day" else "",
                            "date": line.day and self._words.day(line.day),
                            "contexts": [self._words.topic(name) for name in line.contexts],
                            "heading": ", ".join(line.headings),
                            "text": line.text,
                        }
                        for line in lines
                        if line.events is None
                    ],
                    [
                        (line.title, f"{root}{line.path}.html", line.events, line.note)
                        for line in lines
                        if line.events is not None
                    ],
                )
                for heading, lines in groups
            ],
        )

    def search(self, years: Sequence[str]) -> str:
        """The page of the search, which looks through these years."""
        return self._html(
            "search.html", "search/index", title=self._words["search"], summary="", years=years, data=None
        )

    def _event_data(self, page: Page, headline: str, summary: str) -> dict[str, Any]:
        """Structured data about the page for search engines (schema.org)."""
        event = page.event
        found: dict[str, Any] = {
            "@context": "https://schema.org",
            "@type": "Article",
            "headline": shortened(headline, 110),
            "publisher": {"@type": "Organization", "name": self._site["title"]},
            "about": [{"@type": "Thing", "name": self._words.topic(link.title)} for link in page.contexts],
            "isPartOf": {"@type": "WebSite", "name": self._site["title"]},
        }
        if event.date is not None:
            found["datePublished"] = event.when
        if event.category:
            found["articleSection"] = event.category
        if event.language:
            found["inLanguage"] = event.language
        if summary:
            found["description"] = summary
        if self._site["url"]:
            found["url"] = f"{self._site['url']}/{page.path}.html"
            found["isPartOf"]["url"] = f"{self._site['url']}/index.html"
        if (own := address(event.url)) is not None:
            found["isBasedOn"] = own
        sources = [read_at for source in event.sources if (read_at := address(source.url)) is not None]
        return found | ({"citation": sources} if sources else {})

    def _list_data(self, page: ListPage, title: str) -> dict[str, Any]:
        """Structured data about a list: the pages above it, and for a story its events."""
        url = self._site["url"]
        found: dict[str, Any] = {
            "@context": "https://schema.org",
            "@type": "WebSite" if page.kind == "home" else "CollectionPage",
            "name": title,
            "inLanguage": self._site["language"],
        }
        if url:
            found["url"] = f"{url}/{page.path}.html"
            if page.above:
                found["breadcrumb"] = {
                    "@type": "BreadcrumbList",
                    "itemListElement": [
                        {
                            "@type": "ListItem",
                            "position": position,
                            "name": link.title,
                            "item": f"{url}/{link.path}.html",
                        }
                        for position, link in enumerate((*page.above, Link(title, page.path)), 1)
                    ],
                }
        if page.kind == "story":
            items = [item for _, items in page.groups for item in items]
            found["mainEntity"] = {
                "@type": "ItemList",
                "itemListElement": [
                    {
                        "@type": "ListItem",
                        "position": position,
                        "name": item.title,
                        **({"url": f"{url}/{item.path}.html"} if url else {}),
                    }
                    for position, item in enumerate(items, 1)
                ],
            }
        return found

    def _html(self, template: str, path: str, **values: Any) -> str:
        from jinja2 import TemplateError

        url = self._site["url"]
        name = path.rpartition("/")[2]
        values |= {
            "site": self._site,
            "root": "../" * path.count("/"),
            "path": path,
            "canonical": url and f"{url}/{path}.html",
            "words": self._words,
            "formats": [
                (form.name, form.media_type, f"{name}.{ending}") for ending, form in self._forms.items()
                if form is not None and template != "search.html"
            ],
        }  # fmt: skip
        try:
            return possible(self._template(template).render(values))
        except Exception as error:
            # A user's template may raise any exception: 1 / 0, or a file that is not UTF-8.
            if self._folder is None and not isinstance(error, TemplateError):
                raise
            where, line = _where(error, template)
            what = str(error) if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"
            raise ConfigError(f"the template {where}{f', line {line}' if line else ''}: {what}") from error

    def _template(self, name: str) -> jinja2.Template:
        return self._environment.get_template(name)

    @cached_property
    def _environment(self) -> jinja2.Environment:
        import jinja2
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        # Templates are code, and may come from an untrusted source.
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
    """Check that every template of a folder is used: a misspelt name would silently have no effect.

    Parameters
    ----------
    folder : path-like
        With the user's own templates.

    Raises
    ------
    ConfigError
        If it is not a folder, or holds a template that replaces none and that none of its own asks for.
    """
    import jinja2
    from jinja2.meta import find_referenced_templates

    root = Path(folder)
    if not root.is_dir():
        raise ConfigError(f"the folder of templates {root} does not exist")
    shipped = {item.name for item in (files("relatedness.publish") / "templates").iterdir()}
    own = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.suffix in _TEMPLATES}
    asked: set[str | None] = set()  # None: a name computed only when a page is made
    for path in root.rglob("*.html"):
        try:
            text = path.read_text(encoding="utf-8")
            asked.update(find_referenced_templates(jinja2.Environment(autoescape=True).parse(text)))
        except (jinja2.TemplateSyntaxError, UnicodeDecodeError):
            asked.add(None)  # errors in it are reported at first use
    unused = sorted(own - shipped - asked)
    if unused and None not in asked:
        raise ConfigError(
            f"the template {root / unused[0]} replaces no template of the library; the names of these are "
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


def _month(
    heading: str, lines: Sequence[Line], root: str, most: int, words: SiteWords
) -> tuple[str, int, list[Any]]:
    """A month as a calendar shows it: its name, the weekday it begins with, and its days, with or without events."""
    first = date.fromisoformat(lines[0].title).replace(day=1)
    found = {int(line.title[8:]): line for line in lines}
    days = []
    for number in range(1, monthrange(first.year, first.month)[1] + 1):
        line = found.get(number)
        events = line.events or 0 if line else 0
        address_of_day = f"{root}{line.path}.html" if line else None
        told = f"{words.day(line.title)}: {words.events(events)}" if line else ""
        days.append((number, told, address_of_day, events, round(4 * events / most)))
    return heading, first.weekday(), days
