"""The search of a site: it works from a folder without a server. Pure text work.

The titles and topics of each year's events are a script of their own, ``search/2016.js``; the page asks for the newest first and
for older ones as long as it has found too little. A refresh rewrites the years that it touched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import orjson

from relatedness.publish._forms import possible
from relatedness.publish._layout import EventEntry, Site

PAGE = "search/index"


def search_names(site: Site) -> list[str]:
    """The files of the search."""
    return [f"{PAGE}.html", *(f"search/{year}.js" for year in years(site))]


def years(site: Site) -> list[str]:
    """The years that the search looks through, the newest first."""
    return sorted({entry.day[:4] for entry in site.entries.values()}, reverse=True)


def search_files(site: Site) -> Iterator[tuple[str, str]]:
    """A script for each year: it hands the events to the page, the newest first."""
    found: dict[str, list[EventEntry]] = defaultdict(list)
    for entry in site.entries.values():
        found[entry.day[:4]].append(entry)
    for year, entries in found.items():
        rows = [
            [possible(e.title), e.path, e.day, [possible(name) for name in e.contexts]]
            for e in reversed(entries)
        ]
        yield f"search/{year}.js", f"found({orjson.dumps(rows).decode()});\n"
