"""Records of public interfaces whose names alone do not tell what is what: FHIR, STIX, Crossref, MediaWiki, CAP, chats."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from relatedness.sources._report import LeftOut
from relatedness.sources._typed_values import is_typed, untyped

_OTHERS = "records of other kinds"
# FHIR's names for when something was, began, was written or was sent, the most telling first.
_CARE_DAYS = (
    "occurrenceDateTime", "onsetDateTime", "effectiveDateTime", "performedDateTime", "identifiedDateTime", "sent", "detected", "authoredOn",
    "recordedDate", "issued", "date", "created", "dateTime",
)  # fmt: skip
_CARE_PERIODS = ("period", "occurrencePeriod", "effectivePeriod", "onsetPeriod", "performedPeriod")
# What STIX keeps beside its reports and incidents.
_NO_REPORTS = frozenset((
    "identity", "marking-definition", "relationship", "sighting", "location", "extension-definition", "language-content", "observed-data",
))  # fmt: skip


def _resource(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A resource of FHIR, or an entry of its bundles."""
    inner = record.get("resource", record)
    if not (isinstance(inner, Mapping) and isinstance(inner.get("resourceType"), str)):
        return record
    periods = [inner[name] for name in _CARE_PERIODS if isinstance(inner.get(name), Mapping)]
    day = next((inner[name] for name in _CARE_DAYS if inner.get(name)), None)
    written = inner.get("text")
    texts = [
        inner.get("description"),
        inner.get("detail"),
        inner.get("conclusion"),
        *(note.get("text") for note in _objects(inner.get("note"))),
        *(part.get("contentString") for part in _objects(inner.get("payload"))),
        written.get("div") if isinstance(written, Mapping) else None,
    ]
    return {
        "id": inner.get("id"),
        "date": day or (periods[0].get("start") if periods else None),
        "end": periods[0].get("end") if periods else None,
        "title": next((words for name in ("title", "topic", "code", "type", "event") if (words := _words(inner.get(name)))), None),
        "text": "\n\n".join(dict.fromkeys(text for text in texts if isinstance(text, str) and text)),
        "topics": [words for name in ("category", "reasonCode") for each in _listed(inner.get(name)) if (words := _words(each))],
        "category": inner["resourceType"],
    }  # fmt: skip


def _words(value: Any) -> str | None:
    """A name as FHIR holds it: a text, or a concept with its words or codes."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return next((words for each in value if (words := _words(each))), None)
    if not isinstance(value, Mapping):
        return None
    said = value.get("text") or value.get("display")
    return said if isinstance(said, str) and said else _words(value.get("coding"))


def _work(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A work of Crossref: it came out, was written down there, and was changed, on days of their own."""
    names = ("published", "published-print", "published-online", "issued", "posted", "accepted")
    day = next((record[name] for name in names if _is_dated(record.get(name))), None)
    words = record.get("abstract")
    if isinstance(words, str):  # in the markup of journals
        words = re.sub(r"<(/?)jats:([\w-]+)", lambda tag: f"<{tag[1]}{_JATS.get(tag[2], tag[2])}", words)
    rest = {name: value for name, value in record.items() if name not in _WRITTEN}
    return {"date": day, **rest, "abstract": words} if day else record


_JATS = {"title": "h2", "sec": "div", "italic": "i", "bold": "b", "list-item": "li", "list": "ul"}
_WRITTEN = (
    "created",
    "deposited",
    "indexed",
    "updated",
    "issued",
    "published",
    "published-print",
    "published-online",
    "license",
    "reference",
)


def _is_dated(value: Any) -> bool:
    parts = value.get("date-parts") if isinstance(value, Mapping) else None
    return isinstance(parts, list) and bool(parts) and bool(parts[0]) and parts[0][0] is not None


def _wiki_page(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A page of MediaWiki with its revisions, the last of which is asked for."""
    revisions = _objects(record.get("revisions"))
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


def _warning(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """A message of the Common Alerting Protocol: tests and exercises warn of nothing."""
    given = record.get("properties")
    about = given if isinstance(given, Mapping) else record
    if about.get("status") in ("Test", "Exercise", "System", "Draft") and (
        "msgType" in about or "messageType" in about
    ):
        return LeftOut("tests and exercises")
    info = record.get("info")
    if isinstance(info, list) and info:  # in several languages: the first counts
        return {**record, "info": info[0]}
    return record


def _bundled(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """An object of STIX."""
    kind = record.get("type")
    return (
        LeftOut(_OTHERS) if str(record.get("id")).startswith(f"{kind}--") and kind in _NO_REPORTS else record
    )


def _room_event(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """An event of a room of Matrix: a message, or somebody's coming and going."""
    content = record.get("content")
    if not isinstance(content, Mapping) or record.get("type") != "m.room.message":
        return LeftOut("entries that are not posts")
    return {"id": record.get("event_id"), "date": record["origin_server_ts"], "text": content.get("body")}


EXPORTED_KINDS = frozenset(
    ("version", "info", "team", "channel", "user", "bot", "emoji", "role", "scheme", "direct_channel")
)
"""Lines of an export of Mattermost that are no posts: each an object of its kind under the name of that kind."""


def exported_post(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """A post in an export of Mattermost; those to one person are hidden."""
    kind = record.get("type")
    inner = record.get(str(kind))
    if kind in ("post", "direct_post") and isinstance(inner, Mapping) and "create_at" in inner:
        if kind == "direct_post":
            return LeftOut("hidden")
        return {"date": inner["create_at"], "text": inner.get("message"), "topics": inner.get("channel")}
    return record


def _item(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A record of DynamoDB's export."""
    return untyped(record["Item"]) if is_typed(record["Item"]) else record


def _fields(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A document of Firestore."""
    if not is_typed(record["fields"]):
        return record
    name = str(record.get("name") or "").rpartition("/")[2]
    return {"id": name or None, **untyped(record["fields"])}


def _synced_item(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """An item of Standard Notes: notes, and the tags and settings that are synchronized with them."""
    is_note = record["content_type"] == "Note" or not {"uuid", "content"} <= record.keys()
    return record if is_note else LeftOut(_OTHERS)


def _harvested(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """A record of OAI-PMH, whose repository may have removed it."""
    header = record["header"]
    return LeftOut("hidden") if isinstance(header, Mapping) and header.get("status") == "deleted" else record


def _integration(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """Slack's log of its integrations."""
    return LeftOut("settings") if {"user_id", "change_type"} <= record.keys() else record


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _objects(value: object) -> list[Mapping[Any, Any]]:
    return [each for each in _listed(value) if isinstance(each, Mapping)]


API_RECORDS: dict[str, Callable[[Mapping[Any, Any]], Mapping[Any, Any] | LeftOut]] = {
    "resourceType": _resource,
    "resource": _resource,
    "DOI": _work,
    "revisions": _wiki_page,
    "msgType": _warning,
    "properties": _warning,
    "spec_version": _bundled,
    "identity_class": _bundled,
    "relationship_type": _bundled,
    "origin_server_ts": _room_event,
    "direct_post": exported_post,
    "Item": _item,
    "fields": _fields,
    "change_type": _integration,
    "content_type": _synced_item,
    "header": _harvested,
}
"""A name that only such records have -> what reads them."""
