"""The front matter above the body of a post, in every form that site generators read.

In: the text of a file and the ending of its name. Out: names and values, and the body below them.

==============  =============================================================================================
YAML            between ``---`` lines (``---yaml``), as Jekyll, Hugo, Eleventy, Hexo, Docusaurus and Astro have it
TOML            between ``+++`` lines, or below ``---toml``: Hugo and Zola
JSON            from ``{`` to ``}``, below ``---json``, or above a ``;;;`` line (Hexo)
lines           ``Title: ...`` up to the first blank line: Pelican, MultiMarkdown, PEPs
code            a first block of code in TOML, YAML or JSON: advisories of RustSec
JavaScript      ``export const metadata = {...}`` in MDX, or an object or constants below ``---js`` (Eleventy): its texts, lists of texts and
                truth values
reStructured    ``:date: ...`` below the title (Pelican), ``.. date: ...`` (Nikola), ``.. post:: ...`` (ABlog)
HTML            ``<meta name="date" content="...">`` (Pelican), a comment that holds ``.. date: ...`` (Nikola), JSON-LD, ``<time>``
Org             ``#+DATE: ...``
AsciiDoc        ``:revdate: ...`` below the title, or the line of its revision
fields          content files of Kirby and Lektor, properties below the title (Notion) or the note (Joplin)
==============  =============================================================================================

Cost is bounded by size: front matter has at most 256 KiB, YAML aliases may not multiply it, and TOML keys may not nest
deeper than 64.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from relatedness.errors import InputError, MissingExtraError
from relatedness.sources._asciidoc import split_header
from relatedness.sources._dates import DateColumn, Undecided
from relatedness.sources._markup import is_too_deep
from relatedness.sources._page_fields import assigned, is_assigned, split_fields, split_page

_LONGEST = 2**18  # characters of front matter
_LONGEST_FENCE = 100  # the most characters of the line that opens the fields
_MOST_VALUES = 20_000  # values in it, those behind aliases each time
_DEEPEST = 64  # parts of a key of TOML

_OPENING = re.compile(r"(---|\+\+\+)[ \t]*([A-Za-z]*)[ \t]*\Z")
_HEADER = re.compile(
    r"(?:title|date|status|tags|category|slug|author|authors|lang|summary|modified|keywords|description|layout|template)"
    r"[ \t]*:",
    re.IGNORECASE,
)
# Parser messages that mean that a value needs quotes.
_UNQUOTED = (
    "mapping values are not allowed", "unhashable", "block end", "cannot start any token", "undefined alias", "expected key",
    "expected alphabetic",
)  # fmt: skip
_CODE = re.compile(r"(```+|~~~+)[ \t]*(toml|ya?ml|json)[ \t]*\Z")
_EXPORT = re.compile(
    r"^export\s+(?:const|let|var)\s+(?:meta|metadata|frontmatter)\b[^={]{0,100}=\s*\{",
    re.MULTILINE | re.IGNORECASE,
)
# In a JavaScript object: a name with a string, boolean, list or date. The search for a name starts at the last line end before
# it rather than at each of many.
_MEMBER = re.compile(
    r"""(?:\A|[,{\n])[^\S\n]*['"]?(\w+)['"]?\s*:\s*(?:(?:new\s+Date\(\s*)?(['"`])((?:\\.|(?!\2).){0,2000})\2|(true|false)\b|\[([^\[\]]{0,2000})\])""",
    re.DOTALL,
)
_OBJECT = re.compile(r"\s*(?:module\.exports\s*=\s*|export\s+default\s+)?\{")
_STATEMENT = re.compile(
    r"^(?:export\s+)?(?:const|let|var)\s+(\w+)\s*=", re.MULTILINE
)  # the notation of Eleventy
_STRING = re.compile(r"""(['"`])((?:\\.|(?!\1).){0,2000})\1""", re.DOTALL)
_JSON = re.compile(r"\{\s*(?:\"|\}|\Z)")
_LINE = re.compile(r"([A-Za-z][\w-]*)[ \t]*:(?:[ \t]+(.*)|)")
_FIELD = re.compile(r":([A-Za-z][\w -]*):[ \t]*(.*)")
_COMMENT_FIELD = re.compile(r"\.\.[ \t]+([A-Za-z][\w-]*):(?!:)[ \t]*(.*)")
_ABLOG = re.compile(r"\.\.[ \t]+post::[ \t]*(.*)")
_ORG = re.compile(r"#\+([A-Za-z_]+)(?:\[\])?:[ \t]*(.*)")
_UNDERLINE = re.compile(r"([=\-~^\"'`#*+:.])\1{2,}\s*\Z")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The front matter of a post."""

    fields: dict[str, Any]  # names, as they stand, to values; empty where the file has none
    body: str  # what follows
    # ``yaml``, ``toml``, ``json``, ``lines``, ``fields``, ``javascript``, ``rst``, ``html``, ``org``, or ``none``.
    form: str


