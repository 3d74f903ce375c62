r"""The body of a post -> its words: Markdown of every dialect, MDX, HTML, reStructuredText, Org and AsciiDoc.

Each becomes HTML first, by pulldown-cmark (pyromark) or docutils, and one converter turns HTML into words. Syntax that no
Markdown parser knows is removed first: the tags of template languages (Liquid, Nunjucks, Tera, Go), JSX, comments, attributes
in braces, admonitions and tabs, formulas. Code is not text. Every pass takes linear time, even if a tag is never closed.

Examples
--------
>>> to_words('# A dam\n\nThe **dam** of [Mosul](/mosul).{{< figure src="a.jpg" >}}\n\n```\nrm -r\n```\n')
Words(heading='A dam', text='The dam of Mosul.')
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

from relatedness.errors import MissingExtraError
from relatedness.sources._asciidoc import to_markdown
from relatedness.sources._markup import html_to_text, is_too_deep, plain_text
from relatedness.sources._names import names_as_listed
from relatedness.sources._restructured import restructured_to_html
from relatedness.sources._words import word_list


class Words(NamedTuple):
    """The words of a body."""

    heading: str  # the heading that the body begins with; empty if there is none, or one that many posts have
    text: str  # the rest: blocks parted by a blank line


def to_words(body: str, kind: str = "md") -> Words:
    """The words of a body that readers see.

    Parameters
    ----------
    body : str
        What stands below the front matter, lines ending in LF.
    kind : str
        ``md``, ``mdx``, ``txt``, ``html``, ``rst``, ``org`` or ``adoc``.

    Raises
    ------
    MissingExtraError
        If pyromark or docutils is needed and not installed.
    """
    if kind == "rst":
        return _words_of_html(restructured_to_html(body))
    if kind == "html":
        return _words_of_html(_without_templates(_content_of_page(body)))
    if kind == "org":
        body = _org_to_markdown(body)
    if kind == "adoc":
        body = to_markdown(body)
    lines = _Lines(body, mdx=kind == "mdx")
    return _words_of_html(_markdown_to_html(_spans("\n".join(lines), mdx=lines.mdx)))


def to_html(body: str, kind: str) -> str:
    """The HTML that Markdown or reStructuredText stands for."""
    return restructured_to_html(body) if kind == "rst" else _markdown_to_html(body)


def title_words(title: str) -> str:
    """A title without markup: HTML, character references, Markdown and template tags.

    Examples
    --------
    >>> title_words("The <code>v8</code> &amp; `x` *now*"), title_words("List<String>, 2 * 3")
    ('The v8 & x now', 'List<String>, 2 * 3')
    """
    if not _MARKED.search(title):
        return " ".join(title.split())
    words = plain_text(_without_templates(title))
    if "`" in words or "*" in words or "](" in words:
        # A word in front keeps "1. x" from becoming a list; HTML has been converted to text already.
        html = _markdown_to_html("x " + escape(words, quote=False).replace("_", r"\_"))
        words = html_to_text(html)[2:]
    return " ".join(_EMOJI.sub("", words).split())


_MARKED = re.compile(r"[<&*`{\[:]")

_USUAL = frozenset(word_list("headings"))

_HEADING = re.compile(r"<h([1-6])(?:\s[^<>]*)?>(.{0,1000}?)</h\1>", re.DOTALL | re.IGNORECASE)
_NO_WORDS = re.compile(r'<sup class="footnote-(?:reference|definition-label)">.{0,300}?</sup>', re.DOTALL)
_NUMBER = re.compile(r"(?:\d{1,3}(?:\.\d{1,3})*|[IVX]{1,5})[.):]?\s+")
# An address in the text; those of links stand in quotes.
_ADDRESS = re.compile(r"(?<![=\"'\w/])https?://[^\s<>\"]+")


def _words_of_html(html: str) -> Words:
    if "footnote" in html:
        html = _NO_WORDS.sub("", html)
    if "://" in html:
        html = _ADDRESS.sub("", html)
    first = ""
    found = _HEADING.search(html)
    if found is not None and not html[: found.start()].strip() and _own_heading(found):
        first, html = html_to_text(found[2]), html[found.end() :]
    html = _HEADING.sub(_own_heading, html)
    return Words(" ".join(first.split()), html_to_text(html, code=[]))


def _own_heading(found: re.Match[str]) -> str:
    words = _NUMBER.sub("", " ".join(html_to_text(found[2]).split())).strip(" .:!?#—-").lower()
    return "" if words in _USUAL else found[0]


def _content_of_page(html: str) -> str:
    """The main content of a page, without header, footer and menus; a fragment is returned unchanged."""
    if "<body" not in html.lower() or is_too_deep(html):
        return html
    tree = LexborHTMLParser(html)
    content = next((node for name in _CONTENT if (node := tree.css_first(name)) is not None), None)
    if content is None:
        return html
    for node in content.css("nav,footer,aside,form"):
        node.decompose()
    return content.html or ""


_CONTENT = (".e-content", "[itemprop=articleBody]", "article", "main", "body")


def _markdown_to_html(text: str) -> str:
    try:
        from pyromark import Options, html
    except ImportError:
        raise MissingExtraError(
            "reading Markdown posts needs pyromark: pip install 'relatedness[posts]'"
        ) from None
    options = (
        Options.ENABLE_TABLES
        | Options.ENABLE_FOOTNOTES
        | Options.ENABLE_STRIKETHROUGH
        | Options.ENABLE_TASKLISTS
    )
    # Half of a surrogate pair cannot be encoded in UTF-8.
    return str(html(text.encode("utf-8", "replace").decode(), options=options))


# --- lines: what stands on lines of its own -------------------------------------------------------------------------

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_IMPORT = re.compile(r"import\s+(?:(?:[\w${},*\s]+\s+from\s+)?['\"][^'\"]*['\"]\s*;?|\{)\s*\Z")
_EXPORT = re.compile(r"export\s+(?:const|let|var|default|function|async|class|\{)")
_JSX_LINE = re.compile(r"\s*</?[A-Z][\w.]*(?:\s[^<>]*)?/?>\s*\Z|\s*</?>\s*\Z")
_JSX_BEGUN = re.compile(r"\s*<[A-Z][\w.]*(?:\s[^<>]*)?\Z")
_BOX = re.compile(r'\s*(?:!!!|\?\?\?\+?)\s*[\w\- ]*(?:"([^"]*)")?\s*\Z')
_TAB = re.compile(r'\s*===[!+]?\s*"([^"]*)"\s*\Z')
_COLONS = re.compile(r"\s*:{3,}\s*(?:\{[^{}]*\}|[\w-]*)(?:\[([^\]]*)\])?(.*)\Z")
_COMPONENT = re.compile(r"\s*::([a-z][\w-]{1,40}(?:\{[^{}]*\})?)?\s*\Z")  # of Nuxt, around words
_ALERT = re.compile(r"(\s*>\s*)\[![A-Za-z]+\][+-]?")
_DIRECTIVE = re.compile(r"\.\. ([\w-]+)::")
_CODE_DIRECTIVES = frozenset(names_as_listed("marks", "directives"))
_LINES_WITHOUT_WORDS = re.compile(
    r"\s*(?:\[\[?_?TOC_?\]\]?|\{\{TOC\}\}|\[\[_TOC_\]\]|-{1,2}8<-{1,2}.*|;--8<--.*|\{:(?!:comment|/comment)[^{}]*\}|\*\[[^\]]{1,100}\]:.*|\[=[^\]]*\]|\\(?:newpage|pagebreak)|"
    r"<!--\s*(?:more|truncate|excerpt)\s*-->|@\[.*\]\(.*\))\s*\Z",
    re.IGNORECASE,
)
_LIST_OF_CONTENTS = re.compile(r"\s*(?:[*+-]|\d+\.)\s.*")


_LONGEST_LINE = 1000  # the longest line examined: block syntax is short


class _Lines:
    """Walks the lines of a body, leaving out or unwrapping what stands on lines of its own."""

    def __init__(self, body: str, *, mdx: bool) -> None:
        self._lines = body.split("\n")
        self.mdx = mdx or any(_is_import(line) for line in self._lines)

    def __iter__(self) -> Iterator[str]:
        lines = self._lines
        fence = ""
        indent = 0  # indentation of the contents of open admonitions and tabs
        components = 0  # those that are open
        at, count = 0, len(lines)
        while at < count:
            line = lines[at]
            at += 1
            if indent:
                if line.strip() and not line.startswith((" " * indent, "\t")):
                    indent = max(0, (len(line) - len(line.lstrip())) // 4 * 4)
                line = (
                    line[indent:] if line[:indent].isspace() else line.removeprefix("\t") if indent else line
                )
            opened = _FENCE.match(line)
            if fence:
                if opened and opened[1].startswith(fence) and not line.strip().strip(fence[0]):
                    fence = ""
                yield line
                continue
            if opened and not (opened[1][0] == "`" and "`" in line[opened.end() :]):
                fence = opened[1]
                yield line
                continue
            if (
                not line
                or len(line) > _LONGEST_LINE
                or (line[0].isalpha() and not line.startswith(("import ", "export ")))
            ):
                yield line  # most lines: nothing below can apply
                continue
            box = _BOX.match(line) or _TAB.match(line)
            if box is not None:
                indent += 4
                yield ""
                if box[1]:
                    yield box[1]
                    yield ""
                continue
            if self.mdx:
                if _is_import(line):
                    while at < count and line.rstrip().endswith(("{", ",")):
                        line = lines[at]
                        at += 1
                    continue
                if _EXPORT.match(line):
                    depth = _opened(line)
                    while at < count and (depth > 0 or lines[at].strip()):
                        depth += _opened(lines[at])
                        at += 1
                    continue
                if _JSX_BEGUN.match(line):
                    while at < count and not lines[at - 1].rstrip().endswith(">"):
                        at += 1
                    yield ""
                    continue
                if _JSX_LINE.match(line):
                    yield ""
                    continue
                if line[:4].isspace():  # MDX has no indented code blocks
                    line = line.lstrip()
            if line.startswith(".. "):
                directive = _DIRECTIVE.match(line)
                if directive is not None:
                    if directive[1] in _CODE_DIRECTIVES:
                        while at < count and (not lines[at].strip() or lines[at][0] in " \t"):
                            at += 1
                    yield ""
                    continue
            if line.lstrip().startswith("::"):
                component = _COMPONENT.match(line)
                if component is not None and (component[1] or components):
                    components += 1 if component[1] else -1
                    yield ""
                    continue
                colons = _COLONS.match(line)
                if colons is not None:
                    yield ""
                    words = " ".join(part.strip() for part in colons.groups() if part and part.strip(" :"))
                    if words:
                        yield words
                        yield ""
                    continue
            if _LINES_WITHOUT_WORDS.match(line):
                yield ""
                continue
            if (
                at < count
                and lines[at].lstrip().startswith("{:")
                and "toc" in lines[at]
                and _LIST_OF_CONTENTS.match(line)
            ):
                continue
            if line.startswith((": ", ":\t")):
                yield ""  # the explanation of a term
                yield line[1:].lstrip()
                continue
            yield _ALERT.sub(r"\1", line, count=1)


def _opened(line: str) -> int:
    """The number of braces and brackets that a line of JavaScript opens minus those it closes."""
    return sum(line.count(mark) for mark in "{([") - sum(line.count(mark) for mark in "})]")


def _is_import(line: str) -> bool:
    return line.startswith("import ") and len(line) < _LONGEST_LINE and _IMPORT.match(line) is not None


# --- spans: what may begin anywhere ---------------------------------------------------------------------------------

# What begins a tag, what ends it, and whether it may go over a blank line.
_TAGS = {
    "{{": ("}}", False),
    "{%": ("%}", False),
    "{#": ("#}", True),
    "{/*": ("*/}", True),
    "<!--": ("-->", True),
    "%%": ("%%", False),
    "$$": ("$$", True),
    "\\[": ("\\]", True),
    "\\begin{": ("\\end{", True),
    "{::comment}": ("{:/comment}", True),
}
_SPAN = re.compile(r"\{::comment\}|\{\{|\{%|\{#|\{/\*|<!--|%%|\$\$|\\\[|\\begin\{|`+")
_GAP = "\ue000"  # stands where a tag was
_GAPS_AT_START = re.compile(rf"^[ \t]*{_GAP}[ \t{_GAP}]*", re.MULTILINE)
_LEAVE_A_GAP = ("{{", "{%", "$$", "\\[", "\\begin{")
_TAG_NAME = re.compile(r"[<%\-~+\s]*(/?)\s*([\w.\-/]+)")
# Tags around what is no text for readers, each with its end.
_AROUND = dict.fromkeys(names_as_listed("marks", "code"), "code") | {
    "comment": "comment",
    "raw": "raw",
    "verbatim": "raw",
    "capture": "comment",
    "schema": "comment",
    "stylesheet": "comment",
    "javascript": "comment",
    "set": "",
}
_CAPTION = re.compile(r"\b(?:caption|title|author|summary)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|`([^`]*)`)")


class _Finder:
    """Finds the ends of tags without scanning any part of the text twice, however many tags begin."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next: dict[str, int] = {}

    def find(self, mark: str, start: int) -> int:
        """Where the mark stands at or after the start; the length of the text if nowhere. Starts only go up."""
        known = self._next.get(mark, -1)
        if known < start:
            known = self._text.find(mark, start)
            self._next[mark] = known = len(self._text) if known < 0 else known
        return known


