"""Feeds in files (RSS, Atom, JSON Feed) -> the records of events. Nothing is fetched.

``id`` is the entry's id or address, ``date`` when it was published (else updated), ``text`` its content or summary
without markup, ``topics`` its categories, ``sources`` the feed, ``url`` its address, ``language`` the feed's.

An entry without a date is left out and counted, one with an odd date is faulty: no entry ever gets another date than its own.
Entries that a feed marks as a draft, private or not a post (WordPress, Blogger, Atom's ``app:draft``, unknown dialects with a
status) is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from relatedness.errors import InputError, MissingExtraError
from relatedness.sources._dialects import is_not_shown, read_date
from relatedness.sources._exports import Taken, is_ghost, read_ghost
from relatedness.sources._file import MOST_TAGS
from relatedness.sources._markup import html_to_text, plain_text, untracked
from relatedness.sources._report import Faulty, LeftOut, Post

MAX_FEED = 64 * 2**20
"""The longest feed in bytes that is read, decompressed; WordPress' exports may be longer."""

# feedparser takes quadratic time in the number of attributes of an element.
_MOST_ATTRIBUTES = 1000
_CROWDED = re.compile(
    rb"<[^\s<>/!?]+(?:\s+[^\s=<>]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*')){%d}" % (_MOST_ATTRIBUTES + 1)
)
_KIND = "#kind"  # the scheme of Blogger's categories for the kind of an entry


def read_feed(data: bytes, *, as_json: bool = False, zone: Any = None) -> Iterator[Taken | InputError]:
    """Read the entries of a feed, the first one first.

    Parameters
    ----------
    data : bytes
        The file.
    as_json : bool
        Whether it is JSON: a JSON Feed, or an export of Ghost. RSS and Atom are told apart by their content.
    zone : str or tzinfo, optional
        Of dates without one; UTC if left out.

    Yields
    ------
    Post, LeftOut, Faulty or InputError
        An entry as a record for `Event.make`, or why an entry is not an event; last, what is wrong with the file, after
        the entries that could still be read.

    Raises
    ------
    InputError
        If it is not a feed, or longer than `MAX_FEED`.
    MissingExtraError
        If feedparser is not installed.

    Examples
    --------
    >>> feed = b'''{"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": [
    ...   {"id": "1", "title": "Mosul falls", "content_html": "<p>To <b>ISIL</b>.</p>",
    ...    "date_published": "2014-06-10T08:00:00Z"}]}'''
    >>> record = next(read_feed(feed, as_json=True))
    >>> record["title"], record["text"], record["date"].isoformat()
    ('Mosul falls', 'To ISIL.', '2014-06-10T08:00:00+00:00')
    """
    if len(data) > MAX_FEED:
        raise InputError(f"is longer than {MAX_FEED:,} bytes, the limit for a feed")
    return _json_feed(data, zone) if as_json else _xml_feed(data, zone)


def _json_feed(data: bytes, zone: Any) -> Iterator[Taken | InputError]:
    try:
        feed = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"is not a JSON Feed: {error}") from None
    if is_ghost(feed):
        yield from read_ghost(feed, zone)
        return
    if not isinstance(feed, dict) or "jsonfeed.org" not in str(feed.get("version")):
        raise InputError(
            'is not a JSON Feed: it has no "version": "https://jsonfeed.org/version/1.1"; to read your own events, name '
            "the file .jsonl"
        )
    items = feed.get("items")
    if not isinstance(items, list):
        raise InputError("has no list of items", field="items")
    for item in items:
        if not isinstance(item, Mapping):
            yield Faulty(InputError("an item is not an object", field="items"), "")
            continue
        html, text = item.get("content_html"), item.get("content_text")
        url = item.get("url")
        yield _taken(
            {
                **item,
                "id": item.get("id") or url,
                "title": plain_text(item["title"])
                if isinstance(item.get("title"), str)
                else item.get("title"),
                "text": text
                or (html_to_text(html, code=[]) if isinstance(html, str) else item.get("summary")),
                "topics": item.get("tags"),
                "category": None,
                "sources": _source(feed.get("title"), url),
                "url": url,
                "language": item.get("language") or feed.get("language"),
                "group": None,
            },
            item,
            (item.get("date_published"), item.get("date_modified")),
            zone,
        )


