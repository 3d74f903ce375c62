"""Markdown posts with front matter, as Hugo, Jekyll, Pelican and Eleventy keep them -> the records of events.

==================  ==========================================================================================
front matter        between lines of ``---`` YAML, of ``+++`` TOML; ``{`` ... ``}`` JSON; or, as in Pelican, lines
                    ``Title: ...`` without fences. Names count without regard to case.
``id``              the path of the file below the folder that is read, such as ``posts/mosul.md``: what Hugo calls
                    ``.File.Path`` and Jekyll ``page.path``
``date``            ``date``, else ``pubdate``, ``publishdate`` or ``created``, else the day that the name of the file
                    begins with (``2016-07-11-mosul.md``)
``title``, ``text`` ``title``, else the first heading, else the name of the file; the body as plain text, without
                    code, markup and shortcodes; where there is none ``summary`` or ``description``
``topics``          ``tags``, and the categories after the first
``category``        ``category``, or the first of ``categories``
``language``        ``lang`` or ``language``, else the ending of the name (``mosul.fr.md``)
``group``           ``translationkey``, ``ref``, or ``slug`` together with a language; else the path without the language
``url``             ``url`` or ``permalink``, where it is a finished address
drafts              ``draft: true``, ``published: false``, ``status: draft`` or ``hidden``,
                    ``eleventyExcludeFromCollections: true``, and what lies in a folder ``_drafts``: left out, counted
==================  ==========================================================================================
"""

from __future__ import annotations

import json
import posixpath
import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from relatedness.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_FENCES = {b"---": "yaml", b"+++": "toml"}
_HEADER = re.compile(
    rb"(?:title|date|status|tags|category|slug|author|authors|lang|summary)[ \t]*:", re.IGNORECASE
)
_FIELD = re.compile(r"([A-Za-z][\w-]*)[ \t]*:[ \t]*(.*)")
_DATED = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:-|\Z)", re.ASCII)
_LANGUAGE = re.compile(r"\.([a-z]{2,3}(?:-[A-Za-z]{2,4})?)\Z")
_SHORT_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?=\Z|[ T])", re.ASCII)
_OFFSET = re.compile(r"(?<=\d) (?=(?:[+-]\d{2}:?\d{2}|Z)\Z)", re.ASCII)
# Shortcodes and template tags; bounded, because a hostile text may open thousands and close none.
_CODES = re.compile(r"\{\{.{0,2000}?\}\}|\{%.{0,2000}?%\}", re.DOTALL)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_NO_TEXT = re.compile(r"\s*<(?:script|style|iframe|!--)", re.IGNORECASE)
_NOTHING = frozenset({"", "~", "null"})
_YES = frozenset({"true", "yes", "on", "1"})
_DATES = ("date", "pubdate", "publishdate", "created")


class Draft:
    """What `read_post` gives for a post that its site does not show."""


def is_post(data: bytes) -> bool:
    """Whether a Markdown file begins with front matter."""
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    first = data[:200].split(b"\n", 1)[0].rstrip()
    return first in _FENCES or first.startswith(b"{") or _HEADER.match(first) is not None