def _without_templates(text: str) -> str:
    """A text without the tags of template languages and their comments, keeping what stands between them."""
    return _without_tags(text, markdown=False) if "{" in text else text


def _without_tags(text: str, *, markdown: bool) -> str:
    # Spaces left by a tag at the beginning of a line must not look like the indentation of code.
    text = "".join(_parts(text.replace(_GAP, " "), markdown=markdown))
    return _GAPS_AT_START.sub("", text).replace(_GAP, " ")


def _parts(text: str, *, markdown: bool) -> Iterator[str]:
    finder = _Finder(text)
    ends = _ends(text)
    done, at, length = 0, 0, len(text)
    while True:
        found = _SPAN.search(text, at)
        if found is None:
            break
        mark, start = found[0], found.start()
        at = found.end()
        if mark[0] == "`":
            # Inline code is text, and hides anything in it that looks like a tag.
            if markdown:
                end = finder.find(mark, at)
                line_end = finder.find("\n\n", start)
                if end < length and end < line_end:
                    at = end + len(mark)
            continue
        if not markdown and mark[0] not in "{":
            continue
        close, over_blank = _TAGS[mark]
        end = finder.find(close, at)
        if end >= length or (not over_blank and finder.find("\n\n", start) < end):
            continue
        yield text[done:start]
        inner = text[at:end]
        done = at = end + len(close)
        if mark in ("{{", "{%"):
            name = _TAG_NAME.match(inner)
            what = _AROUND.get(name[2].lower()) if name is not None and not name[1] else None
            if what and name is not None and not inner.rstrip().endswith("/"):
                spans = ends.get(name[2].lower(), [])
                position = bisect_left(spans, (at, at))
                if position < len(spans):
                    closed = spans[position]
                    if what == "raw":
                        yield text[at : closed[0]]
                    elif what == "code":
                        yield _GAP
                    done = at = closed[1]
                    continue
            if mark == "{{" and inner[:1] in "<%":
                caption = _CAPTION.search(inner)
                if caption is not None:
                    yield caption[1] or caption[2] or caption[3] or ""
        if mark == "\\begin{":
            done = at = finder.find("}", at) + 1
        if mark == "{{" and text[start - 1 : start] == "=":
            yield '""'  # JSX: style={{...}}
        elif mark in _LEAVE_A_GAP:
            yield _GAP
    yield text[done:]


