"""Pages of MediaWiki, as its API and its dumps give them, and entities of Wikidata -> records with the fields of events."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from relatedness.sources._report import LeftOut
from relatedness.sources._typed_values import objects


def wiki_page(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A MediaWiki page with its revisions, of which the last is used."""
    revisions = objects(record.get("revisions"))
    if "pageid" not in record or not revisions:
        return record
    first = revisions[0]
    slots = first.get("slots")
    main = slots.get("main") if isinstance(slots, Mapping) else None
    content = next(
        (
            each["*"] if "*" in each else each.get("content")
            for each in (main, first)
            if isinstance(each, Mapping)
        ),
        None,
    )
    return {
        "id": record["pageid"],
        "date": first.get("timestamp"),
        "title": record.get("title"),
        "text": record.get("extract") or content,
        "url": record.get("fullurl") or record.get("canonicalurl"),
    }  # fmt: skip


def dumped_page(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """A page in a MediaWiki dump; talk pages, templates (in other namespaces) and redirects are left out."""
    revision = record.get("revision")
    last = revision[-1] if isinstance(revision, list) and revision else revision
    if not isinstance(last, Mapping) or "timestamp" not in last:
        return record
    if str(record["ns"]) != "0":
        return LeftOut("entries that are not posts")
    if "redirect" in record:
        return LeftOut("redirects")
    given = last.get("text")
    words = str(given.get("#text") or "") if isinstance(given, Mapping) else str(given or "")
    return {
        "id": record.get("id"),
        "date": last.get("timestamp"),
        "title": record.get("title"),
        "text": _without_wiki_marks(words),
        "topics": [found[1].strip() for found in _CATEGORY.finditer(words)],
    }


_CATEGORY = re.compile(
    r"\[\[\s*(?:Category|Kategorie|Catégorie|Categoría|Categoria|Категория)\s*:([^\[\]|]{1,200})(?:\|[^\[\]]{0,200})?\]\]"
)
_TEMPLATE = re.compile(r"\{\{[^{}]*+\}\}|\{\|[^{}]*+\|\}")
_REFERENCE = re.compile(
    r"<ref\b[^<>]{0,200}/>|<ref\b[^<>]{0,200}>[^<]{0,2000}</ref>|<!--(?:(?!<!--).)*?-->", re.DOTALL
)
_FILE = re.compile(r"\[\[[A-Za-z]{4,9}:[^\[\]]{0,1000}(?:\[\[[^\[\]]{0,300}\]\][^\[\]]{0,1000}){0,20}\]\]")
_MARKED = re.compile(
    r"\[\[(?:[^\[\]|]{1,300}\|)?([^\[\]|]{1,300})\]\]|\[https?://\S+ ([^\[\]]{1,300})\]|'{2,5}|^=+\s*|\s*=+$",
    re.MULTILINE,
)
_MOST_TEMPLATES = 20  # templates may be nested


def _without_wiki_marks(words: str) -> str:
    """The text of a MediaWiki page without templates, references, files and categories."""
    words = _REFERENCE.sub("", words)
    for _ in range(_MOST_TEMPLATES):
        words, count = _TEMPLATE.subn("", words)
        if not count:
            break
    words = _FILE.sub("", _CATEGORY.sub("", words))
    return _MARKED.sub(lambda found: found[1] or found[2] or "", words).strip()


def entity(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """An entity of Wikidata: its date is a claim, with the precision that it has; its words are there in many languages."""
    claims, labels, about = record["claims"], record.get("labels"), record.get("descriptions")
    if not (isinstance(claims, Mapping) and isinstance(labels, Mapping)):
        return record
    days = {name: day for name in (*_BEGINNINGS, *_ENDS) if (day := _claimed_day(claims.get(name)))}
    return {
        "id": record.get("id"),
        "date": next((days[name] for name in _BEGINNINGS if name in days), None),
        "end": next((days[name] for name in _ENDS if name in days), None),
        "title": _in_a_language(labels),
        "text": _in_a_language(about if isinstance(about, Mapping) else {}),
    }


_BEGINNINGS = ("P585", "P580", "P577", "P571", "P575", "P1619")
_ENDS = ("P582", "P576")
_PARTS_OF_A_DAY = {9: 1, 10: 2}  # how Wikidata numbers the precision of a year and of a month


def _claimed_day(claims: Any) -> str | None:
    """The day in the first claim that has one: ``+2004-12-26T00:00:00Z``, precision 11."""
    for claim in objects(claims):
        value: Any = claim.get("mainsnak", claim)
        for name in ("datavalue", "value"):
            value = value.get(name) if isinstance(value, Mapping) else None
        if isinstance(value, Mapping) and isinstance(time := value.get("time"), str):
            sign, (year, *rest) = time[:1], time[1:11].split("-")
            kept = rest[: _PARTS_OF_A_DAY.get(value.get("precision", 11), 3) - 1]
            return "-".join([f"-{int(year) - 1:04}" if sign == "-" else year, *kept])
    return None


def _in_a_language(texts: Mapping[Any, Any]) -> str | None:
    """The text in English, else in the first language."""
    text = texts.get("en") or next(iter(texts.values()), None)
    return text.get("value") if isinstance(text, Mapping) else None