def read_post(text: str, *, path: str) -> dict[str, Any] | Draft:
    r"""Read one post.

    Parameters
    ----------
    text : str
        The file.
    path : str
        Where it lies below the folder that is read, with its ending.

    Returns
    -------
    dict or Draft
        A record for `Event.make`. It holds everything of the front matter too, so that fields can be renamed.

    Raises
    ------
    InputError
        Naming the line and the field, if the front matter cannot be read.
    MissingExtraError
        If a package is missing that reads YAML or Markdown.

    Examples
    --------
    >>> record = read_post('''+++
    ... title = "Mosul falls to ISIL"
    ... date = 2014-06-10
    ... tags = ["ISIL", "Iraq"]
    ... +++
    ... The **second** city of [Iraq](/iraq).
    ... ''', path="posts/mosul.md")
    >>> record["id"], record["topics"], record["text"]
    ('posts/mosul.md', ['ISIL', 'Iraq'], 'The second city of Iraq.')
    """
    matter, body = _split(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    front = {str(name).lower(): value for name, value in matter.items()}
    if _is_draft(front, path):
        return Draft()
    stem = _stem(path)
    named = _LANGUAGE.search(stem)
    base = path.rpartition("/")[0] + "/" + stem
    if named is not None:
        stem, base = stem[: named.start()], base[: -len(named[0])]
    dated = _DATED.match(stem)
    language = _text(front, "lang") or _text(front, "language") or (named and named[1])
    heading, plain = _plain(body)
    title = _text(front, "title")
    if title and heading and heading != title:
        plain = f"{heading}\n\n{plain}".strip()
    categories = _names(front, "category") or _names(front, "categories", spaced=dated is not None)
    record: dict[str, Any] = {**matter, **front}
    when = _date(front, dated)
    if when is not None:
        record["date"] = when
    record |= {
        "id": path,
        "title": title or heading or _titled(stem[dated.end() :] if dated else stem),
        "text": plain or _text(front, "summary") or _text(front, "description") or "",
        "topics": [*_names(front, "tags", spaced=dated is not None), *categories[1:]],
        "category": categories[0] if categories else None,
        "language": language,
        "group": _text(front, "translationkey")
        or _text(front, "ref")
        or (language and _text(front, "slug"))
        or base.strip("/"),
        "url": _address(front),
        "sources": front.get("sources"),
    }
    return record


def _stem(path: str) -> str:
    """The name that tells posts of a folder apart; of ``mosul/index.md``, which keeps its pictures beside it, ``mosul``."""
    stem = posixpath.splitext(posixpath.basename(path))[0]
    folder = posixpath.basename(posixpath.dirname(path))
    name, mark, language = stem.partition(".")
    return f"{folder}{mark}{language}" if name == "index" and folder else stem


def _split(text: str) -> tuple[dict[str, Any], str]:
    """The front matter and the body."""
    text = text.lstrip()
    first, _, rest = text.partition("\n")
    fence = first.rstrip()
    if fence in ("---", "+++"):
        lines = rest.split("\n")
        ends = (fence, "...") if fence == "---" else (fence,)
        end = next((at for at, line in enumerate(lines) if line.rstrip() in ends), None)
        if end is None:
            raise InputError(f"the front matter has no end: expected a line {fence}", line=1)
        inner, body = "\n".join(lines[:end]), "\n".join(lines[end + 1 :])
        return (_yaml(inner) if fence == "---" else _toml(inner)), body
    if first.startswith("{"):
        return _json(text)
    return _header(text)


def _yaml(text: str) -> dict[str, Any]:
    try:
        import yaml
    except ImportError:
        raise MissingExtraError(
            "reading YAML front matter needs PyYAML: pip install 'relatedness[posts]'"
        ) from None
    try:
        # The base loader leaves every value a text or a list: no surprises, and nothing is built. Not the one in C:
        # deeply nested lists end its process.
        value = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InputError(
            f"the front matter is not YAML: {error.problem or error.context}",
            line=mark.line + 2 if mark else None,
        ) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(f"the front matter is not YAML: {error}") from None
    return _mapping(value)


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise InputError(f"the front matter is not TOML: {error}") from None


def _json(text: str) -> tuple[dict[str, Any], str]:
    try:
        value, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the front matter is not JSON: {error}", line=1) from None
    return _mapping(value), text[end:]


def _header(text: str) -> tuple[dict[str, Any], str]:
    """Pelican's: ``Name: value`` lines, continued by indented ones, up to the first blank line."""
    matter: dict[str, Any] = {}
    lines = text.split("\n")
    last = None
    for at, line in enumerate(lines):
        found = _FIELD.fullmatch(line.rstrip())
        if found is not None:
            last = found[1]
            matter[last] = found[2]
        elif last is not None and line[:1] in (" ", "\t") and line.strip():
            matter[last] += f", {line.strip()}" if last.lower() in ("tags", "authors") else f" {line.strip()}"
        else:
            return matter, "\n".join(lines[at:])
    return matter, ""


def _mapping(value: object) -> dict[str, Any]:
    if value is None or value == "":
        return {}
    if not isinstance(value, Mapping):
        raise InputError(
            "the front matter is no list of names and values, such as title: Mosul falls", line=1
        )
    return {str(name): item for name, item in value.items()}


def _is_draft(front: Mapping[str, Any], path: str) -> bool:
    def said(name: str) -> str:
        return str(front.get(name, "")).strip().lower()

    return (
        said("draft") in _YES
        or said("published") in ("false", "no", "off")
        or said("status") in ("draft", "hidden")
        or said("eleventyexcludefromcollections") in _YES
        or "_drafts" in path.split("/")[:-1]
    )


def _text(front: Mapping[str, Any], name: str) -> str | None:
    value = front.get(name)
    if value is None or isinstance(value, bool) or (isinstance(value, str) and value.strip() in _NOTHING):
        return None
    if isinstance(value, str | int | float):
        return str(value).strip()
    raise InputError(f"expected text, got {type(value).__name__}", field=name)


def _names(front: Mapping[str, Any], name: str, *, spaced: bool = False) -> list[str]:
    """A list of names. A text is parted by commas; in Jekyll, whose files are dated, by blanks."""
    value = front.get(name)
    if value is None or value == "":
        return []
    if isinstance(value, str):
        parts = value.split() if spaced and "," not in value else value.split(",")
        return [part.strip() for part in parts if part.strip() not in _NOTHING]
    if not isinstance(value, list) or not all(isinstance(item, str | int | float) for item in value):
        raise InputError("expected a list of names", field=name)
    return [text for item in value if (text := str(item).strip()) and text not in _NOTHING]


def _date(front: Mapping[str, Any], dated: re.Match[str] | None) -> object:
    for name in _DATES:
        value = front.get(name)
        if isinstance(value, date | datetime):
            return value
        text = _text(front, name)
        # Eleventy knows words in place of a date: "Last Modified", "git Created".
        if text is not None and any(character.isdigit() for character in text):
            text = _SHORT_DAY.sub(lambda day: f"{day[1]}-{day[2]:0>2}-{day[3]:0>2}", text, count=1)
            return _OFFSET.sub("", text)
    return f"{dated[1]}-{dated[2]:0>2}-{dated[3]:0>2}" if dated else None


def _titled(stem: str) -> str:
    words = stem.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _address(front: Mapping[str, Any]) -> str | None:
    for name in ("url", "permalink"):
        value = front.get(name)
        # A pattern (/:year/:title/) or a template is no address yet.
        if isinstance(value, str) and re.fullmatch(r"(?:https?:/|)/[^\s:{}]*(?::\d+[^\s:{}]*)?", value):
            return value
    return None


@cache
def _markdown() -> MarkdownIt:
    try:
        from markdown_it import MarkdownIt
    except ImportError:
        raise MissingExtraError(
            "reading Markdown posts needs markdown-it-py: pip install 'relatedness[posts]'"
        ) from None
    return MarkdownIt("commonmark").enable("table")


def _plain(body: str) -> tuple[str, str]:
    """The first heading where the body begins with one, and the words of the rest."""
    heading = ""
    parts: list[str] = []
    opened = ""
    for token in _markdown().parse(_CODES.sub(" ", body)):
        if token.type == "heading_open":
            opened = token.tag
        elif token.type == "inline":
            words = "".join(_word(child) for child in token.children or ())
            words = " ".join(words.split())
            if opened == "h1" and not parts and not heading:
                heading = words
            elif words:
                parts.append(words)
            opened = ""
        elif token.type == "html_block" and not _NO_TEXT.match(token.content):
            words = " ".join(_TAG.sub(" ", token.content).split())
            if words:
                parts.append(words)
    return heading, "\n\n".join(parts)


def _word(token: Any) -> str:
    if token.type in ("text", "code_inline"):
        return str(token.content)
    return " " if token.type in ("softbreak", "hardbreak", "html_inline") else ""
