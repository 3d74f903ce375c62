r"""The events within one page that has no date of its own: the rows of a table, or sections whose headings have dates.

In: the text of a page in Markdown, HTML, reStructuredText, Org or AsciiDoc. Out: records, as tables give them, and a note for the summary.

==========================================  ==========================================================
``| Date | What happened |``                a row is an event: lists of outages, of talks, of post-mortems
``## [1.2.0] - 2024-03-01``                 a section is an event: change logs, minutes, diaries
``1.2.0 (2024-03-01)`` above ``------``     the same with underlined headings
``## 1.2.0`` above ``Released 2024-03-01``  the same with the day on the first line below the heading
``- **2024-03-01**: The dam leaks.``        an item of a list is an event: timelines
==========================================  ==========================================================
"""

from __future__ import annotations

import re
from calendar import day_abbr, day_name
from collections.abc import Iterator
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from relatedness.dates import Day
from relatedness.sources._columns import WantedColumns
from relatedness.sources._dialects import read_date
from relatedness.sources._headers import Header, is_header
from relatedness.sources._markdown import title_words, to_html, to_words
from relatedness.sources._markup import is_too_deep, plain_text

_MOST_COLUMNS = 200  # of a table in a page
# The longest line that is a heading: one with marks before it, one that is underlined, and one that says only when something was
# released, with so much behind the day.
_LONGEST_MARKED, _LONGEST_UNDERLINED, _LONGEST_RELEASED, _LONGEST_BEHIND = 1000, 200, 60, 20
_UNDERLINE = re.compile(r"([=\-~^\"'+*#])\1{2,}\s*\Z")
_ATX = {
    "md": re.compile(r"(#{1,5})\s+(.+?)[\s#]*\Z"),
    "org": re.compile(r"(\*{1,5})\s+(.+)"),
    "adoc": re.compile(r"(={1,5})\s+(.+)"),
}
_HEADINGS = ("h1", "h2", "h3", "h4", "h5")
_FENCE = re.compile(r"\s{0,3}(```|~~~)")
_LINK = re.compile(r"\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])?")
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)|(?<!\d)\d{1,2}(?:st|nd|rd|th)?\.? [^\W\d_]{3,12}\.?,? \d{4}|[^\W\d_]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}"
)
_DAY_OF_YEAR = re.compile(
    r"\d{1,2}(?:st|nd|rd|th)?\.? [^\W\d_]{3,12}\b\.?|[^\W\d_]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?\b"
)
_YEAR_ALONE = re.compile(r"\D{0,20}((?:1\d|20)\d\d)\D{0,3}")
_RELEASED = re.compile(
    r"[\s*_>-]*(?:(?:release date|released|date|published)(?: on)?\s*:?[\s*_]*)?", re.IGNORECASE
)


_Section = tuple[str, Day, str]
"""Title, day and the body."""


class PageRecords(NamedTuple):
    """What a page holds: its records, and what they are, in words for the summary."""

    records: list[dict[str, Any]]
    note: str


def records_in_page(text: str, kind: str, location: str, wanted: WantedColumns) -> PageRecords | None:
    r"""The records of a page; None if it has none.

    Parameters
    ----------
    text : str
        The file, lines ending in LF.
    kind : str
        ``md``, ``mdx``, ``html``, ``rst``, ``org`` or ``adoc``.
    location : str
        How the page is called: the ids of its sections begin with it.

    Examples
    --------
    >>> found = records_in_page("# News\n\n## 1.1 - 2024-03-01\n\nA dam.\n\n## 1.0 - 2024-02-01\n\nNo dam.\n", "md", "NEWS.md",
    ...     WantedColumns())
    >>> [(record["id"], record["title"], record["text"]) for record in found.records]
    [('NEWS.md#1.1', '1.1', 'A dam.'), ('NEWS.md#1.0', '1.0', 'No dam.')]
    """
    if kind not in ("md", "mdx", "html", "rst", "org", "adoc"):
        return None
    html = text if kind == "html" else to_html(text, kind) if kind in ("md", "mdx", "rst") else ""
    tree = None if is_too_deep(html) else LexborHTMLParser(html)
    if tree is not None and kind == "html" and (marks := list(_bookmarks(tree))):
        return PageRecords(marks, "records: the bookmarks in the page")
    if tree is not None and kind == "html" and (messages := list(_messages(tree))):
        return PageRecords(messages, "records: the messages of a chat")
    if tree is not None and (rows := list(_rows_of_tables(tree, wanted))):
        return PageRecords(rows, "records: the rows of the tables in the page")
    if tree is not None and kind == "html":
        sections = _records(_sections_of_html(tree), "html", location)
    else:
        sections = _records(_dated_sections(text, kind), kind, location)
    if sections:
        return PageRecords(sections, "records: the sections of the page that have a date")
    if tree is not None and (items := list(_dated_items(tree))):
        return PageRecords(items, "records: the items of the lists in the page that begin with a date")
    return None