def _xml_feed(data: bytes, zone: Any) -> Iterator[Taken | InputError]:
    try:
        import feedparser
    except ImportError:
        raise MissingExtraError("reading a feed needs feedparser: pip install 'relatedness[feeds]'") from None
    _check_cost(data)
    # Pass a byte stream, because feedparser would fetch a text that looks like an address or a file name. Its own HTML
    # processing takes quadratic time, so HTML is left to the converter that all sources share.
    feed = feedparser.parse(
        BytesIO(data),
        response_headers={"content-type": "application/xml"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    fault = _fault(feed)
    if not feed.get("version"):
        raise fault or InputError("is neither RSS nor Atom")
    for entry in feed.entries:
        yield _entry(entry, feed.feed, zone)
    if fault is not None:
        yield fault


def _check_cost(data: bytes) -> None:
    """Raise `InputError` for a feed that would take far more time or memory than its length."""
    if data.count(b"<") > MOST_TAGS:
        raise InputError(f"has more than {MOST_TAGS:,} tags, the limit for a feed")
    if data.count(b"=") > _MOST_ATTRIBUTES:
        plain = data.replace(b"\0", b"") if b"\0" in data else data  # UTF-16
        if (found := _CROWDED.search(plain)) is not None:
            line = plain.count(b"\n", 0, found.start()) + 1
            raise InputError(
                f"has an element with more than {_MOST_ATTRIBUTES:,} attributes, the limit", line=line
            )


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
    return InputError(f"is not well-formed: {reason}; later entries may be missing", line=line)


def _entry(entry: Any, feed: Any, zone: Any) -> Taken:
    content = next((part.value for part in entry.get("content", ()) if part.get("value")), None)
    tags = [tag for tag in entry.get("tags", ()) if not str(tag.get("scheme") or "").endswith(_KIND)]
    kinds = [
        str(tag.get("term")) for tag in entry.get("tags", ()) if str(tag.get("scheme") or "").endswith(_KIND)
    ]
    # wp_status, x_visibility, app_draft: names of unknown dialects, without prefixes
    said = {str(name).lower().partition("_")[2] or str(name): value for name, value in entry.items()}
    kind = kinds[0].rpartition("#")[2] if kinds else entry.get("blogger_type")
    if kind:
        said["post_type"] = kind
    return _taken(
        {
            "id": entry.get("id") or entry.get("link"),
            "title": plain_text(entry.get("title") or ""),
            "text": _words(content or entry.get("summary") or ""),
            "topics": [
                plain_text(tag.get("label") or tag.term)
                for tag in tags
                if tag.get("label") or tag.get("term")
            ],
            "sources": _source(
                (entry.get("source") or {}).get("title") or feed.get("title"), entry.get("link")
            ),
            "url": entry.get("link"),
            "language": entry.get("language") or feed.get("language"),
        },
        said,
        # feedparser's own look-up substitutes one date for another.
        (dict.get(entry, "published"), dict.get(entry, "updated")),
        zone,
    )


def _words(html: str) -> str:
    return html_to_text(html, code=[]) if "<" in html else plain_text(html).strip()


def _taken(record: dict[str, Any], said: Mapping[str, Any], dates: tuple[Any, ...], zone: Any) -> Taken:
    """The entry with its date, or the reason to leave it out."""
    reason = is_not_shown({str(name).lower(): value for name, value in said.items()})
    if reason is not None:
        return LeftOut(reason)
    given = [value for value in dates if value not in (None, "")]
    if not given:
        return LeftOut("entries without a date")
    notes: dict[str, int] = {}
    found = next((read for value in given if (read := read_date(value, zone, None, notes)) is not None), None)
    if found is None:
        problem = f"not a date: {str(given[0])[:40]!r}; write 2016-07-11 or 2016-07-11T18:30:00+00:00"
        return Faulty(InputError(problem, field="date"), str(record.get("id") or ""))
    post = Post({**record, "date": found})
    post.notes = tuple(notes)
    return post


def _source(name: Any, url: Any) -> list[dict[str, Any]]:
    if not name or not isinstance(name, str):
        return []
    return [{"name": plain_text(name), "url": untracked(url) if isinstance(url, str) else None}]
