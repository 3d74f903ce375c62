"""Records of well-known programs of which the names of the columns do not tell all.

What is hidden, what is a number for a name, what stands deeper in the record than a field does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from relatedness.sources._api_records import API_RECORDS, EXPORTED_KINDS, exported_post
from relatedness.sources._dialects import is_not_shown
from relatedness.sources._exports import wordpress_text
from relatedness.sources._markdown import to_words
from relatedness.sources._report import LeftOut
from relatedness.sources._site_files import is_true
from relatedness.sources._typed_values import listed, objects

BEGINNING = "start"
_NO_POSTS = "entries that are not posts"


def understood(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """A record as its program means it, or the reason to leave it out.

    Posts of WordPress that are not published, posts of Mastodon to some readers alone, drafts of Strapi and Sanity, unpublished nodes of Drupal, and
    whatever says ``"published": false`` or ``"draft": true`` are hidden. Boosts, notices and uploads are no posts. The terms of WordPress' posts are numbers; their
    names stand in ``_embedded``, if they were asked for.

    Examples
    --------
    >>> understood({"date_gmt": "2017-03-07T10:00:00", "slug": "dam", "status": "draft"})
    LeftOut(reason='drafts')
    """
    if "date_gmt" in record and "status" in record and ("slug" in record or "guid" in record):
        content = record.get("content")
        reason = is_not_shown({"status": record["status"]})
        if reason is None and isinstance(content, Mapping) and content.get("protected"):
            reason = "hidden"
        return _named(record) if reason is None else LeftOut(reason)
    if "post_status" in record:  # a table of WordPress
        reason = is_not_shown(
            {name: record.get(name) for name in ("post_status", "post_password", "post_type")}
        )
        return _wordpress_row(record) if reason is None else LeftOut(reason)
    if "visibility" in record and "account" in record and record["visibility"] in ("private", "direct"):
        return LeftOut("hidden")
    if "published" in record and record["published"] is False:
        return LeftOut("drafts")
    about = record.get("cveMetadata")
    if isinstance(about, Mapping) and about.get("state") == "REJECTED":
        return LeftOut("rejected records of CVE")
    if any(name in record and is_true(record[name]) for name in ("draft", "isDraft", "is_draft")):
        return LeftOut("drafts")
    strapi = record.get("attributes")
    strapi = strapi if isinstance(strapi, Mapping) else record
    if strapi is not record and strapi.get("status") is False:  # JSON:API of Drupal
        return LeftOut("drafts")
    if "publishedAt" in strapi and strapi["publishedAt"] is None and "createdAt" in strapi:
        return LeftOut("drafts")
    if "_type" in record and "_createdAt" in record:  # Sanity
        if str(record.get("_id")).startswith("drafts."):
            return LeftOut("drafts")
        if str(record["_type"]).startswith(("sanity.", "system.")):
            return LeftOut(_NO_POSTS)
    if record.get("isTrashed") is True:  # notes of Google Keep
        return LeftOut("hidden")
    subtype = record.get("subtype")
    if isinstance(subtype, str) and subtype in _NOTICES:
        return LeftOut(_NO_POSTS)
    if isinstance(record.get("purpose"), Mapping) and isinstance(record.get("topic"), Mapping):
        return LeftOut("channels")  # Slack's list of them
    if not _DEEPER.keys().isdisjoint(record):
        for name, read in _DEEPER.items():
            if name in record and (made := read(record)) is not record:
                return made
    kind = record.get("type")
    if (kind == "Announce" and "object" in record) or (kind == "service" and "action" in record):
        return LeftOut(_NO_POSTS)
    if isinstance(kind, str) and "to" in record and ("actor" in record or "attributedTo" in record):
        readers = {str(each).rpartition("#")[2] for name in ("to", "cc") for each in listed(record.get(name))}
        if readers.isdisjoint(_EVERYONE):
            return LeftOut("hidden")
    if isinstance(kind, str) and kind in EXPORTED_KINDS and record.keys() == {"type", kind}:
        return LeftOut("records of other kinds")
    return record


def _named(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    embedded = record.get("_embedded")
    groups = embedded.get("wp:term") if isinstance(embedded, Mapping) else None
    terms: dict[str, list[object]] = {"post_tag": [], "category": []}
    for group in groups if isinstance(groups, list) else ():
        for term in group if isinstance(group, list) else ():
            if isinstance(term, Mapping) and (kind := str(term.get("taxonomy"))) in terms:
                terms[kind].append(term.get("name"))
    made = dict(record)
    for ours, theirs in (("tags", "post_tag"), ("categories", "category")):
        given = made.get(ours)
        if isinstance(given, list) and all(isinstance(item, int) for item in given):
            made[ours] = terms[theirs]
    return made


_EVERYONE = ("Public", "as:Public")  # whom ActivityPub names as the reader of a public post
_NOTICES = frozenset(
    f"{level}_{what}"
    for level in ("channel", "group")
    for what in ("join", "leave", "topic", "purpose", "name", "archive", "unarchive", "convert_to_private", "posting_permissions")
) | {"bot_add", "bot_remove", "pinned_item", "unpinned_item", "tombstone"}  # fmt: skip
"""Messages of Slack that nobody wrote."""


def _wordpress_row(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A row of WordPress' table of posts: its time in UTC beside the one by the site's clock, its words as they are stored."""
    made = dict(record)
    exact = record.get("post_date_gmt")
    if isinstance(exact, datetime):
        made["post_date"] = exact.replace(tzinfo=UTC)
    elif isinstance(exact, str) and _MOMENT.fullmatch(exact) and not exact.startswith("0000"):
        made["post_date"] = f"{exact}Z"
    content, excerpt = record.get("post_content"), record.get("post_excerpt")
    if isinstance(content, str):
        made["post_content"] = wordpress_text(content) or (
            wordpress_text(excerpt) if isinstance(excerpt, str) else ""
        )
    return made