def _rows_of_tables(tree: LexborHTMLParser, wanted: WantedColumns) -> Iterator[dict[str, Any]]:
    for table in tree.css("table"):
        header: Header | None = None
        # Cells that reach into the rows below: at each position the words, and the rows that still have them.
        reaching: dict[int, tuple[str, int]] = {}
        for row in table.css("tr"):
            cells = _cells_of(row, reaching)
            if header is not None and any(cells):
                yield {name: cell for name, cell in header.record(cells).items() if name}
            elif header is None and any(cells):
                if not is_header(cells, wanted):
                    break
                header = Header.of(cells, wanted)


def _cells_of(row: LexborNode, reaching: dict[int, tuple[str, int]]) -> list[str]:
    """The cells of a row at their positions, those among them that reach into it from above."""
    cells: list[str] = []

    def reach() -> None:
        while len(cells) in reaching and len(cells) < _MOST_COLUMNS:
            words, rows = reaching.pop(len(cells))
            if rows > 1:
                below[len(cells)] = words, rows - 1
            cells.append(words)

    below: dict[int, tuple[str, int]] = {}
    for cell in row.css("th, td"):
        reach()
        words = _cell(cell)
        rows, columns = (_span(cell, name) for name in ("rowspan", "colspan"))
        if rows > 1:
            below[len(cells)] = words, rows - 1
        cells += [words, *[""] * (min(columns, _MOST_COLUMNS) - 1)]
    reach()
    reaching |= below
    return cells[:_MOST_COLUMNS]


def _span(cell: LexborNode, name: str) -> int:
    said = (cell.attributes.get(name) or "").strip()
    return int(said) if said.isdecimal() and len(said) < 5 else 1


def _messages(tree: LexborHTMLParser) -> Iterator[dict[str, Any]]:
    """The messages of a chat that Telegram exports as a page; notices that somebody joined are none."""
    for message in tree.css("div.message.default"):
        when = message.css_first("div.date[title]")
        words = message.css_first("div.text")
        if when is not None and words is not None:
            author = message.css_first("div.from_name")
            yield {
                "id": message.attributes.get("id"),
                "date": when.attributes["title"],
                "text": plain_text(words.inner_html or "").strip(),
                "author": "" if author is None else _cell(author),
            }


def _bookmarks(tree: LexborHTMLParser) -> Iterator[dict[str, Any]]:
    """The bookmarks that browsers and services export: links with the second at which each was added."""
    for link in tree.css("a[add_date], a[time_added]"):
        about = link.attributes
        folder = link.parent
        note = folder.next if folder is not None else None
        while note is not None and note.tag == "-text":
            note = note.next
        yield {
            "date": about.get("add_date") or about.get("time_added"),
            "title": _cell(link),
            "text": _cell(note) if note is not None and note.tag == "dd" else "",
            "url": about.get("href"),
            "topics": about.get("tags") or "",
        }


def _is_dated(dated: int, count: int) -> bool:
    """Whether two or more, and half of all, have a date."""
    return dated >= 2 and 2 * dated >= count


def _dated_items(tree: LexborHTMLParser) -> Iterator[dict[str, Any]]:
    """The items of lists of which two or more, and half of all, begin with a date; its year may be the heading above the list."""
    year = ""
    for listed in tree.css(f"{', '.join(_HEADINGS)}, ul, ol"):
        if listed.tag in _HEADINGS:
            stated = _YEAR_ALONE.fullmatch(_cell(listed))
            year = stated[1] if stated else ""
            continue
        found = []
        items = [node for node in listed.iter() if node.tag == "li"]
        for item in items:
            words = _cell(item)
            when = _DATE.match(words)
            day = read_date(when[0], None) if when else None
            if day is None and year and (when := _DAY_OF_YEAR.match(words)) is not None:
                day = read_date(f"{when[0]} {year}", None)
            if when is not None and day is not None and (rest := words[when.end() :].lstrip(" :-–—.,|")):
                found.append({"date": day, "text": rest})
        if _is_dated(len(found), len(items)):
            yield from found


def _sections_of_html(tree: LexborHTMLParser) -> list[_Section]:
    """The sections of the first level of headings of which two or more, and half of all, have a date."""
    for depth, tag in enumerate(_HEADINGS, 1):
        headings = tree.css(tag)
        found = []
        for node in headings:
            heading = _cell(node)
            when = _DATE.search(heading)
            day = read_date(when[0], None) if when else None
            if when is None or day is None:
                continue
            parts = []
            after = node.next
            while after is not None and after.tag not in _HEADINGS[:depth]:
                parts.append(after.html or "")
                after = after.next
            found.append((_title(heading, when), day, "".join(parts)))
        if _is_dated(len(found), len(headings)):
            return found
    return []


def _cell(node: LexborNode) -> str:
    """The words of a cell without what pages keep for sorting and without marks of references."""
    for hidden in node.css("[style*='display:none'], [style*='display: none'], sup.reference"):
        hidden.decompose()
    return " ".join(plain_text(node.inner_html or "").split())