def split_front_matter(text: str, kind: str = "md") -> FrontMatter:
    r"""Split the text of a file into front matter and body.

    Parameters
    ----------
    text : str
        Lines ending in LF.
    kind : str
        ``md``, ``mdx``, ``txt``, ``rst``, ``html`` or ``org``.

    Raises
    ------
    InputError
        Naming the line, if the front matter cannot be read.
    MissingExtraError
        If PyYAML is needed and not installed.

    Examples
    --------
    >>> split_front_matter('---\ntitle: Mosul\n---\nWords.\n')
    FrontMatter(fields={'title': 'Mosul'}, body='Words.\n', form='yaml')
    """
    parted = split_fields(text, kind)
    if parted is not None:
        return FrontMatter(dict(parted[0]), parted[1], "fields")
    start = _beginning(text, kind)
    above = text.count("\n", 0, start)
    first, _, rest = text[start:].partition("\n")
    fence = _OPENING.match(first.rstrip()) if len(first) < _LONGEST_FENCE else None
    if fence is not None:
        return _fenced(fence[1], fence[2].lower(), rest, above + 1)
    if _JSON.match(first) or (first.startswith('"') and 0 < text.find("\n;;;", start) < _LONGEST):
        return _bare_json(text[start:], above)
    code = _CODE.match(first.rstrip()) if kind in ("md", "mdx") and len(first) < _LONGEST_FENCE else None
    if code is not None:
        found = _in_code(code[1], code[2], rest, above + 1)
        if found is not None:
            return found
    if kind in ("md", "rst", "txt") and _is_header(text[start : start + 4096]):
        return _lines(text[start:])
    if kind == "rst":
        return _restructured(text)
    if kind == "html":
        return _html(text)
    if kind == "org":
        return _org(text)
    if kind == "adoc":
        fields, body = split_header(text)
        return FrontMatter(dict(fields), body, "adoc" if fields else "none")
    if _COMMENT_FIELD.match(first):
        return _restructured(text)
    if _HEADER.match(first):
        return _lines(text[start:])
    if text.lstrip().startswith("<!--"):
        found = _in_comment(text)
        if found is not None:
            return found
    if kind == "mdx":
        return _exported(text)
    properties = split_page(text, start) if kind == "md" else None
    return (
        FrontMatter({}, text, "none")
        if properties is None
        else FrontMatter(dict(properties[0]), properties[1], "fields")
    )


def _is_header(text: str) -> bool:
    """Whether a text begins with a block of three or more ``Name: value`` lines that name a title or a date."""
    names: set[str] = set()
    for line in text.split("\n"):
        found = _LINE.fullmatch(line.rstrip())
        if found is not None:
            names.add(found[1].lower())
        elif not line.strip():
            break
        elif not (names and line[:1] in (" ", "\t")):
            return False
    return len(names) >= 3 and not names.isdisjoint(("title", "date", "created", "subject"))


