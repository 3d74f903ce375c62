"""XML files that are one document each -> its record: news of agencies (NITF, NewsML-G2), texts of scholars (TEI), articles of
journals (JATS).

Each says where its title, its day and its words stand; the first path that holds anything counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from relatedness.sources._date_words import month_of
from relatedness.sources._names import names_as_listed


class _Paths(NamedTuple):
    """Where the parts of a document stand: paths of names, and for days the attributes that tell them."""

    id: tuple[str, ...]
    date: tuple[str, ...]
    title: tuple[str, ...]
    text: tuple[str, ...]
    topics: tuple[str, ...]


_KINDS = {
    "nitf": _Paths(
        ("docdata/doc-id@id-string",),
        ("docdata/date.issue@norm", "docdata/date.release@norm", "body.head/dateline/story.date@norm", "pubdata@date.publication"),
        ("body.head/hedline/hl1", "head/title"),
        ("body.content",),
        ("docdata/key-list/keyword@key",),
    ),
    "newsItem": _Paths(
        ("newsItem@guid",),
        ("itemMeta/firstCreated", "contentMeta/contentCreated", "itemMeta/versionCreated"),
        ("contentMeta/headline", "itemMeta/title"),
        ("contentSet/inlineXML/html/body", "contentSet/inlineXML/nitf/body/body.content", "contentSet/inlineData", "contentSet/inlineXML", "contentMeta/description"),
        ("contentMeta/subject/name", "contentMeta/keyword"),
    ),
    "TEI": _Paths(
        ("publicationStmt/idno", "TEI@id"),
        ("profileDesc/creation/date@when", "profileDesc/creation/date@notBefore", "correspAction/date@when", "sourceDesc//date@when",
         "publicationStmt/date@when", "profileDesc/creation/date", "publicationStmt/date"),
        ("titleStmt/title",),
        ("text/body", "text"),
        ("textClass/keywords//term", "textClass/keywords//item"),
    ),
    "article": _Paths(
        ("article-meta/article-id",),
        ("article-meta/pub-date", "article-meta/pub-date@iso-8601-date", "history/date"),
        ("title-group/article-title",),
        ("article-meta/abstract", "article/body"),
        ("kwd-group/kwd",),
    ),
    "mods": _Paths(
        ("identifier", "recordInfo/recordIdentifier"),
        ("originInfo/dateIssued", "originInfo/dateCreated", "originInfo/copyrightDate"),
        ("mods/titleInfo/title", "titleInfo/title"),
        ("mods/abstract", "mods/note"),
        ("subject/topic", "subject/geographic", "subject/name/namePart"),
    ),
    "record": _Paths(  # of EndNote
        ("record/rec-number", "record/accession-num"),
        ("dates/pub-dates/date", "dates/year"),
        ("titles/title",),
        ("record/abstract",),
        ("keywords/keyword",),
    ),
    "Event": _Paths(  # of Windows
        ("System/EventRecordID",),
        ("System/TimeCreated@SystemTime",),
        ("Event/title",),
        ("RenderingInfo/Message",),
        ("System/Channel",),
    ),
    "PubmedArticle": _Paths(
        ("MedlineCitation/PMID",),
        ("Article/ArticleDate", "JournalIssue/PubDate", "MedlineCitation/DateCompleted", "MedlineCitation/DateCreated"),
        ("Article/ArticleTitle", "Article/VernacularTitle"),
        ("Article/Abstract",),
        ("MeshHeading/DescriptorName", "KeywordList/Keyword"),
    ),
}  # fmt: skip
_MOST = 100  # elements of one name that are looked into: they may lie in each other
_PARTS_OF_A_DAY = ("year", "month", "day")
_BLOCKS = frozenset(names_as_listed("marks", "blocks"))


def record_of_document(root: ET.Element) -> dict[str, Any] | None:
    """The record that a whole document is; None if it is of none of the kinds that are known."""
    paths = _KINDS.get(_local(root.tag))
    if paths is None:
        return None
    record: dict[str, Any] = {
        name: next((words for path in getattr(paths, name) for words in _found(root, path)), None)
        for name in ("id", "date", "title", "text")
    }
    record["topics"] = list(dict.fromkeys(words for path in paths.topics for words in _found(root, path)))
    language = next((value for name, value in root.attrib.items() if _local(name) == "lang"), None)
    return (
        {**record, "language": language} if record["date"] and (record["title"] or record["text"]) else None
    )


def documents_in(root: ET.Element) -> list[dict[str, Any]]:
    """The records of documents that lie in one element or in sets of them; none if any of them is of no kind that is known."""
    parts = [child for child in root if isinstance(child.tag, str)]
    if parts and len({child.tag for child in parts}) == 1 and _local(parts[0].tag) not in _KINDS:
        parts = [inner for part in parts for inner in part if isinstance(inner.tag, str)]
    if not parts or any(_local(part.tag) not in _KINDS for part in parts):
        return []
    records = [record for part in parts if (record := record_of_document(part)) is not None]
    return records if len(records) == len(parts) else []


def _found(root: ET.Element, path: str) -> Iterator[str]:
    """What a path leads to: ``a/b`` for elements within each other, ``a//b`` at any depth, ``@name`` an attribute."""
    path, _, attribute = path.partition("@")
    steps = path.split("/")
    for element in _at(root, steps):
        if attribute:
            values = [value for name, value in element.attrib.items() if _local(name) == attribute]
            words = values[0].strip() if values else ""
        else:
            words = _day(element) or "\n\n".join(_blocks(element))
        if words:
            yield words


