"""Markdown -> pages of a news archive, in the shape that `relatedness.sources._archive_pages` describes."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable
from datetime import datetime, tzinfo
from html import unescape
from html.entities import html5
from typing import TypeVar
from urllib.parse import unquote

from relatedness.errors import InputError
from relatedness.events import Event, Source
from relatedness.sources._archive_pages import (
    COVER,
    META,
    PINNED,
    REFERENCE,
    Link,
    Page,
    RelatedLink,
    VersionLink,
    group_of,
)
from relatedness.sources._cells import NOT_ALONE

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
_ENTRY = re.compile(r"\d{1,9}\.(?=[ \t]|\Z)", re.ASCII)
# A semicolon in a shared word is written as &#59;.
_CONTEXTS_BEHIND = re.compile(r"(?<!&#59); (?=Context:)")
_SITE = re.compile(r"\Ahttps?://[^/]*")
_ENDING = re.compile(r"\.(?:html|json|md|xml)\Z")

T = TypeVar("T")


def read_page(
    text: str, *, path: str | None = None, zone: str | tzinfo | None = None, undated: bool = False
) -> Page:
    r"""Read one event page.

    Parameters
    ----------
    text : str
        The Markdown of the page, of the shape that `relatedness.sources._archive_pages` describes.
    path : str, optional
        Where the file lies below the root of the site, such as ``news/2016/07/11/slug.md``. Used when the page has no
        ``Formats:`` line: then the folder of its day and the name of the file make its path. Flattened paths
        (``news__2016__07__11__slug.md``) are recognised.
    zone : str or tzinfo, optional
        The zone of a time that names none.
    undated : bool
        Whether a page may say ``undated`` in the place of its day.

    Raises
    ------
    InputError
        Naming the line and the field, if the text is not an event page or its event is not valid.

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
        raise InputError(
            "is not an event page: it has no date, such as ### [2016-07-11](/news/...)", field="date"
        )
    if head.title is None:
        raise InputError(
            "is not an event page: it has no title, such as # Mosul falls to ISIL.", field="title"
        )
    sources: list[Source] = []
    cover = None
    for label, source in _each(parts["sources"], _read_source):
        if label == COVER and source.url and cover is None:
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
        label, target = next(iter(head.formats.items()))
        bare = target.removesuffix(f".{label.lower()}")
        # Remove only one ending: the path of /2014/a.html.json is 2014/a.html.
        location = _read_path(html or (target if bare == target else f"{bare}.html"))
    elif path:
        location = posixpath.join(
            head.folder, posixpath.basename(path.replace("__", "/")).removesuffix(".md")
        )
    else:
        location = ""
    record: dict[str, object] = {
        "id": location,
        "date": None if head.day == "undated" else head.day,
        "title": head.title,
        "text": _plain("\n".join(line for _, line in parts["body"]).strip("\n")),
        "topics": head.topics,
        "sources": sources,
        "url": None if html is None else _plain(html),
        "group": group_of(versions),
    }
    if "title" in head.meta:  # the event has no title, and the page shows its text instead
        record["text"] = head.title
    event = Event.make(record | head.meta, zone=zone, undated=undated)
    story = stories[0] if stories else None
    return Page(
        path=location,
        event=event,
        related=related,
        versions=versions,
        cover=cover,
        background=background,
        follow_ups=follow_ups,
        contexts=contexts,
        story=story,
    )


class _Head:
    """The lines above the body of an event page."""

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
                f"is not a line of an event page: {line[:40]!r}; only the formats, the date (### "
                "[2016-07-11](/news/2016/07/11/index.md)) and topics (##### ISIL) may stand above the title"
            )


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
                raise InputError(f"there is no section {line[:40]!r}: expected one of {known}", line=number)
            part = _SECTIONS[line]
            continue
        parts[part].append((number, line))
        if part == "head" and (line == "#" or line.startswith("# ")):
            part = "body"
    return parts


def _each(lines: list[tuple[int, str]], read: Callable[[str], T]) -> list[T]:
    """Apply `read` to every line that is not blank; its errors name the line."""
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
    if not isinstance(meta, dict) or not meta.keys() <= set(META):
        raise InputError(f"the comment line holds no JSON object with fields among {', '.join(META)}")
    return meta


def _read_day(label: str) -> str:
    """The date of a heading; some archives write the day without its zero."""
    short = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", label, re.ASCII)
    return f"{short[1]}-{short[2]:0>2}-{short[3]:0>2}" if short else _plain(label)


def _read_link(text: str) -> tuple[str, str, str]:
    """``[label](target) _tail_`` -> its three parts as written; the tail may be absent."""
    # Titles from other programs may contain brackets, so the last "](" belongs to the link. A regular expression would
    # backtrack badly on a hostile line.
    end = text.rfind("](")
    rest = text[end + 2 :]
    if text.startswith("[") and end > 0:
        if rest.endswith(")"):
            return text[1:end].strip(" \t"), rest[:-1], ""
        target, mark, tail = rest.partition(") _")
        if mark and tail.endswith("_"):
            return text[1:end].strip(" \t"), target, tail[:-1]
    raise InputError(f"is not a link: {text[:40]!r}; expected [title](/news/2016/07/11/slug.md)")


def _read_entry(line: str) -> str:
    entry = _ENTRY.match(line)
    if entry is None:
        raise InputError(f"is not a numbered entry: {line[:40]!r}; expected 1. [title](address)")
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
    listed = entry.removesuffix(PINNED)
    label, target, tail = _read_link(listed)
    shared: tuple[str, ...] = ()
    if tail.startswith("Shared:"):
        said, *behind = _CONTEXTS_BEHIND.split(tail.removeprefix("Shared:"), maxsplit=1)
        shared, tail = _read_names(said), "".join(behind)
    return RelatedLink(_plain(label), _read_path(target), _read_contexts(tail), listed != entry, shared)


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
    return _read_names(tail.removeprefix("Context:"))


def _read_names(text: str) -> tuple[str, ...]:
    names: list[str] = []
    for part in text.split(", "):
        name = part.strip(" \t")
        if name in NOT_ALONE and names:
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


def _plain(text: str) -> str:
    """Character references -> the characters. Only whole ones: ``?a=1&copy=2`` is an address, not a ©."""
    return REFERENCE.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    name = match[0][1:]
    return unescape(match[0]) if name.startswith("#") else html5.get(name, match[0])