def _in_code(fence: str, language: str, rest: str, above: int) -> FrontMatter | None:
    """The values in the code block at the start of a file; None if it is not a mapping with a date."""
    at = 0 if rest.startswith(fence) else rest.find("\n" + fence) + 1
    if at == 0 or at > _LONGEST:
        return None
    try:
        if language == "toml":
            fields = _toml(rest[:at], above)
        elif language == "json":
            fields, _ = _json(rest[:at], above)
        else:
            fields = _yaml(rest[:at], above)
    except InputError:
        return None  # an example, not necessarily a whole one
    tables = [value for value in fields.values() if isinstance(value, Mapping)]
    fields = {str(name): value for table in tables for name, value in table.items()} | fields
    if not any(str(name).lower() in ("date", "published", "created") for name in fields):
        return None
    return FrontMatter(fields, rest[at:].partition("\n")[2], language)


def _exported(text: str) -> FrontMatter:
    """The metadata object that an MDX file exports."""
    found = _EXPORT.search(text)
    if found is None:
        return FrontMatter({}, text, "none")
    fields = _members(text[found.end() : found.end() + _LONGEST])
    return FrontMatter(fields, text, "javascript" if fields else "none")


def _members(text: str) -> dict[str, Any]:
    """The texts, lists of texts and truth values of an object in JavaScript, from behind its opening brace."""
    depth, own = 1, []
    for match in re.finditer(r"""(['"`])(?:\\.|(?!\1).){0,2000}\1|[{}]|[^'"`{}]+|.""", text, re.DOTALL):
        piece = match[0]
        depth += (piece == "{") - (piece == "}")
        if depth == 0:
            break
        if depth == 1:
            own.append("," if piece == "}" else piece)
    fields: dict[str, Any] = {}
    for name, _, words, truth, listed in _MEMBER.findall("".join(own)):
        if truth:
            fields[name] = truth == "true"
        elif listed:
            fields[name] = [_unescaped(item[1]) for item in _STRING.findall(listed)]
        else:
            fields[name] = _unescaped(words)
    return fields


def _unescaped(words: str) -> str:
    return re.sub(r"\\(.)", r"\1", words, flags=re.DOTALL)


def _beginning(text: str, kind: str) -> int:
    """Where front matter may begin: after blank lines and, in Markdown, comments."""
    at = len(text) - len(text.lstrip())
    while kind in ("md", "mdx") and text.startswith("<!--", at):
        end = text.find("-->", at)
        if end < 0 or end - at > _LONGEST:
            break
        after = end + 3
        after += len(text[after : after + 1000]) - len(text[after : after + 1000].lstrip())
        if not text.startswith(("---", "+++", "{"), after):
            break
        at = after
    return at


def _fenced(fence: str, language: str, rest: str, above: int) -> FrontMatter:
    if rest.startswith(fence):
        inner, body = "", rest.partition("\n")[2]
    else:
        ends = ("\n" + fence, "\n...") if fence == "---" else ("\n" + fence,)
        found = [(at, end) for end in ends if (at := _line_of(rest, end)) >= 0]
        if not found:
            raise InputError(f"the front matter has no end: expected a line {fence}", line=above)
        at, _ = min(found)
        inner, body = rest[:at], rest[at + 1 :].partition("\n")[2]
    if not language and is_assigned(inner[:_LONGEST]):
        return FrontMatter(assigned(inner[:_LONGEST]), body, "fields")
    language = language or ("yaml" if fence == "---" else "toml")
    if language in ("yaml", "yml"):
        return FrontMatter(_yaml(inner, above), body, "yaml")
    if language == "toml":
        return FrontMatter(_toml(inner, above), body, "toml")
    if language == "json":
        return FrontMatter(_json(inner, above)[0], body, "json")
    if language in ("js", "javascript") and (begun := _OBJECT.match(inner)) is not None:
        return FrontMatter(_members(inner[begun.end() : begun.end() + _LONGEST]), body, "javascript")
    if language in ("js", "javascript") and _STATEMENT.search(inner) is not None:
        return FrontMatter(_members(_STATEMENT.sub(r",\1: ", inner[:_LONGEST])), body, "javascript")
    raise InputError(
        f"the front matter is written in {language}, which would have to be run: write it as YAML",
        line=above,
    )


