"""Records of well-known programs of which the names of the columns do not tell all: what is hidden, what is a number for a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from relatedness.sources._dialects import is_not_shown
from relatedness.sources._report import LeftOut
from relatedness.sources._sites import is_true

TELLING = frozenset(
    [
        "date_gmt",
        "visibility",
        "published",
        "post_status",
        "draft",
        "isDraft",
        "is_draft",
        "publishedAt",
        "attributes",
        "_type",
        "type",
        "cveMetadata",
    ]
)
"""Names of which a record has at least one where it is of such a program."""
_NO_POSTS = "entries that are not posts"


def understood(record: Mapping[Any, Any]) -> Mapping[Any, Any] | LeftOut:
    """A record as its program means it, or what it is that is no event.

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
        return record if reason is None else LeftOut(reason)
    if "visibility" in record and "account" in record and record["visibility"] in ("private", "direct"):
        return LeftOut("hidden")
    if "published" in record and record["published"] is False:
        return LeftOut("drafts")
    about = record.get("cveMetadata")
    if isinstance(about, Mapping) and about.get("state") == "REJECTED":
        return LeftOut("rejected records of CVE")
    if any(is_true(record.get(name)) for name in ("draft", "isDraft", "is_draft")):
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
    kind = record.get("type")
    if (kind == "Announce" and "object" in record) or (kind == "service" and "action" in record):
        return LeftOut(_NO_POSTS)
    return record


def _named(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    embedded = record.get("_embedded")
    groups = embedded.get("wp:term") if isinstance(embedded, Mapping) else None
    terms: dict[object, list[object]] = {"post_tag": [], "category": []}
    for group in groups if isinstance(groups, list) else ():
        for term in group if isinstance(group, list) else ():
            if isinstance(term, Mapping) and term.get("taxonomy") in terms:
                terms[term["taxonomy"]].append(term.get("name"))
    made = dict(record)
    for ours, theirs in (("tags", "post_tag"), ("categories", "category")):
        given = made.get(ours)
        if isinstance(given, list) and all(isinstance(item, int) for item in given):
            made[ours] = terms[theirs]
    return made
