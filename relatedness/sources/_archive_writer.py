"""Pages of a news archive -> Markdown, in the shape that `relatedness.sources._archive_pages` describes."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from relatedness.sources._archive_pages import (
    COVER,
    META,
    PINNED,
    REFERENCE,
    DayPage,
    Link,
    Page,
    RelatedLink,
    VersionLink,
    group_of,
)
from relatedness.sources._cells import NOT_ALONE

FORMATS = ("html", "json", "xml")
"""The endings of the other forms of a page."""

# Characters that Markdown or HTML would read as markup; an ampersand only if it begins a character reference.
_IN_TEXT = re.compile(r"[\[\]_*`~<>\\\r\n&]")
_IN_NAME = re.compile(r"[\[\]_*`~<>\\\r\n&,]")
_IN_SHARED = re.compile(r"[\[\]_*`~<>\\\r\n&,;]")
_IN_LINK = re.compile(r"[\[\]()<>\\\r\n \t&]")
_WEB_ADDRESS = re.compile(r"https?://|/", re.IGNORECASE)
_NOT_FIRST = re.compile(r"\A(?:[#+=|:-]|\d(?=\d*[.)]))", re.ASCII)


def write_page(page: Page, formats: Sequence[str] = FORMATS) -> str:
    """Write an event page; `read_page` of the answer gives an equal page.

    Titles, names and addresses come out as text: what Markdown or HTML would take for
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
    >>> from relatedness import Event
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
        "group": group_of(page.versions),
        "title": event.title if titled else None,
    }
    parts = _write_formats(page.path, formats)
    meta = {name: getattr(event, name) for name in META if getattr(event, name) != shown.get(name)}
    if meta:
        # A comment may not contain "<", ">", "&" or "--": write them as JSON escapes.
        packed = re.sub(r"[<>&]|-(?=-)", lambda match: f"\\u{ord(match[0]):04x}", json.dumps(meta))
        parts.append(f"<!-- event: {packed} -->")
    parts.append(f"### [{event.when}]({posixpath.dirname(address).rstrip('/')}/index.md)")
    topics = "".join(f"##### {_escape(topic)}\n" for topic in event.topics)
    parts.append(f"{topics}# {_escape(event.title if titled else event.text)}")
    if titled and event.text:
        parts.append(_escape_body(event.text))

    sources = [_write_source(_escape(s.name).replace(COVER, "Cover&#32;Image"), s.url) for s in event.sources]
    if page.cover:
        sources.append(_write_source(COVER, page.cover))
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
    """Write the index page of a day.

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
    >>> from relatedness.sources import DayEntry
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
            lines.append(f"_Context: {_names(entry.contexts, _IN_NAME)}_")
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
    """Write any other list of pages as Markdown, such as the page of a topic.

    Parameters
    ----------
    title, path : str
        The title of the list and the path of its page.
    note : str
        A sentence under the title; may be empty.
    groups : iterable of (str, iterable of RelatedLink)
        Headings, which may be empty, with the links under each.
    formats : sequence of str
        As for `write_page`.

    Returns
    -------
    str
        Markdown, ending with a newline.

    Examples
    --------
    >>> link = RelatedLink("Mosul falls", "news/2014/06/10/fall")
    >>> print(write_list("Iraq", "topics/iraq", "", [("2014", [link])], formats=()).strip())
    ## [Iraq](/topics/iraq.md)
    <BLANKLINE>
    ##### 2014
    1. [Mosul falls](/news/2014/06/10/fall.md)
    """
    parts = [*_write_formats(path, formats), f"## [{_escape(title)}](/{quote(path)}.md)"]
    if note:
        parts.append(_escape_body(note))
    for heading, links in groups:
        lines = [f"##### {_escape(heading)}"] if heading else []
        parts.append("\n".join(lines + _write_related(links)))
    return "\n\n".join(parts) + "\n"


def is_web_address(url: str) -> bool:
    """Whether an address may become a link: ``http``, ``https`` or a path on the site, but never ``javascript:``.

    Examples
    --------
    >>> is_web_address("https://news.example/1"), is_web_address("javascript:alert(1)")
    (True, False)
    """
    return _WEB_ADDRESS.match(url) is not None


def _write_formats(path: str, formats: Sequence[str]) -> list[str]:
    links = "  ".join(f"[{name.upper()}](/{quote(path)}.{name})" for name in formats)
    return [f"Formats: {links}"] if links else []


def _write_name(link: Link) -> str:
    return f"1. [{_escape(link.title)}](/{quote(link.path)}.md)" if link.path else f"1. {_escape(link.title)}"


def _write_related(links: Iterable[RelatedLink]) -> list[str]:
    return [
        f"{number}. [{_escape(link.title)}](/{quote(link.path)}.md)"
        f"{_write_reason(link)}"
        f"{PINNED if link.pinned else ''}"
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


def _write_reason(link: RelatedLink) -> str:
    """`` _Shared: hot air balloon; Context: Luxor, Egypt_``."""
    said = ("Shared", link.shared, _IN_SHARED), ("Context", link.contexts, _IN_NAME)
    parts = [f"{label}: {_names(names, special)}" for label, names, special in said if names]
    return f" _{'; '.join(parts)}_" if parts else ""


def _names(names: Iterable[str], special: re.Pattern[str]) -> str:
    return ", ".join(_reference(n[0]) + n[1:] if n in NOT_ALONE else _escape(n, special) for n in names)


def _reference(character: str) -> str:
    return f"&#{ord(character)};"


def _escape(text: str, special: re.Pattern[str] = _IN_TEXT) -> str:
    def escape(match: re.Match[str]) -> str:
        if match[0] == "&" and not REFERENCE.match(match.string, match.start()):
            return "&"
        return _reference(match[0])

    # Escape spaces at the ends, which would be trimmed, and "#" at the end, which Markdown drops from a heading.
    core = text.lstrip(" \t")
    before = text[: len(text) - len(core)]
    inner = core.rstrip(" \t#")
    after = core[len(inner) :]
    if inner == text and special.search(text) is None:
        return text  # the common case
    return "".join(map(_reference, before)) + special.sub(escape, inner) + "".join(map(_reference, after))


def _escape_body(text: str) -> str:
    """Escape the body of a page: keep paragraphs, but no line may begin a heading, list or rule."""
    inner = text.strip("\n")
    before = len(text) - len(text.lstrip("\n"))
    after = len(text) - len(inner) - before
    lines = [_NOT_FIRST.sub(lambda match: _reference(match[0]), _escape(line)) for line in inner.split("\n")]
    return _reference("\n") * before + "\n".join(lines) + _reference("\n") * after