def _line_of(text: str, end: str) -> int:
    """The position of a line that consists only of the fence."""
    at = text.find(end)
    while at >= 0:
        if not text[at + len(end) : at + len(end) + 200].partition("\n")[0].strip():
            return at
        at = text.find(end, at + 1)
    return -1


def _bare_json(text: str, above: int) -> FrontMatter:
    end = text.find("\n;;;")
    if end >= 0:
        return FrontMatter(_json(text[:end], above)[0], text[end + 1 :].partition("\n")[2], "json")
    fields, body = _json(text, above)
    return FrontMatter(fields, body, "json")


def read_yaml(text: str) -> dict[str, Any]:
    """The names and values of a YAML file; every value stays text, a list or a mapping."""
    return _yaml(text, 0)


def read_toml(text: str) -> dict[str, Any]:
    """The names and values of a TOML file."""
    return _toml(text, 0)


def _yaml(text: str, above: int) -> dict[str, Any]:
    try:
        import yaml

        from relatedness.sources._yaml import load_texts
    except ImportError:
        raise MissingExtraError(
            "reading YAML front matter needs PyYAML: pip install 'relatedness[posts]'"
        ) from None
    _check_length(text, above)
    try:
        value = load_texts(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "cannot be read"
        hint = ""
        if any(words in problem for words in _UNQUOTED):
            hint = "; enclose a value in quotes if it holds a colon or begins with @, %, *, & or a quote"
        elif "tab character" in problem:
            hint = "; indent with spaces"
        raise InputError(
            f"the front matter is not YAML: {problem}{hint}", line=mark.line + 1 + above if mark else None
        ) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(f"the front matter is not YAML: {error}", line=above or None) from None
    return _mapping(value, above)


def _toml(text: str, above: int) -> dict[str, Any]:
    _check_length(text, above)
    if any(part.count(".") > _DEEPEST for part in re.split(r"[=\[\]{},\n]", text)):
        raise InputError(
            f"the front matter has a TOML key of more than {_DEEPEST} parts, the limit", line=above or None
        )
    try:
        return _mapping(tomllib.loads(text), above)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        # The message names the line within the front matter.
        found = re.search(r"\(at line (\d+), column \d+\)", str(error))
        line = int(found[1]) + above if found else None
        problem = str(error)[: found.start()].strip() if found else str(error)
        raise InputError(f"the front matter is not TOML: {problem}", line=line) from None


def _json(text: str, above: int) -> tuple[dict[str, Any], str]:
    try:
        # Hexo omits the outer braces.
        inner = text if text.lstrip().startswith("{") else "{" + text + "}"
        lead = len(inner) - len(inner.lstrip())
        value, end = json.JSONDecoder().raw_decode(inner, lead)
    except json.JSONDecodeError as error:
        raise InputError(f"the front matter is not JSON: {error.msg}", line=error.lineno + above) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"the front matter is not JSON: {error}", line=above + 1) from None
    return _mapping(value, above), inner[end:]


def _check_length(text: str, above: int) -> None:
    if len(text) > _LONGEST:
        raise InputError(
            f"the front matter has {len(text):,} characters, but the limit is {_LONGEST:,}",
            line=above or None,
        )


def _mapping(value: object, above: int) -> dict[str, Any]:
    if value is None or value == "":
        return {}
    if not isinstance(value, Mapping):
        raise InputError(
            "the front matter is not a list of names and values, such as title: Mosul falls", line=above or 1
        )
    # Count an alias as often as it is used: a small file may be a huge value.
    count = 0
    waiting: list[Any] = [value]
    while waiting:
        item = waiting.pop()
        inner = list(item.values()) if isinstance(item, Mapping) else item
        count += len(inner)
        if count > _MOST_VALUES:
            raise InputError(
                f"the front matter has more than {_MOST_VALUES:,} values, the limit; each use of an alias counts",
                line=above or None,
            )
        waiting.extend(part for part in inner if isinstance(part, list | Mapping))
    return {str(name): item for name, item in value.items()}


