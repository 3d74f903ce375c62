"""Records of public APIs whose field names alone are not enough: FHIR, STIX, Crossref, CAP, chats."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from operator import itemgetter
from typing import Any

from relatedness.sources._names import names_as_listed
from relatedness.sources._report import LeftOut
from relatedness.sources._typed_values import is_typed, listed, objects, untyped
from relatedness.sources._wikis import dumped_page, entity, wiki_page

_OTHERS = "records of other kinds"
# FHIR's names for the time at which something happened, began, was written or was sent, the most specific first.
_CARE_DAYS = (
    "occurrenceDateTime", "onsetDateTime", "effectiveDateTime", "performedDateTime", "identifiedDateTime", "sent", "detected", "authoredOn",
    "recordedDate", "issued", "date", "created", "dateTime",
)  # fmt: skip
_CARE_PERIODS = ("period", "occurrencePeriod", "effectivePeriod", "onsetPeriod", "performedPeriod")
# STIX objects that are neither reports nor incidents.
_NO_REPORTS = frozenset((
    "identity", "marking-definition", "relationship", "sighting", "location", "extension-definition", "language-content", "observed-data",
))  # fmt: skip


def _resource(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A FHIR resource, or an entry of a bundle."""
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
        *(note.get("text") for note in objects(inner.get("note"))),
        *(part.get("contentString") for part in objects(inner.get("payload"))),
        written.get("div") if isinstance(written, Mapping) else None,
    ]
    return {
        "id": inner.get("id"),
        "date": day or (periods[0].get("start") if periods else None),
        "end": periods[0].get("end") if periods else None,
        "title": next((words for name in ("title", "topic", "code", "type", "event") if (words := _words(inner.get(name)))), None),
        "text": "\n\n".join(dict.fromkeys(text for text in texts if isinstance(text, str) and text)),
        "topics": [words for name in ("category", "reasonCode") for each in listed(inner.get(name)) if (words := _words(each))],
        "category": inner["resourceType"],
    }  # fmt: skip


def _words(value: Any) -> str | None:
    """The text of a FHIR value: a string, or a concept with a text or codes."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return next((words for each in value if (words := _words(each))), None)
    if not isinstance(value, Mapping):
        return None
    said = value.get("text") or value.get("display")
    return said if isinstance(said, str) and said else _words(value.get("coding"))


def _work(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A Crossref work, which has separate dates for publication, deposit and update."""
    names = ("published", "published-print", "published-online", "issued", "posted", "accepted")
    day = next((record[name] for name in names if _is_dated(record.get(name))), None)
    words = record.get("abstract")
    if isinstance(words, str):  # in JATS markup
        words = re.sub(r"<(/?)jats:([\w-]+)", lambda tag: f"<{tag[1]}{_JATS.get(tag[2], tag[2])}", words)
    rest = {name: value for name, value in record.items() if name not in _WRITTEN}
    return {"date": day, **rest, "abstract": words} if day else record


_JATS = {"title": "h2", "sec": "div", "italic": "i", "bold": "b", "list-item": "li", "list": "ul"}
_WRITTEN = names_as_listed("objects", "of_crossref")


def _is_dated(value: Any) -> bool:
    parts = value.get("date-parts") if isinstance(value, Mapping) else None
    return isinstance(parts, list) and bool(parts) and bool(parts[0]) and parts[0][0] is not None