_END = re.compile(r"\{[{%][<%\-~\s]{0,4}(?:end|/\s?)([\w-]{1,30})[^{}\n]{0,40}?[%}]\}")


def _ends(text: str) -> dict[str, list[tuple[int, int]]]:
    """The positions of the tags that end code, comments and raw text, each with its start and end."""
    found: dict[str, list[tuple[int, int]]] = {}
    for tag in _END.finditer(text):
        name = tag[1].lower()
        if name in _AROUND:
            found.setdefault(name, []).append(tag.span())
    return found


_ATTRIBUTES = re.compile(r"\{:[/:][^{}\n]*\}|(?<!\{)\{:?[ \t]?[:#.](?=[\w\s:.#-])[^{}\n]*\}")
_MATH = re.compile(r"(?<![\\$\w])\$(?=[^\s$])[^$\n]{0,300}[^\s\\$]\$(?![\d$])|(?<![\\$\w])\$[A-Za-z]\$(?!\d)")
_EMOJI = re.compile(r"(?<![\w:/]):(?=[a-z+-])[a-z0-9_+-]{1,40}:(?:\{[^{}\n]*\})?(?![\w:])")
_WIKI = re.compile(r"(!?)\[\[([^\[\]\n|]*)(?:\|([^\[\]\n]*))?\]\]")
_MARKS = re.compile(r"(==|\+\+|\^\^)(?=\S)([^=+^\n]+)(?<=\S)\1")
_PARENTHESISED = re.compile(r"\\{1,2}\(.{1,300}?\\{1,2}\)")
_CRITIC = re.compile(r"\{(?:\+\+([^{}]*)\+\+|--[^{}]*--|~~[^{}]*~>([^{}]*)~~|==([^{}]*)==|>>[^{}]*<<)\}")
_EXPRESSION = re.compile(r"\{[^{}\n]*\}")


