"""The parts of a site for other programs: an Atom and a JSON feed, and the sitemap. Text only, no files."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape, quoteattr

from relatedness.events import Event
from relatedness.publish._forms import possible, xml_text
from relatedness.publish._layout import EventEntry
from relatedness.publish._settings import Settings

_FEED_LENGTH = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SITEMAP_LENGTH = 50_000  # the most addresses that the protocol allows in one file
_NAMESPACE = uuid.UUID("6f0d7c4e-2f4c-5d0e-9a53-0b8f7f3f2b1a")


def _address(site: Settings, path: str) -> str:
    ending = "html" if "html" in site.formats else site.formats[0]
    return f"{site.url}/{path}.{ending}"


def _instant(event: Event) -> str:
    """The time of an event in the form of feeds."""
    if isinstance(event.date, datetime):
        return event.date.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return f"{event.when}T00:00:00Z"


def _urn(text: str) -> str:
    # Unlike an address, which may change with the site, a URN never changes.
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, text)}"


def topic_atom(site: Settings, name: str, path: str, events: Sequence[EventEntry]) -> str:
    """The Atom feed of a topic: its newest events, with the fields that lists show."""
    newest = list(reversed([entry for entry in events if entry.day][-_FEED_LENGTH:]))
    updated = max((_moment(entry) for entry in newest), default="1970-01-01T00:00:00Z")
    title = f"{name} · {site.title}"
    lines = _head(
        site,
        title,
        f"{site.url or site.title} {name}",
        updated,
        f"{path.removesuffix('index')}atom.xml",
        path,
    )
    for entry in newest:
        lines += _entry(site, entry, _moment(entry))
    return "\n".join([*lines, "</feed>"]) + "\n"


def _moment(entry: EventEntry) -> str:
    return (_EPOCH + timedelta(seconds=entry.seconds)).isoformat(timespec="seconds").replace("+00:00", "Z")


def _head(site: Settings, title: str, id_: str, updated: str, own: str, page: str) -> list[str]:
    return [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={quoteattr(site.language)}>',
        f" <title>{xml_text(title)}</title>",
        f" <id>{_urn(id_)}</id>",
        f" <updated>{updated}</updated>",
        f" <author><name>{xml_text(site.title)}</name></author>",
        f' <link rel="self" href={quoteattr(f"{site.url}/{own}")}/>',
        f" <link href={quoteattr(_address(site, page))}/>",
    ]


def _entry(site: Settings, entry: EventEntry, updated: str, summary: str = "") -> list[str]:
    return [
        " <entry>",
        f"  <title>{xml_text(entry.title)}</title>",
        f"  <id>{_urn(entry.id)}</id>",
        f"  <link href={quoteattr(_address(site, entry.path))}/>",
        f"  <updated>{updated}</updated>",
        *(f"  <category term={quoteattr(possible(name))}/>" for name in entry.contexts),
        *([f"  <summary>{xml_text(summary)}</summary>"] if summary else ()),
        " </entry>",
    ]


def atom(site: Settings, events: Sequence[tuple[EventEntry, Event]]) -> str:
    """An Atom feed (RFC 4287) of some events, in their order."""
    updated = max((_instant(event) for _, event in events), default="1970-01-01T00:00:00Z")
    lines = _head(site, site.title, site.url or site.title, updated, "atom.xml", "index")
    for entry, event in events:
        lines += _entry(site, entry, _instant(event), event.text or event.title)
    return "\n".join([*lines, "</feed>"]) + "\n"


def json_feed(site: Settings, events: Sequence[tuple[EventEntry, Event]]) -> str:
    """A JSON feed (jsonfeed.org, 1.1) of some events, in their order."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": site.title,
        "language": site.language,
        "home_page_url": _address(site, "index"),
        "feed_url": f"{site.url}/feed.json",
        "items": [
            {
                "id": _urn(entry.id),
                "url": _address(site, entry.path),
                "title": entry.title,
                "content_text": event.text or event.title,
                "date_published": _instant(event),
                "tags": list(entry.contexts),
            }
            for entry, event in events
        ],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1) + "\n"


def sitemap_names(addresses: int) -> list[str]:
    """The files of a sitemap, given its number of addresses; the first is the one that search engines ask for."""
    if addresses <= _SITEMAP_LENGTH:
        return ["sitemap.xml"]
    parts = -(-addresses // _SITEMAP_LENGTH)
    return ["sitemap.xml", *(f"sitemap-{part}.xml" for part in range(1, parts + 1))]


def sitemap(site: Settings, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The sitemap of some pages, or where it is too long for one file its parts and a list of them (sitemaps.org)."""
    addresses = [_address(site, path) for path in paths]
    names = sitemap_names(len(addresses))
    if len(names) == 1:
        yield names[0], _sitemap_file("urlset", "url", addresses)
        return
    for part, name in enumerate(names[1:]):
        yield (
            name,
            _sitemap_file("urlset", "url", addresses[part * _SITEMAP_LENGTH : (part + 1) * _SITEMAP_LENGTH]),
        )
    yield names[0], _sitemap_file("sitemapindex", "sitemap", [f"{site.url}/{name}" for name in names[1:]])


def _sitemap_file(outer: str, inner: str, addresses: Iterable[str]) -> str:
    lines = [f"<{inner}><loc>{escape(address)}</loc></{inner}>" for address in addresses]
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{outer} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return head + "\n".join(lines) + f"\n</{outer}>\n"
