"""Exports of blogs -> the records of events: WordPress, Ghost, Substack.

=============  =====================================================================================================
WordPress      its export (WXR, ``.xml``): items of the type ``post`` that are published and need no password, without the
               blocks that are hidden. ``id`` is the number of the post; Polylang's languages and translations are known.
Ghost          its export (``.json``): posts, not pages, that are published for everyone on the web, without what only
               members see. ``id`` is the post's.
Substack       its export, unpacked: ``posts.csv`` says which of ``posts/*.html`` are posts published for everyone.
=============  =====================================================================================================

Medium's export is a folder of HTML files and needs nothing of its own.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from io import BufferedIOBase, TextIOWrapper
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from relatedness.errors import InputError
from relatedness.sources._date_words import stands_for_none
from relatedness.sources._dialects import read_date
from relatedness.sources._language_names import language_tag
from relatedness.sources._markup import html_to_text, plain_text
from relatedness.sources._report import Faulty, LeftOut, Post

_LARGEST_ITEM = 64 * 2**20  # bytes of an entry of a WordPress export
_CSV_LONGEST = 16 * 2**20  # bytes of a list of posts
# WordPress exports control characters as they stand in a post; XML allows only three of them.
_AS_SPACES = bytes(32 if code < 32 and code not in b"\t\n\r" else code for code in range(256))

Taken = Post | LeftOut | Faulty


def is_wxr(head: bytes) -> bool:
    """Whether a file is an export of WordPress, by how it begins."""
    return b"wordpress.org/export/" in head


class _Bounded:
    """A stream with a limit on the bytes read per item."""

    def __init__(self, stream: BufferedIOBase) -> None:
        self._stream = stream
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(2**16 if size < 0 else size).translate(_AS_SPACES)
        self.taken += len(data)
        if self.taken > _LARGEST_ITEM:
            raise InputError(f"holds an item of more than {_LARGEST_ITEM:,} bytes, the limit")
        return data


def read_wxr(stream: BufferedIOBase, zone: Any = None) -> Iterator[Taken | InputError]:
    """Read an export of WordPress, one item in memory at a time.

    Parameters
    ----------
    stream : file
        The XML, in bytes.
    zone : str or tzinfo, optional
        Of dates without one; WordPress writes UTC beside them.

    Yields
    ------
    Post, LeftOut, Faulty or InputError
        The last if the file breaks off.
    """
    bounded = _Bounded(stream)
    site: dict[str, str] = {}
    try:
        depth = 0
        for kind, node in ET.iterparse(bounded, events=("start", "end")):  # noqa: S314 - expat resolves no external entity
            depth += 1 if kind == "start" else -1
            name = _local(node.tag)
            if kind != "end":
                continue
            if name == "item":
                yield _wxr_item(node, site, zone)
                bounded.taken = 0
                node.clear()
            elif depth == 2:
                site.setdefault(name, (node.text or "").strip())
                node.clear()
    except ET.ParseError as error:
        yield InputError(f"is not well-formed: {error}; later entries may be missing", line=error.position[0])


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _wxr_item(node: ET.Element, site: Mapping[str, str], zone: Any) -> Taken:
    values: dict[str, str] = {}
    topics, category, language, group = [], None, None, None
    for child in node:
        name = _local(child.tag)
        if name == "category":
            domain, words = child.get("domain"), plain_text((child.text or "").strip())
            if domain == "language":
                language = language_tag(child.get("nicename") or "")
            elif domain == "post_translations":
                group = child.get("nicename")
            elif domain == "category" and category is None and words.lower() != "uncategorized":
                category = words
            elif domain in ("category", "post_tag") and words.lower() != "uncategorized":
                topics.append(words)
        elif name == "encoded":
            # content:encoded and excerpt:encoded
            values["excerpt" if "excerpt" in child.tag else "content"] = child.text or ""
        else:
            values.setdefault(name, (child.text or "").strip())
    id_ = values.get("post_id") or values.get("guid") or values.get("link") or ""
    if values.get("post_type", "post") != "post":
        return LeftOut("entries that are not posts")
    status = values.get("status", "publish")
    if status == "future":
        return LeftOut("dated in the future")
    if status != "publish" or values.get("post_password"):
        return LeftOut("drafts" if status in ("draft", "auto-draft", "pending") else "hidden")
    when = _first_date(
        zone,
        (values.get("post_date_gmt"), "UTC"),
        (values.get("pubDate"), None),
        (values.get("post_date"), None),
    )
    if when is None:
        return LeftOut("entries without a date")
    text = wordpress_text(values.get("content", ""))
    return Post(
        {
            **values,
            "id": id_,
            "date": when,
            "title": plain_text(values.get("title", "")),
            "text": text or wordpress_text(values.get("excerpt", "")),
            "topics": list(dict.fromkeys(topics)),
            "category": category,
            "language": language or language_tag(site.get("language", "")),
            "group": group or id_,
            "url": values.get("link") or None,
            "sources": None,
        }
    )


def _first_date(zone: Any, *given: tuple[str | None, str | None]) -> Any:
    for text, own_zone in given:
        if text and not text.startswith("0000") and not stands_for_none(text):
            found = read_date(text, own_zone or zone)
            if found is not None:
                return found
    return None


_CODE = re.compile(r"\[(code|sourcecode|cc|pre|php|html|css|js|python|bash|latex|gist)\b[^\[\]]{0,500}\]")
_SHORTCODE = re.compile(r"\[(/?)([a-z][\w-]{1,40})(\s+[\w-]+=[^\[\]\n]{0,1000})?\s?/?\]")
_ALONE = frozenset({"gallery", "more", "embed", "playlist", "nextpage", "toc", "contact-form"})


def wordpress_text(html: str) -> str:
    """The text of a post: blocks are HTML with comments; older posts separate paragraphs by blank lines."""
    html = _without_hidden_blocks(html)
    if "[" in html:
        html = _without_code(html)
        # [sic] is not a shortcode: one has attributes or an end, or is known.
        names = {found[2] for found in _SHORTCODE.finditer(html) if found[1]} | _ALONE
        html = _SHORTCODE.sub(lambda found: " " if found[3] or found[2] in names else found[0], html)
    if "<p" not in html:
        html = re.sub(r"\n[ \t]*\n", "</p><p>", html.replace("\r\n", "\n"))
        html = f"<p>{html}</p>"
    return html_to_text(html, code=[])


_HIDDEN_BLOCK = '"blockVisibility":false'
_BLOCK = re.compile(r"<!--\s+(/?)wp:([^<>]*?)(/?)-->")


def _without_hidden_blocks(html: str) -> str:
    if _HIDDEN_BLOCK not in html:
        return html
    parts: list[str] = []
    done = depth = 0
    for found in _BLOCK.finditer(html):
        is_end, is_void = bool(found[1]), bool(found[3])
        if depth:
            depth += 0 if is_void else -1 if is_end else 1
        elif _HIDDEN_BLOCK in found[2]:
            parts.append(html[done : found.start()])
            depth = 0 if is_void else 1
        else:
            continue
        done = found.end() if depth == 0 else len(html)
    return "".join(parts) + html[done:]


def _without_code(html: str) -> str:
    parts: list[str] = []
    done = 0
    for found in _CODE.finditer(html):
        if found.start() < done:
            continue
        mark = f"[/{found[1]}]"
        end = html.find(mark, found.end())
        if end >= 0:
            parts.append(html[done : found.start()])
            done = end + len(mark)
        elif not parts:
            break  # none of these ends
    return "".join(parts) + html[done:]


def is_ghost(value: object) -> bool:
    """Whether a JSON value is an export of Ghost."""
    return isinstance(value, Mapping) and _ghost_data(value) is not None


def _ghost_data(value: Mapping[str, Any]) -> Mapping[str, Any] | None:
    database = value.get("db")
    holder = database[0] if isinstance(database, list) and database else value
    data = holder.get("data") if isinstance(holder, Mapping) else None
    return data if isinstance(data, Mapping) and isinstance(data.get("posts"), list) else None


def read_ghost(value: Mapping[str, Any], zone: Any = None) -> Iterator[Taken]:
    """Read an export of Ghost.

    Parameters
    ----------
    value : mapping
        The JSON.
    zone : str or tzinfo, optional
        Of dates without one.
    """
    data = _ghost_data(value) or {}
    names = {
        str(tag.get("id")): str(tag.get("name") or "")
        for tag in _rows(data, "tags")
        if tag.get("visibility", "public") == "public"
    }
    tags: dict[str, list[tuple[int, str]]] = {}
    for link in _rows(data, "posts_tags"):
        name = names.get(str(link.get("tag_id")), "#")
        if name[:1] not in ("", "#"):
            order = link.get("sort_order")
            tags.setdefault(str(link.get("post_id")), []).append(
                (order if isinstance(order, int) else 0, name)
            )
    settings = (row.get("value") for row in _rows(data, "settings") if row.get("key") == "locale")
    locale = str(next(settings, None) or "")
    mailed = {str(row.get("post_id")) for row in _rows(data, "posts_meta") if row.get("email_only") == 1}
    for post in data["posts"]:
        if not isinstance(post, Mapping):
            yield Faulty(InputError("a post is not an object", field="posts"), "")
        elif str(post.get("id")) in mailed:
            yield LeftOut("hidden")
        else:
            topics = [name for _, name in sorted(tags.get(str(post.get("id")), []))]
            yield _ghost_post(post, topics, locale, zone)


def _rows(data: Mapping[str, Any], table: str) -> list[Mapping[str, Any]]:
    rows = data.get(table)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


_GATED = re.compile(
    r"<!--kg-gated-block:begin (?![^<>]*\bnonMember:true\b)[^<>]*-->(?:.*?<!--kg-gated-block:end-->|.*)",
    re.DOTALL,
)


def _ghost_post(post: Mapping[str, Any], topics: list[str], locale: str, zone: Any) -> Taken:
    if post.get("type", "post") != "post" or post.get("page") in (1, True):
        return LeftOut("entries that are not posts")
    status = post.get("status", "published")
    if status == "scheduled":
        return LeftOut("dated in the future")
    if status != "published" or post.get("visibility", "public") != "public":
        return LeftOut("drafts" if status == "draft" else "hidden")
    when = read_date(post.get("published_at"), zone)
    if when is None:
        return LeftOut("entries without a date")
    html, plain = post.get("html"), post.get("plaintext")
    if isinstance(html, str):
        text = html_to_text(_GATED.sub("", html), code=[])
    else:
        text = plain if isinstance(plain, str) else ""
    excerpt = post.get("custom_excerpt")
    id_ = str(post.get("id") or post.get("uuid") or post.get("slug") or "")
    return Post(
        {
            **{str(name): item for name, item in post.items()},
            "id": id_,
            "date": when,
            "title": plain_text(str(post.get("title") or "")),
            "text": text or (excerpt if isinstance(excerpt, str) else ""),
            "topics": topics,
            "category": topics[0] if topics else None,
            "language": language_tag(str(post.get("locale") or post.get("language") or locale)),
            "group": id_,
            "url": post.get("canonical_url") if isinstance(post.get("canonical_url"), str) else None,
            "sources": None,
        }
    )


def substack_posts(root: Path) -> dict[str, dict[str, Any]]:
    """The posts of an unpacked Substack export: the name of each, without its ending, to front matter.

    Parameters
    ----------
    root : Path
        The folder with ``posts.csv``, or its folder ``posts``.
    """
    for path in (root / "posts.csv", root.parent / "posts.csv"):
        if not path.is_file() or path.stat().st_size > _CSV_LONGEST:
            continue
        with path.open("rb") as raw, TextIOWrapper(raw, "utf-8-sig", errors="replace", newline="") as file:
            try:
                rows = list(csv.DictReader(file))
            except csv.Error:
                continue
        if rows and {"post_id", "post_date", "is_published"} <= set(rows[0]):
            return {str(row["post_id"]): _substack_front(row) for row in rows if row.get("post_id")}
    return {}


def _substack_front(row: Mapping[str, str | None]) -> dict[str, Any]:
    front: dict[str, Any] = {
        "title": row.get("title"),
        "date": row.get("post_date"),
        "description": row.get("subtitle"),
        "published": (row.get("is_published") or "").strip().lower() == "true",
    }
    if (row.get("audience") or "everyone") != "everyone" or row.get("type") == "adhoc_email":
        front["private"] = True
    elif row.get("type") == "page":
        front["post_type"] = "page"
    return front