def _lines(text: str) -> FrontMatter:
    """Pelican's: ``Name: value`` lines, continued by indented ones, up to the first blank line."""
    fields: dict[str, Any] = {}
    at, last = 0, None
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end]
        found = _LINE.fullmatch(line.rstrip())
        if found is not None:
            last = found[1]
            fields[last] = found[2] or ""
        elif last is not None and line[:1] in (" ", "\t") and line.strip():
            _continue(fields, last, line)
        else:
            break
        at = end + 1
        if at > _LONGEST:
            break
    return FrontMatter(fields, text[at:], "lines")


def _continue(fields: dict[str, Any], name: str, line: str) -> None:
    mark = ", " if name.lower() in ("tags", "authors") and fields[name] else " "
    fields[name] += f"{'' if fields[name].endswith(',') else mark.rstrip()} {line.strip()}"
    fields[name] = fields[name].strip()


def _restructured(text: str) -> FrontMatter:
    """Pelican's field list below the title, Nikola's comments above it, ABlog's directive."""
    lines = text.split("\n")
    fields: dict[str, Any] = {}
    rest: list[str] = []
    last = None
    post = False  # below ABlog's directive
    for number, line in enumerate(lines[:400]):
        comment, ablog = _COMMENT_FIELD.match(line), _ABLOG.match(line)
        field = _FIELD.match(line.strip() if post else line)
        if comment is not None:
            last = comment[1]
            fields.setdefault(last, comment[2].strip())
        elif ablog is not None:
            post, last = True, None
            if ablog[1].strip():
                fields["date"] = ablog[1].strip()
        elif field is not None and (post or last is not None or _may_have_fields(rest)):
            last = field[1]
            fields.setdefault(last, field[2].strip())
        elif last is not None and line[:1] in (" ", "\t") and line.strip():
            _continue(fields, last, line)
        else:
            if line.strip():
                post, last = False, None
                if not _may_have_fields([*rest, line]):
                    rest.extend(lines[number:])
                    break
            rest.append(line)
    else:
        rest.extend(lines[400:])
    return FrontMatter(fields, "\n".join(rest), "rst" if fields else "none")


def _may_have_fields(above: list[str]) -> bool:
    """Whether only a title precedes the fields."""
    words = [line for line in above if line.strip()]
    plain = [line for line in words if not _UNDERLINE.match(line)]
    return len(words) <= 3 and len(plain) <= 1


def _in_comment(text: str) -> FrontMatter | None:
    """Nikola's for Markdown and HTML: ``.. date: ...`` lines within a comment."""
    start = text.find("<!--")
    end = text.find("-->", start)
    if end < 0 or end - start > _LONGEST:
        return None
    found = [
        match for line in text[start + 4 : end].split("\n") if (match := _COMMENT_FIELD.match(line.strip()))
    ]
    if not found:
        return None
    return FrontMatter({match[1]: match[2].strip() for match in found}, text[end + 3 :], "html")


