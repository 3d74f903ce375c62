"""Columns that show that a program hides a record: flags, dates of removal, and the status of a post.

A flag counts if it applies to the whole record. The status counts beside a column that only posts have, such as a slug:
an issue or a standard may be a draft, too, and everybody sees it. Beside a column that most posts have and other records may
have, too, drafts are left out, and nothing else: concerts with an audience are scheduled, tickets are pending.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from relatedness.sources._names import folded

_Rule = Callable[[Any], str | None]

_POST_MARKS = frozenset(
    ["slug", "permalink", "basename", "excerpt", "postname", "postexcerpt", "posttype", "introtext", "publishup"]
)  # fmt: skip
_LIKELY_MARKS = frozenset(("handle", "audience", "contenthtml", "bodyhtml"))
_OF_SHOPS = frozenset(("handle", "bodyhtml"))
# As in Joomla: 1 is published, 2 archived.
_NUMBERED = {"0": "drafts", "-2": "hidden"}
_YES = frozenset(("true", "yes", "t", "y", "1"))
_STATES = {
    **dict.fromkeys(("draft", "drafts", "wip", "autodraft", "notpublished", "unpublished"), "drafts"),
    **dict.fromkeys(("private", "hidden", "trash", "trashed", "deleted", "inherit", "unlisted", "spam", "archived"), "hidden"),
    **dict.fromkeys(("pending", "pendingreview", "inreview"), "hidden"),
    **dict.fromkeys(("future", "scheduled"), "dated in the future"),
}  # fmt: skip


def _flag(reason: str) -> _Rule:
    return lambda value: reason if value is True or str(value).strip().lower() in _YES else None


def _said(value: Any) -> str | None:
    """For a name that may mean a number: the draft of a ship."""
    return "drafts" if str(value).strip().lower() in ("true", "yes") else None


def _not_published(value: Any) -> str | None:
    """For a name that mostly means a date."""
    return "drafts" if str(value).strip().lower() in ("false", "no", "off", "unpublished") else None


def _zero(value: Any) -> str | None:
    return "drafts" if str(value).strip() == "0" else _not_published(value)


def _true(value: Any) -> str | None:
    """For a name that may mean something else: a "private" hospital, a "hidden" danger."""
    return "hidden" if value is True or (isinstance(value, str) and value.lower() == "true") else None


def _given(value: Any) -> str | None:
    return "hidden" if value is not None and str(value).strip().lower() not in _NO_DAY else None


def _unseen(value: Any) -> str | None:
    return "hidden" if value is False or str(value).strip().lower() in ("0", "false", "no") else None


def unpublished(value: Any) -> str | None:
    """For the date of publication, which a draft does not have yet."""
    return "drafts" if value is None or str(value).strip().lower() in _NO_DAY else None


def _state(value: Any) -> str | None:
    if isinstance(value, str) and not value.strip().lstrip("-").isdigit():
        return _STATES.get(folded(value))
    return _NUMBERED.get(str(value))


def _visibility(value: Any) -> str | None:
    """For posts of which only members see the whole."""
    return "hidden" if str(value).strip().lower() in ("members", "paid", "tiers") else _state(value)


def _drafted(value: Any) -> str | None:
    return "drafts" if _state(value) == "drafts" and isinstance(value, str) else None


def _deleted(value: Any) -> str | None:
    return "hidden" if isinstance(value, str) and value.strip().lower() in ("deleted", "trashed") else None


def _privacy(value: Any) -> str | None:
    return "hidden" if isinstance(value, str) and folded(value) in ("private", "hidden", "unlisted") else None


_NO_DAY = frozenset(("", "0", "false", "null", "none", "nan", "nat", "0000-00-00 00:00:00", "0000-00-00"))
_RULES: dict[str, _Rule] = {
    **dict.fromkeys(("isdraft", "unpublished", "isunpublished"), _flag("drafts")),
    **dict.fromkeys(
        ("trashed", "istrashed", "intrash", "isdeleted", "ishidden", "isprivate", "isconfidential", "isunlisted", "isspam"),
        _flag("hidden"),
    ),
    **dict.fromkeys(("private", "hidden", "deleted", "confidential", "unlisted", "dead"), _true),
    **dict.fromkeys(("deletedat", "deletedon", "datedeleted", "trashedat", "datetrashed"), _given),
    "privacy": _privacy,
    "draft": _said,
    "published": _not_published,
}  # fmt: skip
_CHANGES = frozenset(("added", "inserted", "modified", "changed", "edited"))
_STATUS = frozenset(("status", "poststatus", "state", "visibility"))


def hiding(names: Iterable[str]) -> dict[str, _Rule]:
    """The columns that may hide a record, each with the test of its cells.

    Parameters
    ----------
    names : iterable of str
        All columns of the record.

    Examples
    --------
    >>> sorted(hiding(["Title", "Deleted At", "Status"])), sorted(hiding(["Title", "Slug", "Status"]))
    (['Deleted At', 'Status'], ['Status'])
    """
    by_folded = {folded(name): name for name in names}
    found = {name: _RULES[short] for short, name in by_folded.items() if short in _RULES}
    found |= {by_folded[short]: _deleted for short in _STATUS & by_folded.keys()}
    if "deleted" in by_folded and _CHANGES.isdisjoint(by_folded):  # not a count of lines
        found[by_folded["deleted"]] = _flag("hidden")
    if {"deleted", "hidden"} <= by_folded.keys():  # of a program that marks its own records
        found[by_folded["hidden"]] = _flag("hidden")
    if {"draft", "archived"} <= by_folded.keys():  # of a site: what is archived there is not on it
        found[by_folded["archived"]] = _flag("hidden")
    are_posts = not _POST_MARKS.isdisjoint(by_folded) or by_folded.keys() >= _OF_SHOPS
    if are_posts:
        found |= {by_folded[name]: _zero for name in ("publish", "published") if name in by_folded}
    if are_posts and "visible" in by_folded:
        found[by_folded["visible"]] = _unseen
    if are_posts or not _LIKELY_MARKS.isdisjoint(by_folded):
        if {"publishedat", "createdat"} <= by_folded.keys():
            found[by_folded["publishedat"]] = unpublished
        rule = _state if are_posts else _drafted
        found |= {by_folded[short]: rule for short in _STATUS & by_folded.keys()}
    if are_posts and "visibility" in by_folded:
        found[by_folded["visibility"]] = _visibility
    return found
