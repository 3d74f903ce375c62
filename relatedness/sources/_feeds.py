"""Feeds in files (RSS, Atom, JSON Feed) -> the records of events. Nothing is fetched.

``id`` is the entry's id or address, ``date`` when it was published (else updated), ``text`` its content or summary
without markup, ``topics`` its categories, ``sources`` the feed, ``url`` its address, ``language`` the feed's.
"""

from __future__ import annotations

import json
from calendar import timegm
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

from relatedness.errors import InputError, MissingExtraError

_SILENT = frozenset({"script", "style", "template", "noscript"})
_BLOCKS = frozenset(
    {"p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "blockquote", "pre", "tr", "table", "section"}
)


def read_feed(data: bytes, *, as_json: bool = False) -> Iterator[dict[str, Any] | InputError]:
    """Read the entries of a feed, the first one first.

    Parameters
    ----------
    data : bytes
        The file.
    as_json : bool
        Whether it is a JSON Feed; RSS and Atom tell themselves apart.

    Yields
    ------
    dict or InputError
        A record for `Event.make`; or what is wrong with the file, after the entries that could be read all the same.

    Raises
    ------
    InputError
        If it is no feed.
    MissingExtraError
        If feedparser is not installed.

    Examples
    --------
    >>> feed = b'''{"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": [
    ...   {"id": "1", "title": "Mosul falls", "content_html": "<p>To <b>ISIL</b>.</p>",
    ...    "date_published": "2014-06-10T08:00:00Z"}]}'''
    >>> record = next(read_feed(feed, as_json=True))
    >>> record["title"], record["text"], record["date"]
    ('Mosul falls', 'To ISIL.', '2014-06-10T08:00:00Z')
    """
    return _json_feed(data) if as_json else _xml_feed(data)


def _json_feed(data: bytes) -> Iterator[dict[str, Any] | InputError]:
    try:
        feed = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"is no JSON Feed: {error}") from None
    if not isinstance(feed, dict) or "jsonfeed.org" not in str(feed.get("version")):
        raise InputError(
            'is no JSON Feed: it has no "version": "https://jsonfeed.org/version/1.1"; events of your own go into .jsonl'
        )
    items = feed.get("items")
    if not isinstance(items, list):
        raise InputError("has no list of items", field="items")
    for item in items:
        if not isinstance(item, Mapping):
            yield InputError("an item is no object", field="items")
            continue
        html = item.get("content_html")
        yield {
            **item,
            "id": item.get("id") or item.get("url"),
            "date": item.get("date_published") or item.get("date_modified"),
            "title": item.get("title"),
            "text": item.get("content_text")
            or (plain(html) if isinstance(html, str) else item.get("summary")),
            "topics": item.get("tags"),
            "sources": _source(feed.get("title"), item.get("url")),
            "url": item.get("url"),
            "language": item.get("language") or feed.get("language"),
        }


def _xml_feed(data: bytes) -> Iterator[dict[str, Any] | InputError]:
    try:
        import feedparser
    except ImportError:
        raise MissingExtraError("reading a feed needs feedparser: pip install 'relatedness[feeds]'") from None
    # Bytes in a stream: a text could be taken for an address or a file name and be fetched.
    feed = feedparser.parse(BytesIO(data), response_headers={"content-type": "application/xml"})
    fault = _fault(feed)
    if not feed.get("version"):
        raise fault or InputError("is neither RSS nor Atom")
    for entry in feed.entries:
        yield _entry(entry, feed.feed)
    if fault is not None:
        yield fault


def _fault(feed: Any) -> InputError | None:
    error = feed.get("bozo_exception")
    if (
        not feed.bozo
        or error is None
        or type(error).__name__ in ("CharacterEncodingOverride", "NonXMLContentType")
    ):
        return None
    line = getattr(error, "getLineNumber", lambda: None)()
    reason = getattr(error, "getMessage", lambda: error)()
    return InputError(f"is not well-formed: {reason}; entries from there on may be missing", line=line)


def _entry(entry: Any, feed: Any) -> dict[str, Any]:
    content = next((part.value for part in entry.get("content", ()) if part.get("value")), None)
    title = plain(entry.get("title", ""))
    return {
        "id": entry.get("id") or entry.get("link"),
        "date": _when(entry),
        "title": title,
        "text": plain(content or entry.get("summary", "")),
        "topics": [
            tag.get("label") or tag.term
            for tag in entry.get("tags", ())
            if tag.get("label") or tag.get("term")
        ],
        "sources": _source(entry.get("source", {}).get("title") or feed.get("title"), entry.get("link")),
        "url": entry.get("link"),
        "language": entry.get("language") or feed.get("language"),
    }


def _when(entry: Any) -> object:
    for name in ("published", "updated"):
        parsed = entry.get(f"{name}_parsed")
        if parsed is not None:
            return datetime.fromtimestamp(timegm(parsed), UTC)
        if entry.get(name):
            return entry[name]  # not a date that feeds know: the error names it
    return None


def _source(name: Any, url: Any) -> list[dict[str, Any]]:
    return [{"name": name, "url": url}] if name and isinstance(name, str) else []


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _BLOCKS:
            self.parts.append("\n")
        elif tag == "br":
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data.replace("\n", " "))


def plain(html: str) -> str:
    """The words of a piece of HTML, a blank line between its blocks."""
    if "<" not in html and "&" not in html:
        return html.strip()
    words = _Words()
    words.feed(html)
    words.close()
    lines = (" ".join(line.split()) for line in "".join(words.parts).split("\n"))
    return "\n\n".join(line for line in lines if line)