def _html(text: str) -> FrontMatter:
    if text.lstrip().startswith("<!--"):
        found = _in_comment(text)
        if found is not None:
            return found
    if "<" not in text[:4096]:
        return FrontMatter({}, text, "none")
    head = text[: text.find("</head") + 1 or _LONGEST][:_LONGEST]
    if is_too_deep(text):
        raise InputError("the elements of the page are nested too deep: more than 512 are open at a time")
    tree = LexborHTMLParser(head)
    fields: dict[str, Any] = {}
    if tree.css_first("meta[http-equiv=refresh i]") is not None:
        fields["redirect"] = True
    title = tree.css_first("title")
    if title is not None and title.text().strip():
        fields["title"] = title.text().strip()
    elif title is None and len(headings := LexborHTMLParser(text).css("h1")) == 1:
        fields["title"] = headings[0].text().strip()
    for node in tree.css("meta"):
        attributes = node.attributes
        name = attributes.get("name") or attributes.get("property") or attributes.get("itemprop")
        value = attributes.get("content")
        if name and value:
            name = {"article:published_time": "date", "datepublished": "date"}.get(name.lower(), name)
            if name.lower() == "article:tag":
                fields.setdefault("tags", []).append(value)
            else:
                fields.setdefault(name, value)
    if isinstance(fields.get("og:title"), str):
        fields["title"] = fields["og:title"]  # strip the name of the site
    address = tree.css_first("link[rel=canonical i]")
    if address is not None and address.attributes.get("href"):
        fields.setdefault("canonical", address.attributes["href"])
    if "date" not in {name.lower() for name in fields}:
        tree = LexborHTMLParser(text)
        time = tree.css_first("time.dt-published, time[itemprop=datePublished], time[pubdate]")
        if time is None:  # the only one of the page, or the first of the article
            times = tree.css("time[datetime]")
            time = times[0] if len(times) == 1 else tree.css_first("article time[datetime]")
        stated = _json_ld(tree)
        if stated:
            fields = stated | fields
        elif (
            time is not None and time.attributes.get("datetime") and tree.css_first("li > .h-cite") is None
        ):  # not of a list of links, as in exports of Medium
            fields["date"] = time.attributes["datetime"]
        elif (said := _said_date(tree)) is not None:
            fields["date"] = said
        address = tree.css_first("a.p-canonical")  # in exports of Medium
        if address is not None and address.attributes.get("href"):
            fields.setdefault("canonical", address.attributes["href"])
    html = tree.css_first("html")
    language = html.attributes.get("lang") if html is not None else None
    if language:
        fields.setdefault("lang", language)
    return FrontMatter(fields, text, "html" if fields else "none")


def _said_date(tree: LexborHTMLParser) -> str | None:
    """The words of the only element of a page that is called a date and holds one, as in exports of Tumblr."""
    called = tree.css(_CALLED_DATES)
    said = called[0].text().strip() if len(called) == 1 else ""
    try:
        DateColumn().read(said)
    except (InputError, Undecided):
        return None
    return said


_CALLED_DATES = ", ".join(
    f"{mark}{name}" for mark in ".#" for name in ("date", "post-date", "entry-date", "published", "timestamp")
)


def _json_ld(tree: LexborHTMLParser) -> dict[str, Any]:
    """The schema.org description (JSON-LD) of an article or event in a page."""
    for node in tree.css('script[type="application/ld+json"]')[:20]:
        try:
            waiting = [json.loads(node.text()[:_LONGEST])]
        except (ValueError, RecursionError):
            continue
        for _ in range(200):
            if not waiting:
                break
            item = waiting.pop()
            if isinstance(item, list):
                waiting += item
            elif isinstance(item, Mapping):
                date = item.get("datePublished") or item.get("startDate")
                if isinstance(date, str):
                    page = item.get("mainEntityOfPage")
                    found = {
                        "date": date,
                        "url": item.get("url") or (page.get("@id") if isinstance(page, Mapping) else page),
                        "title": item.get("headline") or item.get("name"),
                        "tags": item.get("keywords"),
                    }
                    return {name: value for name, value in found.items() if isinstance(value, str | list)}
                waiting += [item[name] for name in ("@graph", "mainEntity") if name in item]
    return {}


def _org(text: str) -> FrontMatter:
    fields: dict[str, Any] = {}
    lines = text.split("\n")
    at = 0
    for line in lines[:400]:
        found = _ORG.match(line)
        if found is not None:
            name = found[1].lower()
            name = {
                "filetags": "tags",
                "hugo_draft": "draft",
                "hugo_tags": "tags",
                "hugo_publishdate": "publishdate",
            }.get(name, name)
            value = found[2].strip()
            if name == "date":
                value = value.strip("<>[]")
            if name == "tags":
                value = ", ".join(part for part in re.split(r"[:\s,]+", value) if part)
            fields[name] = f"{fields[name]}, {value}" if name in fields and name == "tags" else value
        elif line.strip() and not line.startswith((":", "#")):
            break
        at += 1
    return FrontMatter(fields, "\n".join(lines[at:]), "org" if fields else "none")