def _at(root: ET.Element, steps: list[str]) -> Iterator[ET.Element]:
    first, *rest = steps
    named = (each for each in root.iter() if isinstance(each.tag, str) and _local(each.tag) == first)
    for element in islice(named, _MOST):
        yield from _below(element, rest)


def _below(element: ET.Element, steps: list[str]) -> Iterator[ET.Element]:
    if not steps:
        yield element
    elif not steps[0]:
        for child in element.iter():
            if isinstance(child.tag, str) and _local(child.tag) == steps[1]:
                yield child
    else:
        for child in element:
            if isinstance(child.tag, str) and _local(child.tag) == steps[0]:
                yield from _below(child, steps[1:])


def _day(element: ET.Element) -> str:
    """A day whose parts are elements, as in JATS."""
    parts = {
        _local(child.tag).lower(): (child.text or "").strip()
        for child in element
        if isinstance(child.tag, str)
    }
    if not parts.get("year", "").isdigit():
        return ""
    known: list[str] = []
    for name in _PARTS_OF_A_DAY:
        given = parts.get(name, "")
        number = str(month_of(given) or "") if name == "month" and not given.isdigit() else given
        if not number.isdigit():
            break
        known.append(number.zfill(2))
    return "-".join(known)


def _blocks(element: ET.Element) -> Iterator[str]:
    """The paragraphs of an element: the words of its blocks, those in no block between them."""
    words: list[str] = []
    waiting: list[tuple[str, Any]] = [("open", element)]
    while waiting:
        kind, value = waiting.pop()
        if kind == "text":
            words.append(value)
            continue
        is_block = kind == "end" or _local(value.tag) in _BLOCKS
        if is_block and (text := " ".join("".join(words).split())):
            yield text
        if is_block:
            words = []
        if kind == "end":
            continue
        if _local(value.tag) in _BLOCKS:
            waiting.append(("end", None))
        inner: list[tuple[str, Any]] = [("text", value.text or "")]
        for child in value:
            if isinstance(child.tag, str):
                inner.append(("open", child))
            inner.append(("text", child.tail or ""))
        waiting += reversed(inner)
    if text := " ".join("".join(words).split()):
        yield text


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