def _dated_sections(text: str, kind: str) -> list[_Section]:
    """The sections of the first level of headings of which two or more, and half of all, have a date."""
    headings = list(_headings(text, kind))
    lines = text.split("\n")
    levels = dict.fromkeys(level for _, _, level, _ in headings)
    for rank, level in enumerate(levels):
        above = set(list(levels)[: rank + 1])
        found: list[_Section] = []
        count = 0
        for at, (_, below, own, heading) in enumerate(headings):
            if own != level:
                continue
            count += 1
            after = at + 1
            while after < len(headings) and headings[after][2] not in above:
                after += 1
            end = headings[after][0] if after < len(headings) else len(lines)
            body = "\n".join(lines[below:end])
            bare = _LINK.sub(r"\1", heading)
            when = _DATE.search(bare)
            day = read_date(when[0], None) if when else None
            title = _title(bare, when) if when else bare
            if day is None:
                day = _in_drawer(body) if kind == "org" else _below(body)
            if day is not None:
                found.append((title, day, body))
        if _is_dated(len(found), count):
            return found
    return []


def _records(found: list[_Section], kind: str, location: str) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = []
    seen: dict[str, int] = {}
    for title, day, body in found:
        tags: list[str] = []
        if kind == "org":
            title = _ORG_STATE.sub("", title)
            if (marks := _ORG_TAGS.search(title)) is not None:
                title, tags = title[: marks.start()], marks[1].strip(":").split(":")
        title = title_words(title)
        name = re.sub(r"[^\w.-]+", "-", title).strip("-").lower() or day.isoformat()
        seen[name] = seen.get(name, 0) + 1
        number = f"-{seen[name]}" if seen[name] > 1 else ""
        # What the words begin with may be a heading: it belongs to them.
        words = to_words(body, kind)
        if words.heading and title.lower() in _WEEKDAYS:
            title, text = words.heading, words.text
        else:
            text = "\n\n".join(part for part in words if part)
        records.append(
            {"id": f"{location}#{name}{number}", "date": day, "title": title, "text": text, "topics": tags}
        )
    return records


def _title(heading: str, when: re.Match[str]) -> str:
    """A heading without its date and the brackets around it; a date that is all of it stays."""
    rest = re.sub(
        r"\(\s*\)|[\[<]\s*(?:[^\W\d_]{2,9}\.?)?\s*[\]>]", "", heading[: when.start()] + heading[when.end() :]
    )
    return rest.strip(" -–—:/,|@") or heading.strip()


def _below(body: str) -> Day | None:
    """The day that the first line below a heading is about."""
    line = next((line.strip() for line in body.split("\n") if line.strip()), "")
    rest = line[_RELEASED.match(line).end() :] if len(line) <= _LONGEST_RELEASED else ""  # type: ignore[union-attr]
    when = _DATE.match(rest)
    return read_date(when[0], None) if when and len(rest) - when.end() < _LONGEST_BEHIND else None


_IN_LIST = re.compile(r"\s*(?:[-*+>]|\d{1,9}[.)])\s|\s{2}")  # below it, a line of dashes parts sections
_ORG_STATE = re.compile(r"(?:TODO|DONE|NEXT|WAITING|CANCELLED)\s+")
_ORG_TAGS = re.compile(r"\s+:((?:[\w@#%]{1,50}:){1,50})\s*\Z")
_WEEKDAYS = frozenset(name.lower() for name in (*day_name, *day_abbr))
_DRAWER_DAY = re.compile(
    r"^\s*(?::(?:CREATED|DATE|CREATED_AT|ADDED|LOGGED|CAPTURED):|CLOSED:|SCHEDULED:)\s*[\[<]?(\d{4}-\d\d-\d\d)|^\s*[\[<](\d{4}-\d\d-\d\d)[^\]>\n]{0,40}[\]>]\s*$",
    re.MULTILINE | re.IGNORECASE,
)


def _in_drawer(body: str) -> Day | None:
    """The day that an entry of Org has in its drawer of properties, or alone on a line."""
    found = _DRAWER_DAY.search(body[:2000])
    return read_date(found[1] or found[2], None) if found is not None else None


def _headings(text: str, kind: str) -> Iterator[tuple[int, int, object, str]]:
    """The headings: the line that each begins on, the first below it, its level and its words."""
    lines = text.split("\n")
    fence = ""
    mark = _ATX.get("md" if kind == "mdx" else kind)
    for at, line in enumerate(lines):
        found = _FENCE.match(line) if kind != "rst" else None
        if found is not None and fence in ("", found[1]):
            fence = "" if fence else found[1]
        elif fence:
            continue
        elif mark is not None and len(line) < _LONGEST_MARKED and (atx := mark.match(line)) is not None:
            yield at, at + 1, len(atx[1]), atx[2]
        elif (
            kind in ("md", "mdx", "rst")
            and line.strip()
            and at + 1 < len(lines)
            and (under := _UNDERLINE.match(lines[at + 1])) is not None
            and not _UNDERLINE.match(line)
            and (kind == "rst" or not _IN_LIST.match(line))
            and (under[1] in "=-" or kind == "rst")
            and len(line) < _LONGEST_UNDERLINED
        ):
            over = kind == "rst" and at > 0 and lines[at - 1].strip() == lines[at + 1].strip()
            yield (
                at,
                at + 2,
                (1 if under[1] == "=" else 2) if kind != "rst" else (under[1], over),
                line.strip(),
            )