def _warning(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """A message of the Common Alerting Protocol; tests and exercises are left out."""
    given = record.get("properties")
    about = given if isinstance(given, Mapping) else record
    if about.get("status") in ("Test", "Exercise", "System", "Draft") and (
        "msgType" in about or "messageType" in about
    ):
        return LeftOut("tests and exercises")
    info = record.get("info")
    if isinstance(info, list) and info:  # one info block per language: the first counts
        return {**record, "info": info[0]}
    return record


def _bundled(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """An object of STIX."""
    kind = record.get("type")
    return (
        LeftOut(_OTHERS) if str(record.get("id")).startswith(f"{kind}--") and kind in _NO_REPORTS else record
    )


def _room_event(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """An event of a Matrix room: a message, or a membership change."""
    content = record.get("content")
    if not isinstance(content, Mapping) or record.get("type") != "m.room.message":
        return LeftOut("entries that are not posts")
    return {"id": record.get("event_id"), "date": record["origin_server_ts"], "text": content.get("body")}


EXPORTED_KINDS = frozenset(
    ("version", "info", "team", "channel", "user", "bot", "emoji", "role", "scheme", "direct_channel")
)
"""Lines of a Mattermost export that are not posts; each object is stored under the name of its type."""


def exported_post(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """A post in a Mattermost export; direct messages are hidden."""
    kind = record.get("type")
    inner = record.get(str(kind))
    if kind in ("post", "direct_post") and isinstance(inner, Mapping) and "create_at" in inner:
        if kind == "direct_post":
            return LeftOut("hidden")
        return {"date": inner["create_at"], "text": inner.get("message"), "topics": inner.get("channel")}
    return record


def _item(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A record of a DynamoDB export."""
    return untyped(record["Item"]) if is_typed(record["Item"]) else record


def _fields(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A Firestore document."""
    if not is_typed(record["fields"]):
        return record
    name = str(record.get("name") or "").rpartition("/")[2]
    return {"id": name or None, **untyped(record["fields"])}


def _synced_item(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """An item of Standard Notes: a note, or one of the tags and settings synchronized with notes."""
    is_note = record["content_type"] == "Note" or not {"uuid", "content"} <= record.keys()
    return record if is_note else LeftOut(_OTHERS)


def _harvested(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """An OAI-PMH record, which may be marked as deleted."""
    header = record["header"]
    return LeftOut("hidden") if isinstance(header, Mapping) and header.get("status") == "deleted" else record


def _integration(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """Slack's log of its integrations."""
    return LeftOut("settings") if {"user_id", "change_type"} <= record.keys() else record


def _meeting(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """An event of a web calendar API, whose start and end are objects; cancelled events are left out."""
    begin, end = record.get("start"), record.get("end")
    is_meeting = isinstance(begin, Mapping) or record.get("kind") == "calendar#event"
    if not is_meeting:
        return record
    if record.get("status") in ("cancelled", "canceled") or record.get("isCancelled") is True:
        return LeftOut("cancelled entries")
    day = _instant(begin)
    return record if day is None else {**record, "start": None, "date": day, "end": _instant(end)}


def _instant(value: object) -> object:
    names = ("utc", "dateTime", "date", "local")
    return (
        next((value[name] for name in names if value.get(name)), None) if isinstance(value, Mapping) else None
    )


def _conversation(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """An Intercom conversation, whose first message is in ``source``."""
    begun = record["source"]
    if record.get("type") != "conversation" or not isinstance(begun, Mapping):
        return record
    tags = record.get("tags")
    return {
        **record,
        "title": record.get("title") or begun.get("subject"),
        "text": begun.get("body"),
        "tags": tags.get("tags") if isinstance(tags, Mapping) else tags,
        "source": None,
    }


def _stored_page(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A Confluence page, whose body is under the name of the requested format."""
    body, about = record["body"], record.get("metadata")
    forms = (
        [body[name] for name in ("storage", "view", "export_view") if name in body]
        if isinstance(body, Mapping)
        else []
    )
    if not forms or not isinstance(forms[0], Mapping):
        return record
    labels = about.get("labels") if isinstance(about, Mapping) else None
    return {
        **{name: value for name, value in record.items() if name != "metadata"},
        "body": forms[0].get("value"),
        "topics": labels.get("results") if isinstance(labels, Mapping) else None,
    }


def _database_page(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """A page of a Notion database, whose properties each name their type."""
    given = record["properties"]
    if not isinstance(given, Mapping):
        return record
    if record.get("archived") is True or record.get("in_trash") is True:
        return LeftOut("hidden")
    made: dict[str, Any] = {"id": record.get("id"), "url": record.get("url")}
    names = {
        str(about.get("type")): name
        for name, about in reversed([*given.items()])
        if isinstance(about, Mapping)
    }
    for name, about in given.items():
        kind = str(about.get("type")) if isinstance(about, Mapping) else ""
        value = about.get(kind) if isinstance(about, Mapping) else about
        if kind in ("title", "rich_text"):
            words = "".join(str(part.get("plain_text") or "") for part in objects(value))
            made["title" if kind == "title" else name] = words
        elif kind == "date" and isinstance(value, Mapping):
            first = names["date"] == name
            made |= (
                {"date": value.get("start"), "end": value.get("end")} if first else {name: value.get("start")}
            )
        elif kind == "multi_select" and names["multi_select"] == name:
            made["topics"] = [part.get("name") for part in objects(value)]
        else:
            made[name] = value.get("name") if isinstance(value, Mapping) else value
    made.setdefault("date", record.get("created_time"))
    return made


def _page_or_warning(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """Notion's pages and messages of CAP have properties."""
    return _database_page(record) if record.get("object") == "page" else _warning(record)


def _preprint(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """An arXiv paper, dated by its first version; its categories are separated by spaces."""
    first = next(iter(objects(record["versions"])), {})
    groups = record.get("categories")
    if "created" not in first or "abstract" not in record:
        return record
    return {
        **record,
        "date": first["created"],
        "categories": groups.split() if isinstance(groups, str) else groups,
    }


def _journal_entry(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """A LiveJournal entry, whose text is in the field ``event``."""
    if not {"itemid", "event"} <= record.keys():
        return record
    if record.get("security") in ("private", "usemask"):
        return LeftOut("hidden")
    return {
        "id": record.get("itemid"),
        "date": record["eventtime"],
        "title": record.get("subject"),
        "text": record.get("event"),
        "topics": record.get("taglist"),
    }


def _openalex(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """An OpenAlex work, whose abstract is an inverted index of word positions."""
    positions = record["abstract_inverted_index"]
    if not isinstance(positions, Mapping):
        return {name: value for name, value in record.items() if name != "abstract_inverted_index"}
    words = [(at, word) for word, found in positions.items() for at in listed(found) if isinstance(at, int)]
    rest = {
        name: value
        for name, value in record.items()
        if name not in ("abstract_inverted_index", "created_date")
    }
    return {**rest, "abstract": " ".join(str(word) for _, word in sorted(words, key=itemgetter(0)))}


def _trial(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A study of ClinicalTrials.gov, in modules."""
    given = record["protocolSection"]
    if not isinstance(given, Mapping) or "identificationModule" not in given:
        return record
    names, status, words, about = (
        given.get(f"{name}Module") or {} for name in ("identification", "status", "description", "conditions")
    )
    if not all(isinstance(module, Mapping) for module in (names, status, words, about)):
        return record
    days = [status.get(name) for name in ("startDateStruct", "studyFirstPostDateStruct")]
    return {
        "id": names.get("nctId"),
        "date": next((day["date"] for day in days if isinstance(day, Mapping) and day.get("date")), None),
        "title": names.get("briefTitle") or names.get("officialTitle"),
        "text": words.get("briefSummary") or words.get("detailedDescription"),
        "topics": [*listed(about.get("conditions")), *listed(about.get("keywords"))],
    }


def _feed_item(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """An entry in the format of Google Reader, which other feed readers adopted."""
    if not {"id", "published", "title"} <= record.keys():
        return record
    pages = [
        page["href"]
        for name in ("canonical", "alternate")
        for page in objects(record.get(name))
        if page.get("href")
    ]
    given = record.get("content") or record.get("summary")
    return {
        "id": record.get("id"),
        "date": record.get("published"),
        "title": record.get("title"),
        "text": given.get("content") if isinstance(given, Mapping) else given,
        "topics": [each for each in listed(record.get("categories")) if not str(each).startswith("user/")],
        "url": next(iter(pages), None),
    }


def _own_message(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A message in an archive of Messenger or Instagram, which write UTF-8 as if it were Latin-1."""
    words = record.get("content")
    if "timestamp_ms" not in record or not isinstance(words, str):
        return record
    with suppress(UnicodeError):
        words = words.encode("latin-1").decode()
    return {"date": record["timestamp_ms"], "text": words, "author": record["sender_name"]}


def _with_hashtags(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A post on X, whose hashtags are in its entities."""
    entities = record["entities"]
    tags = objects(entities.get("hashtags")) if isinstance(entities, Mapping) else []
    if not tags or not {"tags", "topics"}.isdisjoint(record):
        return record
    return {**record, "topics": [tag.get("tag") or tag.get("text") for tag in tags]}


def _note(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A Nostr note, whose tags begin with their kinds."""
    given = listed(record.get("tags"))
    if "created_at" not in record or not all(isinstance(tag, list) for tag in given):
        return record
    return {**record, "tags": [tag[1] for tag in given if tag[:1] == ["t"] and len(tag) > 1]}


def _forum_post(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A phpBB post, in which BBCode marks are wrapped in elements of its own."""
    words = record.get("post_text")
    return {**record, "post_text": _BBCODE.sub("", words)} if isinstance(words, str) else record


_BBCODE = re.compile(r"<([se])>[^<>]{0,200}</\1>|\[/?[a-z*]{1,10}(?:=[^\]\[]{0,200})?(?::[0-9a-z]{5,8})?\]")


def _tracked(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """An issue in Jira's XML, an RSS feed with additional fields."""
    key, labels = record.get("key"), record.get("labels")
    if not {"key", "summary", "created", "link"} <= record.keys():
        return record
    return {
        "id": key.get("#text") if isinstance(key, Mapping) else key,
        "date": record["created"],
        "title": record["summary"],
        "text": record.get("description") or None,
        "topics": listed(labels.get("label")) if isinstance(labels, Mapping) else [],
        "category": record.get("type"),
        "url": record["link"],
    }


def _changeset(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A Mercurial changeset: its date is a pair of seconds and UTC offset."""
    day = record.get("date")
    if not (
        isinstance(day, list) and len(day) == 2 and isinstance(record.get("desc"), str) and "node" in record
    ):
        return record
    title, _, text = record["desc"].partition("\n")
    return {
        "id": record["node"],
        "date": day[0],
        "title": title,
        "text": text.strip(),
        "topics": record["bookmarks"],
    }


def _advisory(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A security advisory of OSV, GitHub, CVE or NVD: its topics are what it affects and its kinds of weakness."""
    about = record.get("cve") or record.get("containers") or record
    about = about.get("cna", about) if isinstance(about, Mapping) else None
    if not isinstance(about, Mapping) or not record.keys().isdisjoint(("topics", "tags", "keywords")):
        return record
    affected = [*_within(about, "affected"), *_within(about, "vulnerabilities")]
    packages = [each.get("package") for each in affected]
    names = [package.get("name") if isinstance(package, Mapping) else package for package in packages]
    names += [each.get("product") for each in affected]
    names += [
        _CPE_MARKS.sub(" ", parts[4]).strip()
        for match in _within(about, "configurations", "nodes", "cpeMatch")
        if len(parts := _CPE_COLON.split(str(match.get("criteria")))) > 4
    ]
    kinds = [
        *_within(about, "cwes"),
        *_within(about, "problemTypes", "descriptions"),
        *_within(about, "weaknesses", "description"),
    ]
    weaknesses = [each.get(name) for each in kinds for name in ("cwe_id", "cweId", "value")]
    said = about.get("database_specific")
    weaknesses += listed(said.get("cwe_ids")) if isinstance(said, Mapping) else []
    topics = [name for name in names if isinstance(name, str) and name.lower() not in ("", "n/a")]
    topics += [name for name in weaknesses if isinstance(name, str) and _WEAKNESS.fullmatch(name)]
    return {**record, "topics": list(dict.fromkeys(topics))} if topics else record


def _within(record: Mapping[Any, Any], *names: str) -> list[Mapping[Any, Any]]:
    """The objects in lists within lists of objects; GraphQL puts a list below ``nodes``."""
    found = [record]
    for name in names:
        values = [each.get(name) for each in found]
        found = [
            inner
            for value in values
            for inner in objects(value.get("nodes") if isinstance(value, Mapping) else value)
        ]
    return found


_WEAKNESS = re.compile(r"CWE-\d+")
_CPE_COLON = re.compile(r"(?<!\\):")
_CPE_MARKS = re.compile(r"_|\\")


def _commit(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A commit of GitHub or Gitea; the first line of its message is its title."""
    about = record["commit"]
    if not (isinstance(about, Mapping) and isinstance(message := about.get("message"), str)):
        return record
    author = about.get("author") or about.get("committer")
    title, _, text = message.strip().partition("\n")
    return {
        "id": record.get("sha"),
        "date": author.get("date") if isinstance(author, Mapping) else None,
        "title": title,
        "text": text.strip(),
        "url": record.get("html_url"),
    }


def _patched(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A security advisory of the PHP ecosystem, dated by the first of its branches that was mended."""
    branches = record["branches"]
    given = objects([*branches.values()]) if isinstance(branches, Mapping) else []
    days = sorted(str(branch["time"]) for branch in given if branch.get("time"))
    package = str(record.get("reference") or "").rpartition("//")[2]
    return {"date": days[0], "topics": [package], **record} if days else record


API_RECORDS: dict[str, Callable[[Mapping[Any, Any]], Mapping[Any, Any] | LeftOut]] = {
    "resourceType": _resource,
    "resource": _resource,
    "DOI": _work,
    "revisions": wiki_page,
    "msgType": _warning,
    "properties": _page_or_warning,
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
    "start": _meeting,
    "kind": _meeting,
    "source": _conversation,
    "body": _stored_page,
    "versions": _preprint,
    "eventtime": _journal_entry,
    "abstract_inverted_index": _openalex,
    "protocolSection": _trial,
    "crawlTimeMsec": _feed_item,
    "ns": dumped_page,
    "sender_name": _own_message,
    "entities": _with_hashtags,
    "pubkey": _note,
    "bbcode_uid": _forum_post,
    "watches": _tracked,
    "bookmarks": _changeset,
    "affected": _advisory,
    "vulnerabilities": _advisory,
    "containers": _advisory,
    "cve": _advisory,
    "commit": _commit,
    "claims": entity,
    "branches": _patched,
}
"""A field name of such records -> their reader. A reader returns records of other origin unchanged."""
