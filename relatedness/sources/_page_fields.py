"""Pages made of fields -> the fields and the body: Kirby's and Lektor's content files, pages that Notion exports.

==========  ==================================================================================
Kirby       ``Title: ...``, fields parted by lines ``----``; the body is the field ``Text``
Lektor      ``title: ...``, fields parted by lines ``---``; the body is the field ``body``
Notion      ``Created: ...`` and other properties in one block of lines below the title
Franklin    ``@def title = "..."`` above the page; and Zine, ``.title = "...",`` between its fences
Joplin      ``id: ...`` and other properties in the last block of lines of a raw export
==========  ==================================================================================
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from relatedness.errors import InputError
from relatedness.sources._typed_values import listed, objects

_FIELD = re.compile(r"([A-Za-z_][\w -]{0,60}):(?:[ \t]+(.*)|[ \t]*)")
_BODIES = ("text", "body", "content")
_MOST_PROPERTIES = 100  # lines of properties
_TELLING = frozenset(["created", "date", "tags", "published", "created time", "publish date"])


def split_fields(text: str, kind: str) -> tuple[dict[str, str], str] | None:
    r"""The fields of a content file of Kirby (``.txt``) or Lektor (``.lr``), and its body; None for any other text.

    Examples
    --------
    >>> split_fields("title: Mosul\n---\ntags:\n\nISIL\nIraq\n---\nbody:\n\nWords.\n", "lr")
    ({'title': 'Mosul', 'tags': 'ISIL, Iraq'}, 'Words.')
    """
    mark = {"lr": "---", "txt": "----"}.get(kind)
    if mark is None or not (_FIELD.match(text[:200]) and f"\n{mark}\n" in text):
        return None
    fields: dict[str, str] = {}
    for part in re.split(rf"^{mark}[ \t]*\n", text, flags=re.MULTILINE):
        first, _, rest = part.strip("\n").partition("\n")
        found = _FIELD.fullmatch(first.rstrip())
        if found is None:
            if part.strip():
                return None
            continue
        value = f"{found[2] or ''}\n{rest}".strip()
        name = found[1].strip()
        if name.lower() == "tags" and "\n" in value:
            value = ", ".join(line.strip() for line in value.split("\n") if line.strip())
        fields[name] = value
    # https://www.getlektor.com/docs/content/: pages that are hidden, or shown to those alone who know the address.
    hidden, listed = fields.pop("_hidden", "no").lower(), fields.pop("_discoverable", "yes").lower()
    if kind == "lr" and (hidden in ("yes", "true", "1") or listed in ("no", "false", "0")):
        fields["hidden"] = "yes"
    by_name = {name.lower(): name for name in fields}
    body = next((fields.pop(by_name[name]) for name in _BODIES if name in by_name), "")
    return fields, body


def _properties(text: str) -> tuple[dict[str, str], str] | None:
    r"""The properties in the first block below the title of a page, and the page without them; None if it has none.

    Examples
    --------
    >>> _properties("# Mosul falls\n\nCreated: June 10, 2014\nTags: ISIL, Iraq\n\nWords.\n")
    ({'Created': 'June 10, 2014', 'Tags': 'ISIL, Iraq'}, '# Mosul falls\n\nWords.\n')
    """
    title, _, rest = text.partition("\n")
    if not title.startswith("# ") or not rest.startswith("\n"):
        return None
    fields: dict[str, str] = {}
    at = 1
    while len(fields) < _MOST_PROPERTIES:
        end = rest.find("\n", at)
        line = rest[at : end if end >= 0 else len(rest)]
        if not line.strip():
            break
        found = _FIELD.fullmatch(line.rstrip())
        if found is None or not found[2]:
            return None
        fields[found[1].strip()] = found[2].strip()
        if end < 0:
            at = len(rest)
            break
        at = end + 1
    if len(fields) < 2 or _TELLING.isdisjoint(name.lower() for name in fields):
        return None
    return fields, f"{title}\n{rest[at:]}"


# An assignment of Franklin, which is Julia (``@def title = "A"``), or of Zine (``.title = "A",``).
_ASSIGNED = re.compile(
    r"""(?:@def[ \t]+|[ \t]*\.)?(\w{1,60})[ \t]*=[ \t]*
    (?:\"\"\"(.{0,9000}?)\"\"\"|(?:@date\()?"((?:\\.|[^"\\\n]){0,9000})"|(?:\w{1,20}\.)?Date(?:Time)?\(([\d,\ ]{4,40})\)|(true|false)\b|\[([^\[\]]{0,9000})\])
    [^\n]*(?:\n|\Z)""",
    re.DOTALL | re.VERBOSE,
)
_LISTED = re.compile(r'"((?:\\.|[^"\\])*)"')


def is_assigned(text: str) -> bool:
    """Whether the front matter of a post assigns values as Franklin or Zine do, which is neither TOML nor YAML."""
    return (
        re.match(r"\s*\.\w+[ \t]*=", text) is not None
        or re.search(r"=[ \t]*(?:\w{1,20}\.)?Date(?:Time)?\(", text) is not None
    )


def assigned(text: str) -> dict[str, Any]:
    r"""The texts, days, truth values and lists of texts that front matter of Franklin or Zine assigns.

    Examples
    --------
    >>> assigned('.title = "Mosul falls",\n.date = @date("2014-06-10"),\n.tags = ["ISIL", "Iraq"],\n.draft = false,')
    {'title': 'Mosul falls', 'date': '2014-06-10', 'tags': ['ISIL', 'Iraq'], 'draft': False}
    """
    fields: dict[str, Any] = {}
    at = 0
    while at < len(text):
        found = _ASSIGNED.match(text, at)
        if found is None:
            at = (text.find("\n", at) + 1) or len(text)
            continue
        at = found.end()
        name, long, short, day, truth, items = found.groups()
        fields[name] = (
            _LISTED.findall(items)
            if items is not None
            else truth == "true"
            if truth
            else "-".join(part.strip().zfill(2) for part in day.split(",")[:3])
            if day
            else (long or short or "").strip()
        )
    return fields


def split_page(text: str, start: int) -> tuple[dict[str, Any], str] | None:
    """The fields that a page in Markdown has in another form than front matter, and the page; None if it has none."""
    if not text.startswith("@def ", start):
        directives = _directives(text) if "[[!" in text else None
        return _properties(text[start:]) or _trailer(text) or directives
    end = start
    while (found := _ASSIGNED.match(text, end)) is not None and found[0].startswith("@def"):
        end = found.end()
    return assigned(text[start:end]), text[end:]


_DIRECTIVE = re.compile(r"\[\[!(\w{1,40})((?:[^\[\]\"]|\"[^\"]{0,2000}\"){0,200})\]\]\n?")
_ARGUMENT = re.compile(r"(?:(\w{1,40})=)?(?:\"([^\"]*)\"|([^\s\"]+))")


def _directives(text: str) -> tuple[dict[str, str], str] | None:
    r"""What the directives of ikiwiki say of a page, and the page without them; None if it says neither title nor date.

    Examples
    --------
    >>> _directives('[[!meta title="Mosul falls"]]\n[[!tag ISIL Iraq]]\n\nWords.')
    ({'title': 'Mosul falls', 'tags': 'ISIL, Iraq'}, '\nWords.')
    """
    fields: dict[str, str] = {}
    for name, given in _DIRECTIVE.findall(text):
        arguments = [(key, quoted or bare) for key, quoted, bare in _ARGUMENT.findall(given)]
        if name == "meta":
            fields |= {key: value for key, value in arguments if key}
        elif name in ("tag", "taglink"):
            fields["tags"] = ", ".join(value for _, value in arguments)
    return (fields, _DIRECTIVE.sub("", text)) if {"title", "date"} & fields.keys() else None


def notebook_text(text: str) -> str:
    r"""The words of a Jupyter notebook as Markdown, below its front matter, which is a raw cell; code is left out.

    Raises
    ------
    InputError
        If it is no notebook.

    Examples
    --------
    >>> notebook_text('{"cells": [{"cell_type": "markdown", "source": ["A ", "dam."]}, {"cell_type": "code", "source": "1"}]}')
    'A dam.'
    """
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not a notebook: {error}") from None
    cells = objects(notebook.get("cells")) if isinstance(notebook, Mapping) else []
    words = [
        "".join(map(str, listed(cell.get("source"))))
        for cell in cells
        if cell.get("cell_type") in ("markdown", "raw")
    ]
    return "\n\n".join(words)


_LONGEST_TRAILER = 8000  # characters of the properties below a note
_JOPLIN = re.compile(
    r"(?:\A|\n\n)((?:[a-z_]+:(?: [^\n]*)?\n)*id: [0-9a-f]{32}\n(?:[a-z_]+:(?: [^\n]*)?\n)*type_: (\d+))\s*\Z"
)


def _trailer(text: str) -> tuple[dict[str, str], str] | None:
    r"""What Joplin writes below each note of a raw export, and the note; of notebooks and tags nothing is a note's.

    Examples
    --------
    >>> _trailer(f"Mosul falls\n\nWords.\n\nid: {'0' * 32}\ncreated_time: 2014-06-10T08:00:00.000Z\ntype_: 1")
    ({'title': 'Mosul falls', 'date': '2014-06-10T08:00:00.000Z'}, 'Words.')
    """
    found = _JOPLIN.search(text, max(0, len(text) - _LONGEST_TRAILER))
    if found is None:
        return None
    given = {
        name: value for line in found[1].split("\n") for name, _, value in [line.partition(": ")] if value
    }
    title, _, body = text[: found.start()].partition("\n")
    fields = {"title": title.strip()}
    if found[2] == "1":  # 2 is a notebook, 4 a file, 5 a tag
        fields["date"] = given.get("user_created_time") or given.get("created_time", "")
        if given.get("source_url"):
            fields["url"] = given["source_url"]
    return fields, body.strip()
