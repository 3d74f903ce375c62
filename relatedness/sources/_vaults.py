"""Metadata inside the text of notes in Obsidian, Logseq and similar: tags (``#ferry``) and fields (``rating:: 4``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_LONGEST_LINE = 4000  # characters of a line that is searched for marks
_FENCE = re.compile(r"\s*(?:[-*+]\s+)?(```+|~~~+)")
# Obsidian: letters, digits, _, - and /, of which one at least is no digit. Behind other marks # begins an anchor or a colour.
# Code comes first: what it holds is none.
_CODE_OR_TAG = re.compile(
    r"(`{1,8})[^`\n]{1,500}\1|(?<![^\s(])(?<!\]\()#(\[\[[^\[\]\n]{1,100}\]\]|[\w/-]{0,99}[^\W\d][\w/-]{0,99})(?![\w#(=:{;])"
)
_TAGS = re.compile(r"(?:(?:^|(?<=\s))#(?:\[\[[^\[\]\n]{1,100}\]\]|[\w/-]{1,200})\s*)+")
_FIELD = re.compile(r"\s*(?:[-*+]\s+)?(?:\*\*)?([A-Za-z][\w -]{0,40}?)(?:\*\*)?::(?:\s+(.*)|\s*)\Z")
_INLINE_FIELD = re.compile(r"[\[(]([A-Za-z][\w -]{0,40})::\s+([^\[\]()\n]{1,200})[\])]")
_LINK = re.compile(r"!?\[\[(?:[^\[\]|\n]{1,200}\|)?([^\[\]|\n]{1,200})\]\]")


class Note(NamedTuple):
    """A note: its fields, its tags and the words without both."""

    fields: dict[str, str]
    tags: list[str]
    body: str


_LAST_LINE = re.compile(
    r"\n[ \t]*\n[*_]{0,3}(?:tags?|keywords|topics|labels)[*_]{0,3}:[*_]{0,3}[ \t]+((?=[^\n]{1,400}\s*\Z)[^\n.:*_`<]+?)[*_]{0,3}\s*\Z",
    re.IGNORECASE,
)


def read_note(body: str) -> Note:
    r"""The fields and tags inside the text of a note.

    Parameters
    ----------
    body : str
        Markdown, lines ending in LF.

    Examples
    --------
    >>> read_note("rating:: 4\nA [[dam|Dam]] leaks. #iraq/mosul")
    Note(fields={'rating': '4'}, tags=['iraq/mosul'], body='A [[dam|Dam]] leaks.')
    """
    last = _LAST_LINE.search(body, max(0, len(body) - _LONGEST_LINE))
    tags: dict[str, None] = {}
    if last is not None:
        body = body[: last.start()].rstrip()
        tags = dict.fromkeys(name.strip().lstrip("#") for name in re.split(r"[,;]", last[1]) if name.strip())
    if "#" not in body and "::" not in body:
        return Note({}, list(tags), body)
    fields: dict[str, str] = {}
    body = "\n".join(_lines(body, fields, tags))
    return Note(fields, list(tags), body)


def _lines(body: str, fields: dict[str, str], tags: dict[str, None]) -> Iterator[str]:
    fence = ""
    for line in body.split("\n"):
        mark = _FENCE.match(line)
        if mark is not None and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        elif fence or len(line) > _LONGEST_LINE or ("#" not in line and "::" not in line):
            pass
        elif (found := _FIELD.match(line)) is not None:
            fields.setdefault(found[1].strip().lower(), _LINK.sub(r"\1", found[2] or "").strip())
            continue
        else:
            for name, value in _INLINE_FIELD.findall(line):
                fields.setdefault(name.strip().lower(), value.strip())
            line = _INLINE_FIELD.sub(r"\2", line)
            here = [tag.strip("[]/") for _, tag in _CODE_OR_TAG.findall(line) if tag]
            if here:
                tags |= dict.fromkeys(here)
                # Tags within a sentence are words of it; tags in a row at the end or alone are removed.
                rest = _TAGS.sub(lambda run: "" if run.end() == len(run.string) else run[0], line)
                line = _CODE_OR_TAG.sub(_bare, rest if rest == line else rest.rstrip())
        yield line


def _bare(found: re.Match[str]) -> str:
    return found[2].strip("[]") if found[2] else found[0]