def _spans(text: str, *, mdx: bool) -> str:
    text = _without_tags(text, markdown=True)
    if "{" in text:
        text = _CRITIC.sub(lambda found: found[1] or found[2] or found[3] or "", text)
        text = _ATTRIBUTES.sub("", text)
        if mdx:
            text = _EXPRESSION.sub("", text)
    if "$" in text:
        text = _MATH.sub(" ", text)
    if "\\(" in text:
        text = _PARENTHESISED.sub(" ", text)
    if ":" in text:
        text = _EMOJI.sub("", text)
    if "[[" in text:
        text = _WIKI.sub(lambda found: "" if found[1] else found[3] or found[2].replace("#", " "), text)
    if "==" in text or "++" in text or "^^" in text:
        text = _MARKS.sub(r"\2", text)
    return text


# --- other languages ------------------------------------------------------------------------------------------------


_ORG_HEADING = re.compile(r"(\*+)\s+(?:(?:TODO|DONE)\s+)?(.*?)(?:\s+:[\w:@]+:)?\s*\Z")
_ORG_LINK = re.compile(r"\[\[([^\[\]\n]*)\](?:\[([^\[\]\n]*)\])?\]")
_ORG_MARK = re.compile(r"(?<![\w/*~=+])([/*~=+_])(?=\S)([^/*~=+_\n]+)(?<=\S)\1(?![\w/*~=+])")


