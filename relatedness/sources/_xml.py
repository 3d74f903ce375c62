"""Plain XML -> records: the elements that repeat and tell a date and words, such as ``<incidents><incident>...``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any
from xml.etree import ElementTree as ET

from relatedness.errors import InputError
from relatedness.sources._columns import WantedColumns, match, paths_of
from relatedness.sources._file import MOST_TAGS, Item, SourceFile
from relatedness.sources._headers import PREAMBLE, is_header
from relatedness.sources._holders import rows_as_records
from relatedness.sources._mappings import NoTableError
from relatedness.sources._report import LeftOut
from relatedness.sources._schemas import TELLING, understood
from relatedness.sources._xml_documents import documents_in, record_of_document

_FIRST_ELEMENT = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)[^<]*")
# Possessive, because a repeated "<!DOCTYPE" would cause catastrophic backtracking.
_BEFORE = re.compile(
    rb"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*+(?:\[[^\]]*+\])?+[^>]*+>",
    re.DOTALL,
)
_FEEDS = (b"rss", b"feed", b"rdf", b"channel")
_DEEPEST = 6  # elements around those that repeat
_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_MOST_COLUMNS = 16_384  # of Excel
_COMPONENT = re.compile(r"c(?:0[1-9]|1[0-2])?\Z")


def is_feed(head: bytes) -> bool:
    """Whether an XML file is a feed by its first element, or too odd to tell."""
    text = _BEFORE.sub(b"", head)
    found = _FIRST_ELEMENT.search(text)
    is_of_tracker = b"<build-info" in text and b"<issue " in text  # Jira calls its list of issues a feed
    return found is None or (found[1].lower() in _FEEDS and not is_of_tracker)


def read_xml(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """The records of an XML file that is not a feed.

    Raises
    ------
    InputError
        If it is not well-formed or has more than `MOST_TAGS`, or no element repeats whose parts tell a date and words.
    """
    data = file.whole()
    if data.count(b"<") > MOST_TAGS:
        raise InputError(f"has more than {MOST_TAGS:,} tags, the limit", file=file.name)
    try:
        root = ET.fromstring(data)  # noqa: S314 - expat resolves no external entity and bounds internal ones
    except ET.ParseError as error:
        raise InputError(f"is not well-formed: {error}", file=file.name, line=error.position[0]) from None
    if root.tag == f"{{{_SPREADSHEET}}}Workbook":
        yield from rows_as_records(_rows_of_sheet(root, file, wanted), file, wanted)
        return
    document = record_of_document(root)
    if document is not None:
        yield file.name, (None, 1), document, document
        return
    documents = documents_in(root)
    if documents:
        file.notes.append(f"records: the documents in <{_local(root.tag)}>")
        for number, document in enumerate(documents, 1):
            yield file.name, (None, number), document, document
        return
    if _local(root.tag) == "opml" and root.find(".//outline[@xmlUrl]") is not None:
        raise NoTableError(
            "lists the addresses of feeds, none of their entries: fetch the feeds, and give their files",
            file=file.name,
        )
    found = _components(root) or _issues(root) or _repeated(root, wanted)
    if found is None and _tells(root, wanted):
        found = [root]  # one event a file
    if found is None:
        raise NoTableError(
            f"is neither RSS nor Atom, and its <{_local(root.tag)}> holds no repeated element with a date and words; write "
            "one element per event, with its fields as attributes or elements: "
            "<event><date>2017-03-07</date><title>...</title></event>",
            file=file.name,
        )
    file.notes.append(f"records: the elements <{_local(found[0].tag)}>")
    for number, element in enumerate(found, 1):
        record = _value(element)
        yield file.name, (None, number), record, record


def _rows_of_sheet(root: ET.Element, file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """The rows of the first sheet with names of columns, in a workbook as Excel of 2003 writes it in XML."""
    for sheet in root.iter(f"{{{_SPREADSHEET}}}Table"):
        rows = enumerate(map(_cells, sheet.iter(f"{{{_SPREADSHEET}}}Row")), 1)
        top = next((item for item in islice(rows, PREAMBLE) if is_header(item[1], wanted)), None)
        if top is not None:
            for number, row in chain([top], rows):
                if any(row):
                    yield file.name, (None, number), row, row
            return
    raise NoTableError("has no sheet with columns for a date and words", file=file.name)


def _cells(row: ET.Element) -> list[str]:
    """The cells of a row without their comments; one that follows empty ones says its position."""
    cells: list[str] = []
    for cell in row.iter(f"{{{_SPREADSHEET}}}Cell"):
        cells += [""] * (_number(cell, "Index") - 1 - len(cells))
        data = cell.find(f"{{{_SPREADSHEET}}}Data")
        cells.append("" if data is None else "".join(data.itertext()).strip())
        cells += [""] * min(_number(cell, "MergeAcross"), _MOST_COLUMNS - len(cells))
    return cells


def _number(cell: ET.Element, name: str) -> int:
    """The number of columns in an attribute of a cell; 0 without it."""
    said = cell.get(f"{{{_SPREADSHEET}}}{name}") or ""
    return min(int(said), _MOST_COLUMNS) if said.isdecimal() and len(said) < 10 else 0


def _components(root: ET.Element) -> list[ET.Element] | None:
    """The items of a finding aid (EAD), which lie in one another at any depth: those in which no other lies."""
    if _local(root.tag) != "ead":
        return None
    parts = [
        element
        for element in root.iter()
        if isinstance(element.tag, str) and _COMPONENT.match(_local(element.tag))
    ]
    return [
        part for part in parts if not any(_COMPONENT.match(_local(str(child.tag))) for child in part)
    ] or None


def _issues(root: ET.Element) -> list[ET.Element] | None:
    """The issues in the XML of Jira, the only feed that is read here."""
    return list(root.iter("item")) or None if root.tag == "rss" else None


def _repeated(element: ET.Element, wanted: WantedColumns, depth: int = 0) -> list[ET.Element] | None:
    """The children of one name that are events, of this element or of one in it."""
    by_name: dict[str, list[ET.Element]] = {}
    for child in element:
        if isinstance(child.tag, str):
            by_name.setdefault(child.tag, []).append(child)
    here = next(
        (
            children
            for children in sorted(by_name.values(), key=len, reverse=True)
            if _tells(children[0], wanted)
        ),
        None,
    )
    if here is not None and len(here) > 1:
        return here
    if depth < _DEEPEST:
        for children in by_name.values():
            for child in children[:3]:
                found = _repeated(child, wanted, depth + 1)
                if found is None or (here is not None and len(found) < 2):
                    continue
                if len(children) > 1:  # those of its siblings, too: <month><event/></month><month>...
                    return [inner for sibling in children for inner in sibling.iter(found[0].tag)]
                return found
    return here


def _tells(element: ET.Element, wanted: WantedColumns) -> bool:
    """Whether the parts of an element tell a date and words."""
    record = _value(element, most=2)
    if not isinstance(record, dict):
        return False
    shown = understood(_value(element) if not TELLING.isdisjoint(record) else record)
    told = match(list(paths_of(record if isinstance(shown, LeftOut) else shown)), wanted)
    return ("title" in told or "text" in told) and ("date" in told or not wanted.dated)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _value(element: ET.Element, depth: int = 0, most: int | None = None) -> Any:
    """An element as a text, or as an object of its attributes and elements; what repeats is a list, of ``most`` if given."""
    parts: dict[str, Any] = {_local(name): value for name, value in element.attrib.items()}
    if depth >= _DEEPEST or not len(element):
        text = "".join(element.itertext()).strip()
        return {**parts, "#text": text} if parts and text else parts or text
    # <field name="title">A fire</field>, as databases and Solr write a row.
    if len(element) > 1 and all(isinstance(child.tag, str) and child.get("name") for child in element):
        for child in element:
            parts.setdefault(str(child.get("name")), _named_value(child, depth))
        return parts
    # Marked-up text, as in <p>The <b>ferry</b> stops</p>, is one text.
    if any((child.tail or "").strip() for child in element):
        return " ".join("".join(element.itertext()).split())
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name = _local(child.tag)
        known = parts.get(name)
        if most is not None and isinstance(known, list) and len(known) >= most:
            continue
        value = _value(child, depth + 1, most)
        if name not in parts:
            parts[name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            parts[name] = [known, value]
    return parts


def _named_value(element: ET.Element, depth: int) -> Any:
    """What a field with a name holds: a text, or of a list its parts."""
    if not len(element):
        return (element.text or "").strip()
    values = [_value(child, depth + 1) for child in element]
    plain = [value.get("#text", value) if isinstance(value, dict) else value for value in values]
    return plain[0] if len(plain) == 1 else plain
