r"""AsciiDoc -> the attributes of its header, and its body as Markdown.

The header is what Asciidoctor, Antora, Jekyll and Hugo read: ``= Title``, a line of authors, a line of the revision with its
date, and attributes (``:revdate:``, ``:page-tags:``, ``:keywords:``). The only Python package that renders AsciiDoc runs
commands named in a document, so the text is extracted here, as for Org.

Examples
--------
>>> fields, body = split_header("= The dam\n:page-tags: dam, water\n:revdate: 2017-03-07\n\nThe *dam* leaks.\n")
>>> fields["title"], fields["date"], fields["tags"], to_markdown(body).strip()
('The dam', '2017-03-07', 'dam, water', 'The dam leaks.')
"""

from __future__ import annotations

import re

_LONGEST_LINE = 1000  # of a header or a heading

_TITLE = re.compile(r"[=#]\s+(\S.*)\Z")
_ATTRIBUTE = re.compile(r":(!?[\w-]+!?):(?:\s+(.*))?\Z")
_REVISION = re.compile(
    r"(?:v[\d.]+\s*(?:,\s*|\Z))?(?P<date>\d{4}-\d\d-\d\d|\d{1,2} [^\W\d_]+ \d{4}|[^\W\d_]+ \d{1,2}, \d{4})?\s*(?::.*)?\Z"
)
_NAMES = {
    "revdate": "date", "docdate": "date", "keywords": "tags", "jbake-date": "date", "jbake-tags": "tags", "jbake-status": "status",
    "jbake-type": "jbake_type", "doctitle": "title", "published_at": "date", "hp-tags": "tags",
}  # fmt: skip
"""Names of attributes, as Asciidoctor, JBake and HubPress have them, and what they are called in front matter."""

_HEADING = re.compile(r"(={1,6}|#{1,6})\s+(\S.*?)(?:\s+\1)?\Z")
_DELIMITER = re.compile(r"(-{4,}|\.{4,}|/{4,}|\+{4,}|`{3,}|~{3,})")
_BOX = re.compile(r"(?:={4,}|\*{4,}|_{4,}|--|\|===|,===|:===|!===)\Z")
_DIRECTIVE = re.compile(r"(?:ifdef|ifndef|ifeval|endif|include|image|video|audio|toc|icon)::")
_LIST = re.compile(r"\s*([*-]{1,5}|\.{1,5})\s+(\S.*)\Z")
_LINK = re.compile(
    r"(?:link:|xref:|mailto:)?(?:https?://[^\s\[\]]{1,300}|(?<=link:)[^\s\[\]]{1,300}|(?<=xref:)[^\s\[\]]{1,300})\[([^\[\]]*)\]"
)
_REFERENCE = re.compile(r"<<[^<>,\n]*(?:,([^<>\n]*))?>>")
_MACRO = re.compile(
    r"\b(?:kbd|btn|menu|footnote|footnoteref|icon|image|stem|latexmath|asciimath|pass):[^\s\[\]]{0,300}\[([^\[\]]*)\]"
)
_MARK = re.compile(r"(?<![\w*_`#])([*_#]{1,2})(?=\S)([^*_#\n]+?)(?<=\S)\1(?![\w*_`#])")
_ANCHOR = re.compile(r"\[\[[^\[\]\n]*\]\]|\[#[\w-]+\](?=#)")


def split_header(text: str) -> tuple[dict[str, str], str]:
    """The attributes in the header of a document, and the body."""
    fields: dict[str, str] = {}
    lines = text.split("\n")
    begun = False
    end = len(lines)
    for at, line in enumerate(lines):
        if len(line) > _LONGEST_LINE:
            end = at
            break
        title, attribute = _TITLE.match(line), _ATTRIBUTE.match(line)
        if title is not None and not begun:
            fields["title"], begun = title[1].strip(), True
        elif attribute is not None:
            name = attribute[1].lower().removeprefix("page-")
            fields.setdefault(_NAMES.get(name, name), (attribute[2] or "true").strip())
        elif not line.strip() and begun:
            end = at
            break
        elif line.startswith("//") or not line.strip():
            continue
        elif begun and (revision := _REVISION.match(line.strip())) is not None and revision["date"]:
            fields.setdefault("date", revision["date"])
        elif not begun or not re.match(r"\w[\w .'-]*(?:<[^<>]*>|;|\Z)|v\d", line):
            end = at
            break
    return fields, "\n".join(lines[end:])


def to_markdown(text: str) -> str:
    """Convert enough of AsciiDoc to extract its text: code, comments and pass-through blocks are left out."""
    lines: list[str] = []
    end = ""
    for line in text.split("\n"):
        bare = line.rstrip()
        if end:
            end = "" if bare == end else end
            continue
        delimiter = _DELIMITER.match(bare)
        heading = _HEADING.match(bare) if len(bare) < _LONGEST_LINE else None
        if delimiter is not None and (bare == delimiter[1] or delimiter[1][0] in "`~"):
            end = delimiter[1]
        elif _BOX.match(bare) or bare.startswith("//") or _DIRECTIVE.match(bare) or _ATTRIBUTE.match(bare):
            lines.append("")
        elif bare.startswith("[") and bare.endswith("]") and not bare.startswith("[["):
            lines.append("")  # the attributes of the block below
        elif heading is not None:
            lines += ["", "#" * min(len(heading[1]), 6) + " " + _words(heading[2]), ""]
        elif bare == "+" or (bare.startswith(".") and bare[1:2].isalpha()):
            lines += ["", _words(bare[1:]), ""]  # goes on; the title of a block
        elif (item := _LIST.match(bare)) is not None:
            lines.append(f"{'  ' * (len(item[1]) - 1)}- {_words(item[2])}")
        elif bare.startswith("|"):
            lines += ["", _words(bare.strip("|").replace("|", " ")), ""]
        else:
            lines.append(_words(line))
    return "\n".join(lines)


def _words(line: str) -> str:
    line = _ANCHOR.sub("", line)
    line = _LINK.sub(lambda found: found[1].rstrip("^"), line)
    line = _REFERENCE.sub(lambda found: (found[1] or "").lstrip(), line)
    line = _MACRO.sub(r"\1", line)
    return _MARK.sub(r"\2", line)