_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def _status_page(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """An incident of a status page: its words stand in its updates, the last of them first, its parts by name."""
    updates = objects(record.get("incident_updates") or record.get("updates"))
    said = [
        words
        for update in updates
        if isinstance(words := next((update[name] for name in _SAID if update.get(name)), None), str)
    ]
    if not said:
        return record
    parts = [
        part.get("name") or part.get("title")
        for name in ("components", "affected_products")
        for part in objects(record.get(name))
    ]
    return {"text": "\n\n".join(reversed(said)), **({"topics": parts} if parts else {}), **record}


_SAID = ("body", "text", "message", "description")


def _contentful(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """An entry of Contentful; an export holds drafts and archived ones, too."""
    about = record["sys"]
    if not isinstance(about, Mapping):
        return record
    if "version" in about and not about.get("publishedVersion"):
        return LeftOut("drafts")
    if about.get("archivedVersion"):
        return LeftOut("hidden")
    metadata = record.get("metadata")
    if isinstance(metadata, Mapping) and not metadata.get("tags"):
        return {name: value for name, value in record.items() if name != "metadata"}
    return record


def _journal(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A line of systemd's journal, whose names begin as those do that a program keeps for itself."""
    return {
        "id": record.get("__CURSOR"),
        "date": record["__REALTIME_TIMESTAMP"],
        "title": record.get("MESSAGE"),
        "category": record.get("SYSLOG_IDENTIFIER"),
        **{name: value for name, value in record.items() if name not in ("MESSAGE", "SYSLOG_IDENTIFIER")},
    }


def _tweet(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A post in an archive of Twitter."""
    tweet = record["tweet"]
    if not isinstance(tweet, Mapping):
        return record
    entities = tweet.get("entities")
    tags = objects(entities.get("hashtags")) if isinstance(entities, Mapping) else []
    return {"topics": [tag.get("text") for tag in tags], **tweet}


_TIDDLER_DATE = re.compile(r"\d{17}\Z")
_TIDDLER_MARKS = re.compile(r"(''|//|__|~~|\^\^|,,)(?=\S)([^\n]{1,1000}?)(?<=\S)(?<!:)\1")
_TIDDLER_TAG = re.compile(r"\[\[([^\]]{1,1000})\]\]|(\S+)")


def _tiddler(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """A note of TiddlyWiki: its tags are parted by blanks, those of several words in double brackets."""
    created = record.get("created")
    if not (isinstance(created, str) and _TIDDLER_DATE.match(created)):
        return record
    if str(record.get("title")).startswith("$:/"):
        return LeftOut("settings")
    tags = record.get("tags")
    if isinstance(tags, str):
        tags = [found[1] or found[2] for found in _TIDDLER_TAG.finditer(tags[:100_000])]
    if isinstance(words := record.get("text"), str):
        record = {**record, "text": _TIDDLER_MARKS.sub(r"\2", words)}
    return {**record, "id": record.get("title"), "tags": tags}


def _bug(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A bug of Bugzilla: its words are its first comments, those aside that only some may read."""
    given = record.get("long_desc")
    comments = [
        words
        for comment in objects(given)
        if str(comment.get("isprivate", "0")) == "0" and isinstance(words := comment.get("thetext"), str)
    ]
    return {
        "text": "\n\n".join(comments),
        **{name: value for name, value in record.items() if name != "long_desc"},
    }


_MARC_FIELDS = {
    "245": ("title", "abnp"), "520": ("text", "ab"), "500": ("text", "a"), "505": ("text", "a"), "856": ("url", "u"),
    "260": ("date", "c"), "264": ("date", "c"), "046": ("date", "k"),
    **dict.fromkeys(("600", "610", "611", "630", "647", "650", "651", "653", "655"), ("topics", "a")),
}  # fmt: skip


def _marc(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A record of MARC 21 in XML, whose fields go by numbers (https://www.loc.gov/marc/bibliographic/)."""
    found: dict[str, list[str]] = {}
    for field in objects(record.get("datafield")):
        ours, codes = _MARC_FIELDS.get(str(field.get("tag")), ("", ""))
        parts = [
            str(part["#text"]).strip(" /:;,")
            for part in objects(field.get("subfield"))
            if part.get("code") in tuple(codes) and part.get("#text")
        ]
        if ours and parts:
            found.setdefault(ours, []).append(" ".join(parts))
    made: dict[str, Any] = {
        name: values
        if name == "topics"
        else "\n\n".join(values)
        if name == "text"
        else values[0].strip(" .[]")
        for name, values in found.items()
    }
    for field in objects(record.get("controlfield")):
        text = str(field.get("#text") or "")
        if field.get("tag") == "001":
            made["id"] = text
        elif field.get("tag") == "008" and text[7:11].isdigit():
            made.setdefault("date", text[7:11])
    return made


def _component(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """An item of a finding aid (EAD): its ``did`` says what and when, its day as computers read it beside the one that people read."""
    about = record["did"]
    if not isinstance(about, Mapping):
        return record
    first = next((each for each in listed(about.get("unitdate")) if each), None)
    day = first.get("normal") or first.get("#text") if isinstance(first, Mapping) else first
    access = record.get("controlaccess")
    topics = [
        name.get("#text", "") if isinstance(name, Mapping) else name
        for kind in ("subject", "persname", "corpname", "geogname", "genreform")
        for name in listed(access.get(kind) if isinstance(access, Mapping) else None)
        if name
    ]
    said = record.get("scopecontent")
    number = about.get("unitid")
    return {
        "id": record.get("id") or (number.get("#text") if isinstance(number, Mapping) else number),
        "date": day,
        "title": about.get("unittitle"),
        "text": said.get("p") if isinstance(said, Mapping) else said,
        "topics": topics,
    }


def _action(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """A line of a bulk request of Elasticsearch that says what to do with the next one."""
    what = next(iter(record.values())) if len(record) == 1 else None
    if isinstance(what, Mapping) and {"_index", "_id", "_type", "routing"} >= what.keys():
        return LeftOut("lines of Elasticsearch commands")
    return record


def _own_post(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A post in an archive of Facebook: its words stand in ``data``."""
    posts = [each["post"] for each in objects(record["data"]) if isinstance(each.get("post"), str)]
    if "timestamp" not in record or not posts:
        return record
    return {"date": record["timestamp"], "text": _decoded("\n\n".join(posts))}


def _own_picture(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A post in an archive of Instagram: its words are called its title."""
    words = record.get("title")
    if not isinstance(words, str) or not isinstance(record["creation_timestamp"], int):
        return record
    return {"date": record["creation_timestamp"], "text": _decoded(words)}


def _decoded(text: str) -> str:
    """A text of an archive of Meta, which writes UTF-8 as if it were Latin-1."""
    with suppress(UnicodeError):
        return text.encode("latin-1").decode()
    return text


def _card(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A card of Trello, whose id begins with the second in which it was made; else it says only when it was last changed."""
    made = str(record.get("id"))
    if not _OBJECT_ID.fullmatch(made) or "dateLastActivity" not in record:
        return record
    return {"date": int(made[:8], 16), **record}


def _card_row(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A card in a table of Trello, as `_card`."""
    made = str(record.get("Card ID"))
    return {"Date": int(made[:8], 16), **record} if _OBJECT_ID.fullmatch(made) else record


_OBJECT_ID = re.compile(r"[0-9a-f]{24}")


def _annotation(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A note in a chart of Grafana, about another time than that at which it was written."""
    return {"date": record["time"], "end": record.get("timeEnd"), **record} if "time" in record else record


def _alert(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """An alert of Prometheus: its words are annotations, its name and kind labels; one that goes on has an end of the year 1."""
    words, labels = record.get("annotations"), record.get("labels")
    if not (isinstance(words, Mapping) and isinstance(labels, Mapping)):
        return record
    end = record.get("endsAt")
    return {
        "id": record.get("fingerprint"),
        "date": record["startsAt"],
        "end": None if str(end).startswith("0001-") else end,
        "title": words.get("summary") or words.get("title") or labels.get("alertname"),
        "text": words.get("description") or words.get("message"),
        "category": labels.get("severity"),
        "topics": [
            labels[name] for name in ("alertname", "job", "service") if isinstance(labels.get(name), str)
        ],
        "url": record.get("generatorURL"),
    }


def _outline(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A line of an outliner, with the note below it."""
    return {**record, "title": record["text"], "text": record["_note"]} if "text" in record else record


def _entry(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """An entry of Day One, written in Markdown."""
    words = record.get("text")
    if "uuid" not in record or not isinstance(words, str):
        return record
    title, text = to_words(words.replace("\\", ""), "md")
    return {**record, "title": title, "text": text}


def _note_page(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A page of Roam: its words are blocks within blocks."""
    if not isinstance(record.get("children"), list):
        return record
    words: list[str] = []
    waiting = list(reversed(objects(record["children"])))
    while waiting:
        block = waiting.pop()
        if isinstance(block.get("string"), str):
            words.append(block["string"])
        waiting += reversed(objects(block.get("children")))
    return {
        "id": record.get("uid"),
        "date": record["create-time"],
        "title": record.get("title"),
        "text": "\n".join(_WIKI_LINK.sub(r"\1", line) for line in words),
        "topics": [tag for line in words for tag in _INLINE_TAG.findall(line)],
    }


_WIKI_LINK = re.compile(r"#?\[\[([^\[\]]{1,200})\]\]")
_INLINE_TAG = re.compile(r"(?:(?<=\s)|\A)#([^\W\d][\w/-]{0,100})")


def _bookmark(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A bookmark of Pinboard or Delicious: its title is called description, its tags are parted by blanks."""
    if not {"href", "description"} <= record.keys():
        return record
    tags = record.get("tags")
    return {
        **{name: value for name, value in record.items() if name != "description"},
        "title": record["description"],
        "text": record["extended"],
        "tags": tags.split() if isinstance(tags, str) else tags,
    }


def _happening(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """An event of NASA's EONET, whose days stand with its places, the first of them first."""
    places = objects(record.get("geometry") or record.get("geometries"))
    days = [place["date"] for place in places if place.get("date")]
    return {"date": min(map(str, days)), "end": max(map(str, days)), **record} if days else record


def _member(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """Slack's list of its users."""
    profile = record.get("profile")
    is_user = "real_name" in record or (isinstance(profile, Mapping) and "real_name" in profile)
    return (
        LeftOut("users")
        if (is_user or "team_id" in record or "is_bot" in record) and "ts" not in record
        else record
    )


def _sky_post(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """A post of Bluesky, named by its address; one that is shown again because somebody repeated it is left out."""
    inner = record.get("post")
    post = inner if isinstance(inner, Mapping) else record
    about = post.get("record")
    if not (isinstance(about, Mapping) and str(about.get("$type")).startswith("app.bsky.")):
        return record
    reason = record.get("reason")
    if isinstance(reason, Mapping) and "Repost" in str(reason.get("$type")):
        return LeftOut(_NO_POSTS)
    return {
        "id": post.get("uri"),
        "date": about.get("createdAt"),
        "text": about.get("text"),
        "language": about.get("langs"),
        "topics": about.get("tags"),
    }


def _post(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """A post of Bluesky, or a line of Mattermost's export."""
    return exported_post(record) if record.get("type") == "post" else _sky_post(record)


_DEEPER: dict[str, Callable[[Mapping[Any, Any]], Mapping[Any, Any] | LeftOut]] = {
    "incident_updates": _status_page,
    "updates": _status_page,
    "sys": _contentful,
    "__REALTIME_TIMESTAMP": _journal,
    "tweet": _tweet,
    "modified": _tiddler,
    "short_desc": _bug,
    "datafield": _marc,
    "did": _component,
    "index": _action,
    "create": _action,
    "data": _own_post,
    "idList": _card,
    "Last Activity Date": _card_row,
    "dashboardId": _annotation,
    "startsAt": _alert,
    "_note": _outline,
    "creationDate": _entry,
    "create-time": _note_page,
    "extended": _bookmark,
    "geometry": _happening,
    "geometries": _happening,
    "creation_timestamp": _own_picture,
    "is_bot": _member,
    "real_name": _member,
    "profile": _member,
    "record": _sky_post,
    **API_RECORDS,
    "post": _post,
}
TELLING = frozenset(_DEEPER.keys() - {"source", "body", "start"}) | {
    "date_gmt", "visibility", "published", "post_status", "draft", "isDraft", "is_draft", "publishedAt", "attributes", "_type", "type",
    "cveMetadata", "subtype", "purpose", "isTrashed",
}  # fmt: skip
"""Names of which a record has at least one where it is of such a program, or it has an object under `BEGINNING`.

Plain tables have columns with the names that are taken out; beside "source" and "body" such records have a "type".
"""
