"""The search of a site: it works from a folder without a server. Text only, no files.

The titles and topics of each year's events are a script of their own, ``search/2016.js``; the page asks for the newest first and
for older ones as long as it has found too little. A refresh rewrites the years that it touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import orjson

from relatedness.publish._forms import possible
from relatedness.publish._layout import Site
from relatedness.publish._paths import UNDATED

PAGE = "search/index"


def search_names(site: Site) -> list[str]:
    """The files of the search."""
    return [f"{PAGE}.html", *(f"search/{year or UNDATED}.js" for year in site.years)]


def search_files(site: Site, years: Iterable[str]) -> Iterator[tuple[str, str]]:
    """A script for each of some years: it hands the events to the page, the newest first."""
    for year in years:
        rows = [
            [possible(e.title), e.path, e.day, [possible(site.called(name)) for name in e.contexts]]
            for e in reversed(site.years[year])
        ]
        yield f"search/{year or UNDATED}.js", f"found({orjson.dumps(rows).decode()});\n"