_ORG_PLANNING = re.compile(
    r"(?:(?:CLOSED:|SCHEDULED:|DEADLINE:)?\s*[<\[]\d{4}-\d\d-\d\d[^<>\[\]]{0,40}[>\]](?:--)?\s*)+\Z"
)
"""A line that holds nothing but the days of an entry of Org."""


def _org_to_markdown(text: str) -> str:
    """Convert enough of Org to extract its text."""
    lines: list[str] = []
    end = ""  # of the block or drawer that is left out
    for line in text.split("\n"):
        stripped = line.strip()
        lower = stripped.lower()
        if end:
            if lower.startswith(end):
                end = ""
            continue
        if lower.startswith(("#+begin_src", "#+begin_example", "#+begin_comment", "#+begin_export")):
            end = "#+end_" + re.split(r"\s", lower)[0].removeprefix("#+begin_")
        elif re.fullmatch(r":[\w-]+:", stripped):
            end = ":end:"
        elif stripped.startswith("#") or _ORG_PLANNING.match(stripped):
            lines.append("")
        elif stripped.startswith("|"):
            lines += ["", stripped.strip("|-+").replace("|", " "), ""]
        elif (found := _ORG_HEADING.match(line)) is not None and line.startswith("*"):
            lines += ["", "#" * min(len(found[1]) + 1, 6) + " " + found[2], ""]
        else:
            line = _ORG_LINK.sub(lambda found: found[2] or ("" if ":" in found[1] else found[1]), line)
            lines.append(_ORG_MARK.sub(r"\2", line))
    return "\n".join(lines)
